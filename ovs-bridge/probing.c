/* Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* Beacon probing.  See probing.h. */

#include <config.h>
#include "ovs-bridge/probing.h"
#include "coverage.h"
#include "dp-packet.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/beacon.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/proxy.h"
#include "random.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(probing);

COVERAGE_DEFINE(probing_sent);
COVERAGE_DEFINE(probing_heard);

/* Returns the logical id of the uplink at OpenFlow port 'ofport', 0 if there
 * is none or it cannot be probed. */
static int
find_uplink(const struct proxy *proxy, ofp_port_t ofport)
{
    for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
        if (pipeline_has_uplink(&proxy->view, id)
            && proxy->view.uplinks[id].ofport == ofport) {
            return id;
        }
    }
    return 0;
}

/* Takes in what a flow of 'proxy' has sent us, if it is a beacon of this run
 * of ours. */
void
probing_hear(struct proxy *proxy, const struct ofputil_packet_in *pin)
{
    const struct flow *md = &pin->flow_metadata.flow;
    struct beacon beacon;

    if (pin->table_id != PT_IN
        || !beacon_parse(pin->packet, pin->packet_len, &beacon)) {
        return;
    }

    int by = find_uplink(proxy, md->in_port.ofp_port);
    if (by && beacon.session == proxy->beacon_session
        && uuid_equals(&beacon.switch_, &proxy->uuid)) {
        COVERAGE_INC(probing_heard);
        beacons_hear(&proxy->view.beacons, beacon.vid, beacon.uplink, by,
                     proxy->beacon_now);
    }
}

/* Sends a beacon in VLAN 'v' by uplink 'id', as a frame of a port would go. */
static void
send_beacon(struct proxy *proxy, const struct beacon_vlan *v, int id)
{
    struct beacon beacon = {
        .src = beacon_source(proxy->view.host, &proxy->uuid),
        .uplink = id,
        .switch_ = proxy->uuid,
        .session = proxy->beacon_session,
    };
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);
    struct dp_packet packet;

    COVERAGE_INC(probing_sent);
    ovs_strlcpy(beacon.host, proxy->view.host, sizeof beacon.host);
    dp_packet_init(&packet, 0);
    beacon_compose(&beacon, &packet);
    put_vlan(&acts, v->vid);
    put_load(&acts, PR_PICKED, id);
    put_resubmit(&acts, PT_UP);
    of_conn_packet_out(proxy->conn, OFPP_CONTROLLER, dp_packet_data(&packet),
                       dp_packet_size(&packet), &acts);
    dp_packet_uninit(&packet);
    ofpbuf_uninit(&acts);
}

/* Says in the log which uplinks differ in 'v->failed' from 'before'. */
static void
log_changes(const struct proxy *proxy, const struct beacon_vlan *v,
            uint32_t before)
{
    for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
        if ((v->failed ^ before) & BEACON_BIT(id)) {
            VLOG_INFO("%s: beacons %s uplink \"%s\" in VLAN %d",
                      proxy->view.name,
                      v->failed & BEACON_BIT(id) ? "do not pass"
                      : "pass again by", proxy->view.uplinks[id].name,
                      v->vid);
        }
    }
}

/* Has all follow from uplinks that fail, or do not any more. */
static void
follow_failures(struct proxy *proxy)
{
    const struct hv_port *port;

    if (hv_teams_follow_links(&proxy->view)) {
        proxy->compile_all = true;
    }
    proxy->sync_dirty = true;   /* The bridge remembers it. */
    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (port->setting.beacon) {
            sset_add(&proxy->changed_ports, port->key);
        }
    }
    proxy->report_dirty = proxy->report_ports = true;
    poll_immediate_wake();
}

/* Finds out what is to be probed. */
static void
collect(struct proxy *proxy, long long int now)
{
    struct beacons *beacons = &proxy->view.beacons;
    const struct hv_port *port;

    beacons_begin(beacons);
    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (hv_port_is_probed(&proxy->view, port)) {
            beacons_want(beacons, hv_port_probed_vlan(port),
                         hv_port_probed_uplinks(&proxy->view, port), now);
        }
    }
    if (beacons_end(beacons)) {
        follow_failures(proxy);
    }
}

/* Returns the uplinks that have a link. */
static uint32_t
uplinks_up(const struct proxy *proxy)
{
    uint32_t up = 0;

    for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
        up |= proxy->view.uplinks[id].up ? BEACON_BIT(id) : 0;
    }
    return up;
}

/* Sends the beacons of 'proxy' that are due, once the flows stand that bring
 * them back, and sees which ones did not come back.  'now' is the monotonic
 * time in ms. */
void
probing_run(struct proxy *proxy, long long int now)
{
    struct beacons *beacons = &proxy->view.beacons;
    struct beacon_vlan *v;
    bool changed = false;

    proxy->beacon_now = now;
    if (proxy->beacons_dirty) {
        proxy->beacons_dirty = false;
        collect(proxy, now);
    }
    if (hmap_is_empty(&beacons->vlans) || !proxy_in_step(proxy)) {
        return;
    }
    while (!proxy->beacon_session) {
        proxy->beacon_session = ((uint64_t) random_uint32() << 32
                                 | random_uint32());
    }
    HMAP_FOR_EACH (v, node, &beacons->vlans) {
        uint32_t before = v->failed;

        if (now < v->next) {
            continue;
        }
        if (beacon_vlan_run(v, uplinks_up(proxy), now)) {
            log_changes(proxy, v, before);
            changed = true;
        }
        for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
            if (v->probed & BEACON_BIT(id)) {
                send_beacon(proxy, v, id);
            }
        }
    }
    if (changed) {
        follow_failures(proxy);
    }
}

/* Has the poll loop wake up when probing_run() has something to do. */
void
probing_wait(const struct proxy *proxy)
{
    const struct beacon_vlan *v;

    if (!proxy_in_step(proxy)) {
        return;
    }
    HMAP_FOR_EACH (v, node, &proxy->view.beacons.vlans) {
        poll_timer_wait_until(v->next);
    }
}

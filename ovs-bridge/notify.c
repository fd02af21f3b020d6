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

/* Tells the physical switches where NICs are.  See notify.h. */

#include <config.h>
#include "ovs-bridge/notify.h"
#include <stdlib.h>
#include "coverage.h"
#include "dp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/learned.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/proxy.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(notify);

COVERAGE_DEFINE(notify_check);
COVERAGE_DEFINE(notify_rarp);

/* VLANs of a port whose guest tags in which its MAC is announced.  In which of
 * its VLANs a guest has the MAC is not known, and thousands of frames a NIC
 * would harm more than they help. */
#define MAX_GUEST_VLANS 64

/* MACs that a port has learned of which as many are announced, too. */
#define MAX_LEARNED 256

/* How long after the one before an announcement on another uplink, or from
 * another host, is repeated, in ms.  Until one is heard, the physical switch
 * sends to where the NIC is no more, so the first come soon; the last are for
 * switches that are slow to forward on a link that just came up. */
static const int repeat_intervals[] = { 20, 40, 80, 160, 300, 600 };
#define N_REPEATS ARRAY_SIZE(repeat_intervals)

/* Returns the logical uplinks that 'port' uses now, a bit for each ('id' - 1):
 * one, but for a team that spreads. */
static uint64_t
uplinks_in_use(struct proxy *proxy, const struct hv_port *port)
{
    const struct hv_team *team
        = (port->ofport != OFPP_NONE
           ? hv_team_for_port(&proxy->view, port) : NULL);
    uint64_t uplinks = 0;

    BUILD_ASSERT_DECL(HV_LAST_LAG <= 64);
    for (size_t i = 0; team && i < MAX(team->n_slots, 1); i++) {
        int id = hv_team_uplink(&proxy->view,
                                (team->mode == HV_TEAM_ORDER ? team
                                 : hv_team_find(&proxy->view,
                                                team->slots[i])));

        uplinks |= id ? UINT64_C(1) << (id - 1) : 0;
    }
    return uplinks;
}

/* Sends 'rarp' for a port of 'team' in VLAN 'vid' (0 for no tag). */
static void
send_in_vlan(struct proxy *proxy, const struct dp_packet *rarp, int team,
             uint16_t vid)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    COVERAGE_INC(notify_rarp);
    put_vlan(&acts, vid);
    put_load(&acts, PR_TEAM, team);
    put_resubmit(&acts, PT_TEAM);
    of_conn_packet_out(proxy->conn, OFPP_CONTROLLER, dp_packet_data(rarp),
                       dp_packet_size(rarp), &acts);
    ofpbuf_uninit(&acts);
}

/* Announces the MACs that 'port', of 'team', was last seen to have learned, in
 * those VLANs that it has learned them in. */
static void
announce_learned(struct proxy *proxy, const struct hv_port *port,
                 const struct hv_team *team, const struct port_vlans *vlans)
{
    const struct learned_mac *macs;
    struct dp_packet rarp;
    size_t n = learned_of_port(&proxy->learned,
                               strtoull(port->key, NULL, 10), &macs);

    dp_packet_init(&rarp, 0);
    for (size_t i = 0; i < MIN(n, MAX_LEARNED); i++) {
        /* Where the switch tags, it is known by one flow for each VLAN. */
        if (vlans->guest || !i || !eth_addr_equals(macs[i].mac,
                                                   macs[i - 1].mac)) {
            compose_rarp(&rarp, macs[i].mac);
            send_in_vlan(proxy, &rarp, team->number,
                         vlans->guest ? macs[i].vid : vlans->tx);
        }
    }
    dp_packet_uninit(&rarp);
}

/* Announces 'mac', which is that of 'port', in the VLANs that it sends in, and
 * what the port has learned. */
static void
announce(struct proxy *proxy, const struct hv_port *port,
         const struct eth_addr mac)
{
    const struct hv_team *team = hv_team_for_port(&proxy->view, port);
    struct port_vlans vlans;
    struct dp_packet rarp;
    size_t n = 0;

    dp_packet_init(&rarp, 0);
    compose_rarp(&rarp, mac);
    port_vlans_init(&vlans, &port->setting.vlan, &proxy->view.pvlans);
    if (!vlans.guest) {
        send_in_vlan(proxy, &rarp, team->number, vlans.tx);
    } else {
        if (vlans.untagged) {
            send_in_vlan(proxy, &rarp, team->number, 0);
        }
        for (size_t i = 0; i < vlans.n_rx; i++) {
            n += (vlans.rx[i].mask ^ 0xfff) + 1;
        }
        for (uint16_t vid = 1; n <= MAX_GUEST_VLANS && vid < 4095; vid++) {
            for (size_t i = 0; i < vlans.n_rx; i++) {
                if ((vid & vlans.rx[i].mask) == vlans.rx[i].vid) {
                    send_in_vlan(proxy, &rarp, team->number, vid);
                }
            }
        }
    }
    if (port->setting.mac_learning) {
        announce_learned(proxy, port, team, &vlans);
    }
    port_vlans_destroy(&vlans);
    dp_packet_uninit(&rarp);
}

/* Announces 'port' if the physical switches do not know where its frames come
 * from now. */
static void
check_port(struct proxy *proxy, struct hv_port *port, long long int now)
{
    const struct eth_addr mac
        = (port->setting.mac_changes && hv_port_mac_changed(port)
           ? port->claimed : port->mac);
    uint64_t uplinks = (port->active && !port->setting.blocked
                        && !eth_addr_is_zero(mac)
                        ? uplinks_in_use(proxy, port) : 0);

    COVERAGE_INC(notify_check);
    if (uplinks
        && (uplinks != port->told_uplinks
            || !eth_addr_equals(mac, port->told_mac))
        && port->setting.notify) {
        VLOG_DBG("%s: telling physical switches where port %s, "
                 ETH_ADDR_FMT", is", proxy->view.name, port->key,
                 ETH_ADDR_ARGS(mac));
        announce(proxy, port, mac);
        if (port->told_uplinks || port->awaited) {
            /* Not when a NIC is plugged in: nobody looks for it anywhere
             * else, and there may be many. */
            if (sset_is_empty(&proxy->notify_again)
                || proxy->notify_again_at > now + repeat_intervals[0]) {
                proxy->notify_again_at = now + repeat_intervals[0];
            }
            proxy->notify_n_repeats = 0;
            sset_add(&proxy->notify_again, port->key);
            port->tell_again = N_REPEATS;
        }
    }
    port->told_uplinks = uplinks;
    port->told_mac = mac;
    port->awaited = !port->active;
}

/* Repeats the announcements whose time has come.  A NIC that is about to go on
 * to another host may be there by now, and is not announced here once more. */
static void
repeat_announcements(struct proxy *proxy, long long int now)
{
    const char *key, *next;

    if (sset_is_empty(&proxy->notify_again)
        || now < proxy->notify_again_at) {
        return;
    }
    proxy->notify_n_repeats = MIN(proxy->notify_n_repeats + 1, N_REPEATS - 1);
    proxy->notify_again_at = now + repeat_intervals[proxy->notify_n_repeats];
    SSET_FOR_EACH_SAFE (key, next, &proxy->notify_again) {
        struct hv_port *port = hv_port_find(&proxy->view, key);

        if (port && port->tell_again && port->told_uplinks
            && port->setting.notify) {
            if (!port->migrating) {
                announce(proxy, port, port->told_mac);
            }
            port->tell_again--;
        } else {
            sset_delete(&proxy->notify_again, SSET_NODE_FROM_NAME(key));
        }
    }
}

/* Announces those ports of 'proxy' that are to be looked at, once the flows
 * stand that carry their frames, and repeats what was announced before.  'now'
 * is the monotonic time in ms. */
void
notify_run(struct proxy *proxy, long long int now)
{
    struct hv_port *port;
    const char *key;

    if (!proxy_in_step(proxy)) {
        return;
    }
    repeat_announcements(proxy, now);
    if (!proxy->notify_all && sset_is_empty(&proxy->notify_ports)) {
        return;
    }
    if (proxy->notify_all) {
        HMAP_FOR_EACH (port, node, &proxy->view.ports) {
            check_port(proxy, port, now);
        }
    } else {
        SSET_FOR_EACH (key, &proxy->notify_ports) {
            port = hv_port_find(&proxy->view, key);
            if (port) {
                check_port(proxy, port, now);
            }
        }
    }
    proxy->notify_all = false;
    sset_clear(&proxy->notify_ports);
}

/* Has the poll loop wake up when an announcement is to be repeated. */
void
notify_wait(const struct proxy *proxy)
{
    if (!sset_is_empty(&proxy->notify_again) && proxy_in_step(proxy)) {
        poll_timer_wait_until(proxy->notify_again_at);
    }
}

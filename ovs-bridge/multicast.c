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

/* Finds out which ports want which multicast.  See multicast.h. */

#include <config.h>
#include "ovs-bridge/multicast.h"
#include "coverage.h"
#include "dp-packet.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/proxy.h"
#include "ovs-bridge/snoop.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(multicast);

COVERAGE_DEFINE(multicast_message);
COVERAGE_DEFINE(multicast_query);
COVERAGE_DEFINE(multicast_relay);

/* How long a port has to answer a query, and how often to look for what is
 * out of date, in ms. */
#define ANSWER_MS 2500
#define LOOK_MS 1000

#define N_VLANS 4096

/* Sends the frame in 'packet' to the NIC of 'port', in VLAN 'vid'. */
static void
deliver(struct proxy *proxy, const struct hv_port *port, uint16_t vid,
        const void *packet, size_t size)
{
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_vlan(&acts, vid);
    put_load(&acts, PR_DEST, ofp_to_u16(port->ofport));
    put_resubmit(&acts, PT_OUT);
    of_conn_packet_out(proxy->conn, OFPP_CONTROLLER, packet, size, &acts);
    ofpbuf_uninit(&acts);
}

/* Returns true if 'port' is one that frames go to. */
static bool
is_open(const struct hv_port *port)
{
    return (port->active && port->ofport != OFPP_NONE
            && !port->setting.blocked);
}

/* Asks 'port' for its groups, in VLAN 'vid'. */
static void
ask(struct proxy *proxy, const struct hv_port *port, uint16_t vid)
{
    struct dp_packet p;

    COVERAGE_INC(multicast_query);
    dp_packet_init(&p, 0);
    snoop_compose_igmp(&p);
    deliver(proxy, port, vid, dp_packet_data(&p), dp_packet_size(&p));
    dp_packet_clear(&p);
    snoop_compose_mld(&p);
    deliver(proxy, port, vid, dp_packet_data(&p), dp_packet_size(&p));
    dp_packet_uninit(&p);
}

/* Returns true if 'port' receives from VLAN 'vid'. */
static bool
receives_from(const struct proxy *proxy, const struct hv_port *port,
              uint16_t vid)
{
    struct port_vlans vlans;
    bool receives = false;

    port_vlans_init(&vlans, &port->setting.vlan, &proxy->view.pvlans);
    for (size_t i = 0; i < vlans.n_rx; i++) {
        receives |= (vid & vlans.rx[i].mask) == vlans.rx[i].vid;
    }
    port_vlans_destroy(&vlans);
    return receives;
}

/* Appends to 'acts' what makes a frame be the one that came in 'pin' again. */
static void
put_origin(struct ofpbuf *acts, const struct ofputil_packet_in *pin)
{
    static const enum mf_field_id kept[] = { PR_SOURCE, PR_VLAN, PR_SENDER,
                                             PR_CAME_IN };
    const uint32_t *regs = pin->flow_metadata.flow.regs;

    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        put_load(acts, kept[i], regs[kept[i] - MFF_REG0]);
    }
    put_load(acts, PR_SELF, regs[PR_SENDER - MFF_REG0]);
    put_load(acts, PR_FLAGS, regs[PR_FLAGS - MFF_REG0] & PF_UPLINK);
}

/* Sends what came in 'pin' through 'acts', from where it came. */
static void
send_on(struct proxy *proxy, const struct ofputil_packet_in *pin,
        const struct ofpbuf *acts)
{
    COVERAGE_INC(multicast_relay);
    of_conn_packet_out(proxy->conn, pin->flow_metadata.flow.in_port.ofp_port,
                       pin->packet, pin->packet_len, acts);
}

/* Sends to the NIC of 'port' a copy of what came in 'pin', as the datapath
 * makes copies (stage-prom.c): only from the uplink where the port's team is,
 * for the physical switch floods it to every uplink, and through the port's
 * traffic rules. */
static void
relay_to(struct proxy *proxy, const struct ofputil_packet_in *pin,
         const struct hv_port *port)
{
    uint64_t stub[512 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_origin(&acts, pin);
    put_load(&acts, PR_COPY, ofp_to_u16(port->ofport));
    put_resubmit(&acts, PT_PROMC);
    send_on(proxy, pin, &acts);
    ofpbuf_uninit(&acts);
}

/* Sends what came in 'pin', a report in VLAN 'vid', to those NICs that have a
 * router behind them or are promiscuous, of which there are few. */
static void
relay_report(struct proxy *proxy, const struct ofputil_packet_in *pin,
             uint16_t vid, const struct hv_port *source)
{
    const struct hv_port *port;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (port != source && is_open(port)
            && (port->router_until || port->setting.promiscuous)
            && receives_from(proxy, port, vid)) {
            relay_to(proxy, pin, port);
        }
    }
}

/* Sends what came in 'pin' to all NICs that a flood would reach. */
static void
flood(struct proxy *proxy, const struct ofputil_packet_in *pin)
{
    uint64_t stub[512 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_origin(&acts, pin);
    put_resubmit(&acts, PT_VFLOOD);
    put_resubmit(&acts, PT_TFLOOD);
    send_on(proxy, pin, &acts);
    ofpbuf_uninit(&acts);
}

static struct hv_port *
find_ofport(const struct proxy *proxy, uint32_t ofport)
{
    struct hv_port *port;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (port->ofport != OFPP_NONE && ofp_to_u16(port->ofport) == ofport) {
            return port;
        }
    }
    return NULL;
}

/* Takes in what a flow of 'proxy' has sent us, if it is about multicast. */
void
multicast_hear(struct proxy *proxy, const struct ofputil_packet_in *pin)
{
    const struct flow *md = &pin->flow_metadata.flow;
    uint32_t source = md->regs[PR_SOURCE - MFF_REG0];
    uint16_t vid = md->regs[PR_VLAN - MFF_REG0] & 0xfff;
    struct snoop_message m;

    if (!proxy->queriers || pin->table_id != PT_TELL
        || !snoop_parse(pin->packet, pin->packet_len, &m)) {
        return;
    }
    COVERAGE_INC(multicast_message);

    struct hv_port *port = source ? find_ofport(proxy, source) : NULL;
    if (port && snoop_hear(port, &m, proxy->multicast_now)) {
        VLOG_DBG("%s: port %s: other multicast groups", proxy->view.name,
                 port->key);
        sset_add(&proxy->changed_ports, port->key);
        poll_immediate_wake();
    }
    if (m.general && m.router) {
        proxy->queriers[vid] = proxy->multicast_now + SNOOP_ROUTER_MS;
    }
    if (m.flooded) {
        /* Flows have sent it to all. */
    } else if (m.query || m.unknown) {
        flood(proxy, pin);
    } else {
        relay_report(proxy, pin, vid, port);
    }
    snoop_message_destroy(&m);
}

/* Returns true if a router asks those who receive from 'vlans', none of which
 * is a guest's.  One behind an isolated port, say, is not heard by others in
 * its private VLAN. */
static bool
has_querier(const struct proxy *proxy, const struct port_vlans *vlans,
            long long int now)
{
    for (size_t i = 0; i < vlans->n_rx; i++) {
        if (now < proxy->queriers[vlans->rx[i].vid]) {
            return true;
        }
    }
    return false;
}

/* Asks 'port' when it is due.  'all' if all ports are asked now in whose VLAN
 * nobody else does. */
static void
run_port(struct proxy *proxy, struct hv_port *port, bool all,
         long long int now)
{
    struct port_vlans vlans;

    if (!is_open(port)) {
        snoop_reset(port);
        return;
    }
    if (snoop_expire(port, now)) {
        sset_add(&proxy->changed_ports, port->key);
    }

    port_vlans_init(&vlans, &port->setting.vlan, &proxy->view.pvlans);
    if (vlans.guest) {
        /* See snoop_gets_all(). */
    } else if (port->n_asked <= SNOOP_N_ASKED && now >= port->ask_at) {
        if (port->n_asked++ < SNOOP_N_ASKED) {
            ask(proxy, port, vlans.tx);
            port->ask_at = now + ANSWER_MS;
        } else {
            sset_add(&proxy->changed_ports, port->key);
        }
    } else if (all && !has_querier(proxy, &vlans, now)) {
        ask(proxy, port, vlans.tx);
    }
    port_vlans_destroy(&vlans);
}

/* Asks ports of 'proxy', once the flows stand that carry their answers, and
 * forgets what was said too long ago.  'now' is the monotonic time in ms. */
void
multicast_run(struct proxy *proxy, long long int now)
{
    struct hv_port *port;

    proxy->multicast_now = now;
    if (!proxy->view.snooping) {
        if (proxy->queriers) {
            HMAP_FOR_EACH (port, node, &proxy->view.ports) {
                snoop_reset(port);
            }
            free(proxy->queriers);
            proxy->queriers = NULL;
        }
        return;
    }
    if (!proxy->queriers) {
        proxy->queriers = xcalloc(N_VLANS, sizeof *proxy->queriers);
        proxy->multicast_at = now;
        proxy->query_at = now + SNOOP_QUERY_MS;
    }
    if (now < proxy->multicast_at || !proxy_in_step(proxy)) {
        return;
    }

    bool all = now >= proxy->query_at;
    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        run_port(proxy, port, all, now);
    }
    if (all) {
        proxy->query_at = now + SNOOP_QUERY_MS;
    }
    proxy->multicast_at = now + LOOK_MS;
    if (!sset_is_empty(&proxy->changed_ports)) {
        poll_immediate_wake();
    }
}

/* Has the poll loop wake up when multicast_run() has something to do. */
void
multicast_wait(const struct proxy *proxy)
{
    if (proxy->queriers && proxy_in_step(proxy)) {
        poll_timer_wait_until(proxy->multicast_at);
    }
}

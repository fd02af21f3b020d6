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

/* Load-based teaming.  See load.h.
 *
 * The bridge is asked for its ports' counters (OpenFlow 1.5, section 7.3.5.6)
 * at an interval, as long as some port asks for load-based teaming.
 *
 * A port that moves is announced on its new uplink (notify.c), and for a while
 * still gets what physical switches that have not heard of it send by the old
 * one, so nothing is lost. */

#include <config.h>
#include "ovs-bridge/load.h"
#include <stdlib.h>
#include <string.h>
#include "coverage.h"
#include "flow.h"
#include "hash.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/balance.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(load);

COVERAGE_DEFINE(load_measure);
COVERAGE_DEFINE(load_move);

/* Defaults of DVS_Global.options:load_balance_interval, in s, and
 * load_balance_threshold, in percent of the link's speed. */
#define INTERVAL 30
#define THRESHOLD 75.0

/* How long a port that has moved gets what comes by its old uplink, in ms. */
#define SETTLE_TIME 2000

/* What has passed through a port of the bridge, as seen from its interface:
 * sent, received. */
struct load_counter {
    struct hmap_node node;      /* In struct proxy's 'load_counters'. */
    ofp_port_t ofport;
    uint64_t bytes[BALANCE_N_WAYS];     /* Up to the last time. */
    double rates[BALANCE_N_WAYS];       /* In bit/s, since the time before. */
    bool known;                 /* They are known. */
    long long int at;           /* When that was, in ms. */
    bool heard;                 /* The current answer has it. */
};

static struct load_counter *
find_counter(const struct proxy *proxy, ofp_port_t ofport)
{
    struct load_counter *c;

    HMAP_FOR_EACH_WITH_HASH (c, node, hash_int(ofp_to_u16(ofport), 0),
                             &proxy->load_counters) {
        if (c->ofport == ofport) {
            return c;
        }
    }
    return NULL;
}

/* Takes in what the bridge says of one port. */
static void
count(struct proxy *proxy, const struct ofputil_port_stats *ps)
{
    const uint64_t bytes[] = { ps->stats.tx_bytes, ps->stats.rx_bytes };
    struct load_counter *c = find_counter(proxy, ps->port_no);
    double seconds = 0;

    if (!c) {
        c = xzalloc(sizeof *c);
        c->ofport = ps->port_no;
        hmap_insert(&proxy->load_counters, &c->node,
                    hash_int(ofp_to_u16(c->ofport), 0));
    } else {
        seconds = (proxy->load_asked - c->at) / 1000.0;
    }
    c->known = seconds > 0;
    c->at = proxy->load_asked;
    c->heard = true;
    for (int way = 0; way < BALANCE_N_WAYS; way++) {
        /* All-ones: the port does not count that. */
        bool counts = bytes[way] != UINT64_MAX && bytes[way] >= c->bytes[way];

        c->rates[way] = (c->known && counts
                         ? (bytes[way] - c->bytes[way]) * 8.0 / seconds : 0);
        c->bytes[way] = bytes[way];
    }
}

/* Forgets the counters of ports that the current answer has not. */
static void
forget_unheard(struct proxy *proxy)
{
    struct load_counter *c;

    HMAP_FOR_EACH_SAFE (c, node, &proxy->load_counters) {
        if (!c->heard) {
            hmap_remove(&proxy->load_counters, &c->node);
            free(c);
        } else {
            c->heard = false;
        }
    }
}

/* Stores in 'uplinks', which has room for all, the uplinks of 'proxy' that
 * work, and returns how many they are. */
static size_t
measure_uplinks(const struct proxy *proxy, const struct pnics *pnics,
                struct balance_uplink uplinks[])
{
    size_t n = 0;

    for (int id = 1; id <= HV_MAX_UPLINKS; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct pnic *nic
            = uplink->pnic ? pnic_find(pnics, uplink->pnic) : NULL;
        const struct load_counter *c = find_counter(proxy, uplink->ofport);

        if (uplink->up && nic && c && c->known) {
            uplinks[n].id = id;
            uplinks[n].capacity = nic->speed * 1e6;
            memcpy(uplinks[n].load, c->rates, sizeof uplinks[n].load);
            n++;
        }
    }
    return n;
}

/* Where a port that is measured comes from. */
struct candidate {
    struct hv_port *port;
    uint8_t choices[HV_MAX_ORDER];
};

/* Stores in '*portsp' and '*candidatesp' those ports of 'proxy' that can be
 * moved, and returns how many they are. */
static size_t
measure_ports(struct proxy *proxy, struct balance_port **portsp,
              struct candidate **candidatesp)
{
    size_t max = hmap_count(&proxy->view.ports);
    struct balance_port *ports = xcalloc(max, sizeof *ports);
    struct candidate *candidates = xcalloc(max, sizeof *candidates);
    struct hv_port *port;
    size_t n = 0;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        struct candidate *candidate = &candidates[n];
        const struct load_counter *c = find_counter(proxy, port->ofport);

        if (port->setting.teaming != DVS_TEAMING_LOAD
            || hv_port_is_placed(&proxy->view, port)) {
            continue;
        }
        proxy->load_wanted = true;
        ports[n].n_choices = hv_active_uplinks(&proxy->view, port,
                                               candidate->choices);
        if (!c || !c->known || ports[n].n_choices < 2) {
            continue;
        }
        candidate->port = port;
        ports[n].choices = candidate->choices;
        ports[n].current
            = hv_team_uplink(&proxy->view,
                             hv_team_for_port(&proxy->view, port));
        /* What a NIC sends, its interface receives. */
        ports[n].load[BALANCE_OUT] = c->rates[BALANCE_IN];
        ports[n].load[BALANCE_IN] = c->rates[BALANCE_OUT];
        n++;
    }
    *portsp = ports;
    *candidatesp = candidates;
    return n;
}

/* Has 'port', which goes to another uplink at the monotonic time 'now', in ms,
 * compiled and announced. */
static void
follow_move(struct proxy *proxy, struct hv_port *port, long long int now)
{
    port->settling = true;
    sset_add(&proxy->load_settling, port->key);
    proxy->load_settle_at = now + SETTLE_TIME;
    sset_add(&proxy->changed_ports, port->key);
    sset_add(&proxy->notify_ports, port->key);
    sset_add(&proxy->report_nics, port->nic);
    proxy->sync_dirty = true;
}

static void
move_port(struct proxy *proxy, struct hv_port *port, int uplink)
{
    char *id = xasprintf("%d", uplink);

    COVERAGE_INC(load_move);
    VLOG_INFO("%s: port %s goes to uplink \"%s\", because of the load",
              proxy->view.name, port->key, proxy->view.uplinks[uplink].name);
    smap_replace(&proxy->view.placed, port->key, id);
    free(id);
    follow_move(proxy, port, proxy->load_asked);
}

/* Has the reservations of 'proxy' find their places on the uplinks that work
 * now. */
void
load_place(struct proxy *proxy, long long int now)
{
    struct sset moved = SSET_INITIALIZER(&moved);
    const char *key;

    if (hv_place(&proxy->view, &moved)) {
        proxy->sync_dirty = true;
    }
    SSET_FOR_EACH (key, &moved) {
        struct hv_port *port = hv_port_find(&proxy->view, key);

        VLOG_INFO("%s: port %s has its reservation on uplink \"%s\"",
                  proxy->view.name, key,
                  proxy->view.uplinks[port->place].name);
        follow_move(proxy, port, now);
    }
    sset_destroy(&moved);
}

/* Moves what is to be moved, given the counters of 'proxy'. */
static void
balance(struct proxy *proxy, const struct pnics *pnics)
{
    struct balance_uplink uplinks[HV_MAX_UPLINKS];
    struct balance_move moves[HV_MAX_UPLINKS];
    struct candidate *candidates;
    struct balance_port *ports;
    size_t n_uplinks, n_ports, n;

    COVERAGE_INC(load_measure);
    n_uplinks = measure_uplinks(proxy, pnics, uplinks);
    n_ports = measure_ports(proxy, &ports, &candidates);
    for (size_t i = 0; i < n_uplinks; i++) {
        VLOG_DBG("%s: uplink \"%s\" sends %.0f bit/s and gets %.0f of %.0f",
                 proxy->view.name, proxy->view.uplinks[uplinks[i].id].name,
                 uplinks[i].load[BALANCE_OUT], uplinks[i].load[BALANCE_IN],
                 uplinks[i].capacity);
    }
    for (size_t i = 0; i < n_ports; i++) {
        VLOG_DBG("%s: port %s sends %.0f bit/s and gets %.0f",
                 proxy->view.name, candidates[i].port->key,
                 ports[i].load[BALANCE_OUT], ports[i].load[BALANCE_IN]);
    }
    n = balance_decide(uplinks, n_uplinks, ports, n_ports,
                       proxy->load_threshold, moves);
    for (size_t i = 0; i < n; i++) {
        move_port(proxy, candidates[moves[i].port].port, moves[i].uplink);
    }
    if (n) {
        poll_immediate_wake();
    }
    free(ports);
    free(candidates);
}

/* Lets ports that have moved be like others. */
static void
settle(struct proxy *proxy)
{
    const char *key;

    SSET_FOR_EACH (key, &proxy->load_settling) {
        struct hv_port *port = hv_port_find(&proxy->view, key);

        if (port) {
            port->settling = false;
            sset_add(&proxy->changed_ports, key);
        }
    }
    sset_clear(&proxy->load_settling);
}

/* Takes in what the bridge of 'proxy' says of one of its ports, or that this
 * was all if 'ps' is NULL; then moves what is to be moved.  The flows follow
 * when the changed ports are compiled. */
void
load_hear(struct proxy *proxy, const struct pnics *pnics,
          const struct ofputil_port_stats *ps)
{
    if (ps) {
        count(proxy, ps);
    } else if (proxy->load_at) {
        proxy->load_wanted = false;
        forget_unheard(proxy);
        balance(proxy, pnics);
    }
}

/* Does for 'proxy' what is due at the monotonic time 'now', in ms.  'options'
 * are DVS_Global.options. */
void
load_run(struct proxy *proxy, const struct smap *options, long long int now)
{
    const char *percent = smap_get(options, "load_balance_threshold");
    double threshold = percent ? strtod(percent, NULL) : THRESHOLD;
    int interval = MAX(smap_get_int(options, "load_balance_interval",
                                    INTERVAL), 1);

    if (!sset_is_empty(&proxy->load_settling)
        && now >= proxy->load_settle_at) {
        settle(proxy);
    }
    if (!proxy->load_wanted) {
        proxy->load_at = 0;
        return;
    }
    if (now >= proxy->load_at || proxy->load_at > now + interval * 1000LL) {
        proxy->load_threshold = (threshold > 0 ? threshold : THRESHOLD) / 100;
        proxy->load_at = now + interval * 1000LL;
        if (proxy->conn
            && of_conn_ask(proxy->conn, ofputil_encode_dump_ports_request(
                               OFP15_VERSION, OFPP_ANY))) {
            proxy->load_asked = now;
        }
    }
}

/* Has the poll loop wake up when load_run() has something to do. */
void
load_wait(const struct proxy *proxy)
{
    if (proxy->load_wanted && proxy->load_at) {
        poll_timer_wait_until(proxy->load_at);
    }
    if (!sset_is_empty(&proxy->load_settling)) {
        poll_timer_wait_until(proxy->load_settle_at);
    }
}

/* Frees what 'proxy' holds for load-based teaming. */
void
load_destroy(struct proxy *proxy)
{
    struct load_counter *c;

    HMAP_FOR_EACH_POP (c, node, &proxy->load_counters) {
        free(c);
    }
    hmap_destroy(&proxy->load_counters);
    sset_destroy(&proxy->load_settling);
}

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

/* The flows of a host: compiled from the views, and kept in its bridges
 * through an OpenFlow connection to each.
 *
 * What the flows are, the compiler decides (pipeline/); how a bridge is
 * brought in step, of-conn.c. */

#include <config.h>
#include "ovs-bridge/agent.h"
#include <stdlib.h>
#include "coverage.h"
#include "dirs.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/features.h"
#include "ovs-bridge/load.h"
#include "ovs-bridge/multicast.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/probing.h"
#include "ovs-bridge/rule-hits.h"
#include "ovs-bridge/rule-log.h"
#include "util.h"
#include "vswitch-idl.h"

VLOG_DEFINE_THIS_MODULE(agent_flows);

COVERAGE_DEFINE(agent_arrival);
COVERAGE_DEFINE(agent_compile_port);
COVERAGE_DEFINE(agent_compile_switch);

static void
compile_port(struct proxy *proxy, const char *key)
{
    struct hv_port *port = hv_port_find(&proxy->view, key);

    COVERAGE_INC(agent_compile_port);
    proxy->n_compiled++;
    if (port) {
        pipeline_compile_port(&proxy->view, port, &proxy->desired);
        sset_add(&proxy->report_nics, port->nic);
    } else {
        pipeline_remove_port(&proxy->view, key, &proxy->desired);
    }
}

/* Compiles what changed in the view of 'proxy'. */
void
agent_compile(struct proxy *proxy)
{
    size_t n_teams = hmap_count(&proxy->view.teams);
    const char *key;

    if (!proxy->compile_all && sset_is_empty(&proxy->changed_ports)) {
        return;
    }
    if (proxy->compile_all) {
        const struct hv_port *port;

        COVERAGE_INC(agent_compile_switch);
        if (proxy->wanted && proxy->complete) {
            pipeline_compile_switch(&proxy->view, &proxy->desired);
        } else {
            desired_remove_owner(&proxy->desired,
                                 DESIRED_COOKIE(DC_SWITCH, 0));
        }
        HMAP_FOR_EACH (port, node, &proxy->view.ports) {
            sset_add(&proxy->changed_ports, port->key);
        }
        proxy->report_ports = true;     /* Of uplinks, too. */
    }
    SSET_FOR_EACH (key, &proxy->changed_ports) {
        compile_port(proxy, key);
    }
    SSET_FOR_EACH (key, &proxy->changed_ports) {
        sset_add(&proxy->notify_ports, key);
    }
    sset_clear(&proxy->changed_ports);
    proxy->compile_all = false;
    proxy->beacons_dirty = true;
    proxy_mark(proxy);
    if (hmap_count(&proxy->view.teams) != n_teams) {
        proxy->sync_dirty = true;   /* Their numbers go into the bridge. */
    }
}

/* A flow of 'proxy' has sent 'pin' to us. */
static void
take_packet_in(struct agent *agent, struct proxy *proxy,
               const struct ofputil_packet_in *pin)
{
    char *key = pipeline_arrival(pin->table_id, ntohll(pin->cookie));
    const struct hv_port *port
        = key ? hv_port_find(&proxy->view, key) : NULL;

    multicast_hear(proxy, pin);
    rule_log_hear(proxy, pin);
    probing_hear(proxy, pin);
    if (port && !port->active) {
        COVERAGE_INC(agent_arrival);
        VLOG_INFO("%s: port %s: NIC %s runs here now", proxy->view.name, key,
                  port->nic);
        local_view_hear(&agent->local, port->nic);
        poll_immediate_wake();
    }
    free(key);
}

/* Returns the key of the port that is OpenFlow port 'ofport' of 'proxy', or
 * NULL. */
static const char *
key_of_ofport(const struct proxy *proxy, uint32_t ofport)
{
    const struct hv_switch *sw = &proxy->view;
    const struct hv_port *port;

    for (int id = 1; id <= HV_LAST_ID; id++) {
        if (ofp_to_u16(sw->uplinks[id].ofport) == ofport) {
            return sw->uplinks[id].port_key;
        }
    }
    HMAP_FOR_EACH (port, node, &sw->ports) {
        if (ofp_to_u16(port->ofport) == ofport) {
            return port->key;
        }
    }
    return NULL;
}

/* A meter of 'proxy' has dropped what is in 'count', or is gone. */
static void
take_meter(struct proxy *proxy, const struct of_count *count)
{
    const char *key;
    uint32_t ofport;
    bool in;

    if (count->gone) {
        counters_meter_gone(&proxy->counters, count->meter_id);
    } else if (count->packets
               && pipeline_meter_counts(count->meter_id, &ofport, &in)
               && (key = key_of_ofport(proxy, ofport)) != NULL) {
        counters_read_meter(
            &proxy->counters,
            counters_find_or_add(&proxy->counters, strtoull(key, NULL, 10)),
            in ? CM_RX_DROPPED : CM_TX_DROPPED, count->meter_id,
            count->packets);
    }
}

/* A flow or meter of 'proxy' has counted 'count', or is gone. */
static void
take_count(struct proxy *proxy, const struct of_count *count)
{
    if (count->event == OF_COUNT_READING) {
        counters_begin_reading(&proxy->counters);
        return;
    } else if (count->event == OF_COUNT_READ) {
        counters_end_reading(&proxy->counters);
        return;
    } else if (count->meter_id) {
        take_meter(proxy, count);
        return;
    }

    uint64_t key;
    enum pipeline_counter counter
        = pipeline_counter(count->table, count->priority, count->cookie,
                           &key);
    struct port_counters *port
        = (counter == PC_NONE ? NULL
           : counters_find_or_add(&proxy->counters, key));

    if (port && count->gone) {
        counters_flow_gone(port, counter);
    } else if (port) {
        counters_read_flow(port, counter, count->packets, count->bytes);
    }
}

struct conn_aux {
    struct agent *agent;
    struct proxy *proxy;
};

static void
packet_in_cb(void *aux_, const struct ofputil_packet_in *pin)
{
    struct conn_aux *aux = aux_;

    take_packet_in(aux->agent, aux->proxy, pin);
}

/* Takes what the bridge says of the counters of its ports. */
static void
take_port_stats(const struct conn_aux *aux, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    bool more = ofpmp_more(oh);
    struct ofputil_port_stats ps;

    while (!ofputil_decode_port_stats(&ps, &msg)) {
        load_hear(aux->proxy, &aux->agent->pnics, &ps);
        netdev_free_custom_stats_counters(&ps.custom_stats);
    }
    if (!more) {
        load_hear(aux->proxy, &aux->agent->pnics, NULL);
    }
}

static void
answer_cb(void *aux_, const struct ofp_header *oh)
{
    struct conn_aux *aux = aux_;
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    } else if (type == OFPTYPE_PORT_STATS_REPLY) {
        take_port_stats(aux, oh);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY && aux->proxy->learned_xid
               && oh->xid == aux->proxy->learned_xid) {
        if (learned_decode(&aux->proxy->learned, oh)) {
            aux->proxy->learned_xid = 0;
            aux->proxy->learned_read = true;
        }
    } else if (type == OFPTYPE_FLOW_STATS_REPLY && aux->proxy->rules_asked
               && rule_hits_decode(oh, &aux->proxy->view)) {
        aux->proxy->rules_asked = false;
        aux->proxy->rules_counted = true;
    } else if (type == OFPTYPE_METER_FEATURES_STATS_REPLY
               && features_hear(aux->proxy, oh)) {
        aux->agent->report.host_dirty = true;
    }
}

static void
count_cb(void *aux_, const struct of_count *count)
{
    struct conn_aux *aux = aux_;

    take_count(aux->proxy, count);
}

/* Has flows read back once those have been put back that ovs-ctl(8) saves
 * when it restarts ovs-vswitchd: they replace all that we have installed
 * meanwhile, and nobody would tell us. */
void
agent_follow_restore(struct agent *agent,
                     const struct ovsrec_open_vswitch *root)
{
    bool restoring = smap_get_bool(&root->other_config, "flow-restore-wait",
                                   false);
    struct proxy *proxy;

    if (agent->restoring && !restoring) {
        VLOG_INFO("saved flows have been put back: reading them");
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            proxy->flows_lost = true;
        }
    }
    agent->restoring = restoring;
}

/* Keeps an OpenFlow connection to the bridge of 'proxy' as long as there is
 * one, and lets it work. */
void
agent_run_conn(struct agent *agent, struct proxy *proxy)
{
    const struct local_bridge *bridge
        = (proxy->bridge
           ? local_view_find_bridge(&agent->local, proxy->bridge) : NULL);
    struct of_conn_stats stats;

    if (proxy->conn
        && (!bridge || strcmp(bridge->name, proxy->conn_bridge))) {
        proxy_close_conn(proxy);
        agent->barrier = false;
    }
    if (!proxy->conn && bridge && bridge->exists) {
        char *target = xasprintf("unix:%s/%s.mgmt", ovs_rundir(),
                                 bridge->name);

        proxy->conn = of_conn_create(bridge->name, target, &proxy->desired);
        proxy->conn_bridge = xstrdup(bridge->name);
        of_conn_set_ready(proxy->conn);
        proxy_mark(proxy);
        agent->barrier = false;
        free(target);
    }
    if (!proxy->conn) {
        return;
    }
    if (proxy->flows_lost
        && ovs_sync_is_settled(&agent->sync, &agent->proxies,
                               &agent->local)) {
        proxy->flows_lost = false;
        of_conn_resync(proxy->conn);
        proxy_mark(proxy);
    }

    struct conn_aux aux = { agent, proxy };
    of_conn_set_packet_in_cb(proxy->conn, packet_in_cb, &aux);
    of_conn_set_answer_cb(proxy->conn, answer_cb, &aux);
    of_conn_set_count_cb(proxy->conn, count_cb, &aux);
    of_conn_run(proxy->conn);
    of_conn_set_packet_in_cb(proxy->conn, NULL, NULL);
    of_conn_set_answer_cb(proxy->conn, NULL, NULL);
    of_conn_set_count_cb(proxy->conn, NULL, NULL);
    of_conn_get_stats(proxy->conn, &stats);
    if (stats.connects != proxy->connects) {
        proxy->connects = stats.connects;
        proxy->rules_asked = proxy->meters_asked = false;
        proxy_mark(proxy);
    }
    if (!proxy->meters_asked) {
        proxy->meters_asked = features_ask(proxy->conn);
    }
    if (stats.no_meters != proxy->view.no_meters) {
        proxy->view.no_meters = stats.no_meters;
        if (stats.no_meters) {
            VLOG_WARN("%s: the datapath has no meters: the rates of what NICs "
                      "send are not limited", proxy->conn_bridge);
        }
        struct hv_ruleset *ruleset;
        HMAP_FOR_EACH (ruleset, node, &proxy->view.rulesets) {
            ruleset->changed = true;
        }
        proxy->compile_all = true;
        poll_immediate_wake();
    }
    if (stats.polls != proxy->polls) {
        proxy->polls = stats.polls;
        proxy->counted = true;
    }
    if (stats.refused != proxy->refused) {
        proxy->refused = stats.refused;
        proxy->report_dirty = proxy->report_ports = true;
    }
}

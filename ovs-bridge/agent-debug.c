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

/* Control commands (ovs-appctl -t dvs-agent ...): what the agent knows and
 * does, and leaving the host. */

#include <config.h>
#include "ovs-bridge/agent.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "unixctl.h"
#include "util.h"

/* "connection-status": one line for each thing that the agent talks to. */
static void
connection_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
                  const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    const struct proxy *proxy;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "Open_vSwitch: %s\n",
                  ovsdb_idl_is_connected(agent->ovs.idl)
                  ? "connected" : "not connected");
    ds_put_format(&s, "DVS: %s\n",
                  agent->host && ovsdb_idl_is_connected(agent->dvs.idl)
                  ? "connected" : "not connected");
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->conn) {
            of_conn_status(proxy->conn, &s);
        }
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

/* "recompute": look at everything again, and read back the bridges. */
static void
recompute(struct unixctl_conn *conn, int argc OVS_UNUSED,
          const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;

    agent->recompute = true;
    poll_immediate_wake();
    unixctl_command_reply(conn, NULL);
}

/* "config-status": which configuration the host works with. */
static void
config_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
              const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;

    agent_config_show(agent, &s);
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

static void
show_uplinks(const struct agent *agent, const struct proxy *proxy,
             struct ds *s)
{
    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct local_iface *iface;

        if (!uplink->name) {
            continue;
        }
        ds_put_format(s, "    uplink %d \"%s\":", id, uplink->name);
        if (!uplink->pnic) {
            ds_put_cstr(s, " no NIC\n");
            continue;
        }
        iface = local_view_find_iface(&agent->local, uplink->pnic);
        ds_put_format(s, " NIC %s", uplink->pnic);
        if (uplink->ofport != OFPP_NONE) {
            ds_put_format(s, ", OpenFlow port %"PRIu32, uplink->ofport);
        }
        ds_put_format(s, ", link %s\n",
                      iface && iface->link == LOCAL_LINK_UP ? "up" : "down");
    }
}

static void
show_port(struct proxy *proxy, const struct hv_port *port, struct ds *s)
{
    const struct hv_team *team = (port->ofport != OFPP_NONE
                                  ? hv_team_for_port(&proxy->view, port)
                                  : NULL);

    ds_put_format(s, "    port %s: NIC %s, ", port->key, port->nic);
    if (port->interface) {
        ds_put_format(s, "interface %s, ", port->interface);
    }
    if (port->ofport != OFPP_NONE) {
        ds_put_format(s, "OpenFlow port %"PRIu32", ", port->ofport);
    }
    ds_put_format(s, "MAC "ETH_ADDR_FMT", VLAN ", ETH_ADDR_ARGS(port->mac));
    dvs_vlan_format(&port->setting.vlan, s);
    if (team) {
        ds_put_format(s, ", team %d (%s)", team->number, team->key);
    }
    if (port->setting.blocked) {
        ds_put_cstr(s, ", blocked");
    }
    if (!port->active) {
        ds_put_cstr(s, ", not active");
    }
    if (port->host_made) {
        ds_put_cstr(s, ", made by this host");
    }
    ds_put_char(s, '\n');
}

static int
compare_ports(const void *a_, const void *b_)
{
    const struct hv_port *const *a = a_;
    const struct hv_port *const *b = b_;
    unsigned long long a_key = strtoull((*a)->key, NULL, 10);
    unsigned long long b_key = strtoull((*b)->key, NULL, 10);

    return a_key < b_key ? -1 : a_key > b_key;
}

/* Appends to 's' the ports of 'proxy', in the order of their keys. */
static void
show_ports(struct proxy *proxy, struct ds *s)
{
    size_t n = 0;
    const struct hv_port **ports
        = xmalloc(hmap_count(&proxy->view.ports) * sizeof *ports);
    const struct hv_port *port;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        ports[n++] = port;
    }
    qsort(ports, n, sizeof *ports, compare_ports);
    for (size_t i = 0; i < n; i++) {
        show_port(proxy, ports[i], s);
    }
    free(ports);
}

/* "agent/show": everything that the host is to realise. */
static void
show(struct unixctl_conn *conn, int argc OVS_UNUSED,
     const char *argv[] OVS_UNUSED, void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct proxy *proxy;

    ds_put_format(&s, "host \"%s\"%s\n", agent->host ? agent->host : "",
                  agent->ready ? "" : " (databases not read yet)");
    if (agent->ready) {
        ds_put_format(&s, "applied_cfg %"PRId64"\n",
                      agent->report.applied_cfg);
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        ds_put_format(&s, "switch \"%s\" "UUID_FMT": bridge %s, "
                      "%"PRIuSIZE" flows, %"PRIuSIZE" groups%s\n",
                      proxy->view.name ? proxy->view.name : "",
                      UUID_ARGS(&proxy->uuid),
                      proxy->bridge ? proxy->bridge : "(none)",
                      proxy->desired.n_flows, proxy->desired.n_groups,
                      proxy->wanted ? "" : ", not wanted");
        show_uplinks(agent, proxy, &s);
        show_ports(proxy, &s);
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

/* "flows/desired [BRIDGE]": flows and groups as they should be. */
static void
flows_desired(struct unixctl_conn *conn, int argc, const char *argv[],
              void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct proxy *proxy;
    bool found = false;

    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (argc > 1
            && !nullable_string_is_equal(proxy->bridge, argv[1])) {
            continue;
        }
        found = true;
        if (argc < 2) {
            ds_put_format(&s, "%s:\n", proxy->bridge ? proxy->bridge : "");
        }
        desired_format(&proxy->desired, &s);
    }
    if (argc > 1 && !found) {
        unixctl_command_reply_error(conn, "no bridge of ours by that name");
    } else {
        unixctl_command_reply(conn, ds_cstr(&s));
    }
    ds_destroy(&s);
}

/* "flows/stats [BRIDGE]": counters of what was compiled for each bridge and
 * sent to it. */
static void
flows_stats(struct unixctl_conn *conn, int argc, const char *argv[],
            void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct proxy *proxy;

    PROXY_FOR_EACH (proxy, &agent->proxies) {
        struct of_conn_stats stats;

        if (!proxy->conn
            || (argc > 1 && strcmp(proxy->conn_bridge, argv[1]))) {
            continue;
        }
        of_conn_get_stats(proxy->conn, &stats);
        ds_put_format(&s, "%s: flow_mods=%llu group_mods=%llu meter_mods=%llu "
                      "bundles=%llu refused=%llu connects=%llu "
                      "compiled=%llu in_step=%s\n",
                      proxy->conn_bridge, stats.flow_mods, stats.group_mods,
                      stats.meter_mods, stats.bundles, stats.refused,
                      stats.connects,
                      proxy->n_compiled, proxy_in_step(proxy) ? "yes" : "no");
    }
    unixctl_command_reply(conn, ds_cstr(&s));
    ds_destroy(&s);
}

/* Appends to 's' what the port of 'proxy' with key 'object' is about. */
static void
explain_port(const struct agent *agent, struct proxy *proxy, uint64_t object,
             struct ds *s)
{
    char *key = xasprintf("%"PRIu64, object);
    const struct hv_port *port = hv_port_find(&proxy->view, key);
    const struct dvsrec_proxy_port *row
        = port ? host_view_db_find_nic(&agent->views, port->nic) : NULL;

    ds_put_format(s, "port %s of switch \"%s\"\n", key, proxy->view.name);
    if (port) {
        show_port(proxy, port, s);
    }
    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];

        if (nullable_string_is_equal(uplink->port_key, key)) {
            ds_put_format(s, "    uplink \"%s\", NIC %s\n", uplink->name,
                          uplink->pnic ? uplink->pnic : "none");
        }
    }
    if (row) {
        ds_put_format(s, "    Proxy_Port "UUID_FMT"\n",
                      UUID_ARGS(&row->header_.uuid));
        if (row->n_portgroup) {
            ds_put_format(s, "    Portgroup "UUID_FMT"\n",
                          UUID_ARGS(row->portgroup));
        }
    }
    free(key);
}

/* Appends to 's' what the traffic rule with 'object' in its flows' cookies is.
 * Rule 0 stands for what its set needs as a whole. */
static void
explain_rule(const struct proxy *proxy, uint64_t object, struct ds *s)
{
    const struct hv_ruleset *ruleset
        = hv_ruleset_find(&proxy->view, object >> 16);
    char *sequence = xasprintf("%"PRIu64, object & 0xffff);
    const char *text = ruleset ? smap_get(&ruleset->rules, sequence) : NULL;

    ds_put_format(s, "traffic rule %s of switch \"%s\"\n", sequence,
                  proxy->view.name);
    if (ruleset) {
        ds_put_format(s, "    of %s %s", ruleset->port ? "port" : "portgroup",
                      ruleset->port ? ruleset->port : ruleset->portgroup);
        ds_put_format(s, "%s%s\n", text ? ": " : "", text ? text : "");
    }
    free(sequence);
}

/* Appends to 's' what a cookie of 'proxy' stands for. */
static void
explain_cookie(const struct agent *agent, struct proxy *proxy,
               uint64_t cookie, struct ds *s)
{
    uint64_t object = cookie & UINT64_C(0xffffffffffff);
    const struct hv_team *team;

    switch (cookie >> 48) {
    case DC_SWITCH:
        ds_put_format(s, "switch \"%s\" ("UUID_FMT")\n", proxy->view.name,
                      UUID_ARGS(&proxy->uuid));
        break;
    case DC_PORT:
    case DC_COUNT:
        explain_port(agent, proxy, object, s);
        break;
    case DC_UPLINK:
        ds_put_format(s, "uplink %"PRIu64" of switch \"%s\"\n", object,
                      proxy->view.name);
        if (object >= 1 && object <= HV_LAST_ID
            && proxy->view.uplinks[object].name) {
            const struct hv_uplink *uplink = &proxy->view.uplinks[object];

            ds_put_format(s, "    \"%s\", NIC %s, port %s\n", uplink->name,
                          uplink->pnic ? uplink->pnic : "none",
                          uplink->port_key ? uplink->port_key : "none");
        }
        break;
    case DC_TEAM:
        ds_put_format(s, "team %"PRIu64" of switch \"%s\"\n", object,
                      proxy->view.name);
        HMAP_FOR_EACH (team, node, &proxy->view.teams) {
            if (team->number == object) {
                ds_put_format(s, "    uplinks %s, best first\n", team->key);
            }
        }
        break;
    case DC_VLAN:
        ds_put_format(s, "flooding in VLAN %"PRIu64" of switch \"%s\"\n",
                      object, proxy->view.name);
        break;
    case DC_RULE:
    case DC_RULE_HELPER:
        explain_rule(proxy, object, s);
        break;
    default:
        ds_put_format(s, "an unknown object of switch \"%s\"\n",
                      proxy->view.name);
        break;
    }
}

/* Returns the part of source location 'where' that does not depend on where
 * the program was built. */
static const char *
source_location(const char *where)
{
    const char *ours = strstr(where, "ovs-bridge/pipeline/");

    return ours ? ours : where;
}

/* "flows/why COOKIE": what a flow is there for, and what made it. */
static void
flows_why(struct unixctl_conn *conn, int argc OVS_UNUSED, const char *argv[],
          void *agent_)
{
    const struct agent *agent = agent_;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct proxy *proxy;
    uint64_t cookie;
    char *tail;

    cookie = strtoull(argv[1], &tail, 0);
    if (tail == argv[1] || *tail) {
        unixctl_command_reply_error(conn, "not a cookie");
        return;
    }
    if (pipeline_learned_doc(cookie)) {
        ds_put_format(&s, "%s\n", pipeline_learned_doc(cookie));
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        const struct desired_item *item
            = desired_find_cookie(&proxy->desired, cookie, NULL);
        uint32_t learner = pipeline_learned_by(cookie);

        if (learner) {
            ds_put_cstr(&s, "a MAC address that was learned behind ");
            explain_port(agent, proxy, learner, &s);
        }
        if (item) {
            explain_cookie(agent, proxy, cookie, &s);
        }
        for (; item; item = desired_find_cookie(&proxy->desired, cookie,
                                                item)) {
            ds_put_format(&s, "  ");
            desired_item_format(item, &s);
            ds_put_format(&s, "\n    made at %s\n",
                          source_location(item->where));
            if (item->error) {
                ds_put_format(&s, "    refused: %s\n", item->error);
            }
        }
    }
    if (s.length) {
        unixctl_command_reply(conn, ds_cstr(&s));
    } else {
        unixctl_command_reply_error(conn, "no flow has that cookie");
    }
    ds_destroy(&s);
}

/* "agent/leave": take everything of ours off the host, and exit. */
static void
leave(struct unixctl_conn *conn, int argc OVS_UNUSED,
      const char *argv[] OVS_UNUSED, void *agent_)
{
    struct agent *agent = agent_;

    agent_leave(agent);
    unixctl_command_reply(conn, NULL);
}

/* Registers the commands, for 'agent'. */
void
agent_debug_register(struct agent *agent)
{
    unixctl_command_register("connection-status", "", 0, 0,
                             connection_status, agent);
    unixctl_command_register("config-status", "", 0, 0, config_status, agent);
    unixctl_command_register("recompute", "", 0, 0, recompute, agent);
    unixctl_command_register("agent/show", "", 0, 0, show, agent);
    unixctl_command_register("agent/leave", "", 0, 0, leave, agent);
    unixctl_command_register("flows/desired", "[BRIDGE]", 0, 1,
                             flows_desired, agent);
    unixctl_command_register("flows/stats", "[BRIDGE]", 0, 1, flows_stats,
                             agent);
    unixctl_command_register("flows/why", "COOKIE", 1, 1, flows_why, agent);
}

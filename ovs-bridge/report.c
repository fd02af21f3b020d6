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

/* The rows Host, Physical_NIC and Proxy_State.  See report.h; the rows of
 * Port_State are in report-port.c. */

#include <config.h>
#include "ovs-bridge/report.h"
#include <limits.h>
#include <unistd.h>
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/features.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(report);

/* Defaults of DVS_Global.options, in ms. */
#define HEARTBEAT_INTERVAL 5000
#define STATS_INTERVAL 20000

/* Sets the condition of 'TABLE' to the rows of this host. */
#define OWN_ROWS_ONLY(TABLE, COLUMN)                                    \
    do {                                                                \
        struct ovsdb_idl_condition condition;                           \
                                                                        \
        ovsdb_idl_condition_init(&condition);                           \
        dvsrec_##TABLE##_add_clause_##COLUMN(&condition, OVSDB_F_EQ,    \
                                             host);                     \
        dvsrec_##TABLE##_set_condition(idl, &condition);                \
        ovsdb_idl_condition_destroy(&condition);                        \
    } while (0)

/* Returns what this host calls itself, which the caller frees. */
static char *
get_own_name(void)
{
    char hostname[256] = "";

    gethostname(hostname, sizeof hostname - 1);
    return xstrdup(hostname);
}

/* Registers with 'idl' what the reports need of the rows of 'host'. */
static void
register_columns(struct ovsdb_idl *idl, const char *host)
{
    /* Followed, so that a row that somebody deletes comes back. */
    static const struct ovsdb_idl_column *const tracked[] = {
        &dvsrec_host_col_name,
        &dvsrec_physical_nic_col_name,
        &dvsrec_proxy_state_col_switch_,
        &dvsrec_port_state_col_kind,
        &dvsrec_port_state_col_nic,
        &dvsrec_port_state_col_key,
        &dvsrec_rule_state_col_switch_,
        &dvsrec_port_state_col_final_statistics,    /* See there. */
    };
    static const struct ovsdb_idl_column *const written[] = {
        &dvsrec_host_col_hostname,
        &dvsrec_host_col_agent_version,
        &dvsrec_host_col_ovs_version,
        &dvsrec_host_col_datapath_types,
        &dvsrec_host_col_features,
        &dvsrec_host_col_applied_cfg,
        &dvsrec_host_col_heartbeat,
        &dvsrec_physical_nic_col_host,
        &dvsrec_physical_nic_col_mac,
        &dvsrec_physical_nic_col_link_up,
        &dvsrec_physical_nic_col_speed,
        &dvsrec_physical_nic_col_full_duplex,
        &dvsrec_physical_nic_col_mtu,
        &dvsrec_physical_nic_col_driver,
        &dvsrec_physical_nic_col_bridge,
        &dvsrec_proxy_state_col_host,
        &dvsrec_proxy_state_col_bridge,
        &dvsrec_proxy_state_col_status,
        &dvsrec_proxy_state_col_detail,
        &dvsrec_proxy_state_col_version,
        &dvsrec_proxy_state_col_rectified,
        &dvsrec_proxy_state_col_refreshed,
        &dvsrec_proxy_state_col_confirmed,
        &dvsrec_proxy_state_col_uplinks,
        &dvsrec_proxy_state_col_rolled_back,
        &dvsrec_proxy_state_col_lags,
        &dvsrec_proxy_state_col_faults,
        &dvsrec_port_state_col_host,
        &dvsrec_port_state_col_interface,
        &dvsrec_port_state_col_attached_mac,
        &dvsrec_port_state_col_profile,
        &dvsrec_port_state_col_vm,
        &dvsrec_port_state_col_bridge,
        &dvsrec_port_state_col_running,
        &dvsrec_port_state_col_ended,
        &dvsrec_port_state_col_port_data,
        &dvsrec_port_state_col_switch_,
        &dvsrec_port_state_col_link_up,
        &dvsrec_port_state_col_blocked,
        &dvsrec_port_state_col_vlans,
        &dvsrec_port_state_col_mtu,
        &dvsrec_port_state_col_mac,
        &dvsrec_port_state_col_uplink,
        &dvsrec_port_state_col_ofport,
        &dvsrec_port_state_col_fault,
        &dvsrec_port_state_col_last_change,
        &dvsrec_port_state_col_statistics,
        &dvsrec_port_state_col_statistics_time,
        &dvsrec_port_state_col_base_statistics,
        &dvsrec_port_state_col_learned_macs,
        &dvsrec_port_state_col_learned_mac_count,
        &dvsrec_rule_state_col_host,
        &dvsrec_rule_state_col_portgroup,
        &dvsrec_rule_state_col_key,
        &dvsrec_rule_state_col_hits,
    };

    for (size_t i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_add_column(idl, tracked[i]);
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
        ovsdb_idl_add_column(idl, written[i]);
        ovsdb_idl_omit_alert(idl, written[i]);
    }
    OWN_ROWS_ONLY(host, name);
    OWN_ROWS_ONLY(physical_nic, host);
    OWN_ROWS_ONLY(proxy_state, host);
    OWN_ROWS_ONLY(port_state, host);
    OWN_ROWS_ONLY(rule_state, host);
}

/* Registers what the reports need of 'idl', a connection to the DVS database
 * that has not been run yet, and initializes 'report' for host 'host'. */
void
report_init(struct report *report, struct ovsdb_idl *idl, const char *host)
{
    memset(report, 0, sizeof *report);
    register_columns(idl, host);
    report->idl = idl;
    report->host = xstrdup(host);
    report->hostname = get_own_name();
    report->nic_by_name = ovsdb_idl_index_create1(
        idl, &dvsrec_physical_nic_col_name);
    report->state_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_state_col_switch_);
    report->port_by_nic = ovsdb_idl_index_create2(
        idl, &dvsrec_port_state_col_kind, &dvsrec_port_state_col_nic);
    report->port_by_kind = ovsdb_idl_index_create1(
        idl, &dvsrec_port_state_col_kind);
    report->all = true;
    sset_init(&report->dirty_nics);
    sset_init(&report->not_yet);
    sset_init(&report->dirty_pnics);
    report->wake = LLONG_MAX;
}

/* Frees what 'report' holds. */
void
report_destroy(struct report *report)
{
    free(report->host);
    free(report->hostname);
    sset_destroy(&report->dirty_nics);
    sset_destroy(&report->not_yet);
    sset_destroy(&report->dirty_pnics);
}

/* Marks the rows of ours that others have deleted or given another port (and,
 * at the cost of a look, those that we have), and those that are new to us: a
 * database server that was started again has forgotten what is ephemeral in
 * them.  The caller clears the tracked changes. */
void
report_track(struct report *report, struct proxies *proxies)
{
    const struct dvsrec_host *host;
    const struct dvsrec_physical_nic *pnic;
    const struct dvsrec_proxy_state *state;
    const struct dvsrec_port_state *port;

    DVSREC_HOST_FOR_EACH_TRACKED (host, report->idl) {
        report->host_dirty |= (dvsrec_host_is_deleted(host)
                               || dvsrec_host_is_new(host));
    }
    DVSREC_PHYSICAL_NIC_FOR_EACH_TRACKED (pnic, report->idl) {
        if (dvsrec_physical_nic_is_deleted(pnic)
            || dvsrec_physical_nic_is_new(pnic)) {
            sset_add(&report->dirty_pnics, pnic->name);
        }
    }
    DVSREC_PROXY_STATE_FOR_EACH_TRACKED (state, report->idl) {
        struct proxy *proxy = proxy_find(proxies, &state->switch_);

        if (proxy && (dvsrec_proxy_state_is_deleted(state)
                      || dvsrec_proxy_state_is_new(state))) {
            proxy->report_dirty = true;
        }
    }
    DVSREC_PORT_STATE_FOR_EACH_TRACKED (port, report->idl) {
        struct proxy *proxy;

        /* What an agent that was killed had sent may come to the database
         * after what its successor has: it says which port the NIC had. */
        if (!dvsrec_port_state_is_deleted(port)
            && !dvsrec_port_state_is_new(port)
            && !dvsrec_port_state_is_updated(port,
                                             DVSREC_PORT_STATE_COL_KEY)) {
            continue;
        } else if (strcmp(port->kind, "uplink")) {
            sset_add(&report->dirty_nics, port->nic);
        } else {
            PROXY_FOR_EACH (proxy, proxies) {
                proxy->report_dirty = proxy->report_ports = true;
            }
        }
    }
}

/* Marks what the changes of the local database and of the physical NICs
 * concern. */
void
report_note_local(struct report *report, const struct local_view *local,
                  struct pnics *pnics)
{
    const char *name;

    report->host_dirty |= local->offer_dirty;
    SSET_FOR_EACH (name, &local->dirty_nics) {
        sset_add(&report->dirty_nics, name);
    }
    SSET_FOR_EACH (name, &local->dirty_ifaces) {
        if (pnic_find(pnics, name)) {
            sset_add(&report->dirty_pnics, name);
        }
    }
    SSET_FOR_EACH (name, &pnics->changed) {
        sset_add(&report->dirty_pnics, name);
    }
}

/* Table Host. */

static const struct dvsrec_host *
find_or_add_host(struct report *report, struct ovsdb_idl_txn *txn)
{
    const struct dvsrec_host *row = dvsrec_host_first(report->idl);

    if (!row) {
        row = dvsrec_host_insert(txn);
        dvsrec_host_set_name(row, report->host);
    }
    return row;
}

static void
report_host(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_host *row = find_or_add_host(report, ctx->txn);
    const struct ovsrec_open_vswitch *root = local_view_root(ctx->local);
    struct smap features = SMAP_INITIALIZER(&features);

    dvsrec_host_set_hostname(row, report->hostname);
    dvsrec_host_set_agent_version(row, VERSION);
    dvsrec_host_set_ovs_version(row, root->ovs_version ? root->ovs_version
                                                       : "");
    dvsrec_host_set_datapath_types(row, (const char **) root->datapath_types,
                                   root->n_datapath_types);
    features_collect(ctx->local, ctx->proxies, &features);
    dvsrec_host_set_features(row, &features);
    smap_destroy(&features);
    dvsrec_host_set_applied_cfg(row, report->applied_cfg);
    report->host_dirty = false;
}

/* Says that we are alive.  If the value in the database is none that we wrote,
 * another agent goes by our name. */
static void
report_heartbeat(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_host *row = find_or_add_host(report, ctx->txn);

    if (report->heartbeat && row->heartbeat && !report->rivalry
        && row->heartbeat != report->heartbeat
        && row->heartbeat != report->heartbeat_before) {
        VLOG_WARN("another agent reports as host \"%s\", too: give each host "
                  "a name of its own", report->host);
        report->rivalry = true;
    }
    report->heartbeat_before = report->heartbeat;
    /* Always another value: it is a sign of life for us, too, to be told that
     * it was written. */
    report->heartbeat = MAX(ctx->wall, report->heartbeat + 1);
    report->beat = true;
    if (report->padding) {
        ovsdb_idl_txn_add_comment(ctx->txn, "MTU check %0*d", report->padding,
                                  0);
    }
    dvsrec_host_set_heartbeat(row, report->heartbeat);
}

/* Table Physical_NIC. */

static void
report_pnic(struct report *report, const struct report_ctx *ctx,
            const char *name)
{
    const struct pnic *nic = pnic_find(ctx->pnics, name);
    const struct local_iface *iface = local_view_find_iface(ctx->local, name);
    struct dvsrec_physical_nic *key
        = dvsrec_physical_nic_index_init_row(report->nic_by_name);
    const struct dvsrec_physical_nic *row;

    dvsrec_physical_nic_index_set_name(key, name);
    row = dvsrec_physical_nic_index_find(report->nic_by_name, key);
    dvsrec_physical_nic_index_destroy_row(key);
    if (!nic) {
        if (row) {
            dvsrec_physical_nic_delete(row);
        }
        return;
    }
    if (!row) {
        row = dvsrec_physical_nic_insert(ctx->txn);
        dvsrec_physical_nic_set_host(row, report->host);
        dvsrec_physical_nic_set_name(row, name);
    }

    char *mac = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(nic->mac));
    int64_t speed = nic->speed;
    int64_t mtu = nic->mtu;

    dvsrec_physical_nic_set_mac(row, eth_addr_is_zero(nic->mac) ? NULL : mac);
    dvsrec_physical_nic_set_link_up(row, &nic->link_up, 1);
    dvsrec_physical_nic_set_speed(row, &speed, speed > 0);
    dvsrec_physical_nic_set_full_duplex(row, &nic->full_duplex, speed > 0);
    dvsrec_physical_nic_set_mtu(row, &mtu, mtu > 0);
    dvsrec_physical_nic_set_driver(row, nic->driver);
    dvsrec_physical_nic_set_bridge(
        row, iface && iface->bridge ? iface->bridge->name : "");
    free(mac);
}

/* All of it. */

/* Marks every row that is or should be there. */
static void
mark_all(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_physical_nic *pnic;
    const struct dvsrec_port_state *port;
    const struct dvsrec_proxy_state *state, *next;
    const struct dvsrec_rule_state *rules, *next_rules;
    struct shash_node *node;
    struct proxy *proxy;

    report->all = false;
    report->host_dirty = true;
    DVSREC_PHYSICAL_NIC_FOR_EACH (pnic, report->idl) {
        sset_add(&report->dirty_pnics, pnic->name);
    }
    SHASH_FOR_EACH (node, &ctx->pnics->nics) {
        sset_add(&report->dirty_pnics, node->name);
    }
    DVSREC_PORT_STATE_FOR_EACH (port, report->idl) {
        if (strcmp(port->kind, "uplink")) {
            sset_add(&report->dirty_nics, port->nic);
        }
    }
    SHASH_FOR_EACH (node, &ctx->local->nics) {
        sset_add(&report->dirty_nics, node->name);
    }
    PROXY_FOR_EACH (proxy, ctx->proxies) {
        proxy->report_dirty = proxy->report_ports = true;
        proxy->rules_reported = proxy->learned_reported = true;
    }
    DVSREC_PROXY_STATE_FOR_EACH_SAFE (state, next, report->idl) {
        if (!proxy_find(ctx->proxies, &state->switch_)) {
            dvsrec_proxy_state_delete(state);
        }
    }
    DVSREC_RULE_STATE_FOR_EACH_SAFE (rules, next_rules, report->idl) {
        if (!proxy_find(ctx->proxies, &rules->switch_)) {
            dvsrec_rule_state_delete(rules);
        }
    }
}

/* Returns option 'key' of the database, an interval in ms; 0 for never. */
static long long int
get_interval(const struct report_ctx *ctx, const char *key, int default_)
{
    const struct dvsrec_dvs_global *global = host_view_db_global(ctx->views);
    int interval = global ? smap_get_int(&global->options, key, default_)
                          : default_;

    return interval ? MAX(interval, 100) : 0;
}

/* Makes what the controller asks for due at once: the states and counters of
 * the ports of a switch, and the acknowledgement with them. */
static void
refresh_ports(struct report *report, const struct report_ctx *ctx)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        const struct hv_port *port;

        if (proxy->refreshed == proxy->refresh) {
            continue;
        }
        proxy->refreshed = proxy->refresh;
        proxy->report_dirty = proxy->report_ports = true;
        HMAP_FOR_EACH (port, node, &proxy->view.ports) {
            sset_add(&proxy->report_nics, port->nic);
        }
        report->next_stats = ctx->now;
    }
}

/* Writes what is due into 'ctx->txn'. */
void
report_run(struct report *report, const struct report_ctx *ctx)
{
    struct proxy *proxy;
    const char *name;

    report->wake = LLONG_MAX;
    if (report->all) {
        mark_all(report, ctx);
    }
    refresh_ports(report, ctx);
    if (report->host_dirty) {
        report_host(report, ctx);
    }
    SSET_FOR_EACH (name, &report->dirty_pnics) {
        report_pnic(report, ctx, name);
    }
    sset_clear(&report->dirty_pnics);
    PROXY_FOR_EACH (proxy, ctx->proxies) {
        report_proxy_run(report, ctx, proxy);
    }
    report_ports_run(report, ctx);

    long long int interval = get_interval(ctx, "stats_interval",
                                          STATS_INTERVAL);
    if (!interval) {
        report->next_stats = 0;
    } else if (ctx->now >= report->next_stats) {
        report->next_stats = ctx->now + interval;
        report_poll_statistics(ctx);
        report_poll_rules(ctx);
        report_poll_learned(ctx);
    } else {
        report->next_stats = MIN(report->next_stats, ctx->now + interval);
    }
    report_statistics(report, ctx);
    report_rules(report, ctx);
    report_learned(report, ctx);

    long long int beat = ctx->now + MAX(100, get_interval(ctx,
                                                          "heartbeat_interval",
                                                          HEARTBEAT_INTERVAL));
    if (ctx->now >= report->next_heartbeat) {
        report->next_heartbeat = beat;
        report_heartbeat(report, ctx);
    } else {
        report->next_heartbeat = MIN(report->next_heartbeat, beat);
    }
    if (interval) {
        report->wake = MIN(report->wake, report->next_stats);
    }
    report->wake = MIN(report->wake, report->next_heartbeat);
}

/* Arranges for poll_block() to wake up when something is due. */
void
report_wait(const struct report *report)
{
    if (report->wake != LLONG_MAX) {
        poll_timer_wait_until(report->wake);
    }
}

/* Deletes all rows of this host.  Returns true if there were any. */
bool
report_withdraw(struct report *report)
{
    const struct dvsrec_host *host;
    const struct dvsrec_physical_nic *pnic, *next_pnic;
    const struct dvsrec_proxy_state *state, *next_state;
    const struct dvsrec_port_state *port, *next_port;
    const struct dvsrec_rule_state *rules, *next_rules;
    bool any = false;

    host = dvsrec_host_first(report->idl);
    if (host) {
        dvsrec_host_delete(host);
        any = true;
    }
    DVSREC_PHYSICAL_NIC_FOR_EACH_SAFE (pnic, next_pnic, report->idl) {
        dvsrec_physical_nic_delete(pnic);
        any = true;
    }
    DVSREC_PROXY_STATE_FOR_EACH_SAFE (state, next_state, report->idl) {
        dvsrec_proxy_state_delete(state);
        any = true;
    }
    DVSREC_PORT_STATE_FOR_EACH_SAFE (port, next_port, report->idl) {
        dvsrec_port_state_delete(port);
        any = true;
    }
    DVSREC_RULE_STATE_FOR_EACH_SAFE (rules, next_rules, report->idl) {
        dvsrec_rule_state_delete(rules);
        any = true;
    }
    return any;
}

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
#include "lib/vswitch-idl.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(report);

/* Defaults of DVS_Global.options, in ms. */
#define HEARTBEAT_INTERVAL 5000
#define STATS_INTERVAL 10000

/* A change that takes less than this, in ms, is not worth two writes. */
#define BUSY_PATIENCE 1000

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

/* Registers what the reports need of 'idl', a connection to the DVS database
 * that has not been run yet, and initializes 'report' for host 'host'. */
void
report_init(struct report *report, struct ovsdb_idl *idl, const char *host)
{
    /* Followed, so that a row that somebody deletes comes back. */
    static const struct ovsdb_idl_column *const tracked[] = {
        &dvsrec_host_col_name,
        &dvsrec_physical_nic_col_name,
        &dvsrec_proxy_state_col_switch_,
        &dvsrec_port_state_col_kind,
        &dvsrec_port_state_col_nic,
    };
    static const struct ovsdb_idl_column *const written[] = {
        &dvsrec_host_col_hostname,
        &dvsrec_host_col_agent_version,
        &dvsrec_host_col_ovs_version,
        &dvsrec_host_col_datapath_types,
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
        &dvsrec_proxy_state_col_uplinks,
        &dvsrec_proxy_state_col_faults,
        &dvsrec_port_state_col_host,
        &dvsrec_port_state_col_interface,
        &dvsrec_port_state_col_attached_mac,
        &dvsrec_port_state_col_profile,
        &dvsrec_port_state_col_vm,
        &dvsrec_port_state_col_bridge,
        &dvsrec_port_state_col_running,
        &dvsrec_port_state_col_port_data,
        &dvsrec_port_state_col_switch_,
        &dvsrec_port_state_col_key,
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
    };
    char hostname[256];

    memset(report, 0, sizeof *report);
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

    report->idl = idl;
    report->host = xstrdup(host);
    hostname[0] = hostname[sizeof hostname - 1] = '\0';
    gethostname(hostname, sizeof hostname - 1);
    report->hostname = xstrdup(hostname);
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

/* Marks the rows of ours that others have deleted (and, at no cost, those that
 * we did); the caller clears the tracked changes. */
void
report_track(struct report *report, struct proxies *proxies)
{
    const struct dvsrec_host *host;
    const struct dvsrec_physical_nic *pnic;
    const struct dvsrec_proxy_state *state;
    const struct dvsrec_port_state *port;

    DVSREC_HOST_FOR_EACH_TRACKED (host, report->idl) {
        report->host_dirty |= dvsrec_host_is_deleted(host);
    }
    DVSREC_PHYSICAL_NIC_FOR_EACH_TRACKED (pnic, report->idl) {
        if (dvsrec_physical_nic_is_deleted(pnic)) {
            sset_add(&report->dirty_pnics, pnic->name);
        }
    }
    DVSREC_PROXY_STATE_FOR_EACH_TRACKED (state, report->idl) {
        struct proxy *proxy = proxy_find(proxies, &state->switch_);

        if (proxy && dvsrec_proxy_state_is_deleted(state)) {
            proxy->report_dirty = true;
        }
    }
    DVSREC_PORT_STATE_FOR_EACH_TRACKED (port, report->idl) {
        struct proxy *proxy;

        if (!dvsrec_port_state_is_deleted(port)) {
            continue;
        } else if (!strcmp(port->kind, "vm")) {
            sset_add(&report->dirty_nics, port->nic);
        } else {
            PROXY_FOR_EACH (proxy, proxies) {
                proxy->report_dirty = true;
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

    dvsrec_host_set_hostname(row, report->hostname);
    dvsrec_host_set_agent_version(row, VERSION);
    dvsrec_host_set_ovs_version(row, root->ovs_version ? root->ovs_version
                                                       : "");
    dvsrec_host_set_datapath_types(row, (const char **) root->datapath_types,
                                   root->n_datapath_types);
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
    report->heartbeat = ctx->wall;
    dvsrec_host_set_heartbeat(row, ctx->wall);
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

/* Table Proxy_State. */

/* Adds to 'faults' that the NIC of 'uplink' does not take the switch's MTU.
 * What the kernel says counts: ovs-vswitchd only logs it. */
static void
check_mtu(const struct report_ctx *ctx, const struct proxy *proxy,
          const struct hv_uplink *uplink, struct sset *faults)
{
    const struct pnic *nic = pnic_find(ctx->pnics, uplink->pnic);

    if (nic && nic->mtu && nic->mtu < proxy->view.mtu) {
        sset_add_and_free(faults, xasprintf(
            "PlatformConfigFault: mtu: NIC \"%s\" for \"%s\" does not carry "
            "%d bytes, only %d", uplink->pnic, uplink->name, proxy->view.mtu,
            nic->mtu));
    }
}

/* Adds to 'faults' what is wrong with the rows and flows of 'proxy'. */
static void
collect_faults(const struct report_ctx *ctx, const struct proxy *proxy,
               struct sset *faults)
{
    const char *fault, *name;

    SSET_FOR_EACH (fault, &proxy->view_faults) {
        sset_add(faults, fault);
    }
    SSET_FOR_EACH (fault, &proxy->sync_faults) {
        sset_add(faults, fault);
    }
    for (int id = 1; id <= HV_MAX_UPLINKS; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct ovsrec_interface *row
            = uplink->pnic ? local_view_iface_row(ctx->local, uplink->pnic)
                           : NULL;

        if (row && row->error) {
            sset_add_and_free(faults, xasprintf(
                "PlatformConfigFault: uplinks: NIC \"%s\" for \"%s\": %s",
                uplink->pnic, uplink->name, row->error));
        }
        if (row && ctx->settled) {
            check_mtu(ctx, proxy, uplink, faults);
        }
    }
    SSET_FOR_EACH (name, &ctx->local->contested) {
        const struct local_nic *nic
            = shash_find_data(&ctx->local->nics, name);
        const struct local_iface *rightful, *iface;

        rightful = local_view_find_nic(ctx->local, name);
        LIST_FOR_EACH (iface, nic_node, &nic->ifaces) {
            if (rightful && iface != rightful && iface->bridge
                && iface->bridge->ours
                && uuid_equals(&iface->bridge->switch_, &proxy->uuid)) {
                sset_add_and_free(faults, xasprintf(
                    "DuplicateName: nic: interface \"%s\" claims NIC \"%s\", "
                    "which interface \"%s\" has", iface->name, name,
                    rightful->name));
            }
        }
    }

    struct ds error = DS_EMPTY_INITIALIZER;
    if (desired_owner_error(&proxy->desired, DESIRED_COOKIE(DC_SWITCH, 0),
                            &error)) {
        sset_add_and_free(faults, xasprintf("PlatformConfigFault: switch: %s",
                                            ds_cstr(&error)));
    }
    ds_destroy(&error);
}

/* Stores in 'uplinks' the state of each uplink of 'proxy' that has a NIC, and
 * returns how many are up. */
static size_t
collect_uplinks(const struct report_ctx *ctx, const struct proxy *proxy,
                struct smap *uplinks)
{
    size_t n_up = 0;

    for (int id = 1; id <= HV_MAX_UPLINKS; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct local_iface *iface;
        bool up;

        if (!uplink->name || !uplink->pnic) {
            continue;
        }
        iface = local_view_find_iface(ctx->local, uplink->pnic);
        up = (uplink->ofport != OFPP_NONE
              && iface && iface->link == LOCAL_LINK_UP);
        n_up += up;
        smap_add(uplinks, uplink->name, up ? "up" : "down");
    }
    return n_up;
}

/* Sets status and detail in 'row' from all that is known of 'proxy'. */
static void
set_status(const struct proxy *proxy, const struct sset *faults,
           const struct smap *uplinks, size_t n_up,
           const struct dvsrec_proxy_state *row)
{
    const char *status;
    char *detail = NULL;

    if (!proxy->wanted) {
        status = "out-of-sync";
        detail = xstrdup("the host is no member any more, but others have "
                         "ports in the bridge");
    } else if (proxy->stage == PROXY_NONE && !sset_is_empty(faults)) {
        status = "down";
    } else if (proxy->stage == PROXY_NONE || proxy->stage == PROXY_BUSY) {
        status = "pending";
        detail = xstrdup("changes are under way");
    } else if (proxy->stage == PROXY_DISCONNECTED) {
        status = "down";
        detail = xstrdup("ovs-vswitchd does not answer");
    } else if (!sset_is_empty(faults)) {
        status = "warning";
    } else if (!smap_is_empty(uplinks) && !n_up) {
        status = "warning";
        detail = xstrdup("no uplink is up");
    } else {
        status = "up";
        detail = xstrdup("");
    }
    if (!detail) {
        const char **sorted = sset_sort(faults);

        detail = (sset_count(faults) == 1
                  ? xstrdup(sorted[0])
                  : xasprintf("%s (and %"PRIuSIZE" more)", sorted[0],
                              sset_count(faults) - 1));
        free(sorted);
    }
    dvsrec_proxy_state_set_status(row, status);
    dvsrec_proxy_state_set_detail(row, detail);
    free(detail);
}

static const struct dvsrec_proxy_state *
find_state(struct report *report, const struct uuid *switch_)
{
    struct dvsrec_proxy_state *key
        = dvsrec_proxy_state_index_init_row(report->state_by_switch);
    const struct dvsrec_proxy_state *row;

    dvsrec_proxy_state_index_set_switch_(key, *switch_);
    row = dvsrec_proxy_state_index_find(report->state_by_switch, key);
    dvsrec_proxy_state_index_destroy_row(key);
    return row;
}

static void
report_proxy(struct report *report, const struct report_ctx *ctx,
             struct proxy *proxy)
{
    const struct dvsrec_proxy_state *row = find_state(report, &proxy->uuid);
    struct smap uplinks = SMAP_INITIALIZER(&uplinks);
    struct sset faults = SSET_INITIALIZER(&faults);
    size_t n_up;

    proxy->report_dirty = false;
    if (!proxy->wanted && !proxy->bridge) {
        if (row) {
            dvsrec_proxy_state_delete(row);
        }
        return;
    }
    if (!row) {
        row = dvsrec_proxy_state_insert(ctx->txn);
        dvsrec_proxy_state_set_host(row, report->host);
        dvsrec_proxy_state_set_switch_(row, proxy->uuid);
    }
    if (!proxy->wanted) {
        proxy->applied = 0;
    } else if (proxy->stage == PROXY_IN_STEP) {
        proxy->applied = proxy->version;
    }
    n_up = collect_uplinks(ctx, proxy, &uplinks);
    collect_faults(ctx, proxy, &faults);
    set_status(proxy, &faults, &uplinks, n_up, row);
    dvsrec_proxy_state_set_bridge(row, proxy->bridge ? proxy->bridge : "");
    dvsrec_proxy_state_set_version(row, proxy->applied);
    dvsrec_proxy_state_set_uplinks(row, &uplinks);

    const char **array = sset_sort(&faults);
    dvsrec_proxy_state_set_faults(row, array, sset_count(&faults));
    free(array);
    smap_destroy(&uplinks);
    sset_destroy(&faults);
}

/* Takes note of how far 'proxy' is, and reports what is worth it. */
static void
report_proxy_run(struct report *report, const struct report_ctx *ctx,
                 struct proxy *proxy)
{
    enum proxy_stage stage;

    stage = (!proxy->conn ? PROXY_NONE
             : !proxy_is_connected(proxy) ? PROXY_DISCONNECTED
             : !ctx->settled || !proxy_in_step(proxy) ? PROXY_BUSY
             : PROXY_IN_STEP);
    if (stage != proxy->stage || !proxy->busy_since) {
        proxy->stage = stage;
        proxy->busy_since = ctx->now;
        proxy->report_dirty = true;
        if (proxy->refused) {
            /* What the switch once refused may stand now. */
            proxy->report_ports = true;
        }
    }
    if (!proxy->report_dirty) {
        return;
    }
    if (stage != PROXY_IN_STEP && sset_is_empty(&proxy->sync_faults)
        && proxy->wanted
        && ctx->now < proxy->busy_since + BUSY_PATIENCE) {
        report->wake = MIN(report->wake, proxy->busy_since + BUSY_PATIENCE);
        return;
    }
    report_proxy(report, ctx, proxy);
}

/* All of it. */

/* Marks every row that is or should be there. */
static void
mark_all(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_physical_nic *pnic;
    const struct dvsrec_port_state *port;
    const struct dvsrec_proxy_state *state, *next;
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
        if (!strcmp(port->kind, "vm")) {
            sset_add(&report->dirty_nics, port->nic);
        }
    }
    SHASH_FOR_EACH (node, &ctx->local->nics) {
        sset_add(&report->dirty_nics, node->name);
    }
    PROXY_FOR_EACH (proxy, ctx->proxies) {
        proxy->report_dirty = proxy->report_ports = true;
    }
    DVSREC_PROXY_STATE_FOR_EACH_SAFE (state, next, report->idl) {
        if (!proxy_find(ctx->proxies, &state->switch_)) {
            dvsrec_proxy_state_delete(state);
        }
    }
}

/* Returns option 'key' of the database, an interval in ms. */
static long long int
get_interval(const struct report_ctx *ctx, const char *key, int default_)
{
    const struct dvsrec_dvs_global *global = host_view_db_global(ctx->views);
    int interval = global ? smap_get_int(&global->options, key, default_)
                          : default_;

    return MAX(interval, 100);
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

    if (ctx->now >= report->next_stats) {
        report->next_stats = ctx->now + get_interval(ctx, "stats_interval",
                                                     STATS_INTERVAL);
        report_statistics(report, ctx);
    }
    if (ctx->now >= report->next_heartbeat) {
        report->next_heartbeat
            = ctx->now + get_interval(ctx, "heartbeat_interval",
                                      HEARTBEAT_INTERVAL);
        report_heartbeat(report, ctx);
    }
    report->wake = MIN(report->wake, report->next_stats);
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
    return any;
}

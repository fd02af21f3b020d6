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

/* The rows of Proxy_State: how the host fares with each switch.  See
 * report.h. */

#include <config.h>
#include "ovs-bridge/report.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"

/* A change that takes less than this, in ms, is not worth two writes. */
#define BUSY_PATIENCE 1000

/* How many VLANs a fault names in which an uplink does not pass beacons. */
#define MAX_BEACON_VLANS 8

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

/* Appends to 's' that beacons do not pass by uplink 'id' of 'proxy', and in
 * which VLANs; nothing if they do. */
void
report_format_beacon_fault(const struct proxy *proxy, int id, struct ds *s)
{
    uint32_t bit = id <= BEACON_MAX_UPLINKS ? BEACON_BIT(id) : 0;
    const struct hv_switch *sw = &proxy->view;
    size_t n = 0;

    if (!(beacons_failed_anywhere(&sw->beacons) & bit)) {
        return;
    }
    ds_put_format(s, "PlatformConfigFault: beacon: beacons do not pass by "
                  "\"%s\" (NIC \"%s\")", sw->uplinks[id].name,
                  sw->uplinks[id].pnic);
    for (int vid = 0; vid <= DVS_VLAN_MAX; vid++) {
        if (beacons_failed(&sw->beacons, vid) & bit) {
            if (n < MAX_BEACON_VLANS) {
                ds_put_format(s, n ? ", %d" : " in VLAN %d", vid);
            }
            n++;
        }
    }
    if (n > MAX_BEACON_VLANS) {
        ds_put_format(s, " and %"PRIuSIZE" more", n - MAX_BEACON_VLANS);
    }
}

static void
check_beacons(const struct proxy *proxy, int id, struct sset *faults)
{
    struct ds fault = DS_EMPTY_INITIALIZER;

    report_format_beacon_fault(proxy, id, &fault);
    if (fault.length) {
        sset_add(faults, ds_cstr(&fault));
    }
    ds_destroy(&fault);
}

/* Adds to 'faults' that the NIC of 'uplink' is not scheduled as the database
 * says: ovs-vswitchd passes over that in silence. */
static void
check_qos(const struct report_ctx *ctx, const struct proxy *proxy,
          const struct hv_uplink *uplink, struct sset *faults)
{
    const char *port = (proxy->config
                        ? smap_get(&proxy->config->ports, uplink->pnic)
                        : NULL);

    if (port && shash_find(&proxy->config->qos, port)
        && !pnic_is_shaped(ctx->pnics, uplink->pnic, BRIDGE_QOS_TYPE)) {
        sset_add_and_free(faults, xasprintf(
            "PlatformConfigFault: resource_management: the kernel does not "
            "schedule NIC \"%s\" by %s", uplink->pnic, BRIDGE_QOS_TYPE));
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
    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct ovsrec_interface *row
            = uplink->pnic ? local_view_iface_row(ctx->local, uplink->pnic)
                           : NULL;

        if (row && row->error) {
            sset_add_and_free(faults, xasprintf(
                "PlatformConfigFault: uplinks: NIC \"%s\" for \"%s\": %s",
                uplink->pnic, uplink->name, row->error));
        }
        check_beacons(proxy, id, faults);
        if (row && ctx->settled) {
            check_mtu(ctx, proxy, uplink, faults);
            check_qos(ctx, proxy, uplink, faults);
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
 * returns how many have a link. */
static size_t
collect_uplinks(const struct proxy *proxy, struct smap *uplinks)
{
    uint32_t failed = beacons_failed_anywhere(&proxy->view.beacons);
    size_t n_up = 0;

    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        bool cut_off = id <= BEACON_MAX_UPLINKS && failed & BEACON_BIT(id);

        if (uplink->name && uplink->pnic) {
            n_up += uplink->up;
            smap_add(uplinks, uplink->name, !uplink->up ? "down"
                     : cut_off ? "cut-off" : "up");
        }
    }
    return n_up;
}

/* Appends to 's' why the host refuses 'n' rows of a switch. */
static void
explain_refusal(const struct report_ctx *ctx, size_t n, struct ds *s)
{
    char *when = xastrftime_msec("%Y-%m-%d %H:%M:%S", ctx->rolled_back, true);

    ds_put_format(s, "a change cut the host off from the database, so it went "
                  "back to its last confirmed configuration at %s UTC and "
                  "refuses %"PRIuSIZE" row%s (see rolled_back)", when, n,
                  n == 1 ? "" : "s");
    free(when);
}

/* Writes to 'row' what the host refuses of 'proxy', and returns how many rows
 * that is. */
static size_t
set_rolled_back(const struct report_ctx *ctx, const struct proxy *proxy,
                const struct dvsrec_proxy_state *row)
{
    const struct proxy_rows *rows = &ctx->views->rows;
    const struct proxy_row *pr;
    char **names = xmalloc(rows->n_refused * sizeof *names);
    int64_t *versions = xmalloc(rows->n_refused * sizeof *versions);
    size_t n = 0;

    if (rows->n_refused) {
        HMAP_FOR_EACH (pr, node, &rows->by_id) {
            if (pr->refused && uuid_equals(&pr->id.switch_, &proxy->uuid)) {
                struct ds name = DS_EMPTY_INITIALIZER;

                proxy_row_format_refusal(pr, &name);
                names[n] = ds_steal_cstr(&name);
                versions[n++] = pr->refused_version;
            }
        }
    }
    dvsrec_proxy_state_set_rolled_back(row, (const char **) names, versions,
                                       n);
    for (size_t i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
    free(versions);
    return n;
}

/* Stores in 'lags' the state of each LAG of 'proxy' that has a NIC, and of its
 * ports. */
static void
collect_lags(const struct report_ctx *ctx, const struct proxy *proxy,
             struct smap *lags)
{
    for (int id = HV_FIRST_LAG; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];

        if (!uplink->name) {
            continue;
        } else if (!hv_uplink_lag(id)) {
            smap_add(lags, uplink->name, uplink->up ? "up" : "down");
        } else if (uplink->pnic) {
            smap_add(lags, uplink->name,
                     uplink->up ? "attached"
                     : uplink->ofport == OFPP_NONE || uplink->down ? "down"
                     : "detached");

            const char *partner = smap_get(ctx->partners, uplink->pnic);
            if (partner && uplink->ofport != OFPP_NONE) {
                smap_add_nocopy(lags, xasprintf("%s.partner", uplink->name),
                                xstrdup(partner));
            }
        }
    }
}

/* Sets status and detail in 'row' from all that is known of 'proxy'. */
static void
set_status(const struct report_ctx *ctx, const struct proxy *proxy,
           const struct sset *faults, const struct smap *uplinks, size_t n_up,
           const struct dvsrec_proxy_state *row)
{
    size_t n_refused = set_rolled_back(ctx, proxy, row);
    const char *status;
    char *detail = NULL;

    if (n_refused) {
        struct ds s = DS_EMPTY_INITIALIZER;

        explain_refusal(ctx, n_refused, &s);
        status = "out-of-sync";
        detail = ds_steal_cstr(&s);
    } else if (!proxy->wanted) {
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
    struct smap lags = SMAP_INITIALIZER(&lags);
    struct sset faults = SSET_INITIALIZER(&faults);
    size_t n_up;

    proxy->report_dirty = false;
    if (!proxy->wanted && !proxy->bridge
        && !host_view_db_is_refused(ctx->views, &proxy->uuid)) {
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
    if (proxy->wanted && proxy->stage == PROXY_IN_STEP
        && proxy->rectifying == RECTIFY_RUNNING) {
        proxy->rectifying = RECTIFY_NONE;
        proxy->rectified = proxy->rectify;
    }
    n_up = collect_uplinks(proxy, &uplinks);
    collect_lags(ctx, proxy, &lags);
    collect_faults(ctx, proxy, &faults);
    set_status(ctx, proxy, &faults, &uplinks, n_up, row);
    dvsrec_proxy_state_set_bridge(row, proxy->bridge ? proxy->bridge : "");
    dvsrec_proxy_state_set_version(row, proxy->applied);
    dvsrec_proxy_state_set_rectified(row, proxy->rectified);
    dvsrec_proxy_state_set_refreshed(row, proxy->refreshed);
    dvsrec_proxy_state_set_confirmed(row, proxy->confirmed);
    dvsrec_proxy_state_set_uplinks(row, &uplinks);
    dvsrec_proxy_state_set_lags(row, &lags);

    const char **array = sset_sort(&faults);
    dvsrec_proxy_state_set_faults(row, array, sset_count(&faults));
    free(array);
    smap_destroy(&uplinks);
    smap_destroy(&lags);
    sset_destroy(&faults);
}

/* Takes note of how far 'proxy' is, and reports what is worth it. */
void
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

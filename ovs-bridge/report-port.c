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

/* The rows of Port_State: a NIC's claim to a port, and the state of the port
 * that it got.  See report.h. */

#include <config.h>
#include "ovs-bridge/report.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/host-made.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "util.h"

COVERAGE_DEFINE(report_nic);

/* What a row says of a NIC's port. */
struct port_state {
    const char *key;            /* NULL if it has none. */
    int64_t ofport;             /* 0 if it has none. */
    enum local_link link;
    bool blocked;               /* Meaningful if 'key'. */
    struct ds vlans;
    int64_t mtu;                /* 0 if not known. */
    char mac[ETH_ADDR_STRLEN + 1];  /* "" if not known. */
    struct ds uplink;           /* "" if none works. */
    struct ds fault;            /* "" if none. */
};

#define RULES_LACK_METERS                                               \
    "NotSupported: rules: the host's datapath has no meters, for "      \
    "actions rate-limit and log"

/* Returns true if 'ruleset' of 'proxy', which may be NULL, has a rule that
 * takes meters, and there are none. */
static bool
rules_lack_meters(const struct proxy *proxy, const struct hv_ruleset *ruleset)
{
    return (proxy->view.no_meters && ruleset
            && (ruleset->n_limits || ruleset->logs));
}

static void
port_state_init(struct port_state *state)
{
    memset(state, 0, sizeof *state);
    ds_init(&state->vlans);
    ds_init(&state->uplink);
    ds_init(&state->fault);
}

static void
port_state_destroy(struct port_state *state)
{
    ds_destroy(&state->vlans);
    ds_destroy(&state->uplink);
    ds_destroy(&state->fault);
}

/* Returns true if 'row' says what 'state' does. */
static bool
port_state_equal(const struct dvsrec_port_state *row,
                 const struct port_state *state)
{
    int link = (!row->n_link_up ? LOCAL_LINK_UNKNOWN
                : *row->link_up ? LOCAL_LINK_UP : LOCAL_LINK_DOWN);

    return (nullable_string_is_equal(row->key, state->key)
            && (row->n_ofport ? *row->ofport : 0) == state->ofport
            && link == state->link
            && row->n_blocked == (state->key ? 1 : 0)
            && (!row->n_blocked || *row->blocked == state->blocked)
            && !strcmp(row->vlans, ds_cstr_ro(&state->vlans))
            && (row->n_mtu ? *row->mtu : 0) == state->mtu
            && !strcmp(row->mac, state->mac)
            && !strcmp(row->uplink, ds_cstr_ro(&state->uplink))
            && !strcmp(row->fault, ds_cstr_ro(&state->fault)));
}

/* Makes 'row' say what 'state' does. */
static void
port_state_write(const struct dvsrec_port_state *row,
                 const struct port_state *state, long long int wall)
{
    bool up = state->link == LOCAL_LINK_UP;

    if (port_state_equal(row, state)) {
        return;
    }
    dvsrec_port_state_set_key(row, state->key);
    dvsrec_port_state_set_ofport(row, &state->ofport, state->ofport != 0);
    dvsrec_port_state_set_link_up(row, &up,
                                  state->link != LOCAL_LINK_UNKNOWN);
    dvsrec_port_state_set_blocked(row, &state->blocked, state->key ? 1 : 0);
    dvsrec_port_state_set_vlans(row, ds_cstr_ro(&state->vlans));
    dvsrec_port_state_set_mtu(row, &state->mtu, state->mtu != 0);
    dvsrec_port_state_set_mac(row, state->mac);
    dvsrec_port_state_set_uplink(row, ds_cstr_ro(&state->uplink));
    dvsrec_port_state_set_fault(row, ds_cstr_ro(&state->fault));
    dvsrec_port_state_set_last_change(row, wall);
}

/* Appends to 'names' the names of the uplinks that 'port' uses now, separated
 * by commas: one, but for a team that spreads. */
static void
uplinks_in_use(struct proxy *proxy, const struct hv_port *port,
               struct ds *names)
{
    const struct hv_team *team
        = (port->ofport != OFPP_NONE
           ? hv_team_for_port(&proxy->view, port) : NULL);
    struct sset seen = SSET_INITIALIZER(&seen);

    for (size_t i = 0; team && i < MAX(team->n_slots, 1); i++) {
        int id = hv_team_uplink(&proxy->view,
                                (team->mode == HV_TEAM_ORDER ? team
                                 : hv_team_find(&proxy->view,
                                                team->slots[i])));
        const char *name = id ? proxy->view.uplinks[id].name : NULL;

        if (name && sset_add(&seen, name)) {
            ds_put_format(names, "%s%s", names->length ? "," : "", name);
        }
    }
    sset_destroy(&seen);
}

/* Fills in 'state' from interface 'row' alone. */
static void
state_from_iface(struct port_state *state, const struct local_iface *iface,
                 const struct ovsrec_interface *row)
{
    state->ofport = (iface->ofport == OFPP_NONE ? 0
                     : ofp_to_u16(iface->ofport));
    state->link = iface->link;
    state->mtu = row->n_mtu ? *row->mtu : 0;
    if (row->error) {
        ds_put_format(&state->fault, "PlatformConfigFault: interface: %s",
                      row->error);
    }
}

/* Fills in 'state' from 'port' of 'proxy'. */
static void
state_from_port(struct proxy *proxy, const struct hv_port *port,
                struct port_state *state)
{
    struct ds error = DS_EMPTY_INITIALIZER;
    const char *port_fault;

    state->key = port->key;
    state->blocked = port->setting.blocked;
    dvs_vlan_format(&port->setting.vlan, &state->vlans);
    const struct eth_addr *mac
        = (hv_port_mac_changed(port) && port->setting.mac_changes
           ? &port->claimed : &port->mac);
    if (!eth_addr_is_zero(*mac)) {
        snprintf(state->mac, sizeof state->mac, ETH_ADDR_FMT,
                 ETH_ADDR_ARGS(*mac));
    }
    uplinks_in_use(proxy, port, &state->uplink);

    int64_t mtu = port->mtu ? port->mtu : proxy->view.mtu;
    port_fault = shash_find_data(&proxy->port_faults, port->key);
    if (state->fault.length) {
        /* The interface does not work; the rest is of no interest. */
    } else if (port_fault) {
        ds_put_format(&state->fault, "InvalidArgument: setting: %s",
                      port_fault);
    } else if (port->host_nic && state->mtu && state->mtu != mtu) {
        ds_put_format(&state->fault, "PlatformConfigFault: mtu: the NIC has "
                      "an MTU of %"PRId64" bytes, not %"PRId64, state->mtu,
                      mtu);
    } else if (eth_addr_is_zero(port->mac)) {
        ds_put_cstr(&state->fault, "InvalidArgument: mac: the NIC's MAC "
                    "address is not known");
    } else if (port->setting.vlan.mode == DVS_VLAN_PRIVATE
               && !dvs_pvlans_find(&proxy->view.pvlans,
                                   port->setting.vlan.id)) {
        ds_put_format(&state->fault, "NotFound: vlan: the switch has no "
                      "private VLAN %d", port->setting.vlan.id);
    } else if (hv_port_beacon_conflict(&proxy->view, port)) {
        ds_put_format(&state->fault, "ConflictingConfiguration: beacon: "
                      "beacon probing %s",
                      hv_port_beacon_conflict(&proxy->view, port));
    } else if (hv_port_mac_changed(port) && !port->setting.mac_changes) {
        ds_put_format(&state->fault, "ConflictingConfiguration: mac: the NIC "
                      "works with MAC address "ETH_ADDR_FMT", but its port "
                      "does not let it change its own",
                      ETH_ADDR_ARGS(port->claimed));
    } else if (proxy->view.no_meters && (port->setting.shape_in.enabled
                                         || port->setting.shape_out.enabled)) {
        ds_put_cstr(&state->fault, "NotSupported: shaping: the host's "
                    "datapath has no meters");
    } else if (rules_lack_meters(proxy, port->ruleset)) {
        ds_put_cstr(&state->fault, RULES_LACK_METERS);
    } else if (desired_owner_error(&proxy->desired,
                                   pipeline_port_owner(port->key), &error)) {
        ds_put_format(&state->fault, "PlatformConfigFault: flows: %s",
                      ds_cstr(&error));
    }
    ds_destroy(&error);
}

static const struct dvsrec_port_state *
find_row(struct report *report, const char *kind, const char *nic)
{
    struct dvsrec_port_state *key
        = dvsrec_port_state_index_init_row(report->port_by_nic);
    const struct dvsrec_port_state *row;

    dvsrec_port_state_index_set_kind(key, kind);
    dvsrec_port_state_index_set_nic(key, nic);
    row = dvsrec_port_state_index_find(report->port_by_nic, key);
    dvsrec_port_state_index_destroy_row(key);
    return row;
}

/* Deletes the row of 'nic', if there is one, as soon as nobody needs it any
 * more.  If the NIC's interface has gone, says so at once: another host may
 * wait to take the NIC over. */
static void
delete_row(struct report *report, const struct report_ctx *ctx,
           const char *kind, const char *nic)
{
    const struct dvsrec_port_state *row = find_row(report, kind, nic);

    if (row && report_last_statistics(row, ctx)) {
        dvsrec_port_state_delete(row);
    } else if (row) {
        if (!local_view_iface_row(ctx->local, row->interface)) {
            dvsrec_port_state_set_ended(row, true);
        }
        sset_add(&report->not_yet, nic);
    }
}

static const struct dvsrec_port_state *
find_or_add_row(struct report *report, const struct report_ctx *ctx,
                const char *kind, const char *nic)
{
    const struct dvsrec_port_state *row = find_row(report, kind, nic);

    if (!row) {
        row = dvsrec_port_state_insert(ctx->txn);
        dvsrec_port_state_set_host(row, report->host);
        dvsrec_port_state_set_kind(row, kind);
        dvsrec_port_state_set_nic(row, nic);
    }
    return row;
}

/* Virtual NICs. */

static void
write_claim(const struct dvsrec_port_state *row,
            const struct local_iface *iface,
            const struct ovsrec_interface *ir,
            const struct dvsrec_proxy_port *granted)
{
    const struct smap *ids = &ir->external_ids;
    bool running = (iface->running
                    && (!granted || granted->active || iface->heard));

    dvsrec_port_state_set_interface(row, iface->name);
    dvsrec_port_state_set_attached_mac(row, smap_get_def(ids, "attached-mac",
                                                         ""));
    dvsrec_port_state_set_profile(row, smap_get_def(ids, "port-profile", ""));
    dvsrec_port_state_set_vm(row, smap_get_def(ids, "vm-id", ""));
    dvsrec_port_state_set_port_data(row, smap_get_def(ids, "PortData", ""));
    dvsrec_port_state_set_bridge(row, iface->bridge->name);
    dvsrec_port_state_set_running(row, running);
    dvsrec_port_state_set_ended(row, false);
    dvsrec_port_state_set_switch_(row, &iface->bridge->switch_, 1);
}

static void
report_nic(struct report *report, const struct report_ctx *ctx,
           const char *nic)
{
    const struct local_iface *iface = local_view_find_nic(ctx->local, nic);
    const struct ovsrec_interface *ir
        = iface ? local_view_iface_row(ctx->local, iface->name) : NULL;
    const struct dvsrec_proxy_port *granted;
    const struct dvsrec_port_state *row;
    struct port_state state;

    COVERAGE_INC(report_nic);
    delete_row(report, ctx, ir && iface->host_nic ? "vm" : "host", nic);
    if (!ir) {
        delete_row(report, ctx, "vm", nic);
        return;
    }

    granted = host_view_db_find_nic(ctx->views, nic);
    row = find_or_add_row(report, ctx, iface->host_nic ? "host" : "vm", nic);
    if (row->n_final_statistics) {
        sset_add(&report->not_yet, nic);
        return;
    }
    port_state_init(&state);
    state_from_iface(&state, iface, ir);
    if (granted) {
        struct proxy *proxy = proxy_find(ctx->proxies, &granted->switch_);
        const struct hv_port *port
            = proxy ? hv_port_find(&proxy->view, granted->key) : NULL;

        if (!uuid_equals(&granted->switch_, &iface->bridge->switch_)) {
            ds_put_format(&state.fault, "InvalidArgument: bridge: the NIC is "
                          "plugged into bridge \"%s\", but its port is on "
                          "another switch", iface->bridge->name);
        } else if (port && !row->key && proxy_is_connected(proxy)
                   && !proxy_in_step(proxy)) {
            /* Who waits for the key wants to run the machine: not before the
             * flows stand. */
            sset_add(&report->not_yet, nic);
        } else if (port) {
            state_from_port(proxy, port, &state);
        }
    } else {
        const struct hv_port *port = host_made_port(ctx->proxies, iface);

        if (port) {
            state_from_port(proxy_find(ctx->proxies, &iface->bridge->switch_),
                            port, &state);
        }
    }
    if (row->key && !nullable_string_is_equal(row->key, state.key)) {
        /* Another port, or none. */
        if (!report_last_statistics(row, ctx)) {
            sset_add(&report->not_yet, nic);
            port_state_destroy(&state);
            return;
        }
    }
    write_claim(row, iface, ir, granted);
    port_state_write(row, &state, ctx->wall);
    port_state_destroy(&state);
}

/* Uplinks. */

/* Returns true if some uplink of 'proxies' has the physical NIC 'nic'. */
static bool
is_uplink(const struct report_ctx *ctx, const char *nic)
{
    const struct local_iface *iface = local_view_find_iface(ctx->local, nic);
    const struct proxy *proxy
        = iface && iface->uplink ? proxy_find(ctx->proxies, &iface->owner)
                                 : NULL;

    for (int id = 1; proxy && id <= HV_LAST_ID; id++) {
        if (nullable_string_is_equal(proxy->view.uplinks[id].pnic, nic)) {
            return true;
        }
    }
    return false;
}

static void
report_uplinks(struct report *report, const struct report_ctx *ctx,
               struct proxy *proxy)
{
    struct dvsrec_port_state *key
        = dvsrec_port_state_index_init_row(report->port_by_kind);
    struct sset gone = SSET_INITIALIZER(&gone);
    const struct dvsrec_port_state *row;
    const char *nic;

    dvsrec_port_state_index_set_kind(key, "uplink");
    DVSREC_PORT_STATE_FOR_EACH_EQUAL (row, key, report->port_by_kind) {
        if (!is_uplink(ctx, row->nic)) {
            sset_add(&gone, row->nic);
        }
    }
    dvsrec_port_state_index_destroy_row(key);
    SSET_FOR_EACH (nic, &gone) {
        row = find_row(report, "uplink", nic);
        if (report_last_statistics(row, ctx)) {
            dvsrec_port_state_delete(row);
        } else {
            proxy->report_ports = true;     /* In the next run. */
        }
    }
    sset_destroy(&gone);

    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct local_iface *iface
            = (uplink->pnic
               ? local_view_find_iface(ctx->local, uplink->pnic) : NULL);
        const struct ovsrec_interface *ir
            = (iface && iface->uplink && iface->bridge
               && uuid_equals(&iface->owner, &proxy->uuid)
               ? local_view_iface_row(ctx->local, uplink->pnic) : NULL);
        struct port_state state;

        if (!ir) {
            continue;
        }
        row = find_or_add_row(report, ctx, "uplink", uplink->pnic);
        dvsrec_port_state_set_interface(row, uplink->pnic);
        dvsrec_port_state_set_bridge(row, iface->bridge->name);
        dvsrec_port_state_set_running(row, true);
        dvsrec_port_state_set_switch_(row, &proxy->uuid, 1);

        port_state_init(&state);
        state_from_iface(&state, iface, ir);
        state.key = uplink->port_key;
        state.blocked = uplink->blocked;
        dvs_vlan_format(hv_uplink_vlan(uplink), &state.vlans);
        ds_put_cstr(&state.uplink, uplink->name);
        if (!state.fault.length) {
            report_format_beacon_fault(proxy, id, &state.fault);
        }
        if (!state.fault.length && rules_lack_meters(proxy, uplink->ruleset)) {
            ds_put_cstr(&state.fault, RULES_LACK_METERS);
        }
        port_state_write(row, &state, ctx->wall);
        port_state_destroy(&state);
    }
}

/* Writes the rows of NICs that are due. */
void
report_ports_run(struct report *report, const struct report_ctx *ctx)
{
    struct proxy *proxy;
    const char *nic;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        const struct hv_port *port;

        if (proxy->report_ports) {
            proxy->report_ports = false;
            HMAP_FOR_EACH (port, node, &proxy->view.ports) {
                sset_add(&report->dirty_nics, port->nic);
            }
            report_uplinks(report, ctx, proxy);
        }
        SSET_FOR_EACH (nic, &proxy->report_nics) {
            sset_add(&report->dirty_nics, nic);
        }
        sset_clear(&proxy->report_nics);
    }
    SSET_FOR_EACH (nic, &report->dirty_nics) {
        report_nic(report, ctx, nic);
    }
    sset_swap(&report->dirty_nics, &report->not_yet);
    sset_clear(&report->not_yet);
}

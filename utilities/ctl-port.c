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

/* dvsctl's commands for ports: list-ports, show-port, add-port, del-port,
 * set-port, used-vlans.
 *
 * Ports are made by the controller, as portgroups, switches and hosts demand;
 * so add-port raises a number, and del-port lowers one. */

#include <config.h>

#include <limits.h>

#include "bitmap.h"
#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-setting.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-policy.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-room.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* List. */

/* What list-ports is asked for (vSphere's
 * DistributedVirtualSwitchPortCriteria and the newer filters); a member that
 * is null, or -1, asks for everything. */
struct criteria {
    struct svec portgroups;     /* Names; "" stands for none. */
    struct svec keys;
    struct svec hosts;
    const char *nic;            /* Part of its NIC's id.  Not owned. */
    int64_t vlan;               /* A VLAN that it carries, 0 for untagged. */
    int inside, connected, active, uplink, blocked; /* 0, 1 or -1... */
    int nsx;                    /* ...as well; no portgroup is NSX's. */
};

static void
pre_list_ports(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_settings(ctx);
    ctl_need_port_states(ctx);
}

/* Parses the value of a criterion that is true or false.  Returns null if
 * 'key' is none. */
static int *
find_flag(struct criteria *c, const char *key)
{
    return (!strcmp(key, "inside") ? &c->inside
            : !strcmp(key, "connected") ? &c->connected
            : !strcmp(key, "active") ? &c->active
            : !strcmp(key, "uplink") ? &c->uplink
            : !strcmp(key, "blocked") ? &c->blocked
            : !strcmp(key, "nsx") ? &c->nsx
            : NULL);
}

static bool
parse_criterion(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                const char *arg, struct criteria *c)
{
    char *fault = NULL;
    const char *value;
    bool yes = false;
    char *key;

    if (!ctl_split_assignment(ctx, arg, &key, &value)) {
        return false;
    }

    int *flag = find_flag(c, key);
    if (!strcmp(key, "portgroup")) {
        const char *slash = strchr(value, '/');
        size_t n = slash ? slash - value : 0;

        if (n && !strncmp(value, sw->name, n) && !sw->name[n]) {
            value = slash + 1;
        }
        if (!value[0] || ctl_find_portgroup_in(ctx, sw, value)) {
            svec_add(&c->portgroups, value);
        }
    } else if (!strcmp(key, "key")) {
        fault = ctl_parse_names(key, value, &c->keys);
    } else if (!strcmp(key, "host")) {
        fault = ctl_parse_names(key, value, &c->hosts);
    } else if (!strcmp(key, "nic")) {
        c->nic = value;
    } else if (!strcmp(key, "vlan")) {
        fault = ctl_parse_integer(key, value, 0, DVS_VLAN_MAX, &c->vlan);
    } else if (!strcmp(key, "scope")) {
        fault = xstrdup("NotSupported: ports and portgroups have no scope, "
                        "which vSphere has deprecated");
    } else if (flag) {
        fault = ctl_parse_bool(key, value, &yes);
        *flag = yes;
    } else {
        fault = xasprintf("InvalidArgument: \"%s\" is no criterion, only "
                          "portgroup, inside, key, host, nic, vlan, "
                          "connected, active, blocked, uplink and nsx are",
                          key);
    }
    free(key);
    if (fault) {
        ctl_error(ctx, "%s", fault);
        free(fault);
    }
    return !ctx->error;
}

/* Returns true if frames of 'vlan', 0 for those without a tag, may pass a port
 * with 'policy'. */
static bool
carries_vlan(const struct dvs_vlan *policy, int64_t vlan)
{
    switch (policy->mode) {
    case DVS_VLAN_NONE:
        return vlan == 0;
    case DVS_VLAN_ACCESS:
    case DVS_VLAN_PRIVATE:
        return vlan == policy->id;
    case DVS_VLAN_TRUNK:
        for (size_t i = 0; i < policy->n_trunks; i++) {
            if (vlan >= policy->trunks[i].start
                && vlan <= policy->trunks[i].end) {
                return true;
            }
        }
        return false;
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns true if the policy of 'port' is as 'c' wants it. */
static bool
policy_matches(struct ctl_context *ctx, const struct criteria *c,
               const struct dvsrec_port *port)
{
    const struct ctl_target target = {
        .sw = port->switch_, .pg = port->portgroup, .port = port
    };
    struct dvs_setting setting;

    if (c->blocked < 0 && c->vlan < 0) {
        return true;
    }
    bool ok = (ctl_effective_setting(ctx, &target, &setting, NULL)
               && (c->blocked < 0 || c->blocked == setting.blocked)
               && (c->vlan < 0 || carries_vlan(&setting.vlan, c->vlan)));
    dvs_setting_destroy(&setting);
    return ok;
}

/* Returns true if the portgroup of 'port' is one that 'c' wants: one of those
 * named or, with inside=no, none of them.  If none is named, inside=yes means
 * any portgroup, and inside=no a standalone port. */
static bool
portgroup_matches(const struct criteria *c, const struct dvsrec_port *port)
{
    const char *pg = port->portgroup ? port->portgroup->name : "";
    bool inside = (c->portgroups.n
                   ? svec_contains_unsorted(&c->portgroups, pg)
                   : c->inside < 0 || port->portgroup);

    return inside == (c->inside != 0);
}

static bool
matches(struct ctl_context *ctx, const struct criteria *c,
        const struct dvsrec_port *port, const struct dvsrec_port_state *state)
{
    const char *host = ctl_port_host(port, state);
    const char *nic = port->connectee ? port->connectee->id : port->pnic;
    bool connected = port->connectee || port->pnic;
    bool active = connected && state && state->link_up && *state->link_up;
    bool uplink = port->portgroup && port->portgroup->uplink;

    return (portgroup_matches(c, port)
            && (!c->keys.n || svec_contains_unsorted(&c->keys, port->key))
            && (!c->hosts.n
                || (host && svec_contains_unsorted(&c->hosts, host)))
            && (c->connected < 0 || c->connected == connected)
            && (c->active < 0 || c->active == active)
            && (c->uplink < 0 || c->uplink == uplink)
            && c->nsx != 1
            && (!c->nic || (nic && strstr(nic, c->nic)))
            && policy_matches(ctx, c, port));
}

static void
put_port(struct ctl_table *table, const struct dvsrec_port *port,
         const struct dvsrec_port_state *state)
{
    ctl_table_add_row(table);
    ctl_table_put(table, port->key);
    ctl_table_put(table, port->portgroup ? port->portgroup->name : NULL);
    ctl_table_put(table, port->name);
    ctl_table_put(table, (port->connectee ? port->connectee->id
                          : port->pnic));
    ctl_table_put(table, ctl_port_mac(port, state));
    ctl_table_put(table, ctl_port_host(port, state));
    ctl_table_put(table, ctl_port_status(port, state));
    ctl_table_put(table, (port->uplink_name ? port->uplink_name
                          : state && state->uplink[0] ? state->uplink
                          : NULL));
    if (port->n_faults) {
        ctl_table_join(table, port->faults, port->n_faults, "; ");
    } else {
        ctl_table_put(table, state ? state->fault : NULL);
    }
}

static void
cmd_list_ports(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "key", true }, { "portgroup", false }, { "name", false },
        { "nic", false }, { "mac", false }, { "host", false },
        { "status", false }, { "uplink", false }, { "faults", false },
    };
    struct criteria c = {
        .portgroups = SVEC_EMPTY_INITIALIZER,
        .keys = SVEC_EMPTY_INITIALIZER,
        .hosts = SVEC_EMPTY_INITIALIZER,
        .vlan = -1, .inside = -1,
        .connected = -1, .active = -1, .uplink = -1, .blocked = -1,
        .nsx = -1,
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    bool ok = sw != NULL;

    for (int i = 2; i < ctx->argc && ok; i++) {
        ok = parse_criterion(ctx, sw, ctx->argv[i], &c);
    }
    if (ok) {
        const struct dvsrec_port *port;
        struct ctl_table table;
        struct shash states;

        ctl_port_states_init(ctx, sw, &states);
        ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
        DVSREC_PORT_FOR_EACH (port, ctx->idl) {
            if (port->switch_ == sw) {
                const struct dvsrec_port_state *state
                    = shash_find_data(&states, port->key);

                if (matches(ctx, &c, port, state)) {
                    put_port(&table, port, state);
                }
            }
        }
        ctl_table_finish(&table, ctx);
        shash_destroy(&states);
    }
    svec_destroy(&c.portgroups);
    svec_destroy(&c.keys);
    svec_destroy(&c.hosts);
}

static void
pre_show_port(struct ctl_context *ctx)
{
    ctl_need_target(ctx, ctx->argv[1]);
    ctl_need_nic(ctx, NULL);
    ctl_need_port_states(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_learned_macs);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_learned_mac_count);
}

static void
put_line(struct ctl_context *ctx, const char *name, const char *value)
{
    if (value && value[0]) {
        ds_put_format(&ctx->output, "    %s: %s\n", name, value);
    }
}

/* Prints what the port itself sets of its policy. */
static void
show_overrides(struct ctl_context *ctx, const struct ctl_target *target)
{
    struct smap smap = SMAP_INITIALIZER(&smap);
    struct dvs_setting setting;

    if (ctl_load_setting(ctx, target, &setting)) {
        dvs_setting_to_smap(&setting, &smap);

        const struct smap_node **nodes = smap_sort(&smap);
        for (size_t i = 0; i < smap_count(&smap); i++) {
            ds_put_format(&ctx->output, "    overrides: %s=%s\n",
                          nodes[i]->key, nodes[i]->value);
        }
        free(nodes);
    }
    smap_destroy(&smap);
    dvs_setting_destroy(&setting);
}

/* Prints the MACs that the port at 'state' has learned. */
static void
show_learned(struct ctl_context *ctx, const struct dvsrec_port_state *state)
{
    if (!state->learned_mac_count) {
        return;
    }
    ds_put_format(&ctx->output, "    learned MACs: %"PRId64"\n",
                  state->learned_mac_count);
    for (size_t i = 0; i < state->n_learned_macs; i++) {
        const char *mac = state->learned_macs[i];
        const char *vlan = strchr(mac, '@');

        ds_put_format(&ctx->output, "        %.*s", (int) strcspn(mac, "@"),
                      mac);
        if (vlan) {
            ds_put_format(&ctx->output, "  VLAN %s", vlan + 1);
        }
        ds_put_char(&ctx->output, '\n');
    }
    if (state->n_learned_macs < state->learned_mac_count) {
        ds_put_cstr(&ctx->output, "        ...\n");
    }
}

static void
cmd_show_port(struct ctl_context *ctx)
{
    const struct dvsrec_port *port = ctl_find_port(ctx, ctx->argv[1], true);
    if (!port) {
        return;
    }

    struct shash states;
    ctl_port_states_init(ctx, port->switch_, &states);

    const struct dvsrec_port_state *state = shash_find_data(&states,
                                                            port->key);
    struct ctl_target target = {
        .sw = port->switch_, .pg = port->portgroup, .port = port
    };
    char *vlan = ctl_effective_vlan(ctx, &target);

    ds_put_format(&ctx->output, "port \"%s:%s\"\n", port->switch_->name,
                  port->key);
    put_line(ctx, "portgroup", port->portgroup ? port->portgroup->name : NULL);
    put_line(ctx, "name", port->name);
    put_line(ctx, "description", port->description);
    put_line(ctx, "NIC", port->connectee ? port->connectee->id : port->pnic);
    put_line(ctx, "MAC", ctl_port_mac(port, state));
    put_line(ctx, "host", ctl_port_host(port, state));
    put_line(ctx, "status", ctl_port_status(port, state));
    put_line(ctx, "VLAN", vlan);
    if (port->conflict) {
        put_line(ctx, "instead of", port->conflict_key);
    }
    if (port->uplink_name) {
        put_line(ctx, "uplink port of", port->uplink_name);
    }
    if (state) {
        put_line(ctx, "interface", state->interface);
        put_line(ctx, "VM", state->vm);
        put_line(ctx, "VLAN on host", state->vlans);
        put_line(ctx, "uplink in use", state->uplink);
        put_line(ctx, "fault on host", state->fault);
        show_learned(ctx, state);
    }
    show_overrides(ctx, &target);
    for (size_t i = 0; i < port->n_faults; i++) {
        put_line(ctx, "fault", port->faults[i]);
    }
    free(vlan);
    shash_destroy(&states);
}

/* Change. */

static char *
set_name(struct ctl_context *ctx OVS_UNUSED, const void *port,
         const char *value)
{
    dvsrec_port_set_name(port, value);
    return NULL;
}

static char *
set_description(struct ctl_context *ctx OVS_UNUSED, const void *port,
                const char *value)
{
    dvsrec_port_set_description(port, value);
    return NULL;
}

const struct ctl_key dvsctl_port_keys[] = {
    { "name", "NAME", "name of the port", set_name },
    { "description", "TEXT", "what the port is for", set_description },
    { NULL, NULL, NULL, NULL },
};

static void
pre_set_port(struct ctl_context *ctx)
{
    ctl_need_target(ctx, ctx->argv[1]);
}

static void
cmd_set_port(struct ctl_context *ctx)
{
    const struct dvsrec_port *port = ctl_find_port(ctx, ctx->argv[1], true);
    if (!port) {
        return;
    }

    struct ctl_target target = {
        .sw = port->switch_, .pg = port->portgroup, .port = port
    };
    struct dvs_setting setting;

    if (ctl_load_setting(ctx, &target, &setting)
        && ctl_set_keys(ctx, 2, dvsctl_port_keys, port, &setting)) {
        ctl_store_setting(ctx, &target, &setting);
    }
    dvs_setting_destroy(&setting);
}

static void
pre_add_port(struct ctl_context *ctx)
{
    ctl_need_room(ctx);
    ctl_need_settings(ctx);
}

static void
cmd_add_port(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);

    if (sw && ctl_fetch_room(ctx, sw)) {
        /* Another client may be adding one at this moment. */
        dvsrec_switch_verify_num_standalone_ports(sw);
        dvsrec_switch_set_num_standalone_ports(sw,
                                               sw->num_standalone_ports + 1);
    }
}

static void
pre_del_port(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
}

static void
cmd_del_port(struct ctl_context *ctx)
{
    bool must_exist = !ctl_has_option(ctx, "--if-exists");
    const struct dvsrec_port *port = ctl_find_port(ctx, ctx->argv[1],
                                                   must_exist);
    if (!port) {
        return;
    }

    const struct dvsrec_switch *sw = port->switch_;
    const struct dvsrec_portgroup *pg = port->portgroup;
    const struct dvsrec_vnic *nic = ctl_port_nic(ctx, port);
    if (nic) {
        ctl_fault(ctx, "ResourceInUse", "port \"%s:%s\" is connected to NIC "
                  "\"%s\"", sw->name, port->key, nic->id);
    } else if (pg && pg->uplink) {
        ctl_fault(ctx, "ResourceInUse", "port \"%s:%s\" is uplink \"%s\" of "
                  "host \"%s\"", sw->name, port->key,
                  port->uplink_name ? port->uplink_name : "",
                  port->uplink_host ? port->uplink_host : "");
    } else {
        /* Otherwise the controller would make another port in its place. */
        if (pg) {
            dvsrec_portgroup_verify_num_ports(pg);
            dvsrec_portgroup_set_num_ports(pg, MAX(pg->num_ports - 1, 0));
        } else {
            dvsrec_switch_verify_num_standalone_ports(sw);
            dvsrec_switch_set_num_standalone_ports(
                sw, MAX(sw->num_standalone_ports - 1, 0));
        }
        dvsrec_port_delete(port);
    }
}

/* VLANs. */

static void
pre_used_vlans(struct ctl_context *ctx)
{
    ctl_need_ports(ctx);
    ctl_need_settings(ctx);
}

/* Adds the VLANs of 'target' to 'vlans'.  Private VLANs do not count, nor do
 * untagged frames. */
static bool
add_vlans(struct ctl_context *ctx, const struct ctl_target *target,
          unsigned long int *vlans)
{
    struct dvs_setting setting;
    bool ok = ctl_effective_setting(ctx, target, &setting, NULL);

    if (ok && setting.vlan.mode == DVS_VLAN_ACCESS) {
        bitmap_set1(vlans, setting.vlan.id);
    } else if (ok && setting.vlan.mode == DVS_VLAN_TRUNK) {
        for (size_t i = 0; i < setting.vlan.n_trunks; i++) {
            const struct dvs_range *range = &setting.vlan.trunks[i];

            bitmap_set_multiple(vlans, range->start,
                                range->end - range->start + 1, true);
        }
    }
    dvs_setting_destroy(&setting);
    return ok;
}

static void
cmd_used_vlans(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    if (!sw) {
        return;
    }

    unsigned long int *vlans = bitmap_allocate(DVS_VLAN_MAX + 1);
    struct ctl_target target = { .sw = sw };
    bool ok = true;

    DVSREC_PORTGROUP_FOR_EACH (target.pg, ctx->idl) {
        if (target.pg->switch_ == sw && !target.pg->uplink) {
            ok = ok && add_vlans(ctx, &target, vlans);
        }
    }

    /* A port without a setting of its own is covered by its portgroup or, if
     * it is standalone, by the switch. */
    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        target.pg = port->portgroup;
        target.port = port->setting ? port : NULL;
        if (port->switch_ == sw && (!target.pg || !target.pg->uplink)
            && (!target.pg || target.port)) {
            ok = ok && add_vlans(ctx, &target, vlans);
        }
    }

    size_t vlan = 1;
    while (ok) {
        vlan = bitmap_scan(vlans, true, vlan, DVS_VLAN_MAX + 1);
        if (vlan > DVS_VLAN_MAX) {
            break;
        }

        size_t end = bitmap_scan(vlans, false, vlan, DVS_VLAN_MAX + 1);
        if (end - vlan > 1) {
            ds_put_format(&ctx->output, "%"PRIuSIZE"-%"PRIuSIZE"\n", vlan,
                          end - 1);
        } else {
            ds_put_format(&ctx->output, "%"PRIuSIZE"\n", vlan);
        }
        vlan = end;
    }
    bitmap_free(vlans);
}

const struct dvsctl_command dvsctl_port_commands[] = {
    { { "list-ports", 1, INT_MAX, "SWITCH [CRITERION]...", pre_list_ports,
        cmd_list_ports, NULL, "--columns=", RO },
      "list the ports of SWITCH; criteria are portgroup=, inside=, key=, "
      "host=, nic=, vlan=, connected=, active=, blocked=, uplink= and nsx=" },
    { { "show-port", 1, 1, "SWITCH:KEY", pre_show_port, cmd_show_port, NULL,
        "", RO },
      "print what is known of a port" },
    { { "add-port", 1, 1, "SWITCH", pre_add_port, cmd_add_port, NULL, "",
        RW },
      "add a standalone port to SWITCH" },
    { { "set-port", 2, INT_MAX, "SWITCH:KEY KEY=VALUE...", pre_set_port,
        cmd_set_port, NULL, "", RW },
      "change a port" },
    { { "del-port", 1, 1, "SWITCH:KEY", pre_del_port, cmd_del_port, NULL,
        "--if-exists", RW },
      "delete a free port" },
    { { "used-vlans", 1, 1, "SWITCH", pre_used_vlans, cmd_used_vlans, NULL,
        "", RO },
      "list the VLANs that SWITCH uses" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

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

/* dvsctl's commands for switches: add-switch, set-switch, del-switch,
 * list-switches. */

#include <config.h>

#include <inttypes.h>
#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-policy.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-uplink.h"
#include "utilities/ctl-view.h"

/* Keys. */

static char *
set_name(struct ctl_context *ctx, const void *sw_, const char *value)
{
    const struct dvsrec_switch *sw = sw_;
    const struct dvsrec_switch *other = ctl_find_switch(ctx, value, false);

    if (other == sw) {
        return NULL;
    } else if (other) {
        return xasprintf("DuplicateName: there already is a switch \"%s\"",
                         value);
    }

    /* The bridge on each host stays, whatever the switch is called. */
    if (!sw->bridge_name) {
        char *bridge = dvs_bridge_name_from_switch(sw->name);
        dvsrec_switch_set_bridge_name(sw, bridge);
        free(bridge);
    }
    dvsrec_switch_set_name(sw, value);
    return NULL;
}

static char *
set_description(struct ctl_context *ctx OVS_UNUSED, const void *sw,
                const char *value)
{
    dvsrec_switch_set_description(sw, value);
    return NULL;
}

static char *
set_contact_key(const struct dvsrec_switch *sw, const char *key,
                const char *value)
{
    struct smap contact;

    smap_clone(&contact, &sw->contact);
    if (value[0]) {
        smap_replace(&contact, key, value);
    } else {
        smap_remove(&contact, key);
    }
    dvsrec_switch_set_contact(sw, &contact);
    smap_destroy(&contact);
    return NULL;
}

static char *
set_contact(struct ctl_context *ctx OVS_UNUSED, const void *sw,
            const char *value)
{
    return set_contact_key(sw, "contact", value);
}

static char *
set_contact_name(struct ctl_context *ctx OVS_UNUSED, const void *sw,
                 const char *value)
{
    return set_contact_key(sw, "name", value);
}

static char *
set_mtu(struct ctl_context *ctx OVS_UNUSED, const void *sw, const char *value)
{
    int64_t mtu;
    char *fault = NULL;

    if (value[0]) {
        fault = ctl_parse_integer("mtu", value, DVS_MTU_MIN, DVS_MTU_MAX,
                                  &mtu);
    }
    if (!fault) {
        dvsrec_switch_set_mtu(sw, &mtu, value[0] != '\0');
    }
    return fault;
}

static char *
set_bridge(struct ctl_context *ctx OVS_UNUSED, const void *sw,
           const char *value)
{
    if (strlen(value) > DVS_BRIDGE_NAME_MAX) {
        return xasprintf("InvalidName: bridge \"%s\" has more than %d "
                         "characters", value, DVS_BRIDGE_NAME_MAX);
    }
    dvsrec_switch_set_bridge_name(sw, value[0] ? value : NULL);
    return NULL;
}

static char *
set_datapath(struct ctl_context *ctx OVS_UNUSED, const void *sw,
             const char *value)
{
    if (value[0] && strcmp(value, "system") && strcmp(value, "netdev")) {
        return ctl_bad_value("datapath", value, "system or netdev");
    }
    dvsrec_switch_set_datapath_type(sw, value[0] ? value : NULL);
    return NULL;
}

/* Returns how many standalone ports of 'sw' NICs have, or ask for. */
static size_t
count_standalone_ports_in_use(struct ctl_context *ctx,
                              const struct dvsrec_switch *sw)
{
    const struct dvsrec_port *port;
    size_t n = 0;

    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        n += (port->switch_ == sw && !port->portgroup
              && ctl_port_nic(ctx, port));
    }
    return n;
}

static char *
set_ports(struct ctl_context *ctx, const void *sw_, const char *value)
{
    const struct dvsrec_switch *sw = sw_;
    int64_t n_ports = 0;

    if (value[0]) {
        char *fault = ctl_parse_integer("ports", value, 0, DVS_PORTS_MAX,
                                        &n_ports);
        if (fault) {
            return fault;
        }
    }

    size_t n_used = count_standalone_ports_in_use(ctx, sw);
    if (n_ports < sw->num_standalone_ports && n_ports < n_used) {
        return xasprintf("ResourceInUse: switch \"%s\" has %"PRIuSIZE
                         " standalone port%s in use", sw->name, n_used,
                         n_used == 1 ? "" : "s");
    }
    dvsrec_switch_set_num_standalone_ports(sw, n_ports);
    return NULL;
}

/* PROTOCOL:OPERATION, or PROTOCOL, or "none". */
static char *
set_discovery(struct ctl_context *ctx OVS_UNUSED, const void *sw,
              const char *value)
{
    static const char *const operations[] = {
        "none", "listen", "advertise", "both"
    };
    size_t n = strcspn(value, ":");
    const char *operation = value[n] ? value + n + 1 : NULL;
    const char *protocol = NULL;

    if (!strcmp(value, "none")) {
        operation = value;
    } else if (n == 3 && !strncmp(value, "cdp", n)) {
        protocol = "cdp";
    } else if (n == 4 && !strncmp(value, "lldp", n)) {
        protocol = "lldp";
    } else if (value[0]) {
        operation = "";
    }

    bool ok = !operation;
    for (size_t i = 0; i < ARRAY_SIZE(operations) && !ok; i++) {
        ok = !strcmp(operation, operations[i]);
    }
    if (!ok) {
        return ctl_bad_value("discovery", value, "none, or cdp or lldp with "
                             "an optional :listen, :advertise or :both");
    }
    dvsrec_switch_set_discovery_protocol(sw, protocol);
    dvsrec_switch_set_discovery_operation(sw, operation);
    return NULL;
}

static char *
set_max_ports(struct ctl_context *ctx OVS_UNUSED, const void *sw,
              const char *value)
{
    int64_t max;
    size_t n;
    char *fault = ctl_parse_optional("max-ports", value, 0,
                                     DVS_MAX_PORTS_MAX, &max, &n);

    if (!fault) {
        dvsrec_switch_set_max_ports(sw, &max, n);
    }
    return fault;
}

static char *
set_multicast(struct ctl_context *ctx OVS_UNUSED, const void *sw,
              const char *value)
{
    if (value[0] && strcmp(value, "basic") && strcmp(value, "snooping")) {
        return ctl_bad_value("multicast", value, "basic or snooping");
    }
    dvsrec_switch_set_multicast_filtering(sw, value[0] ? value : NULL);
    return NULL;
}

static char *
set_resource_management(struct ctl_context *ctx OVS_UNUSED, const void *sw,
                        const char *value)
{
    bool on = false;
    char *fault = (value[0]
                   ? ctl_parse_bool("resource-management", value, &on) : NULL);

    if (!fault) {
        dvsrec_switch_set_resource_management(sw, &on, value[0] ? 1 : 0);
    }
    return fault;
}

static char *
set_reservation_ratio(struct ctl_context *ctx OVS_UNUSED, const void *sw,
                      const char *value)
{
    int64_t ratio;
    size_t n;
    char *fault = ctl_parse_optional("reservation-ratio", value, 0,
                                     DVS_RESERVATION_RATIO_MAX, &ratio, &n);

    if (!fault) {
        dvsrec_switch_set_reservation_ratio(sw, &ratio, n);
    }
    return fault;
}

/* Uplinks. */

/* Parses 'value', a number of uplinks or their names, into 'names'.  A number
 * keeps as many of 'old' as it can. */
static char *
parse_uplinks(const char *value, const struct svec *old, struct svec *names)
{
    if (!value[strspn(value, "0123456789")]) {
        int64_t n = DVS_UPLINKS_DEFAULT;
        char *fault = NULL;

        if (value[0]) {
            fault = ctl_parse_integer("uplinks", value, 0, DVS_UPLINKS_MAX,
                                      &n);
        }
        for (int i = 0; i < n && !fault; i++) {
            if (i < old->n) {
                svec_add(names, old->names[i]);
            } else {
                svec_add_nocopy(names,
                                xasprintf(DVS_UPLINK_NAME_FORMAT, i + 1));
            }
        }
        return fault;
    }

    char *fault = ctl_parse_names("uplinks", value, names);
    if (!fault && names->n > DVS_UPLINKS_MAX) {
        fault = xasprintf("LimitExceeded: a switch has at most %d "
                          "uplinks", DVS_UPLINKS_MAX);
    }
    return fault;
}

static void
write_uplinks(const struct dvsrec_switch *sw, const struct svec *names)
{
    int64_t *positions = xmalloc((names->n + 1) * sizeof *positions);

    for (size_t i = 0; i < names->n; i++) {
        positions[i] = i;
    }
    dvsrec_switch_set_uplinks(sw, positions, (const char **) names->names,
                              names->n);
    free(positions);
}

static char *
set_uplinks(struct ctl_context *ctx, const void *sw_, const char *value)
{
    const struct dvsrec_switch *sw = sw_;
    struct svec old = SVEC_EMPTY_INITIALIZER;
    struct svec new = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < sw->n_uplinks; i++) {
        svec_add(&old, sw->value_uplinks[i]);
    }

    char *fault = parse_uplinks(value, &old, &new);
    if (!fault) {
        fault = ctl_rename_uplinks(ctx, sw, &old, &new);
    }
    if (!fault) {
        write_uplinks(sw, &new);
    }
    svec_destroy(&old);
    svec_destroy(&new);
    return fault;
}

static char *
set_version(struct ctl_context *ctx OVS_UNUSED, const void *sw,
            const char *value)
{
    dvsrec_switch_set_version(sw, value[0] ? value : NULL);
    return NULL;
}

const struct ctl_key dvsctl_switch_keys[] = {
    { "name", "NAME", "another name", set_name },
    { "uplinks", "N|NAME,...", "number or names of the uplinks (4)",
      set_uplinks },
    { "mtu", "BYTES", "MTU of the switch on all hosts (1500)", set_mtu },
    { "bridge", "NAME", "name of its bridge on each host", set_bridge },
    { "datapath", "system|netdev", "kernel's or userspace datapath (system)",
      set_datapath },
    { "ports", "N", "number of standalone ports (0)", set_ports },
    { "max-ports", "N", "most ports of all kinds (no limit)",
      set_max_ports },
    { "discovery", "none|PROTO[:OP]", "cdp or lldp; listen, advertise, both",
      set_discovery },
    { "multicast", "basic|snooping", "multicast filtering", set_multicast },
    { "resource-management", "yes|no", "share uplinks out by class of "
      "traffic (no)", set_resource_management },
    { "reservation-ratio", "PERCENT", "of the slowest uplink, what classes "
      "may reserve (75)", set_reservation_ratio },
    { "version", "VERSION", "feature level (the newest)", set_version },
    { "description", "TEXT", "what the switch is for", set_description },
    { "contact", "TEXT", "how to reach who is responsible", set_contact },
    { "contact-name", "TEXT", "who is responsible", set_contact_name },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

/* A change of uplinks concerns all that refers to them, and one of the number
 * of ports concerns the NICs on them. */
static void
pre_set_switch(struct ctl_context *ctx)
{
    ctl_need_settings(ctx);
    ctl_need_switches(ctx);
    for (int i = 2; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], "uplinks=", 8)) {
            ctl_need_ports(ctx);
            ctl_need_members(ctx);
            ctl_need_hosts(ctx);
        } else if (!strncmp(ctx->argv[i], "ports=", 6)) {
            ctl_need_nics(ctx);
            ctl_need_members(ctx);
        } else if (!strncmp(ctx->argv[i], "max-ports=", 10)) {
            ctl_need_portgroups(ctx);
            ctl_need_members(ctx);
        }
    }
}

/* A new switch has nothing of that. */
static void
pre_add_switch(struct ctl_context *ctx)
{
    if (ctl_has_option(ctx, "--may-exist")) {
        pre_set_switch(ctx);
    } else {
        ctl_need_settings(ctx);
        ctl_need_switches(ctx);
    }
}

static void
cmd_add_switch(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, name, false);

    if (sw && !ctl_has_option(ctx, "--may-exist")) {
        ctl_fault(ctx, "DuplicateName", "there already is a switch \"%s\"",
                  name);
        return;
    }
    if (!sw) {
        sw = dvsrec_switch_insert(ctx->txn);
        dvsrec_switch_set_name(sw, name);
        set_uplinks(ctx, sw, "");
    }
    ctl_set_keys(ctx, 2, dvsctl_switch_keys, sw, NULL);
}

static void
cmd_set_switch(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);

    if (sw) {
        ctl_set_keys(ctx, 2, dvsctl_switch_keys, sw, NULL);
    }
}

/* What has a switch as its parent. */
static void
pre_del_switch(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_members(ctx);
    ctl_need_settings(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_lag_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_private_vlan_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_mirror_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_ipfix_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_traffic_class_col_switch_);
}

static void
cmd_del_switch(struct ctl_context *ctx)
{
    bool must_exist = !ctl_has_option(ctx, "--if-exists");
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1],
                                                     must_exist);
    if (!sw) {
        return;
    }

    const struct ctl_target target = { .sw = sw };
    if (!ctl_check_disconnected(ctx, &target)) {
        return;
    }

#define DELETE_CHILDREN(STRUCT, MACRO)                      \
    do {                                                    \
        const struct dvsrec_##STRUCT *row, *next;           \
        DVSREC_##MACRO##_FOR_EACH_SAFE (row, next, ctx->idl) { \
            if (row->switch_ == sw) {                       \
                dvsrec_##STRUCT##_delete(row);              \
            }                                               \
        }                                                   \
    } while (0)
    const struct dvsrec_portgroup *pg;
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (pg->switch_ == sw) {
            ctl_drop_setting(pg->setting);
        }
    }
    DELETE_CHILDREN(mirror, MIRROR);
    DELETE_CHILDREN(ipfix, IPFIX);
    DELETE_CHILDREN(lag, LAG);
    DELETE_CHILDREN(private_vlan, PRIVATE_VLAN);
    DELETE_CHILDREN(traffic_class, TRAFFIC_CLASS);
    DELETE_CHILDREN(host_member, HOST_MEMBER);
    DELETE_CHILDREN(port, PORT);
    DELETE_CHILDREN(portgroup, PORTGROUP);
    DELETE_CHILDREN(resource_pool, RESOURCE_POOL);
#undef DELETE_CHILDREN
    dvsrec_switch_delete(sw);
}

static void
pre_list_switches(struct ctl_context *ctx)
{
    ctl_need_members(ctx);
    ctl_need_portgroups(ctx);
}

static void
cmd_list_switches(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "name", false }, { "bridge", false }, { "mtu", true },
        { "uplinks", false }, { "hosts", true }, { "portgroups", true },
        { "ports", true }, { "faults", false },
    };
    const struct dvsrec_switch *sw;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        const struct dvsrec_host_member *member;
        int n_members = 0;
        DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
            n_members += member->switch_ == sw;
        }

        const struct dvsrec_portgroup *pg;
        int n_portgroups = 0;
        DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
            n_portgroups += pg->switch_ == sw && !pg->uplink;
        }

        ctl_table_add_row(&table);
        ctl_table_put(&table, sw->name);
        ctl_table_put_nocopy(&table, sw->bridge_name
                             ? xstrdup(sw->bridge_name)
                             : dvs_bridge_name_from_switch(sw->name));
        ctl_table_format(&table, "%d", (sw->n_mtu ? (int) *sw->mtu
                                        : DVS_MTU_DEFAULT));
        ctl_table_join(&table, sw->value_uplinks, sw->n_uplinks, ",");
        ctl_table_format(&table, "%d", n_members);
        ctl_table_format(&table, "%d", n_portgroups);
        ctl_table_format(&table, "%"PRId64, sw->port_count);
        ctl_table_join(&table, sw->faults, sw->n_faults, "; ");
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_switch_commands[] = {
    { { "add-switch", 1, INT_MAX, "SWITCH [KEY=VALUE]...", pre_add_switch,
        cmd_add_switch, NULL, "--may-exist", RW },
      "create SWITCH" },
    { { "set-switch", 2, INT_MAX, "SWITCH KEY=VALUE...", pre_set_switch,
        cmd_set_switch, NULL, "", RW },
      "change SWITCH" },
    { { "del-switch", 1, 1, "SWITCH", pre_del_switch, cmd_del_switch, NULL,
        "--if-exists", RW },
      "delete SWITCH and all that belongs to it" },
    { { "list-switches", 0, 0, "", pre_list_switches, cmd_list_switches,
        NULL, "--columns=", RO },
      "list the switches" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

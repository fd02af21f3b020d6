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

/* dvsctl's commands for portgroups: add-portgroup, set-portgroup,
 * del-portgroup, list-portgroups, find-portgroup. */

#include <config.h>

#include "utilities/ctl-portgroup.h"

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
#include "utilities/ctl-room.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* The words for the types of portgroups; vSphere's client calls them so, and
 * its API as the database does. */
static const struct type_word {
    const char *word;
    const char *type;           /* Column "type". */
} type_words[] = {
    { "static", "early_binding" },
    { "dynamic", "late_binding" },
    { "ephemeral", "ephemeral" },
};

/* Returns the word for 'type', a value of Portgroup's column "type". */
const char *
ctl_portgroup_type_word(const char *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(type_words); i++) {
        if (!strcmp(type, type_words[i].type)) {
            return type_words[i].word;
        }
    }
    return type;
}

/* Returns how many NICs have a port of 'pg'.  Those that ask for one of a
 * static portgroup get one, plugged or not. */
static size_t
connected_nics(struct ctl_context *ctx, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic *nic;
    size_t n = 0;

    if (!strcmp(pg->type, "early_binding")) {
        return ctl_portgroup_nics(ctx, pg);
    }
    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        n += nic->connection && nic->connection->portgroup == pg;
    }
    return n;
}

/* Keys. */

static char *
set_name(struct ctl_context *ctx, const void *pg_, const char *value)
{
    const struct dvsrec_portgroup *pg = pg_;
    const struct dvsrec_portgroup *other = ctl_portgroup_by_name(
        ctx, pg->switch_, value);

    if (other && other != pg) {
        return xasprintf("DuplicateName: switch \"%s\" already has a "
                         "portgroup \"%s\"", pg->switch_->name, value);
    }
    dvsrec_portgroup_set_name(pg, value);
    return NULL;
}

static char *
set_type(struct ctl_context *ctx, const void *pg_, const char *value)
{
    const struct dvsrec_portgroup *pg = pg_;
    const char *type = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(type_words); i++) {
        if (!strcmp(value, type_words[i].word)
            || !strcmp(value, type_words[i].type)) {
            type = type_words[i].type;
        }
    }
    if (!type) {
        return ctl_bad_value("type", value, "static, dynamic or ephemeral");
    }

    size_t n_used = connected_nics(ctx, pg);
    if (n_used && strcmp(type, pg->type)) {
        return xasprintf("ResourceInUse: type of portgroup \"%s\" cannot "
                         "change while NICs are connected to it (%"PRIuSIZE
                         ")", pg->name, n_used);
    }
    dvsrec_portgroup_set_type(pg, type);
    return NULL;
}

static char *
set_ports(struct ctl_context *ctx, const void *pg_, const char *value)
{
    const struct dvsrec_portgroup *pg = pg_;
    int64_t n_ports;

    char *fault = ctl_parse_integer("ports", value, 0, DVS_PORTS_MAX,
                                    &n_ports);
    if (!fault) {
        size_t n_used = connected_nics(ctx, pg);

        if (n_ports < pg->num_ports && n_ports < n_used) {
            return xasprintf("ResourceInUse: portgroup \"%s\" has %"PRIuSIZE
                             " port%s in use", pg->name, n_used,
                             n_used == 1 ? "" : "s");
        }
        dvsrec_portgroup_set_num_ports(pg, n_ports);
    }
    return fault;
}

static char *
set_auto_expand(struct ctl_context *ctx OVS_UNUSED, const void *pg,
                const char *value)
{
    bool yes;
    char *fault = ctl_parse_bool("auto-expand", value, &yes);

    if (!fault) {
        dvsrec_portgroup_set_auto_expand(pg, yes);
    }
    return fault;
}

static char *
set_name_format(struct ctl_context *ctx OVS_UNUSED, const void *pg,
                const char *value)
{
    dvsrec_portgroup_set_port_name_format(pg, value[0] ? value : NULL);
    return NULL;
}

static char *
set_override(struct ctl_context *ctx OVS_UNUSED, const void *pg,
             const char *value)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    char *fault = NULL;

    if (value[0]) {
        fault = ctl_parse_names("override", value, &words);
    }
    for (size_t i = 0; i < words.n && !fault; i++) {
        const char *word = words.names[i];
        enum dvs_override override;

        if (!strcmp(word, "none") ? words.n > 1
            : !dvs_override_from_string(word, &override)) {
            struct ds expected = DS_EMPTY_INITIALIZER;

            ds_put_cstr(&expected, "none, or some of");
            for (int j = 0; j < DVS_N_OVERRIDES; j++) {
                ds_put_format(&expected, "%s %s", j ? "," : "",
                              dvs_override_to_string(j));
            }
            fault = ctl_bad_value("override", value, ds_cstr(&expected));
            ds_destroy(&expected);
        }
    }
    if (!fault) {
        dvsrec_portgroup_set_override_allowed(
            pg, (const char **) words.names, words.n);
    }
    svec_destroy(&words);
    return fault;
}

static char *
set_live_port_moving(struct ctl_context *ctx OVS_UNUSED, const void *pg,
                     const char *value)
{
    bool yes;
    char *fault = ctl_parse_bool("live-port-moving", value, &yes);

    if (!fault) {
        dvsrec_portgroup_set_live_port_moving(pg, yes);
    }
    return fault;
}

static char *
set_reset_at_disconnect(struct ctl_context *ctx OVS_UNUSED, const void *pg,
                        const char *value)
{
    bool yes;
    char *fault = NULL;

    if (value[0]) {
        fault = ctl_parse_bool("reset-at-disconnect", value, &yes);
    }
    if (!fault) {
        dvsrec_portgroup_set_reset_at_disconnect(pg, &yes, value[0] != '\0');
    }
    return fault;
}

static char *
set_uplink(struct ctl_context *ctx OVS_UNUSED, const void *pg_,
           const char *value)
{
    const struct dvsrec_portgroup *pg = pg_;
    bool yes;

    if (pg->header_.old_datum) {
        /* vSphere's DVPortgroupConfigInfo.uplink cannot be changed. */
        return xstrdup("InvalidArgument: uplink: only add-portgroup takes "
                       "it");
    }
    char *fault = ctl_parse_bool("uplink", value, &yes);
    if (!fault) {
        dvsrec_portgroup_set_uplink(pg, yes);
    }
    return fault;
}

static char *
set_description(struct ctl_context *ctx OVS_UNUSED, const void *pg,
                const char *value)
{
    dvsrec_portgroup_set_description(pg, value);
    return NULL;
}

const struct ctl_key dvsctl_portgroup_keys[] = {
    { "name", "NAME", "another name", set_name },
    { "type", "static|dynamic|ephemeral", "when NICs get their ports "
      "(static)", set_type },
    { "ports", "N", "number of ports (8)", set_ports },
    { "auto-expand", "yes|no", "whether it grows when full (yes)",
      set_auto_expand },
    { "name-format", "FORMAT", "names of its ports: <dvsName>, "
      "<portgroupName>, <portIndex>", set_name_format },
    { "override", "WORD,...|none", "what a port may set for itself (block)",
      set_override },
    { "live-port-moving", "yes|no", "whether connected ports may be moved "
      "(no)", set_live_port_moving },
    { "reset-at-disconnect", "yes|no", "whether a port loses its own policy "
      "when its NIC goes (yes)", set_reset_at_disconnect },
    { "uplink", "yes|no", "whether it holds the uplinks of hosts (no)",
      set_uplink },
    { "description", "TEXT", "what the portgroup is for", set_description },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

static bool
has_key(const struct ctl_context *ctx, const char *key)
{
    size_t n = strlen(key);

    for (int i = 1; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], key, n) && ctx->argv[i][n] == '=') {
            return true;
        }
    }
    return false;
}

/* Which ports are in use matters to some keys only. */
static void
pre_keys(struct ctl_context *ctx)
{
    ctl_need_settings(ctx);
    if (has_key(ctx, "ports") || has_key(ctx, "type")) {
        ctl_need_nics(ctx);
        ctl_need_members(ctx);
    }
    if (has_key(ctx, "name")) {
        ctl_need_portgroups(ctx);
    }
}

static void
pre_add_portgroup(struct ctl_context *ctx)
{
    ctl_need_room(ctx);
    ctl_need_portgroup(ctx, ctx->argv[2]);
    ctl_need_settings(ctx);
    if (ctl_has_option(ctx, "--may-exist")) {
        pre_keys(ctx);
    }
}

/* Carries out the KEY=VALUE arguments from number 'first_arg' on. */
static void
set_keys(struct ctl_context *ctx, int first_arg,
         const struct dvsrec_portgroup *pg)
{
    const struct ctl_target target = { .sw = pg->switch_, .pg = pg };
    struct dvs_setting setting;

    if (ctl_load_setting(ctx, &target, &setting)
        && ctl_set_keys(ctx, first_arg, dvsctl_portgroup_keys, pg,
                        &setting)) {
        ctl_store_setting(ctx, &target, &setting);
    }
    dvs_setting_destroy(&setting);
}

/* Lets the new uplink portgroup 'pg' carry all VLANs if nothing was said of
 * them. */
static void
default_uplink_vlan(struct ctl_context *ctx,
                    const struct dvsrec_portgroup *pg)
{
    const struct ctl_target target = { .sw = pg->switch_, .pg = pg };
    struct dvs_setting setting;

    if (has_key(ctx, "vlan")) {
        return;
    }
    if (ctl_load_setting(ctx, &target, &setting)) {
        char *all = xasprintf("trunk:0-%d", DVS_VLAN_MAX);
        char *error = dvs_setting_set(&setting, "vlan", all);

        ovs_assert(!error);
        ctl_store_setting(ctx, &target, &setting);
        free(all);
    }
    dvs_setting_destroy(&setting);
}

static void
cmd_add_portgroup(struct ctl_context *ctx)
{
    const char *name = ctx->argv[2];
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    if (!sw || !ctl_fetch_room(ctx, sw)) {
        return;
    }

    const struct dvsrec_portgroup *pg = ctl_portgroup_by_name(ctx, sw, name);
    if (pg) {
        if (!ctl_has_option(ctx, "--may-exist")) {
            ctl_fault(ctx, "DuplicateName", "switch \"%s\" already has a "
                      "portgroup \"%s\"", sw->name, name);
            return;
        }
        set_keys(ctx, 3, pg);
        return;
    }

    pg = dvsrec_portgroup_insert(ctx->txn);
    dvsrec_portgroup_set_switch_(pg, sw);
    dvsrec_portgroup_set_name(pg, name);
    dvsrec_portgroup_set_type(pg, "early_binding");
    set_keys(ctx, 3, pg);
    if (ctx->error) {
        return;
    }

    /* Only a static portgroup can grow, and an ephemeral one has no ports
     * of its own.  Those of an uplink portgroup follow from the hosts. */
    if (!has_key(ctx, "auto-expand")) {
        dvsrec_portgroup_set_auto_expand(
            pg, !pg->uplink && !strcmp(pg->type, "early_binding"));
    }
    if (pg->uplink) {
        default_uplink_vlan(ctx, pg);
    } else if (!has_key(ctx, "ports") && strcmp(pg->type, "ephemeral")) {
        dvsrec_portgroup_set_num_ports(pg, DVS_PORTGROUP_PORTS_DEFAULT);
    }
}

/* set-portgroup and del-portgroup name their portgroup in one argument,
 * SWITCH/PORTGROUP or PORTGROUP, or in two, SWITCH PORTGROUP.  Where keys
 * follow, a second argument with a "=" is the first of them; del-portgroup
 * has none, and the name of a portgroup may have a "=". */
static bool
in_two_arguments(const struct ctl_context *ctx)
{
    bool keys_follow = strcmp(ctx->argv[0], "del-portgroup");

    return ctx->argc > 2 && (!keys_follow || !strchr(ctx->argv[2], '='));
}

static void
pre_portgroup_argument(struct ctl_context *ctx)
{
    ctl_need_portgroup(ctx, ctx->argv[in_two_arguments(ctx) ? 2 : 1]);
}

static const struct dvsrec_portgroup *
find_argument(struct ctl_context *ctx, bool must_exist)
{
    if (!in_two_arguments(ctx)) {
        return ctl_find_portgroup(ctx, ctx->argv[1], must_exist);
    }

    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1],
                                                     must_exist);
    if (!sw) {
        return NULL;
    }
    return (must_exist
            ? ctl_find_portgroup_in(ctx, sw, ctx->argv[2])
            : ctl_portgroup_by_name(ctx, sw, ctx->argv[2]));
}

static void
pre_set_portgroup(struct ctl_context *ctx)
{
    pre_portgroup_argument(ctx);
    pre_keys(ctx);

    /* A permission may not go while a port uses it. */
    if (has_key(ctx, "override")) {
        ctl_need_ports(ctx);
    }
}

static void
cmd_set_portgroup(struct ctl_context *ctx)
{
    const struct dvsrec_portgroup *pg = find_argument(ctx, true);

    if (pg) {
        set_keys(ctx, in_two_arguments(ctx) ? 3 : 2, pg);
        if (has_key(ctx, "type") && !has_key(ctx, "auto-expand")
            && strcmp(pg->type, "early_binding")) {
            /* Only a static portgroup can grow. */
            dvsrec_portgroup_set_auto_expand(pg, false);
        }
    }
}

static void
pre_del_portgroup(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_settings(ctx);
}

/* Returns true if 'pg', an uplink portgroup, has ports, or is the only one of
 * its switch, which must have one. */
static bool
holds_uplinks(struct ctl_context *ctx, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_portgroup *other;
    const struct dvsrec_port *port;
    bool only = true;

    DVSREC_PORTGROUP_FOR_EACH (other, ctx->idl) {
        only = only && (other == pg || !other->uplink
                        || other->switch_ != pg->switch_);
    }
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        if (port->portgroup == pg) {
            return true;
        }
    }
    return only;
}

static void
cmd_del_portgroup(struct ctl_context *ctx)
{
    const struct dvsrec_portgroup *pg
        = find_argument(ctx, !ctl_has_option(ctx, "--if-exists"));
    if (!pg) {
        return;
    }

    if (pg->uplink && holds_uplinks(ctx, pg)) {
        ctl_fault(ctx, "ResourceInUse", "portgroup \"%s\" holds the uplinks "
                  "of switch \"%s\"", pg->name, pg->switch_->name);
        return;
    }

    const struct ctl_target target = { .sw = pg->switch_, .pg = pg };
    if (!ctl_check_disconnected(ctx, &target)) {
        return;
    }

    const struct dvsrec_port *port, *next;
    DVSREC_PORT_FOR_EACH_SAFE (port, next, ctx->idl) {
        if (port->portgroup == pg) {
            dvsrec_port_delete(port);
        }
    }
    ctl_drop_setting(pg->setting);
    dvsrec_portgroup_delete(pg);
}

/* Stores in '*n_portsp' how many ports 'pg' has, not counting conflict ports,
 * and in '*n_usedp' how many of them have a NIC. */
void
ctl_portgroup_count_ports(struct ctl_context *ctx,
                          const struct dvsrec_portgroup *pg, size_t *n_portsp,
                          size_t *n_usedp)
{
    const struct dvsrec_port *port;

    *n_portsp = *n_usedp = 0;
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        if (port->portgroup == pg && !port->conflict) {
            ++*n_portsp;
            *n_usedp += port->connectee || port->pnic;
        }
    }
}

static void
pre_list_portgroups(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_settings(ctx);
}

static void
cmd_list_portgroups(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "switch", false }, { "name", false }, { "type", false },
        { "vlan", false }, { "used", true }, { "ports", true },
        { "faults", false },
    };
    const struct dvsrec_switch *sw = NULL;

    if (ctx->argc > 1) {
        sw = ctl_find_switch(ctx, ctx->argv[1], true);
        if (!sw) {
            return;
        }
    }

    struct ctl_table table;
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 2);

    const struct dvsrec_portgroup *pg;
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        const struct ctl_target target = { .sw = pg->switch_, .pg = pg };

        if (sw && pg->switch_ != sw) {
            continue;
        }

        size_t n_ports, n_used;
        ctl_portgroup_count_ports(ctx, pg, &n_ports, &n_used);

        ctl_table_add_row(&table);
        ctl_table_put(&table, pg->switch_->name);
        ctl_table_put(&table, pg->name);
        ctl_table_put(&table, (pg->uplink ? "uplink"
                               : ctl_portgroup_type_word(pg->type)));
        ctl_table_put_nocopy(&table, ctl_effective_vlan(ctx, &target));
        ctl_table_format(&table, "%"PRIuSIZE, n_used);
        ctl_table_format(&table, "%"PRIuSIZE, n_ports);
        ctl_table_join(&table, pg->faults, pg->n_faults, "; ");
    }
    ctl_table_finish(&table, ctx);
}

static void
pre_find_portgroup(struct ctl_context *ctx)
{
    ctl_need_portgroups(ctx);
}

static void
cmd_find_portgroup(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *key = ctx->argv[2];
    const struct dvsrec_portgroup *pg;
    struct uuid uuid;

    if (!sw) {
        return;
    }
    if (!uuid_from_string(&uuid, key)) {
        ctl_fault(ctx, "InvalidArgument", "\"%s\" is not a portgroup's key, "
                  "which is a UUID", key);
        return;
    }
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (pg->switch_ == sw && uuid_equals(&pg->header_.uuid, &uuid)) {
            ds_put_format(&ctx->output, "%s/%s\n", sw->name, pg->name);
            return;
        }
    }
    ctl_fault(ctx, "NotFound", "switch \"%s\" has no portgroup with key "
              "\"%s\"", sw->name, key);
}

const struct dvsctl_command dvsctl_portgroup_commands[] = {
    { { "add-portgroup", 2, INT_MAX, "SWITCH PORTGROUP [KEY=VALUE]...",
        pre_add_portgroup, cmd_add_portgroup, NULL, "--may-exist", RW },
      "create PORTGROUP in SWITCH" },
    { { "set-portgroup", 2, INT_MAX, "PORTGROUP KEY=VALUE...",
        pre_set_portgroup, cmd_set_portgroup, NULL, "", RW },
      "change PORTGROUP" },
    { { "del-portgroup", 1, 2, "PORTGROUP", pre_del_portgroup,
        cmd_del_portgroup, NULL, "--if-exists", RW },
      "delete PORTGROUP and its ports" },
    { { "list-portgroups", 0, 1, "[SWITCH]", pre_list_portgroups,
        cmd_list_portgroups, NULL, "--columns=", RO },
      "list the portgroups" },
    { { "find-portgroup", 2, 2, "SWITCH UUID", pre_find_portgroup,
        cmd_find_portgroup, NULL, "", RO },
      "print the name of the portgroup with a key" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

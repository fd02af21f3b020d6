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

/* dvsctl's commands for link aggregation groups: add-lag, set-lag, del-lag,
 * list-lags. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "schema/dvs-user.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-room.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-uplink.h"
#include "utilities/ctl-view.h"

#define PORTS_DEFAULT 2

/* Returns the LAG of 'sw' called 'name', or NULL, which is a fault if it
 * 'must_exist'. */
static const struct dvsrec_lag *
find_lag(struct ctl_context *ctx, const struct dvsrec_switch *sw,
         const char *name, bool must_exist)
{
    const struct dvsrec_lag *row;

    DVSREC_LAG_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw && !strcmp(row->name, name)) {
            return row;
        }
    }
    if (must_exist) {
        ctl_fault(ctx, "NotFound", "switch \"%s\" has no LAG \"%s\"",
                  sw->name, name);
    }
    return NULL;
}

/* Keys. */

static char *
set_mode(struct ctl_context *ctx OVS_UNUSED, const void *lag,
         const char *value)
{
    if (value[0] && strcmp(value, "active") && strcmp(value, "passive")) {
        return ctl_bad_value("mode", value, "active or passive");
    }
    dvsrec_lag_set_mode(lag, value[0] ? value : "active");
    return NULL;
}

static char *
set_timeout(struct ctl_context *ctx OVS_UNUSED, const void *lag,
            const char *value)
{
    if (value[0] && strcmp(value, "fast") && strcmp(value, "slow")) {
        return ctl_bad_value("timeout", value, "fast or slow");
    }
    dvsrec_lag_set_timeout(lag, value[0] ? value : NULL);
    return NULL;
}

static char *
set_hash(struct ctl_context *ctx OVS_UNUSED, const void *lag,
         const char *value)
{
    uint32_t hash;

    if (value[0] && !dvs_lag_hash_from_string(value, &hash)) {
        return ctl_bad_value("hash", value,
                             "one of those that dvsctl(8) lists");
    }
    dvsrec_lag_set_hash(lag, value[0] ? value : NULL);
    return NULL;
}

static char *
set_lag_vlan(struct ctl_context *ctx OVS_UNUSED, const void *lag,
             const char *value)
{
    struct dvs_setting s;
    char *error = NULL;

    dvs_setting_init(&s);
    if (value[0]) {
        error = dvs_setting_set(&s, "vlan", value);
        if (!error && s.vlan.mode != DVS_VLAN_TRUNK) {
            error = xasprintf("vlan \"%s\" is not trunk:RANGES", value);
        }
    }
    if (!error) {
        int64_t *starts = xmalloc(MAX(s.vlan.n_trunks, 1) * sizeof *starts);
        int64_t *ends = xmalloc(MAX(s.vlan.n_trunks, 1) * sizeof *ends);

        for (size_t i = 0; i < s.vlan.n_trunks; i++) {
            starts[i] = s.vlan.trunks[i].start;
            ends[i] = s.vlan.trunks[i].end;
        }
        dvsrec_lag_set_vlan_trunk(lag, starts, ends, s.vlan.n_trunks);
        free(starts);
        free(ends);
    }
    dvs_setting_destroy(&s);

    char *fault = error ? xasprintf("InvalidArgument: %s", error) : NULL;
    free(error);
    return fault;
}

/* Reports it as a fault if a host has a NIC in a port of 'lag' from number
 * 'first' on. */
static char *
check_ports_unused(struct ctl_context *ctx, const struct dvsrec_lag *lag,
                   int first)
{
    const struct dvsrec_host_member *member;

    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        for (int i = first; i < lag->num_ports; i++) {
            char *port = dvs_lag_port_name(lag->name, i);
            const char *nic = (member->switch_ == lag->switch_
                               ? smap_get(&member->uplinks, port) : NULL);
            char *fault = (nic ? xasprintf("ResourceInUse: port \"%s\" has "
                                           "NIC \"%s\" on host \"%s\"", port,
                                           nic, member->host) : NULL);

            free(port);
            if (fault) {
                return fault;
            }
        }
    }
    return NULL;
}

static char *
set_lag_ports(struct ctl_context *ctx, const void *lag_, const char *value)
{
    const struct dvsrec_lag *lag = lag_;
    int64_t n = PORTS_DEFAULT;
    char *fault = NULL;

    if (value[0]) {
        fault = ctl_parse_integer("ports", value, 1, DVS_LAG_PORTS_MAX, &n);
    }
    if (!fault) {
        fault = check_ports_unused(ctx, lag, n);
    }
    if (!fault) {
        dvsrec_lag_set_num_ports(lag, n);
    }
    return fault;
}

/* Adds 'name' and the names that the ports of 'lag' then have to 'names'. */
static void
add_names(const struct dvsrec_lag *lag, const char *name, struct svec *names)
{
    svec_add(names, name);
    for (int i = 0; i < lag->num_ports; i++) {
        svec_add_nocopy(names, dvs_lag_port_name(name, i));
    }
}

/* Renames 'lag_' and its ports, in all policies and hosts, too. */
static char *
set_lag_name(struct ctl_context *ctx, const void *lag_, const char *value)
{
    const struct dvsrec_lag *lag = lag_;
    struct svec old = SVEC_EMPTY_INITIALIZER;
    struct svec new = SVEC_EMPTY_INITIALIZER;
    char *error = dvs_validate_name("uplink", value);
    char *fault = NULL;

    if (error) {
        fault = xasprintf("InvalidName: LAG: %s", error);
        free(error);
    } else if (!strcmp(lag->name, value)) {
        return NULL;
    } else if (find_lag(ctx, lag->switch_, value, false)) {
        fault = xasprintf("DuplicateName: switch \"%s\" already has a LAG "
                          "\"%s\"", lag->switch_->name, value);
    } else {
        add_names(lag, lag->name, &old);
        add_names(lag, value, &new);
        fault = ctl_rename_uplinks(ctx, lag->switch_, &old, &new);
    }
    if (!fault) {
        dvsrec_lag_set_name(lag, value);
    }
    svec_destroy(&old);
    svec_destroy(&new);
    return fault;
}

const struct ctl_key dvsctl_lag_keys[] = {
    { "name", "NAME", "another name", set_lag_name },
    { "mode", "active|passive", "send LACP frames always, or answer (active)",
      set_mode },
    { "timeout", "fast|slow", "have the neighbour send each second, or 30 s "
      "(slow)", set_timeout },
    { "ports", "N", "number of uplink ports on each host (2)",
      set_lag_ports },
    { "hash", "ALGORITHM", "what spreads frames (src-dst-ip-port-vlan)",
      set_hash },
    { "vlan", "trunk:RANGES", "VLANs that it carries (the uplink portgroup's)",
      set_lag_vlan },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

static void
cmd_add_lag(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *name = ctx->argv[2];
    const struct dvsrec_lag *lag = sw ? find_lag(ctx, sw, name, false) : NULL;

    if (!sw || !ctl_fetch_room(ctx, sw)) {
        return;
    }
    if (lag && !ctl_has_option(ctx, "--may-exist")) {
        ctl_fault(ctx, "DuplicateName", "switch \"%s\" already has a LAG "
                  "\"%s\"", sw->name, name);
        return;
    }
    if (!lag) {
        lag = dvsrec_lag_insert(ctx->txn);
        dvsrec_lag_set_switch_(lag, sw);
        dvsrec_lag_set_name(lag, name);
        dvsrec_lag_set_mode(lag, "active");
        dvsrec_lag_set_num_ports(lag, PORTS_DEFAULT);
    }
    ctl_set_keys(ctx, 3, dvsctl_lag_keys, lag, NULL);
}

static void
cmd_set_lag(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_lag *lag
        = sw ? find_lag(ctx, sw, ctx->argv[2], true) : NULL;

    if (lag && ctl_fetch_room(ctx, sw)) {
        ctl_set_keys(ctx, 3, dvsctl_lag_keys, lag, NULL);
    }
}

static void
pre_change_lag(struct ctl_context *ctx)
{
    ctl_need_room(ctx);
    ctl_need_hosts(ctx);
    for (int i = 3; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], "name=", 5)) {
            ctl_need_portgroups(ctx);
            ctl_need_ports(ctx);
            ctl_need_settings(ctx);
        }
    }
}

static void
pre_del_lag(struct ctl_context *ctx)
{
    pre_change_lag(ctx);
    ctl_need_ports(ctx);
    ctl_need_settings(ctx);
}

/* Reports it as a fault if a policy of the switch of 'lag' has the LAG in its
 * order. */
static bool
check_unused(struct ctl_context *ctx, const struct dvsrec_lag *lag)
{
    char *user = dvs_lag_user(ctx->idl, lag->switch_, lag->name);
    bool unused = !user;

    if (user) {
        ctl_fault(ctx, "ResourceInUse", "%s uses LAG \"%s\"", user, lag->name);
        free(user);
    }
    return unused;
}

static void
cmd_del_lag(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_lag *lag
        = sw ? find_lag(ctx, sw, ctx->argv[2],
                        !ctl_has_option(ctx, "--if-exists")) : NULL;

    if (lag && check_unused(ctx, lag)) {
        char *fault = check_ports_unused(ctx, lag, 0);

        if (fault) {
            ctl_error(ctx, "%s", fault);
            free(fault);
            return;
        }
        dvsrec_lag_delete(lag);
    }
}

static void
pre_list_lags(struct ctl_context *ctx)
{
    ctl_need_members(ctx);
    ctl_need_table(ctx, &dvsrec_table_proxy_state);
}

/* Lists the ports of 'row' on all hosts. */
static void
list_ports(struct ctl_context *ctx, const struct dvsrec_lag *row)
{
    static const struct ctl_column columns[] = {
        { "host", false }, { "port", false }, { "nic", false },
        { "state", false }, { "partner", false },
    };
    const struct dvsrec_host_member *member;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 2);
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        const struct dvsrec_proxy_state *state, *own = NULL;

        if (member->switch_ != row->switch_) {
            continue;
        }
        DVSREC_PROXY_STATE_FOR_EACH (state, ctx->idl) {
            if (!strcmp(state->host, member->host)
                && uuid_equals(&state->switch_,
                               &row->switch_->header_.uuid)) {
                own = state;
            }
        }
        for (int i = 0; i < row->num_ports; i++) {
            char *port = dvs_lag_port_name(row->name, i);

            ctl_table_add_row(&table);
            ctl_table_put(&table, member->host);
            ctl_table_put(&table, port);
            ctl_table_put(&table, smap_get(&member->uplinks, port));
            ctl_table_put(&table, own ? smap_get(&own->lags, port) : NULL);

            char *key = xasprintf("%s.partner", port);
            ctl_table_put(&table, own ? smap_get(&own->lags, key) : NULL);
            free(key);
            free(port);
        }
    }
    ctl_table_finish(&table, ctx);
}

static void
cmd_list_lags(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "name", false }, { "mode", false }, { "timeout", false },
        { "ports", true }, { "hash", false }, { "up", false },
        { "down", false }, { "faults", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_lag *row;
    struct ctl_table table;

    if (!sw) {
        return;
    }
    if (ctx->argc > 2) {
        row = find_lag(ctx, sw, ctx->argv[2], true);
        if (row) {
            list_ports(ctx, row);
        }
        return;
    }
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_LAG_FOR_EACH (row, ctx->idl) {
        const struct dvsrec_proxy_state *state;
        struct svec up = SVEC_EMPTY_INITIALIZER;
        struct svec down = SVEC_EMPTY_INITIALIZER;
        struct dvs_lag lag;

        if (row->switch_ != sw) {
            continue;
        }
        DVSREC_PROXY_STATE_FOR_EACH (state, ctx->idl) {
            const char *s = smap_get(&state->lags, row->name);

            if (uuid_equals(&state->switch_, &sw->header_.uuid) && s) {
                svec_add(!strcmp(s, "up") ? &up : &down, state->host);
            }
        }
        svec_sort(&up);
        svec_sort(&down);
        dvs_read_lag(row, &lag);
        ctl_table_add_row(&table);
        ctl_table_put(&table, row->name);
        ctl_table_put(&table, row->mode);
        ctl_table_put(&table, lag.fast ? "fast" : "slow");
        ctl_table_format(&table, "%d", lag.num_ports);
        ctl_table_put(&table, dvs_lag_hash_to_string(lag.hash));
        ctl_table_join(&table, up.names, up.n, ",");
        ctl_table_join(&table, down.names, down.n, ",");
        ctl_table_join(&table, row->faults, row->n_faults, "; ");
        svec_destroy(&up);
        svec_destroy(&down);
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_lag_commands[] = {
    { { "add-lag", 2, INT_MAX, "SWITCH LAG [KEY=VALUE]...", pre_change_lag,
        cmd_add_lag, NULL, "--may-exist", RW },
      "create link aggregation group LAG" },
    { { "set-lag", 3, INT_MAX, "SWITCH LAG KEY=VALUE...", pre_change_lag,
        cmd_set_lag, NULL, "", RW },
      "change LAG" },
    { { "del-lag", 2, 2, "SWITCH LAG", pre_del_lag, cmd_del_lag, NULL,
        "--if-exists", RW },
      "delete LAG" },
    { { "list-lags", 1, 2, "SWITCH [LAG]", pre_list_lags, cmd_list_lags,
        NULL, "--columns=", RO },
      "list the LAGs of SWITCH, or the ports of LAG on each host" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

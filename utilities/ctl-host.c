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

/* dvsctl's commands for hosts: list-hosts, show-host, add-host, set-host,
 * set-uplinks, del-host, compatible-hosts.  (features is in ctl-feature.c.) */

#include <config.h>

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-host-feature.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "schema/dvs-setting.h"
#include "sset.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-feature.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-room.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Membership. */

static void
pre_change_member(struct ctl_context *ctx)
{
    ctl_need_room(ctx);
    ctl_need_hosts(ctx);
}

/* Puts the UPLINK=PNIC arguments of the command, from number 'first_arg' on,
 * into 'uplinks'.  "UPLINK=" leaves the uplink without a NIC. */
static bool
parse_uplinks(struct ctl_context *ctx, int first_arg, struct smap *uplinks)
{
    for (int i = first_arg; i < ctx->argc; i++) {
        const char *pnic;
        char *uplink;

        if (!ctl_split_assignment(ctx, ctx->argv[i], &uplink, &pnic)) {
            return false;
        }
        if (smap_get(uplinks, uplink)) {
            ctl_fault(ctx, "InvalidArgument", "uplink \"%s\" is named twice",
                      uplink);
        } else if (pnic[0]) {
            smap_add(uplinks, uplink, pnic);
        }
        free(uplink);
        if (ctx->error) {
            return false;
        }
    }
    return true;
}

/* Makes the UPLINK=PNIC arguments of the command, from number 3 on, the
 * uplinks of 'member'. */
static void
set_member_uplinks(struct ctl_context *ctx,
                   const struct dvsrec_host_member *member)
{
    struct smap uplinks = SMAP_INITIALIZER(&uplinks);

    if (parse_uplinks(ctx, 3, &uplinks)) {
        dvsrec_host_member_set_uplinks(member, &uplinks);
    }
    smap_destroy(&uplinks);
}

/* Returns why 'host' cannot be a member of 'sw', which the caller frees, or
 * null if it can. */
static char *
incompatibility(const struct dvsrec_switch *sw, const struct dvsrec_host *host)
{
    struct dvs_host_offer offer = {
        .ovs_version = host->ovs_version,
        .datapath_types = host->datapath_types,
        .n_datapath_types = host->n_datapath_types,
        .features = &host->features,
    };

    return dvs_host_incompatibility(sw->datapath_type, sw->version, &offer);
}

/* Checks that the host called 'name' can become a member of 'sw'. */
static bool
check_host(struct ctl_context *ctx, const struct dvsrec_switch *sw,
           const char *name)
{
    const struct dvsrec_host *host = ctl_host_by_name(ctx, name);

    if (!host) {
        ctl_fault(ctx, "NotFound", "no host \"%s\" has reported yet (--force "
                  "makes it a member all the same)", name);
        return false;
    }

    char *reason = incompatibility(sw, host);
    if (reason) {
        ctl_fault(ctx, "NotSupportedHostInDvs", "host \"%s\" cannot be a "
                  "member of switch \"%s\": %s", name, sw->name, reason);
        free(reason);
        return false;
    }
    return true;
}

static void
cmd_add_host(struct ctl_context *ctx)
{
    const char *host = ctx->argv[2];
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    if (!sw || !ctl_fetch_room(ctx, sw)) {
        return;
    }

    const struct dvsrec_host_member *member = ctl_find_member(ctx, sw, host,
                                                              false);
    if (member && !ctl_has_option(ctx, "--may-exist")) {
        ctl_fault(ctx, "AlreadyExists", "host \"%s\" already is a member of "
                  "switch \"%s\"", host, sw->name);
        return;
    }
    if (!member && !ctl_has_option(ctx, "--force")
        && !check_host(ctx, sw, host)) {
        return;
    }

    if (!member) {
        struct dvsrec_host_member *new = dvsrec_host_member_insert(ctx->txn);

        dvsrec_host_member_set_switch_(new, sw);
        dvsrec_host_member_set_host(new, host);
        member = new;
    }
    if (ctx->argc > 3) {
        set_member_uplinks(ctx, member);
    }
}

static void
cmd_set_uplinks(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    if (sw) {
        const struct dvsrec_host_member *member
            = ctl_find_member(ctx, sw, ctx->argv[2], true);
        if (member) {
            set_member_uplinks(ctx, member);
        }
    }
}

/* Returns how many NICs 'member' is granted ports for. */
static int64_t
count_nics(struct ctl_context *ctx, const struct dvsrec_host_member *member)
{
    const struct dvsrec_proxy_port *port;
    int64_t n = 0;

    DVSREC_PROXY_PORT_FOR_EACH (port, ctx->idl) {
        n += (!strcmp(port->host, member->host)
              && uuid_equals(&port->switch_, &member->switch_->header_.uuid)
              && strcmp(port->kind, "none"));
    }
    return n;
}

static char *
set_max_ports(struct ctl_context *ctx, const void *member_, const char *value)
{
    const struct dvsrec_host_member *member = member_;
    int64_t max = 0;
    char *fault = (value[0]
                   ? ctl_parse_integer("max-ports", value, 0,
                                       DVS_PROXY_PORTS_MAX, &max) : NULL);

    if (!fault && value[0]) {
        int64_t n = count_nics(ctx, member);

        if (n > max) {
            fault = xasprintf("LimitExceeded: host \"%s\" has %"PRId64
                              " NIC%s on switch \"%s\"", member->host, n,
                              n == 1 ? "" : "s", member->switch_->name);
        }
    }
    if (!fault) {
        dvsrec_host_member_set_max_ports(member, &max, value[0] ? 1 : 0);
    }
    return fault;
}

static char *
set_ring(struct ctl_context *ctx OVS_UNUSED, const void *member,
         const char *value)
{
    int64_t ring = 0;
    char *fault = (value[0]
                   ? ctl_parse_integer("ring", value, 0, 1, &ring) : NULL);

    if (!fault) {
        dvsrec_host_member_set_ring(member, ring);
    }
    return fault;
}

const struct ctl_key dvsctl_host_keys[] = {
    { "max-ports", "N", "most NICs that get ports on the host (no limit)",
      set_max_ports },
    { "ring", "0|1", "1: it tries changes of the switch out (0)", set_ring },
    { NULL, NULL, NULL, NULL },
};

static void
pre_set_host(struct ctl_context *ctx)
{
    pre_change_member(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_host);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_kind);
}

static void
cmd_set_host(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_host_member *member
        = sw ? ctl_find_member(ctx, sw, ctx->argv[2], true) : NULL;

    if (member) {
        ctl_set_keys(ctx, 3, dvsctl_host_keys, member, NULL);
    }
}

static void
pre_del_host(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_members(ctx);
}

static void
cmd_del_host(struct ctl_context *ctx)
{
    bool must_exist = !ctl_has_option(ctx, "--if-exists");
    const char *host = ctx->argv[2];
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1],
                                                     must_exist);
    if (!sw) {
        return;
    }

    const struct dvsrec_host_member *member = ctl_find_member(ctx, sw, host,
                                                              must_exist);
    if (!member) {
        return;
    }

    const struct dvsrec_vnic *nic;
    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        if ((nullable_string_is_equal(nic->claimed_by, host)
             || nullable_string_is_equal(nic->host, host))
            && ctl_nic_switch(nic) == sw) {
            ctl_fault(ctx, "ResourceInUse", "NIC \"%s\" on host \"%s\" is "
                      "connected to switch \"%s\"", nic->id, host, sw->name);
            return;
        }
    }
    dvsrec_host_member_delete(member);
}

/* Lists. */

static void
pre_list_hosts(struct ctl_context *ctx)
{
    ctl_need_members(ctx);
    ctl_need_hosts(ctx);
}

/* Returns the uplinks of 'member' as "uplink1=eth1,uplink2=eth2", sorted,
 * which the caller frees. */
static char *
uplinks_to_string(const struct dvsrec_host_member *member)
{
    const struct smap_node **nodes = smap_sort(&member->uplinks);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < smap_count(&member->uplinks); i++) {
        ds_put_format(&s, "%s%s=%s", i ? "," : "", nodes[i]->key,
                      nodes[i]->value);
    }
    free(nodes);
    return ds_steal_cstr(&s);
}

static void
cmd_list_hosts(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "host", false }, { "switch", false }, { "status", false },
        { "uplinks", false }, { "detail", false },
    };
    struct sset members = SSET_INITIALIZER(&members);
    const struct dvsrec_host_member *member;
    const struct dvsrec_host *host;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 2);
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        sset_add(&members, member->host);
        ctl_table_add_row(&table);
        ctl_table_put(&table, member->host);
        ctl_table_put(&table, member->switch_->name);
        ctl_table_put(&table, member->status);
        ctl_table_put_nocopy(&table, uplinks_to_string(member));
        if (member->n_faults) {
            ctl_table_join(&table, member->faults, member->n_faults, "; ");
        } else {
            ctl_table_put(&table, member->status_detail);
        }
    }
    DVSREC_HOST_FOR_EACH (host, ctx->idl) {
        if (!sset_contains(&members, host->name)) {
            ctl_table_add_row(&table);
            ctl_table_put(&table, host->name);
            for (int i = 1; i < ARRAY_SIZE(columns); i++) {
                ctl_table_put(&table, NULL);
            }
        }
    }
    ctl_table_finish(&table, ctx);
    sset_destroy(&members);
}

static void
pre_show_host(struct ctl_context *ctx)
{
    pre_list_hosts(ctx);
    ctl_need_table(ctx, &dvsrec_table_proxy_state);
}

/* Prints the NICs of 'member' that are in ports of LAGs. */
static void
show_lag_ports(struct ctl_context *ctx,
               const struct dvsrec_host_member *member)
{
    const struct smap_node **nodes = smap_sort(&member->uplinks);
    struct dvs_lags lags;

    dvs_lags_init(&lags);
    dvs_read_lags(ctx->idl, member->switch_, &lags);
    for (size_t i = 0; i < smap_count(&member->uplinks); i++) {
        int index;

        if (dvs_lags_find_port(&lags, nodes[i]->key, &index)) {
            ds_put_format(&ctx->output, "        %s: %s\n", nodes[i]->key,
                          nodes[i]->value);
        }
    }
    dvs_lags_destroy(&lags);
    free(nodes);
}

static void
show_membership(struct ctl_context *ctx,
                const struct dvsrec_host_member *member)
{
    const struct dvsrec_switch *sw = member->switch_;

    ds_put_format(&ctx->output, "    switch \"%s\"", sw->name);
    if (member->status) {
        ds_put_format(&ctx->output, "  %s", member->status);
    }
    if (member->status_detail[0]) {
        ds_put_format(&ctx->output, ": %s", member->status_detail);
    }
    ds_put_char(&ctx->output, '\n');
    for (size_t i = 0; i < sw->n_uplinks; i++) {
        const char *pnic = smap_get(&member->uplinks, sw->value_uplinks[i]);

        ds_put_format(&ctx->output, "        %s: %s\n", sw->value_uplinks[i],
                      pnic ? pnic : "-");
    }
    show_lag_ports(ctx, member);
    if (member->n_max_ports) {
        ds_put_format(&ctx->output, "        NICs: at most %"PRId64"\n",
                      member->max_ports[0]);
    }
    if (member->n_bandwidth) {
        ds_put_cstr(&ctx->output, "        Mbit/s for reservations:");
        for (size_t i = 0; i < member->n_bandwidth; i++) {
            ds_put_format(&ctx->output, "%s %s %"PRId64, i ? "," : "",
                          member->key_bandwidth[i],
                          member->value_bandwidth[i]);
        }
        ds_put_format(&ctx->output, "  %s\n",
                      member->bandwidth_status ? member->bandwidth_status
                      : "");
    }
    for (size_t i = 0; i < member->n_faults; i++) {
        ds_put_format(&ctx->output, "        fault: %s\n",
                      member->faults[i]);
    }

    const struct dvsrec_proxy_state *state;
    DVSREC_PROXY_STATE_FOR_EACH (state, ctx->idl) {
        if (strcmp(state->host, member->host)
            || !uuid_equals(&state->switch_, &sw->header_.uuid)) {
            continue;
        }
        ds_put_format(&ctx->output, "        bridge: %s\n", state->bridge);
        for (size_t i = 0; i < state->n_faults; i++) {
            ds_put_format(&ctx->output, "        fault on host: %s\n",
                          state->faults[i]);
        }
    }
}

/* Prints the switches that 'host' still has something of, though it is no
 * member (any more).  Returns false if there is none. */
static bool
show_leftovers(struct ctl_context *ctx, const char *host)
{
    const struct dvsrec_proxy_state *state;
    bool any = false;

    DVSREC_PROXY_STATE_FOR_EACH (state, ctx->idl) {
        const struct dvsrec_switch *sw
            = dvsrec_switch_get_for_uuid(ctx->idl, &state->switch_);

        if (strcmp(state->host, host)
            || (sw && ctl_find_member(ctx, sw, host, false))) {
            continue;
        }
        any = true;
        ds_put_cstr(&ctx->output, "    no member of switch ");
        if (sw) {
            ds_put_format(&ctx->output, "\"%s\"", sw->name);
        } else {
            ds_put_format(&ctx->output, UUID_FMT, UUID_ARGS(&state->switch_));
        }
        ds_put_format(&ctx->output, "  %s: %s\n", state->status,
                      state->detail);
        ds_put_format(&ctx->output, "        bridge: %s\n", state->bridge);
    }
    return any;
}

/* Prints the switches that 'host' is a member of.  Returns false if there is
 * none. */
static bool
show_memberships(struct ctl_context *ctx, const char *host)
{
    const struct dvsrec_host_member *member;
    struct ctl_sorted members;

    ctl_sorted_init(&members);
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (!strcmp(member->host, host)) {
            ctl_sorted_add(&members, member->switch_->name, member);
        }
    }
    ctl_sorted_sort(&members);
    for (size_t i = 0; i < members.n; i++) {
        show_membership(ctx, members.rows[i].row);
    }
    ctl_sorted_destroy(&members);
    return members.n > 0;
}

/* Prints the physical NICs of 'host'. */
static void
show_pnics(struct ctl_context *ctx, const char *host)
{
    const struct dvsrec_physical_nic *nic;
    struct ctl_sorted nics;

    ctl_sorted_init(&nics);
    DVSREC_PHYSICAL_NIC_FOR_EACH (nic, ctx->idl) {
        if (!strcmp(nic->host, host)) {
            ctl_sorted_add(&nics, nic->name, nic);
        }
    }
    ctl_sorted_sort(&nics);
    for (size_t i = 0; i < nics.n; i++) {
        nic = nics.rows[i].row;
        ds_put_format(&ctx->output, "    NIC \"%s\"", nic->name);
        if (nic->mac) {
            ds_put_format(&ctx->output, "  %s", nic->mac);
        }
        ds_put_cstr(&ctx->output, "  ");
        ctl_format_link(nic, &ctx->output);
        if (nic->driver[0]) {
            ds_put_format(&ctx->output, "  driver %s", nic->driver);
        }
        if (nic->bridge[0]) {
            ds_put_format(&ctx->output, "  in bridge %s", nic->bridge);
        }
        ds_put_char(&ctx->output, '\n');
    }
    ctl_sorted_destroy(&nics);
}

static void
put_line(struct ctl_context *ctx, const char *name, const char *value)
{
    if (value[0]) {
        ds_put_format(&ctx->output, "    %s: %s\n", name, value);
    }
}

static void
cmd_show_host(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct dvsrec_host *host = ctl_host_by_name(ctx, name);

    ds_put_format(&ctx->output, "host \"%s\"\n", name);
    if (host) {
        put_line(ctx, "hostname", host->hostname);
        put_line(ctx, "dvs-agent", host->agent_version);
        put_line(ctx, "Open vSwitch", host->ovs_version);
        ds_put_cstr(&ctx->output, "    datapaths:");
        for (size_t i = 0; i < host->n_datapath_types; i++) {
            ds_put_format(&ctx->output, " %s", host->datapath_types[i]);
        }
        ds_put_char(&ctx->output, '\n');
        show_pnics(ctx, name);
    } else {
        ds_put_cstr(&ctx->output, "    has never reported\n");
    }
    bool any = show_memberships(ctx, name);
    any = show_leftovers(ctx, name) || any;
    if (!any && !host) {
        ctl_fault(ctx, "NotFound", "no host \"%s\"", name);
    }
}

/* Capabilities. */

static void
cmd_compatible_hosts(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "host", false }, { "compatible", false }, { "member", false },
        { "reason", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_host *host;
    struct ctl_table table;

    if (!sw) {
        return;
    }

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_HOST_FOR_EACH (host, ctx->idl) {
        char *reason = incompatibility(sw, host);
        bool member = ctl_find_member(ctx, sw, host->name, false) != NULL;

        ctl_table_add_row(&table);
        ctl_table_put(&table, host->name);
        ctl_table_put(&table, reason ? "no" : "yes");
        ctl_table_put(&table, member ? "yes" : "no");
        ctl_table_put_nocopy(&table, reason);
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_host_commands[] = {
    { { "list-hosts", 0, 0, "", pre_list_hosts, cmd_list_hosts, NULL,
        "--columns=", RO },
      "list the hosts and the switches they are members of" },
    { { "show-host", 1, 1, "HOST", pre_show_host, cmd_show_host, NULL, "",
        RO },
      "print what is known of HOST" },
    { { "add-host", 2, INT_MAX, "SWITCH HOST [UPLINK=PNIC]...",
        pre_change_member, cmd_add_host, NULL, "--may-exist,--force", RW },
      "make HOST a member of SWITCH" },
    { { "set-host", 3, INT_MAX, "SWITCH HOST KEY=VALUE...", pre_set_host,
        cmd_set_host, NULL, "", RW },
      "change what HOST is in SWITCH" },
    { { "set-uplinks", 3, INT_MAX, "SWITCH HOST UPLINK=PNIC...",
        pre_change_member, cmd_set_uplinks, NULL, "", RW },
      "replace the uplinks of HOST" },
    { { "del-host", 2, 2, "SWITCH HOST", pre_del_host, cmd_del_host, NULL,
        "--if-exists", RW },
      "take HOST out of SWITCH" },
    { { "compatible-hosts", 1, 1, "SWITCH", pre_list_hosts,
        cmd_compatible_hosts, NULL, "--columns=", RO },
      "list which hosts can be members of SWITCH" },
    { { "features", 0, 1, "[HOST]", ctl_pre_features,
        ctl_cmd_features, NULL, "--columns=", RO },
      "list what this release, or HOST, can do" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

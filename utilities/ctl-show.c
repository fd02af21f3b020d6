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

/* dvsctl's commands for the installation as a whole: init, show, sync. */

#include <config.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-policy.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-portgroup.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* What "show" needs besides the rows themselves. */
struct show {
    struct ctl_context *ctx;
    struct ds *out;             /* The command's output. */
    struct shash states;        /* See ctl_port_states_init(). */
};

static void
pre_show(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_settings(ctx);
    ctl_need_members(ctx);
    ctl_need_table(ctx, &dvsrec_table_proxy_state);
    ctl_need_hosts(ctx);
    ctl_need_port_states(ctx);
}

static void
show_faults(struct show *show, int indent, char **faults, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_put_char_multiple(show->out, ' ', indent);
        ds_put_format(show->out, "fault: %s\n", faults[i]);
    }
}

/* Returns the physical NIC 'name' of 'host', or null if it is not known. */
static const struct dvsrec_physical_nic *
find_pnic(struct ctl_context *ctx, const char *host, const char *name)
{
    const struct dvsrec_physical_nic *nic;

    DVSREC_PHYSICAL_NIC_FOR_EACH (nic, ctx->idl) {
        if (!strcmp(nic->host, host) && !strcmp(nic->name, name)) {
            return nic;
        }
    }
    return NULL;
}

/* Initializes 'names' with the uplinks of 'sw', and those ports of its LAGs
 * that have a NIC of 'member'. */
static void
uplink_names(const struct show *show, const struct dvsrec_switch *sw,
             const struct dvsrec_host_member *member, struct svec *names)
{
    const struct smap_node **nodes = smap_sort(&member->uplinks);
    struct dvs_lags lags;

    svec_init(names);
    for (size_t i = 0; i < sw->n_uplinks; i++) {
        svec_add(names, sw->value_uplinks[i]);
    }
    dvs_lags_init(&lags);
    dvs_read_lags(show->ctx->idl, sw, &lags);
    for (size_t i = 0; i < smap_count(&member->uplinks); i++) {
        int index;

        if (dvs_lags_find_port(&lags, nodes[i]->key, &index)) {
            svec_add(names, nodes[i]->key);
        }
    }
    dvs_lags_destroy(&lags);
    free(nodes);
}

/* Returns what the host of 'member' says of port 'name' of a LAG, or NULL. */
static const char *
lag_state(const struct show *show, const struct dvsrec_host_member *member,
          const char *name)
{
    const struct dvsrec_proxy_state *state;

    DVSREC_PROXY_STATE_FOR_EACH (state, show->ctx->idl) {
        if (!strcmp(state->host, member->host)
            && uuid_equals(&state->switch_, &member->switch_->header_.uuid)) {
            return smap_get(&state->lags, name);
        }
    }
    return NULL;
}

static void
show_member(struct show *show, const struct dvsrec_host_member *member)
{
    static const struct ctl_column columns[] = {
        { "uplink", false }, { "nic", false }, { "link", false },
    };
    const struct dvsrec_switch *sw = member->switch_;
    struct svec uplinks;
    struct ctl_table table;

    ds_put_format(show->out, "    host \"%s\"", member->host);
    if (member->status) {
        ds_put_format(show->out, "  %s", member->status);
    }
    if (member->status_detail[0]) {
        ds_put_format(show->out, ": %s", member->status_detail);
    }
    ds_put_char(show->out, '\n');

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 0);
    uplink_names(show, sw, member, &uplinks);
    for (size_t i = 0; i < uplinks.n; i++) {
        const char *uplink = uplinks.names[i];
        const char *name = smap_get(&member->uplinks, uplink);
        const struct dvsrec_physical_nic *nic;

        ctl_table_add_row(&table);
        ctl_table_format(&table, "%s:", uplink);
        ctl_table_put(&table, name ? name : "-");
        nic = name ? find_pnic(show->ctx, member->host, name) : NULL;
        if (nic) {
            struct ds link = DS_EMPTY_INITIALIZER;

            const char *lag = lag_state(show, member, uplink);

            ctl_format_link(nic, &link);
            if (lag) {
                ds_put_format(&link, "  LACP %s", lag);
            }
            ctl_table_put_nocopy(&table, ds_steal_cstr(&link));
        } else {
            ctl_table_put(&table, name ? "no such NIC" : NULL);
        }
    }
    svec_destroy(&uplinks);
    ctl_table_print(&table, 8, show->out);
    show_faults(show, 8, member->faults, member->n_faults);
}

static void
put_port(struct show *show, struct ctl_table *table,
         const struct dvsrec_port *port)
{
    const struct dvsrec_port_state *state = shash_find_data(&show->states,
                                                            port->key);

    ctl_table_add_row(table);
    ctl_table_format(table, "port %s", port->key);
    ctl_table_put(table, port->connectee->id);
    ctl_table_put(table, ctl_port_mac(port, state));
    ctl_table_put(table, ctl_port_host(port, state));
    ctl_table_put(table, ctl_port_status(port, state));
    ctl_table_put(table, state ? state->uplink : NULL);
    if (port->n_faults) {
        ctl_table_put_nocopy(table, xasprintf("fault: %s", port->faults[0]));
    } else if (state && state->fault[0]) {
        ctl_table_put_nocopy(table, xasprintf("fault: %s", state->fault));
    } else {
        ctl_table_put(table, NULL);
    }
}

/* Prints the connected ports of 'pg', or the standalone ones of 'sw' if 'pg'
 * is null, and the NICs that wait for such a port. */
static void
show_ports(struct show *show, const struct dvsrec_switch *sw,
           const struct dvsrec_portgroup *pg)
{
    static const struct ctl_column columns[] = {
        { "port", false }, { "nic", false }, { "mac", false },
        { "host", false }, { "status", false }, { "uplink", false },
        { "fault", false },
    };
    const struct dvsrec_port *port;
    const struct dvsrec_vnic *nic;
    struct ctl_sorted waiting;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_PORT_FOR_EACH (port, show->ctx->idl) {
        if (port->switch_ == sw && port->portgroup == pg && port->connectee) {
            put_port(show, &table, port);
        }
    }
    ctl_table_print(&table, 8, show->out);

    ctl_sorted_init(&waiting);
    DVSREC_VNIC_FOR_EACH (nic, show->ctx->idl) {
        if (!nic->connection && ctl_nic_switch(nic) == sw
            && ctl_nic_portgroup(nic) == pg) {
            ctl_sorted_add(&waiting, nic->id, nic);
        }
    }
    ctl_sorted_sort(&waiting);
    for (size_t i = 0; i < waiting.n; i++) {
        nic = waiting.rows[i].row;
        ds_put_format(show->out, "        NIC \"%s\" waits for a port\n",
                      nic->id);
        show_faults(show, 12, nic->faults, nic->n_faults);
    }
    ctl_sorted_destroy(&waiting);
}

static void
show_portgroup(struct show *show, const struct dvsrec_portgroup *pg)
{
    const struct ctl_target target = { .sw = pg->switch_, .pg = pg };
    size_t n_ports, n_used;

    ctl_portgroup_count_ports(show->ctx, pg, &n_ports, &n_used);
    ds_put_format(show->out, "    portgroup \"%s\"  %s  %"PRIuSIZE
                  "/%"PRIuSIZE" ports", pg->name,
                  pg->uplink ? "uplink" : ctl_portgroup_type_word(pg->type),
                  n_used, n_ports);

    char *vlan = ctl_effective_vlan(show->ctx, &target);
    if (vlan) {
        ds_put_format(show->out, "  vlan %s", vlan);
    }
    free(vlan);
    ds_put_char(show->out, '\n');
    show_faults(show, 8, pg->faults, pg->n_faults);

    /* Uplink ports are shown with the hosts. */
    if (!pg->uplink) {
        show_ports(show, pg->switch_, pg);
    }
}

static void
show_members(struct show *show, const struct dvsrec_switch *sw)
{
    const struct dvsrec_host_member *member;
    struct ctl_sorted members;

    ctl_sorted_init(&members);
    DVSREC_HOST_MEMBER_FOR_EACH (member, show->ctx->idl) {
        if (member->switch_ == sw) {
            ctl_sorted_add(&members, member->host, member);
        }
    }
    ctl_sorted_sort(&members);
    for (size_t i = 0; i < members.n; i++) {
        show_member(show, members.rows[i].row);
    }
    ctl_sorted_destroy(&members);
}

/* Prints the portgroups of 'sw' that are for uplinks, or those that are
 * not. */
static void
show_portgroups(struct show *show, const struct dvsrec_switch *sw, bool uplink)
{
    const struct dvsrec_portgroup *pg;
    struct ctl_sorted pgs;

    ctl_sorted_init(&pgs);
    DVSREC_PORTGROUP_FOR_EACH (pg, show->ctx->idl) {
        if (pg->switch_ == sw && pg->uplink == uplink) {
            ctl_sorted_add(&pgs, pg->name, pg);
        }
    }
    ctl_sorted_sort(&pgs);
    for (size_t i = 0; i < pgs.n; i++) {
        show_portgroup(show, pgs.rows[i].row);
    }
    ctl_sorted_destroy(&pgs);
}

static void
show_switch(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    struct show show = { .ctx = ctx, .out = &ctx->output };
    char *bridge = (sw->bridge_name ? xstrdup(sw->bridge_name)
                    : dvs_bridge_name_from_switch(sw->name));

    ds_put_format(show.out, "switch \"%s\"  bridge %s  datapath %s  mtu %d"
                  "  %"PRId64" ports\n",
                  sw->name, bridge, (sw->datapath_type ? sw->datapath_type
                                     : DVS_DATAPATH_TYPE_DEFAULT),
                  sw->n_mtu ? (int) *sw->mtu : DVS_MTU_DEFAULT,
                  sw->port_count);
    free(bridge);

    ctl_port_states_init(ctx, sw, &show.states);
    show_faults(&show, 4, sw->faults, sw->n_faults);
    show_members(&show, sw);
    show_portgroups(&show, sw, true);
    show_portgroups(&show, sw, false);
    if (sw->num_standalone_ports) {
        ds_put_format(show.out, "    standalone  %"PRId64" ports\n",
                      sw->num_standalone_ports);
        show_ports(&show, sw, NULL);
    }
    shash_destroy(&show.states);
}

static void
cmd_show(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw;
    struct ctl_sorted switches;

    if (ctx->argc > 1) {
        sw = ctl_find_switch(ctx, ctx->argv[1], true);
        if (sw) {
            show_switch(ctx, sw);
        }
        return;
    }

    ctl_sorted_init(&switches);
    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        ctl_sorted_add(&switches, sw->name, sw);
    }
    ctl_sorted_sort(&switches);
    for (size_t i = 0; i < switches.n; i++) {
        show_switch(ctx, switches.rows[i].row);
    }
    ctl_sorted_destroy(&switches);
}

/* Any command that may write makes the row of DVS_Global. */
static void
cmd_init(struct ctl_context *ctx OVS_UNUSED)
{
}

static void
cmd_sync(struct ctl_context *ctx)
{
    *dvsctl_context_cast(ctx)->force_wait = true;
}

const struct dvsctl_command dvsctl_general_commands[] = {
    { { "init", 0, 0, "", NULL, cmd_init, NULL, "", RW },
      "initialize the database, if it is not yet" },
    { { "show", 0, 1, "[SWITCH]", pre_show, cmd_show, NULL, "", RO },
      "print an overview of the switches" },
    { { "sync", 0, 0, "", NULL, cmd_sync, NULL, "", RW },
      "wait, as --wait says, for all earlier changes" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

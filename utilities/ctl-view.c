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

/* Which part of the database a run of dvsctl fetches.  See ctl-view.h. */

#include <config.h>

#include "utilities/ctl-view.h"

#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"
#include "utilities/ctl-context.h"

static void
ctl_scope_init(struct ctl_scope *scope)
{
    scope->used = scope->whole = false;
    sset_init(&scope->names);
}

/* Adds the row called 'name', or all rows if 'name' is null, to 'scope'. */
static void
ctl_scope_add(struct ctl_scope *scope, const char *name)
{
    scope->used = true;
    if (name) {
        sset_add(&scope->names, name);
    } else {
        scope->whole = true;
    }
}

/* Initializes 'view' as reading nothing. */
void
ctl_view_init(struct ctl_view *view)
{
    memset(view, 0, sizeof *view);
    ctl_scope_init(&view->portgroups);
    ctl_scope_init(&view->ports);
    ctl_scope_init(&view->nics);
    sset_init(&view->portgroup_uuids);
    sset_init(&view->port_uuids);
}

/* Frees what 'view' owns. */
void
ctl_view_destroy(struct ctl_view *view)
{
    sset_destroy(&view->portgroups.names);
    sset_destroy(&view->ports.names);
    sset_destroy(&view->nics.names);
    sset_destroy(&view->portgroup_uuids);
    sset_destroy(&view->port_uuids);
}

static struct uuid
uuid_from_sset(const char *s)
{
    struct uuid uuid;

    ovs_assert(uuid_from_string(&uuid, s));
    return uuid;
}

static unsigned int
set_portgroup_condition(struct ctl_view *view, struct ovsdb_idl *idl)
{
    struct ovsdb_idl_condition condition;
    const char *name;

    ovsdb_idl_condition_init(&condition);
    SSET_FOR_EACH (name, &view->portgroups.names) {
        dvsrec_portgroup_add_clause_name(&condition, OVSDB_F_EQ, name);
    }

    unsigned int seqno = dvsrec_portgroup_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
    return seqno;
}

static unsigned int
set_port_condition(struct ctl_view *view, struct ovsdb_idl *idl)
{
    struct ovsdb_idl_condition condition;
    const char *name;

    ovsdb_idl_condition_init(&condition);
    SSET_FOR_EACH (name, &view->ports.names) {
        dvsrec_port_add_clause_key(&condition, OVSDB_F_EQ, name);
    }
    SSET_FOR_EACH (name, &view->portgroup_uuids) {
        struct uuid uuid = uuid_from_sset(name);
        dvsrec_port_add_clause_portgroup(&condition, OVSDB_F_EQ, &uuid);
    }

    unsigned int seqno = dvsrec_port_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
    return seqno;
}

static unsigned int
set_nic_condition(struct ctl_view *view, struct ovsdb_idl *idl)
{
    struct ovsdb_idl_condition condition;
    const char *name;

    ovsdb_idl_condition_init(&condition);
    SSET_FOR_EACH (name, &view->nics.names) {
        dvsrec_vnic_add_clause_id(&condition, OVSDB_F_EQ, name);
    }
    SSET_FOR_EACH (name, &view->portgroup_uuids) {
        struct uuid uuid = uuid_from_sset(name);
        dvsrec_vnic_add_clause_portgroup(&condition, OVSDB_F_EQ, &uuid);
    }
    SSET_FOR_EACH (name, &view->port_uuids) {
        struct uuid uuid = uuid_from_sset(name);
        dvsrec_vnic_add_clause_port(&condition, OVSDB_F_EQ, &uuid);
        dvsrec_vnic_add_clause_connection(&condition, OVSDB_F_EQ, &uuid);
    }

    unsigned int seqno = dvsrec_vnic_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
    return seqno;
}

/* Tells 'idl' to fetch only the rows that 'view' covers.  The columns are
 * already registered, and with a column the IDL also registers the table that
 * the column refers to; of such a table, if no command asked for it, not a row
 * is fetched. */
void
ctl_view_apply(struct ctl_view *view, struct ovsdb_idl *idl)
{
    unsigned int seqno = 0;

    if (view->everything) {
        return;
    }
    if (!view->portgroups.whole
        && (view->portgroups.used || view->ports.used || view->nics.used)) {
        seqno = MAX(seqno, set_portgroup_condition(view, idl));
    }
    if (!view->ports.whole && (view->ports.used || view->nics.used)) {
        seqno = MAX(seqno, set_port_condition(view, idl));
    }
    if (!view->nics.whole && (view->nics.used || view->ports.used)) {
        seqno = MAX(seqno, set_nic_condition(view, idl));
    }
    if (!view->settings
        && (view->switches || view->portgroups.used || view->ports.used)) {
        struct ovsdb_idl_condition none;

        ovsdb_idl_condition_init(&none);
        dvsrec_port_setting_set_condition(idl, &none);
        ovsdb_idl_condition_destroy(&none);
    }
    view->cond_seqno = seqno;
}

/* Returns false while 'idl' is fetching what ctl_fetch_*() asked for. */
bool
ctl_view_is_ready(const struct ctl_view *view, const struct ovsdb_idl *idl)
{
    return (!view->fetching
            || ovsdb_idl_get_condition_seqno(idl) >= view->cond_seqno);
}

static struct ctl_view *
view_from_ctx(struct ctl_context *ctx)
{
    return dvsctl_context_cast(ctx)->view;
}

/* Prerequisite: all columns and rows of 'table'. */
void
ctl_need_table(struct ctl_context *ctx,
               const struct ovsdb_idl_table_class *table)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        ovsdb_idl_add_column(ctx->idl, &table->columns[i]);
    }
}

/* Prerequisite: the switches, which are few, and their private VLANs, LAGs and
 * resource pools. */
void
ctl_need_switches(struct ctl_context *ctx)
{
    view_from_ctx(ctx)->switches = true;
    ctl_need_table(ctx, &dvsrec_table_switch);
    ctl_need_table(ctx, &dvsrec_table_private_vlan);
    ctl_need_table(ctx, &dvsrec_table_lag);
    ctl_need_table(ctx, &dvsrec_table_resource_pool);
}

static void
ctl_need_portgroup__(struct ctl_context *ctx, const char *name)
{
    ctl_need_switches(ctx);
    ctl_scope_add(&view_from_ctx(ctx)->portgroups, name);
    ctl_need_table(ctx, &dvsrec_table_portgroup);
}

/* Prerequisite: the portgroups called 'name' of all switches.  'name' may
 * have the form SWITCH/PORTGROUP. */
void
ctl_need_portgroup(struct ctl_context *ctx, const char *name)
{
    const char *slash = strchr(name, '/');

    ctl_need_portgroup__(ctx, slash ? slash + 1 : name);
}

/* Prerequisite: all portgroups. */
void
ctl_need_portgroups(struct ctl_context *ctx)
{
    ctl_need_portgroup__(ctx, NULL);
}

/* Prerequisite: no portgroup yet, but ctl_fetch_portgroups() may ask for
 * them. */
void
ctl_need_no_portgroup(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    view_from_ctx(ctx)->portgroups.used = true;
    ctl_need_table(ctx, &dvsrec_table_portgroup);
}

static void
ctl_need_port__(struct ctl_context *ctx, const char *key)
{
    ctl_need_switches(ctx);
    ctl_scope_add(&view_from_ctx(ctx)->ports, key);
    ctl_need_table(ctx, &dvsrec_table_port);
}

/* Prerequisite: the port called 'name', which has the form SWITCH:KEY, and
 * the portgroups, of which one is its own. */
void
ctl_need_port(struct ctl_context *ctx, const char *name)
{
    const char *colon = strchr(name, ':');

    ctl_need_portgroups(ctx);
    ctl_need_port__(ctx, colon ? colon + 1 : name);
}

/* Prerequisite: all ports and portgroups. */
void
ctl_need_ports(struct ctl_context *ctx)
{
    ctl_need_portgroups(ctx);
    ctl_need_port__(ctx, NULL);
}

/* Prerequisite: the NIC called 'id'. */
void
ctl_need_nic(struct ctl_context *ctx, const char *id)
{
    ctl_scope_add(&view_from_ctx(ctx)->nics, id);
    ctl_need_table(ctx, &dvsrec_table_vnic);
}

/* Prerequisite: all NICs, and the ports and portgroups that they are on. */
void
ctl_need_nics(struct ctl_context *ctx)
{
    ctl_need_ports(ctx);
    ctl_need_nic(ctx, NULL);
}

/* Prerequisite: no port or NIC yet, but those that ctl_fetch_portgroup() and
 * ctl_fetch_port() will ask for. */
void
ctl_need_fetched(struct ctl_context *ctx)
{
    view_from_ctx(ctx)->ports.used = true;
    view_from_ctx(ctx)->nics.used = true;
    ctl_need_table(ctx, &dvsrec_table_port);
    ctl_need_table(ctx, &dvsrec_table_vnic);
}

/* Prerequisite: the membership of hosts in switches. */
void
ctl_need_members(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    view_from_ctx(ctx)->members = true;
    ctl_need_table(ctx, &dvsrec_table_host_member);
}

/* Prerequisite: the hosts and their physical NICs. */
void
ctl_need_hosts(struct ctl_context *ctx)
{
    ctl_need_table(ctx, &dvsrec_table_host);
    ctl_need_table(ctx, &dvsrec_table_physical_nic);
}

/* Prerequisite: the settings of all switches, portgroups and ports that the
 * run reads. */
void
ctl_need_settings(struct ctl_context *ctx)
{
    view_from_ctx(ctx)->settings = true;
    ctl_need_table(ctx, &dvsrec_table_port_setting);
    ctl_need_table(ctx, &dvsrec_table_traffic_rule);
}

/* Prerequisite: the switch, portgroup or port called 'target', with all that
 * its policy is made of. */
void
ctl_need_target(struct ctl_context *ctx, const char *target)
{
    if (strchr(target, ':')) {
        ctl_need_port(ctx, target);
    } else {
        ctl_need_portgroup(ctx, target);
    }
    ctl_need_settings(ctx);
}

/* Adds 'row' to 'uuids'.  Returns true if it was there already; otherwise,
 * makes the commands be run again once what follows from it has been
 * fetched. */
static bool
fetch(struct ctl_context *ctx, const struct ovsdb_idl_row *row,
      struct sset *uuids)
{
    struct ctl_view *view = view_from_ctx(ctx);
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->uuid));
    bool is_new = !sset_contains(uuids, uuid);

    sset_add_and_free(uuids, uuid);
    if (is_new) {
        ctl_view_apply(view, ctx->idl);
        view->fetching = true;
        ctx->try_again = true;
    }
    return !is_new;
}

/* Fetches all portgroups.  Returns true if they are there.  Otherwise the
 * command returns at once; it will be run again. */
bool
ctl_fetch_portgroups(struct ctl_context *ctx)
{
    struct ctl_view *view = view_from_ctx(ctx);
    struct ovsdb_idl_condition all;

    if (view->everything || view->portgroups.whole) {
        return true;
    }
    view->portgroups.whole = true;
    ovsdb_idl_condition_init(&all);
    ovsdb_idl_condition_add_clause_true(&all);
    ctl_view_apply(view, ctx->idl);
    unsigned int seqno = dvsrec_portgroup_set_condition(ctx->idl, &all);
    view->cond_seqno = MAX(view->cond_seqno, seqno);
    ovsdb_idl_condition_destroy(&all);
    view->fetching = true;
    ctx->try_again = true;
    return false;
}

/* Fetches the ports of 'pg', and the NICs that ask for it.  Returns true if
 * they are there.  Otherwise the command returns at once; it will be run
 * again. */
bool
ctl_fetch_portgroup(struct ctl_context *ctx, const struct dvsrec_portgroup *pg)
{
    struct ctl_view *view = view_from_ctx(ctx);

    /* A portgroup that the run has made has none yet. */
    return (view->everything || (view->ports.whole && view->nics.whole)
            || !pg->header_.old_datum
            || fetch(ctx, &pg->header_, &view->portgroup_uuids));
}

/* Fetches the NICs that have, or ask for, 'port'.  Returns true if they are
 * there.  Otherwise the command returns at once; it will be run again. */
bool
ctl_fetch_port(struct ctl_context *ctx, const struct dvsrec_port *port)
{
    struct ctl_view *view = view_from_ctx(ctx);

    return (view->everything || view->nics.whole || !port->header_.old_datum
            || fetch(ctx, &port->header_, &view->port_uuids));
}

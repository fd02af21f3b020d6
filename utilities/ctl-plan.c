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
 *
 * What changes is the difference of two configuration documents; what that
 * means for a NIC, the model library knows (schema/dvs-impact.c).  This file
 * gathers what both need from the rows, and words the result. */

#include <config.h>

#include "utilities/ctl-plan.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-impact.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "sset.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Prerequisite: all that a plan reads. */
void
ctl_plan_need(struct ctl_context *ctx)
{
    dvs_document_register(ctx->idl);
    ctl_need_table(ctx, &dvsrec_table_task);
    ctl_need_nics(ctx);
    ctl_need_members(ctx);
    ctl_need_hosts(ctx);
    ctl_need_settings(ctx);
    dvsctl_context_cast(ctx)->view->everything = true;
}

/* Initializes 'plan' as empty. */
void
ctl_plan_init(struct ctl_plan *plan)
{
    dvs_document_init(&plan->document);
    shash_init(&plan->nics);
    shash_init(&plan->members);
}

static void
destroy_nics(struct shash *nics)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, nics) {
        dvs_impact_nic_destroy(node->data);
    }
    shash_destroy_free_data(nics);
}

/* Frees what 'plan' owns, but not 'plan' itself. */
void
ctl_plan_destroy(struct ctl_plan *plan)
{
    dvs_document_destroy(&plan->document);
    destroy_nics(&plan->nics);
    shash_destroy_free_data(&plan->members);
}

/* Initializes 'doc' with all that is configured. */
static char *
gather(const struct ovsdb_idl *idl, struct dvs_document *doc)
{
    const struct dvsrec_switch *sw;

    DVSREC_SWITCH_FOR_EACH (sw, idl) {
        char *error = dvs_document_gather(idl, sw, NULL, doc);

        if (error) {
            char *fault = xasprintf("InvalidArgument: switch \"%s\": %s",
                                    sw->name, error);

            free(error);
            return fault;
        }
    }
    dvs_document_sort(doc);
    return NULL;
}

/* NICs.  Objects are read once each; NULL stands for one that cannot be
 * understood, of which hosts keep what they had. */

struct reader {
    const struct ovsdb_idl *idl;
    struct shash switches;      /* UUID -> "struct dvs_switch", or NULL. */
    struct shash portgroups;    /* UUID -> "struct dvs_portgroup", or NULL. */
    struct shash members;       /* "SWITCH-UUID HOST" -> row. */
    struct shash links_down;    /* Host -> "struct sset" of NICs. */
    struct sset no_links;       /* Empty. */
};

static char *
member_key(const struct dvsrec_switch *sw, const char *host)
{
    return xasprintf(UUID_FMT" %s", UUID_ARGS(&sw->header_.uuid), host);
}

static void
reader_init(struct reader *r, const struct ovsdb_idl *idl)
{
    const struct dvsrec_host_member *member;
    const struct dvsrec_physical_nic *pnic;

    r->idl = idl;
    shash_init(&r->switches);
    shash_init(&r->portgroups);
    shash_init(&r->members);
    shash_init(&r->links_down);
    sset_init(&r->no_links);

    DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
        shash_add_nocopy(&r->members,
                         member_key(member->switch_, member->host), member);
    }
    DVSREC_PHYSICAL_NIC_FOR_EACH (pnic, idl) {
        if (pnic->n_link_up && !pnic->link_up[0]) {
            struct sset *names = shash_find_data(&r->links_down, pnic->host);

            if (!names) {
                names = xmalloc(sizeof *names);
                sset_init(names);
                shash_add(&r->links_down, pnic->host, names);
            }
            sset_add(names, pnic->name);
        }
    }
}

static void
reader_destroy(struct reader *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->switches) {
        dvs_switch_destroy(node->data);
    }
    shash_destroy_free_data(&r->switches);
    SHASH_FOR_EACH (node, &r->portgroups) {
        dvs_portgroup_destroy(node->data);
    }
    shash_destroy_free_data(&r->portgroups);
    shash_destroy(&r->members);
    SHASH_FOR_EACH (node, &r->links_down) {
        sset_destroy(node->data);
    }
    shash_destroy_free_data(&r->links_down);
    sset_destroy(&r->no_links);
}

static const struct dvs_switch *
get_switch(struct reader *r, const struct dvsrec_switch *row)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->header_.uuid));
    struct shash_node *node = shash_find(&r->switches, uuid);

    if (!node) {
        struct dvs_switch *sw = xmalloc(sizeof *sw);
        dvs_switch_init(sw);

        char *error = dvs_read_switch(row, sw);
        if (error) {
            free(error);
            dvs_switch_destroy(sw);
            free(sw);
            sw = NULL;
        }
        node = shash_add(&r->switches, uuid, sw);
    }
    free(uuid);
    return node->data;
}

static const struct dvs_portgroup *
get_portgroup(struct reader *r, const struct dvsrec_portgroup *row)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->header_.uuid));
    struct shash_node *node = shash_find(&r->portgroups, uuid);

    if (!node) {
        struct dvs_portgroup *pg = xmalloc(sizeof *pg);
        dvs_portgroup_init(pg);

        char *error = dvs_read_portgroup(row, pg);
        if (error) {
            free(error);
            dvs_portgroup_destroy(pg);
            free(pg);
            pg = NULL;
        }
        node = shash_add(&r->portgroups, uuid, pg);
    }
    free(uuid);
    return node->data;
}

/* Stores in '*port' and '*pg' what 'row' will be connected to: what it asks
 * for, but no other port than the one it has if that will do. */
static void
find_place(const struct dvsrec_vnic *row, const struct dvsrec_port **port,
           const struct dvsrec_portgroup **pg)
{
    *port = row->port;
    *pg = NULL;
    if (!*port && row->portgroup && row->connection
        && row->connection->portgroup == row->portgroup) {
        *port = row->connection;
    }
    if (*port) {
        *pg = (*port)->portgroup;
    } else {
        *pg = row->portgroup;
    }
}

/* Sets the effective setting of 'nic'. */
static bool
read_setting(struct reader *r, const struct dvs_switch *sw,
             const struct dvsrec_port *port,
             const struct dvsrec_portgroup *pg, struct dvs_impact_nic *nic)
{
    const struct dvs_portgroup *pg_model = pg ? get_portgroup(r, pg) : NULL;
    struct dvs_port port_model;

    if (pg && !pg_model) {
        return false;
    }
    dvs_port_init(&port_model);
    char *error = port ? dvs_read_port(port, &port_model) : NULL;
    if (!error) {
        dvs_setting_destroy(&nic->setting);
        dvs_setting_effective(&nic->setting, &sw->uplinks, &sw->setting,
                              DVS_ALL_PROPERTIES,
                              pg_model ? &pg_model->setting : NULL,
                              pg_model ? pg_model->overrides : 0,
                              port ? &port_model.setting : NULL, NULL);
    }
    dvs_port_destroy(&port_model);
    free(error);
    return !error;
}

/* Sets what 'nic' has of its host. */
static bool
read_host(struct reader *r, const struct dvsrec_switch *sw, const char *host,
          struct dvs_impact_nic *nic)
{
    char *key = member_key(sw, host);
    const struct dvsrec_host_member *row = shash_find_data(&r->members, key);
    bool ok = true;

    free(key);
    nic->host = xstrdup(host);
    nic->member = row != NULL;
    if (row) {
        const struct sset *down = shash_find_data(&r->links_down, host);
        struct dvs_member member;

        dvs_member_init(&member);
        char *error = dvs_read_member(row, &member);
        if (!error) {
            dvs_impact_nic_set_uplinks(nic, &member,
                                       down ? down : &r->no_links);
        }
        ok = !error;
        free(error);
        dvs_member_destroy(&member);
    }
    return ok;
}

/* Initializes 'nic' with how 'row' fares.  Returns false if that cannot be
 * told. */
static bool
read_nic(struct reader *r, const struct dvsrec_vnic *row,
         struct dvs_impact_nic *nic)
{
    const char *host = row->claimed_by ? row->claimed_by : row->host;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;

    dvs_impact_nic_init(nic);
    find_place(row, &port, &pg);
    if (!port && !pg) {
        nic->host = nullable_xstrdup(host);
        return true;
    }

    const struct dvsrec_switch *sw = port ? port->switch_ : pg->switch_;
    const struct dvs_switch *model = get_switch(r, sw);
    if (!model || !read_setting(r, model, port, pg, nic)) {
        return false;
    }
    nic->where = (port ? xasprintf("%s:%s", sw->name, port->key)
                  : xasprintf("%s/%s", sw->name, pg->name));
    nic->switch_ = xstrdup(sw->name);
    nic->mtu = model->mtu;
    return !host || read_host(r, sw, host, nic);
}

/* Adds to 'nics' how each NIC fares. */
static void
read_nics(struct reader *r, struct shash *nics)
{
    const struct dvsrec_vnic *row;

    DVSREC_VNIC_FOR_EACH (row, r->idl) {
        struct dvs_impact_nic *nic = xmalloc(sizeof *nic);

        if (read_nic(r, row, nic)) {
            shash_add(nics, row->id, nic);
        } else {
            dvs_impact_nic_destroy(nic);
            free(nic);
        }
    }
}

/* Takes into 'plan' what there is in 'idl', before the commands.  Returns
 * null, or a fault that the caller frees. */
char *
ctl_plan_begin(struct ctl_plan *plan, const struct ovsdb_idl *idl)
{
    const struct shash_node *node;
    struct reader r;

    char *error = gather(idl, &plan->document);
    if (error) {
        return error;
    }
    reader_init(&r, idl);
    read_nics(&r, &plan->nics);
    SHASH_FOR_EACH (node, &r.members) {
        const struct dvsrec_host_member *member = node->data;

        shash_add(&plan->members, node->name,
                  xstrdup(member->switch_->name));
    }
    reader_destroy(&r);
    return NULL;
}

/* Hosts: why each has something to do. */

struct plan_host {
    struct svec reasons;
    size_t n_nics;
};

static struct plan_host *
get_host(struct shash *hosts, const char *name)
{
    struct plan_host *host = shash_find_data(hosts, name);

    if (!host) {
        host = xzalloc(sizeof *host);
        svec_init(&host->reasons);
        shash_add(hosts, name, host);
    }
    return host;
}

static void OVS_PRINTF_FORMAT(3, 4)
touch_host(struct shash *hosts, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(&get_host(hosts, name)->reasons,
                    xvasprintf(format, args));
    va_end(args);
}

static bool
switch_is_touched(const struct dvsrec_switch *sw)
{
    return (ctl_row_is_touched(&sw->header_)
            || (sw->default_setting
                && ctl_row_is_touched(&sw->default_setting->header_)));
}

/* Adds to 'hosts' those that a change of a switch, or of who is a member of
 * it, concerns. */
static void
touch_members(const struct ctl_plan *plan, const struct reader *r,
              struct shash *hosts)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &r->members) {
        const struct dvsrec_host_member *member = node->data;
        const char *sw = member->switch_->name;

        if (!shash_find(&plan->members, node->name)) {
            touch_host(hosts, member->host, "joins switch %s", sw);
        } else if (ctl_row_is_touched(&member->header_)) {
            touch_host(hosts, member->host, "other uplinks in switch %s", sw);
        } else if (switch_is_touched(member->switch_)) {
            touch_host(hosts, member->host, "switch %s changes", sw);
        }
    }
    SHASH_FOR_EACH (node, &plan->members) {
        if (!shash_find(&r->members, node->name)) {
            touch_host(hosts, strchr(node->name, ' ') + 1,
                       "leaves switch %s", (const char *) node->data);
        }
    }
}

/* The result. */

static void
put_row(struct ctl_table *table, const char *kind, const char *object,
        const char *host, const char *effect, char *why)
{
    ctl_table_add_row(table);
    ctl_table_put(table, kind);
    ctl_table_put(table, object);
    ctl_table_put(table, host ? host : "");
    ctl_table_put(table, effect);
    ctl_table_put_nocopy(table, why);
}

/* Returns 'json' for people, which the caller frees. */
static char *
value_to_text(const char *json)
{
    return json ? dvs_doc_text_from_json(json) : xstrdup("none");
}

static void
put_objects(const struct dvs_doc_changes *changes, struct ctl_table *table)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct dvs_doc_change *c = &changes->changes[i];
        char *old = value_to_text(c->old);
        char *new = value_to_text(c->new);

        put_row(table, c->word, c->object, NULL,
                c->added ? "added" : c->removed ? "removed" : "changed",
                (c->column ? xasprintf("%s: %s -> %s", c->column, old, new)
                 : xstrdup("")));
        free(old);
        free(new);
    }
}

static void
put_hosts(const struct shash *hosts, struct ctl_table *table)
{
    const struct shash_node **nodes = shash_sort(hosts);

    for (size_t i = 0; i < shash_count(hosts); i++) {
        const struct plan_host *host = nodes[i]->data;
        char *reasons = svec_join(&host->reasons, ", ", "");

        put_row(table, "host", nodes[i]->name, NULL, "touched",
                (host->n_nics
                 ? xasprintf("%s%s%"PRIuSIZE" NIC%s", reasons,
                             reasons[0] ? ", " : "", host->n_nics,
                             host->n_nics == 1 ? "" : "s")
                 : xstrdup(reasons)));
        free(reasons);
    }
    free(nodes);
}

/* What becomes of a NIC. */
struct fate {
    const char *id;             /* Not owned. */
    const char *host;           /* Not owned; NULL if it runs nowhere. */
    enum dvs_effect effect;
    char *why;
};

/* Stores in '*fatesp' what becomes of each NIC of 'before' and 'after' that
 * has any effect, by id, and adds their hosts to 'hosts'.  Returns how many
 * there are. */
static size_t
find_fates(const struct shash *before, const struct shash *after,
           struct shash *hosts, struct fate **fatesp)
{
    struct shash all = SHASH_INITIALIZER(&all);
    struct dvs_impact_nic nothing;
    const struct shash_node *node;
    size_t n = 0;

    dvs_impact_nic_init(&nothing);
    SHASH_FOR_EACH (node, before) {
        shash_add(&all, node->name, node->name);
    }
    SHASH_FOR_EACH (node, after) {
        shash_add_once(&all, node->name, node->name);
    }

    const struct shash_node **nodes = shash_sort(&all);
    struct fate *fates = xmalloc(shash_count(&all) * sizeof *fates);
    for (size_t i = 0; i < shash_count(&all); i++) {
        const char *id = nodes[i]->data;
        const struct dvs_impact_nic *old = shash_find_data(before, id);
        const struct dvs_impact_nic *new = shash_find_data(after, id);
        struct ds why = DS_EMPTY_INITIALIZER;

        enum dvs_effect effect = dvs_impact(old ? old : &nothing,
                                            new ? new : &nothing, &why);
        if (effect != DVS_EFFECT_NONE) {
            const char *host = old && old->host ? old->host
                               : new ? new->host : NULL;

            fates[n++] = (struct fate) {
                id, host, effect, ds_steal_cstr(&why)
            };
            if (host) {
                get_host(hosts, host)->n_nics++;
            }
        }
        ds_destroy(&why);
    }
    free(nodes);
    shash_destroy(&all);
    dvs_impact_nic_destroy(&nothing);
    *fatesp = fates;
    return n;
}

/* Returns a fault if the commands ask the controller for something of which it
 * alone knows what it will do. */
static char *
check_tasks(const struct ovsdb_idl *idl)
{
    static const char *const harmless[] = { "checkpoint", "export",
                                            "refresh" };
    const struct dvsrec_task *task;

    DVSREC_TASK_FOR_EACH (task, idl) {
        bool changes = true;

        for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
            changes = changes && strcmp(task->operation, harmless[i]);
        }
        if (changes && ctl_row_is_touched(&task->header_)) {
            return xasprintf("NotSupported: %s is a task of the controller's, "
                             "which cannot be planned", task->operation);
        }
    }
    return NULL;
}

/* Makes a table of how 'before' and what 'r' reads differ: changed objects,
 * hosts that have something to do, and NICs. */
static void
put_plan(const struct ctl_plan *before, struct reader *r,
         const struct dvs_doc_changes *changes, struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "kind", false }, { "object", false }, { "host", false },
        { "effect", false }, { "why", false },
    };
    struct shash hosts = SHASH_INITIALIZER(&hosts);
    struct shash nics = SHASH_INITIALIZER(&nics);
    struct ctl_table table;
    struct fate *fates;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 0);
    read_nics(r, &nics);
    touch_members(before, r, &hosts);
    size_t n_fates = find_fates(&before->nics, &nics, &hosts, &fates);

    put_objects(changes, &table);
    put_hosts(&hosts, &table);
    for (size_t i = 0; i < n_fates; i++) {
        put_row(&table, "nic", fates[i].id, fates[i].host,
                dvs_effect_to_string(fates[i].effect), fates[i].why);
    }
    ctl_table_finish(&table, ctx);

    struct shash_node *node;
    SHASH_FOR_EACH (node, &hosts) {
        struct plan_host *host = node->data;

        svec_destroy(&host->reasons);
    }
    shash_destroy_free_data(&hosts);
    free(fates);
    destroy_nics(&nics);
}

/* Puts into 'ctx', as the output of its command, what becomes of what there
 * was when ctl_plan_begin() was called, now that the commands have written
 * their rows.  Returns null, or a fault that the caller frees. */
char *
ctl_plan_finish(struct ctl_plan *plan, struct ctl_context *ctx)
{
    struct dvs_doc_changes changes;
    struct dvs_document document;
    struct reader r;

    char *error = check_tasks(ctx->idl);
    if (error) {
        return error;
    }
    dvs_document_init(&document);
    error = gather(ctx->idl, &document);
    if (!error) {
        dvs_document_diff(&plan->document, &document, &changes);
        reader_init(&r, ctx->idl);
        put_plan(plan, &r, &changes, ctx);
        reader_destroy(&r);
        dvs_doc_changes_destroy(&changes);
    }
    dvs_document_destroy(&document);
    return error;
}

/* The command "plan", which is for the run as a whole. */
static void
pre_plan(struct ctl_context *ctx)
{
    ctl_plan_need(ctx);
    *dvsctl_context_cast(ctx)->plan = true;
}

static void
cmd_plan(struct ctl_context *ctx OVS_UNUSED)
{
}

const struct dvsctl_command dvsctl_plan_commands[] = {
    { { "plan", 0, 0, "", pre_plan, cmd_plan, NULL, "", RO },
      "show what the other commands would do" },
    { { .name = NULL }, NULL },
};

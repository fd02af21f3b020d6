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
#include "utilities/ctl-plan-admit.h"
#include "utilities/ctl-plan-host.h"
#include "utilities/ctl-plan-read.h"
#include "utilities/ctl-plan-task.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Prerequisite: all that a plan reads. */
void
ctl_plan_need(struct ctl_context *ctx)
{
    dvs_document_register(ctx->idl);
    ctl_plan_need_tasks(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_host);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_nic);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_reservation);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_host);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_nic);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_kind);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_ended);
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
    shash_init(&plan->places);
    shash_init(&plan->refused);
    plan->tasks = NULL;
    plan->n_tasks = plan->allocated_tasks = 0;
    shash_init(&plan->hosts);
    shash_init(&plan->merged);
    sset_init(&plan->rolled_out);
    sset_init(&plan->canaries);
}

/* Frees what 'plan' owns, but not 'plan' itself. */
void
ctl_plan_destroy(struct ctl_plan *plan)
{
    dvs_document_destroy(&plan->document);
    ctl_plan_destroy_nics(&plan->nics);
    shash_destroy_free_data(&plan->members);
    ctl_plan_destroy_places(&plan->places);
    shash_destroy_free_data(&plan->refused);
    free(plan->tasks);
    ctl_plan_destroy_hosts(&plan->hosts);
    shash_destroy_free_data(&plan->merged);
    sset_destroy(&plan->rolled_out);
    sset_destroy(&plan->canaries);
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

/* Before the commands. */

/* Takes into 'plan' what there is in 'idl', before the commands.  Returns
 * null, or a fault that the caller frees. */
char *
ctl_plan_begin(struct ctl_plan *plan, const struct ovsdb_idl *idl)
{
    const struct shash_node *node;
    struct ctl_plan_reader r;

    char *error = gather(idl, &plan->document);
    if (error) {
        return error;
    }
    ctl_plan_reader_init(&r, idl);
    ctl_plan_read_nics(&r, &plan->nics);
    ctl_plan_read_places(idl, &plan->places);
    ctl_plan_read_refusals(plan, &r, &plan->refused);
    SHASH_FOR_EACH (node, &r.members) {
        const struct dvsrec_host_member *member = node->data;

        shash_add(&plan->members, node->name,
                  xstrdup(member->switch_->name));
    }
    ctl_plan_reader_destroy(&r);
    return NULL;
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

/* Puts what differs, but for the coming and going of what is in 'moved', by
 * its path. */
static void
put_objects(const struct dvs_doc_changes *changes, const struct sset *moved,
            struct ctl_table *table)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct dvs_doc_change *c = &changes->changes[i];

        if ((c->added || c->removed) && sset_contains(moved, c->object)) {
            continue;
        }
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

/* Something that has moved or is gone. */
struct move {
    const char *kind;           /* Not owned. */
    char *why;                  /* NULL if it is gone. */
};

static void
add_move(struct shash *by_path, const struct ctl_plan_place *place, char *why)
{
    struct move *move = xmalloc(sizeof *move);

    *move = (struct move) { place->kind, why };
    shash_add(by_path, place->path, move);
}

/* Puts what has moved, and is in something else than 'before', and the ports
 * that are gone from what is still there.  Adds their paths, then and now, to
 * 'moved'. */
static void
put_moved(const struct shash *before, const struct shash *after,
          struct sset *moved, struct ctl_table *table)
{
    struct shash by_path = SHASH_INITIALIZER(&by_path);
    const struct shash_node *node;

    SHASH_FOR_EACH (node, after) {
        const struct ctl_plan_place *new = node->data;
        const struct ctl_plan_place *old = shash_find_data(before, node->name);

        if (old && !uuid_equals(&old->parent, &new->parent)) {
            bool inside = uuid_equals(&old->switch_, &new->switch_);

            add_move(&by_path, new, xasprintf(
                "%s -> %s", inside ? old->parent_path : old->path,
                inside ? new->parent_path : new->path));
            sset_add(moved, old->path);
            sset_add(moved, new->path);
        }
    }

    SHASH_FOR_EACH (node, before) {
        const struct ctl_plan_place *old = node->data;
        char *parent = xasprintf(UUID_FMT, UUID_ARGS(&old->parent));

        if (!strcmp(old->kind, "port") && !shash_find(after, node->name)
            && shash_find(after, parent)) {
            add_move(&by_path, old, NULL);
            sset_add(moved, old->path);
        }
        free(parent);
    }

    const struct shash_node **nodes = shash_sort(&by_path);
    for (size_t i = 0; i < shash_count(&by_path); i++) {
        const struct move *move = nodes[i]->data;

        put_row(table, move->kind, nodes[i]->name, NULL,
                move->why ? "moved" : "removed",
                move->why ? move->why : xstrdup(""));
    }
    free(nodes);
    shash_destroy_free_data(&by_path);
}

static void
put_hosts(const struct shash *hosts, struct ctl_table *table)
{
    const struct shash_node **nodes = shash_sort(hosts);

    for (size_t i = 0; i < shash_count(hosts); i++) {
        struct ctl_plan_host *host = nodes[i]->data;

        svec_sort_unique(&host->reasons);
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
    const char *effect;         /* Not owned. */
    char *why;
};

/* Makes '*switch_' the switch into which that is merged, if it is. */
void
ctl_plan_follow_merges(const struct ctl_plan *plan, struct uuid *switch_)
{
    const struct uuid *to;

    do {
        char *from = xasprintf(UUID_FMT, UUID_ARGS(switch_));

        to = shash_find_data(&plan->merged, from);
        if (to) {
            *switch_ = *to;
        }
        free(from);
    } while (to);
}

/* Stores in '*fatesp' what becomes of each NIC of 'plan' and 'after' that has
 * any effect, by id, and takes their hosts into 'plan'.  One that is 'refused'
 * (id -> "char *") stays where it is.  Returns how many there are. */
static size_t
find_fates(struct ctl_plan *plan, const struct shash *after,
           const struct shash *refused, struct fate **fatesp)
{
    const struct shash *before = &plan->nics;
    struct shash all = SHASH_INITIALIZER(&all);
    struct dvs_impact_nic nothing;
    const struct shash_node *node;
    size_t n = 0;

    dvs_impact_nic_init(&nothing);
    SHASH_FOR_EACH (node, before) {
        struct dvs_impact_nic *nic = node->data;

        /* For it, that is no other switch: whoever is there comes along. */
        ctl_plan_follow_merges(plan, &nic->switch_uuid);
        shash_add(&all, node->name, node->name);
    }
    SHASH_FOR_EACH (node, after) {
        shash_add_once(&all, node->name, node->name);
    }

    const struct shash_node **nodes = shash_sort(&all);
    struct fate *fates = xmalloc(2 * shash_count(&all) * sizeof *fates);
    for (size_t i = 0; i < shash_count(&all); i++) {
        const char *id = nodes[i]->data;
        const struct dvs_impact_nic *old = shash_find_data(before, id);
        const struct dvs_impact_nic *new = shash_find_data(after, id);
        const char *host = old && old->host ? old->host
                           : new ? new->host : NULL;
        const char *fault = shash_find_data(refused, id);
        struct ds why = DS_EMPTY_INITIALIZER;

        enum dvs_effect effect = dvs_impact(old ? old : &nothing,
                                            new ? new : &nothing, &why);
        if (effect != DVS_EFFECT_NONE
            && (!fault || nullable_string_is_equal(old ? old->where : NULL,
                                                   new->where))) {
            fates[n++] = (struct fate) {
                id, host, dvs_effect_to_string(effect), ds_steal_cstr(&why)
            };
            if (host) {
                ctl_plan_get_host(plan, host)->n_nics++;
            }
        }
        if (fault) {
            fates[n++] = (struct fate) {
                id, host, "refused", xstrdup(fault)
            };
        }
        ds_destroy(&why);
    }
    free(nodes);
    shash_destroy(&all);
    dvs_impact_nic_destroy(&nothing);
    *fatesp = fates;
    return n;
}

/* Returns what 'all' (UUID -> "char *") says of 'row', if that is news: if it
 * was not so in 'plan' before, or the run has asked for it again. */
static const char *
find_refusal(const struct ctl_plan *plan, const struct shash *all,
             const struct ovsdb_idl_row *row)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->uuid));
    const char *fault = shash_find_data(all, uuid);

    if (fault && shash_find(&plan->refused, uuid)
        && !ctl_row_is_touched(row)) {
        fault = NULL;
    }
    free(uuid);
    return fault;
}

/* Puts the quotas that are refused according to 'all'. */
static void
put_refused_pools(const struct ctl_plan *plan, const struct shash *all,
                  const struct ovsdb_idl *idl, struct ctl_table *table)
{
    const struct dvsrec_resource_pool *row;
    struct shash by_path = SHASH_INITIALIZER(&by_path);

    DVSREC_RESOURCE_POOL_FOR_EACH (row, idl) {
        const char *fault = find_refusal(plan, all, &row->header_);

        if (fault) {
            shash_add_nocopy(&by_path,
                             xasprintf("%s resource pool %s",
                                       row->switch_->name, row->name),
                             fault);
        }
    }

    const struct shash_node **nodes = shash_sort(&by_path);
    for (size_t i = 0; i < shash_count(&by_path); i++) {
        put_row(table, "resource pool", nodes[i]->name, NULL, "refused",
                xstrdup(nodes[i]->data));
    }
    free(nodes);
    shash_destroy(&by_path);
}

/* Adds to 'refused', by their id, the NICs that are refused according to
 * 'all'. */
static void
find_refused_nics(const struct ctl_plan *plan, const struct shash *all,
                  const struct ovsdb_idl *idl, struct shash *refused)
{
    const struct dvsrec_vnic *row;

    DVSREC_VNIC_FOR_EACH (row, idl) {
        const char *fault = find_refusal(plan, all, &row->header_);

        if (fault) {
            shash_add(refused, row->id, fault);
        }
    }
}

/* Makes a table of how 'plan' and what 'r' reads differ: changed objects,
 * hosts that have something to do, and NICs. */
static void
put_plan(struct ctl_plan *plan, struct ctl_plan_reader *r,
         const struct dvs_doc_changes *changes, struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "kind", false }, { "object", false }, { "host", false },
        { "effect", false }, { "why", false },
    };
    struct shash nics = SHASH_INITIALIZER(&nics);
    struct shash places = SHASH_INITIALIZER(&places);
    struct shash refused = SHASH_INITIALIZER(&refused);
    struct shash refused_nics = SHASH_INITIALIZER(&refused_nics);
    struct sset moved = SSET_INITIALIZER(&moved);
    struct ctl_table table;
    struct fate *fates;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 0);
    ctl_plan_read_nics(r, &nics);
    ctl_plan_find_hosts(plan, r, changes);
    ctl_plan_read_refusals(plan, r, &refused);
    find_refused_nics(plan, &refused, r->idl, &refused_nics);
    size_t n_fates = find_fates(plan, &nics, &refused_nics, &fates);
    ctl_plan_find_canaries(plan, r);

    ctl_plan_read_places(r->idl, &places);
    put_moved(&plan->places, &places, &moved, &table);
    put_objects(changes, &moved, &table);
    put_refused_pools(plan, &refused, r->idl, &table);
    put_hosts(&plan->hosts, &table);
    for (size_t i = 0; i < n_fates; i++) {
        put_row(&table, "nic", fates[i].id, fates[i].host,
                fates[i].effect, fates[i].why);
    }
    ctl_table_finish(&table, ctx);
    free(fates);
    ctl_plan_destroy_nics(&nics);
    ctl_plan_destroy_places(&places);
    sset_destroy(&moved);
    shash_destroy_free_data(&refused);
    shash_destroy(&refused_nics);
}

/* Puts into 'ctx', as the output of its command, what becomes of what there
 * was when ctl_plan_begin() was called, now that the commands have written
 * their rows.  Returns null, or a fault that the caller frees. */
char *
ctl_plan_finish(struct ctl_plan *plan, struct ctl_context *ctx)
{
    struct dvs_doc_changes changes;
    struct dvs_document document;
    struct ctl_plan_reader r;

    char *error = ctl_plan_run_tasks(plan, ctx);
    if (error) {
        return error;
    }
    dvs_document_init(&document);
    error = gather(ctx->idl, &document);
    if (!error) {
        dvs_document_diff(&plan->document, &document, &changes);
        ctl_plan_reader_init(&r, ctx->idl);
        put_plan(plan, &r, &changes, ctx);
        ctl_plan_reader_destroy(&r);
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

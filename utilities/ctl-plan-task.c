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

/* Plans of tasks.  See ctl-plan-task.h.
 *
 * Whether an operation can be done, and which rows it changes, the model
 * library knows (schema/dvs-operation.h); this file tells it what there is,
 * and remembers what cannot be seen in the rows afterwards. */

#include <config.h>

#include "utilities/ctl-plan-task.h"

#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-merge.h"
#include "schema/dvs-operation-document.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-read.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-plan-host.h"
#include "utilities/ctl-plan.h"
#include "utilities/ctl-view.h"

/* Prerequisite: what tasks are judged by. */
void
ctl_plan_need_tasks(struct ctl_context *ctx)
{
    static const struct ovsdb_idl_table_class *const tables[] = {
        &dvsrec_table_task, &dvsrec_table_mirror, &dvsrec_table_ipfix,
        &dvsrec_table_traffic_class, &dvsrec_table_resource_pool,
    };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        ctl_need_table(ctx, tables[i]);
    }
    ovsdb_idl_add_column(ctx->idl, &dvsrec_checkpoint_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_checkpoint_col_name);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_checkpoint_col_sequence);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_checkpoint_col_change);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_dvs_global_col_options);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_switch_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_portgroup_col_portgroup);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_portgroup_col_type);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_host_col_host);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_host_col_switch_);
}

/* Prerequisite: the documents that a rollback may go back to, which are
 * large. */
void
ctl_plan_need_checkpoints(struct ctl_context *ctx)
{
    ctl_need_table(ctx, &dvsrec_table_checkpoint);
}

/* What there is. */

struct rows {
    const struct ctl_plan *plan;
    struct ovsdb_idl *idl;
    struct shash models;        /* UUID -> "struct dvs_switch". */
    struct shash ports;         /* "UUID:KEY" -> row, once a port has been
                                 * asked for.  Keys that a task gives are not
                                 * added: it gives none twice. */
};

static bool
is_new(const struct ovsdb_idl_row *row)
{
    return row->new_datum && !row->old_datum;
}

static const struct dvsrec_portgroup *
rows_portgroup(void *rows_, const struct dvsrec_switch *s, const char *name)
{
    const struct rows *rows = rows_;
    const struct dvsrec_portgroup *row;

    DVSREC_PORTGROUP_FOR_EACH (row, rows->idl) {
        if (row->switch_ == s && !strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

static char *
port_name(const struct dvsrec_switch *s, const char *key)
{
    return xasprintf(UUID_FMT":%s", UUID_ARGS(&s->header_.uuid), key);
}

static const struct dvsrec_port *
rows_port(void *rows_, const struct dvsrec_switch *s, const char *key)
{
    struct rows *rows = rows_;
    const struct dvsrec_port *row;

    if (shash_is_empty(&rows->ports)) {
        DVSREC_PORT_FOR_EACH (row, rows->idl) {
            shash_add_nocopy(&rows->ports, port_name(row->switch_, row->key),
                             row);
        }
    }

    char *name = port_name(s, key);
    row = shash_find_data(&rows->ports, name);
    free(name);
    return row;
}

static int
compare_members(const void *a_, const void *b_)
{
    const struct dvsrec_host_member *const *a = a_;
    const struct dvsrec_host_member *const *b = b_;

    return strcmp((*a)->host, (*b)->host);
}

static size_t
rows_members(void *rows_, const struct dvsrec_switch *s, const char *host,
             const struct dvsrec_host_member ***rowsp)
{
    const struct rows *rows = rows_;
    const struct dvsrec_host_member *row;
    size_t n = 0, allocated = 0;

    *rowsp = NULL;
    DVSREC_HOST_MEMBER_FOR_EACH (row, rows->idl) {
        if ((!s || row->switch_ == s) && (!host || !strcmp(row->host, host))) {
            if (n >= allocated) {
                *rowsp = x2nrealloc(*rowsp, &allocated, sizeof **rowsp);
            }
            (*rowsp)[n++] = row;
        }
    }
    if (n) {
        qsort(*rowsp, n, sizeof **rowsp, compare_members);
    }
    return n;
}

static const struct dvs_switch *
rows_model(void *rows_, const struct dvsrec_switch *s)
{
    struct rows *rows = rows_;
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&s->header_.uuid));
    struct dvs_switch *sw = shash_find_data(&rows->models, uuid);

    if (!sw) {
        sw = xmalloc(sizeof *sw);
        dvs_switch_init(sw);
        /* One that cannot be read is at fault. */
        free(ctl_read_switch(rows->idl, s, sw));
        shash_add(&rows->models, uuid, sw);
    }
    free(uuid);
    return sw;
}

/* What this run has changed of a switch has been checked, and the fault that
 * it had may be gone. */
static bool
rows_is_ok(void *rows_, const struct dvsrec_switch *s)
{
    if (ctl_row_is_touched(&s->header_)
        || (s->default_setting
            && ctl_row_is_touched(&s->default_setting->header_))) {
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        dvs_validate_switch(rows_model(rows_, s), &faults);
        bool ok = !faults.n;
        dvs_faults_destroy(&faults);
        return ok;
    }
    return !s->n_faults;
}

/* The controller tells hosts of what is new before it begins tasks. */
static bool
rows_is_known(void *rows_, const struct dvsrec_switch *s)
{
    const struct rows *rows = rows_;
    const struct dvsrec_proxy_switch *proxy;

    DVSREC_PROXY_SWITCH_FOR_EACH (proxy, rows->idl) {
        if (uuid_equals(&proxy->switch_, &s->header_.uuid)) {
            return true;
        }
    }
    return is_new(&s->header_);
}

static bool
rows_is_rolled_out(void *rows_, const struct dvsrec_switch *s)
{
    const struct rows *rows = rows_;
    char *uuid = xasprintf(UUID_FMT"/", UUID_ARGS(&s->header_.uuid));
    bool found = sset_contains(&rows->plan->rolled_out, s->name);
    const struct dvsrec_task *task;

    DVSREC_TASK_FOR_EACH (task, rows->idl) {
        if (strcmp(task->operation, "rollout")
            || strcmp(task->state, "running")) {
            continue;
        }
        for (size_t i = 0; i < task->n_awaiting; i++) {
            found = found || !strncmp(task->key_awaiting[i], uuid,
                                      strlen(uuid));
        }
    }
    free(uuid);
    return found;
}

static bool
rows_is_in_force(void *rows_, const struct dvsrec_portgroup *pg,
                 enum dvs_portgroup_type *typep)
{
    const struct rows *rows = rows_;
    const struct ovsdb_idl_row *row = &pg->header_;
    const struct dvsrec_proxy_portgroup *proxy, *found = NULL;
    bool type_is_written = (is_new(row)
                            || (row->written
                                && bitmap_is_set(row->written,
                                                 DVSREC_PORTGROUP_COL_TYPE)));

    DVSREC_PROXY_PORTGROUP_FOR_EACH (proxy, rows->idl) {
        if (uuid_equals(&proxy->portgroup, &row->uuid)) {
            found = proxy;
        }
    }
    *typep = DVS_EARLY_BINDING;
    dvs_portgroup_type_from_string(found && !type_is_written ? found->type
                                   : pg->type, typep);
    return found || is_new(row);
}

static bool
rows_is_connected(void *rows_, const char *host)
{
    const struct rows *rows = rows_;
    const struct dvsrec_host_member *row;

    /* A host is connected, or is not, in all switches alike. */
    DVSREC_HOST_MEMBER_FOR_EACH (row, rows->idl) {
        if (!strcmp(row->host, host) && row->status) {
            return strcmp(row->status, "disconnected") != 0;
        }
    }
    return true;
}

static bool
rows_refuses(void *rows_, const struct dvsrec_switch *s, const char *host)
{
    const struct rows *rows = rows_;
    const struct dvsrec_host_member *row;

    DVSREC_HOST_MEMBER_FOR_EACH (row, rows->idl) {
        if (row->switch_ == s && !strcmp(row->host, host)) {
            return nullable_string_is_equal(row->status, "out-of-sync");
        }
    }
    return false;
}

static bool
rows_has_base(void *rows_, const struct dvsrec_switch *s)
{
    const struct rows *rows = rows_;
    const struct dvsrec_checkpoint *row;

    DVSREC_CHECKPOINT_FOR_EACH (row, rows->idl) {
        if (uuid_equals(&row->switch_, &s->header_.uuid) && !row->name
            && !row->change[0]) {
            return true;
        }
    }
    return false;
}

static const struct dvs_lookup rows_lookup = {
    .portgroup = rows_portgroup,
    .port = rows_port,
    .members = rows_members,
    .model = rows_model,
    .is_ok = rows_is_ok,
    .is_known = rows_is_known,
    .is_rolled_out = rows_is_rolled_out,
    .is_in_force = rows_is_in_force,
    .is_connected = rows_is_connected,
    .refuses = rows_refuses,
    .has_base = rows_has_base,
};

/* What is known of switches and ports may have changed. */
static void
rows_clear(struct rows *rows)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &rows->models) {
        dvs_switch_destroy(node->data);
    }
    shash_clear_free_data(&rows->models);
    shash_clear(&rows->ports);
}

/* Operations.  Each sets the fault of 'op' if it cannot be done. */

typedef void plan_operation(struct ctl_plan *, struct dvs_operation *);

static void
plan_checkpoint(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    const struct dvsrec_switch *s;
    const char *name;

    dvs_checkpoint_check(op, &s, &name);
}

static void
plan_export(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    dvs_export(op);
}

static void
plan_import(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    dvs_import_run(op, NULL, NULL);
}

static void
plan_rollback(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    struct dvs_restore_point p;
    bool spec_only;

    if (!dvs_rollback_init(&p, op, &spec_only)) {
        /* The fault is set. */
    } else if (spec_only) {
        dvs_rollback_spec(&p, op);
    } else if (p.changes.n) {
        dvs_rollback_run(&p, op);
    }
    dvs_restore_point_destroy(&p);
}

static void
plan_move_port(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    struct dvs_move m;

    if (dvs_move_init(&m, op)) {
        for (size_t i = 0; i < m.n; i++) {
            dvs_move_port(&m, m.ports[i]);
        }
    }
    dvs_move_destroy(&m);
}

static void
plan_merge(struct ctl_plan *plan, struct dvs_operation *op)
{
    struct dvs_merge m;

    if (dvs_merge_init(&m, op)) {
        char *from = xasprintf(UUID_FMT, UUID_ARGS(&m.from->header_.uuid));

        shash_add_nocopy(&plan->merged, from,
                         xmemdup(&m.to->header_.uuid,
                                 sizeof m.to->header_.uuid));
        dvs_merge_run(&m);
    }
    dvs_merge_destroy(&m);
}

static void
plan_upgrade(struct ctl_plan *plan OVS_UNUSED, struct dvs_operation *op)
{
    const struct dvsrec_switch *s;
    int level;

    if (dvs_upgrade_check(op, &s, &level)) {
        dvs_upgrade(s, level);
    }
}

/* Returns why the host of 'row' is not going to answer, or NULL. */
static char *
find_silence(const struct ovsdb_idl *idl, const struct dvsrec_host_member *row)
{
    const char *status = row->status ? row->status : "";
    const struct dvsrec_proxy_host *proxy;
    bool told = is_new(&row->header_);

    DVSREC_PROXY_HOST_FOR_EACH (proxy, idl) {
        told = told || (!strcmp(proxy->host, row->host)
                        && uuid_equals(&proxy->switch_,
                                       &row->switch_->header_.uuid));
    }
    return dvs_host_silence(row->host, told, strcmp(status, "disconnected"),
                            strcmp(status, "down") ? NULL
                            : row->status_detail);
}

/* "rectify" and "refresh".  What a host would find, it alone knows; what it
 * has reported of that, it puts right. */
static void
plan_hosts(struct ctl_plan *plan, struct dvs_operation *op)
{
    struct svec silences = SVEC_EMPTY_INITIALIZER;
    bool rectify = !strcmp(op->row->operation, "rectify");
    const struct dvsrec_host_member **rows;
    size_t n;

    if (dvs_operation_members(op, &rows, &n)) {
        for (size_t i = 0; i < n; i++) {
            const struct dvsrec_host_member *row = rows[i];
            char *silence = find_silence(op->idl, row);

            if (silence) {
                svec_add_nocopy(&silences, silence);
            } else if (rectify) {
                bool bad = row->status && row->status_detail[0];

                ctl_plan_touch_host(plan, row->host,
                                    "compares all that it has of switch "
                                    "%s%s%s%s%s%s", row->switch_->name,
                                    bad ? " (" : "", bad ? row->status : "",
                                    bad ? ": " : "",
                                    bad ? row->status_detail : "",
                                    bad ? ")" : "");
            }
        }
        if (silences.n) {
            dvs_operation_fault_hosts(op, &silences, n);
        }
    }
    free(rows);
    svec_destroy(&silences);
}

static void
plan_rollout(struct ctl_plan *plan, struct dvs_operation *op)
{
    struct svec hosts = SVEC_EMPTY_INITIALIZER;
    const struct dvsrec_switch *s;
    const char *host;
    size_t i;

    if (dvs_rollout_check(op, &s, &hosts) && hosts.n) {
        sset_add(&plan->rolled_out, s->name);
        SVEC_FOR_EACH (i, host, &hosts) {
            char *key = xasprintf("%s %s", s->name, host);

            sset_add(&plan->canaries, key);
            free(key);
        }
    }
    svec_destroy(&hosts);
}

static const struct {
    const char *name;           /* As in Task.operation. */
    plan_operation *run;
} operations[] = {
    { "checkpoint", plan_checkpoint },
    { "export", plan_export },
    { "import", plan_import },
    { "rollback", plan_rollback },
    { "move-port", plan_move_port },
    { "merge", plan_merge },
    { "rectify", plan_hosts },
    { "refresh", plan_hosts },
    { "rollout", plan_rollout },
    { "upgrade", plan_upgrade },
};

static void
run_operation(struct ctl_plan *plan, struct dvs_operation *op)
{
    if (!dvs_operation_check(op)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        if (!strcmp(operations[i].name, op->row->operation)) {
            operations[i].run(plan, op);
            return;
        }
    }
    OVS_NOT_REACHED();
}

/* Tasks. */

/* Takes into 'plan' the tasks that the commands of 'ctx' have asked for since
 * the last call, so that their order is known. */
void
ctl_plan_note_tasks(struct ctl_plan *plan, const struct ctl_context *ctx)
{
    const struct dvsrec_task *task;

    DVSREC_TASK_FOR_EACH (task, ctx->idl) {
        if (!ctl_row_is_touched(&task->header_)) {
            continue;
        }

        size_t i = 0;
        while (i < plan->n_tasks
               && !uuid_equals(&plan->tasks[i], &task->header_.uuid)) {
            i++;
        }
        if (i == plan->n_tasks) {
            if (plan->n_tasks >= plan->allocated_tasks) {
                plan->tasks = x2nrealloc(plan->tasks, &plan->allocated_tasks,
                                         sizeof *plan->tasks);
            }
            plan->tasks[plan->n_tasks++] = task->header_.uuid;
        }
    }
}

/* Does what 'task' asks for.  Returns NULL, or a fault that the caller
 * frees. */
static char * OVS_WARN_UNUSED_RESULT
run_task(struct ctl_plan *plan, struct ctl_context *ctx, struct rows *rows,
         const struct dvsrec_task *task)
{
    struct dvs_operation op;
    char *fault = NULL;

    if (strcmp(task->state, "queued")) {
        return (is_new(&task->header_)
                ? xasprintf("InvalidState: %s: a task begins in state "
                            "\"queued\"", task->operation)
                : NULL);
    }
    dvs_operation_init(&op, ctx->idl, ctx->txn, &rows_lookup, rows, task);
    run_operation(plan, &op);
    if (op.fault) {
        fault = ctl_fault_to_line(op.fault, NULL);
    }
    dvs_operation_destroy(&op);
    rows_clear(rows);
    return fault;
}

/* Returns the task that is called 'uuid', or NULL if there is none any
 * more. */
static const struct dvsrec_task *
find_task(const struct ctl_context *ctx, const struct uuid *uuid)
{
    const struct dvsrec_task *task = dvsrec_task_get_for_uuid(ctx->idl, uuid);

    return task && ctl_row_exists(&task->header_) ? task : NULL;
}

/* Does all that the tasks of 'plan' ask for: first what concerns rollouts, as
 * the controller does, and then one task after another.  Returns NULL, or a
 * fault that the caller frees. */
char *
ctl_plan_run_tasks(struct ctl_plan *plan, struct ctl_context *ctx)
{
    struct rows rows = { .plan = plan, .idl = ctx->idl };
    char *fault = NULL;

    shash_init(&rows.models);
    shash_init(&rows.ports);
    for (size_t i = 0; i < 2 * plan->n_tasks && !fault; i++) {
        const struct dvsrec_task *task
            = find_task(ctx, &plan->tasks[i % plan->n_tasks]);
        bool rollout = task && !strcmp(task->operation, "rollout");

        if (task && rollout == (i < plan->n_tasks)) {
            fault = run_task(plan, ctx, &rows, task);
        }
    }
    rows_clear(&rows);
    shash_destroy(&rows.models);
    shash_destroy(&rows.ports);
    return fault;
}

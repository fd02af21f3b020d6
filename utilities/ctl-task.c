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

/* dvsctl's commands that are tasks, those about tasks, and what commands of
 * other families that are tasks share.  See ctl-task.h. */

#include <config.h>

#include "utilities/ctl-task.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Prerequisite: the tasks, but not the documents that some come with. */
void
ctl_need_tasks(struct ctl_context *ctx)
{
    const struct ovsdb_idl_table_class *table = &dvsrec_table_task;

    for (size_t i = 0; i < table->n_columns; i++) {
        if (&table->columns[i] != &dvsrec_task_col_document) {
            ovsdb_idl_add_column(ctx->idl, &table->columns[i]);
        }
    }
}

/* Inserts a task, with a UUID of our own: if the database server's answer gets
 * lost, it shows whether the transaction was committed. */
const struct dvsrec_task *
ctl_task_insert(struct ovsdb_idl_txn *txn)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    return dvsrec_task_insert_persist_uuid(txn, &uuid);
}

/* Returns true if the transaction that has touched 'touched', in which it
 * inserted a task, has been committed. */
bool
ctl_task_is_there(const struct ctl_touched *touched,
                  const struct ovsdb_idl *idl)
{
    return (!uuid_is_zero(&touched->task)
            && dvsrec_task_get_for_uuid(idl, &touched->task));
}

/* Asks for 'operation' with 'arguments', which it destroys. */
const struct dvsrec_task *
ctl_task_add(struct ctl_context *ctx, const char *operation,
             struct smap *arguments)
{
    const struct dvsrec_task *task = ctl_task_insert(ctx->txn);

    dvsrec_task_set_operation(task, operation);
    dvsrec_task_set_arguments(task, arguments);
    dvsrec_task_set_state(task, "queued");
    smap_destroy(arguments);
    if (!dvsctl_context_cast(ctx)->waits) {
        ds_put_format(&ctx->output, UUID_FMT "\n",
                      UUID_ARGS(&task->header_.uuid));
    }
    return task;
}

/* Puts the UUID that the database server has given the task in the place of
 * the one by which ctl_task_add() has known it. */
void
ctl_task_post(struct ctl_context *ctx)
{
    struct uuid uuid;

    if (uuid_from_string_prefix(&uuid, ds_cstr(&ctx->output))) {
        const struct uuid *real = ovsdb_idl_txn_get_insert_uuid(ctx->txn,
                                                                &uuid);
        if (real) {
            ds_clear(&ctx->output);
            ds_put_format(&ctx->output, UUID_FMT "\n", UUID_ARGS(real));
        }
    }
}

/* Returns task number 'i' of 'touched', or NULL if that is none, or gone. */
static const struct dvsrec_task *
touched_task(const struct ctl_touched *touched, const struct ovsdb_idl *idl,
             size_t i)
{
    if (touched->rows[i].table != &dvsrec_table_task) {
        return NULL;
    }
    return dvsrec_task_get_for_uuid(idl, &touched->rows[i].uuid);
}

static bool
is_over(const struct dvsrec_task *task)
{
    return !strcmp(task->state, "success") || !strcmp(task->state, "error");
}

/* Returns true if all tasks of 'touched' have ended, or have been taken back.
 * Otherwise leaves in 'progress' how far the first one is. */
bool
ctl_tasks_are_done(const struct ctl_touched *touched,
                   const struct ovsdb_idl *idl, struct ds *progress)
{
    ds_clear(progress);
    for (size_t i = 0; i < touched->n; i++) {
        const struct dvsrec_task *task = touched_task(touched, idl, i);

        if (task && !is_over(task)) {
            ds_put_format(progress, "%s: %s, %"PRId64"%%", task->operation,
                          task->state, task->progress);
            return false;
        }
    }
    return true;
}

/* Adds to 'output' what came of the tasks of 'touched'. */
void
ctl_tasks_put_results(const struct ctl_touched *touched,
                      const struct ovsdb_idl *idl, struct ds *output)
{
    for (size_t i = 0; i < touched->n; i++) {
        const struct dvsrec_task *task = touched_task(touched, idl, i);

        if (task && !strcmp(task->state, "success")) {
            const struct smap_node **nodes = smap_sort(&task->result);

            for (size_t j = 0; j < smap_count(&task->result); j++) {
                ds_put_format(output, "%s: %s\n", nodes[j]->key,
                              nodes[j]->value);
            }
            free(nodes);
        }
    }
}

/* Commands that are tasks. */

static void
pre_task(struct ctl_context *ctx)
{
    ctl_need_tasks(ctx);
    ctl_need_switches(ctx);
}

/* Adds to 'arguments' the switch called 'name', which must exist. */
static bool
put_switch(struct ctl_context *ctx, const char *name, struct smap *arguments)
{
    bool found = ctl_find_switch(ctx, name, true) != NULL;

    if (found) {
        smap_add(arguments, "switch", name);
    }
    return found;
}

/* Adds to 'arguments' the switch, which must exist, and the ports that 'name',
 * SWITCH:KEY[,KEY]..., stands for. */
static bool
put_ports(struct ctl_context *ctx, const char *name, struct smap *arguments)
{
    const char *colon = strchr(name, ':');

    if (!colon) {
        ctl_fault(ctx, "InvalidArgument",
                  "port \"%s\" is not of the form SWITCH:KEY", name);
        return false;
    }

    char *sw = xmemdup0(name, colon - name);
    bool found = put_switch(ctx, sw, arguments);
    if (found) {
        smap_add(arguments, "ports", colon + 1);
    }
    free(sw);
    return found;
}

/* Asks for 'operation' with 'arguments', which it destroys, unless 'ok' is
 * false. */
static void
add_if(struct ctl_context *ctx, bool ok, const char *operation,
       struct smap *arguments)
{
    if (ok) {
        ctl_task_add(ctx, operation, arguments);
    } else {
        smap_destroy(arguments);
    }
}

static void
cmd_move_port(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);
    bool ok = put_ports(ctx, ctx->argv[1], &arguments);

    if (ok && ctx->argc > 2) {
        const char *sw = smap_get(&arguments, "switch");
        const char *pg = ctx->argv[2];
        size_t n = strlen(sw);

        smap_add(&arguments, "portgroup",
                 !strncmp(pg, sw, n) && pg[n] == '/' ? pg + n + 1 : pg);
    }
    add_if(ctx, ok, "move-port", &arguments);
}

static void
cmd_rectify(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);
    bool ok = put_switch(ctx, ctx->argv[1], &arguments);

    if (ctx->argc > 2) {
        smap_add(&arguments, "hosts", ctx->argv[2]);
    }
    add_if(ctx, ok, "rectify", &arguments);
}

static void
cmd_refresh_port(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);
    bool ok = (strchr(ctx->argv[1], ':')
               ? put_ports(ctx, ctx->argv[1], &arguments)
               : put_switch(ctx, ctx->argv[1], &arguments));

    add_if(ctx, ok, "refresh", &arguments);
}

static void
cmd_merge_switch(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);
    bool ok = (ctl_find_switch(ctx, ctx->argv[1], true)
               && put_switch(ctx, ctx->argv[2], &arguments));

    smap_add(&arguments, "source", ctx->argv[1]);
    add_if(ctx, ok, "merge", &arguments);
}

static void
cmd_upgrade_switch(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);
    bool ok = put_switch(ctx, ctx->argv[1], &arguments);

    if (ctx->argc > 2) {
        smap_add(&arguments, "version", ctx->argv[2]);
    }
    add_if(ctx, ok, "upgrade", &arguments);
}

/* Commands about tasks. */

/* Returns the time in 'column', of which there are 'n', in ms, as text that
 * the caller frees, or NULL. */
static char *
format_time(const int64_t *column, size_t n)
{
    return (n ? xastrftime_msec("%Y-%m-%d %H:%M:%S.###", *column, false)
            : NULL);
}

/* Returns 'map' as KEY=VALUE words, which the caller frees. */
static char *
format_map(const struct smap *map)
{
    const struct smap_node **nodes = smap_sort(map);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < smap_count(map); i++) {
        ds_put_format(&s, "%s%s=%s", i ? " " : "", nodes[i]->key,
                      nodes[i]->value);
    }
    free(nodes);
    return ds_steal_cstr(&s);
}

static void
cmd_list_tasks(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "created", false }, { "task", false }, { "operation", false },
        { "arguments", false }, { "state", false }, { "progress", true },
        { "completed", false }, { "fault", false },
    };
    const struct dvsrec_task *task;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 2);
    DVSREC_TASK_FOR_EACH (task, ctx->idl) {
        ctl_table_add_row(&table);
        ctl_table_put_nocopy(&table, format_time(task->created,
                                                 task->n_created));
        ctl_table_format(&table, UUID_FMT, UUID_ARGS(&task->header_.uuid));
        ctl_table_put(&table, task->operation);
        ctl_table_put_nocopy(&table, format_map(&task->arguments));
        ctl_table_put(&table, task->state);
        ctl_table_format(&table, "%"PRId64, task->progress);
        ctl_table_put_nocopy(&table, format_time(task->completed,
                                                 task->n_completed));
        ctl_table_put(&table, task->fault);
    }
    ctl_table_finish(&table, ctx);
}

/* Returns the task that 'id', of which it takes the first digits, names.
 * Reports a fault if there is none, or more than one. */
static const struct dvsrec_task *
find_task(struct ctl_context *ctx, const char *id)
{
    const struct dvsrec_task *task, *found = NULL;

    DVSREC_TASK_FOR_EACH (task, ctx->idl) {
        char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&task->header_.uuid));
        bool match = strlen(id) >= 4 && !strncmp(uuid, id, strlen(id));

        free(uuid);
        if (match && found) {
            ctl_fault(ctx, "InvalidArgument",
                      "more than one task begins with \"%s\"", id);
            return NULL;
        } else if (match) {
            found = task;
        }
    }
    if (!found) {
        ctl_fault(ctx, "NotFound", "there is no task \"%s\"", id);
    }
    return found;
}

/* Puts out a line of a name and 'value', which it frees, unless it is NULL. */
static void
put_line(struct ctl_context *ctx, const char *name, char *value)
{
    if (value) {
        ds_put_format(&ctx->output, "    %s: %s\n", name, value);
        free(value);
    }
}

static void
cmd_show_task(struct ctl_context *ctx)
{
    const struct dvsrec_task *task = find_task(ctx, ctx->argv[1]);

    if (!task) {
        return;
    }
    ds_put_format(&ctx->output, "task "UUID_FMT"\n",
                  UUID_ARGS(&task->header_.uuid));
    put_line(ctx, "operation", xstrdup(task->operation));
    put_line(ctx, "arguments", format_map(&task->arguments));
    put_line(ctx, "state", xstrdup(task->state));
    put_line(ctx, "progress", xasprintf("%"PRId64"%%", task->progress));
    put_line(ctx, "created", format_time(task->created, task->n_created));
    put_line(ctx, "completed", format_time(task->completed,
                                           task->n_completed));
    put_line(ctx, "fault", nullable_xstrdup(task->fault));

    const struct smap_node **nodes = smap_sort(&task->result);
    for (size_t i = 0; i < smap_count(&task->result); i++) {
        put_line(ctx, nodes[i]->key, xstrdup(nodes[i]->value));
    }
    free(nodes);
}

const struct dvsctl_command dvsctl_task_commands[] = {
    { { "move-port", 1, 2, "SWITCH:KEY [PORTGROUP]", pre_task, cmd_move_port,
        ctl_task_post, "", RW },
      "move a port to another portgroup, or make it standalone" },
    { { "refresh-port", 1, 1, "SWITCH|SWITCH:KEY", pre_task, cmd_refresh_port,
        ctl_task_post, "", RW },
      "have hosts report the state of ports now" },
    { { "rectify", 1, 2, "SWITCH [HOST]", pre_task, cmd_rectify,
        ctl_task_post, "", RW },
      "have hosts put right what is not as it should be" },
    { { "merge-switch", 2, 2, "SWITCH SWITCH", pre_task, cmd_merge_switch,
        ctl_task_post, "", RW },
      "merge the first SWITCH into the second" },
    { { "upgrade-switch", 1, 2, "SWITCH [VERSION]", pre_task,
        cmd_upgrade_switch, ctl_task_post, "", RW },
      "raise the feature level of SWITCH" },
    { { "list-tasks", 0, 0, "", ctl_need_tasks, cmd_list_tasks, NULL,
        "--columns=", RO },
      "list the tasks, and how far they are" },
    { { "show-task", 1, 1, "TASK", ctl_need_tasks, cmd_show_task, NULL, "",
        RO },
      "print what is known of a task" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

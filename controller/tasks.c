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

/* Tasks: the frame in which operations run; see tasks.h.
 *
 * The only writer of Task's columns but those of the request.  Knows no
 * operation; each is in a file of its own. */

#include <config.h>

#include "controller/tasks.h"

#include <stdarg.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-operation.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(tasks);

COVERAGE_DEFINE(task_begun);
COVERAGE_DEFINE(task_ended);

/* Ended tasks that are kept; options:task_history. */
#define HISTORY_DEFAULT 100

/* How long a task waits for hosts, in s; options:task_timeout. */
#define TIMEOUT_DEFAULT 300

/* Transactions that may fail, for other clients' changes or for good, before
 * a task is given up. */
#define ATTEMPTS_MAX 10

static const struct {
    const char *name;           /* As in Task.operation. */
    task_run_func *run;
} operations[] = {
    { "checkpoint", task_checkpoint },
    { "export", task_export },
    { "import", task_import },
    { "rollback", task_rollback },
    { "move-port", task_move_port },
    { "merge", task_merge },
    { "rectify", task_rectify },
    { "refresh", task_refresh },
    { "rollout", task_rollout },
    { "upgrade", task_upgrade },
};

void
tasks_init(struct tasks *tasks)
{
    tasks->last = UUID_ZERO;
    tasks->attempts = 0;
    tasks->deadline = LLONG_MAX;
}

/* Marks tasks in 'dirty' if one has waited for too long. */
void
tasks_look_at_clock(struct tasks *tasks, struct dirty *dirty,
                    long long int now)
{
    if (now >= tasks->deadline) {
        tasks->deadline = LLONG_MAX;
        dirty->tasks = true;
    }
}

/* Returns DVS_Global.options:KEY, which must not be negative, or 'def'. */
static size_t
get_option(const struct pass *pass, const char *key, unsigned int def)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);

    return global ? smap_get_uint(&global->options, key, def) : def;
}

static task_run_func *
find_operation(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        if (!strcmp(operations[i].name, name)) {
            return operations[i].run;
        }
    }
    OVS_NOT_REACHED();
}

/* For operations. */

/* Sets the fault of 'task': 'fault' is vSphere's name of it, 'argument' the
 * key in Task.arguments, or the column, that is at fault, and 'format' yields
 * a sentence.  Returns TASK_ERROR. */
enum task_outcome
task_fault(struct task *task, const char *fault, const char *argument,
           const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dvs_operation_fault_valist(&task->op, fault, argument, format, args);
    va_end(args);
    return TASK_ERROR;
}

/* The frame. */

/* Tells of the end of 'task' as vSphere does: in the log and an event. */
static void
report(const struct task *task)
{
    const struct dvsrec_task *row = task->row;
    const char *object = smap_get_def(&row->arguments, "switch", "");
    const struct dvsrec_switch *s;
    const struct uuid *uuid = NULL;

    DVSREC_SWITCH_FOR_EACH (s, task->pass->idl) {
        if (!strcmp(s->name, object)) {
            uuid = &s->header_.uuid;
        }
    }
    VLOG_INFO("task "UUID_FMT": %s: %s", UUID_ARGS(&row->header_.uuid),
              row->operation, task->op.fault ? task->op.fault : "success");
    event_list_add(task->pass->events, "TaskEvent",
                   task->op.fault ? "error" : "info", uuid, object, NULL,
                   "task %s: %s", row->operation,
                   task->op.fault ? task->op.fault : "success");
}

static void
end_task(const struct task *task, enum task_outcome outcome)
{
    const struct dvsrec_task *row = task->row;
    int64_t now = task->pass->wall;

    COVERAGE_INC(task_ended);
    report(task);
    dvsrec_task_set_state(row, outcome == TASK_SUCCESS ? "success" : "error");
    dvsrec_task_set_completed(row, &now, 1);
    dvsrec_task_set_awaiting(row, NULL, NULL, 0);
    if (outcome == TASK_SUCCESS) {
        dvsrec_task_set_progress(row, 100);
        dvsrec_task_set_result(row, &task->op.result);
    } else {
        dvsrec_task_set_fault(row, task->op.fault);
    }
}

static enum task_outcome
run_operation(struct task *task)
{
    return (dvs_operation_check(&task->op)
            ? find_operation(task->row->operation)(task) : TASK_ERROR);
}

/* Returns how long 'row' may go on, in ms. */
static long long int
time_left(const struct pass *pass, const struct dvsrec_task *row)
{
    long long int timeout = get_option(pass, "task_timeout", TIMEOUT_DEFAULT);

    return ((row->n_created ? MIN(row->created[0], pass->wall) : pass->wall)
            + timeout * 1000 - pass->wall);
}

/* Returns how long 'task' may go on, in ms. */
long long int
task_time_left(const struct task *task)
{
    return time_left(task->pass, task->row);
}

/* Goes on with 'row'.  Returns true if it has ended. */
static bool
run_task(struct pass *pass, const struct dvsrec_task *row, bool give_up)
{
    struct task task = {
        .pass = pass,
        .row = row,
        .progress = row->progress,
    };
    dvs_operation_init(&task.op, pass->idl, pass->txn, &task_lookup, pass,
                       row);

    enum task_outcome outcome
        = (give_up
           ? task_fault(&task, "InvalidState", "operation",
                        "the database refuses what %s would write",
                        row->operation)
           : run_operation(&task));

    if (outcome == TASK_RUNNING && time_left(pass, row) <= 0) {
        outcome = task_fault(&task, "Timedout", "operation",
                             "not all hosts have answered in time");
    }
    /* A client that deletes the row takes back what it asks for. */
    dvsrec_task_verify_state(row);
    if (!row->n_created || row->created[0] > pass->wall) {
        /* A client has written one that is running, or so that it would wait
         * for ever. */
        int64_t now = pass->wall;
        dvsrec_task_set_created(row, &now, 1);
    }
    if (outcome != TASK_RUNNING) {
        end_task(&task, outcome);
    } else {
        dvsrec_task_set_state(row, "running");
        dvsrec_task_set_progress(row, task.progress);
        pass->tasks->deadline = MIN(pass->tasks->deadline,
                                    pass->now + MAX(0, time_left(pass, row)));
    }
    if (outcome != TASK_ERROR) {
        /* What was read of rows may have changed. */
        view_clear(pass->view);
    }
    dvs_operation_destroy(&task.op);
    return outcome != TASK_RUNNING;
}

/* When 'row' was first seen. */
static int64_t
created(const struct dvsrec_task *row)
{
    return row->n_created ? row->created[0] : INT64_MAX;
}

static int
compare_tasks(const void *a_, const void *b_)
{
    const struct dvsrec_task *const *a = a_;
    const struct dvsrec_task *const *b = b_;
    int64_t a_time = created(*a);
    int64_t b_time = created(*b);

    return (a_time != b_time ? (a_time < b_time ? -1 : 1)
            : uuid_compare_3way(&(*a)->header_.uuid, &(*b)->header_.uuid));
}

/* Begins the oldest of the queued tasks.  Returns true if it has ended, and
 * stores in '*more' whether there are others. */
static bool
begin_next(struct pass *pass, bool *more)
{
    struct tasks *tasks = pass->tasks;
    const struct dvsrec_task **rows;
    size_t n = tasks_in_state(pass->ix, "queued", &rows);
    bool ended = false;

    *more = n > 1;
    if (n) {
        qsort(rows, n, sizeof *rows, compare_tasks);
        for (size_t i = 0; i < n; i++) {
            if (!rows[i]->n_created) {
                int64_t now = pass->wall;
                dvsrec_task_set_created(rows[i], &now, 1);
            }
        }

        const struct uuid *uuid = &rows[0]->header_.uuid;
        if (!uuid_equals(&tasks->last, uuid)) {
            tasks->last = *uuid;
            tasks->attempts = 0;
        }
        COVERAGE_INC(task_begun);
        ended = run_task(pass, rows[0], tasks->attempts++ >= ATTEMPTS_MAX);
    }
    free(rows);
    return ended;
}

/* Goes on with the tasks that wait for something.  Returns true if one has
 * ended. */
static bool
go_on(struct pass *pass)
{
    const struct dvsrec_task **rows;
    size_t n = tasks_in_state(pass->ix, "running", &rows);
    bool ended = false;

    if (n) {
        qsort(rows, n, sizeof *rows, compare_tasks);
    }
    for (size_t i = 0; i < n; i++) {
        ended |= run_task(pass, rows[i], false);
    }
    free(rows);
    return ended;
}

static int
compare_completed(const void *a_, const void *b_)
{
    const struct dvsrec_task *const *a = a_;
    const struct dvsrec_task *const *b = b_;
    int64_t a_time = (*a)->n_completed ? (*a)->completed[0] : 0;
    int64_t b_time = (*b)->n_completed ? (*b)->completed[0] : 0;

    return (a_time != b_time ? (a_time < b_time ? -1 : 1)
            : uuid_compare_3way(&(*a)->header_.uuid, &(*b)->header_.uuid));
}

/* Deletes the oldest of the tasks that had ended before this pass, so that
 * clients see the end of each. */
static void
trim_history(struct pass *pass)
{
    size_t history = get_option(pass, "task_history", HISTORY_DEFAULT);
    const struct dvsrec_task **rows, **errors;
    size_t n = tasks_in_state(pass->ix, "success", &rows);
    size_t n_errors = tasks_in_state(pass->ix, "error", &errors);

    rows = xrealloc(rows, (n + n_errors) * sizeof *rows);
    for (size_t i = 0; i < n_errors; i++) {
        rows[n++] = errors[i];
    }
    free(errors);
    qsort(rows, n, sizeof *rows, compare_completed);
    for (size_t i = 0; i + history < n; i++) {
        if (rows[i]->n_completed && rows[i]->completed[0] >= pass->wall) {
            break;
        }
        dvsrec_task_delete(rows[i]);
    }
    free(rows);
}

/* Goes on with all tasks that have begun, and begins one more.  Returns true
 * if there are others that the next pass can begin. */
bool
tasks_run(struct pass *pass)
{
    bool more;

    pass->dirty->tasks = false;
    pass->tasks->deadline = LLONG_MAX;
    bool ended = go_on(pass);
    ended |= begin_next(pass, &more);
    if (ended) {
        trim_history(pass);
    }
    return more;
}

/* Appends to 's' a line for each operation. */
void
tasks_print_operations(struct ds *s)
{
    for (size_t i = 0; i < dvs_n_operation_classes; i++) {
        ds_put_format(s, "%s: %s\n", dvs_operation_classes[i].name,
                      dvs_operation_classes[i].doc);
    }
}

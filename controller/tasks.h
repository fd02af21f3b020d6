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

#ifndef TASKS_H
#define TASKS_H 1

/* Tasks: operations that clients ask for with a row in table Task.
 *
 * To add an operation: add its line to the table in schema/dvs-operation.c,
 * with what can be said of it from rows alone in the model library, for
 * "dvsctl plan" to say the same; write a file task-NAME.c with a function of
 * type task_run_func, declare the function below, and add its line to the
 * table of operations in tasks.c.  The function is called with a task that has
 * not ended, after the pass has looked at everything that is dirty.  It
 * returns one of these:
 *
 *     TASK_SUCCESS  It has changed all that there is to change, and marked
 *                   that in pass->dirty; it may have added to 'result'.  The
 *                   pass goes on with what it has marked, and all of it is
 *                   committed in one transaction, together with the end of the
 *                   task.  So a controller that dies leaves a task that is
 *                   done or one that is still queued.
 *     TASK_ERROR    task_fault() has said why.  Nothing must have been
 *                   changed: check first, then change.
 *     TASK_RUNNING  The task waits for hosts.  It is called again in each
 *                   pass, also by another controller: what it has to know
 *                   then must be in the database.  'progress' says how far it
 *                   is.
 *
 * One queued task is begun in each pass, the oldest first, so that each sees
 * what those before it have done, and one whose transaction the database
 * refuses is known and given up.  But "rollout", which is about what comes
 * with it, begins at once, see rollouts.h; it is also the one operation that
 * has changed something when it ends in TASK_ERROR. */

#include <stdbool.h>
#include "openvswitch/compiler.h"
#include "openvswitch/uuid.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-operation.h"

struct dirty;
struct ds;
struct pass;

/* What is remembered of tasks from pass to pass. */
struct tasks {
    struct uuid last;           /* The queued task that was begun last. */
    int attempts;               /* How often. */
    long long int deadline;     /* When one that waits has waited for too
                                 * long, in ms; LLONG_MAX if none does. */
};

void tasks_init(struct tasks *);

/* A task that has not ended. */
struct task {
    struct dvs_operation op;    /* What is asked for; its result and fault. */
    struct pass *pass;
    const struct dvsrec_task *row;
    int progress;               /* For Task.progress, if it goes on. */
};

enum task_outcome { TASK_RUNNING, TASK_SUCCESS, TASK_ERROR };

typedef enum task_outcome task_run_func(struct task *);


bool tasks_run(struct pass *);
void tasks_print_operations(struct ds *);
void tasks_look_at_clock(struct tasks *, struct dirty *, long long int now);

/* For operations. */
enum task_outcome task_fault(struct task *, const char *fault,
                             const char *argument, const char *format, ...)
    OVS_PRINTF_FORMAT(4, 5);
long long int task_time_left(const struct task *);

/* task-lookup.c */
extern const struct dvs_lookup task_lookup;

/* task-hosts.c */
task_run_func task_rectify;
task_run_func task_refresh;

/* task-document.c */
task_run_func task_checkpoint;
task_run_func task_export;
task_run_func task_rollback;

/* task-import.c */
task_run_func task_import;

/* task-merge.c */
task_run_func task_merge;

/* task-move.c */
task_run_func task_move_port;

/* task-rollout.c */
task_run_func task_rollout;

/* task-upgrade.c */
task_run_func task_upgrade;

#endif /* tasks.h */

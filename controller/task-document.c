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

/* Tasks on configuration documents: "checkpoint", "export" and "rollback".
 *
 * They change what a client could change; what follows from it, the concerns
 * find out. */

#include <config.h>

#include "controller/tasks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "controller/checkpoints.h"
#include "controller/event-list.h"
#include "controller/pass.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-operation-document.h"
#include "util.h"

/* Saves the states of all switches that have changed so far in this pass, so
 * that their newest checkpoints are true. */
static const struct dvsrec_checkpoint *
present_state(struct task *task, const struct dvsrec_switch *s)
{
    checkpoints_run(task->pass);
    return checkpoint_newest(task->pass->ix, &s->header_.uuid);
}

/* Operation "checkpoint". */
enum task_outcome
task_checkpoint(struct task *task)
{
    const struct dvsrec_switch *s;
    const char *name;

    if (!dvs_checkpoint_check(&task->op, &s, &name)) {
        return TASK_ERROR;
    }

    const struct dvsrec_checkpoint *row = present_state(task, s);
    if (!row) {
        return task_fault(task, "InvalidState", "switch", "the state of "
                          "switch \"%s\" cannot be saved", s->name);
    }
    if (name) {
        row = checkpoint_add(task->pass, row, name);
    }
    smap_add_format(&task->op.result, "checkpoint", "%"PRId64,
                    row->sequence);
    return TASK_SUCCESS;
}

/* Operation "export". */
enum task_outcome
task_export(struct task *task)
{
    return dvs_export(&task->op) ? TASK_SUCCESS : TASK_ERROR;
}

static void
apply(struct task *task, struct dvs_restore_point *p)
{
    struct pass *pass = task->pass;

    dvs_rollback_run(p, &task->op);
    checkpoint_restored(pass, p->sw);

    char *object = (p->pg ? xasprintf("%s/%s", p->sw->name, p->pg->name)
                    : xstrdup(p->sw->name));
    event_list_add(pass->events,
                   p->pg ? "DvpgRestoreEvent" : "DvsRestoreEvent", "info",
                   &p->sw->header_.uuid, object, NULL,
                   "configuration rolled back: %"PRIuSIZE" change%s",
                   p->changes.n, p->changes.n == 1 ? "" : "s");
    free(object);
}

/* Operation "rollback". */
enum task_outcome
task_rollback(struct task *task)
{
    enum task_outcome outcome = TASK_SUCCESS;
    struct dvs_restore_point p;
    bool spec_only;

    if (!dvs_rollback_init(&p, &task->op, &spec_only)) {
        outcome = TASK_ERROR;
    } else if (spec_only) {
        outcome = (dvs_rollback_spec(&p, &task->op) ? TASK_SUCCESS
                   : TASK_ERROR);
    } else if (p.changes.n) {
        apply(task, &p);
    }
    dvs_restore_point_destroy(&p);
    return outcome;
}

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

/* Operation "rollout": whether a change that only canaries have been told of
 * is for everyone, or is taken back; see rollouts.h.
 *
 * The task awaits the canaries' confirmations first.  Then everyone is told,
 * and it awaits that all hosts have carried that out: "hosts" in Task.awaiting
 * is the DVS_Global.next_cfg that they have to come to, which is raised as a
 * client would do. */

#include <config.h>

#include "controller/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/checkpoints.h"
#include "controller/pass.h"
#include "controller/rollouts.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(task_rollout);

COVERAGE_DEFINE(rollout_promoted);
COVERAGE_DEFINE(rollout_failed);

/* The key in Task.awaiting of a rollout whose canaries have confirmed. */
#define AWAITING_HOSTS "hosts"

/* Takes back the change of 'r', because of 'fault', the beginning of a
 * Task.fault, which it frees.  'host' is the canary at fault, or NULL. */
static void
take_back(struct pass *pass, struct rollout *r, const char *host, char *fault)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &r->switch_);
    char *error = (s ? rollout_take_back(pass, s, r->base)
                   : xstrdup("the switch is gone"));

    COVERAGE_INC(rollout_failed);
    r->fault = (error
                ? xasprintf("%s; it cannot be taken back: %s", fault, error)
                : xasprintf("%s; switch \"%s\" is again as it was in "
                            "checkpoint %"PRId64, fault, s->name, r->base));
    rollout_finish(pass, r, ROLLOUT_FAILED);
    if (s) {
        const char *sentence = strchr(r->fault, ' ');

        sentence = sentence ? strchr(sentence + 1, ' ') : NULL;
        event_list_add(pass->events, "RollbackEvent",
                       error ? "error" : "warning", &s->header_.uuid, s->name,
                       host, "%s", sentence ? sentence + 1 : r->fault);
    }
    free(error);
    free(fault);
}

/* Returns true if 'host' has taken the change of 'r' back on its own, or
 * cannot say anything of it, since it refuses what was there before; and takes
 * the change back for everyone. */
static bool
look_for_refusal(struct pass *pass, struct rollout *r, const char *host)
{
    const struct dvsrec_proxy_state *state
        = find_proxy_state(pass->ix, host, &r->switch_);
    bool older;
    char *what = state ? rollbacks_find_refused(pass, state, r->base,
                                                &older) : NULL;

    if (what && older) {
        take_back(pass, r, host, xasprintf(
            "InvalidState: hosts: canary \"%s\" has refused %s since before "
            "the change", host, what));
    } else if (what) {
        take_back(pass, r, host, xasprintf(
            "DvsOperationBulkFault: hosts: the change (%s) cut canary "
            "\"%s\" off from the database", what, host));
    }
    free(what);
    return what != NULL;
}

/* Finds out how the canaries of 'r' fare.  Returns how many of a hundred
 * have confirmed the change. */
static int
look_at_canaries(struct pass *pass, struct rollout *r,
                 long long int time_left)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &r->switch_);
    const struct dvsrec_task **queued;
    const struct shash_node *node;
    const char *waiting = NULL;
    size_t n = 0, n_confirmed = 0;

    SHASH_FOR_EACH (node, &r->canaries) {
        if (look_for_refusal(pass, r, node->name)) {
            return 0;
        }
    }
    SHASH_FOR_EACH (node, &r->canaries) {
        const struct dvsrec_proxy_state *state
            = find_proxy_state(pass->ix, node->name, &r->switch_);
        int64_t number = *(const int64_t *) node->data;

        if (!s || !find_member(pass->ix, s, node->name)) {
            continue;           /* It has left the switch. */
        }
        n++;
        if (state && state->confirmed >= number) {
            n_confirmed++;
        } else {
            waiting = node->name;
        }
    }

    /* What other tasks are to change may be part of it. */
    size_t n_queued = tasks_in_state(pass->ix, "queued", &queued);
    free(queued);
    if (!n) {
        take_back(pass, r, NULL, xstrdup(
            "InvalidState: hosts: all canaries have left the switch before "
            "they confirmed the change"));
    } else if (n_confirmed == n && !r->changed && !n_queued) {
        COVERAGE_INC(rollout_promoted);
        rollout_finish(pass, r, ROLLOUT_PROMOTED);
        VLOG_INFO("switch %s: all canaries have confirmed the change, which "
                  "goes to all hosts", s->name);
    } else if (time_left <= 0) {
        take_back(pass, r, waiting, xasprintf(
            "Timedout: hosts: canary \"%s\" has not confirmed the change in "
            "time", waiting ? waiting : shash_first(&r->canaries)->name));
    }
    return n ? n_confirmed * 100 / n : 0;
}

/* Has 'task' await that all hosts have carried out what they are told in this
 * pass. */
static void
await_hosts(struct task *task)
{
    const char *key = AWAITING_HOSTS;
    int64_t cfg = global_raise(task->pass);

    dvsrec_task_set_awaiting(task->row, &key, &cfg, 1);
}

/* Operation "rollout". */
enum task_outcome
task_rollout(struct task *task)
{
    const struct dvsrec_task *row = task->row;
    long long int time_left = task_time_left(task);
    struct rollout *r;

    if (row->fault) {
        task->op.fault = xstrdup(row->fault);
        return TASK_ERROR;
    }
    const char *list = smap_get(&row->arguments, "hosts");
    if (list && !list[0]) {
        return TASK_SUCCESS;    /* Nobody is to try it out. */
    }
    smap_clone(&task->op.result, &row->result);
    if (row->n_awaiting == 1 && !strcmp(row->key_awaiting[0],
                                        AWAITING_HOSTS)) {
        if (time_left > 0
            && global_acknowledged(task->pass, row->value_awaiting[0])
               < row->value_awaiting[0]) {
            return TASK_RUNNING;
        }
        task->pass->dirty->global = true;
        return TASK_SUCCESS;
    }
    r = rollout_of_task(task->pass, row);
    if (!r) {
        return task_fault(task, "InvalidState", "state",
                          "a rollout begins in state \"queued\"");
    }
    if (r->state == ROLLOUT_CANARIES) {
        task->progress = look_at_canaries(task->pass, r, time_left) / 2;
    }
    switch (r->state) {
    case ROLLOUT_PROMOTED:
        task->progress = 50;
        await_hosts(task);
        return time_left > 0 ? TASK_RUNNING : TASK_SUCCESS;
    case ROLLOUT_FAILED:
        task->op.fault = xstrdup(r->fault);
        return TASK_ERROR;
    case ROLLOUT_CANARIES:
    default:
        return TASK_RUNNING;
    }
}

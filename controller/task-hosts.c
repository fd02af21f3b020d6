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

/* Operations that hosts carry out: rectify (vSphere's RectifyDvsHost_Task and
 * RectifyDvsOnHost_Task) and refresh (RefreshDVPortState).
 *
 * The controller raises a number in the rows Proxy_Host, notes it in the task,
 * and waits until the hosts acknowledge it in their rows of Proxy_State. */

#include <config.h>

#include "controller/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/liveness.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "util.h"

/* A signal to hosts. */
struct signal {
    int64_t (*raise)(struct pass *, const struct dvsrec_proxy_host *);
    int64_t (*acknowledged)(const struct dvsrec_proxy_state *);
};

static int64_t
get_rectified(const struct dvsrec_proxy_state *state)
{
    return state->rectified;
}

static int64_t
get_refreshed(const struct dvsrec_proxy_state *state)
{
    return state->refreshed;
}

static const struct signal rectify = { sync_host_rectify, get_rectified };
static const struct signal refresh = { sync_host_refresh, get_refreshed };

/* Adds 'member' to 'members', by the key that it has in Task.awaiting. */
static void
add_member(struct shash *members, const struct dvsrec_host_member *member)
{
    char *key = xasprintf(UUID_FMT"/%s",
                          UUID_ARGS(&member->switch_->header_.uuid),
                          member->host);
    shash_replace(members, key, member);
    free(key);
}

/* Raises the number of 'signal' for all of 'members', and notes in 'task' what
 * has to be acknowledged. */
static void
raise_all(struct task *task, const struct signal *signal,
          const struct shash *members)
{
    const char **keys = xmalloc(shash_count(members) * sizeof *keys);
    int64_t *values = xmalloc(shash_count(members) * sizeof *values);
    const struct shash_node *node;
    size_t n = 0;

    SHASH_FOR_EACH (node, members) {
        const struct dvsrec_host_member *member = node->data;
        const struct dvsrec_proxy_host *proxy
            = find_proxy_host(task->pass->ix, member->host,
                              &member->switch_->header_.uuid);

        keys[n] = node->name;
        values[n++] = proxy ? signal->raise(task->pass, proxy) : INT64_MAX;
    }
    dvsrec_task_set_awaiting(task->row, keys, values, n);
    free(keys);
    free(values);
}

/* What is known of a host that has to acknowledge something. */
enum answer { ANSWER_DONE, ANSWER_WAIT, ANSWER_NEVER };

/* Finds out whether the host of 'key', a key of Task.awaiting, has
 * acknowledged 'number'.  If it is not going to, adds why to 'faults'. */
static enum answer
look_at_host(struct task *task, const struct signal *signal, const char *key,
             int64_t number, struct svec *faults)
{
    struct pass *pass = task->pass;
    const char *host = strchr(key, '/');
    struct uuid switch_;

    if (!host || !uuid_from_string_prefix(&switch_, key)) {
        return ANSWER_DONE;     /* Nothing that we have written. */
    }
    host++;

    const struct dvsrec_proxy_state *state
        = find_proxy_state(pass->ix, host, &switch_);
    if (state && signal->acknowledged(state) >= number) {
        return ANSWER_DONE;
    }

    bool down = state && !strcmp(state->status, "down");
    char *silence = dvs_host_silence(
        host, find_proxy_host(pass->ix, host, &switch_),
        liveness_is_connected(pass->liveness, host),
        down ? state->detail : NULL);
    if (!silence) {
        return ANSWER_WAIT;
    }
    svec_add_nocopy(faults, silence);
    return ANSWER_NEVER;
}

/* Looks how far the hosts are. */
static enum task_outcome
look_at_hosts(struct task *task, const struct signal *signal)
{
    const struct dvsrec_task *row = task->row;
    struct svec faults = SVEC_EMPTY_INITIALIZER;
    size_t n = row->n_awaiting;
    size_t n_waiting = 0;
    enum task_outcome outcome = TASK_SUCCESS;

    for (size_t i = 0; i < n; i++) {
        n_waiting += look_at_host(task, signal, row->key_awaiting[i],
                                  row->value_awaiting[i],
                                  &faults) == ANSWER_WAIT;
    }
    if (n_waiting) {
        task->progress = (n - n_waiting) * 100 / n;
        outcome = TASK_RUNNING;
    } else if (faults.n) {
        dvs_operation_fault_hosts(&task->op, &faults, n);
        outcome = TASK_ERROR;
    }
    svec_destroy(&faults);
    return outcome;
}

/* Asks the hosts that 'task' names, if it has not, and waits for them. */
static enum task_outcome
ask_hosts(struct task *task, const struct signal *signal)
{
    const struct dvsrec_host_member **rows;
    enum task_outcome outcome = TASK_ERROR;
    size_t n;

    if (task->row->n_awaiting) {
        return look_at_hosts(task, signal);
    }
    if (dvs_operation_members(&task->op, &rows, &n)) {
        struct shash members = SHASH_INITIALIZER(&members);

        for (size_t i = 0; i < n; i++) {
            add_member(&members, rows[i]);
        }
        raise_all(task, signal, &members);
        outcome = look_at_hosts(task, signal);
        shash_destroy(&members);
    }
    free(rows);
    return outcome;
}

/* Operation "rectify". */
enum task_outcome
task_rectify(struct task *task)
{
    return ask_hosts(task, &rectify);
}

/* Operation "refresh". */
enum task_outcome
task_refresh(struct task *task)
{
    return ask_hosts(task, &refresh);
}

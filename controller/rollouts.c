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

/* Rollouts: what holds for which host; see rollouts.h. */

#include <config.h>

#include "controller/rollouts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/checkpoints.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "controller/tasks.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-document-restore.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rollouts);

COVERAGE_DEFINE(rollout_begun);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

void
rollouts_init(struct rollouts *r)
{
    hmap_init(&r->map);
}

void
rollouts_destroy(struct rollouts *r)
{
    struct rollout *rollout;

    HMAP_FOR_EACH_POP (rollout, node, &r->map) {
        shash_destroy_free_data(&rollout->canaries);
        free(rollout->fault);
        free(rollout);
    }
    hmap_destroy(&r->map);
}

static struct rollout *
find_any(const struct pass *pass, const struct uuid *switch_)
{
    struct rollout *r;

    HMAP_FOR_EACH_WITH_HASH (r, node, uuid_hash(switch_),
                             &pass->rollouts->map) {
        if (uuid_equals(&r->switch_, switch_)) {
            return r;
        }
    }
    return NULL;
}

/* Returns the rollout during which only canaries are told of changes of
 * 'switch_', or NULL if everyone is. */
struct rollout *
rollout_find(const struct pass *pass, const struct uuid *switch_)
{
    struct rollout *r = find_any(pass, switch_);

    return r && r->state == ROLLOUT_CANARIES ? r : NULL;
}

/* Returns true if 'host' is one of those that 'r' tries the change out on. */
bool
rollout_has_canary(const struct rollout *r, const char *host)
{
    return shash_find(&r->canaries, host) != NULL;
}

/* Returns true if 'host' is told of no change of 'switch_', as it is no canary
 * of the rollout that is going on. */
bool
rollout_holds(const struct pass *pass, const struct uuid *switch_,
              const char *host)
{
    const struct rollout *r = rollout_find(pass, switch_);

    return r && !rollout_has_canary(r, host);
}

/* In this pass, canaries of 'r', which may be NULL, are told more. */
void
rollout_note_change(struct rollout *r)
{
    if (r) {
        r->changed = true;
    }
}

/* Returns the number of the oldest checkpoint of 'switch_' that a rollout may
 * go back to, INT64_MAX if there is none. */
int64_t
rollout_base(const struct pass *pass, const struct uuid *switch_)
{
    const struct rollout *r = find_any(pass, switch_);

    return r ? r->base : INT64_MAX;
}

/* Returns the host in 'key', a key of Task.awaiting, and stores the switch in
 * '*switch_'.  Returns NULL if 'key' is none that tells of a host. */
const char *
rollout_awaited_host(const char *key, struct uuid *switch_)
{
    const char *slash = strchr(key, '/');

    return (slash && uuid_from_string_prefix(switch_, key) ? slash + 1
            : NULL);
}

/* From rows. */

static struct rollout *
find_or_add(struct pass *pass, const struct uuid *switch_)
{
    struct rollout *r = find_any(pass, switch_);

    if (!r) {
        r = xzalloc(sizeof *r);
        r->switch_ = *switch_;
        shash_init(&r->canaries);
        r->base = r->created = INT64_MAX;
        hmap_insert(&pass->rollouts->map, &r->node, uuid_hash(switch_));
    }
    return r;
}

static void
add_canary(struct rollout *r, const char *host, int64_t number)
{
    int64_t *known = shash_find_data(&r->canaries, host);

    if (!known) {
        shash_add(&r->canaries, host, xmemdup(&number, sizeof number));
    } else {
        *known = MAX(*known, number);
    }
}

/* Takes note of 'row', a rollout that has begun. */
static void
collect(struct pass *pass, const struct dvsrec_task *row)
{
    for (size_t i = 0; i < row->n_awaiting; i++) {
        struct uuid switch_;
        const char *host = rollout_awaited_host(row->key_awaiting[i],
                                                &switch_);
        long long int base;

        if (host) {
            struct rollout *r = find_or_add(pass, &switch_);

            add_canary(r, host, row->value_awaiting[i]);
            if (row->n_created) {
                r->created = MIN(r->created, row->created[0]);
            }
            if (str_to_llong(smap_get_def(&row->result, "checkpoint", ""), 10,
                             &base)) {
                r->base = MIN(r->base, base);
            }
        }
    }
}

/* Returns the rollout of 'row', which has begun, or NULL if it awaits no
 * canaries. */
struct rollout *
rollout_of_task(const struct pass *pass, const struct dvsrec_task *row)
{
    for (size_t i = 0; i < row->n_awaiting; i++) {
        struct uuid switch_;

        if (rollout_awaited_host(row->key_awaiting[i], &switch_)) {
            return find_any(pass, &switch_);
        }
    }
    return NULL;
}

/* Returns true if there is a rollout, in whatever state. */
bool
rollouts_are_running(const struct pass *pass)
{
    const struct dvsrec_task **rows;
    size_t n = tasks_in_state(pass->ix, "running", &rows);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        any = any || !strcmp(rows[i]->operation, "rollout");
    }
    free(rows);
    return any;
}

/* Beginning. */

/* Has 'row' await 'hosts', which are to be the canaries of 's'.  'base' is the
 * state of 's' before. */
static void
start(struct pass *pass, const struct dvsrec_task *row,
      const struct dvsrec_switch *s, const struct svec *hosts,
      const struct dvsrec_checkpoint *base)
{
    bool joins = rollout_find(pass, &s->header_.uuid) != NULL;
    const char **keys = xmalloc(hosts->n * sizeof *keys);
    int64_t *numbers = xmalloc(hosts->n * sizeof *numbers);
    struct smap result = SMAP_INITIALIZER(&result);

    /* rollouts_signal() knows the numbers. */
    for (size_t i = 0; i < hosts->n; i++) {
        keys[i] = xasprintf(UUID_FMT"/%s", UUID_ARGS(&s->header_.uuid),
                            hosts->names[i]);
        numbers[i] = INT64_MAX;
    }
    COVERAGE_INC(rollout_begun);
    smap_add_format(&result, "checkpoint", "%"PRId64, base->sequence);
    dvsrec_task_set_awaiting(row, keys, numbers, hosts->n);
    dvsrec_task_set_result(row, &result);
    collect(pass, row);
    find_any(pass, &s->header_.uuid)->changed = true;

    dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    if (joins) {
        /* Its canaries have not been told of what came before. */
        pass->dirty->full = true;
    }
    for (size_t i = 0; i < hosts->n; i++) {
        free(CONST_CAST(char *, keys[i]));
    }
    smap_destroy(&result);
    free(keys);
    free(numbers);
}

/* Begins with 'row'.  If that is not possible, notes the fault, for
 * task_rollout() to find, and takes back what nobody has been told of yet. */
static void
begin(struct pass *pass, const struct dvsrec_task *row)
{
    struct svec hosts = SVEC_EMPTY_INITIALIZER;
    const struct dvsrec_switch *s;
    struct dvs_operation op;
    int64_t now = pass->wall;

    dvs_operation_init(&op, pass->idl, pass->txn, &task_lookup, pass, row);
    bool ok = dvs_rollout_check(&op, &s, &hosts);
    const struct dvsrec_checkpoint *base
        = s ? checkpoint_newest(pass->ix, &s->header_.uuid) : NULL;

    dvsrec_task_verify_state(row);
    dvsrec_task_set_state(row, "running");
    if (!row->n_created) {
        dvsrec_task_set_created(row, &now, 1);
    }
    if (ok && hosts.n) {
        start(pass, row, s, &hosts, base);
    } else if (ok) {
        rollout_waive(pass, &s->header_.uuid);
    } else {
        char *error = (s && base
                       ? rollout_take_back(pass, s, base->sequence) : NULL);
        char *fault = (error
                       ? xasprintf("%s; the change cannot be taken back: %s",
                                   op.fault, error)
                       : xstrdup(op.fault));

        dvsrec_task_set_fault(row, fault);
        free(fault);
        free(error);
    }
    dvs_operation_destroy(&op);
    svec_destroy(&hosts);
}

/* Has everyone told in this pass what changes in 'switch_', but for what goes
 * on already. */
void
rollout_waive(struct pass *pass, const struct uuid *switch_)
{
    if (!find_any(pass, switch_)) {
        find_or_add(pass, switch_)->state = ROLLOUT_PROMOTED;
    }
}

/* What is about to be changed in 'switch_' is no part of a rollout: begins one
 * if the switch has canaries by configuration.  Returns it, or NULL if
 * everyone is to be told. */
struct rollout *
rollout_begin_default(struct pass *pass, const struct uuid *switch_)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, switch_);
    const struct dvsrec_checkpoint *base
        = s ? checkpoint_newest(pass->ix, switch_) : NULL;
    struct svec hosts = SVEC_EMPTY_INITIALIZER;

    if (!base || base->change[0] || find_any(pass, switch_)) {
        return NULL;
    }
    size_t n_unfit = dvs_default_canaries(pass->idl, &task_lookup, pass, s,
                                          &hosts);
    if (hosts.n) {
        struct smap arguments = SMAP_INITIALIZER(&arguments);
        int64_t now = pass->wall;
        struct uuid uuid;

        uuid_generate(&uuid);
        const struct dvsrec_task *row
            = dvsrec_task_insert_persist_uuid(pass->txn, &uuid);
        smap_add(&arguments, "switch", s->name);
        smap_add_nocopy(&arguments, xstrdup("hosts"),
                        svec_join(&hosts, ",", ""));
        dvsrec_task_set_operation(row, "rollout");
        dvsrec_task_set_arguments(row, &arguments);
        dvsrec_task_set_state(row, "running");
        dvsrec_task_set_created(row, &now, 1);
        start(pass, row, s, &hosts, base);
        smap_destroy(&arguments);
    } else {
        rollout_waive(pass, switch_);
        if (n_unfit) {
            VLOG_WARN_RL(&rl, "switch %s: no canary is connected and in "
                         "sync, so all hosts are told of a change at once",
                         s->name);
            event_list_add(pass->events, "DvsCanariesAwayEvent", "warning",
                           switch_, s->name, NULL, "no canary is connected "
                           "and in sync, so all hosts are told of a change at "
                           "once");
        }
    }
    svec_destroy(&hosts);
    return rollout_find(pass, switch_);
}

/* Tells everyone what some hosts try out though nobody asks for it: a client
 * has deleted the task. */
static void
end_forgotten(struct pass *pass)
{
    const struct dvsrec_proxy_portgroup *pg;
    const struct dvsrec_proxy_host *host;
    const struct dvsrec_proxy_switch *s;
    const struct uuidset_node *node;
    struct uuidset forgotten;

    uuidset_init(&forgotten);
    DVSREC_PROXY_SWITCH_FOR_EACH (s, pass->idl) {
        if (s->ring == RING_CANARY && !find_any(pass, &s->switch_)) {
            uuidset_insert(&forgotten, &s->switch_);
        }
    }
    DVSREC_PROXY_PORTGROUP_FOR_EACH (pg, pass->idl) {
        if (pg->ring == RING_CANARY && !find_any(pass, &pg->switch_)) {
            uuidset_insert(&forgotten, &pg->switch_);
        }
    }
    DVSREC_PROXY_HOST_FOR_EACH (host, pass->idl) {
        if (host->ring == RING_CANARY && !find_any(pass, &host->switch_)) {
            uuidset_insert(&forgotten, &host->switch_);
        }
    }
    UUIDSET_FOR_EACH (node, &forgotten) {
        sync_end_rollout(pass, &node->uuid, true);
    }
    uuidset_destroy(&forgotten);
}

/* Finds the rollouts that are going on, and begins those that have been asked
 * for: before anyone is told of the change that came with them. */
void
rollouts_begin(struct pass *pass)
{
    const struct dvsrec_task **rows;
    size_t n = tasks_in_state(pass->ix, "running", &rows);

    for (size_t i = 0; i < n; i++) {
        if (!strcmp(rows[i]->operation, "rollout")) {
            collect(pass, rows[i]);
        }
    }
    free(rows);

    n = tasks_in_state(pass->ix, "queued", &rows);
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(rows[i]->operation, "rollout")) {
            begin(pass, rows[i]);
        }
    }
    free(rows);
    if (pass->dirty->full) {
        end_forgotten(pass);
    }
}

/* Going on. */

/* Has the canaries of 'r' tell when they have confirmed what they are told by
 * now. */
static void
signal_canaries(struct pass *pass, struct rollout *r)
{
    const struct dvsrec_task **rows;
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->canaries) {
        const struct dvsrec_proxy_host *ph
            = find_proxy_host(pass->ix, node->name, &r->switch_);

        *(int64_t *) node->data = ph ? sync_host_confirm(pass, ph)
                                     : INT64_MAX;
    }
    size_t n = tasks_in_state(pass->ix, "running", &rows);
    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_task *row = rows[i];

        if (strcmp(row->operation, "rollout")
            || rollout_of_task(pass, row) != r) {
            continue;
        }
        const char **keys = xmalloc(row->n_awaiting * sizeof *keys);
        int64_t *numbers = xmalloc(row->n_awaiting * sizeof *numbers);
        for (size_t j = 0; j < row->n_awaiting; j++) {
            struct uuid uuid;
            const char *host = rollout_awaited_host(row->key_awaiting[j],
                                                    &uuid);
            const int64_t *number = host ? shash_find_data(&r->canaries, host)
                                         : NULL;

            keys[j] = xstrdup(row->key_awaiting[j]);
            numbers[j] = number ? *number : row->value_awaiting[j];
        }
        size_t n_keys = row->n_awaiting;
        dvsrec_task_set_awaiting(row, keys, numbers, n_keys);
        for (size_t j = 0; j < n_keys; j++) {
            free(CONST_CAST(char *, keys[j]));
        }
        free(keys);
        free(numbers);
    }
    free(rows);
}

/* To be called when the canaries have been told of everything. */
void
rollouts_signal(struct pass *pass)
{
    struct rollout *r;

    HMAP_FOR_EACH (r, node, &pass->rollouts->map) {
        if (r->state == ROLLOUT_CANARIES && r->changed) {
            r->changed = false;
            signal_canaries(pass, r);
        }
    }
}

/* Ending. */

/* Ends the part of 'r' in which only canaries are told of changes, and has all
 * looked at that the other hosts have not been told of. */
void
rollout_finish(struct pass *pass, struct rollout *r, enum rollout_state state)
{
    const struct dvsrec_proxy_portgroup *pg;
    const struct dvsrec_proxy_port **ports;

    r->state = state;
    sync_end_rollout(pass, &r->switch_, state == ROLLOUT_PROMOTED);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &r->switch_);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &r->switch_);
    /* Also of portgroups and settings that are gone. */
    DVSREC_PROXY_PORTGROUP_FOR_EACH (pg, pass->idl) {
        if (uuid_equals(&pg->switch_, &r->switch_)) {
            dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->portgroup);
        }
    }
    size_t n = proxy_ports_of_port(pass->ix, &r->switch_, NULL, &ports);
    for (size_t i = 0; i < n; i++) {
        dirty_mark_slot(pass->dirty, &r->switch_, ports[i]->key);
    }
    free(ports);
}

/* Makes 's' what it was in its checkpoint number 'sequence', but that the
 * hosts that are its members by now stay so.  If something that was added
 * cannot go any more, what was added stays.
 *
 * Returns NULL if successful, otherwise why not, which the caller frees. */
char *
rollout_take_back(struct pass *pass, const struct dvsrec_switch *s,
                  int64_t sequence)
{
    int flags = DVS_RESTORE_ROLLBACK | DVS_RESTORE_MEMBERS_STAY;
    char *id = xasprintf("%"PRId64, sequence);
    const struct dvsrec_checkpoint *row = dvs_checkpoint_find(pass->idl, s,
                                                              id);
    struct dvs_restore_point p;
    char *error;

    free(id);
    if (!row) {
        return xasprintf("there is no checkpoint %"PRId64, sequence);
    }
    dvs_restore_point_init(&p, pass->idl, s, NULL);
    error = dvs_restore_point_from_checkpoint(&p, row);
    if (!error && p.changes.n) {
        error = dvs_document_restore_check(pass->idl, &p.then, p.object, s,
                                           flags);
        if (error) {
            free(error);
            flags &= ~DVS_RESTORE_EXACTLY;
            error = dvs_document_restore_check(pass->idl, &p.then, p.object,
                                               s, flags);
        }
        if (!error) {
            error = dvs_document_restore(pass->idl, pass->txn, &p.then,
                                         p.object, s, flags);
            ovs_assert(!error);
            checkpoint_restored(pass, s);
        }
    }
    dvs_restore_point_destroy(&p);
    return error;
}

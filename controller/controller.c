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

/* The controller: one turn of its loop; see controller.h.
 *
 * Follows the database, finds out whether it is the active controller, and
 * runs passes (pass.h) over what has changed.  No policy.
 *
 * One of several controllers is active: the one that has the OVSDB lock, by
 * which the database server itself refuses the transactions of the others.  A
 * controller that stands by keeps up with the database and writes nothing;
 * when it becomes active it looks at everything. */

#include <config.h>

#include "controller/controller.h"

#include <string.h>

#include "controller/monitor.h"
#include "controller/pass.h"
#include "coverage.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(controller);

COVERAGE_DEFINE(transaction_failed);
COVERAGE_DEFINE(set_aside);

#define HEARTBEAT_INTERVAL_DEFAULT 5000     /* ms */
#define CLAIM_GC_INTERVAL_DEFAULT 60        /* s */

/* How long the next attempt has to wait after a failure.  That another client
 * got in first is ordinary and resolves itself; whatever does not, must not
 * keep the processor busy. */
#define RETRY_MIN 5                         /* ms; doubled each time. */
#define RETRY_MAX 5000                      /* ms */

/* Transactions that the server may refuse in a row before it is found out
 * whose fault that is; and, then, of those about one thing each. */
#define REFUSALS_MAX 4
#define ALONE_MAX 100

/* Of how many things, while that is found out, at most. */
#define PART_MAX 256

/* How long what is refused has to wait. */
#define REFUSED_MIN 5000                    /* ms; doubled each time. */
#define REFUSED_MAX 300000                  /* ms */

/* Initializes 'c' to work on the database at 'remote'. */
void
controller_init(struct controller *c, const char *remote)
{
    struct ovsdb_idl *idl = ovsdb_idl_create(remote, &dvsrec_idl_class, true,
                                             true);

    memset(c, 0, sizeof *c);
    monitor_register(idl);
    indexes_init(&c->ix, idl);
    ovsdb_idl_set_lock(idl, CONTROLLER_LOCK);
    c->loop = (struct ovsdb_idl_loop) OVSDB_IDL_LOOP_INITIALIZER(idl);

    inputs_init(&c->inputs, idl, &c->ix);
    liveness_init(&c->liveness);
    claims_init(&c->claims);
    tasks_init(&c->tasks);
    checkpoints_init(&c->checkpoints);
    leftovers_init(&c->leftovers);
    dirty_init(&c->pending);
    dirty_init(&c->in_flight);
    dirty_init(&c->refusals.marks);
    event_list_init(&c->untold);
}

void
controller_destroy(struct controller *c)
{
    if (c) {
        ovsdb_idl_loop_destroy(&c->loop);
        inputs_destroy(&c->inputs);
        liveness_destroy(&c->liveness);
        claims_destroy(&c->claims);
        checkpoints_destroy(&c->checkpoints);
        leftovers_destroy(&c->leftovers);
        dirty_destroy(&c->pending);
        dirty_destroy(&c->in_flight);
        dirty_destroy(&c->refusals.marks);
        event_list_destroy(&c->untold);
        free(c->refusals.error);
    }
}

/* Returns DVS_Global.options:KEY, which must be positive, or 'def'. */
static int
get_option(const struct controller *c, const char *key, int def)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(c->loop.idl);
    int value = global ? smap_get_int(&global->options, key, def) : def;

    return value > 0 ? value : def;
}

/* Takes back all marks of 'd', which are of no use to a controller that looks
 * at everything when it becomes active again, but keeps the events: what has
 * happened, nobody else will tell of. */
static void
forget(struct controller *c, struct dirty *d)
{
    event_list_append(&c->untold, &d->events);
    dirty_clear(d);
}

/* Finds out whether 'c' is the active controller.
 *
 * On a new connection the lock comes first and the rows follow; what others
 * have done meanwhile would pass for something that has just happened.  The
 * IDL's sequence number changes when both are there. */
static void
update_role(struct controller *c)
{
    struct ovsdb_idl *idl = c->loop.idl;
    bool has_lock = (ovsdb_idl_has_lock(idl)
                     && ovsdb_idl_has_ever_connected(idl));
    if (!has_lock) {
        c->seqno_without_lock = ovsdb_idl_get_seqno(idl);
    }
    bool active = (has_lock
                   && (c->active
                       || ovsdb_idl_get_seqno(idl) != c->seqno_without_lock));

    if (active && !c->active) {
        VLOG_INFO("this controller is active now");
        forget(c, &c->pending);
        forget(c, &c->in_flight);
        forget(c, &c->refusals.marks);
        c->refusals.part = c->refusals.n = 0;
        c->pending.full = true;
        c->fresh = true;
        claims_forget(&c->claims);
        leftovers_clear(&c->leftovers);
        inputs_start(&c->inputs, &c->pending);
        event_list_append_others(&c->pending.events, &c->untold);
        event_list_clear(&c->untold);
    } else if (!active && c->active) {
        VLOG_INFO("this controller stands by now");
    }
    c->active = active;
}

/* Marks what has changed since the last turn. */
static void
collect(struct controller *c, long long int now)
{
    struct ovsdb_idl *idl = c->loop.idl;

    if (!ovsdb_idl_is_connected(idl)) {
        liveness_blind(&c->liveness, now);
    }
    inputs_hear(&c->inputs, &c->liveness, &c->pending, now);

    struct sset silent = SSET_INITIALIZER(&silent);
    const char *host;
    liveness_look(&c->liveness,
                  get_option(c, "heartbeat_interval",
                             HEARTBEAT_INTERVAL_DEFAULT), now, &silent);
    SSET_FOR_EACH (host, &silent) {
        dirty_mark_host(&c->pending, host);
    }
    sset_destroy(&silent);

    if (c->active) {
        inputs_collect(&c->inputs, &c->pending);
        checkpoints_mark(&c->checkpoints, idl, &c->pending);
        tasks_look_at_clock(&c->tasks, &c->pending, now);
        claims_look_at_orphans(&c->claims, &c->pending,
                               1000 * get_option(c, "claim_gc_interval",
                                                 CLAIM_GC_INTERVAL_DEFAULT),
                               now);
    } else {
        forget(c, &c->pending);
    }
    ovsdb_idl_track_clear(idl);
}

/* Runs a pass over what is pending, within 'txn'. */
static void
run_pass(struct controller *c, struct ovsdb_idl_txn *txn, long long int now)
{
    struct event_list events;
    struct faults faults;
    struct uuidset own;
    struct view view;
    long long int wall = time_wall_msec();

    struct dirty dirty;

    event_list_stamp(&c->pending.events, wall);
    leftovers_mark(&c->leftovers, &c->pending);
    dirty_init(&dirty);
    if (!c->refusals.part) {
        dirty_merge(&dirty, &c->pending);
        dirty_clear(&c->pending);
    } else {
        if (c->pending.full) {
            pass_mark_all(c->loop.idl, &c->pending);
        }
        dirty_move(&dirty, &c->pending, c->refusals.part);
    }
    dirty_clear(&c->in_flight);
    dirty_merge(&c->in_flight, &dirty);

    event_list_init(&events);
    faults_init(&faults);
    uuidset_init(&own);
    view_init(&view, c->loop.idl, &c->ix);

    struct pass pass = {
        .idl = c->loop.idl,
        .txn = txn,
        .ix = &c->ix,
        .dirty = &dirty,
        .view = &view,
        .faults = &faults,
        .events = &events,
        .liveness = &c->liveness,
        .claims = &c->claims,
        .checkpoints = &c->checkpoints,
        .tasks = &c->tasks,
        .leftovers = &c->leftovers,
        .own = &own,
        .now = now,
        .wall = wall,
        .trigger = !c->fresh,
        .partial = !dirty_is_empty(&c->pending),
    };
    pass_run(&pass);
    dirty_merge(&c->pending, &dirty);
    dirty_destroy(&dirty);
    inputs_note_own(&c->inputs, &own);
    uuidset_destroy(&own);
    c->fresh = false;

    view_destroy(&view);
    faults_destroy(&faults);
    event_list_destroy(&events);
}

/* Leaves undone what the last pass was given, since the database server keeps
 * refusing it, and the rest, too, if 'all'. */
static void
set_aside(struct controller *c, bool all, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);
    struct refusals *r = &c->refusals;

    COVERAGE_INC(set_aside);
    dirty_merge(&r->marks, &c->in_flight);
    if (all) {
        dirty_merge(&r->marks, &c->pending);
        dirty_clear(&c->pending);
    }
    if (now >= r->retry_at) {
        r->backoff = MIN(MAX(2 * r->backoff, REFUSED_MIN), REFUSED_MAX);
        r->retry_at = now + r->backoff;
    }
    VLOG_WARN_RL(&rl, "the database server refuses what follows from some "
                 "row, which is left undone for %lld s: %s", r->backoff / 1000,
                 r->error);
    /* Whoever waits for all that can be done, must not wait for the rest. */
    c->pending.global = c->pending.global || !c->in_flight.global;
}

/* The transaction of the last pass was committed. */
static void
note_success(struct controller *c)
{
    struct refusals *r = &c->refusals;
    bool done = dirty_is_empty(&c->pending);

    c->n_failures = 0;
    r->n = 0;
    r->part = done ? 0 : MIN(2 * r->part, PART_MAX);
    r->go_on = r->part > 0;
    if (done && dirty_is_empty(&r->marks)) {
        r->backoff = 0;
    }
}

/* The transaction of the last pass failed; 'refused' if that is for good. */
static void
note_failure(struct controller *c, bool refused, long long int now)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);
    struct refusals *r = &c->refusals;
    unsigned int n;

    COVERAGE_INC(transaction_failed);
    VLOG_DBG_RL(&rl, "transaction failed; looking again");
    claims_take_back(&c->claims);
    c->n_failures++;
    r->n = refused ? r->n + 1 : 0;
    n = c->n_failures;
    if (refused && r->part == 1) {
        set_aside(c, r->n >= ALONE_MAX, now);
        n = 0;
    } else {
        dirty_merge(&c->pending, &c->in_flight);
        if (refused && r->part) {
            r->part = MAX(r->part / 4, 1);
            n = 0;
        } else if (r->n >= REFUSALS_MAX) {
            r->part = PART_MAX;
        }
    }
    c->retry_at = now + MIN(RETRY_MIN << MIN(n, 10), RETRY_MAX);
}

/* Notes how the transaction of the last pass ended: 0 if it failed, 1 if it
 * was committed, -1 if that is not known yet. */
static void
note_result(struct controller *c, int result, long long int now)
{
    if (result < 0 || dirty_is_empty(&c->in_flight)) {
        return;
    }
    /* What it has changed has been collected before its result is known. */
    seen_clear(&c->inputs.own);
    if (result) {
        note_success(c);
    } else if (c->active) {
        note_failure(c, c->refusals.error != NULL, now);
    } else {
        forget(c, &c->in_flight);
    }
    dirty_clear(&c->in_flight);
}

/* Keeps what the database server says of a transaction that it refuses. */
static void
note_error(struct controller *c)
{
    const struct ovsdb_idl_txn *txn = c->loop.committing_txn;
    const char *error = txn ? ovsdb_idl_txn_get_error(txn) : "";

    free(c->refusals.error);
    /* In JSON; else, it is the transaction's state. */
    c->refusals.error = error[0] == '{' ? xstrdup(error) : NULL;
}

/* Tries again, if it is time, what the database server has refused. */
static void
retry_refused(struct controller *c, long long int now)
{
    struct refusals *r = &c->refusals;

    r->go_on = false;
    if (c->active && !dirty_is_empty(&r->marks) && now >= r->retry_at
        && dirty_is_empty(&c->pending) && dirty_is_empty(&c->in_flight)) {
        dirty_merge(&c->pending, &r->marks);
        dirty_clear(&r->marks);
        r->part = 1;
    }
}

/* One turn of the loop. */
void
controller_run(struct controller *c)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_loop_run(&c->loop);
    long long int now = time_msec();

    update_role(c);
    collect(c, now);
    retry_refused(c, now);
    if (c->active && txn && !dirty_is_empty(&c->pending)
        && now >= c->retry_at) {
        run_pass(c, txn, now);
    }
    note_error(c);
    note_result(c, ovsdb_idl_loop_commit_and_wait(&c->loop), now);
}

/* Causes poll_block() to wake up when controller_run() has something to do
 * (the database itself is seen to by controller_run()). */
void
controller_wait(struct controller *c)
{
    if (c->liveness.deadline != LLONG_MAX) {
        poll_timer_wait_until(c->liveness.deadline);
    }
    if (c->active) {
        if (c->tasks.deadline != LLONG_MAX) {
            poll_timer_wait_until(c->tasks.deadline);
        }
        if (c->claims.next_look != LLONG_MAX) {
            poll_timer_wait_until(c->claims.next_look);
        }
        if (!dirty_is_empty(&c->pending) && c->retry_at > time_msec()) {
            poll_timer_wait_until(c->retry_at);
        }
        if (!dirty_is_empty(&c->refusals.marks)
            && dirty_is_empty(&c->pending) && dirty_is_empty(&c->in_flight)) {
            poll_timer_wait_until(c->refusals.retry_at);
        }
        if (c->refusals.go_on) {
            poll_immediate_wake();
        }
        if (!shash_is_empty(&c->claims.orphans)
            && c->claims.next_look == LLONG_MAX) {
            poll_immediate_wake();
        }
    }
}

/* For "memory/show". */
void
controller_get_memory_usage(struct simap *usage, void *c_)
{
    struct controller *c = c_;

    ovsdb_idl_get_memory_usage(c->loop.idl, usage);
    simap_increase(usage, "hosts", hmap_count(&c->liveness.hosts));
    simap_increase(usage, "orphans", shash_count(&c->claims.orphans));
}

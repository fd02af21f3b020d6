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

/* One pass over what is dirty, within one transaction; see pass.h. */

#include <config.h>

#include "controller/pass.h"

#include "controller/concerns.h"
#include "controller/checkpoints.h"
#include "controller/claims.h"
#include "controller/events.h"
#include "controller/rollouts.h"
#include "controller/tasks.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(pass);

COVERAGE_DEFINE(pass_run);
COVERAGE_DEFINE(pass_full);

/* Rounds after which a pass gives up: looking at one thing has kept marking
 * another, so the concerns contradict each other. */
#define MAX_ROUNDS 1000

/* Marks in 'd', instead of it as a whole, everything there is, and everything
 * that hosts have been told. */
void
pass_mark_all(const struct ovsdb_idl *idl, struct dirty *d)
{
    d->full = false;

#define MARK_ALL(TABLE, RECORD)                                     \
    do {                                                            \
        const struct dvsrec_##RECORD *row;                          \
        DVSREC_##TABLE##_FOR_EACH (row, idl) {                \
            dirty_mark(d, DIRTY_##TABLE, &row->header_.uuid);       \
        }                                                           \
    } while (0)
    MARK_ALL(SWITCH, switch);
    MARK_ALL(PORTGROUP, portgroup);
    const struct dvsrec_portgroup *pg;
    DVSREC_PORTGROUP_FOR_EACH (pg, idl) {
        dirty_mark(d, DIRTY_COUNT_PORTGROUP, &pg->header_.uuid);
    }
    MARK_ALL(PORT, port);
    MARK_ALL(VNIC, vnic);
#undef MARK_ALL

    const struct dvsrec_host *host;
    DVSREC_HOST_FOR_EACH (host, idl) {
        dirty_mark_host(d, host->name);
    }
    const struct dvsrec_host_member *member;
    DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
        dirty_mark_host(d, member->host);
    }
    const struct dvsrec_port_state *claim;
    DVSREC_PORT_STATE_FOR_EACH (claim, idl) {
        if (strcmp(claim->kind, "uplink")) {
            dirty_mark_claim(d, claim->nic, "");
        }
        if (claim->n_final_statistics) {
            dirty_mark(d, DIRTY_FINAL, &claim->header_.uuid);
        }
    }
    const struct dvsrec_vnic *vnic;
    DVSREC_VNIC_FOR_EACH (vnic, idl) {
        if (vnic->automatic || vnic->connection) {
            dirty_mark_claim(d, vnic->id, "");
        }
    }

    const struct dvsrec_proxy_switch *ps;
    DVSREC_PROXY_SWITCH_FOR_EACH (ps, idl) {
        dirty_mark(d, DIRTY_SWITCH, &ps->switch_);
    }
    const struct dvsrec_proxy_portgroup *ppg;
    DVSREC_PROXY_PORTGROUP_FOR_EACH (ppg, idl) {
        dirty_mark(d, DIRTY_PORTGROUP, &ppg->portgroup);
    }
    const struct dvsrec_proxy_host *ph;
    DVSREC_PROXY_HOST_FOR_EACH (ph, idl) {
        dirty_mark_host(d, ph->host);
    }
    const struct dvsrec_proxy_port *pp;
    DVSREC_PROXY_PORT_FOR_EACH (pp, idl) {
        dirty_mark_slot(d, &pp->switch_, pp->key);
    }
    d->global = true;
    d->rbac = true;
    d->unsupported = true;
    d->tasks = true;
    d->rollbacks = true;
    checkpoints_mark_all(idl, d);
}

void
leftovers_init(struct leftovers *l)
{
    sset_init(&l->hosts);
    uuidset_init(&l->portgroups);
    uuidset_init(&l->ports);
    uuidset_init(&l->switches);
}

void
leftovers_clear(struct leftovers *l)
{
    sset_clear(&l->hosts);
    uuidset_clear(&l->portgroups);
    uuidset_clear(&l->ports);
    uuidset_clear(&l->switches);
}

void
leftovers_destroy(struct leftovers *l)
{
    if (l) {
        sset_destroy(&l->hosts);
        uuidset_destroy(&l->portgroups);
        uuidset_destroy(&l->ports);
        uuidset_destroy(&l->switches);
    }
}

/* If NICs have changed according to 'd', marks what has been left over in 'd'
 * too, and forgets it: whoever looks at it and cannot clean it up remembers
 * it again. */
void
leftovers_mark(struct leftovers *l, struct dirty *d)
{
    const struct uuidset_node *node;
    const char *host;

    if (uuidset_is_empty(&d->uuids[DIRTY_VNIC]) && smap_is_empty(&d->claims)) {
        return;
    }
    SSET_FOR_EACH (host, &l->hosts) {
        dirty_mark_host(d, host);
    }
    UUIDSET_FOR_EACH (node, &l->portgroups) {
        dirty_mark(d, DIRTY_PORTGROUP, &node->uuid);
    }
    UUIDSET_FOR_EACH (node, &l->ports) {
        dirty_mark(d, DIRTY_PORT, &node->uuid);
    }
    UUIDSET_FOR_EACH (node, &l->switches) {
        dirty_mark(d, DIRTY_SWITCH, &node->uuid);
    }
    leftovers_clear(l);
}

/* Returns true if there are marks that a round takes. */
static bool
has_work(const struct dirty *d)
{
    return !(uuidset_is_empty(&d->uuids[DIRTY_SWITCH])
             && uuidset_is_empty(&d->uuids[DIRTY_PORTGROUP])
             && uuidset_is_empty(&d->uuids[DIRTY_PORT])
             && uuidset_is_empty(&d->uuids[DIRTY_VNIC])
             && uuidset_is_empty(&d->uuids[DIRTY_FINAL])
             && uuidset_is_empty(&d->uuids[DIRTY_COUNT_SWITCH])
             && uuidset_is_empty(&d->uuids[DIRTY_NAMES_OF_SWITCH])
             && uuidset_is_empty(&d->uuids[DIRTY_BUDGET])
             && uuidset_is_empty(&d->uuids[DIRTY_HOST_BUDGET])
             && smap_is_empty(&d->released)
             && sset_is_empty(&d->hosts)
             && smap_is_empty(&d->claims)
             && hmap_is_empty(&d->slots));
}

/* Looks at all that 'pass->dirty' names, and at what follows. */
static void
converge(struct pass *pass)
{
    int rounds = 0;

    while (has_work(pass->dirty) && rounds++ < MAX_ROUNDS) {
        switches_run(pass);
        portgroups_run(pass);
        hosts_run(pass);
        pools_run(pass);
        claims_run(pass);
        ports_run(pass);
        binder_run(pass);
        statistics_run(pass);
        if (uuidset_is_empty(&pass->dirty->uuids[DIRTY_SWITCH])
            && uuidset_is_empty(&pass->dirty->uuids[DIRTY_PORTGROUP])
            && uuidset_is_empty(&pass->dirty->uuids[DIRTY_PORT])
            && uuidset_is_empty(&pass->dirty->uuids[DIRTY_VNIC])
            && smap_is_empty(&pass->dirty->released)) {
            slots_run(pass);
        }
    }
    if (rounds > MAX_ROUNDS) {
        VLOG_ERR("gave up after %d rounds; please report this", MAX_ROUNDS);
    }
}

/* Looks at all that 'pass->dirty' names, and at what follows, and leaves it
 * empty but for a mark on tasks if there is one for the next pass.  Changes
 * rows by 'pass->txn', which the caller commits. */
void
pass_run(struct pass *pass)
{
    struct rollouts rollouts;

    rollouts_init(&rollouts);
    pass->rollouts = &rollouts;
    uuidset_init(&pass->unhappy);
    sset_init(&pass->crowded);
    smap_init(&pass->admitted);
    budgets_init(&pass->budgets);
    sset_init(&pass->refused);
    claims_begin(pass->claims);
    COVERAGE_INC(pass_run);
    rollouts_begin(pass);
    if (pass->dirty->full) {
        COVERAGE_INC(pass_full);
        pass_mark_all(pass->idl, pass->dirty);
    }
    event_list_append(pass->events, &pass->dirty->events);

    rbac_run(pass);
    unsupported_run(pass);
    converge(pass);
    if (pass->dirty->rollbacks) {
        checkpoints_run(pass);
        rollbacks_run(pass);
        converge(pass);
    }
    pass->more_tasks = tasks_run(pass);
    converge(pass);
    checkpoints_run(pass);
    rollouts_signal(pass);

    faults_write(pass->faults, pass->idl);
    events_write(pass);
    global_run(pass);
    smap_clear(&pass->claims->latest);
    uuidset_destroy(&pass->unhappy);
    sset_destroy(&pass->crowded);
    smap_destroy(&pass->admitted);
    budgets_destroy(&pass->budgets);
    sset_destroy(&pass->refused);
    dirty_clear(pass->dirty);
    pass->dirty->tasks = pass->more_tasks;
    rollouts_destroy(&rollouts);
    pass->rollouts = NULL;
}

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

/* PURE: what NICs of virtual machines may reserve.  See dvs-pool.h. */

#include <config.h>

#include "schema/dvs-pool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "util.h"

void
dvs_pools_init(struct dvs_pools *pools)
{
    *pools = (struct dvs_pools) { .pools = NULL };
}

/* Forgets all pools in 'pools'. */
void
dvs_pools_clear(struct dvs_pools *pools)
{
    for (size_t i = 0; i < pools->n; i++) {
        free(pools->pools[i].name);
    }
    pools->n = 0;
}

void
dvs_pools_destroy(struct dvs_pools *pools)
{
    if (pools) {
        dvs_pools_clear(pools);
        free(pools->pools);
    }
}

void
dvs_pools_add(struct dvs_pools *pools, const char *name, int64_t quota)
{
    if (pools->n >= pools->allocated) {
        pools->pools = x2nrealloc(pools->pools, &pools->allocated,
                                  sizeof *pools->pools);
    }
    pools->pools[pools->n++] = (struct dvs_pool) {
        .name = xstrdup(name),
        .quota = quota,
    };
}

/* Returns the pool called 'name', or NULL. */
const struct dvs_pool *
dvs_pools_find(const struct dvs_pools *pools, const char *name)
{
    for (size_t i = 0; i < pools->n; i++) {
        if (!strcmp(pools->pools[i].name, name)) {
            return &pools->pools[i];
        }
    }
    return NULL;
}

/* Adds to 'faults' what is wrong with 'pool' by itself: its columns are those
 * of Resource_Pool. */
void
dvs_pool_validate(const struct dvs_pool *pool, struct dvs_faults *faults)
{
    char *error = dvs_validate_name("resource pool", pool->name);

    if (error) {
        dvs_faults_add(faults, "InvalidName", "name", "%s", error);
        free(error);
    } else if (!strcmp(pool->name, "none")) {
        dvs_faults_add(faults, "InvalidName", "name",
                       "a resource pool cannot have the name \"none\", which "
                       "stands for no pool");
    }
    if (pool->quota < 0 || pool->quota > DVS_BANDWIDTH_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "reservation",
                       "reservation %"PRId64" is not in 0..%d Mbit/s",
                       pool->quota, DVS_BANDWIDTH_MAX);
    }
}

/* The budget. */

/* Returns how much of the capacity of 'budget' is spoken for. */
int64_t
dvs_budget_used(const struct dvs_budget *budget)
{
    int64_t used = budget->outside;

    for (size_t i = 0; i < budget->n_pools; i++) {
        used += budget->pools[i].quota;
    }
    return used;
}

/* Returns how much NICs in 'pool', or with DVS_NO_POOL outside of all pools,
 * may reserve besides what they have.  Less than 0 if it is too much
 * already. */
int64_t
dvs_budget_available(const struct dvs_budget *budget, size_t pool)
{
    return (pool == DVS_NO_POOL
            ? budget->capacity - dvs_budget_used(budget)
            : budget->pools[pool].quota - budget->pools[pool].used);
}

/* Gives 'pool' the quota 'quota'.  Returns false, and leaves it what it has,
 * if that is more than it has and more than is left.  To have less is always
 * granted, even less than its NICs use. */
bool
dvs_budget_grant(struct dvs_budget *budget, size_t pool, int64_t quota)
{
    struct dvs_budget_pool *p = &budget->pools[pool];

    if (quota > p->quota
        && quota - p->quota > dvs_budget_available(budget, DVS_NO_POOL)) {
        return false;
    }
    p->quota = quota;
    return true;
}

/* Lets a NIC that holds 'held' in 'pool', or with DVS_NO_POOL outside of all
 * pools, have 'asked' instead.  Returns false, and leaves it what it holds, if
 * that is more and more than is left. */
bool
dvs_budget_admit(struct dvs_budget *budget, size_t pool, int64_t held,
                 int64_t asked)
{
    if (asked > held && asked - held > dvs_budget_available(budget, pool)) {
        return false;
    }
    *(pool == DVS_NO_POOL ? &budget->outside : &budget->pools[pool].used)
        += asked - held;
    return true;
}

/* Returns true if what has been granted of 'budget' may not be kept any more:
 * in 'pool', or with DVS_NO_POOL in the switch as a whole.  A switch that does
 * not have the capacity is a violation of each pool that is used. */
bool
dvs_budget_is_violated(const struct dvs_budget *budget, size_t pool)
{
    bool switch_ = dvs_budget_used(budget) > budget->capacity;

    return (pool == DVS_NO_POOL ? switch_
            : budget->pools[pool].used > budget->pools[pool].quota
              || (budget->pools[pool].used && switch_));
}

/* Places. */

static int
compare_placings(const void *a_, const void *b_)
{
    const struct dvs_placing *a = *(struct dvs_placing *const *) a_;
    const struct dvs_placing *b = *(struct dvs_placing *const *) b_;
    bool a_choice = !a->every && !is_pow2(a->choices);
    bool b_choice = !b->every && !is_pow2(b->choices);

    return (a_choice != b_choice ? a_choice - b_choice
            : a->reservation != b->reservation
            ? (a->reservation < b->reservation ? 1 : -1)
            : a < b ? -1 : a > b);
}

/* Takes 'p' its room out of 'left'.  Returns false if there is none. */
static bool
place_one(struct dvs_placing *p, int64_t left[DVS_PLACES_MAX])
{
    bool fits = p->choices != 0;

    p->place = -1;
    for (int i = 0; i < DVS_PLACES_MAX; i++) {
        if (!(p->choices & (UINT64_C(1) << i))) {
            continue;
        } else if (left[i] < p->reservation) {
            fits = fits && !p->every;
        } else if (p->place < 0
                   || (!p->every && left[i] < left[p->place])) {
            p->place = i;
        }
    }
    if (!fits || p->place < 0) {
        p->place = -1;
        return false;
    }
    for (int i = 0; i < DVS_PLACES_MAX; i++) {
        if (p->every ? p->choices & (UINT64_C(1) << i) : i == p->place) {
            left[i] -= p->reservation;
        }
    }
    return true;
}

/* Finds a place for each of the 'n' reservations 'ps' on uplinks with 'room'
 * each.  Returns how many have none.  The answer depends on nothing but the
 * arguments.
 *
 * Those without a choice come first, then the greatest, each to where it
 * leaves the least room.  That does not find each possible placing, but no
 * placing that it finds gives an uplink more than its room. */
size_t
dvs_place(struct dvs_placing *ps, size_t n, int64_t room)
{
    struct dvs_placing **order = xmalloc(MAX(n, 1) * sizeof *order);
    int64_t left[DVS_PLACES_MAX];
    size_t n_without = 0;

    for (int i = 0; i < DVS_PLACES_MAX; i++) {
        left[i] = room;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = &ps[i];
    }
    qsort(order, n, sizeof *order, compare_placings);
    for (size_t i = 0; i < n; i++) {
        n_without += !place_one(order[i], left);
    }
    free(order);
    return n_without;
}

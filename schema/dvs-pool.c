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

/* Adds to 'pools' one called 'name' with 'quota', in Mbit/s. */
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

/* Gives number 'pool' of 'budget', that of the switch called 'switch_', the
 * quota that 'p', its configuration, asks for.  Returns false, with the reason
 * in 'faults', if it cannot have that. */
bool
dvs_budget_grant_pool(struct dvs_budget *budget, size_t pool,
                      const struct dvs_pool *p, const char *switch_,
                      struct dvs_faults *faults)
{
    size_t n = faults->n;

    dvs_pool_validate(p, faults);
    if (faults->n == n && !dvs_budget_grant(budget, pool, p->quota)) {
        int64_t left = (dvs_budget_available(budget, DVS_NO_POOL)
                        + budget->pools[pool].quota);

        dvs_faults_add(faults, "ResourceNotAvailable", "reservation",
                       "quota %"PRId64" is more than switch \"%s\" has left, "
                       "%"PRId64" Mbit/s", p->quota, switch_, MAX(left, 0));
    }
    return faults->n == n;
}

/* Returns where 'budget' adds up what NICs in 'pool', or with DVS_NO_POOL
 * outside of all pools, have reserved. */
int64_t *
dvs_budget_sum(struct dvs_budget *budget, size_t pool)
{
    return (pool == DVS_NO_POOL ? &budget->outside
            : &budget->pools[pool].used);
}

/* Returns true if a NIC that holds 'held' in 'pool', or with DVS_NO_POOL
 * outside of all pools, may have 'asked' instead: unless that is more and more
 * than is left. */
bool
dvs_budget_admits(const struct dvs_budget *budget, size_t pool, int64_t held,
                  int64_t asked)
{
    return (asked <= held
            || asked - held <= dvs_budget_available(budget, pool));
}

/* Lets a NIC that holds 'held' in 'pool' have 'asked' instead.  Returns false,
 * and leaves it what it holds, if it may not; see dvs_budget_admits(). */
bool
dvs_budget_admit(struct dvs_budget *budget, size_t pool, int64_t held,
                 int64_t asked)
{
    if (!dvs_budget_admits(budget, pool, held, asked)) {
        return false;
    }
    *dvs_budget_sum(budget, pool) += asked - held;
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

/* Returns true if 'a', about 'pool' of 'budget' (DVS_NO_POOL for none), can be
 * granted as far as the budget goes.  Otherwise, adds what is in the way to
 * 'faults'. */
bool
dvs_budget_check(const struct dvs_budget *budget, size_t pool,
                 const struct dvs_admission *a, struct dvs_faults *faults)
{
    if (a->asked <= a->held) {
        return true;
    } else if (!a->room) {
        dvs_faults_add(faults, "InvalidState", "reservation",
                       (a->managed
                        ? "class virtual-machine of switch \"%s\" has no "
                          "reservation"
                        : "Network I/O Control of switch \"%s\" is off"),
                       a->switch_);
        return false;
    } else if (a->asked > a->room) {
        dvs_faults_add(faults, "InsufficientNetworkCapacity", "reservation",
                       "%"PRId64" Mbit/s are more than a single uplink has "
                       "for virtual machines, %"PRId64, a->asked, a->room);
        return false;
    } else if (!dvs_budget_admits(budget, pool, a->held, a->asked)) {
        int64_t left = dvs_budget_available(budget, pool) + a->held;
        char *of = (a->pool ? xasprintf("resource pool \"%s\"", a->pool)
                    : xasprintf("switch \"%s\" outside of resource pools",
                                a->switch_));

        dvs_faults_add(faults, "InsufficientNetworkResourcePoolCapacity",
                       "reservation", "NIC \"%s\" asks for %"PRId64" Mbit/s, "
                       "but %s has %"PRId64" left", a->nic, a->asked, of,
                       MAX(left, 0));
        free(of);
        return false;
    }
    return true;
}

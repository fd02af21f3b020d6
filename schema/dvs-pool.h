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

#ifndef DVS_POOL_H
#define DVS_POOL_H 1

/* PURE: what NICs of virtual machines may reserve of the uplinks of a switch,
 * as version 3 of vSphere's Network I/O Control has it.
 *
 * All bandwidth here is in Mbit/s.  What class virtual-machine reserves of an
 * uplink is the uplink's room.  The rooms of all uplinks of a switch are its
 * budget, of which resource pools have their quotas and NICs outside all
 * pools their reservations.  On a host, each reservation has to have a place:
 * see dvs-place.h.
 *
 * What has been granted stays granted when the room shrinks; then the budget,
 * or the host, is in violation. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dvs_faults;

/* A resource pool, as it is configured. */
struct dvs_pool {
    char *name;
    int64_t quota;              /* DVSVmVnicNetworkResourcePool's
                                 * allocationInfo.reservationQuota. */
};

struct dvs_pools {
    struct dvs_pool *pools;
    size_t n, allocated;
};

void dvs_pools_init(struct dvs_pools *);
void dvs_pools_destroy(struct dvs_pools *);
void dvs_pools_clear(struct dvs_pools *);
void dvs_pools_add(struct dvs_pools *, const char *name, int64_t quota);
const struct dvs_pool *dvs_pools_find(const struct dvs_pools *,
                                      const char *name);
void dvs_pool_validate(const struct dvs_pool *, struct dvs_faults *);

/* The budget of a switch (vSphere: DvsResourceRuntimeInfo). */
struct dvs_budget_pool {
    int64_t quota;              /* As granted. */
    int64_t used;               /* By the NICs in it. */
};

struct dvs_budget {
    int64_t capacity;           /* The rooms of all uplinks. */
    int64_t outside;            /* Used by NICs that are in no pool. */
    struct dvs_budget_pool *pools;
    size_t n_pools;
};

/* Stands for no pool. */
#define DVS_NO_POOL SIZE_MAX

int64_t dvs_budget_used(const struct dvs_budget *);
int64_t dvs_budget_available(const struct dvs_budget *, size_t pool);
bool dvs_budget_grant(struct dvs_budget *, size_t pool, int64_t quota);
bool dvs_budget_grant_pool(struct dvs_budget *, size_t pool,
                           const struct dvs_pool *, const char *switch_,
                           struct dvs_faults *);
int64_t *dvs_budget_sum(struct dvs_budget *, size_t pool);
bool dvs_budget_admits(const struct dvs_budget *, size_t pool, int64_t held,
                       int64_t asked);
bool dvs_budget_admit(struct dvs_budget *, size_t pool, int64_t held,
                      int64_t asked);
bool dvs_budget_is_violated(const struct dvs_budget *, size_t pool);

/* What a NIC asks to have reserved, and what it has. */
struct dvs_admission {
    const char *nic;            /* Its id. */
    const char *switch_;        /* Name of the switch. */
    const char *pool;           /* Name of the pool, or NULL for none. */
    bool managed;               /* The switch has Network I/O Control on. */
    int64_t room;               /* Of each uplink. */
    int64_t held;               /* What it has of the same budget. */
    int64_t asked;
};

bool dvs_budget_check(const struct dvs_budget *, size_t pool,
                      const struct dvs_admission *, struct dvs_faults *);

#endif /* dvs-pool.h */

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

/* What NICs of virtual machines may reserve; see dvs-reservation.h. */

#include <config.h>

#include "schema/dvs-reservation.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-place.h"
#include "schema/dvs-pool.h"
#include "schema/dvs-read.h"
#include "sset.h"
#include "util.h"

/* Returns the pool that the NICs of 'pg' (NULL for standalone ports) reserve
 * from, or NULL if they are in none. */
const struct dvsrec_resource_pool *
dvs_pool_of(const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_resource_pool *pool
        = pg && pg->setting ? pg->setting->resource_pool : NULL;

    return pool && pool->switch_ == pg->switch_ ? pool : NULL;
}

/* Returns the quota that 'pool' has been granted, in Mbit/s. */
int64_t
dvs_read_quota(const struct dvsrec_resource_pool *pool)
{
    return dvs_read_bandwidth(pool->key_bandwidth, pool->value_bandwidth,
                              pool->n_bandwidth, "capacity");
}

static int
compare_pools(const void *a_, const void *b_)
{
    const struct dvsrec_resource_pool *const *a = a_;
    const struct dvsrec_resource_pool *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* Gives 'budget', which has no pools yet, those of 's', by name, with the
 * quotas that they have been granted and nothing used; the caller frees
 * 'budget->pools'.  Returns their rows in the same order, which the caller
 * frees, too. */
const struct dvsrec_resource_pool **
dvs_read_budget_pools(const struct ovsdb_idl *idl,
                      const struct dvsrec_switch *s,
                      struct dvs_budget *budget)
{
    const struct dvsrec_resource_pool **pools = NULL;
    const struct dvsrec_resource_pool *row;
    size_t n = 0, allocated = 0;

    DVSREC_RESOURCE_POOL_FOR_EACH (row, idl) {
        if (row->switch_ == s) {
            if (n >= allocated) {
                pools = x2nrealloc(pools, &allocated, sizeof *pools);
            }
            pools[n++] = row;
        }
    }
    if (n) {
        qsort(pools, n, sizeof *pools, compare_pools);
    }
    budget->pools = xcalloc(MAX(n, 1), sizeof *budget->pools);
    budget->n_pools = n;
    for (size_t i = 0; i < n; i++) {
        budget->pools[i].quota = dvs_read_quota(pools[i]);
    }
    return pools;
}

/* Returns what 'vnic' asks to have reserved, in Mbit/s. */
int64_t
dvs_read_reservation(const struct dvsrec_vnic *vnic)
{
    return (vnic->n_reservation && strcmp(vnic->kind, "host")
            && vnic->reservation[0] <= DVS_BANDWIDTH_MAX
            ? vnic->reservation[0] : 0);
}

/* Returns what is reserved for 'vnic' with the port that it has, in Mbit/s. */
int64_t
dvs_read_reserved(const struct dvsrec_vnic *vnic)
{
    return vnic->connection && vnic->n_reserved ? vnic->reserved[0] : 0;
}

/* Returns what NICs may reserve of each uplink of 's', in Mbit/s, of which the
 * slowest makes 'slowest'. */
int64_t
dvs_read_room(const struct ovsdb_idl *idl, const struct dvsrec_switch *s,
              int64_t slowest)
{
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    free(dvs_read_switch(s, &sw));
    dvs_read_classes(idl, s, &sw.classes);
    dvs_classes_remove_faulty(&sw.classes, sw.reservation_ratio, slowest);
    int64_t room = dvs_place_room(&sw);
    dvs_switch_destroy(&sw);
    return room;
}

/* Adds to 'nics' the physical NICs of all hosts that are there and are not
 * known to be without a link, each as "HOST NIC". */
void
dvs_read_working_nics(const struct ovsdb_idl *idl, struct sset *nics)
{
    const struct dvsrec_physical_nic *row;

    DVSREC_PHYSICAL_NIC_FOR_EACH (row, idl) {
        if (!row->n_link_up || row->link_up[0]) {
            sset_add_and_free(nics, xasprintf("%s %s", row->host, row->name));
        }
    }
}

struct works_aux {
    const struct sset *nics;
    const char *host;
};

static bool
works(const char *nic, const void *aux_)
{
    const struct works_aux *aux = aux_;
    char *name = xasprintf("%s %s", aux->host, nic);
    bool found = sset_contains(aux->nics, name);

    free(name);
    return found;
}

/* Adds to 'names', sorted, those of 'uplinks' of 'host' that work, according
 * to 'nics' from dvs_read_working_nics(); see dvs_working_uplinks(). */
void
dvs_read_working_uplinks(const struct sset *nics, const char *host,
                         const struct smap *uplinks,
                         const struct dvs_lags *lags, struct svec *names)
{
    const struct works_aux aux = { nics, host };

    dvs_working_uplinks(names, uplinks, lags, works, &aux);
}

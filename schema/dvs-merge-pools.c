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

/* The reservations of a switch that is merged into another.
 *
 * Its resource pools get another switch, and a copy's name if theirs is taken,
 * and keep their quotas; NICs keep what is reserved for them.  So the other
 * switch has to have as much left, with the uplinks of the hosts that come
 * along, and each of these hosts has to have a place for each of its NICs. */

#include <config.h>

#include "schema/dvs-merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-place.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "sset.h"
#include "svec.h"
#include "util.h"

static int
compare_pools(const void *a_, const void *b_)
{
    const struct dvsrec_resource_pool *const *a = a_;
    const struct dvsrec_resource_pool *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* Collects the pools of the source, finds what they are called then, and makes
 * 'm->to_model' have those of both. */
void
dvs_merge_collect_pools(struct dvs_merge *m)
{
    struct shash names = SHASH_INITIALIZER(&names);
    const struct dvsrec_resource_pool *row;
    size_t allocated = 0;

    DVSREC_RESOURCE_POOL_FOR_EACH (row, m->op->idl) {
        if (row->switch_ == m->to) {
            shash_add_once(&names, row->name, row);
            dvs_pools_add(&m->to_model.pools, row->name, row->reservation);
        } else if (row->switch_ == m->from) {
            if (m->n_pools >= allocated) {
                m->pools = x2nrealloc(m->pools, &allocated, sizeof *m->pools);
            }
            m->pools[m->n_pools++] = row;
        }
    }
    if (m->n_pools) {
        qsort(m->pools, m->n_pools, sizeof *m->pools, compare_pools);
    }
    m->pool_names = xcalloc(MAX(m->n_pools, 1), sizeof *m->pool_names);
    for (size_t i = 0; i < m->n_pools; i++) {
        char *name = dvs_merge_choose_name(&names, m->pools[i]->name);

        m->pool_names[i] = name;
        shash_add(&names, name, m->pools[i]);
        dvs_pools_add(&m->to_model.pools, name, m->pools[i]->reservation);
    }
    shash_destroy(&names);
}

/* Makes 'setting', read from 'row' of a portgroup of the source, name the pool
 * that it has as that is called then. */
void
dvs_merge_rename_pool(const struct dvs_merge *m,
                      const struct dvsrec_port_setting *row,
                      struct dvs_setting *setting)
{
    for (size_t i = 0; i < m->n_pools; i++) {
        if (row && row->resource_pool == m->pools[i]) {
            free(setting->pool);
            setting->pool = xstrdup(m->pool_names[i]);
        }
    }
}

/* Checking. */

/* The reservations on a host of the source. */
struct host {
    struct svec working;        /* Uplinks that work then, sorted. */
    struct dvs_places old;      /* Of NICs of the other switch... */
    struct dvs_places all;      /* ...and of both. */
};

/* What there is to reserve then. */
struct check {
    const struct dvs_merge *m;
    struct sset nics;           /* Physical NICs that work. */
    int64_t room;               /* Of each uplink. */
    struct host *hosts;         /* As 'm->members'. */
    struct shash by_name;       /* Name of a host -> its "struct host". */
};

static int64_t
slowest_uplink(const struct dvs_merge *m)
{
    int64_t a = dvs_read_slowest_uplink(m->op->idl, m->from);
    int64_t b = dvs_read_slowest_uplink(m->op->idl, m->to);

    return !a ? b : !b ? a : MIN(a, b);
}

static void
check_init(struct check *c, const struct dvs_merge *m)
{
    c->m = m;
    c->room = dvs_read_room(m->op->idl, m->to, slowest_uplink(m));
    sset_init(&c->nics);
    dvs_read_working_nics(m->op->idl, &c->nics);
    c->hosts = xcalloc(MAX(m->n_members, 1), sizeof *c->hosts);
    shash_init(&c->by_name);
    for (size_t i = 0; i < m->n_members; i++) {
        struct host *host = &c->hosts[i];

        svec_init(&host->working);
        dvs_read_working_uplinks(&c->nics, m->members[i]->host,
                                 &m->uplinks[i], &m->to_model.lags,
                                 &host->working);
        dvs_places_init(&host->old);
        dvs_places_init(&host->all);
        shash_add_once(&c->by_name, m->members[i]->host, host);
    }
}

static void
check_destroy(struct check *c)
{
    for (size_t i = 0; i < c->m->n_members; i++) {
        svec_destroy(&c->hosts[i].working);
        dvs_places_destroy(&c->hosts[i].old);
        dvs_places_destroy(&c->hosts[i].all);
    }
    free(c->hosts);
    shash_destroy(&c->by_name);
    sset_destroy(&c->nics);
}

/* Returns what can be reserved of all uplinks together. */
static int64_t
find_capacity(const struct check *c)
{
    const struct dvs_merge *m = c->m;
    const struct dvsrec_host_member **members;
    size_t n = m->op->lookup->members(m->op->aux, m->to, NULL, &members);
    size_t n_uplinks = 0;

    for (size_t i = 0; i < m->n_members; i++) {
        n_uplinks += c->hosts[i].working.n;
    }
    for (size_t i = 0; i < n; i++) {
        if (!shash_find(&c->by_name, members[i]->host)) {
            struct svec working = SVEC_EMPTY_INITIALIZER;

            dvs_read_working_uplinks(&c->nics, members[i]->host,
                                     &members[i]->uplinks, &m->to_model.lags,
                                     &working);
            n_uplinks += working.n;
            svec_destroy(&working);
        }
    }
    free(members);
    return n_uplinks * c->room;
}

/* Returns what is reserved of 's', by its pools and by NICs in none. */
static int64_t
find_used(const struct dvs_merge *m, const struct dvsrec_switch *s)
{
    const struct dvsrec_resource_pool *pool;
    const struct dvsrec_vnic *vnic;
    int64_t used = 0;

    DVSREC_RESOURCE_POOL_FOR_EACH (pool, m->op->idl) {
        used += pool->switch_ == s ? dvs_read_quota(pool) : 0;
    }
    DVSREC_VNIC_FOR_EACH (vnic, m->op->idl) {
        if (vnic->connection && vnic->connection->switch_ == s
            && !dvs_pool_of(vnic->connection->portgroup)) {
            used += dvs_read_reserved(vnic);
        }
    }
    return used;
}

static bool
check_budget(const struct check *c)
{
    const struct dvs_merge *m = c->m;
    int64_t used = find_used(m, m->from);
    int64_t left = find_capacity(c) - find_used(m, m->to);

    if (used && used > left) {
        dvs_operation_fault(m->op, "ResourceNotAvailable", "source", "switch "
                            "\"%s\" has %"PRId64" Mbit/s reserved for "
                            "resource pools and NICs, but with its hosts, "
                            "switch \"%s\" would have %"PRId64" left",
                            m->from->name, used, m->to->name, MAX(left, 0));
        return false;
    }
    return true;
}

/* Returns how what is reserved for 'vnic', which has a port of one of the
 * switches, is placed on 'host' then. */
static struct dvs_placing
make_placing(const struct dvs_merge *m, const struct dvsrec_vnic *vnic,
             const struct host *host)
{
    const struct dvsrec_port *row = vnic->connection;
    bool comes = row->switch_ == m->from;
    struct dvs_portgroup pg;
    struct dvs_port port;
    struct dvs_setting effective;

    dvs_portgroup_init(&pg);
    dvs_port_init(&port);
    free(dvs_read_port(row, &port));
    if (row->portgroup) {
        free(dvs_read_portgroup(row->portgroup, &pg));
    }
    if (comes) {
        dvs_merge_make_explicit(m, row->portgroup ? &pg.setting
                                   : &port.setting);
    }
    dvs_setting_effective(&effective, &m->to_model.uplinks,
                          &m->to_model.setting, DVS_ALL_PROPERTIES,
                          row->portgroup ? &pg.setting : NULL,
                          row->portgroup ? pg.overrides : UINT32_MAX,
                          &port.setting, NULL);
    struct dvs_placing placing = dvs_placing_make(&effective, &host->working,
                                                  dvs_read_reserved(vnic));
    dvs_setting_destroy(&effective);
    dvs_port_destroy(&port);
    dvs_portgroup_destroy(&pg);
    return placing;
}

/* Checks that each host that comes along has a place for what its NICs have
 * reserved, but for those of the other switch that have none anyway. */
static bool
check_hosts(const struct check *c)
{
    const struct dvs_merge *m = c->m;
    const struct dvsrec_vnic *vnic;

    DVSREC_VNIC_FOR_EACH (vnic, m->op->idl) {
        struct host *host = (dvs_read_reserved(vnic) && vnic->claimed_by
                             ? shash_find_data(&c->by_name, vnic->claimed_by)
                             : NULL);

        if (host && (vnic->connection->switch_ == m->from
                     || vnic->connection->switch_ == m->to)) {
            struct dvs_placing placing = make_placing(m, vnic, host);

            dvs_places_add(&host->all, &placing);
            if (vnic->connection->switch_ == m->to) {
                dvs_places_add(&host->old, &placing);
            }
        }
    }
    for (size_t i = 0; i < m->n_members; i++) {
        const struct host *host = &c->hosts[i];
        int64_t left[DVS_PLACES_MAX];

        if (dvs_places_fill(&host->all, c->room, left)
            > dvs_places_fill(&host->old, c->room, left)) {
            dvs_operation_fault(m->op, "InsufficientNetworkCapacity", "source",
                                "the uplinks that host \"%s\" would have in "
                                "switch \"%s\", with %"PRId64" Mbit/s each, "
                                "have no place for all that is reserved for "
                                "its NICs", m->members[i]->host, m->to->name,
                                c->room);
            return false;
        }
    }
    return true;
}

/* Checks that what pools and NICs of the source have reserved can be had of
 * the other switch, too. */
bool
dvs_merge_check_pools(const struct dvs_merge *m)
{
    struct check c;

    check_init(&c, m);
    bool ok = check_budget(&c) && check_hosts(&c);
    check_destroy(&c);
    return ok;
}

/* Changing. */

/* Makes the pools of the source the other switch's. */
void
dvs_merge_pools(const struct dvs_merge *m)
{
    for (size_t i = 0; i < m->n_pools; i++) {
        const struct dvsrec_resource_pool *pool = m->pools[i];
        char *key = xasprintf("pool %s", pool->name);

        smap_replace(&m->op->result, key, m->pool_names[i]);
        dvsrec_resource_pool_verify_name(pool);
        dvsrec_resource_pool_set_name(pool, m->pool_names[i]);
        dvsrec_resource_pool_set_switch_(pool, m->to);
        free(key);
    }
}

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

/* What NICs of virtual machines have reserved, added up; see budgets.h.
 * Writes nothing. */

#include <config.h>

#include "controller/budgets.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/pass.h"
#include "coverage.h"
#include "hash.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(budgets);

COVERAGE_DEFINE(add_up_budget);
COVERAGE_DEFINE(add_up_host_budget);

/* A NIC that a switch's budget counts. */
struct counted_nic {
    struct hmap_node node;      /* In struct budgets's 'nics', by UUID. */
    struct uuid uuid;
    struct switch_budget *budget;
    size_t pool;
    int64_t reserved;
};

void
budgets_init(struct budgets *b)
{
    hmap_init(&b->switches);
    hmap_init(&b->nics);
    hmap_init(&b->hosts);
}

/* Frees what 'b', which is empty, owns, but not 'b' itself. */
void
budgets_destroy(struct budgets *b)
{
    hmap_destroy(&b->switches);
    hmap_destroy(&b->nics);
    hmap_destroy(&b->hosts);
}

/* Switches. */

/* Returns the number of 'pool' in 'b', or DVS_NO_POOL if it is NULL or not
 * there. */
size_t
switch_budget_find(const struct switch_budget *b,
                   const struct dvsrec_resource_pool *pool)
{
    for (size_t i = 0; i < b->sums.n_pools; i++) {
        if (b->pools[i] == pool) {
            return i;
        }
    }
    return DVS_NO_POOL;
}

/* Returns the switch of which 'vnic' takes part in the budget, or NULL. */
static const struct dvsrec_switch *
counting_switch(const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = vnic->connection;

    return (vnic->n_reserved && port && row_exists(&port->header_)
            ? port->switch_ : NULL);
}

/* Returns the budget of 's', as it has been granted; the caller destroys it.
 * Takes time in proportion to the NICs with a reservation. */
struct switch_budget *
switch_budget_create(struct pass *pass, const struct dvsrec_switch *s)
{
    struct switch_budget *b = xzalloc(sizeof *b);
    const struct dvsrec_host_member **members;
    size_t n_members = members_of_switch(pass->ix, s, &members);
    const struct dvsrec_vnic **vnics;
    size_t n_vnics = vnics_with_reserved(pass->ix, &vnics);

    COVERAGE_INC(add_up_budget);
    b->row = s;
    b->pools = dvs_read_budget_pools(pass->idl, s, &b->sums);
    for (size_t i = 0; i < n_members; i++) {
        b->sums.capacity += dvs_read_bandwidth(members[i]->key_bandwidth,
                                               members[i]->value_bandwidth,
                                               members[i]->n_bandwidth,
                                               "capacity");
    }
    for (size_t i = 0; i < n_vnics; i++) {
        if (counting_switch(vnics[i]) == s) {
            size_t pool = switch_budget_find(
                b, dvs_pool_of(vnics[i]->connection->portgroup));

            *dvs_budget_sum(&b->sums, pool) += vnics[i]->reserved[0];
        }
    }
    free(vnics);
    free(members);
    return b;
}

void
switch_budget_destroy(struct switch_budget *b)
{
    free(b->sums.pools);
    free(b->pools);
    free(b);
}

static struct switch_budget *
find_switch(const struct budgets *budgets, const struct uuid *uuid)
{
    struct switch_budget *b;

    HMAP_FOR_EACH_WITH_HASH (b, node, uuid_hash(uuid), &budgets->switches) {
        if (uuid_equals(&b->row->header_.uuid, uuid)) {
            return b;
        }
    }
    return NULL;
}

static struct counted_nic *
find_nic(const struct budgets *budgets, const struct uuid *uuid)
{
    struct counted_nic *nic;

    HMAP_FOR_EACH_WITH_HASH (nic, node, uuid_hash(uuid), &budgets->nics) {
        if (uuid_equals(&nic->uuid, uuid)) {
            return nic;
        }
    }
    return NULL;
}

/* Remembers that 'b' counts 'vnic'. */
static void
note_nic(struct budgets *budgets, struct switch_budget *b,
         const struct dvsrec_vnic *vnic)
{
    const struct uuid *uuid = &vnic->header_.uuid;
    struct counted_nic *nic = xmalloc(sizeof *nic);

    *nic = (struct counted_nic) {
        .uuid = *uuid,
        .budget = b,
        .pool = switch_budget_find(
            b, dvs_pool_of(vnic->connection->portgroup)),
        .reserved = vnic->reserved[0],
    };
    hmap_insert(&budgets->nics, &nic->node, uuid_hash(uuid));
}

/* Returns the budget of 's', as it has been granted. */
const struct switch_budget *
budgets_get_switch(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct uuid *uuid = &s->header_.uuid;
    struct switch_budget *b = find_switch(&pass->budgets, uuid);

    if (!b) {
        const struct dvsrec_vnic **vnics;
        size_t n = vnics_with_reserved(pass->ix, &vnics);

        b = switch_budget_create(pass, s);
        hmap_insert(&pass->budgets.switches, &b->node, uuid_hash(uuid));
        for (size_t i = 0; i < n; i++) {
            if (counting_switch(vnics[i]) == s) {
                note_nic(&pass->budgets, b, vnics[i]);
            }
        }
        free(vnics);
    }
    return b;
}

/* To be called when 'vnic' has another reservation or another port, or the
 * port that it has is no more. */
void
budgets_recount_nic(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    struct budgets *budgets = &pass->budgets;
    const struct dvsrec_switch *s = counting_switch(vnic);
    struct counted_nic *nic;

    if (hmap_is_empty(&budgets->switches)) {
        return;
    }
    nic = find_nic(budgets, &vnic->header_.uuid);
    if (nic) {
        *dvs_budget_sum(&nic->budget->sums, nic->pool) -= nic->reserved;
        hmap_remove(&budgets->nics, &nic->node);
        free(nic);
    }

    struct switch_budget *b = s ? find_switch(budgets, &s->header_.uuid)
                              : NULL;
    if (b) {
        size_t pool = switch_budget_find(
            b, dvs_pool_of(vnic->connection->portgroup));

        *dvs_budget_sum(&b->sums, pool) += vnic->reserved[0];
        note_nic(budgets, b, vnic);
    }
}

/* Hosts. */

struct host_aux {
    const struct indexes *ix;
    const char *host;
};

/* Returns true if the physical NIC 'name' of a host is there, and is not known
 * to be without a link. */
static bool
pnic_works(const char *name, const void *aux_)
{
    const struct host_aux *aux = aux_;
    const struct dvsrec_physical_nic *row = find_pnic(aux->ix, aux->host,
                                                      name);

    return row && (!row->n_link_up || row->link_up[0]);
}

/* Returns how 'reservation' is to be placed on the host of 'h', for a NIC on
 * 'port_row' (NULL if that is not known) in portgroup 'row' (NULL for none) of
 * 's'. */
struct dvs_placing
host_places_make_placing(struct pass *pass, const struct host_places *h,
                         const struct dvsrec_switch *s,
                         const struct dvsrec_portgroup *row,
                         const struct dvsrec_port *port_row,
                         int64_t reservation)
{
    const struct dvs_switch *sw = &view_switch(pass->view, s)->model;
    const struct dvs_portgroup *pg
        = row ? &view_portgroup(pass->view, row)->model : NULL;
    struct dvs_setting setting;
    struct dvs_port port;

    dvs_port_init(&port);
    if (port_row) {
        free(dvs_read_port(port_row, &port));
    }
    dvs_setting_effective(&setting, &sw->uplinks, &sw->setting,
                          DVS_ALL_PROPERTIES, pg ? &pg->setting : NULL,
                          pg ? pg->overrides : UINT32_MAX, &port.setting,
                          NULL);
    struct dvs_placing placing = dvs_placing_make(&setting, &h->working,
                                                  reservation);
    dvs_setting_destroy(&setting);
    dvs_port_destroy(&port);
    return placing;
}

/* Has 'h' count what 'row', of its host and its switch 's', reserves. */
static void
count_port(struct pass *pass, struct host_places *h,
           const struct dvsrec_switch *s, const struct dvsrec_proxy_port *row)
{
    if (row->n_reservation) {
        const struct dvsrec_port *port = find_port(pass->ix, s, row->key);
        struct dvs_placing *placing = xmalloc(sizeof *placing);

        *placing = host_places_make_placing(pass, h, s,
                                            port ? port->portgroup : NULL,
                                            port, row->reservation[0]);
        dvs_places_add(&h->places, placing);
        shash_add(&h->ports, row->key, placing);
    }
}

/* Returns what has been granted on 'host' of 's', which the caller destroys.
 * Takes time in proportion to the NICs of the host. */
struct host_places *
host_places_create(struct pass *pass, const struct dvsrec_switch *s,
                   const char *host)
{
    const struct uuid *switch_ = &s->header_.uuid;
    const struct dvsrec_proxy_host *proxy = find_proxy_host(pass->ix, host,
                                                            switch_);
    const struct host_aux aux = { pass->ix, host };
    struct host_places *h = xmalloc(sizeof *h);
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_host(pass->ix, host, switch_, &rows);

    COVERAGE_INC(add_up_host_budget);
    h->switch_ = *switch_;
    h->host = xstrdup(host);
    svec_init(&h->working);
    dvs_places_init(&h->places);
    shash_init(&h->ports);
    if (proxy) {
        dvs_working_uplinks(&h->working, &proxy->uplinks,
                            &view_switch(pass->view, s)->model.lags,
                            pnic_works, &aux);
    }
    for (size_t i = 0; i < n; i++) {
        count_port(pass, h, s, rows[i]);
    }
    free(rows);
    return h;
}

void
host_places_destroy(struct host_places *h)
{
    free(h->host);
    svec_destroy(&h->working);
    dvs_places_destroy(&h->places);
    shash_destroy_free_data(&h->ports);
    free(h);
}

static struct host_places *
find_host_places(const struct budgets *budgets, const struct uuid *switch_,
                 const char *host)
{
    struct host_places *h;

    HMAP_FOR_EACH_WITH_HASH (h, node, hash_string(host, uuid_hash(switch_)),
                             &budgets->hosts) {
        if (uuid_equals(&h->switch_, switch_) && !strcmp(h->host, host)) {
            return h;
        }
    }
    return NULL;
}

/* Returns what has been granted on 'host' of 's'.  The caller may change
 * 'places', but has to undo that. */
struct host_places *
budgets_get_host(struct pass *pass, const struct dvsrec_switch *s,
                 const char *host)
{
    const struct uuid *switch_ = &s->header_.uuid;
    struct host_places *h = find_host_places(&pass->budgets, switch_, host);

    if (!h) {
        h = host_places_create(pass, s, host);
        hmap_insert(&pass->budgets.hosts, &h->node,
                    hash_string(host, uuid_hash(switch_)));
    }
    return h;
}

/* To be called before 'row' changes. */
void
budgets_uncount_port(struct pass *pass, const struct dvsrec_proxy_port *row)
{
    struct host_places *h = find_host_places(&pass->budgets, &row->switch_,
                                             row->host);
    struct dvs_placing *placing
        = h ? shash_find_and_delete(&h->ports, row->key) : NULL;

    if (placing) {
        dvs_places_remove(&h->places, placing);
        free(placing);
    }
}

/* To be called when port 'key' of 'switch_' has changed, or the rows in which
 * hosts are granted it. */
void
budgets_recount_port(struct pass *pass, const struct uuid *switch_,
                     const char *key)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, switch_);
    const struct dvsrec_proxy_port **rows;

    if (!s || hmap_is_empty(&pass->budgets.hosts)) {
        return;
    }
    size_t n = proxy_ports_of_port(pass->ix, switch_, key, &rows);
    for (size_t i = 0; i < n; i++) {
        struct host_places *h = find_host_places(&pass->budgets, switch_,
                                                 rows[i]->host);

        if (h) {
            budgets_uncount_port(pass, rows[i]);
            count_port(pass, h, s, rows[i]);
        }
    }
    free(rows);
}

/* Checking. */

static void
check_switch(struct pass *pass, const struct switch_budget *b)
{
    struct switch_budget *fresh = switch_budget_create(pass, b->row);
    bool same = (fresh->sums.n_pools == b->sums.n_pools
                 && fresh->sums.capacity == b->sums.capacity
                 && fresh->sums.outside == b->sums.outside);

    for (size_t i = 0; i < b->sums.n_pools && same; i++) {
        same = (fresh->sums.pools[i].quota == b->sums.pools[i].quota
                && fresh->sums.pools[i].used == b->sums.pools[i].used);
    }
    if (!same) {
        VLOG_ERR("switch %s: the sums of reservations are wrong; please "
                 "report this", b->row->name);
    }
    switch_budget_destroy(fresh);
}

static void
check_host(struct pass *pass, const struct host_places *h)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &h->switch_);
    struct host_places *fresh = s ? host_places_create(pass, s, h->host)
                                : NULL;
    bool same = (fresh && svec_equal(&fresh->working, &h->working)
                 && fresh->places.n == h->places.n
                 && fresh->places.used == h->places.used);

    for (size_t i = 0; same && i < h->places.n; i++) {
        const struct dvs_place_group *a = &fresh->places.groups[i];
        const struct dvs_place_group *b = &h->places.groups[i];

        same = (a->n == b->n
                && a->placing.reservation == b->placing.reservation
                && a->placing.choices == b->placing.choices
                && a->placing.every == b->placing.every);
    }
    if (!same) {
        VLOG_ERR("host %s: the sums of reservations are wrong; please report "
                 "this", h->host);
    }
    if (fresh) {
        host_places_destroy(fresh);
    }
}

/* Forgets all sums.  If debug messages are logged, first adds them up anew and
 * compares. */
void
budgets_forget(struct pass *pass)
{
    struct budgets *budgets = &pass->budgets;
    struct switch_budget *b;
    struct counted_nic *nic;
    struct host_places *h;

    HMAP_FOR_EACH_POP (nic, node, &budgets->nics) {
        free(nic);
    }
    HMAP_FOR_EACH_POP (b, node, &budgets->switches) {
        if (VLOG_IS_DBG_ENABLED()) {
            check_switch(pass, b);
        }
        switch_budget_destroy(b);
    }
    HMAP_FOR_EACH_POP (h, node, &budgets->hosts) {
        if (VLOG_IS_DBG_ENABLED()) {
            check_host(pass, h);
        }
        host_places_destroy(h);
    }
}

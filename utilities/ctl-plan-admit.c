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

/* Which reservations the controller would not grant; see ctl-plan-admit.h.
 *
 * Whether a quota or a NIC is admitted, the model library says, to the
 * controller (pools.c, host-budget.c) as it does here; this file finds out
 * what has been granted and who asks, and asks for them in the order that the
 * controller does, until nobody more is admitted. */

#include <config.h>

#include "utilities/ctl-plan-admit.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "schema/dvs-place.h"
#include "schema/dvs-pool.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "sset.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-plan-read.h"
#include "utilities/ctl-plan.h"

/* A switch, and what it has to grant. */
struct budget {
    const struct dvsrec_switch *row;
    bool managed;               /* It has Network I/O Control on. */
    int64_t room;               /* Of each uplink. */
    const struct dvsrec_resource_pool **pools;  /* By name. */
    char **faults;              /* Of each pool, or NULL. */
    struct dvs_budget sums;     /* Has the pools in the same order. */
    struct shash hosts;         /* Name -> "struct host *". */
};

/* A host of a switch. */
struct host {
    const char *name;           /* Not owned. */
    struct svec working;        /* Uplinks that work, sorted. */
    struct dvs_places places;   /* What has been granted. */
};

/* A NIC of a virtual machine. */
struct nic {
    const struct dvsrec_vnic *row;
    struct budget *has, *wants; /* Of which it has, and asks for, something,
                                 * or NULL... */
    size_t has_pool, wants_pool;    /* ...DVS_NO_POOL for no pool. */
    int64_t held, asked;

    struct host *host;          /* Which has to have a place for it, or
                                 * NULL. */
    struct dvs_placing granted; /* What the host has granted, if that is more
                                 * than 0. */
    struct dvs_placing placing; /* What it is to grant. */
    bool leaves;                /* It loses its port, and asks for none. */
    bool done;                  /* It has what it asks for. */
    char *fault;                /* Why not, or NULL. */
};

struct admission {
    const struct ctl_plan *plan;
    struct ctl_plan_reader *r;
    const struct ovsdb_idl *idl;
    struct shash budgets;       /* Switch's UUID -> "struct budget *". */
    const struct dvsrec_port_state **claims;    /* Of NICs that hosts have, by
                                                 * NIC and host. */
    size_t n_claims;
    struct nic *nics;
    size_t n_nics;
};

/* What there is. */

/* Reads the hosts of 'b', of which the physical 'nics' work. */
static void
read_hosts(const struct ovsdb_idl *idl, struct budget *b,
           const struct sset *nics)
{
    const struct dvsrec_host_member *member;
    struct dvs_lags lags;

    dvs_lags_init(&lags);
    dvs_read_lags(idl, b->row, &lags);
    DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
        if (member->switch_ == b->row) {
            struct host *host = xmalloc(sizeof *host);

            host->name = member->host;
            svec_init(&host->working);
            dvs_places_init(&host->places);
            dvs_read_working_uplinks(nics, member->host, &member->uplinks,
                                     &lags, &host->working);
            b->sums.capacity += host->working.n * b->room;
            shash_add(&b->hosts, member->host, host);
        }
    }
    dvs_lags_destroy(&lags);
}

static void
read_budgets(struct admission *a)
{
    struct sset nics = SSET_INITIALIZER(&nics);
    const struct dvsrec_switch *s;

    dvs_read_working_nics(a->idl, &nics);
    DVSREC_SWITCH_FOR_EACH (s, a->idl) {
        struct budget *b = xzalloc(sizeof *b);

        b->row = s;
        b->managed = s->n_resource_management && s->resource_management[0];
        if (b->managed) {
            b->room = dvs_read_room(a->idl, s,
                                    dvs_read_slowest_uplink(a->idl, s));
        }
        shash_init(&b->hosts);
        b->pools = dvs_read_budget_pools(a->idl, s, &b->sums);
        b->faults = xcalloc(MAX(b->sums.n_pools, 1), sizeof *b->faults);
        read_hosts(a->idl, b, &nics);
        shash_add_nocopy(&a->budgets, xasprintf(
            UUID_FMT, UUID_ARGS(&s->header_.uuid)), b);
    }
    sset_destroy(&nics);
}

static struct budget *
find_budget(const struct admission *a, const struct uuid *switch_)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(switch_));
    struct budget *b = shash_find_data(&a->budgets, uuid);

    free(uuid);
    return b;
}

static size_t
find_pool(const struct budget *b, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_resource_pool *pool = dvs_pool_of(pg);

    for (size_t i = 0; i < b->sums.n_pools; i++) {
        if (b->pools[i] == pool) {
            return i;
        }
    }
    return DVS_NO_POOL;
}

/* Returns true if 'row' waits for something else than bandwidth, so that it is
 * not known what it will get. */
static bool
waits_for_other(const struct dvsrec_vnic *row)
{
    bool other = false;

    for (size_t i = 0; i < row->n_faults; i++) {
        other = other || !strstr(row->faults[i], ": reservation: ");
    }
    return other && !row->connection && !ctl_row_is_touched(&row->header_);
}

static int
compare_claims(const void *a_, const void *b_)
{
    const struct dvsrec_port_state *const *a = a_;
    const struct dvsrec_port_state *const *b = b_;
    int cmp = strcmp((*a)->nic, (*b)->nic);

    return cmp ? cmp : strcmp((*a)->host, (*b)->host);
}

/* Reads which hosts have which NICs. */
static void
read_claims(struct admission *a)
{
    const struct dvsrec_port_state *row;
    size_t allocated = 0;

    DVSREC_PORT_STATE_FOR_EACH (row, a->idl) {
        if (!strcmp(row->kind, "vm") && !row->ended && row->n_switch_) {
            if (a->n_claims >= allocated) {
                a->claims = x2nrealloc(a->claims, &allocated,
                                       sizeof *a->claims);
            }
            a->claims[a->n_claims++] = row;
        }
    }
    if (a->n_claims) {
        qsort(a->claims, a->n_claims, sizeof *a->claims, compare_claims);
    }
}

/* Returns the index of the first claim on 'nic', or that of another NIC if
 * there is none, or 'a->n_claims'. */
static size_t
find_claims(const struct admission *a, const char *nic)
{
    size_t low = 0, high = a->n_claims;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(a->claims[middle]->nic, nic) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Returns the host of 'b' that has to have a place for 'row': one that has the
 * NIC in a bridge of the switch, if there are several that where it is known
 * to be.  NULL if there is none.  Stores in '*pluggedp' whether the NIC is
 * anywhere at all. */
static struct host *
find_host(const struct admission *a, const struct budget *b,
          const struct dvsrec_vnic *row, bool *pluggedp)
{
    struct host *best = NULL;

    *pluggedp = false;
    for (size_t i = find_claims(a, row->id);
         i < a->n_claims && !strcmp(a->claims[i]->nic, row->id); i++) {
        const char *name = a->claims[i]->host;
        struct uuid switch_ = *a->claims[i]->switch_;
        struct host *host;

        *pluggedp = true;
        ctl_plan_follow_merges(a->plan, &switch_);
        host = (uuid_equals(&switch_, &b->row->header_.uuid)
                ? shash_find_data(&b->hosts, name) : NULL);
        if (host && (!best || nullable_string_is_equal(name,
                                                       row->claimed_by))) {
            best = host;
        }
    }
    return best;
}

/* Returns how 'reservation' is placed on 'host' for a NIC on 'port', or if
 * that is NULL on a new port of 'pg'. */
static struct dvs_placing
make_placing(const struct admission *a, const struct dvsrec_port *port,
             const struct dvsrec_portgroup *pg, const struct host *host,
             int64_t reservation)
{
    struct dvs_setting setting;

    dvs_setting_init(&setting);
    ctl_plan_read_setting(a->r, port, pg, &setting);
    struct dvs_placing placing = dvs_placing_make(&setting, &host->working,
                                                  reservation);
    dvs_setting_destroy(&setting);
    return placing;
}

/* Returns true if NICs have ports of 'pg' (NULL for standalone ones) only
 * while they are plugged in. */
static bool
is_for_plugged(const struct dvsrec_portgroup *pg)
{
    return pg && strcmp(pg->type, "early_binding");
}

/* Finds out of which budget 'nic' asks for something, if it does. */
static void
read_wish(const struct admission *a, struct nic *nic)
{
    const struct dvsrec_vnic *row = nic->row;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;

    ctl_plan_find_place(row, &port, &pg);
    if (!port && !pg) {
        nic->leaves = true;
        return;
    } else if ((row->port && row->portgroup) || waits_for_other(row)) {
        return;
    }

    struct budget *b = find_budget(a, &(port ? port->switch_
                                        : pg->switch_)->header_.uuid);
    bool plugged;

    nic->host = find_host(a, b, row, &plugged);
    if (is_for_plugged(pg) && !plugged
        && !(row->connection && is_for_plugged(row->connection->portgroup))) {
        nic->leaves = true;
        return;
    }
    nic->wants = b;
    nic->wants_pool = find_pool(nic->wants, pg);
    nic->asked = dvs_read_reservation(row);
    if (nic->host) {
        nic->placing = make_placing(a, port, pg, nic->host, nic->asked);
    }
}

static int
nic_class(const struct dvsrec_vnic *row)
{
    return ((ctl_row_is_touched(&row->header_) ? 0 : 3)
            + (row->connection ? 0 : row->port ? 1 : 2));
}

/* The order in which the controller looks at NICs: who asks now comes before
 * who has waited and is looked at again for that. */
static int
compare_nics(const void *a_, const void *b_)
{
    const struct nic *a = a_;
    const struct nic *b = b_;
    int a_class = nic_class(a->row);
    int b_class = nic_class(b->row);

    return (a_class != b_class ? a_class - b_class
            : strcmp(a->row->id, b->row->id));
}

static void
read_nics(struct admission *a)
{
    const struct dvsrec_vnic *row;
    size_t allocated = 0;

    DVSREC_VNIC_FOR_EACH (row, a->idl) {
        struct nic nic = { .row = row, .held = dvs_read_reserved(row) };

        if (nic.held) {
            const struct dvsrec_port *port = row->connection;

            nic.has = find_budget(a, &port->switch_->header_.uuid);
            nic.has_pool = find_pool(nic.has, port->portgroup);
            *dvs_budget_sum(&nic.has->sums, nic.has_pool) += nic.held;
        }
        read_wish(a, &nic);
        if (nic.held || nic.asked) {
            if (a->n_nics >= allocated) {
                a->nics = x2nrealloc(a->nics, &allocated, sizeof *a->nics);
            }
            a->nics[a->n_nics++] = nic;
        }
    }
    if (a->n_nics) {
        qsort(a->nics, a->n_nics, sizeof *a->nics, compare_nics);
    }
}

/* Reads what hosts have been granted. */
static void
read_grants(struct admission *a)
{
    struct shash nics = SHASH_INITIALIZER(&nics);
    const struct dvsrec_proxy_port *row;

    for (size_t i = 0; i < a->n_nics; i++) {
        shash_add(&nics, a->nics[i].row->id, &a->nics[i]);
    }
    DVSREC_PROXY_PORT_FOR_EACH (row, a->idl) {
        struct uuid uuid = row->switch_;
        struct nic *nic = shash_find_data(&nics, row->nic);
        const struct dvsrec_port *port = nic ? nic->row->connection : NULL;

        if (!row->n_reservation || !port || nic->leaves) {
            continue;
        }
        ctl_plan_follow_merges(a->plan, &uuid);

        const struct budget *b = find_budget(a, &uuid);
        struct host *host = b ? shash_find_data(&b->hosts, row->host) : NULL;
        if (host) {
            struct dvs_placing placing
                = make_placing(a, port, port->portgroup, host,
                               row->reservation[0]);

            dvs_places_add(&host->places, &placing);
            if (host == nic->host) {
                nic->granted = placing;
            }
        }
    }
    shash_destroy(&nics);
}

/* What is granted. */

/* Returns the first of 'faults', which the caller frees. */
static char *
first_fault(const struct dvs_faults *faults)
{
    struct ds ds = DS_EMPTY_INITIALIZER;

    dvs_faults_first(faults, &ds);
    return ds_steal_cstr(&ds);
}

/* Grants the quotas that can be had.  Returns true if that changes any. */
static bool
settle_pools(struct budget *b)
{
    bool changed = false;

    for (size_t i = 0; i < b->sums.n_pools; i++) {
        const struct dvs_pool pool = {
            .name = b->pools[i]->name, .quota = b->pools[i]->reservation
        };
        int64_t old = b->sums.pools[i].quota;
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        free(b->faults[i]);
        b->faults[i] = NULL;
        if (!dvs_budget_grant_pool(&b->sums, i, &pool, b->row->name,
                                   &faults)) {
            b->faults[i] = first_fault(&faults);
        }
        changed = changed || b->sums.pools[i].quota != old;
        dvs_faults_destroy(&faults);
    }
    return changed;
}

/* Has the host of 'nic' grant what that asks for.  Returns false, and adds a
 * fault, if it has no place for it. */
static bool
settle_host(struct nic *nic, struct dvs_faults *faults)
{
    struct dvs_places *places = &nic->host->places;
    struct dvs_placing old = nic->granted;

    if (old.reservation) {
        dvs_places_remove(places, &old);
    }
    if (nic->asked) {
        dvs_places_add(places, &nic->placing);
    }
    if (nic->asked > old.reservation
        && !dvs_places_admit(places, nic->host->name, nic->host->working.n,
                             nic->wants->room, nic->row->id, &nic->placing,
                             faults)) {
        dvs_places_remove(places, &nic->placing);
        if (old.reservation) {
            dvs_places_add(places, &old);
        }
        return false;
    }
    nic->granted = nic->placing;
    return true;
}

/* Has 'nic' granted what it asks for.  Returns false if it is not. */
static bool
settle_nic(struct nic *nic)
{
    struct budget *wants = nic->wants;
    struct dvs_faults faults;
    bool ok = true;

    free(nic->fault);
    nic->fault = NULL;
    if (!wants) {
        if (nic->leaves && nic->has) {
            *dvs_budget_sum(&nic->has->sums, nic->has_pool) -= nic->held;
        }
        return true;
    }
    dvs_faults_init(&faults);
    if (nic->asked) {
        size_t pool = nic->wants_pool;
        bool same = nic->has == wants && nic->has_pool == pool;
        const struct dvs_admission a = {
            .nic = nic->row->id,
            .switch_ = wants->row->name,
            .pool = pool == DVS_NO_POOL ? NULL : wants->pools[pool]->name,
            .managed = wants->managed,
            .room = wants->room,
            .held = same ? nic->held : 0,
            .asked = nic->asked,
        };

        ok = dvs_budget_check(&wants->sums, pool, &a, &faults);
    }
    if (ok && nic->host) {
        ok = settle_host(nic, &faults);
    }
    if (!ok) {
        nic->fault = first_fault(&faults);
    } else {
        if (nic->has) {
            *dvs_budget_sum(&nic->has->sums, nic->has_pool) -= nic->held;
        }
        *dvs_budget_sum(&wants->sums, nic->wants_pool) += nic->asked;
        nic->has = wants;
        nic->has_pool = nic->wants_pool;
        nic->held = nic->asked;
    }
    dvs_faults_destroy(&faults);
    return ok;
}

/* Grants all that can be.  Who leaves makes room for others. */
static void
settle(struct admission *a)
{
    bool changed = true;

    while (changed) {
        const struct shash_node *node;

        changed = false;
        SHASH_FOR_EACH (node, &a->budgets) {
            changed |= settle_pools(node->data);
        }
        for (size_t i = 0; i < a->n_nics; i++) {
            struct nic *nic = &a->nics[i];

            if (!nic->done && settle_nic(nic)) {
                nic->done = true;
                changed = true;
            }
        }
    }
}

static void
destroy_budgets(struct shash *budgets)
{
    struct shash_node *node, *host_node;

    SHASH_FOR_EACH (node, budgets) {
        struct budget *b = node->data;

        for (size_t i = 0; i < b->sums.n_pools; i++) {
            free(b->faults[i]);
        }
        free(b->faults);
        free(b->pools);
        free(b->sums.pools);
        SHASH_FOR_EACH (host_node, &b->hosts) {
            struct host *host = host_node->data;

            svec_destroy(&host->working);
            dvs_places_destroy(&host->places);
        }
        shash_destroy_free_data(&b->hosts);
    }
    shash_destroy_free_data(budgets);
}

/* Adds to 'refused' the quotas and the NICs' reservations that the controller
 * would not grant as the rows are that 'r' reads: from the UUID of the row of
 * the pool or NIC to the fault, "FaultName: sentence", which the caller
 * frees. */
void
ctl_plan_read_refusals(const struct ctl_plan *plan, struct ctl_plan_reader *r,
                       struct shash *refused)
{
    struct admission a = { .plan = plan, .r = r, .idl = r->idl };
    const struct shash_node *node;

    shash_init(&a.budgets);
    read_budgets(&a);
    read_claims(&a);
    read_nics(&a);
    read_grants(&a);
    settle(&a);
    SHASH_FOR_EACH (node, &a.budgets) {
        const struct budget *b = node->data;

        for (size_t i = 0; i < b->sums.n_pools; i++) {
            if (b->faults[i]) {
                shash_add_nocopy(refused, xasprintf(
                    UUID_FMT, UUID_ARGS(&b->pools[i]->header_.uuid)),
                    xstrdup(b->faults[i]));
            }
        }
    }
    for (size_t i = 0; i < a.n_nics; i++) {
        if (a.nics[i].fault) {
            shash_add_nocopy(refused, xasprintf(
                UUID_FMT, UUID_ARGS(&a.nics[i].row->header_.uuid)),
                a.nics[i].fault);
        }
    }
    free(a.nics);
    free(a.claims);
    destroy_budgets(&a.budgets);
}

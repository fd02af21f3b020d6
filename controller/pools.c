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

/* What NICs of virtual machines may reserve of the uplinks: Network I/O
 * Control's resource pools and its admission control (vSphere: pools of
 * version 3, DvsResourceRuntimeInfo, HostNetworkResourceRuntime).
 *
 * A NIC is admitted to the budget of its switch or of a pool when it gets a
 * port: VNIC.reserved.  It is admitted to a host when that is granted the
 * port: Proxy_Port.reservation.  These rows say what has been admitted, so
 * that it stays admitted when the uplinks that it counted on are gone. */

#include <config.h>

#include "controller/concerns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/host-budget.h"
#include "controller/pass.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-pool.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(pools);

COVERAGE_DEFINE(look_at_budget);
COVERAGE_DEFINE(look_at_host_budget);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

/* Has the budget of 's' looked at. */
static void
mark_switch(struct pass *pass, const struct dvsrec_switch *s)
{
    dirty_mark(pass->dirty, DIRTY_BUDGET, &s->header_.uuid);
}

/* Has the budget looked at that 'vnic' takes part in: all of them, if its port
 * does not say any more which one that is. */
void
pools_mark_nic(const struct ovsdb_idl *idl, struct dirty *dirty,
               const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = vnic->connection;
    const struct dvsrec_switch *s;

    if (!vnic->n_reserved) {
        return;
    } else if (port && row_exists(&port->header_) && port->switch_) {
        dirty_mark(dirty, DIRTY_BUDGET, &port->switch_->header_.uuid);
        return;
    }
    DVSREC_SWITCH_FOR_EACH (s, idl) {
        dirty_mark(dirty, DIRTY_BUDGET, &s->header_.uuid);
    }
}

/* Has the budget looked at of 'host' in the switch 'switch_'. */
void
pools_mark_host(struct pass *pass, const struct uuid *switch_,
                const char *host)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, switch_);
    const struct dvsrec_host_member *member
        = s ? find_member(pass->ix, s, host) : NULL;

    if (member) {
        dirty_mark(pass->dirty, DIRTY_HOST_BUDGET, &member->header_.uuid);
    }
}

/* Returns true if 'row', which has come to be for us, is news: nothing has
 * been found out about it before. */
bool
pool_is_news(const struct dvsrec_resource_pool *row)
{
    return !row->n_faults && !row->n_bandwidth;
}

/* Admits 'vnic' to the budget from which the NICs on 'port' (NULL if that is
 * not known yet) in 'pg' (NULL for none) of 's' reserve.  Returns true if
 * that has worked; then the caller gives it a port there, and has the sums
 * follow (budgets.h).  Otherwise, adds what is in the way to 'faults'. */
bool
pools_admit(struct pass *pass, const struct dvsrec_switch *s,
            const struct dvsrec_portgroup *pg, const struct dvsrec_port *port,
            const struct dvsrec_vnic *vnic, struct dvs_faults *faults)
{
    const struct dvsrec_port *old = vnic->connection;
    const struct dvsrec_resource_pool *pool = dvs_pool_of(pg);
    struct dvs_admission a = {
        .nic = vnic->id,
        .switch_ = s->name,
        .pool = pool ? pool->name : NULL,
        .asked = dvs_read_reservation(vnic),
    };

    if (old && row_exists(&old->header_) && old->switch_ == s
        && dvs_pool_of(old->portgroup) == pool) {
        a.held = dvs_read_reserved(vnic);
    }
    if (a.asked > a.held) {
        const struct dvs_switch *model = &view_switch(pass->view, s)->model;
        const struct switch_budget *b = budgets_get_switch(pass, s);

        a.managed = model->resource_management;
        a.room = dvs_place_room(model);
        if (!dvs_budget_check(&b->sums, switch_budget_find(b, pool), &a,
                              faults)
            || !host_budget_admits(pass, s, pg, port, vnic, a.asked,
                                   faults)) {
            return false;
        }
    }
    dvsrec_vnic_set_reserved(vnic, &a.asked, a.asked ? 1 : 0);
    mark_switch(pass, s);
    return true;
}

/* Publishing. */

#define N_BANDWIDTH 3

/* Stores 'b' as keys and values of a column "bandwidth". */
static void
format_bandwidth(const struct bandwidth *b, const char *keys[N_BANDWIDTH],
                 int64_t values[N_BANDWIDTH])
{
    keys[0] = "available";
    values[0] = b->capacity - b->used;
    keys[1] = "capacity";
    values[1] = b->capacity;
    keys[2] = "used";
    values[2] = b->used;
}

/* Writes 'B' to 'ROW' of a table with these columns; nothing if 'SHOW' is
 * false.  Sets 'CHANGED' if that changes the row, and 'BEGUN' or 'ENDED' if
 * what has been granted is violated from now on, or no longer is. */
#define PUBLISH(RECORD, ROW, B, SHOW, CHANGED, BEGUN, ENDED)                \
    do {                                                                    \
        const char *keys[N_BANDWIDTH];                                      \
        int64_t values[N_BANDWIDTH];                                        \
        size_t n_keys = (SHOW) ? N_BANDWIDTH : 0;                           \
        const char *status = (!n_keys ? NULL                                \
                              : (B)->violated ? "red" : "green");           \
        bool was = ((ROW)->bandwidth_status                                 \
                    && !strcmp((ROW)->bandwidth_status, "red"));            \
                                                                            \
        format_bandwidth(B, keys, values);                                  \
        *(CHANGED) |= ((ROW)->n_bandwidth != n_keys                         \
                       || !nullable_string_is_equal(                        \
                           (ROW)->bandwidth_status, status));               \
        for (size_t k = 0; k < n_keys && !*(CHANGED); k++) {                \
            *(CHANGED) |= dvs_read_bandwidth((ROW)->key_bandwidth,          \
                                             (ROW)->value_bandwidth,        \
                                             (ROW)->n_bandwidth, keys[k])   \
                          != values[k];                                     \
        }                                                                   \
        *(BEGUN) = (B)->violated && !was;                                   \
        *(ENDED) = !(B)->violated && was;                                   \
        dvsrec_##RECORD##_set_bandwidth(ROW, keys, values, n_keys);         \
        dvsrec_##RECORD##_set_bandwidth_status(ROW, status);                \
    } while (0)

/* Records that the reservations of 'what' are violated from now on, or are no
 * longer.  'host' is NULL but for those of a host. */
static void
record_violation(struct pass *pass, const struct dvsrec_switch *s,
                 const char *object, const char *host, const char *what,
                 const struct bandwidth *b, bool begun)
{
    const char *type
        = (host ? (begun ? "HostReservationViolationRaiseEvent"
                   : "HostReservationViolationClearEvent")
           : (begun ? "VmVnicPoolReservationViolationRaiseEvent"
              : "VmVnicPoolReservationViolationClearEvent"));

    VLOG_INFO_RL(&rl, "%s: reservations of %s are %s", s->name, what,
                 begun ? "violated" : "kept again");
    event_list_add(pass->events, type, begun ? "warning" : "info",
                   &s->header_.uuid, object, host,
                   "%s has %"PRId64" Mbit/s to reserve, of which %"PRId64" "
                   "are reserved", what, b->capacity, b->used);
}

/* Has the NICs looked at that ask in vain for a port of 's' and for
 * bandwidth. */
static void
wake_refused(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_vnic **vnics;
    size_t n = vnics_with_reservation(pass->ix, &vnics);

    for (size_t i = 0; i < n; i++) {
        const struct uuid *uuid = &vnics[i]->header_.uuid;

        if (vnic_wanted_switch(vnics[i]) == s
            && (vnics[i]->n_faults || uuidset_find(&pass->unhappy, uuid))) {
            dirty_mark(pass->dirty, DIRTY_VNIC, uuid);
        }
    }
    free(vnics);
}

/* Has all budgets looked at in which NICs of 'pg' take part: its pool or the
 * order of its uplinks may have changed.  By the latter, others may have room
 * on a host although no sum is another. */
void
pools_mark_portgroup(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic **vnics;
    size_t n = vnics_with_reserved(pass->ix, &vnics);
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_port *port = vnics[i]->connection;
        const struct dvsrec_proxy_port **rows;

        if (!port || !row_exists(&port->header_) || port->portgroup != pg) {
            continue;
        }
        any = true;
        size_t n_rows = proxy_ports_of_nic(pass->ix, vnics[i]->id, &rows);
        for (size_t j = 0; j < n_rows; j++) {
            pools_mark_host(pass, &rows[j]->switch_, rows[j]->host);
        }
        free(rows);
    }
    free(vnics);
    if (any) {
        mark_switch(pass, pg->switch_);
        wake_refused(pass, pg->switch_);
    }
}

static void
look_at_host_budget(struct pass *pass, const struct dvsrec_host_member *row)
{
    bool changed = false, begun, ended;
    struct bandwidth b;

    COVERAGE_INC(look_at_host_budget);
    host_budget(pass, row->switch_, row->host, &b);
    PUBLISH(host_member, row, &b, b.capacity || b.used, &changed, &begun,
            &ended);
    if (begun || ended) {
        record_violation(pass, row->switch_, row->switch_->name, row->host,
                         "the host", &b, begun);
    }
    if (changed) {
        mark_switch(pass, row->switch_);
        wake_refused(pass, row->switch_);
    }
}

/* Gives pool number 'i' of 'b', which is 'row', the quota that it asks for, as
 * far as it can have it. */
static void
grant_quota(struct pass *pass, struct dvs_budget *b, size_t i,
            const struct dvsrec_resource_pool *row)
{
    struct dvs_pool pool = { .name = row->name, .quota = row->reservation };
    struct dvs_faults *faults
        = faults_open(pass->faults, FAULTS_RESOURCE_POOL, &row->header_.uuid);

    dvs_budget_grant_pool(b, i, &pool, row->switch_->name, faults);
}

static void
look_at_budget(struct pass *pass, const struct dvsrec_switch *s)
{
    struct switch_budget *budget = switch_budget_create(pass, s);
    struct dvs_budget *b = &budget->sums;
    bool changed = false, begun, ended;

    COVERAGE_INC(look_at_budget);
    for (size_t i = 0; i < b->n_pools; i++) {
        grant_quota(pass, b, i, budget->pools[i]);
    }
    for (size_t i = 0; i < b->n_pools; i++) {
        const struct dvsrec_resource_pool *row = budget->pools[i];
        struct bandwidth bandwidth = {
            .capacity = b->pools[i].quota,
            .used = b->pools[i].used,
            .violated = dvs_budget_is_violated(b, i),
        };

        if (dirty_take(pass->dirty, DIRTY_RAISE_POOL, &row->header_.uuid)) {
            dvsrec_resource_pool_set_config_version(
                row, next_number(row->config_version));
        }
        PUBLISH(resource_pool, row, &bandwidth, true, &changed, &begun,
                &ended);
        if (begun || ended) {
            char *what = xasprintf("resource pool \"%s\"", row->name);

            record_violation(pass, s, s->name, NULL, what, &bandwidth, begun);
            free(what);
        }
    }

    struct bandwidth all = {
        .capacity = b->capacity,
        .used = dvs_budget_used(b),
        .violated = dvs_budget_is_violated(b, DVS_NO_POOL),
    };
    PUBLISH(switch, s, &all, b->n_pools || all.capacity || all.used, &changed,
            &begun, &ended);
    if (begun || ended) {
        record_violation(pass, s, s->name, NULL, "the switch", &all, begun);
    }
    if (changed) {
        wake_refused(pass, s);
    }
    switch_budget_destroy(budget);
}

/* Looks at the budgets of hosts and switches that are marked. */
void
pools_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_HOST_BUDGET, &uuid)) {
        const struct dvsrec_host_member *row
            = dvsrec_host_member_get_for_uuid(pass->idl, &uuid);

        if (row && row_exists(&row->header_)) {
            look_at_host_budget(pass, row);
        }
    }
    while (dirty_pop(pass->dirty, DIRTY_BUDGET, &uuid)) {
        const struct dvsrec_switch *s = get_switch(pass->idl, &uuid);

        if (s) {
            look_at_budget(pass, s);
        }
    }
}

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

/* What NICs of virtual machines may reserve of the uplinks of one host; see
 * host-budget.h.  Writes nothing. */

#include <config.h>

#include "controller/host-budget.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/pass.h"
#include "schema/dvs-place.h"
#include "schema/dvs-reservation.h"
#include "util.h"

/* Stores in '*b' what has been granted on 'host' of 's', and what there is. */
void
host_budget(struct pass *pass, const struct dvsrec_switch *s, const char *host,
            struct bandwidth *b)
{
    int64_t room = dvs_place_room(&view_switch(pass->view, s)->model);
    struct host_places *h = host_places_create(pass, s, host);
    int64_t left[DVS_PLACES_MAX];

    *b = (struct bandwidth) {
        .capacity = h->working.n * room,
        .used = h->places.used,
        .violated = dvs_places_fill(&h->places, room, left) > 0,
    };
    host_places_destroy(h);
}

/* Returns true if 'uuid' is 's', or has been merged into it. */
static bool
is_or_was(const struct dvsrec_switch *s, const struct uuid *uuid)
{
    bool same = uuid_equals(&s->header_.uuid, uuid);

    for (size_t i = 0; i < s->n_merged && !same; i++) {
        same = uuid_equals(&s->merged[i], uuid);
    }
    return same;
}

/* Returns true if 'host', a member of 's', has been granted at least
 * 'reservation' for the NIC called 'nic' already. */
static bool
is_granted(struct pass *pass, const struct dvsrec_switch *s, const char *host,
           const char *nic, int64_t reservation)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_nic(pass->ix, nic, &rows);
    bool granted = false;

    for (size_t i = 0; i < n; i++) {
        granted = (granted
                   || (!strcmp(rows[i]->host, host)
                       && is_or_was(s, &rows[i]->switch_)
                       && rows[i]->n_reservation
                       && rows[i]->reservation[0] >= reservation));
    }
    free(rows);
    return granted;
}

/* Takes out of 'h' what the NIC called 'nic' has been granted there, or if
 * 'back' puts it there again. */
static void
set_aside(struct pass *pass, struct host_places *h, const char *nic, bool back)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_nic(pass->ix, nic, &rows);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i]->host, h->host)
            || !uuid_equals(&rows[i]->switch_, &h->switch_)) {
            continue;
        }
        const struct dvs_placing *placing = shash_find_data(&h->ports,
                                                            rows[i]->key);
        if (placing && back) {
            dvs_places_add(&h->places, placing);
        } else if (placing) {
            dvs_places_remove(&h->places, placing);
        }
    }
    free(rows);
}

/* Returns true if 'host' can keep 'reservation', in Mbit/s, for 'vnic' on
 * 'port' (NULL if that is not known) in 'pg' (NULL for none) of 's', besides
 * what it has to keep for others.  Otherwise, adds a fault to 'faults' if that
 * is nonnull. */
static bool
host_admits(struct pass *pass, const struct dvsrec_switch *s,
            const struct dvsrec_portgroup *pg, const struct dvsrec_port *port,
            const struct dvsrec_vnic *vnic, const char *host,
            int64_t reservation, struct dvs_faults *faults)
{
    if (!reservation || is_granted(pass, s, host, vnic->id, reservation)) {
        return true;
    }

    int64_t room = dvs_place_room(&view_switch(pass->view, s)->model);
    struct host_places *h = budgets_get_host(pass, s, host);
    struct dvs_placing placing
        = host_places_make_placing(pass, h, s, pg, port, reservation);

    set_aside(pass, h, vnic->id, false);
    dvs_places_add(&h->places, &placing);
    bool fits = dvs_places_admit(&h->places, host, h->working.n, room,
                                 vnic->id, &placing, faults);
    dvs_places_remove(&h->places, &placing);
    set_aside(pass, h, vnic->id, true);
    return fits;
}

/* Returns true if the host of 'claim' may be granted 'port' for 'vnic'. */
bool
pools_host_admits(struct pass *pass, const struct dvsrec_port *port,
                  const struct dvsrec_vnic *vnic, const char *host)
{
    return host_admits(pass, port->switch_, port->portgroup, port, vnic, host,
                       dvs_read_reserved(vnic), NULL);
}

/* Returns true if all hosts that have 'vnic' in a bridge of switch 's' can
 * keep 'reservation' for it; see host_admits(). */
bool
host_budget_admits(struct pass *pass, const struct dvsrec_switch *s,
                   const struct dvsrec_portgroup *pg,
                   const struct dvsrec_port *port,
                   const struct dvsrec_vnic *vnic, int64_t reservation,
                   struct dvs_faults *faults)
{
    const struct dvsrec_port_state **claims;
    size_t n = claims_of_nic(pass->ix, vnic->id, &claims);
    bool admit = true;

    for (size_t i = 0; i < n; i++) {
        const struct uuid *switch_ = claim_switch(pass->idl, claims[i]);

        if (switch_ && !claims[i]->ended
            && uuid_equals(switch_, &s->header_.uuid)
            && find_proxy_host(pass->ix, claims[i]->host, switch_)) {
            admit &= host_admits(pass, s, pg, port, vnic, claims[i]->host,
                                 reservation, faults);
        }
    }
    free(claims);
    return admit;
}

/* Adds to 'faults' the hosts that have 'vnic' but are not granted its port,
 * for want of bandwidth: in a migration, the host that it was on goes on
 * delivering to it. */
void
pools_check_hosts(struct pass *pass, const struct dvsrec_vnic *vnic,
                  struct dvs_faults *faults)
{
    const struct dvsrec_port *port = vnic->connection;

    if (port && vnic->n_reserved) {
        host_budget_admits(pass, port->switch_, port->portgroup, port, vnic,
                           vnic->reserved[0], faults);
    }
}

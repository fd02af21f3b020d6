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

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/pass.h"
#include "schema/dvs-pool.h"
#include "schema/dvs-read.h"
#include "util.h"

/* Returns what NICs may reserve of each uplink of 's', in Mbit/s. */
int64_t
host_budget_room(const struct view_switch *s)
{
    return (s->model.resource_management
            ? s->model.classes.classes[DVS_TC_VIRTUAL_MACHINE].reservation
            : 0);
}

/* Returns true if the physical NIC 'name' of 'host' is there, and is not known
 * to be without a link. */
static bool
pnic_works(const struct indexes *ix, const char *host, const char *name)
{
    const struct dvsrec_physical_nic *row = find_pnic(ix, host, name);

    return row && (!row->n_link_up || row->link_up[0]);
}

/* Adds to 'names' the uplinks of 's' that work on 'host', each once.  A LAG is
 * one uplink: its hash may put all frames of a NIC on one link. */
static void
working_uplinks(struct pass *pass, const struct view_switch *s,
                const char *host, struct svec *names)
{
    const struct dvsrec_proxy_host *proxy
        = find_proxy_host(pass->ix, host, &s->row->header_.uuid);
    const struct smap_node *node;

    if (!proxy) {
        return;
    }
    SMAP_FOR_EACH (node, &proxy->uplinks) {
        int index;
        const struct dvs_lag *lag
            = dvs_lags_find_port(&s->model.lags, node->key, &index);

        if (pnic_works(pass->ix, host, node->value)) {
            svec_add(names, lag ? lag->name : node->key);
        }
    }
    svec_sort_unique(names);
}

/* Returns the bits of those of 'order' that 'working', sorted, has; only the
 * first if 'first'. */
static uint64_t
select_uplinks(const struct svec *order, const struct svec *working,
               bool first)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < order->n; i++) {
        size_t place = svec_find(working, order->names[i]);

        if (place < MIN(working->n, DVS_PLACES_MAX) && !(first && bits)) {
            bits |= UINT64_C(1) << place;
        }
    }
    return bits;
}

/* Returns how 'reservation' is to be placed on a host whose 'working' uplinks
 * are sorted, for a NIC on 'port' (NULL if that is not known) in portgroup
 * 'row' (NULL for none) of 's'.
 *
 * A NIC that is pinned may be pinned to any active uplink that works.  With an
 * explicit order it has the first of them.  If none works, there is the first
 * standby one.  With IP hash or source MAC, its frames may be on all. */
static struct dvs_placing
make_placing(struct pass *pass, const struct view_switch *s,
             const struct dvsrec_portgroup *row,
             const struct dvsrec_port *port_row, int64_t reservation,
             const struct svec *working)
{
    const struct dvs_portgroup *pg
        = row ? &view_portgroup(pass->view, row)->model : NULL;
    struct dvs_placing placing = { .reservation = reservation };
    struct dvs_setting setting;
    struct dvs_port port;

    dvs_port_init(&port);
    if (port_row) {
        free(dvs_read_port(port_row, &port));
    }
    dvs_setting_effective(&setting, &s->model.uplinks, &s->model.setting,
                          DVS_ALL_PROPERTIES, pg ? &pg->setting : NULL,
                          pg ? pg->overrides : UINT32_MAX, &port.setting,
                          NULL);

    bool one = setting.teaming == DVS_TEAMING_EXPLICIT;
    placing.every = (setting.teaming == DVS_TEAMING_IP_HASH
                     || setting.teaming == DVS_TEAMING_SOURCE_MAC);
    placing.choices = select_uplinks(&setting.active, working, one);
    if (!placing.choices) {
        placing.choices = select_uplinks(&setting.standby, working, true);
    }
    dvs_setting_destroy(&setting);
    dvs_port_destroy(&port);
    return placing;
}

/* The reservations on a host. */
struct granted {
    struct svec working;        /* Uplinks that work, sorted. */
    struct dvs_placing *placings;
    size_t n;
    int64_t used;               /* Together, in Mbit/s. */
};

static void
granted_add(struct granted *g, struct dvs_placing placing)
{
    g->placings = xrealloc(g->placings, (g->n + 1) * sizeof *g->placings);
    g->placings[g->n++] = placing;
    g->used += placing.reservation;
}

/* Stores in '*g' what has been granted on 'host' of 's', but for the NIC
 * called 'except' (NULL for none). */
static void
granted_init(struct granted *g, struct pass *pass,
             const struct view_switch *s, const char *host,
             const char *except)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_host(pass->ix, host, &s->row->header_.uuid,
                                   &rows);

    *g = (struct granted) { .n = 0 };
    svec_init(&g->working);
    working_uplinks(pass, s, host, &g->working);
    for (size_t i = 0; i < n; i++) {
        if (!rows[i]->n_reservation
            || (except && !strcmp(rows[i]->nic, except))) {
            continue;
        }
        const struct dvsrec_port *port = find_port(pass->ix, s->row,
                                                   rows[i]->key);
        granted_add(g, make_placing(pass, s,
                                     port ? port->portgroup : NULL, port,
                                     rows[i]->reservation[0],
                                     &g->working));
    }
    free(rows);
}

static void
granted_destroy(struct granted *g)
{
    svec_destroy(&g->working);
    free(g->placings);
}

/* Stores in '*b' what has been granted on 'host' of 's', and what there is. */
void
host_budget(struct pass *pass, const struct view_switch *s, const char *host,
            struct bandwidth *b)
{
    int64_t room = host_budget_room(s);
    struct granted g;

    granted_init(&g, pass, s, host, NULL);
    *b = (struct bandwidth) {
        .capacity = g.working.n * room,
        .used = g.used,
        .violated = dvs_place(g.placings, g.n, room) > 0,
    };
    granted_destroy(&g);
}

/* Returns true if 'host', a member of 's', has been granted at least
 * 'reservation' for the NIC called 'nic' already. */
static bool
is_granted(struct pass *pass, const struct view_switch *s, const char *host,
           const char *nic, int64_t reservation)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_nic(pass->ix, nic, &rows);
    bool granted = false;

    for (size_t i = 0; i < n; i++) {
        granted = (granted
                   || (!strcmp(rows[i]->host, host)
                       && uuid_equals(&rows[i]->switch_,
                                      &s->row->header_.uuid)
                       && rows[i]->n_reservation
                       && rows[i]->reservation[0] >= reservation));
    }
    free(rows);
    return granted;
}

/* Returns true if 'host' can keep 'reservation', in Mbit/s, for 'vnic' on
 * 'port' (NULL if that is not known) in 'pg' (NULL for none) of 's', besides
 * what it has to keep for others.  Otherwise, adds a fault to 'faults' if that
 * is nonnull. */
static bool
host_admits(struct pass *pass, const struct dvsrec_switch *row,
            const struct dvsrec_portgroup *pg, const struct dvsrec_port *port,
            const struct dvsrec_vnic *vnic, const char *host,
            int64_t reservation, struct dvs_faults *faults)
{
    const struct view_switch *s = view_switch(pass->view, row);
    int64_t room = host_budget_room(s);
    struct granted g;

    if (!reservation || is_granted(pass, s, host, vnic->id, reservation)) {
        return true;
    }
    granted_init(&g, pass, s, host, vnic->id);
    int64_t left = g.working.n * room - g.used;
    granted_add(&g, make_placing(pass, s, pg, port, reservation,
                                 &g.working));
    bool fits = !dvs_place(g.placings, g.n, room);
    if (!fits && faults) {
        dvs_faults_add(faults, "InsufficientNetworkCapacity", "reservation",
                       "no uplink of host \"%s\" has %"PRId64" Mbit/s left "
                       "for NIC \"%s\"; of all its uplinks, %"PRId64" are "
                       "left", host, reservation, vnic->id, MAX(left, 0));
    }
    granted_destroy(&g);
    return fits;
}

/* Returns true if the host of 'claim' may be granted 'port' for 'vnic'. */
bool
pools_host_admits(struct pass *pass, const struct dvsrec_port *port,
                  const struct dvsrec_vnic *vnic, const char *host)
{
    return host_admits(pass, port->switch_, port->portgroup, port, vnic, host,
                       vnic_reserved(vnic), NULL);
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

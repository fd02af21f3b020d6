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

/* Binding: which NIC has which port.
 *
 * The only writer of Port.connectee and VNIC.connection, which always point
 * at each other: a NIC is rightful only if both agree (vSphere's
 * connectionCookie).  The rules are in binding.c. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/binding.h"
#include "controller/claims.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(binder);

COVERAGE_DEFINE(look_at_vnic);
COVERAGE_DEFINE(nic_connected);
COVERAGE_DEFINE(nic_disconnected);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

static void
mark_slot(struct pass *pass, const struct dvsrec_port *port)
{
    dirty_mark_slot(pass->dirty, &port->switch_->header_.uuid, port->key);
}

static void
mark_vnics(struct pass *pass, const struct dvsrec_vnic **vnics, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &vnics[i]->header_.uuid);
    }
    free(vnics);
}

/* Has the NICs looked at that ask for a port of 'pg' and have not got it:
 * there may be one now. */
void
binder_wake(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic **vnics;
    struct uuidset_node *node;
    size_t n = vnics_without_port(pass->ix, pg, &vnics);

    mark_vnics(pass, vnics, n);
    n = vnics_at_fault(pass->ix, pg, &vnics);
    mark_vnics(pass, vnics, n);

    /* Those whose fault has only just been found are in no index yet. */
    UUIDSET_FOR_EACH_SAFE (node, &pass->unhappy) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &node->uuid);
        uuidset_delete(&pass->unhappy, node);
    }
}

/* Has the NICs looked at that ask for 'port' by key. */
void
binder_wake_for_port(struct pass *pass, const struct dvsrec_port *port)
{
    const struct dvsrec_vnic **vnics;
    size_t n = vnics_asking_for_port(pass->ix, port, &vnics);

    mark_vnics(pass, vnics, n);
}

/* Returns true if the type of 'pg' is another than the one in force, perhaps
 * because NICs are connected. */
static bool
portgroup_type_is_refused(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    enum dvs_portgroup_type type = portgroup_type(pass->ix, pg);

    return strcmp(pg->type, dvs_portgroup_type_to_string(type)) != 0;
}

/* Has whatever looked at that waits for 'port', which is free now. */
static void
wake_waiting(struct pass *pass, const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *pg = port->portgroup;

    binder_wake_for_port(pass, port);
    if (pg) {
        binder_wake(pass, pg);

        /* There may be more ports than are wanted. */
        if (pg->port_count > pg->num_ports
            && (!pg->auto_expand
                || free_ports_exceed(pass->ix, port->switch_, pg,
                                     BINDING_SLACK))) {
            dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
        }
        if (portgroup_type_is_refused(pass, pg)) {
            dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
        }
    } else if (port->switch_->n_faults
               || faults_are_open(pass->faults, FAULTS_SWITCH,
                                  &port->switch_->header_.uuid)) {
        /* Perhaps because too few standalone ports were free. */
        dirty_mark(pass->dirty, DIRTY_SWITCH, &port->switch_->header_.uuid);
    }
}

/* Has the sums of reservations follow 'port', which has lost its NIC and
 * perhaps its setting.  If 'unmake', deletes it. */
static void
recount(struct pass *pass, const struct dvsrec_port *port, bool unmake)
{
    const struct uuid switch_ = port->switch_->header_.uuid;
    char *key = xstrdup(port->key);

    if (unmake) {
        const struct dvsrec_vnic **vnics;
        size_t n = vnics_connected_to_port(pass->ix, port, &vnics);

        ports_unmake(pass, port);
        for (size_t i = 0; i < n; i++) {
            budgets_recount_nic(pass, vnics[i]);
        }
        free(vnics);
    }
    budgets_recount_port(pass, &switch_, key);
    free(key);
}

/* Does what is to be done when 'port' has lost its NIC, called 'nic' ("" if
 * that is not known any more). */
static void
port_released(struct pass *pass, const struct dvsrec_port *port,
              const char *nic)
{
    COVERAGE_INC(nic_disconnected);
    ports_report_disconnection(pass, port, nic);
    dvsrec_port_set_connectee(port, NULL);
    dvsrec_port_set_proxy_host(port, NULL);
    if (port->setting && port->portgroup
        && (!port->portgroup->n_reset_at_disconnect
            || port->portgroup->reset_at_disconnect[0])) {
        /* vSphere: portConfigResetAtDisconnect. */
        dvsrec_port_set_setting(port, NULL);
        dirty_mark(pass->dirty, DIRTY_PORT, &port->header_.uuid);
    }
    mark_slot(pass, port);
    wake_waiting(pass, port);
    recount(pass, port, port_is_made_for_nic(pass->ix, port));
}

/* Returns the port that 'vnic' has rightfully, or NULL. */
static const struct dvsrec_port *
rightful_port(const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = vnic->connection;

    if (!port || !row_exists(&port->header_)) {
        return NULL;
    }
    const struct dvsrec_vnic *other = port->connectee;
    return (!other || other == vnic || !row_exists(&other->header_)
            || other->connection != port
            ? port : NULL);
}

static void
disconnect_vnic(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = rightful_port(vnic);

    dvsrec_vnic_set_connection(vnic, NULL);
    if (port) {
        port_released(pass, port, vnic->id);
    }
}

static void
connect_vnic(struct pass *pass, const struct dvsrec_vnic *vnic,
             const struct dvsrec_port *port)
{
    if (port->connectee == vnic && vnic->connection == port) {
        mark_slot(pass, port);
        return;
    }
    if (vnic->connection != port) {
        disconnect_vnic(pass, vnic);
    }

    COVERAGE_INC(nic_connected);
    VLOG_DBG_RL(&rl, "switch %s: port %s: NIC %s connected",
                port->switch_->name, port->key, vnic->id);
    event_port(pass, "DvsPortConnectedEvent", &port->switch_->header_.uuid,
               port->key, vnic->claimed_by, "NIC %s connected", vnic->id);
    if (port->setting) {
        /* vSphere warns of it. */
        event_port(pass, (strcmp(vnic->kind, "host")
                          ? "VmPoweringOnWithCustomizedDVPortEvent"
                          : "HostVnicConnectedToCustomizedDVPortEvent"),
                   &port->switch_->header_.uuid, port->key, vnic->claimed_by,
                   "the port that NIC %s got has settings of its own",
                   vnic->id);
    }
    dvsrec_port_verify_connectee(port);
    dvsrec_port_set_connectee(port, vnic);
    dvsrec_vnic_set_connection(vnic, port);
    mark_slot(pass, port);
}

/* Leaves to 'vnic' what it has rightfully, unless it would have to be plugged
 * to keep that. */
static void
keep(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = rightful_port(vnic);

    if (!port || (port_is_for_plugged(pass->ix, port)
                  && !nic_is_plugged(pass, vnic, port))) {
        disconnect_vnic(pass, vnic);
    } else {
        connect_vnic(pass, vnic, port);
    }
}

/* Whether 'pg' may be given more ports. */
static bool
can_grow(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    switch (portgroup_type(pass->ix, pg)) {
    case DVS_EARLY_BINDING:
        return (pg->auto_expand
                && pg->port_count + BINDING_GROWTH <= DVS_PORTS_MAX
                && view_portgroup(pass->view, pg)->ok
                && room_left(pg->switch_) > 0);
    case DVS_EPHEMERAL:
        return (pg->port_count < DVS_PORTS_MAX
                && view_portgroup(pass->view, pg)->ok
                && room_left(pg->switch_) > 0);
    case DVS_LATE_BINDING:
    default:
        return false;
    }
}

/* Looks at what 'vnic' asks for.  Stores in '*portp' the port that it can have
 * of that, or NULL. */
static enum binding
decide(struct pass *pass, const struct dvsrec_vnic *vnic,
       const struct dvsrec_port **portp)
{
    const struct dvsrec_portgroup *pg = vnic->portgroup;
    const struct dvsrec_port *wanted = vnic->port;
    const struct dvsrec_port *current = rightful_port(vnic);
    struct binding_ask ask = {
        .asks_portgroup = pg != NULL,
        .asks_port = wanted != NULL,
        .plugged = nic_is_plugged(pass, vnic, current),
        .has_port = current != NULL,
        .port_in_conflict = current && current->conflict,
    };

    *portp = NULL;
    if (wanted) {
        const struct dvsrec_vnic *holder = wanted->connectee;

        ask.uplink = (wanted->uplink_host
                      || (wanted->portgroup && wanted->portgroup->uplink));
        ask.no_choice = port_is_for_plugged(pass->ix, wanted);
        ask.port_fits = current == wanted;
        ask.port_taken = (holder && holder != vnic
                          && row_exists(&holder->header_)
                          && holder->connection == wanted);
        *portp = wanted;
    } else if (pg) {
        enum dvs_portgroup_type type = portgroup_type(pass->ix, pg);

        ask.uplink = pg->uplink;
        ask.when_plugged = type != DVS_EARLY_BINDING;
        ask.made_to_order = type == DVS_EPHEMERAL;
        ask.port_fits = (current && current->portgroup == pg
                         && !current->conflict);
        if (ask.port_fits) {
            *portp = current;
        } else if (ask.made_to_order) {
            ask.can_grow = can_grow(pass, pg);
        } else if (!ask.uplink) {
            *portp = find_free_port(pass->ix, pg->switch_, pg);
            ask.free_port = *portp != NULL;
            ask.can_grow = !*portp && can_grow(pass, pg);
        }
    }
    return binding_decide(&ask);
}

/* Adds the fault that the port 'vnic' asks for has another NIC. */
static void
port_is_taken(const struct dvsrec_port *port, struct dvs_faults *faults)
{
    dvs_faults_add(faults, "ResourceInUse", "port",
                   "port %s of switch \"%s\" has NIC \"%s\"", port->key,
                   port->switch_->name, port->connectee->id);
}

/* Connects 'vnic' to a conflict port instead of 'contested', which it claims
 * in vain. */
static void
connect_in_conflict(struct pass *pass, const struct dvsrec_vnic *vnic,
                    const struct dvsrec_port *contested)
{
    const struct dvsrec_port *port = rightful_port(vnic);

    if (!port || port->switch_ != contested->switch_
        || port->portgroup != contested->portgroup
        || !nullable_string_is_equal(port->conflict_key, contested->key)) {
        port = ports_make(pass, contested->switch_, contested->portgroup,
                          NULL, contested->key);
        VLOG_INFO_RL(&rl, "switch %s: NIC %s claims port %s, which NIC %s "
                     "has; it gets conflict port %s", port->switch_->name,
                     vnic->id, contested->key, contested->connectee->id,
                     port->key);
        event_port(pass, "DvsPortConflictEvent",
                   &port->switch_->header_.uuid, contested->key,
                   vnic->claimed_by, "NIC %s claims the port, which NIC %s "
                   "has, and gets conflict port %s", vnic->id,
                   contested->connectee->id, port->key);
    }
    connect_vnic(pass, vnic, port);
}

/* Connects 'vnic' to a port of the ephemeral portgroup 'pg' that is made for
 * it, perhaps by the host on which it is. */
static void
connect_to_order(struct pass *pass, const struct dvsrec_vnic *vnic,
                 const struct dvsrec_portgroup *pg)
{
    char *key = host_made_key(pass, vnic, pg->switch_);

    connect_vnic(pass, vnic,
                 ports_make(pass, pg->switch_, pg, key, NULL));
    free(key);
}

/* Adds the fault that 'pg' has no port to give. */
static void
portgroup_is_full(struct pass *pass, const struct dvsrec_portgroup *pg,
                  struct dvs_faults *faults)
{
    bool ephemeral = portgroup_type(pass->ix, pg) == DVS_EPHEMERAL;

    if ((ephemeral || pg->auto_expand)
        && view_portgroup(pass->view, pg)->ok
        && !room_suffices(pg->switch_, 1, "portgroup", faults)) {
        /* That is the fault. */
    } else if (ephemeral && pg->port_count < DVS_PORTS_MAX) {
        dvs_faults_add(faults, "InvalidState", "portgroup",
                       "portgroup \"%s\" is at fault, and gets no ports",
                       pg->name);
    } else {
        dvs_faults_add(faults, "ResourceNotAvailable", "portgroup",
                       "portgroup \"%s\" has no free port", pg->name);
    }
}

static void
bind_vnic(struct pass *pass, const struct dvsrec_vnic *vnic,
          struct dvs_faults *faults)
{
    const struct dvsrec_portgroup *pg = vnic->portgroup;
    const struct dvsrec_port *port;
    int64_t growth;
    enum binding binding = decide(pass, vnic, &port);

    if (binding_connects(binding)
        && !pools_admit(pass, pg ? pg->switch_ : port->switch_,
                        pg ? pg : port->portgroup, port, vnic, faults)) {
        keep(pass, vnic);
        return;
    }
    switch (binding) {
    case BINDING_NONE:
    case BINDING_WAIT:
        disconnect_vnic(pass, vnic);
        return;

    case BINDING_MAKE:
        connect_to_order(pass, vnic, pg);
        return;

    case BINDING_CONFLICT:
        port_is_taken(port, faults);
        connect_in_conflict(pass, vnic, port);
        return;

    case BINDING_GROW:
        growth = MIN(BINDING_GROWTH, room_left(pg->switch_));
        VLOG_DBG_RL(&rl, "portgroup %s/%s: full, grows by %"PRId64" ports",
                    pg->switch_->name, pg->name, growth);
        ports_grow(pass, pg->switch_, pg, growth);
        port = find_free_port(pass->ix, pg->switch_, pg);
        ovs_assert(port);
        /* Fall through. */

    case BINDING_KEEP:
    case BINDING_TAKE:
        connect_vnic(pass, vnic, port);
        return;

    case BINDING_AMBIGUOUS:
        dvs_faults_add(faults, "InvalidArgument", "port",
                       "both a portgroup and a port are asked for");
        break;

    case BINDING_UPLINK:
        dvs_faults_add(faults, "InvalidArgument", pg ? "portgroup" : "port",
                       "uplink ports are for physical NICs");
        break;

    case BINDING_NO_CHOICE:
        dvs_faults_add(faults, "InvalidArgument", "port",
                       (port->conflict
                        ? "port %s is a conflict port"
                        : "only a portgroup of type early_binding lets a NIC "
                          "choose its port, and that of port %s is not one"),
                       port->key);
        break;

    case BINDING_TAKEN:
        port_is_taken(port, faults);
        break;

    case BINDING_FULL:
        portgroup_is_full(pass, pg, faults);
        break;

    default:
        OVS_NOT_REACHED();
    }

    keep(pass, vnic);
}

/* Says in VNIC.claimed_by where 'vnic' is. */
static void
update_claimed_by(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port_state **rows;
    size_t n = claims_of_vnic(pass->ix, vnic, &rows);
    struct binding_claim *claims = claims_describe(pass, rows, n);
    const struct binding_claim *active = binding_active_claim(
        claims, n, smap_get_def(&pass->claims->latest, vnic->id, ""),
        vnic->claimed_by);
    dvsrec_vnic_set_claimed_by(vnic, active ? active->host : NULL);
    free(claims);
    free(rows);
}

static void
look_at_vnic(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    struct dvs_faults *faults
        = faults_open(pass->faults, FAULTS_VNIC, &vnic->header_.uuid);

    COVERAGE_INC(look_at_vnic);
    update_claimed_by(pass, vnic);
    pools_mark_nic(pass->idl, pass->dirty, vnic);
    vnic_validate(pass, vnic, faults);
    if (!faults->n) {
        bind_vnic(pass, vnic, faults);
    } else {
        keep(pass, vnic);
    }
    if (!vnic->connection) {
        dvsrec_vnic_set_reserved(vnic, NULL, 0);
    }
    budgets_recount_nic(pass, vnic);
    pools_check_hosts(pass, vnic, faults);
    if (faults->n) {
        uuidset_insert(&pass->unhappy, &vnic->header_.uuid);
    }
    vnic_check_reach(pass, vnic, faults);
    host_made_mark(pass, vnic->id);
}

static void
look_at_released_port(struct pass *pass, const struct uuid *uuid,
                      const char *nic)
{
    const struct dvsrec_port *port = get_port(pass->idl, uuid);

    if (port && (!port->connectee
                 || !row_exists(&port->connectee->header_))) {
        port_released(pass, port, nic);
    }
}

/* Those that have a port first, since they may keep it; then those that ask
 * for a certain one; then the others.  Among equals by id, so that the outcome
 * does not depend on chance. */
static int
compare_vnics(const void *a_, const void *b_)
{
    const struct dvsrec_vnic *const *a = a_;
    const struct dvsrec_vnic *const *b = b_;
    int a_class = (*a)->connection ? 0 : (*a)->port ? 1 : 2;
    int b_class = (*b)->connection ? 0 : (*b)->port ? 1 : 2;

    return a_class != b_class ? a_class - b_class : strcmp((*a)->id, (*b)->id);
}

void
binder_run(struct pass *pass)
{
    struct uuid uuid;
    char *nic;

    while (dirty_pop_released(pass->dirty, &uuid, &nic)) {
        look_at_released_port(pass, &uuid, nic);
        free(nic);
    }

    struct uuidset *set = &pass->dirty->uuids[DIRTY_VNIC];
    const struct dvsrec_vnic **vnics
        = xmalloc(uuidset_count(set) * sizeof *vnics);
    size_t n = 0;
    while (dirty_pop(pass->dirty, DIRTY_VNIC, &uuid)) {
        const struct dvsrec_vnic *vnic = get_vnic(pass->idl, &uuid);
        if (vnic) {
            vnics[n++] = vnic;
        }
    }
    qsort(vnics, n, sizeof *vnics, compare_vnics);
    for (size_t i = 0; i < n; i++) {
        look_at_vnic(pass, vnics[i]);
    }
    budgets_forget(pass);
    free(vnics);
}

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

/* Moving ports to another portgroup, or out of any: vSphere's
 * MoveDVPort_Task.
 *
 * The port keeps its key and its NIC; it gets the policy and a name of the
 * portgroup it comes to.  The numbers of ports move along, so that neither
 * portgroup makes or deletes another port for it. */

#include <config.h>

#include "schema/dvs-operation.h"

#include <stdlib.h>

#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-read.h"
#include "util.h"

static char *
describe(const struct dvsrec_portgroup *pg)
{
    return pg ? xasprintf("portgroup \"%s\"", pg->name)
              : xstrdup("the standalone ports");
}

/* Checks that ports can be moved into, or out of, 'pg' at all.  Adds a fault
 * if not. */
static bool
check_portgroup(const struct dvs_move *m, const struct dvsrec_portgroup *pg,
                const char *argument)
{
    struct dvs_operation *op = m->op;
    enum dvs_portgroup_type type;

    if (!pg) {
        return true;
    }
    bool known = op->lookup->is_in_force(op->aux, pg, &type);
    if (pg->uplink) {
        dvs_operation_fault(op, "InvalidArgument", argument,
                            "portgroup \"%s\" is for uplinks, whose ports "
                            "stay", pg->name);
    } else if (type == DVS_EPHEMERAL) {
        dvs_operation_fault(op, "InvalidArgument", argument,
                            "portgroup \"%s\" is ephemeral: its ports come "
                            "and go with their NICs", pg->name);
    } else if (!known) {
        dvs_operation_fault(op, "InvalidState", argument,
                            "portgroup \"%s\" is at fault, and no host knows "
                            "it", pg->name);
    }
    return !op->fault;
}

/* Checks that a NIC is on 'port' only where that may be moved. */
static bool
check_in_use(const struct dvs_move *m, const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *const groups[] = { port->portgroup, m->to };

    for (size_t i = 0; port->connectee && i < ARRAY_SIZE(groups); i++) {
        if (groups[i] && !groups[i]->live_port_moving) {
            dvs_operation_fault(m->op, "ResourceInUse", "ports",
                                "port %s has NIC \"%s\", and portgroup \"%s\" "
                                "does not allow the moving of live ports",
                                port->key, port->connectee->id,
                                groups[i]->name);
            return false;
        }
    }
    return true;
}

/* Checks the settings of 'port' by the policy of where it is to go, 'to' or,
 * if that is NULL, nowhere in particular. */
static bool
check_setting(const struct dvs_move *m, const struct dvs_portgroup *to,
              const struct dvsrec_port *port)
{
    struct dvs_operation *op = m->op;
    struct dvs_faults faults;
    struct dvs_port model;

    dvs_port_init(&model);
    dvs_faults_init(&faults);
    char *error = dvs_read_port(port, &model);
    if (error) {
        dvs_faults_add(&faults, "InvalidArgument", "setting", "%s", error);
        free(error);
    } else {
        dvs_validate_port(op->lookup->model(op->aux, m->switch_), to, &model,
                          &faults);
    }
    if (faults.n) {
        dvs_operation_fault_first(op, &faults);
    }
    dvs_faults_destroy(&faults);
    dvs_port_destroy(&model);
    return !op->fault;
}

static bool
check_port(const struct dvs_move *m, const struct dvs_portgroup *to,
           const struct dvsrec_port *port)
{
    if (port->conflict) {
        dvs_operation_fault(m->op, "InvalidState", "ports",
                            "port %s is a conflict port", port->key);
        return false;
    } else if (port->portgroup == m->to) {
        char *where = describe(m->to);
        dvs_operation_fault(m->op, "InvalidArgument", "ports",
                            "port %s is in %s already", port->key, where);
        free(where);
        return false;
    }
    return (check_portgroup(m, port->portgroup, "ports")
            && check_in_use(m, port) && check_setting(m, to, port));
}

static bool
check_ports(const struct dvs_move *m)
{
    struct dvs_portgroup to;

    dvs_portgroup_init(&to);
    if (m->to) {
        /* What cannot be read of it is a fault of its own, not of the
         * ports. */
        free(dvs_read_portgroup(m->to, &to));
    }
    for (size_t i = 0; i < m->n && !m->op->fault; i++) {
        check_port(m, m->to ? &to : NULL, m->ports[i]);
    }
    dvs_portgroup_destroy(&to);
    return !m->op->fault;
}

static bool
check_all(const struct dvs_move *m)
{
    int64_t number = m->to ? m->to->num_ports
                           : m->switch_->num_standalone_ports;

    if (!check_portgroup(m, m->to, "portgroup") || !check_ports(m)) {
        return false;
    }
    if (number + m->n > DVS_PORTS_MAX) {
        char *where = describe(m->to);
        dvs_operation_fault(m->op, "LimitExceeded", "ports",
                            "%s would have more than %d ports", where,
                            DVS_PORTS_MAX);
        free(where);
        return false;
    }
    return true;
}

static bool
find_all(struct dvs_move *m)
{
    struct dvs_operation *op = m->op;

    m->switch_ = dvs_operation_switch(op, "switch");
    if (!m->switch_) {
        return false;
    }
    if (dvs_operation_argument(op, "portgroup")) {
        m->to = dvs_operation_portgroup(op, m->switch_, "portgroup");
        if (!m->to) {
            return false;
        }
    }
    if (!dvs_operation_argument(op, "ports")) {
        dvs_operation_fault(op, "InvalidArgument", "ports",
                            "no port is given");
        return false;
    }
    return dvs_operation_ports(op, m->switch_, "ports", &m->ports, &m->n);
}

/* Initializes 'm' with what 'op', "move-port", is to move.  Returns false,
 * with a fault set, if that cannot be.  The caller destroys 'm' in any
 * case. */
bool
dvs_move_init(struct dvs_move *m, struct dvs_operation *op)
{
    *m = (struct dvs_move) { .op = op };
    return find_all(m) && check_all(m);
}

/* Frees what 'm' owns, but not 'm' itself. */
void
dvs_move_destroy(struct dvs_move *m)
{
    free(m->ports);
}

/* Makes 'pg', or 's' if that is NULL, have 'change' ports more, or less.  What
 * a portgroup has by expansion does not count among those it is to have. */
static void
count_port(const struct dvsrec_switch *s, const struct dvsrec_portgroup *pg,
           int change)
{
    if (!pg) {
        dvsrec_switch_set_num_standalone_ports(
            s, MAX(0, s->num_standalone_ports + change));
        return;
    }

    if (pg->port_count <= pg->num_ports) {
        dvsrec_portgroup_set_num_ports(pg, MAX(0, pg->num_ports + change));
    }
    dvsrec_portgroup_set_port_count(pg, MAX(0, pg->port_count + change));
}

/* Has the NIC on 'port', which is moving, ask for what it then has. */
static void
move_wish(const struct dvs_move *m, const struct dvsrec_port *port)
{
    const struct dvsrec_vnic *vnic = port->connectee;
    const struct dvsrec_portgroup *from = port->portgroup;
    const struct dvsrec_portgroup *to = m->to;
    bool by_port = vnic->port == port;
    enum dvs_portgroup_type type;

    if (!by_port && vnic->portgroup != from) {
        return;                 /* It wants to be elsewhere anyway. */
    }
    if (!to) {
        by_port = true;
    } else if (by_port) {
        m->op->lookup->is_in_force(m->op->aux, to, &type);
        by_port = type == DVS_EARLY_BINDING;
    }
    dvsrec_vnic_set_port(vnic, by_port ? port : NULL);
    dvsrec_vnic_set_portgroup(vnic, by_port ? NULL : to);
    if (vnic->automatic) {
        /* What the interface names must not bring it back. */
        const struct dvsrec_portgroup *named
            = vnic->moved_from ? vnic->moved_from : from;
        dvsrec_vnic_set_moved_from(vnic, named == to ? NULL : named);
    }
}

/* Moves 'port', one of those of 'm'. */
void
dvs_move_port(const struct dvs_move *m, const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *to = m->to;
    char *name = dvs_port_name_from_format(to ? to->port_name_format : NULL,
                                           m->switch_->name,
                                           to ? to->name : NULL, port->key);

    if (dvs_port_is_mutual(port)) {
        move_wish(m, port);
    }
    count_port(m->switch_, port->portgroup, -1);
    count_port(m->switch_, to, 1);
    /* Others may have moved it, or connected a NIC to it, just now. */
    dvsrec_port_verify_portgroup(port);
    dvsrec_port_verify_connectee(port);
    dvsrec_port_set_portgroup(port, to);
    dvsrec_port_set_name(port, name);
    free(name);
}

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

#include "controller/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-read.h"
#include "util.h"

/* What is to be moved. */
struct move {
    struct task *task;
    const struct dvsrec_switch *switch_;
    const struct dvsrec_portgroup *to;  /* NULL: to be standalone. */
    const struct dvsrec_port **ports;
    size_t n;
};

static char *
describe(const struct dvsrec_portgroup *pg)
{
    return pg ? xasprintf("portgroup \"%s\"", pg->name)
              : xstrdup("the standalone ports");
}

/* Checks that ports can be moved into, or out of, 'pg' at all.  Adds a fault
 * if not. */
static bool
check_portgroup(const struct move *m, const struct dvsrec_portgroup *pg,
                const char *argument)
{
    struct pass *pass = m->task->pass;

    if (!pg) {
        return true;
    }
    if (pg->uplink) {
        task_fault(m->task, "InvalidArgument", argument,
                   "portgroup \"%s\" is for uplinks, whose ports stay",
                   pg->name);
    } else if (portgroup_type(pass->ix, pg) == DVS_EPHEMERAL) {
        task_fault(m->task, "InvalidArgument", argument,
                   "portgroup \"%s\" is ephemeral: its ports come and go with "
                   "their NICs", pg->name);
    } else if (!find_proxy_portgroup(pass->ix, &pg->header_.uuid)) {
        task_fault(m->task, "InvalidState", argument,
                   "portgroup \"%s\" is at fault, and no host knows it",
                   pg->name);
    } else {
        return true;
    }
    return false;
}

/* Checks that a NIC is on 'port' only where that may be moved. */
static bool
check_in_use(const struct move *m, const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *const groups[] = { port->portgroup, m->to };

    for (size_t i = 0; port->connectee && i < ARRAY_SIZE(groups); i++) {
        if (groups[i] && !groups[i]->live_port_moving) {
            task_fault(m->task, "ResourceInUse", "ports",
                       "port %s has NIC \"%s\", and portgroup \"%s\" does not "
                       "allow the moving of live ports", port->key,
                       port->connectee->id, groups[i]->name);
            return false;
        }
    }
    return true;
}

/* Checks the settings of 'port' by the policy of where it is to go. */
static bool
check_setting(const struct move *m, const struct dvsrec_port *port)
{
    struct view *view = m->task->pass->view;
    struct dvs_faults faults;
    struct dvs_port model;

    dvs_port_init(&model);
    dvs_faults_init(&faults);
    char *error = dvs_read_port(port, &model);
    if (error) {
        dvs_faults_add(&faults, "InvalidArgument", "setting", "%s", error);
        free(error);
    } else {
        dvs_validate_port(&view_switch(view, m->switch_)->model,
                          m->to ? &view_portgroup(view, m->to)->model : NULL,
                          &model, &faults);
    }
    bool ok = !faults.n;
    if (!ok) {
        task_fault_first(m->task, &faults);
    }
    dvs_faults_destroy(&faults);
    dvs_port_destroy(&model);
    return ok;
}

static bool
check_port(const struct move *m, const struct dvsrec_port *port)
{
    if (port->conflict) {
        task_fault(m->task, "InvalidState", "ports",
                   "port %s is a conflict port", port->key);
        return false;
    } else if (port->portgroup == m->to) {
        char *where = describe(m->to);
        task_fault(m->task, "InvalidArgument", "ports",
                   "port %s is in %s already", port->key, where);
        free(where);
        return false;
    }
    return (check_portgroup(m, port->portgroup, "ports")
            && check_in_use(m, port) && check_setting(m, port));
}

static bool
find_all(struct move *m)
{
    m->switch_ = task_find_switch(m->task, "switch");
    if (!m->switch_) {
        return false;
    }
    if (task_argument(m->task, "portgroup")) {
        m->to = task_find_portgroup(m->task, m->switch_, "portgroup");
        if (!m->to) {
            return false;
        }
    }
    if (!task_argument(m->task, "ports")) {
        task_fault(m->task, "InvalidArgument", "ports", "no port is given");
        return false;
    }
    return task_find_ports(m->task, m->switch_, "ports", &m->ports, &m->n);
}

static bool
check_all(const struct move *m)
{
    int64_t number = m->to ? m->to->num_ports
                           : m->switch_->num_standalone_ports;

    if (!check_portgroup(m, m->to, "portgroup")) {
        return false;
    }
    for (size_t i = 0; i < m->n; i++) {
        if (!check_port(m, m->ports[i])) {
            return false;
        }
    }
    if (number + m->n > DVS_PORTS_MAX) {
        char *where = describe(m->to);
        task_fault(m->task, "LimitExceeded", "ports",
                   "%s would have more than %d ports", where, DVS_PORTS_MAX);
        free(where);
        return false;
    }
    return true;
}

/* Makes 'pg', or 's' if that is NULL, have 'change' ports more, or less.  What
 * a portgroup has by expansion does not count among those it is to have. */
static void
count_port(struct pass *pass, const struct dvsrec_switch *s,
           const struct dvsrec_portgroup *pg, int change)
{
    if (!pg) {
        dvsrec_switch_set_num_standalone_ports(
            s, MAX(0, s->num_standalone_ports + change));
        dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
        return;
    }

    if (pg->port_count <= pg->num_ports) {
        dvsrec_portgroup_set_num_ports(pg, MAX(0, pg->num_ports + change));
    }
    dvsrec_portgroup_set_port_count(pg, MAX(0, pg->port_count + change));
    dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
}

/* Has the NIC on 'port', which is moving to 'to', ask for what it then
 * has. */
static void
move_wish(struct pass *pass, const struct dvsrec_port *port,
          const struct dvsrec_portgroup *to)
{
    const struct dvsrec_vnic *vnic = port->connectee;
    const struct dvsrec_portgroup *from = port->portgroup;
    bool by_port = vnic->port == port;

    if (!by_port && vnic->portgroup != from) {
        return;                 /* It wants to be elsewhere anyway. */
    }
    by_port = (!to || (by_port && (portgroup_type(pass->ix, to)
                                   == DVS_EARLY_BINDING)));
    dvsrec_vnic_set_port(vnic, by_port ? port : NULL);
    dvsrec_vnic_set_portgroup(vnic, by_port ? NULL : to);
    if (vnic->automatic) {
        /* What the interface names must not bring it back. */
        const struct dvsrec_portgroup *named
            = vnic->moved_from ? vnic->moved_from : from;
        dvsrec_vnic_set_moved_from(vnic, named == to ? NULL : named);
    }
    dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
}

static void
report(struct pass *pass, const struct dvsrec_port *port, const char *type,
       const char *verb, const struct dvsrec_portgroup *pg)
{
    if (pg) {
        event_port(pass, type, &port->switch_->header_.uuid, port->key,
                   port->proxy_host, "port %s portgroup %s", verb, pg->name);
    }
}

static void
move_port(const struct move *m, const struct dvsrec_port *port)
{
    struct pass *pass = m->task->pass;
    const struct dvsrec_portgroup *to = m->to;
    char *name = dvs_port_name_from_format(to ? to->port_name_format : NULL,
                                           m->switch_->name,
                                           to ? to->name : NULL, port->key);

    report(pass, port, "DvsPortLeavePortgroupEvent", "left", port->portgroup);
    report(pass, port, "DvsPortJoinPortgroupEvent", "joined", to);
    if (port_is_mutual(port)) {
        move_wish(pass, port, to);
    }
    count_port(pass, m->switch_, port->portgroup, -1);
    count_port(pass, m->switch_, to, 1);
    /* Others may have moved it, or connected a NIC to it, just now. */
    dvsrec_port_verify_portgroup(port);
    dvsrec_port_verify_connectee(port);
    dvsrec_port_set_portgroup(port, to);
    dvsrec_port_set_name(port, name);
    free(name);
    dirty_mark(pass->dirty, DIRTY_PORT, &port->header_.uuid);
    dirty_mark_slot(pass->dirty, &m->switch_->header_.uuid, port->key);
}

/* Operation "move-port". */
enum task_outcome
task_move_port(struct task *task)
{
    struct move m = { .task = task };
    enum task_outcome outcome = TASK_ERROR;

    if (find_all(&m) && check_all(&m)) {
        for (size_t i = 0; i < m.n; i++) {
            move_port(&m, m.ports[i]);
        }
        outcome = TASK_SUCCESS;
    }
    free(m.ports);
    return outcome;
}

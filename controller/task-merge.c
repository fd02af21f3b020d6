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

/* Merging a switch into another: vSphere's MergeDvs_Task.
 *
 * Portgroups, ports and members keep their rows and get another switch, so
 * that NICs keep what they have.  What the hosts have of the source they make
 * the other switch's in place; see Switch.merged. */

#include <config.h>

#include "controller/task-merge.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "controller/rollouts.h"
#include "controller/tasks.h"
#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-pvlan.h"
#include "schema/dvs-read.h"
#include "schema/dvs-write.h"
#include "util.h"

/* Checking. */

/* Finds the two switches. */
static bool
find_switches(struct merge *m)
{
    m->from = task_find_switch(m->task, "source");
    m->to = m->from ? task_find_switch(m->task, "switch") : NULL;
    if (!m->to) {
        return false;
    }
    if (m->from == m->to) {
        task_fault(m->task, "InvalidArgument", "source",
                   "a switch cannot be merged into itself");
        return false;
    }
    m->from_view = view_switch(m->pass->view, m->from);
    m->to_view = view_switch(m->pass->view, m->to);

    struct view_switch *const views[] = { m->from_view, m->to_view };
    for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
        if (!view_switch_is_ok(m->pass->view, views[i])
            || !find_proxy_switch(m->pass->ix,
                                  &views[i]->row->header_.uuid)) {
            task_fault(m->task, "InvalidState", i ? "switch" : "source",
                       "switch \"%s\" is at fault", views[i]->row->name);
            return false;
        }
        if (rollout_find(m->pass, &views[i]->row->header_.uuid)) {
            task_fault(m->task, "ResourceInUse", i ? "switch" : "source",
                       "a change of switch \"%s\" is being rolled out",
                       views[i]->row->name);
            return false;
        }
    }
    return true;
}

/* Collects what the source has. */
static void
collect(struct merge *m)
{
    const struct indexes *ix = m->pass->ix;
    const struct dvsrec_port **ports;
    size_t n;

    m->n_members = members_of_switch(ix, m->from, &m->members);
    m->n_portgroups = portgroups_of_switch(ix, m->from, &m->portgroups);
    m->n_ports = ports_of_portgroup(ix, m->from, NULL, &m->ports);
    for (size_t i = 0; i < m->n_portgroups; i++) {
        n = ports_of_portgroup(ix, m->from, m->portgroups[i], &ports);
        m->ports = xrealloc(m->ports, (m->n_ports + n) * sizeof *m->ports);
        for (size_t j = 0; j < n; j++) {
            m->ports[m->n_ports++] = ports[j];
        }
        free(ports);
    }
}

/* Checks that the source has nothing that does not come along. */
static bool
check_tables(const struct merge *m)
{
    const char *what = NULL;

#define CHECK_NONE(TABLE, RECORD, WHAT)                                     \
    do {                                                                    \
        const struct dvsrec_##RECORD *row;                                  \
                                                                            \
        DVSREC_##TABLE##_FOR_EACH (row, m->pass->idl) {                     \
            what = row->switch_ == m->from ? WHAT : what;                   \
        }                                                                   \
    } while (0)
    CHECK_NONE(MIRROR, mirror, "mirrors");
    CHECK_NONE(IPFIX, ipfix, "IPFIX");
    CHECK_NONE(TRAFFIC_CLASS, traffic_class, "traffic classes");
    CHECK_NONE(RESOURCE_POOL, resource_pool, "resource pools");
#undef CHECK_NONE
    if (what) {
        task_fault(m->task, "NotSupported", "source",
                   "switch \"%s\" has %s, which cannot be merged",
                   m->from->name, what);
    }
    return !what;
}

/* Checks that the private VLANs of the source, if policies use them, are those
 * of the other switch. */
static bool
check_pvlans(const struct merge *m)
{
    const struct dvs_pvlans *from = &m->from_view->model.pvlans;
    const struct dvs_pvlans *to = &m->to_view->model.pvlans;
    bool same = from->n == to->n;
    char *user = NULL;

    for (size_t i = 0; i < from->n; i++) {
        const struct dvs_pvlan *other
            = dvs_pvlans_find(to, from->entries[i].secondary);

        same = same && other && dvs_pvlan_equal(&from->entries[i], other);
        if (!user) {
            user = pvlan_find_user(m->pass->ix, m->from,
                                   from->entries[i].secondary);
        }
    }
    bool ok = same || !user;
    if (!ok) {
        task_fault(m->task, "ConflictingConfiguration", "source",
                   "%s uses a private VLAN, and those of the switches are not "
                   "the same", user);
    }
    free(user);
    return ok;
}

/* Makes 'setting', of a portgroup or standalone port of the source, say by
 * itself what it had by the source's default, or gets another by that of the
 * other switch.  Returns true if that changes it. */
static bool
make_explicit(const struct merge *m, struct dvs_setting *setting)
{
    const struct dvs_setting *from = &m->from_view->model.setting;
    uint64_t mask = ((from->present | m->to_view->model.setting.present)
                     & ~setting->present);
    struct dvs_setting effective;

    dvs_setting_effective(&effective, &m->from_view->model.uplinks, from,
                          DVS_ALL_PROPERTIES, setting, 0, NULL, NULL);
    dvs_setting_overlay(setting, &effective, mask);
    dvs_setting_destroy(&effective);
    return mask != 0;
}

/* Checks that no NIC asks, in vain, for uplink portgroup 'pg' of the source,
 * which is to be deleted. */
static bool
check_uplink_portgroup(const struct merge *m,
                       const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic *vnic;

    DVSREC_VNIC_FOR_EACH (vnic, m->pass->idl) {
        if (vnic->portgroup == pg) {
            task_fault(m->task, "ResourceInUse", "source",
                       "NIC \"%s\" asks for portgroup \"%s\", which is for "
                       "uplinks", vnic->id, pg->name);
            return false;
        }
    }
    return true;
}

static bool
check_portgroups(const struct merge *m)
{
    for (size_t i = 0; i < m->n_portgroups && !m->task->fault; i++) {
        struct dvs_portgroup model;
        struct dvs_faults faults;

        if (m->portgroups[i]->uplink) {
            if (!check_uplink_portgroup(m, m->portgroups[i])) {
                return false;
            }
            continue;
        }
        dvs_portgroup_init(&model);
        dvs_faults_init(&faults);
        char *error = dvs_read_portgroup(m->portgroups[i], &model);
        if (error) {
            dvs_faults_add(&faults, "InvalidArgument", "setting", "%s",
                           error);
            free(error);
        } else {
            make_explicit(m, &model.setting);
            dvs_validate_portgroup(&m->to_model, &model, &faults);
        }
        if (faults.n) {
            task_fault(m->task, faults.faults[0].name, "source",
                       "portgroup \"%s\": %s", m->portgroups[i]->name,
                       faults.faults[0].message);
        }
        dvs_faults_destroy(&faults);
        dvs_portgroup_destroy(&model);
    }
    return !m->task->fault;
}

static bool
check_ports(const struct merge *m)
{
    for (size_t i = 0; i < m->n_ports && !m->task->fault; i++) {
        const struct dvsrec_port *port = m->ports[i];
        struct dvs_port model;
        struct dvs_faults faults;

        if (port->conflict) {
            task_fault(m->task, "InvalidState", "source",
                       "port %s is a conflict port", port->key);
        } else if (port->connectee
                   && !merge_check_host_nic(m, port->connectee)) {
            return false;
        } else if (port->uplink_host && port_is_wanted(m->pass->ix, port)) {
            task_fault(m->task, "ResourceInUse", "source",
                       "a NIC asks for port %s, which is for an uplink",
                       port->key);
        } else if (port->setting && !port->uplink_host) {
            dvs_port_init(&model);
            dvs_faults_init(&faults);
            char *error = dvs_read_port(port, &model);
            if (!error) {
                dvs_validate_port(&m->to_model,
                                  port->portgroup
                                  ? &view_portgroup(m->pass->view,
                                                    port->portgroup)->model
                                  : NULL, &model, &faults);
            }
            free(error);
            if (faults.n) {
                task_fault(m->task, faults.faults[0].name, "source",
                           "port %s: %s", port->key,
                           faults.faults[0].message);
            }
            dvs_faults_destroy(&faults);
            dvs_port_destroy(&model);
        }
    }
    return !m->task->fault;
}

/* Changing. */

/* Gives the owner of 'row', its setting or NULL, 'setting', and returns the
 * row to refer to. */
static const struct dvsrec_port_setting *
write_setting(struct pass *pass, const struct dvsrec_port_setting *row,
              const struct dvs_setting *setting)
{
    if (!row) {
        struct uuid uuid;

        uuid_generate(&uuid);
        row = dvsrec_port_setting_insert_persist_uuid(pass->txn, &uuid);
    }
    dvs_write_setting(row, setting);
    return row;
}

/* Returns a name for 'pg' that the other switch does not have: its own or, as
 * in vSphere, a copy's.  The caller frees it. */
static char *
choose_name(const struct merge *m, const struct dvsrec_portgroup *pg)
{
    char *name = xstrdup(pg->name);

    for (int i = 1; find_portgroup(m->pass->ix, m->to, name); i++) {
        free(name);
        name = (i == 1 ? xasprintf("Copy of %.*s", DVS_NAME_MAX - 20,
                                   pg->name)
                : xasprintf("Copy of %.*s (%d)", DVS_NAME_MAX - 20, pg->name,
                            i));
    }
    return name;
}

static void
merge_portgroup(const struct merge *m, const struct dvsrec_portgroup *pg)
{
    struct dvs_portgroup model;
    char *name = choose_name(m, pg);
    char *key = xasprintf("portgroup %s", pg->name);

    dvs_portgroup_init(&model);
    free(dvs_read_portgroup(pg, &model));
    if (make_explicit(m, &model.setting)) {
        dvsrec_portgroup_set_setting(pg, write_setting(m->pass, pg->setting,
                                                       &model.setting));
    }
    dvs_portgroup_destroy(&model);
    smap_replace(&m->task->result, key, name);
    dvsrec_portgroup_set_name(pg, name);
    dvsrec_portgroup_set_switch_(pg, m->to);
    dirty_mark(m->pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
    dirty_mark(m->pass->dirty, DIRTY_PORTS_OF_PORTGROUP, &pg->header_.uuid);
    free(key);
    free(name);
}

/* Keeps 'vnic' where it is, if it names its portgroup by itself: by that name,
 * the other switch may have another one. */
static void
merge_nic(const struct merge *m, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_portgroup *pg = vnic->portgroup;

    if (vnic->automatic && pg && !vnic->moved_from) {
        dvsrec_vnic_set_moved_from(vnic, find_portgroup(m->pass->ix, m->to,
                                                        pg->name));
    }
    dirty_mark(m->pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
    dirty_mark_claim(m->pass->dirty, vnic->id, "");
}

static void
merge_port(const struct merge *m, const struct dvsrec_port *port)
{
    struct pass *pass = m->pass;

    if (port->uplink_host
        || (!port->portgroup && !port->connectee
            && !port_is_wanted(pass->ix, port))) {
        ports_delete(pass, port);
        return;
    }
    if (!port->portgroup) {
        struct dvs_port model;

        dvs_port_init(&model);
        free(dvs_read_port(port, &model));
        if (make_explicit(m, &model.setting)) {
            dvsrec_port_set_setting(port, write_setting(pass, port->setting,
                                                        &model.setting));
        }
        dvs_port_destroy(&model);
        dvsrec_switch_set_num_standalone_ports(
            m->to, m->to->num_standalone_ports + 1);
    }

    char *key = ports_take_key(pass, m->to);
    dirty_mark_slot(pass->dirty, &m->from->header_.uuid, port->key);
    dvsrec_port_verify_connectee(port);
    dvsrec_port_set_key(port, key);
    dvsrec_port_set_switch_(port, m->to);
    dirty_mark_slot(pass->dirty, &m->to->header_.uuid, key);
    dirty_mark(pass->dirty, DIRTY_PORT, &port->header_.uuid);
    if (port->connectee) {
        merge_nic(m, port->connectee);
    }
    free(key);
}

/* Deletes the source, which has nothing any more but its uplink portgroups and
 * private VLANs. */
static void
delete_source(const struct merge *m)
{
    const struct dvsrec_private_vlan *pv, *next;

    for (size_t i = 0; i < m->n_portgroups; i++) {
        if (m->portgroups[i]->uplink) {
            dirty_mark(m->pass->dirty, DIRTY_PORTGROUP,
                       &m->portgroups[i]->header_.uuid);
            dvsrec_portgroup_delete(m->portgroups[i]);
        }
    }
    DVSREC_PRIVATE_VLAN_FOR_EACH_SAFE (pv, next, m->pass->idl) {
        if (pv->switch_ == m->from) {
            dvsrec_private_vlan_delete(pv);
        }
    }
    dirty_mark(m->pass->dirty, DIRTY_SWITCH, &m->from->header_.uuid);
    dvsrec_switch_delete(m->from);
}

/* Notes that the other switch has the source's bridges from now on, and those
 * that the source has got so itself. */
static void
inherit(const struct merge *m)
{
    const struct dvsrec_switch *from = m->from;
    const struct dvsrec_switch *to = m->to;
    size_t n = 0;
    struct uuid *merged = xmalloc((to->n_merged + from->n_merged + 1)
                                  * sizeof *merged);

    for (size_t i = 0; i < to->n_merged; i++) {
        merged[n++] = to->merged[i];
    }
    for (size_t i = 0; i < from->n_merged; i++) {
        merged[n++] = from->merged[i];
    }
    merged[n++] = from->header_.uuid;
    dvsrec_switch_verify_merged(to);
    dvsrec_switch_set_merged(to, merged, n);
    free(merged);
}

/* Lets the other switch have as many ports more as the source might have: as
 * many as it pleases if that had no maximum (vSphere: "adds the maxPorts of
 * the source"). */
static void
add_max_ports(const struct merge *m)
{
    const struct dvsrec_switch *from = m->from;
    const struct dvsrec_switch *to = m->to;

    if (to->n_max_ports) {
        int64_t sum = (to->max_ports[0]
                       + (from->n_max_ports ? from->max_ports[0] : 0));
        bool limited = from->n_max_ports && sum <= DVS_MAX_PORTS_MAX;

        dvsrec_switch_verify_max_ports(to);
        dvsrec_switch_set_max_ports(to, &sum, limited ? 1 : 0);
    }
}

static void
merge(const struct merge *m)
{
    struct pass *pass = m->pass;

    dvsrec_switch_verify_name(m->from);
    dvsrec_switch_verify_name(m->to);
    inherit(m);
    add_max_ports(m);
    for (size_t i = 0; i < m->n_ports; i++) {
        merge_port(m, m->ports[i]);
    }
    for (size_t i = 0; i < m->n_portgroups; i++) {
        if (!m->portgroups[i]->uplink) {
            merge_portgroup(m, m->portgroups[i]);
        }
    }
    merge_hosts(m);
    event_list_add(pass->events, "DvsMergedEvent", "info",
                   &m->to->header_.uuid, m->to->name, NULL,
                   "switch \"%s\" merged into this one", m->from->name);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &m->to->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &m->to->header_.uuid);
    delete_source(m);
}

/* Operation "merge". */
enum task_outcome
task_merge(struct task *task)
{
    struct merge m = { .task = task, .pass = task->pass };
    enum task_outcome outcome = TASK_ERROR;

    if (find_switches(&m)) {
        collect(&m);
        if (check_tables(&m) && merge_check_hosts(&m) && check_pvlans(&m)
            && check_portgroups(&m) && check_ports(&m)) {
            merge(&m);
            outcome = TASK_SUCCESS;
        }
    }
    merge_hosts_destroy(&m);
    free(m.members);
    free(m.portgroups);
    free(m.ports);
    return outcome;
}

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

#include "schema/dvs-merge.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-port-key.h"
#include "schema/dvs-pvlan.h"
#include "schema/dvs-read.h"
#include "schema/dvs-user.h"
#include "schema/dvs-write.h"
#include "util.h"

/* Checking. */

/* Finds the two switches. */
static bool
find_switches(struct dvs_merge *m)
{
    const struct dvs_lookup *lookup = m->op->lookup;
    void *aux = m->op->aux;

    m->from = dvs_operation_switch(m->op, "source");
    m->to = m->from ? dvs_operation_switch(m->op, "switch") : NULL;
    if (!m->to) {
        return false;
    }
    if (m->from == m->to) {
        dvs_operation_fault(m->op, "InvalidArgument", "source", "a switch "
                            "cannot be merged into itself");
        return false;
    }

    const struct dvsrec_switch *const switches[] = { m->from, m->to };
    for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
        const struct dvsrec_switch *s = switches[i];

        if (!lookup->is_ok(aux, s) || !lookup->is_known(aux, s)) {
            dvs_operation_fault(m->op, "InvalidState", i ? "switch" : "source",
                                "switch \"%s\" is at fault", s->name);
            return false;
        }
        if (lookup->is_rolled_out(aux, s)) {
            dvs_operation_fault(m->op, "ResourceInUse",
                                i ? "switch" : "source",
                                "a change of switch \"%s\" is being rolled "
                                "out", s->name);
            return false;
        }
    }
    m->from_model = lookup->model(aux, m->from);
    m->to_model = *lookup->model(aux, m->to);
    dvs_lags_init(&m->to_model.lags);
    dvs_pools_init(&m->to_model.pools);
    return true;
}

static int
compare_portgroups(const void *a_, const void *b_)
{
    const struct dvsrec_portgroup *const *a = a_;
    const struct dvsrec_portgroup *const *b = b_;

    return strcmp((*a)->name, (*b)->name);
}

/* Orders ports as struct dvs_merge says. */
static int
compare_ports(const void *a_, const void *b_)
{
    const struct dvsrec_port *const *a = a_;
    const struct dvsrec_port *const *b = b_;
    int cmp = strcmp((*a)->portgroup ? (*a)->portgroup->name : "",
                     (*b)->portgroup ? (*b)->portgroup->name : "");

    return cmp ? cmp : dvs_port_key_compare((*a)->key, (*b)->key);
}

/* Collects what the source has. */
static void
collect(struct dvs_merge *m)
{
    size_t allocated_portgroups = 0, allocated_ports = 0;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;
    const struct dvsrec_vnic *vnic;

    m->n_members = m->op->lookup->members(m->op->aux, m->from, NULL,
                                          &m->members);
    DVSREC_PORTGROUP_FOR_EACH (pg, m->op->idl) {
        if (pg->switch_ == m->to) {
            shash_add_once(&m->names, pg->name, pg);
        } else if (pg->switch_ == m->from) {
            if (m->n_portgroups >= allocated_portgroups) {
                m->portgroups = x2nrealloc(m->portgroups,
                                           &allocated_portgroups,
                                           sizeof *m->portgroups);
            }
            m->portgroups[m->n_portgroups++] = pg;
        }
    }
    DVSREC_PORT_FOR_EACH (port, m->op->idl) {
        if (port->switch_ == m->from) {
            if (m->n_ports >= allocated_ports) {
                m->ports = x2nrealloc(m->ports, &allocated_ports,
                                      sizeof *m->ports);
            }
            m->ports[m->n_ports++] = port;
        }
    }
    if (m->n_portgroups) {
        qsort(m->portgroups, m->n_portgroups, sizeof *m->portgroups,
              compare_portgroups);
    }
    if (m->n_ports) {
        qsort(m->ports, m->n_ports, sizeof *m->ports, compare_ports);
    }
    DVSREC_VNIC_FOR_EACH (vnic, m->op->idl) {
        if (vnic->port) {
            uuidset_insert(&m->wanted, &vnic->port->header_.uuid);
        }
        if (vnic->connection) {
            uuidset_insert(&m->wanted, &vnic->connection->header_.uuid);
        }
    }
}

/* Returns true if some NIC has 'port' or asks for it. */
static bool
is_wanted(const struct dvs_merge *m, const struct dvsrec_port *port)
{
    return uuidset_find(&m->wanted, &port->header_.uuid) != NULL;
}

/* Returns true if 'port', of the source, does not come along: it is for an
 * uplink, or a standalone one that nobody uses. */
bool
dvs_merge_drops(const struct dvs_merge *m, const struct dvsrec_port *port)
{
    return (port->uplink_host
            || (!port->portgroup && !port->connectee
                && !is_wanted(m, port)));
}

/* Checks that the source has nothing that does not come along. */
static bool
check_tables(const struct dvs_merge *m)
{
    const char *what = NULL;

#define CHECK_NONE(TABLE, RECORD, WHAT)                                     \
    do {                                                                    \
        const struct dvsrec_##RECORD *row;                                  \
                                                                            \
        DVSREC_##TABLE##_FOR_EACH (row, m->op->idl) {                       \
            what = row->switch_ == m->from ? WHAT : what;                   \
        }                                                                   \
    } while (0)
    CHECK_NONE(MIRROR, mirror, "mirrors");
    CHECK_NONE(IPFIX, ipfix, "IPFIX");
#undef CHECK_NONE
    if (what) {
        dvs_operation_fault(m->op, "NotSupported", "source", "switch \"%s\" "
                            "has %s, which cannot be merged", m->from->name,
                            what);
    }
    return !what;
}

/* Checks that the private VLANs of the source, if policies use them, are those
 * of the other switch. */
static bool
check_pvlans(const struct dvs_merge *m)
{
    const struct dvs_pvlans *from = &m->from_model->pvlans;
    const struct dvs_pvlans *to = &m->to_model.pvlans;
    bool same = from->n == to->n;
    char *user = NULL;

    for (size_t i = 0; i < from->n; i++) {
        const struct dvs_pvlan *other
            = dvs_pvlans_find(to, from->entries[i].secondary);

        same = same && other && dvs_pvlan_equal(&from->entries[i], other);
        if (!user) {
            user = dvs_pvlan_user(m->op->idl, m->from,
                                  from->entries[i].secondary);
        }
    }
    bool ok = same || !user;
    if (!ok) {
        dvs_operation_fault(m->op, "ConflictingConfiguration", "source", "%s "
                            "uses a private VLAN, and those of the switches "
                            "are not the same", user);
    }
    free(user);
    return ok;
}

/* Makes 'setting', of a portgroup or standalone port of the source, say by
 * itself what it had by the source's default, or gets another by that of the
 * other switch.  Returns true if that changes it. */
bool
dvs_merge_make_explicit(const struct dvs_merge *m, struct dvs_setting *setting)
{
    const struct dvs_setting *from = &m->from_model->setting;
    uint64_t mask = ((from->present | m->to_model.setting.present)
                     & ~setting->present);
    struct dvs_setting effective;

    dvs_setting_effective(&effective, &m->from_model->uplinks, from,
                          DVS_ALL_PROPERTIES, setting, 0, NULL, NULL);
    dvs_setting_overlay(setting, &effective, mask);
    dvs_setting_destroy(&effective);
    return mask != 0;
}

/* Checks that no NIC asks, in vain, for uplink portgroup 'pg' of the source,
 * which is to be deleted. */
static bool
check_uplink_portgroup(const struct dvs_merge *m,
                       const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic *vnic;

    DVSREC_VNIC_FOR_EACH (vnic, m->op->idl) {
        if (vnic->portgroup == pg) {
            dvs_operation_fault(m->op, "ResourceInUse", "source", "NIC \"%s\" "
                                "asks for portgroup \"%s\", which is for "
                                "uplinks", vnic->id, pg->name);
            return false;
        }
    }
    return true;
}

static bool
check_portgroups(const struct dvs_merge *m)
{
    for (size_t i = 0; i < m->n_portgroups && !m->op->fault; i++) {
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
            dvs_merge_rename_pool(m, m->portgroups[i]->setting,
                                  &model.setting);
            dvs_merge_make_explicit(m, &model.setting);
            dvs_validate_portgroup(&m->to_model, &model, &faults);
        }
        if (faults.n) {
            dvs_operation_fault(m->op, faults.faults[0].name, "source",
                                "portgroup \"%s\": %s", m->portgroups[i]->name,
                                faults.faults[0].message);
        }
        dvs_faults_destroy(&faults);
        dvs_portgroup_destroy(&model);
    }
    return !m->op->fault;
}

static bool
check_ports(const struct dvs_merge *m)
{
    const struct dvsrec_portgroup *group = NULL;
    struct dvs_portgroup group_model;

    dvs_portgroup_init(&group_model);
    for (size_t i = 0; i < m->n_ports && !m->op->fault; i++) {
        const struct dvsrec_port *port = m->ports[i];
        struct dvs_port model;
        struct dvs_faults faults;

        if (port->conflict) {
            dvs_operation_fault(m->op, "InvalidState", "source", "port %s is "
                                "a conflict port", port->key);
        } else if (port->connectee
                   && !dvs_merge_check_nic(m, port->connectee)) {
            break;
        } else if (port->uplink_host && is_wanted(m, port)) {
            dvs_operation_fault(m->op, "ResourceInUse", "source", "a NIC asks "
                                "for port %s, which is for an uplink",
                                port->key);
        } else if (port->setting && !port->uplink_host) {
            /* Ports of one portgroup follow one another. */
            if (port->portgroup && port->portgroup != group) {
                group = port->portgroup;
                dvs_portgroup_destroy(&group_model);
                dvs_portgroup_init(&group_model);
                free(dvs_read_portgroup(group, &group_model));
            }
            dvs_port_init(&model);
            dvs_faults_init(&faults);
            char *error = dvs_read_port(port, &model);
            if (!error) {
                dvs_validate_port(&m->to_model,
                                  port->portgroup ? &group_model : NULL,
                                  &model, &faults);
            }
            free(error);
            if (faults.n) {
                dvs_operation_fault(m->op, faults.faults[0].name, "source",
                                    "port %s: %s", port->key,
                                    faults.faults[0].message);
            }
            dvs_faults_destroy(&faults);
            dvs_port_destroy(&model);
        }
    }
    dvs_portgroup_destroy(&group_model);
    return !m->op->fault;
}

/* Changing. */

/* Gives the owner of 'row', its setting or NULL, 'setting', and returns the
 * row to refer to. */
static const struct dvsrec_port_setting *
write_setting(const struct dvs_merge *m, const struct dvsrec_port_setting *row,
              const struct dvs_setting *setting)
{
    if (!row) {
        struct uuid uuid;

        uuid_generate(&uuid);
        row = dvsrec_port_setting_insert_persist_uuid(m->op->txn, &uuid);
    }
    dvs_write_setting(row, setting);
    return row;
}

/* Returns a name for something of the source that is called 'name', but cannot
 * have one of 'names', which the other switch has: its own or, as in vSphere,
 * a copy's.  The caller frees it. */
char *
dvs_merge_choose_name(const struct shash *names, const char *name)
{
    char *stem = dvs_name_shorten(name, DVS_NAME_MAX - 20);
    char *new = xstrdup(name);

    for (int i = 1; shash_find(names, new); i++) {
        free(new);
        new = (i == 1 ? xasprintf("Copy of %s", stem)
               : xasprintf("Copy of %s (%d)", stem, i));
    }
    free(stem);
    return new;
}

static void
merge_portgroup(struct dvs_merge *m, const struct dvsrec_portgroup *pg)
{
    struct dvs_portgroup model;
    char *name = dvs_merge_choose_name(&m->names, pg->name);
    char *key = xasprintf("portgroup %s", pg->name);

    dvs_portgroup_init(&model);
    free(dvs_read_portgroup(pg, &model));
    if (dvs_merge_make_explicit(m, &model.setting)) {
        dvsrec_portgroup_set_setting(pg, write_setting(m, pg->setting,
                                                       &model.setting));
    }
    dvs_portgroup_destroy(&model);
    smap_replace(&m->op->result, key, name);
    dvsrec_portgroup_set_name(pg, name);
    dvsrec_portgroup_set_switch_(pg, m->to);
    shash_add(&m->names, name, pg);
    free(key);
    free(name);
}

/* Keeps 'vnic' where it is, if it names its portgroup by itself: by that name,
 * the other switch may have another one. */
static void
merge_nic(const struct dvs_merge *m, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_portgroup *pg = vnic->portgroup;

    if (vnic->automatic && pg && !vnic->moved_from) {
        dvsrec_vnic_set_moved_from(vnic, shash_find_data(&m->names,
                                                         pg->name));
    }
}

static void
merge_port(const struct dvs_merge *m, const struct dvsrec_port *port)
{
    if (dvs_merge_drops(m, port)) {
        dvsrec_port_delete(port);
        return;
    }
    if (!port->portgroup) {
        struct dvs_port model;

        dvs_port_init(&model);
        free(dvs_read_port(port, &model));
        if (dvs_merge_make_explicit(m, &model.setting)) {
            dvsrec_port_set_setting(port, write_setting(m, port->setting,
                                                        &model.setting));
        }
        dvs_port_destroy(&model);
        dvsrec_switch_set_num_standalone_ports(
            m->to, m->to->num_standalone_ports + 1);
    }

    char *key = dvs_take_port_key(m->op->lookup, m->op->aux, m->to);
    dvsrec_port_verify_connectee(port);
    dvsrec_port_set_key(port, key);
    dvsrec_port_set_switch_(port, m->to);
    if (port->connectee) {
        merge_nic(m, port->connectee);
    }
    free(key);
}

/* Deletes the source, which has nothing any more but its uplink portgroups,
 * private VLANs and classes of traffic. */
static void
delete_source(const struct dvs_merge *m)
{
    const struct dvsrec_private_vlan *pv, *next;
    const struct dvsrec_traffic_class *tc, *next_tc;

    for (size_t i = 0; i < m->n_portgroups; i++) {
        if (m->portgroups[i]->uplink) {
            dvsrec_portgroup_delete(m->portgroups[i]);
        }
    }
    DVSREC_PRIVATE_VLAN_FOR_EACH_SAFE (pv, next, m->op->idl) {
        if (pv->switch_ == m->from) {
            dvsrec_private_vlan_delete(pv);
        }
    }
    DVSREC_TRAFFIC_CLASS_FOR_EACH_SAFE (tc, next_tc, m->op->idl) {
        if (tc->switch_ == m->from) {
            dvsrec_traffic_class_delete(tc);
        }
    }
    dvsrec_switch_delete(m->from);
}

/* Notes that the other switch has the source's bridges from now on, and those
 * that the source has got so itself. */
static void
inherit(const struct dvs_merge *m)
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
add_max_ports(const struct dvs_merge *m)
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

/* Does it.  Deletes the source. */
void
dvs_merge_run(struct dvs_merge *m)
{
    dvsrec_switch_verify_name(m->from);
    dvsrec_switch_verify_name(m->to);
    inherit(m);
    add_max_ports(m);
    dvs_merge_pools(m);
    for (size_t i = 0; i < m->n_ports; i++) {
        merge_port(m, m->ports[i]);
    }
    for (size_t i = 0; i < m->n_portgroups; i++) {
        if (!m->portgroups[i]->uplink) {
            merge_portgroup(m, m->portgroups[i]);
        }
    }
    dvs_merge_hosts(m);
    delete_source(m);
}

/* Initializes 'm' with what 'op', "merge", is to merge.  Returns false, with a
 * fault set, if that cannot be.  The caller destroys 'm' in any case. */
bool
dvs_merge_init(struct dvs_merge *m, struct dvs_operation *op)
{
    *m = (struct dvs_merge) { .op = op };
    shash_init(&m->names);
    uuidset_init(&m->wanted);
    if (!find_switches(m)) {
        return false;
    }
    collect(m);
    dvs_merge_collect_pools(m);
    return (check_tables(m) && dvs_merge_check_hosts(m) && check_pvlans(m)
            && check_portgroups(m) && check_ports(m)
            && dvs_merge_check_pools(m));
}

/* Frees what 'm' owns, but not 'm' itself. */
void
dvs_merge_destroy(struct dvs_merge *m)
{
    if (m->from_model) {
        dvs_lags_destroy(&m->to_model.lags);
        dvs_pools_destroy(&m->to_model.pools);
    }
    for (size_t i = 0; i < m->n_pools; i++) {
        free(m->pool_names[i]);
    }
    free(m->pool_names);
    free(m->pools);
    for (size_t i = 0; m->uplinks && i < m->n_members; i++) {
        smap_destroy(&m->uplinks[i]);
    }
    free(m->uplinks);
    free(m->members);
    free(m->portgroups);
    free(m->ports);
    shash_destroy(&m->names);
    uuidset_destroy(&m->wanted);
}

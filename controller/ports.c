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

/* Ports: making and deleting them, and what follows from a Port row.
 *
 * Ports of portgroups and standalone ports come here from portgroups.c and
 * switches.c, uplink ports from hosts.c.  Which NIC has which port is
 * binder.c's matter. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/binding.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "controller/tasks.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-read.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ports);

COVERAGE_DEFINE(look_at_port);
COVERAGE_DEFINE(port_added);
COVERAGE_DEFINE(port_deleted);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

/* Makes a port of 's' in 'pg' (NULL for a standalone port) and returns it.
 * Its name is 'name', or what the portgroup's format yields if that is NULL;
 * its key 'given', which no other port of 's' has, or the next one if that is
 * NULL. */
const struct dvsrec_port *
ports_add(struct pass *pass, const struct dvsrec_switch *s,
          const struct dvsrec_portgroup *pg, const char *name,
          const char *given)
{
    char *key = (given ? xstrdup(given)
                 : dvs_take_port_key(&task_lookup, pass, s));
    char *generated = NULL;
    struct uuid uuid;

    COVERAGE_INC(port_added);
    if (!name) {
        name = generated = dvs_port_name_from_format(
            pg ? pg->port_name_format : NULL, s->name, pg ? pg->name : NULL,
            key);
    }

    uuid_generate(&uuid);
    const struct dvsrec_port *port
        = dvsrec_port_insert_persist_uuid(pass->txn, &uuid);
    uuidset_insert(pass->own, &uuid);
    dvsrec_port_set_switch_(port, s);
    dvsrec_port_set_key(port, key);
    if (given) {
        /* Nobody else gives such a key. */
        dvsrec_switch_verify_name(s);
    }
    if (pg) {
        /* It may be gone before this arrives; of the switch, the key above
         * makes sure. */
        dvsrec_portgroup_verify_name(pg);
        dvsrec_port_set_portgroup(port, pg);
    }
    dvsrec_port_set_name(port, name);
    free(generated);
    free(key);
    return port;
}

/* Tells that 'port' has lost its NIC, called 'nic' ("" if that is not known
 * any more). */
void
ports_report_disconnection(struct pass *pass, const struct dvsrec_port *port,
                           const char *nic)
{
    VLOG_DBG_RL(&rl, "switch %s: port %s: NIC %s disconnected",
                port->switch_->name, port->key, nic);
    event_port(pass, "DvsPortDisconnectedEvent", &port->switch_->header_.uuid,
               port->key, port->proxy_host, "NIC%s%s disconnected",
               nic[0] ? " " : "", nic);
}

/* Takes note that 'port' is about to be deleted. */
void
ports_note_deletion(struct pass *pass, const struct dvsrec_port *port)
{
    char *nic = dirty_take_released(pass->dirty, &port->header_.uuid);

    if (nic) {
        /* It went in the transaction that lets the port go. */
        ports_report_disconnection(pass, port, nic);
        free(nic);
    }
    COVERAGE_INC(port_deleted);
    VLOG_DBG_RL(&rl, "switch %s: port %s deleted", port->switch_->name,
                port->key);
    dirty_mark_slot(pass->dirty, &port->switch_->header_.uuid, port->key);
    room_made(pass, port->switch_);
}

/* Deletes 'port', which no NIC has and no NIC asks for. */
void
ports_delete(struct pass *pass, const struct dvsrec_port *port)
{
    ports_note_deletion(pass, port);
    dvsrec_port_delete(port);
}

/* Tells that 'n' ports of 's' in 'pg' (NULL for standalone ports), which are
 * uplinks of 'host' if that is not NULL, have been 'created' or deleted. */
void
ports_report(struct pass *pass, const struct dvsrec_switch *s,
             const struct dvsrec_portgroup *pg, const char *host,
             bool created, size_t n)
{
    const char *verb = created ? "created" : "deleted";
    char *object = (pg ? xasprintf("%s/%s", s->name, pg->name)
                    : xstrdup(s->name));
    event_list_add(pass->events,
                   created ? "DvsPortCreatedEvent" : "DvsPortDeletedEvent",
                   "info", &s->header_.uuid, object, host,
                   "%"PRIuSIZE" port%s %s", n, n == 1 ? "" : "s", verb);
    free(object);
    VLOG_DBG_RL(&rl, "switch %s, portgroup %s: %"PRIuSIZE" ports %s", s->name,
                pg ? pg->name : "none", n, verb);
}

/* Has 's' know that it has 'change' ports more, or fewer if that is negative:
 * those of 'pg', or standalone ports if that is NULL. */
void
ports_count_change(const struct dvsrec_switch *s,
                   const struct dvsrec_portgroup *pg, int64_t change)
{
    if (pg) {
        dvsrec_portgroup_set_port_count(pg, MAX(0, pg->port_count + change));
    }
    dvsrec_switch_set_port_count(s, MAX(0, s->port_count + change));
}

/* Makes 'n' ports of 's' in 'pg' (NULL for standalone ports), and has the
 * NICs looked at that wait for them. */
void
ports_grow(struct pass *pass, const struct dvsrec_switch *s,
           const struct dvsrec_portgroup *pg, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ports_add(pass, s, pg, NULL, NULL);
    }
    ports_count_change(s, pg, n);
    ports_report(pass, s, pg, NULL, true, n);

    if (pg) {
        binder_wake(pass, pg);
    }
}

/* Makes a port of 's' in 'pg' for one NIC, with which it goes again, and
 * returns it: a port of an ephemeral portgroup, or, if 'conflict_key' is the
 * key of a port that the NIC claims in vain, a conflict port.  'key' is as for
 * ports_add(). */
const struct dvsrec_port *
ports_make(struct pass *pass, const struct dvsrec_switch *s,
           const struct dvsrec_portgroup *pg, const char *key,
           const char *conflict_key)
{
    const struct dvsrec_port *port = ports_add(pass, s, pg, NULL, key);

    if (conflict_key) {
        /* Conflict ports do not count. */
        dvsrec_port_set_conflict(port, true);
        dvsrec_port_set_conflict_key(port, conflict_key);
    } else {
        ports_count_change(s, pg, 1);
    }
    ports_report(pass, s, pg, NULL, true, 1);
    return port;
}

/* Deletes 'port', which was made for a NIC that does not have it any more.  As
 * long as a NIC asks for it, which it does in vain, the port stays. */
void
ports_unmake(struct pass *pass, const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *pg = port->portgroup;

    if (port_is_wanted(pass->ix, port)) {
        uuidset_insert(&pass->leftovers->ports, &port->header_.uuid);
        return;
    }
    if (!port->conflict) {
        ports_count_change(port->switch_, pg, -1);
    }
    ports_report(pass, port->switch_, pg, NULL, false, 1);
    ports_delete(pass, port);
}

/* Collects the ports of 'pg', or the standalone ports of 's' if 'pg' is NULL,
 * that count, which conflict ports do not, into '*portsp' for the caller to
 * free.  Returns their number. */
static size_t
counted_ports(struct pass *pass, const struct dvsrec_switch *s,
              const struct dvsrec_portgroup *pg,
              const struct dvsrec_port ***portsp)
{
    size_t n_all = ports_of_portgroup(pass->ix, s, pg, portsp);
    size_t n = 0;

    for (size_t i = 0; i < n_all; i++) {
        if (!(*portsp)[i]->conflict) {
            (*portsp)[n++] = (*portsp)[i];
        }
    }
    return n;
}

/* Makes sure that 'pg' knows the number of its ports, and tells of those that
 * others have made or deleted: who does it here counts them, too. */
void
ports_count(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_switch *s = pg->switch_;
    const struct dvsrec_port **ports;
    int64_t n = counted_ports(pass, s, pg, &ports);

    free(ports);
    if (n < pg->port_count) {
        room_made(pass, s);
        ports_report(pass, s, pg, NULL, false, pg->port_count - n);
    } else if (n > pg->port_count) {
        ports_report(pass, s, pg, NULL, true, n - pg->port_count);
    }
    if (n != pg->port_count) {
        ports_count_change(s, pg, n - pg->port_count);
        /* Somebody else did this, and may have written the number itself. */
        dirty_mark(pass->dirty, DIRTY_COUNT_SWITCH, &s->header_.uuid);
    }
}

/* Makes sure that 's' knows the number of its ports, as far as its portgroups
 * know those of theirs. */
void
ports_count_switch(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_portgroup **portgroups;
    const struct dvsrec_port **ports;
    size_t n = portgroups_of_switch(pass->ix, s, &portgroups);
    int64_t count = counted_ports(pass, s, NULL, &ports);

    for (size_t i = 0; i < n; i++) {
        count += portgroups[i]->port_count;
    }
    free(portgroups);
    free(ports);
    if (count != s->port_count) {
        dvsrec_switch_set_port_count(s, count);
    }
}

/* Returns true if it takes no look at the ports of 'pg' to see that
 * ports_populate() does not have to delete any. */
static bool
has_none_to_delete(struct pass *pass, const struct dvsrec_portgroup *pg,
                   bool ephemeral, int64_t num_ports)
{
    return (ephemeral ? !free_ports_exceed(pass->ix, pg->switch_, pg, 0)
            : pg->port_count <= num_ports);
}

/* Makes the 'n' ports that are missing in 'pg', or of the standalone ports of
 * 's' if 'pg' is NULL: all of them, or none and a fault if that would be more
 * than 's' may have. */
static void
grow_to_number(struct pass *pass, const struct dvsrec_switch *s,
               const struct dvsrec_portgroup *pg, size_t n,
               struct dvs_faults *faults)
{
    if (room_suffices(s, n, pg ? "num_ports" : "num_standalone_ports",
                      faults)) {
        ports_grow(pass, s, pg, n);
    }
}

/* Brings the ports of 'pg', or the standalone ports of 's' if 'pg' is NULL,
 * to 'num_ports' in number, as far as binding_pool_change() wants it. */
void
ports_populate(struct pass *pass, const struct dvsrec_switch *s,
               const struct dvsrec_portgroup *pg, int64_t num_ports,
               bool auto_expand, struct dvs_faults *faults)
{
    bool trim = pg && dirty_take(pass->dirty, DIRTY_TRIM_PORTGROUP,
                                 &pg->header_.uuid);
    bool ephemeral = pg && portgroup_type(pass->ix, pg) == DVS_EPHEMERAL;

    if (pg && has_none_to_delete(pass, pg, ephemeral, num_ports)) {
        if (!ephemeral && pg->port_count < num_ports) {
            grow_to_number(pass, s, pg, num_ports - pg->port_count, faults);
        }
        return;
    }

    const struct dvsrec_port **ports;
    size_t n = counted_ports(pass, s, pg, &ports);
    struct binding_pool pool = {
        .num_ports = num_ports,
        .ephemeral = ephemeral,
        .auto_expand = auto_expand,
        .trim = trim,
        .n_ports = n,
    };

    /* The free ones, by key.  Those that NICs ask for in vain cannot be
     * deleted. */
    size_t n_free = 0;
    for (size_t i = 0; (ephemeral || n > num_ports) && i < n; i++) {
        if (ports[i]->connectee) {
            continue;
        } else if (port_is_wanted(pass->ix, ports[i])) {
            if (pg) {
                uuidset_insert(&pass->leftovers->portgroups,
                               &pg->header_.uuid);
            } else {
                uuidset_insert(&pass->leftovers->switches, &s->header_.uuid);
            }
        } else {
            ports[n_free++] = ports[i];
        }
    }
    pool.n_free = n_free;

    bool stuck;
    int change = binding_pool_change(&pool, &stuck);
    if (stuck) {
        dvs_faults_add(faults, "ResourceInUse",
                       pg ? "num_ports" : "num_standalone_ports",
                       "more than %"PRId64" of %"PRIuSIZE" ports are in use",
                       num_ports, n);
    }
    if (change > 0) {
        grow_to_number(pass, s, pg, change, faults);
    } else if (change < 0) {
        for (int i = 0; i < -change; i++) {
            ports_delete(pass, ports[n_free - 1 - i]);
        }
        ports_count_change(s, pg, change);
        ports_report(pass, s, pg, NULL, false, -change);
    }
    free(ports);
}

/* Looks into why the two ends of 'port''s connection do not agree: its NIC has
 * been deleted, perhaps while no controller was looking, or somebody has
 * written what is not his to write.  Has all NICs looked at that have to do
 * with it. */
static void
mend_connection(struct pass *pass, const struct dvsrec_port *port)
{
    const struct dvsrec_vnic **vnics;
    size_t n = vnics_connected_to_port(pass->ix, port, &vnics);

    for (size_t i = 0; i < n; i++) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &vnics[i]->header_.uuid);
    }
    free(vnics);
    if (!n && (port->connectee || port->proxy_host)) {
        dirty_mark_released(pass->dirty, &port->header_.uuid,
                            port->connectee ? port->connectee->id : "");
    }
    if (port->connectee) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &port->connectee->header_.uuid);
        dirty_mark_slot(pass->dirty, &port->switch_->header_.uuid, port->key);
        dvsrec_port_set_connectee(port, NULL);
    } else if (!n && !port->proxy_host
               && port_is_made_for_nic(pass->ix, port)
               && (port->conflict
                   || find_proxy_portgroup(pass->ix,
                                           &port->portgroup->header_.uuid))) {
        /* (A portgroup at fault that no host knows keeps what it has.) */
        ports_unmake(pass, port);
    }
}

static void
look_at_port(struct pass *pass, const struct uuid *uuid)
{
    const struct dvsrec_port *row = get_port(pass->idl, uuid);

    COVERAGE_INC(look_at_port);
    if (!row) {
        return;
    }
    if (dirty_take(pass->dirty, DIRTY_RAISE_PORT, uuid)) {
        dvsrec_port_set_config_version(row,
                                   next_number(row->config_version));
    }

    struct dvs_faults *faults = faults_open(pass->faults, FAULTS_PORT, uuid);
    if (row->setting) {
        struct view_portgroup *pg = (row->portgroup
                                     ? view_portgroup(pass->view,
                                                      row->portgroup)
                                     : NULL);
        struct view_switch *s = view_switch(pass->view, row->switch_);
        struct dvs_port model;

        dvs_port_init(&model);
        char *error = dvs_read_port(row, &model);
        if (error) {
            dvs_faults_add(faults, "InvalidArgument", "setting", "%s", error);
            free(error);
        } else {
            dvs_validate_port(&s->model, pg ? &pg->model : NULL, &model,
                              faults);
        }
        dvs_port_destroy(&model);
    }

    if (row->uplink_host) {
        /* Its setting is part of what the host is told. */
        dirty_mark_host(pass->dirty, row->uplink_host);
    }
    if (!dvs_port_is_mutual(row)) {
        mend_connection(pass, row);
    }
    if (row_exists(&row->header_) && (row->connectee || row->proxy_host)) {
        dirty_mark_slot(pass->dirty, &row->switch_->header_.uuid, row->key);
    }
}

void
ports_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_PORT, &uuid)) {
        look_at_port(pass, &uuid);
    }
}

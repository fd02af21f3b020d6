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

/* From changes in the database to marks on what is dirty; see inputs.h.
 *
 * Knows what a change of a row may affect, not what follows from it.  Writes
 * nothing. */

#include <config.h>

#include "controller/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/dirty.h"
#include "controller/indexes.h"
#include "openvswitch/hmap.h"
#include "ovsdb-idl.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-pvlan.h"
#include "util.h"

void
inputs_init(struct inputs *in, struct ovsdb_idl *idl, const struct indexes *ix)
{
    in->idl = idl;
    in->ix = ix;
    in->knows_hosts = false;
    seen_init(&in->switches);
    seen_init(&in->portgroups);
    seen_init(&in->members);
    seen_init(&in->claims);
    seen_init(&in->states);
    seen_init(&in->own);
}

void
inputs_destroy(struct inputs *in)
{
    if (in) {
        seen_destroy(&in->switches);
        seen_destroy(&in->portgroups);
        seen_destroy(&in->members);
        seen_destroy(&in->claims);
        seen_destroy(&in->states);
        seen_destroy(&in->own);
    }
}

/* Whether a tracked column of 'row' was changed.  A row is also reported for a
 * change in a row that it refers to. */
static bool
is_updated(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_table_class *class)
{
    for (size_t i = 0; i < class->n_columns; i++) {
        if (ovsdb_idl_track_is_updated(row, &class->columns[i])) {
            return true;
        }
    }
    return false;
}

static const struct uuid *
uuid_of(const struct ovsdb_idl_row *row)
{
    return &row->uuid;
}

/* Switches and portgroups. */

static void
switch_changed(struct inputs *in, struct dirty *d, const struct uuid *uuid)
{
    const char *name = seen_find(&in->switches, uuid);

    if (dirty_mark(d, DIRTY_RAISE_SWITCH, uuid) && name) {
        event_list_add(&d->events, "DvsReconfiguredEvent", "info", uuid, name,
                       NULL, "switch reconfigured");
    }
    dirty_mark(d, DIRTY_SWITCH, uuid);
}

static void
switch_created(struct dirty *d, const struct dvsrec_switch *row)
{
    event_list_add(&d->events, "DvsCreatedEvent", "info",
                   uuid_of(&row->header_), row->name, NULL, "switch created");
}

/* Marks the NICs that members of 's' make themselves. */
static void
mark_host_nics(const struct inputs *in, struct dirty *d,
               const struct dvsrec_switch *s)
{
    const struct dvsrec_host_member **members;
    size_t n = members_of_switch(in->ix, s, &members);

    for (size_t i = 0; i < n; i++) {
        host_nics_mark(in->ix, d, members[i]->host);
    }
    free(members);
}

static void
collect_switches(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_switch *row;

    DVSREC_SWITCH_FOR_EACH_TRACKED (row, in->idl) {
        const struct uuid *uuid = uuid_of(&row->header_);
        const char *old_name = seen_find(&in->switches, uuid);

        if (dvsrec_switch_is_deleted(row)) {
            dirty_mark(d, DIRTY_SWITCH, uuid);
            dirty_mark(d, DIRTY_NAMES_OF_SWITCH, uuid);
            if (old_name) {
                event_list_add(&d->events, "DvsDestroyedEvent", "info", uuid,
                               old_name, NULL, "switch destroyed");
                seen_remove(&in->switches, uuid);
            }
            continue;
        } else if (dvsrec_switch_is_new(row)) {
            dirty_mark(d, DIRTY_SWITCH, uuid);
            if (!old_name) {
                switch_created(d, row);
            }
        } else if (is_updated(&row->header_, &dvsrec_table_switch)) {
            switch_changed(in, d, uuid);
            if (dvsrec_switch_is_updated(row, DVSREC_SWITCH_COL_UPLINKS)) {
                dirty_mark(d, DIRTY_PORTS_OF_SWITCH, uuid);
            }
            if (dvsrec_switch_is_updated(row, DVSREC_SWITCH_COL_MTU)) {
                mark_host_nics(in, d, row);     /* Theirs may not be more. */
            }
            if (old_name && strcmp(old_name, row->name)) {
                dirty_mark(d, DIRTY_NAMES_OF_SWITCH, uuid);
                dirty_mark(d, DIRTY_PORTS_OF_SWITCH, uuid);
                event_list_add(&d->events, "DvsRenamedEvent", "info", uuid,
                               row->name, NULL, "switch renamed, was %s",
                               old_name);
            }
        } else {
            continue;
        }
        seen_set(&in->switches, uuid, row->name);
    }
}

static char *
portgroup_object(const struct dvsrec_portgroup *row)
{
    return xasprintf("%s/%s", row->switch_ ? row->switch_->name : "",
                     row->name);
}

static void
portgroup_event(struct dirty *d, const struct dvsrec_portgroup *row,
                const char *type, const char *what, const char *old_name)
{
    char *object = portgroup_object(row);
    event_list_add(&d->events, type, "info",
                   row->switch_ ? uuid_of(&row->switch_->header_) : NULL,
                   object, NULL, "portgroup %s%s", what,
                   old_name ? old_name : "");
    free(object);
}

/* Marks 's' if it is at fault, perhaps because a portgroup or port of it,
 * which has changed, was using a private VLAN that is to go. */
static void
user_changed(struct dirty *d, const struct dvsrec_switch *s)
{
    if (s && s->n_faults) {
        dirty_mark(d, DIRTY_SWITCH, uuid_of(&s->header_));
    }
}

static void
portgroup_changed(struct dirty *d, const struct dvsrec_portgroup *row)
{
    user_changed(d, row->switch_);
    if (dirty_mark(d, DIRTY_RAISE_PORTGROUP, uuid_of(&row->header_))) {
        portgroup_event(d, row, "DVPortgroupReconfiguredEvent",
                        "reconfigured", NULL);
    }
    dirty_mark(d, DIRTY_PORTGROUP, uuid_of(&row->header_));
}

/* Marks what may have been found by the name of 'row'. */
static void
names_changed(struct dirty *d, const struct dvsrec_portgroup *row)
{
    if (row->switch_) {
        dirty_mark(d, DIRTY_NAMES_OF_SWITCH, uuid_of(&row->switch_->header_));
    }
}

static bool
has_uplink_portgroup(const struct inputs *in, const struct dvsrec_switch *s)
{
    const struct dvsrec_portgroup **rows;
    size_t n = uplink_portgroups_of_switch(in->ix, s, &rows);

    free(rows);
    return n > 0;
}

static void
collect_portgroups(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_portgroup *row;

    DVSREC_PORTGROUP_FOR_EACH_TRACKED (row, in->idl) {
        const struct uuid *uuid = uuid_of(&row->header_);
        const char *old_name = seen_find(&in->portgroups, uuid);

        if (dvsrec_portgroup_is_deleted(row)) {
            dirty_mark(d, DIRTY_PORTGROUP, uuid);
            names_changed(d, row);
            user_changed(d, row->switch_);
            if (row->switch_) {
                const struct uuid *switch_ = uuid_of(&row->switch_->header_);

                dirty_mark(d, DIRTY_COUNT_SWITCH, switch_);
                if (!has_uplink_portgroup(in, row->switch_)
                    || row->switch_->n_max_ports) {
                    /* It needs another one, or has room for others. */
                    dirty_mark(d, DIRTY_SWITCH, switch_);
                }
            }
            if (old_name) {
                portgroup_event(d, row, "DVPortgroupDestroyedEvent",
                                "destroyed", NULL);
                seen_remove(&in->portgroups, uuid);
            }
            continue;
        } else if (dvsrec_portgroup_is_new(row)) {
            dirty_mark(d, DIRTY_PORTGROUP, uuid);
            /* One that comes back brings its ports along. */
            dirty_mark(d, DIRTY_COUNT_PORTGROUP, uuid);
            if (!old_name) {
                portgroup_event(d, row, "DVPortgroupCreatedEvent", "created",
                                NULL);
            }
        } else if (is_updated(&row->header_, &dvsrec_table_portgroup)) {
            portgroup_changed(d, row);
            if (dvsrec_portgroup_is_updated(row,
                                            DVSREC_PORTGROUP_COL_NUM_PORTS)) {
                dirty_mark(d, DIRTY_TRIM_PORTGROUP, uuid);
                dirty_mark(d, DIRTY_COUNT_PORTGROUP, uuid);
            }
            if (dvsrec_portgroup_is_updated(
                    row, DVSREC_PORTGROUP_COL_OVERRIDE_ALLOWED)) {
                dirty_mark(d, DIRTY_PORTS_OF_PORTGROUP, uuid);
            }
            if (dvsrec_portgroup_is_updated(row,
                                            DVSREC_PORTGROUP_COL_UPLINK)
                && row->switch_) {
                names_changed(d, row);
                dirty_mark(d, DIRTY_SWITCH, uuid_of(&row->switch_->header_));
            }
            if (old_name && strcmp(old_name, row->name)) {
                names_changed(d, row);
                dirty_mark(d, DIRTY_PORTS_OF_PORTGROUP, uuid);
                portgroup_event(d, row, "DVPortgroupRenamedEvent",
                                "renamed, was ", old_name);
            }
        } else {
            continue;
        }
        seen_set(&in->portgroups, uuid, row->name);
    }
}

/* Ports. */

static void
port_deleted(struct dirty *d, const struct dvsrec_port *row)
{
    if (row->switch_) {
        const struct uuid *switch_ = uuid_of(&row->switch_->header_);

        dirty_mark_slot(d, switch_, row->key);
        user_changed(d, row->switch_);
        if (row->uplink_host) {
            dirty_mark_host(d, row->uplink_host);
        } else if (row->portgroup) {
            const struct uuid *pg = uuid_of(&row->portgroup->header_);
            dirty_mark(d, DIRTY_PORTGROUP, pg);
            dirty_mark(d, DIRTY_COUNT_PORTGROUP, pg);
        } else {
            dirty_mark(d, DIRTY_SWITCH, switch_);
        }
    }
}

/* Marks the port 'row', whose configuration was changed. */
static void
port_changed(struct dirty *d, const struct dvsrec_port *row)
{
    if (dirty_mark(d, DIRTY_RAISE_PORT, uuid_of(&row->header_))
        && row->switch_) {
        char *object = xasprintf("%s:%s", row->switch_->name, row->key);

        event_list_add(&d->events, "DvsPortReconfiguredEvent", "info",
                       uuid_of(&row->switch_->header_), object,
                       row->proxy_host, "port reconfigured");
        free(object);
    }
    dirty_mark(d, DIRTY_PORT, uuid_of(&row->header_));
    user_changed(d, row->switch_);
}

static void
port_updated(struct dirty *d, const struct dvsrec_port *row)
{
    const struct uuid *uuid = uuid_of(&row->header_);

    dirty_mark(d, DIRTY_PORT, uuid);
    if (dvsrec_port_is_updated(row, DVSREC_PORT_COL_NAME)
        || dvsrec_port_is_updated(row, DVSREC_PORT_COL_DESCRIPTION)
        || dvsrec_port_is_updated(row, DVSREC_PORT_COL_SETTING)) {
        port_changed(d, row);
    }
    if (dvsrec_port_is_updated(row, DVSREC_PORT_COL_CONNECTEE)
        && row->switch_) {
        dirty_mark_slot(d, uuid_of(&row->switch_->header_), row->key);
    }
    if (dvsrec_port_is_updated(row, DVSREC_PORT_COL_PNIC)
        && row->uplink_host) {
        dirty_mark_host(d, row->uplink_host);
    }
}

static void
collect_ports(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_port *row;

    DVSREC_PORT_FOR_EACH_TRACKED (row, in->idl) {
        if (dvsrec_port_is_deleted(row)) {
            port_deleted(d, row);
        } else if (dvsrec_port_is_new(row)) {
            dirty_mark(d, DIRTY_PORT, uuid_of(&row->header_));
            if (row->uplink_host && row->portgroup) {
                /* A host that comes back may have brought it along. */
                const struct uuid *pg = uuid_of(&row->portgroup->header_);

                dirty_mark(d, DIRTY_PORTGROUP, pg);
                dirty_mark(d, DIRTY_COUNT_PORTGROUP, pg);
            }
        } else if (is_updated(&row->header_, &dvsrec_table_port)) {
            port_updated(d, row);
        } else if (row->connectee && !dvs_port_is_mutual(row)) {
            /* The other end was changed. */
            dirty_mark(d, DIRTY_PORT, uuid_of(&row->header_));
        }
    }
}

/* Marks the owner of the setting 'row', which was changed. */
static void
setting_changed(struct inputs *in, struct dirty *d,
                const struct dvsrec_port_setting *row)
{
    const struct dvsrec_switch *s;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;

    struct dvsrec_switch *s_target
        = dvsrec_switch_index_init_row(in->ix->switch_by_setting);
    dvsrec_switch_index_set_default_setting(s_target, row);
    DVSREC_SWITCH_FOR_EACH_EQUAL (s, s_target, in->ix->switch_by_setting) {
        switch_changed(in, d, uuid_of(&s->header_));
    }
    dvsrec_switch_index_destroy_row(s_target);

    struct dvsrec_portgroup *pg_target
        = dvsrec_portgroup_index_init_row(in->ix->portgroup_by_setting);
    dvsrec_portgroup_index_set_setting(pg_target, row);
    DVSREC_PORTGROUP_FOR_EACH_EQUAL (pg, pg_target,
                                     in->ix->portgroup_by_setting) {
        portgroup_changed(d, pg);
    }
    dvsrec_portgroup_index_destroy_row(pg_target);

    struct dvsrec_port *port_target
        = dvsrec_port_index_init_row(in->ix->port_by_setting);
    dvsrec_port_index_set_setting(port_target, row);
    DVSREC_PORT_FOR_EACH_EQUAL (port, port_target, in->ix->port_by_setting) {
        port_changed(d, port);
    }
    dvsrec_port_index_destroy_row(port_target);
}

static void
collect_settings(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_port_setting *row;

    DVSREC_PORT_SETTING_FOR_EACH_TRACKED (row, in->idl) {
        if (!dvsrec_port_setting_is_deleted(row)
            && !dvsrec_port_setting_is_new(row)) {
            setting_changed(in, d, row);
        }
    }
}

/* NICs. */

/* Takes note that the NIC 'row', which has been deleted, has left its port. */
static void
vnic_left_port(struct dirty *d, const struct dvsrec_vnic *row)
{
    const struct dvsrec_port *port = row->connection;

    if (!dvsrec_port_is_deleted(port)) {
        dirty_mark_released(d, uuid_of(&port->header_), row->id);
    } else if (!row->automatic && port->switch_) {
        /* A client has deleted both: nobody is going to look at the port.
         * (Those of automatic rows the controller deletes, and tells.) */
        char *object = xasprintf("%s:%s", port->switch_->name, port->key);

        event_list_add(&d->events, "DvsPortDisconnectedEvent", "info",
                       uuid_of(&port->switch_->header_), object,
                       port->proxy_host, "NIC %s disconnected", row->id);
        free(object);
    }
}

static void
collect_vnics(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_vnic *row;

    DVSREC_VNIC_FOR_EACH_TRACKED (row, in->idl) {
        if (dvsrec_vnic_is_deleted(row)) {
            if (row->connection) {
                vnic_left_port(d, row);
            }
            dirty_mark_claim(d, row->id, "");
            pools_mark_nic(in->idl, d, row);
            if (row->host) {
                /* Another NIC of that host may wait for the device. */
                host_nics_mark(in->ix, d, row->host);
            }
        } else if (dvsrec_vnic_is_new(row)) {
            dirty_mark(d, DIRTY_VNIC, uuid_of(&row->header_));
            dirty_mark_claim(d, row->id, "");
        } else if (is_updated(&row->header_, &dvsrec_table_vnic)) {
            dirty_mark(d, DIRTY_VNIC, uuid_of(&row->header_));
            if (row->automatic || row->connection) {
                dirty_mark_claim(d, row->id, "");
            }
            if (dvsrec_vnic_is_updated(row, DVSREC_VNIC_COL_HOST)) {
                /* It has left a host that is not known any more. */
                d->full = true;
            }
        }
    }
}

/* Hosts. */

static void
collect_members(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_host_member *row;

    DVSREC_HOST_MEMBER_FOR_EACH_TRACKED (row, in->idl) {
        bool deleted = dvsrec_host_member_is_deleted(row);
        bool is_new = !deleted && dvsrec_host_member_is_new(row);
        const struct dvsrec_switch *s = row->switch_;
        const struct uuid *uuid = uuid_of(&row->header_);
        bool known = seen_find(&in->members, uuid);

        if (!deleted && !is_new
            && !is_updated(&row->header_, &dvsrec_table_host_member)) {
            continue;
        }
        dirty_mark_host(d, row->host);
        if (deleted || is_new) {
            host_nics_mark(in->ix, d, row->host);
        }
        if (s && ((!is_new && s->n_faults)
                  || (!deleted && uplink_ports_want_lost(in->ix, row)))) {
            /* Perhaps the host was, or is, using an uplink that is to go. */
            dirty_mark(d, DIRTY_SWITCH, uuid_of(&s->header_));
        }
        classes_mark(in->idl, in->ix, d, row->host);
        if (s && deleted) {
            dirty_mark(d, DIRTY_BUDGET, uuid_of(&s->header_));
        }
        if (s && (deleted ? known : is_new && !known)) {
            event_list_add(&d->events,
                           deleted ? "DvsHostLeftEvent" : "DvsHostJoinedEvent",
                           "info", uuid_of(&s->header_), s->name, row->host,
                           "host %s", deleted ? "left" : "joined");
        }
        if (s && !deleted && !is_new
            && (dvsrec_host_member_is_updated(row,
                                              DVSREC_HOST_MEMBER_COL_RING)
                || dvsrec_host_member_is_updated(
                    row, DVSREC_HOST_MEMBER_COL_MAX_PORTS))) {
            event_list_add(&d->events, "DvsReconfiguredEvent", "info",
                           uuid_of(&s->header_), s->name, row->host,
                           "host reconfigured");
        }
        if (deleted) {
            seen_remove(&in->members, uuid);
        } else {
            seen_set(&in->members, uuid, row->host);
        }
    }
}

/* What is the controller's own: nobody else may change it, and whoever does
 * gets it changed back. */
static void
collect_proxies(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_proxy_switch *s;
    DVSREC_PROXY_SWITCH_FOR_EACH_TRACKED (s, in->idl) {
        dirty_mark(d, DIRTY_SWITCH, &s->switch_);
    }

    const struct dvsrec_proxy_portgroup *pg;
    DVSREC_PROXY_PORTGROUP_FOR_EACH_TRACKED (pg, in->idl) {
        dirty_mark(d, DIRTY_PORTGROUP, &pg->portgroup);
    }

    const struct dvsrec_proxy_host *host;
    DVSREC_PROXY_HOST_FOR_EACH_TRACKED (host, in->idl) {
        dirty_mark_host(d, host->host);
    }

    const struct dvsrec_proxy_port *port;
    DVSREC_PROXY_PORT_FOR_EACH_TRACKED (port, in->idl) {
        dirty_mark_slot(d, &port->switch_, port->key);
    }
}

/* Returns true if 'row', which has come to be for us, is news: hosts have not
 * been told of it, and it has not been found at fault before.  Of a switch at
 * fault they are told nothing, so that is not known. */
static bool
private_vlan_is_news(const struct inputs *in,
                     const struct dvsrec_private_vlan *row)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(in->ix, uuid_of(&row->switch_->header_));
    struct dvs_pvlans told;

    dvs_pvlans_init(&told);
    if (proxy) {
        free(dvs_pvlans_from_smap(&told, &proxy->config));
    }
    bool news = (!row->n_faults && !row->switch_->n_faults
                 && !dvs_pvlans_find(&told, row->secondary));
    dvs_pvlans_destroy(&told);
    return news;
}

/* A private VLAN that has changed hands concerns a switch that is not known
 * any more. */
static void
collect_private_vlans(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_private_vlan *row;

    DVSREC_PRIVATE_VLAN_FOR_EACH_TRACKED (row, in->idl) {
        bool deleted = dvsrec_private_vlan_is_deleted(row);
        bool is_new = !deleted && dvsrec_private_vlan_is_new(row);

        if (!deleted && !is_new
            && !is_updated(&row->header_, &dvsrec_table_private_vlan)) {
            continue;
        }
        if (!row->switch_) {
            continue;
        } else if (!is_new || private_vlan_is_news(in, row)) {
            switch_changed(in, d, uuid_of(&row->switch_->header_));
        } else {
            dirty_mark(d, DIRTY_SWITCH, uuid_of(&row->switch_->header_));
        }
        dirty_mark(d, DIRTY_PORTS_OF_SWITCH, uuid_of(&row->switch_->header_));
        if (!deleted && !is_new
            && dvsrec_private_vlan_is_updated(
                row, DVSREC_PRIVATE_VLAN_COL_SWITCH_)) {
            d->full = true;
        }
    }
}

/* Likewise, for LAGs: their ports are uplink ports of the switch's hosts. */
static void
collect_lags(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_lag *row;

    DVSREC_LAG_FOR_EACH_TRACKED (row, in->idl) {
        bool deleted = dvsrec_lag_is_deleted(row);
        bool is_new = !deleted && dvsrec_lag_is_new(row);

        if (!row->switch_
            || (!deleted && !is_new
                && !is_updated(&row->header_, &dvsrec_table_lag))) {
            continue;
        } else if (!is_new || lag_is_news(in->ix, row)) {
            switch_changed(in, d, uuid_of(&row->switch_->header_));
        } else {
            dirty_mark(d, DIRTY_SWITCH, uuid_of(&row->switch_->header_));
        }
        dirty_mark(d, DIRTY_PORTS_OF_SWITCH, uuid_of(&row->switch_->header_));
        if (!deleted && !is_new
            && dvsrec_lag_is_updated(row, DVSREC_LAG_COL_SWITCH_)) {
            d->full = true;
        }
    }
}

/* Classes of traffic are part of what hosts know of their switch. */
static void
collect_classes(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_traffic_class *row;

    DVSREC_TRAFFIC_CLASS_FOR_EACH_TRACKED (row, in->idl) {
        bool deleted = dvsrec_traffic_class_is_deleted(row);
        bool is_new = !deleted && dvsrec_traffic_class_is_new(row);

        if (!row->switch_
            || (!deleted && !is_new
                && !is_updated(&row->header_,
                               &dvsrec_table_traffic_class))) {
            continue;
        } else if (!is_new || class_is_news(in->ix, row)) {
            switch_changed(in, d, uuid_of(&row->switch_->header_));
        } else {
            dirty_mark(d, DIRTY_SWITCH, uuid_of(&row->switch_->header_));
        }
        if (!deleted && !is_new
            && dvsrec_traffic_class_is_updated(
                row, DVSREC_TRAFFIC_CLASS_COL_SWITCH_)) {
            d->full = true;
        }
    }
}

/* Resource pools are part of their switch, but nothing that hosts know. */
static void
collect_pools(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_resource_pool *row;

    DVSREC_RESOURCE_POOL_FOR_EACH_TRACKED (row, in->idl) {
        bool deleted = dvsrec_resource_pool_is_deleted(row);
        bool is_new = !deleted && dvsrec_resource_pool_is_new(row);

        if (!row->switch_
            || (!deleted && !is_new
                && !is_updated(&row->header_,
                               &dvsrec_table_resource_pool))) {
            continue;
        }
        if (!is_new || pool_is_news(row)) {
            switch_changed(in, d, uuid_of(&row->switch_->header_));
        } else {
            dirty_mark(d, DIRTY_SWITCH, uuid_of(&row->switch_->header_));
        }
        if (!deleted && !is_new) {
            dirty_mark(d, DIRTY_RAISE_POOL, uuid_of(&row->header_));
            if (dvsrec_resource_pool_is_updated(
                    row, DVSREC_RESOURCE_POOL_COL_SWITCH_)) {
                d->full = true;
            }
        }
    }
}

static void
collect_others(struct inputs *in, struct dirty *d)
{
    if (dvsrec_dvs_global_track_get_first(in->idl)) {
        d->global = true;
    }
    if (dvsrec_mirror_track_get_first(in->idl)
        || dvsrec_ipfix_track_get_first(in->idl)) {
        d->unsupported = true;
    }
    const struct dvsrec_task *task;
    DVSREC_TASK_FOR_EACH_TRACKED (task, in->idl) {
        d->tasks = true;
        if (dvsrec_task_is_deleted(task)
            && !strcmp(task->operation, "rollout")
            && !strcmp(task->state, "running")) {
            /* Whoever deletes it has the change go to all at once. */
            d->full = true;
        }
    }
    if (dvsrec_rbac_role_track_get_first(in->idl)
        || dvsrec_rbac_permission_track_get_first(in->idl)) {
        d->rbac = true;
    }
}

/* Notes all objects that there are, as a controller does that becomes active:
 * only what changes from now on is news, and those switches and portgroups
 * that no controller has seen yet, which it tells 'd' of. */
void
inputs_start(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_switch *s;
    const struct dvsrec_portgroup *pg;

    seen_clear(&in->switches);
    DVSREC_SWITCH_FOR_EACH (s, in->idl) {
        seen_set(&in->switches, uuid_of(&s->header_), s->name);
        if (!s->n_create_time) {
            switch_created(d, s);
        }
    }
    seen_clear(&in->portgroups);
    DVSREC_PORTGROUP_FOR_EACH (pg, in->idl) {
        seen_set(&in->portgroups, uuid_of(&pg->header_), pg->name);
        if (!pg->n_create_time) {
            portgroup_event(d, pg, "DVPortgroupCreatedEvent", "created", NULL);
        }
    }

    const struct dvsrec_host_member *member;
    seen_clear(&in->members);
    DVSREC_HOST_MEMBER_FOR_EACH (member, in->idl) {
        seen_set(&in->members, uuid_of(&member->header_), member->host);
    }

    inputs_start_states(in);
}

/* Marks in 'd' what the changes affect that the IDL has tracked. */
void
inputs_collect(struct inputs *in, struct dirty *d)
{
    collect_settings(in, d);
    collect_switches(in, d);
    collect_private_vlans(in, d);
    collect_lags(in, d);
    collect_classes(in, d);
    collect_pools(in, d);
    collect_portgroups(in, d);
    collect_ports(in, d);
    collect_vnics(in, d);
    inputs_collect_states(in, d);
    collect_members(in, d);
    collect_proxies(in, d);
    collect_others(in, d);
    inputs_collect_identities(in, d);
}

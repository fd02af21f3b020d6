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

/* The host's own Open vSwitch, as its database shows it.  See local-view.h.
 *
 * Every run first takes the interfaces that changed, then the bridges, then
 * the ports that are new.  Whatever else may have become of ports, all ports
 * of all bridges are looked at again. */

#include <config.h>
#include "ovs-bridge/local-view.h"
#include "coverage.h"
#include "flow.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(local_view);

COVERAGE_DEFINE(local_view_iface);
COVERAGE_DEFINE(local_view_port);

/* Initializes 'view' as empty, for what 'idl' will show, a connection to the
 * local database that has not been run yet.  'idl' must outlive 'view'. */
void
local_view_init(struct local_view *view, struct ovsdb_idl *idl)
{
    local_view_register(view, idl);
    shash_init(&view->bridges);
    shash_init(&view->ifaces);
    shash_init(&view->nics);
    sset_init(&view->contested);
    view->n_runs = 0;
    sset_init(&view->dirty_ifaces);
    sset_init(&view->dirty_nics);
    view->bridges_dirty = false;
}

/* Interfaces. */

/* Sets the NIC that 'iface' is for to 'nic', which may be NULL. */
static void
iface_set_nic(struct local_view *view, struct local_iface *iface,
              const char *nic)
{
    struct local_nic *ln;

    if (nullable_string_is_equal(iface->nic, nic)) {
        return;
    }
    if (iface->nic) {
        sset_add(&view->dirty_nics, iface->nic);
        ovs_list_remove(&iface->nic_node);
        ln = shash_find_data(&view->nics, iface->nic);
        if (ovs_list_is_short(&ln->ifaces)) {
            sset_find_and_delete(&view->contested, iface->nic);
        }
        if (ovs_list_is_empty(&ln->ifaces)) {
            shash_find_and_delete(&view->nics, iface->nic);
            free(ln);
        }
    }
    free(iface->nic);
    iface->nic = nullable_xstrdup(nic);
    if (nic) {
        ln = shash_find_data(&view->nics, nic);
        if (!ln) {
            ln = xmalloc(sizeof *ln);
            ovs_list_init(&ln->ifaces);
            shash_add(&view->nics, nic, ln);
        }
        ovs_list_push_back(&ln->ifaces, &iface->nic_node);
        if (!ovs_list_is_short(&ln->ifaces)) {
            sset_add(&view->contested, nic);
        }
    }
}

static void
iface_dirty(struct local_view *view, const struct local_iface *iface)
{
    sset_add(&view->dirty_ifaces, iface->name);
    if (iface->nic) {
        sset_add(&view->dirty_nics, iface->nic);
    }
}

/* Returns true if 'iface' is the bridge's own. */
static bool
iface_is_local(const struct local_iface *iface)
{
    return !strcmp(iface->name, iface->bridge->name);
}

/* What an interface is to us, by the mark of its port. */
enum local_role {
    LOCAL_FOREIGN,              /* Bears none. */
    LOCAL_UPLINK,
    LOCAL_HOST_NIC
};

/* Takes note that 'iface' is in 'bridge' (NULL for none) as 'role', and unless
 * that is LOCAL_FOREIGN, of switch 'owner' by port 'port'.  If 'further', its
 * port has another interface ahead of it. */
static void
iface_place(struct local_view *view, struct local_iface *iface,
            struct local_bridge *bridge, enum local_role role,
            const struct uuid *owner, const char *port, bool further)
{
    struct local_bridge *old = iface->bridge;
    bool ours = role != LOCAL_FOREIGN;

    port = ours ? port : NULL;
    if (old == bridge && iface->uplink == (role == LOCAL_UPLINK)
        && iface->host_nic == (role == LOCAL_HOST_NIC)
        && (!ours || uuid_equals(owner, &iface->owner))
        && nullable_string_is_equal(port, iface->port)
        && iface->further == further) {
        return;
    }
    if (old) {
        old->n_ifaces -= !iface->further;
        if (iface->uplink || iface->host_nic) {
            ovs_list_remove(&iface->ours_node);
        } else if (!iface_is_local(iface)) {
            old->n_foreign--;
        }
    }
    iface->bridge = bridge;
    iface->uplink = role == LOCAL_UPLINK;
    iface->host_nic = role == LOCAL_HOST_NIC;
    iface->owner = ours ? *owner : UUID_ZERO;
    free(iface->port);
    iface->port = nullable_xstrdup(port);
    iface->further = further;
    if (bridge) {
        bridge->n_ifaces += !iface->further;
        if (ours) {
            ovs_list_push_back((iface->uplink ? &bridge->uplinks
                                : &bridge->host_nics), &iface->ours_node);
        } else if (!iface_is_local(iface)) {
            bridge->n_foreign++;
        }
    }
    iface_dirty(view, iface);
}

static void
iface_destroy(struct local_view *view, struct local_iface *iface)
{
    iface_dirty(view, iface);
    iface_place(view, iface, NULL, LOCAL_FOREIGN, NULL, NULL, false);
    iface_set_nic(view, iface, NULL);
    shash_find_and_delete(&view->ifaces, iface->name);
    free(iface->name);
    free(iface);
}

static void
iface_update(struct local_view *view, const struct ovsrec_interface *row)
{
    struct local_iface *iface = shash_find_data(&view->ifaces, row->name);
    const char *nic = smap_get(&row->external_ids, "iface-id");

    COVERAGE_INC(local_view_iface);
    if (!iface) {
        iface = xzalloc(sizeof *iface);
        iface->name = xstrdup(row->name);
        iface->arrival = view->n_runs;
        shash_add(&view->ifaces, row->name, iface);
    }
    bool known = iface->nic && nullable_string_is_equal(iface->nic, nic);
    bool was_running = iface->running;

    iface->row = row->header_.uuid;
    iface_set_nic(view, iface, nic && nic[0] ? nic : NULL);
    iface->running = !strcmp(smap_get_def(&row->external_ids, "iface-status",
                                          "active"), "active");
    iface->heard = (known && iface->running
                    && (iface->heard || !was_running));

    int64_t ofport = row->n_ofport ? *row->ofport : 0;
    iface->ofport = (ofport > 0 && ofport < ofp_to_u16(OFPP_MAX)
                     ? u16_to_ofp(ofport) : OFPP_NONE);
    iface->failed = ofport < 0 || row->error;

    /* The state of the link is ephemeral: a restart of the database loses it
     * for a moment, in which nothing has happened to the link. */
    if (row->link_state) {
        iface->link = (!strcmp(row->link_state, "up")
                       ? LOCAL_LINK_UP : LOCAL_LINK_DOWN);
    }
    iface->attached = row->n_lacp_current && row->lacp_current[0];
    iface_dirty(view, iface);
}

static void
ifaces_run(struct local_view *view)
{
    const struct ovsrec_interface *row;

    OVSREC_INTERFACE_FOR_EACH_TRACKED (row, view->idl) {
        const struct ovsrec_interface *now
            = local_view_iface_row(view, row->name);

        if (now) {
            iface_update(view, now);
        } else {
            struct local_iface *iface
                = shash_find_data(&view->ifaces, row->name);
            if (iface) {
                iface_destroy(view, iface);
            }
        }
    }
}

/* Bridges. */

/* Takes note that 'port' is in 'bridge'. */
static void
bridge_add_port(struct local_view *view, struct local_bridge *bridge,
                const struct ovsrec_port *port)
{
    const char *uplink = smap_get(&port->external_ids, MARK_OWNER);
    const char *host_nic = smap_get(&port->external_ids, MARK_HOST_NIC);
    struct uuid owner;
    enum local_role role
        = (uplink && uuid_from_string(&owner, uplink) ? LOCAL_UPLINK
           : host_nic && uuid_from_string(&owner, host_nic) ? LOCAL_HOST_NIC
           : LOCAL_FOREIGN);

    COVERAGE_INC(local_view_port);
    for (size_t i = 0; i < port->n_interfaces; i++) {
        struct local_iface *iface
            = shash_find_data(&view->ifaces, port->interfaces[i]->name);

        if (iface) {
            iface_place(view, iface, bridge, role, &owner, port->name, i > 0);
            iface->scan = view->n_runs;
        }
    }
}

/* Looks at all ports of all bridges. */
static void
scan_all(struct local_view *view)
{
    const struct ovsrec_bridge *row;
    struct shash_node *node;

    OVSREC_BRIDGE_FOR_EACH (row, view->idl) {
        struct local_bridge *bridge
            = shash_find_data(&view->bridges, row->name);

        for (size_t i = 0; bridge && i < row->n_ports; i++) {
            const struct ovsrec_port *port
                = ovsrec_port_get_for_uuid(view->idl, &row->ports[i]);

            if (port) {
                bridge_add_port(view, bridge, port);
            }
        }
    }
    SHASH_FOR_EACH (node, &view->ifaces) {
        struct local_iface *iface = node->data;

        if (iface->bridge && iface->scan != view->n_runs) {
            iface_place(view, iface, NULL, LOCAL_FOREIGN, NULL, NULL, false);
        }
    }
}

/* Returns true if 'port' is one of 'bridge'.  (The IDL keeps sets ordered.) */
static bool
bridge_has_port(const struct ovsrec_bridge *bridge,
                const struct ovsrec_port *port)
{
    size_t low = 0, high = bridge->n_ports;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int cmp = uuid_compare_3way(&bridge->ports[mid],
                                    &port->header_.uuid);

        if (!cmp) {
            return true;
        } else if (cmp < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return false;
}

/* Marks what is in 'bridge' as dirty. */
static void
bridge_dirty_ifaces(struct local_view *view, const struct local_bridge *bridge)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &view->ifaces) {
        const struct local_iface *iface = node->data;

        if (iface->bridge == bridge) {
            iface_dirty(view, iface);
        }
    }
}

static void
bridge_destroy(struct local_view *view, struct local_bridge *bridge)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &view->ifaces) {
        struct local_iface *iface = node->data;

        if (iface->bridge == bridge) {
            iface_place(view, iface, NULL, LOCAL_FOREIGN, NULL, NULL, false);
        }
    }
    shash_find_and_delete(&view->bridges, bridge->name);
    free(bridge->name);
    free(bridge);
}

static void
bridge_update(struct local_view *view, const struct ovsrec_bridge *row)
{
    struct local_bridge *bridge = shash_find_data(&view->bridges, row->name);
    const char *mark = smap_get(&row->external_ids, MARK_SWITCH);
    struct uuid uuid = UUID_ZERO;
    bool ours = mark && uuid_from_string(&uuid, mark);

    if (!bridge) {
        bridge = xzalloc(sizeof *bridge);
        bridge->name = xstrdup(row->name);
        ovs_list_init(&bridge->uplinks);
        ovs_list_init(&bridge->host_nics);
        shash_add(&view->bridges, row->name, bridge);
    }
    if (bridge->ours != ours || !uuid_equals(&bridge->switch_, &uuid)) {
        bridge->ours = ours;
        bridge->switch_ = uuid;
        bridge_dirty_ifaces(view, bridge);
    }

    /* Ephemeral; once it was there, only the bridge's end takes it away. */
    bridge->exists = bridge->exists || row->datapath_id;
}

/* Returns true if 'row' itself changed; a row is also tracked when one that it
 * refers to did. */
static bool
bridge_is_changed(const struct ovsrec_bridge *row)
{
    if (ovsrec_bridge_is_new(row)) {
        return true;
    }
    for (int i = 0; i < OVSREC_BRIDGE_N_COLUMNS; i++) {
        if (ovsrec_bridge_is_updated(row, i)) {
            return true;
        }
    }
    return false;
}

static void
bridges_run(struct local_view *view)
{
    const struct ovsrec_bridge *row;

    OVSREC_BRIDGE_FOR_EACH_TRACKED (row, view->idl) {
        const struct ovsrec_bridge *now
            = local_view_bridge_row(view, row->name);

        if (!now) {
            struct local_bridge *bridge
                = shash_find_data(&view->bridges, row->name);
            if (bridge) {
                view->bridges_dirty = true;
                bridge_destroy(view, bridge);
            }
        } else if (now == row && bridge_is_changed(row)) {
            view->bridges_dirty = true;
            bridge_update(view, row);
        }
    }
}

/* Returns true if the interfaces known to be in each bridge are as many as it
 * has ports. */
static bool
ports_add_up(const struct local_view *view)
{
    const struct ovsrec_bridge *row;

    OVSREC_BRIDGE_FOR_EACH (row, view->idl) {
        const struct local_bridge *bridge
            = shash_find_data(&view->bridges, row->name);

        if (!bridge || bridge->n_ifaces != row->n_ports) {
            return false;
        }
    }
    return true;
}

static void
ports_run(struct local_view *view)
{
    const struct ovsrec_bridge *bridge;
    const struct ovsrec_port *port;
    bool unclear = false;

    OVSREC_PORT_FOR_EACH_TRACKED (port, view->idl) {
        if (ovsrec_port_is_deleted(port)) {
            /* Its interfaces have gone with it. */
        } else if (ovsrec_port_is_new(port)) {
            OVSREC_BRIDGE_FOR_EACH (bridge, view->idl) {
                if (bridge_has_port(bridge, port)) {
                    bridge_add_port(view,
                                    shash_find_data(&view->bridges,
                                                    bridge->name), port);
                }
            }
        } else if (ovsrec_port_is_updated(port, OVSREC_PORT_COL_INTERFACES)
                   || ovsrec_port_is_updated(port,
                                             OVSREC_PORT_COL_EXTERNAL_IDS)) {
            unclear = true;
        }
    }

    /* A bond, or a port that went from one bridge to another. */
    if (unclear || (view->bridges_dirty && !ports_add_up(view))) {
        view->bridges_dirty = true;
        scan_all(view);
    }
}

/* Marks the bridges if the queues of uplinks may have changed. */
static void
qos_run(struct local_view *view)
{
    const struct ovsrec_port *port;

    if (ovsrec_qos_track_get_first(view->idl)
        || ovsrec_queue_track_get_first(view->idl)) {
        view->bridges_dirty = true;
    }
    OVSREC_PORT_FOR_EACH_TRACKED (port, view->idl) {
        if (!ovsrec_port_is_deleted(port)
            && (ovsrec_port_is_updated(port, OVSREC_PORT_COL_QOS)
                || (ovsrec_port_is_new(port)
                    && smap_get(&port->external_ids, MARK_OWNER)))) {
            view->bridges_dirty = true;
        }
    }
}

/* Takes the changes that 'view''s IDL has tracked; its caller clears them. */
void
local_view_run(struct local_view *view)
{
    view->n_runs++;
    ifaces_run(view);
    bridges_run(view);
    ports_run(view);
    view->offer_dirty |= local_view_offer_changed(view);
    qos_run(view);
}

/* Forgets all that is known and reads everything again. */
void
local_view_recompute(struct local_view *view)
{
    const struct ovsrec_interface *iface;
    const struct ovsrec_bridge *bridge;
    struct shash_node *node;

    view->n_runs++;
    SHASH_FOR_EACH_SAFE (node, &view->ifaces) {
        struct local_iface *li = node->data;

        if (!local_view_iface_row(view, li->name)) {
            iface_destroy(view, li);
        }
    }
    SHASH_FOR_EACH_SAFE (node, &view->bridges) {
        struct local_bridge *lb = node->data;

        if (!local_view_bridge_row(view, lb->name)) {
            bridge_destroy(view, lb);
        }
    }
    OVSREC_INTERFACE_FOR_EACH (iface, view->idl) {
        iface_update(view, iface);
    }
    OVSREC_BRIDGE_FOR_EACH (bridge, view->idl) {
        bridge_update(view, bridge);
    }
    scan_all(view);
    view->bridges_dirty = true;
}

/* Takes note that the machine of virtual NIC 'nic' has been seen to run on
 * this host.  That is remembered as long as the NIC's interface is there, says
 * that the machine runs, and no other host has taken over since. */
void
local_view_hear(struct local_view *view, const char *nic)
{
    struct local_iface *iface = local_view_find_nic(view, nic);

    if (iface && iface->running && !iface->heard) {
        iface->heard = true;
        iface_dirty(view, iface);
    }
}

/* Frees what 'view' holds. */
void
local_view_destroy(struct local_view *view)
{
    struct shash_node *node;

    SHASH_FOR_EACH_SAFE (node, &view->ifaces) {
        iface_destroy(view, node->data);
    }
    SHASH_FOR_EACH_SAFE (node, &view->bridges) {
        bridge_destroy(view, node->data);
    }
    shash_destroy(&view->ifaces);
    shash_destroy(&view->bridges);
    shash_destroy(&view->nics);
    sset_destroy(&view->contested);
    sset_destroy(&view->dirty_ifaces);
    sset_destroy(&view->dirty_nics);
}

/* Look-up. */

/* Returns the bridge named 'name', or NULL. */
struct local_bridge *
local_view_find_bridge(const struct local_view *view, const char *name)
{
    return shash_find_data(&view->bridges, name);
}

/* Returns the interface named 'name', or NULL. */
struct local_iface *
local_view_find_iface(const struct local_view *view, const char *name)
{
    return shash_find_data(&view->ifaces, name);
}

/* Returns true if 'a' has a better right to their NIC than 'b': it is the
 * host's own, or was there earlier.  What was there when we came is told apart
 * by its OpenFlow port, which grows with each new port. */
static bool
iface_precedes(const struct local_iface *a, const struct local_iface *b)
{
    if (a->host_nic != b->host_nic) {
        return a->host_nic;
    } else if (a->arrival != b->arrival) {
        return a->arrival < b->arrival;
    } else if (a->ofport != b->ofport) {
        return ofp_to_u16(a->ofport) < ofp_to_u16(b->ofport);
    } else {
        return strcmp(a->name, b->name) < 0;
    }
}

/* Returns the interface that stands for virtual NIC 'nic': of those in a
 * bridge of ours, the one that was there first.  NULL if there is none. */
struct local_iface *
local_view_find_nic(const struct local_view *view, const char *nic)
{
    const struct local_nic *ln = shash_find_data(&view->nics, nic);
    struct local_iface *best = NULL;

    if (ln) {
        struct local_iface *iface;

        LIST_FOR_EACH (iface, nic_node, &ln->ifaces) {
            if (iface->bridge && iface->bridge->ours && !iface->uplink
                && (!best || iface_precedes(iface, best))) {
                best = iface;
            }
        }
    }
    return best;
}

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

/* The rows of the local database: what of them is monitored, and look-up.  See
 * local-view.h. */

#include <config.h>
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovsdb-idl.h"
#include "util.h"

/* Registers what the agent reads and writes of 'idl', a connection to the
 * local database that has not been run yet. */
void
local_view_register(struct local_view *view, struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *const tracked[] = {
        &ovsrec_bridge_col_name,
        &ovsrec_bridge_col_ports,
        &ovsrec_bridge_col_datapath_id,
        &ovsrec_bridge_col_datapath_type,
        &ovsrec_bridge_col_fail_mode,
        &ovsrec_bridge_col_protocols,
        &ovsrec_bridge_col_mcast_snooping_enable,
        &ovsrec_bridge_col_other_config,
        &ovsrec_bridge_col_external_ids,
        &ovsrec_port_col_name,
        &ovsrec_port_col_interfaces,
        &ovsrec_port_col_external_ids,
        &ovsrec_port_col_lacp,
        &ovsrec_port_col_bond_mode,
        &ovsrec_port_col_other_config,
        &ovsrec_port_col_qos,
        &ovsrec_qos_col_type,
        &ovsrec_qos_col_other_config,
        &ovsrec_qos_col_queues,
        &ovsrec_qos_col_external_ids,
        &ovsrec_queue_col_other_config,
        &ovsrec_queue_col_external_ids,
        &ovsrec_interface_col_name,
        &ovsrec_interface_col_external_ids,
        &ovsrec_interface_col_ofport,
        &ovsrec_interface_col_error,
        &ovsrec_interface_col_link_state,
        &ovsrec_interface_col_lacp_current,
        &ovsrec_interface_col_mac_in_use,
        &ovsrec_interface_col_mac,
        &ovsrec_interface_col_mtu,
        &ovsrec_interface_col_mtu_request,
        &ovsrec_open_vswitch_col_ovs_version,
        &ovsrec_open_vswitch_col_system_type,
        &ovsrec_open_vswitch_col_system_version,
        &ovsrec_open_vswitch_col_datapath_types,
        &ovsrec_open_vswitch_col_iface_types,
        &ovsrec_open_vswitch_col_dpdk_initialized,
        &ovsrec_open_vswitch_col_dpdk_version,
        &ovsrec_open_vswitch_col_datapaths,
        &ovsrec_datapath_col_capabilities,
        &ovsrec_datapath_col_ct_zones,
        &ovsrec_datapath_col_external_ids,
    };
    static const struct ovsdb_idl_column *const plain[] = {
        &ovsrec_open_vswitch_col_bridges,
        &ovsrec_open_vswitch_col_cur_cfg,
        &ovsrec_open_vswitch_col_next_cfg,
        &ovsrec_open_vswitch_col_external_ids,
        &ovsrec_open_vswitch_col_other_config,
    };
    /* Set once, when we make the row. */
    static const struct ovsdb_idl_column *const written[] = {
        &ovsrec_interface_col_type,
    };
    size_t i;

    for (i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_add_column(idl, tracked[i]);
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    for (i = 0; i < ARRAY_SIZE(plain); i++) {
        ovsdb_idl_add_column(idl, plain[i]);
    }
    for (i = 0; i < ARRAY_SIZE(written); i++) {
        ovsdb_idl_add_column(idl, written[i]);
        ovsdb_idl_omit_alert(idl, written[i]);
    }
    /* Renewed every few seconds, and read at an interval of our own. */
    ovsdb_idl_add_column(idl, &ovsrec_interface_col_statistics);
    ovsdb_idl_omit_alert(idl, &ovsrec_interface_col_statistics);
    ovsdb_idl_set_write_changed_only_all(idl, true);

    view->idl = idl;
    view->bridge_by_name = ovsdb_idl_index_create1(idl,
                                                   &ovsrec_bridge_col_name);
    view->port_by_name = ovsdb_idl_index_create1(idl, &ovsrec_port_col_name);
    view->iface_by_name = ovsdb_idl_index_create1(idl,
                                                  &ovsrec_interface_col_name);
}

/* Returns the one row of table Open_vSwitch, or NULL if there is none. */
const struct ovsrec_open_vswitch *
local_view_root(const struct local_view *view)
{
    return ovsrec_open_vswitch_first(view->idl);
}

/* Returns the row of the bridge named 'name', or NULL. */
const struct ovsrec_bridge *
local_view_bridge_row(const struct local_view *view, const char *name)
{
    struct ovsrec_bridge *key
        = ovsrec_bridge_index_init_row(view->bridge_by_name);
    const struct ovsrec_bridge *row;

    ovsrec_bridge_index_set_name(key, name);
    row = ovsrec_bridge_index_find(view->bridge_by_name, key);
    ovsrec_bridge_index_destroy_row(key);
    return row;
}

/* Returns the row of the port named 'name', or NULL. */
const struct ovsrec_port *
local_view_port_row(const struct local_view *view, const char *name)
{
    struct ovsrec_port *key = ovsrec_port_index_init_row(view->port_by_name);
    const struct ovsrec_port *row;

    ovsrec_port_index_set_name(key, name);
    row = ovsrec_port_index_find(view->port_by_name, key);
    ovsrec_port_index_destroy_row(key);
    return row;
}

/* Returns the row of the interface named 'name', or NULL. */
const struct ovsrec_interface *
local_view_iface_row(const struct local_view *view, const char *name)
{
    struct ovsrec_interface *key
        = ovsrec_interface_index_init_row(view->iface_by_name);
    const struct ovsrec_interface *row;

    ovsrec_interface_index_set_name(key, name);
    row = ovsrec_interface_index_find(view->iface_by_name, key);
    ovsrec_interface_index_destroy_row(key);
    return row;
}

/* Returns true if something has changed of what this Open vSwitch says that it
 * offers, see features.h. */
bool
local_view_offer_changed(const struct local_view *view)
{
    const struct ovsrec_open_vswitch *root;
    const struct ovsrec_datapath *datapath
        = ovsrec_datapath_track_get_first(view->idl);

    OVSREC_OPEN_VSWITCH_FOR_EACH_TRACKED (root, view->idl) {
        return true;
    }
    return datapath != NULL;
}

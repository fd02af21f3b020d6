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

/* What of the database the controller follows; see monitor.h.
 *
 * Columns that the controller itself writes into rows with many references to
 * them (Switch, Portgroup) are not tracked: the IDL would report each change
 * of one as a change of all ports. */

#include <config.h>

#include "controller/monitor.h"

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Columns whose changes are told row by row. */
static const struct ovsdb_idl_column *const tracked[] = {
    &dvsrec_dvs_global_col_options,
    &dvsrec_dvs_global_col_next_cfg,

    &dvsrec_switch_col_name,
    &dvsrec_switch_col_description,
    &dvsrec_switch_col_contact,
    &dvsrec_switch_col_uplinks,
    &dvsrec_switch_col_mtu,
    &dvsrec_switch_col_bridge_name,
    &dvsrec_switch_col_datapath_type,
    &dvsrec_switch_col_discovery_protocol,
    &dvsrec_switch_col_discovery_operation,
    &dvsrec_switch_col_multicast_filtering,
    &dvsrec_switch_col_vlan_mtu_check_interval,
    &dvsrec_switch_col_teaming_check_interval,
    &dvsrec_switch_col_resource_management,
    &dvsrec_switch_col_reservation_ratio,
    &dvsrec_switch_col_num_standalone_ports,
    &dvsrec_switch_col_max_ports,
    &dvsrec_switch_col_switch_ip,
    &dvsrec_switch_col_version,
    &dvsrec_switch_col_vendor_config,
    &dvsrec_switch_col_default_setting,

    &dvsrec_portgroup_col_switch_,
    &dvsrec_portgroup_col_name,
    &dvsrec_portgroup_col_description,
    &dvsrec_portgroup_col_type,
    &dvsrec_portgroup_col_num_ports,
    &dvsrec_portgroup_col_auto_expand,
    &dvsrec_portgroup_col_port_name_format,
    &dvsrec_portgroup_col_uplink,
    &dvsrec_portgroup_col_override_allowed,
    &dvsrec_portgroup_col_live_port_moving,
    &dvsrec_portgroup_col_reset_at_disconnect,
    &dvsrec_portgroup_col_setting,

    &dvsrec_port_col_switch_,
    &dvsrec_port_col_key,
    &dvsrec_port_col_portgroup,
    &dvsrec_port_col_name,
    &dvsrec_port_col_description,
    &dvsrec_port_col_setting,
    &dvsrec_port_col_connectee,
    &dvsrec_port_col_uplink_host,
    &dvsrec_port_col_uplink_name,
    &dvsrec_port_col_pnic,
    &dvsrec_port_col_proxy_host,
    &dvsrec_port_col_conflict,
    &dvsrec_port_col_conflict_key,

    &dvsrec_host_member_col_switch_,
    &dvsrec_host_member_col_host,
    &dvsrec_host_member_col_uplinks,
    &dvsrec_host_member_col_ring,
    &dvsrec_host_member_col_max_ports,
    &dvsrec_host_member_col_vendor_config,

    &dvsrec_lag_col_switch_,
    &dvsrec_lag_col_name,
    &dvsrec_lag_col_mode,
    &dvsrec_lag_col_num_ports,
    &dvsrec_lag_col_hash,
    &dvsrec_lag_col_timeout,
    &dvsrec_lag_col_vlan_trunk,
    &dvsrec_lag_col_ipfix,
    &dvsrec_private_vlan_col_switch_,
    &dvsrec_private_vlan_col_primary,
    &dvsrec_private_vlan_col_secondary,
    &dvsrec_private_vlan_col_type,
    &dvsrec_mirror_col_switch_,
    &dvsrec_ipfix_col_switch_,
    &dvsrec_traffic_class_col_switch_,
    &dvsrec_traffic_class_col_name,
    &dvsrec_traffic_class_col_shares,
    &dvsrec_traffic_class_col_limit,
    &dvsrec_traffic_class_col_reservation,
    &dvsrec_resource_pool_col_switch_,
    &dvsrec_resource_pool_col_name,
    &dvsrec_resource_pool_col_description,
    &dvsrec_resource_pool_col_reservation,
    &dvsrec_task_col_state,
    &dvsrec_checkpoint_col_switch_,
    &dvsrec_checkpoint_col_name,
    &dvsrec_checkpoint_col_sequence,
    &dvsrec_checkpoint_col_document,

    &dvsrec_vnic_col_id,
    &dvsrec_vnic_col_mac,
    &dvsrec_vnic_col_kind,
    &dvsrec_vnic_col_portgroup,
    &dvsrec_vnic_col_port,
    &dvsrec_vnic_col_host,
    &dvsrec_vnic_col_mtu,
    &dvsrec_vnic_col_traffic_class,
    &dvsrec_vnic_col_shares,
    &dvsrec_vnic_col_limit,
    &dvsrec_vnic_col_reservation,
    &dvsrec_vnic_col_connection,
    &dvsrec_vnic_col_automatic,
    &dvsrec_vnic_col_moved_from,
    &dvsrec_vnic_col_claimed_by,

    &dvsrec_host_col_name,
    &dvsrec_host_col_ovs_version,
    &dvsrec_host_col_datapath_types,
    &dvsrec_host_col_features,
    &dvsrec_host_col_applied_cfg,
    &dvsrec_host_col_heartbeat,
    &dvsrec_physical_nic_col_host,
    &dvsrec_physical_nic_col_name,
    &dvsrec_physical_nic_col_link_up,
    &dvsrec_physical_nic_col_speed,
    &dvsrec_proxy_state_col_host,
    &dvsrec_proxy_state_col_switch_,
    &dvsrec_proxy_state_col_status,
    &dvsrec_proxy_state_col_detail,
    &dvsrec_proxy_state_col_rolled_back,
    &dvsrec_proxy_state_col_refreshed,
    &dvsrec_proxy_state_col_rectified,
    &dvsrec_proxy_state_col_confirmed,
    &dvsrec_port_state_col_host,
    &dvsrec_port_state_col_nic,
    &dvsrec_port_state_col_kind,
    &dvsrec_port_state_col_attached_mac,
    &dvsrec_port_state_col_profile,
    &dvsrec_port_state_col_bridge,
    &dvsrec_port_state_col_switch_,
    &dvsrec_port_state_col_running,
    &dvsrec_port_state_col_ended,
    &dvsrec_port_state_col_key,
    &dvsrec_port_state_col_link_up,
    &dvsrec_port_state_col_vlans,
    &dvsrec_port_state_col_mtu,
    &dvsrec_port_state_col_mac,
    &dvsrec_port_state_col_final_statistics,
};

/* Columns of no interest. */
static const struct ovsdb_idl_column *const omitted[] = {
    &dvsrec_host_col_hostname,
    &dvsrec_host_col_agent_version,
    &dvsrec_host_col_external_ids,
    &dvsrec_physical_nic_col_mac,
    &dvsrec_physical_nic_col_full_duplex,
    &dvsrec_physical_nic_col_mtu,
    &dvsrec_physical_nic_col_driver,
    &dvsrec_physical_nic_col_bridge,
    &dvsrec_physical_nic_col_external_ids,
    &dvsrec_proxy_state_col_uplinks,
    &dvsrec_proxy_state_col_lags,
    &dvsrec_proxy_state_col_neighbors,
    &dvsrec_proxy_state_col_health,
    &dvsrec_proxy_state_col_external_ids,
    &dvsrec_port_state_col_interface,
    &dvsrec_port_state_col_vm,
    &dvsrec_port_state_col_port_data,
    &dvsrec_port_state_col_blocked,
    &dvsrec_port_state_col_uplink,
    &dvsrec_port_state_col_ofport,
    &dvsrec_port_state_col_fault,
    &dvsrec_port_state_col_last_change,
    &dvsrec_port_state_col_statistics,
    &dvsrec_port_state_col_statistics_time,
    &dvsrec_port_state_col_base_statistics,
    &dvsrec_port_state_col_learned_macs,
    &dvsrec_port_state_col_learned_mac_count,
    &dvsrec_port_state_col_external_ids,
    &dvsrec_checkpoint_col_external_ids,
    &dvsrec_event_col_severity,
    &dvsrec_event_col_external_ids,
};

static void
track_table(struct ovsdb_idl *idl, const struct ovsdb_idl_table_class *class)
{
    for (size_t i = 0; i < class->n_columns; i++) {
        ovsdb_idl_track_add_column(idl, &class->columns[i]);
    }
}

static void
omit_table(struct ovsdb_idl *idl, const struct ovsdb_idl_table_class *class)
{
    for (size_t i = 0; i < class->n_columns; i++) {
        ovsdb_idl_omit(idl, &class->columns[i]);
    }
}

/* Tells 'idl', which monitors everything by default and has not run yet, what
 * the controller needs. */
void
monitor_register(struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < ARRAY_SIZE(omitted); i++) {
        ovsdb_idl_omit(idl, omitted[i]);
    }
    omit_table(idl, &dvsrec_table_connection);
    omit_table(idl, &dvsrec_table_ssl);
    omit_table(idl, &dvsrec_table_rule_state);

    for (size_t i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    track_table(idl, &dvsrec_table_port_setting);
    track_table(idl, &dvsrec_table_traffic_rule);
    track_table(idl, &dvsrec_table_proxy_switch);
    track_table(idl, &dvsrec_table_proxy_portgroup);
    track_table(idl, &dvsrec_table_proxy_host);
    track_table(idl, &dvsrec_table_proxy_port);
    track_table(idl, &dvsrec_table_rbac_role);
    track_table(idl, &dvsrec_table_rbac_permission);

    /* A transaction then holds what changes and nothing else, without each
     * writer's having to compare. */
    ovsdb_idl_set_write_changed_only_all(idl, true);
}

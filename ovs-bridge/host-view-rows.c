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

/* The proxy rows of the DVS database that concern a host: what is monitored,
 * and look-up.  See host-view-db.h. */

#include <config.h>
#include "ovs-bridge/host-view-db.h"
#include <string.h>
#include "ovs-bridge/host-made.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Registers what the view needs of 'idl', a connection to the DVS database
 * that has not been run yet: the shared proxy rows whole, and the own rows of
 * host 'host' only. */
void
host_view_db_init(struct host_view_db *db, struct ovsdb_idl *idl,
                  const char *host)
{
    static const struct ovsdb_idl_column *const tracked[] = {
        &dvsrec_proxy_switch_col_switch_,
        &dvsrec_proxy_switch_col_ring,
        &dvsrec_proxy_switch_col_name,
        &dvsrec_proxy_switch_col_bridge,
        &dvsrec_proxy_switch_col_datapath_type,
        &dvsrec_proxy_switch_col_mtu,
        &dvsrec_proxy_switch_col_uplinks,
        &dvsrec_proxy_switch_col_setting,
        &dvsrec_proxy_switch_col_config,
        &dvsrec_proxy_switch_col_version,
        &dvsrec_proxy_portgroup_col_switch_,
        &dvsrec_proxy_portgroup_col_portgroup,
        &dvsrec_proxy_portgroup_col_ring,
        &dvsrec_proxy_portgroup_col_name,
        &dvsrec_proxy_portgroup_col_setting,
        &dvsrec_proxy_host_col_host,
        &dvsrec_proxy_host_col_switch_,
        &dvsrec_proxy_host_col_ring,
        &dvsrec_proxy_host_col_uplinks,
        &dvsrec_proxy_host_col_uplink_ports,
        &dvsrec_proxy_port_col_host,
        &dvsrec_proxy_port_col_switch_,
        &dvsrec_proxy_port_col_key,
        &dvsrec_proxy_port_col_portgroup,
        &dvsrec_proxy_port_col_nic,
        &dvsrec_proxy_port_col_kind,
        &dvsrec_proxy_port_col_mac,
        &dvsrec_proxy_port_col_setting,
        &dvsrec_proxy_port_col_active,
    };
    struct ovsdb_idl_condition condition;

    for (size_t i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_add_column(idl, tracked[i]);
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    ovsdb_idl_add_column(idl, &dvsrec_dvs_global_col_controller_cfg);
    ovsdb_idl_add_column(idl, &dvsrec_dvs_global_col_options);

    ovsdb_idl_condition_init(&condition);
    dvsrec_proxy_host_add_clause_host(&condition, OVSDB_F_EQ, host);
    dvsrec_proxy_host_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
    ovsdb_idl_condition_init(&condition);
    dvsrec_proxy_port_add_clause_host(&condition, OVSDB_F_EQ, host);
    dvsrec_proxy_port_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);

    memset(db, 0, sizeof *db);
    db->idl = idl;
    db->switch_by_uuid = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_switch_col_switch_, &dvsrec_proxy_switch_col_ring);
    db->pg_by_uuid = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_portgroup_col_portgroup,
        &dvsrec_proxy_portgroup_col_ring);
    db->host_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_host_col_switch_);
    db->port_by_key = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_port_col_switch_, &dvsrec_proxy_port_col_key);
    db->port_by_nic = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_port_col_nic);
    db->port_by_pg = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_port_col_portgroup);
    db->port_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_port_col_switch_);
    host_made_init(db, idl);
}

/* Returns the one row of DVS_Global, or NULL if there is none (yet). */
const struct dvsrec_dvs_global *
host_view_db_global(const struct host_view_db *db)
{
    return dvsrec_dvs_global_first(db->idl);
}

/* Returns the port granted to the NIC 'nic' on this host, or NULL. */
const struct dvsrec_proxy_port *
host_view_db_find_nic(const struct host_view_db *db, const char *nic)
{
    struct dvsrec_proxy_port *key
        = dvsrec_proxy_port_index_init_row(db->port_by_nic);
    const struct dvsrec_proxy_port *row;

    dvsrec_proxy_port_index_set_nic(key, nic);
    row = dvsrec_proxy_port_index_find(db->port_by_nic, key);
    dvsrec_proxy_port_index_destroy_row(key);
    return row;
}

/* Returns the port of 'switch_' with key 'port_key' that is granted to a NIC
 * on this host, or NULL. */
const struct dvsrec_proxy_port *
host_view_db_find_port(const struct host_view_db *db,
                       const struct uuid *switch_, const char *port_key)
{
    struct dvsrec_proxy_port *key
        = dvsrec_proxy_port_index_init_row(db->port_by_key);
    const struct dvsrec_proxy_port *row;

    dvsrec_proxy_port_index_set_switch_(key, *switch_);
    dvsrec_proxy_port_index_set_key(key, port_key);
    row = dvsrec_proxy_port_index_find(db->port_by_key, key);
    dvsrec_proxy_port_index_destroy_row(key);
    return row;
}

/* Returns this host's part of 'switch_', or NULL if it is no member. */
const struct dvsrec_proxy_host *
host_view_db_find_host(const struct host_view_db *db,
                       const struct uuid *switch_)
{
    struct dvsrec_proxy_host *key
        = dvsrec_proxy_host_index_init_row(db->host_by_switch);
    const struct dvsrec_proxy_host *row;

    dvsrec_proxy_host_index_set_switch_(key, *switch_);
    row = dvsrec_proxy_host_index_find(db->host_by_switch, key);
    dvsrec_proxy_host_index_destroy_row(key);
    return row;
}

/* Returns the row of 'switch_' for ring 'ring' if there is one, else the
 * common one (ring 0), or NULL. */
const struct dvsrec_proxy_switch *
host_view_db_find_switch(const struct host_view_db *db,
                         const struct uuid *switch_, int64_t ring)
{
    struct dvsrec_proxy_switch *key
        = dvsrec_proxy_switch_index_init_row(db->switch_by_uuid);
    const struct dvsrec_proxy_switch *row;

    dvsrec_proxy_switch_index_set_switch_(key, *switch_);
    dvsrec_proxy_switch_index_set_ring(key, ring);
    row = dvsrec_proxy_switch_index_find(db->switch_by_uuid, key);
    dvsrec_proxy_switch_index_destroy_row(key);
    return !row && ring ? host_view_db_find_switch(db, switch_, 0) : row;
}

/* Likewise, the row of 'portgroup'. */
const struct dvsrec_proxy_portgroup *
host_view_db_find_portgroup(const struct host_view_db *db,
                            const struct uuid *portgroup, int64_t ring)
{
    struct dvsrec_proxy_portgroup *key
        = dvsrec_proxy_portgroup_index_init_row(db->pg_by_uuid);
    const struct dvsrec_proxy_portgroup *row;

    dvsrec_proxy_portgroup_index_set_portgroup(key, *portgroup);
    dvsrec_proxy_portgroup_index_set_ring(key, ring);
    row = dvsrec_proxy_portgroup_index_find(db->pg_by_uuid, key);
    dvsrec_proxy_portgroup_index_destroy_row(key);
    return !row && ring ? host_view_db_find_portgroup(db, portgroup, 0) : row;
}

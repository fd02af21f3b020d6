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

/* The proxy rows that concern a host: what is monitored of the DVS database,
 * and look-up among those that the host works with.  See host-view-db.h. */

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
        &dvsrec_proxy_portgroup_col_version,
        &dvsrec_proxy_host_col_host,
        &dvsrec_proxy_host_col_switch_,
        &dvsrec_proxy_host_col_ring,
        &dvsrec_proxy_host_col_uplinks,
        &dvsrec_proxy_host_col_uplink_ports,
        &dvsrec_proxy_host_col_version,
        &dvsrec_proxy_host_col_rectify,
        &dvsrec_proxy_host_col_refresh,
        &dvsrec_proxy_host_col_confirm,
        &dvsrec_proxy_host_col_uplink_portgroups,
        &dvsrec_proxy_host_col_uplink_settings,
        &dvsrec_proxy_host_col_max_ports,
        &dvsrec_proxy_port_col_host,
        &dvsrec_proxy_port_col_switch_,
        &dvsrec_proxy_port_col_key,
        &dvsrec_proxy_port_col_portgroup,
        &dvsrec_proxy_port_col_nic,
        &dvsrec_proxy_port_col_kind,
        &dvsrec_proxy_port_col_mac,
        &dvsrec_proxy_port_col_mtu,
        &dvsrec_proxy_port_col_traffic_class,
        &dvsrec_proxy_port_col_shares,
        &dvsrec_proxy_port_col_limit,
        &dvsrec_proxy_port_col_reservation,
        &dvsrec_proxy_port_col_setting,
        &dvsrec_proxy_port_col_active,
        &dvsrec_proxy_port_col_migrating,
        &dvsrec_proxy_port_col_version,
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
    proxy_rows_init(&db->rows);
    sset_init(&db->turned_down);
    db->take_all = db->trusting = true;
    db->switch_by_uuid = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_switch_col_switch_, &dvsrec_proxy_switch_col_ring);
    db->pg_by_uuid = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_portgroup_col_portgroup,
        &dvsrec_proxy_portgroup_col_ring);
    db->pg_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_portgroup_col_switch_);
    db->host_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_host_col_switch_);
    db->port_by_key = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_port_col_switch_, &dvsrec_proxy_port_col_key);
    db->port_by_nic = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_port_col_nic);
    host_made_init(db, idl);
}

/* Returns the one row of DVS_Global, or NULL if there is none (yet). */
const struct dvsrec_dvs_global *
host_view_db_global(const struct host_view_db *db)
{
    return dvsrec_dvs_global_first(db->idl);
}

/* Frees what 'db' holds, but not the connection. */
void
host_view_db_destroy(struct host_view_db *db)
{
    proxy_rows_destroy(&db->rows);
    sset_destroy(&db->turned_down);
}

/* Returns the options of the one row of DVS_Global, as far as the host has
 * ever heard of them: empty if it has not. */
const struct smap *
host_view_db_options(const struct host_view_db *db)
{
    static const struct smap none = SMAP_INITIALIZER(&none);
    const struct proxy_row_id id = { .kind = PR_GLOBAL, .key = "" };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return (row && row->running
            ? &ROW_COPY_CAST(row->running, dvsrec_dvs_global)->options
            : &none);
}

/* Returns true if the host refuses to be a member of 'switch_', or to be none
 * any more. */
bool
host_view_db_is_refused(const struct host_view_db *db,
                        const struct uuid *switch_)
{
    const struct proxy_row_id id = {
        .kind = PR_HOST, .switch_ = *switch_, .key = "" };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return row && row->refused;
}

/* Returns the port granted to the NIC 'nic' on this host, or NULL. */
const struct dvsrec_proxy_port *
host_view_db_find_nic(const struct host_view_db *db, const char *nic)
{
    const struct proxy_row *row = proxy_rows_find_nic(&db->rows, nic);

    return row ? ROW_COPY_CAST(row->running, dvsrec_proxy_port) : NULL;
}

/* Returns the port of 'switch_' with key 'port_key' that is granted to a NIC
 * on this host, or NULL. */
const struct dvsrec_proxy_port *
host_view_db_find_port(const struct host_view_db *db,
                       const struct uuid *switch_, const char *port_key)
{
    const struct proxy_row_id id = {
        .kind = PR_PORT, .switch_ = *switch_, .key = port_key };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return row ? ROW_COPY_CAST(row->running, dvsrec_proxy_port) : NULL;
}

/* Returns this host's part of 'switch_', or NULL if it is no member. */
const struct dvsrec_proxy_host *
host_view_db_find_host(const struct host_view_db *db,
                       const struct uuid *switch_)
{
    const struct proxy_row_id id = {
        .kind = PR_HOST, .switch_ = *switch_, .key = "" };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return row ? ROW_COPY_CAST(row->running, dvsrec_proxy_host) : NULL;
}

/* Returns what 'switch_' is to be on this host, or NULL. */
const struct dvsrec_proxy_switch *
host_view_db_find_switch(const struct host_view_db *db,
                         const struct uuid *switch_)
{
    const struct proxy_row_id id = {
        .kind = PR_SWITCH, .switch_ = *switch_, .key = "" };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return row ? ROW_COPY_CAST(row->running, dvsrec_proxy_switch) : NULL;
}

/* Likewise, 'portgroup' of 'switch_'. */
const struct dvsrec_proxy_portgroup *
host_view_db_find_portgroup(const struct host_view_db *db,
                            const struct uuid *switch_,
                            const struct uuid *portgroup)
{
    const struct proxy_row_id id = {
        .kind = PR_PORTGROUP, .switch_ = *switch_, .portgroup = *portgroup,
        .key = "" };
    const struct proxy_row *row = proxy_rows_find(&db->rows, &id);

    return row ? ROW_COPY_CAST(row->running, dvsrec_proxy_portgroup) : NULL;
}

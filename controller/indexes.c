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

/* Looking single rows up by what they are about; see indexes.h.  How rows that
 * belong to something are collected, is in indexes-collect.c.
 *
 * Owns no data: the indexes belong to the IDL.  Writes nothing. */

#include <config.h>

#include "controller/indexes.h"

#include <string.h>

#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-port-key.h"
#include "util.h"

/* Orders ports by key as numbers. */
static int
compare_port_keys(const void *a_, const void *b_)
{
    const struct ovsdb_datum *a = dvsrec_port_get_key(a_, OVSDB_TYPE_STRING);
    const struct ovsdb_datum *b = dvsrec_port_get_key(b_, OVSDB_TYPE_STRING);

    return dvs_port_key_compare(a->n ? a->keys[0].s->string : "",
                                b->n ? b->keys[0].s->string : "");
}

/* Puts NICs with faults before those without. */
static int
compare_vnic_faults(const void *a, const void *b)
{
    bool a_faulty = dvsrec_vnic_get_faults(a, OVSDB_TYPE_STRING)->n;
    bool b_faulty = dvsrec_vnic_get_faults(b, OVSDB_TYPE_STRING)->n;

    return b_faulty - a_faulty;
}

static struct ovsdb_idl_index *
index3(struct ovsdb_idl *idl, const struct ovsdb_idl_column *a,
       const struct ovsdb_idl_column *b, const struct ovsdb_idl_column *c)
{
    const struct ovsdb_idl_index_column columns[] = {
        { .column = a }, { .column = b }, { .column = c },
    };
    return ovsdb_idl_index_create(idl, columns, ARRAY_SIZE(columns));
}

static void
indexes_init_ports(struct indexes *ix, struct ovsdb_idl *idl)
{
    ix->port_by_key = ovsdb_idl_index_create2(
        idl, &dvsrec_port_col_switch_, &dvsrec_port_col_key);
    const struct ovsdb_idl_index_column use[] = {
        { .column = &dvsrec_port_col_switch_ },
        { .column = &dvsrec_port_col_portgroup },
        { .column = &dvsrec_port_col_connectee },
        { .column = &dvsrec_port_col_key, .comparer = compare_port_keys },
    };
    ix->port_by_use = ovsdb_idl_index_create(idl, use, ARRAY_SIZE(use));
    ix->port_by_uplink = index3(idl, &dvsrec_port_col_uplink_host,
                                &dvsrec_port_col_switch_,
                                &dvsrec_port_col_uplink_name);
    ix->port_by_setting = ovsdb_idl_index_create1(
        idl, &dvsrec_port_col_setting);
    ix->vnic_by_id = ovsdb_idl_index_create1(idl, &dvsrec_vnic_col_id);
    ix->vnic_by_portgroup = index3(idl, &dvsrec_vnic_col_portgroup,
                                   &dvsrec_vnic_col_connection,
                                   &dvsrec_vnic_col_id);
    const struct ovsdb_idl_index_column fault[] = {
        { .column = &dvsrec_vnic_col_portgroup },
        { .column = &dvsrec_vnic_col_faults, .comparer = compare_vnic_faults },
        { .column = &dvsrec_vnic_col_id },
    };
    ix->vnic_by_fault = ovsdb_idl_index_create(idl, fault, ARRAY_SIZE(fault));
    ix->vnic_by_port = ovsdb_idl_index_create2(
        idl, &dvsrec_vnic_col_port, &dvsrec_vnic_col_id);
    ix->vnic_by_connection = ovsdb_idl_index_create2(
        idl, &dvsrec_vnic_col_connection, &dvsrec_vnic_col_id);
    ix->vnic_by_host = ovsdb_idl_index_create2(
        idl, &dvsrec_vnic_col_host, &dvsrec_vnic_col_id);
    ix->vnic_by_reservation = ovsdb_idl_index_create1(
        idl, &dvsrec_vnic_col_reservation);
    ix->vnic_by_reserved = ovsdb_idl_index_create1(
        idl, &dvsrec_vnic_col_reserved);
}

/* Creates the indexes of 'idl' in '*ix'.  Their columns must have been
 * registered for monitoring, and 'idl' must not have run yet. */
void
indexes_init(struct indexes *ix, struct ovsdb_idl *idl)
{
    ix->switch_by_setting = ovsdb_idl_index_create1(
        idl, &dvsrec_switch_col_default_setting);
    ix->portgroup_by_name = ovsdb_idl_index_create2(
        idl, &dvsrec_portgroup_col_switch_, &dvsrec_portgroup_col_name);
    ix->portgroup_by_uplink = ovsdb_idl_index_create2(
        idl, &dvsrec_portgroup_col_switch_, &dvsrec_portgroup_col_uplink);
    ix->portgroup_by_setting = ovsdb_idl_index_create1(
        idl, &dvsrec_portgroup_col_setting);
    indexes_init_ports(ix, idl);
    ix->member_by_switch = ovsdb_idl_index_create2(
        idl, &dvsrec_host_member_col_switch_, &dvsrec_host_member_col_host);
    ix->member_by_host = ovsdb_idl_index_create1(
        idl, &dvsrec_host_member_col_host);
    ix->host_by_name = ovsdb_idl_index_create1(idl, &dvsrec_host_col_name);
    ix->pnic_by_host = ovsdb_idl_index_create2(
        idl, &dvsrec_physical_nic_col_host, &dvsrec_physical_nic_col_name);
    ix->proxy_switch_by_switch = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_switch_col_switch_, &dvsrec_proxy_switch_col_ring);
    ix->proxy_switch_by_bridge = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_switch_col_bridge);
    ix->proxy_portgroup_by_portgroup = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_portgroup_col_portgroup,
        &dvsrec_proxy_portgroup_col_ring);
    ix->proxy_host_by_host = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_host_col_host, &dvsrec_proxy_host_col_switch_);
    ix->proxy_port_by_key = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_port_col_switch_, &dvsrec_proxy_port_col_key);
    ix->proxy_port_by_host = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_port_col_host, &dvsrec_proxy_port_col_switch_);
    ix->proxy_port_by_nic = ovsdb_idl_index_create1(
        idl, &dvsrec_proxy_port_col_nic);
    ix->proxy_state_by_host = ovsdb_idl_index_create2(
        idl, &dvsrec_proxy_state_col_host, &dvsrec_proxy_state_col_switch_);
    ix->port_state_by_nic = ovsdb_idl_index_create2(
        idl, &dvsrec_port_state_col_nic, &dvsrec_port_state_col_kind);
    ix->port_state_by_host = ovsdb_idl_index_create1(
        idl, &dvsrec_port_state_col_host);
    ix->port_state_by_switch = ovsdb_idl_index_create1(
        idl, &dvsrec_port_state_col_switch_);
    ix->port_state_by_key = ovsdb_idl_index_create1(
        idl, &dvsrec_port_state_col_key);
    ix->task_by_state = ovsdb_idl_index_create1(idl, &dvsrec_task_col_state);
    ix->checkpoint_by_switch = ovsdb_idl_index_create2(
        idl, &dvsrec_checkpoint_col_switch_, &dvsrec_checkpoint_col_sequence);
    ix->event_by_sequence = ovsdb_idl_index_create1(
        idl, &dvsrec_event_col_sequence);
    const struct ovsdb_idl_index_column newest[] = {
        { .column = &dvsrec_event_col_sequence,
          .order = OVSDB_INDEX_DESC },
    };
    ix->event_by_sequence_desc = ovsdb_idl_index_create(idl, newest, 1);
}

/* Looking one row up. */

/* Returns true if 'row' is there: it may be NULL, and it may have been deleted
 * in the open transaction. */
bool
row_exists(const struct ovsdb_idl_row *row)
{
    return row && row->new_datum;
}

#define GET_ROW(TABLE)                                                  \
const struct dvsrec_##TABLE *                                           \
get_##TABLE(const struct ovsdb_idl *idl, const struct uuid *uuid)       \
{                                                                       \
    const struct dvsrec_##TABLE *row                                    \
        = dvsrec_##TABLE##_get_for_uuid(idl, uuid);                     \
    return row && row_exists(&row->header_) ? row : NULL;               \
}
GET_ROW(switch)
GET_ROW(portgroup)
GET_ROW(port)
GET_ROW(vnic)
#undef GET_ROW

const struct dvsrec_portgroup *
find_portgroup(const struct indexes *ix, const struct dvsrec_switch *switch_,
               const char *name)
{
    struct dvsrec_portgroup *target
        = dvsrec_portgroup_index_init_row(ix->portgroup_by_name);
    dvsrec_portgroup_index_set_switch_(target, switch_);
    dvsrec_portgroup_index_set_name(target, name);
    const struct dvsrec_portgroup *row
        = dvsrec_portgroup_index_find(ix->portgroup_by_name, target);
    dvsrec_portgroup_index_destroy_row(target);
    return row;
}

const struct dvsrec_port *
find_port(const struct indexes *ix, const struct dvsrec_switch *switch_,
          const char *key)
{
    struct dvsrec_port *target = dvsrec_port_index_init_row(ix->port_by_key);
    dvsrec_port_index_set_switch_(target, switch_);
    dvsrec_port_index_set_key(target, key);
    const struct dvsrec_port *row
        = dvsrec_port_index_find(ix->port_by_key, target);
    dvsrec_port_index_destroy_row(target);
    return row;
}

/* Returns the port of 'portgroup' that has no connectee and the smallest key,
 * or NULL if all are taken. */
const struct dvsrec_port *
find_free_port(const struct indexes *ix, const struct dvsrec_switch *switch_,
               const struct dvsrec_portgroup *portgroup)
{
    struct dvsrec_port *target = dvsrec_port_index_init_row(ix->port_by_use);
    dvsrec_port_index_set_switch_(target, switch_);
    dvsrec_port_index_set_portgroup(target, portgroup);

    struct ovsdb_idl_cursor cursor
        = dvsrec_port_cursor_first_ge(ix->port_by_use, target);
    const struct dvsrec_port *row = dvsrec_port_cursor_data(&cursor);
    dvsrec_port_index_destroy_row(target);
    while (row && row->conflict) {
        ovsdb_idl_cursor_next(&cursor);
        row = dvsrec_port_cursor_data(&cursor);
    }
    return (row && row->switch_ == switch_ && row->portgroup == portgroup
            && !dvsrec_port_get_connectee(row, OVSDB_TYPE_UUID)->n
            ? row : NULL);
}

/* Returns true if more than 'limit' ports of 'portgroup' have no connectee.
 * Its cost is that of 'limit'. */
bool
free_ports_exceed(const struct indexes *ix,
                  const struct dvsrec_switch *switch_,
                  const struct dvsrec_portgroup *portgroup, size_t limit)
{
    struct dvsrec_port *target = dvsrec_port_index_init_row(ix->port_by_use);
    dvsrec_port_index_set_switch_(target, switch_);
    dvsrec_port_index_set_portgroup(target, portgroup);

    struct ovsdb_idl_cursor cursor
        = dvsrec_port_cursor_first_ge(ix->port_by_use, target);
    const struct dvsrec_port *row;
    size_t n = 0;
    while (n <= limit && (row = dvsrec_port_cursor_data(&cursor))
           && row->switch_ == switch_ && row->portgroup == portgroup
           && !dvsrec_port_get_connectee(row, OVSDB_TYPE_UUID)->n) {
        n++;
        ovsdb_idl_cursor_next(&cursor);
    }
    dvsrec_port_index_destroy_row(target);
    return n > limit;
}

const struct dvsrec_port *
find_uplink_port(const struct indexes *ix,
                 const struct dvsrec_switch *switch_, const char *host,
                 const char *uplink_name)
{
    struct dvsrec_port *target
        = dvsrec_port_index_init_row(ix->port_by_uplink);
    dvsrec_port_index_set_uplink_host(target, host);
    dvsrec_port_index_set_switch_(target, switch_);
    dvsrec_port_index_set_uplink_name(target, uplink_name);
    const struct dvsrec_port *row
        = dvsrec_port_index_find(ix->port_by_uplink, target);
    dvsrec_port_index_destroy_row(target);
    return row;
}

const struct dvsrec_vnic *
find_vnic(const struct indexes *ix, const char *id)
{
    struct dvsrec_vnic *target = dvsrec_vnic_index_init_row(ix->vnic_by_id);
    dvsrec_vnic_index_set_id(target, id);
    const struct dvsrec_vnic *row
        = dvsrec_vnic_index_find(ix->vnic_by_id, target);
    dvsrec_vnic_index_destroy_row(target);
    return row;
}

/* Returns true if some NIC asks for 'port' by its key or says that it is
 * connected to it: then the port cannot be deleted. */
bool
port_is_wanted(const struct indexes *ix, const struct dvsrec_port *port)
{
    struct dvsrec_vnic *target = dvsrec_vnic_index_init_row(ix->vnic_by_port);
    dvsrec_vnic_index_set_port(target, port);
    struct ovsdb_idl_cursor cursor
        = dvsrec_vnic_cursor_first_ge(ix->vnic_by_port, target);
    const struct dvsrec_vnic *row = dvsrec_vnic_cursor_data(&cursor);
    bool wanted = row && row->port == port;
    dvsrec_vnic_index_destroy_row(target);

    if (!wanted) {
        target = dvsrec_vnic_index_init_row(ix->vnic_by_connection);
        dvsrec_vnic_index_set_connection(target, port);
        cursor = dvsrec_vnic_cursor_first_ge(ix->vnic_by_connection, target);
        row = dvsrec_vnic_cursor_data(&cursor);
        wanted = row && row->connection == port;
        dvsrec_vnic_index_destroy_row(target);
    }
    return wanted;
}

const struct dvsrec_host_member *
find_member(const struct indexes *ix, const struct dvsrec_switch *switch_,
            const char *host)
{
    struct dvsrec_host_member *target
        = dvsrec_host_member_index_init_row(ix->member_by_switch);
    dvsrec_host_member_index_set_switch_(target, switch_);
    dvsrec_host_member_index_set_host(target, host);
    const struct dvsrec_host_member *row
        = dvsrec_host_member_index_find(ix->member_by_switch, target);
    dvsrec_host_member_index_destroy_row(target);
    return row;
}

const struct dvsrec_host *
find_host(const struct indexes *ix, const char *name)
{
    struct dvsrec_host *target = dvsrec_host_index_init_row(ix->host_by_name);
    dvsrec_host_index_set_name(target, name);
    const struct dvsrec_host *row
        = dvsrec_host_index_find(ix->host_by_name, target);
    dvsrec_host_index_destroy_row(target);
    return row;
}

/* Returns the row of 'switch_' for 'ring', or NULL if there is none. */
const struct dvsrec_proxy_switch *
find_proxy_switch_in_ring(const struct indexes *ix,
                          const struct uuid *switch_, int ring)
{
    struct dvsrec_proxy_switch *target
        = dvsrec_proxy_switch_index_init_row(ix->proxy_switch_by_switch);
    dvsrec_proxy_switch_index_set_switch_(target, *switch_);
    dvsrec_proxy_switch_index_set_ring(target, ring);
    const struct dvsrec_proxy_switch *row
        = dvsrec_proxy_switch_index_find(ix->proxy_switch_by_switch, target);
    dvsrec_proxy_switch_index_destroy_row(target);
    return row;
}

/* Returns what hosts were told of 'switch_' last, if only some, or NULL. */
const struct dvsrec_proxy_switch *
find_proxy_switch(const struct indexes *ix, const struct uuid *switch_)
{
    const struct dvsrec_proxy_switch *row
        = find_proxy_switch_in_ring(ix, switch_, RING_CANARY);

    return row ? row : find_proxy_switch_in_ring(ix, switch_, RING_COMMON);
}

const struct dvsrec_proxy_switch *
find_proxy_switch_by_bridge(const struct indexes *ix, const char *bridge)
{
    struct dvsrec_proxy_switch *target
        = dvsrec_proxy_switch_index_init_row(ix->proxy_switch_by_bridge);
    dvsrec_proxy_switch_index_set_bridge(target, bridge);
    const struct dvsrec_proxy_switch *row
        = dvsrec_proxy_switch_index_find(ix->proxy_switch_by_bridge, target);
    dvsrec_proxy_switch_index_destroy_row(target);
    return row;
}

/* Likewise, the row of 'portgroup' for 'ring'. */
const struct dvsrec_proxy_portgroup *
find_proxy_portgroup_in_ring(const struct indexes *ix,
                             const struct uuid *portgroup, int ring)
{
    struct dvsrec_proxy_portgroup *target
        = dvsrec_proxy_portgroup_index_init_row(
            ix->proxy_portgroup_by_portgroup);
    dvsrec_proxy_portgroup_index_set_portgroup(target, *portgroup);
    dvsrec_proxy_portgroup_index_set_ring(target, ring);
    const struct dvsrec_proxy_portgroup *row
        = dvsrec_proxy_portgroup_index_find(ix->proxy_portgroup_by_portgroup,
                                            target);
    dvsrec_proxy_portgroup_index_destroy_row(target);
    return row;
}

/* Returns what hosts were told of 'portgroup' last, if only some, or NULL. */
const struct dvsrec_proxy_portgroup *
find_proxy_portgroup(const struct indexes *ix, const struct uuid *portgroup)
{
    const struct dvsrec_proxy_portgroup *row
        = find_proxy_portgroup_in_ring(ix, portgroup, RING_CANARY);

    return row ? row : find_proxy_portgroup_in_ring(ix, portgroup,
                                                    RING_COMMON);
}

const struct dvsrec_physical_nic *
find_pnic(const struct indexes *ix, const char *host, const char *name)
{
    struct dvsrec_physical_nic *target
        = dvsrec_physical_nic_index_init_row(ix->pnic_by_host);
    dvsrec_physical_nic_index_set_host(target, host);
    dvsrec_physical_nic_index_set_name(target, name);
    const struct dvsrec_physical_nic *row
        = dvsrec_physical_nic_index_find(ix->pnic_by_host, target);
    dvsrec_physical_nic_index_destroy_row(target);
    return row;
}

const struct dvsrec_proxy_host *
find_proxy_host(const struct indexes *ix, const char *host,
                const struct uuid *switch_)
{
    struct dvsrec_proxy_host *target
        = dvsrec_proxy_host_index_init_row(ix->proxy_host_by_host);
    dvsrec_proxy_host_index_set_host(target, host);
    dvsrec_proxy_host_index_set_switch_(target, *switch_);
    const struct dvsrec_proxy_host *row
        = dvsrec_proxy_host_index_find(ix->proxy_host_by_host, target);
    dvsrec_proxy_host_index_destroy_row(target);
    return row;
}

const struct dvsrec_proxy_state *
find_proxy_state(const struct indexes *ix, const char *host,
                 const struct uuid *switch_)
{
    struct dvsrec_proxy_state *target
        = dvsrec_proxy_state_index_init_row(ix->proxy_state_by_host);
    dvsrec_proxy_state_index_set_host(target, host);
    dvsrec_proxy_state_index_set_switch_(target, *switch_);
    const struct dvsrec_proxy_state *row
        = dvsrec_proxy_state_index_find(ix->proxy_state_by_host, target);
    dvsrec_proxy_state_index_destroy_row(target);
    return row;
}

/* Returns the UUID of the switch in whose bridge the NIC of 'claim' is, or
 * NULL if it is in none's.  A bridge of a switch which has been merged into
 * another is that one's, even before the host says so. */
const struct uuid *
claim_switch(const struct ovsdb_idl *idl,
             const struct dvsrec_port_state *claim)
{
    const struct dvsrec_switch *row;

    if (!claim->n_switch_) {
        return NULL;
    } else if (!get_switch(idl, claim->switch_)) {
        DVSREC_SWITCH_FOR_EACH (row, idl) {
            for (size_t i = 0; i < row->n_merged; i++) {
                if (uuid_equals(&row->merged[i], claim->switch_)) {
                    return &row->header_.uuid;
                }
            }
        }
    }
    return claim->switch_;
}

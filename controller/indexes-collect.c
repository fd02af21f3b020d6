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

/* Collecting the rows that belong to something; see indexes.h.
 *
 * Where rows come in an order that callers rely on, the function says so. */

#include <config.h>

#include "controller/indexes.h"

#include <string.h>

#include "ovsdb-idl.h"
#include "util.h"

/* Collects the rows of 'TABLE' from 'TARGET' (which it destroys) on in 'INDEX'
 * for as long as 'COND' holds of 'row', into '*ROWSP', and returns their
 * number. */
#define COLLECT(TABLE, INDEX, TARGET, COND, ROWSP)                          \
    do {                                                                    \
        struct ovsdb_idl_cursor cursor                                      \
            = dvsrec_##TABLE##_cursor_first_ge(INDEX, TARGET);              \
        const struct dvsrec_##TABLE *row;                                   \
        size_t n = 0, allocated = 0;                                        \
                                                                            \
        *(ROWSP) = NULL;                                                    \
        while ((row = dvsrec_##TABLE##_cursor_data(&cursor)) && (COND)) {   \
            if (n >= allocated) {                                           \
                *(ROWSP) = x2nrealloc(*(ROWSP), &allocated,                 \
                                      sizeof **(ROWSP));                    \
            }                                                               \
            (*(ROWSP))[n++] = row;                                          \
            ovsdb_idl_cursor_next(&cursor);                                 \
        }                                                                   \
        dvsrec_##TABLE##_index_destroy_row(TARGET);                         \
        return n;                                                           \
    } while (0)

/* By name. */
size_t
portgroups_of_switch(const struct indexes *ix,
                     const struct dvsrec_switch *switch_,
                     const struct dvsrec_portgroup ***rowsp)
{
    struct dvsrec_portgroup *target
        = dvsrec_portgroup_index_init_row(ix->portgroup_by_name);
    dvsrec_portgroup_index_set_switch_(target, switch_);
    COLLECT(portgroup, ix->portgroup_by_name, target,
            row->switch_ == switch_, rowsp);
}

/* In no particular order. */
size_t
uplink_portgroups_of_switch(const struct indexes *ix,
                            const struct dvsrec_switch *switch_,
                            const struct dvsrec_portgroup ***rowsp)
{
    struct dvsrec_portgroup *target
        = dvsrec_portgroup_index_init_row(ix->portgroup_by_uplink);
    dvsrec_portgroup_index_set_switch_(target, switch_);
    dvsrec_portgroup_index_set_uplink(target, true);
    COLLECT(portgroup, ix->portgroup_by_uplink, target,
            row->switch_ == switch_ && row->uplink, rowsp);
}

/* Free ports first, by key; then the taken ones.  'portgroup' may be NULL for
 * the standalone ports of 'switch_'. */
size_t
ports_of_portgroup(const struct indexes *ix,
                   const struct dvsrec_switch *switch_,
                   const struct dvsrec_portgroup *portgroup,
                   const struct dvsrec_port ***rowsp)
{
    struct dvsrec_port *target = dvsrec_port_index_init_row(ix->port_by_use);
    dvsrec_port_index_set_switch_(target, switch_);
    dvsrec_port_index_set_portgroup(target, portgroup);
    COLLECT(port, ix->port_by_use, target,
            row->switch_ == switch_ && row->portgroup == portgroup, rowsp);
}

/* By switch, and in each by name of the uplink. */
size_t
uplink_ports_of_host(const struct indexes *ix, const char *host,
                     const struct dvsrec_port ***rowsp)
{
    struct dvsrec_port *target
        = dvsrec_port_index_init_row(ix->port_by_uplink);
    dvsrec_port_index_set_uplink_host(target, host);
    COLLECT(port, ix->port_by_uplink, target,
            row->uplink_host && !strcmp(row->uplink_host, host), rowsp);
}

/* By host. */
size_t
members_of_switch(const struct indexes *ix,
                  const struct dvsrec_switch *switch_,
                  const struct dvsrec_host_member ***rowsp)
{
    struct dvsrec_host_member *target
        = dvsrec_host_member_index_init_row(ix->member_by_switch);
    dvsrec_host_member_index_set_switch_(target, switch_);
    COLLECT(host_member, ix->member_by_switch, target,
            row->switch_ == switch_, rowsp);
}

/* In no particular order. */
size_t
members_of_host(const struct indexes *ix, const char *host,
                const struct dvsrec_host_member ***rowsp)
{
    struct dvsrec_host_member *target
        = dvsrec_host_member_index_init_row(ix->member_by_host);
    dvsrec_host_member_index_set_host(target, host);
    COLLECT(host_member, ix->member_by_host, target,
            !strcmp(row->host, host), rowsp);
}

/* By switch. */
size_t
proxy_hosts_of_host(const struct indexes *ix, const char *host,
                    const struct dvsrec_proxy_host ***rowsp)
{
    struct dvsrec_proxy_host *target
        = dvsrec_proxy_host_index_init_row(ix->proxy_host_by_host);
    dvsrec_proxy_host_index_set_host(target, host);
    COLLECT(proxy_host, ix->proxy_host_by_host, target,
            !strcmp(row->host, host), rowsp);
}

/* 'key' may be NULL for the ports of the whole switch. */
size_t
proxy_ports_of_port(const struct indexes *ix, const struct uuid *switch_,
                    const char *key,
                    const struct dvsrec_proxy_port ***rowsp)
{
    struct dvsrec_proxy_port *target
        = dvsrec_proxy_port_index_init_row(ix->proxy_port_by_key);
    dvsrec_proxy_port_index_set_switch_(target, *switch_);
    if (key) {
        dvsrec_proxy_port_index_set_key(target, key);
    }
    COLLECT(proxy_port, ix->proxy_port_by_key, target,
            uuid_equals(&row->switch_, switch_)
            && (!key || !strcmp(row->key, key)), rowsp);
}

/* Those of 'switch_', in no particular order. */
size_t
proxy_ports_of_host(const struct indexes *ix, const char *host,
                    const struct uuid *switch_,
                    const struct dvsrec_proxy_port ***rowsp)
{
    struct dvsrec_proxy_port *target
        = dvsrec_proxy_port_index_init_row(ix->proxy_port_by_host);
    dvsrec_proxy_port_index_set_host(target, host);
    dvsrec_proxy_port_index_set_switch_(target, *switch_);
    COLLECT(proxy_port, ix->proxy_port_by_host, target,
            !strcmp(row->host, host)
            && uuid_equals(&row->switch_, switch_), rowsp);
}

static size_t
collect_states_of_nic(const struct indexes *ix,
                      struct dvsrec_port_state *target, const char *nic,
                      const struct dvsrec_port_state ***rowsp)
{
    COLLECT(port_state, ix->port_state_by_nic, target,
            !strcmp(row->nic, nic), rowsp);
}

/* What hosts report of interfaces with 'nic' as iface-id (not of physical
 * NICs, which bear names of another kind). */
size_t
claims_of_nic(const struct indexes *ix, const char *nic,
              const struct dvsrec_port_state ***rowsp)
{
    struct dvsrec_port_state *target
        = dvsrec_port_state_index_init_row(ix->port_state_by_nic);
    size_t n_kept = 0;

    dvsrec_port_state_index_set_nic(target, nic);
    size_t n = collect_states_of_nic(ix, target, nic, rowsp);
    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_port_state *row = (*rowsp)[i];

        if (strcmp(row->kind, "uplink")) {
            (*rowsp)[n_kept++] = row;
        }
    }
    return n_kept;
}

/* What hosts report of interfaces in bridges of 'switch_'. */
size_t
claims_of_switch(const struct indexes *ix, const struct uuid *switch_,
                 const struct dvsrec_port_state ***rowsp)
{
    struct dvsrec_port_state *target
        = dvsrec_port_state_index_init_row(ix->port_state_by_switch);
    dvsrec_port_state_index_set_switch_(target, switch_, 1);
    COLLECT(port_state, ix->port_state_by_switch, target,
            row->n_switch_ && uuid_equals(row->switch_, switch_), rowsp);
}

/* What hosts know of the NIC 'nic'. */
size_t
proxy_ports_of_nic(const struct indexes *ix, const char *nic,
                   const struct dvsrec_proxy_port ***rowsp)
{
    struct dvsrec_proxy_port *target
        = dvsrec_proxy_port_index_init_row(ix->proxy_port_by_nic);
    dvsrec_proxy_port_index_set_nic(target, nic);
    COLLECT(proxy_port, ix->proxy_port_by_nic, target,
            !strcmp(row->nic, nic), rowsp);
}

static size_t
collect_claims_of_key(const struct indexes *ix,
                      struct dvsrec_port_state *target, const char *key,
                      const struct dvsrec_port_state ***rowsp)
{
    COLLECT(port_state, ix->port_state_by_key, target,
            nullable_string_is_equal(row->key, key), rowsp);
}

/* The NICs that hosts say have port 'key' of 'switch_'. */
size_t
claims_of_key(const struct indexes *ix, const struct uuid *switch_,
              const char *key, const struct dvsrec_port_state ***rowsp)
{
    struct dvsrec_port_state *target
        = dvsrec_port_state_index_init_row(ix->port_state_by_key);
    size_t n_kept = 0;

    dvsrec_port_state_index_set_key(target, key);
    size_t n = collect_claims_of_key(ix, target, key, rowsp);
    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_port_state *row = (*rowsp)[i];

        if (row->n_switch_ && uuid_equals(row->switch_, switch_)
            && strcmp(row->kind, "uplink")) {
            (*rowsp)[n_kept++] = row;
        }
    }
    return n_kept;
}

/* The NICs that ask for 'portgroup' and have no port at all, by id. */
size_t
vnics_without_port(const struct indexes *ix,
                   const struct dvsrec_portgroup *portgroup,
                   const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target
        = dvsrec_vnic_index_init_row(ix->vnic_by_portgroup);
    dvsrec_vnic_index_set_portgroup(target, portgroup);
    COLLECT(vnic, ix->vnic_by_portgroup, target,
            row->portgroup == portgroup && !row->connection, rowsp);
}

/* The NICs that ask for 'portgroup' and have faults, by id. */
size_t
vnics_at_fault(const struct indexes *ix,
               const struct dvsrec_portgroup *portgroup,
               const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target
        = dvsrec_vnic_index_init_row(ix->vnic_by_fault);
    const char *any = "";

    dvsrec_vnic_index_set_portgroup(target, portgroup);
    dvsrec_vnic_index_set_faults(target, &any, 1);
    COLLECT(vnic, ix->vnic_by_fault, target,
            row->portgroup == portgroup && row->n_faults, rowsp);
}

/* By id. */
size_t
vnics_asking_for_port(const struct indexes *ix, const struct dvsrec_port *port,
                      const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target = dvsrec_vnic_index_init_row(ix->vnic_by_port);
    dvsrec_vnic_index_set_port(target, port);
    COLLECT(vnic, ix->vnic_by_port, target, row->port == port, rowsp);
}

/* By id. */
size_t
vnics_connected_to_port(const struct indexes *ix,
                        const struct dvsrec_port *port,
                        const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target
        = dvsrec_vnic_index_init_row(ix->vnic_by_connection);
    dvsrec_vnic_index_set_connection(target, port);
    COLLECT(vnic, ix->vnic_by_connection, target, row->connection == port,
            rowsp);
}

/* In no particular order. */
size_t
tasks_in_state(const struct indexes *ix, const char *state,
               const struct dvsrec_task ***rowsp)
{
    struct dvsrec_task *target = dvsrec_task_index_init_row(ix->task_by_state);
    dvsrec_task_index_set_state(target, state);
    COLLECT(task, ix->task_by_state, target, !strcmp(row->state, state),
            rowsp);
}

/* The NICs that 'host' is to make for itself, by id. */
size_t
vnics_of_host(const struct indexes *ix, const char *host,
              const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target = dvsrec_vnic_index_init_row(ix->vnic_by_host);
    dvsrec_vnic_index_set_host(target, host);
    COLLECT(vnic, ix->vnic_by_host, target,
            nullable_string_is_equal(row->host, host), rowsp);
}

/* The NICs that ask for bandwidth, the most modest first. */
size_t
vnics_with_reservation(const struct indexes *ix,
                       const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target
        = dvsrec_vnic_index_init_row(ix->vnic_by_reservation);

    dvsrec_vnic_index_set_reservation(target, &(int64_t) { 1 }, 1);
    COLLECT(vnic, ix->vnic_by_reservation, target, row->n_reservation, rowsp);
}

/* The NICs for which bandwidth is reserved, likewise. */
size_t
vnics_with_reserved(const struct indexes *ix,
                    const struct dvsrec_vnic ***rowsp)
{
    struct dvsrec_vnic *target
        = dvsrec_vnic_index_init_row(ix->vnic_by_reserved);

    dvsrec_vnic_index_set_reserved(target, &(int64_t) { 1 }, 1);
    COLLECT(vnic, ix->vnic_by_reserved, target, row->n_reserved, rowsp);
}

/* The checkpoints of 'switch_', oldest first. */
size_t
checkpoints_of_switch(const struct indexes *ix, const struct uuid *switch_,
                      const struct dvsrec_checkpoint ***rowsp)
{
    struct dvsrec_checkpoint *target
        = dvsrec_checkpoint_index_init_row(ix->checkpoint_by_switch);
    dvsrec_checkpoint_index_set_switch_(target, *switch_);
    dvsrec_checkpoint_index_set_sequence(target, 0);
    COLLECT(checkpoint, ix->checkpoint_by_switch, target,
            uuid_equals(&row->switch_, switch_), rowsp);
}

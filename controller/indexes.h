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

#ifndef INDEXES_H
#define INDEXES_H 1

/* Looking rows up by what they are about, at a cost that does not grow with
 * the database.
 *
 * The indexes follow the IDL, the open transaction included: a row that was
 * inserted a moment ago is found, and found under the value that was last
 * written. */

#include <stdbool.h>
#include "schema/dvs-idl.h"

/* Rings of the rows of Proxy_Switch and Proxy_Portgroup: that of all hosts,
 * and that of those which a change goes to first (rollouts.h). */
enum { RING_COMMON, RING_CANARY };

/* Indexes of the IDL.  Columns in parentheses, in the order of comparison. */
struct indexes {
    struct ovsdb_idl_index *switch_by_setting;      /* (default_setting) */
    struct ovsdb_idl_index *portgroup_by_name;      /* (switch, name) */
    struct ovsdb_idl_index *portgroup_by_uplink;    /* (switch, uplink) */
    struct ovsdb_idl_index *portgroup_by_setting;   /* (setting) */
    struct ovsdb_idl_index *port_by_key;            /* (switch, key) */
    struct ovsdb_idl_index *port_by_use;            /* (switch, portgroup,
                                                     * connectee, key) */
    struct ovsdb_idl_index *port_by_uplink;         /* (uplink_host, switch,
                                                     * uplink_name) */
    struct ovsdb_idl_index *port_by_setting;        /* (setting) */
    struct ovsdb_idl_index *vnic_by_id;             /* (id) */
    struct ovsdb_idl_index *vnic_by_portgroup;      /* (portgroup,
                                                     * connection, id) */
    struct ovsdb_idl_index *vnic_by_fault;          /* (portgroup, whether at
                                                     * fault, id) */
    struct ovsdb_idl_index *vnic_by_port;           /* (port, id) */
    struct ovsdb_idl_index *vnic_by_connection;     /* (connection, id) */
    struct ovsdb_idl_index *vnic_by_host;           /* (host, id) */
    struct ovsdb_idl_index *vnic_by_reservation;    /* (reservation) */
    struct ovsdb_idl_index *vnic_by_reserved;       /* (reserved) */
    struct ovsdb_idl_index *member_by_switch;       /* (switch, host) */
    struct ovsdb_idl_index *member_by_host;         /* (host) */
    struct ovsdb_idl_index *host_by_name;           /* (name) */
    struct ovsdb_idl_index *pnic_by_host;           /* (host, name) */
    struct ovsdb_idl_index *proxy_switch_by_switch; /* (switch, ring) */
    struct ovsdb_idl_index *proxy_switch_by_bridge; /* (bridge) */
    struct ovsdb_idl_index *proxy_portgroup_by_portgroup;   /* (portgroup,
                                                             *  ring) */
    struct ovsdb_idl_index *proxy_host_by_host;     /* (host, switch) */
    struct ovsdb_idl_index *proxy_port_by_key;      /* (switch, key) */
    struct ovsdb_idl_index *proxy_port_by_host;     /* (host, switch) */
    struct ovsdb_idl_index *proxy_port_by_nic;      /* (nic) */
    struct ovsdb_idl_index *proxy_state_by_host;    /* (host, switch) */
    struct ovsdb_idl_index *port_state_by_nic;      /* (nic, kind) */
    struct ovsdb_idl_index *port_state_by_host;     /* (host) */
    struct ovsdb_idl_index *port_state_by_switch;   /* (switch) */
    struct ovsdb_idl_index *port_state_by_key;      /* (key) */
    struct ovsdb_idl_index *task_by_state;          /* (state) */
    struct ovsdb_idl_index *checkpoint_by_switch;   /* (switch, sequence) */
    struct ovsdb_idl_index *event_by_sequence;      /* (sequence) */
    struct ovsdb_idl_index *event_by_sequence_desc; /* (sequence), newest
                                                     * first */
};

void indexes_init(struct indexes *, struct ovsdb_idl *);

bool row_exists(const struct ovsdb_idl_row *);
const struct dvsrec_switch *get_switch(const struct ovsdb_idl *,
                                       const struct uuid *);
const struct dvsrec_portgroup *get_portgroup(const struct ovsdb_idl *,
                                             const struct uuid *);
const struct dvsrec_port *get_port(const struct ovsdb_idl *,
                                   const struct uuid *);
const struct dvsrec_vnic *get_vnic(const struct ovsdb_idl *,
                                   const struct uuid *);

/* The row that is about something, or NULL. */
const struct dvsrec_portgroup *find_portgroup(
    const struct indexes *, const struct dvsrec_switch *, const char *name);
const struct dvsrec_port *find_port(
    const struct indexes *, const struct dvsrec_switch *, const char *key);
const struct dvsrec_port *find_free_port(
    const struct indexes *, const struct dvsrec_switch *,
    const struct dvsrec_portgroup *);
const struct dvsrec_port *find_uplink_port(
    const struct indexes *, const struct dvsrec_switch *, const char *host,
    const char *uplink_name);
const struct dvsrec_vnic *find_vnic(const struct indexes *, const char *id);
bool free_ports_exceed(const struct indexes *, const struct dvsrec_switch *,
                       const struct dvsrec_portgroup *, size_t limit);
bool port_is_wanted(const struct indexes *, const struct dvsrec_port *);
const struct dvsrec_host_member *find_member(
    const struct indexes *, const struct dvsrec_switch *, const char *host);
const struct dvsrec_host *find_host(const struct indexes *, const char *name);
const struct dvsrec_proxy_switch *find_proxy_switch_in_ring(
    const struct indexes *, const struct uuid *switch_, int ring);
const struct dvsrec_proxy_switch *find_proxy_switch(
    const struct indexes *, const struct uuid *switch_);
const struct dvsrec_proxy_switch *find_proxy_switch_by_bridge(
    const struct indexes *, const char *bridge);
const struct dvsrec_proxy_portgroup *find_proxy_portgroup_in_ring(
    const struct indexes *, const struct uuid *portgroup, int ring);
const struct dvsrec_proxy_portgroup *find_proxy_portgroup(
    const struct indexes *, const struct uuid *portgroup);
const struct dvsrec_physical_nic *find_pnic(
    const struct indexes *, const char *host, const char *name);
const struct dvsrec_proxy_host *find_proxy_host(
    const struct indexes *, const char *host, const struct uuid *switch_);
const struct dvsrec_proxy_state *find_proxy_state(
    const struct indexes *, const char *host, const struct uuid *switch_);
const struct uuid *claim_switch(const struct ovsdb_idl *,
                                const struct dvsrec_port_state *);

/* indexes-collect.c: the rows that belong to something.  Each collects them
 * into '*rowsp', for the caller to free, before it returns their number, so
 * that the caller may change and delete rows as it goes. */
size_t portgroups_of_switch(const struct indexes *,
                            const struct dvsrec_switch *,
                            const struct dvsrec_portgroup ***rowsp);
size_t uplink_portgroups_of_switch(const struct indexes *,
                                   const struct dvsrec_switch *,
                                   const struct dvsrec_portgroup ***rowsp);
size_t ports_of_portgroup(const struct indexes *,
                          const struct dvsrec_switch *,
                          const struct dvsrec_portgroup *,
                          const struct dvsrec_port ***rowsp);
size_t uplink_ports_of_host(const struct indexes *, const char *host,
                            const struct dvsrec_port ***rowsp);
size_t members_of_switch(const struct indexes *, const struct dvsrec_switch *,
                         const struct dvsrec_host_member ***rowsp);
size_t members_of_host(const struct indexes *, const char *host,
                       const struct dvsrec_host_member ***rowsp);
size_t proxy_hosts_of_host(const struct indexes *, const char *host,
                           const struct dvsrec_proxy_host ***rowsp);
size_t proxy_ports_of_port(const struct indexes *, const struct uuid *switch_,
                           const char *key,
                           const struct dvsrec_proxy_port ***rowsp);
size_t proxy_ports_of_host(const struct indexes *, const char *host,
                           const struct uuid *switch_,
                           const struct dvsrec_proxy_port ***rowsp);
size_t proxy_ports_of_nic(const struct indexes *, const char *nic,
                          const struct dvsrec_proxy_port ***rowsp);
size_t claims_of_nic(const struct indexes *, const char *nic,
                     const struct dvsrec_port_state ***rowsp);
size_t claims_of_switch(const struct indexes *, const struct uuid *switch_,
                        const struct dvsrec_port_state ***rowsp);
size_t claims_of_key(const struct indexes *, const struct uuid *switch_,
                     const char *key,
                     const struct dvsrec_port_state ***rowsp);
size_t vnics_without_port(const struct indexes *,
                          const struct dvsrec_portgroup *,
                          const struct dvsrec_vnic ***rowsp);
size_t vnics_at_fault(const struct indexes *, const struct dvsrec_portgroup *,
                      const struct dvsrec_vnic ***rowsp);
size_t vnics_asking_for_port(const struct indexes *,
                             const struct dvsrec_port *,
                             const struct dvsrec_vnic ***rowsp);
size_t checkpoints_of_switch(const struct indexes *, const struct uuid *,
                             const struct dvsrec_checkpoint ***rowsp);
size_t tasks_in_state(const struct indexes *, const char *state,
                      const struct dvsrec_task ***rowsp);
size_t vnics_connected_to_port(const struct indexes *,
                               const struct dvsrec_port *,
                               const struct dvsrec_vnic ***rowsp);
size_t vnics_of_host(const struct indexes *, const char *host,
                     const struct dvsrec_vnic ***rowsp);
size_t vnics_with_reservation(const struct indexes *,
                              const struct dvsrec_vnic ***rowsp);
size_t vnics_with_reserved(const struct indexes *,
                           const struct dvsrec_vnic ***rowsp);

#endif /* indexes.h */

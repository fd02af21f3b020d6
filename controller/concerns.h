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

#ifndef CONCERNS_H
#define CONCERNS_H 1

/* The concerns of the controller, one file each; see pass.h for their order.
 *
 * Each takes the marks of its kind out of 'pass->dirty' and looks at what
 * they name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "schema/dvs-model.h"

struct compile_uplink;
struct dirty;
struct dvs_faults;
struct dvsrec_host_member;
struct dvsrec_lag;
struct dvsrec_port;
struct dvsrec_port_setting;
struct dvsrec_port_state;
struct dvsrec_portgroup;
struct dvsrec_proxy_state;
struct dvsrec_resource_pool;
struct dvsrec_switch;
struct dvsrec_traffic_class;
struct dvsrec_vnic;
struct indexes;
struct ovsdb_idl;
struct pass;
struct smap;
struct svec;
struct uuid;
struct view_switch;

/* switches.c */
void switches_run(struct pass *);

/* pvlans.c */
void pvlans_check(struct pass *, const struct dvsrec_switch *);

/* lags.c */
void lags_check(struct pass *, const struct dvsrec_switch *,
                const struct svec *uplinks);
bool lag_is_news(const struct indexes *, const struct dvsrec_lag *);

/* classes.c */
void classes_check(struct pass *, const struct dvsrec_switch *,
                   const struct dvs_switch *);
void classes_mark(const struct ovsdb_idl *, const struct indexes *,
                  struct dirty *, const char *host);
bool class_is_news(const struct indexes *,
                   const struct dvsrec_traffic_class *);
int64_t classes_slowest_uplink(const struct indexes *,
                               const struct dvsrec_switch *);

/* pools.c */
void pools_run(struct pass *);
bool pools_admit(struct pass *, const struct dvsrec_switch *,
                 const struct dvsrec_portgroup *, const struct dvsrec_port *,
                 const struct dvsrec_vnic *, struct dvs_faults *);
void pools_check_hosts(struct pass *, const struct dvsrec_vnic *,
                       struct dvs_faults *);
bool pools_host_admits(struct pass *, const struct dvsrec_port *,
                       const struct dvsrec_vnic *, const char *host);
void pools_mark_nic(const struct ovsdb_idl *, struct dirty *,
                    const struct dvsrec_vnic *);
void pools_mark_portgroup(struct pass *, const struct dvsrec_portgroup *);
void pools_mark_host(struct pass *, const struct uuid *switch_,
                     const char *host);
bool pool_is_news(const struct dvsrec_resource_pool *);

/* portgroups.c */
void portgroups_run(struct pass *);
bool portgroup_is_older(const struct pass *, const struct dvsrec_portgroup *,
                        const struct dvsrec_portgroup *);

/* hosts.c */
void hosts_run(struct pass *);

/* uplink-ports.c */
size_t uplink_ports_update(struct pass *, struct view_switch *,
                           const struct dvs_member *,
                           struct compile_uplink **uplinksp);
void uplink_ports_forget(struct pass *, const char *host);
bool uplink_ports_want_lost(const struct indexes *,
                            const struct dvsrec_host_member *);
size_t uplink_ports_missing(struct pass *, struct view_switch *,
                            const char *host);

/* rbac.c */
void rbac_run(struct pass *);

/* unsupported.c */
void unsupported_run(struct pass *);

/* ports.c */
void ports_run(struct pass *);
void ports_populate(struct pass *, const struct dvsrec_switch *,
                    const struct dvsrec_portgroup *, int64_t num_ports,
                    bool auto_expand, struct dvs_faults *);
void ports_count(struct pass *, const struct dvsrec_portgroup *);
void ports_count_switch(struct pass *, const struct dvsrec_switch *);
void ports_count_change(const struct dvsrec_switch *,
                        const struct dvsrec_portgroup *, int64_t change);
void ports_grow(struct pass *, const struct dvsrec_switch *,
                const struct dvsrec_portgroup *, size_t n);
const struct dvsrec_port *ports_add(struct pass *,
                                    const struct dvsrec_switch *,
                                    const struct dvsrec_portgroup *,
                                    const char *name, const char *key);
const struct dvsrec_port *ports_make(struct pass *,
                                     const struct dvsrec_switch *,
                                     const struct dvsrec_portgroup *,
                                     const char *key,
                                     const char *conflict_key);
void ports_unmake(struct pass *, const struct dvsrec_port *);
void ports_note_deletion(struct pass *, const struct dvsrec_port *);
void ports_report_disconnection(struct pass *, const struct dvsrec_port *,
                                const char *nic);
void ports_report(struct pass *, const struct dvsrec_switch *,
                  const struct dvsrec_portgroup *, const char *host,
                  bool created, size_t n);
void ports_delete(struct pass *, const struct dvsrec_port *);

/* room.c */
int64_t room_left(const struct dvsrec_switch *);
void room_made(struct pass *, const struct dvsrec_switch *);
bool room_suffices(const struct dvsrec_switch *, int64_t n,
                   const char *column, struct dvs_faults *);
void room_check(const struct dvsrec_switch *, struct dvs_faults *);
bool room_on_host(struct pass *, const char *host, const struct uuid *switch_,
                  const char *nic);
void room_check_host(struct pass *, const struct dvsrec_vnic *,
                     const char *host, const struct dvsrec_switch *,
                     struct dvs_faults *);
void room_check_member(struct pass *, const char *host,
                       const struct dvsrec_switch *, int max_ports,
                       struct dvs_faults *);
void room_collect_hosts(struct pass *, const struct uuid *switch_,
                        const char *key, struct smap *hosts);
void room_mark_hosts(struct pass *, const struct uuid *switch_,
                     const char *key, const struct smap *old);

/* binder.c */
void binder_run(struct pass *);
void binder_wake(struct pass *, const struct dvsrec_portgroup *);
void binder_wake_for_port(struct pass *, const struct dvsrec_port *);

/* plugged.c */
enum dvs_portgroup_type portgroup_type(const struct indexes *,
                                       const struct dvsrec_portgroup *);
bool port_is_made_for_nic(const struct indexes *, const struct dvsrec_port *);
bool port_is_for_plugged(const struct indexes *, const struct dvsrec_port *);
bool nic_is_plugged(struct pass *, const struct dvsrec_vnic *,
                    const struct dvsrec_port *);
char *host_made_key(struct pass *, const struct dvsrec_vnic *,
                    const struct dvsrec_switch *);
void host_made_mark(struct pass *, const char *nic);
void host_made_refuse(struct pass *, const struct uuid *switch_,
                      const char *key);

/* vnics.c */
bool vnic_is_host_nic(const struct dvsrec_vnic *);
const struct dvsrec_switch *vnic_wanted_switch(const struct dvsrec_vnic *);
int64_t vnic_limit(const struct dvsrec_vnic *);
void vnic_validate(struct pass *, const struct dvsrec_vnic *,
                   struct dvs_faults *);
void vnic_check_reach(struct pass *, const struct dvsrec_vnic *,
                      struct dvs_faults *);
size_t claims_of_vnic(const struct indexes *, const struct dvsrec_vnic *,
                      const struct dvsrec_port_state ***rowsp);
void host_nics_mark(const struct indexes *, struct dirty *,
                    const char *host);

/* statistics.c */
void statistics_run(struct pass *);

/* slots.c */
void slots_run(struct pass *);

/* rollbacks.c */
void rollbacks_run(struct pass *);
bool rollbacks_refuses(struct pass *, const struct dvsrec_proxy_state *);
char *rollbacks_find_refused(struct pass *, const struct dvsrec_proxy_state *,
                             int64_t base, bool *older);

/* global.c */
void global_run(struct pass *);
int64_t global_raise(struct pass *);
int64_t global_acknowledged(struct pass *, int64_t max);

#endif /* concerns.h */

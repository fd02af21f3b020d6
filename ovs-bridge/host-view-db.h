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

#ifndef HOST_VIEW_DB_H
#define HOST_VIEW_DB_H 1

/* Builds the view of what the host must realise: from the proxy rows of the
 * DVS database or of the host cache, joined with the host's own interfaces.
 *
 * Follows changes: a port is read again when its own row, its portgroup's or
 * its interface changes, a whole switch when the switch's rows do. */

#include <stdbool.h>
#include <stdint.h>
#include "ovs-bridge/proxy-rows.h"
#include "sset.h"

struct dvsrec_dvs_global;
struct dvsrec_proxy_host;
struct dvsrec_proxy_port;
struct dvsrec_proxy_portgroup;
struct dvsrec_proxy_switch;
struct local_view;
struct ovsdb_idl;
struct ovsdb_idl_index;
struct proxies;
struct smap;
struct uuid;

struct host_view_db {
    struct ovsdb_idl *idl;      /* The DVS database.  Not owned. */
    struct ovsdb_idl_index *switch_by_uuid; /* Proxy_Switch: switch, ring. */
    struct ovsdb_idl_index *pg_by_uuid; /* Proxy_Portgroup: portgroup, ring. */
    struct ovsdb_idl_index *pg_by_switch;   /* Proxy_Portgroup: switch. */
    struct ovsdb_idl_index *host_by_switch; /* Proxy_Host: switch. */
    struct ovsdb_idl_index *port_by_key;    /* Proxy_Port: switch, key. */
    struct ovsdb_idl_index *port_by_nic;    /* Proxy_Port: nic. */

    struct proxy_rows rows;     /* What the host works with. */
    bool take_all;              /* Take every row from the database again. */
    bool trusting;              /* ...and nothing needs to be confirmed, for
                                 * nothing is known. */

    /* For host-made.c. */
    struct ovsdb_idl_index *state_by_nic;   /* Port_State: nic. */
    bool away;                  /* The database is, or was until now; set by
                                 * the caller of host_view_db_update(). */
    bool was_away;              /* ...when that was last called. */
    bool portgroups_changed;    /* Since then. */
    struct sset turned_down;    /* NICs that get no port of the host. */
};

void host_view_db_mark(struct host_view_db *, struct proxies *);
void host_view_db_recompute(struct host_view_db *, struct proxies *,
                            const struct local_view *);
void host_view_db_update(struct host_view_db *, struct proxies *,
                         const struct local_view *);

/* host-view-take.c */
void host_view_db_read_signals(const struct host_view_db *, struct proxies *);

/* host-view-rows.c */
void host_view_db_init(struct host_view_db *, struct ovsdb_idl *,
                       const char *host);
void host_view_db_destroy(struct host_view_db *);
const struct smap *host_view_db_options(const struct host_view_db *);
bool host_view_db_is_refused(const struct host_view_db *,
                             const struct uuid *switch_);
const struct dvsrec_dvs_global *host_view_db_global(
    const struct host_view_db *);
const struct dvsrec_proxy_host *host_view_db_find_host(
    const struct host_view_db *, const struct uuid *switch_);
const struct dvsrec_proxy_switch *host_view_db_find_switch(
    const struct host_view_db *, const struct uuid *switch_);
const struct dvsrec_proxy_portgroup *host_view_db_find_portgroup(
    const struct host_view_db *, const struct uuid *switch_,
    const struct uuid *portgroup);
const struct dvsrec_proxy_port *host_view_db_find_port(
    const struct host_view_db *, const struct uuid *switch_,
    const char *key);
const struct dvsrec_proxy_port *host_view_db_find_nic(
    const struct host_view_db *, const char *nic);

/* host-view-take.c */
void host_view_db_take(struct host_view_db *);

#endif /* host-view-db.h */

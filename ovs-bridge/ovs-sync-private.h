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

#ifndef OVS_SYNC_PRIVATE_H
#define OVS_SYNC_PRIVATE_H 1

/* What the parts of ovs-sync share; nobody else includes this. */

#include "openvswitch/shash.h"

struct bridge_config;
struct host_nic_config;
struct local_bridge;
struct local_view;
struct ovs_sync;
struct ovsdb_idl_txn;
struct ovsrec_bridge;
struct ovsrec_open_vswitch;
struct ovsrec_port;
struct pnics;
struct proxies;
struct proxy;

/* What all the functions work on. */
struct sync_ctx {
    struct ovs_sync *sync;
    struct proxies *proxies;
    const struct local_view *local;
    const struct pnics *pnics;
    struct ovsdb_idl_txn *txn;
    const struct ovsrec_open_vswitch *root;
};

/* ovs-sync-uplink.c */
void sync_sweep_uplinks(struct sync_ctx *, const struct local_bridge *,
                        const struct ovsrec_bridge *,
                        const struct bridge_config *);
void sync_want_uplinks(struct sync_ctx *, struct proxy *,
                       const struct ovsrec_bridge *);

/* ovs-sync-datapath.c */
void sync_want_datapaths(struct sync_ctx *);
void sync_drop_datapaths(struct sync_ctx *);

/* ovs-sync-qos.c */
void sync_qos(struct sync_ctx *, struct proxy *);
void sync_let_go(struct sync_ctx *, const struct ovsrec_port *,
                 const char *nic);
void sync_sweep_qos(struct sync_ctx *);
void sync_drop_qos(struct sync_ctx *);

/* ovs-sync-host-nic.c */
void sync_sweep_host_nics(struct sync_ctx *, const struct local_bridge *,
                          const struct ovsrec_bridge *, const struct proxy *);
void sync_want_host_nic(struct sync_ctx *, struct proxy *,
                        const struct ovsrec_bridge *, const char *device,
                        const struct host_nic_config *);

#endif /* ovs-sync-private.h */

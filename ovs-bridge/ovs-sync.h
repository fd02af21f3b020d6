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

#ifndef OVS_SYNC_H
#define OVS_SYNC_H 1

/* The only writer of the local Open_vSwitch database: makes the bridges of
 * proxy switches, the ports of their uplinks and the host's own NICs, and
 * takes them away again.
 *
 * It knows what is ours by the marks in external_ids (see bridge-config.h) and
 * changes nothing else.  In particular it never deletes a bridge that holds a
 * port that others plugged in. */

#include <stdbool.h>
#include <stdint.h>
#include "sset.h"

struct local_view;
struct ovsdb_idl_txn;
struct pnics;
struct proxies;

struct ovs_sync {
    bool wrote;                 /* Something was written that the database
                                 * has not confirmed. */
    bool removed;               /* Likewise, a port was taken out. */
    int64_t wait_cfg;           /* Value of Open_vSwitch.cur_cfg at which
                                 * ovs-vswitchd has taken what we wrote. */
    int64_t removal_cfg;        /* Likewise, for ports taken out: a device
                                 * may come back under the same name, and
                                 * must not be plugged in before. */
    bool postponed;             /* Something waits for one of them. */
    struct sset bring_up;       /* Devices of the host's own NICs to set up
                                 * once they exist. */
};

void ovs_sync_init(struct ovs_sync *);
void ovs_sync_destroy(struct ovs_sync *);

void ovs_sync_run(struct ovs_sync *, struct proxies *,
                  const struct local_view *, const struct pnics *,
                  struct ovsdb_idl_txn *);
void ovs_sync_committed(struct ovs_sync *, const struct local_view *);
void ovs_sync_failed(struct ovs_sync *, struct proxies *);
bool ovs_sync_is_settled(const struct ovs_sync *, const struct proxies *,
                         const struct local_view *);
void ovs_sync_cleanup(struct ovs_sync *, const struct local_view *,
                      const struct pnics *, struct ovsdb_idl_txn *);

#endif /* ovs-sync.h */

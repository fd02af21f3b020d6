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

#ifndef DVS_LAG_H
#define DVS_LAG_H 1

/* PURE: the link aggregation groups of a switch (vSphere's
 * VMwareDvsLacpGroupConfig).
 *
 * Each host has the same number of uplink ports for a LAG, called "NAME-0",
 * "NAME-1" and so on, which its physical NICs may fill. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

struct dvs_faults;
struct dvs_setting;
struct smap;
struct svec;

/* What a LAG's hash covers, DVS_LAG_HASH_*. */
#define DVS_LAG_HASH_SRC_MAC  0x001
#define DVS_LAG_HASH_DST_MAC  0x002
#define DVS_LAG_HASH_SRC_IP   0x004
#define DVS_LAG_HASH_DST_IP   0x008
#define DVS_LAG_HASH_SRC_PORT 0x010     /* Of TCP or UDP. */
#define DVS_LAG_HASH_DST_PORT 0x020
#define DVS_LAG_HASH_VLAN     0x040
#define DVS_LAG_HASH_PORT_ID  0x080     /* The NIC's distributed port. */
#define DVS_LAG_HASH_5TUPLE   (DVS_LAG_HASH_SRC_IP | DVS_LAG_HASH_DST_IP    \
                               | DVS_LAG_HASH_SRC_PORT                      \
                               | DVS_LAG_HASH_DST_PORT)

struct dvs_lag {
    char *name;                 /* For teaming orders. */
    bool active;                /* mode: it sends LACP frames on its own. */
    bool fast;                  /* timeout: the neighbour is to send one each
                                 * second, not each 30 s. */
    int num_ports;              /* On each host. */
    uint32_t hash;              /* DVS_LAG_HASH_*. */
    int64_t *vlan_starts;       /* 'n_vlans' ranges of VLANs that it carries;
                                 * if none, what its uplink portgroup has. */
    int64_t *vlan_ends;         /* Likewise. */
    size_t n_vlans;
    bool has_ipfix;             /* This column is set. */
};

struct dvs_lags {
    struct dvs_lag *lags;       /* Sorted by name. */
    size_t n, allocated;
};

void dvs_lags_init(struct dvs_lags *);
void dvs_lags_destroy(struct dvs_lags *);
void dvs_lags_clear(struct dvs_lags *);
void dvs_lags_add(struct dvs_lags *, const struct dvs_lag *);
const struct dvs_lag *dvs_lags_find(const struct dvs_lags *,
                                    const char *name);
const struct dvs_lag *dvs_lags_find_port(const struct dvs_lags *,
                                         const char *port, int *index);
void dvs_lags_port_names(const struct dvs_lags *, struct svec *);
char *dvs_lag_port_name(const char *lag, int index);
void dvs_lag_set_vlan(const struct dvs_lag *, struct dvs_setting *);

/* Validation. */
void dvs_lags_validate(const struct dvs_lags *, const struct svec *uplinks,
                       const struct dvs_lag *, struct dvs_faults *);
void dvs_lags_remove_faulty(struct dvs_lags *, const struct svec *uplinks);

/* Text form, in Proxy_Switch.config. */
void dvs_lags_to_smap(const struct dvs_lags *, struct smap *);
char *dvs_lags_from_smap(struct dvs_lags *, const struct smap *)
    OVS_WARN_UNUSED_RESULT;
const char *dvs_lag_hash_to_string(uint32_t hash);
bool dvs_lag_hash_from_string(const char *, uint32_t *hash);

#endif /* dvs-lag.h */

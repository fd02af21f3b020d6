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

#ifndef BRIDGE_CONFIG_H
#define BRIDGE_CONFIG_H 1

/* PURE: what a proxy switch's rows in the local Open_vSwitch database should
 * be: its bridge, the ports of its uplinks, and those of the host's own
 * NICs.
 *
 * The rows of virtual machines' NICs are not among them: who plugs a NIC in
 * owns its rows. */

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"
#include "schema/dvs-class.h"
#include "smap.h"

struct hv_switch;
struct simap;
struct sset;

/* Keys of external_ids by which rows are known as ours. */
#define MARK_SWITCH      "dvs-switch"       /* Bridge: switch's UUID. */
#define MARK_SWITCH_NAME "dvs-switch-name"  /* Bridge: switch's name. */
#define MARK_TEAM        "dvs-team-"        /* Bridge: a team's order. */
#define MARK_LAG         "dvs-lag-"         /* Bridge: a LAG's name. */
#define MARK_PLACED      "dvs-placed-"      /* Bridge: a port's uplink. */
#define MARK_CUT_OFF     "dvs-cut-off-"     /* Bridge: a VLAN's uplinks. */
#define MARK_OWNER       "dvs-owner"        /* Uplink: switch's UUID. */
#define MARK_UPLINK      "dvs-uplink"       /* Uplink: its name. */
#define MARK_HOST_NIC    "dvs-host-nic"     /* Host's NIC: switch's UUID. */
#define MARK_MADE        "dvs-made"         /* Datapath: "true". */

/* A NIC of the host itself, which we make. */
struct host_nic_config {
    char *nic;                  /* Its id. */
    struct eth_addr mac;
    int mtu;                    /* Bytes. */
};

/* How the port of a LAG speaks LACP. */
struct bridge_lag {
    char *name;                 /* The LAG's name. */
    bool active;                /* It sends on its own. */
    bool fast;                  /* It asks for a frame each second. */
};

/* How an uplink's port is scheduled: by hv_port_queue(), first the queue for
 * what keeps uplinks going, then one for each class, then those of single
 * NICs.  There are no queues within queues, so what a NIC leaves idle is lent
 * to all classes. */
struct bridge_queue {
    int id;
    struct dvs_rate rate;
};

struct bridge_qos {
    int64_t speed;              /* Mbit/s. */
    struct bridge_queue *queues;    /* In order of 'id'. */
    size_t n;
};

/* Scheduler of uplinks.  Unlike linux-htb it also lends what is idle in
 * proportion to the queues' minimum rates. */
#define BRIDGE_QOS_TYPE "linux-hfsc"

/* Faster ones it cannot say the speed of: it has 32 bits for bytes per
 * second. */
#define BRIDGE_QOS_SPEED_MAX 34359

struct bridge_config {
    struct uuid switch_;        /* The distributed switch. */
    char *bridge;               /* Name of the bridge. */
    char *datapath_type;        /* Its datapath type. */
    struct smap external_ids;   /* Keys it must have, with their values. */
    int mtu;                    /* To ask of the uplinks, in bytes. */
    struct smap uplinks;        /* NIC's name -> uplink's name. */
    struct smap ports;          /* NIC's name -> its port's name, which is its
                                 * own but in a LAG. */
    struct shash lags;          /* Port's name -> "struct bridge_lag". */
    struct shash qos;           /* Port's name -> "struct bridge_qos". */
    struct shash host_nics;     /* Device's name -> "struct
                                 * host_nic_config". */
};

struct bridge_config *bridge_config_from_view(const struct hv_switch *,
                                              const struct sset *nics,
                                              struct sset *faults);
void bridge_config_add_qos(struct bridge_config *, const struct hv_switch *,
                           const struct simap *speeds, struct sset *faults);
void bridge_config_destroy(struct bridge_config *);

#endif /* bridge-config.h */

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

#ifndef DVS_LIMITS_H
#define DVS_LIMITS_H 1

/* PURE: every range, default and reserved name of the model, once.
 *
 * dvs.ovsschema has to repeat the ranges, because the database server
 * enforces them; tests/unit/test-limits.c compares the two.  The sources are
 * vSphere's API types where they state a range, VMware's configuration
 * maximums, and IEEE 802.1Q. */

#include <stdint.h>

/* Names. */
#define DVS_NAME_MAX 80             /* Characters, not bytes. */
#define DVS_BRIDGE_NAME_MAX 15      /* Bytes: IFNAMSIZ - 1. */
#define DVS_PORT_KEY_MAX 20         /* Characters. */
#define DVS_HOST_MADE_KEY_MIN (UINT64_C(1) << 47)   /* Keys of ports that hosts
                                                     * make begin here... */
#define DVS_HOST_MADE_KEY_MAX ((UINT64_C(1) << 48) - 1)     /* ...and end. */
#define DVS_NIC_ID_MAX 128          /* Characters. */
#define DVS_DEVICE_NAME_MAX 15      /* Bytes: IFNAMSIZ - 1. */

/* The uplink portgroup that each switch has without being asked is named
 * after the switch. */
#define DVS_UPLINK_PORTGROUP_SUFFIX "-DVUplinks"

/* The role of agents in access control: RBAC_Role.name, and Connection.role of
 * the connection that they use. */
#define DVS_AGENT_ROLE "dvs-agent"

/* Switch. */
#define DVS_UPLINKS_MAX 32
#define DVS_UPLINKS_DEFAULT 4
#define DVS_UPLINK_NAME_FORMAT "uplink%d"   /* Counted from 1. */
#define DVS_MTU_MIN 1280
#define DVS_MTU_MAX 9216
#define DVS_MTU_DEFAULT 1500
#define DVS_DATAPATH_TYPE_DEFAULT "system"
#define DVS_CHECK_INTERVAL_MAX 1440         /* Minutes. */
#define DVS_RESERVATION_RATIO_MAX 100       /* Percent. */
#define DVS_RESERVATION_RATIO_DEFAULT 75
#define DVS_PORTS_MAX 60000                 /* Ports of one portgroup. */
#define DVS_MAX_PORTS_MAX INT32_MAX         /* Column max_ports. */

/* Portgroup. */
#define DVS_PORTGROUP_PORTS_DEFAULT 8       /* What clients propose. */

/* Setting. */
#define DVS_VLAN_MAX 4094           /* 4095 is reserved by IEEE 802.1Q. */
#define DVS_COS_MAX 7
#define DVS_DSCP_MAX 63
#define DVS_MARK_NONE_COLUMN (-1)       /* In a column: explicitly none. */
#define DVS_TEAM_MAX 128            /* Active, or standby, uplinks. */
#define DVS_MAC_LIMIT_MAX 4096
#define DVS_LEARNED_SHOWN 64        /* Of them, in Port_State. */
#define DVS_RATE_MAX INT64_MAX      /* bit/s, or bytes of a burst. */
#define DVS_SHAPING_MIN 1

/* Traffic rules. */
#define DVS_RULE_SEQUENCE_MAX 65535
#define DVS_RULE_RATE_MAX UINT32_MAX        /* Packets per second. */

/* Host members. */
#define DVS_RING_MAX 1000
#define DVS_PROXY_PORTS_MAX 65000

/* LAGs. */
#define DVS_LAG_PORTS_MAX 24        /* On each host. */
#define DVS_LAGS_MAX 64             /* Of a switch. */
#define DVS_HOST_LAGS_MAX 32        /* With NICs of one host. */

/* Mirrors. */
#define DVS_SNAPLEN_MIN 60
#define DVS_SNAPLEN_MAX 65535
#define DVS_MIRROR_SAMPLING_MAX 65535
#define DVS_ERSPAN_ID_MAX 1023

/* IPFIX. */
#define DVS_IPFIX_DOMAIN_MAX UINT32_MAX
#define DVS_IPFIX_ACTIVE_MIN 60             /* Seconds. */
#define DVS_IPFIX_ACTIVE_MAX 3600
#define DVS_IPFIX_IDLE_MIN 10
#define DVS_IPFIX_IDLE_MAX 600
#define DVS_IPFIX_SAMPLING_MAX 16384

/* Network I/O control. */
#define DVS_SHARES_MAX 100
#define DVS_SHARES_LOW 25           /* vSphere's levels "low", ... */
#define DVS_SHARES_NORMAL 50        /* ..."normal"... */
#define DVS_SHARES_HIGH 100         /* ...and "high". */
#define DVS_BANDWIDTH_MAX 10000000  /* Mbit/s. */

/* NICs. */
#define DVS_NIC_MTU_MIN 68          /* RFC 791. */
#define DVS_NIC_MTU_MAX 9216

/* Checkpoints kept of a switch beside its present state
 * (DVS_Global.options:checkpoint_history). */
#define DVS_CHECKPOINTS_DEFAULT 10

/* Configuration documents: what is read at most, in bytes.  The largest
 * switch, 10,000 portgroups and 60,000 ports, needs about 40 MB. */
#define DVS_DOCUMENT_MAX (64 * 1024 * 1024)

#endif /* dvs-limits.h */

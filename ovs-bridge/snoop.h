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

#ifndef SNOOP_H
#define SNOOP_H 1

/* PURE: what hosts say of the multicast they want (RFC 4541): messages of
 * IGMPv1 (RFC 1112), IGMPv2 (RFC 2236), IGMPv3 (RFC 3376), MLDv1 (RFC 2710)
 * and MLDv2 (RFC 3810), and who of a host's ports has joined what.
 *
 * Groups are told apart by the MAC address that they have on Ethernet, as
 * frames are forwarded by it.  Not for the sources that IGMPv3 and MLDv2 let a
 * receiver choose: whoever wants some of a group's gets all. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/types.h"

struct dp_packet;
struct hv_port;

/* A group that a port has joined. */
struct snoop_group {
    struct hmap_node node;      /* In struct hv_port's 'groups'. */
    struct eth_addr mac;
    long long int expires;      /* When, in ms, unless it joins again. */
};

/* What a report says of one group. */
struct snoop_change {
    struct eth_addr mac;
    bool join;                  /* Else leave. */
};

struct snoop_message {
    bool query;                 /* Else a report or unknown. */
    bool general;               /* Query: for all groups. */
    bool router;                /* Query: of a router; else of a switch. */
    bool unknown;               /* Of a type that we know nothing of. */
    bool flooded;               /* It goes to all in its VLAN without us. */
    struct snoop_change *changes;   /* Report. */
    size_t n_changes, allocated_changes;
};

/* Groups of one port beyond which it gets all. */
#define SNOOP_MAX_GROUPS 256

/* How often a port is asked for its groups before it gets only those. */
#define SNOOP_N_ASKED 2

/* How long a port is a member after its last report, and has a router behind
 * it after its last query, and how often it is asked, in ms (RFC 3376, section
 * 8: Group Membership Interval, Other Querier Present Interval, Query
 * Interval). */
#define SNOOP_MEMBER_MS 260000
#define SNOOP_ROUTER_MS 255000
#define SNOOP_QUERY_MS 125000

bool snoop_parse(const void *frame, size_t, struct snoop_message *);
void snoop_message_destroy(struct snoop_message *);

void snoop_init(struct hv_port *);
bool snoop_reset(struct hv_port *);
void snoop_destroy(struct hv_port *);
bool snoop_hear(struct hv_port *, const struct snoop_message *,
                long long int now);
bool snoop_expire(struct hv_port *, long long int now);
bool snoop_is_flooded(const struct eth_addr);
bool snoop_gets_all(const struct hv_port *);

void snoop_compose_igmp(struct dp_packet *);
void snoop_compose_mld(struct dp_packet *);

#endif /* snoop.h */

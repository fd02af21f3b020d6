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

#ifndef BEACON_H
#define BEACON_H 1

/* PURE: beacons: frames that a host sends on each of its uplinks to hear them
 * on the others (vSphere's beacon probing), and what follows from which of
 * them are heard.
 *
 * An uplink passes if it and another one hear each other; it fails if no other
 * does, while two others do hear each other.  So it takes three uplinks to
 * tell which one fails, and of n uplinks all but two may fail; where none hear
 * each other, nothing is known and all stays as it was.
 *
 * A beacon is an Ethernet frame, tagged as the VLAN has it:
 *
 *     destination   BEACON_MAC, a multicast address: switches flood it
 *     source        of the host and switch, see beacon_source()
 *     type          BEACON_ETH_TYPE
 *     4 bytes       "dvsb"
 *     1 byte        version: 1
 *     1 byte        id of the uplink that it leaves by, 1..32
 *     16 bytes      UUID of the distributed switch
 *     8 bytes       session, a random number of this run of the agent
 *     1 byte        length of what follows, at most 63
 *                   name of the host, for people to read
 *
 * All numbers are in network byte order. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"
#include "packets.h"

struct dp_packet;
struct smap;

/* IEEE Std 802, section 9.2.4: for local experiments. */
#define BEACON_ETH_TYPE 0x88b5
#define BEACON_MAC ETH_ADDR_C(03,64,76,73,00,01)

#define BEACON_MAX_UPLINKS 32
#define BEACON_HOST_LEN 63

/* How often an uplink sends a beacon in each VLAN, and how long it takes to
 * believe that beacons do not arrive, in ms: three of them are lost then. */
#define BEACON_INTERVAL_MS 1000
#define BEACON_PATIENCE_MS 3500

/* Bit of uplink 'id' in a set of uplinks. */
#define BEACON_BIT(ID) (UINT32_C(1) << ((ID) - 1))

struct beacon {
    uint16_t vid;               /* VLAN that it is in, 0 for no tag. */
    struct eth_addr src;
    int uplink;                 /* Logical id. */
    struct uuid switch_;
    uint64_t session;
    char host[BEACON_HOST_LEN + 1];
};

struct eth_addr beacon_source(const char *host, const struct uuid *switch_);
void beacon_compose(const struct beacon *, struct dp_packet *);
bool beacon_parse(const void *frame, size_t, struct beacon *);

/* One VLAN that is probed. */
struct beacon_vlan {
    struct hmap_node node;      /* In struct beacons's 'vlans'. */
    uint16_t vid;               /* 0 for no tag. */
    uint32_t wanted;            /* Uplinks to probe. */
    uint32_t probed;            /* Of these, those with a link. */
    uint32_t failed;            /* Of 'wanted', those that do not pass. */
    long long int next;         /* When it is next to be probed, in ms... */
    long long int last;         /* ...and when it was last, or 0. */
    long long int since[BEACON_MAX_UPLINKS];    /* Since when uplink 'id' - 1
                                                 * is probed, in ms. */

    /* When 'i' + 1 last heard 'j' + 1, in ms; 0 if never. */
    long long int heard[BEACON_MAX_UPLINKS][BEACON_MAX_UPLINKS];
};

struct beacons {
    struct hmap vlans;          /* Contains "struct beacon_vlan"s. */
};

void beacons_init(struct beacons *);
void beacons_destroy(struct beacons *);
void beacons_begin(struct beacons *);
void beacons_want(struct beacons *, uint16_t vid, uint32_t uplinks,
                  long long int now);
bool beacons_end(struct beacons *);
void beacons_hear(struct beacons *, uint16_t vid, int from, int by,
                  long long int now);
bool beacon_vlan_run(struct beacon_vlan *, uint32_t up, long long int now);

uint32_t beacons_failed(const struct beacons *, uint16_t vid);
uint32_t beacons_failed_anywhere(const struct beacons *);
void beacons_save(const struct beacons *, const char *prefix, struct smap *);
bool beacons_restore(struct beacons *, const char *vid, const char *ids);

#endif /* beacon.h */

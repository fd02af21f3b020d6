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

#ifndef LEARNED_H
#define LEARNED_H 1

/* PURE: the MACs that a bridge has learned behind its ports, as its flows tell
 * (see pipeline/stage-learn.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct ofp_header;
struct ofpbuf;

struct learned_mac {
    uint32_t port;              /* The lower 32 bits of the port's key. */
    uint16_t vid;               /* VLAN in which it was learned. */
    struct eth_addr mac;
};

/* Sorted by port, MAC and VLAN once all has been read. */
struct learned {
    struct learned_mac *macs;
    size_t n, allocated;
};

void learned_init(struct learned *);
void learned_destroy(struct learned *);
void learned_begin(struct learned *);
struct ofpbuf *learned_request(void);
bool learned_decode(struct learned *, const struct ofp_header *);
void learned_add(struct learned *, uint32_t port, struct eth_addr, int vid);
void learned_end(struct learned *);
size_t learned_of_port(const struct learned *, uint32_t port,
                       const struct learned_mac **first);

#endif /* learned.h */

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

#ifndef DVS_PVLAN_H
#define DVS_PVLAN_H 1

/* PURE: the private VLAN map of a switch (vSphere's VMwareDVSPvlanMapEntry).
 *
 * A primary VLAN has an entry of its own, in which both ids are the same, and
 * one for each of its secondary VLANs.  The id of a port's policy is that of a
 * secondary VLAN, or for a promiscuous port that of the primary one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

struct dvs_faults;
struct smap;

enum dvs_pvlan_type {
    DVS_PVLAN_PROMISCUOUS,      /* The primary VLAN. */
    DVS_PVLAN_ISOLATED,
    DVS_PVLAN_COMMUNITY
};

struct dvs_pvlan {
    uint16_t primary;           /* 1-4094. */
    uint16_t secondary;         /* 1-4094; unique in a map. */
    enum dvs_pvlan_type type;
};

struct dvs_pvlans {
    struct dvs_pvlan *entries;  /* Sorted by secondary id. */
    size_t n, allocated;
};

void dvs_pvlans_init(struct dvs_pvlans *);
void dvs_pvlans_destroy(struct dvs_pvlans *);
void dvs_pvlans_add(struct dvs_pvlans *, const struct dvs_pvlan *);
const struct dvs_pvlan *dvs_pvlans_find(const struct dvs_pvlans *,
                                        uint16_t secondary);
bool dvs_pvlan_equal(const struct dvs_pvlan *, const struct dvs_pvlan *);

/* Validation. */
void dvs_pvlans_validate(const struct dvs_pvlans *, const struct dvs_pvlan *,
                         struct dvs_faults *);
void dvs_pvlans_remove_faulty(struct dvs_pvlans *);

/* Text form, in Proxy_Switch.config. */
void dvs_pvlans_to_smap(const struct dvs_pvlans *, struct smap *);
char *dvs_pvlans_from_smap(struct dvs_pvlans *, const struct smap *)
    OVS_WARN_UNUSED_RESULT;
const char *dvs_pvlan_type_to_string(enum dvs_pvlan_type);
bool dvs_pvlan_type_from_string(const char *, enum dvs_pvlan_type *);

#endif /* dvs-pvlan.h */

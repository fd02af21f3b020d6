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

#ifndef PORT_VLANS_H
#define PORT_VLANS_H 1

/* PURE: the VLANs of a port, by their ids on the wire.
 *
 * All VLAN policies come down to this, so that the stages need not know them:
 *
 *     policy             tagging    sends in   receives from
 *     none               switch     0          0
 *     access v           switch     v          v
 *     trunk              guest      its tag    the same ranges
 *     private
 *       promiscuous p    switch     p          p and all its secondaries
 *       isolated i       switch     i          p
 *       community c      switch     c          p, c
 *
 * VLAN 0 stands for frames that have no tag on the wire. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dvs_pvlans;
struct dvs_vlan;

/* The VLANs with (id & mask) == vid. */
struct vlan_block {
    uint16_t vid;
    uint16_t mask;              /* Within 0xfff. */
};

struct port_vlans {
    bool guest;                 /* The guest tags; else the switch does. */
    bool untagged;              /* 'guest': frames without tag may pass. */
    uint16_t tx;                /* Not 'guest': what the NIC sends in. */
    struct vlan_block *rx;      /* What the NIC receives from; if 'guest' */
    size_t n_rx;                /* also what it sends in.  Disjoint.  Not
                                 * 'guest': each is a single VLAN. */
    size_t allocated_rx;
    uint16_t *refused;          /* The other VLANs of its private VLAN, from
                                 * which it may not receive. */
    size_t n_refused, allocated_refused;
};

void port_vlans_init(struct port_vlans *, const struct dvs_vlan *,
                     const struct dvs_pvlans *);
void port_vlans_destroy(struct port_vlans *);

#endif /* port-vlans.h */

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

/* PURE: the VLANs of a port.  See port-vlans.h. */

#include <config.h>

#include "ovs-bridge/pipeline/port-vlans.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-pvlan.h"
#include "schema/dvs-setting.h"
#include "util.h"

#define VID_MASK 0xfff

static void
add_block(struct port_vlans *vlans, uint16_t vid, uint16_t mask)
{
    if (vlans->n_rx >= vlans->allocated_rx) {
        vlans->rx = x2nrealloc(vlans->rx, &vlans->allocated_rx,
                               sizeof *vlans->rx);
    }
    vlans->rx[vlans->n_rx++] = (struct vlan_block) { vid, mask };
}

/* Adds the VLANs from 'start' to 'end' as the fewest blocks, which are aligned
 * powers of two. */
static void
add_range(struct port_vlans *vlans, unsigned int start, unsigned int end)
{
    /* No frame with VLAN 4095 passes the first table, so including it is
     * harmless; it makes "all VLANs" one block instead of twelve. */
    if (end == VID_MASK - 1) {
        end = VID_MASK;
    }

    while (start <= end) {
        unsigned int size = start ? start & -start : VID_MASK + 1;

        while (start + size - 1 > end) {
            size /= 2;
        }
        add_block(vlans, start, VID_MASK & ~(size - 1));
        start += size;
    }
}

/* Adds what a port in the private VLAN 'own', one of 'pvlans', receives from
 * and what it does not (IEEE 802.1Q knows this as asymmetric VLANs). */
static void
add_private(struct port_vlans *vlans, const struct dvs_pvlan *own,
            const struct dvs_pvlans *pvlans)
{
    vlans->tx = own->secondary;
    for (size_t i = 0; i < pvlans->n; i++) {
        const struct dvs_pvlan *entry = &pvlans->entries[i];

        if (entry->primary != own->primary) {
            continue;
        }
        if (own->type == DVS_PVLAN_PROMISCUOUS
            || entry->type == DVS_PVLAN_PROMISCUOUS
            || (own->type == DVS_PVLAN_COMMUNITY && entry == own)) {
            add_block(vlans, entry->secondary, VID_MASK);
            continue;
        }
        if (vlans->n_refused >= vlans->allocated_refused) {
            vlans->refused = x2nrealloc(vlans->refused,
                                        &vlans->allocated_refused,
                                        sizeof *vlans->refused);
        }
        vlans->refused[vlans->n_refused++] = entry->secondary;
    }
}

/* Initializes 'vlans' as what 'policy' means in a switch with 'pvlans'.
 * Without any VLAN (a private VLAN that the switch does not have) nothing may
 * pass the port. */
void
port_vlans_init(struct port_vlans *vlans, const struct dvs_vlan *policy,
                const struct dvs_pvlans *pvlans)
{
    const struct dvs_pvlan *own;

    memset(vlans, 0, sizeof *vlans);
    switch (policy->mode) {
    case DVS_VLAN_NONE:
        add_block(vlans, 0, VID_MASK);
        break;

    case DVS_VLAN_ACCESS:
        vlans->tx = policy->id;
        add_block(vlans, policy->id, VID_MASK);
        break;

    case DVS_VLAN_TRUNK:
        vlans->guest = true;
        for (size_t i = 0; i < policy->n_trunks; i++) {
            const struct dvs_range *range = &policy->trunks[i];

            if (range->start == 0) {
                vlans->untagged = true;
            }
            add_range(vlans, range->start, range->end);
        }
        break;

    case DVS_VLAN_PRIVATE:
        own = dvs_pvlans_find(pvlans, policy->id);
        if (own) {
            add_private(vlans, own, pvlans);
        }
        break;

    default:
        OVS_NOT_REACHED();
    }
}

/* Frees what 'vlans' holds, but not 'vlans' itself. */
void
port_vlans_destroy(struct port_vlans *vlans)
{
    free(vlans->rx);
    free(vlans->refused);
}

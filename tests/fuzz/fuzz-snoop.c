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

/* Fuzz target: what guests say of the multicast they want.
 *
 * The input is frames, each behind its length in two bytes; a port hears them
 * a second apart.  Whatever they are, it has a bounded number of groups, only
 * such as have to be joined, and none when it has said nothing for long. */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "openvswitch/util.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/snoop.h"
#include "packets.h"
#include "util.h"

/* Gives the message in the frame of 'size' bytes at 'p' its checksum, without
 * which nobody would look at it. */
static void
give_checksum(uint8_t *p, size_t size)
{
    struct dp_packet packet;
    struct flow flow;

    dp_packet_use_const(&packet, p, size);
    flow_extract(&packet, &flow);
    if (dp_packet_l4(&packet) && dp_packet_l4_size(&packet) >= 4) {
        uint8_t *l4 = p + ((uint8_t *) dp_packet_l4(&packet) - p);
        size_t len = dp_packet_l4_size(&packet);
        ovs_be16 sum;

        memset(l4 + 2, 0, sizeof sum);
        sum = (flow.dl_type == htons(ETH_TYPE_IPV6)
               ? packet_csum_upperlayer6(dp_packet_l3(&packet), l4,
                                         IPPROTO_ICMPV6, len)
               : csum(l4, len));
        memcpy(l4 + 2, &sum, sizeof sum);
    }
}

/* Has 'port' hear 'frame' at 'now'. */
static void
hear(struct hv_port *port, const uint8_t *frame, size_t size,
     long long int now)
{
    /* In memory of its own, so that a reader beyond its end is seen. */
    uint8_t *copy = xmemdup(frame, size);
    struct snoop_message m;

    give_checksum(copy, size);
    if (snoop_parse(copy, size, &m)) {
        for (size_t i = 0; i < m.n_changes; i++) {
            ovs_assert(eth_addr_is_multicast(m.changes[i].mac));
            ovs_assert(!snoop_is_flooded(m.changes[i].mac));
        }
        snoop_hear(port, &m, now);
        snoop_message_destroy(&m);
    }
    free(copy);
    ovs_assert(hmap_count(&port->groups) <= SNOOP_MAX_GROUPS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hv_port port;
    long long int now = 1000;

    memset(&port, 0, sizeof port);
    snoop_init(&port);
    while (size >= 2) {
        size_t n = MIN(data[0] << 8 | data[1], size - 2);

        hear(&port, data + 2, n, now);
        data += 2 + n;
        size -= 2 + n;
        now += 1000;
    }
    snoop_expire(&port, now + MAX(SNOOP_MEMBER_MS, SNOOP_ROUTER_MS));
    ovs_assert(hmap_is_empty(&port.groups));
    ovs_assert(!port.router_until);
    snoop_destroy(&port);
    return 0;
}

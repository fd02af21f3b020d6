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

/* Fuzz target: beacons from outside.
 *
 * The input is a frame.  If it is a beacon, what is composed of what was read
 * reads the same. */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "openvswitch/util.h"
#include "ovs-bridge/beacon.h"
#include "util.h"
#include "uuid.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* In memory of its own, so that a reader beyond its end is seen. */
    uint8_t *copy = xmemdup(data, size);
    struct beacon b, again;

    if (beacon_parse(copy, size, &b)) {
        struct dp_packet packet;

        ovs_assert(b.vid < 4096);
        ovs_assert(b.uplink >= 1 && b.uplink <= BEACON_MAX_UPLINKS);
        ovs_assert(strlen(b.host) <= BEACON_HOST_LEN);
        dp_packet_init(&packet, 0);
        beacon_compose(&b, &packet);
        ovs_assert(beacon_parse(dp_packet_data(&packet),
                                dp_packet_size(&packet), &again));
        ovs_assert(b.uplink == again.uplink && b.session == again.session
                   && uuid_equals(&b.switch_, &again.switch_)
                   && !strcmp(b.host, again.host));
        dp_packet_uninit(&packet);
    }
    free(copy);
    return 0;
}

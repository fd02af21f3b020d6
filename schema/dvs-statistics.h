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

#ifndef DVS_STATISTICS_H
#define DVS_STATISTICS_H 1

/* The counters of a port: the keys of "statistics" in Port and Port_State.
 *
 * vSphere: DistributedVirtualSwitchPortStatistics.  "rx" is what the switch
 * receives from the NIC (vSphere's "in"), "tx" what it delivers to it
 * ("out"). */

#include <stddef.h>
#include <stdint.h>

/* DVS_COUNTER(ID, KEY) */
#define DVS_COUNTERS                                        \
    DVS_COUNTER(RX_PACKETS, "rx_packets")                   \
    DVS_COUNTER(RX_BYTES, "rx_bytes")                       \
    DVS_COUNTER(RX_UNICAST_PACKETS, "rx_unicast_packets")   \
    DVS_COUNTER(RX_UNICAST_BYTES, "rx_unicast_bytes")       \
    DVS_COUNTER(RX_MULTICAST_PACKETS, "rx_multicast_packets") \
    DVS_COUNTER(RX_MULTICAST_BYTES, "rx_multicast_bytes")   \
    DVS_COUNTER(RX_BROADCAST_PACKETS, "rx_broadcast_packets") \
    DVS_COUNTER(RX_BROADCAST_BYTES, "rx_broadcast_bytes")   \
    DVS_COUNTER(RX_TO_PNIC_BYTES, "rx_to_pnic_bytes")       \
    DVS_COUNTER(RX_DROPPED, "rx_dropped")                   \
    DVS_COUNTER(RX_ERRORS, "rx_errors")                     \
    DVS_COUNTER(TX_PACKETS, "tx_packets")                   \
    DVS_COUNTER(TX_BYTES, "tx_bytes")                       \
    DVS_COUNTER(TX_UNICAST_PACKETS, "tx_unicast_packets")   \
    DVS_COUNTER(TX_UNICAST_BYTES, "tx_unicast_bytes")       \
    DVS_COUNTER(TX_MULTICAST_PACKETS, "tx_multicast_packets") \
    DVS_COUNTER(TX_MULTICAST_BYTES, "tx_multicast_bytes")   \
    DVS_COUNTER(TX_BROADCAST_PACKETS, "tx_broadcast_packets") \
    DVS_COUNTER(TX_BROADCAST_BYTES, "tx_broadcast_bytes")   \
    DVS_COUNTER(TX_FROM_PNIC_BYTES, "tx_from_pnic_bytes")   \
    DVS_COUNTER(TX_DROPPED, "tx_dropped")                   \
    DVS_COUNTER(TX_ERRORS, "tx_errors")

enum dvs_counter {
#define DVS_COUNTER(ID, KEY) DVS_##ID,
    DVS_COUNTERS
#undef DVS_COUNTER
    DVS_N_COUNTERS
};

extern const char *const dvs_counter_names[DVS_N_COUNTERS];

/* Values of all counters. */
struct dvs_statistics {
    int64_t n[DVS_N_COUNTERS];
};

void dvs_statistics_add_map(struct dvs_statistics *, char **keys,
                            const int64_t *values, size_t n);
size_t dvs_statistics_to_map(const struct dvs_statistics *,
                             const char *keys[DVS_N_COUNTERS],
                             int64_t values[DVS_N_COUNTERS]);

#endif /* dvs-statistics.h */

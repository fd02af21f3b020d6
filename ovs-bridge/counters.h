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

#ifndef COUNTERS_H
#define COUNTERS_H 1

/* PURE: the counters of the ports of one proxy switch.
 *
 * Each is the sum of several that others keep: of flows (stage-count.c), of
 * meters, and of devices.  Those begin again at 0 when a flow is made anew or
 * ovs-vswitchd starts; what is told here never goes back, and never counts
 * twice.
 *
 * What was counted before the sources began is the base.  It is reported next
 * to the counters, so that a restarted agent, which finds its sources as they
 * are, goes on where its predecessor was. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "schema/dvs-statistics.h"

/* What is taken from devices. */
enum counters_device {
    CD_RX_DROPPED = PC_N, CD_TX_DROPPED, CD_RX_ERRORS, CD_TX_ERRORS,
    CD_END
};

/* What is taken from meters: each of a port's is the sum of several. */
enum counters_meter {
    CM_RX_DROPPED = CD_END, CM_TX_DROPPED,
    COUNTERS_N_SOURCES
};

/* One source of numbers. */
struct counters_source {
    int64_t packets, bytes;     /* As it last was; 'bytes' of flows only. */
    bool unread;                /* Of a flow: not read since
                                 * counters_begin_reading(). */
    int64_t base_packets, base_bytes;   /* Counted before it began. */
};

struct port_counters {
    struct hmap_node node;      /* In struct counters's 'ports', by 'key'. */
    uint64_t key;               /* Of the port. */
    struct dvs_statistics restored; /* Counted before 'sources' were. */
    bool resumed;               /* 'restored' is known. */
    struct counters_source sources[COUNTERS_N_SOURCES];

    /* For report-statistics.c, when the port goes. */
    uint64_t last_mark;         /* Of the OpenFlow connection: nothing comes
                                 * after it; 0 as long as the port stays. */
    bool offered;               /* The controller was told to take over. */
};

struct counters {
    struct hmap ports;          /* Contains "struct port_counters"s. */
    struct hmap meters;         /* "struct counted_meter"s (internal). */
};

void counters_init(struct counters *);
void counters_destroy(struct counters *);
struct port_counters *counters_find(const struct counters *, uint64_t key);
struct port_counters *counters_find_or_add(struct counters *, uint64_t key);
void counters_forget(struct counters *, uint64_t key);

void counters_read_flow(struct port_counters *, enum pipeline_counter,
                        int64_t packets, int64_t bytes);
void counters_flow_gone(struct port_counters *, enum pipeline_counter);
void counters_begin_reading(struct counters *);
void counters_end_reading(struct counters *);
void counters_read_meter(struct counters *, struct port_counters *,
                         enum counters_meter, uint32_t meter_id,
                         int64_t packets);
void counters_meter_gone(struct counters *, uint32_t meter_id);
void counters_read_device(struct port_counters *, enum counters_device,
                          int64_t value);
void counters_restore(struct port_counters *,
                      const struct dvs_statistics *total,
                      const struct dvs_statistics *base);
void counters_disregard_devices(struct port_counters *);
void counters_forget_marks(struct counters *);
void counters_get(const struct port_counters *, struct dvs_statistics *total,
                  struct dvs_statistics *base);

#endif /* counters.h */

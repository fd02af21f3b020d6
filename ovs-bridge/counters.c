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

/* The counters of ports.  See counters.h. */

#include <config.h>
#include "ovs-bridge/counters.h"
#include "hash.h"
#include "util.h"

/* A meter that exists, of which the port's counter is to know when it begins
 * again at 0. */
struct counted_meter {
    struct hmap_node node;      /* In struct counters's 'meters'. */
    uint32_t id;
    uint64_t key;               /* Of the port. */
    enum counters_meter what;
    int64_t packets;            /* As it last was. */
};

/* Initializes 'counters' as empty. */
void
counters_init(struct counters *counters)
{
    hmap_init(&counters->ports);
    hmap_init(&counters->meters);
}

/* Frees what 'counters' holds. */
void
counters_destroy(struct counters *counters)
{
    struct port_counters *port;
    struct counted_meter *meter;

    HMAP_FOR_EACH_POP (port, node, &counters->ports) {
        free(port);
    }
    hmap_destroy(&counters->ports);
    HMAP_FOR_EACH_POP (meter, node, &counters->meters) {
        free(meter);
    }
    hmap_destroy(&counters->meters);
}

/* Returns the counters of the port with 'key', or NULL. */
struct port_counters *
counters_find(const struct counters *counters, uint64_t key)
{
    struct port_counters *port;

    HMAP_FOR_EACH_WITH_HASH (port, node, hash_uint64(key), &counters->ports) {
        if (port->key == key) {
            return port;
        }
    }
    return NULL;
}

/* Returns the counters of the port with 'key', all 0 if it had none. */
struct port_counters *
counters_find_or_add(struct counters *counters, uint64_t key)
{
    struct port_counters *port = counters_find(counters, key);

    if (!port) {
        port = xzalloc(sizeof *port);
        port->key = key;
        hmap_insert(&counters->ports, &port->node, hash_uint64(key));
    }
    return port;
}

/* Forgets the counters of the port with 'key', if there are any. */
void
counters_forget(struct counters *counters, uint64_t key)
{
    struct port_counters *port = counters_find(counters, key);
    struct counted_meter *meter;

    if (port) {
        HMAP_FOR_EACH_SAFE (meter, node, &counters->meters) {
            if (meter->key == key) {
                hmap_remove(&counters->meters, &meter->node);
                free(meter);
            }
        }
        hmap_remove(&counters->ports, &port->node);
        free(port);
    }
}

/* Notes that 'source' began again at 0. */
static void
source_ends(struct counters_source *source)
{
    source->base_packets += source->packets;
    source->base_bytes += source->bytes;
    source->packets = source->bytes = 0;
}

static void
read_source(struct counters_source *source, int64_t packets, int64_t bytes)
{
    if (packets < source->packets || bytes < source->bytes) {
        source_ends(source);
    }
    source->packets = packets;
    source->bytes = bytes;
}

/* The flow for 'counter' of 'port' has counted 'packets' and 'bytes'. */
void
counters_read_flow(struct port_counters *port, enum pipeline_counter counter,
                   int64_t packets, int64_t bytes)
{
    read_source(&port->sources[counter], packets, bytes);
    port->sources[counter].unread = false;
}

/* The flow for 'counter' of 'port' is gone; another one begins at 0. */
void
counters_flow_gone(struct port_counters *port, enum pipeline_counter counter)
{
    source_ends(&port->sources[counter]);
}

/* All flows of the ports of 'counters' are about to be read, up to
 * counters_end_reading(). */
void
counters_begin_reading(struct counters *counters)
{
    struct port_counters *port;

    HMAP_FOR_EACH (port, node, &counters->ports) {
        for (int i = 0; i < PC_N; i++) {
            port->sources[i].unread = true;
        }
    }
}

static struct counted_meter *
find_meter(const struct counters *counters, uint32_t meter_id)
{
    struct counted_meter *meter;

    HMAP_FOR_EACH_WITH_HASH (meter, node, hash_int(meter_id, 0),
                             &counters->meters) {
        if (meter->id == meter_id) {
            return meter;
        }
    }
    return NULL;
}

/* Notes that 'meter' begins again at 0.  (It has a port: counters_forget()
 * takes the meters of a port along.) */
static void
meter_ends(struct counters *counters, struct counted_meter *meter)
{
    struct port_counters *port = counters_find(counters, meter->key);

    port->sources[meter->what].base_packets += meter->packets;
    port->sources[meter->what].packets -= meter->packets;
    meter->packets = 0;
}

/* Meter 'meter_id' of 'port', one of those of 'counters', has dropped
 * 'packets', which count as 'what'. */
void
counters_read_meter(struct counters *counters, struct port_counters *port,
                    enum counters_meter what, uint32_t meter_id,
                    int64_t packets)
{
    struct counted_meter *meter = find_meter(counters, meter_id);

    if (!meter) {
        meter = xzalloc(sizeof *meter);
        meter->id = meter_id;
        meter->key = port->key;
        meter->what = what;
        hmap_insert(&counters->meters, &meter->node, hash_int(meter_id, 0));
    } else if (meter->key != port->key || packets < meter->packets) {
        meter_ends(counters, meter);
        meter->key = port->key;
    }
    port->sources[what].packets += packets - meter->packets;
    meter->packets = packets;
}

/* Meter 'meter_id' is gone, or begins again at 0. */
void
counters_meter_gone(struct counters *counters, uint32_t meter_id)
{
    struct counted_meter *meter = find_meter(counters, meter_id);

    if (meter) {
        meter_ends(counters, meter);
        hmap_remove(&counters->meters, &meter->node);
        free(meter);
    }
}

/* All flows of the ports of 'counters' have been read.  Those that were not
 * are gone, since Open vSwitch has started anew, perhaps; others begin at 0,
 * and may have counted more than these did by the time they are read.  If not
 * a single one is left, the same goes for meters. */
void
counters_end_reading(struct counters *counters)
{
    struct counted_meter *meter;
    struct port_counters *port;
    bool any = false;

    HMAP_FOR_EACH (port, node, &counters->ports) {
        for (int i = 0; i < PC_N; i++) {
            if (port->sources[i].unread) {
                source_ends(&port->sources[i]);
                port->sources[i].unread = false;
            } else {
                any = true;
            }
        }
    }
    if (!any) {
        HMAP_FOR_EACH (meter, node, &counters->meters) {
            meter_ends(counters, meter);
        }
    }
}

/* The device of 'port' says 'value' for 'what'. */
void
counters_read_device(struct port_counters *port, enum counters_device what,
                     int64_t value)
{
    read_source(&port->sources[what], value, 0);
}

/* Has what the devices of 'port' have counted so far, before they were the
 * port's, count for nothing. */
void
counters_disregard_devices(struct port_counters *port)
{
    for (int i = CD_RX_DROPPED; i < CD_END; i++) {
        port->sources[i].base_packets = -port->sources[i].packets;
    }
}

/* Forgets the 'last_mark's in 'counters', of a connection that has ended. */
void
counters_forget_marks(struct counters *counters)
{
    struct port_counters *port;

    HMAP_FOR_EACH (port, node, &counters->ports) {
        port->last_mark = 0;
    }
}

static void
add_source(const struct port_counters *port, int which,
           int packets, int bytes, struct dvs_statistics *total,
           struct dvs_statistics *base)
{
    const struct counters_source *source = &port->sources[which];

    if (packets >= 0) {
        base->n[packets] += source->base_packets;
        total->n[packets] += source->base_packets + source->packets;
    }
    if (bytes >= 0) {
        base->n[bytes] += source->base_bytes;
        total->n[bytes] += source->base_bytes + source->bytes;
    }
}

/* Stores in '*total' what 'port' has counted, and in '*base' how much of it
 * was before its present sources began. */
void
counters_get(const struct port_counters *port, struct dvs_statistics *total,
             struct dvs_statistics *base)
{
    static const struct {
        int source;
        int packets, bytes;     /* Each an enum dvs_counter, or -1. */
    } sums[] = {
        { PC_RX_UNICAST, DVS_RX_UNICAST_PACKETS, DVS_RX_UNICAST_BYTES },
        { PC_RX_MULTICAST, DVS_RX_MULTICAST_PACKETS, DVS_RX_MULTICAST_BYTES },
        { PC_RX_BROADCAST, DVS_RX_BROADCAST_PACKETS, DVS_RX_BROADCAST_BYTES },
        { PC_TX_UNICAST, DVS_TX_UNICAST_PACKETS, DVS_TX_UNICAST_BYTES },
        { PC_TX_MULTICAST, DVS_TX_MULTICAST_PACKETS, DVS_TX_MULTICAST_BYTES },
        { PC_TX_BROADCAST, DVS_TX_BROADCAST_PACKETS, DVS_TX_BROADCAST_BYTES },
        { PC_RX_UNICAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_RX_MULTICAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_RX_BROADCAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_TX_UNICAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_TX_MULTICAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_TX_BROADCAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_RX_TAGGED_UNICAST, DVS_RX_UNICAST_PACKETS, DVS_RX_UNICAST_BYTES },
        { PC_RX_TAGGED_MULTICAST, DVS_RX_MULTICAST_PACKETS,
          DVS_RX_MULTICAST_BYTES },
        { PC_RX_TAGGED_BROADCAST, DVS_RX_BROADCAST_PACKETS,
          DVS_RX_BROADCAST_BYTES },
        { PC_RX_TAGGED_UNICAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_RX_TAGGED_MULTICAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_RX_TAGGED_BROADCAST, DVS_RX_PACKETS, DVS_RX_BYTES },
        { PC_TX_TAGGED_UNICAST, DVS_TX_UNICAST_PACKETS, DVS_TX_UNICAST_BYTES },
        { PC_TX_TAGGED_MULTICAST, DVS_TX_MULTICAST_PACKETS,
          DVS_TX_MULTICAST_BYTES },
        { PC_TX_TAGGED_BROADCAST, DVS_TX_BROADCAST_PACKETS,
          DVS_TX_BROADCAST_BYTES },
        { PC_TX_TAGGED_UNICAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_TX_TAGGED_MULTICAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_TX_TAGGED_BROADCAST, DVS_TX_PACKETS, DVS_TX_BYTES },
        { PC_RX_TO_PNIC, -1, DVS_RX_TO_PNIC_BYTES },
        { PC_TX_FROM_PNIC, -1, DVS_TX_FROM_PNIC_BYTES },
        { PC_RX_CLOSED, DVS_RX_DROPPED, -1 },
        { PC_RX_REFUSED, DVS_RX_DROPPED, -1 },
        { PC_TX_RULES, DVS_TX_DROPPED, -1 },
        { PC_TX_OTHER_VLAN, DVS_TX_DROPPED, -1 },
        { PC_TX_REFUSED, DVS_TX_DROPPED, -1 },
        { PC_TX_NOT_CARRIED, DVS_TX_DROPPED, -1 },
        { CD_RX_DROPPED, DVS_RX_DROPPED, -1 },
        { CD_TX_DROPPED, DVS_TX_DROPPED, -1 },
        { CM_RX_DROPPED, DVS_RX_DROPPED, -1 },
        { CM_TX_DROPPED, DVS_TX_DROPPED, -1 },
        { CD_RX_ERRORS, DVS_RX_ERRORS, -1 },
        { CD_TX_ERRORS, DVS_TX_ERRORS, -1 },
    };

    *total = *base = port->restored;
    for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
        add_source(port, sums[i].source, sums[i].packets, sums[i].bytes,
                   total, base);
    }
}

/* Has 'port', whose sources have just been read for the first time, go on
 * where an earlier agent was: at 'total', of which 'base' was before the
 * sources began, as far as it knew.
 *
 * If the sources began again in the meantime, what they have counted since
 * then is left out rather than that anything is counted twice. */
void
counters_restore(struct port_counters *port,
                 const struct dvs_statistics *total,
                 const struct dvs_statistics *base)
{
    struct dvs_statistics now, ignored;

    port->resumed = true;
    port->restored = *base;
    counters_get(port, &now, &ignored);
    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        port->restored.n[i] += MAX(total->n[i] - now.n[i], 0);
    }
}

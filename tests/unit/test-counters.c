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

/* Tests the counters of a port: they are right whatever becomes of the flows
 * and devices they are read from, and whoever reads them. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "ovs-bridge/counters.h"
#include "random.h"
#include "util.h"

/* What really happened to the port. */
struct truth {
    int64_t packets[PC_N];      /* All that it counted. */
    int64_t live[PC_N];         /* Since the flow was made. */

    /* Likewise, what the port's meters dropped: the even ones on the way in,
     * the odd ones on the way out. */
    int64_t dropped[2], live_meter[4];
};

static int64_t
counted(const struct port_counters *port, enum dvs_counter counter)
{
    struct dvs_statistics total, base;

    counters_get(port, &total, &base);
    return total.n[counter];
}

static void
read_meter(struct counters *counters, const struct truth *truth, int i)
{
    counters_read_meter(counters, counters_find_or_add(counters, 7),
                        i & 1 ? CM_TX_DROPPED : CM_RX_DROPPED, 1000 + i,
                        truth->live_meter[i]);
}

static void
read_all(struct counters *counters, struct port_counters *port,
         const struct truth *truth)
{
    for (int i = 0; i < 4; i++) {
        read_meter(counters, truth, i);
    }
    for (int i = 0; i < PC_N; i++) {
        counters_read_flow(port, i, truth->live[i], truth->live[i] * 64);
    }
}

/* The agent starts again: only what it has reported is left. */
static void
restart_agent(struct counters *counters, const struct truth *truth)
{
    struct port_counters *port = counters_find(counters, 7);
    struct dvs_statistics total, base;

    counters_get(port, &total, &base);
    counters_forget(counters, 7);
    assert_null(counters_find(counters, 7));
    port = counters_find_or_add(counters, 7);
    read_all(counters, port, truth);
    counters_restore(port, &total, &base);
}

static void
check(const struct port_counters *port, const struct truth *truth)
{
    const int64_t *n = truth->packets;

    assert_int_equal(counted(port, DVS_RX_UNICAST_PACKETS),
                     n[PC_RX_UNICAST] + n[PC_RX_TAGGED_UNICAST]);
    assert_int_equal(counted(port, DVS_TX_BROADCAST_BYTES),
                     (n[PC_TX_BROADCAST] + n[PC_TX_TAGGED_BROADCAST]) * 64);
    assert_int_equal(counted(port, DVS_RX_PACKETS),
                     n[PC_RX_UNICAST] + n[PC_RX_MULTICAST]
                     + n[PC_RX_BROADCAST] + n[PC_RX_TAGGED_UNICAST]
                     + n[PC_RX_TAGGED_MULTICAST] + n[PC_RX_TAGGED_BROADCAST]);
    assert_int_equal(counted(port, DVS_TX_PACKETS),
                     n[PC_TX_UNICAST] + n[PC_TX_MULTICAST]
                     + n[PC_TX_BROADCAST] + n[PC_TX_TAGGED_UNICAST]
                     + n[PC_TX_TAGGED_MULTICAST] + n[PC_TX_TAGGED_BROADCAST]);
    assert_int_equal(counted(port, DVS_RX_TO_PNIC_BYTES),
                     n[PC_RX_TO_PNIC] * 64);
    assert_int_equal(counted(port, DVS_TX_FROM_PNIC_BYTES),
                     n[PC_TX_FROM_PNIC] * 64);
    assert_int_equal(counted(port, DVS_RX_DROPPED),
                     n[PC_RX_CLOSED] + n[PC_RX_REFUSED] + truth->dropped[0]);
    assert_int_equal(counted(port, DVS_TX_DROPPED),
                     n[PC_TX_RULES] + n[PC_TX_OTHER_VLAN] + n[PC_TX_REFUSED]
                     + n[PC_TX_NOT_CARRIED] + truth->dropped[1]);
}

/* Frames come, flows go and come, and the agent is restarted, at random; the
 * agent is told of each flow that goes, and so nothing is lost. */
static void
test_exact(void **state OVS_UNUSED)
{
    struct counters counters;
    struct truth truth;

    random_set_seed(1);
    memset(&truth, 0, sizeof truth);
    counters_init(&counters);
    counters_find_or_add(&counters, 7);
    for (int step = 0; step < 20000; step++) {
        struct port_counters *port = counters_find(&counters, 7);
        int i = random_range(PC_N);

        int meter = random_range(4);

        switch (random_range(10)) {
        case 8:
            read_meter(&counters, &truth, meter);
            counters_meter_gone(&counters, 1000 + meter);
            truth.live_meter[meter] = 0;
            break;
        case 9:
            truth.dropped[meter & 1] += step % 10;
            truth.live_meter[meter] += step % 10;
            break;
        case 0:
            counters_read_flow(port, i, truth.live[i], truth.live[i] * 64);
            counters_flow_gone(port, i);
            truth.live[i] = 0;
            break;
        case 1:
            restart_agent(&counters, &truth);
            break;
        case 2:
            read_all(&counters, port, &truth);
            check(port, &truth);
            break;
        default:
            truth.packets[i] += step % 100;
            truth.live[i] += step % 100;
            break;
        }
    }
    counters_destroy(&counters);
}

/* ovs-vswitchd is restarted, too, and nobody says so: some may be missed, but
 * no counter goes back, and none counts what was not there. */
static void
test_bounds(void **state OVS_UNUSED)
{
    struct counters counters;
    struct truth truth;
    int64_t last = 0;

    random_set_seed(2);
    memset(&truth, 0, sizeof truth);
    counters_init(&counters);
    counters_find_or_add(&counters, 7);
    for (int step = 0; step < 20000; step++) {
        struct port_counters *port = counters_find(&counters, 7);
        int i = random_range(PC_N);

        switch (random_range(10)) {
        case 0:
            memset(truth.live, 0, sizeof truth.live);
            memset(truth.live_meter, 0, sizeof truth.live_meter);
            break;
        case 1:
            restart_agent(&counters, &truth);
            break;
        case 2:
            read_all(&counters, port, &truth);
            break;
        default:
            truth.packets[i] += step % 100;
            truth.live[i] += step % 100;
            break;
        }

        port = counters_find(&counters, 7);
        int64_t now = counted(port, DVS_TX_UNICAST_PACKETS);
        assert_true(now >= last);
        assert_true(now <= truth.packets[PC_TX_UNICAST]
                    + truth.packets[PC_TX_TAGGED_UNICAST]);
        last = now;
    }
    assert_true(last > 0);
    counters_destroy(&counters);
}

/* A meter that begins again unseen, or has become another port's. */
static void
test_meter(void **state OVS_UNUSED)
{
    struct counters counters;
    struct port_counters *a, *b;

    counters_init(&counters);
    a = counters_find_or_add(&counters, 7);
    b = counters_find_or_add(&counters, 8);
    counters_read_meter(&counters, a, CM_RX_DROPPED, 1000, 50);
    counters_read_meter(&counters, a, CM_RX_DROPPED, 1000, 3);
    assert_int_equal(counted(a, DVS_RX_DROPPED), 53);
    counters_read_meter(&counters, a, CM_RX_DROPPED, 1000, 5);
    counters_read_meter(&counters, a, CM_TX_DROPPED, 1001, 2);
    assert_int_equal(counted(a, DVS_RX_DROPPED), 55);

    counters_read_meter(&counters, b, CM_RX_DROPPED, 1000, 60);
    assert_int_equal(counted(a, DVS_RX_DROPPED), 55);
    assert_int_equal(counted(b, DVS_RX_DROPPED), 60);
    counters_forget(&counters, 7);
    assert_int_equal(counted(b, DVS_RX_DROPPED), 60);
    counters_read_meter(&counters, b, CM_RX_DROPPED, 1000, 61);
    assert_int_equal(counted(b, DVS_RX_DROPPED), 61);
    counters_meter_gone(&counters, 1000);
    counters_meter_gone(&counters, 1000);
    assert_int_equal(counted(b, DVS_RX_DROPPED), 61);
    counters_destroy(&counters);
}

/* Bytes may go back where packets do not. */
static void
test_flow(void **state OVS_UNUSED)
{
    struct counters counters;
    struct port_counters *port;

    counters_init(&counters);
    port = counters_find_or_add(&counters, 7);
    counters_read_flow(port, PC_RX_UNICAST, 2, 3000);
    counters_read_flow(port, PC_RX_UNICAST, 2, 120);

    /* A flow that was made anew has counted more than the old one when it is
     * first asked; one that is still there goes on, as do meters. */
    counters_read_flow(port, PC_TX_UNICAST, 5, 500);
    counters_read_meter(&counters, port, CM_TX_DROPPED, 1000, 5);
    counters_begin_reading(&counters);
    counters_read_flow(port, PC_RX_UNICAST, 2, 120);
    counters_end_reading(&counters);
    counters_read_flow(port, PC_TX_UNICAST, 9, 900);
    counters_read_meter(&counters, port, CM_TX_DROPPED, 1000, 9);
    assert_int_equal(counted(port, DVS_TX_UNICAST_PACKETS), 14);
    assert_int_equal(counted(port, DVS_TX_DROPPED), 9);
    counters_begin_reading(&counters);
    counters_end_reading(&counters);
    counters_read_meter(&counters, port, CM_TX_DROPPED, 1000, 11);
    assert_int_equal(counted(port, DVS_TX_DROPPED), 20);
    assert_int_equal(counted(port, DVS_RX_UNICAST_PACKETS), 4);
    assert_int_equal(counted(port, DVS_RX_UNICAST_BYTES), 3120);

    port->last_mark = 5;
    counters_forget_marks(&counters);
    assert_int_equal(port->last_mark, 0);
    counters_destroy(&counters);
}

static void
test_device(void **state OVS_UNUSED)
{
    struct counters counters;
    struct port_counters *port;

    counters_init(&counters);
    port = counters_find_or_add(&counters, 901);
    counters_read_device(port, CD_RX_ERRORS, 100);
    counters_read_device(port, CD_RX_DROPPED, 5);
    counters_read_device(port, CD_RX_ERRORS, 3);
    assert_int_equal(counted(port, DVS_RX_ERRORS), 103);
    assert_int_equal(counted(port, DVS_RX_DROPPED), 5);

    /* What a device has counted before it was this port's. */
    counters_read_device(port, CD_TX_ERRORS, 7);
    counters_disregard_devices(port);
    assert_int_equal(counted(port, DVS_RX_ERRORS), 0);
    assert_int_equal(counted(port, DVS_TX_ERRORS), 0);
    counters_read_device(port, CD_TX_ERRORS, 9);
    assert_int_equal(counted(port, DVS_TX_ERRORS), 2);
    counters_forget(&counters, 901);
    counters_forget(&counters, 901);
    counters_destroy(&counters);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_meter),
        cmocka_unit_test(test_flow),
        cmocka_unit_test(test_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

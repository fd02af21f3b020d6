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

/* Load-based teaming: which port moves where. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "ovs-bridge/balance.h"
#include "util.h"

#define N 3
static const uint8_t all[N] = { 1, 2, 3 };

/* Uplinks 1, 2, 3 of 100 bit/s with the given loads outwards. */
static void
make_uplinks(struct balance_uplink uplinks[N], double a, double b, double c)
{
    const double loads[N] = { a, b, c };

    for (size_t i = 0; i < N; i++) {
        uplinks[i] = (struct balance_uplink) {
            .id = i + 1, .capacity = 100, .load = { loads[i], 0 }
        };
    }
}

#define PORT(CURRENT, OUT, IN) \
    { .current = CURRENT, .choices = all, .n_choices = N, .load = { OUT, IN } }

static void
test_quiet(void **state OVS_UNUSED)
{
    const struct balance_port ports[] = { PORT(1, 40, 0), PORT(1, 35, 0) };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* Not above the threshold: exactly at it. */
    make_uplinks(uplinks, 75, 0, 0);
    assert_int_equal(balance_decide(uplinks, N, ports, 2, .75, moves), 0);
}

static void
test_busiest(void **state OVS_UNUSED)
{
    const struct balance_port ports[] = {
        PORT(1, 20, 0), PORT(1, 40, 0), PORT(1, 30, 0), PORT(2, 50, 0)
    };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* The busiest moves, to the uplink with the least load; one only. */
    make_uplinks(uplinks, 90, 50, 10);
    assert_int_equal(balance_decide(uplinks, N, ports, 4, .75, moves), 1);
    assert_int_equal(moves[0].port, 1);
    assert_int_equal(moves[0].uplink, 3);
    assert_true(uplinks[0].load[BALANCE_OUT] == 50);
    assert_true(uplinks[2].load[BALANCE_OUT] == 50);

    /* Wherever that uplink comes in the order of choices. */
    make_uplinks(uplinks, 90, 10, 30);
    assert_int_equal(balance_decide(uplinks, N, ports, 4, .75, moves), 1);
    assert_int_equal(moves[0].uplink, 2);
}

static void
test_fits(void **state OVS_UNUSED)
{
    const struct balance_port ports[] = {
        PORT(1, 80, 0), PORT(1, 10, 0), PORT(1, 0, 0)
    };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* The busiest would be too much anywhere; the next one fits. */
    make_uplinks(uplinks, 90, 60, 70);
    assert_int_equal(balance_decide(uplinks, N, ports, 3, .75, moves), 1);
    assert_int_equal(moves[0].port, 1);
    assert_int_equal(moves[0].uplink, 2);

    /* Nothing fits: no move, and none of a port without load. */
    make_uplinks(uplinks, 90, 70, 70);
    assert_int_equal(balance_decide(uplinks, N, ports, 3, .75, moves), 0);
    make_uplinks(uplinks, 80, 0, 0);
    assert_int_equal(balance_decide(uplinks, N, ports, 1, .75, moves), 0);
}

static void
test_capacity(void **state OVS_UNUSED)
{
    const struct balance_port ports[] = {
        PORT(1, 40, 0), PORT(1, 40, 0), PORT(3, 50, 0)
    };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* A faster uplink has more room; one of unknown speed counts for nothing,
     * neither as one that is full nor as one that has room. */
    make_uplinks(uplinks, 80, 40, 100);
    uplinks[1].capacity = 1000;
    uplinks[2].capacity = 0;
    assert_int_equal(balance_decide(uplinks, N, ports, 3, .75, moves), 1);
    assert_int_equal(moves[0].port, 0);
    assert_int_equal(moves[0].uplink, 2);
}

static void
test_inwards(void **state OVS_UNUSED)
{
    const struct balance_port ports[] = { PORT(1, 30, 10), PORT(1, 5, 60) };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* What comes in counts as well as what goes out. */
    make_uplinks(uplinks, 35, 0, 0);
    uplinks[0].load[BALANCE_IN] = 90;
    uplinks[1].load[BALANCE_IN] = 30;
    assert_int_equal(balance_decide(uplinks, N, ports, 2, .75, moves), 1);
    assert_int_equal(moves[0].port, 1);
    assert_int_equal(moves[0].uplink, 3);
}

static void
test_choices(void **state OVS_UNUSED)
{
    static const uint8_t only[] = { 4, 1, 2 };  /* There is no 4. */
    const struct balance_port ports[] = {
        { .current = 1, .choices = only, .n_choices = 3, .load = { 50, 0 } },
        PORT(3, 40, 0), PORT(3, 45, 0)
    };
    struct balance_uplink uplinks[N];
    struct balance_move moves[N];

    /* Uplink 3 is not among the first port's; and what the first move brings
     * counts for the second, which therefore goes the other way. */
    make_uplinks(uplinks, 80, 20, 85);
    assert_int_equal(balance_decide(uplinks, N, ports, 3, .75, moves), 2);
    assert_int_equal(moves[0].port, 0);
    assert_int_equal(moves[0].uplink, 2);
    assert_int_equal(moves[1].port, 2);
    assert_int_equal(moves[1].uplink, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_busiest),
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_inwards),
        cmocka_unit_test(test_choices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

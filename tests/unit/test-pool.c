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

/* Unit tests of schema/dvs-pool.c. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "random.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-place.h"
#include "schema/dvs-pool.h"
#include "util.h"

static void
test_pools(void **state OVS_UNUSED)
{
    struct dvs_pools pools;

    dvs_pools_init(&pools);
    assert_null(dvs_pools_find(&pools, "gold"));
    dvs_pools_add(&pools, "gold", 7);
    dvs_pools_add(&pools, "silver", 5);
    assert_int_equal(dvs_pools_find(&pools, "gold")->quota, 7);
    assert_int_equal(dvs_pools_find(&pools, "silver")->quota, 5);
    assert_null(dvs_pools_find(&pools, "bronze"));
    dvs_pools_clear(&pools);
    assert_null(dvs_pools_find(&pools, "gold"));
    dvs_pools_destroy(&pools);
}

static void
check_validate(const char *name, int64_t quota, const char *expected)
{
    struct dvs_pool pool = { .name = CONST_CAST(char *, name),
                             .quota = quota };
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_pool_validate(&pool, &faults);
    assert_int_equal(faults.n, expected ? 1 : 0);
    if (expected) {
        assert_string_equal(faults.faults[0].name, expected);
    }
    dvs_faults_destroy(&faults);
}

static void
test_validate(void **state OVS_UNUSED)
{
    check_validate("gold", 0, NULL);
    check_validate("gold", DVS_BANDWIDTH_MAX, NULL);
    check_validate("gold", DVS_BANDWIDTH_MAX + 1, "InvalidArgument");
    check_validate("gold", -1, "InvalidArgument");
    check_validate("none", 0, "InvalidName");
    check_validate("a/b", 0, "InvalidName");
}

static void
test_budget(void **state OVS_UNUSED)
{
    struct dvs_budget_pool pools[2] = { { 0, 0 }, { 0, 0 } };
    struct dvs_budget b = { .capacity = 100, .pools = pools, .n_pools = 2 };

    /* Quotas take from what there is, and reservations from a quota. */
    assert_true(dvs_budget_grant(&b, 0, 60));
    assert_false(dvs_budget_grant(&b, 1, 41));
    assert_int_equal(pools[1].quota, 0);
    assert_true(dvs_budget_grant(&b, 1, 30));
    assert_int_equal(dvs_budget_used(&b), 90);
    assert_int_equal(dvs_budget_available(&b, DVS_NO_POOL), 10);

    assert_true(dvs_budget_admit(&b, 0, 0, 60));
    assert_false(dvs_budget_admit(&b, 0, 0, 1));
    assert_false(dvs_budget_admit(&b, DVS_NO_POOL, 0, 11));
    assert_true(dvs_budget_admit(&b, DVS_NO_POOL, 0, 10));
    assert_int_equal(b.outside, 10);

    /* More of what one has; less is always granted. */
    assert_true(dvs_budget_admit(&b, 0, 60, 20));
    assert_false(dvs_budget_admit(&b, 0, 20, 61));
    assert_int_equal(pools[0].used, 20);
    assert_true(dvs_budget_admit(&b, 0, 20, 50));
    assert_false(dvs_budget_is_violated(&b, 0));
    assert_true(dvs_budget_grant(&b, 0, 49));
    assert_true(dvs_budget_is_violated(&b, 0));
    assert_false(dvs_budget_is_violated(&b, 1));
    assert_false(dvs_budget_is_violated(&b, DVS_NO_POOL));
    assert_int_equal(dvs_budget_available(&b, 0), -1);
    assert_true(dvs_budget_grant(&b, 0, 60));
    assert_false(dvs_budget_is_violated(&b, 0));

    /* A switch that has lost an uplink violates the pools that are used. */
    b.capacity = 99;
    assert_true(dvs_budget_is_violated(&b, DVS_NO_POOL));
    assert_true(dvs_budget_is_violated(&b, 0));
    assert_false(dvs_budget_is_violated(&b, 1));
    assert_true(dvs_budget_admit(&b, 0, 50, 50));
    assert_false(dvs_budget_grant(&b, 1, 31));
    assert_true(dvs_budget_grant(&b, 1, 29));
    assert_false(dvs_budget_is_violated(&b, DVS_NO_POOL));
}

static void
test_place(void **state OVS_UNUSED)
{
    /* Together they fit, but for the last only if those without a choice and
     * the great ones go first. */
    struct dvs_placing fits[] = {
        { .reservation = 40, .choices = 3 },
        { .reservation = 50, .choices = 1 },
        { .reservation = 60, .choices = 3 },
        { .reservation = 50, .choices = 3 },
    };
    assert_int_equal(dvs_place(fits, ARRAY_SIZE(fits), 100), 0);
    assert_int_equal(fits[1].place, 0);
    assert_int_equal(fits[3].place, 0);
    assert_int_equal(fits[0].place, 1);
    assert_int_equal(fits[2].place, 1);

    /* Much is left, but nowhere enough. */
    struct dvs_placing scattered[] = {
        { .reservation = 60, .choices = 3 },
        { .reservation = 60, .choices = 3 },
        { .reservation = 60, .choices = 3 },
    };
    assert_int_equal(dvs_place(scattered, ARRAY_SIZE(scattered), 100), 1);

    /* One whose frames are spread needs room everywhere. */
    struct dvs_placing spread[] = {
        { .reservation = 60, .choices = 6, .every = true },
        { .reservation = 60, .choices = 7 },
    };
    assert_int_equal(dvs_place(spread, 2, 100), 0);
    assert_int_equal(spread[1].place, 0);
    spread[1].choices = 6;
    assert_int_equal(dvs_place(spread, 2, 100), 1);
    assert_int_equal(spread[1].place, -1);

    /* No uplink, no room; none needed, none taken. */
    struct dvs_placing none = { .reservation = 1 };
    assert_int_equal(dvs_place(&none, 1, 100), 1);
    none.choices = 1;
    assert_int_equal(dvs_place(&none, 1, 0), 1);
    assert_int_equal(dvs_place(NULL, 0, 0), 0);
}

/* Whatever is placed, no uplink has more than its room, none has one that it
 * did not choose, and what has none could not be added at the end. */
static void
test_place_random(void **state OVS_UNUSED)
{
    random_set_seed(7);
    for (int round = 0; round < 3000; round++) {
        struct dvs_placing ps[20];
        size_t n = random_range(ARRAY_SIZE(ps) + 1);
        int64_t used[8] = { 0 };
        size_t n_without = 0;

        for (size_t i = 0; i < n; i++) {
            ps[i] = (struct dvs_placing) {
                .reservation = 1 + random_range(60),
                .choices = random_range(256),
                .every = random_range(5) == 0,
            };
        }
        size_t without = dvs_place(ps, n, 100);
        for (size_t i = 0; i < n; i++) {
            if (ps[i].place < 0) {
                n_without++;
                continue;
            }
            assert_true(ps[i].choices & (1 << ps[i].place));
            for (int j = 0; j < 8; j++) {
                if (ps[i].every ? ps[i].choices & (1 << j)
                    : j == ps[i].place) {
                    used[j] += ps[i].reservation;
                }
            }
        }
        assert_int_equal(without, n_without);
        for (int j = 0; j < 8; j++) {
            assert_true(used[j] <= 100);
        }
        for (size_t i = 0; i < n; i++) {
            for (int j = 0; j < 8; j++) {
                assert_false(ps[i].place < 0 && !ps[i].every
                             && ps[i].choices & (1 << j)
                             && used[j] + ps[i].reservation <= 100);
            }
        }
    }
}

/* Reservations that come and go: those that are alike are kept together, and
 * find the places that they would find one by one. */
static void
check_places(const struct dvs_places *places, struct dvs_placing *ps, size_t n)
{
    int64_t left[DVS_PLACES_MAX], expected[DVS_PLACES_MAX], used = 0;
    size_t n_grouped = 0;

    assert_int_equal(dvs_places_fill(places, 100, left),
                     dvs_place(ps, n, 100));
    for (int j = 0; j < DVS_PLACES_MAX; j++) {
        expected[j] = 100;
    }
    for (size_t i = 0; i < n; i++) {
        used += ps[i].reservation;
        for (int j = 0; j < DVS_PLACES_MAX && ps[i].place >= 0; j++) {
            if (ps[i].every ? ps[i].choices >> j & 1 : j == ps[i].place) {
                expected[j] -= ps[i].reservation;
            }
        }
    }
    assert_memory_equal(left, expected, sizeof left);
    assert_int_equal(places->used, used);
    for (size_t i = 0; i < places->n; i++) {
        assert_true(places->groups[i].n > 0);
        n_grouped += places->groups[i].n;
    }
    assert_int_equal(n_grouped, n);
}

static void
test_places_random(void **state OVS_UNUSED)
{
    struct dvs_placing ps[30];
    struct dvs_places places;
    size_t n = 0, most_alike = 0;

    random_set_seed(23);
    dvs_places_init(&places);
    for (int step = 0; step < 20000; step++) {
        if (n && random_range(ARRAY_SIZE(ps) + 1) < n) {
            size_t i = random_range(n);

            dvs_places_remove(&places, &ps[i]);
            ps[i] = ps[--n];
        } else {
            ps[n] = (struct dvs_placing) {
                .reservation = 10 * (1 + random_range(4)),
                .choices = random_range(8),
                .every = random_range(5) == 0,
            };
            dvs_places_add(&places, &ps[n++]);
        }
        check_places(&places, ps, n);
        for (size_t i = 0; i < places.n; i++) {
            most_alike = MAX(most_alike, places.groups[i].n);
        }
    }
    assert_true(most_alike > 2);
    dvs_places_destroy(&places);
}

static void
test_placing_make(void **state OVS_UNUSED)
{
    struct svec working = SVEC_EMPTY_INITIALIZER;
    struct dvs_setting setting;

    svec_add(&working, "lag1");
    svec_add(&working, "uplink1");
    svec_add(&working, "uplink3");
    dvs_setting_init(&setting);
    svec_add(&setting.active, "uplink2");
    svec_add(&setting.active, "uplink3");
    svec_add(&setting.active, "uplink1");
    svec_add(&setting.standby, "uplink4");
    svec_add(&setting.standby, "lag1");

    struct dvs_placing p = dvs_placing_make(&setting, &working, 7);
    assert_int_equal(p.reservation, 7);
    assert_int_equal(p.choices, 6);
    assert_false(p.every);
    setting.teaming = DVS_TEAMING_IP_HASH;
    p = dvs_placing_make(&setting, &working, 7);
    assert_int_equal(p.choices, 6);
    assert_true(p.every);
    setting.teaming = DVS_TEAMING_EXPLICIT;
    p = dvs_placing_make(&setting, &working, 7);
    assert_int_equal(p.choices, 4);
    assert_false(p.every);

    /* Standby uplinks serve when no active one works. */
    svec_clear(&setting.active);
    p = dvs_placing_make(&setting, &working, 7);
    assert_int_equal(p.choices, 1);
    svec_clear(&setting.standby);
    p = dvs_placing_make(&setting, &working, 7);
    assert_int_equal(p.choices, 0);
    dvs_setting_destroy(&setting);
    svec_destroy(&working);
}

static bool
is_no_eth2(const char *nic, const void *bad)
{
    return strcmp(nic, bad) != 0;
}

static void
test_working_uplinks(void **state OVS_UNUSED)
{
    struct smap uplinks = SMAP_INITIALIZER(&uplinks);
    struct svec names = SVEC_EMPTY_INITIALIZER;
    const struct dvs_lag lag = {
        .name = CONST_CAST(char *, "lag1"), .num_ports = 3
    };
    struct dvs_lags lags;

    dvs_lags_init(&lags);
    dvs_lags_add(&lags, &lag);
    smap_add(&uplinks, "uplink2", "eth1");
    smap_add(&uplinks, "uplink1", "eth2");
    smap_add(&uplinks, "lag1-2", "eth3");
    smap_add(&uplinks, "lag1-0", "eth4");
    dvs_working_uplinks(&names, &uplinks, &lags, is_no_eth2, "eth2");
    assert_int_equal(names.n, 2);
    assert_string_equal(names.names[0], "lag1");
    assert_string_equal(names.names[1], "uplink2");
    svec_destroy(&names);
    smap_destroy(&uplinks);
    dvs_lags_destroy(&lags);
}

/* What a NIC is told that asks for too much, the first reason first. */
static void
check_admission(const struct dvs_admission *a, const struct dvs_budget *b,
                size_t pool, const char *expected)
{
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    assert_int_equal(dvs_budget_check(b, pool, a, &faults), !expected);
    assert_int_equal(faults.n, expected ? 1 : 0);
    if (expected) {
        char *s = xasprintf("%s: %s", faults.faults[0].name,
                            faults.faults[0].message);

        assert_string_equal(s, expected);
        free(s);
    }
    dvs_faults_destroy(&faults);
}

static void
test_admission(void **state OVS_UNUSED)
{
    struct dvs_budget_pool pools[1] = { { 60, 50 } };
    struct dvs_budget b = {
        .capacity = 100, .outside = 40, .pools = pools, .n_pools = 1
    };
    struct dvs_admission a = {
        .nic = "vm1", .switch_ = "prod", .pool = "gold", .asked = 31
    };

    check_admission(&a, &b, 0, "InvalidState: Network I/O Control of switch "
                    "\"prod\" is off");
    a.managed = true;
    check_admission(&a, &b, 0, "InvalidState: class virtual-machine of switch "
                    "\"prod\" has no reservation");
    a.room = 30;
    check_admission(&a, &b, 0, "InsufficientNetworkCapacity: 31 Mbit/s are "
                    "more than a single uplink has for virtual machines, 30");
    a.asked = 11;
    check_admission(&a, &b, 0, "InsufficientNetworkResourcePoolCapacity: NIC "
                    "\"vm1\" asks for 11 Mbit/s, but resource pool \"gold\" "
                    "has 10 left");
    a.asked = 10;
    check_admission(&a, &b, 0, NULL);

    /* What it has, it may keep, also on a switch that has nothing any more. */
    a.held = 20;
    a.asked = 31;
    a.room = 50;
    check_admission(&a, &b, 0, "InsufficientNetworkResourcePoolCapacity: NIC "
                    "\"vm1\" asks for 31 Mbit/s, but resource pool \"gold\" "
                    "has 30 left");
    a.asked = 30;
    check_admission(&a, &b, 0, NULL);
    a.room = 0;
    a.asked = 20;
    check_admission(&a, &b, 0, NULL);

    a = (struct dvs_admission) {
        .nic = "vm1", .switch_ = "prod", .managed = true, .room = 30,
        .asked = 1
    };
    check_admission(&a, &b, DVS_NO_POOL,
                    "InsufficientNetworkResourcePoolCapacity: NIC \"vm1\" "
                    "asks for 1 Mbit/s, but switch \"prod\" outside of "
                    "resource pools has 0 left");
}

/* A switch whose NICs, pools and uplinks come and go at random. */
#define N_POOLS 3
#define N_NICS 12

struct sim {
    struct dvs_budget_pool pools[N_POOLS];
    struct dvs_budget b;
    size_t pool_of[N_NICS];
    int64_t held[N_NICS];
};

static void
check_sums(const struct sim *s)
{
    int64_t used[N_POOLS] = { 0 }, outside = 0;

    for (int i = 0; i < N_NICS; i++) {
        *(s->pool_of[i] == DVS_NO_POOL ? &outside : &used[s->pool_of[i]])
            += s->held[i];
    }
    assert_int_equal(outside, s->b.outside);
    for (int i = 0; i < N_POOLS; i++) {
        assert_int_equal(used[i], s->pools[i].used);
    }
}

static void
test_budget_random(void **state OVS_UNUSED)
{
    struct sim s = { .b = { .capacity = 300, .n_pools = N_POOLS } };

    s.b.pools = s.pools;
    random_set_seed(11);
    for (int i = 0; i < N_NICS; i++) {
        s.pool_of[i] = i % (N_POOLS + 1) == N_POOLS ? DVS_NO_POOL
                       : i % (N_POOLS + 1);
    }
    for (int step = 0; step < 20000; step++) {
        bool was_red[N_POOLS + 1], is_red[N_POOLS + 1];
        int what = random_range(10), pool = random_range(N_POOLS);
        int nic = random_range(N_NICS);
        bool shrinks = false;

        for (int i = 0; i <= N_POOLS; i++) {
            was_red[i] = dvs_budget_is_violated(&s.b, i < N_POOLS ? i
                                                : DVS_NO_POOL);
        }
        if (what == 0) {
            int64_t capacity = 100 * random_range(5);

            shrinks = capacity < s.b.capacity;
            s.b.capacity = capacity;
        } else if (what < 3) {
            int64_t quota = random_range(200), old = s.pools[pool].quota;

            shrinks = quota < old;
            if (!dvs_budget_grant(&s.b, pool, quota)) {
                assert_true(quota > old);
                assert_int_equal(s.pools[pool].quota, old);
                assert_true(dvs_budget_used(&s.b) - old + quota
                            > s.b.capacity);
            }
        } else {
            int64_t asked = random_range(3) ? random_range(60) : 0;
            int64_t left = dvs_budget_available(&s.b, s.pool_of[nic]);

            if (dvs_budget_admit(&s.b, s.pool_of[nic], s.held[nic], asked)) {
                assert_true(asked <= s.held[nic]
                            || asked - s.held[nic] <= left);
                s.held[nic] = asked;
            } else {
                assert_true(asked - s.held[nic] > left);
            }
        }
        check_sums(&s);

        /* Nothing but a loss makes a violation, and a pool that was violated
         * for its switch's sake may have become used meanwhile. */
        for (int i = 0; i <= N_POOLS; i++) {
            is_red[i] = dvs_budget_is_violated(&s.b, i < N_POOLS ? i
                                               : DVS_NO_POOL);
            assert_true(shrinks || !is_red[i] || was_red[i]
                        || (i < N_POOLS && was_red[N_POOLS]));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_validate),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_place_random),
        cmocka_unit_test(test_places_random),
        cmocka_unit_test(test_placing_make),
        cmocka_unit_test(test_working_uplinks),
        cmocka_unit_test(test_admission),
        cmocka_unit_test(test_budget_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

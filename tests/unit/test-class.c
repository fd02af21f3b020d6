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

/* Unit tests of schema/dvs-class.c. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "schema/dvs-class.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "util.h"

static void
set(struct dvs_classes *classes, enum dvs_traffic_class tc, int shares,
    int64_t limit, int64_t reservation)
{
    classes->classes[tc] = (struct dvs_class) {
        .present = true,
        .shares = shares,
        .limit = limit,
        .reservation = reservation,
    };
}

static uint64_t
sum_min(const struct dvs_rate rates[DVS_N_TRAFFIC_CLASSES])
{
    uint64_t sum = 0;

    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        sum += rates[i].min;
    }
    return sum;
}

/* Within 0.1 % and 12 bit/s of each other. */
static void
assert_near(uint64_t a, uint64_t b)
{
    uint64_t difference = a > b ? a - b : b - a;

    assert_true(difference <= b / 1000 + 12);
}

static void
test_divide(void **state OVS_UNUSED)
{
    struct dvs_rate rates[DVS_N_TRAFFIC_CLASSES];
    struct dvs_classes classes;

    /* Defaults: 100 and eleven times 50. */
    dvs_classes_init(&classes);
    dvs_classes_divide(&classes, 650, rates);
    assert_near(rates[DVS_TC_VIRTUAL_MACHINE].min, 100000000);
    assert_near(rates[DVS_TC_NFS].min, 50000000);
    assert_int_equal(rates[DVS_TC_NFS].max, 650000000);
    assert_near(sum_min(rates), 650000000);

    /* A limit below the fair share: the others get the rest. */
    set(&classes, DVS_TC_VIRTUAL_MACHINE, 100, 10, 0);
    dvs_classes_divide(&classes, 560, rates);
    assert_near(rates[DVS_TC_VIRTUAL_MACHINE].min, 10000000);
    assert_int_equal(rates[DVS_TC_VIRTUAL_MACHINE].max, 10000000);
    assert_near(rates[DVS_TC_NFS].min, 50000000);

    /* A reservation above the fair share: the others lose it. */
    set(&classes, DVS_TC_VIRTUAL_MACHINE, 1, 0, 450);
    dvs_classes_divide(&classes, 1000, rates);
    assert_near(rates[DVS_TC_VIRTUAL_MACHINE].min, 450000000);
    assert_near(rates[DVS_TC_NFS].min, 50000000);

    /* One below it changes nothing. */
    set(&classes, DVS_TC_VIRTUAL_MACHINE, 100, 0, 60);
    dvs_classes_divide(&classes, 650, rates);
    assert_near(rates[DVS_TC_VIRTUAL_MACHINE].min, 100000000);

    /* More reserved than there is: in proportion to the reservations. */
    set(&classes, DVS_TC_VIRTUAL_MACHINE, 100, 0, 300);
    set(&classes, DVS_TC_NFS, 1, 0, 100);
    dvs_classes_divide(&classes, 100, rates);
    assert_near(rates[DVS_TC_VIRTUAL_MACHINE].min, 75000000);
    assert_near(rates[DVS_TC_NFS].min, 25000000);
    assert_near(sum_min(rates), 100000000);
    assert_int_equal(rates[DVS_TC_MANAGEMENT].min, 1);

    /* All limited: the link is not filled. */
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        set(&classes, i, 50, 2, 0);
    }
    dvs_classes_divide(&classes, 100, rates);
    assert_near(sum_min(rates), 24000000);
}

/* Checks the faults of 'tc' of 'classes', with a slowest uplink of 'slowest'
 * and 75 %: "NAME: COLUMN", or "" for none. */
static void
check(const struct dvs_classes *classes, enum dvs_traffic_class tc,
      int64_t slowest, const char *expected)
{
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_classes_validate(classes, tc, 75, slowest, &faults);
    assert_int_equal(faults.n, expected[0] ? 1 : 0);
    if (faults.n) {
        char *actual = xasprintf("%s: %s", faults.faults[0].name,
                                 faults.faults[0].column);

        assert_string_equal(actual, expected);
        free(actual);
    }
    dvs_faults_destroy(&faults);
}

static void
test_validate(void **state OVS_UNUSED)
{
    struct dvs_classes classes;

    dvs_classes_init(&classes);
    check(&classes, DVS_TC_NFS, 100, "");
    set(&classes, DVS_TC_NFS, 0, 0, 0);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: shares");
    set(&classes, DVS_TC_NFS, 101, 0, 0);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: shares");
    set(&classes, DVS_TC_NFS, 1, DVS_BANDWIDTH_MAX + 1, 0);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: limit");
    set(&classes, DVS_TC_NFS, 100, DVS_BANDWIDTH_MAX, DVS_BANDWIDTH_MAX);
    check(&classes, DVS_TC_NFS, 0, "");
    set(&classes, DVS_TC_NFS, 1, 0, DVS_BANDWIDTH_MAX + 1);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: reservation");
    set(&classes, DVS_TC_NFS, 1, 0, -1);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: reservation");
    set(&classes, DVS_TC_NFS, 1, 10, 11);
    check(&classes, DVS_TC_NFS, 0, "InvalidArgument: reservation");
    set(&classes, DVS_TC_NFS, 1, 10, 10);
    check(&classes, DVS_TC_NFS, 0, "");

    /* 75 of 100 may be reserved.  What does not fit takes no room. */
    set(&classes, DVS_TC_MANAGEMENT, 50, 0, 40);
    set(&classes, DVS_TC_VMOTION, 50, 0, 36);
    set(&classes, DVS_TC_NFS, 50, 0, 35);
    check(&classes, DVS_TC_MANAGEMENT, 100, "");
    check(&classes, DVS_TC_VMOTION, 100, "ResourceNotAvailable: reservation");
    check(&classes, DVS_TC_NFS, 100, "");
    check(&classes, DVS_TC_VMOTION, 0, "");
    dvs_classes_remove_faulty(&classes, 75, 100);
    assert_int_equal(classes.classes[DVS_TC_MANAGEMENT].reservation, 40);
    assert_int_equal(classes.classes[DVS_TC_VMOTION].reservation, 0);
    assert_false(classes.classes[DVS_TC_VMOTION].present);
    assert_int_equal(classes.classes[DVS_TC_NFS].reservation, 35);

    /* Nothing is left. */
    set(&classes, DVS_TC_VMOTION, 50, 0, 35);
    set(&classes, DVS_TC_NFS, 50, 0, 1);
    check(&classes, DVS_TC_VMOTION, 100, "");
    check(&classes, DVS_TC_NFS, 100, "ResourceNotAvailable: reservation");
}

static void
test_text(void **state OVS_UNUSED)
{
    static const char *const bad[][2] = {
        { "class:", "1,0,0" }, { "class:lan", "1,0,0" },
        { "class:nfs", "" }, { "class:nfs", "1,0" },
        { "class:nfs", "1,0,0,0" }, { "class:nfs", "0,0,0" },
        { "class:nfs", "101,0,0" }, { "class:nfs", "1,-1,0" },
        { "class:nfs", "1,0,-1" }, { "class:nfs", "1,0,10000001" },
        { "class:nfs", "1,10000001,0" },
    };
    struct smap config = SMAP_INITIALIZER(&config);
    struct dvs_classes classes, copy;

    dvs_classes_init(&classes);
    dvs_classes_to_smap(&classes, &config);
    assert_true(smap_is_empty(&config));
    set(&classes, DVS_TC_NVME_TCP, 7, 20, 10);
    dvs_classes_to_smap(&classes, &config);
    assert_string_equal(smap_get(&config, "class:nvme-tcp"), "7,20,10");
    smap_add(&config, "lag:x", "other");
    assert_null(dvs_classes_from_smap(&copy, &config));
    assert_true(copy.classes[DVS_TC_NVME_TCP].present);
    assert_int_equal(copy.classes[DVS_TC_NVME_TCP].shares, 7);
    assert_int_equal(copy.classes[DVS_TC_NVME_TCP].limit, 20);
    assert_int_equal(copy.classes[DVS_TC_NVME_TCP].reservation, 10);
    assert_false(copy.classes[DVS_TC_NFS].present);

    /* What is wrong leaves nothing, nor does what was there before. */
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        smap_clear(&config);
        smap_add(&config, "class:iscsi", "7,20,10");
        smap_add(&config, "class:vsan", "7,20,10");
        smap_add(&config, bad[i][0], bad[i][1]);
        char *error = dvs_classes_from_smap(&copy, &config);
        assert_non_null(error);
        free(error);
        assert_false(copy.classes[DVS_TC_NFS].present);
        assert_false(copy.classes[DVS_TC_NVME_TCP].present);
        assert_false(copy.classes[DVS_TC_ISCSI].present);
        assert_false(copy.classes[DVS_TC_VSAN].present);
    }
    set(&copy, DVS_TC_NFS, 7, 20, 10);
    smap_clear(&config);
    assert_null(dvs_classes_from_smap(&copy, &config));
    assert_false(copy.classes[DVS_TC_NFS].present);

    /* The most that there can be. */
    smap_clear(&config);
    smap_add(&config, "class:nfs", "100,10000000,10000000");
    assert_null(dvs_classes_from_smap(&copy, &config));
    assert_int_equal(copy.classes[DVS_TC_NFS].shares, 100);
    assert_int_equal(copy.classes[DVS_TC_NFS].limit, 10000000);
    assert_int_equal(copy.classes[DVS_TC_NFS].reservation, 10000000);
    smap_destroy(&config);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divide),
        cmocka_unit_test(test_validate),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

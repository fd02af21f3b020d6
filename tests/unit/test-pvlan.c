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

/* Tests the private VLAN map (schema/dvs-pvlan.c). */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "util.h"

/* Reads a map such as "100,100,promiscuous 100,101,isolated". */
static void
read_map(struct dvs_pvlans *pvlans, const char *text)
{
    char *copy = xstrdup(text);
    char *save_ptr = NULL;

    dvs_pvlans_init(pvlans);
    for (char *word = strtok_r(copy, " ", &save_ptr); word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        struct dvs_pvlan entry;
        char type[16];

        assert_int_equal(sscanf(word, "%hu,%hu,%15s", &entry.primary,
                                &entry.secondary, type), 3);
        assert_true(dvs_pvlan_type_from_string(type, &entry.type));
        dvs_pvlans_add(pvlans, &entry);
    }
    free(copy);
}

static void
check_faults(const char *text, const char *expected)
{
    struct ds got = DS_EMPTY_INITIALIZER;
    struct dvs_pvlans pvlans;
    size_t n_valid = 0;

    read_map(&pvlans, text);
    for (size_t i = 0; i < pvlans.n; i++) {
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        dvs_pvlans_validate(&pvlans, &pvlans.entries[i], &faults);
        for (size_t j = 0; j < faults.n; j++) {
            ds_put_format(&got, "%d: %s: %s: %s\n",
                          pvlans.entries[i].secondary, faults.faults[j].name,
                          faults.faults[j].column, faults.faults[j].message);
        }
        n_valid += !faults.n;
        dvs_faults_destroy(&faults);
    }
    assert_string_equal(ds_cstr(&got), expected);

    dvs_pvlans_remove_faulty(&pvlans);
    assert_int_equal(pvlans.n, n_valid);
    dvs_pvlans_destroy(&pvlans);
    ds_destroy(&got);
}

static void
test_validate(void **state OVS_UNUSED)
{
    check_faults("", "");
    check_faults("100,101,isolated 100,102,community 100,100,promiscuous "
                 "100,103,community 200,200,promiscuous 200,201,isolated", "");
    check_faults("100,100,isolated",
                 "100: InvalidArgument: type: the entry of primary VLAN 100 "
                 "must be promiscuous\n");
    check_faults("100,100,promiscuous 100,101,promiscuous",
                 "101: InvalidArgument: type: secondary VLAN 101 must be "
                 "isolated or community\n");
    check_faults("100,101,community",
                 "101: NotFound: primary: there is no entry of primary VLAN "
                 "100\n");
    /* What is secondary is no primary. */
    check_faults("100,100,promiscuous 100,101,community 101,102,community",
                 "102: NotFound: primary: there is no entry of primary VLAN "
                 "101\n");
    check_faults("100,100,promiscuous 100,103,isolated 100,101,isolated "
                 "200,200,promiscuous 200,102,isolated",
                 "103: InvalidArgument: type: primary VLAN 100 already has "
                 "isolated VLAN 101\n");
}

static void
test_text(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", "100", "100,", "100,isolate", "0,isolated", "4095,isolated",
        ",isolated", "x,isolated",
    };
    struct smap config = SMAP_INITIALIZER(&config);
    struct dvs_pvlans pvlans, copy;

    read_map(&pvlans, "100,100,promiscuous 100,102,community "
                      "100,101,isolated");
    smap_add(&config, "other", "x");
    dvs_pvlans_to_smap(&pvlans, &config);
    assert_int_equal(smap_count(&config), 4);
    assert_string_equal(smap_get(&config, "pvlan:101"), "100,isolated");

    dvs_pvlans_init(&copy);
    assert_null(dvs_pvlans_from_smap(&copy, &config));
    assert_int_equal(copy.n, pvlans.n);
    for (size_t i = 0; i < copy.n; i++) {
        assert_true(dvs_pvlan_equal(&copy.entries[i], &pvlans.entries[i]));
    }

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        smap_replace(&config, "pvlan:101", bad[i]);
        char *error = dvs_pvlans_from_smap(&copy, &config);
        assert_non_null(error);
        assert_int_equal(copy.n, 0);
        free(error);
    }
    smap_destroy(&config);
    dvs_pvlans_destroy(&pvlans);
    dvs_pvlans_destroy(&copy);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_validate),
        cmocka_unit_test(test_text),
    };

    return cmocka_run_group_tests_name("pvlan", tests, NULL, NULL);
}

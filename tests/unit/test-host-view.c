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

/* The host view: ports, uplinks and the teams that ports use. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/host-view.h"
#include "tests/model-text.h"
#include "util.h"

static void
read_model(struct hv_switch *sw, const char *text)
{
    hv_switch_init(sw);
    char *error = model_text_read(text, sw);
    if (error) {
        fail_msg("%s", error);
    }
}

/* Checks that the port 'key' of 'sw' uses team 'number' with order 'order'. */
static void
assert_team(struct hv_switch *sw, const char *key, int number,
            const char *order)
{
    const struct hv_team *team = hv_team_for_port(sw, hv_port_find(sw, key));
    struct ds s = DS_EMPTY_INITIALIZER;

    assert_non_null(team);
    assert_int_equal(team->number, number);
    assert_string_equal(team->key, order);
    for (size_t i = 0; i < team->n_order; i++) {
        ds_put_format(&s, i ? ",%d" : "%d", team->order[i]);
    }
    assert_string_equal(ds_cstr(&s), order);
    ds_destroy(&s);
}

static void
test_ports(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    hv_switch_init(&sw);
    struct hv_port *a = hv_port_create(&sw, "1");
    struct hv_port *b = hv_port_create(&sw, "10");
    assert_ptr_equal(hv_port_find(&sw, "1"), a);
    assert_ptr_equal(hv_port_find(&sw, "10"), b);
    assert_null(hv_port_find(&sw, "2"));
    assert_int_equal(a->ofport, OFPP_NONE);
    assert_false(a->active);
    hv_port_destroy(&sw, a);
    hv_port_destroy(&sw, NULL);
    assert_null(hv_port_find(&sw, "1"));
    assert_ptr_equal(hv_port_find(&sw, "10"), b);
    hv_switch_destroy(&sw);
}

static void
test_uplinks(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n"
                    "uplink uplink2\n");
    assert_int_equal(hv_uplink_id(&sw, "uplink1"), 1);
    assert_int_equal(hv_uplink_id(&sw, "uplink2"), 2);
    assert_int_equal(hv_uplink_id(&sw, "uplink3"), 0);
    hv_switch_destroy(&sw);
}

/* Originating port: pinned by key; then the standby ones; then the other
 * active ones. */
static void
test_originating_port(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "uplink uplink4 4\n"
               "port 6 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 7 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 8 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 9 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 20\n"
               "port 21 active=uplink3 standby=uplink1\n");
    assert_team(&sw, "7", 1, "2,4,3,1");
    assert_team(&sw, "6", 2, "1,4,2,3");
    assert_team(&sw, "8", 3, "3,4,1,2");
    assert_team(&sw, "9", 2, "1,4,2,3");
    assert_team(&sw, "20", 4, "1,2,3,4");
    assert_team(&sw, "21", 5, "3,1");
    assert_team(&sw, "7", 1, "2,4,3,1");
    hv_switch_destroy(&sw);
}

static void
test_explicit(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 teaming=explicit active=uplink3,uplink1"
               " standby=uplink2\n"
               "port 2 teaming=explicit active=uplink3,uplink1"
               " standby=uplink2\n");
    assert_team(&sw, "1", 1, "3,1,2");
    assert_team(&sw, "2", 1, "3,1,2");
    hv_switch_destroy(&sw);
}

/* Uplinks that have no NIC on this host do not count. */
static void
test_absent_uplinks(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1\n"
               "port 2\n"
               "port 3 active=uplink1 standby=uplink3\n"
               "port 4 active=uplink1\n"
               "port 5 active=uplink1,uplink1,uplink3\n");
    assert_team(&sw, "1", 1, "3,2");
    assert_team(&sw, "2", 2, "2,3");
    assert_team(&sw, "3", 3, "3");
    assert_null(hv_team_for_port(&sw, hv_port_find(&sw, "4")));
    assert_team(&sw, "5", 3, "3");

    /* A NIC comes. */
    sw.uplinks[1].ofport = 1;
    assert_team(&sw, "4", 4, "1");
    hv_switch_destroy(&sw);
}

static void
test_restore(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", ",", "1,", ",1", "0", "1,0", "33", "1,1", "1;2", " 1", "01",
        "-1", "1 ,2", "18446744073709551617", "x",
    };
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "port 1\n"
               "port 2\n"
               "port 3 active=uplink1\n");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        if (hv_team_restore(&sw, 1, bad[i])) {
            fail_msg("took \"%s\"", bad[i]);
        }
    }
    assert_false(hv_team_restore(&sw, 0, "1"));
    assert_false(hv_team_restore(&sw, HV_MAX_TEAMS + 1, "1"));
    assert_int_equal(hmap_count(&sw.teams), 0);

    assert_true(hv_team_restore(&sw, 7, "2,1"));
    assert_true(hv_team_restore(&sw, 1, "32"));
    assert_false(hv_team_restore(&sw, 7, "1,2"));
    assert_false(hv_team_restore(&sw, 8, "2,1"));
    assert_team(&sw, "1", 7, "2,1");
    assert_team(&sw, "2", 2, "1,2");
    assert_team(&sw, "3", 3, "1");
    hv_switch_destroy(&sw);
}

/* There are no more numbers than fit into a group id. */
static void
test_out_of_numbers(void **state OVS_UNUSED)
{
    struct ds key = DS_EMPTY_INITIALIZER;
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n"
                    "port 1\n");
    for (int number = 1; number <= HV_MAX_TEAMS; number++) {
        ds_clear(&key);
        ds_put_format(&key, "%d,%d,%d", 2 + number % 10, 12 + number / 10 % 10,
                      22 + number / 100 % 11);
        if (number > 1100) {
            ds_put_cstr(&key, ",1");
        }
        if (!hv_team_restore(&sw, number, ds_cstr(&key))) {
            fail_msg("%s", ds_cstr(&key));
        }
    }
    ds_destroy(&key);
    assert_null(hv_team_for_port(&sw, hv_port_find(&sw, "1")));
    hv_switch_destroy(&sw);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_uplinks),
        cmocka_unit_test(test_originating_port),
        cmocka_unit_test(test_explicit),
        cmocka_unit_test(test_absent_uplinks),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_out_of_numbers),
    };

    return cmocka_run_group_tests_name("host-view", tests, NULL, NULL);
}

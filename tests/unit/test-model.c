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

/* Names that follow from other names, and the words of the model. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "schema/dvs-host-nic.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-merge.h"
#include "schema/dvs-model.h"
#include "util.h"

static void
test_bridge_names(void **state OVS_UNUSED)
{
    static const struct {
        const char *name;
        const char *bridge;
    } cases[] = {
        { "prod", "prod" },
        { "br-prod_1.2", "br-prod_1.2" },
        { "123456789012345", "123456789012345" },
        /* The hash is part of what hosts see: it may never change. */
        { "1234567890123456", "dvs-1234-17f1f3" },
        { "lo", "dvs-lo-31c06c" },
        { "ovs-system", "dvs-ovss-54760d" },
        { "my switch", "dvs-mysw-72e5f5" },
        { "-x", "dvs-x-cd60c0" },
        { "Z\xc3\xbcrich", "dvs-Zric-007f20" },
        { "...", "dvs--c31c19" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *bridge = dvs_bridge_name_from_switch(cases[i].name);
        assert_true(strlen(bridge) <= DVS_BRIDGE_NAME_MAX);
        assert_string_equal(bridge, cases[i].bridge);
        free(bridge);
    }
}

static void
test_uplink_portgroup_names(void **state OVS_UNUSED)
{
    char *name = dvs_uplink_portgroup_name("prod");
    assert_string_equal(name, "prod-DVUplinks");
    free(name);

    /* The longest name keeps valid, whatever its characters are. */
    static const char *const letters[] = { "x", "\xc3\xbc", "\xe2\x82\xac",
                                           "\xf0\x9f\x90\xa7" };
    for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
        struct ds ds = DS_EMPTY_INITIALIZER;
        for (int n = 0; n < DVS_NAME_MAX; n++) {
            ds_put_cstr(&ds, letters[i]);
            name = dvs_uplink_portgroup_name(ds_cstr(&ds));
            assert_null(dvs_validate_name("portgroup", name));
            assert_non_null(strstr(name, letters[i]));
            assert_string_equal(strstr(name, "-DV"), "-DVUplinks");
            free(name);
        }
        ds_destroy(&ds);
    }
}

static void
test_port_names(void **state OVS_UNUSED)
{
    static const struct {
        const char *format;
        const char *name;
    } cases[] = {
        { NULL, "" },
        { "", "" },
        { "plain", "plain" },
        { "<dvsName>", "prod" },
        { "<dvsName>.<portgroupName>.<portIndex>", "prod.web.7" },
        { "<portIndex><portIndex>", "77" },
        { "<PortIndex><x>", "<PortIndex><x>" },
        { "\\<portIndex>-<portIndex>", "<portIndex>-7" },
        { "\\<x>\\\\", "\\<x>\\\\" },
        { "<<portIndex>>", "<7>" },
        { "<portIndex", "<portIndex" },
        { "\\", "\\" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *name = dvs_port_name_from_format(cases[i].format, "prod", "web",
                                               "7");
        assert_string_equal(name, cases[i].name);
        free(name);
    }

    char *name = dvs_port_name_from_format("a<portgroupName>b", "prod", NULL,
                                           NULL);
    assert_string_equal(name, "ab");
    free(name);
}

static void
test_words(void **state OVS_UNUSED)
{
    static const enum dvs_portgroup_type types[] = {
        DVS_EARLY_BINDING, DVS_LATE_BINDING, DVS_EPHEMERAL
    };
    enum dvs_portgroup_type type;

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        assert_true(dvs_portgroup_type_from_string(
                        dvs_portgroup_type_to_string(types[i]), &type));
        assert_int_equal(type, types[i]);
    }
    assert_false(dvs_portgroup_type_from_string("static", &type));

    assert_string_equal(dvs_origin_to_string(DVS_FROM_DEFAULT), "default");
    assert_string_equal(dvs_origin_to_string(DVS_FROM_SWITCH), "switch");
    assert_string_equal(dvs_origin_to_string(DVS_FROM_PORTGROUP),
                        "portgroup");
    assert_string_equal(dvs_origin_to_string(DVS_FROM_PORT), "port");
}

/* What is new is at vSphere's defaults, and can be destroyed, as can NULL. */
static void
test_life_cycle(void **state OVS_UNUSED)
{
    struct dvs_switch sw;
    struct dvs_portgroup pg;
    struct dvs_port port;
    struct dvs_member member;

    dvs_switch_init(&sw);
    assert_int_equal(sw.mtu, 1500);
    dvs_switch_destroy(&sw);
    dvs_switch_destroy(NULL);

    dvs_portgroup_init(&pg);
    assert_int_equal(pg.type, DVS_EARLY_BINDING);
    assert_int_equal(pg.overrides, 1u << DVS_OV_BLOCK);
    assert_true(pg.reset_at_disconnect);
    assert_false(pg.live_port_moving);
    assert_false(pg.uplink);
    dvs_portgroup_destroy(&pg);
    dvs_portgroup_destroy(NULL);

    dvs_port_init(&port);
    dvs_port_destroy(&port);
    dvs_port_destroy(NULL);

    dvs_member_init(&member);
    assert_int_equal(member.ring, 0);
    dvs_member_destroy(&member);
    dvs_member_destroy(NULL);

    dvs_setting_destroy(NULL);
    dvs_faults_destroy(NULL);
}

/* What a portgroup or NIC is called in a switch that has others. */
static void
test_merged_names(void **state OVS_UNUSED)
{
    static const char *const expected[] = {
        "web", "Copy of web", "Copy of web (2)", "Copy of web (3)",
    };
    struct shash names = SHASH_INITIALIZER(&names);

    for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
        char *name = dvs_merge_choose_name(&names, "web");

        assert_string_equal(name, expected[i]);
        shash_add(&names, name, NULL);
        free(name);
    }

    /* It is no longer than a name may be. */
    char *longest = xmalloc(DVS_NAME_MAX + 1);
    memset(longest, 'x', DVS_NAME_MAX);
    longest[DVS_NAME_MAX] = '\0';
    shash_add(&names, longest, NULL);
    char *name = dvs_merge_choose_name(&names, longest);
    assert_int_equal(strlen(name), strlen("Copy of ") + DVS_NAME_MAX - 20);
    free(name);
    free(longest);
    shash_destroy(&names);
}

/* What a host calls the device of its NIC. */
static void
check_device(const char *id, const char *expected)
{
    char *device = dvs_host_nic_device(id);

    assert_string_equal(device, expected);
    free(device);
}

static void
test_host_nic(void **state OVS_UNUSED)
{
    check_device("vmk0", "vmk0");
    check_device("a/b/vmk0.1_x-Y", "vmk0.1_x-Y");
    check_device("123456789012345", "123456789012345");

    /* No names for devices: the SHA-1 of the whole. */
    check_device("1234567890123456", "dvsdeed2a88e73d");
    check_device("vmk0/", "dvsc80121fe2b6a");
    check_device("h/-x", "dvs9ec36f6ed007");
    check_device("h/.", "dvsd52fe4d08db9");
    check_device("h/..", "dvsc7975dc191a4");
    check_device("h/a b", "dvs96f9f864967c");

    struct eth_addr mac = dvs_host_nic_mac("h/vmk4");
    char *text = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    assert_string_equal(text, "ee:4b:9f:c8:78:80");
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bridge_names),
        cmocka_unit_test(test_uplink_portgroup_names),
        cmocka_unit_test(test_port_names),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_life_cycle),
        cmocka_unit_test(test_merged_names),
        cmocka_unit_test(test_host_nic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* Link aggregation groups: the model, their ids on a host, and what
 * ovs-vswitchd says of LACP neighbours. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "flow.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/lacp-show.h"
#include "schema/dvs-lag.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

static void
add(struct dvs_lags *lags, const char *name, int num_ports)
{
    const struct dvs_lag lag = {
        .name = CONST_CAST(char *, name),
        .active = true,
        .num_ports = num_ports,
        .hash = DVS_LAG_HASH_5TUPLE | DVS_LAG_HASH_VLAN,
    };

    dvs_lags_add(lags, &lag);
}

static void
test_text(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", "active", "active,fast,2", "active,fast,0,vlan",
        "active,fast,25,vlan", "on,fast,2,vlan", "active,soon,2,vlan",
        "active,fast,2,crc", "active,fast,2,vlan,x", "active,fast,x,vlan",
    };
    struct smap config = SMAP_INITIALIZER(&config);
    struct dvs_lags lags, copy;
    char *error;

    dvs_lags_init(&lags);
    dvs_lags_init(&copy);
    add(&lags, "b", 3);
    add(&lags, "a-0", 24);
    smap_add(&config, "pvlan:1", "1,promiscuous");
    dvs_lags_to_smap(&lags, &config);
    assert_string_equal(smap_get(&config, "lag:b"),
                        "active,slow,3,src-dst-ip-port-vlan");
    assert_null(dvs_lags_from_smap(&copy, &config));
    assert_int_equal(copy.n, 2);
    assert_string_equal(copy.lags[0].name, "a-0");
    assert_int_equal(copy.lags[0].num_ports, 24);
    assert_true(copy.lags[1].active && !copy.lags[1].fast);

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        smap_replace(&config, "lag:b", bad[i]);
        error = dvs_lags_from_smap(&copy, &config);
        assert_non_null(error);
        assert_int_equal(copy.n, 0);
        free(error);
    }
    dvs_lags_destroy(&lags);
    dvs_lags_destroy(&copy);
    smap_destroy(&config);
}

static void
test_ports(void **state OVS_UNUSED)
{
    static const char *const none[] = {
        "a", "a-", "a-2", "a-00", "a-0-2", "a--1", "-0", "b-0", "a-0x",
    };
    struct svec names = SVEC_EMPTY_INITIALIZER;
    struct dvs_lags lags;
    int index;

    dvs_lags_init(&lags);
    add(&lags, "a", 2);
    add(&lags, "a-0", 2);
    assert_string_equal(dvs_lags_find_port(&lags, "a-1", &index)->name, "a");
    assert_int_equal(index, 1);
    assert_string_equal(dvs_lags_find_port(&lags, "a-0-1", &index)->name,
                        "a-0");
    for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
        assert_null(dvs_lags_find_port(&lags, none[i], &index));
    }
    dvs_lags_port_names(&lags, &names);
    char *joined = svec_join(&names, " ", "");
    assert_string_equal(joined, "a-0 a-1 a-0-0 a-0-1");
    free(joined);
    svec_destroy(&names);

    /* Whose first port has the name of the other. */
    dvs_lags_remove_faulty(&lags, &names);
    assert_int_equal(lags.n, 1);
    assert_string_equal(lags.lags[0].name, "a-0");
    dvs_lags_destroy(&lags);
}

/* Gives 'sw' the NICs in 'nics', "lag1-0 nic ...". */
static void
plug(struct hv_switch *sw, const char *nics)
{
    struct smap map = SMAP_INITIALIZER(&map);
    struct svec words = SVEC_EMPTY_INITIALIZER;

    svec_parse_words(&words, nics);
    for (size_t i = 0; i < words.n; i += 2) {
        smap_add(&map, words.names[i], words.names[i + 1]);
    }
    for (int id = HV_FIRST_LAG_PORT; id <= HV_LAST_ID; id++) {
        free(sw->uplinks[id].name);
        free(sw->uplinks[id].pnic);
        sw->uplinks[id].name = sw->uplinks[id].pnic = NULL;
    }
    hv_lags_update(sw, &map, &map);
    for (int id = HV_FIRST_LAG_PORT; id <= HV_LAST_ID; id++) {
        free(sw->uplinks[id].port_key);
        sw->uplinks[id].port_key = NULL;
    }
    svec_destroy(&words);
    smap_destroy(&map);
}

static void
test_ids(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    hv_switch_init(&sw);
    add(&sw.lags, "a", 2);
    add(&sw.lags, "b", 2);
    hv_lag_restore(&sw, HV_FIRST_LAG + 1, "a");
    hv_lag_restore(&sw, HV_FIRST_LAG, "gone");
    hv_lag_restore(&sw, HV_FIRST_LAG - 1, "x");
    assert_null(sw.uplinks[HV_FIRST_LAG - 1].name);

    /* Ids are kept; those of LAGs that are gone are given again. */
    plug(&sw, "a-0 eth0 b-1 eth1 uplink1 eth2");
    assert_int_equal(hv_uplink_id(&sw, "a"), HV_FIRST_LAG + 1);
    assert_int_equal(hv_uplink_id(&sw, "b"), HV_FIRST_LAG);
    int port = hv_uplink_id(&sw, "a-0");
    assert_int_equal(port, hv_lag_port_id(HV_FIRST_LAG + 1, 0));
    assert_int_equal(hv_uplink_lag(port), HV_FIRST_LAG + 1);
    assert_string_equal(sw.uplinks[port].pnic, "eth0");
    assert_int_equal(hv_uplink_lag(HV_LAST_LAG), 0);
    assert_int_equal(hv_uplink_lag(HV_LAST_ID), HV_LAST_LAG);

    /* A LAG without NICs here has none. */
    plug(&sw, "a-0 eth0");
    assert_int_equal(hv_uplink_id(&sw, "b"), 0);
    assert_int_equal(hv_uplink_id(&sw, "a"), HV_FIRST_LAG + 1);

    /* What is known of it follows from its ports. */
    assert_false(hv_uplink_is_here(&sw, HV_FIRST_LAG + 1));
    sw.uplinks[port].ofport = u16_to_ofp(7);
    assert_true(hv_uplink_is_here(&sw, HV_FIRST_LAG + 1));
    sw.uplinks[port].up = true;
    hv_lags_follow_ports(&sw);
    assert_true(sw.uplinks[HV_FIRST_LAG + 1].up);
    assert_false(sw.uplinks[HV_FIRST_LAG + 1].down);
    sw.uplinks[port].up = false;
    sw.uplinks[port].down = true;
    hv_lags_follow_ports(&sw);
    assert_true(sw.uplinks[HV_FIRST_LAG + 1].down);
    hv_switch_destroy(&sw);
}

static void
test_show(void **state OVS_UNUSED)
{
    struct smap partners = SMAP_INITIALIZER(&partners);

    lacp_show_parse(
        "---- prod/lag1 ----\n"
        "  status: active negotiated\n"
        "  sys_id: 02:00:00:00:00:0a\n"
        "\n"
        "member: eth0: current attached\n"
        "  port_id: 1\n"
        "\n"
        "  actor sys_id: 02:00:00:00:00:0a\n"
        "  actor port_id: 1\n"
        "  partner sys_id: 02:00:00:00:00:01\n"
        "  partner sys_priority: 65534\n"
        "  partner port_id: 3\n"
        "\n"
        "member: eth2: current attached\n"     /* Nothing of eth0's. */
        "  partner port_id: 9\n"
        "member: eth1: defaulted detached\n"
        "  partner sys_id: 00:00:00:00:00:00\n"
        "  partner port_id: 0\n"
        "member: eth3\n"
        "  partner sys_id: 02:00:00:00:00:03\n"
        "  partner sys_id: nonsense\n"
        "  partner port_id: 4\n"
        "member: eth4\n"
        "  status: no member, nor is this:\n"
        "  members: eth5\n"
        "  partner sys_id: 02:00:00:00:00:04\n"
        "  partner port_id: 5\n", &partners);
    assert_int_equal(smap_count(&partners), 2);
    assert_string_equal(smap_get(&partners, "eth0"),
                        "02:00:00:00:00:01 port 3");
    assert_string_equal(smap_get(&partners, "eth4"),
                        "02:00:00:00:00:04 port 5");
    smap_clear(&partners);
    lacp_show_parse("", &partners);
    lacp_show_parse("partner sys_id: 02:00:00:00:00:01\n"
                    "partner port_id: 3", &partners);
    assert_int_equal(smap_count(&partners), 0);
    smap_destroy(&partners);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_show),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

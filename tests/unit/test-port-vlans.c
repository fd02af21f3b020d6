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

/* The VLANs of a port: each VLAN in exactly one block if the policy has it,
 * and else in none.  And its code. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/pipeline/port-vlans.h"
#include "random.h"
#include "schema/dvs-pvlan.h"
#include "schema/dvs-setting.h"
#include "util.h"

#define N_VLANS 4095            /* 0 to 4094. */

static void
check_blocks(const struct port_vlans *vlans, const bool expected[N_VLANS])
{
    for (unsigned int vid = 0; vid < N_VLANS; vid++) {
        size_t n = 0;

        for (size_t i = 0; i < vlans->n_rx; i++) {
            assert_int_equal(vlans->rx[i].vid & ~vlans->rx[i].mask, 0);
            n += (vid & vlans->rx[i].mask) == vlans->rx[i].vid;
        }
        if (n != expected[vid]) {
            fail_msg("VLAN %u is in %"PRIuSIZE" blocks", vid, n);
        }
    }
}

static void
check_text(const char *text, bool guest, bool untagged, uint16_t tx,
           size_t n_rx)
{
    bool expected[N_VLANS] = { false };
    const struct dvs_pvlans pvlans = { .n = 0 };
    struct dvs_setting setting;
    struct port_vlans vlans;

    dvs_setting_init(&setting);
    assert_null(dvs_setting_set(&setting, "vlan", text));
    if (setting.vlan.mode == DVS_VLAN_TRUNK) {
        for (size_t i = 0; i < setting.vlan.n_trunks; i++) {
            for (int vid = setting.vlan.trunks[i].start;
                 vid <= setting.vlan.trunks[i].end; vid++) {
                expected[vid] = true;
            }
        }
    } else if (setting.vlan.mode != DVS_VLAN_PRIVATE) {
        expected[tx] = true;
    }

    port_vlans_init(&vlans, &setting.vlan, &pvlans);
    assert_int_equal(vlans.guest, guest);
    assert_int_equal(vlans.untagged, untagged);
    assert_int_equal(vlans.tx, tx);
    assert_int_equal(vlans.n_rx, n_rx);
    check_blocks(&vlans, expected);
    port_vlans_destroy(&vlans);
    dvs_setting_destroy(&setting);
}

static void
test_policies(void **state OVS_UNUSED)
{
    check_text("none", false, false, 0, 1);
    check_text("1", false, false, 1, 1);
    check_text("4094", false, false, 4094, 1);
    check_text("trunk:0-4094", true, true, 0, 1);
    check_text("trunk:1-4094", true, false, 0, 12);
    check_text("trunk:0", true, true, 0, 1);
    check_text("trunk:4094", true, false, 0, 1);
    check_text("trunk:4093-4094", true, false, 0, 2);
    check_text("trunk:0,10-20", true, true, 0, 5);
    check_text("trunk:16-31,100", true, false, 0, 2);
}

/* A private VLAN that the switch does not have admits nothing. */
static void
test_no_such_private_vlan(void **state OVS_UNUSED)
{
    check_text("private:5", false, false, 0, 0);
}

/* Checks what a port in private VLAN 'id' of a map with primary VLANs 100
 * (isolated 101, communities 102 and 103) and 200 (isolated 201) sends in,
 * receives from and refuses; the lists end with 0. */
static void
check_private(uint16_t id, const uint16_t rx[], const uint16_t refused[])
{
    static const struct dvs_pvlan map[] = {
        { 100, 100, DVS_PVLAN_PROMISCUOUS }, { 100, 101, DVS_PVLAN_ISOLATED },
        { 100, 103, DVS_PVLAN_COMMUNITY }, { 100, 102, DVS_PVLAN_COMMUNITY },
        { 200, 200, DVS_PVLAN_PROMISCUOUS }, { 200, 201, DVS_PVLAN_ISOLATED },
    };
    struct dvs_vlan policy = { .mode = DVS_VLAN_PRIVATE, .id = id };
    bool expected[N_VLANS] = { false };
    struct port_vlans vlans;
    struct dvs_pvlans pvlans;
    size_t i;

    dvs_pvlans_init(&pvlans);
    for (i = 0; i < ARRAY_SIZE(map); i++) {
        dvs_pvlans_add(&pvlans, &map[i]);
    }
    port_vlans_init(&vlans, &policy, &pvlans);
    assert_false(vlans.guest);
    assert_int_equal(vlans.tx, id);
    for (i = 0; rx[i]; i++) {
        expected[rx[i]] = true;
    }
    assert_int_equal(vlans.n_rx, i);
    check_blocks(&vlans, expected);
    for (i = 0; refused[i]; i++) {
        assert_true(i < vlans.n_refused);
        assert_int_equal(vlans.refused[i], refused[i]);
    }
    assert_int_equal(vlans.n_refused, i);
    port_vlans_destroy(&vlans);
    dvs_pvlans_destroy(&pvlans);
}

static void
test_private(void **state OVS_UNUSED)
{
    check_private(100, (uint16_t[]) { 100, 101, 102, 103, 0 },
                  (uint16_t[]) { 0 });
    check_private(101, (uint16_t[]) { 100, 0 },
                  (uint16_t[]) { 101, 102, 103, 0 });
    check_private(102, (uint16_t[]) { 100, 102, 0 },
                  (uint16_t[]) { 101, 103, 0 });
    check_private(103, (uint16_t[]) { 100, 103, 0 },
                  (uint16_t[]) { 101, 102, 0 });
    check_private(201, (uint16_t[]) { 200, 0 }, (uint16_t[]) { 201, 0 });
}

static void
test_random(void **state OVS_UNUSED)
{
    random_set_seed(1);
    for (int i = 0; i < 200; i++) {
        struct ds text = DS_EMPTY_INITIALIZER;
        bool expected[N_VLANS] = { false };
        const struct dvs_pvlans pvlans = { .n = 0 };
        struct dvs_setting setting;
        struct port_vlans vlans;
        const char *sep = "trunk:";

        for (int n = 1 + random_range(5); n > 0; n--) {
            int start = random_range(N_VLANS);
            int end = start + random_range(N_VLANS - start);

            ds_put_format(&text, "%s%d-%d", sep, start, end);
            sep = ",";
            memset(&expected[start], true, end - start + 1);
        }
        dvs_setting_init(&setting);
        assert_null(dvs_setting_set(&setting, "vlan", ds_cstr(&text)));
        port_vlans_init(&vlans, &setting.vlan, &pvlans);
        check_blocks(&vlans, expected);
        assert_int_equal(vlans.untagged, expected[0]);
        port_vlans_destroy(&vlans);
        dvs_setting_destroy(&setting);
        ds_destroy(&text);
    }
}

/* No port's code has all the bits of another one's. */
static void
test_port_codes(void **state OVS_UNUSED)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i <= UINT16_MAX; i++) {
        uint32_t code = pipeline_port_code(u16_to_ofp(i));

        assert_true(code > last && code <= PORT_CODE_ALL);
        assert_int_equal(count_1bits(code), PORT_CODE_SET);
        last = code;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_no_such_private_vlan),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_port_codes),
    };

    return cmocka_run_group_tests_name("port-vlans", tests, NULL, NULL);
}

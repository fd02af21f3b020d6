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

/* The text form of settings. */

#include <config.h>

#include "random.h"
#include "schema/dvs-limits.h"
#include "tests/unit/setting-values.h"

/* Keys and values that must be refused, and the exact message. */
static const struct {
    const char *key;
    const char *text;
    const char *error;
} errors[] = {
    { "color", "red", "\"color\" is not a policy key" },
    { "", "", "\"\" is not a policy key" },
    { "Blocked", "yes", "\"Blocked\" is not a policy key" },
    { "rule", "x", "\"rule\" is not a policy key" },
    { "blocked", "maybe", "blocked \"maybe\" is not yes or no" },
    { "blocked", "", "blocked \"\" is not yes or no" },
    { "blocked", "YES", "blocked \"YES\" is not yes or no" },
    { "blocked", "accept", "blocked \"accept\" is not yes or no" },
    { "promiscuous", "allow", "promiscuous \"allow\" is not accept or reject"},
    { "mac-limit-policy", "yes",
      "mac-limit-policy \"yes\" is not allow or drop" },
    { "vlan", "", "vlan \"\" is not none, a number, trunk:RANGES or "
                  "private:ID" },
    { "vlan", "ten", "vlan \"ten\" is not none, a number, trunk:RANGES or "
                     "private:ID" },
    { "vlan", " 10", "vlan \" 10\" is not none, a number, trunk:RANGES or "
                     "private:ID" },
    { "vlan", "-1", "vlan \"-1\" is not none, a number, trunk:RANGES or "
                    "private:ID" },
    { "vlan", "5000", "VLAN 5000 is not in 0..4094" },
    { "vlan", "4095", "VLAN 4095 is not in 0..4094" },
    { "vlan", "99999999999999999999999",
      "VLAN 99999999999999999999999 is not in 0..4094" },
    { "vlan", "0x10", "VLAN \"0x10\" is not a number in 0..4094" },
    { "vlan", "10 ", "VLAN \"10 \" is not a number in 0..4094" },
    { "vlan", "10,20", "VLAN \"10,20\" is not a number in 0..4094" },
    { "vlan", "trunk", "vlan \"trunk\" is not none, a number, trunk:RANGES "
                       "or private:ID" },
    { "vlan", "trunk:", "VLAN trunk names no VLAN" },
    { "vlan", "trunk:9-1", "VLAN range 9-1 ends before it starts" },
    { "vlan", "trunk:1-5000", "VLAN 5000 is not in 0..4094" },
    { "vlan", "trunk:1-4095", "VLAN 4095 is not in 0..4094" },
    { "vlan", "trunk:1,,2", "VLAN \"\" is not a number in 0..4094" },
    { "vlan", "trunk:1,", "VLAN \"\" is not a number in 0..4094" },
    { "vlan", "trunk:,1", "VLAN \"\" is not a number in 0..4094" },
    { "vlan", "trunk:1-", "VLAN \"\" is not a number in 0..4094" },
    { "vlan", "trunk:-1", "VLAN \"\" is not a number in 0..4094" },
    { "vlan", "trunk:1-2-3", "VLAN \"2-3\" is not a number in 0..4094" },
    { "vlan", "trunk:1, 2", "VLAN \" 2\" is not a number in 0..4094" },
    { "vlan", "private:", "VLAN \"\" is not a number in 1..4094" },
    { "vlan", "private:0", "VLAN 0 is not in 1..4094" },
    { "vlan", "private:4095", "VLAN 4095 is not in 1..4094" },
    { "cos", "8", "cos 8 is not in 0..7" },
    { "cos", "", "cos \"\" is not a number in 0..7" },
    { "cos", "+1", "cos \"+1\" is not a number in 0..7" },
    { "dscp", "64", "dscp 64 is not in 0..63" },
    { "dscp", "255", "dscp 255 is not in 0..63" },
    { "mac-limit", "4097", "mac-limit 4097 is not in 0..4096" },
    { "mac-limit", "none", "mac-limit \"none\" is not a number in 0..4096" },
    { "teaming", "lacp", "teaming \"lacp\" is not one of originating-port, "
                         "source-mac, ip-hash, explicit, load" },
    { "active", "uplink1,,uplink2",
      "active \"uplink1,,uplink2\" has an empty name" },
    { "active", ",", "active \",\" has an empty name" },
    { "standby", "uplink1,", "standby \"uplink1,\" has an empty name" },
    { "shape-in", "", "shape-in \"\" is not off or AVERAGE,PEAK,BURST" },
    { "shape-in", "1,2", "shape-in \"1,2\" is not off or AVERAGE,PEAK,BURST" },
    { "shape-in", "1,2,3,4",
      "shape-in \"1,2,3,4\" is not off or AVERAGE,PEAK,BURST" },
    { "shape-in", "2M,1M,1k", "shape-in peak 1M is below average 2M" },
    { "shape-in", "0,1,1", "shape-in average must be more than 0" },
    { "shape-in", "1,1,0", "shape-in burst must be more than 0" },
    { "shape-out", "1T,1T,1", "shape-out average \"1T\" is not a number with "
                              "an optional k, M or G" },
    { "shape-out", "1,1kk,1", "shape-out peak \"1kk\" is not a number with "
                              "an optional k, M or G" },
    { "shape-out", "1,k,1", "shape-out peak \"k\" is not a number with "
                            "an optional k, M or G" },
    { "shape-out", "1,1,-1", "shape-out burst \"-1\" is not a number with "
                             "an optional k, M or G" },
    { "shape-out", "1,1,1.5M", "shape-out burst \"1.5M\" is not a number with "
                               "an optional k, M or G" },
    { "shape-out", "9223372036854775808,1,1",
      "shape-out average 9223372036854775808 is too large" },
    { "shape-out", "9223372036855G,1,1",
      "shape-out average 9223372036855G is too large" },
    { "shape-out", "99999999999999999999,1,1",
      "shape-out average 99999999999999999999 is too large" },
    { "rules", "", "rules \"\" is not none (each has a key of its own, "
                   "rule....)" },
    { "rule.", "x", "rule \"\" is not a number in 1..65535" },
    { "rule.0", "x", "rule 0 is not in 1..65535" },
    { "rule.01", "x", "rule 01 starts with 0" },
    { "rule.65536", "x", "rule 65536 is not in 1..65535" },
    { "rule.x", "x", "rule \"x\" is not a number in 1..65535" },
    { "rule.1", "", "rule 1 is empty" },
    { "rule.1", "x", "rule 1: \"x\" is not of the form KEY=VALUE or "
                     "KEY!=VALUE" },
    { "vendor", "x", "vendor \"x\" is not none (each has a key of its own, "
                     "vendor....)" },
    { "vendor.", "x", "key \"vendor.\" lacks a name after the dot" },
    { "pool", "", "pool is empty (none is no pool)" },
};

static void
test_values(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        const struct value *v = &values[i];
        struct dvs_setting s;
        struct smap smap;
        uint64_t mask;

        dvs_setting_init(&s);
        set_ok(&s, v->key, v->text);
        assert_null(dvs_setting_key_mask(v->key, &mask));
        assert_int_equal(s.present, mask);

        dvs_setting_to_smap(&s, &smap);
        const char *got = smap_get(&smap, v->key);
        assert_non_null(got);
        assert_string_equal(got, v->canonical ? v->canonical : v->text);
        smap_destroy(&smap);

        check_round_trip(&s);
        dvs_setting_destroy(&s);
    }
}

/* Each property has at least two values in 'values' above. */
static void
test_values_are_complete(void **state OVS_UNUSED)
{
    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
        int n = 0;
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            uint64_t mask;
            assert_null(dvs_setting_key_mask(values[i].key, &mask));
            n += mask == UINT64_C(1) << p;
        }
        if (n < 2) {
            fail_msg("%s has %d values", dvs_property_key(p), n);
        }
    }
}

static void
test_errors(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        struct dvs_setting s, before;

        /* Once on an empty setting, once where all is explicit. */
        for (int full = 0; full < 2; full++) {
            dvs_setting_init(&s);
            for (size_t j = 0; full && j < ARRAY_SIZE(values); j++) {
                set_ok(&s, values[j].key, values[j].text);
            }
            dvs_setting_clone(&before, &s);

            char *error = dvs_setting_set(&s, errors[i].key, errors[i].text);
            if (!error) {
                fail_msg("%s=%s is accepted", errors[i].key, errors[i].text);
            }
            assert_string_equal(error, errors[i].error);
            assert_true(dvs_setting_equal(&s, &before));
            free(error);

            dvs_setting_destroy(&s);
            dvs_setting_destroy(&before);
        }
    }
}

static void
test_uplink_order(void **state OVS_UNUSED)
{
    struct dvs_setting s;

    /* Either key makes the order explicit. */
    dvs_setting_init(&s);
    set_ok(&s, "standby", "u3");
    assert_int_equal(s.present, DVS_BIT(UPLINK_ORDER));
    check_text(&s, "active=;standby=u3");

    /* The other key stays as it is. */
    set_ok(&s, "active", "u2,u1");
    check_text(&s, "active=u2,u1;standby=u3");
    set_ok(&s, "standby", "");
    check_text(&s, "active=u2,u1;standby=");

    /* Order counts. */
    struct dvs_setting s2;
    dvs_setting_init(&s2);
    set_ok(&s2, "active", "u1,u2");
    assert_false(dvs_setting_equal(&s, &s2));
    set_ok(&s2, "active", "u2,u1");
    assert_true(dvs_setting_equal(&s, &s2));

    dvs_setting_destroy(&s);
    dvs_setting_destroy(&s2);
}

/* As many names as the column has room for, and one more. */
static void
test_uplink_limit(void **state OVS_UNUSED)
{
    struct dvs_setting s;
    struct ds ds = DS_EMPTY_INITIALIZER;

    dvs_setting_init(&s);
    for (int i = 0; i < DVS_TEAM_MAX; i++) {
        ds_put_format(&ds, "%su%d", i ? "," : "", i);
    }
    set_ok(&s, "active", ds_cstr(&ds));
    assert_int_equal(s.active.n, DVS_TEAM_MAX);

    ds_put_cstr(&ds, ",x");
    char *error = dvs_setting_set(&s, "active", ds_cstr(&ds));
    assert_string_equal(error, "active has more than 128 names");
    assert_int_equal(s.active.n, DVS_TEAM_MAX);
    free(error);
    ds_destroy(&ds);
    dvs_setting_destroy(&s);
}

static void
test_key_mask(void **state OVS_UNUSED)
{
    static const struct {
        const char *key;
        uint64_t mask;
    } keys[] = {
        { "vlan", DVS_BIT(VLAN) },
        { "active", DVS_BIT(UPLINK_ORDER) },
        { "standby", DVS_BIT(UPLINK_ORDER) },
        { "rules", DVS_BIT(RULES) },
        { "rule.10", DVS_BIT(RULES) },
        { "vendor", DVS_BIT(VENDOR) },
        { "vendor.x", DVS_BIT(VENDOR) },
    };
    uint64_t mask;

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        assert_null(dvs_setting_key_mask(keys[i].key, &mask));
        assert_int_equal(mask, keys[i].mask);
    }
    char *error = dvs_setting_key_mask("color", &mask);
    assert_string_equal(error, "\"color\" is not a policy key");
    assert_int_equal(mask, 0);
    free(error);
}

/* What was left in a member that is not explicit must not come back. */
static void
test_set_after_clear(void **state OVS_UNUSED)
{
    struct dvs_setting s;

    dvs_setting_init(&s);
    set_ok(&s, "active", "u1");
    set_ok(&s, "standby", "u2");
    set_ok(&s, "vendor.a", "1");
    set_ok(&s, "vlan", "trunk:1-5");
    dvs_setting_clear(&s, DVS_ALL_PROPERTIES);
    check_text(&s, "");
    set_ok(&s, "active", "u3");
    set_ok(&s, "vendor.b", "2");
    check_text(&s, "active=u3;standby=;vendor.b=2");
    dvs_setting_destroy(&s);
}

static void
test_entries(void **state OVS_UNUSED)
{
    struct dvs_setting s;

    dvs_setting_init(&s);
    set_ok(&s, "rule.20", "action=drop");
    set_ok(&s, "rule.10", "direction=in");
    set_ok(&s, "rule.20", "action=log");
    check_text(&s, "rule.10=action=accept direction=in;"
               "rule.20=action=log direction=both");
    set_ok(&s, "rules", "none");
    check_text(&s, "rules=none");
    dvs_setting_destroy(&s);

    static const char *const contradictions[][2] = {
        { "rules", "rule.1" }, { "vendor", "vendor.x" },
    };
    for (int i = 0; i < ARRAY_SIZE(contradictions); i++) {
        struct smap smap = SMAP_INITIALIZER(&smap);
        smap_add(&smap, contradictions[i][0], "none");
        smap_add(&smap, contradictions[i][1], "action=drop");
        char *error = dvs_setting_from_smap(&s, &smap);
        assert_non_null(error);
        assert_int_equal(s.present, 0);
        free(error);
        smap_destroy(&smap);
        dvs_setting_destroy(&s);
    }
}

static void
test_from_smap_error(void **state OVS_UNUSED)
{
    struct smap smap = SMAP_INITIALIZER(&smap);
    struct dvs_setting s;

    /* Of several errors, that of the first key. */
    smap_add(&smap, "vlan", "5000");
    smap_add(&smap, "cos", "8");
    smap_add(&smap, "active", "u1");
    char *error = dvs_setting_from_smap(&s, &smap);
    assert_string_equal(error, "cos 8 is not in 0..7");
    assert_int_equal(s.present, 0);
    free(error);
    smap_destroy(&smap);
    dvs_setting_destroy(&s);
}

/* The rates of a direction that is not shaped do not count. */
static void
test_shaping_off(void **state OVS_UNUSED)
{
    struct dvs_setting a, b;

    dvs_setting_init(&a);
    dvs_setting_init(&b);
    set_ok(&a, "shape-in", "off");
    set_ok(&b, "shape-in", "1M,2M,3M");
    assert_false(dvs_setting_equal(&a, &b));
    b.shape_in.enabled = false;
    assert_true(dvs_setting_equal(&a, &b));
    check_text(&b, "shape-in=off");
    dvs_setting_destroy(&a);
    dvs_setting_destroy(&b);
}

/* Adding ranges in any order carries the VLANs that were added, and the
 * ranges are sorted and do not touch. */
static void
test_random_trunks(void **state OVS_UNUSED)
{
    random_set_seed(1);
    for (int i = 0; i < 300; i++) {
        struct dvs_vlan vlan = { .mode = DVS_VLAN_TRUNK };
        bool expected[DVS_VLAN_MAX + 1] = { false };

        for (int n = random_range(60); n >= 0; n--) {
            uint16_t start = random_range(DVS_VLAN_MAX + 1);
            int length = random_range(4) ? random_range(100) : 0;
            uint16_t end = MIN(DVS_VLAN_MAX, start + length);

            dvs_vlan_add_trunk(&vlan, start, end);
            memset(&expected[start], true, end - start + 1);
        }

        bool got[DVS_VLAN_MAX + 1] = { false };
        for (size_t j = 0; j < vlan.n_trunks; j++) {
            const struct dvs_range *r = &vlan.trunks[j];
            assert_true(r->start <= r->end);
            assert_true(!j || r->start > r[-1].end + 1);
            memset(&got[r->start], true, r->end - r->start + 1);
        }
        assert_memory_equal(got, expected, sizeof got);
        free(vlan.trunks);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_values_are_complete),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_uplink_order),
        cmocka_unit_test(test_uplink_limit),
        cmocka_unit_test(test_key_mask),
        cmocka_unit_test(test_set_after_clear),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_from_smap_error),
        cmocka_unit_test(test_shaping_off),
        cmocka_unit_test(test_random_trunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

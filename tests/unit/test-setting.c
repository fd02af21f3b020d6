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

/* Settings: text form, inheritance, overrides. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-setting.h"
#include "util.h"

/* Values of every key: what is written, and the canonical text that must come
 * back (NULL: the same).  At least two for each, that differ, so that the
 * inheritance tests can give each level its own. */
static const struct value {
    const char *key;
    const char *text;
    const char *canonical;
} values[] = {
    { "blocked", "yes", NULL },
    { "blocked", "no", NULL },
    { "blocked", "true", "yes" },
    { "blocked", "false", "no" },
    { "blocked", "on", "yes" },
    { "blocked", "off", "no" },
    { "blocked", "1", "yes" },
    { "blocked", "0", "no" },
    { "vlan", "none", NULL },
    { "vlan", "0", "none" },
    { "vlan", "1", NULL },
    { "vlan", "10", NULL },
    { "vlan", "0010", "10" },
    { "vlan", "4094", NULL },
    { "vlan", "trunk:5", NULL },
    { "vlan", "trunk:0-4094", NULL },
    { "vlan", "trunk:1-9,20", NULL },
    { "vlan", "trunk:20,1-9", "trunk:1-9,20" },
    { "vlan", "trunk:1-5,3-9", "trunk:1-9" },
    { "vlan", "trunk:1-5,6-9", "trunk:1-9" },
    { "vlan", "trunk:1,3,5,2-4", "trunk:1-5" },
    { "vlan", "trunk:7-7,7", "trunk:7" },
    { "vlan", "trunk:10-20,30-40,0-100", "trunk:0-100" },
    { "vlan", "trunk:0,4094", NULL },
    { "vlan", "private:101", NULL },
    { "cos", "none", NULL },
    { "cos", "0", NULL },
    { "cos", "7", NULL },
    { "dscp", "none", NULL },
    { "dscp", "0", NULL },
    { "dscp", "46", NULL },
    { "dscp", "63", NULL },
    { "teaming", "originating-port", NULL },
    { "teaming", "source-mac", NULL },
    { "teaming", "ip-hash", NULL },
    { "teaming", "explicit", NULL },
    { "teaming", "load", NULL },
    { "active", "uplink1", NULL },
    { "active", "uplink2,uplink1", NULL },
    { "active", "to the core,uplink 2", NULL },
    { "active", "", NULL },
    { "standby", "uplink3", NULL },
    { "standby", "", NULL },
    { "notify", "yes", NULL },
    { "notify", "no", NULL },
    { "failback", "yes", NULL },
    { "failback", "no", NULL },
    { "beacon", "yes", NULL },
    { "beacon", "no", NULL },
    { "reverse-filter", "yes", NULL },
    { "reverse-filter", "no", NULL },
    { "promiscuous", "accept", NULL },
    { "promiscuous", "reject", NULL },
    { "promiscuous", "yes", "accept" },
    { "promiscuous", "no", "reject" },
    { "mac-changes", "accept", NULL },
    { "mac-changes", "reject", NULL },
    { "forged-transmits", "accept", NULL },
    { "forged-transmits", "0", "reject" },
    { "mac-learning", "yes", NULL },
    { "mac-learning", "no", NULL },
    { "mac-limit", "0", NULL },
    { "mac-limit", "4096", NULL },
    { "mac-limit-policy", "drop", NULL },
    { "mac-limit-policy", "allow", NULL },
    { "unicast-flooding", "yes", NULL },
    { "unicast-flooding", "no", NULL },
    { "shape-in", "off", NULL },
    { "shape-in", "1,2,3", NULL },
    { "shape-in", "100M,200M,150k", NULL },
    { "shape-in", "100000k,200000000,153600", "100M,200M,150k" },
    { "shape-in", "1000K,1G,1M", "1M,1G,1M" },
    { "shape-in", "1G,1G,1000", NULL },
    { "shape-in", "9223372036854775807,9223372036854775807,"
                  "9223372036854775807", NULL },
    { "shape-out", "off", NULL },
    { "shape-out", "1500,2000,1024", "1500,2k,1k" },
    { "ipfix", "yes", NULL },
    { "ipfix", "no", NULL },
    { "tx-uplink", "yes", NULL },
    { "tx-uplink", "no", NULL },
    { "filter", "on", "yes" },
    { "filter", "off", "no" },
    { "rules", "none", NULL },
    { "rule.1", "action=drop", NULL },
    { "rule.65535", "direction=in action=accept", NULL },
    { "pool", "none", NULL },
    { "pool", "gold pool", NULL },
    { "vendor", "none", NULL },
    { "vendor.com.example.x", "", NULL },
    { "vendor.a=b", "c=d,e", NULL },
};

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
    { "vendor", "x", "vendor \"x\" is not none (each has a key of its own, "
                     "vendor....)" },
    { "vendor.", "x", "key \"vendor.\" lacks a name after the dot" },
    { "pool", "", "pool is empty (none is no pool)" },
};

static void
set_ok(struct dvs_setting *s, const char *key, const char *text)
{
    char *error = dvs_setting_set(s, key, text);
    if (error) {
        fail_msg("%s=%s: %s", key, text, error);
    }
}

/* Fails unless the text form of 's' is 'expected', in the form "k=v;k=v",
 * sorted by key. */
static void
check_text(const struct dvs_setting *s, const char *expected)
{
    struct smap smap;
    dvs_setting_to_smap(s, &smap);

    const struct smap_node **nodes = smap_sort(&smap);
    struct ds ds = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < smap_count(&smap); i++) {
        ds_put_format(&ds, "%s%s=%s", i ? ";" : "", nodes[i]->key,
                      nodes[i]->value);
    }
    assert_string_equal(ds_cstr(&ds), expected);
    ds_destroy(&ds);
    free(nodes);
    smap_destroy(&smap);
}

/* Fails unless the text form of 's' makes the same setting. */
static void
check_round_trip(const struct dvs_setting *s)
{
    struct smap smap, smap2;
    struct dvs_setting s2;

    dvs_setting_to_smap(s, &smap);
    assert_null(dvs_setting_from_smap(&s2, &smap));
    assert_true(dvs_setting_equal(s, &s2));
    assert_true(dvs_setting_equal(&s2, s));
    dvs_setting_to_smap(&s2, &smap2);
    assert_true(smap_equal(&smap, &smap2));

    smap_destroy(&smap);
    smap_destroy(&smap2);
    dvs_setting_destroy(&s2);
}

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
    set_ok(&s, "rule.20", "b");
    set_ok(&s, "rule.10", "a");
    set_ok(&s, "rule.20", "c");
    check_text(&s, "rule.10=a;rule.20=c");
    set_ok(&s, "rules", "none");
    check_text(&s, "rules=none");
    dvs_setting_destroy(&s);

    static const char *const contradictions[][2] = {
        { "rules", "rule.1" }, { "vendor", "vendor.x" },
    };
    for (int i = 0; i < ARRAY_SIZE(contradictions); i++) {
        struct smap smap = SMAP_INITIALIZER(&smap);
        smap_add(&smap, contradictions[i][0], "none");
        smap_add(&smap, contradictions[i][1], "x");
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

static void
test_defaults(void **state OVS_UNUSED)
{
    struct svec uplinks = SVEC_EMPTY_INITIALIZER;
    struct dvs_setting s;

    svec_add(&uplinks, "b");
    svec_add(&uplinks, "a");
    dvs_setting_defaults(&s, &uplinks);
    assert_int_equal(s.present, DVS_ALL_PROPERTIES);
    check_text(&s, "active=b,a;beacon=no;blocked=no;cos=none;dscp=none;"
               "failback=yes;filter=no;forged-transmits=reject;ipfix=no;"
               "mac-changes=reject;mac-learning=no;mac-limit=4096;"
               "mac-limit-policy=drop;notify=yes;pool=none;"
               "promiscuous=reject;reverse-filter=yes;rules=none;"
               "shape-in=off;shape-out=off;standby=;"
               "teaming=originating-port;tx-uplink=no;unicast-flooding=yes;"
               "vendor=none;vlan=none");
    check_round_trip(&s);
    dvs_setting_destroy(&s);

    dvs_setting_defaults(&s, NULL);
    assert_int_equal(s.active.n, 0);
    dvs_setting_destroy(&s);
    svec_destroy(&uplinks);
}

/* Returns the 'n'th value (wrapping around) of property 'p' in 'values'. */
static const struct value *
nth_value(enum dvs_property p, int n)
{
    for (;;) {
        for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
            uint64_t mask;
            assert_null(dvs_setting_key_mask(values[i].key, &mask));
            if (mask == UINT64_C(1) << p && !n--) {
                return &values[i];
            }
        }
    }
}

/* For every property, every set of levels that have it explicitly, with and
 * without the permission and as a standalone port: which one wins. */
static void
test_inheritance_matrix(void **state OVS_UNUSED)
{
    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++)
    for (unsigned int levels = 0; levels < 8; levels++)
    for (int permitted = 0; permitted < 2; permitted++)
    for (int standalone = 0; standalone < 2; standalone++) {
        enum dvs_override ov = dvs_property_override(p);
        uint32_t bit = ov == DVS_OV_NONE ? 0 : UINT32_C(1) << ov;
        uint32_t overrides = permitted ? bit : UINT32_MAX & ~bit;
        enum dvs_origin origins[DVS_N_PROPERTIES];
        struct dvs_setting level[3], effective, defaults;

        for (int i = 0; i < 3; i++) {
            dvs_setting_init(&level[i]);
            if (levels & (1u << i)) {
                const struct value *v = nth_value(p, i);
                set_ok(&level[i], v->key, v->text);
            }
        }

        dvs_setting_effective(&effective, NULL, &level[0],
                              standalone ? NULL : &level[1], overrides,
                              &level[2], origins);
        assert_int_equal(effective.present, DVS_ALL_PROPERTIES);

        enum dvs_origin expect;
        if (levels & 4 && ov != DVS_OV_NONE && (standalone || permitted)) {
            expect = DVS_FROM_PORT;
        } else if (levels & 2 && !standalone) {
            expect = DVS_FROM_PORTGROUP;
        } else if (levels & 1) {
            expect = DVS_FROM_SWITCH;
        } else {
            expect = DVS_FROM_DEFAULT;
        }
        assert_int_equal(origins[p], expect);

        /* The value is that level's; all other properties are the default. */
        struct dvs_setting expected;
        dvs_setting_defaults(&defaults, NULL);
        dvs_setting_clone(&expected, &defaults);
        if (expect != DVS_FROM_DEFAULT) {
            dvs_setting_overlay(&expected, &level[expect - DVS_FROM_SWITCH],
                                UINT64_C(1) << p);
        }
        assert_true(dvs_setting_equal(&effective, &expected));

        for (int i = 0; i < 3; i++) {
            dvs_setting_destroy(&level[i]);
        }
        dvs_setting_destroy(&effective);
        dvs_setting_destroy(&expected);
        dvs_setting_destroy(&defaults);
    }
}

/* Permissions do not reach further than their class. */
static void
test_override_classes(void **state OVS_UNUSED)
{
    uint64_t all = 0;

    for (enum dvs_override ov = 0; ov < DVS_N_OVERRIDES; ov++) {
        uint64_t mask = dvs_override_mask(UINT32_C(1) << ov);
        enum dvs_override back;

        assert_int_equal(mask & all, 0);
        all |= mask;
        assert_true(dvs_override_from_string(dvs_override_to_string(ov),
                                             &back));
        assert_int_equal(back, ov);
    }
    assert_int_equal(all, DVS_ALL_PROPERTIES & ~DVS_BIT(POOL));
    assert_int_equal(all, dvs_override_mask(UINT32_MAX));
    assert_int_equal(dvs_override_mask(0), 0);
    assert_int_equal(dvs_override_mask(1u << DVS_OV_SECURITY),
                     DVS_BIT(PROMISCUOUS) | DVS_BIT(MAC_CHANGES)
                     | DVS_BIT(FORGED_TRANSMITS));

    enum dvs_override ov;
    assert_false(dvs_override_from_string("none", &ov));
    assert_false(dvs_override_from_string("", &ov));
    assert_string_equal(dvs_override_to_string(DVS_OV_NONE), "none");
}

/* A setting that grows by random operations, beside a model that is as simple
 * as can be: for each key of the text form, its value.  The two must agree
 * after every step. */
static void
random_setting(struct dvs_setting *s, int n)
{
    dvs_setting_init(s);
    while (n-- > 0) {
        const struct value *v = &values[random_range(ARRAY_SIZE(values))];
        set_ok(s, v->key, v->text);
    }
}

static void
test_random_operations(void **state OVS_UNUSED)
{
    random_set_seed(1);
    for (int i = 0; i < 5000; i++) {
        struct dvs_setting a, b, r;
        uint64_t mask = (random_uint64() & random_uint64());

        random_setting(&a, random_range(40));
        random_setting(&b, random_range(40));

        /* Overlay takes exactly src's properties within the mask. */
        dvs_setting_clone(&r, &a);
        assert_true(dvs_setting_equal(&r, &a));
        dvs_setting_overlay(&r, &b, mask);
        assert_int_equal(r.present, a.present | (b.present & mask));
        for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
            uint64_t bit = UINT64_C(1) << p;
            const struct dvs_setting *from = b.present & mask & bit ? &b : &a;
            struct dvs_setting r1, from1;

            dvs_setting_init(&r1);
            dvs_setting_overlay(&r1, &r, bit);
            dvs_setting_init(&from1);
            dvs_setting_overlay(&from1, from, bit);
            assert_true(dvs_setting_equal(&r1, &from1));
            dvs_setting_destroy(&r1);
            dvs_setting_destroy(&from1);
        }

        /* Once is enough. */
        struct dvs_setting twice;
        dvs_setting_clone(&twice, &r);
        dvs_setting_overlay(&twice, &b, mask);
        assert_true(dvs_setting_equal(&twice, &r));
        dvs_setting_destroy(&twice);

        /* Clearing leaves the rest alone. */
        dvs_setting_clone(&twice, &r);
        dvs_setting_clear(&twice, mask);
        assert_int_equal(twice.present, r.present & ~mask);
        dvs_setting_overlay(&twice, &r, mask);
        assert_true(dvs_setting_equal(&twice, &r));
        dvs_setting_destroy(&twice);

        check_round_trip(&r);

        /* What a host does (portgroup's effective map, overlaid by the
         * port's permitted overrides) is what the chain gives. */
        uint32_t overrides = random_uint32();
        struct dvs_setting chain, group, permitted;
        dvs_setting_effective(&chain, NULL, &r, &a, overrides, &b, NULL);
        dvs_setting_effective(&group, NULL, &r, &a, overrides, NULL, NULL);
        dvs_setting_init(&permitted);
        dvs_setting_overlay(&permitted, &b, dvs_override_mask(overrides));
        dvs_setting_overlay(&group, &permitted, DVS_ALL_PROPERTIES);
        assert_true(dvs_setting_equal(&chain, &group));
        dvs_setting_destroy(&chain);
        dvs_setting_destroy(&group);
        dvs_setting_destroy(&permitted);

        dvs_setting_destroy(&a);
        dvs_setting_destroy(&b);
        dvs_setting_destroy(&r);
    }
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
        cmocka_unit_test(test_set_after_clear),
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_from_smap_error),
        cmocka_unit_test(test_shaping_off),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_inheritance_matrix),
        cmocka_unit_test(test_override_classes),
        cmocka_unit_test(test_random_operations),
        cmocka_unit_test(test_random_trunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

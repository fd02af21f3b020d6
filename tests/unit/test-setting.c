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

/* Settings: comparison, inheritance, overrides. */

#include <config.h>

#include "random.h"
#include "tests/unit/setting-values.h"

/* Settings differ if any property differs, in its value or in whether it is
 * explicit. */
static void
test_equal(void **state OVS_UNUSED)
{
    struct dvs_setting a, b;

    for (size_t i = 0; i < ARRAY_SIZE(values); i++)
    for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
        const struct value *v = &values[i];
        const struct value *w = &values[j];
        const char *vt = v->canonical ? v->canonical : v->text;
        const char *wt = w->canonical ? w->canonical : w->text;

        dvs_setting_init(&a);
        dvs_setting_init(&b);
        set_ok(&a, v->key, v->text);
        set_ok(&b, w->key, w->text);

        /* No uplink active is no uplink standby. */
        bool same = ((!strcmp(v->key, w->key) && !strcmp(vt, wt))
                     || (a.present == DVS_BIT(UPLINK_ORDER)
                         && b.present == DVS_BIT(UPLINK_ORDER)
                         && !vt[0] && !wt[0]));
        assert_int_equal(dvs_setting_equal(&a, &b), same);
        dvs_setting_destroy(&a);
        dvs_setting_destroy(&b);
    }
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
                              DVS_ALL_PROPERTIES,
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
        if (p == DVS_P_RULES) {
            /* Here each level adds to those above. */
            for (int i = 0; i < (expect == DVS_FROM_PORT ? 3 : 2); i++) {
                if (i != 1 || !standalone) {
                    dvs_setting_overlay(&expected, &level[i],
                                        DVS_BIT(RULES));
                }
            }
        } else if (expect != DVS_FROM_DEFAULT) {
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

/* Initializes 's' as the setting that 'n' random assignments make. */
static void
random_setting(struct dvs_setting *s, int n)
{
    dvs_setting_init(s);
    while (n-- > 0) {
        const struct value *v = &values[random_range(ARRAY_SIZE(values))];
        set_ok(s, v->key, v->text);
    }
}

/* What overlaying, clearing and inheriting promise, on random settings. */
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

            if (p == DVS_P_RULES) {
                continue;       /* Those of both. */
            }
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
        dvs_setting_effective(&chain, NULL, &r, DVS_ALL_PROPERTIES, &a,
                              overrides, &b, NULL);
        dvs_setting_effective(&group, NULL, &r, DVS_ALL_PROPERTIES, &a,
                              overrides, NULL, NULL);
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_inheritance_matrix),
        cmocka_unit_test(test_override_classes),
        cmocka_unit_test(test_random_operations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* Validation: each fault, and what is no fault. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "sset.h"
#include "util.h"

#define NAME_80 "1234567890123456789012345678901234567890" \
                "1234567890123456789012345678901234567890"

/* A world in which all is well: switch "prod" with two uplinks and portgroup
 * "web", a port, and a host that has eth0 and eth1, and eth9 in use by switch
 * "lab".  Each test changes something. */
struct world {
    struct dvs_switch sw;
    struct dvs_portgroup pg;
    struct dvs_port port;
    struct dvs_member member;
    struct shash host_nics;
    bool standalone;
    bool host_unknown;
};

static void
world_init(struct world *w)
{
    dvs_switch_init(&w->sw);
    w->sw.name = xstrdup("prod");
    svec_add(&w->sw.uplinks, "uplink1");
    svec_add(&w->sw.uplinks, "uplink2");

    dvs_portgroup_init(&w->pg);
    w->pg.name = xstrdup("web");
    w->pg.num_ports = 8;

    dvs_port_init(&w->port);
    w->port.key = xstrdup("12");

    dvs_member_init(&w->member);
    w->member.host = xstrdup("host1");
    smap_add(&w->member.uplinks, "uplink1", "eth0");

    shash_init(&w->host_nics);
    shash_add(&w->host_nics, "eth0", NULL);
    shash_add(&w->host_nics, "eth1", NULL);
    shash_add(&w->host_nics, "eth9", "lab");
    w->standalone = w->host_unknown = false;
}

static void
world_destroy(struct world *w)
{
    dvs_switch_destroy(&w->sw);
    dvs_portgroup_destroy(&w->pg);
    dvs_port_destroy(&w->port);
    dvs_member_destroy(&w->member);
    shash_destroy(&w->host_nics);
}

static void
set_string(char **target, const char *value)
{
    free(*target);
    *target = xstrdup(value);
}

static void
set_setting(struct dvs_setting *s, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    char *key = xmemdup0(assignment, equals - assignment);
    char *error = dvs_setting_set(s, key, equals + 1);
    if (error) {
        fail_msg("%s: %s", assignment, error);
    }
    free(key);
}

static int
number(const char *value)
{
    int n;
    assert_true(str_to_int(value, 10, &n));
    return n;
}

/* Changes 'w' as 'change' says, "OBJECT.FIELD=VALUE". */
static void
change_world(struct world *w, const char *change)
{
    const char *value = strchr(change, '=') + 1;

#define IS(PREFIX) (!strncmp(change, PREFIX, strlen(PREFIX)))
    if (IS("switch.name=")) {
        set_string(&w->sw.name, value);
    } else if (IS("switch.uplinks=")) {
        svec_clear(&w->sw.uplinks);
        smap_clear(&w->member.uplinks);
        svec_parse_words(&w->sw.uplinks, value);
    } else if (IS("switch.n_uplinks=")) {
        svec_clear(&w->sw.uplinks);
        smap_clear(&w->member.uplinks);
        for (int i = 0; i < number(value); i++) {
            svec_add_nocopy(&w->sw.uplinks, xasprintf("u%d", i));
        }
    } else if (IS("switch.mtu=")) {
        w->sw.mtu = number(value);
    } else if (IS("switch.bridge_name=")) {
        set_string(&w->sw.bridge_name, value);
    } else if (IS("switch.datapath_type=")) {
        set_string(&w->sw.datapath_type, value);
    } else if (IS("switch.num_standalone_ports=")) {
        w->sw.num_standalone_ports = number(value);
    } else if (IS("switch.not_supported=")) {
        smap_add(&w->sw.not_supported, value, "1");
    } else if (IS("switch.set.")) {
        set_setting(&w->sw.setting, change + strlen("switch.set."));
    } else if (IS("portgroup.name=")) {
        set_string(&w->pg.name, value);
    } else if (IS("portgroup.type=")) {
        assert_true(dvs_portgroup_type_from_string(value, &w->pg.type));
    } else if (IS("portgroup.num_ports=")) {
        w->pg.num_ports = number(value);
    } else if (IS("portgroup.auto_expand=")) {
        w->pg.auto_expand = number(value);
    } else if (IS("portgroup.uplink=")) {
        w->pg.uplink = number(value);
    } else if (IS("portgroup.live_port_moving=")) {
        w->pg.live_port_moving = number(value);
    } else if (IS("portgroup.reset_at_disconnect=")) {
        w->pg.reset_at_disconnect = number(value);
    } else if (IS("portgroup.override=")) {
        enum dvs_override ov;
        assert_true(dvs_override_from_string(value, &ov));
        w->pg.overrides |= 1u << ov;
    } else if (IS("portgroup.overrides=none")) {
        w->pg.overrides = 0;
    } else if (IS("portgroup.not_supported=")) {
        smap_add(&w->pg.not_supported, value, "1");
    } else if (IS("portgroup.set.")) {
        set_setting(&w->pg.setting, change + strlen("portgroup.set."));
    } else if (IS("port.standalone=")) {
        w->standalone = true;
    } else if (IS("port.not_supported=")) {
        smap_add(&w->port.not_supported, value, "1");
    } else if (IS("port.set.")) {
        set_setting(&w->port.setting, change + strlen("port.set."));
    } else if (IS("member.host=")) {
        set_string(&w->member.host, value);
    } else if (IS("member.ring=")) {
        w->member.ring = number(value);
    } else if (IS("member.not_supported=")) {
        smap_add(&w->member.not_supported, value, "1");
    } else if (IS("member.unknown=")) {
        w->host_unknown = true;
    } else if (IS("member.uplink.")) {
        const char *uplink = change + strlen("member.uplink.");
        char *name = xmemdup0(uplink, value - 1 - uplink);
        smap_replace(&w->member.uplinks, name, value);
        free(name);
    } else {
        fail_msg("unknown change \"%s\"", change);
    }
#undef IS
}

/* Up to three changes, and the faults that follow, joined by "; ", in the
 * form of the columns "faults", sorted. */
static const struct fault_case {
    const char *changes[3];
    const char *faults;
} cases[] = {
    /* Nothing is wrong with the world as it is. */
    { { NULL }, "" },

    /* Names. */
    { { "switch.name=" }, "InvalidName: name: switch name is empty" },
    { { "switch.name=a/b" },
      "InvalidName: name: switch name \"a/b\" has a \"/\"" },
    { { "switch.name=a:1" },
      "InvalidName: name: switch name \"a:1\" has a \":\"" },
    { { "switch.name= a" },
      "InvalidName: name: switch name \" a\" starts or ends with a blank" },
    { { "switch.name=a " },
      "InvalidName: name: switch name \"a \" starts or ends with a blank" },
    { { "switch.name=a\tb" },
      "InvalidName: name: switch name has a control character" },
    { { "switch.name=a\x7f" },
      "InvalidName: name: switch name has a control character" },
    { { "switch.name=\xff" },
      "InvalidName: name: switch name is not valid UTF-8" },
    { { "switch.name=Produktion Z\xc3\xbcrich (a, b=c) %2f" }, "" },
    { { "switch.name=" NAME_80 }, "" },
    { { "switch.name=" NAME_80 "x" },
      "InvalidName: name: switch name \"" NAME_80 "x\" has 81 characters, "
      "more than 80" },
    { { "portgroup.name=a/b" },
      "InvalidName: name: portgroup name \"a/b\" has a \"/\"" },
    { { "portgroup.name=web=front, 10" }, "" },
    { { "switch.uplinks=a=b c,d" },
      "InvalidName: uplinks: uplink name \"a=b\" has a \"=\"; "
      "InvalidName: uplinks: uplink name \"c,d\" has a \",\"" },
    { { "member.host=a/b" },
      "InvalidName: host: host name \"a/b\" has a \"/\"" },

    /* Switch. */
    { { "switch.n_uplinks=0" }, "" },
    { { "switch.n_uplinks=32" }, "" },
    { { "switch.n_uplinks=33" },
      "LimitExceeded: uplinks: 33 uplinks are more than 32" },
    { { "switch.uplinks=a b a" },
      "DuplicateName: uplinks: two uplinks have the name \"a\"" },
    { { "switch.mtu=1280" }, "" },
    { { "switch.mtu=9216" }, "" },
    { { "switch.mtu=1279" },
      "InvalidArgument: mtu: mtu 1279 is not in 1280..9216" },
    { { "switch.mtu=9217" },
      "InvalidArgument: mtu: mtu 9217 is not in 1280..9216" },
    { { "switch.bridge_name=br-prod" }, "" },
    { { "switch.bridge_name=123456789012345" }, "" },
    { { "switch.bridge_name=1234567890123456" },
      "InvalidName: bridge_name: bridge name \"1234567890123456\" cannot be "
      "the name of a network device" },
    { { "switch.bridge_name=a b" },
      "InvalidName: bridge_name: bridge name \"a b\" cannot be the name of a "
      "network device" },
    { { "switch.bridge_name=.." },
      "InvalidName: bridge_name: bridge name \"..\" cannot be the name of a "
      "network device" },
    { { "switch.bridge_name=" },
      "InvalidName: bridge_name: bridge name \"\" cannot be the name of a "
      "network device" },
    { { "switch.bridge_name=a/b" },
      "InvalidName: bridge_name: bridge name \"a/b\" cannot be the name of a "
      "network device" },
    { { "switch.datapath_type=netdev" }, "" },
    { { "switch.datapath_type=system" }, "" },
    { { "switch.datapath_type=dpdk" },
      "InvalidArgument: datapath_type: datapath type \"dpdk\" is not system "
      "or netdev" },
    { { "switch.num_standalone_ports=60000" }, "" },
    { { "switch.num_standalone_ports=60001" },
      "InvalidArgument: num_standalone_ports: num_standalone_ports 60001 is "
      "not in 0..60000" },
    { { "switch.num_standalone_ports=-1" },
      "InvalidArgument: num_standalone_ports: num_standalone_ports -1 is "
      "not in 0..60000" },
    { { "switch.not_supported=switch_ip" },
      "NotSupported: switch_ip: switch_ip is not supported yet" },

    /* Portgroup. */
    { { "portgroup.type=late_binding" }, "" },
    { { "portgroup.type=ephemeral" }, "" },
    { { "portgroup.type=late_binding", "portgroup.auto_expand=1" },
      "InvalidArgument: auto_expand: only a portgroup of type early_binding "
      "can expand" },
    { { "portgroup.type=ephemeral", "portgroup.auto_expand=1" },
      "InvalidArgument: auto_expand: only a portgroup of type early_binding "
      "can expand" },
    { { "portgroup.auto_expand=1" }, "" },
    { { "portgroup.num_ports=0" }, "" },
    { { "portgroup.num_ports=60001" },
      "InvalidArgument: num_ports: num_ports 60001 is not in 0..60000" },
    { { "portgroup.num_ports=-1" },
      "InvalidArgument: num_ports: num_ports -1 is not in 0..60000" },
    { { "portgroup.live_port_moving=1" }, "" },
    { { "portgroup.reset_at_disconnect=0" }, "" },
    { { "portgroup.not_supported=x" },
      "NotSupported: x: x is not supported yet" },

    /* Uplink portgroup. */
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:0-4094" }, "" },
    { { "portgroup.uplink=1", "switch.set.vlan=trunk:0-4094" }, "" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:7" }, "" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:0-4094",
        "portgroup.set.blocked=yes" }, "" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:0-4094",
        "port.set.blocked=yes" }, "" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:0-4094",
        "portgroup.set.cos=5" },
      "NotSupported: cos: cos of uplinks is not supported yet" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=trunk:0-4094",
        "port.set.vlan=trunk:7" },
      "ConflictingConfiguration: vlan: portgroup \"web\" does not let "
      "port 12 override vlan" },
    { { "portgroup.uplink=1" },
      "InvalidArgument: vlan: vlan of an uplink portgroup must be a trunk" },
    { { "portgroup.uplink=1", "portgroup.set.vlan=7",
        "switch.set.vlan=trunk:7" },
      "InvalidArgument: vlan: vlan of an uplink portgroup must be a trunk" },
    { { "portgroup.uplink=1", "portgroup.type=ephemeral",
        "portgroup.set.vlan=trunk:0-4094" },
      "InvalidArgument: type: type of an uplink portgroup must be "
      "early_binding" },

    /* Uplink order. */
    { { "switch.set.active=uplink2,uplink1" }, "" },
    { { "portgroup.set.active=uplink2", "portgroup.set.standby=uplink1" },
      "" },
    { { "portgroup.set.standby=uplink1" }, "" },
    { { "portgroup.set.active=uplink3" },
      "InvalidArgument: active: active \"uplink3\" is not an uplink of switch "
      "\"prod\"" },
    { { "switch.set.standby=Uplink1" },
      "InvalidArgument: standby: standby \"Uplink1\" is not an uplink of "
      "switch \"prod\"" },
    { { "portgroup.set.active=uplink1,uplink2,uplink1" },
      "InvalidArgument: active: uplink \"uplink1\" is in active twice" },
    { { "portgroup.set.active=uplink1", "portgroup.set.standby=uplink1" },
      "InvalidArgument: standby: uplink \"uplink1\" is both active and "
      "standby" },
    { { "portgroup.set.active=" },
      "InvalidArgument: active: active and standby name no uplink at all" },
    { { "portgroup.override=teaming", "port.set.active=uplink9" },
      "InvalidArgument: active: active \"uplink9\" is not an uplink of switch "
      "\"prod\"" },

    /* Values that are not carried out. */
    { { "switch.set.vlan=private:5" },
      "NotFound: vlan: switch \"prod\" has no private VLAN 5" },
    { { "portgroup.set.teaming=explicit" }, "" },
    { { "portgroup.set.teaming=originating-port" }, "" },
    { { "portgroup.set.teaming=ip-hash" }, "" },
    { { "portgroup.set.teaming=source-mac" }, "" },
    { { "portgroup.set.reverse-filter=no" }, "" },
    { { "switch.set.pool=gold" },
      "InvalidArgument: pool: only a portgroup can have a resource pool" },
    { { "port.set.pool=gold" },
      "InvalidArgument: pool: only a portgroup can have a resource pool" },
    { { "portgroup.set.pool=gold" },
      "NotFound: pool: switch \"prod\" has no resource pool \"gold\"" },
    { { "portgroup.set.pool=none" }, "" },

    /* Ports. */
    { { "port.set.blocked=yes" }, "" },
    { { "port.set.vlan=7" },
      "ConflictingConfiguration: vlan: portgroup \"web\" does not let "
      "port 12 override vlan" },
    { { "port.set.vlan=7", "portgroup.override=vlan" }, "" },
    { { "port.set.vlan=7", "port.standalone=1" }, "" },
    { { "port.set.vlan=7", "portgroup.override=teaming" },
      "ConflictingConfiguration: vlan: portgroup \"web\" does not let "
      "port 12 override vlan" },
    { { "port.set.blocked=yes", "portgroup.overrides=none" },
      "ConflictingConfiguration: blocked: portgroup \"web\" does not let "
      "port 12 override blocked" },
    { { "port.set.active=uplink1", "port.set.teaming=explicit",
        "portgroup.override=teaming" }, "" },
    { { "port.not_supported=host_local" },
      "NotSupported: host_local: host_local is not supported yet" },

    /* Members. */
    { { "member.uplink.uplink2=eth1" }, "" },
    { { "member.uplink.uplink9=eth1" },
      "NotFound: uplinks: switch \"prod\" has no uplink \"uplink9\"" },
    { { "member.uplink.uplink2=eth5" },
      "NotFound: uplinks: host \"host1\" has no physical NIC \"eth5\"" },
    { { "member.uplink.uplink2=eth5", "member.unknown=1" }, "" },
    { { "member.uplink.uplink2=eth9" },
      "ResourceInUse: uplinks: NIC \"eth9\" of host \"host1\" is used by "
      "switch \"lab\"" },
    { { "member.uplink.uplink2=eth0" },
      "InvalidArgument: uplinks: NIC \"eth0\" is in both uplink \"uplink1\" "
      "and uplink \"uplink2\"" },
    { { "member.uplink.uplink2=eth0", "member.unknown=1" },
      "InvalidArgument: uplinks: NIC \"eth0\" is in both uplink \"uplink1\" "
      "and uplink \"uplink2\"" },
    { { "member.uplink.uplink2=a b" },
      "InvalidArgument: uplinks: \"a b\" cannot be the name of a network "
      "device" },
    { { "member.ring=1" }, "" },
    { { "member.ring=2" },
      "NotSupported: ring: only rings 0 and 1 are supported" },
    { { "member.ring=1001" },
      "InvalidArgument: ring: ring 1001 is not in 0..1000; "
      "NotSupported: ring: only rings 0 and 1 are supported" },
    { { "member.not_supported=vendor_config" },
      "NotSupported: vendor_config: vendor_config is not supported yet" },
};

static char *
validate_world(const struct world *w)
{
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_validate_switch(&w->sw, &faults);
    dvs_validate_portgroup(&w->sw, &w->pg, &faults);
    dvs_validate_port(&w->sw, w->standalone ? NULL : &w->pg, &w->port,
                      &faults);
    dvs_validate_member(&w->sw, &w->member,
                        w->host_unknown ? NULL : &w->host_nics, &faults);

    /* The form for columns, and that for commands. */
    struct sset set = SSET_INITIALIZER(&set);
    dvs_faults_to_sset(&faults, &set);
    struct ds first = DS_EMPTY_INITIALIZER;
    if (faults.n) {
        char *expected = xasprintf("%s: %s", faults.faults[0].name,
                                   faults.faults[0].message);
        assert_string_equal(dvs_faults_first(&faults, &first), expected);
        free(expected);
    } else {
        assert_null(dvs_faults_first(&faults, &first));
    }
    ds_destroy(&first);

    const char **array = sset_sort(&set);
    struct svec sorted = SVEC_EMPTY_INITIALIZER;
    for (size_t i = 0; i < sset_count(&set); i++) {
        svec_add(&sorted, array[i]);
    }
    char *joined = svec_join(&sorted, "; ", "");
    svec_destroy(&sorted);
    free(array);
    sset_destroy(&set);
    dvs_faults_destroy(&faults);
    return joined;
}

static void
test_faults(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct world w;

        world_init(&w);
        for (size_t j = 0; j < ARRAY_SIZE(cases[i].changes); j++) {
            if (cases[i].changes[j]) {
                change_world(&w, cases[i].changes[j]);
            }
        }
        char *got = validate_world(&w);
        if (strcmp(got, cases[i].faults)) {
            fail_msg("case %"PRIuSIZE" (%s):\n     got: %s\nexpected: %s", i,
                     cases[i].changes[0] ? cases[i].changes[0] : "none",
                     got, cases[i].faults);
        }
        free(got);
        world_destroy(&w);
    }
}

/* Every property that is not supported, at every level: its default is no
 * fault, anything else is. */
static void
test_not_supported_properties(void **state OVS_UNUSED)
{
    static const char *const other[DVS_N_PROPERTIES] = {
        [DVS_P_NOTIFY] = "notify=no", [DVS_P_FAILBACK] = "failback=no",
        [DVS_P_REVERSE_FILTER] = "reverse-filter=no",
        [DVS_P_SHAPE_IN] = "shape-in=1M,1M,1k",
        [DVS_P_SHAPE_OUT] = "shape-out=1M,1M,1k",
        [DVS_P_IPFIX] = "ipfix=yes",
        [DVS_P_VENDOR] = "vendor.a=b",
    };

    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
        if (dvs_property_supported(p)) {
            continue;
        }
        assert_non_null(other[p]);

        for (int level = 0; level < 3; level++) {
            for (int i = 0; i < 2; i++) {
                struct world w;
                world_init(&w);
                w.standalone = true;
                struct dvs_setting *s = (level == 0 ? &w.sw.setting
                                         : level == 1 ? &w.pg.setting
                                         : &w.port.setting);
                if (i) {
                    set_setting(s, other[p]);
                } else {
                    struct dvs_setting defaults;
                    dvs_setting_defaults(&defaults, NULL);
                    dvs_setting_overlay(s, &defaults, UINT64_C(1) << p);
                    dvs_setting_destroy(&defaults);
                }

                const char *key = dvs_property_key(p);
                char *got = validate_world(&w);
                char *expected = i ? xasprintf("NotSupported: %s: %s is not "
                                               "supported yet", key, key)
                                   : xstrdup("");
                assert_string_equal(got, expected);
                free(got);
                free(expected);
                world_destroy(&w);
            }
        }
    }
}

/* Every property of a port needs its permission. */
static void
test_overrides(void **state OVS_UNUSED)
{
    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++)
    for (enum dvs_override ov = 0; ov < DVS_N_OVERRIDES; ov++) {
        struct dvs_setting defaults;
        struct svec uplinks = SVEC_EMPTY_INITIALIZER;
        struct world w;

        world_init(&w);
        svec_add(&uplinks, "uplink1");
        dvs_setting_defaults(&defaults, &uplinks);
        dvs_setting_overlay(&w.port.setting, &defaults, UINT64_C(1) << p);
        w.pg.overrides = 1u << ov;

        enum dvs_override needs = dvs_property_override(p);
        char *got = validate_world(&w);
        if (needs == ov || needs == DVS_OV_NONE) {
            assert_string_equal(got, "");
        } else {
            char *expected = xasprintf(
                "ConflictingConfiguration: %s: portgroup \"web\" does not "
                "let port 12 override %s", dvs_property_key(p),
                dvs_property_key(p));
            assert_string_equal(got, expected);
            free(expected);
        }
        free(got);
        dvs_setting_destroy(&defaults);
        svec_destroy(&uplinks);
        world_destroy(&w);
    }
}

/* What a name may not be does not depend on the kind, except where it says
 * so; NULL is an empty name. */
static void
test_names(void **state OVS_UNUSED)
{
    char *error = dvs_validate_name("mirror", NULL);
    assert_string_equal(error, "mirror name is empty");
    free(error);

    assert_null(dvs_validate_name("mirror", "a,b=c"));
    error = dvs_validate_name("uplink", "a,b");
    assert_string_equal(error, "uplink name \"a,b\" has a \",\"");
    free(error);

    /* 80 characters of two bytes each. */
    struct ds ds = DS_EMPTY_INITIALIZER;
    for (int i = 0; i < DVS_NAME_MAX; i++) {
        ds_put_cstr(&ds, "\xc3\xbc");
    }
    assert_null(dvs_validate_name("switch", ds_cstr(&ds)));
    ds_put_char(&ds, 'x');
    error = dvs_validate_name("switch", ds_cstr(&ds));
    assert_non_null(error);
    free(error);
    ds_destroy(&ds);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_not_supported_properties),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

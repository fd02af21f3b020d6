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

/* Database rows to structs and back.  The rows are in a transaction that is
 * never sent: there is no database here. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "schema/dvs-columns.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "schema/dvs-property.h"
#include "schema/dvs-read.h"
#include "schema/dvs-write.h"
#include "util.h"

struct db {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;
};

static int
setup(void **state)
{
    struct db *db = xmalloc(sizeof *db);

    db->idl = ovsdb_idl_create_unconnected(&dvsrec_idl_class, true);
    db->txn = ovsdb_idl_txn_create(db->idl);
    *state = db;
    return 0;
}

static int
teardown(void **state)
{
    struct db *db = *state;

    ovsdb_idl_txn_destroy(db->txn);
    ovsdb_idl_destroy(db->idl);
    free(db);
    return 0;
}

static void
set_ok(struct dvs_setting *s, const char *key, const char *value)
{
    char *error = dvs_setting_set(s, key, value);
    if (error) {
        fail_msg("%s=%s: %s", key, value, error);
    }
}

/* Reads 'row' and fails unless the text form of the setting is that of
 * 'expected'. */
static void
check_read(const struct dvsrec_port_setting *row,
           const struct dvs_setting *expected)
{
    struct smap got, want;
    struct dvs_setting s;

    dvs_setting_init(&s);
    assert_null(dvs_read_setting(row, &s));
    dvs_setting_to_smap(&s, &got);
    dvs_setting_to_smap(expected, &want);
    assert_true(smap_equal(&got, &want));
    assert_true(dvs_setting_equal(&s, expected));
    smap_destroy(&got);
    smap_destroy(&want);
    dvs_setting_destroy(&s);
}

/* Two values of everything that can be written. */
static const char *const values[][3] = {
    { "blocked", "yes", "no" },
    { "vlan", "10", "trunk:0,5-9,4094" },
    { "vlan", "none", "private:7" },
    { "cos", "0", "7" },
    { "cos", "none", "0" },
    { "dscp", "0", "63" },
    { "dscp", "63", "none" },
    { "teaming", "explicit", "load" },
    { "active", "uplink2,uplink1", "a" },
    { "standby", "uplink3", "b,a" },
    { "notify", "yes", "no" },
    { "failback", "yes", "no" },
    { "beacon", "yes", "no" },
    { "reverse-filter", "yes", "no" },
    { "promiscuous", "accept", "reject" },
    { "mac-changes", "accept", "reject" },
    { "forged-transmits", "accept", "reject" },
    { "mac-learning", "yes", "no" },
    { "mac-limit", "0", "4096" },
    { "mac-limit-policy", "drop", "allow" },
    { "unicast-flooding", "yes", "no" },
    { "shape-in", "1,2,3", "off" },
    { "shape-out", "9223372036854775807,9223372036854775807,1", "off" },
    { "ipfix", "yes", "no" },
    { "tx-uplink", "yes", "no" },
    { "filter", "yes", "no" },
    { "vendor.a", "1", "" },
    { "vendor.b", "2", "3" },
};

/* One property after the other, then random ones over what is there. */
static void
test_write_then_read(void **state)
{
    struct db *db = *state;
    const struct dvsrec_port_setting *row;
    struct dvs_setting s;

    row = dvsrec_port_setting_insert(db->txn);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        for (int j = 1; j <= 2; j++) {
            dvs_setting_init(&s);
            set_ok(&s, values[i][0], values[i][j]);
            dvs_write_setting(row, &s);
            check_read(row, &s);
            dvs_setting_destroy(&s);
        }
    }

    random_set_seed(1);
    for (int n = 0; n < 1000; n++) {
        dvs_setting_init(&s);
        for (int i = random_range(ARRAY_SIZE(values)); i > 0; i--) {
            const char *const *v = values[random_range(ARRAY_SIZE(values))];
            set_ok(&s, v[0], v[1 + random_range(2)]);
        }
        dvs_write_setting(row, &s);
        check_read(row, &s);
        dvs_setting_destroy(&s);
    }

    /* Nothing explicit empties everything. */
    dvs_setting_init(&s);
    dvs_write_setting(row, &s);
    for (size_t i = 0; i < DVSREC_PORT_SETTING_N_COLUMNS; i++) {
        assert_int_equal(ovsdb_idl_read(&row->header_,
                                        &dvsrec_port_setting_columns[i])->n,
                         0);
    }
    dvs_setting_destroy(&s);
}

/* What does not change is not written. */
static void
test_write_changes_only(void **state)
{
    struct db *db = *state;
    const struct dvsrec_port_setting *row;
    struct dvs_setting s;

    row = dvsrec_port_setting_insert(db->txn);
    dvs_setting_init(&s);
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        set_ok(&s, values[i][0], values[i][1]);
    }
    dvs_write_setting(row, &s);

    const struct ovsdb_datum *before[DVSREC_PORT_SETTING_N_COLUMNS];
    union ovsdb_atom *keys[DVSREC_PORT_SETTING_N_COLUMNS];
    for (size_t i = 0; i < DVSREC_PORT_SETTING_N_COLUMNS; i++) {
        before[i] = ovsdb_idl_read(&row->header_,
                                   &dvsrec_port_setting_columns[i]);
        keys[i] = before[i]->keys;
    }
    set_ok(&s, "vlan", "none");
    set_ok(&s, "vlan", "11");
    dvs_write_setting(row, &s);
    for (size_t i = 0; i < DVSREC_PORT_SETTING_N_COLUMNS; i++) {
        const struct ovsdb_idl_column *column
            = &dvsrec_port_setting_columns[i];
        bool changed = (column == &dvsrec_port_setting_col_vlan_mode
                        || column == &dvsrec_port_setting_col_vlan_id);
        if (keys[i]) {
            const struct ovsdb_datum *now
                = ovsdb_idl_read(&row->header_, column);
            assert_int_equal(now->keys != keys[i], changed);
        }
    }
    dvs_setting_destroy(&s);
}

static void
test_null_row(void **state OVS_UNUSED)
{
    struct dvs_setting s;

    dvs_setting_init(&s);
    set_ok(&s, "vlan", "trunk:1-9");
    assert_null(dvs_read_setting(NULL, &s));
    assert_int_equal(s.present, 0);
    dvs_setting_destroy(&s);
}

/* Rules are rows of their own; pools are written by whoever has theirs. */
static void
test_references(void **state)
{
    struct db *db = *state;
    const struct dvsrec_port_setting *row;
    struct dvsrec_traffic_rule *rules[2];
    struct dvsrec_resource_pool *pool;
    struct dvs_setting s;

    for (int i = 0; i < 2; i++) {
        static const char *const negate[] = { "src_ip" };
        int64_t proto = 6;

        rules[i] = dvsrec_traffic_rule_insert(db->txn);
        dvsrec_traffic_rule_set_sequence(rules[i], 10 * (i + 1));
        dvsrec_traffic_rule_set_action(rules[i], "drop");
        dvsrec_traffic_rule_set_direction(rules[i], "in");
        dvsrec_traffic_rule_set_src_ip(rules[i], "10.0.0.0/8");
        dvsrec_traffic_rule_set_ip_protocol(rules[i], &proto, 1);
        dvsrec_traffic_rule_set_negate(
            rules[i], CONST_CAST(const char **, negate), i);
    }
    pool = dvsrec_resource_pool_insert(db->txn);
    dvsrec_resource_pool_set_name(pool, "gold");

    row = dvsrec_port_setting_insert(db->txn);
    dvsrec_port_setting_set_rules(row, rules, 2);
    dvsrec_port_setting_set_resource_pool(row, pool);

    dvs_setting_init(&s);
    assert_null(dvs_read_setting(row, &s));
    assert_int_equal(s.present, DVS_BIT(RULES) | DVS_BIT(POOL));
    assert_string_equal(s.pool, "gold");
    assert_int_equal(smap_count(&s.rules), 2);
    assert_string_equal(smap_get(&s.rules, "10"),
                        "action=drop direction=in src-ip=10.0.0.0/8 "
                        "protocol=6");
    assert_string_equal(smap_get(&s.rules, "20"),
                        "action=drop direction=in src-ip!=10.0.0.0/8 "
                        "protocol=6");

    /* What is the same is left alone, what is not gets a new row. */
    dvs_write_setting(row, &s);
    assert_int_equal(row->n_rules, 2);
    assert_true(row->rules[0] == rules[0] || row->rules[1] == rules[0]);
    assert_true(row->rules[0] == rules[1] || row->rules[1] == rules[1]);
    set_ok(&s, "rule.20", "action=tag cos=0 dscp=46 vlan=7 class=vsan "
           "src-port=1-9 dst-port!=5 dst-mac=02:00:00:00:00:01 "
           "description=\"a b\"");
    set_ok(&s, "rule.30", "action=mac-rewrite rewrite-mac=02:00:00:00:00:01 "
           "ethertype=0x88b5 src-mac!=02:00:00:00:00:00/ff:00:00:00:00:00");
    set_ok(&s, "rule.40", "action=gre gre-ip=10.0.0.9 dst-ip=2001:db8::1");
    set_ok(&s, "rule.50", "action=rate-limit rate=100 ethertype!=arp");
    dvs_write_setting(row, &s);
    assert_int_equal(row->n_rules, 5);
    struct dvs_setting back;
    dvs_setting_init(&back);
    assert_null(dvs_read_setting(row, &back));
    assert_true(dvs_setting_equal(&s, &back));
    dvs_setting_destroy(&back);

    /* Explicit: left alone.  Not explicit: emptied. */
    assert_ptr_equal(row->resource_pool, pool);
    dvs_setting_clear(&s, DVS_BIT(RULES) | DVS_BIT(POOL));
    dvs_write_setting(row, &s);
    assert_int_equal(row->n_rules, 0);
    assert_null(row->resource_pool);

    dvsrec_traffic_rule_set_sequence(rules[1], 10);
    dvsrec_port_setting_set_rules(row, rules, 2);
    char *error = dvs_read_setting(row, &s);
    assert_string_equal(error, "rules has two rules with sequence 10");
    assert_int_equal(s.present, 0);
    free(error);
    dvs_setting_destroy(&s);
}

/* Rows that contradict themselves.  A row has what is not NULL or 0. */
static void
test_contradictions(void **state)
{
    struct db *db = *state;
    static const struct {
        const char *vlan_mode;
        int64_t vlan_id;
        int64_t start, end;             /* Of vlan_trunk. */
        const char *shape_in;           /* "true" or "false". */
        int64_t average, peak, burst;
        const char *error;
    } cases[] = {
        { .vlan_id = 5, .error = "vlan_mode is empty, but vlan_id is set" },
        { .start = 5, .end = 6,
          .error = "vlan_mode is empty, but vlan_trunk is set" },
        { .vlan_mode = "none", .vlan_id = 5,
          .error = "vlan_mode is none, but vlan_id is set" },
        { .vlan_mode = "none", .start = 5, .end = 6,
          .error = "vlan_mode is none, but vlan_trunk is set" },
        { .vlan_mode = "access",
          .error = "vlan_mode is access, but vlan_id is empty" },
        { .vlan_mode = "access", .vlan_id = 5, .start = 5, .end = 6,
          .error = "vlan_mode is access, but vlan_trunk is set" },
        { .vlan_mode = "private",
          .error = "vlan_mode is private, but vlan_id is empty" },
        { .vlan_mode = "trunk",
          .error = "vlan_mode is trunk, but vlan_trunk is empty" },
        { .vlan_mode = "trunk", .vlan_id = 5, .start = 5, .end = 6,
          .error = "vlan_mode is trunk, but vlan_id is set" },
        { .vlan_mode = "trunk", .start = 9, .end = 1,
          .error = "vlan_trunk has a range 9-1 that ends before it starts" },
        { .average = 5,
          .error = "shape_in is empty, but shape_in_average is set" },
        { .burst = 5,
          .error = "shape_in is empty, but shape_in_burst is set" },
        { .shape_in = "true",
          .error = "shape_in is true, but shape_in_average is empty" },
        { .shape_in = "true", .average = 5, .peak = 5,
          .error = "shape_in is true, but shape_in_burst is empty" },
        { .shape_in = "true", .average = 5, .peak = 4, .burst = 1,
          .error = "shape_in_peak 4 is below shape_in_average 5" },
        { .shape_in = "false", .average = 5, .error = NULL },
        { .shape_in = "true", .average = 5, .peak = 5, .burst = 1,
          .error = NULL },
        { .vlan_mode = "trunk", .start = 9, .end = 9, .error = NULL },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct dvsrec_port_setting *row
            = dvsrec_port_setting_insert(db->txn);
        struct dvs_setting s;
        bool blocked = true;

        dvsrec_port_setting_set_blocked(row, &blocked, 1);
        dvsrec_port_setting_set_vlan_mode(row, cases[i].vlan_mode);
        dvsrec_port_setting_set_vlan_id(row, &cases[i].vlan_id,
                                        cases[i].vlan_id > 0);
        dvsrec_port_setting_set_vlan_trunk(row, &cases[i].start,
                                           &cases[i].end,
                                           cases[i].start > 0);
        if (cases[i].shape_in) {
            bool enabled = !strcmp(cases[i].shape_in, "true");
            dvsrec_port_setting_set_shape_in(row, &enabled, 1);
        }
        dvsrec_port_setting_set_shape_in_average(row, &cases[i].average,
                                                 cases[i].average > 0);
        dvsrec_port_setting_set_shape_in_peak(row, &cases[i].peak,
                                              cases[i].peak > 0);
        dvsrec_port_setting_set_shape_in_burst(row, &cases[i].burst,
                                               cases[i].burst > 0);

        dvs_setting_init(&s);
        char *error = dvs_read_setting(row, &s);
        if (cases[i].error) {
            assert_non_null(error);
            assert_string_equal(error, cases[i].error);
            assert_int_equal(s.present, 0);
        } else {
            assert_null(error);
            assert_true(s.blocked);
            dvs_write_setting(row, &s);
            check_read(row, &s);
            assert_int_equal(row->n_shape_in_average, cases[i].average > 0);
        }
        free(error);
        dvs_setting_destroy(&s);
    }

    const struct dvsrec_port_setting *row
        = dvsrec_port_setting_insert(db->txn);
    struct smap vendor = SMAP_INITIALIZER(&vendor);
    struct dvs_setting s;
    smap_add(&vendor, "", "x");
    dvsrec_port_setting_set_vendor_config(row, &vendor);
    smap_destroy(&vendor);
    dvs_setting_init(&s);
    char *error = dvs_read_setting(row, &s);
    assert_string_equal(error, "vendor_config has an empty key");
    free(error);
    dvs_setting_destroy(&s);
}

static void
test_switch(void **state)
{
    struct db *db = *state;
    struct dvsrec_switch *row = dvsrec_switch_insert(db->txn);
    struct dvs_switch sw;

    /* As empty as it can be. */
    dvs_switch_init(&sw);
    dvsrec_switch_set_name(row, "my switch");
    assert_null(dvs_read_switch(row, &sw));
    assert_string_equal(sw.name, "my switch");
    assert_string_equal(sw.bridge_name, "dvs-mysw-72e5f5");
    assert_string_equal(sw.datapath_type, "system");
    assert_int_equal(sw.mtu, 1500);
    assert_int_equal(sw.uplinks.n, 0);
    assert_int_equal(smap_count(&sw.not_supported), 0);
    assert_true(uuid_equals(&sw.uuid, &row->header_.uuid));

    /* What the columns that are not carried out may say without a fault. */
    int64_t zero = 0;
    bool no = false;
    dvsrec_switch_set_discovery_operation(row, "none");
    assert_false(sw.snooping);
    dvsrec_switch_set_multicast_filtering(row, "basic");
    dvsrec_switch_set_vlan_mtu_check_interval(row, &zero, 1);
    dvsrec_switch_set_teaming_check_interval(row, &zero, 1);
    dvsrec_switch_set_resource_management(row, &no, 1);
    assert_false(sw.resource_management);
    assert_int_equal(sw.reservation_ratio, 75);
    assert_null(dvs_read_switch(row, &sw));
    assert_int_equal(smap_count(&sw.not_supported), 0);

    /* Everything, read into the same struct. */
    static const int64_t positions[] = { 3, 7, 31 };
    static const char *uplinks[] = { "c", "a", "b" };
    const int64_t mtu = 9000, one = 1;
    const bool yes = true;
    struct smap smap = SMAP_INITIALIZER(&smap);

    smap_add(&smap, "name", "Ada");
    dvsrec_switch_set_description(row, "d");
    dvsrec_switch_set_contact(row, &smap);
    dvsrec_switch_set_vendor_config(row, &smap);
    smap_destroy(&smap);
    dvsrec_switch_set_uplinks(row, positions, uplinks, 3);
    dvsrec_switch_set_mtu(row, &mtu, 1);
    dvsrec_switch_set_bridge_name(row, "br0");
    dvsrec_switch_set_datapath_type(row, "netdev");
    dvsrec_switch_set_num_standalone_ports(row, 5);
    dvsrec_switch_set_discovery_protocol(row, "lldp");
    dvsrec_switch_set_discovery_operation(row, "listen");
    dvsrec_switch_set_multicast_filtering(row, "snooping");
    dvsrec_switch_set_vlan_mtu_check_interval(row, &one, 1);
    dvsrec_switch_set_teaming_check_interval(row, &one, 1);
    dvsrec_switch_set_resource_management(row, &yes, 1);
    dvsrec_switch_set_reservation_ratio(row, &one, 1);
    dvsrec_switch_set_max_ports(row, &zero, 1);
    dvsrec_switch_set_switch_ip(row, "10.0.0.1");
    dvsrec_switch_set_version(row, "8");

    struct dvsrec_port_setting *setting
        = dvsrec_port_setting_insert(db->txn);
    dvsrec_port_setting_set_vlan_mode(setting, "none");
    dvsrec_switch_set_default_setting(row, setting);

    assert_null(dvs_read_switch(row, &sw));
    assert_string_equal(sw.description, "d");
    assert_string_equal(smap_get(&sw.contact, "name"), "Ada");
    char *joined = svec_join(&sw.uplinks, ",", "");
    assert_string_equal(joined, "c,a,b");
    free(joined);
    assert_int_equal(sw.mtu, 9000);
    assert_true(sw.snooping);
    assert_string_equal(sw.bridge_name, "br0");
    assert_string_equal(sw.datapath_type, "netdev");
    assert_int_equal(sw.num_standalone_ports, 5);
    assert_string_equal(sw.version, "8");
    assert_true(sw.resource_management);
    assert_int_equal(sw.reservation_ratio, 1);
    assert_int_equal(smap_count(&sw.not_supported), 6);
    assert_int_equal(sw.setting.present, DVS_BIT(VLAN));

    /* After an error all but the setting is there. */
    dvsrec_port_setting_set_vlan_mode(setting, "access");
    dvsrec_switch_set_name(row, "renamed");
    char *error = dvs_read_switch(row, &sw);
    assert_string_equal(error, "vlan_mode is access, but vlan_id is empty");
    free(error);
    assert_string_equal(sw.name, "renamed");
    assert_int_equal(sw.setting.present, 0);
    dvs_switch_destroy(&sw);
}

static void
test_portgroup(void **state)
{
    struct db *db = *state;
    struct dvsrec_portgroup *row = dvsrec_portgroup_insert(db->txn);
    static const struct {
        const char *words[3];
        size_t n;
        uint32_t overrides;
        const char *error;
    } cases[] = {
        { { NULL }, 0, 1u << DVS_OV_BLOCK, NULL },
        { { "none" }, 1, 0, NULL },
        { { "vlan" }, 1, 1u << DVS_OV_VLAN, NULL },
        { { "block", "teaming", "qos" }, 3,
          1u << DVS_OV_BLOCK | 1u << DVS_OV_TEAMING | 1u << DVS_OV_QOS,
          NULL },
        { { "none", "vlan" }, 2, 0,
          "override_allowed has none and something else" },
    };
    struct dvs_portgroup pg;

    dvs_portgroup_init(&pg);
    dvsrec_portgroup_set_name(row, "web");
    dvsrec_portgroup_set_type(row, "ephemeral");
    dvsrec_portgroup_set_num_ports(row, 8);
    dvsrec_portgroup_set_auto_expand(row, true);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        dvsrec_portgroup_set_override_allowed(
            row, CONST_CAST(const char **, cases[i].words), cases[i].n);
        char *error = dvs_read_portgroup(row, &pg);
        if (cases[i].error) {
            assert_string_equal(error, cases[i].error);
        } else {
            assert_null(error);
            assert_int_equal(pg.overrides, cases[i].overrides);
        }
        free(error);
    }
    assert_string_equal(pg.name, "web");
    assert_int_equal(pg.type, DVS_EPHEMERAL);
    assert_int_equal(pg.num_ports, 8);
    assert_true(pg.auto_expand);
    assert_true(pg.reset_at_disconnect);
    assert_null(pg.port_name_format);

    /* Of two errors, the first; nothing leaks. */
    struct dvsrec_port_setting *setting
        = dvsrec_port_setting_insert(db->txn);
    bool no = false;
    dvsrec_port_setting_set_vlan_mode(setting, "access");
    dvsrec_portgroup_set_setting(row, setting);
    dvsrec_portgroup_set_reset_at_disconnect(row, &no, 1);
    dvsrec_portgroup_set_port_name_format(row, "<portIndex>");
    char *error = dvs_read_portgroup(row, &pg);
    assert_string_equal(error,
                        "override_allowed has none and something else");
    free(error);
    assert_false(pg.reset_at_disconnect);
    assert_string_equal(pg.port_name_format, "<portIndex>");
    dvs_portgroup_destroy(&pg);
}

static void
test_port_and_member(void **state)
{
    struct db *db = *state;
    struct dvsrec_port *port_row = dvsrec_port_insert(db->txn);
    struct dvsrec_host_member *member_row
        = dvsrec_host_member_insert(db->txn);
    struct dvs_port port;
    struct dvs_member member;
    const int64_t max_ports = 5;
    struct smap uplinks = SMAP_INITIALIZER(&uplinks);

    dvs_port_init(&port);
    dvsrec_port_set_key(port_row, "12");
    dvsrec_port_set_name(port_row, "p");
    assert_null(dvs_read_port(port_row, &port));
    assert_null(dvs_read_port(port_row, &port));
    assert_string_equal(port.key, "12");
    assert_string_equal(port.name, "p");
    assert_int_equal(port.setting.present, 0);
    dvs_port_destroy(&port);

    dvs_member_init(&member);
    dvsrec_host_member_set_host(member_row, "host1");
    smap_add(&uplinks, "uplink1", "eth0");
    dvsrec_host_member_set_uplinks(member_row, &uplinks);
    smap_destroy(&uplinks);
    dvsrec_host_member_set_ring(member_row, 3);
    dvsrec_host_member_set_max_ports(member_row, &max_ports, 1);
    assert_null(dvs_read_member(member_row, &member));
    assert_null(dvs_read_member(member_row, &member));
    assert_string_equal(member.host, "host1");
    assert_string_equal(smap_get(&member.uplinks, "uplink1"), "eth0");
    assert_int_equal(member.ring, 3);
    assert_true(smap_is_empty(&member.not_supported));
    assert_int_equal(member.max_ports, 5);
    dvsrec_host_member_set_max_ports(member_row, NULL, 0);
    assert_null(dvs_read_member(member_row, &member));
    assert_int_equal(member.max_ports, -1);
    dvs_member_destroy(&member);
}

/* Each property is either in the table of one-column properties, with a
 * column of the kind it needs, or is one of those with code of their own. */
static void
test_columns(void **state OVS_UNUSED)
{
    uint64_t seen = DVS_BIT(VLAN) | DVS_BIT(UPLINK_ORDER) | DVS_BIT(SHAPE_IN)
                    | DVS_BIT(SHAPE_OUT) | DVS_BIT(RULES) | DVS_BIT(POOL)
                    | DVS_BIT(VENDOR);

    for (size_t i = 0; i < dvs_n_setting_columns; i++) {
        const struct dvs_setting_column *c = &dvs_setting_columns[i];

        assert_false(seen & (UINT64_C(1) << c->property));
        seen |= UINT64_C(1) << c->property;
        assert_int_equal(c->column->type.n_min, 0);
        assert_int_equal(c->column->type.n_max, 1);
    }
    assert_int_equal(seen, DVS_ALL_PROPERTIES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_write_then_read, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_write_changes_only, setup,
                                        teardown),
        cmocka_unit_test(test_null_row),
        cmocka_unit_test_setup_teardown(test_references, setup, teardown),
        cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_switch, setup, teardown),
        cmocka_unit_test_setup_teardown(test_portgroup, setup, teardown),
        cmocka_unit_test_setup_teardown(test_port_and_member, setup,
                                        teardown),
        cmocka_unit_test(test_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

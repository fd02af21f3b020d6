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

/* The OpenFlow compiler.
 *
 * The cases are data: tests/unit/cases/pipeline/NAME/in is a switch in the
 * form of model-text.h, NAME/flows what must come out.  A case without ports
 * is about the switch itself, one with ports about what they emit.  To accept
 * what comes out as what must, run with UPDATE_CASES=yes in the environment
 * and look at the difference. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-group.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "packets.h"
#include "random.h"
#include "svec.h"
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

/* Cases. */

static char *
cases_dir(void)
{
    const char *srcdir = getenv("srcdir");

    return xasprintf("%s/tests/unit/cases/pipeline", srcdir ? srcdir : ".");
}

static char *
case_file(const char *name, const char *file)
{
    char *dir = cases_dir();
    char *path = xasprintf("%s/%s/%s", dir, name, file);

    free(dir);
    return path;
}

/* Returns what is in 'path', or an empty string if it does not exist. */
static char *
read_file(const char *path)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    FILE *file = fopen(path, "r");

    if (file) {
        char line[4096];

        while (fgets(line, sizeof line, file)) {
            ds_put_cstr(&text, line);
        }
        fclose(file);
    }
    return ds_steal_cstr(&text);
}

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) == EOF || fclose(file)) {
        fail_msg("%s: %s", path, ovs_strerror(errno));
    }
}

/* Compiles the case: the switch if it has no ports, else its ports. */
static void
compile_case(struct hv_switch *sw, struct desired *desired)
{
    desired_init(desired);
    if (hmap_is_empty(&sw->ports)) {
        pipeline_compile_switch(sw, desired);
    } else {
        model_text_compile(sw, desired);
        desired_remove_owner(desired, DESIRED_COOKIE(DC_SWITCH, 0));
    }
}

static void
test_case(void **state)
{
    const char *name = *state;
    char *in = case_file(name, "in");
    char *flows = case_file(name, "flows");
    struct ds output = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    char *text = read_file(in);
    read_model(&sw, text);
    compile_case(&sw, &desired);
    desired_format(&desired, &output);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);

    char *expected = read_file(flows);
    if (getenv("UPDATE_CASES")) {
        write_file(flows, ds_cstr(&output));
    } else {
        assert_string_equal(ds_cstr(&output), expected);
    }

    ds_destroy(&output);
    free(expected);
    free(text);
    free(flows);
    free(in);
}

/* What comes back from a switch is what was sent. */

static void
assert_same_match(const struct minimatch *match,
                  const struct desired_item *item)
{
    if (!minimatch_equal(match, &item->match)) {
        char *have = minimatch_to_string(match, NULL, 0);
        char *want = minimatch_to_string(&item->match, NULL, 0);

        fail_msg("%s came back as %s", want, have);
    }
}

/* Sends the flow 'item' to a switch, so to speak, and checks what the switch
 * makes of it. */
static void
check_flow_mod(const struct desired_item *item)
{
    struct ofputil_flow_mod in = {
        .table_id = item->table, .priority = item->priority,
        .new_cookie = htonll(item->cookie), .command = OFPFC_ADD,
        .buffer_id = UINT32_MAX, .out_port = OFPP_ANY, .out_group = OFPG_ANY,
        .ofpacts = CONST_CAST(struct ofpact *, item->ofpacts),
        .ofpacts_len = item->ofpacts_len,
    };
    struct ofputil_flow_mod out;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    minimatch_clone(&in.match, &item->match);
    struct ofpbuf *msg = ofputil_encode_flow_mod(&in, OFPUTIL_P_OF15_OXM);
    assert_int_equal(ofputil_decode_flow_mod(&out, msg->data,
                                             OFPUTIL_P_OF15_OXM, NULL, NULL,
                                             &ofpacts, u16_to_ofp(OFPP_MAX),
                                             255), 0);
    assert_same_match(&out.match, item);
    assert_true(desired_ofpacts_equal(out.ofpacts, out.ofpacts_len,
                                      item->ofpacts, item->ofpacts_len));
    minimatch_destroy(&out.match);
    minimatch_destroy(&in.match);
    ofpbuf_delete(msg);
    ofpbuf_uninit(&ofpacts);
}

/* Reads the flow 'item' back from a switch, so to speak. */
static void
check_flow_stats(const struct desired_item *item)
{
    struct ofputil_flow_stats in = {
        .table_id = item->table, .priority = item->priority,
        .cookie = htonll(item->cookie), .ofpacts = item->ofpacts,
        .ofpacts_len = item->ofpacts_len,
    };
    struct ofputil_flow_stats_request fsr = {
        .out_port = OFPP_ANY, .out_group = OFPG_ANY, .table_id = 255,
    };
    struct ofputil_flow_stats out;
    struct ovs_list replies;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 0);
    minimatch_expand(&item->match, &in.match);
    match_init_catchall(&fsr.match);
    struct ofpbuf *request;
    request = ofputil_encode_flow_stats_request(&fsr, OFPUTIL_P_OF15_OXM);
    ofpmp_init(&replies, request->data);
    ofputil_append_flow_stats_reply(&in, &replies, NULL);
    struct ofpbuf *reply = CONTAINER_OF(ovs_list_pop_front(&replies),
                                        struct ofpbuf, list_node);
    struct ofpbuf msg = ofpbuf_const_initializer(reply->data, reply->size);
    assert_int_equal(ofputil_decode_flow_stats_reply(&out, &msg, false,
                                                     &ofpacts), 0);

    struct minimatch match;
    minimatch_init(&match, &out.match);
    assert_same_match(&match, item);
    assert_int_equal(out.table_id, item->table);
    assert_int_equal(out.priority, item->priority);
    assert_int_equal(ntohll(out.cookie), item->cookie);
    assert_true(desired_ofpacts_equal(out.ofpacts, out.ofpacts_len,
                                      item->ofpacts, item->ofpacts_len));
    minimatch_destroy(&match);
    ofpbuf_delete(reply);
    ofpbuf_delete(request);
    ofpbuf_uninit(&ofpacts);
}

/* Sends the group or bucket 'item' and checks what the switch makes of it. */
static void
check_group_mod(const struct desired_item *item)
{
    struct ofputil_bucket bucket = {
        .watch_port = OFPP_ANY, .watch_group = OFPG_ANY,
        .bucket_id = item->bucket_id,
        .ofpacts = CONST_CAST(struct ofpact *, item->ofpacts),
        .ofpacts_len = item->ofpacts_len,
    };
    struct ofputil_group_mod in = {
        .command = OFPGC11_ADD, .group_id = item->group_id,
        .type = item->kind == DK_GROUP ? item->type : OFPGT11_ALL,
        .command_bucket_id = OFPG15_BUCKET_ALL, .props = item->props,
    };
    struct ofputil_group_mod out;

    ovs_list_init(&in.buckets);
    if (item->kind == DK_GROUP) {
        ofputil_bucket_clone_list(&in.buckets, &item->buckets, NULL);
    } else {
        struct ovs_list one = OVS_LIST_INITIALIZER(&one);

        ovs_list_push_back(&one, &bucket.list_node);
        ofputil_bucket_clone_list(&in.buckets, &one, NULL);
    }

    struct ofpbuf *msg = ofputil_encode_group_mod(OFP15_VERSION, &in, NULL,
                                                  -1);
    assert_int_equal(ofputil_decode_group_mod(msg->data, &out), 0);
    assert_int_equal(out.group_id, item->group_id);
    assert_int_equal(out.type, in.type);
    assert_true(desired_buckets_equal(&out.buckets, &in.buckets));
    assert_true(desired_props_equal(&out.props, &in.props));
    ofputil_uninit_group_mod(&out);
    ofputil_bucket_list_destroy(&in.buckets);
    ofpbuf_delete(msg);
}

static void
test_round_trip(void **state OVS_UNUSED)
{
    const struct desired_item *item;
    struct desired desired;
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 ofport=101 mac=02:00:00:00:00:01\n"
               "port 2 ofport=102 mac=02:00:00:00:00:02 vlan=10\n"
               "port 3 ofport=103 mac=02:00:00:00:00:03 vlan=trunk:0-4094\n"
               "port 4 ofport=104 mac=02:00:00:00:00:04 vlan=trunk:1,7-99\n"
               "port 5 ofport=105 mac=02:00:00:00:00:05 blocked=yes\n"
               "port 6 ofport=1001 mac=02:00:00:00:00:06 vlan=10\n");
    desired_init(&desired);
    model_text_compile(&sw, &desired);
    assert_true(desired.n_flows && desired.n_groups && desired.n_buckets);
    HMAP_FOR_EACH (item, node, &desired.items) {
        if (item->kind == DK_FLOW) {
            check_flow_mod(item);
            check_flow_stats(item);
        } else {
            check_group_mod(item);
        }
    }
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* Nothing that can be set is ignored. */

/* Returns the flows, and the team, of a port with 'setting'. */
static char *
compile_setting(const char *setting)
{
    struct ds output = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    char *text = xasprintf("uplink uplink1 1\n"
                           "uplink uplink2 2\n"
                           "pvlan 10 11 isolated\n"
                           "port 1 ofport=101 mac=02:00:00:00:00:01 %s\n",
                           setting);
    read_model(&sw, text);
    free(text);
    desired_init(&desired);
    model_text_compile(&sw, &desired);
    desired_format(&desired, &output);
    desired_destroy(&desired);
    ds_put_cstr(&output, hv_team_for_port(&sw,
                                          hv_port_find(&sw, "1"))->key);
    hv_switch_destroy(&sw);
    return ds_steal_cstr(&output);
}

/* Each property that is supported, set to what is not the default, changes the
 * flows of a port or the team that it uses; or it is for another part of the
 * agent. */
static void
test_settings_act(void **state OVS_UNUSED)
{
    static const struct {
        const char *setting;    /* NULL: not for flows. */
        const char *with;       /* What it needs beside. */
    } cases[DVS_N_PROPERTIES] = {
        [DVS_P_BLOCKED] = { "blocked=yes", "" },
        [DVS_P_VLAN] = { "vlan=private:11", "" },
        [DVS_P_COS] = { "cos=3", "" },
        [DVS_P_DSCP] = { "dscp=46", "" },
        [DVS_P_TEAMING] = { "teaming=explicit", "" },
        [DVS_P_UPLINK_ORDER] = { "active=uplink2", "" },
        [DVS_P_NOTIFY] = { NULL, NULL },        /* notify.c */
        [DVS_P_FAILBACK] = { "failback=no", "" },
        [DVS_P_BEACON] = { "beacon=yes", "" },
        [DVS_P_REVERSE_FILTER] = { "reverse-filter=no", "" },
        [DVS_P_PROMISCUOUS] = { "promiscuous=accept", "" },
        [DVS_P_MAC_CHANGES] = { "mac-changes=accept",
                                "claims=02:00:00:00:00:02" },
        [DVS_P_FORGED_TRANSMITS] = { "forged-transmits=accept", "" },
        [DVS_P_MAC_LEARNING] = { "mac-learning=yes",
                                 "forged-transmits=accept" },
        [DVS_P_MAC_LIMIT] = { "mac-limit=7",
                              "forged-transmits=accept mac-learning=yes" },
        [DVS_P_MAC_LIMIT_POLICY] = { "mac-limit-policy=allow",
                                     "forged-transmits=accept"
                                     " mac-learning=yes" },
        [DVS_P_UNICAST_FLOODING] = { "unicast-flooding=no",
                                     "forged-transmits=accept"
                                     " mac-learning=yes" },
        [DVS_P_SHAPE_IN] = { "shape-in=1M,2M,10k", "" },
        [DVS_P_SHAPE_OUT] = { "shape-out=1M,2M,10k", "" },
        [DVS_P_TX_UPLINK] = { "tx-uplink=yes", "" },
        [DVS_P_FILTER] = { "filter=on", "rule.1=action=drop" },
        [DVS_P_RULES] = { "rule.1=action=drop", "filter=on" },
    };

    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
        if (!cases[p].setting || !dvs_property_supported(p)) {
            continue;
        }
        char *both = xasprintf("%s %s", cases[p].with, cases[p].setting);
        char *before = compile_setting(cases[p].with);
        char *after = compile_setting(both);

        if (!strcmp(before, after)) {
            fail_msg("%s changes nothing", cases[p].setting);
        }
        free(after);
        free(before);
        free(both);
    }
}

/* Cost. */

static int
count_dirty(struct desired *desired)
{
    struct desired_item *item;
    int n = 0;

    while ((item = desired_pop_dirty(desired))) {
        desired_forget(desired, item);
        n++;
    }
    return n;
}

static void
add_port(struct hv_switch *sw, int i, const char *vlan)
{
    char *text = xasprintf("port %d ofport=%d mac=02:00:00:00:%02x:%02x"
                           " vlan=%s\n",
                           i, 100 + i, i >> 8, i & 0xff, vlan);
    char *error = model_text_read(text, sw);

    assert_null(error);
    free(text);
}

/* One more port costs what is its own, however many there are.  These are the
 * numbers that the documentation gives. */
static void
test_cost(void **state OVS_UNUSED)
{
    struct desired desired;
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n"
                    "uplink uplink2 2\n");
    desired_init(&desired);
    pipeline_compile_switch(&sw, &desired);
    for (int i = 1; i <= 1000; i++) {
        size_t n_flows = desired.n_flows;

        add_port(&sw, i, i > 900 ? "trunk:0-4094" : "10");
        count_dirty(&desired);
        pipeline_compile_port(&sw, hv_port_find(&sw, "1"), &desired);
        assert_int_equal(count_dirty(&desired), i == 1 ? 18 : 0);

        char *key = xasprintf("%d", i);
        pipeline_compile_port(&sw, hv_port_find(&sw, key), &desired);
        free(key);

        if (i == 700) {
            /* Three in IN and in COUT, one each in DRIN, SEC, L2, CPIN and
             * CPOUT; one bucket. */
            assert_int_equal(desired.n_flows - n_flows, 11);
            assert_int_equal(count_dirty(&desired), 12);
        } else if (i == 750) {
            assert_int_equal(count_dirty(&desired), 12);
        } else if (i == 990) {
            /* One in IN, two in SEC, one in L2, three in OUT, ten that
             * count; one bucket. */
            assert_int_equal(desired.n_flows - n_flows, 17);
            assert_int_equal(count_dirty(&desired), 18);
        }
    }

    /* All of it again changes nothing. */
    count_dirty(&desired);
    model_text_compile(&sw, &desired);
    assert_int_equal(count_dirty(&desired), 0);

    /* And all of it goes. */
    for (int i = 1; i <= 1000; i++) {
        char *key = xasprintf("%d", i);

        pipeline_remove_port(&sw, key, &desired);
        free(key);
    }
    desired_remove_owner(&desired, DESIRED_COOKIE(DC_SWITCH, 0));
    count_dirty(&desired);
    assert_int_equal(hmap_count(&desired.items), 0);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* Rules are compiled once, however many ports share them; what a thousand
 * come to is what each of them needs by itself, and a change of one is no more
 * than that one. */
static void
test_cost_of_rules(void **state OVS_UNUSED)
{
    struct ds rules = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n");
    desired_init(&desired);
    pipeline_compile_switch(&sw, &desired);
    ds_put_cstr(&rules, "rules-of=web filter=on vlan=10");
    for (int i = 1; i <= 1000; i++) {
        ds_put_format(&rules, " \"rule.%d=action=drop direction=in protocol="
                      "tcp src-ip=10.%d.%d.0/24 dst-port=%d\"",
                      i, i / 256, i % 256, i);
    }
    for (int i = 1; i <= 3; i++) {
        char *text = xasprintf("port %d ofport=%d mac=02:00:00:00:00:%02x "
                               "%s\n", i, 100 + i, i, ds_cstr(&rules));
        char *error = model_text_read(text, &sw);
        size_t n_flows = desired.n_flows;
        char *key = xasprintf("%d", i);

        assert_null(error);
        pipeline_compile_port(&sw, hv_port_find(&sw, key), &desired);
        assert_int_equal(desired.n_flows - n_flows, i == 1 ? 1018 : 11);
        free(key);
        free(text);
    }
    assert_int_equal(hmap_count(&sw.rulesets), 1);

    count_dirty(&desired);
    for (int i = 1; i <= 3; i++) {
        char *key = xasprintf("%d", i);
        struct hv_port *port = hv_port_find(&sw, key);

        assert_null(dvs_setting_set(&port->setting, "rule.500",
                                    "action=drop direction=in"));
        pipeline_compile_port(&sw, port, &desired);
        free(key);
    }
    assert_int_equal(count_dirty(&desired), 2);     /* Another match. */

    for (int i = 1; i <= 3; i++) {
        char *key = xasprintf("%d", i);

        hv_port_destroy(&sw, hv_port_find(&sw, key));
        pipeline_remove_port(&sw, key, &desired);
        free(key);
    }
    assert_int_equal(hmap_count(&sw.rulesets), 0);
    desired_remove_owner(&desired, DESIRED_COOKIE(DC_SWITCH, 0));
    count_dirty(&desired);
    assert_int_equal(hmap_count(&desired.items), 0);
    ds_destroy(&rules);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* Every cookie leads to an object, every table has a name. */
static void
test_cookies_and_names(void **state OVS_UNUSED)
{
    const struct desired_item *item;
    struct desired desired;
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "port 7 ofport=101 mac=02:00:00:00:00:01 vlan=10\n"
               "port 8 ofport=102 mac=02:00:00:00:00:02 vlan=trunk:5\n");
    desired_init(&desired);
    model_text_compile(&sw, &desired);
    HMAP_FOR_EACH (item, node, &desired.items) {
        assert_non_null(strstr(item->where, "stage-"));
        if (item->kind != DK_FLOW) {
            int kind = item->group_id >> 28;

            assert_true(kind >= PG_FIRST && kind <= PG_LAST);
            continue;
        }

        uint64_t object = item->cookie & UINT64_C(0xffffffffffff);
        switch ((enum desired_class) (item->cookie >> 48)) {
        case DC_SWITCH: assert_int_equal(object, 0); break;
        case DC_PORT: assert_true(object == 7 || object == 8); break;
        case DC_COUNT:
            assert_true(object == 7 || object == 8 || object == 10001);
            break;
        case DC_UPLINK: assert_int_equal(object, 1); break;
        case DC_TEAM: assert_int_equal(object, 1); break;
        case DC_VLAN: assert_true(object == 10 || object == 4096); break;
        case DC_RULE:
        case DC_RULE_HELPER:
        case DC_LAST:
        default: fail();
        }
        assert_non_null(pipeline_table_name(item->table));
        assert_non_null(pipeline_table_doc(item->table));
    }
    assert_string_equal(pipeline_table_name(PT_L2), "L2");
    assert_null(pipeline_table_name(254));
    assert_null(pipeline_table_doc(254));
    assert_int_equal(pipeline_port_owner("7"), DESIRED_COOKIE(DC_PORT, 7));
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* The order in which ports are compiled changes nothing, even if two have the
 * same MAC in the same VLAN. */
static void
test_order(void **state OVS_UNUSED)
{
    static const char *const keys[] = { "1", "2", "3" };
    struct ds forward = DS_EMPTY_INITIALIZER;
    struct ds backward = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "port 1 ofport=101 mac=02:00:00:00:00:01 vlan=10\n"
               "port 2 ofport=102 mac=02:00:00:00:00:01 vlan=10\n"
               "port 3 ofport=103 mac=02:00:00:00:00:01 vlan=11\n");
    desired_init(&desired);
    for (int i = 0; i < 3; i++) {
        pipeline_compile_port(&sw, hv_port_find(&sw, keys[i]), &desired);
    }
    desired_format(&desired, &forward);
    desired_destroy(&desired);

    desired_init(&desired);
    for (int i = 2; i >= 0; i--) {
        pipeline_compile_port(&sw, hv_port_find(&sw, keys[i]), &desired);
    }
    desired_format(&desired, &backward);
    assert_string_equal(ds_cstr(&forward), ds_cstr(&backward));

    /* The lowest key has the MAC until it goes. */
    assert_non_null(strstr(ds_cstr(&forward),
                           "reg2=0xa/0xfff,dl_dst=02:00:00:00:00:01"
                           " actions=set_field:0x65"));
    pipeline_remove_port(&sw, "1", &desired);
    ds_clear(&backward);
    desired_format(&desired, &backward);
    assert_non_null(strstr(ds_cstr(&backward),
                           "reg2=0xa/0xfff,dl_dst=02:00:00:00:00:01"
                           " actions=set_field:0x66"));
    ds_destroy(&forward);
    ds_destroy(&backward);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* Random changes. */

#define N_PORTS 8

static void
compile_key(struct hv_switch *sw, int key, struct desired *desired)
{
    char *text = xasprintf("%d", key);
    struct hv_port *port = hv_port_find(sw, text);

    if (port) {
        pipeline_compile_port(sw, port, desired);
    } else {
        pipeline_remove_port(sw, text, desired);
    }
    free(text);
}

/* Gives port 'key' a random policy, or takes it away. */
static void
change_port(struct hv_switch *sw, int key)
{
    static const char *const words[][4] = {
        { "vlan=10", "vlan=none", "vlan=trunk:0,10-20", "vlan=trunk:0-4094" },
        { "", "", "blocked=yes", "here=no" },
        { "", "active=uplink1", "active=uplink2,uplink3",
          "teaming=explicit active=uplink3 standby=uplink1" },
        { "", "filter=on \"rule.1=action=drop direction=in dst-port=1-9\"",
          "filter=on rules-of=web \"rule.1=action=drop protocol!=6\"",
          "filter=on rule.5=action=accept rule.7=direction=out" },
    };
    char *name = xasprintf("%d", key);

    hv_port_destroy(sw, hv_port_find(sw, name));
    free(name);
    if (random_range(5)) {
        struct ds line = DS_EMPTY_INITIALIZER;

        /* Some have the same MAC. */
        ds_put_format(&line, "port %d mac=02:00:00:00:00:%02x", key,
                      (unsigned int) random_range(N_PORTS / 2));
        if (random_range(8)) {
            ds_put_format(&line, " ofport=%d", 100 + key);
        }
        for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
            ds_put_format(&line, " %s", words[i][random_range(4)]);
        }

        char *error = model_text_read(ds_cstr(&line), sw);
        if (error) {
            fail_msg("%s", error);
        }
        ds_destroy(&line);
    }
}

/* Whatever has changed, what is desired is what a compilation of everything
 * gives. */
static void
test_random_changes(void **state OVS_UNUSED)
{
    struct ds changed = DS_EMPTY_INITIALIZER;
    struct ds fresh = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    random_set_seed(1);
    read_model(&sw, "uplink uplink1 1\n"
                    "uplink uplink2 2\n"
                    "uplink uplink3\n");
    desired_init(&desired);
    pipeline_compile_switch(&sw, &desired);
    for (int step = 0; step < 1000; step++) {
        if (random_range(20)) {
            int key = 1 + random_range(N_PORTS);

            change_port(&sw, key);
            compile_key(&sw, key, &desired);
        } else {
            /* A NIC comes or goes. */
            int id = 1 + random_range(3);

            sw.uplinks[id].ofport = (random_range(2) ? OFPP_NONE
                                     : u16_to_ofp(1 + random_range(9)));
            pipeline_compile_switch(&sw, &desired);
            for (int key = 1; key <= N_PORTS; key++) {
                compile_key(&sw, key, &desired);
            }
        }

        struct desired all;
        desired_init(&all);
        model_text_compile(&sw, &all);
        ds_clear(&fresh);
        ds_clear(&changed);
        desired_format(&all, &fresh);
        desired_format(&desired, &changed);
        assert_string_equal(ds_cstr(&changed), ds_cstr(&fresh));
        desired_destroy(&all);
    }
    ds_destroy(&changed);
    ds_destroy(&fresh);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
}

/* Adds a test for each folder of cases to 'tests'.  Returns the names, which
 * the tests refer to. */
static struct svec
find_cases(struct CMUnitTest *tests, size_t max, size_t *n)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    char *path = cases_dir();
    DIR *dir = opendir(path);

    if (!dir) {
        ovs_fatal(errno, "%s", path);
    }
    for (struct dirent *de = readdir(dir); de; de = readdir(dir)) {
        if (de->d_name[0] != '.') {
            svec_add(&names, de->d_name);
        }
    }
    closedir(dir);
    free(path);

    svec_sort(&names);
    for (size_t i = 0; i < names.n; i++) {
        ovs_assert(*n < max);
        tests[(*n)++] = (struct CMUnitTest) {
            .name = names.names[i],
            .test_func = test_case,
            .initial_state = names.names[i],
        };
    }
    return names;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    ovs_set_program_name(argv[0], VERSION);

    struct CMUnitTest tests[128] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_settings_act),
        cmocka_unit_test(test_cost),
        cmocka_unit_test(test_cost_of_rules),
        cmocka_unit_test(test_cookies_and_names),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_random_changes),
    };
    size_t n = 0;
    while (tests[n].test_func) {
        n++;
    }
    struct svec names = find_cases(tests, ARRAY_SIZE(tests), &n);
    int n_failed = _cmocka_run_group_tests("pipeline", tests, n, NULL, NULL);

    svec_destroy(&names);
    return n_failed;
}

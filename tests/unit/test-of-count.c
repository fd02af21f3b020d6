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


/* What the flows, meters and messages of a bridge tell the agent: counters,
 * learned MACs, a NIC that has arrived. */

#include <config.h>
#undef NDEBUG

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/learned.h"
#include "ovs-bridge/of-batch.h"
#include "ovs-bridge/of-count.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "util.h"

/* Returns the only part of the answer that is in 'replies'. */
static struct ofpbuf *
only_reply(struct ovs_list *replies, struct ofpbuf *request)
{
    struct ofpbuf *reply = ofpbuf_from_list(ovs_list_pop_front(replies));

    assert_true(ovs_list_is_empty(replies));
    ofpmsg_update_length(reply);
    ofpbuf_delete(request);
    return reply;
}

/* Decodes 'request', which asks for flows, into '*fsr', and returns it. */
static struct ofpbuf *
decode_request(struct ofpbuf *request, struct ofputil_flow_stats_request *fsr)
{
    ofpmsg_update_length(request);
    assert_int_equal(ofputil_decode_flow_stats_request(
                         fsr, request->data, NULL, NULL), 0);
    assert_false(fsr->aggregate);
    assert_int_equal(fsr->out_port, OFPP_ANY);
    assert_true(flow_wildcards_is_catchall(&fsr->match.wc));
    return request;
}

static void
append_flow(struct ovs_list *replies, uint64_t cookie, uint8_t table,
            uint16_t priority, const struct match *match, uint64_t packets)
{
    struct ofputil_flow_stats fs = {
        .cookie = htonll(cookie),
        .table_id = table,
        .priority = priority,
        .match = *match,
        .packet_count = packets,
        .byte_count = packets * 100,
    };

    ofputil_append_flow_stats_reply(&fs, replies, NULL);
}

static void
count_cb(void *s_, const struct of_count *count)
{
    struct ds *s = s_;

    if (count->meter_id) {
        ds_put_format(s, "meter %"PRIx32" %"PRId64" %"PRId64";",
                      count->meter_id, count->packets, count->bytes);
    } else {
        ds_put_format(s, "%"PRIx64" %d %d %"PRId64" %"PRId64";",
                      count->cookie, count->table, count->priority,
                      count->packets, count->bytes);
    }
}

/* Counters are those flows that have the class for them. */
static void
test_flows(void **state OVS_UNUSED)
{
    struct ofputil_flow_stats_request fsr;
    struct match match = MATCH_CATCHALL_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ovs_list replies;
    struct ofpbuf *request, *reply;

    ofpbuf_delete(decode_request(of_count_request_flows(), &fsr));
    assert_true(!fsr.cookie_mask && fsr.table_id == OFPTT_ALL);
    ofpbuf_delete(decode_request(of_count_request_port(
                                     DESIRED_COOKIE(DC_COUNT, 7)), &fsr));
    assert_true(ntohll(fsr.cookie) == DESIRED_COOKIE(DC_COUNT, 7));
    assert_true(fsr.cookie_mask == OVS_BE64_MAX);
    request = decode_request(of_count_request(), &fsr);
    assert_true(ntohll(fsr.cookie) == DESIRED_COOKIE(DC_COUNT, 0));
    assert_true(ntohll(fsr.cookie_mask) == UINT64_C(0xffff000000000000));
    assert_int_equal(fsr.table_id, OFPTT_ALL);

    ofpmp_init(&replies, request->data);
    append_flow(&replies, DESIRED_COOKIE(DC_PORT, 7), 1, 10, &match, 1);
    append_flow(&replies, DESIRED_COOKIE(DC_COUNT, 7), 2, 11, &match, 5);
    append_flow(&replies, 0, 3, 12, &match, 2);
    append_flow(&replies, DESIRED_COOKIE(DC_COUNT, 8), 4, 13, &match, 6);
    reply = only_reply(&replies, request);
    assert_true(of_count_read(reply->data, count_cb, &s));
    assert_string_equal(ds_cstr(&s), "6000000000007 2 11 5 500;"
                        "6000000000008 4 13 6 600;");
    assert_true(of_count_read(reply->data, NULL, NULL));
    ofpbuf_delete(reply);

    request = of_count_request();
    ofpmp_init(&replies, request->data);
    append_flow(&replies, DESIRED_COOKIE(DC_PORT, 7), 1, 10, &match, 1);
    reply = only_reply(&replies, request);
    ds_clear(&s);
    assert_false(of_count_read(reply->data, count_cb, &s));
    assert_int_equal(s.length, 0);
    ofpbuf_delete(reply);
    ds_destroy(&s);
}

/* Table, priority and cookie say what a flow counts, and for whom. */
static void
test_counters(void **state OVS_UNUSED)
{
    const uint64_t cookie = DESIRED_COOKIE(DC_COUNT, 0xabcdef012345);
    bool seen[PC_N] = { false };
    uint64_t key;

    for (int table = 0; table < 256; table++) {
        for (int priority = 0; priority < 200; priority++) {
            enum pipeline_counter counter;

            key = 0;
            counter = pipeline_counter(table, priority, cookie, &key);
            if (counter == PC_NONE) {
                assert_int_equal(key, 0);
            } else {
                assert_true(key == UINT64_C(0xabcdef012345));
                seen[counter] = true;
            }
        }
    }
    for (int i = 0; i < PC_N; i++) {
        assert_true(seen[i]);
    }
    assert_int_equal(pipeline_counter(PT_CPIN, 10, cookie, &key),
                     PC_RX_TO_PNIC);
    assert_int_equal(pipeline_counter(PT_CPOUT, 10, cookie, &key),
                     PC_TX_FROM_PNIC);
    assert_int_equal(pipeline_counter(PT_CPIN, 11, cookie, &key), PC_NONE);
    assert_int_equal(pipeline_counter(PT_CPIN, 10,
                                      DESIRED_COOKIE(DC_PORT, 1), &key),
                     PC_NONE);
}

static void
append_meter(struct ovs_list *replies, uint32_t meter_id, int n_bands,
             uint64_t packets)
{
    struct ofputil_meter_band_stats band = { packets, packets * 100 };
    const struct ofputil_meter_stats ms = {
        .meter_id = meter_id,
        .packet_in_count = 1000,
        .n_bands = n_bands,
        .bands = &band,
    };

    ofputil_append_meter_stats(replies, &ms);
}

/* Returns whose drops those of meter 'meter_id' are, in 'buffer'. */
static const char *
meter_counts(uint32_t meter_id, char *buffer, size_t size)
{
    uint32_t ofport;
    bool in;

    if (!pipeline_meter_counts(meter_id, &ofport, &in)) {
        return "none";
    }
    snprintf(buffer, size, "%s %"PRIu32, in ? "from" : "to", ofport);
    return buffer;
}

/* Drops are those of meters that shape, or that a rule limits by. */
static void
test_meters(void **state OVS_UNUSED)
{
    struct ofpbuf *request = of_count_request_meters();
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ovs_list replies;
    struct ofpbuf *reply;
    char b[32];

    ofpmp_init(&replies, request->data);
    append_meter(&replies, 0x20000065, 1, 5);
    append_meter(&replies, 0x10000065, 1, 6);   /* What is told: no port's. */
    append_meter(&replies, 0x30000065, 0, 7);
    append_meter(&replies, 0x70065003, 1, 8);
    reply = only_reply(&replies, request);
    of_count_read_meters(reply->data, count_cb, &s);
    assert_string_equal(ds_cstr(&s), "meter 20000065 5 0;"
                        "meter 70065003 8 0;");
    ofpbuf_delete(reply);
    ds_destroy(&s);

    assert_string_equal(meter_counts(0x10000065, b, sizeof b), "none");
    assert_string_equal(meter_counts(0x20000065, b, sizeof b), "from 101");
    assert_string_equal(meter_counts(0x30000065, b, sizeof b), "from 101");
    assert_string_equal(meter_counts(0x40000065, b, sizeof b), "to 101");
    assert_string_equal(meter_counts(0x50000065, b, sizeof b), "to 101");
    assert_string_equal(meter_counts(0x60065fff, b, sizeof b), "from 101");
    assert_string_equal(meter_counts(0x70065fff, b, sizeof b), "to 101");
    assert_string_equal(meter_counts(0x80000000, b, sizeof b), "none");
    assert_true(of_count_is_meter(0x50000065));
    assert_false(of_count_is_meter(0x80000000));
}

/* What a change ends is read before it goes. */
static void
test_ends(void **state OVS_UNUSED)
{
    struct installed_item flow = { .kind = DK_FLOW };
    struct installed_item meter = { .kind = DK_METER,
                                    .group_id = 0x20000065 };
    struct of_change c = {
        .item = &flow, .exists = true, .remove = true,
        .old_cookie = DESIRED_COOKIE(DC_COUNT, 7),
    };

    assert_true(of_change_ends_counter(&c));
    assert_false(of_change_ends_meter(&c));
    c.remove = false;           /* The actions change. */
    assert_false(of_change_ends_counter(&c));
    c.new_cookie = true;        /* Another port's begins. */
    assert_true(of_change_ends_counter(&c));
    c.old_cookie = DESIRED_COOKIE(DC_PORT, 7);
    assert_false(of_change_ends_counter(&c));
    c.old_cookie = DESIRED_COOKIE(DC_COUNT, 7);
    c.exists = false;
    assert_false(of_change_ends_counter(&c));

    c = (struct of_change) {
        .item = &meter, .exists = true, .remove = true,
        .old_cookie = DESIRED_COOKIE(DC_COUNT, 7),
    };
    assert_false(of_change_ends_counter(&c));
    assert_true(of_change_ends_meter(&c));
    c.remove = false;
    assert_true(of_change_ends_meter(&c));
    c.exists = false;
    assert_false(of_change_ends_meter(&c));
    c.exists = true;
    meter.group_id = 0x80000000;
    assert_false(of_change_ends_meter(&c));
}

/* A NIC that arrives is told of by its port's flows in two tables; what its
 * other flows tell is of something else. */
static void
test_arrival(void **state OVS_UNUSED)
{
    const uint64_t cookie = DESIRED_COOKIE(DC_PORT, UINT64_C(0xabcdef012345));
    const uint8_t tables[] = { PT_SEC, PT_LEARN };

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        char *key = pipeline_arrival(tables[i], cookie);

        assert_non_null(key);
        assert_string_equal(key, "188900966474565");
        free(key);
        assert_null(pipeline_arrival(tables[i], DESIRED_COOKIE(DC_RULE, 7)));
    }
    assert_null(pipeline_arrival(PT_IN, cookie));
    assert_null(pipeline_arrival(PT_TELL, cookie));
}

static struct ofpbuf *
learned_reply(bool more)
{
    static const struct {
        uint64_t cookie;
        uint8_t mac;
        int vid;
    } flows[] = {
        { DESIRED_COOKIE(DC_LEARNED_MAC, 8), 3, 10 },
        { DESIRED_COOKIE(DC_LEARNED_MAC, 7), 2, 10 },
        { DESIRED_COOKIE(DC_LEARNED_OUTSIDE, 7), 9, 10 },
        { DESIRED_COOKIE(DC_LEARNED_MAC, 8), 1, 20 },
        { DESIRED_COOKIE(DC_LEARNED_MAC, 8), 1, 10 },
    };
    struct ofputil_flow_stats_request fsr;
    struct ofpbuf *request = decode_request(learned_request(), &fsr);
    struct ofpbuf *reply;
    struct ovs_list replies;

    assert_true(ntohll(fsr.cookie) == DESIRED_COOKIE(DC_LEARNED_MAC, 0));
    assert_true(ntohll(fsr.cookie_mask) == UINT64_C(0xffff000000000000));
    assert_int_equal(fsr.table_id, PT_LRN);
    ofpmp_init(&replies, request->data);
    for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_set_dl_dst(&match, (struct eth_addr)
                         ETH_ADDR_C(02,00,00,00,00,00));
        match.flow.dl_dst.ea[5] = flows[i].mac;
        match_set_reg(&match, 2, 0x1000 | flows[i].vid);
        append_flow(&replies, flows[i].cookie, PT_LRN, 10, &match, 1);
    }
    reply = only_reply(&replies, request);
    if (more) {
        const ovs_be16 flags = htons(OFPSF_REPLY_MORE);

        memcpy((uint8_t *) reply->data + sizeof(struct ofp_header) + 2,
               &flags, sizeof flags);
    }
    return reply;
}

/* Checks that 'learned' has, of 'port', what 'text' says. */
static void
check_learned(const struct learned *learned, uint32_t port, const char *text)
{
    const struct learned_mac *first;
    size_t n = learned_of_port(learned, port, &first);
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(first[i].port, port);
        ds_put_format(&s, "%s%d vlan %d", i ? ", " : "",
                      first[i].mac.ea[5], first[i].vid);
    }
    assert_string_equal(ds_cstr(&s), text);
    ds_destroy(&s);
}

static void
test_learned(void **state OVS_UNUSED)
{
    struct ofpbuf *reply;
    struct learned learned;

    learned_init(&learned);
    check_learned(&learned, 7, "");

    /* It is over with the last part. */
    learned_begin(&learned);
    reply = learned_reply(true);
    assert_false(learned_decode(&learned, reply->data));
    ofpbuf_delete(reply);
    learned_begin(&learned);
    reply = learned_reply(false);
    assert_true(learned_decode(&learned, reply->data));
    ofpbuf_delete(reply);

    check_learned(&learned, 6, "");
    check_learned(&learned, 7, "2 vlan 10");
    check_learned(&learned, 8, "1 vlan 10, 1 vlan 20, 3 vlan 10");
    check_learned(&learned, 9, "");
    learned_destroy(&learned);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flows),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_meters),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_arrival),
        cmocka_unit_test(test_learned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

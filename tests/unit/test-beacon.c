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

/* Beacons: frames whole, cut and nonsensical; and what follows from which of
 * them are heard, in a network of cables and clouds. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "dp-packet.h"
#include "ovs-bridge/beacon.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* Frames. */

static void
init_beacon(struct beacon *b, const char *host)
{
    memset(b, 0, sizeof *b);
    b->uplink = 3;
    assert_true(uuid_from_string(&b->switch_,
                                 "01234567-89ab-cdef-0123-456789abcdef"));
    b->session = UINT64_C(0xfedcba9876543210);
    ovs_strlcpy(b->host, host, sizeof b->host);
    b->src = beacon_source(b->host, &b->switch_);
}

/* Checks that 'packet' is 'b', in VLAN 'vid'. */
static void
check_parsed(const struct dp_packet *packet, const struct beacon *b,
             uint16_t vid)
{
    struct beacon got;

    assert_true(beacon_parse(dp_packet_data(packet), dp_packet_size(packet),
                             &got));
    assert_int_equal(got.vid, vid);
    assert_int_equal(got.uplink, b->uplink);
    assert_true(uuid_equals(&got.switch_, &b->switch_));
    assert_true(got.session == b->session);
    assert_string_equal(got.host, b->host);
    assert_int_equal(got.src.ea[5], b->uplink);
    assert_memory_equal(got.src.ea, b->src.ea, 5);
}

static void
test_frames(void **state OVS_UNUSED)
{
    static const char *const hosts[] = {
        "", "host1", "a.name.that.needs.more.room.than.the.least.frame.has",
        "0123456789012345678901234567890123456789012345678901234567890123456"
    };

    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
        struct dp_packet packet;
        struct beacon b;

        init_beacon(&b, hosts[i]);
        dp_packet_init(&packet, 0);
        beacon_compose(&b, &packet);
        assert_true(dp_packet_size(&packet) >= ETH_TOTAL_MIN);
        check_parsed(&packet, &b, 0);
        eth_push_vlan(&packet, htons(ETH_TYPE_VLAN_8021Q), htons(0xa123));
        check_parsed(&packet, &b, 0x123);
        dp_packet_uninit(&packet);
    }
}

/* Any frame that is cut, or has a byte that means something changed to nothing
 * that is known, is none. */
static void
test_bad_frames(void **state OVS_UNUSED)
{
    static const struct {
        size_t offset;
        uint8_t value;
    } bad[] = {
        { 0, 0x01 }, { 5, 0x02 },           /* To another address. */
        { 12, 0x08 }, { 13, 0xb6 },         /* Another type. */
        { 14, 'D' }, { 17, 'c' },           /* Another protocol... */
        { 18, 0 }, { 18, 2 },               /* ...or version of it. */
        { 19, 0 }, { 19, 33 }, { 19, 255 }, /* No uplink. */
        { 44, 64 }, { 44, 255 },            /* Host longer than may be... */
        { 44, 16 },                         /* ...or is there. */
    };
    struct dp_packet packet;
    struct beacon b, got;

    init_beacon(&b, "host1");
    dp_packet_init(&packet, 0);
    beacon_compose(&b, &packet);
    uint8_t *data = dp_packet_data(&packet);
    for (size_t size = 0; size < 14 + 31 + 5; size++) {
        void *cut = xmemdup(data, size);

        assert_false(beacon_parse(cut, size, &got));
        free(cut);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint8_t good = data[bad[i].offset];

        data[bad[i].offset] = bad[i].value;
        if (beacon_parse(data, dp_packet_size(&packet), &got)) {
            fail_msg("took %d at %d", (int) bad[i].value,
                     (int) bad[i].offset);
        }
        data[bad[i].offset] = good;
    }
    assert_true(beacon_parse(data, dp_packet_size(&packet), &got));
    dp_packet_uninit(&packet);
}

/* Hosts and switches differ in the address that their beacons come from. */
static void
test_source(void **state OVS_UNUSED)
{
    struct uuid one = UUID_ZERO, other = UUID_ZERO;

    other.parts[3] = 1;
    struct eth_addr mac = beacon_source("host1", &one);
    assert_true(eth_addr_equals(mac, beacon_source("host1", &one)));
    assert_false(eth_addr_equals(mac, beacon_source("host2", &one)));
    assert_false(eth_addr_equals(mac, beacon_source("host1", &other)));
    assert_int_equal(mac.ea[0], 0x06);
    assert_int_equal(mac.ea[5], 0);
}

/* A host whose uplinks 1 to 4 are in clouds: frames pass between those in the
 * same one; 0 is one of its own. */

#define VID 10
#define N 4

struct net {
    struct beacons beacons;
    uint32_t up;
    int cloud[N + 1];
    bool mute[N + 1];           /* Nothing that it sends arrives. */
    long long int now;
};

static void
net_init(struct net *net, uint32_t wanted)
{
    memset(net, 0, sizeof *net);
    beacons_init(&net->beacons);
    beacons_begin(&net->beacons);
    net->now = 1000000;
    beacons_want(&net->beacons, VID, wanted, net->now);
    assert_false(beacons_end(&net->beacons));
    net->up = UINT32_MAX;
    for (int i = 1; i <= N; i++) {
        net->cloud[i] = 1;
    }
}

static struct beacon_vlan *
net_vlan(struct net *net)
{
    return CONTAINER_OF(hmap_first(&net->beacons.vlans), struct beacon_vlan,
                        node);
}

/* Lets 'ms' pass.  Beacons arrive 5 ms after they were sent.  Returns how
 * often the judgement changed. */
static int
run(struct net *net, int ms)
{
    struct beacon_vlan *v = net_vlan(net);
    int n_changes = 0;

    for (long long int end = net->now + ms; net->now < end; net->now += 5) {
        if (net->now < v->next) {
            continue;
        }
        n_changes += beacon_vlan_run(v, net->up, net->now);
        for (int from = 1; from <= N; from++) {
            for (int by = 1; by <= N; by++) {
                if (v->probed & BEACON_BIT(from) && net->up & BEACON_BIT(by)
                    && net->cloud[from] && net->cloud[from] == net->cloud[by]
                    && !net->mute[from]) {
                    beacons_hear(&net->beacons, VID, from, by, net->now + 5);
                }
            }
        }
    }
    return n_changes;
}

static uint32_t
failed(const struct net *net)
{
    assert_int_equal(beacons_failed_anywhere(&net->beacons),
                     beacons_failed(&net->beacons, VID));
    assert_int_equal(beacons_failed(&net->beacons, VID + 1), 0);
    return beacons_failed(&net->beacons, VID);
}

static void
test_one_fails(void **state OVS_UNUSED)
{
    struct net net;

    net_init(&net, 0x7);
    assert_int_equal(run(&net, 20000), 0);
    assert_int_equal(failed(&net), 0);

    net.cloud[2] = 0;
    assert_int_equal(run(&net, 2500), 0);
    assert_int_equal(run(&net, 2500), 1);
    assert_int_equal(failed(&net), BEACON_BIT(2));
    assert_int_equal(run(&net, 60000), 0);

    /* It is back as soon as one beacon each way was heard. */
    net.cloud[2] = 1;
    assert_int_equal(run(&net, 2010), 1);
    assert_int_equal(failed(&net), 0);

    /* Two beacons lost in a row are nothing. */
    net.cloud[3] = 0;
    run(&net, 2000);
    net.cloud[3] = 1;
    assert_int_equal(run(&net, 10000), 0);

    /* One way is not enough. */
    net.mute[1] = true;
    assert_int_equal(run(&net, 5000), 1);
    assert_int_equal(failed(&net), BEACON_BIT(1));
    beacons_destroy(&net.beacons);
}

static void
test_several_fail(void **state OVS_UNUSED)
{
    struct net net;

    /* All but two. */
    net_init(&net, 0xf);
    run(&net, 5000);
    net.cloud[1] = net.cloud[4] = 0;
    run(&net, 5000);
    assert_int_equal(failed(&net), BEACON_BIT(1) | BEACON_BIT(4));

    /* All but one: nobody knows which one is right. */
    net.cloud[2] = 0;
    assert_int_equal(run(&net, 20000), 0);
    assert_int_equal(failed(&net), BEACON_BIT(1) | BEACON_BIT(4));

    /* Two pairs: each passes. */
    net.cloud[1] = net.cloud[2] = 1;
    net.cloud[3] = net.cloud[4] = 2;
    run(&net, 5000);
    assert_int_equal(failed(&net), 0);
    beacons_destroy(&net.beacons);

    /* Two uplinks. */
    net_init(&net, 0x3);
    run(&net, 5000);
    net.cloud[1] = 0;
    assert_int_equal(run(&net, 20000), 0);
    assert_int_equal(failed(&net), 0);
    beacons_destroy(&net.beacons);
}

static void
test_links(void **state OVS_UNUSED)
{
    struct net net;

    /* One that gets a link has its time. */
    net_init(&net, 0x7);
    net.up = 0x6;
    run(&net, 20000);
    net.cloud[1] = 0;
    net.up = 0x7;
    assert_int_equal(run(&net, 3000), 0);
    assert_int_equal(run(&net, 2000), 1);

    /* One that fails still does with its link down, and up again. */
    net.up = 0x6;
    assert_int_equal(run(&net, 20000), 0);
    net.up = 0x7;
    assert_int_equal(run(&net, 20000), 0);
    assert_int_equal(failed(&net), BEACON_BIT(1));
    net.cloud[1] = 1;
    assert_int_equal(run(&net, 2010), 1);

    /* Without a third one there is nothing to tell. */
    net.up = 0x3;
    net.cloud[1] = 0;
    assert_int_equal(run(&net, 20000), 0);
    beacons_destroy(&net.beacons);
}

/* A pause of ours, in which nothing was sent or heard, makes nothing fail. */
static void
test_pause(void **state OVS_UNUSED)
{
    struct net net;

    net_init(&net, 0x7);
    run(&net, 20000);
    net.now += 3600000;
    beacons_hear(&net.beacons, VID, 1, 2, net.now);
    beacons_hear(&net.beacons, VID, 2, 1, net.now);
    assert_int_equal(run(&net, 20000), 0);

    net.cloud[3] = 0;
    run(&net, 20000);
    assert_int_equal(failed(&net), BEACON_BIT(3));
    net.now += 3600000;
    assert_int_equal(run(&net, 20000), 0);
    beacons_destroy(&net.beacons);
}

static void
test_wanted(void **state OVS_UNUSED)
{
    struct net net;

    net_init(&net, 0x7);
    net.cloud[1] = 0;
    run(&net, 20000);
    assert_int_equal(failed(&net), BEACON_BIT(1));

    /* What is wanted is the sum of all; what was known stays. */
    beacons_begin(&net.beacons);
    beacons_want(&net.beacons, VID, 0x3, net.now);
    beacons_want(&net.beacons, VID + 1, 0, net.now);
    beacons_want(&net.beacons, VID, 0x8, net.now);
    assert_false(beacons_end(&net.beacons));
    assert_int_equal(failed(&net), BEACON_BIT(1));
    assert_int_equal(hmap_count(&net.beacons.vlans), 1);
    assert_int_equal(run(&net, 20000), 0);

    beacons_begin(&net.beacons);
    beacons_want(&net.beacons, VID, 0xe, net.now);
    assert_true(beacons_end(&net.beacons));
    assert_int_equal(failed(&net), 0);

    beacons_begin(&net.beacons);
    assert_false(beacons_end(&net.beacons));
    assert_true(hmap_is_empty(&net.beacons.vlans));

    /* A beacon in a VLAN that is not probed. */
    beacons_hear(&net.beacons, VID, 1, 2, net.now);
    assert_int_equal(failed(&net), 0);
    beacons_destroy(&net.beacons);
}

static void
test_memory(void **state OVS_UNUSED)
{
    static const char *const bad[][2] = {
        { "", "1" }, { "x", "1" }, { "-1", "1" }, { "4095", "1" },
        { "1", "" }, { "1", "0" }, { "1", "33" }, { "1", "1," },
        { "1", ",1" }, { "1", "1 2" }, { "1", " 1" }, { "1", "-1" },
        { "1", "18446744073709551617" },
    };
    struct smap ids = SMAP_INITIALIZER(&ids);
    struct beacons b;

    beacons_init(&b);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        if (beacons_restore(&b, bad[i][0], bad[i][1])) {
            fail_msg("took \"%s\" \"%s\"", bad[i][0], bad[i][1]);
        }
    }
    assert_true(hmap_is_empty(&b.vlans));
    assert_true(beacons_restore(&b, "0", "32"));
    assert_true(beacons_restore(&b, "20", "1,3"));
    assert_int_equal(beacons_failed(&b, 0), BEACON_BIT(32));
    assert_int_equal(beacons_failed(&b, 20), BEACON_BIT(1) | BEACON_BIT(3));
    beacons_save(&b, "x-", &ids);
    assert_int_equal(smap_count(&ids), 2);
    assert_string_equal(smap_get(&ids, "x-0"), "32");
    assert_string_equal(smap_get(&ids, "x-20"), "1,3");
    smap_destroy(&ids);

    /* It holds until something is known, and only while it is wanted. */
    beacons_begin(&b);
    beacons_want(&b, 20, 0x7, 1000);
    assert_true(beacons_end(&b));
    assert_int_equal(hmap_count(&b.vlans), 1);
    assert_int_equal(beacons_failed_anywhere(&b),
                     BEACON_BIT(1) | BEACON_BIT(3));
    beacons_destroy(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_bad_frames),
        cmocka_unit_test(test_source),
        cmocka_unit_test(test_one_fails),
        cmocka_unit_test(test_several_fail),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_wanted),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests_name("beacon", tests, NULL, NULL);
}

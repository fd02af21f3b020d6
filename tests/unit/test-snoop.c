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

/* What hosts say of the multicast they want: messages of all versions, whole,
 * cut and nonsensical, and what becomes of a port's groups. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "csum.h"
#include "dp-packet.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/snoop.h"
#include "packets.h"
#include "random.h"
#include "util.h"

#define ETH "01005e000016 020000000001 "
#define IGMP ETH "0800 46c000200000000001020000 "
#define IGMP_ALL "01005e000001 020000000001 " \
    "0800 46c000200000000001020000 "
#define FROM "0a000001 e0000016 94040000 "
#define MLD ETH "86dd 6000000000240001 fe800000000000000000000000000001 " \
    "ff020000000000000000000000000016 3a00050200000100 "

/* Gives the message in the frame of 'size' bytes at 'p' its checksum. */
static void
give_checksum(uint8_t *p, size_t size)
{
    struct ovs_16aligned_ip6_hdr ip6;
    ovs_be16 sum;

    if (size >= 42 && p[12] == 0x08 && p[13] == 0x00) {
        memset(p + 40, 0, 2);
        sum = csum(p + 38, size - 38);
        memcpy(p + 40, &sum, sizeof sum);
    } else if (size >= 66 && p[12] == 0x86) {
        memset(p + 64, 0, 2);
        memcpy(&ip6, p + 14, sizeof ip6);
        sum = packet_csum_upperlayer6(&ip6, p + 62, IPPROTO_ICMPV6,
                                      size - 62);
        memcpy(p + 64, &sum, sizeof sum);
    }
}

/* Returns the frame that 'hex' has the digits of, with the length that its IP
 * header should state, and with the checksum of what follows that unless
 * 'hex' has one. */
static struct ofpbuf *
bytes(const char *hex)
{
    struct ofpbuf *b = ofpbuf_new(256);
    char *tail = ofpbuf_put_hex(b, hex, NULL);
    uint8_t *p = b->data;

    assert_string_equal(tail, "");
    if (b->size > 18 && p[12] == 0x08 && p[13] == 0x00) {
        p[17] = b->size - 14;
    } else if (b->size > 54 && p[12] == 0x86) {
        p[19] = b->size - 54;
    }
    size_t ofs = p[12] == 0x86 ? 64 : 40;
    if (b->size > ofs + 1 && !p[ofs] && !p[ofs + 1]) {
        give_checksum(p, b->size);
    }
    return b;
}

/* Returns what message 'm' says. */
static char *
format(const struct snoop_message *m)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (m->query) {
        ds_put_format(&s, "%squery of a %s%s", m->general ? "general " : "",
                      m->router ? "router" : "switch",
                      m->flooded ? " to all" : "");
    }
    if (m->unknown) {
        ds_put_cstr(&s, "unknown");
    }
    for (size_t i = 0; i < m->n_changes; i++) {
        ds_put_format(&s, "%s%c"ETH_ADDR_FMT, i ? " " : "",
                      m->changes[i].join ? '+' : '-',
                      ETH_ADDR_ARGS(m->changes[i].mac));
    }
    return ds_steal_cstr(&s);
}

/* A message, and what it says; NULL if it is none. */
static const struct {
    const char *hex, *text;
} messages[] = {
    /* IGMPv1, IGMPv2. */
    { IGMP FROM "1200 0000 e1020304", "+01:00:5e:02:03:04" },
    { IGMP FROM "1600 0000 ef828384", "+01:00:5e:02:83:84" },
    { IGMP FROM "1700 0000 e1020304", "-01:00:5e:02:03:04" },
    { IGMP FROM "110a 0000 e1020304", "query of a router" },
    { IGMP_ALL FROM "1164 0000 00000000",
      "general query of a router to all" },
    { IGMP_ALL "00000000 e0000001 94040000 1164 0000 00000000",
      "general query of a switch to all" },
    { IGMP FROM "1300 0000 e1020304", "unknown" },
    /* Not worth a word: one link's groups; no group. */
    { IGMP FROM "1600 0000 e00000fb", "" },
    { IGMP FROM "1600 0000 0a010203", "" },
    /* A fragment; no IGMP, whatever is in it. */
    { ETH "0800 46c00020000020000102 0000" FROM "1600 0000 e1020304", NULL },
    { ETH "0800 46c00020000000000111 0000" FROM "1600 0000 e1020304", NULL },
    /* No message: cut, with a wrong checksum. */
    { IGMP FROM "1600 f8f9 ef010203", NULL },
    { IGMP FROM "1600 0000 e102", NULL },
    { ETH "0806 0001", NULL },
    { "01005e", NULL },

    /* IGMPv3: any but its first two; its only source; none. */
    { IGMP FROM "2200 0000 0000 0003"
      "04000002 e1020304 0a000001 0a000002"
      "01000001 e1020305 0a000001"
      "03000000 e1020306",
      "+01:00:5e:02:03:04 +01:00:5e:02:03:05 -01:00:5e:02:03:06" },
    { IGMP FROM "2200 0000 0000 0004"
      "01000000 e1020301" "02000000 e1020302"
      "05000001 e1020303 0a000001" "06000001 e1020304 0a000001",
      "-01:00:5e:02:03:01 +01:00:5e:02:03:02 +01:00:5e:02:03:03" },
    { IGMP FROM "2200 0000 0000 0002"
      "00000001 e1020301 0a000001" "04000000 e1020302",
      "+01:00:5e:02:03:02" },
    /* Auxiliary data, an unknown type. */
    { IGMP FROM "2200 0000 0000 0003"
      "04010000 e1020304 ffffffff" "07000000 e1020305" "04000000 e1020306",
      "+01:00:5e:02:03:04 +01:00:5e:02:03:06" },
    /* Fewer records or sources than it says. */
    { IGMP FROM "2200 0000 0000 0009" "04000000 e1020304",
      "+01:00:5e:02:03:04" },
    { IGMP FROM "2200 0000 0000 0002" "0400ffff e1020304 0a000001"
      "04000000 e1020305", "+01:00:5e:02:03:04" },

    /* MLDv1. */
    { MLD "8300 0000 00000000 ff0e0000000000000000000001020304",
      "+33:33:01:02:03:04" },
    { MLD "8400 0000 00000000 ff0e0000000000000000000001020304",
      "-33:33:01:02:03:04" },
    { MLD "8200 0000 03e80000 00000000000000000000000000000000",
      "general query of a router to all" },
    { MLD "8200 0000 03e80000 ff0e0000000000000000000001020304",
      "query of a router to all" },
    { MLD "8300 1234 00000000 ff0e0000000000000000000001020304", NULL },
    { MLD "8300 0000 00000000 ff0200000000000000000001ff020304", "" },
    { MLD "8300 0000 00000000 ff0200000000000000000000000000fb", "" },
    { MLD "8300 0000 00000000 20010db8000000000000000001020304", "" },
    { ETH "86dd 6000000000240001 fe800000000000000000000000000001"
      "ff020000000000000000000000000016 1100050200000100"
      "8300 0000 00000000 ff0e0000000000000000000001020304", NULL },
    { MLD "8300 0000 00000000 ff0e", NULL },
    { MLD "8000 0000 00000000 ff0e0000000000000000000001020304", NULL },

    /* MLDv2. */
    { MLD "8f00 0000 0000 0003"
      "04000000 ff0e0000000000000000000001020304"
      "03000000 ff0e0000000000000000000001020305"
      "05000001 ff0e0000000000000000000001020306"
      "20010db8000000000000000000000001",
      "+33:33:01:02:03:04 -33:33:01:02:03:05 +33:33:01:02:03:06" },
    { MLD "8f00 0000 0000 0002" "04000000 ff0e0000000000000000000001020304"
      "0400", "+33:33:01:02:03:04" },
};

static void
test_messages(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(messages); i++) {
        struct ofpbuf *b = bytes(messages[i].hex);
        struct snoop_message m;

        /* In memory of its own, so that a reader beyond its end is seen. */
        void *frame = xmemdup(b->data, b->size);
        if (!snoop_parse(frame, b->size, &m)) {
            if (messages[i].text) {
                fail_msg("%s: no message", messages[i].hex);
            }
        } else {
            char *text = format(&m);
            if (!messages[i].text || strcmp(text, messages[i].text)) {
                fail_msg("%s: %s", messages[i].hex, text);
            }
            free(text);
            snoop_message_destroy(&m);
        }
        free(frame);

        /* However it is cut or changed, nothing bad comes of it. */
        random_set_seed(i + 1);
        for (int n = 0; n < 200; n++) {
            size_t size = random_range(b->size) + 1;
            uint8_t *bad = xmemdup(b->data, size);

            if (size > ETH_HEADER_LEN) {
                bad[ETH_HEADER_LEN + random_range(size - ETH_HEADER_LEN)]
                    = random_uint32();
                give_checksum(bad, size);
            }
            if (snoop_parse(bad, size, &m)) {
                snoop_message_destroy(&m);
            }
            free(bad);
        }
        ofpbuf_delete(b);
    }
}

/* Checks that 'p' is the frame that 'hex' has the digits of. */
static void
check_frame(const struct dp_packet *p, const char *hex)
{
    struct ofpbuf *b = ofpbuf_new(128);

    assert_string_equal(ofpbuf_put_hex(b, hex, NULL), "");
    assert_int_equal(dp_packet_size(p), b->size);
    assert_memory_equal(dp_packet_data(p), b->data, b->size);
    ofpbuf_delete(b);
}

/* Our own queries are what others understand: RFC 3376, section 4.1, and RFC
 * 3810, section 5.1, each with a router alert, a response within a second and
 * a robustness of 2 and an interval of 125 s. */
static void
test_queries(void **state OVS_UNUSED)
{
    struct snoop_message m;
    struct dp_packet p;

    dp_packet_init(&p, 0);
    snoop_compose_igmp(&p);
    const uint8_t *ip = (uint8_t *) dp_packet_data(&p) + ETH_HEADER_LEN;
    assert_int_equal(csum(ip, 24), 0);
    assert_int_equal(csum(ip + 24, 12), 0);
    assert_true(snoop_parse(dp_packet_data(&p), dp_packet_size(&p), &m));
    assert_true(m.query && m.general && m.flooded && !m.router);
    check_frame(&p, "01005e000001 026476730001 0800"
                "46c00024 00000000 01024413 00000000 e0000001 94040000"
                "110aec78 00000000 027d0000");

    dp_packet_clear(&p);
    snoop_compose_mld(&p);
    check_frame(&p, "333300000001 026476730001 86dd"
                "60000000 00240001 fe80000000000000 006476fffe730001"
                "ff020000000000000000000000000001 3a00050200000100"
                "820003e7 03e80000 00000000000000000000000000000000"
                "027d0000");
    struct ovs_16aligned_ip6_hdr *ip6
        = ALIGNED_CAST(struct ovs_16aligned_ip6_hdr *,
                       (uint8_t *) dp_packet_data(&p) + ETH_HEADER_LEN);
    assert_int_equal(packet_csum_upperlayer6(ip6, (uint8_t *) ip6 + 48,
                                             IPPROTO_ICMPV6, 28), 0);
    assert_true(snoop_parse(dp_packet_data(&p), dp_packet_size(&p), &m));
    assert_true(m.query && m.general && m.flooded && !m.router);
    dp_packet_uninit(&p);
}

static bool
hear(struct hv_port *port, const char *hex, long long int now)
{
    struct ofpbuf *b = bytes(hex);
    struct snoop_message m;

    assert_true(snoop_parse(b->data, b->size, &m));
    bool changed = snoop_hear(port, &m, now);
    snoop_message_destroy(&m);
    ofpbuf_delete(b);
    return changed;
}

static void
test_port(void **state OVS_UNUSED)
{
    const char *join_1 = IGMP FROM "1600 0000 e1020301";
    const char *leave_1 = IGMP FROM "1700 0000 e1020301";
    const char *join_2 = IGMP FROM "1600 0000 e1020302";
    const char *query = IGMP FROM "1164 0000 00000000";
    struct hv_switch sw;
    struct hv_port *port;

    hv_switch_init(&sw);
    port = hv_port_create(&sw, "1");
    dvs_setting_destroy(&port->setting);
    dvs_setting_defaults(&port->setting, NULL);

    /* All, until it had time to answer. */
    assert_true(snoop_gets_all(port));
    port->n_asked = SNOOP_N_ASKED + 1;
    assert_false(snoop_gets_all(port));

    /* Groups come, stay while they are said again, and go. */
    assert_true(hear(port, join_1, 1000));
    assert_true(hear(port, join_2, 1000));
    assert_false(hear(port, join_1, 2000));
    assert_false(snoop_expire(port, 1000 + SNOOP_MEMBER_MS - 1));
    assert_true(snoop_expire(port, 1000 + SNOOP_MEMBER_MS));
    assert_int_equal(hmap_count(&port->groups), 1);
    assert_true(hear(port, leave_1, 3000));
    assert_false(hear(port, leave_1, 3000));
    assert_true(hmap_is_empty(&port->groups));

    /* Nobody speaks for others behind the port. */
    port->setting.mac_learning = true;
    assert_true(hear(port, join_1, 4000));
    assert_false(hear(port, leave_1, 4000));

    /* A router gets all. */
    assert_true(hear(port, query, 5000));
    assert_false(hear(port, query, 6000));
    assert_true(snoop_gets_all(port));
    assert_false(hear(port, IGMP_ALL "00000000 e0000001 94040000 1164 0000 "
                      "00000000", 6500));
    assert_false(snoop_expire(port, 6000 + SNOOP_ROUTER_MS - 1));
    assert_true(snoop_expire(port, 6000 + SNOOP_ROUTER_MS));
    assert_false(snoop_gets_all(port));

    /* So does one that wants too much. */
    for (int i = 0; i < SNOOP_MAX_GROUPS + 10; i++) {
        char *hex = xasprintf(IGMP FROM "1600 0000 e102%04x", i + 1);
        assert_int_equal(hear(port, hex, 7000), i < SNOOP_MAX_GROUPS);
        free(hex);
    }
    assert_int_equal(hmap_count(&port->groups), SNOOP_MAX_GROUPS);
    assert_true(snoop_gets_all(port));
    assert_false(hear(port, join_1, 7000));     /* It gets all already. */
    assert_false(snoop_expire(port, 7000));
    assert_true(snoop_expire(port, 7000 + SNOOP_MEMBER_MS));
    assert_false(snoop_gets_all(port));

    port->setting.vlan.mode = DVS_VLAN_TRUNK;
    assert_true(snoop_gets_all(port));

    hear(port, join_1, 8000);
    assert_true(snoop_reset(port));
    assert_false(snoop_reset(port));
    assert_true(hmap_is_empty(&port->groups));
    port->setting.vlan.mode = DVS_VLAN_NONE;

    /* Each thing by itself is something to forget. */
    port->n_asked = SNOOP_N_ASKED + 1;
    assert_true(snoop_reset(port));
    assert_int_equal(port->n_asked, 0);
    port->router_until = 9000;
    port->ask_at = 9000;
    assert_true(snoop_reset(port));
    assert_true(!port->router_until && !port->ask_at);
    port->too_many_groups = true;
    assert_true(snoop_reset(port));
    assert_false(port->too_many_groups);
    hear(port, join_1, 9000);
    assert_true(snoop_reset(port));

    /* There is room again. */
    port->too_many_groups = true;
    assert_true(snoop_expire(port, 9000));
    assert_false(snoop_expire(port, 9000));
    assert_false(hear(port, IGMP_ALL "00000000 e0000001 94040000 1164 0000 "
                      "00000000", 9000));
    assert_int_equal(port->router_until, 0);
    assert_true(snoop_gets_all(port));
    hear(port, join_2, 9000);
    hv_switch_destroy(&sw);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

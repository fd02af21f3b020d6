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

/* dvs-controller's plain data: who has which physical NIC, which hosts are
 * connected, what is dirty, and what hosts are to realise. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "controller/compile.h"
#include "controller/dirty.h"
#include "controller/liveness.h"
#include "controller/pnics.h"
#include "controller/seen.h"
#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "util.h"
#include "uuid.h"

/* Physical NICs. */

/* Adds the pairs in 'text', "uplink=nic uplink=nic", to 'map'. */
static void
read_pairs(struct smap *map, const char *text)
{
    char *copy = xstrdup(text);
    char *save_ptr = NULL;

    smap_init(map);
    for (char *word = strtok_r(copy, " ", &save_ptr); word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        smap_add(map, word, value);
    }
    free(copy);
}

/* Shares NICs among switches "a", "b" and "c", which want 'wanted' and have
 * 'had' ("!" in front: is at fault anyway), and checks that those in 'frozen'
 * end up frozen. */
static void
check_share(const char *wanted_text[3], const char *had_text[3],
            const char *frozen)
{
    const char *names[] = { "a", "b", "c" };
    struct pnics_member members[3];
    struct smap wanted[3], had[3];
    char result[4] = "";

    for (int i = 0; i < 3; i++) {
        bool bad = wanted_text[i][0] == '!';

        read_pairs(&wanted[i], wanted_text[i] + bad);
        read_pairs(&had[i], had_text[i]);
        members[i].switch_ = names[i];
        members[i].wanted = &wanted[i];
        members[i].had = had_text[i][0] ? &had[i] : NULL;
        members[i].frozen = bad;
        smap_init(&members[i].others);
    }
    pnics_share(members, 3);
    for (int i = 0; i < 3; i++) {
        if (members[i].frozen) {
            result[strlen(result)] = *names[i];
        }
        assert_true(smap_is_empty(&members[i].others) || members[i].frozen);
        smap_destroy(&members[i].others);
        smap_destroy(&wanted[i]);
        smap_destroy(&had[i]);
    }
    assert_string_equal(result, frozen);
}

#define SHARE(A, B, C, HAD_A, HAD_B, HAD_C, FROZEN)                     \
    check_share((const char *[3]) { A, B, C },                          \
                (const char *[3]) { HAD_A, HAD_B, HAD_C }, FROZEN)

static void
test_pnics(void **state OVS_UNUSED)
{
    /* Nothing in common. */
    SHARE("u=1", "u=2", "", "", "", "", "");
    /* The first by name, then whoever has it. */
    SHARE("u=1", "u=1", "u=1", "", "", "", "bc");
    SHARE("u=1", "u=1", "u=1", "", "u=1", "", "ac");
    /* Exchanged in one go. */
    SHARE("u=2", "u=1", "", "u=1", "u=2", "", "");
    SHARE("u=2", "u=3", "u=1", "u=1", "u=2", "u=3", "");
    /* Who is at fault keeps what he had, not what he wants. */
    SHARE("!u=9", "u=1", "", "u=1", "u=2", "", "ab");
    SHARE("!u=1", "u=1", "", "u=9", "u=2", "", "a");
    /* ...and so may bring others down: b's old NIC is c's wish. */
    SHARE("!u=9", "u=1", "u=2", "u=1", "u=2", "u=3", "abc");
}

/* Whatever is wanted and had, no two that go through share a NIC, with each
 * other or with what a frozen one has. */
static void
test_pnics_random(void **state OVS_UNUSED)
{
    random_set_seed(1);
    for (int round = 0; round < 3000; round++) {
        const char *names[] = { "a", "b", "c", "d" };
        struct pnics_member members[4];
        struct smap wanted[4], had[4];
        int holder[6] = { -1, -1, -1, -1, -1, -1 };

        for (int i = 0; i < 4; i++) {
            smap_init(&wanted[i]);
            smap_init(&had[i]);
            for (int j = 0; j < 2; j++) {
                char uplink[2] = { 'u' + j, '\0' };
                int nic = random_range(6);
                char name[2] = { '0' + nic, '\0' };

                smap_add(&wanted[i], uplink, name);
                nic = random_range(6);
                name[0] = '0' + nic;
                if (holder[nic] < 0) {
                    holder[nic] = i;
                    smap_add(&had[i], uplink, name);
                }
            }
            members[i].switch_ = names[i];
            members[i].wanted = &wanted[i];
            members[i].had = &had[i];
            members[i].frozen = !random_range(4);
            smap_init(&members[i].others);
        }
        pnics_share(members, 4);

        int user[6] = { -1, -1, -1, -1, -1, -1 };
        for (int i = 0; i < 4; i++) {
            const struct smap_node *node;

            SMAP_FOR_EACH (node, members[i].frozen ? &had[i] : &wanted[i]) {
                int nic = node->value[0] - '0';
                assert_true(user[nic] < 0 || user[nic] == i);
                user[nic] = i;
            }
        }
        for (int i = 0; i < 4; i++) {
            smap_destroy(&members[i].others);
            smap_destroy(&wanted[i]);
            smap_destroy(&had[i]);
        }
    }
}

/* Liveness. */

/* Returns the hosts that have fallen silent at 'now', separated by blanks. */
static const char *
look(struct liveness *l, long long int now, char *buffer, size_t size)
{
    struct sset silent = SSET_INITIALIZER(&silent);
    const char **names;

    liveness_look(l, 1000, now, &silent);
    names = sset_sort(&silent);
    buffer[0] = '\0';
    for (size_t i = 0; i < sset_count(&silent); i++) {
        snprintf(buffer + strlen(buffer), size - strlen(buffer), "%s%s",
                 i ? " " : "", names[i]);
    }
    free(names);
    sset_destroy(&silent);
    return buffer;
}

static void
test_liveness(void **state OVS_UNUSED)
{
    struct liveness l;
    char s[64];

    liveness_init(&l);
    assert_false(liveness_is_connected(&l, "a"));
    assert_string_equal(look(&l, 1000, s, sizeof s), "");

    /* Hosts are presumed to be connected, or not, until they prove it. */
    assert_true(liveness_heard(&l, "a", 1, true, 1000));
    assert_true(liveness_heard(&l, "b", 1, false, 1000));
    assert_true(liveness_heard(&l, "c", 0, false, 1000));
    assert_true(liveness_is_connected(&l, "a"));
    assert_false(liveness_is_connected(&l, "b"));
    assert_false(liveness_is_connected(&l, "c"));
    assert_string_equal(look(&l, 1000, s, sizeof s), "");
    assert_int_equal(l.deadline, 5000);

    /* A change counts, in whatever direction; the same value does not, and a
     * forgotten one does not. */
    assert_true(liveness_heard(&l, "b", 2, true, 2000));
    assert_false(liveness_heard(&l, "a", 1, true, 2000));
    assert_false(liveness_heard(&l, "a", 0, true, 2000));
    assert_string_equal(look(&l, 2000, s, sizeof s), "");
    assert_string_equal(look(&l, 4999, s, sizeof s), "");
    assert_string_equal(look(&l, 5000, s, sizeof s), "a");
    assert_false(liveness_is_connected(&l, "a"));
    assert_true(liveness_is_connected(&l, "b"));
    assert_int_equal(l.deadline, 6000);
    assert_true(liveness_heard(&l, "a", -7, true, 5500));
    assert_false(liveness_heard(&l, "b", 3, true, 5500));
    assert_string_equal(look(&l, 5500, s, sizeof s), "");
    assert_string_equal(look(&l, 6000, s, sizeof s), "");
    assert_int_equal(l.deadline, 9500);

    /* While the database is away, nobody falls silent. */
    liveness_blind(&l, 9000);
    assert_string_equal(look(&l, 9600, s, sizeof s), "");
    assert_string_equal(look(&l, 13000, s, sizeof s), "a b");

    /* Nor while whoever looks was asleep. */
    assert_true(liveness_heard(&l, "a", 9, true, 14000));
    assert_string_equal(look(&l, 14000, s, sizeof s), "");
    assert_string_equal(look(&l, 99000, s, sizeof s), "");
    assert_true(liveness_is_connected(&l, "a"));
    assert_string_equal(look(&l, 103000, s, sizeof s), "a");

    /* A host that is gone. */
    assert_true(liveness_heard(&l, "b", 9, true, 103000));
    assert_string_equal(look(&l, 103000, s, sizeof s), "");
    assert_true(liveness_forget(&l, "b"));
    assert_false(liveness_forget(&l, "b"));
    assert_false(liveness_forget(&l, "a"));
    assert_string_equal(look(&l, 109000, s, sizeof s), "");
    assert_true(l.deadline == LLONG_MAX);
    liveness_destroy(&l);
}

/* Another interval counts at once. */
static void
test_liveness_interval(void **state OVS_UNUSED)
{
    struct sset silent = SSET_INITIALIZER(&silent);
    struct liveness l;

    liveness_init(&l);
    liveness_heard(&l, "a", 1, true, 0);
    liveness_look(&l, 100000, 0, &silent);
    assert_int_equal(l.deadline, 301000);

    /* A host has yet to learn that it is to say more. */
    liveness_look(&l, 1000, 5000, &silent);
    assert_true(sset_is_empty(&silent));
    assert_int_equal(l.deadline, 9000);
    liveness_look(&l, 1000, 9000, &silent);
    assert_true(sset_contains(&silent, "a"));

    /* One that is longer now: it may be silent for longer, from its last
     * word on. */
    sset_clear(&silent);
    liveness_heard(&l, "a", 2, true, 10000);
    liveness_look(&l, 1000, 10000, &silent);
    assert_int_equal(l.deadline, 14000);
    liveness_look(&l, 2000, 12000, &silent);
    assert_int_equal(l.deadline, 17000);

    /* Whoever comes an interval late was there all the time. */
    liveness_look(&l, 2000, 19000, &silent);
    assert_true(sset_contains(&silent, "a"));

    /* The same word again, after another one, is a new one. */
    assert_true(liveness_heard(&l, "a", 3, true, 20000));
    assert_false(liveness_heard(&l, "a", 2, true, 21000));
    liveness_look(&l, 2000, 21000, &silent);
    assert_int_equal(l.deadline, 28000);
    liveness_destroy(&l);
    sset_destroy(&silent);
}

/* Marks. */

/* Sets mark 'i' of 'd'.  Returns false if there is no such mark. */
static bool
set_mark(struct dirty *d, int i)
{
    bool *const flags[] = { &d->full, &d->global, &d->rbac, &d->unsupported,
                            &d->tasks, &d->rollbacks };
    struct uuid uuid = UUID_ZERO;

    if (i < ARRAY_SIZE(flags)) {
        *flags[i] = true;
        return true;
    }
    i -= ARRAY_SIZE(flags);
    if (i < DIRTY_N_KINDS) {
        return dirty_mark(d, i, &uuid);
    }
    switch (i - DIRTY_N_KINDS) {
    case 0:
        dirty_mark_host(d, "host");
        return true;
    case 1:
        dirty_mark_claim(d, "nic", "");
        return true;
    case 2:
        dirty_mark_released(d, &uuid, "");
        return true;
    case 3:
        dirty_mark_slot(d, &uuid, "1");
        return true;
    case 4:
        event_list_add(&d->events, "E", "info", NULL, "object", NULL, "it");
        return true;
    default:
        return false;
    }
}

/* Each mark by itself is one, is merged, and is taken back. */
static void
test_dirty_each(void **state OVS_UNUSED)
{
    struct dirty a, b;

    dirty_init(&a);
    dirty_init(&b);
    for (int i = 0; set_mark(&a, i); i++) {
        assert_false(dirty_is_empty(&a));
        dirty_merge(&b, &a);
        assert_false(dirty_is_empty(&b));
        dirty_clear(&a);
        assert_true(dirty_is_empty(&a));
        dirty_clear(&b);
    }
    dirty_destroy(&a);
    dirty_destroy(&b);
}

static void
test_dirty(void **state OVS_UNUSED)
{
    struct dirty a, b;
    struct uuid u, v, w;
    struct dirty_slot *slot;
    char *nic, *host;
    int n_first = 0;

    uuid_generate(&u);
    uuid_generate(&v);
    dirty_init(&a);
    dirty_init(&b);
    assert_true(dirty_is_empty(&a));

    assert_true(dirty_mark(&a, DIRTY_PORT, &u));
    assert_false(dirty_mark(&a, DIRTY_PORT, &u));
    assert_true(dirty_mark(&a, DIRTY_PORT, &v));
    assert_false(dirty_take(&a, DIRTY_SWITCH, &u));
    assert_true(dirty_take(&a, DIRTY_PORT, &u));
    assert_false(dirty_take(&a, DIRTY_PORT, &u));
    assert_true(dirty_pop(&a, DIRTY_PORT, &w));
    assert_true(uuid_equals(&w, &v));
    assert_false(dirty_pop(&a, DIRTY_PORT, &w));
    assert_true(dirty_is_empty(&a));

    dirty_mark_slot(&a, &u, "1");
    dirty_mark_slot(&a, &u, "1");
    dirty_mark_slot(&a, &u, "2");
    dirty_mark_slot(&a, &v, "1");
    for (int i = 0; i < 3; i++) {
        slot = dirty_pop_slot(&a);
        assert_non_null(slot);
        n_first += uuid_equals(&slot->switch_, &u) && !strcmp(slot->key, "1");
        dirty_slot_destroy(slot);
    }
    assert_null(dirty_pop_slot(&a));
    assert_int_equal(n_first, 1);

    /* Where a NIC began running is not forgotten for a mark without it. */
    dirty_mark_claim(&a, "nic", "h0");
    dirty_mark_claim(&a, "nic", "h1");
    dirty_mark_claim(&a, "nic", "");
    dirty_mark_claim(&b, "nic", "h2");
    dirty_merge(&b, &a);
    assert_true(dirty_pop_claim(&b, &nic, &host));
    assert_string_equal(host, "h2");
    free(nic);
    free(host);
    assert_true(dirty_is_empty(&b));

    dirty_mark_released(&a, &u, "");
    dirty_mark_released(&a, &u, "nic");
    dirty_mark_released(&a, &u, "");
    dirty_mark_host(&a, "host");
    event_list_add(&a.events, "E", "info", NULL, "object", NULL, "%d", 5);
    a.full = true;
    dirty_mark_claim(&b, "nic", "");
    dirty_merge(&b, &a);
    dirty_merge(&b, &a);
    dirty_clear(&a);
    assert_true(dirty_is_empty(&a));
    assert_true(b.full);
    assert_true(dirty_pop_released(&b, &w, &nic));
    assert_true(uuid_equals(&w, &u));
    assert_string_equal(nic, "nic");
    free(nic);
    assert_false(dirty_pop_released(&b, &w, &nic));
    host = dirty_pop_host(&b);
    assert_string_equal(host, "host");
    free(host);
    assert_null(dirty_pop_host(&b));
    assert_true(dirty_pop_claim(&b, &nic, &host));
    assert_string_equal(host, "h1");
    free(nic);
    free(host);
    dirty_destroy(&a);
    dirty_destroy(&b);
    dirty_destroy(NULL);
}

static void
test_seen(void **state OVS_UNUSED)
{
    struct seen s;
    struct uuid u;

    uuid_generate(&u);
    seen_init(&s);
    assert_null(seen_find(&s, &u));
    seen_set(&s, &u, "old");
    seen_set(&s, &u, "new");
    assert_string_equal(seen_find(&s, &u), "new");
    seen_remove(&s, &u);
    seen_remove(&s, &u);
    assert_null(seen_find(&s, &u));
    seen_set(&s, &u, "again");
    seen_clear(&s);
    assert_null(seen_find(&s, &u));
    seen_destroy(&s);
}

/* Compilation. */

static void
set(struct dvs_setting *s, const char *key, const char *value)
{
    assert_null(dvs_setting_set(s, key, value));
}

static void
make_switch(struct dvs_switch *s)
{
    dvs_switch_init(s);
    free(s->name);
    s->name = xstrdup("prod");
    free(s->bridge_name);
    s->bridge_name = xstrdup("br-prod");
    free(s->datapath_type);
    s->datapath_type = xstrdup("netdev");
    s->mtu = 9000;
    svec_clear(&s->uplinks);
    svec_add(&s->uplinks, "one");
    svec_add(&s->uplinks, "two");
    set(&s->setting, "blocked", "yes");
}

static void
test_compile(void **state OVS_UNUSED)
{
    struct dvs_switch s;
    struct dvs_portgroup pg;
    struct proxy_switch ps;
    struct proxy_portgroup ppg;

    make_switch(&s);
    compile_switch(&s, &ps);
    assert_string_equal(ps.name, "prod");
    assert_string_equal(ps.bridge, "br-prod");
    assert_string_equal(ps.datapath_type, "netdev");
    assert_int_equal(ps.mtu, 9000);
    assert_true(svec_equal(&ps.uplinks, &s.uplinks));
    assert_string_equal(smap_get(&ps.setting, "blocked"), "yes");
    assert_string_equal(smap_get(&ps.setting, "vlan"), "none");
    assert_string_equal(smap_get(&ps.setting, "active"), "one,two");
    proxy_switch_destroy(&ps);

    /* Each property from the last level that has it. */
    dvs_portgroup_init(&pg);
    free(pg.name);
    pg.name = xstrdup("web");
    set(&pg.setting, "vlan", "10");
    set(&pg.setting, "active", "two");
    compile_portgroup(&s, &pg, &ppg);
    assert_string_equal(ppg.name, "web");
    assert_string_equal(ppg.type, "early_binding");
    assert_string_equal(smap_get(&ppg.setting, "blocked"), "yes");
    assert_string_equal(smap_get(&ppg.setting, "vlan"), "10");
    assert_string_equal(smap_get(&ppg.setting, "active"), "two");
    assert_string_equal(smap_get(&ppg.setting, "standby"), "");
    proxy_portgroup_destroy(&ppg);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&s);
}

static void
test_compile_port(void **state OVS_UNUSED)
{
    struct compile_nic nic = { .id = "vm1", .kind = "vm",
                               .attached_mac = "52:54:00:00:00:01" };
    struct dvs_portgroup pg;
    struct dvs_port port;
    struct proxy_port p;

    dvs_portgroup_init(&pg);
    pg.overrides = 1u << DVS_OV_BLOCK;
    dvs_port_init(&port);
    free(port.name);
    port.name = xstrdup("port");
    set(&port.setting, "blocked", "yes");
    set(&port.setting, "vlan", "5");

    /* Of a portgroup: only what it permits. */
    compile_port(&pg, &port, &nic, &p);
    assert_string_equal(p.name, "port");
    assert_string_equal(p.nic, "vm1");
    assert_string_equal(p.mac, "52:54:00:00:00:01");
    assert_false(p.active);
    assert_int_equal(smap_count(&p.setting), 1);
    assert_string_equal(smap_get(&p.setting, "blocked"), "yes");
    proxy_port_destroy(&p);

    /* Standalone: all of it. */
    nic.mac = "52:54:00:00:00:02";
    nic.active = true;
    compile_port(NULL, &port, &nic, &p);
    assert_string_equal(p.mac, "52:54:00:00:00:02");
    assert_true(p.active);
    assert_int_equal(smap_count(&p.setting), 2);
    assert_string_equal(smap_get(&p.setting, "vlan"), "5");
    proxy_port_destroy(&p);

    /* The host's own NIC: nobody reports a MAC address. */
    nic.kind = "host";
    nic.mac = NULL;
    nic.attached_mac = "";
    nic.mtu = 1400;
    compile_port(NULL, &port, &nic, &p);
    assert_string_equal(p.kind, "host");
    assert_string_equal(p.mac, "42:9f:4e:17:a8:d7");
    assert_int_equal(p.mtu, 1400);
    proxy_port_destroy(&p);
    dvs_port_destroy(&port);
    dvs_portgroup_destroy(&pg);
}

static void
test_compile_host(void **state OVS_UNUSED)
{
    struct compile_uplink *uplinks = xcalloc(2, sizeof *uplinks);
    struct smap keys = SMAP_INITIALIZER(&keys);
    struct smap settings = SMAP_INITIALIZER(&settings);
    struct dvs_member member;
    struct dvs_switch s;
    struct proxy_host p;

    make_switch(&s);
    dvs_member_init(&member);
    for (size_t i = 0; i < 2; i++) {
        uplinks[i].name = xstrdup(i ? "two" : "one");
        uplinks[i].key = xstrdup(i ? "8" : "7");
        uplinks[i].portgroup.parts[0] = i;
        dvs_setting_init(&uplinks[i].setting);
    }
    assert_null(dvs_setting_set(&uplinks[1].setting, "blocked", "yes"));
    assert_null(dvs_setting_set(&uplinks[1].setting, "vlan", "trunk:1-9"));
    smap_add(&settings, "blocked two", "yes");
    smap_add(&settings, "vlan two", "trunk:1-9");
    smap_add(&member.uplinks, "one", "eth1");
    smap_add(&member.uplinks, "gone", "eth2");
    smap_add(&keys, "one", "7");
    smap_add(&keys, "two", "8");
    compile_host(&s, &member, uplinks, 2, &p);
    assert_int_equal(smap_count(&p.uplinks), 1);
    assert_string_equal(smap_get(&p.uplinks, "one"), "eth1");
    assert_true(smap_equal(&p.uplink_ports, &keys));
    assert_string_equal(smap_get(&p.uplink_portgroups, "two"),
                        "00000001-0000-0000-0000-000000000000");
    assert_true(smap_equal(&p.uplink_settings, &settings));
    assert_int_equal(p.max_ports, -1);
    proxy_host_destroy(&p);
    member.max_ports = 0;
    compile_host(&s, &member, uplinks, 2, &p);
    assert_int_equal(p.max_ports, 0);
    compile_uplinks_destroy(uplinks, 2);
    smap_destroy(&settings);
    proxy_host_destroy(&p);
    dvs_member_destroy(&member);
    dvs_switch_destroy(&s);
    smap_destroy(&keys);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pnics),
        cmocka_unit_test(test_pnics_random),
        cmocka_unit_test(test_liveness),
        cmocka_unit_test(test_liveness_interval),
        cmocka_unit_test(test_dirty),
        cmocka_unit_test(test_dirty_each),
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_compile),
        cmocka_unit_test(test_compile_port),
        cmocka_unit_test(test_compile_host),
    };

    return cmocka_run_group_tests_name("controller", tests, NULL, NULL);
}

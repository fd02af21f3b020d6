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

/* The host view: ports, uplinks and the teams that ports use. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/rule-hits.h"
#include "sset.h"
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

/* Checks that the port 'key' of 'sw' uses team 'number' with order 'order'. */
static void
assert_team(struct hv_switch *sw, const char *key, int number,
            const char *order)
{
    const struct hv_team *team = hv_team_for_port(sw, hv_port_find(sw, key));
    struct ds s = DS_EMPTY_INITIALIZER;

    assert_non_null(team);
    assert_int_equal(team->number, number);
    assert_string_equal(team->key, order);
    for (size_t i = 0; i < team->n_order; i++) {
        ds_put_format(&s, i ? ",%d" : "%d", team->order[i]);
    }
    assert_string_equal(ds_cstr(&s), order);
    ds_destroy(&s);
}

static void
test_ports(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    hv_switch_init(&sw);
    struct hv_port *a = hv_port_create(&sw, "1");
    struct hv_port *b = hv_port_create(&sw, "10");
    assert_ptr_equal(hv_port_find(&sw, "1"), a);
    assert_ptr_equal(hv_port_find(&sw, "10"), b);
    assert_null(hv_port_find(&sw, "2"));
    assert_int_equal(a->ofport, OFPP_NONE);
    assert_false(a->active);
    hv_port_destroy(&sw, a);
    hv_port_destroy(&sw, NULL);
    assert_null(hv_port_find(&sw, "1"));
    assert_ptr_equal(hv_port_find(&sw, "10"), b);
    hv_switch_destroy(&sw);
}

static void
test_uplinks(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n"
                    "uplink uplink2\n");
    assert_int_equal(hv_uplink_id(&sw, "uplink1"), 1);
    assert_int_equal(hv_uplink_id(&sw, "uplink2"), 2);
    assert_int_equal(hv_uplink_id(&sw, "uplink3"), 0);
    hv_switch_destroy(&sw);
}

/* Originating port: pinned by key; then the standby ones; then the other
 * active ones. */
static void
test_originating_port(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "uplink uplink4 4\n"
               "port 6 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 7 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 8 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 9 active=uplink1,uplink2,uplink3 standby=uplink4\n"
               "port 20\n"
               "port 21 active=uplink3 standby=uplink1\n");
    assert_team(&sw, "7", 1, "2,4,3,1");
    assert_team(&sw, "6", 2, "1,4,2,3");
    assert_team(&sw, "8", 3, "3,4,1,2");
    assert_team(&sw, "9", 2, "1,4,2,3");
    assert_team(&sw, "20", 4, "1,2,3,4");
    assert_team(&sw, "21", 5, "3,1");
    assert_team(&sw, "7", 1, "2,4,3,1");
    hv_switch_destroy(&sw);
}

static void
test_load(void **state OVS_UNUSED)
{
    const struct hv_team *team;
    struct hv_switch sw;
    struct hv_port *port;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 6 teaming=load active=uplink1,uplink2"
               " standby=uplink3\n"
               "port 8 active=uplink1,uplink2 standby=uplink3\n");

    /* As by originating port, until its load moves it; and then with the same
     * team as others there, once it has settled. */
    assert_team(&sw, "6", 1, "1,3,2");
    smap_replace(&sw.placed, "6", "2");
    port = hv_port_find(&sw, "6");
    port->settling = true;
    team = hv_team_for_port(&sw, port);
    assert_int_equal(team->number, 2);
    assert_true(team->any_known && !team->any_uplink);
    assert_string_equal(team->key, "any-known:2,3,1");
    port->settling = false;
    assert_team(&sw, "6", 3, "2,3,1");
    assert_team(&sw, "8", 1, "1,3,2");

    /* Only to an active uplink, and only with this policy. */
    smap_replace(&sw.placed, "6", "3");
    assert_team(&sw, "6", 1, "1,3,2");
    smap_replace(&sw.placed, "8", "2");
    assert_team(&sw, "8", 1, "1,3,2");

    /* It is forgotten with the port. */
    hv_port_destroy(&sw, port);
    assert_null(smap_get(&sw.placed, "6"));
    hv_switch_destroy(&sw);
}

/* Gives the port 'key' of 'sw' a reservation. */
static void
reserve(struct hv_switch *sw, const char *key, int64_t reservation)
{
    hv_port_find(sw, key)->reservation = reservation;
    sw->reserves = true;
}

/* Has reservations of 'sw' placed, and checks that this moves just the ports
 * 'moved', separated by spaces, and that the place of port 'key' is then
 * 'place'. */
static void
assert_place(struct hv_switch *sw, const char *moved, const char *key,
             int place)
{
    struct sset found = SSET_INITIALIZER(&found);
    struct sset expected;

    sset_from_delimited_string(&expected, moved, " ");
    hv_place(sw, &found);
    assert_true(sset_equals(&found, &expected));
    assert_int_equal(hv_port_find(sw, key)->place, place);
    sset_clear(&found);
    assert_false(hv_place(sw, &found));
    assert_true(sset_is_empty(&found));
    sset_destroy(&found);
    sset_destroy(&expected);
}

static void
test_place(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 6 active=uplink1,uplink2 standby=uplink3\n"
               "port 8 active=uplink1,uplink2 standby=uplink3\n"
               "port 9 teaming=load active=uplink1,uplink2\n"
               "port 10 teaming=explicit active=uplink2,uplink1\n"
               "port 11 teaming=ip-hash active=uplink1,uplink2\n");
    for (int id = 1; id <= 3; id++) {
        sw.uplinks[id].up = true;
    }
    sw.queues = true;
    sw.classes.classes[DVS_TC_VIRTUAL_MACHINE].reservation = 100;

    /* Two whose keys would have them on the same uplink. */
    assert_team(&sw, "6", 1, "1,3,2");
    assert_team(&sw, "8", 1, "1,3,2");
    reserve(&sw, "6", 60);
    assert_place(&sw, "", "6", 1);
    reserve(&sw, "8", 60);
    assert_place(&sw, "8", "8", 2);
    assert_team(&sw, "6", 1, "1,3,2");
    assert_team(&sw, "8", 2, "2,3,1");

    /* What comes stays where it is and moves nobody, if it can. */
    reserve(&sw, "9", 40);
    assert_place(&sw, "", "9", 2);
    reserve(&sw, "9", 0);
    reserve(&sw, "8", 40);
    reserve(&sw, "6", 50);
    assert_place(&sw, "", "8", 2);
    reserve(&sw, "9", 60);
    assert_place(&sw, "", "9", 2);

    /* One that has no choice makes others go, if that helps. */
    reserve(&sw, "9", 0);
    reserve(&sw, "6", 45);
    reserve(&sw, "10", 70);
    assert_place(&sw, "8", "10", 2);
    assert_int_equal(hv_port_find(&sw, "8")->place, 1);

    /* Spread over all: room on each. */
    reserve(&sw, "10", 0);
    reserve(&sw, "11", 15);
    assert_place(&sw, "", "11", HV_PLACE_ALL);

    /* An uplink fails: those on it go to another, as far as there is room. */
    sw.uplinks[1].up = false;
    sw.uplinks[1].down = true;
    assert_place(&sw, "6 8", "6", 2);
    assert_int_equal(hv_port_find(&sw, "8")->place, 2);
    assert_team(&sw, "6", 2, "2,3,1");
    reserve(&sw, "8", 50);
    assert_place(&sw, "", "11", 0);
    assert_int_equal(hv_port_find(&sw, "6")->place, 2);
    assert_int_equal(hv_port_find(&sw, "8")->place, 2);
    sw.uplinks[1].up = true;
    sw.uplinks[1].down = false;
    assert_place(&sw, "8", "8", 1);
    assert_int_equal(hv_port_find(&sw, "11")->place, HV_PLACE_ALL);

    /* Without queues, there is no room anywhere, and keys decide again. */
    sw.queues = false;
    assert_place(&sw, "", "8", 0);
    assert_team(&sw, "8", 1, "1,3,2");

    reserve(&sw, "6", 0);
    reserve(&sw, "8", 0);
    reserve(&sw, "11", 0);
    assert_place(&sw, "", "10", 0);
    assert_false(sw.reserves);
    hv_switch_destroy(&sw);
}

static void
test_explicit(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 teaming=explicit active=uplink3,uplink1"
               " standby=uplink2\n"
               "port 2 teaming=explicit active=uplink3,uplink1"
               " standby=uplink2\n");
    assert_team(&sw, "1", 1, "3,1,2");
    assert_team(&sw, "2", 1, "3,1,2");
    hv_switch_destroy(&sw);
}

/* Uplinks that have no NIC on this host do not count. */
static void
test_absent_uplinks(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1\n"
               "port 2\n"
               "port 3 active=uplink1 standby=uplink3\n"
               "port 4 active=uplink1\n"
               "port 5 active=uplink1,uplink1,uplink3\n");
    assert_team(&sw, "1", 1, "3,2");
    assert_team(&sw, "2", 2, "2,3");
    assert_team(&sw, "3", 3, "3");
    assert_null(hv_team_for_port(&sw, hv_port_find(&sw, "4")));
    assert_team(&sw, "5", 3, "3");

    /* A NIC comes. */
    sw.uplinks[1].ofport = 1;
    assert_team(&sw, "4", 4, "1");
    hv_switch_destroy(&sw);
}

/* Returns the key of the team that port 'key' of 'sw' uses. */
static const char *
team_key(struct hv_switch *sw, const char *key)
{
    const struct hv_team *team = hv_team_for_port(sw, hv_port_find(sw, key));

    return team ? team->key : "none";
}

static void
test_source_mac(void **state OVS_UNUSED)
{
    const struct hv_team *team;
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 teaming=source-mac mac=02:00:00:00:00:00\n"
               "port 2 teaming=source-mac mac=02:00:00:00:00:01\n"
               "port 3 teaming=source-mac mac=02:00:00:00:00:01"
               " active=uplink1,uplink2 standby=uplink3\n"
               "port 4 teaming=source-mac mac=02:00:00:00:00:01"
               " active=uplink1,uplink2 standby=uplink3"
               " forged-transmits=accept\n"
               "port 5 teaming=source-mac mac=02:00:00:00:00:01"
               " active=uplink1 standby=uplink3 forged-transmits=accept\n"
               "port 6 teaming=source-mac mac=02:00:00:00:00:01"
               " forged-transmits=accept mac-learning=yes"
               " reverse-filter=no\n");
    /* 0x020000000000 % 3 == 2. */
    assert_string_equal(team_key(&sw, "1"), "3,1,2");
    assert_string_equal(team_key(&sw, "2"), "1,2,3");
    assert_string_equal(team_key(&sw, "3"), "2,3,1");
    assert_string_equal(team_key(&sw, "4"), "source-mac:1,2/3");
    assert_string_equal(team_key(&sw, "5"), "1,3");
    assert_string_equal(team_key(&sw, "6"), "source-mac:any-uplink:1,2,3");

    /* Each slot has its own uplink first, then the standby one. */
    team = hv_team_for_port(&sw, hv_port_find(&sw, "4"));
    assert_int_equal(team->n_slots, 2);
    assert_string_equal(hv_team_find(&sw, team->slots[0])->key, "1,3,2");
    assert_string_equal(hv_team_find(&sw, team->slots[1])->key, "2,3,1");

    /* The NIC may work with another MAC, and does. */
    struct hv_port *port = hv_port_find(&sw, "2");
    assert_true(eth_addr_from_string("02:00:00:00:00:02", &port->claimed));
    assert_string_equal(team_key(&sw, "2"), "1,2,3");
    port->setting.mac_changes = true;
    assert_string_equal(team_key(&sw, "2"), "2,3,1");
    hv_switch_destroy(&sw);
}

static void
test_ip_hash(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "uplink uplink4\n"
               "port 1 teaming=ip-hash\n"
               "port 2 teaming=ip-hash active=uplink3,uplink1"
               " standby=uplink2\n"
               "port 3 teaming=ip-hash active=uplink4,uplink1\n"
               "port 4 teaming=ip-hash active=uplink4 standby=uplink2\n"
               "port 5 teaming=ip-hash active=uplink4\n");
    assert_string_equal(team_key(&sw, "1"), "ip-hash:any-uplink:1,2,3");
    assert_string_equal(team_key(&sw, "2"), "ip-hash:any-uplink:3,1/2");
    assert_string_equal(team_key(&sw, "3"), "any-uplink:1");
    assert_string_equal(team_key(&sw, "4"), "any-uplink:2");
    assert_string_equal(team_key(&sw, "5"), "none");
    hv_switch_destroy(&sw);
}

static void
test_reverse_filter(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "port 1 reverse-filter=no\n"
               "port 2 teaming=explicit reverse-filter=no\n"
               "port 3\n");
    assert_string_equal(team_key(&sw, "1"), "any-uplink:2,1");
    assert_string_equal(team_key(&sw, "2"), "any-uplink:1,2");
    assert_string_equal(team_key(&sw, "3"), "2,1");
    hv_switch_destroy(&sw);
}

/* Takes the link of uplink 'id' of 'sw' up or down and checks that the team of
 * its port 1 is 'expected' then. */
static void
check_link(struct hv_switch *sw, int id, bool up, bool changes,
           const char *expected)
{
    sw->uplinks[id].down = !up;
    assert_int_equal(hv_teams_follow_links(sw), changes);

    const struct hv_team *team
        = hv_team_for_port(sw, hv_port_find(sw, "1"));
    char *text = hv_team_format(team);
    assert_string_equal(text, expected);
    free(text);
}

static void
test_failback(void **state OVS_UNUSED)
{
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 teaming=explicit failback=no\n"
               "port 2 teaming=explicit\n"
               "port 3 teaming=ip-hash failback=no\n"
               "port 4 teaming=explicit failback=no active=uplink2\n");
    assert_team(&sw, "2", 1, "1,2,3");
    check_link(&sw, 1, true, false, "no-failback:1,2,3");
    assert_string_equal(team_key(&sw, "3"),
                        "ip-hash:any-uplink:no-failback:1,2,3");

    /* 1 fails and recovers; 2 stays in its place until it fails too. */
    check_link(&sw, 3, false, true, "no-failback:1,2,3");
    check_link(&sw, 1, false, true, "no-failback:1,2,3@2");
    assert_team(&sw, "2", 1, "1,2,3");
    check_link(&sw, 1, true, false, "no-failback:1,2,3@2");
    check_link(&sw, 3, true, false, "no-failback:1,2,3@2");
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "1"))->order[1],
                     1);
    check_link(&sw, 1, false, false, "no-failback:1,2,3@2");
    check_link(&sw, 2, false, true, "no-failback:1,2,3@3");

    /* All down: the last one keeps the place, until some other is back. */
    check_link(&sw, 3, false, false, "no-failback:1,2,3@3");
    check_link(&sw, 2, true, true, "no-failback:1,2,3@2");
    check_link(&sw, 1, true, false, "no-failback:1,2,3@2");

    /* A team that is new while its first uplink is down. */
    struct hv_port *port = hv_port_find(&sw, "4");
    svec_add(&port->setting.standby, "uplink1");
    sw.uplinks[2].down = true;
    assert_int_equal(hv_team_for_port(&sw, port)->order[0], 1);
    assert_string_equal(team_key(&sw, "4"), "no-failback:2,1");
    hv_switch_destroy(&sw);
}

/* Has beacons fail, and no others, by the uplinks 'ids' in VLAN 10. */
static void
set_failed(struct hv_switch *sw, const char *ids)
{
    beacons_begin(&sw->beacons);
    beacons_end(&sw->beacons);
    if (ids) {
        assert_true(beacons_restore(&sw->beacons, "10", ids));
    }
    hv_teams_follow_links(sw);
}

/* Uplinks by which beacons do not pass come last, for those ports that ask for
 * beacons in that VLAN. */
static void
test_beacon(void **state OVS_UNUSED)
{
    struct hv_switch sw;
    uint8_t ids[HV_MAX_ORDER];

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "uplink uplink3 3\n"
               "port 1 ofport=101 vlan=10 beacon=yes teaming=explicit\n"
               "port 2 ofport=102 vlan=10 teaming=explicit\n"
               "port 3 ofport=103 vlan=11 beacon=yes teaming=explicit\n"
               "port 4 ofport=104 vlan=10 beacon=yes\n"
               "port 5 ofport=105 vlan=10 beacon=yes teaming=source-mac"
               " forged-transmits=accept\n"
               "port 6 ofport=106 vlan=10 beacon=yes teaming=explicit"
               " failback=no\n"
               "port 7 ofport=107 vlan=10 beacon=yes teaming=explicit"
               " active=uplink1 standby=uplink3\n"
               "port 8 ofport=108 vlan=10 teaming=explicit failback=no\n"
               "port 9 ofport=109 vlan=trunk:10 beacon=yes"
               " teaming=explicit\n"
               "port 10 ofport=110 vlan=10 beacon=yes teaming=ip-hash\n");
    for (int id = 1; id <= 3; id++) {
        sw.uplinks[id].up = true;
    }
    assert_string_equal(team_key(&sw, "1"), "1,2,3");
    assert_string_equal(team_key(&sw, "4"), "2,3,1");
    assert_string_equal(team_key(&sw, "5"), "source-mac:1,2,3");
    assert_string_equal(team_key(&sw, "6"), "no-failback:beacon:1,2,3");
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "6"))->order[0],
                     1);

    set_failed(&sw, "2,1");
    assert_string_equal(team_key(&sw, "1"), "3,1,2");
    assert_string_equal(team_key(&sw, "2"), "1,2,3");
    assert_string_equal(team_key(&sw, "3"), "1,2,3");
    assert_string_equal(team_key(&sw, "4"), "3,2,1");
    assert_string_equal(team_key(&sw, "5"), "3,1,2");
    assert_string_equal(team_key(&sw, "7"), "3,1");
    assert_string_equal(team_key(&sw, "8"), "no-failback:1,2,3");
    assert_string_equal(team_key(&sw, "9"), "1,2,3");
    assert_string_equal(team_key(&sw, "10"), "ip-hash:any-uplink:1,2,3");
    assert_int_equal(hv_active_uplinks(&sw, hv_port_find(&sw, "4"), ids), 1);
    assert_int_equal(ids[0], 3);
    assert_int_equal(hv_active_uplinks(&sw, hv_port_find(&sw, "2"), ids), 3);
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "6"))->order[0],
                     3);

    /* Who spreads, spreads over the others. */
    set_failed(&sw, "2");
    assert_string_equal(team_key(&sw, "4"), "3,1,2");
    assert_string_equal(team_key(&sw, "5"), "source-mac:1,3/2");

    /* Without failback, 3 has the place now. */
    set_failed(&sw, NULL);
    assert_string_equal(team_key(&sw, "1"), "1,2,3");
    assert_string_equal(team_key(&sw, "6"), "no-failback:beacon:1,2,3");
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "6"))->order[0],
                     3);
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "8"))->order[0],
                     1);
    set_failed(&sw, "3");
    assert_int_equal(hv_team_for_port(&sw, hv_port_find(&sw, "6"))->order[0],
                     1);

    /* All fail: as if none did. */
    set_failed(&sw, "1,2,3");
    assert_string_equal(team_key(&sw, "1"), "1,2,3");
    assert_string_equal(team_key(&sw, "5"), "1,2,3");

    assert_null(hv_port_beacon_conflict(&sw, hv_port_find(&sw, "1")));
    assert_null(hv_port_beacon_conflict(&sw, hv_port_find(&sw, "2")));
    assert_non_null(hv_port_beacon_conflict(&sw, hv_port_find(&sw, "9")));
    assert_non_null(hv_port_beacon_conflict(&sw, hv_port_find(&sw, "10")));
    hv_switch_destroy(&sw);
}

static void
test_restore(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "1,2@2", "no-failback:1,2@", "no-failback:1,2@3", "no-failback:1@1@1",
        "ip-hash:no-failback:1,2@2", "no-failback:any-uplink:1", "beacon:1",
        "ip-hash:", "ip-hash:1/", "ip-hash:/1", "ip-hash:1/2/3", "1/2",
        "any-uplink:", "any-uplink:ip-hash:1,2", "ip-hash:source-mac:1",
        "", ",", "1,", ",1", "0", "1,0", "65", "1,1", "1;2", " 1", "01",
        "-1", "1 ,2", "18446744073709551617", "x",
    };
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "uplink uplink2 2\n"
               "port 1\n"
               "port 2\n"
               "port 3 active=uplink1\n");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        if (hv_team_restore(&sw, 1, bad[i])) {
            fail_msg("took \"%s\"", bad[i]);
        }
    }
    assert_false(hv_team_restore(&sw, 0, "1"));
    assert_false(hv_team_restore(&sw, HV_MAX_TEAMS + 1, "1"));
    assert_int_equal(hmap_count(&sw.teams), 0);

    assert_true(hv_team_restore(&sw, 7, "2,1"));
    assert_true(hv_team_restore(&sw, 1, "32"));
    assert_false(hv_team_restore(&sw, 7, "1,2"));
    assert_false(hv_team_restore(&sw, 8, "2,1"));
    assert_team(&sw, "1", 7, "2,1");
    assert_team(&sw, "2", 2, "1,2");
    assert_team(&sw, "3", 3, "1");

    assert_true(hv_team_restore(&sw, 9, "ip-hash:any-uplink:1,2"));
    assert_true(hv_team_restore(&sw, 10, "source-mac:2,1/3"));
    assert_true(hv_team_find(&sw, 9)->any_uplink);
    assert_int_equal(hv_team_find(&sw, 9)->n_slots, 2);
    assert_int_equal(hv_team_find(&sw, 10)->mode, HV_TEAM_SOURCE_MAC);
    assert_int_equal(hv_team_find(&sw, 10)->n_slots, 2);
    assert_int_equal(hv_team_find(&sw, 10)->n_order, 3);
    assert_true(hv_team_restore(&sw, 11, "no-failback:1,2,3@2"));
    assert_string_equal(hv_team_find(&sw, 11)->key, "no-failback:1,2,3");
    assert_memory_equal(hv_team_find(&sw, 11)->order, "\2\1\3", 3);
    assert_false(hv_team_restore(&sw, 12, "no-failback:1,2,3@3"));
    assert_true(hv_team_restore(&sw, 12, "no-failback:beacon:1,2,3@3"));
    assert_true(hv_team_find(&sw, 12)->beacon);
    hv_switch_destroy(&sw);
}

/* There are no more numbers than fit into a group id. */
static void
test_out_of_numbers(void **state OVS_UNUSED)
{
    struct ds key = DS_EMPTY_INITIALIZER;
    struct hv_switch sw;

    read_model(&sw, "uplink uplink1 1\n"
                    "port 1\n");
    for (int number = 1; number <= HV_MAX_TEAMS; number++) {
        ds_clear(&key);
        ds_put_format(&key, "%d,%d,%d", 2 + number % 10, 12 + number / 10 % 10,
                      22 + number / 100 % 11);
        if (number > 1100) {
            ds_put_cstr(&key, ",1");
        }
        if (!hv_team_restore(&sw, number, ds_cstr(&key))) {
            fail_msg("%s", ds_cstr(&key));
        }
    }
    ds_destroy(&key);
    assert_null(hv_team_for_port(&sw, hv_port_find(&sw, "1")));
    hv_switch_destroy(&sw);
}

/* Reads once that the flows of rule 'sequence' of 'ruleset' have counted 'a'
 * and 'b', and checks how often the rule has been hit then. */
static void
hit(struct hv_switch *sw, const struct hv_ruleset *ruleset, int sequence,
    int64_t a, int64_t b, int64_t expected)
{
    uint64_t cookie = DESIRED_COOKIE(DC_RULE, ((uint64_t) ruleset->number << 16
                                               | sequence));
    const struct rule_hits *hits;
    int64_t total = 0;

    rule_hits_read(sw, cookie, a);
    rule_hits_read(sw, cookie, b);
    rule_hits_read(sw, cookie + (UINT64_C(1) << 16), 100);
    rule_hits_read(sw, cookie & UINT64_C(0xffffffffffff), 100);
    rule_hits_end(sw);
    HMAP_FOR_EACH (hits, node, &ruleset->hits) {
        assert_int_equal(hits->sequence, sequence);
        total += rule_hits_total(hits);
    }
    assert_int_equal(total, expected);
}

/* A rule's hits are those of its flows, and no fewer when these are made
 * anew. */
static void
test_hits(void **state OVS_UNUSED)
{
    const struct hv_ruleset *ruleset;
    struct hv_switch sw;

    read_model(&sw,
               "uplink uplink1 1\n"
               "port 1 ofport=101 mac=02:00:00:00:00:01 filter=on"
               " \"rule.7=action=drop direction=in protocol=tcp\"\n");
    ruleset = hv_ruleset_for_port(&sw, hv_port_find(&sw, "1"));
    assert_non_null(ruleset);
    hit(&sw, ruleset, 7, 0, 0, 0);
    assert_true(hmap_is_empty(&ruleset->hits));
    hit(&sw, ruleset, 7, 5, 0, 5);
    hit(&sw, ruleset, 7, 5, 0, 5);
    hit(&sw, ruleset, 7, 5, 3, 8);
    hit(&sw, ruleset, 7, 1, 0, 9);
    hit(&sw, ruleset, 7, 0, 0, 9);
    hit(&sw, ruleset, 7, 0, 2, 11);
    hv_switch_destroy(&sw);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_uplinks),
        cmocka_unit_test(test_originating_port),
        cmocka_unit_test(test_explicit),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_source_mac),
        cmocka_unit_test(test_ip_hash),
        cmocka_unit_test(test_reverse_filter),
        cmocka_unit_test(test_failback),
        cmocka_unit_test(test_beacon),
        cmocka_unit_test(test_absent_uplinks),
        cmocka_unit_test(test_restore),
        cmocka_unit_test(test_out_of_numbers),
        cmocka_unit_test(test_hits),
    };

    return cmocka_run_group_tests_name("host-view", tests, NULL, NULL);
}

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

/* When changes are confirmed and when they are taken back: a host, its
 * database and the network between them, played in ms of an imaginary clock,
 * with the rows that the host works with. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "openvswitch/json.h"
#include "ovs-bridge/confirm.h"
#include "ovs-bridge/proxy-rows.h"
#include "schema/dvs-idl.h"
#include "util.h"

#define TIMEOUT 20000

static const struct proxy_row_id portgroup_id = {
    .kind = PR_PORTGROUP, .switch_.parts = { 1 }, .portgroup.parts = { 2 },
    .key = "" };

/* Returns a row with version 'version' that sets VLAN 'vlan'. */
static struct row_copy *
make_portgroup(int version, int vlan)
{
    char *text = xasprintf(
        "{\"_uuid\":\"00000009-0000-0000-0000-000000000000\",\"switch\":"
        "[\"uuid\",\"00000001-0000-0000-0000-000000000000\"],\"portgroup\":"
        "[\"uuid\",\"00000002-0000-0000-0000-000000000000\"],"
        "\"version\":%d,\"setting\":[\"map\",[[\"vlan\",\"%d\"]]]}",
        version, vlan);
    struct json *json = json_from_string(text);
    struct row_copy *copy;

    assert_null(row_copy_from_json(&copy, &dvsrec_table_proxy_portgroup,
                                   json));
    json_destroy(json);
    free(text);
    return copy;
}

/* The host under test and what is around it. */
struct host {
    struct confirm confirm;
    struct proxy_rows rows;
    int version, vlan;          /* What the database says; 0: nothing. */
    int cutting_vlan;           /* With this one, the host is cut off. */
    bool database_down;
    bool in_step;               /* Open vSwitch takes changes at once. */
    long long int now;
    long long int reconnect;    /* How long a session takes to come back. */
    long long int online_at;    /* When it does, or 0. */
    int n_rollbacks, n_retries;
};

static int
get_vlan(const struct host *host)
{
    const struct proxy_row *row = proxy_rows_find(&host->rows, &portgroup_id);
    const struct dvsrec_proxy_portgroup *pg
        = row ? ROW_COPY_CAST(row->running, dvsrec_proxy_portgroup) : NULL;

    return pg ? smap_get_int(&pg->setting, "vlan", 0) : 0;
}

static bool
can_reach(const struct host *host)
{
    return (!host->database_down
            && !(host->in_step && get_vlan(host) == host->cutting_vlan));
}

static void
forget(struct host *host)
{
    struct proxy_row *row;

    while ((row = proxy_rows_pop_dirty(&host->rows))) {
        proxy_rows_forget(&host->rows, row);
    }
}

static void
take(struct host *host)
{
    proxy_rows_set(&host->rows, &portgroup_id,
                   host->version ? make_portgroup(host->version, host->vlan)
                   : NULL, false);
    confirm_changed(&host->confirm, host->rows.change, host->now);
    forget(host);
}

/* One millisecond or so of the host's life. */
static void
step(struct host *host, long long int ms)
{
    host->now += ms;
    if (!can_reach(host)) {
        host->online_at = 0;
    } else if (!host->confirm.online && !host->online_at) {
        host->online_at = host->now + host->reconnect;
    }
    if (host->confirm.echoing && can_reach(host)) {
        confirm_echo_answered(&host->confirm, host->now);
    }
    if (!host->confirm.online && host->online_at
        && host->now >= host->online_at) {
        if (confirm_set_online(&host->confirm, true, TIMEOUT, host->now)
            && proxy_rows_retry(&host->rows)) {
            host->n_retries++;
        }
        take(host);
    }
    if (host->in_step) {
        confirm_stands(&host->confirm);
    }
    proxy_rows_confirm(&host->rows, host->confirm.confirmed);
    switch (confirm_run(&host->confirm, TIMEOUT, host->now)) {
    case CONFIRM_ECHO:
        confirm_echo_sent(&host->confirm, host->now);
        break;
    case CONFIRM_ROLL_BACK:
        host->n_rollbacks++;
        proxy_rows_roll_back(&host->rows);
        confirm_rolled_back(&host->confirm, host->now);
        host->online_at = 0;
        break;
    case CONFIRM_NOTHING:
        break;
    }
    forget(host);
}

static void
run_for(struct host *host, long long int ms)
{
    for (long long int end = host->now + ms; host->now < end; ) {
        step(host, MIN(10, end - host->now));
    }
}

/* The database gets a new version; the host hears of it if it can. */
static void
change(struct host *host, int version, int vlan)
{
    host->version = version;
    host->vlan = vlan;
    if (host->confirm.online && can_reach(host)) {
        take(host);
    }
}

/* The session is noticed to be gone. */
static void
lose_session(struct host *host)
{
    confirm_set_online(&host->confirm, false, TIMEOUT, host->now);
    host->online_at = 0;
}

/* A host that works with version 1, VLAN 10, confirmed. */
static void
start(struct host *host)
{
    memset(host, 0, sizeof *host);
    host->now = 1000000;
    host->in_step = true;
    host->reconnect = 500;
    host->version = 1;
    host->vlan = 10;
    host->cutting_vlan = 666;
    confirm_init(&host->confirm, host->now);
    proxy_rows_init(&host->rows);
    run_for(host, 1000);
    assert_false(confirm_is_open(&host->confirm));
    assert_int_equal(get_vlan(host), 10);
}

static void
stop(struct host *host)
{
    proxy_rows_destroy(&host->rows);
}

static bool
is_refused(const struct host *host, int version)
{
    const struct proxy_row *row = proxy_rows_find(&host->rows, &portgroup_id);

    return row->refused && row->refused_version == version;
}

static void
test_good_change(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    change(&h, 2, 20);
    assert_true(confirm_is_open(&h.confirm));
    run_for(&h, 50);
    assert_false(confirm_is_open(&h.confirm));
    assert_true(ovs_list_is_empty(&h.rows.open));
    run_for(&h, 100000);
    assert_int_equal(get_vlan(&h), 20);
    assert_int_equal(h.n_rollbacks, 0);
    stop(&h);
}

static void
test_bad_change(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    change(&h, 2, 666);
    run_for(&h, TIMEOUT - 100);
    assert_int_equal(get_vlan(&h), 666);
    run_for(&h, 200);
    assert_int_equal(get_vlan(&h), 10);
    run_for(&h, 1000);
    assert_true(h.confirm.online);
    assert_true(is_refused(&h, 2));
    assert_int_equal(h.rows.n_refused, 1);

    /* That is not forgotten, and not tried again. */
    lose_session(&h);
    run_for(&h, 100000);
    assert_true(is_refused(&h, 2));
    assert_int_equal(h.n_rollbacks, 1);
    assert_int_equal(h.n_retries, 0);

    /* A higher version is another matter. */
    change(&h, 3, 30);
    run_for(&h, 1000);
    assert_int_equal(get_vlan(&h), 30);
    assert_int_equal(h.rows.n_refused, 0);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);
}

static void
test_taken_back_by_database(void **state OVS_UNUSED)
{
    struct host h;

    /* Under a higher version... */
    start(&h);
    change(&h, 2, 666);
    run_for(&h, TIMEOUT + 1000);
    change(&h, 3, 10);
    assert_int_equal(h.rows.n_refused, 0);
    run_for(&h, 100);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);

    /* ...or the old row again, as when a ring's row goes. */
    start(&h);
    change(&h, 2, 666);
    run_for(&h, TIMEOUT + 1000);
    change(&h, 1, 10);
    assert_int_equal(h.rows.n_refused, 0);
    stop(&h);
}

static void
test_two_bad_changes(void **state OVS_UNUSED)
{
    struct host h;

    /* The second one comes before the first one has shown. */
    start(&h);
    h.in_step = false;
    change(&h, 2, 666);
    run_for(&h, 100);
    change(&h, 3, 666);
    h.in_step = true;
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(get_vlan(&h), 10);
    assert_true(is_refused(&h, 3));
    assert_int_equal(h.n_rollbacks, 1);
    stop(&h);

    /* One after the other. */
    start(&h);
    change(&h, 2, 666);
    run_for(&h, TIMEOUT + 1000);
    change(&h, 3, 666);
    assert_int_equal(get_vlan(&h), 666);
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(get_vlan(&h), 10);
    assert_true(is_refused(&h, 3));
    assert_int_equal(h.n_rollbacks, 2);
    stop(&h);
}

static void
test_change_while_away(void **state OVS_UNUSED)
{
    struct host h;

    /* A change that the host hears of when it is back after a rollback. */
    start(&h);
    change(&h, 2, 666);
    run_for(&h, 5000);
    change(&h, 3, 30);
    run_for(&h, TIMEOUT);
    assert_int_equal(get_vlan(&h), 30);
    assert_int_equal(h.n_rollbacks, 1);
    assert_int_equal(h.rows.n_refused, 0);
    stop(&h);

    /* Away without a change: it just takes it. */
    start(&h);
    h.database_down = true;
    lose_session(&h);
    run_for(&h, 200000);
    assert_int_equal(h.n_rollbacks, 0);
    change(&h, 2, 20);
    h.database_down = false;
    run_for(&h, 2000);
    assert_int_equal(get_vlan(&h), 20);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);
}

static void
test_database_restarted(void **state OVS_UNUSED)
{
    struct host h;

    /* Back in time: nothing happens, whenever the change was. */
    start(&h);
    h.in_step = false;
    change(&h, 2, 20);
    h.database_down = true;
    lose_session(&h);
    run_for(&h, 10);
    h.in_step = true;
    run_for(&h, TIMEOUT - 5000);
    h.database_down = false;
    run_for(&h, 3000);
    assert_int_equal(h.n_rollbacks, 0);
    assert_int_equal(get_vlan(&h), 20);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);

    /* Not in time: the host goes back, and when the database is there again,
     * so late that the rollback was not what helped, forward. */
    start(&h);
    h.in_step = false;
    change(&h, 2, 20);
    h.database_down = true;
    lose_session(&h);
    h.in_step = true;
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(h.n_rollbacks, 1);
    assert_int_equal(get_vlan(&h), 10);
    run_for(&h, 10 * TIMEOUT);
    assert_int_equal(h.n_rollbacks, 1);
    h.database_down = false;
    run_for(&h, 2000);
    assert_int_equal(get_vlan(&h), 20);
    assert_int_equal(h.n_retries, 1);
    assert_int_equal(h.rows.n_refused, 0);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);
}

/* The database is down for long, and the change is bad, too: it is tried a
 * second time, and then refused for good. */
static void
test_bad_change_and_database_down(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    change(&h, 2, 666);
    h.database_down = true;
    lose_session(&h);
    run_for(&h, 3 * TIMEOUT);
    assert_int_equal(h.n_rollbacks, 1);
    h.database_down = false;
    run_for(&h, 1000);
    assert_int_equal(get_vlan(&h), 666);
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(get_vlan(&h), 10);
    assert_true(is_refused(&h, 2));
    assert_int_equal(h.n_rollbacks, 2);

    /* Even if it takes long to come back once more. */
    h.database_down = true;
    lose_session(&h);
    run_for(&h, 3 * TIMEOUT);
    h.database_down = false;
    run_for(&h, 3 * TIMEOUT);
    assert_true(is_refused(&h, 2));
    assert_int_equal(h.n_rollbacks, 2);
    stop(&h);
}

/* Open vSwitch takes its time: as long as the database answers, there is no
 * reason to go back, and none to confirm. */
static void
test_slow_switch(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    h.in_step = false;
    change(&h, 2, 20);
    run_for(&h, 10 * TIMEOUT);
    assert_true(confirm_is_open(&h.confirm));
    assert_int_equal(h.n_rollbacks, 0);
    h.in_step = true;
    run_for(&h, 100);
    assert_false(confirm_is_open(&h.confirm));
    stop(&h);

    /* An answer to what was asked before the change stood says nothing. */
    start(&h);
    h.in_step = false;
    change(&h, 2, 666);
    confirm_echo_sent(&h.confirm, h.now);
    confirm_stands(&h.confirm);
    confirm_echo_answered(&h.confirm, h.now);
    assert_true(confirm_is_open(&h.confirm));
    stop(&h);
}

/* All hosts at once: each decides for itself, and all are back. */
static void
test_all_hosts(void **state OVS_UNUSED)
{
    struct host hosts[5];

    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
        start(&hosts[i]);
        run_for(&hosts[i], i * 100);
        change(&hosts[i], 2, 666);
        run_for(&hosts[i], TIMEOUT + 1000);
        assert_int_equal(get_vlan(&hosts[i]), 10);
        assert_true(hosts[i].confirm.online);
        assert_true(is_refused(&hosts[i], 2));
        stop(&hosts[i]);
    }
}

/* The agent dies in the middle: the clock goes on, but the database gets a
 * chance to answer. */
static void
test_restart(void **state OVS_UNUSED)
{
    struct confirm c;

    confirm_init(&c, 1000);
    confirm_restore(&c, 1, 12000, TIMEOUT, 1000);
    assert_true(confirm_is_open(&c));
    assert_int_equal(confirm_run(&c, TIMEOUT, 1000 + 7999), CONFIRM_NOTHING);
    assert_int_equal(confirm_wake(&c, TIMEOUT), 1000 + 8000);
    assert_int_equal(confirm_run(&c, TIMEOUT, 1000 + 8000),
                     CONFIRM_ROLL_BACK);

    confirm_init(&c, 1000);
    confirm_restore(&c, 1, 86400 * 1000, TIMEOUT, 1000);
    assert_int_equal(confirm_run(&c, TIMEOUT, 1000 + 4999), CONFIRM_NOTHING);
    assert_int_equal(confirm_run(&c, TIMEOUT, 1000 + 5000),
                     CONFIRM_ROLL_BACK);

    /* A clock that was set back. */
    confirm_init(&c, 1000);
    confirm_restore(&c, 1, -5000, TIMEOUT, 1000);
    assert_int_equal(confirm_run(&c, TIMEOUT, 1000 + 19999), CONFIRM_NOTHING);

    /* The database answers. */
    assert_false(confirm_set_online(&c, true, TIMEOUT, 2000));
    confirm_stands(&c);
    assert_int_equal(confirm_run(&c, TIMEOUT, 2000), CONFIRM_ECHO);
    confirm_echo_sent(&c, 2000);
    assert_int_equal(confirm_run(&c, TIMEOUT, 2000), CONFIRM_NOTHING);
    confirm_echo_lost(&c);
    confirm_echo_answered(&c, 2001);    /* It never was. */
    assert_true(confirm_is_open(&c));
    confirm_echo_sent(&c, 8000);
    confirm_echo_answered(&c, 8001);
    assert_false(confirm_is_open(&c));
    assert_int_equal(confirm_wake(&c, TIMEOUT), LLONG_MAX);
}

static void
test_switched_off(void **state OVS_UNUSED)
{
    struct confirm c;

    confirm_init(&c, 0);
    confirm_changed(&c, 1, 0);
    assert_int_equal(confirm_run(&c, -1, 1000000), CONFIRM_NOTHING);
    assert_int_equal(confirm_wake(&c, -1), LLONG_MAX);
    confirm_set_online(&c, true, 0, 1000000);
    confirm_stands(&c);
    assert_int_equal(confirm_run(&c, -1, 1000000), CONFIRM_ECHO);
}

/* A row that goes, and one that comes. */
static void
test_absence(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    h.cutting_vlan = 0;         /* Without the row it is cut off. */
    change(&h, 0, 0);
    assert_int_equal(get_vlan(&h), 0);
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(get_vlan(&h), 10);
    assert_true(is_refused(&h, 0));
    change(&h, 0, 0);
    assert_int_equal(get_vlan(&h), 10);
    change(&h, 1, 10);
    assert_int_equal(h.rows.n_refused, 0);
    stop(&h);

    start(&h);
    change(&h, 0, 0);
    run_for(&h, 100);
    assert_true(proxy_rows_is_empty(&h.rows));
    change(&h, 2, 666);
    run_for(&h, TIMEOUT + 1000);
    assert_int_equal(get_vlan(&h), 0);
    assert_true(is_refused(&h, 2));
    change(&h, 2, 666);
    assert_int_equal(get_vlan(&h), 0);
    change(&h, 3, 10);
    assert_int_equal(get_vlan(&h), 10);
    stop(&h);
}

/* What says nothing of what the host is to do needs no confirmation. */
static void
test_quiet(void **state OVS_UNUSED)
{
    struct host h;

    start(&h);
    change(&h, 2, 10);
    assert_false(confirm_is_open(&h.confirm));
    change(&h, 3, 20);
    change(&h, 4, 10);          /* Back to what is confirmed. */
    assert_true(ovs_list_is_empty(&h.rows.open));
    stop(&h);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_change),
        cmocka_unit_test(test_bad_change),
        cmocka_unit_test(test_taken_back_by_database),
        cmocka_unit_test(test_two_bad_changes),
        cmocka_unit_test(test_change_while_away),
        cmocka_unit_test(test_database_restarted),
        cmocka_unit_test(test_bad_change_and_database_down),
        cmocka_unit_test(test_slow_switch),
        cmocka_unit_test(test_all_hosts),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_switched_off),
        cmocka_unit_test(test_absence),
        cmocka_unit_test(test_quiet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

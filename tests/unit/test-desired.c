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

/* Desired flows and groups: owners, shared items, what is dirty. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/shash.h"
#include "ovs-bridge/desired-private.h"
#include "ovs-bridge/desired.h"
#include "random.h"
#include "sset.h"
#include "util.h"

/* Emission of simple items. */

static void
emit_flow(struct desired *d, uint32_t key, uint64_t cookie, uint16_t port)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    struct ofpbuf acts;

    match_set_reg(&match, 0, key);
    ofpbuf_init(&acts, 64);
    ofpact_put_OUTPUT(&acts)->port = u16_to_ofp(port);
    desired_flow(d, 1, 10, cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
emit_bucket(struct desired *d, uint32_t key, uint16_t port)
{
    struct ofpbuf acts;

    ofpbuf_init(&acts, 64);
    ofpact_put_OUTPUT(&acts)->port = u16_to_ofp(port);
    desired_bucket(d, 7, key, &acts);
    ofpbuf_uninit(&acts);
}

static void
emit_group(struct desired *d, uint32_t key, uint16_t port)
{
    struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    struct ofpbuf acts;

    ofpbuf_init(&acts, 64);
    ofpact_put_OUTPUT(&acts)->port = u16_to_ofp(port);
    bucket->watch_port = u16_to_ofp(port);
    bucket->watch_group = OFPG_ANY;
    bucket->bucket_id = 1;
    bucket->ofpacts_len = acts.size;
    bucket->ofpacts = ofpbuf_steal_data(&acts);
    ovs_list_push_back(&buckets, &bucket->list_node);
    desired_group(d, key, OFPGT11_FF, &buckets, NULL);
    assert_true(ovs_list_is_empty(&buckets));
}

static struct desired_item *
find_flow(struct desired *d, uint32_t key)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_set_reg(&match, 0, key);
    return desired_find_flow(d, 1, 10, &match);
}

/* Checks that 'd' has exactly the wanted items in 'expected'. */
static void
assert_text(const struct desired *d, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    desired_format(d, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
}

/* Takes all dirty items, as the OpenFlow connection does, and returns how many
 * there were. */
static int
drain(struct desired *d)
{
    struct desired_item *item;
    int n = 0;

    while ((item = desired_pop_dirty(d))) {
        n++;
        desired_forget(d, item);
    }
    return n;
}

static void
test_forms(void **state OVS_UNUSED)
{
    struct desired d;

    desired_init(&d);
    desired_begin(&d, 1);
    emit_bucket(&d, 5, 50);
    emit_group(&d, 3, 30);
    emit_flow(&d, 9, 0x123, 90);
    desired_end(&d);
    assert_text(&d,
                "cookie=0x123, table=1, priority=10,reg0=0x9"
                " actions=output:90\n"
                "group_id=3,type=ff,bucket=bucket_id:1,watch_port:30,"
                "actions=output:30\n"
                "group_id=7,type=all,bucket=bucket_id:5,actions=output:50\n");
    assert_int_equal(d.n_flows, 1);
    assert_int_equal(d.n_groups, 1);
    assert_int_equal(d.n_buckets, 1);
    assert_non_null(desired_find_group(&d, 3));
    assert_null(desired_find_group(&d, 7));
    assert_non_null(desired_find_bucket(&d, 7, 5));
    assert_null(desired_find_bucket(&d, 7, 6));
    assert_non_null(strstr(find_flow(&d, 9)->where, "test-desired.c:"));
    desired_destroy(&d);
}

/* A recompilation without a change makes nothing dirty; one with a change,
 * what changed. */
static void
test_dirty(void **state OVS_UNUSED)
{
    struct desired d;

    desired_init(&d);
    for (int i = 0; i < 3; i++) {
        desired_begin(&d, 1);
        emit_flow(&d, 1, 1, 10);
        emit_flow(&d, 2, 1, 20);
        emit_bucket(&d, 1, 10);
        emit_group(&d, 3, 30);
        desired_end(&d);
        assert_int_equal(drain(&d), i ? 0 : 4);
    }

    /* Actions of one, and a cookie. */
    find_flow(&d, 1)->error = xstrdup("refused");
    desired_begin(&d, 1);
    emit_flow(&d, 1, 1, 11);
    emit_flow(&d, 2, 2, 20);
    emit_bucket(&d, 1, 10);
    emit_group(&d, 3, 30);
    desired_end(&d);
    assert_null(find_flow(&d, 1)->error);
    assert_int_equal(drain(&d), 2);

    /* A bucket of a whole group; all others go. */
    desired_begin(&d, 1);
    emit_group(&d, 3, 31);
    desired_end(&d);
    assert_int_equal(drain(&d), 4);
    assert_int_equal(hmap_count(&d.items), 1);

    desired_remove_owner(&d, 1);
    desired_remove_owner(&d, 1);
    assert_int_equal(drain(&d), 1);
    assert_int_equal(hmap_count(&d.items), 0);
    assert_int_equal(hmap_count(&d.owners), 0);
    desired_destroy(&d);
}

/* The oldest dirty item comes first; one that is dirty keeps its place. */
static void
test_order(void **state OVS_UNUSED)
{
    struct desired d;

    desired_init(&d);
    desired_begin(&d, 1);
    emit_flow(&d, 1, 1, 10);
    emit_flow(&d, 2, 1, 10);
    desired_end(&d);
    desired_begin(&d, 1);
    emit_flow(&d, 3, 1, 10);
    emit_flow(&d, 2, 1, 20);
    emit_flow(&d, 1, 1, 20);
    desired_end(&d);
    for (int i = 1; i <= 3; i++) {
        assert_ptr_equal(desired_pop_dirty(&d), find_flow(&d, i));
    }
    assert_null(desired_pop_dirty(&d));
    desired_mark_dirty(&d, find_flow(&d, 2));
    desired_mark_dirty(&d, find_flow(&d, 2));
    assert_ptr_equal(desired_pop_dirty(&d), find_flow(&d, 2));
    assert_null(desired_pop_dirty(&d));
    desired_destroy(&d);
}

/* An item stays until its last owner is gone. */
static void
test_shared(void **state OVS_UNUSED)
{
    struct desired d;

    desired_init(&d);
    for (uint64_t owner = 1; owner <= 1000; owner++) {
        desired_begin(&d, owner);
        emit_flow(&d, 1, 1, 10);
        desired_end(&d);
    }
    assert_int_equal(drain(&d), 1);
    for (uint64_t owner = 1; owner <= 1000; owner++) {
        assert_int_equal(d.n_flows, 1);
        desired_remove_owner(&d, owner);
    }
    assert_int_equal(d.n_flows, 0);
    assert_int_equal(drain(&d), 1);
    desired_destroy(&d);
}

/* Where owners disagree, the lowest cookie stands, in any order. */
static void
test_disagreement(void **state OVS_UNUSED)
{
    static const int orders[][3] = {
        { 1, 2, 3 }, { 3, 2, 1 }, { 2, 3, 1 }, { 2, 1, 3 }
    };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        struct desired d;

        desired_init(&d);
        for (size_t j = 0; j < 3; j++) {
            int id = orders[i][j];

            desired_begin(&d, id);
            emit_flow(&d, 1, id, id);
            desired_end(&d);
        }
        assert_int_equal(find_flow(&d, 1)->cookie, 1);
        drain(&d);

        /* One that does not stand goes: no change. */
        desired_remove_owner(&d, 2);
        assert_int_equal(drain(&d), 0);

        /* The one that stands goes: the next one stands. */
        desired_remove_owner(&d, 1);
        assert_int_equal(find_flow(&d, 1)->cookie, 3);
        assert_int_equal(drain(&d), 1);

        /* It comes back. */
        desired_begin(&d, 1);
        emit_flow(&d, 1, 1, 1);
        desired_end(&d);
        assert_int_equal(find_flow(&d, 1)->cookie, 1);
        assert_int_equal(drain(&d), 1);
        desired_destroy(&d);
    }
}

/* With the same cookie, what was emitted last stands. */
static void
test_newest(void **state OVS_UNUSED)
{
    struct desired d;

    desired_init(&d);
    for (int port = 1; port <= 2; port++) {
        desired_begin(&d, port);
        emit_bucket(&d, 1, port);
        desired_end(&d);
    }
    assert_text(&d, "group_id=7,type=all,bucket=bucket_id:1,"
                    "actions=output:2\n");
    desired_begin(&d, 1);
    emit_bucket(&d, 1, 1);
    desired_end(&d);
    assert_text(&d, "group_id=7,type=all,bucket=bucket_id:1,"
                    "actions=output:1\n");
    desired_remove_owner(&d, 1);
    assert_text(&d, "group_id=7,type=all,bucket=bucket_id:1,"
                    "actions=output:2\n");
    desired_destroy(&d);
}

/* An item that is wanted again before the switch has lost it. */
static void
test_forget(void **state OVS_UNUSED)
{
    struct desired_item *item;
    struct desired d;

    desired_init(&d);
    desired_begin(&d, 1);
    emit_flow(&d, 1, 1, 10);
    desired_end(&d);
    drain(&d);

    desired_remove_owner(&d, 1);
    item = desired_pop_dirty(&d);
    assert_false(item->wanted);

    desired_begin(&d, 2);
    emit_flow(&d, 1, 1, 10);
    desired_end(&d);
    assert_true(item->wanted);
    desired_forget(&d, item);
    assert_ptr_equal(find_flow(&d, 1), item);
    assert_ptr_equal(desired_pop_dirty(&d), item);

    desired_remove_owner(&d, 2);
    assert_ptr_equal(desired_pop_dirty(&d), item);
    desired_forget(&d, item);
    assert_null(find_flow(&d, 1));
    desired_destroy(&d);
}

static void
test_cookie(void **state OVS_UNUSED)
{
    const struct desired_item *item = NULL;
    struct desired d;
    int n = 0;

    desired_init(&d);
    desired_begin(&d, 1);
    for (int i = 0; i < 30; i++) {
        emit_flow(&d, i, i % 3, 10);
    }
    desired_end(&d);
    while ((item = desired_find_cookie(&d, 2, item))) {
        assert_int_equal(item->cookie, 2);
        n++;
    }
    assert_int_equal(n, 10);
    assert_null(desired_find_cookie(&d, 3, NULL));
    desired_remove_owner(&d, 1);
    assert_null(desired_find_cookie(&d, 2, NULL));
    desired_destroy(&d);
}

static void
test_owner_error(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct desired d;

    desired_init(&d);
    for (int i = 1; i <= 2; i++) {
        desired_begin(&d, i);
        emit_flow(&d, 0, 1, 10);
        emit_flow(&d, i, 1, 10);
        desired_end(&d);
    }
    assert_false(desired_owner_error(&d, 1, &s));
    assert_false(desired_owner_error(&d, 3, &s));
    assert_string_equal(ds_cstr(&s), "");

    /* A shared item is the error of all its owners. */
    find_flow(&d, 0)->error = xstrdup("shared");
    find_flow(&d, 2)->error = xstrdup("own");
    assert_true(desired_owner_error(&d, 1, &s));
    assert_string_equal(ds_cstr(&s), "shared");
    ds_clear(&s);
    assert_true(desired_owner_error(&d, 2, &s));
    assert_string_equal(ds_cstr(&s), "shared; own");
    ds_destroy(&s);
    desired_destroy(&d);
}

/* Actions are equal if they are on the wire, whatever is in the padding. */
static void
test_ofpacts_equal(void **state OVS_UNUSED)
{
    uint32_t value = 1;
    struct ofpbuf a, b;

    ofpbuf_init(&a, 64);
    ofpbuf_init(&b, 64);
    ofpact_put_set_field(&a, mf_from_id(MFF_REG0), &value, NULL);
    ofpact_put_set_field(&b, mf_from_id(MFF_REG0), &value, NULL);
    memset((char *) ((struct ofpact_set_field *) a.data)->value + 4, 1, 4);
    memset((char *) ((struct ofpact_set_field *) b.data)->value + 4, 2, 4);
    assert_false(ofpacts_equal(a.data, a.size, b.data, b.size));
    assert_true(desired_ofpacts_equal(a.data, a.size, b.data, b.size));

    ofpbuf_clear(&b);
    value = 2;
    ofpact_put_set_field(&b, mf_from_id(MFF_REG0), &value, NULL);
    assert_false(desired_ofpacts_equal(a.data, a.size, b.data, b.size));
    assert_false(desired_ofpacts_equal(a.data, a.size, NULL, 0));
    assert_true(desired_ofpacts_equal(NULL, 0, NULL, 0));
    ofpbuf_uninit(&a);
    ofpbuf_uninit(&b);
}

/* Random operations. */

#define N_OWNERS 6
#define N_KEYS 8
#define N_COOKIES 3

/* What an owner has emitted: for each key of each kind, with which content
 * (0: not). */
struct model {
    int flows[N_OWNERS][N_KEYS];    /* Content is the cookie. */
    bool buckets[N_OWNERS][N_KEYS];
    bool groups[N_OWNERS][N_KEYS];
};

static void
emit_model(struct desired *d, const struct model *m, int owner)
{
    desired_begin(d, owner);
    for (int key = 0; key < N_KEYS; key++) {
        if (m->flows[owner][key]) {
            emit_flow(d, key, m->flows[owner][key],
                      100 * m->flows[owner][key] + key);
        }
        if (m->buckets[owner][key]) {
            emit_bucket(d, key, key + 1);
        }
        if (m->groups[owner][key]) {
            emit_group(d, key, key + 1);
        }
    }
    desired_end(d);
}

/* Checks that 'd' is what a fresh emission of 'm', the owners in some other
 * order, gives. */
static void
check_against_fresh(const struct desired *d, const struct model *m)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct desired fresh;
    int start = random_range(N_OWNERS);
    size_t n_wanted = 0;
    const struct desired_item *item;

    desired_init(&fresh);
    for (int i = 0; i < N_OWNERS; i++) {
        emit_model(&fresh, m, (start + i) % N_OWNERS);
    }
    desired_format(&fresh, &s);
    assert_text(d, ds_cstr(&s));
    ds_destroy(&s);

    assert_int_equal(d->n_flows, fresh.n_flows);
    assert_int_equal(d->n_groups, fresh.n_groups);
    assert_int_equal(d->n_buckets, fresh.n_buckets);
    assert_int_equal(hmap_count(&d->owners), hmap_count(&fresh.owners));
    HMAP_FOR_EACH (item, node, &d->items) {
        n_wanted += item->wanted;
        if (!item->wanted) {
            assert_true(ovs_list_is_empty(&item->variants));
        }
    }
    assert_int_equal(n_wanted, d->n_flows + d->n_groups + d->n_buckets);
    desired_destroy(&fresh);
}

/* Checks that each variant of 'd' has as many claims as the model has owners
 * that emit it. */
static void
check_claims(const struct desired *d, const struct model *m)
{
    const struct desired_item *item;

    HMAP_FOR_EACH (item, node, &d->items) {
        const struct desired_variant *variant;

        LIST_FOR_EACH (variant, node, &item->variants) {
            size_t n = 0;

            for (int i = 0; i < N_OWNERS; i++) {
                if (item->kind == DK_BUCKET) {
                    n += m->buckets[i][item->bucket_id];
                } else if (item->kind == DK_GROUP) {
                    n += m->groups[i][item->group_id];
                } else {
                    struct match match;

                    minimatch_expand(&item->match, &match);
                    n += m->flows[i][match.flow.regs[0]] == variant->cookie;
                }
            }
            assert_int_equal(ovs_list_size(&variant->claims), n);
        }
    }
}

/* Does to 'bridge', the texts of what a switch has, what the dirty items of
 * 'd' ask for. */
static void
apply(struct desired *d, struct shash *bridge)
{
    struct desired_item *item;

    while ((item = desired_pop_dirty(d))) {
        struct ds key = DS_EMPTY_INITIALIZER;
        struct ds text = DS_EMPTY_INITIALIZER;

        ds_put_format(&key, "%d,%"PRIu32",%"PRIu32",", item->kind,
                      item->group_id, item->bucket_id);
        if (item->kind == DK_FLOW) {
            minimatch_format(&item->match, NULL, NULL, &key, item->priority);
        }
        free(shash_find_and_delete(bridge, ds_cstr(&key)));
        if (item->wanted) {
            desired_item_format(item, &text);
            shash_add(bridge, ds_cstr(&key), ds_steal_cstr(&text));
        }
        desired_forget(d, item);
        ds_destroy(&key);
        ds_destroy(&text);
    }
}

static void
check_bridge(const struct desired *d, const struct shash *bridge)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct sset lines;
    const struct shash_node *node;

    desired_format(d, &s);
    sset_from_delimited_string(&lines, ds_cstr(&s), "\n");
    assert_int_equal(sset_count(&lines), shash_count(bridge));
    SHASH_FOR_EACH (node, bridge) {
        assert_true(sset_contains(&lines, node->data));
    }
    sset_destroy(&lines);
    ds_destroy(&s);
}

static void
change_model(struct model *m, int owner)
{
    for (int n = random_range(6); n > 0; n--) {
        int key = random_range(N_KEYS);

        switch (random_range(3)) {
        case 0:
            m->flows[owner][key] = random_range(N_COOKIES + 1);
            break;
        case 1:
            m->buckets[owner][key] = !m->buckets[owner][key];
            break;
        case 2:
            m->groups[owner][key] = !m->groups[owner][key];
            break;
        }
    }
}

static void
test_random(void **state OVS_UNUSED)
{
    for (int seed = 1; seed <= 20; seed++) {
        struct shash bridge = SHASH_INITIALIZER(&bridge);
        struct model m;
        struct desired d;

        random_set_seed(seed);
        memset(&m, 0, sizeof m);
        desired_init(&d);
        for (int step = 0; step < 100; step++) {
            int owner = random_range(N_OWNERS);

            if (random_range(8)) {
                change_model(&m, owner);
                emit_model(&d, &m, owner);
            } else {
                memset(m.flows[owner], 0, sizeof m.flows[owner]);
                memset(m.buckets[owner], 0, sizeof m.buckets[owner]);
                memset(m.groups[owner], 0, sizeof m.groups[owner]);
                desired_remove_owner(&d, owner);
            }
            check_against_fresh(&d, &m);
            check_claims(&d, &m);
            if (!random_range(4)) {
                apply(&d, &bridge);
                check_bridge(&d, &bridge);
            }
        }

        apply(&d, &bridge);
        check_bridge(&d, &bridge);
        for (int owner = 0; owner < N_OWNERS; owner++) {
            emit_model(&d, &m, owner);
        }
        assert_null(desired_pop_dirty(&d));
        shash_destroy_free_data(&bridge);
        desired_destroy(&d);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_dirty),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_disagreement),
        cmocka_unit_test(test_newest),
        cmocka_unit_test(test_forget),
        cmocka_unit_test(test_cookie),
        cmocka_unit_test(test_owner_error),
        cmocka_unit_test(test_ofpacts_equal),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests_name("desired", tests, NULL, NULL);
}

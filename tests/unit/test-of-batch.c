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

/* Unit test of ovs-bridge/of-batch.c and ovs-bridge/installed.c: random
 * desired contents, turned into messages, decoded again and carried out on a
 * model of a switch that is as strict as ovs-vswitchd about order.  After
 * each batch the model has exactly what is desired, 'installed' says so, and
 * what is foreign is untouched. */

#include <config.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/shash.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/of-batch.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "random.h"
#include "util.h"

#define N_FLOWS 20
#define N_GROUPS 6
#define N_BUCKETS 8
#define N_METERS 6
#define N_ROUNDS 400

/* What the agent brings in step. */
struct fixture {
    struct desired desired;
    struct installed installed;
    struct shash flows;         /* The switch: match text -> content. */
    struct shash groups;        /* The switch: id -> struct shash of buckets,
                                 * or one bucket "whole". */
    struct shash meters;        /* The switch: id -> what it lets pass. */
};

static struct ofpbuf *
random_actions(void)
{
    struct ofpbuf *ofpacts = ofpbuf_new(64);

    ofpact_put_OUTPUT(ofpacts)->port = u16_to_ofp(1 + random_range(3));
    return ofpacts;
}

static void
emit_flow(struct desired *desired, int i)
{
    struct ofpbuf *ofpacts = random_actions();
    struct match match;

    match_init_catchall(&match);
    match_set_reg(&match, 1, i);
    desired_flow(desired, i % 3, 10 + i % 2,
                 DESIRED_COOKIE(DC_PORT, random_range(2)), &match, ofpacts);
    ofpbuf_delete(ofpacts);
}

static void
emit_whole_group(struct desired *desired, int i)
{
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    struct ofputil_group_props props = { .selection_method = "" };

    for (int j = random_range(3); j >= 0; j--) {
        struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);
        struct ofpbuf *ofpacts = random_actions();

        bucket->bucket_id = j;
        bucket->watch_port = u16_to_ofp(j + 1);
        bucket->watch_group = OFPG_ANY;
        bucket->ofpacts_len = ofpacts->size;
        bucket->ofpacts = ofpbuf_steal_data(ofpacts);
        ofpbuf_delete(ofpacts);
        ovs_list_push_back(&buckets, &bucket->list_node);
    }
    desired_group(desired, PG_TEAM << 28 | i, OFPGT11_FF, &buckets, &props);
}

static void
emit_randomly(struct desired *desired)
{
    desired_begin(desired, DESIRED_COOKIE(DC_SWITCH, 0));
    for (int i = 0; i < N_FLOWS; i++) {
        if (random_range(2)) {
            emit_flow(desired, i);
        }
    }
    for (int i = 0; i < N_METERS; i++) {
        if (random_range(2)) {
            desired_meter(desired, PM_TELL << 28 | i,
                          (&(struct desired_meter) {
                .packets = random_range(2),
                .rate = 1 + random_range(2),
                .burst = 10 }));
        }
    }
    for (int i = 0; i < N_GROUPS; i++) {
        if (random_range(2)) {
            emit_whole_group(desired, i);
        }
        for (int j = 0; j < N_BUCKETS && random_range(4); j++) {
            struct ofpbuf *ofpacts = random_actions();

            desired_bucket(desired, PG_SUB << 28 | i, random_range(N_BUCKETS),
                           ofpacts);
            ofpbuf_delete(ofpacts);
        }
    }
    desired_end(desired);
}

/* The model of a switch. */

static char *
actions_text(const struct ofpact *ofpacts, size_t len)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct ofpact_format_params fp = { .s = &s };

    ofpacts_format(ofpacts, len, &fp);
    return ds_steal_cstr(&s);
}

static void
switch_flow_mod(struct fixture *f, const struct ofp_header *oh)
{
    struct ofputil_flow_mod fm;
    struct ofpbuf ofpacts;
    char *match, *key;

    ofpbuf_init(&ofpacts, 0);
    assert_int_equal(ofputil_decode_flow_mod(&fm, oh, OFPUTIL_P_OF15_OXM,
                                             NULL, NULL, &ofpacts,
                                             OFPP_MAX, 255), 0);
    match = minimatch_to_string(&fm.match, NULL, fm.priority);
    key = xasprintf("%d %s", fm.table_id, match);
    if (fm.command == OFPFC_DELETE_STRICT) {
        free(shash_find_and_delete_assert(&f->flows, key));
    } else {
        char *text = actions_text(fm.ofpacts, fm.ofpacts_len);
        char *old = shash_find_data(&f->flows, key);
        uint64_t cookie = ntohll(fm.new_cookie);

        /* A modification must find its flow; it does not touch the cookie. */
        if (fm.command == OFPFC_MODIFY_STRICT) {
            assert_non_null(old);
            cookie = strtoull(old, NULL, 16);
        }
        free(shash_replace(&f->flows, key,
                           xasprintf("%"PRIx64" %s", cookie, text)));
        free(text);
    }
    free(key);
    free(match);
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
}

static void
add_buckets(struct shash *group, const struct ofputil_group_mod *gm)
{
    const struct ofputil_bucket *bucket;

    LIST_FOR_EACH (bucket, list_node, &gm->buckets) {
        char *key = xasprintf("%"PRIu32, bucket->bucket_id);

        /* As OFPGMFC_BUCKET_EXISTS. */
        assert_null(shash_find(group, key));
        shash_add(group, key, actions_text(bucket->ofpacts,
                                           bucket->ofpacts_len));
        free(key);
    }
}

static void
switch_group_mod(struct fixture *f, const struct ofp_header *oh)
{
    struct ofputil_group_mod gm;
    struct shash *group;
    char *id, *key;

    assert_int_equal(ofputil_decode_group_mod(oh, &gm), 0);
    id = xasprintf("%"PRIx32, gm.group_id);
    group = shash_find_data(&f->groups, id);
    switch (gm.command) {
    case OFPGC15_ADD_OR_MOD:
        if (group) {
            shash_clear_free_data(group);
        } else {
            group = xmalloc(sizeof *group);
            shash_init(group);
            shash_add(&f->groups, id, group);
        }
        add_buckets(group, &gm);
        break;

    case OFPGC15_INSERT_BUCKET:
        assert_non_null(group);
        add_buckets(group, &gm);
        break;

    case OFPGC15_REMOVE_BUCKET:
        assert_non_null(group);
        key = xasprintf("%"PRIu32, gm.command_bucket_id);
        free(shash_find_and_delete_assert(group, key));
        free(key);
        break;

    case OFPGC15_DELETE:
        assert_non_null(group);
        shash_find_and_delete_assert(&f->groups, id);
        shash_destroy_free_data(group);
        free(group);
        break;

    default:
        fail_msg("unexpected group command %d", gm.command);
    }
    free(id);
    ofputil_uninit_group_mod(&gm);
}

static char *
meter_text(bool packets, uint32_t rate, uint32_t burst)
{
    return xasprintf("%d %"PRIu32" %"PRIu32, packets, rate, burst);
}

static void
switch_meter_mod(struct fixture *f, const struct ofp_header *oh)
{
    struct ofputil_meter_mod mm;
    struct ofpbuf bands;
    char *id;

    ofpbuf_init(&bands, 0);
    assert_int_equal(ofputil_decode_meter_mod(oh, &mm, &bands), 0);
    id = xasprintf("%"PRIx32, mm.meter.meter_id);
    if (mm.command == OFPMC13_DELETE) {
        free(shash_find_and_delete_assert(&f->meters, id));
    } else {
        /* As OFPMMFC_METER_EXISTS and OFPMMFC_UNKNOWN_METER. */
        assert_int_equal(!shash_find(&f->meters, id),
                         mm.command == OFPMC13_ADD);
        assert_int_equal(mm.meter.n_bands, 1);
        free(shash_replace(&f->meters, id,
                           meter_text(mm.meter.flags & OFPMF13_PKTPS,
                                      mm.meter.bands[0].rate,
                                      mm.meter.bands[0].burst_size)));
    }
    free(id);
    ofpbuf_uninit(&bands);
}

static void
check_messages(struct fixture *f, const struct of_batch *batch,
               const struct ovs_list *messages, bool singly)
{
    const struct of_message *m;

    LIST_FOR_EACH (m, node, messages) {
        const struct ofp_header *oh = m->msg->data;
        enum ofptype type;

        assert_int_equal(ofptype_decode(&type, oh), 0);
        assert_ptr_equal(of_batch_find(batch, oh->xid), m);
        assert_int_equal(type == OFPTYPE_METER_MOD,
                         messages != &batch->messages);
        assert_true(!singly || m->n_changes <= 1
                    || ((struct of_change *) m->changes[0])->remove);
        if (type == OFPTYPE_FLOW_MOD) {
            switch_flow_mod(f, oh);
        } else if (type == OFPTYPE_METER_MOD) {
            switch_meter_mod(f, oh);
        } else {
            switch_group_mod(f, oh);
        }
    }
}

/* The agent's side, as of-conn.c does it. */
static size_t
bring_in_step(struct fixture *f, bool singly)
{
    struct of_batch batch;
    struct of_change *c;
    size_t n;

    of_batch_init(&batch);
    of_batch_fill(&batch, &f->desired, &f->installed, false);
    of_batch_encode(&batch, &f->installed, singly);
    check_messages(f, &batch, &batch.meters, singly);
    check_messages(f, &batch, &batch.messages, singly);
    check_messages(f, &batch, &batch.old_meters, singly);
    LIST_FOR_EACH (c, node, &batch.changes) {
        if (c->remove) {
            installed_remove(&f->installed, c->item);
            desired_forget(&f->desired, c->want);
        } else {
            installed_put(&f->installed, c->item);
            c->item = NULL;
        }
    }
    n = batch.n_changes;
    of_batch_clear(&batch);
    hmap_destroy(&batch.by_xid);
    return n;
}

static void
check_switch(const struct fixture *f)
{
    size_t n_flows = 0, n_groups = 0, n_buckets = 0, n_meters = 0;
    const struct desired_item *want;
    struct shash_node *node;

    HMAP_FOR_EACH (want, node, &f->desired.items) {
        const struct installed_item *have;

        assert_true(want->wanted);
        have = installed_find(&f->installed, want);
        assert_non_null(have);
        assert_true(installed_equals_desired(have, want));
        if (want->kind == DK_FLOW) {
            char *match = minimatch_to_string(&want->match, NULL,
                                              want->priority);
            char *key = xasprintf("%d %s", want->table, match);
            char *text = actions_text(want->ofpacts, want->ofpacts_len);
            char *content = xasprintf("%"PRIx64" %s", want->cookie, text);

            assert_non_null(shash_find(&f->flows, key));
            assert_string_equal(shash_find_data(&f->flows, key), content);
            free(content);
            free(text);
            free(key);
            free(match);
            n_flows++;
        } else if (want->kind == DK_BUCKET) {
            char *id = xasprintf("%"PRIx32, want->group_id);
            char *key = xasprintf("%"PRIu32, want->bucket_id);
            char *text = actions_text(want->ofpacts, want->ofpacts_len);
            const struct shash *group = shash_find_data(&f->groups, id);

            assert_non_null(group);
            assert_string_equal(shash_find_data(group, key), text);
            free(text);
            free(key);
            free(id);
            n_buckets++;
        } else if (want->kind == DK_METER) {
            char *id = xasprintf("%"PRIx32, want->group_id);
            char *text = meter_text(want->meter.packets, want->meter.rate,
                                    want->meter.burst);

            assert_non_null(shash_find(&f->meters, id));
            assert_string_equal(shash_find_data(&f->meters, id), text);
            free(text);
            free(id);
            n_meters++;
        } else {
            char *id = xasprintf("%"PRIx32, want->group_id);
            const struct shash *group = shash_find_data(&f->groups, id);

            assert_non_null(group);
            assert_int_equal(shash_count(group),
                             ovs_list_size(&want->buckets));
            free(id);
            n_groups++;
        }
    }

    /* Nothing is there that is not desired. */
    assert_int_equal(hmap_count(&f->installed.items),
                     n_flows + n_groups + n_buckets + n_meters);
    assert_int_equal(shash_count(&f->meters), n_meters);
    assert_int_equal(shash_count(&f->flows), n_flows);
    assert_int_equal(shash_count(&f->groups),
                     n_groups + hmap_count(&f->installed.groups));
    SHASH_FOR_EACH (node, &f->groups) {
        assert_true(shash_count((struct shash *) node->data) > 0);
    }
}

static void
run_rounds(bool singly)
{
    struct fixture f;
    struct shash_node *node;

    desired_init(&f.desired);
    installed_init(&f.installed);
    shash_init(&f.flows);
    shash_init(&f.groups);
    shash_init(&f.meters);

    random_set_seed(20260 + singly);
    for (int i = 0; i < N_ROUNDS; i++) {
        if (i % 50 == 49) {
            desired_remove_owner(&f.desired, DESIRED_COOKIE(DC_SWITCH, 0));
        } else {
            emit_randomly(&f.desired);
        }
        bring_in_step(&f, singly);
        check_switch(&f);
        assert_int_equal(bring_in_step(&f, singly), 0);
    }

    SHASH_FOR_EACH (node, &f.groups) {
        shash_destroy_free_data(node->data);
    }
    shash_destroy_free_data(&f.groups);
    shash_destroy_free_data(&f.flows);
    shash_destroy_free_data(&f.meters);
    installed_destroy(&f.installed);
    desired_destroy(&f.desired);
}

static void
test_rounds(void **state OVS_UNUSED)
{
    run_rounds(false);
}

static void
test_rounds_singly(void **state OVS_UNUSED)
{
    run_rounds(true);
}

/* What a former run left enters, unseen; what is foreign never does. */
static void
test_strays(void **state OVS_UNUSED)
{
    struct ofputil_flow_stats fs = { .priority = 1 };
    struct ofputil_group_desc gd = { .type = OFPGT11_ALL };
    struct ofputil_meter_config mc = { .meter_id = 77 };
    const struct installed_item *item;
    struct installed inst;

    installed_init(&inst);
    match_init_catchall(&fs.match);
    ovs_list_init(&gd.buckets);

    fs.cookie = htonll(0x1234);
    installed_read_flow(&inst, &fs);
    gd.group_id = 77;
    installed_read_group(&inst, &gd);
    installed_read_meter(&inst, &mc);
    assert_int_equal(hmap_count(&inst.items), 0);

    fs.cookie = htonll(DESIRED_COOKIE(DC_PORT, 7));
    installed_read_flow(&inst, &fs);
    assert_int_equal(hmap_count(&inst.items), 1);
    HMAP_FOR_EACH (item, node, &inst.items) {
        assert_int_equal(item->kind, DK_FLOW);
        assert_false(item->seen);
    }
    installed_destroy(&inst);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_rounds_singly),
        cmocka_unit_test(test_strays),
    };

    return cmocka_run_group_tests_name("of-batch", tests, NULL, NULL);
}

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

/* Changes of flows, groups and meters as OpenFlow messages.  See of-batch.h.
 *
 * PURE: encodes, sends nothing. */

#include <config.h>
#include "ovs-bridge/of-batch.h"
#include "byte-order.h"
#include "hash.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/of-count.h"
#include "util.h"

/* A message holds 64 kB; a bucket with a handful of actions takes less than
 * 120 bytes. */
#define MAX_BUCKETS_PER_MESSAGE 400

/* Bundle ids need only differ from one under way. */
#define BUNDLE_ID 1

/* What happens to the buckets of one group of type "all". */
struct tally {
    struct hmap_node node;      /* In a map by 'group_id'. */
    uint32_t group_id;
    struct of_change **inserts; /* Buckets to insert or replace. */
    size_t n_inserts, allocated_inserts;
    struct of_change **removes; /* Buckets to remove. */
    size_t n_removes, allocated_removes;
    size_t n_new;               /* Of 'inserts', how many are new. */
};

/* Initializes 'batch' as empty. */
void
of_batch_init(struct of_batch *batch)
{
    ovs_list_init(&batch->changes);
    ovs_list_init(&batch->meters);
    ovs_list_init(&batch->messages);
    ovs_list_init(&batch->old_meters);
    hmap_init(&batch->by_xid);
    batch->n_changes = batch->n_flow_mods = batch->n_group_mods = 0;
    batch->n_meter_mods = 0;
}

static void
messages_clear(struct ovs_list *messages)
{
    struct of_message *m;

    LIST_FOR_EACH_POP (m, node, messages) {
        ofpbuf_delete(m->msg);
        free(m->changes);
        free(m);
    }
}

/* Frees everything in 'batch' and makes it empty. */
void
of_batch_clear(struct of_batch *batch)
{
    struct of_change *c;

    messages_clear(&batch->meters);
    messages_clear(&batch->messages);
    messages_clear(&batch->old_meters);
    LIST_FOR_EACH_POP (c, node, &batch->changes) {
        installed_item_destroy(c->item);
        free(c->error);
        free(c);
    }
    hmap_destroy(&batch->by_xid);
    of_batch_init(batch);
}

/* Adds a change to 'batch': the bridge, which has 'have' (NULL: nothing)
 * under the key of 'item', must have 'item', or lose it if 'remove'.  Takes
 * 'item'.  'want' is what asks for it, or NULL. */
struct of_change *
of_batch_add(struct of_batch *batch, struct installed_item *item,
             struct desired_item *want, const struct installed_item *have,
             bool remove)
{
    struct of_change *c = xzalloc(sizeof *c);

    c->item = item;
    c->want = want;
    c->remove = remove;
    c->exists = have != NULL;
    c->new_cookie = have && have->cookie != item->cookie;
    c->old_cookie = have ? have->cookie : 0;
    ovs_list_push_back(&batch->changes, &c->node);
    batch->n_changes++;
    return c;
}

/* Returns true if 'batch' adds a meter that flow 'item' uses. */
static bool
uses_new_meter(const struct of_batch *batch, const struct installed_item *item)
{
    const struct ofpact *a;

    OFPACT_FOR_EACH_FLATTENED (a, item->ofpacts, item->ofpacts_len) {
        uint32_t meter_id = installed_meter_of(a);
        const struct of_change *c;

        if (!meter_id) {
            continue;
        }
        LIST_FOR_EACH (c, node, &batch->changes) {
            if (c->item->kind == DK_METER && !c->remove && !c->exists
                && c->item->group_id == meter_id) {
                return true;
            }
        }
    }
    return false;
}

/* Somebody may have deleted meters: a flow whose meter comes back must be sent
 * again, for it may have survived (if it is just for packets to the agent),
 * and Open vSwitch then has it use the datapath's meter of that time. */
static void
add_users_of_new_meters(struct of_batch *batch, const struct desired *desired,
                        const struct installed *inst)
{
    struct desired_item *want;
    const struct of_change *c;
    bool any = false;

    LIST_FOR_EACH (c, node, &batch->changes) {
        any = any || (c->item->kind == DK_METER && !c->remove && !c->exists);
    }
    if (!any) {
        return;
    }
    HMAP_FOR_EACH (want, node, &desired->items) {
        struct installed_item *have
            = (want->kind == DK_FLOW && want->wanted
               ? installed_find(inst, want) : NULL);

        if (have && installed_equals_desired(have, want)
            && uses_new_meter(batch, have)) {
            of_batch_add(batch, installed_item_from_desired(want), want, have,
                         false);
        }
    }
}

/* Takes all dirty items of 'desired' that differ from 'inst' into 'batch',
 * with their errors cleared.  If 'inst' was just 'read_back', also strays. */
void
of_batch_fill(struct of_batch *batch, struct desired *desired,
              const struct installed *inst, bool read_back)
{
    struct installed_item *item;
    struct desired_item *want;

    while ((want = desired_pop_dirty(desired))) {
        struct installed_item *have = installed_find(inst, want);

        free(want->error);
        want->error = NULL;
        if (!installed_equals_desired(have, want)) {
            of_batch_add(batch, installed_item_from_desired(want), want, have,
                         !want->wanted);
        } else if (!want->wanted) {
            desired_forget(desired, want);
        }
    }
    if (!read_back) {
        return;
    }

    add_users_of_new_meters(batch, desired, inst);
    HMAP_FOR_EACH (item, node, &inst->items) {
        if (!item->seen) {
            item->seen = true;
            of_batch_add(batch, installed_item_clone_key(item), NULL, item,
                         true);
        }
    }
}

static struct of_message *
put_message_on(struct of_batch *batch, struct ovs_list *messages,
               struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    struct of_message *m = xzalloc(sizeof *m);

    m->msg = msg;
    m->xid = oh->xid;
    m->order = hmap_count(&batch->by_xid);
    ovs_list_push_back(messages, &m->node);
    hmap_insert(&batch->by_xid, &m->xid_node,
                hash_int((OVS_FORCE uint32_t) oh->xid, 0));
    return m;
}

static struct of_message *
put_message(struct of_batch *batch, struct ofpbuf *msg)
{
    return put_message_on(batch, &batch->messages, msg);
}

static void
message_carries(struct of_message *m, struct of_change *c)
{
    if (m->n_changes >= m->allocated_changes) {
        m->changes = x2nrealloc(m->changes, &m->allocated_changes,
                                sizeof *m->changes);
    }
    m->changes[m->n_changes++] = c;
}

/* Returns the message of 'batch' with the given 'xid', or NULL. */
struct of_message *
of_batch_find(const struct of_batch *batch, ovs_be32 xid)
{
    uint32_t hash = hash_int((OVS_FORCE uint32_t) xid, 0);
    struct of_message *m;

    HMAP_FOR_EACH_WITH_HASH (m, xid_node, hash, &batch->by_xid) {
        if (m->xid == xid) {
            return m;
        }
    }
    return NULL;
}

static void
put_flow_mod(struct of_batch *batch, struct of_change *c)
{
    const struct installed_item *item = c->item;
    struct ofputil_flow_mod fm = {
        .priority = item->priority,
        .table_id = item->table,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .new_cookie = htonll(item->cookie),
    };

    /* A modification keeps the flow's counters but not a new cookie. */
    fm.command = (c->remove ? OFPFC_DELETE_STRICT
                  : c->exists && !c->new_cookie ? OFPFC_MODIFY_STRICT
                  : OFPFC_ADD);
    minimatch_clone(&fm.match, &item->match);
    if (!c->remove && of_change_ends_counter(c)) {
        /* Another port's counter begins. */
        fm.command = OFPFC_DELETE_STRICT;
        message_carries(put_message(batch, ofputil_encode_flow_mod(
                                        &fm, OFPUTIL_P_OF15_OXM)), c);
        fm.command = OFPFC_ADD;
        batch->n_flow_mods++;
    }
    if (!c->remove) {
        fm.ofpacts = item->ofpacts;
        fm.ofpacts_len = item->ofpacts_len;
    }
    message_carries(put_message(batch, ofputil_encode_flow_mod(
                                    &fm, OFPUTIL_P_OF15_OXM)), c);
    minimatch_destroy(&fm.match);
    batch->n_flow_mods++;
}

static void
put_meter_mod(struct of_batch *batch, struct of_change *c)
{
    const struct desired_meter *meter = &c->item->meter;
    struct ofputil_meter_band band = {
        .type = OFPMBT13_DROP,
        .rate = meter->rate,
        .burst_size = meter->burst,
    };
    struct ofputil_meter_mod mm = {
        .command = (c->remove ? OFPMC13_DELETE
                    : c->exists ? OFPMC13_MODIFY : OFPMC13_ADD),
        .meter = {
            .meter_id = c->item->group_id,
            .flags = (OFPMF13_BURST | OFPMF13_STATS
                      | (meter->packets ? OFPMF13_PKTPS : OFPMF13_KBPS)),
            .n_bands = c->remove ? 0 : 1,
            .bands = &band,
        },
    };

    message_carries(put_message_on(batch, (c->remove ? &batch->old_meters
                                           : &batch->meters),
                                   ofputil_encode_meter_mod(OFP15_VERSION,
                                                            &mm)), c);
    batch->n_meter_mods++;
}

static struct of_message *
put_group_mod(struct of_batch *batch, const struct ofputil_group_mod *gm)
{
    batch->n_group_mods++;
    return put_message(batch, ofputil_encode_group_mod(OFP15_VERSION, gm,
                                                       NULL, -1));
}

static void
init_group_mod(struct ofputil_group_mod *gm, uint16_t command,
               uint32_t group_id)
{
    memset(gm, 0, sizeof *gm);
    gm->command = command;
    gm->type = OFPGT11_ALL;
    gm->group_id = group_id;
    gm->command_bucket_id = OFPG15_BUCKET_ALL;
    ovs_list_init(&gm->buckets);
}

static void
put_whole_group(struct of_batch *batch, struct of_change *c)
{
    struct ofputil_group_mod gm;

    init_group_mod(&gm, c->remove ? OFPGC15_DELETE : OFPGC15_ADD_OR_MOD,
                   c->item->group_id);
    gm.type = c->item->type;
    if (!c->remove) {
        ofputil_bucket_clone_list(&gm.buckets, &c->item->buckets, NULL);
        ofputil_group_properties_copy(&gm.props, &c->item->props);
    }
    message_carries(put_group_mod(batch, &gm), c);
    ofputil_bucket_list_destroy(&gm.buckets);
    ofputil_group_properties_destroy(&gm.props);
}

static void
put_remove_bucket(struct of_batch *batch, struct of_change *c)
{
    struct ofputil_group_mod gm;

    init_group_mod(&gm, OFPGC15_REMOVE_BUCKET, c->item->group_id);
    gm.command_bucket_id = c->item->bucket_id;
    message_carries(put_group_mod(batch, &gm), c);
}

/* Inserts the buckets of 't', creating the group if 'exists' is false. */
static void
put_insert_buckets(struct of_batch *batch, const struct tally *t,
                   bool exists, bool singly)
{
    size_t max = singly ? 1 : MAX_BUCKETS_PER_MESSAGE;

    for (size_t i = 0; i < t->n_inserts; i++) {
        if (t->inserts[i]->exists) {
            put_remove_bucket(batch, t->inserts[i]);
        }
    }
    for (size_t i = 0; i < t->n_inserts; i += max) {
        size_t n = MIN(max, t->n_inserts - i);
        struct ofputil_group_mod gm;
        struct of_message *m;

        init_group_mod(&gm, exists ? OFPGC15_INSERT_BUCKET
                                   : OFPGC15_ADD_OR_MOD, t->group_id);
        if (exists) {
            gm.command_bucket_id = OFPG15_BUCKET_LAST;
        }
        for (size_t j = i; j < i + n; j++) {
            const struct installed_item *item = t->inserts[j]->item;
            struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);

            bucket->bucket_id = item->bucket_id;
            bucket->watch_port = OFPP_ANY;
            bucket->watch_group = OFPG_ANY;
            bucket->ofpacts = xmemdup(item->ofpacts, item->ofpacts_len);
            bucket->ofpacts_len = item->ofpacts_len;
            ovs_list_push_back(&gm.buckets, &bucket->list_node);
        }
        m = put_group_mod(batch, &gm);
        for (size_t j = i; j < i + n; j++) {
            message_carries(m, t->inserts[j]);
        }
        ofputil_bucket_list_destroy(&gm.buckets);
        exists = true;
    }
}

/* Removes the buckets of 't', with the group if none of the 'n_installed'
 * buckets that the bridge has, and no new one, is left. */
static void
put_remove_buckets(struct of_batch *batch, const struct tally *t,
                   size_t n_installed)
{
    if (n_installed + t->n_new == t->n_removes) {
        struct ofputil_group_mod gm;
        struct of_message *m;

        init_group_mod(&gm, OFPGC15_DELETE, t->group_id);
        m = put_group_mod(batch, &gm);
        for (size_t i = 0; i < t->n_removes; i++) {
            message_carries(m, t->removes[i]);
        }
    } else {
        for (size_t i = 0; i < t->n_removes; i++) {
            put_remove_bucket(batch, t->removes[i]);
        }
    }
}

static struct tally *
get_tally(struct hmap *tallies, uint32_t group_id)
{
    struct tally *t;

    HMAP_FOR_EACH_WITH_HASH (t, node, hash_int(group_id, 0), tallies) {
        if (t->group_id == group_id) {
            return t;
        }
    }
    t = xzalloc(sizeof *t);
    t->group_id = group_id;
    hmap_insert(tallies, &t->node, hash_int(group_id, 0));
    return t;
}

static void
tally_bucket(struct hmap *tallies, struct of_change *c)
{
    struct tally *t = get_tally(tallies, c->item->group_id);

    if (c->remove) {
        if (t->n_removes >= t->allocated_removes) {
            t->removes = x2nrealloc(t->removes, &t->allocated_removes,
                                    sizeof *t->removes);
        }
        t->removes[t->n_removes++] = c;
    } else {
        if (t->n_inserts >= t->allocated_inserts) {
            t->inserts = x2nrealloc(t->inserts, &t->allocated_inserts,
                                    sizeof *t->inserts);
        }
        t->inserts[t->n_inserts++] = c;
        t->n_new += !c->exists;
    }
}

/* Encodes the changes of 'batch' into its messages.  'inst' is what the
 * bridge has.  With 'singly', each message carries one change, so that an
 * error tells exactly which one is at fault. */
void
of_batch_encode(struct of_batch *batch, const struct installed *inst,
                bool singly)
{
    struct hmap tallies = HMAP_INITIALIZER(&tallies);
    struct of_change *c;
    struct tally *t;

    LIST_FOR_EACH (c, node, &batch->changes) {
        if (c->item->kind == DK_METER) {
            put_meter_mod(batch, c);
        } else if (c->item->kind == DK_BUCKET) {
            tally_bucket(&tallies, c);
        } else if (c->item->kind == DK_GROUP && !c->remove) {
            put_whole_group(batch, c);
        }
    }
    HMAP_FOR_EACH (t, node, &tallies) {
        put_insert_buckets(batch, t,
                           installed_has_all_group(inst, t->group_id),
                           singly);
    }

    LIST_FOR_EACH (c, node, &batch->changes) {
        if (c->item->kind == DK_FLOW && !c->remove) {
            put_flow_mod(batch, c);
        }
    }
    LIST_FOR_EACH (c, node, &batch->changes) {
        if (c->item->kind == DK_FLOW && c->remove) {
            put_flow_mod(batch, c);
        }
    }

    HMAP_FOR_EACH_POP (t, node, &tallies) {
        put_remove_buckets(batch, t,
                           installed_count_buckets(inst, t->group_id));
        free(t->inserts);
        free(t->removes);
        free(t);
    }
    LIST_FOR_EACH (c, node, &batch->changes) {
        if (c->item->kind == DK_GROUP && c->remove) {
            put_whole_group(batch, c);
        }
    }
    hmap_destroy(&tallies);
}

/* Returns true if 'c' has a meter that counts go, or begin again at 0: one
 * that is changed does, too. */
bool
of_change_ends_meter(const struct of_change *c)
{
    return (c->item && c->item->kind == DK_METER && c->exists
            && of_count_is_meter(c->item->group_id));
}

/* Returns true if 'c' is the end of a flow that counts. */
bool
of_change_ends_counter(const struct of_change *c)
{
    return (c->item && c->item->kind == DK_FLOW && c->exists
            && (c->remove || c->new_cookie)
            && of_count_is_counter(c->old_cookie));
}

/* Appends to 'requests' those (each a "struct ofpbuf") that ask how far the
 * flows have counted that 'batch' removes, and meters have dropped. */
static void
ask_counts(const struct of_batch *batch, struct ovs_list *requests)
{
    const struct of_change *c;
    bool meters = false;
    uint64_t last = 0;

    LIST_FOR_EACH (c, node, &batch->changes) {
        if (of_change_ends_meter(c) && !meters) {
            struct ofpbuf *request = of_count_request_meters();

            meters = true;
            ovs_list_push_back(requests, &request->list_node);
        }
        /* Those of a port come together. */
        if (of_change_ends_counter(c) && c->old_cookie != last) {
            struct ofpbuf *request = of_count_request_port(c->old_cookie);

            last = c->old_cookie;
            ovs_list_push_back(requests, &request->list_node);
        }
    }
}

static ovs_be32
put_bundle_ctrl(uint16_t type, struct ovs_list *requests)
{
    struct ofputil_bundle_ctrl_msg bc = {
        .bundle_id = BUNDLE_ID,
        .type = type,
        .flags = OFPBF_ORDERED | OFPBF_ATOMIC,
    };
    struct ofpbuf *msg;

    msg = ofputil_encode_bundle_ctrl_request(OFP15_VERSION, &bc);
    ovs_list_push_back(requests, &msg->list_node);
    return ((const struct ofp_header *) msg->data)->xid;
}

static void
take_plain(struct ovs_list *messages, struct ovs_list *requests)
{
    struct of_message *m;

    LIST_FOR_EACH (m, node, messages) {
        ovs_list_push_back(requests, &m->msg->list_node);
        m->msg = NULL;
    }
}

/* Appends to 'requests' all that is to be sent for 'batch' (each a "struct
 * ofpbuf"), but for what of_batch_take_old_meters() does.  Returns the xid of
 * the last one, the bundle's commit. */
ovs_be32
of_batch_take(struct of_batch *batch, struct ovs_list *requests)
{
    struct of_message *m;

    ask_counts(batch, requests);
    take_plain(&batch->meters, requests);
    put_bundle_ctrl(OFPBCT_OPEN_REQUEST, requests);
    LIST_FOR_EACH (m, node, &batch->messages) {
        struct ofputil_bundle_add_msg bam = {
            .bundle_id = BUNDLE_ID,
            .flags = OFPBF_ORDERED | OFPBF_ATOMIC,
            .msg = m->msg->data,
        };
        struct ofpbuf *msg = ofputil_encode_bundle_add(OFP15_VERSION, &bam);

        ovs_list_push_back(requests, &msg->list_node);
        ofpbuf_delete(m->msg);
        m->msg = NULL;
    }
    return put_bundle_ctrl(OFPBCT_COMMIT_REQUEST, requests);
}

/* Likewise, what deletes meters once the bundle was committed. */
void
of_batch_take_old_meters(struct of_batch *batch, struct ovs_list *requests)
{
    take_plain(&batch->old_meters, requests);
}

/* Returns true if 'error' about 'm' says that a group or a meter that we had
 * made, as in 'inst', is not there, or not as we made it: somebody else has
 * changed the bridge. */
bool
of_message_is_surprise(const struct of_message *m, enum ofperr error,
                       const struct installed *inst)
{
    const struct installed_item *item = m->changes[0]->item;

    return (error == OFPERR_OFPGMFC_UNKNOWN_GROUP
            || error == OFPERR_OFPGMFC_UNKNOWN_BUCKET
            || error == OFPERR_OFPGMFC_BUCKET_EXISTS
            || error == OFPERR_OFPMMFC_UNKNOWN_METER
            || error == OFPERR_OFPMMFC_METER_EXISTS
            || (error == OFPERR_OFPMMFC_INVALID_METER
                && item->kind == DK_FLOW
                && installed_has_meters_of(inst, item)));
}

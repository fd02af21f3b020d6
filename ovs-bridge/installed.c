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

/* What a bridge has of ours.  See installed.h.
 *
 * PURE: no I/O; of-conn.c fills it and is its only writer. */

#include <config.h>
#include "ovs-bridge/installed.h"
#include "hash.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "util.h"

static uint32_t
key_hash(enum desired_kind kind, uint8_t table, uint16_t priority,
         const struct minimatch *match, uint32_t group_id, uint32_t bucket_id)
{
    switch (kind) {
    case DK_FLOW:
        return minimatch_hash(match, hash_2words(table, priority));
    case DK_GROUP:
    case DK_METER:
        return hash_2words(kind, group_id);
    case DK_BUCKET:
        return hash_3words(DK_BUCKET, group_id, bucket_id);
    default:
        OVS_NOT_REACHED();
    }
}

static uint32_t
item_hash(const struct installed_item *item)
{
    return key_hash(item->kind, item->table, item->priority, &item->match,
                    item->group_id, item->bucket_id);
}

static bool
item_has_key(const struct installed_item *item, enum desired_kind kind,
             uint8_t table, uint16_t priority, const struct minimatch *match,
             uint32_t group_id, uint32_t bucket_id)
{
    if (item->kind != kind) {
        return false;
    }
    if (kind == DK_FLOW) {
        return (item->table == table && item->priority == priority
                && minimatch_equal(&item->match, match));
    }
    return (item->group_id == group_id
            && (kind != DK_BUCKET || item->bucket_id == bucket_id));
}

static struct installed_item *
find_key(const struct installed *inst, enum desired_kind kind, uint8_t table,
         uint16_t priority, const struct minimatch *match, uint32_t group_id,
         uint32_t bucket_id)
{
    uint32_t hash = key_hash(kind, table, priority, match, group_id,
                             bucket_id);
    struct installed_item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, hash, &inst->items) {
        if (item_has_key(item, kind, table, priority, match, group_id,
                         bucket_id)) {
            return item;
        }
    }
    return NULL;
}

static struct installed_item *
find_like(const struct installed *inst, const struct installed_item *key)
{
    return find_key(inst, key->kind, key->table, key->priority, &key->match,
                    key->group_id, key->bucket_id);
}

static struct installed_group *
find_group(const struct installed *inst, uint32_t group_id)
{
    struct installed_group *group;

    HMAP_FOR_EACH_WITH_HASH (group, node, hash_int(group_id, 0),
                             &inst->groups) {
        if (group->group_id == group_id) {
            return group;
        }
    }
    return NULL;
}

static struct installed_group *
add_group(struct installed *inst, uint32_t group_id)
{
    struct installed_group *group = find_group(inst, group_id);

    if (!group) {
        group = xzalloc(sizeof *group);
        group->group_id = group_id;
        hmap_insert(&inst->groups, &group->node, hash_int(group_id, 0));
    }
    return group;
}

static void
remove_group(struct installed *inst, uint32_t group_id)
{
    struct installed_group *group = find_group(inst, group_id);

    if (group) {
        hmap_remove(&inst->groups, &group->node);
        free(group);
    }
}

/* Initializes 'inst' as a bridge that has nothing of ours. */
void
installed_init(struct installed *inst)
{
    hmap_init(&inst->items);
    hmap_init(&inst->groups);
}

/* Forgets everything in 'inst'. */
void
installed_clear(struct installed *inst)
{
    struct installed_group *group;
    struct installed_item *item;

    HMAP_FOR_EACH_POP (item, node, &inst->items) {
        installed_item_destroy(item);
    }
    HMAP_FOR_EACH_POP (group, node, &inst->groups) {
        free(group);
    }
}

/* Frees everything in 'inst', but not 'inst' itself. */
void
installed_destroy(struct installed *inst)
{
    if (inst) {
        installed_clear(inst);
        hmap_destroy(&inst->items);
        hmap_destroy(&inst->groups);
    }
}

static struct installed_item *
item_create(enum desired_kind kind)
{
    struct installed_item *item = xzalloc(sizeof *item);

    item->kind = kind;
    if (kind != DK_FLOW) {
        minimatch_init_catchall(&item->match);
    }
    ovs_list_init(&item->buckets);
    return item;
}

/* Frees 'item', which may be NULL. */
void
installed_item_destroy(struct installed_item *item)
{
    if (item) {
        minimatch_destroy(&item->match);
        free(item->ofpacts);
        ofputil_bucket_list_destroy(&item->buckets);
        ofputil_group_properties_destroy(&item->props);
        free(item);
    }
}

static void
set_ofpacts(struct installed_item *item, const struct ofpact *ofpacts,
            size_t len)
{
    item->ofpacts = len ? xmemdup(ofpacts, len) : NULL;
    item->ofpacts_len = len;
}

static bool
cookie_is_ours(uint64_t cookie)
{
    return cookie >> 48 >= DC_FIRST && cookie >> 48 <= DC_LAST;
}

static bool
group_is_ours(uint32_t group_id)
{
    return group_id >> 28 >= PG_FIRST && group_id >> 28 <= PG_LAST;
}

static bool
meter_is_ours(uint32_t meter_id)
{
    return meter_id >> 28 >= PM_FIRST && meter_id >> 28 <= PM_LAST;
}

/* Takes in one flow of the bridge's answer to a flow statistics request
 * (OpenFlow 1.5, section 7.3.5.2), if it is ours. */
void
installed_read_flow(struct installed *inst,
                    const struct ofputil_flow_stats *fs)
{
    struct installed_item *item;

    if (!cookie_is_ours(ntohll(fs->cookie))) {
        return;
    }

    item = item_create(DK_FLOW);
    item->table = fs->table_id;
    item->priority = fs->priority;
    minimatch_init(&item->match, &fs->match);
    item->cookie = ntohll(fs->cookie);
    set_ofpacts(item, fs->ofpacts, fs->ofpacts_len);
    installed_put(inst, item);
}

/* Takes in one group of the bridge's answer to a group description request
 * (OpenFlow 1.5, section 7.3.5.10), if it is ours. */
void
installed_read_group(struct installed *inst,
                     const struct ofputil_group_desc *gd)
{
    const struct ofputil_bucket *bucket;
    struct installed_item *item;

    if (!group_is_ours(gd->group_id)) {
        return;
    }

    if (gd->type != OFPGT11_ALL) {
        item = item_create(DK_GROUP);
        item->group_id = gd->group_id;
        item->type = gd->type;
        ofputil_bucket_clone_list(&item->buckets, &gd->buckets, NULL);
        ofputil_group_properties_copy(&item->props, &gd->props);
        installed_put(inst, item);
        return;
    }

    LIST_FOR_EACH (bucket, list_node, &gd->buckets) {
        item = item_create(DK_BUCKET);
        item->group_id = gd->group_id;
        item->bucket_id = bucket->bucket_id;
        set_ofpacts(item, bucket->ofpacts, bucket->ofpacts_len);
        installed_put(inst, item);
    }
}

/* Takes in one meter of the bridge's answer to a meter configuration request
 * (OpenFlow 1.5, section 7.3.5.14), if it is ours. */
void
installed_read_meter(struct installed *inst,
                     const struct ofputil_meter_config *mc)
{
    const uint16_t flags = OFPMF13_BURST | OFPMF13_STATS;
    struct installed_item *item;

    if (!meter_is_ours(mc->meter_id)) {
        return;
    }

    item = item_create(DK_METER);
    item->group_id = mc->meter_id;
    if (mc->n_bands == 1 && mc->bands[0].type == OFPMBT13_DROP
        && (mc->flags == (flags | OFPMF13_PKTPS)
            || mc->flags == (flags | OFPMF13_KBPS))) {
        item->meter.packets = (mc->flags & OFPMF13_PKTPS) != 0;
        item->meter.rate = mc->bands[0].rate;
        item->meter.burst = mc->bands[0].burst_size;
    }
    installed_put(inst, item);
}

/* Returns what the bridge has under the key of 'want', or NULL, and notes
 * that a desired item has this key, be it one that is to go: then it need not
 * be taken for a stray as well. */
struct installed_item *
installed_find(const struct installed *inst, const struct desired_item *want)
{
    struct installed_item *item;

    item = find_key(inst, want->kind, want->table, want->priority,
                    &want->match, want->group_id, want->bucket_id);
    if (item) {
        item->seen = true;
    }
    return item;
}

/* Has what 'inst' has under the key of 'key', if anything, be a stray
 * again. */
void
installed_unsee(struct installed *inst, const struct installed_item *key)
{
    struct installed_item *item = find_like(inst, key);

    if (item) {
        item->seen = false;
    }
}

/* Returns true if the bridge need not change for 'want': it has 'have', or
 * nothing if 'have' is NULL. */
bool
installed_equals_desired(const struct installed_item *have,
                         const struct desired_item *want)
{
    if (!have || !want->wanted) {
        return !have && !want->wanted;
    }

    switch (want->kind) {
    case DK_FLOW:
        return (have->cookie == want->cookie
                && desired_ofpacts_equal(have->ofpacts, have->ofpacts_len,
                                         want->ofpacts, want->ofpacts_len));
    case DK_GROUP:
        return (have->type == want->type
                && desired_buckets_equal(&have->buckets, &want->buckets)
                && desired_props_equal(&have->props, &want->props));
    case DK_BUCKET:
        return desired_ofpacts_equal(have->ofpacts, have->ofpacts_len,
                                     want->ofpacts, want->ofpacts_len);
    case DK_METER:
        return desired_meters_equal(&have->meter, &want->meter);
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the id of the meter that 'a' uses, 0 if it uses none. */
uint32_t
installed_meter_of(const struct ofpact *a)
{
    return (a->type == OFPACT_METER ? ofpact_get_METER(a)->meter_id
            : a->type == OFPACT_CONTROLLER
              && ofpact_get_CONTROLLER(a)->meter_id != NX_CTLR_NO_METER
            ? ofpact_get_CONTROLLER(a)->meter_id : 0);
}

/* Returns true if 'item' is a flow that uses a meter and the bridge should
 * have all that it uses. */
bool
installed_has_meters_of(const struct installed *inst,
                        const struct installed_item *item)
{
    const struct ofpact *a;
    bool any = false;

    OFPACT_FOR_EACH_FLATTENED (a, item->ofpacts, item->ofpacts_len) {
        uint32_t meter_id = installed_meter_of(a);

        if (meter_id) {
            if (!find_key(inst, DK_METER, 0, 0, NULL, meter_id, 0)) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

/* Returns true if the bridge has group 'group_id' as one of type "all". */
bool
installed_has_all_group(const struct installed *inst, uint32_t group_id)
{
    return find_group(inst, group_id) != NULL;
}

/* Returns the number of buckets that group 'group_id' of type "all" has in
 * the bridge; 0 if there is no such group. */
size_t
installed_count_buckets(const struct installed *inst, uint32_t group_id)
{
    const struct installed_group *group = find_group(inst, group_id);

    return group ? group->n_buckets : 0;
}

/* Returns a new item with key and content of 'want'.  The caller owns it. */
struct installed_item *
installed_item_from_desired(const struct desired_item *want)
{
    struct installed_item *item = xzalloc(sizeof *item);

    item->kind = want->kind;
    item->table = want->table;
    item->priority = want->priority;
    if (want->kind == DK_FLOW) {
        minimatch_clone(&item->match, &want->match);
    } else {
        minimatch_init_catchall(&item->match);
    }
    item->group_id = want->group_id;
    item->bucket_id = want->bucket_id;
    ovs_list_init(&item->buckets);
    item->seen = true;

    if (want->wanted) {
        item->cookie = want->cookie;
        set_ofpacts(item, want->ofpacts, want->ofpacts_len);
        item->type = want->type;
        item->meter = want->meter;
        if (want->kind == DK_GROUP) {
            ofputil_bucket_clone_list(&item->buckets, &want->buckets, NULL);
            ofputil_group_properties_copy(&item->props, &want->props);
        }
    }
    return item;
}

/* Returns a new item with the key of 'item' and no content.  The caller owns
 * it. */
struct installed_item *
installed_item_clone_key(const struct installed_item *item)
{
    struct installed_item *copy = xzalloc(sizeof *copy);

    copy->kind = item->kind;
    copy->table = item->table;
    copy->priority = item->priority;
    minimatch_clone(&copy->match, &item->match);
    copy->group_id = item->group_id;
    copy->bucket_id = item->bucket_id;
    copy->cookie = item->cookie;
    ovs_list_init(&copy->buckets);
    copy->seen = true;
    return copy;
}

/* Puts 'item' into 'inst' in place of what has its key.  Takes 'item'. */
void
installed_put(struct installed *inst, struct installed_item *item)
{
    installed_remove(inst, item);
    if (item->kind == DK_BUCKET) {
        add_group(inst, item->group_id)->n_buckets++;
    }
    hmap_insert(&inst->items, &item->node, item_hash(item));
}

/* Removes from 'inst' what has the key of 'key', if anything.  The last
 * bucket takes its group of type "all" along. */
void
installed_remove(struct installed *inst, const struct installed_item *key)
{
    struct installed_item *item = find_like(inst, key);

    if (item) {
        if (item->kind == DK_BUCKET) {
            struct installed_group *group = find_group(inst, item->group_id);

            if (!--group->n_buckets) {
                remove_group(inst, item->group_id);
            }
        }
        hmap_remove(&inst->items, &item->node);
        installed_item_destroy(item);
    }
}

/* Reading replies. */

/* Takes over the flows in 'oh', a reply, or a part of one.  Returns false if
 * it is malformed. */
bool
installed_read_flows(struct installed *inst, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;
    int error;

    ofpbuf_init(&ofpacts, 0);
    while (!(error = ofputil_decode_flow_stats_reply(&fs, &msg, false,
                                                     &ofpacts))) {
        installed_read_flow(inst, &fs);
    }
    ofpbuf_uninit(&ofpacts);
    return error == EOF;
}

/* Likewise, the groups in 'oh'. */
bool
installed_read_groups(struct installed *inst, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_group_desc gd;
    int error;

    while (!(error = ofputil_decode_group_desc_reply(&gd, &msg,
                                                     OFP15_VERSION))) {
        installed_read_group(inst, &gd);
        ofputil_uninit_group_desc(&gd);
    }
    return error == EOF;
}

/* Likewise, the meters in 'oh'. */
bool
installed_read_meters(struct installed *inst, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_meter_config mc;
    struct ofpbuf bands;
    int error;

    ofpbuf_init(&bands, 0);
    while (!(error = ofputil_decode_meter_config(&msg, &mc, &bands))) {
        installed_read_meter(inst, &mc);
    }
    ofpbuf_uninit(&bands);
    return error == EOF;
}

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

/* PURE: the desired flows, groups and meters of one bridge, their owners and
 * what is dirty.  See desired.h.
 *
 * Not for text (desired-format.c) nor for talking to a switch (of-conn.c).
 *
 *     owner --1:n-- claim --n:1-- variant --n:1-- item
 *
 * An item has a variant for each different content that somebody emitted for
 * its key, normally one.  A claim says that an owner emitted a variant.  A
 * variant without claims is gone; an item without variants is not wanted any
 * more and only waits for the switch to lose it.  None of the lists is ever
 * searched by owner, so that an item with a thousand owners costs the same as
 * one with a single owner. */

#include <config.h>

#include "ovs-bridge/desired.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/ofp-actions.h"
#include "ovs-bridge/desired-private.h"
#include "util.h"

/* Contents. */

/* Returns true if the 'a_len' bytes of actions 'a' mean the same as the
 * 'b_len' bytes of actions 'b': if they are the same on the wire, in OpenFlow
 * 1.5.  (ofpacts_equal() also compares padding and how an action was once
 * received, so actions that come back from a switch may differ for it.) */
bool
desired_ofpacts_equal(const struct ofpact *a, size_t a_len,
                      const struct ofpact *b, size_t b_len)
{
    if (ofpacts_equal(a, a_len, b, b_len)) {
        return true;
    } else if (a_len != b_len) {
        return false;
    }

    uint64_t a_stub[512 / 8], b_stub[512 / 8];
    struct ofpbuf a_msg = OFPBUF_STUB_INITIALIZER(a_stub);
    struct ofpbuf b_msg = OFPBUF_STUB_INITIALIZER(b_stub);

    ofpacts_put_openflow_instructions(a, a_len, &a_msg, OFP15_VERSION);
    ofpacts_put_openflow_instructions(b, b_len, &b_msg, OFP15_VERSION);
    bool equal = ofpbuf_equal(&a_msg, &b_msg);
    ofpbuf_uninit(&a_msg);
    ofpbuf_uninit(&b_msg);
    return equal;
}

/* Returns true if 'a' and 'b', lists of "struct ofputil_bucket"s, are the same
 * buckets in the same order. */
bool
desired_buckets_equal(const struct ovs_list *a, const struct ovs_list *b)
{
    if (ovs_list_size(a) != ovs_list_size(b)) {
        return false;
    }

    const struct ovs_list *b_node = b;
    const struct ofputil_bucket *ab;
    LIST_FOR_EACH (ab, list_node, a) {
        const struct ofputil_bucket *bb;

        b_node = b_node->next;
        bb = CONTAINER_OF(b_node, struct ofputil_bucket, list_node);
        if (ab->bucket_id != bb->bucket_id
            || ab->weight != bb->weight
            || ab->watch_port != bb->watch_port
            || ab->watch_group != bb->watch_group
            || !desired_ofpacts_equal(ab->ofpacts, ab->ofpacts_len,
                                      bb->ofpacts, bb->ofpacts_len)) {
            return false;
        }
    }
    return true;
}

/* Returns true if 'a' and 'b' select buckets in the same way. */
bool
desired_props_equal(const struct ofputil_group_props *a,
                    const struct ofputil_group_props *b)
{
    return (!strncmp(a->selection_method, b->selection_method,
                     sizeof a->selection_method)
            && a->selection_method_param == b->selection_method_param
            && !memcmp(&a->fields.used, &b->fields.used,
                       sizeof a->fields.used)
            && a->fields.values_size == b->fields.values_size
            && (!a->fields.values_size
                || !memcmp(a->fields.values, b->fields.values,
                           a->fields.values_size)));
}

/* Returns true if 'a' and 'b' let pass the same. */
bool
desired_meters_equal(const struct desired_meter *a,
                     const struct desired_meter *b)
{
    return (a->packets == b->packets && a->rate == b->rate
            && a->burst == b->burst);
}

static bool
variant_equal(enum desired_kind kind, const struct desired_variant *a,
              const struct desired_variant *b)
{
    return (a->cookie == b->cookie
            && (kind == DK_GROUP
                ? (a->type == b->type
                   && desired_buckets_equal(&a->buckets, &b->buckets)
                   && desired_props_equal(&a->props, &b->props))
                : kind == DK_METER ? desired_meters_equal(&a->meter, &b->meter)
                : desired_ofpacts_equal(a->ofpacts, a->ofpacts_len,
                                        b->ofpacts, b->ofpacts_len)));
}

static void
variant_destroy(struct desired_variant *variant)
{
    ovs_assert(ovs_list_is_empty(&variant->claims));
    free(variant->ofpacts);
    ofputil_bucket_list_destroy(&variant->buckets);
    ofputil_group_properties_destroy(&variant->props);
    free(variant);
}

/* Items. */

static size_t *
kind_counter(struct desired *desired, enum desired_kind kind)
{
    switch (kind) {
    case DK_FLOW: return &desired->n_flows;
    case DK_GROUP: return &desired->n_groups;
    case DK_BUCKET: return &desired->n_buckets;
    case DK_METER: return &desired->n_meters;
    default: OVS_NOT_REACHED();
    }
}

static uint32_t
item_hash(const struct desired_item *key)
{
    if (key->kind == DK_FLOW) {
        return minimatch_hash(&key->match,
                              hash_2words(key->table, key->priority));
    }
    return hash_3words(key->kind, key->group_id, key->bucket_id);
}

static struct desired_item *
item_find(const struct desired *desired, const struct desired_item *key,
          uint32_t hash)
{
    struct desired_item *item;

    HMAP_FOR_EACH_WITH_HASH (item, node, hash, &desired->items) {
        if (item->kind == key->kind
            && (item->kind == DK_FLOW
                ? (item->table == key->table
                   && item->priority == key->priority
                   && minimatch_equal(&item->match, &key->match))
                : (item->group_id == key->group_id
                   && item->bucket_id == key->bucket_id))) {
            return item;
        }
    }
    return NULL;
}

static struct desired_item *
item_create(struct desired *desired, const struct desired_item *key,
            uint32_t hash)
{
    struct desired_item *item = xzalloc(sizeof *item);

    item->kind = key->kind;
    item->table = key->table;
    item->priority = key->priority;
    if (key->kind == DK_FLOW) {
        minimatch_clone(&item->match, &key->match);
    }
    item->group_id = key->group_id;
    item->bucket_id = key->bucket_id;
    ovs_list_init(&item->dirty_node);
    ovs_list_init(&item->variants);
    ovs_list_init(&item->buckets);
    hmap_insert(&desired->items, &item->node, hash);
    return item;
}

static void
item_destroy(struct desired *desired, struct desired_item *item)
{
    ovs_assert(ovs_list_is_empty(&item->variants));
    hmap_remove(&desired->items, &item->node);
    ovs_list_remove(&item->dirty_node);
    if (item->kind == DK_FLOW) {
        minimatch_destroy(&item->match);
    }
    ofputil_bucket_list_destroy(&item->buckets);
    ofputil_group_properties_destroy(&item->props);
    free(item->error);
    free(item);
}

/* Makes 'variant' (NULL for none) the content of 'item'. */
static void
item_set_variant(struct desired *desired, struct desired_item *item,
                 const struct desired_variant *variant)
{
    if (item->chosen == variant) {
        return;
    }

    if (item->wanted != (variant != NULL)) {
        *kind_counter(desired, item->kind) += variant ? 1 : -1;
    }

    ofputil_bucket_list_destroy(&item->buckets);
    ofputil_group_properties_destroy(&item->props);
    memset(&item->props, 0, sizeof item->props);
    free(item->error);
    item->error = NULL;

    item->chosen = variant;
    item->wanted = variant != NULL;
    item->ofpacts = variant ? variant->ofpacts : NULL;
    item->ofpacts_len = variant ? variant->ofpacts_len : 0;
    if (variant) {
        item->cookie = variant->cookie;
        item->where = variant->where;
        item->type = variant->type;
        item->meter = variant->meter;
        ofputil_bucket_clone_list(&item->buckets, &variant->buckets, NULL);
        ofputil_group_properties_copy(&item->props, &variant->props);
    }
    desired_mark_dirty(desired, item);
}

/* Chooses the content of 'item' among its variants: the lowest cookie, then
 * the newest, which comes first in the list. */
static void
item_choose(struct desired *desired, struct desired_item *item)
{
    const struct desired_variant *best = NULL;
    const struct desired_variant *variant;

    LIST_FOR_EACH (variant, node, &item->variants) {
        if (!best || variant->cookie < best->cookie) {
            best = variant;
        }
    }
    item_set_variant(desired, item, best);
}

/* Claims. */

/* Takes back 'claim', and its variant with it if that was the last. */
static void
claim_drop(struct desired *desired, struct desired_claim *claim)
{
    struct desired_variant *variant = claim->variant;
    struct desired_item *item = claim->item;

    ovs_list_remove(&claim->owner_node);
    ovs_list_remove(&claim->variant_node);
    free(claim);

    if (ovs_list_is_empty(&variant->claims)) {
        ovs_list_remove(&variant->node);
        item_choose(desired, item);
        variant_destroy(variant);
    }
}

static void
claims_drop(struct desired *desired, struct ovs_list *claims)
{
    struct desired_claim *claim;

    LIST_FOR_EACH_SAFE (claim, owner_node, claims) {
        claim_drop(desired, claim);
    }
}

/* Lets the current owner claim the item with the key of 'key' (only its key
 * members matter) and the content 'new'.  Takes over 'new'. */
static void
emit(struct desired *desired, const struct desired_item *key,
     struct desired_variant *new)
{
    ovs_assert(desired->current);

    uint32_t hash = item_hash(key);
    struct desired_item *item = item_find(desired, key, hash);
    if (!item) {
        item = item_create(desired, key, hash);
    }

    struct desired_variant *variant;
    bool found = false;
    LIST_FOR_EACH (variant, node, &item->variants) {
        if (variant_equal(item->kind, variant, new)) {
            found = true;
            break;
        }
    }
    if (found) {
        variant_destroy(new);
        ovs_list_remove(&variant->node);
    } else {
        variant = new;
    }
    ovs_list_push_front(&item->variants, &variant->node);

    struct desired_claim *claim = xmalloc(sizeof *claim);
    claim->item = item;
    claim->variant = variant;
    ovs_list_push_back(&variant->claims, &claim->variant_node);
    ovs_list_push_back(&desired->current->claims, &claim->owner_node);

    item_choose(desired, item);
}

static struct desired_variant *
variant_create(uint64_t cookie, const struct ofpbuf *ofpacts,
               const char *where)
{
    struct desired_variant *variant = xzalloc(sizeof *variant);

    ovs_list_init(&variant->claims);
    ovs_list_init(&variant->buckets);
    variant->cookie = cookie;
    variant->where = where;
    if (ofpacts && ofpacts->size) {
        variant->ofpacts = xmemdup(ofpacts->data, ofpacts->size);
        variant->ofpacts_len = ofpacts->size;
    }
    return variant;
}

/* Initializes 'dst' as 'src' in the form in which it comes back from a switch:
 * OpenFlow 1.5 implies that a flow is for Ethernet packets (section
 * 7.2.3.11). */
static void
minimatch_init_canonical(struct minimatch *dst, const struct match *src)
{
    struct match match = *src;

    match_set_default_packet_type(&match);
    minimatch_init(dst, &match);
}

/* Emits a flow for the current owner.  'ofpacts' may be NULL, to drop.
 * 'where' is the source line, for diagnosis; it must be a string constant. */
void
desired_flow_at(struct desired *desired, uint8_t table, uint16_t priority,
                uint64_t cookie, const struct match *match,
                const struct ofpbuf *ofpacts, const char *where)
{
    struct desired_item key = {
        .kind = DK_FLOW, .table = table, .priority = priority,
    };

    minimatch_init_canonical(&key.match, match);
    emit(desired, &key, variant_create(cookie, ofpacts, where));
    minimatch_destroy(&key.match);
}

/* Emits the bucket 'bucket_id' of group 'group_id', of type "all", for the
 * current owner.  A group's buckets are either all emitted so or all by
 * desired_group_at(). */
void
desired_bucket_at(struct desired *desired, uint32_t group_id,
                  uint32_t bucket_id, const struct ofpbuf *ofpacts,
                  const char *where)
{
    struct desired_item key = {
        .kind = DK_BUCKET, .group_id = group_id, .bucket_id = bucket_id,
    };

    emit(desired, &key, variant_create(0, ofpacts, where));
}

/* Emits a whole group for the current owner.  Takes over the "struct
 * ofputil_bucket"s of 'buckets', each with its own bucket id, and leaves it
 * empty.  'props' may be NULL if the type needs none; it is copied. */
void
desired_group_at(struct desired *desired, uint32_t group_id,
                 enum ofp11_group_type type, struct ovs_list *buckets,
                 const struct ofputil_group_props *props, const char *where)
{
    struct desired_item key = { .kind = DK_GROUP, .group_id = group_id };
    struct desired_variant *variant = variant_create(0, NULL, where);

    variant->type = type;
    ovs_list_push_back_all(&variant->buckets, buckets);
    if (props) {
        ofputil_group_properties_copy(&variant->props, props);
    }
    emit(desired, &key, variant);
}

/* Emits a meter for the current owner. */
void
desired_meter_at(struct desired *desired, uint32_t meter_id,
                 const struct desired_meter *meter, const char *where)
{
    struct desired_item key = { .kind = DK_METER, .group_id = meter_id };
    struct desired_variant *variant = variant_create(0, NULL, where);

    ovs_assert(meter->rate && meter->burst);
    variant->meter = *meter;
    emit(desired, &key, variant);
}

/* Owners. */

static struct desired_owner *
owner_find(const struct desired *desired, uint64_t id)
{
    struct desired_owner *owner;

    HMAP_FOR_EACH_WITH_HASH (owner, node, hash_uint64(id), &desired->owners) {
        if (owner->id == id) {
            return owner;
        }
    }
    return NULL;
}

static void
owner_destroy(struct desired *desired, struct desired_owner *owner)
{
    hmap_remove(&desired->owners, &owner->node);
    free(owner);
}

/* Begins the emission of everything that 'id' owns.  Not nested. */
void
desired_begin(struct desired *desired, uint64_t id)
{
    ovs_assert(!desired->current);

    struct desired_owner *owner = owner_find(desired, id);
    if (!owner) {
        owner = xzalloc(sizeof *owner);
        owner->id = id;
        ovs_list_init(&owner->claims);
        ovs_list_init(&owner->old_claims);
        hmap_insert(&desired->owners, &owner->node, hash_uint64(id));
    }
    ovs_list_push_back_all(&owner->old_claims, &owner->claims);
    desired->current = owner;
}

/* Ends the emission begun last: takes back what the owner had emitted before
 * and did not emit now. */
void
desired_end(struct desired *desired)
{
    struct desired_owner *owner = desired->current;

    ovs_assert(owner);
    claims_drop(desired, &owner->old_claims);
    if (ovs_list_is_empty(&owner->claims)) {
        owner_destroy(desired, owner);
    }
    desired->current = NULL;
}

/* Returns true if 'id' owns anything. */
bool
desired_has_owner(const struct desired *desired, uint64_t id)
{
    return owner_find(desired, id) != NULL;
}

/* Takes back everything that 'id' owns. */
void
desired_remove_owner(struct desired *desired, uint64_t id)
{
    struct desired_owner *owner = owner_find(desired, id);

    ovs_assert(!desired->current);
    if (owner) {
        claims_drop(desired, &owner->claims);
        owner_destroy(desired, owner);
    }
}

/* Appends to 'error' why the switch refused items of owner 'id', one sentence
 * for each, separated by "; ".  Returns true if there were any. */
bool
desired_owner_error(const struct desired *desired, uint64_t id,
                    struct ds *error)
{
    const struct desired_owner *owner = owner_find(desired, id);
    const struct desired_claim *claim;
    bool any = false;

    if (!owner) {
        return false;
    }
    LIST_FOR_EACH (claim, owner_node, &owner->claims) {
        const struct desired_item *item = claim->item;

        if (item->error && item->chosen == claim->variant) {
            if (any) {
                ds_put_cstr(error, "; ");
            }
            ds_put_cstr(error, item->error);
            any = true;
        }
    }
    return any;
}

/* Life cycle. */

void
desired_init(struct desired *desired)
{
    memset(desired, 0, sizeof *desired);
    hmap_init(&desired->items);
    hmap_init(&desired->owners);
    ovs_list_init(&desired->dirty);
}

void
desired_destroy(struct desired *desired)
{
    struct desired_owner *owner;
    struct desired_item *item;

    ovs_assert(!desired->current);
    HMAP_FOR_EACH_SAFE (owner, node, &desired->owners) {
        desired_remove_owner(desired, owner->id);
    }
    HMAP_FOR_EACH_SAFE (item, node, &desired->items) {
        item_destroy(desired, item);
    }
    hmap_destroy(&desired->owners);
    hmap_destroy(&desired->items);
}

/* Look-up.  Each returns NULL if there is no such item; an item that is found
 * may be one that is not wanted any more. */

struct desired_item *
desired_find_flow(const struct desired *desired, uint8_t table,
                  uint16_t priority, const struct match *match)
{
    struct desired_item key = {
        .kind = DK_FLOW, .table = table, .priority = priority,
    };

    minimatch_init_canonical(&key.match, match);
    struct desired_item *item = item_find(desired, &key, item_hash(&key));
    minimatch_destroy(&key.match);
    return item;
}

struct desired_item *
desired_find_group(const struct desired *desired, uint32_t group_id)
{
    struct desired_item key = { .kind = DK_GROUP, .group_id = group_id };

    return item_find(desired, &key, item_hash(&key));
}

struct desired_item *
desired_find_bucket(const struct desired *desired, uint32_t group_id,
                    uint32_t bucket_id)
{
    struct desired_item key = {
        .kind = DK_BUCKET, .group_id = group_id, .bucket_id = bucket_id,
    };

    return item_find(desired, &key, item_hash(&key));
}

/* Dirtiness. */

/* Takes the oldest dirty item off the list and returns it, NULL if none. */
struct desired_item *
desired_pop_dirty(struct desired *desired)
{
    if (ovs_list_is_empty(&desired->dirty)) {
        return NULL;
    }

    struct ovs_list *node = ovs_list_pop_front(&desired->dirty);
    ovs_list_init(node);
    return CONTAINER_OF(node, struct desired_item, dirty_node);
}

/* Makes 'item' dirty; if it is already, it keeps its place. */
void
desired_mark_dirty(struct desired *desired, struct desired_item *item)
{
    if (ovs_list_is_empty(&item->dirty_node)) {
        ovs_list_push_back(&desired->dirty, &item->dirty_node);
    }
}

/* Frees 'item', which the switch has lost.  Does nothing if it is wanted again
 * by now. */
void
desired_forget(struct desired *desired, struct desired_item *item)
{
    if (!item->wanted) {
        item_destroy(desired, item);
    }
}

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

#ifndef OF_BATCH_H
#define OF_BATCH_H 1

/* PURE: changes of a bridge's flows, groups and meters, as OpenFlow 1.5
 * messages in an order that never refers to what is not there:
 *
 *     1. meters added and changed;
 *     2. groups added and changed, buckets inserted;
 *     3. flows added and changed, then flows deleted;
 *     4. buckets removed, groups deleted;
 *     5. meters deleted.
 *
 * Open vSwitch takes 2 to 4 as one atomic bundle, but no meters in it.  So
 * each of 1 stands or falls by itself, and 5 must wait until the bundle was
 * committed: a meter takes the flows along that use it.
 *
 * Each message knows which changes it carries, so that an error, which names
 * the message by its xid, can be led back to them. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/types.h"

struct desired;
struct desired_item;
struct installed;
struct installed_item;
struct ofpbuf;

/* One item that must change. */
struct of_change {
    struct ovs_list node;       /* In struct of_batch's 'changes'. */
    struct installed_item *item;    /* Key and new content. */
    struct desired_item *want;  /* What asked for it, or NULL for a stray. */
    bool remove;                /* The bridge must lose it. */
    bool exists;                /* The bridge has something under the key. */
    bool new_cookie;            /* DK_FLOW that exists: cookie changes. */
    uint64_t old_cookie;        /* DK_FLOW that exists: what it has now. */
    char *error;                /* Why the bridge refused it, or NULL. */
};

/* One message of a batch. */
struct of_message {
    struct ovs_list node;       /* In a list of struct of_batch. */
    struct hmap_node xid_node;  /* In struct of_batch's 'by_xid'. */
    ovs_be32 xid;               /* The message's. */
    size_t order;               /* Position in the batch, from 0. */
    struct ofpbuf *msg;         /* Encoded; NULL once it was sent. */
    struct of_change **changes; /* What it carries. */
    size_t n_changes, allocated_changes;
};

struct of_batch {
    struct ovs_list changes;    /* Contains "struct of_change"s. */
    size_t n_changes;
    struct ovs_list meters;     /* "struct of_message"s, before the bundle. */
    struct ovs_list messages;   /* Likewise: the bundle, in order. */
    struct ovs_list old_meters; /* Likewise: once it was committed. */
    struct hmap by_xid;         /* All of them, by xid. */
    size_t n_flow_mods, n_group_mods, n_meter_mods; /* Messages by kind. */
};

void of_batch_init(struct of_batch *);
void of_batch_clear(struct of_batch *);
struct of_change *of_batch_add(struct of_batch *, struct installed_item *,
                               struct desired_item *,
                               const struct installed_item *have, bool remove);
void of_batch_fill(struct of_batch *, struct desired *,
                   const struct installed *, bool read_back);
void of_batch_encode(struct of_batch *, const struct installed *,
                     bool singly);
ovs_be32 of_batch_take(struct of_batch *, struct ovs_list *requests);
void of_batch_take_old_meters(struct of_batch *, struct ovs_list *requests);
struct of_message *of_batch_find(const struct of_batch *, ovs_be32 xid);

/* What is wrong. */
bool of_message_is_surprise(const struct of_message *, enum ofperr,
                            const struct installed *);

/* What the flows have counted that a batch removes. */
bool of_change_ends_counter(const struct of_change *);
bool of_change_ends_meter(const struct of_change *);

#endif /* of-batch.h */

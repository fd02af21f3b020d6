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

#ifndef DESIRED_PRIVATE_H
#define DESIRED_PRIVATE_H 1

/* PURE: what only desired*.c (and its test) may look into.  See desired.c. */

#include "ovs-bridge/desired.h"

/* One content that was emitted for an item. */
struct desired_variant {
    struct ovs_list node;       /* In the item's 'variants', newest first. */
    struct ovs_list claims;     /* Contains "struct desired_claim"s. */
    const char *where;          /* Source line that emitted it first. */

    uint64_t cookie;            /* DK_FLOW, else 0. */
    struct ofpact *ofpacts;     /* DK_FLOW, DK_BUCKET; NULL if none. */
    size_t ofpacts_len;         /* Bytes. */
    enum ofp11_group_type type; /* DK_GROUP. */
    struct ovs_list buckets;    /* DK_GROUP: "struct ofputil_bucket"s. */
    struct ofputil_group_props props;   /* DK_GROUP. */
    struct desired_meter meter; /* DK_METER. */
};

/* An owner has emitted a variant (once; twice makes two claims). */
struct desired_claim {
    struct ovs_list owner_node;     /* In the owner's 'claims'. */
    struct ovs_list variant_node;   /* In the variant's 'claims'. */
    struct desired_item *item;      /* The variant's item. */
    struct desired_variant *variant;
};

/* Somebody who emits items. */
struct desired_owner {
    struct hmap_node node;      /* In struct desired's 'owners', by 'id'. */
    uint64_t id;
    struct ovs_list claims;     /* Contains "struct desired_claim"s. */
    struct ovs_list old_claims; /* Those of before desired_begin(). */
};

#endif /* desired-private.h */

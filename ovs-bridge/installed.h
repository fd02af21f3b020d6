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

#ifndef INSTALLED_H
#define INSTALLED_H 1

/* PURE: what a bridge has of ours, as read back from it and as changed since
 * by what it confirmed.  Compared with "struct desired", item by item.
 *
 * Ours are the flows whose cookie and the groups and meters whose id are of a
 * kind that desired.h and pipeline.h hand out.  All others belong to somebody
 * else and never enter here, so they are never touched. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-group.h"
#include "ovs-bridge/desired.h"

struct ofp_header;
struct ofputil_flow_stats;
struct ofputil_group_desc;
struct ofputil_meter_config;

/* One flow, group, bucket or meter that the bridge has.  Key and content are
 * those of struct desired_item. */
struct installed_item {
    struct hmap_node node;      /* In struct installed's 'items', by key. */
    enum desired_kind kind;

    /* Key. */
    uint8_t table;              /* DK_FLOW. */
    uint16_t priority;          /* DK_FLOW. */
    struct minimatch match;     /* DK_FLOW. */
    uint32_t group_id;          /* DK_GROUP, DK_BUCKET; DK_METER: its id. */
    uint32_t bucket_id;         /* DK_BUCKET. */

    /* Content. */
    uint64_t cookie;            /* DK_FLOW. */
    struct ofpact *ofpacts;     /* DK_FLOW, DK_BUCKET. */
    size_t ofpacts_len;         /* Bytes. */
    enum ofp11_group_type type; /* DK_GROUP. */
    struct ovs_list buckets;    /* DK_GROUP: "struct ofputil_bucket"s. */
    struct ofputil_group_props props;   /* DK_GROUP. */
    struct desired_meter meter; /* DK_METER; rate 0: it is none that we could
                                 * have made. */

    bool seen;                  /* A desired item had this key when it was
                                 * looked for; if not, it is a stray. */
};

/* A group of type "all" as a whole: it exists while it is here. */
struct installed_group {
    struct hmap_node node;      /* In struct installed's 'groups'. */
    uint32_t group_id;
    size_t n_buckets;           /* Its DK_BUCKET items. */
};

struct installed {
    struct hmap items;          /* Contains "struct installed_item"s. */
    struct hmap groups;         /* Contains "struct installed_group"s. */
};

void installed_init(struct installed *);
void installed_clear(struct installed *);
void installed_destroy(struct installed *);

/* Filling from the bridge's answers. */
bool installed_read_flows(struct installed *, const struct ofp_header *);
bool installed_read_groups(struct installed *, const struct ofp_header *);
bool installed_read_meters(struct installed *, const struct ofp_header *);
void installed_read_flow(struct installed *,
                         const struct ofputil_flow_stats *);
void installed_read_group(struct installed *,
                          const struct ofputil_group_desc *);
void installed_read_meter(struct installed *,
                          const struct ofputil_meter_config *);

/* Comparison. */
struct installed_item *installed_find(const struct installed *,
                                      const struct desired_item *);
bool installed_equals_desired(const struct installed_item *,
                              const struct desired_item *);
void installed_unsee(struct installed *, const struct installed_item *key);
uint32_t installed_meter_of(const struct ofpact *);
bool installed_has_meters_of(const struct installed *,
                             const struct installed_item *);
bool installed_has_all_group(const struct installed *, uint32_t group_id);
size_t installed_count_buckets(const struct installed *, uint32_t group_id);

/* Changes that the bridge confirmed. */
struct installed_item *installed_item_from_desired(
    const struct desired_item *);
struct installed_item *installed_item_clone_key(const struct installed_item *);
void installed_put(struct installed *, struct installed_item *);
void installed_remove(struct installed *, const struct installed_item *key);
void installed_item_destroy(struct installed_item *);

#endif /* installed.h */

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

#ifndef DESIRED_H
#define DESIRED_H 1

/* PURE: the OpenFlow flows, groups and meters that one bridge should have.
 *
 * Each owner (a port, or the switch) emits its items between
 * desired_begin() and desired_end(); what it emitted before and does not
 * emit again is taken back.  Several owners may emit the same item (a flood
 * group's entry in a VLAN, a team's group): it stays until the last of them
 * takes it back.  So a change of one port costs that port's items, whatever
 * else is on the host.
 *
 * Owners that emit one item normally agree on its content.  Where they do not
 * (two NICs with the same MAC in one VLAN), every content is kept and the one
 * with the lowest cookie stands, in whatever order they were emitted; among
 * contents with the same cookie, the one emitted last.  The next one stands
 * when that one is taken back.
 *
 * There are four kinds of item, each with a key and a content:
 *
 *     flow     (table, priority, match)  ->  cookie, actions
 *     group    (group id)                ->  type, buckets in order
 *     bucket   (group id, bucket id)     ->  actions
 *     meter    (meter id)                ->  unit, rate, burst
 *
 * A group is either emitted whole ("group", where the order of its buckets
 * means something: fast_failover, select) or is of type "all" and consists of
 * the "bucket" items emitted for it, in no particular order.
 *
 * Keys whose content changed, came or went since they were last taken are
 * 'dirty'; the OpenFlow connection takes them to bring the bridge in step. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/match.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofpbuf.h"

struct desired_owner;
struct desired_variant;
struct ds;

/* Cookies and owners: class in the upper 16 bits, object in the lower 48. */
enum desired_class {
    DC_SWITCH = 1,              /* The switch itself; object 0. */
    DC_PORT = 2,                /* A port; object is its key. */
    DC_UPLINK = 3,              /* An uplink; object is its logical id. */
    DC_TEAM = 4,                /* A team; object is its number. */
    DC_VLAN = 5,                /* A VLAN's flooding; object is its id. */
    DC_COUNT = 6,               /* A port's counters; object is its key. */

    DC_RULE = 8,                /* A traffic rule; object is the number of its
                                 * set, then 16 bits of its own. */
    DC_RULE_HELPER = 9,         /* Flows that a rule needs besides those that
                                 * count what it matches; likewise. */

    DC_FIRST = DC_SWITCH,       /* Cookies of all classes from DC_FIRST to */
    DC_LAST = 15                /* DC_LAST are ours, used or not yet. */
};
/* Classes of what the datapath makes by itself ("learn" actions): the OpenFlow
 * connection leaves it alone. */
#define DC_LEARNED_ARRIVAL 33
#define DC_LEARNED_MAC 34
#define DC_LEARNED_MOVED 35
#define DC_LEARNED_OUTSIDE 36
#define DESIRED_COOKIE(CLASS, OBJECT)           \
    ((uint64_t) (CLASS) << 48                   \
     | ((uint64_t) (OBJECT) & UINT64_C(0xffffffffffff)))

enum desired_kind { DK_FLOW, DK_GROUP, DK_BUCKET, DK_METER };

/* What a meter lets pass: 'rate', and as much as 'burst' at once after a
 * while without traffic.  The rest it drops (OpenFlow 1.5, section 5.7, with
 * one band). */
struct desired_meter {
    bool packets;               /* Counts packets and packets/s; otherwise
                                 * kbit and kbit/s. */
    uint32_t rate;              /* Never 0. */
    uint32_t burst;             /* Never 0. */
};

/* One item. */
struct desired_item {
    struct hmap_node node;      /* In struct desired's 'items', by key. */
    struct ovs_list dirty_node; /* In 'dirty', or empty. */
    struct ovs_list variants;   /* All contents emitted (internal). */
    const struct desired_variant *chosen;   /* The one that stands. */
    enum desired_kind kind;

    /* Key. */
    uint8_t table;              /* DK_FLOW. */
    uint16_t priority;          /* DK_FLOW. */
    struct minimatch match;     /* DK_FLOW. */
    uint32_t group_id;          /* DK_GROUP, DK_BUCKET; DK_METER: its id. */
    uint32_t bucket_id;         /* DK_BUCKET. */

    /* Content; meaningless while 'wanted' is false.  Belongs to 'chosen',
     * except for 'buckets' and 'props', which are copies. */
    bool wanted;                /* False: gone, but its removal is dirty. */
    uint64_t cookie;            /* DK_FLOW. */
    const struct ofpact *ofpacts;   /* DK_FLOW, DK_BUCKET. */
    size_t ofpacts_len;         /* Bytes. */
    enum ofp11_group_type type; /* DK_GROUP. */
    struct ovs_list buckets;    /* DK_GROUP: "struct ofputil_bucket"s. */
    struct ofputil_group_props props;   /* DK_GROUP. */
    struct desired_meter meter; /* DK_METER. */

    /* The OpenFlow connection's verdict on this content. */
    char *error;                /* Why the switch refused it, or NULL. */
    const char *where;          /* Source line that emitted it. */
};

struct desired {
    struct hmap items;          /* Contains "struct desired_item"s. */
    struct hmap owners;         /* By owner id (internal). */
    struct ovs_list dirty;      /* Items that changed, oldest first. */
    struct desired_owner *current;  /* Between begin and end, else NULL. */
    size_t n_flows, n_groups, n_buckets, n_meters;  /* Wanted, by kind. */
};

void desired_init(struct desired *);
void desired_destroy(struct desired *);

void desired_begin(struct desired *, uint64_t owner);
void desired_end(struct desired *);
bool desired_has_owner(const struct desired *, uint64_t owner);
void desired_remove_owner(struct desired *, uint64_t owner);

/* Emission, only between begin and end.  Arguments are copied. */
void desired_flow_at(struct desired *, uint8_t table, uint16_t priority,
                     uint64_t cookie, const struct match *,
                     const struct ofpbuf *ofpacts, const char *where);
#define desired_flow(D, TABLE, PRIORITY, COOKIE, MATCH, OFPACTS)        \
    desired_flow_at(D, TABLE, PRIORITY, COOKIE, MATCH, OFPACTS,         \
                    OVS_SOURCE_LOCATOR)
void desired_bucket_at(struct desired *, uint32_t group_id,
                       uint32_t bucket_id, const struct ofpbuf *ofpacts,
                       const char *where);
#define desired_bucket(D, GROUP, BUCKET, OFPACTS) \
    desired_bucket_at(D, GROUP, BUCKET, OFPACTS, OVS_SOURCE_LOCATOR)
/* Takes over the buckets of 'buckets' and leaves it empty. */
void desired_group_at(struct desired *, uint32_t group_id,
                      enum ofp11_group_type, struct ovs_list *buckets,
                      const struct ofputil_group_props *, const char *where);
#define desired_group(D, GROUP, TYPE, BUCKETS, PROPS) \
    desired_group_at(D, GROUP, TYPE, BUCKETS, PROPS, OVS_SOURCE_LOCATOR)
void desired_meter_at(struct desired *, uint32_t meter_id,
                      const struct desired_meter *, const char *where);
#define desired_meter(D, METER, CONTENT) \
    desired_meter_at(D, METER, CONTENT, OVS_SOURCE_LOCATOR)

/* Reading. */
struct desired_item *desired_find_flow(const struct desired *, uint8_t table,
                                       uint16_t priority,
                                       const struct match *);
struct desired_item *desired_find_group(const struct desired *,
                                        uint32_t group_id);
struct desired_item *desired_find_bucket(const struct desired *,
                                         uint32_t group_id,
                                         uint32_t bucket_id);
bool desired_ofpacts_equal(const struct ofpact *a, size_t a_len,
                           const struct ofpact *b, size_t b_len);
bool desired_buckets_equal(const struct ovs_list *a, const struct ovs_list *b);
bool desired_props_equal(const struct ofputil_group_props *,
                         const struct ofputil_group_props *);
bool desired_meters_equal(const struct desired_meter *,
                          const struct desired_meter *);
void desired_item_format(const struct desired_item *, struct ds *);
void desired_format(const struct desired *, struct ds *);   /* Sorted. */
const struct desired_item *desired_find_cookie(const struct desired *,
                                               uint64_t cookie,
                                               const struct desired_item *);
bool desired_owner_error(const struct desired *, uint64_t owner,
                         struct ds *error);

/* For the OpenFlow connection: takes the oldest dirty item off the list.  An
 * item that is not wanted any more must be given to desired_forget() once
 * the switch has lost it (which does nothing if it is wanted again). */
struct desired_item *desired_pop_dirty(struct desired *);
void desired_mark_dirty(struct desired *, struct desired_item *);
void desired_forget(struct desired *, struct desired_item *);

#endif /* desired.h */

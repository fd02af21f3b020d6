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

/* PURE: desired flows, groups and meters as text, in ovs-ofctl's form, and the
 * look-up of a flow by its cookie.  See desired.h. */

#include <config.h>

#include "ovs-bridge/desired.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "util.h"

static void
format_group(uint32_t group_id, enum ofp11_group_type type,
             const struct ovs_list *buckets,
             const struct ofputil_group_props *props, struct ds *s)
{
    struct ofputil_group_mod gm = {
        .command = OFPGC11_ADD,
        .type = type,
        .group_id = group_id,
        .command_bucket_id = OFPG15_BUCKET_ALL,
        .props = *props,
    };
    struct ds text = DS_EMPTY_INITIALIZER;

    ovs_list_init(&gm.buckets);
    ofputil_bucket_clone_list(&gm.buckets, buckets, NULL);
    ofputil_group_mod_format__(&text, OFP15_VERSION, &gm, NULL, NULL);
    ofputil_bucket_list_destroy(&gm.buckets);

    /* The text starts with a new line and the word "ADD". */
    const char *start = strstr(ds_cstr(&text), "group_id=");
    ovs_assert(start);
    ds_put_cstr(s, start);
    ds_destroy(&text);
}

static void
format_bucket(const struct desired_item *item, struct ds *s)
{
    struct ofputil_bucket bucket = {
        .watch_port = OFPP_ANY,
        .watch_group = OFPG_ANY,
        .bucket_id = item->bucket_id,
        .ofpacts = CONST_CAST(struct ofpact *, item->ofpacts),
        .ofpacts_len = item->ofpacts_len,
    };
    struct ofputil_group_props props = { .selection_method_param = 0 };
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);

    ovs_list_push_back(&buckets, &bucket.list_node);
    format_group(item->group_id, OFPGT11_ALL, &buckets, &props, s);
}

static void
format_flow(const struct desired_item *item, struct ds *s)
{
    ds_put_format(s, "cookie=0x%"PRIx64", table=%"PRIu8", ",
                  item->cookie, item->table);
    minimatch_format(&item->match, NULL, NULL, s, item->priority);
    if (ds_last(s) != ' ') {
        ds_put_char(s, ' ');
    }

    struct ofpact_format_params fp = { .s = s };
    ds_put_cstr(s, "actions=");
    ofpacts_format(item->ofpacts, item->ofpacts_len, &fp);
}

static void
format_meter(const struct desired_item *item, struct ds *s)
{
    ds_put_format(s, "meter=0x%"PRIx32",%s,burst,stats,band=type=drop,"
                  "rate=%"PRIu32",burst_size=%"PRIu32, item->group_id,
                  item->meter.packets ? "pktps" : "kbps", item->meter.rate,
                  item->meter.burst);
}

/* Appends 'item' to 's' as one line without its end, in the form that
 * ovs-ofctl prints or takes: a flow, or a group (a bucket that was emitted
 * for itself is printed as a group of which it is the only one), or a
 * meter. */
void
desired_item_format(const struct desired_item *item, struct ds *s)
{
    switch (item->kind) {
    case DK_FLOW:
        format_flow(item, s);
        break;

    case DK_GROUP:
        format_group(item->group_id, item->type, &item->buckets, &item->props,
                     s);
        break;

    case DK_BUCKET:
        format_bucket(item, s);
        break;

    case DK_METER:
        format_meter(item, s);
        break;

    default:
        OVS_NOT_REACHED();
    }
}

/* An item's place in the printed order, and its text. */
struct line {
    const struct desired_item *item;
    char *text;
};

static int
compare_lines(const void *a_, const void *b_)
{
    const struct line *la = a_, *lb = b_;
    const struct desired_item *a = la->item, *b = lb->item;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    } else if (a->table != b->table) {
        return a->table < b->table ? -1 : 1;
    } else if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    } else if (a->group_id != b->group_id) {
        return a->group_id < b->group_id ? -1 : 1;
    } else if (a->bucket_id != b->bucket_id) {
        return a->bucket_id < b->bucket_id ? -1 : 1;
    }
    return strcmp(la->text, lb->text);
}

/* Appends all wanted items of 'desired' to 's', one a line: flows by table and
 * falling priority, then groups, then the buckets of groups of type "all",
 * then meters. */
void
desired_format(const struct desired *desired, struct ds *s)
{
    size_t n_lines = (desired->n_flows + desired->n_groups
                      + desired->n_buckets + desired->n_meters);
    struct line *lines = xmalloc(MAX(n_lines, 1) * sizeof *lines);
    const struct desired_item *item;
    size_t n = 0;

    HMAP_FOR_EACH (item, node, &desired->items) {
        if (item->wanted) {
            struct ds text = DS_EMPTY_INITIALIZER;

            desired_item_format(item, &text);
            ovs_assert(n < n_lines);
            lines[n++] = (struct line) {
                .item = item, .text = ds_steal_cstr(&text),
            };
        }
    }
    ovs_assert(n == n_lines);

    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(s, "%s\n", lines[i].text);
        free(lines[i].text);
    }
    free(lines);
}

/* Returns the wanted flow with 'cookie' that follows 'prev' (NULL: the first),
 * or NULL if there are no more. */
const struct desired_item *
desired_find_cookie(const struct desired *desired, uint64_t cookie,
                    const struct desired_item *prev)
{
    struct hmap_node *node = prev ? hmap_next(&desired->items, &prev->node)
                                  : hmap_first(&desired->items);

    for (; node; node = hmap_next(&desired->items, node)) {
        const struct desired_item *item;

        item = CONTAINER_OF(node, struct desired_item, node);
        if (item->kind == DK_FLOW && item->wanted && item->cookie == cookie) {
            return item;
        }
    }
    return NULL;
}

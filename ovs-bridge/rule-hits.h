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

#ifndef RULE_HITS_H
#define RULE_HITS_H 1

/* PURE: how often traffic rules have matched, as their flows have counted.
 *
 * A rule has several flows, which come and go as it changes; what is told of
 * it never goes back. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"

struct hv_switch;
struct ofp_header;
struct ofpbuf;

struct rule_hits {
    struct hmap_node node;      /* In struct hv_ruleset's 'hits'. */
    int sequence;               /* Of the rule. */
    int64_t earlier;            /* Counted by flows that are gone... */
    int64_t last;               /* ...and by those of the last reading. */
    int64_t sum;                /* Of the reading under way. */
};

void rule_hits_destroy(struct hmap *);
void rule_hits_read(struct hv_switch *, uint64_t cookie, int64_t packets);
struct ofpbuf *rule_hits_request(const struct hv_switch *);
bool rule_hits_decode(const struct ofp_header *, struct hv_switch *);
void rule_hits_end(struct hv_switch *);

static inline int64_t
rule_hits_total(const struct rule_hits *hits)
{
    return hits->earlier + hits->last;
}

#endif /* rule-hits.h */

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

/* PURE: how often traffic rules have matched.  See rule-hits.h. */

#include <config.h>

#include "ovs-bridge/rule-hits.h"

#include <stdlib.h>

#include "byte-order.h"
#include "hash.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"

/* Frees what 'map' holds, and 'map'. */
void
rule_hits_destroy(struct hmap *map)
{
    struct rule_hits *hits;

    HMAP_FOR_EACH_POP (hits, node, map) {
        free(hits);
    }
    hmap_destroy(map);
}

static struct rule_hits *
find_or_add(struct hmap *map, int sequence)
{
    struct rule_hits *hits;

    HMAP_FOR_EACH_WITH_HASH (hits, node, hash_int(sequence, 0), map) {
        if (hits->sequence == sequence) {
            return hits;
        }
    }
    hits = xzalloc(sizeof *hits);
    hits->sequence = sequence;
    hmap_insert(map, &hits->node, hash_int(sequence, 0));
    return hits;
}

/* A flow of 'sw' with 'cookie' has counted 'packets'. */
void
rule_hits_read(struct hv_switch *sw, uint64_t cookie, int64_t packets)
{
    struct hv_ruleset *ruleset
        = (cookie >> 48 == DC_RULE
           ? hv_ruleset_find(sw, cookie >> 16 & UINT32_MAX) : NULL);

    if (ruleset && packets) {
        find_or_add(&ruleset->hits, cookie & 0xffff)->sum += packets;
    }
}

/* All flows of 'sw' have been read. */
void
rule_hits_end(struct hv_switch *sw)
{
    struct hv_ruleset *ruleset;

    HMAP_FOR_EACH (ruleset, node, &sw->rulesets) {
        struct rule_hits *hits;

        HMAP_FOR_EACH (hits, node, &ruleset->hits) {
            if (hits->sum < hits->last) {
                hits->earlier += hits->last;    /* They began again at 0. */
            }
            hits->last = hits->sum;
            hits->sum = 0;
        }
    }
}

/* Begins a new reading of the flows of 'sw'.  Returns a request for the
 * counters of all flows of rules (OpenFlow 1.5, section 7.3.5.2).
 * The caller frees it. */
struct ofpbuf *
rule_hits_request(const struct hv_switch *sw)
{
    struct hv_ruleset *ruleset;

    struct ofputil_flow_stats_request fsr = {
        .cookie = htonll(DESIRED_COOKIE(DC_RULE, 0)),
        .cookie_mask = htonll(UINT64_C(0xffff) << 48),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };

    HMAP_FOR_EACH (ruleset, node, &sw->rulesets) {
        struct rule_hits *hits;

        HMAP_FOR_EACH (hits, node, &ruleset->hits) {
            hits->sum = 0;      /* If the last one was broken off. */
        }
    }
    match_init_catchall(&fsr.match);
    return ofputil_encode_flow_stats_request(&fsr, OFPUTIL_P_OF15_OXM);
}

/* Takes the flows in 'oh', an answer to such a request or a part of one, from
 * the bridge of 'sw'.  Returns true if it is the last part. */
bool
rule_hits_decode(const struct ofp_header *oh, struct hv_switch *sw)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;
    bool last = !ofpmp_more(oh);

    ofpbuf_init(&ofpacts, 0);
    while (!ofputil_decode_flow_stats_reply(&fs, &msg, false, &ofpacts)) {
        rule_hits_read(sw, ntohll(fs.cookie), fs.packet_count);
    }
    ofpbuf_uninit(&ofpacts);
    if (last) {
        rule_hits_end(sw);
    }
    return last;
}

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


/* Fuzz target: what a bridge says over OpenFlow.
 *
 * The input is messages, each behind the other, which are taken as of-conn.c
 * and agent-flows.c do.  Whatever they are, nothing is taken for a counter or
 * a MAC that is none, and a question is over with the last part of its answer,
 * not before. */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/util.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/learned.h"
#include "ovs-bridge/of-count.h"
#include "ovs-bridge/of-read.h"
#include "ovs-bridge/rule-hits.h"
#include "tests/model-text.h"
#include "util.h"

/* What the agent takes from the bridge. */
struct taken {
    struct of_read read;
    struct installed installed;
    struct learned learned;
    struct hv_switch view;
    size_t n_counts;            /* Of the message at hand. */
};

static void
count_cb(void *t_, const struct of_count *count)
{
    struct taken *t = t_;

    ovs_assert(count->meter_id ? of_count_is_meter(count->meter_id)
               : of_count_is_counter(count->cookie));
    t->n_counts++;
}

/* Takes 'oh', of 'type', as an answer to what is asked when the connection is
 * made. */
static void
take_at_first(struct taken *t, enum ofptype type, const struct ofp_header *oh)
{
    ovs_be32 *const xids[] = { &t->read.flows_xid, &t->read.groups_xid,
                               &t->read.meters_xid, &t->read.features_xid };
    size_t n_answered = 0;

    for (size_t i = 0; i < ARRAY_SIZE(xids); i++) {
        *xids[i] = oh->xid ? oh->xid : 1;
    }
    if (of_read_take(&t->read, &t->installed, type, oh, "fuzz")) {
        bool last = (type == OFPTYPE_METER_FEATURES_STATS_REPLY
                     || !ofpmp_more(oh));

        for (size_t i = 0; i < ARRAY_SIZE(xids); i++) {
            n_answered += !*xids[i];
        }
        ovs_assert(n_answered == last);
    }
}

/* Takes flows 'oh' as an answer to any question about flows. */
static void
take_flows(struct taken *t, const struct ofp_header *oh)
{
    bool last = !ofpmp_more(oh);
    bool any;

    t->n_counts = 0;
    any = of_count_read(oh, count_cb, t);
    ovs_assert(any == (t->n_counts > 0));

    ovs_assert(learned_decode(&t->learned, oh) == last);
    if (last) {
        const struct learned_mac *macs = t->learned.macs;
        size_t n;

        for (size_t i = 0; i < t->learned.n; i += n) {
            const struct learned_mac *first;

            ovs_assert(macs[i].port);
            n = learned_of_port(&t->learned, macs[i].port, &first);
            ovs_assert(n && first == &macs[i]);
        }
        learned_begin(&t->learned);
    }

    ovs_assert(rule_hits_decode(oh, &t->view) == last);
}

static void
take(struct taken *t, const struct ofp_header *oh)
{
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }
    take_at_first(t, type, oh);
    if (type == OFPTYPE_FLOW_STATS_REPLY) {
        take_flows(t, oh);
    } else if (type == OFPTYPE_METER_STATS_REPLY) {
        of_count_read_meters(oh, count_cb, t);
    } else if (type == OFPTYPE_ERROR) {
        ofperr_decode_msg(oh, NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct taken t;
    char *error;

    memset(&t, 0, sizeof t);
    installed_init(&t.installed);
    learned_init(&t.learned);
    hv_switch_init(&t.view);
    error = model_text_read("port 7 rules-of=web filter=on "
                            "\"rule.10=action=drop direction=in\"", &t.view);
    ovs_assert(!error);
    hv_ruleset_for_port(&t.view, hv_port_find(&t.view, "7"));

    while (size >= sizeof(struct ofp_header)) {
        /* In memory of its own, so that a reader beyond its end is seen.  No
         * message comes that says another length or version of itself. */
        size_t n = MIN(MAX(data[2] << 8 | data[3], sizeof(struct ofp_header)),
                       size);
        struct ofp_header *oh = xmemdup(data, n);

        oh->version = OFP15_VERSION;
        oh->length = htons(n);
        take(&t, oh);
        free(oh);
        data += n;
        size -= n;
    }

    hv_switch_destroy(&t.view);
    learned_destroy(&t.learned);
    installed_destroy(&t.installed);
    return 0;
}

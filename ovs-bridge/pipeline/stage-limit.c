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

/* PURE: traffic rules that limit a rate, in packets per second: of each port
 * by itself, though ports share their rules.
 *
 * Such a rule only puts its number into PR_LIMIT.  The meter that the port has
 * for it comes ahead of its shaping:
 *
 *     SHIN    meter of the rule -> SHIN
 *     SHOUT   meter of the rule -> SHOUT, which table OUT comes to in a clone:
 *             copies for others do not suffer (see stage-shape.c)
 *
 * That of an uplink, which has no shaping, is in the same tables:
 *
 *     SHIN    meter of the rule -> SEC, where what passes goes on
 *     SHOUT   meter of the rule; table UP comes here in a clone
 *
 * On a datapath without meters they pass without limit; report-port.c says
 * so. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Priorities in SHIN and SHOUT. */
enum {
    LIMIT_UPLINK = 65535,       /* Above RULES_UPLINK. */
    LIMIT_PORT = 15             /* Above all but SHAPE_OWN. */
};

BUILD_ASSERT_DECL(DVS_RULE_LIMITS_MAX <= 1 << PM_PLACE_BITS);

/* Whose limits are being compiled: a port's or uplink's, in one direction. */
struct limited {
    uint32_t ofport;
    uint64_t cookie;
    uint16_t priority;
    bool in;
    struct match match;         /* Its frames, in SHIN or SHOUT. */
    int next;                   /* Table where they go on; negative: none. */
};

static void
compile_limit(const struct limited *whose, const struct hv_limit *limit,
              size_t place, struct desired *desired)
{
    uint32_t meter_id = pipeline_meter_id(
        whose->in ? PM_RULE_IN : PM_RULE_OUT,
        whose->ofport << PM_PLACE_BITS | place);
    struct match match = whose->match;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* As many as pass in a second may come at once. */
    desired_meter(desired, meter_id, (&(struct desired_meter) {
        .packets = true, .rate = limit->rate, .burst = limit->rate }));

    match_pr(&match, PR_LIMIT, limit->sequence);
    put_meter(&acts, meter_id);
    put_load(&acts, PR_LIMIT, 0);
    if (whose->next >= 0) {
        put_resubmit(&acts, whose->next);
    }
    desired_flow(desired, whose->in ? PT_SHIN : PT_SHOUT, whose->priority,
                 whose->cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_limits(const struct limited *whose, const struct hv_ruleset *ruleset,
               struct desired *desired)
{
    unsigned int direction = whose->in ? DVS_RULE_IN : DVS_RULE_OUT;

    for (size_t i = 0; i < ruleset->n_limits; i++) {
        if (ruleset->limits[i].directions & direction) {
            compile_limit(whose, &ruleset->limits[i], i, desired);
        }
    }
}

/* Emits the limits of the rules of uplink 'id'.  On the way out, a frame from
 * an uplink has that in PR_PICKED, too, but not its rules. */
static void
compile_uplink(const struct hv_uplink *uplink, int id,
               struct desired *desired)
{
    struct limited whose = {
        .ofport = ofp_to_u16(uplink->ofport),
        .cookie = DESIRED_COOKIE(DC_UPLINK, id),
        .priority = LIMIT_UPLINK,
        .in = true,
        .match = MATCH_CATCHALL_INITIALIZER,
        .next = PT_SEC,
    };

    match_set_in_port(&whose.match, uplink->ofport);
    compile_limits(&whose, uplink->ruleset, desired);

    whose.in = false;
    whose.next = -1;
    match_init_catchall(&whose.match);
    match_pr(&whose.match, PR_PICKED, id);
    match_pr(&whose.match, PR_RULES_OUT, uplink->ruleset->number);
    compile_limits(&whose, uplink->ruleset, desired);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    for (int id = 1; id <= HV_LAST_ID; id++) {
        if (!sw->no_meters && pipeline_has_uplink(sw, id)
            && sw->uplinks[id].ruleset) {
            compile_uplink(&sw->uplinks[id], id, desired);
        }
    }
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    const struct hv_ruleset *ruleset = port->hv->ruleset;
    struct limited whose = {
        .ofport = ofp_to_u16(port->hv->ofport),
        .cookie = port->cookie,
        .priority = LIMIT_PORT,
        .in = true,
        .match = MATCH_CATCHALL_INITIALIZER,
        .next = PT_SHIN,
    };

    if (!ruleset || sw->no_meters) {
        return;
    }
    match_pr(&whose.match, PR_SOURCE, whose.ofport);
    compile_limits(&whose, ruleset, desired);

    whose.in = false;
    whose.next = PT_SHOUT;
    match_init_catchall(&whose.match);
    match_pr(&whose.match, PR_DEST, whose.ofport);
    compile_limits(&whose, ruleset, desired);
}

const struct pipeline_stage stage_limit = {
    .name = "limit",
    .doc = "traffic rules that limit a rate",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

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
 * On a datapath without meters they pass without limit; report-port.c says
 * so. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Above all in SHIN and SHOUT but SHAPE_OWN. */
#define LIMIT_PRIORITY 15

/* Bits for a rule's place in a meter's object. */
#define PLACE_BITS 12
BUILD_ASSERT_DECL(DVS_RULE_LIMITS_MAX <= 1 << PLACE_BITS);

static void
compile_limit(const struct pipeline_port *port, const struct hv_limit *limit,
              size_t place, bool in, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint32_t meter_id = pipeline_meter_id(in ? PM_RULE_IN : PM_RULE_OUT,
                                          ofport << PLACE_BITS | place);
    enum pipeline_table table = in ? PT_SHIN : PT_SHOUT;
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* As many as pass in a second may come at once. */
    desired_meter(desired, meter_id, (&(struct desired_meter) {
        .packets = true, .rate = limit->rate, .burst = limit->rate }));

    match_pr(&match, in ? PR_SOURCE : PR_DEST, ofport);
    match_pr(&match, PR_LIMIT, limit->sequence);
    put_meter(&acts, meter_id);
    put_load(&acts, PR_LIMIT, 0);
    put_resubmit(&acts, table);
    desired_flow(desired, table, LIMIT_PRIORITY, port->cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    const struct hv_ruleset *ruleset = port->hv->ruleset;

    if (!ruleset || sw->no_meters) {
        return;
    }
    for (size_t i = 0; i < ruleset->n_limits; i++) {
        const struct hv_limit *limit = &ruleset->limits[i];

        if (limit->directions & DVS_RULE_IN) {
            compile_limit(port, limit, i, true, desired);
        }
        if (limit->directions & DVS_RULE_OUT) {
            compile_limit(port, limit, i, false, desired);
        }
    }
}

const struct pipeline_stage stage_limit = {
    .name = "limit",
    .doc = "traffic rules that limit a rate",
    .compile_port = compile_port,
};

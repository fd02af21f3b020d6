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

/* PURE: table TELL: copies to the agent of what it listens to (multicast.c),
 * but no more of them than it can take: a NIC that floods the switch with such
 * messages gets no other's lost.
 *
 *     TELL    from a NIC       -> its own meter -> the agent
 *             from an uplink   -> one for all   -> the agent
 *
 * What is too much for the agent still goes wherever else it should.  A
 * datapath without meters has none here. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "util.h"

#define TELL_PRIORITY 10

/* What the agent needs to see of a message: all of it. */
#define MESSAGE_BYTES UINT16_MAX

/* Messages a second, and at once, that the agent takes from a NIC.  One that
 * answers a query for each of SNOOP_MAX_GROUPS groups at once stays below. */
static const struct desired_meter nic_meter
    = { .packets = true, .rate = 100, .burst = 1000 };

/* Likewise, from all uplinks: those of all other hosts. */
static const struct desired_meter uplinks_meter
    = { .packets = true, .rate = 1000, .burst = 5000 };

static void
compile_tell(const struct hv_switch *sw, uint32_t ofport, uint64_t cookie,
             const struct desired_meter *meter, struct desired *desired)
{
    uint32_t meter_id = pipeline_meter_id(PM_TELL, ofport);
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_pr(&match, PR_SOURCE, ofport);
    if (sw->no_meters) {
        put_tell_agent(&acts, MESSAGE_BYTES);
    } else {
        put_tell_agent_metered(&acts, MESSAGE_BYTES, meter_id);
        desired_meter(desired, meter_id, meter);
    }
    desired_flow(desired, PT_TELL, TELL_PRIORITY, cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    if (sw->snooping) {
        compile_tell(sw, 0, DESIRED_COOKIE(DC_SWITCH, 0), &uplinks_meter,
                     desired);
    }
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    if (sw->snooping) {
        compile_tell(sw, ofp_to_u16(port->hv->ofport), port->cookie,
                     &nic_meter, desired);
    }
}

const struct pipeline_stage stage_tell = {
    .name = "tell",
    .doc = "copies to the agent",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

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

/* PURE: table UFLOOD: copies of unicast for an unknown MAC to ports that
 * learn, and have not heard yet, perhaps, from all that is behind them
 * (vSphere's "allowUnicastFlooding").
 *
 * It is done as for promiscuous ports (stage-prom.c), whose check of VLAN and
 * uplink in PROMC it shares: from an uplink, each copy is checked by
 * itself. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    FLOOD_LEARNING = 3,         /* Before FLOOD_PROM in stage-prom.c. */
    UFLOOD_ANY = 10
};

/* Emits where frames for unknown MACs go on, the same for each such port. */
static void
compile_shared(struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    pipeline_compile_flooding(desired);

    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_uplink, PF_UPLINK, PF_UPLINK);
    put_resubmit(&acts, PT_PROM);
    put_resubmit(&acts, PT_UFLOOD);
    desired_flow(desired, PT_FLOOD, FLOOD_LEARNING, cookie, &from_uplink,
                 &acts);

    struct match from_nic = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_nic, 0, PF_UPLINK);
    put_resubmit(&acts, PT_TEAM);
    desired_flow(desired, PT_FLOOD, FLOOD_LEARNING, cookie, &from_nic, &acts);

    struct match any = MATCH_CATCHALL_INITIALIZER;
    ofpbuf_clear(&acts);
    put_group(&acts, pipeline_group_id(PG_UNKNOWN, 0, 0, 0));
    desired_flow(desired, PT_UFLOOD, UFLOOD_ANY, cookie, &any, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    if (port->gets_unknown) {
        compile_shared(desired);
        pipeline_compile_copy(
            port, pipeline_group_id(PG_UNKNOWN, 0, 0, 0),
            pipeline_group_id(PG_UNKNOWN_SUB, 0, 0, port->chunk), desired);
    }
}

const struct pipeline_stage stage_unknown = {
    .name = "unknown",
    .doc = "unknown unicast to ports that learn",
    .compile_port = compile_port,
};

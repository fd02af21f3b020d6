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

/* PURE: in table RPF: ports whose NIC's frames go to an uplink in any case
 * (vSphere's "txUplink"), so that what is connected to the physical network
 * sees also those that stay on this host.
 *
 * All frames from a NIC but those for one NIC here go to its uplink anyway.
 * What the physical switch sends back of the copies is dropped as a
 * reflection (stage-sec.c, stage-learn.c). */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    RPF_TX_UPLINK = 15          /* Before RPF_ANY in stage-uplink.c. */
};

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!port->hv->setting.tx_uplink || !port->team) {
        return;
    }
    /* Copies for promiscuous ports come here, too. */
    match_flags(&match, 0, PF_UPLINK | PF_COPY);
    match_pr(&match, PR_SOURCE, ofp_to_u16(port->hv->ofport));
    put_load(&acts, PR_TEAM, port->team);
    put_resubmit(&acts, PT_TEAM);
    put_resubmit(&acts, PT_PROM);
    desired_flow(desired, PT_RPF, RPF_TX_UPLINK, port->cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

const struct pipeline_stage stage_tx_uplink = {
    .name = "tx_uplink",
    .doc = "copies of local traffic to the uplink",
    .compile_port = compile_port,
};

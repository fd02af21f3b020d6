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

/* PURE: table SEC: whether a frame's source address is one that may come from
 * there.  From a NIC that may send only from its own MAC, and that does not
 * tag, table IN lets only those pass (stage-in.c). */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    SEC_REFLECTION = 30,
    SEC_UPLINK = 27,            /* Before what is looked at of NICs only. */
    SEC_GROUP_MAC = 25,
    SEC_PORT = 20
};

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, PF_UPLINK, PF_UPLINK);
    put_resubmit(&acts, PT_L2);
    desired_flow(desired, PT_SEC, SEC_UPLINK, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);

    /* IEEE 802, section 8.2.2: a group address is never a source.  A port that
     * may send from any address may not send from these. */
    struct match group = MATCH_CATCHALL_INITIALIZER;
    match_flags(&group, 0, PF_UPLINK);
    match_group_source(&group);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_DRIN);
    desired_flow(desired, PT_SEC, SEC_GROUP_MAC, DESIRED_COOKIE(DC_SWITCH, 0),
                 &group, &acts);
    ofpbuf_uninit(&acts);
}

/* A frame that comes in on an uplink from the port's own MAC is the port's own
 * frame, sent out on another uplink and flooded back by the physical switch.
 * Only within the VLANs that the port sends in: in another VLAN, another host
 * may have the same MAC.
 *
 * Of forged frames nothing is known here, so what comes back of them passes;
 * whoever sends them could otherwise cut off another host's MAC.  Of learned
 * MACs something is: see stage-learn.c. */
static void
drop_reflections(const struct pipeline_port *port,
                 const struct vlan_block *block, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_flags(&match, PF_UPLINK, PF_UPLINK);
    match_vlan(&match, block);
    match_set_dl_src(&match, port->mac);
    desired_flow(desired, PT_SEC, SEC_REFLECTION, port->cookie, &match,
                 NULL);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    if (!port->strict) {
        struct match from_port = MATCH_CATCHALL_INITIALIZER;
        uint64_t stub[64 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        match_pr(&from_port, PR_SOURCE, ofp_to_u16(port->hv->ofport));
        if (!port->hv->setting.forged_transmits || port->learns) {
            /* Where others are to be learned, stage-learn.c lets them pass. */
            match_set_dl_src(&from_port, port->mac);
        }
        put_resubmit(&acts, port->admitted);
        desired_flow(desired, PT_SEC, SEC_PORT, port->cookie, &from_port,
                     &acts);
        ofpbuf_uninit(&acts);
    }

    if (port->arriving) {
        /* What comes from its MAC by an uplink is from the NIC itself, where
         * it still is. */
    } else if (port->vlans.guest) {
        for (size_t i = 0; i < port->vlans.n_rx; i++) {
            drop_reflections(port, &port->vlans.rx[i], desired);
        }
    } else {
        drop_reflections(port, &(struct vlan_block) { port->vlans.tx, 0xfff },
                         desired);
    }
}

const struct pipeline_stage stage_sec = {
    .name = "sec",
    .doc = "source MAC: forged transmits, reflections",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

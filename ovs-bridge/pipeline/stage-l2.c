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

/* PURE: table L2: from VLAN and destination address to the NIC on this host
 * that has it.
 *
 * Only local MACs are here, so that a change on one host changes nothing on
 * another: what is not local goes to the sender's uplink.
 *
 * One MAC on two ports in one VLAN cannot work; the port with the lower key
 * gets the frames (see desired.h). */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    L2_HIDDEN_TAG = 30,
    L2_KNOWN = 20,
    L2_REFUSED = 10,
    L2_BLOCKED = 10,            /* An open port with the same MAC goes
                                 * first. */
    L2_UNKNOWN = 0
};

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_FLOOD);
    desired_flow(desired, PT_L2, L2_UNKNOWN, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);

    /* A tag that a priority tag has hidden: see drop_hidden_tags() in
     * stage-in.c. */
    struct match hidden = MATCH_CATCHALL_INITIALIZER;
    match_vlan(&hidden, &(struct vlan_block) { 0, 0xfff });
    match_tagged(&hidden, NULL);
    desired_flow(desired, PT_L2, L2_HIDDEN_TAG, DESIRED_COOKIE(DC_SWITCH, 0),
                 &hidden, NULL);
}

/* Frames for a NIC here from a secondary VLAN that its port may not receive
 * from.  Without these, they would go out to the physical network as if for
 * nobody here. */
static void
compile_refused(const struct pipeline_port *port, struct desired *desired)
{
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_PROM);
    for (size_t i = 0; i < port->vlans.n_refused; i++) {
        const struct vlan_block block = { port->vlans.refused[i], 0xfff };
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_vlan(&match, &block);
        match_set_dl_dst(&match, port->mac);
        desired_flow(desired, PT_L2, L2_REFUSED, port->cookie, &match, &acts);
    }
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (port->arriving) {
        return;                 /* See stage-arrival.c. */
    }
    /* A deaf or blocked port's frames are dropped in table COUT, not sent out
     * as if for nobody here. */
    put_receiver(&acts, port->hv->ofport);
    put_load(&acts, PR_TEAM, port->team);
    put_resubmit(&acts, PT_RPF);
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_vlan(&match, &port->vlans.rx[i]);
        match_set_dl_dst(&match, port->mac);
        desired_flow(desired, PT_L2, port->open ? L2_KNOWN : L2_BLOCKED,
                     port->cookie, &match, &acts);
    }
    ofpbuf_uninit(&acts);
    compile_refused(port, desired);
}

static void
compile_closed_port(const struct hv_switch *sw,
                    const struct pipeline_port *port, struct desired *desired)
{
    if (port->refuses) {
        compile_port(sw, port, desired);
    }
}

const struct pipeline_stage stage_l2 = {
    .name = "l2",
    .doc = "VLAN and destination MAC to port",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
    .compile_closed_port = compile_closed_port,
};

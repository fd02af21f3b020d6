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
#include "util.h"

/* Priorities. */
enum {
    L2_HIDDEN_TAG = 30,
    L2_KNOWN = 20,
    L2_REFUSED = 10,
    L2_BLOCKED = 10,            /* An open port with the same MAC goes
                                 * first. */
    L2_LINK_PROTOCOL = 9,       /* Before all that is for no NIC here. */
    L2_FLOODING = 2,            /* After L2_LEARNED in stage-learn.c. */
    L2_TO_UPLINK = 1,
    L2_UNKNOWN = 0,

    REFUSED = 25                /* In RPF, UP and PROM, before all else. */
};

/* Emits that unicast from a NIC for a MAC that is not here goes on at
 * 'next'. */
static void
compile_from_nic(int priority, enum pipeline_table next,
                 struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, 0, PF_UPLINK);
    match_unicast(&match);
    put_resubmit(&acts, next);
    desired_flow(desired, PT_L2, priority, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* Emits that unicast for unknown MACs passes FLOOD, also from a NIC, from
 * where it goes straight to the uplink otherwise.  Each port that gets some of
 * it emits it. */
void
pipeline_compile_flooding(struct desired *desired)
{
    compile_from_nic(L2_FLOODING, PT_FLOOD, desired);
}

/* Protocols between switches that go on to no other link, as those that table
 * IN drops: there, unicast comes first. */
static void
drop_link_protocols(struct desired *desired)
{
    static const struct eth_addr macs[] = {     /* Extreme: EDP, EAPS. */
        ETH_ADDR_C(00,e0,2b,00,00,00), ETH_ADDR_C(00,e0,2b,00,00,04),
        ETH_ADDR_C(00,e0,2b,00,00,06),
    };

    for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_set_dl_dst(&match, macs[i]);
        desired_flow(desired, PT_L2, L2_LINK_PROTOCOL,
                     DESIRED_COOKIE(DC_SWITCH, 0), &match, NULL);
    }
}

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_FLOOD);
    desired_flow(desired, PT_L2, L2_UNKNOWN, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    compile_from_nic(L2_TO_UPLINK, PT_TEAM, desired);
    drop_link_protocols(desired);

    /* A tag that a priority tag has hidden: see drop_hidden_tags() in
     * stage-in.c. */
    struct match hidden = MATCH_CATCHALL_INITIALIZER;
    match_vlan(&hidden, &(struct vlan_block) { 0, 0xfff });
    match_tagged(&hidden, NULL);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_DRIN);
    desired_flow(desired, PT_L2, L2_HIDDEN_TAG, DESIRED_COOKIE(DC_SWITCH, 0),
                 &hidden, &acts);
    ofpbuf_uninit(&acts);
}

/* Emits, in 'table', that frames which 'match' too and are refused count as
 * dropped on the way to their receiver. */
static void
compile_refusal(enum pipeline_table table, struct match match, uint32_t flags,
                struct desired *desired)
{
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, PF_REFUSED | flags, PF_REFUSED | PF_UPLINK);
    put_resubmit(&acts, PT_DROUT);
    desired_flow(desired, table, REFUSED, DESIRED_COOKIE(DC_SWITCH, 0), &match,
                 &acts);
    ofpbuf_uninit(&acts);
}

/* Emits where frames that are refused go, the same for each port that gets
 * such: a frame from an uplink passes the check there first, and comes to PROM
 * where the port's team does not check (stage-team.c). */
static void
compile_refusals(const struct hv_switch *sw, struct desired *desired)
{
    struct match any = MATCH_CATCHALL_INITIALIZER;

    compile_refusal(PT_RPF, any, 0, desired);
    compile_refusal(PT_PROM, any, PF_UPLINK, desired);
    for (int id = 1; id <= HV_LAST_LAG; id++) {
        if (hv_uplink_is_here(sw, id)) {
            struct match match = any;

            match_pr(&match, PR_CAME_IN, id);
            match_pr(&match, PR_PICKED, id);
            compile_refusal(PT_UP, match, PF_UPLINK, desired);
        }
    }
}

/* Frames for a NIC here from a secondary VLAN that its port may not receive
 * from.  Without these, they would go out to the physical network as if for
 * nobody here.  They are copied like such, and counted (stage-count.c). */
static void
compile_refused(const struct hv_switch *sw, const struct pipeline_port *port,
                struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!pipeline_gets_refused(port)) {
        return;
    }
    compile_refusals(sw, desired);
    put_resubmit(&acts, PT_PROM);
    put_flags(&acts, PF_REFUSED | PF_COPY);
    put_receiver(&acts, port->hv->ofport);
    put_load(&acts, PR_TEAM, port->team);
    put_resubmit(&acts, PT_RPF);
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
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (port->arriving) {
        return;                 /* See stage-arrival.c. */
    }
    /* A deaf or blocked port's frames are dropped in table COUT, not sent out
     * as if for nobody here. */
    put_receiver_in_team(&acts, port->hv->ofport, port->team);
    put_resubmit(&acts, PT_RPF);
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_vlan(&match, &port->vlans.rx[i]);
        match_set_dl_dst(&match, port->mac);
        desired_flow(desired, PT_L2, port->open ? L2_KNOWN : L2_BLOCKED,
                     port->cookie, &match, &acts);
    }
    ofpbuf_uninit(&acts);
    compile_refused(sw, port, desired);
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

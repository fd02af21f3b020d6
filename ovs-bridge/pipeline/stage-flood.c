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

/* PURE: tables FLOOD, VFLOOD, TFLOOD, FTEAM and SUB: frames for more than one
 * NIC, and for unknown addresses.
 *
 * Broadcast and multicast go to the ports of the VLAN on this host, and, if
 * from a NIC, to its own uplink.  Unknown unicast goes to the sender's uplink:
 * all MACs of this host are known, so it is for none of its NICs.  Promiscuous
 * ports get a copy of it (stage-prom.c), and so do ports that learn MACs
 * (stage-unknown.c); where there is no such port, what comes from a NIC does
 * not come here (stage-l2.c).
 *
 * The ports of a VLAN are grouped by team, because a frame from an uplink must
 * reach only those whose team uses that uplink now; else each would get a copy
 * from every uplink.  That is for the team's own group to say (stage-team.c),
 * so it follows a failover at once.
 *
 *     VFLOOD  VLAN          -> group FLOOD:  one bucket for each team
 *     TFLOOD                -> the same for the teams of trunk ports
 *     FTEAM   one team      -> from a NIC:    SUB
 *                              from an uplink: TEAM, UP (the check), SUB
 *     SUB     VLAN and team -> group SUB:    one bucket for each port
 *
 * All of VFLOOD, TFLOOD and SUB is emitted by the ports it is for, the same by
 * each of a kind, so that a port costs what is its own. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "openvswitch/ofp-actions.h"

/* Priorities. */
enum {
    FLOOD_MULTICAST = 20,
    FLOOD_UNKNOWN = 1,
    FLOOD_ANY = 10              /* In the other tables. */
};

static void
compile_flood(uint32_t from, bool multicast, int priority,
              const enum pipeline_table *next, size_t n_next,
              struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, from, PF_UPLINK);
    if (multicast) {
        match_multicast(&match);
    }
    for (size_t i = 0; i < n_next; i++) {
        put_resubmit(&acts, next[i]);
    }
    desired_flow(desired, PT_FLOOD, priority, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_fteam(uint32_t from, enum pipeline_table next,
              struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, from, PF_UPLINK);
    put_resubmit(&acts, next);
    desired_flow(desired, PT_FTEAM, FLOOD_ANY, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    static const enum pipeline_table multicast[] = { PT_VFLOOD, PT_TFLOOD,
                                                     PT_TEAM };
    static const enum pipeline_table unknown[] = { PT_TEAM };

    /* From a NIC also to its own uplink, from an uplink without that. */
    compile_flood(0, true, FLOOD_MULTICAST, multicast, 3, desired);
    compile_flood(PF_UPLINK, true, FLOOD_MULTICAST, multicast, 2, desired);
    compile_flood(0, false, FLOOD_UNKNOWN, unknown, 1, desired);
    compile_flood(PF_UPLINK, false, FLOOD_UNKNOWN, unknown, 0, desired);

    compile_fteam(0, PT_SUB, desired);
    compile_fteam(PF_UPLINK, PT_TEAM, desired);
}

/* Emits what floods go through to reach 'port': 'table' (VFLOOD or TFLOOD) and
 * SUB for frames of 'vlan', which is PG_ALL_TRUNKS in TFLOOD.  'bucket' is
 * what a copy for the port does. */
static void
compile_member(const struct pipeline_port *port, enum pipeline_table table,
               int vlan, const struct ofpbuf *bucket, struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_VLAN, vlan);
    uint32_t flood = pipeline_group_id(PG_FLOOD, vlan, 0, 0);
    uint32_t sub = pipeline_group_id(PG_SUB, vlan, port->team, port->chunk);
    bool trunk = vlan == PG_ALL_TRUNKS;
    const struct vlan_block block = { vlan, 0xfff };
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* The frame's VLAN to its teams. */
    struct match in_vlan = MATCH_CATCHALL_INITIALIZER;
    if (!trunk) {
        match_vlan(&in_vlan, &block);
    }
    put_group(&acts, flood);
    desired_flow(desired, table, FLOOD_ANY, cookie, &in_vlan, &acts);

    /* One of them is this one. */
    ofpbuf_clear(&acts);
    if (trunk) {
        put_flags(&acts, PF_TRUNK);
    }
    put_load(&acts, PR_TEAM, port->team);
    put_load(&acts, PR_CHUNK, port->chunk);
    put_resubmit(&acts, PT_FTEAM);
    desired_bucket(desired, flood, port->team << 4 | port->chunk, &acts);

    /* The team to its ports in the VLAN. */
    struct match of_team = MATCH_CATCHALL_INITIALIZER;
    match_flags(&of_team, trunk ? PF_TRUNK : 0, PF_TRUNK);
    if (!trunk) {
        match_vlan(&of_team, &block);
    }
    match_pr(&of_team, PR_TEAM, port->team);
    match_pr(&of_team, PR_CHUNK, port->chunk);
    ofpbuf_clear(&acts);
    put_group(&acts, sub);
    desired_flow(desired, PT_SUB, FLOOD_ANY, cookie, &of_team, &acts);

    /* One of them is this one. */
    desired_bucket(desired, sub, ofp_to_u16(port->hv->ofport), bucket);

    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    uint64_t stub[128 / 8];
    struct ofpbuf bucket = OFPBUF_STUB_INITIALIZER(stub);

    if (port->arriving) {
        return;
    }
    put_receiver(&bucket, port->hv->ofport);
    /* Straight to the first table that looks at the single port: this is once
     * for each port and frame, and Open vSwitch allows 4,096 for a frame.
     * With COUT and CPOUT, that is enough for twice as many NICs as vSphere
     * has on a host (1,016), all in one VLAN. */
    put_resubmit(&bucket, port->rules_out ? PT_FOUT
                 : port->vlans.guest || port->metered_out ? PT_OUT : PT_CPOUT);
    if (port->vlans.guest) {
        compile_member(port, PT_TFLOOD, PG_ALL_TRUNKS, &bucket, desired);
    } else {
        for (size_t i = 0; i < port->vlans.n_rx; i++) {
            compile_member(port, PT_VFLOOD, port->vlans.rx[i].vid, &bucket,
                           desired);
        }
    }
    ofpbuf_uninit(&bucket);
}

/* What is for a blocked port gets as far as to table COUT, which counts it. */
static void
compile_closed_port(const struct hv_switch *sw,
                    const struct pipeline_port *port, struct desired *desired)
{
    if (port->refuses) {
        compile_port(sw, port, desired);
    }
}

const struct pipeline_stage stage_flood = {
    .name = "flood",
    .doc = "broadcast, multicast and unknown unicast",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
    .compile_closed_port = compile_closed_port,
};

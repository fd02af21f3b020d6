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

/* PURE: NICs that are about to arrive: this host has been told of their port,
 * but another host delivers to them still.
 *
 * A hypervisor plugs a migrating machine's NIC in at its destination long
 * before the machine runs there.  So everything that the port needs stands
 * early, but nothing is delivered to the NIC, and the frames of this host's
 * other NICs for it go to the uplink, as for any NIC that is not here.  The
 * surest sign that the machine has begun to run is that its NIC sends:
 *
 *     SEC    own MAC       -> remember the arrival in ARR; tell the agent; on
 *     L2     VLAN and MAC  -> ARR, ARRD
 *     ARR    arrived       -> flag PF_ARRIVED         (learned)
 *     ARRD   with the flag -> deliver
 *            without it    -> as if the MAC were unknown
 *
 * Table ARR is written by the datapath, before the very first frame leaves,
 * so not even the answer to that frame is lost.  The agent then compiles the
 * port as active, which adds it to floods and drops reflections, and this file
 * has no more to do with it. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include <stdlib.h>

#include "learn.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "util.h"

/* Priorities. */
enum {
    SEC_ARRIVAL = 22,           /* Before SEC_PORT in stage-sec.c. */
    L2_KNOWN = 20,              /* As in stage-l2.c. */
    ARR_LEARNED = 10,
    ARRD_ARRIVED = 20,
    ARRD_AWAY = 0
};

/* Seconds for which an arrival is remembered.  The agent needs milliseconds;
 * each further frame remembers it again. */
#define ARRIVAL_TIMEOUT 3

/* Bytes of a frame that the agent gets to see.  The flow that sent it says it
 * all. */
#define ARRIVAL_BYTES 64

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_load(&acts, PR_DEST, 0);
    put_resubmit(&acts, PT_FLOOD);
    desired_flow(desired, PT_ARRD, ARRD_AWAY, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* The flow that the datapath makes: "reg5 is this NIC: it has arrived".  Its
 * cookie is of no class of ours, so that nobody takes it for a stray. */
static void
put_remember(struct ofpbuf *acts)
{
    char *text = xasprintf(
        "table=%d,priority=%d,hard_timeout=%d,cookie=%#"PRIx64","
        "NXM_NX_REG5[]=NXM_NX_REG1[],load:1->NXM_NX_REG0[7]",
        PT_ARR, ARR_LEARNED, ARRIVAL_TIMEOUT,
        DESIRED_COOKIE(DC_LEARNED_ARRIVAL, 0));
    char *error = learn_parse(text, NULL, NULL, acts);

    BUILD_ASSERT(PR_DEST == MFF_REG5 && PR_SOURCE == MFF_REG1);
    BUILD_ASSERT(PR_FLAGS == MFF_REG0 && PF_ARRIVED == 1 << 7);
    ovs_assert(!error);
    free(text);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint64_t stub[512 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!port->arriving) {
        return;
    }

    struct match own = MATCH_CATCHALL_INITIALIZER;
    match_pr(&own, PR_SOURCE, ofport);
    match_set_dl_src(&own, port->mac);
    put_remember(&acts);
    put_tell_agent(&acts, ARRIVAL_BYTES);
    put_resubmit(&acts, port->admitted);
    desired_flow(desired, PT_SEC, SEC_ARRIVAL, port->cookie, &own, &acts);

    ofpbuf_clear(&acts);
    put_load(&acts, PR_DEST, ofport);
    put_resubmit(&acts, PT_ARR);
    put_resubmit(&acts, PT_ARRD);
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_vlan(&match, &port->vlans.rx[i]);
        match_set_dl_dst(&match, port->mac);
        desired_flow(desired, PT_L2, L2_KNOWN, port->cookie, &match, &acts);
    }

    struct match arrived = MATCH_CATCHALL_INITIALIZER;
    match_flags(&arrived, PF_ARRIVED, PF_ARRIVED);
    match_pr(&arrived, PR_DEST, ofport);
    ofpbuf_clear(&acts);
    if (!port->deaf) {
        put_receiver_in_team(&acts, port->hv->ofport, port->team);
        put_resubmit(&acts, PT_RPF);
    }
    desired_flow(desired, PT_ARRD, ARRD_ARRIVED, port->cookie, &arrived,
                 &acts);
    ofpbuf_uninit(&acts);
}

/* Returns the key of the port whose NIC the frame that the agent was told of,
 * by the flow in 'table' with 'cookie', has come from, if it says that a NIC
 * has arrived.  Otherwise NULL.  The caller must free the key. */
char *
pipeline_arrival(uint8_t table, uint64_t cookie)
{
    return ((table == PT_SEC || table == PT_LEARN) && cookie >> 48 == DC_PORT
            ? xasprintf("%"PRIu64, cookie & UINT64_C(0xffffffffffff))
            : NULL);
}

const struct pipeline_stage stage_arrival = {
    .name = "arrival",
    .doc = "NICs that are about to arrive from another host",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

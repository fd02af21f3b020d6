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

/* PURE: tables PROM and PROMC: copies of unicast frames to promiscuous ports.
 *
 * A promiscuous port gets each unicast frame of its VLANs that is sent or
 * delivered on this host, once.  (Broadcast and multicast it gets like any
 * other port.)  So the copies are made when it is clear who the frame is for:
 *
 *     for a NIC here   after the check that it came in where the NIC's team
 *                      is (stage-uplink.c); the NIC itself gets no copy
 *     for nobody here  before it goes to the sender's uplink; if it came from
 *                      an uplink, each copy passes that check by itself, for
 *                      the physical switch floods it to every uplink
 *
 *     PROM   any frame, once  -> group PROM: chunks -> group PROM_SUB: ports
 *     PROMC  port and VLAN    -> RPF, UP (the check), PROM, FOUT
 *
 * A sender gets no copy of its own: Open vSwitch does not send a frame to the
 * port that it came from. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    FLOOD_PROM = 2,             /* Before FLOOD_UNKNOWN in stage-flood.c. */

    PROM_COPY = 20,             /* In PROM. */
    PROM_UNKNOWN = 12,
    PROM_KNOWN = 10,
    PROM_NOBODY = 5,

    PROMC_DESTINATION = 20,     /* In PROMC. */
    PROMC_PORT = 10
};

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* A copy is not copied. */
    struct match copy = MATCH_CATCHALL_INITIALIZER;
    match_flags(&copy, PF_COPY, PF_COPY);
    put_resubmit(&acts, PT_FOUT);
    desired_flow(desired, PT_PROM, PROM_COPY, cookie, &copy, &acts);
    ofpbuf_uninit(&acts);

    /* Without promiscuous ports, there is nothing to do for a frame that is
     * for no NIC here. */
    struct match nobody = MATCH_CATCHALL_INITIALIZER;
    match_pr(&nobody, PR_DEST, 0);
    desired_flow(desired, PT_PROM, PROM_NOBODY, cookie, &nobody, NULL);
}

/* Emits what has frames copied at all, the same for each promiscuous port, and
 * a copy for 'port'. */
static void
compile_copies(const struct hv_switch *sw, const struct pipeline_port *port,
               struct desired *desired)
{
    uint32_t all = pipeline_group_id(PG_PROM, 0, 0, 0);
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    pipeline_compile_detour(sw, desired);
    pipeline_compile_flooding(desired);

    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_uplink, PF_UPLINK, PF_UPLINK);
    put_resubmit(&acts, PT_PROM);
    desired_flow(desired, PT_FLOOD, FLOOD_PROM, cookie, &from_uplink, &acts);

    struct match from_nic = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_nic, 0, PF_UPLINK);
    put_resubmit(&acts, PT_TEAM);
    desired_flow(desired, PT_FLOOD, FLOOD_PROM, cookie, &from_nic, &acts);

    struct match unknown = MATCH_CATCHALL_INITIALIZER;
    match_pr(&unknown, PR_DEST, 0);
    ofpbuf_clear(&acts);
    put_group(&acts, all);
    desired_flow(desired, PT_PROM, PROM_UNKNOWN, cookie, &unknown, &acts);

    struct match known = MATCH_CATCHALL_INITIALIZER;
    put_resubmit(&acts, PT_FOUT);
    desired_flow(desired, PT_PROM, PROM_KNOWN, cookie, &known, &acts);
    ofpbuf_uninit(&acts);

    pipeline_compile_copy(port, all,
                          pipeline_group_id(PG_PROM_SUB, 0, 0, port->chunk),
                          desired);
}

/* Emits which frames the copy for 'port' is made of. */
static void
compile_checks(const struct pipeline_port *port, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    struct match destination = MATCH_CATCHALL_INITIALIZER;
    match_pr(&destination, PR_COPY, ofport);
    match_pr(&destination, PR_DEST, ofport);
    desired_flow(desired, PT_PROMC, PROMC_DESTINATION, port->cookie,
                 &destination, NULL);

    put_flags(&acts, PF_COPY);
    put_copy_receiver(&acts, port->hv->ofport, port->team);
    put_resubmit(&acts, PT_RPF);
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_pr(&match, PR_COPY, ofport);
        match_vlan(&match, &port->vlans.rx[i]);
        desired_flow(desired, PT_PROMC, PROMC_PORT, port->cookie, &match,
                     &acts);
    }
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    if (port->hv->setting.promiscuous && !port->deaf && !port->arriving) {
        compile_copies(sw, port, desired);
        compile_checks(port, desired);
    } else if (port->gets_unknown || port->snooped) {
        /* See stage-unknown.c and stage-mcast.c. */
        compile_checks(port, desired);
    }
}

const struct pipeline_stage stage_prom = {
    .name = "prom",
    .doc = "copies to promiscuous ports",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

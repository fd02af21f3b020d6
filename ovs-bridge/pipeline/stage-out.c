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

/* PURE: table OUT: delivery to one NIC, with the tag that it expects.  The
 * output itself is in table COUT (stage-count.c).
 *
 * To a NIC that expects no tag, frames pass as they are (stage-pass.c).  Where
 * all NICs are such, most do not come here (pipeline_compile_detour()). */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities. */
enum {
    OUT_UNTAGGED = 20,
    OUT_ANY = 10,
    OUT_OTHERS = 5
};

/* Appends to 'acts' where what is for 'port' goes on. */
static void
put_on(struct ofpbuf *acts, const struct pipeline_port *port)
{
    if (port->metered_out) {
        put_metered_output(acts, PT_SHOUT, PT_CPOUT, port->hv->ofport);
    } else {
        put_resubmit(acts, PT_CPOUT);
    }
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    uint32_t dest = ofp_to_u16(port->hv->ofport);
    uint64_t stub[256 / 8];
    struct ofpbuf plain = OFPBUF_STUB_INITIALIZER(stub);

    if (port->vlans.guest || port->metered_out) {
        pipeline_compile_detour(sw, desired);
    }

    put_on(&plain, port);
    struct match to_port = MATCH_CATCHALL_INITIALIZER;
    match_pr(&to_port, PR_DEST, dest);
    if (!port->vlans.guest) {
        if (port->metered_out) {
            desired_flow(desired, PT_OUT, OUT_ANY, port->cookie, &to_port,
                         &plain);
        }
        ofpbuf_uninit(&plain);
        return;
    }

    /* Floods come here in any VLAN, so the VLAN is checked. */
    desired_flow(desired, PT_OUT, OUT_OTHERS, port->cookie, &to_port, NULL);
    if (port->vlans.untagged) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_pr(&match, PR_DEST, dest);
        match_no_tag(&match);
        desired_flow(desired, PT_OUT, OUT_UNTAGGED, port->cookie, &match,
                     &plain);
    }

    uint64_t tagged_stub[256 / 8];
    struct ofpbuf tagged = OFPBUF_STUB_INITIALIZER(tagged_stub);

    put_give_tag(&tagged);
    put_on(&tagged, port);
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_pr(&match, PR_DEST, dest);
        match_vlan(&match, &port->vlans.rx[i]);
        desired_flow(desired, PT_OUT, OUT_ANY, port->cookie, &match, &tagged);
    }
    ofpbuf_uninit(&plain);
    ofpbuf_uninit(&tagged);
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

const struct pipeline_stage stage_out = {
    .name = "out",
    .doc = "to the NIC, with or without tag",
    .compile_port = compile_port,
    .compile_closed_port = compile_closed_port,
};

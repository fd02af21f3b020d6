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

/* PURE: table MARK: the marks that a port puts on what its NIC sends: priority
 * (IEEE 802.1Q, section 6.9.3) and differentiated services code point (RFC
 * 2474).
 *
 * They come before the traffic rules, which may set others.  Only ports that
 * mark send their frames here. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "packets.h"

/* Priorities. */
enum {
    MARK_IP = 20,
    MARK_ANY = 10
};

/* Emits what becomes of frames of 'port' with EtherType 'dl_type', of all
 * others if it is 0. */
static void
compile_marks(const struct pipeline_port *port, uint16_t dl_type,
              struct desired *desired)
{
    const struct dvs_setting *setting = &port->hv->setting;
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_pr(&match, PR_SOURCE, ofp_to_u16(port->hv->ofport));
    if (dl_type) {
        match_set_dl_type(&match, htons(dl_type));
        put_dscp(&acts, setting->dscp);
    }
    if (setting->cos != DVS_MARK_NONE) {
        put_priority(&acts, setting->cos);
    }
    put_resubmit(&acts, port->marked);
    desired_flow(desired, PT_MARK, dl_type ? MARK_IP : MARK_ANY, port->cookie,
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    if (port->admitted == PT_MARK) {
        compile_marks(port, 0, desired);
        if (port->hv->setting.dscp != DVS_MARK_NONE) {
            compile_marks(port, ETH_TYPE_IP, desired);
            compile_marks(port, ETH_TYPE_IPV6, desired);
        }
    }
}

const struct pipeline_stage stage_mark = {
    .name = "mark",
    .doc = "marks of a port: priority and DSCP",
    .compile_port = compile_port,
};

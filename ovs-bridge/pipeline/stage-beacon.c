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

/* PURE: in table IN: beacons (beacon.h) of the host's own go from its uplinks
 * to the agent, and all others nowhere: they are not for NICs, and a guest
 * that sends some would be heard by other hosts.
 *
 * The agent needs only those of its own host, of which there are few, so the
 * flow that brings them is for their source address.  It is emitted by each
 * port that asks for beacons. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/beacon.h"
#include "ovs-bridge/pipeline/actions.h"

/* Priorities: ahead of the others of table IN. */
enum {
    IN_OWN_BEACON = 146,
    IN_BEACON = 145
};

/* What the agent needs to see of a beacon: all of it. */
#define BEACON_BYTES UINT16_MAX

static void
match_beacon(struct match *match)
{
    const struct eth_addr dst = BEACON_MAC;

    match_set_dl_dst(match, dst);
    match_set_dl_type(match, htons(BEACON_ETH_TYPE));
}

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_beacon(&match);
    desired_flow(desired, PT_IN, IN_BEACON, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, NULL);
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    const struct eth_addr mask = ETH_ADDR_C(ff,ff,ff,ff,ff,00);
    uint32_t uplinks = (hv_port_is_probed(sw, port->hv)
                        ? hv_port_probed_uplinks(sw, port->hv) : 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_tell_agent(&acts, BEACON_BYTES);
    for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        if (uplinks & BEACON_BIT(id) && pipeline_has_uplink(sw, id)) {
            match_beacon(&match);
            match_set_in_port(&match, sw->uplinks[id].ofport);
            match_set_dl_src_masked(&match, beacon_source(sw->host, &sw->uuid),
                                    mask);
            desired_flow(desired, PT_IN, IN_OWN_BEACON,
                         DESIRED_COOKIE(DC_UPLINK, id), &match, &acts);
        }
    }
    ofpbuf_uninit(&acts);
}

const struct pipeline_stage stage_beacon = {
    .name = "beacon",
    .doc = "beacons to the agent, or nowhere",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

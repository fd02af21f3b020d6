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

/* PURE: table TEAM: from a team to the uplink that it uses now.
 *
 * The choice is a fast_failover group's (OpenFlow 1.5, section 5.10.1): the
 * first uplink in the team's order that is live.  It is made in the datapath,
 * whether or not the agent runs.  What the choice is for, sending or checking,
 * is for table UP to say (stage-uplink.c).
 *
 * A team's group is emitted by each port that uses the team. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "openvswitch/ofp-group.h"
#include "util.h"

#define TEAM_PRIORITY 10

static void
add_bucket(struct ovs_list *buckets, int uplink, ofp_port_t ofport)
{
    struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_load(&acts, PR_PICKED, uplink);
    put_resubmit(&acts, PT_UP);

    bucket->watch_port = ofport;
    bucket->watch_group = OFPG_ANY;
    bucket->bucket_id = uplink;
    bucket->ofpacts_len = acts.size;
    bucket->ofpacts = xmemdup(acts.data, acts.size);
    ovs_list_push_back(buckets, &bucket->list_node);
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    if (!port->team) {
        return;
    }

    uint32_t group_id = pipeline_group_id(PG_TEAM, 0, port->team, 0);
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);

    for (size_t i = 0; i < port->hv_team->n_order; i++) {
        int uplink = port->hv_team->order[i];

        add_bucket(&buckets, uplink, sw->uplinks[uplink].ofport);
    }
    desired_group(desired, group_id, OFPGT11_FF, &buckets, NULL);

    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_pr(&match, PR_TEAM, port->team);
    put_group(&acts, group_id);
    desired_flow(desired, PT_TEAM, TEAM_PRIORITY,
                 DESIRED_COOKIE(DC_TEAM, port->team), &match, &acts);
    ofpbuf_uninit(&acts);
}

const struct pipeline_stage stage_team = {
    .name = "team",
    .doc = "team to the uplink it uses now",
    .compile_port = compile_port,
};

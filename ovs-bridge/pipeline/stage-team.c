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
 * first uplink in the team's order that is live; a LAG is live as long as its
 * own group is (stage-lag.c).  It is made in the datapath, whether or not the
 * agent runs.  What the choice is for, sending or checking, is for table UP to
 * say (stage-uplink.c).
 *
 * A team that spreads has a group of type "select" ahead of it, which picks
 * one of its slots' fast_failover groups by a hash of some fields.
 *
 * By source MAC, the check must give each frame from outside one uplink of
 * several on which copies of it come in.  For a flood, that is the one the
 * hash of its source gives: of a NIC's own flood, all copies that come back
 * come in on others.  For known unicast, it is the one the hash of its
 * destination gives, since that is where the physical switch heard of that
 * address.
 *
 * A team's groups are emitted by each port that uses the team. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "openvswitch/ofp-group.h"
#include "util.h"

/* Priorities. */
enum {
    TEAM_ANY_UPLINK = 30,
    TEAM_KNOWN = 20,
    TEAM_ANY = 10,
    TEAM_NONE = 5,

    UP_NONE = 5                 /* In table UP. */
};

/* Bucket id, after those of uplinks. */
#define NO_UPLINK (HV_LAST_ID + 1)

/* Chunks of PG_SPREAD. */
enum { SPREAD_ANY, SPREAD_KNOWN };

static struct ofputil_bucket *
add_bucket(struct ovs_list *buckets, int uplink, const struct ofpbuf *acts)
{
    struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);

    bucket->watch_port = OFPP_ANY;
    bucket->watch_group = OFPG_ANY;
    bucket->bucket_id = uplink;
    bucket->ofpacts_len = acts->size;
    bucket->ofpacts = xmemdup(acts->data, acts->size);
    ovs_list_push_back(buckets, &bucket->list_node);
    return bucket;
}

static void
compile_order(const struct hv_switch *sw, const struct hv_team *team,
              struct desired *desired)
{
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    for (size_t i = 0; i < team->n_order; i++) {
        int uplink = team->order[i];
        struct ofputil_bucket *bucket;

        ofpbuf_clear(&acts);
        put_load(&acts, PR_PICKED, uplink);
        put_resubmit(&acts, PT_UP);
        bucket = add_bucket(&buckets, uplink, &acts);
        if (uplink <= HV_MAX_UPLINKS) {
            bucket->watch_port = sw->uplinks[uplink].ofport;
        } else {
            bucket->watch_group = pipeline_group_id(PG_LAG, uplink, 0, 0);
        }
    }
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_UP);
    add_bucket(&buckets, NO_UPLINK, &acts)->watch_group
        = pipeline_compile_any_time(desired);
    desired_group(desired, pipeline_group_id(PG_TEAM, 0, team->number, 0),
                  OFPGT11_FF, &buckets, NULL);
    ofpbuf_uninit(&acts);
}

/* Emits the group 'group_id' that picks one of 'team''s slots by the
 * 'n_fields' fields in 'fields'.  The same values of fields of the same
 * lengths give the same slot, whatever the fields are. */
static void
compile_spread(const struct hv_team *team, uint32_t group_id,
               const enum mf_field_id fields[], size_t n_fields,
               struct desired *desired)
{
    struct ofputil_group_props props = { .selection_method = "hash" };
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);
    union mf_value all_bits;

    memset(&all_bits, 0xff, sizeof all_bits);
    for (size_t i = 0; i < n_fields; i++) {
        field_array_set(fields[i], &all_bits, &props.fields);
    }
    for (size_t i = 0; i < team->n_slots; i++) {
        ofpbuf_clear(&acts);
        put_group(&acts, pipeline_group_id(PG_TEAM, 0, team->slots[i], 0));
        add_bucket(&buckets, team->order[i], &acts)->weight = 1;
    }
    desired_group(desired, group_id, OFPGT11_SELECT, &buckets, &props);
    ofputil_group_properties_destroy(&props);
    ofpbuf_uninit(&acts);
}

/* Emits the flow by which frames of 'team' that 'match' too go to group
 * 'group_id'. */
static void
compile_flow(const struct hv_team *team, int priority, struct match *match,
             uint32_t group_id, struct desired *desired)
{
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_pr(match, PR_TEAM, team->number);
    put_group(&acts, group_id);
    desired_flow(desired, PT_TEAM, priority,
                 DESIRED_COOKIE(DC_TEAM, team->number), match, &acts);
    ofpbuf_uninit(&acts);
}

/* Emits the groups and flows of 'team', which spreads. */
static void
compile_spreading(const struct hv_switch *sw, const struct hv_team *team,
                  struct desired *desired)
{
    static const enum mf_field_id source[] = { MFF_ETH_SRC };
    static const enum mf_field_id destination[] = { MFF_ETH_DST };
    static const enum mf_field_id ip[] = {
        MFF_IPV4_SRC, MFF_IPV4_DST, MFF_IPV6_SRC, MFF_IPV6_DST
    };
    uint32_t any = pipeline_group_id(PG_SPREAD, 0, team->number, SPREAD_ANY);
    uint32_t known = pipeline_group_id(PG_SPREAD, 0, team->number,
                                       SPREAD_KNOWN);

    for (size_t i = 0; i < team->n_slots; i++) {
        compile_order(sw, hv_team_find(sw, team->slots[i]), desired);
    }

    struct match match_any = MATCH_CATCHALL_INITIALIZER;
    if (team->mode == HV_TEAM_IP_HASH) {
        compile_spread(team, any, ip, ARRAY_SIZE(ip), desired);
    } else {
        compile_spread(team, any, source, ARRAY_SIZE(source), desired);
    }
    compile_flow(team, TEAM_ANY, &match_any, any, desired);

    if (team->mode == HV_TEAM_SOURCE_MAC) {
        struct match match_known = MATCH_CATCHALL_INITIALIZER;

        /* Copies of multicast for those who want it are checked one by one
         * like unicast, but are flooded by the physical switch. */
        match_flags(&match_known, PF_UPLINK | PF_KNOWN, PF_UPLINK | PF_KNOWN);
        match_unicast(&match_known);
        compile_spread(team, known, destination, ARRAY_SIZE(destination),
                       desired);
        compile_flow(team, TEAM_KNOWN, &match_known, known, desired);
    }
}

/* Emits the flow by which frames for 'team' that came in on 'uplink' go on at
 * 'next' whichever uplink it uses now.  'known' is PF_KNOWN for known unicast,
 * 0 for floods. */
static void
compile_any_uplink(const struct hv_team *team, int uplink, uint32_t known,
                   enum pipeline_table next, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, PF_UPLINK | known, PF_UPLINK | PF_KNOWN);
    match_pr(&match, PR_TEAM, team->number);
    match_pr(&match, PR_CAME_IN, uplink);
    put_resubmit(&acts, next);
    desired_flow(desired, PT_TEAM, TEAM_ANY_UPLINK,
                 DESIRED_COOKIE(DC_TEAM, team->number), &match, &acts);
    ofpbuf_uninit(&acts);
}

/* What a NIC sends that cannot leave counts as dropped: while no uplink of its
 * team is live, the team's group picks none.  A port without any uplink has
 * lost only what is for one NIC, and not what floods its host. */
static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_DRIN);

    struct match none_live = MATCH_CATCHALL_INITIALIZER;
    match_flags(&none_live, 0, PF_UPLINK);
    match_pr(&none_live, PR_PICKED, 0);
    desired_flow(desired, PT_UP, UP_NONE, cookie, &none_live, &acts);

    struct match no_team = MATCH_CATCHALL_INITIALIZER;
    match_flags(&no_team, 0, PF_UPLINK);
    match_pr(&no_team, PR_TEAM, 0);
    match_set_dl_dst_masked(&no_team, eth_addr_zero,
                            (struct eth_addr) ETH_ADDR_C(01,00,00,00,00,00));
    desired_flow(desired, PT_TEAM, TEAM_NONE, cookie, &no_team, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    const struct hv_team *team = port->hv_team;

    if (!team) {
        return;
    }

    if (team->mode == HV_TEAM_ORDER) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        compile_order(sw, team, desired);
        compile_flow(team, TEAM_ANY, &match,
                     pipeline_group_id(PG_TEAM, 0, team->number, 0), desired);
    } else {
        compile_spreading(sw, team, desired);
    }
    for (size_t i = 0; i < team->n_order; i++) {
        if (team->any_uplink) {
            compile_any_uplink(team, team->order[i], 0, PT_SUB, desired);
        }
        if (team->any_uplink || team->any_known) {
            compile_any_uplink(team, team->order[i], PF_KNOWN, PT_PROM,
                               desired);
        }
    }
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

const struct pipeline_stage stage_team = {
    .name = "team",
    .doc = "team to the uplink it uses now",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
    .compile_closed_port = compile_closed_port,
};

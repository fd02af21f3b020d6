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

/* PURE: LAGs: to one of their ports, or in by one of them.
 *
 * Open vSwitch's bond only speaks LACP: no frame is ever sent to it.  A group
 * of type "select" spreads over the ports, each of which watches itself: an
 * OpenFlow port is live only while its LACP agrees with the neighbour.  So
 * the LAG is live, and its team's fast_failover group may use it, as long as
 * one port is.
 *
 * A port that LACP has not attached neither sends nor collects (IEEE 802.1AX,
 * section 6.4.15): frames that come in there are counted and dropped.
 *
 * The 5-tuple is hashed by the datapath; any other hash takes a flow in the
 * datapath for each value of its fields. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofp-group.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Priority in table UP. */
#define UP_LAG 10

static struct ofputil_bucket *
add_bucket(struct ovs_list *buckets, int bucket_id, ofp_port_t watch_port,
           uint32_t watch_group, const struct ofpbuf *acts)
{
    struct ofputil_bucket *bucket = xzalloc(sizeof *bucket);

    bucket->watch_port = watch_port;
    bucket->watch_group = watch_group;
    bucket->bucket_id = bucket_id;
    bucket->ofpacts_len = acts->size;
    bucket->ofpacts = xmemdup(acts->data, acts->size);
    ovs_list_push_back(buckets, &bucket->list_node);
    return bucket;
}

/* Sets in 'props' how frames are spread by 'hash', DVS_LAG_HASH_*. */
static void
set_hash(uint32_t hash, struct ofputil_group_props *props)
{
    static const struct {
        uint32_t hash;
        enum mf_field_id fields[2];
    } parts[] = {
        { DVS_LAG_HASH_SRC_MAC, { MFF_ETH_SRC, MFF_ETH_SRC } },
        { DVS_LAG_HASH_DST_MAC, { MFF_ETH_DST, MFF_ETH_DST } },
        { DVS_LAG_HASH_SRC_IP, { MFF_IPV4_SRC, MFF_IPV6_SRC } },
        { DVS_LAG_HASH_DST_IP, { MFF_IPV4_DST, MFF_IPV6_DST } },
        { DVS_LAG_HASH_SRC_PORT, { MFF_TCP_SRC, MFF_UDP_SRC } },
        { DVS_LAG_HASH_DST_PORT, { MFF_TCP_DST, MFF_UDP_DST } },
        { DVS_LAG_HASH_PORT_ID, { PR_SOURCE, PR_SOURCE } },
    };
    union mf_value mask;

    if ((hash & ~DVS_LAG_HASH_VLAN) == DVS_LAG_HASH_5TUPLE) {
        ovs_strlcpy(props->selection_method, "dp_hash",
                    sizeof props->selection_method);
        return;
    }
    ovs_strlcpy(props->selection_method, "hash",
                sizeof props->selection_method);
    memset(&mask, 0xff, sizeof mask);
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (hash & parts[i].hash) {
            field_array_set(parts[i].fields[0], &mask, &props->fields);
            if (parts[i].fields[1] != parts[i].fields[0]) {
                field_array_set(parts[i].fields[1], &mask, &props->fields);
            }
        }
    }
    if (hash & DVS_LAG_HASH_VLAN) {
        memset(&mask, 0, sizeof mask);
        mask.be32 = htonl(VLAN_VID_MASK);
        field_array_set(PR_VLAN, &mask, &props->fields);
    }
}

/* Emits the group that spreads over the ports of LAG 'id', and the flow to
 * it. */
static void
compile_spread(const struct hv_switch *sw, int id, const struct dvs_lag *lag,
               struct desired *desired)
{
    struct ofputil_group_props props = { .selection_method = "" };
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    uint32_t group = pipeline_group_id(PG_LAG, id, 0, 0);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    for (int i = 0; i < lag->num_ports; i++) {
        int port = hv_lag_port_id(id, i);

        if (pipeline_has_uplink(sw, port)) {
            ofpbuf_clear(&acts);
            put_load(&acts, PR_PICKED, port);
            put_resubmit(&acts, PT_UP);
            add_bucket(&buckets, i, sw->uplinks[port].ofport, OFPG_ANY,
                       &acts)->weight = 1;
        }
    }
    set_hash(lag->hash, &props);
    desired_group(desired, group, OFPGT11_SELECT, &buckets, &props);
    ofputil_group_properties_destroy(&props);

    struct match match = MATCH_CATCHALL_INITIALIZER;
    match_flags(&match, 0, PF_UPLINK);
    match_pr(&match, PR_PICKED, id);
    ofpbuf_clear(&acts);
    put_group(&acts, group);
    desired_flow(desired, PT_UP, UP_LAG, DESIRED_COOKIE(DC_UPLINK, id),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* Emits a group that is always live, for a bucket to watch, and returns its
 * id: fast_failover has no bucket that watches nothing (OpenFlow 1.5, section
 * 7.3.4.3). */
uint32_t
pipeline_compile_any_time(struct desired *desired)
{
    uint32_t group = pipeline_group_id(PG_LAG, 0, 0, 0);
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    add_bucket(&buckets, 0, OFPP_ANY, OFPG_ANY, &acts);
    desired_group(desired, group, OFPGT11_INDIRECT, &buckets, NULL);
    ofpbuf_uninit(&acts);
    return group;
}

/* Emits the group by which frames that come in on port 'port' of a LAG go on:
 * see stage-count.c. */
static void
compile_collect(const struct hv_switch *sw, int port, struct desired *desired)
{
    struct ovs_list buckets = OVS_LIST_INITIALIZER(&buckets);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, pipeline_uplink_rules(&sw->uplinks[port], DVS_RULE_IN)
                 ? PT_FIN : PT_SEC);
    add_bucket(&buckets, 0, sw->uplinks[port].ofport, OFPG_ANY, &acts);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_DRIN);
    add_bucket(&buckets, 1, OFPP_ANY, pipeline_compile_any_time(desired),
               &acts);
    desired_group(desired, pipeline_group_id(PG_LAG, port, 0, 0), OFPGT11_FF,
                  &buckets, NULL);
    ofpbuf_uninit(&acts);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    for (int id = HV_FIRST_LAG; id <= HV_LAST_LAG; id++) {
        const struct dvs_lag *lag = hv_lag_config(sw, id);

        if (!lag || !hv_uplink_is_here(sw, id)) {
            continue;
        }
        compile_spread(sw, id, lag, desired);
        for (int i = 0; i < lag->num_ports; i++) {
            if (pipeline_has_uplink(sw, hv_lag_port_id(id, i))) {
                compile_collect(sw, hv_lag_port_id(id, i), desired);
            }
        }
    }
}

const struct pipeline_stage stage_lag = {
    .name = "lag",
    .doc = "LAG to one of its ports",
    .compile_switch = compile_switch,
};

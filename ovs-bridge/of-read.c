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

/* Reading back what a bridge has.  See of-read.h.
 *
 * PURE: encodes and decodes, sends nothing. */

#include <config.h>
#include "ovs-bridge/of-read.h"
#include "openvswitch/list.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/of-count.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_read);

static ovs_be32
ask(struct ovs_list *requests, struct ofpbuf *msg)
{
    ovs_list_push_back(requests, &msg->list_node);
    return ((const struct ofp_header *) msg->data)->xid;
}

/* Begins reading: forgets what is in 'inst' and appends what must be sent to
 * 'requests', as "struct ofpbuf"s. */
void
of_read_start(struct of_read *read, struct installed *inst,
              struct ovs_list *requests)
{
    installed_clear(inst);
    read->features_xid = ask(requests, ofputil_encode_meter_request(
                                 OFP15_VERSION, OFPUTIL_METER_FEATURES, 0));
    read->flows_xid = ask(requests, of_count_request_flows());
    read->groups_xid = ask(requests, ofputil_encode_group_desc_request(
                               OFP15_VERSION, OFPG_ALL));
    read->meters_xid = ask(requests, ofputil_encode_meter_request(
                               OFP15_VERSION, OFPUTIL_METER_CONFIG,
                               OFPM13_ALL));
}

/* Forgets what was asked. */
void
of_read_stop(struct of_read *read)
{
    read->flows_xid = read->groups_xid = 0;
    read->meters_xid = read->features_xid = 0;
}

/* Returns true if all that was asked has been answered. */
bool
of_read_is_done(const struct of_read *read)
{
    return (!read->flows_xid && !read->groups_xid && !read->meters_xid
            && !read->features_xid);
}

static void
take_features(struct of_read *read, const struct ofp_header *oh)
{
    struct ofputil_meter_features features;

    ofputil_decode_meter_features(oh, &features);
    read->no_meters = (!features.max_meters || !features.max_bands
                       || !(features.band_types & (1u << OFPMBT13_DROP)));
}

/* Takes message 'oh' of 'type' from 'bridge', or a part of it, if it is an
 * answer to what was asked: what it tells goes to 'inst'.  Returns false if it
 * is none. */
bool
of_read_take(struct of_read *read, struct installed *inst, enum ofptype type,
             const struct ofp_header *oh, const char *bridge)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    bool ok = true;
    ovs_be32 *xid;

    switch ((int) type) {
    case OFPTYPE_FLOW_STATS_REPLY:
        xid = &read->flows_xid;
        break;
    case OFPTYPE_GROUP_DESC_STATS_REPLY:
        xid = &read->groups_xid;
        break;
    case OFPTYPE_METER_CONFIG_STATS_REPLY:
        xid = &read->meters_xid;
        break;
    case OFPTYPE_METER_FEATURES_STATS_REPLY:
        xid = &read->features_xid;
        break;
    default:
        return false;
    }
    if (!*xid || oh->xid != *xid) {
        return false;
    }

    if (xid == &read->flows_xid) {
        ok = installed_read_flows(inst, oh);
    } else if (xid == &read->groups_xid) {
        ok = installed_read_groups(inst, oh);
    } else if (xid == &read->meters_xid) {
        ok = installed_read_meters(inst, oh);
    } else {
        take_features(read, oh);
    }
    if (!ok) {
        VLOG_WARN_RL(&rl, "%s: %s is malformed", bridge,
                     ofptype_get_name(type));
    }
    if (xid == &read->features_xid || !ofpmp_more(oh)) {
        *xid = 0;
    }
    return true;
}

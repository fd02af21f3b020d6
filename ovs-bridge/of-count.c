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

/* What flows have counted.  See of-count.h. */

#include <config.h>
#include "ovs-bridge/of-count.h"
#include "byte-order.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/pipeline/pipeline.h"

/* Returns true if a flow with 'cookie' counts. */
bool
of_count_is_counter(uint64_t cookie)
{
    return cookie >> 48 == DC_COUNT;
}

/* Returns true if what meter 'meter_id' drops counts. */
bool
of_count_is_meter(uint32_t meter_id)
{
    bool rx;
    uint32_t ofport;

    return pipeline_meter_counts(meter_id, &ofport, &rx);
}

static struct ofpbuf *
make_request(uint64_t cookie, uint64_t mask)
{
    struct ofputil_flow_stats_request fsr = {
        .cookie = htonll(cookie),
        .cookie_mask = htonll(mask),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = OFPTT_ALL,
    };

    match_init_catchall(&fsr.match);
    return ofputil_encode_flow_stats_request(&fsr, OFPUTIL_P_OF15_OXM);
}

/* Returns a request for all flows.  The caller frees it. */
struct ofpbuf *
of_count_request_flows(void)
{
    return make_request(0, 0);
}

/* Returns a request for the counters of all flows that count.  The caller
 * frees it. */
struct ofpbuf *
of_count_request(void)
{
    return make_request(DESIRED_COOKIE(DC_COUNT, 0), UINT64_C(0xffff) << 48);
}

/* Likewise, for those with 'cookie', of which the switch has an index. */
struct ofpbuf *
of_count_request_port(uint64_t cookie)
{
    return make_request(cookie, UINT64_MAX);
}

/* Calls 'cb', unless it is NULL, with 'aux' for each flow that counts in 'oh',
 * a reply, or a part of one, to such a request.  Returns true if there are
 * any. */
bool
of_count_read(const struct ofp_header *oh, of_count_cb *cb, void *aux)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;
    bool any = false;

    ofpbuf_init(&ofpacts, 0);
    while (!ofputil_decode_flow_stats_reply(&fs, &msg, false, &ofpacts)) {
        struct of_count count = {
            .cookie = ntohll(fs.cookie),
            .table = fs.table_id,
            .priority = fs.priority,
            .packets = fs.packet_count,
            .bytes = fs.byte_count,
        };

        if (of_count_is_counter(count.cookie)) {
            any = true;
            if (cb) {
                cb(aux, &count);
            }
        }
    }
    ofpbuf_uninit(&ofpacts);
    return any;
}

/* Returns a request for what all meters have dropped.  The caller frees it. */
struct ofpbuf *
of_count_request_meters(void)
{
    return ofputil_encode_meter_request(OFP15_VERSION, OFPUTIL_METER_STATS,
                                        OFPM13_ALL);
}

/* Calls 'cb' with 'aux' for each meter whose drops count in 'oh', a reply, or
 * a part of one, to such a request. */
void
of_count_read_meters(const struct ofp_header *oh, of_count_cb *cb, void *aux)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_meter_stats ms;
    struct ofpbuf bands;

    ofpbuf_init(&bands, 64);
    while (!ofputil_decode_meter_stats(&msg, &ms, &bands)) {
        if (ms.n_bands && of_count_is_meter(ms.meter_id)) {
            cb(aux, &(struct of_count) {
                .meter_id = ms.meter_id,
                .packets = ms.bands[0].packet_count,
            });
        }
    }
    ofpbuf_uninit(&bands);
}

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

/* PURE: learned MACs.  See learned.h. */

#include <config.h>
#include "ovs-bridge/learned.h"
#include <stdlib.h>
#include <string.h>
#include "byte-order.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "util.h"

/* Initializes 'learned' as empty. */
void
learned_init(struct learned *learned)
{
    memset(learned, 0, sizeof *learned);
}

/* Frees what 'learned' holds. */
void
learned_destroy(struct learned *learned)
{
    free(learned->macs);
}

/* Forgets all, to be read anew. */
void
learned_begin(struct learned *learned)
{
    learned->n = 0;
}

/* Returns a request for all flows that were learned for MACs (OpenFlow 1.5,
 * section 7.3.5.2).  The caller frees it. */
struct ofpbuf *
learned_request(void)
{
    struct ofputil_flow_stats_request fsr = {
        .cookie = htonll(DESIRED_COOKIE(DC_LEARNED_MAC, 0)),
        .cookie_mask = htonll(UINT64_C(0xffff) << 48),
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .table_id = PT_LRN,
    };

    match_init_catchall(&fsr.match);
    return ofputil_encode_flow_stats_request(&fsr, OFPUTIL_P_OF15_OXM);
}

/* Port 'port' has 'mac' behind it in VLAN 'vid'. */
void
learned_add(struct learned *learned, uint32_t port, struct eth_addr mac,
            int vid)
{
    if (learned->n >= learned->allocated) {
        learned->macs = x2nrealloc(learned->macs, &learned->allocated,
                                   sizeof *learned->macs);
    }
    learned->macs[learned->n++] = (struct learned_mac) {
        .port = port, .vid = vid, .mac = mac,
    };
}

static int
compare_macs(const void *a_, const void *b_)
{
    const struct learned_mac *a = a_;
    const struct learned_mac *b = b_;
    int order = memcmp(&a->mac, &b->mac, sizeof a->mac);

    return (a->port != b->port ? (a->port < b->port ? -1 : 1)
            : order ? order
            : a->vid < b->vid ? -1 : a->vid > b->vid);
}

/* All has been added. */
void
learned_end(struct learned *learned)
{
    if (learned->n) {
        qsort(learned->macs, learned->n, sizeof *learned->macs,
              compare_macs);
    }
}

/* Takes the flows in 'oh', an answer to such a request or a part of one.
 * Returns true if it is the last part. */
bool
learned_decode(struct learned *learned, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_stats fs;
    struct ofpbuf ofpacts;
    bool last = !ofpmp_more(oh);

    ofpbuf_init(&ofpacts, 0);
    while (!ofputil_decode_flow_stats_reply(&fs, &msg, false, &ofpacts)) {
        uint32_t port = pipeline_learned_by(ntohll(fs.cookie));

        if (port) {
            learned_add(learned, port, fs.match.flow.dl_dst,
                        pipeline_learned_vid(&fs.match));
        }
    }
    ofpbuf_uninit(&ofpacts);
    if (last) {
        learned_end(learned);
    }
    return last;
}

/* Returns how many of 'learned' are of the port whose key's lower 32 bits are
 * 'port', and stores where they begin in '*first'. */
size_t
learned_of_port(const struct learned *learned, uint32_t port,
                const struct learned_mac **first)
{
    size_t low = 0, high = learned->n, n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (learned->macs[middle].port < port) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *first = learned->macs ? &learned->macs[low] : NULL;
    for (n = 0; low + n < learned->n; n++) {
        if (learned->macs[low + n].port != port) {
            break;
        }
    }
    return n;
}

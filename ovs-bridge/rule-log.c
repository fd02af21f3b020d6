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

/* Logs what traffic rules are to log.  See rule-log.h.
 *
 * A meter of the bridge says how much that is (pipeline/stage-rules.c), so
 * there is no limit here. */

#include <config.h>
#include "ovs-bridge/rule-log.h"
#include <inttypes.h>
#include <string.h>
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/proxy.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rule_log);

COVERAGE_DEFINE(rule_log);

/* Appends to 's' the key of the port with 'ofport', after 'word', if there is
 * such a port. */
static void
format_port(const struct proxy *proxy, uint32_t ofport, const char *word,
            struct ds *s)
{
    const struct hv_port *port;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (ofport && port->ofport != OFPP_NONE
            && ofp_to_u16(port->ofport) == ofport) {
            ds_put_format(s, " %s port %s (%s)", word, port->key, port->nic);
            return;
        }
    }
}

/* Logs what a flow of 'proxy' has sent us, if it is one of a rule. */
void
rule_log_hear(const struct proxy *proxy, const struct ofputil_packet_in *pin)
{
    uint64_t cookie = ntohll(pin->cookie);
    const struct flow *md = &pin->flow_metadata.flow;

    if (cookie >> 48 != DC_RULE
        || (pin->table_id != PT_FIN && pin->table_id != PT_FOUT)) {
        return;
    }

    struct ds ports = DS_EMPTY_INITIALIZER;
    format_port(proxy, md->regs[PR_SOURCE - MFF_REG0], "from", &ports);
    if (pin->table_id == PT_FOUT) {
        format_port(proxy, md->regs[PR_DEST - MFF_REG0], "to", &ports);
    }

    char *packet = ofp_packet_to_string(pin->packet, pin->packet_len,
                                        htonl(PT_ETH));
    COVERAGE_INC(rule_log);
    VLOG_INFO("%s: rule %d%s: %.*s", proxy->view.name,
              (int) (cookie & UINT16_MAX), ds_cstr(&ports),
              (int) strcspn(packet, "\n"), packet);
    free(packet);
    ds_destroy(&ports);
}

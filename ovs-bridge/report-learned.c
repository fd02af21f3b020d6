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

/* The MACs that ports have learned, in the rows of Port_State.  See
 * report.h. */

#include <config.h>
#include "ovs-bridge/report.h"
#include <stdlib.h>
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/learned.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/proxy.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "util.h"

static bool
learns(const struct hv_port *port)
{
    return port->setting.mac_learning;
}

static bool
any_learns(const struct proxy *proxy)
{
    const struct hv_port *port;

    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        if (learns(port)) {
            return true;
        }
    }
    return false;
}

/* Asks the bridges that learn for what they have learned.  report_learned()
 * reports it once they have answered. */
void
report_poll_learned(const struct report_ctx *ctx)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        if (!any_learns(proxy)) {
            proxy->learned_read = proxy->learned_reported;
            proxy->learned_xid = 0;
            learned_begin(&proxy->learned);
        } else if (proxy->conn) {
            struct ofpbuf *request = learned_request();
            const struct ofp_header *oh = request->data;

            proxy->learned_xid = oh->xid;
            learned_begin(&proxy->learned);
            if (!of_conn_ask(proxy->conn, request)) {
                proxy->learned_xid = 0;
            }
        }
    }
}

/* Writes into 'row' what 'port' of 'proxy' has learned. */
static void
write_learned(const struct dvsrec_port_state *row, const struct proxy *proxy,
              const struct hv_port *port)
{
    bool tags = port && port->setting.vlan.mode == DVS_VLAN_TRUNK;
    char *macs[DVS_LEARNED_SHOWN];
    const struct learned_mac *first;
    size_t n, n_macs = 0;

    n = (port && learns(port)
         ? learned_of_port(&proxy->learned, strtoull(row->key, NULL, 10),
                           &first)
         : 0);
    for (size_t i = 0; i < n; i++) {
        const struct learned_mac *mac = &first[i];

        if (i && eth_addr_equals(mac->mac, mac[-1].mac)
            && (!tags || mac->vid == mac[-1].vid)) {
            continue;           /* Known by one flow for each VLAN. */
        }
        if (n_macs < ARRAY_SIZE(macs)) {
            macs[n_macs] = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac->mac));
            if (tags) {
                char *s = xasprintf("%s@%d", macs[n_macs], mac->vid);

                free(macs[n_macs]);
                macs[n_macs] = s;
            }
        }
        n_macs++;
    }

    size_t n_shown = MIN(n_macs, ARRAY_SIZE(macs));
    dvsrec_port_state_set_learned_macs(row, (const char **) macs, n_shown);
    dvsrec_port_state_set_learned_mac_count(row, n_macs);
    for (size_t i = 0; i < n_shown; i++) {
        free(macs[i]);
    }
}

/* Writes what has been learned, for the bridges that have answered. */
void
report_learned(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_port_state *row;
    struct proxy *proxy;
    bool any = false;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        any |= proxy->learned_read;
    }
    if (!any) {
        return;
    }
    DVSREC_PORT_STATE_FOR_EACH (row, report->idl) {
        proxy = (row->n_switch_ && row->key
                 ? proxy_find(ctx->proxies, row->switch_) : NULL);
        if (proxy && proxy->learned_read) {
            write_learned(row, proxy, hv_port_find(&proxy->view, row->key));
        }
    }
    PROXY_FOR_EACH (proxy, ctx->proxies) {
        if (proxy->learned_read) {
            proxy->learned_read = false;
            proxy->learned_reported = proxy->learned.n > 0;
        }
    }
}

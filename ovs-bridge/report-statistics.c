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

/* The counters in the rows of Port_State.  See report.h, and counters.h for
 * how they are kept. */

#include <config.h>
#include "ovs-bridge/report.h"
#include <stdlib.h>
#include <string.h>
#include "coverage.h"
#include "ovs-bridge/counters.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/proxy.h"
#include "schema/dvs-idl.h"
#include "util.h"

COVERAGE_DEFINE(report_statistics);

/* Takes the counters of the interface of 'row', if it is still there. */
static void
read_device(const struct dvsrec_port_state *row, const struct report_ctx *ctx,
            struct port_counters *port)
{
    static const struct {
        const char *name;
        enum counters_device what;
    } names[] = {
        { "rx_dropped", CD_RX_DROPPED },
        { "tx_dropped", CD_TX_DROPPED },
        { "rx_errors", CD_RX_ERRORS },
        { "tx_errors", CD_TX_ERRORS },
    };
    const struct ovsrec_interface *ir
        = local_view_iface_row(ctx->local, row->interface);

    for (size_t i = 0; ir && i < ARRAY_SIZE(names); i++) {
        for (size_t j = 0; j < ir->n_statistics; j++) {
            if (!strcmp(ir->key_statistics[j], names[i].name)) {
                counters_read_device(port, names[i].what,
                                     ir->value_statistics[j]);
            }
        }
    }
}

/* Returns the proxy switch of 'row', or NULL. */
static struct proxy *
find_proxy(const struct dvsrec_port_state *row, const struct report_ctx *ctx)
{
    return row->n_switch_ ? proxy_find(ctx->proxies, row->switch_) : NULL;
}

/* Returns true if the controller has taken over what 'port' had counted, which
 * 'row' is of. */
static bool
is_taken_over(const struct dvsrec_port_state *row,
              const struct port_counters *port)
{
    return (port->offered && !row->n_final_statistics
            && !row->n_statistics);
}

/* Returns the counters of the port of 'row', which has a key, in 'proxy'.  If
 * they have only just begun, they go on where an earlier agent was. */
static struct port_counters *
open_counters(const struct dvsrec_port_state *row,
              const struct report_ctx *ctx, struct proxy *proxy)
{
    uint64_t key = strtoull(row->key, NULL, 10);
    struct port_counters *port = counters_find(&proxy->counters, key);

    if (port && is_taken_over(row, port)) {
        counters_forget(&proxy->counters, key);
    }
    port = counters_find_or_add(&proxy->counters, key);
    read_device(row, ctx, port);
    if (!port->resumed) {
        struct dvs_statistics total, base;

        memset(&total, 0, sizeof total);
        memset(&base, 0, sizeof base);
        dvs_statistics_add_map(&total, row->key_statistics,
                               row->value_statistics, row->n_statistics);
        dvs_statistics_add_map(&base, row->key_base_statistics,
                               row->value_base_statistics,
                               row->n_base_statistics);
        counters_restore(port, &total, &base);
        if (!row->n_statistics && !row->n_base_statistics) {
            counters_disregard_devices(port);
        }
    }
    return port;
}

/* Returns true if the counters in 'row' are not 'total'. */
static bool
is_news(const struct dvsrec_port_state *row,
        const struct dvs_statistics *total)
{
    struct dvs_statistics old;

    memset(&old, 0, sizeof old);
    dvs_statistics_add_map(&old, row->key_statistics, row->value_statistics,
                           row->n_statistics);
    return memcmp(&old, total, sizeof old) != 0;
}

/* Writes into 'row', of a port of 'proxy', what the port has counted, and
 * leaves it to the controller if 'final'.  Returns true if it has counted
 * anything. */
static bool
write_statistics(const struct dvsrec_port_state *row,
                 const struct report_ctx *ctx, struct proxy *proxy,
                 bool final)
{
    struct dvs_statistics total, base;
    const char *keys[DVS_N_COUNTERS];
    int64_t values[DVS_N_COUNTERS];
    struct port_counters *port;
    size_t n, n_base;

    port = open_counters(row, ctx, proxy);
    counters_get(port, &total, &base);
    n = dvs_statistics_to_map(&total, keys, values);
    if (final) {
        dvsrec_port_state_set_final_statistics(row, keys, values, n);
        dvsrec_port_state_set_statistics(row, NULL, NULL, 0);
        dvsrec_port_state_set_base_statistics(row, NULL, NULL, 0);
        return n > 0;
    }
    port->last_mark = 0;
    if (is_news(row, &total)) {
        dvsrec_port_state_set_statistics_time(row, ctx->wall);
    }
    dvsrec_port_state_set_statistics(row, keys, values, n);
    n_base = dvs_statistics_to_map(&base, keys, values);
    dvsrec_port_state_set_base_statistics(row, keys, values, n_base);
    return n > 0;
}

/* Asks all bridges for their counters. */
void
report_poll_statistics(const struct report_ctx *ctx)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        if (proxy->conn) {
            of_conn_poll_counts(proxy->conn);
        }
    }
}

/* Writes the counters of all ports whose bridge has answered; a row whose
 * counters did not change is not written. */
void
report_statistics(struct report *report, const struct report_ctx *ctx)
{
    const struct dvsrec_port_state *row;
    struct proxy *proxy;
    bool any = false;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        any |= proxy->counted;
    }
    if (!any) {
        return;
    }
    COVERAGE_INC(report_statistics);
    DVSREC_PORT_STATE_FOR_EACH (row, report->idl) {
        proxy = row->key ? find_proxy(row, ctx) : NULL;
        if (proxy && proxy->counted && !row->n_final_statistics) {
            write_statistics(row, ctx, proxy, false);
        }
    }
    PROXY_FOR_EACH (proxy, ctx->proxies) {
        proxy->counted = false;
    }
}

/* To be called when 'row' is about to go, or its port about to be another
 * one.  Returns true once the controller has taken over what the port has
 * counted here; until then, the row must stay as it is, to be looked at again
 * in the next run.  (Before, the bridge must have told of the flows that
 * go.) */
bool
report_last_statistics(const struct dvsrec_port_state *row,
                       const struct report_ctx *ctx)
{
    struct proxy *proxy = row->key ? find_proxy(row, ctx) : NULL;
    uint64_t key = row->key ? strtoull(row->key, NULL, 10) : 0;
    struct port_counters *port;

    if (row->n_final_statistics) {
        return false;
    } else if (!proxy) {
        return true;
    }
    port = counters_find(&proxy->counters, key);
    if (port && is_taken_over(row, port)) {
        counters_forget(&proxy->counters, key);
        return true;
    }
    port = open_counters(row, ctx, proxy);
    if (proxy_is_connected(proxy)) {
        if (!port->last_mark) {
            port->last_mark = of_conn_mark(proxy->conn);
        }
        if (!of_conn_in_step(proxy->conn, port->last_mark)) {
            return false;
        }
    }
    if (write_statistics(row, ctx, proxy, true)) {
        port->offered = true;
        return false;
    }
    counters_forget(&proxy->counters, key);
    return true;
}

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

/* What hosts report of ports and NICs.  See ctl-port-state.h.
 *
 * This file only reads. */

#include <config.h>

#include "utilities/ctl-port-state.h"

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "ovsdb-idl-provider.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-view.h"

/* Prerequisite: the state of NICs on hosts, without their counters and what
 * they have learned. */
void
ctl_need_port_states(struct ctl_context *ctx)
{
    for (size_t i = 0; i < dvsrec_table_port_state.n_columns; i++) {
        const struct ovsdb_idl_column *column
            = &dvsrec_table_port_state.columns[i];

        if (column != &dvsrec_port_state_col_statistics
            && column != &dvsrec_port_state_col_statistics_time
            && column != &dvsrec_port_state_col_base_statistics
            && column != &dvsrec_port_state_col_learned_macs
            && column != &dvsrec_port_state_col_learned_mac_count
            && column != &dvsrec_port_state_col_port_data) {
            ovsdb_idl_add_column(ctx->idl, column);
        }
    }
}

/* Initializes 'states' with the states of the ports of 'sw', by key; the
 * caller destroys it.  During a migration a port may have two; the one where
 * the virtual machine runs counts. */
void
ctl_port_states_init(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                     struct shash *states)
{
    const struct dvsrec_port_state *state;

    shash_init(states);
    DVSREC_PORT_STATE_FOR_EACH (state, ctx->idl) {
        if (state->key && state->switch_
            && uuid_equals(state->switch_, &sw->header_.uuid)) {
            struct shash_node *node = shash_find(states, state->key);

            if (!node) {
                shash_add(states, state->key, state);
            } else if (state->running) {
                node->data = CONST_CAST(struct dvsrec_port_state *, state);
            }
        }
    }
}

/* Initializes 'claims' with the NICs that hosts have, by NIC; the caller
 * destroys it.  As in ctl_port_states_init(), the host where the virtual
 * machine runs counts. */
void
ctl_claims_init(struct ctl_context *ctx, struct shash *claims)
{
    const struct dvsrec_port_state *state;

    shash_init(claims);
    DVSREC_PORT_STATE_FOR_EACH (state, ctx->idl) {
        if (strcmp(state->kind, "uplink")) {
            struct shash_node *node = shash_find(claims, state->nic);

            if (!node) {
                shash_add(claims, state->nic, state);
            } else if (state->running) {
                node->data = CONST_CAST(struct dvsrec_port_state *, state);
            }
        }
    }
}

/* Returns how 'port', whose state is 'state' (or null), stands. */
const char *
ctl_port_status(const struct dvsrec_port *port,
                const struct dvsrec_port_state *state)
{
    if (!port->connectee && !port->pnic) {
        return "free";
    } else if (port->conflict) {
        return "conflict";
    } else if (!state) {
        return "inactive";
    } else if (state->blocked && *state->blocked) {
        return "blocked";
    } else {
        return state->link_up && *state->link_up ? "up" : "down";
    }
}

/* Returns the host that serves 'port', whose state is 'state' (or null), or
 * null if none does. */
const char *
ctl_port_host(const struct dvsrec_port *port,
              const struct dvsrec_port_state *state)
{
    return (state ? state->host
            : port->uplink_host ? port->uplink_host
            : port->proxy_host);
}

/* Returns the MAC address of the NIC on 'port', whose state is 'state' (or
 * null), or null if it is not known. */
const char *
ctl_port_mac(const struct dvsrec_port *port,
             const struct dvsrec_port_state *state)
{
    if (state && state->mac[0]) {
        return state->mac;
    }
    return port->connectee ? port->connectee->mac : NULL;
}

/* Appends the link of 'nic' to 's', e.g. "up 10 Gbit/s". */
void
ctl_format_link(const struct dvsrec_physical_nic *nic, struct ds *s)
{
    ds_put_cstr(s, (!nic->link_up ? "link unknown"
                    : *nic->link_up ? "up" : "down"));
    if (nic->link_up && *nic->link_up && nic->speed) {
        int64_t speed = *nic->speed;

        if (speed >= 1000 && !(speed % 100)) {
            ds_put_format(s, " %g Gbit/s", speed / 1000.0);
        } else {
            ds_put_format(s, " %"PRId64" Mbit/s", speed);
        }
    }
}

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

/* PURE: the LAGs that have NICs on this host, and their ids.  See
 * host-view.h. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <stdlib.h>
#include <string.h>

#include "smap.h"
#include "util.h"

/* Returns the id of the LAG that uplink 'id' is a port of, or 0. */
int
hv_uplink_lag(int id)
{
    return (id < HV_FIRST_LAG_PORT ? 0
            : HV_FIRST_LAG + (id - HV_FIRST_LAG_PORT) / DVS_LAG_PORTS_MAX);
}

/* Returns the id of port 'index', from 0 on, of the LAG with id 'lag'. */
int
hv_lag_port_id(int lag, int index)
{
    return (HV_FIRST_LAG_PORT + (lag - HV_FIRST_LAG) * DVS_LAG_PORTS_MAX
            + index);
}

/* Returns the configuration of the LAG with id 'id' of 'sw', or NULL if that
 * is no LAG. */
const struct dvs_lag *
hv_lag_config(const struct hv_switch *sw, int id)
{
    return (id >= HV_FIRST_LAG && id <= HV_LAST_LAG && sw->uplinks[id].name
            ? dvs_lags_find(&sw->lags, sw->uplinks[id].name) : NULL);
}

/* Returns true if frames can be sent to uplink 'id' of 'sw' as far as that is
 * a matter of configuration: a NIC behind it is in the bridge. */
bool
hv_uplink_is_here(const struct hv_switch *sw, int id)
{
    if (!sw->uplinks[id].name) {
        return false;
    }
    if (id < HV_FIRST_LAG || id > HV_LAST_LAG) {
        return sw->uplinks[id].ofport != OFPP_NONE;
    }
    for (int i = 0; i < DVS_LAG_PORTS_MAX; i++) {
        if (sw->uplinks[hv_lag_port_id(id, i)].ofport != OFPP_NONE) {
            return true;
        }
    }
    return false;
}

/* Makes what is known of each LAG of 'sw' follow from its ports: it is up if
 * one of them is, and down if all that have a NIC are. */
void
hv_lags_follow_ports(struct hv_switch *sw)
{
    for (int id = HV_FIRST_LAG; id <= HV_LAST_LAG; id++) {
        struct hv_uplink *lag = &sw->uplinks[id];

        lag->up = false;
        lag->down = true;
        for (int i = 0; lag->name && i < DVS_LAG_PORTS_MAX; i++) {
            const struct hv_uplink *port
                = &sw->uplinks[hv_lag_port_id(id, i)];

            lag->up |= port->up;
            lag->down &= !port->pnic || port->down;
        }
    }
}

/* Returns the id of the uplink that 'team' of 'sw' uses now: the first of its
 * order that works, as in the datapath's fast_failover group.  0 if none
 * does.  'team' may be NULL. */
int
hv_team_uplink(const struct hv_switch *sw, const struct hv_team *team)
{
    for (size_t i = 0; team && i < team->n_order; i++) {
        if (sw->uplinks[team->order[i]].up) {
            return team->order[i];
        }
    }
    return 0;
}

/* Returns true if some port of 'lag' is a key of 'nics'. */
static bool
lag_has_nic(const struct dvs_lag *lag, const struct smap *nics)
{
    bool found = false;

    for (int i = 0; i < lag->num_ports && !found; i++) {
        char *port = dvs_lag_port_name(lag->name, i);

        found = smap_get(nics, port) != NULL;
        free(port);
    }
    return found;
}

/* Gives 'sw' the id 'id' for the LAG called 'name', as an earlier run had
 * it. */
void
hv_lag_restore(struct hv_switch *sw, int id, const char *name)
{
    if (id >= HV_FIRST_LAG && id <= HV_LAST_LAG && !sw->uplinks[id].name) {
        sw->uplinks[id].name = xstrdup(name);
    }
}

/* Returns the id for the LAG called 'name': the one that it has, or the lowest
 * free one.  0 if there is none. */
static int
lag_id(struct hv_switch *sw, const char *name)
{
    int lowest = 0;

    for (int id = HV_LAST_LAG; id >= HV_FIRST_LAG; id--) {
        if (!sw->uplinks[id].name) {
            lowest = id;
        } else if (!strcmp(sw->uplinks[id].name, name)) {
            return id;
        }
    }
    return lowest;
}

/* Gives 'sw', whose 'lags' are in place, the LAGs and ports of LAGs that have
 * a NIC here: 'nics' maps the names of uplink ports to NICs, 'keys' to their
 * distributed ports.  A LAG that had an id keeps it. */
void
hv_lags_update(struct hv_switch *sw, const struct smap *nics,
               const struct smap *keys)
{
    for (int id = HV_FIRST_LAG; id <= HV_LAST_LAG; id++) {
        const struct dvs_lag *lag = hv_lag_config(sw, id);

        if (!lag || !lag_has_nic(lag, nics)) {
            free(sw->uplinks[id].name);
            sw->uplinks[id].name = NULL;
        }
    }
    for (size_t i = 0; i < sw->lags.n; i++) {
        const struct dvs_lag *lag = &sw->lags.lags[i];
        int id = lag_has_nic(lag, nics) ? lag_id(sw, lag->name) : 0;

        if (!id) {
            continue;
        } else if (!sw->uplinks[id].name) {
            sw->uplinks[id].name = xstrdup(lag->name);
        }
        for (int j = 0; j < lag->num_ports; j++) {
            struct hv_uplink *port = &sw->uplinks[hv_lag_port_id(id, j)];
            char *name = dvs_lag_port_name(lag->name, j);

            port->pnic = nullable_xstrdup(smap_get(nics, name));
            port->port_key = nullable_xstrdup(smap_get(keys, name));
            port->name = name;
        }
    }
}

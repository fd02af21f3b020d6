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

/* PURE: what one host must realise, as plain data: the objects' life cycle and
 * the teams.  See host-view.h.
 *
 * Not for filling it in: that is host-view-db.c. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Switches. */

/* Makes 'sw' an empty switch: no names, no uplinks, ports or teams. */
void
hv_switch_init(struct hv_switch *sw)
{
    memset(sw, 0, sizeof *sw);
    for (size_t i = 0; i <= HV_MAX_UPLINKS; i++) {
        sw->uplinks[i].ofport = OFPP_NONE;
    }
    hmap_init(&sw->ports);
    hmap_init(&sw->teams);
}

static void
team_destroy(struct hv_switch *sw, struct hv_team *team)
{
    hmap_remove(&sw->teams, &team->node);
    free(team->key);
    free(team);
}

/* Frees what 'sw' holds, its ports included, but not 'sw' itself. */
void
hv_switch_destroy(struct hv_switch *sw)
{
    struct hv_port *port;
    struct hv_team *team;

    HMAP_FOR_EACH_SAFE (port, node, &sw->ports) {
        hv_port_destroy(sw, port);
    }
    hmap_destroy(&sw->ports);
    HMAP_FOR_EACH_SAFE (team, node, &sw->teams) {
        team_destroy(sw, team);
    }
    hmap_destroy(&sw->teams);
    for (size_t i = 0; i <= HV_MAX_UPLINKS; i++) {
        free(sw->uplinks[i].name);
        free(sw->uplinks[i].pnic);
        free(sw->uplinks[i].port_key);
    }
    free(sw->name);
    free(sw->bridge);
    free(sw->datapath_type);
}

/* Returns the logical id (1..HV_MAX_UPLINKS) of the uplink called 'name', 0 if
 * 'sw' has none of that name. */
int
hv_uplink_id(const struct hv_switch *sw, const char *name)
{
    for (int i = 1; i <= HV_MAX_UPLINKS; i++) {
        if (sw->uplinks[i].name && !strcmp(sw->uplinks[i].name, name)) {
            return i;
        }
    }
    return 0;
}

/* Ports. */

/* Adds a port called 'key', a decimal number that 'sw' does not have yet, and
 * returns it.  It has no NIC, interface or OpenFlow port and is not active;
 * its setting is empty. */
struct hv_port *
hv_port_create(struct hv_switch *sw, const char *key)
{
    struct hv_port *port = xzalloc(sizeof *port);

    ovs_assert(!hv_port_find(sw, key));
    port->key = xstrdup(key);
    port->ofport = OFPP_NONE;
    dvs_setting_init(&port->setting);
    hmap_insert(&sw->ports, &port->node, hash_string(key, 0));
    return port;
}

/* Returns the port of 'sw' called 'key', or NULL. */
struct hv_port *
hv_port_find(const struct hv_switch *sw, const char *key)
{
    struct hv_port *port;

    HMAP_FOR_EACH_WITH_HASH (port, node, hash_string(key, 0), &sw->ports) {
        if (!strcmp(port->key, key)) {
            return port;
        }
    }
    return NULL;
}

/* Takes 'port' (NULL is fine) out of 'sw' and frees it. */
void
hv_port_destroy(struct hv_switch *sw, struct hv_port *port)
{
    if (port) {
        hmap_remove(&sw->ports, &port->node);
        free(port->key);
        free(port->nic);
        free(port->interface);
        dvs_setting_destroy(&port->setting);
        free(port);
    }
}

/* Returns true if 'port' is known to work with another MAC than its configured
 * one. */
bool
hv_port_mac_changed(const struct hv_port *port)
{
    return (!eth_addr_is_zero(port->claimed)
            && !eth_addr_equals(port->claimed, port->mac));
}

/* Teams. */

static struct hv_team *
team_find(const struct hv_switch *sw, const char *key)
{
    struct hv_team *team;

    HMAP_FOR_EACH_WITH_HASH (team, node, hash_string(key, 0), &sw->teams) {
        if (!strcmp(team->key, key)) {
            return team;
        }
    }
    return NULL;
}

static bool
team_number_in_use(const struct hv_switch *sw, int number)
{
    const struct hv_team *team;

    HMAP_FOR_EACH (team, node, &sw->teams) {
        if (team->number == number) {
            return true;
        }
    }
    return false;
}

static struct hv_team *
team_create(struct hv_switch *sw, int number, const char *key,
            const uint8_t *order, size_t n_order)
{
    struct hv_team *team = xzalloc(sizeof *team);

    team->key = xstrdup(key);
    team->number = number;
    memcpy(team->order, order, n_order);
    team->n_order = n_order;
    hmap_insert(&sw->teams, &team->node, hash_string(key, 0));
    return team;
}

/* Appends to the 'n' ids in 'order' the logical ids of the uplinks in 'names'
 * that have a NIC here and are not in 'order' yet.  Returns the new number. */
static size_t
append_uplinks(const struct hv_switch *sw, const struct svec *names,
               uint8_t order[HV_MAX_UPLINKS], size_t n)
{
    for (size_t i = 0; i < names->n; i++) {
        int id = hv_uplink_id(sw, names->names[i]);

        if (id && sw->uplinks[id].ofport != OFPP_NONE
            && !memchr(order, id, n)) {
            order[n++] = id;
        }
    }
    return n;
}

/* Stores in 'order' the uplinks that 'port' uses, best first, and returns how
 * many.
 *
 * Only uplinks with a NIC on this host count.  With an explicit failover order
 * (vSphere's failover_explicit) these are the active ones, then the standby
 * ones.  With originating port (loadbalance_srcid) the port is pinned to one
 * of the active uplinks by its key; behind it come the standby uplinks and
 * then the other active ones, so that a port never loses its connection while
 * any uplink of its policy works. */
static size_t
port_order(const struct hv_switch *sw, const struct hv_port *port,
           uint8_t order[HV_MAX_UPLINKS])
{
    const struct dvs_setting *setting = &port->setting;
    uint8_t active[HV_MAX_UPLINKS];
    size_t n_active = append_uplinks(sw, &setting->active, active, 0);

    if (setting->teaming == DVS_TEAMING_EXPLICIT || n_active <= 1) {
        memcpy(order, active, n_active);
        return append_uplinks(sw, &setting->standby, order, n_active);
    }

    size_t slot = strtoull(port->key, NULL, 10) % n_active;
    size_t n = 0;

    order[n++] = active[slot];
    n = append_uplinks(sw, &setting->standby, order, n);
    for (size_t i = 1; i < n_active; i++) {
        uint8_t id = active[(slot + i) % n_active];

        if (!memchr(order, id, n)) {
            order[n++] = id;
        }
    }
    return n;
}

/* Returns the team that 'port' uses under its effective teaming policy, or
 * NULL if none of its uplinks has a NIC on this host.  An order that no team
 * of 'sw' has yet gets a team with the lowest free number; NULL if all
 * HV_MAX_TEAMS are taken. */
const struct hv_team *
hv_team_for_port(struct hv_switch *sw, const struct hv_port *port)
{
    uint8_t order[HV_MAX_UPLINKS];
    size_t n_order = port_order(sw, port, order);

    if (!n_order) {
        return NULL;
    }

    struct ds key = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < n_order; i++) {
        ds_put_format(&key, i ? ",%d" : "%d", order[i]);
    }

    struct hv_team *team = team_find(sw, ds_cstr(&key));
    for (int number = 1; !team && number <= HV_MAX_TEAMS; number++) {
        if (!team_number_in_use(sw, number)) {
            team = team_create(sw, number, ds_cstr(&key), order, n_order);
        }
    }
    ds_destroy(&key);
    return team;
}

/* Gives the number 'number' to the order 'key' ("1,2"), as an earlier run did.
 * Returns false, and does nothing, if 'key' is not such an order or either of
 * the two is already in use. */
bool
hv_team_restore(struct hv_switch *sw, int number, const char *key)
{
    uint8_t order[HV_MAX_UPLINKS];
    size_t n = 0;

    for (const char *p = key; ; p++) {
        char *tail;
        unsigned long id = strtoul(p, &tail, 10);

        if (tail == p || p[0] == '0' || !isdigit((unsigned char) p[0])
            || id > HV_MAX_UPLINKS || n >= HV_MAX_UPLINKS
            || memchr(order, id, n)) {
            return false;
        }
        order[n++] = id;
        p = tail;
        if (*p == '\0') {
            break;
        } else if (*p != ',') {
            return false;
        }
    }

    if (number < 1 || number > HV_MAX_TEAMS
        || team_number_in_use(sw, number) || team_find(sw, key)) {
        return false;
    }
    team_create(sw, number, key, order, n);
    return true;
}

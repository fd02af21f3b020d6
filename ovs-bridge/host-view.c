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

/* PURE: what one host must realise, as plain data: the objects' life cycle.
 * See host-view.h.
 *
 * Not for filling it in: that is host-view-db.c.  Nor for the teams that ports
 * use: that is host-view-team.c. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "hash.h"
#include "ovs-bridge/snoop.h"
#include "schema/dvs-limits.h"
#include "openvswitch/ofp-port.h"
#include "util.h"

/* Switches. */

/* Makes 'sw' an empty switch: no names, no uplinks, ports or teams. */
void
hv_switch_init(struct hv_switch *sw)
{
    memset(sw, 0, sizeof *sw);
    for (size_t i = 0; i <= HV_LAST_ID; i++) {
        smap_init(&sw->uplinks[i].rules);
        sw->uplinks[i].ofport = OFPP_NONE;
    }
    sw->host = xstrdup("");
    beacons_init(&sw->beacons);
    dvs_pvlans_init(&sw->pvlans);
    sset_init(&sw->merged);
    dvs_lags_init(&sw->lags);
    dvs_classes_init(&sw->classes);
    hmap_init(&sw->ports);
    hmap_init(&sw->teams);
    smap_init(&sw->placed);
    hmap_init(&sw->rulesets);
}

/* Frees what 'sw' holds, its ports included, but not 'sw' itself. */
void
hv_switch_destroy(struct hv_switch *sw)
{
    struct hv_port *port;
    struct hv_ruleset *ruleset;
    struct hv_team *team;

    HMAP_FOR_EACH_SAFE (port, node, &sw->ports) {
        hv_port_destroy(sw, port);
    }
    hmap_destroy(&sw->ports);
    HMAP_FOR_EACH_SAFE (team, node, &sw->teams) {
        hmap_remove(&sw->teams, &team->node);
        free(team->key);
        free(team);
    }
    hmap_destroy(&sw->teams);
    smap_destroy(&sw->placed);
    for (size_t i = 0; i <= HV_LAST_ID; i++) {
        hv_uplink_clear(sw, &sw->uplinks[i]);
        smap_destroy(&sw->uplinks[i].rules);
    }
    HMAP_FOR_EACH_SAFE (ruleset, node, &sw->rulesets) {
        hv_ruleset_destroy(sw, ruleset);
    }
    hmap_destroy(&sw->rulesets);
    beacons_destroy(&sw->beacons);
    free(sw->host);
    free(sw->name);
    free(sw->bridge);
    free(sw->datapath_type);
    dvs_pvlans_destroy(&sw->pvlans);
    sset_destroy(&sw->merged);
    dvs_lags_destroy(&sw->lags);
}

/* Makes 'uplink' of 'sw' one that is not there and lets everything pass. */
void
hv_uplink_clear(struct hv_switch *sw, struct hv_uplink *uplink)
{
    hv_ruleset_release(sw, &uplink->ruleset);
    smap_destroy(&uplink->rules);
    free(uplink->rules_of);
    free(uplink->name);
    free(uplink->pnic);
    free(uplink->port_key);
    free(uplink->vlan.trunks);
    memset(uplink, 0, sizeof *uplink);
    smap_init(&uplink->rules);
    uplink->ofport = OFPP_NONE;
}

/* Makes 'uplink' carry what 'setting', that of its port, says: in mode
 * DVS_VLAN_TRUNK certain VLANs, in any other (which nobody asked for) all.
 * Takes from 'setting' what it needs. */
void
hv_uplink_set_policy(struct hv_uplink *uplink, struct dvs_setting *setting)
{
    uplink->blocked = setting->blocked;
    uplink->limited = setting->vlan.mode == DVS_VLAN_TRUNK;
    free(uplink->vlan.trunks);
    memset(&uplink->vlan, 0, sizeof uplink->vlan);
    if (uplink->limited) {
        uplink->vlan = setting->vlan;
        setting->vlan.trunks = NULL;
        setting->vlan.n_trunks = 0;
    }
    smap_destroy(&uplink->rules);
    if (setting->filter) {
        smap_clone(&uplink->rules, &setting->rules);
    } else {
        smap_init(&uplink->rules);
    }
}

/* Returns the VLANs that 'uplink' carries unless it is blocked: a trunk. */
const struct dvs_vlan *
hv_uplink_vlan(const struct hv_uplink *uplink)
{
    static const struct dvs_range range = { 0, DVS_VLAN_MAX };
    static const struct dvs_vlan all = {
        .mode = DVS_VLAN_TRUNK,
        .trunks = (struct dvs_range *) &range,
        .n_trunks = 1
    };

    return uplink->limited ? &uplink->vlan : &all;
}

/* Returns the logical id of the uplink called 'name', 0 if 'sw' has none of
 * that name. */
int
hv_uplink_id(const struct hv_switch *sw, const char *name)
{
    for (int i = 1; i <= HV_LAST_ID; i++) {
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
    port->classified = true;
    port->traffic_class = DVS_TC_VIRTUAL_MACHINE;
    dvs_setting_init(&port->setting);
    snoop_init(port);
    hmap_insert(&sw->ports, &port->node, hash_string(key, 0));
    return port;
}

/* Queues of uplinks, by number: first HV_CONTROL_QUEUE, in which nothing waits
 * that comes from a NIC; one for each class of traffic; then those of single
 * NICs, by OpenFlow port.  Open vSwitch has no more than this. */
#define FIRST_NIC_QUEUE 16
#define N_QUEUES 0xf000

BUILD_ASSERT_DECL(HV_MANAGEMENT_QUEUE < FIRST_NIC_QUEUE);

/* Returns the queue of uplinks of 'sw' in which the frames of class 'tc'
 * wait. */
int
hv_class_queue(enum dvs_traffic_class tc)
{
    return tc == DVS_TC_MANAGEMENT ? HV_MANAGEMENT_QUEUE : tc;
}

/* Returns the queue of uplinks of 'sw' in which the frames of 'port' wait:
 * that of its class, or one of its own, if it has shares or a reservation; one
 * without a class has that of management.  0 if 'sw' has no queues. */
int
hv_port_queue(const struct hv_switch *sw, const struct hv_port *port)
{
    int own = FIRST_NIC_QUEUE + ofp_to_u16(port->ofport);

    if (!sw->queues) {
        return 0;
    } else if (!port->classified) {
        return HV_MANAGEMENT_QUEUE;
    } else if (port->traffic_class == DVS_TC_VIRTUAL_MACHINE
               && (port->shares || port->reservation)
               && port->ofport != OFPP_NONE && own < N_QUEUES) {
        return own;
    } else {
        return hv_class_queue(port->traffic_class);
    }
}

/* Has 'port' send no more than 'limit' Mbit/s: that is shaping, too. */
void
hv_port_limit(struct hv_port *port, int64_t limit)
{
    struct dvs_shaping *shaping = &port->setting.shape_in;
    uint64_t bps = limit * UINT64_C(1000000);

    if (shaping->enabled) {
        shaping->average = MIN(shaping->average, bps);
        shaping->peak = MIN(shaping->peak, bps);
    } else {
        *shaping = (struct dvs_shaping) {
            .enabled = true,
            .average = bps,
            .peak = bps,
        };
    }
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
        hv_ruleset_release(sw, &port->ruleset);
        hmap_remove(&sw->ports, &port->node);
        smap_remove(&sw->placed, port->key);
        free(port->rules_of);
        free(port->key);
        free(port->nic);
        free(port->interface);
        dvs_setting_destroy(&port->setting);
        snoop_destroy(port);
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

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

/* PURE: which ports ask for beacons, and what follows from these for them.
 * See host-view.h, beacon.h. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include "util.h"

BUILD_ASSERT_DECL(HV_MAX_UPLINKS == BEACON_MAX_UPLINKS);

/* Returns the set of uplinks in 'names' that have a NIC here; LAGs are not in
 * it, but '*lag' becomes true if there is one. */
static uint32_t
find_uplinks(const struct hv_switch *sw, const struct svec *names, bool *lag)
{
    uint32_t uplinks = 0;

    for (size_t i = 0; i < names->n; i++) {
        int id = hv_uplink_id(sw, names->names[i]);

        if (id > HV_MAX_UPLINKS) {
            *lag = true;
        } else if (id && hv_uplink_is_here(sw, id)) {
            uplinks |= BEACON_BIT(id);
        }
    }
    return uplinks;
}

/* Returns why 'port', whose policy asks for beacons, has none, to follow
 * "beacon probing"; NULL if it has some or does not ask. */
const char *
hv_port_beacon_conflict(const struct hv_switch *sw, const struct hv_port *port)
{
    const struct dvs_setting *setting = &port->setting;
    bool lag = false;

    if (!setting->beacon) {
        return NULL;
    }
    find_uplinks(sw, &setting->active, &lag);
    find_uplinks(sw, &setting->standby, &lag);
    return (lag ? "does not go with a LAG"
            : setting->teaming == DVS_TEAMING_IP_HASH
            ? "does not go with teaming by IP hash"
            : setting->vlan.mode == DVS_VLAN_TRUNK
            ? "does not go with guests that tag" : NULL);
}

/* Returns true if beacons say which uplinks 'port' may use. */
bool
hv_port_is_probed(const struct hv_switch *sw, const struct hv_port *port)
{
    return (port->setting.beacon && port->ofport != OFPP_NONE
            && !port->setting.blocked && !hv_port_beacon_conflict(sw, port));
}

/* Returns the VLAN of the beacons of 'port', the one that it sends in; 0 if
 * they have no tag. */
uint16_t
hv_port_probed_vlan(const struct hv_port *port)
{
    const struct dvs_vlan *vlan = &port->setting.vlan;

    return vlan->mode == DVS_VLAN_NONE ? 0 : vlan->id;
}

/* Returns the uplinks that 'port' is to have beacons on. */
uint32_t
hv_port_probed_uplinks(const struct hv_switch *sw, const struct hv_port *port)
{
    bool lag = false;

    return (find_uplinks(sw, &port->setting.active, &lag)
            | find_uplinks(sw, &port->setting.standby, &lag));
}

/* Returns the uplinks by which frames of 'port' do not pass, as far as beacons
 * say. */
uint32_t
hv_port_failed_uplinks(const struct hv_switch *sw, const struct hv_port *port)
{
    return (hv_port_is_probed(sw, port)
            ? beacons_failed(&sw->beacons, hv_port_probed_vlan(port)) : 0);
}

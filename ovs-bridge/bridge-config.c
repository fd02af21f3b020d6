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

/* PURE: what a proxy switch's rows in the local Open_vSwitch database should
 * be.  See bridge-config.h. */

#include <config.h>
#include "ovs-bridge/bridge-config.h"
#include <string.h>
#include "ovs-bridge/host-view.h"
#include "schema/dvs-host-nic.h"
#include "simap.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* Adds to 'config' that NIC 'nic' is in the port of the LAG with id 'id'.
 *
 * No bridge has a slash in its name, so the port's name is like no other. */
static void
add_lag(const struct hv_switch *view, int id, const char *nic,
        struct bridge_config *config)
{
    const struct dvs_lag *lag = hv_lag_config(view, id);
    char *port = xasprintf("%s/%s", view->bridge, lag->name);

    if (!shash_find(&config->lags, port)) {
        struct bridge_lag *bl = xmalloc(sizeof *bl);

        bl->name = xstrdup(lag->name);
        bl->active = lag->active;
        bl->fast = lag->fast;
        shash_add(&config->lags, port, bl);
    }
    smap_add_nocopy(&config->ports, xstrdup(nic), port);
}

/* Adds to 'config' the host's own NIC on 'port'.  Of two with the same device
 * the one with the lesser id gets it. */
static void
add_host_nic(struct bridge_config *config, const struct hv_port *port,
             const struct sset *nics, struct sset *faults)
{
    char *device = dvs_host_nic_device(port->nic);
    struct host_nic_config *nic = shash_find_data(&config->host_nics, device);

    if (!strcmp(device, config->bridge) || sset_contains(nics, device)) {
        sset_add_and_free(faults, xasprintf(
            "ResourceInUse: nic: device \"%s\" for NIC \"%s\" is the "
            "%s", device, port->nic, (sset_contains(nics, device)
                                      ? "physical NIC" : "bridge")));
        free(device);
        return;
    } else if (nic) {
        bool wins = strcmp(port->nic, nic->nic) < 0;

        sset_add_and_free(faults, xasprintf(
            "DuplicateName: nic: device \"%s\" is both NIC \"%s\" and \"%s\"",
            device, wins ? port->nic : nic->nic,
            wins ? nic->nic : port->nic));
        free(device);
        if (!wins) {
            return;
        }
        free(nic->nic);
    } else {
        nic = xmalloc(sizeof *nic);
        shash_add_nocopy(&config->host_nics, device, nic);
    }
    nic->nic = xstrdup(port->nic);
    nic->mac = port->mac;
    nic->mtu = port->mtu ? port->mtu : config->mtu;
}

/* Returns what the rows of proxy switch 'view' should be, on a host with the
 * physical NICs whose names are in 'nics'.  Adds to 'faults' what is in the
 * way of 'view', in the form of Proxy_State.faults.  The caller owns the
 * result. */
struct bridge_config *
bridge_config_from_view(const struct hv_switch *view, const struct sset *nics,
                        struct sset *faults)
{
    struct bridge_config *config = xzalloc(sizeof *config);
    const struct hv_port *port;
    const struct hv_team *team;

    config->switch_ = view->uuid;
    config->bridge = xstrdup(view->bridge);
    config->datapath_type = xstrdup(view->datapath_type);
    config->mtu = view->mtu;

    smap_init(&config->external_ids);
    smap_add_format(&config->external_ids, MARK_SWITCH, UUID_FMT,
                    UUID_ARGS(&view->uuid));
    smap_add(&config->external_ids, MARK_SWITCH_NAME, view->name);
    HMAP_FOR_EACH (team, node, &view->teams) {
        smap_add_nocopy(&config->external_ids,
                        xasprintf(MARK_TEAM"%d", team->number),
                        hv_team_format(team));
    }

    const struct smap_node *placed;
    SMAP_FOR_EACH (placed, &view->placed) {
        smap_add_nocopy(&config->external_ids,
                        xasprintf(MARK_PLACED"%s", placed->key),
                        xstrdup(placed->value));
    }
    beacons_save(&view->beacons, MARK_CUT_OFF, &config->external_ids);
    for (int id = HV_FIRST_LAG; id <= HV_LAST_LAG; id++) {
        if (view->uplinks[id].name) {
            smap_add_nocopy(&config->external_ids,
                            xasprintf(MARK_LAG"%d", id),
                            xstrdup(view->uplinks[id].name));
        }
    }

    smap_init(&config->uplinks);
    smap_init(&config->ports);
    shash_init(&config->lags);
    for (int id = 1; id <= HV_LAST_ID; id++) {
        const struct hv_uplink *uplink = &view->uplinks[id];
        const char *other;

        if (!uplink->name || !uplink->pnic) {
            continue;
        }
        other = smap_get(&config->uplinks, uplink->pnic);
        if (other) {
            sset_add_and_free(faults, xasprintf(
                "DuplicateName: uplinks: NIC \"%s\" is both \"%s\" and "
                "\"%s\"", uplink->pnic, other, uplink->name));
        } else if (!sset_contains(nics, uplink->pnic)) {
            sset_add_and_free(faults, xasprintf(
                "NotFound: uplinks: the host has no NIC \"%s\" for \"%s\"",
                uplink->pnic, uplink->name));
        } else {
            smap_add(&config->uplinks, uplink->pnic, uplink->name);
            if (hv_uplink_lag(id)) {
                add_lag(view, hv_uplink_lag(id), uplink->pnic, config);
            } else {
                smap_add(&config->ports, uplink->pnic, uplink->pnic);
            }
        }
    }

    shash_init(&config->qos);
    shash_init(&config->host_nics);
    HMAP_FOR_EACH (port, node, &view->ports) {
        if (port->host_nic) {
            add_host_nic(config, port, nics, faults);
        }
    }
    return config;
}

/* Adds to 'config' how the uplinks of 'view' are scheduled, if they are.
 * 'speeds' has the speeds of the host's NICs in Mbit/s, as far as they are
 * known.  What keeps a NIC from being scheduled is added to 'faults'. */
void
bridge_config_add_qos(struct bridge_config *config,
                      const struct hv_switch *view,
                      const struct simap *speeds, struct sset *faults)
{
    struct simap ports = SIMAP_INITIALIZER(&ports);
    const struct simap_node *port;
    const struct smap_node *node;

    if (!view->queues) {
        return;
    }

    /* All NICs of a LAG's port have the same queues: those of the slowest. */
    SMAP_FOR_EACH (node, &config->ports) {
        unsigned int speed = simap_get(speeds, node->key);
        unsigned int old = simap_get(&ports, node->value);

        if (!speed || speed > BRIDGE_QOS_SPEED_MAX) {
            sset_add_and_free(faults, (speed ? xasprintf(
                "NotSupported: resource_management: NIC \"%s\" is faster than "
                "%d Mbit/s", node->key, BRIDGE_QOS_SPEED_MAX) : xasprintf(
                "NotSupported: resource_management: the speed of NIC \"%s\" "
                "is not known", node->key)));
        } else if (!old || speed < old) {
            simap_put(&ports, node->value, speed);
        }
    }
    SIMAP_FOR_EACH (port, &ports) {
        struct bridge_qos *qos = xmalloc(sizeof *qos);

        qos->speed = port->data;
        dvs_classes_divide(&view->classes, port->data, qos->rates);
        shash_add(&config->qos, port->name, qos);
    }
    simap_destroy(&ports);
}

/* Frees 'config', which may be NULL. */
void
bridge_config_destroy(struct bridge_config *config)
{
    if (config) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &config->host_nics) {
            struct host_nic_config *nic = node->data;
            free(nic->nic);
        }
        shash_destroy_free_data(&config->host_nics);
        free(config->bridge);
        free(config->datapath_type);
        smap_destroy(&config->external_ids);
        smap_destroy(&config->uplinks);
        smap_destroy(&config->ports);
        SHASH_FOR_EACH (node, &config->lags) {
            struct bridge_lag *lag = node->data;

            free(lag->name);
        }
        shash_destroy_free_data(&config->lags);
        shash_destroy_free_data(&config->qos);
        free(config);
    }
}

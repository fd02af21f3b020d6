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
#include <stdlib.h>
#include <string.h>
#include "ovs-bridge/host-view.h"
#include "schema/dvs-host-nic.h"
#include "schema/dvs-limits.h"
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

/* Most that is kept for HV_CONTROL_QUEUE, in bit/s: a beacon a second in each
 * of 4,094 VLANs is less than 3 Mbit/s. */
#define CONTROL_RATE_MAX UINT64_C(10000000)

/* A NIC of a virtual machine with a queue of its own. */
struct nic_queue {
    int id;
    struct dvs_class share;
    int place;                  /* The uplink on which it has its reservation;
                                 * see struct hv_port. */
};

static int
compare_nics(const void *a_, const void *b_)
{
    const struct nic_queue *a = a_, *b = b_;

    return a->id < b->id ? -1 : a->id > b->id;
}

/* Returns the NICs of virtual machines in 'view' that have queues of their
 * own, after an entry for all others together, and stores their number in
 * '*np'.  The caller frees them. */
static struct nic_queue *
collect_nics(const struct hv_switch *view, size_t *np)
{
    struct nic_queue *nics = xcalloc(hmap_count(&view->ports) + 1,
                                     sizeof *nics);
    const struct hv_port *port;
    size_t n = 1;

    nics[0].id = DVS_TC_VIRTUAL_MACHINE;
    HMAP_FOR_EACH (port, node, &view->ports) {
        int shares = port->shares ? port->shares : DVS_SHARES_NORMAL;
        int id = hv_port_queue(view, port);

        if (port->ofport == OFPP_NONE) {
            continue;
        } else if (id == DVS_TC_VIRTUAL_MACHINE) {
            nics[0].share.shares += shares;
        } else if (id >= DVS_N_TRAFFIC_CLASSES) {
            nics[n].id = id;
            nics[n].share.shares = shares;
            nics[n].share.reservation = port->reservation;
            nics[n++].place = port->place;
        }
    }
    qsort(nics + 1, n - 1, sizeof *nics, compare_nics);
    *np = n;
    return nics;
}

/* Stores in '*present' those of the classes of 'view' that some NIC on this
 * host can send frames of: what others would get is not kept from these. */
static void
collect_classes(const struct hv_switch *view, struct dvs_classes *present)
{
    const struct hv_port *port;

    memset(present, 0, sizeof *present);
    present->classes[0] = view->classes.classes[0];     /* All else, too. */
    HMAP_FOR_EACH (port, node, &view->ports) {
        if (port->ofport != OFPP_NONE && port->classified) {
            enum dvs_traffic_class tc = port->traffic_class;

            present->classes[tc] = view->classes.classes[tc];
        }
    }
}

/* Returns what HV_CONTROL_QUEUE gets of an uplink of 'speed' Mbit/s: more than
 * it will ever need, so that no beacon waits while all classes are busy.  This
 * is on top of what they get, which matters little, as it is hardly used. */
static struct dvs_rate
control_rate(int64_t speed)
{
    uint64_t link = speed * UINT64_C(1000000);

    return (struct dvs_rate) {
        .min = MIN(link / 100, CONTROL_RATE_MAX),
        .max = link,
    };
}

/* Returns the queues of uplink 'id', of 'speed' Mbit/s, among the classes and
 * the 'n' 'nics' of 'view'. */
static struct bridge_qos *
make_qos(const struct hv_switch *view, int id, int64_t speed,
         const struct nic_queue *nics, size_t n)
{
    struct dvs_rate classes[DVS_N_TRAFFIC_CLASSES];
    struct dvs_class *shares = xcalloc(n, sizeof *shares);
    struct dvs_rate *rates = xcalloc(n, sizeof *rates);
    struct bridge_qos *qos = xmalloc(sizeof *qos);
    struct dvs_classes present;
    const struct dvs_rate *vm = &classes[DVS_TC_VIRTUAL_MACHINE];

    collect_classes(view, &present);
    dvs_classes_divide(&present, speed, classes);
    for (size_t i = 0; i < n; i++) {
        shares[i] = nics[i].share;
        if (nics[i].place != id && nics[i].place != HV_PLACE_ALL) {
            shares[i].reservation = 0;
        }
    }
    dvs_divide(shares, n, vm->min, rates);

    qos->speed = speed;
    qos->n = DVS_N_TRAFFIC_CLASSES + n;
    qos->queues = xmalloc(qos->n * sizeof *qos->queues);
    qos->queues[HV_CONTROL_QUEUE].id = HV_CONTROL_QUEUE;
    qos->queues[HV_CONTROL_QUEUE].rate = control_rate(speed);
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        int queue = hv_class_queue(i);

        qos->queues[queue].id = queue;
        qos->queues[queue].rate = classes[i];
    }
    for (size_t i = 0; n > 1 && i < n; i++) {
        struct bridge_queue *queue
            = &qos->queues[i ? DVS_N_TRAFFIC_CLASSES + i
                           : DVS_TC_VIRTUAL_MACHINE];

        /* Each has its part of the class's limit, if there is one. */
        queue->id = nics[i].id;
        queue->rate.min = rates[i].min;
        queue->rate.max = (view->classes.classes[DVS_TC_VIRTUAL_MACHINE].limit
                           ? MAX((double) vm->max * rates[i].min / vm->min,
                                 rates[i].min)
                           : vm->max);
    }
    free(shares);
    free(rates);
    return qos;
}

/* Returns the uplink of 'view', or the LAG, that 'port' of 'config' is. */
static int
port_uplink(const struct bridge_config *config, const struct hv_switch *view,
            const char *port)
{
    for (int id = 1; id <= HV_LAST_ID; id++) {
        const char *nic = view->uplinks[id].pnic;
        const char *of = nic ? smap_get(&config->ports, nic) : NULL;

        if (of && !strcmp(of, port)) {
            return hv_uplink_lag(id) ? hv_uplink_lag(id) : id;
        }
    }
    OVS_NOT_REACHED();
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
    struct nic_queue *nics;
    size_t n_nics;

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
    nics = collect_nics(view, &n_nics);
    SIMAP_FOR_EACH (port, &ports) {
        shash_add(&config->qos, port->name,
                  make_qos(view, port_uplink(config, view, port->name),
                           port->data, nics, n_nics));
    }
    free(nics);
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
        SHASH_FOR_EACH (node, &config->qos) {
            struct bridge_qos *qos = node->data;

            free(qos->queues);
        }
        shash_destroy_free_data(&config->qos);
        free(config);
    }
}

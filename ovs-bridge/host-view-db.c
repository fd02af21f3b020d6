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

/* Builds the view of what the host must realise from the two databases.  See
 * host-view-db.h.
 *
 * Changes only mark what is to be read again; what is marked is then read from
 * the rows as they are now, so that the order of changes, and several at once,
 * make no difference. */

#include <config.h>
#include "ovs-bridge/host-view-db.h"
#include <stdlib.h>
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/features.h"
#include "ovs-bridge/host-made.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_view_db);

COVERAGE_DEFINE(host_view_port);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Marking. */

static void
mark_port(struct proxies *proxies, const struct uuid *switch_,
          const char *port_key)
{
    struct proxy *proxy = proxy_find(proxies, switch_);

    if (proxy) {
        sset_add(&proxy->dirty_ports, port_key);
    }
}

static void
mark_switch(struct proxies *proxies, const struct uuid *switch_)
{
    struct proxy *proxy = proxy_find(proxies, switch_);

    if (proxy) {
        proxy->rebuild = true;
    }
}

/* Marks the ports of this host that are in 'portgroup'. */
static void
mark_portgroup(const struct host_view_db *db, struct proxies *proxies,
               const struct uuid *portgroup)
{
    const struct proxy_row *row;

    PROXY_ROWS_FOR_EACH_IN_GROUP (row, portgroup, &db->rows) {
        if (row->id.kind == PR_PORT) {
            mark_port(proxies, &row->id.switch_, row->id.key);
        }
    }
}

/* Marks the switches with an uplink whose port is in 'portgroup'. */
static void
mark_uplinks(struct proxies *proxies, const struct uuid *portgroup)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, proxies) {
        for (int id = 1; id <= HV_LAST_ID; id++) {
            const struct hv_uplink *uplink = &proxy->view.uplinks[id];

            if (uplink->name && uuid_equals(&uplink->portgroup, portgroup)) {
                proxy->rebuild = true;
            }
        }
    }
}

/* Marks what the changes of the rows concern. */
void
host_view_db_mark(struct host_view_db *db, struct proxies *proxies)
{
    struct proxy_row *row;

    while ((row = proxy_rows_pop_dirty(&db->rows))) {
        struct proxy *proxy;

        switch (row->id.kind) {
        case PR_HOST:
            proxy_find_or_create(proxies, &row->id.switch_)->rebuild = true;
            break;
        case PR_SWITCH:
            mark_switch(proxies, &row->id.switch_);
            break;
        case PR_PORTGROUP:
            mark_portgroup(db, proxies, &row->id.portgroup);
            mark_uplinks(proxies, &row->id.portgroup);
            db->portgroups_changed = true;
            break;
        case PR_PORT:
            mark_port(proxies, &row->id.switch_, row->id.key);
            break;
        case PR_GLOBAL:
        case PR_N_KINDS:
        default:
            break;
        }
        proxy = proxy_find(proxies, &row->id.switch_);
        if (proxy) {
            proxy->report_dirty = true; /* It says what is refused. */
        }
        proxy_rows_forget(&db->rows, row);
    }
}

/* Marks everything. */
void
host_view_db_recompute(struct host_view_db *db, struct proxies *proxies,
                       const struct local_view *local)
{
    const struct proxy_row *row;
    struct shash_node *node;
    struct proxy *proxy;

    HMAP_FOR_EACH (row, node, &db->rows.by_id) {
        if (row->id.kind == PR_HOST && row->running) {
            proxy_find_or_create(proxies, &row->id.switch_);
        }
    }
    SHASH_FOR_EACH (node, &local->bridges) {
        const struct local_bridge *bridge = node->data;

        if (bridge->ours) {
            proxy_find_or_create(proxies, &bridge->switch_);
        }
    }
    PROXY_FOR_EACH (proxy, proxies) {
        proxy->rebuild = true;
        proxy->sync_dirty = true;
        proxy->report_dirty = true;
        proxy->report_ports = true;
    }
}

/* Marks what the changes of the local database concern. */
static void
mark_local(struct host_view_db *db, struct proxies *proxies,
           const struct local_view *local)
{
    struct shash_node *node;
    struct proxy *proxy;
    const char *name;

    SSET_FOR_EACH (name, &local->dirty_nics) {
        const struct dvsrec_proxy_port *row = host_view_db_find_nic(db, name);

        if (row) {
            mark_port(proxies, &row->switch_, row->key);
        }
    }
    PROXY_FOR_EACH (proxy, proxies) {
        for (int id = 1; id <= HV_LAST_ID; id++) {
            const char *pnic = proxy->view.uplinks[id].pnic;

            if (pnic && sset_contains(&local->dirty_ifaces, pnic)) {
                proxy->uplinks_dirty = true;
            }
        }
    }
    if (local->bridges_dirty) {
        SHASH_FOR_EACH (node, &local->bridges) {
            const struct local_bridge *bridge = node->data;

            if (bridge->ours) {
                proxy_find_or_create(proxies, &bridge->switch_);
            }
        }
        PROXY_FOR_EACH (proxy, proxies) {
            proxy->sync_dirty = true;
        }
    }
}

/* Reading. */

/* Reads the OpenFlow ports and links of 'proxy''s uplinks. */
static void
update_uplinks(struct proxy *proxy, const struct local_view *local)
{
    proxy->uplinks_dirty = false;
    for (int id = 1; id <= HV_LAST_ID; id++) {
        struct hv_uplink *uplink = &proxy->view.uplinks[id];
        const struct local_iface *iface
            = (uplink->pnic ? local_view_find_iface(local, uplink->pnic)
               : NULL);
        ofp_port_t ofport
            = (iface && iface->uplink && iface->bridge
               && uuid_equals(&iface->owner, &proxy->uuid)
               ? iface->ofport : OFPP_NONE);

        if (uplink->ofport != ofport) {
            uplink->ofport = ofport;
            proxy->compile_all = true;
        }
        uplink->down = iface && iface->link == LOCAL_LINK_DOWN;
        uplink->up = (ofport != OFPP_NONE && iface->link == LOCAL_LINK_UP
                      && (!hv_uplink_lag(id) || iface->attached));
    }
    hv_lags_follow_ports(&proxy->view);
    if (hv_teams_follow_links(&proxy->view)) {
        proxy->compile_all = true;
        proxy->sync_dirty = true;
    }
    /* Their links decide which one each port uses. */
    proxy->notify_all = true;
    proxy->report_dirty = true;
    proxy->report_ports = true;
}

/* Forgets the uplinks of 'view', but for the ids of LAGs. */
static void
clear_uplinks(struct hv_switch *view)
{
    for (int id = 0; id <= HV_LAST_ID; id++) {
        if (id < HV_FIRST_LAG || id > HV_LAST_LAG) {
            hv_uplink_clear(view, &view->uplinks[id]);
        }
    }
}

/* Sets in 'setting' what the text form 'smap' has explicit. */
static char * OVS_WARN_UNUSED_RESULT
overlay_smap(struct dvs_setting *setting, const struct smap *smap)
{
    struct dvs_setting level;
    char *error = dvs_setting_from_smap(&level, smap);

    if (!error) {
        dvs_setting_overlay(setting, &level, DVS_ALL_PROPERTIES);
    }
    dvs_setting_destroy(&level);
    return error;
}

/* Sets '*rules_of' to whose traffic rules a port has: those of the portgroup
 * whose identity is 'portgroup' (NULL: it has none), unless it has rules of
 * its own, as 'own' says. */
static void
set_rules_of(char **rules_of, const struct uuid *portgroup, bool own)
{
    free(*rules_of);
    *rules_of = (portgroup && !own
                 ? xasprintf(UUID_FMT, UUID_ARGS(portgroup)) : NULL);
}

/* Returns true if 'setting', in text form, has traffic rules. */
static bool
has_rules(const struct smap *setting)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, setting) {
        if (!strncmp(node->key, "rule.", 5)) {
            return true;
        }
    }
    return false;
}

/* Reads what the port of 'uplink' lets pass. */
static void
read_uplink_policy(const struct host_view_db *db, struct proxy *proxy,
                   const struct dvsrec_proxy_host *ph,
                   struct hv_uplink *uplink)
{
    const char *uuid = smap_get_def(&ph->uplink_portgroups, uplink->name, "");
    const struct dvsrec_proxy_portgroup *pg = NULL;
    struct smap own = SMAP_INITIALIZER(&own);
    const struct smap_node *node;
    struct dvs_setting setting;

    SMAP_FOR_EACH (node, &ph->uplink_settings) {
        const char *space = strchr(node->key, ' ');

        if (space && !strcmp(space + 1, uplink->name)) {
            smap_add_nocopy(&own, xmemdup0(node->key, space - node->key),
                            xstrdup(node->value));
        }
    }
    if (uuid_from_string(&uplink->portgroup, uuid)) {
        pg = host_view_db_find_portgroup(db, &proxy->uuid,
                                         &uplink->portgroup);
    }

    dvs_setting_defaults(&setting, NULL);
    char *error = pg ? overlay_smap(&setting, &pg->setting) : NULL;
    if (!error) {
        error = overlay_smap(&setting, &own);
    }
    if (error) {
        sset_add_and_free(&proxy->view_faults, xasprintf(
            "InvalidArgument: uplinks: \"%s\": %s", uplink->name, error));
        free(error);
    } else {
        hv_uplink_set_policy(uplink, &setting);
        set_rules_of(&uplink->rules_of, pg ? &uplink->portgroup : NULL,
                     has_rules(&own));
    }
    dvs_setting_destroy(&setting);
    smap_destroy(&own);
}

static void
read_uplinks(const struct host_view_db *db, struct proxy *proxy,
             const struct dvsrec_proxy_switch *ps,
             const struct dvsrec_proxy_host *ph)
{
    clear_uplinks(&proxy->view);
    for (size_t i = 0; i < ps->n_uplinks; i++) {
        /* Positions count from 0, logical uplink ids from 1. */
        int64_t id = ps->key_uplinks[i] + 1;
        const char *name = ps->value_uplinks[i];
        struct hv_uplink *uplink;

        if (id < 1 || id > HV_MAX_UPLINKS) {
            sset_add_and_free(&proxy->view_faults, xasprintf(
                "InvalidArgument: uplinks: \"%s\" has position %"PRId64, name,
                id - 1));
            continue;
        }
        uplink = &proxy->view.uplinks[id];
        uplink->name = xstrdup(name);
        uplink->pnic = nullable_xstrdup(smap_get(&ph->uplinks, name));
        uplink->port_key
            = nullable_xstrdup(smap_get(&ph->uplink_ports, name));
    }

    char *error = dvs_lags_from_smap(&proxy->view.lags, &ps->config);
    if (error) {
        sset_add_and_free(&proxy->view_faults,
                          xasprintf("InvalidArgument: config: %s", error));
        free(error);
    }
    hv_lags_update(&proxy->view, &ph->uplinks, &ph->uplink_ports);

    for (int id = 1; id <= HV_LAST_ID; id++) {
        struct hv_uplink *uplink = &proxy->view.uplinks[id];

        if (uplink->name && uplink->port_key) {
            read_uplink_policy(db, proxy, ph, uplink);
        }
    }
}

/* Reads how bandwidth of the uplinks is shared out. */
static void
read_classes(struct proxy *proxy, const struct dvsrec_proxy_switch *ps)
{
    struct hv_switch *view = &proxy->view;
    char *error = dvs_classes_from_smap(&view->classes, &ps->config);

    view->managed = !strcmp(smap_get_def(&ps->config, "resource-management",
                                         ""), "on");
    view->queues = view->managed;
    if (view->queues && !features_has_queues(view->datapath_type)) {
        sset_add_and_free(&proxy->view_faults, xasprintf(
            "NotSupported: resource_management: datapath \"%s\" has no queues "
            "on uplinks", view->datapath_type));
        view->queues = false;
    }
    if (error) {
        sset_add_and_free(&proxy->view_faults,
                          xasprintf("InvalidArgument: config: %s", error));
        free(error);
    }
}

/* Reads what is no policy. */
static void
read_config(struct proxy *proxy, const struct dvsrec_proxy_switch *ps)
{
    char *error = dvs_pvlans_from_smap(&proxy->view.pvlans, &ps->config);

    sset_destroy(&proxy->view.merged);
    sset_from_delimited_string(&proxy->view.merged,
                               smap_get_def(&ps->config, "merged", ""), ",");
    proxy->view.snooping = !strcmp(smap_get_def(&ps->config, "multicast", ""),
                                   "snooping");
    read_classes(proxy, ps);

    if (error) {
        sset_add_and_free(&proxy->view_faults,
                          xasprintf("InvalidArgument: config: %s", error));
        free(error);
    }
}

/* Takes over the team numbers that an earlier run left in 'bridge'. */
static void
restore_teams(struct proxy *proxy, const struct local_view *local,
              const struct local_bridge *bridge)
{
    const struct ovsrec_bridge *row
        = local_view_bridge_row(local, bridge->name);
    struct smap_node *node;

    if (!row) {
        return;
    }
    SMAP_FOR_EACH (node, &row->external_ids) {
        int number;

        if (!strncmp(node->key, MARK_TEAM, strlen(MARK_TEAM))
            && str_to_int(node->key + strlen(MARK_TEAM), 10, &number)
            && !hv_team_restore(&proxy->view, number, node->value)) {
            VLOG_INFO("%s: ignoring external_ids:%s=\"%s\"",
                      bridge->name, node->key, node->value);
        }
    }
}

/* Takes over the ids of LAGs, the places of ports, and the uplinks that are
 * cut off, that an earlier run left in the bridge of 'proxy'. */
static void
restore_places(struct proxy *proxy, const struct local_view *local)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &local->bridges) {
        const struct local_bridge *bridge = node->data;
        const struct ovsrec_bridge *row
            = (bridge->ours && uuid_equals(&bridge->switch_, &proxy->uuid)
               ? local_view_bridge_row(local, bridge->name) : NULL);
        struct smap_node *id;

        if (!row) {
            continue;
        }
        SMAP_FOR_EACH (id, &row->external_ids) {
            int number;

            if (!strncmp(id->key, MARK_PLACED, strlen(MARK_PLACED))) {
                smap_replace(&proxy->view.placed,
                             id->key + strlen(MARK_PLACED), id->value);
            } else if (!strncmp(id->key, MARK_CUT_OFF,
                                strlen(MARK_CUT_OFF))) {
                beacons_restore(&proxy->view.beacons,
                                id->key + strlen(MARK_CUT_OFF), id->value);
            } else if (!strncmp(id->key, MARK_LAG, strlen(MARK_LAG))
                && str_to_int(id->key + strlen(MARK_LAG), 10, &number)) {
                hv_lag_restore(&proxy->view, number, id->value);
            }
        }
    }
}

/* Marks all ports that 'proxy' has or should have. */
static void
mark_all_ports(const struct host_view_db *db, struct proxy *proxy)
{
    const struct proxy_row *row;
    const struct hv_port *port;

    PROXY_ROWS_FOR_EACH_OF_SWITCH (row, &proxy->uuid, &db->rows) {
        if (row->id.kind == PR_PORT
            && uuid_equals(&row->id.switch_, &proxy->uuid)) {
            sset_add(&proxy->dirty_ports, row->id.key);
        }
    }
    HMAP_FOR_EACH (port, node, &proxy->view.ports) {
        sset_add(&proxy->dirty_ports, port->key);
    }
}

/* Reads the switch of 'proxy', and marks all its ports. */
static void
rebuild(const struct host_view_db *db, struct proxy *proxy,
        const struct local_view *local)
{
    const struct dvsrec_proxy_host *ph
        = host_view_db_find_host(db, &proxy->uuid);
    const struct dvsrec_proxy_switch *ps;
    struct hv_switch *view = &proxy->view;

    proxy->rebuild = false;
    proxy->report_dirty = true;
    proxy->wanted = ph != NULL;
    sset_clear(&proxy->view_faults);
    if (!ph) {
        clear_uplinks(view);
        mark_all_ports(db, proxy);
        proxy->compile_all = proxy->sync_dirty = proxy->report_ports = true;
        return;
    }

    ps = host_view_db_find_switch(db, &proxy->uuid);
    if (!ps) {
        sset_add(&proxy->view_faults, "NotFound: switch: the database does "
                 "not say yet what the switch is to be");
        return;
    }
    proxy->version = ps->version;
    free(view->host);
    view->host = xstrdup(ph->host);
    free(view->name);
    view->name = xstrdup(ps->name);
    free(view->bridge);
    view->bridge = xstrdup(ps->bridge);
    free(view->datapath_type);
    view->datapath_type = xstrdup(ps->datapath_type);
    view->mtu = ps->mtu;
    if (!proxy->complete) {
        restore_places(proxy, local);
    }
    read_uplinks(db, proxy, ps, ph);
    read_config(proxy, ps);
    if (!proxy->complete) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &local->bridges) {
            const struct local_bridge *bridge = node->data;

            if (bridge->ours && uuid_equals(&bridge->switch_, &proxy->uuid)) {
                restore_teams(proxy, local, bridge);
            }
        }
        proxy->complete = true;
    }
    update_uplinks(proxy, local);
    mark_all_ports(db, proxy);
    proxy->compile_all = proxy->sync_dirty = true;
}

/* Initializes 'setting' as the effective setting of the port in 'row': that of
 * its portgroup, or of the switch if it is standalone, under its own.  Returns
 * NULL if successful, else why not, which the caller must free. */
static char * OVS_WARN_UNUSED_RESULT
read_setting(const struct host_view_db *db, const struct proxy *proxy,
             const struct dvsrec_proxy_port *row, struct dvs_setting *setting)
{
    const struct smap *base = NULL;
    char *error;

    dvs_setting_defaults(setting, NULL);
    if (row->n_portgroup) {
        const struct dvsrec_proxy_portgroup *pg
            = host_view_db_find_portgroup(db, &proxy->uuid, row->portgroup);

        base = pg ? &pg->setting : NULL;
    } else {
        const struct dvsrec_proxy_switch *ps
            = host_view_db_find_switch(db, &proxy->uuid);

        base = ps ? &ps->setting : NULL;
    }
    if (!base) {
        return xstrdup("the database does not say yet what the portgroup is "
                       "to be");
    }
    error = overlay_smap(setting, base);
    return error ? error : overlay_smap(setting, &row->setting);
}

/* Returns the MAC address that the NIC at 'iface' works with now, all-zeros if
 * that is not known: what the hypervisor says, else, if the NIC is a device of
 * this host, what the device has.  (Of other kinds of interface, the device is
 * only this end.) */
static struct eth_addr
read_claimed_mac(const struct local_view *local,
                 const struct local_iface *iface)
{
    const struct ovsrec_interface *ir
        = iface ? local_view_iface_row(local, iface->name) : NULL;
    const char *s = NULL;
    struct eth_addr mac;

    if (ir) {
        if (!iface->host_nic) {
            s = smap_get(&ir->external_ids, "attached-mac");
        }
        if (!s && !strcmp(ir->type, "internal")) {
            s = ir->mac_in_use;
        }
    }
    return (s && eth_addr_from_string(s, &mac) && !eth_addr_is_multicast(mac)
            ? mac : eth_addr_zero);
}

/* Returns the MAC address of a NIC, all-zeros if it is not known: 'given',
 * which was configured, else the one that came with the interface, else, if
 * the NIC is a device of this host, what the device has. */
static struct eth_addr
read_mac(const char *given, const struct local_view *local,
         const struct local_iface *iface)
{
    struct eth_addr mac;

    return (eth_addr_from_string(given, &mac)
            ? mac : read_claimed_mac(local, iface));
}

static void
remove_port(struct proxy *proxy, const char *key)
{
    struct hv_port *port = hv_port_find(&proxy->view, key);

    free(shash_find_and_delete(&proxy->port_faults, key));
    sset_find_and_delete(&proxy->host_made, key);
    if (port) {
        sset_add(&proxy->report_nics, port->nic);
        proxy->sync_dirty = (proxy->sync_dirty || port->host_nic
                             || proxy->view.queues);
        hv_port_destroy(&proxy->view, port);
        sset_add(&proxy->changed_ports, key);
    }
}

/* Reads the port of 'proxy' with key 'key', which no row grants: it may be one
 * that this host makes. */
static void
update_host_made(const struct host_view_db *db, struct proxy *proxy,
                 const char *key, const struct local_view *local)
{
    const struct dvsrec_proxy_portgroup *pg
        = (proxy->wanted && proxy->complete
           ? host_made_portgroup(db, proxy, key, local) : NULL);
    struct dvs_setting setting;

    if (!pg) {
        remove_port(proxy, key);
        return;
    }
    dvs_setting_defaults(&setting, NULL);
    char *error = overlay_smap(&setting, &pg->setting);
    if (error) {
        VLOG_WARN_RL(&rl, "%s: portgroup %s: %s", proxy->view.name, pg->name,
                     error);
        free(error);
        dvs_setting_destroy(&setting);
        remove_port(proxy, key);
        return;
    }

    struct hv_port *port = hv_port_find(&proxy->view, key);
    const struct local_iface *iface = local_view_find_nic(local, port->nic);
    dvs_setting_destroy(&port->setting);
    dvs_setting_clone(&port->setting, &setting);
    dvs_setting_destroy(&setting);
    proxy->load_wanted |= port->setting.teaming == DVS_TEAMING_LOAD;
    set_rules_of(&port->rules_of, &pg->portgroup, false);
    free(port->interface);
    port->interface = xstrdup(iface->name);
    port->ofport = iface->ofport;
    port->mac = read_mac("", local, iface);
    port->claimed = read_claimed_mac(local, iface);
    port->active = true;
    sset_add(&proxy->changed_ports, key);
}

/* Reads the port of 'proxy' with key 'key'. */
static void
update_port(const struct host_view_db *db, struct proxy *proxy,
            const char *key, const struct local_view *local)
{
    const struct dvsrec_proxy_port *row
        = host_view_db_find_port(db, &proxy->uuid, key);
    struct local_iface *iface;
    struct dvs_setting setting;
    struct hv_port *port;

    COVERAGE_INC(host_view_port);
    if (!row) {
        update_host_made(db, proxy, key, local);
        return;
    }
    if (!proxy->wanted || !proxy->complete || !strcmp(row->kind, "uplink")
        || !strcmp(row->kind, "none")) {
        remove_port(proxy, key);
        return;
    }

    bool host_nic = !strcmp(row->kind, "host");
    char *error = read_setting(db, proxy, row, &setting);
    free(shash_find_and_delete(&proxy->port_faults, key));
    sset_find_and_delete(&proxy->unread_host_nics, row->nic);
    if (error) {
        if (host_nic) {
            sset_add(&proxy->unread_host_nics, row->nic);
        }
        VLOG_WARN_RL(&rl, "%s: port %s keeps its earlier setting (%s)",
                     proxy->view.name, key, error);
        shash_add(&proxy->port_faults, key, error);
        sset_add(&proxy->report_nics, row->nic);
        dvs_setting_destroy(&setting);
        return;
    }

    port = hv_port_find(&proxy->view, key);
    if (port && !nullable_string_is_equal(port->nic, row->nic)) {
        remove_port(proxy, key);    /* That NIC has lost it: say so. */
        port = NULL;
    }
    port = port ? port : hv_port_create(&proxy->view, key);
    dvs_setting_destroy(&port->setting);
    dvs_setting_clone(&port->setting, &setting);
    dvs_setting_destroy(&setting);
    proxy->load_wanted |= port->setting.teaming == DVS_TEAMING_LOAD;
    set_rules_of(&port->rules_of, row->n_portgroup ? row->portgroup : NULL,
                 has_rules(&row->setting));

    iface = local_view_find_nic(local, row->nic);
    if (iface && (!uuid_equals(&iface->bridge->switch_, &proxy->uuid)
                  || iface->host_nic != host_nic)) {
        iface = NULL;           /* Of another switch, or it only has its id. */
    }
    if (host_nic || port->host_nic) {
        proxy->sync_dirty = true;
    }
    port->host_nic = host_nic;
    port->traffic_class = DVS_TC_VIRTUAL_MACHINE;
    port->classified = (!host_nic
                        || (row->traffic_class
                            && dvs_traffic_class_from_string(
                                row->traffic_class, &port->traffic_class)));
    port->shares = row->n_shares ? row->shares[0] : 0;
    port->reservation = row->n_reservation ? row->reservation[0] : 0;
    proxy->view.reserves |= port->reservation || port->place;
    if (proxy->view.managed && row->n_limit && row->limit[0] > 0) {
        hv_port_limit(port, row->limit[0]);
    }
    proxy->sync_dirty = proxy->sync_dirty || proxy->view.queues;
    port->mtu = row->n_mtu ? row->mtu[0] : 0;
    port->host_made = false;
    sset_find_and_delete(&proxy->host_made, key);
    free(port->nic);
    port->nic = xstrdup(row->nic);
    free(port->interface);
    port->interface = iface ? xstrdup(iface->name) : NULL;
    port->ofport = iface ? iface->ofport : OFPP_NONE;
    port->mac = read_mac(row->mac, local, iface);
    port->claimed = read_claimed_mac(local, iface);
    if (iface && row->active) {
        iface->heard = false;   /* It is no news any more. */
    }
    port->active = row->active || (iface && iface->heard);
    port->awaited = port->awaited || !port->active;
    port->migrating = row->migrating;
    sset_add(&proxy->changed_ports, key);
}

/* Brings the views of 'proxies' up to date with everything that was marked and
 * with the changes of 'local'.  Leaves in each proxy what must be compiled
 * again. */
void
host_view_db_update(struct host_view_db *db, struct proxies *proxies,
                    const struct local_view *local)
{
    struct proxy *proxy;

    mark_local(db, proxies, local);
    if (db->away && !db->was_away && host_view_db_global(db)) {
        host_made_note(db, local);
    }
    PROXY_FOR_EACH (proxy, proxies) {
        const char *key;

        if (proxy->rebuild) {
            rebuild(db, proxy, local);
        } else if (proxy->uplinks_dirty) {
            update_uplinks(proxy, local);
        }
        do {
            host_made_mark(db, proxy, local);
            SSET_FOR_EACH (key, &proxy->dirty_ports) {
                update_port(db, proxy, key, local);
            }
            sset_clear(&proxy->dirty_ports);
        } while (host_made_waits(db, proxy));
    }
    db->was_away = db->away;
    db->portgroups_changed = false;
}

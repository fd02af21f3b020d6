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

/* Reads what a host is to realise of a switch, but for its ports, from the
 * rows that it works with and from its own database.  See host-view-db.h. */

#include <config.h>
#include "ovs-bridge/host-view-private.h"
#include <stdlib.h>
#include <string.h>
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/features.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/proxy.h"
#include "schema/dvs-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_view_switch);

/* Reads the OpenFlow ports and links of 'proxy''s uplinks. */
void
host_view_read_links(struct proxy *proxy, const struct local_view *local)
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
    char *error = pg ? host_view_overlay(&setting, &pg->setting) : NULL;
    if (!error) {
        error = host_view_overlay(&setting, &own);
    }
    if (error) {
        sset_add_and_free(&proxy->view_faults, xasprintf(
            "InvalidArgument: uplinks: \"%s\": %s", uplink->name, error));
        free(error);
    } else {
        hv_uplink_set_policy(uplink, &setting);
        host_view_set_rules_of(&uplink->rules_of,
                               pg ? &uplink->portgroup : NULL,
                               host_view_has_rules(&own));
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

/* Reads the switch of 'proxy', from its rows and from 'local', and marks all
 * its ports.  What cannot be carried out is in 'proxy->view_faults'. */
void
host_view_read_switch(const struct host_view_db *db, struct proxy *proxy,
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
    host_view_read_links(proxy, local);
    mark_all_ports(db, proxy);
    proxy->compile_all = proxy->sync_dirty = true;
}

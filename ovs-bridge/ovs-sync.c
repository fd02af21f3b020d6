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

/* The only writer of the local Open_vSwitch database.  See ovs-sync.h. */

#include <config.h>
#include "ovs-bridge/ovs-sync.h"
#include <limits.h>
#include <string.h>
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/ovs-sync-private.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "simap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_sync);

COVERAGE_DEFINE(ovs_sync_add_bridge);
COVERAGE_DEFINE(ovs_sync_del_bridge);
COVERAGE_DEFINE(ovs_sync_move_port);

/* Bridges. */

/* Makes the bridge of 'config'.  Its uplinks follow once it exists. */
static void
add_bridge(struct sync_ctx *ctx, const struct bridge_config *config)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(ctx->txn);
    struct ovsrec_port *port = ovsrec_port_insert(ctx->txn);
    struct ovsrec_bridge *bridge = ovsrec_bridge_insert(ctx->txn);

    int64_t mtu = config->mtu;

    ovsrec_interface_set_name(iface, config->bridge);
    ovsrec_interface_set_type(iface, "internal");
    ovsrec_interface_set_mtu_request(iface, &mtu, 1);
    ovsrec_port_set_name(port, config->bridge);
    ovsrec_port_set_interfaces(port, &iface, 1);
    ovsrec_bridge_set_name(bridge, config->bridge);
    ovsrec_bridge_set_ports(bridge, &port->header_.uuid, 1);
    ovsrec_bridge_set_external_ids(bridge, &config->external_ids);

    const char *protocols[] = { "OpenFlow10", "OpenFlow13", "OpenFlow15" };
    struct smap other_config
        = SMAP_CONST1(&other_config, "disable-in-band", "true");

    ovsrec_bridge_set_datapath_type(bridge, config->datapath_type);
    ovsrec_bridge_set_fail_mode(bridge, "secure");
    ovsrec_bridge_set_protocols(bridge, protocols, ARRAY_SIZE(protocols));
    ovsrec_bridge_set_other_config(bridge, &other_config);

    ovsrec_open_vswitch_update_bridges_addvalue(ctx->root, bridge);
    ctx->sync->wrote = true;
    COVERAGE_INC(ovs_sync_add_bridge);
    VLOG_INFO("%s: made bridge for switch \"%s\"", config->bridge,
              smap_get(&config->external_ids, MARK_SWITCH_NAME));
}

/* Sets or deletes the keys of 'row' that are ours. */
static void
update_external_ids(struct sync_ctx *ctx, const struct ovsrec_bridge *row,
                    const struct bridge_config *config)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &config->external_ids) {
        if (!nullable_string_is_equal(smap_get(&row->external_ids, node->key),
                                      node->value)) {
            ovsrec_bridge_update_external_ids_setkey(row, node->key,
                                                     node->value);
            ctx->sync->wrote = true;
        }
    }
    SMAP_FOR_EACH (node, &row->external_ids) {
        if ((!strncmp(node->key, MARK_TEAM, strlen(MARK_TEAM))
             || !strncmp(node->key, MARK_LAG, strlen(MARK_LAG))
             || !strncmp(node->key, MARK_CUT_OFF, strlen(MARK_CUT_OFF))
             || !strncmp(node->key, MARK_PLACED, strlen(MARK_PLACED)))
            && !smap_get(&config->external_ids, node->key)) {
            ovsrec_bridge_update_external_ids_delkey(row, node->key);
            ctx->sync->wrote = true;
        }
    }
}

/* Makes the MTU of the port that bridge 'row' has by itself the switch's.
 * Without it, ovs-vswitchd would give that port the smallest of all ports'. */
static void
update_bridge_mtu(struct sync_ctx *ctx, const struct ovsrec_bridge *row,
                  const struct bridge_config *config)
{
    const struct ovsrec_interface *iface
        = local_view_iface_row(ctx->local, row->name);
    int64_t mtu = config->mtu;

    if (iface && (!iface->n_mtu_request || *iface->mtu_request != mtu)) {
        ovsrec_interface_set_mtu_request(iface, &mtu, 1);
        ctx->sync->wrote = true;
    }
}

/* Makes the columns of bridge 'row', which stands for 'proxy', what they
 * should be. */
static void
update_bridge(struct sync_ctx *ctx, struct proxy *proxy,
              const struct ovsrec_bridge *row)
{
    const struct bridge_config *config = proxy->config;
    static const char *const protocols[]
        = { "OpenFlow10", "OpenFlow13", "OpenFlow15" };
    const char *type = row->datapath_type[0] ? row->datapath_type : "system";

    if (strcmp(type, config->datapath_type)) {
        ovsrec_bridge_set_datapath_type(row, config->datapath_type);
        ctx->sync->wrote = proxy->flows_lost = true;
    }
    if (!nullable_string_is_equal(row->fail_mode, "secure")) {
        ovsrec_bridge_set_fail_mode(row, "secure");
        ctx->sync->wrote = proxy->flows_lost = true;
    }
    if (row->mcast_snooping_enable) {
        ovsrec_bridge_set_mcast_snooping_enable(row, false);
        ctx->sync->wrote = true;
    }
    if (!smap_get_bool(&row->other_config, "disable-in-band", false)) {
        ovsrec_bridge_update_other_config_setkey(row, "disable-in-band",
                                                 "true");
        ctx->sync->wrote = true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        size_t j;

        for (j = 0; j < row->n_protocols; j++) {
            if (!strcmp(protocols[i], row->protocols[j])) {
                break;
            }
        }
        if (j >= row->n_protocols) {
            ovsrec_bridge_update_protocols_addvalue(row, protocols[i]);
            ctx->sync->wrote = true;
        }
    }
    update_bridge_mtu(ctx, row, config);
    update_external_ids(ctx, row, config);
}

/* Proxy switches. */

/* Returns the row of the bridge that the host has for the switch into which
 * that of 'bridge' has been merged, or NULL. */
static const struct ovsrec_bridge *
find_heir(const struct sync_ctx *ctx, const struct local_bridge *bridge)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&bridge->switch_));
    const struct local_bridge *heir = NULL;
    const struct proxy *proxy;

    if (ctx->proxies) {
        PROXY_FOR_EACH (proxy, ctx->proxies) {
            struct shash_node *node;

            if (!proxy->wanted || !sset_contains(&proxy->view.merged, uuid)) {
                continue;
            }
            SHASH_FOR_EACH (node, &ctx->local->bridges) {
                const struct local_bridge *other = node->data;

                if (other != bridge && other->ours
                    && uuid_equals(&other->switch_, &proxy->uuid)
                    && (!heir
                        || nullable_string_is_equal(other->name,
                                                    proxy->bridge))) {
                    heir = other;
                }
            }
        }
    }
    free(uuid);
    return heir ? local_view_bridge_row(ctx->local, heir->name) : NULL;
}

/* Moves the ports that others put into bridge 'row' to bridge 'heir'. */
static void
move_foreign_ports(struct sync_ctx *ctx, const struct ovsrec_bridge *row,
                   const struct ovsrec_bridge *heir)
{
    for (size_t i = 0; i < row->n_ports; i++) {
        const struct ovsrec_port *port
            = ovsrec_port_get_for_uuid(ovsdb_idl_txn_get_idl(ctx->txn),
                                       &row->ports[i]);

        if (!port || !strcmp(port->name, row->name)
            || smap_get(&port->external_ids, MARK_OWNER)
            || smap_get(&port->external_ids, MARK_HOST_NIC)) {
            continue;
        }
        ovsrec_bridge_update_ports_addvalue(heir, port->header_.uuid);
        for (size_t j = 0; j < port->n_interfaces; j++) {
            /* In the other bridge its old number may be another's. */
            ovsrec_interface_set_ofport(port->interfaces[j], NULL, 0);
        }
        COVERAGE_INC(ovs_sync_move_port);
        VLOG_INFO("%s: moved port %s to bridge %s", row->name, port->name,
                  heir->name);
    }
}

/* Takes away 'bridge', which is of ours and not wanted, unless it holds ports
 * of others: then only what is ours in it.  Those ports go to the bridge of
 * the switch into which this one's has been merged, if there is such a bridge.
 * Returns true if it stays. */
static bool
drop_bridge(struct sync_ctx *ctx, struct local_bridge *bridge)
{
    const struct ovsrec_bridge *row
        = local_view_bridge_row(ctx->local, bridge->name);

    if (!row) {
        return false;
    }
    const struct ovsrec_bridge *heir
        = bridge->n_foreign ? find_heir(ctx, bridge) : NULL;
    if (bridge->n_foreign && !heir) {
        sync_sweep_uplinks(ctx, bridge, row, NULL);
        sync_sweep_host_nics(ctx, bridge, row, NULL);
        return true;
    } else {
        if (heir) {
            move_foreign_ports(ctx, row, heir);
        }
        ovsrec_open_vswitch_update_bridges_delvalue(ctx->root, row);
        ctx->sync->wrote = ctx->sync->removed = true;
        COVERAGE_INC(ovs_sync_del_bridge);
        VLOG_INFO("%s: deleted bridge", bridge->name);
        return false;
    }
}

/* Returns the bridge that is to stand for 'proxy', or NULL if there is none
 * (yet).  A bridge of another name serves as long as NICs are plugged into
 * it. */
static struct local_bridge *
choose_bridge(struct sync_ctx *ctx, struct proxy *proxy)
{
    const char *name = proxy->config ? proxy->config->bridge : NULL;
    struct local_bridge *named
        = name ? local_view_find_bridge(ctx->local, name) : NULL;
    struct shash_node *node;

    if (named && named->ours && uuid_equals(&named->switch_, &proxy->uuid)) {
        return named;
    }
    SHASH_FOR_EACH (node, &ctx->local->bridges) {
        struct local_bridge *bridge = node->data;

        if (!bridge->ours || !uuid_equals(&bridge->switch_, &proxy->uuid)) {
            continue;
        } else if (bridge->n_foreign) {
            sset_add_and_free(&proxy->sync_faults, xasprintf(
                "ResourceInUse: bridge: bridge \"%s\" stays because of %"
                PRIuSIZE" ports that others put there", bridge->name,
                bridge->n_foreign));
            return bridge;
        } else if (proxy->config && !shash_is_empty(&proxy->config->host_nics)
                   && !ovs_list_is_empty(&bridge->host_nics)) {
            sset_add_and_free(&proxy->sync_faults, xasprintf(
                "ResourceInUse: bridge: bridge \"%s\" stays because of the "
                "host's own NICs in it", bridge->name));
            return bridge;
        }
    }
    if (named) {
        sset_add_and_free(&proxy->sync_faults, xasprintf(
            "ResourceInUse: bridge: the host has a bridge \"%s\" that is not "
            "of this switch", name));
    } else if (proxy->config) {
        add_bridge(ctx, proxy->config);
    }
    return NULL;
}

/* Recomputes what the rows of 'proxy' should be. */
static void
update_config(struct sync_ctx *ctx, struct proxy *proxy)
{
    struct simap speeds = SIMAP_INITIALIZER(&speeds);
    struct sset nics = SSET_INITIALIZER(&nics);
    struct shash_node *node;

    bridge_config_destroy(proxy->config);
    proxy->config = NULL;
    if (!proxy->wanted || !proxy->complete) {
        return;                 /* Nothing has been added to the above. */
    }
    SHASH_FOR_EACH (node, &ctx->pnics->nics) {
        struct pnic *nic = node->data;
        const struct local_iface *iface
            = local_view_find_iface(ctx->local, nic->name);

        if (!iface || !iface->uplink) {
            nic->replaced = false;
        }
        if (!iface || !iface->host_nic) {
            sset_add(&nics, nic->name);
        }
        if (nic->speed) {
            simap_put(&speeds, nic->name, MIN(nic->speed, UINT_MAX));
        }
    }
    proxy->config = bridge_config_from_view(&proxy->view, &nics,
                                            &proxy->sync_faults);
    bridge_config_add_qos(proxy->config, &proxy->view, &speeds,
                          &proxy->sync_faults);
    simap_destroy(&speeds);

    /* What was plugged in and is dead now has to come out first. */
    SHASH_FOR_EACH (node, &ctx->pnics->nics) {
        const struct pnic *nic = node->data;

        if (nic->replaced
            && smap_get(&proxy->config->uplinks, nic->name)) {
            smap_remove(&proxy->config->uplinks, nic->name);
            ctx->sync->postponed = proxy->sync_dirty = true;
        }
    }
    sset_destroy(&nics);
}

static void
sync_proxy(struct sync_ctx *ctx, struct proxy *proxy)
{
    struct local_bridge *chosen;
    struct shash_node *node;

    proxy->sync_dirty = false;
    proxy->report_dirty = true;
    sset_clear(&proxy->sync_faults);
    update_config(ctx, proxy);
    if (proxy->wanted && !proxy->complete) {
        return;                 /* Not known yet what it should be. */
    }

    chosen = choose_bridge(ctx, proxy);
    SHASH_FOR_EACH (node, &ctx->local->bridges) {
        struct local_bridge *bridge = node->data;

        if (bridge->ours && uuid_equals(&bridge->switch_, &proxy->uuid)
            && (bridge != chosen || !proxy->wanted)) {
            drop_bridge(ctx, bridge);
        }
    }

    free(proxy->bridge);
    proxy->bridge = chosen ? xstrdup(chosen->name) : NULL;
    if (chosen && proxy->wanted) {
        const struct ovsrec_bridge *row
            = local_view_bridge_row(ctx->local, chosen->name);

        update_bridge(ctx, proxy, row);
        sync_sweep_uplinks(ctx, chosen, row, proxy->config);
        sync_want_uplinks(ctx, proxy, row);
        sync_qos(ctx, proxy);
        sync_sweep_host_nics(ctx, chosen, row, proxy);
        SHASH_FOR_EACH (node, &proxy->config->host_nics) {
            sync_want_host_nic(ctx, proxy, row, node->name, node->data);
        }
    }
}

/* Initializes 'sync' as having written nothing. */
void
ovs_sync_init(struct ovs_sync *sync)
{
    memset(sync, 0, sizeof *sync);
    sset_init(&sync->bring_up);
}

/* Frees what 'sync' holds. */
void
ovs_sync_destroy(struct ovs_sync *sync)
{
    sset_destroy(&sync->bring_up);
}

/* Compares the rows of the local database with what they should be, for those
 * of 'proxies' that ask for it, and writes the difference into 'txn'. */
void
ovs_sync_run(struct ovs_sync *sync, struct proxies *proxies,
             const struct local_view *local, const struct pnics *pnics,
             struct ovsdb_idl_txn *txn)
{
    struct sync_ctx ctx = {
        .sync = sync,
        .proxies = proxies,
        .local = local,
        .pnics = pnics,
        .txn = txn,
        .root = local_view_root(local),
    };
    struct proxy *proxy;
    bool any = false;

    sync->postponed = false;
    PROXY_FOR_EACH (proxy, proxies) {
        if (proxy->sync_dirty) {
            sync_proxy(&ctx, proxy);
            any = true;
        }
    }
    sync_want_datapaths(&ctx);
    if (any) {
        sync_sweep_qos(&ctx);
    }
    if (sync->wrote) {
        /* So that we learn when ovs-vswitchd has taken it. */
        ovsdb_idl_txn_increment(txn, &ctx.root->header_,
                                &ovsrec_open_vswitch_col_next_cfg, false);
    }
}

/* Takes note that what was written is in the database. */
void
ovs_sync_committed(struct ovs_sync *sync, const struct local_view *local)
{
    const struct ovsrec_open_vswitch *root = local_view_root(local);

    if (sync->wrote && root) {
        sync->wait_cfg = root->next_cfg;
        if (sync->removed) {
            sync->removal_cfg = root->next_cfg;
        }
        sync->wrote = sync->removed = false;
    }
}

/* Takes note that what was written did not get into the database: all of it is
 * to be compared again. */
void
ovs_sync_failed(struct ovs_sync *sync, struct proxies *proxies)
{
    struct proxy *proxy;

    sync->wrote = sync->removed = false;
    PROXY_FOR_EACH (proxy, proxies) {
        proxy->sync_dirty = true;
    }
}

/* Returns true if all that is wanted has been written and ovs-vswitchd has
 * taken it. */
bool
ovs_sync_is_settled(const struct ovs_sync *sync, const struct proxies *proxies,
                    const struct local_view *local)
{
    const struct ovsrec_open_vswitch *root = local_view_root(local);
    const struct proxy *proxy;

    PROXY_FOR_EACH (proxy, proxies) {
        if (proxy->sync_dirty) {
            return false;
        }
    }
    return !sync->wrote && root && root->cur_cfg >= sync->wait_cfg;
}

/* Takes away everything of ours on this host: the bridges, but for those that
 * hold ports of others, which lose our uplinks and marks. */
void
ovs_sync_cleanup(struct ovs_sync *sync, const struct local_view *local,
                 const struct pnics *pnics, struct ovsdb_idl_txn *txn)
{
    struct sync_ctx ctx = {
        .sync = sync,
        .local = local,
        .pnics = pnics,
        .txn = txn,
        .root = local_view_root(local),
    };
    struct shash_node *node;

    sync_drop_datapaths(&ctx);
    sync_drop_qos(&ctx);
    SHASH_FOR_EACH (node, &local->bridges) {
        struct local_bridge *bridge = node->data;

        if (bridge->ours && drop_bridge(&ctx, bridge)) {
            const struct ovsrec_bridge *row
                = local_view_bridge_row(local, bridge->name);
            struct smap_node *id;

            SMAP_FOR_EACH (id, &row->external_ids) {
                if (!strncmp(id->key, MARK_SWITCH, strlen(MARK_SWITCH))
                    || !strncmp(id->key, MARK_TEAM, strlen(MARK_TEAM))
                    || !strncmp(id->key, MARK_LAG, strlen(MARK_LAG))
                    || !strncmp(id->key, MARK_CUT_OFF, strlen(MARK_CUT_OFF))
                    || !strncmp(id->key, MARK_PLACED, strlen(MARK_PLACED))) {
                    ovsrec_bridge_update_external_ids_delkey(row, id->key);
                    sync->wrote = true;
                }
            }
        }
    }
}

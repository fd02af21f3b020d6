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

/* The rows of uplinks in the local Open_vSwitch database.  See ovs-sync.h.
 *
 * Each NIC has a port of its name to itself, but for those of a LAG, which
 * share a port that speaks LACP.  It is for the protocol only: the pipeline
 * sends to the NICs and not to the bond. */

#include <config.h>
#include "ovs-bridge/ovs-sync.h"
#include <stdlib.h>
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/ovs-sync-private.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_sync_uplink);

COVERAGE_DEFINE(ovs_sync_add_uplink);
COVERAGE_DEFINE(ovs_sync_del_uplink);

/* A port in the making: one that some NIC is added to in this transaction. */
struct new_port {
    const struct ovsrec_port *row;
    struct ovsrec_interface **ifaces;
    size_t n;
};

/* Makes the columns of 'port' that are about LACP what 'lag' says. */
static void
update_lacp(struct sync_ctx *ctx, const struct ovsrec_port *port,
            const struct bridge_lag *lag)
{
    const char *mode = lag->active ? "active" : "passive";
    const char *time = lag->fast ? "fast" : "slow";

    if (!nullable_string_is_equal(port->lacp, mode)) {
        ovsrec_port_set_lacp(port, mode);
        ctx->sync->wrote = true;
    }
    /* The one mode that does nothing without LACP. */
    if (!nullable_string_is_equal(port->bond_mode, "balance-tcp")) {
        ovsrec_port_set_bond_mode(port, "balance-tcp");
        ctx->sync->wrote = true;
    }
    if (!nullable_string_is_equal(smap_get(&port->other_config, "lacp-time"),
                                  time)) {
        ovsrec_port_update_other_config_setkey(port, "lacp-time", time);
        ctx->sync->wrote = true;
    }
}

static struct ovsrec_port *
add_port(struct sync_ctx *ctx, const struct ovsrec_bridge *bridge,
         const struct bridge_config *config, const char *name,
         const char *uplink)
{
    struct ovsrec_port *port = ovsrec_port_insert(ctx->txn);
    const struct bridge_lag *lag = shash_find_data(&config->lags, name);
    struct smap external_ids = SMAP_INITIALIZER(&external_ids);

    smap_add_format(&external_ids, MARK_OWNER, UUID_FMT,
                    UUID_ARGS(&config->switch_));
    smap_add(&external_ids, MARK_UPLINK, lag ? lag->name : uplink);
    ovsrec_port_set_name(port, name);
    ovsrec_port_set_external_ids(port, &external_ids);
    if (lag) {
        struct smap other_config
            = SMAP_CONST1(&other_config, "lacp-time",
                          lag->fast ? "fast" : "slow");

        ovsrec_port_set_lacp(port, lag->active ? "active" : "passive");
        ovsrec_port_set_bond_mode(port, "balance-tcp");
        ovsrec_port_set_other_config(port, &other_config);
    }
    ovsrec_bridge_update_ports_addvalue(bridge, port->header_.uuid);
    smap_destroy(&external_ids);
    return port;
}

/* Plugs 'nic' in as 'uplink'.  'ports' has the ports in the making, by
 * name. */
static void
add_uplink(struct sync_ctx *ctx, const struct ovsrec_bridge *bridge,
           const struct bridge_config *config, const char *nic,
           const char *uplink, struct shash *ports)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(ctx->txn);
    const char *port_name = smap_get(&config->ports, nic);
    struct new_port *port = shash_find_data(ports, port_name);
    struct smap external_ids = SMAP_INITIALIZER(&external_ids);
    int64_t mtu = config->mtu;

    smap_add_format(&external_ids, MARK_OWNER, UUID_FMT,
                    UUID_ARGS(&config->switch_));
    smap_add(&external_ids, MARK_UPLINK, uplink);
    ovsrec_interface_set_name(iface, nic);
    ovsrec_interface_set_external_ids(iface, &external_ids);
    ovsrec_interface_set_mtu_request(iface, &mtu, 1);
    smap_destroy(&external_ids);

    if (!port) {
        port = xzalloc(sizeof *port);
        port->row = local_view_port_row(ctx->local, port_name);
        if (port->row) {
            port->n = port->row->n_interfaces;
            port->ifaces = xmemdup(port->row->interfaces,
                                   port->n * sizeof *port->ifaces);
        } else {
            port->row = add_port(ctx, bridge, config, port_name, uplink);
        }
        shash_add(ports, port_name, port);
    }
    port->ifaces = xrealloc(port->ifaces,
                            (port->n + 1) * sizeof *port->ifaces);
    port->ifaces[port->n++] = iface;
    ovsrec_port_set_interfaces(port->row, port->ifaces, port->n);

    pnic_bring_up(ctx->pnics, nic);
    ctx->sync->wrote = true;
    COVERAGE_INC(ovs_sync_add_uplink);
    VLOG_INFO("%s: plugged in NIC %s as \"%s\"", bridge->name, nic, uplink);
}

/* Returns the mark that 'external_ids', of a port or interface of ours, has to
 * bear instead of the one it bears, that of a switch which has been merged
 * into that of 'config'; NULL if it is right.  The caller frees it. */
static char *
new_owner(const struct smap *external_ids, const struct bridge_config *config)
{
    const char *old = smap_get(external_ids, MARK_OWNER);
    char *owner = xasprintf(UUID_FMT, UUID_ARGS(&config->switch_));

    if (nullable_string_is_equal(old, owner)) {
        free(owner);
        return NULL;
    }
    return owner;
}

/* Makes the columns of the interface of an uplink of ours what they should
 * be. */
static void
update_iface(struct sync_ctx *ctx, const struct ovsrec_interface *iface,
             const struct bridge_config *config, const char *uplink)
{
    char *owner = new_owner(&iface->external_ids, config);
    int64_t mtu = config->mtu;

    if (owner) {
        ovsrec_interface_update_external_ids_setkey(iface, MARK_OWNER, owner);
        ctx->sync->wrote = true;
        free(owner);
    }
    if (!nullable_string_is_equal(smap_get(&iface->external_ids, MARK_UPLINK),
                                  uplink)) {
        ovsrec_interface_update_external_ids_setkey(iface, MARK_UPLINK,
                                                    uplink);
        ctx->sync->wrote = true;
    }
    if (!iface->n_mtu_request || *iface->mtu_request != mtu) {
        ovsrec_interface_set_mtu_request(iface, &mtu, 1);
        ctx->sync->wrote = true;
    }
}

/* Makes the columns of 'port' of our uplinks, with the interface 'iface' among
 * others, what they should be. */
static void
update_port(struct sync_ctx *ctx, const struct ovsrec_port *port,
            const struct ovsrec_interface *iface,
            const struct bridge_config *config)
{
    const struct bridge_lag *lag = shash_find_data(&config->lags, port->name);
    const char *uplink = (lag ? lag->name
                          : smap_get(&config->uplinks, iface->name));
    char *owner = new_owner(&port->external_ids, config);

    if (owner) {
        ovsrec_port_update_external_ids_setkey(port, MARK_OWNER, owner);
        ctx->sync->wrote = true;
        free(owner);
    }
    if (!nullable_string_is_equal(smap_get(&port->external_ids, MARK_UPLINK),
                                  uplink)) {
        ovsrec_port_update_external_ids_setkey(port, MARK_UPLINK, uplink);
        ctx->sync->wrote = true;
    }
    if (lag) {
        update_lacp(ctx, port, lag);
    }
}

/* Returns true if NIC 'nic' belongs into port 'port' of ours. */
static bool
belongs(const struct bridge_config *config, const struct ovsrec_port *port,
        const char *nic)
{
    return (config && nullable_string_is_equal(smap_get(&config->ports, nic),
                                               port->name)
            && smap_get(&config->uplinks, nic));
}

/* Updates the NICs that 'port' of ours in 'bridge' has and should have, and
 * takes out those that it should not have; all of them if 'config' is NULL. */
static void
sweep_port(struct sync_ctx *ctx, const struct ovsrec_bridge *bridge,
           const struct ovsrec_port *port, const struct bridge_config *config)
{
    struct ovsrec_interface **kept
        = xmalloc(port->n_interfaces * sizeof *kept);
    size_t n = 0;

    for (size_t i = 0; i < port->n_interfaces; i++) {
        struct ovsrec_interface *iface = port->interfaces[i];

        if (belongs(config, port, iface->name)) {
            update_iface(ctx, iface, config,
                         smap_get(&config->uplinks, iface->name));
            kept[n++] = iface;
        } else {
            sync_let_go(ctx, port, iface->name);
            VLOG_INFO("%s: took out NIC %s", bridge->name, iface->name);
            COVERAGE_INC(ovs_sync_del_uplink);
        }
    }
    if (n) {
        update_port(ctx, port, kept[0], config);
    }
    if (n < port->n_interfaces) {
        if (n) {
            ovsrec_port_set_interfaces(port, kept, n);
        } else {
            ovsrec_bridge_update_ports_delvalue(bridge, port->header_.uuid);
        }
        ctx->sync->wrote = ctx->sync->removed = true;
    }
    free(kept);
}

/* Updates the uplinks that 'bridge' has and should have, and takes out those
 * that it should not have; all of them if 'config' is NULL. */
void
sync_sweep_uplinks(struct sync_ctx *ctx, const struct local_bridge *bridge,
                   const struct ovsrec_bridge *row,
                   const struct bridge_config *config)
{
    const struct local_iface *iface;

    LIST_FOR_EACH (iface, ours_node, &bridge->uplinks) {
        const struct ovsrec_port *port
            = local_view_port_row(ctx->local, iface->port);

        if (port && !iface->further) {
            sweep_port(ctx, row, port,
                       (config
                        && uuid_equals(&iface->owner, &config->switch_)
                        ? config : NULL));
        }
    }
}

/* Decides about NIC 'nic', which 'proxy' wants as 'uplink' in 'bridge'. */
static void
want_uplink(struct sync_ctx *ctx, struct proxy *proxy,
            const struct ovsrec_bridge *bridge, const char *nic,
            const char *uplink, struct shash *ports)
{
    const struct local_iface *iface = local_view_find_iface(ctx->local, nic);

    if (!iface) {
        if (ctx->sync->removed
            || ctx->root->cur_cfg < ctx->sync->removal_cfg) {
            ctx->sync->postponed = proxy->sync_dirty = true;
        } else {
            add_uplink(ctx, bridge, proxy->config, nic, uplink, ports);
        }
    } else if (!iface->uplink) {
        sset_add_and_free(&proxy->sync_faults, xasprintf(
            "ResourceInUse: uplinks: NIC \"%s\" for \"%s\" is in bridge "
            "\"%s\", where others put it", nic, uplink,
            iface->bridge ? iface->bridge->name : ""));
    } else if (strcmp(iface->bridge->name, bridge->name)) {
        /* Ours, but in another bridge, which has to let go first. */
        const struct proxy *other = proxy_find(ctx->proxies, &iface->owner);

        if (other && other != proxy && other->config
            && smap_get(&other->config->uplinks, nic)) {
            sset_add_and_free(&proxy->sync_faults, xasprintf(
                "ResourceInUse: uplinks: NIC \"%s\" for \"%s\" is an uplink "
                "of switch \"%s\"", nic, uplink, other->view.name));
        } else {
            ctx->sync->postponed = proxy->sync_dirty = true;
        }
    } else if (strcmp(iface->port, smap_get(&proxy->config->ports, nic))) {
        /* It has just been taken out of another port. */
        ctx->sync->postponed = proxy->sync_dirty = true;
    }
}

/* Plugs into 'bridge' what 'proxy' wants there and does not have yet. */
void
sync_want_uplinks(struct sync_ctx *ctx, struct proxy *proxy,
                  const struct ovsrec_bridge *bridge)
{
    struct shash ports = SHASH_INITIALIZER(&ports);
    struct shash_node *node;
    struct smap_node *uplink;

    SMAP_FOR_EACH (uplink, &proxy->config->uplinks) {
        want_uplink(ctx, proxy, bridge, uplink->key, uplink->value, &ports);
    }
    SHASH_FOR_EACH (node, &ports) {
        struct new_port *port = node->data;

        free(port->ifaces);
    }
    shash_destroy_free_data(&ports);
}

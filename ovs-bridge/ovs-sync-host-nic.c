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

/* The rows of the host's own NICs in the local Open_vSwitch database.
 *
 * A NIC is an internal port of the switch's bridge: a device of the host,
 * which it configures as any other.  It stays as long as it is wanted,
 * whatever else changes, because with the device its addresses and routes
 * would go. */

#include <config.h>
#include "ovs-bridge/ovs-sync.h"
#include <net/if.h>
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/ovs-sync-private.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "packets.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_sync_host_nic);

COVERAGE_DEFINE(ovs_sync_add_host_nic);
COVERAGE_DEFINE(ovs_sync_del_host_nic);

/* Makes the NIC of 'config' as 'device' in 'bridge'. */
static void
add_host_nic(struct sync_ctx *ctx, const struct ovsrec_bridge *bridge,
             const struct uuid *switch_, const char *device,
             const struct host_nic_config *config)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(ctx->txn);
    struct ovsrec_port *port = ovsrec_port_insert(ctx->txn);
    struct smap ids = SMAP_INITIALIZER(&ids);
    char mac[ETH_ADDR_STRLEN + 1];
    int64_t mtu = config->mtu;

    snprintf(mac, sizeof mac, ETH_ADDR_FMT, ETH_ADDR_ARGS(config->mac));
    smap_add_format(&ids, MARK_HOST_NIC, UUID_FMT, UUID_ARGS(switch_));
    ovsrec_port_set_name(port, device);
    ovsrec_port_set_external_ids(port, &ids);
    ovsrec_port_set_interfaces(port, &iface, 1);

    smap_add(&ids, "iface-id", config->nic);
    smap_add(&ids, "attached-mac", mac);
    smap_add(&ids, "iface-status", "active");
    ovsrec_interface_set_name(iface, device);
    ovsrec_interface_set_type(iface, "internal");
    ovsrec_interface_set_external_ids(iface, &ids);
    ovsrec_interface_set_mac(iface, mac);
    ovsrec_interface_set_mtu_request(iface, &mtu, 1);
    ovsrec_bridge_update_ports_addvalue(bridge, port->header_.uuid);
    smap_destroy(&ids);

    sset_add(&ctx->sync->bring_up, device);
    ctx->sync->wrote = true;
    COVERAGE_INC(ovs_sync_add_host_nic);
    VLOG_INFO("%s: made device %s for NIC %s", bridge->name, device,
              config->nic);
}

/* Makes the mark of 'port', of one of the host's NICs, that of 'switch_': it
 * bears another if its switch has been merged into that one. */
static void
update_owner(struct sync_ctx *ctx, const struct ovsrec_port *port,
             const struct uuid *switch_)
{
    char *owner = xasprintf(UUID_FMT, UUID_ARGS(switch_));

    if (!nullable_string_is_equal(smap_get(&port->external_ids,
                                           MARK_HOST_NIC), owner)) {
        ovsrec_port_update_external_ids_setkey(port, MARK_HOST_NIC, owner);
        ctx->sync->wrote = true;
    }
    free(owner);
}

/* Makes the columns of 'iface', which is the NIC of 'config', what they should
 * be. */
static void
update_host_nic(struct sync_ctx *ctx, const struct ovsrec_interface *iface,
                const struct host_nic_config *config)
{
    char mac[ETH_ADDR_STRLEN + 1];
    int64_t mtu = config->mtu;

    snprintf(mac, sizeof mac, ETH_ADDR_FMT, ETH_ADDR_ARGS(config->mac));
    if (!nullable_string_is_equal(iface->mac, mac)) {
        ovsrec_interface_set_mac(iface, mac);
        ctx->sync->wrote = true;
    }
    if (!nullable_string_is_equal(
            smap_get(&iface->external_ids, "attached-mac"), mac)) {
        ovsrec_interface_update_external_ids_setkey(iface, "attached-mac",
                                                    mac);
        ctx->sync->wrote = true;
    }
    if (!iface->n_mtu_request || *iface->mtu_request != mtu) {
        ovsrec_interface_set_mtu_request(iface, &mtu, 1);
        ctx->sync->wrote = true;
    }
}

/* Takes out of 'bridge' the host's NICs that 'proxy', for which it stands,
 * does not want there; all of them if 'proxy' is NULL. */
void
sync_sweep_host_nics(struct sync_ctx *ctx, const struct local_bridge *bridge,
                     const struct ovsrec_bridge *row,
                     const struct proxy *proxy)
{
    const struct local_iface *iface;

    LIST_FOR_EACH (iface, ours_node, &bridge->host_nics) {
        const struct ovsrec_port *port
            = local_view_port_row(ctx->local, iface->name);
        const struct host_nic_config *config
            = (proxy ? shash_find_data(&proxy->config->host_nics, iface->name)
               : NULL);

        if (!port
            || (config && iface->nic && !strcmp(config->nic, iface->nic)
                && uuid_equals(&iface->owner, &proxy->uuid))
            || (proxy && iface->nic
                && sset_contains(&proxy->unread_host_nics, iface->nic))) {
            continue;
        }
        ovsrec_bridge_update_ports_delvalue(row, port->header_.uuid);
        sset_find_and_delete(&ctx->sync->bring_up, iface->name);
        ctx->sync->wrote = ctx->sync->removed = true;
        COVERAGE_INC(ovs_sync_del_host_nic);
        VLOG_INFO("%s: removed device %s of NIC %s", bridge->name, iface->name,
                  iface->nic ? iface->nic : "");
    }
}

/* Returns true if the host has a device named 'device', which is not Open
 * vSwitch's. */
static bool
device_exists(const struct sync_ctx *ctx, const char *device)
{
    return !ctx->pnics->dummy && if_nametoindex(device);
}

/* Decides about the NIC of 'config', which 'proxy' wants as 'device' in
 * 'bridge'. */
void
sync_want_host_nic(struct sync_ctx *ctx, struct proxy *proxy,
                   const struct ovsrec_bridge *bridge, const char *device,
                   const struct host_nic_config *config)
{
    const struct local_iface *iface = local_view_find_iface(ctx->local,
                                                            device);

    if (!iface) {
        if (ctx->sync->removed
            || ctx->root->cur_cfg < ctx->sync->removal_cfg) {
            ctx->sync->postponed = proxy->sync_dirty = true;
        } else if (device_exists(ctx, device)) {
            sset_add_and_free(&proxy->sync_faults, xasprintf(
                "ResourceInUse: nic: the host has a device \"%s\" already, "
                "which NIC \"%s\" would be", device, config->nic));
        } else {
            add_host_nic(ctx, bridge, &proxy->uuid, device, config);
        }
    } else if (!iface->host_nic) {
        sset_add_and_free(&proxy->sync_faults, xasprintf(
            "ResourceInUse: nic: device \"%s\", which NIC \"%s\" would be, "
            "is in bridge \"%s\", where others put it", device, config->nic,
            iface->bridge ? iface->bridge->name : ""));
    } else if (strcmp(iface->bridge->name, bridge->name)
               || !uuid_equals(&iface->owner, &proxy->uuid)
               || !nullable_string_is_equal(iface->nic, config->nic)) {
        /* Ours, but another one, which has to go first. */
        ctx->sync->postponed = proxy->sync_dirty = true;
    } else {
        update_owner(ctx, local_view_port_row(ctx->local, device),
                     &proxy->uuid);
        update_host_nic(ctx, local_view_iface_row(ctx->local, device),
                        config);
        if (iface->ofport != OFPP_NONE
            && sset_find_and_delete(&ctx->sync->bring_up, device)) {
            pnic_bring_up(ctx->pnics, device);
        }
    }
}

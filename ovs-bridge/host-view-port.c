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

/* Reads what a host is to realise of a port.  See host-view-db.h. */

#include <config.h>
#include "ovs-bridge/host-view-private.h"
#include <stdlib.h>
#include <string.h>
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/host-made.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/proxy.h"
#include "packets.h"
#include "schema/dvs-idl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_view_port);

COVERAGE_DEFINE(host_view_port);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Settings. */

/* Sets in 'setting' what the text form 'smap' has explicit.  Returns NULL if
 * successful, else why not, which the caller must free. */
char *
host_view_overlay(struct dvs_setting *setting, const struct smap *smap)
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
void
host_view_set_rules_of(char **rules_of, const struct uuid *portgroup,
                       bool own)
{
    free(*rules_of);
    *rules_of = (portgroup && !own
                 ? xasprintf(UUID_FMT, UUID_ARGS(portgroup)) : NULL);
}

/* Returns true if 'setting', in text form, has traffic rules. */
bool
host_view_has_rules(const struct smap *setting)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, setting) {
        if (!strncmp(node->key, "rule.", 5)) {
            return true;
        }
    }
    return false;
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
    error = host_view_overlay(setting, base);
    return error ? error : host_view_overlay(setting, &row->setting);
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
    char *error = host_view_overlay(&setting, &pg->setting);
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
    host_view_set_rules_of(&port->rules_of, &pg->portgroup, false);
    free(port->interface);
    port->interface = xstrdup(iface->name);
    port->ofport = iface->ofport;
    port->mac = read_mac("", local, iface);
    port->claimed = read_claimed_mac(local, iface);
    port->active = true;
    sset_add(&proxy->changed_ports, key);
}

/* Reads what kind of NIC 'port' of 'proxy' is for, and what that NIC may use,
 * as 'row' grants it. */
static void
read_use(struct proxy *proxy, const struct dvsrec_proxy_port *row,
         struct hv_port *port)
{
    port->host_nic = !strcmp(row->kind, "host");
    port->traffic_class = DVS_TC_VIRTUAL_MACHINE;
    port->classified = (!port->host_nic
                        || (row->traffic_class
                            && dvs_traffic_class_from_string(
                                row->traffic_class, &port->traffic_class)));
    port->shares = row->n_shares ? row->shares[0] : 0;
    port->reservation = row->n_reservation ? row->reservation[0] : 0;
    proxy->view.reserves |= port->reservation || port->place;
    if (proxy->view.managed && row->n_limit && row->limit[0] > 0) {
        hv_port_limit(port, row->limit[0]);
    }
    port->mtu = row->n_mtu ? row->mtu[0] : 0;
}

/* Reads the port of 'proxy' with key 'key', from the row that grants it and
 * from 'local': it may be gone, or be one that this host makes.  Leaves in
 * 'proxy' what must be done about it. */
void
host_view_read_port(const struct host_view_db *db, struct proxy *proxy,
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
    host_view_set_rules_of(&port->rules_of,
                           row->n_portgroup ? row->portgroup : NULL,
                           host_view_has_rules(&row->setting));

    if (host_nic || port->host_nic) {
        proxy->sync_dirty = true;
    }
    read_use(proxy, row, port);
    proxy->sync_dirty = proxy->sync_dirty || proxy->view.queues;
    port->host_made = false;
    sset_find_and_delete(&proxy->host_made, key);
    free(port->nic);
    port->nic = xstrdup(row->nic);

    iface = local_view_find_nic(local, row->nic);
    if (iface && (!uuid_equals(&iface->bridge->switch_, &proxy->uuid)
                  || iface->host_nic != host_nic)) {
        iface = NULL;           /* Of another switch, or it only has its id. */
    }
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

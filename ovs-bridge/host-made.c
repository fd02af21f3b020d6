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

/* Ports that the host makes itself: which there are; see host-made.h.
 *
 * What they are, host-view-port.c reads, as it does of other ports. */

#include <config.h>
#include "ovs-bridge/host-made.h"
#include <stdlib.h>
#include <string.h>
#include "coverage.h"
#include "ovs-bridge/ovs-idl.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-port-key.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_made);

COVERAGE_DEFINE(agent_made_port);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Registers what it takes to know, in 'idl', which belongs to 'db'. */
void
host_made_init(struct host_view_db *db, struct ovsdb_idl *idl)
{
    ovsdb_idl_add_column(idl, &dvsrec_proxy_portgroup_col_type);
    ovsdb_idl_track_add_column(idl, &dvsrec_proxy_portgroup_col_type);
    ovsdb_idl_add_column(idl, &dvsrec_port_state_col_nic);
    ovsdb_idl_add_column(idl, &dvsrec_port_state_col_key);
    db->state_by_nic = ovsdb_idl_index_create1(idl,
                                               &dvsrec_port_state_col_nic);
}

/* Returns the ephemeral portgroup of 'proxy' that the NIC at 'iface' names, or
 * NULL. */
static const struct dvsrec_proxy_portgroup *
find_profile(const struct host_view_db *db, const struct proxy *proxy,
             const struct local_view *local, const struct local_iface *iface)
{
    const struct ovsrec_interface *row
        = local_view_iface_row(local, iface->name);
    const char *name
        = row ? smap_get(&row->external_ids, "port-profile") : NULL;

    if (!name || !proxy->view.name) {
        return NULL;
    }
    size_t len = strlen(proxy->view.name);
    if (!strncmp(name, proxy->view.name, len) && name[len] == '/') {
        name += len + 1;
    }
    const struct proxy_row *found
        = proxy_rows_find_name(&db->rows, &proxy->uuid, name);
    const struct dvsrec_proxy_portgroup *pg
        = found ? ROW_COPY_CAST(found->running, dvsrec_proxy_portgroup) : NULL;
    return pg && !strcmp(pg->type, "ephemeral") ? pg : NULL;
}

/* Returns true if the database knows 'nic', and not just that the host has
 * made port 'key' for it: then the controller has had its say. */
static bool
is_known(const struct host_view_db *db, const char *nic, const char *key)
{
    struct dvsrec_port_state *target
        = dvsrec_port_state_index_init_row(db->state_by_nic);
    const struct dvsrec_port_state *row;
    bool known = false;

    dvsrec_port_state_index_set_nic(target, nic);
    DVSREC_PORT_STATE_FOR_EACH_EQUAL (row, target, db->state_by_nic) {
        known = known || !nullable_string_is_equal(row->key, key);
    }
    dvsrec_port_state_index_destroy_row(target);
    return known;
}

/* Notes which NICs the database knows, and has given no port: they get none
 * from the host when it is away, either, not even after a restart. */
void
host_made_note(struct host_view_db *db, const struct local_view *local)
{
    struct sset turned_down = SSET_INITIALIZER(&turned_down);
    struct shash_node *node;

    SHASH_FOR_EACH (node, &local->nics) {
        const struct local_iface *iface
            = local_view_find_nic(local, node->name);

        if (iface && iface->bridge && iface->bridge->ours
            && !host_view_db_find_nic(db, node->name)) {
            char *key = dvs_port_key_from_interface(&iface->row);

            if (is_known(db, node->name, key)) {
                sset_add(&turned_down, node->name);
            }
            free(key);
        }
    }
    if (!sset_equals(&turned_down, &db->turned_down)) {
        sset_swap(&turned_down, &db->turned_down);
        db->rows.seqno++;
    }
    sset_destroy(&turned_down);
}

/* Returns true if the host may have one more NIC on 'proxy': those that it is
 * granted ports for count, and those that it has made some for. */
static bool
has_room(const struct host_view_db *db, const struct proxy *proxy)
{
    const struct dvsrec_proxy_host *ph = host_view_db_find_host(db,
                                                                &proxy->uuid);
    const struct proxy_row *row;

    if (!ph || !ph->n_max_ports) {
        return true;
    }
    size_t n = sset_count(&proxy->host_made);
    PROXY_ROWS_FOR_EACH_OF_SWITCH (row, &proxy->uuid, &db->rows) {
        n += (row->id.kind == PR_PORT && row->running
              && uuid_equals(&row->id.switch_, &proxy->uuid)
              && strcmp(ROW_COPY_CAST(row->running,
                                      dvsrec_proxy_port)->kind, "none"));
    }
    return n < ph->max_ports[0];
}

/* Makes a port of 'proxy' for 'nic' if that is due. */
static void
consider(const struct host_view_db *db, struct proxy *proxy,
         const struct local_view *local, const char *nic)
{
    const struct local_iface *iface = local_view_find_nic(local, nic);

    if (!iface || !iface->bridge->ours
        || !uuid_equals(&iface->bridge->switch_, &proxy->uuid)
        || host_view_db_find_nic(db, nic)
        || sset_contains(&db->turned_down, nic)) {
        return;
    }

    const struct dvsrec_proxy_portgroup *pg
        = find_profile(db, proxy, local, iface);
    char *key = dvs_port_key_from_interface(&iface->row);
    if (!pg || hv_port_find(&proxy->view, key) || is_known(db, nic, key)) {
        /* It gets none from here, or has it. */
    } else if (!has_room(db, proxy)) {
        VLOG_WARN_RL(&rl, "%s: no port for NIC %s: the host may have no more",
                     proxy->view.name, nic);
        proxy->host_made_crowded = true;
    } else {
        struct hv_port *port = hv_port_create(&proxy->view, key);

        COVERAGE_INC(agent_made_port);
        VLOG_INFO("%s: made port %s of portgroup %s for NIC %s",
                  proxy->view.name, key, pg->name, nic);
        port->nic = xstrdup(nic);
        port->host_made = true;
        sset_add(&proxy->host_made, key);
        sset_add(&proxy->dirty_ports, key);
    }
    free(key);
}

static int
compare_ifaces(const void *a_, const void *b_)
{
    const struct local_iface *const *a = a_;
    const struct local_iface *const *b = b_;
    ofp_port_t x = (*a)->ofport, y = (*b)->ofport;

    return x != y ? (x < y ? -1 : 1) : strcmp((*a)->name, (*b)->name);
}

/* Makes a port of 'proxy' for each NIC for which that is due.  If the host may
 * have no more than some number, those that were plugged in first, of which
 * ovs-vswitchd numbers the ports first, have them, also after a restart. */
static void
consider_all(const struct host_view_db *db, struct proxy *proxy,
             const struct local_view *local)
{
    const struct local_iface **ifaces
        = xmalloc(shash_count(&local->nics) * sizeof *ifaces);
    struct shash_node *node;
    size_t n = 0;

    SHASH_FOR_EACH (node, &local->nics) {
        const struct local_iface *iface
            = local_view_find_nic(local, node->name);

        if (iface) {
            ifaces[n++] = iface;
        }
    }
    qsort(ifaces, n, sizeof *ifaces, compare_ifaces);
    for (size_t i = 0; i < n; i++) {
        consider(db, proxy, local, ifaces[i]->nic);
    }
    free(ifaces);
}

/* Returns true if there is room on 'proxy' now for a NIC for which there was
 * none. */
bool
host_made_waits(const struct host_view_db *db, const struct proxy *proxy)
{
    return proxy->host_made_crowded && has_room(db, proxy);
}

/* Marks the ports that the host makes, or has made, of 'proxy', and that may
 * have changed. */
void
host_made_mark(const struct host_view_db *db, struct proxy *proxy,
               const struct local_view *local)
{
    const char *name;

    SSET_FOR_EACH (name, &proxy->host_made) {
        const struct hv_port *port = hv_port_find(&proxy->view, name);

        if (!port || db->portgroups_changed
            || sset_contains(&local->dirty_nics, port->nic)
            || host_view_db_find_nic(db, port->nic)) {
            sset_add(&proxy->dirty_ports, name);
        }
    }

    if (!db->away || !proxy->wanted || !proxy->complete) {
        proxy->host_made_crowded = false;
    } else if (!db->was_away || host_made_waits(db, proxy)) {
        /* What came last may not have made it into the database, or waits for
         * another one to leave. */
        proxy->host_made_crowded = false;
        consider_all(db, proxy, local);
    } else {
        SSET_FOR_EACH (name, &local->dirty_nics) {
            consider(db, proxy, local, name);
        }
    }
}

/* Returns the portgroup of the port 'key' of 'proxy' that the host has made,
 * or NULL if there is no such port or none any more. */
const struct dvsrec_proxy_portgroup *
host_made_portgroup(const struct host_view_db *db, const struct proxy *proxy,
                    const char *key, const struct local_view *local)
{
    const struct hv_port *port = hv_port_find(&proxy->view, key);
    const struct local_iface *iface
        = (port && port->host_made && !host_view_db_find_nic(db, port->nic)
           ? local_view_find_nic(local, port->nic) : NULL);

    if (!iface || !uuid_equals(&iface->bridge->switch_, &proxy->uuid)) {
        return NULL;
    }
    char *key_now = dvs_port_key_from_interface(&iface->row);
    bool same = !strcmp(key, key_now);
    free(key_now);
    return same ? find_profile(db, proxy, local, iface) : NULL;
}

/* Returns the port that the host has made for the NIC at 'iface', or NULL. */
const struct hv_port *
host_made_port(const struct proxies *proxies, const struct local_iface *iface)
{
    const struct proxy *proxy = proxy_find(proxies, &iface->bridge->switch_);

    if (!proxy || sset_is_empty(&proxy->host_made)) {
        return NULL;
    }
    char *key = dvs_port_key_from_interface(&iface->row);
    const struct hv_port *port = hv_port_find(&proxy->view, key);
    free(key);
    return port && port->host_made ? port : NULL;
}

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
 * make no difference.  host-view-switch.c and host-view-port.c read. */

#include <config.h>
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/host-made.h"
#include "ovs-bridge/host-view-private.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/proxy.h"
#include "schema/dvs-idl.h"

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
            host_view_read_switch(db, proxy, local);
        } else if (proxy->uplinks_dirty) {
            host_view_read_links(proxy, local);
        }
        do {
            host_made_mark(db, proxy, local);
            SSET_FOR_EACH (key, &proxy->dirty_ports) {
                host_view_read_port(db, proxy, key, local);
            }
            sset_clear(&proxy->dirty_ports);
        } while (host_made_waits(db, proxy));
    }
    db->was_away = db->away;
    db->portgroups_changed = false;
}

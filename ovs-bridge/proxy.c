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

/* The proxy switches of a host: life cycle and look-up.  See proxy.h.
 *
 * Nothing here reads a database or decides anything. */

#include <config.h>
#include "ovs-bridge/proxy.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/load.h"
#include "ovs-bridge/of-conn.h"
#include "util.h"
#include "uuid.h"

/* Initializes 'proxies' as empty. */
void
proxies_init(struct proxies *proxies)
{
    hmap_init(&proxies->by_uuid);
}

/* Frees 'proxies' and all that they hold.  The bridges stay as they are. */
void
proxies_destroy(struct proxies *proxies)
{
    struct proxy *proxy;

    PROXY_FOR_EACH_SAFE (proxy, proxies) {
        proxy_remove(proxies, proxy);
    }
    hmap_destroy(&proxies->by_uuid);
}

/* Returns the proxy switch of distributed switch 'uuid', or NULL. */
struct proxy *
proxy_find(const struct proxies *proxies, const struct uuid *uuid)
{
    struct proxy *proxy;

    HMAP_FOR_EACH_WITH_HASH (proxy, node, uuid_hash(uuid),
                             &proxies->by_uuid) {
        if (uuid_equals(&proxy->uuid, uuid)) {
            return proxy;
        }
    }
    return NULL;
}

/* Returns the proxy switch of distributed switch 'uuid', which is made, with
 * nothing known of it, if there is none yet. */
struct proxy *
proxy_find_or_create(struct proxies *proxies, const struct uuid *uuid)
{
    struct proxy *proxy = proxy_find(proxies, uuid);

    if (!proxy) {
        proxy = xzalloc(sizeof *proxy);
        proxy->uuid = *uuid;
        hv_switch_init(&proxy->view);
        proxy->view.uuid = *uuid;
        sset_init(&proxy->view_faults);
        shash_init(&proxy->port_faults);
        sset_init(&proxy->unread_host_nics);
    sset_init(&proxy->host_made);
        proxy->rebuild = true;
        sset_init(&proxy->dirty_ports);
        sset_init(&proxy->changed_ports);
        desired_init(&proxy->desired);
        counters_init(&proxy->counters);
        learned_init(&proxy->learned);
        proxy->sync_dirty = true;
        sset_init(&proxy->sync_faults);
        proxy->report_dirty = true;
        sset_init(&proxy->report_nics);
        sset_init(&proxy->notify_ports);
        sset_init(&proxy->notify_again);
        hmap_init(&proxy->load_counters);
        sset_init(&proxy->load_settling);
        hmap_insert(&proxies->by_uuid, &proxy->node, uuid_hash(uuid));
    }
    return proxy;
}

/* Forgets 'proxy'. */
void
proxy_remove(struct proxies *proxies, struct proxy *proxy)
{
    hmap_remove(&proxies->by_uuid, &proxy->node);
    proxy_close_conn(proxy);
    desired_destroy(&proxy->desired);
    counters_destroy(&proxy->counters);
    learned_destroy(&proxy->learned);
    hv_switch_destroy(&proxy->view);
    sset_destroy(&proxy->view_faults);
    shash_destroy_free_data(&proxy->port_faults);
    sset_destroy(&proxy->unread_host_nics);
    sset_destroy(&proxy->host_made);
    sset_destroy(&proxy->dirty_ports);
    sset_destroy(&proxy->changed_ports);
    bridge_config_destroy(proxy->config);
    free(proxy->bridge);
    sset_destroy(&proxy->sync_faults);
    sset_destroy(&proxy->report_nics);
    sset_destroy(&proxy->notify_ports);
    sset_destroy(&proxy->notify_again);
    load_destroy(proxy);
    free(proxy->queriers);
    free(proxy);
}

/* Closes the OpenFlow connection of 'proxy', if any.  The bridge keeps its
 * flows. */
void
proxy_close_conn(struct proxy *proxy)
{
    of_conn_destroy(proxy->conn);
    proxy->conn = NULL;
    free(proxy->conn_bridge);
    proxy->conn_bridge = NULL;
    proxy->mark = proxy->barrier = 0;
    proxy->connects = proxy->refused = proxy->polls = 0;
    counters_forget_marks(&proxy->counters);
}

/* Notes that 'proxy''s desired flows may have changed. */
void
proxy_mark(struct proxy *proxy)
{
    if (proxy->conn) {
        proxy->mark = of_conn_mark(proxy->conn);
    }
}

/* Returns true if ovs-vswitchd answers for the bridge of 'proxy'. */
bool
proxy_is_connected(const struct proxy *proxy)
{
    return proxy->conn && of_conn_is_connected(proxy->conn);
}

/* Returns true if the bridge of 'proxy' has been brought in step with what
 * was last compiled. */
bool
proxy_in_step(const struct proxy *proxy)
{
    return (proxy_is_connected(proxy)
            && of_conn_in_step(proxy->conn, proxy->mark));
}

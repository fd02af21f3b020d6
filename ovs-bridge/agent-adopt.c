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

/* Bridges of switches that have been merged into others.
 *
 * The NICs on this host stay in the bridge in which they are; only the switch
 * that it stands for changes. */

#include <config.h>
#include "ovs-bridge/agent.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/proxy.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(agent_adopt);

/* Makes 'bridge', of a switch that has been merged into that of 'proxy', the
 * bridge of the latter, as far as we are concerned; ovs-sync.c then writes its
 * marks.  It is not taken from the old switch's proxy by deleting the flows:
 * the difference to those of 'proxy' is all that changes. */
static void
adopt_bridge(struct agent *agent, struct proxy *proxy,
             struct local_bridge *bridge)
{
    struct proxy *old = proxy_find(&agent->proxies, &bridge->switch_);
    struct local_iface *iface;
    struct shash_node *node;

    VLOG_INFO("%s: now of switch \"%s\", into which its own was merged",
              bridge->name, proxy->view.name);
    bridge->switch_ = proxy->uuid;
    LIST_FOR_EACH (iface, ours_node, &bridge->uplinks) {
        iface->owner = proxy->uuid;
    }
    LIST_FOR_EACH (iface, ours_node, &bridge->host_nics) {
        iface->owner = proxy->uuid;
    }
    SHASH_FOR_EACH (node, &agent->local.ifaces) {
        iface = node->data;
        if (iface->bridge == bridge && iface->nic) {
            sset_add(&agent->local.dirty_nics, iface->nic);
        }
    }
    proxy->rebuild = true;
    if (old) {
        free(old->bridge);
        old->bridge = NULL;
        proxy_close_conn(old);
        old->sync_dirty = old->report_dirty = old->report_ports = true;
    }
    agent->barrier = false;
}

/* Returns true if the host has a bridge for the switch of 'proxy'. */
static bool
has_bridge(const struct agent *agent, const struct proxy *proxy)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &agent->local.bridges) {
        const struct local_bridge *bridge = node->data;

        if (bridge->ours && uuid_equals(&bridge->switch_, &proxy->uuid)) {
            return true;
        }
    }
    return false;
}

/* Does so with all such bridges that have NICs.  (One that has none makes room
 * for a new one, and what one has goes to that which the other switch has
 * already: see ovs-sync.c.)  Returns true if there were any. */
bool
agent_adopt_bridges(struct agent *agent)
{
    bool any = false;
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, &agent->proxies) {
        struct shash_node *node;

        if (!proxy->wanted || sset_is_empty(&proxy->view.merged)
            || has_bridge(agent, proxy)) {
            continue;
        }
        SHASH_FOR_EACH (node, &agent->local.bridges) {
            struct local_bridge *bridge = node->data;
            char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&bridge->switch_));
            const struct proxy *old = proxy_find(&agent->proxies,
                                                 &bridge->switch_);

            bool adopt = (bridge->ours
                          && (bridge->n_foreign
                              || !ovs_list_is_empty(&bridge->host_nics))
                          && !(old && old->wanted)
                          && sset_contains(&proxy->view.merged, uuid));

            free(uuid);
            if (adopt) {
                adopt_bridge(agent, proxy, bridge);
                any = true;
                break;
            }
        }
    }
    return any;
}

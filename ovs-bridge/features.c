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

/* What this host offers.  See features.h. */

#include <config.h>
#include "ovs-bridge/features.h"
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>
#include "openvswitch/ofp-meter.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/proxy.h"
#include "schema/dvs-host-feature.h"
#include "schema/dvs-level.h"
#include "smap.h"
#include "sset.h"
#include "util.h"

/* Returns how a bridge of 'datapath_type' shares out an uplink.
 *
 * The kernel's datapath hands the queue of a packet to the NIC's queueing
 * discipline.  The userspace one has sockets, which do not take it along, and
 * DPDK's NICs have no queues of that kind. */
const char *
features_qos(const char *datapath_type)
{
    return (datapath_type[0] && strcmp(datapath_type, "system")
            ? FEATURES_QOS_NONE : FEATURES_QOS_HFSC);
}

/* Returns true if the action set_queue has an effect in a bridge of
 * 'datapath_type'. */
bool
features_has_queues(const char *datapath_type)
{
    return strcmp(features_qos(datapath_type), FEATURES_QOS_NONE) != 0;
}

/* Adds to 'features' "TYPE.KEY" with 'value'. */
static void
add_of_datapath(struct smap *features, const char *type, const char *key,
                const char *value)
{
    char *name = xasprintf("%s.%s", type, key);

    smap_replace(features, name, value);
    free(name);
}

/* Adds what the host as a whole is. */
static void
collect_host(const struct ovsrec_open_vswitch *root, struct smap *features)
{
    struct sset types = SSET_INITIALIZER(&types);
    struct utsname uts;

    smap_add(features, DVS_FEATURE_LEVEL, dvs_levels[DVS_LEVEL_NEWEST]);
    if (!uname(&uts)) {
        smap_add_format(features, DVS_FEATURE_KERNEL, "%s %s", uts.sysname,
                        uts.release);
    }
    if (root->system_type && root->system_version) {
        smap_add_format(features, DVS_FEATURE_SYSTEM, "%s %s",
                        root->system_type, root->system_version);
    }
    smap_add(features, DVS_FEATURE_DPDK,
             !root->dpdk_initialized ? "no"
             : root->dpdk_version ? root->dpdk_version : "yes");

    for (size_t i = 0; i < root->n_iface_types; i++) {
        sset_add(&types, root->iface_types[i]);
    }
    if (!sset_is_empty(&types)) {
        const char **sorted = sset_sort(&types);
        char *list = xstrdup(sorted[0]);

        for (size_t i = 1; i < sset_count(&types); i++) {
            char *longer = xasprintf("%s,%s", list, sorted[i]);

            free(list);
            list = longer;
        }
        smap_add_nocopy(features, xstrdup(DVS_FEATURE_INTERFACE_TYPES), list);
        free(sorted);
    }
    sset_destroy(&types);
}

/* Stores in 'features' what there is to say of this host. */
void
features_collect(const struct local_view *local, const struct proxies *proxies,
                 struct smap *features)
{
    const struct ovsrec_open_vswitch *root = local_view_root(local);
    const struct proxy *proxy;

    collect_host(root, features);
    for (size_t i = 0; i < root->n_datapath_types; i++) {
        const char *type = root->datapath_types[i];

        add_of_datapath(features, type, DVS_FEATURE_QOS, features_qos(type));
    }
    for (size_t i = 0; i < root->n_datapaths; i++) {
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &root->value_datapaths[i]->capabilities) {
            add_of_datapath(features, root->key_datapaths[i], node->key,
                            node->value);
        }
    }
    PROXY_FOR_EACH (proxy, proxies) {
        const struct ovsrec_bridge *bridge
            = (proxy->meters_known && proxy->conn_bridge
               ? local_view_bridge_row(local, proxy->conn_bridge) : NULL);

        if (bridge) {
            char *n = xasprintf("%"PRIu32, proxy->max_meters);

            add_of_datapath(features, (bridge->datapath_type[0]
                                       ? bridge->datapath_type : "system"),
                            DVS_FEATURE_METERS, n);
            free(n);
        }
    }
}

/* Asks the bridge at 'conn' for what it has of meters (OpenFlow 1.5, section
 * 7.3.5.16).  Returns false if not connected. */
bool
features_ask(struct of_conn *conn)
{
    return of_conn_ask(conn,
                       ofputil_encode_meter_request(OFP15_VERSION,
                                                    OFPUTIL_METER_FEATURES,
                                                    0));
}

/* Takes the answer 'oh' of the bridge of 'proxy'.  Returns true if it is
 * news. */
bool
features_hear(struct proxy *proxy, const struct ofp_header *oh)
{
    struct ofputil_meter_features mf;

    ofputil_decode_meter_features(oh, &mf);
    if (proxy->meters_known && proxy->max_meters == mf.max_meters) {
        return false;
    }
    proxy->meters_known = true;
    proxy->max_meters = mf.max_meters;
    return true;
}

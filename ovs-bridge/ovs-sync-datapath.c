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

/* The rows of table Datapath.  See ovs-sync.h.
 *
 * ovs-vswitchd writes what a datapath is capable of into its row, but makes
 * none by itself.  Ours has nothing else in it, and its owner is free to give
 * it timeout policies or to put another one in its place. */

#include <config.h>
#include "ovs-bridge/ovs-sync-private.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/ovs-sync.h"
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "smap.h"
#include "sset.h"

static bool
has_datapath(const struct ovsrec_open_vswitch *root, const char *type)
{
    for (size_t i = 0; i < root->n_datapaths; i++) {
        if (!strcmp(root->key_datapaths[i], type)) {
            return true;
        }
    }
    return false;
}

/* Makes a row for each datapath type of which a bridge is wanted. */
void
sync_want_datapaths(struct sync_ctx *ctx)
{
    struct sset made = SSET_INITIALIZER(&made);
    const struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        const char *type = proxy->config ? proxy->config->datapath_type : "";

        if (type[0] && !has_datapath(ctx->root, type)
            && sset_add(&made, type)) {
            const struct smap mark = SMAP_CONST1(&mark, MARK_MADE, "true");
            struct ovsrec_datapath *row = ovsrec_datapath_insert(ctx->txn);

            ovsrec_datapath_set_external_ids(row, &mark);
            ovsrec_open_vswitch_update_datapaths_setkey(ctx->root, type, row);
            ctx->sync->wrote = true;
        }
    }
    sset_destroy(&made);
}

/* Takes away the rows that are ours and serve nobody else. */
void
sync_drop_datapaths(struct sync_ctx *ctx)
{
    for (size_t i = 0; i < ctx->root->n_datapaths; i++) {
        const struct ovsrec_datapath *row = ctx->root->value_datapaths[i];

        if (!smap_get(&row->external_ids, MARK_MADE)) {
            continue;
        } else if (row->n_ct_zones) {
            ovsrec_datapath_update_external_ids_delkey(row, MARK_MADE);
        } else {
            ovsrec_open_vswitch_update_datapaths_delkey(
                ctx->root, ctx->root->key_datapaths[i]);
        }
        ctx->sync->wrote = true;
    }
}

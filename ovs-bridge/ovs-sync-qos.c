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

/* The queues of uplinks in the local Open_vSwitch database.  See ovs-sync.h.
 *
 * Each port of uplinks has a row of QoS and a row of Queue for each class of
 * traffic, and for NICs with shares of their own, all with our mark.  Rows of
 * these two tables do not go away with the port: those with our mark that no
 * port refers to are deleted. */

#include <config.h>
#include "ovs-bridge/ovs-sync.h"
#include <inttypes.h>
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
#include "uuidset.h"

VLOG_DEFINE_THIS_MODULE(ovs_sync_qos);

COVERAGE_DEFINE(ovs_sync_add_qos);
COVERAGE_DEFINE(ovs_sync_del_qos);

static bool
is_ours(const struct smap *external_ids)
{
    return smap_get(external_ids, MARK_OWNER) != NULL;
}

/* Makes 'queue' of ours one with 'rate'. */
static void
update_queue(struct sync_ctx *ctx, const struct ovsrec_queue *queue,
             const struct dvs_rate *rate)
{
    struct smap other_config = SMAP_INITIALIZER(&other_config);

    smap_add_format(&other_config, "min-rate", "%"PRIu64, rate->min);
    smap_add_format(&other_config, "max-rate", "%"PRIu64, rate->max);
    if (!smap_equal(&queue->other_config, &other_config)) {
        ovsrec_queue_set_other_config(queue, &other_config);
        ctx->sync->wrote = true;
    }
    smap_destroy(&other_config);
}

/* Returns the queue of ours that 'qos' has with number 'id', or NULL. */
static struct ovsrec_queue *
find_queue(const struct ovsrec_qos *qos, int id)
{
    for (size_t i = 0; i < qos->n_queues; i++) {
        if (qos->key_queues[i] == id
            && is_ours(&qos->value_queues[i]->external_ids)) {
            return qos->value_queues[i];
        }
    }
    return NULL;
}

/* Makes the queues of 'qos' of ours what 'want' says.  Those that it has are
 * kept: a new row would make ovs-vswitchd make the queue anew. */
static void
update_queues(struct sync_ctx *ctx, const struct ovsrec_qos *qos,
              const struct bridge_qos *want, const struct smap *mark)
{
    struct ovsrec_queue **queues = xmalloc(want->n * sizeof *queues);
    int64_t *ids = xmalloc(want->n * sizeof *ids);
    bool same = qos->n_queues == want->n;

    for (size_t i = 0; i < want->n; i++) {
        ids[i] = want->queues[i].id;
        queues[i] = find_queue(qos, ids[i]);
        if (!queues[i]) {
            queues[i] = ovsrec_queue_insert(ctx->txn);
            ovsrec_queue_set_external_ids(queues[i], mark);
            same = false;
        }
        update_queue(ctx, queues[i], &want->queues[i].rate);
    }
    if (!same) {
        ovsrec_qos_set_queues(qos, ids, queues, want->n);
        ctx->sync->wrote = true;
    }
    free(queues);
    free(ids);
}

/* Gives 'port' of our uplinks the queues that 'want' says. */
static void
want_qos(struct sync_ctx *ctx, struct proxy *proxy,
         const struct ovsrec_port *port, const struct bridge_qos *want)
{
    struct smap mark = SMAP_INITIALIZER(&mark);
    struct smap other_config = SMAP_INITIALIZER(&other_config);
    struct ovsrec_qos *qos = port->qos;

    if (qos && !is_ours(&qos->external_ids)) {
        sset_add_and_free(&proxy->sync_faults, xasprintf(
            "ResourceInUse: resource_management: others have given port "
            "\"%s\" a QoS", port->name));
        return;
    }
    smap_add_format(&mark, MARK_OWNER, UUID_FMT, UUID_ARGS(&proxy->uuid));
    smap_add_format(&other_config, "max-rate", "%"PRIu64,
                    want->speed * UINT64_C(1000000));
    if (!qos) {
        qos = ovsrec_qos_insert(ctx->txn);
        ovsrec_qos_set_external_ids(qos, &mark);
        ovsrec_port_set_qos(port, qos);
        ctx->sync->wrote = true;
        COVERAGE_INC(ovs_sync_add_qos);
        VLOG_INFO("%s: queues for %"PRId64" Mbit/s", port->name, want->speed);
    }
    if (!nullable_string_is_equal(qos->type, BRIDGE_QOS_TYPE)) {
        ovsrec_qos_set_type(qos, BRIDGE_QOS_TYPE);
        ctx->sync->wrote = true;
    }
    if (!smap_equal(&qos->other_config, &other_config)) {
        ovsrec_qos_set_other_config(qos, &other_config);
        ctx->sync->wrote = true;
    }
    update_queues(ctx, qos, want, &mark);
    smap_destroy(&mark);
    smap_destroy(&other_config);
}

/* Gives the ports of the uplinks of 'proxy' their queues, or takes them away.
 * Those of a port that has just been made follow once it is there. */
void
sync_qos(struct sync_ctx *ctx, struct proxy *proxy)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &proxy->config->ports) {
        const struct ovsrec_port *port
            = local_view_port_row(ctx->local, node->value);
        const struct bridge_qos *want
            = shash_find_data(&proxy->config->qos, node->value);

        if (!port || !is_ours(&port->external_ids)) {
            continue;
        } else if (want) {
            want_qos(ctx, proxy, port, want);
        } else if (port->qos && is_ours(&port->qos->external_ids)) {
            ovsrec_port_set_qos(port, NULL);
            ctx->sync->wrote = true;
        }
    }
}

/* Takes the queues of 'port' of our uplinks off 'nic', which is taken out of
 * it. */
void
sync_let_go(struct sync_ctx *ctx, const struct ovsrec_port *port,
            const char *nic)
{
    if (port->qos && is_ours(&port->qos->external_ids)) {
        pnic_unshape(ctx->pnics, nic);
    }
}

/* Deletes the rows of ours that nothing refers to. */
void
sync_sweep_qos(struct sync_ctx *ctx)
{
    struct uuidset used = UUIDSET_INITIALIZER(&used);
    const struct ovsrec_port *port;
    const struct ovsrec_queue *queue;
    const struct ovsrec_qos *qos;
    struct ovsdb_idl *idl = ctx->local->idl;

    if (!ovsrec_qos_first(idl) && !ovsrec_queue_first(idl)) {
        return;
    }
    OVSREC_PORT_FOR_EACH (port, idl) {
        if (port->qos) {
            uuidset_insert(&used, &port->qos->header_.uuid);
        }
    }
    OVSREC_QOS_FOR_EACH_SAFE (qos, idl) {
        if (is_ours(&qos->external_ids)
            && !uuidset_find(&used, &qos->header_.uuid)) {
            ovsrec_qos_delete(qos);
            ctx->sync->wrote = true;
            COVERAGE_INC(ovs_sync_del_qos);
        } else {
            for (size_t i = 0; i < qos->n_queues; i++) {
                uuidset_insert(&used, &qos->value_queues[i]->header_.uuid);
            }
        }
    }
    OVSREC_QUEUE_FOR_EACH_SAFE (queue, idl) {
        if (is_ours(&queue->external_ids)
            && !uuidset_find(&used, &queue->header_.uuid)) {
            ovsrec_queue_delete(queue);
            ctx->sync->wrote = true;
        }
    }
    uuidset_destroy(&used);
}

/* Takes away all queues of ours. */
void
sync_drop_qos(struct sync_ctx *ctx)
{
    const struct ovsrec_port *port;

    OVSREC_PORT_FOR_EACH (port, ctx->local->idl) {
        if (port->qos && is_ours(&port->qos->external_ids)) {
            for (size_t i = 0; i < port->n_interfaces; i++) {
                sync_let_go(ctx, port, port->interfaces[i]->name);
            }
            ovsrec_port_set_qos(port, NULL);
            ctx->sync->wrote = true;
        }
    }
    sync_sweep_qos(ctx);
}

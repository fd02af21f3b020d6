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

/* Changing a bridge over its connection: what is sent when something is
 * dirty, and what becomes of it (from S_IDLE to S_BUSY and back; see
 * of-conn.c). */

#include <config.h>
#include "ovs-bridge/of-conn-private.h"
#include <inttypes.h>
#include <stdlib.h>
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/list.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/desired.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_conn_change);

COVERAGE_DEFINE(of_conn_bundle);
COVERAGE_DEFINE(of_conn_flow_mod);
COVERAGE_DEFINE(of_conn_group_mod);
COVERAGE_DEFINE(of_conn_meter_mod);
COVERAGE_DEFINE(of_conn_refused);

static void
send_batch(struct of_conn *conn)
{
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);

    of_batch_encode(&conn->batch, &conn->installed, conn->singly);
    conn->culprit = NULL;

    conn->commit_xid = of_batch_take(&conn->batch, &requests);
    of_conn_send_all(conn, &requests);

    conn->stats.bundles++;
    conn->stats.flow_mods += conn->batch.n_flow_mods;
    conn->stats.group_mods += conn->batch.n_group_mods;
    conn->stats.meter_mods += conn->batch.n_meter_mods;
    COVERAGE_INC(of_conn_bundle);
    COVERAGE_ADD(of_conn_flow_mod, conn->batch.n_flow_mods);
    COVERAGE_ADD(of_conn_group_mod, conn->batch.n_group_mods);
    COVERAGE_ADD(of_conn_meter_mod, conn->batch.n_meter_mods);
    conn->state = S_BUSY;
}

/* Notes that the bridge refused 'c' with 'error'. */
static void
refuse_change(struct of_conn *conn, struct of_change *c, enum ofperr error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    struct ds s = DS_EMPTY_INITIALIZER;

    free(c->error);
    c->error = xstrdup(ofperr_to_string(error));
    conn->stats.refused++;
    COVERAGE_INC(of_conn_refused);
    if (c->want) {
        desired_item_format(c->want, &s);
    }
    VLOG_WARN_RL(&rl, "%s: switch refused (%s) %s", conn->bridge, c->error,
                 c->want ? ds_cstr(&s) : "removal of a stray item");
    ds_destroy(&s);
}

/* Message 'm' met with 'error'.  Returns true if that is because somebody else
 * has changed the bridge, and it is worth while to read back. */
static bool
mend(struct of_conn *conn, const struct of_message *m, enum ofperr error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    if (!of_message_is_surprise(m, error, &conn->installed)) {
        return false;
    } else if (conn->mended) {
        return conn->resync;    /* It is another one of this batch. */
    }
    VLOG_INFO_RL(&rl, "%s: somebody has changed our groups or meters (%s); "
                 "reading back", conn->bridge, ofperr_to_string(error));
    conn->mended = conn->resync = true;
    return true;
}

/* Notes that the bridge refused the changes of the culprit.  One of several
 * in a message cannot be told apart: the next try sends them singly. */
static void
refuse_culprit(struct of_conn *conn)
{
    struct of_message *m = conn->culprit;

    if (mend(conn, m, conn->culprit_error)) {
        return;
    }
    if (m->n_changes > 1) {
        conn->singly = true;
        return;
    }
    refuse_change(conn, m->changes[0], conn->culprit_error);
}

/* Takes over into 'installed' what the bridge has accepted. */
static void
accept_change(struct of_conn *conn, struct of_change *c)
{
    if (of_change_ends_counter(c) && conn->count_cb) {
        conn->count_cb(conn->count_aux, &(struct of_count) {
            .cookie = c->old_cookie,
            .table = c->item->table,
            .priority = c->item->priority,
            .gone = true,
        });
    }
    if (of_change_ends_meter(c) && conn->count_cb) {
        conn->count_cb(conn->count_aux, &(struct of_count) {
            .meter_id = c->item->group_id,
            .gone = true,
        });
    }
    if (c->remove) {
        installed_remove(&conn->installed, c->item);
    } else {
        installed_put(&conn->installed, c->item);
        c->item = NULL;
    }
    if (c->want && !c->want->wanted && c->remove
        && ovs_list_is_empty(&c->want->dirty_node)) {
        desired_forget(conn->desired, c->want);
    }
}

/* Deletes the meters that no flow uses any more. */
static void
delete_meters(struct of_conn *conn)
{
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);
    const struct desired_item *want;

    of_batch_take_old_meters(&conn->batch, &requests);
    if (ovs_list_is_empty(&requests)) {
        return;
    }
    of_conn_send_all(conn, &requests);

    /* A flow that was to lose its meter, but whose change was refused, has
     * gone with it. */
    HMAP_FOR_EACH (want, node, &conn->desired->items) {
        if (want->kind == DK_FLOW && want->error) {
            conn->resync = true;
            break;
        }
    }
}

/* The commit of what of_conn_change() sent was answered, with success if
 * 'committed': takes over what the bridge has now, and leaves 'conn' idle. */
void
of_conn_finish_change(struct of_conn *conn, bool committed)
{
    bool done = committed && !conn->culprit;
    bool retry = false;
    struct of_change *c;

    if (conn->culprit) {
        refuse_culprit(conn);
    } else if (!committed) {
        /* Should not happen; find out what the bridge really has. */
        conn->resync = true;
        conn->singly = true;
    }

    LIST_FOR_EACH (c, node, &conn->batch.changes) {
        if (c->error) {
            if (c->want) {
                free(c->want->error);
                c->want->error = c->error;
                c->error = NULL;
            }
        } else if (done || (c->item->kind == DK_METER && !c->remove
                            && !conn->resync)) {
            /* Meters are not in the bundle. */
            accept_change(conn, c);
        } else if (c->want) {
            desired_mark_dirty(conn->desired, c->want);
            retry = true;
        } else {
            installed_unsee(&conn->installed, c->item);
            conn->find_strays = retry = true;
        }
    }
    if (committed && conn->culprit) {
        /* The bridge left out a message that it could not parse and took the
         * others.  Read back rather than guess. */
        conn->resync = true;
    }
    if (done) {
        conn->singly = conn->mended = false;
        delete_meters(conn);
    }

    of_batch_clear(&conn->batch);
    conn->culprit = NULL;
    conn->state = S_IDLE;
    if (!retry && !conn->resync) {
        conn->done_mark = conn->sent_mark;
    }
}

/* Sends what is dirty, or a stray, for 'conn', which must be idle.  Without
 * any, all is in step. */
void
of_conn_change(struct of_conn *conn)
{
    uint64_t mark = conn->mark;

    of_batch_fill(&conn->batch, conn->desired, &conn->installed,
                  conn->find_strays);
    conn->find_strays = false;
    if (conn->batch.n_changes) {
        conn->sent_mark = mark;
        send_batch(conn);
    } else {
        conn->done_mark = mark;
    }
}

/* The bridge of 'conn', which must be busy, has met the message with 'xid'
 * with 'error'.  Returns false if that is none of what was sent. */
bool
of_conn_hear_error(struct of_conn *conn, ovs_be32 xid, enum ofperr error)
{
    struct of_message *m;

    if (xid == conn->commit_xid) {
        of_conn_finish_change(conn, false);
        return true;
    }
    m = of_batch_find(&conn->batch, xid);
    if (!m) {
        return false;
    }
    if (m->changes[0]->item->kind == DK_METER) {
        if (!mend(conn, m, error)) {
            refuse_change(conn, m->changes[0], error);
        }
    } else if (!conn->culprit || m->order < conn->culprit->order) {
        /* Later ones may just follow from the first. */
        conn->culprit = m;
        conn->culprit_error = error;
    }
    return true;
}

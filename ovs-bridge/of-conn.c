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

/* The OpenFlow connection to one bridge.  See of-conn.h.
 *
 * States of a connection, after "rconn" has shaken hands:
 *
 *              +-----------------------------------------------+
 *              | rconn (re)connects                            |
 *              v                                               |
 *     S_NEW (connected, but the databases may not be read yet) |
 *        |  ready: ask for flows, groups and meters            |
 *        v                                                     |
 *     S_READ (collecting the answers) <---- of_conn_resync()   |
 *        |  all complete: what is not desired is a stray       |
 *        v                                                     |
 *     S_IDLE (nothing under way) ------------------------------+
 *        |  something is dirty: send one bundle          ^     |
 *        v                                               |     |
 *     S_BUSY (bundle sent, commit not answered) ---------+-----+
 *                  committed, or refused and noted
 *
 * Only in S_IDLE is anything sent, so a bundle always starts from what the
 * bridge is known to have. */

#include <config.h>
#include "ovs-bridge/of-conn.h"
#include <inttypes.h>
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-bundle.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofp-switch.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/of-batch.h"
#include "ovs-bridge/of-count.h"
#include "ovs-bridge/of-read.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_conn);

COVERAGE_DEFINE(of_conn_bundle);
COVERAGE_DEFINE(of_conn_flow_mod);
COVERAGE_DEFINE(of_conn_group_mod);
COVERAGE_DEFINE(of_conn_meter_mod);
COVERAGE_DEFINE(of_conn_poll);
COVERAGE_DEFINE(of_conn_read_back);
COVERAGE_DEFINE(of_conn_refused);

/* Seconds of silence before a probe, and the longest wait between attempts to
 * connect: the bridge is on this machine. */
#define PROBE_INTERVAL 5
#define MAX_BACKOFF 1

/* Messages taken from the bridge in one run. */
#define MAX_RECV 50

#define OF_CONN_STATES                          \
    OF_CONN_STATE(S_NEW, "new")                 \
    OF_CONN_STATE(S_READ, "reading back")       \
    OF_CONN_STATE(S_IDLE, "idle")               \
    OF_CONN_STATE(S_BUSY, "busy")

enum of_conn_state {
#define OF_CONN_STATE(STATE, NAME) STATE,
    OF_CONN_STATES
#undef OF_CONN_STATE
};

struct of_conn {
    char *bridge;               /* Name, for logs. */
    struct rconn *rconn;
    struct desired *desired;    /* Not owned. */
    struct installed installed; /* What the bridge has. */
    enum of_conn_state state;
    bool ready;                 /* of_conn_set_ready() was called. */
    bool resync;                /* Read back again when idle. */
    bool hold;                  /* Send nothing in this run. */
    bool find_strays;           /* Just read back, or had no success: look for
                                 * strays, once all desired items were
                                 * compared. */
    unsigned int seqno;         /* Of the rconn's connection. */
    of_conn_packet_in_cb *packet_in_cb; /* NULL if nobody is interested. */
    void *packet_in_aux;
    of_conn_answer_cb *answer_cb;   /* Likewise. */
    void *answer_aux;
    of_count_cb *count_cb;      /* Likewise. */
    void *count_aux;
    ovs_be32 counts_xid;        /* Of the question for counters, or 0. */

    /* S_READ. */
    struct of_read read;

    /* S_BUSY. */
    struct of_batch batch;      /* What was sent. */
    ovs_be32 commit_xid;        /* Its bundle commit. */
    struct of_message *culprit; /* First message refused, or NULL. */
    enum ofperr culprit_error;
    bool singly;                /* Send one change a message, to find which
                                 * one of a message was refused. */
    bool mended;                /* Read back because the bridge was not as it
                                 * had been, and nothing accepted since. */

    /* Marks, see of_conn_mark(). */
    uint64_t mark;              /* Last handed out. */
    uint64_t sent_mark;         /* As 'mark', when the batch was made. */
    uint64_t done_mark;         /* All up to it are in step. */

    struct of_conn_stats stats;
};

static void
of_conn_send(struct of_conn *conn, struct ofpbuf *msg)
{
    rconn_send(conn->rconn, msg, NULL);
}

/* Sends and takes all of 'messages', "struct ofpbuf"s. */
static void
send_all(struct of_conn *conn, struct ovs_list *messages)
{
    struct ofpbuf *msg;

    LIST_FOR_EACH_POP (msg, list_node, messages) {
        of_conn_send(conn, msg);
    }
}

/* Starts connecting to the management socket 'target' of bridge 'bridge'.
 * 'desired' must outlive the connection, which takes its dirty items. */
struct of_conn *
of_conn_create(const char *bridge, const char *target,
               struct desired *desired)
{
    struct of_conn *conn = xzalloc(sizeof *conn);

    conn->bridge = xstrdup(bridge);
    conn->rconn = rconn_create(PROBE_INTERVAL, MAX_BACKOFF,
                               DSCP_DEFAULT, 1u << OFP15_VERSION);
    rconn_connect(conn->rconn, target, bridge);
    conn->desired = desired;
    conn->seqno = rconn_get_connection_seqno(conn->rconn);
    installed_init(&conn->installed);
    of_batch_init(&conn->batch);
    return conn;
}

/* Closes 'conn', which may be NULL.  The bridge keeps what it has. */
void
of_conn_destroy(struct of_conn *conn)
{
    if (conn) {
        rconn_destroy(conn->rconn);
        installed_destroy(&conn->installed);
        of_batch_clear(&conn->batch);
        hmap_destroy(&conn->batch.by_xid);
        free(conn->bridge);
        free(conn);
    }
}

/* Allows 'conn' to change the bridge; see of-conn.h. */
void
of_conn_set_ready(struct of_conn *conn)
{
    conn->ready = true;
}

/* Has 'conn' read back what the bridge has, once it is idle. */
void
of_conn_resync(struct of_conn *conn)
{
    conn->resync = true;
}

/* Returns a mark for of_conn_in_step(). */
uint64_t
of_conn_mark(struct of_conn *conn)
{
    return ++conn->mark;
}

/* Returns true if all that was dirty when 'mark' was handed out stands in the
 * bridge or was refused by it. */
bool
of_conn_in_step(const struct of_conn *conn, uint64_t mark)
{
    return conn->done_mark >= mark;
}

/* Returns true if 'conn' is connected and has read back the bridge. */
bool
of_conn_is_connected(const struct of_conn *conn)
{
    return (rconn_is_connected(conn->rconn)
            && (conn->state == S_IDLE || conn->state == S_BUSY));
}

static const char *
state_to_string(enum of_conn_state state)
{
    switch (state) {
#define OF_CONN_STATE(STATE, NAME) case STATE: return NAME;
        OF_CONN_STATES
#undef OF_CONN_STATE
    }
    return "?";
}

/* Appends one line about 'conn' to 's'. */
void
of_conn_status(const struct of_conn *conn, struct ds *s)
{
    ds_put_format(s, "%s: %s, %s, %"PRIuSIZE" items installed, "
                  "%llu flow mods, %llu group mods, %llu meter mods, "
                  "%llu bundles, %llu refused, %llu connects\n",
                  conn->bridge, rconn_get_state(conn->rconn),
                  state_to_string(conn->state),
                  hmap_count(&conn->installed.items),
                  conn->stats.flow_mods, conn->stats.group_mods,
                  conn->stats.meter_mods, conn->stats.bundles,
                  conn->stats.refused, conn->stats.connects);
}

/* Copies the counters of 'conn' to '*stats'. */
void
of_conn_get_stats(const struct of_conn *conn, struct of_conn_stats *stats)
{
    *stats = conn->stats;
}

/* Sends 'packet' of 'len' bytes through 'ofpacts', as if it came from
 * 'in_port' (OpenFlow 1.5, section 7.3.6).  Returns false if not
 * connected. */
bool
of_conn_packet_out(struct of_conn *conn, ofp_port_t in_port,
                   const void *packet, size_t len,
                   const struct ofpbuf *ofpacts)
{
    struct ofputil_packet_out po = {
        .packet = packet,
        .packet_len = len,
        .buffer_id = UINT32_MAX,
        .ofpacts = ofpacts->data,
        .ofpacts_len = ofpacts->size,
    };

    if (!rconn_is_connected(conn->rconn)) {
        return false;
    }
    match_init_catchall(&po.flow_metadata);
    match_set_in_port(&po.flow_metadata, in_port);
    of_conn_send(conn, ofputil_encode_packet_out(&po, OFPUTIL_P_OF15_OXM));
    return true;
}

/* Has 'cb' called, with 'aux', for each packet that a flow of the bridge sends
 * to the agent. */
void
of_conn_set_packet_in_cb(struct of_conn *conn, of_conn_packet_in_cb *cb,
                         void *aux)
{
    conn->packet_in_cb = cb;
    conn->packet_in_aux = aux;
}

/* Has 'cb' called, with 'aux', for each answer to what of_conn_ask() asks. */
void
of_conn_set_answer_cb(struct of_conn *conn, of_conn_answer_cb *cb, void *aux)
{
    conn->answer_cb = cb;
    conn->answer_aux = aux;
}

/* Sends 'request', for statistics (OpenFlow 1.5, section 7.3.5), which it
 * takes over.  Returns false if not connected. */
bool
of_conn_ask(struct of_conn *conn, struct ofpbuf *request)
{
    if (!rconn_is_connected(conn->rconn)) {
        ofpbuf_delete(request);
        return false;
    }
    of_conn_send(conn, request);
    return true;
}

/* Asks for packets.  To a connection like ours, a switch sends none unless it
 * has said how much of them it wants. */
static void
ask_for_packets(struct of_conn *conn)
{
    struct ofputil_switch_config config = {
        /* So that traffic rules see the ports in first fragments. */
        .frag = OFPUTIL_FRAG_NX_MATCH,
        .invalid_ttl_to_controller = 0,
        .miss_send_len = OFP_DEFAULT_MISS_SEND_LEN,
    };

    of_conn_send(conn, ofputil_encode_set_config(&config, OFP15_VERSION));
}

static void
handle_packet_in(struct of_conn *conn, const struct ofp_header *oh)
{
    struct ofputil_packet_in pin;

    if (conn->packet_in_cb
        && !ofputil_decode_packet_in(oh, true, NULL, NULL, &pin, NULL, NULL,
                                     NULL)) {
        conn->packet_in_cb(conn->packet_in_aux, &pin);
    }
}

/* Counters. */

/* Has 'cb' called, with 'aux', for each flow that counts: after
 * of_conn_poll_counts(), when it is about to go, and when it has gone. */
void
of_conn_set_count_cb(struct of_conn *conn, of_count_cb *cb, void *aux)
{
    conn->count_cb = cb;
    conn->count_aux = aux;
}

/* Asks for the counters, unless the bridge does not answer or is still at the
 * last question: one request, whose answer adds to of_conn_stats.polls, and
 * one for meters if there are any. */
void
of_conn_poll_counts(struct of_conn *conn)
{
    if (of_conn_is_connected(conn) && !conn->counts_xid) {
        struct ofpbuf *msg = of_count_request();

        /* First, since the answer to the other request is the end. */
        if (conn->desired->n_meters) {
            of_conn_send(conn, of_count_request_meters());
        }
        COVERAGE_INC(of_conn_poll);
        conn->counts_xid = ((struct ofp_header *) msg->data)->xid;
        of_conn_send(conn, msg);
    }
}

/* Reading back. */

static void
start_reading(struct of_conn *conn)
{
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);

    COVERAGE_INC(of_conn_read_back);
    conn->resync = false;
    of_read_start(&conn->read, &conn->installed, &requests);
    send_all(conn, &requests);
    conn->state = S_READ;
}

/* Has every desired item compared with what was read. */
static void
finish_reading(struct of_conn *conn)
{
    struct desired_item *item;

    HMAP_FOR_EACH (item, node, &conn->desired->items) {
        desired_mark_dirty(conn->desired, item);
    }
    conn->find_strays = true;
    conn->state = S_IDLE;
    if (conn->stats.no_meters != conn->read.no_meters) {
        /* Whoever fills 'desired' should know before anything is sent. */
        conn->stats.no_meters = conn->read.no_meters;
        conn->hold = true;
    }
    VLOG_DBG("%s: read back %"PRIuSIZE" items", conn->bridge,
             hmap_count(&conn->installed.items));
}

/* Changing. */

static void
send_batch(struct of_conn *conn)
{
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);

    of_batch_encode(&conn->batch, &conn->installed, conn->singly);
    conn->culprit = NULL;

    conn->commit_xid = of_batch_take(&conn->batch, &requests);
    send_all(conn, &requests);

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
    send_all(conn, &requests);

    /* A flow that was to lose its meter, but whose change was refused, has
     * gone with it. */
    HMAP_FOR_EACH (want, node, &conn->desired->items) {
        if (want->kind == DK_FLOW && want->error) {
            conn->resync = true;
            break;
        }
    }
}

/* The commit was answered, with success if 'committed'. */
static void
finish_batch(struct of_conn *conn, bool committed)
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

static void
run_idle(struct of_conn *conn)
{
    uint64_t mark = conn->mark;

    if (conn->resync) {
        start_reading(conn);
        return;
    }

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

/* Receiving. */

static void
handle_error(struct of_conn *conn, const struct ofp_header *oh)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    struct of_message *m;

    if (conn->state == S_BUSY) {
        if (oh->xid == conn->commit_xid) {
            finish_batch(conn, false);
            return;
        }
        m = of_batch_find(&conn->batch, oh->xid);
        if (m && m->changes[0]->item->kind == DK_METER) {
            if (!mend(conn, m, error)) {
                refuse_change(conn, m->changes[0], error);
            }
            return;
        }
        if (m) {
            /* Later ones may just follow from the first. */
            if (!conn->culprit || m->order < conn->culprit->order) {
                conn->culprit = m;
                conn->culprit_error = error;
            }
            return;
        }
    }
    VLOG_WARN_RL(&rl, "%s: unexpected OpenFlow error %s", conn->bridge,
                 ofperr_to_string(error));
}

static void
handle_bundle_reply(struct of_conn *conn, const struct ofp_header *oh)
{
    struct ofputil_bundle_ctrl_msg bc;

    if (conn->state == S_BUSY && oh->xid == conn->commit_xid
        && !ofputil_decode_bundle_ctrl(oh, &bc)
        && bc.type == OFPBCT_COMMIT_REPLY) {
        finish_batch(conn, true);
    }
}

static void
handle_flow_stats(struct of_conn *conn, const struct ofp_header *oh)
{
    bool counts = of_count_read(oh, conn->count_cb, conn->count_aux);

    if (oh->xid == conn->counts_xid && !ofpmp_more(oh)) {
        conn->counts_xid = 0;
        conn->stats.polls++;
    } else if (oh->xid != conn->counts_xid && !counts && conn->answer_cb) {
        conn->answer_cb(conn->answer_aux, oh);
    }
}

static void
handle_message(struct of_conn *conn, const struct ofpbuf *msg)
{
    const struct ofp_header *oh = msg->data;
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }

    if (conn->state == S_READ
        && of_read_take(&conn->read, &conn->installed, type, oh,
                        conn->bridge)) {
        if (of_read_is_done(&conn->read)) {
            finish_reading(conn);
        }
        return;
    }

    switch ((int) type) {
    case OFPTYPE_ECHO_REQUEST:
        of_conn_send(conn, ofputil_encode_echo_reply(oh));
        break;

    case OFPTYPE_ERROR:
        handle_error(conn, oh);
        break;

    case OFPTYPE_FLOW_STATS_REPLY:
        handle_flow_stats(conn, oh);
        break;

    case OFPTYPE_METER_STATS_REPLY:
        if (conn->count_cb) {
            of_count_read_meters(oh, conn->count_cb, conn->count_aux);
        }
        break;

    case OFPTYPE_BUNDLE_CONTROL:
        handle_bundle_reply(conn, oh);
        break;

    case OFPTYPE_PACKET_IN:
        handle_packet_in(conn, oh);
        break;

    case OFPTYPE_PORT_STATS_REPLY:
    case OFPTYPE_METER_FEATURES_STATS_REPLY:
        if (conn->answer_cb) {
            conn->answer_cb(conn->answer_aux, oh);
        }
        break;

    default:
        /* Of no interest. */
        break;
    }
}

/* The connection was lost or made anew: what was under way is void. */
static void
restart(struct of_conn *conn)
{
    struct of_change *c;

    LIST_FOR_EACH (c, node, &conn->batch.changes) {
        if (c->want) {
            desired_mark_dirty(conn->desired, c->want);
        }
    }
    of_batch_clear(&conn->batch);
    conn->culprit = NULL;
    of_read_stop(&conn->read);
    conn->counts_xid = 0;
    conn->resync = conn->find_strays = false;
    conn->state = S_NEW;
}

/* Does what there is to do on 'conn' without blocking. */
void
of_conn_run(struct of_conn *conn)
{
    conn->hold = false;
    rconn_run(conn->rconn);
    if (conn->seqno != rconn_get_connection_seqno(conn->rconn)) {
        conn->seqno = rconn_get_connection_seqno(conn->rconn);
        restart(conn);
        if (rconn_is_connected(conn->rconn)) {
            conn->stats.connects++;
            ask_for_packets(conn);
        }
    }
    if (!rconn_is_connected(conn->rconn)) {
        return;
    }

    for (int i = 0; i < MAX_RECV; i++) {
        struct ofpbuf *msg = rconn_recv(conn->rconn);

        if (!msg) {
            break;
        }
        handle_message(conn, msg);
        ofpbuf_delete(msg);
    }

    if (conn->state == S_NEW && conn->ready) {
        start_reading(conn);
    } else if (conn->state == S_IDLE && !conn->hold) {
        run_idle(conn);
    }
    rconn_run(conn->rconn);
}

/* Has the poll loop wake up when of_conn_run() has something to do. */
void
of_conn_wait(struct of_conn *conn)
{
    rconn_run_wait(conn->rconn);
    rconn_recv_wait(conn->rconn);
    if (rconn_is_connected(conn->rconn)
        && ((conn->state == S_NEW && conn->ready)
            || (conn->state == S_IDLE
                && (conn->resync || conn->done_mark != conn->mark
                    || !ovs_list_is_empty(&conn->desired->dirty))))) {
        poll_immediate_wake();
    }
}

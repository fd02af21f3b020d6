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
 * bridge is known to have.  What it has in it, and what becomes of that, is in
 * of-conn-change.c. */

#include <config.h>
#include "ovs-bridge/of-conn-private.h"
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
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(of_conn);

COVERAGE_DEFINE(of_conn_poll);
COVERAGE_DEFINE(of_conn_read_back);

/* Seconds of silence before a probe, and the longest wait between attempts to
 * connect: the bridge is on this machine. */
#define PROBE_INTERVAL 5
#define MAX_BACKOFF 1

/* Messages taken from the bridge in one run. */
#define MAX_RECV 50

static void
of_conn_send(struct of_conn *conn, struct ofpbuf *msg)
{
    rconn_send(conn->rconn, msg, NULL);
}

/* Sends and takes all of 'messages', "struct ofpbuf"s. */
void
of_conn_send_all(struct of_conn *conn, struct ovs_list *messages)
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
tell_of_counts(const struct of_conn *conn, enum of_count_event event)
{
    if (conn->count_cb) {
        conn->count_cb(conn->count_aux, &(struct of_count) { .event = event });
    }
}

static void
start_reading(struct of_conn *conn)
{
    struct ovs_list requests = OVS_LIST_INITIALIZER(&requests);

    COVERAGE_INC(of_conn_read_back);
    conn->resync = false;
    tell_of_counts(conn, OF_COUNT_READING);
    of_read_start(&conn->read, &conn->installed, &requests);
    of_conn_send_all(conn, &requests);
    conn->state = S_READ;
}

/* Has every desired item compared with what was read. */
static void
finish_reading(struct of_conn *conn)
{
    struct desired_item *item;

    tell_of_counts(conn, OF_COUNT_READ);
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

/* Receiving. */

static void
handle_error(struct of_conn *conn, const struct ofp_header *oh)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    enum ofperr error = ofperr_decode_msg(oh, NULL);

    if (conn->state != S_BUSY || !of_conn_hear_error(conn, oh->xid, error)) {
        VLOG_WARN_RL(&rl, "%s: unexpected OpenFlow error %s", conn->bridge,
                     ofperr_to_string(error));
    }
}

static void
handle_bundle_reply(struct of_conn *conn, const struct ofp_header *oh)
{
    struct ofputil_bundle_ctrl_msg bc;

    if (conn->state == S_BUSY && oh->xid == conn->commit_xid
        && !ofputil_decode_bundle_ctrl(oh, &bc)
        && bc.type == OFPBCT_COMMIT_REPLY) {
        of_conn_finish_change(conn, true);
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
        if (conn->resync) {
            start_reading(conn);
        } else {
            of_conn_change(conn);
        }
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

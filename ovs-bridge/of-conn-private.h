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

#ifndef OF_CONN_PRIVATE_H
#define OF_CONN_PRIVATE_H 1

/* What of-conn.c and of-conn-change.c share. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-errors.h"
#include "openvswitch/types.h"
#include "ovs-bridge/installed.h"
#include "ovs-bridge/of-batch.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/of-count.h"
#include "ovs-bridge/of-read.h"

struct desired;
struct ovs_list;
struct rconn;

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

/* of-conn.c */
void of_conn_send_all(struct of_conn *, struct ovs_list *messages);

/* of-conn-change.c */
void of_conn_change(struct of_conn *);
bool of_conn_hear_error(struct of_conn *, ovs_be32 xid, enum ofperr);
void of_conn_finish_change(struct of_conn *, bool committed);

#endif /* of-conn-private.h */

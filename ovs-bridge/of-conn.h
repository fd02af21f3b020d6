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

#ifndef OF_CONN_H
#define OF_CONN_H 1

/* The OpenFlow connection to one bridge, and the only writer of its flows,
 * groups and meters.
 *
 * Brings the bridge in step with a "struct desired".  After each (re)connect
 * it first reads back what is installed and sends only the difference, never
 * a flush.  Every change is one atomic, ordered bundle (OpenFlow 1.5, section
 * 7.3.9), between the meters that it needs and those that it needs no longer.
 * An item that the switch refuses is found by its xid, set aside with its
 * error, and the rest is sent again. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/ofp-port.h"
#include "ovs-bridge/of-count.h"

struct desired;
struct ofp_header;
struct ofputil_packet_in;
struct ds;
struct ofpbuf;

struct of_conn;

struct of_conn *of_conn_create(const char *bridge, const char *target,
                               struct desired *);
void of_conn_destroy(struct of_conn *);

void of_conn_run(struct of_conn *);
void of_conn_wait(struct of_conn *);

/* Nothing is sent (and nothing deleted) before this: the first snapshot of
 * the databases must be complete.  Called again, it does nothing. */
void of_conn_set_ready(struct of_conn *);

/* Barriers: returns a number; of_conn_in_step() is true once everything that
 * was dirty when that number was handed out stands in the bridge (or was
 * refused and set aside). */
uint64_t of_conn_mark(struct of_conn *);
bool of_conn_in_step(const struct of_conn *, uint64_t mark);

/* Packets that flows send to the agent, by OFPT_PACKET_IN. */
typedef void of_conn_packet_in_cb(void *aux,
                                  const struct ofputil_packet_in *);
void of_conn_set_packet_in_cb(struct of_conn *, of_conn_packet_in_cb *,
                              void *aux);

/* Statistics: each part of an answer to what was asked goes to the callback,
 * which must tell by its type what it is about. */
typedef void of_conn_answer_cb(void *aux, const struct ofp_header *);
void of_conn_set_answer_cb(struct of_conn *, of_conn_answer_cb *, void *aux);
bool of_conn_ask(struct of_conn *, struct ofpbuf *request);

/* Counters, see of-count.h. */
void of_conn_set_count_cb(struct of_conn *, of_count_cb *, void *aux);
void of_conn_poll_counts(struct of_conn *);

bool of_conn_is_connected(const struct of_conn *);
void of_conn_resync(struct of_conn *);      /* Read back and diff again. */
void of_conn_status(const struct of_conn *, struct ds *);

/* Sends a packet by OFPT_PACKET_OUT ('ofpacts' decide where to) as if it came
 * from 'in_port', OFPP_CONTROLLER for the agent's own; false if not
 * connected. */
bool of_conn_packet_out(struct of_conn *, ofp_port_t in_port,
                        const void *packet, size_t len,
                        const struct ofpbuf *ofpacts);

/* Counters, for tests and benchmarks; never reset. */
struct of_conn_stats {
    unsigned long long flow_mods;   /* Flow mods sent. */
    unsigned long long group_mods;  /* Group mods sent. */
    unsigned long long meter_mods;  /* Meter mods sent. */
    unsigned long long bundles;     /* Bundles committed. */
    unsigned long long refused;     /* Items set aside. */
    unsigned long long connects;    /* Times connected. */
    unsigned long long polls;       /* Answers to of_conn_poll_counts(). */
    bool no_meters;                 /* The bridge has none, as it said last. */
};
void of_conn_get_stats(const struct of_conn *, struct of_conn_stats *);

#endif /* of-conn.h */

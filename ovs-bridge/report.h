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

#ifndef REPORT_H
#define REPORT_H 1

/* The only writer of this host's rows in the DVS database: what the host is
 * (Host, Physical_NIC), how it fares with each switch (Proxy_State), the NICs
 * on it with the state of their ports (Port_State), and how often traffic
 * rules have matched (Rule_State).
 *
 * A row of Port_State is also a NIC's claim to a port. */

#include <stdbool.h>
#include <stdint.h>
#include "sset.h"

struct ds;
struct dvsrec_port_state;
struct host_view_db;
struct local_view;
struct ovsdb_idl;
struct ovsdb_idl_index;
struct ovsdb_idl_txn;
struct pnics;
struct proxies;
struct proxy;

struct report {
    struct ovsdb_idl *idl;      /* The DVS database.  Not owned. */
    char *host;                 /* Name of this host. */
    char *hostname;             /* What it calls itself. */
    struct ovsdb_idl_index *nic_by_name;    /* Physical_NIC: name. */
    struct ovsdb_idl_index *state_by_switch;    /* Proxy_State: switch. */
    struct ovsdb_idl_index *port_by_nic;    /* Port_State: kind, nic. */
    struct ovsdb_idl_index *port_by_kind;   /* Port_State: kind. */

    /* Work. */
    bool all;                   /* Compare every row. */
    bool host_dirty;            /* The row of table Host. */
    struct sset dirty_nics;     /* Ids of virtual NICs. */
    struct sset not_yet;        /* Of 'dirty_nics': to be looked at again
                                 * in the next run. */
    struct sset dirty_pnics;    /* Names of physical NICs. */
    int64_t applied_cfg;        /* To be reported as carried out. */
    long long int next_heartbeat;   /* When, in ms of time_msec(). */
    long long int next_stats;   /* Likewise. */
    long long int wake;         /* When some row is due; LLONG_MAX: never. */

    /* Heartbeats of ours, to tell those of others. */
    int64_t heartbeat;          /* Last value we wrote, or 0. */
    int64_t heartbeat_before;   /* The one before. */
    bool beat;                  /* One is being written; cleared by the
                                 * caller of report_run(). */
    int padding;                /* How much larger than it needs to be the
                                 * transaction is made, in bytes. */
    bool rivalry;               /* Others write it, too; said once. */
};

/* What a report is made from. */
struct report_ctx {
    struct proxies *proxies;
    const struct host_view_db *views;
    const struct local_view *local;
    const struct pnics *pnics;
    const struct smap *partners;    /* NIC -> its LACP neighbour. */
    long long int rolled_back;  /* When the last rollback was, in ms since the
                                 * epoch. */
    bool settled;               /* The local database is as it should be. */
    long long int now;          /* time_msec() */
    long long int wall;         /* time_wall_msec() */
    struct ovsdb_idl_txn *txn;
};

void report_init(struct report *, struct ovsdb_idl *, const char *host);
void report_destroy(struct report *);
void report_track(struct report *, struct proxies *);
void report_note_local(struct report *, const struct local_view *,
                       struct pnics *);
void report_run(struct report *, const struct report_ctx *);
void report_wait(const struct report *);
bool report_withdraw(struct report *);

/* report-switch.c */
void report_proxy_run(struct report *, const struct report_ctx *,
                      struct proxy *);
void report_format_beacon_fault(const struct proxy *, int id, struct ds *);

/* report-port.c */
void report_ports_run(struct report *, const struct report_ctx *);

/* report-statistics.c */
void report_poll_statistics(const struct report_ctx *);
void report_statistics(struct report *, const struct report_ctx *);
bool report_last_statistics(const struct dvsrec_port_state *,
                            const struct report_ctx *);

/* report-learned.c */
void report_poll_learned(const struct report_ctx *);
void report_learned(struct report *, const struct report_ctx *);

/* report-rules.c */
void report_poll_rules(const struct report_ctx *);
void report_rules(struct report *, const struct report_ctx *);

#endif /* report.h */

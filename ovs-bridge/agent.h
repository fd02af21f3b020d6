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

#ifndef AGENT_H
#define AGENT_H 1

/* The agent of one host: all that it knows and does, in one struct.
 *
 * Several agents may live in one process.  The caller provides the time. */

#include <stdbool.h>
#include <stdint.h>
#include "ovs-bridge/confirm.h"
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/lacp-partners.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-sync.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovs-bridge/report.h"
#include "ovsdb-idl.h"

struct ds;
struct host_cache_writer;
struct simap;

/* How the agent was started. */
struct agent_options {
    char *ovs_db;               /* Local database. */
    char *dvs_db;               /* DVS database, or NULL to ask the local
                                 * one for it. */
    char *host;                 /* Name of this host, likewise. */
    char *state_dir;            /* Where the host cache is, or NULL for the
                                 * default. */
    bool dummy;                 /* No kernel devices. */
};

struct agent {
    struct agent_options options;   /* Strings are not owned. */

    /* The host. */
    struct ovsdb_idl_loop ovs;  /* The local database. */
    struct ovsdb_idl_txn *ovs_txn;  /* Open for writing, or NULL. */
    struct local_view local;
    struct pnics pnics;
    struct lacp_partners partners;

    /* The DVS database; not connected as long as 'host' is NULL. */
    char *host;                 /* Name of this host. */
    char *remote;               /* Remotes of the database. */
    struct ovsdb_idl_loop dvs;
    struct ovsdb_idl_txn *dvs_txn;  /* Open for writing, or NULL. */
    struct host_view_db views;
    struct report report;

    /* Which of its rows the host works with; see agent-config.c. */
    struct confirm confirm;
    long long int rolled_back_wall; /* When the last rollback was, in ms since
                                     * the epoch, or 0. */
    bool reconnect;             /* To get a new session once all stands. */
    uint64_t probed;            /* Change that changed an MTU, and for which
                                 * there has been a new session, or... */
    long long int probe_at;     /* ...will be, at this time in ms; or 0. */
    long long int opened;       /* When 'host' was found out, in ms. */
    char *cache_file;
    struct host_cache_writer *cache;
    uint64_t cached_seqno;      /* Of the rows, when they were written. */
    long long int next_cache;   /* When they may be again, in ms. */
    long long int wall;         /* Time of day of the current run, in ms. */

    /* What is made of it. */
    struct proxies proxies;
    struct ovs_sync sync;
    bool ready;                 /* The local database has been read, and the
                                 * other one or the host cache. */
    bool headless;              /* It was the cache. */
    bool just_read;             /* That was just now. */
    bool recompute;             /* Look at everything again. */
    bool restoring;             /* Flows are being put back that were saved
                                 * before ovs-vswitchd was restarted. */

    /* The barrier: DVS_Global.controller_cfg is acknowledged once everything
     * that was there with it stands. */
    bool barrier;               /* One is under way. */
    int64_t barrier_cfg;        /* What it will acknowledge. */

    /* Leaving the host, see agent_leave(). */
    bool leaving;               /* It is under way. */
    bool withdrawn;             /* Our rows in the DVS database are gone. */
    long long int leave_by;     /* When to give up on that database, in ms;
                                 * 0 at first. */
    bool done;                  /* Nothing is left to do. */
};

struct agent *agent_create(const struct agent_options *);
void agent_destroy(struct agent *);
void agent_run(struct agent *, long long int now, long long int wall);
void agent_wait(struct agent *);
void agent_leave(struct agent *);
void agent_get_memory_usage(const struct agent *, struct simap *);

/* agent-adopt.c */
bool agent_adopt_bridges(struct agent *);

/* agent-flows.c */
void agent_compile(struct proxy *);
void agent_run_conn(struct agent *, struct proxy *);
void agent_follow_restore(struct agent *, const struct ovsrec_open_vswitch *);

/* agent-config.c */
void agent_config_open(struct agent *, long long int now, long long int wall);
void agent_config_close(struct agent *);
bool agent_config_is_ready(struct agent *, long long int now);
void agent_config_take(struct agent *, long long int now);
void agent_config_run(struct agent *, bool stands, long long int now,
                      long long int wall);
void agent_config_save(struct agent *, long long int now, long long int wall);
void agent_config_wait(const struct agent *);
void agent_config_show(const struct agent *, struct ds *);

/* agent-debug.c */
void agent_debug_register(struct agent *);

#endif /* agent.h */

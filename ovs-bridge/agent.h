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
#include "ovs-bridge/host-view-db.h"
#include "ovs-bridge/local-view.h"
#include "ovs-bridge/ovs-sync.h"
#include "ovs-bridge/pnic.h"
#include "ovs-bridge/proxy.h"
#include "ovs-bridge/report.h"
#include "ovsdb-idl.h"

struct simap;

/* How the agent was started. */
struct agent_options {
    char *ovs_db;               /* Local database. */
    char *dvs_db;               /* DVS database, or NULL to ask the local
                                 * one for it. */
    char *host;                 /* Name of this host, likewise. */
    bool dummy;                 /* No kernel devices. */
};

struct agent {
    struct agent_options options;   /* Strings are not owned. */

    /* The host. */
    struct ovsdb_idl_loop ovs;  /* The local database. */
    struct ovsdb_idl_txn *ovs_txn;  /* Open for writing, or NULL. */
    struct local_view local;
    struct pnics pnics;

    /* The DVS database; not connected as long as 'host' is NULL. */
    char *host;                 /* Name of this host. */
    char *remote;               /* Remotes of the database. */
    struct ovsdb_idl_loop dvs;
    struct ovsdb_idl_txn *dvs_txn;  /* Open for writing, or NULL. */
    struct host_view_db views;
    struct report report;

    /* What is made of it. */
    struct proxies proxies;
    struct ovs_sync sync;
    bool ready;                 /* Both databases have been read once. */
    bool just_read;             /* The DVS database, for the first time. */
    bool recompute;             /* Look at everything again. */

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

/* agent-flows.c */
void agent_compile(struct proxy *);
void agent_run_conn(struct agent *, struct proxy *);

/* agent-debug.c */
void agent_debug_register(struct agent *);

#endif /* agent.h */

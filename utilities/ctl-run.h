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

#ifndef DVSCTL_RUN_H
#define DVSCTL_RUN_H 1

/* One run of dvsctl: some commands, in one transaction.
 *
 * ctl_run() is a run with a connection to the database of its own.  A daemon
 * has one connection for many runs, and lets them go on side by side:
 *
 *     run = ctl_run_create(...);
 *     for (;;) {
 *         ovsdb_idl_run(idl);
 *         ...for each run:
 *         if (ctl_run_step(run, no other run is committing)) {
 *             ...take run->output, run->errors, run->status...
 *             ctl_run_destroy(run);
 *         }
 *         ...
 *         ctl_run_wait(run, no other run is committing);
 *         ovsdb_idl_wait(idl);
 *         poll_block();
 *     }
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "table.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-rates.h"
#include "utilities/ctl-view.h"

struct ctl_command;
struct ctl_sync;
struct dvsrec_dvs_global;
struct ovsdb_symbol_table;

/* Exit status after a mistake on the command line. */
#define EXIT_USAGE 2

/* --wait. */
enum ctl_wait {
    CTL_WAIT_NONE,              /* Until the transaction is committed. */
    CTL_WAIT_CONTROLLER,        /* ...and the controller has taken it up. */
    CTL_WAIT_HOSTS              /* ...and all connected hosts too. */
};

/* What the options of the command line say. */
struct ctl_run_options {
    const char *db;             /* --db. */
    bool leader_only;           /* --[no-]leader-only. */
    bool shuffle_remotes;       /* --[no-]shuffle-remotes. */
    bool retry;                 /* --retry. */
    bool dry_run;               /* --dry-run. */
    bool plan;                  /* --plan. */
    const char *canary;         /* --canary: names of hosts with commas, null
                                 * if not given.  Not owned. */
    bool no_canary;             /* --no-canary. */
    bool oneline;               /* --oneline. */
    bool print_wait_time;       /* --print-wait-time. */
    unsigned int timeout;       /* --timeout, in s; 0 if not given. */
    enum ctl_wait wait;         /* --wait, --no-wait. */
    struct table_style style;   /* --format and others of its kind. */
    bool format_given;          /* Whether --format (or --bare) was given. */
};

/* How far a run is. */
enum ctl_run_state {
    CTL_RUN_READING,            /* Waits for rows of the database. */
    CTL_RUN_COMMITTING,         /* Waits for the database server. */
    CTL_RUN_WAITING,            /* Waits as --wait says. */
    CTL_RUN_DONE
};

struct ctl_run {
    /* What comes out.  A caller may take away what is there at any time. */
    struct ds output;           /* For stdout. */
    struct svec errors;         /* Lines for stderr. */
    struct ds progress;         /* How far a task is, or empty. */
    int status;                 /* Exit status, once done. */

    /* Internal. */
    const struct ctl_run_options *options;
    const char *args;           /* The command line, for the comment in the
                                 * transaction. */
    struct ctl_command *commands;
    size_t n_commands;
    struct ovsdb_idl *idl;
    struct ctl_sync *sync;      /* Null if 'idl' serves this run only. */
    struct ctl_view view;
    int64_t last_event;         /* See struct dvsctl_context. */
    struct ctl_rates rates;     /* Likewise. */
    long long int again_at;     /* Likewise. */

    enum ctl_run_state state;
    long long int since;        /* When the state was entered, in ms. */
    long long int deadline;     /* In a daemon, when --timeout is over. */
    unsigned int seqno;         /* CTL_RUN_READING: the IDL's, when the
                                 * commands were last executed. */
    uint64_t ticket;            /* CTL_RUN_READING, with 'sync': what has to
                                 * be there, 0 if a change is waited for. */

    /* The attempt to carry it out, from CTL_RUN_COMMITTING on. */
    struct ovsdb_idl_txn *txn;  /* Null if there is none. */
    struct ovsdb_symbol_table *symtab;
    struct dvsctl_context ctx;
    struct ctl_touched touched;
    bool plan;                  /* Show what the commands would do, and do
                                 * nothing. */
    bool force_wait;            /* See struct dvsctl_context. */
    bool increment;             /* Whether it raises next_cfg. */
    int64_t next_cfg;           /* CTL_RUN_WAITING: to what. */
    bool controller_done;       /* CTL_RUN_WAITING: no more for the
                                 * controller. */
    bool noted;                 /* CTL_RUN_WAITING: the user knows. */
};

int ctl_run(struct ctl_command *, size_t n, const char *args,
            const struct ctl_run_options *);

struct ctl_run *ctl_run_create(struct ovsdb_idl *, struct ovsdb_idl *columns,
                               struct ctl_sync *, struct ctl_command *,
                               size_t n, const char *args,
                               const struct ctl_run_options *);
bool ctl_run_step(struct ctl_run *, bool may_execute);
void ctl_run_wait(const struct ctl_run *, bool may_execute);
void ctl_run_destroy(struct ctl_run *);

/* For ctl-prepare.c. */
void ctl_run_context_init(struct dvsctl_context *, struct ctl_run *,
                          struct ovsdb_idl_txn *, struct ovsdb_symbol_table *,
                          const struct dvsrec_dvs_global *);

#endif /* ctl-run.h */

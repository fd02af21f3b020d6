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

#ifndef CONTROLLER_H
#define CONTROLLER_H 1

/* The controller: all of its state, and one turn of its loop. */

#include <stdbool.h>
#include "controller/checkpoints.h"
#include "controller/claims.h"
#include "controller/dirty.h"
#include "controller/indexes.h"
#include "controller/inputs.h"
#include "controller/liveness.h"
#include "controller/pass.h"
#include "controller/tasks.h"
#include "ovsdb-idl.h"

struct simap;

/* Name of the OVSDB lock that makes one of several controllers the active
 * one. */
#define CONTROLLER_LOCK "dvs_controller"

/* What the database server refuses.  A transaction that it does not refuse for
 * what others have done meanwhile, it refuses each time.  The cause may be a
 * row that somebody should not have written; all others must not suffer. */
struct refusals {
    struct dirty marks;         /* What is left undone for that. */
    long long int retry_at;     /* When it is tried again, in ms. */
    long long int backoff;      /* How long that was, in ms. */
    unsigned int n;             /* Refused transactions in a row. */
    size_t part;                /* While the cause is searched for: how many
                                 * marks a pass is given.  Otherwise 0. */
    char *error;                /* What the server has said, or NULL. */
    bool go_on;                 /* Without waiting for anything. */
};

struct controller {
    struct ovsdb_idl_loop loop; /* The database. */
    struct indexes ix;
    struct inputs inputs;
    struct liveness liveness;
    struct claims claims;
    struct checkpoints checkpoints;
    struct tasks tasks;
    struct leftovers leftovers;

    struct dirty pending;       /* What is to be looked at. */
    struct dirty in_flight;     /* What the transaction that is on its way
                                 * results from; looked at again if it
                                 * fails. */
    bool active;                /* Holds the lock and knows the database. */
    unsigned int seqno_without_lock; /* Of the IDL, when it last had none. */
    bool fresh;                 /* No pass since it became active. */
    unsigned int n_failures;    /* Transactions that failed in a row. */
    long long int retry_at;     /* When to try again, in ms. */
    struct refusals refusals;
    struct event_list untold;   /* Events that may not have been written when
                                 * the lock was lost. */
};

void controller_init(struct controller *, const char *remote);
void controller_destroy(struct controller *);
void controller_run(struct controller *);
void controller_wait(struct controller *);
void controller_get_memory_usage(struct simap *, void *controller);

/* debug.c */
void debug_register(struct controller *);

#endif /* controller.h */

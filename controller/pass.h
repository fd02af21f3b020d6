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

#ifndef PASS_H
#define PASS_H 1

/* One pass over what is dirty, within one transaction.
 *
 * The order is that of causes: switches, portgroups and their ports, hosts
 * and their uplinks, what these have to reserve, claims, ports, NICs, and last
 * the rows for the hosts:
 *
 *     dirty -> switches.c -> portgroups.c -> hosts.c -> pools.c -> claims.c
 *           -> ports.c -> binder.c -> slots.c -> events.c, global.c
 *           -> transaction
 *
 * Looking at an object may mark others, also of a kind that comes earlier:
 * the pass goes on until nothing is marked.  Then comes the next task
 * (tasks.h), if there is one, and the same again for what it has changed; at
 * the end the new state of each switch that has changed (checkpoints.h).
 * Every concern decides from the rows as they are and never from what changed
 * in them, so that looking at an object once more, or at all of them, does no
 * harm and yields the same. */

#include <stdbool.h>
#include <stdint.h>
#include "controller/budgets.h"
#include "controller/dirty.h"
#include "controller/faults.h"
#include "controller/indexes.h"
#include "controller/view.h"

struct checkpoints;
struct claims;
struct liveness;
struct rollouts;
struct tasks;

/* Objects with ports that should be gone, but that NICs ask for in vain:
 * looked at again when NICs change. */
struct leftovers {
    struct sset hosts;          /* Names of hosts, for their uplink ports. */
    struct uuidset portgroups;
    struct uuidset ports;       /* That were made for a NIC. */
    struct uuidset switches;    /* For their standalone ports. */
};
void leftovers_init(struct leftovers *);
void leftovers_destroy(struct leftovers *);
void leftovers_clear(struct leftovers *);
void leftovers_mark(struct leftovers *, struct dirty *);

struct pass {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;
    const struct indexes *ix;
    struct dirty *dirty;        /* What is left to look at. */
    struct view *view;          /* Model objects read in this pass. */
    struct faults *faults;      /* Faults found in this pass. */
    struct event_list *events;  /* Events of this pass. */
    const struct liveness *liveness;    /* Which hosts are connected. */
    struct claims *claims;      /* Memory of claims (claims.h). */
    struct checkpoints *checkpoints;    /* Memory of checkpoints. */
    struct tasks *tasks;        /* Memory of tasks (tasks.h). */
    struct rollouts *rollouts;  /* Those that go on (rollouts.h). */
    struct leftovers *leftovers;    /* Kept from pass to pass. */
    struct uuidset *own;        /* Rows that are inserted in this pass, or are
                                 * made about something else (inputs.h). */
    bool raised;                /* next_cfg has been raised (global.c). */
    bool partial;               /* Others are to follow before all has been
                                 * looked at that was to be. */
    bool more_tasks;            /* Tasks are left for the next pass. */
    struct uuidset unhappy;     /* NICs found in this pass not to get what
                                 * they ask for (binder.c). */
    struct sset crowded;        /* What was told in this pass of NICs for
                                 * which a host has no room (room.c). */
    struct smap admitted;       /* "HOST NIC" -> "yes" or "no": whether a host
                                 * with a maximum of NICs was found to have
                                 * room for it in this pass (slots.c). */
    struct budgets budgets;     /* Sums of reservations (budgets.h). */
    struct sset refused;        /* "HOST NIC": hosts found in this pass not to
                                 * have the bandwidth (slots.c). */
    long long int now;          /* Monotonic, in ms. */
    long long int wall;         /* Since the epoch, in ms. */
    bool trigger;               /* Report what is found to have happened;
                                 * false when everything is looked at for the
                                 * first time. */
};

void pass_run(struct pass *);
void pass_mark_all(const struct ovsdb_idl *, struct dirty *);

/* The highest number of an event or a checkpoint that leaves room for more. */
#define SEQUENCE_MAX (INT64_MAX / 2)

/* Returns the number that comes after 'n'.  There is none after the last one,
 * which only somebody else can have written: it stays.  What the schema does
 * not allow would have the whole transaction refused, again and again. */
static inline int64_t
next_number(int64_t n)
{
    return n < INT64_MAX ? n + 1 : n;
}

#endif /* pass.h */

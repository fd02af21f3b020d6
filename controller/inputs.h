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

#ifndef INPUTS_H
#define INPUTS_H 1

/* From changes in the database to marks on what is dirty.
 *
 * Turns each change that the IDL has tracked into marks (dirty.h), into new
 * versions of what clients configured, and into the events that tell of
 * it. */

#include <stdbool.h>
#include "controller/seen.h"

struct dirty;
struct indexes;
struct liveness;
struct ovsdb_idl;
struct uuidset;

struct inputs {
    struct ovsdb_idl *idl;
    const struct indexes *ix;
    bool knows_hosts;           /* The hosts that there were have been seen. */
    struct seen switches;       /* Names of switches. */
    struct seen portgroups;     /* Names of portgroups. */
    struct seen members;        /* Hosts of rows of Host_Member. */
    struct seen claims;         /* Rows of Port_State: "running" or "idle". */
    struct seen states;         /* Likewise: see inputs-state.c. */
    struct seen own;            /* Rows that the last pass inserted, or has
                                 * made about something else, itself: see
                                 * inputs-identity.c. */
};

void inputs_init(struct inputs *, struct ovsdb_idl *, const struct indexes *);
void inputs_destroy(struct inputs *);
void inputs_start(struct inputs *, struct dirty *);
void inputs_collect(struct inputs *, struct dirty *);

/* inputs-state.c. */
void inputs_hear(struct inputs *, struct liveness *, struct dirty *,
                 long long int now);
/* For inputs.c only. */
void inputs_start_states(struct inputs *);
void inputs_collect_states(struct inputs *, struct dirty *);

/* inputs-identity.c; the first one, likewise. */
void inputs_collect_identities(struct inputs *, struct dirty *);
void inputs_note_own(struct inputs *, const struct uuidset *);

#endif /* inputs.h */

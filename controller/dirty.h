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

#ifndef DIRTY_H
#define DIRTY_H 1

/* PURE: what has changed and must be looked at again.
 *
 * Objects are named by their identity, never by a pointer, since an object
 * may be gone when its turn comes: then looking at it means to take back what
 * followed from it.
 *
 * A pass (pass.h) takes marks out one at a time; looking at one object may
 * mark others.  The marks with which a pass began are kept until its
 * transaction has been committed, so that a failure loses none of them. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "smap.h"
#include "sset.h"
#include "uuidset.h"
#include "controller/event-list.h"

/* Objects that are marked by the UUID of their row.  The second part only says
 * more of an object that is marked anyway. */
enum dirty_kind {
    DIRTY_SWITCH,               /* A Switch. */
    DIRTY_PORTGROUP,            /* A Portgroup. */
    DIRTY_PORT,                 /* A Port. */
    DIRTY_VNIC,                 /* A VNIC. */

    DIRTY_PORTS_OF_SWITCH,      /* A Switch on which the faults of its ports
                                 * depend in another way than before. */
    DIRTY_PORTS_OF_PORTGROUP,   /* Likewise a Portgroup. */
    DIRTY_NAMES_OF_SWITCH,      /* A Switch in which claims may not find the
                                 * portgroup that they name any more. */
    DIRTY_COUNT_SWITCH,         /* A Switch whose port_count may not be what
                                 * those of its portgroups add up to. */
    DIRTY_COUNT_PORTGROUP,      /* A Portgroup whose port_count may not be
                                 * true. */
    DIRTY_RAISE_SWITCH,         /* A Switch whose config_version rises. */
    DIRTY_RAISE_PORTGROUP,      /* Likewise a Portgroup. */
    DIRTY_RAISE_PORT,           /* Likewise a Port. */
    DIRTY_FINAL,                /* A Port_State with final_statistics. */
    DIRTY_TRIM_PORTGROUP,       /* A Portgroup whose num_ports was changed. */
    DIRTY_CHECKPOINT,           /* A Switch whose last checkpoint may not be
                                 * what it is now. */
    DIRTY_BUDGET,               /* A Switch whose budget of reservations may
                                 * not be what is published. */
    DIRTY_HOST_BUDGET,          /* Likewise a Host_Member. */
    DIRTY_RAISE_POOL,           /* A Resource_Pool whose config_version
                                 * rises. */
    DIRTY_N_KINDS
};

/* A place for a NIC: a port, by the identity that hosts know it by. */
struct dirty_slot {
    struct hmap_node node;      /* In struct dirty's 'slots'. */
    struct uuid switch_;        /* The Switch's row. */
    char *key;                  /* The port's key. */
};

struct dirty {
    bool full;                  /* Everything there is. */
    bool global;                /* DVS_Global, or an acknowledgement. */
    bool rbac;                  /* The access control of agents. */
    bool unsupported;           /* Some row of a feature to come. */
    bool tasks;                 /* Some Task, or what one depends on. */
    bool rollbacks;             /* What hosts have taken back. */
    struct uuidset uuids[DIRTY_N_KINDS];
    struct sset hosts;          /* Names of hosts: members and status. */
    struct smap claims;         /* NIC's id -> the host on which it was seen
                                 * to begin running, or "". */
    struct smap released;       /* UUID of a Port whose NIC has been deleted
                                 * -> the NIC's id, or "" if not known. */
    struct hmap slots;          /* Contains "struct dirty_slot"s. */
    struct event_list events;   /* What clients' changes are to be told of. */
};

void dirty_init(struct dirty *);
void dirty_destroy(struct dirty *);
void dirty_clear(struct dirty *);
bool dirty_is_empty(const struct dirty *);
void dirty_merge(struct dirty *dst, const struct dirty *src);
size_t dirty_move(struct dirty *dst, struct dirty *src, size_t n);

bool dirty_mark(struct dirty *, enum dirty_kind, const struct uuid *);
bool dirty_pop(struct dirty *, enum dirty_kind, struct uuid *);
bool dirty_take(struct dirty *, enum dirty_kind, const struct uuid *);
void dirty_mark_host(struct dirty *, const char *host);
char *dirty_pop_host(struct dirty *);
void dirty_mark_claim(struct dirty *, const char *nic, const char *host);
bool dirty_pop_claim(struct dirty *, char **nic, char **host);
void dirty_mark_released(struct dirty *, const struct uuid *port,
                         const char *nic);
char *dirty_take_released(struct dirty *, const struct uuid *port);
bool dirty_pop_released(struct dirty *, struct uuid *port, char **nic);
void dirty_mark_slot(struct dirty *, const struct uuid *switch_,
                     const char *key);
struct dirty_slot *dirty_pop_slot(struct dirty *);
void dirty_slot_destroy(struct dirty_slot *);

#endif /* dirty.h */

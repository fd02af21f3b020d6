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

#ifndef BINDING_H
#define BINDING_H 1

/* PURE: the rules by which NICs get ports and portgroups get them to give.
 *
 * Only decisions: binder.c and ports.c carry them out on rows. */

#include <stdbool.h>
#include <stddef.h>

/* Ports that a portgroup with auto_expand grows by when a NIC finds none
 * (vSphere's user interface: "increased by eight at a time"), and free ports
 * that it keeps when it shrinks again. */
#define BINDING_GROWTH 8

/* Free ports above which a portgroup that has grown shrinks again.  Twice
 * the growth, so that a NIC that comes and goes does not make ports come and
 * go with it. */
#define BINDING_SLACK (2 * BINDING_GROWTH)

/* What is known of a NIC's wish and of what it has. */
struct binding_ask {
    bool asks_portgroup;        /* Any port of a portgroup. */
    bool asks_port;             /* One certain port. */
    bool uplink;                /* What is asked for is for uplinks. */
    bool no_choice;             /* The certain port cannot be chosen. */
    bool when_plugged;          /* The portgroup has ports for plugged NICs
                                 * only (late binding, ephemeral). */
    bool made_to_order;         /* It makes one for each (ephemeral). */
    bool plugged;               /* The NIC is on some host. */
    bool has_port;              /* The NIC is connected, rightfully. */
    bool port_fits;             /* ...to what it asks for. */
    bool port_in_conflict;      /* ...to a conflict port. */
    bool port_taken;            /* The certain port has another NIC. */
    bool free_port;             /* The portgroup has a free port... */
    bool can_grow;              /* ...or can make one. */
};

enum binding {
    BINDING_NONE,               /* Asks for nothing: is disconnected. */
    BINDING_KEEP,               /* Has what it asks for. */
    BINDING_TAKE,               /* Gets the port, or a free one. */
    BINDING_GROW,               /* Gets a port once there are more. */
    BINDING_MAKE,               /* Gets a port that is made for it. */
    BINDING_WAIT,               /* Gets one when it is plugged, not before: is
                                 * disconnected. */
    BINDING_AMBIGUOUS,          /* Asks for both: keeps what it has. */
    BINDING_UPLINK,             /* Asks for an uplink's: keeps... */
    BINDING_NO_CHOICE,          /* Asks for a port that it cannot choose:
                                 * keeps... */
    BINDING_TAKEN,              /* Asks for another's port: keeps... */
    BINDING_CONFLICT,           /* Likewise, but is plugged and has nothing to
                                 * keep: gets a conflict port. */
    BINDING_FULL                /* None is free: keeps what it has. */
};
enum binding binding_decide(const struct binding_ask *);
bool binding_connects(enum binding);

/* What a portgroup, or a switch for its standalone ports, has and wants. */
struct binding_pool {
    int num_ports;              /* What is configured. */
    bool ephemeral;             /* Has a port for each NIC, no more. */
    bool auto_expand;           /* May have more than configured. */
    bool trim;                  /* ...but now num_ports was set anew. */
    int n_ports;                /* Ports that exist. */
    int n_free;                 /* Of these, without a NIC, and not asked
                                 * for by one. */
};
int binding_pool_change(const struct binding_pool *, bool *stuck);

/* A host's claim on a NIC. */
struct binding_claim {
    const char *host;           /* Host's name. */
    bool member;                /* It is a member of the switch that it says
                                 * the NIC is on. */
    bool running;               /* The NIC's machine runs there. */
    bool ended;                 /* The NIC is there no more. */
};
const struct binding_claim *binding_active_claim(
    const struct binding_claim *, size_t n, const char *latest,
    const char *current);

#endif /* binding.h */

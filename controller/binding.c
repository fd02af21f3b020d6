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

/* PURE: the rules by which NICs get ports; see binding.h. */

#include <config.h>

#include "controller/binding.h"

#include <string.h>

#include "util.h"

/* Decides what becomes of the NIC described by 'ask'.
 *
 * A NIC that cannot get what it asks for keeps what it has: as in vSphere, a
 * reconfiguration that fails changes nothing.
 *
 * A NIC that is plugged and claims a port that another one has rightfully gets
 * a conflict port instead, as long as it has nothing better (vSphere's
 * DistributedVirtualPort.conflict). */
enum binding
binding_decide(const struct binding_ask *ask)
{
    if (ask->asks_portgroup && ask->asks_port) {
        return BINDING_AMBIGUOUS;
    } else if (!ask->asks_portgroup && !ask->asks_port) {
        return BINDING_NONE;
    } else if (ask->uplink) {
        return BINDING_UPLINK;
    } else if (ask->no_choice) {
        return BINDING_NO_CHOICE;
    } else if (ask->when_plugged && !ask->plugged) {
        return BINDING_WAIT;
    } else if (ask->has_port && ask->port_fits) {
        return BINDING_KEEP;
    } else if (ask->asks_port && ask->port_taken) {
        return (!ask->plugged || (ask->has_port && !ask->port_in_conflict)
                ? BINDING_TAKEN : BINDING_CONFLICT);
    } else if (ask->asks_port) {
        return BINDING_TAKE;
    } else if (ask->made_to_order) {
        return ask->can_grow ? BINDING_MAKE : BINDING_FULL;
    } else if (ask->free_port) {
        return BINDING_TAKE;
    } else {
        return ask->can_grow ? BINDING_GROW : BINDING_FULL;
    }
}

/* Returns true if 'binding' has the NIC connected to what it asks for, or to a
 * conflict port instead. */
bool
binding_connects(enum binding binding)
{
    return (binding == BINDING_KEEP || binding == BINDING_TAKE
            || binding == BINDING_GROW || binding == BINDING_MAKE
            || binding == BINDING_CONFLICT);
}

/* Returns how many ports to make (positive) or to delete (negative) in
 * 'pool'.
 *
 * A pool that may have more ports than configured keeps what it has grown by
 * until too much of that is free, but when the number is set anew, what is
 * free beyond it goes at once.  The answer to the state that results is no
 * change, whatever led to it.
 *
 * '*stuck' becomes true if there are more ports than configured, may not be,
 * and too few of them are free; then nothing is to be changed, as vSphere
 * refuses to lower numPorts below what is connected.
 *
 * An ephemeral pool does not heed its number: what is free in it goes. */
int
binding_pool_change(const struct binding_pool *pool, bool *stuck)
{
    int excess = pool->n_ports - pool->num_ports;

    *stuck = false;
    if (pool->ephemeral) {
        return -pool->n_free;
    } else if (excess <= 0) {
        return -excess;
    } else if (pool->auto_expand && pool->trim) {
        return -MIN(excess, pool->n_free);
    } else if (pool->auto_expand) {
        return (pool->n_free > BINDING_SLACK
                ? -MIN(excess, pool->n_free - BINDING_GROWTH)
                : 0);
    } else if (excess > pool->n_free) {
        *stuck = true;
        return 0;
    } else {
        return -excess;
    }
}

/* Returns the one of the 'n' 'claims' on a NIC whose host delivers to it, or
 * NULL if there is none.
 *
 * A host that the NIC has left goes last.  A host that is no member of the
 * switch goes after all that are: it could claim anything.  During a migration
 * there are two.  A host on which the machine runs goes before one on which it
 * does not.  Among equals, the host 'latest', on which the machine was last
 * seen to begin running ("" if that is not known), goes first, then the host
 * 'current' (NULL if there is none), which delivers already, then the first by
 * name, so that the answer never depends on the order of 'claims'. */
const struct binding_claim *
binding_active_claim(const struct binding_claim *claims, size_t n,
                     const char *latest, const char *current)
{
    const struct binding_claim *best = NULL;
    int best_rank = 0;

    for (const struct binding_claim *c = claims; c < claims + n; c++) {
        int rank = (c->ended ? 0 : 16)
                   + (c->member ? 8 : 0)
                   + (c->running ? 4 : 0)
                   + (!strcmp(c->host, latest) ? 2 : 0)
                   + (current && !strcmp(c->host, current) ? 1 : 0);
        if (!best || rank > best_rank
            || (rank == best_rank && strcmp(c->host, best->host) < 0)) {
            best = c;
            best_rank = rank;
        }
    }
    return best;
}

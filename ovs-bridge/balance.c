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

/* PURE: load-based teaming.  See balance.h. */

#include <config.h>

#include "ovs-bridge/balance.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util.h"

static struct balance_uplink *
find_uplink(struct balance_uplink *uplinks, size_t n, int id)
{
    for (size_t i = 0; i < n; i++) {
        if (uplinks[i].id == id) {
            return &uplinks[i];
        }
    }
    return NULL;
}

/* Returns which part of its capacity 'uplink' would use with 'more' load: the
 * greater one of both ways. */
static double
usage(const struct balance_uplink *uplink, const double more[])
{
    double greatest = 0;

    for (int way = 0; way < BALANCE_N_WAYS; way++) {
        double load = uplink->load[way] + (more ? more[way] : 0);

        greatest = MAX(greatest, load / uplink->capacity);
    }
    return greatest;
}

/* Returns the uplink that 'port' would leave its own for: of its choices, the
 * one that would then be used least, if that is not above 'threshold', as its
 * own is already.  NULL if there is none. */
static struct balance_uplink *
best_choice(struct balance_uplink *uplinks, size_t n,
            const struct balance_port *port, double threshold)
{
    struct balance_uplink *best = NULL;
    double best_usage = threshold;

    for (size_t i = 0; i < port->n_choices; i++) {
        struct balance_uplink *to = find_uplink(uplinks, n, port->choices[i]);

        if (to && to->capacity > 0
            && usage(to, port->load) <= best_usage) {
            best = to;
            best_usage = usage(to, port->load);
        }
    }
    return best;
}

/* Looks for a port to take from 'from': the busiest, in the way in which
 * 'from' is busier, that fits elsewhere.  Returns false if there is none. */
static bool
find_move(struct balance_uplink *uplinks, size_t n_uplinks,
          const struct balance_uplink *from, const struct balance_port *ports,
          size_t n_ports, double threshold, struct balance_move *move)
{
    int way = from->load[BALANCE_IN] > from->load[BALANCE_OUT];
    double busiest = 0;

    for (size_t i = 0; i < n_ports; i++) {
        const struct balance_port *port = &ports[i];
        const struct balance_uplink *to;

        if (port->current != from->id || port->load[way] <= busiest) {
            continue;
        }
        to = best_choice(uplinks, n_uplinks, port, threshold);
        if (to) {
            busiest = port->load[way];
            *move = (struct balance_move) { .port = i, .uplink = to->id };
        }
    }
    return busiest > 0;
}

/* Decides which of the 'n_ports' ports are to move, given that an uplink may
 * be used up to 'threshold' (a part of its capacity).  Stores that in 'moves',
 * which has room for 'n_uplinks', and returns how many there are: at most one
 * port leaves each uplink, as in vSphere.  Loads of 'uplinks' become what they
 * are to be after that.
 *
 * No move puts an uplink above 'threshold', so that it would not be taken back
 * the next time; a port that alone is above it stays where it is. */
size_t
balance_decide(struct balance_uplink *uplinks, size_t n_uplinks,
               const struct balance_port *ports, size_t n_ports,
               double threshold, struct balance_move *moves)
{
    size_t n = 0;

    for (size_t i = 0; i < n_uplinks; i++) {
        struct balance_uplink *from = &uplinks[i];

        if (from->capacity > 0 && usage(from, NULL) > threshold
            && find_move(uplinks, n_uplinks, from, ports, n_ports, threshold,
                         &moves[n])) {
            const struct balance_port *port = &ports[moves[n].port];
            struct balance_uplink *to
                = find_uplink(uplinks, n_uplinks, moves[n].uplink);

            for (int way = 0; way < BALANCE_N_WAYS; way++) {
                from->load[way] = MAX(from->load[way] - port->load[way], 0);
                to->load[way] += port->load[way];
            }
            n++;
        }
    }
    return n;
}

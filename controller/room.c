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

/* Room: how many ports a switch may have.
 *
 * Switch.max_ports counts all ports but conflict ports: those of portgroups,
 * standalone ones, and the uplink ports of hosts.  Those that are there stay;
 * who wants more than there is room for gets none, and a fault. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>

#include "controller/pass.h"
#include "util.h"

/* Returns how many ports 's' has, conflict ports not counted (vSphere:
 * DVSConfigInfo.numPorts). */
static int64_t
count_ports(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_portgroup **portgroups;
    const struct dvsrec_port **ports;
    size_t n = portgroups_of_switch(pass->ix, s, &portgroups);
    int64_t count = 0;

    for (size_t i = 0; i < n; i++) {
        count += portgroups[i]->port_count;
    }
    free(portgroups);

    n = ports_of_portgroup(pass->ix, s, NULL, &ports);
    for (size_t i = 0; i < n; i++) {
        count += !ports[i]->conflict;
    }
    free(ports);
    return count;
}

/* Returns how many ports 's' may be given.  That takes time in proportion to
 * the number of its portgroups if it has a maximum, otherwise none. */
int64_t
room_left(struct pass *pass, const struct dvsrec_switch *s)
{
    return (s->n_max_ports
            ? MAX(0, s->max_ports[0] - count_ports(pass, s)) : INT64_MAX);
}

/* To be called when 's' has lost ports: has all looked at that may have waited
 * for room. */
void
room_made(struct pass *pass, const struct dvsrec_switch *s)
{
    if (s->n_max_ports) {
        dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    }
}

/* Returns true if 's' may be given 'n' ports.  Otherwise adds a fault for
 * 'column', which asks for them. */
bool
room_suffices(struct pass *pass, const struct dvsrec_switch *s, int64_t n,
              const char *column, struct dvs_faults *faults)
{
    if (n <= room_left(pass, s)) {
        return true;
    }
    dvs_faults_add(faults, "LimitExceeded", column,
                   "with %"PRId64" port%s more, switch \"%s\" would have "
                   "more than %"PRId64, n, n == 1 ? "" : "s", s->name,
                   s->max_ports[0]);
    return false;
}

/* Adds a fault if 's' has more ports than it may: vSphere refuses to lower
 * maxPorts below what there is. */
void
room_check(struct pass *pass, const struct dvsrec_switch *s,
           struct dvs_faults *faults)
{
    int64_t n = s->n_max_ports ? count_ports(pass, s) : 0;

    if (s->n_max_ports && n > s->max_ports[0]) {
        dvs_faults_add(faults, "LimitExceeded", "max_ports",
                       "the switch has %"PRId64" ports, more than %"PRId64,
                       n, s->max_ports[0]);
    }
}

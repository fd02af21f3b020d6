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

/* Who of a switch has a certain policy. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>

#include "controller/indexes.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Returns the key of a port of 's' in 'pg' (NULL for a standalone port) whose
 * own setting is such that 'has' says so, or NULL if there is none. */
static const char *
find_port_with(const struct indexes *ix, const struct dvsrec_switch *s,
               const struct dvsrec_portgroup *pg, policy_test *has,
               const void *aux)
{
    const struct dvsrec_port **ports;
    size_t n = ports_of_portgroup(ix, s, pg, &ports);
    const char *key = NULL;

    for (size_t i = 0; i < n && !key; i++) {
        if (has(ports[i]->setting, aux)) {
            key = ports[i]->key;
        }
    }
    free(ports);
    return key;
}

/* Returns who in 's' has by itself a setting such that 'has', called with it
 * (it may be NULL) and 'aux', returns true: in words, or NULL if nobody has.
 * The caller frees it.  Takes time in proportion to the switch. */
char *
find_policy_user(const struct indexes *ix, const struct dvsrec_switch *s,
                 policy_test *has, const void *aux)
{
    if (has(s->default_setting, aux)) {
        return xasprintf("switch \"%s\"", s->name);
    }

    const struct dvsrec_portgroup **portgroups;
    size_t n = portgroups_of_switch(ix, s, &portgroups);
    const char *port = find_port_with(ix, s, NULL, has, aux);
    char *user = NULL;

    for (size_t i = 0; i < n && !user && !port; i++) {
        if (has(portgroups[i]->setting, aux)) {
            user = xasprintf("portgroup \"%s\"", portgroups[i]->name);
        } else {
            port = find_port_with(ix, s, portgroups[i], has, aux);
        }
    }
    if (port) {
        user = xasprintf("port %s", port);
    }
    free(portgroups);
    return user;
}

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

/* PURE: Proxy_Host, compiled; see compile.h. */

#include <config.h>

#include "controller/compile.h"

#include <stdlib.h>

#include "util.h"
#include "uuid.h"

/* Frees the 'n' elements of 'uplinks'. */
void
compile_uplinks_destroy(struct compile_uplink *uplinks, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(uplinks[i].name);
        free(uplinks[i].key);
        dvs_setting_destroy(&uplinks[i].setting);
    }
    free(uplinks);
}

static void
compile_uplink(const struct compile_uplink *uplink, struct proxy_host *p)
{
    struct smap own = SMAP_INITIALIZER(&own);
    const struct smap_node *node;

    smap_add(&p->uplink_ports, uplink->name, uplink->key);
    smap_add_format(&p->uplink_portgroups, uplink->name, UUID_FMT,
                    UUID_ARGS(&uplink->portgroup));
    dvs_setting_to_smap(&uplink->setting, &own);
    SMAP_FOR_EACH (node, &own) {
        /* No key has a space in it; a name may. */
        smap_add_nocopy(&p->uplink_settings,
                        xasprintf("%s %s", node->key, uplink->name),
                        xstrdup(node->value));
    }
    smap_destroy(&own);
}

/* Compiles what the host of 'member' must realise of 's' into '*p', which the
 * caller must destroy.  'uplinks' are its 'n_uplinks' uplinks, the ports of
 * LAGs included, with their distributed ports. */
void
compile_host(const struct dvs_switch *s, const struct dvs_member *member,
             const struct compile_uplink *uplinks, size_t n_uplinks,
             struct proxy_host *p)
{
    struct svec names;
    const char *name;
    size_t i;

    smap_init(&p->uplinks);
    smap_init(&p->uplink_ports);
    smap_init(&p->uplink_portgroups);
    smap_init(&p->uplink_settings);
    p->max_ports = member->max_ports;
    dvs_switch_uplinks(s, &names);
    SVEC_FOR_EACH (i, name, &names) {
        const char *pnic = smap_get(&member->uplinks, name);

        if (pnic) {
            smap_add(&p->uplinks, name, pnic);
        }
    }
    for (i = 0; i < n_uplinks; i++) {
        compile_uplink(&uplinks[i], p);
    }
    svec_destroy(&names);
}

void
proxy_host_destroy(struct proxy_host *p)
{
    if (p) {
        smap_destroy(&p->uplinks);
        smap_destroy(&p->uplink_ports);
        smap_destroy(&p->uplink_portgroups);
        smap_destroy(&p->uplink_settings);
    }
}

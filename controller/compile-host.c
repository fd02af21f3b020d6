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

/* Compiles what the host of 'member' must realise of 's' into '*p', which the
 * caller must destroy.  'uplink_ports' maps the names of the host's uplink
 * ports, those of LAGs included, to their keys. */
void
compile_host(const struct dvs_switch *s, const struct dvs_member *member,
             const struct smap *uplink_ports, struct proxy_host *p)
{
    struct svec names;
    const char *name;
    size_t i;

    p->ring = member->ring;
    smap_init(&p->uplinks);
    smap_init(&p->uplink_ports);
    dvs_switch_uplinks(s, &names);
    SVEC_FOR_EACH (i, name, &names) {
        const char *pnic = smap_get(&member->uplinks, name);
        const char *key = smap_get(uplink_ports, name);

        if (pnic) {
            smap_add(&p->uplinks, name, pnic);
        }
        if (key) {
            smap_add(&p->uplink_ports, name, key);
        }
    }
    svec_destroy(&names);
}

void
proxy_host_destroy(struct proxy_host *p)
{
    if (p) {
        smap_destroy(&p->uplinks);
        smap_destroy(&p->uplink_ports);
    }
}

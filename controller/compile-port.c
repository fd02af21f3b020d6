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

/* PURE: Proxy_Port, compiled; see compile.h. */

#include <config.h>

#include "controller/compile.h"

#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "schema/dvs-host-nic.h"
#include "util.h"

/* Compiles what a host must realise for 'nic' on 'port' of 'pg' (NULL for a
 * standalone port) into '*p', which the caller must destroy. */
void
compile_port(const struct dvs_portgroup *pg, const struct dvs_port *port,
             const struct compile_nic *nic, struct proxy_port *p)
{
    struct dvs_setting own;

    /* A fault keeps a port from overriding what it may not.  The mask is
     * applied all the same: what a host enforces does not hang on a check
     * elsewhere. */
    dvs_setting_init(&own);
    dvs_setting_overlay(&own, &port->setting,
                        dvs_override_mask(pg ? pg->overrides : UINT32_MAX));

    p->name = xstrdup(port->name);
    p->nic = xstrdup(nic->id);
    p->kind = xstrdup(nic->kind);
    if (!nic->mac && !strcmp(nic->kind, "host")) {
        p->mac = xasprintf(ETH_ADDR_FMT,
                           ETH_ADDR_ARGS(dvs_host_nic_mac(nic->id)));
    } else {
        p->mac = xstrdup(nic->mac ? nic->mac : nic->attached_mac);
    }
    p->mtu = nic->mtu;
    p->traffic_class = (!strcmp(nic->kind, "host")
                        ? nullable_xstrdup(nic->traffic_class) : NULL);
    p->shares = strcmp(nic->kind, "host") ? nic->shares : 0;
    p->limit = strcmp(nic->kind, "host") ? nic->limit : 0;
    p->reservation = strcmp(nic->kind, "host") ? nic->reservation : 0;
    p->active = nic->active;
    p->migrating = nic->migrating;
    smap_init(&p->setting);
    dvs_setting_to_smap(&own, &p->setting);
    dvs_setting_destroy(&own);
}

void
proxy_port_destroy(struct proxy_port *p)
{
    if (p) {
        free(p->name);
        free(p->nic);
        free(p->kind);
        free(p->mac);
        free(p->traffic_class);
        smap_destroy(&p->setting);
    }
}

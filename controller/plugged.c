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

/* Plugged NICs: what depends on whether a NIC is on some host.
 *
 * A NIC keeps a port of a late-binding or ephemeral portgroup, and a conflict
 * port, only as long as it is plugged.  And a host that could not ask may have
 * made a port of an ephemeral portgroup itself; whether it stays, is for the
 * controller to say.
 *
 * Does not connect anything: that is binder.c's matter. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/claims.h"
#include "controller/compile.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-port-key.h"
#include "util.h"

/* Returns the type of 'pg' that is in force: that which hosts know, which may
 * be another than the row's if a change of it is refused. */
enum dvs_portgroup_type
portgroup_type(const struct indexes *ix, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_proxy_portgroup *proxy
        = find_proxy_portgroup(ix, &pg->header_.uuid);
    enum dvs_portgroup_type type = DVS_EARLY_BINDING;

    dvs_portgroup_type_from_string(proxy ? proxy->type : pg->type, &type);
    return type;
}

/* Returns true if 'port' was made for the NIC that it has, and goes with it.
 * Uplink ports are made for their hosts, whatever the type of their
 * portgroup. */
bool
port_is_made_for_nic(const struct indexes *ix, const struct dvsrec_port *port)
{
    return (port->conflict
            || (port->portgroup && !port->uplink_host
                && portgroup_type(ix, port->portgroup) == DVS_EPHEMERAL));
}

/* Returns true if a NIC keeps 'port' only as long as it is plugged. */
bool
port_is_for_plugged(const struct indexes *ix, const struct dvsrec_port *port)
{
    return (port->conflict
            || (port->portgroup
                && portgroup_type(ix, port->portgroup) != DVS_EARLY_BINDING));
}

/* Returns true if 'vnic' counts as plugged.  'port' is what it has, or NULL.
 *
 * A NIC of a host always does: it is made when it has a port.  One that keeps
 * its port only as long as it is plugged counts as plugged until it has been
 * missed for long enough. */
bool
nic_is_plugged(struct pass *pass, const struct dvsrec_vnic *vnic,
               const struct dvsrec_port *port)
{
    const struct dvsrec_port_state **rows;

    if (!strcmp(vnic->kind, "host")) {
        return true;
    }
    size_t n = claims_of_nic(pass->ix, vnic->id, &rows);
    bool plugged = claims_has_member(pass, rows, n);
    free(rows);
    return plugged || (port && port_is_for_plugged(pass->ix, port)
                       && !claims_is_missed(pass->claims, vnic->id));
}

/* Ports that hosts make. */

static bool
is_host_made(const struct dvsrec_port_state *claim)
{
    return (claim->n_switch_ && claim->key
            && dvs_port_key_is_host_made(claim->key));
}

/* Returns the key of the port of 's' that the host which has 'vnic' has made
 * for it, or NULL if it has made none, or not of 's'.  The caller must free
 * it. */
char *
host_made_key(struct pass *pass, const struct dvsrec_vnic *vnic,
              const struct dvsrec_switch *s)
{
    const struct dvsrec_port_state **rows;
    size_t n = claims_of_nic(pass->ix, vnic->id, &rows);
    char *key = NULL;

    for (size_t i = 0; i < n && !key; i++) {
        if (is_host_made(rows[i])
            && uuid_equals(rows[i]->switch_, &s->header_.uuid)
            && nullable_string_is_equal(rows[i]->host, vnic->claimed_by)
            && claims_has_member(pass, &rows[i], 1)
            && !find_port(pass->ix, s, rows[i]->key)) {
            key = xstrdup(rows[i]->key);
        }
    }
    free(rows);
    return key;
}

/* Has the ports looked at that hosts have made for the NIC 'nic', and those
 * that they were told not to. */
void
host_made_mark(struct pass *pass, const char *nic)
{
    const struct dvsrec_port_state **claims;
    const struct dvsrec_proxy_port **proxies;

    size_t n = claims_of_nic(pass->ix, nic, &claims);
    for (size_t i = 0; i < n; i++) {
        if (is_host_made(claims[i])) {
            dirty_mark_slot(pass->dirty, claims[i]->switch_, claims[i]->key);
        }
    }
    free(claims);

    n = proxy_ports_of_nic(pass->ix, nic, &proxies);
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(proxies[i]->kind, "none")) {
            dirty_mark_slot(pass->dirty, &proxies[i]->switch_,
                            proxies[i]->key);
        }
    }
    free(proxies);
}

/* Returns true if the host of 'claim' is granted a port for its NIC. */
static bool
is_granted(struct pass *pass, const struct dvsrec_port_state *claim)
{
    const struct dvsrec_vnic *vnic = find_vnic(pass->ix, claim->nic);
    const struct dvsrec_port *port = vnic ? vnic->connection : NULL;

    return (port && row_exists(&port->header_) && dvs_port_is_mutual(port)
            && port->connectee == vnic
            && uuid_equals(claim->switch_, &port->switch_->header_.uuid)
            && room_on_host(pass, claim->host, claim->switch_, claim->nic));
}

/* Has each host that has made a port 'key' of 'switch_', which is nobody's
 * port, told to take it back, unless it is granted another one instead. */
void
host_made_refuse(struct pass *pass, const struct uuid *switch_,
                 const char *key)
{
    const struct dvsrec_port_state **claims = NULL;
    size_t n_claims = (dvs_port_key_is_host_made(key)
                       ? claims_of_key(pass->ix, switch_, key, &claims) : 0);
    struct proxy_port *proxies = xcalloc(n_claims, sizeof *proxies);
    struct sync_port *ports = xcalloc(n_claims, sizeof *ports);
    size_t n = 0;

    for (size_t i = 0; i < n_claims; i++) {
        if (find_proxy_host(pass->ix, claims[i]->host, switch_)
            && !is_granted(pass, claims[i])) {
            struct proxy_port *p = &proxies[n];

            p->name = xstrdup("");
            p->nic = xstrdup(claims[i]->nic);
            p->kind = xstrdup("none");
            p->mac = xstrdup("");
            smap_init(&p->setting);
            ports[n].host = claims[i]->host;
            ports[n++].port = p;
        }
    }
    sync_port(pass, switch_, key, NULL, ports, n);
    for (size_t i = 0; i < n; i++) {
        proxy_port_destroy(&proxies[i]);
    }
    free(ports);
    free(proxies);
    free(claims);
}

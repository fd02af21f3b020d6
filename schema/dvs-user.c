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

/* Who of a switch has a certain policy.  See dvs-user.h. */

#include <config.h>

#include "schema/dvs-user.h"

#include <stdbool.h>
#include <string.h>

#include "schema/dvs-idl.h"
#include "schema/dvs-port-key.h"
#include "util.h"

/* Whether a setting, which may be NULL, refers to what 'aux' stands for. */
typedef bool policy_test(const struct dvsrec_port_setting *, const void *aux);

/* Returns true if 'a' comes before 'b', which may be NULL: by the name of its
 * portgroup, standalone ports first, and then by key. */
static bool
port_is_first(const struct dvsrec_port *a, const struct dvsrec_port *b)
{
    if (!b) {
        return true;
    }

    int cmp = strcmp(a->portgroup ? a->portgroup->name : "",
                     b->portgroup ? b->portgroup->name : "");
    return (cmp ? cmp : dvs_port_key_compare(a->key, b->key)) < 0;
}

/* Returns who in 's' has by itself a setting such that 'has', called with it
 * (it may be NULL) and 'aux', returns true: in words, or NULL if nobody has.
 * The caller frees it.  Of several, it is the switch, or else a standalone
 * port, or else the first portgroup by name that has it or a port that has. */
static char *
find_user(const struct ovsdb_idl *idl, const struct dvsrec_switch *s,
          policy_test *has, const void *aux)
{
    const struct dvsrec_portgroup *pg, *first_pg = NULL;
    const struct dvsrec_port *port, *first_port = NULL;

    if (has(s->default_setting, aux)) {
        return xasprintf("switch \"%s\"", s->name);
    }
    DVSREC_PORTGROUP_FOR_EACH (pg, idl) {
        if (pg->switch_ == s && has(pg->setting, aux)
            && (!first_pg || strcmp(pg->name, first_pg->name) < 0)) {
            first_pg = pg;
        }
    }
    DVSREC_PORT_FOR_EACH (port, idl) {
        if (port->switch_ == s && has(port->setting, aux)
            && port_is_first(port, first_port)) {
            first_port = port;
        }
    }
    if (first_pg
        && !(first_port
             && strcmp(first_port->portgroup ? first_port->portgroup->name
                       : "", first_pg->name) < 0)) {
        return xasprintf("portgroup \"%s\"", first_pg->name);
    }
    return first_port ? xasprintf("port %s", first_port->key) : NULL;
}

static bool
setting_has_pvlan(const struct dvsrec_port_setting *setting, const void *id)
{
    return (setting && setting->vlan_mode
            && !strcmp(setting->vlan_mode, "private")
            && setting->n_vlan_id
            && setting->vlan_id[0] == *(const uint16_t *) id);
}

/* Returns who in 's' asks for private VLAN 'id', in words, or NULL if nobody
 * does.  The caller frees it. */
char *
dvs_pvlan_user(const struct ovsdb_idl *idl, const struct dvsrec_switch *s,
               uint16_t id)
{
    return find_user(idl, s, setting_has_pvlan, &id);
}

/* Returns true if the order of uplinks of 'setting' names LAG 'name_'. */
static bool
setting_names_lag(const struct dvsrec_port_setting *setting,
                  const void *name_)
{
    const char *name = name_;

    for (size_t i = 0; setting && i < setting->n_active_uplinks; i++) {
        if (!strcmp(setting->value_active_uplinks[i], name)) {
            return true;
        }
    }
    for (size_t i = 0; setting && i < setting->n_standby_uplinks; i++) {
        if (!strcmp(setting->value_standby_uplinks[i], name)) {
            return true;
        }
    }
    return false;
}

/* Returns who in 's' has the LAG called 'name' in the order of its uplinks, in
 * words, or NULL if nobody has.  The caller frees it. */
char *
dvs_lag_user(const struct ovsdb_idl *idl, const struct dvsrec_switch *s,
             const char *name)
{
    return find_user(idl, s, setting_names_lag, name);
}

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

/* What documents and proxy rows have of what a host refuses; see
 * rollback-parts.h.
 *
 * Names are left out: none cuts a host off. */

#include <config.h>

#include "controller/rollback-parts.h"

#include <stdlib.h>
#include <string.h>

#include "controller/compile.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/util.h"
#include "schema/dvs-document-model.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "svec.h"

static void
put_smap(struct ds *s, const char *what, const struct smap *smap)
{
    const struct smap_node **nodes = smap_sort(smap);

    for (size_t i = 0; i < smap_count(smap); i++) {
        ds_put_format(s, "%s %s=%s\n", what, nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
}

static char *
switch_effect(const char *bridge, const char *datapath_type, int mtu,
              const struct svec *uplinks, const struct smap *setting,
              const struct smap *config)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct smap lasting;
    const char *name;
    size_t i;

    ds_put_format(&s, "bridge=%s datapath_type=%s mtu=%d\n", bridge,
                  datapath_type, mtu);
    SVEC_FOR_EACH (i, name, uplinks) {
        ds_put_format(&s, "uplink %s\n", name);
    }
    put_smap(&s, "setting", setting);
    /* No document has it: it is no configuration. */
    smap_clone(&lasting, config);
    smap_remove(&lasting, "merged");
    put_smap(&s, "config", &lasting);
    smap_destroy(&lasting);
    return ds_steal_cstr(&s);
}

static char *
portgroup_effect(const char *type, bool uplink, const struct smap *setting)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "type=%s uplink=%d\n", type, uplink);
    put_smap(&s, "setting", setting);
    return ds_steal_cstr(&s);
}

static char *
port_effect(const struct smap *setting)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    put_smap(&s, "setting", setting);
    return ds_steal_cstr(&s);
}

/* Of rows. */

/* Returns the effect of 'row', for the caller to free. */
char *
proxy_switch_effect(const struct dvsrec_proxy_switch *row)
{
    struct svec uplinks = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < row->n_uplinks; i++) {
        svec_add(&uplinks, row->value_uplinks[i]);
    }
    char *effect = switch_effect(row->bridge, row->datapath_type, row->mtu,
                                 &uplinks, &row->setting, &row->config);
    svec_destroy(&uplinks);
    return effect;
}

/* Returns the effect of 'row', for the caller to free. */
char *
proxy_portgroup_effect(const struct dvsrec_proxy_portgroup *row)
{
    return portgroup_effect(row->type, row->uplink, &row->setting);
}

/* Returns the effect of 'row' as far as it is the port's own policy, for the
 * caller to free. */
char *
proxy_port_effect(const struct dvsrec_proxy_port *row)
{
    return port_effect(&row->setting);
}

/* Of documents. */

/* Returns what 'sw' has of 'part', or NULL. */
struct dvs_doc_object *
part_find(const struct part *part, struct dvs_doc_object *sw)
{
    switch (part->kind) {
    case PART_SWITCH:
        return sw;
    case PART_HOST:
        return dvs_doc_object_find_member(sw, part->host);
    case PART_PORTGROUP:
        return dvs_doc_object_find_portgroup(sw, &part->portgroup, NULL);
    case PART_PORT:
        return dvs_doc_object_find_port(sw, part->port);
    }
    OVS_NOT_REACHED();
}

static bool
is_uplink_of(const struct dvs_doc_object *port, const char *host)
{
    char *name = dvs_doc_text_from_json(dvs_doc_object_value(port,
                                                             "uplink_host"));
    bool is = !strcmp(name, host);

    free(name);
    return is;
}

static void
add_uplink_ports(const struct dvs_doc_object *parent, const char *host,
                 struct dvs_doc_object **ports, size_t *n)
{
    for (size_t i = 0; i < parent->n_children; i++) {
        struct dvs_doc_object *child = parent->children[i];

        if (child->class == &dvs_doc_portgroup) {
            add_uplink_ports(child, host, ports, n);
        } else if (child->class == &dvs_doc_port
                   && is_uplink_of(child, host)) {
            ports[(*n)++] = child;
        }
    }
}

/* Stores in '*portsp' the uplink ports of 'host' that 'sw', a switch, has, and
 * returns how many there are.  The caller must free '*portsp'. */
size_t
part_uplink_ports(const struct dvs_doc_object *sw, const char *host,
                  struct dvs_doc_object ***portsp)
{
    size_t n_most = sw->n_children, n = 0;

    for (size_t i = 0; i < sw->n_children; i++) {
        n_most += sw->children[i]->n_children;
    }
    *portsp = xcalloc(n_most + 1, sizeof **portsp);
    add_uplink_ports(sw, host, *portsp, &n);
    return n;
}

static char *
find_switch_effect(const struct dvs_doc_scope *scope)
{
    struct proxy_switch p;
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    free(dvs_doc_read_switch(scope, &sw));
    compile_switch(&sw, &p);
    char *effect = switch_effect(p.bridge, p.datapath_type, p.mtu, &p.uplinks,
                                 &p.setting, &p.config);
    proxy_switch_destroy(&p);
    dvs_switch_destroy(&sw);
    return effect;
}

static char *
find_portgroup_effect(const struct dvs_doc_scope *scope,
                      const struct dvs_doc_object *object)
{
    struct proxy_portgroup p;
    struct dvs_portgroup pg;
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    dvs_portgroup_init(&pg);
    free(dvs_doc_read_switch(scope, &sw));
    free(dvs_doc_read_portgroup(scope, object, &pg));
    compile_portgroup(&sw, &pg, &p);
    char *effect = portgroup_effect(p.type, p.uplink, &p.setting);
    proxy_portgroup_destroy(&p);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&sw);
    return effect;
}

static char *
find_port_effect(const struct dvs_doc_scope *scope,
                 const struct dvs_doc_object *object)
{
    struct smap setting = SMAP_INITIALIZER(&setting);
    struct dvs_port port;

    dvs_port_init(&port);
    free(dvs_doc_read_port(scope, object, &port));
    dvs_setting_to_smap(&port.setting, &setting);
    char *effect = port_effect(&setting);
    smap_destroy(&setting);
    dvs_port_destroy(&port);
    return effect;
}

/* Returns what the host of 'member' has of uplinks, and of policy of its own
 * on their ports, if the switch is as 'sw' says. */
static char *
find_host_effect(const struct dvs_doc_scope *scope,
                 const struct dvs_doc_object *sw,
                 const struct dvs_doc_object *holder,
                 const struct dvs_doc_object *member, const char *host)
{
    const char *names = dvs_doc_object_value(sw, "uplinks");
    const char *uplinks = dvs_doc_object_value(member, "uplinks");
    struct dvs_doc_object **ports;
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "names=%s uplinks=%s\n", names ? names : "",
                  uplinks ? uplinks : "");
    size_t n = part_uplink_ports(holder, host, &ports);
    for (size_t i = 0; i < n; i++) {
        char *effect = find_port_effect(scope, ports[i]);

        if (effect[0]) {
            ds_put_format(&s, "port %s:\n%s",
                          dvs_doc_object_value(ports[i], "key"), effect);
        }
        free(effect);
    }
    free(ports);
    return ds_steal_cstr(&s);
}

/* Returns the effect that 'part' has if the switch is as 'sw' says, and the
 * part itself as in 'holder', which is the same switch, maybe at another time.
 * The effect of a part that is not there is "".  The caller must free it. */
char *
part_effect(const struct part *part, const struct dvs_doc_object *sw,
            const struct dvs_doc_object *holder)
{
    const struct dvs_doc_object *object
        = part_find(part, CONST_CAST(struct dvs_doc_object *, holder));
    struct dvs_doc_scope scope;
    char *effect;

    if (!object) {
        return xstrdup("");
    }
    /* The portgroup or port may use a resource pool that 'sw' lacks. */
    dvs_doc_scope_init(&scope, sw, part->kind == PART_SWITCH ? NULL : holder);
    switch (part->kind) {
    case PART_SWITCH:
        effect = find_switch_effect(&scope);
        break;
    case PART_HOST:
        effect = find_host_effect(&scope, sw, holder, object, part->host);
        break;
    case PART_PORTGROUP:
        effect = find_portgroup_effect(&scope, object);
        break;
    case PART_PORT:
        effect = find_port_effect(&scope, object);
        break;
    default:
        OVS_NOT_REACHED();
    }
    dvs_doc_scope_destroy(&scope);
    return effect;
}

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

/* What plans compare.  See ctl-plan-read.h. */

#include <config.h>

#include "utilities/ctl-plan-read.h"

#include <stdlib.h>

#include "schema/dvs-idl.h"
#include "schema/dvs-impact.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "util.h"

/* NICs. */

static char *
member_key(const struct dvsrec_switch *sw, const char *host)
{
    return xasprintf(UUID_FMT" %s", UUID_ARGS(&sw->header_.uuid), host);
}

/* Initializes 'r' as a reader of 'idl'. */
void
ctl_plan_reader_init(struct ctl_plan_reader *r, const struct ovsdb_idl *idl)
{
    const struct dvsrec_host_member *member;
    const struct dvsrec_physical_nic *pnic;

    r->idl = idl;
    shash_init(&r->switches);
    shash_init(&r->portgroups);
    shash_init(&r->members);
    shash_init(&r->links_down);
    sset_init(&r->no_links);

    DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
        shash_add_nocopy(&r->members,
                         member_key(member->switch_, member->host), member);
    }
    DVSREC_PHYSICAL_NIC_FOR_EACH (pnic, idl) {
        if (pnic->n_link_up && !pnic->link_up[0]) {
            struct sset *names = shash_find_data(&r->links_down, pnic->host);

            if (!names) {
                names = xmalloc(sizeof *names);
                sset_init(names);
                shash_add(&r->links_down, pnic->host, names);
            }
            sset_add(names, pnic->name);
        }
    }
}

/* Frees what 'r' owns, but not 'r' itself. */
void
ctl_plan_reader_destroy(struct ctl_plan_reader *r)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &r->switches) {
        dvs_switch_destroy(node->data);
    }
    shash_destroy_free_data(&r->switches);
    SHASH_FOR_EACH (node, &r->portgroups) {
        dvs_portgroup_destroy(node->data);
    }
    shash_destroy_free_data(&r->portgroups);
    shash_destroy(&r->members);
    SHASH_FOR_EACH (node, &r->links_down) {
        sset_destroy(node->data);
    }
    shash_destroy_free_data(&r->links_down);
    sset_destroy(&r->no_links);
}

static const struct dvs_switch *
get_switch(struct ctl_plan_reader *r, const struct dvsrec_switch *row)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->header_.uuid));
    struct shash_node *node = shash_find(&r->switches, uuid);

    if (!node) {
        struct dvs_switch *sw = xmalloc(sizeof *sw);
        dvs_switch_init(sw);

        char *error = dvs_read_switch(row, sw);
        if (error) {
            free(error);
            dvs_switch_destroy(sw);
            free(sw);
            sw = NULL;
        }
        node = shash_add(&r->switches, uuid, sw);
    }
    free(uuid);
    return node->data;
}

static const struct dvs_portgroup *
get_portgroup(struct ctl_plan_reader *r, const struct dvsrec_portgroup *row)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&row->header_.uuid));
    struct shash_node *node = shash_find(&r->portgroups, uuid);

    if (!node) {
        struct dvs_portgroup *pg = xmalloc(sizeof *pg);
        dvs_portgroup_init(pg);

        char *error = dvs_read_portgroup(row, pg);
        if (error) {
            free(error);
            dvs_portgroup_destroy(pg);
            free(pg);
            pg = NULL;
        }
        node = shash_add(&r->portgroups, uuid, pg);
    }
    free(uuid);
    return node->data;
}

/* Stores in '*port' and '*pg' what 'row' will be connected to: what it asks
 * for, but no other port than the one it has if that will do. */
void
ctl_plan_find_place(const struct dvsrec_vnic *row,
                    const struct dvsrec_port **port,
                    const struct dvsrec_portgroup **pg)
{
    *port = row->port;
    *pg = NULL;
    if (!*port && row->portgroup && row->connection
        && row->connection->portgroup == row->portgroup) {
        *port = row->connection;
    }
    if (*port) {
        *pg = (*port)->portgroup;
    } else {
        *pg = row->portgroup;
    }
}

/* Sets 'setting', which the caller has initialized, to the effective one of a
 * NIC on 'port' or, if that is NULL, on a new port of 'pg', which may be NULL
 * if 'port' is standalone.  Returns false if that cannot be told. */
bool
ctl_plan_read_setting(struct ctl_plan_reader *r,
                      const struct dvsrec_port *port,
                      const struct dvsrec_portgroup *pg,
                      struct dvs_setting *setting)
{
    const struct dvs_switch *sw = get_switch(r, port ? port->switch_
                                                : pg->switch_);
    const struct dvs_portgroup *pg_model = pg ? get_portgroup(r, pg) : NULL;
    struct dvs_port port_model;

    if (!sw || (pg && !pg_model)) {
        return false;
    }
    dvs_port_init(&port_model);
    char *error = port ? dvs_read_port(port, &port_model) : NULL;
    if (!error) {
        dvs_setting_destroy(setting);
        dvs_setting_effective(setting, &sw->uplinks, &sw->setting,
                              DVS_ALL_PROPERTIES,
                              pg_model ? &pg_model->setting : NULL,
                              pg_model ? pg_model->overrides : 0,
                              port ? &port_model.setting : NULL, NULL);
    }
    dvs_port_destroy(&port_model);
    free(error);
    return !error;
}

/* Sets what 'nic' has of its host. */
static bool
read_host(struct ctl_plan_reader *r, const struct dvsrec_switch *sw,
          const char *host, struct dvs_impact_nic *nic)
{
    char *key = member_key(sw, host);
    const struct dvsrec_host_member *row = shash_find_data(&r->members, key);
    bool ok = true;

    free(key);
    nic->host = xstrdup(host);
    nic->member = row != NULL;
    if (row) {
        const struct sset *down = shash_find_data(&r->links_down, host);
        struct dvs_member member;

        dvs_member_init(&member);
        char *error = dvs_read_member(row, &member);
        if (!error) {
            dvs_impact_nic_set_uplinks(nic, &member,
                                       down ? down : &r->no_links);
        }
        ok = !error;
        free(error);
        dvs_member_destroy(&member);
    }
    return ok;
}

/* Initializes 'nic' with how 'row' fares.  Returns false if that cannot be
 * told. */
static bool
read_nic(struct ctl_plan_reader *r, const struct dvsrec_vnic *row,
         struct dvs_impact_nic *nic)
{
    const char *host = row->claimed_by ? row->claimed_by : row->host;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;

    dvs_impact_nic_init(nic);
    ctl_plan_find_place(row, &port, &pg);
    if (!port && !pg) {
        nic->host = nullable_xstrdup(host);
        return true;
    }

    const struct dvsrec_switch *sw = port ? port->switch_ : pg->switch_;
    const struct dvs_switch *model = get_switch(r, sw);
    if (!model || !ctl_plan_read_setting(r, port, pg, &nic->setting)) {
        return false;
    }
    nic->where = (port ? xasprintf("%s:%s", sw->name, port->key)
                  : xasprintf("%s/%s", sw->name, pg->name));
    nic->switch_ = xstrdup(sw->name);
    nic->switch_uuid = sw->header_.uuid;
    nic->mtu = model->mtu;
    return !host || read_host(r, sw, host, nic);
}

/* Adds to 'nics', by its id, how each NIC fares: a "struct dvs_impact_nic"
 * each. */
void
ctl_plan_read_nics(struct ctl_plan_reader *r, struct shash *nics)
{
    const struct dvsrec_vnic *row;

    DVSREC_VNIC_FOR_EACH (row, r->idl) {
        struct dvs_impact_nic *nic = xmalloc(sizeof *nic);

        if (read_nic(r, row, nic)) {
            shash_add(nics, row->id, nic);
        } else {
            dvs_impact_nic_destroy(nic);
            free(nic);
        }
    }
}

/* Frees what ctl_plan_read_nics() has added to 'nics', and 'nics'. */
void
ctl_plan_destroy_nics(struct shash *nics)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, nics) {
        dvs_impact_nic_destroy(node->data);
    }
    shash_destroy_free_data(nics);
}

/* Places. */

static void
add_place(struct shash *places, const struct uuid *uuid,
          const struct dvsrec_switch *sw, const struct dvsrec_portgroup *pg,
          const char *kind, char *path)
{
    struct ctl_plan_place *place = xmalloc(sizeof *place);

    *place = (struct ctl_plan_place) {
        .kind = kind,
        .path = path,
        .parent_path = (pg ? xasprintf("%s/%s", sw->name, pg->name)
                        : xstrdup(sw->name)),
        .parent = pg ? pg->header_.uuid : sw->header_.uuid,
        .switch_ = sw->header_.uuid,
    };
    shash_add_nocopy(places, xasprintf(UUID_FMT, UUID_ARGS(uuid)), place);
}

/* Adds to 'places', by its UUID, where each switch, port, portgroup and
 * resource pool is: a "struct ctl_plan_place" each. */
void
ctl_plan_read_places(const struct ovsdb_idl *idl, struct shash *places)
{
    const struct dvsrec_resource_pool *pool;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_switch *sw;
    const struct dvsrec_port *port;

    DVSREC_SWITCH_FOR_EACH (sw, idl) {
        add_place(places, &sw->header_.uuid, sw, NULL, "switch",
                  xstrdup(sw->name));
    }
    DVSREC_PORTGROUP_FOR_EACH (pg, idl) {
        add_place(places, &pg->header_.uuid, pg->switch_, NULL, "portgroup",
                  xasprintf("%s/%s", pg->switch_->name, pg->name));
    }
    DVSREC_PORT_FOR_EACH (port, idl) {
        add_place(places, &port->header_.uuid, port->switch_, port->portgroup,
                  "port", xasprintf("%s:%s", port->switch_->name, port->key));
    }
    DVSREC_RESOURCE_POOL_FOR_EACH (pool, idl) {
        add_place(places, &pool->header_.uuid, pool->switch_, NULL,
                  "resource pool", xasprintf("%s resource pool %s",
                                             pool->switch_->name,
                                             pool->name));
    }
}

/* Frees what ctl_plan_read_places() has added to 'places', and 'places'. */
void
ctl_plan_destroy_places(struct shash *places)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, places) {
        struct ctl_plan_place *place = node->data;

        free(place->path);
        free(place->parent_path);
    }
    shash_destroy_free_data(places);
}

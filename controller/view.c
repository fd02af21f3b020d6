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

/* Model objects of switches and portgroups; see view.h.
 *
 * Owns the structs, not the rows.  Writes nothing. */

#include <config.h>

#include "controller/view.h"

#include <stdlib.h>

#include "controller/concerns.h"
#include "controller/indexes.h"
#include "schema/dvs-level.h"
#include "schema/dvs-read.h"
#include "schema/dvs-user.h"
#include "util.h"

void
view_init(struct view *v, struct ovsdb_idl *idl, const struct indexes *ix)
{
    v->idl = idl;
    v->ix = ix;
    hmap_init(&v->switches);
    hmap_init(&v->portgroups);
}

/* Forgets what was read: rows may have changed since. */
void
view_clear(struct view *v)
{
    struct view_portgroup *pg;
    struct view_switch *s;

    HMAP_FOR_EACH_POP (pg, node, &v->portgroups) {
        dvs_portgroup_destroy(&pg->model);
        dvs_faults_destroy(&pg->faults);
        free(pg);
    }
    HMAP_FOR_EACH_POP (s, node, &v->switches) {
        dvs_switch_destroy(&s->model);
        dvs_faults_destroy(&s->faults);
        free(s);
    }
}

void
view_destroy(struct view *v)
{
    if (v) {
        view_clear(v);
        hmap_destroy(&v->portgroups);
        hmap_destroy(&v->switches);
    }
}

/* Returns the name of another switch that has the bridge name of 's' with a
 * better right, or NULL.  The one whose bridge stands on hosts has it,
 * otherwise the first by name. */
static const char *
find_bridge_owner(const struct view *v, const struct view_switch *s)
{
    const struct dvsrec_proxy_switch *holder
        = find_proxy_switch_by_bridge(v->ix, s->model.bridge_name);
    const struct dvsrec_switch *row;

    if (holder && uuid_equals(&holder->switch_, &s->row->header_.uuid)) {
        return NULL;
    }
    DVSREC_SWITCH_FOR_EACH (row, v->idl) {
        if (row == s->row) {
            continue;
        }

        char *bridge = (row->bridge_name
                        ? xstrdup(row->bridge_name)
                        : dvs_bridge_name_from_switch(row->name));
        bool same = !strcmp(bridge, s->model.bridge_name);
        free(bridge);
        if (same && ((holder && uuid_equals(&holder->switch_,
                                            &row->header_.uuid))
                     || strcmp(row->name, s->row->name) < 0)) {
            return row->name;
        }
    }
    return NULL;
}

/* Adds a fault for each uplink name, or port of a LAG, that 's' has given up
 * while a host fills it with a NIC: vSphere refuses to shrink the uplink name
 * array then. */
static void
check_uplinks_in_use(const struct view *v, struct view_switch *s)
{
    const struct dvsrec_host_member **members;
    size_t n = members_of_switch(v->ix, s->row, &members);

    for (size_t i = 0; i < n; i++) {
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &members[i]->uplinks) {
            const char *name = node->key;
            if (!dvs_switch_has_uplink(&s->model, name)
                && find_uplink_port(v->ix, s->row, members[i]->host, name)) {
                dvs_faults_add(&s->faults, "ResourceInUse", "uplinks",
                               "host \"%s\" has NIC \"%s\" in uplink "
                               "\"%s\", which is to go",
                               members[i]->host, node->value, name);
            }
        }
    }
    free(members);
}

/* Adds a fault for each private VLAN that hosts carry out for 's', and that
 * has gone or changed while a policy asks for it: vSphere refuses that. */
static void
check_pvlans_in_use(const struct view *v, struct view_switch *s)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(v->ix, &s->row->header_.uuid);
    struct dvs_pvlans old;

    if (!proxy) {
        return;
    }
    dvs_pvlans_init(&old);
    free(dvs_pvlans_from_smap(&old, &proxy->config));
    for (size_t i = 0; i < old.n; i++) {
        const struct dvs_pvlan *now
            = dvs_pvlans_find(&s->model.pvlans, old.entries[i].secondary);
        char *user = (now && dvs_pvlan_equal(now, &old.entries[i]) ? NULL
                      : dvs_pvlan_user(v->idl, s->row,
                                       old.entries[i].secondary));

        if (user) {
            dvs_faults_add(&s->faults, "ResourceInUse", "private_vlan",
                           "%s uses private VLAN %d, which is to %s", user,
                           old.entries[i].secondary, now ? "change" : "go");
            free(user);
        }
    }
    dvs_pvlans_destroy(&old);
}

/* Adds a fault for each LAG that hosts carry out for 's' and that has gone
 * while a policy has it in the order of its uplinks. */
static void
check_lags_in_use(const struct view *v, struct view_switch *s)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(v->ix, &s->row->header_.uuid);
    struct dvs_lags old;

    if (!proxy) {
        return;
    }
    dvs_lags_init(&old);
    free(dvs_lags_from_smap(&old, &proxy->config));
    for (size_t i = 0; i < old.n; i++) {
        const char *name = old.lags[i].name;
        char *user = (dvs_lags_find(&s->model.lags, name) ? NULL
                      : dvs_lag_user(v->idl, s->row, name));

        if (user) {
            dvs_faults_add(&s->faults, "ResourceInUse", "lag",
                           "%s uses LAG \"%s\", which is to go", user, name);
            free(user);
        }
    }
    dvs_lags_destroy(&old);
}

/* Adds a fault if 's' is to fall to a lower feature level than the one that
 * hosts know: an upgrade is irreversible, as in vSphere. */
static void
check_downgrade(const struct view *v, struct view_switch *s)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(v->ix, &s->row->header_.uuid);
    const char *old = proxy ? smap_get(&proxy->config, "version") : NULL;

    if (proxy && dvs_level_from_string(s->model.version)
                 < dvs_level_from_string(old)) {
        dvs_faults_add(&s->faults, "InvalidState", "version",
                       "the switch is at feature level %s, which cannot be "
                       "lowered",
                       old ? old : dvs_levels[DVS_LEVEL_NEWEST]);
    }
}

/* Returns true if 's' is without fault, also as compared with other switches
 * and with its members.  That may take time in proportion to their number. */
bool
view_switch_is_ok(struct view *v, struct view_switch *s)
{
    if (!s->checked) {
        s->checked = true;
        if (!s->faults.n) {
            const char *owner = find_bridge_owner(v, s);
            if (owner) {
                dvs_faults_add(&s->faults, "DuplicateName", "bridge_name",
                               "switch \"%s\" has bridge \"%s\" already",
                               owner, s->model.bridge_name);
            }
            check_uplinks_in_use(v, s);
            check_pvlans_in_use(v, s);
            check_downgrade(v, s);
            check_lags_in_use(v, s);
        }
    }
    return !s->faults.n;
}

/* Makes view_switch_is_ok() compare 's' with other objects anew: rows that it
 * depends on may have changed in this pass. */
void
view_switch_recheck(struct view_switch *s)
{
    if (s->checked && s->faults.n > s->n_own_faults) {
        struct dvs_faults own;

        dvs_faults_init(&own);
        for (size_t i = 0; i < s->n_own_faults; i++) {
            const struct dvs_fault *f = &s->faults.faults[i];
            dvs_faults_add(&own, f->name, f->column, "%s", f->message);
        }
        dvs_faults_destroy(&s->faults);
        s->faults = own;
    }
    s->checked = false;
}

/* Returns the switch of 'row', read and checked by itself.  It belongs to
 * 'v'. */
struct view_switch *
view_switch(struct view *v, const struct dvsrec_switch *row)
{
    uint32_t hash = uuid_hash(&row->header_.uuid);
    struct view_switch *s;

    HMAP_FOR_EACH_WITH_HASH (s, node, hash, &v->switches) {
        if (s->row == row) {
            return s;
        }
    }

    s = xzalloc(sizeof *s);
    s->row = row;
    dvs_switch_init(&s->model);
    dvs_faults_init(&s->faults);
    hmap_insert(&v->switches, &s->node, hash);

    char *error = dvs_read_switch(row, &s->model);
    if (error) {
        dvs_faults_add(&s->faults, "InvalidArgument", "default_setting", "%s",
                       error);
        free(error);
        s->n_own_faults = 1;
        return s;
    }
    dvs_read_pvlans(v->idl, row, &s->model.pvlans);
    dvs_pvlans_remove_faulty(&s->model.pvlans);
    dvs_read_lags(v->idl, row, &s->model.lags);
    dvs_lags_remove_faulty(&s->model.lags, &s->model.uplinks);
    s->model.slowest = classes_slowest_uplink(v->ix, row);
    dvs_read_pools(v->idl, row, &s->model.pools);
    dvs_read_classes(v->idl, row, &s->model.classes);
    dvs_classes_remove_faulty(&s->model.classes, s->model.reservation_ratio,
                              s->model.slowest);
    dvs_validate_switch(&s->model, &s->faults);
    s->n_own_faults = s->faults.n;
    return s;
}

/* Returns the portgroup of 'row', read and checked.  It belongs to 'v'. */
struct view_portgroup *
view_portgroup(struct view *v, const struct dvsrec_portgroup *row)
{
    uint32_t hash = uuid_hash(&row->header_.uuid);
    struct view_portgroup *pg;

    HMAP_FOR_EACH_WITH_HASH (pg, node, hash, &v->portgroups) {
        if (pg->row == row) {
            return pg;
        }
    }

    pg = xzalloc(sizeof *pg);
    pg->row = row;
    pg->switch_ = view_switch(v, row->switch_);
    dvs_portgroup_init(&pg->model);
    dvs_faults_init(&pg->faults);
    hmap_insert(&v->portgroups, &pg->node, hash);

    char *error = dvs_read_portgroup(row, &pg->model);
    if (error) {
        dvs_faults_add(&pg->faults, "InvalidArgument", "setting", "%s", error);
        free(error);
        return pg;
    }
    dvs_validate_portgroup(&pg->switch_->model, &pg->model, &pg->faults);
    if (row->setting && row->setting->resource_pool
        && row->setting->resource_pool->switch_ != row->switch_
        && !pg->faults.n) {
        dvs_faults_add(&pg->faults, "NotFound", "pool",
                       "resource pool \"%s\" is of another switch",
                       row->setting->resource_pool->name);
    }
    pg->ok = !pg->faults.n;
    return pg;
}

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

/* Portgroups: what follows from a Portgroup row.
 *
 * Gives it a time of creation and its ports, raises its config_version,
 * checks it, and has its proxy row written. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/claims.h"
#include "controller/compile.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "coverage.h"
#include "schema/dvs-operation.h"
#include "util.h"

COVERAGE_DEFINE(look_at_portgroup);

/* Returns true if 'a' was made before 'b'.  One that has no time of creation
 * yet gets that of this pass. */
bool
portgroup_is_older(const struct pass *pass, const struct dvsrec_portgroup *a,
         const struct dvsrec_portgroup *b)
{
    int64_t a_time = a->n_create_time ? a->create_time[0] : pass->wall;
    int64_t b_time = b->n_create_time ? b->create_time[0] : pass->wall;

    return (a_time != b_time ? a_time < b_time
            : uuid_compare_3way(&a->header_.uuid, &b->header_.uuid) < 0);
}

/* Has the ports and NICs of 'pg' looked at that depend on more of it than its
 * existence: ports with a setting of their own, which it may not allow any
 * more; NICs with a fault, which may speak of its name; and, if 'all', all
 * NICs and their ports, because hosts can be told of them now or cannot any
 * more. */
static void
mark_ports(struct pass *pass, const struct dvsrec_portgroup *pg, bool all)
{
    const struct dvsrec_port **ports;
    size_t n = ports_of_portgroup(pass->ix, pg->switch_, pg, &ports);

    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_vnic *vnic = ports[i]->connectee;

        if (ports[i]->setting || (all && vnic)) {
            dirty_mark(pass->dirty, DIRTY_PORT, &ports[i]->header_.uuid);
        }
        if (vnic && (all || vnic->n_faults)) {
            dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
        }
        binder_wake_for_port(pass, ports[i]);
    }
    free(ports);
}

/* Makes sure that 'pg' knows the number of its ports. */
static void
count_ports(struct pass *pass, const struct dvsrec_portgroup *pg)
{
    if (dirty_take(pass->dirty, DIRTY_COUNT_PORTGROUP, &pg->header_.uuid)) {
        ports_count(pass, pg);
    }
}

/* Returns true if the type of 'pg' can be what its row says: the one that is
 * in force cannot change while NICs are connected.  Otherwise adds a fault. */
static bool
check_type_change(struct pass *pass, const struct dvsrec_portgroup *pg,
                  struct dvs_faults *faults)
{
    const char *type
        = dvs_portgroup_type_to_string(portgroup_type(pass->ix, pg));
    const struct dvsrec_port **ports;
    bool connected = false;

    if (!strcmp(pg->type, type)) {
        return true;
    }
    size_t n = ports_of_portgroup(pass->ix, pg->switch_, pg, &ports);
    for (size_t i = 0; i < n; i++) {
        connected = connected || dvs_port_is_mutual(ports[i]);
    }
    free(ports);
    if (connected) {
        dvs_faults_add(faults, "ResourceInUse", "type",
                       "the type stays %s as long as NICs are connected",
                       type);
    }
    return !connected;
}

static void
look_at_portgroup(struct pass *pass, const struct uuid *uuid)
{
    const struct dvsrec_portgroup *row = get_portgroup(pass->idl, uuid);

    COVERAGE_INC(look_at_portgroup);
    claims_retry(pass->claims, pass->dirty);
    if (!row) {
        sync_portgroup(pass, NULL, uuid, NULL);
        return;
    }

    struct dvs_faults *faults
        = faults_open(pass->faults, FAULTS_PORTGROUP, uuid);
    struct view_portgroup *pg = view_portgroup(pass->view, row);

    if (!row->n_create_time) {
        int64_t now = pass->wall;
        dvsrec_portgroup_set_create_time(row, &now, 1);
    }
    if (dirty_take(pass->dirty, DIRTY_RAISE_PORTGROUP, uuid)) {
        dvsrec_portgroup_set_config_version(row,
                                        next_number(row->config_version));
    }

    const struct dvsrec_proxy_portgroup *old
        = find_proxy_portgroup(pass->ix, uuid);
    bool flipped = old && (old->uplink != row->uplink
                           || strcmp(old->type, row->type));
    bool realised = false;
    count_ports(pass, row);
    if (pg->ok && view_switch_is_ok(pass->view, pg->switch_)
        && check_type_change(pass, row, faults)) {
        struct proxy_portgroup proxy;

        compile_portgroup(&pg->switch_->model, &pg->model, &proxy);
        realised = sync_portgroup(pass, &row->switch_->header_.uuid, uuid,
                                  &proxy);
        proxy_portgroup_destroy(&proxy);
        if (!row->uplink) {
            ports_populate(pass, row->switch_, row, row->num_ports,
                           row->auto_expand, faults);
        }
    }
    faults_add_all(faults, &pg->faults);
    pools_mark_portgroup(pass, row);
    binder_wake(pass, row);
    bool all = (realised || flipped
                || !find_proxy_portgroup(pass->ix, uuid)
                || !find_proxy_switch(pass->ix, &row->switch_->header_.uuid));
    if (dirty_take(pass->dirty, DIRTY_PORTS_OF_PORTGROUP, uuid) || all) {
        mark_ports(pass, row, all);
    }
}

void
portgroups_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_PORTGROUP, &uuid)) {
        look_at_portgroup(pass, &uuid);
    }
}

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

/* How operations find rows in the controller, see schema/dvs-operation.h: by
 * its indexes, at a cost that does not grow with the database. */

#include <config.h>

#include "controller/tasks.h"

#include <stdlib.h>

#include "controller/checkpoints.h"
#include "controller/concerns.h"
#include "controller/liveness.h"
#include "controller/pass.h"
#include "controller/rollouts.h"
#include "util.h"

static const struct dvsrec_portgroup *
lookup_portgroup(void *pass_, const struct dvsrec_switch *s, const char *name)
{
    struct pass *pass = pass_;

    return find_portgroup(pass->ix, s, name);
}

static const struct dvsrec_port *
lookup_port(void *pass_, const struct dvsrec_switch *s, const char *key)
{
    struct pass *pass = pass_;

    return find_port(pass->ix, s, key);
}

static size_t
lookup_members(void *pass_, const struct dvsrec_switch *s, const char *host,
               const struct dvsrec_host_member ***rowsp)
{
    struct pass *pass = pass_;

    if (!s) {
        return members_of_host(pass->ix, host, rowsp);
    } else if (!host) {
        return members_of_switch(pass->ix, s, rowsp);
    }

    const struct dvsrec_host_member *row = find_member(pass->ix, s, host);
    *rowsp = row ? xmemdup(&row, sizeof row) : NULL;
    return row ? 1 : 0;
}

static const struct dvs_switch *
lookup_model(void *pass_, const struct dvsrec_switch *s)
{
    struct pass *pass = pass_;

    return &view_switch(pass->view, s)->model;
}

static bool
lookup_is_ok(void *pass_, const struct dvsrec_switch *s)
{
    struct pass *pass = pass_;

    return view_switch_is_ok(pass->view, view_switch(pass->view, s));
}

static bool
lookup_is_known(void *pass_, const struct dvsrec_switch *s)
{
    struct pass *pass = pass_;

    return find_proxy_switch(pass->ix, &s->header_.uuid) != NULL;
}

static bool
lookup_is_rolled_out(void *pass_, const struct dvsrec_switch *s)
{
    struct pass *pass = pass_;

    return rollout_find(pass, &s->header_.uuid) != NULL;
}

static bool
lookup_is_in_force(void *pass_, const struct dvsrec_portgroup *pg,
                   enum dvs_portgroup_type *typep)
{
    struct pass *pass = pass_;

    *typep = portgroup_type(pass->ix, pg);
    return find_proxy_portgroup(pass->ix, &pg->header_.uuid) != NULL;
}

static bool
lookup_is_connected(void *pass_, const char *host)
{
    struct pass *pass = pass_;

    return liveness_is_connected(pass->liveness, host);
}

static bool
lookup_refuses(void *pass_, const struct dvsrec_switch *s, const char *host)
{
    struct pass *pass = pass_;
    const struct dvsrec_proxy_state *state
        = find_proxy_state(pass->ix, host, &s->header_.uuid);

    return state && rollbacks_refuses(pass, state);
}

static bool
lookup_has_base(void *pass_, const struct dvsrec_switch *s)
{
    struct pass *pass = pass_;
    const struct dvsrec_checkpoint *base
        = checkpoint_newest(pass->ix, &s->header_.uuid);

    return base && !base->change[0];
}

const struct dvs_lookup task_lookup = {
    .portgroup = lookup_portgroup,
    .port = lookup_port,
    .members = lookup_members,
    .model = lookup_model,
    .is_ok = lookup_is_ok,
    .is_known = lookup_is_known,
    .is_rolled_out = lookup_is_rolled_out,
    .is_in_force = lookup_is_in_force,
    .is_connected = lookup_is_connected,
    .refuses = lookup_refuses,
    .has_base = lookup_has_base,
};

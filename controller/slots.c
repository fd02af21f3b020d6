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

/* Slots: what hosts are told of a port and the NIC on it.
 *
 * A port with a NIC is granted to each host that claims the NIC, has been
 * told of the switch, and has the NIC in the switch's bridge.  During a
 * migration that is two hosts, of which one delivers.  A NIC that a host is to
 * make for itself is granted to that host: the grant is what has it made. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/binding.h"
#include "controller/claims.h"
#include "controller/compile.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "coverage.h"
#include "schema/dvs-port-key.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "util.h"

COVERAGE_DEFINE(look_at_slot);

/* A port that is to be granted. */
struct slot {
    const struct uuid *switch_;
    const struct dvsrec_port *port;
    const struct dvsrec_vnic *vnic;
    const struct dvsrec_port_state **claims;    /* Those that are granted. */
    size_t n_claims;
    const char *host;           /* The host that is to make 'vnic', if it has
                                 * been told of the switch, or NULL. */
};

/* Returns true if 'host' has the bandwidth that is reserved for the NIC of
 * 'slot'.  If not, it is a fault of the NIC, which may have to be looked at
 * for that: others may have taken the bandwidth since. */
static bool
has_bandwidth(struct pass *pass, const struct slot *slot, const char *host)
{
    if (pools_host_admits(pass, slot->port, slot->vnic, host)) {
        return true;
    }

    char *refusal = xasprintf("%s %s", host, slot->vnic->id);
    if (sset_add_and_free(&pass->refused, refusal)) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &slot->vnic->header_.uuid);
    }
    return false;
}

/* Returns true if 'host' has room for the NIC of 'slot'.  Has the NIC looked
 * at if that is news, since it may be a fault of the NIC. */
static bool
admit(struct pass *pass, const struct slot *slot, const char *host)
{
    const struct dvsrec_vnic *vnic = slot->vnic;
    const struct dvsrec_proxy_host *proxy
        = find_proxy_host(pass->ix, host, slot->switch_);
    bool ok = room_on_host(pass, host, slot->switch_, vnic->id);

    if (proxy->n_max_ports || vnic->n_faults) {
        char *key = xasprintf("%s %s", host, vnic->id);
        const char *outcome = ok ? "yes" : "no";

        if (!nullable_string_is_equal(smap_get(&pass->admitted, key),
                                      outcome)) {
            smap_replace(&pass->admitted, key, outcome);
            dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
        }
        free(key);
    }
    return ok;
}

/* Leaves in 'slot' the claims on its NIC that can be granted: not those that
 * have ended.  A conflict port does not go to another host before its NIC has
 * left the first. */
static void
select_claims(struct pass *pass, struct slot *slot)
{
    size_t n = claims_of_nic(pass->ix, slot->vnic->id, &slot->claims);

    slot->n_claims = 0;
    slot->host = NULL;
    if (!find_proxy_switch(pass->ix, slot->switch_)
        || (slot->port->portgroup
            && !find_proxy_portgroup(
                pass->ix, &slot->port->portgroup->header_.uuid))) {
        return;
    } else if (vnic_is_host_nic(slot->vnic)) {
        if (slot->vnic->host
            && find_proxy_host(pass->ix, slot->vnic->host, slot->switch_)
            && admit(pass, slot, slot->vnic->host)) {
            slot->host = slot->vnic->host;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_port_state *claim = slot->claims[i];
        const struct uuid *switch_ = claim_switch(pass->idl, claim);

        if (switch_ && !claim->ended && uuid_equals(switch_, slot->switch_)
            && find_proxy_host(pass->ix, claim->host, slot->switch_)
            && (!slot->port->conflict
                || nullable_string_is_equal(claim->host,
                                            slot->vnic->claimed_by))
            && admit(pass, slot, claim->host)
            && has_bandwidth(pass, slot, claim->host)) {
            slot->claims[slot->n_claims++] = claim;
        }
    }
}

/* Returns the claim of 'slot' whose host delivers, or NULL if there is no
 * claim. */
static const struct dvsrec_port_state *
active_claim(struct pass *pass, const struct slot *slot)
{
    struct binding_claim *claims = claims_describe(pass, slot->claims,
                                                   slot->n_claims);
    const struct binding_claim *active = binding_active_claim(
        claims, slot->n_claims, "", slot->vnic->claimed_by);
    const struct dvsrec_port_state *claim
        = active ? slot->claims[active - claims] : NULL;
    free(claims);
    return claim;
}

/* Reads the port of 'slot' into '*model'.  Returns false if it is at fault. */
static bool
read_port(struct pass *pass, const struct slot *slot, struct dvs_port *model)
{
    const struct dvsrec_port *row = slot->port;
    struct view_switch *s = view_switch(pass->view, row->switch_);
    struct view_portgroup *pg = (row->portgroup
                                 ? view_portgroup(pass->view, row->portgroup)
                                 : NULL);
    struct dvs_faults faults;

    char *error = dvs_read_port(row, model);
    if (error) {
        free(error);
        dvs_port_destroy(model);
        dvs_port_init(model);
        free(model->name);
        model->name = xstrdup(row->name);
        return false;
    }
    /* What the port may not override has no effect; the rest has. */
    dvs_setting_clear(&model->setting,
                      ~dvs_override_mask(pg ? pg->model.overrides
                                         : UINT32_MAX));
    dvs_faults_init(&faults);
    dvs_validate_port(&s->model, pg ? &pg->model : NULL, model, &faults);
    bool ok = !faults.n;
    dvs_faults_destroy(&faults);
    return ok;
}

/* Grants 'slot' to the hosts of its claims. */
static void
grant(struct pass *pass, const struct slot *slot)
{
    const struct dvsrec_port *port = slot->port;
    const struct dvsrec_port_state *active = active_claim(pass, slot);
    const struct dvsrec_proxy_port **old;
    size_t n_old = proxy_ports_of_port(pass->ix, slot->switch_, port->key,
                                       &old);
    size_t n_hosts = slot->host ? 1 : slot->n_claims;
    struct proxy_port *proxies = xcalloc(n_hosts, sizeof *proxies);
    struct sync_port *ports = xcalloc(n_hosts, sizeof *ports);
    struct dvs_port model;

    dvs_port_init(&model);
    bool ok = read_port(pass, slot, &model);
    size_t n = 0;

    /* A port that is at fault keeps the policy it last had without, also on a
     * host that its NIC moves to.  If there is none, no host gets to know of
     * it. */
    for (size_t i = 0; i < n_hosts && (ok || n_old); i++) {
        const struct dvsrec_port_state *claim
            = slot->host ? NULL : slot->claims[i];
        struct compile_nic nic = {
            .id = slot->vnic->id,
            .kind = slot->vnic->kind,
            .mac = slot->vnic->mac,
            .attached_mac = claim ? claim->attached_mac : "",
            .mtu = slot->vnic->n_mtu ? slot->vnic->mtu[0] : 0,
            .traffic_class = slot->vnic->traffic_class,
            .shares = slot->vnic->n_shares ? slot->vnic->shares[0] : 0,
            .limit = vnic_limit(slot->vnic),
            .reservation = dvs_read_reserved(slot->vnic),
            .active = claim == active,
            .migrating = slot->n_claims > 1,
        };
        struct proxy_port *p = &proxies[n];

        compile_port(port->portgroup
                     ? &view_portgroup(pass->view, port->portgroup)->model
                     : NULL, &model, &nic, p);
        if (!ok) {
            smap_destroy(&p->setting);
            smap_clone(&p->setting, &old[0]->setting);
        }
        ports[n].host = claim ? claim->host : slot->host;
        ports[n].port = p;
        n++;
    }
    sync_port(pass, slot->switch_, port->key,
              port->portgroup ? &port->portgroup->header_.uuid : NULL,
              ports, n);
    dvsrec_port_set_proxy_host(port, (!n ? NULL : active ? active->host
                                      : slot->host));

    for (size_t i = 0; i < n; i++) {
        proxy_port_destroy(&proxies[i]);
    }
    dvs_port_destroy(&model);
    free(ports);
    free(proxies);
    free(old);
}

/* Returns the NIC that 'port', which may be NULL, has rightfully, or NULL. */
static const struct dvsrec_vnic *
get_nic(const struct dvsrec_port *port)
{
    const struct dvsrec_vnic *vnic = port ? port->connectee : NULL;

    return (vnic && row_exists(&vnic->header_) && vnic->connection == port
            ? vnic : NULL);
}

static void
look_at_slot(struct pass *pass, const struct dirty_slot *mark)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &mark->switch_);
    struct slot slot = {
        .switch_ = &mark->switch_,
        .port = s ? find_port(pass->ix, s, mark->key) : NULL,
    };

    COVERAGE_INC(look_at_slot);
    struct smap hosts = SMAP_INITIALIZER(&hosts);
    room_collect_hosts(pass, slot.switch_, mark->key, &hosts);
    slot.vnic = get_nic(slot.port);
    if (slot.vnic) {
        select_claims(pass, &slot);
        if (slot.n_claims || slot.host
            || !dvs_port_key_is_host_made(mark->key)) {
            grant(pass, &slot);
        } else {
            /* Its host has made it, and has no room. */
            host_made_refuse(pass, &mark->switch_, mark->key);
            dvsrec_port_set_proxy_host(slot.port, NULL);
        }
        free(slot.claims);
    } else {
        host_made_refuse(pass, &mark->switch_, mark->key);
        if (slot.port) {
            dvsrec_port_set_proxy_host(slot.port, NULL);
        }
    }
    room_mark_hosts(pass, slot.switch_, mark->key, &hosts);
    smap_destroy(&hosts);
}

/* A mark, and when its turn comes. */
struct turn {
    struct dirty_slot *mark;
    int class;                  /* Lower ones first. */
    const char *nic;            /* Id of the NIC that the port has, or "". */
};

/* First come NICs that are granted some port, which keep their places on hosts
 * that may not have more; then ports without NIC, of which hosts are rid; then
 * NICs that may get a place. */
static struct turn
get_turn(struct pass *pass, struct dirty_slot *mark)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &mark->switch_);
    const struct dvsrec_vnic *vnic
        = s ? get_nic(find_port(pass->ix, s, mark->key)) : NULL;
    struct turn turn = { .mark = mark, .class = 1, .nic = "" };

    if (vnic) {
        const struct dvsrec_proxy_port **rows;
        size_t n = proxy_ports_of_nic(pass->ix, vnic->id, &rows);

        turn.class = 2;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(rows[i]->kind, "none")) {
                turn.class = 0;
            }
        }
        turn.nic = vnic->id;
        free(rows);
    }
    return turn;
}

static int
compare_turns(const void *a_, const void *b_)
{
    const struct turn *a = a_;
    const struct turn *b = b_;

    return (a->class != b->class ? a->class - b->class
            : strcmp(a->nic, b->nic));
}

void
slots_run(struct pass *pass)
{
    size_t n = 0, allocated = 0;
    struct turn *turns = NULL;
    struct dirty_slot *mark;

    while ((mark = dirty_pop_slot(pass->dirty))) {
        if (n >= allocated) {
            turns = x2nrealloc(turns, &allocated, sizeof *turns);
        }
        turns[n++] = get_turn(pass, mark);
    }
    if (n) {
        qsort(turns, n, sizeof *turns, compare_turns);
    }
    for (size_t i = 0; i < n; i++) {
        look_at_slot(pass, turns[i].mark);
        dirty_slot_destroy(turns[i].mark);
    }
    budgets_forget(pass);
    free(turns);
}

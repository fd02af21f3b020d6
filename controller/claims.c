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

/* Claims: NICs that agents find on their hosts; see claims.h.
 *
 * Makes and deletes automatic VNIC rows.  Which port a NIC gets is binder.c's
 * matter, and what its host is told of it, slots.c's. */

#include <config.h>

#include "controller/claims.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "controller/binding.h"
#include "controller/concerns.h"
#include "controller/pass.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "unicode.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(claims);

COVERAGE_DEFINE(look_at_claim);
COVERAGE_DEFINE(vnic_added);
COVERAGE_DEFINE(vnic_deleted);

/* Looks at which a NIC must be missing before its row goes. */
#define ORPHAN_LOOKS 2

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

void
claims_init(struct claims *c)
{
    smap_init(&c->refused);
    smap_init(&c->told);
    shash_init(&c->orphans);
    smap_init(&c->latest);
    c->next_look = LLONG_MAX;
}

void
claims_destroy(struct claims *c)
{
    if (c) {
        smap_destroy(&c->refused);
        smap_destroy(&c->told);
        shash_destroy(&c->orphans);
        smap_destroy(&c->latest);
    }
}

/* Forgets all that 'c' remembers: what was missed by a controller that has not
 * been looking all the time was not missed at all. */
void
claims_forget(struct claims *c)
{
    smap_clear(&c->refused);
    smap_clear(&c->told);
    shash_clear(&c->orphans);
    smap_clear(&c->latest);
    c->next_look = LLONG_MAX;
}

/* To be called when a pass begins. */
void
claims_begin(struct claims *c)
{
    smap_clear(&c->told);
}

/* Goes back to what had been told of before the last pass, because its
 * transaction failed. */
void
claims_take_back(struct claims *c)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &c->told) {
        if (node->value[0]) {
            smap_replace(&c->refused, node->key, node->value);
        } else {
            smap_remove(&c->refused, node->key);
        }
    }
    smap_clear(&c->told);
}

/* Marks in 'dirty' the claims that could not be carried out: something has
 * changed that may help. */
void
claims_retry(const struct claims *c, struct dirty *dirty)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &c->refused) {
        dirty_mark_claim(dirty, node->key, "");
    }
}

/* If it is time, marks in 'dirty' the claims on NICs that have been missing,
 * which counts as a look.  There is one each 'interval' ms. */
void
claims_look_at_orphans(struct claims *c, struct dirty *dirty, int interval,
                       long long int now)
{
    struct shash_node *node;

    if (shash_is_empty(&c->orphans)) {
        c->next_look = LLONG_MAX;
    } else if (c->next_look > now + interval) {
        /* The first orphan, or a shorter interval than before. */
        c->next_look = now + interval;
    } else if (now >= c->next_look) {
        SHASH_FOR_EACH (node, &c->orphans) {
            node->data = (void *) ((uintptr_t) node->data + 1);
            dirty_mark_claim(dirty, node->name, "");
        }
        c->next_look = now + interval;
    }
}

/* Returns true if the host of 'claim' is a member of the switch that the NIC
 * is on. */
static bool
is_of_member(struct pass *pass, const struct dvsrec_port_state *claim)
{
    const struct uuid *switch_ = claim_switch(pass->idl, claim);

    return switch_ && find_proxy_host(pass->ix, claim->host, switch_);
}

/* Returns what the 'n' claims 'rows' on a NIC are to the rules, in the same
 * order.  The caller frees it. */
struct binding_claim *
claims_describe(struct pass *pass, const struct dvsrec_port_state **rows,
                size_t n)
{
    struct binding_claim *claims = xcalloc(n, sizeof *claims);

    for (size_t i = 0; i < n; i++) {
        claims[i].host = rows[i]->host;
        claims[i].member = is_of_member(pass, rows[i]);
        claims[i].running = rows[i]->running;
        claims[i].ended = rows[i]->ended;
    }
    return claims;
}

/* Returns true if one of the 'n' claims 'rows' is that of a member of the
 * switch that the NIC is on: only these count. */
bool
claims_has_member(struct pass *pass, const struct dvsrec_port_state **rows,
                  size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_of_member(pass, rows[i])) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'nic' has been missed at so many looks that it is taken to
 * have been unplugged. */
bool
claims_is_missed(const struct claims *c, const char *nic)
{
    const struct shash_node *orphan = shash_find(&c->orphans, nic);

    return orphan && (uintptr_t) orphan->data >= ORPHAN_LOOKS;
}

/* Returns true if the port that 'vnic' has, if any, goes when the NIC is
 * missed for long enough. */
static bool
keeps_port_while_plugged(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_port *port = vnic->connection;

    return (port && row_exists(&port->header_) && strcmp(vnic->kind, "host")
            && port_is_for_plugged(pass->ix, port));
}

/* Returns the portgroup that 'claim' names, or NULL with the reason in
 * '*error', which the caller must free. */
static const struct dvsrec_portgroup *
find_profile(struct pass *pass, const struct dvsrec_port_state *claim,
             char **error)
{
    const struct uuid *switch_ = claim_switch(pass->idl, claim);
    const struct dvsrec_switch *s
        = switch_ ? get_switch(pass->idl, switch_) : NULL;
    const char *name = claim->profile;

    *error = NULL;
    if (!claim->nic[0]
        || utf8_length(claim->nic) > DVS_NIC_ID_MAX) {
        char *start = dvs_name_shorten(claim->nic, 40);

        *error = xasprintf("InvalidName: host \"%s\" has a NIC whose id does "
                           "not have 1 to %d characters: \"%s\"",
                           claim->host, DVS_NIC_ID_MAX, start);
        free(start);
        return NULL;
    } else if (!name[0]) {
        *error = xasprintf("NotFound: NIC \"%s\" on host \"%s\" is not known "
                           "and names no portgroup", claim->nic, claim->host);
        return NULL;
    } else if (!s) {
        *error = xasprintf("NotFound: NIC \"%s\" on host \"%s\" is in bridge "
                           "\"%s\", which is no switch's", claim->nic,
                           claim->host, claim->bridge);
        return NULL;
    }

    if (!find_proxy_host(pass->ix, claim->host, switch_)) {
        *error = xasprintf("NotFound: NIC \"%s\" on host \"%s\": the host is "
                           "no member of switch \"%s\", or one at fault",
                           claim->nic, claim->host, s->name);
        return NULL;
    }

    size_t len = strlen(s->name);
    if (!strncmp(name, s->name, len) && name[len] == '/') {
        name += len + 1;
    }
    const struct dvsrec_portgroup *pg = find_portgroup(pass->ix, s, name);
    if (!pg) {
        *error = xasprintf("NotFound: NIC \"%s\" on host \"%s\" names "
                           "portgroup \"%s\", which switch \"%s\" does not "
                           "have", claim->nic, claim->host, claim->profile,
                           s->name);
    } else if (pg->uplink) {
        *error = xasprintf("InvalidArgument: NIC \"%s\" on host \"%s\" names "
                           "portgroup \"%s\", which is for uplinks",
                           claim->nic, claim->host, claim->profile);
        pg = NULL;
    }
    return pg;
}

/* Remembers, for claims_take_back(), what was known of 'nic' before this
 * pass. */
static void
remember_told(struct claims *c, const char *nic)
{
    if (!smap_get(&c->told, nic)) {
        smap_add(&c->told, nic, smap_get_def(&c->refused, nic, ""));
    }
}

/* Remembers that 'claim' cannot be carried out, and tells of it unless it has
 * been told.  'error' is NULL if it can be. */
static void
refuse(struct pass *pass, const struct dvsrec_port_state *claim,
       const char *error)
{
    const char *known = smap_get(&pass->claims->refused, claim->nic);

    if (!error) {
        if (known) {
            remember_told(pass->claims, claim->nic);
            smap_remove(&pass->claims->refused, claim->nic);
        }
    } else if (!known || strcmp(known, error)) {
        VLOG_INFO_RL(&rl, "%s", error);
        if (pass->trigger) {
            event_list_add(pass->events, "DvsNicRefusedEvent", "warning", NULL,
                           claim->nic, claim->host, "%s", error);
        }
        remember_told(pass->claims, claim->nic);
        smap_replace(&pass->claims->refused, claim->nic, error);
    }
}

/* Makes, or brings in step, the automatic VNIC row that follows from 'claim';
 * 'vnic' is the row, or NULL if there is none. */
static void
update_vnic(struct pass *pass, const struct dvsrec_port_state *claim,
            const struct dvsrec_vnic *vnic)
{
    char *error;
    const struct dvsrec_portgroup *pg = find_profile(pass, claim, &error);

    refuse(pass, claim, error);
    free(error);
    if (!pg && !vnic) {
        return;
    }
    if (!vnic) {
        struct uuid uuid;

        COVERAGE_INC(vnic_added);
        VLOG_INFO_RL(&rl, "NIC %s: claimed by host %s for portgroup %s/%s",
                     claim->nic, claim->host, pg->switch_->name, pg->name);
        uuid_generate(&uuid);
        dvsrec_portgroup_verify_name(pg);
        vnic = dvsrec_vnic_insert_persist_uuid(pass->txn, &uuid);
        dvsrec_vnic_set_id(vnic, claim->nic);
        dvsrec_vnic_set_kind(vnic, "vm");
        dvsrec_vnic_set_automatic(vnic, true);
    }
    if (pg && pg != vnic->moved_from) {
        if (vnic->moved_from) {
            dvsrec_vnic_set_moved_from(vnic, NULL);
            dvsrec_vnic_set_port(vnic, NULL);
        }
        dvsrec_vnic_set_portgroup(vnic, pg);
    }
    dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
}

/* Counts how long 'vnic', whose NIC is nowhere, has been missed.  If 'delete',
 * deletes the row once that has been so for long enough.  (What port another
 * one loses then, is for binder.c to see.)  Returns true if the row is
 * gone. */
static bool
miss_vnic(struct pass *pass, const struct dvsrec_vnic *vnic, bool delete)
{
    struct shash_node *orphan = shash_find(&pass->claims->orphans, vnic->id);

    if (!orphan) {
        shash_add(&pass->claims->orphans, vnic->id, NULL);
    } else if (claims_is_missed(pass->claims, vnic->id)
               && delete) {
        COVERAGE_INC(vnic_deleted);
        VLOG_INFO_RL(&rl, "NIC %s: no host has claimed it for %d looks; "
                     "forgotten", vnic->id, ORPHAN_LOOKS);
        shash_delete(&pass->claims->orphans, orphan);
        pools_mark_nic(pass->idl, pass->dirty, vnic);
        if (vnic->connection) {
            dirty_mark_released(pass->dirty, &vnic->connection->header_.uuid,
                                vnic->id);
            dvsrec_port_set_connectee(vnic->connection, NULL);
        }
        dvsrec_vnic_delete(vnic);
        return true;
    }
    dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
    return false;
}

static void
look_at_claim(struct pass *pass, const char *nic, const char *latest)
{
    const struct dvsrec_vnic *vnic = find_vnic(pass->ix, nic);
    const struct dvsrec_port_state **rows;
    size_t n = claims_of_nic(pass->ix, nic, &rows);

    COVERAGE_INC(look_at_claim);
    if (latest[0]) {
        smap_replace(&pass->claims->latest, nic, latest);
    }
    bool row_goes = vnic && vnic->automatic && !n;
    bool port_goes = (vnic && !claims_has_member(pass, rows, n)
                      && keeps_port_while_plugged(pass, vnic));
    if (!row_goes && !port_goes) {
        shash_find_and_delete(&pass->claims->orphans, nic);
    }
    if (!n) {
        smap_remove(&pass->claims->refused, nic);
    }

    if ((row_goes || port_goes) && miss_vnic(pass, vnic, row_goes)) {
        /* It is gone. */
    } else if (n && (!vnic || vnic->automatic)) {
        /* Where a NIC without a row was seen last is not on record, and so
         * must not decide what becomes of it. */
        struct binding_claim *claims = claims_describe(pass, rows, n);
        const struct binding_claim *active
            = (vnic
               ? binding_active_claim(claims, n, latest, vnic->claimed_by)
               : binding_active_claim(claims, n, "", NULL));
        if (!vnic) {
            smap_remove(&pass->claims->latest, nic);
        }
        update_vnic(pass, rows[active - claims], vnic);
        free(claims);
    } else if (vnic) {
        smap_remove(&pass->claims->refused, nic);
        dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
    }
    host_made_mark(pass, nic);
    free(rows);
}

void
claims_run(struct pass *pass)
{
    struct uuid uuid;
    char *nic, *latest;

    while (dirty_pop(pass->dirty, DIRTY_NAMES_OF_SWITCH, &uuid)) {
        const struct dvsrec_port_state **rows;
        size_t n = claims_of_switch(pass->ix, &uuid, &rows);

        for (size_t i = 0; i < n; i++) {
            if (strcmp(rows[i]->kind, "uplink")) {
                dirty_mark_claim(pass->dirty, rows[i]->nic, "");
            }
        }
        free(rows);
    }
    while (dirty_pop_claim(pass->dirty, &nic, &latest)) {
        look_at_claim(pass, nic, latest);
        free(nic);
        free(latest);
    }
}

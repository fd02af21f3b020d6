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

/* Automatic rollback: takes back for everyone what cut a host off.
 *
 * A host that loses the database after a change returns on its own to what it
 * had, and says so in Proxy_State.rolled_back.  If what it refuses is still
 * wanted, the object concerned becomes again what it was in the newest
 * checkpoint that no host has refused.  Other objects stay as they are. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/checkpoints.h"
#include "controller/pass.h"
#include "controller/rollback-parts.h"
#include "controller/rollouts.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "sset.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rollbacks);

COVERAGE_DEFINE(rolled_back);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(20, 20);

/* Something that a host refuses. */
struct refusal {
    const struct dvsrec_proxy_state *state;
    const struct dvsrec_switch *s;
    const char *key;            /* As in Proxy_State.rolled_back. */
    char *id;                   /* As in Checkpoint.refused. */
    int64_t version;
    struct part part;
    char *effect;               /* What the host would have to realise, NULL
                                 * if no row has it as such. */
};

static void
refusal_destroy(struct refusal *r)
{
    free(r->id);
    free(r->effect);
}

/* Initializes 'part' as what 'key' of the host says.  Returns false if it says
 * nothing. */
static bool
part_from_key(struct part *part, const char *key, const char *host)
{
    *part = (struct part) { .host = host };
    if (!strcmp(key, "switch")) {
        part->kind = PART_SWITCH;
    } else if (!strcmp(key, "host")) {
        part->kind = PART_HOST;
    } else if (!strncmp(key, "portgroup:", 10)
               && uuid_from_string(&part->portgroup, key + 10)) {
        part->kind = PART_PORTGROUP;
    } else if (!strncmp(key, "port:", 5)) {
        part->kind = PART_PORT;
        part->port = key + 5;
    } else {
        return false;
    }
    return true;
}

/* Returns the version of what the host of 'r' is to realise by now, 0 if that
 * is nothing, and stores its effect in 'r'. */
static int64_t
find_wanted(struct pass *pass, struct refusal *r)
{
    const struct uuid *switch_ = &r->state->switch_;
    const struct dvsrec_proxy_host *ph
        = find_proxy_host(pass->ix, r->state->host, switch_);
    bool canary = ph && ph->ring == RING_CANARY;

    switch (r->part.kind) {
    case PART_SWITCH: {
        const struct dvsrec_proxy_switch *row
            = (canary ? find_proxy_switch(pass->ix, switch_)
               : find_proxy_switch_in_ring(pass->ix, switch_, RING_COMMON));
        r->effect = row ? proxy_switch_effect(row) : NULL;
        return row ? row->version : 0;
    }
    case PART_HOST:
        return ph ? ph->version : 0;
    case PART_PORTGROUP: {
        const struct uuid *uuid = &r->part.portgroup;
        const struct dvsrec_proxy_portgroup *row
            = (canary ? find_proxy_portgroup(pass->ix, uuid)
               : find_proxy_portgroup_in_ring(pass->ix, uuid, RING_COMMON));
        r->effect = row ? proxy_portgroup_effect(row) : NULL;
        return row ? row->version : 0;
    }
    case PART_PORT: {
        const struct dvsrec_proxy_port **rows;
        int64_t version = 0;

        size_t n = proxy_ports_of_port(pass->ix, switch_, r->part.port,
                                       &rows);
        for (size_t i = 0; i < n; i++) {
            if (!strcmp(rows[i]->host, r->state->host)) {
                free(r->effect);
                r->effect = proxy_port_effect(rows[i]);
                version = rows[i]->version;
            }
        }
        free(rows);
        return version;
    }
    }
    OVS_NOT_REACHED();
}

static bool
reads(const struct dvsrec_checkpoint *row, struct dvs_document *doc)
{
    char *error = dvs_document_from_text(doc, row->document,
                                         strlen(row->document));

    free(error);
    return !error && doc->n_switches;
}

/* Makes port 'key', if it is there, have the policy of its own that 'then'
 * has; none if that is NULL. */
static char *
restore_port(struct pass *pass, const struct refusal *r, const char *key,
             struct dvs_doc_object *then)
{
    const struct dvsrec_port *port = find_port(pass->ix, r->s, key);

    if (port && then) {
        return dvs_document_restore_object(pass->idl, pass->txn, then, r->s);
    } else if (port) {
        dvsrec_port_set_setting(port, NULL);
    }
    return NULL;
}

/* Makes the uplink ports that 'from' has of the host of 'r' what they are in
 * 'then'. */
static char *
restore_uplink_ports(struct pass *pass, const struct refusal *r,
                     const struct dvs_doc_object *from,
                     struct dvs_doc_object *then)
{
    struct dvs_doc_object **ports;
    char *error = NULL;

    size_t n = part_uplink_ports(from, r->state->host, &ports);
    for (size_t i = 0; i < n && !error; i++) {
        char *key = dvs_doc_text_from_json(dvs_doc_object_value(ports[i],
                                                                "key"));

        error = restore_port(pass, r, key,
                             dvs_doc_object_find_port(then, key));
        free(key);
    }
    free(ports);
    return error;
}

/* Makes the object of 'r' itself what it is in 'then', which differs from
 * 'now'. */
static char *
restore_object(struct pass *pass, const struct refusal *r,
               struct dvs_doc_object *then, struct dvs_doc_object *now)
{
    struct dvs_doc_object *object = part_find(&r->part, then);

    if (r->part.kind == PART_PORT) {
        return restore_port(pass, r, r->part.port, object);
    } else if (object) {
        char *error = dvs_document_restore_object(pass->idl, pass->txn,
                                                  object, r->s);

        if (!error && r->part.kind == PART_HOST) {
            error = restore_uplink_ports(pass, r, then, then);
        }
        if (!error && r->part.kind == PART_HOST) {
            error = restore_uplink_ports(pass, r, now, then);
        }
        return error;
    } else if (r->part.kind == PART_HOST) {
        const struct dvsrec_host_member *member
            = find_member(pass->ix, r->s, r->state->host);

        if (member) {
            dvsrec_host_member_delete(member);
        }
        return NULL;
    }
    OVS_NOT_REACHED();
}

/* Restores what has 'effect' in 'then' in place of what 'now' has: the object
 * of 'r', or the switch that it depends on, or both if neither is enough.
 * Returns false if that is not possible. */
static bool
restore(struct pass *pass, const struct refusal *r, const char *effect,
        struct dvs_doc_object *then, struct dvs_doc_object *now)
{
    char *by_object = part_effect(&r->part, now, then);
    char *by_switch = part_effect(&r->part, then, now);
    bool object = r->part.kind != PART_SWITCH;
    bool s = !object;
    char *error = NULL;

    if (object && strcmp(by_object, effect)) {
        object = strcmp(by_switch, effect);
        s = true;
    }
    if (object) {
        error = restore_object(pass, r, then, now);
    }
    if (!error && s) {
        error = dvs_document_restore_object(pass->idl, pass->txn, then, r->s);
    }
    if (error) {
        VLOG_WARN_RL(&rl, "switch %s: cannot take back %s: %s", r->s->name,
                     r->key, error);
    }
    free(by_object);
    free(by_switch);
    bool done = !error;
    free(error);
    return done;
}

/* Returns what people call what 'r' is about. */
static char *
describe(struct pass *pass, const struct refusal *r)
{
    const struct dvsrec_portgroup *pg
        = (r->part.kind == PART_PORTGROUP
           ? get_portgroup(pass->idl, &r->part.portgroup) : NULL);

    return (r->part.port ? xasprintf("%s:%s", r->s->name, r->part.port)
            : pg ? xasprintf("%s/%s", r->s->name, pg->name)
            : xstrdup(r->s->name));
}

/* Returns what kind of thing 'r' is about. */
static const char *
get_word(const struct refusal *r)
{
    switch (r->part.kind) {
    case PART_SWITCH:
        return "the switch";
    case PART_HOST:
        return "the host's uplinks";
    case PART_PORTGROUP:
        return "the portgroup";
    case PART_PORT:
        return "the port";
    }
    OVS_NOT_REACHED();
}

static void
report(struct pass *pass, const struct refusal *r,
       const struct dvsrec_checkpoint *row)
{
    char *object = describe(pass, r);
    const char *what = get_word(r);
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "a change cut host %s off from the database; %s "
                  "is again as it was in checkpoint %"PRId64,
                  r->state->host, what, row->sequence);
    if (row->change[0]) {
        ds_put_format(&s, ", before: %s", row->change);
    }
    COVERAGE_INC(rolled_back);
    VLOG_WARN_RL(&rl, "%s: %s", object, ds_cstr(&s));
    event_list_add(pass->events, "RollbackEvent", "warning",
                   &r->s->header_.uuid, object, r->state->host, "%s",
                   ds_cstr(&s));
    ds_destroy(&s);
    free(object);
}

/* Notes in 'row', the newest checkpoint, that 'r' has been refused. */
static void
note_refused(const struct dvsrec_checkpoint *row, const struct refusal *r)
{
    struct svec keys = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < row->n_refused; i++) {
        svec_add(&keys, row->refused[i]);
    }
    if (!svec_contains_unsorted(&keys, r->id)) {
        svec_add(&keys, r->id);
        dvsrec_checkpoint_set_refused(row, (const char **) keys.names,
                                      keys.n);
    }
    svec_destroy(&keys);
}

static bool
is_refused(const struct dvsrec_checkpoint *row, const char *id)
{
    for (size_t i = 0; i < row->n_refused; i++) {
        if (!strcmp(row->refused[i], id)) {
            return true;
        }
    }
    return false;
}

/* Adds to 'effects' what the host of 'r' refuses: what is wanted, and those of
 * 'rows', of which there are 'n', that were refused before: they are no better
 * for being old. */
static void
add_refused_effects(const struct refusal *r,
                    const struct dvsrec_checkpoint **rows, size_t n,
                    struct sset *effects)
{
    if (r->effect) {
        sset_add(effects, r->effect);
    }
    if (r->part.kind == PART_PORTGROUP) {
        sset_add(effects, "");  /* It is not removed. */
    }
    for (size_t i = 0; i < n; i++) {
        struct dvs_document old;

        if (is_refused(rows[i], r->id) && reads(rows[i], &old)) {
            sset_add_and_free(effects, part_effect(&r->part, old.switches[0],
                                                   old.switches[0]));
            dvs_document_destroy(&old);
        }
    }
}

/* Takes back what 'r' says.  A state is only worth restoring if it has another
 * effect than what is refused: what has been changed in the meantime and has
 * no part in it stays.  Returns true if rows have been changed. */
static bool
take_back(struct pass *pass, const struct refusal *r)
{
    const struct dvsrec_checkpoint **rows, *newest
        = checkpoint_newest(pass->ix, &r->s->header_.uuid);
    size_t n = checkpoints_of_switch(pass->ix, &r->s->header_.uuid, &rows);
    struct sset refused = SSET_INITIALIZER(&refused);
    struct dvs_document now;
    bool done = false;

    if (!newest || !reads(newest, &now)) {
        free(rows);
        sset_destroy(&refused);
        return false;
    }

    note_refused(newest, r);
    sset_add_and_free(&refused, part_effect(&r->part, now.switches[0],
                                            now.switches[0]));
    add_refused_effects(r, rows, n, &refused);
    for (size_t i = n; i-- > 0 && !done; ) {
        struct dvs_document old;

        if (rows[i] != newest && reads(rows[i], &old)) {
            char *effect = part_effect(&r->part, old.switches[0],
                                       old.switches[0]);

            if (!sset_contains(&refused, effect)
                && restore(pass, r, effect, old.switches[0],
                           now.switches[0])) {
                report(pass, r, rows[i]);
                done = true;
            }
            free(effect);
            dvs_document_destroy(&old);
        }
    }
    if (!done) {
        VLOG_WARN_RL(&rl, "switch %s: host %s refuses %s, and no checkpoint "
                     "has another state of it", r->s->name, r->state->host,
                     r->key);
    }
    dvs_document_destroy(&now);
    free(rows);
    sset_destroy(&refused);
    return done;
}

/* Initializes 'r' as number 'i' of what the host of 'state' refuses of 's'.
 * Returns false if what is wanted by now is something else.  The caller must
 * destroy 'r' in any case. */
static bool
refusal_init(struct refusal *r, struct pass *pass,
             const struct dvsrec_proxy_state *state,
             const struct dvsrec_switch *s, size_t i)
{
    *r = (struct refusal) {
        .state = state, .s = s, .key = state->key_rolled_back[i],
        .version = state->value_rolled_back[i],
    };
    r->id = (strcmp(r->key, "host") ? xstrdup(r->key)
             : xasprintf("host:%s", state->host));
    return (part_from_key(&r->part, r->key, state->host)
            && find_wanted(pass, r) == r->version);
}

/* Returns the effect that what 'r' is about has in 'row', for the caller to
 * free, or NULL if that is not known. */
static char *
effect_in(const struct refusal *r, const struct dvsrec_checkpoint *row)
{
    struct dvs_document doc;
    char *effect = NULL;

    if (row && reads(row, &doc)) {
        effect = part_effect(&r->part, doc.switches[0], doc.switches[0]);
        dvs_document_destroy(&doc);
    }
    return effect;
}

/* Returns true if what 'r' refuses was so in checkpoint 'base' of its switch
 * already. */
static bool
is_older_than(struct pass *pass, const struct refusal *r, int64_t base)
{
    const struct dvsrec_checkpoint **rows, *then = NULL;
    size_t n = checkpoints_of_switch(pass->ix, &r->s->header_.uuid, &rows);

    for (size_t i = 0; i < n; i++) {
        then = rows[i]->sequence == base ? rows[i] : then;
    }
    free(rows);

    char *effect_then = effect_in(r, then);
    char *effect_now
        = (r->effect ? xstrdup(r->effect)
           : effect_in(r, checkpoint_newest(pass->ix, &r->s->header_.uuid)));
    bool is_older = effect_then && effect_now && !strcmp(effect_then,
                                                         effect_now);
    free(effect_then);
    free(effect_now);
    return is_older;
}

/* Returns true if the host of 'state' refuses what is wanted. */
bool
rollbacks_refuses(struct pass *pass, const struct dvsrec_proxy_state *state)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &state->switch_);
    bool refuses = false;

    for (size_t i = 0; i < state->n_rolled_back && s && !refuses; i++) {
        struct refusal r;

        refuses = refusal_init(&r, pass, state, s, i);
        refusal_destroy(&r);
    }
    return refuses;
}

/* Finds out whether the host of 'state' refuses what is still wanted.  What
 * has been changed since checkpoint 'base' is noted as refused in the newest
 * one.  Returns what people call it, for the caller to free, or NULL; and
 * stores in '*older' whether all of it was so in 'base' already. */
char *
rollbacks_find_refused(struct pass *pass,
                       const struct dvsrec_proxy_state *state, int64_t base,
                       bool *older)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &state->switch_);
    char *what = NULL;

    *older = true;
    for (size_t i = 0; i < state->n_rolled_back && s; i++) {
        struct refusal r;

        if (refusal_init(&r, pass, state, s, i)) {
            checkpoints_run(pass);

            const struct dvsrec_checkpoint *newest
                = checkpoint_newest(pass->ix, &s->header_.uuid);
            bool is_older = is_older_than(pass, &r, base);
            if (newest && !is_older) {
                note_refused(newest, &r);
            }
            if (!what || (*older && !is_older)) {
                char *object = describe(pass, &r);

                free(what);
                what = xasprintf("%s %s", get_word(&r), object);
                free(object);
            }
            *older = *older && is_older;
        }
        refusal_destroy(&r);
    }
    return what;
}

/* Looks at what the host of 'state' refuses.  'done' has what has been taken
 * back already, for other hosts. */
static void
look_at_state(struct pass *pass, const struct dvsrec_proxy_state *state,
              struct sset *done)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &state->switch_);

    for (size_t i = 0; i < state->n_rolled_back && s; i++) {
        struct refusal r;
        bool wanted = refusal_init(&r, pass, state, s, i);
        char *id = xasprintf(UUID_FMT" %s", UUID_ARGS(&state->switch_),
                             r.id);

        if (wanted && !sset_contains(done, id)
            && take_back(pass, &r)) {
            /* Whoever is cut off cannot wait for canaries. */
            rollout_waive(pass, &state->switch_);
            checkpoint_restored(pass, s);
            sset_add(done, id);
        }
        refusal_destroy(&r);
        free(id);
    }
}

/* Looks at what hosts have taken back on their own.  To be called when what
 * hosts are to be told is known, and saved. */
void
rollbacks_run(struct pass *pass)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);
    const struct dvsrec_proxy_state *state;
    struct sset done = SSET_INITIALIZER(&done);

    if (!pass->dirty->rollbacks) {
        return;
    }
    pass->dirty->rollbacks = false;
    if (global && !smap_get_bool(&global->options, "auto_rollback", true)) {
        return;
    }
    DVSREC_PROXY_STATE_FOR_EACH (state, pass->idl) {
        const struct rollout *rollout = rollout_find(pass, &state->switch_);

        /* What canaries refuse, task_rollout() takes back. */
        if (state->n_rolled_back
            && !(rollout && rollout_has_canary(rollout, state->host))) {
            look_at_state(pass, state, &done);
        }
    }
    sset_destroy(&done);
}

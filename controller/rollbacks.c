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
    int64_t version;
    struct uuid portgroup;      /* For "portgroup:UUID". */
    const char *port;           /* For "port:KEY". */
};

/* What the document of a checkpoint has about a refusal: the object itself
 * (NULL if it is not there, or plain), and the switch if the object depends on
 * it, or is it. */
struct part {
    struct dvs_doc_object *object;
    struct dvs_doc_object *s;
    char *object_text;          /* To compare. */
    char *switch_text;
};

static void
part_destroy(struct part *part)
{
    free(part->object_text);
    free(part->switch_text);
}

/* Returns what is at 'r''s key for its host: its version, or 0 if it is not
 * there. */
static int64_t
wanted_version(struct pass *pass, struct refusal *r)
{
    const struct uuid *switch_ = &r->state->switch_;
    const struct dvsrec_proxy_host *ph
        = find_proxy_host(pass->ix, r->state->host, switch_);
    bool canary = ph && ph->ring == RING_CANARY;

    if (!strcmp(r->key, "switch")) {
        const struct dvsrec_proxy_switch *row
            = (canary ? find_proxy_switch(pass->ix, switch_)
               : find_proxy_switch_in_ring(pass->ix, switch_, RING_COMMON));
        return row ? row->version : 0;
    } else if (!strcmp(r->key, "host")) {
        return ph ? ph->version : 0;
    } else if (!strncmp(r->key, "portgroup:", 10)
               && uuid_from_string(&r->portgroup, r->key + 10)) {
        const struct dvsrec_proxy_portgroup *row
            = (canary ? find_proxy_portgroup(pass->ix, &r->portgroup)
               : find_proxy_portgroup_in_ring(pass->ix, &r->portgroup,
                                              RING_COMMON));
        return row ? row->version : 0;
    } else if (!strncmp(r->key, "port:", 5)) {
        const struct dvsrec_proxy_port **rows;
        int64_t version = 0;

        r->port = r->key + 5;
        size_t n = proxy_ports_of_port(pass->ix, switch_, r->port, &rows);
        for (size_t i = 0; i < n; i++) {
            if (!strcmp(rows[i]->host, r->state->host)) {
                version = rows[i]->version;
            }
        }
        free(rows);
        return version;
    }
    return -1;
}

/* Finds in 'doc' what 'r' is about. */
static void
find_part(const struct refusal *r, const struct dvs_document *doc,
          struct part *part)
{
    struct dvs_doc_object *s = doc->n_switches ? doc->switches[0] : NULL;

    *part = (struct part) { .object = NULL };
    if (s) {
        if (!strcmp(r->key, "switch")) {
            part->object = s;
        } else if (!strcmp(r->key, "host")) {
            part->object = dvs_doc_object_find_member(s, r->state->host);
        } else if (r->port) {
            part->object = dvs_doc_object_find_port(s, r->port);
        } else {
            part->object = dvs_doc_object_find_portgroup(s, &r->portgroup,
                                                         NULL);
        }
        if (!r->port) {
            part->s = s;
        }
    }
    part->object_text = dvs_doc_object_own_text(part->object);
    part->switch_text = dvs_doc_object_own_text(part->s);
}

static bool
reads(const struct dvsrec_checkpoint *row, struct dvs_document *doc)
{
    char *error = dvs_document_from_text(doc, row->document,
                                         strlen(row->document));

    free(error);
    return !error;
}

static char *
part_text(const struct part *part)
{
    return xasprintf("%s\n%s", part->object_text, part->switch_text);
}

/* Writes what 'then' has into the database, as far as it differs from 'now'.
 * Returns false if that is not possible. */
static bool
restore(struct pass *pass, const struct refusal *r, const struct part *then,
        const struct part *now)
{
    char *error = NULL;

    if (strcmp(then->object_text, now->object_text)) {
        if (then->object) {
            error = dvs_document_restore_object(pass->idl, pass->txn,
                                                then->object, r->s);
        } else if (r->port) {
            const struct dvsrec_port *port = find_port(pass->ix, r->s,
                                                       r->port);
            if (port) {
                dvsrec_port_set_setting(port, NULL);
            }
        } else if (!strcmp(r->key, "host")) {
            const struct dvsrec_host_member *member
                = find_member(pass->ix, r->s, r->state->host);
            if (member) {
                dvsrec_host_member_delete(member);
            }
        } else {
            return false;       /* It was not there. */
        }
    }
    if (!error && then->s && then->s != then->object
        && strcmp(then->switch_text, now->switch_text)) {
        error = dvs_document_restore_object(pass->idl, pass->txn, then->s,
                                            r->s);
    }
    if (error) {
        VLOG_WARN_RL(&rl, "switch %s: cannot take back %s: %s", r->s->name,
                     r->key, error);
        free(error);
        return false;
    }
    return true;
}

/* Returns what people call what 'r' is about. */
static char *
describe(struct pass *pass, const struct refusal *r)
{
    const struct dvsrec_portgroup *pg
        = (r->port ? NULL : get_portgroup(pass->idl, &r->portgroup));

    return (r->port ? xasprintf("%s:%s", r->s->name, r->port)
            : pg ? xasprintf("%s/%s", r->s->name, pg->name)
            : xstrdup(r->s->name));
}

/* Returns what kind of thing 'r' is about. */
static const char *
get_word(const struct refusal *r)
{
    return (!strcmp(r->key, "switch") ? "the switch"
            : !strcmp(r->key, "host") ? "the host's uplinks"
            : r->port ? "the port" : "the portgroup");
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
    if (!svec_contains_unsorted(&keys, r->key)) {
        svec_add(&keys, r->key);
        dvsrec_checkpoint_set_refused(row, (const char **) keys.names,
                                      keys.n);
    }
    svec_destroy(&keys);
}

static bool
is_refused(const struct dvsrec_checkpoint *row, const char *key)
{
    for (size_t i = 0; i < row->n_refused; i++) {
        if (!strcmp(row->refused[i], key)) {
            return true;
        }
    }
    return false;
}

/* Takes back what 'r' says.  Returns true if rows have been changed. */
static bool
take_back(struct pass *pass, const struct refusal *r)
{
    const struct dvsrec_checkpoint **rows, *newest
        = checkpoint_newest(pass->ix, &r->s->header_.uuid);
    size_t n = checkpoints_of_switch(pass->ix, &r->s->header_.uuid, &rows);
    struct sset refused = SSET_INITIALIZER(&refused);
    struct dvs_document doc;
    bool done = false;

    if (!newest || !reads(newest, &doc)) {
        free(rows);
        sset_destroy(&refused);
        return false;
    }

    struct part now;
    find_part(r, &doc, &now);
    sset_add_and_free(&refused, part_text(&now));
    /* States that were refused and came back are no better for being old. */
    for (size_t i = 0; i < n; i++) {
        struct dvs_document old;

        if (rows[i] != newest && is_refused(rows[i], r->key)
            && reads(rows[i], &old)) {
            struct part part;

            find_part(r, &old, &part);
            sset_add_and_free(&refused, part_text(&part));
            part_destroy(&part);
            dvs_document_destroy(&old);
        }
    }
    for (size_t i = n; i-- > 0 && !done; ) {
        struct dvs_document old;

        if (rows[i] != newest && reads(rows[i], &old)) {
            struct part part;

            find_part(r, &old, &part);
            char *text = part_text(&part);
            if (!sset_contains(&refused, text)
                && restore(pass, r, &part, &now)) {
                report(pass, r, rows[i]);
                note_refused(newest, r);
                done = true;
            }
            free(text);
            part_destroy(&part);
            dvs_document_destroy(&old);
        }
    }
    if (!done) {
        VLOG_WARN_RL(&rl, "switch %s: host %s refuses %s, and no checkpoint "
                     "has another state of it", r->s->name, r->state->host,
                     r->key);
    }
    part_destroy(&now);
    dvs_document_destroy(&doc);
    free(rows);
    sset_destroy(&refused);
    return done;
}

/* Initializes 'r' as number 'i' of what the host of 'state' refuses of 's'.
 * Returns false if what is wanted by now is something else. */
static bool
get_refusal(struct pass *pass, const struct dvsrec_proxy_state *state,
            const struct dvsrec_switch *s, size_t i, struct refusal *r)
{
    *r = (struct refusal) {
        .state = state, .s = s, .key = state->key_rolled_back[i],
        .version = state->value_rolled_back[i],
    };
    return wanted_version(pass, r) == r->version;
}

/* Finds out whether the host of 'state' refuses what is still wanted, and
 * notes that in the newest checkpoint.  Returns what people call it, for the
 * caller to free, or NULL. */
char *
rollbacks_find_refused(struct pass *pass,
                       const struct dvsrec_proxy_state *state)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, &state->switch_);
    char *what = NULL;

    for (size_t i = 0; i < state->n_rolled_back && s; i++) {
        struct refusal r;

        if (get_refusal(pass, state, s, i, &r)) {
            checkpoints_run(pass);

            const struct dvsrec_checkpoint *newest
                = checkpoint_newest(pass->ix, &s->header_.uuid);
            if (newest) {
                note_refused(newest, &r);
            }
            if (!what) {
                char *object = describe(pass, &r);

                what = xasprintf("%s %s", get_word(&r), object);
                free(object);
            }
        }
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
        bool wanted = get_refusal(pass, state, s, i, &r);
        char *id = xasprintf(UUID_FMT" %s %s", UUID_ARGS(&state->switch_),
                             r.key, strcmp(r.key, "host") ? "" : state->host);

        if (wanted && !sset_contains(done, id)
            && take_back(pass, &r)) {
            /* Whoever is cut off cannot wait for canaries. */
            rollout_waive(pass, &state->switch_);
            checkpoint_restored(pass, s);
            sset_add(done, id);
        }
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

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

/* Which objects of a configuration document can be restored.
 *
 * The model library judges them, before anything of them is written.  What is
 * in the database already is judged by the controller alone: an object that is
 * the same there is not looked at. */

#include <config.h>

#include "schema/dvs-document-check.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-model.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-model.h"
#include "util.h"
#include "uuid.h"

struct check {
    const struct dvs_document *doc;
    int flags;                  /* enum dvs_restore_flags. */
    struct dvs_doc_object *sw;  /* What is to be restored. */
    struct dvs_doc_scope scope; /* What will be there. */
    struct dvs_switch model;    /* Likewise. */
    bool same;                  /* The switch itself does not change. */
    bool same_base;             /* Nor does what portgroups, ports and members
                                 * rest on. */
    struct dvs_doc_matches matches;     /* Of what hangs on it. */
    struct shash staying;       /* Names of portgroups that stay, -> NULL. */
    struct shash faulty;        /* UUIDs of portgroups at fault, and of their
                                 * ports -> "struct dvs_doc_object", the
                                 * portgroup. */
};

/* Returns true if 'object' of 'doc' is none of those that are restored with
 * 'flags', of enum dvs_restore_flags. */
bool
dvs_doc_is_left_out(const struct dvs_document *doc, int flags,
                    const struct dvs_doc_object *object)
{
    const struct dvs_doc_class *class = object->class;

    if (object->fault) {
        return true;
    }
    if (doc->portgroups_only && object->link
        && object->link->child != &dvs_doc_portgroup
        && object->link == dvs_doc_link_find(&dvs_doc_switch,
                                             object->link->key)) {
        return true;
    }
    if (flags & DVS_RESTORE_OWN && object->link
        && dvs_doc_class_is_whole(class)) {
        return true;
    }
    if (!(flags & DVS_RESTORE_NAME)
        && (class == &dvs_doc_port
            || (class == &dvs_doc_portgroup
                && dvs_doc_object_value(object, "uplink")))) {
        /* Keys mean nothing in another switch, which has uplink ports of its
         * own. */
        return true;
    }
    return ((!(flags & DVS_RESTORE_HOSTS)
             && (!strcmp(class->table, "Host_Member")
                 || (class == &dvs_doc_port
                     && dvs_doc_object_value(object, "uplink_host"))))
            || (!(flags & DVS_RESTORE_NICS) && class == &dvs_doc_nic));
}

static bool
is_left_out(const struct check *c, const struct dvs_doc_object *object)
{
    return dvs_doc_is_left_out(c->doc, c->flags, object);
}

/* Types. */

/* Returns 'error', which this frees and which may be NULL, with what 'object'
 * is called before it. */
static char *
name_object(const struct dvs_doc_object *object, char *error)
{
    char *named = NULL;

    if (error) {
        char *name = dvs_doc_object_name(object);

        named = xasprintf("%s%s%s: %s", object->class->word,
                          *name ? " " : "", name, error);
        free(name);
        free(error);
    }
    return named;
}

/* Returns NULL if all values of 'object' are of the types of their columns,
 * otherwise an error message, which the caller must free. */
static char * OVS_WARN_UNUSED_RESULT
check_own_values(const struct dvs_doc_object *object)
{
    const struct dvs_doc_class *class = object->class;
    const struct ovsdb_idl_table_class *table = dvs_doc_table(class);

    for (size_t i = 0; class->columns[i]; i++) {
        const struct ovsdb_idl_column *column
            = dvs_doc_column(table, class->columns[i]);
        struct ovsdb_datum datum;
        char *error = dvs_doc_json_to_datum(object->values[i], &column->type,
                                            &datum);

        ovsdb_datum_destroy(&datum, &column->type);
        if (error) {
            char *named = xasprintf("%s: %s", class->columns[i], error);

            free(error);
            return name_object(object, named);
        }
    }
    return NULL;
}

/* Likewise, for 'object' and all below it but portgroups and NICs, which are
 * restored one by one. */
static char * OVS_WARN_UNUSED_RESULT
check_all_values(const struct check *c, const struct dvs_doc_object *object)
{
    char *error = check_own_values(object);

    for (size_t i = 0; i < object->n_children && !error; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (!is_left_out(c, child) && child->class != &dvs_doc_portgroup
            && child->class != &dvs_doc_nic) {
            error = name_object(object, check_all_values(c, child));
        }
    }
    return error;
}

/* Returns 'error', which this frees and which may be NULL, as a fault. */
static char *
value_fault(char *error)
{
    char *fault = error ? xasprintf("InvalidArgument: %s", error) : NULL;

    free(error);
    return fault;
}

/* Contents.  Each of these returns NULL or a fault, which the caller must
 * free. */

/* Returns 'error', which may be NULL and which this frees, or else the first
 * of 'faults', which this destroys, as a fault of 'object'. */
static char *
make_fault(const struct dvs_doc_object *object, char *error,
           struct dvs_faults *faults)
{
    char *fault = NULL;

    if (error || faults->n) {
        char *name = dvs_doc_object_name(object);

        fault = (error
                 ? xasprintf("InvalidArgument: %s%s%s: %s",
                             object->class->word, *name ? " " : "", name,
                             error)
                 : xasprintf("%s: %s%s%s: %s", faults->faults[0].name,
                             object->class->word, *name ? " " : "", name,
                             faults->faults[0].message));
        free(name);
    }
    free(error);
    dvs_faults_destroy(faults);
    return fault;
}

/* Returns true if 'a' and 'b', which may be NULL, have the same of their
 * own. */
static bool
is_same(const struct dvs_doc_object *a, const struct dvs_doc_object *b)
{
    char *a_text = dvs_doc_object_own_text(a);
    char *b_text = dvs_doc_object_own_text(b);
    bool same = a && b && !strcmp(a_text, b_text);

    free(a_text);
    free(b_text);
    return same;
}

/* Returns, for comparison, what the validity of portgroups, ports and members
 * of 'sw', which may be NULL, depends on.  The caller must free it. */
static char *
base_text(const struct dvs_doc_object *sw)
{
    static const char *const columns[] = { "name", "uplinks", "version" };
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; sw && i < ARRAY_SIZE(columns); i++) {
        const char *value = dvs_doc_object_value(sw, columns[i]);

        ds_put_format(&s, "%s=%s\n", columns[i], value ? value : "");
    }
    for (size_t i = 0; sw && i < sw->n_children; i++) {
        const struct dvs_doc_object *child = sw->children[i];

        if (!dvs_doc_class_is_whole(child->class)) {
            char *text = dvs_doc_object_own_text(child);

            ds_put_format(&s, "%s {\n%s}\n", child->link->key, text);
            free(text);
        }
    }
    return ds_steal_cstr(&s);
}

static bool
has_same_base(const struct dvs_doc_object *a, const struct dvs_doc_object *b)
{
    char *a_text = base_text(a);
    char *b_text = base_text(b);
    bool same = !strcmp(a_text, b_text);

    free(a_text);
    free(b_text);
    return same;
}

static char * OVS_WARN_UNUSED_RESULT
check_port(const struct check *c, const struct dvs_portgroup *pg,
           const struct dvs_doc_object *object)
{
    struct dvs_faults faults;
    struct dvs_port port;

    dvs_faults_init(&faults);
    dvs_port_init(&port);

    char *error = dvs_doc_read_port(&c->scope, object, &port);
    if (!error) {
        dvs_validate_port(&c->model, pg, &port, &faults);
    }
    dvs_port_destroy(&port);
    return make_fault(object, error, &faults);
}

static char * OVS_WARN_UNUSED_RESULT
check_member(const struct check *c, const struct dvs_doc_object *object)
{
    struct dvs_member member;
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_member_init(&member);

    char *error = dvs_doc_read_member(object, &member);
    if (!error) {
        dvs_validate_member(&c->model, &member, NULL, &faults);
    }
    dvs_member_destroy(&member);
    return make_fault(object, error, &faults);
}

/* Checks the private VLANs and the LAGs, and leaves only what is valid in the
 * model, as everywhere. */
static char * OVS_WARN_UNUSED_RESULT
check_lists(struct check *c)
{
    struct dvs_switch *sw = &c->model;
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    for (size_t i = 0; i < sw->pvlans.n; i++) {
        dvs_pvlans_validate(&sw->pvlans, &sw->pvlans.entries[i], &faults);
    }
    for (size_t i = 0; i < sw->lags.n; i++) {
        dvs_lags_validate(&sw->lags, &sw->uplinks, &sw->lags.lags[i],
                          &faults);
    }
    dvs_pvlans_remove_faulty(&sw->pvlans);
    dvs_lags_remove_faulty(&sw->lags, &sw->uplinks);
    if (c->same) {
        dvs_faults_destroy(&faults);
        return NULL;
    }
    return make_fault(c->sw, NULL, &faults);
}

/* Finds out what the switch will be, and checks that. */
static char * OVS_WARN_UNUSED_RESULT
check_switch(struct check *c)
{
    struct dvs_faults faults;

    char *error = dvs_doc_read_switch(&c->scope, &c->model);
    if (!(c->flags & DVS_RESTORE_EXACTLY)) {
        free(c->model.bridge_name);
        c->model.bridge_name = dvs_bridge_name_from_switch(c->model.name);
    }
    if (!(c->flags & DVS_RESTORE_NAME) && c->scope.kept) {
        free(c->model.name);
        c->model.name = dvs_doc_object_name(c->scope.kept);
    }

    char *fault = check_lists(c);
    dvs_faults_init(&faults);
    if (c->same) {
        free(error);
        error = NULL;
    } else if (!error) {
        dvs_validate_switch(&c->model, &faults);
    }
    char *own_fault = make_fault(c->sw, error, &faults);
    if (own_fault) {
        free(fault);
        return own_fault;
    }

    for (size_t i = 0; i < c->matches.n && !fault; i++) {
        const struct dvs_doc_object *child = c->matches.pairs[i].new;

        if (!child || is_left_out(c, child)
            || (c->same_base && is_same(child, c->matches.pairs[i].old))) {
            continue;
        } else if (child->class == &dvs_doc_member) {
            fault = check_member(c, child);
        } else if (child->class == &dvs_doc_port) {
            fault = check_port(c, NULL, child);
        }
    }
    return fault;
}

/* Notes the names of the portgroups that the switch has and keeps although the
 * document has nothing about them. */
static void
note_staying(struct check *c)
{
    bool all = c->doc->portgroups_only || !(c->flags & DVS_RESTORE_EXACTLY);

    for (size_t i = 0; i < c->matches.n; i++) {
        const struct dvs_doc_match *m = &c->matches.pairs[i];

        if (m->old && m->old->class == &dvs_doc_portgroup
            && (m->new ? is_left_out(c, m->new) : all)) {
            char *name = dvs_doc_object_name(m->old);

            shash_add_once(&c->staying, name, NULL);
            free(name);
        }
    }
}

/* Whether the resource pool that 'object', a portgroup, names will exist. */
static bool
pool_exists(const struct check *c, const struct dvs_doc_object *object)
{
    bool exists = true;

    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (!strcmp(child->link->key, "setting")) {
            char *uuid = dvs_doc_text_from_json(
                dvs_doc_object_value(child, "resource_pool"));

            exists = !*uuid || shash_find(&c->scope.pools, uuid);
            free(uuid);
        }
    }
    return exists;
}

static char * OVS_WARN_UNUSED_RESULT
check_ports(const struct check *c, const struct dvs_portgroup *pg,
            const struct dvs_doc_object *object,
            const struct dvs_doc_object *then, bool same)
{
    struct dvs_doc_matches matches;
    char *fault = NULL;

    dvs_doc_match_children(then, object, &matches);
    for (size_t i = 0; i < matches.n && !fault; i++) {
        const struct dvs_doc_match *m = &matches.pairs[i];

        if (m->new && m->new->class == &dvs_doc_port
            && !is_left_out(c, m->new)
            && !(same && is_same(m->new, m->old))) {
            fault = check_port(c, pg, m->new);
        }
    }
    dvs_doc_matches_destroy(&matches);
    return fault;
}

/* Checks what 'object', a portgroup, says, and its ports. */
static char * OVS_WARN_UNUSED_RESULT
check_contents(const struct check *c, const struct dvs_doc_object *object,
               const struct dvs_doc_object *then)
{
    bool same = c->same_base && is_same(object, then);
    struct dvs_portgroup pg;
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_portgroup_init(&pg);

    char *error = dvs_doc_read_portgroup(&c->scope, object, &pg);
    if (!error && !same) {
        dvs_validate_portgroup(&c->model, &pg, &faults);
        if (!pool_exists(c, object)) {
            dvs_faults_add(&faults, "NotFound", "resource_pool",
                           "the switch has no such resource pool");
        }
    }

    char *fault = NULL;
    if (same && error) {
        /* As it is now: the controller has said so. */
        free(error);
    } else {
        fault = make_fault(object, error, &faults);
        if (!fault) {
            fault = check_ports(c, &pg, object, then, same);
        }
    }
    dvs_portgroup_destroy(&pg);
    return fault;
}

static char * OVS_WARN_UNUSED_RESULT
check_portgroup(const struct check *c, const struct dvs_doc_object *object,
                const struct dvs_doc_object *then)
{
    char *name = dvs_doc_object_name(object);
    char *fault = value_fault(check_all_values(c, object));

    if (!fault && shash_find(&c->staying, name)) {
        fault = xasprintf("DuplicateName: portgroup %s: another portgroup of "
                          "the switch has that name", name);
    }
    free(name);
    return fault ? fault : check_contents(c, object, then);
}

static void
add_faulty(struct check *c, const struct dvs_doc_object *object,
           const struct dvs_doc_object *pg)
{
    char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&object->uuid));

    shash_add_once(&c->faulty, uuid, pg);
    free(uuid);
}

/* Checks the portgroups one by one.  Returns a fault if one of them is that of
 * the uplinks: without it, a switch is not what it was. */
static char * OVS_WARN_UNUSED_RESULT
check_portgroups(struct check *c)
{
    for (size_t i = 0; i < c->matches.n; i++) {
        struct dvs_doc_object *pg
            = CONST_CAST(struct dvs_doc_object *, c->matches.pairs[i].new);

        if (!pg || pg->class != &dvs_doc_portgroup || is_left_out(c, pg)) {
            continue;
        }
        pg->fault = check_portgroup(c, pg, c->matches.pairs[i].old);
        if (pg->fault && dvs_doc_object_value(pg, "uplink")) {
            return xstrdup(pg->fault);
        } else if (pg->fault) {
            add_faulty(c, pg, pg);
            for (size_t j = 0; j < pg->n_children; j++) {
                add_faulty(c, pg->children[j], pg);
            }
        }
    }
    return NULL;
}

/* A NIC comes with its portgroup or not at all. */
static char * OVS_WARN_UNUSED_RESULT
check_nic(const struct check *c, const struct dvs_doc_object *nic)
{
    static const char *const columns[] = { "portgroup", "port", "connection" };
    char *fault = value_fault(check_own_values(nic));

    for (size_t i = 0; i < ARRAY_SIZE(columns) && !fault; i++) {
        char *uuid = dvs_doc_text_from_json(dvs_doc_object_value(nic,
                                                                 columns[i]));
        const struct dvs_doc_object *pg = shash_find_data(&c->faulty, uuid);

        if (pg) {
            char *name = dvs_doc_object_name(pg);

            fault = xasprintf("NotFound: its portgroup %s is not restored",
                              name);
            free(name);
        }
        free(uuid);
    }
    return fault;
}

static char * OVS_WARN_UNUSED_RESULT
check_all(struct check *c)
{
    char *fault = (c->doc->portgroups_only ? NULL
                   : value_fault(check_all_values(c, c->sw)));

    if (!fault) {
        fault = check_switch(c);
    }
    if (!fault) {
        note_staying(c);
        fault = check_portgroups(c);
    }
    for (size_t i = 0; i < c->sw->n_children && !fault; i++) {
        struct dvs_doc_object *child = c->sw->children[i];

        if (child->class == &dvs_doc_nic && !is_left_out(c, child)) {
            child->fault = check_nic(c, child);
        }
    }
    return fault;
}

/* Finds out whether what 'sw', a switch of 'doc', which must be sorted, says
 * can be restored with 'flags', of enum dvs_restore_flags, onto the switch
 * that 'now' tells of, NULL if there is none.
 *
 * Returns NULL if so, although it may be without some of its portgroups and
 * NICs: those have a 'fault' now, for which they are left out.  Otherwise
 * returns the fault of the switch, which the caller must free. */
char *
dvs_document_check(const struct dvs_document *doc, int flags,
                   struct dvs_doc_object *sw,
                   const struct dvs_doc_object *now)
{
    bool adds = !doc->portgroups_only && !(flags & DVS_RESTORE_EXACTLY);
    struct check c = {
        .doc = doc, .flags = flags, .sw = sw,
        .same = doc->portgroups_only || is_same(sw, now),
        .same_base = doc->portgroups_only || has_same_base(sw, now),
        .staying = SHASH_INITIALIZER(&c.staying),
        .faulty = SHASH_INITIALIZER(&c.faulty),
    };

    ovs_assert(now || !doc->portgroups_only);
    dvs_doc_scope_init(&c.scope, doc->portgroups_only ? now : sw,
                       adds ? now : NULL);
    dvs_switch_init(&c.model);
    dvs_doc_match_children(now, sw, &c.matches);

    char *fault = check_all(&c);

    shash_destroy(&c.staying);
    shash_destroy(&c.faulty);
    dvs_doc_matches_destroy(&c.matches);
    dvs_switch_destroy(&c.model);
    dvs_doc_scope_destroy(&c.scope);
    return fault;
}

/* Returns the first object below 'object' that has a fault, or NULL. */
const struct dvs_doc_object *
dvs_doc_first_fault(const struct dvs_doc_object *object)
{
    for (size_t i = 0; i < object->n_children; i++) {
        if (object->children[i]->fault) {
            return object->children[i];
        }
    }
    return NULL;
}

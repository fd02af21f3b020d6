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


/* PURE: how two configuration documents differ.  See dvs-document-diff.h.
 *
 * What follows from something else is not reported: ports that come and go
 * with a portgroup's number of ports, and which NIC sits where. */

#include <config.h>

#include "schema/dvs-document-diff.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-document.h"
#include "util.h"
#include "sset.h"
#include "uuid.h"

/* How many changes a summary names. */
#define SUMMARY_CHANGES 3

/* Matching. */

static void
add_pair(struct dvs_doc_matches *matches, const struct dvs_doc_object *old,
         const struct dvs_doc_object *new)
{
    if (matches->n >= matches->allocated) {
        matches->pairs = x2nrealloc(matches->pairs, &matches->allocated,
                                    sizeof *matches->pairs);
    }
    matches->pairs[matches->n++] = (struct dvs_doc_match) { old, new };
}

/* Returns what 'object' is found by among its siblings of all kinds: its
 * UUID if 'by_uuid' (NULL if it has none), or its name.  The caller must free
 * it. */
static char *
object_id(const struct dvs_doc_object *object, bool by_uuid)
{
    if (by_uuid) {
        return (uuid_is_zero(&object->uuid) ? NULL
                : xasprintf(UUID_FMT, UUID_ARGS(&object->uuid)));
    }

    char *name = dvs_doc_object_name(object);
    char *id = xasprintf("%s %s", object->link ? object->link->key : "",
                         name);
    free(name);
    return id;
}

/* Returns what each of the 'n' siblings 'objects' is found by, as object_id()
 * has it.  Those that share a name, as faulty rules may, are numbered.  The
 * caller must destroy it with free_ids(). */
static char **
object_ids(struct dvs_doc_object *const *objects, size_t n, bool by_uuid)
{
    char **ids = xmalloc(n * sizeof *ids);
    struct sset taken = SSET_INITIALIZER(&taken);

    for (size_t i = 0; i < n; i++) {
        ids[i] = object_id(objects[i], by_uuid);
        for (size_t j = 2; !by_uuid && !sset_add(&taken, ids[i]); j++) {
            free(ids[i]);

            char *id = object_id(objects[i], false);
            ids[i] = xasprintf("%s #%"PRIuSIZE, id, j);
            free(id);
        }
    }
    sset_destroy(&taken);
    return ids;
}

static void
free_ids(char **ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(ids[i]);
    }
    free(ids);
}

static void
match_objects(struct dvs_doc_object *const *old, size_t n_old,
              struct dvs_doc_object *const *new, size_t n_new,
              struct dvs_doc_matches *matches)
{
    struct dvs_doc_object *const **partners = xcalloc(n_new, sizeof *partners);
    bool *paired = xcalloc(n_old, sizeof *paired);

    *matches = (struct dvs_doc_matches) { .n = 0 };

    /* Identity goes before names: a name may have passed to another. */
    for (int by_uuid = 1; by_uuid >= 0; by_uuid--) {
        char **old_ids = object_ids(old, n_old, by_uuid);
        char **new_ids = object_ids(new, n_new, by_uuid);
        struct shash by_id = SHASH_INITIALIZER(&by_id);

        for (size_t i = 0; i < n_old; i++) {
            if (old_ids[i] && !paired[i]) {
                shash_add_once(&by_id, old_ids[i], &old[i]);
            }
        }
        for (size_t i = 0; i < n_new; i++) {
            if (!partners[i] && new_ids[i]) {
                partners[i] = shash_find_and_delete(&by_id, new_ids[i]);
                if (partners[i]) {
                    paired[partners[i] - old] = true;
                }
            }
        }
        shash_destroy(&by_id);
        free_ids(new_ids, n_new);
        free_ids(old_ids, n_old);
    }
    for (size_t i = 0; i < n_old; i++) {
        if (!paired[i]) {
            add_pair(matches, old[i], NULL);
        }
    }
    for (size_t i = 0; i < n_new; i++) {
        add_pair(matches, partners[i] ? *partners[i] : NULL, new[i]);
    }
    free(partners);
    free(paired);
}

/* Initializes 'matches' with the children of 'old' and 'new', either of which
 * may be NULL.  Those that are gone come first. */
void
dvs_doc_match_children(const struct dvs_doc_object *old,
                       const struct dvs_doc_object *new,
                       struct dvs_doc_matches *matches)
{
    match_objects(old ? old->children : NULL, old ? old->n_children : 0,
                  new ? new->children : NULL, new ? new->n_children : 0,
                  matches);
}

/* Initializes 'matches' with the switches of 'old' and 'new'. */
void
dvs_doc_match_switches(const struct dvs_document *old,
                       const struct dvs_document *new,
                       struct dvs_doc_matches *matches)
{
    match_objects(old->switches, old->n_switches, new->switches,
                  new->n_switches, matches);
}

/* Frees what 'matches' owns. */
void
dvs_doc_matches_destroy(struct dvs_doc_matches *matches)
{
    free(matches->pairs);
}

/* Differences. */

/* What is being compared. */
struct diff {
    struct dvs_doc_changes *changes;
    bool portgroups_only;       /* The old or the new document is about
                                 * portgroups alone. */
    bool old_only;              /* It is the old one. */
    bool state;                 /* One of them is of a checkpoint. */
    const struct dvs_doc_object *switches[2]; /* Old and new; may be NULL. */
};

static struct dvs_doc_change *
add_change(struct diff *diff, const char *object, const char *word)
{
    struct dvs_doc_changes *changes = diff->changes;

    if (changes->n >= changes->allocated) {
        changes->changes = x2nrealloc(changes->changes, &changes->allocated,
                                      sizeof *changes->changes);
    }

    struct dvs_doc_change *change = &changes->changes[changes->n++];
    *change = (struct dvs_doc_change) {
        .object = xstrdup(object),
        .word = xstrdup(word),
    };
    return change;
}

/* Returns how dvsctl names 'object', whose parent it names 'parent'.  The
 * caller must free it. */
static char *
object_path(const struct dvs_doc_object *object, const char *parent)
{
    const struct dvs_doc_class *class = object->class;
    char *name = dvs_doc_object_name(object);
    char *path;

    if (!object->link) {
        return name;
    } else if (!class->identity) {
        path = (strcmp(class->word, "setting")
                ? xasprintf("%s %s", parent, class->word) : xstrdup(parent));
    } else if (class == &dvs_doc_portgroup) {
        path = xasprintf("%s/%s", parent, name);
    } else if (class == &dvs_doc_port) {
        path = xasprintf("%.*s:%s", (int) strcspn(parent, "/"), parent, name);
    } else {
        path = xasprintf("%s %s %s", parent, class->word, name);
    }
    free(name);
    return path;
}

/* Whether it is worth a word that 'object' is there or is not. */
static bool
is_notable(const struct dvs_doc_object *object)
{
    return object->class != &dvs_doc_port || object->n_children;
}

static bool
column_counts(const struct dvs_doc_object *object, size_t column)
{
    return strcmp(object->class->columns[column], "next_port_key");
}

static bool
values_differ(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) != 0 : a != b;
}

/* Returns how people call 'value', of 'column' of something of 'sw': the name
 * of a resource pool, not its UUID.  What it returns belongs to 'sw' or is
 * 'value' itself. */
static const char *
people_value(const struct dvs_doc_object *sw, const char *column,
             const char *value)
{
    if (!sw || !value || strcmp(column, "resource_pool")) {
        return value;
    }

    char *text = dvs_doc_text_from_json(value);
    struct uuid uuid;
    const char *name = NULL;

    if (uuid_from_string(&uuid, text)) {
        for (size_t i = 0; i < sw->n_children && !name; i++) {
            if (uuid_equals(&sw->children[i]->uuid, &uuid)) {
                name = dvs_doc_object_value(sw->children[i], "name");
            }
        }
    }
    free(text);
    return name ? name : value;
}

static void diff_children(struct diff *, const struct dvs_doc_object *old,
                          const struct dvs_doc_object *new, const char *path);

/* Compares 'old' and 'new', of which one may be NULL.  'word' is that of the
 * object that a setting belongs to. */
static void
diff_objects(struct diff *diff, const struct dvs_doc_object *old,
             const struct dvs_doc_object *new, const char *parent,
             const char *word)
{
    const struct dvs_doc_object *any = new ? new : old;
    const struct dvs_doc_class *class = any->class;
    char *path = object_path(any, parent);
    bool part = any->link && any->link->single && !class->identity;

    if (!part) {
        word = class->word;
    }
    bool stays = diff->state && class == &dvs_doc_port;
    if (!part && !stays && !(old && new)) {
        if (is_notable(any)) {
            struct dvs_doc_change *change = add_change(diff, path, word);

            change->added = !old;
            change->removed = !new;
        }
        free(path);
        return;
    }

    bool skip = class == &dvs_doc_switch && diff->portgroups_only;
    for (size_t i = 0; class->columns[i] && !skip; i++) {
        const char *column = class->columns[i];
        const char *old_value = old ? old->values[i] : NULL;
        const char *new_value = new ? new->values[i] : NULL;

        if (!values_differ(old_value, new_value)) {
            continue;
        }
        old_value = people_value(diff->switches[0], column, old_value);
        new_value = people_value(diff->switches[1], column, new_value);
        if (values_differ(old_value, new_value) && column_counts(any, i)
            && !(stays && !strcmp(column, class->identity))) {
            struct dvs_doc_change *change = add_change(diff, path, word);

            change->column = column;
            change->old = nullable_xstrdup(old_value);
            change->new = nullable_xstrdup(new_value);
        }
    }
    diff_children(diff, old, new, path);
    free(path);
}

static void
diff_children(struct diff *diff, const struct dvs_doc_object *old,
              const struct dvs_doc_object *new, const char *path)
{
    const struct dvs_doc_object *any = new ? new : old;
    bool of_switch = any->class == &dvs_doc_switch;
    struct dvs_doc_matches matches;

    dvs_doc_match_children(old, new, &matches);
    for (size_t i = 0; i < matches.n; i++) {
        const struct dvs_doc_match *pair = &matches.pairs[i];
        const struct dvs_doc_object *one = pair->new ? pair->new : pair->old;

        if (one->link->relation == DVS_DOC_NICS) {
            continue;
        }
        if (of_switch && diff->portgroups_only
            && (one->class != &dvs_doc_portgroup
                || !(diff->old_only ? pair->old : pair->new))) {
            continue;
        }
        diff_objects(diff, pair->old, pair->new, path, any->class->word);
    }
    dvs_doc_matches_destroy(&matches);
}

/* Initializes 'changes' with what has to change for 'old' to become 'new'.
 * If one of them is about portgroups alone, so is the comparison. */
void
dvs_document_diff(const struct dvs_document *old,
                  const struct dvs_document *new,
                  struct dvs_doc_changes *changes)
{
    struct diff diff = {
        .changes = changes,
        .portgroups_only = old->portgroups_only || new->portgroups_only,
        .old_only = old->portgroups_only,
        .state = old->state || new->state,
    };
    struct dvs_doc_matches matches;

    *changes = (struct dvs_doc_changes) { .n = 0 };
    dvs_doc_match_switches(old, new, &matches);
    for (size_t i = 0; i < matches.n; i++) {
        diff.switches[0] = matches.pairs[i].old;
        diff.switches[1] = matches.pairs[i].new;
        diff_objects(&diff, diff.switches[0], diff.switches[1], "", "switch");
    }
    dvs_doc_matches_destroy(&matches);
}

/* Frees what 'changes' owns. */
void
dvs_doc_changes_destroy(struct dvs_doc_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        free(changes->changes[i].object);
        free(changes->changes[i].word);
        free(changes->changes[i].old);
        free(changes->changes[i].new);
    }
    free(changes->changes);
}

static void
put_value(const char *json, struct ds *s)
{
    char *text = dvs_doc_text_from_json(json);

    ds_put_cstr(s, json ? text : "unset");
    free(text);
}

/* Appends to 's' a sentence that says what 'change' is, without full stop:
 * "prod/web: vlan_id 10 becomes 20". */
void
dvs_doc_change_format(const struct dvs_doc_change *change, struct ds *s)
{
    if (!change->column) {
        ds_put_format(s, "%s: %s %s", change->object, change->word,
                      change->added ? "is added" : "is removed");
        return;
    }
    ds_put_format(s, "%s: %s ", change->object, change->column);
    put_value(change->old, s);
    ds_put_cstr(s, " becomes ");
    put_value(change->new, s);
}

/* Appends to 's' the first few of 'changes' in one line, and how many more
 * there are. */
void
dvs_doc_changes_summarize(const struct dvs_doc_changes *changes, struct ds *s)
{
    for (size_t i = 0; i < MIN(changes->n, SUMMARY_CHANGES); i++) {
        ds_put_cstr(s, i ? "; " : "");
        dvs_doc_change_format(&changes->changes[i], s);
    }
    if (changes->n > SUMMARY_CHANGES) {
        ds_put_format(s, "; and %"PRIuSIZE" more",
                      changes->n - SUMMARY_CHANGES);
    }
}

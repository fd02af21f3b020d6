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


/* PURE: the tree of objects that a configuration document is. */

#include <config.h>

#include "schema/dvs-document.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

/* Initializes 'doc' as a document about nothing. */
void
dvs_document_init(struct dvs_document *doc)
{
    memset(doc, 0, sizeof *doc);
    smap_init(&doc->info);
}

static size_t
count_columns(const struct dvs_doc_class *class)
{
    size_t n = 0;

    while (class->columns[n]) {
        n++;
    }
    return n;
}

static struct dvs_doc_object *
object_create(const struct dvs_doc_class *class,
              const struct dvs_doc_link *link)
{
    struct dvs_doc_object *object = xzalloc(sizeof *object);

    object->class = class;
    object->link = link;
    object->values = xcalloc(count_columns(class), sizeof *object->values);
    return object;
}

static void
object_destroy(struct dvs_doc_object *object)
{
    for (size_t i = 0; object->class->columns[i]; i++) {
        free(object->values[i]);
    }
    free(object->values);
    free(object->fault);
    for (size_t i = 0; i < object->n_children; i++) {
        object_destroy(object->children[i]);
    }
    free(object->children);
    free(object);
}

/* Frees what 'doc' owns, but not 'doc' itself. */
void
dvs_document_destroy(struct dvs_document *doc)
{
    if (doc) {
        smap_destroy(&doc->info);
        for (size_t i = 0; i < doc->n_switches; i++) {
            object_destroy(doc->switches[i]);
        }
        free(doc->switches);
    }
}

/* Adds a new switch to 'doc' and returns it, owned by 'doc'. */
struct dvs_doc_object *
dvs_document_add_switch(struct dvs_document *doc)
{
    if (doc->n_switches >= doc->allocated_switches) {
        doc->switches = x2nrealloc(doc->switches, &doc->allocated_switches,
                                   sizeof *doc->switches);
    }
    doc->switches[doc->n_switches] = object_create(&dvs_doc_switch, NULL);
    return doc->switches[doc->n_switches++];
}

/* Adds a new object to 'parent', by 'link', which must be one of those of its
 * class, and returns it, owned by 'parent'. */
struct dvs_doc_object *
dvs_doc_object_add(struct dvs_doc_object *parent,
                   const struct dvs_doc_link *link)
{
    struct dvs_doc_object *child = object_create(link->child, link);

    if (parent->n_children >= parent->allocated_children) {
        parent->children = x2nrealloc(parent->children,
                                      &parent->allocated_children,
                                      sizeof *parent->children);
    }
    parent->children[parent->n_children++] = child;
    return child;
}

/* Returns the link of 'class' that is called 'key', or NULL. */
const struct dvs_doc_link *
dvs_doc_link_find(const struct dvs_doc_class *class, const char *key)
{
    for (const struct dvs_doc_link *link = class->links; link->key; link++) {
        if (!strcmp(link->key, key)) {
            return link;
        }
    }
    return NULL;
}

/* Returns the value of 'column', which must be one of its class's, in
 * 'object', as JSON, or NULL if it is the default. */
const char *
dvs_doc_object_value(const struct dvs_doc_object *object, const char *column)
{
    size_t i = 0;

    while (strcmp(object->class->columns[i], column)) {
        i++;
        ovs_assert(object->class->columns[i]);
    }
    return object->values[i];
}

/* Returns 'json', a value, for people: a string loses its quotation marks.
 * The caller must free the result. */
char *
dvs_doc_text_from_json(const char *json)
{
    size_t length = json ? strlen(json) : 0;

    return (!json ? xstrdup("")
            : length >= 2 && json[0] == '"' && !strchr(json, '\\')
            ? xmemdup0(json + 1, length - 2)
            : xstrdup(json));
}

/* Returns what tells 'object' from its siblings, for people; "" if it has
 * none.  The caller must free it. */
char *
dvs_doc_object_name(const struct dvs_doc_object *object)
{
    const char *identity = object->class->identity;

    return dvs_doc_text_from_json(
        identity ? dvs_doc_object_value(object, identity) : NULL);
}

/* Destroys all of the '*np' 'objects' but 'kept'. */
static void
keep_object(struct dvs_doc_object **objects, size_t *np,
            const struct dvs_doc_object *kept)
{
    size_t n = 0;

    for (size_t i = 0; i < *np; i++) {
        if (objects[i] == kept) {
            objects[n++] = objects[i];
        } else {
            object_destroy(objects[i]);
        }
    }
    *np = n;
}

/* Takes all switches but 'sw' out of 'doc'. */
void
dvs_document_keep(struct dvs_document *doc, const struct dvs_doc_object *sw)
{
    keep_object(doc->switches, &doc->n_switches, sw);
}

/* Takes all children but 'child' out of 'parent'. */
void
dvs_doc_object_keep(struct dvs_doc_object *parent,
                    const struct dvs_doc_object *child)
{
    keep_object(parent->children, &parent->n_children, child);
}

/* Whether the identities of 'class' are numbers. */
static bool
has_numbers(const struct dvs_doc_class *class)
{
    return (class == &dvs_doc_port || !strcmp(class->identity, "sequence")
            || !strcmp(class->identity, "secondary"));
}

/* Sorts objects by kind, in the order of their parent's links, and by
 * identity. */
static int
compare_objects(const void *a_, const void *b_)
{
    const struct dvs_doc_object *a = *(struct dvs_doc_object *const *) a_;
    const struct dvs_doc_object *b = *(struct dvs_doc_object *const *) b_;

    if (a->link != b->link) {
        return a->link < b->link ? -1 : 1;
    }
    if (!a->class->identity) {
        return 0;
    }

    const char *a_id = dvs_doc_object_value(a, a->class->identity);
    const char *b_id = dvs_doc_object_value(b, b->class->identity);
    size_t a_length = a_id ? strlen(a_id) : 0;
    size_t b_length = b_id ? strlen(b_id) : 0;

    if (has_numbers(a->class) && a_length != b_length) {
        return a_length < b_length ? -1 : 1;
    }
    int order = strcmp(a_id ? a_id : "", b_id ? b_id : "");
    for (size_t i = 0; !order && a->class->columns[i]; i++) {
        /* Faulty ones, which share it: in whatever order, but always one. */
        order = strcmp(a->values[i] ? a->values[i] : "",
                       b->values[i] ? b->values[i] : "");
    }
    return order;
}

static void
sort_children(struct dvs_doc_object *object)
{
    if (object->n_children) {
        qsort(object->children, object->n_children, sizeof *object->children,
              compare_objects);
    }
    for (size_t i = 0; i < object->n_children; i++) {
        sort_children(object->children[i]);
    }
}

/* Puts all objects of 'doc' into canonical order. */
void
dvs_document_sort(struct dvs_document *doc)
{
    if (doc->n_switches) {
        qsort(doc->switches, doc->n_switches, sizeof *doc->switches,
              compare_objects);
    }
    for (size_t i = 0; i < doc->n_switches; i++) {
        sort_children(doc->switches[i]);
    }
}

/* Finding. */

/* Returns true if 'object' is called 'name'. */
static bool
is_called(const struct dvs_doc_object *object, const char *name)
{
    char *own = dvs_doc_object_name(object);
    bool same = name && !strcmp(own, name);

    free(own);
    return same;
}

/* Returns the one of the 'n' 'objects' of 'class' that has 'uuid', or else the
 * one that is called 'name' (which may be NULL); NULL if there is none. */
static struct dvs_doc_object *
find_object(struct dvs_doc_object *const *objects, size_t n,
            const struct dvs_doc_class *class, const struct uuid *uuid,
            const char *name)
{
    struct dvs_doc_object *found = NULL;

    for (size_t i = 0; i < n; i++) {
        if (objects[i]->class != class) {
            continue;
        } else if (uuid && !uuid_is_zero(uuid)
                   && uuid_equals(&objects[i]->uuid, uuid)) {
            return objects[i];
        } else if (!found && is_called(objects[i], name)) {
            found = objects[i];
        }
    }
    return found;
}

/* Returns the switch of 'doc' with 'uuid', or else the one called 'name'; NULL
 * if there is none. */
struct dvs_doc_object *
dvs_document_find_switch(const struct dvs_document *doc,
                         const struct uuid *uuid, const char *name)
{
    return find_object(doc->switches, doc->n_switches, &dvs_doc_switch, uuid,
                       name);
}

/* Returns the portgroup of 'sw' with 'uuid', or else the one called 'name'
 * (which may be NULL); NULL if there is none. */
struct dvs_doc_object *
dvs_doc_object_find_portgroup(const struct dvs_doc_object *sw,
                              const struct uuid *uuid, const char *name)
{
    return find_object(sw->children, sw->n_children, &dvs_doc_portgroup, uuid,
                       name);
}

/* Returns the port of 'sw' with 'key', in whatever portgroup, or NULL. */
struct dvs_doc_object *
dvs_doc_object_find_port(const struct dvs_doc_object *sw, const char *key)
{
    struct dvs_doc_object *port = find_object(sw->children, sw->n_children,
                                              &dvs_doc_port, NULL, key);

    for (size_t i = 0; i < sw->n_children && !port; i++) {
        const struct dvs_doc_object *pg = sw->children[i];

        if (pg->class == &dvs_doc_portgroup) {
            port = find_object(pg->children, pg->n_children, &dvs_doc_port,
                               NULL, key);
        }
    }
    return port;
}

/* Returns the membership of 'host' in 'sw', or NULL. */
struct dvs_doc_object *
dvs_doc_object_find_member(const struct dvs_doc_object *sw, const char *host)
{
    return find_object(sw->children, sw->n_children, &dvs_doc_member, NULL,
                       host);
}

/* Returns true if objects of 'class' can be restored by themselves, so that
 * they are no part of the one that they hang on. */
bool
dvs_doc_class_is_whole(const struct dvs_doc_class *class)
{
    return (class == &dvs_doc_switch || class == &dvs_doc_portgroup
            || class == &dvs_doc_port || class == &dvs_doc_member
            || class == &dvs_doc_nic);
}

static void
put_own_text(const struct dvs_doc_object *object, struct ds *s)
{
    for (size_t i = 0; object->class->columns[i]; i++) {
        if (object->values[i]
            && strcmp(object->class->columns[i], "next_port_key")) {
            ds_put_format(s, "%s=%s\n", object->class->columns[i],
                          object->values[i]);
        }
    }
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (!dvs_doc_class_is_whole(child->class)) {
            ds_put_format(s, "%s {\n", child->class->word);
            put_own_text(child, s);
            ds_put_cstr(s, "}\n");
        }
    }
}

/* Returns, for comparison, what 'object' has of its own, without the
 * portgroups, ports and members that hang on it; "" if it is NULL.  Its
 * document must be sorted.  The caller must free it. */
char *
dvs_doc_object_own_text(const struct dvs_doc_object *object)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (object) {
        put_own_text(object, &s);
    }
    return ds_steal_cstr(&s);
}

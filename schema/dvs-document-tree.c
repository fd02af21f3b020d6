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

#include "util.h"

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
    return strcmp(a_id ? a_id : "", b_id ? b_id : "");
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

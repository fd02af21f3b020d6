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


/* PURE: configuration documents as text.
 *
 * The text is one JSON object:
 *
 *     {"checksum": "sha1:...", "format": "dvs-configuration",
 *      "info": {...}, "switches": [...], "version": 1}
 *
 * It is canonical: equal configurations have equal texts, because members are
 * sorted, objects are sorted by name or key, and a column that has its
 * default is left out.  "version" is raised when an older reader could not
 * understand the document any more.
 *
 * The checksum finds accidents: a file that was cut off, a disk that forgets.
 * It is over the document without it, less its white space.  A document
 * without "checksum" is taken as it is: whoever edits one, takes it out.
 *
 * A text is taken as a whole or not at all.  Of anything unknown in it, an
 * error says where it is; whether a value is one of its column's type is for
 * whoever writes it into a row, what is wrong with the configuration as such
 * for dvs-validate.c. */

#include <config.h>

#include "schema/dvs-document.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "sha1.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

#define FORMAT "dvs-configuration"
#define FORMAT_VERSION 1

/* How a value of a column is written into a struct dvs_doc_object. */
#define VALUE_FLAGS (JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY)

/* Values. */

/* Replaces the value of 'column' in 'object' by 'value', which may be NULL,
 * and takes the reference to it. */
static void
set_value(struct dvs_doc_object *object, size_t column, json_t *value)
{
    free(object->values[column]);
    object->values[column] = value ? json_dumps(value, VALUE_FLAGS) : NULL;
    json_decref(value);
}

/* Replaces the value of 'column', which must be one of its class's, in
 * 'object' by 'json', or by the default if that is NULL.  Returns NULL if
 * successful, otherwise an error message, which the caller must free. */
char *
dvs_doc_object_set(struct dvs_doc_object *object, const char *column,
                   const char *json)
{
    json_t *value = NULL;
    size_t i = 0;

    while (strcmp(object->class->columns[i], column)) {
        i++;
        ovs_assert(object->class->columns[i]);
    }
    if (json) {
        json_error_t error;

        value = json_loads(json, JSON_DECODE_ANY, &error);
        if (!value) {
            return xasprintf("%s: %s", column, error.text);
        }
    }
    set_value(object, i, value);
    return NULL;
}

/* Writing. */

static json_t *
object_to_jansson(const struct dvs_doc_object *object)
{
    json_t *json = json_object();

    if (object->class->has_uuid && !uuid_is_zero(&object->uuid)) {
        json_object_set_new(json, "uuid",
                            json_sprintf(UUID_FMT,
                                         UUID_ARGS(&object->uuid)));
    }
    for (size_t i = 0; object->class->columns[i]; i++) {
        if (object->values[i]) {
            json_t *value = json_loads(object->values[i], JSON_DECODE_ANY,
                                       NULL);

            ovs_assert(value);
            json_object_set_new(json, object->class->columns[i], value);
        }
    }
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];
        json_t *json_child = object_to_jansson(child);
        json_t *array = json_object_get(json, child->link->key);

        if (child->link->single) {
            json_object_set_new(json, child->link->key, json_child);
            continue;
        }
        if (!array) {
            array = json_array();
            json_object_set_new(json, child->link->key, array);
        }
        json_array_append_new(array, json_child);
    }
    return json;
}

static json_t *
info_to_jansson(const struct smap *info)
{
    json_t *object = json_object();
    const struct smap_node *node;

    SMAP_FOR_EACH (node, info) {
        if (json_object_set_new(object, node->key,
                                json_string(node->value))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

/* Returns the checksum of 'root', which must be without one. */
static char *
calculate_checksum(const json_t *root)
{
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    uint8_t digest[SHA1_DIGEST_SIZE];

    ovs_assert(text);
    sha1_bytes(text, strlen(text), digest);
    free(text);
    return xasprintf("sha1:"SHA1_FMT, SHA1_ARGS(digest));
}

/* Stores the text of 'doc', which this sorts, in '*textp'; the caller must
 * free it.  Returns NULL if successful, otherwise an error message that the
 * caller must free; then '*textp' is NULL. */
char *
dvs_document_to_text(struct dvs_document *doc, char **textp)
{
    json_t *root, *switches, *info;

    *textp = NULL;
    info = info_to_jansson(&doc->info);
    if (!info) {
        return xstrdup("the information about the document is not valid "
                       "UTF-8");
    }

    root = json_object();
    switches = json_array();
    dvs_document_sort(doc);
    for (size_t i = 0; i < doc->n_switches; i++) {
        json_array_append_new(switches, object_to_jansson(doc->switches[i]));
    }
    json_object_set_new(root, "format", json_string(FORMAT));
    json_object_set_new(root, "version", json_integer(FORMAT_VERSION));
    json_object_set_new(root, "info", info);
    json_object_set_new(root, "switches", switches);
    if (doc->portgroups_only) {
        json_object_set_new(root, "portgroups_only", json_true());
    }
    if (doc->state) {
        json_object_set_new(root, "state", json_true());
    }

    char *checksum = calculate_checksum(root);
    json_object_set_new(root, "checksum", json_string(checksum));
    free(checksum);
    *textp = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
    ovs_assert(*textp);
    json_decref(root);
    return NULL;
}

/* Reading.  Every function deletes from the JSON object what it has read. */

static char * OVS_WARN_UNUSED_RESULT
read_object(struct dvs_doc_object *, json_t *, const char *path);

/* Returns an error message, which the caller must free, if anything is left
 * in 'object'. */
static char * OVS_WARN_UNUSED_RESULT
check_rest(json_t *object, const char *path)
{
    void *iter = json_object_iter(object);

    return iter ? xasprintf("%s.%s: is unknown", path,
                            json_object_iter_key(iter)) : NULL;
}

/* Reads 'json' as a child of 'parent' by 'link'.  'names' has the identities
 * of its elder siblings. */
static char * OVS_WARN_UNUSED_RESULT
read_child(struct dvs_doc_object *parent, const struct dvs_doc_link *link,
           json_t *json, const char *path, struct sset *names)
{
    struct dvs_doc_object *child = dvs_doc_object_add(parent, link);
    const char *identity = link->child->identity;
    char *error = read_object(child, json, path);

    if (!error && identity
        && !sset_add(names, dvs_doc_object_value(child, identity))) {
        char *name = dvs_doc_object_name(child);

        error = xasprintf("%s.%s: there are two with %s", path, identity,
                          name);
        free(name);
    }
    return error;
}

/* Reads the children of 'parent' by 'link' out of 'json'. */
static char * OVS_WARN_UNUSED_RESULT
read_children(struct dvs_doc_object *parent, const struct dvs_doc_link *link,
              json_t *json, const char *path)
{
    char *child_path = xasprintf("%s.%s", path, link->key);
    struct sset names = SSET_INITIALIZER(&names);
    char *error = NULL;
    json_t *element;
    size_t i;

    if (link->single) {
        error = read_child(parent, link, json, child_path, &names);
    } else if (!json_is_array(json)) {
        error = xasprintf("%s: is not an array", child_path);
    } else {
        json_array_foreach (json, i, element) {
            char *element_path = xasprintf("%s[%"PRIuSIZE"]", child_path, i);

            error = read_child(parent, link, element, element_path, &names);
            free(element_path);
            if (error) {
                break;
            }
        }
    }
    sset_destroy(&names);
    free(child_path);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
read_uuid(struct dvs_doc_object *object, json_t *json, const char *path)
{
    json_t *uuid = json_object_get(json, "uuid");

    if (!uuid || !object->class->has_uuid) {
        return NULL;
    }
    if (!json_is_string(uuid)
        || !uuid_from_string(&object->uuid, json_string_value(uuid))) {
        return xasprintf("%s.uuid: is not a UUID", path);
    }
    json_object_del(json, "uuid");
    return NULL;
}

/* Reads 'json' into 'object', which is new. */
static char * OVS_WARN_UNUSED_RESULT
read_object(struct dvs_doc_object *object, json_t *json, const char *path)
{
    const struct dvs_doc_class *class = object->class;
    char *error;

    if (!json_is_object(json)) {
        return xasprintf("%s: is not an object", path);
    }
    error = read_uuid(object, json, path);
    if (error) {
        return error;
    }
    for (size_t i = 0; class->columns[i]; i++) {
        const char *column = class->columns[i];
        json_t *value = json_object_get(json, column);

        if (value) {
            set_value(object, i, json_incref(value));
            json_object_del(json, column);
        } else if (class->identity && !strcmp(class->identity, column)) {
            return xasprintf("%s.%s: is missing", path, column);
        }
    }
    for (const struct dvs_doc_link *link = class->links; link->key; link++) {
        json_t *children = json_object_get(json, link->key);

        if (children) {
            error = read_children(object, link, children, path);
            if (error) {
                return error;
            }
            json_object_del(json, link->key);
        }
    }
    return check_rest(json, path);
}

/* Checks what says that 'root' is a document that we can read, and takes it
 * out of 'root'. */
static char * OVS_WARN_UNUSED_RESULT
read_header(json_t *root)
{
    const char *format = json_string_value(json_object_get(root, "format"));
    json_t *version = json_object_get(root, "version");
    json_t *checksum = json_object_get(root, "checksum");

    if (!format || strcmp(format, FORMAT)) {
        return xstrdup("this is not a configuration document");
    }
    if (!json_is_integer(version)
        || json_integer_value(version) != FORMAT_VERSION) {
        return xasprintf("$.version: is not %d, the only version of documents "
                         "that is understood here", FORMAT_VERSION);
    }
    if (checksum) {
        if (!json_is_string(checksum)) {
            return xstrdup("$.checksum: is not a string");
        }

        char *given = xstrdup(json_string_value(checksum));
        json_object_del(root, "checksum");
        char *calculated = calculate_checksum(root);
        bool equal = !strcmp(given, calculated);
        free(given);
        free(calculated);
        if (!equal) {
            return xstrdup("$.checksum: is wrong: the document is damaged (if "
                           "it was edited on purpose, take \"checksum\" "
                           "out)");
        }
    }
    json_object_del(root, "format");
    json_object_del(root, "version");
    return NULL;
}

/* Stores in '*value' what member 'key' of 'root' is, false if there is
 * none. */
static char * OVS_WARN_UNUSED_RESULT
read_flag(json_t *root, const char *key, bool *value)
{
    json_t *flag = json_object_get(root, key);

    if (flag && !json_is_boolean(flag)) {
        return xasprintf("$.%s: is not a boolean", key);
    }
    *value = json_is_true(flag);
    json_object_del(root, key);
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_info(struct dvs_document *doc, json_t *root)
{
    json_t *info = json_object_get(root, "info");
    const char *key;
    json_t *value;

    if (info && !json_is_object(info)) {
        return xstrdup("$.info: is not an object");
    }
    json_object_foreach (info, key, value) {
        if (!json_is_string(value)) {
            return xasprintf("$.info.%s: is not a string", key);
        }
        smap_replace(&doc->info, key, json_string_value(value));
    }
    json_object_del(root, "info");

    char *error = read_flag(root, "portgroups_only", &doc->portgroups_only);
    return error ? error : read_flag(root, "state", &doc->state);
}

/* Checks that no two ports that hang on 'object' have the same key.  'keys'
 * has those found so far. */
static char * OVS_WARN_UNUSED_RESULT
check_port_keys(const struct dvs_doc_object *object, const char *path,
                struct sset *keys)
{
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];
        char *error = check_port_keys(child, path, keys);

        if (!error && child->class == &dvs_doc_port
            && !sset_add(keys, dvs_doc_object_value(child, "key"))) {
            char *key = dvs_doc_object_name(child);

            error = xasprintf("%s: there are two ports with key %s", path,
                              key);
            free(key);
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_switches(struct dvs_document *doc, json_t *root)
{
    json_t *switches = json_object_get(root, "switches");
    struct sset names = SSET_INITIALIZER(&names);
    char *error = NULL;
    json_t *json;
    size_t i;

    if (!json_is_array(switches)) {
        return xstrdup("$.switches: is not an array");
    }
    json_array_foreach (switches, i, json) {
        struct dvs_doc_object *sw = dvs_document_add_switch(doc);
        char *path = xasprintf("$.switches[%"PRIuSIZE"]", i);

        error = read_object(sw, json, path);
        if (!error && !sset_add(&names, dvs_doc_object_value(sw, "name"))) {
            error = xasprintf("%s.name: there are two of that name", path);
        }
        if (!error) {
            struct sset keys = SSET_INITIALIZER(&keys);

            error = check_port_keys(sw, path, &keys);
            sset_destroy(&keys);
        }
        free(path);
        if (error) {
            break;
        }
    }
    sset_destroy(&names);
    json_object_del(root, "switches");
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
read_root(struct dvs_document *doc, json_t *root)
{
    char *error = read_header(root);

    if (!error) {
        error = read_info(doc, root);
    }
    if (!error) {
        error = read_switches(doc, root);
    }
    return error ? error : check_rest(root, "$");
}

/* Returns 'error', which it frees, with the position of the path with which it
 * may begin. */
static char *
add_position(char *error, const char *text, size_t size)
{
    if (error[0] == '$') {
        int line, column;

        dvs_document_locate(text, size, error, &line, &column);

        char *located = xasprintf("line %d, column %d: %s", line, column,
                                  error);
        free(error);
        return located;
    }
    return error;
}

/* Initializes 'doc' as the document whose text is the 'size' bytes at 'text'.
 * Returns NULL if successful; otherwise, an error message that says where the
 * error is (line and column, and a path such as
 * "$.switches[0].portgroups[3].setting" if it is JSON) and that the caller
 * must free, and 'doc' is about nothing.  Either way, the caller must destroy
 * 'doc'. */
char *
dvs_document_from_text(struct dvs_document *doc, const char *text,
                       size_t size)
{
    json_error_t json_error;
    json_t *root;
    char *error;

    dvs_document_init(doc);
    if (size > DVS_DOCUMENT_MAX) {
        return xasprintf("the document has more than %d bytes",
                         DVS_DOCUMENT_MAX);
    }
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &json_error);
    if (!root) {
        return xasprintf("line %d, column %d: %s", json_error.line,
                         json_error.column, json_error.text);
    }
    error = read_root(doc, root);
    json_decref(root);
    if (error) {
        error = add_position(error, text, size);
        dvs_document_destroy(doc);
        dvs_document_init(doc);
    } else {
        dvs_document_sort(doc);
    }
    return error;
}

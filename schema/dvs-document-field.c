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

/* PURE: members of the model's structs as members of JSON objects.
 *
 * Not for: which members there are (dvs-document.c). */

#include <config.h>

#include "schema/dvs-document-field.h"

#include <string.h>

#include "schema/dvs-model.h"
#include "util.h"
#include "uuid.h"

/* Writing.  jansson returns NULL for strings that are not UTF-8. */

static json_t *
smap_to_jansson(const struct smap *smap)
{
    json_t *object = json_object();
    const struct smap_node *node;

    SMAP_FOR_EACH (node, smap) {
        if (json_object_set_new(object, node->key,
                                json_string(node->value))) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *
names_to_jansson(const struct svec *names)
{
    json_t *array = json_array();
    const char *name;
    size_t i;

    SVEC_FOR_EACH (i, name, names) {
        if (json_array_append_new(array, json_string(name))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *
overrides_to_jansson(uint32_t overrides)
{
    json_t *array = json_array();

    for (enum dvs_override ov = 0; ov < DVS_N_OVERRIDES; ov++) {
        if (overrides & (UINT32_C(1) << ov)) {
            json_array_append_new(array,
                                  json_string(dvs_override_to_string(ov)));
        }
    }
    return array;
}

static json_t *
setting_to_jansson(const struct dvs_setting *setting)
{
    struct smap smap;
    json_t *object;

    dvs_setting_to_smap(setting, &smap);
    object = smap_to_jansson(&smap);
    smap_destroy(&smap);
    return object;
}

static json_t *
uuid_to_jansson(const struct uuid *uuid)
{
    return json_sprintf(UUID_FMT, UUID_ARGS(uuid));
}

static json_t *
field_to_jansson(const struct dvs_field *field, const void *value)
{
    switch (field->type) {
    case DVS_F_STRING:
        return json_string(*(char *const *) value);
    case DVS_F_INTEGER:
        return json_integer(*(const int *) value);
    case DVS_F_BOOL:
        return json_boolean(*(const bool *) value);
    case DVS_F_UUID:
        return uuid_to_jansson(value);
    case DVS_F_TYPE:
        return json_string(dvs_portgroup_type_to_string(
                               *(const enum dvs_portgroup_type *) value));
    case DVS_F_OVERRIDES:
        return overrides_to_jansson(*(const uint32_t *) value);
    case DVS_F_NAMES:
        return names_to_jansson(value);
    case DVS_F_MAP:
        return smap_to_jansson(value);
    case DVS_F_SETTING:
        return setting_to_jansson(value);
    default:
        OVS_NOT_REACHED();
    }
}

/* Adds the 'n' 'fields' of the struct at 'base' to 'object'.  Returns false
 * if one of its strings is not valid UTF-8. */
bool
dvs_fields_write(const struct dvs_field *fields, size_t n, const void *base,
                 json_t *object)
{
    for (size_t i = 0; i < n; i++) {
        const struct dvs_field *field = &fields[i];
        const void *value = (const char *) base + field->offset;

        if (field->type == DVS_F_STRING && !*(char *const *) value) {
            continue;
        }
        if (json_object_set_new(object, field->name,
                                field_to_jansson(field, value))) {
            return false;
        }
    }
    return true;
}

/* Reading.  Errors do not say where; dvs_fields_read() adds that. */

static const char *
type_name(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    case JSON_NULL:
        return "null";
    default:
        OVS_NOT_REACHED();
    }
}

static char * OVS_WARN_UNUSED_RESULT
wrong_type(const json_t *json, const char *wanted)
{
    return xasprintf("is %s, not %s", type_name(json), wanted);
}

static char * OVS_WARN_UNUSED_RESULT
smap_from_jansson(struct smap *smap, json_t *json)
{
    const char *key;
    json_t *value;

    if (!json_is_object(json)) {
        return wrong_type(json, "an object");
    }
    smap_clear(smap);
    json_object_foreach (json, key, value) {
        if (!json_is_string(value)) {
            return xasprintf("\"%s\" is %s, not a string", key,
                             type_name(value));
        }
        smap_add(smap, key, json_string_value(value));
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
names_from_jansson(struct svec *names, const json_t *json)
{
    const json_t *name;
    size_t i;

    if (!json_is_array(json)) {
        return wrong_type(json, "an array");
    }
    svec_clear(names);
    json_array_foreach (json, i, name) {
        if (!json_is_string(name)) {
            return xasprintf("element %"PRIuSIZE" is %s, not a string", i,
                             type_name(name));
        }
        svec_add(names, json_string_value(name));
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
overrides_from_jansson(uint32_t *overrides, const json_t *json)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    char *error = names_from_jansson(&words, json);
    const char *word;
    size_t i;

    *overrides = 0;
    SVEC_FOR_EACH (i, word, &words) {
        enum dvs_override ov;

        if (!dvs_override_from_string(word, &ov)) {
            error = xasprintf("\"%s\" is nothing that can be overridden",
                              word);
            break;
        }
        *overrides |= UINT32_C(1) << ov;
    }
    svec_destroy(&words);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
setting_from_jansson(struct dvs_setting *setting, json_t *json)
{
    struct smap smap = SMAP_INITIALIZER(&smap);
    char *error = smap_from_jansson(&smap, json);

    if (!error) {
        dvs_setting_destroy(setting);
        error = dvs_setting_from_smap(setting, &smap);
    }
    smap_destroy(&smap);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
integer_from_jansson(const struct dvs_field *field, int *value,
                     const json_t *json)
{
    json_int_t number = json_integer_value(json);

    if (!json_is_integer(json)) {
        return wrong_type(json, "an integer");
    }
    if (number < field->min || number > field->max) {
        return xasprintf("%lld is not in %d..%d", (long long int) number,
                         field->min, field->max);
    }
    *value = number;
    return NULL;
}

/* Reads the types that are strings in JSON. */
static char * OVS_WARN_UNUSED_RESULT
string_from_jansson(const struct dvs_field *field, void *value,
                    const json_t *json)
{
    const char *s = json_string_value(json);

    if (!json_is_string(json)) {
        return wrong_type(json, "a string");
    }
    if (field->type == DVS_F_UUID) {
        return (uuid_from_string(value, s) ? NULL
                : xasprintf("\"%s\" is not a UUID", s));
    }
    if (field->type == DVS_F_TYPE) {
        return (dvs_portgroup_type_from_string(s, value) ? NULL
                : xasprintf("\"%s\" is not a type of portgroup", s));
    }

    char **target = value;
    free(*target);
    *target = xstrdup(s);
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
field_from_jansson(const struct dvs_field *field, void *value, json_t *json)
{
    switch (field->type) {
    case DVS_F_STRING:
    case DVS_F_UUID:
    case DVS_F_TYPE:
        return string_from_jansson(field, value, json);
    case DVS_F_INTEGER:
        return integer_from_jansson(field, value, json);
    case DVS_F_BOOL:
        if (!json_is_boolean(json)) {
            return wrong_type(json, "a boolean");
        }
        *(bool *) value = json_is_true(json);
        return NULL;
    case DVS_F_OVERRIDES:
        return overrides_from_jansson(value, json);
    case DVS_F_NAMES:
        return names_from_jansson(value, json);
    case DVS_F_MAP:
        return smap_from_jansson(value, json);
    case DVS_F_SETTING:
        return setting_from_jansson(value, json);
    default:
        OVS_NOT_REACHED();
    }
}

/* Reads the 'n' 'fields' from 'object' into the struct at 'base', which must
 * be initialized, and deletes them from 'object': what is left there
 * afterward is what the caller has to read itself or to complain of.  'path'
 * says in errors where 'object' is. */
char *
dvs_fields_read(const struct dvs_field *fields, size_t n, void *base,
                json_t *object, const char *path)
{
    if (!json_is_object(object)) {
        return xasprintf("%s: is %s, not an object", path, type_name(object));
    }
    for (size_t i = 0; i < n; i++) {
        const struct dvs_field *field = &fields[i];
        json_t *json = json_object_get(object, field->name);
        char *error;

        if (json) {
            error = field_from_jansson(field, (char *) base + field->offset,
                                       json);
        } else {
            error = field->required ? xstrdup("is missing") : NULL;
        }
        if (error) {
            char *full = xasprintf("%s.%s: %s", path, field->name, error);
            free(error);
            return full;
        }
        json_object_del(object, field->name);
    }
    return NULL;
}

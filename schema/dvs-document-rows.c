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


/* What configuration documents are in the database.  See
 * dvs-document-rows.h. */

#include <config.h>

#include "schema/dvs-document-rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Returns the table of 'class'. */
const struct ovsdb_idl_table_class *
dvs_doc_table(const struct dvs_doc_class *class)
{
    for (size_t i = 0; i < DVSREC_N_TABLES; i++) {
        if (!strcmp(dvsrec_table_classes[i].name, class->table)) {
            return &dvsrec_table_classes[i];
        }
    }
    OVS_NOT_REACHED();
}

/* Returns the column of 'table' that is called 'name', or NULL. */
const struct ovsdb_idl_column *
dvs_doc_column(const struct ovsdb_idl_table_class *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* Values.  A map is an object, a set that may have several elements an array,
 * and everything else one value. */

static struct json *
atom_to_json(const union ovsdb_atom *atom, enum ovsdb_atomic_type type)
{
    return (type == OVSDB_TYPE_UUID
            ? json_string_create_nocopy(
                xasprintf(UUID_FMT, UUID_ARGS(&atom->uuid)))
            : ovsdb_atom_to_json(atom, type));
}

static struct json *
map_to_json(const struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
    struct json *object = json_object_create();

    for (size_t i = 0; i < datum->n; i++) {
        const union ovsdb_atom *key = &datum->keys[i];
        struct json *value = atom_to_json(&datum->values[i],
                                          type->value.type);

        if (type->key.type == OVSDB_TYPE_STRING) {
            json_object_put(object, json_string(key->s), value);
        } else {
            json_object_put_nocopy(
                object, xasprintf("%"PRId64, key->integer), value);
        }
    }
    return object;
}

/* Returns 'datum', of 'type', as JSON, or NULL if it is an empty optional
 * value, set or map.  The caller must free it. */
char *
dvs_doc_json_from_datum(const struct ovsdb_datum *datum,
                        const struct ovsdb_type *type)
{
    struct json *json;

    if (!datum->n) {
        return NULL;
    } else if (ovsdb_type_is_map(type)) {
        json = map_to_json(datum, type);
    } else if (type->n_max > 1) {
        json = json_array_create_empty();
        for (size_t i = 0; i < datum->n; i++) {
            json_array_add(json, atom_to_json(&datum->keys[i],
                                              type->key.type));
        }
    } else {
        json = atom_to_json(&datum->keys[0], type->key.type);
    }

    char *text = json_to_string(json, JSSF_SORT);
    json_destroy(json);
    return text;
}

/* Stores in '*atom' what 'json' is in 'base'. */
static char * OVS_WARN_UNUSED_RESULT
atom_from_json(const struct json *json, const struct ovsdb_base_type *base,
               union ovsdb_atom *atom)
{
    static const char *const types[] = {
        [OVSDB_TYPE_VOID] = "nothing",
        [OVSDB_TYPE_INTEGER] = "an integer",
        [OVSDB_TYPE_REAL] = "a number",
        [OVSDB_TYPE_BOOLEAN] = "a boolean",
        [OVSDB_TYPE_STRING] = "a string",
        [OVSDB_TYPE_UUID] = "a UUID",
    };
    struct ovsdb_error *error = NULL;

    if (base->type == OVSDB_TYPE_UUID) {
        /* What it refers to is for the caller to see. */
        return (json->type == JSON_STRING
                && uuid_from_string(&atom->uuid, json_string(json))
                ? NULL : xstrdup("is not a UUID"));
    }

    /* OVSDB has no arrays and objects here that are not its own notation. */
    if (json->type != JSON_ARRAY && json->type != JSON_OBJECT) {
        error = ovsdb_atom_from_json(atom, base, json, NULL);
        if (!error) {
            return NULL;
        }
        if (!strcmp(ovsdb_error_get_tag(error), "constraint violation")) {
            return ovsdb_error_to_string_free(error);
        }
        ovsdb_error_destroy(error);
    }
    return xasprintf("is not %s", types[base->type]);
}

static char * OVS_WARN_UNUSED_RESULT
map_from_json(const struct json *json, const struct ovsdb_type *type,
              struct ovsdb_datum *datum)
{
    const struct shash_node *node;

    if (json->type != JSON_OBJECT) {
        return xstrdup("is not an object");
    }
    SHASH_FOR_EACH (node, json_object(json)) {
        union ovsdb_atom key, value;
        struct json *json_key;
        char *error;

        if (type->key.type == OVSDB_TYPE_INTEGER) {
            long long int number;

            if (!str_to_llong(node->name, 10, &number)) {
                return xasprintf("\"%s\" is not an integer", node->name);
            }
            json_key = json_integer_create(number);
        } else {
            json_key = json_string_create(node->name);
        }
        error = atom_from_json(json_key, &type->key, &key);
        json_destroy(json_key);
        if (!error) {
            error = atom_from_json(node->data, &type->value, &value);
            if (!error) {
                ovsdb_datum_add_unsafe(datum, &key, &value, type, NULL);
                ovsdb_atom_destroy(&value, type->value.type);
            }
            ovsdb_atom_destroy(&key, type->key.type);
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
add_atom(const struct json *json, const struct ovsdb_type *type,
         struct ovsdb_datum *datum)
{
    union ovsdb_atom atom;
    char *error = atom_from_json(json, &type->key, &atom);

    if (!error) {
        ovsdb_datum_add_unsafe(datum, &atom, NULL, type, NULL);
        ovsdb_atom_destroy(&atom, type->key.type);
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
datum_from_json(const struct json *json, const struct ovsdb_type *type,
                struct ovsdb_datum *datum)
{
    struct ovsdb_error *error;

    if (ovsdb_type_is_map(type)) {
        char *message = map_from_json(json, type, datum);
        if (message) {
            return message;
        }
    } else if (type->n_max > 1) {
        if (json->type != JSON_ARRAY) {
            return xstrdup("is not an array");
        }
        for (size_t i = 0; i < json_array(json)->n; i++) {
            char *message = add_atom(json_array(json)->elems[i], type, datum);
            if (message) {
                return message;
            }
        }
    } else {
        return add_atom(json, type, datum);
    }
    error = ovsdb_datum_sort(datum, type);
    if (error) {
        return ovsdb_error_to_string_free(error);
    }
    return (datum->n > type->n_max ? xstrdup("has too many elements")
            : NULL);
}

/* Initializes 'datum' as the value of 'type' whose JSON is 'json', or as the
 * default if that is NULL.  Returns NULL if successful, otherwise an error
 * message, which the caller must free: "is not a string".  Either way the
 * caller must destroy 'datum'. */
char *
dvs_doc_json_to_datum(const char *json, const struct ovsdb_type *type,
                      struct ovsdb_datum *datum)
{
    char *array, *error;
    struct json *parsed;

    if (!json) {
        ovsdb_datum_init_default(datum, type);
        return NULL;
    }

    /* A text has to be an array or an object. */
    ovsdb_datum_init_empty(datum);
    array = xasprintf("[%s]", json);
    parsed = json_from_string(array);
    free(array);
    if (parsed->type != JSON_ARRAY || json_array(parsed)->n != 1) {
        json_destroy(parsed);
        return xstrdup("is not JSON");
    }
    error = datum_from_json(json_array(parsed)->elems[0], type, datum);
    json_destroy(parsed);
    return error;
}

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

/* Copies of rows.  See row-copy.h. */

#include <config.h>
#include "ovs-bridge/row-copy.h"
#include <string.h>
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "util.h"
#include "uuid.h"

/* The member of the text form that is no column. */
#define UUID_MEMBER "_uuid"

/* Returns a new row of 'class' with default values and the identity 'uuid'.
 * It is not ready to be used before finish(). */
static struct row_copy *
start(const struct ovsdb_idl_table_class *class, const struct uuid *uuid)
{
    struct row_copy *copy = xzalloc(sizeof *copy);

    copy->n_refs = 1;
    copy->class = class;
    copy->columns = xmalloc(class->n_columns * sizeof *copy->columns);
    for (size_t i = 0; i < class->n_columns; i++) {
        ovsdb_datum_init_default(&copy->columns[i], &class->columns[i].type);
    }
    copy->row = xzalloc(class->allocation_size);
    class->row_init(copy->row);
    copy->row->uuid = *uuid;
    return copy;
}

/* Makes the struct of 'copy' say what its columns do. */
static void
finish(struct row_copy *copy)
{
    for (size_t i = 0; i < copy->class->n_columns; i++) {
        copy->class->columns[i].parse(copy->row, &copy->columns[i]);
    }
}

/* Returns a copy of 'row', which is of 'class' and belongs to an IDL.  Columns
 * that are not monitored have their default values. */
struct row_copy *
row_copy_create(const struct ovsdb_idl_table_class *class,
                const struct ovsdb_idl_row *row)
{
    struct row_copy *copy = start(class, &row->uuid);

    for (size_t i = 0; i < class->n_columns; i++) {
        ovsdb_datum_destroy(&copy->columns[i], &class->columns[i].type);
        ovsdb_datum_clone(&copy->columns[i],
                          ovsdb_idl_read(row, &class->columns[i]));
    }
    finish(copy);
    return copy;
}

/* Returns another reference to 'copy', which may be NULL. */
struct row_copy *
row_copy_ref(const struct row_copy *copy_)
{
    struct row_copy *copy = CONST_CAST(struct row_copy *, copy_);

    if (copy) {
        copy->n_refs++;
    }
    return copy;
}

/* Gives up a reference to 'copy', which may be NULL. */
void
row_copy_unref(struct row_copy *copy)
{
    if (!copy || --copy->n_refs) {
        return;
    }
    for (size_t i = 0; i < copy->class->n_columns; i++) {
        copy->class->columns[i].unparse(copy->row);
        ovsdb_datum_destroy(&copy->columns[i], &copy->class->columns[i].type);
    }
    free(copy->columns);
    free(copy->row);
    free(copy);
}

static bool
is_one_of(const char *name, const char *const *list)
{
    for (; list && *list; list++) {
        if (!strcmp(name, *list)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'a' and 'b', of one table, say the same in all columns but
 * those named in 'ignore', an array that ends with NULL (or NULL). */
bool
row_copy_equals(const struct row_copy *a, const struct row_copy *b,
                const char *const *ignore)
{
    for (size_t i = 0; a != b && i < a->class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &a->class->columns[i];

        if (!is_one_of(column->name, ignore)
            && !ovsdb_datum_equals(&a->columns[i], &b->columns[i],
                                   &column->type)) {
            return false;
        }
    }
    return true;
}

/* Returns the text form of 'copy': its "_uuid", and each column that has not
 * its default value, in the form that OVSDB gives its data (RFC 7047). */
struct json *
row_copy_to_json(const struct row_copy *copy)
{
    struct json *json = json_object_create();

    json_object_put(json, UUID_MEMBER, json_string_create_nocopy(
        xasprintf(UUID_FMT, UUID_ARGS(&copy->row->uuid))));
    for (size_t i = 0; i < copy->class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &copy->class->columns[i];

        if (!ovsdb_datum_is_default(&copy->columns[i], &column->type)) {
            json_object_put(json, column->name,
                            ovsdb_datum_to_json_deep(&copy->columns[i],
                                                     &column->type));
        }
    }
    return json;
}

/* Stores in 'copyp' the row of 'class' that 'json' is the text form of.
 * Columns that this program does not know are ignored.  Returns NULL if
 * successful; else why not, which the caller must free, with NULL in
 * 'copyp'. */
char *
row_copy_from_json(struct row_copy **copyp,
                   const struct ovsdb_idl_table_class *class,
                   const struct json *json)
{
    const struct json *id;
    struct row_copy *copy;
    struct uuid uuid;

    *copyp = NULL;
    if (json->type != JSON_OBJECT) {
        return xstrdup("a row is no object");
    }
    id = shash_find_data(json_object(json), UUID_MEMBER);
    if (!id || id->type != JSON_STRING
        || !uuid_from_string(&uuid, json_string(id))) {
        return xstrdup("a row has no identity");
    }
    copy = start(class, &uuid);
    for (size_t i = 0; i < class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &class->columns[i];
        const struct json *value = shash_find_data(json_object(json),
                                                   column->name);
        struct ovsdb_datum datum;

        if (!value) {
            continue;
        }
        struct ovsdb_error *error
            = ovsdb_datum_from_json(&datum, &column->type, value, NULL);
        if (error) {
            char *reason = ovsdb_error_to_string_free(error);
            char *s = xasprintf("column \"%s\": %s", column->name, reason);

            free(reason);
            finish(copy);
            row_copy_unref(copy);
            return s;
        }
        ovsdb_datum_destroy(&copy->columns[i], &column->type);
        copy->columns[i] = datum;
    }
    finish(copy);
    *copyp = copy;
    return NULL;
}

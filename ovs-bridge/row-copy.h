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

#ifndef ROW_COPY_H
#define ROW_COPY_H 1

/* A copy of a row of the DVS database that outlives the connection: the same
 * struct that the IDL gives ("struct dvsrec_..."), with every column that is
 * monitored, and a text form.  Copies never change and are shared by reference
 * count. */

#include <stdbool.h>
#include <stddef.h>

struct json;
struct ovsdb_datum;
struct ovsdb_idl_row;
struct ovsdb_idl_table_class;

struct row_copy {
    size_t n_refs;
    const struct ovsdb_idl_table_class *class;
    struct ovsdb_datum *columns;    /* Of all of 'class''s columns. */
    struct ovsdb_idl_row *row;  /* Of 'class': cast it to its struct. */
};

struct row_copy *row_copy_create(const struct ovsdb_idl_table_class *,
                                 const struct ovsdb_idl_row *);
struct row_copy *row_copy_ref(const struct row_copy *);
void row_copy_unref(struct row_copy *);
bool row_copy_equals(const struct row_copy *, const struct row_copy *,
                     const char *const *ignore);

struct json *row_copy_to_json(const struct row_copy *);
char *row_copy_from_json(struct row_copy **,
                         const struct ovsdb_idl_table_class *,
                         const struct json *);

#endif /* row-copy.h */

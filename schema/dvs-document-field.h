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

#ifndef DVS_DOCUMENT_FIELD_H
#define DVS_DOCUMENT_FIELD_H 1

/* PURE, private to dvs-document.c: members of the model's structs as members
 * of JSON objects, by tables that serve both directions. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

enum dvs_field_type {
    DVS_F_STRING,               /* char *, left out if NULL. */
    DVS_F_INTEGER,              /* int in min...max. */
    DVS_F_BOOL,                 /* bool */
    DVS_F_UUID,                 /* struct uuid */
    DVS_F_TYPE,                 /* enum dvs_portgroup_type, as its word. */
    DVS_F_OVERRIDES,            /* uint32_t, as an array of words. */
    DVS_F_NAMES,                /* struct svec, as an array of strings. */
    DVS_F_MAP,                  /* struct smap, as an object of strings. */
    DVS_F_SETTING               /* struct dvs_setting, as its text form. */
};

struct dvs_field {
    const char *name;           /* In the JSON object. */
    enum dvs_field_type type;
    size_t offset;              /* In the struct. */
    bool required;              /* Else the struct's default holds. */
    int min, max;               /* DVS_F_INTEGER. */
};

bool dvs_fields_write(const struct dvs_field *, size_t n, const void *,
                      json_t *object);
char *dvs_fields_read(const struct dvs_field *, size_t n, void *,
                      json_t *object, const char *path)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-document-field.h */

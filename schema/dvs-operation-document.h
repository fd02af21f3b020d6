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

#ifndef DVS_OPERATION_DOCUMENT_H
#define DVS_OPERATION_DOCUMENT_H 1

/* The operations of table Task that are about configuration documents.  See
 * dvs-operation.h. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

struct dvs_doc_object;
struct dvs_document;
struct dvs_operation;
struct dvs_restore_point;
struct dvsrec_switch;
struct ovsdb_idl;

/* "checkpoint". */
bool dvs_checkpoint_check(struct dvs_operation *,
                          const struct dvsrec_switch **, const char **namep);

/* "export". */
bool dvs_export(struct dvs_operation *);

/* "rollback". */
bool dvs_rollback_init(struct dvs_restore_point *, struct dvs_operation *,
                       bool *spec_onlyp);
bool dvs_rollback_spec(struct dvs_restore_point *, struct dvs_operation *);
void dvs_rollback_run(struct dvs_restore_point *, struct dvs_operation *);

/* "import". */
struct dvs_import {
    struct dvs_operation *op;
    const struct dvs_document *doc;
    const char *as;             /* "new", "same", or a switch's name. */
    const char *name;           /* For the new switch, or NULL. */
    size_t n_entities;          /* In the result so far. */
    size_t n_faults;            /* Of those, the ones with a fault. */
    char *first_fault;
    void *aux;                  /* For the caller. */
};

/* Called when 'object', a switch, has been imported into the row, in the way
 * that 'flags' (enum dvs_restore_flags) say. */
typedef void dvs_imported_func(const struct dvs_import *,
                               const struct dvs_doc_object *,
                               const struct dvsrec_switch *, int flags);

bool dvs_import_run(struct dvs_operation *, dvs_imported_func *, void *aux);

/* Parts of it, for whoever has the document in a file. */
void dvs_import_rename(struct dvs_doc_object *, const char *name);
char *dvs_import_target(const struct ovsdb_idl *, const struct dvs_document *,
                        const struct dvs_doc_object *, const char *as,
                        const struct dvsrec_switch **target, int *flags)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-operation-document.h */

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


#ifndef DVS_DOCUMENT_ROWS_H
#define DVS_DOCUMENT_ROWS_H 1

/* From database rows to configuration documents, and what is needed for the
 * way back. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct dvs_doc_class;
struct dvs_document;
struct dvsrec_port;
struct dvsrec_switch;
struct ovsdb_datum;
struct ovsdb_idl;
struct ovsdb_idl_column;
struct ovsdb_idl_table_class;
struct ovsdb_type;
struct sset;

/* What a class of objects is in the database. */
const struct ovsdb_idl_table_class *dvs_doc_table(
    const struct dvs_doc_class *);
const struct ovsdb_idl_column *dvs_doc_column(
    const struct ovsdb_idl_table_class *, const char *name);

/* Values. */
char *dvs_doc_json_from_datum(const struct ovsdb_datum *,
                              const struct ovsdb_type *);
char *dvs_doc_json_to_datum(const char *json, const struct ovsdb_type *,
                            struct ovsdb_datum *) OVS_WARN_UNUSED_RESULT;

void dvs_document_register(struct ovsdb_idl *);
char *dvs_document_gather(const struct ovsdb_idl *,
                          const struct dvsrec_switch *,
                          const struct sset *portgroups,
                          struct dvs_document *) OVS_WARN_UNUSED_RESULT;
char *dvs_document_gather_state(const struct ovsdb_idl *,
                                const struct dvsrec_switch *,
                                struct dvs_document *) OVS_WARN_UNUSED_RESULT;
bool dvs_doc_port_is_plain(const struct dvsrec_port *);

#endif /* dvs-document-rows.h */

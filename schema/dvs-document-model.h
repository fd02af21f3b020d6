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

#ifndef DVS_DOCUMENT_MODEL_H
#define DVS_DOCUMENT_MODEL_H 1

/* From objects of configuration documents to the model's structs, as
 * dvs-read.h does it from database rows. */

#include "openvswitch/compiler.h"
#include "openvswitch/shash.h"

struct dvs_doc_object;
struct dvs_member;
struct dvs_port;
struct dvs_portgroup;
struct dvs_switch;

/* A switch, and what its settings can refer to. */
struct dvs_doc_scope {
    const struct dvs_doc_object *sw;
    const struct dvs_doc_object *kept;  /* What else hangs on it, or NULL. */
    struct shash pools;         /* UUID -> "struct dvs_doc_object". */
};

void dvs_doc_scope_init(struct dvs_doc_scope *,
                        const struct dvs_doc_object *sw,
                        const struct dvs_doc_object *kept);
void dvs_doc_scope_destroy(struct dvs_doc_scope *);

/* The model. */
char *dvs_doc_read_switch(const struct dvs_doc_scope *, struct dvs_switch *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_doc_read_portgroup(const struct dvs_doc_scope *,
                             const struct dvs_doc_object *,
                             struct dvs_portgroup *) OVS_WARN_UNUSED_RESULT;
char *dvs_doc_read_port(const struct dvs_doc_scope *,
                        const struct dvs_doc_object *, struct dvs_port *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_doc_read_member(const struct dvs_doc_object *, struct dvs_member *)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-document-model.h */

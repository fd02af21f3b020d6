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

#ifndef DVS_DOCUMENT_CHECK_H
#define DVS_DOCUMENT_CHECK_H 1

/* Which objects of a configuration document can be restored. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct dvs_doc_object;
struct dvs_document;

bool dvs_doc_is_left_out(const struct dvs_document *, int flags,
                         const struct dvs_doc_object *);
char *dvs_document_check(const struct dvs_document *, int flags,
                         struct dvs_doc_object *,
                         const struct dvs_doc_object *now)
    OVS_WARN_UNUSED_RESULT;
const struct dvs_doc_object *dvs_doc_first_fault(
    const struct dvs_doc_object *);

#endif /* dvs-document-check.h */

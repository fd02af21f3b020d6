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

#ifndef DVS_DOCUMENT_RESTORE_H
#define DVS_DOCUMENT_RESTORE_H 1

/* From configuration documents back to database rows. */

#include "openvswitch/compiler.h"

struct dvs_doc_object;
struct dvs_document;
struct dvsrec_switch;
struct ovsdb_idl;
struct ovsdb_idl_txn;

/* What is restored of a switch. */
enum dvs_restore_flags {
    DVS_RESTORE_IDENTIFIERS = 1 << 0,   /* What is made anew gets the UUID
                                         * that it had. */
    DVS_RESTORE_HOSTS = 1 << 1,         /* Members and their uplinks. */
    DVS_RESTORE_NICS = 1 << 2,          /* NICs and their connections. */
    DVS_RESTORE_EXACTLY = 1 << 3,       /* What the document does not have is
                                         * removed. */
    DVS_RESTORE_NAME = 1 << 4,          /* The name of the switch. */
    DVS_RESTORE_OWN = 1 << 5,           /* Nothing but what an object has of
                                         * its own: of a switch no portgroups,
                                         * ports and members, of a portgroup
                                         * no ports. */
    DVS_RESTORE_MEMBERS_STAY = 1 << 6   /* With DVS_RESTORE_HOSTS: no host
                                         * joins the switch or leaves it. */
};

/* The ways of "import" (vSphere's EntityImportType), and "rollback". */
#define DVS_RESTORE_NEW DVS_RESTORE_NAME
#define DVS_RESTORE_INTO 0
#define DVS_RESTORE_ROLLBACK                                            \
    (DVS_RESTORE_IDENTIFIERS | DVS_RESTORE_HOSTS | DVS_RESTORE_EXACTLY  \
     | DVS_RESTORE_NAME)
#define DVS_RESTORE_SAME (DVS_RESTORE_ROLLBACK | DVS_RESTORE_NICS)

char *dvs_document_restore(struct ovsdb_idl *, struct ovsdb_idl_txn *,
                           const struct dvs_document *,
                           struct dvs_doc_object *,
                           const struct dvsrec_switch *target, int flags)
    OVS_WARN_UNUSED_RESULT;
char *dvs_document_restore_check(struct ovsdb_idl *,
                                 const struct dvs_document *,
                                 struct dvs_doc_object *,
                                 const struct dvsrec_switch *target,
                                 int flags) OVS_WARN_UNUSED_RESULT;
char *dvs_document_restore_object(struct ovsdb_idl *, struct ovsdb_idl_txn *,
                                  struct dvs_doc_object *,
                                  const struct dvsrec_switch *target)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-document-restore.h */

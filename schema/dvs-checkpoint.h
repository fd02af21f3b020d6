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

#ifndef DVS_CHECKPOINT_H
#define DVS_CHECKPOINT_H 1

/* What a comparison or a rollback works with: a switch, or one portgroup of
 * it, as it is now and as it was at another time, of which a checkpoint or a
 * document tells. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document.h"

struct dvsrec_checkpoint;
struct dvsrec_portgroup;
struct dvsrec_switch;
struct ovsdb_idl;
struct ovsdb_idl_txn;

struct dvs_restore_point {
    struct ovsdb_idl *idl;
    const struct dvsrec_switch *sw;
    const struct dvsrec_portgroup *pg;  /* NULL: the whole switch. */

    struct dvs_document then;   /* Reduced to what is asked for. */
    struct dvs_doc_object *object;      /* The switch in 'then'. */
    const struct dvsrec_checkpoint *checkpoint; /* NULL for a document. */
    struct dvs_doc_changes changes;     /* From 'then' until now. */
};

void dvs_restore_point_init(struct dvs_restore_point *, struct ovsdb_idl *,
                            const struct dvsrec_switch *,
                            const struct dvsrec_portgroup *);
void dvs_restore_point_destroy(struct dvs_restore_point *);

const struct dvsrec_checkpoint *dvs_checkpoint_find(
    const struct ovsdb_idl *, const struct dvsrec_switch *, const char *id);
bool dvs_checkpoint_name_is_valid(const char *name);

char *dvs_restore_point_read(struct dvs_restore_point *, const char *text,
                             size_t size) OVS_WARN_UNUSED_RESULT;
char *dvs_restore_point_from_checkpoint(struct dvs_restore_point *,
                                        const struct dvsrec_checkpoint *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_restore_point_from_last(struct dvs_restore_point *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_restore_point_spec(struct dvs_restore_point *, char **textp)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-checkpoint.h */

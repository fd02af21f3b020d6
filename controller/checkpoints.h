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

#ifndef CHECKPOINTS_H
#define CHECKPOINTS_H 1

/* The only writer of table Checkpoint.
 *
 * Of each switch, the newest row that has no name is its state as it is now;
 * it has been written in the transaction that told hosts of that state.  So
 * when the switch changes, what it was before is safe already, whatever
 * happens, and whoever was running: the row is given the words for the change,
 * and the new state becomes a row of its own. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/uuid.h"
#include "schema/dvs-document.h"

struct dirty;
struct dvsrec_checkpoint;
struct dvsrec_switch;
struct indexes;
struct ovsdb_idl;
struct pass;

/* A document in table Checkpoint, read. */
struct checkpoint {
    struct hmap_node node;      /* In struct checkpoints's 'newest', by
                                 * switch. */
    struct uuid switch_;
    struct uuid row;            /* Of table Checkpoint. */
    struct dvs_document doc;
};

/* What is remembered of checkpoints from pass to pass. */
struct checkpoints {
    struct hmap newest;         /* Contains "struct checkpoint"s: of each
                                 * switch the newest. */
};

void checkpoints_init(struct checkpoints *);
void checkpoints_destroy(struct checkpoints *);

void checkpoints_mark(struct checkpoints *, const struct ovsdb_idl *,
                      struct dirty *);
void checkpoints_mark_all(const struct ovsdb_idl *, struct dirty *);
void checkpoints_run(struct pass *);

const struct dvsrec_checkpoint *checkpoint_newest(const struct indexes *,
                                                  const struct uuid *switch_);
const struct dvsrec_checkpoint *checkpoint_add(
    struct pass *, const struct dvsrec_checkpoint *newest, const char *name);
void checkpoint_restored(struct pass *, const struct dvsrec_switch *);

#endif /* checkpoints.h */

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

#ifndef DVSCTL_CHECK_H
#define DVSCTL_CHECK_H 1

/* Checks of what a run of commands has changed: by the model library before
 * it is committed, by the controller afterwards. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "openvswitch/uuid.h"

struct ctl_context;
struct dvs_switch;
struct dvsrec_switch;
struct ovsdb_idl;
struct ovsdb_idl_row;
struct ovsdb_idl_table_class;
struct ovsdb_idl_txn;
struct svec;

bool ctl_check(struct ctl_context *);
char *ctl_read_switch(const struct ovsdb_idl *, const struct dvsrec_switch *,
                      struct dvs_switch *) OVS_WARN_UNUSED_RESULT;
char *ctl_fault_to_line(const char *fault, const char *name);

/* The rows that a transaction inserts or changes, among those that have a
 * column for the faults that the controller finds. */
struct ctl_touched {
    struct ctl_touched_row {
        const struct ovsdb_idl_table_class *table;
        struct uuid uuid;
    } *rows;
    size_t n, allocated;
    struct uuid task;           /* A task among those that it inserts, by
                                 * which the transaction is known again; zero
                                 * if it inserts none. */
};

void ctl_touched_init(struct ctl_touched *);
void ctl_touched_destroy(struct ctl_touched *);
void ctl_touched_collect(struct ctl_touched *, const struct ovsdb_idl *);
void ctl_touched_resolve(struct ctl_touched *, const struct ovsdb_idl_txn *);
size_t ctl_touched_put_faults(const struct ctl_touched *,
                              const struct ovsdb_idl *, struct svec *errors);

#endif /* ctl-check.h */

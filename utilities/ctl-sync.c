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

/* Whether a connection to the database is up to date.  See ctl-sync.h.
 *
 * OVSDB has no request for that, but the database server sends all updates
 * that are due before it answers a change of a monitor's condition.  So we
 * keep changing the condition on DVS_Global, which has one row, between forms
 * that are always true. */

#include <config.h>

#include "utilities/ctl-sync.h"

#include <inttypes.h>

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Initializes 'sync' for 'idl', of which it owns the condition on
 * DVS_Global. */
void
ctl_sync_init(struct ctl_sync *sync, struct ovsdb_idl *idl)
{
    *sync = (struct ctl_sync) { .idl = idl };
}

/* Returns true if 'idl' has a connection and all rows of the database have
 * come in since it was made.  (The IDL does not tell, but does not let a
 * transaction pass before, even one without operations, which is not
 * sent.) */
static bool
is_monitoring(struct ovsdb_idl *idl)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(idl);
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(txn);

    ovsdb_idl_txn_destroy(txn);
    return status == TXN_UNCHANGED;
}

/* Sets the condition that belongs to 'round'.  Returns the sequence number
 * that the IDL's conditions have when the database server has taken it up;
 * nothing changes if it is set already. */
static unsigned int
set_condition(struct ovsdb_idl *idl, uint64_t round)
{
    struct ovsdb_idl_condition condition;

    /* No configuration will ever have one of these numbers. */
    ovsdb_idl_condition_init(&condition);
    dvsrec_dvs_global_add_clause_next_cfg(&condition, OVSDB_F_NE,
                                          INT64_MAX - (int64_t) (round % 2));

    unsigned int seqno = dvsrec_dvs_global_set_condition(idl, &condition);
    ovsdb_idl_condition_destroy(&condition);
    return seqno;
}

/* Does what is due, after ovsdb_idl_run().  What it waits for wakes up
 * ovsdb_idl_wait(). */
void
ctl_sync_run(struct ctl_sync *sync)
{
    if (sync->done == sync->wanted || !is_monitoring(sync->idl)) {
        return;
    }

    /* If the connection was made anew meanwhile, the IDL takes the condition
     * for set, and rightly so: all rows have come in since. */
    if (sync->started > sync->done
        && (set_condition(sync->idl, sync->started)
            <= ovsdb_idl_get_condition_seqno(sync->idl))) {
        sync->done = sync->started;
    }
    if (sync->started == sync->done && sync->wanted > sync->done) {
        set_condition(sync->idl, ++sync->started);
    }
}

/* Asks for what has been committed up to now.  Returns a ticket for
 * ctl_sync_is_done(). */
uint64_t
ctl_sync_request(struct ctl_sync *sync)
{
    /* A round that has begun may have passed the server already. */
    sync->wanted = sync->started + 1;
    return sync->wanted;
}

/* Returns true if what 'ticket' was asked for is there. */
bool
ctl_sync_is_done(const struct ctl_sync *sync, uint64_t ticket)
{
    return sync->done >= ticket;
}

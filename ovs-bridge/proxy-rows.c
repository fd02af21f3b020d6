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

/* The proxy rows that this host works with.  See proxy-rows.h.
 *
 * Only their life: which copy of a row stands, which was confirmed, which is
 * refused.  What a row says is for host-view-db.c. */

#include <config.h>
#include "ovs-bridge/proxy-rows.h"
#include <string.h>
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "schema/dvs-idl.h"
#include "util.h"
#include "uuid.h"

/* Columns that say nothing of what the host is to do, or (Proxy_Port.active
 * and Proxy_Port.migrating) follow from where machines run. */
static const char *const quiet_columns[] = {
    "active", "base_statistics", "confirm", "external_ids", "migrating",
    "rectify", "refresh", "ring", "version", NULL
};

/* Columns that are no configuration, but signals of the moment; see
 * host_view_db_read_signals(). */
static const char *const signal_columns[] = {
    "confirm", "rectify", "refresh", NULL
};

/* Life cycle. */

/* Initializes 'rows' as empty. */
void
proxy_rows_init(struct proxy_rows *rows)
{
    memset(rows, 0, sizeof *rows);
    hmap_init(&rows->by_id);
    hmap_init(&rows->by_switch);
    hmap_init(&rows->by_name);
    hmap_init(&rows->by_group);
    ovs_list_init(&rows->open);
    ovs_list_init(&rows->dirty);
}

/* Takes 'row' out of the indexes over what it says. */
static void
remove_from_indexes(struct proxy_rows *rows, struct proxy_row *row)
{
    if (!row->indexed) {
        return;
    }
    row->indexed = false;
    hmap_remove(&rows->by_switch, &row->by_switch);
    hmap_remove(&rows->by_name, &row->by_name);
    hmap_remove(&rows->by_group, &row->by_group);
}

static uint32_t
hash_name(const struct uuid *switch_, const char *name)
{
    return hash_string(name, uuid_hash(switch_));
}

/* Puts 'row' into the indexes over what it says, if it says anything. */
static void
add_to_indexes(struct proxy_rows *rows, struct proxy_row *row)
{
    uint32_t name_hash = 0, group_hash = 0;

    if (!row->running) {
        return;
    }
    if (row->id.kind == PR_PORT) {
        const struct dvsrec_proxy_port *pp
            = ROW_COPY_CAST(row->running, dvsrec_proxy_port);

        name_hash = hash_string(pp->nic, 0);
        group_hash = pp->n_portgroup ? uuid_hash(pp->portgroup) : 0;
    } else if (row->id.kind == PR_PORTGROUP) {
        const struct dvsrec_proxy_portgroup *pg
            = ROW_COPY_CAST(row->running, dvsrec_proxy_portgroup);

        name_hash = hash_name(&pg->switch_, pg->name);
    }
    row->indexed = true;
    hmap_insert(&rows->by_switch, &row->by_switch,
                uuid_hash(&row->id.switch_));
    hmap_insert(&rows->by_name, &row->by_name, name_hash);
    hmap_insert(&rows->by_group, &row->by_group, group_hash);
}

static void
destroy_row(struct proxy_rows *rows, struct proxy_row *row)
{
    remove_from_indexes(rows, row);
    hmap_remove(&rows->by_id, &row->node);
    ovs_list_remove(&row->open_node);
    ovs_list_remove(&row->dirty_node);
    rows->n_refused -= row->refused;
    row_copy_unref(row->running);
    row_copy_unref(row->confirmed);
    free(CONST_CAST(char *, row->id.key));
    free(row);
}

/* Frees what 'rows' holds. */
void
proxy_rows_destroy(struct proxy_rows *rows)
{
    struct proxy_row *row;

    HMAP_FOR_EACH_SAFE (row, node, &rows->by_id) {
        destroy_row(rows, row);
    }
    hmap_destroy(&rows->by_id);
    hmap_destroy(&rows->by_switch);
    hmap_destroy(&rows->by_name);
    hmap_destroy(&rows->by_group);
}

/* Returns true if nothing is known. */
bool
proxy_rows_is_empty(const struct proxy_rows *rows)
{
    return hmap_is_empty(&rows->by_id);
}

/* Look-up. */

static uint32_t
hash_id(const struct proxy_row_id *id)
{
    return hash_string(id->key, uuid_hash(&id->switch_)
                       ^ uuid_hash(&id->portgroup) ^ id->kind);
}

/* Returns the row about 'id', or NULL. */
struct proxy_row *
proxy_rows_find(const struct proxy_rows *rows, const struct proxy_row_id *id)
{
    struct proxy_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, node, hash_id(id), &rows->by_id) {
        if (row->id.kind == id->kind
            && uuid_equals(&row->id.switch_, &id->switch_)
            && uuid_equals(&row->id.portgroup, &id->portgroup)
            && !strcmp(row->id.key, id->key)) {
            return row;
        }
    }
    return NULL;
}

static struct proxy_row *
find_or_add(struct proxy_rows *rows, const struct proxy_row_id *id)
{
    struct proxy_row *row = proxy_rows_find(rows, id);

    if (!row) {
        row = xzalloc(sizeof *row);
        row->id = *id;
        row->id.key = xstrdup(id->key);
        ovs_list_init(&row->open_node);
        ovs_list_init(&row->dirty_node);
        hmap_insert(&rows->by_id, &row->node, hash_id(id));
    }
    return row;
}

/* Returns the port that NIC 'nic' has, or NULL. */
const struct proxy_row *
proxy_rows_find_nic(const struct proxy_rows *rows, const char *nic)
{
    const struct proxy_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, by_name, hash_string(nic, 0),
                             &rows->by_name) {
        if (row->id.kind == PR_PORT
            && !strcmp(ROW_COPY_CAST(row->running, dvsrec_proxy_port)->nic,
                       nic)) {
            return row;
        }
    }
    return NULL;
}

/* Returns the portgroup of 'switch_' called 'name', or NULL. */
const struct proxy_row *
proxy_rows_find_name(const struct proxy_rows *rows,
                     const struct uuid *switch_, const char *name)
{
    const struct proxy_row *row;

    HMAP_FOR_EACH_WITH_HASH (row, by_name, hash_name(switch_, name),
                             &rows->by_name) {
        if (row->id.kind == PR_PORTGROUP
            && uuid_equals(&row->id.switch_, switch_)
            && !strcmp(ROW_COPY_CAST(row->running,
                                     dvsrec_proxy_portgroup)->name, name)) {
            return row;
        }
    }
    return NULL;
}

/* Returns true if 'nic' has, or had when that was last confirmed, a port with
 * another key than 'other_key'. */
bool
proxy_rows_nic_is_known(const struct proxy_rows *rows, const char *nic,
                        const char *other_key)
{
    const struct proxy_row *row = proxy_rows_find_nic(rows, nic);

    if (row && strcmp(row->id.key, other_key)) {
        return true;
    }
    LIST_FOR_EACH (row, open_node, &rows->open) {
        if (row->id.kind == PR_PORT && row->confirmed
            && strcmp(row->id.key, other_key)
            && !strcmp(ROW_COPY_CAST(row->confirmed, dvsrec_proxy_port)->nic,
                       nic)) {
            return true;
        }
    }
    return false;
}

/* Changing. */

static int64_t
get_version(enum proxy_row_kind kind, const struct row_copy *copy)
{
    switch (kind) {
    case PR_SWITCH:
        return ROW_COPY_CAST(copy, dvsrec_proxy_switch)->version;
    case PR_HOST:
        return ROW_COPY_CAST(copy, dvsrec_proxy_host)->version;
    case PR_PORTGROUP:
        return ROW_COPY_CAST(copy, dvsrec_proxy_portgroup)->version;
    case PR_PORT:
        return ROW_COPY_CAST(copy, dvsrec_proxy_port)->version;
    case PR_GLOBAL:
    case PR_N_KINDS:
    default:
        return 0;
    }
}

static void
mark_dirty(struct proxy_rows *rows, struct proxy_row *row)
{
    rows->seqno++;
    if (ovs_list_is_empty(&row->dirty_node)) {
        ovs_list_push_back(&rows->dirty, &row->dirty_node);
    }
}

/* Makes 'copy', whose reference it takes over, what 'row' says. */
static void
set_running(struct proxy_rows *rows, struct proxy_row *row,
            struct row_copy *copy)
{
    remove_from_indexes(rows, row);
    row_copy_unref(row->running);
    row->running = copy;
    add_to_indexes(rows, row);
    mark_dirty(rows, row);
}

static void
set_confirmed(struct proxy_row *row)
{
    row_copy_unref(row->confirmed);
    row->confirmed = row_copy_ref(row->running);
    ovs_list_remove(&row->open_node);
    ovs_list_init(&row->open_node);
}

static void
set_refused(struct proxy_rows *rows, struct proxy_row *row, bool refused)
{
    if (row->refused != refused) {
        row->refused = refused;
        rows->n_refused += refused ? 1 : -1;
        mark_dirty(rows, row);
    }
}

/* Adds a row about 'state->id', of which nothing is known, in the given state.
 * Takes over the references to the copies. */
void
proxy_rows_add(struct proxy_rows *rows, const struct proxy_row *state)
{
    struct proxy_row *row = find_or_add(rows, &state->id);

    ovs_assert(!row->running && !row->confirmed);
    row->confirmed = state->confirmed;
    row->refuses_absence = state->refuses_absence;
    row->refused_version = state->refused_version;
    row->retried = state->retried;
    set_refused(rows, row, state->refused);
    set_running(rows, row, state->running);
    if (row->running != row->confirmed) {
        row->change = ++rows->change;
        ovs_list_push_back(&rows->open, &row->open_node);
    }
}

static bool
copies_equal(const struct row_copy *a, const struct row_copy *b,
             const char *const *ignore)
{
    return a == b || (a && b && row_copy_equals(a, b, ignore));
}

/* Returns true if 'row' refuses 'copy' (NULL: that it is gone). */
static bool
refuses(const struct proxy_row *row, const struct row_copy *copy)
{
    return (!copy ? row->refuses_absence
            : (!row->refuses_absence
               && get_version(row->id.kind, copy) <= row->refused_version));
}

/* The database says 'copy' (whose reference is taken over; NULL: nothing any
 * more) of 'id'.  'harmless': this cannot cut off the host, so that it need
 * not be confirmed. */
void
proxy_rows_set(struct proxy_rows *rows, const struct proxy_row_id *id,
               struct row_copy *copy, bool harmless)
{
    struct proxy_row *row = (copy ? find_or_add(rows, id)
                             : proxy_rows_find(rows, id));

    if (!row) {
        return;
    }
    bool quiet = copies_equal(row->running, copy, quiet_columns);
    if (row->refused) {
        if (!quiet && refuses(row, copy)) {
            row_copy_unref(copy);
            return;
        }
        set_refused(rows, row, false);
        row->retried = false;
    } else if (row->retried && !refuses(row, copy)) {
        row->retried = false;
    }
    if (copies_equal(row->running, copy, signal_columns)) {
        row_copy_unref(copy);
        if (!row->running && !row->confirmed) {
            mark_dirty(rows, row);  /* To be forgotten. */
        }
        return;
    }

    bool was_confirmed = row->running == row->confirmed;
    set_running(rows, row, copy);
    if (harmless || (quiet && was_confirmed)
        || copies_equal(row->running, row->confirmed, quiet_columns)) {
        set_confirmed(row);
    } else if (!quiet) {
        row->change = ++rows->change;
        if (ovs_list_is_empty(&row->open_node)) {
            ovs_list_push_back(&rows->open, &row->open_node);
        }
    }
}

/* The changes up to number 'change' have proven harmless.  Returns true if
 * none is left that has not. */
bool
proxy_rows_confirm(struct proxy_rows *rows, uint64_t change)
{
    struct proxy_row *row;

    LIST_FOR_EACH_SAFE (row, open_node, &rows->open) {
        if (row->change <= change) {
            set_confirmed(row);
            rows->seqno++;
            if (!row->running) {
                mark_dirty(rows, row);  /* To be forgotten. */
            }
        }
    }
    return ovs_list_is_empty(&rows->open);
}

/* Takes back every change that is not confirmed, and refuses it from now on.
 * Returns how many rows it is. */
size_t
proxy_rows_roll_back(struct proxy_rows *rows)
{
    struct proxy_row *row;
    size_t n = 0;

    LIST_FOR_EACH_SAFE (row, open_node, &rows->open) {
        row->refuses_absence = !row->running;
        row->refused_version = (row->running
                                ? get_version(row->id.kind, row->running)
                                : 0);
        set_refused(rows, row, true);
        set_running(rows, row, row_copy_ref(row->confirmed));
        set_confirmed(row);
        n++;
    }
    return n;
}

/* Gives everything that is refused a second chance, but only one: the caller
 * must take all those rows from the database again.  Returns how many they
 * are. */
size_t
proxy_rows_retry(struct proxy_rows *rows)
{
    struct proxy_row *row;
    size_t n = 0;

    if (!rows->n_refused) {
        return 0;
    }
    HMAP_FOR_EACH (row, node, &rows->by_id) {
        if (row->refused && !row->retried) {
            set_refused(rows, row, false);
            row->retried = true;
            n++;
        }
    }
    return n;
}

/* Returns true if anything of 'switch_' is refused. */
bool
proxy_rows_are_refused(const struct proxy_rows *rows,
                       const struct uuid *switch_)
{
    const struct proxy_row *row;

    if (rows->n_refused) {
        HMAP_FOR_EACH (row, node, &rows->by_id) {
            if (row->refused && uuid_equals(&row->id.switch_, switch_)) {
                return true;
            }
        }
    }
    return false;
}

/* Ends the refusal of everything of 'switch_': the caller must take all those
 * rows from the database again.  Returns true if anything was refused. */
bool
proxy_rows_accept(struct proxy_rows *rows, const struct uuid *switch_)
{
    struct proxy_row *row;
    bool any = false;

    if (!rows->n_refused) {
        return false;
    }
    HMAP_FOR_EACH (row, node, &rows->by_id) {
        if (row->refused && uuid_equals(&row->id.switch_, switch_)) {
            set_refused(rows, row, false);
            row->retried = false;
            any = true;
        }
    }
    return any;
}

/* Takes a row whose 'running' or 'refused' changed off the list of those, and
 * returns it, or NULL if there is none.  The caller must give it to
 * proxy_rows_forget() before it takes the next one. */
struct proxy_row *
proxy_rows_pop_dirty(struct proxy_rows *rows)
{
    if (ovs_list_is_empty(&rows->dirty)) {
        return NULL;
    }
    struct proxy_row *row = CONTAINER_OF(ovs_list_pop_front(&rows->dirty),
                                         struct proxy_row, dirty_node);
    ovs_list_init(&row->dirty_node);
    return row;
}

/* Frees 'row' if there is nothing left to know of it. */
void
proxy_rows_forget(struct proxy_rows *rows, struct proxy_row *row)
{
    if (!row->running && !row->confirmed && !row->refused) {
        destroy_row(rows, row);
    }
}

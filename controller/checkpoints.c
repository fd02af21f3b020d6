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

/* Checkpoints: the states of switches, kept; see checkpoints.h. */

#include <config.h>

#include "controller/checkpoints.h"

#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "controller/rollouts.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-limits.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(checkpoints);

COVERAGE_DEFINE(checkpoint_compared);
COVERAGE_DEFINE(checkpoint_written);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 5);

void
checkpoints_init(struct checkpoints *c)
{
    hmap_init(&c->newest);
}

static void
forget(struct checkpoints *c, struct checkpoint *known)
{
    hmap_remove(&c->newest, &known->node);
    dvs_document_destroy(&known->doc);
    free(known);
}

void
checkpoints_destroy(struct checkpoints *c)
{
    if (c) {
        struct checkpoint *known, *next;

        HMAP_FOR_EACH_SAFE (known, next, node, &c->newest) {
            forget(c, known);
        }
        hmap_destroy(&c->newest);
    }
}

static struct checkpoint *
find_known(const struct checkpoints *c, const struct uuid *switch_)
{
    struct checkpoint *known;

    HMAP_FOR_EACH_WITH_HASH (known, node, uuid_hash(switch_), &c->newest) {
        if (uuid_equals(&known->switch_, switch_)) {
            return known;
        }
    }
    return NULL;
}

/* What has to be looked at. */

static void
mark(struct dirty *d, const struct dvsrec_switch *s)
{
    if (s) {
        dirty_mark(d, DIRTY_CHECKPOINT, &s->header_.uuid);
    }
}

/* Marks in 'd' what 'row', which the IDL has tracked, affects unless we have
 * written it ourselves. */
static void
mark_row(struct checkpoints *c, struct dirty *d,
         const struct dvsrec_checkpoint *row)
{
    struct checkpoint *known = find_known(c, &row->switch_);
    bool is_known = known && uuid_equals(&known->row, &row->header_.uuid);

    if (dvsrec_checkpoint_is_deleted(row)) {
        dirty_mark(d, DIRTY_CHECKPOINT, &row->switch_);
    } else if (dvsrec_checkpoint_is_new(row)) {
        if (!is_known && (!row->name || row->sequence > SEQUENCE_MAX)) {
            dirty_mark(d, DIRTY_CHECKPOINT, &row->switch_);
        }
    } else if (dvsrec_checkpoint_is_updated(row,
                                            DVSREC_CHECKPOINT_COL_SWITCH_)) {
        d->full = true;         /* Whose it was is not known. */
    } else if (dvsrec_checkpoint_is_updated(row, DVSREC_CHECKPOINT_COL_NAME)
               || dvsrec_checkpoint_is_updated(
                   row, DVSREC_CHECKPOINT_COL_SEQUENCE)
               || dvsrec_checkpoint_is_updated(
                   row, DVSREC_CHECKPOINT_COL_DOCUMENT)) {
        if (is_known) {
            forget(c, known);
        }
        dirty_mark(d, DIRTY_CHECKPOINT, &row->switch_);
    }
}

/* Marks in 'd' the switches of whose configuration the IDL has tracked
 * changes, and those with whose checkpoints somebody else has dealt. */
void
checkpoints_mark(struct checkpoints *c, const struct ovsdb_idl *idl,
                 struct dirty *d)
{
#define MARK_SWITCHES(TABLE, RECORD)                                    \
    do {                                                                \
        const struct dvsrec_##RECORD *row;                              \
        DVSREC_##TABLE##_FOR_EACH_TRACKED (row, idl) {                  \
            mark(d, row->switch_);                                      \
        }                                                               \
    } while (0)
    MARK_SWITCHES(PORTGROUP, portgroup);
    MARK_SWITCHES(HOST_MEMBER, host_member);
    MARK_SWITCHES(LAG, lag);
    MARK_SWITCHES(PRIVATE_VLAN, private_vlan);
    MARK_SWITCHES(MIRROR, mirror);
    MARK_SWITCHES(IPFIX, ipfix);
    MARK_SWITCHES(TRAFFIC_CLASS, traffic_class);
    MARK_SWITCHES(RESOURCE_POOL, resource_pool);
#undef MARK_SWITCHES

    const struct dvsrec_switch *s;
    DVSREC_SWITCH_FOR_EACH_TRACKED (s, idl) {
        mark(d, s);
    }
    /* That NICs come and go is no change of a port's configuration. */
    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH_TRACKED (port, idl) {
        if (port->setting || port->description[0]
            || dvsrec_port_is_updated(port, DVSREC_PORT_COL_NAME)
            || dvsrec_port_is_updated(port, DVSREC_PORT_COL_DESCRIPTION)
            || dvsrec_port_is_updated(port, DVSREC_PORT_COL_SETTING)) {
            mark(d, port->switch_);
        }
    }

    const struct dvsrec_checkpoint *row;
    DVSREC_CHECKPOINT_FOR_EACH_TRACKED (row, idl) {
        mark_row(c, d, row);
    }
}

/* Marks in 'd' all switches that there are, and those that have been. */
void
checkpoints_mark_all(const struct ovsdb_idl *idl, struct dirty *d)
{
    const struct dvsrec_switch *s;
    DVSREC_SWITCH_FOR_EACH (s, idl) {
        mark(d, s);
    }

    const struct dvsrec_checkpoint *row;
    DVSREC_CHECKPOINT_FOR_EACH (row, idl) {
        dirty_mark(d, DIRTY_CHECKPOINT, &row->switch_);
    }
}

/* What there is. */

/* Returns the row with the present state of 'switch_', or with its last one if
 * it is gone; NULL if there is none. */
const struct dvsrec_checkpoint *
checkpoint_newest(const struct indexes *ix, const struct uuid *switch_)
{
    const struct dvsrec_checkpoint **rows, *newest = NULL;
    size_t n = checkpoints_of_switch(ix, switch_, &rows);

    for (size_t i = 0; i < n; i++) {
        if (!rows[i]->name) {
            newest = rows[i];
        }
    }
    free(rows);
    return newest;
}

/* Returns a place for the document of 'row', the newest of 'switch_'. */
static struct checkpoint *
remember(struct checkpoints *c, const struct uuid *switch_,
         const struct uuid *row)
{
    struct checkpoint *known = find_known(c, switch_);

    if (known) {
        forget(c, known);
    }
    known = xmalloc(sizeof *known);
    known->switch_ = *switch_;
    known->row = *row;
    dvs_document_init(&known->doc);
    hmap_insert(&c->newest, &known->node, uuid_hash(switch_));
    return known;
}

/* Returns what 'row' has, read, or NULL if that cannot be understood.  It
 * belongs to 'c'. */
static struct checkpoint *
read_newest(struct checkpoints *c, const struct dvsrec_checkpoint *row)
{
    struct checkpoint *known = find_known(c, &row->switch_);

    if (known && uuid_equals(&known->row, &row->header_.uuid)) {
        return known;
    }
    known = remember(c, &row->switch_, &row->header_.uuid);
    char *error = dvs_document_from_text(&known->doc, row->document,
                                         strlen(row->document));
    if (error) {
        VLOG_WARN_RL(&rl, "checkpoint %"PRId64" of switch %s: %s",
                     row->sequence, row->switch_name, error);
        free(error);
        forget(c, known);
        return NULL;
    }
    return known;
}

/* Changes. */

/* Returns a number for a new row about 'switch_'. */
static int64_t
next_sequence(struct pass *pass, const struct uuid *switch_)
{
    const struct dvsrec_checkpoint **rows;
    size_t n = checkpoints_of_switch(pass->ix, switch_, &rows);
    int64_t sequence = n ? rows[n - 1]->sequence + 1 : 1;

    free(rows);
    return sequence;
}

/* Adds a row about the present state of a switch, which 'newest' has, called
 * 'name'. */
const struct dvsrec_checkpoint *
checkpoint_add(struct pass *pass, const struct dvsrec_checkpoint *newest,
               const char *name)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    int64_t sequence = next_sequence(pass, &newest->switch_);
    const struct dvsrec_checkpoint *row
        = dvsrec_checkpoint_insert_persist_uuid(pass->txn, &uuid);
    dvsrec_checkpoint_set_switch_(row, newest->switch_);
    dvsrec_checkpoint_set_switch_name(row, newest->switch_name);
    dvsrec_checkpoint_set_name(row, name);
    dvsrec_checkpoint_set_config_version(row, newest->config_version);
    dvsrec_checkpoint_set_sequence(row, sequence);
    dvsrec_checkpoint_set_time(row, pass->wall);
    dvsrec_checkpoint_set_document(row, newest->document);
    return row;
}

/* Writes 'doc', the present state of 's', into a new row, and keeps it: 'doc'
 * is left about nothing. */
static void
write_state(struct pass *pass, const struct dvsrec_switch *s,
            struct dvs_document *doc)
{
    struct checkpoints *c = pass->checkpoints;
    const struct uuid *uuid = &s->header_.uuid;
    struct uuid row_uuid;
    char *text;

    free(dvs_document_to_text(doc, &text));
    if (!text) {
        return;
    }
    COVERAGE_INC(checkpoint_written);
    uuid_generate(&row_uuid);
    int64_t sequence = next_sequence(pass, uuid);
    const struct dvsrec_checkpoint *row
        = dvsrec_checkpoint_insert_persist_uuid(pass->txn, &row_uuid);
    dvsrec_checkpoint_set_switch_(row, *uuid);
    dvsrec_checkpoint_set_switch_name(row, s->name);
    dvsrec_checkpoint_set_config_version(row, s->config_version);
    dvsrec_checkpoint_set_sequence(row, sequence);
    dvsrec_checkpoint_set_time(row, pass->wall);
    dvsrec_checkpoint_set_document(row, text);
    free(text);

    struct checkpoint *known = remember(c, uuid, &row_uuid);
    known->doc = *doc;
    hmap_moved(&known->doc.info.map);
    dvs_document_init(doc);
}

/* Deletes the oldest rows about 'switch_' that have no name, and are more than
 * are kept beside the newest. */
static void
trim(struct pass *pass, const struct uuid *switch_)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);
    size_t history = (global
                      ? smap_get_uint(&global->options, "checkpoint_history",
                                      DVS_CHECKPOINTS_DEFAULT)
                      : DVS_CHECKPOINTS_DEFAULT);
    const struct dvsrec_checkpoint **rows;
    size_t n = checkpoints_of_switch(pass->ix, switch_, &rows);
    int64_t base = rollout_base(pass, switch_);
    size_t kept = 0;

    for (size_t i = n; i-- > 0; ) {
        if (!rows[i]->name && kept++ > history && rows[i]->sequence < base) {
            dvsrec_checkpoint_delete(rows[i]);
        }
    }
    free(rows);
}

/* Returns true if 'old', the newest checkpoint of a switch, has what 'now'
 * has.  Otherwise has it say what has changed. */
static bool
is_up_to_date(struct pass *pass, const struct dvsrec_checkpoint *old,
              struct dvs_document *now)
{
    struct checkpoint *known = read_newest(pass->checkpoints, old);
    struct dvs_doc_changes changes = { .n = 0 };
    struct ds words = DS_EMPTY_INITIALIZER;
    bool same = false;

    COVERAGE_INC(checkpoint_compared);
    if (known) {
        dvs_document_diff(&known->doc, now, &changes);
        same = !changes.n;
        dvs_doc_changes_summarize(&changes, &words);
        dvs_doc_changes_destroy(&changes);
    } else {
        ds_put_cstr(&words, "unknown");
    }
    if (!same) {
        dvsrec_checkpoint_set_change(old, ds_cstr(&words));
    }
    ds_destroy(&words);
    return same;
}

/* Deletes the rows about 'switch_' whose numbers nobody has ever come to: no
 * others could follow. */
static void
delete_unnumbered(struct pass *pass, const struct uuid *switch_)
{
    const struct dvsrec_checkpoint **rows;
    size_t n = checkpoints_of_switch(pass->ix, switch_, &rows);

    while (n && rows[--n]->sequence > SEQUENCE_MAX) {
        dvsrec_checkpoint_delete(rows[n]);
    }
    free(rows);
}

static void
look_at_state(struct pass *pass, const struct uuid *uuid)
{
    delete_unnumbered(pass, uuid);

    const struct dvsrec_switch *s = get_switch(pass->idl, uuid);
    const struct dvsrec_checkpoint *newest = checkpoint_newest(pass->ix,
                                                               uuid);
    struct dvs_document now;

    if (!s) {
        if (newest && !newest->change[0]) {
            dvsrec_checkpoint_set_change(newest, "the switch is removed");
        }
        return;
    }

    dvs_document_init(&now);
    char *error = dvs_document_gather_state(pass->idl, s, &now);
    if (error) {
        VLOG_WARN_RL(&rl, "switch %s: no checkpoint: %s", s->name, error);
        free(error);
    } else {
        dvs_document_sort(&now);
        /* A switch may come back after it was removed. */
        if (!newest || newest->change[0]
            || !is_up_to_date(pass, newest, &now)) {
            write_state(pass, s, &now);
        }
        trim(pass, uuid);
    }
    dvs_document_destroy(&now);
}

/* Has all looked at that follows from the configuration of 's', of which parts
 * have been restored. */
void
checkpoint_restored(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_portgroup **portgroups;
    size_t n = portgroups_of_switch(pass->ix, s, &portgroups);

    for (size_t i = 0; i < n; i++) {
        dirty_mark(pass->dirty, DIRTY_COUNT_PORTGROUP,
                   &portgroups[i]->header_.uuid);
    }
    free(portgroups);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &s->header_.uuid);
    mark(pass->dirty, s);
    view_clear(pass->view);
}

/* Saves the states of the switches that have changed.  To be called when all
 * that follows from the change has been written. */
void
checkpoints_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_CHECKPOINT, &uuid)) {
        look_at_state(pass, &uuid);
    }
}

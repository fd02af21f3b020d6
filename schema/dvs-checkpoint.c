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

/* Comparing with, and going back to, another time; see dvs-checkpoint.h. */

#include <config.h>

#include "schema/dvs-checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-idl.h"
#include "sset.h"
#include "util.h"

/* Initializes 'p' to be about 'sw', or about its portgroup 'pg' if that is not
 * NULL. */
void
dvs_restore_point_init(struct dvs_restore_point *p, struct ovsdb_idl *idl,
                       const struct dvsrec_switch *sw,
                       const struct dvsrec_portgroup *pg)
{
    *p = (struct dvs_restore_point) { .idl = idl, .sw = sw, .pg = pg };
    dvs_document_init(&p->then);
}

void
dvs_restore_point_destroy(struct dvs_restore_point *p)
{
    dvs_document_destroy(&p->then);
    dvs_doc_changes_destroy(&p->changes);
}

/* Checkpoints. */

/* Returns true if 'name' may be the name of a checkpoint: a number is none. */
bool
dvs_checkpoint_name_is_valid(const char *name)
{
    size_t n = strlen(name);

    return n && n <= 80 && !strchr(name, '/') && name[0] != '-'
           && strspn(name, "0123456789") != n;
}

/* Returns the checkpoint of 'sw' whose name, or number, is 'id'; NULL if there
 * is none. */
const struct dvsrec_checkpoint *
dvs_checkpoint_find(const struct ovsdb_idl *idl,
                    const struct dvsrec_switch *sw, const char *id)
{
    const struct dvsrec_checkpoint *row;

    DVSREC_CHECKPOINT_FOR_EACH (row, idl) {
        if (uuid_equals(&row->switch_, &sw->header_.uuid)) {
            char *number = xasprintf("%"PRId64, row->sequence);
            bool same = !strcmp(id, row->name ? row->name : number)
                        || !strcmp(id, number);

            free(number);
            if (same) {
                return row;
            }
        }
    }
    return NULL;
}

static int
compare_newest_first(const void *a_, const void *b_)
{
    const struct dvsrec_checkpoint *const *a = a_;
    const struct dvsrec_checkpoint *const *b = b_;

    return ((*a)->sequence < (*b)->sequence) - ((*a)->sequence
                                                > (*b)->sequence);
}

/* What they tell. */

/* Reduces 'p->then' to what 'p' is about. */
static char * OVS_WARN_UNUSED_RESULT
reduce(struct dvs_restore_point *p)
{
    p->object = dvs_document_find_switch(&p->then, &p->sw->header_.uuid,
                                         p->sw->name);
    if (!p->object) {
        return xasprintf("NotFound: has no switch \"%s\"",
                         p->sw->name);
    }
    if (p->pg) {
        struct dvs_doc_object *pg = dvs_doc_object_find_portgroup(
            p->object, &p->pg->header_.uuid, p->pg->name);

        if (!pg) {
            return xasprintf("NotFound: has no portgroup \"%s\" of "
                             "switch \"%s\"", p->pg->name,
                             p->sw->name);
        }
        dvs_doc_object_keep(p->object, pg);
        p->then.portgroups_only = true;
    }
    return NULL;
}

/* Finds out what has changed since 'p->then'. */
static char * OVS_WARN_UNUSED_RESULT
compare(struct dvs_restore_point *p)
{
    struct sset portgroups = SSET_INITIALIZER(&portgroups);
    struct dvs_document now;

    dvs_document_keep(&p->then, p->object);
    for (size_t i = 0; p->then.portgroups_only && i < p->object->n_children;
         i++) {
        sset_add_and_free(&portgroups,
                          dvs_doc_object_name(p->object->children[i]));
    }
    if (p->pg) {
        sset_add(&portgroups, p->pg->name);
    }

    dvs_document_init(&now);
    char *error
        = (p->then.state ? dvs_document_gather_state(p->idl, p->sw, &now)
           : dvs_document_gather(p->idl, p->sw,
                                 (p->then.portgroups_only ? &portgroups
                                  : NULL), &now));
    if (error) {
        char *fault = xasprintf("InvalidArgument: switch \"%s\": %s",
                                p->sw->name, error);
        free(error);
        error = fault;
    } else {
        dvs_document_sort(&now);
        dvs_document_diff(&p->then, &now, &p->changes);
    }
    sset_destroy(&portgroups);
    dvs_document_destroy(&now);
    return error;
}

/* Takes what the 'size' bytes at 'text' have about what 'p' is about, and
 * finds out what has changed since.  Returns NULL if successful, otherwise a
 * fault, which the caller must free. */
char *
dvs_restore_point_read(struct dvs_restore_point *p, const char *text,
                       size_t size)
{
    dvs_doc_changes_destroy(&p->changes);
    dvs_document_destroy(&p->then);
    p->changes = (struct dvs_doc_changes) { .n = 0 };
    char *error = dvs_document_from_text(&p->then, text, size);

    if (error) {
        char *fault = xasprintf("InvalidArgument: %s", error);
        free(error);
        return fault;
    }
    error = reduce(p);
    return error ? error : compare(p);
}

/* Likewise, with what is in 'row'. */
char *
dvs_restore_point_from_checkpoint(struct dvs_restore_point *p,
                                  const struct dvsrec_checkpoint *row)
{
    char *error = dvs_restore_point_read(p, row->document,
                                         strlen(row->document));

    p->checkpoint = row;
    if (error) {
        size_t word = strcspn(error, ":");
        char *fault = xasprintf("%.*s: checkpoint %"PRId64"%s", (int) word,
                                error, row->sequence, error + word);

        free(error);
        return fault;
    }
    return NULL;
}

/* Likewise, with the newest checkpoint from which what 'p' is about
 * differs. */
char *
dvs_restore_point_from_last(struct dvs_restore_point *p)
{
    const struct dvsrec_checkpoint *row, **rows = NULL;
    size_t n = 0, allocated = 0;
    bool found = false;

    DVSREC_CHECKPOINT_FOR_EACH (row, p->idl) {
        if (uuid_equals(&row->switch_, &p->sw->header_.uuid) && !row->name) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_newest_first);
    }
    for (size_t i = 0; i < n && !found; i++) {
        /* In an older one, the portgroup may not be. */
        char *error = dvs_restore_point_from_checkpoint(p, rows[i]);

        found = !error && p->changes.n;
        free(error);
    }
    free(rows);
    return (found ? NULL
            : xasprintf("RollbackFailure: %s \"%s\" has not been changed "
                        "since the oldest checkpoint",
                        p->pg ? "portgroup" : "switch",
                        p->pg ? p->pg->name : p->sw->name));
}

/* Stores in '*textp' the document that makes what 'p' is about what it was, or
 * NULL if it is that already: the spec that vSphere's rollback returns.
 * Returns NULL if successful, otherwise a fault, which the caller must
 * free. */
char *
dvs_restore_point_spec(struct dvs_restore_point *p, char **textp)
{
    *textp = NULL;
    return p->changes.n ? dvs_document_to_text(&p->then, textp) : NULL;
}

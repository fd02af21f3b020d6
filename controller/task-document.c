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

/* Tasks on configuration documents: "checkpoint", "export" and "rollback".
 *
 * They change what a client could change; what follows from it, the concerns
 * find out. */

#include <config.h>

#include "controller/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "controller/checkpoints.h"
#include "controller/event-list.h"
#include "controller/pass.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document-rows.h"
#include "sset.h"
#include "svec.h"
#include "util.h"

/* Sets the fault of 'task' to 'fault', "Fault: sentence", which it frees. */
static enum task_outcome
fail(struct task *task, const char *argument, char *fault)
{
    dvs_operation_fault_string(&task->op, argument, fault);
    return TASK_ERROR;
}

/* Saves the states of all switches that have changed so far in this pass, so
 * that their newest checkpoints are true. */
static const struct dvsrec_checkpoint *
present_state(struct task *task, const struct dvsrec_switch *s)
{
    checkpoints_run(task->pass);
    return checkpoint_newest(task->pass->ix, &s->header_.uuid);
}

/* Operation "checkpoint". */
enum task_outcome
task_checkpoint(struct task *task)
{
    const struct dvsrec_switch *s = dvs_operation_switch(&task->op, "switch");
    const char *name = dvs_operation_argument(&task->op, "name");

    if (!s) {
        return TASK_ERROR;
    }
    if (name && !dvs_checkpoint_name_is_valid(name)) {
        return task_fault(task, "InvalidName", "name", "\"%s\" cannot be the "
                          "name of a checkpoint", name);
    }
    if (name && dvs_checkpoint_find(task->pass->idl, s, name)) {
        return task_fault(task, "DuplicateName", "name", "switch \"%s\" has a "
                          "checkpoint \"%s\" already", s->name, name);
    }

    const struct dvsrec_checkpoint *row = present_state(task, s);
    if (!row) {
        return task_fault(task, "InvalidState", "switch", "the state of "
                          "switch \"%s\" cannot be saved", s->name);
    }
    if (name) {
        row = checkpoint_add(task->pass, row, name);
    }
    smap_add_format(&task->op.result, "checkpoint", "%"PRId64, row->sequence);
    return TASK_SUCCESS;
}

/* Operation "export". */
enum task_outcome
task_export(struct task *task)
{
    const char *names = dvs_operation_argument(&task->op, "portgroups");
    struct sset portgroups = SSET_INITIALIZER(&portgroups);
    enum task_outcome outcome = TASK_SUCCESS;
    const struct dvsrec_switch *s = NULL;
    struct dvs_document doc;
    char *error = NULL;

    if (dvs_operation_argument(&task->op, "switch") || names) {
        s = dvs_operation_switch(&task->op, "switch");
        if (!s) {
            return TASK_ERROR;
        }
    }
    sset_from_delimited_string(&portgroups, names ? names : "", ",");

    const char *name;
    SSET_FOR_EACH (name, &portgroups) {
        if (!find_portgroup(task->pass->ix, s, name)) {
            outcome = task_fault(task, "NotFound", "portgroups",
                                 "switch \"%s\" has no portgroup \"%s\"",
                                 s->name, name);
        }
    }

    dvs_document_init(&doc);
    if (outcome == TASK_SUCCESS && s) {
        error = dvs_document_gather(task->pass->idl, s,
                                    names ? &portgroups : NULL, &doc);
    } else if (outcome == TASK_SUCCESS) {
        DVSREC_SWITCH_FOR_EACH (s, task->pass->idl) {
            error = error ? error : dvs_document_gather(task->pass->idl, s,
                                                        NULL, &doc);
        }
    }
    if (outcome == TASK_SUCCESS) {
        char *text = NULL;

        if (!error) {
            error = dvs_document_to_text(&doc, &text);
        }
        if (error) {
            outcome = task_fault(task, "InvalidArgument", "switch", "%s",
                                 error);
        } else {
            smap_add(&task->op.result, "document", text);
        }
        free(text);
    }
    free(error);
    sset_destroy(&portgroups);
    dvs_document_destroy(&doc);
    return outcome;
}

/* Finds out, from the arguments of 'task', where 'p' is to go back to. */
static char * OVS_WARN_UNUSED_RESULT
find_point(struct task *task, struct dvs_restore_point *p,
           const char **argument)
{
    const char *id = dvs_operation_argument(&task->op, "checkpoint");
    const char *document = task->row->document;

    *argument = "checkpoint";
    if (document && id) {
        return xstrdup("InvalidArgument: a document is given, too");
    } else if (document) {
        *argument = "document";
        return dvs_restore_point_read(p, document, strlen(document));
    } else if (id) {
        const struct dvsrec_checkpoint *row
            = dvs_checkpoint_find(task->pass->idl, p->sw, id);

        return (row ? dvs_restore_point_from_checkpoint(p, row)
                : xasprintf("NotFound: switch \"%s\" has no checkpoint %s",
                            p->sw->name, id));
    }
    *argument = "switch";
    return dvs_restore_point_from_last(p);
}

/* Sets the result of a rollback that only tells what is to be done. */
static enum task_outcome
return_spec(struct task *task, struct dvs_restore_point *p)
{
    char *text;
    char *error = dvs_restore_point_spec(p, &text);

    if (error) {
        return fail(task, "document", error);
    }
    if (text) {
        struct ds words = DS_EMPTY_INITIALIZER;

        dvs_doc_changes_summarize(&p->changes, &words);
        smap_add(&task->op.result, "spec", text);
        smap_add(&task->op.result, "changes", ds_cstr(&words));
        smap_add_format(&task->op.result, "config_version", "%"PRId64,
                        (p->pg ? p->pg->config_version
                         : p->sw->config_version));
        ds_destroy(&words);
        free(text);
    }
    return TASK_SUCCESS;
}

static enum task_outcome
apply(struct task *task, struct dvs_restore_point *p)
{
    struct pass *pass = task->pass;
    char *error = dvs_document_restore_check(pass->idl, &p->then, p->object,
                                             p->sw, DVS_RESTORE_ROLLBACK);
    const struct dvs_doc_object *faulty = dvs_doc_first_fault(p->object);

    /* A rollback is whole, unlike an import. */
    if (!error && faulty) {
        error = xstrdup(faulty->fault);
    }
    if (error) {
        return fail(task, "document", error);
    }
    error = dvs_document_restore(pass->idl, pass->txn, &p->then, p->object,
                                 p->sw, DVS_RESTORE_ROLLBACK);
    ovs_assert(!error);
    smap_add_format(&task->op.result, "changes", "%"PRIuSIZE, p->changes.n);
    checkpoint_restored(pass, p->sw);

    char *object = (p->pg ? xasprintf("%s/%s", p->sw->name, p->pg->name)
                    : xstrdup(p->sw->name));
    event_list_add(pass->events,
                   p->pg ? "DvpgRestoreEvent" : "DvsRestoreEvent", "info",
                   &p->sw->header_.uuid, object, NULL,
                   "configuration rolled back: %"PRIuSIZE" change%s",
                   p->changes.n, p->changes.n == 1 ? "" : "s");
    free(object);
    return TASK_SUCCESS;
}

/* Operation "rollback". */
enum task_outcome
task_rollback(struct task *task)
{
    const struct dvsrec_switch *s = dvs_operation_switch(&task->op, "switch");
    const char *spec_only = dvs_operation_argument(&task->op, "spec-only");
    const struct dvsrec_portgroup *pg = NULL;
    enum task_outcome outcome;
    struct dvs_restore_point p;
    const char *argument;

    if (!s) {
        return TASK_ERROR;
    }
    if (dvs_operation_argument(&task->op, "portgroup")) {
        pg = dvs_operation_portgroup(&task->op, s, "portgroup");
        if (!pg) {
            return TASK_ERROR;
        }
    }
    if (spec_only && strcmp(spec_only, "yes") && strcmp(spec_only, "no")) {
        return task_fault(task, "InvalidArgument", "spec-only",
                          "is neither yes nor no");
    }

    dvs_restore_point_init(&p, task->pass->idl, s, pg);
    char *error = find_point(task, &p, &argument);
    outcome = (error ? fail(task, argument, error)
               : spec_only && !strcmp(spec_only, "yes")
               ? return_spec(task, &p)
               : p.changes.n ? apply(task, &p) : TASK_SUCCESS);
    dvs_restore_point_destroy(&p);
    return outcome;
}

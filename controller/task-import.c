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

/* Task "import": makes of documents what they tell of, entity by entity, as
 * vSphere calls switches and portgroups.
 *
 * All is checked before anything is written.  A portgroup that cannot be had
 * is left out; a switch takes all its portgroups with it. */

#include <config.h>

#include "controller/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "controller/checkpoints.h"
#include "controller/pass.h"
#include "openvswitch/json.h"
#include "ovsdb-idl.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "util.h"

struct import {
    struct task *task;
    const struct dvs_document *doc;
    const char *as;             /* "new", "same", or a switch's name. */
    const char *name;           /* For the new switch, or NULL. */
    size_t n_entities;          /* In the result so far. */
    size_t n_faults;            /* Of those, the ones with a fault. */
    char *first_fault;
};

static const struct dvsrec_switch *
find_switch(const struct import *im, const char *name)
{
    const struct dvsrec_switch *s;

    DVSREC_SWITCH_FOR_EACH (s, im->task->pass->idl) {
        if (!strcmp(s->name, name)) {
            return s;
        }
    }
    return NULL;
}

/* Gives 'object', a switch, another name. */
static void
rename_object(struct dvs_doc_object *object, const char *name)
{
    struct json *json = json_string_create(name);
    char *text = json_to_string(json, 0);

    free(dvs_doc_object_set(object, "name", text));
    free(text);
    json_destroy(json);
}

/* Finds out onto which switch 'object', called 'name', is to be imported
 * ('*target' is NULL for a new one), and how.  Returns NULL if successful,
 * otherwise a fault. */
static char * OVS_WARN_UNUSED_RESULT
find_target(const struct import *im, const struct dvs_doc_object *object,
            const char *name, const struct dvsrec_switch **target, int *flags)
{
    bool is_new = !strcmp(im->as, "new");
    const struct dvsrec_switch *namesake = find_switch(im, name);

    *target = NULL;
    *flags = is_new ? DVS_RESTORE_NEW : DVS_RESTORE_SAME;
    if (!is_new && strcmp(im->as, "same")) {
        *target = find_switch(im, im->as);
        *flags = DVS_RESTORE_INTO;
        return (*target ? NULL
                : xasprintf("NotFound: no switch \"%s\"", im->as));
    }
    if (!is_new) {
        *target = get_switch(im->task->pass->idl, &object->uuid);
        if (!*target) {
            *target = namesake;
        }
    }
    if (namesake && namesake != *target) {
        return xasprintf("DuplicateName: there already is a switch \"%s\"",
                         name);
    }
    if (!*target && im->doc->portgroups_only) {
        return xasprintf("NotFound: no switch \"%s\", of which the document "
                         "has portgroups", name);
    }
    return NULL;
}

/* Returns true if anything of 'object', a switch, is left to be imported. */
static bool
has_anything(const struct import *im, const struct dvs_doc_object *object,
             int flags)
{
    bool any = !im->doc->portgroups_only || !object->n_children;

    for (size_t i = 0; i < object->n_children && !any; i++) {
        any = !dvs_doc_is_left_out(im->doc, flags, object->children[i]);
    }
    return any;
}

/* Tells of the portgroups of 'object' that have been imported into 's'. */
static void
tell_portgroups(const struct import *im, const struct dvs_doc_object *object,
                const struct dvsrec_switch *s, int flags)
{
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (child->class == &dvs_doc_portgroup
            && !dvs_doc_is_left_out(im->doc, flags, child)) {
            char *name = dvs_doc_object_name(child);
            char *path = xasprintf("%s/%s", s->name, name);

            event_list_add(im->task->pass->events, "DvpgImportEvent", "info",
                           &s->header_.uuid, path, NULL,
                           "portgroup imported (as=%s)", im->as);
            free(path);
            free(name);
        }
    }
}

/* Imports 'object', a switch called 'name'.  Returns NULL if successful, with
 * '*target' set to its row, and '*flags' to the way, otherwise the fault. */
static char * OVS_WARN_UNUSED_RESULT
import_object(const struct import *im, struct dvs_doc_object *object,
              const char *name, const struct dvsrec_switch **target,
              int *flags)
{
    struct pass *pass = im->task->pass;
    char *fault = find_target(im, object, name, target, flags);

    if (!fault) {
        fault = dvs_document_restore_check(pass->idl, im->doc, object,
                                           *target, *flags);
    }
    if (fault || !has_anything(im, object, *flags)) {
        return fault;
    }

    fault = dvs_document_restore(pass->idl, pass->txn, im->doc, object,
                                 *target, *flags);
    ovs_assert(!fault);
    *target = get_switch(pass->idl, &object->row);
    checkpoint_restored(pass, *target);
    event_list_add(pass->events, "DvsImportEvent", "info",
                   &(*target)->header_.uuid, (*target)->name, NULL,
                   "configuration imported (as=%s)", im->as);
    tell_portgroups(im, object, *target, *flags);
    return NULL;
}

/* Adds to the result that the entity called 'key', which this frees, has been
 * imported or, if 'fault' is nonnull, has not. */
static void
put_result(struct import *im, char *key, const char *fault)
{
    smap_replace(&im->task->op.result, key, fault ? fault : "imported");
    im->n_entities++;
    if (fault) {
        im->n_faults++;
        if (!im->first_fault) {
            im->first_fault = xstrdup(fault);
        }
    }
    free(key);
}

/* Adds to the result what became of the portgroups, and of the NICs at fault,
 * of 'object', a switch.  'fault' is that of the switch, or NULL. */
static void
put_children(struct import *im, const struct dvs_doc_object *object,
             const char *switch_name, int flags, const char *fault)
{
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];
        char *name = dvs_doc_object_name(child);

        if (child->class == &dvs_doc_portgroup
            && (child->fault || !dvs_doc_is_left_out(im->doc, flags, child))) {
            put_result(im, xasprintf("portgroup:%s/%s", switch_name, name),
                       fault ? fault : child->fault);
        } else if (child->class == &dvs_doc_nic && child->fault) {
            put_result(im, xasprintf("nic:%s", name), child->fault);
        }
        free(name);
    }
}

/* Imports 'object', a switch, and adds to the result what became of it and its
 * portgroups. */
static void
import_switch(struct import *im, struct dvs_doc_object *object)
{
    if (im->name) {
        rename_object(object, im->name);
    }

    const struct dvsrec_switch *target = NULL;
    char *name = dvs_doc_object_name(object);
    int flags;
    char *fault = import_object(im, object, name, &target, &flags);

    if (fault || !im->doc->portgroups_only) {
        put_result(im, xasprintf("switch:%s", name), fault);
    }
    put_children(im, object, target ? target->name : name, flags, fault);
    free(fault);
    free(name);
}

/* Imports all of 'im->doc'. */
static enum task_outcome
import_all(struct import *im)
{
    size_t n = im->doc->n_switches;
    bool one = im->name || (strcmp(im->as, "new") && strcmp(im->as, "same"));

    if (one && n != 1) {
        return task_fault(im->task, "InvalidArgument", "document",
                          "has %"PRIuSIZE" switches, not one", n);
    }
    for (size_t i = 0; i < n; i++) {
        import_switch(im, im->doc->switches[i]);
    }
    if (im->n_entities && im->n_faults == im->n_entities) {
        size_t word = strcspn(im->first_fault, ":");
        char *fault = xmemdup0(im->first_fault, word);

        task_fault(im->task, fault, "document", "%s",
                   im->first_fault + word
                   + strspn(im->first_fault + word, ": "));
        free(fault);
        return TASK_ERROR;
    }
    return TASK_SUCCESS;
}

/* Operation "import". */
enum task_outcome
task_import(struct task *task)
{
    const char *as = dvs_operation_argument(&task->op, "as");
    const char *text = task->row->document;
    struct import im = {
        .task = task, .as = as ? as : "same",
        .name = dvs_operation_argument(&task->op, "name"),
    };
    struct dvs_document doc;

    if (!text) {
        return task_fault(task, "InvalidArgument", "document",
                          "no document is given");
    }
    if (im.name && strcmp(im.as, "new")) {
        return task_fault(task, "InvalidArgument", "name", "needs as=new");
    }

    enum task_outcome outcome;
    char *error = dvs_document_from_text(&doc, text, strlen(text));
    if (error) {
        outcome = task_fault(task, "InvalidArgument", "document", "%s",
                             error);
        free(error);
    } else {
        im.doc = &doc;
        outcome = import_all(&im);
    }
    dvs_document_destroy(&doc);
    free(im.first_fault);
    return outcome;
}

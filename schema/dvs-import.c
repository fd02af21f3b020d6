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

/* The operation "import": makes of documents what they tell of, entity by
 * entity, as vSphere calls switches and portgroups.  See
 * dvs-operation-document.h.
 *
 * All is checked before anything is written.  A portgroup that cannot be had
 * is left out; a switch takes all its portgroups with it. */

#include <config.h>

#include "schema/dvs-operation-document.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-operation.h"
#include "util.h"

static const struct dvsrec_switch *
find_switch(const struct ovsdb_idl *idl, const char *name)
{
    const struct dvsrec_switch *s;

    DVSREC_SWITCH_FOR_EACH (s, idl) {
        if (!strcmp(s->name, name)) {
            return s;
        }
    }
    return NULL;
}

static const struct dvsrec_switch *
get_switch(const struct ovsdb_idl *idl, const struct uuid *uuid)
{
    const struct dvsrec_switch *s = dvsrec_switch_get_for_uuid(idl, uuid);

    return s && s->header_.new_datum ? s : NULL;
}

/* Gives 'object', a switch, the name 'name', under which it is imported as
 * new. */
void
dvs_import_rename(struct dvs_doc_object *object, const char *name)
{
    struct json *json = json_string_create(name);
    char *text = json_to_string(json, 0);
    char *error = dvs_doc_object_set(object, "name", text);

    ovs_assert(!error);
    free(text);
    json_destroy(json);
}

/* Finds out onto which switch in 'idl' 'object' of 'doc' is to be imported
 * ('*target' is NULL for a new one), and by which 'flags' of enum
 * dvs_restore_flags.  'as' is "new", "same" (what the object was, by UUID or
 * else by name), or the name of a switch: DVSManagerImportEntity_Task's three
 * import types.  Returns NULL if successful, otherwise a fault that the
 * caller must free. */
char *
dvs_import_target(const struct ovsdb_idl *idl, const struct dvs_document *doc,
                  const struct dvs_doc_object *object, const char *as,
                  const struct dvsrec_switch **target, int *flags)
{
    bool is_new = !strcmp(as, "new");

    *target = NULL;
    *flags = is_new ? DVS_RESTORE_NEW : DVS_RESTORE_SAME;
    if (!is_new && strcmp(as, "same")) {
        *target = find_switch(idl, as);
        *flags = DVS_RESTORE_INTO;
        return *target ? NULL : xasprintf("NotFound: no switch \"%s\"", as);
    }
    if (is_new && doc->portgroups_only) {
        return xstrdup("InvalidArgument: the document is about portgroups; "
                       "they can be imported into a switch");
    }

    char *name = dvs_doc_object_name(object);
    const struct dvsrec_switch *namesake = find_switch(idl, name);
    char *fault = NULL;

    if (!is_new) {
        *target = get_switch(idl, &object->uuid);
        if (!*target) {
            *target = namesake;
        }
    }
    if (namesake && namesake != *target) {
        fault = xasprintf("DuplicateName: there already is a switch \"%s\"",
                          name);
    } else if (!*target && doc->portgroups_only) {
        fault = xasprintf("NotFound: no switch \"%s\", of which the document "
                          "has portgroups", name);
    }
    free(name);
    return fault;
}

/* Returns true if anything of 'object', a switch, is left to be imported. */
static bool
has_anything(const struct dvs_import *im, const struct dvs_doc_object *object,
             int flags)
{
    bool any = !im->doc->portgroups_only || !object->n_children;

    for (size_t i = 0; i < object->n_children && !any; i++) {
        any = !dvs_doc_is_left_out(im->doc, flags, object->children[i]);
    }
    return any;
}

/* Imports 'object', a switch.  Returns NULL if successful, with
 * '*target' set to its row, and '*flags' to the way, otherwise the fault. */
static char * OVS_WARN_UNUSED_RESULT
import_object(const struct dvs_import *im, struct dvs_doc_object *object,
              const struct dvsrec_switch **target, int *flags,
              dvs_imported_func *done)
{
    struct dvs_operation *op = im->op;
    char *fault = dvs_import_target(op->idl, im->doc, object, im->as, target,
                                    flags);

    if (!fault) {
        fault = dvs_document_restore_check(op->idl, im->doc, object, *target,
                                           *flags);
    }
    if (fault || !has_anything(im, object, *flags)) {
        return fault;
    }

    fault = dvs_document_restore(op->idl, op->txn, im->doc, object, *target,
                                 *flags);
    ovs_assert(!fault);
    *target = get_switch(op->idl, &object->row);
    if (done) {
        done(im, object, *target, *flags);
    }
    return NULL;
}

/* Adds to the result that the entity called 'key', which this frees, has been
 * imported or, if 'fault' is nonnull, has not. */
static void
put_result(struct dvs_import *im, char *key, const char *fault)
{
    smap_replace(&im->op->result, key, fault ? fault : "imported");
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
put_children(struct dvs_import *im, const struct dvs_doc_object *object,
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
import_switch(struct dvs_import *im, struct dvs_doc_object *object,
              dvs_imported_func *done)
{
    if (im->name) {
        dvs_import_rename(object, im->name);
    }

    const struct dvsrec_switch *target = NULL;
    char *name = dvs_doc_object_name(object);
    int flags;
    char *fault = import_object(im, object, &target, &flags, done);

    if (fault || !im->doc->portgroups_only) {
        put_result(im, xasprintf("switch:%s", name), fault);
    }
    put_children(im, object, target ? target->name : name, flags, fault);
    free(fault);
    free(name);
}

/* Imports all of 'im->doc'. */
static void
import_all(struct dvs_import *im, dvs_imported_func *done)
{
    size_t n = im->doc->n_switches;
    bool one = im->name || (strcmp(im->as, "new") && strcmp(im->as, "same"));

    if (one && n != 1) {
        dvs_operation_fault(im->op, "InvalidArgument", "document",
                            "has %"PRIuSIZE" switches, not one", n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        import_switch(im, im->doc->switches[i], done);
    }
    if (im->n_entities && im->n_faults == im->n_entities) {
        dvs_operation_fault_string(im->op, "document",
                                   xstrdup(im->first_fault));
    }
}

/* Carries out 'op', "import".  Calls 'done', unless that is NULL, for each
 * switch that is imported, with 'aux' in its first argument.  Returns false,
 * with a fault set, if nothing could be imported. */
bool
dvs_import_run(struct dvs_operation *op, dvs_imported_func *done, void *aux)
{
    const char *as = dvs_operation_argument(op, "as");
    const char *text = op->row->document;
    struct dvs_import im = {
        .op = op, .as = as ? as : "same",
        .name = dvs_operation_argument(op, "name"), .aux = aux,
    };
    struct dvs_document doc;

    if (!text) {
        dvs_operation_fault(op, "InvalidArgument", "document",
                            "no document is given");
        return false;
    }
    if (im.name && strcmp(im.as, "new")) {
        dvs_operation_fault(op, "InvalidArgument", "name", "needs as=new");
        return false;
    }

    char *error = dvs_document_from_text(&doc, text, strlen(text));
    if (error) {
        dvs_operation_fault(op, "InvalidArgument", "document", "%s", error);
        free(error);
    } else {
        im.doc = &doc;
        import_all(&im, done);
    }
    dvs_document_destroy(&doc);
    free(im.first_fault);
    return !op->fault;
}

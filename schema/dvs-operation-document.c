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

/* The operations "checkpoint", "export" and "rollback"; see
 * dvs-operation-document.h. */

#include <config.h>

#include "schema/dvs-operation-document.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-operation.h"
#include "sset.h"
#include "util.h"

/* Finds out whether 'op', "checkpoint", can be done.  Stores in '*rowp' the
 * switch and in '*namep' the checkpoint's name, NULL if it is to have none.
 * Returns false, with a fault set, if it cannot. */
bool
dvs_checkpoint_check(struct dvs_operation *op,
                     const struct dvsrec_switch **rowp, const char **namep)
{
    const struct dvsrec_switch *s = dvs_operation_switch(op, "switch");
    const char *name = dvs_operation_argument(op, "name");

    if (!s) {
        return false;
    }
    if (name && !dvs_checkpoint_name_is_valid(name)) {
        dvs_operation_fault(op, "InvalidName", "name", "\"%s\" cannot be the "
                            "name of a checkpoint", name);
    } else if (name && dvs_checkpoint_find(op->idl, s, name)) {
        dvs_operation_fault(op, "DuplicateName", "name", "switch \"%s\" has a "
                            "checkpoint \"%s\" already", s->name, name);
    }
    *rowp = s;
    *namep = name;
    return !op->fault;
}

/* Checks that 's' has all of 'portgroups'. */
static bool
check_portgroups(struct dvs_operation *op, const struct dvsrec_switch *s,
                 const struct sset *portgroups)
{
    const char *name;

    SSET_FOR_EACH (name, portgroups) {
        if (!op->lookup->portgroup(op->aux, s, name)) {
            dvs_operation_fault(op, "NotFound", "portgroups",
                                "switch \"%s\" has no portgroup \"%s\"",
                                s->name, name);
        }
    }
    return !op->fault;
}

/* Puts into 'doc' what 'op' asks for: of 's', or of all switches if that is
 * NULL.  Sets a fault if that cannot be. */
static void
gather(struct dvs_operation *op, const struct dvsrec_switch *s,
       const struct sset *portgroups, struct dvs_document *doc)
{
    char *text = NULL;
    char *error = NULL;

    if (s) {
        error = dvs_document_gather(op->idl, s, portgroups, doc);
    } else {
        DVSREC_SWITCH_FOR_EACH (s, op->idl) {
            error = error ? error : dvs_document_gather(op->idl, s, NULL,
                                                        doc);
        }
    }
    if (!error) {
        error = dvs_document_to_text(doc, &text);
    }
    if (error) {
        dvs_operation_fault(op, "InvalidArgument", "switch", "%s", error);
        free(error);
    } else {
        smap_add(&op->result, "document", text);
    }
    free(text);
}

/* Carries out 'op', "export", which has the document as its result.  Returns
 * false, with a fault set, if that cannot be. */
bool
dvs_export(struct dvs_operation *op)
{
    const char *names = dvs_operation_argument(op, "portgroups");
    struct sset portgroups = SSET_INITIALIZER(&portgroups);
    const struct dvsrec_switch *s = NULL;
    struct dvs_document doc;

    if (dvs_operation_argument(op, "switch") || names) {
        s = dvs_operation_switch(op, "switch");
        if (!s) {
            return false;
        }
    }
    sset_from_delimited_string(&portgroups, names ? names : "", ",");
    dvs_document_init(&doc);
    if (check_portgroups(op, s, &portgroups)) {
        gather(op, s, names ? &portgroups : NULL, &doc);
    }
    sset_destroy(&portgroups);
    dvs_document_destroy(&doc);
    return !op->fault;
}

/* Finds out, from the arguments of 'op', where 'p' is to go back to. */
static char * OVS_WARN_UNUSED_RESULT
find_point(const struct dvs_operation *op, struct dvs_restore_point *p,
           const char **argument)
{
    const char *id = dvs_operation_argument(op, "checkpoint");
    const char *document = op->row->document;

    *argument = "checkpoint";
    if (document && id) {
        return xstrdup("InvalidArgument: a document is given, too");
    } else if (document) {
        *argument = "document";
        return dvs_restore_point_read(p, document, strlen(document));
    } else if (id) {
        const struct dvsrec_checkpoint *row
            = dvs_checkpoint_find(op->idl, p->sw, id);

        return (row ? dvs_restore_point_from_checkpoint(p, row)
                : xasprintf("NotFound: switch \"%s\" has no checkpoint %s",
                            p->sw->name, id));
    }
    *argument = "switch";
    return dvs_restore_point_from_last(p);
}

/* Returns why 'p' cannot be gone back to, or NULL.  A rollback is whole,
 * unlike an import. */
static char * OVS_WARN_UNUSED_RESULT
check_restore(struct dvs_restore_point *p)
{
    char *fault = dvs_document_restore_check(p->idl, &p->then, p->object,
                                             p->sw, DVS_RESTORE_ROLLBACK);
    const struct dvs_doc_object *faulty = dvs_doc_first_fault(p->object);

    return fault || !faulty ? fault : xstrdup(faulty->fault);
}

/* Initializes 'p', which the caller destroys in any case, with what 'op',
 * "rollback", is to go back to.  Stores in '*spec_onlyp' whether it is only to
 * tell how.  Returns false, with a fault set, if that cannot be. */
bool
dvs_rollback_init(struct dvs_restore_point *p, struct dvs_operation *op,
                  bool *spec_onlyp)
{
    const struct dvsrec_switch *s = dvs_operation_switch(op, "switch");
    const char *spec_only = dvs_operation_argument(op, "spec-only");
    const struct dvsrec_portgroup *pg = NULL;
    const char *argument;

    dvs_restore_point_init(p, op->idl, s, NULL);
    if (!s) {
        return false;
    }
    if (dvs_operation_argument(op, "portgroup")) {
        pg = dvs_operation_portgroup(op, s, "portgroup");
        if (!pg) {
            return false;
        }
    }
    if (spec_only && strcmp(spec_only, "yes") && strcmp(spec_only, "no")) {
        dvs_operation_fault(op, "InvalidArgument", "spec-only",
                            "is neither yes nor no");
        return false;
    }
    *spec_onlyp = spec_only && !strcmp(spec_only, "yes");

    p->pg = pg;
    char *error = find_point(op, p, &argument);
    if (!error && !*spec_onlyp && p->changes.n) {
        argument = "document";
        error = check_restore(p);
    }
    if (error) {
        dvs_operation_fault_string(op, argument, error);
    }
    return !error;
}

/* Sets the result of 'op', a rollback that only tells what is to be done for
 * 'p'.  Returns false, with a fault set, if there is no telling it. */
bool
dvs_rollback_spec(struct dvs_restore_point *p, struct dvs_operation *op)
{
    char *text;
    char *error = dvs_restore_point_spec(p, &text);

    if (error) {
        dvs_operation_fault_string(op, "document", error);
        return false;
    }
    if (text) {
        struct ds words = DS_EMPTY_INITIALIZER;

        dvs_doc_changes_summarize(&p->changes, &words);
        smap_add(&op->result, "spec", text);
        smap_add(&op->result, "changes", ds_cstr(&words));
        smap_add_format(&op->result, "config_version", "%"PRId64,
                        (p->pg ? p->pg->config_version
                         : p->sw->config_version));
        ds_destroy(&words);
        free(text);
    }
    return true;
}

/* Carries out 'op', the rollback to 'p', which differs from what there is. */
void
dvs_rollback_run(struct dvs_restore_point *p, struct dvs_operation *op)
{
    char *error = dvs_document_restore(op->idl, op->txn, &p->then, p->object,
                                       p->sw, DVS_RESTORE_ROLLBACK);

    ovs_assert(!error);
    smap_add_format(&op->result, "changes", "%"PRIuSIZE, p->changes.n);
}

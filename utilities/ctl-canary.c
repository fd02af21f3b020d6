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

/* --canary.  See ctl-canary.h. */

#include <config.h>

#include "utilities/ctl-canary.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "sset.h"
#include "util.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-task.h"
#include "utilities/ctl-view.h"

/* Prerequisite: all that is configured. */
void
ctl_canary_need(struct ctl_context *ctx)
{
    dvsctl_context_cast(ctx)->view->everything = true;
    dvs_document_register(ctx->idl);
    ctl_need_nics(ctx);
    ctl_need_settings(ctx);
    ctl_need_members(ctx);
    ctl_need_tasks(ctx);
}

void
ctl_canary_init(struct ctl_canary *canary)
{
    shash_init(&canary->before);
}

/* Frees what 'canary' owns, but not 'canary' itself. */
void
ctl_canary_destroy(struct ctl_canary *canary)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &canary->before) {
        dvs_document_destroy(node->data);
    }
    shash_destroy_free_data(&canary->before);
}

/* Stores in '*docp' the state of 'sw', for the caller to destroy and free.
 * Returns a fault, which the caller frees, if there is no telling it. */
static char * OVS_WARN_UNUSED_RESULT
gather(const struct ovsdb_idl *idl, const struct dvsrec_switch *sw,
       struct dvs_document **docp)
{
    struct dvs_document *doc = xmalloc(sizeof *doc);
    char *fault = NULL;

    dvs_document_init(doc);
    char *error = dvs_document_gather_state(idl, sw, doc);
    if (error) {
        fault = xasprintf("InvalidArgument: switch \"%s\": %s", sw->name,
                          error);
        free(error);
    }
    dvs_document_sort(doc);
    *docp = doc;
    return fault;
}

/* Takes into 'canary' what there is in 'idl', before the commands.  Returns
 * NULL, or a fault that the caller frees. */
char *
ctl_canary_begin(struct ctl_canary *canary, const struct ovsdb_idl *idl)
{
    const struct dvsrec_switch *sw;
    char *fault = NULL;

    DVSREC_SWITCH_FOR_EACH (sw, idl) {
        char *key = xasprintf(UUID_FMT, UUID_ARGS(&sw->header_.uuid));
        struct dvs_document *doc;

        fault = gather(idl, sw, &doc);
        shash_add_nocopy(&canary->before, key, doc);
        if (fault) {
            break;
        }
    }
    return fault;
}

/* Stores in '*changedp' whether the commands have changed 'sw', or asked the
 * controller for something that does.  Returns NULL, or a fault. */
static char * OVS_WARN_UNUSED_RESULT
has_changed(const struct ctl_canary *canary, const struct ovsdb_idl *idl,
            const struct dvsrec_switch *sw, bool *changedp)
{
    char *key = xasprintf(UUID_FMT, UUID_ARGS(&sw->header_.uuid));
    struct dvs_document *before = shash_find_data(&canary->before, key);
    const struct dvsrec_task *task;
    struct dvs_document *now;

    free(key);
    *changedp = false;
    DVSREC_TASK_FOR_EACH (task, idl) {
        if (ctl_row_is_touched(&task->header_)
            && !strcmp(smap_get_def(&task->arguments, "switch", ""),
                       sw->name)) {
            *changedp = true;
        }
    }
    if (!before) {
        return xasprintf("InvalidState: switch \"%s\" is new, so there is "
                         "nothing to go back to: --[no-]canary is for changes",
                         sw->name);
    }

    char *fault = gather(idl, sw, &now);
    if (!fault) {
        struct dvs_doc_changes changes;

        dvs_document_diff(before, now, &changes);
        *changedp = *changedp || changes.n;
        dvs_doc_changes_destroy(&changes);
    }
    dvs_document_destroy(now);
    free(now);
    return fault;
}

/* Returns why 'hosts' cannot be the canaries of 'sw', as a fault that the
 * caller frees, or NULL.  The controller looks again. */
static char * OVS_WARN_UNUSED_RESULT
check_hosts(const struct ovsdb_idl *idl, const struct dvsrec_switch *sw,
            const struct sset *hosts)
{
    const char *host;

    SSET_FOR_EACH (host, hosts) {
        const struct dvsrec_host_member *member, *found = NULL;

        DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
            if (member->switch_ == sw && !strcmp(member->host, host)) {
                found = member;
            }
        }
        if (!found) {
            return xasprintf("NotFound: host \"%s\" is not a member of switch "
                             "\"%s\"", host, sw->name);
        } else if (found->status && !strcmp(found->status, "disconnected")) {
            return xasprintf("HostNotConnected: host \"%s\" is not connected, "
                             "so it cannot be a canary", host);
        }
    }
    return NULL;
}

/* Returns true if the commands have changed NICs.  Commands that find all as
 * they want it change nothing, and are no mistake. */
static bool
changes_nics(const struct ovsdb_idl *idl)
{
    const struct dvsrec_vnic *vnic;

    DVSREC_VNIC_FOR_EACH (vnic, idl) {
        if (ctl_row_is_touched(&vnic->header_)) {
            return true;
        }
    }
    return false;
}

/* Asks, in 'ctx', for rollouts of what the commands have changed to 'hosts',
 * names with commas, first, or, if 'hosts' is NULL, that nobody tries it out.
 * Returns NULL, or a fault that the caller frees. */
char *
ctl_canary_finish(const struct ctl_canary *canary, struct ctl_context *ctx,
                  const char *hosts)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct sset switches = SSET_INITIALIZER(&switches);
    const struct dvsrec_switch *sw;
    char *fault = NULL;

    sset_from_delimited_string(&names, hosts ? hosts : "", ", ");
    if (hosts && sset_is_empty(&names)) {
        fault = xstrdup("InvalidArgument: --canary names no host");
    }
    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        bool changed = false;

        fault = fault ? fault : has_changed(canary, ctx->idl, sw, &changed);
        if (!fault && changed) {
            sset_add(&switches, sw->name);
            fault = check_hosts(ctx->idl, sw, &names);
        }
    }
    if (!fault && sset_is_empty(&switches) && changes_nics(ctx->idl)) {
        fault = xasprintf("InvalidArgument: the commands change no switch, so "
                          "there is nothing to try out for --%scanary",
                          hosts ? "" : "no-");
    }
    if (!fault) {
        char *list = sset_join(&names, ",", "");
        const char *name;

        SSET_FOR_EACH (name, &switches) {
            struct smap arguments = SMAP_INITIALIZER(&arguments);

            smap_add(&arguments, "switch", name);
            smap_add(&arguments, "hosts", list);

            const struct dvsrec_task *task = ctl_task_insert(ctx->txn);
            dvsrec_task_set_operation(task, "rollout");
            dvsrec_task_set_arguments(task, &arguments);
            dvsrec_task_set_state(task, "queued");
            smap_destroy(&arguments);
        }
        free(list);
    }
    sset_destroy(&names);
    sset_destroy(&switches);
    return fault;
}

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

/* Commands on configuration documents: export, import, diff, rollback. */

#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-limits.h"
#include "sset.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

static void
pre_document(struct ctl_context *ctx)
{
    dvs_document_register(ctx->idl);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_col_connectee);
    ctl_need_switches(ctx);
    ctl_need_portgroups(ctx);
    ctl_need_ports(ctx);
    ctl_need_nics(ctx);
    ctl_need_members(ctx);
    ctl_need_hosts(ctx);
    ctl_need_settings(ctx);
    dvsctl_context_cast(ctx)->view->everything = true;
}

/* Files. */

/* Reports it as a fault if a command of a daemon, whose folder is not the
 * user's, has been given a name that depends on that. */
static bool
check_file_name(struct ctl_context *ctx, const char *name)
{
    if (!dvsctl_context_cast(ctx)->live_output && name[0] != '/') {
        ctl_fault(ctx, "InvalidArgument", "%s: in a run through a daemon, "
                  "the name of a file has to begin with a slash", name);
        return false;
    }
    return true;
}

/* Reads all of 'stream' into a buffer, which the caller frees; at most one
 * byte more than a document may have. */
static char *
read_stream(FILE *stream, size_t *sizep)
{
    size_t allocated = 0, n = 0;
    char *text = NULL;

    while (n <= DVS_DOCUMENT_MAX) {
        if (n == allocated) {
            text = x2nrealloc(text, &allocated, 1);
        }

        size_t got = fread(text + n, 1, MIN(allocated, DVS_DOCUMENT_MAX + 1)
                                        - n, stream);
        if (!got) {
            break;
        }
        n += got;
    }
    *sizep = n;
    return text;
}

/* Reads the document in file 'name' into 'doc', which the caller destroys, or
 * reports a fault. */
static bool
read_document(struct ctl_context *ctx, const char *name,
              struct dvs_document *doc)
{
    dvs_document_init(doc);
    if (!check_file_name(ctx, name)) {
        return false;
    }

    FILE *stream = fopen(name, "r");
    struct stat s;
    if (!stream || fstat(fileno(stream), &s)
        || (S_ISDIR(s.st_mode) && (errno = EISDIR))) {
        ctl_fault(ctx, "NotFound", "%s: %s", name, ovs_strerror(errno));
        if (stream) {
            fclose(stream);
        }
        return false;
    }

    size_t size;
    char *text = read_stream(stream, &size);
    bool failed = ferror(stream);
    fclose(stream);
    if (failed) {
        ctl_fault(ctx, "InvalidArgument", "%s: cannot be read", name);
    } else {
        char *error = dvs_document_from_text(doc, text, size);

        if (error) {
            ctl_fault(ctx, "InvalidArgument", "%s: %s", name, error);
            free(error);
            failed = true;
        }
    }
    free(text);
    return !failed;
}

/* Writes 'text' into file 'name', or reports a fault.  A file of that name
 * stays as it is until all is written. */
static bool
write_file(struct ctl_context *ctx, const char *name, const char *text)
{
    if (!check_file_name(ctx, name)) {
        return false;
    }

    char *new_name = xasprintf("%s.new", name);
    FILE *stream = fopen(new_name, "w");
    bool ok = stream && fputs(text, stream) != EOF && !fflush(stream);
    if (stream && fclose(stream)) {
        ok = false;
    }
    if (ok && rename(new_name, name)) {
        ok = false;
    }
    if (!ok) {
        ctl_fault(ctx, "InvalidArgument", "%s: %s", name,
                  ovs_strerror(errno));
        unlink(new_name);
    }
    free(new_name);
    return ok;
}

/* What there is now. */

/* Adds 'sw' to 'doc', or only those of its portgroups that are in
 * 'portgroups', if that is not NULL. */
static bool
gather(struct ctl_context *ctx, const struct dvsrec_switch *sw,
       const struct sset *portgroups, struct dvs_document *doc)
{
    char *error = dvs_document_gather(ctx->idl, sw, portgroups, doc);

    if (error) {
        ctl_fault(ctx, "InvalidArgument", "switch \"%s\": %s", sw->name,
                  error);
        free(error);
    }
    return !ctx->error;
}

/* Puts the text of 'doc' into file 'out', or prints it if that is NULL. */
static void
put_document(struct ctl_context *ctx, struct dvs_document *doc,
             const char *out)
{
    char *text;
    char *error = dvs_document_to_text(doc, &text);

    if (error) {
        ctl_fault(ctx, "InvalidArgument", "%s", error);
        free(error);
    } else if (out) {
        char *lines = xasprintf("%s\n", text);

        write_file(ctx, out, lines);
        free(lines);
    } else {
        ds_put_format(&ctx->output, "%s\n", text);
    }
    free(text);
}

static void
cmd_export(struct ctl_context *ctx)
{
    const char *out = shash_find_data(&ctx->options, "--out");
    struct sset portgroups = SSET_INITIALIZER(&portgroups);
    const struct dvsrec_switch *sw = NULL;
    struct dvs_document doc;

    for (size_t i = 1; i < ctx->argc && !ctx->error; i++) {
        const char *arg = ctx->argv[i];

        if (!strncmp(arg, "--out=", 6)) {
            out = arg + 6;
        } else if (!sw) {
            sw = ctl_find_switch(ctx, arg, true);
        } else if (ctl_find_portgroup_in(ctx, sw, arg)) {
            sset_add(&portgroups, arg);
        }
    }

    dvs_document_init(&doc);
    if (sw) {
        gather(ctx, sw, sset_is_empty(&portgroups) ? NULL : &portgroups,
               &doc);
    } else {
        DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
            if (ctx->error || !gather(ctx, sw, NULL, &doc)) {
                break;
            }
        }
    }
    if (!ctx->error) {
        put_document(ctx, &doc, out);
    }
    sset_destroy(&portgroups);
    dvs_document_destroy(&doc);
}

/* What a document has to do with what there is now. */

static bool
switch_is_named(const struct dvs_doc_object *sw, const char *name)
{
    char *doc_name = dvs_doc_object_name(sw);
    bool is_named = !strcmp(doc_name, name);

    free(doc_name);
    return is_named;
}

/* Returns the switch of 'doc' that is 'sw', by its UUID or else by its name,
 * or reports that there is none in 'file'. */
static struct dvs_doc_object *
find_in_document(struct ctl_context *ctx, const struct dvs_document *doc,
                 const struct dvsrec_switch *sw, const char *file)
{
    struct dvs_doc_object *found = NULL;

    for (size_t i = 0; i < doc->n_switches; i++) {
        struct dvs_doc_object *object = doc->switches[i];

        if (uuid_equals(&object->uuid, &sw->header_.uuid)) {
            return object;
        } else if (switch_is_named(object, sw->name)) {
            found = object;
        }
    }
    if (!found) {
        ctl_fault(ctx, "NotFound", "%s: has no switch \"%s\"", file,
                  sw->name);
    }
    return found;
}

/* Reduces 'sw', a switch of 'doc', to the portgroup called 'name', or reports
 * that 'file' does not have it. */
static bool
reduce_to_portgroup(struct ctl_context *ctx, struct dvs_document *doc,
                    struct dvs_doc_object *sw,
                    const struct dvsrec_portgroup *pg, const char *file)
{
    const struct dvs_doc_object *found = NULL;

    for (size_t i = 0; i < sw->n_children; i++) {
        const struct dvs_doc_object *object = sw->children[i];

        if (object->class != &dvs_doc_portgroup) {
            continue;
        } else if (uuid_equals(&object->uuid, &pg->header_.uuid)) {
            found = object;
            break;
        } else {
            char *name = dvs_doc_object_name(object);

            if (!strcmp(name, pg->name)) {
                found = object;
            }
            free(name);
        }
    }
    if (!found) {
        ctl_fault(ctx, "NotFound", "%s: has no portgroup \"%s\" of switch "
                  "\"%s\"", file, pg->name, pg->switch_->name);
        return false;
    }
    dvs_doc_object_keep(sw, found);
    doc->portgroups_only = true;
    return true;
}

/* Initializes 'doc' with what 'file' has about 'target', a switch or
 * portgroup, and 'now' with what there is; '*swp' is the switch, in 'doc'
 * '*objectp'.  The caller destroys both. */
static bool
read_counterpart(struct ctl_context *ctx, const char *target,
                 const char *file, struct dvs_document *doc,
                 struct dvs_doc_object **objectp,
                 const struct dvsrec_switch **swp)
{
    struct ctl_target t;

    dvs_document_init(doc);
    if (!ctl_find_target(ctx, target, &t)) {
        return false;
    }
    if (t.port) {
        ctl_fault(ctx, "InvalidArgument", "%s is neither a switch nor a "
                  "portgroup", target);
        return false;
    }
    *swp = t.sw ? t.sw : t.pg->switch_;
    if (!read_document(ctx, file, doc)) {
        return false;
    }
    *objectp = find_in_document(ctx, doc, *swp, file);
    return *objectp && (!t.pg || reduce_to_portgroup(ctx, doc, *objectp,
                                                     t.pg, file));
}

static void
put_changes(struct ctl_context *ctx, const struct dvs_doc_changes *changes)
{
    static const struct ctl_column columns[] = {
        { "object", false }, { "kind", false }, { "change", false },
        { "column", false }, { "old", false }, { "new", false },
    };
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 0);
    for (size_t i = 0; i < changes->n; i++) {
        const struct dvs_doc_change *change = &changes->changes[i];

        ctl_table_add_row(&table);
        ctl_table_put(&table, change->object);
        ctl_table_put(&table, change->word);
        ctl_table_put(&table, (change->added ? "added"
                               : change->removed ? "removed" : "changed"));
        ctl_table_put(&table, change->column ? change->column : "");
        ctl_table_put(&table, change->old ? change->old : "");
        ctl_table_put(&table, change->new ? change->new : "");
    }
    ctl_table_finish(&table, ctx);
}

static void
cmd_diff(struct ctl_context *ctx)
{
    struct dvs_doc_object *object;
    const struct dvsrec_switch *sw;
    struct dvs_document then, now;

    dvs_document_init(&now);
    if (read_counterpart(ctx, ctx->argv[1], ctx->argv[2], &then, &object,
                         &sw)) {
        struct sset portgroups = SSET_INITIALIZER(&portgroups);
        struct dvs_doc_changes changes;

        dvs_document_keep(&then, object);
        for (size_t i = 0; then.portgroups_only && i < object->n_children;
             i++) {
            sset_add_and_free(&portgroups,
                              dvs_doc_object_name(object->children[i]));
        }
        if (gather(ctx, sw, then.portgroups_only ? &portgroups : NULL,
                   &now)) {
            dvs_document_sort(&now);
            dvs_document_diff(&then, &now, &changes);
            put_changes(ctx, &changes);
            dvs_doc_changes_destroy(&changes);
        }
        sset_destroy(&portgroups);
    }
    dvs_document_destroy(&then);
    dvs_document_destroy(&now);
}

/* Restores 'object' of 'doc' onto 'sw', which is NULL for a new switch. */
static bool
restore(struct ctl_context *ctx, const struct dvs_document *doc,
        struct dvs_doc_object *object, const struct dvsrec_switch *sw,
        int flags)
{
    char *fault = dvs_document_restore(ctx->idl, ctx->txn, doc, object, sw,
                                       flags);

    if (fault) {
        ctl_error(ctx, "%s", fault);
        free(fault);
    }
    return !ctx->error;
}

static void
cmd_rollback(struct ctl_context *ctx)
{
    struct dvs_doc_object *object;
    const struct dvsrec_switch *sw;
    struct dvs_document doc;

    if (read_counterpart(ctx, ctx->argv[1], ctx->argv[2], &doc, &object,
                         &sw)) {
        restore(ctx, &doc, object, sw, DVS_RESTORE_ROLLBACK);
    }
    dvs_document_destroy(&doc);
}

/* Returns the switch that 'object' was, by its UUID or else by its name; NULL
 * if there is none. */
static const struct dvsrec_switch *
find_original(struct ctl_context *ctx, const struct dvs_doc_object *object)
{
    const struct dvsrec_switch *sw
        = dvsrec_switch_get_for_uuid(ctx->idl, &object->uuid);

    if (!sw) {
        char *name = dvs_doc_object_name(object);

        sw = ctl_find_switch(ctx, name, false);
        free(name);
    }
    return sw;
}

/* Gives 'object', a switch, another name. */
static void
rename_object(struct dvs_doc_object *object, const char *name)
{
    struct json *json = json_string_create(name);
    char *text = json_to_string(json, 0);
    char *error = dvs_doc_object_set(object, "name", text);

    ovs_assert(!error);
    free(text);
    json_destroy(json);
}

/* Parses the arguments behind the file's name. */
static bool
parse_import_args(struct ctl_context *ctx, const char **as, const char **name)
{
    *as = "same";
    *name = NULL;
    for (size_t i = 2; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        if (!strncmp(arg, "as=", 3) && arg[3]) {
            *as = arg + 3;
        } else if (!strncmp(arg, "name=", 5) && arg[5]) {
            *name = arg + 5;
        } else {
            ctl_error(ctx, "%s: as=new, as=same, as=SWITCH or name=NAME is "
                      "expected", arg);
            return false;
        }
    }
    if (*name && strcmp(*as, "new")) {
        ctl_error(ctx, "name= needs as=new");
        return false;
    }
    return true;
}

static void
import_switch(struct ctl_context *ctx, const struct dvs_document *doc,
              struct dvs_doc_object *object, const char *as,
              const char *new_name)
{
    const struct dvsrec_switch *target = NULL;
    int flags = DVS_RESTORE_SAME;

    if (!strcmp(as, "new")) {
        if (doc->portgroups_only) {
            ctl_fault(ctx, "InvalidArgument", "the document is about "
                      "portgroups; they can be imported into a switch");
            return;
        }
        if (new_name) {
            rename_object(object, new_name);
        }

        char *name = dvs_doc_object_name(object);
        if (ctl_find_switch(ctx, name, false)) {
            ctl_fault(ctx, "DuplicateName", "there already is a switch "
                      "\"%s\"", name);
        }
        free(name);
        flags = DVS_RESTORE_NEW;
    } else if (!strcmp(as, "same")) {
        target = find_original(ctx, object);
        if (!target && doc->portgroups_only) {
            char *name = dvs_doc_object_name(object);

            ctl_fault(ctx, "NotFound", "no switch \"%s\", of which the "
                      "document has portgroups", name);
            free(name);
        }
    } else {
        target = ctl_find_switch(ctx, as, true);
        flags = DVS_RESTORE_INTO;
    }
    if (!ctx->error) {
        restore(ctx, doc, object, target, flags);
    }
}

static void
cmd_import(struct ctl_context *ctx)
{
    const char *as, *name;
    struct dvs_document doc;

    dvs_document_init(&doc);
    if (parse_import_args(ctx, &as, &name)
        && read_document(ctx, ctx->argv[1], &doc)) {
        if (doc.n_switches != 1
            && (name || (strcmp(as, "new") && strcmp(as, "same")))) {
            ctl_fault(ctx, "InvalidArgument", "%s: has %"PRIuSIZE" switches, "
                      "not one", ctx->argv[1], doc.n_switches);
        }
        for (size_t i = 0; i < doc.n_switches && !ctx->error; i++) {
            import_switch(ctx, &doc, doc.switches[i], as, name);
        }
    }
    dvs_document_destroy(&doc);
}

const struct dvsctl_command dvsctl_document_commands[] = {
    { { "export", 0, INT_MAX, "[SWITCH [PORTGROUP]...] [--out=FILE]",
        pre_document, cmd_export, NULL, "--out=", RO },
      "print the configuration as a document" },
    { { "import", 1, 3, "FILE [as=new|same|SWITCH] [name=NAME]",
        pre_document, cmd_import, NULL, "", RW },
      "restore what a document has" },
    { { "diff", 2, 2, "SWITCH|PORTGROUP FILE", pre_document, cmd_diff, NULL,
        "", RO },
      "print what has changed since a document" },
    { { "rollback", 2, 2, "SWITCH|PORTGROUP FILE", pre_document,
        cmd_rollback, NULL, "", RW },
      "make it what it is in a document" },
    { { .name = NULL }, NULL },
};

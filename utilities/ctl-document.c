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
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-operation-document.h"
#include "schema/dvs-limits.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-task.h"
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

/* Prerequisite: the checkpoints, but not what they have. */
static void
pre_checkpoints(struct ctl_context *ctx)
{
    const struct ovsdb_idl_table_class *table = &dvsrec_table_checkpoint;

    for (size_t i = 0; i < table->n_columns; i++) {
        if (&table->columns[i] != &dvsrec_checkpoint_col_document) {
            ovsdb_idl_add_column(ctx->idl, &table->columns[i]);
        }
    }
    ctl_need_switches(ctx);
}

static void
pre_checkpoint(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    ctl_need_tasks(ctx);
}

static void
pre_point(struct ctl_context *ctx)
{
    pre_document(ctx);
    pre_checkpoints(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_checkpoint_col_document);
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

/* Returns what is in file 'name', '*sizep' bytes, which the caller must free.
 * Returns NULL with a fault reported if it cannot be read. */
static char *
read_file(struct ctl_context *ctx, const char *name, size_t *sizep)
{
    if (!check_file_name(ctx, name)) {
        return NULL;
    }

    FILE *stream = fopen(name, "r");
    struct stat s;
    if (!stream || fstat(fileno(stream), &s)
        || (S_ISDIR(s.st_mode) && (errno = EISDIR))) {
        ctl_fault(ctx, "NotFound", "%s: %s", name, ovs_strerror(errno));
        if (stream) {
            fclose(stream);
        }
        return NULL;
    }

    char *text = read_stream(stream, sizep);
    bool failed = ferror(stream);
    fclose(stream);
    if (failed) {
        ctl_fault(ctx, "InvalidArgument", "%s: cannot be read", name);
        free(text);
        return NULL;
    }
    return text ? text : xstrdup("");
}

/* Reads the document in file 'name' into 'doc', which the caller destroys, or
 * reports a fault. */
static bool
read_document(struct ctl_context *ctx, const char *name,
              struct dvs_document *doc)
{
    size_t size;
    char *text = read_file(ctx, name, &size);
    bool ok = false;

    dvs_document_init(doc);
    if (text) {
        char *error = dvs_document_from_text(doc, text, size);

        if (error) {
            ctl_fault(ctx, "InvalidArgument", "%s: %s", name, error);
            free(error);
        }
        ok = !error;
        free(text);
    }
    return ok;
}

/* Writes 'text' into file 'name', or reports a fault.  A file of that name
 * stays as it is until all is written, and with a plan, for good. */
static bool
write_file(struct ctl_context *ctx, const char *name, const char *text)
{
    if (!check_file_name(ctx, name)) {
        return false;
    } else if (*dvsctl_context_cast(ctx)->plan) {
        return true;
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

/* Finds out what 'file', a document, has about what 'p' is about. */
static char * OVS_WARN_UNUSED_RESULT
read_point(struct ctl_context *ctx, struct dvs_restore_point *p,
           const char *file)
{
    size_t size;
    char *text = read_file(ctx, file, &size);
    char *error = NULL;

    if (text) {
        char *fault = dvs_restore_point_read(p, text, size);

        if (fault) {
            size_t word = strcspn(fault, ":");

            error = xasprintf("%.*s: %s%s", (int) word, fault, file,
                              fault + word);
            free(fault);
        }
        free(text);
    }
    return error;
}

/* Initializes 'p', which the caller must destroy, with what the arguments of
 * a command, TARGET [CHECKPOINT|FILE], name, or reports a fault. */
static bool
find_point(struct ctl_context *ctx, struct dvs_restore_point *p)
{
    const char *from = ctx->argc > 2 ? ctx->argv[2] : NULL;
    const struct dvsrec_checkpoint *row;
    struct ctl_target t;
    char *error;

    dvs_restore_point_init(p, ctx->idl, NULL, NULL);
    if (!ctl_find_target(ctx, ctx->argv[1], &t)) {
        return false;
    }
    if (t.port) {
        ctl_fault(ctx, "InvalidArgument", "%s is neither a switch nor a "
                  "portgroup", ctx->argv[1]);
        return false;
    }
    p->sw = t.sw ? t.sw : t.pg->switch_;
    p->pg = t.pg;
    if (!from) {
        error = dvs_restore_point_from_last(p);
    } else if ((row = dvs_checkpoint_find(ctx->idl, p->sw, from))) {
        error = dvs_restore_point_from_checkpoint(p, row);
    } else if (from[strspn(from, "0123456789")]) {
        error = read_point(ctx, p, from);
    } else {
        error = xasprintf("NotFound: switch \"%s\" has no checkpoint %s",
                          p->sw->name, from);
    }
    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
    }
    return !ctx->error;
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
    struct dvs_restore_point p;

    if (find_point(ctx, &p)) {
        put_changes(ctx, &p.changes);
    }
    dvs_restore_point_destroy(&p);
}

/* Finds out whether 'object' of 'doc' can be restored onto 'sw', which is NULL
 * for a new switch: as a whole or, if 'partial', without what has a fault
 * then.  Returns NULL if so, otherwise a fault. */
static char * OVS_WARN_UNUSED_RESULT
check_restore(struct ctl_context *ctx, const struct dvs_document *doc,
              struct dvs_doc_object *object, const struct dvsrec_switch *sw,
              int flags, bool partial)
{
    char *fault = dvs_document_restore_check(ctx->idl, doc, object, sw,
                                             flags);
    const struct dvs_doc_object *faulty = dvs_doc_first_fault(object);

    return (fault || partial || !faulty ? fault : xstrdup(faulty->fault));
}

/* Does so. */
static void
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
}

static void
cmd_rollback(struct ctl_context *ctx)
{
    struct dvs_restore_point p;

    if (find_point(ctx, &p)) {
        char *fault = check_restore(ctx, &p.then, p.object, p.sw,
                                    DVS_RESTORE_ROLLBACK, false);

        if (fault) {
            ctl_error(ctx, "%s", fault);
            free(fault);
        } else {
            restore(ctx, &p.then, p.object, p.sw, DVS_RESTORE_ROLLBACK);
        }
    }
    dvs_restore_point_destroy(&p);
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

/* An import. */
struct import {
    struct ctl_context *ctx;
    struct dvs_document doc;
    const char *as;             /* "new", "same", or a switch's name. */
    const char *name;           /* For the new switch, or NULL. */
    bool partial;               /* Leave out what cannot be imported. */
    struct ctl_table table;     /* What became of it. */
    size_t n_imported;
    char *first_fault;
};

/* Notes what became of 'object', called 'path', which this frees: it has been
 * imported or has 'fault'. */
static void
put_import(struct import *im, const struct dvs_doc_object *object,
           char *path, const char *fault)
{
    ctl_table_add_row(&im->table);
    ctl_table_put(&im->table, path);
    ctl_table_put(&im->table, object->class->word);
    ctl_table_put(&im->table, fault ? fault : "imported");
    free(path);
    if (!fault) {
        im->n_imported++;
    } else if (!im->first_fault) {
        im->first_fault = xstrdup(fault);
    }
}

/* Notes what became of 'object', a switch with 'fault' or NULL, and of what
 * hangs on it. */
static void
put_imported(struct import *im, const struct dvs_doc_object *object,
             const struct dvsrec_switch *target, int flags, const char *fault)
{
    char *name = target ? xstrdup(target->name) : dvs_doc_object_name(object);

    if (fault || !im->doc.portgroups_only) {
        put_import(im, object, xstrdup(name), fault);
    }
    for (size_t i = 0; i < object->n_children && !fault; i++) {
        const struct dvs_doc_object *child = object->children[i];
        char *child_name = dvs_doc_object_name(child);

        if (child->class == &dvs_doc_portgroup
            && (child->fault
                || !dvs_doc_is_left_out(&im->doc, flags, child))) {
            put_import(im, child, xasprintf("%s/%s", name, child_name),
                       child->fault);
        } else if (child->fault) {
            put_import(im, child, xstrdup(child_name), child->fault);
        }
        free(child_name);
    }
    free(name);
}

static void
import_switch(struct import *im, struct dvs_doc_object *object)
{
    const struct dvsrec_switch *target;
    struct ctl_context *ctx = im->ctx;
    int flags;

    if (im->name) {
        dvs_import_rename(object, im->name);
    }

    char *fault = dvs_import_target(ctx->idl, &im->doc, object, im->as,
                                    &target, &flags);
    if (!fault) {
        fault = check_restore(ctx, &im->doc, object, target, flags,
                              im->partial);
    }
    if (fault && !im->partial) {
        ctl_error(ctx, "%s", fault);
    }
    if (!fault && !ctx->error) {
        restore(ctx, &im->doc, object, target, flags);
    }
    if (im->partial && !ctx->error) {
        put_imported(im, object, target, flags, fault);
    }
    free(fault);
}

/* Imports all of 'im->doc'. */
static void
import_document(struct import *im)
{
    static const struct ctl_column columns[] = {
        { "object", false }, { "kind", false }, { "result", false },
    };
    struct ctl_context *ctx = im->ctx;

    if (im->doc.n_switches != 1
        && (im->name || (strcmp(im->as, "new") && strcmp(im->as, "same")))) {
        ctl_fault(ctx, "InvalidArgument", "%s: has %"PRIuSIZE" switches, "
                  "not one", ctx->argv[1], im->doc.n_switches);
        return;
    }
    if (im->partial) {
        ctl_table_init(&im->table, columns, ARRAY_SIZE(columns), 0);
    }
    for (size_t i = 0; i < im->doc.n_switches && !ctx->error; i++) {
        import_switch(im, im->doc.switches[i]);
    }
    if (!ctx->error && im->first_fault && !im->n_imported) {
        ctl_error(ctx, "%s", im->first_fault);
    }
    if (im->partial) {
        ctl_table_finish(&im->table, ctx);
    }
    free(im->first_fault);
}

static void
cmd_import(struct ctl_context *ctx)
{
    struct import im = {
        .ctx = ctx, .partial = shash_find(&ctx->options, "--partial"),
    };

    dvs_document_init(&im.doc);
    if (parse_import_args(ctx, &im.as, &im.name)
        && read_document(ctx, ctx->argv[1], &im.doc)) {
        import_document(&im);
    }
    dvs_document_destroy(&im.doc);
}

/* Checkpoints. */

static int
compare_checkpoints(const void *a_, const void *b_)
{
    const struct dvsrec_checkpoint *const *a = a_;
    const struct dvsrec_checkpoint *const *b = b_;

    return ((*a)->sequence > (*b)->sequence) - ((*a)->sequence
                                                < (*b)->sequence);
}

static void
put_checkpoint(struct ctl_table *table, const struct dvsrec_checkpoint *row,
               bool current)
{
    char *time = xastrftime_msec("%Y-%m-%d %H:%M:%S.###", row->time, false);

    ctl_table_add_row(table);
    ctl_table_format(table, "%"PRId64, row->sequence);
    ctl_table_put(table, row->name ? row->name : "");
    ctl_table_put_nocopy(table, time);
    ctl_table_format(table, "%"PRId64, row->config_version);
    ctl_table_put(table, current ? "(now)" : row->change);
}

static void
cmd_list_checkpoints(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "checkpoint", true }, { "name", false }, { "time", false },
        { "version", true }, { "change", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_checkpoint *row, **rows = NULL;
    size_t n = 0, allocated = 0;
    struct ctl_table table;

    if (!sw) {
        return;
    }
    DVSREC_CHECKPOINT_FOR_EACH (row, ctx->idl) {
        if (uuid_equals(&row->switch_, &sw->header_.uuid)) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            rows[n++] = row;
        }
    }
    if (n) {
        qsort(rows, n, sizeof *rows, compare_checkpoints);
    }
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    for (size_t i = 0; i < n; i++) {
        put_checkpoint(&table, rows[i],
                       !rows[i]->name && !rows[i]->change[0]);
    }
    ctl_table_finish(&table, ctx);
    free(rows);
}

static void
cmd_checkpoint(struct ctl_context *ctx)
{
    struct smap arguments = SMAP_INITIALIZER(&arguments);

    if (ctl_find_switch(ctx, ctx->argv[1], true)) {
        smap_add(&arguments, "switch", ctx->argv[1]);
        if (ctx->argc > 2) {
            smap_add(&arguments, "name", ctx->argv[2]);
        }
        ctl_task_add(ctx, "checkpoint", &arguments);
    }
}

static void
cmd_del_checkpoint(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);

    for (size_t i = 2; i < ctx->argc && sw && !ctx->error; i++) {
        const struct dvsrec_checkpoint *row
            = dvs_checkpoint_find(ctx->idl, sw, ctx->argv[i]);

        if (!row) {
            if (!shash_find(&ctx->options, "--if-exists")) {
                ctl_fault(ctx, "NotFound", "switch \"%s\" has no checkpoint "
                          "%s", sw->name, ctx->argv[i]);
            }
        } else if (!row->name && !row->change[0]) {
            ctl_fault(ctx, "ResourceInUse", "checkpoint %s is the present "
                      "state of switch \"%s\"", ctx->argv[i], sw->name);
        } else {
            dvsrec_checkpoint_delete(row);
        }
    }
}

const struct dvsctl_command dvsctl_document_commands[] = {
    { { "export", 0, INT_MAX, "[SWITCH [PORTGROUP]...] [--out=FILE]",
        pre_document, cmd_export, NULL, "--out=", RO },
      "print the configuration as a document" },
    { { "import", 1, 3, "FILE [as=new|same|SWITCH] [name=NAME]",
        pre_document, cmd_import, NULL, "--partial,--columns=", RW },
      "restore what a document has" },
    { { "diff", 1, 2, "SWITCH|PORTGROUP [CHECKPOINT|FILE]", pre_point,
        cmd_diff, NULL, "", RO },
      "print what has changed since then" },
    { { "rollback", 1, 2, "SWITCH|PORTGROUP [CHECKPOINT|FILE]", pre_point,
        cmd_rollback, NULL, "", RW },
      "make it what it was then" },
    { { "list-checkpoints", 1, 1, "SWITCH", pre_checkpoints,
        cmd_list_checkpoints, NULL, "--columns=", RO },
      "list the saved states of a switch" },
    { { "checkpoint", 1, 2, "SWITCH [NAME]", pre_checkpoint, cmd_checkpoint,
        ctl_task_post, "", RW },
      "save the state of a switch" },
    { { "del-checkpoint", 2, INT_MAX, "SWITCH CHECKPOINT...",
        pre_checkpoints, cmd_del_checkpoint, NULL, "--if-exists", RW },
      "delete saved states of a switch" },
    { { .name = NULL }, NULL },
};

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

/* One run of dvsctl.  See ctl-run.h.
 *
 * This file executes commands, commits, waits and prints.  What the commands
 * do is in the other ctl-*.c files; the options are dvsctl.c's. */

#include <config.h>

#include "utilities/ctl-run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "db-ctl-base.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-view.h"

VLOG_DEFINE_THIS_MODULE(dvsctl_run);

/* How long to wait for the controller, in ms, before saying so. */
#define WAIT_NOTE_MSEC 3000

struct ctl_run {
    const struct ctl_run_options *options;
    const char *args;           /* The command line, for the comment in the
                                 * transaction. */
    struct ctl_command *commands;
    size_t n_commands;
    struct ovsdb_idl *idl;
    struct ctl_view view;
    bool force_wait;            /* See struct dvsctl_context. */
    int64_t last_event;         /* Likewise. */
};

enum ctl_result { CTL_DONE, CTL_FAILED, CTL_AGAIN };

static void
context_init(struct dvsctl_context *ctx, struct ctl_run *run,
             struct ovsdb_idl_txn *txn, struct ovsdb_symbol_table *symtab,
             const struct dvsrec_dvs_global *global)
{
    memset(ctx, 0, sizeof *ctx);
    ctl_context_init(&ctx->base, NULL, run->idl, txn, symtab, NULL);
    ctx->view = &run->view;
    ctx->global = global;
    ctx->force_wait = &run->force_wait;
    ctx->last_event = &run->last_event;
}

static bool
is_one_of(const char *name, const char *const names[])
{
    for (size_t i = 0; names[i]; i++) {
        if (!strcmp(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'name' is a command that db-ctl-base brings along, one that
 * takes any table. */
static bool
is_generic(const char *name)
{
    static const char *const names[] = {
        "get", "list", "find", "set", "add", "remove", "clear", "create",
        "destroy", "wait-until", NULL
    };

    return is_one_of(name, names);
}

/* Returns true if some command of 'run' may change what the controller takes
 * up.  The others must not wait for it: what they change has to be there
 * before a controller can be. */
static bool
concerns_controller(const struct ctl_run *run)
{
    static const char *const names[] = {
        "init", "set-connection", "del-connection", "set-ssl", "del-ssl", NULL
    };

    for (size_t i = 0; i < run->n_commands; i++) {
        const struct ctl_command_syntax *syntax = run->commands[i].syntax;

        if (syntax->mode == RW && !is_one_of(syntax->name, names)) {
            return true;
        }
    }
    return false;
}

/* Registers the faults of the table that generic command 'c' works on, and
 * what names its rows, so that they can be reported, and takes care that all
 * rows are there. */
static void
prepare_generic(struct ctl_run *run, const struct ctl_command *c)
{
    static const struct {
        const struct ovsdb_idl_table_class *table;
        const struct ovsdb_idl_column *columns[3];
    } tables[] = {
        { &dvsrec_table_switch,
          { &dvsrec_switch_col_faults, &dvsrec_switch_col_name } },
        { &dvsrec_table_portgroup,
          { &dvsrec_portgroup_col_faults, &dvsrec_portgroup_col_name,
            &dvsrec_portgroup_col_switch_ } },
        { &dvsrec_table_port,
          { &dvsrec_port_col_faults, &dvsrec_port_col_key,
            &dvsrec_port_col_switch_ } },
        { &dvsrec_table_host_member,
          { &dvsrec_host_member_col_faults, &dvsrec_host_member_col_host } },
        { &dvsrec_table_vnic,
          { &dvsrec_vnic_col_faults, &dvsrec_vnic_col_id } },
    };

    run->view.everything = true;
    if (c->syntax->mode != RW || c->argc < 2) {
        return;
    }
    ovsdb_idl_add_column(run->idl, &dvsrec_switch_col_name);
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (!strcasecmp(c->argv[1], tables[i].table->name)) {
            for (size_t j = 0; j < 3 && tables[i].columns[j]; j++) {
                ovsdb_idl_add_column(run->idl, tables[i].columns[j]);
            }
        }
    }
}

/* Lets each command say what it reads of the database.  Returns null if
 * successful, otherwise an error that the caller frees. */
static char *
run_prerequisites(struct ctl_run *run)
{
    ovsdb_idl_add_column(run->idl, &dvsrec_dvs_global_col_next_cfg);
    ovsdb_idl_add_column(run->idl, &dvsrec_dvs_global_col_controller_cfg);
    ovsdb_idl_add_column(run->idl, &dvsrec_dvs_global_col_hosts_cfg);

    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        ds_init(&c->output);
        c->table = NULL;
        if (is_generic(c->syntax->name)) {
            prepare_generic(run, c);
        }
        if (c->syntax->prerequisites) {
            struct dvsctl_context ctx;

            context_init(&ctx, run, NULL, NULL, NULL);
            ctl_context_init_command(&ctx.base, c, false);
            c->syntax->prerequisites(&ctx.base);
            if (ctx.base.error) {
                return ctx.base.error;
            }
            ctl_context_done(&ctx.base, c);
        }
    }
    ctl_view_apply(&run->view, run->idl);

    /* Two clients may change different properties of one setting at the same
     * time: write only what changes. */
    ovsdb_idl_set_write_changed_only_all(run->idl, true);
    return NULL;
}

/* Executes the commands within 'ctx'. */
static enum ctl_result
run_commands(struct ctl_run *run, struct dvsctl_context *ctx, char **errorp)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        ctl_context_init_command(&ctx->base, c, i == run->n_commands - 1);
        if (c->syntax->run) {
            c->syntax->run(&ctx->base);
        }

        *errorp = ctx->base.error;
        ctx->base.error = NULL;
        bool try_again = ctx->base.try_again;
        ctl_context_done_command(&ctx->base, c);
        if (*errorp) {
            return CTL_FAILED;
        } else if (try_again) {
            return CTL_AGAIN;
        }
    }

    if (!ctl_check(&ctx->base)) {
        *errorp = ctx->base.error;
        ctx->base.error = NULL;
        return CTL_FAILED;
    }
    return CTL_DONE;
}

/* Checks the names that "--id=@name" gave to rows.  Returns null, or an error
 * that the caller frees. */
static char *
check_symbols(const struct ovsdb_symbol_table *symtab)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &symtab->sh) {
        const struct ovsdb_symbol *symbol = node->data;

        if (!symbol->created) {
            return xasprintf("row id \"%s\" is referenced but never created "
                             "(e.g. with \"-- --id=%s create ...\")",
                             node->name, node->name);
        }
        if (!symbol->strong_ref) {
            VLOG_WARN("row id \"%s\" was created but %s reference to it was "
                      "inserted, so it will not actually appear in the "
                      "database", node->name,
                      symbol->weak_ref ? "only a weak" : "no");
        }
    }
    return NULL;
}

static void
print_oneline(struct ds *ds)
{
    ds_chomp(ds, '\n');
    for (size_t i = 0; i < ds->length; i++) {
        int c = ds->string[i];

        if (c == '\n') {
            fputs("\\n", stdout);
        } else if (c == '\\') {
            fputs("\\\\", stdout);
        } else {
            putchar(c);
        }
    }
    putchar('\n');
}

/* Prints what the commands have put out. */
static void
print_output(struct ctl_run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (c->table) {
            struct table_style style = run->options->style;

            /* "list" and "find" print as in ovs-vsctl. */
            if (!run->options->format_given) {
                style.format = is_generic(c->syntax->name) ? TF_LIST
                                                           : TF_TABLE;
            }
            table_print(c->table, &style);
        } else if (run->options->oneline) {
            print_oneline(&c->output);
        } else {
            fputs(ds_cstr(&c->output), stdout);
        }
    }
    fflush(stdout);
}

/* Waits, as --wait says, for the change that has raised next_cfg to
 * 'next_cfg'. */
static void
wait_for_change(struct ctl_run *run, int64_t next_cfg)
{
    const struct ctl_run_options *options = run->options;
    long long int start = time_msec();
    bool hosts = options->wait == CTL_WAIT_HOSTS;
    bool controller_done = false;
    bool noted = false;

    /* Without this, a lost connection would never come back, and we would
     * wait for a change that we cannot see. */
    ovsdb_idl_enable_reconnect(run->idl);
    for (;;) {
        ovsdb_idl_run(run->idl);

        const struct dvsrec_dvs_global *global
            = dvsrec_dvs_global_first(run->idl);
        long long int now = time_msec();
        if (global && !controller_done && global->controller_cfg >= next_cfg) {
            controller_done = true;
            if (options->print_wait_time) {
                printf("controller: %lld ms\n", now - start);
            }
        }
        if (controller_done && (!hosts || global->hosts_cfg >= next_cfg)) {
            if (hosts && options->print_wait_time) {
                printf("hosts: %lld ms\n", now - start);
            }
            return;
        }

        if (!noted && now - start >= WAIT_NOTE_MSEC) {
            noted = true;
            ovs_error(0, "the change is in the database; still waiting for "
                      "%s (--no-wait does not wait, --timeout limits it)",
                      controller_done ? "the hosts to carry it out"
                      : "dvs-controller to take it up; is it running?");
        }
        if (!noted) {
            poll_timer_wait_until(start + WAIT_NOTE_MSEC);
        }
        ovsdb_idl_wait(run->idl);
        poll_block();
    }
}

/* Frees what the commands have put out, so that they can be run again. */
static void
clear_output(struct ctl_run *run)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        ds_destroy(&c->output);
        ds_init(&c->output);
        table_destroy(c->table);
        free(c->table);
        c->table = NULL;
    }
}

/* Lets the commands that ask for it finish their output, once the transaction
 * has been committed.  Returns null, or an error that the caller frees. */
static char *
run_postprocess(struct ctl_run *run, struct dvsctl_context *ctx)
{
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (c->syntax->postprocess) {
            ctl_context_init_command(&ctx->base, c, false);
            c->syntax->postprocess(&ctx->base);

            char *error = ctx->base.error;
            ctx->base.error = NULL;
            ctl_context_done_command(&ctx->base, c);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* Commits 'txn'.  Returns CTL_DONE if successful and CTL_AGAIN if the
 * database has changed meanwhile. */
static enum ctl_result
commit(struct ovsdb_idl_txn *txn, bool *changedp, char **errorp)
{
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit_block(txn);

    *changedp = status == TXN_SUCCESS;
    switch (status) {
    case TXN_UNCHANGED:
    case TXN_SUCCESS:
        return CTL_DONE;

    case TXN_TRY_AGAIN:
        return CTL_AGAIN;

    case TXN_ERROR:
        *errorp = xasprintf("transaction error: %s",
                            ovsdb_idl_txn_get_error(txn));
        return CTL_FAILED;

    case TXN_ABORTED:
    case TXN_NOT_LOCKED:
    case TXN_UNCOMMITTED:
    case TXN_INCOMPLETE:
    default:
        OVS_NOT_REACHED();      /* We neither abort nor take a lock. */
    }
}

/* Tries to carry out the run on the database as it is now. */
static enum ctl_result
try_run(struct ctl_run *run)
{
    const struct ctl_run_options *options = run->options;
    bool wait = (options->wait != CTL_WAIT_NONE && !options->dry_run
                 && concerns_controller(run));

    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(run->idl);
    if (options->dry_run) {
        ovsdb_idl_txn_set_dry_run(txn);
    }
    ovsdb_idl_txn_add_comment(txn, "dvsctl: %s", run->args);

    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(run->idl);
    if (!global && ctl_might_write_to_db(run->commands, run->n_commands)) {
        global = dvsrec_dvs_global_insert(txn);
    }

    struct ovsdb_symbol_table *symtab = ovsdb_symbol_table_create();
    struct ctl_touched touched;
    struct dvsctl_context ctx;
    bool changed = false;
    char *error = NULL;
    int64_t next_cfg = 0;

    ctl_touched_init(&touched);
    run->force_wait = false;
    context_init(&ctx, run, txn, symtab, global);

    enum ctl_result result = run_commands(run, &ctx, &error);
    if (result == CTL_DONE) {
        error = check_symbols(symtab);
        result = error ? CTL_FAILED : CTL_DONE;
    }
    if (result == CTL_DONE) {
        if (wait && global) {
            ovsdb_idl_txn_increment(txn, &global->header_,
                                    &dvsrec_dvs_global_col_next_cfg,
                                    run->force_wait);
        }
        ctl_touched_collect(&touched, run->idl);
        result = commit(txn, &changed, &error);
    }
    if (result == CTL_DONE) {
        if (changed && wait && global) {
            next_cfg = ovsdb_idl_txn_get_increment_new_value(txn);
        }
        ctl_touched_resolve(&touched, txn);
        error = run_postprocess(run, &ctx);
        result = error ? CTL_FAILED : CTL_DONE;
    }
    ctl_context_done(&ctx.base, NULL);
    ovsdb_symbol_table_destroy(symtab);

    /* Frees the transaction only now, since rows that it has deleted are
     * pointed to until it is gone. */
    if (result != CTL_DONE) {
        ovsdb_idl_txn_abort(txn);
    }
    ovsdb_idl_txn_destroy(txn);

    if (result == CTL_DONE) {
        if (next_cfg) {
            wait_for_change(run, next_cfg);
        }
        print_output(run);
        if (next_cfg && ctl_touched_print_faults(&touched, run->idl)) {
            result = CTL_FAILED;
        }
    } else if (result == CTL_FAILED) {
        ovs_error(0, "%s", error);
    }
    free(error);
    ctl_touched_destroy(&touched);
    clear_output(run);
    return result;
}

/* Runs the 'n' commands of 'commands', in one transaction, as 'options' say.
 * 'args' is the command line, for the log.  Prints the commands' output, or a
 * fault.  Returns the exit status: 0 if successful, 1 after a fault. */
int
ctl_run(struct ctl_command *commands, size_t n, const char *args,
        const struct ctl_run_options *options)
{
    struct ctl_run run = {
        .options = options,
        .args = args,
        .commands = commands,
        .n_commands = n,
        .idl = ovsdb_idl_create_unconnected(&dvsrec_idl_class, false),
        .last_event = -1,
    };

    ctl_view_init(&run.view);
    ovsdb_idl_set_shuffle_remotes(run.idl, options->shuffle_remotes);
    ovsdb_idl_set_remote(run.idl, options->db, options->retry);
    ovsdb_idl_set_leader_only(run.idl, options->leader_only);
    ovsdb_idl_set_db_change_aware(run.idl, false);

    enum ctl_result result = CTL_AGAIN;
    char *error = run_prerequisites(&run);
    if (error) {
        ovs_error(0, "%s", error);
        free(error);
        result = CTL_FAILED;
    }

    /* There is no point in trying more than once for a version of the
     * database, or rather, for what we see of it: if the transaction fails,
     * the database has changed, and only an up-to-date view of it can make a
     * difference. */
    unsigned int seqno = ovsdb_idl_get_seqno(run.idl);
    while (result == CTL_AGAIN) {
        ovsdb_idl_run(run.idl);
        if (!ovsdb_idl_is_alive(run.idl)) {
            int retval = ovsdb_idl_get_last_error(run.idl);
            ovs_error(0, "%s: database connection failed (%s)", options->db,
                      ovs_retval_to_string(retval));
            result = CTL_FAILED;
        } else if (ctl_view_is_ready(&run.view, run.idl)
                   && (run.view.fetching
                       || seqno != ovsdb_idl_get_seqno(run.idl))) {
            run.view.fetching = false;
            seqno = ovsdb_idl_get_seqno(run.idl);
            result = try_run(&run);
        }
        if (result == CTL_AGAIN && seqno == ovsdb_idl_get_seqno(run.idl)) {
            ovsdb_idl_wait(run.idl);
            poll_block();
        }
    }

    clear_output(&run);
    ctl_view_destroy(&run.view);
    ovsdb_idl_destroy(run.idl);
    return result == CTL_DONE ? EXIT_SUCCESS : EXIT_FAILURE;
}

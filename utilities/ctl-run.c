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
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db-ctl-base.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "timeval.h"
#include "util.h"
#include "utilities/ctl-canary.h"
#include "utilities/ctl-check.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-plan-task.h"
#include "utilities/ctl-plan.h"
#include "utilities/ctl-prepare.h"
#include "utilities/ctl-sync.h"
#include "utilities/ctl-task.h"
#include "utilities/ctl-view.h"

VLOG_DEFINE_THIS_MODULE(dvsctl_run);

/* How long to wait for the controller, in ms, before saying so. */
#define WAIT_NOTE_MSEC 3000

/* How long a run in a daemon that has lost the database waits for it, in ms:
 * longer than Open vSwitch waits from one attempt to connect to the next. */
#define RECONNECT_MSEC 10000

enum ctl_result { CTL_DONE, CTL_FAILED, CTL_AGAIN };

/* Initializes 'ctx' as the context of commands of 'run', which are executed
 * within 'txn'; all but 'run' is null for their prerequisites. */
void
ctl_run_context_init(struct dvsctl_context *ctx, struct ctl_run *run,
                     struct ovsdb_idl_txn *txn,
                     struct ovsdb_symbol_table *symtab,
                     const struct dvsrec_dvs_global *global)
{
    memset(ctx, 0, sizeof *ctx);
    ctl_context_init(&ctx->base, NULL, run->idl, txn, symtab, NULL);
    ctx->view = &run->view;
    ctx->global = global;
    ctx->waits = run->options->wait != CTL_WAIT_NONE;
    ctx->force_wait = &run->force_wait;
    ctx->plan = &run->plan;
    ctx->last_event = &run->last_event;
    ctx->rates = &run->rates;
    ctx->again_at = &run->again_at;
    ctx->live_output = run->sync ? NULL : &run->output;
}

/* Adds what 'format' yields to the lines for stderr. */
static void OVS_PRINTF_FORMAT(2, 3)
put_error(struct ctl_run *run, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(&run->errors, xvasprintf(format, args));
    va_end(args);
}

static void
set_state(struct ctl_run *run, enum ctl_run_state state)
{
    run->state = state;
    run->since = time_msec();
}

static void
finish(struct ctl_run *run, int status)
{
    run->status = status;
    set_state(run, CTL_RUN_DONE);
}

/* Ends 'run' with 'error', which it frees. */
static void
fail(struct ctl_run *run, char *error)
{
    svec_add_nocopy(&run->errors, error);
    finish(run, EXIT_FAILURE);
}

/* Makes 'run' execute its commands again: once the database has changed or,
 * if 'fetch' is true, once what is missing has come in. */
static void
read_again(struct ctl_run *run, bool fetch)
{
    run->ticket = run->sync && fetch ? ctl_sync_request(run->sync) : 0;
    set_state(run, CTL_RUN_READING);
}

/* Executes the commands, and takes what they ask for into 'plan' if that is
 * nonnull. */
static enum ctl_result
run_commands(struct ctl_run *run, struct ctl_plan *plan, char **errorp)
{
    struct dvsctl_context *ctx = &run->ctx;

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
        if (plan) {
            ctl_plan_note_tasks(plan, &ctx->base);
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
put_oneline(struct ds *in, struct ds *out)
{
    ds_chomp(in, '\n');
    for (size_t i = 0; i < in->length; i++) {
        int c = in->string[i];

        if (c == '\n') {
            ds_put_cstr(out, "\\n");
        } else if (c == '\\') {
            ds_put_cstr(out, "\\\\");
        } else {
            ds_put_char(out, c);
        }
    }
    ds_put_char(out, '\n');
}

/* Puts out what the commands have put out. */
static void
put_output(struct ctl_run *run)
{
    table_format_reset();
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (c->table) {
            struct table_style style = run->options->style;

            /* "list" and "find" print as in ovs-vsctl. */
            if (!run->options->format_given) {
                bool list = ctl_is_generic(c->syntax->name) && !run->plan;

                style.format = list ? TF_LIST : TF_TABLE;
            }
            table_format(c->table, &style, &run->output);
        } else if (run->options->oneline) {
            put_oneline(&c->output, &run->output);
        } else {
            ds_put_cstr(&run->output, ds_cstr(&c->output));
        }
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
run_postprocess(struct ctl_run *run)
{
    struct ctl_context *ctx = &run->ctx.base;

    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (c->syntax->postprocess) {
            ctl_context_init_command(ctx, c, false);
            c->syntax->postprocess(ctx);

            char *error = ctx->error;
            ctx->error = NULL;
            ctl_context_done_command(ctx, c);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* Frees the transaction of 'run', which must have been committed or
 * aborted, or at least sent. */
static void
end_txn(struct ctl_run *run)
{
    if (run->txn) {
        ctl_context_done(&run->ctx.base, NULL);
        ovsdb_symbol_table_destroy(run->symtab);
        ovsdb_idl_txn_destroy(run->txn);
        run->txn = NULL;
    }
}

/* Ends a run whose change, if any, is in the database and has been waited
 * for. */
static void
succeed(struct ctl_run *run)
{
    put_output(run);
    ds_clear(&run->progress);
    if (run->next_cfg) {
        ctl_tasks_put_results(&run->touched, run->idl, &run->output);
    }
    finish(run, (run->next_cfg
                 && ctl_touched_put_faults(&run->touched, run->idl,
                                           &run->errors)
                 ? EXIT_FAILURE : EXIT_SUCCESS));
}

static void step_waiting(struct ctl_run *);

/* Waits until the controller has got as far as 'run->next_cfg', or ends the
 * run if that is 0. */
static void
wait_or_succeed(struct ctl_run *run)
{
    if (run->next_cfg) {
        /* Without this, a lost connection would never come back, and we would
         * wait for a change that we cannot see. */
        ovsdb_idl_enable_reconnect(run->idl);
        set_state(run, CTL_RUN_WAITING);
        /* What is waited for may have come along with the server's answer;
         * then nothing else would wake us. */
        step_waiting(run);
    } else {
        succeed(run);
    }
}

/* Goes on with the transaction that was sent last, of which it turns out only
 * now that it was committed.  Commands that were to learn from the server's
 * answer what to print, print nothing. */
static void
go_on_committed(struct ctl_run *run)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(run->idl);

    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (c->syntax->postprocess
            && c->syntax->postprocess != ctl_task_post) {
            ds_clear(&c->output);
        }
    }
    /* What it was then is not known; by now, it is no less. */
    run->next_cfg = run->increment && global ? global->next_cfg : 0;
    wait_or_succeed(run);
}

/* Goes on once the transaction has been committed, with a change if 'changed'
 * is true. */
static void
finish_commit(struct ctl_run *run, bool changed)
{
    if (changed && run->increment) {
        run->next_cfg = ovsdb_idl_txn_get_increment_new_value(run->txn);
    }
    ctl_touched_resolve(&run->touched, run->txn);
    char *error = run_postprocess(run);
    end_txn(run);

    if (error) {
        fail(run, error);
    } else {
        wait_or_succeed(run);
    }
}

/* Commits, or asks whether what was sent has been committed. */
static void
step_committing(struct ctl_run *run)
{
    enum ovsdb_idl_txn_status status = ovsdb_idl_txn_commit(run->txn);

    switch (status) {
    case TXN_INCOMPLETE:
        break;

    case TXN_UNCHANGED:
    case TXN_SUCCESS:
        finish_commit(run, status == TXN_SUCCESS);
        break;

    case TXN_TRY_AGAIN:
        end_txn(run);
        read_again(run, true);
        break;

    case TXN_ERROR: {
        char *error = xasprintf("transaction error: %s",
                                ovsdb_idl_txn_get_error(run->txn));
        end_txn(run);
        fail(run, error);
        break;
    }

    case TXN_ABORTED:
    case TXN_NOT_LOCKED:
    case TXN_UNCOMMITTED:
    default:
        OVS_NOT_REACHED();      /* We neither abort nor take a lock. */
    }
}

/* Puts what the commands would do in place of their output.  Returns null, or
 * a fault that the caller frees. */
static char *
finish_plan(struct ctl_run *run, struct ctl_plan *plan)
{
    struct ctl_context *ctx = &run->ctx.base;

    clear_output(run);
    ctl_context_init_command(ctx, &run->commands[0], true);

    char *error = ctl_plan_finish(plan, ctx);
    if (!error) {
        error = ctx->error;
        ctx->error = NULL;
    }
    ctl_context_done_command(ctx, &run->commands[0]);
    return error;
}

/* Executes the commands, or finds out what they would do.  Stores a fault in
 * '*errorp', which the caller frees. */
static enum ctl_result
run_or_plan(struct ctl_run *run, char **errorp)
{
    bool nobody = run->options->no_canary;
    const char *hosts = nobody ? NULL : run->options->canary;
    bool rollout = hosts || nobody;
    struct ctl_canary canary;
    struct ctl_plan plan;
    enum ctl_result result = CTL_DONE;

    ctl_plan_init(&plan);
    ctl_canary_init(&canary);
    *errorp = run->plan ? ctl_plan_begin(&plan, run->idl) : NULL;
    if (!*errorp && rollout) {
        *errorp = ctl_canary_begin(&canary, run->idl);
    }
    if (!*errorp) {
        result = run_commands(run, run->plan ? &plan : NULL, errorp);
    }
    if (!*errorp && result == CTL_DONE && rollout) {
        *errorp = ctl_canary_finish(&canary, &run->ctx.base, hosts);
        if (run->plan) {
            ctl_plan_note_tasks(&plan, &run->ctx.base);
        }
    }
    if (!*errorp && result == CTL_DONE) {
        *errorp = check_symbols(run->symtab);
    }
    if (!*errorp && result == CTL_DONE && run->plan) {
        *errorp = finish_plan(run, &plan);
    }
    ctl_canary_destroy(&canary);
    ctl_plan_destroy(&plan);
    return *errorp ? CTL_FAILED : result;
}

/* Tries to carry out the run on the database as it is now. */
static void
execute(struct ctl_run *run)
{
    const struct ctl_run_options *options = run->options;

    if (ctl_task_is_there(&run->touched, run->idl)) {
        go_on_committed(run);
        return;
    }
    clear_output(run);
    ctl_touched_destroy(&run->touched);
    ctl_touched_init(&run->touched);
    run->seqno = ovsdb_idl_get_seqno(run->idl);
    run->view.fetching = false;
    run->force_wait = false;
    run->next_cfg = run->again_at = 0;

    run->txn = ovsdb_idl_txn_create(run->idl);
    if (options->dry_run) {
        ovsdb_idl_txn_set_dry_run(run->txn);
    }
    ovsdb_idl_txn_add_comment(run->txn, "dvsctl: %s", run->args);

    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(run->idl);
    if (!global && ctl_might_write_to_db(run->commands, run->n_commands)) {
        global = dvsrec_dvs_global_insert(run->txn);
    }

    run->symtab = ovsdb_symbol_table_create();
    ctl_run_context_init(&run->ctx, run, run->txn, run->symtab, global);

    char *error = NULL;
    enum ctl_result result = run_or_plan(run, &error);
    if (result == CTL_DONE && run->plan) {
        ovsdb_idl_txn_abort(run->txn);
        end_txn(run);
        succeed(run);
    } else if (result != CTL_DONE) {
        ovsdb_idl_txn_abort(run->txn);
        end_txn(run);
        if (error) {
            fail(run, error);
        } else {
            read_again(run, false);
        }
    } else {
        run->increment = (options->wait != CTL_WAIT_NONE && !options->dry_run
                          && ctl_concerns_controller(run) && global);
        if (run->increment) {
            ovsdb_idl_txn_increment(run->txn, &global->header_,
                                    &dvsrec_dvs_global_col_next_cfg,
                                    run->force_wait);
        }
        ctl_touched_collect(&run->touched, run->idl);
        set_state(run, CTL_RUN_COMMITTING);
        step_committing(run);
    }
}

/* Returns true if there is a point in executing the commands now.
 *
 * There is none in trying more than once for a version of the database, or
 * rather, for what we see of it: if the transaction failed, the database has
 * changed, and only an up-to-date view of it can make a difference. */
static bool
is_readable(const struct ctl_run *run)
{
    if (run->ticket) {
        return ctl_sync_is_done(run->sync, run->ticket);
    }
    return (ctl_view_is_ready(&run->view, run->idl)
            && (run->view.fetching
                || (run->again_at && time_msec() >= run->again_at)
                || run->seqno != ovsdb_idl_get_seqno(run->idl)));
}

/* Fails if the database cannot be reached, or executes the commands if they
 * can be and, for the sake of other runs, may be. */
static void
step_reading(struct ctl_run *run, bool may_execute)
{
    const struct ctl_run_options *options = run->options;
    bool lost = (run->sync
                 ? (run->ticket && !options->retry
                    && !ovsdb_idl_is_connected(run->idl)
                    && time_msec() >= run->since + RECONNECT_MSEC)
                 : !ovsdb_idl_is_alive(run->idl));

    if (lost) {
        int error = ovsdb_idl_get_last_error(run->idl);

        fail(run, (error
                   ? xasprintf("%s: database connection failed (%s)",
                               options->db, ovs_retval_to_string(error))
                   : xasprintf("%s: database connection failed",
                               options->db)));
    } else if (may_execute && is_readable(run)) {
        execute(run);
    }
}

/* Looks whether the controller, and with --wait=hosts the hosts, have carried
 * out the change that has raised next_cfg. */
static void
step_waiting(struct ctl_run *run)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(run->idl);
    const struct ctl_run_options *options = run->options;
    bool hosts = options->wait == CTL_WAIT_HOSTS;
    long long int passed = time_msec() - run->since;

    if (global && !run->controller_done
        && global->controller_cfg >= run->next_cfg) {
        run->controller_done = true;
        if (options->print_wait_time) {
            ds_put_format(&run->output, "controller: %lld ms\n", passed);
        }
    }
    bool tasks_done = (run->controller_done
                       && ctl_tasks_are_done(&run->touched, run->idl,
                                             &run->progress));
    if (tasks_done
        && (!hosts || (global && global->hosts_cfg >= run->next_cfg))) {
        if (hosts && options->print_wait_time) {
            ds_put_format(&run->output, "hosts: %lld ms\n", passed);
        }
        succeed(run);
    } else if (!run->sync && !run->noted && passed >= WAIT_NOTE_MSEC
               && (tasks_done || !run->controller_done)) {
        run->noted = true;
        put_error(run, "the change is in the database; still waiting for "
                  "%s (--no-wait does not wait, --timeout limits it)",
                  run->controller_done ? "the hosts to carry it out"
                  : "dvs-controller to take it up; is it running?");
    }
}

/* Goes on with 'run', after ovsdb_idl_run().  It executes commands only if
 * 'may_execute' is true; while a run is in CTL_RUN_COMMITTING, others that
 * share its connection must not, so that each sees what the other has done.
 * Returns true if the run is done. */
bool
ctl_run_step(struct ctl_run *run, bool may_execute)
{
    if (run->state != CTL_RUN_COMMITTING && run->state != CTL_RUN_DONE
        && time_msec() >= run->deadline) {
        put_error(run, "timed out after %u seconds", run->options->timeout);
        finish(run, EXIT_FAILURE);
    }

    switch (run->state) {
    case CTL_RUN_READING:
        step_reading(run, may_execute);
        break;
    case CTL_RUN_COMMITTING:
        step_committing(run);
        break;
    case CTL_RUN_WAITING:
        step_waiting(run);
        break;
    case CTL_RUN_DONE:
        break;
    }
    return run->state == CTL_RUN_DONE;
}

/* Causes the poll loop to wake up when 'run' has something to do, which is not
 * to execute commands unless 'may_execute' is true.  The caller waits for its
 * IDL. */
void
ctl_run_wait(const struct ctl_run *run, bool may_execute)
{
    switch (run->state) {
    case CTL_RUN_READING:
        if (may_execute && is_readable(run)) {
            poll_immediate_wake();
        } else if (run->ticket && !run->options->retry
                   && !ovsdb_idl_is_connected(run->idl)) {
            poll_timer_wait_until(run->since + RECONNECT_MSEC);
        }
        if (run->again_at && may_execute) {
            poll_timer_wait_until(run->again_at);
        }
        break;
    case CTL_RUN_COMMITTING:
        ovsdb_idl_txn_wait(run->txn);
        break;
    case CTL_RUN_WAITING:
        if (!run->sync && !run->noted) {
            poll_timer_wait_until(run->since + WAIT_NOTE_MSEC);
        }
        break;
    case CTL_RUN_DONE:
        poll_immediate_wake();
        break;
    }
    if (run->deadline != LLONG_MAX) {
        poll_timer_wait_until(run->deadline);
    }
}

/* Creates a run of the 'n' commands of 'commands', in one transaction, as
 * 'options' say.  'args' is the command line, for the log.  All of them, and
 * 'idl', the connection to the database, stay the caller's.
 *
 * What the commands read is registered with 'columns'.  That is 'idl' itself,
 * which is not connected yet and serves this run only, if 'sync' is null;
 * otherwise, 'idl' has all of the database and serves several runs, and
 * 'sync', which belongs to it, tells whether it is up to date. */
struct ctl_run *
ctl_run_create(struct ovsdb_idl *idl, struct ovsdb_idl *columns,
               struct ctl_sync *sync, struct ctl_command *commands, size_t n,
               const char *args, const struct ctl_run_options *options)
{
    struct ctl_run *run = xzalloc(sizeof *run);

    run->options = options;
    run->args = args;
    run->commands = commands;
    run->n_commands = n;
    run->idl = idl;
    run->sync = sync;
    run->last_event = -1;
    run->seqno = ovsdb_idl_get_seqno(idl);
    run->deadline = (sync && options->timeout
                     ? time_msec() + 1000LL * options->timeout : LLONG_MAX);
    ds_init(&run->output);
    ds_init(&run->progress);
    svec_init(&run->errors);
    ctl_view_init(&run->view);
    run->view.everything = sync != NULL;
    ctl_touched_init(&run->touched);
    ctl_rates_init(&run->rates);
    for (size_t i = 0; i < n; i++) {
        ds_init(&commands[i].output);
        commands[i].table = NULL;
    }

    read_again(run, true);
    char *error = ctl_prepare(run, columns);
    if (error) {
        fail(run, error);
    }
    return run;
}

/* Frees 'run'.  If it is not done, nobody will learn what becomes of a
 * transaction that has been sent. */
void
ctl_run_destroy(struct ctl_run *run)
{
    if (run) {
        end_txn(run);
        clear_output(run);
        ctl_touched_destroy(&run->touched);
        ctl_view_destroy(&run->view);
        ctl_rates_destroy(&run->rates);
        ds_destroy(&run->output);
        ds_destroy(&run->progress);
        svec_destroy(&run->errors);
        free(run);
    }
}

/* Keeps the line that tells a terminal how far 'run' is, 'shown' at present,
 * up to date. */
static void
print_progress(const struct ctl_run *run, struct ds *shown)
{
    const char *now = ds_cstr_ro(&run->progress);

    if (strcmp(now, ds_cstr(shown)) && isatty(STDERR_FILENO)) {
        fprintf(stderr, "\r%-*s%s", (int) shown->length, now,
                now[0] ? "" : "\r");
        fflush(stderr);
        ds_clear(shown);
        ds_put_cstr(shown, now);
    }
}

/* Prints what has come out of 'run' up to now. */
static void
print_output(struct ctl_run *run)
{
    fputs(ds_cstr(&run->output), stdout);
    fflush(stdout);
    ds_clear(&run->output);

    for (size_t i = 0; i < run->errors.n; i++) {
        ovs_error(0, "%s", run->errors.names[i]);
    }
    svec_clear(&run->errors);
}

/* Runs the 'n' commands of 'commands', in one transaction, as 'options' say.
 * 'args' is the command line, for the log.  Prints the commands' output, or a
 * fault.  Returns the exit status: 0 if successful, 1 after a fault. */
int
ctl_run(struct ctl_command *commands, size_t n, const char *args,
        const struct ctl_run_options *options)
{
    struct ovsdb_idl *idl = ovsdb_idl_create_unconnected(&dvsrec_idl_class,
                                                         false);

    ovsdb_idl_set_shuffle_remotes(idl, options->shuffle_remotes);
    ovsdb_idl_set_remote(idl, options->db, options->retry);
    ovsdb_idl_set_leader_only(idl, options->leader_only);
    ovsdb_idl_set_db_change_aware(idl, false);
    ovsdb_idl_add_column(idl, &dvsrec_dvs_global_col_next_cfg);
    ovsdb_idl_add_column(idl, &dvsrec_dvs_global_col_controller_cfg);
    ovsdb_idl_add_column(idl, &dvsrec_dvs_global_col_hosts_cfg);

    struct ctl_run *run = ctl_run_create(idl, idl, NULL, commands, n, args,
                                         options);

    /* Two clients may change different properties of one setting at the same
     * time: write only what changes. */
    ovsdb_idl_set_write_changed_only_all(idl, true);
    ctl_view_apply(&run->view, idl);
    struct ds shown = DS_EMPTY_INITIALIZER;
    for (;;) {
        ovsdb_idl_run(idl);

        bool done = ctl_run_step(run, true);
        print_progress(run, &shown);
        print_output(run);
        if (done) {
            break;
        }
        ctl_run_wait(run, true);
        ovsdb_idl_wait(idl);
        poll_block();
    }

    int status = run->status;
    ds_destroy(&shown);
    ctl_run_destroy(run);
    ovsdb_idl_destroy(idl);
    return status;
}

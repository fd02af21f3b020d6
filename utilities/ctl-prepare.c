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
 *
 * What a run of commands reads of the database, and whom it concerns: known
 * from the commands, before they are executed. */

#include <config.h>

#include "utilities/ctl-prepare.h"

#include <string.h>

#include "db-ctl-base.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"
#include "utilities/ctl-canary.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-plan-task.h"
#include "utilities/ctl-plan.h"
#include "utilities/ctl-run.h"

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
bool
ctl_is_generic(const char *name)
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
bool
ctl_concerns_controller(const struct ctl_run *run)
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
prepare_generic(struct ctl_run *run, struct ovsdb_idl *columns,
                const struct ctl_command *c)
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
        { &dvsrec_table_task,
          { &dvsrec_task_col_state, &dvsrec_task_col_fault,
            &dvsrec_task_col_progress } },
    };

    run->view.everything = true;
    if (c->syntax->mode != RW || c->argc < 2) {
        return;
    }
    ovsdb_idl_add_column(columns, &dvsrec_switch_col_name);
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (!strcasecmp(c->argv[1], tables[i].table->name)) {
            for (size_t j = 0; j < 3 && tables[i].columns[j]; j++) {
                ovsdb_idl_add_column(columns, tables[i].columns[j]);
            }
        }
    }
}

/* Has 'need' say what it reads of the database, and registers that with
 * 'columns'. */
static void
prepare_for(struct ctl_run *run, struct ovsdb_idl *columns,
            void (*need)(struct ctl_context *))
{
    struct dvsctl_context ctx;

    ctl_run_context_init(&ctx, run, NULL, NULL, NULL);
    ctx.base.idl = columns;
    need(&ctx.base);
}

/* Returns true if 'c' may insert or change a row of table Task by itself. */
static bool
writes_tasks(const struct ctl_command *c)
{
    return (ctl_is_generic(c->syntax->name) && c->syntax->mode == RW
            && c->argc >= 2 && !strcasecmp(c->argv[1], "Task"));
}

/* Lets each command say what it reads of the database, and registers that with
 * 'columns'.  Returns null if successful, otherwise an error that the caller
 * frees. */
char *
ctl_prepare(struct ctl_run *run, struct ovsdb_idl *columns)
{
    if (run->options->plan) {
        prepare_for(run, columns, ctl_plan_need);
        run->plan = true;
    }
    if (run->options->canary || run->options->no_canary) {
        prepare_for(run, columns, ctl_canary_need);
    }
    for (size_t i = 0; i < run->n_commands; i++) {
        struct ctl_command *c = &run->commands[i];

        if (ctl_is_generic(c->syntax->name)) {
            prepare_generic(run, columns, c);
        }
        if (c->syntax->prerequisites) {
            struct dvsctl_context ctx;

            ctl_run_context_init(&ctx, run, NULL, NULL, NULL);
            ctx.base.idl = columns;
            ctl_context_init_command(&ctx.base, c, false);
            c->syntax->prerequisites(&ctx.base);

            char *error = ctx.base.error;
            ctx.base.error = NULL;
            ctl_context_done(&ctx.base, c);
            if (error) {
                return error;
            }
        }
    }
    for (size_t i = 0; i < run->n_commands && run->plan; i++) {
        if (writes_tasks(&run->commands[i])) {
            prepare_for(run, columns, ctl_plan_need_checkpoints);
        }
    }
    return NULL;
}

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

/* dvsctl: the command line of the distributed virtual switch.
 *
 * This file is what the program does, and its help.  A run of commands is
 * ctl-run.c's, the daemon mode ctl-daemon.c's, the commands are the other
 * ctl-*.c files'. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "command-line.h"
#include "db-ctl-base.h"
#include "dirs.h"
#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "process.h"
#include "schema/dvs-idl.h"
#include "stream.h"
#include "svec.h"
#include "table.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-daemon.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-options.h"
#include "utilities/ctl-run.h"

VLOG_DEFINE_THIS_MODULE(dvsctl);

static const struct dvsctl_family {
    const char *title;
    const struct dvsctl_command *commands;
    const char *keys_title;
    const struct ctl_key *keys;     /* Null if its commands take none. */
} families[] = {
    { "General commands", dvsctl_general_commands, NULL, NULL },
    { "Switch commands", dvsctl_switch_commands,
      "Keys of add-switch and set-switch", dvsctl_switch_keys },
    { "Host commands", dvsctl_host_commands, "Keys of set-host",
      dvsctl_host_keys },
    { "Portgroup commands", dvsctl_portgroup_commands,
      "Keys of add-portgroup and set-portgroup, besides those of a policy",
      dvsctl_portgroup_keys },
    { "Port commands", dvsctl_port_commands,
      "Keys of set-port, besides those of a policy", dvsctl_port_keys },
    { "NIC commands", dvsctl_nic_commands, "Keys of connect",
      dvsctl_nic_keys },
    { "Policy commands", dvsctl_policy_commands, "Keys of a policy",
      dvsctl_policy_keys },
    { "Traffic rule commands", dvsctl_rule_commands, "Keys of add-rule",
      dvsctl_rule_keys },
    { "Private VLAN commands", dvsctl_pvlan_commands, NULL, NULL },
    { "LAG commands", dvsctl_lag_commands, "Keys of add-lag and set-lag",
      dvsctl_lag_keys },
    { "Traffic class commands", dvsctl_class_commands,
      "Keys of set-traffic-class", dvsctl_class_keys },
    { "Resource pool commands", dvsctl_pool_commands,
      "Keys of add-pool and set-pool", dvsctl_pool_keys },
    { "Document commands", dvsctl_document_commands, NULL, NULL },
    { "Plan commands", dvsctl_plan_commands, NULL, NULL },
    { "State commands", dvsctl_state_commands, NULL, NULL },
    { "Task commands", dvsctl_task_commands, NULL, NULL },
    { "Connection commands", dvsctl_connection_commands, NULL, NULL },
};

/* How generic database commands may name the rows of a table besides by
 * UUID. */
static const struct ctl_table_class table_classes[DVSREC_N_TABLES] = {
    [DVSREC_TABLE_SWITCH].row_ids = {
        { &dvsrec_switch_col_name, NULL, NULL } },
    [DVSREC_TABLE_PORTGROUP].row_ids = {
        { &dvsrec_portgroup_col_name, NULL, NULL } },
    [DVSREC_TABLE_PORT].row_ids = {
        { &dvsrec_port_col_key, NULL, NULL },
        { &dvsrec_port_col_name, NULL, NULL } },
    [DVSREC_TABLE_PORT_SETTING].row_ids = {
        { &dvsrec_portgroup_col_name, NULL, &dvsrec_portgroup_col_setting },
        { &dvsrec_switch_col_name, NULL, &dvsrec_switch_col_default_setting },
    },
    [DVSREC_TABLE_HOST_MEMBER].row_ids = {
        { &dvsrec_host_member_col_host, NULL, NULL } },
    [DVSREC_TABLE_LAG].row_ids = { { &dvsrec_lag_col_name, NULL, NULL } },
    [DVSREC_TABLE_MIRROR].row_ids = {
        { &dvsrec_mirror_col_name, NULL, NULL } },
    [DVSREC_TABLE_TRAFFIC_CLASS].row_ids = {
        { &dvsrec_traffic_class_col_name, NULL, NULL } },
    [DVSREC_TABLE_RESOURCE_POOL].row_ids = {
        { &dvsrec_resource_pool_col_name, NULL, NULL } },
    [DVSREC_TABLE_VNIC].row_ids = { { &dvsrec_vnic_col_id, NULL, NULL } },
    [DVSREC_TABLE_HOST].row_ids = { { &dvsrec_host_col_name, NULL, NULL } },
    [DVSREC_TABLE_PHYSICAL_NIC].row_ids = {
        { &dvsrec_physical_nic_col_name, NULL, NULL } },
    [DVSREC_TABLE_PORT_STATE].row_ids = {
        { &dvsrec_port_state_col_nic, NULL, NULL } },
    [DVSREC_TABLE_PROXY_PORT].row_ids = {
        { &dvsrec_proxy_port_col_nic, NULL, NULL } },
    [DVSREC_TABLE_PROXY_STATE].row_ids = {
        { &dvsrec_proxy_state_col_host, NULL, NULL } },
    [DVSREC_TABLE_CONNECTION].row_ids = {
        { &dvsrec_connection_col_target, NULL, NULL } },
    [DVSREC_TABLE_RBAC_ROLE].row_ids = {
        { &dvsrec_rbac_role_col_name, NULL, NULL } },
    [DVSREC_TABLE_RBAC_PERMISSION].row_ids = {
        { &dvsrec_rbac_permission_col_table, NULL, NULL } },
};

/* Registers the commands of all families with db-ctl-base, which keeps what
 * it is given until the program ends. */
static void
register_commands(void)
{
    size_t n = 0;

    ctl_init(&dvsrec_idl_class, dvsrec_table_classes, table_classes, NULL,
             NULL);
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        const struct dvsctl_command *c;

        for (c = families[i].commands; c->syntax.name; c++) {
            n++;
        }
    }

    struct ctl_command_syntax *all = xcalloc(n + 1, sizeof *all);
    n = 0;
    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        const struct dvsctl_command *c;

        for (c = families[i].commands; c->syntax.name; c++) {
            all[n++] = c->syntax;
        }
    }
    ctl_register_commands(all);
}

/* Help. */

#define HELP_COLUMN 38          /* Where explanations begin. */

static void
print_help_line(const char *what, const char *help)
{
    if (strlen(what) > HELP_COLUMN - 4) {
        printf("  %s\n%*s%s\n", what, HELP_COLUMN, "", help);
    } else {
        printf("  %-*s%s\n", HELP_COLUMN - 2, what, help);
    }
}

static void
print_command_help(const struct dvsctl_command *command)
{
    const struct ctl_command_syntax *syntax = &command->syntax;
    char *options = xstrdup(syntax->options);
    struct ds usage = DS_EMPTY_INITIALIZER;
    char *save_ptr = NULL;

    for (char *option = strtok_r(options, ",", &save_ptr); option;
         option = strtok_r(NULL, ",", &save_ptr)) {
        ds_put_format(&usage, "[%s%s] ", option,
                      option[strlen(option) - 1] == '=' ? "ARG" : "");
    }
    ds_put_format(&usage, "%s%s%s", syntax->name,
                  syntax->arguments[0] ? " " : "", syntax->arguments);
    print_help_line(ds_cstr(&usage), command->help);
    ds_destroy(&usage);
    free(options);
}

static void
print_keys_help(const struct ctl_key *keys)
{
    for (const struct ctl_key *key = keys; key->name; key++) {
        char *what = xasprintf("%s=%s", key->name, key->values);

        print_help_line(what, key->help);
        free(what);
    }
}

/* Returns the database to connect to without --db.  The caller frees it. */
static char *
get_default_db(void)
{
    const char *env = getenv("DVS_DB");

    return (env && env[0] ? xstrdup(env)
            : xasprintf("unix:%s/dvs_db.sock", ovs_rundir()));
}

static void
usage(void)
{
    char *default_db = get_default_db();

    printf("%s: command line of the distributed virtual switch\n"
           "usage: %s [OPTION]... COMMAND [ARG]... [-- COMMAND [ARG]...]...\n",
           program_name, program_name);

    for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
        const struct dvsctl_family *family = &families[i];
        const struct dvsctl_command *c;

        printf("\n%s:\n", family->title);
        for (c = family->commands; c->syntax.name; c++) {
            print_command_help(c);
        }
        if (family->keys) {
            printf("%s:\n", family->keys_title);
            print_keys_help(family->keys);
        }
    }

    printf("\n\
SWITCH is a switch's name, PORTGROUP is SWITCH/PORTGROUP or, where only one\n\
switch has a portgroup of that name, PORTGROUP, and SWITCH:KEY is a port.\n\
TARGET is any of these.\n\
\n%s%s\n", ctl_get_db_cmd_usage(), ctl_list_db_tables_usage());

    printf("\
Options:\n\
  --db=DATABASE               connect to DATABASE\n\
                              (default: %s)\n\
  --wait=none|controller|hosts  wait until the controller, or all hosts too,\n\
                              have taken up the change (default: controller)\n\
  --no-wait                   the same as --wait=none\n\
  --print-wait-time           print how long that took\n\
  -t, --timeout=SECS          wait at most SECS seconds\n\
  --retry                     keep trying to connect to the server\n\
  --dry-run                   do not commit changes to the database\n\
  --plan                      show what would change, and change nothing\n\
  --canary=HOST,...           have these hosts try out the change first\n\
  --no-canary                 have nobody try it out\n\
  --oneline                   print exactly one line of output per command\n\
  --[no-]leader-only          (do not) insist on the leader of a cluster\n\
  --[no-]shuffle-remotes      (do not) shuffle the order of remotes\n\
  -u, --unixctl=SOCKET        have the daemon at SOCKET run the commands\n\
                              (default: $DVS_DAEMON)\n\
  --commands, --options       print all commands, all options, for programs\n",
           default_db);
    printf("\
Daemon options:\n\
  --detach                    run in the background, keep connected to the\n\
                              database, print the socket for DVS_DAEMON\n\
  -u, --unixctl=SOCKET        listen there\n\
  --pidfile[=FILE]            create pidfile (default: %s/%s.pid)\n\
  --overwrite-pidfile         with --pidfile, start even if already running\n\
  --no-chdir                  do not change directory to '/'\n\
  --monitor                   start again if killed by a signal\n\
  --user=USER[:GROUP]         run as USER\n\
  --no-self-confinement       let --unixctl be anywhere\n",
           ovs_rundir(), program_name);
    table_usage();
    vlog_usage();
    printf("\
  --no-syslog                 equivalent to --verbose=syslog:warn\n");
    stream_usage("database", true, true, true);
    printf("\n\
Other options:\n\
  -h, --help                  display this help message\n\
  -V, --version               display version information\n");
    free(default_db);
}

/* Reports 'error', a mistake on the command line, which it frees.  Returns the
 * exit status. */
static int
usage_error(char *error)
{
    ovs_error(0, "%s", error);
    free(error);
    return EXIT_USAGE;
}

/* Prints what 'action', which is not to run commands, asks for.  Some of it
 * ends the program. */
static void
print_information(enum ctl_action action)
{
    switch (action) {
    case CTL_PRINT_HELP:
        usage();
        break;

    case CTL_PRINT_VERSION:
        ovs_print_version(0, 0);
        printf("DB Schema %s\n", dvsrec_get_db_version());
        break;

    case CTL_PRINT_COMMANDS:
        ctl_print_commands();
        break;

    case CTL_PRINT_OPTIONS:
        ctl_options_print();
        break;

    case CTL_RUN_COMMANDS:
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns an error if an option of 'options' has no place where it is, with
 * --detach or, if 'client' is true, in a run through a daemon. */
static char *
check_options(const struct ctl_options *options, bool client, int n_args)
{
    if (options->detach) {
        if (n_args) {
            return xstrdup("--detach takes no command");
        } else if (options->run_option) {
            return xasprintf("--%s is an option of a run, not of --detach",
                             options->run_option);
        }
    } else if (options->daemon_option) {
        return xasprintf("--%s has no effect without --detach",
                         options->daemon_option);
    } else if (client && options->connect_option) {
        return xasprintf("--%s has no effect in a run through a daemon, which "
                         "has its own connection", options->connect_option);
    }
    return NULL;
}

/* Has the daemon at 'socket' run the commands of 'argv', 'argc' of them, as
 * 'options' say.  Returns the exit status. */
static int
run_client(const struct ctl_options *options, const char *socket,
           int argc, char *argv[])
{
    struct svec args = SVEC_EMPTY_INITIALIZER;
    const char *timeout = getenv("OVS_CTL_TIMEOUT");

    /* The daemon gives up, too, when we do. */
    if (timeout && timeout[0] && !options->run.timeout) {
        svec_add_nocopy(&args, xasprintf("--timeout=%s", timeout));
    }
    svec_append(&args, &options->run_args);
    svec_add(&args, "--");
    for (int i = 0; i < argc; i++) {
        svec_add(&args, argv[i]);
    }
    int status = ctl_client(socket, &args);
    svec_destroy(&args);
    return status;
}

/* Runs the commands of 'argv', 'argc' of them, by way of the daemon at
 * 'socket' or, if that is null, directly.  Returns the exit status. */
static int
run_commands(struct ctl_options *options, const char *socket,
             int argc, char *argv[], const char *args)
{
    struct ctl_command *commands;
    size_t n_commands;
    int status;

    /* A client checks the command line, too: a mistake on it should look the
     * same with a daemon and without. */
    char *error = ctl_parse_commands(argc, argv, &options->local_options,
                                     &commands, &n_commands);
    if (error) {
        return usage_error(error);
    }

    ctl_timeout_setup(options->run.timeout);
    if (socket) {
        status = run_client(options, socket, argc, argv);
    } else {
        ctl_tls_apply(&options->tls);
        VLOG(ctl_might_write_to_db(commands, n_commands)
             ? VLL_INFO : VLL_DBG, "Called as %s", args);
        status = ctl_run(commands, n_commands, args, &options->run);
    }

    for (size_t i = 0; i < n_commands; i++) {
        shash_destroy_free_data(&commands[i].options);
    }
    free(commands);
    return status;
}

/* Does what 'options' and the commands of 'argv', 'argc' of them, say.
 * Returns the exit status. */
static int
run_options(struct ctl_options *options, int argc, char *argv[],
            const char *args)
{
    const char *env = getenv("DVS_DAEMON");
    const char *socket = NULL;

    if (options->unixctl) {
        socket = options->unixctl;
    } else if (env && env[0] && !options->run.db) {
        socket = env;           /* --db is closer to the user than that. */
    }

    bool client = socket && !options->detach;
    char *error = check_options(options, client, argc);
    if (error) {
        return usage_error(error);
    }

    char *default_db = get_default_db();
    if (!options->run.db) {
        options->run.db = default_db;
    }

    int status = (options->detach ? ctl_daemon(options)
                  : run_commands(options, client ? socket : NULL, argc, argv,
                                 args));
    free(default_db);
    return status;
}

int
main(int argc, char *argv[])
{
    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], VERSION);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    vlog_set_levels_from_string_assert("unixctl:console:err");
    register_commands();

    struct ctl_options options;
    char *error = ctl_options_parse(&options, argc, argv);
    if (error) {
        return usage_error(error);
    }

    int status = EXIT_SUCCESS;
    enum ctl_action action = options.action;
    if (action == CTL_RUN_COMMANDS) {
        char *args = process_escape_args(argv);

        status = run_options(&options, argc - options.n_args,
                             argv + options.n_args, args);
        free(args);
    }
    ctl_options_destroy(&options);

    /* Only now, so that what ends the program leaves no leak. */
    if (action != CTL_RUN_COMMANDS) {
        print_information(action);
    }
    return status;
}

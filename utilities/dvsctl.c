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
 * This file is options and help.  A run of commands is ctl-run.c's, the
 * commands are the other ctl-*.c files'. */

#include <config.h>

#include <getopt.h>
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
#include "stream-ssl.h"
#include "stream.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-run.h"

VLOG_DEFINE_THIS_MODULE(dvsctl);

/* Exit status after a mistake on the command line. */
#define EXIT_USAGE 2

static const struct dvsctl_family {
    const char *title;
    const struct dvsctl_command *commands;
    const char *keys_title;
    const struct ctl_key *keys;     /* Null if its commands take none. */
} families[] = {
    { "General commands", dvsctl_general_commands, NULL, NULL },
    { "Switch commands", dvsctl_switch_commands,
      "Keys of add-switch and set-switch", dvsctl_switch_keys },
    { "Host commands", dvsctl_host_commands, NULL, NULL },
    { "Portgroup commands", dvsctl_portgroup_commands,
      "Keys of add-portgroup and set-portgroup, besides those of a policy",
      dvsctl_portgroup_keys },
    { "Port commands", dvsctl_port_commands,
      "Keys of set-port, besides those of a policy", dvsctl_port_keys },
    { "NIC commands", dvsctl_nic_commands, "Keys of connect",
      dvsctl_nic_keys },
    { "Policy commands", dvsctl_policy_commands, "Keys of a policy",
      dvsctl_policy_keys },
    { "Private VLAN commands", dvsctl_pvlan_commands, NULL, NULL },
    { "State commands", dvsctl_state_commands, NULL, NULL },
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

OVS_NO_RETURN static void
usage(const char *default_db)
{
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
  --oneline                   print exactly one line of output per command\n\
  --[no-]leader-only          (do not) insist on the leader of a cluster\n\
  --[no-]shuffle-remotes      (do not) shuffle the order of remotes\n\
  --commands, --options       print all commands, all options, for programs\n",
           default_db);
    table_usage();
    vlog_usage();
    printf("\
  --no-syslog                 equivalent to --verbose=syslog:warn\n");
    stream_usage("database", true, true, true);
    printf("\n\
Other options:\n\
  -h, --help                  display this help message\n\
  -V, --version               display version information\n");
    exit(EXIT_SUCCESS);
}

/* Reports a mistake on the command line. */
OVS_NO_RETURN OVS_PRINTF_FORMAT(1, 2)
static void
usage_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ovs_error_valist(0, format, args);
    va_end(args);
    exit(EXIT_USAGE);
}

/* Options. */

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_ONELINE,
    OPT_NO_SYSLOG,
    OPT_NO_WAIT,
    OPT_WAIT,
    OPT_PRINT_WAIT_TIME,
    OPT_DRY_RUN,
    OPT_RETRY,
    OPT_COMMANDS,
    OPT_OPTIONS,
    OPT_LEADER_ONLY,
    OPT_NO_LEADER_ONLY,
    OPT_SHUFFLE_REMOTES,
    OPT_NO_SHUFFLE_REMOTES,
    OPT_BOOTSTRAP_CA_CERT,
    OPT_PEER_CA_CERT,
    OPT_LOCAL,                  /* An option of the first command. */
    VLOG_OPTION_ENUMS,
    TABLE_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
};

static const struct option global_options[] = {
    {"db", required_argument, NULL, OPT_DB},
    {"no-syslog", no_argument, NULL, OPT_NO_SYSLOG},
    {"no-wait", no_argument, NULL, OPT_NO_WAIT},
    {"wait", required_argument, NULL, OPT_WAIT},
    {"print-wait-time", no_argument, NULL, OPT_PRINT_WAIT_TIME},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"oneline", no_argument, NULL, OPT_ONELINE},
    {"timeout", required_argument, NULL, 't'},
    {"retry", no_argument, NULL, OPT_RETRY},
    {"help", no_argument, NULL, 'h'},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"leader-only", no_argument, NULL, OPT_LEADER_ONLY},
    {"no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY},
    {"shuffle-remotes", no_argument, NULL, OPT_SHUFFLE_REMOTES},
    {"no-shuffle-remotes", no_argument, NULL, OPT_NO_SHUFFLE_REMOTES},
    {"version", no_argument, NULL, 'V'},
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {NULL, 0, NULL, 0},
};

static enum ctl_wait
parse_wait(const char *s)
{
    if (!strcmp(s, "none")) {
        return CTL_WAIT_NONE;
    } else if (!strcmp(s, "controller")) {
        return CTL_WAIT_CONTROLLER;
    } else if (!strcmp(s, "hosts")) {
        return CTL_WAIT_HOSTS;
    }
    usage_error("argument to --wait must be \"none\", \"controller\" or "
                "\"hosts\"");
}

/* Returns a copy of 'global_options' to which the options of the commands are
 * added, since getopt_long() must know them all.  The caller frees it with
 * free_options(). */
static struct option *
make_options(void)
{
    struct option *options = xmemdup(global_options, sizeof global_options);
    size_t allocated = ARRAY_SIZE(global_options);
    size_t n = ARRAY_SIZE(global_options) - 1;

    ctl_add_cmd_options(&options, &n, &allocated, OPT_LOCAL);
    return options;
}

static void
free_options(struct option *options)
{
    for (size_t i = ARRAY_SIZE(global_options) - 1; options[i].name; i++) {
        free(CONST_CAST(char *, options[i].name));
    }
    free(options);
}

/* Parses the options, the global ones into '*run', those of the first command
 * into 'local_options'.  Returns the value of --timeout.
 *
 * (It is long because it has a case for each option.) */
static unsigned int
parse_options(int argc, char *argv[], struct ctl_run_options *run,
              struct shash *local_options)
{
    /* Static, so that options that end the program leave no leak, however the
     * compiler lets go of them. */
    static struct option *options;
    static char *short_options;
    char *tmp = ovs_cmdl_long_options_to_short_options(global_options);
    unsigned int timeout = 0;

    options = make_options();
    short_options = xasprintf("+%s", tmp);
    free(tmp);
    for (;;) {
        int idx;
        int c = getopt_long(argc, argv, short_options, options, &idx);
        if (c == -1) {
            break;
        }

        switch (c) {
        case OPT_DB:
            run->db = optarg;
            break;
        case OPT_ONELINE:
            run->oneline = true;
            break;
        case OPT_NO_SYSLOG:
            vlog_set_levels(NULL, VLF_SYSLOG, VLL_WARN);
            break;
        case OPT_NO_WAIT:
            run->wait = CTL_WAIT_NONE;
            break;
        case OPT_WAIT:
            run->wait = parse_wait(optarg);
            break;
        case OPT_PRINT_WAIT_TIME:
            run->print_wait_time = true;
            break;
        case OPT_DRY_RUN:
            run->dry_run = true;
            break;
        case OPT_RETRY:
            run->retry = true;
            break;
        case OPT_LEADER_ONLY:
        case OPT_NO_LEADER_ONLY:
            run->leader_only = c == OPT_LEADER_ONLY;
            break;
        case OPT_SHUFFLE_REMOTES:
        case OPT_NO_SHUFFLE_REMOTES:
            run->shuffle_remotes = c == OPT_SHUFFLE_REMOTES;
            break;
        case OPT_LOCAL:
            tmp = xasprintf("--%s", options[idx].name);
            if (shash_find(local_options, tmp)) {
                usage_error("'%s' option specified multiple times", tmp);
            }
            shash_add_nocopy(local_options, tmp, nullable_xstrdup(optarg));
            break;
        case 't':
            if (!str_to_uint(optarg, 10, &timeout) || !timeout) {
                usage_error("value %s on -t or --timeout is invalid", optarg);
            }
            break;
        case 'h':
            usage(run->db);
        case OPT_COMMANDS:
            ctl_print_commands();
            OVS_NOT_REACHED();
        case OPT_OPTIONS:
            ctl_print_options(global_options);
            OVS_NOT_REACHED();
        case 'V':
            ovs_print_version(0, 0);
            printf("DB Schema %s\n", dvsrec_get_db_version());
            exit(EXIT_SUCCESS);

        VLOG_OPTION_HANDLERS
        TABLE_OPTION_HANDLERS(&run->style)
        STREAM_SSL_OPTION_HANDLERS

        case OPT_PEER_CA_CERT:
            stream_ssl_set_peer_ca_cert_file(optarg);
            break;
        case OPT_BOOTSTRAP_CA_CERT:
            stream_ssl_set_ca_cert_file(optarg, true);
            break;
        case '?':
            exit(EXIT_USAGE);
        default:
            OVS_NOT_REACHED();
        }
    }
    free(short_options);
    free_options(options);
    short_options = NULL;
    options = NULL;
    return timeout;
}

int
main(int argc, char *argv[])
{
    ovs_set_program_name(argv[0], VERSION);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    register_commands();

    /* A format that no option sets, to tell whether one has. */
    const enum table_format no_format = TF_JSON + 1;
    const struct table_style default_style = TABLE_STYLE_DEFAULT;
    const char *env_db = getenv("DVS_DB");
    /* Static, as 'args' below: some options and all usage errors exit, and
     * what a static variable points to is no leak then. */
    static char *default_db;
    default_db = (env_db && env_db[0] ? xstrdup(env_db)
                  : xasprintf("unix:%s/dvs_db.sock", ovs_rundir()));
    struct ctl_run_options options = {
        .db = default_db,
        .leader_only = true,
        .shuffle_remotes = true,
        .wait = CTL_WAIT_CONTROLLER,
        .style = default_style,
    };
    options.style.format = no_format;

    static char *args;
    args = process_escape_args(argv);
    struct shash local_options = SHASH_INITIALIZER(&local_options);
    unsigned int timeout = parse_options(argc, argv, &options,
                                         &local_options);
    options.format_given = options.style.format != no_format;

    struct ctl_command *commands;
    size_t n_commands;
    char *error = ctl_parse_commands(argc - optind, argv + optind,
                                     &local_options, &commands, &n_commands);
    if (error) {
        usage_error("%s", error);
    }
    VLOG(ctl_might_write_to_db(commands, n_commands) ? VLL_INFO : VLL_DBG,
         "Called as %s", args);
    ctl_timeout_setup(timeout);

    int retval = ctl_run(commands, n_commands, args, &options);

    for (size_t i = 0; i < n_commands; i++) {
        shash_destroy_free_data(&commands[i].options);
    }
    free(commands);
    shash_destroy(&local_options);
    free(args);
    free(default_db);
    return retval;
}

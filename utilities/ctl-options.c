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

/* dvsctl's options.  See ctl-options.h.
 *
 * The same table serves dvsctl itself and a daemon that runs commands for it.
 * Parsing keeps no state and never ends the program, so that a daemon can do
 * it anew for each run. */

#include <config.h>

#include "utilities/ctl-options.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

#include "command-line.h"
#include "daemon.h"
#include "db-ctl-base.h"
#include "openvswitch/vlog.h"
#include "stream-ssl.h"
#include "util.h"

enum {
    OPT_DB = UCHAR_MAX + 1,
    OPT_ONELINE,
    OPT_NO_SYSLOG,
    OPT_NO_WAIT,
    OPT_WAIT,
    OPT_PRINT_WAIT_TIME,
    OPT_DRY_RUN,
    OPT_PLAN,
    OPT_CANARY,
    OPT_NO_CANARY,
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
    DAEMON_OPTION_ENUMS,
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
    {"plan", no_argument, NULL, OPT_PLAN},
    {"canary", required_argument, NULL, OPT_CANARY},
    {"no-canary", no_argument, NULL, OPT_NO_CANARY},
    {"oneline", no_argument, NULL, OPT_ONELINE},
    {"timeout", required_argument, NULL, 't'},
    {"retry", no_argument, NULL, OPT_RETRY},
    {"unixctl", required_argument, NULL, 'u'},
    {"help", no_argument, NULL, 'h'},
    {"commands", no_argument, NULL, OPT_COMMANDS},
    {"options", no_argument, NULL, OPT_OPTIONS},
    {"leader-only", no_argument, NULL, OPT_LEADER_ONLY},
    {"no-leader-only", no_argument, NULL, OPT_NO_LEADER_ONLY},
    {"shuffle-remotes", no_argument, NULL, OPT_SHUFFLE_REMOTES},
    {"no-shuffle-remotes", no_argument, NULL, OPT_NO_SHUFFLE_REMOTES},
    {"version", no_argument, NULL, 'V'},
    DAEMON_LONG_OPTIONS,
    VLOG_LONG_OPTIONS,
    TABLE_LONG_OPTIONS,
    STREAM_SSL_LONG_OPTIONS,
    {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
    {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
    {NULL, 0, NULL, 0},
};

/* What an option is about. */
enum option_class {
    OC_PROGRAM,                 /* This process: its log, --help... */
    OC_RUN,                     /* A run of commands. */
    OC_CONNECT,                 /* Whoever connects to the database. */
    OC_DAEMON                   /* The start of a daemon. */
};

static enum option_class
classify_option(int value)
{
    switch (value) {
    case OPT_NO_WAIT:
    case OPT_WAIT:
    case OPT_PRINT_WAIT_TIME:
    case OPT_DRY_RUN:
    case OPT_PLAN:
    case OPT_CANARY:
    case OPT_NO_CANARY:
    case OPT_ONELINE:
    case OPT_RETRY:
    case OPT_LOCAL:
    case 't':
    case 'f':
    case 'd':
    case OPT_NO_HEADINGS:
    case OPT_PRETTY:
    case OPT_BARE:
    case OPT_MAX_COLUMN_WIDTH:
        return OC_RUN;

    case OPT_DB:
    case OPT_LEADER_ONLY:
    case OPT_NO_LEADER_ONLY:
    case OPT_SHUFFLE_REMOTES:
    case OPT_NO_SHUFFLE_REMOTES:
    case OPT_BOOTSTRAP_CA_CERT:
    case OPT_PEER_CA_CERT:
    STREAM_SSL_CASES
        return OC_CONNECT;

    DAEMON_OPTION_CASES
        return OC_DAEMON;

    default:
        return OC_PROGRAM;
    }
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

static char *
parse_wait(const char *s, enum ctl_wait *wait)
{
    if (!strcmp(s, "none")) {
        *wait = CTL_WAIT_NONE;
    } else if (!strcmp(s, "controller")) {
        *wait = CTL_WAIT_CONTROLLER;
    } else if (!strcmp(s, "hosts")) {
        *wait = CTL_WAIT_HOSTS;
    } else {
        return xstrdup("argument to --wait must be \"none\", \"controller\" "
                       "or \"hosts\"");
    }
    return NULL;
}

/* Returns an error unless 's' is one of 'words', which end with a null.  (What
 * parses them for us ends the program if it is not.) */
static char *
check_word(const char *what, const char *s, const char *const words[])
{
    for (size_t i = 0; words[i]; i++) {
        if (!strcmp(words[i], s)) {
            return NULL;
        }
    }
    return xasprintf("unknown %s format \"%s\"", what, s);
}

/* Parses the option 'o' of a run with argument 'optarg'. */
static char *
parse_run_option(struct ctl_options *options, const struct option *o)
{
    static const char *const formats[] = {
        "table", "list", "html", "csv", "json", NULL
    };
    static const char *const cell_formats[] = {
        "string", "bare", "json", NULL
    };
    struct ctl_run_options *run = &options->run;
    char *error = NULL;

    switch (o->val) {
    case OPT_NO_WAIT:
        run->wait = CTL_WAIT_NONE;
        break;
    case OPT_WAIT:
        error = parse_wait(optarg, &run->wait);
        break;
    case OPT_PRINT_WAIT_TIME:
        run->print_wait_time = true;
        break;
    case OPT_DRY_RUN:
        run->dry_run = true;
        break;
    case OPT_PLAN:
        run->plan = true;
        break;
    case OPT_CANARY:
        run->canary = optarg;
        break;
    case OPT_NO_CANARY:
        run->no_canary = true;
        break;
    case OPT_ONELINE:
        run->oneline = true;
        break;
    case OPT_RETRY:
        run->retry = true;
        break;
    case OPT_LOCAL: {
        char *name = xasprintf("--%s", o->name);

        if (shash_find(&options->local_options, name)) {
            error = xasprintf("'%s' option specified multiple times", name);
            free(name);
        } else {
            shash_add_nocopy(&options->local_options, name,
                             nullable_xstrdup(optarg));
        }
        break;
    }
    case 't':
        if (!str_to_uint(optarg, 10, &run->timeout) || !run->timeout) {
            error = xasprintf("value %s on -t or --timeout is invalid",
                              optarg);
        }
        break;
    case 'f':
        error = check_word("output", optarg, formats);
        run->format_given = true;
        break;
    case OPT_BARE:
        run->format_given = true;
        break;
    case 'd':
        error = check_word("data", optarg, cell_formats);
        break;
    }
    if (error) {
        return error;
    }

    switch (o->val) {
    TABLE_OPTION_HANDLERS(&run->style)
    }

    svec_add_nocopy(&options->run_args,
                    (optarg ? xasprintf("--%s=%s", o->name, optarg)
                     : xasprintf("--%s", o->name)));
    if (o->val != OPT_RETRY) {
        options->run_option = o->name;
    }
    return NULL;
}

/* Parses the option with 'value' and argument 'optarg' that says how to
 * connect to the database. */
static void
parse_connect_option(struct ctl_options *options, int value)
{
    switch (value) {
    case OPT_DB:
        options->run.db = optarg;
        break;
    case OPT_LEADER_ONLY:
    case OPT_NO_LEADER_ONLY:
        options->run.leader_only = value == OPT_LEADER_ONLY;
        break;
    case OPT_SHUFFLE_REMOTES:
    case OPT_NO_SHUFFLE_REMOTES:
        options->run.shuffle_remotes = value == OPT_SHUFFLE_REMOTES;
        break;
    case 'p':
        options->tls.private_key = optarg;
        break;
    case 'c':
        options->tls.certificate = optarg;
        break;
    case 'C':
    case OPT_BOOTSTRAP_CA_CERT:
        options->tls.ca_cert = optarg;
        options->tls.bootstrap_ca_cert = value == OPT_BOOTSTRAP_CA_CERT;
        break;
    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;
    case OPT_SSL_PROTOCOLS:
        stream_ssl_set_protocols(optarg);
        break;
    case OPT_SSL_CIPHERS:
        stream_ssl_set_ciphers(optarg);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

/* Carries out the option with 'value' and argument 'optarg' that starts a
 * daemon. */
static void
handle_daemon_option(struct ctl_options *options, int value)
{
    options->detach |= value == OPT_DETACH;
    switch (value) {
    DAEMON_OPTION_HANDLERS
    default:
        OVS_NOT_REACHED();
    }
}

/* Carries out the option with 'value' and argument 'optarg' that is about
 * this process. */
static void
handle_program_option(struct ctl_options *options, int value)
{
    switch (value) {
    case 'h':
        options->action = CTL_PRINT_HELP;
        break;
    case 'V':
        options->action = CTL_PRINT_VERSION;
        break;
    case OPT_COMMANDS:
        options->action = CTL_PRINT_COMMANDS;
        break;
    case OPT_OPTIONS:
        options->action = CTL_PRINT_OPTIONS;
        break;
    case 'u':
        options->unixctl = optarg;
        break;
    case OPT_NO_SYSLOG:
        vlog_set_levels(NULL, VLF_SYSLOG, VLL_WARN);
        break;

    VLOG_OPTION_HANDLERS

    default:
        OVS_NOT_REACHED();
    }
}

static void
ctl_options_init(struct ctl_options *options)
{
    static const struct table_style style = TABLE_STYLE_DEFAULT;

    *options = (struct ctl_options) {
        .run = {
            .leader_only = true,
            .shuffle_remotes = true,
            .wait = CTL_WAIT_CONTROLLER,
            .style = style,
        },
    };
    shash_init(&options->local_options);
    svec_init(&options->run_args);
}

/* Parses one option of class 'class', whose argument is in 'optarg'. */
static char *
parse_option(struct ctl_options *options, const struct option *o,
             enum option_class class)
{
    switch (class) {
    case OC_RUN:
        return parse_run_option(options, o);

    case OC_CONNECT:
        options->connect_option = o->name;
        parse_connect_option(options, o->val);
        return NULL;

    case OC_DAEMON:
        if (o->val != OPT_DETACH) {
            options->daemon_option = o->name;
        }
        handle_daemon_option(options, o->val);
        return NULL;

    case OC_PROGRAM:
        handle_program_option(options, o->val);
        return NULL;

    default:
        OVS_NOT_REACHED();
    }
}

static char * OVS_WARN_UNUSED_RESULT
ctl_options_parse__(struct ctl_options *options, int argc, char *argv[],
                    bool run_only)
{
    struct ovs_cmdl_parsed_option *parsed;
    struct option *table = make_options();
    size_t n;

    ctl_options_init(options);

    char *error = ovs_cmdl_parse_all(argc, argv, table, &parsed, &n);
    for (size_t i = 0; !error && i < n; i++) {
        const struct option *o = parsed[i].o;
        enum option_class class = classify_option(o->val);

        optarg = parsed[i].arg;
        if (run_only && class != OC_RUN) {
            error = xasprintf("--%s is not an option of a run", o->name);
        } else {
            error = parse_option(options, o, class);
        }
        if (options->action != CTL_RUN_COMMANDS) {
            break;
        }
    }
    if (!error && !options->tls.private_key != !options->tls.certificate) {
        error = xstrdup("--private-key and --certificate are needed "
                        "together");
    }
    options->n_args = optind;
    if (error) {
        ctl_options_destroy(options);
    }
    free(parsed);
    free_options(table);
    return error;
}

/* Parses the options of the command line, and carries out those that are
 * about this process and its log.  Returns null if successful; then the caller
 * destroys 'options'.  Otherwise, returns an error that the caller frees. */
char *
ctl_options_parse(struct ctl_options *options, int argc, char *argv[])
{
    return ctl_options_parse__(options, argc, argv, false);
}

/* The same for what a client sends to a daemon: only options of a run are
 * accepted. */
char *
ctl_options_parse_run(struct ctl_options *options, int argc, char *argv[])
{
    return ctl_options_parse__(options, argc, argv, true);
}

/* Frees what 'options' owns. */
void
ctl_options_destroy(struct ctl_options *options)
{
    shash_destroy_free_data(&options->local_options);
    svec_destroy(&options->run_args);
}

/* Prints all options, for programs, and ends the program. */
void
ctl_options_print(void)
{
    ctl_print_options(global_options);
}

/* Has the TLS library read the files of 'tls', if they have changed since the
 * last time. */
void
ctl_tls_apply(const struct ctl_tls *tls)
{
    if (tls->private_key && tls->certificate) {
        stream_ssl_set_key_and_cert(tls->private_key, tls->certificate);
    }
    if (tls->ca_cert) {
        stream_ssl_set_ca_cert_file(tls->ca_cert, tls->bootstrap_ca_cert);
    }
}

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

/* What our daemons have in common.  See dvs-daemon.h.
 *
 * Not for: what a daemon does, database connections. */

#include <config.h>

#include "schema/dvs-daemon.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "command-line.h"
#include "daemon.h"
#include "dirs.h"
#include "dummy.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "simap.h"
#include "stream-ssl.h"
#include "stream.h"
#include "unixctl.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dvs_daemon);

enum {
    OPT_UNIXCTL = UCHAR_MAX + 1,
    OPT_ENABLE_DUMMY,
    OPT_PEER_CA_CERT,
    OPT_BOOTSTRAP_CA_CERT,
    DAEMON_OPTION_ENUMS,
    VLOG_OPTION_ENUMS,
    SSL_OPTION_ENUMS,
    OPT_OWN                     /* The program's own, in order. */
};

/* Prints the usage of 'd' and exits. */
OVS_NO_RETURN static void
usage(const struct dvs_daemon *d)
{
    printf("%s: %s\n"
           "usage: %s [OPTIONS] [DATABASE]\n"
           "where DATABASE is %s\n"
           "      (default: \"unix:%s/%s\").\n",
           program_name, d->description, program_name, d->database_help,
           ovs_rundir(), d->default_socket);
    if (d->n_options) {
        printf("\nOptions of %s:\n", program_name);
    }
    for (size_t i = 0; i < d->n_options; i++) {
        const struct dvs_daemon_option *o = &d->options[i];
        int n = printf("  --%s=%s", o->name, o->argument);
        printf("%*s%s\n", MAX(1, 28 - n), "", o->help);
    }
    stream_usage("DATABASE", true, false, true);
    daemon_usage();
    vlog_usage();
    printf("\nOther options:\n"
           "  --unixctl=SOCKET          override default control socket name\n"
           "  --enable-dummy            for tests: leave devices of this "
           "machine alone,\n"
           "                            and obey time/stop and time/warp\n"
           "  -h, --help                display this help message\n"
           "  -V, --version             display version information\n");
    exit(EXIT_SUCCESS);
}

/* Returns all long options of 'd', which the caller must free. */
static struct option *
make_long_options(const struct dvs_daemon *d)
{
    static const struct option common[] = {
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {"unixctl", required_argument, NULL, OPT_UNIXCTL},
        {"enable-dummy", no_argument, NULL, OPT_ENABLE_DUMMY},
        {"peer-ca-cert", required_argument, NULL, OPT_PEER_CA_CERT},
        {"bootstrap-ca-cert", required_argument, NULL, OPT_BOOTSTRAP_CA_CERT},
        DAEMON_LONG_OPTIONS,
        VLOG_LONG_OPTIONS,
        STREAM_SSL_LONG_OPTIONS,
    };
    struct option *options;
    size_t n = ARRAY_SIZE(common);

    options = xcalloc(n + d->n_options + 1, sizeof *options);
    memcpy(options, common, sizeof common);
    for (size_t i = 0; i < d->n_options; i++) {
        options[n++] = (struct option) {
            .name = d->options[i].name,
            .has_arg = required_argument,
            .val = OPT_OWN + i,
        };
    }
    return options;
}

static void
replace_string(char **target, const char *value)
{
    free(*target);
    *target = xstrdup(value);
}

/* Carries out the option with value 'c'. */
static void
handle_option(struct dvs_daemon *d, int c)
{
    switch (c) {
    case OPT_UNIXCTL:
        replace_string(&d->unixctl_path, optarg);
        break;

    case OPT_ENABLE_DUMMY:
        d->dummy = true;
        timeval_dummy_register();
        break;

    case OPT_PEER_CA_CERT:
        stream_ssl_set_peer_ca_cert_file(optarg);
        break;

    /* Keys and certificates may be replaced while we run, so these are read
     * again from time to time; see update_tls(). */
    case 'p':
        replace_string(&d->private_key, optarg);
        break;

    case 'c':
        replace_string(&d->certificate, optarg);
        break;

    case 'C':
    case OPT_BOOTSTRAP_CA_CERT:
        replace_string(&d->ca_cert, optarg);
        d->bootstrap_ca_cert = c == OPT_BOOTSTRAP_CA_CERT;
        break;

    case OPT_SSL_PROTOCOLS:
        stream_ssl_set_protocols(optarg);
        break;

    case OPT_SSL_CIPHERS:
        stream_ssl_set_ciphers(optarg);
        break;

    DAEMON_OPTION_HANDLERS
    VLOG_OPTION_HANDLERS

    default:
        ovs_assert(c >= OPT_OWN && c < OPT_OWN + (int) d->n_options);
        replace_string(d->options[c - OPT_OWN].value, optarg);
        break;
    }
}

static void
parse_options(struct dvs_daemon *d, int argc, char *argv[])
{
    struct option *long_options = make_long_options(d);
    char *short_options
        = ovs_cmdl_long_options_to_short_options(long_options);

    int c;

    for (;;) {
        c = getopt_long(argc, argv, short_options, long_options, NULL);
        if (c == -1 || c == 'h' || c == 'V' || c == '?') {
            break;
        }
        handle_option(d, c);
    }
    free(short_options);
    free(long_options);

    if (c == 'h') {
        usage(d);
    } else if (c == 'V') {
        ovs_print_version(0, 0);
        exit(EXIT_SUCCESS);
    } else if (c == '?') {
        exit(EXIT_FAILURE);
    }

    argc -= optind;
    argv += optind;
    if (argc > 1) {
        ovs_fatal(0, "at most one non-option argument accepted; "
                  "use --help for usage");
    }
    if (!d->private_key != !d->certificate) {
        ovs_fatal(0, "--private-key and --certificate are needed together");
    }
    d->database = (argc ? xstrdup(argv[0])
                   : xasprintf("unix:%s/%s", ovs_rundir(),
                               d->default_socket));
}

/* Has the TLS library read the key and certificates, if they have changed
 * since the last time. */
static void
update_tls(const struct dvs_daemon *d)
{
    if (d->private_key && d->certificate) {
        stream_ssl_set_key_and_cert(d->private_key, d->certificate);
    }
    if (d->ca_cert) {
        stream_ssl_set_ca_cert_file(d->ca_cert, d->bootstrap_ca_cert);
    }
}

static void
daemon_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
            const char *argv[] OVS_UNUSED, void *d_)
{
    struct dvs_daemon *d = d_;

    d->exiting = true;
    unixctl_command_reply(conn, NULL);
}

/* Parses the command line, goes to the background if that is asked for (the
 * parent waits for daemonize_complete()), and starts to listen for control
 * commands.  Exits on errors, and for --help and --version. */
void
dvs_daemon_start(struct dvs_daemon *d, int argc, char *argv[])
{
    int error;

    ovs_cmdl_proctitle_init(argc, argv);
    ovs_set_program_name(argv[0], VERSION);
    parse_options(d, argc, argv);
    fatal_ignore_sigpipe();

    daemonize_start(false);

    error = unixctl_server_create(d->unixctl_path, &d->unixctl);
    if (error) {
        exit(EXIT_FAILURE);
    }
    unixctl_command_register("exit", "", 0, 0, daemon_exit, d);
    update_tls(d);
    VLOG_INFO("%s %s", program_name, VERSION);
}

/* Does what is due: carries out control commands, notices new certificates,
 * reports memory usage. */
void
dvs_daemon_run(struct dvs_daemon *d)
{
    memory_run();
    if (memory_should_report()) {
        struct simap usage;

        simap_init(&usage);
        if (d->get_memory_usage) {
            d->get_memory_usage(&usage, d->aux);
        }
        memory_report(&usage);
        simap_destroy(&usage);
    }
    update_tls(d);
    unixctl_server_run(d->unixctl);
}

/* Causes the poll loop to wake up when dvs_daemon_run() has something to
 * do. */
void
dvs_daemon_wait(struct dvs_daemon *d)
{
    memory_wait();
    unixctl_server_wait(d->unixctl);
    if (d->exiting) {
        poll_immediate_wake();
    }
}

/* Closes the control socket and frees what 'd' owns.  Control commands still
 * in progress get no answer, so the program destroys what might answer
 * first. */
void
dvs_daemon_stop(struct dvs_daemon *d)
{
    unixctl_server_destroy(d->unixctl);
    free(d->database);
    free(d->unixctl_path);
    free(d->private_key);
    free(d->certificate);
    free(d->ca_cert);
}

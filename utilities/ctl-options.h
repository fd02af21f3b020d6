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

#ifndef DVSCTL_OPTIONS_H
#define DVSCTL_OPTIONS_H 1

/* dvsctl's options: those of a run of commands, and those of the program. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/shash.h"
#include "svec.h"
#include "utilities/ctl-run.h"

/* What the command line asks for. */
enum ctl_action {
    CTL_RUN_COMMANDS,           /* To run commands, or --detach. */
    CTL_PRINT_HELP,             /* --help. */
    CTL_PRINT_VERSION,          /* --version. */
    CTL_PRINT_COMMANDS,         /* --commands. */
    CTL_PRINT_OPTIONS           /* --options. */
};

/* Files for TLS, null if not given.  Not owned. */
struct ctl_tls {
    const char *private_key;    /* --private-key. */
    const char *certificate;    /* --certificate. */
    const char *ca_cert;        /* --ca-cert or --bootstrap-ca-cert. */
    bool bootstrap_ca_cert;     /* It is the latter. */
};

/* A command line, up to the first command.  Strings that are not in another
 * structure belong to the command line. */
struct ctl_options {
    enum ctl_action action;
    struct ctl_run_options run; /* Its 'db' is null without --db. */
    struct shash local_options; /* Options of the first command. */
    struct svec run_args;       /* The options of the run, those of its first
                                 * command included, for a daemon. */
    struct ctl_tls tls;
    bool detach;                /* --detach. */
    const char *unixctl;        /* --unixctl, null if not given. */
    int n_args;                 /* How many arguments the options are,
                                 * argv[0] included. */

    /* One of the options given that belong to */
    const char *run_option;     /* ...a run of commands, but not --retry; */
    const char *connect_option; /* ...who connects to the database; */
    const char *daemon_option;  /* ...the start of a daemon; null if none. */
};

char *ctl_options_parse(struct ctl_options *, int argc, char *argv[])
    OVS_WARN_UNUSED_RESULT;
char *ctl_options_parse_run(struct ctl_options *, int argc, char *argv[])
    OVS_WARN_UNUSED_RESULT;
void ctl_options_destroy(struct ctl_options *);
void ctl_options_print(void);
void ctl_tls_apply(const struct ctl_tls *);

#endif /* ctl-options.h */

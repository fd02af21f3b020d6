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

#ifndef DVS_DAEMON_H
#define DVS_DAEMON_H 1

/* What our daemons have in common with each other and with Open vSwitch's:
 * command line, log, pid file, detaching, control socket, TLS.
 *
 *     struct dvs_daemon d = {
 *         .description = "distributed virtual switch controller",
 *         .default_socket = "dvs_db.sock",
 *         .database_help = "the DVS database",
 *     };
 *
 *     dvs_daemon_start(&d, argc, argv);
 *     ...create what is needed, register unixctl commands...
 *     daemonize_complete();
 *     while (!d.exiting) {
 *         dvs_daemon_run(&d);
 *         ...
 *         dvs_daemon_wait(&d);
 *         poll_block();
 *     }
 *     ...destroy...
 *     dvs_daemon_stop(&d);
 */

#include <stdbool.h>
#include <stddef.h>

struct simap;
struct unixctl_server;

/* A long option that only one of the daemons has. */
struct dvs_daemon_option {
    const char *name;           /* Without the dashes. */
    const char *argument;       /* E.g. "NAME"; every option takes one. */
    const char *help;           /* For --help, without a full stop. */
    char **value;               /* Where the argument goes, malloc()'d; stays
                                 * as it is if the option is not given. */
};

struct dvs_daemon {
    /* Set by the program before dvs_daemon_start(). */
    const char *description;    /* For --help. */
    const char *default_socket; /* Database if none is given: a Unix domain
                                 * socket in the run directory. */
    const char *database_help;  /* What DATABASE is, for --help. */
    const struct dvs_daemon_option *options;
    size_t n_options;
    /* Adds what uses memory, for "memory/show", or NULL. */
    void (*get_memory_usage)(struct simap *, void *aux);
    void *aux;

    /* Set by dvs_daemon_start(). */
    char *database;             /* Remote to connect to. */
    bool dummy;                 /* --enable-dummy: nothing of this machine's
                                 * may be touched. */

    /* Set to true by "exit"; the program may do so too. */
    bool exiting;

    /* Internal. */
    struct unixctl_server *unixctl;
    char *unixctl_path;
    char *private_key;          /* Files for TLS, NULL if not given. */
    char *certificate;
    char *ca_cert;
    bool bootstrap_ca_cert;
};

void dvs_daemon_start(struct dvs_daemon *, int argc, char *argv[]);
void dvs_daemon_run(struct dvs_daemon *);
void dvs_daemon_wait(struct dvs_daemon *);
void dvs_daemon_stop(struct dvs_daemon *);

#endif /* dvs-daemon.h */

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

/* dvsctl's daemon.  See ctl-daemon.h.
 *
 * Runs go on side by side, so that one that waits, for the controller or for
 * something that another run does, holds up no other.  Only one at a time has
 * a transaction under way: each sees what those before it have done, and what
 * it does is checked against that. */

#include <config.h>

#include "utilities/ctl-daemon.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon.h"
#include "db-ctl-base.h"
#include "fatal-signal.h"
#include "memory.h"
#include "openvswitch/json.h"
#include "openvswitch/list.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "process.h"
#include "schema/dvs-idl.h"
#include "simap.h"
#include "unixctl.h"
#include "util.h"
#include "utilities/ctl-options.h"
#include "utilities/ctl-run.h"
#include "utilities/ctl-sync.h"

VLOG_DEFINE_THIS_MODULE(dvsctl_daemon);

struct ctl_daemon {
    const char *db;             /* The database. */
    struct ovsdb_idl *idl;      /* All of it. */
    struct ovsdb_idl *columns;  /* Where commands register what they read;
                                 * never connected. */
    struct ctl_sync sync;
    struct ovs_list requests;   /* Of "struct ctl_request"s, the oldest
                                 * first. */
    bool exiting;
};

/* A client's "run" that has not been answered yet. */
struct ctl_request {
    struct ovs_list node;       /* In struct ctl_daemon's 'requests'. */
    struct unixctl_conn *conn;  /* Lives until it is answered, even if the
                                 * client has gone. */
    struct svec argv;           /* What the client has sent.  (The parsers of
                                 * options and commands point to it.) */
    char *args;                 /* The same for the log. */
    struct ctl_options options;
    struct ctl_command *commands;
    size_t n_commands;
    struct ctl_run *run;
};

/* Answers 'conn'. */
static void
reply(struct unixctl_conn *conn, int status, const char *output,
      const struct svec *errors)
{
    struct json *lines = json_array_create_empty();
    struct json *answer = json_object_create();

    for (size_t i = 0; i < errors->n; i++) {
        json_array_add(lines, json_string_create(errors->names[i]));
    }
    json_object_put(answer, "status", json_integer_create(status));
    json_object_put_string(answer, "output", output);
    json_object_put(answer, "errors", lines);

    char *s = json_to_string(answer, JSSF_SORT);
    unixctl_command_reply(conn, s);
    free(s);
    json_destroy(answer);
}

/* Answers 'conn' with 'error', a mistake on the command line, which it
 * frees. */
static void
reply_usage_error(struct unixctl_conn *conn, char *error)
{
    struct svec errors = SVEC_EMPTY_INITIALIZER;

    svec_add_nocopy(&errors, error);
    reply(conn, EXIT_USAGE, "", &errors);
    svec_destroy(&errors);
}

/* Parses the options and commands of 'request'.  Returns null if successful,
 * otherwise an error that the caller frees. */
static char *
parse_request(struct ctl_request *request, const struct ctl_daemon *daemon)
{
    struct ctl_options *options = &request->options;
    int argc = request->argv.n;
    char **argv = request->argv.names;

    char *error = ctl_options_parse_run(options, argc, argv);
    if (error) {
        return error;
    }
    options->run.db = daemon->db;

    error = ctl_parse_commands(argc - options->n_args, argv + options->n_args,
                               &options->local_options, &request->commands,
                               &request->n_commands);
    if (error) {
        ctl_options_destroy(options);
    }
    return error;
}

/* Frees 'request', which has been answered, and which has a run. */
static void
destroy_request(struct ctl_request *request)
{
    ovs_list_remove(&request->node);
    ctl_run_destroy(request->run);
    for (size_t i = 0; i < request->n_commands; i++) {
        shash_destroy_free_data(&request->commands[i].options);
    }
    free(request->commands);
    ctl_options_destroy(&request->options);
    svec_destroy(&request->argv);
    free(request->args);
    free(request);
}

static void
unixctl_run(struct unixctl_conn *conn, int argc, const char *argv[],
            void *daemon_)
{
    struct ctl_daemon *daemon = daemon_;
    struct ctl_request *request = xzalloc(sizeof *request);

    request->conn = conn;
    svec_init(&request->argv);
    for (int i = 0; i < argc; i++) {
        svec_add(&request->argv, argv[i]);
    }
    svec_terminate(&request->argv);

    char *error = parse_request(request, daemon);
    if (error) {
        reply_usage_error(conn, error);
        svec_destroy(&request->argv);
        free(request);
        return;
    }

    request->args = process_escape_args(request->argv.names + 1);
    VLOG(ctl_might_write_to_db(request->commands, request->n_commands)
         ? VLL_INFO : VLL_DBG, "Running %s", request->args);
    request->run = ctl_run_create(daemon->idl, daemon->columns, &daemon->sync,
                                  request->commands, request->n_commands,
                                  request->args, &request->options.run);
    ovs_list_push_back(&daemon->requests, &request->node);
}

static void
unixctl_exit(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *daemon_)
{
    struct ctl_daemon *daemon = daemon_;

    daemon->exiting = true;
    unixctl_command_reply(conn, NULL);
}

/* Returns true if no run has a transaction under way. */
static bool
may_execute(const struct ctl_daemon *daemon)
{
    const struct ctl_request *request;

    LIST_FOR_EACH (request, node, &daemon->requests) {
        if (request->run->state == CTL_RUN_COMMITTING) {
            return false;
        }
    }
    return true;
}

static void
run_requests(struct ctl_daemon *daemon)
{
    struct ctl_request *request;

    LIST_FOR_EACH_SAFE (request, node, &daemon->requests) {
        struct ctl_run *run = request->run;

        if (ctl_run_step(run, may_execute(daemon))) {
            reply(request->conn, run->status, ds_cstr(&run->output),
                  &run->errors);
            destroy_request(request);
        }
    }
}

static void
wait_requests(const struct ctl_daemon *daemon)
{
    bool may = may_execute(daemon);
    const struct ctl_request *request;

    LIST_FOR_EACH (request, node, &daemon->requests) {
        ctl_run_wait(request->run, may);
    }
}

/* Tells the clients that still wait that they wait in vain. */
static void
refuse_requests(struct ctl_daemon *daemon)
{
    struct svec errors = SVEC_EMPTY_INITIALIZER;
    struct ctl_request *request;

    svec_add(&errors, "the daemon was told to exit; whether the change was "
             "made is not known");
    LIST_FOR_EACH_SAFE (request, node, &daemon->requests) {
        reply(request->conn, EXIT_FAILURE, "", &errors);
        destroy_request(request);
    }
    svec_destroy(&errors);
}

static void
run_memory(const struct ctl_daemon *daemon)
{
    memory_run();
    if (memory_should_report()) {
        struct simap usage = SIMAP_INITIALIZER(&usage);

        ovsdb_idl_get_memory_usage(daemon->idl, &usage);
        simap_put(&usage, "runs", ovs_list_size(&daemon->requests));
        memory_report(&usage);
        simap_destroy(&usage);
    }
}

/* Connects to the database.  Returns true if successful; otherwise, prints an
 * error. */
static bool
connect_to_database(struct ctl_daemon *daemon, const struct ctl_options *o)
{
    ovsdb_idl_set_shuffle_remotes(daemon->idl, o->run.shuffle_remotes);
    ovsdb_idl_set_remote(daemon->idl, daemon->db, o->run.retry);
    ovsdb_idl_set_leader_only(daemon->idl, o->run.leader_only);
    ovsdb_idl_set_db_change_aware(daemon->idl, false);
    ovsdb_idl_set_write_changed_only_all(daemon->idl, true);

    for (;;) {
        ctl_tls_apply(&o->tls);
        ovsdb_idl_run(daemon->idl);
        if (ovsdb_idl_has_ever_connected(daemon->idl)) {
            ovsdb_idl_enable_reconnect(daemon->idl);
            return true;
        } else if (!ovsdb_idl_is_alive(daemon->idl)) {
            int error = ovsdb_idl_get_last_error(daemon->idl);

            ovs_error(0, "%s: database connection failed (%s)", daemon->db,
                      ovs_retval_to_string(error));
            return false;
        }
        ovsdb_idl_wait(daemon->idl);
        poll_block();
    }
}

/* Serves clients until told to exit. */
static void
serve(struct ctl_daemon *daemon, struct unixctl_server *server,
      const struct ctl_options *options)
{
    for (;;) {
        run_memory(daemon);
        ctl_tls_apply(&options->tls);
        ovsdb_idl_run(daemon->idl);
        unixctl_server_run(server);
        ctl_sync_run(&daemon->sync);
        run_requests(daemon);
        if (daemon->exiting) {
            break;
        }

        memory_wait();
        ovsdb_idl_wait(daemon->idl);
        unixctl_server_wait(server);
        wait_requests(daemon);
        poll_block();
    }
    refuse_requests(daemon);
}

/* Goes to the background, connects to the database, prints the name of the
 * control socket, and serves clients as 'options' say, until told to exit.
 * Returns the exit status. */
int
ctl_daemon(const struct ctl_options *options)
{
    struct ctl_daemon daemon = { .db = options->run.db };
    struct unixctl_server *server;
    int status = EXIT_FAILURE;

    daemonize_start(false);
    if (unixctl_server_create(options->unixctl, &server)) {
        return EXIT_FAILURE;    /* It has said why. */
    }

    daemon.idl = ovsdb_idl_create_unconnected(&dvsrec_idl_class, true);
    daemon.columns = ovsdb_idl_create_unconnected(&dvsrec_idl_class, false);
    ovs_list_init(&daemon.requests);
    ctl_sync_init(&daemon.sync, daemon.idl);

    if (connect_to_database(&daemon, options)) {
        unixctl_command_register("run", "[OPTION]... COMMAND [ARG]... "
                                 "[-- COMMAND [ARG]...]...", 1, INT_MAX,
                                 unixctl_run, &daemon);
        unixctl_command_register("exit", "", 0, 0, unixctl_exit, &daemon);
        puts(unixctl_server_get_path(server));
        fflush(stdout);
        daemonize_complete();
        serve(&daemon, server, options);
        status = EXIT_SUCCESS;
    }

    unixctl_server_destroy(server);
    ovsdb_idl_destroy(daemon.idl);
    ovsdb_idl_destroy(daemon.columns);
    return status;
}

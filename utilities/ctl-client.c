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

/* The client's side of dvsctl's daemon mode.  See ctl-daemon.h. */

#include <config.h>

#include "utilities/ctl-daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "unixctl.h"
#include "util.h"
#include "utilities/ctl-run.h"

static const struct json *
find_member(const struct json *object, const char *name, enum json_type type)
{
    const struct json *member = (object->type == JSON_OBJECT
                                 ? shash_find_data(json_object(object), name)
                                 : NULL);

    return member && member->type == type ? member : NULL;
}

/* Prints what 'answer' says.  Returns the exit status, or -1 if it is not an
 * answer to "run". */
static int
print_answer(const char *answer)
{
    struct json *json = json_from_string(answer);
    const struct json *status = find_member(json, "status", JSON_INTEGER);
    const struct json *output = find_member(json, "output", JSON_STRING);
    const struct json *errors = find_member(json, "errors", JSON_ARRAY);
    int retval = -1;

    if (status && output && errors) {
        retval = json_integer(status);
        fputs(json_string(output), stdout);
        fflush(stdout);
        for (size_t i = 0; i < json_array(errors)->n; i++) {
            const struct json *error = json_array(errors)->elems[i];

            if (error->type == JSON_STRING) {
                ovs_error(0, "%s", json_string(error));
            }
        }
    }
    json_destroy(json);
    return retval;
}

/* Has the daemon that listens on 'socket' run 'args', options and commands,
 * and prints what comes out.  Returns the exit status. */
int
ctl_client(const char *socket, const struct svec *args)
{
    char *answer, *fault;
    struct jsonrpc *rpc;
    int status = EXIT_FAILURE;

    int error = unixctl_client_create(socket, &rpc);
    if (error) {
        ovs_error(0, "%s: cannot connect to the daemon (%s); unset DVS_DAEMON "
                  "to run without one", socket, ovs_strerror(error));
        return EXIT_FAILURE;
    }

    error = unixctl_client_transact(rpc, "run", args->n, args->names,
                                    &answer, &fault);
    if (error) {
        ovs_error(0, "%s: the daemon has gone (%s); whether the change was "
                  "made is not known", socket, ovs_retval_to_string(error));
    } else if (fault) {
        ovs_error(0, "%s: %.*s", socket, (int) strcspn(fault, "\n"), fault);
    } else {
        status = print_answer(answer);
        if (status < 0) {
            ovs_error(0, "%s: this is not a daemon of dvsctl", socket);
            status = EXIT_FAILURE;
        }
    }
    free(answer);
    free(fault);
    jsonrpc_close(rpc);
    return status;
}

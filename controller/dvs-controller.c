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

/* dvs-controller: the central daemon of the distributed virtual switch.
 *
 * Only start and stop; see controller.c for the loop and pass.h for what is
 * done. */

#include <config.h>

#include "controller/controller.h"
#include "daemon.h"
#include "openvswitch/poll-loop.h"
#include "schema/dvs-daemon.h"

int
main(int argc, char *argv[])
{
    struct controller c;
    struct dvs_daemon d = {
        .description = "distributed virtual switch controller",
        .default_socket = "dvs_db.sock",
        .database_help = "the DVS database",
        .get_memory_usage = controller_get_memory_usage,
        .aux = &c,
    };

    dvs_daemon_start(&d, argc, argv);
    controller_init(&c, d.database);
    debug_register(&c);
    daemonize_complete();

    while (!d.exiting) {
        dvs_daemon_run(&d);
        controller_run(&c);
        dvs_daemon_wait(&d);
        controller_wait(&c);
        if (d.exiting) {
            poll_immediate_wake();
        }
        poll_block();
    }

    controller_destroy(&c);
    dvs_daemon_stop(&d);
    return 0;
}

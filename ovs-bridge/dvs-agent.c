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

/* dvs-agent: the daemon of each host.  Only its options and its main loop; all
 * else is in agent.c. */

#include <config.h>

#include <stdlib.h>

#include "daemon.h"
#include "openvswitch/poll-loop.h"
#include "ovs-bridge/agent.h"
#include "schema/dvs-daemon.h"
#include "timeval.h"
#include "util.h"

static void
get_memory_usage(struct simap *usage, void *agent)
{
    agent_get_memory_usage(agent, usage);
}

int
main(int argc, char *argv[])
{
    struct agent_options options = { .host = NULL };
    const struct dvs_daemon_option own_options[] = {
        {"host", "NAME", "name of this host (default: see dvs-agent(8))",
         &options.host},
        {"dvs-db", "REMOTE", "the DVS database (likewise)", &options.dvs_db},
        {"state-dir", "DIR", "where the host cache is kept",
         &options.state_dir},
    };
    struct dvs_daemon d = {
        .description = "agent of the distributed virtual switch on a host",
        .default_socket = "db.sock",
        .database_help = "the host's own Open_vSwitch database",
        .options = own_options,
        .n_options = ARRAY_SIZE(own_options),
        .get_memory_usage = get_memory_usage,
    };
    struct agent *agent;

    dvs_daemon_start(&d, argc, argv);
    options.ovs_db = d.database;
    options.dummy = d.dummy;
    agent = agent_create(&options);
    agent_debug_register(agent);
    d.aux = agent;
    daemonize_complete();

    while (!d.exiting && !agent->done) {
        dvs_daemon_run(&d);
        agent_run(agent, time_msec(), time_wall_msec());

        dvs_daemon_wait(&d);
        agent_wait(agent);
        poll_block();
    }

    agent_destroy(agent);
    dvs_daemon_stop(&d);
    free(options.host);
    free(options.dvs_db);
    free(options.state_dir);
    return EXIT_SUCCESS;
}

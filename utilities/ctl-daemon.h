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

#ifndef DVSCTL_DAEMON_H
#define DVSCTL_DAEMON_H 1

/* dvsctl's daemon mode: a process that keeps its connection to the database,
 * and runs commands for clients, other dvsctls.
 *
 * A client sends "run", with the options and commands of a run as arguments,
 * to the daemon's control socket.  The answer is a JSON object:
 *
 *     "status"    the exit status, a number,
 *     "output"    what goes to stdout, a string,
 *     "errors"    lines for stderr, an array of strings. */

#include <stddef.h>

struct ctl_options;
struct svec;

int ctl_daemon(const struct ctl_options *);
int ctl_client(const char *socket, const struct svec *args);

#endif /* ctl-daemon.h */

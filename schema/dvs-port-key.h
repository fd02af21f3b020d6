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

#ifndef DVS_PORT_KEY_H
#define DVS_PORT_KEY_H 1

/* PURE: the keys of ports, and of those that hosts make.
 *
 * The controller counts the keys of a switch up from 1.  A host that makes a
 * port while it cannot ask the controller (of an ephemeral portgroup, with the
 * database away) takes its key from a range of its own, which the count never
 * reaches; the controller then makes the port known under the same key. */

#include <stdbool.h>

struct uuid;

int dvs_port_key_compare(const char *, const char *);
bool dvs_port_key_is_host_made(const char *key);
char *dvs_port_key_from_interface(const struct uuid *interface);

#endif /* dvs-port-key.h */

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

#ifndef EVENTS_H
#define EVENTS_H 1

/* The only writer of table Event. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct pass;
struct uuid;

void event_port(struct pass *, const char *type, const struct uuid *switch_,
                const char *key, const char *host, const char *format, ...)
    OVS_PRINTF_FORMAT(6, 7);
bool event_is_latest(const struct pass *, const struct uuid *switch_,
                     const char *host, const char *type, const char *other);
void events_write(struct pass *);

#endif /* events.h */

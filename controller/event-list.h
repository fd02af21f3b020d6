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

#ifndef EVENT_LIST_H
#define EVENT_LIST_H 1

/* PURE: events that wait to be written to table Event. */

#include <stdbool.h>
#include "openvswitch/compiler.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"

/* One event. */
struct event {
    struct ovs_list node;       /* In struct event_list's 'events'. */
    const char *type;           /* vSphere's name of it; static storage. */
    const char *severity;       /* "info", "warning" or "error"; static. */
    struct uuid switch_;        /* Switch it belongs to; all-zeros if none. */
    char *object;               /* Switch, portgroup, port or NIC: "prod",
                                 * "prod/web", "prod:12", a NIC's id. */
    char *host;                 /* Name of a host, or NULL. */
    char *message;              /* One sentence. */
    long long int wall;         /* When it was first to be written, in ms since
                                 * the epoch; 0 if it never was. */
};

struct event_list {
    struct ovs_list events;     /* Contains "struct event"s, oldest first. */
};

void event_list_init(struct event_list *);
void event_list_destroy(struct event_list *);
void event_list_clear(struct event_list *);
bool event_list_is_empty(const struct event_list *);
void event_list_stamp(struct event_list *, long long int wall);
void event_list_append(struct event_list *dst, const struct event_list *src);
void event_list_append_others(struct event_list *dst,
                              const struct event_list *src);

void event_list_add(struct event_list *, const char *type,
                    const char *severity, const struct uuid *switch_,
                    const char *object, const char *host,
                    const char *format, ...) OVS_PRINTF_FORMAT(7, 8);

#endif /* event-list.h */

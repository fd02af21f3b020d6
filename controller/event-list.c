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

/* PURE: events that wait to be written to table Event; see event-list.h.
 *
 * Does not write them: events.c does. */

#include <config.h>

#include "controller/event-list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"
#include "uuid.h"

void
event_list_init(struct event_list *list)
{
    ovs_list_init(&list->events);
}

void
event_list_destroy(struct event_list *list)
{
    if (list) {
        event_list_clear(list);
    }
}

/* Forgets all events of 'list'. */
void
event_list_clear(struct event_list *list)
{
    struct event *e;

    LIST_FOR_EACH_POP (e, node, &list->events) {
        free(e->object);
        free(e->host);
        free(e->message);
        free(e);
    }
}

bool
event_list_is_empty(const struct event_list *list)
{
    return ovs_list_is_empty(&list->events);
}

static void
append(struct event_list *dst, const struct event *e)
{
    event_list_add(dst, e->type, e->severity, &e->switch_, e->object, e->host,
                   "%s", e->message);
    CONTAINER_OF(ovs_list_back(&dst->events), struct event, node)->wall
        = e->wall;
}

/* Adds copies of the events of 'src' to the end of 'dst'. */
void
event_list_append(struct event_list *dst, const struct event_list *src)
{
    const struct event *e;

    LIST_FOR_EACH (e, node, &src->events) {
        append(dst, e);
    }
}

/* Returns true if 'list' tells of the same as 'e', at whatever time. */
static bool
tells(const struct event_list *list, const struct event *e)
{
    const struct event *other;

    LIST_FOR_EACH (other, node, &list->events) {
        if (!strcmp(other->type, e->type)
            && uuid_equals(&other->switch_, &e->switch_)
            && !strcmp(other->object, e->object)
            && nullable_string_is_equal(other->host, e->host)
            && !strcmp(other->message, e->message)) {
            return true;
        }
    }
    return false;
}

/* Appends copies of those events in 'src' to 'dst' that this does not tell of
 * already. */
void
event_list_append_others(struct event_list *dst, const struct event_list *src)
{
    const struct event *e;

    LIST_FOR_EACH (e, node, &src->events) {
        if (!tells(dst, e)) {
            append(dst, e);
        }
    }
}

/* Has those events of 'list' that have no time yet be of 'wall'. */
void
event_list_stamp(struct event_list *list, long long int wall)
{
    struct event *e;

    LIST_FOR_EACH (e, node, &list->events) {
        if (!e->wall) {
            e->wall = wall;
        }
    }
}

/* Adds an event to the end of 'list'.  'type' is vSphere's name for such an
 * event (EventManager's types, such as DvsPortConnectedEvent), 'severity' is
 * "info", "warning" or "error"; both must be constants.  'switch_' (may be
 * NULL), 'object' and 'host' (may be NULL) say where it happened, and the
 * formatted sentence says what. */
void
event_list_add(struct event_list *list, const char *type,
               const char *severity, const struct uuid *switch_,
               const char *object, const char *host,
               const char *format, ...)
{
    struct event *e = xmalloc(sizeof *e);
    va_list args;

    e->type = type;
    e->severity = severity;
    e->switch_ = switch_ ? *switch_ : UUID_ZERO;
    e->object = xstrdup(object);
    e->wall = 0;
    e->host = nullable_xstrdup(host);
    va_start(args, format);
    e->message = xvasprintf(format, args);
    va_end(args);
    ovs_list_push_back(&list->events, &e->node);
}

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

/* The only writer of table Event: a bounded history.
 *
 * What happened is found by inputs.c (what clients did) and by the concerns
 * (what followed); both add to an event_list. */

#include <config.h>

#include "controller/events.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "coverage.h"
#include "util.h"

COVERAGE_DEFINE(event_written);

#define HISTORY_DEFAULT 1000    /* Events kept; options:event_history. */

/* Adds to the events of 'pass' one of 'type' about port 'key' of 'switch_'.
 * 'host' may be NULL. */
void
event_port(struct pass *pass, const char *type, const struct uuid *switch_,
           const char *key, const char *host, const char *format, ...)
{
    const struct dvsrec_switch *row = get_switch(pass->idl, switch_);
    char *object = xasprintf("%s:%s", row ? row->name : "", key);
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    event_list_add(pass->events, type, "info", switch_, object, host, "%s",
                   message);
    free(message);
    free(object);
}

/* Returns true if of the events in the table about 'host' and 'switch_' that
 * are of type 'type' or 'other', the newest is of type 'type'. */
bool
event_is_latest(const struct pass *pass, const struct uuid *switch_,
                const char *host, const char *type, const char *other)
{
    const struct dvsrec_event *row;

    DVSREC_EVENT_FOR_EACH_BYINDEX (row, pass->ix->event_by_sequence_desc) {
        bool is = !strcmp(row->type, type);

        if ((is || !strcmp(row->type, other))
            && nullable_string_is_equal(row->host, host)
            && row->n_switch_ && uuid_equals(&row->switch_[0], switch_)) {
            return is;
        }
    }
    return false;
}

/* Returns true if 'e' is in the table already: a transaction may have been
 * committed though its server died before it said so. */
static bool
is_written(const struct pass *pass, const struct event *e)
{
    const struct dvsrec_event *row;

    if (!e->wall || e->wall == pass->wall) {
        return false;
    }
    DVSREC_EVENT_FOR_EACH_BYINDEX (row, pass->ix->event_by_sequence_desc) {
        if (row->time < e->wall) {
            break;
        } else if (row->time == e->wall && !strcmp(row->type, e->type)
                   && !strcmp(row->object, e->object)
                   && !strcmp(row->message, e->message)) {
            return true;
        }
    }
    return false;
}

static void
write_event(struct pass *pass, const struct event *e, int64_t sequence)
{
    struct dvsrec_event *row = dvsrec_event_insert(pass->txn);

    COVERAGE_INC(event_written);
    dvsrec_event_set_sequence(row, sequence);
    dvsrec_event_set_time(row, e->wall ? e->wall : pass->wall);
    dvsrec_event_set_type(row, e->type);
    dvsrec_event_set_severity(row, e->severity);
    if (!uuid_is_zero(&e->switch_)) {
        dvsrec_event_set_switch_(row, &e->switch_, 1);
    }
    dvsrec_event_set_object(row, e->object);
    if (e->host) {
        dvsrec_event_set_host(row, e->host);
    }
    dvsrec_event_set_message(row, e->message);
}

/* Returns the number of the newest event, 0 if there is none.  Deletes those
 * whose numbers nobody has ever come to: no others could follow. */
static int64_t
take_newest(struct pass *pass)
{
    for (;;) {
        struct ovsdb_idl_cursor cursor
            = dvsrec_event_cursor_first(pass->ix->event_by_sequence_desc);
        const struct dvsrec_event *newest = dvsrec_event_cursor_data(&cursor);

        if (!newest || newest->sequence <= SEQUENCE_MAX) {
            return newest ? newest->sequence : 0;
        }
        dvsrec_event_delete(newest);
    }
}

/* Writes the events of 'pass' to the table and deletes what is too old. */
void
events_write(struct pass *pass)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);
    int64_t history
        = (global ? smap_get_uint(&global->options, "event_history",
                                  HISTORY_DEFAULT) : HISTORY_DEFAULT);
    int64_t sequence = take_newest(pass);
    const struct event *e;
    int64_t n = 0;

    LIST_FOR_EACH (e, node, &pass->events->events) {
        n++;
    }
    /* Of more events than are kept at all, the oldest never see the table. */
    sequence += MAX(0, n - history);
    LIST_FOR_EACH (e, node, &pass->events->events) {
        if (n-- <= history && !is_written(pass, e)) {
            write_event(pass, e, ++sequence);
        }
    }

    for (;;) {
        struct ovsdb_idl_cursor cursor
            = dvsrec_event_cursor_first(pass->ix->event_by_sequence);
        const struct dvsrec_event *oldest = dvsrec_event_cursor_data(&cursor);
        if (!oldest || oldest->sequence > sequence - history) {
            break;
        }
        dvsrec_event_delete(oldest);
    }
}

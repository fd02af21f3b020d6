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

/* dvsctl's commands for what happens at run time: stats, events. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "timeval.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Counters, in the order in which they are printed; the names are the keys
 * of Port_State's column "statistics". */
static const char *const counters[] = {
    "rx_packets", "rx_bytes", "rx_dropped", "rx_errors",
    "tx_packets", "tx_bytes", "tx_dropped", "tx_errors",
};

static void
pre_stats(struct ctl_context *ctx)
{
    const char *target = ctx->argv[1];

    if (strchr(target, ':')) {
        ctl_need_port(ctx, target);
    } else {
        ctl_need_ports(ctx);
    }
    ctl_need_nic(ctx, NULL);
    ctl_need_port_states(ctx);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_statistics);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_host);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_switch_);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_key);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_proxy_port_col_base_statistics);
}

/* Returns the value of 'name' among the 'n' of 'keys' and 'values', 0 if it
 * is not there. */
static int64_t
find_counter(const char *name, char **keys, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(keys[i], name)) {
            return values[i];
        }
    }
    return 0;
}

/* Initializes 'bases' with the rows that hold what the ports of 'sw' have
 * counted on other hosts, by "HOST KEY". */
static void
collect_bases(struct ctl_context *ctx, const struct dvsrec_switch *sw,
              struct shash *bases)
{
    const struct dvsrec_proxy_port *base;

    shash_init(bases);
    DVSREC_PROXY_PORT_FOR_EACH (base, ctx->idl) {
        if (uuid_equals(&base->switch_, &sw->header_.uuid)) {
            shash_add_nocopy(bases, xasprintf("%s %s", base->host, base->key),
                             base);
        }
    }
}

static void
put_stats(struct ctl_table *table, const struct dvsrec_port *port,
          const struct dvsrec_port_state *state, const struct shash *bases)
{
    char *key = xasprintf("%s %s", state->host, port->key);
    const struct dvsrec_proxy_port *base = shash_find_data(bases, key);
    free(key);

    ctl_table_add_row(table);
    ctl_table_put(table, port->key);
    ctl_table_put(table, port->portgroup ? port->portgroup->name : NULL);
    ctl_table_put(table, state->nic);
    ctl_table_put(table, state->host);
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        int64_t value = find_counter(counters[i], state->key_statistics,
                                     state->value_statistics,
                                     state->n_statistics);
        if (base) {
            value += find_counter(counters[i], base->key_base_statistics,
                                  base->value_base_statistics,
                                  base->n_base_statistics);
        }
        ctl_table_format(table, "%"PRId64, value);
    }
}

static void
cmd_stats(struct ctl_context *ctx)
{
    struct ctl_column columns[4 + ARRAY_SIZE(counters)] = {
        { "key", true }, { "portgroup", false }, { "nic", false },
        { "host", false },
    };
    struct ctl_target target;
    struct ctl_table table;
    struct shash states, bases;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        columns[4 + i] = (struct ctl_column) { counters[i], true };
    }

    const struct dvsrec_port *port;
    ctl_port_states_init(ctx, target.sw, &states);
    collect_bases(ctx, target.sw, &bases);
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        const struct dvsrec_port_state *state
            = shash_find_data(&states, port->key);

        if (port->switch_ == target.sw && state
            && (!target.pg || port->portgroup == target.pg)
            && (!target.port || port == target.port)) {
            put_stats(&table, port, state, &bases);
        }
    }
    ctl_table_finish(&table, ctx);
    shash_destroy(&states);
    shash_destroy(&bases);
}

static void
pre_events(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    ctl_need_table(ctx, &dvsrec_table_event);
}

static bool
is_event_of(const struct dvsrec_event *event, const struct dvsrec_switch *sw)
{
    return !sw || (event->switch_
                   && uuid_equals(event->switch_, &sw->header_.uuid));
}

static char *
format_time(const struct dvsrec_event *event)
{
    return xastrftime_msec("%Y-%m-%d %H:%M:%S.###", event->time, false);
}

static void
list_events(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    static const struct ctl_column columns[] = {
        { "sequence", true }, { "time", false }, { "severity", false },
        { "type", false }, { "object", false }, { "host", false },
        { "message", false },
    };
    const struct dvsrec_event *event;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_EVENT_FOR_EACH (event, ctx->idl) {
        if (is_event_of(event, sw)) {
            ctl_table_add_row(&table);
            ctl_table_format(&table, "%"PRId64, event->sequence);
            ctl_table_put_nocopy(&table, format_time(event));
            ctl_table_put(&table, event->severity);
            ctl_table_put(&table, event->type);
            ctl_table_put(&table, event->object);
            ctl_table_put(&table, event->host);
            ctl_table_put(&table, event->message);
        }
    }
    ctl_table_finish(&table, ctx);
}

static int
compare_events(const void *a_, const void *b_)
{
    const struct dvsrec_event *const *a = a_;
    const struct dvsrec_event *const *b = b_;

    return ((*a)->sequence < (*b)->sequence ? -1
            : (*a)->sequence > (*b)->sequence);
}

/* Prints the events that have not been printed yet, and comes back when the
 * database has changed.  The output of other commands is printed at the end
 * of a run; this has no end. */
static void
follow_events(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    struct ds *out = dvsctl_context_cast(ctx)->live_output;
    int64_t *last = dvsctl_context_cast(ctx)->last_event;
    const struct dvsrec_event **events = NULL;
    const struct dvsrec_event *event;
    size_t n = 0, allocated = 0;

    DVSREC_EVENT_FOR_EACH (event, ctx->idl) {
        if (event->sequence > *last && is_event_of(event, sw)) {
            if (n >= allocated) {
                events = x2nrealloc(events, &allocated, sizeof *events);
            }
            events[n++] = event;
        }
    }
    if (n) {
        qsort(events, n, sizeof *events, compare_events);
        *last = events[n - 1]->sequence;
    }
    for (size_t i = 0; i < n; i++) {
        char *when = format_time(events[i]);

        ds_put_format(out, "%s  %-7s  %s  %s: %s\n", when,
                      events[i]->severity, events[i]->type,
                      events[i]->object, events[i]->message);
        free(when);
    }
    free(events);
    ctx->try_again = true;
}

static void
cmd_events(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = NULL;

    if (ctx->argc > 1) {
        sw = ctl_find_switch(ctx, ctx->argv[1], true);
        if (!sw) {
            return;
        }
    }
    if (ctl_has_option(ctx, "--follow")
        && !dvsctl_context_cast(ctx)->live_output) {
        ctl_fault(ctx, "NotSupported", "a daemon cannot print events as they "
                  "happen; run this without one (with DVS_DAEMON unset)");
    } else if (ctl_has_option(ctx, "--follow")) {
        follow_events(ctx, sw);
    } else {
        list_events(ctx, sw);
    }
}

const struct dvsctl_command dvsctl_state_commands[] = {
    { { "stats", 1, 1, "TARGET", pre_stats, cmd_stats, NULL, "--columns=",
        RO },
      "print the counters of the ports of TARGET" },
    { { "events", 0, 1, "[SWITCH]", pre_events, cmd_events, NULL,
        "--columns=,--follow", RO },
      "print what happened" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

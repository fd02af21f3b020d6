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
#include "openvswitch/shash.h"
#include "schema/dvs-statistics.h"
#include "timeval.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-rates.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* What "stats" adds up. */
enum stats_by { BY_PORT, BY_PORTGROUP, BY_SWITCH };

/* A row of "stats". */
struct stats_row {
    const struct dvsrec_portgroup *pg;  /* NULL: none, or all. */
    const struct dvsrec_port *port;     /* BY_PORT. */
    const struct dvsrec_port_state *state;  /* Where the port is, or NULL. */
    size_t n_ports;             /* That have a NIC. */
    struct dvs_statistics sum;
    double rate[DVS_N_COUNTERS];    /* How much they rise in a second. */
};

/* What hosts say of a port. */
struct port_sum {
    struct dvs_statistics sum;
    int64_t time;               /* When it was so, in ms since the epoch. */
};

/* How "stats" prints. */
struct stats_style {
    enum stats_by by;
    bool all;                   /* All counters. */
    bool rates;                 /* How fast they rise. */
};

/* Default of DVS_Global.options:stats_interval, and what a report may take
 * beyond it, in ms. */
#define STATS_INTERVAL 20000
#define STATS_SLACK 2000

/* Longest time to watch rates, in s. */
#define INTERVAL_MAX 3600

/* The counters that people see if they do not ask for others. */
static const enum dvs_counter shown[] = {
    DVS_RX_PACKETS, DVS_RX_BYTES, DVS_RX_DROPPED, DVS_RX_ERRORS,
    DVS_TX_PACKETS, DVS_TX_BYTES, DVS_TX_DROPPED, DVS_TX_ERRORS,
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
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_statistics_time);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_dvs_global_col_options);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_col_statistics);
}

/* Adds to the counters in 'sums', by key, what hosts say that the ports of
 * 'sw' have counted.  A port has several hosts during a migration. */
static void
collect_statistics(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                   struct shash *sums)
{
    const struct dvsrec_port_state *state;

    DVSREC_PORT_STATE_FOR_EACH (state, ctx->idl) {
        if (state->key && state->switch_
            && uuid_equals(state->switch_, &sw->header_.uuid)) {
            struct port_sum *port = shash_find_data(sums, state->key);

            if (!port) {
                port = xzalloc(sizeof *port);
                shash_add(sums, state->key, port);
            }
            port->time = MAX(port->time, state->statistics_time);
            dvs_statistics_add_map(&port->sum, state->key_statistics,
                                   state->value_statistics,
                                   state->n_statistics);
            dvs_statistics_add_map(&port->sum, state->key_final_statistics,
                                   state->value_final_statistics,
                                   state->n_final_statistics);
        }
    }
}

/* Returns the row of 'rows' for 'port', which is made if there is none. */
static struct stats_row *
get_stats_row(struct shash *rows, enum stats_by by,
              const struct dvsrec_port *port)
{
    const char *key = (by == BY_PORT ? port->key
                       : by == BY_SWITCH ? port->switch_->name
                       : port->portgroup ? port->portgroup->name : "");
    struct stats_row *row = shash_find_data(rows, key);

    if (!row) {
        row = xzalloc(sizeof *row);
        row->pg = by == BY_SWITCH ? NULL : port->portgroup;
        shash_add(rows, key, row);
    }
    return row;
}

/* Adds 'port', which is at 'state', to 'row'.  Its hosts say 'on_hosts', if
 * they say anything, and the counters rise as 'rates' has seen, which may be
 * null and otherwise sees them now; hosts report them each 'interval' ms. */
static void
add_port_stats(struct stats_row *row, const struct dvsrec_port *port,
               const struct dvsrec_port_state *state,
               const struct port_sum *on_hosts, struct ctl_rates *rates,
               int64_t interval)
{
    struct dvs_statistics sum;

    row->port = port;
    row->state = state;
    row->n_ports += port->connectee || port->pnic;
    memset(&sum, 0, sizeof sum);
    dvs_statistics_add_map(&sum, port->key_statistics,
                           port->value_statistics, port->n_statistics);
    for (size_t i = 0; on_hosts && i < DVS_N_COUNTERS; i++) {
        sum.n[i] += on_hosts->sum.n[i];
    }
    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        row->sum.n[i] += sum.n[i];
    }
    if (rates) {
        char *name = xasprintf(UUID_FMT, UUID_ARGS(&port->header_.uuid));
        double values[DVS_N_COUNTERS];

        ctl_rates_sample(rates, name, &sum, on_hosts ? on_hosts->time : 0,
                         interval);
        ctl_rates_get(rates, name, values);
        for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
            row->rate[i] += values[i];
        }
        free(name);
    }
}

/* Puts counter 'c' of 'row' into 'table', or how fast it rises: bytes as
 * bits. */
static void
put_counter(struct ctl_table *table, const struct stats_row *row,
            enum dvs_counter c, bool rate)
{
    if (!rate) {
        ctl_table_format(table, "%"PRId64, row->sum.n[c]);
    } else if (strstr(dvs_counter_names[c], "_bytes")) {
        ctl_table_format(table, "%.0f", row->rate[c] * 8);
    } else {
        ctl_table_format(table, "%.1f", row->rate[c]);
    }
}

/* Stores in 'names', which the caller frees, the titles of the columns of all
 * counters. */
static void
name_counters(bool rates, char *names[DVS_N_COUNTERS])
{
    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        const char *name = dvs_counter_names[i];
        const char *bytes = strstr(name, "_bytes");

        names[i] = (!rates ? xstrdup(name)
                    : bytes ? xasprintf("%.*s_bit/s", (int) (bytes - name),
                                        name)
                    : xasprintf("%s/s", name));
    }
}

/* Prints 'rows' in 'style'. */
static void
print_stats(struct ctl_context *ctx, const struct dvsrec_switch *sw,
            const struct shash *rows, const struct stats_style *style)
{
    struct ctl_column columns[4 + DVS_N_COUNTERS];
    enum stats_by by = style->by;
    bool all = style->all;
    size_t n = 0, n_counters = all ? DVS_N_COUNTERS : ARRAY_SIZE(shown);
    char *names[DVS_N_COUNTERS];
    const struct shash_node *node;
    struct ctl_table table;

    if (by == BY_PORT) {
        columns[n++] = (struct ctl_column) { "key", true };
        columns[n++] = (struct ctl_column) { "portgroup", false };
        columns[n++] = (struct ctl_column) { "nic", false };
        columns[n++] = (struct ctl_column) { "host", false };
    } else {
        columns[n++] = (struct ctl_column) { by == BY_SWITCH ? "switch"
                                             : "portgroup", false };
        columns[n++] = (struct ctl_column) { "connected", true };
    }
    name_counters(style->rates, names);
    for (size_t i = 0; i < n_counters; i++) {
        columns[n++] = (struct ctl_column) {
            names[all ? i : shown[i]], true
        };
    }

    ctl_table_init(&table, columns, n, 1);
    SHASH_FOR_EACH (node, rows) {
        const struct stats_row *row = node->data;

        ctl_table_add_row(&table);
        if (by == BY_PORT) {
            ctl_table_put(&table, row->port->key);
            ctl_table_put(&table, row->pg ? row->pg->name : NULL);
            ctl_table_put(&table, (row->state ? row->state->nic
                                   : row->port->connectee
                                   ? row->port->connectee->id
                                   : row->port->pnic));
            ctl_table_put(&table, ctl_port_host(row->port, row->state));
        } else {
            ctl_table_put(&table, (by == BY_SWITCH ? sw->name
                                   : row->pg ? row->pg->name : NULL));
            ctl_table_format(&table, "%"PRIuSIZE, row->n_ports);
        }
        for (size_t i = 0; i < n_counters; i++) {
            put_counter(&table, row, all ? i : shown[i], style->rates);
        }
    }
    ctl_table_finish(&table, ctx);
    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        free(names[i]);
    }
}

/* Stores in '*by' what option --by asks for.  Returns false, with a fault, if
 * that is nothing known. */
static bool
parse_by(struct ctl_context *ctx, enum stats_by *by)
{
    const char *option = shash_find_data(&ctx->options, "--by");

    *by = (!option || !strcmp(option, "port") ? BY_PORT
           : !strcmp(option, "portgroup") ? BY_PORTGROUP : BY_SWITCH);
    if (*by == BY_SWITCH && strcmp(option, "switch")) {
        ctl_fault(ctx, "InvalidArgument", "--by must be port, portgroup or "
                  "switch, not \"%s\"", option);
        return false;
    }
    return true;
}

/* Finds out for how long rates are to be watched, and lets the commands be
 * executed again until then.  Returns the interval at which hosts report, in
 * ms, or 0 after a fault. */
static int
watch_rates(struct ctl_context *ctx, struct ctl_rates *rates)
{
    const char *option = shash_find_data(&ctx->options, "--interval");
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(ctx->idl);
    int interval = (global ? smap_get_int(&global->options, "stats_interval",
                                          STATS_INTERVAL) : STATS_INTERVAL);
    int seconds = 0;

    if (option && (!str_to_int(option, 10, &seconds) || seconds < 1
                   || seconds > INTERVAL_MAX)) {
        ctl_fault(ctx, "InvalidArgument", "--interval must be 1 to %d "
                  "seconds, not \"%s\"", INTERVAL_MAX, option);
        return 0;
    } else if (interval <= 0) {
        ctl_fault(ctx, "NotSupported", "hosts do not report counters: "
                  "DVS_Global.options:stats_interval is 0");
        return 0;
    }
    if (!rates->deadline) {
        rates->deadline = time_msec() + MAX(seconds * 1000LL,
                                            interval + STATS_SLACK);
    }
    if (time_msec() < rates->deadline) {
        ctx->try_again = true;
        *dvsctl_context_cast(ctx)->again_at = rates->deadline;
    }
    return interval;
}

static void
cmd_stats(struct ctl_context *ctx)
{
    struct shash states, sums = SHASH_INITIALIZER(&sums);
    struct shash rows = SHASH_INITIALIZER(&rows);
    struct stats_style style = {
        .all = (ctl_has_option(ctx, "--all")
                || ctl_has_option(ctx, "--columns")),
        .rates = (ctl_has_option(ctx, "--rates")
                  || ctl_has_option(ctx, "--interval")),
    };
    struct ctl_rates *rates = (style.rates ? dvsctl_context_cast(ctx)->rates
                               : NULL);
    const struct dvsrec_port *port;
    struct ctl_target target;
    int interval = 0;

    if (!parse_by(ctx, &style.by)
        || !ctl_find_target(ctx, ctx->argv[1], &target)
        || (rates && !(interval = watch_rates(ctx, rates)))) {
        return;
    }
    ctl_port_states_init(ctx, target.sw, &states);
    collect_statistics(ctx, target.sw, &sums);
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        const struct dvsrec_port_state *state
            = shash_find_data(&states, port->key);

        if (port->switch_ == target.sw
            && (!target.pg || port->portgroup == target.pg)
            && (!target.port || port == target.port)
            && (style.by != BY_PORT || state || port->n_statistics
                || port == target.port)) {
            add_port_stats(get_stats_row(&rows, style.by, port), port, state,
                           shash_find_data(&sums, port->key), rates,
                           interval);
        }
    }
    print_stats(ctx, target.sw, &rows, &style);
    shash_destroy(&states);
    shash_destroy_free_data(&sums);
    shash_destroy_free_data(&rows);
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
    bool plan = *dvsctl_context_cast(ctx)->plan;
    if (ctl_has_option(ctx, "--follow") && !plan
        && !dvsctl_context_cast(ctx)->live_output) {
        ctl_fault(ctx, "NotSupported", "a daemon cannot print events as they "
                  "happen; run this without one (with DVS_DAEMON unset)");
    } else if (ctl_has_option(ctx, "--follow") && !plan) {
        follow_events(ctx, sw);
    } else {
        list_events(ctx, sw);
    }
}

const struct dvsctl_command dvsctl_state_commands[] = {
    { { "stats", 1, 1, "TARGET", pre_stats, cmd_stats, NULL,
        "--columns=,--all,--by=,--rates,--interval=", RO },
      "print the counters of the ports of TARGET" },
    { { "events", 0, 1, "[SWITCH]", pre_events, cmd_events, NULL,
        "--columns=,--follow", RO },
      "print what happened" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

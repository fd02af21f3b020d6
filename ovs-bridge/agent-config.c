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

/* What the agent works with: the rows of the DVS database or of the host
 * cache, which of them are confirmed (see confirm.h), and what is kept of that
 * on disk (see host-cache.h). */

#include <config.h>
#include "ovs-bridge/agent.h"
#include <limits.h>
#include <string.h>
#include "coverage.h"
#include "dirs.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/host-cache.h"
#include "ovs-bridge/host-made.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent_config);

COVERAGE_DEFINE(agent_rollback);

/* How long a starting agent waits for the DVS database before it works from
 * the cache, in ms. */
#define HEADLESS_PATIENCE 500

/* The least time from one writing of the cache to the next, in ms. */
#define CACHE_INTERVAL 200

/* How long it may take until all devices have a new MTU, in ms. */
#define MTU_PATIENCE 1000

/* Default of DVS_Global.options:rollback_timeout, in s. */
#define ROLLBACK_TIMEOUT 20

/* Returns how long the database may be silent after a change, in ms, or a
 * negative number if that does not matter. */
static long long int
get_timeout(const struct agent *agent)
{
    const struct smap *options = host_view_db_options(&agent->views);
    int timeout = smap_get_int(options, "rollback_timeout", ROLLBACK_TIMEOUT);

    return (smap_get_bool(options, "auto_rollback", true)
            ? MAX(timeout, 1) * 1000LL : -1);
}

/* Reads the cache of host 'agent->host', whose rows are still empty. */
void
agent_config_open(struct agent *agent, long long int now, long long int wall)
{
    const char *dir = agent->options.state_dir;
    struct host_cache_info info
        = { .turned_down = &agent->views.turned_down };

    agent->opened = now;
    confirm_init(&agent->confirm, now);
    agent->cache_file = host_cache_file_name(dir ? dir : ovs_dbdir(),
                                             agent->host);
    agent->cache = host_cache_writer_create(agent->cache_file);
    if (host_cache_read(agent->cache_file, agent->host, &info,
                        &agent->views.rows)) {
        struct proxy_rows *rows = &agent->views.rows;

        agent->views.trusting = false;
        agent->rolled_back_wall = info.rolled_back;
        if (rows->change) {
            confirm_restore(&agent->confirm, rows->change, wall - info.heard,
                            get_timeout(agent), now);
        }
        if (rows->n_refused && info.rolled_back) {
            agent->confirm.rolled_back = true;
            agent->confirm.rolled_back_at = now - MAX(wall - info.rolled_back,
                                                      0);
        }
    }
    agent->cached_seqno = agent->views.rows.seqno;
    agent->next_cache = now;
}

/* Writes what is not on disk yet, and frees all. */
void
agent_config_close(struct agent *agent)
{
    if (agent->cache) {
        if (!agent->leaving) {
            agent_config_save(agent, LLONG_MAX, agent->wall);
        }
        host_cache_writer_destroy(agent->cache);
        agent->cache = NULL;
        if (agent->leaving) {
            host_cache_remove(agent->cache_file);
        }
        free(agent->cache_file);
        agent->cache_file = NULL;
    }
}

/* Returns true if 'agent' may start to work: it has read the DVS database, or
 * that does not come and the cache says what to do. */
bool
agent_config_is_ready(struct agent *agent, long long int now)
{
    if (host_view_db_global(&agent->views)) {
        return true;
    }
    if (agent->views.trusting) {
        return false;           /* Nothing is known. */
    }
    if (!agent->ready && now < agent->opened + HEADLESS_PATIENCE) {
        poll_timer_wait_until(agent->opened + HEADLESS_PATIENCE);
        return false;
    }
    return true;
}

/* Takes what changed in the DVS database, and marks what that concerns. */
void
agent_config_take(struct agent *agent, long long int now)
{
    struct host_view_db *views = &agent->views;
    bool known = host_view_db_global(views) != NULL;
    bool online = (known && ovsdb_idl_is_connected(agent->dvs.idl)
                   && !agent->reconnect && !agent->probe_at);

    if (confirm_set_online(&agent->confirm, online,
                           MAX(get_timeout(agent), 0), now)
        && proxy_rows_retry(&views->rows)) {
        VLOG_INFO("the database is back, but not for what was rolled back: "
                  "that was not at fault, and is made again");
        views->take_all = true;
    }
    if (known) {
        host_view_db_take(views);
        confirm_changed(&agent->confirm, views->rows.change, now);
    } else {
        views->take_all = true;
    }
    host_view_db_mark(views, &agent->proxies);
}

/* Takes back what is not confirmed. */
static void
roll_back(struct agent *agent, long long int timeout, long long int now,
          long long int wall)
{
    size_t n = proxy_rows_roll_back(&agent->views.rows);

    COVERAGE_INC(agent_rollback);
    VLOG_WARN("nothing was heard of the database for %lld s after a change: "
              "going back to the last confirmed configuration "
              "(%"PRIuSIZE" rows)", timeout / 1000, n);
    confirm_rolled_back(&agent->confirm, now);
    agent->rolled_back_wall = wall;

    /* A session that has been without answers for so long has long pauses
     * between its tries. */
    if (agent->report.padding) {
        agent->probe_at = now + MTU_PATIENCE;
    } else {
        agent->reconnect = true;
    }
    poll_immediate_wake();
}

/* Replaces the session with the database by a new one. */
static void
renew_session(struct agent *agent, long long int now)
{
    agent->reconnect = false;
    confirm_set_online(&agent->confirm, false, 0, now);
    ovsdb_idl_set_remote(agent->dvs.idl, NULL, true);
    ovsdb_idl_set_remote(agent->dvs.idl, agent->remote, true);
    poll_immediate_wake();
}

/* Returns the MTU that some switch or port gets by a change that is not
 * confirmed, 0 if there is none. */
static int
get_open_mtu(const struct proxy_rows *rows)
{
    const struct proxy_row *row;
    int64_t mtu = 0;

    LIST_FOR_EACH (row, open_node, &rows->open) {
        if (!row->running || !row->confirmed) {
            continue;
        }
        if (row->id.kind == PR_SWITCH) {
            const struct dvsrec_proxy_switch *a, *b;

            a = ROW_COPY_CAST(row->running, dvsrec_proxy_switch);
            b = ROW_COPY_CAST(row->confirmed, dvsrec_proxy_switch);
            mtu = MAX(mtu, a->mtu != b->mtu ? a->mtu : 0);
        } else if (row->id.kind == PR_PORT) {
            const struct dvsrec_proxy_port *a, *b;

            a = ROW_COPY_CAST(row->running, dvsrec_proxy_port);
            b = ROW_COPY_CAST(row->confirmed, dvsrec_proxy_port);
            mtu = MAX(mtu, a->n_mtu && (!b->n_mtu || a->mtu[0] != b->mtu[0])
                           ? a->mtu[0] : 0);
        }
    }
    return MIN(mtu, UINT16_MAX);
}

/* Tells the controller, where it has asked for that, that nothing is left of
 * what it has said that is not confirmed.  What a host refuses, it never
 * confirms. */
static void
acknowledge(struct agent *agent)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->confirmed != proxy->confirm
            && !proxy_rows_are_refused(&agent->views.rows, &proxy->uuid)) {
            proxy->confirmed = proxy->confirm;
            proxy->report_dirty = true;
        }
    }
}

/* Confirms what has proven harmless, or takes it back.  'stands': all that was
 * taken so far stands in Open vSwitch. */
void
agent_config_run(struct agent *agent, bool stands, long long int now,
                 long long int wall)
{
    struct proxy_rows *rows = &agent->views.rows;
    long long int timeout = get_timeout(agent);

    /* A network that drops large packets shows only to those who send some,
     * and a TCP connection goes on with the size that it began with. */
    agent->report.padding = get_open_mtu(rows);
    if (stands && agent->report.padding && agent->probed != rows->change) {
        /* The host's own NICs follow a moment later than the uplinks. */
        agent->probed = rows->change;
        agent->probe_at = now + MTU_PATIENCE;
    }
    if (agent->probe_at && now >= agent->probe_at) {
        agent->probe_at = 0;
        agent->reconnect = true;
    }
    if (stands && agent->reconnect) {
        renew_session(agent, now);
    } else if (stands && !agent->probe_at) {
        confirm_stands(&agent->confirm);
    }
    if (!ovs_list_is_empty(&rows->open)) {
        proxy_rows_confirm(rows, agent->confirm.confirmed);
    }
    if (stands && ovs_list_is_empty(&rows->open)) {
        acknowledge(agent);
    }
    switch (confirm_run(&agent->confirm, timeout, now)) {
    case CONFIRM_ECHO:
        agent->report.next_heartbeat = now;
        break;
    case CONFIRM_ROLL_BACK:
        if (ovs_list_is_empty(&rows->open)) {
            /* All of it has been taken back by the database itself. */
            agent->confirm.confirmed = agent->confirm.newest;
        } else {
            roll_back(agent, timeout, now, wall);
        }
        break;
    case CONFIRM_NOTHING:
        break;
    }
    agent_config_save(agent, now, wall);
}

/* Has what changed written to disk, if that is due. */
void
agent_config_save(struct agent *agent, long long int now, long long int wall)
{
    const struct proxy_rows *rows = &agent->views.rows;

    if (agent->views.trusting || rows->seqno == agent->cached_seqno
        || now < agent->next_cache
        || (now != LLONG_MAX && host_cache_writer_is_busy(agent->cache))) {
        return;
    }

    bool open = !ovs_list_is_empty(&rows->open);
    struct host_cache_info info = {
        .heard = open ? wall - (now == LLONG_MAX ? 0
                                : now - agent->confirm.heard) : 0,
        .rolled_back = agent->rolled_back_wall,
        .turned_down = &agent->views.turned_down,
    };
    if (agent->confirm.online) {
        host_made_note(&agent->views, &agent->local);
    }
    agent->cached_seqno = rows->seqno;
    if (now != LLONG_MAX) {
        agent->next_cache = now + CACHE_INTERVAL;
    }
    host_cache_write(agent->cache, host_cache_format(agent->host, &info,
                                                     rows));
}

/* Arranges for poll_block() to wake up when agent_config_run() has something
 * to do. */
void
agent_config_wait(const struct agent *agent)
{
    long long int wake = confirm_wake(&agent->confirm, get_timeout(agent));

    if (wake != LLONG_MAX) {
        poll_timer_wait_until(wake);
    }
    if (agent->probe_at) {
        poll_timer_wait_until(agent->probe_at);
    }
    if (agent->views.rows.seqno != agent->cached_seqno) {
        poll_timer_wait_until(host_cache_writer_is_busy(agent->cache)
                              ? agent->next_cache + CACHE_INTERVAL
                              : agent->next_cache);
    }
}

/* Appends to 's' what is confirmed and what is refused. */
void
agent_config_show(const struct agent *agent, struct ds *s)
{
    const struct proxy_rows *rows = &agent->views.rows;
    const struct proxy_row *row;

    ds_put_format(s, "database: %s\n",
                  agent->host && agent->confirm.online ? "online" : "away");
    if (!agent->host) {
        return;
    }
    ds_put_format(s, "cache: %s%s\n", agent->cache_file,
                  rows->seqno != agent->cached_seqno
                  || host_cache_writer_is_busy(agent->cache)
                  ? " (being written)" : "");
    ds_put_format(s, "rows: %"PRIuSIZE", not confirmed: %"PRIuSIZE", "
                  "refused: %"PRIuSIZE"\n", hmap_count(&rows->by_id),
                  ovs_list_size(&rows->open), rows->n_refused);
    LIST_FOR_EACH (row, open_node, &rows->open) {
        ds_put_cstr(s, "not confirmed: ");
        proxy_row_format_refusal(row, s);
        ds_put_char(s, '\n');
    }
    HMAP_FOR_EACH (row, node, &rows->by_id) {
        if (row->refused) {
            ds_put_cstr(s, "refused: ");
            proxy_row_format_refusal(row, s);
            ds_put_format(s, " %"PRId64"\n", row->refused_version);
        }
    }
}

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

/* The agent of one host.  See agent.h.
 *
 * Everything goes one way:
 *
 *     databases -> view -> compile -> desired flows and rows -> reconcile
 *                                                         -> report
 *
 * One run does each step once, for what changed.  Nothing is written anywhere
 * before both databases have been read as a whole, or, while the DVS database
 * is away, the host cache, so a restart changes nothing on the host. */

#include <config.h>
#include "ovs-bridge/agent.h"
#include <unistd.h>
#include "coverage.h"
#include "dirs.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/load.h"
#include "ovs-bridge/multicast.h"
#include "ovs-bridge/notify.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/ovs-idl.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/probing.h"
#include "schema/dvs-idl.h"
#include "simap.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(agent);

COVERAGE_DEFINE(agent_recompute);

/* Life cycle. */

/* Returns a new agent, which does nothing before agent_run().  The strings in
 * 'options' must outlive it. */
struct agent *
agent_create(const struct agent_options *options)
{
    struct agent *agent = xzalloc(sizeof *agent);
    struct ovsdb_idl *idl;

    agent->options = *options;
    idl = ovsdb_idl_create_unconnected(&ovsrec_idl_class, false);
    local_view_init(&agent->local, idl);
    ovsdb_idl_set_remote(idl, options->ovs_db, true);
    agent->ovs = (struct ovsdb_idl_loop) OVSDB_IDL_LOOP_INITIALIZER(idl);
    pnics_init(&agent->pnics, options->dummy);
    proxies_init(&agent->proxies);
    lacp_partners_init(&agent->partners);
    ovs_sync_init(&agent->sync);
    return agent;
}

/* Ends the connection to the DVS database, if there is one. */
static void
close_dvs(struct agent *agent)
{
    if (agent->host) {
        agent_config_close(agent);
        host_view_db_destroy(&agent->views);
        ovsdb_idl_loop_destroy(&agent->dvs);
        report_destroy(&agent->report);
        free(agent->host);
        agent->host = NULL;
        free(agent->remote);
        agent->remote = NULL;
        agent->ready = agent->barrier = false;
    }
}

/* Frees 'agent'.  The host stays as it is. */
void
agent_destroy(struct agent *agent)
{
    if (agent) {
        ovs_sync_destroy(&agent->sync);
        proxies_destroy(&agent->proxies);
        close_dvs(agent);
        lacp_partners_destroy(&agent->partners);
        pnics_destroy(&agent->pnics);
        local_view_destroy(&agent->local);
        ovsdb_idl_loop_destroy(&agent->ovs);
        free(agent);
    }
}

/* Connections. */

/* Connects to the DVS database at 'remote' as host 'host'. */
static void
open_dvs(struct agent *agent, const char *host, const char *remote,
         long long int now, long long int wall)
{
    struct ovsdb_idl *idl
        = ovsdb_idl_create_unconnected(&dvsrec_idl_class, false);

    ovsdb_idl_set_leader_only(idl, false);
    host_view_db_init(&agent->views, idl, host);
    report_init(&agent->report, idl, host);
    ovsdb_idl_set_write_changed_only_all(idl, true);
    ovsdb_idl_set_remote(idl, remote, true);
    agent->dvs = (struct ovsdb_idl_loop) OVSDB_IDL_LOOP_INITIALIZER(idl);
    agent->host = xstrdup(host);
    agent->remote = xstrdup(remote);
    VLOG_INFO("host \"%s\", database %s", host, remote);
    agent_config_open(agent, now, wall);
}

/* Finds out who we are and where the DVS database is, and goes there if that
 * is news. */
static void
follow_identity(struct agent *agent, const struct ovsrec_open_vswitch *root,
                long long int now, long long int wall)
{
    const struct smap *ids = &root->external_ids;
    const char *host = agent->options.host;
    const char *given = agent->options.dvs_db;
    char hostname[256] = "";
    char *remote;

    if (!host) {
        gethostname(hostname, sizeof hostname - 1);
        host = smap_get_def(ids, "dvs-host",
                            smap_get_def(ids, "hostname", hostname));
    }
    given = given ? given : smap_get(ids, "dvs-remote");
    remote = (given ? xstrdup(given)
              : xasprintf("unix:%s/dvs_db.sock", ovs_rundir()));

    if (!nullable_string_is_equal(agent->host, host)) {
        if (agent->host) {
            VLOG_WARN("host \"%s\" is called \"%s\" now; what it reported "
                      "under its old name stays until somebody removes it",
                      agent->host, host);
        }
        close_dvs(agent);
        open_dvs(agent, host, remote, now, wall);
    } else if (strcmp(agent->remote, remote)) {
        VLOG_INFO("database %s", remote);
        ovsdb_idl_set_remote(agent->dvs.idl, remote, true);
        free(agent->remote);
        agent->remote = xstrdup(remote);
    }
    free(remote);
    pnics_set_patterns(&agent->pnics, smap_get(ids, "dvs-pnics"));
    pnics_set_speeds(&agent->pnics, smap_get(ids, "dvs-nic-speeds"));
}

/* Starts an iteration of 'loop'.  Returns a transaction to write into, or NULL
 * if nothing can be written now: the last one is under way, or there is no
 * connection. */
static struct ovsdb_idl_txn *
run_db(struct ovsdb_idl_loop *loop)
{
    struct ovsdb_idl_txn *txn = ovsdb_idl_loop_run(loop);

    return ovsdb_idl_is_connected(loop->idl) ? txn : NULL;
}

/* Returns true if the last transaction of 'loop' that was to be committed is
 * not in the database. */
static bool
last_txn_failed(const struct ovsdb_idl_loop *loop)
{
    return !loop->committing_txn && loop->cur_cfg != loop->next_cfg;
}

/* Proxy switches. */

/* Forgets the proxy switches that are neither wanted nor there any more. */
static void
forget_proxies(struct agent *agent)
{
    struct proxy *proxy;

    PROXY_FOR_EACH_SAFE (proxy, &agent->proxies) {
        if (!proxy->wanted && !proxy->bridge && !proxy->conn
            && !proxy->rebuild && !proxy->sync_dirty
            && !proxy->report_dirty && !proxy->report_ports
            && !host_view_db_is_refused(&agent->views, &proxy->uuid)
            && sset_is_empty(&proxy->report_nics)) {
            proxy_remove(&agent->proxies, proxy);
        }
    }
}

/* The barrier. */

/* Returns true if every row that is wanted stands in the local database, as
 * far as it can, and ovs-vswitchd has taken it. */
static bool
is_settled(const struct agent *agent)
{
    const struct proxy *proxy;

    if (agent->ovs.committing_txn
        || !ovs_sync_is_settled(&agent->sync, &agent->proxies,
                                &agent->local)) {
        return false;
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->flows_lost
            || (proxy->wanted && proxy->complete && !proxy->conn
                && sset_is_empty(&proxy->sync_faults))) {
            return false;
        }
    }
    return true;
}

/* Returns true if everything that was compiled so far stands. */
static bool
stands(const struct agent *agent)
{
    const struct proxy *proxy;

    if (!is_settled(agent)) {
        return false;
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->conn && !proxy_in_step(proxy)) {
            return false;
        }
    }
    return true;
}

/* Acknowledges DVS_Global.controller_cfg once everything that came with it
 * stands in the local database and in the bridges. */
static void
run_barrier(struct agent *agent)
{
    const struct dvsrec_dvs_global *global
        = host_view_db_global(&agent->views);
    struct proxy *proxy;

    if (!agent->barrier) {
        if (!global || global->controller_cfg == agent->report.applied_cfg
            || !is_settled(agent)) {
            return;
        }
        agent->barrier = true;
        agent->barrier_cfg = global->controller_cfg;
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            proxy->barrier = proxy->conn ? of_conn_mark(proxy->conn) : 0;
        }
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->conn
            && (!proxy_is_connected(proxy)
                || !of_conn_in_step(proxy->conn, proxy->barrier))) {
            return;
        }
    }
    agent->barrier = false;
    agent->report.applied_cfg = agent->barrier_cfg;
    agent->report.host_dirty = true;
}

/* Running. */

/* Begins to compare everything, if the controller has asked for that. */
static void
begin_to_rectify(struct agent *agent, long long int now)
{
    struct proxy *proxy;
    bool accepted = false;

    host_view_db_read_signals(&agent->views, &agent->proxies);
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->rectifying == RECTIFY_WANTED) {
            VLOG_INFO("%s: comparing all with what it should be, as the "
                      "controller asks", proxy->view.name);
            proxy->rectifying = RECTIFY_RUNNING;
            agent->recompute = true;
            if (proxy_rows_accept(&agent->views.rows, &proxy->uuid)) {
                VLOG_INFO("%s: taking what was rolled back once more",
                          proxy->view.name);
                accepted = true;
            }
        }
    }
    if (accepted) {
        agent->views.take_all = true;
        agent_config_take(agent, now);
    }
}

/* Takes what changed in the databases and the NICs into the views. */
static void
update_views(struct agent *agent, long long int now)
{
    struct proxy *proxy;

    agent_config_take(agent, now);
    begin_to_rectify(agent, now);
    if (agent->recompute) {
        COVERAGE_INC(agent_recompute);
        agent->recompute = false;
        agent->report.all = true;
        local_view_recompute(&agent->local);
        host_view_db_recompute(&agent->views, &agent->proxies, &agent->local);
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            if (proxy->conn) {
                of_conn_resync(proxy->conn);
                proxy_mark(proxy);
            }
        }
    }
    if (!sset_is_empty(&agent->pnics.changed)) {
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            proxy->sync_dirty = true;
        }
    }
    if (agent->pnics.devices_changed) {
        /* One may have been in the way. */
        agent->pnics.devices_changed = false;
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            proxy->sync_dirty = (proxy->sync_dirty
                                 || !sset_is_empty(&proxy->sync_faults));
        }
    }
    report_track(&agent->report, &agent->proxies);
    agent->views.away = (agent->just_read
                         || !ovsdb_idl_is_connected(agent->dvs.idl));
    agent->just_read = false;
    host_view_db_update(&agent->views, &agent->proxies, &agent->local);
    if (agent_adopt_bridges(agent)) {
        host_view_db_update(&agent->views, &agent->proxies, &agent->local);
    }
    report_note_local(&agent->report, &agent->local, &agent->pnics);

    sset_clear(&agent->pnics.changed);
    sset_clear(&agent->local.dirty_ifaces);
    sset_clear(&agent->local.dirty_nics);
    agent->local.bridges_dirty = agent->local.offer_dirty = false;
}

/* Does everything that follows from what changed. */
static void
run_ready(struct agent *agent, long long int now, long long int wall)
{
    struct proxy *proxy;

    update_views(agent, now);
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        load_run(proxy, host_view_db_options(&agent->views), now);
        load_place(proxy, now);
        agent_compile(proxy);
    }
    if (agent->ovs_txn) {
        ovs_sync_run(&agent->sync, &agent->proxies, &agent->local,
                     &agent->pnics, agent->ovs_txn);
    }
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        agent_run_conn(agent, proxy);
        notify_run(proxy, now);
        multicast_run(proxy, now);
        probing_run(proxy, now);
    }
    lacp_partners_run(&agent->partners, &agent->proxies, now);
    run_barrier(agent);
    agent_config_run(agent, stands(agent), now, wall);
    if (agent->dvs_txn && host_view_db_global(&agent->views)) {
        struct report_ctx ctx = {
            .proxies = &agent->proxies,
            .views = &agent->views,
            .local = &agent->local,
            .pnics = &agent->pnics,
            .partners = &agent->partners.by_nic,
            .rolled_back = agent->rolled_back_wall,
            .settled = is_settled(agent),
            .now = now,
            .wall = wall,
            .txn = agent->dvs_txn,
        };

        report_run(&agent->report, &ctx);
        if (agent->report.beat) {
            agent->report.beat = false;
            confirm_echo_sent(&agent->confirm, now);
        }
        agent->dvs.next_cfg++;
    }
    forget_proxies(agent);
}

/* Leaving. */

/* How long the DVS database may take to delete our rows, in ms. */
#define LEAVE_PATIENCE 5000

/* Has 'agent' take everything of ours off this host, and then set 'done': the
 * bridges, but for ports that others put there, and our rows in the DVS
 * database.  What others configured for the host stays: another agent on it
 * makes it all again. */
void
agent_leave(struct agent *agent)
{
    struct proxy *proxy;

    agent->leaving = true;
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        const struct hv_port *port;

        desired_remove_owner(&proxy->desired, DESIRED_COOKIE(DC_SWITCH, 0));
        HMAP_FOR_EACH (port, node, &proxy->view.ports) {
            pipeline_remove_port(&proxy->view, port->key,
                                 &proxy->desired);
        }
        proxy_mark(proxy);
    }
    poll_immediate_wake();
}

/* Returns true if no bridge that answers has flows of ours any more. */
static bool
flows_are_gone(struct agent *agent)
{
    struct proxy *proxy;
    bool gone = true;

    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->conn) {
            of_conn_run(proxy->conn);
            gone = gone && (!proxy_is_connected(proxy)
                            || proxy_in_step(proxy));
        }
    }
    return gone;
}

static void
run_leave(struct agent *agent, long long int now)
{
    if (!agent->leave_by) {
        agent->leave_by = now + LEAVE_PATIENCE;
    }
    poll_timer_wait_until(agent->leave_by);
    if (!flows_are_gone(agent) && now < agent->leave_by) {
        return;
    }
    if (agent->ovs_txn && !agent->sync.wrote) {
        ovs_sync_cleanup(&agent->sync, &agent->local, &agent->pnics,
                         agent->ovs_txn);
    }
    if (!agent->ready || now >= agent->leave_by) {
        agent->withdrawn = true;
    } else if (agent->dvs_txn) {
        agent->withdrawn = !report_withdraw(&agent->report);
        agent->dvs.next_cfg++;
    }
    if (now >= agent->leave_by && !agent->ovs_txn) {
        VLOG_WARN("the local database does not answer");
        agent->done = true;
        return;
    }
    agent->done = (agent->withdrawn && agent->ovs_txn && !agent->sync.wrote);
}

/* Finds out what became of the last transactions. */
static void
check_txns(struct agent *agent, long long int now)
{
    struct proxy *proxy;

    if (last_txn_failed(&agent->ovs)) {
        agent->ovs.next_cfg = agent->ovs.cur_cfg;
        ovs_sync_failed(&agent->sync, &agent->proxies);
    } else if (!agent->ovs.committing_txn) {
        ovs_sync_committed(&agent->sync, &agent->local);
    }
    if (agent->host && agent->confirm.echoing
        && !agent->dvs.committing_txn) {
        if (last_txn_failed(&agent->dvs)) {
            confirm_echo_lost(&agent->confirm);
        } else {
            confirm_echo_answered(&agent->confirm, now);
        }
    }
    if (agent->host && last_txn_failed(&agent->dvs)) {
        agent->dvs.next_cfg = agent->dvs.cur_cfg;
        agent->report.all = true;
        PROXY_FOR_EACH (proxy, &agent->proxies) {
            proxy->report_dirty = true;
        }
    }
}

/* Notes that all that is needed has been read. */
static void
start_work(struct agent *agent)
{
    bool known = host_view_db_global(&agent->views) != NULL;

    if (!agent->ready) {
        agent->ready = agent->recompute = agent->just_read = true;
        VLOG_INFO("%s", known ? "databases read"
                  : "the DVS database is away: working from the cache");
        agent->headless = !known;
    } else if (agent->headless && known) {
        VLOG_INFO("databases read");
        agent->headless = false;
        agent->report.all = agent->just_read = true;
    }
}

/* Does what there is to do.  'now' is the monotonic time and 'wall' the time
 * of day, both in ms. */
void
agent_run(struct agent *agent, long long int now, long long int wall)
{
    const struct ovsrec_open_vswitch *root;

    agent->wall = wall;
    agent->ovs_txn = run_db(&agent->ovs);
    root = local_view_root(&agent->local);
    local_view_run(&agent->local);
    ovsdb_idl_track_clear(agent->ovs.idl);
    if (root) {
        follow_identity(agent, root, now, wall);
        agent_follow_restore(agent, root);
    }
    pnics_run(&agent->pnics);

    agent->dvs_txn = agent->host ? run_db(&agent->dvs) : NULL;
    check_txns(agent, now);
    if (agent->leaving) {
        if (root) {
            run_leave(agent, now);
        } else {
            agent->done = true;
        }
    } else if (agent->host && root && agent_config_is_ready(agent, now)) {
        start_work(agent);
        run_ready(agent, now, wall);
    } else {
        /* Nothing new to realise, but what was realised must stay. */
        struct proxy *proxy;

        PROXY_FOR_EACH (proxy, &agent->proxies) {
            agent_run_conn(agent, proxy);
        }
    }
    if (agent->host) {
        ovsdb_idl_track_clear(agent->dvs.idl);
        ovsdb_idl_loop_commit_and_wait(&agent->dvs);
    }
    if (agent->sync.wrote && agent->ovs_txn) {
        agent->ovs.next_cfg++;
    }
    ovsdb_idl_loop_commit_and_wait(&agent->ovs);
    agent->ovs_txn = agent->dvs_txn = NULL;
}

/* Arranges for poll_block() to wake up when agent_run() has something to
 * do. */
void
agent_wait(struct agent *agent)
{
    struct proxy *proxy;

    pnics_wait(&agent->pnics);
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        if (proxy->conn) {
            of_conn_wait(proxy->conn);
        }
        if (agent->ready && !agent->leaving) {
            notify_wait(proxy);
            load_wait(proxy);
            multicast_wait(proxy);
            probing_wait(proxy);
        }
    }
    if (agent->ready && !agent->leaving) {
        lacp_partners_wait(&agent->partners);
        report_wait(&agent->report);
        agent_config_wait(agent);
    }
}

/* Adds to 'usage' what 'agent' holds. */
void
agent_get_memory_usage(const struct agent *agent, struct simap *usage)
{
    const struct proxy *proxy;

    simap_increase(usage, "switches", hmap_count(&agent->proxies.by_uuid));
    simap_increase(usage, "interfaces", shash_count(&agent->local.ifaces));
    PROXY_FOR_EACH (proxy, &agent->proxies) {
        simap_increase(usage, "ports", hmap_count(&proxy->view.ports));
        simap_increase(usage, "flows", proxy->desired.n_flows);
        simap_increase(usage, "groups", proxy->desired.n_groups);
    }
    ovsdb_idl_get_memory_usage(agent->ovs.idl, usage);
    if (agent->host) {
        ovsdb_idl_get_memory_usage(agent->dvs.idl, usage);
    }
}

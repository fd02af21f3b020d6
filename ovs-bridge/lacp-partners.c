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

/* LACP neighbours.  See lacp-partners.h. */

#include <config.h>
#include "ovs-bridge/lacp-partners.h"
#include <stdlib.h>
#include <sys/stat.h>
#include "daemon.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/lacp-show.h"
#include "ovs-bridge/proxy.h"
#include "util.h"

/* How often to ask, in ms. */
#define INTERVAL 3000

void
lacp_partners_init(struct lacp_partners *lp)
{
    *lp = (struct lacp_partners) { .session = NULL };
    smap_init(&lp->by_nic);
}

/* Ends the connection, and forgets what was heard. */
static void
stop(struct lacp_partners *lp)
{
    jsonrpc_session_close(lp->session);
    lp->session = NULL;
    free(lp->target);
    lp->target = NULL;
    json_destroy(lp->id);
    lp->id = NULL;
    lp->ask_at = 0;
    smap_clear(&lp->by_nic);
}

void
lacp_partners_destroy(struct lacp_partners *lp)
{
    stop(lp);
    smap_destroy(&lp->by_nic);
}

/* Returns true if some switch of the host has a LAG with a NIC here. */
static bool
has_lag(const struct proxies *proxies)
{
    const struct proxy *proxy;

    PROXY_FOR_EACH (proxy, proxies) {
        for (int id = HV_FIRST_LAG; id <= HV_LAST_LAG; id++) {
            if (proxy->view.uplinks[id].name) {
                return true;
            }
        }
    }
    return false;
}

/* Returns ovs-vswitchd's control socket, or NULL if it does not run; the
 * caller frees it. */
static char *
find_target(void)
{
    char *pidfile = xasprintf("%s/ovs-vswitchd.pid", ovs_rundir());
    struct stat s;
    pid_t pid = stat(pidfile, &s) ? -1 : read_pidfile(pidfile);

    free(pidfile);
    return (pid <= 0 ? NULL
            : xasprintf("unix:%s/ovs-vswitchd.%ld.ctl", ovs_rundir(),
                        (long int) pid));
}

/* Connects to ovs-vswitchd, which may be another one than before. */
static void
follow_daemon(struct lacp_partners *lp)
{
    char *target = find_target();

    if (!nullable_string_is_equal(target, lp->target)) {
        stop(lp);
        if (target) {
            lp->session = jsonrpc_session_open(target, true);
            jsonrpc_session_set_probe_interval(lp->session, 0);
            lp->target = xstrdup(target);
        }
    }
    free(target);
}

static void
take_answer(struct lacp_partners *lp, const char *text,
            struct proxies *proxies)
{
    struct smap partners = SMAP_INITIALIZER(&partners);

    lacp_show_parse(text, &partners);
    if (!smap_equal(&partners, &lp->by_nic)) {
        struct proxy *proxy;

        smap_destroy(&lp->by_nic);
        smap_clone(&lp->by_nic, &partners);
        PROXY_FOR_EACH (proxy, proxies) {
            proxy->report_dirty = true;
        }
    }
    smap_destroy(&partners);
}

/* Asks and listens, at the monotonic time 'now', in ms.  Marks those of
 * 'proxies' whose report is to change. */
void
lacp_partners_run(struct lacp_partners *lp, struct proxies *proxies,
                  long long int now)
{
    struct jsonrpc_msg *msg;

    if (!has_lag(proxies)) {
        if (lp->target || lp->ask_at) {
            stop(lp);
        }
        return;
    }
    if (now >= lp->ask_at) {
        follow_daemon(lp);
        lp->ask_at = now + INTERVAL;
        if (lp->session && jsonrpc_session_is_connected(lp->session)) {
            json_destroy(lp->id);
            jsonrpc_session_send(lp->session, jsonrpc_create_request(
                "lacp/show", json_array_create_empty(), &lp->id));
        } else {
            lp->ask_at = now + INTERVAL / 10;
        }
    }
    if (!lp->session) {
        return;
    }
    jsonrpc_session_run(lp->session);
    while ((msg = jsonrpc_session_recv(lp->session))) {
        if (msg->type == JSONRPC_REPLY && lp->id
            && json_equal(msg->id, lp->id)
            && msg->result->type == JSON_STRING) {
            take_answer(lp, json_string(msg->result), proxies);
            json_destroy(lp->id);
            lp->id = NULL;
        }
        jsonrpc_msg_destroy(msg);
    }
}

/* Has the poll loop wake up when lacp_partners_run() has something to do. */
void
lacp_partners_wait(struct lacp_partners *lp)
{
    if (lp->ask_at) {
        poll_timer_wait_until(lp->ask_at);
    }
    if (lp->session) {
        jsonrpc_session_wait(lp->session);
        jsonrpc_session_recv_wait(lp->session);
    }
}

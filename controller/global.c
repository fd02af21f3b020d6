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

/* DVS_Global: the barrier.
 *
 * controller_cfg follows next_cfg in the transaction that writes what follows
 * from it, and that begins the last queued task; hosts_cfg follows what the
 * hosts acknowledge, but stays as it is during rollouts. */

#include <config.h>

#include "controller/concerns.h"

#include "controller/liveness.h"
#include "controller/pass.h"
#include "controller/rollouts.h"
#include "util.h"

/* Returns the smallest number that a connected host has acknowledged, but no
 * more than 'max'.  Hosts that are members of no switch count: they may have
 * one to take down. */
int64_t
global_acknowledged(struct pass *pass, int64_t max)
{
    const struct dvsrec_host *host;
    int64_t cfg = max;

    DVSREC_HOST_FOR_EACH (host, pass->idl) {
        if (host->applied_cfg < cfg
            && liveness_is_connected(pass->liveness, host->name)) {
            cfg = host->applied_cfg;
        }
    }
    return cfg;
}

/* Raises next_cfg in the way of a client that waits for what this pass tells
 * hosts, but only once in a pass.  Returns the number. */
int64_t
global_raise(struct pass *pass)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);

    if (!global) {
        global = dvsrec_dvs_global_insert(pass->txn);
    }
    if (!pass->raised) {
        pass->raised = true;
        dvsrec_dvs_global_verify_next_cfg(global);
        dvsrec_dvs_global_set_next_cfg(global,
                                       next_number(global->next_cfg));
    }
    return global->next_cfg;
}

/* To be called last in a pass. */
void
global_run(struct pass *pass)
{
    const struct dvsrec_dvs_global *global
        = dvsrec_dvs_global_first(pass->idl);

    if (!global) {
        global = dvsrec_dvs_global_insert(pass->txn);
    }
    if (!pass->more_tasks && !pass->partial) {
        dvsrec_dvs_global_set_controller_cfg(global, global->next_cfg);
    }
    if (pass->dirty->global) {
        pass->dirty->global = false;
        /* Until a rollout is over, not all hosts have been told of all. */
        if (!rollouts_are_running(pass)) {
            dvsrec_dvs_global_set_hosts_cfg(
                global, global_acknowledged(pass, global->next_cfg));
        }
    }
}

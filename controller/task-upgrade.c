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

/* Raising the feature level of a switch; see schema/dvs-operation.c. */

#include <config.h>

#include "controller/tasks.h"

#include "controller/pass.h"
#include "schema/dvs-level.h"

/* Operation "upgrade". */
enum task_outcome
task_upgrade(struct task *task)
{
    struct pass *pass = task->pass;
    const struct dvsrec_switch *s;
    int level;

    if (!dvs_upgrade_check(&task->op, &s, &level)) {
        return TASK_ERROR;
    }

    int was = dvs_level_from_string(s->version);
    dvs_upgrade(s, level);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &s->header_.uuid);
    event_list_add(pass->events, "DvsUpgradedEvent", "info",
                   &s->header_.uuid, s->name, NULL,
                   "switch upgraded to feature level %s, was %s",
                   dvs_levels[level], dvs_levels[was]);
    return TASK_SUCCESS;
}

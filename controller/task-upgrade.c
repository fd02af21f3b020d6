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

/* Raising the feature level of a switch: vSphere's
 * PerformDvsProductSpecOperation_Task with operation "upgrade". */

#include <config.h>

#include "controller/tasks.h"

#include "controller/pass.h"
#include "schema/dvs-level.h"

/* Operation "upgrade". */
enum task_outcome
task_upgrade(struct task *task)
{
    const struct dvsrec_switch *s = task_find_switch(task, "switch");
    const char *version = task_argument(task, "version");
    struct pass *pass = task->pass;

    if (!s) {
        return TASK_ERROR;
    }
    int now = dvs_level_from_string(s->version);
    int new = dvs_level_from_string(version);
    if (new < 0) {
        return task_fault(task, "InvalidArgument", "version",
                          "there is no feature level \"%s\", only %s to %s",
                          version, dvs_levels[0],
                          dvs_levels[DVS_LEVEL_NEWEST]);
    } else if (!view_switch_is_ok(pass->view, view_switch(pass->view, s))) {
        return task_fault(task, "InvalidState", "switch",
                          "switch \"%s\" is at fault", s->name);
    } else if (new <= now) {
        return task_fault(task, "InvalidState", "version",
                          "switch \"%s\" is at feature level %s already%s",
                          s->name, dvs_levels[now],
                          new < now ? ", which cannot be lowered" : "");
    }
    dvsrec_switch_verify_version(s);
    dvsrec_switch_set_version(s, dvs_levels[new]);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &s->header_.uuid);
    event_list_add(pass->events, "DvsUpgradedEvent", "info",
                   &s->header_.uuid, s->name, NULL,
                   "switch upgraded to feature level %s, was %s",
                   dvs_levels[new], dvs_levels[now]);
    return TASK_SUCCESS;
}

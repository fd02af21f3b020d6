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

#ifndef DVSCTL_PLAN_TASK_H
#define DVSCTL_PLAN_TASK_H 1

/* Plans of tasks: what the controller would do, done to the rows of the open
 * transaction, which is thrown away. */

#include "openvswitch/compiler.h"

struct ctl_context;
struct ctl_plan;

void ctl_plan_need_tasks(struct ctl_context *);
void ctl_plan_need_checkpoints(struct ctl_context *);
void ctl_plan_note_tasks(struct ctl_plan *, const struct ctl_context *);
char *ctl_plan_run_tasks(struct ctl_plan *, struct ctl_context *)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-plan-task.h */

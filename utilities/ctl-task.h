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

#ifndef DVSCTL_TASK_H
#define DVSCTL_TASK_H 1

/* Commands that are tasks.  Such a command inserts a row in table Task:
 *
 *     static void
 *     pre_foo(struct ctl_context *ctx)
 *     {
 *         ctl_need_tasks(ctx);
 *         ...
 *     }
 *
 *     static void
 *     cmd_foo(struct ctl_context *ctx)
 *     {
 *         struct smap arguments = SMAP_INITIALIZER(&arguments);
 *         ...
 *         ctl_task_add(ctx, "foo", &arguments);
 *     }
 *
 * and has ctl_task_post as its "postprocess" function.  The run then waits for
 * the end of the task and prints its result or its fault; with --wait=none it
 * prints the task's UUID, for show-task. */

#include <stdbool.h>

struct ctl_context;
struct ctl_touched;
struct ds;
struct dvsrec_task;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct smap;
struct svec;

void ctl_need_tasks(struct ctl_context *);
const struct dvsrec_task *ctl_task_insert(struct ovsdb_idl_txn *);
bool ctl_task_is_there(const struct ctl_touched *, const struct ovsdb_idl *);
const struct dvsrec_task *ctl_task_add(struct ctl_context *,
                                       const char *operation,
                                       struct smap *arguments);
void ctl_task_post(struct ctl_context *);

bool ctl_tasks_are_done(const struct ctl_touched *, const struct ovsdb_idl *,
                        struct ds *progress);
void ctl_tasks_put_results(const struct ctl_touched *,
                           const struct ovsdb_idl *, struct ds *output);

#endif /* ctl-task.h */

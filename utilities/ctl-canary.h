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

#ifndef DVSCTL_CANARY_H
#define DVSCTL_CANARY_H 1

/* "dvsctl --canary=HOST,...": what the run changes goes to these hosts first.
 * --no-canary: everyone is told at once.
 *
 *     ctl_canary_begin(canary, ...);  ...before the commands,
 *     ...the commands write rows in the open transaction...
 *     ctl_canary_finish(canary, ...); ...and after them.
 *
 * It inserts a task "rollout" for each switch whose configuration the commands
 * change, or that their own tasks are about. */

#include <stdbool.h>
#include "openvswitch/shash.h"

struct ctl_context;
struct ovsdb_idl;

struct ctl_canary {
    struct shash before;        /* Switch's UUID -> "struct dvs_document *"
                                 * with its state before the commands. */
};

void ctl_canary_need(struct ctl_context *);
void ctl_canary_init(struct ctl_canary *);
void ctl_canary_destroy(struct ctl_canary *);
char *ctl_canary_begin(struct ctl_canary *, const struct ovsdb_idl *)
    OVS_WARN_UNUSED_RESULT;
char *ctl_canary_finish(const struct ctl_canary *, struct ctl_context *,
                        const char *hosts)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-canary.h */

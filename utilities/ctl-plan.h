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

#ifndef DVSCTL_PLAN_H
#define DVSCTL_PLAN_H 1

/* "dvsctl plan" and --plan: what a run of commands would change, and what that
 * would mean, before it is committed.
 *
 *     ctl_plan_begin(plan, ...);      ...before the commands,
 *     ...the commands write rows in the open transaction...
 *     ctl_plan_note_tasks(plan, ...); ...after each of them (ctl-plan-task.h),
 *     ctl_plan_finish(plan, ...);     ...and after all. */

#include "openvswitch/compiler.h"
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "schema/dvs-document.h"
#include "sset.h"

struct ctl_context;
struct ovsdb_idl;

struct ctl_plan {
    /* What there is before the commands. */
    struct dvs_document document;
    struct shash nics;          /* NIC's id -> "struct dvs_impact_nic". */
    struct shash members;       /* "SWITCH-UUID HOST" -> "char *" with the
                                 * name of the switch. */
    struct shash places;        /* UUID -> "struct ctl_plan_place". */
    struct shash refused;       /* UUID of a NIC or pool that does not get the
                                 * bandwidth it asks for -> "char *". */

    /* What they ask the controller for. */
    struct uuid *tasks;         /* Rows of Task, in order. */
    size_t n_tasks, allocated_tasks;

    /* What comes of that. */
    struct shash hosts;         /* Name of a host that has something to do ->
                                 * "struct ctl_plan_host *". */
    struct shash merged;        /* UUID of a switch -> "struct uuid *" of the
                                 * one that it is merged into. */
    struct sset rolled_out;     /* Names of switches, changes of which canaries
                                 * try out first. */
    struct sset canaries;       /* "SWITCH HOST". */
};

void ctl_plan_need(struct ctl_context *);
void ctl_plan_init(struct ctl_plan *);
void ctl_plan_destroy(struct ctl_plan *);
void ctl_plan_follow_merges(const struct ctl_plan *, struct uuid *switch_);
char *ctl_plan_begin(struct ctl_plan *, const struct ovsdb_idl *)
    OVS_WARN_UNUSED_RESULT;
char *ctl_plan_finish(struct ctl_plan *, struct ctl_context *)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-plan.h */

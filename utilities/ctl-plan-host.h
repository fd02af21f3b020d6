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

#ifndef DVSCTL_PLAN_HOST_H
#define DVSCTL_PLAN_HOST_H 1

/* The hosts of a plan: which have something to do, and why. */

#include <stddef.h>
#include "openvswitch/compiler.h"
#include "svec.h"

struct ctl_plan;
struct ctl_plan_reader;
struct dvs_doc_changes;
struct shash;

struct ctl_plan_host {
    struct svec reasons;
    size_t n_nics;              /* Of its NICs that are concerned. */
};

struct ctl_plan_host *ctl_plan_get_host(struct ctl_plan *, const char *name);
void ctl_plan_touch_host(struct ctl_plan *, const char *name,
                         const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
void ctl_plan_find_hosts(struct ctl_plan *, const struct ctl_plan_reader *,
                         const struct dvs_doc_changes *);
void ctl_plan_find_canaries(struct ctl_plan *,
                            const struct ctl_plan_reader *);
void ctl_plan_destroy_hosts(struct shash *);

#endif /* ctl-plan-host.h */

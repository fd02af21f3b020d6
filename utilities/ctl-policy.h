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

#ifndef DVSCTL_POLICY_H
#define DVSCTL_POLICY_H 1

/* Settings of switches, portgroups and ports, as the commands of several
 * families read and write them. */

#include <stdbool.h>
#include "schema/dvs-setting.h"

struct ctl_context;
struct ctl_target;
struct dvsrec_port_setting;
struct dvsrec_switch;

bool ctl_load_setting(struct ctl_context *, const struct ctl_target *,
                      struct dvs_setting *);
void ctl_drop_setting(const struct dvsrec_port_setting *);
void ctl_store_setting(struct ctl_context *, const struct ctl_target *,
                       const struct dvs_setting *);
bool ctl_effective_setting(struct ctl_context *, const struct ctl_target *,
                           struct dvs_setting *,
                           enum dvs_origin origins[DVS_N_PROPERTIES]);
char *ctl_effective_vlan(struct ctl_context *, const struct ctl_target *);

#endif /* ctl-policy.h */

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

#ifndef DVSCTL_PORTGROUP_H
#define DVSCTL_PORTGROUP_H 1

/* Portgroups, as the commands of several families show them. */

#include <stddef.h>

struct ctl_context;
struct dvsrec_portgroup;

void ctl_portgroup_count_ports(struct ctl_context *,
                               const struct dvsrec_portgroup *,
                               size_t *n_portsp, size_t *n_usedp);
const char *ctl_portgroup_type_word(const char *type);

#endif /* ctl-portgroup.h */

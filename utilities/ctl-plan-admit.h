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

#ifndef DVSCTL_PLAN_ADMIT_H
#define DVSCTL_PLAN_ADMIT_H 1

/* Which reservations the controller would not grant, as the rows are. */

struct ctl_plan;
struct ctl_plan_reader;
struct shash;

void ctl_plan_read_refusals(const struct ctl_plan *, struct ctl_plan_reader *,
                            struct shash *refused);

#endif /* ctl-plan-admit.h */

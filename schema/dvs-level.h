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

#ifndef DVS_LEVEL_H
#define DVS_LEVEL_H 1

/* PURE: the feature levels of a switch (vSphere's
 * DistributedVirtualSwitchProductSpec.version).
 *
 * A switch has the features of its level and of those before it.  One that
 * names none has the newest.  A level rises by a task and never falls. */

#include <stddef.h>

/* The names of the levels, as in Switch.version, in order, the newest last. */
extern const char *const dvs_levels[];
extern const size_t dvs_n_levels;

/* The level that brings IGMP and MLD snooping, MAC learning, filter rules and
 * link aggregation groups. */
#define DVS_LEVEL_2 1

/* The newest level. */
#define DVS_LEVEL_NEWEST (dvs_n_levels - 1)

int dvs_level_from_string(const char *version);

#endif /* dvs-level.h */

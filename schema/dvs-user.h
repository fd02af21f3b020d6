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

#ifndef DVS_USER_H
#define DVS_USER_H 1

/* Who of a switch has a policy that refers to something: what is referred to
 * must not go.  These take time in proportion to the database, so they are for
 * when something is about to go. */

#include <stdint.h>

struct dvsrec_switch;
struct ovsdb_idl;

char *dvs_pvlan_user(const struct ovsdb_idl *, const struct dvsrec_switch *,
                     uint16_t id);
char *dvs_lag_user(const struct ovsdb_idl *, const struct dvsrec_switch *,
                   const char *name);

#endif /* dvs-user.h */

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

#ifndef DVSCTL_UPLINK_H
#define DVSCTL_UPLINK_H 1

/* Names of uplinks that change, in all policies and hosts that refer to
 * them. */

#include "openvswitch/compiler.h"

struct ctl_context;
struct dvsrec_switch;
struct svec;

char *ctl_rename_uplinks(struct ctl_context *, const struct dvsrec_switch *,
                         const struct svec *old, const struct svec *new)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-uplink.h */

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

#ifndef DVSCTL_ROOM_H
#define DVSCTL_ROOM_H 1

/* Whether a switch that has a maximum of ports (Switch.max_ports) has room for
 * those that a run of commands asks for. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct ctl_context;
struct dvsrec_switch;

void ctl_need_room(struct ctl_context *);
bool ctl_fetch_room(struct ctl_context *, const struct dvsrec_switch *)
    OVS_WARN_UNUSED_RESULT;
bool ctl_check_room(struct ctl_context *, const struct dvsrec_switch *);

#endif /* ctl-room.h */

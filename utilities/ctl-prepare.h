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

#ifndef DVSCTL_PREPARE_H
#define DVSCTL_PREPARE_H 1

/* What is known of a run of commands before they are executed. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct ctl_run;
struct ovsdb_idl;

bool ctl_is_generic(const char *name);
bool ctl_concerns_controller(const struct ctl_run *);
char *ctl_prepare(struct ctl_run *, struct ovsdb_idl *columns)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-prepare.h */

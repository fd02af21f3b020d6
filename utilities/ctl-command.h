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

#ifndef DVSCTL_COMMAND_H
#define DVSCTL_COMMAND_H 1

/* The families of dvsctl's commands.  Each family is one file, ctl-*.c, and
 * exports a table of its commands, from which dvsctl.c makes what it accepts
 * and what --help prints. */

#include "db-ctl-base.h"
#include "utilities/ctl-key.h"

struct dvsctl_command {
    struct ctl_command_syntax syntax;
    const char *help;           /* What it does, in a few words. */
};

/* Each ends with an entry whose syntax has a null name. */
extern const struct dvsctl_command dvsctl_general_commands[];
extern const struct dvsctl_command dvsctl_switch_commands[];
extern const struct dvsctl_command dvsctl_host_commands[];
extern const struct dvsctl_command dvsctl_portgroup_commands[];
extern const struct dvsctl_command dvsctl_port_commands[];
extern const struct dvsctl_command dvsctl_nic_commands[];
extern const struct dvsctl_command dvsctl_policy_commands[];
extern const struct dvsctl_command dvsctl_rule_commands[];
extern const struct dvsctl_command dvsctl_pvlan_commands[];
extern const struct dvsctl_command dvsctl_lag_commands[];
extern const struct dvsctl_command dvsctl_class_commands[];
extern const struct dvsctl_command dvsctl_pool_commands[];
extern const struct dvsctl_command dvsctl_document_commands[];
extern const struct dvsctl_command dvsctl_plan_commands[];
extern const struct dvsctl_command dvsctl_state_commands[];
extern const struct dvsctl_command dvsctl_task_commands[];
extern const struct dvsctl_command dvsctl_connection_commands[];

/* The keys that the commands with KEY=VALUE arguments take.  Each ends with
 * an entry that has a null name. */
extern const struct ctl_key dvsctl_switch_keys[];
extern const struct ctl_key dvsctl_portgroup_keys[];
extern const struct ctl_key dvsctl_port_keys[];
extern const struct ctl_key dvsctl_nic_keys[];
extern const struct ctl_key dvsctl_policy_keys[];
extern const struct ctl_key dvsctl_rule_keys[];
extern const struct ctl_key dvsctl_host_keys[];
extern const struct ctl_key dvsctl_lag_keys[];
extern const struct ctl_key dvsctl_class_keys[];
extern const struct ctl_key dvsctl_pool_keys[];

#endif /* ctl-command.h */

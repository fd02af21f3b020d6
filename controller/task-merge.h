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

#ifndef TASK_MERGE_H
#define TASK_MERGE_H 1

/* The parts of operation "merge": task-merge.c has the switch, its portgroups
 * and ports, task-merge-hosts.c its LAGs and hosts. */

#include <stdbool.h>
#include <stddef.h>
#include "schema/dvs-model.h"

struct dvsrec_host_member;
struct dvsrec_port;
struct dvsrec_portgroup;
struct dvsrec_switch;
struct dvsrec_vnic;
struct pass;
struct smap;
struct task;
struct view_switch;

/* What is to be merged. */
struct merge {
    struct task *task;
    struct pass *pass;
    const struct dvsrec_switch *from, *to;
    struct view_switch *from_view, *to_view;
    struct dvs_switch to_model; /* 'to' with the LAGs of both.  All but those
                                 * belongs to 'to_view'. */
    const struct dvsrec_host_member **members;
    size_t n_members;
    struct smap *uplinks;       /* What each of 'members' has of 'to' then. */
    const struct dvsrec_portgroup **portgroups;
    size_t n_portgroups;
    const struct dvsrec_port **ports;   /* All of the source. */
    size_t n_ports;
};

bool merge_check_hosts(struct merge *);
bool merge_check_host_nic(const struct merge *, const struct dvsrec_vnic *);
void merge_hosts(const struct merge *);
void merge_hosts_destroy(struct merge *);

#endif /* task-merge.h */

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

#ifndef DVS_MERGE_H
#define DVS_MERGE_H 1

/* The operation "merge": vSphere's MergeDvs_Task.  dvs-merge.c has the switch,
 * its portgroups and ports, dvs-merge-hosts.c its LAGs and hosts,
 * dvs-merge-pools.c its resource pools and what is reserved. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/shash.h"
#include "schema/dvs-model.h"
#include "uuidset.h"

struct dvs_operation;
struct dvsrec_host_member;
struct dvsrec_port;
struct dvsrec_port_setting;
struct dvsrec_portgroup;
struct dvsrec_resource_pool;
struct dvsrec_switch;
struct dvsrec_vnic;
struct smap;

/* What is to be merged. */
struct dvs_merge {
    struct dvs_operation *op;
    const struct dvsrec_switch *from, *to;
    const struct dvsrec_host_member **members;
    size_t n_members;
    const struct dvsrec_portgroup **portgroups;     /* By name. */
    size_t n_portgroups;
    const struct dvsrec_port **ports;   /* All of the source, the standalone
                                         * ones first, then by the name of the
                                         * portgroup and by key. */
    size_t n_ports;
    const struct dvsrec_resource_pool **pools;      /* By name. */
    char **pool_names;          /* What each of 'pools' is called then. */
    size_t n_pools;

    /* Internal. */
    const struct dvs_switch *from_model;
    struct dvs_switch to_model; /* 'to' with the LAGs and pools of both.  All
                                 * but those is not owned. */
    struct smap *uplinks;       /* What each of 'members' has of 'to' then. */
    struct uuidset wanted;      /* Ports that NICs have or ask for. */
    struct shash names;         /* Of portgroups of 'to'. */
};

bool dvs_merge_init(struct dvs_merge *, struct dvs_operation *);
void dvs_merge_destroy(struct dvs_merge *);
bool dvs_merge_drops(const struct dvs_merge *, const struct dvsrec_port *);
void dvs_merge_run(struct dvs_merge *);

/* Internal: dvs-merge.c. */
char *dvs_merge_choose_name(const struct shash *names, const char *name);
bool dvs_merge_make_explicit(const struct dvs_merge *, struct dvs_setting *);

/* Internal: dvs-merge-pools.c. */
void dvs_merge_collect_pools(struct dvs_merge *);
void dvs_merge_rename_pool(const struct dvs_merge *,
                           const struct dvsrec_port_setting *,
                           struct dvs_setting *);
bool dvs_merge_check_pools(const struct dvs_merge *);
void dvs_merge_pools(const struct dvs_merge *);

/* Internal: dvs-merge-hosts.c. */
bool dvs_merge_check_hosts(struct dvs_merge *);
bool dvs_merge_check_nic(const struct dvs_merge *, const struct dvsrec_vnic *);
const struct dvsrec_host_member *dvs_merge_find_other(
    const struct dvs_merge *, const char *host);
void dvs_merge_hosts(const struct dvs_merge *);

#endif /* dvs-merge.h */

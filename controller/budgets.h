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

#ifndef BUDGETS_H
#define BUDGETS_H 1

/* What NICs of virtual machines have reserved, added up: by switch and
 * resource pool, and by host.
 *
 * The rows say what has been granted.  While one concern goes through many
 * NICs or ports (binder_run(), slots_run()), it keeps the sums that it needs
 * in 'pass->budgets', and says what changes, so that one more NIC costs the
 * same however many there are.  At its end it forgets them: nobody else has to
 * know of them. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-place.h"
#include "schema/dvs-pool.h"
#include "svec.h"

struct pass;
struct view_switch;

struct budgets {
    struct hmap switches;       /* Contains "struct switch_budget"s. */
    struct hmap nics;           /* Contains "struct counted_nic"s. */
    struct hmap hosts;          /* Contains "struct host_places". */
};

void budgets_init(struct budgets *);
void budgets_destroy(struct budgets *);
void budgets_forget(struct pass *);

/* The budget of a switch, as it has been granted. */
struct switch_budget {
    struct hmap_node node;      /* In struct budgets's 'switches', by UUID. */
    const struct dvsrec_switch *row;
    const struct dvsrec_resource_pool **pools;  /* By name. */
    struct dvs_budget sums;     /* Has the pools in the same order. */
};

struct switch_budget *switch_budget_create(struct pass *,
                                           const struct dvsrec_switch *);
void switch_budget_destroy(struct switch_budget *);
size_t switch_budget_find(const struct switch_budget *,
                          const struct dvsrec_resource_pool *);
const struct switch_budget *budgets_get_switch(struct pass *,
                                               const struct dvsrec_switch *);
void budgets_recount_nic(struct pass *, const struct dvsrec_vnic *);

/* What has been reserved on a host of a switch. */
struct host_places {
    struct hmap_node node;      /* In struct budgets's 'hosts', by UUID of the
                                 * switch and name. */
    struct uuid switch_;
    char *host;
    struct svec working;        /* Uplinks that work, sorted. */
    struct dvs_places places;
    struct shash ports;         /* Port's key -> "struct dvs_placing *". */
};

struct host_places *host_places_create(struct pass *,
                                       const struct dvsrec_switch *,
                                       const char *host);
void host_places_destroy(struct host_places *);
struct dvs_placing host_places_make_placing(
    struct pass *, const struct host_places *, const struct dvsrec_switch *,
    const struct dvsrec_portgroup *, const struct dvsrec_port *,
    int64_t reservation);
struct host_places *budgets_get_host(struct pass *,
                                     const struct dvsrec_switch *,
                                     const char *host);
void budgets_uncount_port(struct pass *, const struct dvsrec_proxy_port *);
void budgets_recount_port(struct pass *, const struct uuid *switch_,
                          const char *key);

#endif /* budgets.h */

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

#ifndef HOST_BUDGET_H
#define HOST_BUDGET_H 1

/* What NICs of virtual machines may reserve of the uplinks of one host.
 *
 * Proxy_Port.reservation says what it has been granted. */

#include <stdbool.h>
#include <stdint.h>

struct dvs_faults;
struct dvsrec_port;
struct dvsrec_portgroup;
struct dvsrec_switch;
struct dvsrec_vnic;
struct pass;

/* What columns "bandwidth" and "bandwidth_status" say. */
struct bandwidth {
    int64_t capacity;
    int64_t used;
    bool violated;
};

void host_budget(struct pass *, const struct dvsrec_switch *, const char *host,
                 struct bandwidth *);
bool host_budget_admits(struct pass *, const struct dvsrec_switch *,
                        const struct dvsrec_portgroup *,
                        const struct dvsrec_port *, const struct dvsrec_vnic *,
                        int64_t reservation, struct dvs_faults *);

#endif /* host-budget.h */

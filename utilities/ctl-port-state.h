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

#ifndef DVSCTL_PORT_STATE_H
#define DVSCTL_PORT_STATE_H 1

/* What hosts report of ports and NICs, as the commands of several families
 * show it. */

struct ctl_context;
struct ds;
struct dvsrec_physical_nic;
struct dvsrec_port;
struct dvsrec_port_state;
struct dvsrec_switch;
struct shash;

void ctl_need_port_states(struct ctl_context *);
void ctl_port_states_init(struct ctl_context *, const struct dvsrec_switch *,
                          struct shash *);
void ctl_claims_init(struct ctl_context *, struct shash *);
const char *ctl_port_status(const struct dvsrec_port *,
                            const struct dvsrec_port_state *);
const char *ctl_port_host(const struct dvsrec_port *,
                          const struct dvsrec_port_state *);
const char *ctl_port_mac(const struct dvsrec_port *,
                         const struct dvsrec_port_state *);

void ctl_format_link(const struct dvsrec_physical_nic *, struct ds *);

#endif /* ctl-port-state.h */

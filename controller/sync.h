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

#ifndef SYNC_H
#define SYNC_H 1

/* The only writer of the tables Proxy_*.
 *
 * Takes what is desired (compile.h) and brings the row in step: a row is
 * written if and only if it differs, and its version rises with every
 * change. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dvsrec_proxy_host;
struct pass;
struct proxy_host;
struct proxy_port;
struct proxy_portgroup;
struct proxy_switch;
struct uuid;

/* What is desired of a port on one host. */
struct sync_port {
    const char *host;               /* Host's name. */
    const struct proxy_port *port;  /* What it is to realise. */
};

bool sync_switch(struct pass *, const struct uuid *switch_,
                 const struct proxy_switch *);
bool sync_portgroup(struct pass *, const struct uuid *switch_,
                    const struct uuid *portgroup,
                    const struct proxy_portgroup *);
bool sync_host(struct pass *, const char *host, const struct uuid *switch_,
               const struct proxy_host *);
void sync_end_rollout(struct pass *, const struct uuid *switch_, bool promote);
int64_t sync_host_rectify(struct pass *, const struct dvsrec_proxy_host *);
int64_t sync_host_confirm(struct pass *, const struct dvsrec_proxy_host *);
int64_t sync_host_refresh(struct pass *, const struct dvsrec_proxy_host *);
void sync_port(struct pass *, const struct uuid *switch_, const char *key,
               const struct uuid *portgroup,
               const struct sync_port *, size_t n);

#endif /* sync.h */

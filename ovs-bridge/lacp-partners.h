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

#ifndef LACP_PARTNERS_H
#define LACP_PARTNERS_H 1

/* Who the LACP neighbours of the host's NICs are.
 *
 * The local database does not say it, so ovs-vswitchd is asked by its control
 * socket, every few seconds as long as the host has a LAG, without waiting for
 * the answer. */

#include <stdbool.h>
#include "smap.h"

struct json;
struct jsonrpc_session;
struct proxies;

struct lacp_partners {
    struct jsonrpc_session *session;    /* NULL without a LAG. */
    char *target;               /* What it is connected to. */
    struct json *id;            /* Of the question under way, or NULL. */
    long long int ask_at;       /* When to ask again, in ms. */
    struct smap by_nic;         /* NIC -> neighbour; see lacp-show.h. */
};

void lacp_partners_init(struct lacp_partners *);
void lacp_partners_destroy(struct lacp_partners *);
void lacp_partners_run(struct lacp_partners *, struct proxies *,
                       long long int now);
void lacp_partners_wait(struct lacp_partners *);

#endif /* lacp-partners.h */

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

#ifndef ROLLBACK_PARTS_H
#define ROLLBACK_PARTS_H 1

/* PURE: what the documents of checkpoints, and proxy rows, have of what a host
 * refuses.
 *
 * The effect of a state is all that a host has to realise of it, as text: the
 * version of a proxy row rises if and only if its effect is another one. */

#include <stddef.h>
#include "openvswitch/uuid.h"

struct dvs_doc_object;
struct dvsrec_proxy_port;
struct dvsrec_proxy_portgroup;
struct dvsrec_proxy_switch;

enum part_kind {
    PART_SWITCH,
    PART_HOST,                  /* A host's uplinks. */
    PART_PORTGROUP,
    PART_PORT                   /* A port's own setting. */
};

/* A key of Proxy_State.rolled_back. */
struct part {
    enum part_kind kind;
    const char *host;           /* PART_HOST. */
    struct uuid portgroup;      /* PART_PORTGROUP. */
    const char *port;           /* PART_PORT: its key. */
};

struct dvs_doc_object *part_find(const struct part *,
                                 struct dvs_doc_object *sw);
size_t part_uplink_ports(const struct dvs_doc_object *sw, const char *host,
                         struct dvs_doc_object ***portsp);
char *part_effect(const struct part *, const struct dvs_doc_object *sw,
                  const struct dvs_doc_object *holder);

char *proxy_switch_effect(const struct dvsrec_proxy_switch *);
char *proxy_portgroup_effect(const struct dvsrec_proxy_portgroup *);
char *proxy_port_effect(const struct dvsrec_proxy_port *);

#endif /* rollback-parts.h */

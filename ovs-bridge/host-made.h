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

#ifndef HOST_MADE_H
#define HOST_MADE_H 1

/* Ports that the host makes itself.
 *
 * A NIC that names an ephemeral portgroup of its switch gets a port at once,
 * even if the DVS database is away: the host makes one from what it last knew
 * of the portgroup.  Such a port stays when the database is back, until the
 * controller has granted the NIC a port (usually the same one, which it then
 * makes known) or has said that it gets none. */

#include <stdbool.h>

struct dvsrec_proxy_portgroup;
struct host_view_db;
struct hv_port;
struct local_iface;
struct local_view;
struct ovsdb_idl;
struct proxies;
struct proxy;

void host_made_init(struct host_view_db *, struct ovsdb_idl *);
void host_made_note(struct host_view_db *, const struct local_view *);
void host_made_mark(const struct host_view_db *, struct proxy *,
                    const struct local_view *);
bool host_made_waits(const struct host_view_db *, const struct proxy *);
const struct dvsrec_proxy_portgroup *host_made_portgroup(
    const struct host_view_db *, const struct proxy *, const char *key,
    const struct local_view *);
const struct hv_port *host_made_port(const struct proxies *,
                                     const struct local_iface *);

#endif /* host-made.h */

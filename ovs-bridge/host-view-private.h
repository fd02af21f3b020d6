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

#ifndef HOST_VIEW_PRIVATE_H
#define HOST_VIEW_PRIVATE_H 1

/* What the parts of host-view-db.h share. */

#include <stdbool.h>
#include "openvswitch/compiler.h"

struct dvs_setting;
struct host_view_db;
struct local_view;
struct proxy;
struct smap;
struct uuid;

/* host-view-switch.c */
void host_view_read_switch(const struct host_view_db *, struct proxy *,
                           const struct local_view *);
void host_view_read_links(struct proxy *, const struct local_view *);

/* host-view-port.c */
void host_view_read_port(const struct host_view_db *, struct proxy *,
                         const char *key, const struct local_view *);
char *host_view_overlay(struct dvs_setting *, const struct smap *)
    OVS_WARN_UNUSED_RESULT;
void host_view_set_rules_of(char **rules_of, const struct uuid *portgroup,
                            bool own);
bool host_view_has_rules(const struct smap *setting);

#endif /* host-view-private.h */

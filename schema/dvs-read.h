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

#ifndef DVS_READ_H
#define DVS_READ_H 1

/* From database rows to the model's structs.  See also dvs-write.h. */

#include <stdint.h>
#include "openvswitch/compiler.h"

struct dvs_classes;
struct dvs_lag;
struct dvs_lags;
struct dvs_member;
struct dvs_pools;
struct dvs_port;
struct dvs_portgroup;
struct dvs_pvlan;
struct dvs_pvlans;
struct dvs_rule;
struct dvs_setting;
struct dvs_switch;
struct dvsrec_host_member;
struct dvsrec_lag;
struct dvsrec_port;
struct dvsrec_port_setting;
struct dvsrec_portgroup;
struct dvsrec_private_vlan;
struct dvsrec_switch;
struct dvsrec_traffic_class;
struct dvsrec_traffic_rule;
struct ovsdb_idl;

char *dvs_read_setting(const struct dvsrec_port_setting *,
                       struct dvs_setting *) OVS_WARN_UNUSED_RESULT;
char *dvs_read_rule(const struct dvsrec_traffic_rule *, struct dvs_rule *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_read_switch(const struct dvsrec_switch *, struct dvs_switch *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_read_portgroup(const struct dvsrec_portgroup *,
                         struct dvs_portgroup *) OVS_WARN_UNUSED_RESULT;
char *dvs_read_port(const struct dvsrec_port *, struct dvs_port *)
    OVS_WARN_UNUSED_RESULT;
char *dvs_read_member(const struct dvsrec_host_member *, struct dvs_member *)
    OVS_WARN_UNUSED_RESULT;
void dvs_read_pvlan(const struct dvsrec_private_vlan *, struct dvs_pvlan *);
void dvs_read_pvlans(const struct ovsdb_idl *, const struct dvsrec_switch *,
                     struct dvs_pvlans *);

void dvs_read_lag(const struct dvsrec_lag *, struct dvs_lag *);
int64_t dvs_read_slowest_uplink(const struct ovsdb_idl *,
                                const struct dvsrec_switch *);
void dvs_read_class(const struct dvsrec_traffic_class *, struct dvs_classes *);
void dvs_read_classes(const struct ovsdb_idl *, const struct dvsrec_switch *,
                      struct dvs_classes *);
void dvs_read_lags(const struct ovsdb_idl *, const struct dvsrec_switch *,
                   struct dvs_lags *);
int64_t dvs_read_bandwidth(char *const *keys, const int64_t *values, size_t n,
                           const char *key);
void dvs_read_pools(const struct ovsdb_idl *, const struct dvsrec_switch *,
                    struct dvs_pools *);

#endif /* dvs-read.h */

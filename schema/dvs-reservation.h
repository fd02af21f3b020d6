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

#ifndef DVS_RESERVATION_H
#define DVS_RESERVATION_H 1

/* Reads from the rows what NICs of virtual machines may reserve, for those who
 * foretell what the controller will grant (dvs-pool.h, dvs-place.h). */

#include <stdint.h>

struct dvs_budget;
struct dvs_lags;
struct dvsrec_port;
struct dvsrec_portgroup;
struct dvsrec_resource_pool;
struct dvsrec_switch;
struct dvsrec_vnic;
struct ovsdb_idl;
struct smap;
struct sset;
struct svec;

const struct dvsrec_resource_pool *dvs_pool_of(
    const struct dvsrec_portgroup *);
int64_t dvs_read_quota(const struct dvsrec_resource_pool *);
const struct dvsrec_resource_pool **dvs_read_budget_pools(
    const struct ovsdb_idl *, const struct dvsrec_switch *,
    struct dvs_budget *);
int64_t dvs_read_reservation(const struct dvsrec_vnic *);
int64_t dvs_read_reserved(const struct dvsrec_vnic *);
int64_t dvs_read_room(const struct ovsdb_idl *, const struct dvsrec_switch *,
                      int64_t slowest);

void dvs_read_working_nics(const struct ovsdb_idl *, struct sset *nics);
void dvs_read_working_uplinks(const struct sset *nics, const char *host,
                              const struct smap *uplinks,
                              const struct dvs_lags *, struct svec *names);

#endif /* dvs-reservation.h */

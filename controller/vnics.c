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

/* What is wrong with what NICs ask for, and with what they get.
 *
 * Says so in faults; which port a NIC has, is binder.c's matter. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "packets.h"
#include "schema/dvs-host-nic.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-reservation.h"
#include "util.h"

/* Returns true if 'vnic' is a NIC that a host makes for itself. */
bool
vnic_is_host_nic(const struct dvsrec_vnic *vnic)
{
    return !strcmp(vnic->kind, "host");
}

/* Returns the switch that 'vnic' asks for a port of, or NULL. */
const struct dvsrec_switch *
vnic_wanted_switch(const struct dvsrec_vnic *vnic)
{
    return (vnic->portgroup ? vnic->portgroup->switch_
            : vnic->port ? vnic->port->switch_ : NULL);
}

/* Returns the NIC that has a better right than 'vnic' to the device that both
 * would be on their host, or NULL. */
static const struct dvsrec_vnic *
find_rival(struct pass *pass, const struct dvsrec_vnic *vnic)
{
    const struct dvsrec_vnic **others, *rival = NULL;
    size_t n = vnics_of_host(pass->ix, vnic->host, &others);
    char *device = dvs_host_nic_device(vnic->id);

    for (size_t i = 0; i < n && !rival; i++) {
        const struct dvsrec_vnic *other = others[i];

        if (other == vnic || !vnic_is_host_nic(other)
            || (!other->connection && vnic->connection)
            || (!other->connection == !vnic->connection
                && strcmp(other->id, vnic->id) > 0)) {
            continue;
        }
        char *other_device = dvs_host_nic_device(other->id);
        if (!strcmp(device, other_device)) {
            rival = other;
        }
        free(other_device);
    }
    free(device);
    free(others);
    return rival;
}

/* Adds to 'faults' what is wrong with 'vnic', which a host is to make. */
static void
validate_host_nic(struct pass *pass, const struct dvsrec_vnic *vnic,
                  struct dvs_faults *faults)
{
    const struct dvsrec_switch *s = vnic_wanted_switch(vnic);

    if (!vnic->host) {
        dvs_faults_add(faults, "InvalidArgument", "host",
                       "a NIC of kind host needs the name of its host");
        return;
    }
    if (s && !find_member(pass->ix, s, vnic->host)) {
        dvs_faults_add(faults, "NotFound", "host",
                       "host \"%s\" is not a member of switch \"%s\"",
                       vnic->host, s->name);
    }
    int64_t mtu_max = s && s->n_mtu ? s->mtu[0] : DVS_MTU_DEFAULT;
    if (s && vnic->n_mtu && vnic->mtu[0] > mtu_max) {
        dvs_faults_add(faults, "InvalidArgument", "mtu",
                       "%"PRId64" is more than the MTU of switch \"%s\", "
                       "%"PRId64, vnic->mtu[0], s->name, mtu_max);
    }

    const struct dvsrec_vnic *rival = find_rival(pass, vnic);
    if (rival) {
        char *device = dvs_host_nic_device(vnic->id);
        dvs_faults_add(faults, "DuplicateName", "id",
                       "device \"%s\" of host \"%s\" is NIC \"%s\"",
                       device, vnic->host, rival->id);
        free(device);
    }
}

/* Returns the most that 'vnic' may send, in Mbit/s, or 0 for no limit. */
int64_t
vnic_limit(const struct dvsrec_vnic *vnic)
{
    return (vnic->n_limit && vnic->limit[0] <= DVS_BANDWIDTH_MAX
            ? vnic->limit[0] : 0);
}

/* Adds to 'faults' what is wrong with what 'vnic' asks for, other than that it
 * cannot have it. */
void
vnic_validate(struct pass *pass, const struct dvsrec_vnic *vnic,
              struct dvs_faults *faults)
{
    const struct {
        const char *column;
        bool set;
    } only_host[] = {
        { "host", vnic->host != NULL },
        { "mtu", vnic->n_mtu > 0 },
        { "traffic_class", vnic->traffic_class != NULL },
    };
    const struct {
        const char *column;
        bool set;
    } only_vm[] = {
        { "shares", vnic->n_shares > 0 },
        { "limit", vnic->n_limit > 0 },
        { "reservation", vnic->n_reservation > 0 },
    };
    struct eth_addr mac;

    if (vnic->mac && (!eth_addr_from_string(vnic->mac, &mac)
                      || eth_addr_is_multicast(mac)
                      || eth_addr_is_zero(mac))) {
        dvs_faults_add(faults, "InvalidArgument", "mac",
                       "\"%s\" is not the MAC address of a NIC", vnic->mac);
    }
    if (vnic_is_host_nic(vnic)) {
        validate_host_nic(pass, vnic, faults);
        for (size_t i = 0; i < ARRAY_SIZE(only_vm); i++) {
            if (only_vm[i].set) {
                dvs_faults_add(faults, "InvalidArgument", only_vm[i].column,
                               "only a NIC of kind vm has this");
            }
        }
        return;
    }
    if (vnic->n_limit && vnic->limit[0] > DVS_BANDWIDTH_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "limit",
                       "limit %"PRId64" is not in 0..%d Mbit/s",
                       vnic->limit[0], DVS_BANDWIDTH_MAX);
    }
    if (vnic->n_reservation && vnic->reservation[0] > DVS_BANDWIDTH_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "reservation",
                       "reservation %"PRId64" is not in 0..%d Mbit/s",
                       vnic->reservation[0], DVS_BANDWIDTH_MAX);
    } else if (vnic_limit(vnic)
               && dvs_read_reservation(vnic) > vnic_limit(vnic)) {
        dvs_faults_add(faults, "InvalidArgument", "reservation",
                       "reservation %"PRId64" is more than limit %"PRId64,
                       dvs_read_reservation(vnic), vnic_limit(vnic));
    }
    for (size_t i = 0; i < ARRAY_SIZE(only_host); i++) {
        if (only_host[i].set) {
            dvs_faults_add(faults, "InvalidArgument", only_host[i].column,
                           "only a NIC of kind host has this");
        }
    }
}

/* Adds to 'faults' the claims on 'vnic' that do not lead to its port, which is
 * of switch 's'. */
static void
check_claims(struct pass *pass, const struct dvsrec_vnic *vnic,
             const struct dvsrec_switch *s, struct dvs_faults *faults)
{
    const struct dvsrec_port_state **rows;
    size_t n = claims_of_nic(pass->ix, vnic->id, &rows);

    for (size_t i = 0; i < n; i++) {
        const struct uuid *switch_ = claim_switch(pass->idl, rows[i]);

        if (vnic_is_host_nic(vnic) && strcmp(rows[i]->host, vnic->host)) {
            if (strcmp(rows[i]->kind, "host")) {
                dvs_faults_add(faults, "CannotUseNetwork", "claimed_by",
                               "host \"%s\" has a NIC of the same id",
                               rows[i]->host);
            }
        } else if (!switch_ || !uuid_equals(switch_, &s->header_.uuid)) {
            dvs_faults_add(faults, "CannotUseNetwork", "claimed_by",
                           "on host \"%s\" the NIC is in bridge \"%s\", "
                           "which is not that of switch \"%s\" with port %s",
                           rows[i]->host, rows[i]->bridge, s->name,
                           vnic->connection->key);
        } else if (!vnic_is_host_nic(vnic) && !rows[i]->ended) {
            room_check_host(pass, vnic, rows[i]->host, s, faults);
        }
    }
    if (vnic_is_host_nic(vnic)) {
        room_check_host(pass, vnic, vnic->host, s, faults);
    }
    free(rows);
}

/* Adds to 'faults' what keeps the port that 'vnic' has from reaching a
 * host. */
void
vnic_check_reach(struct pass *pass, const struct dvsrec_vnic *vnic,
                 struct dvs_faults *faults)
{
    const struct dvsrec_port *port = vnic->connection;

    if (!port) {
        return;
    }
    const struct uuid *switch_ = &port->switch_->header_.uuid;
    if (!find_proxy_switch(pass->ix, switch_)) {
        dvs_faults_add(faults, "InvalidState", "connection",
                       "switch \"%s\" is at fault, and no host knows it",
                       port->switch_->name);
    } else if (port->portgroup
               && !find_proxy_portgroup(pass->ix,
                                        &port->portgroup->header_.uuid)) {
        dvs_faults_add(faults, "InvalidState", "connection",
                       "portgroup \"%s\" is at fault, and no host knows it",
                       port->portgroup->name);
    } else if (!vnic_is_host_nic(vnic) || vnic->host) {
        check_claims(pass, vnic, port->switch_, faults);
    }
}

/* What hosts report of 'vnic', of which a NIC that a host makes is nowhere
 * else; see claims_of_nic(). */
size_t
claims_of_vnic(const struct indexes *ix, const struct dvsrec_vnic *vnic,
               const struct dvsrec_port_state ***rowsp)
{
    size_t n = claims_of_nic(ix, vnic->id, rowsp);
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (!vnic_is_host_nic(vnic)
            || nullable_string_is_equal(vnic->host, (*rowsp)[i]->host)) {
            (*rowsp)[n_kept++] = (*rowsp)[i];
        }
    }
    return n_kept;
}

/* Has the NICs of 'host' looked at that it makes itself. */
void
host_nics_mark(const struct indexes *ix, struct dirty *dirty,
               const char *host)
{
    const struct dvsrec_vnic **vnics;
    size_t n = vnics_of_host(ix, host, &vnics);

    for (size_t i = 0; i < n; i++) {
        dirty_mark(dirty, DIRTY_VNIC, &vnics[i]->header_.uuid);
    }
    free(vnics);
}

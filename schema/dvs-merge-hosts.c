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

/* The LAGs and hosts of a switch that is merged into another.
 *
 * A LAG gets another switch.  So does a member; that of a host which is a
 * member of both goes, and its NICs become uplinks of the one that stays. */

#include <config.h>

#include "schema/dvs-merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-operation.h"
#include "schema/dvs-read.h"
#include "util.h"

/* Returns the membership of 'host' in the other switch, or NULL. */
const struct dvsrec_host_member *
dvs_merge_find_other(const struct dvs_merge *m, const char *host)
{
    const struct dvsrec_host_member **rows;
    size_t n = m->op->lookup->members(m->op->aux, m->to, host, &rows);
    const struct dvsrec_host_member *row = n ? rows[0] : NULL;

    free(rows);
    return row;
}

/* Checking. */

/* Checks that the LAGs of the source can stand beside those of the other
 * switch, and makes 'm->to_model' have both. */
static bool
check_lags(struct dvs_merge *m)
{
    struct dvs_lags *lags = &m->to_model.lags;
    struct dvs_lags from;
    struct dvs_faults faults;

    dvs_lags_init(&from);
    dvs_faults_init(&faults);
    dvs_read_lags(m->op->idl, m->to, lags);
    dvs_read_lags(m->op->idl, m->from, &from);
    for (size_t i = 0; i < from.n && !faults.n; i++) {
        if (dvs_lags_find(lags, from.lags[i].name)) {
            dvs_faults_add(&faults, "DuplicateName", "name",
                           "both switches have a LAG \"%s\"",
                           from.lags[i].name);
        } else {
            dvs_lags_add(lags, &from.lags[i]);
        }
    }
    for (size_t i = 0; i < lags->n && from.n && !faults.n; i++) {
        dvs_lags_validate(lags, &m->to_model.uplinks, &lags->lags[i],
                          &faults);
    }
    if (faults.n) {
        dvs_operation_fault(m->op, faults.faults[0].name, "source", "%s",
                            faults.faults[0].message);
    } else {
        dvs_lags_remove_faulty(lags, &m->to_model.uplinks);
    }
    dvs_faults_destroy(&faults);
    dvs_lags_destroy(&from);
    return !m->op->fault;
}

/* Returns true if NIC 'nic' is one of 'uplinks'. */
static bool
has_nic(const struct smap *uplinks, const char *nic)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, uplinks) {
        if (!strcmp(node->value, nic)) {
            return true;
        }
    }
    return false;
}

/* Adds the NICs that 'member' of the source has to 'uplinks', those that the
 * other switch has of its host: in the uplink of the same name, or in the
 * first of those that are free then, as vSphere gives them to NICs of which it
 * is not told an uplink. */
static bool
join_uplinks(const struct dvs_merge *m,
             const struct dvsrec_host_member *member, struct smap *uplinks)
{
    const struct smap_node **nodes = smap_sort(&member->uplinks);
    size_t n = smap_count(&member->uplinks);
    const struct svec *names = &m->to_model.uplinks;

    for (size_t i = 0; i < n; i++) {
        if (dvs_switch_has_uplink(&m->to_model, nodes[i]->key)) {
            smap_add_once(uplinks, nodes[i]->key, nodes[i]->value);
        }
    }
    for (size_t i = 0; i < n && !m->op->fault; i++) {
        size_t j = 0;

        if (has_nic(uplinks, nodes[i]->value)) {
            continue;
        }
        while (j < names->n && smap_get(uplinks, names->names[j])) {
            j++;
        }
        if (j < names->n) {
            smap_add(uplinks, names->names[j], nodes[i]->value);
        } else {
            dvs_operation_fault(m->op, "ResourceNotAvailable", "switch",
                                "switch \"%s\" has no free uplink for NIC "
                                "\"%s\" of host \"%s\"", m->to->name,
                                nodes[i]->value, member->host);
        }
    }
    free(nodes);
    return !m->op->fault;
}

static bool
check_member(const struct dvs_merge *m,
             const struct dvsrec_host_member *member, struct smap *uplinks)
{
    const struct dvsrec_host_member *other
        = dvs_merge_find_other(m, member->host);

    if (other) {
        const struct dvsrec_host_member *bad
            = member->n_faults ? member : other;

        if (bad->n_faults) {
            dvs_operation_fault(m->op, "InvalidHostState", "source", "host "
                                "\"%s\" is a member of both switches, and of "
                                "switch \"%s\" with a fault: %s", member->host,
                                bad->switch_->name, bad->faults[0]);
            return false;
        }
        smap_destroy(uplinks);
        smap_clone(uplinks, &other->uplinks);
    }
    return join_uplinks(m, member, uplinks);
}

/* Checks whether the LAGs and the hosts of the source can be those of the
 * other switch, and finds what uplinks they then have. */
bool
dvs_merge_check_hosts(struct dvs_merge *m)
{
    m->uplinks = xcalloc(m->n_members, sizeof *m->uplinks);
    for (size_t i = 0; i < m->n_members; i++) {
        smap_init(&m->uplinks[i]);
    }
    if (!check_lags(m)) {
        return false;
    }
    for (size_t i = 0; i < m->n_members; i++) {
        if (!check_member(m, m->members[i], &m->uplinks[i])) {
            return false;
        }
    }
    return true;
}

/* Checks that what 'vnic' has of the source's bandwidth does not end with it:
 * that the other switch, whose own classes of traffic hold, does share out
 * bandwidth. */
static bool
check_bandwidth(const struct dvs_merge *m, const struct dvsrec_vnic *vnic)
{
    const char *what = (vnic->traffic_class ? "a traffic class"
                        : vnic->n_shares ? "shares"
                        : vnic->n_limit ? "a limit"
                        : vnic->n_reservation ? "a reservation" : NULL);

    if (what && m->from_model->resource_management
        && !m->to_model.resource_management) {
        dvs_operation_fault(m->op, "ConflictingConfiguration", "source",
                            "NIC \"%s\" has %s, but resource management of "
                            "switch \"%s\" is off", vnic->id, what,
                            m->to->name);
        return false;
    }
    return true;
}

/* Checks whether 'vnic', which has a port of the source, can come along.  A
 * host's own NIC is a device of the bridge that the host has for the source:
 * it stays if that becomes the other switch's, and would lose its addresses if
 * the host had one for that already. */
bool
dvs_merge_check_nic(const struct dvs_merge *m, const struct dvsrec_vnic *vnic)
{
    if (!check_bandwidth(m, vnic)) {
        return false;
    } else if (strcmp(vnic->kind, "host") || !vnic->host) {
        return true;
    } else if (dvs_merge_find_other(m, vnic->host)) {
        dvs_operation_fault(m->op, "InvalidHostState", "source", "host \"%s\" "
                            "is a member of both switches, and NIC \"%s\", "
                            "which is its own, would lose its addresses",
                            vnic->host, vnic->id);
        return false;
    } else if (vnic->n_mtu && vnic->mtu[0] > m->to_model.mtu) {
        dvs_operation_fault(m->op, "InvalidArgument", "source", "the MTU of "
                            "NIC \"%s\", %"PRId64", is more than that of "
                            "switch \"%s\", %d", vnic->id, vnic->mtu[0],
                            m->to->name, m->to_model.mtu);
        return false;
    }
    return true;
}

/* Changing. */

/* Makes the LAGs and the hosts of the source the other switch's. */
void
dvs_merge_hosts(const struct dvs_merge *m)
{
    const struct dvsrec_lag *lag;

    DVSREC_LAG_FOR_EACH (lag, m->op->idl) {
        if (lag->switch_ == m->from) {
            dvsrec_lag_set_switch_(lag, m->to);
        }
    }
    for (size_t i = 0; i < m->n_members; i++) {
        const struct dvsrec_host_member *member = m->members[i];
        const struct dvsrec_host_member *other
            = dvs_merge_find_other(m, member->host);

        dvsrec_host_member_verify_uplinks(member);
        if (other) {
            dvsrec_host_member_verify_uplinks(other);
            dvsrec_host_member_set_uplinks(other, &m->uplinks[i]);
            dvsrec_host_member_delete(member);
        } else {
            dvsrec_host_member_set_uplinks(member, &m->uplinks[i]);
            dvsrec_host_member_set_switch_(member, m->to);
        }
    }
}

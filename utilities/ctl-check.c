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

/* Checks of what a run of commands has changed.  See ctl-check.h.
 *
 * What is valid, the model library knows; this file finds the rows to check,
 * whatever commands have changed them, and words the faults. */

#include <config.h>

#include "utilities/ctl-check.h"

#include "bitmap.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "schema/dvs-reservation.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-room.h"
#include "utilities/ctl-view.h"

/* Reports the first of 'faults'; or 'error', which it frees, if the row of
 * the object that 'name', which it frees too, stands for could not even be
 * read.  Returns true if there is neither. */
static bool
report(struct ctl_context *ctx, char *name, const struct dvs_faults *faults,
       char *error)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    bool ok = true;

    if (error) {
        ctl_fault(ctx, "InvalidArgument", "%s: %s", name, error);
        ok = false;
    } else if (dvs_faults_first(faults, &s)) {
        ctl_error(ctx, "%s", ds_cstr(&s));
        ok = false;
    }
    ds_destroy(&s);
    free(name);
    free(error);
    return ok;
}

/* Returns the name of the bridge of 'sw', which the caller frees. */
static char *
bridge_name(const struct dvsrec_switch *sw)
{
    return (sw->bridge_name ? xstrdup(sw->bridge_name)
            : dvs_bridge_name_from_switch(sw->name));
}

/* Reports it as a fault if another switch has a bridge of the same name as
 * 'sw'. */
static bool
check_bridge_name(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    const struct dvsrec_switch *other;
    char *name = bridge_name(sw);

    DVSREC_SWITCH_FOR_EACH (other, ctx->idl) {
        if (other != sw && !ctx->error) {
            char *other_name = bridge_name(other);

            if (!strcmp(name, other_name)) {
                ctl_fault(ctx, "DuplicateName", "the bridge of switch \"%s\" "
                          "already has the name \"%s\"", other->name, name);
            }
            free(other_name);
        }
    }
    free(name);
    return !ctx->error;
}

/* Reads 'row' into 'sw', which the caller has initialized, with its private
 * VLANs, LAGs and pools.  Returns NULL, or an error that the caller frees. */
char *
ctl_read_switch(const struct ovsdb_idl *idl, const struct dvsrec_switch *row,
                struct dvs_switch *sw)
{
    dvs_read_pvlans(idl, row, &sw->pvlans);
    dvs_pvlans_remove_faulty(&sw->pvlans);
    char *error = dvs_read_switch(row, sw);
    dvs_read_lags(idl, row, &sw->lags);
    dvs_lags_remove_faulty(&sw->lags, &sw->uplinks);
    dvs_read_pools(idl, row, &sw->pools);
    return error;
}

static bool
check_switch(struct ctl_context *ctx, const struct dvsrec_switch *row)
{
    struct dvs_faults faults;
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    dvs_faults_init(&faults);

    char *error = ctl_read_switch(ctx->idl, row, &sw);
    if (!error) {
        dvs_validate_switch(&sw, &faults);
    }

    const struct ctl_target target = { .sw = row };
    bool ok = (report(ctx, ctl_target_to_string(&target), &faults, error)
               && check_bridge_name(ctx, row));

    dvs_faults_destroy(&faults);
    dvs_switch_destroy(&sw);
    return ok;
}

static bool
check_portgroup(struct ctl_context *ctx, const struct dvsrec_portgroup *row)
{
    struct dvs_faults faults;
    struct dvs_portgroup pg;
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    dvs_portgroup_init(&pg);
    dvs_faults_init(&faults);

    char *error = ctl_read_switch(ctx->idl, row->switch_, &sw);
    if (!error) {
        error = dvs_read_portgroup(row, &pg);
    }
    if (!error) {
        dvs_validate_portgroup(&sw, &pg, &faults);
    }

    const struct ctl_target target = { .sw = row->switch_, .pg = row };
    bool ok = report(ctx, ctl_target_to_string(&target), &faults, error);

    dvs_faults_destroy(&faults);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&sw);
    return ok;
}

static bool
check_port(struct ctl_context *ctx, const struct dvsrec_port *row)
{
    struct dvs_faults faults;
    struct dvs_portgroup pg;
    struct dvs_switch sw;
    struct dvs_port port;

    dvs_switch_init(&sw);
    dvs_portgroup_init(&pg);
    dvs_port_init(&port);
    dvs_faults_init(&faults);

    char *error = ctl_read_switch(ctx->idl, row->switch_, &sw);
    if (!error && row->portgroup) {
        error = dvs_read_portgroup(row->portgroup, &pg);
    }
    if (!error) {
        error = dvs_read_port(row, &port);
    }
    if (!error) {
        dvs_validate_port(&sw, row->portgroup ? &pg : NULL, &port, &faults);
    }

    const struct ctl_target target = {
        .sw = row->switch_, .pg = row->portgroup, .port = row
    };
    bool ok = report(ctx, ctl_target_to_string(&target), &faults, error);

    dvs_faults_destroy(&faults);
    dvs_port_destroy(&port);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&sw);
    return ok;
}

/* Adds to 'nics' the physical NICs of the host of 'member', each with the
 * name of the other switch that uses it, or with null. */
static void
collect_host_nics(struct ctl_context *ctx,
                  const struct dvsrec_host_member *member, struct shash *nics)
{
    const struct dvsrec_host_member *other;
    const struct dvsrec_physical_nic *nic;

    DVSREC_PHYSICAL_NIC_FOR_EACH (nic, ctx->idl) {
        if (!strcmp(nic->host, member->host)) {
            shash_add_once(nics, nic->name, NULL);
        }
    }

    DVSREC_HOST_MEMBER_FOR_EACH (other, ctx->idl) {
        if (strcmp(other->host, member->host)
            || other->switch_ == member->switch_) {
            continue;
        }

        const struct smap_node *uplink;
        SMAP_FOR_EACH (uplink, &other->uplinks) {
            struct shash_node *node = shash_find(nics, uplink->value);
            if (node) {
                node->data = other->switch_->name;
            }
        }
    }
}

static bool
check_member(struct ctl_context *ctx, const struct dvsrec_host_member *row)
{
    struct shash nics = SHASH_INITIALIZER(&nics);
    struct dvs_faults faults;
    struct dvs_member member;
    struct dvs_switch sw;

    dvs_switch_init(&sw);
    dvs_member_init(&member);
    dvs_faults_init(&faults);

    char *error = ctl_read_switch(ctx->idl, row->switch_, &sw);
    if (!error) {
        error = dvs_read_member(row, &member);
    }
    if (!error) {
        bool reported = ctl_host_by_name(ctx, row->host) != NULL;

        collect_host_nics(ctx, row, &nics);
        dvs_validate_member(&sw, &member, reported ? &nics : NULL, &faults);
    }

    char *name = xasprintf("host \"%s\" of switch \"%s\"", row->host,
                           row->switch_->name);
    bool ok = report(ctx, name, &faults, error);

    shash_destroy(&nics);
    dvs_faults_destroy(&faults);
    dvs_member_destroy(&member);
    dvs_switch_destroy(&sw);
    return ok;
}

/* Checks a private VLAN that the run has added. */
static bool
check_private_vlan(struct ctl_context *ctx,
                   const struct dvsrec_private_vlan *row)
{
    struct dvs_faults faults;
    struct dvs_pvlans pvlans;
    struct dvs_pvlan entry;

    dvs_faults_init(&faults);
    dvs_pvlans_init(&pvlans);
    dvs_read_pvlans(ctx->idl, row->switch_, &pvlans);
    dvs_read_pvlan(row, &entry);
    dvs_pvlans_validate(&pvlans, &entry, &faults);

    char *name = xasprintf("private VLAN %"PRId64, row->secondary);
    bool ok = report(ctx, name, &faults, NULL);

    dvs_faults_destroy(&faults);
    dvs_pvlans_destroy(&pvlans);
    return ok;
}

/* Checks a class of traffic that the run has added or changed. */
static bool
check_class(struct ctl_context *ctx, const struct dvsrec_traffic_class *row)
{
    const struct dvsrec_switch *sw = row->switch_;
    struct dvs_faults faults;
    struct dvs_classes classes;
    enum dvs_traffic_class tc;
    int ratio = (sw->n_reservation_ratio ? sw->reservation_ratio[0]
                 : DVS_RESERVATION_RATIO_DEFAULT);

    dvs_faults_init(&faults);
    dvs_classes_init(&classes);
    dvs_read_classes(ctx->idl, sw, &classes);
    if (dvs_traffic_class_from_string(row->name, &tc)) {
        dvs_classes_validate(&classes, tc, ratio,
                             dvs_read_slowest_uplink(ctx->idl, sw), &faults);
    }

    bool ok = report(ctx, xasprintf("class \"%s\"", row->name), &faults,
                     NULL);
    dvs_faults_destroy(&faults);
    return ok;
}

/* Checks a resource pool that the run has added or changed.
 *
 * Whether its switch has the bandwidth, the controller has the last word on:
 * it depends on what else the run changes, and on hosts. */
static bool
check_pool(struct ctl_context *ctx, const struct dvsrec_resource_pool *row)
{
    struct dvs_pool pool = { .name = row->name, .quota = row->reservation };
    struct dvs_faults faults;

    dvs_faults_init(&faults);
    dvs_pool_validate(&pool, &faults);

    bool ok = report(ctx, xasprintf("resource pool \"%s\"", row->name),
                     &faults, NULL);
    dvs_faults_destroy(&faults);
    return ok;
}

/* Checks that the quotas of 'sw' as the run leaves them are not more than it
 * has, as far as that has been published and the run changes nothing else that
 * it follows from. */
static bool
check_quotas(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    const struct dvsrec_resource_pool *row, *changed = NULL;
    const struct dvsrec_host_member *member;
    const struct dvsrec_traffic_class *tc;
    int64_t left = dvs_read_bandwidth(sw->key_bandwidth, sw->value_bandwidth,
                                      sw->n_bandwidth, "capacity");

    if (!sw->n_bandwidth || ctl_row_is_touched(&sw->header_)) {
        return true;
    }
    DVSREC_TRAFFIC_CLASS_FOR_EACH (tc, ctx->idl) {
        if (ctl_row_is_touched(&tc->header_)) {
            return true;
        }
    }
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (ctl_row_is_touched(&member->header_)) {
            return true;
        }
    }
    DVSREC_RESOURCE_POOL_FOR_EACH (row, ctx->idl) {
        if (row->switch_ != sw) {
            continue;
        } else if (row->reservation > dvs_read_quota(row)
                   && ctl_row_is_touched(&row->header_)) {
            changed = row;
            left -= row->reservation;
        } else {
            left -= MIN(row->reservation, dvs_read_quota(row));
        }
    }
    if (changed && left < 0) {
        ctl_fault(ctx, "ResourceNotAvailable", "resource pool \"%s\": quota "
                  "%"PRId64" is more than switch \"%s\" has left, %"PRId64
                  " Mbit/s", changed->name, changed->reservation, sw->name,
                  MAX(left + changed->reservation, 0));
    }
    return !ctx->error;
}

/* Checks a LAG that the run has added or changed. */
static bool
check_lag(struct ctl_context *ctx, const struct dvsrec_lag *row)
{
    struct svec uplinks = SVEC_EMPTY_INITIALIZER;
    struct dvs_faults faults;
    struct dvs_lags lags;
    struct dvs_lag lag;

    dvs_faults_init(&faults);
    dvs_lags_init(&lags);
    dvs_read_lags(ctx->idl, row->switch_, &lags);
    dvs_read_lag(row, &lag);
    for (size_t i = 0; i < row->switch_->n_uplinks; i++) {
        svec_add(&uplinks, row->switch_->value_uplinks[i]);
    }
    dvs_lags_validate(&lags, &uplinks, &lag, &faults);

    bool ok = report(ctx, xasprintf("LAG \"%s\"", row->name), &faults, NULL);

    svec_destroy(&uplinks);
    dvs_lags_destroy(&lags);
    dvs_faults_destroy(&faults);
    return ok;
}

/* Returns true if the run has changed 'owner' or the setting that it owns,
 * which may be null. */
static bool
is_touched(const struct ovsdb_idl_row *owner,
           const struct dvsrec_port_setting *setting)
{
    return (ctl_row_is_touched(owner)
            || (setting && ctl_row_is_touched(&setting->header_)));
}

/* Returns true if the run has changed the uplinks of 'sw', on which
 * portgroups, ports and members depend. */
static bool
uplinks_changed(const struct dvsrec_switch *sw)
{
    const struct ovsdb_idl_row *row = &sw->header_;

    return (row->old_datum && row->written
            && bitmap_is_set(row->written, DVSREC_SWITCH_COL_UPLINKS));
}

/* Checks the switches that are touched, and what hangs on them alone. */
static bool
check_switches(struct ctl_context *ctx, const struct ctl_view *view)
{
    const struct dvsrec_switch *sw;
    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        if (view->switches
            && is_touched(&sw->header_, sw->default_setting)
            && !check_switch(ctx, sw)) {
            return false;
        }
    }

    const struct dvsrec_private_vlan *pv;
    DVSREC_PRIVATE_VLAN_FOR_EACH (pv, ctx->idl) {
        if (view->switches && ctl_row_is_touched(&pv->header_)
            && !check_private_vlan(ctx, pv)) {
            return false;
        }
    }

    const struct dvsrec_traffic_class *tc;
    DVSREC_TRAFFIC_CLASS_FOR_EACH (tc, ctx->idl) {
        if (tc->switch_ && ctl_row_is_touched(&tc->header_)
            && !check_class(ctx, tc)) {
            return false;
        }
    }

    const struct dvsrec_resource_pool *pool;
    DVSREC_RESOURCE_POOL_FOR_EACH (pool, ctx->idl) {
        if (view->switches && ctl_row_is_touched(&pool->header_)
            && (!check_pool(ctx, pool) || !check_quotas(ctx, pool->switch_))) {
            return false;
        }
    }

    const struct dvsrec_lag *lag;
    DVSREC_LAG_FOR_EACH (lag, ctx->idl) {
        if (view->switches
            && (ctl_row_is_touched(&lag->header_)
                || uplinks_changed(lag->switch_))
            && (!check_lag(ctx, lag)
                /* An old feature level has none. */
                || (lag->switch_->version
                    && !check_switch(ctx, lag->switch_)))) {
            return false;
        }
    }
    return true;
}

/* Checks the portgroups and ports that are touched, or that depend on what
 * is. */
static bool
check_ports(struct ctl_context *ctx, const struct ctl_view *view)
{
    const struct dvsrec_portgroup *pg;
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (view->portgroups.used
            && (is_touched(&pg->header_, pg->setting)
                || uplinks_changed(pg->switch_))
            && !check_portgroup(ctx, pg)) {
            return false;
        }
    }

    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        if (view->ports.used
            && (is_touched(&port->header_, port->setting)
                || (port->setting
                    && (uplinks_changed(port->switch_)
                        || (port->portgroup
                            && ctl_row_is_touched(
                                &port->portgroup->header_)))))
            && !check_port(ctx, port)) {
            return false;
        }
    }
    return true;
}

/* Checks all that the run has changed, and what depends on it.  Returns true
 * if it is valid; otherwise a fault has been reported. */
bool
ctl_check(struct ctl_context *ctx)
{
    /* A generic database command may have changed rows of which the run does
     * not have all columns.  What it writes, the controller checks. */
    const struct ctl_view *view = dvsctl_context_cast(ctx)->view;

    if (!check_switches(ctx, view) || !check_ports(ctx, view)) {
        return false;
    }

    const struct dvsrec_host_member *member;
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (view->members
            && (ctl_row_is_touched(&member->header_)
                || uplinks_changed(member->switch_))
            && !check_member(ctx, member)) {
            return false;
        }
    }

    const struct dvsrec_switch *sw;
    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        if (view->switches && !ctl_check_room(ctx, sw)) {
            return false;
        }
    }
    return true;
}

/* What the controller finds. */

/* Initializes 'touched' as empty. */
void
ctl_touched_init(struct ctl_touched *touched)
{
    *touched = (struct ctl_touched) { .n = 0 };
}

/* Frees what 'touched' owns. */
void
ctl_touched_destroy(struct ctl_touched *touched)
{
    free(touched->rows);
}

static void
touched_add(struct ctl_touched *touched, const struct ovsdb_idl_row *row)
{
    if (touched->n >= touched->allocated) {
        touched->rows = x2nrealloc(touched->rows, &touched->allocated,
                                   sizeof *touched->rows);
    }
    touched->rows[touched->n++] = (struct ctl_touched_row) {
        .table = row->table->class_,
        .uuid = row->uuid,
    };
}

/* Adds to 'touched' the rows that the open transaction of 'idl' inserts or
 * changes, and those whose setting it changes. */
void
ctl_touched_collect(struct ctl_touched *touched, const struct ovsdb_idl *idl)
{
    const struct dvsrec_switch *sw;
    DVSREC_SWITCH_FOR_EACH (sw, idl) {
        if (is_touched(&sw->header_, sw->default_setting)) {
            touched_add(touched, &sw->header_);
        }
    }

    const struct dvsrec_private_vlan *pv;
    DVSREC_PRIVATE_VLAN_FOR_EACH (pv, idl) {
        if (ctl_row_is_touched(&pv->header_)) {
            touched_add(touched, &pv->header_);
        }
    }

    const struct dvsrec_lag *lag;
    DVSREC_LAG_FOR_EACH (lag, idl) {
        if (ctl_row_is_touched(&lag->header_)) {
            touched_add(touched, &lag->header_);
        }
    }

    const struct dvsrec_traffic_class *tc;
    DVSREC_TRAFFIC_CLASS_FOR_EACH (tc, idl) {
        if (ctl_row_is_touched(&tc->header_)) {
            touched_add(touched, &tc->header_);
        }
    }

    const struct dvsrec_resource_pool *pool;
    DVSREC_RESOURCE_POOL_FOR_EACH (pool, idl) {
        if (ctl_row_is_touched(&pool->header_)) {
            touched_add(touched, &pool->header_);
        }
    }

    const struct dvsrec_portgroup *pg;
    DVSREC_PORTGROUP_FOR_EACH (pg, idl) {
        if (is_touched(&pg->header_, pg->setting)) {
            touched_add(touched, &pg->header_);
        }
    }

    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH (port, idl) {
        if (is_touched(&port->header_, port->setting)) {
            touched_add(touched, &port->header_);
        }
    }

    const struct dvsrec_host_member *member;
    DVSREC_HOST_MEMBER_FOR_EACH (member, idl) {
        if (ctl_row_is_touched(&member->header_)) {
            touched_add(touched, &member->header_);
        }
    }

    const struct dvsrec_vnic *nic;
    DVSREC_VNIC_FOR_EACH (nic, idl) {
        if (ctl_row_is_touched(&nic->header_)) {
            touched_add(touched, &nic->header_);
        }
    }

    const struct dvsrec_task *task;
    DVSREC_TASK_FOR_EACH (task, idl) {
        if (ctl_row_is_touched(&task->header_)) {
            touched_add(touched, &task->header_);
            if (!task->header_.old_datum) {
                touched->task = task->header_.uuid;
            }
        }
    }
}

/* Gives the rows of 'touched' that 'txn', which has been committed, has
 * inserted the identity that the database server has given them. */
void
ctl_touched_resolve(struct ctl_touched *touched,
                    const struct ovsdb_idl_txn *txn)
{
    for (size_t i = 0; i < touched->n; i++) {
        const struct uuid *uuid
            = ovsdb_idl_txn_get_insert_uuid(txn, &touched->rows[i].uuid);
        if (uuid) {
            touched->rows[i].uuid = *uuid;
        }
    }
}

/* Returns what a fault calls the row 'header', which the caller frees, or NULL
 * if its faults say that themselves, and stores its 'faults' in '*faultsp' and
 * their number in '*np'. */
static char *
describe_row(const struct ovsdb_idl_row *header, char ***faultsp, size_t *np)
{
    const struct ovsdb_idl_table_class *table = header->table->class_;
    struct ctl_target target = { .sw = NULL };

    if (table == &dvsrec_table_switch) {
        target.sw = CONTAINER_OF(header, struct dvsrec_switch, header_);
        *faultsp = target.sw->faults;
        *np = target.sw->n_faults;
    } else if (table == &dvsrec_table_portgroup) {
        target.pg = CONTAINER_OF(header, struct dvsrec_portgroup, header_);
        target.sw = target.pg->switch_;
        *faultsp = target.pg->faults;
        *np = target.pg->n_faults;
    } else if (table == &dvsrec_table_port) {
        target.port = CONTAINER_OF(header, struct dvsrec_port, header_);
        target.sw = target.port->switch_;
        *faultsp = target.port->faults;
        *np = target.port->n_faults;
    } else if (table == &dvsrec_table_host_member) {
        const struct dvsrec_host_member *member
            = CONTAINER_OF(header, struct dvsrec_host_member, header_);

        *faultsp = member->faults;
        *np = member->n_faults;
        return xasprintf("host \"%s\"", member->host);
    } else if (table == &dvsrec_table_private_vlan) {
        const struct dvsrec_private_vlan *pv
            = CONTAINER_OF(header, struct dvsrec_private_vlan, header_);

        *faultsp = pv->faults;
        *np = pv->n_faults;
        return xasprintf("private VLAN %"PRId64, pv->secondary);
    } else if (table == &dvsrec_table_lag) {
        const struct dvsrec_lag *lag
            = CONTAINER_OF(header, struct dvsrec_lag, header_);

        *faultsp = lag->faults;
        *np = lag->n_faults;
        return xasprintf("LAG \"%s\"", lag->name);
    } else if (table == &dvsrec_table_traffic_class) {
        const struct dvsrec_traffic_class *tc
            = CONTAINER_OF(header, struct dvsrec_traffic_class, header_);

        *faultsp = tc->faults;
        *np = tc->n_faults;
        return xasprintf("class \"%s\"", tc->name);
    } else if (table == &dvsrec_table_resource_pool) {
        const struct dvsrec_resource_pool *pool
            = CONTAINER_OF(header, struct dvsrec_resource_pool, header_);

        *faultsp = pool->faults;
        *np = pool->n_faults;
        return xasprintf("resource pool \"%s\"", pool->name);
    } else if (table == &dvsrec_table_vnic) {
        const struct dvsrec_vnic *nic
            = CONTAINER_OF(header, struct dvsrec_vnic, header_);

        *faultsp = nic->faults;
        *np = nic->n_faults;
        return xasprintf("NIC \"%s\"", nic->id);
    } else if (table == &dvsrec_table_task) {
        struct dvsrec_task *task
            = CONTAINER_OF(header, struct dvsrec_task, header_);

        *faultsp = &task->fault;
        *np = task->fault ? 1 : 0;
        return NULL;
    } else {
        OVS_NOT_REACHED();
    }
    return (target.sw
            ? ctl_target_to_string(&target)
            : xasprintf("%s "UUID_FMT, table->name,
                        UUID_ARGS(&header->uuid)));
}

/* Returns 'fault', "FaultName: column: sentence" of a row, as a line for
 * people, which the caller frees: without the column, as the sentence speaks
 * for itself, but with 'name', which the row is called by, unless that is
 * NULL. */
char *
ctl_fault_to_line(const char *fault, const char *name)
{
    const char *column = strstr(fault, ": ");
    const char *sentence = column ? strstr(column + 2, ": ") : NULL;

    return (sentence
            ? xasprintf("%.*s%s%s%s", (int) (column - fault), fault,
                        name ? ": " : "", name ? name : "", sentence)
            : xasprintf("%s%s%s", name ? name : "", name ? ": " : "", fault));
}

/* Adds to 'errors' the faults that the controller has published in the rows
 * of 'touched'.  Returns how many there are. */
size_t
ctl_touched_put_faults(const struct ctl_touched *touched,
                       const struct ovsdb_idl *idl, struct svec *errors)
{
    size_t n_faults = 0;

    for (size_t i = 0; i < touched->n; i++) {
        const struct ctl_touched_row *r = &touched->rows[i];
        const struct ovsdb_idl_row *row
            = ovsdb_idl_get_row_for_uuid(idl, r->table, &r->uuid);
        if (!row || !ctl_row_exists(row)) {
            continue;
        }

        char **faults;
        size_t n;
        char *name = describe_row(row, &faults, &n);

        for (size_t j = 0; j < n; j++) {
            svec_add_nocopy(errors, ctl_fault_to_line(faults[j], name));
        }
        n_faults += n;
        free(name);
    }
    return n_faults;
}

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

/* Switches: what follows from a Switch row.
 *
 * Gives it a time of creation, an uplink portgroup and its standalone ports,
 * raises its config_version, checks it, and has its proxy row written. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>

#include "controller/claims.h"
#include "controller/compile.h"
#include "controller/pass.h"
#include "controller/sync.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(switches);

COVERAGE_DEFINE(look_at_switch);

/* VLANs that the automatic uplink portgroup carries: all. */
#define UPLINK_TRUNK_START 0
#define UPLINK_TRUNK_END 4094

/* Makes sure that 's' has an uplink portgroup (vSphere makes one with each
 * switch). */
static void
ensure_uplink_portgroup(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_portgroup **portgroups;
    size_t n = uplink_portgroups_of_switch(pass->ix, s, &portgroups);
    free(portgroups);
    if (n) {
        return;
    }

    char *name = dvs_uplink_portgroup_name(s->name);
    for (int i = 2; find_portgroup(pass->ix, s, name); i++) {
        char *whole = dvs_uplink_portgroup_name(s->name);
        char *stem = dvs_name_shorten(whole, DVS_NAME_MAX - 10);
        free(whole);
        free(name);
        name = xasprintf("%s-%d", stem, i);
        free(stem);
    }

    /* The switch may be gone before this arrives. */
    dvsrec_switch_verify_name(s);
    int64_t start = UPLINK_TRUNK_START;
    int64_t end = UPLINK_TRUNK_END;
    struct uuid uuid;
    uuid_generate(&uuid);
    const struct dvsrec_port_setting *setting
        = dvsrec_port_setting_insert_persist_uuid(pass->txn, &uuid);
    dvsrec_port_setting_set_vlan_mode(setting, "trunk");
    dvsrec_port_setting_set_vlan_trunk(setting, &start, &end, 1);

    uuid_generate(&uuid);
    const struct dvsrec_portgroup *pg
        = dvsrec_portgroup_insert_persist_uuid(pass->txn, &uuid);
    dvsrec_portgroup_set_switch_(pg, s);
    dvsrec_portgroup_set_name(pg, name);
    dvsrec_portgroup_set_type(pg, "early_binding");
    dvsrec_portgroup_set_uplink(pg, true);
    dvsrec_portgroup_set_setting(pg, setting);
    VLOG_INFO("switch %s: made uplink portgroup %s", s->name, name);
    free(name);
}

/* Has the standalone ports of 's' looked at that have a setting or a NIC. */
static void
mark_standalone_ports(struct pass *pass, const struct dvsrec_switch *s)
{
    const struct dvsrec_port **ports;
    size_t n = ports_of_portgroup(pass->ix, s, NULL, &ports);

    for (size_t i = 0; i < n; i++) {
        if (ports[i]->setting || ports[i]->connectee) {
            dirty_mark(pass->dirty, DIRTY_PORT, &ports[i]->header_.uuid);
        }
        if (ports[i]->connectee) {
            dirty_mark(pass->dirty, DIRTY_VNIC,
                       &ports[i]->connectee->header_.uuid);
        }
        binder_wake_for_port(pass, ports[i]);
    }
    free(ports);
}

/* Has everything looked at that depends on the switch 's'; its ports only if
 * 'ports' is true. */
static void
mark_children(struct pass *pass, const struct dvsrec_switch *s, bool ports)
{
    const struct dvsrec_portgroup **portgroups;
    size_t n = portgroups_of_switch(pass->ix, s, &portgroups);
    for (size_t i = 0; i < n; i++) {
        const struct uuid *uuid = &portgroups[i]->header_.uuid;

        dirty_mark(pass->dirty, DIRTY_PORTGROUP, uuid);
        if (ports) {
            dirty_mark(pass->dirty, DIRTY_PORTS_OF_PORTGROUP, uuid);
        }
    }
    free(portgroups);

    const struct dvsrec_host_member **members;
    n = members_of_switch(pass->ix, s, &members);
    for (size_t i = 0; i < n; i++) {
        dirty_mark_host(pass->dirty, members[i]->host);
    }
    free(members);

    if (ports) {
        mark_standalone_ports(pass, s);
    }
}

/* Has the switches looked at that are at fault, perhaps for the sake of the
 * switch 'changed' (NULL if it is gone): they may want its bridge. */
static void
mark_rivals(struct pass *pass, const struct dvsrec_switch *changed)
{
    const struct dvsrec_switch *row;

    DVSREC_SWITCH_FOR_EACH (row, pass->idl) {
        if (row != changed && row->n_faults) {
            dirty_mark(pass->dirty, DIRTY_SWITCH, &row->header_.uuid);
        }
    }
}

/* Takes back what hosts were to realise of a switch that is gone. */
static void
forget_switch(struct pass *pass, const struct uuid *uuid)
{
    const struct dvsrec_proxy_port **ports;
    size_t n = proxy_ports_of_port(pass->ix, uuid, NULL, &ports);

    for (size_t i = 0; i < n; i++) {
        dirty_mark_slot(pass->dirty, uuid, ports[i]->key);
    }
    free(ports);
    sync_switch(pass, uuid, NULL);
    mark_rivals(pass, NULL);
}

static void
look_at_switch(struct pass *pass, const struct uuid *uuid)
{
    const struct dvsrec_switch *row = get_switch(pass->idl, uuid);

    COVERAGE_INC(look_at_switch);
    claims_retry(pass->claims, pass->dirty);
    if (!row) {
        forget_switch(pass, uuid);
        return;
    }

    struct dvs_faults *faults = faults_open(pass->faults, FAULTS_SWITCH, uuid);
    struct view_switch *s = view_switch(pass->view, row);

    ports_count_switch(pass, row);
    if (!row->n_create_time) {
        int64_t now = pass->wall;
        dvsrec_switch_set_create_time(row, &now, 1);
    }
    if (dirty_take(pass->dirty, DIRTY_RAISE_SWITCH, uuid)) {
        dvsrec_switch_set_config_version(row,
                                     next_number(row->config_version));
    }
    ensure_uplink_portgroup(pass, row);
    view_switch_recheck(s);
    if (view_switch_is_ok(pass->view, s)) {
        struct proxy_switch proxy;

        compile_switch(&s->model, &proxy);
        if (sync_switch(pass, uuid, &proxy)) {
            /* Now hosts can be told of its ports. */
            dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, uuid);
        }
        proxy_switch_destroy(&proxy);
        ports_populate(pass, row, NULL, row->num_standalone_ports, false,
                       faults);
    }
    room_check(row, faults);
    faults_add_all(faults, &s->faults);
    pvlans_check(pass, row);
    lags_check(pass, row, &s->model.uplinks);
    classes_check(pass, row, &s->model);
    dirty_mark(pass->dirty, DIRTY_BUDGET, uuid);
    if (!s->announced) {
        s->announced = true;
        mark_rivals(pass, row);
    }
    if (!find_proxy_switch(pass->ix, uuid)) {
        /* What cannot be told to hosts is a fault of its NICs. */
        dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, uuid);
    }
    mark_children(pass, row,
                  dirty_take(pass->dirty, DIRTY_PORTS_OF_SWITCH, uuid));
}

void
switches_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_COUNT_SWITCH, &uuid)) {
        const struct dvsrec_switch *row = get_switch(pass->idl, &uuid);

        if (row) {
            ports_count_switch(pass, row);
        }
    }
    while (dirty_pop(pass->dirty, DIRTY_SWITCH, &uuid)) {
        look_at_switch(pass, &uuid);
    }
}

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

/* Hosts: what follows from the Host_Member rows of one host.
 *
 * Checks them (together, since they share the host's physical NICs), gives
 * the host its uplink ports, has its proxy rows written, and says how it
 * stands in each switch. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/compile.h"
#include "controller/events.h"
#include "controller/liveness.h"
#include "controller/pass.h"
#include "controller/pnics.h"
#include "controller/rollouts.h"
#include "controller/sync.h"
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-host-feature.h"
#include "schema/dvs-read.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(hosts);

COVERAGE_DEFINE(look_at_host);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

/* One membership of the host that is being looked at. */
struct membership {
    const struct dvsrec_host_member *row;
    struct view_switch *switch_;
    const struct dvsrec_proxy_host *proxy;  /* What the host has, or NULL. */
    struct dvs_member model;
    struct dvs_faults *faults;  /* Belong to the pass. */
};

/* Adds to 'nics' the physical NICs that 'host' reports, with NULL as data.
 * Returns false if the host has never reported. */
static bool
reported_nics(struct pass *pass, const char *host, struct shash *nics)
{
    struct dvsrec_physical_nic *target
        = dvsrec_physical_nic_index_init_row(pass->ix->pnic_by_host);
    dvsrec_physical_nic_index_set_host(target, host);
    struct ovsdb_idl_cursor cursor
        = dvsrec_physical_nic_cursor_first_ge(pass->ix->pnic_by_host, target);
    const struct dvsrec_physical_nic *row;

    while ((row = dvsrec_physical_nic_cursor_data(&cursor))
           && !strcmp(row->host, host)) {
        shash_add_once(nics, row->name, NULL);
        ovsdb_idl_cursor_next(&cursor);
    }
    dvsrec_physical_nic_index_destroy_row(target);
    return !shash_is_empty(nics) || find_host(pass->ix, host);
}

/* Adds a fault if what the host of 'm' offers is not enough for the switch. */
static void
check_compatibility(struct pass *pass, const struct membership *m)
{
    const struct dvsrec_host *host = find_host(pass->ix, m->row->host);
    const struct dvs_switch *model = &m->switch_->model;

    if (host) {
        struct dvs_host_offer offer = {
            .ovs_version = host->ovs_version,
            .datapath_types = host->datapath_types,
            .n_datapath_types = host->n_datapath_types,
            .features = &host->features,
        };
        char *why = dvs_host_incompatibility(model->datapath_type,
                                             model->version, &offer);

        if (why) {
            dvs_faults_add(m->faults, "NotSupportedHostInDvs", "host", "%s",
                           why);
            free(why);
        }
    }
}

/* Adds the faults of 'm', given who else 'others' says has NICs of the host
 * that it wants. */
static void
validate_membership(struct pass *pass, struct membership *m,
                    const struct smap *others)
{
    const struct smap_node *node;
    struct shash nics;

    shash_init(&nics);
    bool reported = reported_nics(pass, m->row->host, &nics);
    if (!reported) {
        /* Whatever is named may well exist. */
        SMAP_FOR_EACH (node, &m->model.uplinks) {
            shash_add_once(&nics, node->value, NULL);
        }
    }
    SMAP_FOR_EACH (node, others) {
        shash_replace(&nics, node->key, node->value);
    }
    dvs_faults_destroy(m->faults);
    dvs_faults_init(m->faults);
    dvs_validate_member(&m->switch_->model, &m->model,
                        reported || !smap_is_empty(others) ? &nics : NULL,
                        m->faults);
    check_compatibility(pass, m);
    room_suffices(m->row->switch_,
                  uplink_ports_missing(pass, m->switch_, m->row->host),
                  "uplinks", m->faults);
    room_check_member(pass, m->row->host, m->row->switch_, m->model.max_ports,
                      m->faults);
    shash_destroy(&nics);
}

/* Returns true if the host of 'm' keeps the uplinks that it has, while others
 * try out a change. */
static bool
is_held(const struct pass *pass, const struct membership *m)
{
    return (m->proxy
            && rollout_holds(pass, &m->switch_->row->header_.uuid,
                             m->row->host));
}

static void
check_memberships(struct pass *pass, struct membership *ms, size_t n)
{
    struct pnics_member *members = xcalloc(n, sizeof *members);

    for (size_t i = 0; i < n; i++) {
        struct membership *m = &ms[i];

        smap_init(&members[i].others);
        members[i].switch_ = m->switch_->row->name;
        members[i].wanted = &m->model.uplinks;
        members[i].had = m->proxy ? &m->proxy->uplinks : NULL;

        char *error = dvs_read_member(m->row, &m->model);
        if (error) {
            dvs_faults_add(m->faults, "InvalidArgument", "uplinks", "%s",
                           error);
            free(error);
        } else {
            validate_membership(pass, m, &members[i].others);
        }
        members[i].frozen
            = (m->faults->n || !view_switch_is_ok(pass->view, m->switch_)
               || is_held(pass, m));
    }
    pnics_share(members, n);
    for (size_t i = 0; i < n; i++) {
        if (!smap_is_empty(&members[i].others)) {
            validate_membership(pass, &ms[i], &members[i].others);
        }
        smap_destroy(&members[i].others);
    }
    free(members);
}

/* Has the ports looked at that were granted to 'host' on 'switch_', of which
 * it knows nothing any more. */
static void
mark_slots(struct pass *pass, const char *host, const struct uuid *switch_)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_host(pass->ix, host, switch_, &rows);

    for (size_t i = 0; i < n; i++) {
        dirty_mark_slot(pass->dirty, switch_, rows[i]->key);
    }
    free(rows);
}

/* Has the claims of 'host' looked at, of which only those of a member count,
 * and the NICs that it makes itself. */
static void
mark_claims(struct pass *pass, const char *host)
{
    struct dvsrec_port_state *target
        = dvsrec_port_state_index_init_row(pass->ix->port_state_by_host);
    dvsrec_port_state_index_set_host(target, host);
    const struct dvsrec_port_state *row;

    DVSREC_PORT_STATE_FOR_EACH_EQUAL (row, target,
                                      pass->ix->port_state_by_host) {
        if (strcmp(row->kind, "uplink")) {
            dirty_mark_claim(pass->dirty, row->nic, "");
        }
    }
    dvsrec_port_state_index_destroy_row(target);
    host_nics_mark(pass->ix, pass->dirty, host);
}

/* Takes back what 'host' had of switches of which it is no member. */
static void
forget_memberships(struct pass *pass, const char *host)
{
    uplink_ports_forget(pass, host);

    const struct dvsrec_proxy_host **proxies;
    size_t n = proxy_hosts_of_host(pass->ix, host, &proxies);
    for (size_t i = 0; i < n; i++) {
        struct uuid uuid = proxies[i]->switch_;
        const struct dvsrec_switch *s = get_switch(pass->idl, &uuid);

        if (!s || !find_member(pass->ix, s, host)) {
            mark_slots(pass, host, &uuid);
            sync_host(pass, host, &uuid, NULL);
            mark_claims(pass, host);
        }
    }
    free(proxies);
}

/* Returns how the host of 'm' stands in the switch, in the words of
 * HostMemberRuntimeInfo.status, and stores why in '*detail'. */
static const char *
membership_status(struct pass *pass, const struct membership *m,
                  const char **detail)
{
    const char *host = m->row->host;
    const struct dvsrec_proxy_state *state
        = find_proxy_state(pass->ix, host, &m->switch_->row->header_.uuid);

    *detail = "";
    if (!find_host(pass->ix, host)) {
        *detail = "the host has never reported";
        return "pending";
    } else if (!liveness_is_connected(pass->liveness, host)) {
        *detail = "the host's agent has not been heard of";
        return "disconnected";
    } else if (m->faults->n) {
        *detail = m->faults->faults[0].message;
        return "warning";
    } else if (!state) {
        *detail = "the host has not yet reported on the switch";
        return "pending";
    } else {
        *detail = state->detail;
        return state->status;
    }
}

/* Has it recorded that the host of 'm', whose status has changed to 'status',
 * runs another configuration than the switch's from now on, or that it no
 * longer does.  What it runs while it is not heard of nobody knows.  (vSphere:
 * hostOutOfSync.configParameters.) */
static void
record_sync(struct pass *pass, const struct membership *m, const char *status)
{
    static const char out[] = "DvsHostWentOutOfSyncEvent";
    static const char in[] = "DvsHostBackInSyncEvent";
    const struct dvsrec_switch *s = m->switch_->row;
    const struct uuid *uuid = &s->header_.uuid;
    const char *host = m->row->host;
    const struct dvsrec_proxy_state *state = find_proxy_state(pass->ix, host,
                                                              uuid);

    if (!state || strcmp(status, state->status)) {
        return;                 /* The host itself does not say so. */
    }
    bool is_out = !strcmp(status, "out-of-sync");
    if (is_out == event_is_latest(pass, uuid, host, out, in)) {
        return;
    }
    if (is_out) {
        struct ds differs = DS_EMPTY_INITIALIZER;

        for (size_t i = 0; i < state->n_rolled_back; i++) {
            ds_put_format(&differs, "%s%s", i ? ", " : ": ",
                          state->key_rolled_back[i]);
        }
        event_list_add(pass->events, out, "warning", uuid, s->name, host,
                       "host runs another configuration than the switch's%s",
                       ds_cstr(&differs));
        ds_destroy(&differs);
    } else {
        event_list_add(pass->events, in, "info", uuid, s->name, host,
                       "host takes the switch's configuration again");
    }
}

static void
update_status(struct pass *pass, const struct membership *m)
{
    const struct dvsrec_host_member *row = m->row;
    const char *detail;
    const char *status = membership_status(pass, m, &detail);

    if (row->status && strcmp(row->status, status)) {
        const char *name = m->switch_->row->name;

        VLOG_INFO_RL(&rl, "switch %s: host %s is %s%s%s, was %s", name,
                     row->host, status, detail[0] ? ": " : "", detail,
                     row->status);
        event_list_add(pass->events, "DvsHostStatusUpdated",
                       strcmp(status, "up") ? "warning" : "info",
                       &m->switch_->row->header_.uuid, name, row->host,
                       "host is %s%s%s, was %s", status,
                       detail[0] ? ": " : "", detail, row->status);
        record_sync(pass, m, status);
    }
    dvsrec_host_member_set_status(row, status);
    dvsrec_host_member_set_status_detail(row, detail);
}

static void
realise_membership(struct pass *pass, struct membership *m)
{
    struct compile_uplink *uplinks;
    struct proxy_host proxy;

    size_t n = uplink_ports_update(pass, m->switch_, &m->model, &uplinks);
    compile_host(&m->switch_->model, &m->model, uplinks, n, &proxy);
    if (sync_host(pass, m->row->host, &m->switch_->row->header_.uuid,
                  &proxy)) {
        mark_claims(pass, m->row->host);
    }
    proxy_host_destroy(&proxy);
    compile_uplinks_destroy(uplinks, n);
}

static void
look_at_host(struct pass *pass, const char *host)
{
    const struct dvsrec_host_member **rows;
    size_t n = members_of_host(pass->ix, host, &rows);
    struct membership *ms = xcalloc(n, sizeof *ms);
    bool *limited = xcalloc(n, sizeof *limited);

    COVERAGE_INC(look_at_host);
    for (size_t i = 0; i < n; i++) {
        ms[i].row = rows[i];
        ms[i].switch_ = view_switch(pass->view, rows[i]->switch_);
        ms[i].proxy = find_proxy_host(pass->ix, host,
                                      &rows[i]->switch_->header_.uuid);
        limited[i] = ms[i].proxy && ms[i].proxy->n_max_ports;
        dvs_member_init(&ms[i].model);
        ms[i].faults = faults_open(pass->faults, FAULTS_MEMBER,
                                   &rows[i]->header_.uuid);
    }

    forget_memberships(pass, host);
    check_memberships(pass, ms, n);
    for (size_t i = 0; i < n; i++) {
        if (!ms[i].faults->n
            && view_switch_is_ok(pass->view, ms[i].switch_)
            && !is_held(pass, &ms[i])) {
            realise_membership(pass, &ms[i]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct uuid *switch_ = &ms[i].switch_->row->header_.uuid;

        if (!find_proxy_host(pass->ix, host, switch_)) {
            /* It may have had one that somebody else deleted. */
            mark_slots(pass, host, switch_);
            mark_claims(pass, host);
        } else if (limited[i] || ms[i].row->n_max_ports) {
            /* There may be room for NICs that had none. */
            mark_claims(pass, host);
        }
        dirty_mark(pass->dirty, DIRTY_HOST_BUDGET,
                   &ms[i].row->header_.uuid);
        update_status(pass, &ms[i]);
        dvs_member_destroy(&ms[i].model);
    }
    free(limited);
    free(ms);
    free(rows);
    pass->dirty->global = true;
}

void
hosts_run(struct pass *pass)
{
    char *host;

    while ((host = dirty_pop_host(pass->dirty))) {
        look_at_host(pass, host);
        free(host);
    }
}

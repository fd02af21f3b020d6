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

/* The only writer of the tables Proxy_*; see sync.h.
 *
 * Does not decide what is desired. */

#include <config.h>

#include "controller/sync.h"

#include <stdlib.h>
#include <string.h>

#include "controller/compile.h"
#include "controller/concerns.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "controller/rollouts.h"
#include "coverage.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(sync);

COVERAGE_DEFINE(proxy_insert);
COVERAGE_DEFINE(proxy_update);
COVERAGE_DEFINE(proxy_delete);
COVERAGE_DEFINE(proxy_unchanged);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(60, 60);

/* Whether an integer-to-string map column holds 'names' in order. */
static bool
positions_equal(const int64_t *keys, char **values, size_t n,
                const struct svec *names)
{
    if (n != names->n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        /* The IDL keeps maps sorted by key. */
        if (keys[i] != i || strcmp(values[i], names->names[i])) {
            return false;
        }
    }
    return true;
}

/* Rings.  As long as a change is tried out by some hosts (rollouts.h), they
 * have rows of their own where it makes a difference, and the row that all
 * hosts share stays as it is.  When it is over, the shared row gets a version
 * above those of the other: hosts may refuse what has a lower one. */

/* A row of a table that has rings. */
struct ring_row {
    bool exists;
    bool same;                  /* It has what is desired. */
    int64_t version;
};

/* What is to be done for what is desired. */
struct ring_choice {
    enum { RING_KEEP, RING_UPDATE, RING_INSERT } action;
    bool own;                   /* On the canaries' row: the other stays.  If
                                 * it is done on the shared row, there must be
                                 * no row for canaries. */
    int64_t version;            /* For the row. */
};

/* Returns what to do for something desired, the row 'what' 'name' of
 * 'switch_', that 'common' and 'canary' have as they say. */
static struct ring_choice
choose_ring(struct pass *pass, const struct uuid *switch_, const char *what,
            const char *name, struct ring_row common, struct ring_row canary)
{
    bool changes = common.exists && !common.same;
    struct rollout *rollout = rollout_find(pass, switch_);

    if (changes && !rollout && !canary.exists) {
        rollout = rollout_begin_default(pass, switch_);
    }
    struct ring_choice c = {
        .own = changes && rollout,
        .version = next_number(MAX(common.version, canary.version)),
    };
    const struct ring_row *row = c.own ? &canary : &common;
    if (row->exists && row->same && (c.own || !canary.exists)) {
        COVERAGE_INC(proxy_unchanged);
        c.action = RING_KEEP;
        return c;
    } else if (row->exists) {
        COVERAGE_INC(proxy_update);
        c.action = RING_UPDATE;
    } else {
        COVERAGE_INC(proxy_insert);
        c.action = RING_INSERT;
    }
    rollout_note_change(rollout);
    VLOG_DBG_RL(&rl, "%s %s: proxy row %s%s", what, name,
                c.action == RING_INSERT && !c.own ? "inserted" : "changed",
                c.own ? " for canaries" : "");
    return c;
}

static bool
switch_is_unchanged(const struct dvsrec_proxy_switch *row,
                    const struct proxy_switch *p)
{
    return (!strcmp(row->name, p->name)
            && !strcmp(row->bridge, p->bridge)
            && !strcmp(row->datapath_type, p->datapath_type)
            && row->mtu == p->mtu
            && positions_equal(row->key_uplinks, row->value_uplinks,
                               row->n_uplinks, &p->uplinks)
            && smap_equal(&row->setting, &p->setting)
            && smap_equal(&row->config, &p->config));
}

static struct ring_row
switch_in_ring(const struct dvsrec_proxy_switch *row,
               const struct proxy_switch *p)
{
    return (row ? (struct ring_row) { true, switch_is_unchanged(row, p),
                                      row->version }
            : (struct ring_row) { .exists = false });
}

static void
write_switch(const struct dvsrec_proxy_switch *row,
             const struct proxy_switch *p)
{
    int64_t *positions = xmalloc(p->uplinks.n * sizeof *positions);

    for (size_t i = 0; i < p->uplinks.n; i++) {
        positions[i] = i;
    }
    dvsrec_proxy_switch_set_name(row, p->name);
    dvsrec_proxy_switch_set_bridge(row, p->bridge);
    dvsrec_proxy_switch_set_datapath_type(row, p->datapath_type);
    dvsrec_proxy_switch_set_mtu(row, p->mtu);
    dvsrec_proxy_switch_set_uplinks(row, positions,
                                    (const char **) p->uplinks.names,
                                    p->uplinks.n);
    dvsrec_proxy_switch_set_setting(row, &p->setting);
    dvsrec_proxy_switch_set_config(row, &p->config);
    free(positions);
}

static void
delete_switch(const struct dvsrec_proxy_switch *row)
{
    if (row) {
        COVERAGE_INC(proxy_delete);
        VLOG_DBG_RL(&rl, "switch %s: proxy row deleted (ring %"PRId64")",
                    row->name, row->ring);
        dvsrec_proxy_switch_delete(row);
    }
}

static const struct dvsrec_proxy_switch *
insert_switch(struct pass *pass, const struct uuid *switch_, int ring)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    const struct dvsrec_proxy_switch *row
        = dvsrec_proxy_switch_insert_persist_uuid(pass->txn, &uuid);
    dvsrec_proxy_switch_set_switch_(row, *switch_);
    dvsrec_proxy_switch_set_ring(row, ring);
    return row;
}

/* Brings Proxy_Switch of 'switch_' in step with 'p', or deletes it if 'p' is
 * NULL.  Returns true if the row has come to be. */
bool
sync_switch(struct pass *pass, const struct uuid *switch_,
            const struct proxy_switch *p)
{
    const struct dvsrec_proxy_switch *common
        = find_proxy_switch_in_ring(pass->ix, switch_, RING_COMMON);
    const struct dvsrec_proxy_switch *canary
        = find_proxy_switch_in_ring(pass->ix, switch_, RING_CANARY);

    if (!p) {
        delete_switch(common);
        delete_switch(canary);
        return false;
    }

    struct ring_choice c = choose_ring(pass, switch_, "switch", p->name,
                                       switch_in_ring(common, p),
                                       switch_in_ring(canary, p));
    if (c.action == RING_KEEP) {
        return false;
    }
    const struct dvsrec_proxy_switch *row
        = (c.action == RING_UPDATE ? (c.own ? canary : common)
           : insert_switch(pass, switch_, c.own ? RING_CANARY : RING_COMMON));
    if (!c.own) {
        delete_switch(canary);
    }
    write_switch(row, p);
    dvsrec_proxy_switch_set_version(row, c.version);
    return c.action == RING_INSERT && !c.own;
}

static bool
portgroup_is_unchanged(const struct dvsrec_proxy_portgroup *row,
                       const struct uuid *switch_,
                       const struct proxy_portgroup *p)
{
    return (uuid_equals(&row->switch_, switch_)
            && !strcmp(row->name, p->name) && !strcmp(row->type, p->type)
            && row->uplink == p->uplink
            && smap_equal(&row->setting, &p->setting));
}

static struct ring_row
portgroup_in_ring(const struct dvsrec_proxy_portgroup *row,
                  const struct uuid *switch_, const struct proxy_portgroup *p)
{
    return (row ? (struct ring_row) { true,
                                      portgroup_is_unchanged(row, switch_, p),
                                      row->version }
            : (struct ring_row) { .exists = false });
}

static void
write_portgroup(const struct dvsrec_proxy_portgroup *row,
                const struct uuid *switch_, const struct proxy_portgroup *p)
{
    dvsrec_proxy_portgroup_set_switch_(row, *switch_);
    dvsrec_proxy_portgroup_set_name(row, p->name);
    dvsrec_proxy_portgroup_set_type(row, p->type);
    dvsrec_proxy_portgroup_set_uplink(row, p->uplink);
    dvsrec_proxy_portgroup_set_setting(row, &p->setting);
}

static void
delete_portgroup(const struct dvsrec_proxy_portgroup *row)
{
    if (row) {
        COVERAGE_INC(proxy_delete);
        VLOG_DBG_RL(&rl, "portgroup %s: proxy row deleted (ring %"PRId64")",
                    row->name, row->ring);
        dvsrec_proxy_portgroup_delete(row);
    }
}

static const struct dvsrec_proxy_portgroup *
insert_portgroup(struct pass *pass, const struct uuid *portgroup, int ring)
{
    struct uuid uuid;

    uuid_generate(&uuid);
    const struct dvsrec_proxy_portgroup *row
        = dvsrec_proxy_portgroup_insert_persist_uuid(pass->txn, &uuid);
    dvsrec_proxy_portgroup_set_portgroup(row, *portgroup);
    dvsrec_proxy_portgroup_set_ring(row, ring);
    return row;
}

/* Brings Proxy_Portgroup of 'portgroup', which belongs to 'switch_', in step
 * with 'p', or deletes it if 'p' is NULL.  Returns true if the row has come to
 * be. */
bool
sync_portgroup(struct pass *pass, const struct uuid *switch_,
               const struct uuid *portgroup, const struct proxy_portgroup *p)
{
    const struct dvsrec_proxy_portgroup *common
        = find_proxy_portgroup_in_ring(pass->ix, portgroup, RING_COMMON);
    const struct dvsrec_proxy_portgroup *canary
        = find_proxy_portgroup_in_ring(pass->ix, portgroup, RING_CANARY);

    if (!p) {
        /* Nobody is in it, and it may come back. */
        if (!(switch_ || common)
            || !rollout_find(pass, switch_ ? switch_ : &common->switch_)) {
            delete_portgroup(common);
            delete_portgroup(canary);
        }
        return false;
    }

    struct ring_choice c
        = choose_ring(pass, switch_, "portgroup", p->name,
                      portgroup_in_ring(common, switch_, p),
                      portgroup_in_ring(canary, switch_, p));
    if (c.action == RING_KEEP) {
        return false;
    }
    const struct dvsrec_proxy_portgroup *row
        = (c.action == RING_UPDATE ? (c.own ? canary : common)
           : insert_portgroup(pass, portgroup,
                              c.own ? RING_CANARY : RING_COMMON));
    if (!c.own) {
        delete_portgroup(canary);
    }
    write_portgroup(row, switch_, p);
    dvsrec_proxy_portgroup_set_version(row, c.version);
    return c.action == RING_INSERT && !c.own;
}

/* Puts the host of 'row' into 'ring', also if its membership is at fault. */
static void
set_ring(const struct dvsrec_proxy_host *row, int ring)
{
    if (row->ring != ring) {
        dvsrec_proxy_host_set_ring(row, ring);
        dvsrec_proxy_host_set_version(row, next_number(row->version));
    }
}

/* Ends what canaries have of their own of 'switch_': if 'promote' is true, it
 * is what all hosts share from now on, also where the configuration is at
 * fault by now and says nothing new. */
void
sync_end_rollout(struct pass *pass, const struct uuid *switch_, bool promote)
{
    const struct dvsrec_proxy_switch *common
        = find_proxy_switch_in_ring(pass->ix, switch_, RING_COMMON);
    const struct dvsrec_proxy_switch *canary
        = find_proxy_switch_in_ring(pass->ix, switch_, RING_CANARY);

    if (canary && promote) {
        delete_switch(common);
        dvsrec_proxy_switch_set_ring(canary, RING_COMMON);
    } else if (canary) {
        if (common) {
            dvsrec_proxy_switch_set_version(common,
                                            next_number(canary->version));
        }
        delete_switch(canary);
    }

    const struct dvsrec_proxy_host *host;
    DVSREC_PROXY_HOST_FOR_EACH (host, pass->idl) {
        if (uuid_equals(&host->switch_, switch_)) {
            set_ring(host, RING_COMMON);
        }
    }

    const struct dvsrec_proxy_portgroup *row, *next;
    DVSREC_PROXY_PORTGROUP_FOR_EACH_SAFE (row, next, pass->idl) {
        const struct dvsrec_proxy_portgroup *old
            = find_proxy_portgroup_in_ring(pass->ix, &row->portgroup,
                                           RING_COMMON);

        if (row->ring != RING_CANARY || !uuid_equals(&row->switch_, switch_)) {
            continue;
        } else if (promote) {
            delete_portgroup(old);
            dvsrec_proxy_portgroup_set_ring(row, RING_COMMON);
        } else {
            if (old) {
                dvsrec_proxy_portgroup_set_version(
                    old, next_number(row->version));
            }
            delete_portgroup(row);
        }
    }
}

/* Brings Proxy_Host of 'host' and 'switch_' in step with 'p', or deletes it if
 * 'p' is NULL.  Returns true if the row has come to be. */
bool
sync_host(struct pass *pass, const char *host, const struct uuid *switch_,
          const struct proxy_host *p)
{
    const struct dvsrec_proxy_host *row
        = find_proxy_host(pass->ix, host, switch_);
    struct rollout *rollout = rollout_find(pass, switch_);
    bool canary = rollout && rollout_has_canary(rollout, host);
    int ring = canary ? RING_CANARY : RING_COMMON;
    int64_t max_ports = p ? p->max_ports : -1;
    bool is_new = false;

    if (!p) {
        if (row) {
            COVERAGE_INC(proxy_delete);
            VLOG_DBG_RL(&rl, "host %s: proxy row deleted", host);
            dvsrec_proxy_host_delete(row);
        }
        return false;
    }

    if (!row) {
        struct uuid uuid;

        COVERAGE_INC(proxy_insert);
        uuid_generate(&uuid);
        row = dvsrec_proxy_host_insert_persist_uuid(pass->txn, &uuid);
        dvsrec_proxy_host_set_host(row, host);
        dvsrec_proxy_host_set_switch_(row, *switch_);
        is_new = true;
    } else if (row->ring == ring
               && smap_equal(&row->uplinks, &p->uplinks)
               && smap_equal(&row->uplink_ports, &p->uplink_ports)
               && smap_equal(&row->uplink_portgroups, &p->uplink_portgroups)
               && smap_equal(&row->uplink_settings, &p->uplink_settings)
               && (row->n_max_ports ? row->max_ports[0] : -1) == max_ports) {
        COVERAGE_INC(proxy_unchanged);
        return false;
    } else {
        COVERAGE_INC(proxy_update);
    }

    dvsrec_proxy_host_set_ring(row, ring);
    dvsrec_proxy_host_set_uplinks(row, &p->uplinks);
    dvsrec_proxy_host_set_uplink_ports(row, &p->uplink_ports);
    dvsrec_proxy_host_set_uplink_portgroups(row, &p->uplink_portgroups);
    dvsrec_proxy_host_set_uplink_settings(row, &p->uplink_settings);
    dvsrec_proxy_host_set_max_ports(row, &max_ports, max_ports >= 0 ? 1 : 0);
    dvsrec_proxy_host_set_version(row, next_number(row->version));
    rollout_note_change(rollout);
    VLOG_DBG_RL(&rl, "host %s: proxy row %s", host,
                is_new ? "inserted" : "changed");
    return is_new;
}

/* Has the host of 'row' compare all that it has of the switch with what it
 * should have.  Returns the number that it is to acknowledge. */
int64_t
sync_host_rectify(struct pass *pass, const struct dvsrec_proxy_host *row)
{
    dvsrec_proxy_host_set_rectify(row, MAX(next_number(row->rectify),
                                           pass->wall));
    return row->rectify;
}

/* Has the host of 'row', a canary, tell when it has confirmed all that it is
 * told by now.  Returns the number that it is to acknowledge. */
int64_t
sync_host_confirm(struct pass *pass, const struct dvsrec_proxy_host *row)
{
    set_ring(row, RING_CANARY);
    dvsrec_proxy_host_set_confirm(row, MAX(next_number(row->confirm),
                                           pass->wall));
    return row->confirm;
}

/* Has the host of 'row' report the states of its ports.  Returns the number
 * that it is to acknowledge. */
int64_t
sync_host_refresh(struct pass *pass, const struct dvsrec_proxy_host *row)
{
    dvsrec_proxy_host_set_refresh(row, MAX(next_number(row->refresh),
                                           pass->wall));
    return row->refresh;
}

/* Tells of a port's being shut or opened by a change of its own setting. */
static void
report_block(struct pass *pass, const struct uuid *switch_,
             const struct dvsrec_proxy_port *row, const struct proxy_port *p)
{
    bool was = !strcmp(smap_get_def(&row->setting, "blocked", "no"), "yes");
    bool is = !strcmp(smap_get_def(&p->setting, "blocked", "no"), "yes");

    if (is != was && p->active) {
        event_port(pass, is ? "DvsPortBlockedEvent" : "DvsPortUnblockedEvent",
                   switch_, row->key, row->host, "port with NIC %s is %s",
                   p->nic, is ? "blocked" : "no longer blocked");
    }
}

static void
write_port(const struct dvsrec_proxy_port *row, const struct uuid *portgroup,
           const struct proxy_port *p)
{
    int64_t mtu = p->mtu, shares = p->shares, limit = p->limit;
    int64_t reservation = p->reservation;

    dvsrec_proxy_port_set_portgroup(row, portgroup, portgroup ? 1 : 0);
    dvsrec_proxy_port_set_name(row, p->name);
    dvsrec_proxy_port_set_nic(row, p->nic);
    dvsrec_proxy_port_set_kind(row, p->kind);
    dvsrec_proxy_port_set_mac(row, p->mac);
    dvsrec_proxy_port_set_mtu(row, &mtu, p->mtu ? 1 : 0);
    dvsrec_proxy_port_set_traffic_class(row, p->traffic_class);
    dvsrec_proxy_port_set_shares(row, &shares, p->shares ? 1 : 0);
    dvsrec_proxy_port_set_limit(row, &limit, p->limit ? 1 : 0);
    dvsrec_proxy_port_set_reservation(row, &reservation,
                                      p->reservation ? 1 : 0);
    dvsrec_proxy_port_set_setting(row, &p->setting);
    dvsrec_proxy_port_set_active(row, p->active);
    dvsrec_proxy_port_set_migrating(row, p->migrating);
    dvsrec_proxy_port_set_version(row, next_number(row->version));
}

static bool
port_is_unchanged(const struct dvsrec_proxy_port *row,
                  const struct uuid *portgroup, const struct proxy_port *p)
{
    return ((portgroup
             ? row->n_portgroup && uuid_equals(row->portgroup, portgroup)
             : !row->n_portgroup)
            && !strcmp(row->name, p->name) && !strcmp(row->nic, p->nic)
            && !strcmp(row->kind, p->kind) && !strcmp(row->mac, p->mac)
            && (row->n_mtu ? row->mtu[0] : 0) == p->mtu
            && nullable_string_is_equal(row->traffic_class, p->traffic_class)
            && (row->n_shares ? row->shares[0] : 0) == p->shares
            && (row->n_limit ? row->limit[0] : 0) == p->limit
            && ((row->n_reservation ? row->reservation[0] : 0)
                == p->reservation)
            && row->active == p->active
            && row->migrating == p->migrating
            && smap_equal(&row->setting, &p->setting));
}

/* Brings 'row' in step with 'port', whose host is no canary of the rollout
 * that is going on: its NIC may change, its policy may not. */
static void
hold_port(const struct dvsrec_proxy_port *row, const struct sync_port *port)
{
    const struct uuid *portgroup = row->n_portgroup ? row->portgroup : NULL;
    struct proxy_port held = *port->port;

    held.name = row->name;
    smap_clone(&held.setting, &row->setting);
    if (port_is_unchanged(row, portgroup, &held)) {
        COVERAGE_INC(proxy_unchanged);
    } else {
        struct uuid uuid = portgroup ? *portgroup : UUID_ZERO;
        char *name = xstrdup(row->name);

        COVERAGE_INC(proxy_update);
        held.name = name;
        write_port(row, portgroup ? &uuid : NULL, &held);
        free(name);
    }
    smap_destroy(&held.setting);
}

/* Brings the rows of Proxy_Port of port 'key' of 'switch_' in step with the
 * 'n' 'ports', which differ in their hosts.  'portgroup' is NULL for a
 * standalone port. */
void
sync_port(struct pass *pass, const struct uuid *switch_, const char *key,
          const struct uuid *portgroup,
          const struct sync_port *ports, size_t n)
{
    const struct dvsrec_proxy_port **rows;
    size_t n_rows = proxy_ports_of_port(pass->ix, switch_, key, &rows);
    struct rollout *rollout = rollout_find(pass, switch_);
    bool reserves = false;

    for (size_t i = 0; i < n_rows; i++) {
        if (rows[i]->n_reservation) {
            pools_mark_host(pass, switch_, rows[i]->host);
            budgets_uncount_port(pass, rows[i]);
            reserves = true;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_proxy_port *row = NULL;

        if (ports[i].port->reservation) {
            pools_mark_host(pass, switch_, ports[i].host);
            reserves = true;
        }

        for (size_t j = 0; j < n_rows && !row; j++) {
            if (rows[j] && !strcmp(rows[j]->host, ports[i].host)) {
                row = rows[j];
                rows[j] = NULL;
            }
        }
        if (!row) {
            struct uuid uuid;

            COVERAGE_INC(proxy_insert);
            uuid_generate(&uuid);
            row = dvsrec_proxy_port_insert_persist_uuid(pass->txn, &uuid);
            dvsrec_proxy_port_set_host(row, ports[i].host);
            dvsrec_proxy_port_set_switch_(row, *switch_);
            dvsrec_proxy_port_set_key(row, key);
        } else if (rollout_holds(pass, switch_, ports[i].host)) {
            hold_port(row, &ports[i]);
            continue;
        } else if (port_is_unchanged(row, portgroup, ports[i].port)) {
            COVERAGE_INC(proxy_unchanged);
            continue;
        } else {
            COVERAGE_INC(proxy_update);
            report_block(pass, switch_, row, ports[i].port);
        }
        write_port(row, portgroup, ports[i].port);
        rollout_note_change(rollout);
        VLOG_DBG_RL(&rl, "port %s: granted to NIC %s on host %s%s", key,
                    ports[i].port->nic, ports[i].host,
                    ports[i].port->active ? "" : ", not active");
    }

    for (size_t j = 0; j < n_rows; j++) {
        if (rows[j]) {
            COVERAGE_INC(proxy_delete);
            VLOG_DBG_RL(&rl, "port %s: taken back from NIC %s on host %s",
                        key, rows[j]->nic, rows[j]->host);
            dvsrec_proxy_port_delete(rows[j]);
        }
    }
    if (reserves) {
        budgets_recount_port(pass, switch_, key);
    }
    free(rows);
}

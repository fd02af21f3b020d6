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
#include "controller/events.h"
#include "controller/pass.h"
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

/* Brings Proxy_Switch of 'switch_' in step with 'p', or deletes it if 'p' is
 * NULL.  Returns true if the row has come to be. */
bool
sync_switch(struct pass *pass, const struct uuid *switch_,
            const struct proxy_switch *p)
{
    const struct dvsrec_proxy_switch *row
        = find_proxy_switch(pass->ix, switch_);
    bool is_new = false;

    if (!p) {
        if (row) {
            COVERAGE_INC(proxy_delete);
            VLOG_DBG_RL(&rl, "switch %s: proxy row deleted", row->name);
            dvsrec_proxy_switch_delete(row);
        }
        return false;
    }

    if (!row) {
        struct uuid uuid;

        COVERAGE_INC(proxy_insert);
        uuid_generate(&uuid);
        row = dvsrec_proxy_switch_insert_persist_uuid(pass->txn, &uuid);
        dvsrec_proxy_switch_set_switch_(row, *switch_);
        is_new = true;
    } else if (!strcmp(row->name, p->name)
               && !strcmp(row->bridge, p->bridge)
               && !strcmp(row->datapath_type, p->datapath_type)
               && row->mtu == p->mtu && !row->ring
               && positions_equal(row->key_uplinks, row->value_uplinks,
                                  row->n_uplinks, &p->uplinks)
               && smap_equal(&row->setting, &p->setting)
               && smap_equal(&row->config, &p->config)) {
        COVERAGE_INC(proxy_unchanged);
        return false;
    } else {
        COVERAGE_INC(proxy_update);
    }

    int64_t *positions = xmalloc(p->uplinks.n * sizeof *positions);
    for (size_t i = 0; i < p->uplinks.n; i++) {
        positions[i] = i;
    }
    dvsrec_proxy_switch_set_ring(row, 0);
    dvsrec_proxy_switch_set_name(row, p->name);
    dvsrec_proxy_switch_set_bridge(row, p->bridge);
    dvsrec_proxy_switch_set_datapath_type(row, p->datapath_type);
    dvsrec_proxy_switch_set_mtu(row, p->mtu);
    dvsrec_proxy_switch_set_uplinks(row, positions,
                                    (const char **) p->uplinks.names,
                                    p->uplinks.n);
    dvsrec_proxy_switch_set_setting(row, &p->setting);
    dvsrec_proxy_switch_set_config(row, &p->config);
    dvsrec_proxy_switch_set_version(row, row->version + 1);
    free(positions);
    VLOG_DBG_RL(&rl, "switch %s: proxy row %s", p->name,
                is_new ? "inserted" : "changed");
    return is_new;
}

/* Brings Proxy_Portgroup of 'portgroup', which belongs to 'switch_', in step
 * with 'p', or deletes it if 'p' is NULL.  Returns true if the row has come to
 * be. */
bool
sync_portgroup(struct pass *pass, const struct uuid *switch_,
               const struct uuid *portgroup, const struct proxy_portgroup *p)
{
    const struct dvsrec_proxy_portgroup *row
        = find_proxy_portgroup(pass->ix, portgroup);
    bool is_new = false;

    if (!p) {
        if (row) {
            COVERAGE_INC(proxy_delete);
            VLOG_DBG_RL(&rl, "portgroup %s: proxy row deleted", row->name);
            dvsrec_proxy_portgroup_delete(row);
        }
        return false;
    }

    if (!row) {
        struct uuid uuid;

        COVERAGE_INC(proxy_insert);
        uuid_generate(&uuid);
        row = dvsrec_proxy_portgroup_insert_persist_uuid(pass->txn, &uuid);
        dvsrec_proxy_portgroup_set_portgroup(row, *portgroup);
        is_new = true;
    } else if (uuid_equals(&row->switch_, switch_)
               && !strcmp(row->name, p->name) && !strcmp(row->type, p->type)
               && row->uplink == p->uplink && !row->ring
               && smap_equal(&row->setting, &p->setting)) {
        COVERAGE_INC(proxy_unchanged);
        return false;
    } else {
        COVERAGE_INC(proxy_update);
    }

    dvsrec_proxy_portgroup_set_switch_(row, *switch_);
    dvsrec_proxy_portgroup_set_ring(row, 0);
    dvsrec_proxy_portgroup_set_name(row, p->name);
    dvsrec_proxy_portgroup_set_type(row, p->type);
    dvsrec_proxy_portgroup_set_uplink(row, p->uplink);
    dvsrec_proxy_portgroup_set_setting(row, &p->setting);
    dvsrec_proxy_portgroup_set_version(row, row->version + 1);
    VLOG_DBG_RL(&rl, "portgroup %s: proxy row %s", p->name,
                is_new ? "inserted" : "changed");
    return is_new;
}

/* Brings Proxy_Host of 'host' and 'switch_' in step with 'p', or deletes it if
 * 'p' is NULL.  Returns true if the row has come to be. */
bool
sync_host(struct pass *pass, const char *host, const struct uuid *switch_,
          const struct proxy_host *p)
{
    const struct dvsrec_proxy_host *row
        = find_proxy_host(pass->ix, host, switch_);
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
    } else if (row->ring == p->ring
               && smap_equal(&row->uplinks, &p->uplinks)
               && smap_equal(&row->uplink_ports, &p->uplink_ports)
               && smap_equal(&row->uplink_portgroups, &p->uplink_portgroups)
               && smap_equal(&row->uplink_settings, &p->uplink_settings)) {
        COVERAGE_INC(proxy_unchanged);
        return false;
    } else {
        COVERAGE_INC(proxy_update);
    }

    dvsrec_proxy_host_set_ring(row, p->ring);
    dvsrec_proxy_host_set_uplinks(row, &p->uplinks);
    dvsrec_proxy_host_set_uplink_ports(row, &p->uplink_ports);
    dvsrec_proxy_host_set_uplink_portgroups(row, &p->uplink_portgroups);
    dvsrec_proxy_host_set_uplink_settings(row, &p->uplink_settings);
    dvsrec_proxy_host_set_version(row, row->version + 1);
    VLOG_DBG_RL(&rl, "host %s: proxy row %s", host,
                is_new ? "inserted" : "changed");
    return is_new;
}

/* Has the host of 'row' compare all that it has of the switch with what it
 * should have.  Returns the number that it is to acknowledge. */
int64_t
sync_host_rectify(struct pass *pass, const struct dvsrec_proxy_host *row)
{
    dvsrec_proxy_host_set_rectify(row, MAX(row->rectify + 1, pass->wall));
    return row->rectify;
}

/* Has the host of 'row' report the states of its ports.  Returns the number
 * that it is to acknowledge. */
int64_t
sync_host_refresh(struct pass *pass, const struct dvsrec_proxy_host *row)
{
    dvsrec_proxy_host_set_refresh(row, MAX(row->refresh + 1, pass->wall));
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
    int64_t mtu = p->mtu;

    dvsrec_proxy_port_set_portgroup(row, portgroup, portgroup ? 1 : 0);
    dvsrec_proxy_port_set_name(row, p->name);
    dvsrec_proxy_port_set_nic(row, p->nic);
    dvsrec_proxy_port_set_kind(row, p->kind);
    dvsrec_proxy_port_set_mac(row, p->mac);
    dvsrec_proxy_port_set_mtu(row, &mtu, p->mtu ? 1 : 0);
    dvsrec_proxy_port_set_setting(row, &p->setting);
    dvsrec_proxy_port_set_active(row, p->active);
    dvsrec_proxy_port_set_version(row, row->version + 1);
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
            && row->active == p->active
            && smap_equal(&row->setting, &p->setting));
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

    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_proxy_port *row = NULL;

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
        } else if (port_is_unchanged(row, portgroup, ports[i].port)) {
            COVERAGE_INC(proxy_unchanged);
            continue;
        } else {
            COVERAGE_INC(proxy_update);
            report_block(pass, switch_, row, ports[i].port);
        }
        write_port(row, portgroup, ports[i].port);
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
    free(rows);
}

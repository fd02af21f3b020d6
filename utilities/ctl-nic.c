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

/* dvsctl's commands for NICs: connect, disconnect, list-nics.
 *
 * A NIC that its host plugs in with the name of a portgroup needs none of
 * them; the controller then makes the row. */

#include <config.h>

#include <limits.h>

#include "packets.h"
#include "schema/dvs-class.h"
#include "schema/dvs-limits.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-port-state.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Keys. */

static char *
set_mac(struct ctl_context *ctx OVS_UNUSED, const void *nic, const char *value)
{
    struct eth_addr mac;

    if (!value[0]) {
        dvsrec_vnic_set_mac(nic, NULL);
        return NULL;
    }
    if (!eth_addr_from_string(value, &mac)
        || eth_addr_is_multicast(mac) || eth_addr_is_zero(mac)) {
        return ctl_bad_value("mac", value, "the MAC address of a NIC");
    }

    char *canonical = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(mac));
    dvsrec_vnic_set_mac(nic, canonical);
    free(canonical);
    return NULL;
}

static char *
set_kind(struct ctl_context *ctx OVS_UNUSED, const void *nic,
         const char *value)
{
    if (!value[0]) {
        value = "vm";
    } else if (strcmp(value, "vm") && strcmp(value, "host")) {
        return ctl_bad_value("kind", value, "vm or host");
    }
    dvsrec_vnic_set_kind(nic, value);
    return NULL;
}

static char *
set_host(struct ctl_context *ctx OVS_UNUSED, const void *nic,
         const char *value)
{
    dvsrec_vnic_set_host(nic, value[0] ? value : NULL);
    return NULL;
}

static char *
set_mtu(struct ctl_context *ctx OVS_UNUSED, const void *nic, const char *value)
{
    int64_t mtu;
    size_t n;
    char *fault = ctl_parse_optional("mtu", value, DVS_NIC_MTU_MIN,
                                     DVS_NIC_MTU_MAX, &mtu, &n);

    if (!fault) {
        dvsrec_vnic_set_mtu(nic, &mtu, n);
    }
    return fault;
}

static char *
set_class(struct ctl_context *ctx OVS_UNUSED, const void *nic,
          const char *value)
{
    enum dvs_traffic_class tc;

    if (value[0] && (!dvs_traffic_class_from_string(value, &tc)
                     || tc == DVS_TC_VIRTUAL_MACHINE)) {
        return ctl_bad_value("class", value, "a class of traffic of hosts");
    }
    dvsrec_vnic_set_traffic_class(nic, value[0] ? value : NULL);
    return NULL;
}

static char *
set_shares(struct ctl_context *ctx OVS_UNUSED, const void *nic,
           const char *value)
{
    int64_t shares;
    char *fault = ctl_parse_shares("shares", value, &shares);

    if (!fault) {
        dvsrec_vnic_set_shares(nic, &shares, value[0] ? 1 : 0);
    }
    return fault;
}

static char *
set_limit(struct ctl_context *ctx OVS_UNUSED, const void *nic,
          const char *value)
{
    int64_t limit;
    size_t n;
    char *fault = ctl_parse_limit(value, &limit, &n);

    if (!fault) {
        dvsrec_vnic_set_limit(nic, &limit, n);
    }
    return fault;
}

static char *
set_reservation(struct ctl_context *ctx OVS_UNUSED, const void *nic,
                const char *value)
{
    int64_t reservation;
    size_t n;
    char *fault = ctl_parse_reservation(value, &reservation, &n);

    if (!fault) {
        dvsrec_vnic_set_reservation(nic, &reservation, reservation ? 1 : 0);
    }
    return fault;
}

const struct ctl_key dvsctl_nic_keys[] = {
    { "mac", "MAC", "its MAC address (what its host reports, or for "
      "kind=host, one that follows from NIC)", set_mac },
    { "kind", "vm|host", "whose NIC it is (vm)", set_kind },
    { "host", "HOST", "for kind=host: the host that is to have it",
      set_host },
    { "mtu", "BYTES", "for kind=host: its MTU (the switch's)", set_mtu },
    { "class", "CLASS", "for kind=host: the class of its traffic (none)",
      set_class },
    { "shares", "low|normal|high|N", "for kind=vm: weight of what it sends, "
      "from 1 to 100 (normal)", set_shares },
    { "limit", "MBITS|none", "for kind=vm: most that it may send (none)",
      set_limit },
    { "reservation", "MBITS", "for kind=vm: what it is guaranteed of an "
      "uplink (0)", set_reservation },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

/* Returns true if "connect" is told the host of the NIC. */
static bool
names_host(const struct ctl_context *ctx)
{
    for (int i = 3; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], "host=", 5)) {
            return true;
        }
    }
    return false;
}

static void
pre_connect(struct ctl_context *ctx)
{
    const char *where = ctx->argv[2];

    if (strchr(where, ':')) {
        ctl_need_port(ctx, where);
    } else {
        ctl_need_portgroup(ctx, where);
    }
    ctl_need_nic(ctx, ctx->argv[1]);
    ctl_need_fetched(ctx);
    if (names_host(ctx)) {
        ctl_need_members(ctx);
    }
}

/* Checks that 'pg' can take 'nic', which is null if it is new.  Returns false
 * if it cannot, or if the command has to be run again. */
static bool
check_portgroup(struct ctl_context *ctx, const struct dvsrec_portgroup *pg,
                const struct dvsrec_vnic *nic)
{
    if (pg->uplink) {
        ctl_fault(ctx, "InvalidArgument", "portgroup \"%s\" holds uplinks, "
                  "not NICs", pg->name);
        return false;
    }
    /* Only a static portgroup gives ports to NICs that are not plugged. */
    if (strcmp(pg->type, "early_binding") || pg->auto_expand
        || (nic && ctl_nic_portgroup(nic) == pg)) {
        return true;
    }
    if (!ctl_fetch_portgroup(ctx, pg)) {
        return false;
    }
    if (ctl_portgroup_nics(ctx, pg) >= pg->num_ports) {
        if (pg->num_ports > 0) {
            ctl_fault(ctx, "ResourceNotAvailable", "all %"PRId64" ports of "
                      "portgroup \"%s\" are in use", pg->num_ports,
                      pg->name);
        } else {
            ctl_fault(ctx, "ResourceNotAvailable", "portgroup \"%s\" has no "
                      "ports", pg->name);
        }
        return false;
    }
    return true;
}

/* Checks that 'port' can take 'nic', which is null if it is new.  Returns
 * false if it cannot, or if the command has to be run again. */
static bool
check_port(struct ctl_context *ctx, const struct dvsrec_port *port,
           const struct dvsrec_vnic *nic)
{
    const struct dvsrec_portgroup *pg = port->portgroup;

    if (pg && pg->uplink) {
        ctl_fault(ctx, "InvalidArgument", "port \"%s:%s\" is an uplink",
                  port->switch_->name, port->key);
        return false;
    }
    if (pg && strcmp(pg->type, "early_binding")) {
        ctl_fault(ctx, "InvalidArgument", "only a static portgroup lets a "
                  "NIC choose its port, and portgroup \"%s\" is not one",
                  pg->name);
        return false;
    }

    if (!ctl_fetch_port(ctx, port)) {
        return false;
    }

    const struct dvsrec_vnic *other;
    DVSREC_VNIC_FOR_EACH (other, ctx->idl) {
        if (other != nic && (other->port == port
                             || other->connection == port)) {
            ctl_fault(ctx, "ResourceInUse", "port \"%s:%s\" is connected to "
                      "NIC \"%s\"", port->switch_->name, port->key, other->id);
            return false;
        }
    }

    /* A free port of a full portgroup is one that some NIC is about to get. */
    return !pg || check_portgroup(ctx, pg, nic);
}

/* Returns true if 'column' of 'nic' refers to 'row'.  (The pointer in 'nic' is
 * null if that has not been fetched.) */
static bool
refers_to(const struct dvsrec_vnic *nic, const struct ovsdb_idl_column *column,
          const struct ovsdb_idl_row *row)
{
    const struct ovsdb_datum *datum = ovsdb_idl_read(&nic->header_, column);

    return datum->n && uuid_equals(&datum->keys[0].uuid, &row->uuid);
}

/* Checks what 'nic' says of its host, as far as the command line, whose keys
 * have been set, has changed it.  'sw' is the switch that it asks for. */
static void
check_host(struct ctl_context *ctx, const struct dvsrec_vnic *nic,
           const struct dvsrec_switch *sw)
{
    int64_t mtu_max = sw->n_mtu ? sw->mtu[0] : DVS_MTU_DEFAULT;
    bool of_host = !strcmp(nic->kind, "host");

    if (of_host && !nic->host) {
        ctl_fault(ctx, "InvalidArgument", "a NIC of kind host needs host=");
    } else if (!of_host && (nic->host || nic->n_mtu || nic->traffic_class)) {
        ctl_fault(ctx, "InvalidArgument", "only a NIC of kind host has %s",
                  nic->host ? "host=" : nic->n_mtu ? "mtu=" : "class=");
    } else if (of_host
               && (nic->n_shares || nic->n_limit || nic->n_reservation)) {
        ctl_fault(ctx, "InvalidArgument", "only a NIC of kind vm has %s",
                  nic->n_shares ? "shares="
                  : nic->n_limit ? "limit=" : "reservation=");
    } else if (nic->n_limit && nic->n_reservation && nic->limit[0]
               && nic->reservation[0] > nic->limit[0]) {
        ctl_fault(ctx, "InvalidArgument", "reservation %"PRId64" is more than "
                  "limit %"PRId64, nic->reservation[0], nic->limit[0]);
    } else if (nic->n_mtu && nic->mtu[0] > mtu_max) {
        ctl_fault(ctx, "InvalidArgument", "mtu %"PRId64" is more than that of "
                  "switch \"%s\", %"PRId64, nic->mtu[0], sw->name, mtu_max);
    } else if (of_host && names_host(ctx)) {
        ctl_find_member(ctx, sw, nic->host, true);
    }
}

static bool
check_id(struct ctl_context *ctx, const char *id)
{
    if (!id[0] || strlen(id) > DVS_NIC_ID_MAX) {
        ctl_fault(ctx, "InvalidName", "a NIC's identifier has 1 to %d "
                  "characters", DVS_NIC_ID_MAX);
        return false;
    }
    return true;
}

static void
cmd_connect(struct ctl_context *ctx)
{
    const char *id = ctx->argv[1];
    const char *where = ctx->argv[2];
    const struct dvsrec_vnic *nic = ctl_nic_by_id(ctx, id);
    const struct dvsrec_portgroup *pg = NULL;
    const struct dvsrec_port *port = NULL;

    if (strchr(where, ':')) {
        port = ctl_find_port(ctx, where, true);
        if (!port || !check_port(ctx, port, nic)) {
            return;
        }
    } else {
        pg = ctl_find_portgroup(ctx, where, true);
        if (!pg || !check_portgroup(ctx, pg, nic)) {
            return;
        }
    }

    if (!nic) {
        if (!check_id(ctx, id)) {
            return;
        }
        nic = dvsrec_vnic_insert(ctx->txn);
        dvsrec_vnic_set_id(nic, id);
        dvsrec_vnic_set_kind(nic, "vm");
    }

    /* Frees the port that the NIC has elsewhere, so that a later command of
     * the run can delete that.  But a NIC with a reservation may be refused,
     * and then keeps what it has. */
    if (!nic->n_reserved
        && (pg ? !refers_to(nic, &dvsrec_vnic_col_portgroup, &pg->header_)
            : !refers_to(nic, &dvsrec_vnic_col_connection, &port->header_))) {
        dvsrec_vnic_set_connection(nic, NULL);
    }
    dvsrec_vnic_set_portgroup(nic, pg);
    dvsrec_vnic_set_port(nic, port);
    dvsrec_vnic_set_automatic(nic, false);
    if (ctl_set_keys(ctx, 3, dvsctl_nic_keys, nic, NULL)) {
        check_host(ctx, nic, pg ? pg->switch_ : port->switch_);
    }
}

static void
pre_disconnect(struct ctl_context *ctx)
{
    ctl_need_nic(ctx, ctx->argv[1]);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_nic);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_kind);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_port_state_col_profile);
}

/* Returns true if some host has plugged in the NIC called 'id' with the name
 * of a portgroup. */
static bool
has_profile(struct ctl_context *ctx, const char *id)
{
    const struct dvsrec_port_state *state;

    DVSREC_PORT_STATE_FOR_EACH (state, ctx->idl) {
        if (!strcmp(state->nic, id) && strcmp(state->kind, "uplink")
            && state->profile[0]) {
            return true;
        }
    }
    return false;
}

static void
cmd_disconnect(struct ctl_context *ctx)
{
    const char *id = ctx->argv[1];
    const struct dvsrec_vnic *nic = ctl_nic_by_id(ctx, id);

    if (!nic) {
        if (!ctl_has_option(ctx, "--if-exists")) {
            ctl_fault(ctx, "NotFound", "no NIC \"%s\"", id);
        }
        return;
    }

    /* Without its row, a NIC that its host has plugged in with the name of a
     * portgroup would be connected again at once. */
    if (has_profile(ctx, id)) {
        dvsrec_vnic_set_portgroup(nic, NULL);
        dvsrec_vnic_set_port(nic, NULL);
        dvsrec_vnic_set_connection(nic, NULL);
        dvsrec_vnic_set_automatic(nic, false);
    } else {
        dvsrec_vnic_delete(nic);
    }
}

static void
pre_list_nics(struct ctl_context *ctx)
{
    ctl_need_nics(ctx);
    ctl_need_port_states(ctx);
}

/* Returns true if the host of 'claim' serves the NIC at 'port', and does not
 * just have the NIC. */
static bool
claim_is_served(const struct dvsrec_port_state *claim,
                const struct dvsrec_port *port)
{
    return (claim->key && !strcmp(claim->key, port->key) && claim->switch_
            && uuid_equals(claim->switch_, &port->switch_->header_.uuid));
}

static void
put_nic(struct ctl_table *table, const struct dvsrec_vnic *nic,
        const struct dvsrec_port_state *claim)
{
    const struct dvsrec_portgroup *pg = ctl_nic_portgroup(nic);
    const struct dvsrec_port *port = nic->connection;

    ctl_table_add_row(table);
    ctl_table_put(table, nic->id);
    ctl_table_put(table, nic->kind);
    ctl_table_put(table, (nic->mac ? nic->mac
                          : claim ? claim->attached_mac : NULL));
    ctl_table_put_nocopy(table, (pg ? xasprintf("%s/%s", pg->switch_->name,
                                                pg->name) : NULL));
    ctl_table_put_nocopy(table, (port ? xasprintf("%s:%s",
                                                  port->switch_->name,
                                                  port->key) : NULL));
    ctl_table_put(table, claim ? claim->host : nic->host);
    ctl_table_put(table, (port
                          ? ctl_port_status(port, (claim
                                                   && claim_is_served(claim,
                                                                      port)
                                                   ? claim : NULL))
                          : ctl_nic_switch(nic) ? "waiting"
                          : "disconnected"));
    if (nic->n_faults) {
        ctl_table_join(table, nic->faults, nic->n_faults, "; ");
    } else {
        ctl_table_put(table, claim ? claim->fault : NULL);
    }
}

/* A NIC that a host has, but that nobody has connected. */
static void
put_claim(struct ctl_table *table, const struct dvsrec_port_state *claim)
{
    ctl_table_add_row(table);
    ctl_table_put(table, claim->nic);
    ctl_table_put(table, claim->kind);
    ctl_table_put(table, claim->attached_mac);
    ctl_table_put(table, claim->profile);
    ctl_table_put(table, NULL);
    ctl_table_put(table, claim->host);
    ctl_table_put(table, claim->profile[0] ? "waiting" : "disconnected");
    ctl_table_put(table, claim->fault);
}

static void
cmd_list_nics(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "nic", false }, { "kind", false }, { "mac", false },
        { "portgroup", false }, { "port", false }, { "host", false },
        { "status", false }, { "faults", false },
    };
    const struct dvsrec_vnic *nic;
    struct ctl_table table;
    struct shash claims;

    ctl_claims_init(ctx, &claims);
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        put_nic(&table, nic, shash_find_and_delete(&claims, nic->id));
    }

    const struct shash_node *node;
    SHASH_FOR_EACH (node, &claims) {
        put_claim(&table, node->data);
    }
    ctl_table_finish(&table, ctx);
    shash_destroy(&claims);
}

const struct dvsctl_command dvsctl_nic_commands[] = {
    { { "connect", 2, INT_MAX, "NIC PORTGROUP|SWITCH:KEY [KEY=VALUE]...",
        pre_connect, cmd_connect, NULL, "", RW },
      "connect NIC to a portgroup or a port" },
    { { "disconnect", 1, 1, "NIC", pre_disconnect, cmd_disconnect, NULL,
        "--if-exists", RW },
      "disconnect NIC" },
    { { "list-nics", 0, 0, "", pre_list_nics, cmd_list_nics, NULL,
        "--columns=", RO },
      "list the NICs and where they are connected" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

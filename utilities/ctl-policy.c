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

/* dvsctl's commands for the policy of a switch, portgroup or port:
 * set-policy, clear-policy, get-policy, block, unblock.
 *
 * What the keys mean is the model library's. */

#include <config.h>

#include "utilities/ctl-policy.h"

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "schema/dvs-write.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Settings, for all families. */

/* Returns the setting row of 'target', or null if it has none. */
static struct dvsrec_port_setting *
target_setting(const struct ctl_target *target)
{
    return (target->port ? target->port->setting
            : target->pg ? target->pg->setting
            : target->sw->default_setting);
}

/* Initializes '*setting' with what 'target' itself sets; the caller destroys
 * it, whether successful or not.  Returns false, and reports a fault, if the
 * database holds nonsense. */
bool
ctl_load_setting(struct ctl_context *ctx, const struct ctl_target *target,
                 struct dvs_setting *setting)
{
    dvs_setting_init(setting);

    char *error = dvs_read_setting(target_setting(target), setting);
    if (error) {
        char *name = ctl_target_to_string(target);
        ctl_fault(ctx, "InvalidArgument", "%s: %s", name, error);
        free(name);
        free(error);
        return false;
    }
    return true;
}

/* Makes the transaction fail, and so be tried again, if the setting row of
 * 'target' is not the one that was read. */
static void
verify_setting_row(const struct ctl_target *target)
{
    if (target->port) {
        dvsrec_port_verify_setting(target->port);
    } else if (target->pg) {
        dvsrec_portgroup_verify_setting(target->pg);
    } else {
        dvsrec_switch_verify_default_setting(target->sw);
    }
}

/* Prepares the end of 'row', which may be null and is about to be referred to
 * by nothing: until then the database server counts what it refers to, and
 * would not let that be deleted in the same transaction. */
void
ctl_drop_setting(const struct dvsrec_port_setting *row)
{
    if (row && row->resource_pool) {
        dvsrec_port_setting_set_resource_pool(row, NULL);
    }
}

/* Writes 'setting', of an object of 'sw', to 'row', or reports a fault if the
 * switch has no such resource pool. */
static void
write_setting(struct ctl_context *ctx, const struct dvsrec_switch *sw,
              const struct dvsrec_port_setting *row,
              const struct dvs_setting *setting)
{
    const struct dvsrec_resource_pool *pool;

    dvs_write_setting(row, setting);
    if (!(setting->present & DVS_BIT(POOL)) || !setting->pool) {
        return;
    }
    DVSREC_RESOURCE_POOL_FOR_EACH (pool, ctx->idl) {
        if (pool->switch_ == sw && !strcmp(pool->name, setting->pool)) {
            dvsrec_port_setting_set_resource_pool(row, pool);
            return;
        }
    }
    ctl_fault(ctx, "NotFound", "switch \"%s\" has no resource pool \"%s\"",
              sw->name, setting->pool);
}

/* Makes 'setting' what 'target' itself sets.  A setting that says nothing
 * has no row. */
void
ctl_store_setting(struct ctl_context *ctx, const struct ctl_target *target,
                  const struct dvs_setting *setting)
{
    struct dvsrec_port_setting *row = target_setting(target);

    if (!row && !setting->present) {
        return;
    }

    /* Another client may be changing the setting, or making or removing the
     * row, at this moment. */
    verify_setting_row(target);
    if (row) {
        dvs_verify_setting(row);
    }
    if (row && setting->present) {
        write_setting(ctx, target->sw, row, setting);
        return;
    }

    ctl_drop_setting(row);
    row = NULL;
    if (setting->present) {
        row = dvsrec_port_setting_insert(ctx->txn);
        write_setting(ctx, target->sw, row, setting);
    }
    if (target->port) {
        dvsrec_port_set_setting(target->port, row);
    } else if (target->pg) {
        dvsrec_portgroup_set_setting(target->pg, row);
    } else {
        dvsrec_switch_set_default_setting(target->sw, row);
    }
}

/* Initializes '*setting' with the policy in force for 'target', and stores in
 * 'origins', unless it is null, where each property comes from.  The caller
 * destroys '*setting', whether successful or not.  Returns false, and reports
 * a fault, if the database holds nonsense. */
bool
ctl_effective_setting(struct ctl_context *ctx,
                      const struct ctl_target *target,
                      struct dvs_setting *setting,
                      enum dvs_origin origins[DVS_N_PROPERTIES])
{
    enum dvs_origin dummy[DVS_N_PROPERTIES];
    struct dvs_portgroup pg;
    struct dvs_switch sw;
    struct dvs_port port;

    dvs_setting_init(setting);
    dvs_switch_init(&sw);
    dvs_portgroup_init(&pg);
    dvs_port_init(&port);

    char *error = dvs_read_switch(target->sw, &sw);
    if (!error && target->pg) {
        error = dvs_read_portgroup(target->pg, &pg);
    }
    if (!error && target->port) {
        error = dvs_read_port(target->port, &port);
    }
    if (error) {
        char *name = ctl_target_to_string(target);
        ctl_fault(ctx, "InvalidArgument", "%s: %s", name, error);
        free(name);
        free(error);
    } else {
        dvs_setting_effective(setting, &sw.uplinks, &sw.setting,
                              pg.uplink ? DVS_UPLINK_INHERITS
                              : DVS_ALL_PROPERTIES,
                              target->pg ? &pg.setting : NULL, pg.overrides,
                              target->port ? &port.setting : NULL,
                              origins ? origins : dummy);
    }

    dvs_port_destroy(&port);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&sw);
    return !error;
}

/* Returns the VLANs in force for 'target', in the form of the key "vlan".
 * The caller frees it.  Returns null, and reports a fault, if the database
 * holds nonsense. */
char *
ctl_effective_vlan(struct ctl_context *ctx, const struct ctl_target *target)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dvs_setting setting;

    bool ok = ctl_effective_setting(ctx, target, &setting, NULL);
    if (ok) {
        dvs_vlan_format(&setting.vlan, &s);
    }
    dvs_setting_destroy(&setting);
    return ok ? ds_steal_cstr(&s) : NULL;
}

/* Commands. */

/* What the model library takes; tests/dvsctl.at compares the two. */
const struct ctl_key dvsctl_policy_keys[] = {
    { "blocked", "yes|no", "whether all traffic is stopped", NULL },
    { "vlan", "none|ID|trunk:RANGES|private:ID", "VLANs", NULL },
    { "cos", "N|none", "802.1p priority of all frames", NULL },
    { "dscp", "N|none", "DSCP of all packets", NULL },
    { "teaming", "POLICY", "originating-port, source-mac, ip-hash, explicit "
      "or load", NULL },
    { "active", "UPLINK,...", "uplinks in order", NULL },
    { "standby", "UPLINK,...", "uplinks to fall back to, in order", NULL },
    { "notify", "yes|no", "tell physical switches when a NIC moves", NULL },
    { "failback", "yes|no", "whether a recovered uplink resumes its place",
      NULL },
    { "beacon", "yes|no", "probe uplinks with beacons", NULL },
    { "reverse-filter", "yes|no", "drop what returns on another uplink",
      NULL },
    { "promiscuous", "accept|reject", "NIC sees frames of others", NULL },
    { "mac-changes", "accept|reject", "NIC may take another MAC address",
      NULL },
    { "forged-transmits", "accept|reject", "NIC may send from another MAC "
      "address", NULL },
    { "mac-learning", "yes|no", "learn the MAC addresses behind a port",
      NULL },
    { "mac-limit", "N", "how many of them", NULL },
    { "mac-limit-policy", "allow|drop", "frames of further addresses", NULL },
    { "unicast-flooding", "yes|no", "flood unicast of unknown destination",
      NULL },
    { "shape-in", "AVG,PEAK,BURST|off", "bit/s, bit/s, bytes from the NIC",
      NULL },
    { "shape-out", "AVG,PEAK,BURST|off", "bit/s, bit/s, bytes to the NIC",
      NULL },
    { "ipfix", "yes|no", "export flows", NULL },
    { "tx-uplink", "yes|no", "copy what the NIC sends to an uplink", NULL },
    { "filter", "on|off", "apply the rules", NULL },
    { "rule.N", "RULE", "a rule", NULL },
    { "pool", "NAME|none", "resource pool of a portgroup", NULL },
    { "vendor.KEY", "VALUE", "a vendor's own setting", NULL },
    { NULL, NULL, NULL, NULL },
};

static void
pre_policy(struct ctl_context *ctx)
{
    ctl_need_target(ctx, ctx->argv[1]);
}

static void
cmd_set_policy(struct ctl_context *ctx)
{
    static const struct ctl_key no_keys[] = { { NULL, NULL, NULL, NULL } };
    struct ctl_target target;
    struct dvs_setting setting;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    if (ctl_load_setting(ctx, &target, &setting)
        && ctl_set_keys(ctx, 2, no_keys, NULL, &setting)) {
        ctl_store_setting(ctx, &target, &setting);
    }
    dvs_setting_destroy(&setting);
}

static void
cmd_clear_policy(struct ctl_context *ctx)
{
    struct ctl_target target;
    struct dvs_setting setting;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }

    bool ok = ctl_load_setting(ctx, &target, &setting);
    for (int i = 2; i < ctx->argc && ok; i++) {
        uint64_t mask;
        char *error = dvs_setting_key_mask(ctx->argv[i], &mask);

        if (error) {
            ctl_fault_string(ctx, error);
            ok = false;
        } else {
            dvs_setting_clear(&setting, mask);
        }
    }
    if (ok) {
        ctl_store_setting(ctx, &target, &setting);
    }
    dvs_setting_destroy(&setting);
}

/* Returns where the property that 'key' of the text form belongs to comes
 * from. */
static enum dvs_origin
origin_of_key(const char *key, const enum dvs_origin origins[])
{
    uint64_t mask;
    char *error = dvs_setting_key_mask(key, &mask);

    ovs_assert(!error && mask);
    for (int p = 0; p < DVS_N_PROPERTIES; p++) {
        if (mask & (UINT64_C(1) << p)) {
            return origins[p];
        }
    }
    OVS_NOT_REACHED();
}

static void
cmd_get_policy(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "key", false }, { "value", false }, { "from", false },
    };
    enum dvs_origin origins[DVS_N_PROPERTIES];
    struct ctl_target target;
    struct dvs_setting setting;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    if (!ctl_effective_setting(ctx, &target, &setting, origins)) {
        dvs_setting_destroy(&setting);
        return;
    }

    struct smap smap = SMAP_INITIALIZER(&smap);
    dvs_setting_to_smap(&setting, &smap);

    struct ctl_table table;
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    if (ctx->argc > 2) {
        for (int i = 2; i < ctx->argc; i++) {
            const char *key = ctx->argv[i];
            const char *value = smap_get(&smap, key);
            uint64_t mask;
            char *error = dvs_setting_key_mask(key, &mask);

            if (error) {
                ctl_fault_string(ctx, error);
                break;
            }
            ctl_table_add_row(&table);
            ctl_table_put(&table, key);
            ctl_table_put(&table, value);
            ctl_table_put(&table, dvs_origin_to_string(
                              origin_of_key(key, origins)));
        }
    } else {
        const struct smap_node *node;
        SMAP_FOR_EACH (node, &smap) {
            ctl_table_add_row(&table);
            ctl_table_put(&table, node->key);
            ctl_table_put(&table, node->value);
            ctl_table_put(&table, dvs_origin_to_string(
                              origin_of_key(node->key, origins)));
        }
    }
    ctl_table_finish(&table, ctx);

    smap_destroy(&smap);
    dvs_setting_destroy(&setting);
}

/* Sets 'target' to be blocked or not.  To unblock it, it need only inherit
 * that it is not, unless what it inherits from is blocked itself. */
static void
set_blocked(struct ctl_context *ctx, bool blocked)
{
    struct ctl_target target;
    struct dvs_setting setting, effective;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }

    if (ctl_load_setting(ctx, &target, &setting)) {
        dvs_setting_clear(&setting, DVS_BIT(BLOCKED));
        if (!blocked) {
            ctl_store_setting(ctx, &target, &setting);
            if (!ctl_effective_setting(ctx, &target, &effective, NULL)
                || !effective.blocked) {
                dvs_setting_destroy(&effective);
                dvs_setting_destroy(&setting);
                return;
            }
            dvs_setting_destroy(&effective);
        }
        setting.blocked = blocked;
        setting.present |= DVS_BIT(BLOCKED);
        ctl_store_setting(ctx, &target, &setting);
    }
    dvs_setting_destroy(&setting);
}

static void
cmd_block(struct ctl_context *ctx)
{
    set_blocked(ctx, true);
}

static void
cmd_unblock(struct ctl_context *ctx)
{
    set_blocked(ctx, false);
}

const struct dvsctl_command dvsctl_policy_commands[] = {
    { { "set-policy", 2, INT_MAX, "TARGET KEY=VALUE...", pre_policy,
        cmd_set_policy, NULL, "", RW },
      "set properties of the policy of TARGET" },
    { { "clear-policy", 2, INT_MAX, "TARGET KEY...", pre_policy,
        cmd_clear_policy, NULL, "", RW },
      "let TARGET inherit properties again" },
    { { "get-policy", 1, INT_MAX, "TARGET [KEY]...", pre_policy,
        cmd_get_policy, NULL, "--columns=", RO },
      "print the policy in force, and where it comes from" },
    { { "block", 1, 1, "TARGET", pre_policy, cmd_block, NULL, "", RW },
      "stop all traffic of TARGET" },
    { { "unblock", 1, 1, "TARGET", pre_policy, cmd_unblock, NULL, "", RW },
      "let traffic of TARGET pass again" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

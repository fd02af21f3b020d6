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

/* The commands about private VLANs: add-pvlan, del-pvlan, list-pvlans. */

#include <config.h>

#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-user.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Parses argument 'value' as a VLAN, or reports a fault. */
static bool
parse_vlan(struct ctl_context *ctx, const char *value, int64_t *vlan)
{
    char *fault = ctl_parse_integer("VLAN", value, 1, DVS_VLAN_MAX, vlan);

    if (fault) {
        ctl_error(ctx, "%s", fault);
        free(fault);
    }
    return !fault;
}

static const struct dvsrec_private_vlan *
find_pvlan(struct ctl_context *ctx, const struct dvsrec_switch *sw,
           int64_t secondary)
{
    const struct dvsrec_private_vlan *row;

    DVSREC_PRIVATE_VLAN_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw && row->secondary == secondary) {
            return row;
        }
    }
    return NULL;
}

static void
cmd_add_pvlan(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *type = ctx->argc > 4 ? ctx->argv[4] : "promiscuous";
    int64_t primary, secondary;

    if (!sw || !parse_vlan(ctx, ctx->argv[2], &primary)
        || !parse_vlan(ctx, ctx->argv[ctx->argc > 3 ? 3 : 2], &secondary)) {
        return;
    }
    if (ctx->argc == 4
        || (ctx->argc > 4 && strcmp(type, "isolated")
            && strcmp(type, "community"))) {
        ctl_fault(ctx, "InvalidArgument", "the type of secondary VLAN %s is "
                  "isolated or community", ctx->argv[3]);
        return;
    }

    const struct dvsrec_private_vlan *row = find_pvlan(ctx, sw, secondary);
    if (row && ctl_has_option(ctx, "--may-exist") && row->primary == primary
        && !strcmp(row->type, type)) {
        return;
    } else if (row) {
        ctl_fault(ctx, "DuplicateName", "switch \"%s\" already has private "
                  "VLAN %"PRId64, sw->name, secondary);
        return;
    }
    row = dvsrec_private_vlan_insert(ctx->txn);
    dvsrec_private_vlan_set_switch_(row, sw);
    dvsrec_private_vlan_set_primary(row, primary);
    dvsrec_private_vlan_set_secondary(row, secondary);
    dvsrec_private_vlan_set_type(row, type);
}

static void
pre_del_pvlan(struct ctl_context *ctx)
{
    ctl_need_ports(ctx);
    ctl_need_settings(ctx);
}

/* Reports it as a fault if a policy of 'sw' asks for private VLAN 'id'. */
static bool
check_unused(struct ctl_context *ctx, const struct dvsrec_switch *sw,
             int64_t id)
{
    char *user = dvs_pvlan_user(ctx->idl, sw, id);
    bool unused = !user;

    if (user) {
        ctl_fault(ctx, "ResourceInUse", "%s uses private VLAN %"PRId64, user,
                  id);
        free(user);
    }
    return unused;
}

static void
cmd_del_pvlan(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_private_vlan *row;
    int64_t id;

    if (!sw || !parse_vlan(ctx, ctx->argv[2], &id)) {
        return;
    }
    row = find_pvlan(ctx, sw, id);
    if (!row) {
        if (!ctl_has_option(ctx, "--if-exists")) {
            ctl_fault(ctx, "NotFound", "switch \"%s\" has no private VLAN "
                      "%"PRId64, sw->name, id);
        }
        return;
    }
    if (!check_unused(ctx, sw, id)) {
        return;
    }
    dvsrec_private_vlan_delete(row);

    /* Its secondary VLANs have to go before. */
    const struct dvsrec_private_vlan *first = NULL;
    DVSREC_PRIVATE_VLAN_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw && row->primary == id
            && (!first || row->secondary < first->secondary)) {
            first = row;
        }
    }
    if (first) {
        ctl_fault(ctx, "ResourceInUse", "primary VLAN %"PRId64" has secondary "
                  "VLAN %"PRId64, id, first->secondary);
    }
}

static void
cmd_list_pvlans(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "primary", true }, { "secondary", true }, { "type", false },
        { "faults", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_private_vlan *row;
    struct ctl_table table;

    if (!sw) {
        return;
    }
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 2);
    DVSREC_PRIVATE_VLAN_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw) {
            ctl_table_add_row(&table);
            ctl_table_format(&table, "%"PRId64, row->primary);
            ctl_table_format(&table, "%"PRId64, row->secondary);
            ctl_table_put(&table, row->type);
            ctl_table_join(&table, row->faults, row->n_faults, "; ");
        }
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_pvlan_commands[] = {
    { { "add-pvlan", 2, 4, "SWITCH PRIMARY [SECONDARY TYPE]",
        ctl_need_switches, cmd_add_pvlan, NULL, "--may-exist", RW },
      "add private VLAN SECONDARY (isolated or community), or PRIMARY's own "
      "entry" },
    { { "del-pvlan", 2, 2, "SWITCH VLAN", pre_del_pvlan, cmd_del_pvlan, NULL,
        "--if-exists", RW },
      "delete a private VLAN" },
    { { "list-pvlans", 1, 1, "SWITCH", ctl_need_switches, cmd_list_pvlans,
        NULL, "--columns=", RO },
      "list the private VLANs of SWITCH" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

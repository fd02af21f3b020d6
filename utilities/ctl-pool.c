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

/* dvsctl's commands for network resource pools: add-pool, set-pool, del-pool,
 * list-pools. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Keys. */

static char *
set_quota(struct ctl_context *ctx OVS_UNUSED, const void *pool,
          const char *value)
{
    int64_t quota = 0;
    char *fault = (value[0]
                   ? ctl_parse_integer("quota", value, 0, DVS_BANDWIDTH_MAX,
                                       &quota)
                   : NULL);

    if (!fault) {
        dvsrec_resource_pool_set_reservation(pool, quota);
    }
    return fault;
}

static char *
set_description(struct ctl_context *ctx OVS_UNUSED, const void *pool,
                const char *value)
{
    dvsrec_resource_pool_set_description(pool, value);
    return NULL;
}

const struct ctl_key dvsctl_pool_keys[] = {
    { "quota", "MBITS", "what its NICs may reserve together, in Mbit/s (0)",
      set_quota },
    { "description", "TEXT", "what it is for", set_description },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

/* Returns the pool called 'name' of 'sw', or NULL. */
static const struct dvsrec_resource_pool *
find_pool(struct ctl_context *ctx, const struct dvsrec_switch *sw,
          const char *name)
{
    const struct dvsrec_resource_pool *row;

    DVSREC_RESOURCE_POOL_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw && !strcmp(row->name, name)) {
            return row;
        }
    }
    return NULL;
}

static void
no_such_pool(struct ctl_context *ctx, const struct dvsrec_switch *sw,
             const char *name)
{
    ctl_fault(ctx, "NotFound", "switch \"%s\" has no resource pool \"%s\"",
              sw->name, name);
}

static void
cmd_add_pool(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *name = ctx->argv[2];

    if (!sw) {
        return;
    }

    const struct dvsrec_resource_pool *pool = find_pool(ctx, sw, name);
    if (pool && !ctl_has_option(ctx, "--may-exist")) {
        ctl_fault(ctx, "DuplicateName", "switch \"%s\" already has resource "
                  "pool \"%s\"", sw->name, name);
        return;
    } else if (!pool) {
        pool = dvsrec_resource_pool_insert(ctx->txn);
        dvsrec_resource_pool_set_switch_(pool, sw);
        dvsrec_resource_pool_set_name(pool, name);
    }
    ctl_set_keys(ctx, 3, dvsctl_pool_keys, pool, NULL);
}

static void
cmd_set_pool(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *name = ctx->argv[2];
    const struct dvsrec_resource_pool *pool
        = sw ? find_pool(ctx, sw, name) : NULL;

    if (pool) {
        ctl_set_keys(ctx, 3, dvsctl_pool_keys, pool, NULL);
    } else if (sw) {
        no_such_pool(ctx, sw, name);
    }
}

static void
pre_portgroups(struct ctl_context *ctx)
{
    ctl_need_portgroups(ctx);
    ctl_need_settings(ctx);
}

/* Returns true if 'pg' has 'pool'. */
static bool
portgroup_has(const struct dvsrec_portgroup *pg,
              const struct dvsrec_resource_pool *pool)
{
    return pg->setting && pg->setting->resource_pool == pool;
}

static void
cmd_del_pool(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const char *name = ctx->argv[2];
    const struct dvsrec_resource_pool *pool
        = sw ? find_pool(ctx, sw, name) : NULL;
    const struct dvsrec_portgroup *pg;

    if (!sw) {
        return;
    } else if (!pool) {
        if (!ctl_has_option(ctx, "--if-exists")) {
            no_such_pool(ctx, sw, name);
        }
        return;
    }
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (portgroup_has(pg, pool)) {
            ctl_fault(ctx, "ResourceInUse", "portgroup \"%s/%s\" has resource "
                      "pool \"%s\"", pg->switch_->name, pg->name, name);
            return;
        }
    }
    dvsrec_resource_pool_delete(pool);
}

/* Returns the names of the portgroups that have 'pool', which the caller
 * frees, or NULL if none has. */
static char *
portgroups_of(struct ctl_context *ctx,
              const struct dvsrec_resource_pool *pool)
{
    struct svec names = SVEC_EMPTY_INITIALIZER;
    const struct dvsrec_portgroup *pg;

    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (portgroup_has(pg, pool)) {
            svec_add(&names, pg->name);
        }
    }
    svec_sort(&names);

    char *s = names.n ? svec_join(&names, ",", "") : NULL;
    svec_destroy(&names);
    return s;
}

/* Puts the number that a column "bandwidth" has for 'key'. */
static void
put_bandwidth(struct ctl_table *table, char *const *keys,
              const int64_t *values, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(keys[i], key)) {
            ctl_table_format(table, "%"PRId64, values[i]);
            return;
        }
    }
    ctl_table_put(table, NULL);
}

static void
cmd_list_pools(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "pool", false }, { "quota", true }, { "granted", true },
        { "used", true }, { "available", true }, { "status", false },
        { "portgroups", false }, { "faults", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_resource_pool *row;
    struct ctl_table table;

    if (!sw) {
        return;
    }
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    DVSREC_RESOURCE_POOL_FOR_EACH (row, ctx->idl) {
        static const char *const keys[] = { "capacity", "used", "available" };

        if (row->switch_ != sw) {
            continue;
        }
        ctl_table_add_row(&table);
        ctl_table_put(&table, row->name);
        ctl_table_format(&table, "%"PRId64, row->reservation);
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
            put_bandwidth(&table, row->key_bandwidth, row->value_bandwidth,
                          row->n_bandwidth, keys[i]);
        }
        ctl_table_put(&table, row->bandwidth_status);
        ctl_table_put_nocopy(&table, portgroups_of(ctx, row));
        ctl_table_join(&table, row->faults, row->n_faults, "; ");
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_pool_commands[] = {
    { { "add-pool", 2, INT_MAX, "SWITCH POOL [KEY=VALUE]...",
        ctl_need_switches, cmd_add_pool, NULL, "--may-exist", RW },
      "add resource pool POOL, which portgroups join by their policy" },
    { { "set-pool", 3, INT_MAX, "SWITCH POOL KEY=VALUE...",
        ctl_need_switches, cmd_set_pool, NULL, "", RW },
      "change resource pool POOL" },
    { { "del-pool", 2, 2, "SWITCH POOL", pre_portgroups, cmd_del_pool, NULL,
        "--if-exists", RW },
      "delete resource pool POOL" },
    { { "list-pools", 1, 1, "SWITCH", pre_portgroups, cmd_list_pools, NULL,
        "--columns=", RO },
      "list the resource pools of SWITCH and what NICs have reserved" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

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

/* Classes of traffic: set-traffic-class, list-traffic-classes. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "schema/dvs-class.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-read.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Keys. */

static char *
set_shares(struct ctl_context *ctx OVS_UNUSED, const void *tc,
           const char *value)
{
    int64_t shares;
    char *fault = ctl_parse_shares("shares", value, &shares);

    if (!fault) {
        dvsrec_traffic_class_set_shares(tc, &shares, value[0] ? 1 : 0);
    }
    return fault;
}

static char *
set_limit(struct ctl_context *ctx OVS_UNUSED, const void *tc,
          const char *value)
{
    int64_t limit;
    size_t n;
    char *fault = ctl_parse_limit(value, &limit, &n);

    if (!fault) {
        dvsrec_traffic_class_set_limit(tc, &limit, n);
    }
    return fault;
}

static char *
set_reservation(struct ctl_context *ctx OVS_UNUSED, const void *tc,
                const char *value)
{
    int64_t reservation;
    size_t n;
    char *fault = ctl_parse_reservation(value, &reservation, &n);

    if (!fault) {
        dvsrec_traffic_class_set_reservation(tc, &reservation, n);
    }
    return fault;
}

const struct ctl_key dvsctl_class_keys[] = {
    { "shares", "low|normal|high|N", "weight, from 1 to 100 (normal, but for "
      "virtual-machine high)", set_shares },
    { "limit", "MBITS|none", "most of each uplink, in Mbit/s (none)",
      set_limit },
    { "reservation", "MBITS", "guaranteed of each uplink, in Mbit/s (0)",
      set_reservation },
    { NULL, NULL, NULL, NULL },
};

/* Commands. */

static void
pre_set_class(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    ctl_need_members(ctx);
    ctl_need_hosts(ctx);
    ctl_need_table(ctx, &dvsrec_table_traffic_class);
    ctl_need_table(ctx, &dvsrec_table_physical_nic);
}

static void
cmd_set_class(struct ctl_context *ctx)
{
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    const struct dvsrec_traffic_class *row, *tc = NULL;
    const char *name = ctx->argv[2];
    enum dvs_traffic_class unused;

    if (!sw) {
        return;
    }
    if (!dvs_traffic_class_from_string(name, &unused)) {
        ctl_fault(ctx, "NotFound", "there is no class of traffic \"%s\"",
                  name);
        return;
    }
    DVSREC_TRAFFIC_CLASS_FOR_EACH (row, ctx->idl) {
        if (row->switch_ == sw && !strcmp(row->name, name)) {
            tc = row;
        }
    }
    if (!tc) {
        tc = dvsrec_traffic_class_insert(ctx->txn);
        dvsrec_traffic_class_set_switch_(tc, sw);
        dvsrec_traffic_class_set_name(tc, name);
    }
    ctl_set_keys(ctx, 3, dvsctl_class_keys, tc, NULL);
}

static void
pre_list_classes(struct ctl_context *ctx)
{
    ctl_need_switches(ctx);
    ctl_need_table(ctx, &dvsrec_table_traffic_class);
}

static void
cmd_list_classes(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "class", false }, { "shares", true }, { "limit", true },
        { "reservation", true }, { "faults", false },
    };
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, ctx->argv[1], true);
    struct dvs_classes classes;
    struct ctl_table table;

    if (!sw) {
        return;
    }
    dvs_classes_init(&classes);
    dvs_read_classes(ctx->idl, sw, &classes);
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 0);
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        const struct dvs_class *class = &classes.classes[i];
        const char *name = dvs_traffic_class_to_string(i);
        const struct dvsrec_traffic_class *row;

        ctl_table_add_row(&table);
        ctl_table_put(&table, name);
        ctl_table_format(&table, "%d", class->shares);
        ctl_table_put_nocopy(&table, (class->limit
                                      ? xasprintf("%"PRId64, class->limit)
                                      : NULL));
        ctl_table_format(&table, "%"PRId64, class->reservation);
        DVSREC_TRAFFIC_CLASS_FOR_EACH (row, ctx->idl) {
            if (row->switch_ == sw && !strcmp(row->name, name)) {
                ctl_table_join(&table, row->faults, row->n_faults, "; ");
            }
        }
        if (!class->present) {
            ctl_table_put(&table, NULL);
        }
    }
    ctl_table_finish(&table, ctx);
}

const struct dvsctl_command dvsctl_class_commands[] = {
    { { "set-traffic-class", 3, INT_MAX, "SWITCH CLASS KEY=VALUE...",
        pre_set_class, cmd_set_class, NULL, "", RW },
      "say what CLASS of traffic gets of each uplink" },
    { { "list-traffic-classes", 1, 1, "SWITCH", pre_list_classes,
        cmd_list_classes, NULL, "--columns=", RO },
      "list what each class of traffic gets" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

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

/* What can be done.  See ctl-feature.h.
 *
 * Of this release, the model library is asked, which refuses what is not
 * carried out: each feature is put into a switch of each level in turn. */

#include <config.h>

#include "utilities/ctl-feature.h"

#include "schema/dvs-level.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-setting.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* A feature to try. */
struct feature {
    const char *kind, *name;    /* For people. */
    const char *vsphere;        /* Property of VMwareDVSFeatureCapability that
                                 * says the same, or NULL. */
    enum dvs_portgroup_type type;   /* Of a portgroup that has it. */
    const char *policy;         /* KEY=VALUE of that portgroup, or NULL. */
    bool rule;                  /* It has a traffic rule. */
    bool snooping, lag;         /* The switch has it. */
};

void
ctl_pre_features(struct ctl_context *ctx)
{
    if (ctx->argc > 1) {
        ctl_need_hosts(ctx);
    }
}

/* What 'host' says it can do. */
static void
list_host_features(struct ctl_context *ctx, const struct dvsrec_host *host)
{
    static const struct ctl_column columns[] = {
        { "feature", false }, { "supported", false },
    };
    const struct smap_node *node;
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    for (size_t i = 0; i < host->n_datapath_types; i++) {
        ctl_table_add_row(&table);
        ctl_table_format(&table, "datapath %s", host->datapath_types[i]);
        ctl_table_put(&table, "yes");
    }
    SMAP_FOR_EACH (node, &host->features) {
        ctl_table_add_row(&table);
        ctl_table_format(&table, "host %s", node->key);
        ctl_table_put(&table, node->value);
    }
    ctl_table_finish(&table, ctx);
}

/* Makes 'sw' and 'pg' what has 'f'. */
static void
set_up(const struct feature *f, struct dvs_switch *sw,
       struct dvs_portgroup *pg)
{
    sw->name = xstrdup("probe");
    pg->name = xstrdup("probe");
    pg->type = f->type;
    sw->snooping = f->snooping;
    if (f->lag) {
        const struct dvs_lag lag = {
            .name = CONST_CAST(char *, "lag"), .num_ports = 1,
        };

        dvs_lags_add(&sw->lags, &lag);
    }
    if (f->rule) {
        smap_add(&pg->setting.rules, "1", "action=drop");
        pg->setting.present |= UINT64_C(1) << DVS_P_RULES;
    }
    if (f->policy) {
        const char *equals = strchr(f->policy, '=');
        char *key = xmemdup0(f->policy, equals - f->policy);
        char *error = dvs_setting_set(&pg->setting, key, equals + 1);

        ovs_assert(!error);
        free(key);
    }
}

/* Returns true if the model library takes 'f' in a switch of 'level'. */
static bool
is_supported(const struct feature *f, const char *level)
{
    struct dvs_faults faults;
    struct dvs_portgroup pg;
    struct dvs_switch sw;
    bool supported = true;

    dvs_switch_init(&sw);
    dvs_portgroup_init(&pg);
    dvs_faults_init(&faults);
    set_up(f, &sw, &pg);
    sw.version = xstrdup(level);
    dvs_validate_switch(&sw, &faults);
    dvs_validate_portgroup(&sw, &pg, &faults);
    for (size_t i = 0; i < faults.n; i++) {
        supported &= strcmp(faults.faults[i].name, "NotSupported") != 0;
    }
    dvs_faults_destroy(&faults);
    dvs_portgroup_destroy(&pg);
    dvs_switch_destroy(&sw);
    return supported;
}

static void
put_feature(struct ctl_table *table, const struct feature *f, bool supported,
            const char *level)
{
    ctl_table_add_row(table);
    ctl_table_format(table, "%s %s", f->kind, f->name);
    ctl_table_put(table, supported ? "yes" : "no");
    ctl_table_put(table, supported ? level : NULL);
    ctl_table_put(table, f->vsphere);
}

/* Puts 'f' into 'table' with the first level that has it. */
static void
try_feature(struct ctl_table *table, const struct feature *f)
{
    for (size_t i = 0; i < dvs_n_levels; i++) {
        if (is_supported(f, dvs_levels[i])) {
            put_feature(table, f, true, dvs_levels[i]);
            return;
        }
    }
    put_feature(table, f, false, NULL);
}

/* What a policy may set. */
static void
put_properties(struct ctl_table *table)
{
    for (int p = 0; p < DVS_N_PROPERTIES; p++) {
        struct feature f = { .kind = "policy", .name = dvs_property_key(p) };

        if (p == DVS_P_VLAN || p == DVS_P_TEAMING) {
            continue;           /* These two depend on the value. */
        } else if (p == DVS_P_MAC_LEARNING) {
            f.policy = "mac-learning=yes";
            f.vsphere = "macLearningSupported";
        } else if (p == DVS_P_RULES) {
            f.rule = true;
            f.vsphere = "networkFilterSupported";
        }
        if (dvs_property_supported(p)) {
            try_feature(table, &f);
        } else {
            put_feature(table, &f, false, NULL);
        }
    }
}

/* What this release can do. */
static void
list_release_features(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "feature", false }, { "supported", false }, { "level", false },
        { "vSphere", false },
    };
    static const char *const policies[] = {
        "vlan=none", "vlan=1", "vlan=trunk:1", "vlan=private:1",
        "teaming=originating-port", "teaming=source-mac", "teaming=ip-hash",
        "teaming=explicit", "teaming=load",
    };
    static const struct feature others[] = {
        { .kind = "portgroup", .name = "type=static" },
        { .kind = "portgroup", .name = "type=dynamic",
          .type = DVS_LATE_BINDING },
        { .kind = "portgroup", .name = "type=ephemeral",
          .type = DVS_EPHEMERAL },
        { .kind = "switch", .name = "multicast=snooping",
          .vsphere = "multicastSnoopingSupported", .snooping = true },
        { .kind = "switch", .name = "lag",
          .vsphere = "lacpCapability.multiLacpGroupSupported", .lag = true },
    };
    struct ctl_table table;

    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    put_properties(&table);
    for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
        const struct feature f = {
            .kind = "policy", .name = policies[i], .policy = policies[i],
            .vsphere = (!strncmp(policies[i], "teaming", 7)
                        ? "nicTeamingPolicy" : NULL),
        };

        try_feature(&table, &f);
    }
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        try_feature(&table, &others[i]);
    }

    char *mtu = xasprintf("mtu=%d-%d", DVS_MTU_MIN, DVS_MTU_MAX);
    const struct feature f = {
        .kind = "switch", .name = mtu, .vsphere = "mtuCapability",
    };
    put_feature(&table, &f, true, dvs_levels[0]);
    free(mtu);
    ctl_table_finish(&table, ctx);
}

void
ctl_cmd_features(struct ctl_context *ctx)
{
    if (ctx->argc > 1) {
        const struct dvsrec_host *host = ctl_host_by_name(ctx, ctx->argv[1]);

        if (host) {
            list_host_features(ctx, host);
        } else {
            ctl_fault(ctx, "NotFound", "no host \"%s\"", ctx->argv[1]);
        }
    } else {
        list_release_features(ctx);
    }
}

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

/* The commands about rules of traffic filtering and marking: add-rule,
 * del-rule, list-rules.
 *
 * What a rule may say is the model library's. */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-read.h"
#include "schema/dvs-rule.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-policy.h"
#include "utilities/ctl-table.h"
#include "utilities/ctl-view.h"

/* Distance of a rule that is put behind all others, so that there is room
 * between them. */
#define SEQUENCE_STEP 10

static void
pre_rule(struct ctl_context *ctx)
{
    ctl_need_target(ctx, ctx->argv[1]);
}

/* Stores in '*sequence' the number of a rule behind all that are in force for
 * 'target', or reports a fault. */
static bool
next_sequence(struct ctl_context *ctx, const struct ctl_target *target,
              int64_t *sequence)
{
    struct dvs_setting effective;
    size_t n;

    if (!ctl_effective_setting(ctx, target, &effective, NULL)) {
        dvs_setting_destroy(&effective);
        return false;
    }

    int *sequences = dvs_rule_sequences(&effective.rules, &n);
    int last = n ? sequences[n - 1] : 0;
    *sequence = MIN(ROUND_UP(last + 1, SEQUENCE_STEP),
                    DVS_RULE_SEQUENCE_MAX);
    if (last == *sequence) {
        ctl_fault(ctx, "LimitExceeded", "there is no number behind rule %d",
                  last);
    }
    free(sequences);
    dvs_setting_destroy(&effective);
    return !ctx->error;
}

/* Returns the text of the rule that the arguments from number 'first' on are,
 * which the caller frees; NULL, and reports a fault, if they are none. */
static char *
rule_from_args(struct ctl_context *ctx, int first)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    struct dvs_rule rule;
    bool action = false;
    char *error = NULL;

    dvs_rule_init(&rule);
    for (int i = first; i < ctx->argc && !error; i++) {
        error = dvs_rule_set_word(&rule, ctx->argv[i]);
        action |= !strncmp(ctx->argv[i], "action=", 7);
    }
    if (error) {
        ctl_fault_string(ctx, error);
    } else if (!action) {
        ctl_fault(ctx, "InvalidArgument", "a rule needs an action");
    } else {
        dvs_rule_format(&rule, &text);
    }
    dvs_rule_destroy(&rule);
    return ctx->error ? (ds_destroy(&text), NULL) : ds_steal_cstr(&text);
}

static void
cmd_add_rule(struct ctl_context *ctx)
{
    bool numbered = !strchr(ctx->argv[2], '=');
    struct ctl_target target;
    struct dvs_setting setting;
    int64_t sequence;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    if (numbered) {
        char *fault = ctl_parse_integer("rule", ctx->argv[2], 1,
                                        DVS_RULE_SEQUENCE_MAX, &sequence);
        if (fault) {
            ctl_error(ctx, "%s", fault);
            free(fault);
            return;
        }
    } else if (!next_sequence(ctx, &target, &sequence)) {
        return;
    }

    char *text = rule_from_args(ctx, numbered ? 3 : 2);
    if (!text) {
        return;
    }
    char *key = xasprintf("%"PRId64, sequence);
    if (ctl_load_setting(ctx, &target, &setting)) {
        const char *old = (setting.present & DVS_BIT(RULES)
                           ? smap_get(&setting.rules, key) : NULL);

        if (!old) {
            setting.present |= DVS_BIT(RULES);
            smap_add(&setting.rules, key, text);
            ctl_store_setting(ctx, &target, &setting);
        } else if (!ctl_has_option(ctx, "--may-exist") || strcmp(old, text)) {
            char *name = ctl_target_to_string(&target);

            ctl_fault(ctx, "DuplicateName", "%s already has rule %s", name,
                      key);
            free(name);
        }
    }
    dvs_setting_destroy(&setting);
    free(key);
    free(text);
}

/* Deletes rule 'key' of 'setting', that of 'target', or reports a fault. */
static void
del_rule(struct ctl_context *ctx, const struct ctl_target *target,
         struct dvs_setting *setting, const char *key)
{
    struct dvs_setting effective;

    if (setting->present & DVS_BIT(RULES) && smap_get(&setting->rules, key)) {
        smap_remove(&setting->rules, key);
        return;
    }

    char *name = ctl_target_to_string(target);
    if (ctl_effective_setting(ctx, target, &effective, NULL)
        && smap_get(&effective.rules, key)) {
        /* vSphere: "inherited elements cannot be removed". */
        ctl_fault(ctx, "InvalidArgument", "%s only inherits rule %s", name,
                  key);
    } else if (!ctx->error && !ctl_has_option(ctx, "--if-exists")) {
        ctl_fault(ctx, "NotFound", "%s has no rule %s", name, key);
    }
    dvs_setting_destroy(&effective);
    free(name);
}

static void
cmd_del_rule(struct ctl_context *ctx)
{
    struct ctl_target target;
    struct dvs_setting setting;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    if (ctl_load_setting(ctx, &target, &setting)) {
        for (int i = 2; i < ctx->argc && !ctx->error; i++) {
            del_rule(ctx, &target, &setting, ctx->argv[i]);
        }
        if (ctx->argc == 2 || smap_is_empty(&setting.rules)) {
            dvs_setting_clear(&setting, DVS_BIT(RULES));
        }
        if (!ctx->error) {
            ctl_store_setting(ctx, &target, &setting);
        }
    }
    dvs_setting_destroy(&setting);
}

/* Returns where 'target' has rule 'key' from: the lowest level that has it and
 * counts. */
static const char *
rule_origin(struct ctl_context *ctx, const struct ctl_target *target,
            const char *key)
{
    const struct ctl_target levels[] = {
        *target,
        { .sw = target->sw, .pg = target->pg },
        { .sw = target->sw },
    };
    const char *origin = "switch";

    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        struct dvs_setting own;
        bool has;

        /* A port whose portgroup does not let it override has a fault, and
         * is told by the fault. */
        has = (ctl_load_setting(ctx, &levels[i], &own)
               && own.present & DVS_BIT(RULES) && smap_get(&own.rules, key));
        dvs_setting_destroy(&own);
        if (has) {
            origin = (levels[i].port ? "port"
                      : levels[i].pg ? "portgroup" : "switch");
            break;
        }
    }
    return origin;
}

/* Appends what the rule with 'text' matches to 'match', and its action with
 * what belongs to it to 'action'. */
static void
describe_rule(const struct dvs_rule *rule, struct ds *match,
              struct ds *action)
{
    struct dvs_rule act = *rule;
    const char *end;

    for (enum dvs_qualifier q = 0; q < DVS_N_QUALIFIERS; q++) {
        if (rule->present & (1u << q)) {
            ds_put_format(match, "%s%s%s=", match->length ? " " : "",
                          dvs_qualifier_key(q),
                          rule->negated & (1u << q) ? "!" : "");
            dvs_qualifier_format(rule, q, match);
        }
    }
    if (!match->length) {
        ds_put_cstr(match, "any");
    }

    /* "action=drop direction=...": what is between. */
    act.present = 0;
    act.description = NULL;
    dvs_rule_format(&act, action);
    end = strstr(ds_cstr(action), " direction=");
    ds_truncate(action, end - ds_cstr(action));
}

/* Returns true if 'row' is about the rules of 'target', which are its own if
 * 'own'.  A port that has none of its own goes with its portgroup, and a
 * switch has those of all that inherit. */
static bool
is_about(const struct dvsrec_rule_state *row, const struct ctl_target *target,
         bool own)
{
    if (!uuid_equals(&row->switch_, &target->sw->header_.uuid)) {
        return false;
    } else if (target->port && (own || !target->pg)) {
        return row->key && !strcmp(row->key, target->port->key);
    } else if (target->pg) {
        return (row->n_portgroup
                && uuid_equals(row->portgroup, &target->pg->header_.uuid));
    }
    return true;
}

/* Returns how many packets have matched the rules of 'target' on all hosts, by
 * the rule's number.  The caller must free it. */
static int64_t *
collect_packets(struct ctl_context *ctx, const struct ctl_target *target,
                bool own)
{
    int64_t *packets = xcalloc(DVS_RULE_SEQUENCE_MAX + 1, sizeof *packets);
    const struct dvsrec_rule_state *row;

    DVSREC_RULE_STATE_FOR_EACH (row, ctx->idl) {
        for (size_t i = 0; is_about(row, target, own) && i < row->n_hits;
             i++) {
            if (row->key_hits[i] > 0
                && row->key_hits[i] <= DVS_RULE_SEQUENCE_MAX) {
                packets[row->key_hits[i]] += row->value_hits[i];
            }
        }
    }
    return packets;
}

static void
pre_list_rules(struct ctl_context *ctx)
{
    pre_rule(ctx);
    ctl_need_table(ctx, &dvsrec_table_rule_state);
}

static void
cmd_list_rules(struct ctl_context *ctx)
{
    static const struct ctl_column columns[] = {
        { "rule", true }, { "from", false }, { "direction", false },
        { "match", false }, { "action", false }, { "packets", true },
        { "description", false },
    };
    struct dvs_setting own;
    struct ctl_target target;
    struct dvs_setting effective;
    struct ctl_table table;
    size_t n;

    if (!ctl_find_target(ctx, ctx->argv[1], &target)) {
        return;
    }
    if (!ctl_effective_setting(ctx, &target, &effective, NULL)) {
        dvs_setting_destroy(&effective);
        return;
    }
    bool has_own = (ctl_load_setting(ctx, &target, &own)
                    && own.present & DVS_BIT(RULES));
    dvs_setting_destroy(&own);

    int *sequences = dvs_rule_sequences(&effective.rules, &n);
    int64_t *packets = collect_packets(ctx, &target, has_own);
    ctl_table_init(&table, columns, ARRAY_SIZE(columns), 1);
    for (size_t i = 0; i < n; i++) {
        struct ds match = DS_EMPTY_INITIALIZER;
        struct ds action = DS_EMPTY_INITIALIZER;
        char *key = xasprintf("%d", sequences[i]);
        struct dvs_rule rule;

        char *error = dvs_rule_parse(&rule, smap_get(&effective.rules, key));
        ovs_assert(!error);
        describe_rule(&rule, &match, &action);
        ctl_table_add_row(&table);
        ctl_table_put(&table, key);
        ctl_table_put(&table, rule_origin(ctx, &target, key));
        ctl_table_put(&table, dvs_rule_direction_to_string(rule.direction));
        ctl_table_put_nocopy(&table, ds_steal_cstr(&match));
        ctl_table_put(&table, ds_cstr(&action) + strlen("action="));
        ctl_table_format(&table, "%"PRId64, packets[sequences[i]]);
        ctl_table_put(&table, rule.description ? rule.description : "");
        ds_destroy(&action);
        dvs_rule_destroy(&rule);
        free(key);
    }
    ctl_table_finish(&table, ctx);
    free(packets);
    free(sequences);
    dvs_setting_destroy(&effective);
}

const struct ctl_key dvsctl_rule_keys[] = {
    { "action", "accept|drop|tag|mac-rewrite", "what becomes of the packet",
      NULL },
    { "cos", "N", "802.1p priority, with tag", NULL },
    { "dscp", "N", "DSCP, with tag", NULL },
    { "rewrite-mac", "MAC", "destination, with mac-rewrite", NULL },
    { "direction", "in|out|both", "from the NIC, to it, or either", NULL },
    { "src-ip", "ADDRESS[/LENGTH]", "source; != for any other", NULL },
    { "dst-ip", "ADDRESS[/LENGTH]", "destination, likewise", NULL },
    { "protocol", "N|tcp|udp|sctp|icmp|icmp6|igmp", "IP protocol, likewise",
      NULL },
    { "src-port", "N[-N]", "source port, likewise", NULL },
    { "dst-port", "N[-N]", "destination port, likewise", NULL },
    { "src-mac", "MAC[/MASK]", "source, likewise", NULL },
    { "dst-mac", "MAC[/MASK]", "destination, likewise", NULL },
    { "ethertype", "N|ip|ipv6|arp", "Ethernet type, likewise", NULL },
    { "vlan", "ID", "VLAN of a guest that tags, likewise", NULL },
    { "class", "CLASS", "system traffic, likewise", NULL },
    { "description", "TEXT", "what it is for", NULL },
    { NULL, NULL, NULL, NULL },
};

const struct dvsctl_command dvsctl_rule_commands[] = {
    { { "add-rule", 2, INT_MAX, "TARGET [RULE] KEY=VALUE...", pre_rule,
        cmd_add_rule, NULL, "--may-exist", RW },
      "add a traffic rule to TARGET, number RULE or the last" },
    { { "del-rule", 1, INT_MAX, "TARGET [RULE]...", pre_rule, cmd_del_rule,
        NULL, "--if-exists", RW },
      "delete traffic rules of TARGET, or all" },
    { { "list-rules", 1, 1, "TARGET", pre_list_rules, cmd_list_rules, NULL,
        "--columns=", RO },
      "list the traffic rules in force for TARGET, and their hits" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

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

/* PURE: what one host must realise, as plain data: the traffic rules that its
 * ports share.  See host-view.h.
 *
 * Not for what a rule compiles to: that is pipeline/stage-rules.c. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "ovs-bridge/rule-hits.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Takes 'ruleset' out of 'sw' and frees it. */
void
hv_ruleset_destroy(struct hv_switch *sw, struct hv_ruleset *ruleset)
{
    ovs_assert(!ruleset->n_users);
    hmap_remove(&sw->rulesets, &ruleset->node);
    smap_destroy(&ruleset->rules);
    rule_hits_destroy(&ruleset->hits);
    free(ruleset->limits);
    free(ruleset->source);
    free(ruleset->portgroup);
    free(ruleset->port);
    free(ruleset);
}

/* Has the user whose rules of 'sw' are '*rulesetp', a port or uplink, use
 * none.  Rules that nobody uses any more stay until their flows have been
 * taken back. */
void
hv_ruleset_release(struct hv_switch *sw, struct hv_ruleset **rulesetp)
{
    if (*rulesetp) {
        sw->unused_rulesets |= !--(*rulesetp)->n_users;
        *rulesetp = NULL;
    }
}

/* Returns the rules of 'sw' with 'number', or NULL. */
struct hv_ruleset *
hv_ruleset_find(const struct hv_switch *sw, uint32_t number)
{
    struct hv_ruleset *ruleset;

    HMAP_FOR_EACH_WITH_HASH (ruleset, node, number, &sw->rulesets) {
        if (ruleset->number == number) {
            return ruleset;
        }
    }
    return NULL;
}

/* Returns the rules from 'source', making them if 'sw' has none yet: those of
 * a portgroup, as in struct hv_port's 'rules_of', or, if that is NULL, of the
 * port with 'key'. */
static struct hv_ruleset *
find_or_create(struct hv_switch *sw, const char *source, const char *rules_of,
               const char *key)
{
    /* The same on every machine. */
    uint32_t number = ntohl(crc32c((const uint8_t *) source, strlen(source)));
    struct hv_ruleset *ruleset;

    while (!number || (ruleset = hv_ruleset_find(sw, number))) {
        if (number && !strcmp(ruleset->source, source)) {
            return ruleset;
        }
        number++;               /* One in four thousand million. */
    }

    ruleset = xzalloc(sizeof *ruleset);
    ruleset->number = number;
    ruleset->source = xstrdup(source);
    ruleset->portgroup = nullable_xstrdup(rules_of);
    ruleset->port = rules_of ? NULL : xstrdup(key);
    hmap_init(&ruleset->hits);
    ruleset->changed = true;
    smap_init(&ruleset->rules);
    hmap_insert(&sw->rulesets, &ruleset->node, number);
    return ruleset;
}

/* Works out from the rules of 'ruleset' what others need to know of them. */
static void
summarize(struct hv_ruleset *ruleset)
{
    size_t n;
    int *sequences = dvs_rule_sequences(&ruleset->rules, &n);

    free(ruleset->limits);
    ruleset->limits = xmalloc((n + 1) * sizeof *ruleset->limits);
    ruleset->n_limits = 0;
    ruleset->directions = 0;
    ruleset->logs = ruleset->asks_class = false;
    for (size_t i = 0; i < n; i++) {
        struct dvs_rule rule;
        char key[16];

        snprintf(key, sizeof key, "%d", sequences[i]);
        char *error = dvs_rule_parse(&rule, smap_get(&ruleset->rules, key));
        if (error) {
            free(error);        /* The text is canonical, there is none. */
            continue;
        }
        ruleset->directions |= rule.direction;
        ruleset->logs |= rule.action == DVS_RULE_LOG;
        ruleset->asks_class |= (rule.present & DVS_QBIT(CLASS)) != 0;
        if (rule.action == DVS_RULE_RATE_LIMIT
            && ruleset->n_limits < DVS_RULE_LIMITS_MAX) {
            ruleset->limits[ruleset->n_limits++] = (struct hv_limit) {
                .sequence = sequences[i],
                .directions = rule.direction,
                .rate = rule.rate,
            };
        }
        dvs_rule_destroy(&rule);
    }
    free(sequences);
}

/* Has the user of '*rulesetp', which may be NULL, use 'ruleset' of 'sw'
 * instead, with 'rules' in it. */
static void
use(struct hv_switch *sw, struct hv_ruleset **rulesetp,
    struct hv_ruleset *ruleset, const struct smap *rules)
{
    if (!smap_equal(&ruleset->rules, rules)) {
        smap_destroy(&ruleset->rules);
        smap_clone(&ruleset->rules, rules);
        summarize(ruleset);
        ruleset->changed = true;
    }
    ruleset->n_users++;
    hv_ruleset_release(sw, rulesetp);
    *rulesetp = ruleset;
}

/* Has 'port' of 'sw' use the traffic rules that follow from its setting, and
 * returns them; NULL if it has none, or does not apply them. */
struct hv_ruleset *
hv_ruleset_for_port(struct hv_switch *sw, struct hv_port *port)
{
    const struct dvs_setting *setting = &port->setting;

    if (setting->filter && !smap_is_empty(&setting->rules)) {
        bool guest = setting->vlan.mode == DVS_VLAN_TRUNK;
        uint32_t classes = (port->classified
                            ? UINT32_C(1) << port->traffic_class : 0);
        char *source = xasprintf("%s %s %d %#"PRIx32,
                                 port->rules_of ? "of" : "port",
                                 port->rules_of ? port->rules_of : port->key,
                                 guest, classes);
        struct hv_ruleset *ruleset = find_or_create(sw, source,
                                                    port->rules_of, port->key);

        ruleset->guest = guest;
        ruleset->classes = classes;
        free(source);
        use(sw, &port->ruleset, ruleset, &setting->rules);
    } else {
        hv_ruleset_release(sw, &port->ruleset);
    }
    return port->ruleset;
}

/* Has 'uplink' of 'sw' use the traffic rules that are in force on it, and
 * returns them; NULL if there are none.  To a rule, the VLAN is that on the
 * wire. */
struct hv_ruleset *
hv_ruleset_for_uplink(struct hv_switch *sw, struct hv_uplink *uplink)
{
    if (uplink->name && uplink->ofport != OFPP_NONE
        && (uplink->rules_of || uplink->port_key)
        && !smap_is_empty(&uplink->rules)) {
        char *source = xasprintf("uplink %s %s",
                                 uplink->rules_of ? "of" : "port",
                                 uplink->rules_of ? uplink->rules_of
                                 : uplink->port_key);
        struct hv_ruleset *ruleset = find_or_create(
            sw, source, uplink->rules_of, uplink->port_key);

        ruleset->uplink = true;
        ruleset->guest = true;
        free(source);
        use(sw, &uplink->ruleset, ruleset, &uplink->rules);
    } else {
        hv_ruleset_release(sw, &uplink->ruleset);
    }
    return uplink->ruleset;
}

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

/* PURE: tables FIN, FOUT and RDSCP: traffic rules (vSphere's traffic filtering
 * and marking), from and to a NIC.
 *
 * The first rule that matches decides, so the number of a rule is its
 * priority.  Ports with the same rules share their flows: what tells one set
 * of rules from another is a number in a register, which costs the datapath
 * nothing.
 *
 *     FIN   the set of rules in PR_RULES_IN, which table IN sets
 *     FOUT  first the receiving port, if it has rules; then the set of rules
 *           in PR_RULES_OUT
 *
 * An uplink's rules are in the same tables.  What comes in there passes FIN
 * before anything else looks at it, and what leaves comes to FOUT from UP and
 * goes back there, once the uplink has been chosen.
 *
 * Flood copies for ports that have rules come to FOUT like unicast, those for
 * other ports do not (stage-flood.c).
 *
 * The first fragment of a packet decides on all of it where rules look at
 * ports, so it must have some: see compile_short().
 *
 * Sets with a rule for all Ethernet types or protocols but one have these put
 * into PR_TYPES first.  It says the same wherever it has been filled in, so it
 * need not be cleared. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/pipeline/rule-match.h"
#include "packets.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Priorities.  Rule N has RULES_FIRST - N + 1, or one more in a set that has
 * rule RULES_LAST; what must not be mistaken for a rule differs from it in a
 * register. */
enum {
    RULES_SHORT = 65535,
    RULES_FIRST = 65534,
    RULES_LAST = 65535,
    RULES_OWN = 65535,
    RULES_DISPATCH = 65534,
    RULES_TYPES_IP = 2,
    RULES_TYPES = 1,
    RULES_UPLINK = 65534,       /* In the tables that follow. */
    PROM_RULES = 1,             /* Before that of stage-pass.c. */
    RDSCP_ANY = 10
};

/* What the agent logs of a bridge (rule-log.c): packets a second, and at once,
 * and how much it gets of each. */
static const struct desired_meter log_meter
    = { .packets = true, .rate = 10, .burst = 50 };
#define LOG_BYTES 128

/* A set of rules that is being compiled, in one direction. */
struct compilation {
    const struct hv_ruleset *ruleset;
    bool no_meters;
    struct desired *desired;
    enum pipeline_table table, next;
    int first;                      /* Priority of rule 1. */
    const struct dvs_rule *rule;    /* The one at hand. */
    int sequence;
};

/* Emits the flows of RDSCP, which marks a packet with what is in PR_TYPES if
 * it has a place for it. */
static void
compile_rdscp(struct desired *desired)
{
    static const uint16_t dl_types[] = { ETH_TYPE_IP, ETH_TYPE_IPV6 };

    for (size_t i = 0; i < ARRAY_SIZE(dl_types); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;
        uint64_t stub[64 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        match_set_dl_type(&match, htons(dl_types[i]));
        put_dscp_from_types(&acts);
        desired_flow(desired, PT_RDSCP, RDSCP_ANY,
                     DESIRED_COOKIE(DC_SWITCH, 0), &match, &acts);
        ofpbuf_uninit(&acts);
    }
}

/* Appends to 'acts' what the rule at hand does with packets of 'dl_type'. */
static void
put_rule(struct ofpbuf *acts, const struct compilation *c, uint16_t dl_type)
{
    const struct dvs_rule *rule = c->rule;

    if (rule->action == DVS_RULE_DROP) {
        /* Whose packet it was, these count. */
        put_resubmit(acts, c->table == PT_FIN ? PT_DRIN : PT_DROUT);
        return;
    }
    if (rule->action == DVS_RULE_TAG) {
        if (rule->cos >= 0) {
            put_priority(acts, rule->cos);
        }
        if (rule->dscp < 0) {
            /* Leave it alone. */
        } else if (dl_type == ETH_TYPE_IP || dl_type == ETH_TYPE_IPV6) {
            put_dscp(acts, rule->dscp);
        } else if (!dl_type) {
            put_dscp_into_types(acts, rule->dscp);
            put_resubmit(acts, PT_RDSCP);
            compile_rdscp(c->desired);
        }
    } else if (rule->action == DVS_RULE_MAC_REWRITE) {
        put_destination(acts, rule->rewrite_mac);
    } else if (rule->action == DVS_RULE_RATE_LIMIT && !c->no_meters) {
        put_load(acts, PR_LIMIT, c->sequence);  /* See stage-limit.c. */
        if (c->ruleset->uplink && c->table == PT_FIN) {
            put_resubmit(acts, PT_SHIN);
            return;
        }
    } else if (rule->action == DVS_RULE_LOG && !c->no_meters) {
        uint32_t meter_id = pipeline_meter_id(PM_LOG, 0);

        desired_meter(c->desired, meter_id, &log_meter);
        put_tell_agent_metered(acts, LOG_BYTES, meter_id);
    }
    put_resubmit(acts, c->next);
}

static void
emit_flow(const struct rule_flow *flow, void *c_)
{
    const struct compilation *c = c_;
    uint64_t object = (uint64_t) c->ruleset->number << 16 | c->sequence;
    uint64_t cookie = DESIRED_COOKIE(DC_RULE, object);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (flow->conjunction) {
        struct ofpact_conjunction *oc = ofpact_put_CONJUNCTION(&acts);

        oc->id = flow->conjunction;
        oc->clause = flow->clause;
        oc->n_clauses = flow->n_clauses;
        cookie = DESIRED_COOKIE(DC_RULE_HELPER, object);
    } else {
        put_rule(&acts, c, flow->dl_type);
    }
    desired_flow(c->desired, c->table, c->first - c->sequence + 1, cookie,
                 &flow->match, &acts);
    ofpbuf_uninit(&acts);
}

/* Emits what fills in PR_TYPES. */
static void
compile_types(const struct compilation *c, const struct match *base)
{
    static const uint16_t dl_types[] = { ETH_TYPE_IP, ETH_TYPE_IPV6, 0 };

    for (size_t i = 0; i < ARRAY_SIZE(dl_types); i++) {
        struct match match = *base;
        uint64_t stub[128 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        match_no_types(&match);
        if (dl_types[i]) {
            match_set_dl_type(&match, htons(dl_types[i]));
        }
        put_types(&acts, dl_types[i] != 0);
        put_resubmit(&acts, c->table);
        desired_flow(c->desired, c->table,
                     dl_types[i] ? RULES_TYPES_IP : RULES_TYPES,
                     DESIRED_COOKIE(DC_RULE_HELPER,
                                    (uint64_t) c->ruleset->number << 16),
                     &match, &acts);
        ofpbuf_uninit(&acts);
    }
}

/* Emits that nobody gets first fragments without a whole header of TCP or
 * SCTP.  Open vSwitch sees no ports in them, but their receiver does, once it
 * has the rest: they would get around all rules about ports (RFC 1858).  There
 * is no good use for them, as every link carries 68 bytes of IP at once. */
static void
compile_short(const struct compilation *c, const struct match *base)
{
    static const struct {
        uint16_t dl_type;
        uint8_t protocol;
    } kinds[] = {
        { ETH_TYPE_IP, IPPROTO_TCP }, { ETH_TYPE_IP, IPPROTO_SCTP },
        { ETH_TYPE_IPV6, IPPROTO_TCP }, { ETH_TYPE_IPV6, IPPROTO_SCTP },
    };
    uint64_t object = (uint64_t) c->ruleset->number << 16;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, c->table == PT_FIN ? PT_DRIN : PT_DROUT);
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct match match = *base;

        match_set_dl_type(&match, htons(kinds[i].dl_type));
        match_set_nw_proto(&match, kinds[i].protocol);
        match_set_nw_frag(&match, FLOW_NW_FRAG_ANY);
        match_set_tp_src(&match, htons(0));
        match_set_tp_dst(&match, htons(0));
        desired_flow(c->desired, c->table, RULES_SHORT,
                     DESIRED_COOKIE(DC_RULE_HELPER, object), &match, &acts);
    }
    ofpbuf_uninit(&acts);
}

/* Emits what takes packets of an uplink that match none of its rules out of
 * the way of those of ports, one table further. */
static void
compile_uplink(const struct compilation *c, const struct match *base)
{
    uint64_t object = (uint64_t) c->ruleset->number << 16;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, c->next);
    desired_flow(c->desired, c->table == PT_FIN ? PT_SHIN : PT_OUT,
                 RULES_UPLINK, DESIRED_COOKIE(DC_RULE_HELPER, object), base,
                 &acts);
    ofpbuf_uninit(&acts);
}

/* Emits the flows of 'rules', of which there are 'n' with numbers 'sequences',
 * for one direction. */
static void
compile_direction(struct compilation *c, enum dvs_rule_direction direction,
                  const struct dvs_rule *rules, const int *sequences,
                  size_t n)
{
    struct rule_context ctx = { .guest = c->ruleset->guest,
                                .uplink = c->ruleset->uplink,
                                .classes = c->ruleset->classes };
    struct match base = MATCH_CATCHALL_INITIALIZER;
    bool ports = false;

    c->table = direction == DVS_RULE_IN ? PT_FIN : PT_FOUT;
    if (c->ruleset->uplink) {
        c->next = direction == DVS_RULE_IN ? PT_SEC : PT_UP;
    } else {
        c->next = direction == DVS_RULE_IN ? PT_SHIN : PT_OUT;
    }
    match_pr(&base, direction == DVS_RULE_IN ? PR_RULES_IN : PR_RULES_OUT,
             c->ruleset->number);
    for (size_t i = 0; i < n; i++) {
        if (rules[i].direction & direction) {
            ctx.types |= rule_needs_types(&rules[i]);
            ports |= (rules[i].present & DVS_Q_PORTS) != 0;
        }
    }
    if (ports) {
        compile_short(c, &base);
    }
    if (ctx.types) {
        compile_types(c, &base);
    }
    if (c->ruleset->uplink && c->ruleset->directions & direction) {
        compile_uplink(c, &base);
    }
    for (size_t i = 0; i < n; i++) {
        if (rules[i].direction & direction) {
            c->rule = &rules[i];
            c->sequence = sequences[i];
            rule_expand(&rules[i], sequences[i], &ctx, &base, emit_flow, c);
        }
    }
}

/* Emits the flows of 'ruleset', in place of what was emitted for it before. */
void
pipeline_compile_ruleset(const struct hv_switch *sw,
                         struct hv_ruleset *ruleset, struct desired *desired)
{
    struct compilation c = { .ruleset = ruleset, .desired = desired,
                             .no_meters = sw->no_meters };
    size_t n;
    int *sequences = dvs_rule_sequences(&ruleset->rules, &n);
    struct dvs_rule *rules = xmalloc((n + 1) * sizeof *rules);
    size_t n_rules = 0;

    for (size_t i = 0; i < n; i++) {
        char key[16];

        snprintf(key, sizeof key, "%d", sequences[i]);
        char *error = dvs_rule_parse(&rules[n_rules],
                                     smap_get(&ruleset->rules, key));
        if (!error) {
            sequences[n_rules++] = sequences[i];
        }
        free(error);            /* The text is canonical, there is none. */
    }

    c.first = RULES_FIRST + (n_rules
                             && sequences[n_rules - 1] == RULES_LAST);
    desired_begin(desired, DESIRED_COOKIE(DC_RULE, ruleset->number));
    compile_direction(&c, DVS_RULE_IN, rules, sequences, n_rules);
    compile_direction(&c, DVS_RULE_OUT, rules, sequences, n_rules);
    desired_end(desired);
    ruleset->changed = false;

    for (size_t i = 0; i < n_rules; i++) {
        dvs_rule_destroy(&rules[i]);
    }
    free(rules);
    free(sequences);
}

/* Takes back the flows of those rules of 'sw' that no port uses any more. */
void
pipeline_drop_rulesets(struct hv_switch *sw, struct desired *desired)
{
    struct hv_ruleset *ruleset;

    if (!sw->unused_rulesets) {
        return;
    }
    sw->unused_rulesets = false;
    HMAP_FOR_EACH_SAFE (ruleset, node, &sw->rulesets) {
        if (!ruleset->n_users) {
            desired_remove_owner(desired,
                                 DESIRED_COOKIE(DC_RULE, ruleset->number));
            hv_ruleset_destroy(sw, ruleset);
        }
    }
}

/* Emits that what is for one NIC comes to FOUT at all, the same for each port
 * that has rules there. */
static void
compile_shared(const struct hv_switch *sw, struct desired *desired)
{
    struct match any = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    pipeline_compile_detour(sw, desired);
    put_resubmit(&acts, PT_FOUT);
    desired_flow(desired, PT_PROM, PROM_RULES, DESIRED_COOKIE(DC_SWITCH, 0),
                 &any, &acts);
    ofpbuf_uninit(&acts);
}

/* What is delivered to the port goes through its rules, but not its own copy
 * of what its NIC has sent: Open vSwitch would not send it, but it would
 * count. */
static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!port->rules_out) {
        return;
    }
    compile_shared(sw, desired);

    match_pr(&match, PR_DEST, ofp_to_u16(port->hv->ofport));
    match_pr(&match, PR_RULES_OUT, 0);

    struct match own = match;
    match_pr(&own, PR_SOURCE, ofp_to_u16(port->hv->ofport));
    desired_flow(desired, PT_FOUT, RULES_OWN, port->cookie, &own, NULL);

    put_load(&acts, PR_RULES_OUT, port->rules_out);
    if (port->metered_out) {
        put_load(&acts, PR_LIMIT, 0);
    }
    put_resubmit(&acts, PT_FOUT);
    desired_flow(desired, PT_FOUT, RULES_DISPATCH, port->cookie, &match,
                 &acts);
    ofpbuf_uninit(&acts);
}

const struct pipeline_stage stage_rules = {
    .name = "rules",
    .doc = "traffic rules",
    .compile_port = compile_port,
};

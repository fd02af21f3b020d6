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

/* PURE: from a traffic rule to OpenFlow matches.  See rule-match.h. */

#include <config.h>

#include "ovs-bridge/pipeline/rule-match.h"

#include <string.h>

#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "packets.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* A field that may have one of several values. */
enum rule_field {
    RF_SRC_IP, RF_DST_IP, RF_SRC_PORT, RF_DST_PORT, RF_SRC_MAC, RF_DST_MAC,
    RF_VLAN, RF_TYPES, RF_CLASS, RF_N
};

/* A masked value, most significant bit first, from the first byte on. */
struct alternative {
    uint8_t value[16], mask[16];
};

/* The most that there are: an IPv6 address has as many bits. */
#define MAX_ALTERNATIVES 128

struct choice {
    enum rule_field field;
    size_t n;
    struct alternative alternatives[MAX_ALTERNATIVES];
};

/* Products of up to so many flows are not made conjunctions. */
#define MAX_PRODUCT 16

/* A part of a rule: packets of one Ethernet type and one IP protocol. */
struct part {
    const struct dvs_rule *rule;
    const struct rule_context *ctx;
    int index;                  /* Which part of its rule. */
    struct rule_flow flow;      /* What all of its flows have. */
    struct choice choices[RF_N];
    size_t n_choices;
    void (*cb)(const struct rule_flow *, void *aux);
    void *aux;
};

static bool
has(const struct dvs_rule *rule, enum dvs_qualifier q)
{
    return (rule->present & ~rule->negated & (1u << q)) != 0;
}

static bool
must_not_have(const struct dvs_rule *rule, enum dvs_qualifier q)
{
    return (rule->present & rule->negated & (1u << q)) != 0;
}

/* Whether 'rule' looks up types in PR_TYPES. */
bool
rule_needs_types(const struct dvs_rule *rule)
{
    return (rule->present & DVS_Q_IP
            ? (must_not_have(rule, DVS_Q_PROTOCOL)
               && !(rule->present & DVS_Q_PORTS))
            : must_not_have(rule, DVS_Q_ETHERTYPE));
}

/* Alternatives. */

static void
add_alternative(struct choice *choice, const void *value, const void *mask,
                size_t n_bytes)
{
    struct alternative *a = &choice->alternatives[choice->n++];

    ovs_assert(choice->n <= MAX_ALTERNATIVES);
    memset(a, 0, sizeof *a);
    memcpy(a->value, value, n_bytes);
    memcpy(a->mask, mask, n_bytes);
}

/* Adds to 'choice' all that differs from 'value' of 'n_bytes' within 'mask':
 * for each bit, what is the same up to it and differs there. */
static void
add_others(struct choice *choice, const uint8_t *value, const uint8_t *mask,
           size_t n_bytes)
{
    struct alternative a;

    memset(&a, 0, sizeof a);
    for (size_t i = 0; i < n_bytes * 8; i++) {
        uint8_t bit = 0x80 >> i % 8;
        size_t byte = i / 8;

        if (mask[byte] & bit) {
            a.mask[byte] |= bit;
            a.value[byte] |= ~value[byte] & bit;
            add_alternative(choice, a.value, a.mask, n_bytes);
            a.value[byte] ^= bit;
        }
    }
}

/* Adds the numbers from 'first' to 'last' to 'choice', as prefixes. */
static void
add_range(struct choice *choice, uint32_t first, uint32_t last)
{
    while (first <= last) {
        uint32_t size = first ? first & -first : UINT16_MAX + 1;

        while (size > last - first + 1) {
            size /= 2;
        }
        ovs_be16 value = htons(first), mask = htons(-size);
        add_alternative(choice, &value, &mask, sizeof value);
        first += size;
    }
}

/* Choices of a part. */

static struct choice *
add_choice(struct part *part, enum rule_field field)
{
    struct choice *choice = &part->choices[part->n_choices++];

    choice->field = field;
    choice->n = 0;
    return choice;
}

/* Adds the choice for qualifier 'q', which is 'value' within 'mask'. */
static void
add_masked(struct part *part, enum dvs_qualifier q, enum rule_field field,
           const void *value, const void *mask, size_t n_bytes)
{
    struct choice *choice = add_choice(part, field);

    if (part->rule->negated & (1u << q)) {
        add_others(choice, value, mask, n_bytes);
    } else {
        add_alternative(choice, value, mask, n_bytes);
    }
}

/* Adds the choice for address 'ip' of qualifier 'q'.  A packet of the other
 * version of IP does not have it.  Returns false if no packet of this part
 * matches. */
static bool
add_ip(struct part *part, enum dvs_qualifier q, enum rule_field field,
       const struct dvs_rule_ip *ip)
{
    bool v6 = part->flow.dl_type == ETH_TYPE_IPV6;
    struct in6_addr mask = ipv6_create_mask(ip->v6 ? ip->plen
                                            : 96 + ip->plen);
    size_t skip = v6 ? 0 : 12;

    if (!(part->rule->present & (1u << q))) {
        return true;
    } else if (ip->v6 != v6) {
        return must_not_have(part->rule, q);
    }
    add_masked(part, q, field, ip->addr.s6_addr + skip, mask.s6_addr + skip,
               sizeof ip->addr - skip);
    return true;
}

static void
add_ports(struct part *part, enum dvs_qualifier q, enum rule_field field,
          const struct dvs_rule_ports *ports)
{
    if (!(part->rule->present & (1u << q))) {
        return;
    }

    struct choice *choice = add_choice(part, field);
    if (!must_not_have(part->rule, q)) {
        add_range(choice, ports->first, ports->last);
    } else {
        if (ports->first) {
            add_range(choice, 0, ports->first - 1);
        }
        add_range(choice, ports->last + 1, UINT16_MAX);
    }
}

static void
add_mac(struct part *part, enum dvs_qualifier q, enum rule_field field,
        const struct dvs_rule_mac *mac)
{
    if (part->rule->present & (1u << q)) {
        add_masked(part, q, field, mac->addr.ea, mac->mask.ea,
                   sizeof mac->addr);
    }
}

/* Adds the choice for the VLAN.  Returns false if no packet matches: a NIC for
 * which the switch tags has frames without a tag only. */
static bool
add_vlan(struct part *part)
{
    const struct dvs_rule *rule = part->rule;

    if (!(rule->present & DVS_QBIT(VLAN))) {
        return true;
    } else if (!part->ctx->guest) {
        return (rule->vlan == 0) != must_not_have(rule, DVS_Q_VLAN);
    }
    ovs_be16 value = htons(rule->vlan), mask = htons(0xfff);
    add_masked(part, DVS_Q_VLAN, RF_VLAN, &value, &mask, sizeof value);
    return true;
}

/* Adds the choice for types that the packet must not have.  The alternatives
 * are like PR_TYPES. */
static void
add_types(struct part *part)
{
    const struct dvs_rule *rule = part->rule;
    ovs_be32 value, mask;

    if (rule_needs_types(rule)) {
        if (rule->present & DVS_Q_IP) {
            value = htonl(rule->protocol << PR_TYPES_PROTOCOL_OFS);
            mask = htonl(UINT32_C(0xff) << PR_TYPES_PROTOCOL_OFS);
        } else {
            value = htonl(rule->ethertype);
            mask = htonl(0xffff);
        }
        add_others(add_choice(part, RF_TYPES), (const uint8_t *) &value,
                   (const uint8_t *) &mask, sizeof value);
    }
}

/* Adds the choice for the class of traffic.  Ports are of one class, so of
 * their rules those were left out that are for others. */
static void
add_class(struct part *part)
{
    const struct dvs_rule *rule = part->rule;

    if (part->ctx->uplink && rule->present & DVS_QBIT(CLASS)) {
        uint8_t value = rule->traffic_class + 1, mask = 0xf;

        BUILD_ASSERT_DECL(DVS_N_TRAFFIC_CLASSES <= 0xf);
        add_masked(part, DVS_Q_CLASS, RF_CLASS, &value, &mask, sizeof value);
    }
}

/* Matches. */

static uint32_t
get_be16(const uint8_t *p)
{
    return p[0] << 8 | p[1];
}

/* Has 'match' ask that 'field' is as in 'a'. */
static void
match_alternative(struct match *match, enum rule_field field,
                  const struct alternative *a)
{
    const struct flow *flow = &match->flow;
    bool v6 = flow->dl_type == htons(ETH_TYPE_IPV6);
    struct in6_addr ip6, ip6_mask;
    struct eth_addr mac, mac_mask;
    ovs_be32 be32, be32_mask;
    ovs_be16 be16, be16_mask;

    memcpy(&ip6, a->value, sizeof ip6);
    memcpy(&ip6_mask, a->mask, sizeof ip6_mask);
    memcpy(&mac, a->value, sizeof mac);
    memcpy(&mac_mask, a->mask, sizeof mac_mask);
    memcpy(&be32, a->value, sizeof be32);
    memcpy(&be32_mask, a->mask, sizeof be32_mask);
    memcpy(&be16, a->value, sizeof be16);
    memcpy(&be16_mask, a->mask, sizeof be16_mask);

    switch (field) {
    case RF_SRC_IP:
        if (v6) {
            match_set_ipv6_src_masked(match, &ip6, &ip6_mask);
        } else {
            match_set_nw_src_masked(match, be32, be32_mask);
        }
        break;
    case RF_DST_IP:
        if (v6) {
            match_set_ipv6_dst_masked(match, &ip6, &ip6_mask);
        } else {
            match_set_nw_dst_masked(match, be32, be32_mask);
        }
        break;
    case RF_SRC_PORT:
        match_set_tp_src_masked(match, be16, be16_mask);
        break;
    case RF_DST_PORT:
        match_set_tp_dst_masked(match, be16, be16_mask);
        break;
    case RF_SRC_MAC:
        match_set_dl_src_masked(match, mac, mac_mask);
        break;
    case RF_DST_MAC:
        match_set_dl_dst_masked(match, mac, mac_mask);
        break;
    case RF_VLAN:
        match_vlan(match, &(struct vlan_block) { get_be16(a->value),
                                                 get_be16(a->mask) });
        break;
    case RF_TYPES:
        match_types(match, ntohl(be32), ntohl(be32_mask));
        break;
    case RF_CLASS:
        match_set_reg_masked(match, PR_CLASS - MFF_REG0, a->value[0],
                             a->mask[0]);
        break;
    case RF_N:
    default:
        OVS_NOT_REACHED();
    }
}

/* Emits all combinations of the choices from number 'i' on. */
static void
emit_product(const struct part *part, size_t i, const struct rule_flow *flow)
{
    if (i >= part->n_choices) {
        part->cb(flow, part->aux);
        return;
    }
    for (size_t j = 0; j < part->choices[i].n; j++) {
        struct rule_flow next = *flow;

        match_alternative(&next.match, part->choices[i].field,
                          &part->choices[i].alternatives[j]);
        emit_product(part, i + 1, &next);
    }
}

/* Emits each choice as a clause, and what to do if all of them are met. */
static void
emit_conjunction(const struct part *part, int sequence)
{
    /* Only within one set of rules need it be unique. */
    uint32_t id = sequence * 8 + part->index;
    struct rule_flow flow = part->flow;

    flow.conjunction = id;
    flow.n_clauses = part->n_choices;
    for (size_t i = 0; i < part->n_choices; i++) {
        flow.clause = i;
        for (size_t j = 0; j < part->choices[i].n; j++) {
            struct rule_flow clause = flow;

            match_alternative(&clause.match, part->choices[i].field,
                              &part->choices[i].alternatives[j]);
            part->cb(&clause, part->aux);
        }
    }
    flow = part->flow;
    match_set_conj_id(&flow.match, id);
    part->cb(&flow, part->aux);
}

/* Takes choices that are none into what all flows of 'part' have.  Returns
 * false if some choice has nothing to choose from. */
static bool
simplify(struct part *part, size_t *sum, size_t *product)
{
    size_t n = 0;

    *sum = 0;
    *product = 1;
    for (size_t i = 0; i < part->n_choices; i++) {
        struct choice *choice = &part->choices[i];

        if (!choice->n) {
            return false;
        } else if (choice->n == 1) {
            match_alternative(&part->flow.match, choice->field,
                              &choice->alternatives[0]);
        } else {
            *sum += choice->n;
            *product *= choice->n;
            if (n < i) {
                part->choices[n] = *choice;
            }
            n++;
        }
    }
    part->n_choices = n;
    return true;
}

/* Parts. */

/* Emits the flows of 'rule' for packets of 'dl_type' (0: of any) and IP
 * protocol 'protocol' (-1: of any). */
static void
expand_part(struct part *part, int sequence, uint16_t dl_type, int protocol,
            const struct match *base)
{
    const struct dvs_rule *rule = part->rule;
    size_t sum, product;

    memset(&part->flow, 0, sizeof part->flow);
    part->flow.match = *base;
    part->flow.dl_type = dl_type;
    part->n_choices = 0;
    if (dl_type) {
        match_set_dl_type(&part->flow.match, htons(dl_type));
    }
    if (protocol >= 0) {
        match_set_nw_proto(&part->flow.match, protocol);
    }
    if (part->ctx->types) {
        match_types(&part->flow.match, 0, 0);
    }
    if (rule->present & DVS_Q_PORTS) {
        /* Only the first fragment of a packet has ports.  Without it, the
         * others are of no use. */
        match_set_nw_frag_masked(&part->flow.match, 0, FLOW_NW_FRAG_LATER);
    }

    if (!add_ip(part, DVS_Q_SRC_IP, RF_SRC_IP, &rule->src_ip)
        || !add_ip(part, DVS_Q_DST_IP, RF_DST_IP, &rule->dst_ip)
        || !add_vlan(part)) {
        return;
    }
    add_ports(part, DVS_Q_SRC_PORT, RF_SRC_PORT, &rule->src_port);
    add_ports(part, DVS_Q_DST_PORT, RF_DST_PORT, &rule->dst_port);
    add_mac(part, DVS_Q_SRC_MAC, RF_SRC_MAC, &rule->src_mac);
    add_mac(part, DVS_Q_DST_MAC, RF_DST_MAC, &rule->dst_mac);
    add_types(part);
    add_class(part);

    if (!simplify(part, &sum, &product)) {
        return;
    } else if (part->n_choices < 2 || product <= MAX(MAX_PRODUCT, sum + 1)) {
        emit_product(part, 0, &part->flow);
    } else {
        emit_conjunction(part, sequence);
    }
    part->index++;
}

/* Emits the flows for packets of one version of IP. */
static void
expand_ip(struct part *part, int sequence, uint16_t dl_type,
          const struct match *base)
{
    static const uint8_t with_ports[] = { IPPROTO_TCP, IPPROTO_UDP,
                                          IPPROTO_SCTP };
    const struct dvs_rule *rule = part->rule;

    if (rule->present & DVS_QBIT(ETHERTYPE)
        && (rule->ethertype == dl_type) == must_not_have(rule,
                                                         DVS_Q_ETHERTYPE)) {
        return;
    }
    if (has(rule, DVS_Q_PROTOCOL)) {
        expand_part(part, sequence, dl_type, rule->protocol, base);
    } else if (rule->present & DVS_Q_PORTS) {
        for (size_t i = 0; i < ARRAY_SIZE(with_ports); i++) {
            if (!must_not_have(rule, DVS_Q_PROTOCOL)
                || rule->protocol != with_ports[i]) {
                expand_part(part, sequence, dl_type, with_ports[i], base);
            }
        }
    } else {
        expand_part(part, sequence, dl_type, -1, base);
    }
}

/* Calls 'cb' with 'aux' for each flow of 'rule', number 'sequence' of its set.
 * Each matches 'base', too. */
void
rule_expand(const struct dvs_rule *rule, int sequence,
            const struct rule_context *ctx, const struct match *base,
            void (*cb)(const struct rule_flow *, void *aux), void *aux)
{
    struct part *part;

    if (rule->present & DVS_QBIT(CLASS) && !ctx->uplink
        && !(ctx->classes & (1u << rule->traffic_class))
           != must_not_have(rule, DVS_Q_CLASS)) {
        return;
    }

    part = xzalloc(sizeof *part);
    part->rule = rule;
    part->ctx = ctx;
    part->cb = cb;
    part->aux = aux;
    if (rule->present & DVS_Q_IP) {
        expand_ip(part, sequence, ETH_TYPE_IP, base);
        expand_ip(part, sequence, ETH_TYPE_IPV6, base);
    } else {
        expand_part(part, sequence, (has(rule, DVS_Q_ETHERTYPE)
                                     ? rule->ethertype : 0), -1, base);
    }
    free(part);
}

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

/* PURE: one rule of traffic filtering and marking.  See dvs-rule.h.
 *
 * Not for what a rule compiles to, which is the agent's. */

#include <config.h>

#include "schema/dvs-rule.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-number.h"
#include "smap.h"
#include "util.h"

/* IEEE 802.3, section 3.2.6: less is not a type but a length. */
#define ETHERTYPE_MIN 0x600

static const char *const qualifier_keys[] = {
#define DVS_QUALIFIER(NAME, KEY, COLUMN) KEY,
    DVS_QUALIFIERS
#undef DVS_QUALIFIER
};

static const char *const qualifier_columns[] = {
#define DVS_QUALIFIER(NAME, KEY, COLUMN) COLUMN,
    DVS_QUALIFIERS
#undef DVS_QUALIFIER
};

static const char *const class_words[] = {
#define DVS_TRAFFIC_CLASS(NAME, WORD) WORD,
    DVS_TRAFFIC_CLASSES
#undef DVS_TRAFFIC_CLASS
};

static const char *const direction_words[] = {
    [DVS_RULE_IN] = "in",
    [DVS_RULE_OUT] = "out",
    [DVS_RULE_BOTH] = "both",
};

static const char *const action_words[] = {
    [DVS_RULE_ACCEPT] = "accept",
    [DVS_RULE_DROP] = "drop",
    [DVS_RULE_TAG] = "tag",
    [DVS_RULE_RATE_LIMIT] = "rate-limit",
    [DVS_RULE_LOG] = "log",
    [DVS_RULE_MAC_REWRITE] = "mac-rewrite",
    [DVS_RULE_COPY] = "copy",
    [DVS_RULE_PUNT] = "punt",
    [DVS_RULE_GRE] = "gre",
};

/* Words for numbers.  Numbers are always taken, and printed. */
static const struct {
    const char *word;
    uint8_t protocol;
} protocols[] = {
    { "icmp", IPPROTO_ICMP }, { "igmp", IPPROTO_IGMP },
    { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
    { "icmp6", IPPROTO_ICMPV6 }, { "sctp", IPPROTO_SCTP },
};

static const struct {
    const char *word;
    uint16_t ethertype;
} ethertypes[] = {
    { "ip", ETH_TYPE_IP }, { "arp", ETH_TYPE_ARP },
    { "ipv6", ETH_TYPE_IPV6 },
};

/* Returns the key of qualifier 'q' in the text form. */
const char *
dvs_qualifier_key(enum dvs_qualifier q)
{
    return qualifier_keys[q];
}

/* Returns the column of Traffic_Rule for qualifier 'q'. */
const char *
dvs_qualifier_column(enum dvs_qualifier q)
{
    return qualifier_columns[q];
}

/* Returns the word for 'direction' in column Traffic_Rule.direction. */
const char *
dvs_rule_direction_to_string(enum dvs_rule_direction direction)
{
    return direction_words[direction];
}

/* Returns the word for 'action' in column Traffic_Rule.action. */
const char *
dvs_rule_action_to_string(enum dvs_rule_action action)
{
    return action_words[action];
}

/* Returns the word for 'tc' in columns Traffic_Class.name and
 * Traffic_Rule.traffic_class. */
const char *
dvs_traffic_class_to_string(enum dvs_traffic_class tc)
{
    return class_words[tc];
}

/* Makes 'rule' one that accepts everything in both directions. */
void
dvs_rule_init(struct dvs_rule *rule)
{
    memset(rule, 0, sizeof *rule);
    rule->direction = DVS_RULE_BOTH;
    rule->cos = rule->dscp = -1;
}

/* Frees what 'rule' owns. */
void
dvs_rule_destroy(struct dvs_rule *rule)
{
    free(rule->description);
}

/* Values, a parser for each type.  Each stores the value or returns an error
 * message that the caller must free. */

/* Stores in '*indexp' which of the 'n' 'words' (NULL for none) 'value' is. */
static char * OVS_WARN_UNUSED_RESULT
parse_word(const char *key, const char *value, const char *const words[],
           size_t n, int *indexp)
{
    struct ds ds = DS_EMPTY_INITIALIZER;
    bool first = true;

    ds_put_format(&ds, "%s \"%s\" is not one of", key, value);
    for (size_t i = 0; i < n; i++) {
        if (!words[i]) {
            continue;
        }
        if (!strcmp(words[i], value)) {
            *indexp = i;
            ds_destroy(&ds);
            return NULL;
        }
        ds_put_format(&ds, "%s %s", first ? "" : ",", words[i]);
        first = false;
    }
    return ds_steal_cstr(&ds);
}

static char * OVS_WARN_UNUSED_RESULT
parse_ip(const char *key, const char *value, struct dvs_rule_ip *ip)
{
    struct dvs_rule_ip new = { .v6 = strchr(value, ':') != NULL };
    const char *slash = strchr(value, '/');
    char *addr = slash ? xmemdup0(value, slash - value) : xstrdup(value);
    uint64_t plen = new.v6 ? 128 : 32;
    char *error = NULL;
    ovs_be32 v4;

    if (slash) {
        char *what = xasprintf("prefix length of %s", key);
        error = dvs_parse_number(what, slash + 1, 0, plen, &plen);
        free(what);
    }
    new.plen = plen;
    if (error) {
        /* Said below. */
    } else if (new.v6 && ipv6_parse(addr, &new.addr)) {
        struct in6_addr mask = ipv6_create_mask(plen);

        new.addr = ipv6_addr_bitand(&new.addr, &mask);
    } else if (!new.v6 && ip_parse(addr, &v4)) {
        in6_addr_set_mapped_ipv4(&new.addr, v4 & be32_prefix_mask(plen));
    } else {
        error = xasprintf("%s \"%s\" is not an IPv4 or IPv6 address or "
                          "prefix", key, value);
    }
    free(addr);
    if (!error) {
        *ip = new;
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
parse_mac(const char *key, const char *value, struct dvs_rule_mac *mac)
{
    const char *slash = strchr(value, '/');
    char *addr = slash ? xmemdup0(value, slash - value) : xstrdup(value);
    struct dvs_rule_mac new = { .mask = eth_addr_exact };
    char *error = NULL;

    if (!eth_addr_from_string(addr, &new.addr)
        || (slash && !eth_addr_from_string(slash + 1, &new.mask))) {
        error = xasprintf("%s \"%s\" is not a MAC address, or address and "
                          "mask", key, value);
    } else {
        for (size_t i = 0; i < ARRAY_SIZE(new.addr.be16); i++) {
            new.addr.be16[i] &= new.mask.be16[i];
        }
        *mac = new;
    }
    free(addr);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
parse_ports(const char *key, const char *value, struct dvs_rule_ports *ports)
{
    const char *dash = strchr(value, '-');
    char *s = dash ? xmemdup0(value, dash - value) : xstrdup(value);
    uint64_t first, last;
    char *error;

    error = dvs_parse_number(key, s, 0, UINT16_MAX, &first);
    free(s);
    last = first;
    if (!error && dash) {
        error = dvs_parse_number(key, dash + 1, 0, UINT16_MAX, &last);
    }
    if (!error && last < first) {
        error = xasprintf("%s range %s ends before it starts", key, value);
    }
    if (!error) {
        *ports = (struct dvs_rule_ports) { .first = first, .last = last };
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
parse_protocol(const char *key, const char *value, uint8_t *protocol)
{
    uint64_t number;

    for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
        if (!strcmp(value, protocols[i].word)) {
            *protocol = protocols[i].protocol;
            return NULL;
        }
    }
    char *error = dvs_parse_number(key, value, 0, UINT8_MAX, &number);
    if (!error) {
        *protocol = number;
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
parse_ethertype(const char *key, const char *value, uint16_t *ethertype)
{
    unsigned int hex;
    uint64_t number;

    for (size_t i = 0; i < ARRAY_SIZE(ethertypes); i++) {
        if (!strcmp(value, ethertypes[i].word)) {
            *ethertype = ethertypes[i].ethertype;
            return NULL;
        }
    }
    if (!strncmp(value, "0x", 2) && str_to_uint(value + 2, 16, &hex)
        && hex <= UINT16_MAX) {
        *ethertype = hex;
        return NULL;
    }
    char *error = dvs_parse_number(key, value, 0, UINT16_MAX, &number);
    if (!error) {
        *ethertype = number;
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
set_qualifier(struct dvs_rule *rule, enum dvs_qualifier q, const char *value)
{
    const char *key = dvs_qualifier_key(q);
    uint64_t number;
    char *error;
    int word = 0;

    switch (q) {
    case DVS_Q_SRC_IP:
        return parse_ip(key, value, &rule->src_ip);
    case DVS_Q_DST_IP:
        return parse_ip(key, value, &rule->dst_ip);
    case DVS_Q_PROTOCOL:
        return parse_protocol(key, value, &rule->protocol);
    case DVS_Q_SRC_PORT:
        return parse_ports(key, value, &rule->src_port);
    case DVS_Q_DST_PORT:
        return parse_ports(key, value, &rule->dst_port);
    case DVS_Q_SRC_MAC:
        return parse_mac(key, value, &rule->src_mac);
    case DVS_Q_DST_MAC:
        return parse_mac(key, value, &rule->dst_mac);
    case DVS_Q_ETHERTYPE:
        return parse_ethertype(key, value, &rule->ethertype);
    case DVS_Q_VLAN:
        error = dvs_parse_number(key, value, 0, DVS_VLAN_MAX, &number);
        if (!error) {
            rule->vlan = number;
        }
        return error;
    case DVS_Q_CLASS:
        error = parse_word(key, value, class_words, ARRAY_SIZE(class_words),
                           &word);
        if (!error) {
            rule->traffic_class = word;
        }
        return error;
    case DVS_N_QUALIFIERS:
    default:
        OVS_NOT_REACHED();
    }
}

static char * OVS_WARN_UNUSED_RESULT
set_number(const char *key, const char *value, uint64_t min, uint64_t max,
           int *target)
{
    uint64_t number;
    char *error = dvs_parse_number(key, value, min, max, &number);

    if (!error) {
        *target = number;
    }
    return error;
}

/* Sets what is not a qualifier. */
static char * OVS_WARN_UNUSED_RESULT
set_other(struct dvs_rule *rule, const char *key, const char *value)
{
    char *error = NULL;
    int word = 0;

    if (!strcmp(key, "direction")) {
        error = parse_word(key, value, direction_words,
                           ARRAY_SIZE(direction_words), &word);
        if (!error) {
            rule->direction = word;
        }
    } else if (!strcmp(key, "action")) {
        error = parse_word(key, value, action_words,
                           ARRAY_SIZE(action_words), &word);
        if (!error) {
            rule->action = word;
        }
    } else if (!strcmp(key, "cos")) {
        error = set_number(key, value, 0, DVS_COS_MAX, &rule->cos);
    } else if (!strcmp(key, "dscp")) {
        error = set_number(key, value, 0, DVS_DSCP_MAX, &rule->dscp);
    } else if (!strcmp(key, "rate")) {
        uint64_t rate;

        error = dvs_parse_number(key, value, 1, DVS_RULE_RATE_MAX, &rate);
        if (!error) {
            rule->rate = rate;
        }
    } else if (!strcmp(key, "rewrite-mac")) {
        if (!eth_addr_from_string(value, &rule->rewrite_mac)) {
            error = xasprintf("%s \"%s\" is not a MAC address", key, value);
        }
    } else if (!strcmp(key, "gre-ip")) {
        if (!ip_parse(value, &rule->gre_ip)) {
            error = xasprintf("%s \"%s\" is not an IPv4 address", key, value);
        }
    } else if (!strcmp(key, "description")) {
        free(rule->description);
        rule->description = value[0] ? xstrdup(value) : NULL;
    } else {
        error = xasprintf("a rule has no \"%s\"", key);
    }
    return error;
}

/* Sets what 'key' of the text form means to 'value'; if 'negated', the packet
 * must not have it.  Returns NULL if successful, otherwise an error message
 * that the caller must free; then 'rule' is as it was. */
char *
dvs_rule_set(struct dvs_rule *rule, const char *key, bool negated,
             const char *value)
{
    for (enum dvs_qualifier q = 0; q < DVS_N_QUALIFIERS; q++) {
        if (!strcmp(key, qualifier_keys[q])) {
            char *error = set_qualifier(rule, q, value);

            if (!error) {
                rule->present |= 1u << q;
                rule->negated &= ~(1u << q);
                rule->negated |= (uint32_t) negated << q;
            }
            return error;
        }
    }
    if (negated) {
        return xasprintf("\"%s\" of a rule cannot be negated", key);
    }
    return set_other(rule, key, value);
}

/* Carries out 'word', which is KEY=VALUE or KEY!=VALUE.  Returns NULL if
 * successful, otherwise an error message that the caller must free. */
char *
dvs_rule_set_word(struct dvs_rule *rule, const char *word)
{
    const char *equals = strchr(word, '=');

    if (!equals || equals == word) {
        return xasprintf("\"%s\" is not of the form KEY=VALUE or KEY!=VALUE",
                         word);
    }
    bool negated = equals[-1] == '!';
    char *key = xmemdup0(word, equals - word - negated);
    char *error = dvs_rule_set(rule, key, negated, equals + 1);
    free(key);
    return error;
}

/* Text. */

/* Takes the first word of '*sp' off it and stores it in '*wordp', NULL if
 * there is none.  What is in double quotes may hold blanks, and a backslash
 * before a quote or a backslash. */
static char * OVS_WARN_UNUSED_RESULT
next_word(const char **sp, char **wordp)
{
    const char *s = *sp + strspn(*sp, " ");
    struct ds word = DS_EMPTY_INITIALIZER;
    bool quoted = false;

    *wordp = NULL;
    if (!*s) {
        *sp = s;
        return NULL;
    }
    for (; *s && (quoted || *s != ' '); s++) {
        if (*s == '"') {
            quoted = !quoted;
        } else {
            if (quoted && *s == '\\' && s[1]) {
                s++;
            }
            ds_put_char(&word, *s);
        }
    }
    if (quoted) {
        ds_destroy(&word);
        return xstrdup("a rule ends within quotes");
    }
    *sp = s;
    *wordp = ds_steal_cstr(&word);
    return NULL;
}

/* Initializes 'rule' as what 'text' says.  Returns NULL if successful,
 * otherwise an error message that the caller must free; then 'rule' holds
 * nothing. */
char *
dvs_rule_parse(struct dvs_rule *rule, const char *text)
{
    char *error, *word;

    dvs_rule_init(rule);
    for (;;) {
        error = next_word(&text, &word);
        if (error || !word) {
            break;
        }
        error = dvs_rule_set_word(rule, word);
        free(word);
        if (error) {
            break;
        }
    }
    if (error) {
        dvs_rule_destroy(rule);
    }
    return error;
}

static void
format_ip(const struct dvs_rule_ip *ip, struct ds *ds)
{
    ipv6_format_mapped(&ip->addr, ds);
    if (ip->plen != (ip->v6 ? 128 : 32)) {
        ds_put_format(ds, "/%d", ip->plen);
    }
}

static void
format_mac(const struct dvs_rule_mac *mac, struct ds *ds)
{
    ds_put_format(ds, ETH_ADDR_FMT, ETH_ADDR_ARGS(mac->addr));
    if (!eth_mask_is_exact(mac->mask)) {
        ds_put_format(ds, "/"ETH_ADDR_FMT, ETH_ADDR_ARGS(mac->mask));
    }
}

static void
format_ports(const struct dvs_rule_ports *ports, struct ds *ds)
{
    ds_put_format(ds, "%"PRIu16, ports->first);
    if (ports->last != ports->first) {
        ds_put_format(ds, "-%"PRIu16, ports->last);
    }
}

/* Appends to 'ds' the value of qualifier 'q', which 'rule' must have. */
void
dvs_qualifier_format(const struct dvs_rule *rule, enum dvs_qualifier q,
                     struct ds *ds)
{
    switch (q) {
    case DVS_Q_SRC_IP:
        format_ip(&rule->src_ip, ds);
        break;
    case DVS_Q_DST_IP:
        format_ip(&rule->dst_ip, ds);
        break;
    case DVS_Q_PROTOCOL:
        ds_put_format(ds, "%"PRIu8, rule->protocol);
        break;
    case DVS_Q_SRC_PORT:
        format_ports(&rule->src_port, ds);
        break;
    case DVS_Q_DST_PORT:
        format_ports(&rule->dst_port, ds);
        break;
    case DVS_Q_SRC_MAC:
        format_mac(&rule->src_mac, ds);
        break;
    case DVS_Q_DST_MAC:
        format_mac(&rule->dst_mac, ds);
        break;
    case DVS_Q_ETHERTYPE:
        ds_put_format(ds, "0x%04"PRIx16, rule->ethertype);
        break;
    case DVS_Q_VLAN:
        ds_put_format(ds, "%"PRIu16, rule->vlan);
        break;
    case DVS_Q_CLASS:
        ds_put_cstr(ds, class_words[rule->traffic_class]);
        break;
    case DVS_N_QUALIFIERS:
    default:
        OVS_NOT_REACHED();
    }
}

/* Appends the text of 'rule' to 'ds'. */
void
dvs_rule_format(const struct dvs_rule *rule, struct ds *ds)
{
    ds_put_format(ds, "action=%s", action_words[rule->action]);
    if (rule->cos >= 0) {
        ds_put_format(ds, " cos=%d", rule->cos);
    }
    if (rule->dscp >= 0) {
        ds_put_format(ds, " dscp=%d", rule->dscp);
    }
    if (rule->rate) {
        ds_put_format(ds, " rate=%"PRIu32, rule->rate);
    }
    if (!eth_addr_is_zero(rule->rewrite_mac)) {
        ds_put_format(ds, " rewrite-mac="ETH_ADDR_FMT,
                      ETH_ADDR_ARGS(rule->rewrite_mac));
    }
    if (rule->gre_ip) {
        ds_put_format(ds, " gre-ip="IP_FMT, IP_ARGS(rule->gre_ip));
    }
    ds_put_format(ds, " direction=%s", direction_words[rule->direction]);
    for (enum dvs_qualifier q = 0; q < DVS_N_QUALIFIERS; q++) {
        if (rule->present & (1u << q)) {
            ds_put_format(ds, " %s%s=", qualifier_keys[q],
                          rule->negated & (1u << q) ? "!" : "");
            dvs_qualifier_format(rule, q, ds);
        }
    }
    if (rule->description) {
        ds_put_cstr(ds, " description=\"");
        for (const char *s = rule->description; *s; s++) {
            if (*s == '"' || *s == '\\') {
                ds_put_char(ds, '\\');
            }
            ds_put_char(ds, *s);
        }
        ds_put_char(ds, '"');
    }
}

static int
compare_ints(const void *a_, const void *b_)
{
    const int *a = a_, *b = b_;

    return *a < *b ? -1 : *a > *b;
}

/* Returns the sequence numbers of 'rules' (of struct dvs_setting) in order,
 * their number in '*n'.  The caller must free them. */
int *
dvs_rule_sequences(const struct smap *rules, size_t *n)
{
    int *sequences = xmalloc((smap_count(rules) + 1) * sizeof *sequences);
    const struct smap_node *node;

    *n = 0;
    SMAP_FOR_EACH (node, rules) {
        if (str_to_int(node->key, 10, &sequences[*n])) {
            ++*n;
        }
    }
    qsort(sequences, *n, sizeof *sequences, compare_ints);
    return sequences;
}

/* Validation. */

static bool
has(const struct dvs_rule *rule, enum dvs_qualifier q)
{
    return (rule->present & ~rule->negated & (1u << q)) != 0;
}

static bool
protocol_has_ports(uint8_t protocol)
{
    return (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP
            || protocol == IPPROTO_SCTP);
}

/* Returns what is wrong between the qualifiers of 'rule', or NULL. */
static const char *
check_qualifiers(const struct dvs_rule *rule)
{
    bool ethertype = has(rule, DVS_Q_ETHERTYPE);
    bool v4 = ethertype && rule->ethertype == ETH_TYPE_IP;
    bool v6 = ethertype && rule->ethertype == ETH_TYPE_IPV6;

    if (rule->present & DVS_Q_PORTS && has(rule, DVS_Q_PROTOCOL)
        && !protocol_has_ports(rule->protocol)) {
        return "only TCP, UDP and SCTP have ports";
    } else if (rule->present & DVS_QBIT(ETHERTYPE)
               && rule->ethertype < ETHERTYPE_MIN) {
        return "an ethertype is at least 0x0600";
    } else if (ethertype && rule->present & DVS_Q_IP && !v4 && !v6) {
        return "only ethertypes 0x0800 and 0x86dd have what is IP's";
    }
    if (has(rule, DVS_Q_SRC_IP)) {
        *(rule->src_ip.v6 ? &v6 : &v4) = true;
    }
    if (has(rule, DVS_Q_DST_IP)) {
        *(rule->dst_ip.v6 ? &v6 : &v4) = true;
    }
    return v4 && v6 ? "no packet is both of IPv4 and of IPv6" : NULL;
}

/* Returns what is wrong with the action of 'rule', or NULL. */
static const char *
check_action(const struct dvs_rule *rule)
{
    bool mac = !eth_addr_is_zero(rule->rewrite_mac);
    bool tag = rule->cos >= 0 || rule->dscp >= 0;

    if (tag != (rule->action == DVS_RULE_TAG)) {
        return tag ? "cos and dscp are for action tag"
                   : "action tag needs cos or dscp";
    } else if ((rule->rate != 0) != (rule->action == DVS_RULE_RATE_LIMIT)) {
        return rule->rate ? "rate is for action rate-limit"
                          : "action rate-limit needs a rate";
    } else if (mac != (rule->action == DVS_RULE_MAC_REWRITE)) {
        return mac ? "rewrite-mac is for action mac-rewrite"
                   : "action mac-rewrite needs a rewrite-mac";
    } else if (mac && eth_addr_is_multicast(rule->rewrite_mac)) {
        return "rewrite-mac is a group address";
    } else if ((rule->gre_ip != 0) != (rule->action == DVS_RULE_GRE)) {
        return rule->gre_ip ? "gre-ip is for action gre"
                            : "action gre needs a gre-ip";
    }
    return NULL;
}

/* Whether this release carries out 'action'.  The others need a service
 * virtual machine, or a tunnel of its own. */
static bool
action_supported(enum dvs_rule_action action)
{
    return (action != DVS_RULE_COPY && action != DVS_RULE_PUNT
            && action != DVS_RULE_GRE);
}

/* Adds to 'faults' what is wrong with 'rule', number 'sequence' of its
 * setting. */
void
dvs_rule_validate(const struct dvs_rule *rule, int sequence,
                  struct dvs_faults *faults)
{
    const char *error = check_qualifiers(rule);

    if (!error) {
        error = check_action(rule);
    }
    if (error) {
        dvs_faults_add(faults, "InvalidArgument", "rules", "rule %d: %s",
                       sequence, error);
    }
    if (!action_supported(rule->action)) {
        dvs_faults_add(faults, "NotSupported", "rules",
                       "rule %d: action %s is not supported", sequence,
                       action_words[rule->action]);
    }
}

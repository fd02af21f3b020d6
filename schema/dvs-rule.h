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

#ifndef DVS_RULE_H
#define DVS_RULE_H 1

/* PURE: one rule of traffic filtering and marking (vSphere's DvsTrafficRule)
 * as a plain struct, and its text form.
 *
 * The text is a list of KEY=VALUE, separated by blanks, such as
 *
 *     action=drop direction=in src-ip!=10.0.0.0/8 protocol=tcp dst-port=22
 *
 * "!=" is for a qualifier that the packet must not have.  The same keys are
 * what "dvsctl add-rule" takes.  Formatting is canonical. */

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/types.h"

struct ds;
struct dvs_faults;
struct smap;

/* What a rule may ask of a packet.
 * DVS_QUALIFIER(NAME, KEY, COLUMN): column of table Traffic_Rule. */
#define DVS_QUALIFIERS                                          \
    DVS_QUALIFIER(SRC_IP,    "src-ip",    "src_ip")             \
    DVS_QUALIFIER(DST_IP,    "dst-ip",    "dst_ip")             \
    DVS_QUALIFIER(PROTOCOL,  "protocol",  "ip_protocol")        \
    DVS_QUALIFIER(SRC_PORT,  "src-port",  "src_port")           \
    DVS_QUALIFIER(DST_PORT,  "dst-port",  "dst_port")           \
    DVS_QUALIFIER(SRC_MAC,   "src-mac",   "src_mac")            \
    DVS_QUALIFIER(DST_MAC,   "dst-mac",   "dst_mac")            \
    DVS_QUALIFIER(ETHERTYPE, "ethertype", "ethertype")          \
    DVS_QUALIFIER(VLAN,      "vlan",      "vlan_id")            \
    DVS_QUALIFIER(CLASS,     "class",     "traffic_class")

enum dvs_qualifier {
#define DVS_QUALIFIER(NAME, KEY, COLUMN) DVS_Q_##NAME,
    DVS_QUALIFIERS
#undef DVS_QUALIFIER
    DVS_N_QUALIFIERS
};
#define DVS_QBIT(NAME) (1u << DVS_Q_##NAME)
/* Qualifiers that only an IP packet can have. */
#define DVS_Q_IP (DVS_QBIT(SRC_IP) | DVS_QBIT(DST_IP) | DVS_QBIT(PROTOCOL) \
                  | DVS_QBIT(SRC_PORT) | DVS_QBIT(DST_PORT))
#define DVS_Q_PORTS (DVS_QBIT(SRC_PORT) | DVS_QBIT(DST_PORT))

/* System traffic, as in Traffic_Class.name. */
#define DVS_TRAFFIC_CLASSES                                     \
    DVS_TRAFFIC_CLASS(MANAGEMENT,      "management")            \
    DVS_TRAFFIC_CLASS(FAULT_TOLERANCE, "fault-tolerance")       \
    DVS_TRAFFIC_CLASS(VMOTION,         "vmotion")               \
    DVS_TRAFFIC_CLASS(VIRTUAL_MACHINE, "virtual-machine")       \
    DVS_TRAFFIC_CLASS(ISCSI,           "iscsi")                 \
    DVS_TRAFFIC_CLASS(NFS,             "nfs")                   \
    DVS_TRAFFIC_CLASS(REPLICATION,     "replication")           \
    DVS_TRAFFIC_CLASS(VSAN,            "vsan")                  \
    DVS_TRAFFIC_CLASS(BACKUP,          "backup")                \
    DVS_TRAFFIC_CLASS(BACKUP_NFC,      "backup-nfc")            \
    DVS_TRAFFIC_CLASS(NVME_TCP,        "nvme-tcp")              \
    DVS_TRAFFIC_CLASS(PROVISIONING,    "provisioning")

enum dvs_traffic_class {
#define DVS_TRAFFIC_CLASS(NAME, WORD) DVS_TC_##NAME,
    DVS_TRAFFIC_CLASSES
#undef DVS_TRAFFIC_CLASS
    DVS_N_TRAFFIC_CLASSES
};
#define DVS_TC_BIT(NAME) (1u << DVS_TC_##NAME)

/* Directions are the switch's: IN is from the NIC. */
enum dvs_rule_direction {
    DVS_RULE_IN = 1,
    DVS_RULE_OUT = 2,
    DVS_RULE_BOTH = DVS_RULE_IN | DVS_RULE_OUT
};

enum dvs_rule_action {
    DVS_RULE_ACCEPT,
    DVS_RULE_DROP,
    DVS_RULE_TAG,
    DVS_RULE_RATE_LIMIT,
    DVS_RULE_LOG,
    DVS_RULE_MAC_REWRITE,
    DVS_RULE_COPY,
    DVS_RULE_PUNT,
    DVS_RULE_GRE,
    DVS_N_RULE_ACTIONS
};

/* Rules with action RATE_LIMIT that a port may have. */
#define DVS_RULE_LIMITS_MAX 4096

/* Addresses with a prefix, IPv4 or IPv6. */
struct dvs_rule_ip {
    bool v6;
    struct in6_addr addr;       /* IPv4: mapped (RFC 4291, section 2.5.5.2). */
    int plen;                   /* Bits: 0-32, or 0-128 if 'v6'. */
};

struct dvs_rule_mac {
    struct eth_addr addr;       /* Only bits of 'mask'. */
    struct eth_addr mask;
};

struct dvs_rule_ports {
    uint16_t first, last;       /* Inclusive. */
};

struct dvs_rule {
    enum dvs_rule_direction direction;  /* Default: BOTH. */
    enum dvs_rule_action action;        /* Default: ACCEPT. */
    uint32_t present;           /* DVS_QBIT() of each qualifier it has. */
    uint32_t negated;           /* Those that the packet must not have. */
    struct dvs_rule_ip src_ip, dst_ip;
    uint8_t protocol;
    struct dvs_rule_ports src_port, dst_port;
    struct dvs_rule_mac src_mac, dst_mac;
    uint16_t ethertype;
    uint16_t vlan;              /* 0: without a tag. */
    enum dvs_traffic_class traffic_class;

    int cos;                    /* TAG: 0-7; -1: none. */
    int dscp;                   /* TAG: 0-63; -1: none. */
    uint32_t rate;              /* RATE_LIMIT: packets/s; 0: none. */
    struct eth_addr rewrite_mac;    /* MAC_REWRITE; all-zeros: none. */
    ovs_be32 gre_ip;            /* GRE; 0: none. */
    char *description;          /* NULL: none. */
};

void dvs_rule_init(struct dvs_rule *);
void dvs_rule_destroy(struct dvs_rule *);
char *dvs_rule_set(struct dvs_rule *, const char *key, bool negated,
                   const char *value) OVS_WARN_UNUSED_RESULT;
char *dvs_rule_set_word(struct dvs_rule *, const char *word)
    OVS_WARN_UNUSED_RESULT;
char *dvs_rule_parse(struct dvs_rule *, const char *text)
    OVS_WARN_UNUSED_RESULT;
void dvs_rule_format(const struct dvs_rule *, struct ds *);
void dvs_rule_validate(const struct dvs_rule *, int sequence,
                       struct dvs_faults *);
int *dvs_rule_sequences(const struct smap *rules, size_t *n);

const char *dvs_qualifier_key(enum dvs_qualifier);
const char *dvs_qualifier_column(enum dvs_qualifier);
void dvs_qualifier_format(const struct dvs_rule *, enum dvs_qualifier,
                          struct ds *);
const char *dvs_rule_direction_to_string(enum dvs_rule_direction);
const char *dvs_rule_action_to_string(enum dvs_rule_action);
const char *dvs_traffic_class_to_string(enum dvs_traffic_class);

#endif /* dvs-rule.h */

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

#ifndef DVS_SETTING_H
#define DVS_SETTING_H 1

/* PURE: the policy of a port, portgroup or switch (vSphere's DVPortSetting
 * and VMwareDVSPortSetting) as a plain struct, and its one text form.
 *
 * The text form is a map of keys to values.  It is the same map everywhere:
 * what "dvsctl set-policy" takes, what a proxy row's "setting" column holds,
 * what the host cache keeps.  A key that is not in the map is inherited.
 *
 * Inheritance is per property (see enum dvs_property): a setting knows, by
 * the bits of 'present', which of its properties are explicit.  Only rules are
 * inherited one by one: those of a level join those of the level above, and
 * take the place of one with the same sequence number. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "smap.h"
#include "svec.h"

struct ds;

/* Each property that is inherited or overridden on its own.
 *
 * DVS_PROPERTY(NAME, KEY, OVERRIDE, SUPPORTED)
 *     NAME       DVS_P_<NAME>.
 *     KEY        key in the text form.
 *     OVERRIDE   class of permission a portgroup grants its ports for it
 *                (enum dvs_override), DVS_OV_NONE if a port may never have it.
 *     SUPPORTED  whether this release carries it out; if not, setting it is
 *                published as a NotSupported fault and never ignored.
 */
#define DVS_PROPERTIES                                                     \
    DVS_PROPERTY(BLOCKED,          "blocked",          BLOCK,      true)   \
    DVS_PROPERTY(VLAN,             "vlan",             VLAN,       true)   \
    DVS_PROPERTY(COS,              "cos",              QOS,        true)   \
    DVS_PROPERTY(DSCP,             "dscp",             QOS,        true)   \
    DVS_PROPERTY(TEAMING,          "teaming",          TEAMING,    true)   \
    DVS_PROPERTY(UPLINK_ORDER,     "active",           TEAMING,    true)   \
    DVS_PROPERTY(NOTIFY,           "notify",           TEAMING,    true)   \
    DVS_PROPERTY(FAILBACK,         "failback",         TEAMING,    true)   \
    DVS_PROPERTY(BEACON,           "beacon",           TEAMING,    true)  \
    DVS_PROPERTY(REVERSE_FILTER,   "reverse-filter",   TEAMING,    true)   \
    DVS_PROPERTY(PROMISCUOUS,      "promiscuous",      SECURITY,   true)  \
    DVS_PROPERTY(MAC_CHANGES,      "mac-changes",      SECURITY,   true)  \
    DVS_PROPERTY(FORGED_TRANSMITS, "forged-transmits", SECURITY,   true)  \
    DVS_PROPERTY(MAC_LEARNING,     "mac-learning",     MAC,        true)   \
    DVS_PROPERTY(MAC_LIMIT,        "mac-limit",        MAC,        true)   \
    DVS_PROPERTY(MAC_LIMIT_POLICY, "mac-limit-policy", MAC,        true)   \
    DVS_PROPERTY(UNICAST_FLOODING, "unicast-flooding", MAC,        true)   \
    DVS_PROPERTY(SHAPE_IN,         "shape-in",         SHAPING,    true)   \
    DVS_PROPERTY(SHAPE_OUT,        "shape-out",        SHAPING,    true)   \
    DVS_PROPERTY(IPFIX,            "ipfix",            IPFIX,      false)  \
    DVS_PROPERTY(TX_UPLINK,        "tx-uplink",        FILTER,     true)   \
    DVS_PROPERTY(FILTER,           "filter",           FILTER,     true)   \
    DVS_PROPERTY(RULES,            "rules",            FILTER,     true)  \
    DVS_PROPERTY(POOL,             "pool",             NONE,       true)  \
    DVS_PROPERTY(VENDOR,           "vendor",           VENDOR,     false)

enum dvs_property {
#define DVS_PROPERTY(NAME, KEY, OVERRIDE, SUPPORTED) DVS_P_##NAME,
    DVS_PROPERTIES
#undef DVS_PROPERTY
    DVS_N_PROPERTIES
};

/* The bit of a property in a mask of properties. */
#define DVS_BIT(NAME) (UINT64_C(1) << DVS_P_##NAME)
#define DVS_ALL_PROPERTIES ((UINT64_C(1) << DVS_N_PROPERTIES) - 1)

/* What a portgroup may allow its ports to override (vSphere's
 * DVPortgroupPolicy and VMwareDVSPortgroupPolicy, *OverrideAllowed), as in
 * column Portgroup.override_allowed. */
#define DVS_OVERRIDES                           \
    DVS_OVERRIDE(BLOCK,    "block")             \
    DVS_OVERRIDE(SHAPING,  "shaping")           \
    DVS_OVERRIDE(VENDOR,   "vendor")            \
    DVS_OVERRIDE(POOL,     "resource-pool")     \
    DVS_OVERRIDE(FILTER,   "traffic-filter")    \
    DVS_OVERRIDE(VLAN,     "vlan")              \
    DVS_OVERRIDE(TEAMING,  "teaming")           \
    DVS_OVERRIDE(SECURITY, "security")          \
    DVS_OVERRIDE(IPFIX,    "ipfix")             \
    DVS_OVERRIDE(MAC,      "mac-management")    \
    DVS_OVERRIDE(QOS,      "qos")

enum dvs_override {
#define DVS_OVERRIDE(NAME, WORD) DVS_OV_##NAME,
    DVS_OVERRIDES
#undef DVS_OVERRIDE
    DVS_N_OVERRIDES,
    DVS_OV_NONE = DVS_N_OVERRIDES   /* No permission covers it. */
};

enum dvs_vlan_mode {
    DVS_VLAN_NONE,              /* External tagging: untagged, VLAN 0. */
    DVS_VLAN_ACCESS,            /* Switch tagging with 'id'. */
    DVS_VLAN_TRUNK,             /* Guest tagging within 'trunks'. */
    DVS_VLAN_PRIVATE            /* Private VLAN; 'id' is the secondary. */
};

struct dvs_range {
    uint16_t start;             /* First, inclusive. */
    uint16_t end;               /* Last, inclusive; >= start. */
};

/* VLAN policy; inherits as a whole. */
struct dvs_vlan {
    enum dvs_vlan_mode mode;
    uint16_t id;                /* ACCESS: 1-4094; PRIVATE: secondary id. */
    struct dvs_range *trunks;   /* TRUNK: sorted by start, merged; 0 in a
                                 * range admits untagged frames. */
    size_t n_trunks;
};

enum dvs_teaming {
    DVS_TEAMING_ORIGINATING_PORT,   /* loadbalance_srcid */
    DVS_TEAMING_SOURCE_MAC,         /* loadbalance_srcmac */
    DVS_TEAMING_IP_HASH,            /* loadbalance_ip */
    DVS_TEAMING_EXPLICIT,           /* failover_explicit */
    DVS_TEAMING_LOAD                /* loadbalance_loadbased */
};

/* One direction of DVSTrafficShapingPolicy. */
struct dvs_shaping {
    bool enabled;
    uint64_t average;           /* bit/s */
    uint64_t peak;              /* bit/s, >= average */
    uint64_t burst;             /* bytes */
};

/* In 'cos' and 'dscp': frames keep the mark they have.  The default. */
#define DVS_MARK_NONE UINT8_MAX

/* A setting at one level, or an effective one (then all bits are present).
 * A member is meaningful only if its bit in 'present' is set.  Like the smaps
 * in it, a setting must not be copied by assignment or moved in memory: use
 * dvs_setting_clone(). */
struct dvs_setting {
    uint64_t present;           /* DVS_BIT(...) of each explicit property. */

    bool blocked;
    struct dvs_vlan vlan;
    uint8_t cos;                /* 0-7, or DVS_MARK_NONE. */
    uint8_t dscp;               /* 0-63, or DVS_MARK_NONE. */

    enum dvs_teaming teaming;
    struct svec active;         /* UPLINK_ORDER: uplink or LAG names, in */
    struct svec standby;        /* order; not sorted. */
    bool notify;                /* notifySwitches */
    bool failback;              /* !rollingOrder */
    bool beacon;                /* checkBeacon */
    bool reverse_filter;        /* reversePolicy */

    bool promiscuous;
    bool mac_changes;
    bool forged_transmits;
    bool mac_learning;
    uint16_t mac_limit;         /* 0-4096 */
    bool mac_limit_allow;       /* MAC_LIMIT_POLICY: allow, else drop. */
    bool unicast_flooding;

    struct dvs_shaping shape_in;    /* From the NIC into the switch. */
    struct dvs_shaping shape_out;   /* From the switch to the NIC. */

    bool ipfix;
    bool tx_uplink;
    bool filter;
    struct smap rules;          /* Sequence number -> rule in canonical text
                                 * form, see dvs-rule.h. */
    char *pool;                 /* Resource pool's name, or NULL. */
    struct smap vendor;
};

/* Life cycle. */
void dvs_setting_init(struct dvs_setting *);
void dvs_setting_destroy(struct dvs_setting *);
void dvs_setting_clone(struct dvs_setting *dst, const struct dvs_setting *src);
bool dvs_setting_equal(const struct dvs_setting *, const struct dvs_setting *);

/* Inheritance. */
void dvs_setting_defaults(struct dvs_setting *, const struct svec *uplinks);
void dvs_setting_overlay(struct dvs_setting *dst,
                         const struct dvs_setting *src, uint64_t mask);
void dvs_setting_clear(struct dvs_setting *, uint64_t mask);
uint64_t dvs_override_mask(uint32_t overrides);

/* What an uplink portgroup inherits from its switch.  The switch's traffic
 * rules are for the NICs of VMs and hosts: seen from a physical NIC, "in" and
 * "out" are the other way round. */
#define DVS_UPLINK_INHERITS \
    (DVS_ALL_PROPERTIES & ~(DVS_BIT(FILTER) | DVS_BIT(RULES)))

/* Where an effective value comes from; see dvs_setting_effective(). */
enum dvs_origin {
    DVS_FROM_DEFAULT, DVS_FROM_SWITCH, DVS_FROM_PORTGROUP, DVS_FROM_PORT
};
const char *dvs_origin_to_string(enum dvs_origin);
void dvs_setting_effective(struct dvs_setting *dst, const struct svec *uplinks,
                           const struct dvs_setting *switch_,
                           uint64_t inherits,
                           const struct dvs_setting *portgroup,
                           uint32_t overrides,
                           const struct dvs_setting *port,
                           enum dvs_origin origins[DVS_N_PROPERTIES]);

/* Text form. */
char *dvs_setting_set(struct dvs_setting *, const char *key,
                      const char *value) OVS_WARN_UNUSED_RESULT;
char *dvs_setting_key_mask(const char *key, uint64_t *maskp)
    OVS_WARN_UNUSED_RESULT;
void dvs_setting_to_smap(const struct dvs_setting *, struct smap *);
char *dvs_setting_from_smap(struct dvs_setting *, const struct smap *)
    OVS_WARN_UNUSED_RESULT;
void dvs_vlan_format(const struct dvs_vlan *, struct ds *);
void dvs_vlan_add_trunk(struct dvs_vlan *, uint16_t start, uint16_t end);

/* Names. */
const char *dvs_property_key(enum dvs_property);
enum dvs_override dvs_property_override(enum dvs_property);
bool dvs_property_supported(enum dvs_property);
const char *dvs_override_to_string(enum dvs_override);
bool dvs_override_from_string(const char *, enum dvs_override *);
const char *dvs_teaming_to_string(enum dvs_teaming);

#endif /* dvs-setting.h */

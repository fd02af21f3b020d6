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

/* PURE: what is valid.
 *
 * Each function checks one object, as far as that is possible from the object
 * and what it belongs to.  What needs other objects of the same kind (unique
 * names, free ports) is for the database schema and the controller.  Settings
 * come from dvs_setting_set() or dvs-read.c, which have checked each value by
 * itself.
 *
 * dvsctl runs these before it commits, the controller on whatever stands in
 * the database.  The faults bear vSphere's names:
 *
 *     InvalidName               a name that no object may have
 *     DuplicateName             two uplinks of one name
 *     InvalidArgument           a value that cannot be, or that contradicts
 *                               another one of the same object
 *     LimitExceeded             too many of something
 *     NotFound                  the name of something that does not exist
 *     ResourceInUse             a NIC that another switch has
 *     ConflictingConfiguration  a LAG and something else are active, or a port
 *                               overrides what its portgroup does not
 *                               permit (vSphere leaves the fault open, but in
 *                               the family of DvsFault; this is the member of
 *                               it for settings that contradict each other)
 *     NotSupported              what this release does not carry out */

#include <config.h>

#include "schema/dvs-model.h"

#include <ctype.h>
#include <string.h>

#include "schema/dvs-level.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-property.h"
#include "schema/dvs-rule.h"
#include "unicode.h"
#include "util.h"

/* Which object a setting belongs to. */
enum level {
    LEVEL_SWITCH,
    LEVEL_PORTGROUP,
    LEVEL_PORT
};

/* Names. */

/* Checks 'name' as the name of a 'kind' of object ("switch", "portgroup",
 * "uplink" ...).  Returns NULL if it may be one, otherwise a sentence that
 * says why not, which the caller must free; the fault is InvalidName.
 *
 * vSphere's limit is 80 characters.  It escapes slashes; here they are
 * refused, and colons too, so that prod/web and prod:12 are unambiguous;
 * in uplinks also what separates them in "active=a,b" and "a=eth0". */
char *
dvs_validate_name(const char *kind, const char *name)
{
    const char *forbidden = strcmp(kind, "uplink") ? "/:" : "/:,=";
    size_t n_bytes = name ? strlen(name) : 0;
    size_t length;
    char *error;

    if (!n_bytes) {
        return xasprintf("%s name is empty", kind);
    }
    error = utf8_validate(name, &length);
    if (error) {
        free(error);
        return xasprintf("%s name is not valid UTF-8", kind);
    }
    if (length > DVS_NAME_MAX) {
        return xasprintf("%s name \"%s\" has %"PRIuSIZE" characters, more "
                         "than %d", kind, name, length, DVS_NAME_MAX);
    }
    for (size_t i = 0; i < n_bytes; i++) {
        if (iscntrl((unsigned char) name[i])) {
            return xasprintf("%s name has a control character", kind);
        }
        if (strchr(forbidden, name[i])) {
            return xasprintf("%s name \"%s\" has a \"%c\"",
                             kind, name, name[i]);
        }
    }
    if (name[0] == ' ' || name[n_bytes - 1] == ' ') {
        return xasprintf("%s name \"%s\" starts or ends with a blank",
                         kind, name);
    }
    return NULL;
}

static bool
check_name(const char *kind, const char *name, const char *column,
           struct dvs_faults *faults)
{
    char *error = dvs_validate_name(kind, name);

    if (error) {
        dvs_faults_add(faults, "InvalidName", column, "%s", error);
        free(error);
        return false;
    }
    return true;
}

/* Whether 'name' can be the name of a network device: Linux's rules
 * (dev_valid_name()), and no backslash, which Open vSwitch does not take. */
static bool
device_name_is_valid(const char *name)
{
    if (!name[0] || strlen(name) > DVS_BRIDGE_NAME_MAX
        || !strcmp(name, ".") || !strcmp(name, "..")) {
        return false;
    }
    for (const char *p = name; *p; p++) {
        if (!isgraph((unsigned char) *p) || strchr("/:\\", *p)) {
            return false;
        }
    }
    return true;
}

static void
check_range(const char *column, int64_t value, int64_t min, int64_t max,
            struct dvs_faults *faults)
{
    if (value < min || value > max) {
        dvs_faults_add(faults, "InvalidArgument", column,
                       "%s %"PRId64" is not in %"PRId64"..%"PRId64,
                       column, value, min, max);
    }
}

static void
check_not_supported(const struct smap *not_supported,
                    struct dvs_faults *faults)
{
    const struct smap_node **nodes = smap_sort(not_supported);
    size_t n = smap_count(not_supported);

    for (size_t i = 0; i < n; i++) {
        dvs_faults_add(faults, "NotSupported", nodes[i]->key,
                       "%s is not supported yet", nodes[i]->key);
    }
    free(nodes);
}

/* Settings. */

/* Checks one of the two lists of the uplink order. */
static void
check_team(const char *key, const struct svec *names,
           const struct dvs_switch *sw, struct dvs_faults *faults)
{
    const char *name;
    size_t i;

    SVEC_FOR_EACH (i, name, names) {
        size_t first;

        for (first = 0; strcmp(names->names[first], name); first++) {
            continue;
        }
        if (first < i) {
            dvs_faults_add(faults, "InvalidArgument", key,
                           "uplink \"%s\" is in %s twice", name, key);
        } else if (!svec_contains_unsorted(&sw->uplinks, name)
                   && !dvs_lags_find(&sw->lags, name)) {
            dvs_faults_add(faults, "InvalidArgument", key,
                           "%s \"%s\" is not an uplink of switch \"%s\"",
                           key, name, sw->name);
        }
    }
}

/* Returns the first LAG of 'sw' that 'names' has, or NULL. */
static const struct dvs_lag *
find_lag(const struct dvs_switch *sw, const struct svec *names)
{
    const struct dvs_lag *lag = NULL;

    for (size_t i = 0; i < names->n && !lag; i++) {
        lag = dvs_lags_find(&sw->lags, names->names[i]);
    }
    return lag;
}

/* Checks how the order uses LAGs: at most one, which is active by itself or on
 * standby by itself.  vSphere permits a LAG beside standalone uplinks only
 * while NICs move from these to the LAG; here, uplinks may stand by for a LAG
 * and a LAG for uplinks as long as it pleases. */
static void
check_lags(const struct dvs_setting *s, const struct dvs_switch *sw,
           struct dvs_faults *faults)
{
    const struct dvs_lag *active = find_lag(sw, &s->active);
    const struct dvs_lag *standby = find_lag(sw, &s->standby);

    if (active && s->active.n > 1) {
        dvs_faults_add(faults, "ConflictingConfiguration", "active",
                       "LAG \"%s\" can be active only by itself",
                       active->name);
    }
    if (standby && s->standby.n > 1) {
        dvs_faults_add(faults, "ConflictingConfiguration", "standby",
                       "LAG \"%s\" can be on standby only by itself",
                       standby->name);
    }
    if (active && standby && active != standby) {
        dvs_faults_add(faults, "ConflictingConfiguration", "standby",
                       "a policy can have only one LAG, not both \"%s\" and "
                       "\"%s\"", active->name, standby->name);
    }
}

static void
check_order(const struct dvs_setting *s, const struct dvs_switch *sw,
            struct dvs_faults *faults)
{
    const char *name;
    size_t i;

    check_team("active", &s->active, sw, faults);
    check_team("standby", &s->standby, sw, faults);
    SVEC_FOR_EACH (i, name, &s->active) {
        if (svec_contains_unsorted(&s->standby, name)) {
            dvs_faults_add(faults, "InvalidArgument", "standby",
                           "uplink \"%s\" is both active and standby", name);
        }
    }
    check_lags(s, sw, faults);

    /* The columns could not tell it from an order that is inherited. */
    if (!s->active.n && !s->standby.n) {
        dvs_faults_add(faults, "InvalidArgument", "active",
                       "active and standby name no uplink at all");
    }
}

/* Adds a NotSupported fault if 's' has a value of 'p' that this release does
 * not carry out.  The default can always be set: it is what happens. */
static void
check_supported(const struct dvs_setting *s, enum dvs_property p,
                const struct dvs_setting *defaults,
                struct dvs_faults *faults)
{
    const char *key = dvs_property_key(p);

    if (!dvs_property_supported(p)) {
        if (!dvs_property_equal(s, defaults, p)) {
            dvs_faults_add(faults, "NotSupported", key,
                           "%s is not supported yet", key);
        }
    }
}

static void
check_rules(const struct dvs_setting *s, struct dvs_faults *faults)
{
    size_t n, n_limits = 0;
    int *sequences = dvs_rule_sequences(&s->rules, &n);

    for (size_t i = 0; i < n; i++) {
        char *key = xasprintf("%d", sequences[i]);
        struct dvs_rule rule;
        char *error = dvs_rule_parse(&rule, smap_get(&s->rules, key));

        ovs_assert(!error);     /* The text is canonical. */
        dvs_rule_validate(&rule, sequences[i], faults);
        n_limits += rule.action == DVS_RULE_RATE_LIMIT;
        dvs_rule_destroy(&rule);
        free(key);
    }
    free(sequences);
    if (n_limits > DVS_RULE_LIMITS_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "rules",
                       "%"PRIuSIZE" rules limit rates; the most is %d",
                       n_limits, DVS_RULE_LIMITS_MAX);
    }
}

/* Adds a fault if 'sw' is at a feature level before 'needed', which brings
 * 'what'. */
static void
check_level(const struct dvs_switch *sw, int needed, const char *column,
            const char *what, struct dvs_faults *faults)
{
    int level = dvs_level_from_string(sw->version);

    if (level >= 0 && level < needed) {
        dvs_faults_add(faults, "NotSupported", column,
                       "%s needs feature level %s, and switch \"%s\" is at "
                       "%s", what, dvs_levels[needed], sw->name,
                       sw->version);
    }
}

/* Checks that 's', which asks for beacon probing, has nothing that it does not
 * go with.  vSphere documents that much, too: the physical switches deliver a
 * beacon to one port of an aggregate only, and which of its VLANs a guest that
 * tags uses is not known. */
static void
check_beacon(const struct dvs_setting *s, const struct dvs_switch *sw,
             struct dvs_faults *faults)
{
    const char *what
        = (s->present & DVS_BIT(TEAMING)
           && s->teaming == DVS_TEAMING_IP_HASH ? "teaming by IP hash"
           : s->present & DVS_BIT(UPLINK_ORDER)
           && (find_lag(sw, &s->active) || find_lag(sw, &s->standby))
           ? "a LAG"
           : s->present & DVS_BIT(VLAN) && s->vlan.mode == DVS_VLAN_TRUNK
           ? "guests that tag" : NULL);

    if (what) {
        dvs_faults_add(faults, "ConflictingConfiguration",
                       dvs_property_key(DVS_P_BEACON),
                       "beacon probing does not go with %s", what);
    }
}

static void
check_setting(const struct dvs_setting *s, enum level level,
              const struct dvs_switch *sw, struct dvs_faults *faults)
{
    struct dvs_setting defaults;
    enum dvs_property p;

    dvs_setting_defaults(&defaults, NULL);
    DVS_PROPERTY_FOR_EACH (p, s->present) {
        check_supported(s, p, &defaults, faults);
        if (p == DVS_P_UPLINK_ORDER) {
            check_order(s, sw, faults);
        } else if (p == DVS_P_BEACON && s->beacon) {
            check_beacon(s, sw, faults);
        } else if (p == DVS_P_MAC_LEARNING && s->mac_learning) {
            check_level(sw, DVS_LEVEL_2, dvs_property_key(p), "MAC learning",
                        faults);
        } else if (p == DVS_P_RULES) {
            check_rules(s, faults);
            if (!smap_is_empty(&s->rules)) {
                check_level(sw, DVS_LEVEL_2, dvs_property_key(p),
                            "a filter rule", faults);
            }
        } else if (p == DVS_P_VLAN && s->vlan.mode == DVS_VLAN_PRIVATE
                   && !dvs_pvlans_find(&sw->pvlans, s->vlan.id)) {
            dvs_faults_add(faults, "NotFound", dvs_property_key(p),
                           "switch \"%s\" has no private VLAN %d", sw->name,
                           s->vlan.id);
        } else if (p == DVS_P_POOL && s->pool && level != LEVEL_PORTGROUP) {
            dvs_faults_add(faults, "InvalidArgument", dvs_property_key(p),
                           "only a portgroup can have a resource pool");
        } else if (p == DVS_P_POOL && s->pool
                   && !dvs_pools_find(&sw->pools, s->pool)) {
            dvs_faults_add(faults, "NotFound", dvs_property_key(p),
                           "switch \"%s\" has no resource pool \"%s\"",
                           sw->name, s->pool);
        }
    }
    dvs_setting_destroy(&defaults);
}

/* Objects. */

/* Adds to 'faults' what is wrong with 'sw', its default setting included. */
void
dvs_validate_switch(const struct dvs_switch *sw, struct dvs_faults *faults)
{
    const char *name;
    size_t i;

    check_name("switch", sw->name, "name", faults);

    if (sw->uplinks.n > DVS_UPLINKS_MAX) {
        dvs_faults_add(faults, "LimitExceeded", "uplinks",
                       "%"PRIuSIZE" uplinks are more than %d",
                       sw->uplinks.n, DVS_UPLINKS_MAX);
    }
    SVEC_FOR_EACH (i, name, &sw->uplinks) {
        size_t first;

        for (first = 0; strcmp(sw->uplinks.names[first], name); first++) {
            continue;
        }
        if (first < i) {
            dvs_faults_add(faults, "DuplicateName", "uplinks",
                           "two uplinks have the name \"%s\"", name);
        } else {
            check_name("uplink", name, "uplinks", faults);
        }
    }

    check_range("mtu", sw->mtu, DVS_MTU_MIN, DVS_MTU_MAX, faults);
    if (sw->bridge_name && !device_name_is_valid(sw->bridge_name)) {
        dvs_faults_add(faults, "InvalidName", "bridge_name",
                       "bridge name \"%s\" cannot be the name of a network "
                       "device", sw->bridge_name);
    }
    if (sw->datapath_type && strcmp(sw->datapath_type, "system")
        && strcmp(sw->datapath_type, "netdev")) {
        dvs_faults_add(faults, "InvalidArgument", "datapath_type",
                       "datapath type \"%s\" is not system or netdev",
                       sw->datapath_type);
    }
    if (dvs_level_from_string(sw->version) < 0) {
        dvs_faults_add(faults, "InvalidArgument", "version",
                       "there is no feature level \"%s\", only %s to %s",
                       sw->version, dvs_levels[0],
                       dvs_levels[DVS_LEVEL_NEWEST]);
    }
    if (sw->snooping) {
        check_level(sw, DVS_LEVEL_2, "multicast_filtering",
                    "multicast snooping", faults);
    }
    if (sw->lags.n) {
        check_level(sw, DVS_LEVEL_2, "version", "a link aggregation group",
                    faults);
    }
    check_range("num_standalone_ports", sw->num_standalone_ports,
                0, DVS_PORTS_MAX, faults);
    check_not_supported(&sw->not_supported, faults);
    check_setting(&sw->setting, LEVEL_SWITCH, sw, faults);
}

/* Adds faults for rules of 'setting', that of an uplink portgroup or port,
 * that only ports of other kinds can have. */
static void
check_uplink_rules(const struct dvs_setting *setting,
                   struct dvs_faults *faults)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &setting->rules) {
        struct dvs_rule rule;
        char *error = dvs_rule_parse(&rule, node->value);

        if (!error) {
            if (rule.present & DVS_QBIT(CLASS)
                && rule.direction != DVS_RULE_OUT) {
                dvs_faults_add(faults, "NotSupported", "rules",
                               "rule %s: what comes in on an uplink is of no "
                               "known class, so the direction must be out",
                               node->key);
            }
            dvs_rule_destroy(&rule);
        }
        free(error);            /* check_rules() has said so. */
    }
}

/* Adds faults for what 'setting', that of an uplink portgroup or port, has
 * and physical NICs cannot have. */
static void
refuse_uplink_policy(const struct dvs_setting *setting,
                     struct dvs_faults *faults)
{
    enum dvs_property p;

    check_uplink_rules(setting, faults);
    DVS_PROPERTY_FOR_EACH (p, setting->present & ~(DVS_BIT(VLAN)
                                                   | DVS_BIT(BLOCKED)
                                                   | DVS_BIT(FILTER)
                                                   | DVS_BIT(RULES))) {
        if (dvs_property_supported(p)) {
            dvs_faults_add(faults, "NotSupported", dvs_property_key(p),
                           "%s of uplinks is not supported yet",
                           dvs_property_key(p));
        }
    }
}

/* On uplinks, the VLAN setting says which VLANs they carry, so it has to be a
 * trunk, be it of one VLAN. */
static void
check_uplink_portgroup(const struct dvs_switch *sw,
                       const struct dvs_portgroup *pg,
                       struct dvs_faults *faults)
{
    const struct dvs_setting *from
        = pg->setting.present & DVS_BIT(VLAN) ? &pg->setting : &sw->setting;

    if (!(from->present & DVS_BIT(VLAN))
        || from->vlan.mode != DVS_VLAN_TRUNK) {
        dvs_faults_add(faults, "InvalidArgument", "vlan",
                       "vlan of an uplink portgroup must be a trunk");
    }
    if (pg->type != DVS_EARLY_BINDING) {
        dvs_faults_add(faults, "InvalidArgument", "type",
                       "type of an uplink portgroup must be early_binding");
    }
    refuse_uplink_policy(&pg->setting, faults);
}

/* Adds to 'faults' what is wrong with 'pg', a portgroup of 'sw', its setting
 * included. */
void
dvs_validate_portgroup(const struct dvs_switch *sw,
                       const struct dvs_portgroup *pg,
                       struct dvs_faults *faults)
{
    check_name("portgroup", pg->name, "name", faults);
    if (pg->uplink) {
        check_uplink_portgroup(sw, pg, faults);
    }
    check_range("num_ports", pg->num_ports, 0, DVS_PORTS_MAX, faults);
    if (pg->auto_expand && pg->type != DVS_EARLY_BINDING) {
        dvs_faults_add(faults, "InvalidArgument", "auto_expand",
                       "only a portgroup of type early_binding can expand");
    }
    check_not_supported(&pg->not_supported, faults);
    check_setting(&pg->setting, LEVEL_PORTGROUP, sw, faults);
}

/* Adds to 'faults' what is wrong with 'port', which belongs to portgroup 'pg'
 * of 'sw' or, if 'pg' is NULL, to 'sw' itself.
 *
 * When a permission is withdrawn from the portgroup, ports that have used it
 * become faulty: the override has no effect until it is permitted again, but
 * does not vanish in silence.  (vSphere does not specify it.) */
void
dvs_validate_port(const struct dvs_switch *sw, const struct dvs_portgroup *pg,
                  const struct dvs_port *port, struct dvs_faults *faults)
{
    uint64_t mask = dvs_override_mask(pg ? pg->overrides : UINT32_MAX);
    enum dvs_property p;

    DVS_PROPERTY_FOR_EACH (p, port->setting.present & ~mask) {
        /* That a port has no pool is for check_setting() to say. */
        if (dvs_property_override(p) != DVS_OV_NONE) {
            dvs_faults_add(faults, "ConflictingConfiguration",
                           dvs_property_key(p),
                           "portgroup \"%s\" does not let port %s override "
                           "%s", pg->name, port->key, dvs_property_key(p));
        }
    }
    if (pg && pg->uplink) {
        refuse_uplink_policy(&port->setting, faults);
        if (port->setting.present & DVS_BIT(VLAN)
            && port->setting.vlan.mode != DVS_VLAN_TRUNK) {
            dvs_faults_add(faults, "InvalidArgument", "vlan",
                           "vlan of an uplink port must be a trunk");
        }
    }
    check_not_supported(&port->not_supported, faults);
    check_setting(&port->setting, LEVEL_PORT, sw, faults);
}

/* Checks one uplink of 'member'. */
static void
check_member_uplink(const struct dvs_switch *sw,
                    const struct dvs_member *member, const char *uplink,
                    const char *pnic, const struct shash *host_nics,
                    struct dvs_faults *faults)
{
    const struct shash_node *nic;

    if (!dvs_switch_has_uplink(sw, uplink)) {
        dvs_faults_add(faults, "NotFound", "uplinks",
                       "switch \"%s\" has no uplink \"%s\"",
                       sw->name, uplink);
    }
    if (!device_name_is_valid(pnic)) {
        dvs_faults_add(faults, "InvalidArgument", "uplinks",
                       "\"%s\" cannot be the name of a network device", pnic);
        return;
    }
    if (!host_nics) {
        return;
    }

    nic = shash_find(host_nics, pnic);
    if (!nic) {
        dvs_faults_add(faults, "NotFound", "uplinks",
                       "host \"%s\" has no physical NIC \"%s\"",
                       member->host, pnic);
    } else if (nic->data) {
        dvs_faults_add(faults, "ResourceInUse", "uplinks",
                       "NIC \"%s\" of host \"%s\" is used by switch \"%s\"",
                       pnic, member->host, (const char *) nic->data);
    }
}

/* Checks that 'member' has NICs in no more LAGs than a host takes. */
static void
check_member_lags(const struct dvs_switch *sw,
                  const struct dvs_member *member, struct dvs_faults *faults)
{
    size_t n = 0;

    for (size_t i = 0; i < sw->lags.n; i++) {
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &member->uplinks) {
            int index;

            if (dvs_lags_find_port(&sw->lags, node->key, &index)
                == &sw->lags.lags[i]) {
                n++;
                break;
            }
        }
    }
    if (n > DVS_HOST_LAGS_MAX) {
        dvs_faults_add(faults, "LimitExceeded", "uplinks",
                       "NICs in %"PRIuSIZE" LAGs are more than %d", n,
                       DVS_HOST_LAGS_MAX);
    }
}

/* Adds to 'faults' what is wrong with 'member', a host's membership in 'sw'.
 *
 * 'host_nics' maps the name of each physical NIC of the host to the name of
 * the switch, other than 'sw', that already uses it, or to NULL if none does.
 * It is NULL itself if the host has never reported; then its NICs are taken
 * on trust. */
void
dvs_validate_member(const struct dvs_switch *sw,
                    const struct dvs_member *member,
                    const struct shash *host_nics, struct dvs_faults *faults)
{
    const struct smap_node **nodes = smap_sort(&member->uplinks);
    size_t n = smap_count(&member->uplinks);

    check_name("host", member->host, "host", faults);
    for (size_t i = 0; i < n; i++) {
        const char *pnic = nodes[i]->value;

        check_member_uplink(sw, member, nodes[i]->key, pnic, host_nics,
                            faults);
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(nodes[j]->value, pnic)) {
                dvs_faults_add(faults, "InvalidArgument", "uplinks",
                               "NIC \"%s\" is in both uplink \"%s\" and "
                               "uplink \"%s\"", pnic, nodes[j]->key,
                               nodes[i]->key);
                break;
            }
        }
    }
    free(nodes);
    check_member_lags(sw, member, faults);

    check_range("ring", member->ring, 0, DVS_RING_MAX, faults);
    if (member->ring > 1) {
        dvs_faults_add(faults, "NotSupported", "ring",
                       "only rings 0 and 1 are supported");
    }
    check_not_supported(&member->not_supported, faults);
}

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

/* PURE: life cycle of the model's objects, and the names that follow from
 * other names.
 *
 * Not for: settings (dvs-setting.c), what is valid (dvs-validate.c). */

#include <config.h>

#include "schema/dvs-model.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "util.h"

/* Initializes 's' as a new switch: strings NULL, no uplinks, everything else
 * at its default. */
void
dvs_switch_init(struct dvs_switch *s)
{
    memset(s, 0, sizeof *s);
    smap_init(&s->contact);
    svec_init(&s->uplinks);
    svec_init(&s->merged);
    s->mtu = DVS_MTU_DEFAULT;
    s->reservation_ratio = DVS_RESERVATION_RATIO_DEFAULT;
    dvs_classes_init(&s->classes);
    smap_init(&s->not_supported);
    dvs_pvlans_init(&s->pvlans);
    dvs_lags_init(&s->lags);
    dvs_pools_init(&s->pools);
    dvs_setting_init(&s->setting);
}

/* Frees what 's' owns, but not 's' itself. */
void
dvs_switch_destroy(struct dvs_switch *s)
{
    if (s) {
        free(s->name);
        free(s->version);
        svec_destroy(&s->merged);
        free(s->description);
        smap_destroy(&s->contact);
        svec_destroy(&s->uplinks);
        free(s->bridge_name);
        free(s->datapath_type);
        smap_destroy(&s->not_supported);
        dvs_pvlans_destroy(&s->pvlans);
        dvs_lags_destroy(&s->lags);
        dvs_pools_destroy(&s->pools);
        dvs_setting_destroy(&s->setting);
    }
}

/* Returns true if each host of 's' has an uplink port called 'name': it is an
 * uplink, or a port of a LAG. */
bool
dvs_switch_has_uplink(const struct dvs_switch *s, const char *name)
{
    int index;

    return (svec_contains_unsorted(&s->uplinks, name)
            || dvs_lags_find_port(&s->lags, name, &index));
}

/* Initializes 'names' with the names of the uplink ports that each host of 's'
 * has: the uplinks, then the ports of the LAGs. */
void
dvs_switch_uplinks(const struct dvs_switch *s, struct svec *names)
{
    svec_clone(names, &s->uplinks);
    dvs_lags_port_names(&s->lags, names);
}

/* Initializes 'pg' as a new portgroup: strings NULL, no ports, everything
 * else at its default (in vSphere's DVPortgroupPolicy, a port may override
 * whether it is blocked, and loses its own settings when its NIC leaves). */
void
dvs_portgroup_init(struct dvs_portgroup *pg)
{
    memset(pg, 0, sizeof *pg);
    pg->type = DVS_EARLY_BINDING;
    pg->overrides = UINT32_C(1) << DVS_OV_BLOCK;
    pg->reset_at_disconnect = true;
    smap_init(&pg->not_supported);
    dvs_setting_init(&pg->setting);
}

/* Frees what 'pg' owns, but not 'pg' itself. */
void
dvs_portgroup_destroy(struct dvs_portgroup *pg)
{
    if (pg) {
        free(pg->name);
        free(pg->description);
        free(pg->port_name_format);
        smap_destroy(&pg->not_supported);
        dvs_setting_destroy(&pg->setting);
    }
}

/* Initializes 'port' as a port that overrides nothing, strings NULL. */
void
dvs_port_init(struct dvs_port *port)
{
    memset(port, 0, sizeof *port);
    smap_init(&port->not_supported);
    dvs_setting_init(&port->setting);
}

/* Frees what 'port' owns, but not 'port' itself. */
void
dvs_port_destroy(struct dvs_port *port)
{
    if (port) {
        free(port->key);
        free(port->name);
        free(port->description);
        smap_destroy(&port->not_supported);
        dvs_setting_destroy(&port->setting);
    }
}

/* Initializes 'member' as a host without NICs in the switch, in ring 0. */
void
dvs_member_init(struct dvs_member *member)
{
    memset(member, 0, sizeof *member);
    smap_init(&member->uplinks);
    member->max_ports = -1;
    smap_init(&member->not_supported);
}

/* Frees what 'member' owns, but not 'member' itself. */
void
dvs_member_destroy(struct dvs_member *member)
{
    if (member) {
        free(member->host);
        smap_destroy(&member->uplinks);
        smap_destroy(&member->not_supported);
    }
}

static const char *const type_words[] = {
    [DVS_EARLY_BINDING] = "early_binding",
    [DVS_LATE_BINDING] = "late_binding",
    [DVS_EPHEMERAL] = "ephemeral",
};

/* Returns the word for 'type' in column Portgroup.type. */
const char *
dvs_portgroup_type_to_string(enum dvs_portgroup_type type)
{
    ovs_assert(type < ARRAY_SIZE(type_words));
    return type_words[type];
}

/* Stores the type that 'word' names in '*typep' and returns true; returns
 * false if there is none of that name. */
bool
dvs_portgroup_type_from_string(const char *word,
                               enum dvs_portgroup_type *typep)
{
    for (int i = 0; i < ARRAY_SIZE(type_words); i++) {
        if (!strcmp(word, type_words[i])) {
            *typep = i;
            return true;
        }
    }
    return false;
}

/* FNV-1a.  Names of bridges must not depend on how libopenvswitch was
 * compiled, as its own hash functions do. */
static uint32_t
stable_hash(const char *s)
{
    uint32_t hash = UINT32_C(2166136261);

    for (; *s; s++) {
        hash = (hash ^ (uint8_t) *s) * UINT32_C(16777619);
    }
    return hash;
}

/* Returns the name of the bridge of a switch that is given none, a valid name
 * of a network device: the switch's own name, if it can be one, otherwise
 * what can be kept of it and a hash.  The caller must free it. */
char *
dvs_bridge_name_from_switch(const char *name)
{
    /* The kernel's own devices and sysctl directories, and the devices of
     * Open vSwitch's datapaths. */
    static const char *const reserved[] = {
        "all", "default", "lo", "ovs-netdev", "ovs-system",
    };
    char bridge[DVS_BRIDGE_NAME_MAX + 1];
    bool usable = (name[0] && strlen(name) <= DVS_BRIDGE_NAME_MAX
                   && isalnum((unsigned char) name[0]));

    for (const char *p = name; *p; p++) {
        usable = usable && (isalnum((unsigned char) *p) || strchr("._-", *p));
    }
    for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
        usable = usable && strcmp(name, reserved[i]);
    }
    if (usable) {
        return xstrdup(name);
    }

    /* "dvs-" keeps the first character a letter and the name off the
     * reserved ones. */
    size_t n = strlen("dvs-");
    memcpy(bridge, "dvs-", n);
    for (const char *p = name; *p && n < DVS_BRIDGE_NAME_MAX - 7; p++) {
        if (isalnum((unsigned char) *p)) {
            bridge[n++] = *p;
        }
    }
    snprintf(&bridge[n], sizeof bridge - n, "-%06"PRIx32,
             stable_hash(name) & 0xffffff);
    return xstrdup(bridge);
}

/* Returns the first 'n' characters of 'name', which the caller must free. */
char *
dvs_name_shorten(const char *name, size_t n)
{
    const char *p = name;

    /* Count characters, not bytes: 10xxxxxx continues one in UTF-8. */
    for (; *p; p++) {
        if ((*p & 0xc0) != 0x80 && !n--) {
            break;
        }
    }
    return xmemdup0(name, p - name);
}

/* Returns the name of the uplink portgroup that is made without being asked
 * for switch 'name', of which it keeps as much as the limit on names allows.
 * The caller must free it. */
char *
dvs_uplink_portgroup_name(const char *name)
{
    char *stem = dvs_name_shorten(
        name, DVS_NAME_MAX - strlen(DVS_UPLINK_PORTGROUP_SUFFIX));
    char *whole = xasprintf("%s%s", stem, DVS_UPLINK_PORTGROUP_SUFFIX);

    free(stem);
    return whole;
}

/* Returns the name that a port gets from its portgroup's 'format' (vSphere's
 * DVPortgroupConfigSpec.portNameFormat), in which the tags <dvsName>,
 * <portgroupName> and <portIndex> stand for the other arguments.  A tag whose
 * argument is NULL expands to nothing, an unknown tag and a tag behind a
 * backslash are literal.  If 'format' is NULL, the name is empty.  The caller
 * must free it. */
char *
dvs_port_name_from_format(const char *format, const char *switch_name,
                          const char *portgroup_name, const char *port_index)
{
    const struct {
        const char *tag;
        const char *value;
    } tags[] = {
        { "<dvsName>", switch_name },
        { "<portgroupName>", portgroup_name },
        { "<portIndex>", port_index },
    };
    struct ds name = DS_EMPTY_INITIALIZER;

    while (format && *format) {
        bool literal = format[0] == '\\';
        size_t i;

        for (i = 0; i < ARRAY_SIZE(tags); i++) {
            size_t length = strlen(tags[i].tag);

            if (!strncmp(format + literal, tags[i].tag, length)) {
                if (literal) {
                    ds_put_cstr(&name, tags[i].tag);
                } else if (tags[i].value) {
                    ds_put_cstr(&name, tags[i].value);
                }
                format += literal + length;
                break;
            }
        }
        if (i >= ARRAY_SIZE(tags)) {
            ds_put_char(&name, *format++);
        }
    }
    return ds_steal_cstr(&name);
}

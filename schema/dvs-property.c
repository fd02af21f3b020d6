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

/* PURE: the table of properties, and what can be done with one property.
 *
 * Not for: whole settings (dvs-setting.c), their text (dvs-setting-text.c). */

#include <config.h>

#include "schema/dvs-property.h"

#include <string.h>

#include "schema/dvs-limits.h"
#include "util.h"

/* STORAGE_<NAME> says how the property is stored and what its default is.
 * The defaults are those of a new switch in vSphere: nothing tagged, security
 * all "reject", notify and failback on; MAC learning, once it is on, with its
 * greatest limit and with flooding. */
#define STORED(KIND, MEMBER)                                            \
    .kind = DVS_K_##KIND, .offset = offsetof(struct dvs_setting, MEMBER)
#define BOOL(MEMBER, FALSE_WORD, TRUE_WORD, DEFAULT)                    \
    STORED(BOOL, MEMBER), .words = { FALSE_WORD, TRUE_WORD },           \
    .default_ = DEFAULT

#define STORAGE_BLOCKED      BOOL(blocked, "no", "yes", false)
#define STORAGE_VLAN         STORED(VLAN, vlan)
#define STORAGE_COS          STORED(MARK, cos), .max = DVS_COS_MAX,     \
                             .default_ = DVS_MARK_NONE
#define STORAGE_DSCP         STORED(MARK, dscp), .max = DVS_DSCP_MAX,   \
                             .default_ = DVS_MARK_NONE
#define STORAGE_TEAMING      STORED(TEAMING, teaming),                  \
                             .default_ = DVS_TEAMING_ORIGINATING_PORT
#define STORAGE_UPLINK_ORDER STORED(ORDER, active)
#define STORAGE_NOTIFY       BOOL(notify, "no", "yes", true)
#define STORAGE_FAILBACK     BOOL(failback, "no", "yes", true)
#define STORAGE_BEACON       BOOL(beacon, "no", "yes", false)
#define STORAGE_REVERSE_FILTER BOOL(reverse_filter, "no", "yes", true)
#define STORAGE_PROMISCUOUS  BOOL(promiscuous, "reject", "accept", false)
#define STORAGE_MAC_CHANGES  BOOL(mac_changes, "reject", "accept", false)
#define STORAGE_FORGED_TRANSMITS                                        \
    BOOL(forged_transmits, "reject", "accept", false)
#define STORAGE_MAC_LEARNING BOOL(mac_learning, "no", "yes", false)
#define STORAGE_MAC_LIMIT    STORED(UINT16, mac_limit),                 \
                             .max = DVS_MAC_LIMIT_MAX,                  \
                             .default_ = DVS_MAC_LIMIT_MAX
#define STORAGE_MAC_LIMIT_POLICY BOOL(mac_limit_allow, "drop", "allow", false)
#define STORAGE_UNICAST_FLOODING BOOL(unicast_flooding, "no", "yes", true)
#define STORAGE_SHAPE_IN     STORED(SHAPING, shape_in)
#define STORAGE_SHAPE_OUT    STORED(SHAPING, shape_out)
#define STORAGE_IPFIX        BOOL(ipfix, "no", "yes", false)
#define STORAGE_TX_UPLINK    BOOL(tx_uplink, "no", "yes", false)
#define STORAGE_FILTER       BOOL(filter, "no", "yes", false)
#define STORAGE_RULES        STORED(SMAP, rules), .prefix = "rule."
#define STORAGE_POOL         STORED(POOL, pool)
#define STORAGE_VENDOR       STORED(SMAP, vendor), .prefix = "vendor."

static const struct dvs_property_class classes[DVS_N_PROPERTIES] = {
#define DVS_PROPERTY(NAME, KEY, OVERRIDE, SUPPORTED)                    \
    [DVS_P_##NAME] = { .key = KEY, .override = DVS_OV_##OVERRIDE,       \
                       .supported = SUPPORTED, STORAGE_##NAME },
    DVS_PROPERTIES
#undef DVS_PROPERTY
};

/* Returns what is known of property 'p': its names, its kind, its place in
 * struct dvs_setting. */
const struct dvs_property_class *
dvs_property_class(enum dvs_property p)
{
    ovs_assert(p < DVS_N_PROPERTIES);
    return &classes[p];
}

/* Returns where 's' stores property 'p'; the type follows from its kind. */
void *
dvs_property_value(struct dvs_setting *s, enum dvs_property p)
{
    return (char *) s + dvs_property_class(p)->offset;
}

/* Likewise, to read it. */
const void *
dvs_property_value_const(const struct dvs_setting *s, enum dvs_property p)
{
    return (const char *) s + dvs_property_class(p)->offset;
}

/* Like svec_equal(), for lists that are not sorted. */
static bool
names_equal(const struct svec *a, const struct svec *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (strcmp(a->names[i], b->names[i])) {
            return false;
        }
    }
    return true;
}

static bool
vlan_equal(const struct dvs_vlan *a, const struct dvs_vlan *b)
{
    if (a->mode != b->mode) {
        return false;
    }

    switch (a->mode) {
    case DVS_VLAN_NONE:
        return true;
    case DVS_VLAN_ACCESS:
    case DVS_VLAN_PRIVATE:
        return a->id == b->id;
    case DVS_VLAN_TRUNK:
        return (a->n_trunks == b->n_trunks
                && (!a->n_trunks
                    || !memcmp(a->trunks, b->trunks,
                               a->n_trunks * sizeof *a->trunks)));
    default:
        OVS_NOT_REACHED();
    }
}

/* The rates of a direction that is not shaped mean nothing. */
static bool
shaping_equal(const struct dvs_shaping *a, const struct dvs_shaping *b)
{
    return (a->enabled == b->enabled
            && (!a->enabled
                || (a->average == b->average
                    && a->peak == b->peak
                    && a->burst == b->burst)));
}

/* Whether 'a' and 'b' have the same value of 'p', whose bit must be present
 * in both. */
bool
dvs_property_equal(const struct dvs_setting *a, const struct dvs_setting *b,
                   enum dvs_property p)
{
    const void *va = dvs_property_value_const(a, p);
    const void *vb = dvs_property_value_const(b, p);

    switch (dvs_property_class(p)->kind) {
    case DVS_K_BOOL:
        return *(const bool *) va == *(const bool *) vb;
    case DVS_K_MARK:
        return *(const uint8_t *) va == *(const uint8_t *) vb;
    case DVS_K_UINT16:
        return *(const uint16_t *) va == *(const uint16_t *) vb;
    case DVS_K_TEAMING:
        return a->teaming == b->teaming;
    case DVS_K_VLAN:
        return vlan_equal(va, vb);
    case DVS_K_ORDER:
        return (names_equal(&a->active, &b->active)
                && names_equal(&a->standby, &b->standby));
    case DVS_K_SHAPING:
        return shaping_equal(va, vb);
    case DVS_K_POOL:
        return nullable_string_is_equal(a->pool, b->pool);
    case DVS_K_SMAP:
        return smap_equal(va, vb);
    default:
        OVS_NOT_REACHED();
    }
}

/* Copies the value of 'p', whose bit must be present in 'src', and marks it
 * present in 'dst'.  'dst' must not be 'src'. */
void
dvs_property_copy(struct dvs_setting *dst, const struct dvs_setting *src,
                  enum dvs_property p)
{
    dvs_property_reset(dst, p);
    dst->present |= UINT64_C(1) << p;

    void *to = dvs_property_value(dst, p);
    const void *from = dvs_property_value_const(src, p);

    switch (dvs_property_class(p)->kind) {
    case DVS_K_BOOL:
        *(bool *) to = *(const bool *) from;
        break;
    case DVS_K_MARK:
        *(uint8_t *) to = *(const uint8_t *) from;
        break;
    case DVS_K_UINT16:
        *(uint16_t *) to = *(const uint16_t *) from;
        break;
    case DVS_K_TEAMING:
        dst->teaming = src->teaming;
        break;
    case DVS_K_VLAN:
        dst->vlan = src->vlan;
        dst->vlan.trunks = src->vlan.n_trunks
            ? xmemdup(src->vlan.trunks,
                      src->vlan.n_trunks * sizeof *src->vlan.trunks)
            : NULL;
        break;
    case DVS_K_ORDER:
        svec_append(&dst->active, &src->active);
        svec_append(&dst->standby, &src->standby);
        break;
    case DVS_K_SHAPING:
        *(struct dvs_shaping *) to = *(const struct dvs_shaping *) from;
        break;
    case DVS_K_POOL:
        dst->pool = nullable_xstrdup(src->pool);
        break;
    case DVS_K_SMAP: {
        const struct smap_node *node;
        SMAP_FOR_EACH (node, (const struct smap *) from) {
            smap_add(to, node->key, node->value);
        }
        break;
    }
    default:
        OVS_NOT_REACHED();
    }
}

/* Makes 'p' absent from 's' and frees its value. */
void
dvs_property_reset(struct dvs_setting *s, enum dvs_property p)
{
    void *value = dvs_property_value(s, p);

    s->present &= ~(UINT64_C(1) << p);
    switch (dvs_property_class(p)->kind) {
    case DVS_K_BOOL:
        *(bool *) value = false;
        break;
    case DVS_K_MARK:
        *(uint8_t *) value = 0;
        break;
    case DVS_K_UINT16:
        *(uint16_t *) value = 0;
        break;
    case DVS_K_TEAMING:
        s->teaming = DVS_TEAMING_ORIGINATING_PORT;
        break;
    case DVS_K_VLAN:
        free(s->vlan.trunks);
        memset(&s->vlan, 0, sizeof s->vlan);
        break;
    case DVS_K_ORDER:
        svec_clear(&s->active);
        svec_clear(&s->standby);
        break;
    case DVS_K_SHAPING:
        memset(value, 0, sizeof(struct dvs_shaping));
        break;
    case DVS_K_POOL:
        free(s->pool);
        s->pool = NULL;
        break;
    case DVS_K_SMAP:
        smap_clear(value);
        break;
    default:
        OVS_NOT_REACHED();
    }
}

/* Returns the key of 'p' in the text form; of "rules" and "vendor", which
 * have a key for each entry, the name that stands for all of them. */
const char *
dvs_property_key(enum dvs_property p)
{
    return dvs_property_class(p)->key;
}

/* Returns the permission that a port needs to override 'p', DVS_OV_NONE if
 * no permission is enough. */
enum dvs_override
dvs_property_override(enum dvs_property p)
{
    return dvs_property_class(p)->override;
}

/* Whether this release carries out 'p'. */
bool
dvs_property_supported(enum dvs_property p)
{
    return dvs_property_class(p)->supported;
}

static const char *const override_words[DVS_N_OVERRIDES] = {
#define DVS_OVERRIDE(NAME, WORD) WORD,
    DVS_OVERRIDES
#undef DVS_OVERRIDE
};

/* Returns the word for 'ov' in column Portgroup.override_allowed. */
const char *
dvs_override_to_string(enum dvs_override ov)
{
    return ov < DVS_N_OVERRIDES ? override_words[ov] : "none";
}

/* Stores the permission that 'word' names in '*ovp' and returns true; returns
 * false if there is none of that name ("none" is not the name of one). */
bool
dvs_override_from_string(const char *word, enum dvs_override *ovp)
{
    for (enum dvs_override ov = 0; ov < DVS_N_OVERRIDES; ov++) {
        if (!strcmp(word, override_words[ov])) {
            *ovp = ov;
            return true;
        }
    }
    return false;
}

/* Returns the properties that a port may override under the permissions in
 * 'overrides' (1u << enum dvs_override of each).  UINT32_MAX gives what a
 * standalone port may have: all that makes sense for a port. */
uint64_t
dvs_override_mask(uint32_t overrides)
{
    uint64_t mask = 0;

    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
        enum dvs_override ov = dvs_property_override(p);
        if (ov != DVS_OV_NONE && overrides & (UINT32_C(1) << ov)) {
            mask |= UINT64_C(1) << p;
        }
    }
    return mask;
}

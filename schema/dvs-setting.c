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

/* PURE: life cycle and inheritance of settings.
 *
 * Not for: single properties (dvs-property.c), the text form
 * (dvs-setting-text.c), what is valid (dvs-validate.c). */

#include <config.h>

#include "schema/dvs-setting.h"

#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-property.h"
#include "util.h"

/* Initializes 's' as a setting with no explicit property. */
void
dvs_setting_init(struct dvs_setting *s)
{
    memset(s, 0, sizeof *s);
    svec_init(&s->active);
    svec_init(&s->standby);
    smap_init(&s->rules);
    smap_init(&s->vendor);
}

/* Frees what 's' owns, but not 's' itself. */
void
dvs_setting_destroy(struct dvs_setting *s)
{
    if (s) {
        dvs_setting_clear(s, DVS_ALL_PROPERTIES);
        svec_destroy(&s->active);
        svec_destroy(&s->standby);
        smap_destroy(&s->rules);
        smap_destroy(&s->vendor);
    }
}

/* Initializes 'dst' as a copy of 'src'. */
void
dvs_setting_clone(struct dvs_setting *dst, const struct dvs_setting *src)
{
    dvs_setting_init(dst);
    dvs_setting_overlay(dst, src, DVS_ALL_PROPERTIES);
}

/* Whether the same properties are explicit in 'a' and 'b', with the same
 * values.  Uplinks compare in order. */
bool
dvs_setting_equal(const struct dvs_setting *a, const struct dvs_setting *b)
{
    enum dvs_property p;

    if (a->present != b->present) {
        return false;
    }
    DVS_PROPERTY_FOR_EACH (p, a->present) {
        if (!dvs_property_equal(a, b, p)) {
            return false;
        }
    }
    return true;
}

/* Initializes 's' as what a switch starts from: every property explicit, with
 * vSphere's defaults (see dvs-property.c), and all of 'uplinks' active, in
 * their order.  'uplinks' may be NULL for none. */
void
dvs_setting_defaults(struct dvs_setting *s, const struct svec *uplinks)
{
    enum dvs_property p;

    dvs_setting_init(s);
    s->present = DVS_ALL_PROPERTIES;
    DVS_PROPERTY_FOR_EACH (p, DVS_ALL_PROPERTIES) {
        const struct dvs_property_class *class = dvs_property_class(p);
        void *value = dvs_property_value(s, p);

        switch (class->kind) {
        case DVS_K_BOOL:
            *(bool *) value = class->default_;
            break;
        case DVS_K_MARK:
            *(uint8_t *) value = class->default_;
            break;
        case DVS_K_UINT16:
            *(uint16_t *) value = class->default_;
            break;
        case DVS_K_TEAMING:
            s->teaming = class->default_;
            break;
        case DVS_K_ORDER:
            if (uplinks) {
                svec_append(&s->active, uplinks);
            }
            break;
        case DVS_K_VLAN:
        case DVS_K_SHAPING:
        case DVS_K_POOL:
        case DVS_K_SMAP:
            /* No VLAN, no shaping, no pool, no entries: all zero. */
            break;
        default:
            OVS_NOT_REACHED();
        }
    }
}

/* Adds the rules of 'src' to those of 'dst'.  As in vSphere, what a level has
 * and what it inherits are both in force, and of two rules with the same key
 * (here, the sequence number) that of the lower level. */
static void
overlay_rules(struct dvs_setting *dst, const struct dvs_setting *src)
{
    const struct smap_node *node;

    dst->present |= DVS_BIT(RULES);
    SMAP_FOR_EACH (node, &src->rules) {
        smap_replace(&dst->rules, node->key, node->value);
    }
}

/* Sets in 'dst' each property that is explicit in 'src' and in 'mask'; the
 * others stay as they are.  'dst' must not be 'src'. */
void
dvs_setting_overlay(struct dvs_setting *dst, const struct dvs_setting *src,
                    uint64_t mask)
{
    enum dvs_property p;

    DVS_PROPERTY_FOR_EACH (p, src->present & mask) {
        if (p == DVS_P_RULES && dst->present & DVS_BIT(RULES)) {
            overlay_rules(dst, src);
        } else {
            dvs_property_copy(dst, src, p);
        }
    }
}

/* Makes the properties in 'mask' inherited again. */
void
dvs_setting_clear(struct dvs_setting *s, uint64_t mask)
{
    enum dvs_property p;

    DVS_PROPERTY_FOR_EACH (p, DVS_ALL_PROPERTIES & mask) {
        dvs_property_reset(s, p);
    }
}

static void
apply_level(struct dvs_setting *dst, const struct dvs_setting *src,
            uint64_t mask, enum dvs_origin origin,
            enum dvs_origin origins[DVS_N_PROPERTIES])
{
    if (!src) {
        return;
    }

    dvs_setting_overlay(dst, src, mask);
    if (origins) {
        enum dvs_property p;

        DVS_PROPERTY_FOR_EACH (p, src->present & mask) {
            origins[p] = origin;
        }
    }
}

/* Initializes 'dst' as the effective setting at the end of the chain
 *
 *     defaults (with the switch's 'uplinks') <- 'switch_' <- 'portgroup'
 *         <- 'port'
 *
 * in which each property comes from the last level that has it explicitly
 * (vSphere's InheritablePolicy).  From 'port' only what the portgroup's
 * 'overrides' permit is taken.  'portgroup' is NULL for a standalone port,
 * which is free to override; 'port' is NULL for the effective setting of the
 * portgroup or switch; 'switch_' may be NULL too.  'inherits' says which
 * properties the switch gives: DVS_ALL_PROPERTIES or, to an uplink portgroup,
 * DVS_UPLINK_INHERITS.
 *
 * If 'origins' is nonnull, stores in it where each property comes from. */
void
dvs_setting_effective(struct dvs_setting *dst, const struct svec *uplinks,
                      const struct dvs_setting *switch_, uint64_t inherits,
                      const struct dvs_setting *portgroup, uint32_t overrides,
                      const struct dvs_setting *port,
                      enum dvs_origin origins[DVS_N_PROPERTIES])
{
    dvs_setting_defaults(dst, uplinks);
    for (int p = 0; origins && p < DVS_N_PROPERTIES; p++) {
        origins[p] = DVS_FROM_DEFAULT;
    }

    apply_level(dst, switch_, inherits, DVS_FROM_SWITCH, origins);
    apply_level(dst, portgroup, DVS_ALL_PROPERTIES, DVS_FROM_PORTGROUP,
                origins);
    apply_level(dst, port,
                dvs_override_mask(portgroup ? overrides : UINT32_MAX),
                DVS_FROM_PORT, origins);
}

/* Returns the word for 'origin', as in "from portgroup". */
const char *
dvs_origin_to_string(enum dvs_origin origin)
{
    switch (origin) {
    case DVS_FROM_DEFAULT:
        return "default";
    case DVS_FROM_SWITCH:
        return "switch";
    case DVS_FROM_PORTGROUP:
        return "portgroup";
    case DVS_FROM_PORT:
        return "port";
    default:
        OVS_NOT_REACHED();
    }
}

/* Adds VLANs 'start' to 'end', inclusive, to the trunk 'vlan', whose ranges
 * stay sorted and as few as possible: vSphere lets ranges overlap, but what
 * is carried is what counts. */
void
dvs_vlan_add_trunk(struct dvs_vlan *vlan, uint16_t start, uint16_t end)
{
    ovs_assert(start <= end && end <= DVS_VLAN_MAX);

    /* Ranges [first, last) touch or overlap the new one. */
    size_t first = 0;
    while (first < vlan->n_trunks && vlan->trunks[first].end + 1 < start) {
        first++;
    }
    size_t last = first;
    while (last < vlan->n_trunks && vlan->trunks[last].start <= end + 1) {
        start = MIN(start, vlan->trunks[last].start);
        end = MAX(end, vlan->trunks[last].end);
        last++;
    }

    size_t n_after = vlan->n_trunks - last;
    if (first == last) {
        vlan->trunks = xrealloc(vlan->trunks, (vlan->n_trunks + 1)
                                              * sizeof *vlan->trunks);
    }
    memmove(&vlan->trunks[first + 1], &vlan->trunks[last],
            n_after * sizeof *vlan->trunks);
    vlan->trunks[first] = (struct dvs_range) { .start = start, .end = end };
    vlan->n_trunks = first + 1 + n_after;
}

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

/* PURE: the private VLAN map of a switch.  See dvs-pvlan.h.
 *
 * Not for who may talk to whom: that follows from the ids on the wire
 * (ovs-bridge/pipeline/port-vlans.c). */

#include <config.h>

#include "schema/dvs-pvlan.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "util.h"

/* Keys of Proxy_Switch.config: this and the secondary id. */
#define CONFIG_PREFIX "pvlan:"

static const char *const types[] = {
    [DVS_PVLAN_PROMISCUOUS] = "promiscuous",
    [DVS_PVLAN_ISOLATED] = "isolated",
    [DVS_PVLAN_COMMUNITY] = "community",
};

/* Returns the word for 'type', as in column Private_VLAN.type. */
const char *
dvs_pvlan_type_to_string(enum dvs_pvlan_type type)
{
    return types[type];
}

/* Stores in '*type' what 's' is the word for; returns false if for none. */
bool
dvs_pvlan_type_from_string(const char *s, enum dvs_pvlan_type *type)
{
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        if (!strcmp(s, types[i])) {
            *type = i;
            return true;
        }
    }
    return false;
}

/* Initializes 'pvlans' as an empty map. */
void
dvs_pvlans_init(struct dvs_pvlans *pvlans)
{
    *pvlans = (struct dvs_pvlans) { .n = 0 };
}

/* Frees the entries of 'pvlans', but not 'pvlans' itself. */
void
dvs_pvlans_destroy(struct dvs_pvlans *pvlans)
{
    free(pvlans->entries);
}

/* Adds a copy of 'entry'.  An entry with the same secondary id stays, if there
 * is one: the database allows none. */
void
dvs_pvlans_add(struct dvs_pvlans *pvlans, const struct dvs_pvlan *entry)
{
    size_t i;

    if (dvs_pvlans_find(pvlans, entry->secondary)) {
        return;
    }
    if (pvlans->n >= pvlans->allocated) {
        pvlans->entries = x2nrealloc(pvlans->entries, &pvlans->allocated,
                                     sizeof *pvlans->entries);
    }
    for (i = pvlans->n++; i > 0; i--) {
        if (pvlans->entries[i - 1].secondary < entry->secondary) {
            break;
        }
        pvlans->entries[i] = pvlans->entries[i - 1];
    }
    pvlans->entries[i] = *entry;
}

/* Returns the entry with secondary id 'secondary', or NULL. */
const struct dvs_pvlan *
dvs_pvlans_find(const struct dvs_pvlans *pvlans, uint16_t secondary)
{
    for (size_t i = 0; i < pvlans->n; i++) {
        if (pvlans->entries[i].secondary == secondary) {
            return &pvlans->entries[i];
        }
    }
    return NULL;
}

/* Returns true if 'a' and 'b' say the same. */
bool
dvs_pvlan_equal(const struct dvs_pvlan *a, const struct dvs_pvlan *b)
{
    return (a->primary == b->primary && a->secondary == b->secondary
            && a->type == b->type);
}

/* Adds to 'faults' what is wrong with 'entry', which is one of 'pvlans'.
 *
 * Of two isolated VLANs in one primary VLAN, that with the lower id stands. */
void
dvs_pvlans_validate(const struct dvs_pvlans *pvlans,
                    const struct dvs_pvlan *entry, struct dvs_faults *faults)
{
    bool is_primary = entry->primary == entry->secondary;

    if (is_primary != (entry->type == DVS_PVLAN_PROMISCUOUS)) {
        dvs_faults_add(faults, "InvalidArgument", "type",
                       is_primary
                       ? "the entry of primary VLAN %d must be promiscuous"
                       : "secondary VLAN %d must be isolated or community",
                       entry->secondary);
    }
    if (is_primary) {
        return;
    }

    const struct dvs_pvlan *primary = dvs_pvlans_find(pvlans, entry->primary);
    if (!primary || primary->primary != primary->secondary
        || primary->type != DVS_PVLAN_PROMISCUOUS) {
        dvs_faults_add(faults, "NotFound", "primary",
                       "there is no entry of primary VLAN %d",
                       entry->primary);
    }
    for (size_t i = 0; i < pvlans->n; i++) {
        const struct dvs_pvlan *other = &pvlans->entries[i];

        if (entry->type == DVS_PVLAN_ISOLATED && other->type == entry->type
            && other->primary == entry->primary
            && other->primary != other->secondary
            && other->secondary < entry->secondary) {
            dvs_faults_add(faults, "InvalidArgument", "type",
                           "primary VLAN %d already has isolated VLAN %d",
                           entry->primary, other->secondary);
            break;
        }
    }
}

/* Removes from 'pvlans' all entries that are not valid. */
void
dvs_pvlans_remove_faulty(struct dvs_pvlans *pvlans)
{
    struct dvs_pvlans valid;

    dvs_pvlans_init(&valid);
    for (size_t i = 0; i < pvlans->n; i++) {
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        dvs_pvlans_validate(pvlans, &pvlans->entries[i], &faults);
        if (!faults.n) {
            dvs_pvlans_add(&valid, &pvlans->entries[i]);
        }
        dvs_faults_destroy(&faults);
    }
    dvs_pvlans_destroy(pvlans);
    *pvlans = valid;
}

/* Adds the text form of 'pvlans' to 'config': for each secondary VLAN, the
 * primary one and the type. */
void
dvs_pvlans_to_smap(const struct dvs_pvlans *pvlans, struct smap *config)
{
    for (size_t i = 0; i < pvlans->n; i++) {
        const struct dvs_pvlan *entry = &pvlans->entries[i];

        smap_add_nocopy(config,
                        xasprintf(CONFIG_PREFIX"%d", entry->secondary),
                        xasprintf("%d,%s", entry->primary,
                                  types[entry->type]));
    }
}

static bool
parse_id(const char *s, uint16_t *id)
{
    int n;

    if (!str_to_int(s, 10, &n) || n < 1 || n > DVS_VLAN_MAX) {
        return false;
    }
    *id = n;
    return true;
}

static bool
parse_entry(const char *key, const char *value, struct dvs_pvlan *entry)
{
    const char *comma = strchr(value, ',');
    char *primary = comma ? xmemdup0(value, comma - value) : NULL;
    bool ok = (comma && parse_id(key, &entry->secondary)
               && parse_id(primary, &entry->primary)
               && dvs_pvlan_type_from_string(comma + 1, &entry->type));

    free(primary);
    return ok;
}

/* Replaces 'pvlans' by what the text form in 'config' says; other keys are
 * passed over.  Returns NULL, or why it could not (then 'pvlans' is empty),
 * which the caller must free. */
char *
dvs_pvlans_from_smap(struct dvs_pvlans *pvlans, const struct smap *config)
{
    const struct smap_node *node;

    pvlans->n = 0;
    SMAP_FOR_EACH (node, config) {
        struct dvs_pvlan entry;

        if (strncmp(node->key, CONFIG_PREFIX, strlen(CONFIG_PREFIX))) {
            continue;
        }
        if (!parse_entry(node->key + strlen(CONFIG_PREFIX), node->value,
                         &entry)) {
            pvlans->n = 0;
            return xasprintf("\"%s=%s\" is no private VLAN", node->key,
                             node->value);
        }
        dvs_pvlans_add(pvlans, &entry);
    }
    return NULL;
}

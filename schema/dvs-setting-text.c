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

/* PURE: the text form of settings, a map of keys to values.
 *
 * The same keys and values are what "dvsctl set-policy" takes, what the
 * setting columns of proxy rows hold and what configuration documents and
 * the host cache keep.  Parsing is strict: what it does not know it refuses.
 * Formatting is canonical: equal settings have equal text.
 *
 * Not for: what a setting may contain on a given switch (dvs-validate.c). */

#include <config.h>

#include "schema/dvs-setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-number.h"
#include "schema/dvs-property.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* The second key of DVS_P_UPLINK_ORDER. */
#define STANDBY_KEY "standby"

static const char *const teaming_words[] = {
    [DVS_TEAMING_ORIGINATING_PORT] = "originating-port",
    [DVS_TEAMING_SOURCE_MAC] = "source-mac",
    [DVS_TEAMING_IP_HASH] = "ip-hash",
    [DVS_TEAMING_EXPLICIT] = "explicit",
    [DVS_TEAMING_LOAD] = "load",
};

/* Returns the word for teaming policy 'teaming'. */
const char *
dvs_teaming_to_string(enum dvs_teaming teaming)
{
    ovs_assert(teaming < ARRAY_SIZE(teaming_words));
    return teaming_words[teaming];
}

/* Values, a parser for each kind of property.  Each sets the value in 's' or
 * returns an error and leaves 's' as it was; the caller marks the property
 * present. */

static char * OVS_WARN_UNUSED_RESULT
parse_bool(struct dvs_setting *s, enum dvs_property p, const char *value)
{
    static const char *const generic[2][4] = {
        { "no", "false", "off", "0" },
        { "yes", "true", "on", "1" },
    };
    const struct dvs_property_class *class = dvs_property_class(p);
    bool *target = dvs_property_value(s, p);

    for (int i = 0; i < 2; i++) {
        if (!strcmp(value, class->words[i])) {
            *target = i;
            return NULL;
        }
        for (int j = 0; j < ARRAY_SIZE(generic[i]); j++) {
            if (!strcmp(value, generic[i][j]) && p != DVS_P_MAC_LIMIT_POLICY) {
                *target = i;
                return NULL;
            }
        }
    }
    return xasprintf("%s \"%s\" is not %s or %s", class->key, value,
                     class->words[1], class->words[0]);
}

static char * OVS_WARN_UNUSED_RESULT
parse_small(struct dvs_setting *s, enum dvs_property p, const char *value)
{
    const struct dvs_property_class *class = dvs_property_class(p);
    void *target = dvs_property_value(s, p);
    uint64_t number;
    char *error;

    if (class->kind == DVS_K_MARK && !strcmp(value, "none")) {
        *(uint8_t *) target = DVS_MARK_NONE;
        return NULL;
    }

    error = dvs_parse_number(class->key, value, 0, class->max, &number);
    if (error) {
        return error;
    }
    if (class->kind == DVS_K_MARK) {
        *(uint8_t *) target = number;
    } else {
        *(uint16_t *) target = number;
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
parse_teaming(struct dvs_setting *s, const char *value)
{
    for (int i = 0; i < ARRAY_SIZE(teaming_words); i++) {
        if (!strcmp(value, teaming_words[i])) {
            s->teaming = i;
            return NULL;
        }
    }

    struct ds ds = DS_EMPTY_INITIALIZER;
    ds_put_format(&ds, "teaming \"%s\" is not one of", value);
    for (int i = 0; i < ARRAY_SIZE(teaming_words); i++) {
        ds_put_format(&ds, "%s %s", i ? "," : "", teaming_words[i]);
    }
    return ds_steal_cstr(&ds);
}

/* Splits 'value' at commas and adds the parts to 'parts', which the caller
 * must have initialized.  An empty 'value' has no parts. */
static void
split_commas(const char *value, struct svec *parts)
{
    while (value[0]) {
        size_t n = strcspn(value, ",");

        svec_add_nocopy(parts, xmemdup0(value, n));
        if (!value[n]) {
            break;
        }
        value += n + 1;
        if (!value[0]) {
            svec_add(parts, "");
        }
    }
}

/* Parses "1-9,20" into the trunk 'vlan'. */
static char * OVS_WARN_UNUSED_RESULT
parse_trunk(struct dvs_vlan *vlan, const char *ranges)
{
    struct svec parts = SVEC_EMPTY_INITIALIZER;
    char *error = NULL;
    const char *part;
    size_t i;

    split_commas(ranges, &parts);
    if (!parts.n) {
        error = xstrdup("VLAN trunk names no VLAN");
    }
    SVEC_FOR_EACH (i, part, &parts) {
        uint64_t start, end;
        char *dash = strchr(part, '-');
        char *first = dash ? xmemdup0(part, dash - part) : xstrdup(part);

        error = dvs_parse_number("VLAN", first, 0, DVS_VLAN_MAX, &start);
        free(first);
        end = start;
        if (!error && dash) {
            error = dvs_parse_number("VLAN", dash + 1, 0, DVS_VLAN_MAX, &end);
        }
        if (!error && end < start) {
            error = xasprintf("VLAN range %s ends before it starts", part);
        }
        if (error) {
            break;
        }
        dvs_vlan_add_trunk(vlan, start, end);
    }
    svec_destroy(&parts);
    return error;
}

/* If '*sp' starts with 'prefix', moves '*sp' past it and returns true. */
static bool
skip_prefix(const char **sp, const char *prefix)
{
    size_t n = strlen(prefix);

    if (strncmp(*sp, prefix, n)) {
        return false;
    }
    *sp += n;
    return true;
}

static char * OVS_WARN_UNUSED_RESULT
parse_vlan(struct dvs_setting *s, const char *value)
{
    struct dvs_vlan vlan = { .mode = DVS_VLAN_NONE };
    const char *rest = value;
    uint64_t id = 0;
    char *error = NULL;

    if (!strcmp(value, "none")) {
        /* Nothing more to say. */
    } else if (skip_prefix(&rest, "trunk:")) {
        vlan.mode = DVS_VLAN_TRUNK;
        error = parse_trunk(&vlan, rest);
    } else if (skip_prefix(&rest, "private:")) {
        vlan.mode = DVS_VLAN_PRIVATE;
        error = dvs_parse_number("VLAN", rest, 1, DVS_VLAN_MAX, &id);
    } else if (value[0] >= '0' && value[0] <= '9') {
        /* vSphere's VLAN id 0 is "none". */
        error = dvs_parse_number("VLAN", value, 0, DVS_VLAN_MAX, &id);
        vlan.mode = id ? DVS_VLAN_ACCESS : DVS_VLAN_NONE;
    } else {
        error = xasprintf("vlan \"%s\" is not none, a number, trunk:RANGES "
                          "or private:ID", value);
    }

    if (error) {
        free(vlan.trunks);
    } else {
        vlan.id = id;
        free(s->vlan.trunks);
        s->vlan = vlan;
    }
    return error;
}

/* Parses 'value', the list under 'key' (active or standby).  The other list
 * stays as it is. */
static char * OVS_WARN_UNUSED_RESULT
parse_order(struct dvs_setting *s, const char *key, const char *value)
{
    struct svec *target = strcmp(key, STANDBY_KEY) ? &s->active : &s->standby;
    struct svec names = SVEC_EMPTY_INITIALIZER;
    char *error = NULL;

    split_commas(value, &names);
    if (names.n > DVS_TEAM_MAX) {
        error = xasprintf("%s has more than %d names", key, DVS_TEAM_MAX);
    }
    for (size_t i = 0; i < names.n && !error; i++) {
        if (!names.names[i][0]) {
            error = xasprintf("%s \"%s\" has an empty name", key, value);
        }
    }

    if (!error) {
        svec_swap(target, &names);
    }
    svec_destroy(&names);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
parse_shaping(struct dvs_setting *s, enum dvs_property p, const char *value)
{
    struct dvs_shaping *target = dvs_property_value(s, p);
    const char *key = dvs_property_key(p);
    struct dvs_shaping shaping = { .enabled = true };
    struct svec parts = SVEC_EMPTY_INITIALIZER;
    char *error = NULL;

    if (!strcmp(value, "off")) {
        *target = (struct dvs_shaping) { .enabled = false };
        return NULL;
    }

    split_commas(value, &parts);
    if (parts.n != 3) {
        error = xasprintf("%s \"%s\" is not off or AVERAGE,PEAK,BURST",
                          key, value);
    } else {
        struct {
            const char *name;
            unsigned int base;
            uint64_t *target;
        } fields[] = {
            { "average", 1000, &shaping.average },
            { "peak", 1000, &shaping.peak },
            { "burst", 1024, &shaping.burst },
        };

        for (int i = 0; i < ARRAY_SIZE(fields) && !error; i++) {
            char *what = xasprintf("%s %s", key, fields[i].name);
            error = dvs_parse_quantity(what, parts.names[i], fields[i].base,
                                       fields[i].target);
            free(what);
        }
        if (!error && shaping.peak < shaping.average) {
            error = xasprintf("%s peak %s is below average %s", key,
                              parts.names[1], parts.names[0]);
        }
    }
    svec_destroy(&parts);

    if (!error) {
        *target = shaping;
    }
    return error;
}

/* Adds the rule with number 'entry' and text 'value' to 'rules'. */
static char * OVS_WARN_UNUSED_RESULT
parse_rule(struct smap *rules, const char *entry, const char *value)
{
    struct dvs_rule rule;
    char *error;

    if (!value[0]) {
        return xasprintf("rule %s is empty", entry);
    }
    error = dvs_rule_parse(&rule, value);
    if (error) {
        char *message = xasprintf("rule %s: %s", entry, error);

        free(error);
        return message;
    }

    struct ds text = DS_EMPTY_INITIALIZER;
    dvs_rule_format(&rule, &text);
    smap_replace(rules, entry, ds_cstr(&text));
    ds_destroy(&text);
    dvs_rule_destroy(&rule);
    return NULL;
}

/* Adds the entry 'entry' (what follows the prefix in the key) with 'value',
 * or, if 'entry' is NULL, takes all entries away: "rules=none" says that there
 * are explicitly none. */
static char * OVS_WARN_UNUSED_RESULT
parse_entry(struct dvs_setting *s, enum dvs_property p, const char *entry,
            const char *value)
{
    const struct dvs_property_class *class = dvs_property_class(p);
    struct smap *smap = dvs_property_value(s, p);

    if (!entry) {
        if (strcmp(value, "none")) {
            return xasprintf("%s \"%s\" is not none (each has a key of its "
                             "own, %s...)", class->key, value, class->prefix);
        }
        smap_clear(smap);
        return NULL;
    }

    if (p == DVS_P_RULES) {
        uint64_t sequence;
        char *error;

        error = dvs_parse_number("rule", entry, 1, DVS_RULE_SEQUENCE_MAX,
                                 &sequence);
        if (error) {
            return error;
        }
        if (entry[0] == '0') {
            return xasprintf("rule %s starts with 0", entry);
        }
        return parse_rule(smap, entry, value);
    } else if (!entry[0]) {
        return xasprintf("key \"%s\" lacks a name after the dot",
                         class->prefix);
    }
    smap_replace(smap, entry, value);
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
parse_pool(struct dvs_setting *s, const char *value)
{
    if (!value[0]) {
        return xstrdup("pool is empty (none is no pool)");
    }
    free(s->pool);
    s->pool = strcmp(value, "none") ? xstrdup(value) : NULL;
    return NULL;
}

/* Finds the property that 'key' belongs to.  If the key is of one entry of a
 * map, points '*entryp' to the entry's name in 'key', otherwise to NULL. */
static bool
find_key(const char *key, enum dvs_property *pp, const char **entryp)
{
    *entryp = NULL;
    if (!strcmp(key, STANDBY_KEY)) {
        *pp = DVS_P_UPLINK_ORDER;
        return true;
    }
    for (enum dvs_property p = 0; p < DVS_N_PROPERTIES; p++) {
        const struct dvs_property_class *class = dvs_property_class(p);

        if (!strcmp(key, class->key)) {
            *pp = p;
            return true;
        }
        if (class->prefix && skip_prefix(&key, class->prefix)) {
            *pp = p;
            *entryp = key;
            return true;
        }
    }
    return false;
}

/* Sets the property that 'key' names to 'value' and makes it explicit.
 * Returns NULL if successful, otherwise an error message that the caller must
 * free; then 's' is as it was.
 *
 * "active" and "standby" are one property: making one explicit makes the
 * other explicit too, as an empty list.  So are all "rule." and all "vendor."
 * keys, which add to the entries that are explicit already. */
char *
dvs_setting_set(struct dvs_setting *s, const char *key, const char *value)
{
    const char *entry;
    enum dvs_property p;
    char *error;

    if (!find_key(key, &p, &entry)) {
        return xasprintf("\"%s\" is not a policy key", key);
    }

    /* A value that is not explicit is meaningless and may not shine
     * through. */
    if (!(s->present & (UINT64_C(1) << p))) {
        dvs_property_reset(s, p);
    }

    switch (dvs_property_class(p)->kind) {
    case DVS_K_BOOL:
        error = parse_bool(s, p, value);
        break;
    case DVS_K_MARK:
    case DVS_K_UINT16:
        error = parse_small(s, p, value);
        break;
    case DVS_K_TEAMING:
        error = parse_teaming(s, value);
        break;
    case DVS_K_VLAN:
        error = parse_vlan(s, value);
        break;
    case DVS_K_ORDER:
        error = parse_order(s, key, value);
        break;
    case DVS_K_SHAPING:
        error = parse_shaping(s, p, value);
        break;
    case DVS_K_POOL:
        error = parse_pool(s, value);
        break;
    case DVS_K_SMAP:
        error = parse_entry(s, p, entry, value);
        break;
    default:
        OVS_NOT_REACHED();
    }
    if (!error) {
        s->present |= UINT64_C(1) << p;
    }
    return error;
}

/* Stores in '*maskp' the bit of the property that 'key' belongs to, for
 * commands such as "clear-policy".  Returns NULL if successful, otherwise an
 * error message that the caller must free.
 *
 * Properties are inherited whole, so "standby" stands for the whole uplink
 * order, and "rule.10" for all rules. */
char *
dvs_setting_key_mask(const char *key, uint64_t *maskp)
{
    const char *entry;
    enum dvs_property p;

    *maskp = 0;
    if (!find_key(key, &p, &entry)) {
        return xasprintf("\"%s\" is not a policy key", key);
    }
    *maskp = UINT64_C(1) << p;
    return NULL;
}

/* Appends the text of 'vlan' to 'ds', e.g. "trunk:1-9,20". */
void
dvs_vlan_format(const struct dvs_vlan *vlan, struct ds *ds)
{
    switch (vlan->mode) {
    case DVS_VLAN_NONE:
        ds_put_cstr(ds, "none");
        break;
    case DVS_VLAN_ACCESS:
        ds_put_format(ds, "%"PRIu16, vlan->id);
        break;
    case DVS_VLAN_PRIVATE:
        ds_put_format(ds, "private:%"PRIu16, vlan->id);
        break;
    case DVS_VLAN_TRUNK:
        ds_put_cstr(ds, "trunk:");
        for (size_t i = 0; i < vlan->n_trunks; i++) {
            const struct dvs_range *r = &vlan->trunks[i];

            ds_put_format(ds, "%s%"PRIu16, i ? "," : "", r->start);
            if (r->end != r->start) {
                ds_put_format(ds, "-%"PRIu16, r->end);
            }
        }
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
format_shaping(const struct dvs_shaping *shaping, struct ds *ds)
{
    if (!shaping->enabled) {
        ds_put_cstr(ds, "off");
        return;
    }
    dvs_format_quantity(shaping->average, 1000, ds);
    ds_put_char(ds, ',');
    dvs_format_quantity(shaping->peak, 1000, ds);
    ds_put_char(ds, ',');
    dvs_format_quantity(shaping->burst, 1024, ds);
}

static void
format_entries(const struct dvs_property_class *class,
               const struct smap *entries, struct smap *smap)
{
    const struct smap_node *node;

    if (smap_is_empty(entries)) {
        smap_add(smap, class->key, "none");
    }
    SMAP_FOR_EACH (node, entries) {
        smap_add_nocopy(smap, xasprintf("%s%s", class->prefix, node->key),
                        xstrdup(node->value));
    }
}

/* Initializes 'smap' as the text form of the explicit properties of 's'. */
void
dvs_setting_to_smap(const struct dvs_setting *s, struct smap *smap)
{
    enum dvs_property p;

    smap_init(smap);
    DVS_PROPERTY_FOR_EACH (p, s->present) {
        const struct dvs_property_class *class = dvs_property_class(p);
        const void *value = dvs_property_value_const(s, p);
        struct ds ds = DS_EMPTY_INITIALIZER;

        switch (class->kind) {
        case DVS_K_BOOL:
            ds_put_cstr(&ds, class->words[*(const bool *) value]);
            break;
        case DVS_K_MARK:
            if (*(const uint8_t *) value == DVS_MARK_NONE) {
                ds_put_cstr(&ds, "none");
            } else {
                ds_put_format(&ds, "%"PRIu8, *(const uint8_t *) value);
            }
            break;
        case DVS_K_UINT16:
            ds_put_format(&ds, "%"PRIu16, *(const uint16_t *) value);
            break;
        case DVS_K_TEAMING:
            ds_put_cstr(&ds, dvs_teaming_to_string(s->teaming));
            break;
        case DVS_K_VLAN:
            dvs_vlan_format(value, &ds);
            break;
        case DVS_K_ORDER:
            ds_put_and_free_cstr(&ds, svec_join(&s->active, ",", ""));
            smap_add_nocopy(smap, xstrdup(STANDBY_KEY),
                            svec_join(&s->standby, ",", ""));
            break;
        case DVS_K_SHAPING:
            format_shaping(value, &ds);
            break;
        case DVS_K_POOL:
            ds_put_cstr(&ds, s->pool ? s->pool : "none");
            break;
        case DVS_K_SMAP:
            format_entries(class, value, smap);
            ds_destroy(&ds);
            continue;
        default:
            OVS_NOT_REACHED();
        }
        smap_add_nocopy(smap, xstrdup(class->key), ds_steal_cstr(&ds));
    }
}

/* "rules=none" contradicts "rule.10=...".  Returns an error message, which
 * the caller must free, if 'smap' says both of any property. */
static char * OVS_WARN_UNUSED_RESULT
check_entries(const struct smap *smap)
{
    const struct smap_node *node;
    uint64_t none = 0, some = 0;
    enum dvs_property p;

    SMAP_FOR_EACH (node, smap) {
        const char *entry;

        if (find_key(node->key, &p, &entry) && dvs_property_class(p)->prefix) {
            *(entry ? &some : &none) |= UINT64_C(1) << p;
        }
    }
    DVS_PROPERTY_FOR_EACH (p, none & some) {
        return xasprintf("%s is none, yet there is a key %s...",
                         dvs_property_key(p), dvs_property_class(p)->prefix);
    }
    return NULL;
}

/* Initializes 's' as the setting whose text form is 'smap'.  Returns NULL if
 * successful; otherwise, an error message that the caller must free, and 's'
 * has no explicit property.  Either way, the caller must destroy 's'. */
char *
dvs_setting_from_smap(struct dvs_setting *s, const struct smap *smap)
{
    /* In order of keys, so that of several errors always the same one is
     * reported. */
    const struct smap_node **nodes = smap_sort(smap);
    size_t n = smap_count(smap);

    dvs_setting_init(s);
    char *error = check_entries(smap);
    for (size_t i = 0; i < n && !error; i++) {
        error = dvs_setting_set(s, nodes[i]->key, nodes[i]->value);
    }
    free(nodes);

    if (error) {
        dvs_setting_clear(s, DVS_ALL_PROPERTIES);
    }
    return error;
}

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

/* From database rows to the model's structs.
 *
 * A row that contradicts itself is an error, which the caller publishes;
 * nothing is logged here.  What is valid beyond a row is for dvs-validate.c.
 *
 * Every function takes a struct that the caller has initialized and has to
 * destroy, and replaces what is in it.  After an error everything has been
 * read but the setting, which then has no explicit property.  Errors are
 * sentences that name the columns; the caller must free them. */

#include <config.h>

#include "schema/dvs-read.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-columns.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-property.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Settings.  The database holds integers within the ranges of the schema,
 * which are those of dvs-limits.h. */

/* Reads column 'c' of 'row' into 's'. */
static char * OVS_WARN_UNUSED_RESULT
read_column(const struct dvsrec_port_setting *row,
            const struct dvs_setting_column *c, struct dvs_setting *s)
{
    const void *const *column
        = (const void *) ((const char *) row + c->offset);
    void *value = dvs_property_value(s, c->property);

    if (!*column) {
        return NULL;
    }
    if (c->column->type.key.type == OVSDB_TYPE_STRING) {
        return dvs_setting_set(s, dvs_property_key(c->property), *column);
    }

    s->present |= UINT64_C(1) << c->property;
    switch (dvs_property_class(c->property)->kind) {
    case DVS_K_BOOL:
        *(bool *) value = *(const bool *) *column;
        break;
    case DVS_K_MARK:
        *(uint8_t *) value
            = (*(const int64_t *) *column == DVS_MARK_NONE_COLUMN
               ? DVS_MARK_NONE : *(const int64_t *) *column);
        break;
    case DVS_K_UINT16:
        *(uint16_t *) value = *(const int64_t *) *column;
        break;
    case DVS_K_TEAMING:
    case DVS_K_VLAN:
    case DVS_K_ORDER:
    case DVS_K_SHAPING:
    case DVS_K_POOL:
    case DVS_K_SMAP:
    default:
        OVS_NOT_REACHED();
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_vlan(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    const char *mode = row->vlan_mode ? row->vlan_mode : "empty";
    bool access = !strcmp(mode, "access") || !strcmp(mode, "private");
    bool trunk = !strcmp(mode, "trunk");

    if (access != (row->n_vlan_id > 0)) {
        return xasprintf("vlan_mode is %s, but vlan_id is %s", mode,
                         access ? "empty" : "set");
    }
    if (trunk != (row->n_vlan_trunk > 0)) {
        return xasprintf("vlan_mode is %s, but vlan_trunk is %s", mode,
                         trunk ? "empty" : "set");
    }
    for (size_t i = 0; i < row->n_vlan_trunk; i++) {
        if (row->value_vlan_trunk[i] < row->key_vlan_trunk[i]) {
            return xasprintf("vlan_trunk has a range %"PRId64"-%"PRId64" that "
                             "ends before it starts", row->key_vlan_trunk[i],
                             row->value_vlan_trunk[i]);
        }
    }
    if (!row->vlan_mode) {
        return NULL;
    }

    s->present |= DVS_BIT(VLAN);
    s->vlan.mode = (trunk ? DVS_VLAN_TRUNK
                    : !access ? DVS_VLAN_NONE
                    : !strcmp(mode, "access") ? DVS_VLAN_ACCESS
                    : DVS_VLAN_PRIVATE);
    s->vlan.id = access ? row->vlan_id[0] : 0;
    for (size_t i = 0; i < row->n_vlan_trunk; i++) {
        dvs_vlan_add_trunk(&s->vlan, row->key_vlan_trunk[i],
                           row->value_vlan_trunk[i]);
    }
    return NULL;
}

static void
read_order(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    /* The maps are in order of their keys.  Either makes both explicit. */
    for (size_t i = 0; i < row->n_active_uplinks; i++) {
        svec_add(&s->active, row->value_active_uplinks[i]);
    }
    for (size_t i = 0; i < row->n_standby_uplinks; i++) {
        svec_add(&s->standby, row->value_standby_uplinks[i]);
    }
    if (s->active.n || s->standby.n) {
        s->present |= DVS_BIT(UPLINK_ORDER);
    }
}

/* Reads the columns shape_<direction>*.  Without 'enabled' there may be no
 * numbers; with it set to false there may be, which keeps them for the day
 * when it is set to true. */
static char * OVS_WARN_UNUSED_RESULT
read_shaping(const char *direction, const bool *enabled,
             const int64_t *average, const int64_t *peak,
             const int64_t *burst, struct dvs_shaping *shaping)
{
    if (!enabled && (average || peak || burst)) {
        return xasprintf("shape_%s is empty, but shape_%s_%s is set",
                         direction, direction,
                         average ? "average" : peak ? "peak" : "burst");
    }
    if (enabled && *enabled) {
        if (!average || !peak || !burst) {
            return xasprintf("shape_%s is true, but shape_%s_%s is empty",
                             direction, direction,
                             !average ? "average" : !peak ? "peak" : "burst");
        }
        if (*peak < *average) {
            return xasprintf("shape_%s_peak %"PRId64" is below "
                             "shape_%s_average %"PRId64, direction, *peak,
                             direction, *average);
        }
    }

    *shaping = (struct dvs_shaping) {
        .enabled = enabled && *enabled,
        .average = average ? *average : 0,
        .peak = peak ? *peak : 0,
        .burst = burst ? *burst : 0,
    };
    return NULL;
}

/* Sets in 'rule' what 'key' of the text form means to the value that 'row' has
 * in 'column', if it has any. */
static char * OVS_WARN_UNUSED_RESULT
read_rule_column(const struct dvsrec_traffic_rule *row, const char *column,
                 const char *key, bool negated, struct dvs_rule *rule)
{
    const struct ovsdb_idl_column *c = NULL;

    for (size_t i = 0; i < DVSREC_TRAFFIC_RULE_N_COLUMNS; i++) {
        if (!strcmp(dvsrec_traffic_rule_columns[i].name, column)) {
            c = &dvsrec_traffic_rule_columns[i];
        }
    }
    ovs_assert(c);

    const struct ovsdb_datum *datum = ovsdb_idl_read(&row->header_, c);
    if (!datum->n) {
        return (negated ? xasprintf("negate names %s, which is not set",
                                    column)
                : NULL);
    }
    if (c->type.key.type == OVSDB_TYPE_STRING) {
        return dvs_rule_set(rule, key, negated, datum->keys[0].s->string);
    }
    char *value = xasprintf("%"PRId64, datum->keys[0].integer);
    char *error = dvs_rule_set(rule, key, negated, value);
    free(value);
    return error;
}

/* Initializes 'rule' as what 'row' says.  Returns NULL if successful, else an
 * error message that the caller must free; then 'rule' holds nothing. */
char *
dvs_read_rule(const struct dvsrec_traffic_rule *row, struct dvs_rule *rule)
{
    static const char *const others[][2] = {
        { "description", "description" }, { "direction", "direction" },
        { "action", "action" }, { "tag_cos", "cos" }, { "tag_dscp", "dscp" },
        { "rate", "rate" }, { "rewrite_mac", "rewrite-mac" },
        { "gre_ip", "gre-ip" },
    };
    char *error = NULL;

    dvs_rule_init(rule);
    for (enum dvs_qualifier q = 0; q < DVS_N_QUALIFIERS && !error; q++) {
        const char *column = dvs_qualifier_column(q);
        bool negated = false;

        for (size_t i = 0; i < row->n_negate; i++) {
            negated |= !strcmp(row->negate[i], column);
        }
        error = read_rule_column(row, column, dvs_qualifier_key(q), negated,
                                 rule);
    }
    for (size_t i = 0; i < ARRAY_SIZE(others) && !error; i++) {
        error = read_rule_column(row, others[i][0], others[i][1], false,
                                 rule);
    }
    if (error) {
        dvs_rule_destroy(rule);
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
read_rules(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    for (size_t i = 0; i < row->n_rules; i++) {
        int64_t number = row->rules[i]->sequence;
        char *sequence = xasprintf("%"PRId64, number);
        struct ds text = DS_EMPTY_INITIALIZER;
        struct dvs_rule rule;
        char *error = dvs_read_rule(row->rules[i], &rule);

        if (error) {
            char *message = xasprintf("rule %s: %s", sequence, error);

            free(error);
            free(sequence);
            return message;
        }
        dvs_rule_format(&rule, &text);
        dvs_rule_destroy(&rule);
        if (smap_get(&s->rules, sequence)) {
            error = xasprintf("rules has two rules with sequence %s",
                              sequence);
            free(sequence);
            ds_destroy(&text);
            return error;
        }
        smap_add_nocopy(&s->rules, sequence, ds_steal_cstr(&text));
        s->present |= DVS_BIT(RULES);
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_vendor(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    if (smap_get(&row->vendor_config, "")) {
        return xstrdup("vendor_config has an empty key");
    }
    if (!smap_is_empty(&row->vendor_config)) {
        smap_destroy(&s->vendor);
        smap_clone(&s->vendor, &row->vendor_config);
        s->present |= DVS_BIT(VENDOR);
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_setting(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    char *error = NULL;

    for (size_t i = 0; i < dvs_n_setting_columns && !error; i++) {
        error = read_column(row, &dvs_setting_columns[i], s);
    }
    if (!error) {
        error = read_vlan(row, s);
    }
    if (!error) {
        error = read_shaping("in", row->shape_in, row->shape_in_average,
                             row->shape_in_peak, row->shape_in_burst,
                             &s->shape_in);
    }
    if (!error) {
        error = read_shaping("out", row->shape_out, row->shape_out_average,
                             row->shape_out_peak, row->shape_out_burst,
                             &s->shape_out);
    }
    if (!error) {
        error = read_rules(row, s);
    }
    if (!error) {
        error = read_vendor(row, s);
    }
    if (error) {
        return error;
    }

    s->present |= row->n_shape_in ? DVS_BIT(SHAPE_IN) : 0;
    s->present |= row->n_shape_out ? DVS_BIT(SHAPE_OUT) : 0;
    read_order(row, s);
    if (row->resource_pool) {
        s->pool = xstrdup(row->resource_pool->name);
        s->present |= DVS_BIT(POOL);
    }
    return NULL;
}

/* Replaces 's' by the setting in 'row', which may be NULL for one with no
 * explicit property. */
char *
dvs_read_setting(const struct dvsrec_port_setting *row, struct dvs_setting *s)
{
    char *error;

    dvs_setting_clear(s, DVS_ALL_PROPERTIES);
    error = row ? read_setting(row, s) : NULL;
    if (error) {
        dvs_setting_clear(s, DVS_ALL_PROPERTIES);
    }
    return error;
}

/* Columns that are not carried out. */

/* Notes in 'not_supported' that 'column' has 'value', unless that is NULL or
 * what happens anyway, 'harmless' (which may be NULL). */
static void
note_string(struct smap *not_supported, const char *column, const char *value,
            const char *harmless)
{
    if (value && !(harmless && !strcmp(value, harmless))) {
        smap_add(not_supported, column, value);
    }
}

/* Likewise, for an integer. */
static void
note_integer(struct smap *not_supported, const char *column,
             const int64_t *value, int64_t harmless)
{
    if (value && *value != harmless) {
        smap_add_format(not_supported, column, "%"PRId64, *value);
    }
}

/* Likewise, for a map. */
static void
note_smap(struct smap *not_supported, const char *column,
          const struct smap *value)
{
    if (!smap_is_empty(value)) {
        smap_add_format(not_supported, column, "%"PRIuSIZE" entries",
                        smap_count(value));
    }
}

static void
note_switch(const struct dvsrec_switch *row, struct smap *not_supported)
{
    note_string(not_supported, "discovery_protocol", row->discovery_protocol,
                NULL);
    note_string(not_supported, "discovery_operation",
                row->discovery_operation, "none");
    note_integer(not_supported, "vlan_mtu_check_interval",
                 row->vlan_mtu_check_interval, 0);
    note_integer(not_supported, "teaming_check_interval",
                 row->teaming_check_interval, 0);
    note_string(not_supported, "switch_ip", row->switch_ip, NULL);
    note_smap(not_supported, "vendor_config", &row->vendor_config);
}

/* Objects. */

static void
replace_string(char **target, const char *value)
{
    free(*target);
    *target = nullable_xstrdup(value);
}

/* Replaces 'sw' by the switch in 'row'. */
char *
dvs_read_switch(const struct dvsrec_switch *row, struct dvs_switch *sw)
{
    sw->uuid = row->header_.uuid;
    replace_string(&sw->name, row->name);
    replace_string(&sw->description, row->description);
    replace_string(&sw->version, row->version);
    smap_destroy(&sw->contact);
    smap_clone(&sw->contact, &row->contact);

    svec_clear(&sw->merged);
    for (size_t i = 0; i < row->n_merged; i++) {
        svec_add_nocopy(&sw->merged,
                        xasprintf(UUID_FMT, UUID_ARGS(&row->merged[i])));
    }
    svec_sort(&sw->merged);

    /* The map is in order of its keys. */
    svec_clear(&sw->uplinks);
    for (size_t i = 0; i < row->n_uplinks; i++) {
        svec_add(&sw->uplinks, row->value_uplinks[i]);
    }

    sw->mtu = row->n_mtu ? row->mtu[0] : DVS_MTU_DEFAULT;
    sw->snooping = nullable_string_is_equal(row->multicast_filtering,
                                            "snooping");
    sw->resource_management = (row->n_resource_management
                               && row->resource_management[0]);
    sw->reservation_ratio = (row->n_reservation_ratio
                             ? row->reservation_ratio[0]
                             : DVS_RESERVATION_RATIO_DEFAULT);
    free(sw->bridge_name);
    sw->bridge_name = (row->bridge_name ? xstrdup(row->bridge_name)
                       : dvs_bridge_name_from_switch(row->name));
    replace_string(&sw->datapath_type,
                   row->datapath_type ? row->datapath_type
                   : DVS_DATAPATH_TYPE_DEFAULT);
    sw->num_standalone_ports = row->num_standalone_ports;

    smap_clear(&sw->not_supported);
    note_switch(row, &sw->not_supported);
    return dvs_read_setting(row->default_setting, &sw->setting);
}

/* Reads column override_allowed, in which empty means the default, and "none"
 * alone means none. */
static char * OVS_WARN_UNUSED_RESULT
read_overrides(const struct dvsrec_portgroup *row, uint32_t *overrides)
{
    *overrides = row->n_override_allowed ? 0 : UINT32_C(1) << DVS_OV_BLOCK;
    for (size_t i = 0; i < row->n_override_allowed; i++) {
        enum dvs_override ov;

        /* The schema admits no word but these. */
        if (dvs_override_from_string(row->override_allowed[i], &ov)) {
            *overrides |= UINT32_C(1) << ov;
        } else if (row->n_override_allowed > 1) {
            return xstrdup("override_allowed has none and something else");
        }
    }
    return NULL;
}

/* Replaces 'pg' by the portgroup in 'row'. */
char *
dvs_read_portgroup(const struct dvsrec_portgroup *row,
                   struct dvs_portgroup *pg)
{
    char *error, *error2;

    pg->uuid = row->header_.uuid;
    replace_string(&pg->name, row->name);
    replace_string(&pg->description, row->description);
    ovs_assert(dvs_portgroup_type_from_string(row->type, &pg->type));
    pg->num_ports = row->num_ports;
    pg->auto_expand = row->auto_expand;
    replace_string(&pg->port_name_format, row->port_name_format);
    pg->uplink = row->uplink;
    pg->live_port_moving = row->live_port_moving;
    pg->reset_at_disconnect = (!row->n_reset_at_disconnect
                               || row->reset_at_disconnect[0]);
    smap_clear(&pg->not_supported);

    error = read_overrides(row, &pg->overrides);
    error2 = dvs_read_setting(row->setting, &pg->setting);
    if (error) {
        free(error2);
        return error;
    }
    return error2;
}

/* Replaces 'port' by the configuration of the port in 'row'. */
char *
dvs_read_port(const struct dvsrec_port *row, struct dvs_port *port)
{
    replace_string(&port->key, row->key);
    replace_string(&port->name, row->name);
    replace_string(&port->description, row->description);
    smap_clear(&port->not_supported);
    return dvs_read_setting(row->setting, &port->setting);
}

/* Replaces 'member' by the host membership in 'row'. */
char *
dvs_read_member(const struct dvsrec_host_member *row,
                struct dvs_member *member)
{
    replace_string(&member->host, row->host);
    smap_destroy(&member->uplinks);
    smap_clone(&member->uplinks, &row->uplinks);
    member->ring = row->ring;
    member->max_ports = row->n_max_ports ? row->max_ports[0] : -1;
    smap_clear(&member->not_supported);
    note_smap(&member->not_supported, "vendor_config", &row->vendor_config);
    return NULL;
}

/* Stores in '*lag' the LAG in 'row', whose name and VLANs it refers to. */
void
dvs_read_lag(const struct dvsrec_lag *row, struct dvs_lag *lag)
{
    *lag = (struct dvs_lag) {
        .name = row->name,
        .active = !strcmp(row->mode, "active"),
        .fast = nullable_string_is_equal(row->timeout, "fast"),
        .num_ports = row->num_ports,
        .hash = DVS_LAG_HASH_5TUPLE | DVS_LAG_HASH_VLAN,
        .vlan_starts = row->key_vlan_trunk,
        .vlan_ends = row->value_vlan_trunk,
        .n_vlans = row->n_vlan_trunk,
        .has_ipfix = row->n_ipfix > 0,
    };
    if (row->hash) {
        /* The schema admits no word but these. */
        ovs_assert(dvs_lag_hash_from_string(row->hash, &lag->hash));
    }
}

/* Adds to 'lags' all LAGs of switch 'row', the faulty ones included, that
 * 'idl' has. */
void
dvs_read_lags(const struct ovsdb_idl *idl, const struct dvsrec_switch *row,
              struct dvs_lags *lags)
{
    const struct dvsrec_lag *lr;

    DVSREC_LAG_FOR_EACH (lr, idl) {
        if (lr->switch_ == row) {
            struct dvs_lag lag;

            dvs_read_lag(lr, &lag);
            dvs_lags_add(lags, &lag);
        }
    }
}

/* Stores in '*entry' the private VLAN in 'row'. */
void
dvs_read_pvlan(const struct dvsrec_private_vlan *row, struct dvs_pvlan *entry)
{
    entry->primary = row->primary;
    entry->secondary = row->secondary;
    ovs_assert(dvs_pvlan_type_from_string(row->type, &entry->type));
}

/* Adds to 'pvlans' all private VLANs of switch 'row', the faulty ones
 * included, that 'idl' has. */
void
dvs_read_pvlans(const struct ovsdb_idl *idl, const struct dvsrec_switch *row,
                struct dvs_pvlans *pvlans)
{
    const struct dvsrec_private_vlan *pv;

    DVSREC_PRIVATE_VLAN_FOR_EACH (pv, idl) {
        if (pv->switch_ == row) {
            struct dvs_pvlan entry;

            dvs_read_pvlan(pv, &entry);
            dvs_pvlans_add(pvlans, &entry);
        }
    }
}

/* Adds to 'classes' the class of traffic in 'row', if it is known. */
void
dvs_read_class(const struct dvsrec_traffic_class *row,
               struct dvs_classes *classes)
{
    enum dvs_traffic_class i;

    if (dvs_traffic_class_from_string(row->name, &i)) {
        struct dvs_class *class = &classes->classes[i];

        class->present = true;
        if (row->n_shares) {
            class->shares = row->shares[0];
        }
        class->limit = row->n_limit ? row->limit[0] : 0;
        class->reservation = row->n_reservation ? row->reservation[0] : 0;
    }
}

/* Adds to 'classes', which nobody has configured, all classes of traffic of
 * switch 'row', the faulty ones included, that 'idl' has. */
void
dvs_read_classes(const struct ovsdb_idl *idl, const struct dvsrec_switch *row,
                 struct dvs_classes *classes)
{
    const struct dvsrec_traffic_class *tc;

    DVSREC_TRAFFIC_CLASS_FOR_EACH (tc, idl) {
        if (tc->switch_ == row) {
            dvs_read_class(tc, classes);
        }
    }
}

/* Returns the speed of the slowest physical NIC of the hosts of switch 'row',
 * in Mbit/s, as far as 'idl' has them; 0 if it knows none. */
int64_t
dvs_read_slowest_uplink(const struct ovsdb_idl *idl,
                        const struct dvsrec_switch *row)
{
    const struct dvsrec_physical_nic *nic;
    const struct dvsrec_host_member *m;
    int64_t slowest = 0;

    DVSREC_HOST_MEMBER_FOR_EACH (m, idl) {
        const struct smap_node *node;

        if (m->switch_ != row) {
            continue;
        }
        SMAP_FOR_EACH (node, &m->uplinks) {
            DVSREC_PHYSICAL_NIC_FOR_EACH (nic, idl) {
                if (!strcmp(nic->host, m->host)
                    && !strcmp(nic->name, node->value)
                    && nic->n_speed && nic->speed[0] > 0
                    && (!slowest || nic->speed[0] < slowest)) {
                    slowest = nic->speed[0];
                }
            }
        }
    }
    return slowest;
}

/* Adds to 'pools' all resource pools of switch 'row', the faulty ones
 * included, that 'idl' has. */
void
dvs_read_pools(const struct ovsdb_idl *idl, const struct dvsrec_switch *row,
               struct dvs_pools *pools)
{
    const struct dvsrec_resource_pool *pool;

    DVSREC_RESOURCE_POOL_FOR_EACH (pool, idl) {
        if (pool->switch_ == row) {
            dvs_pools_add(pools, pool->name, pool->reservation);
        }
    }
}

/* Returns the value of 'key' in a column "bandwidth", 0 if it has none. */
int64_t
dvs_read_bandwidth(char *const *keys, const int64_t *values, size_t n,
                   const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(keys[i], key)) {
            return values[i];
        }
    }
    return 0;
}

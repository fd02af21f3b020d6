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

/* From the model's structs to database rows.
 *
 * Only columns that change are written, so that two clients who change
 * different properties of one setting at a time do not undo each other. */

#include <config.h>

#include "schema/dvs-write.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "packets.h"
#include "schema/dvs-columns.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-property.h"
#include "schema/dvs-read.h"
#include "schema/dvs-rule.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "util.h"

/* Writes 'datum' to 'column' of 'row' if that changes it.  Takes ownership of
 * what 'datum' contains. */
static void
write_datum(const struct dvsrec_port_setting *row,
            const struct ovsdb_idl_column *column, struct ovsdb_datum *datum)
{
    if (ovsdb_datum_equals(ovsdb_idl_read(&row->header_, column), datum,
                           &column->type)) {
        ovsdb_datum_destroy(datum, &column->type);
    } else {
        ovsdb_idl_txn_write(&row->header_, column, datum);
    }
}

/* Writes 'atom' to optional 'column', or empties it if 'atom' is NULL.  Takes
 * ownership of what 'atom' contains. */
static void
write_atom(const struct dvsrec_port_setting *row,
           const struct ovsdb_idl_column *column,
           const union ovsdb_atom *atom)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    if (atom) {
        datum.n = 1;
        datum.keys = xmemdup(atom, sizeof *atom);
    }
    write_datum(row, column, &datum);
}

static void
write_bool(const struct dvsrec_port_setting *row,
           const struct ovsdb_idl_column *column, bool present, bool value)
{
    union ovsdb_atom atom = { .boolean = value };

    write_atom(row, column, present ? &atom : NULL);
}

static void
write_integer(const struct dvsrec_port_setting *row,
              const struct ovsdb_idl_column *column, bool present,
              int64_t value)
{
    union ovsdb_atom atom = { .integer = value };

    write_atom(row, column, present ? &atom : NULL);
}

static void
write_string(const struct dvsrec_port_setting *row,
             const struct ovsdb_idl_column *column, const char *value)
{
    union ovsdb_atom atom;

    if (value) {
        atom.s = ovsdb_atom_string_create(value);
    }
    write_atom(row, column, value ? &atom : NULL);
}

/* Writes the one-column property that 'c' is about. */
static void
write_column(const struct dvsrec_port_setting *row,
             const struct dvs_setting_column *c, const struct dvs_setting *s)
{
    const struct dvs_property_class *class = dvs_property_class(c->property);
    const void *value = dvs_property_value_const(s, c->property);
    bool present = (s->present & (UINT64_C(1) << c->property)) != 0;

    switch (class->kind) {
    case DVS_K_BOOL:
        if (c->column->type.key.type == OVSDB_TYPE_STRING) {
            write_string(row, c->column, !present ? NULL
                         : class->words[*(const bool *) value]);
        } else {
            write_bool(row, c->column, present, *(const bool *) value);
        }
        break;
    case DVS_K_MARK: {
        uint8_t mark = *(const uint8_t *) value;

        write_integer(row, c->column, present,
                      mark == DVS_MARK_NONE ? DVS_MARK_NONE_COLUMN : mark);
        break;
    }
    case DVS_K_UINT16:
        write_integer(row, c->column, present, *(const uint16_t *) value);
        break;
    case DVS_K_TEAMING:
        write_string(row, c->column,
                     present ? dvs_teaming_to_string(s->teaming) : NULL);
        break;
    case DVS_K_VLAN:
    case DVS_K_ORDER:
    case DVS_K_SHAPING:
    case DVS_K_POOL:
    case DVS_K_SMAP:
    default:
        OVS_NOT_REACHED();
    }
}

static void
write_vlan(const struct dvsrec_port_setting *row, const struct dvs_setting *s)
{
    static const char *const words[] = {
        [DVS_VLAN_NONE] = "none",
        [DVS_VLAN_ACCESS] = "access",
        [DVS_VLAN_TRUNK] = "trunk",
        [DVS_VLAN_PRIVATE] = "private",
    };
    bool present = (s->present & DVS_BIT(VLAN)) != 0;
    const struct dvs_vlan *vlan = &s->vlan;
    struct ovsdb_datum datum;

    write_string(row, &dvsrec_port_setting_col_vlan_mode,
                 present ? words[vlan->mode] : NULL);
    write_integer(row, &dvsrec_port_setting_col_vlan_id,
                  present && (vlan->mode == DVS_VLAN_ACCESS
                              || vlan->mode == DVS_VLAN_PRIVATE), vlan->id);

    ovsdb_datum_init_empty(&datum);
    if (present && vlan->mode == DVS_VLAN_TRUNK && vlan->n_trunks) {
        datum.n = vlan->n_trunks;
        datum.keys = xmalloc(datum.n * sizeof *datum.keys);
        datum.values = xmalloc(datum.n * sizeof *datum.values);
        for (size_t i = 0; i < datum.n; i++) {
            datum.keys[i].integer = vlan->trunks[i].start;
            datum.values[i].integer = vlan->trunks[i].end;
        }
    }
    write_datum(row, &dvsrec_port_setting_col_vlan_trunk, &datum);
}

/* Writes 'names' to 'column', a map from position to name. */
static void
write_names(const struct dvsrec_port_setting *row,
            const struct ovsdb_idl_column *column, const struct svec *names)
{
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    if (names->n) {
        datum.n = names->n;
        datum.keys = xmalloc(datum.n * sizeof *datum.keys);
        datum.values = xmalloc(datum.n * sizeof *datum.values);
        for (size_t i = 0; i < datum.n; i++) {
            datum.keys[i].integer = i;
            datum.values[i].s = ovsdb_atom_string_create(names->names[i]);
        }
    }
    write_datum(row, column, &datum);
}

static void
write_order(const struct dvsrec_port_setting *row,
            const struct dvs_setting *s)
{
    static const struct svec empty = SVEC_EMPTY_INITIALIZER;
    bool present = (s->present & DVS_BIT(UPLINK_ORDER)) != 0;

    write_names(row, &dvsrec_port_setting_col_active_uplinks,
                present ? &s->active : &empty);
    write_names(row, &dvsrec_port_setting_col_standby_uplinks,
                present ? &s->standby : &empty);
}

/* Writes the four columns of one direction, in 'columns' in the order
 * enabled, average, peak, burst. */
static void
write_shaping(const struct dvsrec_port_setting *row,
              const struct ovsdb_idl_column *const columns[4], bool present,
              const struct dvs_shaping *shaping)
{
    write_bool(row, columns[0], present, shaping->enabled);
    write_integer(row, columns[1], present && shaping->average,
                  shaping->average);
    write_integer(row, columns[2], present && shaping->peak, shaping->peak);
    write_integer(row, columns[3], present && shaping->burst, shaping->burst);
}

static void
write_string_of_rule(const struct dvsrec_traffic_rule *row,
                     enum dvs_qualifier q, const char *value)
{
    switch (q) {
    case DVS_Q_SRC_IP:
        dvsrec_traffic_rule_set_src_ip(row, value);
        break;
    case DVS_Q_DST_IP:
        dvsrec_traffic_rule_set_dst_ip(row, value);
        break;
    case DVS_Q_SRC_PORT:
        dvsrec_traffic_rule_set_src_port(row, value);
        break;
    case DVS_Q_DST_PORT:
        dvsrec_traffic_rule_set_dst_port(row, value);
        break;
    case DVS_Q_SRC_MAC:
        dvsrec_traffic_rule_set_src_mac(row, value);
        break;
    case DVS_Q_DST_MAC:
        dvsrec_traffic_rule_set_dst_mac(row, value);
        break;
    case DVS_Q_CLASS:
        dvsrec_traffic_rule_set_traffic_class(row, value);
        break;
    case DVS_Q_PROTOCOL:
    case DVS_Q_ETHERTYPE:
    case DVS_Q_VLAN:
    case DVS_N_QUALIFIERS:
    default:
        OVS_NOT_REACHED();
    }
}

static void
write_qualifiers(const struct dvsrec_traffic_rule *row,
                 const struct dvs_rule *rule)
{
    const char *negate[DVS_N_QUALIFIERS];
    size_t n_negate = 0;

    for (enum dvs_qualifier q = 0; q < DVS_N_QUALIFIERS; q++) {
        struct ds value = DS_EMPTY_INITIALIZER;
        int64_t number;

        if (!(rule->present & (1u << q))) {
            continue;
        }
        if (rule->negated & (1u << q)) {
            negate[n_negate++] = dvs_qualifier_column(q);
        }
        if (q == DVS_Q_PROTOCOL) {
            number = rule->protocol;
            dvsrec_traffic_rule_set_ip_protocol(row, &number, 1);
        } else if (q == DVS_Q_ETHERTYPE) {
            number = rule->ethertype;
            dvsrec_traffic_rule_set_ethertype(row, &number, 1);
        } else if (q == DVS_Q_VLAN) {
            number = rule->vlan;
            dvsrec_traffic_rule_set_vlan_id(row, &number, 1);
        } else {
            dvs_qualifier_format(rule, q, &value);
            write_string_of_rule(row, q, ds_cstr(&value));
        }
        ds_destroy(&value);
    }
    dvsrec_traffic_rule_set_negate(row, negate, n_negate);
}

/* Writes 'rule' to 'row', which is new. */
static void
write_rule(const struct dvsrec_traffic_rule *row, int64_t sequence,
           const struct dvs_rule *rule)
{
    int64_t cos = rule->cos, dscp = rule->dscp, rate = rule->rate;

    dvsrec_traffic_rule_set_sequence(row, sequence);
    dvsrec_traffic_rule_set_description(row, (rule->description
                                              ? rule->description : ""));
    dvsrec_traffic_rule_set_direction(
        row, dvs_rule_direction_to_string(rule->direction));
    dvsrec_traffic_rule_set_action(row,
                                   dvs_rule_action_to_string(rule->action));
    dvsrec_traffic_rule_set_tag_cos(row, &cos, cos >= 0);
    dvsrec_traffic_rule_set_tag_dscp(row, &dscp, dscp >= 0);
    dvsrec_traffic_rule_set_rate(row, &rate, rate > 0);
    if (!eth_addr_is_zero(rule->rewrite_mac)) {
        char *mac = xasprintf(ETH_ADDR_FMT, ETH_ADDR_ARGS(rule->rewrite_mac));

        dvsrec_traffic_rule_set_rewrite_mac(row, mac);
        free(mac);
    }
    if (rule->gre_ip) {
        char *ip = xasprintf(IP_FMT, IP_ARGS(rule->gre_ip));

        dvsrec_traffic_rule_set_gre_ip(row, ip);
        free(ip);
    }
    write_qualifiers(row, rule);
}

/* Returns the rule of 'row' with the number 'sequence', or NULL. */
static struct dvsrec_traffic_rule *
find_rule(const struct dvsrec_port_setting *row, int64_t sequence)
{
    for (size_t i = 0; i < row->n_rules; i++) {
        if (row->rules[i]->sequence == sequence) {
            return row->rules[i];
        }
    }
    return NULL;
}

/* Returns a row that says 'text': 'old' (which may be NULL) if it does that
 * already, else a new one in its place, since another setting may refer to the
 * old one, too. */
static struct dvsrec_traffic_rule *
make_rule(const struct dvsrec_port_setting *setting,
          struct dvsrec_traffic_rule *old, int64_t sequence, const char *text)
{
    struct ds old_text = DS_EMPTY_INITIALIZER;
    struct dvsrec_traffic_rule *row;
    struct dvs_rule rule;
    bool same = false;
    char *error = old ? dvs_read_rule(old, &rule) : NULL;

    if (old && !error) {
        dvs_rule_format(&rule, &old_text);
        same = !strcmp(ds_cstr(&old_text), text);
        dvs_rule_destroy(&rule);
    }
    ds_destroy(&old_text);
    free(error);
    if (same) {
        return old;
    }

    error = dvs_rule_parse(&rule, text);
    ovs_assert(!error);         /* The text is canonical. */
    row = dvsrec_traffic_rule_insert(ovsdb_idl_txn_get(&setting->header_));
    write_rule(row, sequence, &rule);
    if (old) {
        dvsrec_traffic_rule_set_external_ids(row, &old->external_ids);
    }
    dvs_rule_destroy(&rule);
    return row;
}

static void
write_rules(const struct dvsrec_port_setting *row,
            const struct dvs_setting *s)
{
    size_t n = 0;

    if (!(s->present & DVS_BIT(RULES)) || smap_is_empty(&s->rules)) {
        write_atom(row, &dvsrec_port_setting_col_rules, NULL);
        return;
    }

    struct dvsrec_traffic_rule **rules
        = xmalloc(smap_count(&s->rules) * sizeof *rules);
    bool changed = row->n_rules != smap_count(&s->rules);
    const struct smap_node *node;
    SMAP_FOR_EACH (node, &s->rules) {
        struct dvsrec_traffic_rule *old;
        int sequence;

        ovs_assert(str_to_int(node->key, 10, &sequence));
        old = find_rule(row, sequence);
        rules[n] = make_rule(row, old, sequence, node->value);
        changed |= rules[n++] != old;
    }
    if (changed) {
        dvsrec_port_setting_set_rules(row, rules, n);
    }
    free(rules);
}

/* Writes 's' to 'row': explicit properties to their columns, and nothing to
 * the columns of the others.  'row' must be in a transaction, and the IDL
 * must monitor all its columns.
 *
 * "resource_pool" refers to another row, which only the caller can find: the
 * column is emptied if the property is not explicit, and otherwise left as it
 * is.
 *
 * To make sure that what was read is still there, call dvs_verify_setting()
 * in the same transaction. */
void
dvs_write_setting(const struct dvsrec_port_setting *row,
                  const struct dvs_setting *s)
{
    static const struct ovsdb_idl_column *const in[] = {
        &dvsrec_port_setting_col_shape_in,
        &dvsrec_port_setting_col_shape_in_average,
        &dvsrec_port_setting_col_shape_in_peak,
        &dvsrec_port_setting_col_shape_in_burst,
    };
    static const struct ovsdb_idl_column *const out[] = {
        &dvsrec_port_setting_col_shape_out,
        &dvsrec_port_setting_col_shape_out_average,
        &dvsrec_port_setting_col_shape_out_peak,
        &dvsrec_port_setting_col_shape_out_burst,
    };
    static const struct smap empty = SMAP_INITIALIZER(&empty);
    struct ovsdb_datum datum;

    for (size_t i = 0; i < dvs_n_setting_columns; i++) {
        write_column(row, &dvs_setting_columns[i], s);
    }
    write_vlan(row, s);
    write_order(row, s);
    write_shaping(row, in, (s->present & DVS_BIT(SHAPE_IN)) != 0,
                  &s->shape_in);
    write_shaping(row, out, (s->present & DVS_BIT(SHAPE_OUT)) != 0,
                  &s->shape_out);

    write_rules(row, s);
    if (!(s->present & DVS_BIT(POOL)) || !s->pool) {
        write_atom(row, &dvsrec_port_setting_col_resource_pool, NULL);
    }
    ovsdb_datum_from_smap(&datum, s->present & DVS_BIT(VENDOR) ? &s->vendor
                                  : &empty);
    write_datum(row, &dvsrec_port_setting_col_vendor_config, &datum);
}

/* Makes the current transaction fail (and so be tried again) if anything in
 * 'row' but its external_ids is not what it was when it was read. */
void
dvs_verify_setting(const struct dvsrec_port_setting *row)
{
    for (size_t i = 0; i < DVSREC_PORT_SETTING_N_COLUMNS; i++) {
        const struct ovsdb_idl_column *column
            = &dvsrec_port_setting_columns[i];

        if (column != &dvsrec_port_setting_col_external_ids) {
            ovsdb_idl_txn_verify(&row->header_, column);
        }
    }
}

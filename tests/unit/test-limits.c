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

/* dvs-limits.h against dvs.ovsschema: every range and length in the schema is
 * one of ours, and stands in this table. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "schema/dvs-limits.h"
#include "util.h"

#define NONE INT64_MIN

static const struct limit {
    const char *column;         /* "Table.column", with ".value" for the value
                                 * of a map.  "*" as the table: any table. */
    int64_t min, max;           /* Integer's range or NONE, or string's
                                 * lengths. */
} limits[] = {
    /* Names. */
    { "*.name", 1, DVS_NAME_MAX },
    { "Switch.uplinks.value", 1, DVS_NAME_MAX },
    { "Switch.bridge_name", 1, DVS_BRIDGE_NAME_MAX },
    { "Port.key", 1, DVS_PORT_KEY_MAX },
    { "Port_Setting.active_uplinks.value", 1, DVS_NAME_MAX },
    { "Port_Setting.standby_uplinks.value", 1, DVS_NAME_MAX },
    { "Host_Member.host", 1, DVS_NAME_MAX },
    { "Host_Member.uplinks", 1, DVS_NAME_MAX },
    { "Host_Member.uplinks.value", 1, DVS_NAME_MAX },
    { "Mirror.destination_uplinks", 1, DVS_NAME_MAX },
    { "VNIC.id", 1, DVS_NIC_ID_MAX },

    /* Counters and times. */
    { "*.config_version", 0, NONE },
    { "*.create_time", 0, NONE },
    { "*.version", 0, NONE },
    { "Proxy_Host.rectify", 0, NONE },
    { "Proxy_Host.refresh", 0, NONE },
    { "Proxy_Host.confirm", 0, NONE },
    { "Proxy_State.rectified", 0, NONE },
    { "Proxy_State.refreshed", 0, NONE },
    { "Proxy_State.confirmed", 0, NONE },
    { "*.time", 0, NONE },
    { "Switch.next_port_key", 0, NONE },
    { "*.port_count", 0, NONE },
    { "Checkpoint.sequence", 0, NONE },
    { "Event.sequence", 0, NONE },
    { "Task.created", 0, NONE },
    { "Task.completed", 0, NONE },
    { "Task.progress", 0, 100 },

    /* Switch. */
    { "Switch.uplinks", 0, DVS_UPLINKS_MAX - 1 },
    { "Switch.mtu", DVS_MTU_MIN, DVS_MTU_MAX },
    { "Switch.vlan_mtu_check_interval", 0, DVS_CHECK_INTERVAL_MAX },
    { "Switch.teaming_check_interval", 0, DVS_CHECK_INTERVAL_MAX },
    { "Switch.reservation_ratio", 0, DVS_RESERVATION_RATIO_MAX },
    { "Switch.num_standalone_ports", 0, DVS_PORTS_MAX },
    { "Switch.max_ports", 0, DVS_MAX_PORTS_MAX },

    { "Portgroup.num_ports", 0, DVS_PORTS_MAX },

    /* Setting. */
    { "Port_Setting.vlan_id", 1, DVS_VLAN_MAX },
    { "Port_Setting.vlan_trunk", 0, DVS_VLAN_MAX },
    { "Port_Setting.vlan_trunk.value", 0, DVS_VLAN_MAX },
    { "Port_Setting.cos", DVS_MARK_NONE_COLUMN, DVS_COS_MAX },
    { "Port_Setting.dscp", DVS_MARK_NONE_COLUMN, DVS_DSCP_MAX },
    { "Port_Setting.active_uplinks", 0, DVS_TEAM_MAX - 1 },
    { "Port_Setting.standby_uplinks", 0, DVS_TEAM_MAX - 1 },
    { "Port_Setting.mac_limit", 0, DVS_MAC_LIMIT_MAX },
    { "Port_Setting.shape_in_average", DVS_SHAPING_MIN, NONE },
    { "Port_Setting.shape_in_peak", DVS_SHAPING_MIN, NONE },
    { "Port_Setting.shape_in_burst", DVS_SHAPING_MIN, NONE },
    { "Port_Setting.shape_out_average", DVS_SHAPING_MIN, NONE },
    { "Port_Setting.shape_out_peak", DVS_SHAPING_MIN, NONE },
    { "Port_Setting.shape_out_burst", DVS_SHAPING_MIN, NONE },

    { "Traffic_Rule.sequence", 1, DVS_RULE_SEQUENCE_MAX },
    { "Traffic_Rule.ip_protocol", 0, UINT8_MAX },
    { "Traffic_Rule.ethertype", 0, UINT16_MAX },
    { "Traffic_Rule.vlan_id", 0, DVS_VLAN_MAX },
    { "Traffic_Rule.tag_cos", 0, DVS_COS_MAX },
    { "Traffic_Rule.tag_dscp", 0, DVS_DSCP_MAX },
    { "Traffic_Rule.rate", 1, DVS_RULE_RATE_MAX },

    { "*.ring", 0, NONE },
    { "Host_Member.ring", 0, DVS_RING_MAX },
    { "Host_Member.max_ports", 0, DVS_PROXY_PORTS_MAX },
    { "Proxy_Host.max_ports", 0, NONE },

    { "LAG.num_ports", 1, DVS_LAG_PORTS_MAX },
    { "LAG.vlan_trunk", 0, DVS_VLAN_MAX },
    { "LAG.vlan_trunk.value", 0, DVS_VLAN_MAX },
    { "Private_VLAN.primary", 1, DVS_VLAN_MAX },
    { "Private_VLAN.secondary", 1, DVS_VLAN_MAX },

    { "Mirror.source_vlans", 0, DVS_VLAN_MAX },
    { "Mirror.encap_vlan", 1, DVS_VLAN_MAX },
    { "Mirror.snaplen", DVS_SNAPLEN_MIN, DVS_SNAPLEN_MAX },
    { "Mirror.sampling", 1, DVS_MIRROR_SAMPLING_MAX },
    { "Mirror.erspan_id", 0, DVS_ERSPAN_ID_MAX },
    { "Mirror.erspan_cos", 0, DVS_COS_MAX },

    { "IPFIX.collector_port", 1, UINT16_MAX },
    { "IPFIX.observation_domain", 0, DVS_IPFIX_DOMAIN_MAX },
    { "IPFIX.active_timeout", DVS_IPFIX_ACTIVE_MIN, DVS_IPFIX_ACTIVE_MAX },
    { "IPFIX.idle_timeout", DVS_IPFIX_IDLE_MIN, DVS_IPFIX_IDLE_MAX },
    { "IPFIX.sampling", 0, DVS_IPFIX_SAMPLING_MAX },

    { "*.shares", 1, DVS_SHARES_MAX },
    { "*.limit", 0, NONE },
    { "*.reservation", 0, NONE },
    { "*.reserved", 0, NONE },
    { "VNIC.mtu", DVS_NIC_MTU_MIN, DVS_NIC_MTU_MAX },

    /* Open vSwitch's. */
    { "Connection.max_backoff", 1000, NONE },
};

/* What is known of Table.column: first what names the table, then what is
 * for any. */
static const struct limit *
find_limit(const char *column)
{
    const char *dot = strchr(column, '.');

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        if (!strcmp(limits[i].column, column)) {
            return &limits[i];
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        if (limits[i].column[0] == '*' && !strcmp(limits[i].column + 1, dot)) {
            return &limits[i];
        }
    }
    return NULL;
}

static int64_t
get_integer(const struct shash *object, const char *key)
{
    const struct json *json = shash_find_data(object, key);

    return json ? json_integer(json) : NONE;
}

/* Checks a base type, which is that of the keys of 'column' or of the values
 * of 'column' less ".value".  Marks the limit that applies in 'used'. */
static void
check_base_type(const char *column, const struct json *type, bool used[])
{
    if (!type || type->type != JSON_OBJECT) {
        return;
    }

    const struct shash *object = json_object(type);
    const char *name = json_string(shash_find_data(object, "type"));
    bool string = !strcmp(name, "string");
    int64_t min = get_integer(object, string ? "minLength" : "minInteger");
    int64_t max = get_integer(object, string ? "maxLength" : "maxInteger");
    if (min == NONE && max == NONE) {
        return;
    }

    const struct limit *limit = find_limit(column);
    if (!limit) {
        fail_msg("%s: nothing known of its range", column);
    }
    used[limit - limits] = true;
    if (min != limit->min || max != limit->max) {
        fail_msg("%s: schema has %"PRId64"..%"PRId64", dvs-limits.h has "
                 "%"PRId64"..%"PRId64, column, min, max, limit->min,
                 limit->max);
    }
}

static void
test_schema(void **state OVS_UNUSED)
{
    const char *srcdir = getenv("srcdir");
    char *file = xasprintf("%s/schema/dvs.ovsschema", srcdir ? srcdir : ".");
    struct json *schema = json_from_file(file);
    bool used[ARRAY_SIZE(limits)] = { false };

    if (schema->type == JSON_STRING) {
        fail_msg("%s", json_string(schema));
    }
    const struct shash_node *t, *c;
    SHASH_FOR_EACH (t, json_object(shash_find_data(json_object(schema),
                                                   "tables"))) {
        const struct shash *table = json_object(t->data);
        SHASH_FOR_EACH (c, json_object(shash_find_data(table, "columns"))) {
            const struct json *type
                = shash_find_data(json_object(c->data), "type");
            if (type->type != JSON_OBJECT) {
                continue;
            }

            char *key = xasprintf("%s.%s", t->name, c->name);
            check_base_type(key, shash_find_data(json_object(type), "key"),
                            used);
            char *value = xasprintf("%s.value", key);
            check_base_type(value, shash_find_data(json_object(type),
                                                   "value"), used);
            free(value);
            free(key);
        }
    }
    json_destroy(schema);
    free(file);

    for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
        if (!used[i]) {
            fail_msg("%s: has no range in the schema", limits[i].column);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

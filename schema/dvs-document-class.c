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


/* PURE: what configuration documents consist of.
 *
 * Every column of these tables is named here, either as configuration or
 * among those that are left out because the controller or an agent writes
 * them; a test holds this against the schema. */

#include <config.h>

#include "schema/dvs-document.h"

#define COLUMNS(...) (const char *const[]) { __VA_ARGS__, NULL }
#define NO_COLUMNS (const char *const[]) { NULL }
#define LINKS(...) \
    (const struct dvs_doc_link[]) { __VA_ARGS__, { .key = NULL } }
#define NO_LINKS (const struct dvs_doc_link[]) { { .key = NULL } }

#define MANY(KEY, CHILD, COLUMN)                                        \
    { .key = KEY, .child = CHILD, .relation = DVS_DOC_CHILD_REFERS,     \
      .column = COLUMN }
#define ONE(KEY, CHILD)                                                 \
    { .key = KEY, .child = CHILD, .relation = DVS_DOC_PARENT_REFERS,    \
      .column = KEY, .single = true }

static const struct dvs_doc_class rule = {
    .table = "Traffic_Rule",
    .word = "rule",
    .identity = "sequence",
    .columns = COLUMNS("sequence", "description", "direction", "src_ip",
                       "dst_ip", "ip_protocol", "src_port", "dst_port",
                       "src_mac", "dst_mac", "ethertype", "vlan_id",
                       "traffic_class", "negate", "action", "tag_cos",
                       "tag_dscp", "rate", "rewrite_mac", "gre_ip",
                       "external_ids"),
    .omitted = NO_COLUMNS,
    .links = NO_LINKS,
};

static const struct dvs_doc_class setting = {
    .table = "Port_Setting",
    .word = "setting",
    .columns = COLUMNS("blocked", "vlan_mode", "vlan_id", "vlan_trunk", "cos",
                       "dscp", "teaming_policy", "active_uplinks",
                       "standby_uplinks", "notify_switches", "failback",
                       "beacon_probing", "reverse_filter", "promiscuous",
                       "mac_changes", "forged_transmits", "mac_learning",
                       "mac_limit", "mac_limit_policy", "unicast_flooding",
                       "shape_in", "shape_in_average", "shape_in_peak",
                       "shape_in_burst", "shape_out", "shape_out_average",
                       "shape_out_peak", "shape_out_burst", "ipfix",
                       "tx_uplink", "filter", "resource_pool",
                       "vendor_config", "external_ids"),
    .omitted = COLUMNS("rules"),
    .links = LINKS({ .key = "rules", .child = &rule,
                     .relation = DVS_DOC_PARENT_REFERS, .column = "rules" }),
};

const struct dvs_doc_class dvs_doc_port = {
    .table = "Port",
    .word = "port",
    .identity = "key",
    .has_uuid = true,
    .columns = COLUMNS("key", "name", "description", "uplink_host",
                       "uplink_name", "pnic", "external_ids"),
    .omitted = COLUMNS("switch", "portgroup", "setting", "connectee",
                       "proxy_host", "conflict", "conflict_key",
                       "host_local", "statistics", "config_version",
                       "faults"),
    .links = LINKS(ONE("setting", &setting)),
};

const struct dvs_doc_class dvs_doc_portgroup = {
    .table = "Portgroup",
    .word = "portgroup",
    .identity = "name",
    .has_uuid = true,
    .columns = COLUMNS("name", "description", "type", "num_ports",
                       "auto_expand", "port_name_format", "uplink",
                       "override_allowed", "live_port_moving",
                       "reset_at_disconnect", "external_ids"),
    .omitted = COLUMNS("switch", "setting", "port_count", "config_version",
                       "create_time", "faults"),
    .links = LINKS(ONE("setting", &setting),
                   MANY("ports", &dvs_doc_port, "portgroup")),
};

const struct dvs_doc_class dvs_doc_member = {
    .table = "Host_Member",
    .word = "host",
    .identity = "host",
    .columns = COLUMNS("host", "uplinks", "ring", "max_ports",
                       "vendor_config", "external_ids"),
    .omitted = COLUMNS("switch", "status", "status_detail", "bandwidth",
                       "bandwidth_status", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class lag = {
    .table = "LAG",
    .word = "LAG",
    .identity = "name",
    .columns = COLUMNS("name", "mode", "num_ports", "hash", "timeout",
                       "vlan_trunk", "ipfix", "external_ids"),
    .omitted = COLUMNS("switch", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class pvlan = {
    .table = "Private_VLAN",
    .word = "private VLAN",
    .identity = "secondary",
    .columns = COLUMNS("primary", "secondary", "type", "external_ids"),
    .omitted = COLUMNS("switch", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class mirror = {
    .table = "Mirror",
    .word = "mirror",
    .identity = "name",
    .columns = COLUMNS("name", "description", "enabled", "type",
                       "source_received", "source_transmitted",
                       "source_vlans", "destination_ports",
                       "destination_uplinks", "destination_ips",
                       "encap_vlan", "strip_vlan", "snaplen",
                       "normal_traffic", "sampling", "encap", "erspan_id",
                       "erspan_cos", "erspan_nanoseconds", "netstack",
                       "external_ids"),
    .omitted = COLUMNS("switch", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class ipfix = {
    .table = "IPFIX",
    .word = "IPFIX",
    .columns = COLUMNS("collector_ip", "collector_port",
                       "observation_domain", "active_timeout",
                       "idle_timeout", "sampling", "internal_only",
                       "external_ids"),
    .omitted = COLUMNS("switch", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class traffic_class = {
    .table = "Traffic_Class",
    .word = "traffic class",
    .identity = "name",
    .columns = COLUMNS("name", "shares", "limit", "reservation",
                       "external_ids"),
    .omitted = COLUMNS("switch", "faults"),
    .links = NO_LINKS,
};

static const struct dvs_doc_class pool = {
    .table = "Resource_Pool",
    .word = "resource pool",
    .identity = "name",
    .has_uuid = true,
    .columns = COLUMNS("name", "description", "reservation", "external_ids"),
    .omitted = COLUMNS("switch", "config_version", "bandwidth",
                       "bandwidth_status", "faults"),
    .links = NO_LINKS,
};

const struct dvs_doc_class dvs_doc_nic = {
    .table = "VNIC",
    .word = "NIC",
    .identity = "id",
    .has_uuid = true,
    .columns = COLUMNS("id", "mac", "kind", "portgroup", "port", "host",
                       "mtu", "traffic_class", "shares", "limit",
                       "reservation", "connection", "automatic", "moved_from",
                       "external_ids"),
    .omitted = COLUMNS("claimed_by", "reserved", "faults"),
    .links = NO_LINKS,
};

const struct dvs_doc_class dvs_doc_switch = {
    .table = "Switch",
    .word = "switch",
    .identity = "name",
    .has_uuid = true,
    .columns = COLUMNS("name", "description", "contact", "uplinks", "mtu",
                       "bridge_name", "datapath_type", "discovery_protocol",
                       "discovery_operation", "multicast_filtering",
                       "vlan_mtu_check_interval", "teaming_check_interval",
                       "resource_management", "reservation_ratio",
                       "num_standalone_ports", "max_ports", "switch_ip",
                       "version", "vendor_config", "next_port_key",
                       "external_ids"),
    .omitted = COLUMNS("default_setting", "port_count", "config_version",
                       "create_time", "merged", "bandwidth",
                       "bandwidth_status", "faults"),
    .links = LINKS(ONE("default_setting", &setting),
                   MANY("resource_pools", &pool, "switch"),
                   MANY("portgroups", &dvs_doc_portgroup, "switch"),
                   MANY("ports", &dvs_doc_port, "switch"),
                   MANY("members", &dvs_doc_member, "switch"),
                   MANY("private_vlans", &pvlan, "switch"),
                   MANY("lags", &lag, "switch"),
                   MANY("mirrors", &mirror, "switch"),
                   { .key = "ipfix", .child = &ipfix,
                     .relation = DVS_DOC_CHILD_REFERS, .column = "switch",
                     .single = true },
                   MANY("traffic_classes", &traffic_class, "switch"),
                   { .key = "nics", .child = &dvs_doc_nic,
                     .relation = DVS_DOC_NICS }),
};

/* All of them, NULL at the end. */
const struct dvs_doc_class *const dvs_doc_classes[] = {
    &dvs_doc_switch, &dvs_doc_portgroup, &dvs_doc_port, &setting, &rule,
    &dvs_doc_member, &lag, &pvlan, &mirror, &ipfix, &traffic_class, &pool,
    &dvs_doc_nic, NULL
};

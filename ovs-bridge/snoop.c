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

/* PURE: what hosts say of the multicast they want.  See snoop.h. */

#include <config.h>
#include "ovs-bridge/snoop.h"
#include <netinet/icmp6.h>
#include <string.h>
#include "csum.h"
#include "dp-packet.h"
#include "flow.h"
#include "hash.h"
#include "ovs-bridge/host-view.h"
#include "packets.h"
#include "util.h"

/* Messages. */

/* Types of records in IGMPv3 and MLDv2 reports (RFC 3376, section 4.2.12). */
#define RECORD_IS_INCLUDE 1
#define RECORD_TO_INCLUDE 3
#define RECORD_BLOCK 6
#define RECORD_LAST 6

/* Lengths of what each message has. */
#define IGMP_LEN 8
#define MLD_LEN 24              /* With a group. */
#define MLD2_LEN 8

static void
add_change(struct snoop_message *m, struct eth_addr mac, bool join)
{
    if (!eth_addr_is_multicast(mac) || snoop_is_flooded(mac)) {
        return;
    }
    if (m->n_changes >= m->allocated_changes) {
        m->changes = x2nrealloc(m->changes, &m->allocated_changes,
                                sizeof *m->changes);
    }
    m->changes[m->n_changes++] = (struct snoop_change) { mac, join };
}

/* Returns the MAC address of the group whose IPv4 address is in the 4 bytes at
 * 'ip' (RFC 1112, section 6.4), all-zeros if it is none. */
static struct eth_addr
mac_of_ipv4(const uint8_t *ip)
{
    struct eth_addr mac = ETH_ADDR_C(01,00,5e,00,00,00);

    if ((ip[0] & 0xf0) != 0xe0) {
        return eth_addr_zero;
    }
    mac.ea[3] = ip[1] & 0x7f;
    mac.ea[4] = ip[2];
    mac.ea[5] = ip[3];
    return mac;
}

/* Likewise for the 16 bytes of an IPv6 address (RFC 2464, section 7). */
static struct eth_addr
mac_of_ipv6(const uint8_t *ip)
{
    struct eth_addr mac = ETH_ADDR_C(33,33,00,00,00,00);

    if (ip[0] != 0xff) {
        return eth_addr_zero;
    }
    memcpy(&mac.ea[2], &ip[12], 4);
    return mac;
}

/* Takes in the records of an IGMPv3 or MLDv2 report, 'len' bytes at 'p', whose
 * addresses have 'addr_len' bytes. */
static void
parse_records(struct snoop_message *m, const uint8_t *p, size_t len,
              unsigned int n_records, size_t addr_len)
{
    size_t fixed = addr_len + 4;

    for (; n_records && len >= fixed; n_records--) {
        unsigned int n_sources = p[2] << 8 | p[3];
        size_t record_len = fixed + n_sources * addr_len + p[1] * 4;
        struct eth_addr mac = (addr_len == 4 ? mac_of_ipv4(p + 4)
                               : mac_of_ipv6(p + 4));
        uint8_t type = p[0];

        if (type >= RECORD_IS_INCLUDE && type <= RECORD_LAST
            && type != RECORD_BLOCK) {
            /* None of a group's sources: it leaves. */
            add_change(m, mac, n_sources || (type != RECORD_IS_INCLUDE
                                             && type != RECORD_TO_INCLUDE));
        }
        if (record_len > len) {
            return;
        }
        p += record_len;
        len -= record_len;
    }
}

static bool
parse_igmp(const struct flow *flow, const uint8_t *p, size_t len,
           struct snoop_message *m)
{
    static const struct eth_addr all_hosts = ETH_ADDR_C(01,00,5e,00,00,01);

    if (len < IGMP_LEN || csum(p, len)) {
        return false;
    }
    m->flooded = eth_addr_equals(flow->dl_dst, all_hosts);
    switch (p[0]) {
    case IGMP_HOST_MEMBERSHIP_QUERY:
        m->query = true;
        m->general = !(p[4] | p[5] | p[6] | p[7]);
        m->router = flow->nw_src != 0;
        return true;
    case IGMP_HOST_MEMBERSHIP_REPORT:
    case IGMPV2_HOST_MEMBERSHIP_REPORT:
        add_change(m, mac_of_ipv4(p + 4), true);
        return true;
    case IGMP_HOST_LEAVE_MESSAGE:
        add_change(m, mac_of_ipv4(p + 4), false);
        return true;
    case IGMPV3_HOST_MEMBERSHIP_REPORT:
        parse_records(m, p + IGMP_LEN, len - IGMP_LEN, p[6] << 8 | p[7], 4);
        return true;
    default:
        m->unknown = true;
        return true;
    }
}

static bool
parse_mld(const struct flow *flow, const void *ip6, const uint8_t *p,
          size_t len, struct snoop_message *m)
{
    static const struct eth_addr ours = ETH_ADDR_C(02,64,76,73,00,01);

    if (len < MLD2_LEN
        || packet_csum_upperlayer6(ip6, p, IPPROTO_ICMPV6, len)) {
        return false;
    }
    if (p[0] == MLD2_REPORT) {
        parse_records(m, p + MLD2_LEN, len - MLD2_LEN, p[6] << 8 | p[7], 16);
        return true;
    }
    if (len < MLD_LEN) {
        return false;
    }
    switch (p[0]) {
    case MLD_QUERY:
        m->query = m->flooded = true;
        m->general = is_all_zeros(p + 8, 16);
        m->router = !eth_addr_equals(flow->dl_src, ours);
        return true;
    case MLD_REPORT:
        add_change(m, mac_of_ipv6(p + 8), true);
        return true;
    case MLD_DONE:
        add_change(m, mac_of_ipv6(p + 8), false);
        return true;
    default:
        return false;
    }
}

/* Takes in the Ethernet frame of 'size' bytes at 'frame', without a tag.
 * Returns true if it is a message, which is then in '*m', to be destroyed by
 * the caller.  One whose checksum is wrong is none (RFC 4541, section 2.1.1,
 * paragraph 5). */
bool
snoop_parse(const void *frame, size_t size, struct snoop_message *m)
{
    struct dp_packet packet;
    struct flow flow;

    memset(m, 0, sizeof *m);
    dp_packet_use_const(&packet, frame, size);
    flow_extract(&packet, &flow);

    const uint8_t *l4 = dp_packet_l4(&packet);
    size_t len = l4 ? dp_packet_l4_size(&packet) : 0;
    bool is_message = false;

    if (!l4 || flow.nw_frag) {
        /* Nothing. */
    } else if (flow.dl_type == htons(ETH_TYPE_IP)
               && flow.nw_proto == IPPROTO_IGMP) {
        is_message = parse_igmp(&flow, l4, len, m);
    } else if (flow.dl_type == htons(ETH_TYPE_IPV6)
               && flow.nw_proto == IPPROTO_ICMPV6) {
        is_message = parse_mld(&flow, dp_packet_l3(&packet), l4, len, m);
    }
    if (!is_message) {
        snoop_message_destroy(m);
    }
    return is_message;
}

/* Frees what is in 'm', but not 'm' itself. */
void
snoop_message_destroy(struct snoop_message *m)
{
    free(m->changes);
    memset(m, 0, sizeof *m);
}

/* Returns true if frames for group address 'mac' go to all in their VLAN, for
 * nobody has to join: groups of one link, and those that neighbor discovery
 * (RFC 4861) relies on. */
bool
snoop_is_flooded(const struct eth_addr mac)
{
    static const uint8_t ipv4[] = { 0x01, 0x00, 0x5e, 0x00, 0x00 };
    static const uint8_t ipv6[] = { 0x33, 0x33, 0x00, 0x00, 0x00 };
    static const uint8_t solicited[] = { 0x33, 0x33, 0xff };

    return (!memcmp(mac.ea, ipv4, sizeof ipv4)
            || !memcmp(mac.ea, ipv6, sizeof ipv6)
            || !memcmp(mac.ea, solicited, sizeof solicited));
}

/* Groups of a port. */

/* Makes 'port', which is new, one of which nothing is known. */
void
snoop_init(struct hv_port *port)
{
    hmap_init(&port->groups);
}

/* Forgets all that 'port' has said.  Returns true if there was anything, or it
 * was asked. */
bool
snoop_reset(struct hv_port *port)
{
    struct snoop_group *group;
    bool any = (port->n_asked || port->router_until || port->too_many_groups
                || !hmap_is_empty(&port->groups));

    HMAP_FOR_EACH_POP (group, node, &port->groups) {
        free(group);
    }
    port->n_asked = 0;
    port->ask_at = port->router_until = 0;
    port->too_many_groups = false;
    return any;
}

/* Frees what 'port' has said. */
void
snoop_destroy(struct hv_port *port)
{
    snoop_reset(port);
    hmap_destroy(&port->groups);
}

static struct snoop_group *
find_group(const struct hv_port *port, const struct eth_addr mac)
{
    struct snoop_group *group;

    HMAP_FOR_EACH_WITH_HASH (group, node, hash_mac(mac, 0, 0),
                             &port->groups) {
        if (eth_addr_equals(group->mac, mac)) {
            return group;
        }
    }
    return NULL;
}

static void
remove_group(struct hv_port *port, struct snoop_group *group)
{
    hmap_remove(&port->groups, &group->node);
    free(group);
}

static bool
join(struct hv_port *port, const struct eth_addr mac, long long int now)
{
    struct snoop_group *group = find_group(port, mac);
    bool is_new = !group;

    if (is_new) {
        if (hmap_count(&port->groups) >= SNOOP_MAX_GROUPS) {
            is_new = !port->too_many_groups;
            port->too_many_groups = true;
            return is_new;
        }
        group = xmalloc(sizeof *group);
        group->mac = mac;
        hmap_insert(&port->groups, &group->node, hash_mac(mac, 0, 0));
    }
    group->expires = now + SNOOP_MEMBER_MS;
    return is_new;
}

/* A port that learns MACs may have several receivers behind it, of which one
 * that leaves does not speak for the others. */
static bool
leave(struct hv_port *port, const struct eth_addr mac)
{
    struct snoop_group *group = find_group(port, mac);

    if (group && !port->setting.mac_learning) {
        remove_group(port, group);
        return true;
    }
    return false;
}

/* Takes in what 'port' has said, 'm', at 'now'.  Returns true if
 * other frames than before must go to it now. */
bool
snoop_hear(struct hv_port *port, const struct snoop_message *m,
           long long int now)
{
    bool changed = false;

    if (m->query) {
        changed = m->router && !port->router_until;
        if (m->router) {
            port->router_until = now + SNOOP_ROUTER_MS;
        }
        return changed;
    }
    for (size_t i = 0; i < m->n_changes; i++) {
        const struct snoop_change *c = &m->changes[i];

        changed |= (c->join ? join(port, c->mac, now)
                    : leave(port, c->mac));
    }
    return changed;
}

/* Forgets what 'port' has said too long before 'now', likewise. */
bool
snoop_expire(struct hv_port *port, long long int now)
{
    struct snoop_group *group;
    bool changed = false;

    HMAP_FOR_EACH_SAFE (group, node, &port->groups) {
        if (group->expires <= now) {
            remove_group(port, group);
            changed = true;
        }
    }
    if (port->too_many_groups
        && hmap_count(&port->groups) < SNOOP_MAX_GROUPS) {
        port->too_many_groups = false;
        changed = true;
    }
    if (port->router_until && port->router_until <= now) {
        port->router_until = 0;
        changed = true;
    }
    return changed;
}

/* Returns true if 'port' gets all multicast of its VLANs: a router is
 * behind it, it has had no time to say what it wants, or it has said too much.
 * A guest that tags is not asked in each of its VLANs, so it gets all, too. */
bool
snoop_gets_all(const struct hv_port *port)
{
    return (port->n_asked <= SNOOP_N_ASKED || port->router_until
            || port->too_many_groups
            || port->setting.vlan.mode == DVS_VLAN_TRUNK);
}

/* Queries.  They are a switch's, not a router's: without an address (RFC 4541,
 * section 2.1.1), and for the NICs of this host only, so they do not take part
 * in the election of a querier. */

/* Makes 'p', which the caller has initialized, an IGMPv3 general query, to be
 * answered within a second. */
void
snoop_compose_igmp(struct dp_packet *p)
{
    uint8_t frame[] = {
        0x01, 0x00, 0x5e, 0x00, 0x00, 0x01, 0x02, 0x64, 0x76, 0x73, 0x00, 0x01,
        0x08, 0x00,
        0x46, 0xc0, 0, 36, 0, 0, 0, 0, 1, IPPROTO_IGMP, 0, 0,
        0, 0, 0, 0, 224, 0, 0, 1, 0x94, 0x04, 0, 0,     /* Router alert. */
        IGMP_HOST_MEMBERSHIP_QUERY, 10, 0, 0, 0, 0, 0, 0, 2, 125, 0, 0,
    };
    uint8_t *ip = frame + ETH_HEADER_LEN;
    ovs_be16 sum;

    sum = csum(ip, 24);
    memcpy(ip + 10, &sum, sizeof sum);
    sum = csum(ip + 24, 12);
    memcpy(ip + 26, &sum, sizeof sum);
    dp_packet_put(p, frame, sizeof frame);
}

/* Likewise an MLDv2 general query.  (It must have a link-local address: RFC
 * 3810, section 5.1.14.) */
void
snoop_compose_mld(struct dp_packet *p)
{
    uint8_t frame[] = {
        0x33, 0x33, 0x00, 0x00, 0x00, 0x01, 0x02, 0x64, 0x76, 0x73, 0x00, 0x01,
        0x86, 0xdd,
        0x60, 0, 0, 0, 0, 36, 0, 1,
        0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x64, 0x76, 0xff, 0xfe, 0x73, 0, 1,
        0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
        IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0,            /* Router alert. */
        MLD_QUERY, 0, 0, 0, 1000 >> 8, 1000 & 0xff, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        2, 125, 0, 0,
    };
    struct ovs_16aligned_ip6_hdr ip6;
    uint8_t *icmp = frame + ETH_HEADER_LEN + IPV6_HEADER_LEN + 8;
    ovs_be16 sum;

    memcpy(&ip6, frame + ETH_HEADER_LEN, sizeof ip6);
    sum = packet_csum_upperlayer6(&ip6, icmp, IPPROTO_ICMPV6, 28);
    memcpy(icmp + 2, &sum, sizeof sum);
    dp_packet_put(p, frame, sizeof frame);
}

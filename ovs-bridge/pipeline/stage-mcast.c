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

/* PURE: tables MCAST and MCALL, and what leads there from FLOOD: multicast
 * only to ports that want it (vSphere's "snooping" mode).
 *
 *     FLOOD   IGMP, MLD     reports -> TELL, and from a NIC its uplink:
 *                                      a host that hears another's report
 *                                      keeps silent (RFC 4541, section 2.1.1)
 *                           queries -> TELL, and all as ever
 *             link-local, neighbor discovery -> all as ever
 *             other IP multicast    -> PROM, MCAST, MCALL; from a NIC TEAM
 *     MCAST   VLAN and group -> group MCAST: chunks -> MCAST_SUB: members
 *     MCALL   any            -> group MCALL: chunks -> MCALL_SUB: ports that
 *                               get all, whose VLANs PROMC checks
 *
 * Uplinks get all that NICs send: the physical switch says by itself who wants
 * it there.  Each copy is made and checked as those for promiscuous ports are
 * (stage-prom.c).
 *
 * Groups' ids in OpenFlow are digests.  Where two are the same, their members
 * get the multicast of both, but only in their own VLANs. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include <netinet/icmp6.h>

#include "hash.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "ovs-bridge/snoop.h"
#include "packets.h"
#include "util.h"

/* Priorities. */
enum {
    FLOOD_IGMP_QUERY = 34,      /* In FLOOD; all before those of */
    FLOOD_REPORT = 32,          /* stage-flood.c. */
    FLOOD_LINK = 28,
    FLOOD_SNOOPED = 24,

    MCAST_ANY = 10
};

/* Emits that frames that 'match' go on at 'next', from a NIC at its uplink as
 * well, and that the agent gets a copy if 'tell'. */
static void
compile_flood(const struct match *base, int priority, bool tell,
              const enum pipeline_table *next, size_t n_next,
              struct desired *desired)
{
    for (int uplink = 0; uplink < 2; uplink++) {
        struct match match = *base;
        uint64_t stub[128 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        match_flags(&match, uplink ? PF_UPLINK : 0, PF_UPLINK);
        if (tell) {
            put_resubmit(&acts, PT_TELL);
        }
        for (size_t i = 0; i < n_next; i++) {
            put_resubmit(&acts, next[i]);
        }
        if (!uplink) {
            put_resubmit(&acts, PT_TEAM);
        }
        desired_flow(desired, PT_FLOOD, priority,
                     DESIRED_COOKIE(DC_SWITCH, 0), &match, &acts);
        ofpbuf_uninit(&acts);
    }
}

static void
compile_messages(const enum pipeline_table *all, size_t n_all,
                 struct desired *desired)
{
    static const struct eth_addr all_hosts = ETH_ADDR_C(01,00,5e,00,00,01);
    static const uint8_t types[] = { MLD_QUERY, MLD_REPORT, MLD_DONE,
                                     MLD2_REPORT };

    /* OpenFlow knows no types of IGMP, but general queries are to all hosts.
     * Others go on through the agent. */
    struct match igmp = MATCH_CATCHALL_INITIALIZER;
    match_set_dl_type(&igmp, htons(ETH_TYPE_IP));
    match_set_nw_proto(&igmp, IPPROTO_IGMP);
    match_multicast(&igmp);
    compile_flood(&igmp, FLOOD_REPORT, true, NULL, 0, desired);
    match_set_dl_dst(&igmp, all_hosts);
    compile_flood(&igmp, FLOOD_IGMP_QUERY, true, all, n_all, desired);

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct match mld = MATCH_CATCHALL_INITIALIZER;

        match_set_dl_type(&mld, htons(ETH_TYPE_IPV6));
        match_set_nw_proto(&mld, IPPROTO_ICMPV6);
        match_set_icmp_type(&mld, types[i]);
        match_multicast(&mld);
        if (types[i] == MLD_QUERY) {
            compile_flood(&mld, FLOOD_REPORT, true, all, n_all, desired);
        } else {
            compile_flood(&mld, FLOOD_REPORT, true, NULL, 0, desired);
        }
    }
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    static const enum pipeline_table all[] = { PT_VFLOOD, PT_TFLOOD };
    static const enum pipeline_table some[] = { PT_PROM, PT_MCAST, PT_MCALL };
    static const struct {
        struct eth_addr mac, mask;
        bool all;               /* As snoop_is_flooded() says. */
    } ranges[] = {
        { ETH_ADDR_C(01,00,5e,00,00,00), ETH_ADDR_C(ff,ff,ff,ff,ff,00), 1 },
        { ETH_ADDR_C(33,33,00,00,00,00), ETH_ADDR_C(ff,ff,ff,ff,ff,00), 1 },
        { ETH_ADDR_C(33,33,ff,00,00,00), ETH_ADDR_C(ff,ff,ff,00,00,00), 1 },
        { ETH_ADDR_C(01,00,5e,00,00,00), ETH_ADDR_C(ff,ff,ff,80,00,00), 0 },
        { ETH_ADDR_C(33,33,00,00,00,00), ETH_ADDR_C(ff,ff,00,00,00,00), 0 },
    };

    if (!sw->snooping) {
        return;
    }
    compile_messages(all, ARRAY_SIZE(all), desired);
    for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_set_dl_dst_masked(&match, ranges[i].mac, ranges[i].mask);
        if (ranges[i].all) {
            compile_flood(&match, FLOOD_LINK, false, all, ARRAY_SIZE(all),
                          desired);
        } else {
            compile_flood(&match, FLOOD_SNOOPED, false, some,
                          ARRAY_SIZE(some), desired);
        }
    }
}

/* Returns the id of an OpenFlow group of 'kind' for multicast to 'mac' in VLAN
 * 'vid', and for 'chunk'. */
static uint32_t
digest_id(enum pipeline_group kind, const struct eth_addr mac, uint16_t vid,
          int chunk)
{
    return ((uint32_t) kind << 28 | (hash_mac(mac, vid, chunk) & 0xfffffff));
}

/* 'port' gets the multicast to 'mac' in VLAN 'vid', one of those that it
 * receives from. */
static void
compile_member(const struct pipeline_port *port, const struct eth_addr mac,
               uint16_t vid, struct desired *desired)
{
    const struct vlan_block block = { vid, 0xfff };
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint32_t all = digest_id(PG_MCAST, mac, vid, 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_vlan(&match, &block);
    match_set_dl_dst(&match, mac);
    put_group(&acts, all);
    desired_flow(desired, PT_MCAST, MCAST_ANY,
                 DESIRED_COOKIE(DC_VLAN, vid), &match, &acts);
    ofpbuf_uninit(&acts);
    pipeline_compile_copy(port, all,
                          digest_id(PG_MCAST_SUB, mac, vid, port->chunk),
                          desired);
}

/* A port that gets all multicast of its VLANs. */
static void
compile_all(const struct pipeline_port *port, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint32_t all = pipeline_group_id(PG_MCALL, 0, 0, 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_group(&acts, all);
    desired_flow(desired, PT_MCALL, MCAST_ANY, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);
    ofpbuf_uninit(&acts);
    pipeline_compile_copy(port, all,
                          pipeline_group_id(PG_MCALL_SUB, 0, 0, port->chunk),
                          desired);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    const struct hv_port *hv = port->hv;
    const struct snoop_group *group;

    if (!port->snooped) {
        return;
    }
    if (snoop_gets_all(hv)) {
        compile_all(port, desired);
        return;
    }
    HMAP_FOR_EACH (group, node, &hv->groups) {
        for (size_t i = 0; i < port->vlans.n_rx; i++) {
            compile_member(port, group->mac, port->vlans.rx[i].vid, desired);
        }
    }
}

const struct pipeline_stage stage_mcast = {
    .name = "mcast",
    .doc = "multicast to ports that want it",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

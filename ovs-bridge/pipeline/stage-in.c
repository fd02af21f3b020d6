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

/* PURE: table IN: where a frame came from, whether it may come in at all, and
 * in which VLAN.  From here on its outer tag is in PR_VLAN, not on it.
 *
 * Whatever no flow here admits is dropped: frames of a port that is not ours
 * (the bridge's own among them), and tags that the port's policy does not
 * allow.  Those of a port of ours are counted (stage-count.c).
 *
 * What comes from a NIC that does not tag is counted here as well, and, if it
 * may send only from its own MAC, refused here if it does not: one flow for
 * each class of frames does it all.  The like of that there is for frames with
 * a tag that come in on an uplink that carries every VLAN. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "packets.h"
#include "util.h"

/* Priorities. */
enum {
    IN_RESERVED_VLAN = 160,     /* VLAN id 4095. */
    IN_HIDDEN_TAG = 157,        /* A tag behind one without a VLAN. */
    IN_RESERVED_MAC = 150,      /* What is for one link only. */
    IN_UPLINK = 100,
    IN_CLOSED = 90,             /* Also in stage-count.c. */
    IN_SECOND_TAG = 85,         /* Likewise, when that one is off. */
    IN_PORT = 80,               /* Also in stage-count.c. */
    IN_PRIORITY = 70            /* A tag without a VLAN, as none. */
};

/* Frames from uplink 'id' that 'match' go on; 'tagged' if that asks for a
 * tag. */
static void
compile_uplink_some(int id, bool tagged, const struct match *match,
                    struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (tagged) {
        put_take_tag(&acts);
    }
    put_came_in(&acts, hv_uplink_lag(id) ? hv_uplink_lag(id) : id);
    put_resubmit(&acts, PT_CUIN);
    desired_flow(desired, PT_IN, IN_UPLINK, DESIRED_COOKIE(DC_UPLINK, id),
                 match, &acts);
    ofpbuf_uninit(&acts);
}

/* Likewise, all that have a tag, most of what comes in: they are counted right
 * here. */
static void
compile_uplink_all_tagged(const struct hv_switch *sw, int id,
                          const struct match *match, struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_take_tag(&acts);
    put_came_in(&acts, hv_uplink_lag(id) ? hv_uplink_lag(id) : id);
    pipeline_put_from_uplink(&acts, sw, id);
    pipeline_compile_uplink_classes(&sw->uplinks[id], id, PT_IN, match, &acts,
                                    desired);
    ofpbuf_uninit(&acts);
}

/* What an uplink does not carry gets a flow, too, that counts it and says
 * why. */
static void
compile_uplink(const struct hv_switch *sw, int id, struct desired *desired)
{
    const struct hv_uplink *uplink = &sw->uplinks[id];
    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    struct port_vlans vlans;

    match_set_in_port(&from_uplink, uplink->ofport);
    pipeline_uplink_vlans(uplink, &vlans);
    for (size_t i = 0; i < vlans.n_rx; i++) {
        struct match match = from_uplink;

        match_tagged(&match, &vlans.rx[i]);
        if (pipeline_carries_all(&vlans)) {
            compile_uplink_all_tagged(sw, id, &match, desired);
        } else {
            compile_uplink_some(id, true, &match, desired);
        }
    }
    if (vlans.untagged) {
        struct match match = from_uplink;

        match_untagged(&match);
        compile_uplink_some(id, false, &match, desired);
    }
    if (!pipeline_carries_all(&vlans)) {
        desired_flow(desired, PT_IN, IN_CLOSED,
                     pipeline_uplink_cookie(uplink, id), &from_uplink, NULL);
    }
    port_vlans_destroy(&vlans);
}

/* What switches say to each other on one link does not go on to another one,
 * from neither side (IEEE 802.1Q, section 8.6.3, and what Open vSwitch's own
 * MAC-learning switch does not forward, see eth_addr_is_reserved() there).
 * Above all, it keeps a guest's BPDUs off the physical switch, which might
 * take the host off the network for them, and does not let a guest make its
 * port a trunk or change its VLANs (DTP, VTP).  Table L2 drops those protocols
 * that are not multicast. */
static void
drop_link_protocols(struct desired *desired)
{
    static const struct eth_addr ieee = ETH_ADDR_C(01,80,c2,00,00,00);
    static const struct eth_addr ieee_mask = ETH_ADDR_C(ff,ff,ff,ff,ff,f0);
    static const uint64_t others[] = {
        0x01000c000000ULL,                      /* Cisco: ISL... */
        0x01000cccccccULL,                      /* ...CDP, DTP, VTP, UDLD... */
        0x01000ccccccdULL,                      /* ...PVST+... */
        0x01000ccdcdcdULL,                      /* ...FlexLink... */
        0x01000cccccc0ULL, 0x01000cccccc1ULL,   /* ...and CFM. */
        0x01000cccccc2ULL, 0x01000cccccc3ULL,
        0x01000cccccc4ULL, 0x01000cccccc5ULL,
        0x01000cccccc6ULL, 0x01000cccccc7ULL,
    };
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);

    /* Spanning tree, LACP, pause, LLDP ... */
    struct match match = MATCH_CATCHALL_INITIALIZER;
    match_set_dl_dst_masked(&match, ieee, ieee_mask);
    desired_flow(desired, PT_IN, IN_RESERVED_MAC, cookie, &match, NULL);

    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        struct eth_addr mac;

        eth_addr_from_uint64(others[i], &mac);
        match_init_catchall(&match);
        match_set_dl_dst(&match, mac);
        desired_flow(desired, PT_IN, IN_RESERVED_MAC, cookie, &match, NULL);
    }
}

/* A priority tag is taken off (IEEE 802.1Q, section 9.6), and nothing is put
 * on in its place where the frame has no VLAN.  A tag behind it would then be
 * taken for the frame's own by whoever gets the frame, so that a guest without
 * a VLAN could send into every VLAN of the physical network.  It would also
 * hide an IP packet from traffic rules, for guests see through such tags.
 *
 * Where Open vSwitch parses more tags than one (its "vlan-limit"), the other
 * tag shows only when the first one is off: see stage-l2.c. */
static void
drop_hidden_tags(struct desired *desired)
{
    static const uint16_t types[] = { ETH_TYPE_VLAN_8021Q,
                                      ETH_TYPE_VLAN_8021AD };
    static const struct vlan_block vlan_0 = { 0, 0xfff };
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_DRIN);
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_tagged(&match, &vlan_0);
        match_set_dl_type(&match, htons(types[i]));
        desired_flow(desired, PT_IN, IN_HIDDEN_TAG,
                     DESIRED_COOKIE(DC_SWITCH, 0), &match, &acts);
    }
    ofpbuf_uninit(&acts);
}

/* Where no VLAN 0 is admitted, a tag with that, which carries only a priority
 * (IEEE 802.1Q, section 9.6), is as good as none: the rest of the frame comes
 * here once more.  So what few frames have costs the others nothing.  What has
 * another tag then was not dropped by drop_hidden_tags(). */
static void
take_priority_off(struct desired *desired)
{
    static const struct vlan_block vlan_0 = { 0, 0xfff };
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_tagged(&match, &vlan_0);
    put_take_priority(&acts);
    put_resubmit(&acts, PT_IN);
    desired_flow(desired, PT_IN, IN_PRIORITY, DESIRED_COOKIE(DC_SWITCH, 0),
                 &match, &acts);

    struct match hidden = MATCH_CATCHALL_INITIALIZER;
    match_hidden_tag(&hidden);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_DRIN);
    desired_flow(desired, PT_IN, IN_SECOND_TAG, DESIRED_COOKIE(DC_SWITCH, 0),
                 &hidden, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    static const struct vlan_block vlan_4095 = { 0xfff, 0xfff };
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    drop_link_protocols(desired);

    /* IEEE 802.1Q, section 9.6: never on the wire.  Later tables rely on its
     * absence, see port-vlans.c. */
    struct match no_vlan = MATCH_CATCHALL_INITIALIZER;
    match_tagged(&no_vlan, &vlan_4095);
    put_resubmit(&acts, PT_DRIN);
    desired_flow(desired, PT_IN, IN_RESERVED_VLAN, cookie, &no_vlan, &acts);
    ofpbuf_uninit(&acts);
    drop_hidden_tags(desired);
    take_priority_off(desired);

    for (int id = 1; id <= HV_LAST_ID; id++) {
        if (pipeline_has_uplink(sw, id)) {
            compile_uplink(sw, id, desired);
        }
    }
}

/* Puts into 'acts' what all frames of 'port' start with. */
static void
put_port(struct ofpbuf *acts, const struct pipeline_port *port)
{
    ofpbuf_clear(acts);
    if (port->vlans.guest) {
        put_sender(acts, port->hv->ofport, port->team);
    } else {
        put_sender_in_vlan(acts, port->hv->ofport, port->team,
                           port->vlans.tx);
    }
    if (port->rules_in) {
        put_load(acts, PR_RULES_IN, port->rules_in);
    }
    if (port->tell_class) {
        put_load(acts, PR_CLASS, port->hv->traffic_class + 1);
    }
    if (port->queue) {
        put_queue(acts, port->queue);
    }
}

/* The switch tags: the guest sends without tag, or with one that has only a
 * priority, which is off by now. */
static void
compile_switch_tagging(const struct pipeline_port *port,
                       struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_set_in_port(&match, port->hv->ofport);
    match_untagged(&match);
    if (port->strict) {
        match_set_dl_src(&match, port->mac);
    }
    put_port(&acts, port);
    put_resubmit(&acts, port->strict ? port->admitted : PT_SEC);
    pipeline_compile_classes(port, PT_IN, &match, &acts, desired);
    ofpbuf_uninit(&acts);
}

/* The guest tags, within the port's ranges. */
static void
compile_guest_tagging(const struct pipeline_port *port,
                      struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (port->vlans.untagged) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_set_in_port(&match, port->hv->ofport);
        match_untagged(&match);
        put_port(&acts, port);
        put_resubmit(&acts, PT_CIN);
        desired_flow(desired, PT_IN, IN_PORT, port->cookie, &match, &acts);
    }
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_set_in_port(&match, port->hv->ofport);
        match_tagged(&match, &port->vlans.rx[i]);
        put_port(&acts, port);
        put_take_tag(&acts);
        put_resubmit(&acts, PT_CIN);
        desired_flow(desired, PT_IN, IN_PORT, port->cookie, &match, &acts);
    }

    ofpbuf_uninit(&acts);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    if (port->vlans.guest) {
        compile_guest_tagging(port, desired);
    } else {
        compile_switch_tagging(port, desired);
    }
}

const struct pipeline_stage stage_in = {
    .name = "in",
    .doc = "admission: port or uplink, VLAN",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
};

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

/* PURE: what the stages write matches and actions with.  See actions.h. */

#include <config.h>

#include "ovs-bridge/pipeline/actions.h"

#include <string.h>

#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/port-vlans.h"
#include "packets.h"
#include "util.h"

/* Bits of PR_VLAN. */
#define VLAN_REG_VID 0xfff
#define VLAN_REG_TAG 0x1000
#define VLAN_REG_PCP_OFS 13

/* Matches. */

/* Matches on register 'reg' (a PR_*) being 'value'. */
void
match_pr(struct match *match, enum mf_field_id reg, uint32_t value)
{
    match_set_reg(match, reg - MFF_REG0, value);
}

/* Matches on those flags (PF_*) that are in 'mask' being as in 'flags'. */
void
match_flags(struct match *match, uint32_t flags, uint32_t mask)
{
    match_set_reg_masked(match, PR_FLAGS - MFF_REG0, flags, mask);
}

/* Matches on the frame's VLAN, as in PR_VLAN, being within 'block'. */
void
match_vlan(struct match *match, const struct vlan_block *block)
{
    match_set_reg_masked(match, PR_VLAN - MFF_REG0, block->vid, block->mask);
}

/* Matches on PR_TYPES being filled in, with 'types' within 'mask'. */
void
match_types(struct match *match, uint32_t types, uint32_t mask)
{
    match_set_reg_masked(match, PR_TYPES - MFF_REG0, types | PR_TYPES_FILLED,
                         mask | PR_TYPES_FILLED);
}

/* Matches on PR_TYPES not being filled in. */
void
match_no_types(struct match *match)
{
    match_set_reg_masked(match, PR_TYPES - MFF_REG0, 0, PR_TYPES_FILLED);
}

/* Matches on frames that get no tag: VLAN, as in PR_VLAN, 0 without a
 * priority. */
void
match_no_tag(struct match *match)
{
    match_set_reg_masked(match, PR_VLAN - MFF_REG0, 0,
                         VLAN_REG_VID | 7 << VLAN_REG_PCP_OFS);
}

/* Matches on multicast and broadcast. */
void
match_multicast(struct match *match)
{
    static const struct eth_addr bit = ETH_ADDR_C(01,00,00,00,00,00);

    match_set_dl_dst_masked(match, bit, bit);
}

/* Matches on frames that are neither. */
void
match_unicast(struct match *match)
{
    static const struct eth_addr bit = ETH_ADDR_C(01,00,00,00,00,00);

    match_set_dl_dst_masked(match, eth_addr_zero, bit);
}

/* Matches on frames whose source is a group address. */
void
match_group_source(struct match *match)
{
    static const struct eth_addr bit = ETH_ADDR_C(01,00,00,00,00,00);

    match_set_dl_src_masked(match, bit, bit);
}

/* Matches on frames whose source is no group address. */
void
match_single_source(struct match *match)
{
    static const struct eth_addr bit = ETH_ADDR_C(01,00,00,00,00,00);

    match_set_dl_src_masked(match, eth_addr_zero, bit);
}

/* Matches on frames that have a tag whose VLAN is within 'block'; NULL for any
 * tag. */
void
match_tagged(struct match *match, const struct vlan_block *block)
{
    uint16_t vid = block ? block->vid : 0;
    uint16_t mask = block ? block->mask : 0;

    match_set_dl_tci_masked(match, htons(VLAN_CFI | vid),
                            htons(VLAN_CFI | mask));
}

/* Matches on frames without a tag. */
void
match_untagged(struct match *match)
{
    match_set_dl_tci_masked(match, htons(0), htons(VLAN_CFI));
}

/* Matches on frames that have a tag still after put_take_priority(). */
void
match_hidden_tag(struct match *match)
{
    match_set_reg_masked(match, PR_VLAN - MFF_REG0, VLAN_REG_TAG,
                         VLAN_REG_TAG);
    match_tagged(match, NULL);
}

/* Actions. */

static void
put_set_bits(struct ofpbuf *ofpacts, enum mf_field_id reg, uint32_t value,
             uint32_t mask)
{
    struct ofpact_set_field *sf;

    /* Without a value here, the padding is zeroed too, so that equal actions
     * are equal bytes. */
    sf = ofpact_put_set_field(ofpacts, mf_from_id(reg), NULL, NULL);
    sf->value->be32 = htonl(value);
    ofpact_set_field_mask(sf)->be32 = htonl(mask);
}

static void
put_move(struct ofpbuf *ofpacts, enum mf_field_id src, unsigned int src_ofs,
         enum mf_field_id dst, unsigned int dst_ofs, unsigned int n_bits)
{
    struct ofpact_reg_move *move = ofpact_put_REG_MOVE(ofpacts);

    move->src.field = mf_from_id(src);
    move->src.ofs = src_ofs;
    move->src.n_bits = n_bits;
    move->dst.field = mf_from_id(dst);
    move->dst.ofs = dst_ofs;
    move->dst.n_bits = n_bits;
}

/* Sets register 'reg' (a PR_*) to 'value'. */
void
put_load(struct ofpbuf *ofpacts, enum mf_field_id reg, uint32_t value)
{
    put_set_bits(ofpacts, reg, value, UINT32_MAX);
}

/* Registers that are to be set at once. */
struct registers {
    uint32_t value[FLOW_N_REGS], mask[FLOW_N_REGS];
};

static void
add_bits(struct registers *regs, enum mf_field_id reg, uint32_t value,
         uint32_t mask)
{
    regs->value[reg - MFF_REG0] |= value;
    regs->mask[reg - MFF_REG0] |= mask;
}

static void
add_register(struct registers *regs, enum mf_field_id reg, uint32_t value)
{
    add_bits(regs, reg, value, UINT32_MAX);
}

/* Sets 'regs'.  Open vSwitch has names for four registers in a row, and each
 * action costs about the same. */
static void
put_registers(struct ofpbuf *ofpacts, const struct registers *regs)
{
    for (int i = 0; i < FLOW_N_REGS; i += 4) {
        struct ofpact_set_field *sf;
        int n = 0, one = 0;

        for (int j = i; j < i + 4; j++) {
            if (regs->mask[j]) {
                n++;
                one = j;
            }
        }
        if (n > 1) {
            sf = ofpact_put_set_field(ofpacts, mf_from_id(MFF_XXREG0 + i / 4),
                                      NULL, NULL);
            for (int j = 0; j < 4; j++) {
                sf->value->be128.be32[j] = htonl(regs->value[i + j]);
                ofpact_set_field_mask(sf)->be128.be32[j]
                    = htonl(regs->mask[i + j]);
            }
        } else if (n) {
            put_set_bits(ofpacts, MFF_REG0 + one, regs->value[one],
                         regs->mask[one]);
        }
    }
}

/* Makes 'uplink' the one that the frame has come in on. */
void
put_came_in(struct ofpbuf *ofpacts, int uplink)
{
    struct registers regs = { .mask = { 0 } };

    add_register(&regs, PR_FLAGS, PF_UPLINK);
    add_register(&regs, PR_CAME_IN, uplink);
    add_bits(&regs, PR_VLAN, VLAN_REG_TAG, VLAN_REG_TAG);
    put_registers(ofpacts, &regs);
}

static void
add_sender(struct registers *regs, ofp_port_t port, int team)
{
    uint32_t others = ~pipeline_port_code(port) & PORT_CODE_ALL;

    add_register(regs, PR_SOURCE, ofp_to_u16(port));
    add_register(regs, PR_SENDER, others);
    add_register(regs, PR_SELF, others);
    add_register(regs, PR_TEAM, team);
    add_bits(regs, PR_VLAN, VLAN_REG_TAG, VLAN_REG_TAG);
}

/* Makes 'port' the one of the sending NIC, and 'team' its team. */
void
put_sender(struct ofpbuf *ofpacts, ofp_port_t port, int team)
{
    struct registers regs = { .mask = { 0 } };

    add_sender(&regs, port, team);
    put_registers(ofpacts, &regs);
}

/* Likewise, and makes 'vid' the frame's VLAN and leaves its priority. */
void
put_sender_in_vlan(struct ofpbuf *ofpacts, ofp_port_t port, int team,
                   uint16_t vid)
{
    struct registers regs = { .mask = { 0 } };

    add_sender(&regs, port, team);
    add_bits(&regs, PR_VLAN, vid, VLAN_REG_VID);
    put_registers(ofpacts, &regs);
}

static void
add_receiver(struct registers *regs, ofp_port_t port)
{
    uint32_t code = pipeline_port_code(port);

    add_register(regs, PR_DEST, ofp_to_u16(port));
    add_bits(regs, PR_SELF, code, code);
}

/* Makes 'port' the one of the receiving NIC.  No other may have been before,
 * or PR_SELF would have bits of both: see put_copy_receiver(). */
void
put_receiver(struct ofpbuf *ofpacts, ofp_port_t port)
{
    struct registers regs = { .mask = { 0 } };

    add_receiver(&regs, port);
    put_registers(ofpacts, &regs);
}

/* Likewise, and makes 'team' the frame's team. */
void
put_receiver_in_team(struct ofpbuf *ofpacts, ofp_port_t port, int team)
{
    struct registers regs = { .mask = { 0 } };

    add_receiver(&regs, port);
    add_register(&regs, PR_TEAM, team);
    put_registers(ofpacts, &regs);
}

/* Likewise, of a copy of a frame that is for another NIC, too. */
void
put_copy_receiver(struct ofpbuf *ofpacts, ofp_port_t port, int team)
{
    put_move(ofpacts, PR_SENDER, 0, PR_SELF, 0, PORT_CODE_BITS);
    put_receiver_in_team(ofpacts, port, team);
}

/* Sets the flags (PF_*) in 'flags' and leaves the others. */
void
put_flags(struct ofpbuf *ofpacts, uint32_t flags)
{
    put_set_bits(ofpacts, PR_FLAGS, flags, flags);
}

/* Clears the flags (PF_*) in 'flags' and leaves the others. */
void
put_clear_flags(struct ofpbuf *ofpacts, uint32_t flags)
{
    put_set_bits(ofpacts, PR_FLAGS, 0, flags);
}

/* Makes 'vid' the frame's VLAN and leaves its priority. */
void
put_vlan(struct ofpbuf *ofpacts, uint16_t vid)
{
    put_set_bits(ofpacts, PR_VLAN, vid | VLAN_REG_TAG,
                 VLAN_REG_VID | VLAN_REG_TAG);
}

/* Takes VLAN and priority of the frame's tag into PR_VLAN, and the tag off.
 * The match must ask for a tag. */
void
put_take_tag(struct ofpbuf *ofpacts)
{
    put_move(ofpacts, MFF_VLAN_TCI, 0, PR_VLAN, 0, 16);
    ofpact_put_STRIP_VLAN(ofpacts);
}

/* Like put_take_tag(), but leaves the VLAN in PR_VLAN. */
void
put_take_priority(struct ofpbuf *ofpacts)
{
    put_move(ofpacts, MFF_VLAN_TCI, 12, PR_VLAN, 12, 4);
    ofpact_put_STRIP_VLAN(ofpacts);
}

/* Makes 'priority' (0..7) the frame's and leaves its VLAN. */
void
put_priority(struct ofpbuf *ofpacts, uint8_t priority)
{
    put_set_bits(ofpacts, PR_VLAN, (uint32_t) priority << VLAN_REG_PCP_OFS,
                 7 << VLAN_REG_PCP_OFS);
}

/* Fills in PR_TYPES.  If 'ip', the match must ask for IPv4 or IPv6. */
void
put_types(struct ofpbuf *ofpacts, bool ip)
{
    put_set_bits(ofpacts, PR_TYPES, PR_TYPES_FILLED, PR_TYPES_FILLED);
    put_move(ofpacts, MFF_ETH_TYPE, 0, PR_TYPES, 0, 16);
    if (ip) {
        put_move(ofpacts, MFF_IP_PROTO, 0, PR_TYPES, PR_TYPES_PROTOCOL_OFS,
                 8);
    }
}

/* Puts 'dscp' (0..63) into PR_TYPES, for put_dscp_from_types(). */
void
put_dscp_into_types(struct ofpbuf *ofpacts, uint8_t dscp)
{
    put_set_bits(ofpacts, PR_TYPES, (uint32_t) dscp << PR_TYPES_DSCP_OFS,
                 UINT32_C(0x3f) << PR_TYPES_DSCP_OFS);
}

/* Makes what is in PR_TYPES the packet's DSCP.  The match must ask for IPv4 or
 * IPv6. */
void
put_dscp_from_types(struct ofpbuf *ofpacts)
{
    put_move(ofpacts, PR_TYPES, PR_TYPES_DSCP_OFS, MFF_IP_DSCP_SHIFTED, 0, 6);
}

/* Makes 'mac' the frame's destination. */
void
put_destination(struct ofpbuf *ofpacts, const struct eth_addr mac)
{
    const union mf_value value = { .mac = mac };

    ofpact_put_set_field(ofpacts, mf_from_id(MFF_ETH_DST), &value, NULL);
}

/* Makes 'dscp' (0..63) the packet's.  The match must ask for IPv4 or IPv6. */
void
put_dscp(struct ofpbuf *ofpacts, uint8_t dscp)
{
    const union mf_value value = { .u8 = dscp };

    ofpact_put_set_field(ofpacts, mf_from_id(MFF_IP_DSCP_SHIFTED), &value,
                         NULL);
}

/* Puts a tag on the frame, with VLAN and priority from PR_VLAN. */
void
put_give_tag(struct ofpbuf *ofpacts)
{
    ofpact_put_PUSH_VLAN(ofpacts)->ethertype = htons(ETH_TYPE_VLAN_8021Q);
    put_move(ofpacts, PR_VLAN, 0, MFF_VLAN_TCI, 0, 16);
}

/* Goes on at 'table'. */
void
put_resubmit(struct ofpbuf *ofpacts, enum pipeline_table table)
{
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(ofpacts);

    resubmit->in_port = OFPP_IN_PORT;
    resubmit->table_id = table;
}

/* Goes to group 'group_id'. */
void
put_group(struct ofpbuf *ofpacts, uint32_t group_id)
{
    ofpact_put_GROUP(ofpacts)->group_id = group_id;
}

/* What the frame is sent with from now on waits in 'queue' of the port that it
 * leaves by, if that has such a queue. */
void
put_queue(struct ofpbuf *ofpacts, uint32_t queue)
{
    ofpact_put_SET_QUEUE(ofpacts)->queue_id = queue;
}

/* Sends the frame to 'port', unless it came from there. */
void
put_output(struct ofpbuf *ofpacts, ofp_port_t port)
{
    ofpact_put_OUTPUT(ofpacts)->port = port;
}

/* Lets pass only what meter 'meter_id' does: for the rest, nothing is done any
 * more that the datapath would do after this, whatever table says so. */
void
put_meter(struct ofpbuf *ofpacts, uint32_t meter_id)
{
    struct ofpact_meter *meter = ofpact_put_METER(ofpacts);

    meter->meter_id = meter_id;
    meter->provider_meter_id = UINT32_MAX;
}

/* Sends a copy of the frame to 'ofport', unless a meter drops it to which
 * table 'meters' comes, and has 'count' count it: what the meter drops then is
 * just the copy.
 *
 * A clone in OpenFlow becomes one in the datapath only if it holds an action
 * that cannot be undone, and Open vSwitch neither looks into tables for that
 * nor allows a meter here.  It takes an output that may cut the frame for one;
 * this one cuts nothing. */
void
put_metered_output(struct ofpbuf *ofpacts, enum pipeline_table meters,
                   enum pipeline_table count, ofp_port_t ofport)
{
    size_t offset = ofpacts->size;
    struct ofpact_output_trunc *output;
    struct ofpact_nest *clone;

    ofpact_put_CLONE(ofpacts);
    put_resubmit(ofpacts, meters);
    put_resubmit(ofpacts, count);
    output = ofpact_put_OUTPUT_TRUNC(ofpacts);
    output->port = ofport;
    output->max_len = UINT32_MAX;
    clone = ofpbuf_at_assert(ofpacts, offset, sizeof *clone);
    ofpacts->header = clone;
    ofpact_finish_CLONE(ofpacts, &clone);
}

/* Sends a copy of the frame, cut to 'n_bytes', to the agent, with the table
 * and the cookie of the flow (OpenFlow 1.5, section 7.4.1). */
void
put_tell_agent(struct ofpbuf *ofpacts, uint16_t n_bytes)
{
    struct ofpact_output *output = ofpact_put_OUTPUT(ofpacts);

    output->port = OFPP_CONTROLLER;
    output->max_len = n_bytes;
}

/* Likewise, but only as much as meter 'meter_id' lets pass; the rest goes on
 * without a copy. */
void
put_tell_agent_metered(struct ofpbuf *ofpacts, uint16_t n_bytes,
                       uint32_t meter_id)
{
    struct ofpact_controller *oc = ofpact_put_CONTROLLER(ofpacts);

    oc->max_len = n_bytes;
    oc->reason = OFPR_ACTION;
    oc->meter_id = meter_id;
    oc->provider_meter_id = UINT32_MAX;
    ofpact_finish_CONTROLLER(ofpacts, &oc);
}

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

#ifndef PIPELINE_ACTIONS_H
#define PIPELINE_ACTIONS_H 1

/* PURE: what the stages write matches and actions with.
 *
 * Only such actions that come back from a switch, in OpenFlow 1.5, just as
 * they were sent. */

#include <stdint.h>
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofp-port.h"
#include "ovs-bridge/pipeline/pipeline.h"

struct ofpbuf;
struct vlan_block;

/* Matches: on the registers, and on a frame that has its tag on. */
void match_pr(struct match *, enum mf_field_id reg, uint32_t value);
void match_flags(struct match *, uint32_t flags, uint32_t mask);
void match_vlan(struct match *, const struct vlan_block *);
void match_types(struct match *, uint32_t types, uint32_t mask);
void match_no_types(struct match *);
void match_no_tag(struct match *);
void match_multicast(struct match *);
void match_unicast(struct match *);
void match_group_source(struct match *);
void match_single_source(struct match *);
void match_tagged(struct match *, const struct vlan_block *);
void match_untagged(struct match *);
void match_hidden_tag(struct match *);

/* Actions, each appended to 'ofpacts'. */
void put_load(struct ofpbuf *ofpacts, enum mf_field_id reg, uint32_t value);
void put_came_in(struct ofpbuf *ofpacts, int uplink);
void put_sender(struct ofpbuf *ofpacts, ofp_port_t, int team);
void put_sender_in_vlan(struct ofpbuf *ofpacts, ofp_port_t, int team,
                        uint16_t vid);
void put_receiver(struct ofpbuf *ofpacts, ofp_port_t);
void put_receiver_in_team(struct ofpbuf *ofpacts, ofp_port_t, int team);
void put_copy_receiver(struct ofpbuf *ofpacts, ofp_port_t, int team);
void put_flags(struct ofpbuf *ofpacts, uint32_t flags);
void put_clear_flags(struct ofpbuf *ofpacts, uint32_t flags);
void put_vlan(struct ofpbuf *ofpacts, uint16_t vid);
void put_take_tag(struct ofpbuf *ofpacts);
void put_take_priority(struct ofpbuf *ofpacts);
void put_priority(struct ofpbuf *ofpacts, uint8_t priority);
void put_types(struct ofpbuf *, bool ip);
void put_dscp_into_types(struct ofpbuf *, uint8_t dscp);
void put_dscp_from_types(struct ofpbuf *);
void put_destination(struct ofpbuf *, const struct eth_addr mac);
void put_dscp(struct ofpbuf *ofpacts, uint8_t dscp);
void put_give_tag(struct ofpbuf *ofpacts);
void put_meter(struct ofpbuf *ofpacts, uint32_t meter_id);
void put_metered_output(struct ofpbuf *ofpacts, enum pipeline_table meters,
                        enum pipeline_table count, ofp_port_t);
void put_resubmit(struct ofpbuf *ofpacts, enum pipeline_table);
void put_group(struct ofpbuf *ofpacts, uint32_t group_id);
void put_queue(struct ofpbuf *ofpacts, uint32_t queue);
void put_output(struct ofpbuf *ofpacts, ofp_port_t);
void put_tell_agent(struct ofpbuf *ofpacts, uint16_t n_bytes);
void put_tell_agent_metered(struct ofpbuf *ofpacts, uint16_t n_bytes,
                            uint32_t meter_id);

#endif /* actions.h */

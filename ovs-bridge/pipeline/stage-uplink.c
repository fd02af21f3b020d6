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

/* PURE: tables RPF and UP: what comes of the uplink that a team uses now.
 *
 * For a frame from a NIC it is where to send it.  For one from an uplink it is
 * a check: the frame passes only if it came in there.  A physical switch
 * floods to every uplink of a host, so without the check a port would get a
 * copy from each; unicast is checked too, because the physical switch floods
 * that as well when it does not know the MAC.
 *
 * There is no way from PF_UPLINK to an uplink's output: nothing passes from
 * uplink to uplink. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "schema/dvs-rule.h"

/* Priorities. */
enum {
    RPF_CHECKED = 20,
    RPF_DETOUR = 11,
    RPF_ANY = 10,

    UP_DETOUR = 21,
    UP_CHECK = 20,
    UP_RULES = 16,
    UP_UNTAGGED = 15,           /* Before those in stage-count.c. */
    UP_TAGGED = 10              /* Also in stage-count.c. */
};

/* All of these look at the same flags, so that it takes Open vSwitch one
 * look. */
static void
compile_rpf(struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    struct match from_nic = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_nic, 0, PF_UPLINK | PF_KNOWN);
    put_resubmit(&acts, PT_COUT);
    desired_flow(desired, PT_RPF, RPF_ANY, cookie, &from_nic, &acts);

    /* A copy of a frame that has passed the check. */
    struct match checked = MATCH_CATCHALL_INITIALIZER;
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_PROM);
    match_flags(&checked, PF_UPLINK | PF_KNOWN, PF_UPLINK | PF_KNOWN);
    desired_flow(desired, PT_RPF, RPF_CHECKED, cookie, &checked, &acts);

    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_uplink, PF_UPLINK, PF_UPLINK | PF_KNOWN);
    ofpbuf_clear(&acts);
    put_flags(&acts, PF_KNOWN);
    put_resubmit(&acts, PT_TEAM);
    desired_flow(desired, PT_RPF, RPF_ANY, cookie, &from_uplink, &acts);

    ofpbuf_uninit(&acts);
}

/* A frame that came in on uplink 'id', which is the one its team uses, goes on
 * at 'next'. */
static void
compile_check(int id, int priority, uint32_t known, enum pipeline_table next,
              struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, PF_UPLINK | known, PF_UPLINK | PF_KNOWN);
    match_pr(&match, PR_CAME_IN, id);
    match_pr(&match, PR_PICKED, id);
    put_resubmit(&acts, next);
    desired_flow(desired, PT_UP, priority, DESIRED_COOKIE(DC_UPLINK, id),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* Appends to 'acts' where what is for 'uplink' of 'sw' goes on. */
static void
put_on(struct ofpbuf *acts, const struct hv_switch *sw,
       const struct hv_uplink *uplink)
{
    if (pipeline_rules_meter_out(sw, uplink->ruleset)) {
        put_metered_output(acts, PT_SHOUT, PT_CUOUT, uplink->ofport);
    } else {
        put_resubmit(acts, PT_CUOUT);
    }
}

/* Emits that frames that are for one NIC here pass PROM, FOUT and OUT on their
 * way to it.  Each port that any of these tables has anything for emits it. */
void
pipeline_compile_detour(const struct hv_switch *sw, struct desired *desired)
{
    struct match from_nic = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&from_nic, 0, PF_UPLINK | PF_KNOWN);
    put_resubmit(&acts, PT_PROM);
    desired_flow(desired, PT_RPF, RPF_DETOUR, DESIRED_COOKIE(DC_SWITCH, 0),
                 &from_nic, &acts);
    ofpbuf_uninit(&acts);
    for (int id = 1; id <= HV_LAST_LAG; id++) {
        if (hv_uplink_is_here(sw, id)) {
            compile_check(id, UP_DETOUR, PF_KNOWN, PT_PROM, desired);
        }
    }
}

/* Frames whose team picked uplink 'id' leave there with a tag, those in one
 * block of VLANs.  The output itself is in table CUOUT (stage-count.c), but
 * for an uplink whose rules limit rates. */
static void
compile_send_tagged(const struct hv_switch *sw, int id,
                    const struct vlan_block *block, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, 0, PF_UPLINK);
    match_pr(&match, PR_PICKED, id);
    match_vlan(&match, block);
    put_give_tag(&acts);
    put_on(&acts, sw, &sw->uplinks[id]);
    desired_flow(desired, PT_UP, UP_TAGGED, DESIRED_COOKIE(DC_UPLINK, id),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* Likewise, all of them: they are counted and sent right here. */
static void
compile_send_all_tagged(const struct hv_switch *sw, int id,
                        struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_flags(&match, 0, PF_UPLINK);
    match_pr(&match, PR_PICKED, id);
    put_give_tag(&acts);
    put_resubmit(&acts, PT_CPIN);
    put_output(&acts, sw->uplinks[id].ofport);
    pipeline_compile_uplink_classes(&sw->uplinks[id], id, PT_UP, &match, &acts,
                                    desired);
    ofpbuf_uninit(&acts);
}

static void
compile_send_untagged(const struct hv_switch *sw, int id,
                      struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* VLAN 0 without a priority is no tag at all. */
    match_flags(&match, 0, PF_UPLINK);
    match_no_tag(&match);
    match_pr(&match, PR_PICKED, id);
    put_on(&acts, sw, &sw->uplinks[id]);
    desired_flow(desired, PT_UP, UP_UNTAGGED, DESIRED_COOKIE(DC_UPLINK, id),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

/* Frames whose team picked uplink 'id' pass its rules, if it has any, and come
 * back here from there (stage-rules.c). */
static void
compile_send_rules(const struct hv_switch *sw, int id,
                   struct desired *desired)
{
    const struct hv_uplink *uplink = &sw->uplinks[id];
    uint32_t rules = pipeline_uplink_rules(uplink, DVS_RULE_OUT);
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!rules) {
        return;
    }
    match_flags(&match, 0, PF_UPLINK);
    match_pr(&match, PR_PICKED, id);
    match_pr(&match, PR_RULES_OUT, 0);
    put_load(&acts, PR_RULES_OUT, rules);
    if (pipeline_rules_meter_out(sw, uplink->ruleset)) {
        put_load(&acts, PR_LIMIT, 0);
    }
    put_resubmit(&acts, PT_FOUT);
    desired_flow(desired, PT_UP, UP_RULES, DESIRED_COOKIE(DC_UPLINK, id),
                 &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_send(const struct hv_switch *sw, int id, struct desired *desired)
{
    struct port_vlans vlans;

    compile_send_rules(sw, id, desired);
    pipeline_uplink_vlans(&sw->uplinks[id], &vlans);
    if (vlans.untagged) {
        compile_send_untagged(sw, id, desired);
    }
    if (pipeline_carries_all(&vlans)
        && !pipeline_rules_meter_out(sw, sw->uplinks[id].ruleset)) {
        compile_send_all_tagged(sw, id, desired);
    } else {
        for (size_t i = 0; i < vlans.n_rx; i++) {
            compile_send_tagged(sw, id, &vlans.rx[i], desired);
        }
    }
    port_vlans_destroy(&vlans);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    compile_rpf(desired);
    for (int id = 1; id <= HV_LAST_ID; id++) {
        if (id <= HV_LAST_LAG && hv_uplink_is_here(sw, id)) {
            compile_check(id, UP_CHECK, 0, PT_SUB, desired);
            compile_check(id, UP_CHECK, PF_KNOWN, PT_CPOUT, desired);
        }
        if (pipeline_has_uplink(sw, id)) {
            compile_send(sw, id, desired);
        }
    }
}

const struct pipeline_stage stage_uplink = {
    .name = "uplink",
    .doc = "uplink chosen: send, or accept from it",
    .compile_switch = compile_switch,
};

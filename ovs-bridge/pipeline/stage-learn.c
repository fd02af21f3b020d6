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

/* PURE: tables LEARN, LIMIT, LRN, LRND, SRC, SRCD and MOVED: the MACs behind a
 * port that were not configured but learned.
 *
 * Only the datapath learns.  What it learned lasts for LEARN_TIMEOUT after the
 * last frame from a MAC, whether or not the agent runs, and says just which
 * NIC has the MAC; what follows from that is the port's own flows' to say, so
 * that a change of policy takes effect on all of its MACs at once.
 *
 *     from the NIC  LEARN  another MAC than its own -> remember it in LRN
 *                   LIMIT  below the limit          -> and in SRC
 *     to a MAC      L2     not a NIC's own          -> LRN, LRND
 *                   LRN    VLAN and MAC: which NIC    (learned)
 *                   LRND   NIC                      -> RPF and on
 *     from outside  SEC    any                      -> SRC, SRCD
 *                   SRC    VLAN and MAC: which NIC    (learned)
 *                   SRCD   NIC                      -> TEAM, UP (a check)
 *                   MOVED  passed the check         -> forget the MAC
 *                   RPF    to a NIC here            -> and the MAC is outside
 *                   LRN    VLAN and MAC: outside      (learned)
 *
 * A frame that comes in on an uplink from a MAC that was learned here is a
 * reflection (the physical switch floods to every uplink what the NIC sent on
 * one), or the MAC is somewhere else now, as when a nested hypervisor moves a
 * machine.  A physical switch does not send a frame back to where it came
 * from: so, what comes in where the NIC's team is has not been sent by it.  It
 * proves the move, and the MAC is forgotten.  All else is dropped.
 *
 * To be forgotten, a learned flow is learned again, to say nothing, and for a
 * moment only.
 *
 * A MAC from which a NIC here gets unicast from outside is not unknown, so
 * what is sent to it goes to the uplink only, without a copy for each port
 * that learns (stage-unknown.c).  Of broadcasts nothing is learned: these come
 * back from the physical switch even if their source is behind a port here
 * that must not learn more.  What is learned here comes before that.
 *
 * Learned flows go with the flow that learned them (flag
 * "delete_learned"): with a port that is gone, blocked, does not learn any
 * more, or whose NIC or VLANs changed, for which a number in their cookie
 * stands. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include <stdlib.h>

#include "hash.h"
#include "learn.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "util.h"

/* Priorities. */
enum {
    SEC_OTHERS = 19,            /* After SEC_PORT in stage-sec.c. */
    SEC_SOURCE = 28,            /* Before SEC_UPLINK there. */
    LEARN_ANY = 10,
    LIMIT_LEARNED = 20,
    LIMIT_OTHERS = 10,
    LRN_LEARNED = 10,           /* Also in SRC. */
    LRN_OUTSIDE = 5,
    LRND_PORT = 10,             /* Also in SRCD and MOVED. */
    LRND_OUTSIDE = 5,
    LRND_ANY = 0,               /* Also in SRCD. */
    RPF_OUTSIDE = 12,           /* Before RPF_ANY in stage-uplink.c. */
    L2_LEARNED = 3,             /* Before L2_FLOODING in stage-l2.c. */
    TEAM_OWN = 40,              /* Before all in stage-team.c. */
    UP_OWN = 25                 /* Before UP_CHECK in stage-uplink.c. */
};

/* Seconds for which a MAC is remembered after its last frame; that of vSphere
 * is not published, but NSX's is the same. */
#define LEARN_TIMEOUT 600

/* Most MACs of which is known that they are outside: as many as Open vSwitch's
 * own MAC tables hold.  Further ones are unknown. */
#define OUTSIDE_LIMIT 8192

/* Seconds for which a learned flow stands that says nothing any more. */
#define MOVED_TIMEOUT 1

/* Bytes that the agent gets to see of a frame that says its NIC is here. */
#define ARRIVAL_BYTES 64

/* Returns the cookie of what is learned behind 'port'.  It holds the lower 32
 * bits of the port's key, and a digest of all that has what was learned before
 * be of no use any more. */
static uint64_t
learned_cookie(const struct pipeline_port *port)
{
    const struct port_vlans *vlans = &port->vlans;
    uint32_t key = strtoull(port->hv->key, NULL, 10);
    uint32_t digest = hash_2words(ofp_to_u16(port->hv->ofport),
                                  vlans->guest << 16 | vlans->tx);

    for (size_t i = 0; i < vlans->n_rx; i++) {
        digest = hash_2words(digest, vlans->rx[i].vid << 16
                             | vlans->rx[i].mask);
    }
    return DESIRED_COOKIE(DC_LEARNED_MAC, (uint64_t) (digest & 0xffff) << 32
                          | key);
}

/* Returns the key of the port that has learned what has 'cookie' (in host byte
 * order), 0 if it is not the cookie of a learned MAC.  Only the lower 32 bits
 * of the key. */
uint32_t
pipeline_learned_by(uint64_t cookie)
{
    return cookie >> 48 == DC_LEARNED_MAC ? cookie & UINT32_MAX : 0;
}

/* Returns what flows with 'cookie' (in host byte order) say that the datapath
 * made by itself and that belong to no port, or NULL for any others. */
const char *
pipeline_learned_doc(uint64_t cookie)
{
    switch (cookie >> 48) {
    case DC_LEARNED_ARRIVAL:
        return "a NIC that has just arrived from another host";
    case DC_LEARNED_MOVED:
        return "a MAC address that has moved away from behind a port";
    case DC_LEARNED_OUTSIDE:
        return "a MAC address that a NIC here has heard from outside";
    default:
        return NULL;
    }
}

/* Returns the VLAN in which the MAC is known that a flow in LRN with 'match'
 * was learned for. */
int
pipeline_learned_vid(const struct match *match)
{
    return match->flow.regs[PR_VLAN - MFF_REG0] & VLAN_VID_MASK;
}

static void
put_learn(struct ofpbuf *acts, const char *text)
{
    char *copy = xstrdup(text);
    char *error = learn_parse(copy, NULL, NULL, acts);

    BUILD_ASSERT(PR_FLAGS == MFF_REG0 && PR_VLAN == MFF_REG2
                 && PR_DEST == MFF_REG5);
    BUILD_ASSERT(PF_OUTSIDE == 1 << 1 && PF_LEARNED == 1 << 2
                 && PF_FOUND == 1 << 3 && PF_OWN == 1 << 8);
    ovs_assert(!error);
    free(copy);
}

/* Returns in how many flows 'port' learns one MAC: one for each VLAN in which
 * it is reached, but for a guest that tags, whose MAC is known only in the
 * VLAN that it has sent in. */
static size_t
flows_per_mac(const struct pipeline_port *port)
{
    return port->vlans.guest ? 1 : port->vlans.n_rx;
}

/* Appends a learn() action for each flow in LRN that the source MAC has behind
 * 'port', with 'how' (timeout, cookie ...) and 'actions'. */
static void
put_learn_mac(struct ofpbuf *acts, const struct pipeline_port *port,
              const char *how, const char *actions)
{
    for (size_t i = 0; i < flows_per_mac(port); i++) {
        struct ds text = DS_EMPTY_INITIALIZER;

        ds_put_format(&text, "table=%d,priority=%d,%s,NXM_NX_REG2[0..11]",
                      PT_LRN, LRN_LEARNED, how);
        if (!port->vlans.guest) {
            ds_put_format(&text, "=%d", port->vlans.rx[i].vid);
        }
        ds_put_format(&text, ",NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]%s", actions);
        put_learn(acts, ds_cstr(&text));
        ds_destroy(&text);
    }
}

/* Appends a learn() action for the flow in SRC, likewise. */
static void
put_learn_source(struct ofpbuf *acts, const char *how, const char *actions)
{
    char *text = xasprintf("table=%d,priority=%d,%s,NXM_NX_REG2[0..11],"
                           "NXM_OF_ETH_SRC[]%s", PT_SRC, LRN_LEARNED, how,
                           actions);

    put_learn(acts, text);
    free(text);
}

/* MACs that are heard from outside.  Each port that learns emits it. */
static void
compile_outside(struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    /* Known unicast, but no copies of unknown.  A group address that somebody
     * sends from must not have its multicast go to the uplink only. */
    struct match heard = MATCH_CATCHALL_INITIALIZER;
    match_flags(&heard, PF_UPLINK, PF_UPLINK | PF_COPY);
    match_single_source(&heard);
    char *text = xasprintf(
        "table=%d,priority=%d,hard_timeout=%d,cookie=%#"PRIx64",limit=%d,"
        "delete_learned,NXM_NX_REG2[0..11],NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],"
        "load:1->NXM_NX_REG0[1]", PT_LRN, LRN_OUTSIDE, LEARN_TIMEOUT,
        DESIRED_COOKIE(DC_LEARNED_OUTSIDE, 0), OUTSIDE_LIMIT);
    put_learn(&acts, text);
    free(text);
    put_flags(&acts, PF_KNOWN);
    put_resubmit(&acts, PT_TEAM);
    desired_flow(desired, PT_RPF, RPF_OUTSIDE, cookie, &heard, &acts);

    struct match from_nic = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_nic, PF_OUTSIDE, PF_OUTSIDE | PF_UPLINK);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_PROM);
    put_resubmit(&acts, PT_TEAM);
    desired_flow(desired, PT_LRND, LRND_OUTSIDE, cookie, &from_nic, &acts);

    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_uplink, PF_OUTSIDE | PF_UPLINK, PF_OUTSIDE | PF_UPLINK);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_PROM);
    desired_flow(desired, PT_LRND, LRND_OUTSIDE, cookie, &from_uplink, &acts);
    ofpbuf_uninit(&acts);
}

/* What the switch needs as soon as a port learns; each such port emits it. */
static void
compile_shared(const struct hv_switch *sw, struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_SWITCH, 0);
    struct match any = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_resubmit(&acts, PT_LRN);
    put_resubmit(&acts, PT_LRND);
    desired_flow(desired, PT_L2, L2_LEARNED, cookie, &any, &acts);

    /* Not learned, or by a port that has no use for it now. */
    ofpbuf_clear(&acts);
    put_load(&acts, PR_DEST, 0);
    put_resubmit(&acts, PT_FLOOD);
    desired_flow(desired, PT_LRND, LRND_ANY, cookie, &any, &acts);

    struct match from_uplink = MATCH_CATCHALL_INITIALIZER;
    match_flags(&from_uplink, PF_UPLINK, PF_UPLINK);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_SRC);
    put_resubmit(&acts, PT_SRCD);
    desired_flow(desired, PT_SEC, SEC_SOURCE, cookie, &from_uplink, &acts);

    ofpbuf_clear(&acts);
    put_clear_flags(&acts, PF_OWN);
    put_load(&acts, PR_DEST, 0);
    put_resubmit(&acts, PT_L2);
    desired_flow(desired, PT_SRCD, LRND_ANY, cookie, &any, &acts);

    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_MOVED);
    for (int id = 1; id <= HV_LAST_LAG; id++) {
        if (hv_uplink_is_here(sw, id)) {
            struct match match = MATCH_CATCHALL_INITIALIZER;

            match_flags(&match, PF_UPLINK | PF_OWN, PF_UPLINK | PF_OWN);
            match_pr(&match, PR_CAME_IN, id);
            match_pr(&match, PR_PICKED, id);
            desired_flow(desired, PT_UP, UP_OWN,
                         DESIRED_COOKIE(DC_UPLINK, id), &match, &acts);
        }
    }
    ofpbuf_uninit(&acts);
}

/* From the NIC: other MACs than its own. */
static void
compile_learning(const struct pipeline_port *port, struct desired *desired)
{
    const struct dvs_setting *setting = &port->hv->setting;
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    struct match from_port = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[1024 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);
    char *how = xasprintf("hard_timeout=%d,cookie=%#"PRIx64",delete_learned",
                          LEARN_TIMEOUT, learned_cookie(port));

    match_pr(&from_port, PR_SOURCE, ofport);
    put_resubmit(&acts, PT_LEARN);
    desired_flow(desired, PT_SEC, SEC_OTHERS, port->cookie, &from_port, &acts);

    ofpbuf_clear(&acts);
    if (setting->mac_limit) {
        char *how_limited = xasprintf(
            "%s,limit=%"PRIuSIZE",result_dst=NXM_NX_REG0[2]", how,
            setting->mac_limit * flows_per_mac(port));
        char *actions = xasprintf(",load:%"PRIu32"->NXM_NX_REG5[],"
                                  "load:1->NXM_NX_REG0[3]", ofport);

        put_learn_mac(&acts, port, how_limited, actions);
        free(how_limited);
        free(actions);
    }
    if (port->arriving) {
        put_tell_agent(&acts, ARRIVAL_BYTES);   /* See stage-arrival.c. */
    }
    put_resubmit(&acts, PT_LIMIT);
    desired_flow(desired, PT_LEARN, LEARN_ANY, port->cookie, &from_port,
                 &acts);

    struct match learned = from_port;
    char *actions = xasprintf(",load:%"PRIu32"->NXM_NX_REG5[],"
                              "load:1->NXM_NX_REG0[8]", ofport);
    match_flags(&learned, PF_LEARNED, PF_LEARNED);
    ofpbuf_clear(&acts);
    put_learn_source(&acts, how, actions);
    put_resubmit(&acts, port->admitted);
    desired_flow(desired, PT_LIMIT, LIMIT_LEARNED, port->cookie, &learned,
                 &acts);
    free(actions);

    /* Beyond the limit.  Else stage-count.c drops it. */
    if (setting->mac_limit_allow) {
        ofpbuf_clear(&acts);
        put_resubmit(&acts, port->admitted);
        desired_flow(desired, PT_LIMIT, LIMIT_OTHERS, port->cookie, &from_port,
                     &acts);
    }

    ofpbuf_uninit(&acts);
    free(how);
}

/* To a MAC that was learned behind the NIC. */
static void
compile_delivery(const struct pipeline_port *port, struct desired *desired)
{
    uint64_t stub[256 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    if (!port->deaf) {
        put_receiver_in_team(&acts, port->hv->ofport, port->team);
        put_resubmit(&acts, PT_RPF);
    }
    for (size_t i = 0; i < port->vlans.n_rx; i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;

        match_flags(&match, PF_FOUND, PF_FOUND);
        match_pr(&match, PR_DEST, ofp_to_u16(port->hv->ofport));
        match_vlan(&match, &port->vlans.rx[i]);
        desired_flow(desired, PT_LRND, LRND_PORT, port->cookie, &match,
                     &acts);
    }
    ofpbuf_uninit(&acts);
}

/* Emits for a team that lets frames come in on any of its uplinks that those
 * from a MAC learned here are checked nevertheless.  Only by IP hash, every
 * uplink does: they are one port channel, to which the physical switch does
 * not send back what came from it. */
static void
compile_strict(const struct hv_team *team, struct desired *desired)
{
    uint64_t cookie = DESIRED_COOKIE(DC_TEAM, team->number);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_flags(&match, PF_OWN, PF_OWN);
    match_pr(&match, PR_TEAM, team->number);
    if (team->mode == HV_TEAM_IP_HASH) {
        put_resubmit(&acts, PT_MOVED);
        for (size_t i = 0; i < team->n_order; i++) {
            match_pr(&match, PR_CAME_IN, team->order[i]);
            desired_flow(desired, PT_TEAM, TEAM_OWN, cookie, &match, &acts);
        }
    } else {
        put_group(&acts, pipeline_group_id(team->mode == HV_TEAM_ORDER
                                           ? PG_TEAM : PG_SPREAD,
                                           0, team->number, 0));
        desired_flow(desired, PT_TEAM, TEAM_OWN, cookie, &match, &acts);
    }
    ofpbuf_uninit(&acts);
}

/* From an uplink, from a MAC that was learned behind the NIC. */
static void
compile_source(const struct pipeline_port *port, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint64_t stub[512 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    struct match own = MATCH_CATCHALL_INITIALIZER;
    match_flags(&own, PF_OWN, PF_OWN);
    match_pr(&own, PR_DEST, ofport);
    put_load(&acts, PR_TEAM, port->team);
    /* Without an uplink, nothing of it can come back. */
    put_resubmit(&acts, port->team ? PT_TEAM : PT_MOVED);
    desired_flow(desired, PT_SRCD, LRND_PORT, port->cookie, &own, &acts);

    struct match moved = MATCH_CATCHALL_INITIALIZER;
    char *how = xasprintf("hard_timeout=%d,cookie=%#"PRIx64, MOVED_TIMEOUT,
                          DESIRED_COOKIE(DC_LEARNED_MOVED, 0));
    match_pr(&moved, PR_DEST, ofport);
    ofpbuf_clear(&acts);
    put_learn_mac(&acts, port, how, "");
    put_learn_source(&acts, how, "");
    put_clear_flags(&acts, PF_OWN);
    put_load(&acts, PR_DEST, 0);
    put_load(&acts, PR_TEAM, 0);
    put_resubmit(&acts, PT_L2);
    desired_flow(desired, PT_MOVED, LRND_PORT, port->cookie, &moved, &acts);
    free(how);
    ofpbuf_uninit(&acts);

    if (port->hv_team && port->hv_team->any_uplink) {
        compile_strict(port->hv_team, desired);
    }
}

static void
compile_port(const struct hv_switch *sw, const struct pipeline_port *port,
             struct desired *desired)
{
    if (port->learns) {
        compile_shared(sw, desired);
        compile_outside(desired);
        compile_learning(port, desired);
        if (!port->arriving) {
            compile_delivery(port, desired);
            compile_source(port, desired);
        }
    }
}

const struct pipeline_stage stage_learn = {
    .name = "learn",
    .doc = "MAC learning",
    .compile_port = compile_port,
};

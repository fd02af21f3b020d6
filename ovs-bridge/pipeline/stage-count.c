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

/* PURE: tables CIN and COUT, and of uplinks CUIN and CUOUT, which count the
 * frames of each port by the class of their destination address (for a NIC
 * that does not tag, table IN does, see stage-in.c, and for what has a tag, of
 * an uplink that carries every VLAN, tables IN and UP); tables CPIN and CPOUT,
 * which count those of them that go to an uplink, or come from one; and DRIN
 * and DROUT, which count what other tables drop, DROUT what those do that have
 * found the receiver.
 *
 * Every flow here has a cookie of class DC_COUNT, by which the agent asks for
 * them all at once (see counters.h).  Their matches hold as little of a policy
 * as can be, so that they go on counting while policies change; no counter is
 * the difference of others, which are read one after the other.
 *
 * They add no datapath flows: table L2 looks at the whole destination
 * address anyway, and what is matched on besides are registers. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "packets.h"
#include "schema/dvs-rule.h"
#include "util.h"

/* Priorities.  With the table, they tell the counter: see
 * pipeline_counter().
 *
 * Open vSwitch looks a frame up in one hash table after the other, for each
 * set of fields that flows match on, and those of higher priorities first.
 * Most set-ups of datapath flows are for unicast, so that comes first; it
 * shares its set with multicast.  In table IN, they even precede what is
 * dropped from everybody, as far as they are none of it: link-local multicast,
 * and tags, if without any. */
enum {
    COUNT_SELF = 20,            /* Not for the sender itself. */
    COUNT_DEAF = 15,            /* Not for a NIC that gets none. */
    COUNT_UNICAST = 12,
    COUNT_BROADCAST = 11,
    COUNT_MULTICAST = 10,
    COUNT_IN_UNICAST = 172,     /* In table IN, from a NIC... */
    COUNT_IN_BROADCAST = 171,
    COUNT_IN_MULTICAST = 80,
    COUNT_UPLINK_UNICAST = 155, /* ...and from an uplink. */
    COUNT_UPLINK_BROADCAST = 154,
    COUNT_UPLINK_MULTICAST = 100,
    COUNT_PNIC = 10,
    COUNT_CLOSED = 90,          /* In table IN, below nothing that matters. */
    COUNT_OTHER_VLAN = 6,
    COUNT_REFUSED = 5           /* Below all that admits. */
};

static const struct {
    uint8_t table;
    uint16_t priority;
    enum pipeline_counter counter;
} counters[] = {
    { PT_CIN, COUNT_UNICAST, PC_RX_UNICAST },
    { PT_CIN, COUNT_MULTICAST, PC_RX_MULTICAST },
    { PT_CIN, COUNT_BROADCAST, PC_RX_BROADCAST },
    { PT_IN, COUNT_IN_UNICAST, PC_RX_UNICAST },
    { PT_IN, COUNT_IN_MULTICAST, PC_RX_MULTICAST },
    { PT_IN, COUNT_IN_BROADCAST, PC_RX_BROADCAST },
    { PT_IN, COUNT_UPLINK_UNICAST, PC_RX_TAGGED_UNICAST },
    { PT_IN, COUNT_UPLINK_MULTICAST, PC_RX_TAGGED_MULTICAST },
    { PT_IN, COUNT_UPLINK_BROADCAST, PC_RX_TAGGED_BROADCAST },
    { PT_COUT, COUNT_UNICAST, PC_TX_UNICAST },
    { PT_COUT, COUNT_MULTICAST, PC_TX_MULTICAST },
    { PT_COUT, COUNT_BROADCAST, PC_TX_BROADCAST },
    { PT_CUIN, COUNT_UNICAST, PC_RX_UNICAST },
    { PT_CUIN, COUNT_MULTICAST, PC_RX_MULTICAST },
    { PT_CUIN, COUNT_BROADCAST, PC_RX_BROADCAST },
    { PT_CUOUT, COUNT_UNICAST, PC_TX_UNICAST },
    { PT_CUOUT, COUNT_MULTICAST, PC_TX_MULTICAST },
    { PT_CUOUT, COUNT_BROADCAST, PC_TX_BROADCAST },
    { PT_UP, COUNT_UNICAST, PC_TX_TAGGED_UNICAST },
    { PT_UP, COUNT_MULTICAST, PC_TX_TAGGED_MULTICAST },
    { PT_UP, COUNT_BROADCAST, PC_TX_TAGGED_BROADCAST },
    { PT_CPIN, COUNT_PNIC, PC_RX_TO_PNIC },
    { PT_CPOUT, COUNT_PNIC, PC_TX_FROM_PNIC },
    { PT_IN, COUNT_CLOSED, PC_RX_CLOSED },
    { PT_DRIN, COUNT_REFUSED, PC_RX_REFUSED },
    { PT_DROUT, COUNT_REFUSED, PC_TX_RULES },
    { PT_DROUT, COUNT_OTHER_VLAN, PC_TX_OTHER_VLAN },
    { PT_COUT, COUNT_DEAF, PC_TX_REFUSED },
    { PT_UP, COUNT_REFUSED, PC_TX_NOT_CARRIED },
};

/* Returns what a flow of 'table' with 'priority' and 'cookie' counts, and
 * stores in '*key' the number of the port for which it does.  Returns PC_NONE
 * if it does not count. */
enum pipeline_counter
pipeline_counter(uint8_t table, uint16_t priority, uint64_t cookie,
                 uint64_t *key)
{
    if (cookie >> 48 == DC_COUNT) {
        for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
            if (counters[i].table == table
                && counters[i].priority == priority) {
                *key = cookie & UINT64_C(0xffffffffffff);
                return counters[i].counter;
            }
        }
    }
    return PC_NONE;
}

/* Returns true if what meter 'meter_id' drops counts as dropped by a port: the
 * one that is OpenFlow port '*ofport', and as received from it if '*in',
 * otherwise as due for it. */
bool
pipeline_meter_counts(uint32_t meter_id, uint32_t *ofport, bool *in)
{
    uint32_t object = meter_id & 0xfffffff;

    switch (meter_id >> 28) {
    case PM_IN_AVERAGE: case PM_IN_PEAK:
    case PM_OUT_AVERAGE: case PM_OUT_PEAK:
        *ofport = object;
        break;
    case PM_RULE_IN: case PM_RULE_OUT:
        *ofport = object >> PM_PLACE_BITS;
        break;
    default:
        return false;
    }
    *in = (meter_id >> 28 == PM_IN_AVERAGE || meter_id >> 28 == PM_IN_PEAK
           || meter_id >> 28 == PM_RULE_IN);
    return true;
}

static uint64_t
count_cookie(const struct pipeline_port *port)
{
    return DESIRED_COOKIE(DC_COUNT, port->cookie);
}

/* Priorities of the flows for the three classes. */
struct classes {
    int unicast, broadcast, multicast;
};

static const struct classes classes = {
    COUNT_UNICAST, COUNT_BROADCAST, COUNT_MULTICAST
};

/* Emits, in 'table', a flow with 'cookie' for each class of the frames that
 * 'base' matches; each does 'acts'. */
static void
compile_classes(uint64_t cookie, enum pipeline_table table,
                const struct classes *priorities, const struct match *base,
                const struct ofpbuf *acts, struct desired *desired)
{
    struct match unicast = *base;
    match_unicast(&unicast);
    desired_flow(desired, table, priorities->unicast, cookie, &unicast, acts);

    struct match broadcast = *base;
    match_set_dl_dst(&broadcast, eth_addr_broadcast);
    desired_flow(desired, table, priorities->broadcast, cookie, &broadcast,
                 acts);

    struct match multicast = *base;
    match_multicast(&multicast);
    desired_flow(desired, table, priorities->multicast, cookie, &multicast,
                 acts);
}

/* Emits, in 'table', which is IN or CIN, what counts the frames that 'port'
 * receives and that 'match', by class; each does 'acts'. */
void
pipeline_compile_classes(const struct pipeline_port *port,
                         enum pipeline_table table, const struct match *match,
                         const struct ofpbuf *acts, struct desired *desired)
{
    static const struct classes in = {
        COUNT_IN_UNICAST, COUNT_IN_BROADCAST, COUNT_IN_MULTICAST
    };

    compile_classes(count_cookie(port), table, table == PT_IN ? &in : &classes,
                    match, acts, desired);
}

/* Emits, in 'table', what counts those frames of 'uplink', which is logical
 * uplink 'id', that 'match', by class; each does 'acts'.  In tables IN and
 * CUIN it receives them, in UP and CUOUT it sends them.  Without a key, they
 * count for nothing. */
void
pipeline_compile_uplink_classes(const struct hv_uplink *uplink, int id,
                                enum pipeline_table table,
                                const struct match *match,
                                const struct ofpbuf *acts,
                                struct desired *desired)
{
    static const struct classes in = {
        COUNT_UPLINK_UNICAST, COUNT_UPLINK_BROADCAST, COUNT_UPLINK_MULTICAST
    };

    compile_classes(pipeline_uplink_cookie(uplink, id), table,
                    table == PT_IN ? &in : &classes, match, acts, desired);
}

/* Appends to 'acts' where a frame goes on that has come in on logical uplink
 * 'id' of 'sw' and is counted: on a port of a LAG, only while LACP says so. */
void
pipeline_put_from_uplink(struct ofpbuf *acts, const struct hv_switch *sw,
                         int id)
{
    uint32_t rules = pipeline_uplink_rules(&sw->uplinks[id], DVS_RULE_IN);

    if (rules) {
        put_load(acts, PR_RULES_IN, rules);
    }
    if (hv_uplink_lag(id)) {
        put_group(acts, pipeline_group_id(PG_LAG, id, 0, 0));
    } else {
        put_resubmit(acts, rules ? PT_FIN : PT_SEC);
    }
}

/* Emits what counts drops, with 'cookie', by the port or uplink that is
 * OpenFlow port 'ofport': what comes from it, and what its traffic rules for
 * the other direction, 'rules_out' (0: none), drop.  A frame for a NIC may be
 * dropped on the way to an uplink, so what it is dropped by tells whose that
 * is, besides 'reg' being 'value'. */
static void
compile_drops(ofp_port_t ofport, uint64_t cookie, uint32_t rules_out,
              enum mf_field_id reg, uint32_t value, struct desired *desired)
{
    struct match from = MATCH_CATCHALL_INITIALIZER;
    match_set_in_port(&from, ofport);
    desired_flow(desired, PT_DRIN, COUNT_REFUSED, cookie, &from, NULL);

    if (rules_out) {
        struct match to = MATCH_CATCHALL_INITIALIZER;

        match_pr(&to, reg, value);
        match_pr(&to, PR_RULES_OUT, rules_out);
        desired_flow(desired, PT_DROUT, COUNT_REFUSED, cookie, &to, NULL);
    }
}

/* Emits what counts the frames of logical uplink 'id', where tables IN and UP
 * do not, and sends them on.  Without a key, they count for nothing. */
static void
compile_uplink(const struct hv_switch *sw, int id, struct desired *desired)
{
    const struct hv_uplink *uplink = &sw->uplinks[id];
    uint32_t rules_out = pipeline_uplink_rules(uplink, DVS_RULE_OUT);
    uint64_t cookie = pipeline_uplink_cookie(uplink, id);
    struct port_vlans vlans;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    pipeline_uplink_vlans(uplink, &vlans);
    if (!pipeline_carries_all(&vlans)) {
        struct match not_carried = MATCH_CATCHALL_INITIALIZER;

        match_flags(&not_carried, 0, PF_UPLINK);
        match_pr(&not_carried, PR_PICKED, id);
        desired_flow(desired, PT_UP, COUNT_REFUSED, cookie, &not_carried,
                     NULL);
    }
    port_vlans_destroy(&vlans);

    struct match in = MATCH_CATCHALL_INITIALIZER;
    match_set_in_port(&in, uplink->ofport);
    pipeline_put_from_uplink(&acts, sw, id);
    pipeline_compile_uplink_classes(uplink, id, PT_CUIN, &in, &acts, desired);

    struct match out = MATCH_CATCHALL_INITIALIZER;
    match_pr(&out, PR_PICKED, id);
    ofpbuf_clear(&acts);
    put_resubmit(&acts, PT_CPIN);
    if (!pipeline_rules_meter_out(sw, uplink->ruleset)) {
        put_output(&acts, uplink->ofport);
    }                           /* Else table UP does. */
    pipeline_compile_uplink_classes(uplink, id, PT_CUOUT, &out, &acts,
                                    desired);
    ofpbuf_uninit(&acts);

    compile_drops(uplink->ofport, cookie, rules_out, PR_PICKED, id, desired);
}

static void
compile_switch(const struct hv_switch *sw, struct desired *desired)
{
    /* Open vSwitch would not send a flood back to where it came from, but it
     * would be counted. */
    struct match self = MATCH_CATCHALL_INITIALIZER;
    match_pr(&self, PR_SELF, PORT_CODE_ALL);
    desired_flow(desired, PT_COUT, COUNT_SELF, DESIRED_COOKIE(DC_SWITCH, 0),
                 &self, NULL);
    desired_flow(desired, PT_DROUT, COUNT_SELF, DESIRED_COOKIE(DC_SWITCH, 0),
                 &self, NULL);

    for (int id = 1; id <= HV_LAST_ID; id++) {
        if (pipeline_has_uplink(sw, id)) {
            compile_uplink(sw, id, desired);
        }
    }
}

/* Emits what counts the frames that 'port' receives, where table IN does
 * not. */
static void
compile_from_port(const struct pipeline_port *port, struct desired *desired)
{
    struct match from = MATCH_CATCHALL_INITIALIZER;
    match_pr(&from, PR_SOURCE, ofp_to_u16(port->hv->ofport));
    if (port->vlans.guest) {
        uint64_t stub[64 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        put_resubmit(&acts, PT_SEC);
        pipeline_compile_classes(port, PT_CIN, &from, &acts, desired);
        ofpbuf_uninit(&acts);
    }
    desired_flow(desired, PT_CPIN, COUNT_PNIC, count_cookie(port), &from,
                 NULL);
}

/* Emits what counts the frames that are delivered to 'port', and delivers
 * them. */
static void
compile_to_port(const struct pipeline_port *port, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint64_t stub[64 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    struct match to = MATCH_CATCHALL_INITIALIZER;
    match_pr(&to, PR_DEST, ofport);
    if (!port->metered_out) {
        put_output(&acts, port->hv->ofport);
    }                           /* Else table OUT does. */
    compile_classes(count_cookie(port), PT_COUT, &classes, &to, &acts,
                    desired);

    if (!port->refuses) {
        struct match from_pnic = to;

        match_flags(&from_pnic, PF_UPLINK, PF_UPLINK);
        ofpbuf_clear(&acts);
        put_resubmit(&acts, PT_COUT);
        desired_flow(desired, PT_CPOUT, COUNT_PNIC, count_cookie(port),
                     &from_pnic, &acts);
    }
    ofpbuf_uninit(&acts);
}

/* Emits what drops the frames for 'port', if it gets none, or none of some
 * private VLANs, and counts them: not those that come in on an uplink where
 * the port's team is not, for the physical switch floods a frame to every
 * uplink. */
static void
compile_refusal(const struct pipeline_port *port, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_pr(&match, PR_DEST, ofp_to_u16(port->hv->ofport));
    if (port->refuses) {
        desired_flow(desired, PT_COUT, COUNT_DEAF, count_cookie(port), &match,
                     NULL);
    }
    if (pipeline_gets_refused(port)) {
        match_pr(&match, PR_RULES_OUT, 0);
        desired_flow(desired, PT_DROUT, COUNT_OTHER_VLAN, count_cookie(port),
                     &match, NULL);
    }
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    compile_from_port(port, desired);
    compile_to_port(port, desired);
    compile_refusal(port, desired);
    compile_drops(port->hv->ofport, count_cookie(port), port->rules_out,
                  PR_DEST, ofp_to_u16(port->hv->ofport), desired);
}

/* Nothing would admit the frames of a closed port anyway; the flow counts them
 * and says why. */
static void
compile_closed_port(const struct hv_switch *sw OVS_UNUSED,
                    const struct pipeline_port *port, struct desired *desired)
{
    struct match match = MATCH_CATCHALL_INITIALIZER;

    match_set_in_port(&match, port->hv->ofport);
    desired_flow(desired, PT_IN, COUNT_CLOSED, count_cookie(port), &match,
                 NULL);
    compile_refusal(port, desired);
}

const struct pipeline_stage stage_count = {
    .name = "count",
    .doc = "counters of a port, by class of the destination; blocked ports",
    .compile_switch = compile_switch,
    .compile_port = compile_port,
    .compile_closed_port = compile_closed_port,
};

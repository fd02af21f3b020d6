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

/* PURE: the driver of the OpenFlow compiler.  See pipeline.h.
 *
 * Not for any flow: those are the stages'. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include <stdlib.h>

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "schema/dvs-rule.h"
#include "util.h"

const struct pipeline_stage *const pipeline_stages[] = {
#define PIPELINE_STAGE(NAME) &stage_##NAME,
    PIPELINE_STAGES
#undef PIPELINE_STAGE
};
const size_t n_pipeline_stages = ARRAY_SIZE(pipeline_stages);

/* Returns the name of 'table', e.g. "L2", or NULL if the pipeline has no such
 * table. */
const char *
pipeline_table_name(uint8_t table)
{
    switch (table) {
#define PIPELINE_TABLE(NAME, NUMBER, DOC) case NUMBER: return #NAME;
    PIPELINE_TABLES
#undef PIPELINE_TABLE
    default: return NULL;
    }
}

/* Returns in a few words what 'table' is for, or NULL if the pipeline has no
 * such table. */
const char *
pipeline_table_doc(uint8_t table)
{
    switch (table) {
#define PIPELINE_TABLE(NAME, NUMBER, DOC) case NUMBER: return DOC;
    PIPELINE_TABLES
#undef PIPELINE_TABLE
    default: return NULL;
    }
}

/* Returns the id of a group of the given 'kind'.  'vlan' may be PG_ALL_TRUNKS;
 * what a kind has no use for is 0. */
uint32_t
pipeline_group_id(enum pipeline_group kind, int vlan, int team, int chunk)
{
    ovs_assert(vlan >= 0 && vlan <= PG_ALL_TRUNKS);
    ovs_assert(team >= 0 && team <= HV_MAX_TEAMS);
    ovs_assert(chunk >= 0 && chunk < PG_CHUNKS);
    return ((uint32_t) kind << 28 | (uint32_t) vlan << 15
            | (uint32_t) team << 4 | (uint32_t) chunk);
}

/* Returns the id of the meter of the given 'kind' for 'object', for instance
 * the port's number in OpenFlow. */
uint32_t
pipeline_meter_id(enum pipeline_meter kind, uint32_t object)
{
    ovs_assert(object < UINT32_C(1) << 28);
    return (uint32_t) kind << 28 | object;
}

/* Returns how many ways there are to choose 'k' of 'n'. */
static uint32_t
choose(uint32_t n, uint32_t k)
{
    uint32_t ways = 1;

    for (uint32_t i = 0; i < k; i++) {
        ways = ways * (n - i) / (i + 1);    /* 0 from where i == n. */
    }
    return ways;
}

/* Returns the code of 'ofport', by which flows tell that a frame's receiver is
 * its sender, as OpenFlow does not compare registers: the number's place among
 * the numbers with PORT_CODE_SET bits (the combinatorial number system). */
uint32_t
pipeline_port_code(ofp_port_t ofport)
{
    uint32_t rest = ofp_to_u16(ofport);
    uint32_t n_set = PORT_CODE_SET;
    uint32_t code = 0;

    for (int bit = PORT_CODE_BITS - 1; bit >= 0; bit--) {
        uint32_t below = choose(bit, n_set);

        if (rest >= below) {
            rest -= below;
            n_set--;
            code |= UINT32_C(1) << bit;
        }
    }
    return code;
}

/* Initializes 'vlans' as what 'uplink' carries, in either direction: nothing
 * if it is blocked. */
void
pipeline_uplink_vlans(const struct hv_uplink *uplink, struct port_vlans *vlans)
{
    static const struct dvs_vlan nothing = { .mode = DVS_VLAN_TRUNK };

    port_vlans_init(vlans, uplink->blocked ? &nothing
                    : hv_uplink_vlan(uplink), NULL);
}

/* Returns true if an uplink with 'vlans' carries every frame. */
bool
pipeline_carries_all(const struct port_vlans *vlans)
{
    return vlans->untagged && vlans->n_rx == 1 && !vlans->rx[0].mask;
}

/* Returns true if frames for the NIC of 'port' come to where they are found to
 * be of a private VLAN that it gets nothing of (stage-l2.c). */
bool
pipeline_gets_refused(const struct pipeline_port *port)
{
    return (port->vlans.n_refused && !port->arriving
            && (port->open || port->refuses));
}

/* Returns the cookie of the flows that count frames of 'uplink', which is
 * logical uplink 'id'.  Without a key, they count for nothing. */
uint64_t
pipeline_uplink_cookie(const struct hv_uplink *uplink, int id)
{
    return (uplink->port_key
            ? DESIRED_COOKIE(DC_COUNT, pipeline_port_owner(uplink->port_key))
            : DESIRED_COOKIE(DC_UPLINK, id));
}

/* Emits a copy for 'port' of what goes to group 'all', by way of group 'sub'
 * for its chunk: table PROMC says which frames the copy is made of. */
void
pipeline_compile_copy(const struct pipeline_port *port, uint32_t all,
                      uint32_t sub, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    put_group(&acts, sub);
    desired_bucket(desired, all, port->chunk, &acts);

    ofpbuf_clear(&acts);
    put_load(&acts, PR_COPY, ofport);
    put_resubmit(&acts, PT_PROMC);
    desired_bucket(desired, sub, ofport, &acts);
    ofpbuf_uninit(&acts);
}

/* Returns the number of the rules that frames pass in 'direction',
 * DVS_RULE_IN or DVS_RULE_OUT, on 'uplink', or 0. */
uint32_t
pipeline_uplink_rules(const struct hv_uplink *uplink, unsigned int direction)
{
    return (uplink->ruleset && uplink->ruleset->directions & direction
            ? uplink->ruleset->number : 0);
}

/* Returns true if 'ruleset' of 'sw', which may be NULL, has a rule that limits
 * the rate of what goes to its ports, and the datapath can do it. */
bool
pipeline_rules_meter_out(const struct hv_switch *sw,
                         const struct hv_ruleset *ruleset)
{
    for (size_t i = 0; ruleset && i < ruleset->n_limits; i++) {
        if (ruleset->limits[i].directions & DVS_RULE_OUT) {
            return !sw->no_meters;
        }
    }
    return false;
}

/* Returns the owner, in struct desired, of everything that is emitted for the
 * port with 'key'.  It is the cookie of the port's own flows too. */
uint64_t
pipeline_port_owner(const char *key)
{
    return DESIRED_COOKIE(DC_PORT, strtoull(key, NULL, 10));
}

/* Sees that the flows of 'ruleset' are in 'desired'. */
static void
see_to_ruleset(const struct hv_switch *sw, struct hv_ruleset *ruleset,
               struct desired *desired)
{
    uint64_t owner = DESIRED_COOKIE(DC_RULE, ruleset->number);

    if (ruleset->changed || !desired_has_owner(desired, owner)) {
        pipeline_compile_ruleset(sw, ruleset, desired);
    }
}

/* Emits what the switch itself needs into 'desired', in place of what was
 * emitted for it before. */
void
pipeline_compile_switch(struct hv_switch *sw, struct desired *desired)
{
    sw->uplinks_ask_class = false;
    for (int id = 1; id <= HV_LAST_ID; id++) {
        struct hv_uplink *uplink = &sw->uplinks[id];

        if (hv_ruleset_for_uplink(sw, uplink)) {
            see_to_ruleset(sw, uplink->ruleset, desired);
            sw->uplinks_ask_class |= uplink->ruleset->asks_class;
        }
    }

    desired_begin(desired, DESIRED_COOKIE(DC_SWITCH, 0));
    for (size_t i = 0; i < n_pipeline_stages; i++) {
        if (pipeline_stages[i]->compile_switch) {
            pipeline_stages[i]->compile_switch(sw, desired);
        }
    }
    desired_end(desired);
    pipeline_drop_rulesets(sw, desired);
}

/* Returns true if frames may pass 'hv' unless it is blocked: it admits some
 * VLAN, and its MAC is known.  (A NIC may send only from its MAC, so one
 * without any could not send; and there is no delivery to an unknown MAC
 * either.) */
static bool
port_may_open(const struct hv_port *hv, const struct port_vlans *vlans)
{
    return (vlans->n_rx && !eth_addr_is_zero(hv->mac)
            && !eth_addr_is_multicast(hv->mac));
}

/* Sets in 'port' which MAC it may have.
 *
 * vSphere's "MAC address changes: reject": a NIC that works with another MAC
 * than its configured one gets no frames until it changes back.  What it may
 * send from is still its configured MAC.  With "accept", the new MAC takes the
 * place of the configured one. */
static void
port_set_mac(struct pipeline_port *port)
{
    const struct hv_port *hv = port->hv;
    bool changed = hv_port_mac_changed(hv);

    port->deaf = changed && !hv->setting.mac_changes;
    port->mac = changed && !port->deaf ? hv->claimed : hv->mac;
}

/* Sets in 'port' what it has to do with MACs that were not configured.
 *
 * As in vSphere, a port that learns must also let its NIC send from other MACs
 * ("forged transmits"), or there is nothing to learn. */
static void
port_set_learning(struct pipeline_port *port)
{
    const struct dvs_setting *setting = &port->hv->setting;

    port->learns = setting->mac_learning && setting->forged_transmits;
    port->gets_unknown = (port->learns && setting->unicast_flooding
                          && !setting->promiscuous && !port->deaf
                          && !port->arriving);
}

/* Sets in 'port' which traffic rules it has, and sees that their flows are in
 * 'desired'. */
static void
port_set_rules(struct hv_switch *sw, struct pipeline_port *port,
               struct hv_port *hv, struct desired *desired)
{
    struct hv_ruleset *ruleset = NULL;

    if (port->open) {
        ruleset = hv_ruleset_for_port(sw, hv);
    } else {
        hv_ruleset_release(sw, &hv->ruleset);
    }
    if (ruleset) {
        see_to_ruleset(sw, ruleset, desired);
        port->rules_in = (ruleset->directions & DVS_RULE_IN
                          ? ruleset->number : 0);
        port->rules_out = (ruleset->directions & DVS_RULE_OUT
                           ? ruleset->number : 0);
    }
    port->metered_out |= pipeline_rules_meter_out(sw, ruleset);
}

/* Emits what port 'hv' of 'sw' needs into 'desired', in place of what was
 * emitted for it before. */
void
pipeline_compile_port(struct hv_switch *sw, struct hv_port *hv,
                      struct desired *desired)
{
    if (hv->ofport == OFPP_NONE) {
        pipeline_remove_port(sw, hv->key, desired);
        return;
    }

    struct pipeline_port port = {
        .hv = hv,
        .cookie = pipeline_port_owner(hv->key),
        .hv_team = hv_team_for_port(sw, hv),
        /* From the OpenFlow port, so that it is the same after a restart. */
        .chunk = ofp_to_u16(hv->ofport) / PG_CHUNK_PORTS % PG_CHUNKS,
    };
    port.team = port.hv_team ? port.hv_team->number : 0;
    port_vlans_init(&port.vlans, &hv->setting.vlan, &sw->pvlans);
    port.open = port_may_open(hv, &port.vlans) && !hv->setting.blocked;
    port_set_mac(&port);
    port.refuses = (port_may_open(hv, &port.vlans) && hv->active
                    && (hv->setting.blocked || port.deaf));
    port.arriving = port.open && !hv->active;
    port.tell_class = sw->uplinks_ask_class && hv->classified;
    port.queue = hv_port_queue(sw, hv);
    port_set_learning(&port);
    port.snooped = (sw->snooping && !hv->setting.promiscuous && !port.deaf
                    && !port.arriving);
    port.shaped_in = hv->setting.shape_in.enabled && !sw->no_meters;
    port.shaped_out = hv->setting.shape_out.enabled && !sw->no_meters;
    port.metered_out = port.shaped_out;
    port_set_rules(sw, &port, hv, desired);
    port.metered_out &= !port.refuses;
    port.marked = (port.rules_in ? PT_FIN : port.shaped_in ? PT_SHIN : PT_L2);
    port.admitted = (hv->setting.cos != DVS_MARK_NONE
                     || hv->setting.dscp != DVS_MARK_NONE
                     ? PT_MARK : port.marked);
    port.strict = (!port.vlans.guest && !hv->setting.forged_transmits
                   && !port.arriving);

    desired_begin(desired, pipeline_port_owner(hv->key));
    for (size_t i = 0; i < n_pipeline_stages; i++) {
        const struct pipeline_stage *stage = pipeline_stages[i];

        if (port.open && stage->compile_port) {
            stage->compile_port(sw, &port, desired);
        } else if (!port.open && stage->compile_closed_port) {
            stage->compile_closed_port(sw, &port, desired);
        }
    }
    desired_end(desired);
    pipeline_drop_rulesets(sw, desired);

    port_vlans_destroy(&port.vlans);
}

/* Takes back everything that was emitted for the port with 'key', which may be
 * gone from 'sw' already. */
void
pipeline_remove_port(struct hv_switch *sw, const char *key,
                     struct desired *desired)
{
    struct hv_port *hv = hv_port_find(sw, key);

    desired_remove_owner(desired, pipeline_port_owner(key));
    if (hv) {
        hv_ruleset_release(sw, &hv->ruleset);
    }
    pipeline_drop_rulesets(sw, desired);
}

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

#ifndef PIPELINE_H
#define PIPELINE_H 1

/* PURE: the OpenFlow compiler of a proxy switch: the table of stages, the
 * registers, and the helpers that all stages share.
 *
 * One file for each stage (stage-*.c).  A stage turns the switch, or one
 * port of it, into desired items; it sees nothing else.  Adding a policy
 * means adding or changing one stage file. */

#include <stdbool.h>
#include <stdint.h>
#include "flow.h"
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/pipeline/port-vlans.h"

/* OpenFlow tables.  PIPELINE_TABLE(NAME, NUMBER, DOC) */
#define PIPELINE_TABLES                                                       \
    PIPELINE_TABLE(IN,     0, "which NIC or uplink, VLAN admission, block")   \
    PIPELINE_TABLE(CIN,    5, "counters: from a trunk, by destination")       \
    PIPELINE_TABLE(CUIN,   6, "counters: from an uplink, untagged or of some")\
    PIPELINE_TABLE(SEC,   10, "source MAC: forged transmits, reflections")    \
    PIPELINE_TABLE(LEARN, 12, "MAC learning")                                 \
    PIPELINE_TABLE(LIMIT, 13, "MAC learning: limit policy")                   \
    PIPELINE_TABLE(MARK,  14, "marks of the port: priority and DSCP")         \
    PIPELINE_TABLE(FIN,   15, "traffic rules, from the NIC or uplink")        \
    PIPELINE_TABLE(RDSCP, 16, "traffic rules: DSCP of what has one")          \
    PIPELINE_TABLE(DRIN,  17, "counters: dropped, from the NIC or uplink")    \
    PIPELINE_TABLE(SHIN,  20, "shaping from the NIC: peak, if there is one")  \
    PIPELINE_TABLE(AVIN,  21, "shaping from the NIC: average")                \
    PIPELINE_TABLE(SRC,   22, "from an uplink: source MACs learned here")     \
    PIPELINE_TABLE(SRCD,  23, "from an uplink: reflection, or MAC has moved") \
    PIPELINE_TABLE(MOVED, 24, "forget a learned MAC that has moved away")     \
    PIPELINE_TABLE(L2,    30, "VLAN and destination MAC to port")             \
    PIPELINE_TABLE(LRN,   31, "learned MACs")                                 \
    PIPELINE_TABLE(LRND,  32, "decision on learned MACs")                     \
    PIPELINE_TABLE(ARR,   33, "NICs that have just arrived here")             \
    PIPELINE_TABLE(ARRD,  34, "decision on NICs that are about to arrive")    \
    PIPELINE_TABLE(FLOOD, 35, "flooding: locally and to the own uplink")      \
    PIPELINE_TABLE(VFLOOD,36, "flooding: teams in the VLAN")                  \
    PIPELINE_TABLE(TFLOOD,37, "flooding: teams of trunk ports")               \
    PIPELINE_TABLE(FTEAM, 38, "flooding: one team")                           \
    PIPELINE_TABLE(MCAST, 39, "multicast: members of a group in the VLAN")    \
    PIPELINE_TABLE(MCALL, 40, "multicast: ports that get all")                \
    PIPELINE_TABLE(RPF,   41, "known unicast: came in where its team is?")    \
    PIPELINE_TABLE(PROM,  42, "unicast: copies to promiscuous ports")         \
    PIPELINE_TABLE(PROMC, 43, "copies: VLAN, and none to the destination")    \
    PIPELINE_TABLE(UFLOOD,44, "unknown unicast: copies to learning ports")    \
    PIPELINE_TABLE(TEAM,  45, "team to its group")                            \
    PIPELINE_TABLE(UP,    46, "uplink chosen: send, or accept from it")       \
    PIPELINE_TABLE(TELL,  47, "to the agent, as much as it is to hear")       \
    PIPELINE_TABLE(SUB,   48, "flooding: ports of one team in the VLAN")      \
    PIPELINE_TABLE(CUOUT, 49, "counters: to an uplink, untagged or of some")  \
    PIPELINE_TABLE(FOUT,  50, "traffic rules, to the NIC or uplink")          \
    PIPELINE_TABLE(DROUT, 51, "counters: dropped, to the NIC or uplink")      \
    PIPELINE_TABLE(OUT,   55, "to the NIC, with or without tag")              \
    PIPELINE_TABLE(CPOUT, 56, "counters: to the NIC, from an uplink")         \
    PIPELINE_TABLE(COUT,  57, "counters: to the NIC, by destination; output") \
    PIPELINE_TABLE(SHOUT, 58, "shaping to the NIC: peak, if there is one")    \
    PIPELINE_TABLE(AVOUT, 59, "shaping to the NIC: average")                  \
    PIPELINE_TABLE(CPIN,  60, "counters: from the NIC, to an uplink")

enum pipeline_table {
#define PIPELINE_TABLE(NAME, NUMBER, DOC) PT_##NAME = NUMBER,
    PIPELINE_TABLES
#undef PIPELINE_TABLE
};

/* Registers.
 *
 * reg0   flags, PF_*.
 * reg1   OpenFlow port of the sending NIC; 0 for an uplink.
 * reg2   [0..11] VLAN id on the wire, 0 = untagged; [12] always 1, so that
 *        this is what a tag holds; [13..15] priority.
 * reg3   logical uplink the frame came in on.
 * reg4   of the sending NIC, pipeline_port_code() inverted; else 0.
 * reg5   OpenFlow port of the receiving NIC.
 * reg6   team number: the sender's on the way out, the receiver's on the
 *        way in.
 * reg7   reg4 with the bits of the receiving NIC's code set: all of them are,
 *        if that is the sender.
 * reg8   for traffic rules: [0..15] Ethernet type, [16..23] IP protocol, if
 *        [31]; [24..29] DSCP to be set.
 * reg9   logical uplink that the team's group picked, then the port that the
 *        LAG's picked.
 * reg10  1 + class of traffic of the sending NIC, if some uplink's rules ask
 *        for it; 0 for none, and for an uplink.
 * reg11  traffic rules' key, to the NIC or uplink.
 * reg12  chunk of a team's ports that a flood is at.
 * reg13  OpenFlow port of the promiscuous NIC that a copy is for.
 * reg14  number of the traffic rule whose rate is still to be limited.
 * reg15  traffic rules' key, from the NIC or uplink.
 *
 * Those that most frames have set at the same time are within reg0..reg3 or
 * reg4..reg7, so that one action does it (put_registers() in actions.c). */
#define PR_FLAGS   MFF_REG0
#define PR_SOURCE  MFF_REG1
#define PR_VLAN    MFF_REG2
#define PR_CAME_IN MFF_REG3
#define PR_SENDER  MFF_REG4
#define PR_DEST    MFF_REG5
#define PR_TEAM    MFF_REG6
#define PR_SELF    MFF_REG7
#define PR_TYPES   MFF_REG8
#define PR_PICKED  MFF_REG9
#define PR_CLASS   MFF_REG10
#define PR_RULES_OUT MFF_REG11
#define PR_CHUNK   MFF_REG12
#define PR_COPY    MFF_REG13
#define PR_LIMIT   MFF_REG14
#define PR_RULES_IN MFF_REG15

/* Bits of PR_TYPES. */
#define PR_TYPES_PROTOCOL_OFS 16
#define PR_TYPES_DSCP_OFS 24
#define PR_TYPES_FILLED (UINT32_C(1) << 31)

#define PF_UPLINK  0x1          /* Came in on an uplink. */
#define PF_OUTSIDE 0x2          /* The destination is heard from an uplink. */
#define PF_LEARNED 0x4          /* MAC learning accepted the source. */
#define PF_FOUND   0x8          /* A learned destination was found. */
#define PF_KNOWN   0x10         /* Inbound check is for one known port. */
#define PF_TRUNK   0x20         /* Flooding to trunk ports. */
#define PF_COPY    0x40         /* A copy for a promiscuous port. */
#define PF_ARRIVED 0x80         /* The receiving NIC has arrived here. */
#define PF_OWN     0x100        /* Came from outside, but its source was
                                 * learned behind a NIC here: PR_DEST. */
#define PF_REFUSED 0x200        /* PR_DEST gets none of this private VLAN. */

/* Bits of a port's code, and how many of them are set: enough for all ports.
 * There are as many in each, so no code has all the bits of another one. */
#define PORT_CODE_BITS 19
#define PORT_CODE_SET 9
#define PORT_CODE_ALL ((UINT32_C(1) << PORT_CODE_BITS) - 1)

/* Group ids: kind (4 bits), VLAN (13 bits), team (11 bits), chunk (4 bits). */
enum pipeline_group {
    PG_TEAM = 1,                /* A team: picks the uplink. */
    PG_SPREAD = 2,              /* A team that spreads: picks the slot; chunk
                                 * 1: for known unicast that comes in. */
    PG_FLOOD = 3,               /* A VLAN: its teams; PG_ALL_TRUNKS: trunks. */
    PG_SUB = 4,                 /* A VLAN's (or trunks') ports of a team. */
    PG_PROM = 5,                /* Promiscuous ports: their chunks. */
    PG_PROM_SUB = 6,            /* Promiscuous ports of one chunk. */
    PG_UNKNOWN = 7,             /* Ports that get unknown unicast: their */
    PG_UNKNOWN_SUB = 8,         /* chunks, and those of one chunk. */
    PG_MCAST = 9,               /* Members of a multicast group: their */
    PG_MCAST_SUB = 10,          /* chunks, and those of one chunk; ids are
                                 * digests, see stage-mcast.c. */
    PG_MCALL = 11,              /* Ports that get all multicast: their */
    PG_MCALL_SUB = 12,          /* chunks, and those of one chunk. */
    PG_LAG = 13,                /* A LAG (by id in place of a VLAN): picks the
                                 * port; a LAG's port: gate inwards. */

    PG_FIRST = PG_TEAM,         /* Groups of all kinds from PG_FIRST to */
    PG_LAST = 13                /* PG_LAST are ours, used or not yet. */
};
#define PG_ALL_TRUNKS 4096      /* In place of a VLAN: the trunk ports. */
/* A group is one OpenFlow message (64 kB); more ports than this in one VLAN
 * and team go to further chunks. */
#define PG_CHUNK_PORTS 1000
#define PG_CHUNKS 16

/* Meter ids: kind (4 bits), then the port's number in OpenFlow or what else
 * tells meters of that kind apart (28 bits). */
enum pipeline_meter {
    PM_TELL = 1,                /* What comes from a port, 0 for all uplinks,
                                 * and goes to the agent. */
    PM_IN_AVERAGE = 2,          /* Shaping of what comes from a port's */
    PM_IN_PEAK = 3,             /* NIC... */
    PM_OUT_AVERAGE = 4,         /* ...and of what goes to it. */
    PM_OUT_PEAK = 5,
    PM_RULE_IN = 6,             /* What a traffic rule lets pass: port, then */
    PM_RULE_OUT = 7,            /* place among such rules. */
    PM_LOG = 8,                 /* What traffic rules log; object 0. */

    PM_FIRST = PM_TELL,         /* Meters of all kinds from PM_FIRST to */
    PM_LAST = 14                /* PM_LAST are ours, used or not yet. */
};

#define PM_PLACE_BITS 12        /* Of a rule's place; 16 are the port's. */

/* A port as the stages see it: with everything worked out that more than one
 * of them needs. */
struct pipeline_port {
    const struct hv_port *hv;
    uint64_t cookie;            /* Of flows that are the port's own. */
    bool open;                  /* Frames may pass. */
    bool strict;                /* Only what comes from 'mac' may pass, and
                                 * table IN sees to that. */
    bool deaf;                  /* None may pass to the NIC: it has changed
                                 * its MAC and may not. */
    struct eth_addr mac;        /* The MAC it may have: what it sends from
                                 * and is reached at. */
    bool refuses;               /* It is 'deaf' or not 'open', and what is for
                                 * its NIC comes to table COUT, which counts
                                 * it as dropped. */
    bool arriving;              /* It is 'open', but another host delivers to
                                 * its NIC until the NIC sends here: see
                                 * stage-arrival.c. */
    enum pipeline_table admitted;   /* Where its NIC's frames go on whose
                                     * source is as it should be... */
    enum pipeline_table marked;     /* ...and that have the port's marks: past
                                     * tables that have nothing for it. */
    bool learns;                /* It learns the MACs behind its NIC. */
    bool gets_unknown;          /* It gets unicast for unknown MACs, though it
                                 * is not promiscuous. */
    bool snooped;               /* It gets only the multicast that it wants,
                                 * though it is not promiscuous. */
    bool shaped_in;             /* What its NIC sends is shaped... */
    bool shaped_out;            /* ...and what its NIC gets. */
    bool metered_out;           /* What its NIC gets passes SHOUT: it is
                                 * shaped, or a traffic rule limits it. */
    int team;                   /* Team number, 0 if it has no uplink. */
    const struct hv_team *hv_team;  /* The team, NULL if 'team' is 0. */
    int chunk;                  /* Which chunk of its team's ports. */
    bool tell_class;            /* Of which class its frames are is to be put
                                 * into PR_CLASS. */
    int queue;                  /* Queue of uplinks that its frames wait in; 0
                                 * if there are none. */
    uint32_t rules_in, rules_out;   /* Number of the traffic rules for each
                                     * direction; 0: none. */
    struct port_vlans vlans;
};

/* A stage; NULL for what it has no items for. */
struct pipeline_stage {
    const char *name;           /* For logs, trace and documentation. */
    const char *doc;            /* One line. */
    /* Emits the items of the switch itself. */
    void (*compile_switch)(const struct hv_switch *, struct desired *);
    /* Emits the items of one port with an OpenFlow port that is open. */
    void (*compile_port)(const struct hv_switch *,
                         const struct pipeline_port *, struct desired *);
    /* Emits the items of one port with an OpenFlow port that is not open. */
    void (*compile_closed_port)(const struct hv_switch *,
                                const struct pipeline_port *,
                                struct desired *);
};

/* The table of stages.  PIPELINE_STAGE(NAME): "stage_<NAME>" is defined in
 * stage-<NAME>.c. */
#define PIPELINE_STAGES                         \
    PIPELINE_STAGE(in)                          \
    PIPELINE_STAGE(beacon)                      \
    PIPELINE_STAGE(sec)                         \
    PIPELINE_STAGE(learn)                       \
    PIPELINE_STAGE(mark)                        \
    PIPELINE_STAGE(l2)                          \
    PIPELINE_STAGE(arrival)                     \
    PIPELINE_STAGE(flood)                       \
    PIPELINE_STAGE(team)                        \
    PIPELINE_STAGE(uplink)                      \
    PIPELINE_STAGE(lag)                         \
    PIPELINE_STAGE(tx_uplink)                   \
    PIPELINE_STAGE(prom)                        \
    PIPELINE_STAGE(unknown)                     \
    PIPELINE_STAGE(mcast)                       \
    PIPELINE_STAGE(tell)                        \
    PIPELINE_STAGE(rules)                       \
    PIPELINE_STAGE(limit)                       \
    PIPELINE_STAGE(shape)                       \
    PIPELINE_STAGE(out)                         \
    PIPELINE_STAGE(count)                       \
    PIPELINE_STAGE(pass)

#define PIPELINE_STAGE(NAME) extern const struct pipeline_stage stage_##NAME;
PIPELINE_STAGES
#undef PIPELINE_STAGE

extern const struct pipeline_stage *const pipeline_stages[];
extern const size_t n_pipeline_stages;

/* Shared by the stages. */
uint32_t pipeline_group_id(enum pipeline_group, int vlan, int team, int chunk);
uint32_t pipeline_meter_id(enum pipeline_meter, uint32_t object);
uint32_t pipeline_port_code(ofp_port_t);
void pipeline_uplink_vlans(const struct hv_uplink *, struct port_vlans *);
bool pipeline_carries_all(const struct port_vlans *);
bool pipeline_gets_refused(const struct pipeline_port *);
uint64_t pipeline_uplink_cookie(const struct hv_uplink *, int id);
uint32_t pipeline_uplink_rules(const struct hv_uplink *,
                               unsigned int direction);
bool pipeline_rules_meter_out(const struct hv_switch *,
                              const struct hv_ruleset *);
uint32_t pipeline_compile_any_time(struct desired *);
void pipeline_compile_detour(const struct hv_switch *, struct desired *);
void pipeline_compile_flooding(struct desired *);
void pipeline_compile_copy(const struct pipeline_port *, uint32_t all,
                           uint32_t sub, struct desired *);

/* Returns true if logical uplink 'id' of 'sw' has a NIC in the bridge. */
static inline bool
pipeline_has_uplink(const struct hv_switch *sw, int id)
{
    return sw->uplinks[id].name && sw->uplinks[id].ofport != OFPP_NONE;
}

const char *pipeline_table_name(uint8_t table);
const char *pipeline_table_doc(uint8_t table);

/* In stage-rules.c; for the driver. */
void pipeline_compile_ruleset(const struct hv_switch *, struct hv_ruleset *,
                              struct desired *);
void pipeline_drop_rulesets(struct hv_switch *, struct desired *);

/* The driver.  After a change of a port, compile that port.  The uplinks of a
 * switch decide on the teams of its ports: after a change of them, compile the
 * switch and every port of it. */
void pipeline_compile_switch(struct hv_switch *, struct desired *);
void pipeline_compile_port(struct hv_switch *, struct hv_port *,
                           struct desired *);
void pipeline_remove_port(struct hv_switch *, const char *key,
                          struct desired *);
uint64_t pipeline_port_owner(const char *key);
char *pipeline_arrival(uint8_t table, uint64_t cookie);
int pipeline_learned_vid(const struct match *);
uint32_t pipeline_learned_by(uint64_t cookie);
const char *pipeline_learned_doc(uint64_t cookie);

/* What the flows of stage-count.c count, each for one port. */
enum pipeline_counter {
    PC_RX_UNICAST, PC_RX_MULTICAST, PC_RX_BROADCAST,
    PC_TX_UNICAST, PC_TX_MULTICAST, PC_TX_BROADCAST,
    PC_RX_TAGGED_UNICAST,       /* Of an uplink, by flows of their own. */
    PC_RX_TAGGED_MULTICAST, PC_RX_TAGGED_BROADCAST,
    PC_TX_TAGGED_UNICAST, PC_TX_TAGGED_MULTICAST, PC_TX_TAGGED_BROADCAST,
    PC_RX_TO_PNIC,              /* Of those received, sent by an uplink... */
    PC_TX_FROM_PNIC,            /* ...and of those delivered, come in there. */
    PC_RX_CLOSED,               /* Dropped, since the port is not open... */
    PC_RX_REFUSED,              /* ...or for any other reason. */
    PC_TX_RULES,                /* Dropped on the way there, by a rule... */
    PC_TX_OTHER_VLAN,           /* ...or as of another private VLAN... */
    PC_TX_REFUSED,              /* ...since that gets none... */
    PC_TX_NOT_CARRIED,          /* ...or not in that VLAN, as an uplink. */
    PC_NONE,
    PC_N = PC_NONE
};
enum pipeline_counter pipeline_counter(uint8_t table, uint16_t priority,
                                       uint64_t cookie, uint64_t *key);
bool pipeline_meter_counts(uint32_t meter_id, uint32_t *ofport, bool *in);
void pipeline_compile_classes(const struct pipeline_port *,
                              enum pipeline_table, const struct match *,
                              const struct ofpbuf *ofpacts, struct desired *);
void pipeline_compile_uplink_classes(const struct hv_uplink *, int id,
                                     enum pipeline_table,
                                     const struct match *,
                                     const struct ofpbuf *ofpacts,
                                     struct desired *);
void pipeline_put_from_uplink(struct ofpbuf *ofpacts, const struct hv_switch *,
                              int id);

#endif /* pipeline.h */

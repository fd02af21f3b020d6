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

#ifndef HOST_VIEW_H
#define HOST_VIEW_H 1

/* PURE: what one host must realise, as plain data.
 *
 * Built from the databases (host-view-db.c) or from the host cache; the
 * compiler cannot tell which.  Objects are looked up by key and changed one
 * at a time, so that the cost of a change does not grow with the host. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"
#include "ovs-bridge/beacon.h"
#include "packets.h"
#include "schema/dvs-class.h"
#include "schema/dvs-lag.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-pvlan.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "sset.h"

/* Ids of logical uplinks: first those that the switch names, then its LAGs
 * with a NIC on this host, then the ports of these. */
#define HV_MAX_UPLINKS 32
#define HV_MAX_LAGS 32
#define HV_FIRST_LAG (HV_MAX_UPLINKS + 1)
#define HV_LAST_LAG (HV_MAX_UPLINKS + HV_MAX_LAGS)
#define HV_FIRST_LAG_PORT (HV_LAST_LAG + 1)
#define HV_LAST_ID (HV_LAST_LAG + HV_MAX_LAGS * DVS_LAG_PORTS_MAX)

#define HV_MAX_ORDER (HV_MAX_UPLINKS + 1)   /* All, and a LAG. */
#define HV_MAX_TEAMS 2047       /* Team numbers are 1..HV_MAX_TEAMS. */

/* A logical uplink of a proxy switch: one name of the switch's uplinks, a LAG,
 * or a port of a LAG. */
struct hv_uplink {
    char *name;                 /* Uplink name, e.g. "uplink1". */
    char *pnic;                 /* The host's NIC behind it, or NULL; always
                                 * NULL in a LAG, which has its ports. */
    char *port_key;             /* Key of its distributed port, or NULL. */
    ofp_port_t ofport;          /* OpenFlow port of 'pnic', or OFPP_NONE. */
    bool down;                  /* 'pnic' is known to have no link. */
    bool up;                    /* It has one, and a LAG's port is attached. */
    struct uuid portgroup;      /* Of its port; all-zeros if not known. */
    bool blocked;               /* It carries nothing. */
    bool limited;               /* It carries the VLANs in 'vlan' only. */
    struct dvs_vlan vlan;       /* A trunk; see hv_uplink_vlan(). */
    struct smap rules;          /* Traffic rules that are in force, as in
                                 * struct dvs_setting. */
    char *rules_of;             /* As in struct hv_port. */
    struct hv_ruleset *ruleset; /* What it was compiled with; NULL: none. */
};

/* How a team spreads what its ports send. */
enum hv_team_mode {
    HV_TEAM_ORDER,              /* All on the first uplink that works. */
    HV_TEAM_SOURCE_MAC,         /* By each frame's source address. */
    HV_TEAM_IP_HASH             /* By each packet's IP addresses. */
};

/* A team: a way to choose among uplinks that some port uses.
 *
 * One that spreads has a team of mode HV_TEAM_ORDER for each active uplink (a
 * slot), which says where that uplink's share goes when it fails.
 *
 * Numbers are handed out once and kept in the bridge's external_ids, so that
 * a restarted agent compiles the same flows. */
struct hv_team {
    struct hmap_node node;      /* In struct hv_switch's 'teams', by 'key'. */
    char *key;                  /* Canonical text of what follows, see
                                 * hv_team_restore(). */
    int number;                 /* 1..HV_MAX_TEAMS. */
    enum hv_team_mode mode;
    bool any_uplink;            /* Frames may come in on any of its uplinks,
                                 * not just on the one in use. */
    bool any_known;             /* Likewise, but only unicast for a known MAC:
                                 * ports that have just moved. */
    bool no_failback;           /* An uplink that recovers goes behind the
                                 * one that stood in for it. */
    bool beacon;                /* ...and one by which beacons do not pass
                                 * needs one; only with 'no_failback'. */
    uint8_t policy[HV_MAX_ORDER]; /* Logical uplink ids as the policy has
                                     * them.  HV_TEAM_ORDER: best first.
                                     * Else: active, then standby. */
    uint8_t order[HV_MAX_ORDER];  /* Likewise, as they are to be tried now:
                                     * the same but for 'no_failback'. */
    size_t n_order;
    size_t n_slots;             /* How many of 'order' are active; 0 for
                                 * HV_TEAM_ORDER. */
    int slots[HV_MAX_ORDER];    /* Their teams' numbers; 0 if not known yet. */
};

/* A traffic rule that limits a rate. */
struct hv_limit {
    int sequence;               /* Its number. */
    unsigned int directions;    /* DVS_RULE_IN, DVS_RULE_OUT. */
    uint32_t rate;              /* Packets/s, of each port by itself. */
};

/* Traffic rules that ports share: those of a portgroup for its ports, or those
 * of a single port that has rules of its own.
 *
 * The number follows from 'source', so that a restarted agent compiles the
 * same flows, and a change of one rule leaves the flows of the others, and
 * their counters, alone. */
struct hv_ruleset {
    struct hmap_node node;      /* In struct hv_switch's 'rulesets', by
                                 * 'number'. */
    uint32_t number;            /* Not 0. */
    char *source;               /* Whose they are, and what follows. */
    char *portgroup;            /* As in struct hv_port's 'rules_of'... */
    char *port;                 /* ...or the key of the port; else NULL. */
    bool uplink;                /* They are of uplink ports. */
    bool guest;                 /* The guests of its ports tag. */
    uint32_t classes;           /* DVS_TC_BIT() of what its ports carry. */
    struct smap rules;          /* As in struct dvs_setting. */
    unsigned int directions;    /* DVS_RULE_IN, DVS_RULE_OUT: some rule is
                                 * for it. */
    struct hv_limit *limits;    /* In the order of their numbers. */
    size_t n_limits;
    bool logs;                  /* Some rule is to be logged. */
    bool asks_class;            /* Some rule asks for a class of traffic. */
    size_t n_users;             /* Ports that use it. */
    bool changed;               /* Since it was compiled. */
    struct hmap hits;           /* What they matched; see rule-hits.h. */
};

/* A port with a NIC on this host. */
struct hv_port {
    struct hmap_node node;      /* In struct hv_switch's 'ports', by 'key'. */
    char *key;                  /* Port key, a decimal number. */
    char *nic;                  /* The NIC's id (external_ids:iface-id). */
    char *interface;            /* Name of its OVS interface, or NULL. */
    ofp_port_t ofport;          /* Its OpenFlow port, or OFPP_NONE. */
    struct eth_addr mac;        /* Its MAC as it was configured; all-zeros
                                 * if not known. */
    struct eth_addr claimed;    /* The MAC that it works with now, as the
                                 * host says; all-zeros if it says none. */
    bool active;                /* This host delivers to it. */
    bool host_made;             /* This host has made it; see host-made.h. */
    char *rules_of;             /* Whose its traffic rules are: a name for
                                 * those of its portgroup, NULL for its
                                 * own. */
    struct hv_ruleset *ruleset; /* What it was compiled with; NULL: none. */
    bool settling;              /* Its load has just moved it; for load.c. */
    bool host_nic;              /* The NIC is this host's own, and the host is
                                 * to make it. */
    bool classified;            /* What the NIC sends is of class... */
    enum dvs_traffic_class traffic_class;   /* ...this one, else of none. */
    int shares;                 /* Of a virtual machine's NIC against others,
                                 * 0 if nothing is said. */
    int64_t reservation;        /* What it is guaranteed of an uplink, in
                                 * Mbit/s. */
    int place;                  /* The uplink on which room is kept for that;
                                 * 0 if there is none, HV_PLACE_ALL if its
                                 * frames are spread. */
    int mtu;                    /* The MTU that 'host_nic' is to have, in
                                 * bytes; 0 for the switch's. */
    bool migrating;             /* Another host has the port, too: its NIC is
                                 * about to go there, or was there just now. */
    bool awaited;               /* Another host delivered to the NIC when it
                                 * was last looked at; for notify.c. */
    int tell_again;             /* Announcements to repeat; for notify.c. */
    struct hmap groups;         /* Multicast that it has joined: "struct
                                 * snoop_group"s; see snoop.h, multicast.c. */
    bool too_many_groups;       /* It wanted more than there is room for. */
    int n_asked;                /* How often it was asked for its groups; more
                                 * than SNOOP_N_ASKED: and had time to answer
                                 * the last time. */
    long long int ask_at;       /* When to go on with that, in ms. */
    long long int router_until; /* When a router behind it is forgotten, in
                                 * ms; 0 if there is none. */
    uint64_t told_uplinks;      /* Logical uplinks on which the physical */
    struct eth_addr told_mac;   /* switches know the NIC (bit 'id' - 1), and
                                 * its MAC there; 0 if they were not told.  For
                                 * notify.c. */
    struct dvs_setting setting; /* Effective: every property present. */
};

/* One proxy switch of the host. */
struct hv_switch {
    struct uuid uuid;           /* Identity of the distributed switch. */
    char *host;                 /* Name of the host. */
    char *name;
    char *bridge;               /* Name of the OVS bridge. */
    char *datapath_type;        /* "system" or "netdev". */
    int mtu;                    /* Bytes. */
    bool snooping;              /* Multicast goes only to who wants it. */
    bool no_meters;             /* The bridge's datapath has no meters. */
    bool managed;               /* Bandwidth is managed, ... */
    bool queues;                /* ...and uplinks have a queue a class. */
    struct dvs_classes classes; /* What they get of an uplink. */
    bool uplinks_ask_class;     /* Some rule of an uplink asks for a class;
                                 * see pipeline_compile_switch(). */
    struct hv_uplink uplinks[HV_LAST_ID + 1];   /* By logical id; [0] is
                                                 * unused; 'name' is NULL
                                                 * where there is none. */
    struct dvs_lags lags;       /* Its LAGs, also those without a NIC here. */
    struct dvs_pvlans pvlans;   /* Its private VLANs. */
    struct sset merged;         /* UUIDs of switches merged into it, whose
                                 * bridges are its own. */
    struct hmap ports;          /* Contains "struct hv_port"s. */
    struct hmap teams;          /* Contains "struct hv_team"s. */
    struct beacons beacons;     /* Which uplinks pass where beacons are to. */
    bool reserves;              /* Some port may have a reservation. */
    struct smap placed;         /* Port key -> id of the active uplink that its
                                 * load has moved it to, or on which it has its
                                 * place. */
    struct hmap rulesets;       /* Contains "struct hv_ruleset"s. */
    bool unused_rulesets;       /* Some of them have no user any more. */
};

void hv_switch_init(struct hv_switch *);
void hv_switch_destroy(struct hv_switch *);
struct hv_port *hv_port_create(struct hv_switch *, const char *key);
struct hv_port *hv_port_find(const struct hv_switch *, const char *key);
void hv_port_destroy(struct hv_switch *, struct hv_port *);
void hv_port_limit(struct hv_port *, int64_t limit);
/* The queue of uplinks for what the host itself sends to keep them going:
 * beacons, announcements of NICs, LACP, of which Open vSwitch does not let us
 * choose the queue.  Class management has the first number after the classes
 * instead. */
#define HV_CONTROL_QUEUE 0
#define HV_MANAGEMENT_QUEUE DVS_N_TRAFFIC_CLASSES

int hv_class_queue(enum dvs_traffic_class);
int hv_port_queue(const struct hv_switch *, const struct hv_port *);
bool hv_port_mac_changed(const struct hv_port *);
void hv_uplink_clear(struct hv_switch *, struct hv_uplink *);
void hv_uplink_set_policy(struct hv_uplink *, struct dvs_setting *);
const struct dvs_vlan *hv_uplink_vlan(const struct hv_uplink *);
int hv_uplink_id(const struct hv_switch *, const char *name);

/* LAGs: host-view-lag.c. */
int hv_uplink_lag(int id);
int hv_lag_port_id(int lag, int index);
const struct dvs_lag *hv_lag_config(const struct hv_switch *, int id);
bool hv_uplink_is_here(const struct hv_switch *, int id);
void hv_lag_restore(struct hv_switch *, int id, const char *name);
void hv_lags_update(struct hv_switch *, const struct smap *nics,
                    const struct smap *keys);
void hv_lags_follow_ports(struct hv_switch *);

/* Teams.  hv_team_for_port() returns the team that 'port' uses under its
 * effective teaming policy (NULL if no uplink of its order has a NIC here),
 * handing out a number if it is new. */
const struct hv_team *hv_team_for_port(struct hv_switch *,
                                       const struct hv_port *);
size_t hv_active_uplinks(const struct hv_switch *, const struct hv_port *,
                         uint8_t ids[HV_MAX_ORDER]);
const struct hv_team *hv_team_find(const struct hv_switch *, int number);
int hv_team_uplink(const struct hv_switch *, const struct hv_team *);
char *hv_team_format(const struct hv_team *);
bool hv_team_restore(struct hv_switch *, int number, const char *);
bool hv_teams_follow_links(struct hv_switch *);

/* Places of reservations: host-view-place.c. */
#define HV_PLACE_ALL (-1)
bool hv_port_is_placed(const struct hv_switch *, const struct hv_port *);
bool hv_place(struct hv_switch *, struct sset *moved);

/* Beacon probing: host-view-beacon.c. */
const char *hv_port_beacon_conflict(const struct hv_switch *,
                                    const struct hv_port *);
bool hv_port_is_probed(const struct hv_switch *, const struct hv_port *);
uint16_t hv_port_probed_vlan(const struct hv_port *);
uint32_t hv_port_probed_uplinks(const struct hv_switch *,
                                const struct hv_port *);
uint32_t hv_port_failed_uplinks(const struct hv_switch *,
                                const struct hv_port *);

/* Traffic rules.  hv_ruleset_for_port() has 'port' use the rules that follow
 * from its setting, and returns them, NULL if it has none. */
struct hv_ruleset *hv_ruleset_for_port(struct hv_switch *, struct hv_port *);
struct hv_ruleset *hv_ruleset_for_uplink(struct hv_switch *,
                                         struct hv_uplink *);
struct hv_ruleset *hv_ruleset_find(const struct hv_switch *, uint32_t number);
void hv_ruleset_release(struct hv_switch *, struct hv_ruleset **);
void hv_ruleset_destroy(struct hv_switch *, struct hv_ruleset *);

#endif /* host-view.h */

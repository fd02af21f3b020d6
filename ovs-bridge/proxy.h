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

#ifndef PROXY_H
#define PROXY_H 1

/* A proxy switch: what this host has of one distributed switch (vSphere's
 * HostProxySwitch).
 *
 * It ties together, for one switch, the view (what is wanted, as plain data),
 * the desired flows compiled from it, the OpenFlow connection that brings the
 * bridge in step with them, and what is to be said about it.  It exists as
 * long as the host is a member of the switch or still has a bridge of it. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "ovs-bridge/counters.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/learned.h"
#include "sset.h"

struct bridge_config;
struct of_conn;

/* How far the host is with comparing all that it has with what it should
 * have, because it was asked to (Proxy_Host.rectify). */
enum proxy_rectify {
    RECTIFY_NONE,               /* Nothing is asked for. */
    RECTIFY_WANTED,             /* It has not begun. */
    RECTIFY_RUNNING             /* It is over once all stands. */
};

/* How far the host has come with a proxy switch. */
enum proxy_stage {
    PROXY_NONE,                 /* There is no bridge. */
    PROXY_DISCONNECTED,         /* ovs-vswitchd does not answer. */
    PROXY_BUSY,                 /* Changes are under way. */
    PROXY_IN_STEP               /* All that is wanted stands. */
};

struct proxy {
    struct hmap_node node;      /* In struct proxies's 'by_uuid'. */
    struct uuid uuid;           /* The distributed switch. */

    /* Written by host-view-db.c and its companions. */
    bool wanted;                /* This host is a member. */
    bool complete;              /* 'view' has been read as a whole. */
    struct hv_switch view;      /* What is wanted. */
    int64_t version;            /* Of the Proxy_Switch row in 'view'. */
    bool signalled;             /* The next four are known. */
    int64_t rectify;            /* Proxy_Host.rectify, and... */
    enum proxy_rectify rectifying;  /* ...how far that is. */
    int64_t refresh;            /* Proxy_Host.refresh. */
    int64_t confirm;            /* Proxy_Host.confirm. */
    struct sset view_faults;    /* What of it cannot be understood. */
    struct shash port_faults;   /* Port key -> "char *": why the port keeps
                                 * an earlier setting. */

    struct sset unread_host_nics;   /* Ids of NICs that this host is to make,
                                     * whose ports cannot be understood. */
    struct sset host_made;      /* Keys of the ports of 'view' that this host
                                 * has made; see host-made.h. */
    bool host_made_crowded;     /* There was no room for one more. */

    /* Work for host-view-db.c. */
    bool rebuild;               /* Read the switch and all ports again. */
    bool uplinks_dirty;         /* Look at the uplinks' interfaces again. */
    struct sset dirty_ports;    /* Keys of ports to read again. */

    /* Work for the compiler, see agent.c. */
    bool compile_all;           /* Compile the switch and all ports. */
    struct sset changed_ports;  /* Keys of ports to compile, or gone. */

    /* Flows; written by agent.c. */
    struct desired desired;     /* Compiled from 'view'. */
    unsigned long long n_compiled;  /* Ports compiled so far. */
    struct of_conn *conn;       /* NULL before the bridge exists. */
    char *conn_bridge;          /* Bridge that 'conn' is for, or NULL. */
    uint64_t mark;              /* Of 'conn', at the last compilation. */
    uint64_t barrier;           /* Of 'conn', for the barrier under way. */
    unsigned long long connects;    /* As in 'conn''s counters. */
    unsigned long long refused;     /* Likewise. */
    struct counters counters;   /* What the ports have counted. */
    unsigned long long polls;   /* As in 'conn''s counters. */

    /* What the bridge offers; see features.h. */
    bool meters_asked;          /* It has been asked. */
    bool meters_known;          /* It has answered. */
    uint32_t max_meters;        /* How many meters it may have. */

    /* Work for notify.c. */
    bool notify_all;            /* Look at all ports. */
    struct sset notify_ports;   /* Keys of ports to look at. */
    struct sset notify_again;   /* Keys of ports to announce once more... */
    long long int notify_again_at;  /* ...at this monotonic time, in ms. */
    size_t notify_n_repeats;    /* How often since the latest of them came. */

    /* Work for load.c. */
    bool load_wanted;           /* Some port asks for load-based teaming. */
    long long int load_at;      /* When to measure, in ms; 0 if not yet. */
    long long int load_asked;   /* When it was measured last. */
    double load_threshold;      /* Part of the capacity. */
    struct hmap load_counters;  /* "struct load_counter"s, by OpenFlow port. */
    struct sset load_settling;  /* Keys of ports that have moved, until... */
    long long int load_settle_at;   /* ...this time, in ms. */

    /* Work for multicast.c. */
    long long int multicast_now;    /* When it last ran, in ms. */
    long long int multicast_at; /* When it has something to do again... */
    long long int query_at;     /* ...and asks all ports again. */
    long long int *queriers;    /* By VLAN: until when a router is known to
                                 * ask there, in ms.  NULL without snooping. */

    /* Work for probing.c. */
    bool beacons_dirty;         /* Find out what is to be probed. */
    long long int beacon_now;   /* When it last ran, in ms. */
    uint64_t beacon_session;    /* Tells beacons of this run; 0: none yet. */

    /* Rows of the local database; written by ovs-sync.c. */
    struct bridge_config *config;   /* What they should be, or NULL. */
    char *bridge;               /* Bridge of ours that stands for the switch,
                                 * or NULL. */
    bool sync_dirty;            /* Compare 'config' with the rows again. */
    struct sset sync_faults;    /* What could not be made so. */
    bool flows_lost;            /* ovs-vswitchd flushes the flows when it takes
                                 * what was written, or others have replaced
                                 * them; agent.c reads them back then. */

    /* What was said about it last; written by report.c. */
    enum proxy_stage stage;
    long long int busy_since;   /* When 'stage' began, in ms; 0 at first. */
    int64_t applied;            /* 'version' that was last carried out. */
    int64_t rectified;          /* 'rectify' that was. */
    int64_t refreshed;          /* 'refresh' that was. */
    int64_t confirmed;          /* 'confirm' that was; by agent.c. */

    /* Hits of traffic rules; for report-rules.c. */
    bool rules_asked;           /* The bridge is to answer. */
    bool rules_counted;         /* The bridge has told of all. */
    bool rules_reported;        /* There may be rows about them. */

    /* What the ports have learned; for report-learned.c. */
    struct learned learned;     /* As the bridge tells. */
    ovs_be32 learned_xid;       /* What it was asked by, or 0. */
    bool learned_read;          /* It has told all. */
    bool learned_reported;      /* There are rows with any. */

    /* Work for report.c. */
    bool report_dirty;          /* The row about the switch. */
    bool report_ports;          /* The rows about all its ports. */
    bool counted;               /* Their counters. */
    struct sset report_nics;    /* The rows about these virtual NICs. */
};

struct proxies {
    struct hmap by_uuid;        /* Contains "struct proxy"s. */
};

void proxies_init(struct proxies *);
void proxies_destroy(struct proxies *);
struct proxy *proxy_find(const struct proxies *, const struct uuid *);
struct proxy *proxy_find_or_create(struct proxies *, const struct uuid *);
void proxy_remove(struct proxies *, struct proxy *);
void proxy_close_conn(struct proxy *);
void proxy_mark(struct proxy *);
bool proxy_is_connected(const struct proxy *);
bool proxy_in_step(const struct proxy *);

#define PROXY_FOR_EACH(PROXY, PROXIES) \
    HMAP_FOR_EACH (PROXY, node, &(PROXIES)->by_uuid)
#define PROXY_FOR_EACH_SAFE(PROXY, PROXIES) \
    HMAP_FOR_EACH_SAFE (PROXY, node, &(PROXIES)->by_uuid)

#endif /* proxy.h */

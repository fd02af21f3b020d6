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

#ifndef LOCAL_VIEW_H
#define LOCAL_VIEW_H 1

/* The host's own Open vSwitch, as its database shows it: which bridges are
 * ours, which interfaces are in them, and which virtual NIC each is for.
 *
 * Follows the database by change tracking and says what to look at again.
 * It writes nothing. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/list.h"
#include "openvswitch/ofp-port.h"
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "sset.h"

struct ovsdb_idl;
struct ovsdb_idl_index;
struct ovsrec_bridge;
struct ovsrec_interface;
struct ovsrec_open_vswitch;
struct ovsrec_port;

struct local_bridge {
    char *name;
    bool ours;                  /* Bears our mark. */
    struct uuid switch_;        /* The switch it stands for, if 'ours'. */
    bool exists;                /* ovs-vswitchd has it. */
    size_t n_ifaces;            /* Interfaces in it, one for each port. */
    size_t n_foreign;           /* Of them, those that are neither its own
                                 * (of its name) nor made by us. */
    struct ovs_list uplinks;    /* "struct local_iface"s whose ports bear our
                                 * mark of uplinks. */
    struct ovs_list host_nics;  /* Likewise, of the host's own NICs. */
};

enum local_link { LOCAL_LINK_UNKNOWN, LOCAL_LINK_DOWN, LOCAL_LINK_UP };

struct local_iface {
    char *name;
    struct uuid row;            /* Its Interface row. */
    struct local_bridge *bridge;    /* Bridge that has it, or NULL. */
    bool uplink;                /* Its port bears our mark of uplinks. */
    bool host_nic;              /* ...of the host's own NICs. */
    char *port;                 /* Name of that port, if it bears one. */
    bool further;               /* Its port has others before it. */
    struct uuid owner;          /* Switch in that mark, if there is one. */
    struct ovs_list ours_node;  /* In struct local_bridge's 'uplinks' or
                                 * 'host_nics', if there is one. */
    char *nic;                  /* external_ids:iface-id, or NULL. */
    struct ovs_list nic_node;   /* In struct local_nic's 'ifaces'. */
    ofp_port_t ofport;          /* OFPP_NONE before it has one. */
    bool failed;                /* ovs-vswitchd could not make it work. */
    enum local_link link;
    bool attached;              /* Its LACP has agreed with a neighbour. */
    bool running;               /* Its hypervisor does not say that its
                                 * machine is not running. */
    bool heard;                 /* Its machine has begun to run, see
                                 * local_view_hear(). */
    unsigned int scan;          /* Run in which all ports of 'bridge' were
                                 * looked at and it was among them. */
    unsigned int arrival;       /* Run in which it came. */
};

/* A virtual NIC: all interfaces that say they are for it. */
struct local_nic {
    struct ovs_list ifaces;     /* Contains "struct local_iface"s. */
};

struct local_view {
    struct ovsdb_idl *idl;      /* Not owned. */
    struct ovsdb_idl_index *bridge_by_name;
    struct ovsdb_idl_index *port_by_name;
    struct ovsdb_idl_index *iface_by_name;
    struct shash bridges;       /* Name -> "struct local_bridge". */
    struct shash ifaces;        /* Name -> "struct local_iface". */
    struct shash nics;          /* NIC id -> "struct local_nic". */
    struct sset contested;      /* Ids of NICs with several interfaces. */
    unsigned int n_runs;        /* For 'scan' and 'arrival'. */

    /* To look at again; the reader clears them. */
    struct sset dirty_ifaces;   /* Names of interfaces. */
    struct sset dirty_nics;     /* NIC ids. */
    bool bridges_dirty;         /* Some bridge or its set of ports. */
    bool offer_dirty;           /* What this Open vSwitch offers. */
};

void local_view_init(struct local_view *, struct ovsdb_idl *);
void local_view_destroy(struct local_view *);
void local_view_run(struct local_view *);
void local_view_recompute(struct local_view *);
void local_view_hear(struct local_view *, const char *nic);

struct local_bridge *local_view_find_bridge(const struct local_view *,
                                            const char *name);
struct local_iface *local_view_find_iface(const struct local_view *,
                                          const char *name);
struct local_iface *local_view_find_nic(const struct local_view *,
                                        const char *nic);

bool local_view_offer_changed(const struct local_view *);

/* Rows: local-view-rows.c.  NULL if there is none. */
void local_view_register(struct local_view *, struct ovsdb_idl *);
const struct ovsrec_open_vswitch *local_view_root(const struct local_view *);
const struct ovsrec_bridge *local_view_bridge_row(const struct local_view *,
                                                  const char *name);
const struct ovsrec_port *local_view_port_row(const struct local_view *,
                                              const char *name);
const struct ovsrec_interface *local_view_iface_row(
    const struct local_view *, const char *name);

#endif /* local-view.h */

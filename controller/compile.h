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

#ifndef COMPILE_H
#define COMPILE_H 1

/* PURE: what hosts must realise, compiled from the model.
 *
 * One file for each kind of proxy row; sync.c writes the rows.  What goes in
 * has been found without fault.  Members of the structs bear the names of the
 * columns of the tables Proxy_*. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/uuid.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "svec.h"

struct proxy_switch {
    char *name;
    char *bridge;
    char *datapath_type;
    int mtu;                    /* Bytes. */
    struct svec uplinks;        /* In order. */
    struct smap setting;        /* Effective: every property. */
    struct smap config;         /* What else belongs to the switch. */
};

struct proxy_portgroup {
    char *name;
    const char *type;           /* Static storage. */
    bool uplink;
    struct smap setting;        /* Effective: every property. */
};

struct proxy_host {
    struct smap uplinks;        /* Uplink name -> physical NIC. */
    struct smap uplink_ports;   /* Uplink name -> port key. */
    struct smap uplink_portgroups;  /* Uplink name -> UUID of that port's
                                     * portgroup. */
    struct smap uplink_settings;    /* "KEY UPLINK" -> value: the port's own
                                     * permitted properties. */
    int max_ports;              /* Of NICs; -1 for no limit. */
};

struct proxy_port {
    char *name;
    char *nic;                  /* NIC's id. */
    char *kind;                 /* "vm" or "host". */
    char *mac;                  /* MAC address, or "". */
    int mtu;                    /* Bytes; 0 to leave the NIC alone. */
    char *traffic_class;        /* Word for its class; NULL for none. */
    int shares;                 /* 0 if nothing is asked for. */
    int64_t limit;              /* Mbit/s; 0 for none. */
    int64_t reservation;        /* Mbit/s. */
    bool active;                /* The host delivers to the NIC. */
    bool migrating;             /* Another host has the port, too. */
    struct smap setting;        /* The port's own permitted properties. */
};

/* A NIC that is connected to a port, and the host it is on. */
struct compile_nic {
    const char *id;
    const char *kind;
    const char *mac;            /* As asked for; NULL if nothing is. */
    const char *attached_mac;   /* As the host reports it, or "". */
    int mtu;                    /* Bytes; 0 if nothing is asked for. */
    const char *traffic_class;  /* NULL if nothing is asked for. */
    int shares;                 /* 0 if nothing is asked for. */
    int64_t limit;              /* Mbit/s; 0 for none. */
    int64_t reservation;        /* Mbit/s, as admitted. */
    bool active;
    bool migrating;
};

/* An uplink of a host, and the port that it has. */
struct compile_uplink {
    char *name;                 /* Uplink's name. */
    char *key;                  /* Port's key. */
    struct uuid portgroup;      /* Portgroup's row. */
    struct dvs_setting setting; /* The port's own permitted properties. */
};

void compile_switch(const struct dvs_switch *, struct proxy_switch *);
void proxy_switch_destroy(struct proxy_switch *);

void compile_portgroup(const struct dvs_switch *,
                       const struct dvs_portgroup *,
                       struct proxy_portgroup *);
void proxy_portgroup_destroy(struct proxy_portgroup *);

void compile_host(const struct dvs_switch *, const struct dvs_member *,
                  const struct compile_uplink *, size_t n,
                  struct proxy_host *);
void compile_uplinks_destroy(struct compile_uplink *, size_t n);
void proxy_host_destroy(struct proxy_host *);

void compile_port(const struct dvs_portgroup *, const struct dvs_port *,
                  const struct compile_nic *, struct proxy_port *);
void proxy_port_destroy(struct proxy_port *);

#endif /* compile.h */

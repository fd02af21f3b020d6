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

#ifndef DVS_MODEL_H
#define DVS_MODEL_H 1

/* PURE: the objects of the distributed switch model as plain structs.
 *
 * They are what validation, the configuration document and the compilers
 * work on; schema/dvs-read.[ch] makes them from database rows.  Their
 * members bear the names of the columns. */

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "schema/dvs-class.h"
#include "schema/dvs-lag.h"
#include "schema/dvs-pool.h"
#include "schema/dvs-pvlan.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "svec.h"

struct ds;
struct sset;

enum dvs_portgroup_type {
    DVS_EARLY_BINDING,          /* Static. */
    DVS_LATE_BINDING,           /* Dynamic. */
    DVS_EPHEMERAL               /* No binding. */
};

struct dvs_switch {
    struct uuid uuid;           /* Identity: the row's _uuid. */
    char *name;
    char *description;
    struct smap contact;
    struct svec uplinks;        /* Uplink names in order. */
    int mtu;                    /* Bytes; 1500 if unset. */
    bool snooping;              /* multicast_filtering: "snooping". */
    char *version;              /* Feature level; NULL for the newest. */
    struct svec merged;         /* UUIDs of switches merged into it. */
    char *bridge_name;          /* Name of the bridge on each host, given or
                                 * derived from 'name'; dvs_read_switch()
                                 * never leaves it NULL. */
    char *datapath_type;        /* "system" or "netdev", likewise. */
    int num_standalone_ports;
    bool resource_management;   /* Network I/O Control is on. */
    int reservation_ratio;      /* Percent. */
    int64_t slowest;            /* Speed of the slowest physical NIC of its
                                 * hosts, in Mbit/s; 0 if none is known. */
    struct dvs_classes classes; /* The classes of traffic that are carried
                                 * out: rows of Traffic_Class without
                                 * fault. */
    struct smap not_supported;  /* Set columns that this release does not
                                 * carry out: column -> value. */
    struct dvs_pvlans pvlans;   /* The private VLANs that are carried out:
                                 * rows of Private_VLAN without fault. */
    struct dvs_lags lags;       /* The LAGs that are carried out: rows of LAG
                                 * without fault. */
    struct dvs_pools pools;     /* Its resource pools, with their configured
                                 * quotas. */
    struct dvs_setting setting; /* default_setting */
};

struct dvs_portgroup {
    struct uuid uuid;           /* Identity: the row's _uuid. */
    char *name;
    char *description;
    enum dvs_portgroup_type type;
    int num_ports;
    bool auto_expand;
    char *port_name_format;     /* NULL if none. */
    bool uplink;
    uint32_t overrides;         /* 1u << enum dvs_override of each allowed. */
    bool live_port_moving;
    bool reset_at_disconnect;
    struct smap not_supported;  /* As in struct dvs_switch. */
    struct dvs_setting setting;
};

struct dvs_port {
    char *key;
    char *name;
    char *description;
    struct smap not_supported;
    struct dvs_setting setting; /* The port's own overrides. */
};

struct dvs_member {
    char *host;
    struct smap uplinks;        /* Uplink name -> physical NIC's name. */
    int ring;
    int max_ports;              /* Of NICs on the host; -1 for no limit. */
    struct smap not_supported;
};

void dvs_switch_init(struct dvs_switch *);
void dvs_switch_destroy(struct dvs_switch *);
bool dvs_switch_has_uplink(const struct dvs_switch *, const char *name);
void dvs_switch_uplinks(const struct dvs_switch *, struct svec *names);
void dvs_portgroup_init(struct dvs_portgroup *);
void dvs_portgroup_destroy(struct dvs_portgroup *);
void dvs_port_init(struct dvs_port *);
void dvs_port_destroy(struct dvs_port *);
void dvs_member_init(struct dvs_member *);
void dvs_member_destroy(struct dvs_member *);

const char *dvs_portgroup_type_to_string(enum dvs_portgroup_type);
bool dvs_portgroup_type_from_string(const char *, enum dvs_portgroup_type *);
char *dvs_bridge_name_from_switch(const char *switch_name);
char *dvs_name_shorten(const char *, size_t n);
char *dvs_uplink_portgroup_name(const char *switch_name);
char *dvs_port_name_from_format(const char *format, const char *switch_name,
                                const char *portgroup_name,
                                const char *port_index);

/* Faults: what is wrong with an object, in vSphere's words. */
struct dvs_fault {
    const char *name;           /* vSphere's fault name, e.g. DuplicateName. */
    char *column;               /* Column (or policy key) at fault. */
    char *message;              /* One sentence, no full stop. */
};

struct dvs_faults {
    struct dvs_fault *faults;
    size_t n, allocated;
};

void dvs_faults_init(struct dvs_faults *);
void dvs_faults_destroy(struct dvs_faults *);
void dvs_faults_add(struct dvs_faults *, const char *name, const char *column,
                    const char *format, ...) OVS_PRINTF_FORMAT(4, 5);
void dvs_faults_to_sset(const struct dvs_faults *, struct sset *);
const char *dvs_faults_first(const struct dvs_faults *, struct ds *);

/* Validation (dvs-validate.c).  Each adds what is wrong to its faults; an
 * object with a fault does not reach a host. */
void dvs_validate_switch(const struct dvs_switch *, struct dvs_faults *);
void dvs_validate_portgroup(const struct dvs_switch *,
                            const struct dvs_portgroup *,
                            struct dvs_faults *);
void dvs_validate_port(const struct dvs_switch *,
                       const struct dvs_portgroup *, /* NULL: standalone */
                       const struct dvs_port *, struct dvs_faults *);
/* 'host_nics' maps a physical NIC's name to the name of the switch that
 * already uses it (another than this one), or to NULL if it is free; NULL
 * itself if the host has never reported. */
void dvs_validate_member(const struct dvs_switch *, const struct dvs_member *,
                         const struct shash *host_nics, struct dvs_faults *);
char *dvs_validate_name(const char *kind, const char *name)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-model.h */

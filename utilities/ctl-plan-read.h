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

#ifndef DVSCTL_PLAN_READ_H
#define DVSCTL_PLAN_READ_H 1

/* What plans compare: how NICs fare, and where ports and portgroups are. */

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"
#include "sset.h"

struct dvs_setting;
struct dvsrec_port;
struct dvsrec_portgroup;
struct dvsrec_vnic;
struct ovsdb_idl;

/* A reader.  Objects are read once each; NULL stands for one that cannot be
 * understood, of which hosts keep what they had. */
struct ctl_plan_reader {
    const struct ovsdb_idl *idl;
    struct shash switches;      /* UUID -> "struct dvs_switch", or NULL. */
    struct shash portgroups;    /* UUID -> "struct dvs_portgroup", or NULL. */
    struct shash members;       /* "SWITCH-UUID HOST" -> row. */
    struct shash links_down;    /* Host -> "struct sset" of NICs. */
    struct sset no_links;       /* Empty. */
};

void ctl_plan_reader_init(struct ctl_plan_reader *, const struct ovsdb_idl *);
void ctl_plan_reader_destroy(struct ctl_plan_reader *);

void ctl_plan_find_place(const struct dvsrec_vnic *,
                         const struct dvsrec_port **,
                         const struct dvsrec_portgroup **);
bool ctl_plan_read_setting(struct ctl_plan_reader *,
                           const struct dvsrec_port *,
                           const struct dvsrec_portgroup *,
                           struct dvs_setting *);
void ctl_plan_read_nics(struct ctl_plan_reader *, struct shash *nics);
void ctl_plan_destroy_nics(struct shash *nics);

/* The place of a port, portgroup or resource pool.  A switch is in itself. */
struct ctl_plan_place {
    const char *kind;           /* "port", "portgroup", "resource pool" or
                                 * "switch". */
    char *path;                 /* "prod:3", "prod/web", "prod resource pool
                                 * gold". */
    char *parent_path;          /* "prod/web", "prod". */
    struct uuid parent;         /* What it is in: a portgroup or a switch. */
    struct uuid switch_;
};

void ctl_plan_read_places(const struct ovsdb_idl *, struct shash *places);
void ctl_plan_destroy_places(struct shash *places);

#endif /* ctl-plan-read.h */

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

#ifndef DVSCTL_VIEW_H
#define DVSCTL_VIEW_H 1

/* Which part of the database a run of dvsctl fetches.
 *
 * A command's "prerequisites" function says with ctl_need_*() what the
 * command reads.  Only that is fetched, so that a command on one port costs
 * little in a database with many.  What it turns out to need beyond that, its
 * "run" function asks for with ctl_fetch_*(). */

#include <stdbool.h>
#include "openvswitch/compiler.h"
#include "sset.h"

struct ctl_context;
struct dvsrec_port;
struct dvsrec_portgroup;
struct ovsdb_idl;
struct ovsdb_idl_table_class;

/* The rows of one table that a run reads. */
struct ctl_scope {
    bool used;                  /* Some command reads the table. */
    bool whole;                 /* ...all of its rows. */
    struct sset names;          /* Otherwise those whose name, key or id is
                                 * one of these. */
};

/* What a run fetches of the database. */
struct ctl_view {
    struct ctl_scope portgroups;    /* By name. */
    struct ctl_scope ports;         /* By key. */
    struct ctl_scope nics;          /* By id. */
    struct sset portgroup_uuids;    /* Ports of these portgroups, and NICs
                                     * that ask for them, too. */
    struct sset port_uuids;     /* NICs that have, or ask for, these ports,
                                 * too. */
    bool switches;              /* Some command reads Switch. */
    bool members;               /* ...Host_Member. */
    bool settings;              /* ...Port_Setting. */
    bool everything;            /* A generic database command is among the
                                 * commands: no row may be left out. */
    bool fetching;              /* What ctl_fetch_*() asked for is there when
                                 * the IDL's condition sequence number */
    unsigned int cond_seqno;    /* ...reaches this. */
};

void ctl_view_init(struct ctl_view *);
void ctl_view_destroy(struct ctl_view *);
void ctl_view_apply(struct ctl_view *, struct ovsdb_idl *);
bool ctl_view_is_ready(const struct ctl_view *, const struct ovsdb_idl *);

void ctl_need_table(struct ctl_context *,
                    const struct ovsdb_idl_table_class *);
void ctl_need_switches(struct ctl_context *);
void ctl_need_portgroup(struct ctl_context *, const char *name);
void ctl_need_portgroups(struct ctl_context *);
void ctl_need_no_portgroup(struct ctl_context *);
void ctl_need_port(struct ctl_context *, const char *name);
void ctl_need_ports(struct ctl_context *);
void ctl_need_nic(struct ctl_context *, const char *id);
void ctl_need_nics(struct ctl_context *);
void ctl_need_fetched(struct ctl_context *);
void ctl_need_members(struct ctl_context *);
void ctl_need_hosts(struct ctl_context *);
void ctl_need_settings(struct ctl_context *);
void ctl_need_target(struct ctl_context *, const char *target);

bool ctl_fetch_portgroups(struct ctl_context *) OVS_WARN_UNUSED_RESULT;
bool ctl_fetch_portgroup(struct ctl_context *,
                         const struct dvsrec_portgroup *)
    OVS_WARN_UNUSED_RESULT;
bool ctl_fetch_port(struct ctl_context *, const struct dvsrec_port *)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-view.h */

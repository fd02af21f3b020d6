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

#ifndef DVSCTL_CONTEXT_H
#define DVSCTL_CONTEXT_H 1

/* What dvsctl's commands share: their context, faults, and how a command finds
 * the rows that its arguments name.  ctl_find_*() report a fault by
 * themselves. */

#include <stdbool.h>
#include <stddef.h>
#include "db-ctl-base.h"
#include "openvswitch/compiler.h"
#include "schema/dvs-idl.h"

struct ctl_view;

/* The context of each command. */
struct dvsctl_context {
    struct ctl_context base;
    struct ctl_view *view;      /* Not owned. */
    const struct dvsrec_dvs_global *global; /* Null in prerequisites. */
    bool waits;                 /* Whether the run waits for the controller
                                 * when it has committed. */
    bool *force_wait;           /* Set by a command that waits although it
                                 * changes nothing.  Not owned. */
    bool *plan;                 /* Set by "plan": the run is to show what it
                                 * would do.  Not owned. */
    struct ctl_rates *rates;    /* What "stats --rates" has seen. */
    long long int *again_at;    /* When to execute the commands again if the
                                 * database has not changed by then, in ms;
                                 * 0 for never. */
    int64_t *last_event;        /* The last event that "events --follow" has
                                 * printed; it survives when the commands are
                                 * run again.  Not owned. */
    struct ds *live_output;     /* What a command puts here is printed at once
                                 * and not at the end of the run.  Null in a
                                 * daemon, which cannot.  Not owned. */
};

static inline struct dvsctl_context *
dvsctl_context_cast(struct ctl_context *base)
{
    return CONTAINER_OF(base, struct dvsctl_context, base);
}

/* Faults. */
void ctl_fault(struct ctl_context *, const char *fault, const char *format,
               ...) OVS_PRINTF_FORMAT(3, 4);
void ctl_fault_string(struct ctl_context *, char *error);

/* Rows. */
bool ctl_row_exists(const struct ovsdb_idl_row *);
bool ctl_row_is_touched(const struct ovsdb_idl_row *);
bool ctl_has_option(const struct ctl_context *, const char *option);

/* Names. */
const struct dvsrec_switch *ctl_find_switch(struct ctl_context *,
                                            const char *name,
                                            bool must_exist);
const struct dvsrec_portgroup *ctl_portgroup_by_name(
    struct ctl_context *, const struct dvsrec_switch *, const char *name);
const struct dvsrec_portgroup *ctl_find_portgroup(struct ctl_context *,
                                                  const char *name,
                                                  bool must_exist);
const struct dvsrec_portgroup *ctl_find_portgroup_in(
    struct ctl_context *, const struct dvsrec_switch *, const char *name);
const struct dvsrec_port *ctl_find_port(struct ctl_context *,
                                        const char *name, bool must_exist);
const struct dvsrec_vnic *ctl_nic_by_id(struct ctl_context *, const char *id);
const struct dvsrec_host *ctl_host_by_name(struct ctl_context *,
                                           const char *name);
const struct dvsrec_host_member *ctl_find_member(
    struct ctl_context *, const struct dvsrec_switch *, const char *host,
    bool must_exist);

/* What a policy command is about.  Exactly the members that say where the
 * target is are nonnull: a port has 'sw', 'port', and 'pg' unless it is
 * standalone. */
struct ctl_target {
    const struct dvsrec_switch *sw;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_port *port;
};

bool ctl_find_target(struct ctl_context *, const char *name,
                     struct ctl_target *);
char *ctl_target_to_string(const struct ctl_target *);

/* NICs. */
const struct dvsrec_portgroup *ctl_nic_portgroup(const struct dvsrec_vnic *);
const struct dvsrec_switch *ctl_nic_switch(const struct dvsrec_vnic *);
size_t ctl_portgroup_nics(struct ctl_context *,
                          const struct dvsrec_portgroup *);
bool ctl_check_disconnected(struct ctl_context *, const struct ctl_target *);
const struct dvsrec_vnic *ctl_port_nic(struct ctl_context *,
                                       const struct dvsrec_port *);

#endif /* ctl-context.h */

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

/* From changes of what hosts report to marks and events; see inputs.h.  What
 * they say of ports' links and of what is in force is only told. */

#include <config.h>

#include "controller/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "controller/concerns.h"
#include "controller/dirty.h"
#include "controller/indexes.h"
#include "controller/liveness.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl.h"
#include "util.h"

/* Claims. */

/* Returns true if more has changed in 'row' than what only is told of. */
static bool
claim_is_changed(const struct dvsrec_port_state *row)
{
    if (dvsrec_port_state_is_deleted(row) || dvsrec_port_state_is_new(row)) {
        return true;
    }
    for (int i = 0; i < DVSREC_PORT_STATE_N_COLUMNS; i++) {
        if (i != DVSREC_PORT_STATE_COL_LINK_UP
            && i != DVSREC_PORT_STATE_COL_VLANS
            && i != DVSREC_PORT_STATE_COL_MTU
            && i != DVSREC_PORT_STATE_COL_MAC
            && dvsrec_port_state_is_updated(row, i)) {
            return true;
        }
    }
    return false;
}

static void
collect_claim(struct inputs *in, struct dirty *d,
              const struct dvsrec_port_state *row)
{
    const struct uuid *uuid = &row->header_.uuid;
    bool began = false;

    if (!dvsrec_port_state_is_deleted(row) && row->n_final_statistics) {
        dirty_mark(d, DIRTY_FINAL, uuid);
    }
    if (!strcmp(row->kind, "uplink") || !claim_is_changed(row)) {
        return;
    }
    if (dvsrec_port_state_is_deleted(row)) {
        seen_remove(&in->claims, uuid);
    } else {
        /* A NIC that has just been plugged in does not run there yet.  A row
         * that is merely read anew, after the connection to the database was
         * lost, counts as the change that it is. */
        began = (row->running
                 && (dvsrec_port_state_is_new(row)
                     ? nullable_string_is_equal(seen_find(&in->claims, uuid),
                                                "idle")
                     : dvsrec_port_state_is_updated(
                         row, DVSREC_PORT_STATE_COL_RUNNING)));
        seen_set(&in->claims, uuid, row->running ? "running" : "idle");
    }
    dirty_mark_claim(d, row->nic, began ? row->host : "");
}

/* Links, and what is in force. */

/* What is remembered of a port's state. */
struct port_state {
    char *key;
    char *link;
    char *runtime;              /* VLANs, MTU and MAC, for a sentence. */
};

static void
port_state_destroy(struct port_state *state)
{
    free(state->key);
    free(state->link);
    free(state->runtime);
}

/* Sets 'state' to what 'row' says.  Returns false if that is not known: then
 * nothing is stored.  (What is ephemeral comes back after the database's
 * restart.) */
static bool
read_state(const struct dvsrec_port_state *row, struct port_state *state)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    if (!row->key || !row->n_switch_ || !row->n_link_up) {
        return false;
    }
    if (row->vlans[0]) {
        ds_put_format(&s, "VLAN %s, ", row->vlans);
    }
    if (row->n_mtu) {
        ds_put_format(&s, "MTU %"PRId64", ", row->mtu[0]);
    }
    ds_put_format(&s, "MAC %s", row->mac[0] ? row->mac : "unknown");
    state->key = xstrdup(row->key);
    state->link = xstrdup(row->link_up[0] ? "up" : "down");
    state->runtime = ds_steal_cstr(&s);
    return true;
}

/* Sets 'state' to what 'text', from format_state(), says. */
static void
parse_state(const char *text, struct port_state *state)
{
    size_t key = strcspn(text, "|");
    size_t link = strcspn(text + key + 1, "|");

    state->key = xmemdup0(text, key);
    state->link = xmemdup0(text + key + 1, link);
    state->runtime = xstrdup(text + key + 1 + link + 1);
}

static char *
format_state(const struct port_state *state)
{
    return xasprintf("%s|%s|%s", state->key, state->link, state->runtime);
}

/* Adds the events of what has changed in 'row' between 'old' and 'new'. */
static void
add_events(struct dirty *d, const struct dvsrec_switch *s,
           const struct dvsrec_port_state *row,
           const struct port_state *old, const struct port_state *new)
{
    const char *nic = (strcmp(row->kind, "uplink") ? "NIC" : "physical NIC");
    char *object = xasprintf("%s:%s", s->name, new->key);

    if (strcmp(old->link, new->link)) {
        bool up = !strcmp(new->link, "up");

        event_list_add(&d->events, (up ? "DvsPortLinkUpEvent"
                                    : "DvsPortLinkDownEvent"),
                       up ? "info" : "warning", &s->header_.uuid, object,
                       row->host, "link of %s %s is %s", nic, row->nic,
                       new->link);
    }
    if (strcmp(old->runtime, new->runtime)) {
        event_list_add(&d->events, "DvsPortRuntimeChangeEvent", "info",
                       &s->header_.uuid, object, row->host,
                       "port of %s %s has %s, had %s", nic, row->nic,
                       new->runtime, old->runtime);
    }
    free(object);
}

static void
collect_state(struct inputs *in, struct dirty *d,
              const struct dvsrec_port_state *row)
{
    const struct uuid *uuid = &row->header_.uuid;
    struct port_state new;

    if (dvsrec_port_state_is_deleted(row)) {
        seen_remove(&in->states, uuid);
    } else if (read_state(row, &new)) {
        const struct dvsrec_switch *s = get_switch(in->idl, row->switch_);
        const char *seen = seen_find(&in->states, uuid);

        if (s && seen) {
            struct port_state old;

            parse_state(seen, &old);
            if (!strcmp(old.key, new.key)) {
                add_events(d, s, row, &old, &new);
            }
            port_state_destroy(&old);
        }
        char *text = format_state(&new);
        seen_set(&in->states, uuid, text);
        free(text);
        port_state_destroy(&new);
    }
}

/* Hosts. */

static void
collect_hosts(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_host *host;
    DVSREC_HOST_FOR_EACH_TRACKED (host, in->idl) {
        if (dvsrec_host_is_deleted(host) || dvsrec_host_is_new(host)
            || dvsrec_host_is_updated(host, DVSREC_HOST_COL_OVS_VERSION)
            || dvsrec_host_is_updated(host, DVSREC_HOST_COL_DATAPATH_TYPES)
            || dvsrec_host_is_updated(host, DVSREC_HOST_COL_FEATURES)) {
            dirty_mark_host(d, host->name);
        } else if (dvsrec_host_is_updated(host, DVSREC_HOST_COL_APPLIED_CFG)) {
            d->global = true;
        }
    }

    const struct dvsrec_physical_nic *nic;
    DVSREC_PHYSICAL_NIC_FOR_EACH_TRACKED (nic, in->idl) {
        dirty_mark_host(d, nic->host);
        if (dvsrec_physical_nic_is_deleted(nic)
            || dvsrec_physical_nic_is_new(nic)
            || dvsrec_physical_nic_is_updated(nic,
                                              DVSREC_PHYSICAL_NIC_COL_SPEED)) {
            classes_mark(in->idl, in->ix, d, nic->host);
        }
    }

    const struct dvsrec_proxy_state *state;
    DVSREC_PROXY_STATE_FOR_EACH_TRACKED (state, in->idl) {
        dirty_mark_host(d, state->host);
        d->rollbacks |= state->n_rolled_back > 0;
    }
}

/* Marks in 'd' what the changes affect that the IDL has tracked in what hosts
 * report, and adds the events of them. */
void
inputs_collect_states(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_port_state *row;

    DVSREC_PORT_STATE_FOR_EACH_TRACKED (row, in->idl) {
        collect_claim(in, d, row);
        collect_state(in, d, row);
    }
    collect_hosts(in, d);
}

/* Notes what hosts report now. */
void
inputs_start_states(struct inputs *in)
{
    const struct dvsrec_port_state *row;

    seen_clear(&in->claims);
    seen_clear(&in->states);
    DVSREC_PORT_STATE_FOR_EACH (row, in->idl) {
        struct port_state state;

        if (strcmp(row->kind, "uplink")) {
            seen_set(&in->claims, &row->header_.uuid, row->host);
        }
        if (read_state(row, &state)) {
            char *text = format_state(&state);

            seen_set(&in->states, &row->header_.uuid, text);
            free(text);
            port_state_destroy(&state);
        }
    }
}

/* Heartbeats. */

/* Returns true if 'host' is on record as disconnected. */
static bool
was_silent(struct inputs *in, const char *host)
{
    const struct dvsrec_host_member **members;
    size_t n = members_of_host(in->ix, host, &members);
    bool silent = (n && members[0]->status
                   && !strcmp(members[0]->status, "disconnected"));

    free(members);
    return silent;
}

/* Returns true if the host of 'row', of which nothing is known yet, is to be
 * taken for connected.  One that has no heartbeat may have had one before the
 * database server was restarted, just like this controller, and needs time to
 * come back; but not one that appears now. */
static bool
is_presumed(struct inputs *in, const struct dvsrec_host *row)
{
    return ((row->heartbeat || !in->knows_hosts)
            && !was_silent(in, row->name));
}

/* Tells 'liveness' of the heartbeats that the IDL has tracked, and marks in
 * 'd' the hosts that are connected thereby.  'now' is in ms. */
void
inputs_hear(struct inputs *in, struct liveness *liveness, struct dirty *d,
            long long int now)
{
    const struct dvsrec_host *host;

    DVSREC_HOST_FOR_EACH_TRACKED (host, in->idl) {
        bool changed;

        if (dvsrec_host_is_deleted(host)) {
            changed = liveness_forget(liveness, host->name);
        } else if (dvsrec_host_is_new(host)
                   || dvsrec_host_is_updated(host,
                                             DVSREC_HOST_COL_HEARTBEAT)) {
            changed = liveness_heard(liveness, host->name, host->heartbeat,
                                     is_presumed(in, host), now);
        } else {
            continue;
        }
        if (changed) {
            dirty_mark_host(d, host->name);
        }
    }
    in->knows_hosts = in->knows_hosts || ovsdb_idl_has_ever_connected(in->idl);
}

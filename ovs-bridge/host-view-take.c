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

/* Takes the proxy rows that concern a host from the DVS database: those of the
 * switches that it is a member of, in its ring, and its own ports.  See
 * host-view-db.h and proxy-rows.h. */

#include <config.h>
#include "ovs-bridge/host-view-db.h"
#include <string.h>
#include "ovs-bridge/proxy.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* Look-up in the database. */

static const struct dvsrec_proxy_host *
find_host(const struct host_view_db *db, const struct uuid *switch_)
{
    struct dvsrec_proxy_host *key
        = dvsrec_proxy_host_index_init_row(db->host_by_switch);
    const struct dvsrec_proxy_host *row;

    dvsrec_proxy_host_index_set_switch_(key, *switch_);
    row = dvsrec_proxy_host_index_find(db->host_by_switch, key);
    dvsrec_proxy_host_index_destroy_row(key);
    return row;
}

/* Returns the row of 'switch_' for ring 'ring' if there is one, else the
 * common one (ring 0), or NULL. */
static const struct dvsrec_proxy_switch *
find_switch(const struct host_view_db *db, const struct uuid *switch_,
            int64_t ring)
{
    struct dvsrec_proxy_switch *key
        = dvsrec_proxy_switch_index_init_row(db->switch_by_uuid);
    const struct dvsrec_proxy_switch *row;

    dvsrec_proxy_switch_index_set_switch_(key, *switch_);
    dvsrec_proxy_switch_index_set_ring(key, ring);
    row = dvsrec_proxy_switch_index_find(db->switch_by_uuid, key);
    dvsrec_proxy_switch_index_destroy_row(key);
    return !row && ring ? find_switch(db, switch_, 0) : row;
}

/* Likewise, the row of 'portgroup'. */
static const struct dvsrec_proxy_portgroup *
find_portgroup(const struct host_view_db *db, const struct uuid *portgroup,
               int64_t ring)
{
    struct dvsrec_proxy_portgroup *key
        = dvsrec_proxy_portgroup_index_init_row(db->pg_by_uuid);
    const struct dvsrec_proxy_portgroup *row;

    dvsrec_proxy_portgroup_index_set_portgroup(key, *portgroup);
    dvsrec_proxy_portgroup_index_set_ring(key, ring);
    row = dvsrec_proxy_portgroup_index_find(db->pg_by_uuid, key);
    dvsrec_proxy_portgroup_index_destroy_row(key);
    return !row && ring ? find_portgroup(db, portgroup, 0) : row;
}

static const struct dvsrec_proxy_port *
find_port(const struct host_view_db *db, const struct uuid *switch_,
          const char *port_key)
{
    struct dvsrec_proxy_port *key
        = dvsrec_proxy_port_index_init_row(db->port_by_key);
    const struct dvsrec_proxy_port *row;

    dvsrec_proxy_port_index_set_switch_(key, *switch_);
    dvsrec_proxy_port_index_set_key(key, port_key);
    row = dvsrec_proxy_port_index_find(db->port_by_key, key);
    dvsrec_proxy_port_index_destroy_row(key);
    return row;
}

static const struct dvsrec_proxy_port *
find_nic(const struct host_view_db *db, const char *nic)
{
    struct dvsrec_proxy_port *key
        = dvsrec_proxy_port_index_init_row(db->port_by_nic);
    const struct dvsrec_proxy_port *row;

    dvsrec_proxy_port_index_set_nic(key, nic);
    row = dvsrec_proxy_port_index_find(db->port_by_nic, key);
    dvsrec_proxy_port_index_destroy_row(key);
    return row;
}

/* Taking. */

/* Takes what the database says of 'id', which is 'row', of table 'TABLE'. */
#define TAKE(DB, ID, TABLE, ROW, HARMLESS)                              \
    proxy_rows_set(&(DB)->rows, ID,                                     \
                   (ROW) ? row_copy_create(&dvsrec_table_##TABLE,       \
                                           &(ROW)->header_) : NULL,     \
                   (DB)->trusting || (HARMLESS))

static bool
is_new(const struct host_view_db *db, const struct proxy_row_id *id)
{
    const struct proxy_row *row = proxy_rows_find(&db->rows, id);

    return !row || (!row->running && !row->confirmed);
}

/* Returns true if 'db' follows switch 'switch_': its host is a member, in the
 * database or as the host sees it, or was until a change that is not confirmed
 * yet.  Stores the host's ring in '*ringp'. */
static bool
is_followed(const struct host_view_db *db, const struct uuid *switch_,
            int64_t *ringp)
{
    const struct dvsrec_proxy_host *ph = find_host(db, switch_);
    const struct proxy_row_id id = {
        .kind = PR_HOST, .switch_ = *switch_, .key = "" };

    *ringp = ph ? ph->ring : 0;
    return ph || !is_new(db, &id);
}

/* A switch or a portgroup that is new to the host has nobody in it yet who
 * could be cut off. */
static void
take_switch(struct host_view_db *db, const struct uuid *switch_)
{
    const struct proxy_row_id id = {
        .kind = PR_SWITCH, .switch_ = *switch_, .key = "" };
    int64_t ring;
    const struct dvsrec_proxy_switch *row
        = (is_followed(db, switch_, &ring) ? find_switch(db, switch_, ring)
           : NULL);

    TAKE(db, &id, proxy_switch, row, is_new(db, &id));
}

static void
take_portgroup(struct host_view_db *db, const struct uuid *switch_,
               const struct uuid *portgroup)
{
    const struct proxy_row_id id = {
        .kind = PR_PORTGROUP, .switch_ = *switch_, .portgroup = *portgroup,
        .key = "" };
    int64_t ring;
    const struct dvsrec_proxy_portgroup *row
        = (is_followed(db, switch_, &ring)
           ? find_portgroup(db, portgroup, ring) : NULL);

    if (row && !uuid_equals(&row->switch_, switch_)) {
        row = NULL;
    }
    TAKE(db, &id, proxy_portgroup, row, is_new(db, &id));
}

/* A virtual machine that comes or goes cuts nobody off; one that gets another
 * port may be cut off itself, and run the database.  Ports of the host's own
 * NICs and of uplinks always matter. */
static void
take_port(struct host_view_db *db, const struct uuid *switch_,
          const char *key)
{
    const struct proxy_row_id id = {
        .kind = PR_PORT, .switch_ = *switch_, .key = key };
    const struct proxy_row *old = proxy_rows_find(&db->rows, &id);
    const struct row_copy *old_copy
        = old ? old->running ? old->running : old->confirmed : NULL;
    const struct dvsrec_proxy_port *row = find_port(db, switch_, key);
    bool harmless = false;

    if (row && !old_copy) {
        harmless = ((!strcmp(row->kind, "vm") || !strcmp(row->kind, "none"))
                    && !proxy_rows_nic_is_known(&db->rows, row->nic, key));
    } else if (!row && old_copy) {
        const struct dvsrec_proxy_port *pp
            = ROW_COPY_CAST(old_copy, dvsrec_proxy_port);

        harmless = ((!strcmp(pp->kind, "vm") || !strcmp(pp->kind, "none"))
                    && !find_nic(db, pp->nic));
    }
    TAKE(db, &id, proxy_port, row, harmless);
}

/* Takes everything shared of 'switch_' that the database or 'db' has. */
static void
take_shared(struct host_view_db *db, const struct uuid *switch_)
{
    const struct dvsrec_proxy_portgroup *pg;
    const struct proxy_row *row;
    size_t n = 0, allocated = 0;
    struct uuid *known = NULL;
    int64_t ring;

    take_switch(db, switch_);
    PROXY_ROWS_FOR_EACH_OF_SWITCH (row, switch_, &db->rows) {
        if (row->id.kind == PR_PORTGROUP
            && uuid_equals(&row->id.switch_, switch_)) {
            if (n >= allocated) {
                known = x2nrealloc(known, &allocated, sizeof *known);
            }
            known[n++] = row->id.portgroup;
        }
    }
    for (size_t i = 0; i < n; i++) {
        take_portgroup(db, switch_, &known[i]);
    }
    free(known);
    if (is_followed(db, switch_, &ring)) {
        struct dvsrec_proxy_portgroup *key
            = dvsrec_proxy_portgroup_index_init_row(db->pg_by_switch);

        dvsrec_proxy_portgroup_index_set_switch_(key, *switch_);
        DVSREC_PROXY_PORTGROUP_FOR_EACH_EQUAL (pg, key, db->pg_by_switch) {
            take_portgroup(db, switch_, &pg->portgroup);
        }
        dvsrec_proxy_portgroup_index_destroy_row(key);
    }
}

/* Takes this host's part of 'switch_', and, if it is followed from now on, or
 * not any more, or in another ring, what is shared of it. */
static void
take_host(struct host_view_db *db, const struct uuid *switch_)
{
    const struct proxy_row_id id = {
        .kind = PR_HOST, .switch_ = *switch_, .key = "" };
    const struct dvsrec_proxy_host *row = find_host(db, switch_);

    TAKE(db, &id, proxy_host, row, false);
    take_shared(db, switch_);
}

static void
take_global(struct host_view_db *db)
{
    const struct proxy_row_id id = { .kind = PR_GLOBAL, .key = "" };
    const struct proxy_row *old = proxy_rows_find(&db->rows, &id);
    const struct dvsrec_dvs_global *row = dvsrec_dvs_global_first(db->idl);
    const struct dvsrec_dvs_global *known
        = old ? ROW_COPY_CAST(old->running, dvsrec_dvs_global) : NULL;

    /* Only its options matter, and the rest changes all the time. */
    if (row && (!known || !smap_equal(&known->options, &row->options))) {
        TAKE(db, &id, dvs_global, row, true);
    }
}

/* Takes the tracked changes of the database; the caller clears them. */
static void
take_tracked(struct host_view_db *db)
{
    const struct dvsrec_proxy_host *ph;
    const struct dvsrec_proxy_switch *ps;
    const struct dvsrec_proxy_portgroup *pg;
    const struct dvsrec_proxy_port *pp;

    DVSREC_PROXY_HOST_FOR_EACH_TRACKED (ph, db->idl) {
        take_host(db, &ph->switch_);
    }
    DVSREC_PROXY_SWITCH_FOR_EACH_TRACKED (ps, db->idl) {
        take_switch(db, &ps->switch_);
    }
    DVSREC_PROXY_PORTGROUP_FOR_EACH_TRACKED (pg, db->idl) {
        take_portgroup(db, &pg->switch_, &pg->portgroup);
    }
    DVSREC_PROXY_PORT_FOR_EACH_TRACKED (pp, db->idl) {
        take_port(db, &pp->switch_, pp->key);
        if (!dvsrec_proxy_port_is_new(pp) && !dvsrec_proxy_port_is_deleted(pp)
            && (dvsrec_proxy_port_is_updated(pp, DVSREC_PROXY_PORT_COL_KEY)
                || dvsrec_proxy_port_is_updated(
                    pp, DVSREC_PROXY_PORT_COL_SWITCH_))) {
            /* Another port now, and we do not know which one it was. */
            db->take_all = true;
        }
    }
}

/* Takes the object of every row of 'db' again: the database may have lost
 * it. */
static void
take_known(struct host_view_db *db)
{
    size_t n = 0, allocated = hmap_count(&db->rows.by_id);
    struct proxy_row_id *ids = xmalloc(allocated * sizeof *ids);
    const struct proxy_row *row;

    HMAP_FOR_EACH (row, node, &db->rows.by_id) {
        ids[n] = row->id;
        ids[n++].key = xstrdup(row->id.key);
    }
    for (size_t i = 0; i < n; i++) {
        switch (ids[i].kind) {
        case PR_HOST:
            take_host(db, &ids[i].switch_);
            break;
        case PR_SWITCH:
            take_switch(db, &ids[i].switch_);
            break;
        case PR_PORTGROUP:
            take_portgroup(db, &ids[i].switch_, &ids[i].portgroup);
            break;
        case PR_PORT:
            take_port(db, &ids[i].switch_, ids[i].key);
            break;
        case PR_GLOBAL:
        case PR_N_KINDS:
        default:
            break;
        }
        free(CONST_CAST(char *, ids[i].key));
    }
    free(ids);
}

/* Takes what changed in the database since the last call, or all that there
 * is if 'db->take_all' is set.  Must not be called while the database has not
 * been read. */
void
host_view_db_take(struct host_view_db *db)
{
    const struct dvsrec_proxy_host *ph;
    const struct dvsrec_proxy_port *pp;

    take_global(db);
    if (!db->take_all) {
        take_tracked(db);
    }
    if (db->take_all) {
        db->take_all = false;
        take_known(db);
        DVSREC_PROXY_HOST_FOR_EACH (ph, db->idl) {
            take_host(db, &ph->switch_);
        }
        DVSREC_PROXY_PORT_FOR_EACH (pp, db->idl) {
            take_port(db, &pp->switch_, pp->key);
        }
    }
    db->trusting = false;
}

/* Returns what this host last reported of 'switch_', or NULL. */
static const struct dvsrec_proxy_state *
find_state(const struct host_view_db *db, const struct uuid *switch_)
{
    const struct dvsrec_proxy_state *state;

    DVSREC_PROXY_STATE_FOR_EACH (state, db->idl) {
        if (uuid_equals(&state->switch_, switch_)) {
            return state;
        }
    }
    return NULL;
}

/* Takes note of what the controller asks 'proxies' for besides configuration.
 * What an earlier run of this program has acknowledged is done. */
void
host_view_db_read_signals(const struct host_view_db *db,
                          struct proxies *proxies)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, proxies) {
        const struct dvsrec_proxy_host *ph = find_host(db, &proxy->uuid);

        if (!ph) {
            continue;
        }
        if (!proxy->signalled) {
            const struct dvsrec_proxy_state *state = find_state(db,
                                                                &proxy->uuid);

            proxy->signalled = true;
            proxy->rectify = proxy->rectified = state ? state->rectified : 0;
            proxy->refreshed = state ? state->refreshed : 0;
            proxy->confirmed = state ? state->confirmed : 0;
        }
        proxy->refresh = ph->refresh;
        proxy->confirm = ph->confirm;
        if (proxy->rectify != ph->rectify) {
            proxy->rectify = ph->rectify;
            proxy->rectifying = RECTIFY_WANTED;
        }
    }
}

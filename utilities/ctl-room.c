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

/* Room for ports; see ctl-room.h.  The controller has the last word
 * (controller/room.c); this is so that what cannot be changes nothing. */

#include <config.h>

#include "utilities/ctl-room.h"

#include "bitmap.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-view.h"

/* Prerequisite: what ctl_fetch_room() may ask for. */
void
ctl_need_room(struct ctl_context *ctx)
{
    ctl_need_no_portgroup(ctx);
    ctl_need_members(ctx);
}

/* Fetches what tells whether 'sw' has room, if it has a maximum.  Returns true
 * if that is there.  Otherwise the command returns at once; it will be run
 * again. */
bool
ctl_fetch_room(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    return !sw->n_max_ports || ctl_fetch_portgroups(ctx);
}

static bool
is_new(const struct ovsdb_idl_row *row)
{
    return row->new_datum && !row->old_datum;
}

/* Returns true if the run has inserted 'row' or changed 'column' of it. */
static bool
is_written(const struct ovsdb_idl_row *row, int column)
{
    return (is_new(row)
            || (row->written && bitmap_is_set(row->written, column)));
}

/* Returns true if the run has inserted 'row' or raised the integer in 'column'
 * of it. */
static bool
is_raised(const struct ovsdb_idl_row *row, int column)
{
    return (is_new(row)
            || (is_written(row, column)
                && row->new_datum[column].n
                && (!row->old_datum[column].n
                    || row->new_datum[column].keys[0].integer
                       > row->old_datum[column].keys[0].integer)));
}

/* Returns true if the run asks for more ports of 'sw' itself, or for a maximum
 * of them. */
static bool
switch_asks(const struct dvsrec_switch *sw)
{
    const struct ovsdb_idl_row *row = &sw->header_;

    return (is_written(row, DVSREC_SWITCH_COL_MAX_PORTS)
            || is_raised(row, DVSREC_SWITCH_COL_NUM_STANDALONE_PORTS)
            || (is_written(row, DVSREC_SWITCH_COL_UPLINKS)
                && row->new_datum[DVSREC_SWITCH_COL_UPLINKS].n
                   > row->old_datum[DVSREC_SWITCH_COL_UPLINKS].n));
}

/* Returns true if the run asks for more ports of 'pg'. */
static bool
portgroup_asks(const struct dvsrec_portgroup *pg)
{
    return (is_raised(&pg->header_, DVSREC_PORTGROUP_COL_NUM_PORTS)
            || is_written(&pg->header_, DVSREC_PORTGROUP_COL_TYPE));
}

/* Returns how many ports 'pg' will have. */
static int64_t
count_portgroup(const struct dvsrec_portgroup *pg)
{
    bool ephemeral = !strcmp(pg->type, "ephemeral");

    return (ephemeral ? pg->port_count
            : is_written(&pg->header_, DVSREC_PORTGROUP_COL_NUM_PORTS)
            ? pg->num_ports
            : pg->n_faults ? pg->port_count
            : MAX(pg->num_ports, pg->port_count));
}

/* Returns how many uplink ports each host in 'sw' has. */
static int64_t
count_uplinks(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    struct dvs_lags lags;
    int64_t n = sw->n_uplinks;

    dvs_lags_init(&lags);
    dvs_read_lags(ctx->idl, sw, &lags);
    for (size_t i = 0; i < lags.n; i++) {
        n += lags.lags[i].num_ports;
    }
    dvs_lags_destroy(&lags);
    return n;
}

/* Checks that 'sw' has room for the ports that the run asks for, if it asks
 * for any.  Returns true if it has; otherwise a fault has been reported. */
bool
ctl_check_room(struct ctl_context *ctx, const struct dvsrec_switch *sw)
{
    const struct ctl_view *view = dvsctl_context_cast(ctx)->view;
    const struct dvsrec_host_member *member;
    const struct dvsrec_portgroup *pg;
    const struct dvsrec_lag *lag;

    /* What is new has only what the run gives it. */
    bool known = (is_new(&sw->header_) || view->everything
                  || (view->members && view->portgroups.whole));

    if (!sw->n_max_ports || !known) {
        return true;
    }

    bool asks = switch_asks(sw);
    int64_t n = sw->num_standalone_ports;
    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (pg->switch_ == sw && !pg->uplink) {
            asks = asks || portgroup_asks(pg);
            n += count_portgroup(pg);
        }
    }
    int64_t n_uplinks = count_uplinks(ctx, sw);
    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (member->switch_ == sw) {
            asks = asks || is_new(&member->header_);
            n += member->n_faults ? 0 : n_uplinks;
        }
    }
    DVSREC_LAG_FOR_EACH (lag, ctx->idl) {
        asks = asks || (lag->switch_ == sw
                        && is_raised(&lag->header_,
                                     DVSREC_LAG_COL_NUM_PORTS));
    }
    if (asks && n > sw->max_ports[0]) {
        ctl_fault(ctx, "LimitExceeded", "switch \"%s\" would have %"PRId64
                  " ports, and may have %"PRId64, sw->name, n,
                  sw->max_ports[0]);
        return false;
    }
    return true;
}

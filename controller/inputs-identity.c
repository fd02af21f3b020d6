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

/* Rows that are no longer what they were; see inputs.h.
 *
 * What a row is about, its switch, its key or its host, does not change in the
 * life of a row, as far as the controller is concerned: what has followed from
 * it before would be found nowhere.  A client can change it nevertheless; then
 * everything is looked at.  What the controller inserts, or changes in that
 * way, it marks itself; until it has come back from the database, it is known
 * what it should be. */

#include <config.h>

#include "controller/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "controller/dirty.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-idl.h"
#include "util.h"

#define N_COLUMNS 5

static const struct {
    const struct ovsdb_idl_table_class *class;
    const struct ovsdb_idl_column *columns[N_COLUMNS];
} identities[] = {
    { &dvsrec_table_portgroup, { &dvsrec_portgroup_col_switch_ } },
    { &dvsrec_table_port, { &dvsrec_port_col_switch_,
                            &dvsrec_port_col_key,
                            &dvsrec_port_col_portgroup,
                            &dvsrec_port_col_uplink_host,
                            &dvsrec_port_col_conflict } },
    { &dvsrec_table_host_member, { &dvsrec_host_member_col_switch_,
                                   &dvsrec_host_member_col_host } },
    { &dvsrec_table_vnic, { &dvsrec_vnic_col_id } },
    { &dvsrec_table_host, { &dvsrec_host_col_name } },
    { &dvsrec_table_physical_nic, { &dvsrec_physical_nic_col_host,
                                    &dvsrec_physical_nic_col_name } },
    { &dvsrec_table_proxy_state, { &dvsrec_proxy_state_col_host,
                                   &dvsrec_proxy_state_col_switch_ } },
    { &dvsrec_table_port_state, { &dvsrec_port_state_col_host,
                                  &dvsrec_port_state_col_kind,
                                  &dvsrec_port_state_col_nic } },
    { &dvsrec_table_proxy_switch, { &dvsrec_proxy_switch_col_switch_ } },
    { &dvsrec_table_proxy_portgroup,
      { &dvsrec_proxy_portgroup_col_portgroup } },
    { &dvsrec_table_proxy_host, { &dvsrec_proxy_host_col_host,
                                  &dvsrec_proxy_host_col_switch_ } },
    { &dvsrec_table_proxy_port, { &dvsrec_proxy_port_col_host,
                                  &dvsrec_proxy_port_col_switch_,
                                  &dvsrec_proxy_port_col_key } },
};

/* Whether one of 'columns' of 'row', which is not new, was changed. */
static bool
is_changed(const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *const columns[N_COLUMNS])
{
    for (size_t i = 0; i < N_COLUMNS && columns[i]; i++) {
        if (ovsdb_idl_track_is_updated(row, columns[i])) {
            return true;
        }
    }
    return false;
}

/* Returns 'columns' of 'row' as text, which the caller must free. */
static char *
identity_to_text(const struct ovsdb_idl_row *row,
                 const struct ovsdb_idl_column *const columns[N_COLUMNS])
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < N_COLUMNS && columns[i]; i++) {
        ovsdb_datum_to_string(ovsdb_idl_read(row, columns[i]),
                              &columns[i]->type, &s);
        ds_put_char(&s, ' ');
    }
    return ds_steal_cstr(&s);
}

/* Whether 'row' is about something else than what has been looked at. */
static bool
is_another(const struct inputs *in, const struct ovsdb_idl_row *row,
           const struct ovsdb_idl_column *const columns[N_COLUMNS])
{
    const char *known = seen_find(&in->own, &row->uuid);

    if (ovsdb_idl_row_get_seqno(row, OVSDB_IDL_CHANGE_DELETE)) {
        return false;
    } else if (!known) {
        return (!ovsdb_idl_row_get_seqno(row, OVSDB_IDL_CHANGE_INSERT)
                && is_changed(row, columns));
    }
    char *text = identity_to_text(row, columns);
    bool another = strcmp(text, known) != 0;

    free(text);
    return another;
}

/* Marks the ports that somebody else has inserted: the number of them in their
 * portgroup, or on their switch, is another. */
static void
collect_inserted(struct inputs *in, struct dirty *d)
{
    const struct dvsrec_port *row;

    DVSREC_PORT_FOR_EACH_TRACKED (row, in->idl) {
        if (dvsrec_port_is_deleted(row) || !dvsrec_port_is_new(row)
            || seen_find(&in->own, &row->header_.uuid)) {
            continue;
        } else if (row->portgroup) {
            const struct uuid *pg = &row->portgroup->header_.uuid;

            dirty_mark(d, DIRTY_PORTGROUP, pg);
            dirty_mark(d, DIRTY_COUNT_PORTGROUP, pg);
        } else if (row->switch_) {
            const struct uuid *s = &row->switch_->header_.uuid;

            dirty_mark(d, DIRTY_SWITCH, s);
            dirty_mark(d, DIRTY_COUNT_SWITCH, s);
        }
    }
}

/* Marks in 'd' what follows from rows that are about something else than
 * before, or that are the controller's to insert, according to what the IDL
 * has tracked. */
void
inputs_collect_identities(struct inputs *in, struct dirty *d)
{
    collect_inserted(in, d);
    for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
        const struct ovsdb_idl_row *row
            = ovsdb_idl_track_get_first(in->idl, identities[i].class);

        for (; row && !d->full; row = ovsdb_idl_track_get_next(row)) {
            d->full = is_another(in, row, identities[i].columns);
        }
    }
}

/* Remembers what the rows 'own' are about, which a pass has inserted, or made
 * about something else. */
void
inputs_note_own(struct inputs *in, const struct uuidset *own)
{
    const struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, own) {
        for (size_t i = 0; i < ARRAY_SIZE(identities); i++) {
            const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
                in->idl, identities[i].class, &node->uuid);

            if (row && row->new_datum) {
                char *text = identity_to_text(row, identities[i].columns);

                seen_set(&in->own, &node->uuid, text);
                free(text);
            }
        }
    }
}

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

/* Merging a switch into another: what follows from it for others than
 * schema/dvs-merge.c knows.
 *
 * Portgroups, ports and members keep their rows and get another switch, so
 * that NICs keep what they have.  What the hosts have of the source they make
 * the other switch's in place; see Switch.merged. */

#include <config.h>

#include "controller/tasks.h"

#include "controller/concerns.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "schema/dvs-merge.h"

/* Marks, before the merge, what the source has, and tells of it. */
static void
begin(struct pass *pass, const struct dvs_merge *m)
{
    event_list_add(pass->events, "DvsMergedEvent", "info",
                   &m->to->header_.uuid, m->to->name, NULL,
                   "switch \"%s\" merged into this one", m->from->name);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &m->from->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_SWITCH, &m->to->header_.uuid);
    dirty_mark(pass->dirty, DIRTY_PORTS_OF_SWITCH, &m->to->header_.uuid);
    for (size_t i = 0; i < m->n_members; i++) {
        dirty_mark_host(pass->dirty, m->members[i]->host);
        uuidset_insert(pass->own, &m->members[i]->header_.uuid);
    }
    for (size_t i = 0; i < m->n_portgroups; i++) {
        const struct uuid *uuid = &m->portgroups[i]->header_.uuid;

        uuidset_insert(pass->own, uuid);
        dirty_mark(pass->dirty, DIRTY_PORTGROUP, uuid);
        if (!m->portgroups[i]->uplink) {
            dirty_mark(pass->dirty, DIRTY_PORTS_OF_PORTGROUP, uuid);
        }
    }
    for (size_t i = 0; i < m->n_ports; i++) {
        const struct dvsrec_port *port = m->ports[i];

        uuidset_insert(pass->own, &port->header_.uuid);
        dirty_mark_slot(pass->dirty, &m->from->header_.uuid, port->key);
        if (dvs_merge_drops(m, port)) {
            ports_note_deletion(pass, port);
        }
    }
}

/* Marks what has become of 'port', which has come along. */
static void
mark_port(struct pass *pass, const struct dvsrec_port *port)
{
    const struct dvsrec_vnic *vnic = port->connectee;

    dirty_mark(pass->dirty, DIRTY_PORT, &port->header_.uuid);
    dirty_mark_slot(pass->dirty, &port->switch_->header_.uuid, port->key);
    if (vnic) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &vnic->header_.uuid);
        dirty_mark_claim(pass->dirty, vnic->id, "");
    }
}

/* Operation "merge". */
enum task_outcome
task_merge(struct task *task)
{
    struct pass *pass = task->pass;
    enum task_outcome outcome = TASK_ERROR;
    struct dvs_merge m;

    if (dvs_merge_init(&m, &task->op)) {
        begin(pass, &m);
        dvs_merge_run(&m);
        for (size_t i = 0; i < m.n_ports; i++) {
            if (row_exists(&m.ports[i]->header_)) {
                mark_port(pass, m.ports[i]);
            }
        }
        outcome = TASK_SUCCESS;
    }
    dvs_merge_destroy(&m);
    return outcome;
}

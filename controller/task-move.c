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

/* Moving ports to another portgroup, or out of any: what follows from it for
 * others than schema/dvs-move.c knows. */

#include <config.h>

#include "controller/tasks.h"

#include "controller/events.h"
#include "controller/pass.h"

static void
report(struct pass *pass, const struct dvsrec_port *port, const char *type,
       const char *verb, const struct dvsrec_portgroup *pg)
{
    if (pg) {
        event_port(pass, type, &port->switch_->header_.uuid, port->key,
                   port->proxy_host, "port %s portgroup %s", verb, pg->name);
    }
}

/* Has 'pg', or the standalone ports of 's' if it is NULL, looked at. */
static void
mark_numbers(struct pass *pass, const struct dvsrec_switch *s,
             const struct dvsrec_portgroup *pg)
{
    if (pg) {
        dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
    } else {
        dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    }
}

static void
move_port(struct pass *pass, const struct dvs_move *m,
          const struct dvsrec_port *port)
{
    report(pass, port, "DvsPortLeavePortgroupEvent", "left", port->portgroup);
    report(pass, port, "DvsPortJoinPortgroupEvent", "joined", m->to);
    mark_numbers(pass, m->switch_, port->portgroup);
    mark_numbers(pass, m->switch_, m->to);
    if (dvs_port_is_mutual(port)) {
        dirty_mark(pass->dirty, DIRTY_VNIC, &port->connectee->header_.uuid);
    }
    dirty_mark(pass->dirty, DIRTY_PORT, &port->header_.uuid);
    dirty_mark_slot(pass->dirty, &m->switch_->header_.uuid, port->key);
    uuidset_insert(pass->own, &port->header_.uuid);
    dvs_move_port(m, port);
}

/* Operation "move-port". */
enum task_outcome
task_move_port(struct task *task)
{
    enum task_outcome outcome = TASK_ERROR;
    struct dvs_move m;

    if (dvs_move_init(&m, &task->op)) {
        for (size_t i = 0; i < m.n; i++) {
            move_port(task->pass, &m, m.ports[i]);
        }
        outcome = TASK_SUCCESS;
    }
    dvs_move_destroy(&m);
    return outcome;
}

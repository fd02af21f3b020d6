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

/* The operation "rollout": who tries a change out first.  See
 * dvs-operation.h. */

#include <config.h>

#include "schema/dvs-operation.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "svec.h"
#include "util.h"

/* Adds to 'hosts' the canaries that 's' has by configuration,
 * DVS_Global.options:canary and Host_Member.ring, as far as they are fit:
 * connected, and without anything that they refuse.  Returns how many are
 * not. */
size_t
dvs_default_canaries(const struct ovsdb_idl *idl,
                     const struct dvs_lookup *lookup, void *aux,
                     const struct dvsrec_switch *s, struct svec *hosts)
{
    const struct dvsrec_dvs_global *global = dvsrec_dvs_global_first(idl);
    const struct dvsrec_host_member **members;
    struct svec names = SVEC_EMPTY_INITIALIZER;
    size_t n_unfit = 0;

    dvs_operation_split(global ? smap_get_def(&global->options, "canary", "")
                        : "", &names);
    svec_sort(&names);
    size_t n = lookup->members(aux, s, NULL, &members);
    for (size_t i = 0; i < n; i++) {
        const char *host = members[i]->host;

        if (members[i]->ring != DVS_RING_CANARY
            && !svec_contains(&names, host)) {
            continue;
        } else if (lookup->is_connected(aux, host)
                   && !lookup->refuses(aux, s, host)) {
            svec_add(hosts, host);
        } else {
            n_unfit++;
        }
    }
    free(members);
    svec_destroy(&names);
    return n_unfit;
}

/* Checks that 'hosts' can be the canaries of 's'. */
static void
check_hosts(struct dvs_operation *op, const struct dvsrec_switch *s,
            const struct svec *hosts)
{
    const char *host;
    size_t i;

    if (!hosts->n) {
        dvs_operation_fault(op, "InvalidArgument", "hosts", "no hosts are "
                            "given, and no host of switch \"%s\" is a canary "
                            "by itself", s->name);
    }
    SVEC_FOR_EACH (i, host, hosts) {
        const struct dvsrec_host_member **rows;
        size_t n = op->lookup->members(op->aux, s, host, &rows);

        free(rows);
        if (!n) {
            dvs_operation_fault(op, "NotFound", "hosts", "host \"%s\" is not "
                                "a member of switch \"%s\"", host, s->name);
            break;
        } else if (!op->lookup->is_connected(op->aux, host)) {
            dvs_operation_fault(op, "HostNotConnected", "hosts", "host \"%s\" "
                                "is not connected, so it cannot be a canary",
                                host);
            break;
        }
    }
}

/* Finds out whether 'op', "rollout", can begin.  Stores in '*sp' the switch,
 * NULL if there is none, and adds to 'hosts', which is empty, the canaries, in
 * order and each once; none if nobody is to try the change out.  Returns
 * false, with a fault set, if it cannot begin. */
bool
dvs_rollout_check(struct dvs_operation *op, const struct dvsrec_switch **sp,
                  struct svec *hosts)
{
    const char *list = smap_get(&op->row->arguments, "hosts");
    const struct dvsrec_switch *s = dvs_operation_switch(op, "switch");

    *sp = s;
    if (!s) {
        return false;
    }
    if (!op->lookup->has_base(op->aux, s)) {
        dvs_operation_fault(op, "InvalidState", "switch", "switch \"%s\" is "
                            "new, so there is nothing to go back to",
                            s->name);
        return false;
    }
    if (!dvs_operation_check(op)) {
        return false;
    }
    if (!list) {
        dvs_default_canaries(op->idl, op->lookup, op->aux, s, hosts);
    } else {
        dvs_operation_split(list, hosts);
    }
    svec_sort_unique(hosts);
    if (!list || list[0]) {
        check_hosts(op, s, hosts);
    }
    return !op->fault;
}

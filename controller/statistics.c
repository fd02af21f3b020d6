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

/* Statistics: what ports have counted where their NICs are no more.
 *
 * The only writer of Port.statistics.  A host that loses a NIC says so in
 * Port_State.final_statistics; what stands there is added to the port and
 * taken out of the host's row in one transaction, so that the sum of both is
 * right at any time, and the row goes only after that. */

#include <config.h>

#include "controller/concerns.h"

#include <string.h>

#include "controller/pass.h"
#include "coverage.h"
#include "schema/dvs-statistics.h"

COVERAGE_DEFINE(statistics_taken);

static void
take_over(struct pass *pass, const struct dvsrec_port_state *row)
{
    const struct dvsrec_switch *s
        = row->n_switch_ ? get_switch(pass->idl, row->switch_) : NULL;
    const struct dvsrec_port *port
        = s && row->key ? find_port(pass->ix, s, row->key) : NULL;

    COVERAGE_INC(statistics_taken);
    if (port) {
        const char *keys[DVS_N_COUNTERS];
        int64_t values[DVS_N_COUNTERS];
        struct dvs_statistics sum;

        memset(&sum, 0, sizeof sum);
        dvs_statistics_add_map(&sum, port->key_statistics,
                               port->value_statistics, port->n_statistics);
        dvs_statistics_add_map(&sum, row->key_final_statistics,
                               row->value_final_statistics,
                               row->n_final_statistics);
        size_t n = dvs_statistics_to_map(&sum, keys, values);
        dvsrec_port_set_statistics(port, keys, values, n);
    }
    dvsrec_port_state_set_final_statistics(row, NULL, NULL, 0);
}

void
statistics_run(struct pass *pass)
{
    struct uuid uuid;

    while (dirty_pop(pass->dirty, DIRTY_FINAL, &uuid)) {
        const struct dvsrec_port_state *row
            = dvsrec_port_state_get_for_uuid(pass->idl, &uuid);

        if (row && row->n_final_statistics) {
            take_over(pass, row);
        }
    }
}

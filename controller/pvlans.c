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

/* Private VLANs: what is wrong with the rows of Private_VLAN. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "util.h"

/* Looks at all private VLANs of the switch 'row': whether one is valid depends
 * on the others. */
void
pvlans_check(struct pass *pass, const struct dvsrec_switch *row)
{
    const struct dvsrec_private_vlan *pv;
    struct dvs_pvlans pvlans;

    dvs_pvlans_init(&pvlans);
    dvs_read_pvlans(pass->idl, row, &pvlans);
    DVSREC_PRIVATE_VLAN_FOR_EACH (pv, pass->idl) {
        if (pv->switch_ == row) {
            struct dvs_pvlan entry;

            dvs_read_pvlan(pv, &entry);
            dvs_pvlans_validate(&pvlans, &entry,
                                faults_open(pass->faults, FAULTS_PRIVATE_VLAN,
                                            &pv->header_.uuid));
        }
    }
    dvs_pvlans_destroy(&pvlans);
}

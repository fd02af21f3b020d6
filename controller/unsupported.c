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

/* What this release does not carry out: rows of features to come.
 *
 * Each such row is told so, in its "faults".  Columns of this kind in rows
 * that are carried out otherwise are for the model library to report. */

#include <config.h>

#include "controller/concerns.h"

#include "controller/pass.h"
#include "util.h"

#define REFUSE_ALL(TABLE, RECORD, WHAT)                                     \
    do {                                                                    \
        const struct dvsrec_##RECORD *row;                                  \
                                                                            \
        DVSREC_##TABLE##_FOR_EACH (row, pass->idl) {                        \
            dvs_faults_add(faults_open(pass->faults, FAULTS_##TABLE,        \
                                       &row->header_.uuid),                 \
                           "NotSupported", "switch",                        \
                           "%s not supported yet", WHAT);                   \
        }                                                                   \
    } while (0)

/* Looks at all rows of such tables: there are few. */
void
unsupported_run(struct pass *pass)
{
    if (pass->dirty->unsupported) {
        pass->dirty->unsupported = false;
        REFUSE_ALL(MIRROR, mirror, "port mirroring is");
        REFUSE_ALL(IPFIX, ipfix, "IPFIX is");
    }
}

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

/* Which column holds which property.  See dvs-columns.h. */

#include <config.h>

#include "schema/dvs-columns.h"

#include "schema/dvs-idl.h"
#include "util.h"

#define COLUMN(PROPERTY, MEMBER)                                        \
    { DVS_P_##PROPERTY, &dvsrec_port_setting_col_##MEMBER,              \
      offsetof(struct dvsrec_port_setting, MEMBER) }

const struct dvs_setting_column dvs_setting_columns[] = {
    COLUMN(BLOCKED, blocked),
    COLUMN(COS, cos),
    COLUMN(DSCP, dscp),
    COLUMN(TEAMING, teaming_policy),
    COLUMN(NOTIFY, notify_switches),
    COLUMN(FAILBACK, failback),
    COLUMN(BEACON, beacon_probing),
    COLUMN(REVERSE_FILTER, reverse_filter),
    COLUMN(PROMISCUOUS, promiscuous),
    COLUMN(MAC_CHANGES, mac_changes),
    COLUMN(FORGED_TRANSMITS, forged_transmits),
    COLUMN(MAC_LEARNING, mac_learning),
    COLUMN(MAC_LIMIT, mac_limit),
    COLUMN(MAC_LIMIT_POLICY, mac_limit_policy),
    COLUMN(UNICAST_FLOODING, unicast_flooding),
    COLUMN(IPFIX, ipfix),
    COLUMN(TX_UPLINK, tx_uplink),
    COLUMN(FILTER, filter),
};
const size_t dvs_n_setting_columns = ARRAY_SIZE(dvs_setting_columns);

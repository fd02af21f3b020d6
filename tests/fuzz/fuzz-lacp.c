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


/* Fuzz target: what ovs-vswitchd says of LACP.
 *
 * The input is the text of "lacp/show".  Whatever it is, each partner found
 * has a name, and reads "02:00:00:00:00:01 port 3". */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "ovs-bridge/lacp-show.h"
#include "packets.h"
#include "smap.h"
#include "util.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smap partners = SMAP_INITIALIZER(&partners);
    char *text = xmemdup0((const char *) data, size);
    const struct smap_node *node;

    lacp_show_parse(text, &partners);
    SMAP_FOR_EACH (node, &partners) {
        struct eth_addr system;
        int port, n = 0;

        ovs_assert(ovs_scan(node->value, ETH_ADDR_SCAN_FMT" port %d%n",
                            ETH_ADDR_SCAN_ARGS(system), &port, &n)
                   && !node->value[n]);
        ovs_assert(!eth_addr_is_zero(system));
        ovs_assert(strstr(text, node->key) && !strchr(node->key, '\n'));
    }
    smap_destroy(&partners);
    free(text);
    return 0;
}

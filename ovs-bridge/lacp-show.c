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

/* PURE: what "lacp/show" says.  See lacp-show.h. */

#include <config.h>

#include "ovs-bridge/lacp-show.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"
#include "smap.h"
#include "util.h"

/* If 'line' is "KEY: VALUE" after blanks, with 'key', returns the value, which
 * ends with the line; otherwise NULL. */
static const char *
value_of(const char *line, const char *key)
{
    line += strspn(line, " \t");
    if (strncmp(line, key, strlen(key)) || line[strlen(key)] != ':') {
        return NULL;
    }
    line += strlen(key) + 1;
    return line + strspn(line, " ");
}

/* Adds to 'partners' the system identifier and port number of the neighbour of
 * each interface in 'text', as "02:00:00:00:00:01 port 3" by the interface's
 * name, if it has heard from one. */
void
lacp_show_parse(const char *text, struct smap *partners)
{
    struct eth_addr system = eth_addr_zero;
    char *copy = xstrdup(text);
    char *save_ptr = NULL;
    char *name = NULL;

    for (char *line = strtok_r(copy, "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        const char *value = value_of(line, "member");

        if (value) {
            free(name);
            name = xmemdup0(value, strcspn(value, ":"));
            system = eth_addr_zero;
        } else if ((value = value_of(line, "partner sys_id"))) {
            eth_addr_from_string(value, &system);   /* Or all-zeros. */
        } else if ((value = value_of(line, "partner port_id"))) {
            int port;

            if (name && !eth_addr_is_zero(system)
                && str_to_int(value, 10, &port)) {
                smap_replace_nocopy(partners, name,
                                    xasprintf(ETH_ADDR_FMT" port %d",
                                              ETH_ADDR_ARGS(system), port));
            }
        }
    }
    free(name);
    free(copy);
}

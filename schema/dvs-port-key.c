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

/* PURE: the keys of ports; see dvs-port-key.h. */

#include <config.h>

#include "schema/dvs-port-key.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/uuid.h"
#include "schema/dvs-limits.h"
#include "util.h"

/* Orders 'a' and 'b' as numbers: keys are decimal without leading zeros, so a
 * longer one is a larger one.  Returns a negative number, 0, or a positive
 * one, as strcmp() does. */
int
dvs_port_key_compare(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    return a_len != b_len ? (a_len < b_len ? -1 : 1) : strcmp(a, b);
}

/* Returns true if 'key' is one that hosts give. */
bool
dvs_port_key_is_host_made(const char *key)
{
    unsigned long long int number;

    return (key[0] != '0' && key[strspn(key, "0123456789")] == '\0'
            && str_to_ullong(key, 10, &number)
            && number >= DVS_HOST_MADE_KEY_MIN
            && number <= DVS_HOST_MADE_KEY_MAX);
}

/* Returns the key of the port that a host makes for the NIC whose row in table
 * Interface of its Open vSwitch is 'interface'.  The caller must free it.
 *
 * The row has that identity as long as the NIC is plugged, so an agent that is
 * restarted finds the same key, and a NIC that is plugged anew another one.
 * What is left of the identity, 47 random bits, is enough to tell the NICs of
 * a switch apart. */
char *
dvs_port_key_from_interface(const struct uuid *interface)
{
    uint64_t bits = ((uint64_t) (interface->parts[0] & 0x7fff) << 32
                     | interface->parts[3]);

    return xasprintf("%"PRIu64, DVS_HOST_MADE_KEY_MIN | bits);
}

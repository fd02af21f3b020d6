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

/* PURE: NICs that hosts have for their own traffic; see dvs-host-nic.h. */

#include <config.h>

#include "schema/dvs-host-nic.h"

#include <stdbool.h>
#include <string.h>

#include "packets.h"
#include "schema/dvs-limits.h"
#include "sha1.h"
#include "util.h"

/* Returns true if 'name' can be the name of a network device, and is one that
 * is safe in configuration files and on command lines. */
static bool
is_device_name(const char *name)
{
    size_t len = strlen(name);

    return (len && len <= DVS_DEVICE_NAME_MAX
            && strspn(name, "abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "0123456789._-") == len
            && name[0] != '-' && strcmp(name, ".") && strcmp(name, ".."));
}

/* Returns the name of the device that a host makes for its NIC with VNIC.id
 * 'id': what follows the last slash of 'id', so that "host1/vmk0" and
 * "host2/vmk0" are called alike on their hosts; if that is no name for a
 * device, "dvs" and 12 hexadecimal digits of the SHA-1 of 'id'.  The caller
 * frees it. */
char *
dvs_host_nic_device(const char *id)
{
    const char *slash = strrchr(id, '/');
    const char *name = slash ? slash + 1 : id;
    uint8_t digest[SHA1_DIGEST_SIZE];

    if (is_device_name(name)) {
        return xstrdup(name);
    }
    sha1_bytes(id, strlen(id), digest);
    return xasprintf("dvs%02x%02x%02x%02x%02x%02x", digest[0], digest[1],
                     digest[2], digest[3], digest[4], digest[5]);
}

/* Returns the MAC address of a host's NIC with VNIC.id 'id' for which none is
 * given: the last 48 bits of the SHA-1 of 'id', made a locally administered
 * unicast address (IEEE 802, clause 8.2).  It stays the same when the NIC is
 * removed and comes back, also on another host. */
struct eth_addr
dvs_host_nic_mac(const char *id)
{
    uint8_t digest[SHA1_DIGEST_SIZE];
    struct eth_addr mac;

    sha1_bytes(id, strlen(id), digest);
    memcpy(mac.ea, &digest[SHA1_DIGEST_SIZE - ETH_ADDR_LEN], ETH_ADDR_LEN);
    mac.ea[0] = (mac.ea[0] & ~1) | 2;
    return mac;
}

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

/* PURE: what a host can do; see dvs-host-feature.h. */

#include <config.h>

#include "schema/dvs-host-feature.h"

#include <string.h>

#include "schema/dvs-level.h"
#include "schema/dvs-limits.h"
#include "smap.h"
#include "util.h"

static bool
offers_datapath(const struct dvs_host_offer *host, const char *type)
{
    for (size_t i = 0; i < host->n_datapath_types; i++) {
        if (!strcmp(host->datapath_types[i], type)) {
            return true;
        }
    }
    return false;
}

/* Returns true if 'version', of Open vSwitch, is older than the oldest one
 * that will do.  One that cannot be read is none. */
static bool
is_too_old(const char *version)
{
    int major, minor;

    return (ovs_scan(version, "%d.%d", &major, &minor)
            && (major < DVS_OVS_MAJOR_MIN
                || (major == DVS_OVS_MAJOR_MIN
                    && minor < DVS_OVS_MINOR_MIN)));
}

/* Returns why 'host' cannot be a member of a switch whose datapath type and
 * feature level are these (NULL: the default), in words that the caller frees,
 * or NULL if it can.  Of what a host has not said, nothing is held against it.
 *
 * vSphere: DistributedVirtualSwitchManagerCompatibilityResult.error. */
char *
dvs_host_incompatibility(const char *datapath_type, const char *version,
                         const struct dvs_host_offer *host)
{
    const char *type = (datapath_type ? datapath_type
                        : DVS_DATAPATH_TYPE_DEFAULT);
    const char *level = smap_get(host->features, DVS_FEATURE_LEVEL);
    int needed = dvs_level_from_string(version);

    if (host->n_datapath_types && !offers_datapath(host, type)) {
        return xasprintf("its Open vSwitch has no %s datapath", type);
    } else if (is_too_old(host->ovs_version)) {
        return xasprintf("its Open vSwitch is version %s, older than %d.%d",
                         host->ovs_version, DVS_OVS_MAJOR_MIN,
                         DVS_OVS_MINOR_MIN);
    } else if (level && needed > dvs_level_from_string(level)
               && dvs_level_from_string(level) >= 0) {
        return xasprintf("its agent goes up to feature level %s, the switch "
                         "has %s", level, dvs_levels[needed]);
    }
    return NULL;
}

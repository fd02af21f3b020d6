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

#ifndef DVS_HOST_FEATURE_H
#define DVS_HOST_FEATURE_H 1

/* PURE: what a host says it can do (table Host), and whether that is enough
 * for a switch (vSphere's QueryCompatibleHostForExistingDvs). */

#include <stddef.h>

struct smap;

/* What a host says: columns of table Host. */
struct dvs_host_offer {
    const char *ovs_version;    /* Empty if it is not known. */
    char *const *datapath_types;    /* 'n_datapath_types' of them; none if they
                                     * are not known. */
    size_t n_datapath_types;
    const struct smap *features;
};

/* The oldest Open vSwitch on which a switch works. */
#define DVS_OVS_MAJOR_MIN 3
#define DVS_OVS_MINOR_MIN 1

/* Keys of Host.features. */
#define DVS_FEATURE_LEVEL "level"
#define DVS_FEATURE_KERNEL "kernel"
#define DVS_FEATURE_SYSTEM "system"
#define DVS_FEATURE_DPDK "dpdk"
#define DVS_FEATURE_INTERFACE_TYPES "interface_types"

/* Ends of keys of Host.features that begin with a datapath type and ".". */
#define DVS_FEATURE_QOS "qos"
#define DVS_FEATURE_METERS "meters"
#define DVS_FEATURE_MAX_VLAN_HEADERS "max_vlan_headers"

char *dvs_host_incompatibility(const char *datapath_type, const char *version,
                               const struct dvs_host_offer *);

#endif /* dvs-host-feature.h */

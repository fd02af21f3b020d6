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

#ifndef DVS_HOST_NIC_H
#define DVS_HOST_NIC_H 1

/* PURE: NICs that hosts have for their own traffic (vSphere's HostVirtualNic):
 * what follows from a NIC's id, so that no two programs have to agree on it
 * through the database. */

#include "openvswitch/types.h"

char *dvs_host_nic_device(const char *id);
struct eth_addr dvs_host_nic_mac(const char *id);

#endif /* dvs-host-nic.h */

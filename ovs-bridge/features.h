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

#ifndef FEATURES_H
#define FEATURES_H 1

/* What this host's Open vSwitch and its datapaths really offer: the column
 * Host.features (see dvs.xml(5), and schema/dvs-host-feature.h for the keys).
 *
 * ovs-vswitchd probes a datapath when its first bridge comes up and writes
 * what it finds into a row of table Datapath, if there is one: ovs-sync.c
 * makes it.  Of meters, the bridge tells by OpenFlow. */

#include <stdbool.h>

struct local_view;
struct ofp_header;
struct of_conn;
struct proxies;
struct proxy;
struct smap;

/* Values of "qos": how a datapath of that type shares out an uplink. */
#define FEATURES_QOS_HFSC "linux-hfsc"  /* set_queue chooses a class of the
                                         * NIC's linux-hfsc. */
#define FEATURES_QOS_NONE "none"        /* set_queue does nothing. */

const char *features_qos(const char *datapath_type);
bool features_has_queues(const char *datapath_type);

void features_collect(const struct local_view *, const struct proxies *,
                      struct smap *);

bool features_ask(struct of_conn *);
bool features_hear(struct proxy *, const struct ofp_header *);

#endif /* features.h */

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

#ifndef PROBING_H
#define PROBING_H 1

/* Beacon probing: sends beacons on the uplinks of teams that ask for it, and
 * finds out which uplinks they do not pass.  See beacon.h.
 *
 * A VLAN is probed if a port of this host is in it whose policy asks for
 * beacons, by the uplinks that such ports may use.  Ports then go by the
 * uplinks that pass (host-view-team.c); with none of those that they may use,
 * by the others.  The flows (pipeline/stage-beacon.c) bring the host's own
 * beacons here and keep all beacons from NICs. */

#include <stdint.h>

struct ofputil_packet_in;
struct proxy;

void probing_hear(struct proxy *, const struct ofputil_packet_in *);
void probing_run(struct proxy *, long long int now);
void probing_wait(const struct proxy *);

#endif /* probing.h */

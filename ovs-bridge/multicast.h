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

#ifndef MULTICAST_H
#define MULTICAST_H 1

/* Finds out which ports of a switch in snooping mode want which multicast.
 *
 * The flows (pipeline/stage-mcast.c) send what hosts say of it here.  Each
 * port is asked when it appears, and gets all multicast until it had time to
 * answer: so nothing is lost when snooping begins, when a NIC arrives from
 * another host, or when the agent starts again.  Later on, where no router is
 * heard to ask, this host asks its own NICs from time to time. */

struct ofputil_packet_in;
struct proxy;

void multicast_hear(struct proxy *, const struct ofputil_packet_in *);
void multicast_run(struct proxy *, long long int now);
void multicast_wait(const struct proxy *);

#endif /* multicast.h */

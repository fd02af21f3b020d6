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

#ifndef NOTIFY_H
#define NOTIFY_H 1

/* Tells the physical switches where NICs are (vSphere's "notify switches").
 *
 * When a NIC connects, arrives from another host, or its frames move to
 * another uplink, by failover or failback, a RARP frame with its MAC leaves on
 * that uplink, in the port's VLAN.  It is put into the pipeline itself, so it
 * goes wherever the NIC's frames go.  On another uplink, or from another host,
 * it is repeated a few times, as hypervisors do: a physical switch may not
 * forward yet on a link that just came up, and until it knows, it sends to
 * where the NIC has been. */

struct proxy;

void notify_run(struct proxy *, long long int now);
void notify_wait(const struct proxy *);

#endif /* notify.h */

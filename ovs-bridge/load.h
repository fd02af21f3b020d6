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

#ifndef LOAD_H
#define LOAD_H 1

/* Load-based teaming: measures the uplinks and ports of a proxy switch, and
 * moves ports; balance.h decides which.
 *
 * Ports with a reservation stay where that has its place, and move when it
 * gets another. */

struct ofputil_port_stats;
struct pnics;
struct proxy;
struct smap;

void load_run(struct proxy *, const struct smap *options, long long int now);
void load_place(struct proxy *, long long int now);
void load_wait(const struct proxy *);
void load_hear(struct proxy *, const struct pnics *,
               const struct ofputil_port_stats *);
void load_destroy(struct proxy *);

#endif /* load.h */

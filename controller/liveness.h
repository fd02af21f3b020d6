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

#ifndef LIVENESS_H
#define LIVENESS_H 1

/* PURE: which hosts are connected.
 *
 * A host is connected for as long as its heartbeat keeps changing, measured
 * by the clock of whoever looks: clocks of different machines are never
 * compared.  Time during which nobody could look does not count. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "sset.h"

/* One host. */
struct liveness_host {
    struct hmap_node node;      /* In struct liveness's 'hosts', by name. */
    char *name;
    int64_t heartbeat;          /* As last seen. */
    long long int changed;      /* When it last changed, in ms. */
    bool connected;
};

struct liveness {
    struct hmap hosts;          /* Contains "struct liveness_host"s. */
    int interval;               /* Of heartbeats at the last look, in ms. */
    long long int deadline;     /* When the next host falls silent unless it
                                 * is heard of, in ms; LLONG_MAX if none. */
};

void liveness_init(struct liveness *);
void liveness_destroy(struct liveness *);

bool liveness_heard(struct liveness *, const char *host, int64_t heartbeat,
                    bool presumed, long long int now);
bool liveness_forget(struct liveness *, const char *host);
void liveness_look(struct liveness *, int interval, long long int now,
                   struct sset *silent);
void liveness_blind(struct liveness *, long long int now);
bool liveness_is_connected(const struct liveness *, const char *host);

#endif /* liveness.h */

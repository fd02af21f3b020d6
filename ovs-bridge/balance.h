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

#ifndef BALANCE_H
#define BALANCE_H 1

/* PURE: load-based teaming (vSphere's loadbalance_loadbased): which port is to
 * move from an uplink that has too much to do to one that has less. */

#include <stddef.h>
#include <stdint.h>

enum { BALANCE_OUT, BALANCE_IN, BALANCE_N_WAYS };

struct balance_uplink {
    int id;                     /* Logical uplink. */
    double capacity;            /* In bit/s each way; 0 if not known. */
    double load[BALANCE_N_WAYS];    /* In bit/s. */
};

struct balance_port {
    int current;                /* Logical uplink that it uses. */
    const uint8_t *choices;     /* Logical uplinks that it may use, with... */
    size_t n_choices;           /* ...the current one or not.  Not owned. */
    double load[BALANCE_N_WAYS];    /* In bit/s. */
};

struct balance_move {
    size_t port;                /* Index into the ports. */
    int uplink;                 /* Where to. */
};

size_t balance_decide(struct balance_uplink *, size_t n_uplinks,
                      const struct balance_port *, size_t n_ports,
                      double threshold, struct balance_move *);

#endif /* balance.h */

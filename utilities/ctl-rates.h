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

#ifndef CTL_RATES_H
#define CTL_RATES_H 1

/* PURE: how fast counters rise, from what hosts report of them now and then.
 *
 * A host reports counters with the time at which it read them, at an interval,
 * and only if they have changed. */

#include <stdint.h>
#include "openvswitch/shash.h"
#include "schema/dvs-statistics.h"

struct ctl_rates {
    struct shash counters;      /* Contains "struct ctl_rate"s. */
    long long int deadline;     /* When enough has been seen, in ms, for the
                                 * caller; 0 before it has begun. */
};

void ctl_rates_init(struct ctl_rates *);
void ctl_rates_destroy(struct ctl_rates *);
void ctl_rates_sample(struct ctl_rates *, const char *name,
                      const struct dvs_statistics *, int64_t time,
                      int64_t interval);
void ctl_rates_get(const struct ctl_rates *, const char *name,
                   double rates[DVS_N_COUNTERS]);

#endif /* ctl-rates.h */

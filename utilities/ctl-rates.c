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

/* PURE: how fast counters rise.  See ctl-rates.h. */

#include <config.h>

#include "utilities/ctl-rates.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What has been seen of one port. */
struct ctl_rate {
    struct dvs_statistics first, last;
    int64_t since, until;       /* When they were so, in ms by the host's
                                 * clock; the same as long as nothing has
                                 * changed. */
};

void
ctl_rates_init(struct ctl_rates *rates)
{
    shash_init(&rates->counters);
    rates->deadline = 0;
}

void
ctl_rates_destroy(struct ctl_rates *rates)
{
    shash_destroy_free_data(&rates->counters);
}

/* Takes note that the counters called 'name' were 'now' at 'time', in ms by
 * the clock of the host, which reports them every 'interval' ms if they have
 * changed. */
void
ctl_rates_sample(struct ctl_rates *rates, const char *name,
                 const struct dvs_statistics *now, int64_t time,
                 int64_t interval)
{
    struct ctl_rate *rate = shash_find_data(&rates->counters, name);

    if (!rate) {
        rate = xzalloc(sizeof *rate);
        rate->first = rate->last = *now;
        rate->since = rate->until = time;
        shash_add(&rates->counters, name, rate);
    } else if (!memcmp(now, &rate->last, sizeof *now)) {
        return;
    } else if (time <= rate->until) {
        /* The port has moved to a host with another clock. */
        rate->first = rate->last = *now;
        rate->since = rate->until = time;
    } else {
        if (rate->since == rate->until && time - rate->since > 2 * interval) {
            /* They have stood still before; the host has looked at them every
             * now and then and had nothing to say. */
            rate->since = time - interval;
        }
        rate->last = *now;
        rate->until = time;
    }
}

/* Stores in 'values' by how much each of the counters called 'name' has risen
 * in a second. */
void
ctl_rates_get(const struct ctl_rates *rates, const char *name,
              double values[DVS_N_COUNTERS])
{
    const struct ctl_rate *rate = shash_find_data(&rates->counters, name);

    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        values[i] = (rate && rate->until > rate->since
                     ? ((rate->last.n[i] - rate->first.n[i]) * 1000.0
                        / (rate->until - rate->since))
                     : 0);
    }
}

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

/* The counters of a port.  See dvs-statistics.h. */

#include <config.h>

#include "schema/dvs-statistics.h"

#include <string.h>

const char *const dvs_counter_names[DVS_N_COUNTERS] = {
#define DVS_COUNTER(ID, KEY) KEY,
    DVS_COUNTERS
#undef DVS_COUNTER
};

/* Adds to 's' the 'n' counters in 'keys' and 'values', a column of the
 * database.  Keys that are no counter's are passed over: a newer program may
 * have written them. */
void
dvs_statistics_add_map(struct dvs_statistics *s, char **keys,
                       const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < DVS_N_COUNTERS; c++) {
            if (!strcmp(keys[i], dvs_counter_names[c])) {
                s->n[c] += values[i];
                break;
            }
        }
    }
}

/* Stores in 'keys' and 'values' the counters of 's' that are not 0, as the
 * database has them.  Returns how many there are. */
size_t
dvs_statistics_to_map(const struct dvs_statistics *s,
                      const char *keys[DVS_N_COUNTERS],
                      int64_t values[DVS_N_COUNTERS])
{
    size_t n = 0;

    for (size_t c = 0; c < DVS_N_COUNTERS; c++) {
        if (s->n[c]) {
            keys[n] = dvs_counter_names[c];
            values[n++] = s->n[c];
        }
    }
    return n;
}

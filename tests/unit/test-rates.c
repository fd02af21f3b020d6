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

/* How fast counters rise, as "dvsctl --rates stats" finds out. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "util.h"
#include "utilities/ctl-rates.h"

#define INTERVAL 20000

/* A host says of port "p", at 'time', that it has received 'n' bytes. */
static void
say(struct ctl_rates *rates, int64_t n, int64_t time)
{
    struct dvs_statistics now;

    memset(&now, 0, sizeof now);
    now.n[DVS_RX_BYTES] = n;
    ctl_rates_sample(rates, "p", &now, time, INTERVAL);
}

static void
check(const struct ctl_rates *rates, const char *name, double expected)
{
    double values[DVS_N_COUNTERS];

    ctl_rates_get(rates, name, values);
    for (size_t i = 0; i < DVS_N_COUNTERS; i++) {
        assert_true(values[i] == (i == DVS_RX_BYTES ? expected : 0));
    }
}

static void
test_rates(void **state OVS_UNUSED)
{
    struct ctl_rates rates;

    ctl_rates_init(&rates);
    check(&rates, "p", 0);

    /* One report is none; the same again is no news. */
    say(&rates, 5000, 100000);
    say(&rates, 5000, 100000);
    check(&rates, "p", 0);
    say(&rates, 25000, 120000);
    check(&rates, "p", 1000);
    check(&rates, "q", 0);

    /* From the first to the last. */
    say(&rates, 85000, 140000);
    check(&rates, "p", 2000);

    /* Another host's clock, or counters that began anew. */
    say(&rates, 90000, 1000);
    check(&rates, "p", 0);
    say(&rates, 110000, 21000);
    check(&rates, "p", 1000);
    ctl_rates_destroy(&rates);
}

static void
test_rates_after_silence(void **state OVS_UNUSED)
{
    struct ctl_rates rates;

    /* The port was idle for an hour: what it counts now is of the last
     * interval. */
    ctl_rates_init(&rates);
    say(&rates, 5000, 100000);
    say(&rates, 25000, 3700000);
    check(&rates, "p", 1000);
    say(&rates, 45000, 3720000);
    check(&rates, "p", 1000);
    ctl_rates_destroy(&rates);

    /* A late report is one all the same. */
    ctl_rates_init(&rates);
    say(&rates, 5000, 100000);
    say(&rates, 30000, 125000);
    check(&rates, "p", 1000);
    ctl_rates_destroy(&rates);

    /* The first report ever. */
    ctl_rates_init(&rates);
    say(&rates, 0, 0);
    say(&rates, 20000, 3700000);
    check(&rates, "p", 1000);
    ctl_rates_destroy(&rates);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_rates_after_silence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

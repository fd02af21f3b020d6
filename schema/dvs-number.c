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

/* PURE: numbers in text.
 *
 * Stricter than strtoull(): no blanks, no signs, no hexadecimal. */

#include <config.h>

#include "schema/dvs-number.h"

#include <inttypes.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "util.h"

/* Parses the decimal digits at the start of 's'.  Returns how many there are,
 * 0 if there is none or if their value exceeds UINT64_MAX. */
static size_t
parse_digits(const char *s, uint64_t *valuep)
{
    uint64_t value = 0;
    size_t n = 0;

    for (; s[n] >= '0' && s[n] <= '9'; n++) {
        unsigned int digit = s[n] - '0';

        if (value > (UINT64_MAX - digit) / 10) {
            return 0;
        }
        value = value * 10 + digit;
    }
    *valuep = value;
    return n;
}

/* Parses 's' as a decimal number in 'min'...'max'.  Returns NULL if
 * successful, otherwise an error message, in which the number is called
 * 'what' and which the caller must free. */
char *
dvs_parse_number(const char *what, const char *s, uint64_t min, uint64_t max,
                 uint64_t *valuep)
{
    if (!s[0] || s[strspn(s, "0123456789")]) {
        return xasprintf("%s \"%s\" is not a number in %"PRIu64"..%"PRIu64,
                         what, s, min, max);
    }
    if (!parse_digits(s, valuep) || *valuep < min || *valuep > max) {
        return xasprintf("%s %s is not in %"PRIu64"..%"PRIu64,
                         what, s, min, max);
    }
    return NULL;
}

static const struct suffix {
    char letters[3];            /* Accepted; the first one is canonical. */
    int power;                  /* Of 1000 or 1024. */
} suffixes[] = {
    { "G", 3 },
    { "M", 2 },
    { "kK", 1 },
};

static uint64_t
suffix_factor(const struct suffix *suffix, unsigned int base)
{
    uint64_t factor = 1;

    for (int i = 0; i < suffix->power; i++) {
        factor *= base;
    }
    return factor;
}

/* Parses 's', a decimal number of at least 1 and an optional suffix (k, M or
 * G) that multiplies it by a power of 'base', which is 1000 for bits and 1024
 * for bytes.  Returns NULL if successful, otherwise an error message, in which
 * the quantity is called 'what' and which the caller must free. */
char *
dvs_parse_quantity(const char *what, const char *s, unsigned int base,
                   uint64_t *valuep)
{
    uint64_t value;
    uint64_t factor = 1;
    size_t n = strspn(s, "0123456789");
    const char *suffix = s + n;

    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        if (suffix[0] && strchr(suffixes[i].letters, suffix[0])) {
            factor = suffix_factor(&suffixes[i], base);
            suffix++;
            break;
        }
    }
    if (!n || *suffix) {
        return xasprintf("%s \"%s\" is not a number with an optional k, M "
                         "or G", what, s);
    }
    if (!parse_digits(s, &value) || value > DVS_RATE_MAX / factor) {
        return xasprintf("%s %s is too large", what, s);
    }
    value *= factor;
    if (value < DVS_SHAPING_MIN) {
        return xasprintf("%s must be more than 0", what);
    }
    *valuep = value;
    return NULL;
}

/* Appends 'value' to 'ds' with the largest suffix that loses nothing. */
void
dvs_format_quantity(uint64_t value, unsigned int base, struct ds *ds)
{
    for (size_t i = 0; value && i < ARRAY_SIZE(suffixes); i++) {
        uint64_t factor = suffix_factor(&suffixes[i], base);

        if (value % factor == 0) {
            ds_put_format(ds, "%"PRIu64"%c", value / factor,
                          suffixes[i].letters[0]);
            return;
        }
    }
    ds_put_format(ds, "%"PRIu64, value);
}

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

/* Fuzz target: the text form of a setting.
 *
 * The input is lines of KEY=VALUE, as "dvsctl set-policy" takes them.  However
 * wrong they are, each is either refused and changes nothing, or taken; and
 * what was taken goes through the text form and comes back as it was. */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "util.h"

/* Sets 'key' to 'value' in 's'. */
static void
set_one(struct dvs_setting *s, const char *key, const char *value)
{
    struct dvs_setting before;
    dvs_setting_clone(&before, s);

    uint64_t mask;
    char *key_error = dvs_setting_key_mask(key, &mask);
    char *error = dvs_setting_set(s, key, value);
    if (error) {
        ovs_assert(dvs_setting_equal(s, &before));
    } else {
        ovs_assert(!key_error);
        ovs_assert((s->present & mask) == mask);
    }

    free(error);
    free(key_error);
    dvs_setting_destroy(&before);
}

/* Aborts unless 's' survives its text form. */
static void
check_round_trip(const struct dvs_setting *s)
{
    struct smap text = SMAP_INITIALIZER(&text);
    dvs_setting_to_smap(s, &text);

    struct dvs_setting copy;
    char *error = dvs_setting_from_smap(&copy, &text);
    ovs_assert(!error);
    ovs_assert(dvs_setting_equal(s, &copy));

    struct smap text2 = SMAP_INITIALIZER(&text2);
    dvs_setting_to_smap(&copy, &text2);
    ovs_assert(smap_equal(&text, &text2));

    smap_destroy(&text2);
    dvs_setting_destroy(&copy);
    smap_destroy(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvs_setting by_key;
    dvs_setting_init(&by_key);
    struct smap whole = SMAP_INITIALIZER(&whole);

    char *text = xmemdup0((const char *) data, size);
    char *save_ptr = NULL;
    for (char *line = strtok_r(text, "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        char *value = strchr(line, '=');
        if (value) {
            *value++ = '\0';
            set_one(&by_key, line, value);
            smap_replace(&whole, line, value);
        }
    }
    free(text);
    check_round_trip(&by_key);

    /* All at once, as the agent takes what it reads from its cache. */
    struct dvs_setting at_once;
    char *error = dvs_setting_from_smap(&at_once, &whole);
    if (error) {
        ovs_assert(!at_once.present);
        free(error);
    }
    check_round_trip(&at_once);

    dvs_setting_destroy(&at_once);
    smap_destroy(&whole);
    dvs_setting_destroy(&by_key);
    return 0;
}

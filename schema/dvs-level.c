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

/* PURE: the feature levels of a switch; see dvs-level.h. */

#include <config.h>

#include "schema/dvs-level.h"

#include <string.h>

#include "util.h"

const char *const dvs_levels[] = { "1.0.0", [DVS_LEVEL_2] = "2.0.0" };
const size_t dvs_n_levels = ARRAY_SIZE(dvs_levels);

/* Returns the index of the level called 'version', the newest one if that is
 * NULL, or -1 if there is none. */
int
dvs_level_from_string(const char *version)
{
    if (!version) {
        return DVS_LEVEL_NEWEST;
    }
    for (size_t i = 0; i < dvs_n_levels; i++) {
        if (!strcmp(dvs_levels[i], version)) {
            return i;
        }
    }
    return -1;
}

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

/* Fuzz target: the host cache.
 *
 * The input is read as it is, then as the rows of a file with a good head and
 * checksum.  What can be read says the same again when it is written. */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "ovs-bridge/host-cache.h"
#include "ovs-bridge/proxy-rows.h"
#include "sset.h"
#include "util.h"

/* Reads 'text' as a file of host "h1" into 'rows', which is initialized. */
static bool
read_text(const char *text, size_t size, struct proxy_rows *rows)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct host_cache_info info = { .turned_down = &names };
    char *error;

    proxy_rows_init(rows);
    error = host_cache_parse(text, size, "h1", &info, rows);
    free(error);
    sset_destroy(&names);
    return !error;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct host_cache_info info = { .turned_down = &names };
    char *text, *line, *save_ptr = NULL;
    struct proxy_rows rows, again;
    bool ok = true;

    text = xmemdup(data, size); /* So that a reader beyond its end is seen. */
    read_text(text, size, &rows);
    proxy_rows_destroy(&rows);
    free(text);

    proxy_rows_init(&rows);
    text = xmemdup0((const char *) data, size);
    for (line = strtok_r(text, "\n", &save_ptr); line && ok;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        char *error = host_cache_parse_row(line, &rows);

        ok = !error;
        free(error);
    }
    free(text);
    text = host_cache_format("h1", &info, &rows);
    ovs_assert(read_text(text, strlen(text), &again));
    ovs_assert(hmap_count(&rows.by_id) == hmap_count(&again.by_id));
    ovs_assert(rows.n_refused == again.n_refused);
    ovs_assert(ovs_list_size(&rows.open) == ovs_list_size(&again.open));
    free(text);

    /* Whatever it is, it can be confirmed or taken back. */
    proxy_rows_roll_back(&rows);
    proxy_rows_retry(&rows);
    proxy_rows_confirm(&again, again.change);
    ovs_assert(ovs_list_is_empty(&rows.open));
    ovs_assert(ovs_list_is_empty(&again.open));
    proxy_rows_destroy(&again);
    proxy_rows_destroy(&rows);
    return 0;
}

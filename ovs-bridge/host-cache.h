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

#ifndef HOST_CACHE_H
#define HOST_CACHE_H 1

/* The host cache: what the host works with and what was confirmed last, in a
 * file, so that a host that starts without the DVS database has all it needs.
 *
 * The text: a line that says what it is, a line for each row, and a line with
 * the checksum of all before it; each is a JSON object.
 *
 * There are two generations of the file.  A new one is written beside them,
 * brought to disk, and only then takes the place of the newer one, which takes
 * that of the older; so there is a whole one at each moment.  What is damaged
 * is passed over. */

#include <stdbool.h>
#include <stddef.h>

struct host_cache_writer;
struct proxy_rows;
struct sset;

/* What the text says besides the rows.  Times are in ms since the epoch, 0 if
 * they say nothing. */
struct host_cache_info {
    long long int heard;        /* A change is not confirmed yet, and the
                                 * database was heard of last at this time. */
    long long int rolled_back;  /* When the last rollback was. */
    struct sset *turned_down;   /* See host-made.c.  Not owned. */
};

char *host_cache_format(const char *host, const struct host_cache_info *,
                        const struct proxy_rows *);
char *host_cache_parse(const char *text, size_t, const char *host,
                       struct host_cache_info *, struct proxy_rows *);
char *host_cache_parse_row(const char *line, struct proxy_rows *);

/* host-cache-file.c */
char *host_cache_file_name(const char *dir, const char *host);
bool host_cache_read(const char *file, const char *host,
                     struct host_cache_info *, struct proxy_rows *);
void host_cache_remove(const char *file);

struct host_cache_writer *host_cache_writer_create(const char *file);
void host_cache_writer_destroy(struct host_cache_writer *);
bool host_cache_writer_is_busy(const struct host_cache_writer *);
void host_cache_write(struct host_cache_writer *, char *text);

#endif /* host-cache.h */

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

/* The text of the host cache.  See host-cache.h. */

#include <config.h>
#include "ovs-bridge/host-cache.h"
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovs-bridge/proxy-rows.h"
#include "sha1.h"
#include "sset.h"
#include "util.h"

/* Member of the first line, with the version of the format. */
#define MAGIC "dvs-host-cache"
#define FORMAT 1

/* The last line, around the checksum. */
#define TRAILER_HEAD "{\"sha1\":\""
#define TRAILER_TAIL "\"}\n"
#define TRAILER_LEN (sizeof TRAILER_HEAD - 1 + SHA1_HEX_DIGEST_LEN \
                     + sizeof TRAILER_TAIL - 1)

static void
put_line(struct ds *s, struct json *json)
{
    json_to_ds(json, JSSF_SORT, s);
    ds_put_char(s, '\n');
    json_destroy(json);
}

static void
format_trailer(const char *text, size_t len, char trailer[TRAILER_LEN + 1])
{
    uint8_t digest[SHA1_DIGEST_SIZE];
    char hex[SHA1_HEX_DIGEST_LEN + 1];

    sha1_bytes(text, len, digest);
    sha1_to_hex(digest, hex);
    snprintf(trailer, TRAILER_LEN + 1, TRAILER_HEAD "%s" TRAILER_TAIL, hex);
}

/* Returns the text that says 'info' and 'rows' of host 'host'. */
char *
host_cache_format(const char *host, const struct host_cache_info *info,
                  const struct proxy_rows *rows)
{
    struct json *head = json_object_create();
    struct json *names;
    const char *name;
    char trailer[TRAILER_LEN + 1];
    struct ds s = DS_EMPTY_INITIALIZER;
    const struct proxy_row *row;

    json_object_put(head, MAGIC, json_integer_create(FORMAT));
    json_object_put_string(head, "host", host);
    json_object_put(head, "heard", json_integer_create(info->heard));
    json_object_put(head, "rolled_back",
                    json_integer_create(info->rolled_back));
    names = json_array_create_empty();
    SSET_FOR_EACH (name, info->turned_down) {
        json_array_add(names, json_string_create(name));
    }
    json_object_put(head, "turned_down", names);
    put_line(&s, head);
    HMAP_FOR_EACH (row, node, &rows->by_id) {
        put_line(&s, proxy_row_to_json(row));
    }
    format_trailer(s.string, s.length, trailer);
    ds_put_cstr(&s, trailer);
    return ds_steal_cstr(&s);
}

/* Returns member 'name' of 'json' if it is an integer, else 0. */
static long long int
get_integer(const struct json *json, const char *name)
{
    const struct json *value = shash_find_data(json_object(json), name);

    return value && value->type == JSON_INTEGER ? json_integer(value) : 0;
}

/* Adds to 'set' the strings in array 'json', which may be NULL. */
static void
get_names(const struct json *json, struct sset *set)
{
    for (size_t i = 0; json && json->type == JSON_ARRAY
                       && i < json->array.n; i++) {
        if (json->array.elems[i]->type == JSON_STRING) {
            sset_add(set, json_string(json->array.elems[i]));
        }
    }
}

/* Stores in 'info' what the first line says.  Returns NULL if successful, else
 * why not, which the caller must free. */
static char *
parse_head(const char *line, const char *host, struct host_cache_info *info)
{
    struct json *json = json_from_string(line);
    const struct json *name;
    char *error = NULL;

    if (json->type != JSON_OBJECT || get_integer(json, MAGIC) != FORMAT) {
        error = xstrdup("it is in another format");
    } else {
        name = shash_find_data(json_object(json), "host");
        if (!name || name->type != JSON_STRING
            || strcmp(json_string(name), host)) {
            error = xstrdup("it is another host's");
        }
        info->heard = get_integer(json, "heard");
        info->rolled_back = get_integer(json, "rolled_back");
        get_names(shash_find_data(json_object(json), "turned_down"),
                  info->turned_down);
    }
    json_destroy(json);
    return error;
}

/* Adds to 'rows' the row in 'line'.  Returns NULL if successful, else why not,
 * which the caller must free. */
char *
host_cache_parse_row(const char *line, struct proxy_rows *rows)
{
    struct json *json = json_from_string(line);
    char *error = (json->type == JSON_STRING ? xstrdup(json_string(json))
                   : json->type != JSON_OBJECT ? xstrdup("no object")
                   : proxy_rows_add_json(rows, json));

    json_destroy(json);
    return error;
}

/* Reads the 'len' bytes of 'text', which need not end with a null byte, into
 * 'info' and 'rows', which is empty.  Returns NULL if successful, else why
 * not, which the caller must free; then 'rows' has what came before. */
char *
host_cache_parse(const char *text, size_t len, const char *host,
                 struct host_cache_info *info, struct proxy_rows *rows)
{
    char trailer[TRAILER_LEN + 1];
    char *error, *copy, *line, *save_ptr;

    info->heard = info->rolled_back = 0;
    sset_clear(info->turned_down);
    if (len <= TRAILER_LEN || memchr(text, '\0', len)) {
        return xstrdup("it is cut short");
    }
    len -= TRAILER_LEN;
    format_trailer(text, len, trailer);
    if (memcmp(text + len, trailer, TRAILER_LEN)) {
        return xstrdup("its checksum is wrong");
    }

    save_ptr = NULL;
    copy = xmemdup0(text, len);
    line = strtok_r(copy, "\n", &save_ptr);
    error = parse_head(line ? line : "", host, info);
    while (!error && (line = strtok_r(NULL, "\n", &save_ptr))) {
        error = host_cache_parse_row(line, rows);
    }
    free(copy);
    return error;
}

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

/* The host cache: its text, its files, and what becomes of damaged ones. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ovs-bridge/host-cache.h"
#include "ovs-bridge/proxy-rows.h"
#include "schema/dvs-idl.h"
#include "sset.h"
#include "util.h"

#define ID "\"_uuid\":\"00000009-0000-0000-0000-000000000000\""
#define SWITCH "00000001-0000-0000-0000-000000000000"
#define GROUP "00000002-0000-0000-0000-000000000000"
#define PORT "{\"kind\":\"port\",\"switch\":\"" SWITCH "\",\"key\":\"5\","
#define RUNNING "{" ID ",\"key\":\"5\",\"nic\":\"vm1\",\"kind\":\"vm\"," \
    "\"switch\":[\"uuid\",\"" SWITCH "\"],\"version\":%d," \
    "\"setting\":[\"map\",[[\"vlan\",\"%d\"]]]}"

static const char *const good_rows[] = {
    "{\"kind\":\"global\",\"running\":{" ID ",\"options\":[\"map\","
    "[[\"rollback_timeout\",\"7\"]]]}}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\",\"running\":{" ID ","
    "\"switch\":[\"uuid\",\"" SWITCH "\"],\"uplinks\":[\"map\","
    "[[0,\"uplink1\"],[1,\"up\\nlink\"]]]}}",
    "{\"kind\":\"host\",\"switch\":\"" SWITCH "\",\"refused\":null,"
    "\"again\":true,\"running\":{" ID ",\"switch\":[\"uuid\",\"" SWITCH
    "\"]}}",
    "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\",\"portgroup\":\"" GROUP
    "\",\"refused\":17}",
    PORT "\"running\":{" ID ",\"key\":\"5\",\"nic\":\"vm1\",\"unknown\":1,"
    "\"switch\":[\"uuid\",\"" SWITCH "\"],\"version\":2},\"confirmed\":null}",
};

static const char *const bad_rows[] = {
    "",
    "[]",
    "{}",
    "{\"kind\":\"port\"}",
    "{\"kind\":\"nonsense\",\"running\":{" ID "}}",
    "{\"kind\":\"switch\",\"switch\":\"nonsense\"}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\",\"running\":{" ID "}}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\",\"running\":{}}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\",\"more\":1}",
    PORT "\"running\":{" ID ",\"key\":\"6\"}}",
    PORT "\"running\":{" ID ",\"version\":\"x\"}}",
    PORT "\"refused\":1,\"confirmed\":null}",
    PORT "\"running\":{" ID,
};

static void
test_rows(void **state OVS_UNUSED)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct host_cache_info info = { 123456789012, 98765, &names };
    struct host_cache_info again = { 0, 0, &names };
    struct proxy_rows rows, copy;

    proxy_rows_init(&rows);
    proxy_rows_init(&copy);
    for (size_t i = 0; i < ARRAY_SIZE(good_rows); i++) {
        assert_null(host_cache_parse_row(good_rows[i], &rows));
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad_rows); i++) {
        char *error = host_cache_parse_row(bad_rows[i], &rows);

        assert_non_null(error);
        free(error);
    }
    char *twice = host_cache_parse_row(good_rows[0], &rows);
    assert_non_null(twice);
    free(twice);
    assert_int_equal(rows.n_refused, 2);
    assert_int_equal(ovs_list_size(&rows.open), 1);
    assert_string_equal(proxy_rows_find_nic(&rows, "vm1")->id.key, "5");

    /* The text form says all of it. */
    sset_add(&names, "vm9");
    char *text = host_cache_format("h1", &info, &rows);
    assert_null(host_cache_parse(text, strlen(text), "h1", &again, &copy));
    assert_int_equal(again.heard, info.heard);
    assert_int_equal(again.rolled_back, info.rolled_back);
    assert_true(sset_contains(&names, "vm9"));
    assert_int_equal(copy.n_refused, 2);
    assert_int_equal(ovs_list_size(&copy.open), 1);
    char *text2 = host_cache_format("h1", &again, &copy);
    assert_int_equal(strlen(text), strlen(text2));
    free(text2);
    proxy_rows_destroy(&copy);

    /* Every byte that is cut off, and every one that is changed, shows. */
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        char *error;

        proxy_rows_init(&copy);
        error = host_cache_parse(text, i, "h1", &again, &copy);
        assert_non_null(error);
        free(error);
        text[i] ^= 1;
        error = host_cache_parse(text, len, "h1", &again, &copy);
        assert_non_null(error);
        free(error);
        text[i] ^= 1;
        proxy_rows_destroy(&copy);
    }
    proxy_rows_init(&copy);
    char *error = host_cache_parse(text, len, "h2", &again, &copy);
    assert_string_equal(error, "it is another host's");
    free(error);
    proxy_rows_destroy(&copy);
    free(text);
    proxy_rows_destroy(&rows);
    sset_destroy(&names);
}

/* Writes a file that has port 5 in VLAN 'vlan'. */
static void
write_vlan(const char *file, int vlan)
{
    struct host_cache_writer *writer = host_cache_writer_create(file);
    struct sset names = SSET_INITIALIZER(&names);
    struct host_cache_info info = { .turned_down = &names };
    struct proxy_rows rows;
    char *line = xasprintf(PORT "\"running\":" RUNNING "}", vlan, vlan);

    proxy_rows_init(&rows);
    assert_null(host_cache_parse_row(line, &rows));
    host_cache_write(writer, host_cache_format("h1", &info, &rows));
    host_cache_writer_destroy(writer);
    proxy_rows_destroy(&rows);
    free(line);
}

/* Returns the VLAN of port 5 in 'file', 0 if it cannot be used. */
static int
read_vlan(const char *file)
{
    const struct proxy_row_id id = {
        .kind = PR_PORT, .switch_.parts = { 1 }, .key = "5" };
    struct sset names = SSET_INITIALIZER(&names);
    struct host_cache_info info = { .turned_down = &names };
    struct proxy_rows rows;
    int vlan = 0;

    proxy_rows_init(&rows);
    if (host_cache_read(file, "h1", &info, &rows)) {
        const struct proxy_row *row = proxy_rows_find(&rows, &id);

        vlan = smap_get_int(&ROW_COPY_CAST(row->running,
                                           dvsrec_proxy_port)->setting,
                            "vlan", 0);
    } else {
        assert_true(proxy_rows_is_empty(&rows));
    }
    proxy_rows_destroy(&rows);
    return vlan;
}

static void
damage(const char *file)
{
    FILE *stream = fopen(file, "r+");

    assert_non_null(stream);
    assert_int_equal(fseek(stream, 20, SEEK_SET), 0);
    assert_int_equal(fputc('!', stream), '!');
    assert_int_equal(fclose(stream), 0);
}

static void
test_files(void **state OVS_UNUSED)
{
    char dir[] = "test-host-cache.XXXXXX";

    assert_non_null(mkdtemp(dir));
    char *file = host_cache_file_name(dir, "a/b h1");
    char *older = xasprintf("%s.old", file);
    assert_string_equal(file + strlen(dir), "/dvs-agent-a%2fb%20h1.cache");

    assert_int_equal(read_vlan(file), 0);
    write_vlan(file, 10);
    assert_int_equal(read_vlan(file), 10);
    write_vlan(file, 20);
    assert_int_equal(read_vlan(file), 20);

    /* Damaged, cut short, gone: the older generation, and then nothing. */
    damage(file);
    assert_int_equal(read_vlan(file), 10);
    assert_int_equal(truncate(file, 0), 0);
    assert_int_equal(read_vlan(file), 10);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(read_vlan(file), 10);
    write_vlan(file, 30);
    assert_int_equal(read_vlan(file), 30);
    damage(file);
    damage(older);
    assert_int_equal(read_vlan(file), 0);

    host_cache_remove(file);
    assert_int_equal(rmdir(dir), 0);
    write_vlan(file, 40);       /* Nowhere to write; only a warning. */
    assert_int_equal(read_vlan(file), 0);
    free(older);
    free(file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

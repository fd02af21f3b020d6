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

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
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
#define OF_GROUP "{" ID ",\"switch\":[\"uuid\",\"" SWITCH "\"]," \
    "\"portgroup\":[\"uuid\",\"" GROUP "\"]}"
#define OF_PORT "{" ID ",\"switch\":[\"uuid\",\"" SWITCH "\"]," \
    "\"key\":\"5\"}"

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
    PORT "\"refused\":1,\"retried\":2}",
    PORT "\"retried\":\"x\"}",

    /* What a row is about is missing, too much, or broken. */
    "{\"kind\":\"global\",\"switch\":\"" SWITCH "\"}",
    "{\"kind\":\"host\"}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\",\"key\":\"5\"}",
    "{\"kind\":\"port\",\"switch\":\"" SWITCH "\"}",
    "{\"kind\":\"port\",\"key\":\"8\",\"switch\":\"nonsense\"}",
    "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\"}",
    "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\","
    "\"portgroup\":\"nonsense\"}",
    "{\"kind\":\"switch\",\"switch\":\"" SWITCH "\","
    "\"portgroup\":\"" GROUP "\"}",

    /* What it says is about something else. */
    "{\"kind\":\"host\",\"switch\":\"" GROUP "\",\"running\":{" ID ","
    "\"switch\":[\"uuid\",\"" SWITCH "\"]}}",
    "{\"kind\":\"portgroup\",\"switch\":\"" GROUP "\",\"portgroup\":\""
    GROUP "\",\"running\":" OF_GROUP "}",
    "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\",\"portgroup\":\""
    SWITCH "\",\"running\":" OF_GROUP "}",
    "{\"kind\":\"port\",\"switch\":\"" GROUP "\",\"key\":\"5\","
    "\"running\":" OF_PORT "}",
    "{\"kind\":\"port\",\"switch\":\"" SWITCH "\",\"key\":\"8\","
    "\"running\":" OF_PORT "}",
    "{\"kind\":\"port\",\"switch\":\"" SWITCH "\",\"key\":\"8\","
    "\"confirmed\":" OF_PORT "}",
    "{\"kind\":\"port\",\"switch\":\"" SWITCH "\",\"key\":\"8\","
    "\"confirmed\":{" ID ",\"version\":\"x\"}}",
    "{\"kind\":\"port\",\"switch\":\"" GROUP "\",\"key\":\"5\","
    "\"running\":{" ID ",\"version\":\"x\"},\"confirmed\":" OF_PORT "}",
};

/* Rows, and what becomes of them. */
static const struct {
    const char *text;
    const char *name;           /* In Proxy_State.rolled_back. */
    bool running, confirmed;    /* There is one. */
    bool refused, refuses_absence, retried;
    int64_t refused_version;
} states[] = {
    { "{\"kind\":\"host\",\"switch\":\"" SWITCH "\",\"refused\":null,"
      "\"again\":true,\"running\":{" ID ",\"switch\":[\"uuid\",\"" SWITCH
      "\"]}}", "host", true, true, true, true, true, 0 },
    { "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\",\"portgroup\":\""
      GROUP "\",\"refused\":17}", "portgroup:" GROUP,
      false, false, true, false, false, 17 },
    { "{\"kind\":\"portgroup\",\"switch\":\"" SWITCH "\",\"portgroup\":\""
      GROUP "\",\"running\":" OF_GROUP "}", "portgroup:" GROUP,
      true, true, false, false, false, 0 },
    { PORT "\"running\":" OF_PORT ",\"confirmed\":null}", "port:5",
      true, false, false, false, false, 0 },
    { PORT "\"confirmed\":" OF_PORT "}", "port:5",
      false, true, false, false, false, 0 },
    { PORT "\"retried\":3}", "port:5", false, false, false, false, true, 3 },
    { PORT "\"retried\":null}", "port:5",
      false, false, false, true, true, 0 },
    { PORT "\"refused\":3}", "port:5", false, false, true, false, false, 3 },
};

/* Each state of a row is the same after it went through the text form. */
static void
test_states(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        char *text = xstrdup(states[i].text);

        for (int pass = 0; pass < 2; pass++) {
            struct ds name = DS_EMPTY_INITIALIZER;
            struct proxy_rows rows;

            proxy_rows_init(&rows);
            assert_null(host_cache_parse_row(text, &rows));
            free(text);
            assert_int_equal(hmap_count(&rows.by_id), 1);
            const struct proxy_row *row
                = CONTAINER_OF(hmap_first(&rows.by_id), struct proxy_row,
                               node);
            assert_int_equal(row->running != NULL, states[i].running);
            assert_int_equal(row->confirmed != NULL, states[i].confirmed);
            assert_int_equal(row->refused, states[i].refused);
            assert_int_equal(row->refuses_absence, states[i].refuses_absence);
            assert_int_equal(row->retried, states[i].retried);
            assert_int_equal(row->refused_version, states[i].refused_version);
            assert_int_equal(ovs_list_size(&rows.open),
                             states[i].running != states[i].confirmed);
            proxy_row_format_refusal(row, &name);
            assert_string_equal(ds_cstr(&name), states[i].name);
            ds_destroy(&name);

            struct json *json = proxy_row_to_json(row);
            text = json_to_string(json, JSSF_SORT);
            json_destroy(json);
            proxy_rows_destroy(&rows);
        }
        free(text);
    }
}

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

        if (!error) {
            fail_msg("%s: taken", bad_rows[i]);
        }
        free(error);
    }
    assert_int_equal(hmap_count(&rows.by_id), ARRAY_SIZE(good_rows));
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
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

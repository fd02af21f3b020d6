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


/* Tests for schema/dvs-document*.c. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "random.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-limits.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* A document that has something everywhere: the format may not change without
 * a new version.  (The text and its checksum were made by another
 * program.) */
static const char example_text[] =
"{\n"
" \"checksum\": \"sha1:216f0f60d4e6d91ac5dfc3fc61f51d68ace7435b\",\n"
" \"format\": \"dvs-configuration\",\n"
" \"info\": {\n"
"  \"comment\": \"before the move\"\n"
" },\n"
" \"switches\": [\n"
"  {\n"
"   \"contact\": {\n"
"    \"name\": \"Ada\"\n"
"   },\n"
"   \"default_setting\": {\n"
"    \"vlan_mode\": \"trunk\",\n"
"    \"vlan_trunk\": {\n"
"     \"1\": 9,\n"
"     \"20\": 20\n"
"    }\n"
"   },\n"
"   \"ipfix\": {\n"
"    \"collector_ip\": \"10.0.0.1\"\n"
"   },\n"
"   \"members\": [\n"
"    {\n"
"     \"host\": \"host1\",\n"
"     \"ring\": 2,\n"
"     \"uplinks\": {\n"
"      \"uplink1\": \"eth1\"\n"
"     }\n"
"    },\n"
"    {\n"
"     \"host\": \"host2\"\n"
"    }\n"
"   ],\n"
"   \"mtu\": 9000,\n"
"   \"name\": \"Z\xc3\xbc""rich \\\"1\\\"\",\n"
"   \"next_port_key\": 101,\n"
"   \"nics\": [\n"
"    {\n"
"     \"connection\": \"22222222-4455-6677-8899-aabbccddeeff\",\n"
"     \"id\": \"vm1-eth0\"\n"
"    }\n"
"   ],\n"
"   \"portgroups\": [\n"
"    {\n"
"     \"name\": \"db\",\n"
"     \"override_allowed\": [\n"
"      \"none\"\n"
"     ],\n"
"     \"reset_at_disconnect\": false,\n"
"     \"type\": \"ephemeral\"\n"
"    },\n"
"    {\n"
"     \"auto_expand\": true,\n"
"     \"name\": \"web\",\n"
"     \"num_ports\": 3,\n"
"     \"ports\": [\n"
"      {\n"
"       \"key\": \"9\",\n"
"       \"setting\": {\n"
"        \"blocked\": true\n"
"       }\n"
"      },\n"
"      {\n"
"       \"key\": \"10\"\n"
"      },\n"
"      {\n"
"       \"key\": \"100\",\n"
"       \"name\": \"x\"\n"
"      }\n"
"     ],\n"
"     \"setting\": {\n"
"      \"active_uplinks\": {\n"
"       \"0\": \"uplink2\"\n"
"      },\n"
"      \"rules\": [\n"
"       {\n"
"        \"action\": \"drop\",\n"
"        \"sequence\": 0\n"
"       },\n"
"       {\n"
"        \"action\": \"accept\",\n"
"        \"description\": \"a\\u0001b\",\n"
"        \"sequence\": 10\n"
"       }\n"
"      ]\n"
"     },\n"
"     \"type\": \"early_binding\",\n"
"     \"uuid\": \"11111111-4455-6677-8899-aabbccddeeff\"\n"
"    }\n"
"   ],\n"
"   \"ports\": [\n"
"    {\n"
"     \"key\": \"7\"\n"
"    }\n"
"   ],\n"
"   \"private_vlans\": [\n"
"    {\n"
"     \"primary\": 5,\n"
"     \"secondary\": 5,\n"
"     \"type\": \"promiscuous\"\n"
"    },\n"
"    {\n"
"     \"primary\": 5,\n"
"     \"secondary\": 101,\n"
"     \"type\": \"isolated\"\n"
"    }\n"
"   ],\n"
"   \"uplinks\": {\n"
"    \"0\": \"uplink2\",\n"
"    \"1\": \"uplink1\"\n"
"   },\n"
"   \"uuid\": \"00112233-4455-6677-8899-aabbccddeeff\"\n"
"  }\n"
" ],\n"
" \"version\": 1\n"
"}";
static void
to_text(struct dvs_document *doc, char **textp)
{
    assert_null(dvs_document_to_text(doc, textp));
}

static void
from_text(struct dvs_document *doc, const char *text)
{
    char *error = dvs_document_from_text(doc, text, strlen(text));
    if (error) {
        fail_msg("%s", error);
    }
}

/* Returns the text of a switch with 'members' in an otherwise empty
 * document. */
static char *
switch_text(const char *members)
{
    return xasprintf("{\"format\": \"dvs-configuration\", \"version\": 1, "
                     "\"switches\": [{%s}]}", members);
}

static const struct dvs_doc_object *
find_child(const struct dvs_doc_object *parent, const char *key,
           const char *name)
{
    for (size_t i = 0; i < parent->n_children; i++) {
        const struct dvs_doc_object *child = parent->children[i];
        char *child_name = dvs_doc_object_name(child);
        bool found = (!strcmp(child->link->key, key)
                      && !strcmp(child_name, name));
        free(child_name);
        if (found) {
            return child;
        }
    }
    fail_msg("no %s %s", key, name);
    return NULL;
}

static void
test_example(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    char *text;

    from_text(&doc, example_text);
    to_text(&doc, &text);
    assert_string_equal(text, example_text);
    free(text);

    /* Spot checks: reading and writing could agree on an omission. */
    assert_int_equal(doc.n_switches, 1);
    const struct dvs_doc_object *sw = doc.switches[0];
    struct uuid uuid;
    assert_true(uuid_from_string(&uuid,
                                 "00112233-4455-6677-8899-aabbccddeeff"));
    assert_true(uuid_equals(&sw->uuid, &uuid));
    assert_string_equal(dvs_doc_object_value(sw, "mtu"), "9000");
    assert_null(dvs_doc_object_value(sw, "switch_ip"));
    const struct dvs_doc_object *web = find_child(sw, "portgroups", "web");
    const struct dvs_doc_object *port = find_child(web, "ports", "9");
    assert_string_equal(
        dvs_doc_object_value(find_child(port, "setting", ""), "blocked"),
        "true");
    find_child(find_child(web, "setting", ""), "rules", "10");
    find_child(sw, "ports", "7");
    find_child(sw, "nics", "vm1-eth0");
    assert_string_equal(
        dvs_doc_object_value(find_child(sw, "members", "host1"), "uplinks"),
        "{\"uplink1\":\"eth1\"}");
    dvs_document_destroy(&doc);
}

/* The order of objects does not matter, white space does not, and nobody
 * minds that there is no checksum. */
static void
test_canonical(void **state OVS_UNUSED)
{
    struct dvs_document doc, doc2;
    char *text, *text2;

    from_text(&doc, example_text);
    for (int i = 0; i < 20; i++) {
        struct dvs_doc_object *sw = doc.switches[0];
        size_t a = random_range(sw->n_children);
        size_t b = random_range(sw->n_children);
        struct dvs_doc_object *tmp = sw->children[a];

        sw->children[a] = sw->children[b];
        sw->children[b] = tmp;
    }
    to_text(&doc, &text);
    assert_string_equal(text, example_text);
    dvs_document_destroy(&doc);

    struct ds squeezed = DS_EMPTY_INITIALIZER;
    for (const char *p = text; *p; p++) {
        if (*p == '\n') {
            p += strspn(p, "\n ") - 1;
            ds_put_cstr(&squeezed, random_range(2) ? "\t\n" : "");
        } else {
            ds_put_char(&squeezed, *p);
        }
    }
    from_text(&doc, ds_cstr(&squeezed));
    ds_destroy(&squeezed);
    to_text(&doc, &text2);
    assert_string_equal(text, text2);
    free(text2);
    dvs_document_destroy(&doc);

    char *start = strstr(text, " \"checksum\"");
    char *end = strchr(start, '\n') + 1;
    memmove(start, end, strlen(end) + 1);
    from_text(&doc, text);
    strstr(text, "9000")[0] = '8';
    from_text(&doc2, text);
    assert_string_equal(dvs_doc_object_value(doc2.switches[0], "mtu"),
                        "8000");
    dvs_document_destroy(&doc);
    dvs_document_destroy(&doc2);
    free(text);
}

/* Every damage is noticed: each byte changed in turn, each prefix.  What
 * passes must mean the same (a blank may become a tab). */
static void
test_damage(void **state OVS_UNUSED)
{
    size_t n = strlen(example_text);
    char *copy = xmemdup(example_text, n + 1);
    struct dvs_document doc;

    for (size_t i = 0; i < n; i++) {
        static const char flips[] = { 0x01, 0x04, 0x20 };
        for (size_t j = 0; j < ARRAY_SIZE(flips); j++) {
            copy[i] = example_text[i] ^ flips[j];
            char *error = dvs_document_from_text(&doc, copy, n);
            if (error) {
                free(error);
            } else {
                char *text2;
                to_text(&doc, &text2);
                assert_string_equal(example_text, text2);
                free(text2);
            }
            dvs_document_destroy(&doc);
        }
        copy[i] = example_text[i];
    }
    for (size_t i = 0; i < n; i++) {
        char *error = dvs_document_from_text(&doc, example_text, i);
        assert_non_null(error);
        assert_int_equal(doc.n_switches, 0);
        free(error);
        dvs_document_destroy(&doc);
    }
    free(copy);
}

static void
test_errors(void **state OVS_UNUSED)
{
    static const struct {
        const char *text;       /* A document, or members of a switch. */
        const char *error;
    } cases[] = {
        { "[]", "this is not a configuration document" },
        { "{\n \"a\": 1,\n}", "line 3, column 1: string or '}' expected near "
          "'}'" },
        { "{\"format\": \"dvs-configuration\", \"version\": 2}",
          "$.version: is not 1, the only version of documents that is "
          "understood here" },
        { "{\"format\": \"dvs-configuration\", \"version\": 1}",
          "$.switches: is not an array" },
        { "{\"format\": \"dvs-configuration\", \"version\": 1, "
          "\"switches\": [], \"x\": 1}", "$.x: is unknown" },
        { "{\"format\": \"dvs-configuration\", \"version\": 1, "
          "\"switches\": [5]}", "$.switches[0]: is not an object" },
        { "{\"format\": \"dvs-configuration\", \"version\": 1, "
          "\"switches\": [], \"info\": {\"a\": 5}}",
          "$.info.a: is not a string" },
        { "{\"format\": \"dvs-configuration\", \"version\": 1, "
          "\"switches\": [], \"checksum\": 5}",
          "$.checksum: is not a string" },
        { "\"mtu\": 1500", "$.switches[0].name: is missing" },
        { "\"name\": \"s\", \"speed\": 1", "$.switches[0].speed: is unknown" },
        { "\"name\": \"s\", \"config_version\": 1",
          "$.switches[0].config_version: is unknown" },
        { "\"name\": \"s\", \"uuid\": \"1\"",
          "$.switches[0].uuid: is not a UUID" },
        { "\"name\": \"s\", \"portgroups\": {}",
          "$.switches[0].portgroups: is not an array" },
        { "\"name\": \"s\", \"portgroups\": [{\"name\": \"a\"}, "
          "{\"name\": \"a\"}]",
          "$.switches[0].portgroups[1].name: there are two with a" },
        { "\"name\": \"s\", \"portgroups\": [{\"name\": \"a\", "
          "\"setting\": []}]",
          "$.switches[0].portgroups[0].setting: is not an object" },
        { "\"name\": \"s\", \"ports\": [{\"key\": \"1\"}], "
          "\"portgroups\": [{\"name\": \"a\", \"ports\": [{\"key\": "
          "\"1\"}]}]", "$.switches[0]: there are two ports with key 1" },
        { "\"name\": \"s\", \"members\": [{\"host\": \"h\", \"uuid\": "
          "\"00112233-4455-6677-8899-aabbccddeeff\"}]",
          "$.switches[0].members[0].uuid: is unknown" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *text = (cases[i].text[0] == '"' ? switch_text(cases[i].text)
                      : xstrdup(cases[i].text));
        struct dvs_document doc;
        char *error = dvs_document_from_text(&doc, text, strlen(text));

        assert_non_null(error);
        assert_string_equal(cases[i].error[0] != '$' ? error
                            : !strncmp(error, "line 1, column ", 15)
                              ? strchr(error, '$') : error, cases[i].error);
        free(error);
        free(text);
        dvs_document_destroy(&doc);
    }
}

/* Where it is. */
static void
test_positions(void **state OVS_UNUSED)
{
    static const char text[] =
        "\n"
        "{ \"a\" : [1, {\"x\": \"]}\\\"\"},\n"
        "   [ ] , \"\303\274\",  3],\n"
        "  \"bc\":{\"d\":{} }\n"
        "}";
    static const struct {
        const char *path;
        int line, column;
    } cases[] = {
        { "$", 2, 1 },
        { "$.a: is wrong", 2, 3 },
        { "$.a[0]", 2, 10 },
        { "$.a[1]", 2, 13 },
        { "$.a[1].x", 2, 14 },
        { "$.a[1].y: is missing", 2, 13 },
        { "$.a[2]", 3, 4 },
        { "$.a[3]", 3, 10 },
        { "$.a[4]", 3, 16 },
        { "$.a[5]", 2, 3 },
        { "$.bc.d.e", 4, 9 },
        { "$.b", 2, 1 },
        { "$.a.b", 2, 3 },
        { "$.bc[0", 4, 3 },
        { "$..", 2, 1 },
        { "$.a[", 2, 10 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int line, column;

        dvs_document_locate(text, strlen(text), cases[i].path, &line,
                            &column);
        if (line != cases[i].line || column != cases[i].column) {
            fail_msg("%s: line %d, column %d", cases[i].path, line, column);
        }
    }
}

static void
test_too_large(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    char *error = dvs_document_from_text(&doc, "", DVS_DOCUMENT_MAX + 1);

    assert_non_null(strstr(error, "the document has more than "));
    free(error);
    dvs_document_destroy(&doc);
}

/* Every column of the tables is either in documents or left out on
 * purpose. */
static void
test_columns(void **state OVS_UNUSED)
{
    for (size_t i = 0; dvs_doc_classes[i]; i++) {
        const struct dvs_doc_class *class = dvs_doc_classes[i];
        const struct ovsdb_idl_table_class *table = dvs_doc_table(class);
        struct sset named = SSET_INITIALIZER(&named);

        for (size_t j = 0; class->columns[j]; j++) {
            assert_true(sset_add(&named, class->columns[j]));
        }
        for (size_t j = 0; class->omitted[j]; j++) {
            assert_true(sset_add(&named, class->omitted[j]));
        }
        for (size_t j = 0; j < table->n_columns; j++) {
            if (!sset_find_and_delete(&named, table->columns[j].name)) {
                fail_msg("%s.%s is not named", class->table,
                         table->columns[j].name);
            }
        }
        assert_true(sset_is_empty(&named));
        sset_destroy(&named);
        for (const struct dvs_doc_link *link = class->links; link->key;
             link++) {
            if (link->relation != DVS_DOC_NICS) {
                assert_non_null(dvs_doc_column(
                    dvs_doc_table(link->relation == DVS_DOC_CHILD_REFERS
                                  ? link->child : class), link->column));
            }
        }
    }
}

/* Values of columns come back as they were, and nothing else is taken. */
static void
test_values(void **state OVS_UNUSED)
{
    static const struct {
        const struct ovsdb_idl_column *column;
        const char *json;
        const char *error;      /* NULL: it is taken. */
    } cases[] = {
        { &dvsrec_switch_col_name, "\"a\\u0001\\\"b\"", NULL },
        { &dvsrec_switch_col_name, "5", "is not a string" },
        { &dvsrec_switch_col_name, "[\"a\"]", "is not a string" },
        { &dvsrec_switch_col_mtu, "1500", NULL },
        { &dvsrec_switch_col_mtu, NULL, NULL },
        { &dvsrec_switch_col_mtu, "99999", "99999 is not in the valid range "
          "1280 to 9216 (inclusive)" },
        { &dvsrec_switch_col_mtu, "1280.5", "is not an integer" },
        { &dvsrec_switch_col_uplinks, "{\"0\":\"a\",\"1\":\"b\"}", NULL },
        { &dvsrec_switch_col_uplinks, "{\"x\":\"a\"}",
          "\"x\" is not an integer" },
        { &dvsrec_switch_col_uplinks, "{\"77\":\"a\"}", "77 is not in the "
          "valid range 0 to 31 (inclusive)" },
        { &dvsrec_switch_col_uplinks, "[]", "is not an object" },
        { &dvsrec_switch_col_contact, "{\"name\":\"x\"}", NULL },
        { &dvsrec_portgroup_col_override_allowed, "[\"block\",\"vlan\"]",
          NULL },
        { &dvsrec_portgroup_col_override_allowed, "[\"bloc\"]", "bloc is not "
          "one of the allowed values (" },
        { &dvsrec_portgroup_col_override_allowed, "[\"vlan\",\"vlan\"]",
          "duplicate" },
        { &dvsrec_portgroup_col_auto_expand, "true", NULL },
        { &dvsrec_portgroup_col_auto_expand, "1", "is not a boolean" },
        { &dvsrec_vnic_col_connection,
          "\"00112233-4455-6677-8899-aabbccddeeff\"", NULL },
        { &dvsrec_vnic_col_connection, "\"0011\"", "is not a UUID" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct ovsdb_type *type = &cases[i].column->type;
        struct ovsdb_datum datum;
        char *error = dvs_doc_json_to_datum(cases[i].json, type, &datum);

        if (error || cases[i].error) {
            if (!error || !cases[i].error
                || !strstr(error, cases[i].error)) {
                fail_msg("%s: %s", cases[i].json, error);
            }
            free(error);
        } else {
            char *json = dvs_doc_json_from_datum(&datum, type);

            if (cases[i].json) {
                assert_string_equal(json, cases[i].json);
            } else {
                assert_null(json);
            }
            free(json);
        }
        ovsdb_datum_destroy(&datum, type);
    }
}

static void
check_diff(const char *old_members, const char *new_members,
           const char *expected)
{
    char *old_text = switch_text(old_members);
    char *new_text = switch_text(new_members);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dvs_doc_changes changes;
    struct dvs_document old, new;

    from_text(&old, old_text);
    from_text(&new, new_text);
    dvs_document_diff(&old, &new, &changes);
    for (size_t i = 0; i < changes.n; i++) {
        dvs_doc_change_format(&changes.changes[i], &s);
        ds_put_char(&s, '\n');
    }
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    dvs_doc_changes_destroy(&changes);
    dvs_document_destroy(&old);
    dvs_document_destroy(&new);
    free(old_text);
    free(new_text);
}

#define UUID1 "\"uuid\": \"00112233-4455-6677-8899-aabbccddeef1\""
#define UUID2 "\"uuid\": \"00112233-4455-6677-8899-aabbccddeef2\""

static void
test_diff(void **state OVS_UNUSED)
{
    check_diff("\"name\": \"s\"", "\"name\": \"s\"", "");
    check_diff("\"name\": \"s\"", "\"name\": \"s\", \"mtu\": 9000",
               "s: mtu unset becomes 9000\n");
    check_diff("\"name\": \"s\"",
               "\"name\": \"s\", \"portgroups\": [{\"name\": \"web\"}]",
               "s/web: portgroup is added\n");
    check_diff("\"name\": \"s\", \"members\": [{\"host\": \"h1\"}]",
               "\"name\": \"s\"", "s host h1: host is removed\n");
    check_diff("\"name\": \"s\", \"portgroups\": [{\"name\": \"web\", "
               "\"setting\": {\"vlan_id\": 10}}]",
               "\"name\": \"s\", \"portgroups\": [{\"name\": \"web\", "
               "\"setting\": {\"vlan_id\": 20, \"blocked\": true}}]",
               "s/web: blocked unset becomes true\n"
               "s/web: vlan_id 10 becomes 20\n");
    check_diff("\"name\": \"s\", \"portgroups\": [{\"name\": \"web\", "
               "\"setting\": {\"vlan_id\": 10}}]",
               "\"name\": \"s\", \"portgroups\": [{\"name\": \"web\"}]",
               "s/web: vlan_id 10 becomes unset\n");

    /* A renaming is one, by identity; a name may pass to another. */
    check_diff("\"name\": \"s\", \"portgroups\": ["
               "{\"name\": \"web\", "UUID1"}, {\"name\": \"db\", "UUID2"}]",
               "\"name\": \"s\", \"portgroups\": ["
               "{\"name\": \"db\", "UUID1"}, {\"name\": \"web\", "UUID2"}]",
               "s/db: name web becomes db\n"
               "s/web: name db becomes web\n");
    check_diff("\"name\": \"s\", \"portgroups\": ["
               "{\"name\": \"web\", "UUID1"}]",
               "\"name\": \"s\", \"portgroups\": ["
               "{\"name\": \"web\", "UUID2"}]", "");

    /* Ports come and go with their number; their overrides count. */
    check_diff("\"name\": \"s\", \"portgroups\": [{\"name\": \"web\", "
               "\"num_ports\": 1, \"ports\": [{\"key\": \"1\"}]}]",
               "\"name\": \"s\", \"portgroups\": [{\"name\": \"web\", "
               "\"num_ports\": 3, \"ports\": [{\"key\": \"1\", \"setting\": "
               "{\"blocked\": true}}, {\"key\": \"2\"}, {\"key\": \"3\"}]}]",
               "s/web: num_ports 1 becomes 3\n"
               "s:1: blocked unset becomes true\n");

    /* Where a machine sits is not the configuration of a switch. */
    check_diff("\"name\": \"s\", \"nics\": [{\"id\": \"a\"}]",
               "\"name\": \"s\", \"next_port_key\": 5", "");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_diff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

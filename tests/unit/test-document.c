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

/* Configuration documents. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "random.h"
#include "schema/dvs-document.h"
#include "util.h"
#include "uuid.h"

static void
set_ok(struct dvs_setting *s, const char *key, const char *value)
{
    char *error = dvs_setting_set(s, key, value);
    if (error) {
        fail_msg("%s=%s: %s", key, value, error);
    }
}

static struct dvs_port *
add_port(struct dvs_document *doc, struct dvs_document_portgroup *pg,
         const char *key)
{
    struct dvs_port *port = dvs_document_add_port(doc, pg);
    port->key = xstrdup(key);
    return port;
}

/* A document that has something everywhere, its lists in an order that is not
 * the canonical one. */
static void
make_example(struct dvs_document *doc)
{
    dvs_document_init(doc);
    smap_add(&doc->info, "comment", "before the move");

    doc->has_switch = true;
    struct dvs_switch *sw = &doc->switch_;
    assert_true(uuid_from_string(&sw->uuid,
                                 "00112233-4455-6677-8899-aabbccddeeff"));
    sw->name = xstrdup("Z\xc3\xbcrich \"1\"");
    sw->description = xstrdup("");
    smap_add(&sw->contact, "name", "Ada");
    svec_add(&sw->uplinks, "uplink2");
    svec_add(&sw->uplinks, "uplink1");
    sw->mtu = 9000;
    sw->bridge_name = xstrdup("prod");
    sw->datapath_type = xstrdup("netdev");
    sw->num_standalone_ports = 1;
    smap_add(&sw->not_supported, "switch_ip", "10.0.0.1");
    set_ok(&sw->setting, "vlan", "trunk:20,1-9");

    struct dvs_document_portgroup *web = dvs_document_add_portgroup(doc);
    web->portgroup.name = xstrdup("web");
    web->portgroup.num_ports = 3;
    web->portgroup.auto_expand = true;
    web->portgroup.port_name_format = xstrdup("<portIndex>");
    web->portgroup.overrides = 1u << DVS_OV_VLAN | 1u << DVS_OV_BLOCK;
    set_ok(&web->portgroup.setting, "active", "uplink2");
    add_port(doc, web, "10");
    set_ok(&add_port(doc, web, "9")->setting, "blocked", "yes");
    add_port(doc, web, "100")->name = xstrdup("x");

    struct dvs_document_portgroup *db = dvs_document_add_portgroup(doc);
    db->portgroup.name = xstrdup("db");
    db->portgroup.type = DVS_EPHEMERAL;
    db->portgroup.overrides = 0;
    db->portgroup.reset_at_disconnect = false;

    add_port(doc, NULL, "7");

    struct dvs_member *member = dvs_document_add_member(doc);
    member->host = xstrdup("host2");
    member = dvs_document_add_member(doc);
    member->host = xstrdup("host1");
    member->ring = 2;
    smap_add(&member->uplinks, "uplink1", "eth1");
}

/* The example's text: the format may not change without a new version.  (The
 * checksum was calculated by another program.) */
static const char example_text[] =
"{\n"
" \"checksum\": \"sha1:4f443ac66bc1ad307e3889e8408da24ec52ebe91\",\n"
" \"format\": \"dvs-configuration\",\n"
" \"info\": {\n"
"  \"comment\": \"before the move\"\n"
" },\n"
" \"members\": [\n"
"  {\n"
"   \"host\": \"host1\",\n"
"   \"not_supported\": {},\n"
"   \"ring\": 2,\n"
"   \"uplinks\": {\n"
"    \"uplink1\": \"eth1\"\n"
"   }\n"
"  },\n"
"  {\n"
"   \"host\": \"host2\",\n"
"   \"not_supported\": {},\n"
"   \"ring\": 0,\n"
"   \"uplinks\": {}\n"
"  }\n"
" ],\n"
" \"portgroups\": [\n"
"  {\n"
"   \"auto_expand\": false,\n"
"   \"live_port_moving\": false,\n"
"   \"name\": \"db\",\n"
"   \"not_supported\": {},\n"
"   \"num_ports\": 0,\n"
"   \"overrides\": [],\n"
"   \"ports\": [],\n"
"   \"reset_at_disconnect\": false,\n"
"   \"setting\": {},\n"
"   \"type\": \"ephemeral\",\n"
"   \"uplink\": false,\n"
"   \"uuid\": \"00000000-0000-0000-0000-000000000000\"\n"
"  },\n"
"  {\n"
"   \"auto_expand\": true,\n"
"   \"live_port_moving\": false,\n"
"   \"name\": \"web\",\n"
"   \"not_supported\": {},\n"
"   \"num_ports\": 3,\n"
"   \"overrides\": [\n"
"    \"block\",\n"
"    \"vlan\"\n"
"   ],\n"
"   \"port_name_format\": \"<portIndex>\",\n"
"   \"ports\": [\n"
"    {\n"
"     \"key\": \"9\",\n"
"     \"not_supported\": {},\n"
"     \"setting\": {\n"
"      \"blocked\": \"yes\"\n"
"     }\n"
"    },\n"
"    {\n"
"     \"key\": \"10\",\n"
"     \"not_supported\": {},\n"
"     \"setting\": {}\n"
"    },\n"
"    {\n"
"     \"key\": \"100\",\n"
"     \"name\": \"x\",\n"
"     \"not_supported\": {},\n"
"     \"setting\": {}\n"
"    }\n"
"   ],\n"
"   \"reset_at_disconnect\": true,\n"
"   \"setting\": {\n"
"    \"active\": \"uplink2\",\n"
"    \"standby\": \"\"\n"
"   },\n"
"   \"type\": \"early_binding\",\n"
"   \"uplink\": false,\n"
"   \"uuid\": \"00000000-0000-0000-0000-000000000000\"\n"
"  }\n"
" ],\n"
" \"ports\": [\n"
"  {\n"
"   \"key\": \"7\",\n"
"   \"not_supported\": {},\n"
"   \"setting\": {}\n"
"  }\n"
" ],\n"
" \"switch\": {\n"
"  \"bridge_name\": \"prod\",\n"
"  \"contact\": {\n"
"   \"name\": \"Ada\"\n"
"  },\n"
"  \"datapath_type\": \"netdev\",\n"
"  \"description\": \"\",\n"
"  \"mtu\": 9000,\n"
"  \"name\": \"Z\xc3\xbcrich \\\"1\\\"\",\n"
"  \"not_supported\": {\n"
"   \"switch_ip\": \"10.0.0.1\"\n"
"  },\n"
"  \"num_standalone_ports\": 1,\n"
"  \"setting\": {\n"
"   \"vlan\": \"trunk:1-9,20\"\n"
"  },\n"
"  \"uplinks\": [\n"
"   \"uplink2\",\n"
"   \"uplink1\"\n"
"  ],\n"
"  \"uuid\": \"00112233-4455-6677-8899-aabbccddeeff\"\n"
" },\n"
" \"version\": 1\n"
"}";

static void
to_text(const struct dvs_document *doc, char **textp)
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

static void
test_example(void **state OVS_UNUSED)
{
    struct dvs_document doc, doc2;

    make_example(&doc);
    char *text;
    to_text(&doc, &text);
    assert_string_equal(text, example_text);
    from_text(&doc2, text);
    char *text2;
    to_text(&doc2, &text2);
    assert_string_equal(text, text2);

    /* Spot checks: the texts could agree on an omission. */
    assert_true(doc2.has_switch);
    assert_int_equal(doc2.switch_.mtu, 9000);
    assert_true(uuid_equals(&doc2.switch_.uuid, &doc.switch_.uuid));
    assert_true(dvs_setting_equal(&doc2.switch_.setting,
                                  &doc.switch_.setting));
    assert_int_equal(doc2.n_portgroups, 2);
    assert_string_equal(doc2.portgroups[1]->portgroup.name, "web");
    assert_int_equal(doc2.portgroups[1]->n_ports, 3);
    assert_true(doc2.portgroups[1]->ports[0]->setting.blocked);
    assert_int_equal(doc2.portgroups[0]->portgroup.type, DVS_EPHEMERAL);
    assert_int_equal(doc2.portgroups[0]->portgroup.overrides, 0);
    assert_int_equal(doc2.n_ports, 1);
    assert_int_equal(doc2.n_members, 2);
    assert_string_equal(smap_get(&doc2.members[0]->uplinks, "uplink1"),
                        "eth1");

    free(text);
    free(text2);
    dvs_document_destroy(&doc);
    dvs_document_destroy(&doc2);
}

/* The checksum does not mind white space, and nobody minds that it is not
 * there. */
static void
test_white_space_and_no_checksum(void **state OVS_UNUSED)
{
    struct dvs_document doc;

    make_example(&doc);
    char *text;
    to_text(&doc, &text);
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

    char *text2;
    to_text(&doc, &text2);
    assert_string_equal(text, text2);
    free(text2);
    dvs_document_destroy(&doc);

    char *start = strstr(text, " \"checksum\"");
    char *end = strchr(start, '\n') + 1;
    memmove(start, end, strlen(end) + 1);
    from_text(&doc, text);
    char *edit = strstr(text, "9000");
    edit[0] = '8';
    dvs_document_destroy(&doc);
    from_text(&doc, text);
    assert_int_equal(doc.switch_.mtu, 8000);
    dvs_document_destroy(&doc);
    free(text);
}

/* Every damage is noticed: each byte changed in turn, each prefix.  What
 * passes must mean the same (a blank may become a tab). */
static void
test_damage(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    make_example(&doc);
    char *text;
    to_text(&doc, &text);
    dvs_document_destroy(&doc);

    size_t n = strlen(text);
    char *copy = xmemdup(text, n + 1);
    for (size_t i = 0; i < n; i++) {
        static const char flips[] = { 0x01, 0x04, 0x20 };
        for (size_t j = 0; j < ARRAY_SIZE(flips); j++) {
            copy[i] = text[i] ^ flips[j];
            char *error = dvs_document_from_text(&doc, copy, n);
            if (error) {
                free(error);
            } else {
                char *text2;
                to_text(&doc, &text2);
                assert_string_equal(text, text2);
                free(text2);
                assert_true(text[i] == '\n' || text[i] == ' ');
            }
            dvs_document_destroy(&doc);
        }
        copy[i] = text[i];
    }
    for (size_t i = 0; i < n; i++) {
        char *error = dvs_document_from_text(&doc, text, i);
        assert_non_null(error);
        assert_int_equal(doc.n_portgroups, 0);
        assert_false(doc.has_switch);
        free(error);
        dvs_document_destroy(&doc);
    }
    free(copy);
    free(text);
}

#define HEAD "{\"format\": \"dvs-configuration\", \"version\": 1"

static const struct {
    const char *text;
    const char *error;
} error_cases[] = {
    /* Not JSON.  The rest of the sentence is jansson's. */
    { "", "line 1, column 0: ..." },
    { "{\n \"a\": 1,\n}", "line 3, column 1: ..." },
    { HEAD "} x", "line 1, column 47: ..." },
    { "{\"a\": 1, \"a\": 2}", "line 1, column 12: ..." },
    { "{\"a\": \"\\u0000\"}", "line 1, column 14: ..." },

    /* Not a document. */
    { "[]", "this is not a configuration document" },
    { "{}", "this is not a configuration document" },
    { "{\"format\": 1}", "this is not a configuration document" },
    { "{\"format\": \"x\", \"version\": 1}",
      "this is not a configuration document" },
    { "{\"format\": \"dvs-configuration\"}",
      "the document is not of version 1, which is the only one "
      "understood here" },
    { "{\"format\": \"dvs-configuration\", \"version\": 2}",
      "the document is not of version 1, which is the only one "
      "understood here" },
    { HEAD ", \"checksum\": 1}", "$.checksum: is not a string" },
    { HEAD ", \"checksum\": \"sha1:0\"}",
      "the checksum is wrong: the document is damaged (if it was edited "
      "on purpose, take \"checksum\" out)" },

    /* Members that are unknown, missing or of the wrong type. */
    { HEAD ", \"extra\": 1}", "$.extra: is unknown" },
    { HEAD ", \"info\": 1}", "$.info: is an integer, not an object" },
    { HEAD ", \"info\": {\"a\": []}}",
      "$.info: \"a\" is an array, not a string" },
    { HEAD ", \"switch\": []}", "$.switch: is an array, not an object" },
    { HEAD ", \"switch\": null}", "$.switch: is null, not an object" },
    { HEAD ", \"switch\": {}}", "$.switch.name: is missing" },
    { HEAD ", \"switch\": {\"name\": true}}",
      "$.switch.name: is a boolean, not a string" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"MTU\": 1}}",
      "$.switch.MTU: is unknown" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"mtu\": 1.5}}",
      "$.switch.mtu: is a real number, not an integer" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"mtu\": 1}}",
      "$.switch.mtu: 1 is not in 1280..9216" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"mtu\": 99999999999}}",
      "$.switch.mtu: 99999999999 is not in 1280..9216" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"uuid\": \"x\"}}",
      "$.switch.uuid: \"x\" is not a UUID" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"uplinks\": {}}}",
      "$.switch.uplinks: is an object, not an array" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"uplinks\": [\"a\", 1]}}",
      "$.switch.uplinks: element 1 is an integer, not a string" },
    { HEAD ", \"switch\": {\"name\": \"a\", "
      "\"setting\": {\"vlan\": \"5000\"}}}",
      "$.switch.setting: VLAN 5000 is not in 0..4094" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"setting\": {\"x\": \"\"}}}",
      "$.switch.setting: \"x\" is not a policy key" },
    { HEAD ", \"switch\": {\"name\": \"a\", \"setting\": {\"cos\": 1}}}",
      "$.switch.setting: \"cos\" is an integer, not a string" },
    { HEAD ", \"portgroups\": {}}", "$.portgroups: is not an array" },
    { HEAD ", \"portgroups\": [1]}",
      "$.portgroups[0]: is an integer, not an object" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", \"type\": \"b\"}]}",
      "$.portgroups[0].type: \"b\" is not a type of portgroup" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", \"uplink\": 0}]}",
      "$.portgroups[0].uplink: is an integer, not a boolean" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", "
      "\"overrides\": [\"all\"]}]}",
      "$.portgroups[0].overrides: \"all\" is nothing that can be "
      "overridden" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", "
      "\"num_ports\": 60001}]}",
      "$.portgroups[0].num_ports: 60001 is not in 0..60000" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", \"ports\": [{}]}]}",
      "$.portgroups[0].ports[0].key: is missing" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", \"x\": 1}]}",
      "$.portgroups[0].x: is unknown" },
    { HEAD ", \"ports\": [{\"key\": \"1\", \"x\": 1}]}",
      "$.ports[0].x: is unknown" },
    { HEAD ", \"members\": [{\"host\": \"h\", \"ring\": -1}]}",
      "$.members[0].ring: -1 is not in 0..1000" },
    { HEAD ", \"members\": [{\"host\": \"h\", \"x\": -1}]}",
      "$.members[0].x: is unknown" },

    /* Two of what there can be only one of. */
    { HEAD ", \"portgroups\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}",
      "$.portgroups[1].name: there are two portgroups \"a\"" },
    { HEAD ", \"portgroups\": [{\"name\": \"a\", "
      "\"ports\": [{\"key\": \"1\"}]}], \"ports\": [{\"key\": \"1\"}]}",
      "$.ports[0].key: there are two ports with key \"1\"" },
    { HEAD ", \"members\": [{\"host\": \"h\"}, {\"host\": \"h\"}]}",
      "$.members[1].host: there are two members \"h\"" },
};

static void
test_errors(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(error_cases); i++) {
        struct dvs_document doc;
        char *error = dvs_document_from_text(&doc, error_cases[i].text,
                                             strlen(error_cases[i].text));
        const char *dots = strstr(error_cases[i].error, "...");
        size_t n = dots ? dots - error_cases[i].error : SIZE_MAX;
        if (!error || strncmp(error, error_cases[i].error, n)) {
            fail_msg("%s:\n     got: %s\nexpected: %s", error_cases[i].text,
                     error ? error : "no error", error_cases[i].error);
        }
        assert_false(doc.has_switch);
        assert_int_equal(doc.n_portgroups, 0);
        assert_int_equal(doc.n_members, 0);
        free(error);
        dvs_document_destroy(&doc);
    }
}

/* What a document need not say has the model's defaults. */
static void
test_minimal(void **state OVS_UNUSED)
{
    struct dvs_document doc;

    from_text(&doc, HEAD "}");
    assert_false(doc.has_switch);
    dvs_document_destroy(&doc);

    from_text(&doc, HEAD ", \"switch\": {\"name\": \"a\"}, "
              "\"portgroups\": [{\"name\": \"b\"}]}");
    assert_true(doc.has_switch);
    assert_int_equal(doc.switch_.mtu, 1500);
    assert_null(doc.switch_.bridge_name);
    assert_int_equal(doc.portgroups[0]->portgroup.overrides,
                     1u << DVS_OV_BLOCK);
    assert_true(doc.portgroups[0]->portgroup.reset_at_disconnect);
    dvs_document_destroy(&doc);
    dvs_document_destroy(NULL);
}

static void
test_too_large(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    char *error = dvs_document_from_text(&doc, NULL, 64 * 1024 * 1024 + 1);

    assert_string_equal(error, "the document has 67108865 bytes, more than "
                               "67108864");
    free(error);
    dvs_document_destroy(&doc);
}

static void
test_not_utf8(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    char *text;

    for (int i = 0; i < 4; i++) {
        make_example(&doc);
        if (i == 0) {
            smap_replace(&doc.info, "comment", "\xff");
        } else if (i == 1) {
            set_ok(&doc.switch_.setting, "vendor.\xff", "x");
        } else if (i == 2) {
            doc.ports[0]->description = xstrdup("\xff");
        } else {
            svec_add(&doc.switch_.uplinks, "\xff");
        }
        char *error = dvs_document_to_text(&doc, &text);
        assert_string_equal(error, "a name or value is not valid UTF-8");
        assert_null(text);
        free(error);
        dvs_document_destroy(&doc);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_white_space_and_no_checksum),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_minimal),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_not_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

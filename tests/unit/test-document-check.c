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


/* Tests for schema/dvs-document-check.c, and for documents of checkpoints. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-checkpoint.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "util.h"
#include "uuid.h"

#define EARLY "\"type\": \"early_binding\""
#define SWITCH "\"name\": \"s\", \"uplinks\": {\"0\": \"up1\", \"1\": \"up2\"}"
#define WEB "\"uuid\": \"00112233-4455-6677-8899-aabbccddeef1\""
#define DB "\"uuid\": \"00112233-4455-6677-8899-aabbccddeef2\""
#define LAG_ORDER ", \"portgroups\": [{\"name\": \"a\", "EARLY", " \
    "\"setting\": {\"active_uplinks\": {\"0\": \"lag\"}}}]"
#define NO_VLAN ", \"default_setting\": {\"vlan_mode\": \"access\"}"
#define BAD_PORT ", \"ports\": [{\"key\": \"1\", \"setting\": " \
    "{\"active_uplinks\": {\"0\": \"up3\"}}}]"
#define BAD_MEMBER ", \"members\": [{\"host\": \"h\", " \
    "\"uplinks\": {\"up3\": \"eth0\"}}]"
#define NIC "\"id\": \"vm1\", \"kind\": \"vm\", "
#define TO_WEB "\"portgroup\": \"00112233-4455-6677-8899-aabbccddeef1\""

/* Initializes 'doc' as one about a switch with 'members', with 'more' of its
 * own. */
static void
read_switch(struct dvs_document *doc, const char *more, const char *members)
{
    char *text = xasprintf("{\"format\": \"dvs-configuration\", "
                           "\"version\": 1, %s\"switches\": [{%s}]}", more,
                           members);
    char *error = dvs_document_from_text(doc, text, strlen(text));

    if (error) {
        fail_msg("%s: %s", text, error);
    }
    free(text);
}

/* Checks what becomes of a switch with 'members' onto that with 'now', or from
 * nothing if that is NULL: 'expected' has its fault, or the faults of what
 * hangs on it, line by line. */
static void
check_faults(const char *more, int flags, const char *members,
             const char *now, const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dvs_document doc, now_doc;

    read_switch(&doc, more, members);
    read_switch(&now_doc, "", now ? now : "\"name\": \"s\"");

    struct dvs_doc_object *sw = doc.switches[0];
    char *fault = dvs_document_check(&doc, flags, sw,
                                     now ? now_doc.switches[0] : NULL);
    if (fault) {
        ds_put_format(&s, "%s\n", fault);
    }
    for (size_t i = 0; i < sw->n_children && !fault; i++) {
        if (sw->children[i]->fault) {
            ds_put_format(&s, "%s\n", sw->children[i]->fault);
        }
    }
    assert_string_equal(ds_cstr(&s), expected);

    ds_destroy(&s);
    free(fault);
    dvs_document_destroy(&doc);
    dvs_document_destroy(&now_doc);
}

static void
check_new(const char *members, const char *expected)
{
    check_faults("", DVS_RESTORE_SAME, members, NULL, expected);
}

/* What is wrong with a switch, is wrong with all. */
static void
test_switch(void **state OVS_UNUSED)
{
    check_new(SWITCH, "");
    check_new(SWITCH", \"default_setting\": {\"vlan_mode\": \"access\"}",
              "InvalidArgument: switch s: vlan_mode is access, but vlan_id is "
              "empty\n");
    check_new(SWITCH", \"mtu\": 5", "InvalidArgument: switch s: mtu: "
              "constraint violation: 5 is not in the valid range 1280 to "
              "9216 (inclusive)\n");
    check_new("\"name\": \"s\", \"uplinks\": {\"0\": \"a\", \"1\": \"a\"}",
              "DuplicateName: switch s: two uplinks have the name \"a\"\n");
    check_new(SWITCH", \"private_vlans\": [{\"primary\": 1, \"secondary\": 2, "
              "\"type\": \"isolated\"}]",
              "NotFound: switch s: there is no entry of primary VLAN 1\n");
    check_new(SWITCH", \"private_vlans\": [{\"secondary\": 1}]",
              "InvalidArgument: switch s: private VLAN 1: primary: is "
              "missing\n");
    check_new(SWITCH", \"lags\": [{\"name\": \"up1\", \"mode\": \"active\", "
              "\"num_ports\": 2}]", "DuplicateName: switch s: the switch "
              "already has an uplink \"up1\"\n");
    check_new(SWITCH", \"members\": [{\"host\": \"h\", "
              "\"uplinks\": {\"up3\": \"eth0\"}}]",
              "NotFound: host h: switch \"s\" has no uplink \"up3\"\n");
    check_new(SWITCH", \"ports\": [{\"key\": \"1\", \"setting\": "
              "{\"active_uplinks\": {\"0\": \"up3\"}}}]",
              "InvalidArgument: port 1: active \"up3\" is not an uplink of "
              "switch \"s\"\n");
    check_new(SWITCH", \"portgroups\": [{\"name\": \"u\", \"uplink\": true, "
              EARLY"}]", "InvalidArgument: portgroup u: vlan of an uplink "
              "portgroup must be a trunk\n");
}

/* What is wrong with a portgroup, is wrong with that and its NICs. */
static void
test_portgroups(void **state OVS_UNUSED)
{
    check_new(SWITCH", \"portgroups\": [{\"name\": \"a\", "EARLY"}, "
              "{\"name\": \"b\"}, {\"name\": \"c\", "EARLY", \"num_ports\": "
              "-1}]",
              "InvalidArgument: portgroup b: type: is missing\n"
              "InvalidArgument: portgroup c: num_ports: constraint violation: "
              "-1 is not in the valid range 0 to 60000 (inclusive)\n");
    check_new(SWITCH", \"portgroups\": [{\"name\": \"a\", "EARLY", "
              "\"setting\": {\"rules\": [{\"sequence\": 1, \"direction\": "
              "\"both\", \"src_ip\": \"nowhere\", \"action\": \"drop\"}]}}]",
              "InvalidArgument: portgroup a: rule 1: src-ip "
              "\"nowhere\" is not an IPv4 or IPv6 address or prefix\n");
    check_new(SWITCH", \"portgroups\": [{\"name\": \"a\", "EARLY", \"ports\": "
              "[{\"key\": \"1\", \"setting\": {\"promiscuous\": true}}]}]",
              "ConflictingConfiguration: port 1: portgroup \"a\" does not let "
              "port 1 override promiscuous\n");
    check_new(SWITCH", \"portgroups\": [{\"name\": \"a\", "WEB", "EARLY", "
              "\"num_ports\": 70000}, {\"name\": \"b\", "DB", "EARLY"}], "
              "\"nics\": [{"NIC TO_WEB"}, {\"id\": \"vm2\", \"kind\": \"vm\", "
              "\"portgroup\": \"00112233-4455-6677-8899-aabbccddeef2\"}]",
              "InvalidArgument: portgroup a: num_ports: constraint violation: "
              "70000 is not in the valid range 0 to 60000 (inclusive)\n"
              "NotFound: its portgroup a is not restored\n");
    check_new(SWITCH", \"portgroups\": [{\"name\": \"a\", "EARLY", "
              "\"setting\": {\"resource_pool\": "
              "\"00112233-4455-6677-8899-aabbccddeef3\"}}]",
              "NotFound: portgroup a: the switch has no such resource pool\n");
}

/* What there is counts, where it stays, and is not judged if it is the same
 * there, and so is what it depends on. */
static void
test_now(void **state OVS_UNUSED)
{
    static const char order[] = ", \"portgroups\": [{\"name\": \"a\", "EARLY
        ", \"setting\": {\"active_uplinks\": {\"0\": \"up3\"}}}]";
    static const char fault[] = "InvalidArgument: portgroup a: active \"up3\" "
        "is not an uplink of switch \"s\"\n";
    char *bad = xasprintf(SWITCH"%s", order);
    char *other = xasprintf(SWITCH", \"mtu\": 9000%s", order);
    char *more = xasprintf("\"name\": \"s\", \"uplinks\": {\"0\": "
                           "\"up3\"}%s", order);

    check_faults("", DVS_RESTORE_ROLLBACK, bad, NULL, fault);
    check_faults("", DVS_RESTORE_ROLLBACK, bad, bad, "");
    check_faults("", DVS_RESTORE_ROLLBACK, bad, other, "");
    check_faults("", DVS_RESTORE_ROLLBACK, bad, more, fault);
    check_faults("\"portgroups_only\": true, ", DVS_RESTORE_ROLLBACK,
                 bad, "\"name\": \"s\", \"uplinks\": {\"0\": \"up3\"}", "");
    check_faults("\"portgroups_only\": true, ", DVS_RESTORE_INTO,
                 bad, SWITCH, fault);
    free(more);
    free(other);

    /* It is judged when it becomes what it is. */
    check_faults("", DVS_RESTORE_ROLLBACK, bad, SWITCH", \"portgroups\": "
                 "[{\"name\": \"a\", "EARLY", \"setting\": "
                 "{\"active_uplinks\": {\"0\": \"up1\"}}}]", fault);
    check_faults("", DVS_RESTORE_ROLLBACK, bad, SWITCH, fault);
    free(bad);

    /* A LAG that goes takes validity along. */
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH LAG_ORDER,
                 SWITCH", \"lags\": [{\"name\": \"lag\", \"mode\": "
                 "\"active\", \"num_ports\": 2}]"LAG_ORDER,
                 "InvalidArgument: portgroup a: active \"lag\" is not an "
                 "uplink of switch \"s\"\n");

    /* Likewise the switch itself, but for the next key of its ports, ports and
     * members. */
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH NO_VLAN, SWITCH,
                 "InvalidArgument: switch s: vlan_mode is access, but vlan_id "
                 "is empty\n");
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH NO_VLAN,
                 SWITCH NO_VLAN", \"next_port_key\": 7", "");
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH BAD_PORT, SWITCH BAD_PORT,
                 "");
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH BAD_PORT, SWITCH,
                 "InvalidArgument: port 1: active \"up3\" is not an uplink of "
                 "switch \"s\"\n");
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH BAD_MEMBER,
                 SWITCH BAD_MEMBER, "");
    check_faults("", DVS_RESTORE_ROLLBACK, SWITCH BAD_MEMBER, SWITCH,
                 "NotFound: host h: switch \"s\" has no uplink \"up3\"\n");

    /* A LAG of the switch into which the rest comes. */
    check_faults("", DVS_RESTORE_INTO, SWITCH", \"portgroups\": [{\"name\": "
                 "\"a\", "EARLY", \"setting\": {\"active_uplinks\": "
                 "{\"0\": \"lag\"}}}]", "\"name\": \"t\", \"lags\": "
                 "[{\"name\": \"lag\", \"mode\": \"active\", "
                 "\"num_ports\": 2}]", "");

    /* A name that another has, unless that goes, or gets a new name. */
    check_faults("\"portgroups_only\": true, ", DVS_RESTORE_SAME,
                 "\"name\": \"s\", \"portgroups\": [{\"name\": \"b\", "WEB", "
                 EARLY"}]", "\"name\": \"s\", \"portgroups\": [{\"name\": "
                 "\"a\", "WEB", "EARLY"}, {\"name\": \"b\", "DB", "EARLY"}]",
                 "DuplicateName: portgroup b: another portgroup of the switch "
                 "has that name\n");
    check_faults("", DVS_RESTORE_SAME,
                 "\"name\": \"s\", \"portgroups\": [{\"name\": \"b\", "WEB", "
                 EARLY"}]", "\"name\": \"s\", \"portgroups\": [{\"name\": "
                 "\"a\", "WEB", "EARLY"}, {\"name\": \"b\", "DB", "EARLY"}]",
                 "");
    check_faults("\"portgroups_only\": true, ", DVS_RESTORE_SAME,
                 "\"name\": \"s\", \"portgroups\": [{\"name\": \"b\", "WEB", "
                 EARLY"}, {\"name\": \"a\", "DB", "EARLY"}]", "\"name\": \"s\""
                 ", \"portgroups\": [{\"name\": \"a\", "WEB", "EARLY"}, "
                 "{\"name\": \"b\", "DB", "EARLY"}]", "");
}

static void
check_diff(const char *old_more, const char *old, const char *new,
           const char *expected)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dvs_document old_doc, new_doc;
    struct dvs_doc_changes changes;

    read_switch(&old_doc, old_more, old);
    read_switch(&new_doc, "", new);
    dvs_document_diff(&old_doc, &new_doc, &changes);
    for (size_t i = 0; i < changes.n; i++) {
        dvs_doc_change_format(&changes.changes[i], &s);
        ds_put_char(&s, '\n');
    }
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    dvs_doc_changes_destroy(&changes);
    dvs_document_destroy(&old_doc);
    dvs_document_destroy(&new_doc);
}

/* A checkpoint says so, in canonical form too, and tells nothing by the ports
 * that it does not have. */
static void
test_state(void **state OVS_UNUSED)
{
    static const char flag[] = "\"state\": true, ";
    struct dvs_document doc, doc2;
    char *text, *text2;

    read_switch(&doc, flag, SWITCH);
    assert_true(doc.state);
    assert_false(doc.portgroups_only);
    assert_null(dvs_document_to_text(&doc, &text));
    assert_non_null(strstr(text, " \"state\": true,\n"));
    assert_null(dvs_document_from_text(&doc2, text, strlen(text)));
    assert_true(doc2.state);
    assert_null(dvs_document_to_text(&doc2, &text2));
    assert_string_equal(text, text2);
    free(text);
    free(text2);
    dvs_document_destroy(&doc);
    dvs_document_destroy(&doc2);

    static const char wrong[] = "{\"format\": \"dvs-configuration\", "
        "\"version\": 1, \"state\": 1, \"switches\": []}";
    char *error = dvs_document_from_text(&doc, wrong, strlen(wrong));
    assert_string_equal(error, "line 1, column 47: $.state: is not a boolean");
    free(error);
    dvs_document_destroy(&doc);

    check_diff(flag, "\"name\": \"s\", \"portgroups\": [{\"name\": \"a\", "
               "\"num_ports\": 2, \"ports\": [{\"key\": \"2\", \"setting\": "
               "{\"blocked\": true}}]}]",
               "\"name\": \"s\", \"portgroups\": [{\"name\": \"a\", "
               "\"num_ports\": 2, \"ports\": [{\"key\": \"1\"}, "
               "{\"key\": \"2\"}]}], \"nics\": [{\"id\": \"n\"}]",
               "s:2: blocked true becomes unset\n");
    check_diff(flag, "\"name\": \"s\", \"portgroups\": [{\"name\": \"a\", "
               "\"ports\": [{\"key\": \"2\", \"setting\": {\"blocked\": true}}"
               "]}]", "\"name\": \"s\"",
               "s/a: portgroup is removed\n");

    /* It is restored whole. */
    check_faults(flag, DVS_RESTORE_ROLLBACK, SWITCH", \"portgroups\": ["
                 "{\"name\": \"a\"}]", NULL,
                 "InvalidArgument: portgroup a: type: is missing\n");
}

/* What is about portgroups alone tells of what hangs on these, and of nothing
 * else. */
static void
test_portgroups_diff(void **state OVS_UNUSED)
{
    check_diff("\"portgroups_only\": true, ",
               "\"name\": \"s\", \"mtu\": 9000, \"portgroups\": ["
               "{\"name\": \"a\", \"num_ports\": 2, \"ports\": [{\"key\": "
               "\"2\", \"setting\": {\"blocked\": true}}]}]",
               "\"name\": \"s\", \"members\": [{\"host\": \"h\"}], "
               "\"portgroups\": [{\"name\": \"a\", \"num_ports\": 4, "
               "\"ports\": [{\"key\": \"2\"}]}, {\"name\": \"b\"}]",
               "s/a: num_ports 2 becomes 4\n"
               "s:2: blocked true becomes unset\n");
}

/* Parts are found by their identity, or else by their name. */
static void
test_finding(void **state OVS_UNUSED)
{
    struct dvs_document doc;
    struct uuid db;

    assert_true(uuid_from_string(&db, "00112233-4455-6677-8899-aabbccddeef2"));
    read_switch(&doc, "", SWITCH", \"members\": [{\"host\": \"h1\"}, "
                "{\"host\": \"h2\"}], \"ports\": [{\"key\": \"1\"}, "
                "{\"key\": \"7\"}], \"portgroups\": [{\"name\": \"web\", "
                WEB"}, {\"name\": \"db\", "DB", \"ports\": [{\"key\": "
                "\"2\"}, {\"key\": \"3\"}]}]");

    const struct dvs_doc_object *s
        = dvs_document_find_switch(&doc, NULL, "s");
    assert_ptr_equal(s, doc.switches[0]);
    assert_null(dvs_document_find_switch(&doc, NULL, "t"));
    assert_null(dvs_document_find_switch(&doc, &db, NULL));

    const struct dvs_doc_object *pg
        = dvs_doc_object_find_portgroup(s, NULL, "db");
    assert_non_null(pg);
    assert_true(uuid_equals(&pg->uuid, &db));
    assert_ptr_equal(dvs_doc_object_find_portgroup(s, &db, NULL), pg);
    assert_ptr_equal(dvs_doc_object_find_portgroup(s, &db, "web"), pg);
    assert_null(dvs_doc_object_find_portgroup(s, NULL, "s"));
    assert_null(dvs_doc_object_find_portgroup(s, NULL, "h1"));

    static const char *const keys[] = { "1", "7", "2", "3" };
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        const struct dvs_doc_object *port
            = dvs_doc_object_find_port(s, keys[i]);

        assert_non_null(port);
        char *name = dvs_doc_object_name(port);
        assert_string_equal(name, keys[i]);
        free(name);
    }
    assert_null(dvs_doc_object_find_port(s, "4"));

    char *host = dvs_doc_object_name(dvs_doc_object_find_member(s, "h2"));
    assert_string_equal(host, "h2");
    free(host);
    assert_null(dvs_doc_object_find_member(s, "web"));
    dvs_document_destroy(&doc);
}

/* Adds to 's' what of 'object' and all below it is left out. */
static void
put_left_out(const struct dvs_document *doc, int flags,
             const struct dvs_doc_object *object, struct ds *s)
{
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (dvs_doc_is_left_out(doc, flags, child)) {
            char *name = dvs_doc_object_name(child);

            ds_put_format(s, "%s%s %s", s->length ? ", " : "",
                          child->class->word, name);
            free(name);
        } else {
            put_left_out(doc, flags, child, s);
        }
    }
}

/* Each way of restoring leaves out what means nothing there. */
static void
test_left_out(void **state OVS_UNUSED)
{
    static const struct {
        int flags;
        bool portgroups_only;
        const char *left_out;
    } ways[] = {
        { DVS_RESTORE_SAME, false, "" },
        { DVS_RESTORE_ROLLBACK, false, "NIC vm1" },
        { DVS_RESTORE_NEW, false, "port 7, host h, NIC vm1" },
        { DVS_RESTORE_INTO, false,
          "portgroup u, port 5, port 1, host h, NIC vm1" },
        { DVS_RESTORE_SAME | DVS_RESTORE_OWN, false,
          "portgroup u, portgroup web, port 1, host h, NIC vm1" },
        { DVS_RESTORE_SAME, true,
          "port 1, host h, private VLAN 1, NIC vm1" },
    };
    struct dvs_document doc;

    read_switch(&doc, "", SWITCH", \"members\": [{\"host\": \"h\"}], "
                "\"ports\": [{\"key\": \"1\"}], "
                "\"private_vlans\": [{\"primary\": 1, \"secondary\": 1}], "
                "\"nics\": [{\"id\": \"vm1\"}], \"portgroups\": ["
                "{\"name\": \"web\", \"ports\": [{\"key\": \"5\"}]}, "
                "{\"name\": \"u\", \"uplink\": true, \"ports\": "
                "[{\"key\": \"7\", \"uplink_host\": \"h\"}]}]");
    dvs_document_sort(&doc);
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct ds s = DS_EMPTY_INITIALIZER;

        doc.portgroups_only = ways[i].portgroups_only;
        put_left_out(&doc, ways[i].flags, doc.switches[0], &s);
        assert_string_equal(ds_cstr(&s), ways[i].left_out);
        ds_destroy(&s);
    }

    /* Nor is what is at fault. */
    doc.portgroups_only = false;
    struct dvs_doc_object *pg = doc.switches[0]->children[0];
    assert_false(dvs_doc_is_left_out(&doc, DVS_RESTORE_SAME, pg));
    pg->fault = xstrdup("InvalidArgument: it");
    assert_true(dvs_doc_is_left_out(&doc, DVS_RESTORE_SAME, pg));
    dvs_document_destroy(&doc);
}

/* Whatever the order in a text, objects come by their kind, and by number or
 * name. */
static void
test_order(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct dvs_document doc;

    read_switch(&doc, "", "\"name\": \"t\"}, {\"name\": \"s\", "
                "\"portgroups\": [{\"name\": \"b\"}, {\"name\": \"aa\", "
                "\"setting\": {\"rules\": [{\"sequence\": 10}, "
                "{\"sequence\": 9}]}}], \"ports\": [{\"key\": \"10\"}, "
                "{\"key\": \"9\"}, {\"key\": \"11\"}]");
    dvs_document_sort(&doc);
    for (size_t i = 0; i < doc.n_switches; i++) {
        const struct dvs_doc_object *sw = doc.switches[i];

        for (size_t j = 0; j < sw->n_children; j++) {
            char *name = dvs_doc_object_name(sw->children[j]);

            ds_put_format(&s, "%s ", name);
            free(name);
        }
        ds_put_format(&s, "in %s;", dvs_doc_object_value(sw, "name"));
    }
    assert_string_equal(ds_cstr(&s), "aa b 9 10 11 in \"s\";in \"t\";");
    ds_destroy(&s);

    const struct dvs_doc_object *setting
        = doc.switches[0]->children[0]->children[0];
    assert_int_equal(setting->n_children, 2);
    assert_string_equal(dvs_doc_object_value(setting->children[0],
                                             "sequence"), "9");
    dvs_document_destroy(&doc);
}

static void
test_checkpoint_names(void **state OVS_UNUSED)
{
    char name[82];

    assert_true(dvs_checkpoint_name_is_valid("before 2.0"));
    assert_true(dvs_checkpoint_name_is_valid("7th"));
    assert_false(dvs_checkpoint_name_is_valid("7"));
    assert_false(dvs_checkpoint_name_is_valid(""));
    assert_false(dvs_checkpoint_name_is_valid("a/b"));
    assert_false(dvs_checkpoint_name_is_valid("-a"));
    memset(name, 'x', 81);
    name[81] = '\0';
    assert_false(dvs_checkpoint_name_is_valid(name));
    name[80] = '\0';
    assert_true(dvs_checkpoint_name_is_valid(name));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_portgroups),
        cmocka_unit_test(test_now),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_portgroups_diff),
        cmocka_unit_test(test_finding),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_checkpoint_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

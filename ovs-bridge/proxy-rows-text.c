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

/* The text form of the proxy rows that a host works with, for the host cache.
 * See proxy-rows.h, and host-cache.h for what is around it. */

#include <config.h>
#include "ovs-bridge/proxy-rows.h"
#include <string.h>
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "ovsdb-parser.h"
#include "ovsdb-error.h"
#include "schema/dvs-idl.h"
#include "util.h"
#include "uuid.h"

static const struct ovsdb_idl_table_class *
get_class(enum proxy_row_kind kind)
{
    switch (kind) {
    case PR_GLOBAL:
        return &dvsrec_table_dvs_global;
    case PR_SWITCH:
        return &dvsrec_table_proxy_switch;
    case PR_HOST:
        return &dvsrec_table_proxy_host;
    case PR_PORTGROUP:
        return &dvsrec_table_proxy_portgroup;
    case PR_PORT:
        return &dvsrec_table_proxy_port;
    case PR_N_KINDS:
    default:
        OVS_NOT_REACHED();
    }
}

/* The words for the kinds, in the text form and in Proxy_State.rolled_back. */
static const char *const kind_words[PR_N_KINDS] = {
    [PR_GLOBAL] = "global",
    [PR_SWITCH] = "switch",
    [PR_HOST] = "host",
    [PR_PORTGROUP] = "portgroup",
    [PR_PORT] = "port",
};

/* Appends to 's' the name of 'row' in Proxy_State.rolled_back. */
void
proxy_row_format_refusal(const struct proxy_row *row, struct ds *s)
{
    ds_put_cstr(s, kind_words[row->id.kind]);
    if (row->id.kind == PR_PORTGROUP) {
        ds_put_format(s, ":"UUID_FMT, UUID_ARGS(&row->id.portgroup));
    } else if (row->id.kind == PR_PORT) {
        ds_put_format(s, ":%s", row->id.key);
    }
}

/* Returns the text form of 'row', with both copies and what is refused. */
struct json *
proxy_row_to_json(const struct proxy_row *row)
{
    struct json *json = json_object_create();

    json_object_put_string(json, "kind", kind_words[row->id.kind]);
    if (row->id.kind != PR_GLOBAL) {
        json_object_put_format(json, "switch", UUID_FMT,
                               UUID_ARGS(&row->id.switch_));
    }
    if (row->id.kind == PR_PORTGROUP) {
        json_object_put_format(json, "portgroup", UUID_FMT,
                               UUID_ARGS(&row->id.portgroup));
    }
    if (row->id.kind == PR_PORT) {
        json_object_put_string(json, "key", row->id.key);
    }
    if (row->running) {
        json_object_put(json, "running", row_copy_to_json(row->running));
    }
    if (row->confirmed != row->running) {
        json_object_put(json, "confirmed",
                        row->confirmed ? row_copy_to_json(row->confirmed)
                                       : json_null_create());
    }
    if (row->refused || row->retried) {
        json_object_put(json, row->refused ? "refused" : "retried",
                        row->refuses_absence ? json_null_create()
                        : json_integer_create(row->refused_version));
    }
    if (row->refused && row->retried) {
        json_object_put(json, "again", json_boolean_create(true));
    }
    return json;
}

/* Stores in 'id' what 'parser' says of it.  Returns false if that makes no
 * sense. */
static bool
parse_id(struct ovsdb_parser *parser, struct proxy_row_id *id)
{
    const struct json *kind = ovsdb_parser_member(parser, "kind", OP_STRING);
    const struct json *switch_
        = ovsdb_parser_member(parser, "switch", OP_STRING | OP_OPTIONAL);
    const struct json *portgroup
        = ovsdb_parser_member(parser, "portgroup", OP_STRING | OP_OPTIONAL);
    const struct json *key
        = ovsdb_parser_member(parser, "key", OP_STRING | OP_OPTIONAL);

    memset(id, 0, sizeof *id);
    id->key = key ? json_string(key) : "";
    id->kind = PR_N_KINDS;
    for (int i = 0; kind && i < PR_N_KINDS; i++) {
        if (!strcmp(json_string(kind), kind_words[i])) {
            id->kind = i;
        }
    }
    return (id->kind != PR_N_KINDS
            && (!switch_ || uuid_from_string(&id->switch_,
                                             json_string(switch_)))
            && (!portgroup || uuid_from_string(&id->portgroup,
                                               json_string(portgroup)))
            && !switch_ == (id->kind == PR_GLOBAL)
            && !portgroup == (id->kind != PR_PORTGROUP)
            && !key == (id->kind != PR_PORT));
}

/* Returns true if 'copy' (NULL is fine) is about 'id'. */
static bool
is_about(const struct row_copy *copy, const struct proxy_row_id *id)
{
    if (!copy) {
        return true;
    }
    switch (id->kind) {
    case PR_SWITCH:
        return uuid_equals(&ROW_COPY_CAST(copy, dvsrec_proxy_switch)->switch_,
                           &id->switch_);
    case PR_HOST:
        return uuid_equals(&ROW_COPY_CAST(copy, dvsrec_proxy_host)->switch_,
                           &id->switch_);
    case PR_PORTGROUP: {
        const struct dvsrec_proxy_portgroup *pg
            = ROW_COPY_CAST(copy, dvsrec_proxy_portgroup);

        return (uuid_equals(&pg->switch_, &id->switch_)
                && uuid_equals(&pg->portgroup, &id->portgroup));
    }
    case PR_PORT: {
        const struct dvsrec_proxy_port *pp
            = ROW_COPY_CAST(copy, dvsrec_proxy_port);

        return (uuid_equals(&pp->switch_, &id->switch_)
                && !strcmp(pp->key, id->key));
    }
    case PR_GLOBAL:
    case PR_N_KINDS:
    default:
        return true;
    }
}

/* Adds to 'rows' the row of which 'json' is the text form.  Returns NULL if
 * successful, else why not, which the caller must free. */
char *
proxy_rows_add_json(struct proxy_rows *rows, const struct json *json)
{
    struct row_copy *running = NULL, *confirmed = NULL;
    struct proxy_row_id id;
    struct ovsdb_parser parser;
    char *error = NULL;

    ovsdb_parser_init(&parser, json, "row");
    bool known = parse_id(&parser, &id);
    const struct json *r
        = ovsdb_parser_member(&parser, "running", OP_OBJECT | OP_OPTIONAL);
    const struct json *c = ovsdb_parser_member(
        &parser, "confirmed", OP_OBJECT | OP_NULL | OP_OPTIONAL);
    const struct json *refused = ovsdb_parser_member(
        &parser, "refused", OP_INTEGER | OP_NULL | OP_OPTIONAL);
    const struct json *retried = ovsdb_parser_member(
        &parser, "retried", OP_INTEGER | OP_NULL | OP_OPTIONAL);
    const struct json *again
        = ovsdb_parser_member(&parser, "again", OP_TRUE | OP_OPTIONAL);
    struct ovsdb_error *broken = ovsdb_parser_finish(&parser);

    if (broken) {
        return ovsdb_error_to_string_free(broken);
    } else if (!known || (refused && (c || retried))) {
        return xstrdup("a row makes no sense");
    }
    if (r) {
        error = row_copy_from_json(&running, get_class(id.kind), r);
    }
    if (!error && c && c->type == JSON_OBJECT) {
        error = row_copy_from_json(&confirmed, get_class(id.kind), c);
    }
    if (!error && (!is_about(running, &id) || !is_about(confirmed, &id)
                   || proxy_rows_find(rows, &id))) {
        error = xstrdup("a row is about another object, or there twice");
    }
    if (!error) {
        const struct json *version = refused ? refused : retried;
        struct proxy_row state = {
            .id = id,
            .running = running,
            .confirmed = c ? confirmed : row_copy_ref(running),
            .refused = refused != NULL,
            .refuses_absence = version && version->type == JSON_NULL,
            .refused_version = (version && version->type == JSON_INTEGER
                                ? json_integer(version) : 0),
            .retried = again || retried,
        };

        proxy_rows_add(rows, &state);
    } else {
        row_copy_unref(running);
        row_copy_unref(confirmed);
    }
    return error;
}

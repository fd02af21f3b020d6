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

/* PURE: configuration documents.
 *
 * The text is one JSON object:
 *
 *     {"checksum": "sha1:...", "format": "dvs-configuration",
 *      "info": {...}, "members": [...], "portgroups": [...], "ports": [...],
 *      "switch": {...}, "version": 1}
 *
 * It is canonical: equal configurations have equal texts, because members are
 * sorted, lists are sorted by name or key, and settings are in their text
 * form.  "version" is raised when an older reader could not understand the
 * document any more.
 *
 * The checksum finds accidents: a file that was cut off, a disk that forgets.
 * It is over the document without it, less its white space.  A document
 * without "checksum" is taken as it is: whoever edits one, takes it out.
 *
 * A text is taken as a whole or not at all.  Of anything unknown in it, an
 * error says where it is; what is wrong with the configuration as such is for
 * dvs-validate.c. */

#include <config.h>

#include "schema/dvs-document.h"

#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "schema/dvs-document-field.h"
#include "schema/dvs-limits.h"
#include "sha1.h"
#include "sset.h"
#include "util.h"

#define FORMAT "dvs-configuration"
#define FORMAT_VERSION 1

/* What of each struct is in a document.  Integers have the ranges of the
 * database's columns. */

#define FIELD(STRUCT, MEMBER, TYPE)                                     \
    .name = #MEMBER, .type = DVS_F_##TYPE,                              \
    .offset = offsetof(struct STRUCT, MEMBER)

static const struct dvs_field switch_fields[] = {
    { FIELD(dvs_switch, uuid, UUID) },
    { FIELD(dvs_switch, name, STRING), .required = true },
    { FIELD(dvs_switch, description, STRING) },
    { FIELD(dvs_switch, contact, MAP) },
    { FIELD(dvs_switch, uplinks, NAMES) },
    { FIELD(dvs_switch, mtu, INTEGER), .min = DVS_MTU_MIN,
      .max = DVS_MTU_MAX },
    { FIELD(dvs_switch, bridge_name, STRING) },
    { FIELD(dvs_switch, datapath_type, STRING) },
    { FIELD(dvs_switch, num_standalone_ports, INTEGER),
      .max = DVS_PORTS_MAX },
    { FIELD(dvs_switch, not_supported, MAP) },
    { FIELD(dvs_switch, setting, SETTING) },
};

static const struct dvs_field portgroup_fields[] = {
    { FIELD(dvs_portgroup, uuid, UUID) },
    { FIELD(dvs_portgroup, name, STRING), .required = true },
    { FIELD(dvs_portgroup, description, STRING) },
    { FIELD(dvs_portgroup, type, TYPE) },
    { FIELD(dvs_portgroup, num_ports, INTEGER), .max = DVS_PORTS_MAX },
    { FIELD(dvs_portgroup, auto_expand, BOOL) },
    { FIELD(dvs_portgroup, port_name_format, STRING) },
    { FIELD(dvs_portgroup, uplink, BOOL) },
    { FIELD(dvs_portgroup, overrides, OVERRIDES) },
    { FIELD(dvs_portgroup, live_port_moving, BOOL) },
    { FIELD(dvs_portgroup, reset_at_disconnect, BOOL) },
    { FIELD(dvs_portgroup, not_supported, MAP) },
    { FIELD(dvs_portgroup, setting, SETTING) },
};

static const struct dvs_field port_fields[] = {
    { FIELD(dvs_port, key, STRING), .required = true },
    { FIELD(dvs_port, name, STRING) },
    { FIELD(dvs_port, description, STRING) },
    { FIELD(dvs_port, not_supported, MAP) },
    { FIELD(dvs_port, setting, SETTING) },
};

static const struct dvs_field member_fields[] = {
    { FIELD(dvs_member, host, STRING), .required = true },
    { FIELD(dvs_member, uplinks, MAP) },
    { FIELD(dvs_member, ring, INTEGER), .max = DVS_RING_MAX },
    { FIELD(dvs_member, not_supported, MAP) },
};

static const struct dvs_field document_fields[] = {
    { FIELD(dvs_document, info, MAP) },
};

/* Life cycle. */

/* Initializes 'doc' as a document about nothing. */
void
dvs_document_init(struct dvs_document *doc)
{
    memset(doc, 0, sizeof *doc);
    smap_init(&doc->info);
    dvs_switch_init(&doc->switch_);
}

static void
destroy_ports(struct dvs_port **ports, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        dvs_port_destroy(ports[i]);
        free(ports[i]);
    }
    free(ports);
}

/* Frees what 'doc' owns, but not 'doc' itself. */
void
dvs_document_destroy(struct dvs_document *doc)
{
    if (!doc) {
        return;
    }

    smap_destroy(&doc->info);
    dvs_switch_destroy(&doc->switch_);
    for (size_t i = 0; i < doc->n_portgroups; i++) {
        struct dvs_document_portgroup *pg = doc->portgroups[i];

        dvs_portgroup_destroy(&pg->portgroup);
        destroy_ports(pg->ports, pg->n_ports);
        free(pg);
    }
    free(doc->portgroups);
    destroy_ports(doc->ports, doc->n_ports);
    for (size_t i = 0; i < doc->n_members; i++) {
        dvs_member_destroy(doc->members[i]);
        free(doc->members[i]);
    }
    free(doc->members);
}

/* Adds a new portgroup to 'doc' and returns it. */
struct dvs_document_portgroup *
dvs_document_add_portgroup(struct dvs_document *doc)
{
    struct dvs_document_portgroup *pg = xzalloc(sizeof *pg);

    dvs_portgroup_init(&pg->portgroup);
    if (doc->n_portgroups >= doc->allocated_portgroups) {
        doc->portgroups = x2nrealloc(doc->portgroups,
                                     &doc->allocated_portgroups,
                                     sizeof *doc->portgroups);
    }
    doc->portgroups[doc->n_portgroups++] = pg;
    return pg;
}

/* Adds a new port to 'pg', a portgroup in 'doc', or to the standalone ports
 * of 'doc' if 'pg' is NULL, and returns it. */
struct dvs_port *
dvs_document_add_port(struct dvs_document *doc,
                      struct dvs_document_portgroup *pg)
{
    struct dvs_port ***ports = pg ? &pg->ports : &doc->ports;
    size_t *n = pg ? &pg->n_ports : &doc->n_ports;
    size_t *allocated = pg ? &pg->allocated_ports : &doc->allocated_ports;
    struct dvs_port *port = xmalloc(sizeof *port);

    dvs_port_init(port);
    if (*n >= *allocated) {
        *ports = x2nrealloc(*ports, allocated, sizeof **ports);
    }
    (*ports)[(*n)++] = port;
    return port;
}

/* Adds a new member host to 'doc' and returns it. */
struct dvs_member *
dvs_document_add_member(struct dvs_document *doc)
{
    struct dvs_member *member = xmalloc(sizeof *member);

    dvs_member_init(member);
    if (doc->n_members >= doc->allocated_members) {
        doc->members = x2nrealloc(doc->members, &doc->allocated_members,
                                  sizeof *doc->members);
    }
    doc->members[doc->n_members++] = member;
    return member;
}

/* Writing. */

static int
compare_portgroups(const void *a_, const void *b_)
{
    const struct dvs_document_portgroup *const *a = a_;
    const struct dvs_document_portgroup *const *b = b_;

    return strcmp((*a)->portgroup.name, (*b)->portgroup.name);
}

/* Keys are decimal numbers: shorter is less. */
static int
compare_ports(const void *a_, const void *b_)
{
    const struct dvs_port *const *a = a_;
    const struct dvs_port *const *b = b_;
    size_t a_length = strlen((*a)->key);
    size_t b_length = strlen((*b)->key);

    return (a_length != b_length ? (a_length < b_length ? -1 : 1)
            : strcmp((*a)->key, (*b)->key));
}

static int
compare_members(const void *a_, const void *b_)
{
    const struct dvs_member *const *a = a_;
    const struct dvs_member *const *b = b_;

    return strcmp((*a)->host, (*b)->host);
}

/* Returns a sorted copy of 'array', which has 'n' pointers. */
static void *
sorted(const void *array, size_t n, int (*compare)(const void *, const void *))
{
    void *copy = xmalloc(MAX(n, 1) * sizeof(void *));

    nullable_memcpy(copy, array, n * sizeof(void *));
    qsort(copy, n, sizeof(void *), compare);
    return copy;
}

/* Appends to 'array' an object with the 'n' 'fields' of the struct at 'base'
 * and returns it, borrowed from 'array'; NULL if a string is not UTF-8. */
static json_t *
append_object(json_t *array, const struct dvs_field *fields, size_t n,
              const void *base)
{
    json_t *object = json_object();

    json_array_append_new(array, object);
    return dvs_fields_write(fields, n, base, object) ? object : NULL;
}

/* Adds "ports" to 'object'. */
static bool
write_ports(struct dvs_port *const *ports, size_t n, json_t *object)
{
    struct dvs_port **order = sorted(ports, n, compare_ports);
    json_t *array = json_array();
    bool ok = true;

    json_object_set_new(object, "ports", array);
    for (size_t i = 0; i < n && ok; i++) {
        ok = append_object(array, port_fields, ARRAY_SIZE(port_fields),
                           order[i]) != NULL;
    }
    free(order);
    return ok;
}

static bool
write_portgroups(const struct dvs_document *doc, json_t *object)
{
    struct dvs_document_portgroup **order
        = sorted(doc->portgroups, doc->n_portgroups, compare_portgroups);
    json_t *array = json_array();
    bool ok = true;

    json_object_set_new(object, "portgroups", array);
    for (size_t i = 0; i < doc->n_portgroups && ok; i++) {
        json_t *pg = append_object(array, portgroup_fields,
                                   ARRAY_SIZE(portgroup_fields),
                                   &order[i]->portgroup);

        ok = pg && write_ports(order[i]->ports, order[i]->n_ports, pg);
    }
    free(order);
    return ok;
}

static bool
write_members(const struct dvs_document *doc, json_t *object)
{
    struct dvs_member **order = sorted(doc->members, doc->n_members,
                                       compare_members);
    json_t *array = json_array();
    bool ok = true;

    json_object_set_new(object, "members", array);
    for (size_t i = 0; i < doc->n_members && ok; i++) {
        ok = append_object(array, member_fields, ARRAY_SIZE(member_fields),
                           order[i]) != NULL;
    }
    free(order);
    return ok;
}

static bool
write_switch(const struct dvs_document *doc, json_t *object)
{
    json_t *sw = json_object();

    json_object_set_new(object, "switch", sw);
    return dvs_fields_write(switch_fields, ARRAY_SIZE(switch_fields),
                            &doc->switch_, sw);
}

/* Returns the checksum of 'root', which must be without one. */
static char *
calculate_checksum(const json_t *root)
{
    char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    uint8_t digest[SHA1_DIGEST_SIZE];

    ovs_assert(text);
    sha1_bytes(text, strlen(text), digest);
    free(text);
    return xasprintf("sha1:"SHA1_FMT, SHA1_ARGS(digest));
}

/* Stores the text of 'doc' in '*textp'; the caller must free it.  Every
 * portgroup must have a name, every port a key and every member a host.
 * Returns NULL if successful, otherwise an error message that the caller must
 * free; then '*textp' is NULL. */
char *
dvs_document_to_text(const struct dvs_document *doc, char **textp)
{
    json_t *root = json_object();
    char *error = NULL;

    *textp = NULL;
    json_object_set_new(root, "format", json_string(FORMAT));
    json_object_set_new(root, "version", json_integer(FORMAT_VERSION));
    if (!dvs_fields_write(document_fields, ARRAY_SIZE(document_fields), doc,
                          root)
        || (doc->has_switch && !write_switch(doc, root))
        || !write_portgroups(doc, root)
        || !write_ports(doc->ports, doc->n_ports, root)
        || !write_members(doc, root)) {
        error = xstrdup("a name or value is not valid UTF-8");
    } else {
        char *checksum = calculate_checksum(root);

        json_object_set_new(root, "checksum", json_string(checksum));
        free(checksum);
        *textp = json_dumps(root, JSON_INDENT(1) | JSON_SORT_KEYS);
        ovs_assert(*textp);
    }
    json_decref(root);
    return error;
}

/* Reading.  Every function deletes from the JSON object what it has read. */

/* Returns an error message, which the caller must free, if anything is left
 * in 'object'. */
static char * OVS_WARN_UNUSED_RESULT
check_rest(json_t *object, const char *path)
{
    void *iter = json_object_iter(object);

    return iter ? xasprintf("%s.%s: is unknown", path,
                            json_object_iter_key(iter)) : NULL;
}

/* Takes the array that 'object' has under 'key', if there is one, out of it
 * and calls 'read_element' for each element. */
static char * OVS_WARN_UNUSED_RESULT
read_array(json_t *object, const char *key, const char *path,
           char *(*read_element)(void *, json_t *, const char *path),
           void *aux)
{
    json_t *array = json_object_get(object, key);
    char *error = NULL;
    json_t *element;
    size_t i;

    if (!array) {
        return NULL;
    }
    if (!json_is_array(array)) {
        return xasprintf("%s.%s: is not an array", path, key);
    }
    json_array_foreach (array, i, element) {
        char *element_path = xasprintf("%s.%s[%"PRIuSIZE"]", path, key, i);

        error = read_element(aux, element, element_path);
        free(element_path);
        if (error) {
            return error;
        }
    }
    json_object_del(object, key);
    return NULL;
}

/* Where the ports being read go. */
struct port_target {
    struct dvs_document *doc;
    struct dvs_document_portgroup *pg;  /* Or NULL. */
    struct sset *keys;                  /* Of all ports of the switch. */
};

static char * OVS_WARN_UNUSED_RESULT
read_port(void *target_, json_t *object, const char *path)
{
    struct port_target *target = target_;
    struct dvs_port *port = dvs_document_add_port(target->doc, target->pg);
    char *error = dvs_fields_read(port_fields, ARRAY_SIZE(port_fields), port,
                                  object, path);

    if (error) {
        return error;
    }
    if (!sset_add(target->keys, port->key)) {
        return xasprintf("%s.key: there are two ports with key \"%s\"", path,
                         port->key);
    }
    return check_rest(object, path);
}

/* What is read so far. */
struct reading {
    struct dvs_document *doc;
    struct sset keys;           /* Of ports. */
    struct sset portgroups;     /* Names. */
    struct sset hosts;
};

static char * OVS_WARN_UNUSED_RESULT
read_portgroup(void *reading_, json_t *object, const char *path)
{
    struct reading *r = reading_;
    struct dvs_document_portgroup *pg = dvs_document_add_portgroup(r->doc);
    struct port_target target = { r->doc, pg, &r->keys };
    char *error = dvs_fields_read(portgroup_fields,
                                  ARRAY_SIZE(portgroup_fields),
                                  &pg->portgroup, object, path);

    if (error) {
        return error;
    }
    if (!sset_add(&r->portgroups, pg->portgroup.name)) {
        return xasprintf("%s.name: there are two portgroups \"%s\"", path,
                         pg->portgroup.name);
    }
    error = read_array(object, "ports", path, read_port, &target);
    return error ? error : check_rest(object, path);
}

static char * OVS_WARN_UNUSED_RESULT
read_member(void *reading_, json_t *object, const char *path)
{
    struct reading *r = reading_;
    struct dvs_member *member = dvs_document_add_member(r->doc);
    char *error = dvs_fields_read(member_fields, ARRAY_SIZE(member_fields),
                                  member, object, path);

    if (error) {
        return error;
    }
    if (!sset_add(&r->hosts, member->host)) {
        return xasprintf("%s.host: there are two members \"%s\"", path,
                         member->host);
    }
    return check_rest(object, path);
}

static char * OVS_WARN_UNUSED_RESULT
read_switch(struct dvs_document *doc, json_t *root)
{
    json_t *object = json_object_get(root, "switch");
    char *error;

    if (!object) {
        return NULL;
    }
    doc->has_switch = true;
    error = dvs_fields_read(switch_fields, ARRAY_SIZE(switch_fields),
                            &doc->switch_, object, "$.switch");
    if (!error) {
        error = check_rest(object, "$.switch");
    }
    if (!error) {
        json_object_del(root, "switch");
    }
    return error;
}

/* Checks what says that 'root' is a document that we can read, and takes it
 * out of 'root'. */
static char * OVS_WARN_UNUSED_RESULT
read_header(json_t *root)
{
    const char *format = json_string_value(json_object_get(root, "format"));
    json_t *version = json_object_get(root, "version");
    json_t *checksum = json_object_get(root, "checksum");
    char *calculated;
    char *given;
    bool equal;

    if (!format || strcmp(format, FORMAT)) {
        return xstrdup("this is not a configuration document");
    }
    if (!json_is_integer(version)
        || json_integer_value(version) != FORMAT_VERSION) {
        return xasprintf("the document is not of version %d, which is the "
                         "only one understood here", FORMAT_VERSION);
    }
    if (checksum) {
        if (!json_is_string(checksum)) {
            return xstrdup("$.checksum: is not a string");
        }
        given = xstrdup(json_string_value(checksum));
        json_object_del(root, "checksum");
        calculated = calculate_checksum(root);
        equal = !strcmp(given, calculated);
        free(given);
        free(calculated);
        if (!equal) {
            return xstrdup("the checksum is wrong: the document is damaged "
                           "(if it was edited on purpose, take \"checksum\" "
                           "out)");
        }
    }
    json_object_del(root, "format");
    json_object_del(root, "version");
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_root(struct reading *r, json_t *root)
{
    struct port_target standalone = { r->doc, NULL, &r->keys };
    char *error = read_header(root);

    if (!error) {
        error = dvs_fields_read(document_fields, ARRAY_SIZE(document_fields),
                                r->doc, root, "$");
    }
    if (!error) {
        error = read_switch(r->doc, root);
    }
    if (!error) {
        error = read_array(root, "portgroups", "$", read_portgroup, r);
    }
    if (!error) {
        error = read_array(root, "ports", "$", read_port, &standalone);
    }
    if (!error) {
        error = read_array(root, "members", "$", read_member, r);
    }
    return error ? error : check_rest(root, "$");
}

/* Initializes 'doc' as the document whose text is the 'size' bytes at 'text'.
 * Returns NULL if successful; otherwise, an error message that says where the
 * error is (line and column, or path such as "$.portgroups[3].setting") and
 * that the caller must free, and 'doc' is about nothing.  Either way, the
 * caller must destroy 'doc'. */
char *
dvs_document_from_text(struct dvs_document *doc, const char *text,
                       size_t size)
{
    json_error_t json_error;
    json_t *root;
    char *error;

    dvs_document_init(doc);
    if (size > DVS_DOCUMENT_MAX) {
        return xasprintf("the document has %"PRIuSIZE" bytes, more than %d",
                         size, DVS_DOCUMENT_MAX);
    }
    root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &json_error);
    if (!root) {
        return xasprintf("line %d, column %d: %s", json_error.line,
                         json_error.column, json_error.text);
    }

    struct reading r = { .doc = doc };
    sset_init(&r.keys);
    sset_init(&r.portgroups);
    sset_init(&r.hosts);
    error = read_root(&r, root);
    sset_destroy(&r.keys);
    sset_destroy(&r.portgroups);
    sset_destroy(&r.hosts);
    json_decref(root);

    if (error) {
        dvs_document_destroy(doc);
        dvs_document_init(doc);
    }
    return error;
}

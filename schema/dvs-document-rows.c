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


/* From database rows to configuration documents.  See dvs-document-rows.h. */

#include <config.h>

#include "schema/dvs-document-rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/hmap.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-error.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "sset.h"
#include "util.h"

/* Returns the table of 'class'. */
const struct ovsdb_idl_table_class *
dvs_doc_table(const struct dvs_doc_class *class)
{
    for (size_t i = 0; i < DVSREC_N_TABLES; i++) {
        if (!strcmp(dvsrec_table_classes[i].name, class->table)) {
            return &dvsrec_table_classes[i];
        }
    }
    OVS_NOT_REACHED();
}

/* Returns the column of 'table' that is called 'name', or NULL. */
const struct ovsdb_idl_column *
dvs_doc_column(const struct ovsdb_idl_table_class *table, const char *name)
{
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!strcmp(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    return NULL;
}

/* Values.  A map is an object, a set that may have several elements an array,
 * and everything else one value. */

static struct json *
atom_to_json(const union ovsdb_atom *atom, enum ovsdb_atomic_type type)
{
    return (type == OVSDB_TYPE_UUID
            ? json_string_create_nocopy(
                xasprintf(UUID_FMT, UUID_ARGS(&atom->uuid)))
            : ovsdb_atom_to_json(atom, type));
}

static struct json *
map_to_json(const struct ovsdb_datum *datum, const struct ovsdb_type *type)
{
    struct json *object = json_object_create();

    for (size_t i = 0; i < datum->n; i++) {
        const union ovsdb_atom *key = &datum->keys[i];
        struct json *value = atom_to_json(&datum->values[i],
                                          type->value.type);

        if (type->key.type == OVSDB_TYPE_STRING) {
            json_object_put(object, json_string(key->s), value);
        } else {
            json_object_put_nocopy(
                object, xasprintf("%"PRId64, key->integer), value);
        }
    }
    return object;
}

/* Returns 'datum', of 'type', as JSON, or NULL if it is an empty optional
 * value, set or map.  The caller must free it. */
char *
dvs_doc_json_from_datum(const struct ovsdb_datum *datum,
                        const struct ovsdb_type *type)
{
    struct json *json;

    if (!datum->n) {
        return NULL;
    } else if (ovsdb_type_is_map(type)) {
        json = map_to_json(datum, type);
    } else if (type->n_max > 1) {
        json = json_array_create_empty();
        for (size_t i = 0; i < datum->n; i++) {
            json_array_add(json, atom_to_json(&datum->keys[i],
                                              type->key.type));
        }
    } else {
        json = atom_to_json(&datum->keys[0], type->key.type);
    }

    char *text = json_to_string(json, JSSF_SORT);
    json_destroy(json);
    return text;
}

/* Stores in '*atom' what 'json' is in 'base'. */
static char * OVS_WARN_UNUSED_RESULT
atom_from_json(const struct json *json, const struct ovsdb_base_type *base,
               union ovsdb_atom *atom)
{
    static const char *const types[] = {
        [OVSDB_TYPE_VOID] = "nothing",
        [OVSDB_TYPE_INTEGER] = "an integer",
        [OVSDB_TYPE_REAL] = "a number",
        [OVSDB_TYPE_BOOLEAN] = "a boolean",
        [OVSDB_TYPE_STRING] = "a string",
        [OVSDB_TYPE_UUID] = "a UUID",
    };
    struct ovsdb_error *error = NULL;

    if (base->type == OVSDB_TYPE_UUID) {
        /* What it refers to is for the caller to see. */
        return (json->type == JSON_STRING
                && uuid_from_string(&atom->uuid, json_string(json))
                ? NULL : xstrdup("is not a UUID"));
    }

    /* OVSDB has no arrays and objects here that are not its own notation. */
    if (json->type != JSON_ARRAY && json->type != JSON_OBJECT) {
        error = ovsdb_atom_from_json(atom, base, json, NULL);
        if (!error) {
            return NULL;
        }
        if (!strcmp(ovsdb_error_get_tag(error), "constraint violation")) {
            return ovsdb_error_to_string_free(error);
        }
        ovsdb_error_destroy(error);
    }
    return xasprintf("is not %s", types[base->type]);
}

static char * OVS_WARN_UNUSED_RESULT
map_from_json(const struct json *json, const struct ovsdb_type *type,
              struct ovsdb_datum *datum)
{
    const struct shash_node *node;

    if (json->type != JSON_OBJECT) {
        return xstrdup("is not an object");
    }
    SHASH_FOR_EACH (node, json_object(json)) {
        union ovsdb_atom key, value;
        struct json *json_key;
        char *error;

        if (type->key.type == OVSDB_TYPE_INTEGER) {
            long long int number;

            if (!str_to_llong(node->name, 10, &number)) {
                return xasprintf("\"%s\" is not an integer", node->name);
            }
            json_key = json_integer_create(number);
        } else {
            json_key = json_string_create(node->name);
        }
        error = atom_from_json(json_key, &type->key, &key);
        json_destroy(json_key);
        if (!error) {
            error = atom_from_json(node->data, &type->value, &value);
            if (!error) {
                ovsdb_datum_add_unsafe(datum, &key, &value, type, NULL);
                ovsdb_atom_destroy(&value, type->value.type);
            }
            ovsdb_atom_destroy(&key, type->key.type);
        }
        if (error) {
            return error;
        }
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
add_atom(const struct json *json, const struct ovsdb_type *type,
         struct ovsdb_datum *datum)
{
    union ovsdb_atom atom;
    char *error = atom_from_json(json, &type->key, &atom);

    if (!error) {
        ovsdb_datum_add_unsafe(datum, &atom, NULL, type, NULL);
        ovsdb_atom_destroy(&atom, type->key.type);
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
datum_from_json(const struct json *json, const struct ovsdb_type *type,
                struct ovsdb_datum *datum)
{
    struct ovsdb_error *error;

    if (ovsdb_type_is_map(type)) {
        char *message = map_from_json(json, type, datum);
        if (message) {
            return message;
        }
    } else if (type->n_max > 1) {
        if (json->type != JSON_ARRAY) {
            return xstrdup("is not an array");
        }
        for (size_t i = 0; i < json_array(json)->n; i++) {
            char *message = add_atom(json_array(json)->elems[i], type, datum);
            if (message) {
                return message;
            }
        }
    } else {
        return add_atom(json, type, datum);
    }
    error = ovsdb_datum_sort(datum, type);
    if (error) {
        return ovsdb_error_to_string_free(error);
    }
    return (datum->n > type->n_max ? xstrdup("has too many elements")
            : NULL);
}

/* Returns true if 'datum', the default of 'type', may be a value of it. */
static bool
default_is_valid(const struct ovsdb_type *type,
                 const struct ovsdb_datum *datum)
{
    for (size_t i = 0; i < datum->n; i++) {
        struct ovsdb_error *error
            = ovsdb_atom_check_constraints(&datum->keys[i], &type->key);

        if (error) {
            ovsdb_error_destroy(error);
            return false;
        }
    }
    return true;
}

/* Initializes 'datum' as the value of 'type' whose JSON is 'json', or as the
 * default if that is NULL.  Returns NULL if successful, otherwise an error
 * message, which the caller must free: "is not a string".  Either way the
 * caller must destroy 'datum'. */
char *
dvs_doc_json_to_datum(const char *json, const struct ovsdb_type *type,
                      struct ovsdb_datum *datum)
{
    char *array, *error;
    struct json *parsed;

    if (!json) {
        ovsdb_datum_init_default(datum, type);
        return default_is_valid(type, datum) ? NULL : xstrdup("is missing");
    }

    /* A text has to be an array or an object. */
    ovsdb_datum_init_empty(datum);
    array = xasprintf("[%s]", json);
    parsed = json_from_string(array);
    free(array);
    if (parsed->type != JSON_ARRAY || json_array(parsed)->n != 1) {
        json_destroy(parsed);
        return xstrdup("is not JSON");
    }
    error = datum_from_json(json_array(parsed)->elems[0], type, datum);
    json_destroy(parsed);
    return error;
}

/* Gathering. */

/* A row that hangs on another. */
struct gather_row {
    struct hmap_node node;      /* In struct gather's 'rows'. */
    const struct dvs_doc_link *link;
    struct uuid parent;
    const struct ovsdb_idl_row *row;
};

/* A class with its table and columns looked up. */
struct gather_class {
    const struct dvs_doc_class *class;
    const struct ovsdb_idl_table_class *table;
    const struct ovsdb_idl_column **columns;    /* As class->columns. */
};

struct gather {
    const struct ovsdb_idl *idl;
    const struct sset *portgroups;  /* Names of those wanted; NULL: all. */
    bool state;                 /* As in struct dvs_document. */
    struct hmap rows;           /* Contains "struct gather_row"s. */
    struct gather_class *classes;
    size_t n_classes;
};

static uint32_t
hash_link(const struct dvs_doc_link *link, const struct uuid *parent)
{
    return hash_pointer(link, uuid_hash(parent));
}

static void
gather_add(struct gather *g, const struct dvs_doc_link *link,
           const struct uuid *parent, const struct ovsdb_idl_row *row)
{
    struct gather_row *gr = xmalloc(sizeof *gr);

    *gr = (struct gather_row) { .link = link, .parent = *parent, .row = row };
    hmap_insert(&g->rows, &gr->node, hash_link(link, parent));
}

/* Adds the rows that refer to their parent by 'link'. */
static void
gather_link(struct gather *g, const struct dvs_doc_class *class,
            const struct dvs_doc_link *link)
{
    const struct ovsdb_idl_table_class *table = dvs_doc_table(link->child);
    const struct ovsdb_idl_column *column = dvs_doc_column(table,
                                                           link->column);
    bool standalone = class == &dvs_doc_switch
                      && link->child == &dvs_doc_port;

    for (const struct ovsdb_idl_row *row
             = ovsdb_idl_first_row(g->idl, table);
         row; row = ovsdb_idl_next_row(row)) {
        const struct ovsdb_datum *parent = ovsdb_idl_read(row, column);

        if (parent->n
            && !(standalone
                 && ovsdb_idl_read(row, &dvsrec_port_col_portgroup)->n)) {
            gather_add(g, link, &parent->keys[0].uuid, row);
        }
    }
}

/* Adds each NIC to the switch that it has, or asks for, a port of. */
static void
gather_nics(struct gather *g, const struct dvs_doc_link *link)
{
    const struct dvsrec_vnic *nic;

    DVSREC_VNIC_FOR_EACH (nic, g->idl) {
        const struct dvsrec_switch *sw
            = (nic->connection ? nic->connection->switch_
               : nic->port ? nic->port->switch_
               : nic->portgroup ? nic->portgroup->switch_ : NULL);

        if (sw) {
            gather_add(g, link, &sw->header_.uuid, &nic->header_);
        }
    }
}

static void
gather_init(struct gather *g, const struct ovsdb_idl *idl,
            const struct sset *portgroups, bool state)
{
    *g = (struct gather) {
        .idl = idl, .portgroups = portgroups, .state = state
    };
    hmap_init(&g->rows);
    while (dvs_doc_classes[g->n_classes]) {
        g->n_classes++;
    }
    g->classes = xcalloc(g->n_classes, sizeof *g->classes);
    for (size_t i = 0; i < g->n_classes; i++) {
        const struct dvs_doc_class *class = dvs_doc_classes[i];
        struct gather_class *gc = &g->classes[i];
        size_t n = 0;

        gc->class = class;
        gc->table = dvs_doc_table(class);
        while (class->columns[n]) {
            n++;
        }
        gc->columns = xcalloc(n, sizeof *gc->columns);
        for (size_t j = 0; j < n; j++) {
            gc->columns[j] = dvs_doc_column(gc->table, class->columns[j]);
        }
        for (const struct dvs_doc_link *link = class->links; link->key;
             link++) {
            if (link->relation == DVS_DOC_CHILD_REFERS) {
                gather_link(g, class, link);
            } else if (link->relation == DVS_DOC_NICS && !state) {
                gather_nics(g, link);
            }
        }
    }
}

static void
gather_destroy(struct gather *g)
{
    struct gather_row *gr;

    HMAP_FOR_EACH_POP (gr, node, &g->rows) {
        free(gr);
    }
    hmap_destroy(&g->rows);
    for (size_t i = 0; i < g->n_classes; i++) {
        free(g->classes[i].columns);
    }
    free(g->classes);
}

static char *gather_object(struct gather *, const struct ovsdb_idl_row *,
                           struct dvs_doc_object *) OVS_WARN_UNUSED_RESULT;

/* Returns true if 'port' is no other than its portgroup would make it. */
bool
dvs_doc_port_is_plain(const struct dvsrec_port *port)
{
    const struct dvsrec_portgroup *pg = port->portgroup;

    if (port->setting || port->description[0]) {
        return false;
    }
    if (port->uplink_host || !port->switch_) {
        return true;
    }

    char *name = dvs_port_name_from_format(pg ? pg->port_name_format : NULL,
                                           port->switch_->name,
                                           pg ? pg->name : NULL, port->key);
    bool plain = !port->name[0] || !strcmp(port->name, name);

    free(name);
    return plain;
}

static char * OVS_WARN_UNUSED_RESULT
gather_child(struct gather *g, const struct dvs_doc_link *link,
             const struct ovsdb_idl_row *row, struct dvs_doc_object *parent)
{
    if (link->child == &dvs_doc_portgroup && g->portgroups
        && !sset_contains(g->portgroups,
                          ((const struct dvsrec_portgroup *) row)->name)) {
        return NULL;
    }
    if (g->state && link->child == &dvs_doc_port
        && dvs_doc_port_is_plain((const struct dvsrec_port *) row)) {
        return NULL;
    }
    return gather_object(g, row, dvs_doc_object_add(parent, link));
}

/* Adds to 'object' the rows that hang on 'row' by 'link'. */
static char * OVS_WARN_UNUSED_RESULT
gather_children(struct gather *g, const struct dvs_doc_link *link,
                const struct ovsdb_idl_row *row,
                struct dvs_doc_object *object)
{
    if (link->relation == DVS_DOC_PARENT_REFERS) {
        const struct ovsdb_idl_table_class *parent_table
            = dvs_doc_table(object->class);
        const struct ovsdb_idl_table_class *table
            = dvs_doc_table(link->child);
        const struct ovsdb_datum *refs = ovsdb_idl_read(
            row, dvs_doc_column(parent_table, link->column));

        for (size_t i = 0; i < refs->n; i++) {
            const struct ovsdb_idl_row *child = ovsdb_idl_get_row_for_uuid(
                g->idl, table, &refs->keys[i].uuid);
            char *error = (child ? gather_child(g, link, child, object)
                           : NULL);
            if (error) {
                return error;
            }
        }
        return NULL;
    }

    const struct gather_row *gr;
    HMAP_FOR_EACH_WITH_HASH (gr, node, hash_link(link, &row->uuid),
                             &g->rows) {
        if (gr->link == link && uuid_equals(&gr->parent, &row->uuid)) {
            char *error = gather_child(g, link, gr->row, object);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* Fills 'object' from 'row'. */
static char * OVS_WARN_UNUSED_RESULT
gather_object(struct gather *g, const struct ovsdb_idl_row *row,
              struct dvs_doc_object *object)
{
    const struct dvs_doc_class *class = object->class;
    const struct gather_class *gc = g->classes;
    bool stub = class == &dvs_doc_switch && g->portgroups;

    while (gc->class != class) {
        gc++;
    }
    object->row = row->uuid;
    if (class->has_uuid) {
        object->uuid = row->uuid;
    }
    for (size_t i = 0; class->columns[i]; i++) {
        const struct ovsdb_idl_column *column = gc->columns[i];
        const struct ovsdb_datum *datum = ovsdb_idl_read(row, column);
        bool identity = (class->identity
                         && !strcmp(class->identity, column->name));

        if (g->state && !strcmp(column->name, "external_ids")) {
            continue;
        }
        if (identity
            || (!stub && !ovsdb_datum_is_default(datum, &column->type))) {
            char *json = dvs_doc_json_from_datum(datum, &column->type);
            char *error = dvs_doc_object_set(object, column->name, json);

            free(json);
            if (error) {
                return error;
            }
        }
    }
    for (const struct dvs_doc_link *link = class->links; link->key; link++) {
        if (!stub || link->child == &dvs_doc_portgroup) {
            char *error = gather_children(g, link, row, object);
            if (error) {
                return error;
            }
        }
    }
    return NULL;
}

/* Registers with 'idl' all columns that dvs_document_gather() reads. */
void
dvs_document_register(struct ovsdb_idl *idl)
{
    for (size_t i = 0; dvs_doc_classes[i]; i++) {
        const struct dvs_doc_class *class = dvs_doc_classes[i];
        const struct ovsdb_idl_table_class *table = dvs_doc_table(class);

        for (size_t j = 0; class->columns[j]; j++) {
            ovsdb_idl_add_column(idl, dvs_doc_column(table,
                                                     class->columns[j]));
        }
        for (const struct dvs_doc_link *link = class->links; link->key;
             link++) {
            if (link->relation != DVS_DOC_NICS) {
                const struct dvs_doc_class *referrer
                    = (link->relation == DVS_DOC_CHILD_REFERS ? link->child
                       : class);

                ovsdb_idl_add_column(
                    idl, dvs_doc_column(dvs_doc_table(referrer),
                                        link->column));
            }
        }
    }

    /* Standalone ports and NICs are found by these. */
    ovsdb_idl_add_column(idl, &dvsrec_port_col_portgroup);
    ovsdb_idl_add_column(idl, &dvsrec_port_col_switch_);
}

/* Adds to 'doc' the switch in 'row' with all that belongs to it in 'idl', or,
 * if 'portgroups' is not NULL, only its name and the portgroups of these
 * names.  Returns NULL if successful, otherwise an error message, which the
 * caller must free: some string is not UTF-8. */
char *
dvs_document_gather(const struct ovsdb_idl *idl,
                    const struct dvsrec_switch *row,
                    const struct sset *portgroups, struct dvs_document *doc)
{
    struct gather g;

    gather_init(&g, idl, portgroups, false);
    char *error = gather_object(&g, &row->header_,
                                dvs_document_add_switch(doc));
    gather_destroy(&g);
    if (portgroups) {
        doc->portgroups_only = true;
    }
    return error;
}

/* Adds to 'doc' the state of the switch in 'row', as a checkpoint has it (see
 * 'state' in struct dvs_document).  Returns NULL if successful, otherwise an
 * error message, which the caller must free. */
char *
dvs_document_gather_state(const struct ovsdb_idl *idl,
                          const struct dvsrec_switch *row,
                          struct dvs_document *doc)
{
    struct gather g;

    gather_init(&g, idl, NULL, true);
    char *error = gather_object(&g, &row->header_,
                                dvs_document_add_switch(doc));
    gather_destroy(&g);
    doc->state = true;
    return error;
}

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

/* From objects of configuration documents to the model's structs.
 *
 * Each object is made a row that is in no database, so that dvs-read.c, which
 * reads rows, is the only place that knows what columns mean.  The values of
 * the objects must be of the types of their columns. */

#include <config.h>

#include "schema/dvs-document-model.h"

#include <stdlib.h>
#include <string.h>

#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "util.h"
#include "uuid.h"

/* A row that is in no database: what dvs-read.c needs of one. */
struct loose_row {
    struct ovsdb_idl_table table;   /* Nothing but its class. */
    struct ovsdb_datum *data;       /* For each column. */
    struct ovsdb_idl_row *row;      /* The header of a "struct dvsrec_...". */
    struct loose_row **children;    /* Those that it refers to. */
    size_t n_children, allocated_children;
};

/* Whether columns of 'type' refer to rows, which have to be found first. */
static bool
is_reference(const struct ovsdb_type *type)
{
    return (type->key.type == OVSDB_TYPE_UUID
            && type->key.uuid.refTableName != NULL);
}

/* Initializes 'datum' as the value of 'column' in 'object'. */
static void
init_datum(const struct dvs_doc_object *object,
           const struct ovsdb_idl_column *column, struct ovsdb_datum *datum)
{
    const char *const *columns = object->class->columns;

    for (size_t i = 0; columns[i]; i++) {
        if (!strcmp(columns[i], column->name)) {
            char *error = dvs_doc_json_to_datum(object->values[i],
                                                &column->type, datum);

            ovs_assert(!error);
            return;
        }
    }
    ovsdb_datum_init_default(datum, &column->type);
}

static struct loose_row *
loose_row_create(const struct dvs_doc_object *object)
{
    const struct ovsdb_idl_table_class *class = dvs_doc_table(object->class);
    struct loose_row *r = xzalloc(sizeof *r);

    r->table.class_ = class;
    r->data = xcalloc(class->n_columns, sizeof *r->data);
    r->row = xzalloc(class->allocation_size);
    r->row->uuid = object->uuid;
    r->row->table = &r->table;
    r->row->old_datum = r->row->new_datum = r->data;
    for (size_t i = 0; i < class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &class->columns[i];

        init_datum(object, column, &r->data[i]);
        if (!is_reference(&column->type)) {
            column->parse(r->row, &r->data[i]);
        }
    }
    return r;
}

static void
loose_row_destroy(struct loose_row *r)
{
    const struct ovsdb_idl_table_class *class = r->table.class_;

    for (size_t i = 0; i < r->n_children; i++) {
        loose_row_destroy(r->children[i]);
    }
    for (size_t i = 0; i < class->n_columns; i++) {
        const struct ovsdb_idl_column *column = &class->columns[i];

        if (!is_reference(&column->type)) {
            column->unparse(r->row);
        }
        ovsdb_datum_destroy(&r->data[i], &column->type);
    }
    free(r->children);
    free(r->data);
    free(r->row);
    free(r);
}

/* Makes 'object' a row that belongs to 'r', and returns it. */
static struct ovsdb_idl_row *
add_child(struct loose_row *r, const struct dvs_doc_object *object)
{
    if (r->n_children >= r->allocated_children) {
        r->children = x2nrealloc(r->children, &r->allocated_children,
                                 sizeof *r->children);
    }
    r->children[r->n_children] = loose_row_create(object);
    return r->children[r->n_children++]->row;
}

/* Initializes 'scope' as that of switch 'sw', which will keep what hangs on
 * 'kept'; that may be NULL.  The caller must destroy it before them. */
void
dvs_doc_scope_init(struct dvs_doc_scope *scope,
                   const struct dvs_doc_object *sw,
                   const struct dvs_doc_object *kept)
{
    const struct dvs_doc_object *const switches[] = { sw, kept };

    scope->sw = sw;
    scope->kept = kept;
    shash_init(&scope->pools);
    for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
        for (size_t j = 0; switches[i] && j < switches[i]->n_children; j++) {
            const struct dvs_doc_object *child = switches[i]->children[j];

            if (!strcmp(child->link->key, "resource_pools")) {
                char *uuid = xasprintf(UUID_FMT, UUID_ARGS(&child->uuid));

                shash_add_once(&scope->pools, uuid, child);
                free(uuid);
            }
        }
    }
}

void
dvs_doc_scope_destroy(struct dvs_doc_scope *scope)
{
    shash_destroy(&scope->pools);
}

/* Adds to 'r', a setting, the rows of what 'object' has and names. */
static struct dvsrec_port_setting *
fill_setting(const struct dvs_doc_scope *scope,
             const struct dvs_doc_object *object, struct loose_row *r)
{
    struct dvsrec_port_setting *row = (struct dvsrec_port_setting *) r->row;
    char *uuid = dvs_doc_text_from_json(
        dvs_doc_object_value(object, "resource_pool"));
    const struct dvs_doc_object *pool = shash_find_data(&scope->pools, uuid);

    if (object->n_children) {
        row->rules = xcalloc(object->n_children, sizeof *row->rules);
    }
    for (size_t i = 0; i < object->n_children; i++) {
        row->rules[row->n_rules++]
            = (struct dvsrec_traffic_rule *) add_child(r,
                                                       object->children[i]);
    }
    if (pool) {
        row->resource_pool
            = (struct dvsrec_resource_pool *) add_child(r, pool);
    }
    free(uuid);
    return row;
}

/* Returns the row of the setting that hangs on 'object' by 'key', which
 * belongs to '*r', or NULL if there is none; then '*r' is NULL, too. */
static struct dvsrec_port_setting *
make_setting(const struct dvs_doc_scope *scope,
             const struct dvs_doc_object *object, const char *key,
             struct loose_row **r)
{
    *r = NULL;
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (!strcmp(child->link->key, key)) {
            *r = loose_row_create(child);
            return fill_setting(scope, child, *r);
        }
    }
    return NULL;
}

static void
destroy_setting(struct loose_row *r)
{
    if (r) {
        /* No column's unparse() has freed what no parse() has allocated. */
        free(((struct dvsrec_port_setting *) r->row)->rules);
        loose_row_destroy(r);
    }
}

/* Adds the private VLANs, LAGs, classes of traffic and pools that hang on
 * 'object', which may be NULL, to 'sw'. */
static void
read_switch_children(const struct dvs_doc_object *object,
                     struct dvs_switch *sw)
{
    for (size_t i = 0; object && i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (!strcmp(child->link->key, "private_vlans")) {
            struct loose_row *r = loose_row_create(child);
            struct dvs_pvlan entry;

            dvs_read_pvlan((const struct dvsrec_private_vlan *) r->row,
                           &entry);
            dvs_pvlans_add(&sw->pvlans, &entry);
            loose_row_destroy(r);
        } else if (!strcmp(child->link->key, "lags")) {
            struct loose_row *r = loose_row_create(child);
            struct dvs_lag lag;

            dvs_read_lag((const struct dvsrec_lag *) r->row, &lag);
            dvs_lags_add(&sw->lags, &lag);
            loose_row_destroy(r);
        } else if (!strcmp(child->link->key, "traffic_classes")) {
            struct loose_row *r = loose_row_create(child);

            dvs_read_class((const struct dvsrec_traffic_class *) r->row,
                           &sw->classes);
            loose_row_destroy(r);
        } else if (!strcmp(child->link->key, "resource_pools")) {
            struct loose_row *r = loose_row_create(child);
            const struct dvsrec_resource_pool *pool
                = (const struct dvsrec_resource_pool *) r->row;

            dvs_pools_add(&sw->pools, pool->name, pool->reservation);
            loose_row_destroy(r);
        }
    }
}

/* Replaces 'sw' by the switch of 'scope', with all its private VLANs, LAGs
 * and classes of traffic, the faulty ones included.  Returns and demands the
 * same as dvs_read_switch(). */
char *
dvs_doc_read_switch(const struct dvs_doc_scope *scope, struct dvs_switch *sw)
{
    struct loose_row *r = loose_row_create(scope->sw), *setting;
    struct dvsrec_switch *row = (struct dvsrec_switch *) r->row;

    row->default_setting = make_setting(scope, scope->sw, "default_setting",
                                        &setting);
    char *error = dvs_read_switch(row, sw);

    read_switch_children(scope->sw, sw);
    read_switch_children(scope->kept, sw);
    destroy_setting(setting);
    loose_row_destroy(r);
    return error;
}

/* Replaces 'pg' by the portgroup 'object'.  Returns and demands the same as
 * dvs_read_portgroup(). */
char *
dvs_doc_read_portgroup(const struct dvs_doc_scope *scope,
                       const struct dvs_doc_object *object,
                       struct dvs_portgroup *pg)
{
    struct loose_row *r = loose_row_create(object), *setting;
    struct dvsrec_portgroup *row = (struct dvsrec_portgroup *) r->row;

    row->setting = make_setting(scope, object, "setting", &setting);
    char *error = dvs_read_portgroup(row, pg);

    destroy_setting(setting);
    loose_row_destroy(r);
    return error;
}

/* Replaces 'port' by the port 'object'.  Returns and demands the same as
 * dvs_read_port(). */
char *
dvs_doc_read_port(const struct dvs_doc_scope *scope,
                  const struct dvs_doc_object *object, struct dvs_port *port)
{
    struct loose_row *r = loose_row_create(object), *setting;
    struct dvsrec_port *row = (struct dvsrec_port *) r->row;

    row->setting = make_setting(scope, object, "setting", &setting);
    char *error = dvs_read_port(row, port);

    destroy_setting(setting);
    loose_row_destroy(r);
    return error;
}

/* Replaces 'member' by the membership 'object'.  Returns and demands the same
 * as dvs_read_member(). */
char *
dvs_doc_read_member(const struct dvs_doc_object *object,
                    struct dvs_member *member)
{
    struct loose_row *r = loose_row_create(object);
    char *error = dvs_read_member((const struct dvsrec_host_member *) r->row,
                                  member);

    loose_row_destroy(r);
    return error;
}

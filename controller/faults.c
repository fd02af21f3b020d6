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

/* The only writer of columns "faults"; see faults.h.
 *
 * Does not find any fault itself. */

#include <config.h>

#include "controller/faults.h"

#include <stdlib.h>

#include "controller/indexes.h"
#include "coverage.h"
#include "hash.h"
#include "ovsdb-data.h"
#include "sset.h"
#include "util.h"

COVERAGE_DEFINE(faults_written);

/* Where each table's faults stand. */
static const struct {
    const struct ovsdb_idl_table_class *class;
    const struct ovsdb_idl_column *column;
} tables[FAULTS_N_TABLES] = {
#define TABLE(NAME, RECORD)                                     \
    [FAULTS_##NAME] = { &dvsrec_table_##RECORD,                 \
                        &dvsrec_##RECORD##_col_faults }
    TABLE(SWITCH, switch),
    TABLE(PORTGROUP, portgroup),
    TABLE(PORT, port),
    TABLE(MEMBER, host_member),
    TABLE(VNIC, vnic),
    TABLE(LAG, lag),
    TABLE(PRIVATE_VLAN, private_vlan),
    TABLE(MIRROR, mirror),
    TABLE(IPFIX, ipfix),
    TABLE(TRAFFIC_CLASS, traffic_class),
    TABLE(RESOURCE_POOL, resource_pool),
#undef TABLE
};

/* An object whose faults are open. */
struct faults_object {
    struct hmap_node node;      /* In struct faults's 'objects', by row. */
    enum faults_table table;
    struct uuid uuid;           /* Of the row. */
    struct dvs_faults faults;
};

void
faults_init(struct faults *f)
{
    hmap_init(&f->objects);
}

void
faults_destroy(struct faults *f)
{
    if (f) {
        struct faults_object *o;

        HMAP_FOR_EACH_POP (o, node, &f->objects) {
            dvs_faults_destroy(&o->faults);
            free(o);
        }
        hmap_destroy(&f->objects);
    }
}

static struct faults_object *
find_object(const struct faults *f, enum faults_table table,
            const struct uuid *uuid)
{
    struct faults_object *o;

    HMAP_FOR_EACH_WITH_HASH (o, node, hash_int(table, uuid_hash(uuid)),
                             &f->objects) {
        if (o->table == table && uuid_equals(&o->uuid, uuid)) {
            return o;
        }
    }
    return NULL;
}

/* Returns true if faults of row 'uuid' in 'table' have been found that are not
 * yet written. */
bool
faults_are_open(const struct faults *f, enum faults_table table,
                const struct uuid *uuid)
{
    const struct faults_object *o = find_object(f, table, uuid);

    return o && o->faults.n;
}

/* Returns the faults of row 'uuid' in 'table', empty, for the caller to add
 * to.  They belong to 'f'. */
struct dvs_faults *
faults_open(struct faults *f, enum faults_table table, const struct uuid *uuid)
{
    struct faults_object *o = find_object(f, table, uuid);

    if (o) {
        dvs_faults_destroy(&o->faults);
        dvs_faults_init(&o->faults);
        return &o->faults;
    }

    o = xmalloc(sizeof *o);
    o->table = table;
    o->uuid = *uuid;
    dvs_faults_init(&o->faults);
    hmap_insert(&f->objects, &o->node, hash_int(table, uuid_hash(uuid)));
    return &o->faults;
}

/* Adds copies of the faults in 'src' to 'dst'. */
void
faults_add_all(struct dvs_faults *dst, const struct dvs_faults *src)
{
    for (size_t i = 0; i < src->n; i++) {
        const struct dvs_fault *fault = &src->faults[i];
        dvs_faults_add(dst, fault->name, fault->column, "%s", fault->message);
    }
}

/* Writes 'faults' to 'column' of 'row' unless it holds them already. */
static void
write_row(const struct ovsdb_idl_row *row,
          const struct ovsdb_idl_column *column,
          const struct dvs_faults *faults)
{
    const struct ovsdb_datum *old = ovsdb_idl_read(row, column);
    if (!faults->n && !old->n) {
        return;
    }

    struct ovsdb_datum new;
    struct sset strings;
    const char *s;

    sset_init(&strings);
    dvs_faults_to_sset(faults, &strings);
    ovsdb_datum_init_empty(&new);
    new.keys = xmalloc(sset_count(&strings) * sizeof *new.keys);
    SSET_FOR_EACH (s, &strings) {
        new.keys[new.n++].s = ovsdb_atom_string_create(s);
    }
    ovsdb_datum_sort_unique(&new, &column->type);

    if (ovsdb_datum_equals(old, &new, &column->type)) {
        ovsdb_datum_destroy(&new, &column->type);
    } else {
        COVERAGE_INC(faults_written);
        ovsdb_idl_txn_write(row, column, &new);
    }
    sset_destroy(&strings);
}

/* Writes all open faults to their rows, where these still exist. */
void
faults_write(struct faults *f, struct ovsdb_idl *idl)
{
    struct faults_object *o;

    HMAP_FOR_EACH (o, node, &f->objects) {
        const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(
            idl, tables[o->table].class, &o->uuid);
        if (row_exists(row)) {
            write_row(row, tables[o->table].column, &o->faults);
        }
    }
}

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

/* From configuration documents back to database rows.
 *
 * What there is now is gathered into a document too, and the objects of the
 * two are matched.  An object of the document becomes the row of its match, or
 * a new one; then all rows get the values and the places that the document
 * gives them. */

#include <config.h>

#include "schema/dvs-document-restore.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "ovsdb-data.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-model.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-document.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"
#include "util.h"
#include "uuid.h"

/* Where what has a UUID in the document is in the database. */
struct restore_id {
    struct hmap_node node;      /* In struct restore's 'ids', by 'from'. */
    struct uuid from, to;
};

struct restore {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;
    const struct dvs_document *doc;
    int flags;                  /* enum dvs_restore_flags. */
    struct uuid switch_;        /* Row of the switch. */
    struct hmap ids;            /* Contains "struct restore_id"s. */
    struct shash nics;          /* Id -> row of VNIC, if they matter. */
};

/* Which rows. */

static const struct uuid *
find_id(const struct restore *r, const struct uuid *from)
{
    const struct restore_id *id;

    HMAP_FOR_EACH_WITH_HASH (id, node, uuid_hash(from), &r->ids) {
        if (uuid_equals(&id->from, from)) {
            return &id->to;
        }
    }
    return NULL;
}

static bool
is_left_out(const struct restore *r, const struct dvs_doc_object *object)
{
    return dvs_doc_is_left_out(r->doc, r->flags, object);
}

static void
restore_init(struct restore *r, struct ovsdb_idl *idl,
             struct ovsdb_idl_txn *txn, const struct dvs_document *doc,
             int flags)
{
    const struct dvsrec_vnic *nic;

    *r = (struct restore) {
        .idl = idl, .txn = txn, .doc = doc, .flags = flags,
    };
    hmap_init(&r->ids);
    shash_init(&r->nics);
    if (flags & DVS_RESTORE_NICS) {
        DVSREC_VNIC_FOR_EACH (nic, idl) {
            shash_add_once(&r->nics, nic->id, nic);
        }
    }
}

static void
restore_destroy(struct restore *r)
{
    struct restore_id *id;

    HMAP_FOR_EACH_POP (id, node, &r->ids) {
        free(id);
    }
    hmap_destroy(&r->ids);
    shash_destroy(&r->nics);
}

/* Stores in '*row' the row of the NIC with the id of 'object', if that is a
 * NIC; NULL if there is none.  Returns a fault if it is one of a switch,
 * of which 'object' is not. */
static char * OVS_WARN_UNUSED_RESULT
find_namesake(const struct restore *r, const struct dvs_doc_object *object,
              const struct dvsrec_vnic **row)
{
    char *id = dvs_doc_object_name(object);
    char *fault = NULL;

    *row = (object->class == &dvs_doc_nic ? shash_find_data(&r->nics, id)
            : NULL);
    if (*row && ((*row)->connection || (*row)->port || (*row)->portgroup)) {
        fault = xasprintf("DuplicateName: NIC \"%s\" is one of another "
                          "switch", id);
    }
    free(id);
    return fault;
}

/* Makes a row for 'object'. */
static const struct ovsdb_idl_row *
insert_row(struct restore *r, const struct dvs_doc_object *object)
{
    const struct ovsdb_idl_table_class *table = dvs_doc_table(object->class);

    if (r->flags & DVS_RESTORE_IDENTIFIERS && !uuid_is_zero(&object->uuid)
        && !ovsdb_idl_get_row_for_uuid(r->idl, table, &object->uuid)) {
        return ovsdb_idl_txn_insert_persist_uuid(r->txn, table,
                                                 &object->uuid);
    }

    /* So that the row can be named at once where no reference can be. */
    struct uuid uuid;
    uuid_generate(&uuid);
    return ovsdb_idl_txn_insert_persist_uuid(r->txn, table, &uuid);
}

/* Returns true if some NIC has, or asks for, a port of 'portgroup'. */
static bool
portgroup_is_in_use(const struct restore *r, const struct uuid *portgroup)
{
    const struct dvsrec_vnic *nic;

    DVSREC_VNIC_FOR_EACH (nic, r->idl) {
        const struct dvsrec_portgroup *pg
            = (nic->connection ? nic->connection->portgroup
               : nic->port ? nic->port->portgroup : nic->portgroup);

        if (pg && uuid_equals(&pg->header_.uuid, portgroup)) {
            return true;
        }
    }
    return false;
}

static char *
in_use_fault(const struct dvs_doc_object *portgroup)
{
    char *name = dvs_doc_object_name(portgroup);
    char *fault = xasprintf("ResourceInUse: portgroup \"%s\", which would be "
                            "removed, has NICs", name);

    free(name);
    return fault;
}

/* Removes 'old', which the document does not have, from the database.  A port
 * that a NIC has stays, for the controller to judge. */
static char * OVS_WARN_UNUSED_RESULT
remove_row(struct restore *r, const struct dvs_doc_object *old, bool parent)
{
    const struct ovsdb_idl_table_class *table = dvs_doc_table(old->class);
    const struct ovsdb_idl_row *row
        = ovsdb_idl_get_row_for_uuid(r->idl, table, &old->row);

    if (row && table == &dvsrec_table_port_setting) {
        /* The database server looks at what it refers to before it goes for
         * want of references to itself. */
        dvsrec_port_setting_set_resource_pool(
            (const struct dvsrec_port_setting *) row, NULL);
    }
    if (!table->is_root || old->class == &dvs_doc_nic) {
        return NULL;
    }
    if (old->class == &dvs_doc_port && !parent) {
        const struct dvsrec_port *port = (const struct dvsrec_port *) row;

        if (port->connectee || port->uplink_host) {
            return NULL;
        }
    }
    if (old->class == &dvs_doc_portgroup
        && portgroup_is_in_use(r, &row->uuid)) {
        return in_use_fault(old);
    }
    for (size_t i = 0; i < old->n_children; i++) {
        char *error = remove_row(r, old->children[i], true);

        if (error) {
            return error;
        }
    }
    ovsdb_idl_txn_delete(row);
    return NULL;
}

/* Makes the port 'old', of which a checkpoint has nothing, what its portgroup
 * would make it. */
static void
reset_port(struct restore *r, const struct dvs_doc_object *old)
{
    const struct dvsrec_port *port = dvsrec_port_get_for_uuid(r->idl,
                                                              &old->row);
    const struct dvsrec_portgroup *pg = port->portgroup;

    if (!dvs_doc_port_is_plain(port)) {
        char *name = dvs_port_name_from_format(
            pg ? pg->port_name_format : NULL, port->switch_->name,
            pg ? pg->name : NULL, port->key);

        dvsrec_port_set_setting(port, NULL);
        dvsrec_port_set_description(port, "");
        if (!port->uplink_host) {
            dvsrec_port_set_name(port, name);
        }
        free(name);
    }
}

/* Returns true if 'm' is a host that is to join or leave, or a port for an
 * uplink of one, and nobody may. */
static bool
comes_or_goes(const struct restore *r, const struct dvs_doc_match *m)
{
    const struct dvs_doc_object *object = m->new ? m->new : m->old;

    return (r->flags & DVS_RESTORE_MEMBERS_STAY
            && (object->class == &dvs_doc_member
                ? !m->new || !m->old
                : object->class == &dvs_doc_port && !m->old
                  && dvs_doc_object_value(object, "uplink_host")));
}

/* Gives 'new' and all below it their rows: those of their matches in 'old',
 * which may be NULL, or new ones. */
static char * OVS_WARN_UNUSED_RESULT
assign_rows(struct restore *r, struct dvs_doc_object *new,
            const struct dvs_doc_object *old)
{
    struct dvs_doc_matches matches;
    char *error = NULL;

    if (!old) {
        const struct dvsrec_vnic *nic;

        error = find_namesake(r, new, &nic);
        if (error) {
            return error;
        }
        if (nic && uuid_equals(&nic->header_.uuid, &new->uuid)) {
            new->row = new->uuid;
        } else {
            if (nic) {
                /* A host has it plugged in, so it has got a row anew. */
                dvsrec_vnic_delete(nic);
            }
            new->row = insert_row(r, new)->uuid;
        }
    } else {
        new->row = old->row;
    }
    if (!uuid_is_zero(&new->uuid)) {
        struct restore_id *id = xmalloc(sizeof *id);

        id->from = new->uuid;
        id->to = new->row;
        hmap_insert(&r->ids, &id->node, uuid_hash(&id->from));
    }

    dvs_doc_match_children(old, new, &matches);
    for (size_t i = 0; !error && i < matches.n; i++) {
        const struct dvs_doc_match *m = &matches.pairs[i];

        if (is_left_out(r, m->new ? m->new : m->old)
            || comes_or_goes(r, m)) {
            continue;
        } else if (m->new) {
            error = assign_rows(r, CONST_CAST(struct dvs_doc_object *,
                                              m->new), m->old);
        } else if (r->doc->state && m->old->class == &dvs_doc_port) {
            reset_port(r, m->old);
        } else if (r->flags & DVS_RESTORE_EXACTLY
                   && !(r->doc->portgroups_only
                        && m->old->class == &dvs_doc_portgroup)) {
            error = remove_row(r, m->old, false);
        }
    }
    dvs_doc_matches_destroy(&matches);
    return error;
}

/* What they say. */

/* Makes the UUIDs in 'datum' those of rows in the database, and leaves out
 * what is not there any more. */
static void
translate_references(const struct restore *r, const struct ovsdb_type *type,
                     struct ovsdb_datum *datum)
{
    struct ovsdb_datum result;

    if (type->key.type != OVSDB_TYPE_UUID || !datum->n) {
        return;
    }
    ovsdb_datum_init_empty(&result);
    for (size_t i = 0; i < datum->n; i++) {
        const struct uuid *to = find_id(r, &datum->keys[i].uuid);
        union ovsdb_atom atom = { .uuid = to ? *to : datum->keys[i].uuid };
        bool exists = to != NULL;

        for (size_t j = 0; dvs_doc_classes[j] && !exists; j++) {
            const struct ovsdb_idl_table_class *table
                = dvs_doc_table(dvs_doc_classes[j]);

            exists = (!strcmp(table->name, type->key.uuid.refTableName)
                      && ovsdb_idl_get_row_for_uuid(r->idl, table,
                                                    &atom.uuid));
        }
        if (exists) {
            ovsdb_datum_add_unsafe(&result, &atom, NULL, type, NULL);
        }
    }
    ovsdb_datum_sort_unique(&result, type);
    ovsdb_datum_swap(datum, &result);
    ovsdb_datum_destroy(&result, type);
}

/* Returns true if 'column' of 'row' is to stay as it is. */
static bool
is_kept(const struct restore *r, const struct dvs_doc_class *class,
        const struct ovsdb_idl_row *row, const char *column,
        const struct ovsdb_datum *datum)
{
    if (r->doc->state && !strcmp(column, "external_ids")) {
        return true;
    } else if (class != &dvs_doc_switch) {
        return false;
    } else if (!strcmp(column, "name")) {
        return !(r->flags & DVS_RESTORE_NAME);
    } else if (!strcmp(column, "bridge_name")) {
        return !(r->flags & DVS_RESTORE_EXACTLY);
    } else if (!strcmp(column, "next_port_key")) {
        /* A key that was given since must not be given again. */
        const struct dvsrec_switch *sw = (const struct dvsrec_switch *) row;

        return datum->n && datum->keys[0].integer < sw->next_port_key;
    }
    return false;
}

/* Returns 'error', which it frees, as a fault about 'column' of 'object'. */
static char *
value_fault(const struct dvs_doc_object *object, const char *column,
            char *error)
{
    char *name = dvs_doc_object_name(object);
    char *fault = xasprintf("InvalidArgument: %s%s%s: %s: %s",
                            object->class->word, *name ? " " : "", name,
                            column, error);

    free(name);
    free(error);
    return fault;
}

static char * OVS_WARN_UNUSED_RESULT
write_columns(struct restore *r, const struct dvs_doc_object *object,
              const struct ovsdb_idl_row *row)
{
    const struct dvs_doc_class *class = object->class;
    const struct ovsdb_idl_table_class *table = dvs_doc_table(class);

    for (size_t i = 0; class->columns[i]; i++) {
        const struct ovsdb_idl_column *column
            = dvs_doc_column(table, class->columns[i]);
        struct ovsdb_datum datum;
        char *error = dvs_doc_json_to_datum(object->values[i], &column->type,
                                            &datum);

        if (error) {
            ovsdb_datum_destroy(&datum, &column->type);
            return value_fault(object, class->columns[i], error);
        }
        translate_references(r, &column->type, &datum);
        if (is_kept(r, class, row, class->columns[i], &datum)) {
            ovsdb_datum_destroy(&datum, &column->type);
        } else {
            ovsdb_idl_txn_write(row, column, &datum);
        }
    }
    return NULL;
}

static void
write_reference(const struct ovsdb_idl_row *row,
                const struct ovsdb_idl_column *column, const struct uuid *to)
{
    union ovsdb_atom atom = { .uuid = *to };
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    ovsdb_datum_add_unsafe(&datum, &atom, NULL, &column->type, NULL);
    ovsdb_idl_txn_write(row, column, &datum);
}

/* Makes the row of 'object' refer to those that hang on it by 'link'. */
static void
write_children(const struct dvs_doc_object *object,
               const struct dvs_doc_link *link,
               const struct ovsdb_idl_row *row)
{
    const struct ovsdb_idl_column *column
        = dvs_doc_column(dvs_doc_table(object->class), link->column);
    struct ovsdb_datum datum;

    ovsdb_datum_init_empty(&datum);
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];
        union ovsdb_atom atom = { .uuid = child->row };

        if (child->link == link) {
            ovsdb_datum_add_unsafe(&datum, &atom, NULL, &column->type, NULL);
        }
    }
    ovsdb_datum_sort_unique(&datum, &column->type);
    ovsdb_idl_txn_write(row, column, &datum);
}

/* Writes what 'object', whose parent's row is 'parent', and all below it say
 * into their rows. */
static char * OVS_WARN_UNUSED_RESULT
write_rows(struct restore *r, const struct dvs_doc_object *object,
           const struct uuid *parent)
{
    const struct dvs_doc_class *class = object->class;
    const struct ovsdb_idl_table_class *table = dvs_doc_table(class);
    const struct ovsdb_idl_row *row
        = ovsdb_idl_get_row_for_uuid(r->idl, table, &object->row);
    bool stub = class == &dvs_doc_switch && r->doc->portgroups_only;
    char *error = stub ? NULL : write_columns(r, object, row);

    if (object->link && object->link->relation == DVS_DOC_CHILD_REFERS) {
        write_reference(row, dvs_doc_column(table, object->link->column),
                        parent);
    }
    if (class == &dvs_doc_port) {
        write_reference(row, dvs_doc_column(table, "switch"), &r->switch_);
    }
    for (size_t i = 0; !error && i < object->n_children; i++) {
        if (!is_left_out(r, object->children[i])
            && !uuid_is_zero(&object->children[i]->row)) {
            error = write_rows(r, object->children[i], &object->row);
        }
    }
    for (const struct dvs_doc_link *link = class->links; link->key && !stub;
         link++) {
        if (link->relation == DVS_DOC_PARENT_REFERS) {
            write_children(object, link, row);
        }
    }
    return error;
}

/* Checking. */

/* Returns a fault if something that 'now' has and 'sw' has not is in use. */
static char * OVS_WARN_UNUSED_RESULT
check_removals(struct restore *r, const struct dvs_doc_object *sw,
               const struct dvs_doc_object *now)
{
    struct dvs_doc_matches matches;
    char *fault = NULL;

    dvs_doc_match_children(now, sw, &matches);
    for (size_t i = 0; i < matches.n && !fault; i++) {
        const struct dvs_doc_object *old = matches.pairs[i].old;

        if (!matches.pairs[i].new && old->class == &dvs_doc_portgroup
            && !is_left_out(r, old)
            && portgroup_is_in_use(r, &old->row)) {
            fault = in_use_fault(old);
        }
    }
    dvs_doc_matches_destroy(&matches);
    return fault;
}

/* Returns the switch other than 'target' that has NIC 'pnic' of 'host', or
 * NULL. */
static const struct dvsrec_switch *
find_nic_user(const struct restore *r, const struct dvsrec_switch *target,
              const char *host, const char *pnic)
{
    const struct dvsrec_host_member *m;

    DVSREC_HOST_MEMBER_FOR_EACH (m, r->idl) {
        const struct smap_node *node;

        if (m->switch_ != target && !strcmp(m->host, host)) {
            SMAP_FOR_EACH (node, &m->uplinks) {
                if (!strcmp(node->value, pnic)) {
                    return m->switch_;
                }
            }
        }
    }
    return NULL;
}

/* Returns a fault if hosts that 'sw' has are to give it NICs that another
 * switch than 'target' has.  NICs that are missing are no reason: they may
 * come. */
static char * OVS_WARN_UNUSED_RESULT
check_hosts(const struct restore *r, const struct dvs_doc_object *sw,
            const struct dvsrec_switch *target)
{
    char *fault = NULL;

    for (size_t i = 0; i < sw->n_children && !fault; i++) {
        const struct smap_node *node;
        struct dvs_member member;

        if (sw->children[i]->class != &dvs_doc_member
            || is_left_out(r, sw->children[i])) {
            continue;
        }
        dvs_member_init(&member);
        fault = dvs_doc_read_member(sw->children[i], &member);
        SMAP_FOR_EACH (node, &member.uplinks) {
            const struct dvsrec_switch *user
                = find_nic_user(r, target, member.host, node->value);

            if (user && !fault) {
                fault = xasprintf("ResourceInUse: NIC \"%s\" of host \"%s\" "
                                  "is used by switch \"%s\"", node->value,
                                  member.host, user->name);
            }
        }
        dvs_member_destroy(&member);
    }
    return fault;
}

/* Returns a fault if a NIC of 'sw' is one of another switch now. */
static char * OVS_WARN_UNUSED_RESULT
check_nics(const struct restore *r, const struct dvs_doc_object *sw,
           const struct dvs_doc_object *now)
{
    struct dvs_doc_matches matches;
    char *fault = NULL;

    dvs_doc_match_children(now, sw, &matches);
    for (size_t i = 0; i < matches.n && !fault; i++) {
        const struct dvs_doc_match *m = &matches.pairs[i];
        const struct dvsrec_vnic *namesake;

        if (m->new && !m->old && !is_left_out(r, m->new)) {
            fault = find_namesake(r, m->new, &namesake);
        }
    }
    dvs_doc_matches_destroy(&matches);
    return fault;
}

/* Finds out whether dvs_document_restore() can be called with these arguments,
 * of which 'doc' must be sorted, and will give something valid.
 *
 * Returns NULL if so, although some portgroups and NICs may have a 'fault'
 * now, for which they are left out; see dvs_document_check().  Otherwise
 * returns the fault of the switch, which the caller must free. */
char *
dvs_document_restore_check(struct ovsdb_idl *idl,
                           const struct dvs_document *doc,
                           struct dvs_doc_object *sw,
                           const struct dvsrec_switch *target, int flags)
{
    struct restore r;
    const struct dvs_doc_object *now_sw = NULL;
    struct dvs_document now;
    char *fault = NULL;

    restore_init(&r, idl, NULL, doc, flags);
    dvs_document_init(&now);
    if (target) {
        fault = (doc->state ? dvs_document_gather_state(idl, target, &now)
                 : dvs_document_gather(idl, target, NULL, &now));
        now_sw = fault ? NULL : now.switches[0];
        dvs_document_sort(&now);
    }
    if (!fault) {
        fault = dvs_document_check(doc, flags, sw, now_sw);
    }
    if (!fault && now_sw && flags & DVS_RESTORE_EXACTLY
        && !doc->portgroups_only) {
        fault = check_removals(&r, sw, now_sw);
    }
    if (!fault) {
        fault = check_hosts(&r, sw, target);
    }
    if (!fault) {
        fault = check_nics(&r, sw, now_sw);
    }
    restore_destroy(&r);
    dvs_document_destroy(&now);
    return fault;
}

/* Makes 'target', or a new switch if that is NULL, and what belongs to it what
 * 'sw', a switch of 'doc', says, within 'txn', as far as 'flags', of enum
 * dvs_restore_flags, ask for.  'idl' must have what dvs_document_register()
 * registers, and all rows.  Sets 'row' of what it restores.
 *
 * Returns NULL if successful, otherwise a fault, which the caller must free;
 * then 'txn' must be aborted.  Whether what comes out is valid is for the
 * caller to check. */
char *
dvs_document_restore(struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn,
                     const struct dvs_document *doc,
                     struct dvs_doc_object *sw,
                     const struct dvsrec_switch *target, int flags)
{
    struct restore r;
    struct dvs_document now;
    char *error = NULL;

    restore_init(&r, idl, txn, doc, flags);
    dvs_document_init(&now);
    if (target) {
        error = dvs_document_gather(idl, target, NULL, &now);
    }
    if (!error) {
        error = assign_rows(&r, sw, target ? now.switches[0] : NULL);
    }
    if (!error) {
        r.switch_ = sw->row;
        error = write_rows(&r, sw, NULL);
    }
    restore_destroy(&r);
    dvs_document_destroy(&now);
    return error;
}

/* Returns what 'now', or something below it, is of 'object': by its UUID, or
 * else by its name or key.  NULL if there is nothing. */
static const struct dvs_doc_object *
find_counterpart(const struct dvs_doc_object *now,
                 const struct dvs_doc_object *object, bool by_uuid)
{
    if (now->class == object->class) {
        const char *identity = object->class->identity;

        if (!object->link
            || (by_uuid ? uuid_equals(&now->uuid, &object->uuid)
                : !strcmp(dvs_doc_object_value(now, identity),
                          dvs_doc_object_value(object, identity)))) {
            return now;
        }
    }
    for (size_t i = 0; i < now->n_children; i++) {
        const struct dvs_doc_object *found
            = find_counterpart(now->children[i], object, by_uuid);

        if (found) {
            return found;
        }
    }
    return NULL;
}

/* Makes of 'object', a switch, or a portgroup, port or member of it, in a
 * document of a checkpoint, what it was there, within 'txn'.  'target' is the
 * switch.  All else stays as it is, also what hangs on 'object' and could be
 * restored by itself (DVS_RESTORE_OWN).  Sets 'row' of 'object'.
 *
 * Returns and demands the same as dvs_document_restore(). */
char *
dvs_document_restore_object(struct ovsdb_idl *idl, struct ovsdb_idl_txn *txn,
                            struct dvs_doc_object *object,
                            const struct dvsrec_switch *target)
{
    const struct dvs_document doc = { .state = true };
    struct restore r;
    const struct dvs_doc_object *now_object = NULL;
    struct dvs_document now;

    restore_init(&r, idl, txn, &doc, DVS_RESTORE_ROLLBACK | DVS_RESTORE_OWN);
    r.switch_ = target->header_.uuid;
    dvs_document_init(&now);
    char *error = dvs_document_gather(idl, target, NULL, &now);
    if (!error && !uuid_is_zero(&object->uuid)) {
        now_object = find_counterpart(now.switches[0], object, true);
    }
    if (!error && !now_object && object->class->identity) {
        now_object = find_counterpart(now.switches[0], object, false);
    }
    if (!error && !now_object && object->class == &dvs_doc_port) {
        error = xstrdup("NotFound: the port is gone");
    }
    if (!error) {
        error = assign_rows(&r, object, now_object);
    }
    if (!error) {
        const struct uuid *parent = &target->header_.uuid;

        if (object->class == &dvs_doc_port) {
            /* It may have been moved since, and stays where it is. */
            parent = &now_object->row;
            object->link = NULL;
        }
        error = write_rows(&r, object, parent);
    }
    restore_destroy(&r);
    dvs_document_destroy(&now);
    return error;
}

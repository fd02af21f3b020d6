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


#ifndef DVS_DOCUMENT_H
#define DVS_DOCUMENT_H 1

/* PURE: the configuration document, switches with their portgroups, ports,
 * hosts and NICs as one JSON text (vSphere's EntityBackupConfig, but
 * readable).
 *
 * Export, checkpoints, import and comparison share it.  A document is a tree
 * of objects, each a row of a configuration table: its columns that clients
 * write, by the names in dvs(5).  What tables and columns there are is in
 * dvs-document-class.c; no code knows more of them, so that nothing that can
 * be configured is lost on the way.  dvs-document-rows.[ch] makes a document
 * from database rows. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "openvswitch/uuid.h"
#include "smap.h"

/* How the objects of one class hang on those of another. */
enum dvs_doc_relation {
    DVS_DOC_CHILD_REFERS,       /* The child's 'column' names its parent. */
    DVS_DOC_PARENT_REFERS,      /* The parent's 'column' names the child. */
    DVS_DOC_NICS                /* NICs that ask for or have a port of the
                                 * switch. */
};

struct dvs_doc_link {
    const char *key;            /* In the JSON object. */
    const struct dvs_doc_class *child;
    enum dvs_doc_relation relation;
    const char *column;         /* See above; NULL for DVS_DOC_NICS. */
    bool single;                /* One object, not an array. */
};

/* A configuration table. */
struct dvs_doc_class {
    const char *table;          /* Its name in the database. */
    const char *word;           /* For people: "portgroup". */
    const char *identity;       /* Column that tells siblings apart, NULL if
                                 * there are no siblings. */
    bool has_uuid;              /* Others may refer to its rows. */
    const char *const *columns; /* Those in a document, NULL at the end. */
    const char *const *omitted; /* All others, NULL at the end. */
    const struct dvs_doc_link *links;   /* 'key' NULL at the end. */
};

extern const struct dvs_doc_class dvs_doc_switch;
extern const struct dvs_doc_class dvs_doc_portgroup;
extern const struct dvs_doc_class dvs_doc_port;
extern const struct dvs_doc_class dvs_doc_member;
extern const struct dvs_doc_class dvs_doc_nic;
extern const struct dvs_doc_class *const dvs_doc_classes[];

/* A row. */
struct dvs_doc_object {
    const struct dvs_doc_class *class;
    const struct dvs_doc_link *link;    /* To its parent; NULL in a root. */
    struct uuid uuid;           /* All zero if not known. */
    struct uuid row;            /* The row that it was gathered from, or is
                                 * restored to; all zero if there is none. */
    char *fault;                /* Why it is not to be restored; NULL if it
                                 * is. */
    char **values;              /* For each of class->columns: its value as
                                 * JSON, NULL for the type's default. */
    struct dvs_doc_object **children;
    size_t n_children, allocated_children;
};

struct dvs_document {
    struct smap info;           /* About the document: when, by whom, why. */
    bool portgroups_only;       /* Of a switch nothing but its name and the
                                 * portgroups given are meant. */
    bool state;                 /* What a checkpoint has: no NICs, no
                                 * external_ids, and of ports only those that
                                 * differ from what their portgroup makes of
                                 * them.  All else stays as it is. */
    struct dvs_doc_object **switches;
    size_t n_switches, allocated_switches;
};

/* The tree (dvs-document-tree.c). */
void dvs_document_init(struct dvs_document *);
void dvs_document_destroy(struct dvs_document *);
struct dvs_doc_object *dvs_document_add_switch(struct dvs_document *);
struct dvs_doc_object *dvs_doc_object_add(struct dvs_doc_object *parent,
                                          const struct dvs_doc_link *);
const struct dvs_doc_link *dvs_doc_link_find(const struct dvs_doc_class *,
                                             const char *key);
const char *dvs_doc_object_value(const struct dvs_doc_object *,
                                 const char *column);
char *dvs_doc_object_name(const struct dvs_doc_object *);
char *dvs_doc_text_from_json(const char *json);
void dvs_document_keep(struct dvs_document *, const struct dvs_doc_object *);
void dvs_doc_object_keep(struct dvs_doc_object *parent,
                         const struct dvs_doc_object *child);
void dvs_document_sort(struct dvs_document *);
struct dvs_doc_object *dvs_document_find_switch(const struct dvs_document *,
                                                const struct uuid *,
                                                const char *name);
struct dvs_doc_object *dvs_doc_object_find_portgroup(
    const struct dvs_doc_object *sw, const struct uuid *, const char *name);
struct dvs_doc_object *dvs_doc_object_find_port(
    const struct dvs_doc_object *sw, const char *key);
struct dvs_doc_object *dvs_doc_object_find_member(
    const struct dvs_doc_object *sw, const char *host);
bool dvs_doc_class_is_whole(const struct dvs_doc_class *);
char *dvs_doc_object_own_text(const struct dvs_doc_object *);

/* The text (dvs-document.c). */
char *dvs_doc_object_set(struct dvs_doc_object *, const char *column,
                         const char *json) OVS_WARN_UNUSED_RESULT;
char *dvs_document_to_text(struct dvs_document *, char **textp)
    OVS_WARN_UNUSED_RESULT;
char *dvs_document_from_text(struct dvs_document *, const char *text,
                             size_t size) OVS_WARN_UNUSED_RESULT;

/* Positions in it (dvs-document-position.c). */
void dvs_document_locate(const char *text, size_t size, const char *path,
                         int *line, int *column);

#endif /* dvs-document.h */

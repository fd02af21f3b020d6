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


#ifndef DVS_DOCUMENT_DIFF_H
#define DVS_DOCUMENT_DIFF_H 1

/* PURE: how two configuration documents differ. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/shash.h"

struct ds;
struct dvs_doc_object;
struct dvs_document;

/* The objects of one parent in two documents, matched: by UUID, or else by
 * name or key. */
struct dvs_doc_match {
    const struct dvs_doc_object *old;   /* NULL if there is none. */
    const struct dvs_doc_object *new;   /* Likewise. */
};

struct dvs_doc_matches {
    struct dvs_doc_match *pairs;
    size_t n, allocated;
};

void dvs_doc_match_children(const struct dvs_doc_object *old,
                            const struct dvs_doc_object *new,
                            struct dvs_doc_matches *);
void dvs_doc_match_switches(const struct dvs_document *old,
                            const struct dvs_document *new,
                            struct dvs_doc_matches *);
void dvs_doc_matches_destroy(struct dvs_doc_matches *);

/* One difference.  'column' is NULL if it is the object as a whole that has
 * been added ('old' is NULL) or removed ('new' is NULL). */
struct dvs_doc_change {
    char *object;               /* "prod/web", "prod:12", "prod host h1". */
    char *word;                 /* What that is: "portgroup", "port" ... */
    const char *column;
    char *old, *new;            /* JSON; NULL for the default. */
    bool added, removed;        /* The object. */
};

struct dvs_doc_changes {
    struct dvs_doc_change *changes;
    size_t n, allocated;
};

void dvs_document_diff(const struct dvs_document *old,
                       const struct dvs_document *new,
                       struct dvs_doc_changes *);
void dvs_doc_changes_destroy(struct dvs_doc_changes *);
void dvs_doc_change_format(const struct dvs_doc_change *, struct ds *);
void dvs_doc_changes_summarize(const struct dvs_doc_changes *, struct ds *);

#endif /* dvs-document-diff.h */

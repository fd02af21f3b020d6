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

/* PURE: the configuration document, a switch with its portgroups, ports and
 * hosts as one JSON text (vSphere's EntityBackupConfig, but readable).
 *
 * Export, checkpoints, import, comparison and the host cache share it. */

#include <stddef.h>
#include "openvswitch/compiler.h"
#include "schema/dvs-model.h"
#include "smap.h"

/* A portgroup with its ports. */
struct dvs_document_portgroup {
    struct dvs_portgroup portgroup;
    struct dvs_port **ports;
    size_t n_ports, allocated_ports;
};

struct dvs_document {
    struct smap info;           /* About the document: when, by whom, why. */
    bool has_switch;            /* Else it is about portgroups alone. */
    struct dvs_switch switch_;
    struct dvs_document_portgroup **portgroups;
    size_t n_portgroups, allocated_portgroups;
    struct dvs_port **ports;    /* Standalone. */
    size_t n_ports, allocated_ports;
    struct dvs_member **members;
    size_t n_members, allocated_members;
};

void dvs_document_init(struct dvs_document *);
void dvs_document_destroy(struct dvs_document *);

struct dvs_document_portgroup *dvs_document_add_portgroup(
    struct dvs_document *);
struct dvs_port *dvs_document_add_port(struct dvs_document *,
                                       struct dvs_document_portgroup *);
struct dvs_member *dvs_document_add_member(struct dvs_document *);

char *dvs_document_to_text(const struct dvs_document *, char **textp)
    OVS_WARN_UNUSED_RESULT;
char *dvs_document_from_text(struct dvs_document *, const char *text,
                             size_t size) OVS_WARN_UNUSED_RESULT;

#endif /* dvs-document.h */

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

#ifndef FAULTS_H
#define FAULTS_H 1

/* The only writer of columns "faults".
 *
 * A concern that looks at an object opens its faults, which forgets what was
 * found before, and adds to them; at the end of the pass what is open is
 * written where it differs from the row.  So whatever can add to an object's
 * faults must be run whenever the object is looked at. */

#include <stdbool.h>
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"

/* Tables whose rows the controller finds fault with. */
enum faults_table {
    FAULTS_SWITCH, FAULTS_PORTGROUP, FAULTS_PORT, FAULTS_MEMBER, FAULTS_VNIC,
    FAULTS_LAG, FAULTS_PRIVATE_VLAN, FAULTS_MIRROR, FAULTS_IPFIX,
    FAULTS_TRAFFIC_CLASS, FAULTS_RESOURCE_POOL,
    FAULTS_N_TABLES
};

struct faults {
    struct hmap objects;        /* Contains "struct faults_object"s. */
};

void faults_init(struct faults *);
void faults_destroy(struct faults *);

struct dvs_faults *faults_open(struct faults *, enum faults_table,
                               const struct uuid *);
bool faults_are_open(const struct faults *, enum faults_table,
                     const struct uuid *);
void faults_add_all(struct dvs_faults *dst, const struct dvs_faults *src);
void faults_write(struct faults *, struct ovsdb_idl *);

#endif /* faults.h */

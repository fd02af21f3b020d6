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

/* Network I/O Control: are the classes of traffic of a switch valid?
 *
 * What hosts must realise of them is part of their switch. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>

#include "controller/indexes.h"
#include "controller/pass.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"

/* Returns the speed of physical NIC 'name' of 'host', in Mbit/s; 0 if it is
 * not known. */
static int64_t
pnic_speed(const struct indexes *ix, const char *host, const char *name)
{
    const struct dvsrec_physical_nic *row = find_pnic(ix, host, name);

    return row && row->n_speed && row->speed[0] > 0 ? row->speed[0] : 0;
}

/* Returns the speed of the slowest physical NIC of the hosts of 's', in
 * Mbit/s; 0 if none is known. */
int64_t
classes_slowest_uplink(const struct indexes *ix, const struct dvsrec_switch *s)
{
    const struct dvsrec_host_member **members;
    size_t n = members_of_switch(ix, s, &members);
    int64_t slowest = 0;

    for (size_t i = 0; i < n; i++) {
        const struct smap_node *node;

        SMAP_FOR_EACH (node, &members[i]->uplinks) {
            int64_t speed = pnic_speed(ix, members[i]->host, node->value);

            if (speed && (!slowest || speed < slowest)) {
                slowest = speed;
            }
        }
    }
    free(members);
    return slowest;
}

/* Returns true if some class of traffic of 's' is configured in 'idl'. */
static bool
has_classes(const struct ovsdb_idl *idl, const struct dvsrec_switch *s)
{
    const struct dvsrec_traffic_class *row;

    DVSREC_TRAFFIC_CLASS_FOR_EACH (row, idl) {
        if (row->switch_ == s) {
            return true;
        }
    }
    return false;
}

/* Has the switches of 'host' looked at that have classes of traffic: the
 * speeds of its physical NICs decide what these may reserve. */
void
classes_mark(const struct ovsdb_idl *idl, const struct indexes *ix,
             struct dirty *dirty, const char *host)
{
    const struct dvsrec_host_member **members;
    size_t n = members_of_host(ix, host, &members);

    for (size_t i = 0; i < n; i++) {
        const struct dvsrec_switch *s = members[i]->switch_;

        if (s && has_classes(idl, s)) {
            dirty_mark(dirty, DIRTY_SWITCH, &s->header_.uuid);
        }
    }
    free(members);
}

/* Returns true if 'row', which has come to be for us, is news: hosts have not
 * been told of it, and it has not been found at fault before.  Of a switch at
 * fault they are told nothing, so that is not known. */
bool
class_is_news(const struct indexes *ix, const struct dvsrec_traffic_class *row)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(ix, &row->switch_->header_.uuid);
    struct dvs_classes told;
    enum dvs_traffic_class tc;

    dvs_classes_init(&told);
    if (proxy) {
        free(dvs_classes_from_smap(&told, &proxy->config));
    }
    return (!row->n_faults && !row->switch_->n_faults
            && dvs_traffic_class_from_string(row->name, &tc)
            && !told.classes[tc].present);
}

/* Looks at all classes of traffic of switch 'row', which is 's': whether one
 * is valid depends on the others. */
void
classes_check(struct pass *pass, const struct dvsrec_switch *row,
              const struct dvs_switch *s)
{
    const struct dvsrec_traffic_class *tcr;
    struct dvs_classes classes;

    dvs_classes_init(&classes);
    dvs_read_classes(pass->idl, row, &classes);
    DVSREC_TRAFFIC_CLASS_FOR_EACH (tcr, pass->idl) {
        enum dvs_traffic_class tc;

        if (tcr->switch_ == row
            && dvs_traffic_class_from_string(tcr->name, &tc)) {
            dvs_classes_validate(&classes, tc, s->reservation_ratio,
                                 s->slowest,
                                 faults_open(pass->faults,
                                             FAULTS_TRAFFIC_CLASS,
                                             &tcr->header_.uuid));
        }
    }
}

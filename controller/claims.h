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

#ifndef CLAIMS_H
#define CLAIMS_H 1

/* Claims: NICs that agents find on their hosts.
 *
 * A claim whose NIC nobody knows, but which names a portgroup (as libvirt's
 * "profileid" does), gets a VNIC row; such a row goes again when no host has
 * claimed the NIC for two looks in a row.  Only a host that is a member of the
 * switch can get that done, or bring a row to another portgroup.  What cannot
 * be carried out of a claim is remembered, so that it is told of once. */

#include <stdbool.h>
#include "openvswitch/shash.h"
#include "smap.h"
#include "sset.h"

struct binding_claim;
struct dirty;
struct dvsrec_port_state;
struct pass;

/* What is remembered of claims from pass to pass. */
struct claims {
    struct smap refused;        /* NIC's id -> why it got no VNIC row. */
    struct smap told;           /* NICs of which that changed in the last pass,
                                 * with what it was before, or "". */
    struct shash orphans;       /* Id of a NIC that no host claims -> looks at
                                 * which it was missed, as a "uintptr_t". */
    struct smap latest;         /* NIC's id -> host on which it has just begun
                                 * to run; for one pass. */
    long long int next_look;    /* When to look at orphans again, in ms;
                                 * LLONG_MAX if there are none. */
};

void claims_init(struct claims *);
void claims_destroy(struct claims *);
void claims_forget(struct claims *);
void claims_begin(struct claims *);
void claims_take_back(struct claims *);

struct binding_claim *claims_describe(struct pass *,
                                      const struct dvsrec_port_state **,
                                      size_t n);
bool claims_has_member(struct pass *, const struct dvsrec_port_state **,
                       size_t n);
bool claims_is_missed(const struct claims *, const char *nic);

void claims_run(struct pass *);
void claims_retry(const struct claims *, struct dirty *);
void claims_look_at_orphans(struct claims *, struct dirty *, int interval,
                            long long int now);

#endif /* claims.h */

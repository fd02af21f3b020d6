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

#ifndef OF_READ_H
#define OF_READ_H 1

/* PURE: reading back what a bridge has of ours: the requests (OpenFlow 1.5,
 * section 7.3.5), and what becomes of the answers. */

#include <stdbool.h>
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/types.h"

struct installed;
struct ofp_header;
struct ovs_list;

/* Requests that were not answered in full; 0 where there is none. */
struct of_read {
    ovs_be32 flows_xid, groups_xid, meters_xid, features_xid;
    bool no_meters;             /* The bridge's datapath has no meters that
                                 * drop, as it said last. */
};

void of_read_start(struct of_read *, struct installed *,
                   struct ovs_list *requests);
void of_read_stop(struct of_read *);
bool of_read_is_done(const struct of_read *);
bool of_read_take(struct of_read *, struct installed *, enum ofptype,
                  const struct ofp_header *, const char *bridge);

#endif /* of-read.h */

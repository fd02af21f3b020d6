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

#ifndef RULE_MATCH_H
#define RULE_MATCH_H 1

/* PURE: from a traffic rule to OpenFlow matches.
 *
 * What a rule asks of a field is a list of masked values, of which the packet
 * must have one.  For a qualifier that it must have, that is one value, or the
 * prefixes that make up a range.  For one that it must not have, it is one for
 * each bit in which a packet may be the first to differ.  So no rule needs
 * another table, or a flow that goes before it, and a packet is never looked
 * up again for a rule that it does not match.
 *
 * One list is as many flows.  Two short ones are multiplied; otherwise they
 * become the clauses of a conjunction (ovs-actions(7)), whose flows add up.
 *
 * OpenFlow cannot mask the Ethernet type and the IP protocol.  Where a rule
 * must not have one of these, they are looked up in PR_TYPES, where
 * stage-rules.c puts them for such rules. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/match.h"

struct dvs_rule;

/* One of a rule's flows. */
struct rule_flow {
    struct match match;
    uint16_t dl_type;           /* Only packets of it match; 0: of any. */
    uint32_t conjunction;       /* Not 0: this is a clause of that one. */
    uint8_t clause, n_clauses;  /* Clauses count from 0. */
};

/* What is the same for all rules of a set. */
struct rule_context {
    bool guest;                 /* The guest tags; else, its frames have no
                                 * tag. */
    bool types;                 /* PR_TYPES is filled in. */
    bool uplink;                /* They are of uplinks: PR_CLASS tells of
                                 * which class a packet is. */
    uint32_t classes;           /* DVS_TC_BIT() of what the ports carry; not
                                 * for uplinks. */
};

bool rule_needs_types(const struct dvs_rule *);
void rule_expand(const struct dvs_rule *, int sequence,
                 const struct rule_context *, const struct match *base,
                 void (*cb)(const struct rule_flow *, void *aux), void *aux);

#endif /* rule-match.h */

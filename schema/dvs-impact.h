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

#ifndef DVS_IMPACT_H
#define DVS_IMPACT_H 1

/* PURE: what a change of the configuration means for a NIC.
 *
 * The caller describes the NIC twice, as the configuration is and as it would
 * be, and learns whether it would still reach whom it reached, and if not,
 * why.  It goes further than vSphere, which finds out afterwards. */

#include <stdbool.h>
#include "openvswitch/uuid.h"
#include "schema/dvs-setting.h"
#include "smap.h"

struct ds;
struct dvs_member;
struct sset;

/* A NIC, as it fares under some configuration. */
struct dvs_impact_nic {
    char *where;                /* Its port or portgroup, "prod:3" or
                                 * "prod/web"; NULL if it has neither. */
    char *switch_;              /* Its switch's name, or NULL. */
    struct uuid switch_uuid;    /* Its switch. */
    char *host;                 /* The host it runs on, or NULL. */
    bool member;                /* The host is a member of the switch. */
    int mtu;                    /* The switch's, in bytes. */
    struct smap dead;           /* Uplinks of the effective order that do not
                                 * work on the host -> why. */
    struct dvs_setting setting; /* Effective. */
};

/* What becomes of it, the worst last. */
enum dvs_effect {
    DVS_EFFECT_NONE,
    DVS_EFFECT_CHANGED,         /* Other policy; it reaches whom it did. */
    DVS_EFFECT_OTHER_VLAN,      /* It reaches others than before. */
    DVS_EFFECT_LOCAL_ONLY,      /* It reaches NICs of its host only. */
    DVS_EFFECT_LOST             /* It reaches nobody. */
};

void dvs_impact_nic_init(struct dvs_impact_nic *);
void dvs_impact_nic_destroy(struct dvs_impact_nic *);
void dvs_impact_nic_set_uplinks(struct dvs_impact_nic *,
                                const struct dvs_member *,
                                const struct sset *links_down);

enum dvs_effect dvs_impact(const struct dvs_impact_nic *before,
                           const struct dvs_impact_nic *after,
                           struct ds *why);
const char *dvs_effect_to_string(enum dvs_effect);

#endif /* dvs-impact.h */

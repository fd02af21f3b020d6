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

#ifndef PNICS_H
#define PNICS_H 1

/* PURE: which switch has which physical NIC of a host.
 *
 * A physical NIC belongs to at most one switch.  When two members want one,
 * the one that has it keeps it; what a member that is at fault has on the
 * host stays its own, since a faulty row changes nothing there. */

#include <stdbool.h>
#include <stddef.h>
#include "smap.h"

/* One membership of the host. */
struct pnics_member {
    const char *switch_;        /* Switch's name. */
    const struct smap *wanted;  /* Uplink name -> NIC, as configured. */
    const struct smap *had;     /* Likewise, as on the host now; or NULL. */
    bool frozen;                /* In: is at fault anyway.  Out: or wants
                                 * another's NIC. */
    struct smap others;         /* Out: NIC that is wanted in vain -> name of
                                 * the switch that has it. */
};

void pnics_share(struct pnics_member *, size_t n);

#endif /* pnics.h */

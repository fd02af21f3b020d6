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

/* PURE: which switch has which physical NIC of a host; see pnics.h. */

#include <config.h>

#include "controller/pnics.h"

#include <string.h>

/* Returns true if 'nics', which may be NULL, has a value 'nic'. */
static bool
has_nic(const struct smap *nics, const char *nic)
{
    const struct smap_node *node;

    if (nics) {
        SMAP_FOR_EACH (node, nics) {
            if (!strcmp(node->value, nic)) {
                return true;
            }
        }
    }
    return false;
}

/* Returns true if 'other' keeps 'nic' from 'm'. */
static bool
keeps(const struct pnics_member *other, const struct pnics_member *m,
      const char *nic)
{
    if (other->frozen) {
        return has_nic(other->had, nic);
    } else if (!has_nic(other->wanted, nic)) {
        return false;
    } else if (has_nic(other->had, nic) != has_nic(m->had, nic)) {
        return has_nic(other->had, nic);
    } else {
        return strcmp(other->switch_, m->switch_) < 0;
    }
}

/* Gives the NICs of one host to the 'n' 'members' that it is, by setting
 * their 'frozen' and 'others'.  The caller has initialised 'others' and
 * destroys it. */
void
pnics_share(struct pnics_member *members, size_t n)
{
    bool changed;

    /* A member that turns out to be at fault keeps what it had, which another
     * may have been given meanwhile.  Each round freezes at least one. */
    do {
        changed = false;
        for (struct pnics_member *m = members; m < members + n; m++) {
            const struct smap_node *node;

            if (m->frozen) {
                continue;
            }
            SMAP_FOR_EACH (node, m->wanted) {
                for (struct pnics_member *o = members; o < members + n; o++) {
                    if (o != m && keeps(o, m, node->value)) {
                        smap_replace(&m->others, node->value, o->switch_);
                        changed = true;
                        break;
                    }
                }
            }
            if (!smap_is_empty(&m->others)) {
                m->frozen = true;
            }
        }
    } while (changed);
}

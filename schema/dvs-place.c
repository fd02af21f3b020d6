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

/* PURE: places of reservations on a host.  See dvs-place.h. */

#include <config.h>

#include "schema/dvs-place.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "schema/dvs-class.h"
#include "schema/dvs-lag.h"
#include "schema/dvs-model.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

/* Placings. */

/* Returns what NICs may reserve of each uplink of 's'. */
int64_t
dvs_place_room(const struct dvs_switch *s)
{
    return (s->resource_management
            ? s->classes.classes[DVS_TC_VIRTUAL_MACHINE].reservation : 0);
}

/* Adds to 'names', sorts, and has in it each once, those of 'uplinks', names
 * of uplinks and of ports of 'lags' with the host's physical NIC in each, of
 * which the NIC works according to 'works'.  A LAG is one uplink: its hash may
 * put all frames of a NIC on one link. */
void
dvs_working_uplinks(struct svec *names, const struct smap *uplinks,
                    const struct dvs_lags *lags,
                    bool (*works)(const char *nic, const void *aux),
                    const void *aux)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, uplinks) {
        int index;
        const struct dvs_lag *lag = dvs_lags_find_port(lags, node->key,
                                                       &index);

        if (works(node->value, aux)) {
            svec_add(names, lag ? lag->name : node->key);
        }
    }
    svec_sort_unique(names);
}

/* Returns the bits of those of 'order' that 'working', sorted, has; only the
 * first if 'first'. */
static uint64_t
select_uplinks(const struct svec *order, const struct svec *working,
               bool first)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < order->n; i++) {
        size_t place = svec_find(working, order->names[i]);

        if (place < MIN(working->n, DVS_PLACES_MAX) && !(first && bits)) {
            bits |= UINT64_C(1) << place;
        }
    }
    return bits;
}

/* Returns how 'reservation' is to be placed on a host, whose 'working' uplinks
 * are sorted, for a NIC that has the setting 'effective'.
 *
 * A NIC that is pinned may be pinned to any active uplink that works.  With an
 * explicit order it has the first of them.  If none works, there is the first
 * standby one.  With IP hash or source MAC, its frames may be on all. */
struct dvs_placing
dvs_placing_make(const struct dvs_setting *effective,
                 const struct svec *working, int64_t reservation)
{
    bool one = effective->teaming == DVS_TEAMING_EXPLICIT;
    struct dvs_placing placing = {
        .reservation = reservation,
        .every = (effective->teaming == DVS_TEAMING_IP_HASH
                  || effective->teaming == DVS_TEAMING_SOURCE_MAC),
        .choices = select_uplinks(&effective->active, working, one),
    };

    if (!placing.choices) {
        placing.choices = select_uplinks(&effective->standby, working, true);
    }
    return placing;
}

/* Placing one by one. */

/* Those without a choice come first, then the greatest; what decides among
 * equals does not matter, but is always the same. */
static int
compare_placings(const struct dvs_placing *a, const struct dvs_placing *b)
{
    bool a_choice = !a->every && !is_pow2(a->choices);
    bool b_choice = !b->every && !is_pow2(b->choices);

    return (a_choice != b_choice ? a_choice - b_choice
            : a->reservation != b->reservation
            ? (a->reservation < b->reservation ? 1 : -1)
            : a->every != b->every ? a->every - b->every
            : a->choices < b->choices ? -1 : a->choices > b->choices);
}

static int
compare_placing_pointers(const void *a_, const void *b_)
{
    const struct dvs_placing *a = *(struct dvs_placing *const *) a_;
    const struct dvs_placing *b = *(struct dvs_placing *const *) b_;
    int cmp = compare_placings(a, b);

    return cmp ? cmp : a < b ? -1 : a > b;
}

/* Takes 'p' its room out of 'left'.  Returns false if there is none. */
static bool
place_one(struct dvs_placing *p, int64_t left[DVS_PLACES_MAX])
{
    bool fits = p->choices != 0;

    p->place = -1;
    for (uint64_t bits = p->choices; bits; bits = zero_rightmost_1bit(bits)) {
        int i = raw_ctz(bits);

        if (left[i] < p->reservation) {
            fits = fits && !p->every;
        } else if (p->place < 0
                   || (!p->every && left[i] < left[p->place])) {
            p->place = i;
        }
    }
    if (!fits || p->place < 0) {
        p->place = -1;
        return false;
    }
    for (uint64_t bits = p->choices; bits; bits = zero_rightmost_1bit(bits)) {
        if (p->every || raw_ctz(bits) == p->place) {
            left[raw_ctz(bits)] -= p->reservation;
        }
    }
    return true;
}

/* Finds a place for each of the 'n' reservations 'ps' on uplinks with 'room'
 * each.  Returns how many have none.  The answer depends on nothing but the
 * arguments.
 *
 * Each comes in its order, and to where it leaves the least room.  That does
 * not find each possible placing, but no placing that it finds gives an uplink
 * more than its room. */
size_t
dvs_place(struct dvs_placing *ps, size_t n, int64_t room)
{
    struct dvs_placing **order = xmalloc(MAX(n, 1) * sizeof *order);
    int64_t left[DVS_PLACES_MAX];
    size_t n_without = 0;

    for (int i = 0; i < DVS_PLACES_MAX; i++) {
        left[i] = room;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = &ps[i];
    }
    qsort(order, n, sizeof *order, compare_placing_pointers);
    for (size_t i = 0; i < n; i++) {
        n_without += !place_one(order[i], left);
    }
    free(order);
    return n_without;
}

/* Places. */

/* Initializes 'places' as empty. */
void
dvs_places_init(struct dvs_places *places)
{
    *places = (struct dvs_places) { .n = 0 };
}

/* Frees what 'places' owns, but not 'places' itself. */
void
dvs_places_destroy(struct dvs_places *places)
{
    free(places->groups);
}

/* Returns the index of the group of 'placing' in 'places', or the one before
 * which it would have to be inserted; '*found' says which of both. */
static size_t
find_group(const struct dvs_places *places, const struct dvs_placing *placing,
           bool *found)
{
    size_t low = 0, high = places->n;

    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int cmp = compare_placings(placing, &places->groups[middle].placing);

        if (cmp < 0) {
            high = middle;
        } else if (cmp > 0) {
            low = middle + 1;
        } else {
            low = middle;
            *found = true;
        }
    }
    return low;
}

/* Adds to 'places' a reservation like 'placing', whose 'place' is ignored. */
void
dvs_places_add(struct dvs_places *places, const struct dvs_placing *placing)
{
    bool found;
    size_t i = find_group(places, placing, &found);

    if (!found) {
        if (places->n >= places->allocated) {
            places->groups = x2nrealloc(places->groups, &places->allocated,
                                        sizeof *places->groups);
        }
        memmove(&places->groups[i + 1], &places->groups[i],
                (places->n++ - i) * sizeof *places->groups);
        places->groups[i] = (struct dvs_place_group) { *placing, 0 };
    }
    places->groups[i].n++;
    places->used += placing->reservation;
}

/* Removes 'placing', which has been added. */
void
dvs_places_remove(struct dvs_places *places, const struct dvs_placing *placing)
{
    bool found;
    size_t i = find_group(places, placing, &found);

    ovs_assert(found);
    places->used -= placing->reservation;
    if (!--places->groups[i].n) {
        memmove(&places->groups[i], &places->groups[i + 1],
                (--places->n - i) * sizeof *places->groups);
    }
}

/* Returns how many times 'reservation' goes into 'left'. */
static size_t
fit(int64_t left, int64_t reservation)
{
    return (left < reservation ? 0
            : reservation <= 0 ? SIZE_MAX : left / reservation);
}

/* Gives 'n' like 'p' their room out of 'left', if they have to have it on each
 * of the uplinks.  Returns how many there is room for. */
static size_t
fill_every(const struct dvs_placing *p, size_t n, int64_t left[DVS_PLACES_MAX])
{
    size_t n_placed = p->choices ? n : 0;

    for (uint64_t bits = p->choices; bits; bits = zero_rightmost_1bit(bits)) {
        n_placed = MIN(n_placed, fit(left[raw_ctz(bits)], p->reservation));
    }
    for (uint64_t bits = p->choices; bits; bits = zero_rightmost_1bit(bits)) {
        left[raw_ctz(bits)] -= (int64_t) n_placed * p->reservation;
    }
    return n_placed;
}

/* Gives 'n' like 'p' their room out of 'left', each where it leaves the least,
 * so that the next one is best off there too, as long as there is room.
 * Returns how many there is room for. */
static size_t
fill_one(const struct dvs_placing *p, size_t n, int64_t left[DVS_PLACES_MAX])
{
    size_t n_placed = 0;

    while (n_placed < n) {
        int best = -1;

        for (uint64_t bits = p->choices; bits;
             bits = zero_rightmost_1bit(bits)) {
            int i = raw_ctz(bits);

            if (left[i] >= p->reservation
                && (best < 0 || left[i] < left[best])) {
                best = i;
            }
        }
        if (best < 0) {
            break;
        }
        size_t here = MIN(n - n_placed, fit(left[best], p->reservation));
        left[best] -= (int64_t) here * p->reservation;
        n_placed += here;
    }
    return n_placed;
}

/* Finds a place for each reservation of 'places' on uplinks with 'room' each,
 * as dvs_place() does, but takes those that are alike together.  Returns how
 * many have none, and stores in 'left' what is left of each uplink. */
size_t
dvs_places_fill(const struct dvs_places *places, int64_t room,
                int64_t left[DVS_PLACES_MAX])
{
    size_t n_without = 0;

    for (int i = 0; i < DVS_PLACES_MAX; i++) {
        left[i] = room;
    }
    for (size_t i = 0; i < places->n; i++) {
        const struct dvs_place_group *g = &places->groups[i];

        n_without += g->n - (g->placing.every
                             ? fill_every(&g->placing, g->n, left)
                             : fill_one(&g->placing, g->n, left));
    }
    return n_without;
}

/* Returns true if 'host', which has 'n_uplinks' that work and 'room' on each,
 * can keep what 'places' has, in which 'placing', that of 'nic', is included.
 * Otherwise, adds a fault to 'faults' if that is nonnull. */
bool
dvs_places_admit(const struct dvs_places *places, const char *host,
                 size_t n_uplinks, int64_t room, const char *nic,
                 const struct dvs_placing *placing, struct dvs_faults *faults)
{
    int64_t left[DVS_PLACES_MAX];

    if (!dvs_places_fill(places, room, left)) {
        return true;
    }
    if (faults) {
        int64_t all = n_uplinks * room - places->used + placing->reservation;

        dvs_faults_add(faults, "InsufficientNetworkCapacity", "reservation",
                       "no uplink of host \"%s\" has %"PRId64" Mbit/s left "
                       "for NIC \"%s\"; of all its uplinks, %"PRId64" are "
                       "left", host, placing->reservation, nic, MAX(all, 0));
    }
    return false;
}

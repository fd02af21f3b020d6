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

/* PURE: on which uplinks the reservations of NICs have their places.  See
 * host-view.h.
 *
 * The controller has admitted them by the same rules (dvs_place()), so that
 * there is a place for each as long as the uplinks work on which it counted.
 *
 * A NIC that is pinned to an uplink goes to where its place is, instead of to
 * where its port's key would have it.  It stays there as long as it can, so
 * that a NIC that comes does not move others without need. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-place.h"
#include "sset.h"
#include "util.h"

BUILD_ASSERT_DECL(HV_LAST_LAG <= DVS_PLACES_MAX);

/* Returns true if 'port' is pinned to an active uplink that may be any. */
bool
hv_port_is_placed(const struct hv_switch *sw, const struct hv_port *port)
{
    return (sw->queues && port->reservation
            && (port->setting.teaming == DVS_TEAMING_ORIGINATING_PORT
                || port->setting.teaming == DVS_TEAMING_LOAD));
}

/* A port with a reservation. */
struct candidate {
    struct hv_port *port;
    int uplink;                 /* The one that it uses now; 0 if not known. */
    struct dvs_placing placing; /* With all the choices that it has. */
};

/* Stores in 'c' what choices its port has. */
static void
make_placing(struct hv_switch *sw, struct candidate *c)
{
    const struct hv_port *port = c->port;
    const struct hv_team *team = hv_team_for_port(sw, port);
    uint8_t ids[HV_MAX_ORDER];
    size_t n = hv_active_uplinks(sw, port, ids);

    c->placing.reservation = port->reservation;
    c->placing.every = team && team->n_slots;
    c->uplink = team ? hv_team_uplink(sw, team) : 0;
    if (n && (c->placing.every || hv_port_is_placed(sw, port))) {
        for (size_t i = 0; i < n; i++) {
            c->placing.choices |= UINT64_C(1) << (ids[i] - 1);
        }
    } else if (c->uplink) {
        c->placing.choices = UINT64_C(1) << (c->uplink - 1);
    }
}

/* Returns the place that 'port' had, as a bit, or 0. */
static uint64_t
old_place(const struct hv_switch *sw, const struct hv_port *port)
{
    int id = (hv_port_is_placed(sw, port)
              ? smap_get_int(&sw->placed, port->key, 0) : 0);

    return id > 0 && id <= HV_LAST_LAG ? UINT64_C(1) << (id - 1) : 0;
}

static int
compare_candidates(const void *a_, const void *b_)
{
    const struct candidate *a = a_;
    const struct candidate *b = b_;

    return strcmp(a->port->key, b->port->key);
}

/* Returns the ports of 'sw' with a reservation, by key, and stores their
 * number in '*np'.  The caller frees them. */
static struct candidate *
collect_candidates(struct hv_switch *sw, size_t *np)
{
    struct candidate *cs = xcalloc(MAX(hmap_count(&sw->ports), 1),
                                   sizeof *cs);
    struct hv_port *port;
    size_t n = 0;

    HMAP_FOR_EACH (port, node, &sw->ports) {
        if (port->reservation) {
            cs[n++].port = port;
        } else {
            port->place = 0;
        }
    }
    qsort(cs, n, sizeof *cs, compare_candidates);
    for (size_t i = 0; i < n; i++) {
        make_placing(sw, &cs[i]);
    }
    *np = n;
    return cs;
}

/* Gives the port of 'c' the place that 'placing' has found.  Adds it to
 * 'moved' if its frames go elsewhere from now on.  Returns true if that, or
 * where room is kept for it, has changed. */
static bool
settle_port(struct hv_switch *sw, const struct candidate *c,
            const struct dvs_placing *placing, struct sset *moved)
{
    struct hv_port *port = c->port;
    int place = (placing->place < 0 ? 0
                 : placing->every ? HV_PLACE_ALL : placing->place + 1);
    bool changed = place != port->place;

    port->place = place;
    if (place > 0 && hv_port_is_placed(sw, port)
        && place != smap_get_int(&sw->placed, port->key, 0)) {
        char *id = xasprintf("%d", place);

        smap_replace(&sw->placed, port->key, id);
        free(id);
        changed = true;
        if (place != c->uplink) {
            sset_add(moved, port->key);
        }
    }
    return changed;
}

/* How many of the places that NICs have, they keep. */
enum effort {
    KEEP_ALL,                   /* All, and what an earlier run left; and those
                                 * without stay on their uplinks. */
    KEEP_PLACED,                /* Those of NICs that have one. */
    KEEP_NONE
};

/* Places the 'n' candidates 'cs' in 'ps', with that 'effort'.  Returns true if
 * each has a place. */
static bool
try_places(const struct hv_switch *sw, const struct candidate *cs, size_t n,
           enum effort effort, int64_t room, struct dvs_placing *ps)
{
    for (size_t i = 0; i < n; i++) {
        const struct candidate *c = &cs[i];
        uint64_t old = (effort == KEEP_ALL
                        || (effort == KEEP_PLACED && c->port->place > 0)
                        ? old_place(sw, c->port) : 0);

        if (effort == KEEP_ALL && !old && c->uplink && !c->placing.every) {
            old = UINT64_C(1) << (c->uplink - 1);
        }
        ps[i] = c->placing;
        if (ps[i].choices & old) {
            ps[i].choices = old;
        }
    }
    return !dvs_place(ps, n, room);
}

/* Finds each NIC of 'sw' that has a reservation an uplink with room for it,
 * and adds the keys of the ports that are pinned to another one from now on to
 * 'moved'.  Returns true if anything has changed.
 *
 * A NIC that has none stays where its team has it; others are then not kept
 * from their reservations by it. */
bool
hv_place(struct hv_switch *sw, struct sset *moved)
{
    int64_t room = (sw->queues ? sw->classes.classes[DVS_TC_VIRTUAL_MACHINE]
                                 .reservation : 0);
    struct candidate *cs;
    struct dvs_placing *ps;
    bool changed = false;
    size_t n;

    if (!sw->reserves) {
        return false;
    }
    cs = collect_candidates(sw, &n);
    ps = xcalloc(MAX(n, 1), sizeof *ps);
    for (int effort = KEEP_ALL; effort <= KEEP_NONE; effort++) {
        if (try_places(sw, cs, n, effort, room, ps)) {
            break;
        }
    }
    for (size_t i = 0; i < n; i++) {
        changed |= settle_port(sw, &cs[i], &ps[i], moved);
    }
    sw->reserves = n > 0;
    free(cs);
    free(ps);
    return changed;
}

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

#ifndef DVS_PLACE_H
#define DVS_PLACE_H 1

/* PURE: where on a host the reservations of NICs of virtual machines have
 * their places: each needs the room of a single uplink of its NIC's teaming
 * order.
 *
 * All bandwidth here is in Mbit/s. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dvs_faults;
struct dvs_lags;
struct dvs_setting;
struct dvs_switch;
struct smap;
struct svec;

/* Uplinks are numbers below 64 here. */
#define DVS_PLACES_MAX 64

/* A reservation on a host. */
struct dvs_placing {
    int64_t reservation;
    uint64_t choices;           /* The uplinks that it may have. */
    bool every;                 /* Its frames are spread over all of these,
                                 * so it needs room on each. */
    int place;                  /* Out, of dvs_place(): its uplink; one of
                                 * them if 'every'; -1 if there is no room. */
};

size_t dvs_place(struct dvs_placing *, size_t n, int64_t room);

int64_t dvs_place_room(const struct dvs_switch *);
void dvs_working_uplinks(struct svec *names, const struct smap *uplinks,
                         const struct dvs_lags *,
                         bool (*works)(const char *nic, const void *aux),
                         const void *aux);
struct dvs_placing dvs_placing_make(const struct dvs_setting *effective,
                                    const struct svec *working,
                                    int64_t reservation);

/* All reservations on a host, in the order in which they get their places,
 * those that are alike together. */
struct dvs_place_group {
    struct dvs_placing placing;
    size_t n;                   /* How many are so. */
};

struct dvs_places {
    struct dvs_place_group *groups;
    size_t n, allocated;
    int64_t used;               /* What is reserved, together. */
};

void dvs_places_init(struct dvs_places *);
void dvs_places_destroy(struct dvs_places *);
void dvs_places_add(struct dvs_places *, const struct dvs_placing *);
void dvs_places_remove(struct dvs_places *, const struct dvs_placing *);
size_t dvs_places_fill(const struct dvs_places *, int64_t room,
                       int64_t left[DVS_PLACES_MAX]);

bool dvs_places_admit(const struct dvs_places *, const char *host,
                      size_t n_uplinks, int64_t room, const char *nic,
                      const struct dvs_placing *, struct dvs_faults *);

#endif /* dvs-place.h */

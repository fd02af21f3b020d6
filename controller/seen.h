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

#ifndef SEEN_H
#define SEEN_H 1

/* PURE: the names under which objects were last seen, so that a new object
 * can be told from one that is merely read anew, and a new name from an
 * old. */

#include "openvswitch/hmap.h"

struct uuid;

struct seen {
    struct hmap objects;        /* Contains "struct seen_object"s. */
};

void seen_init(struct seen *);
void seen_destroy(struct seen *);
void seen_clear(struct seen *);

const char *seen_find(const struct seen *, const struct uuid *);
void seen_set(struct seen *, const struct uuid *, const char *name);
void seen_remove(struct seen *, const struct uuid *);

#endif /* seen.h */

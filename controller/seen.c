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

/* PURE: the names under which objects were last seen; see seen.h. */

#include <config.h>

#include "controller/seen.h"

#include <stdlib.h>

#include "openvswitch/uuid.h"
#include "util.h"
#include "uuid.h"

struct seen_object {
    struct hmap_node node;      /* In struct seen's 'objects', by 'uuid'. */
    struct uuid uuid;
    char *name;
};

void
seen_init(struct seen *s)
{
    hmap_init(&s->objects);
}

static struct seen_object *
seen_find__(const struct seen *s, const struct uuid *uuid)
{
    struct seen_object *o;

    HMAP_FOR_EACH_WITH_HASH (o, node, uuid_hash(uuid), &s->objects) {
        if (uuid_equals(&o->uuid, uuid)) {
            return o;
        }
    }
    return NULL;
}

/* Forgets all objects. */
void
seen_clear(struct seen *s)
{
    struct seen_object *o;

    HMAP_FOR_EACH_POP (o, node, &s->objects) {
        free(o->name);
        free(o);
    }
}

void
seen_destroy(struct seen *s)
{
    if (s) {
        seen_clear(s);
        hmap_destroy(&s->objects);
    }
}

/* Returns the name under which the object 'uuid' was last seen, or NULL if it
 * never was. */
const char *
seen_find(const struct seen *s, const struct uuid *uuid)
{
    const struct seen_object *o = seen_find__(s, uuid);
    return o ? o->name : NULL;
}

/* Notes that the object 'uuid' is called 'name'. */
void
seen_set(struct seen *s, const struct uuid *uuid, const char *name)
{
    struct seen_object *o = seen_find__(s, uuid);

    if (!o) {
        o = xmalloc(sizeof *o);
        o->uuid = *uuid;
        hmap_insert(&s->objects, &o->node, uuid_hash(uuid));
    } else {
        free(o->name);
    }
    o->name = xstrdup(name);
}

/* Forgets the object 'uuid'. */
void
seen_remove(struct seen *s, const struct uuid *uuid)
{
    struct seen_object *o = seen_find__(s, uuid);

    if (o) {
        hmap_remove(&s->objects, &o->node);
        free(o->name);
        free(o);
    }
}

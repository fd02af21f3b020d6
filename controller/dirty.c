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

/* PURE: what has changed and must be looked at again; see dirty.h.
 *
 * Owns nothing but the marks.  Neither decides what a change entails
 * (inputs.c and the concerns do) nor looks at any object. */

#include <config.h>

#include "controller/dirty.h"

#include <stdlib.h>

#include "hash.h"
#include "util.h"
#include "uuid.h"

void
dirty_init(struct dirty *d)
{
    d->full = d->global = d->rbac = d->unsupported = d->tasks = false;
    d->rollbacks = false;
    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        uuidset_init(&d->uuids[i]);
    }
    sset_init(&d->hosts);
    smap_init(&d->claims);
    smap_init(&d->released);
    hmap_init(&d->slots);
    event_list_init(&d->events);
}

void
dirty_destroy(struct dirty *d)
{
    if (d) {
        dirty_clear(d);
        for (int i = 0; i < DIRTY_N_KINDS; i++) {
            uuidset_destroy(&d->uuids[i]);
        }
        sset_destroy(&d->hosts);
        smap_destroy(&d->claims);
        smap_destroy(&d->released);
        hmap_destroy(&d->slots);
        event_list_destroy(&d->events);
    }
}

/* Takes back all marks. */
void
dirty_clear(struct dirty *d)
{
    struct dirty_slot *slot;

    d->full = d->global = d->rbac = d->unsupported = d->tasks = false;
    d->rollbacks = false;
    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        uuidset_clear(&d->uuids[i]);
    }
    sset_clear(&d->hosts);
    smap_clear(&d->claims);
    smap_clear(&d->released);
    while ((slot = dirty_pop_slot(d))) {
        dirty_slot_destroy(slot);
    }
    event_list_clear(&d->events);
}

/* Returns true if nothing at all is marked in 'd'. */
bool
dirty_is_empty(const struct dirty *d)
{
    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        if (!uuidset_is_empty(&d->uuids[i])) {
            return false;
        }
    }
    return !d->full && !d->global && !d->rbac && !d->unsupported && !d->tasks
           && !d->rollbacks
           && sset_is_empty(&d->hosts) && smap_is_empty(&d->claims)
           && smap_is_empty(&d->released) && hmap_is_empty(&d->slots)
           && event_list_is_empty(&d->events);
}

/* Adds the marks of 'src' to 'dst'.  Where both know on which host a NIC
 * began running, 'dst' is taken to be the newer. */
void
dirty_merge(struct dirty *dst, const struct dirty *src)
{
    const struct uuidset_node *node;
    const struct dirty_slot *slot;
    const struct smap_node *claim, *released;
    const char *host;

    dst->full |= src->full;
    dst->global |= src->global;
    dst->rbac |= src->rbac;
    dst->unsupported |= src->unsupported;
    dst->tasks |= src->tasks;
    dst->rollbacks |= src->rollbacks;
    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        UUIDSET_FOR_EACH (node, &src->uuids[i]) {
            dirty_mark(dst, i, &node->uuid);
        }
    }
    SSET_FOR_EACH (host, &src->hosts) {
        dirty_mark_host(dst, host);
    }
    SMAP_FOR_EACH (claim, &src->claims) {
        const char *newer = smap_get(&dst->claims, claim->key);
        if (!newer || !newer[0]) {
            smap_replace(&dst->claims, claim->key, claim->value);
        }
    }
    SMAP_FOR_EACH (released, &src->released) {
        smap_replace(&dst->released, released->key, released->value);
    }
    HMAP_FOR_EACH (slot, node, &src->slots) {
        dirty_mark_slot(dst, &slot->switch_, slot->key);
    }
    event_list_append(&dst->events, &src->events);
}

/* Moves the marks that 'src' has of the object 'uuid', of whatever kind, to
 * 'dst'. */
static void
move_object(struct dirty *dst, struct dirty *src, const struct uuid *uuid)
{
    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        if (dirty_take(src, i, uuid)) {
            dirty_mark(dst, i, uuid);
        }
    }
}

static bool
move_flag(bool *dst, bool *src)
{
    bool moved = *src;

    *dst |= moved;
    *src = false;
    return moved;
}

/* Moves something out of 'src', which is not to be marked as full, to 'dst'.
 * Returns false if there is nothing. */
static bool
move_one(struct dirty *dst, struct dirty *src)
{
    struct dirty_slot *slot;
    struct uuid uuid;
    char *name, *host;

    for (int i = 0; i < DIRTY_N_KINDS; i++) {
        if (dirty_pop(src, i, &uuid)) {
            dirty_mark(dst, i, &uuid);
            move_object(dst, src, &uuid);
            return true;
        }
    }
    if ((name = dirty_pop_host(src))) {
        dirty_mark_host(dst, name);
        free(name);
    } else if (dirty_pop_released(src, &uuid, &name)) {
        dirty_mark_released(dst, &uuid, name);
        free(name);
    } else if (dirty_pop_claim(src, &name, &host)) {
        dirty_mark_claim(dst, name, host);
        free(name);
        free(host);
    } else if ((slot = dirty_pop_slot(src))) {
        dirty_mark_slot(dst, &slot->switch_, slot->key);
        dirty_slot_destroy(slot);
    } else if (!event_list_is_empty(&src->events)) {
        event_list_append(&dst->events, &src->events);
        event_list_clear(&src->events);
    } else {
        return (move_flag(&dst->rbac, &src->rbac)
                || move_flag(&dst->unsupported, &src->unsupported)
                || move_flag(&dst->rollbacks, &src->rollbacks)
                || move_flag(&dst->tasks, &src->tasks)
                || move_flag(&dst->global, &src->global));
    }
    return true;
}

/* Moves up to 'n' of what is marked in 'src', which is not to be full, to
 * 'dst': objects with all that is marked of them; DVS_Global last.  Returns
 * how many. */
size_t
dirty_move(struct dirty *dst, struct dirty *src, size_t n)
{
    size_t i = 0;

    while (i < n && move_one(dst, src)) {
        i++;
    }
    return i;
}

/* Marks the object of 'kind' with 'uuid'.  Returns false if it was marked
 * already. */
bool
dirty_mark(struct dirty *d, enum dirty_kind kind, const struct uuid *uuid)
{
    if (uuidset_contains(&d->uuids[kind], uuid)) {
        return false;
    }
    uuidset_insert(&d->uuids[kind], uuid);
    return true;
}

/* Takes any mark of 'kind' out of 'd' into '*uuid'.  Returns false if there
 * is none. */
bool
dirty_pop(struct dirty *d, enum dirty_kind kind, struct uuid *uuid)
{
    struct uuidset_node *node;

    UUIDSET_FOR_EACH (node, &d->uuids[kind]) {
        *uuid = node->uuid;
        uuidset_delete(&d->uuids[kind], node);
        return true;
    }
    return false;
}

/* Takes the mark of 'kind' on 'uuid' out of 'd'.  Returns false if there was
 * none. */
bool
dirty_take(struct dirty *d, enum dirty_kind kind, const struct uuid *uuid)
{
    return uuidset_find_and_delete(&d->uuids[kind], uuid);
}

/* Marks all that belongs to the host named 'host'. */
void
dirty_mark_host(struct dirty *d, const char *host)
{
    sset_add(&d->hosts, host);
}

/* Takes any host's mark out of 'd' and returns its name, which the caller
 * must free, or NULL if there is none. */
char *
dirty_pop_host(struct dirty *d)
{
    return sset_is_empty(&d->hosts) ? NULL : sset_pop(&d->hosts);
}

/* Marks the claims on 'nic'.  'host' is the host on which it was just seen to
 * begin running, or "" if that is not what happened. */
void
dirty_mark_claim(struct dirty *d, const char *nic, const char *host)
{
    if (host[0] || !smap_get(&d->claims, nic)) {
        smap_replace(&d->claims, nic, host);
    }
}

/* Takes any claim's mark out of 'd' into '*nic' and '*host', which the caller
 * must free.  Returns false if there is none. */
bool
dirty_pop_claim(struct dirty *d, char **nic, char **host)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &d->claims) {
        smap_steal(&d->claims, node, nic, host);
        return true;
    }
    return false;
}

/* Marks the port whose row is 'port' as having lost the NIC 'nic' ("" if its
 * id is not known). */
void
dirty_mark_released(struct dirty *d, const struct uuid *port, const char *nic)
{
    char *key = xasprintf(UUID_FMT, UUID_ARGS(port));

    if (nic[0] || !smap_get(&d->released, key)) {
        smap_replace(&d->released, key, nic);
    }
    free(key);
}

/* Takes any such mark out of 'd' into '*port' and '*nic', which the caller
 * must free.  Returns false if there is none. */
bool
dirty_pop_released(struct dirty *d, struct uuid *port, char **nic)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, &d->released) {
        char *key;

        smap_steal(&d->released, node, &key, nic);
        ovs_assert(uuid_from_string(port, key));
        free(key);
        return true;
    }
    return false;
}

/* Takes the mark of the port whose row is 'port' out of 'd', and returns the
 * NIC, which the caller must free, or NULL if there is none. */
char *
dirty_take_released(struct dirty *d, const struct uuid *port)
{
    char *key = xasprintf(UUID_FMT, UUID_ARGS(port));
    struct smap_node *node = smap_get_node(&d->released, key);
    char *nic = NULL;

    free(key);
    if (node) {
        smap_steal(&d->released, node, &key, &nic);
        free(key);
    }
    return nic;
}

/* Marks the port 'key' of the switch with UUID 'switch_'. */
void
dirty_mark_slot(struct dirty *d, const struct uuid *switch_, const char *key)
{
    uint32_t hash = hash_string(key, uuid_hash(switch_));
    struct dirty_slot *slot;

    HMAP_FOR_EACH_WITH_HASH (slot, node, hash, &d->slots) {
        if (uuid_equals(&slot->switch_, switch_) && !strcmp(slot->key, key)) {
            return;
        }
    }

    slot = xmalloc(sizeof *slot);
    slot->switch_ = *switch_;
    slot->key = xstrdup(key);
    hmap_insert(&d->slots, &slot->node, hash);
}

/* Takes any slot's mark out of 'd' and returns it for the caller to destroy,
 * or NULL if there is none. */
struct dirty_slot *
dirty_pop_slot(struct dirty *d)
{
    struct dirty_slot *slot;

    HMAP_FOR_EACH (slot, node, &d->slots) {
        hmap_remove(&d->slots, &slot->node);
        return slot;
    }
    return NULL;
}

void
dirty_slot_destroy(struct dirty_slot *slot)
{
    if (slot) {
        free(slot->key);
        free(slot);
    }
}

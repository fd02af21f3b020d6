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

/* PURE: which hosts are connected; see liveness.h. */

#include <config.h>

#include "controller/liveness.h"

#include <limits.h>
#include <stdlib.h>

#include "hash.h"
#include "util.h"

void
liveness_init(struct liveness *l)
{
    hmap_init(&l->hosts);
    l->interval = 0;
    l->deadline = LLONG_MAX;
}

static void
liveness_host_destroy(struct liveness *l, struct liveness_host *h)
{
    hmap_remove(&l->hosts, &h->node);
    free(h->name);
    free(h);
}

void
liveness_destroy(struct liveness *l)
{
    if (l) {
        struct liveness_host *h;

        HMAP_FOR_EACH_SAFE (h, node, &l->hosts) {
            liveness_host_destroy(l, h);
        }
        hmap_destroy(&l->hosts);
    }
}

static struct liveness_host *
liveness_find(const struct liveness *l, const char *host)
{
    struct liveness_host *h;

    HMAP_FOR_EACH_WITH_HASH (h, node, hash_string(host, 0), &l->hosts) {
        if (!strcmp(h->name, host)) {
            return h;
        }
    }
    return NULL;
}

/* Tells 'l' that 'host' now shows 'heartbeat'.  A host of which nothing was
 * known is taken to be connected if 'presumed' is true, until its silence
 * proves otherwise.  A heartbeat of 0 is none: a restarted database server
 * has forgotten it.  'now' is in ms.  Returns true if the host has thereby
 * become known or connected. */
bool
liveness_heard(struct liveness *l, const char *host, int64_t heartbeat,
               bool presumed, long long int now)
{
    struct liveness_host *h = liveness_find(l, host);

    if (!h) {
        h = xmalloc(sizeof *h);
        h->name = xstrdup(host);
        h->heartbeat = heartbeat;
        h->changed = now;
        h->connected = presumed;
        hmap_insert(&l->hosts, &h->node, hash_string(host, 0));
        l->deadline = MIN(l->deadline, now);
        return true;
    }
    if (!heartbeat || h->heartbeat == heartbeat) {
        return false;
    }

    bool was_connected = h->connected;
    h->heartbeat = heartbeat;
    h->changed = now;
    h->connected = true;
    if (!was_connected) {
        /* The next look finds out when it may fall silent. */
        l->deadline = MIN(l->deadline, now);
    }
    return !was_connected;
}

/* Forgets 'host'.  Returns true if it was connected. */
bool
liveness_forget(struct liveness *l, const char *host)
{
    struct liveness_host *h = liveness_find(l, host);
    bool was_connected = h && h->connected;

    if (h) {
        liveness_host_destroy(l, h);
    }
    return was_connected;
}

/* Finds the hosts that have shown no new heartbeat for three times 'interval'
 * ms and one second, marks them as not connected and adds their names to
 * 'silent'.  To be called again at 'l->deadline', or earlier.
 *
 * A caller that comes more than one interval after the deadline was not
 * running itself meanwhile: then that time does not count. */
void
liveness_look(struct liveness *l, int interval, long long int now,
              struct sset *silent)
{
    long long int patience = 3LL * interval + 1000;
    struct liveness_host *h;

    if (interval != l->interval) {
        if (interval < l->interval) {
            /* The hosts have still to learn that they are to say more. */
            liveness_blind(l, now);
        }
        l->interval = interval;
        l->deadline = now;
    }
    if (now < l->deadline) {
        return;
    } else if (l->deadline != LLONG_MAX && now - l->deadline > interval) {
        liveness_blind(l, now);
    }
    l->deadline = LLONG_MAX;
    HMAP_FOR_EACH (h, node, &l->hosts) {
        if (!h->connected) {
            continue;
        }
        if (now - h->changed >= patience) {
            h->connected = false;
            sset_add(silent, h->name);
        } else {
            l->deadline = MIN(l->deadline, h->changed + patience);
        }
    }
}

/* Tells 'l' that nothing could be heard of any host until 'now', because the
 * database was away: every host gets its time anew. */
void
liveness_blind(struct liveness *l, long long int now)
{
    struct liveness_host *h;

    HMAP_FOR_EACH (h, node, &l->hosts) {
        h->changed = now;
    }
    l->deadline = MIN(l->deadline, now);
}

/* Returns true if 'host' is known, and not known to be silent. */
bool
liveness_is_connected(const struct liveness *l, const char *host)
{
    const struct liveness_host *h = liveness_find(l, host);
    return h && h->connected;
}

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

#include <config.h>

#include "schema/dvs-impact.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-model.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* Initializes 'nic' as one that is connected to nothing. */
void
dvs_impact_nic_init(struct dvs_impact_nic *nic)
{
    memset(nic, 0, sizeof *nic);
    smap_init(&nic->dead);
    dvs_setting_init(&nic->setting);
}

/* Frees what 'nic' owns, but not 'nic' itself. */
void
dvs_impact_nic_destroy(struct dvs_impact_nic *nic)
{
    if (nic) {
        free(nic->where);
        free(nic->switch_);
        free(nic->host);
        smap_destroy(&nic->dead);
        dvs_setting_destroy(&nic->setting);
    }
}

/* Returns true if 'key', a name that a member has given a NIC to, is 'uplink'
 * or, if that is a LAG, one of its ports ("lag1-0"). */
static bool
is_uplink_port(const char *key, const char *uplink)
{
    size_t n = strlen(uplink);

    return (!strncmp(key, uplink, n)
            && (!key[n]
                || (key[n] == '-' && key[n + 1]
                    && key[n + 1 + strspn(key + n + 1, "0123456789")]
                       == '\0')));
}

static void
check_uplink(struct dvs_impact_nic *nic, const char *uplink,
             const struct dvs_member *member, const struct sset *links_down)
{
    const struct smap_node *node;
    const char *down = NULL;

    SMAP_FOR_EACH (node, &member->uplinks) {
        if (is_uplink_port(node->key, uplink)) {
            if (!sset_contains(links_down, node->value)) {
                return;
            }
            down = node->value;
        }
    }
    smap_add_nocopy(&nic->dead, xstrdup(uplink),
                    (down ? xasprintf("%s has no link", down)
                     : xasprintf("it has no NIC on %s", member->host)));
}

/* Finds out which uplinks of the effective order of 'nic' do not work on the
 * host of 'member'.  'links_down' has the names of those of the host's
 * physical NICs that have no link. */
void
dvs_impact_nic_set_uplinks(struct dvs_impact_nic *nic,
                           const struct dvs_member *member,
                           const struct sset *links_down)
{
    const struct svec *const orders[] = {
        &nic->setting.active, &nic->setting.standby
    };

    for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
        for (size_t j = 0; j < orders[i]->n; j++) {
            check_uplink(nic, orders[i]->names[j], member, links_down);
        }
    }
}

static bool
has_uplink(const struct dvs_impact_nic *nic)
{
    return (nic->setting.active.n + nic->setting.standby.n
            > smap_count(&nic->dead));
}

/* Whether everything is as it should be for 'nic' to reach anybody at all.  If
 * not, and 'why' is nonnull, says why not. */
static bool
is_connected(const struct dvs_impact_nic *nic, struct ds *why)
{
    struct ds dummy = DS_EMPTY_INITIALIZER;
    bool ok = false;

    if (!why) {
        why = &dummy;
    }
    if (!nic->where) {
        ds_put_cstr(why, "it is connected to nothing");
    } else if (nic->host && !nic->member) {
        ds_put_format(why, "%s is no member of switch %s", nic->host,
                      nic->switch_);
    } else if (nic->setting.blocked) {
        ds_put_format(why, "%s is blocked", nic->where);
    } else {
        ok = true;
    }
    ds_destroy(&dummy);
    return ok;
}

static void
put_dead_uplinks(const struct dvs_impact_nic *nic, struct ds *why)
{
    const struct smap_node **nodes = smap_sort(&nic->dead);

    ds_put_cstr(why, "no uplink of its order works");
    for (size_t i = 0; i < smap_count(&nic->dead); i++) {
        ds_put_format(why, "%s %s: %s", i ? "," : ":", nodes[i]->key,
                      nodes[i]->value);
    }
    free(nodes);
}

/* Returns true if a port with 'after' carries all VLANs that one with 'before'
 * does, in the same way. */
static bool
vlan_includes(const struct dvs_vlan *after, const struct dvs_vlan *before)
{
    if (after->mode != before->mode || after->id != before->id) {
        return false;
    }
    for (size_t i = 0; i < before->n_trunks; i++) {
        size_t j = 0;

        while (j < after->n_trunks
               && !(after->trunks[j].start <= before->trunks[i].start
                    && after->trunks[j].end >= before->trunks[i].end)) {
            j++;
        }
        if (j == after->n_trunks) {
            return false;
        }
    }
    return true;
}

/* Nothing is called "none", as some properties are that have nothing. */
static const char *
or_none(const char *value)
{
    return value[0] ? value : "none";
}

static void
put_change(struct ds *why, const char *what, const char *old, const char *new)
{
    if (why->length) {
        ds_put_cstr(why, ", ");
    }
    ds_put_format(why, "%s: %s -> %s", what, or_none(old), or_none(new));
}

/* Adds to 'why' what differs between 'before' and 'after'. */
static void
put_changes(const struct dvs_impact_nic *before,
            const struct dvs_impact_nic *after, struct ds *why)
{
    struct smap old = SMAP_INITIALIZER(&old);
    struct smap new = SMAP_INITIALIZER(&new);

    if (strcmp(before->where, after->where)) {
        put_change(why, "port", before->where, after->where);
    }
    dvs_setting_to_smap(&before->setting, &old);
    dvs_setting_to_smap(&after->setting, &new);

    const struct smap_node *node;
    SMAP_FOR_EACH (node, &old) {
        if (!smap_get(&new, node->key)) {
            smap_add(&new, node->key, "");
        }
    }
    const struct smap_node **nodes = smap_sort(&new);
    for (size_t i = 0; i < smap_count(&new); i++) {
        const char *value = smap_get_def(&old, nodes[i]->key, "");

        if (strcmp(or_none(value), or_none(nodes[i]->value))) {
            put_change(why, nodes[i]->key, value, nodes[i]->value);
        }
    }
    free(nodes);
    if (before->mtu != after->mtu) {
        char *was = xasprintf("%d", before->mtu);
        char *is = xasprintf("%d", after->mtu);

        put_change(why, "mtu", was, is);
        free(was);
        free(is);
    }
    smap_destroy(&old);
    smap_destroy(&new);
}

/* Returns what it means for a NIC that it fares as in 'after' instead of as in
 * 'before', and puts into 'why', which the caller initializes, what of it is
 * the reason, in words without a full stop.
 *
 * What a NIC has lost already, it cannot lose again: then, and if all stays as
 * it is, the effect is no more than DVS_EFFECT_CHANGED. */
enum dvs_effect
dvs_impact(const struct dvs_impact_nic *before,
           const struct dvs_impact_nic *after, struct ds *why)
{
    bool was_connected = is_connected(before, NULL);

    if (!is_connected(after, was_connected ? why : NULL)) {
        if (was_connected) {
            return DVS_EFFECT_LOST;
        } else if (before->where && after->where) {
            put_changes(before, after, why);
        } else if (before->where) {
            ds_put_cstr(why, "it is connected to nothing");
        }
        return why->length ? DVS_EFFECT_CHANGED : DVS_EFFECT_NONE;
    } else if (!before->where) {
        ds_put_format(why, "it is connected to %s", after->where);
        return DVS_EFFECT_CHANGED;
    }

    /* Without a host it runs nowhere, and has no uplinks. */
    if (was_connected && after->host && has_uplink(before)
        && !has_uplink(after)) {
        put_dead_uplinks(after, why);
        return DVS_EFFECT_LOCAL_ONLY;
    }

    put_changes(before, after, why);
    if (was_connected
        && (!uuid_equals(&before->switch_uuid, &after->switch_uuid)
            || !vlan_includes(&after->setting.vlan, &before->setting.vlan))) {
        return DVS_EFFECT_OTHER_VLAN;
    }
    return why->length ? DVS_EFFECT_CHANGED : DVS_EFFECT_NONE;
}

/* Returns the word for 'effect', as in the output of "dvsctl plan". */
const char *
dvs_effect_to_string(enum dvs_effect effect)
{
    switch (effect) {
    case DVS_EFFECT_NONE:
        return "none";
    case DVS_EFFECT_CHANGED:
        return "changed";
    case DVS_EFFECT_OTHER_VLAN:
        return "other-vlan";
    case DVS_EFFECT_LOCAL_ONLY:
        return "local-only";
    case DVS_EFFECT_LOST:
        return "lost";
    default:
        OVS_NOT_REACHED();
    }
}

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

/* Names of uplinks that change.  See ctl-uplink.h. */

#include <config.h>

#include "utilities/ctl-uplink.h"

#include <string.h>

#include "schema/dvs-model.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-policy.h"

/* Returns the name that uplink 'name' of 'old' has in 'new': its own if it is
 * still there or no uplink's (but a LAG's or its port's), otherwise the one in
 * its place if that is new, otherwise null. */
static const char *
renamed_uplink(const struct svec *old, const struct svec *new,
               const char *name)
{
    if (svec_contains_unsorted(new, name)
        || !svec_contains_unsorted(old, name)) {
        return name;
    }
    for (size_t i = 0; i < MIN(old->n, new->n); i++) {
        if (!strcmp(old->names[i], name)) {
            return (svec_contains_unsorted(old, new->names[i])
                    ? NULL : new->names[i]);
        }
    }
    return NULL;
}

/* Renames the uplinks in 'order', as renamed_uplink() says.  A name that has
 * gone stays, so that the check of the portgroup complains of it. */
static bool
rename_in_order(const struct svec *old, const struct svec *new,
                struct svec *order)
{
    bool changed = false;

    for (size_t i = 0; i < order->n; i++) {
        const char *name = renamed_uplink(old, new, order->names[i]);

        if (name && strcmp(name, order->names[i])) {
            free(order->names[i]);
            order->names[i] = xstrdup(name);
            changed = true;
        }
    }
    return changed;
}

static bool
rename_in_setting(struct ctl_context *ctx, const struct svec *old,
                  const struct svec *new, const struct ctl_target *target)
{
    struct dvs_setting setting;

    bool ok = ctl_load_setting(ctx, target, &setting);
    if (ok && setting.present & DVS_BIT(UPLINK_ORDER)) {
        bool active = rename_in_order(old, new, &setting.active);
        bool standby = rename_in_order(old, new, &setting.standby);

        if (active || standby) {
            ctl_store_setting(ctx, target, &setting);
        }
    }
    dvs_setting_destroy(&setting);
    return ok;
}

/* Gives the hosts of 'sw' the new names of their uplinks.  Returns a fault if
 * an uplink that goes has a NIC. */
static char *
rename_in_members(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                  const struct svec *old, const struct svec *new)
{
    const struct dvsrec_host_member *member;

    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (member->switch_ != sw) {
            continue;
        }

        struct smap uplinks = SMAP_INITIALIZER(&uplinks);
        const struct smap_node *node;
        SMAP_FOR_EACH (node, &member->uplinks) {
            const char *name = renamed_uplink(old, new, node->key);

            if (!name) {
                char *fault = xasprintf(
                    "ResourceInUse: uplink \"%s\" has NIC \"%s\" on "
                    "host \"%s\"", node->key, node->value, member->host);
                smap_destroy(&uplinks);
                return fault;
            }
            smap_add(&uplinks, name, node->value);
        }
        dvsrec_host_member_set_uplinks(member, &uplinks);
        smap_destroy(&uplinks);
    }
    return NULL;
}

/* Carries the change of the uplinks of 'sw', or of a LAG and its ports, from
 * 'old' to 'new' to all that refers to them by name: a name of 'new' that is
 * not in 'old' takes the place of the one that has gone from there.  Returns
 * NULL, or a fault that the caller frees, if one that goes has a NIC. */
char *
ctl_rename_uplinks(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                   const struct svec *old, const struct svec *new)
{
    struct ctl_target target = { .sw = sw };
    bool ok = rename_in_setting(ctx, old, new, &target);

    DVSREC_PORTGROUP_FOR_EACH (target.pg, ctx->idl) {
        if (target.pg->switch_ == sw) {
            ok = ok && rename_in_setting(ctx, old, new, &target);
        }
    }
    target.pg = NULL;
    DVSREC_PORT_FOR_EACH (target.port, ctx->idl) {
        if (target.port->switch_ == sw) {
            ok = ok && rename_in_setting(ctx, old, new, &target);
        }
    }
    return ok ? rename_in_members(ctx, sw, old, new) : NULL;
}

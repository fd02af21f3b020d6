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

/* The hosts of a plan.  See ctl-plan-host.h. */

#include <config.h>

#include "utilities/ctl-plan-host.h"

#include <stdarg.h>
#include <string.h>

#include "bitmap.h"
#include "ovsdb-idl-provider.h"
#include "schema/dvs-document-diff.h"
#include "schema/dvs-document-rows.h"
#include "schema/dvs-idl.h"
#include "util.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-plan-read.h"
#include "utilities/ctl-plan.h"

/* Returns host 'name' of 'plan', which then is one that has something to
 * do. */
struct ctl_plan_host *
ctl_plan_get_host(struct ctl_plan *plan, const char *name)
{
    struct ctl_plan_host *host = shash_find_data(&plan->hosts, name);

    if (!host) {
        host = xzalloc(sizeof *host);
        svec_init(&host->reasons);
        shash_add(&plan->hosts, name, host);
    }
    return host;
}

/* Takes into 'plan' that host 'name' has something to do, for the reason that
 * 'format' yields. */
void
ctl_plan_touch_host(struct ctl_plan *plan, const char *name,
                    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    svec_add_nocopy(&ctl_plan_get_host(plan, name)->reasons,
                    xvasprintf(format, args));
    va_end(args);
}

/* Returns true if the run changes something of 'sw' that hosts are told. */
static bool
switch_is_touched(const struct dvsrec_switch *sw)
{
    /* What is for the controller and for people alone. */
    static const int others[] = {
        DVSREC_SWITCH_COL_DESCRIPTION, DVSREC_SWITCH_COL_CONTACT,
        DVSREC_SWITCH_COL_EXTERNAL_IDS, DVSREC_SWITCH_COL_NEXT_PORT_KEY,
        DVSREC_SWITCH_COL_NUM_STANDALONE_PORTS, DVSREC_SWITCH_COL_MAX_PORTS,
    };
    const struct ovsdb_idl_row *row = &sw->header_;

    if (sw->default_setting
        && ctl_row_is_touched(&sw->default_setting->header_)) {
        return true;
    } else if (!row->old_datum || !row->written) {
        return ctl_row_is_touched(row);
    }

    size_t n = bitmap_count1(row->written, DVSREC_SWITCH_N_COLUMNS);
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        n -= bitmap_is_set(row->written, others[i]);
    }
    return n > 0;
}

/* Adds to 'switches' the names of those that have other parts of which hosts
 * are told. */
static void
find_parts(const struct dvs_doc_changes *changes, struct sset *switches)
{
    static const char *const words[] = { "LAG", "private VLAN",
                                         "traffic class" };

    for (size_t i = 0; i < changes->n; i++) {
        const struct dvs_doc_change *c = &changes->changes[i];

        for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
            char *infix = xasprintf(" %s ", words[j]);
            const char *end = (strcmp(c->word, words[j]) ? NULL
                               : strstr(c->object, infix));

            if (end) {
                char *name = xmemdup0(c->object, end - c->object);

                sset_add(switches, name);
                free(name);
            }
            free(infix);
        }
    }
}

/* Returns true if the run has written 'column' of 'row'. */
static bool
is_written(const struct ovsdb_idl_row *row, int column)
{
    return row->written && bitmap_is_set(row->written, column);
}

/* Takes into 'plan' the hosts that a change of a switch, or of who is a member
 * of it, concerns. */
static void
find_members(struct ctl_plan *plan, const struct ctl_plan_reader *r,
             const struct sset *parts)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &r->members) {
        const struct dvsrec_host_member *member = node->data;
        const struct ovsdb_idl_row *row = &member->header_;
        const char *sw = member->switch_->name;
        const char *what = NULL;

        if (!shash_find(&plan->members, node->name)) {
            what = "joins switch %s";
        } else if (is_written(row, DVSREC_HOST_MEMBER_COL_UPLINKS)) {
            what = "other uplinks in switch %s";
        } else if (is_written(row, DVSREC_HOST_MEMBER_COL_MAX_PORTS)) {
            what = "another maximum of NICs in switch %s";
        } else if (switch_is_touched(member->switch_)
                   || sset_contains(parts, sw)) {
            what = "switch %s changes";
        }
        if (what) {
            ctl_plan_touch_host(plan, member->host, what, sw);
        }
    }
    SHASH_FOR_EACH (node, &plan->members) {
        if (!shash_find(&r->members, node->name)) {
            ctl_plan_touch_host(plan, strchr(node->name, ' ') + 1,
                                "leaves switch %s",
                                (const char *) node->data);
        }
    }
}

/* Adds to 'paths' the portgroups and ports whose policy changes. */
static void
find_policies(const struct dvs_doc_changes *changes, struct sset *paths)
{
    for (size_t i = 0; i < changes->n; i++) {
        const struct dvs_doc_change *c = &changes->changes[i];
        const char *rule = (strcmp(c->word, "rule") ? NULL
                            : strstr(c->object, " rule "));

        if (rule) {
            char *path = xmemdup0(c->object, rule - c->object);

            sset_add(paths, path);
            free(path);
        } else if (c->column && dvs_doc_column(&dvsrec_table_port_setting,
                                               c->column)) {
            sset_add(paths, c->object);
        }
    }
}

/* Takes into 'plan' the hosts whose uplinks are in portgroups, or are ports,
 * that 'paths' has. */
static void
find_uplinks(struct ctl_plan *plan, const struct ovsdb_idl *idl,
             const struct sset *paths)
{
    const struct dvsrec_port *port;

    if (sset_is_empty(paths)) {
        return;
    }
    DVSREC_PORT_FOR_EACH (port, idl) {
        if (port->uplink_host && port->portgroup) {
            char *pg = xasprintf("%s/%s", port->switch_->name,
                                 port->portgroup->name);
            char *path = xasprintf("%s:%s", port->switch_->name, port->key);

            if (sset_contains(paths, pg) || sset_contains(paths, path)) {
                ctl_plan_touch_host(plan, port->uplink_host, "policy of %s",
                                    port->uplink_name);
            }
            free(path);
            free(pg);
        }
    }
}

/* Takes into 'plan' the hosts that 'changes' concern, whatever NICs they
 * have. */
void
ctl_plan_find_hosts(struct ctl_plan *plan, const struct ctl_plan_reader *r,
                    const struct dvs_doc_changes *changes)
{
    struct sset parts = SSET_INITIALIZER(&parts);
    struct sset policies = SSET_INITIALIZER(&policies);

    find_parts(changes, &parts);
    find_policies(changes, &policies);
    find_members(plan, r, &parts);
    find_uplinks(plan, r->idl, &policies);
    sset_destroy(&parts);
    sset_destroy(&policies);
}

/* Says of the hosts of 'plan' that have something to do for a switch whose
 * change canaries try out first, whether they are among them. */
void
ctl_plan_find_canaries(struct ctl_plan *plan, const struct ctl_plan_reader *r)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &r->members) {
        const struct dvsrec_host_member *member = node->data;
        const char *sw = member->switch_->name;

        if (shash_find(&plan->hosts, member->host)
            && sset_contains(&plan->rolled_out, sw)) {
            char *key = xasprintf("%s %s", sw, member->host);

            ctl_plan_touch_host(plan, member->host,
                                sset_contains(&plan->canaries, key)
                                ? "canary of switch %s"
                                : "waits for the canaries of switch %s", sw);
            free(key);
        }
    }
}

/* Frees 'hosts', those of a plan. */
void
ctl_plan_destroy_hosts(struct shash *hosts)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, hosts) {
        struct ctl_plan_host *host = node->data;

        svec_destroy(&host->reasons);
    }
    shash_destroy_free_data(hosts);
}

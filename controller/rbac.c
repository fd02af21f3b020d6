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

/* RBAC_Role and RBAC_Permission: what an agent may write, for the database
 * server to enforce on connections with this role.
 *
 * An agent may insert and delete the rows of its own host, which bear its
 * name, and change what they say, but not whose or of what they are: else it
 * could hand its rows to another host.  Everything else is the controller's
 * or the clients'.
 *
 * Other roles are left alone. */

#include <config.h>

#include "controller/concerns.h"

#include <string.h>

#include "controller/pass.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rbac);

/* A table of which each agent writes the rows of its host. */
struct state_table {
    const struct ovsdb_idl_table_class *class;
    const char *owner;          /* The column with the host's name. */
    const char *identity[4];    /* Columns that never change in a row. */
};

static const struct state_table state_tables[] = {
    { &dvsrec_table_host, "name", { "name" } },
    { &dvsrec_table_physical_nic, "host", { "host", "name" } },
    { &dvsrec_table_proxy_state, "host", { "host", "switch" } },
    { &dvsrec_table_port_state, "host", { "host", "kind", "nic" } },
    { &dvsrec_table_rule_state, "host", { "host", "switch", "portgroup",
                                          "key" } },
};

/* Returns true if agents may change 'column' of a row of theirs. */
static bool
is_writable(const struct state_table *table, const char *column)
{
    for (size_t i = 0; i < ARRAY_SIZE(table->identity); i++) {
        if (table->identity[i] && !strcmp(table->identity[i], column)) {
            return false;
        }
    }
    return strcmp(column, "external_ids") != 0; /* Clients'. */
}

/* Makes 'row' say what agents may do to 'table'. */
static void
write_permission(const struct dvsrec_rbac_permission *row,
                 const struct state_table *table)
{
    const char *owner = table->owner;
    struct svec columns = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < table->class->n_columns; i++) {
        const char *name = table->class->columns[i].name;

        if (is_writable(table, name)) {
            svec_add(&columns, name);
        }
    }
    dvsrec_rbac_permission_set_table(row, table->class->name);
    dvsrec_rbac_permission_set_authorization(row, &owner, 1);
    dvsrec_rbac_permission_set_insert_delete(row, true);
    dvsrec_rbac_permission_set_update(row, (const char **) columns.names,
                                      columns.n);
    svec_destroy(&columns);
}

/* Returns the row of the agents' role, or NULL.  There can be only one: the
 * server would take any of several. */
static const struct dvsrec_rbac_role *
find_role(struct pass *pass)
{
    const struct dvsrec_rbac_role *row, *next, *role = NULL;

    DVSREC_RBAC_ROLE_FOR_EACH_SAFE (row, next, pass->idl) {
        if (strcmp(row->name, DVS_AGENT_ROLE)) {
            continue;
        } else if (!role) {
            role = row;
        } else {
            VLOG_WARN("role \"%s\" was there twice", DVS_AGENT_ROLE);
            dvsrec_rbac_role_delete(row);
        }
    }
    return role;
}

/* Returns true if a role other than 'role' has 'permission'. */
static bool
is_anothers(struct pass *pass, const struct dvsrec_rbac_role *role,
            const struct dvsrec_rbac_permission *permission)
{
    const struct dvsrec_rbac_role *other;

    DVSREC_RBAC_ROLE_FOR_EACH (other, pass->idl) {
        for (size_t i = 0; other != role && i < other->n_permissions; i++) {
            if (other->value_permissions[i] == permission) {
                return true;
            }
        }
    }
    return false;
}

/* Returns a row for what agents may do to the table named 'table': the one
 * that 'role' (NULL if there is none) has, or that no role has, or NULL. */
static struct dvsrec_rbac_permission *
find_permission(struct pass *pass, const struct dvsrec_rbac_role *role,
                const char *table)
{
    const struct dvsrec_rbac_permission *row;

    for (size_t i = 0; role && i < role->n_permissions; i++) {
        if (!strcmp(role->key_permissions[i], table)
            && !strcmp(role->value_permissions[i]->table, table)
            && !is_anothers(pass, role, role->value_permissions[i])) {
            return role->value_permissions[i];
        }
    }
    DVSREC_RBAC_PERMISSION_FOR_EACH (row, pass->idl) {
        if (!strcmp(row->table, table) && !is_anothers(pass, NULL, row)) {
            return CONST_CAST(struct dvsrec_rbac_permission *, row);
        }
    }
    return NULL;
}

/* Writes the agents' role and its permissions. */
void
rbac_run(struct pass *pass)
{
    struct dvsrec_rbac_permission *permissions[ARRAY_SIZE(state_tables)];
    const char *tables[ARRAY_SIZE(state_tables)];
    const struct dvsrec_rbac_role *role;

    if (!pass->dirty->rbac) {
        return;
    }
    pass->dirty->rbac = false;

    role = find_role(pass);
    for (size_t i = 0; i < ARRAY_SIZE(state_tables); i++) {
        const struct state_table *table = &state_tables[i];

        tables[i] = table->class->name;
        permissions[i] = find_permission(pass, role, tables[i]);
        if (!permissions[i]) {
            permissions[i] = dvsrec_rbac_permission_insert(pass->txn);
        }
        write_permission(permissions[i], table);
    }
    if (!role) {
        role = dvsrec_rbac_role_insert(pass->txn);
        dvsrec_rbac_role_set_name(role, DVS_AGENT_ROLE);
    }
    dvsrec_rbac_role_set_permissions(role, tables, permissions,
                                     ARRAY_SIZE(state_tables));
}

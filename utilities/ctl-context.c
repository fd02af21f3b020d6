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

/* What dvsctl's commands share.  See ctl-context.h.
 *
 * This file neither changes rows nor prints.  Rows are found by looking at
 * each: the IDL holds only those that the run needs (see ctl-view.h), and it
 * already shows what earlier commands of the run have done. */

#include <config.h>

#include "utilities/ctl-context.h"

#include "openvswitch/dynamic-string.h"
#include "ovsdb-idl-provider.h"
#include "ovsdb-idl.h"
#include "util.h"
#include "utilities/ctl-view.h"

/* Faults. */

/* Makes the run of commands fail with 'fault', vSphere's name for what is
 * wrong, and the sentence that 'format' yields.  The caller returns at once.
 * Nothing of the run reaches the database. */
void
ctl_fault(struct ctl_context *ctx, const char *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *sentence = xvasprintf(format, args);
    va_end(args);

    ctl_error(ctx, "%s: %s", fault, sentence);
    free(sentence);
}

/* As ctl_fault(), for a complaint about what the user wrote.  Frees
 * 'error'. */
void
ctl_fault_string(struct ctl_context *ctx, char *error)
{
    ctl_fault(ctx, "InvalidArgument", "%s", error);
    free(error);
}

/* Rows. */

/* Returns true unless 'row' has been deleted by the run.  (The IDL keeps a
 * row that is in the database until the deletion is committed, and other
 * rows go on pointing to it.) */
bool
ctl_row_exists(const struct ovsdb_idl_row *row)
{
    return row->new_datum != NULL;
}

/* Returns true if the run has inserted or changed 'row'. */
bool
ctl_row_is_touched(const struct ovsdb_idl_row *row)
{
    return row->new_datum && (!row->old_datum || row->written);
}

/* Returns true if 'option', with its dashes, was given to the command. */
bool
ctl_has_option(const struct ctl_context *ctx, const char *option)
{
    return shash_find(&ctx->options, option) != NULL;
}

/* Names. */

/* Returns the switch called 'name', or null if there is none, which is a
 * fault if 'must_exist' is true. */
const struct dvsrec_switch *
ctl_find_switch(struct ctl_context *ctx, const char *name, bool must_exist)
{
    const struct dvsrec_switch *sw;

    DVSREC_SWITCH_FOR_EACH (sw, ctx->idl) {
        if (!strcmp(sw->name, name)) {
            return sw;
        }
    }
    if (must_exist) {
        ctl_fault(ctx, "NotFound", "no switch \"%s\"", name);
    }
    return NULL;
}

/* Returns the portgroup called 'name' of 'sw', or null if there is none. */
const struct dvsrec_portgroup *
ctl_portgroup_by_name(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                      const char *name)
{
    const struct dvsrec_portgroup *pg;

    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (pg->switch_ == sw && !strcmp(pg->name, name)) {
            return pg;
        }
    }
    return NULL;
}

/* Returns the portgroup called 'name' of 'sw'.  That there is none is a
 * fault. */
const struct dvsrec_portgroup *
ctl_find_portgroup_in(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                      const char *name)
{
    const struct dvsrec_portgroup *pg = ctl_portgroup_by_name(ctx, sw, name);

    if (!pg) {
        ctl_fault(ctx, "NotFound", "switch \"%s\" has no portgroup \"%s\"",
                  sw->name, name);
    }
    return pg;
}

/* Returns the portgroup whose name without its switch is 'name', or null if
 * there is none.  That there are several is a fault. */
static const struct dvsrec_portgroup *
ctl_find_bare_portgroup(struct ctl_context *ctx, const char *name)
{
    const struct dvsrec_portgroup *found = NULL;
    const struct dvsrec_portgroup *pg;

    DVSREC_PORTGROUP_FOR_EACH (pg, ctx->idl) {
        if (strcmp(pg->name, name) || !pg->switch_) {
            continue;
        }
        if (found) {
            const char *a = found->switch_->name;
            const char *b = pg->switch_->name;

            ctl_fault(ctx, "InvalidArgument", "\"%s\" may be \"%s/%s\" or "
                      "\"%s/%s\"", name, strcmp(a, b) < 0 ? a : b, name,
                      strcmp(a, b) < 0 ? b : a, name);
            return NULL;
        }
        found = pg;
    }
    return found;
}

/* Returns the portgroup called 'name', in the form SWITCH/PORTGROUP or, if
 * only one switch has a portgroup of that name, PORTGROUP.  Returns null if
 * there is none, which is a fault if 'must_exist' is true, and if there are
 * several, which always is. */
const struct dvsrec_portgroup *
ctl_find_portgroup(struct ctl_context *ctx, const char *name, bool must_exist)
{
    const struct dvsrec_portgroup *pg = NULL;
    const char *slash = strchr(name, '/');

    if (slash) {
        char *sw_name = xmemdup0(name, slash - name);
        const struct dvsrec_switch *sw = ctl_find_switch(ctx, sw_name,
                                                         must_exist);

        free(sw_name);
        if (sw) {
            pg = (must_exist
                  ? ctl_find_portgroup_in(ctx, sw, slash + 1)
                  : ctl_portgroup_by_name(ctx, sw, slash + 1));
        }
    } else {
        pg = ctl_find_bare_portgroup(ctx, name);
        if (!pg && !ctx->error && must_exist) {
            ctl_fault(ctx, "NotFound", "no portgroup \"%s\"", name);
        }
    }
    return pg;
}

/* Returns the port called 'name', in the form SWITCH:KEY, or null if there is
 * none, which is a fault if 'must_exist' is true. */
const struct dvsrec_port *
ctl_find_port(struct ctl_context *ctx, const char *name, bool must_exist)
{
    const char *colon = strchr(name, ':');

    if (!colon) {
        ctl_fault(ctx, "InvalidArgument", "\"%s\" is not of the form "
                  "SWITCH:KEY", name);
        return NULL;
    }

    char *sw_name = xmemdup0(name, colon - name);
    const struct dvsrec_switch *sw = ctl_find_switch(ctx, sw_name, must_exist);
    free(sw_name);
    if (!sw) {
        return NULL;
    }

    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        if (port->switch_ == sw && !strcmp(port->key, colon + 1)) {
            return port;
        }
    }
    if (must_exist) {
        ctl_fault(ctx, "NotFound", "switch \"%s\" has no port \"%s\"",
                  sw->name, colon + 1);
    }
    return NULL;
}

/* Returns the NIC called 'id', or null if there is none. */
const struct dvsrec_vnic *
ctl_nic_by_id(struct ctl_context *ctx, const char *id)
{
    const struct dvsrec_vnic *nic;

    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        if (!strcmp(nic->id, id)) {
            return nic;
        }
    }
    return NULL;
}

/* Returns the host called 'name', or null if none of that name has ever
 * reported. */
const struct dvsrec_host *
ctl_host_by_name(struct ctl_context *ctx, const char *name)
{
    const struct dvsrec_host *host;

    DVSREC_HOST_FOR_EACH (host, ctx->idl) {
        if (!strcmp(host->name, name)) {
            return host;
        }
    }
    return NULL;
}

/* Returns the membership of 'host' in 'sw', or null if it is none, which is a
 * fault if 'must_exist' is true. */
const struct dvsrec_host_member *
ctl_find_member(struct ctl_context *ctx, const struct dvsrec_switch *sw,
                const char *host, bool must_exist)
{
    const struct dvsrec_host_member *member;

    DVSREC_HOST_MEMBER_FOR_EACH (member, ctx->idl) {
        if (member->switch_ == sw && !strcmp(member->host, host)) {
            return member;
        }
    }
    if (must_exist) {
        ctl_fault(ctx, "NotFound", "switch \"%s\" has no host \"%s\"",
                  sw->name, host);
    }
    return NULL;
}

/* Finds the switch, portgroup or port called 'name' and stores it in
 * '*target'.  A switch comes before a portgroup of the same name.  Returns
 * false if there is none, which is a fault. */
bool
ctl_find_target(struct ctl_context *ctx, const char *name,
                struct ctl_target *target)
{
    memset(target, 0, sizeof *target);
    if (strchr(name, ':')) {
        target->port = ctl_find_port(ctx, name, true);
        if (target->port) {
            target->sw = target->port->switch_;
            target->pg = target->port->portgroup;
        }
    } else if (strchr(name, '/')) {
        target->pg = ctl_find_portgroup(ctx, name, true);
    } else {
        target->sw = ctl_find_switch(ctx, name, false);
        if (!target->sw) {
            target->pg = ctl_find_bare_portgroup(ctx, name);
        }
        if (!target->sw && !target->pg && !ctx->error) {
            ctl_fault(ctx, "NotFound", "no switch or portgroup \"%s\"", name);
        }
    }
    if (target->pg && !target->sw) {
        target->sw = target->pg->switch_;
    }
    return target->sw != NULL;
}

/* Returns 'target' as a fault names it, e.g. |portgroup "prod/web"|.  The
 * caller frees it. */
char *
ctl_target_to_string(const struct ctl_target *target)
{
    if (target->port) {
        return xasprintf("port \"%s:%s\"", target->sw->name,
                         target->port->key);
    } else if (target->pg) {
        return xasprintf("portgroup \"%s/%s\"", target->sw->name,
                         target->pg->name);
    } else {
        return xasprintf("switch \"%s\"", target->sw->name);
    }
}

/* NICs. */

/* Returns the portgroup that 'nic' asks for, or null if it asks for none, or
 * for a standalone port. */
const struct dvsrec_portgroup *
ctl_nic_portgroup(const struct dvsrec_vnic *nic)
{
    return (nic->portgroup ? nic->portgroup
            : nic->port ? nic->port->portgroup
            : NULL);
}

/* Returns the switch on which 'nic' asks for a port, or null if it asks for
 * none. */
const struct dvsrec_switch *
ctl_nic_switch(const struct dvsrec_vnic *nic)
{
    return (nic->portgroup ? nic->portgroup->switch_
            : nic->port ? nic->port->switch_
            : NULL);
}

/* Returns true if the run has fetched the row of 'table' with 'uuid'.  (The
 * IDL has an empty row for one that is only referred to.) */
static bool
is_fetched(struct ctl_context *ctx, const struct ovsdb_idl_table_class *table,
           const struct uuid *uuid)
{
    const struct ovsdb_idl_row *row = ovsdb_idl_get_row_for_uuid(ctx->idl,
                                                                 table, uuid);

    return row && (row->old_datum || row->new_datum);
}

/* Returns how many NICs ask for a port of 'pg'.  It counts what is asked for,
 * and not the ports that have been given, so that it is right within a run
 * that has connected or disconnected NICs. */
size_t
ctl_portgroup_nics(struct ctl_context *ctx, const struct dvsrec_portgroup *pg)
{
    const struct dvsrec_vnic *nic;
    size_t n = 0;

    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        n += ctl_nic_portgroup(nic) == pg;
    }

    /* After ctl_fetch_portgroup(), a NIC that has asked for a certain port may
     * be known from that port only. */
    const struct dvsrec_port *port;
    DVSREC_PORT_FOR_EACH (port, ctx->idl) {
        if (port->portgroup == pg) {
            const struct ovsdb_datum *connectee
                = ovsdb_idl_read(&port->header_, &dvsrec_port_col_connectee);

            n += (connectee->n
                  && !is_fetched(ctx, &dvsrec_table_vnic,
                                 &connectee->keys[0].uuid));
        }
    }
    return n;
}

/* Reports it as a fault if NICs have, or ask for, a port of 'target', which is
 * a switch or a portgroup.  Returns true if there is none. */
bool
ctl_check_disconnected(struct ctl_context *ctx,
                       const struct ctl_target *target)
{
    const struct dvsrec_vnic *first = NULL;
    const struct dvsrec_vnic *nic;
    size_t n = 0;

    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        const struct dvsrec_port *port = nic->connection;

        if (target->pg
            ? (ctl_nic_portgroup(nic) == target->pg
               || (port && port->portgroup == target->pg))
            : (ctl_nic_switch(nic) == target->sw
               || (port && port->switch_ == target->sw))) {
            if (!first || strcmp(nic->id, first->id) < 0) {
                first = nic;
            }
            n++;
        }
    }

    char *name = ctl_target_to_string(target);
    if (n == 1) {
        ctl_fault(ctx, "ResourceInUse", "NIC \"%s\" is connected to %s",
                  first->id, name);
    } else if (n) {
        ctl_fault(ctx, "ResourceInUse", "%"PRIuSIZE" NICs are connected to "
                  "%s, among them \"%s\"", n, name, first->id);
    }
    free(name);
    return !n;
}

/* Returns the NIC that 'port' has been given to or that asks for it, or null
 * if the port is free. */
const struct dvsrec_vnic *
ctl_port_nic(struct ctl_context *ctx, const struct dvsrec_port *port)
{
    const struct dvsrec_vnic *nic;

    DVSREC_VNIC_FOR_EACH (nic, ctx->idl) {
        if (nic->port == port || nic->connection == port) {
            return nic;
        }
    }
    return NULL;
}

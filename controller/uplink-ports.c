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
 *
 * The uplink ports of hosts: one for each uplink of a switch on each of its
 * members, in the uplink portgroups of the switch (vSphere makes them when a
 * host joins). */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/compile.h"
#include "controller/events.h"
#include "controller/pass.h"
#include "schema/dvs-read.h"
#include "util.h"

/* Tells that the 'n' 'ports', uplinks of one host, have been 'created' or are
 * to be deleted: once for each portgroup of each switch. */
static void
report_ports(struct pass *pass, const struct dvsrec_port **ports, size_t n,
             bool created)
{
    for (size_t i = 0; i < n; i++) {
        size_t before = 0, count = 0;

        for (size_t j = 0; j < n; j++) {
            if (ports[j]->switch_ == ports[i]->switch_
                && ports[j]->portgroup == ports[i]->portgroup) {
                before += j < i;
                count++;
            }
        }
        if (!before) {
            ports_report(pass, ports[i]->switch_, ports[i]->portgroup,
                         ports[i]->uplink_host, created, count);
        }
    }
}

/* Deletes those of the 'n' 'ports', uplinks of 'host', that can go. */
static void
delete_ports(struct pass *pass, const char *host,
             const struct dvsrec_port **ports, size_t n)
{
    size_t n_gone = 0;

    for (size_t i = 0; i < n; i++) {
        /* A NIC that asks for the port has a fault; the port cannot go before
         * the NIC has thought better of it. */
        if (port_is_wanted(pass->ix, ports[i])) {
            sset_add(&pass->leftovers->hosts, host);
        } else {
            ports[n_gone++] = ports[i];
        }
    }
    report_ports(pass, ports, n_gone, false);
    for (size_t i = 0; i < n_gone; i++) {
        const struct dvsrec_portgroup *pg = ports[i]->portgroup;

        ports_count_change(ports[i]->switch_, pg, -1);
        if (pg && !pg->uplink) {
            /* Somebody has made it an uplink port. */
            dirty_mark(pass->dirty, DIRTY_PORTGROUP, &pg->header_.uuid);
        }
        ports_delete(pass, ports[i]);
    }
}

/* Keys are decimal numbers without leading zeros. */
static bool
key_is_less(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);

    return n != m ? n < m : strcmp(a, b) < 0;
}

/* Collects the uplink ports that 'host' has of 's' into '*portsp', for the
 * caller to free, in the order of their keys.  Returns their number. */
static size_t
collect_ports(struct pass *pass, const struct dvsrec_switch *s,
              const char *host, const struct dvsrec_port ***portsp)
{
    size_t n_all = uplink_ports_of_host(pass->ix, host, portsp);
    const struct dvsrec_port **ports = *portsp;
    size_t n = 0;

    for (size_t i = 0; i < n_all; i++) {
        if (ports[i]->switch_ == s && ports[i]->uplink_name) {
            size_t j = n++;
            const struct dvsrec_port *port = ports[i];

            for (; j > 0 && key_is_less(port->key, ports[j - 1]->key); j--) {
                ports[j] = ports[j - 1];
            }
            ports[j] = port;
        }
    }
    return n;
}

static bool
has_port(const struct dvsrec_port **ports, size_t n, const char *uplink)
{
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(ports[i]->uplink_name, uplink)) {
            return true;
        }
    }
    return false;
}

static void
rename_port(const struct dvsrec_port *port, const char *name)
{
    /* A client may have given it another name. */
    if (!strcmp(port->name, port->uplink_name)) {
        dvsrec_port_set_name(port, name);
    }
    dvsrec_port_set_uplink_name(port, name);
}

/* An uplink that has been renamed, to one of 'names', keeps its port.  Which
 * uplink a name that is gone has become, the NIC behind it tells or, if as
 * many names have come as are gone, their order. */
static void
rename_ports(const struct svec *names, const struct dvs_member *member,
             const struct dvsrec_port **ports, size_t n)
{
    struct svec new = SVEC_EMPTY_INITIALIZER;
    const struct dvsrec_port **old = xcalloc(n, sizeof *old);
    size_t n_old = 0, n_left = 0;
    const char *name;
    size_t i;

    for (i = 0; i < n; i++) {
        if (!svec_contains_unsorted(names, ports[i]->uplink_name)) {
            old[n_old++] = ports[i];
        }
    }
    SVEC_FOR_EACH (i, name, names) {
        if (!has_port(ports, n, name)) {
            svec_add(&new, name);
        }
    }
    bool by_order = new.n == n_old;
    for (i = 0; i < n_old; i++) {
        size_t j;

        SVEC_FOR_EACH (j, name, &new) {
            const char *pnic = smap_get(&member->uplinks, name);

            if (pnic && old[i]->pnic && !strcmp(pnic, old[i]->pnic)) {
                break;
            }
        }
        if (j < new.n) {
            rename_port(old[i], new.names[j]);
            free(new.names[j]);
            memmove(&new.names[j], &new.names[j + 1],
                    (--new.n - j) * sizeof *new.names);
        } else {
            old[n_left++] = old[i];
        }
    }
    for (i = 0; by_order && i < n_left; i++) {
        rename_port(old[i], new.names[i]);
    }
    free(old);
    svec_destroy(&new);
}

/* Returns the one of the 'n' 'portgroups' that has the fewest of 'ports'
 * (vSphere: uplink ports are spread evenly over
 * DVSConfigSpec.uplinkPortgroup).  The first is the oldest. */
static const struct dvsrec_portgroup *
choose_portgroup(const struct dvsrec_portgroup **portgroups, size_t n,
                 const struct dvsrec_port **ports, size_t n_ports)
{
    const struct dvsrec_portgroup *best = NULL;
    size_t best_count = SIZE_MAX;

    for (size_t i = 0; i < n; i++) {
        size_t count = 0;

        for (size_t j = 0; j < n_ports; j++) {
            count += ports[j]->portgroup == portgroups[i];
        }
        if (count < best_count) {
            best = portgroups[i];
            best_count = count;
        }
    }
    return best;
}

/* Collects the uplink portgroups of 's', the oldest first; only those without
 * fault if there are any. */
static size_t
collect_portgroups(struct pass *pass, const struct dvsrec_switch *s,
                   const struct dvsrec_portgroup ***portgroupsp)
{
    size_t n_all = uplink_portgroups_of_switch(pass->ix, s, portgroupsp);
    const struct dvsrec_portgroup **portgroups = *portgroupsp;
    size_t n_ok = 0, n = 0;

    for (size_t i = 0; i < n_all; i++) {
        n_ok += view_portgroup(pass->view, portgroups[i])->ok;
    }
    for (size_t i = 0; i < n_all; i++) {
        const struct dvsrec_portgroup *pg = portgroups[i];
        size_t j = n;

        if (n_ok && !view_portgroup(pass->view, pg)->ok) {
            continue;
        }
        for (n++; j > 0 && portgroup_is_older(pass, pg, portgroups[j - 1]);
             j--) {
            portgroups[j] = portgroups[j - 1];
        }
        portgroups[j] = pg;
    }
    return n;
}

/* Sets 'setting' to what 'port' may have of its own: nothing if anything of it
 * is at fault. */
static void
read_setting(struct pass *pass, struct view_switch *s,
             const struct dvsrec_port *port, struct dvs_setting *setting)
{
    struct dvs_faults faults;
    struct dvs_port model;

    dvs_setting_init(setting);
    if (!port->setting || !port->portgroup) {
        return;
    }
    struct view_portgroup *pg = view_portgroup(pass->view, port->portgroup);
    dvs_port_init(&model);
    dvs_faults_init(&faults);
    char *error = dvs_read_port(port, &model);
    if (!error) {
        dvs_validate_port(&s->model, &pg->model, &model, &faults);
        if (!faults.n) {
            dvs_setting_overlay(setting, &model.setting,
                                dvs_override_mask(pg->model.overrides));
        }
    }
    free(error);
    dvs_faults_destroy(&faults);
    dvs_port_destroy(&model);
}

/* Puts the physical NIC 'pnic', NULL for none, into the uplink 'port'.  Those
 * that are in a port from its beginning, its host has brought along. */
static void
set_pnic(struct pass *pass, const struct dvsrec_port *port, const char *pnic,
         bool is_new)
{
    const struct uuid *switch_ = &port->switch_->header_.uuid;

    if (!is_new && !nullable_string_is_equal(port->pnic, pnic)) {
        if (port->pnic) {
            event_port(pass, "DvsPortDisconnectedEvent", switch_, port->key,
                       port->uplink_host, "NIC %s disconnected", port->pnic);
        }
        if (pnic) {
            event_port(pass, "DvsPortConnectedEvent", switch_, port->key,
                       port->uplink_host, "NIC %s connected", pnic);
        }
    }
    dvsrec_port_set_pnic(port, pnic);
}

/* Gives the host of 'member' one uplink port for each uplink of 's' and each
 * port of its LAGs, takes those from it whose uplinks are gone, and stores in
 * '*uplinksp' all uplinks with their ports.  Returns their number; the caller
 * destroys them with compile_uplinks_destroy(). */
size_t
uplink_ports_update(struct pass *pass, struct view_switch *s,
                    const struct dvs_member *member,
                    struct compile_uplink **uplinksp)
{
    const struct dvsrec_portgroup **portgroups;
    const struct dvsrec_port **ports;
    size_t n_groups = collect_portgroups(pass, s->row, &portgroups);
    size_t n_ports = collect_ports(pass, s->row, member->host, &ports);
    size_t n_old = n_ports;
    struct svec names;
    const char *name;
    size_t n = 0;
    size_t i;

    dvs_switch_uplinks(&s->model, &names);
    struct compile_uplink *uplinks = xcalloc(names.n, sizeof *uplinks);
    rename_ports(&names, member, ports, n_ports);
    SVEC_FOR_EACH (i, name, &names) {
        const struct dvsrec_port *port
            = find_uplink_port(pass->ix, s->row, member->host, name);
        const struct dvsrec_portgroup *pg
            = port ? NULL : choose_portgroup(portgroups, n_groups, ports,
                                             n_ports);

        if (pg) {
            /* switches.c sees to it that there is a portgroup. */
            port = ports_add(pass, s->row, pg, name, NULL);
            dvsrec_port_set_uplink_host(port, member->host);
            dvsrec_port_set_uplink_name(port, name);
            ports_count_change(s->row, pg, 1);
            ports = xrealloc(ports, (n_ports + 1) * sizeof *ports);
            ports[n_ports++] = port;
        }
        if (port) {
            struct compile_uplink *uplink = &uplinks[n++];
            const struct dvs_lag *lag;
            int lag_port;

            set_pnic(pass, port, smap_get(&member->uplinks, name), pg);
            uplink->name = xstrdup(name);
            uplink->key = xstrdup(port->key);
            uplink->portgroup = (port->portgroup
                                 ? port->portgroup->header_.uuid : UUID_ZERO);
            read_setting(pass, s, port, &uplink->setting);
            lag = dvs_lags_find_port(&s->model.lags, name, &lag_port);
            if (lag) {
                dvs_lag_set_vlan(lag, &uplink->setting);
            }
        }
    }
    report_ports(pass, ports + n_old, n_ports - n_old, true);
    size_t n_lost = 0;
    for (i = 0; i < n_old; i++) {
        if (!svec_contains_unsorted(&names, ports[i]->uplink_name)) {
            ports[n_lost++] = ports[i];
        }
    }
    delete_ports(pass, member->host, ports, n_lost);
    free(ports);
    free(portgroups);
    svec_destroy(&names);
    *uplinksp = uplinks;
    return n;
}

/* Returns how many uplink ports 'host' would have to be given of 's'. */
size_t
uplink_ports_missing(struct pass *pass, struct view_switch *s,
                     const char *host)
{
    const struct dvsrec_port **ports;
    size_t n = collect_ports(pass, s->row, host, &ports);
    struct svec names;

    free(ports);
    dvs_switch_uplinks(&s->model, &names);
    size_t missing = names.n > n ? names.n - n : 0;
    svec_destroy(&names);
    return missing;
}

/* Returns true if the host of 'member' has a port for an uplink that 'member'
 * names and that may have gone: the ports of members at fault stay. */
bool
uplink_ports_want_lost(const struct indexes *ix,
                       const struct dvsrec_host_member *member)
{
    const struct dvsrec_switch *s = member->switch_;
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &member->uplinks) {
        bool found = false;

        for (size_t i = 0; i < s->n_uplinks && !found; i++) {
            found = !strcmp(s->value_uplinks[i], node->key);
        }
        if (!found && find_uplink_port(ix, s, member->host, node->key)) {
            return true;
        }
    }
    return false;
}

/* Takes from 'host' the uplink ports of switches of which it is no member. */
void
uplink_ports_forget(struct pass *pass, const char *host)
{
    const struct dvsrec_port **ports;
    size_t n = uplink_ports_of_host(pass->ix, host, &ports);
    size_t n_lost = 0;

    for (size_t i = 0; i < n; i++) {
        if (!find_member(pass->ix, ports[i]->switch_, host)) {
            ports[n_lost++] = ports[i];
        }
    }
    delete_ports(pass, host, ports, n_lost);
    free(ports);
}

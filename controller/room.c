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

/* Room: how many ports a switch may have, and a host in it.
 *
 * Switch.max_ports counts all ports but conflict ports: those of portgroups,
 * standalone ones, and the uplink ports of hosts.  Those that are there stay;
 * who wants more than there is room for gets none, and a fault.
 *
 * Host_Member.max_ports counts the NICs that a host is granted ports for. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/events.h"
#include "controller/pass.h"
#include "util.h"

/* Returns how many ports 's' may be given. */
int64_t
room_left(const struct dvsrec_switch *s)
{
    return (s->n_max_ports
            ? MAX(0, s->max_ports[0] - s->port_count) : INT64_MAX);
}

/* To be called when 's' has lost ports: has all looked at that may have waited
 * for room. */
void
room_made(struct pass *pass, const struct dvsrec_switch *s)
{
    if (s->n_max_ports) {
        dirty_mark(pass->dirty, DIRTY_SWITCH, &s->header_.uuid);
    }
}

/* Returns true if 's' may be given 'n' ports.  Otherwise adds a fault for
 * 'column', which asks for them. */
bool
room_suffices(const struct dvsrec_switch *s, int64_t n,
              const char *column, struct dvs_faults *faults)
{
    if (n <= room_left(s)) {
        return true;
    }
    dvs_faults_add(faults, "LimitExceeded", column,
                   "with %"PRId64" port%s more, switch \"%s\" would have "
                   "more than %"PRId64, n, n == 1 ? "" : "s", s->name,
                   s->max_ports[0]);
    return false;
}

/* Adds a fault if 's' has more ports than it may: vSphere refuses to lower
 * maxPorts below what there is. */
void
room_check(const struct dvsrec_switch *s, struct dvs_faults *faults)
{
    if (s->n_max_ports && s->port_count > s->max_ports[0]) {
        dvs_faults_add(faults, "LimitExceeded", "max_ports",
                       "the switch has %"PRId64" ports, more than %"PRId64,
                       s->port_count, s->max_ports[0]);
    }
}

/* Hosts. */

/* Returns true if 'host' has been told how many NICs of 'switch_' it may have,
 * or is to be told. */
static bool
host_is_limited(struct pass *pass, const char *host,
                const struct uuid *switch_)
{
    const struct dvsrec_switch *s = get_switch(pass->idl, switch_);
    const struct dvsrec_host_member *member
        = s ? find_member(pass->ix, s, host) : NULL;
    const struct dvsrec_proxy_host *proxy = find_proxy_host(pass->ix, host,
                                                            switch_);

    return ((member && member->n_max_ports)
            || (proxy && proxy->n_max_ports));
}

/* Returns for how many NICs 'host' is granted ports of 'switch_'.  Stores in
 * '*has_nic' whether 'nic', which may be NULL, is one of them. */
static int64_t
count_granted(struct pass *pass, const char *host, const struct uuid *switch_,
              const char *nic, bool *has_nic)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_host(pass->ix, host, switch_, &rows);
    struct sset nics = SSET_INITIALIZER(&nics);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i]->kind, "none")) {
            /* One that gets another port may have both for a moment. */
            sset_add(&nics, rows[i]->nic);
        }
    }
    free(rows);
    *has_nic = nic && sset_contains(&nics, nic);
    int64_t count = sset_count(&nics);
    sset_destroy(&nics);
    return count;
}

/* Returns true if 'host' can be granted a port of 'switch_' for 'nic', as far
 * as its number of NICs goes.  The maximum that counts is that which the host
 * knows: a change of it that is at fault is without effect. */
bool
room_on_host(struct pass *pass, const char *host, const struct uuid *switch_,
             const char *nic)
{
    const struct dvsrec_proxy_host *proxy = find_proxy_host(pass->ix, host,
                                                            switch_);
    bool has_nic;

    return (!proxy || !proxy->n_max_ports
            || (count_granted(pass, host, switch_, nic, &has_nic)
                < proxy->max_ports[0])
            || has_nic);
}

/* Adds a fault if there is no room for 'vnic' on 'host', which claims it for
 * 's' or is to make it, and tells of it unless that has been told. */
void
room_check_host(struct pass *pass, const struct dvsrec_vnic *vnic,
                const char *host, const struct dvsrec_switch *s,
                struct dvs_faults *faults)
{
    if (room_on_host(pass, host, &s->header_.uuid, vnic->id)) {
        return;
    }
    const struct dvsrec_proxy_host *proxy
        = find_proxy_host(pass->ix, host, &s->header_.uuid);
    char *message = xasprintf("host \"%s\" takes no more than %"PRId64
                              " NIC%s on switch \"%s\"", host,
                              proxy->max_ports[0],
                              proxy->max_ports[0] == 1 ? "" : "s", s->name);
    char *fault = xasprintf("LimitExceeded: claimed_by: %s", message);
    bool told = !pass->trigger || !sset_add(&pass->crowded, fault);

    for (size_t i = 0; i < vnic->n_faults && !told; i++) {
        told = !strcmp(vnic->faults[i], fault);
    }
    if (!told) {
        event_list_add(pass->events, "DvsNicRefusedEvent", "warning",
                       &s->header_.uuid, vnic->id, host, "LimitExceeded: %s",
                       message);
    }
    dvs_faults_add(faults, "LimitExceeded", "claimed_by", "%s", message);
    free(message);
    free(fault);
}

/* Adds a fault if 'host' has more NICs on 's' than 'max_ports', which it is to
 * be told. */
void
room_check_member(struct pass *pass, const char *host,
                  const struct dvsrec_switch *s, int max_ports,
                  struct dvs_faults *faults)
{
    bool has_nic;
    int64_t n = (max_ports < 0 ? 0
                 : count_granted(pass, host, &s->header_.uuid, NULL,
                                 &has_nic));

    if (n > max_ports && max_ports >= 0) {
        dvs_faults_add(faults, "LimitExceeded", "max_ports",
                       "host \"%s\" has %"PRId64" NIC%s on the switch, more "
                       "than %d", host, n, n == 1 ? "" : "s", max_ports);
    }
}

/* Collects into 'hosts' the hosts that may have no more than some number of
 * NICs, and are granted port 'key' of 'switch_' for one: from its name to the
 * NIC's id. */
void
room_collect_hosts(struct pass *pass, const struct uuid *switch_,
                   const char *key, struct smap *hosts)
{
    const struct dvsrec_proxy_port **rows;
    size_t n = proxy_ports_of_port(pass->ix, switch_, key, &rows);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i]->kind, "none")
            && host_is_limited(pass, rows[i]->host, switch_)) {
            smap_replace(hosts, rows[i]->host, rows[i]->nic);
        }
    }
    free(rows);
}

/* Has the hosts in 'old', from room_collect_hosts(), looked at that are not
 * granted the port for that NIC any more: others may take its place. */
void
room_mark_hosts(struct pass *pass, const struct uuid *switch_,
                const char *key, const struct smap *old)
{
    struct smap new = SMAP_INITIALIZER(&new);
    const struct smap_node *node;

    room_collect_hosts(pass, switch_, key, &new);
    SMAP_FOR_EACH (node, old) {
        if (!nullable_string_is_equal(smap_get(&new, node->key),
                                      node->value)) {
            dirty_mark_host(pass->dirty, node->key);
        }
    }
    smap_destroy(&new);
}

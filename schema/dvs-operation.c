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

/* The operations of table Task: the frame, and the smaller of them.  See
 * dvs-operation.h. */

#include <config.h>

#include "schema/dvs-operation.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ovsdb-idl-provider.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-level.h"
#include "schema/dvs-limits.h"
#include "svec.h"
#include "util.h"

#define ARGUMENTS(...) (const char *const[]) { __VA_ARGS__, NULL }

const struct dvs_operation_class dvs_operation_classes[] = {
    { "checkpoint", ARGUMENTS("switch", "name"),
      "save the state of a switch" },
    { "export", ARGUMENTS("switch", "portgroups"),
      "return the configuration as a document" },
    { "import", ARGUMENTS("as", "name"),
      "make of a document what it tells of" },
    { "rollback", ARGUMENTS("switch", "portgroup", "checkpoint", "spec-only"),
      "make a switch or portgroup what it was, or tell how" },
    { "move-port", ARGUMENTS("switch", "ports", "portgroup"),
      "move ports to another portgroup of their switch, or out of any" },
    { "merge", ARGUMENTS("source", "switch"),
      "merge a switch into another" },
    { "rectify", ARGUMENTS("switch", "hosts"),
      "have hosts compare all that they have with what they should have" },
    { "refresh", ARGUMENTS("switch", "ports"),
      "have hosts report the states of ports now" },
    { "rollout", ARGUMENTS("switch", "hosts"),
      "tell what changes in a switch to some of its hosts first" },
    { "upgrade", ARGUMENTS("switch", "version"),
      "raise the feature level of a switch" },
};
const size_t dvs_n_operation_classes = ARRAY_SIZE(dvs_operation_classes);

/* Returns the operation called 'name', or NULL if there is none. */
const struct dvs_operation_class *
dvs_operation_class(const char *name)
{
    for (size_t i = 0; i < dvs_n_operation_classes; i++) {
        if (!strcmp(dvs_operation_classes[i].name, name)) {
            return &dvs_operation_classes[i];
        }
    }
    return NULL;
}

/* Initializes 'op' as what 'row' asks for.  All arguments stay the
 * caller's. */
void
dvs_operation_init(struct dvs_operation *op, struct ovsdb_idl *idl,
                   struct ovsdb_idl_txn *txn, const struct dvs_lookup *lookup,
                   void *aux, const struct dvsrec_task *row)
{
    *op = (struct dvs_operation) {
        .idl = idl, .txn = txn, .lookup = lookup, .aux = aux, .row = row,
        .result = SMAP_INITIALIZER(&op->result),
    };
}

/* Frees what 'op' owns, but not 'op' itself. */
void
dvs_operation_destroy(struct dvs_operation *op)
{
    smap_destroy(&op->result);
    free(op->fault);
}

/* Finds out whether there is such an operation, and whether it takes all
 * arguments of 'op'.  Returns false, with a fault set, if not. */
bool
dvs_operation_check(struct dvs_operation *op)
{
    const char *name = op->row->operation;
    const struct dvs_operation_class *class = dvs_operation_class(name);
    const struct smap_node *node;

    if (!class) {
        dvs_operation_fault(op, "NotSupported", "operation",
                            "%s is not supported yet", name);
        return false;
    }
    SMAP_FOR_EACH (node, &op->row->arguments) {
        const char *const *key = class->arguments;

        while (*key && strcmp(*key, node->key)) {
            key++;
        }
        if (!*key) {
            dvs_operation_fault(op, "InvalidArgument", node->key,
                                "%s takes no argument \"%s\"", name,
                                node->key);
            return false;
        }
    }
    return true;
}

/* Faults. */

/* The same as dvs_operation_fault(). */
void
dvs_operation_fault_valist(struct dvs_operation *op, const char *fault,
                           const char *argument, const char *format,
                           va_list args)
{
    char *message = xvasprintf(format, args);

    free(op->fault);
    op->fault = xasprintf("%s: %s: %s", fault, argument, message);
    free(message);
}

/* Sets the fault of 'op': 'fault' is vSphere's name of it, 'argument' the key
 * in Task.arguments, or the column, that is at fault, and 'format' yields a
 * sentence. */
void
dvs_operation_fault(struct dvs_operation *op, const char *fault,
                    const char *argument, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dvs_operation_fault_valist(op, fault, argument, format, args);
    va_end(args);
}

/* Sets the fault of 'op' to the first of 'faults', of which there must be
 * one. */
void
dvs_operation_fault_first(struct dvs_operation *op,
                          const struct dvs_faults *faults)
{
    const struct dvs_fault *f = &faults->faults[0];

    dvs_operation_fault(op, f->name, f->column, "%s", f->message);
}

/* Sets the fault of 'op' to 'fault', "FAULT: SENTENCE", which this frees. */
void
dvs_operation_fault_string(struct dvs_operation *op, const char *argument,
                           char *fault)
{
    size_t word = strcspn(fault, ":");
    char *name = xmemdup0(fault, word);

    dvs_operation_fault(op, name, argument, "%s",
                        fault + word + strspn(fault + word, ": "));
    free(name);
    free(fault);
}

/* Sets the fault of 'op', for which 'n_hosts' are asked and some do not
 * answer, for 'reasons'. */
void
dvs_operation_fault_hosts(struct dvs_operation *op, struct svec *reasons,
                          size_t n_hosts)
{
    svec_sort(reasons);
    dvs_operation_fault(op, "DvsOperationBulkFault", "hosts",
                        (reasons->n > 1 ? "%s (and %"PRIuSIZE" more of "
                         "%"PRIuSIZE" hosts)" : "%s"),
                        reasons->names[0], reasons->n - 1, n_hosts);
}

/* Arguments. */

/* Returns argument 'key' of 'op', or NULL if it is not given or empty. */
const char *
dvs_operation_argument(const struct dvs_operation *op, const char *key)
{
    const char *value = smap_get(&op->row->arguments, key);

    return value && value[0] ? value : NULL;
}

/* Adds to 'words' what 'list' consists of, separated by commas. */
void
dvs_operation_split(const char *list, struct svec *words)
{
    char *copy = xstrdup(list);
    char *save_ptr = NULL;

    for (char *s = strtok_r(copy, ", ", &save_ptr); s;
         s = strtok_r(NULL, ", ", &save_ptr)) {
        svec_add(words, s);
    }
    free(copy);
}

/* Returns the switch that argument 'key' of 'op' names.  Returns NULL, with a
 * fault set, if there is none. */
const struct dvsrec_switch *
dvs_operation_switch(struct dvs_operation *op, const char *key)
{
    const char *name = dvs_operation_argument(op, key);
    const struct dvsrec_switch *row;

    if (!name) {
        dvs_operation_fault(op, "InvalidArgument", key, "no %s is given",
                            key);
        return NULL;
    }
    DVSREC_SWITCH_FOR_EACH (row, op->idl) {
        if (!strcmp(row->name, name)) {
            return row;
        }
    }
    dvs_operation_fault(op, "NotFound", key, "no switch \"%s\"", name);
    return NULL;
}

/* Returns the portgroup of 's' that argument 'key' of 'op', which must be
 * given, names.  Returns NULL, with a fault set, if there is none. */
const struct dvsrec_portgroup *
dvs_operation_portgroup(struct dvs_operation *op,
                        const struct dvsrec_switch *s, const char *key)
{
    const char *name = dvs_operation_argument(op, key);
    const struct dvsrec_portgroup *pg = op->lookup->portgroup(op->aux, s,
                                                              name);

    if (!pg) {
        dvs_operation_fault(op, "NotFound", key,
                            "switch \"%s\" has no portgroup \"%s\"", s->name,
                            name);
    }
    return pg;
}

/* Stores in '*portsp', which the caller frees, and '*np' the ports of 's'
 * whose keys argument 'key' of 'op', which must be given, lists.  Returns
 * false, with a fault set, if one does not exist or is given twice. */
bool
dvs_operation_ports(struct dvs_operation *op, const struct dvsrec_switch *s,
                    const char *key, const struct dvsrec_port ***portsp,
                    size_t *np)
{
    struct svec keys = SVEC_EMPTY_INITIALIZER;
    const char *word;
    size_t i;

    dvs_operation_split(dvs_operation_argument(op, key), &keys);
    *portsp = xmalloc(keys.n * sizeof **portsp);
    *np = 0;
    SVEC_FOR_EACH (i, word, &keys) {
        const struct dvsrec_port *port = op->lookup->port(op->aux, s, word);

        if (!port) {
            dvs_operation_fault(op, "NotFound", key,
                                "switch \"%s\" has no port %s", s->name,
                                word);
            break;
        }
        for (size_t j = 0; j < *np; j++) {
            if ((*portsp)[j] == port) {
                dvs_operation_fault(op, "InvalidArgument", key,
                                    "port %s is given twice", word);
            }
        }
        (*portsp)[(*np)++] = port;
    }
    svec_destroy(&keys);
    return !op->fault;
}

/* Ports. */

/* Returns true if the NIC in 'port''s connectee knows of it. */
bool
dvs_port_is_mutual(const struct dvsrec_port *port)
{
    const struct dvsrec_vnic *vnic = port->connectee;

    return vnic && vnic->header_.new_datum && vnic->connection == port;
}

/* Returns the next free key of 's', which the caller must free.  Keys count
 * up and are never given again, whatever is deleted, unless somebody else has
 * written a number that is beyond them: then they start over. */
char *
dvs_take_port_key(const struct dvs_lookup *lookup, void *aux,
                  const struct dvsrec_switch *s)
{
    int64_t next = (s->next_port_key < DVS_HOST_MADE_KEY_MIN
                    ? MAX(s->next_port_key, 1) : 1);
    char *key = xasprintf("%"PRId64, next);

    /* Only a port that somebody else inserted can be in the way. */
    while (lookup->port(aux, s, key)) {
        free(key);
        key = xasprintf("%"PRId64, ++next);
    }
    dvsrec_switch_verify_next_port_key(s);
    dvsrec_switch_set_next_port_key(s, next + 1);
    return key;
}

/* Hosts. */

/* Adds the 'n' memberships of 'more', which this frees, to '*membersp', which
 * has '*np', without those that it has already. */
static void
add_members(const struct dvsrec_host_member **more, size_t n,
            const struct dvsrec_host_member ***membersp, size_t *np)
{
    *membersp = xrealloc(*membersp, (*np + n) * sizeof **membersp);
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < *np && (*membersp)[j] != more[i]) {
            j++;
        }
        if (j == *np) {
            (*membersp)[(*np)++] = more[i];
        }
    }
    free(more);
}

/* Finds the memberships of the hosts that 'op' lists, in 's' or, if that is
 * NULL, in any switch. */
static bool
find_hosts(struct dvs_operation *op, const struct dvsrec_switch *s,
           const char *list, const struct dvsrec_host_member ***membersp,
           size_t *np)
{
    struct svec hosts = SVEC_EMPTY_INITIALIZER;
    const char *host;
    size_t i;

    dvs_operation_split(list, &hosts);
    SVEC_FOR_EACH (i, host, &hosts) {
        const struct dvsrec_host_member **rows;
        size_t n = op->lookup->members(op->aux, s, host, &rows);

        add_members(rows, n, membersp, np);
        if (!n) {
            dvs_operation_fault(op, "NotFound", "hosts",
                                "host \"%s\" is not a member of %s%s%s", host,
                                s ? "switch \"" : "any switch",
                                s ? s->name : "", s ? "\"" : "");
            break;
        }
    }
    svec_destroy(&hosts);
    return !op->fault;
}

/* Finds the memberships of the hosts of the ports that 'op' lists. */
static bool
find_hosts_of_ports(struct dvs_operation *op, const struct dvsrec_switch *s,
                    const struct dvsrec_host_member ***membersp, size_t *np)
{
    const struct dvsrec_port **ports;
    size_t n_ports;

    if (dvs_operation_ports(op, s, "ports", &ports, &n_ports)) {
        for (size_t i = 0; i < n_ports; i++) {
            const char *host = (ports[i]->uplink_host ? ports[i]->uplink_host
                                : ports[i]->proxy_host);
            const struct dvsrec_host_member **rows;

            if (host) {
                size_t n = op->lookup->members(op->aux, s, host, &rows);
                add_members(rows, n, membersp, np);
            }
        }
    }
    free(ports);
    return !op->fault;
}

/* Stores in '*membersp', which the caller frees in any case, and '*np' the
 * memberships of the hosts that 'op', "rectify" or "refresh", is to ask.
 * Returns false, with a fault set, if it names something that is not
 * there. */
bool
dvs_operation_members(struct dvs_operation *op,
                      const struct dvsrec_host_member ***membersp, size_t *np)
{
    bool rectify = !strcmp(op->row->operation, "rectify");
    const char *hosts = rectify ? dvs_operation_argument(op, "hosts") : NULL;
    bool ports = !rectify && dvs_operation_argument(op, "ports");
    const struct dvsrec_switch *s = NULL;

    *membersp = NULL;
    *np = 0;
    if (!hosts || dvs_operation_argument(op, "switch")) {
        s = dvs_operation_switch(op, "switch");
        if (!s) {
            return false;
        }
    }
    if (hosts) {
        return find_hosts(op, s, hosts, membersp, np);
    } else if (ports) {
        return find_hosts_of_ports(op, s, membersp, np);
    }
    *np = op->lookup->members(op->aux, s, NULL, membersp);
    return true;
}

/* Returns why 'host', which has not answered, is not going to, in words that
 * the caller frees, or NULL if it may.  'told' is whether it knows of the
 * switch, 'connected' whether it is alive, and 'down' says, if nonnull, why
 * the switch is down there. */
char *
dvs_host_silence(const char *host, bool told, bool connected,
                 const char *down)
{
    if (!told) {
        return xasprintf("host \"%s\" has not been told of the switch", host);
    } else if (!connected) {
        return xasprintf("host \"%s\" is disconnected", host);
    } else if (down) {
        return xasprintf("host \"%s\" is down: %s", host, down);
    }
    return NULL;
}

/* Raising the feature level of a switch: vSphere's
 * PerformDvsProductSpecOperation_Task with operation "upgrade". */

/* Finds out whether 'op', "upgrade", can be done.  Stores in '*rowp' the
 * switch and in '*levelp' its feature level then.  Returns false, with a fault
 * set, if it cannot. */
bool
dvs_upgrade_check(struct dvs_operation *op, const struct dvsrec_switch **rowp,
                  int *levelp)
{
    const struct dvsrec_switch *s = dvs_operation_switch(op, "switch");
    const char *version = dvs_operation_argument(op, "version");

    if (!s) {
        return false;
    }
    int now = dvs_level_from_string(s->version);
    int new = dvs_level_from_string(version);
    if (new < 0) {
        dvs_operation_fault(op, "InvalidArgument", "version",
                            "there is no feature level \"%s\", only %s to %s",
                            version, dvs_levels[0],
                            dvs_levels[DVS_LEVEL_NEWEST]);
    } else if (!op->lookup->is_ok(op->aux, s)) {
        dvs_operation_fault(op, "InvalidState", "switch",
                            "switch \"%s\" is at fault", s->name);
    } else if (new <= now) {
        dvs_operation_fault(op, "InvalidState", "version",
                            "switch \"%s\" is at feature level %s already%s",
                            s->name, dvs_levels[now],
                            new < now ? ", which cannot be lowered" : "");
    }
    *rowp = s;
    *levelp = new;
    return !op->fault;
}

/* Raises the feature level of 's' to 'level'. */
void
dvs_upgrade(const struct dvsrec_switch *s, int level)
{
    dvsrec_switch_verify_version(s);
    dvsrec_switch_set_version(s, dvs_levels[level]);
}

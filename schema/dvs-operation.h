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

#ifndef DVS_OPERATION_H
#define DVS_OPERATION_H 1

/* The operations of table Task: what their arguments name, whether what they
 * ask for can be done, and which configuration rows it changes.
 *
 * The controller carries them out; "dvsctl plan" does the same to rows in a
 * transaction that it throws away, to tell what would come of it.  What
 * follows from the rows is not done here. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"
#include "schema/dvs-model.h"
#include "smap.h"

struct dvsrec_host_member;
struct dvsrec_port;
struct dvsrec_portgroup;
struct dvsrec_switch;
struct dvsrec_task;
struct ovsdb_idl;
struct ovsdb_idl_txn;
struct svec;

/* How an operation finds rows, and what it has to know of objects beyond their
 * rows.  'aux' is that of the operation. */
struct dvs_lookup {
    /* Return NULL if there is none. */
    const struct dvsrec_portgroup *(*portgroup)(
        void *aux, const struct dvsrec_switch *, const char *name);
    const struct dvsrec_port *(*port)(
        void *aux, const struct dvsrec_switch *, const char *key);

    /* Stores in '*rowsp', which the caller frees, the memberships in a switch,
     * or all if that is NULL, of a host, or of all if that is NULL; one of
     * both is given.  Returns their number. */
    size_t (*members)(void *aux, const struct dvsrec_switch *,
                      const char *host,
                      const struct dvsrec_host_member ***rowsp);

    /* Returns what could be read of a switch, with its private VLANs and LAGs;
     * it stays true until rows change. */
    const struct dvs_switch *(*model)(void *aux, const struct dvsrec_switch *);

    /* Whether a switch is without fault; whether hosts know it; and whether a
     * change of it is told to canaries only at present. */
    bool (*is_ok)(void *aux, const struct dvsrec_switch *);
    bool (*is_known)(void *aux, const struct dvsrec_switch *);
    bool (*is_rolled_out)(void *aux, const struct dvsrec_switch *);

    /* Whether hosts know a portgroup.  Stores in '*typep' the type that is in
     * force, which may be another than the row's if a change of that is
     * refused. */
    bool (*is_in_force)(void *aux, const struct dvsrec_portgroup *,
                        enum dvs_portgroup_type *typep);

    /* Whether a host is alive. */
    bool (*is_connected)(void *aux, const char *host);

    /* Whether a host refuses something of a switch, since it cut it off. */
    bool (*refuses)(void *aux, const struct dvsrec_switch *, const char *host);

    /* Whether there is a checkpoint of a switch as it was before what is
     * changing now. */
    bool (*has_base)(void *aux, const struct dvsrec_switch *);
};

/* One that has been asked for. */
struct dvs_operation {
    struct ovsdb_idl *idl;
    struct ovsdb_idl_txn *txn;
    const struct dvs_lookup *lookup;    /* Not owned. */
    void *aux;                  /* For 'lookup'. */
    const struct dvsrec_task *row;      /* What is asked for. */

    struct smap result;         /* For Task.result. */
    char *fault;                /* For Task.fault, "FAULT: ARGUMENT: SENTENCE",
                                 * or NULL. */
};

/* What there is to ask for. */
struct dvs_operation_class {
    const char *name;           /* As in Task.operation. */
    const char *const *arguments;   /* Keys that Task.arguments may have, the
                                     * last one NULL. */
    const char *doc;            /* What it does, in a few words. */
};
extern const struct dvs_operation_class dvs_operation_classes[];
extern const size_t dvs_n_operation_classes;

const struct dvs_operation_class *dvs_operation_class(const char *name);

void dvs_operation_init(struct dvs_operation *, struct ovsdb_idl *,
                        struct ovsdb_idl_txn *, const struct dvs_lookup *,
                        void *aux, const struct dvsrec_task *);
void dvs_operation_destroy(struct dvs_operation *);

bool dvs_operation_check(struct dvs_operation *);

void dvs_operation_fault(struct dvs_operation *, const char *fault,
                         const char *argument, const char *format, ...)
    OVS_PRINTF_FORMAT(4, 5);
void dvs_operation_fault_valist(struct dvs_operation *, const char *fault,
                                const char *argument, const char *format,
                                va_list) OVS_PRINTF_FORMAT(4, 0);
void dvs_operation_fault_first(struct dvs_operation *,
                               const struct dvs_faults *);
void dvs_operation_fault_string(struct dvs_operation *, const char *argument,
                                char *fault);
void dvs_operation_fault_hosts(struct dvs_operation *, struct svec *reasons,
                               size_t n_hosts);

const char *dvs_operation_argument(const struct dvs_operation *,
                                   const char *key);
void dvs_operation_split(const char *list, struct svec *words);
const struct dvsrec_switch *dvs_operation_switch(struct dvs_operation *,
                                                 const char *key);
const struct dvsrec_portgroup *dvs_operation_portgroup(
    struct dvs_operation *, const struct dvsrec_switch *, const char *key);
bool dvs_operation_ports(struct dvs_operation *, const struct dvsrec_switch *,
                         const char *key, const struct dvsrec_port ***portsp,
                         size_t *np);

/* Ports, also for others than operations. */
bool dvs_port_is_mutual(const struct dvsrec_port *);
char *dvs_take_port_key(const struct dvs_lookup *, void *aux,
                        const struct dvsrec_switch *);

/* "rectify" and "refresh": the memberships of the hosts that are asked. */
bool dvs_operation_members(struct dvs_operation *,
                           const struct dvsrec_host_member ***membersp,
                           size_t *np);
char *dvs_host_silence(const char *host, bool told, bool connected,
                       const char *down);

/* "rollout". */
#define DVS_RING_CANARY 1       /* Host_Member.ring of a host that tries
                                 * changes out. */

size_t dvs_default_canaries(const struct ovsdb_idl *,
                            const struct dvs_lookup *, void *aux,
                            const struct dvsrec_switch *, struct svec *hosts);
bool dvs_rollout_check(struct dvs_operation *, const struct dvsrec_switch **,
                       struct svec *hosts);

/* "move-port". */
struct dvs_move {
    struct dvs_operation *op;
    const struct dvsrec_switch *switch_;
    const struct dvsrec_portgroup *to;  /* NULL: to be standalone. */
    const struct dvsrec_port **ports;
    size_t n;
};

bool dvs_move_init(struct dvs_move *, struct dvs_operation *);
void dvs_move_destroy(struct dvs_move *);
void dvs_move_port(const struct dvs_move *, const struct dvsrec_port *);

/* "upgrade". */
bool dvs_upgrade_check(struct dvs_operation *, const struct dvsrec_switch **,
                       int *levelp);
void dvs_upgrade(const struct dvsrec_switch *, int level);

#endif /* dvs-operation.h */

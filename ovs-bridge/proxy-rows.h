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

#ifndef PROXY_ROWS_H
#define PROXY_ROWS_H 1

/* The proxy rows that this host works with: from the DVS database, from the
 * host cache, or, after a rollback, those that were confirmed last.  Whoever
 * reads them cannot tell which.
 *
 * Of each object there are up to two copies: the one the host works with, and
 * the one that was last confirmed (see confirm.h).  They are the same one, but
 * while a change has not been confirmed yet.
 *
 * Holds what concerns this host: all rows of the switches that it is a member
 * of, in its own ring, and its own ports. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "openvswitch/uuid.h"
#include "ovs-bridge/row-copy.h"

struct ds;
struct json;

enum proxy_row_kind {
    PR_GLOBAL,                  /* DVS_Global: its options. */
    PR_SWITCH,                  /* Proxy_Switch. */
    PR_HOST,                    /* Proxy_Host. */
    PR_PORTGROUP,               /* Proxy_Portgroup. */
    PR_PORT,                    /* Proxy_Port. */
    PR_N_KINDS
};

/* What object a row is about, whatever it says of it. */
struct proxy_row_id {
    enum proxy_row_kind kind;
    struct uuid switch_;        /* All-zeros for PR_GLOBAL. */
    struct uuid portgroup;      /* PR_PORTGROUP; else all-zeros. */
    const char *key;            /* PR_PORT: its key; else "". */
};

struct proxy_row {
    struct hmap_node node;      /* In struct proxy_rows's 'by_id'. */
    struct proxy_row_id id;     /* 'key' is owned. */
    struct row_copy *running;   /* What the host works with, or NULL. */
    struct row_copy *confirmed; /* What was confirmed last, or NULL. */

    /* A change of it that is not confirmed; 'running' != 'confirmed'. */
    struct ovs_list open_node;  /* In 'open', or empty. */
    uint64_t change;            /* Number of the change. */

    /* What was taken back; then 'running' == 'confirmed'. */
    bool refused;               /* The host refuses... */
    bool refuses_absence;       /* ...that the row is gone, ... */
    int64_t refused_version;    /* ...else this version of it. */
    bool retried;               /* 'refused_version', or the absence, has been
                                 * taken a second time. */

    struct ovs_list dirty_node; /* In 'dirty', or empty. */

    /* Indexes, by what 'running' says; NULL-hashed while it is NULL. */
    bool indexed;
    struct hmap_node by_switch; /* All but PR_GLOBAL. */
    struct hmap_node by_name;   /* PR_PORT: NIC.  PR_PORTGROUP: name. */
    struct hmap_node by_group;  /* PR_PORT: portgroup. */
};

struct proxy_rows {
    struct hmap by_id;          /* Contains "struct proxy_row"s. */
    struct hmap by_switch, by_name, by_group;
    struct ovs_list open;       /* Rows with a change not confirmed yet. */
    struct ovs_list dirty;      /* Rows whose 'running' changed. */
    size_t n_refused;           /* Rows that are refused. */
    uint64_t change;            /* Number of the newest change. */
    uint64_t seqno;             /* Changes whenever anything does. */
};

void proxy_rows_init(struct proxy_rows *);
void proxy_rows_destroy(struct proxy_rows *);
bool proxy_rows_is_empty(const struct proxy_rows *);

/* Changing. */
void proxy_rows_set(struct proxy_rows *, const struct proxy_row_id *,
                    struct row_copy *, bool harmless);
bool proxy_rows_confirm(struct proxy_rows *, uint64_t change);
size_t proxy_rows_roll_back(struct proxy_rows *);
size_t proxy_rows_retry(struct proxy_rows *);
bool proxy_rows_are_refused(const struct proxy_rows *, const struct uuid *);
bool proxy_rows_accept(struct proxy_rows *, const struct uuid *switch_);
struct proxy_row *proxy_rows_pop_dirty(struct proxy_rows *);
void proxy_rows_forget(struct proxy_rows *, struct proxy_row *);

/* Reading.  A row's 'running' may be NULL. */
struct proxy_row *proxy_rows_find(const struct proxy_rows *,
                                  const struct proxy_row_id *);
const struct proxy_row *proxy_rows_find_nic(const struct proxy_rows *,
                                            const char *nic);
const struct proxy_row *proxy_rows_find_name(const struct proxy_rows *,
                                             const struct uuid *switch_,
                                             const char *name);
bool proxy_rows_nic_is_known(const struct proxy_rows *, const char *nic,
                             const char *other_key);
void proxy_row_format_refusal(const struct proxy_row *, struct ds *);

/* Text form. */
void proxy_rows_add(struct proxy_rows *, const struct proxy_row *state);
struct json *proxy_row_to_json(const struct proxy_row *);
char *proxy_rows_add_json(struct proxy_rows *, const struct json *);

/* Iterates over the rows with a 'running' copy of a switch, or over the ports
 * of a portgroup; with false positives (other objects with the same hash). */
#define PROXY_ROWS_FOR_EACH_OF_SWITCH(ROW, SWITCH, ROWS) \
    HMAP_FOR_EACH_WITH_HASH (ROW, by_switch, uuid_hash(SWITCH), \
                             &(ROWS)->by_switch)
#define PROXY_ROWS_FOR_EACH_IN_GROUP(ROW, PORTGROUP, ROWS) \
    HMAP_FOR_EACH_WITH_HASH (ROW, by_group, uuid_hash(PORTGROUP), \
                             &(ROWS)->by_group)

/* The struct of the row that 'COPY' is a copy of, NULL for NULL. */
#define ROW_COPY_CAST(COPY, TYPE)                                       \
    ((COPY) ? CONTAINER_OF((COPY)->row, struct TYPE, header_) : NULL)

#endif /* proxy-rows.h */

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

#ifndef VIEW_H
#define VIEW_H 1

/* Model objects of switches and portgroups, read from rows and checked, each
 * at most once in a pass. */

#include <stdbool.h>
#include "openvswitch/hmap.h"
#include "schema/dvs-idl.h"
#include "schema/dvs-model.h"

struct indexes;

/* A switch. */
struct view_switch {
    struct hmap_node node;      /* In struct view's 'switches', by UUID. */
    const struct dvsrec_switch *row;
    struct dvs_switch model;    /* What could be read of it. */
    struct dvs_faults faults;   /* What is wrong with it. */
    size_t n_own_faults;        /* How many of these it has by itself. */
    bool checked;               /* Whether it was held against other objects
                                 * (view_switch_is_ok()). */
    bool announced;             /* Whether its rivals have been marked in this
                                 * pass (switches.c). */
};

/* A portgroup. */
struct view_portgroup {
    struct hmap_node node;      /* In struct view's 'portgroups', by UUID. */
    const struct dvsrec_portgroup *row;
    struct view_switch *switch_;
    struct dvs_portgroup model;
    struct dvs_faults faults;
    bool ok;                    /* Whether 'faults' is empty. */
};

struct view {
    struct ovsdb_idl *idl;
    const struct indexes *ix;
    struct hmap switches;       /* Contains "struct view_switch"s. */
    struct hmap portgroups;     /* Contains "struct view_portgroup"s. */
};

void view_init(struct view *, struct ovsdb_idl *, const struct indexes *);
void view_clear(struct view *);
void view_destroy(struct view *);

struct view_switch *view_switch(struct view *, const struct dvsrec_switch *);
bool view_switch_is_ok(struct view *, struct view_switch *);
void view_switch_recheck(struct view_switch *);
struct view_portgroup *view_portgroup(struct view *,
                                      const struct dvsrec_portgroup *);

#endif /* view.h */

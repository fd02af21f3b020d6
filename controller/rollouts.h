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

#ifndef ROLLOUTS_H
#define ROLLOUTS_H 1

/* Rollouts: a change of a switch goes to a few hosts, the canaries, first.
 *
 * All that a rollout is, is in rows: a Task with operation "rollout" in state
 * "running" that awaits the canaries' confirmations.  As long as there is one,
 * sync.c tells the changes of a switch to its canaries only: what hosts share
 * by rows of another ring, what is a host's own by leaving the others' rows as
 * they are.  So any controller goes on with it, and one that looks at
 * everything finds the same.
 *
 * task-rollout.c finds out whether the canaries have confirmed the change, and
 * ends the rollout one way or the other.
 *
 * Where the configuration names canaries, a change that nobody has asked a
 * rollout for gets one from sync.c, as soon as that is about to change a row
 * that hosts share. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "openvswitch/hmap.h"
#include "openvswitch/shash.h"
#include "openvswitch/uuid.h"

struct dvsrec_switch;
struct dvsrec_task;
struct pass;

enum rollout_state {
    ROLLOUT_CANARIES,           /* Only canaries are told of changes. */
    ROLLOUT_PROMOTED,           /* The change is for all from now on. */
    ROLLOUT_FAILED              /* It has been taken back. */
};

/* The rollout of a switch, which several tasks may have asked for. */
struct rollout {
    struct hmap_node node;      /* In struct rollouts's 'map'. */
    struct uuid switch_;
    struct shash canaries;      /* Host's name -> "int64_t *": the
                                 * Proxy_Host.confirm that it has to
                                 * acknowledge. */
    int64_t base;               /* Checkpoint.sequence of the state before. */
    int64_t created;            /* When it began, in ms since the epoch. */
    bool changed;               /* In this pass, canaries are told more. */
    enum rollout_state state;
    char *fault;                /* ROLLOUT_FAILED: as in Task.fault. */
};

/* Those of one pass. */
struct rollouts {
    struct hmap map;            /* Contains "struct rollout"s, by switch. */
};

void rollouts_init(struct rollouts *);
void rollouts_destroy(struct rollouts *);

void rollouts_begin(struct pass *);
void rollouts_signal(struct pass *);

struct rollout *rollout_find(const struct pass *, const struct uuid *switch_);
struct rollout *rollout_begin_default(struct pass *,
                                      const struct uuid *switch_);
void rollout_waive(struct pass *, const struct uuid *switch_);
struct rollout *rollout_of_task(const struct pass *,
                                const struct dvsrec_task *);
void rollout_note_change(struct rollout *);
bool rollout_has_canary(const struct rollout *, const char *host);
bool rollout_holds(const struct pass *, const struct uuid *switch_,
                   const char *host);
int64_t rollout_base(const struct pass *, const struct uuid *switch_);
bool rollouts_are_running(const struct pass *);

void rollout_finish(struct pass *, struct rollout *, enum rollout_state);
char *rollout_take_back(struct pass *, const struct dvsrec_switch *,
                        int64_t sequence) OVS_WARN_UNUSED_RESULT;
const char *rollout_awaited_host(const char *key, struct uuid *switch_);

#endif /* rollouts.h */

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

#ifndef CONFIRM_H
#define CONFIRM_H 1

/* PURE: when a change is confirmed, and when it is to be taken back.
 *
 * A change may cut the host off from the database that it came from.  So it
 * counts as confirmed only when it stands in Open vSwitch *and* after that a
 * transaction of the host (an "echo") has made it to the database and its
 * answer back.  If nothing is heard of the database for the given time while
 * some change is not confirmed, all such changes are taken back.
 *
 * A database that was away for another reason cannot be told from one that the
 * change has cut off, but afterwards it can: if it does not come back within
 * the same time after the rollback, the change was not at fault, and is made
 * again, once, when the database is back.
 *
 * Changes are numbered, from 1.  The caller does what confirm_run() says, and
 * tells what happens.  Times are in ms of one monotonic clock. */

#include <stdbool.h>
#include <stdint.h>

struct confirm {
    uint64_t newest;            /* Newest change that was made. */
    uint64_t confirmed;         /* All up to this one are confirmed. */
    uint64_t standing;          /* All up to this one stand. */
    bool online;                /* There is a session with the database. */
    long long int heard;        /* When the database was last heard of. */

    /* The echo. */
    bool echoing;               /* One is under way... */
    uint64_t echo_change;       /* ...which, when answered, confirms all up to
                                 * this one. */
    long long int echoed;       /* When the last one was sent. */

    /* The last rollback. */
    bool rolled_back;           /* Its changes are refused... */
    long long int rolled_back_at;   /* ...since then. */
};

enum confirm_action {
    CONFIRM_NOTHING,
    CONFIRM_ECHO,               /* Send an echo as soon as possible. */
    CONFIRM_ROLL_BACK,          /* Take back all that is not confirmed. */
};

void confirm_init(struct confirm *, long long int now);

/* What happens. */
void confirm_changed(struct confirm *, uint64_t change, long long int now);
void confirm_stands(struct confirm *);
void confirm_echo_sent(struct confirm *, long long int now);
void confirm_echo_answered(struct confirm *, long long int now);
void confirm_echo_lost(struct confirm *);
bool confirm_set_online(struct confirm *, bool online, long long int timeout,
                        long long int now);
void confirm_rolled_back(struct confirm *, long long int now);
void confirm_restore(struct confirm *, uint64_t change,
                     long long int silent_for, long long int timeout,
                     long long int now);

/* What to do. */
enum confirm_action confirm_run(const struct confirm *,
                                long long int timeout, long long int now);
bool confirm_is_open(const struct confirm *);
long long int confirm_wake(const struct confirm *, long long int timeout);

#endif /* confirm.h */

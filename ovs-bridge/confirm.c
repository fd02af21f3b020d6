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

/* PURE: when a change is confirmed, and when it is to be taken back.  See
 * confirm.h. */

#include <config.h>
#include "ovs-bridge/confirm.h"
#include <limits.h>
#include <string.h>
#include "util.h"

/* What a restarted host leaves the database at least to answer, in ms, if
 * 'timeout' is not shorter. */
#define RESTART_PATIENCE 5000

/* Initializes 'c': nothing was changed yet. */
void
confirm_init(struct confirm *c, long long int now)
{
    memset(c, 0, sizeof *c);
    c->heard = c->echoed = now;
}

/* Returns true if some change is not confirmed. */
bool
confirm_is_open(const struct confirm *c)
{
    return c->confirmed < c->newest;
}

/* Changes up to number 'change' came from the database, and are about to be
 * made. */
void
confirm_changed(struct confirm *c, uint64_t change, long long int now)
{
    if (change > c->newest) {
        c->newest = change;
        c->heard = now;
    }
}

/* Everything that was changed so far stands. */
void
confirm_stands(struct confirm *c)
{
    c->standing = c->newest;
}

/* An echo is under way. */
void
confirm_echo_sent(struct confirm *c, long long int now)
{
    c->echoing = true;
    c->echo_change = c->standing;
    c->echoed = now;
}

/* The echo was answered: it confirms what stood when it was sent. */
void
confirm_echo_answered(struct confirm *c, long long int now)
{
    if (c->echoing) {
        c->echoing = false;
        c->heard = now;
        c->confirmed = MAX(c->confirmed, c->echo_change);
    }
}

/* The echo will not be answered any more. */
void
confirm_echo_lost(struct confirm *c)
{
    c->echoing = false;
}

/* There is a session with the database, and all that it says has been read; or
 * there is none (any more).  Returns true if what was rolled back turns out
 * not to have been at fault, and is to be made again: then the session came
 * back too late for the rollback to be the reason. */
bool
confirm_set_online(struct confirm *c, bool online, long long int timeout,
                   long long int now)
{
    if (online == c->online) {
        return false;
    }
    c->online = online;
    if (!online) {
        confirm_echo_lost(c);
        return false;
    }
    c->heard = now;
    if (!c->rolled_back) {
        return false;
    }
    c->rolled_back = false;
    return now - c->rolled_back_at > timeout;
}

/* What was not confirmed has been taken back. */
void
confirm_rolled_back(struct confirm *c, long long int now)
{
    confirm_echo_lost(c);
    c->confirmed = c->standing = c->newest;
    c->rolled_back = true;
    c->rolled_back_at = now;
    c->online = false;
}

/* A restarted host works with changes up to number 'change' that were not
 * confirmed, and had not heard of the database for 'silent_for'.  The time
 * that has passed counts, but the database gets a chance to answer. */
void
confirm_restore(struct confirm *c, uint64_t change, long long int silent_for,
                long long int timeout, long long int now)
{
    long long int latest = timeout - MIN(timeout, RESTART_PATIENCE);

    c->newest = change;
    c->heard = now - MIN(MAX(silent_for, 0), latest);
}

/* Returns when to look for an answer, or to send another echo. */
static long long int
echo_due(const struct confirm *c, long long int timeout)
{
    return (c->echo_change < c->standing && c->confirmed < c->standing
            ? LLONG_MIN : c->echoed + timeout / 4);
}

/* Returns what is to be done now, if the database may be silent for 'timeout'
 * ms (negative: for ever). */
enum confirm_action
confirm_run(const struct confirm *c, long long int timeout, long long int now)
{
    if (!confirm_is_open(c)) {
        return CONFIRM_NOTHING;
    }
    if (timeout >= 0 && now - c->heard >= timeout) {
        return CONFIRM_ROLL_BACK;
    }
    if (c->online && !c->echoing
        && now >= echo_due(c, timeout >= 0 ? timeout : 4000)) {
        return CONFIRM_ECHO;
    }
    return CONFIRM_NOTHING;
}

/* Returns when confirm_run() may say something else, LLONG_MAX if that takes
 * something to happen. */
long long int
confirm_wake(const struct confirm *c, long long int timeout)
{
    long long int wake = LLONG_MAX;

    if (confirm_is_open(c)) {
        if (timeout >= 0) {
            wake = c->heard + timeout;
        }
        if (c->online && !c->echoing) {
            wake = MIN(wake, echo_due(c, timeout >= 0 ? timeout : 4000));
        }
    }
    return wake;
}

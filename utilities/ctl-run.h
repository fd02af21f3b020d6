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

#ifndef DVSCTL_RUN_H
#define DVSCTL_RUN_H 1

/* One run of dvsctl: some commands, in one transaction. */

#include <stdbool.h>
#include <stddef.h>
#include "table.h"

struct ctl_command;

/* --wait. */
enum ctl_wait {
    CTL_WAIT_NONE,              /* Until the transaction is committed. */
    CTL_WAIT_CONTROLLER,        /* ...and the controller has taken it up. */
    CTL_WAIT_HOSTS              /* ...and all connected hosts too. */
};

/* What the options of the command line say. */
struct ctl_run_options {
    const char *db;             /* --db. */
    bool leader_only;           /* --[no-]leader-only. */
    bool shuffle_remotes;       /* --[no-]shuffle-remotes. */
    bool retry;                 /* --retry. */
    bool dry_run;               /* --dry-run. */
    bool oneline;               /* --oneline. */
    bool print_wait_time;       /* --print-wait-time. */
    enum ctl_wait wait;         /* --wait, --no-wait. */
    struct table_style style;   /* --format and others of its kind. */
    bool format_given;          /* Whether --format (or --bare) was given. */
};

int ctl_run(struct ctl_command *, size_t n, const char *args,
            const struct ctl_run_options *);

#endif /* ctl-run.h */

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

#ifndef DVSCTL_SYNC_H
#define DVSCTL_SYNC_H 1

/* Assurance that a connection to the database that has been open for long
 * shows what the database holds now.
 *
 *     uint64_t ticket = ctl_sync_request(&sync);
 *     ...
 *     if (ctl_sync_is_done(&sync, ticket)) {
 *         ...the IDL holds all that was committed before ctl_sync_request()...
 *     }
 */

#include <stdbool.h>
#include <stdint.h>

struct ovsdb_idl;

struct ctl_sync {
    struct ovsdb_idl *idl;      /* Not owned. */
    uint64_t wanted;            /* The last round that someone waits for. */
    uint64_t started;           /* The last round that has begun. */
    uint64_t done;              /* The last round that is over. */
};

void ctl_sync_init(struct ctl_sync *, struct ovsdb_idl *);
void ctl_sync_run(struct ctl_sync *);
uint64_t ctl_sync_request(struct ctl_sync *);
bool ctl_sync_is_done(const struct ctl_sync *, uint64_t ticket);

#endif /* ctl-sync.h */

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

#ifndef DVSCTL_KEY_H
#define DVSCTL_KEY_H 1

/* KEY=VALUE arguments: which keys a command takes, and what each sets. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/compiler.h"

struct ctl_context;
struct dvs_setting;
struct svec;

struct ctl_key {
    const char *name;
    const char *values;         /* Form of the value, for --help. */
    const char *help;           /* What it means, for --help. */

    /* Sets what the key stands for in 'row', a row of the command's table,
     * to 'value'.  An empty value stands for the default.  Returns null if
     * successful, otherwise a fault: vSphere's name, a colon, a space, and a
     * sentence, which the caller frees.
     *
     * Null for a key of a policy, since the model library sets those. */
    char *(*set)(struct ctl_context *, const void *row, const char *value);
};

bool ctl_set_keys(struct ctl_context *, int first_arg, const struct ctl_key *,
                  const void *row, struct dvs_setting *);
bool ctl_split_assignment(struct ctl_context *, const char *arg, char **keyp,
                          const char **valuep);

char *ctl_bad_value(const char *key, const char *value, const char *expected)
    OVS_WARN_UNUSED_RESULT;
char *ctl_parse_integer(const char *key, const char *value, long long int min,
                        long long int max, int64_t *resultp)
    OVS_WARN_UNUSED_RESULT;
char *ctl_parse_bool(const char *key, const char *value, bool *resultp)
    OVS_WARN_UNUSED_RESULT;
char *ctl_parse_optional(const char *key, const char *value,
                         long long int min, long long int max,
                         int64_t *resultp, size_t *np) OVS_WARN_UNUSED_RESULT;
char *ctl_parse_limit(const char *value, int64_t *limitp, size_t *np)
    OVS_WARN_UNUSED_RESULT;
char *ctl_parse_reservation(const char *value, int64_t *reservationp,
                            size_t *np) OVS_WARN_UNUSED_RESULT;
char *ctl_parse_shares(const char *key, const char *value, int64_t *sharesp)
    OVS_WARN_UNUSED_RESULT;
char *ctl_parse_names(const char *key, const char *value, struct svec *)
    OVS_WARN_UNUSED_RESULT;

#endif /* ctl-key.h */

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

/* KEY=VALUE arguments.  See ctl-key.h.
 *
 * What each key does is in the file of the command that takes it; the keys
 * of the policy are the model library's. */

#include <config.h>

#include "utilities/ctl-key.h"

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-limits.h"
#include "schema/dvs-setting.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-context.h"

/* Splits 'arg' into a key, which the caller frees, and a value, which points
 * into 'arg'.  That it is not of the form KEY=VALUE is a fault. */
bool
ctl_split_assignment(struct ctl_context *ctx, const char *arg, char **keyp,
                     const char **valuep)
{
    const char *equals = strchr(arg, '=');

    if (!equals || equals == arg) {
        ctl_fault(ctx, "InvalidArgument", "\"%s\" is not of the form "
                  "KEY=VALUE", arg);
        *keyp = NULL;
        return false;
    }
    *keyp = xmemdup0(arg, equals - arg);
    *valuep = equals + 1;
    return true;
}

/* Reports that 'name' is none of 'keys', nor, if 'policy' is true, of the
 * keys of a policy. */
static void
unknown_key(struct ctl_context *ctx, const char *name,
            const struct ctl_key *keys, bool policy)
{
    struct ds known = DS_EMPTY_INITIALIZER;

    for (const struct ctl_key *key = keys; key->name; key++) {
        ds_put_format(&known, "%s%s", known.length ? ", " : "", key->name);
    }
    if (policy) {
        ds_put_format(&known, "%sthe keys of a policy",
                      known.length ? " and " : "");
    }
    ctl_fault(ctx, "InvalidArgument", "\"%s\" has no key \"%s\", only %s",
              ctx->argv[0], name, ds_cstr(&known));
    ds_destroy(&known);
}

/* Sets 'name' of the keys of a policy to 'value' in 'setting'.  'keys' are
 * the keys that the command takes besides. */
static void
set_policy_key(struct ctl_context *ctx, const struct ctl_key *keys,
               struct dvs_setting *setting, const char *name,
               const char *value)
{
    uint64_t mask;
    char *error = dvs_setting_key_mask(name, &mask);

    if (error) {
        free(error);
        unknown_key(ctx, name, keys, true);
        return;
    }

    error = dvs_setting_set(setting, name, value);
    if (error) {
        ctl_fault_string(ctx, error);
    } else if (mask & DVS_BIT(POOL) && !setting->pool) {
        /* No pool is what nothing stands for: there is none to inherit. */
        dvs_setting_clear(setting, DVS_BIT(POOL));
    }
}

/* Carries out the KEY=VALUE arguments of the command from argument number
 * 'first_arg' on.  'row' is passed to the keys of 'keys'.  If 'setting' is
 * nonnull, the keys of a policy are taken too, and go there.
 *
 * Returns true if successful.  Otherwise it has reported a fault. */
bool
ctl_set_keys(struct ctl_context *ctx, int first_arg,
             const struct ctl_key *keys, const void *row,
             struct dvs_setting *setting)
{
    for (int i = first_arg; i < ctx->argc; i++) {
        const struct ctl_key *key;
        const char *value;
        char *name;

        if (!ctl_split_assignment(ctx, ctx->argv[i], &name, &value)) {
            return false;
        }
        for (key = keys; key->name; key++) {
            if (!strcmp(key->name, name)) {
                break;
            }
        }

        if (key->name) {
            char *fault = key->set(ctx, row, value);
            if (fault) {
                ctl_error(ctx, "%s", fault);
                free(fault);
            }
        } else if (setting) {
            set_policy_key(ctx, keys, setting, name, value);
        } else {
            unknown_key(ctx, name, keys, false);
        }
        free(name);
        if (ctx->error) {
            return false;
        }
    }
    return true;
}

/* Returns the fault that 'value' of 'key' is not what is 'expected', e.g.
 * "a number from 1 to 9".  The caller frees it. */
char *
ctl_bad_value(const char *key, const char *value, const char *expected)
{
    return xasprintf("InvalidArgument: %s \"%s\" is not %s", key, value,
                     expected);
}

/* Stores in '*resultp' the number 'value', which must be from 'min' to 'max',
 * given for 'key'.  Returns null if successful, otherwise a fault that the
 * caller frees. */
char *
ctl_parse_integer(const char *key, const char *value, long long int min,
                  long long int max, int64_t *resultp)
{
    long long int number;

    if (!str_to_llong(value, 10, &number) || number < min || number > max) {
        char *expected = xasprintf("a number from %lld to %lld", min, max);
        char *fault = ctl_bad_value(key, value, expected);
        free(expected);
        return fault;
    }
    *resultp = number;
    return NULL;
}

/* Likewise, but 'value' may be empty, for none.  Stores in '*np' how many
 * there are in '*resultp', 0 or 1. */
char *
ctl_parse_optional(const char *key, const char *value, long long int min,
                   long long int max, int64_t *resultp, size_t *np)
{
    *resultp = 0;
    *np = value[0] != '\0';
    return (*np ? ctl_parse_integer(key, value, min, max, resultp) : NULL);
}

/* Stores in '*resultp' the boolean 'value' given for 'key'.  Returns null if
 * successful, otherwise a fault that the caller frees. */
char *
ctl_parse_bool(const char *key, const char *value, bool *resultp)
{
    static const char *const words[][2] = {
        { "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        for (int j = 0; j < 2; j++) {
            if (!strcmp(value, words[i][j])) {
                *resultp = j;
                return NULL;
            }
        }
    }
    return ctl_bad_value(key, value, "yes or no");
}

/* Adds to 'names' the names that 'value', given for 'key', separates by
 * commas.  Returns null if successful, otherwise a fault that the caller
 * frees: a name is empty, or is there twice. */
char *
ctl_parse_names(const char *key, const char *value, struct svec *names)
{
    for (const char *p = value; ; p++) {
        size_t n = strcspn(p, ",");
        char *name = xmemdup0(p, n);

        if (!n) {
            free(name);
            return ctl_bad_value(key, value, "a list of names");
        } else if (svec_contains_unsorted(names, name)) {
            char *fault = xasprintf("DuplicateName: %s names \"%s\" "
                                    "twice", key, name);
            free(name);
            return fault;
        }
        svec_add_nocopy(names, name);
        p += n;
        if (!*p) {
            return NULL;
        }
    }
}

/* Parses 'value' of key "limit", Mbit/s; "" and "none" stand for no limit.
 * Stores in '*np' how many there are in '*limitp', 0 or 1.  Returns null or a
 * fault, which the caller frees. */
char *
ctl_parse_limit(const char *value, int64_t *limitp, size_t *np)
{
    *limitp = 0;
    *np = value[0] && strcmp(value, "none");
    return (*np
            ? ctl_parse_integer("limit", value, 1, DVS_BANDWIDTH_MAX, limitp)
            : NULL);
}

/* Parses key "reservation", Mbit/s, as ctl_parse_optional() does. */
char *
ctl_parse_reservation(const char *value, int64_t *reservationp, size_t *np)
{
    return ctl_parse_optional("reservation", value, 0, DVS_BANDWIDTH_MAX,
                              reservationp, np);
}

/* Parses 'value' of 'key', vSphere's SharesInfo: a level or a number.  Stores
 * 0 in '*sharesp' if it is empty.  Returns null or a fault, which the caller
 * frees. */
char *
ctl_parse_shares(const char *key, const char *value, int64_t *sharesp)
{
    static const struct {
        const char *word;
        int64_t shares;
    } levels[] = {
        { "low", DVS_SHARES_LOW },
        { "normal", DVS_SHARES_NORMAL },
        { "high", DVS_SHARES_HIGH },
    };

    *sharesp = 0;
    for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
        if (!strcmp(value, levels[i].word)) {
            *sharesp = levels[i].shares;
        }
    }
    return (value[0] && !*sharesp
            ? ctl_parse_integer(key, value, 1, DVS_SHARES_MAX, sharesp)
            : NULL);
}

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

/* PURE: the link aggregation groups of a switch.  See dvs-lag.h.
 *
 * Not for who spreads frames over a LAG: that is the host's pipeline
 * (ovs-bridge/pipeline/stage-lag.c). */

#include <config.h>

#include "schema/dvs-lag.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "schema/dvs-setting.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

/* Keys of Proxy_Switch.config: this and the name. */
#define CONFIG_PREFIX "lag:"

/* The words of LAG.hash, which are those of vSphere's
 * VMwareDvsLacpLoadBalanceAlgorithm. */
static const struct {
    const char *word;
    uint32_t hash;
} hashes[] = {
#define SRC(WHAT) DVS_LAG_HASH_SRC_##WHAT
#define DST(WHAT) DVS_LAG_HASH_DST_##WHAT
#define BOTH(WHAT) (SRC(WHAT) | DST(WHAT))
#define VLAN DVS_LAG_HASH_VLAN
    { "src-mac", SRC(MAC) },
    { "dst-mac", DST(MAC) },
    { "src-dst-mac", BOTH(MAC) },
    { "dst-ip-vlan", DST(IP) | VLAN },
    { "src-ip-vlan", SRC(IP) | VLAN },
    { "src-dst-ip-vlan", BOTH(IP) | VLAN },
    { "dst-port", DST(PORT) },
    { "src-port", SRC(PORT) },
    { "src-dst-port", BOTH(PORT) },
    { "dst-ip-port", DST(IP) | DST(PORT) },
    { "src-ip-port", SRC(IP) | SRC(PORT) },
    { "src-dst-ip-port", DVS_LAG_HASH_5TUPLE },
    { "dst-ip-port-vlan", DST(IP) | DST(PORT) | VLAN },
    { "src-ip-port-vlan", SRC(IP) | SRC(PORT) | VLAN },
    { "src-dst-ip-port-vlan", DVS_LAG_HASH_5TUPLE | VLAN },
    { "dst-ip", DST(IP) },
    { "src-ip", SRC(IP) },
    { "src-dst-ip", BOTH(IP) },
    { "vlan", VLAN },
    { "src-port-id", DVS_LAG_HASH_PORT_ID },
#undef VLAN
#undef BOTH
#undef DST
#undef SRC
};

/* Returns the word for 'hash', as in column LAG.hash. */
const char *
dvs_lag_hash_to_string(uint32_t hash)
{
    for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
        if (hashes[i].hash == hash) {
            return hashes[i].word;
        }
    }
    OVS_NOT_REACHED();
}

/* Stores in '*hash' what 's' is the word for; returns false if for none. */
bool
dvs_lag_hash_from_string(const char *s, uint32_t *hash)
{
    for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
        if (!strcmp(s, hashes[i].word)) {
            *hash = hashes[i].hash;
            return true;
        }
    }
    return false;
}

/* Initializes 'lags' as empty. */
void
dvs_lags_init(struct dvs_lags *lags)
{
    *lags = (struct dvs_lags) { .n = 0 };
}

/* Removes all LAGs from 'lags'. */
void
dvs_lags_clear(struct dvs_lags *lags)
{
    for (size_t i = 0; i < lags->n; i++) {
        free(lags->lags[i].name);
        free(lags->lags[i].vlan_starts);
        free(lags->lags[i].vlan_ends);
    }
    lags->n = 0;
}

/* Frees what 'lags' holds, but not 'lags' itself. */
void
dvs_lags_destroy(struct dvs_lags *lags)
{
    dvs_lags_clear(lags);
    free(lags->lags);
}

static int64_t *
copy_integers(const int64_t *integers, size_t n)
{
    return n ? xmemdup(integers, n * sizeof *integers) : NULL;
}

/* Adds a copy of 'lag'.  A LAG of the same name stays, if there is one: the
 * database allows none. */
void
dvs_lags_add(struct dvs_lags *lags, const struct dvs_lag *lag)
{
    size_t i;

    if (dvs_lags_find(lags, lag->name)) {
        return;
    }
    if (lags->n >= lags->allocated) {
        lags->lags = x2nrealloc(lags->lags, &lags->allocated,
                                sizeof *lags->lags);
    }
    for (i = lags->n++; i > 0; i--) {
        if (strcmp(lags->lags[i - 1].name, lag->name) < 0) {
            break;
        }
        lags->lags[i] = lags->lags[i - 1];
    }
    lags->lags[i] = *lag;
    lags->lags[i].name = xstrdup(lag->name);
    lags->lags[i].vlan_starts = copy_integers(lag->vlan_starts, lag->n_vlans);
    lags->lags[i].vlan_ends = copy_integers(lag->vlan_ends, lag->n_vlans);
}

/* Returns the LAG called 'name', or NULL. */
const struct dvs_lag *
dvs_lags_find(const struct dvs_lags *lags, const char *name)
{
    for (size_t i = 0; i < lags->n; i++) {
        if (!strcmp(lags->lags[i].name, name)) {
            return &lags->lags[i];
        }
    }
    return NULL;
}

/* Returns the name of port 'index', from 0 on, of the LAG called 'lag', which
 * the caller must free (vSphere's uplinkName). */
char *
dvs_lag_port_name(const char *lag, int index)
{
    return xasprintf("%s-%d", lag, index);
}

/* Returns the LAG that has a port called 'port', and stores in '*index' which
 * of its ports that is; returns NULL if there is none. */
const struct dvs_lag *
dvs_lags_find_port(const struct dvs_lags *lags, const char *port, int *index)
{
    const char *dash = strrchr(port, '-');
    char *name;
    const struct dvs_lag *lag;

    if (!dash || !str_to_int(dash + 1, 10, index)) {
        return NULL;
    }
    name = xmemdup0(port, dash - port);
    lag = dvs_lags_find(lags, name);
    free(name);
    if (lag && *index >= 0 && *index < lag->num_ports) {
        char *exact = dvs_lag_port_name(lag->name, *index);
        bool equal = !strcmp(exact, port);      /* Not "lag1-00". */

        free(exact);
        return equal ? lag : NULL;
    }
    return NULL;
}

/* Appends to 'names' the names of all ports of 'lags', in order. */
void
dvs_lags_port_names(const struct dvs_lags *lags, struct svec *names)
{
    for (size_t i = 0; i < lags->n; i++) {
        for (int j = 0; j < lags->lags[i].num_ports; j++) {
            svec_add_nocopy(names, dvs_lag_port_name(lags->lags[i].name, j));
        }
    }
}

/* Adds a fault if a port of 'lag' would have the name of another uplink. */
static void
check_port_names(const struct dvs_lags *lags, const struct svec *uplinks,
                 const struct dvs_lag *lag, struct dvs_faults *faults)
{
    for (int i = 0; i < lag->num_ports; i++) {
        char *port = dvs_lag_port_name(lag->name, i);

        if (svec_contains_unsorted(uplinks, port)
            || dvs_lags_find(lags, port)) {
            dvs_faults_add(faults, "DuplicateName", "name",
                           "port \"%s\" of LAG \"%s\" would have the name of "
                           "another uplink", port, lag->name);
            free(port);
            return;
        }
        free(port);
    }
}

/* Adds to 'faults' what is wrong with 'lag', which is one of 'lags' of a
 * switch with 'uplinks'.
 *
 * Of too many LAGs, the first by name stand. */
void
dvs_lags_validate(const struct dvs_lags *lags, const struct svec *uplinks,
                  const struct dvs_lag *lag, struct dvs_faults *faults)
{
    char *error = dvs_validate_name("uplink", lag->name);

    if (error) {
        dvs_faults_add(faults, "InvalidName", "name", "LAG: %s", error);
        free(error);
    }
    if (svec_contains_unsorted(uplinks, lag->name)) {
        dvs_faults_add(faults, "DuplicateName", "name",
                       "the switch already has an uplink \"%s\"", lag->name);
    }
    check_port_names(lags, uplinks, lag, faults);
    if (lag->num_ports < 1 || lag->num_ports > DVS_LAG_PORTS_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "num_ports",
                       "num_ports %d is not in 1..%d", lag->num_ports,
                       DVS_LAG_PORTS_MAX);
    }
    for (size_t i = DVS_LAGS_MAX; i < lags->n; i++) {
        if (!strcmp(lags->lags[i].name, lag->name)) {
            dvs_faults_add(faults, "LimitExceeded", "switch",
                           "a switch has at most %d LAGs", DVS_LAGS_MAX);
        }
    }
    for (size_t i = 0; i < lag->n_vlans; i++) {
        if (lag->vlan_ends[i] < lag->vlan_starts[i]) {
            dvs_faults_add(faults, "InvalidArgument", "vlan_trunk",
                           "vlan_trunk has a range %"PRId64"-%"PRId64" that "
                           "ends before it starts", lag->vlan_starts[i],
                           lag->vlan_ends[i]);
        }
    }
    if (lag->has_ipfix) {
        dvs_faults_add(faults, "NotSupported", "ipfix",
                       "ipfix is not supported yet");
    }
}

/* Removes from 'lags', those of a switch with 'uplinks', all that are not
 * valid. */
void
dvs_lags_remove_faulty(struct dvs_lags *lags, const struct svec *uplinks)
{
    struct dvs_lags valid;

    dvs_lags_init(&valid);
    for (size_t i = 0; i < lags->n; i++) {
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        dvs_lags_validate(lags, uplinks, &lags->lags[i], &faults);
        if (!faults.n) {
            dvs_lags_add(&valid, &lags->lags[i]);
        }
        dvs_faults_destroy(&faults);
    }
    dvs_lags_destroy(lags);
    *lags = valid;
}

/* Has 'setting', that of a port of 'lag', carry the VLANs that the LAG has, if
 * it has some of its own. */
void
dvs_lag_set_vlan(const struct dvs_lag *lag, struct dvs_setting *setting)
{
    if (lag->n_vlans) {
        dvs_setting_clear(setting, DVS_BIT(VLAN));
        setting->present |= DVS_BIT(VLAN);
        setting->vlan.mode = DVS_VLAN_TRUNK;
        for (size_t i = 0; i < lag->n_vlans; i++) {
            dvs_vlan_add_trunk(&setting->vlan, lag->vlan_starts[i],
                               lag->vlan_ends[i]);
        }
    }
}

/* Adds the text form of 'lags' to 'config': for each name, the mode, the
 * timeout, the number of ports and the hash.  (The VLANs are part of the
 * setting of its ports.) */
void
dvs_lags_to_smap(const struct dvs_lags *lags, struct smap *config)
{
    for (size_t i = 0; i < lags->n; i++) {
        const struct dvs_lag *lag = &lags->lags[i];

        smap_add_nocopy(config, xasprintf(CONFIG_PREFIX"%s", lag->name),
                        xasprintf("%s,%s,%d,%s",
                                  lag->active ? "active" : "passive",
                                  lag->fast ? "fast" : "slow",
                                  lag->num_ports,
                                  dvs_lag_hash_to_string(lag->hash)));
    }
}

/* Returns true if 's' is 'yes', false if it is 'no'; otherwise also clears
 * '*ok'. */
static bool
parse_choice(const char *s, const char *yes, const char *no, bool *ok)
{
    *ok = *ok && (!strcmp(s, yes) || !strcmp(s, no));
    return !strcmp(s, yes);
}

static bool
parse_lag(const char *value, struct dvs_lag *lag)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    bool ok;

    char *copy = xstrdup(value);
    char *save_ptr = NULL;
    for (char *word = strtok_r(copy, ",", &save_ptr); word;
         word = strtok_r(NULL, ",", &save_ptr)) {
        svec_add(&words, word);
    }
    free(copy);

    ok = words.n == 4;
    if (ok) {
        lag->active = parse_choice(words.names[0], "active", "passive", &ok);
        lag->fast = parse_choice(words.names[1], "fast", "slow", &ok);
        ok = (ok && str_to_int(words.names[2], 10, &lag->num_ports)
              && lag->num_ports >= 1 && lag->num_ports <= DVS_LAG_PORTS_MAX
              && dvs_lag_hash_from_string(words.names[3], &lag->hash));
    }
    svec_destroy(&words);
    return ok;
}

/* Replaces 'lags' by what the text form in 'config' says; other keys are
 * passed over.  Returns NULL, or why it could not (then 'lags' is empty),
 * which the caller must free. */
char *
dvs_lags_from_smap(struct dvs_lags *lags, const struct smap *config)
{
    const struct smap_node *node;

    dvs_lags_clear(lags);
    SMAP_FOR_EACH (node, config) {
        struct dvs_lag lag = { .name = NULL };

        if (strncmp(node->key, CONFIG_PREFIX, strlen(CONFIG_PREFIX))) {
            continue;
        }
        lag.name = node->key + strlen(CONFIG_PREFIX);
        if (!lag.name[0] || !parse_lag(node->value, &lag)) {
            dvs_lags_clear(lags);
            return xasprintf("\"%s=%s\" is no LAG", node->key, node->value);
        }
        dvs_lags_add(lags, &lag);
    }
    return NULL;
}

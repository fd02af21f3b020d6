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

/* A host's switch from text.  See model-text.h. */

#include <config.h>

#include "tests/model-text.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-bridge/host-view.h"
#include "ovs-bridge/pipeline/pipeline.h"
#include "ovs-bridge/snoop.h"
#include "packets.h"
#include "svec.h"
#include "util.h"

/* Returns the number that 's' is, or 0 (which no line means) if it is none. */
static int
to_number(const char *s)
{
    int n;
    return str_to_int(s, 10, &n) ? n : 0;
}

static char * OVS_WARN_UNUSED_RESULT
read_uplink_words(struct svec *words, struct hv_uplink *uplink)
{
    struct dvs_setting setting;
    char *error = NULL;

    dvs_setting_defaults(&setting, NULL);
    for (size_t i = 3; i < words->n && !error; i++) {
        char *value = strchr(words->names[i], '=');

        if (!value) {
            error = xasprintf("%s: not of the form KEY=VALUE",
                              words->names[i]);
        } else {
            *value++ = '\0';
            error = dvs_setting_set(&setting, words->names[i], value);
        }
    }
    if (!error) {
        hv_uplink_set_policy(uplink, &setting);
    }
    dvs_setting_destroy(&setting);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
read_uplink(struct svec *words, struct hv_switch *sw)
{
    for (int id = 1; id <= HV_MAX_UPLINKS; id++) {
        struct hv_uplink *uplink = &sw->uplinks[id];

        if (!uplink->name) {
            uplink->name = xstrdup(words->names[1]);
            if (words->n > 2) {
                uplink->ofport = u16_to_ofp(to_number(words->names[2]));
                uplink->pnic = xasprintf("nic%d", id);
                uplink->port_key = xasprintf("%d", 10000 + id);
            }
            return read_uplink_words(words, uplink);
        }
    }
    return xstrdup("too many uplinks");
}

/* A LAG: its name, its configuration as in Proxy_Switch, and the OpenFlow port
 * of each of its ports, "-" for one without a NIC here. */
static char * OVS_WARN_UNUSED_RESULT
read_lag(const struct svec *words, struct hv_switch *sw)
{
    struct smap config = SMAP_INITIALIZER(&config);
    struct smap nics = SMAP_INITIALIZER(&nics);
    struct smap keys = SMAP_INITIALIZER(&keys);
    char *error;

    smap_add_nocopy(&config, xasprintf("lag:%s", words->names[1]),
                    xstrdup(words->names[2]));
    error = dvs_lags_from_smap(&sw->lags, &config);
    for (size_t i = 3; i < words->n; i++) {
        char *name = dvs_lag_port_name(words->names[1], i - 3);

        if (strcmp(words->names[i], "-")) {
            smap_add_format(&nics, name, "nic%"PRIuSIZE, i);
            smap_add_format(&keys, name, "%"PRIuSIZE, 20000 + i);
        }
        free(name);
    }
    hv_lags_update(sw, &nics, &keys);
    for (size_t i = 3; i < words->n; i++) {
        if (strcmp(words->names[i], "-")) {
            sw->uplinks[hv_lag_port_id(HV_FIRST_LAG, i - 3)].ofport
                = u16_to_ofp(to_number(words->names[i]));
        }
    }
    smap_destroy(&config);
    smap_destroy(&nics);
    smap_destroy(&keys);
    return error;
}

/* The port has said that it wants multicast to the MACs in 'value', separated
 * by commas; to none but that of its router if it is "router". */
static char * OVS_WARN_UNUSED_RESULT
read_groups(char *value, struct hv_port *port)
{
    char *save_ptr = NULL;

    port->n_asked = SNOOP_N_ASKED + 1;
    for (char *s = strtok_r(value, ",", &save_ptr); s;
         s = strtok_r(NULL, ",", &save_ptr)) {
        struct snoop_change change = { .join = true };
        struct snoop_message m = { .changes = &change, .n_changes = 1 };

        if (!strcmp(s, "router")) {
            m = (struct snoop_message) { .query = true, .router = true };
        } else if (!strcmp(s, "none")) {
            continue;
        } else if (!eth_addr_from_string(s, &change.mac)) {
            return xasprintf("%s: not a MAC", s);
        }
        snoop_hear(port, &m, 0);
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_port_word(char *word, struct hv_port *port)
{
    char *value = strchr(word, '=');

    if (!value) {
        return xasprintf("%s: not of the form KEY=VALUE", word);
    }
    *value++ = '\0';

    if (!strcmp(word, "ofport")) {
        port->ofport = u16_to_ofp(to_number(value));
    } else if (!strcmp(word, "mac")) {
        if (!eth_addr_from_string(value, &port->mac)) {
            return xasprintf("%s: not a MAC", value);
        }
    } else if (!strcmp(word, "claims")) {
        if (!eth_addr_from_string(value, &port->claimed)) {
            return xasprintf("%s: not a MAC", value);
        }
    } else if (!strcmp(word, "joins")) {
        return read_groups(value, port);
    } else if (!strcmp(word, "rules-of")) {
        port->rules_of = xstrdup(value);
    } else if (!strcmp(word, "class")) {
        port->classified = dvs_traffic_class_from_string(
            value, &port->traffic_class);
    } else if (!strcmp(word, "here")) {
        port->active = strcmp(value, "no");
    } else {
        return dvs_setting_set(&port->setting, word, value);
    }
    return NULL;
}

static char * OVS_WARN_UNUSED_RESULT
read_port(struct svec *words, struct hv_switch *sw)
{
    struct svec uplinks = SVEC_EMPTY_INITIALIZER;
    struct hv_port *port;
    char *error = NULL;

    if (hv_port_find(sw, words->names[1])) {
        return xasprintf("port %s: given twice", words->names[1]);
    }

    for (int id = 1; id <= HV_MAX_UPLINKS; id++) {
        if (sw->uplinks[id].name) {
            svec_add(&uplinks, sw->uplinks[id].name);
        }
    }
    port = hv_port_create(sw, words->names[1]);
    port->active = true;
    dvs_setting_defaults(&port->setting, &uplinks);
    svec_destroy(&uplinks);
    for (size_t i = 2; i < words->n && !error; i++) {
        error = read_port_word(words->names[i], port);
    }
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
read_line(const char *line, struct hv_switch *sw)
{
    struct svec words = SVEC_EMPTY_INITIALIZER;
    char *copy = xmemdup0(line, strcspn(line, "#"));
    char *error = NULL;

    svec_parse_words(&words, copy);
    if (words.n == 0) {
        /* Nothing. */
    } else if (!strcmp(words.names[0], "uplink") && words.n >= 2) {
        error = read_uplink(&words, sw);
    } else if (!strcmp(words.names[0], "lag") && words.n > 3) {
        error = read_lag(&words, sw);
    } else if (!strcmp(words.names[0], "team") && words.n == 3) {
        if (!hv_team_restore(sw, to_number(words.names[1]), words.names[2])) {
            error = xasprintf("%s: cannot be restored", line);
        }
    } else if (!strcmp(words.names[0], "snooping") && words.n == 1) {
        sw->snooping = true;
    } else if (!strcmp(words.names[0], "no-meters") && words.n == 1) {
        sw->no_meters = true;
    } else if (!strcmp(words.names[0], "pvlan") && words.n == 4) {
        struct dvs_pvlan entry = {
            .primary = to_number(words.names[1]),
            .secondary = to_number(words.names[2]),
        };
        if (!dvs_pvlan_type_from_string(words.names[3], &entry.type)) {
            error = xasprintf("%s: no such type", words.names[3]);
        }
        dvs_pvlans_add(&sw->pvlans, &entry);
    } else if (!strcmp(words.names[0], "port") && words.n >= 2) {
        error = read_port(&words, sw);
    } else {
        error = xasprintf("%s: not understood", line);
    }
    free(copy);
    svec_destroy(&words);
    return error;
}

/* Adds what 'text' says to 'sw', which the caller has initialized.  Returns
 * NULL, or an error that the caller must free. */
char *
model_text_read(const char *text, struct hv_switch *sw)
{
    char *copy = xstrdup(text);
    char *save_ptr = NULL;
    char *error = NULL;

    for (char *line = strtok_r(copy, "\n", &save_ptr); line && !error;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        error = read_line(line, sw);
    }
    free(copy);
    return error;
}

static int
compare_keys(const void *a_, const void *b_)
{
    const struct hv_port *const *a = a_, *const *b = b_;
    unsigned long long ka = strtoull((*a)->key, NULL, 10);
    unsigned long long kb = strtoull((*b)->key, NULL, 10);

    return ka < kb ? -1 : ka > kb;
}

/* Compiles all of 'sw' into 'desired', the ports in the order of their keys
 * (teams get their numbers in that order). */
void
model_text_compile(struct hv_switch *sw, struct desired *desired)
{
    size_t n_ports = hmap_count(&sw->ports);
    struct hv_port **ports = xmalloc((n_ports + 1) * sizeof *ports);
    struct hv_port *port;
    size_t n = 0;

    HMAP_FOR_EACH (port, node, &sw->ports) {
        ports[n++] = port;
    }
    qsort(ports, n, sizeof *ports, compare_keys);

    pipeline_compile_switch(sw, desired);
    for (size_t i = 0; i < n; i++) {
        pipeline_compile_port(sw, ports[i], desired);
    }
    free(ports);
}

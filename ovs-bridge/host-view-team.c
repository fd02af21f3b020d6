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

/* PURE: which team each port uses, and the teams' numbers.  See host-view.h.
 *
 * Only uplinks with a NIC on this host count in a team. */

#include <config.h>

#include "ovs-bridge/host-view.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Words that a team's key starts with, each with a colon behind it. */
static const char *const mode_words[] = {
    [HV_TEAM_ORDER] = "",
    [HV_TEAM_SOURCE_MAC] = "source-mac:",
    [HV_TEAM_IP_HASH] = "ip-hash:",
};
#define ANY_WORD "any-uplink:"
#define ANY_KNOWN_WORD "any-known:"
#define NO_FAILBACK_WORD "no-failback:"
#define BEACON_WORD "beacon:"

static struct hv_team *
find_key(const struct hv_switch *sw, const char *key)
{
    struct hv_team *team;

    HMAP_FOR_EACH_WITH_HASH (team, node, hash_string(key, 0), &sw->teams) {
        if (!strcmp(team->key, key)) {
            return team;
        }
    }
    return NULL;
}

/* Returns the team of 'sw' with number 'number', or NULL. */
const struct hv_team *
hv_team_find(const struct hv_switch *sw, int number)
{
    const struct hv_team *team;

    HMAP_FOR_EACH (team, node, &sw->teams) {
        if (team->number == number) {
            return team;
        }
    }
    return NULL;
}

/* Returns what 'team''s key is to be, which the caller must free. */
static char *
format_key(const struct hv_team *team)
{
    struct ds key = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&key, mode_words[team->mode]);
    if (team->any_uplink) {
        ds_put_cstr(&key, ANY_WORD);
    }
    if (team->any_known) {
        ds_put_cstr(&key, ANY_KNOWN_WORD);
    }
    if (team->no_failback) {
        ds_put_cstr(&key, NO_FAILBACK_WORD);
    }
    if (team->beacon) {
        ds_put_cstr(&key, BEACON_WORD);
    }
    for (size_t i = 0; i < team->n_order; i++) {
        if (i) {
            ds_put_char(&key, i == team->n_slots ? '/' : ',');
        }
        ds_put_format(&key, "%d", team->policy[i]);
    }
    return ds_steal_cstr(&key);
}

/* Makes 'first' the uplink of 'team' that is tried first; the others follow as
 * the policy has them. */
static void
set_first(struct hv_team *team, uint8_t first)
{
    size_t n = 0;

    team->order[n++] = first;
    for (size_t i = 0; i < team->n_order; i++) {
        if (team->policy[i] != first) {
            team->order[n++] = team->policy[i];
        }
    }
}

/* Returns true if uplink 'id' is known not to do for 'team', for want of a
 * link or, if the team asks for beacons, since these do not pass in some
 * VLAN. */
static bool
has_failed(const struct hv_switch *sw, const struct hv_team *team, int id)
{
    return (sw->uplinks[id].down
            || (team->beacon && id <= BEACON_MAX_UPLINKS
                && beacons_failed_anywhere(&sw->beacons) & BEACON_BIT(id)));
}

/* Brings the order of 'team' in step with the links of 'sw', if it is one
 * without failback: an uplink without a link gives its place to the first one
 * with a link, which is what the datapath uses meanwhile, and does not get it
 * back before that one fails.  Returns true if the order changed. */
static bool
follow_links(const struct hv_switch *sw, struct hv_team *team)
{
    if (team->mode != HV_TEAM_ORDER || !team->no_failback
        || !has_failed(sw, team, team->order[0])) {
        return false;
    }
    for (size_t i = 1; i < team->n_order; i++) {
        if (!has_failed(sw, team, team->order[i])) {
            set_first(team, team->order[i]);
            return true;
        }
    }
    return false;
}

/* Brings the orders of 'sw''s teams in step with 'down' of its uplinks and
 * what its beacons say (see vSphere's rollingOrder).  Returns true if one
 * changed; then all ports must be compiled. */
bool
hv_teams_follow_links(struct hv_switch *sw)
{
    struct hv_team *team;
    bool changed = false;

    HMAP_FOR_EACH (team, node, &sw->teams) {
        changed |= follow_links(sw, team);
    }
    return changed;
}

/* Adds a team to 'sw' that is like 'like', with the given 'key', which becomes
 * its own, and 'number'. */
static struct hv_team *
add_team(struct hv_switch *sw, const struct hv_team *like, char *key,
         int number)
{
    struct hv_team *team = xmemdup(like, sizeof *like);

    team->key = key;
    team->number = number;
    memcpy(team->order, team->policy, sizeof team->order);
    hmap_insert(&sw->teams, &team->node, hash_string(key, 0));
    return team;
}

/* Returns the team of 'sw' that is like 'like', which has no key, number,
 * 'order' nor 'slots' yet.  If there is none, adds it with the lowest free
 * number; returns NULL if all HV_MAX_TEAMS are taken. */
static struct hv_team *
find_or_add(struct hv_switch *sw, const struct hv_team *like)
{
    char *key = format_key(like);
    struct hv_team *team = find_key(sw, key);

    for (int number = 1; !team && number <= HV_MAX_TEAMS; number++) {
        if (!hv_team_find(sw, number)) {
            team = add_team(sw, like, xstrdup(key), number);
            follow_links(sw, team);
        }
    }
    free(key);
    return team;
}

/* Appends to 'team''s order the logical ids of the uplinks in 'names' that
 * have a NIC here and are not in it yet. */
static void
append_uplinks(const struct hv_switch *sw, const struct svec *names,
               struct hv_team *team)
{
    for (size_t i = 0; i < names->n; i++) {
        int id = hv_uplink_id(sw, names->names[i]);

        if (id && hv_uplink_is_here(sw, id)
            && !memchr(team->policy, id, team->n_order)) {
            team->policy[team->n_order++] = id;
        }
    }
}

/* Makes 'dst' the team of 'slot' of 'src': its own uplink, then the standby
 * ones, then the other active ones, so that a port never loses its connection
 * while any uplink of its policy works.  'src' has its active uplinks, of
 * which there are 'n_active', ahead of the standby ones. */
static void
make_slot(const struct hv_team *src, size_t n_active, size_t slot,
          struct hv_team *dst)
{
    size_t n = 0;

    *dst = (struct hv_team) { .mode = HV_TEAM_ORDER,
                              .no_failback = src->no_failback,
                              .beacon = src->beacon };
    dst->policy[n++] = src->policy[slot];
    for (size_t i = n_active; i < src->n_order; i++) {
        dst->policy[n++] = src->policy[i];
    }
    for (size_t i = 1; i < n_active; i++) {
        dst->policy[n++] = src->policy[(slot + i) % n_active];
    }
    dst->n_order = n;
}

/* Puts the uplinks of 'team' that are in 'failed' behind the others: they are
 * for when no other has a link.  Returns how many of the first 'n' uplinks
 * were others. */
static size_t
set_back(struct hv_team *team, size_t n, uint32_t failed)
{
    uint8_t back[HV_MAX_ORDER];
    size_t n_kept = 0, n_back = 0, n_kept_of_n = 0;

    for (size_t i = 0; i < team->n_order; i++) {
        int id = team->policy[i];

        if (id <= BEACON_MAX_UPLINKS && failed & BEACON_BIT(id)) {
            back[n_back++] = id;
        } else {
            team->policy[n_kept++] = id;
            n_kept_of_n += i < n;
        }
    }
    memcpy(&team->policy[n_kept], back, n_back);
    return n_kept_of_n;
}

/* Returns true if 'port' may send from other MACs than its own. */
static bool
has_many_macs(const struct hv_port *port)
{
    return port->setting.forged_transmits;
}

/* Returns the MAC that 'port' sends from, if it has just one: see
 * port_set_mac() in pipeline.c. */
static struct eth_addr
one_mac(const struct hv_port *port)
{
    return (hv_port_mac_changed(port) && port->setting.mac_changes
            ? port->claimed : port->mac);
}

/* Returns the team with the uplinks in 'all', the first 'n_active' of which
 * are active, that spreads their slots as 'mode' says. */
static struct hv_team *
spread(struct hv_switch *sw, const struct hv_team *all, size_t n_active,
       enum hv_team_mode mode)
{
    struct hv_team like = *all;
    struct hv_team *team;

    like.mode = mode;
    like.n_slots = n_active;
    team = find_or_add(sw, &like);
    for (size_t i = 0; team && i < n_active; i++) {
        struct hv_team slot_like;
        const struct hv_team *slot;

        make_slot(all, n_active, i, &slot_like);
        slot = find_or_add(sw, &slot_like);
        if (!slot) {
            return NULL;
        }
        team->slots[i] = slot->number;
    }
    return team;
}

/* Stores in 'ids' the logical ids of the active uplinks of 'port' that have a
 * NIC here and work, and returns how many they are. */
size_t
hv_active_uplinks(const struct hv_switch *sw, const struct hv_port *port,
                  uint8_t ids[HV_MAX_ORDER])
{
    struct hv_team all = { .mode = HV_TEAM_ORDER };
    uint32_t failed = hv_port_failed_uplinks(sw, port);
    size_t n_active, n = 0;

    append_uplinks(sw, &port->setting.active, &all);
    n_active = set_back(&all, all.n_order, failed);
    for (size_t i = 0; i < n_active; i++) {
        if (sw->uplinks[all.policy[i]].up) {
            ids[n++] = all.policy[i];
        }
    }
    return n;
}

/* Returns the slot of 'all', the first 'n_active' uplinks of which are active,
 * to which its load has moved 'port', or in which it has the place of its
 * reservation; 'initial' if neither. */
static size_t
placed_slot(const struct hv_switch *sw, const struct hv_port *port,
            const struct hv_team *all, size_t n_active, size_t initial)
{
    int id = smap_get_int(&sw->placed, port->key, 0);

    for (size_t i = 0; i < n_active; i++) {
        if (all->policy[i] == id) {
            return i;
        }
    }
    return initial;
}

/* Returns the team that 'port' uses under its effective teaming policy, or
 * NULL if none of its uplinks has a NIC on this host or all team numbers are
 * taken.
 *
 * With an explicit failover order (vSphere's failover_explicit) it is the
 * active uplinks, then the standby ones.  With originating port
 * (loadbalance_srcid) the port is pinned to one of the active uplinks by its
 * key, and so it is at first with its load (loadbalance_loadbased); with
 * source MAC (loadbalance_srcmac), by its MAC if it may send from
 * that one only.  Otherwise the choice is one for each frame.
 *
 * Uplinks by which the beacons of its VLAN do not pass come last; but without
 * failback, it is the team that remembers which one stands in. */
const struct hv_team *
hv_team_for_port(struct hv_switch *sw, const struct hv_port *port)
{
    const struct dvs_setting *setting = &port->setting;
    struct hv_team all = { .mode = HV_TEAM_ORDER };
    struct hv_team pinned;
    size_t n_active, slot;
    uint32_t failed;

    append_uplinks(sw, &setting->active, &all);
    n_active = all.n_order;
    append_uplinks(sw, &setting->standby, &all);
    all.any_uplink = !setting->reverse_filter;
    all.no_failback = !setting->failback;
    all.beacon = all.no_failback && hv_port_is_probed(sw, port);
    failed = all.no_failback ? 0 : hv_port_failed_uplinks(sw, port);
    if (!all.n_order) {
        return NULL;
    }

    /* The physical switch has put all uplinks into one channel: on which one
     * a frame comes in is for it to say, and it comes in on no other. */
    if (setting->teaming == DVS_TEAMING_IP_HASH) {
        all.any_uplink = true;
    }
    if (setting->teaming == DVS_TEAMING_EXPLICIT || n_active <= 1) {
        set_back(&all, 0, failed);
        return find_or_add(sw, &all);
    }
    if (setting->teaming == DVS_TEAMING_IP_HASH) {
        return spread(sw, &all, n_active, HV_TEAM_IP_HASH);
    }
    if (setting->teaming == DVS_TEAMING_SOURCE_MAC) {
        if (has_many_macs(port)) {
            n_active = set_back(&all, n_active, failed);
            return (n_active > 1
                    ? spread(sw, &all, n_active, HV_TEAM_SOURCE_MAC)
                    : find_or_add(sw, &all));
        }
        slot = eth_addr_to_uint64(one_mac(port)) % n_active;
    } else {
        slot = strtoull(port->key, NULL, 10) % n_active;
        if (setting->teaming == DVS_TEAMING_LOAD
            || hv_port_is_placed(sw, port)) {
            slot = placed_slot(sw, port, &all, n_active, slot);
        }
    }
    make_slot(&all, n_active, slot, &pinned);
    set_back(&pinned, 0, failed);
    pinned.any_uplink = all.any_uplink;
    pinned.any_known = port->settling && !all.any_uplink;
    return find_or_add(sw, &pinned);
}

/* Skips 'word' at the start of '*sp'.  Returns false if it is not there. */
static bool
skip_word(const char **sp, const char *word)
{
    if (strncmp(*sp, word, strlen(word))) {
        return false;
    }
    *sp += strlen(word);
    return true;
}

/* Reads the logical uplink id at the start of '*sp' and skips it.  Returns 0
 * if there is none. */
static int
parse_id(const char **sp)
{
    unsigned long id;
    char *tail;

    if (!isdigit((unsigned char) (*sp)[0]) || (*sp)[0] == '0') {
        return 0;
    }
    id = strtoul(*sp, &tail, 10);
    *sp = tail;
    return id <= HV_LAST_LAG ? id : 0;
}

/* Reads the ids at the start of '*sp', as in a team's key, into 'team' and
 * skips them.  Returns false if there are none. */
static bool
parse_ids(const char **sp, struct hv_team *team)
{
    for (;; ++*sp) {
        int id = parse_id(sp);

        if (!id || team->n_order >= HV_MAX_ORDER
            || memchr(team->policy, id, team->n_order)) {
            return false;
        }
        team->policy[team->n_order++] = id;
        if (**sp == '/' && team->mode && !team->n_slots) {
            team->n_slots = team->n_order;
        } else if (**sp != ',') {
            break;
        }
    }
    if (team->mode && !team->n_slots) {
        team->n_slots = team->n_order;
    }
    return true;
}

/* Returns 'team' as text, for hv_team_restore() of a later run; the caller
 * must free it.
 *
 * It is its key: uplink ids, best first, e.g. "1,2".  In a team that spreads,
 * the mode is ahead of them, and a slash ahead of the standby ones:
 * "source-mac:1,2/3".  "any-uplink:" says that the inbound check is lifted,
 * "any-known:" that it is for unicast to known MACs, and "no-failback:" what
 * its name says; "beacon:" may follow that.  Without failback, "@2" at the end
 * says that uplink 2 has taken the first one's place. */
char *
hv_team_format(const struct hv_team *team)
{
    return (team->order[0] == team->policy[0]
            ? xstrdup(team->key)
            : xasprintf("%s@%d", team->key, team->order[0]));
}

/* Gives the number 'number' to the team that 'text' says, as hv_team_format()
 * of an earlier run did.  Returns false, and does nothing, if 'text' is not a
 * team or the team or the number is in use. */
bool
hv_team_restore(struct hv_switch *sw, int number, const char *text)
{
    struct hv_team like = { .mode = HV_TEAM_ORDER };
    const char *s = text;
    struct hv_team *team;
    int first = 0;

    for (int mode = 1; mode < ARRAY_SIZE(mode_words); mode++) {
        if (skip_word(&s, mode_words[mode])) {
            like.mode = mode;
            break;
        }
    }
    like.any_uplink = skip_word(&s, ANY_WORD);
    like.any_known = skip_word(&s, ANY_KNOWN_WORD);
    like.no_failback = skip_word(&s, NO_FAILBACK_WORD);
    like.beacon = like.no_failback && skip_word(&s, BEACON_WORD);
    if (!parse_ids(&s, &like)) {
        return false;
    }
    if (like.mode == HV_TEAM_ORDER && like.no_failback && skip_word(&s, "@")) {
        first = parse_id(&s);
        if (!first || !memchr(like.policy, first, like.n_order)) {
            return false;
        }
    }
    if (*s || number < 1 || number > HV_MAX_TEAMS
        || hv_team_find(sw, number)) {
        return false;
    }

    char *key = format_key(&like);
    if (find_key(sw, key)) {
        free(key);
        return false;
    }
    team = add_team(sw, &like, key, number);
    if (first) {
        set_first(team, first);
    }
    return true;
}

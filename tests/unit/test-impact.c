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


/* Tests what a change of the configuration means for a NIC
 * (schema/dvs-impact.c). */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-impact.h"
#include "schema/dvs-model.h"
#include "sset.h"
#include "util.h"

/* A NIC on port prod:3 of host h1, which has uplink1 and the ports of lag1
 * (and nothing of lag2, only names that look like it).  'words' are settings,
 * "KEY=VALUE KEY=VALUE ...", or "-" for no port, "away" for a host that is no
 * member, "idle" for no host, "renamed" for a switch with another name, and
 * "elsewhere" for another switch; 'down' are NICs without a link. */
static void
make_nic(struct dvs_impact_nic *nic, const char *words, const char *down)
{
    struct svec uplinks = SVEC_EMPTY_INITIALIZER;
    struct sset links_down = SSET_INITIALIZER(&links_down);
    char *copy = xstrdup(words);
    struct dvs_member member;
    char *save_ptr = NULL;

    dvs_impact_nic_init(nic);
    dvs_setting_destroy(&nic->setting);
    svec_add(&uplinks, "uplink1");
    svec_add(&uplinks, "uplink2");
    dvs_setting_defaults(&nic->setting, &uplinks);
    nic->switch_ = xstrdup("prod");
    nic->where = xstrdup("prod:3");
    nic->host = xstrdup("h1");
    nic->member = true;
    nic->mtu = 1500;
    for (char *word = strtok_r(copy, " ", &save_ptr); word;
         word = strtok_r(NULL, " ", &save_ptr)) {
        char *value = strchr(word, '=');

        if (!strcmp(word, "-")) {
            free(nic->where);
            nic->where = NULL;
        } else if (!strcmp(word, "away")) {
            nic->member = false;
        } else if (!strcmp(word, "idle")) {
            free(nic->host);
            nic->host = NULL;
        } else if (!strcmp(word, "renamed")) {
            free(nic->where);
            free(nic->switch_);
            nic->where = xstrdup("new:3");
            nic->switch_ = xstrdup("new");
        } else if (!strcmp(word, "elsewhere")) {
            nic->switch_uuid.parts[0]++;
        } else if (!strcmp(word, "jumbo")) {
            nic->mtu = 9000;
        } else {
            *value++ = '\0';
            assert_null(dvs_setting_set(&nic->setting, word, value));
        }
    }

    dvs_member_init(&member);
    free(member.host);
    member.host = xstrdup("h1");
    smap_add(&member.uplinks, "uplink1", "eth1");
    smap_add(&member.uplinks, "lag1-0", "eth2");
    smap_add(&member.uplinks, "lag1-1", "eth3");
    smap_add(&member.uplinks, "lag2-", "eth4");
    smap_add(&member.uplinks, "lag2-x", "eth5");
    smap_add(&member.uplinks, "lag2+0", "eth6");
    smap_add(&member.uplinks, "lag2-0x", "eth7");
    sset_from_delimited_string(&links_down, down, " ");
    if (nic->host && nic->member) {
        dvs_impact_nic_set_uplinks(nic, &member, &links_down);
    }
    dvs_member_destroy(&member);
    sset_destroy(&links_down);
    svec_destroy(&uplinks);
    free(copy);
}

static void
check(const char *before, const char *after, const char *down,
      const char *expected)
{
    struct ds got = DS_EMPTY_INITIALIZER;
    struct ds why = DS_EMPTY_INITIALIZER;
    struct dvs_impact_nic old, new;

    make_nic(&old, before, "");
    make_nic(&new, after, down);
    enum dvs_effect effect = dvs_impact(&old, &new, &why);
    ds_put_format(&got, "%s: %s", dvs_effect_to_string(effect),
                  ds_cstr(&why));
    assert_string_equal(ds_cstr(&got), expected);
    ds_destroy(&got);
    ds_destroy(&why);
    dvs_impact_nic_destroy(&old);
    dvs_impact_nic_destroy(&new);
}

static void
test_lost(void **state OVS_UNUSED)
{
    check("vlan=10", "vlan=10 blocked=yes", "", "lost: prod:3 is blocked");
    check("vlan=10", "-", "", "lost: it is connected to nothing");
    check("vlan=10", "away", "", "lost: h1 is no member of switch prod");
    check("blocked=yes", "-", "", "changed: it is connected to nothing");
    check("blocked=yes", "blocked=yes vlan=5", "",
          "changed: vlan: none -> 5");
    check("-", "-", "", "none: ");
    check("away", "away", "", "none: ");
    check("-", "blocked=yes", "", "none: ");
    check("idle away vlan=10", "idle away vlan=10", "", "none: ");
    check("vlan=10", "idle away vlan=10", "", "none: ");
    check("blocked=yes", "vlan=5", "",
          "changed: blocked: yes -> no, vlan: none -> 5");
    check("blocked=yes", "active=uplink2", "",
          "changed: active: uplink1,uplink2 -> uplink2, blocked: yes -> no");
}

static void
test_uplinks(void **state OVS_UNUSED)
{
    check("vlan=10", "vlan=10 active=uplink2", "",
          "local-only: no uplink of its order works: "
          "uplink2: it has no NIC on h1");
    check("vlan=10", "vlan=10 active=lag1", "",
          "changed: active: uplink1,uplink2 -> lag1");
    check("vlan=10", "vlan=10 active=lag1", "eth2",
          "changed: active: uplink1,uplink2 -> lag1");
    check("vlan=10", "vlan=10 active=lag1", "eth2 eth3",
          "local-only: no uplink of its order works: lag1: eth3 has no link");
    check("active=uplink2", "active=uplink2 vlan=5", "",
          "other-vlan: vlan: none -> 5");
    /* One that works is enough, wherever it stands. */
    check("vlan=10", "vlan=10 active=uplink2 standby=uplink1", "",
          "changed: active: uplink1,uplink2 -> uplink2, "
          "standby: none -> uplink1");
    check("vlan=10", "vlan=10 active=uplink2 standby=uplink1", "eth1",
          "local-only: no uplink of its order works: uplink1: eth1 has no "
          "link, uplink2: it has no NIC on h1");
    /* A name that begins like another. */
    check("vlan=10", "vlan=10 active=lag", "",
          "local-only: no uplink of its order works: "
          "lag: it has no NIC on h1");
    check("vlan=10", "vlan=10 active=lag2", "",
          "local-only: no uplink of its order works: "
          "lag2: it has no NIC on h1");
    check("idle", "idle active=uplink2", "",
          "changed: active: uplink1,uplink2 -> uplink2");
}

static void
test_vlans(void **state OVS_UNUSED)
{
    check("vlan=10", "vlan=10", "", "none: ");
    check("vlan=10", "vlan=11", "", "other-vlan: vlan: 10 -> 11");
    check("vlan=trunk:1-9,20", "vlan=trunk:0-30", "",
          "changed: vlan: trunk:1-9,20 -> trunk:0-30");
    check("vlan=trunk:1-9,20", "vlan=trunk:1-9", "",
          "other-vlan: vlan: trunk:1-9,20 -> trunk:1-9");
    check("vlan=trunk:1-9,20", "vlan=trunk:1-30", "",
          "changed: vlan: trunk:1-9,20 -> trunk:1-30");
    check("vlan=trunk:5-9", "vlan=trunk:1-9", "",
          "changed: vlan: trunk:5-9 -> trunk:1-9");
    check("vlan=trunk:1-9", "vlan=trunk:5-9", "",
          "other-vlan: vlan: trunk:1-9 -> trunk:5-9");
    check("vlan=none", "vlan=trunk:0-9", "",
          "other-vlan: vlan: none -> trunk:0-9");
    check("vlan=trunk:10", "vlan=10", "",
          "other-vlan: vlan: trunk:10 -> 10");
}

static void
test_others(void **state OVS_UNUSED)
{
    check("vlan=10", "vlan=10 renamed", "",
          "changed: port: prod:3 -> new:3");
    check("vlan=10", "vlan=10 renamed elsewhere", "",
          "other-vlan: port: prod:3 -> new:3");
    check("vlan=10", "vlan=10 elsewhere", "", "other-vlan: ");
    check("-", "vlan=10", "", "changed: it is connected to prod:3");
    check("filter=on rule.1=action=drop", "filter=on", "",
          "changed: rule.1: action=drop direction=both -> none");
    check("filter=on", "filter=on rule.1=action=drop", "",
          "changed: rule.1: none -> action=drop direction=both");
    check("vlan=10", "vlan=10 jumbo cos=5", "",
          "changed: cos: none -> 5, mtu: 1500 -> 9000");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_uplinks),
        cmocka_unit_test(test_vlans),
        cmocka_unit_test(test_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#ifndef TESTS_SETTING_VALUES_H
#define TESTS_SETTING_VALUES_H 1

/* Values of settings, and checks, for the tests of settings. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-setting.h"
#include "util.h"

/* Values of every key: what is written, and the canonical text that must come
 * back (NULL: the same).  At least two for each, that differ, so that the
 * inheritance tests can give each level its own. */
static const struct value {
    const char *key;
    const char *text;
    const char *canonical;
} values[] = {
    { "blocked", "yes", NULL },
    { "blocked", "no", NULL },
    { "blocked", "true", "yes" },
    { "blocked", "false", "no" },
    { "blocked", "on", "yes" },
    { "blocked", "off", "no" },
    { "blocked", "1", "yes" },
    { "blocked", "0", "no" },
    { "vlan", "none", NULL },
    { "vlan", "0", "none" },
    { "vlan", "1", NULL },
    { "vlan", "10", NULL },
    { "vlan", "0010", "10" },
    { "vlan", "4094", NULL },
    { "vlan", "trunk:5", NULL },
    { "vlan", "trunk:0-4094", NULL },
    { "vlan", "trunk:1-9,20", NULL },
    { "vlan", "trunk:20,1-9", "trunk:1-9,20" },
    { "vlan", "trunk:1-5,3-9", "trunk:1-9" },
    { "vlan", "trunk:1-5,6-9", "trunk:1-9" },
    { "vlan", "trunk:1,3,5,2-4", "trunk:1-5" },
    { "vlan", "trunk:7-7,7", "trunk:7" },
    { "vlan", "trunk:10-20,30-40,0-100", "trunk:0-100" },
    { "vlan", "trunk:0,4094", NULL },
    { "vlan", "private:101", NULL },
    { "cos", "none", NULL },
    { "cos", "0", NULL },
    { "cos", "7", NULL },
    { "dscp", "none", NULL },
    { "dscp", "0", NULL },
    { "dscp", "46", NULL },
    { "dscp", "63", NULL },
    { "teaming", "originating-port", NULL },
    { "teaming", "source-mac", NULL },
    { "teaming", "ip-hash", NULL },
    { "teaming", "explicit", NULL },
    { "teaming", "load", NULL },
    { "active", "uplink1", NULL },
    { "active", "uplink2,uplink1", NULL },
    { "active", "to the core,uplink 2", NULL },
    { "active", "", NULL },
    { "standby", "uplink3", NULL },
    { "standby", "", NULL },
    { "notify", "yes", NULL },
    { "notify", "no", NULL },
    { "failback", "yes", NULL },
    { "failback", "no", NULL },
    { "beacon", "yes", NULL },
    { "beacon", "no", NULL },
    { "reverse-filter", "yes", NULL },
    { "reverse-filter", "no", NULL },
    { "promiscuous", "accept", NULL },
    { "promiscuous", "reject", NULL },
    { "promiscuous", "yes", "accept" },
    { "promiscuous", "no", "reject" },
    { "mac-changes", "accept", NULL },
    { "mac-changes", "reject", NULL },
    { "forged-transmits", "accept", NULL },
    { "forged-transmits", "0", "reject" },
    { "mac-learning", "yes", NULL },
    { "mac-learning", "no", NULL },
    { "mac-limit", "0", NULL },
    { "mac-limit", "4096", NULL },
    { "mac-limit-policy", "drop", NULL },
    { "mac-limit-policy", "allow", NULL },
    { "unicast-flooding", "yes", NULL },
    { "unicast-flooding", "no", NULL },
    { "shape-in", "off", NULL },
    { "shape-in", "1,2,3", NULL },
    { "shape-in", "100M,200M,150k", NULL },
    { "shape-in", "100000k,200000000,153600", "100M,200M,150k" },
    { "shape-in", "1000K,1G,1M", "1M,1G,1M" },
    { "shape-in", "1G,1G,1000", NULL },
    { "shape-in", "9223372036854775807,9223372036854775807,"
                  "9223372036854775807", NULL },
    { "shape-out", "off", NULL },
    { "shape-out", "1500,2000,1024", "1500,2k,1k" },
    { "ipfix", "yes", NULL },
    { "ipfix", "no", NULL },
    { "tx-uplink", "yes", NULL },
    { "tx-uplink", "no", NULL },
    { "filter", "on", "yes" },
    { "filter", "off", "no" },
    { "rules", "none", NULL },
    { "rule.1", "action=drop", "action=drop direction=both" },
    { "rule.65535", "direction=in action=accept",
      "action=accept direction=in" },
    { "pool", "none", NULL },
    { "pool", "gold pool", NULL },
    { "vendor", "none", NULL },
    { "vendor.com.example.x", "", NULL },
    { "vendor.a=b", "c=d,e", NULL },
};

static inline void
set_ok(struct dvs_setting *s, const char *key, const char *text)
{
    char *error = dvs_setting_set(s, key, text);
    if (error) {
        fail_msg("%s=%s: %s", key, text, error);
    }
}

/* Fails unless the text form of 's' is 'expected', in the form "k=v;k=v",
 * sorted by key. */
static inline void
check_text(const struct dvs_setting *s, const char *expected)
{
    struct smap smap;
    dvs_setting_to_smap(s, &smap);

    const struct smap_node **nodes = smap_sort(&smap);
    struct ds ds = DS_EMPTY_INITIALIZER;
    for (size_t i = 0; i < smap_count(&smap); i++) {
        ds_put_format(&ds, "%s%s=%s", i ? ";" : "", nodes[i]->key,
                      nodes[i]->value);
    }
    assert_string_equal(ds_cstr(&ds), expected);
    ds_destroy(&ds);
    free(nodes);
    smap_destroy(&smap);
}

/* Fails unless the text form of 's' makes the same setting. */
static inline void
check_round_trip(const struct dvs_setting *s)
{
    struct smap smap, smap2;
    struct dvs_setting s2;

    dvs_setting_to_smap(s, &smap);
    assert_null(dvs_setting_from_smap(&s2, &smap));
    assert_true(dvs_setting_equal(s, &s2));
    assert_true(dvs_setting_equal(&s2, s));
    dvs_setting_to_smap(&s2, &smap2);
    assert_true(smap_equal(&smap, &smap2));

    smap_destroy(&smap);
    smap_destroy(&smap2);
    dvs_setting_destroy(&s2);
}

#endif /* tests/unit/setting-values.h */

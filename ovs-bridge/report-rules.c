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

/* The rows of Rule_State: how often traffic rules have matched.  See
 * report.h. */

#include <config.h>
#include "ovs-bridge/report.h"
#include <stdlib.h>
#include "hash.h"
#include "ovs-bridge/of-conn.h"
#include "ovs-bridge/proxy.h"
#include "ovs-bridge/rule-hits.h"
#include "ovsdb-idl.h"
#include "schema/dvs-idl.h"
#include "util.h"

/* What one row is about.  Ports that differ in what else their rules depend on
 * share it. */
struct subject {
    struct hmap_node node;
    const char *portgroup;      /* As in struct hv_ruleset; one is NULL. */
    const char *port;
    struct hmap hits;           /* Contains "struct total"s. */
    bool any;                   /* It has matched anything. */
    bool seen;                  /* Has a row. */
};

struct total {
    struct hmap_node node;      /* By 'sequence'. */
    int64_t sequence;
    int64_t packets;
};

static uint32_t
subject_hash(const char *portgroup, const char *port)
{
    return hash_string(portgroup ? portgroup : port, portgroup != NULL);
}

static struct subject *
find_subject(const struct hmap *subjects, const char *portgroup,
             const char *port)
{
    struct subject *subject;

    HMAP_FOR_EACH_WITH_HASH (subject, node, subject_hash(portgroup, port),
                             subjects) {
        if (nullable_string_is_equal(subject->portgroup, portgroup)
            && nullable_string_is_equal(subject->port, port)) {
            return subject;
        }
    }
    return NULL;
}

static void
add_hits(struct subject *subject, const struct rule_hits *hits)
{
    uint32_t hash = hash_int(hits->sequence, 0);
    int64_t packets = rule_hits_total(hits);
    struct total *total;

    if (!packets) {
        return;
    }
    subject->any = true;
    HMAP_FOR_EACH_WITH_HASH (total, node, hash, &subject->hits) {
        if (total->sequence == hits->sequence) {
            total->packets += packets;
            return;
        }
    }
    total = xmalloc(sizeof *total);
    total->sequence = hits->sequence;
    total->packets = packets;
    hmap_insert(&subject->hits, &total->node, hash);
}

static void
collect_subjects(const struct proxy *proxy, struct hmap *subjects)
{
    const struct hv_ruleset *ruleset;

    HMAP_FOR_EACH (ruleset, node, &proxy->view.rulesets) {
        struct subject *subject = find_subject(subjects, ruleset->portgroup,
                                               ruleset->port);
        const struct rule_hits *hits;

        if (!subject) {
            subject = xzalloc(sizeof *subject);
            subject->portgroup = ruleset->portgroup;
            subject->port = ruleset->port;
            hmap_init(&subject->hits);
            hmap_insert(subjects, &subject->node,
                        subject_hash(subject->portgroup, subject->port));
        }
        HMAP_FOR_EACH (hits, node, &ruleset->hits) {
            add_hits(subject, hits);
        }
    }
}

static void
write_hits(const struct dvsrec_rule_state *row, const struct subject *subject)
{
    size_t n = hmap_count(&subject->hits);
    int64_t *sequences = xmalloc((n + 1) * sizeof *sequences);
    int64_t *packets = xmalloc((n + 1) * sizeof *packets);
    const struct total *total;
    size_t i = 0;

    HMAP_FOR_EACH (total, node, &subject->hits) {
        sequences[i] = total->sequence;
        packets[i++] = total->packets;
    }
    dvsrec_rule_state_set_hits(row, sequences, packets, n);
    free(sequences);
    free(packets);
}

static void
insert_row(struct report *report, const struct report_ctx *ctx,
           const struct proxy *proxy, const struct subject *subject)
{
    const struct dvsrec_rule_state *row = dvsrec_rule_state_insert(ctx->txn);
    struct uuid portgroup;

    dvsrec_rule_state_set_host(row, report->host);
    dvsrec_rule_state_set_switch_(row, proxy->uuid);
    if (subject->portgroup
        && uuid_from_string(&portgroup, subject->portgroup)) {
        dvsrec_rule_state_set_portgroup(row, &portgroup, 1);
    }
    dvsrec_rule_state_set_key(row, subject->port);
    write_hits(row, subject);
}

/* Makes the rows about the rules of 'proxy' say what its flows have
 * counted. */
static void
report_proxy_rules(struct report *report, const struct report_ctx *ctx,
                   const struct proxy *proxy)
{
    struct hmap subjects = HMAP_INITIALIZER(&subjects);
    const struct dvsrec_rule_state *row, *next;
    struct subject *subject;

    collect_subjects(proxy, &subjects);
    DVSREC_RULE_STATE_FOR_EACH_SAFE (row, next, report->idl) {
        char *portgroup = (row->n_portgroup
                           ? xasprintf(UUID_FMT, UUID_ARGS(row->portgroup))
                           : NULL);

        if (uuid_equals(&row->switch_, &proxy->uuid)) {
            subject = (portgroup || row->key
                       ? find_subject(&subjects, portgroup, row->key) : NULL);
            if (subject && !subject->seen) {
                subject->seen = true;
                write_hits(row, subject);
            } else {
                dvsrec_rule_state_delete(row);
            }
        }
        free(portgroup);
    }

    HMAP_FOR_EACH_POP (subject, node, &subjects) {
        struct total *total;

        if (!subject->seen && subject->any) {
            insert_row(report, ctx, proxy, subject);
        }
        HMAP_FOR_EACH_POP (total, node, &subject->hits) {
            free(total);
        }
        hmap_destroy(&subject->hits);
        free(subject);
    }
    hmap_destroy(&subjects);
}

/* Asks the bridges how often rules have matched.  report_rules() reports it
 * once they have answered. */
void
report_poll_rules(const struct report_ctx *ctx)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        if (!hmap_is_empty(&proxy->view.rulesets) || proxy->rules_reported) {
            if (proxy->conn && !proxy->rules_asked) {
                proxy->rules_asked = of_conn_ask(
                    proxy->conn, rule_hits_request(&proxy->view));
            }
        }
    }
}

/* Writes what has been counted since it was last written. */
void
report_rules(struct report *report, const struct report_ctx *ctx)
{
    struct proxy *proxy;

    PROXY_FOR_EACH (proxy, ctx->proxies) {
        bool any = !hmap_is_empty(&proxy->view.rulesets);

        if (proxy->rules_counted || (proxy->rules_reported && !any)) {
            proxy->rules_counted = false;
            proxy->rules_reported = any;
            report_proxy_rules(report, ctx, proxy);
        }
    }
}

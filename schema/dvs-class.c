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

/* PURE: Network I/O Control: what the classes of traffic get of each physical
 * NIC.  See dvs-class.h. */

#include <config.h>

#include "schema/dvs-class.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/dvs-limits.h"
#include "schema/dvs-model.h"
#include "smap.h"
#include "util.h"

#define CONFIG_PREFIX "class:"

/* A class that is configured by nobody: vSphere's defaults. */
static void
set_default(struct dvs_class *class, enum dvs_traffic_class tc)
{
    *class = (struct dvs_class) {
        .shares = (tc == DVS_TC_VIRTUAL_MACHINE ? DVS_SHARES_HIGH
                   : DVS_SHARES_NORMAL),
    };
}

/* Initializes 'classes' as nobody having configured any. */
void
dvs_classes_init(struct dvs_classes *classes)
{
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        set_default(&classes->classes[i], i);
    }
}

/* Stores in '*tc' the class that 's' is the word for.  Returns false if there
 * is none. */
bool
dvs_traffic_class_from_string(const char *s, enum dvs_traffic_class *tc)
{
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        if (!strcmp(s, dvs_traffic_class_to_string(i))) {
            *tc = i;
            return true;
        }
    }
    return false;
}

/* Adds to 'faults' if 'value' of 'column', in Mbit/s, is out of range. */
static void
check_bandwidth(const char *column, int64_t value, struct dvs_faults *faults)
{
    if (value < 0 || value > DVS_BANDWIDTH_MAX) {
        dvs_faults_add(faults, "InvalidArgument", column,
                       "%s %"PRId64" is not in 0..%d Mbit/s", column, value,
                       DVS_BANDWIDTH_MAX);
    }
}

/* Adds to 'faults' what is wrong with 'tc' of 'classes', of which all may
 * reserve 'ratio' percent of 'slowest', the speed of the slowest physical NIC
 * of the switch in Mbit/s (0 if none is known).
 *
 * Of too many reservations, those of the first classes in the order of enum
 * dvs_traffic_class stand. */
void
dvs_classes_validate(const struct dvs_classes *classes,
                     enum dvs_traffic_class tc, int ratio, int64_t slowest,
                     struct dvs_faults *faults)
{
    const struct dvs_class *class = &classes->classes[tc];
    int64_t before = 0, room = slowest * ratio / 100;

    if (class->shares < 1 || class->shares > DVS_SHARES_MAX) {
        dvs_faults_add(faults, "InvalidArgument", "shares",
                       "shares %d is not in 1..%d", class->shares,
                       DVS_SHARES_MAX);
    }
    check_bandwidth("limit", class->limit, faults);
    check_bandwidth("reservation", class->reservation, faults);
    if (class->limit && class->reservation > class->limit) {
        dvs_faults_add(faults, "InvalidArgument", "reservation",
                       "reservation %"PRId64" is more than limit %"PRId64,
                       class->reservation, class->limit);
    }
    for (int i = 0; i < tc; i++) {
        int64_t other = classes->classes[i].reservation;

        before += before + other <= room ? other : 0;
    }
    if (slowest && before + class->reservation > room) {
        dvs_faults_add(faults, "ResourceNotAvailable", "reservation",
                       "reservation %"PRId64" is more than is left, %"PRId64
                       " of %d %% of the slowest uplink's %"PRId64" Mbit/s",
                       class->reservation, room - before, ratio, slowest);
    }
}

/* Gives those of 'classes' that are not valid their defaults; see
 * dvs_classes_validate(). */
void
dvs_classes_remove_faulty(struct dvs_classes *classes, int ratio,
                          int64_t slowest)
{
    struct dvs_classes all = *classes;

    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        struct dvs_faults faults;

        dvs_faults_init(&faults);
        dvs_classes_validate(&all, i, ratio, slowest, &faults);
        if (faults.n) {
            set_default(&classes->classes[i], i);
        }
        dvs_faults_destroy(&faults);
    }
}

/* Dividing. */

/* Returns what 'class' gets, in bit/s, of a link of 'link' bit/s on which each
 * share is worth 'share' bit/s: no less than its reservation, and no more than
 * its limit. */
static double
entitlement(const struct dvs_class *class, double share, double link,
            double scale)
{
    double min = class->reservation * 1e6 * scale;
    double max = class->limit ? class->limit * 1e6 : link;
    double rate = class->shares * share;

    return MIN(MAX(rate, min), MIN(max, link));
}

static double
sum_entitlements(const struct dvs_class *classes, size_t n, double share,
                 double link, double scale)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum += entitlement(&classes[i], share, link, scale);
    }
    return sum;
}

/* Divides a link of 'bps' bit/s among the 'n' 'classes': 'rates[i].min' is
 * what class 'i' gets while all have enough to send.  They are in proportion
 * to the shares, but for classes that get their reservation since that is
 * more, or only their limit since that is less.  But for rounding, they are
 * together no more than the link, also if the reservations are. */
void
dvs_divide(const struct dvs_class *classes, size_t n, uint64_t bps,
           struct dvs_rate *rates)
{
    double link = bps, reserved = 0, scale = 1;
    double low = 0, high = link;

    for (size_t i = 0; i < n; i++) {
        reserved += classes[i].reservation * 1e6;
    }
    if (reserved > link) {
        scale = link / reserved;
    }

    /* What a share is worth: the sum grows with it, so halve the interval. */
    for (int i = 0; i < 64; i++) {
        double share = (low + high) / 2;

        if (sum_entitlements(classes, n, share, link, scale) > link) {
            high = share;
        } else {
            low = share;
        }
    }
    for (size_t i = 0; i < n; i++) {
        const struct dvs_class *class = &classes[i];

        rates[i].max = MIN(class->limit ? class->limit * 1e6 : link, link);
        rates[i].min = entitlement(class, low, link, scale) + 0.5;
        rates[i].min = MAX(rates[i].min, 1);
    }
}

/* Divides a physical NIC of 'speed' Mbit/s among 'classes'; see
 * dvs_divide(). */
void
dvs_classes_divide(const struct dvs_classes *classes, int64_t speed,
                   struct dvs_rate rates[DVS_N_TRAFFIC_CLASSES])
{
    dvs_divide(classes->classes, DVS_N_TRAFFIC_CLASSES,
               speed * UINT64_C(1000000), rates);
}

/* Text form. */

/* Adds the text form of 'classes' to 'config': for each that is configured,
 * the shares, the limit (0 for none) and the reservation. */
void
dvs_classes_to_smap(const struct dvs_classes *classes, struct smap *config)
{
    for (int i = 0; i < DVS_N_TRAFFIC_CLASSES; i++) {
        const struct dvs_class *class = &classes->classes[i];

        if (class->present) {
            smap_add_nocopy(config,
                            xasprintf(CONFIG_PREFIX"%s",
                                      dvs_traffic_class_to_string(i)),
                            xasprintf("%d,%"PRId64",%"PRId64, class->shares,
                                      class->limit, class->reservation));
        }
    }
}

/* Replaces 'classes' by what the text form in 'config' says; other keys are
 * passed over.  Returns NULL, or why it could not (then all have their
 * defaults), which the caller must free. */
char *
dvs_classes_from_smap(struct dvs_classes *classes, const struct smap *config)
{
    const struct smap_node *node;

    dvs_classes_init(classes);
    SMAP_FOR_EACH (node, config) {
        struct dvs_class class = { .present = true };
        enum dvs_traffic_class tc;
        int n = 0;

        if (strncmp(node->key, CONFIG_PREFIX, strlen(CONFIG_PREFIX))) {
            continue;
        }
        if (!dvs_traffic_class_from_string(node->key + strlen(CONFIG_PREFIX),
                                           &tc)
            || !ovs_scan(node->value, "%d,%"SCNd64",%"SCNd64"%n",
                         &class.shares, &class.limit, &class.reservation, &n)
            || node->value[n]
            || class.shares < 1 || class.shares > DVS_SHARES_MAX
            || class.limit < 0 || class.limit > DVS_BANDWIDTH_MAX
            || class.reservation < 0
            || class.reservation > DVS_BANDWIDTH_MAX) {
            dvs_classes_init(classes);
            return xasprintf("\"%s=%s\" is no class of traffic", node->key,
                             node->value);
        }
        classes->classes[tc] = class;
    }
    return NULL;
}

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

#ifndef DVS_CLASS_H
#define DVS_CLASS_H 1

/* PURE: Network I/O Control: what the classes of traffic get of each physical
 * NIC of a switch (vSphere's DvsHostInfrastructureTrafficResource). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "openvswitch/compiler.h"
#include "schema/dvs-rule.h"

struct dvs_faults;
struct smap;

/* What one class gets of a physical NIC. */
struct dvs_class {
    bool present;               /* It is configured; else all defaults. */
    int shares;                 /* Weight, 1..DVS_SHARES_MAX. */
    int64_t limit;              /* Mbit/s; 0 for none. */
    int64_t reservation;        /* Mbit/s. */
};

struct dvs_classes {
    struct dvs_class classes[DVS_N_TRAFFIC_CLASSES];
};

/* Bandwidth that a class has, in bit/s. */
struct dvs_rate {
    uint64_t min;               /* When all others are busy, too. */
    uint64_t max;               /* When they are idle. */
};

void dvs_classes_init(struct dvs_classes *);
bool dvs_traffic_class_from_string(const char *, enum dvs_traffic_class *);

void dvs_classes_validate(const struct dvs_classes *, enum dvs_traffic_class,
                          int ratio, int64_t slowest, struct dvs_faults *);
void dvs_classes_remove_faulty(struct dvs_classes *, int ratio,
                               int64_t slowest);
void dvs_divide(const struct dvs_class *, size_t n, uint64_t bps,
                struct dvs_rate *rates);
void dvs_classes_divide(const struct dvs_classes *, int64_t speed,
                        struct dvs_rate rates[DVS_N_TRAFFIC_CLASSES]);

/* Text form, in Proxy_Switch.config. */
void dvs_classes_to_smap(const struct dvs_classes *, struct smap *);
char *dvs_classes_from_smap(struct dvs_classes *, const struct smap *)
    OVS_WARN_UNUSED_RESULT;

#endif /* dvs-class.h */

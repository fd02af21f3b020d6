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

#ifndef DVS_PROPERTY_H
#define DVS_PROPERTY_H 1

/* PURE, private to the model library: the table of properties.
 *
 * dvs-setting.h lists the properties; this table adds how each is stored in
 * struct dvs_setting, so that life cycle, inheritance, text form and columns
 * are loops over a table and not one function for each property. */

#include "schema/dvs-setting.h"

/* How a property is stored. */
enum dvs_kind {
    DVS_K_BOOL,                 /* bool */
    DVS_K_MARK,                 /* uint8_t, or DVS_MARK_NONE */
    DVS_K_UINT16,               /* uint16_t */
    DVS_K_TEAMING,              /* enum dvs_teaming */
    DVS_K_VLAN,                 /* struct dvs_vlan */
    DVS_K_ORDER,                /* Two struct svec: active, standby */
    DVS_K_SHAPING,              /* struct dvs_shaping */
    DVS_K_POOL,                 /* char *, nullable */
    DVS_K_SMAP                  /* struct smap */
};

struct dvs_property_class {
    const char *key;            /* Key in the text form. */
    enum dvs_override override; /* Permission that a port needs. */
    bool supported;             /* Whether this release carries it out. */
    enum dvs_kind kind;
    size_t offset;              /* In struct dvs_setting. */
    int max;                    /* MARK, UINT16: greatest value; from 0. */
    int default_;               /* BOOL, MARK, UINT16, TEAMING. */
    const char *words[2];       /* BOOL: word for false, for true. */
    const char *prefix;         /* SMAP: key in the text form is 'prefix',
                                 * then the key in the map. */
};

const struct dvs_property_class *dvs_property_class(enum dvs_property);
void *dvs_property_value(struct dvs_setting *, enum dvs_property);
const void *dvs_property_value_const(const struct dvs_setting *,
                                     enum dvs_property);
bool dvs_property_equal(const struct dvs_setting *,
                        const struct dvs_setting *, enum dvs_property);
void dvs_property_copy(struct dvs_setting *dst,
                       const struct dvs_setting *src, enum dvs_property);
void dvs_property_reset(struct dvs_setting *, enum dvs_property);

/* Loops over the properties whose bits are in MASK. */
#define DVS_PROPERTY_FOR_EACH(P, MASK)                              \
    for ((P) = 0; (P) < DVS_N_PROPERTIES; (P)++)                    \
        if ((MASK) & (UINT64_C(1) << (P)))

#endif /* dvs-property.h */

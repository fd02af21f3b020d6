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

#ifndef DVS_COLUMNS_H
#define DVS_COLUMNS_H 1

/* Private to the model library: which column of table Port_Setting holds
 * which property, for those properties that are one optional column.  The
 * VLAN, the uplink order, shaping, rules, pool and vendor settings are not
 * that simple; dvs-read.c and dvs-write.c spell them out. */

#include <stddef.h>
#include "schema/dvs-setting.h"

struct ovsdb_idl_column;

struct dvs_setting_column {
    enum dvs_property property;
    const struct ovsdb_idl_column *column;
    size_t offset;              /* In struct dvsrec_port_setting: of a bool *,
                                 * int64_t * or char *, NULL if empty. */
};

extern const struct dvs_setting_column dvs_setting_columns[];
extern const size_t dvs_n_setting_columns;

#endif /* dvs-columns.h */

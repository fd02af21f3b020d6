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

#ifndef DVS_NUMBER_H
#define DVS_NUMBER_H 1

/* PURE: numbers in text. */

#include <stdint.h>
#include "openvswitch/compiler.h"

struct ds;

char *dvs_parse_number(const char *what, const char *s, uint64_t min,
                       uint64_t max, uint64_t *valuep)
    OVS_WARN_UNUSED_RESULT;
char *dvs_parse_quantity(const char *what, const char *s, unsigned int base,
                         uint64_t *valuep) OVS_WARN_UNUSED_RESULT;
void dvs_format_quantity(uint64_t value, unsigned int base, struct ds *);

#endif /* dvs-number.h */

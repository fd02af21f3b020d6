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

#ifndef JANSSON_SIDE_H
#define JANSSON_SIDE_H 1

/* What test-json-names asks of jansson, whose header it cannot include. */

char *jansson_side_build(const char *name, long long int number);
int jansson_side_equal(const char *a, const char *b);

#endif /* tests/unit/jansson-side.h */

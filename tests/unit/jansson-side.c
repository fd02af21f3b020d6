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

/* The half of test-json-names that calls jansson.  It is compiled like any
 * file that uses jansson: without build-aux/ovs-json-names.h. */

#include <config.h>

#include "tests/unit/jansson-side.h"

#include <jansson.h>

/* Returns the text of {"list":[NAME,NUMBER,0.5]}, made by jansson's
 * constructors.  The caller must free it. */
char *
jansson_side_build(const char *name, long long int number)
{
    json_t *list = json_array();
    json_array_append_new(list, json_string(name));
    json_array_append_new(list, json_integer(number));
    json_array_append_new(list, json_real(0.5));

    json_t *object = json_object();
    json_object_set_new(object, "list", list);

    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

/* Returns nonzero if the JSON texts 'a' and 'b' are well-formed and equal, to
 * jansson. */
int
jansson_side_equal(const char *a, const char *b)
{
    json_t *x = json_loads(a, 0, NULL);
    json_t *y = json_loads(b, 0, NULL);
    int equal = x && y && json_equal(x, y);

    json_decref(x);
    json_decref(y);
    return equal;
}

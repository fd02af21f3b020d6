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

/* libopenvswitch and jansson define six functions of the same names.  This
 * test sees that in one program each caller gets its own: this file calls
 * libopenvswitch's, jansson-side.c calls jansson's. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "tests/unit/jansson-side.h"

static void
test_each_gets_its_own(void **state OVS_UNUSED)
{
    char *text = jansson_side_build("uplink1", 2);
    struct json *json = json_from_string(text);
    assert_int_equal(json->type, JSON_OBJECT);

    struct json *list = shash_find_data(json_object(json), "list");
    assert_non_null(list);
    assert_int_equal(list->type, JSON_ARRAY);

    const struct json_array *array = json_array(list);
    assert_int_equal(array->n, 3);
    assert_string_equal(json_string(array->elems[0]), "uplink1");
    assert_int_equal(json_integer(array->elems[1]), 2);
    assert_true(json_real(array->elems[2]) == 0.5);

    struct json *clone = json_deep_clone(json);
    assert_true(json_equal(json, clone));
    json_array_add(shash_find_data(json_object(clone), "list"),
                   json_null_create());
    assert_false(json_equal(json, clone));

    char *same = json_to_string(json, JSSF_PRETTY);
    char *other = json_to_string(clone, 0);
    assert_true(jansson_side_equal(text, same));
    assert_false(jansson_side_equal(text, other));

    free(same);
    free(other);
    free(text);
    json_destroy(clone);
    json_destroy(json);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_gets_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

/* dvs-controller: the central daemon. */
/* libopenvswitch and jansson define six functions of the same names.  These
 * tests see that in one program each caller gets its own: this file is
 * compiled like any that uses libopenvswitch, and asks jansson through
 * function pointers under the names that jansson exports. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dlfcn.h>

#include "openvswitch/json.h"

static void
test_ovs_json(void **state OVS_UNUSED)
{
    struct json *a = json_array_create_empty();
    json_array_add(a, json_string_create("uplink1"));
    json_array_add(a, json_integer_create(2));

    struct json *b = json_from_string("[\"uplink1\", 2]");
    assert_int_equal(b->type, JSON_ARRAY);
    assert_true(json_equal(a, b));
    assert_string_equal(json_string(json_array(b)->elems[0]), "uplink1");
    assert_int_equal(json_integer(json_array(b)->elems[1]), 2);

    json_destroy(a);
    json_destroy(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ovs_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

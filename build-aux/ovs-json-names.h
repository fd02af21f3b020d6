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

/* The six functions that libopenvswitch and jansson both define, under the
 * names that build-aux/build-ovs.sh gives them in our copy of
 * libopenvswitch.
 *
 * The build puts this ahead of every source file (-include), except of those
 * that use jansson: these must not include openvswitch/json.h. */

#ifndef OVS_JSON_NAMES_H
#define OVS_JSON_NAMES_H 1

#define json_array ovs_json_array
#define json_equal ovs_json_equal
#define json_integer ovs_json_integer
#define json_object ovs_json_object
#define json_real ovs_json_real
#define json_string ovs_json_string

#endif /* build-aux/ovs-json-names.h */

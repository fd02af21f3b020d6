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

#ifndef DVS_WRITE_H
#define DVS_WRITE_H 1

/* From the model's structs to database rows.  See also dvs-read.h. */

struct dvs_setting;
struct dvsrec_port_setting;

void dvs_write_setting(const struct dvsrec_port_setting *,
                       const struct dvs_setting *);
void dvs_verify_setting(const struct dvsrec_port_setting *);

#endif /* dvs-write.h */

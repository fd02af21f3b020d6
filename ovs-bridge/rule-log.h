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

#ifndef RULE_LOG_H
#define RULE_LOG_H 1

/* Logs packets that match a traffic rule whose action is to log them. */

struct ofputil_packet_in;
struct proxy;

void rule_log_hear(const struct proxy *, const struct ofputil_packet_in *);

#endif /* rule-log.h */

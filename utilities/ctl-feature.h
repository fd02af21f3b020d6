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

#ifndef CTL_FEATURE_H
#define CTL_FEATURE_H 1

/* The command "features" of dvsctl: what this release, or a host, can do
 * (vSphere's QueryDvsFeatureCapability). */

struct ctl_context;

void ctl_pre_features(struct ctl_context *);
void ctl_cmd_features(struct ctl_context *);

#endif /* ctl-feature.h */

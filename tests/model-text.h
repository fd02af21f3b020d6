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

#ifndef MODEL_TEXT_H
#define MODEL_TEXT_H 1

/* A host's switch in a few lines of text, for tests of the OpenFlow compiler.
 *
 *     uplink NAME [OFPORT [SETTING=VALUE]...]
 *                                  # the next logical uplink; without OFPORT
 *                                  # it has no NIC on this host
 *     lag NAME CONFIG OFPORT...    # the only LAG, e.g. active,slow,2,vlan; a
 *                                  # port without a NIC on this host: "-"
 *     team NUMBER ORDER            # a number kept from before, e.g. 5 2,1
 *     pvlan PRIMARY SECONDARY TYPE     # a private VLAN, before the ports
 *     snooping                     # multicast only to who wants it
 *     no-meters                    # the datapath has none
 *     port KEY [WORD]...           # a port of the switch:
 *         ofport=N                 #   OpenFlow port of its NIC
 *         mac=MAC
 *         claims=MAC               #   the MAC that it works with now
 *         class=CLASS              #   what it sends is of this class
 *         here=no                  #   another host delivers to it
 *         joins=MAC,...            #   it was asked for its multicast groups:
 *                                  #   these; "none"; "router" is behind it
 *         SETTING=VALUE            #   a policy, as for dvsctl set-policy
 *
 * Empty lines are skipped, and what follows "#".  A port's settings are the
 * defaults where it does not say. */

struct desired;
struct hv_switch;

char *model_text_read(const char *text, struct hv_switch *);
void model_text_compile(struct hv_switch *, struct desired *);

#endif /* model-text.h */

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

#ifndef OF_COUNT_H
#define OF_COUNT_H 1

/* PURE: what flows have counted, in OpenFlow 1.5: those whose cookies have the
 * class DC_COUNT; and what meters have dropped that shape or limit.
 *
 * Flows are asked for all at once, or those of one port (section 7.3.5.2),
 * meters all at once (section 7.3.5.10). */

#include <stdbool.h>
#include <stdint.h>

struct ofp_header;
struct ofpbuf;

struct of_count {
    uint64_t cookie;            /* Of the flow, like the next two. */
    uint8_t table;
    uint16_t priority;
    uint32_t meter_id;          /* Not 0: of this meter, not of a flow. */
    int64_t packets, bytes;     /* That it has counted; of a meter, dropped
                                 * ('bytes' is 0). */
    bool gone;                  /* It has been removed, or begins again at 0;
                                 * 'packets' and 'bytes' mean nothing. */
    enum of_count_event {
        OF_COUNT_OF_ONE,        /* The above. */
        OF_COUNT_READING,       /* All flows are about to be read... */
        OF_COUNT_READ           /* ...and have been: others are gone.  Nothing
                                 * else means anything, in both cases. */
    } event;
};
typedef void of_count_cb(void *aux, const struct of_count *);

bool of_count_is_counter(uint64_t cookie);
bool of_count_is_meter(uint32_t meter_id);
struct ofpbuf *of_count_request_flows(void);
struct ofpbuf *of_count_request(void);
struct ofpbuf *of_count_request_port(uint64_t cookie);
struct ofpbuf *of_count_request_meters(void);
bool of_count_read(const struct ofp_header *, of_count_cb *, void *aux);
void of_count_read_meters(const struct ofp_header *, of_count_cb *, void *aux);

#endif /* of-count.h */

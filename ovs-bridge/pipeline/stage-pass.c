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

/* PURE: the way past tables in which nothing applies to a frame, and from
 * those that must admit it to where it counts as dropped.
 *
 * A stage that fills one of these tables adds flows above the one from here,
 * and none of the other stages need know.
 *
 * Each table that a frame passes costs the set-up of its flow in the datapath
 * about a fiftieth of the whole.  So where a port can tell that a table holds
 * nothing for it, its frames do not come there at all ('marked' in struct
 * pipeline_port), and tables for what few switches have are a detour that the
 * ports emit that need it (pipeline_compile_detour(), FLOOD_PROM in
 * stage-prom.c). */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "util.h"

#define PASS_PRIORITY 0

static void
compile_switch(const struct hv_switch *sw OVS_UNUSED, struct desired *desired)
{
    static const struct {
        enum pipeline_table table, next;
    } passes[] = {
        { PT_IN, PT_DRIN },
        { PT_SEC, PT_DRIN },
        { PT_LIMIT, PT_DRIN },
        { PT_FIN, PT_SHIN },
        { PT_SHIN, PT_L2 },
        { PT_PROM, PT_OUT },
        { PT_FOUT, PT_OUT },
        { PT_OUT, PT_CPOUT },
        { PT_CPOUT, PT_COUT },
    };

    for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
        struct match match = MATCH_CATCHALL_INITIALIZER;
        uint64_t stub[64 / 8];
        struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

        put_resubmit(&acts, passes[i].next);
        desired_flow(desired, passes[i].table, PASS_PRIORITY,
                     DESIRED_COOKIE(DC_SWITCH, 0), &match, &acts);
        ofpbuf_uninit(&acts);
    }
}

const struct pipeline_stage stage_pass = {
    .name = "pass",
    .doc = "past tables in which nothing applies",
    .compile_switch = compile_switch,
};

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

/* PURE: tables SHIN, AVIN, SHOUT and AVOUT: shaping (vSphere's
 * DVSTrafficShapingPolicy) of what comes from a NIC and of what goes to it.
 *
 * A port may send, or get, at its average rate in the long run, and as much as
 * a burst above that, at no more than its peak rate.  That takes two meters in
 * a row: what is too fast for the peak must not use up the burst, so the peak
 * comes first.
 *
 *     SHIN    peak     -> AVIN
 *     AVIN    average  -> L2
 *     SHOUT   peak     -> AVOUT
 *     AVOUT   average
 *
 * What a meter drops is gone for all actions that follow in the datapath.  On
 * the way in that is what it should be.  On the way out, copies for other NICs
 * may follow, so it is in a clone that table OUT comes to SHOUT and delivers
 * the frame (put_metered_output()).
 *
 * A datapath without meters does not shape; report-port.c says so. */

#include <config.h>

#include "ovs-bridge/pipeline/pipeline.h"

#include "openvswitch/ofpbuf.h"
#include "ovs-bridge/pipeline/actions.h"
#include "util.h"

/* Priorities. */
enum {
    SHAPE_OWN = 20,
    SHAPE_ANY = 10
};

/* The least that a meter lets pass at once.  It does not queue but drops, and
 * TCP has a fraction of the rate where that is less than about 200 ms' worth;
 * and a datapath that segments late meters up to 64 kB at a time, which must
 * fit in. */
#define MIN_BURST_MS 200
#define MIN_BURST_KBIT 528

/* Returns the meter for 'rate', in bit/s, and 'burst', in bytes. */
static struct desired_meter
make_meter(uint64_t rate, uint64_t burst)
{
    /* Of 10^20 bit/s nobody will miss any. */
    uint64_t kbps = MIN(rate, UINT64_MAX / 2) / 1000 + (rate % 1000 >= 500);
    uint64_t kbit = MIN(burst, UINT64_MAX / 16) * 8 / 1000;

    kbps = MAX(1, MIN(kbps, UINT32_MAX));
    kbit = MAX(kbit, kbps * MIN_BURST_MS / 1000);
    return (struct desired_meter) {
        .rate = kbps,
        .burst = MAX(MIN_BURST_KBIT, MIN(kbit, UINT32_MAX)),
    };
}

/* Emits that frames of which register 'reg' says that they are the port's pass
 * 'meter' in 'table' and go on at 'next', if not negative. */
static void
compile_meter(const struct pipeline_port *port, enum mf_field_id reg,
              enum pipeline_meter kind, struct desired_meter meter,
              enum pipeline_table table, int next, struct desired *desired)
{
    uint32_t ofport = ofp_to_u16(port->hv->ofport);
    uint32_t meter_id = pipeline_meter_id(kind, ofport);
    struct match match = MATCH_CATCHALL_INITIALIZER;
    uint64_t stub[128 / 8];
    struct ofpbuf acts = OFPBUF_STUB_INITIALIZER(stub);

    match_pr(&match, reg, ofport);
    put_meter(&acts, meter_id);
    if (next >= 0) {
        put_resubmit(&acts, next);
    }
    desired_meter(desired, meter_id, &meter);
    desired_flow(desired, table, SHAPE_ANY, port->cookie, &match, &acts);
    ofpbuf_uninit(&acts);
}

static void
compile_in(const struct pipeline_port *port, struct desired *desired)
{
    const struct dvs_shaping *shaping = &port->hv->setting.shape_in;
    bool peak = shaping->peak > shaping->average;

    if (peak) {
        compile_meter(port, PR_SOURCE, PM_IN_PEAK,
                      make_meter(shaping->peak, 0), PT_SHIN, PT_AVIN, desired);
    }
    compile_meter(port, PR_SOURCE, PM_IN_AVERAGE,
                  make_meter(shaping->average, shaping->burst),
                  peak ? PT_AVIN : PT_SHIN, PT_L2, desired);
}

static void
compile_out(const struct pipeline_port *port, struct desired *desired)
{
    const struct dvs_shaping *shaping = &port->hv->setting.shape_out;
    bool peak = shaping->peak > shaping->average;

    if (peak) {
        compile_meter(port, PR_DEST, PM_OUT_PEAK,
                      make_meter(shaping->peak, 0), PT_SHOUT, PT_AVOUT,
                      desired);
    }
    compile_meter(port, PR_DEST, PM_OUT_AVERAGE,
                  make_meter(shaping->average, shaping->burst),
                  peak ? PT_AVOUT : PT_SHOUT, -1, desired);

    /* Nobody gets back what it sends, so it must not count. */
    struct match own = MATCH_CATCHALL_INITIALIZER;
    match_pr(&own, PR_SOURCE, ofp_to_u16(port->hv->ofport));
    match_pr(&own, PR_DEST, ofp_to_u16(port->hv->ofport));
    desired_flow(desired, PT_SHOUT, SHAPE_OWN, port->cookie, &own, NULL);
}

static void
compile_port(const struct hv_switch *sw OVS_UNUSED,
             const struct pipeline_port *port, struct desired *desired)
{
    if (port->shaped_in) {
        compile_in(port, desired);
    }
    if (port->shaped_out) {
        compile_out(port, desired);
    }
}

const struct pipeline_stage stage_shape = {
    .name = "shape",
    .doc = "shaping",
    .compile_port = compile_port,
};

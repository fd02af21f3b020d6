# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Shaping of ports.

Which frames pass is proven to the frame in tests/shaping.at, in which time
stands still.  Here is what TCP and UDP make of it, and that others do not
suffer."""

import sys
import time

from harness import Skip
from test_bandwidth import Flow, is_userspace, near, pump

MEGA = 1000 * 1000

LAB = {"hosts": 2, "uplinks": 1}
ALONE = True
TIMEOUT_S = 500

WARM_UP_S = 1
WINDOW_S = 2

# How long a burst takes to fill.
BURST_S = 0.25

# A busy machine may be too slow for a rate for a while, and an emulated one
# for good.  What gets less than its rate so many times is in the wrong only if
# the machine carried ENOUGH times that rate each time when nothing was shaped.
# One that did not so many times is given up.
ENOUGH = 1.5
TRIES = 6
SLOW = 3
PATIENCE_S = 300

# At what multiple of the rate datagrams are sent.
EXCESS = 1.3

# The rates, in Mbit/s, that any machine carries, and the one that takes an
# idle one: on the userspace datapath (and this kind of NIC, of large frames
# only), and on the kernel's, which is emulated.
USERSPACE = (10, 100), 1000
KERNEL = (10, 20), 100


def four(t):
    """Starts VMs: a sends to b, and c to d."""
    for i, name in enumerate("abcd", 1):
        t.vm(name, "host1")
        t.lab.vms.machine(name).ip("addr", "replace", "10.9.0.%d/24" % i,
                                   "dev", "eth0")


def set_mtu(t, mtu):
    t.ctl("set-switch", "prod", "mtu=%d" % mtu)
    for name, vm in t.vms.items():
        t.lab.vms.machine(name).ip("link", "set", "eth0", "mtu", str(mtu))
        t.lab.machine(vm.host).ip("link", "set", vm.row["vnet"], "mtu",
                                  str(mtu))


def measure(t, pace, *pairs):
    """Returns what flows between 'pairs' of VMs get while all of them send, in
    Mbit/s: TCP, or 'pace' Mbit/s of datagrams each."""
    flows = []
    try:
        for sender, receiver in pairs:
            flows.append(Flow(
                sender, t.lab.vms.machine(sender),
                t.lab.vms.machine(receiver), "eth0",
                "10.9.0.%d" % ("abcd".index(receiver) + 1), bool(pace), 1,
                pace))
        pump(flows, WARM_UP_S)
        rates = pump(flows, WINDOW_S)
    finally:
        for flow in flows:
            flow.close()
    t.notes.append("/".join("%.1f" % rate for rate in rates.values()))
    print(t.notes[-1], file=sys.stderr)
    return rates


def shape(t, direction, rate):
    """Shapes what a sends, or what b gets; returns how to end that."""
    port = "prod:" + t.vms["a" if direction == "in" else "b"].key
    key = "shape-" + direction
    t.ctl("set-policy", port, "%s=%d,%d,%d" % (
        key, rate * MEGA, rate * MEGA, rate * MEGA / 8 * BURST_S))
    return "clear-policy", port, key


def prove(t, end, direction, rate, pace, *pairs):
    """Checks that the first of 'pairs' gets 'rate' Mbit/s, never more than
    that and a burst, and that the other is not held to it.  Returns false if
    the machine is too slow to tell, or it is past 'end'."""
    slow = 0
    for _ in range(TRIES):
        if time.monotonic() > end:
            return False
        undo = shape(t, direction, rate)
        rates = measure(t, pace, *pairs)
        t.ctl(*undo)
        got = rates.pop("a")
        assert got < 1.1 * rate * (1 + BURST_S / WINDOW_S), (rate, got)
        if near(got, rate) and all(other > 2 * rate
                                   for other in rates.values()):
            return True
        t.notes.append("unshaped")
        free = measure(t, pace and ENOUGH * pace, *pairs)
        slow += any(other < ENOUGH * rate for other in free.values())
        if slow == SLOW:
            return False
    assert slow, "%s Mbit/s instead of %s, and %s" % (got, rate, rates)
    return False


def prove_all(t, rates, mtu=1500):
    """Checks TCP and UDP, in and out, at each of 'rates'."""
    four(t)
    t.ctl("set-portgroup", "web", "override=block,shaping")
    set_mtu(t, mtu)
    unknown = []
    end = time.monotonic() + PATIENCE_S
    for rate in rates:
        for direction in "in", "out":
            for protocol, pace in ("TCP", None), ("UDP", EXCESS * rate):
                what = "%s %s %d" % (direction, protocol, rate)
                t.notes.append(what + ":")
                if not prove(t, end, direction, rate, pace, "ab"):
                    unknown.append(what)
    close(t, unknown)


def close(t, unknown):
    set_mtu(t, 1500)
    t.ctl("set-portgroup", "web", "override=block")
    if unknown:
        raise Skip("the machine is too slow for %s; %s" % (
            ", ".join(unknown), " ".join(t.notes)))


def test_rates(t):
    """TCP and UDP get the average rate, in and out"""
    prove_all(t, USERSPACE[0] if is_userspace(t) else KERNEL[0])


def test_fast(t):
    """TCP and UDP get an average rate that is near what can be had"""
    if is_userspace(t):
        prove_all(t, USERSPACE[1:], 9000)
    else:
        prove_all(t, KERNEL[1:])


def test_others(t):
    """another port is not held to the rate of one"""
    four(t)
    t.ctl("set-portgroup", "web", "override=block,shaping")
    end = time.monotonic() + PATIENCE_S
    close(t, [direction for direction in ("in", "out")
              if not prove(t, end, direction, 10, 30, "ab", "cd")])


def test_under_traffic(t):
    """shaping changes under traffic that stays below it, and nothing is
    lost"""
    stream = t.stream(t.vm("a", "host1"), t.vm("b", "host1"))
    for policy in (("shape-in=10M,20M,1M", "shape-out=10M,10M,1M"),
                   ("shape-in=5M,5M,1M", "shape-out=10M,20M,1M"),
                   ("shape-in=off", "shape-out=20M,20M,1M"),
                   ("shape-in=20M,30M,1M", "shape-out=off")):
        t.ctl("set-policy", "web", *policy)
        stream.run(0.3)
    t.ctl("clear-policy", "web", "shape-in", "shape-out")
    stream.run(0.3)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost == 0, stream.lost
    assert not stream.duplicates, stream.duplicates

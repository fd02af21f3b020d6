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

from test_bandwidth import Flow, near, pump

LAB = {"hosts": 2, "uplinks": 1}
ALONE = True

WARM_UP_S = 1.5
WINDOW_S = 2

# How long a burst takes to fill.
BURST_S = 0.5

# A busy machine may be too slow for a rate for a while, but not always.
TRIES = 4

MEGA = 1000 * 1000


def four(t):
    """Starts VMs: a sends to b, and c to d."""
    for i, name in enumerate("abcd", 1):
        t.vm(name, "host1")
        t.lab.vms.machine(name).ip("addr", "replace", "10.9.0.%d/24" % i,
                                   "dev", "eth0")


def measure(t, flood, *pairs):
    """Returns what flows between 'pairs' of VMs get while all of them send, in
    Mbit/s."""
    flows = []
    try:
        for sender, receiver in pairs:
            flows.append(Flow(
                sender, t.lab.vms.machine(sender),
                t.lab.vms.machine(receiver), "eth0",
                "10.9.0.%d" % ("abcd".index(receiver) + 1), flood))
        pump(flows, WARM_UP_S)
        rates = pump(flows, WINDOW_S)
    finally:
        for flow in flows:
            flow.close()
    t.notes.append(" ".join("%s=%.1f" % item for item in rates.items()) + ";")
    print(t.notes[-1], file=sys.stderr)
    return rates


def prove(t, rate, flood, *pairs):
    """Checks that the first of 'pairs' gets 'rate' Mbit/s, never more than
    that and a burst, and that the other is not held to it."""
    for _ in range(TRIES):
        rates = measure(t, flood, *pairs)
        got = rates.pop("a")
        assert got < 1.1 * rate * (1 + BURST_S / WINDOW_S), (rate, got)
        if near(got, rate) and all(other > 2 * rate
                                   for other in rates.values()):
            return
    raise AssertionError("%s Mbit/s instead of %s, and %s"
                         % (got, rate, rates))


def test_rates(t):
    """TCP and UDP get the average rate, in and out; another port all"""
    four(t)
    for direction, vm, rate, flood, pairs in (
            ("in", "a", 10, True, ("ab", "cd")),
            ("in", "a", 100, False, ("ab",)),
            ("out", "b", 10, False, ("ab", "cd")),
            ("out", "b", 100, True, ("ab",))):
        port = "prod:" + t.vms[vm].key
        key = "shape-" + direction
        t.ctl("set-portgroup", "web", "override=block,shaping")
        t.ctl("set-policy", port, "%s=%d,%d,%d" % (
            key, rate * MEGA, rate * MEGA, rate * MEGA / 8 * BURST_S))
        t.notes.append("%s, %s, %d:" % (key, "UDP" if flood else "TCP", rate))
        prove(t, rate, flood, *pairs)
        t.ctl("clear-policy", port, key)
    t.ctl("set-portgroup", "web", "override=block")


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

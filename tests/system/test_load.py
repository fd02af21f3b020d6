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


"""Load-based teaming: a busy port moves to an uplink that has room."""

import time

# It counts milliseconds.
ALONE = True

# Percent of the NICs' 10 Gbit/s: 0.7 Mbit/s.  A stream has about 0.5.
THRESHOLD = "0.007"


def prepare(t):
    """Makes a portgroup with load-based teaming."""
    t.ctl("--may-exist", "add-portgroup", "prod", "load", "vlan=40", "--",
          "set-policy", "prod/load", "teaming=load")
    t.ctl("set", "DVS_Global", ".", "options:load_balance_interval=2",
          "options:load_balance_threshold=" + THRESHOLD)


def pair(t):
    """Starts VMs on host1 until two of them have the same uplink."""
    by_uplink = {}
    for name in "abc":
        vm = t.vm(name, "host1", "load")
        by_uplink.setdefault(vm.uplink_nic(), []).append(vm)
    return next(vms for vms in by_uplink.values() if len(vms) > 1)[:2]


def test_busy_port_moves(t):
    """of two busy ports on one uplink one moves, and nothing is lost"""
    prepare(t)
    a, b = pair(t)
    x, y = t.vm("x", "host2", "load"), t.vm("y", "host2", "load")
    first = a.uplink_nic()
    streams = [t.stream(a, x), t.stream(b, y)]
    # Traffic that comes in counts, too.
    t.until(lambda: a.uplink_nic() != b.uplink_nic(), "a port moves", 30)
    moved = a if a.uplink_nic() != first else b
    second = moved.uplink_nic()
    back = t.stream(x if moved is a else y, moved)
    # It stays there: neither uplink is above the threshold now.
    end = time.monotonic() + 5
    while time.monotonic() < end:
        assert moved.uplink_nic() == second
        back.run(0.2)
    for stream in [*streams, back]:
        stream.stop()
        t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    for stream in [*streams, back]:
        assert stream.lost <= 20, stream.lost
        assert not stream.duplicates, stream.duplicates

    # A restarted agent leaves it there.
    before = t.flows("host1")
    t.restart("agent", "host1")
    t.settled()
    assert t.flows("host1") == before
    assert moved.uplink_nic() == second


def test_quiet_ports_stay(t):
    """ports without much traffic stay where they are"""
    prepare(t)
    vms = [t.vm(name, "host1", "load") for name in "abc"]
    before = [vm.uplink_nic() for vm in vms]
    stream = t.stream(vms[0], t.vm("x", "host2", "load"))
    stream.run(5)
    stream.stop()
    assert [vm.uplink_nic() for vm in vms] == before
    t.ctl("remove", "DVS_Global", ".", "options", "load_balance_interval",
          "--", "remove", "DVS_Global", ".", "options",
          "load_balance_threshold")

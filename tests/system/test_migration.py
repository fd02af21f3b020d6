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

"""Virtual machines that move."""

import time

from traffic import BROADCAST

# It counts milliseconds.
ALONE = True

# How long after its old NIC has gone a silent VM may be out of reach, in s.
SILENCE = 0.15


def test_key(t):
    """a VM keeps its port key, MAC and portgroup when it moves"""
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    key = a.key
    for host in ("host2", "host3", "host1"):
        t.lab.vms.move("a", host)
        t.until(lambda: states(t, a) == [host], "only %s has a" % host)
        assert a.key == key, a.state()
        t.expect("a", BROADCAST, ["b", "c"])
        t.expect("b", "a", ["a"])
        t.expect("c", "a", ["a"])


def states(t, vm):
    """Returns which hosts claim the VM's NIC."""
    return [row["host"] for row in t.lab.dvs().rows(
        "Port_State", ["nic", "==", vm.row["nic"]])]


def test_old_host_lets_go(t):
    """where a VM has been nothing is left of it"""
    t.vm("b", "host1")
    before = t.flows("host1")
    a = t.vm("a", "host1")
    t.lab.vms.move("a", "host2")
    t.until(lambda: states(t, a) == ["host2"], "host1 lets go")
    t.settled()
    assert t.flows("host1") == before


def check_stream(t, sender, receiver, vm, host, **how):
    """Moves 'vm' to 'host' while 'sender' sends to 'receiver'; nothing may be
    lost or come twice but for what falls into the pause."""
    stream = t.stream(sender, receiver)
    moved = t.lab.vms.move(vm.name, host, **how)
    stream.run(0.5)
    stream.stop()
    pause = moved["paused"] * 1000
    t.notes.append("%s to %s: %d of %d lost, pause %d ms" % (
        sender.name, receiver.name, stream.lost, stream.sent, pause))
    assert stream.lost <= pause + 5, (stream.lost, pause)
    assert not stream.duplicates, stream.duplicates
    return moved


def test_stream_third(t):
    """a stream between a moving VM and a third host loses only the pause"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    check_stream(t, c, a, a, "host3")
    check_stream(t, a, c, a, "host1")


def test_stream_destination(t):
    """a stream between a moving VM and its destination loses only the pause"""
    a, c = t.vm("a", "host1"), t.vm("c", "host3")
    check_stream(t, c, a, a, "host3")
    t.lab.vms.move("a", "host1")
    check_stream(t, a, c, a, "host3")


def test_stream_source(t):
    """a stream between a moving VM and its source loses only the pause"""
    a, c = t.vm("a", "host1"), t.vm("c", "host1")
    check_stream(t, c, a, a, "host3")
    t.lab.vms.move("a", "host1")
    check_stream(t, a, c, a, "host3")


def actives(t, vm):
    """Returns the hosts that deliver to 'vm', and those that do not."""
    rows = t.lab.dvs().rows("Proxy_Port", ["nic", "==", vm.row["nic"]])
    return tuple(sorted(row["host"] for row in rows if row["active"] == is_it)
                 for is_it in (True, False))


def test_old_nic_lingers(t):
    """delivery follows the VM though its old NIC is still plugged in"""
    a, c = t.vm("a", "host1"), t.vm("c", "host1")
    moved = check_stream(t, c, a, a, "host2", unplug=False)
    t.until(lambda: actives(t, a) == (["host2"], ["host1"]), "host2 delivers")
    t.expect("c", "a", ["a"])
    t.expect("a", BROADCAST, ["c"])
    t.lab.vms._unplug(moved["old"])
    t.until(lambda: actives(t, a) == (["host2"], []), "host1 has gone")


def test_silent(t):
    """delivery follows a VM that does not say a word on arrival"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    t.lab.vms.move("a", "host3", announce=False)
    t.until(lambda: actives(t, a) == (["host3"], []), "host3 delivers")
    t.settled()
    t.expect("c", "a", ["a"])


def test_stream_silent(t):
    """a VM that does not say a word is reached as soon as its old NIC goes"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    for host in ("host3", "host1") * 3:
        stream = t.stream(c, a)
        t.lab.vms.move("a", host, announce=False)
        gone = time.time()
        stream.run(1.0)
        stream.stop()
        first = min(when for when, _ in stream.arrivals if when > gone)
        t.notes.append("%s: %d of %d lost;" % (host, stream.lost, stream.sent))
        assert first - gone < SILENCE, "out of reach for %.3f s" % (
            first - gone)
        assert not stream.duplicates, stream.duplicates


def test_policy_follows(t):
    """a port's own policy is in force where its VM goes"""
    a = t.vm("a", "host1")
    t.vm("c", "host2")
    t.ctl("block", "prod:" + a.key)
    t.lab.vms.move("a", "host3")
    t.settled()
    t.expect("a", BROADCAST, [])
    t.expect("c", BROADCAST, [])
    t.ctl("unblock", "prod:" + a.key)
    t.expect("a", BROADCAST, ["c"])

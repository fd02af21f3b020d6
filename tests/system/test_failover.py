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

"""Cables pulled under a stream of 1,000 frames a second."""

from traffic import BROADCAST

# It counts milliseconds.
ALONE = True

# Frames, so milliseconds.
MAX_LOST = 100


def check(t, stream):
    stream.stop()
    t.notes.append("%d of %d lost, longest gap %.0f ms"
                   % (stream.lost, stream.sent, stream.gap() * 1000))
    assert stream.lost < MAX_LOST, "%d lost" % stream.lost
    assert not stream.duplicates, "%d duplicates" % stream.duplicates


def test_sender(t):
    """the sender's active uplink: less than 100 ms are lost"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    t.lab.cable("host1", a.uplink_nic(), False)
    stream.run(1.5)
    check(t, stream)


def test_receiver(t):
    """the receiver's active uplink: less than 100 ms are lost"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    t.lab.cable("host2", c.uplink_nic(), False)
    stream.run(1.5)
    check(t, stream)


def test_standby_uplink(t):
    """a cable that a VM does not use: nothing is lost"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    other = {"nic1": "nic2", "nic2": "nic1"}[a.uplink_nic()]
    stream = t.stream(a, c)
    t.lab.cable("host1", other, False)
    stream.run(0.7)
    t.lab.cable("host1", other, True)
    stream.run(0.7)
    stream.stop()
    assert stream.lost == 0, "%d lost" % stream.lost


def test_state(t):
    """the port tells which uplink it uses, before, during and after"""
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    first = a.uplink_nic()
    second = {"nic1": "nic2", "nic2": "nic1"}[first]
    t.lab.cable("host1", first, False)
    t.until(lambda: a.uplink_nic() == second, "a uses " + second)
    t.expect("a", BROADCAST, ["b", "c"])
    t.lab.cable("host1", first, True)
    t.until(lambda: a.uplink_nic() == first, "a is back on " + first)
    t.expect("a", BROADCAST, ["b", "c"])
    t.expect("c", BROADCAST, ["a", "b"])


def test_all_down(t):
    """without any uplink the VMs of a host still reach each other"""
    t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    for nic in t.lab.nics:
        t.lab.cable("host1", nic, False)
    t.expect("a", BROADCAST, ["b"])
    for nic in t.lab.nics:
        t.lab.cable("host1", nic, True)
    t.until(lambda: "c" in t.deliver("a", BROADCAST), "c hears a again")

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

from traffic import BROADCAST


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


def test_stream(t):
    """a stream to a moving VM: what is lost"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(c, a)
    t.lab.vms.move("a", "host3")
    stream.run(1)
    stream.stop()
    t.notes.append("%d of %d lost" % (stream.lost, stream.sent))
    assert stream.lost < 500, stream.lost


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

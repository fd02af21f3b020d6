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

"""Reservations: what NICs are promised, and what becomes of it when uplinks
fail and when machines move."""

import contextlib

from dvslab.util import LabError
from traffic import BROADCAST

LAB = {"hosts": 2}

ROOM = 100


@contextlib.contextmanager
def managed(t):
    """Has virtual machines reserve ROOM Mbit/s of each uplink."""
    t.ctl("set-traffic-class", "prod", "virtual-machine",
          "reservation=%d" % ROOM,
          "--", "set-switch", "prod", "resource-management=yes")
    try:
        yield
    finally:
        for vm in t.vms.values():
            t.ctl("clear", "VNIC", vm.row["nic"], "reservation")
        t.ctl("set-switch", "prod", "resource-management=",
              "--", "set-traffic-class", "prod", "virtual-machine",
              "reservation=")
        t.until(lambda: not any(row["faults"] for row in
                                t.lab.dvs().rows("Proxy_State")),
                "no fault is left")


def reserve(t, vm, mbits):
    t.ctl("set", "VNIC", vm.row["nic"], "reservation=%d" % mbits)
    assert nic(t, vm)["reserved"] == mbits, nic(t, vm)


def nic(t, vm):
    row, = t.lab.dvs().rows("VNIC", ["id", "==", vm.row["nic"]])
    return row


def host(t, name):
    row, = t.lab.dvs().rows("Host_Member", ["host", "==", name])
    return row


def granted(t, vm):
    """Returns what hosts are told to keep for the VM's NIC."""
    return {row["host"]: row["reservation"] for row in
            t.lab.dvs().rows("Proxy_Port", ["nic", "==", vm.row["nic"]])}


def events(t):
    return [(row["type"], row["host"]) for row in
            sorted(t.lab.dvs().rows("Event"), key=lambda r: r["sequence"])
            if row["type"].startswith("HostReservationViolation")]


def test_uplink_lost(t):
    """an uplink that fails violates reservations, and cuts nobody off"""
    a, b = t.vm("a", "host1"), t.vm("b", "host1")
    t.vm("c", "host2")
    before = events(t)
    with managed(t):
        for vm in a, b:
            reserve(t, vm, 80)
        n_uplinks = len(host(t, "host1")["uplinks"])
        bandwidth = {"capacity": n_uplinks * ROOM, "used": 160,
                     "available": n_uplinks * ROOM - 160}
        t.until(lambda: host(t, "host1")["bandwidth"] == bandwidth,
                "host1 has %s" % bandwidth)
        assert host(t, "host1")["bandwidth_status"] == "green"

        # Each has its place on an uplink: with one left, one has none.
        for i in range(1, n_uplinks):
            t.lab.cable("host1", "nic%d" % (i + 1), False)
        t.until(lambda: host(t, "host1")["bandwidth_status"] == "red",
                "host1 cannot keep what it has promised")
        assert host(t, "host1")["bandwidth"]["available"] == ROOM - 160
        assert granted(t, a) == granted(t, b) == {"host1": 80}
        t.expect("c", BROADCAST, ["a", "b"])
        t.expect("a", BROADCAST, ["b", "c"])

        for i in range(1, n_uplinks):
            t.lab.cable("host1", "nic%d" % (i + 1), True)
        t.until(lambda: host(t, "host1")["bandwidth_status"] == "green",
                "host1 can keep it again")
        assert events(t)[len(before):] == [
            ("HostReservationViolationRaiseEvent", "host1"),
            ("HostReservationViolationClearEvent", "host1")], events(t)


def test_move(t):
    """a VM moves to a host only once that has room for its reservation"""
    a, b = t.vm("a", "host1"), t.vm("b", "host2")
    t.vm("c", "host1")
    with managed(t):
        n_uplinks = len(host(t, "host2")["uplinks"])
        others = [b] + [t.vm("b%d" % i, "host2") for i in range(1, n_uplinks)]
        for vm in [a] + others:
            reserve(t, vm, 60)

        # The lab's machines move as libvirt's do, when their port works.
        try:
            t.lab.vms.move("a", "host2")
        except LabError as e:
            assert "InsufficientNetworkCapacity" in str(e), e
        else:
            raise AssertionError("host2 has taken in more than it can keep")
        t.until(lambda: not nic(t, a)["faults"], "the NIC is well on host1")
        assert granted(t, a) == {"host1": 60}, granted(t, a)
        t.expect("c", "a", ["a"])

        t.ctl("clear", "VNIC", b.row["nic"], "reservation")
        t.lab.vms.move("a", "host2")
        t.until(lambda: granted(t, a) == {"host2": 60}, "host1 lets go")
        assert nic(t, a)["reserved"] == 60 and not nic(t, a)["faults"]
        t.expect("c", "a", ["a"])
        t.expect("a", BROADCAST, ["c"] + [vm.name for vm in others])


def test_merge(t):
    """NICs of a merged switch keep what is reserved for them, and their pool"""
    t.lab.ctl("--timeout=20", "del-host", "prod", "host2")
    t.ctl("add-switch", "old", "uplinks=2", "datapath=netdev",
          "resource-management=yes",
          "--", "set-traffic-class", "old", "virtual-machine",
          "reservation=%d" % ROOM,
          "--", "add-host", "old", "host2", "uplink1=nic1", "uplink2=nic2",
          "--", "add-pool", "old", "gold", "quota=120",
          "--", "add-portgroup", "old", "app", "vlan=10", "pool=gold")
    a = t.vm("a", "host1")
    c, d = t.vm("c", "host2", "old/app"), t.vm("d", "host2", "old/app")
    with managed(t):
        for vm in c, d:
            reserve(t, vm, 60)
            t.until(lambda vm=vm: granted(t, vm) == {"host2": 60},
                    "host2 keeps it")
        stream = t.stream(c, d)
        t.ctl("merge-switch", "old", "prod")
        stream.run(1)
        stream.stop()

        def check():
            for vm in c, d:
                assert nic(t, vm)["reserved"] == 60, nic(t, vm)
                assert not nic(t, vm)["faults"], nic(t, vm)
                assert granted(t, vm) == {"host2": 60}, granted(t, vm)
            pool, = t.lab.dvs().rows("Resource_Pool")
            assert pool["bandwidth"] == {
                "capacity": 120, "used": 120, "available": 0}, pool
            assert pool["bandwidth_status"] == "green", pool
            assert not pool["faults"], pool
            assert host(t, "host2")["bandwidth"]["used"] == 120
            t.expect("a", "c", ["c"])
            t.expect("c", "d", ["d"])

        assert c.state()["switch"] == a.state()["switch"]
        check()
        t.restart("agent", "host2")
        t.restart("controller")
        t.settled()
        check()
        t.ctl("set-policy", "prod/app", "pool=none",
              "--", "del-pool", "prod", "gold")
        # As long as the bridge has the old name, the host says so.
        t.unplug("c")
        t.unplug("d")
    assert stream.lost < 200, "%d lost" % stream.lost

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

"""Physical NICs that come, go and are replaced while they are uplinks."""

import contextlib

from traffic import BROADCAST

WIRES = 'ip link add nic9 type veth peer name wire9 && ' \
        'ip link set wire9 up'


def reported(t):
    """Returns the row of nic9, or None."""
    rows = t.lab.dvs().rows("Physical_NIC", ["host", "==", "host1"],
                            ["name", "==", "nic9"])
    return rows[0] if rows else None


def state(t):
    rows = t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"])
    assert len(rows) == 1
    return rows[0]


@contextlib.contextmanager
def nic9(t):
    """A NIC more on host1: nic9, of which wire9 is the other end.  It takes
    the place of nic2 as uplink2, and portgroup "nine" uses it alone."""
    host = t.lab.machine("host1")
    host.run("sh", "-c", WIRES)
    t.until(lambda: reported(t), "nic9 is reported")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1", "uplink2=nic9")
    t.ctl("add-portgroup", "prod", "nine", "vlan=9", "active=uplink2")
    try:
        yield host
    finally:
        for vm in list(t.vms.values()):
            vm.nic.close()
            t.lab.vms.remove(vm.name)
        t.vms.clear()
        t.forget_nics()
        t.ctl("del-portgroup", "prod/nine")
        t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1", "uplink2=nic2")
        if "nic9" in host.devices():
            host.ip("link", "del", "nic9")
        t.until(lambda: not reported(t), "nic9 is gone")


def leaves_by_nic9(t):
    """Checks that VM a's frames leave host1 on wire9, once each."""
    wire = t.wire("host1", "wire9")
    t.expect("a", BROADCAST, {"wire9": [9]}, extra={"wire9": wire})


def test_reported(t):
    """a NIC is reported while it is there, with its link"""
    host = t.lab.machine("host1")
    assert not reported(t)
    host.ip("link", "add", "nic9", "type", "veth", "peer", "name", "wire9")
    t.until(lambda: reported(t), "nic9 is reported")
    assert reported(t)["link_up"] is False
    host.ip("link", "set", "nic9", "up")
    host.ip("link", "set", "wire9", "up")
    t.until(lambda: reported(t)["link_up"] is True, "nic9's link is up")
    host.ip("link", "set", "nic9", "mtu", "1400")
    t.until(lambda: reported(t)["mtu"] == 1400, "nic9's MTU is 1400")
    host.ip("link", "set", "nic9", "down")
    host.ip("link", "set", "nic9", "name", "other9")
    t.until(lambda: not reported(t), "nic9 is gone")
    host.ip("link", "set", "other9", "name", "nic9")
    t.until(lambda: reported(t), "nic9 is back")
    host.ip("link", "del", "nic9")
    t.until(lambda: not reported(t), "nic9 is gone")


def test_uplink_goes(t):
    """an uplink's NIC goes and comes back: said, and put right"""
    with nic9(t) as host:
        t.vm("a", "host1", "nine")
        leaves_by_nic9(t)
        host.ip("link", "del", "nic9")
        t.until(lambda: state(t)["status"] == "warning"
                and "nic9" in state(t)["detail"], "nic9 is missed")
        assert state(t)["uplinks"] == {"uplink1": "up", "uplink2": "down"}
        assert t.vms["a"].state()["uplink"] == ""
        host.run("sh", "-c", WIRES)
        t.until(lambda: state(t)["status"] == "up", "all is well")
        leaves_by_nic9(t)


def test_uplink_replaced(t):
    """another device of the same name takes the place of an uplink's NIC"""
    with nic9(t) as host:
        t.vm("a", "host1", "nine")
        leaves_by_nic9(t)
        for _ in range(3):
            host.run("sh", "-c", "ip link del nic9 && " + WIRES)
            t.until(lambda: t.vms["a"].state()["uplink"] == "uplink2"
                    and state(t)["status"] == "up", "all is well")
            t.settled()
            leaves_by_nic9(t)

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

"""The switch's MTU: what a host's NICs carry."""

LAB = {"hosts": 2, "uplinks": 1}


def mtu_of(t, host, device):
    """Returns the MTU of a device of a host."""
    words = t.lab.machine(host).ip("link", "show", "dev", device).split()
    return int(words[words.index("mtu") + 1])


def test_follows(t):
    """bridge and physical NICs have the switch's MTU, whatever it becomes"""
    for mtu in (9000, 1600, 1500):
        t.ctl("set-switch", "prod", "mtu=%d" % mtu)
        for host in ("host1", "host2"):
            for device in ("nic1", t.lab.bridge(host, "prod")):
                t.until(lambda: mtu_of(t, host, device) == mtu,
                        "%s of %s has %d" % (device, host, mtu))


def test_jumbo(t):
    """frames of 9,000 bytes pass between hosts"""
    t.ctl("set-switch", "prod", "mtu=9000")
    a, b = t.vm("a", "host1"), t.vm("b", "host2")
    for vm in (a, b):
        t.lab.vms.machine(vm.name).ip("link", "set", "eth0", "mtu", "9000")
        t.lab.machine(vm.host).ip("link", "set", vm.row["vnet"], "mtu",
                                  "9000")
    address = b.row["ip"].partition("/")[0]
    t.lab.vms.machine("a").run("ping", "-c1", "-W5", "-Mdo", "-s8972",
                               address)


def test_too_small(t):
    """a host says which NIC does not carry the switch's MTU"""
    host = t.lab.machine("host1")
    host.ip("link", "add", "small0", "type", "veth", "peer", "name", "small1")
    host.ip("link", "add", "link", "small0", "name", "nic9", "type", "macvlan")

    def faults():
        row, = t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"])
        return str(row["faults"])

    t.until(lambda: t.lab.dvs().rows(
        "Physical_NIC", ["host", "==", "host1"], ["name", "==", "nic9"]),
        "host1 reports nic9")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic9")
    t.ctl("set-switch", "prod", "mtu=9000")
    t.until(lambda: 'NIC "nic9" for "uplink1" does not carry 9000 bytes'
            in faults(), "the fault")
    t.ctl("set-switch", "prod", "mtu=1500")
    t.until(lambda: "nic9" not in faults(), "the fault goes")
    t.ctl("set-uplinks", "prod", "host1", "uplink1=nic1")
    t.settled()
    host.ip("link", "del", "nic9")
    host.ip("link", "del", "small0")

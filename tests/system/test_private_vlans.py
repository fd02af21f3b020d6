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

"""Private VLANs: who reaches whom, on one host and across hosts."""

from traffic import BROADCAST

# Portgroup -> its id, and the portgroups that it reaches.
ROLES = {
    "prom": (100, ["prom", "iso", "ca", "cb"]),
    "iso": (101, ["prom"]),
    "ca": (102, ["prom", "ca"]),
    "cb": (103, ["prom", "cb"]),
}


def private_vlans(t):
    """Makes the private VLAN, and a portgroup for each role."""
    t.ctl("--may-exist", "add-pvlan", "prod", "100", "--",
          "--may-exist", "add-pvlan", "prod", "100", "101", "isolated", "--",
          "--may-exist", "add-pvlan", "prod", "100", "102", "community", "--",
          "--may-exist", "add-pvlan", "prod", "100", "103", "community")
    for name, (vlan, _) in ROLES.items():
        t.ctl("--may-exist", "add-portgroup", "prod", name,
              "vlan=private:%d" % vlan)


def reach(t, hosts):
    """Starts a VM of each role on each of 'hosts', and checks who reaches
    whom, and with which tag."""
    private_vlans(t)
    roles = {}
    for host in hosts:
        for role in ROLES:
            name = "%s-%s%d" % (role, host, len(roles))
            roles[name] = role
            t.vm(name, host, "prod/" + role)
    wires = {}
    for host in set(hosts):
        for nic in t.lab.nics:
            wires["%s-%s" % (host, nic)] = t.wire(
                "tor", "%s-%s" % (host, nic))
    for sender, role in roles.items():
        vlan, reached = ROLES[role]
        want = {name: [None] for name, other in roles.items()
                if name != sender and other in reached}
        vm = t.vms[sender]
        out = "%s-%s" % (vm.host, vm.uplink_nic())
        got = t.deliver(sender, BROADCAST, expected=want, extra=wires)
        tags = {name: got.pop(name) for name in list(got) if name in wires}
        assert got == want, "%s reaches %s, not %s" % (sender, got, want)
        assert tags.get(out) == [vlan], "%s: %s" % (sender, tags)
        for name in roles:
            if name != sender:
                t.expect(sender, name, [name] if name in want else [],
                         settle=0.05)


def test_one_host(t):
    """promiscuous, isolated and community ports of one host"""
    reach(t, ["host1", "host1"])


def test_two_hosts(t):
    """promiscuous, isolated and community ports of two hosts"""
    reach(t, ["host1", "host2"])


def test_in_use(t):
    """a private VLAN that is in use does not go"""
    private_vlans(t)
    t.vm("p", "host1", "prod/prom")
    t.vm("i", "host2", "prod/iso")
    error = t.ctl_fails("del-pvlan", "prod", "101")
    assert "ResourceInUse" in error, error
    # A client that does not ask first: the hosts keep what they had.
    t.ctl("destroy", "Private_VLAN", t.lab.ctl(
        "--bare", "--columns=_uuid", "find", "Private_VLAN",
        "secondary=101").strip())
    t.until(lambda: "ResourceInUse" in t.lab.ctl("get", "Switch", "prod",
                                                 "faults"),
            "the switch is at fault")
    t.expect("i", "p", ["p"])
    t.ctl("add-pvlan", "prod", "100", "101", "isolated")
    t.until(lambda: t.lab.ctl("get", "Switch", "prod", "faults").strip()
            == "[]", "the switch is well again")
    t.expect("p", "i", ["i"])

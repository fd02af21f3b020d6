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

"""NICs that hosts have for their own traffic."""

import contextlib

from dvslab.util import LabError

LAB = {"hosts": 2, "uplinks": 2}


def device(t, host, name):
    """Returns what ip(8) says of a device of a host, "" if there is none."""
    try:
        return t.lab.machine(host).ip("-o", "link", "show", "dev", name)
    except LabError:
        return ""


def index(t, host, name):
    """Returns the kernel's number of a device: another one has another."""
    return device(t, host, name).partition(":")[0]


def connect(t, host, name, where="web", *keys):
    t.ctl("connect", "%s/%s" % (host, name), where, "kind=host",
          "host=" + host, *keys)


def mac(t, host, name):
    nic, = t.lab.dvs().rows("Port_State", ["nic", "==",
                                           "%s/%s" % (host, name)])
    assert (nic["kind"], nic["host"]) == ("host", host)
    return nic["mac"]


@contextlib.contextmanager
def nics(t, *names):
    """Takes the NICs out at the end."""
    try:
        yield
    finally:
        for name in names:
            t.ctl("--if-exists", "disconnect", name)


def address(t, host, name, ip):
    t.lab.machine(host).ip("addr", "replace", ip + "/24", "dev", name)


def ping(t, host, ip):
    try:
        t.lab.machine(host).run("ping", "-c1", "-W2", ip)
    except LabError:
        return False
    return True


def test_traffic(t):
    """hosts talk through their NICs, by the portgroup's policy"""
    with nics(t, "host1/vmk0", "host2/vmk0"):
        for i, host in enumerate(("host1", "host2")):
            connect(t, host, "vmk0")
            assert "state UP" in device(t, host, "vmk0") \
                or "state UNKNOWN" in device(t, host, "vmk0")
            assert mac(t, host, "vmk0") in device(t, host, "vmk0")
            address(t, host, "vmk0", "10.9.0.%d" % (i + 1))
        t.until(lambda: ping(t, "host1", "10.9.0.2"), "host1 reaches host2")

        # With another VLAN, it reaches nobody, and the device is the same.
        before = index(t, "host1", "vmk0")
        connect(t, "host1", "vmk0", "db")
        assert not ping(t, "host1", "10.9.0.2")
        connect(t, "host2", "vmk0", "db")
        t.until(lambda: ping(t, "host1", "10.9.0.2"), "both in db")
        t.ctl("block", "prod/db")
        assert not ping(t, "host1", "10.9.0.2")
        t.ctl("unblock", "prod/db")
        t.until(lambda: ping(t, "host1", "10.9.0.2"), "unblocked")

        # Neither the daemons' end nor a restart of the agent concerns it.
        t.restart("agent", "host1")
        t.restart("controller")
        t.settled()
        assert index(t, "host1", "vmk0") == before
        assert ping(t, "host1", "10.9.0.2")
    assert not device(t, "host1", "vmk0")
    assert not device(t, "host2", "vmk0")
    assert not t.lab.dvs().rows("VNIC")


def test_no_loss(t):
    """a restart of the agent loses no packet of a host's NIC"""
    with nics(t, "host1/vmk0", "host2/vmk0"):
        for i, host in enumerate(("host1", "host2")):
            connect(t, host, "vmk0")
            address(t, host, "vmk0", "10.9.0.%d" % (i + 1))
        t.until(lambda: ping(t, "host1", "10.9.0.2"), "host1 reaches host2")
        t.lab.machine("host1").run(
            "sh", "-c", "ping -i0.01 -c300 10.9.0.2 >%s/pings 2>&1 &"
            % t.lab.directory)
        t.restart("agent", "host1")
        t.settled()

        def pings():
            with open(t.lab.directory + "/pings") as f:
                return f.read()
        t.until(lambda: "packets transmitted" in pings(), "pings end", 20)
        assert " 300 received" in pings(), pings()


def test_mac_and_mtu(t):
    """a NIC has the MAC and the MTU that it was given"""
    t.ctl("set-switch", "prod", "mtu=9000")
    with nics(t, "host1/vmk1"):
        connect(t, "host1", "vmk1", "web", "mac=02:00:00:00:77:01",
                "mtu=4000")
        made = index(t, "host1", "vmk1")
        for words in (("02:00:00:00:77:01", "mtu 4000"),):
            for word in words:
                t.until(lambda: word in device(t, "host1", "vmk1"), word)
        connect(t, "host1", "vmk1", "web", "mac=02:00:00:00:77:02", "mtu=")
        for word in ("02:00:00:00:77:02", "mtu 9000"):
            t.until(lambda: word in device(t, "host1", "vmk1"), word)
        assert index(t, "host1", "vmk1") == made
        t.ctl("connect", "host1/vmk1", "web", "mtu=8000")
        said = t.lab.ctl("set-switch", "prod", "mtu=1500")
        t.until(lambda: "more than the MTU" in t.lab.ctl("list-nics"),
                "the fault: " + said)
        t.ctl("connect", "host1/vmk1", "web", "mtu=")
        t.until(lambda: "mtu 1500" in device(t, "host1", "vmk1"), "1500")
        assert "more than" not in t.lab.ctl("list-nics")


def test_not_ours(t):
    """a device of that name that is there already is not touched"""
    host = t.lab.machine("host1")
    host.ip("link", "add", "vmk5", "type", "veth", "peer", "name", "other5")
    before = index(t, "host1", "vmk5")

    def faults():
        row, = t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"])
        return str(row["faults"])

    with nics(t, "host1/vmk5"):
        connect(t, "host1", "vmk5")
        t.until(lambda: 'has a device "vmk5" already' in faults(),
                "the fault")
        assert index(t, "host1", "vmk5") == before
        host.ip("link", "del", "vmk5")
        t.until(lambda: device(t, "host1", "vmk5"), "it is made")
        t.until(lambda: "vmk5" not in faults(), "the fault goes")
        t.settled()
    assert not device(t, "host1", "vmk5")


def test_faults(t):
    """what cannot be is refused"""
    for words, fault in (
            (("connect", "x", "web", "kind=host"),
             "InvalidArgument: a NIC of kind host needs host="),
            (("connect", "x", "web", "kind=host", "host=host9"),
             'NotFound: switch "prod" has no host "host9"'),
            (("connect", "x", "web", "host=host1"), "InvalidArgument"),
            (("connect", "x", "web", "kind=host", "host=host1", "mtu=9000"),
             "InvalidArgument: mtu 9000 is more than that of switch")):
        assert fault in t.ctl_fails(*words), (words, t.ctl_fails(*words))
    with nics(t, "a/vmk0", "b/vmk0", "c/vmk0"):
        t.ctl("connect", "b/vmk0", "web", "kind=host", "host=host1")
        made = index(t, "host1", "vmk0")
        assert made
        t.ctl_fails("connect", "a/vmk0", "web", "kind=host", "host=host1")
        assert 'device "vmk0" of host "host1" is NIC "b/vmk0"' \
            in t.lab.ctl("list-nics")
        assert "ResourceInUse" in t.ctl_fails("del-host", "prod", "host1")
        t.settled()
        assert index(t, "host1", "vmk0") == made
        t.ctl("disconnect", "b/vmk0")
        t.until(lambda: index(t, "host1", "vmk0") not in ("", made),
                "the other one gets the device")
        t.settled()
        assert "DuplicateName" not in t.lab.ctl("list-nics")


def test_kinds_of_portgroup(t):
    """late-binding and ephemeral portgroups serve hosts' NICs too"""
    t.ctl("add-portgroup", "prod", "late", "type=dynamic", "ports=2", "--",
          "add-portgroup", "prod", "eph", "type=ephemeral")
    with nics(t, "host1/vmk0"):
        for where in ("late", "eph", "web"):
            connect(t, "host1", "vmk0", where)
            assert mac(t, "host1", "vmk0") in device(t, "host1", "vmk0")
        made = index(t, "host1", "vmk0")
        # Long unseen, it stays: it is not the agent's to come and go.
        connect(t, "host1", "vmk0", "eph")
        assert index(t, "host1", "vmk0") == made
    t.ctl("del-portgroup", "late", "--", "del-portgroup", "eph")

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

"""Network I/O Control, measured: what classes of traffic get of an uplink.

Only on the kernel's datapath; on the other one, the host has to say that it
cannot."""

import contextlib
import select
import socket
import time

from harness import Skip

LAB = {"hosts": 2, "uplinks": 1}
TIMEOUT_S = 500

# What to measure at, until all is right: the speed of the uplink in Mbit/s, and
# whether the flows are floods of datagrams rather than TCP, which keeps queues
# filled only on a machine that has time to spare.  What is wrong for another
# reason than that is wrong at all of them.
WAYS = ((100, False), (20, True), (5, True))

WARM_UP_S = 3
WINDOW_S = 4


class Flow:
    """As much as goes through from one machine to a device of another.

    It has several connections, since the kernel has each keep only a few
    packets in a queue, and a class that is to get its share must never run
    dry.  Instead, it may be a flood of datagrams, which minds no loss, of as
    many Mbit/s as 'pace' says, if anything.  What is counted is what the
    device gets."""

    CONNECTIONS = 6

    def __init__(self, name, sender, receiver, device, address, flood,
                 connections=CONNECTIONS, pace=None):
        self.name = name
        self.pace = pace
        self.due = 0            # When to send again, if there is a pace.
        self.receiver = receiver
        self.device = device
        kind = socket.SOCK_DGRAM if flood else socket.SOCK_STREAM
        with receiver.inside():
            sink = socket.socket(type=kind)
        sink.bind((address, 0))
        with sender.inside():
            self.sources = [socket.socket(type=kind)
                            for _ in range(connections)]
        if flood:
            self.data = bytes(28000)    # The kernel cuts it into packets.
            self.sinks = [sink]
        else:
            self.data = bytes(1 << 18)
            sink.listen(connections)
        for source in self.sources:
            source.settimeout(20)
            source.connect(sink.getsockname())
        if not flood:
            self.sinks = [sink.accept()[0] for _ in self.sources]
            sink.close()
        for s in self.sources + self.sinks:
            s.setblocking(False)

    def close(self):
        for s in self.sources + self.sinks:
            s.close()

    def send(self, source):
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            source.send(self.data)
        if self.pace:
            # What a busy machine has kept it from is sent later, but not all
            # at once.
            self.due = max(self.due + len(self.data) * 8 / (self.pace * 1e6),
                           time.monotonic() - 0.02)

    def received(self):
        """Returns how many bytes have arrived."""
        with self.receiver.inside(), open("/proc/thread-self/net/dev") as f:
            for line in f:
                name, _, counters = line.partition(":")
                if name.strip() == self.device:
                    return int(counters.split()[0])
        raise AssertionError("no device " + self.device)


def pump(flows, seconds):
    """Lets all flow for so long, and returns what each got, in Mbit/s."""
    sources = {source: flow for flow in flows for source in flow.sources}
    sinks = [sink for flow in flows for sink in flow.sinks]
    start = time.monotonic()
    before = {flow: flow.received() for flow in flows}
    while (now := time.monotonic()) - start < seconds:
        due = [source for source, flow in sources.items() if flow.due <= now]
        wait = 0.1 if due else min(flow.due for flow in flows) - now
        readable, writable, _ = select.select(sinks, due, [], wait)
        for sink in readable:
            with contextlib.suppress(BlockingIOError):
                sink.recv(1 << 18)
        for source in writable:
            sources[source].send(source)
    after = {flow: flow.received() for flow in flows}
    elapsed = time.monotonic() - start
    return {flow.name: (after[flow] - before[flow]) * 8 / elapsed / 1e6
            for flow in flows}


def measure(t, *names, floods=()):
    """Returns what the flows of 'names', of which 'floods' are floods, get
    while all of them send, in Mbit/s."""
    flows = []
    try:
        for name in names:
            flows.append(Flow(name, *t.ends[name], name in floods))
        pump(flows, WARM_UP_S)
        rates = pump(flows, WINDOW_S)
    finally:
        for flow in flows:
            flow.close()
    t.notes.append(" ".join("%s=%.1f" % item for item in rates.items()) + ";")
    return rates


@contextlib.contextmanager
def short_cut(t):
    """Joins the cables of the two hosts: the physical switch of the lab, which
    is a process, is slower than the uplink."""
    tor = t.lab.machine("tor")
    cables = ["host1-nic1", "host2-nic1"]
    for here, there in (cables, cables[::-1]):
        t.lab.tor().vsctl("del-port", here)
        tor.run("tc", "qdisc", "add", "dev", here, "clsact")
        tor.run("tc", "filter", "add", "dev", here, "ingress", "matchall",
                "action", "mirred", "egress", "redirect", "dev", there)
    try:
        yield
    finally:
        for cable in cables:
            tor.run("tc", "qdisc", "del", "dev", cable, "clsact")
        t.lab.tor().add_ports(cables)


def set_speed(t, speed):
    """Gives the uplink of host1 another speed."""
    t.lab.machine("host1").run(
        "ovs-vsctl", "--no-wait", "set", "Open_vSwitch", ".",
        "external_ids:dvs-nic-speeds=\"nic1=%d\"" % speed)
    t.until(lambda: t.lab.dvs().rows(
        "Physical_NIC", ["host", "==", "host1"], ["name", "==", "nic1"])[0]
        ["speed"] == speed, "the speed is known")
    t.settled()


@contextlib.contextmanager
def ends(t):
    """A VM and two NICs of its own on each of two hosts."""
    nics = [(host, name, kind) for host in t.lab.hosts
            for name, kind in (("vmk0", "vmotion"), ("vmk1", "nfs"))]
    t.ends = {}
    try:
        for host, name, kind in nics:
            t.ctl("connect", "%s/%s" % (host, name),
                  "web" if kind == "vmotion" else "db", "kind=host",
                  "host=" + host, "class=" + kind)
            address = "10.%d.0.%s" % (8 if kind == "vmotion" else 7, host[-1])
            machine = t.lab.machine(host)
            machine.ip("addr", "replace", address + "/24", "dev", name)
            t.ends[kind] = (t.lab.machine("host1"), machine, name, address)
        for host in t.lab.hosts:
            name = "vm" + host[-1]
            t.vm(name, host)
            machine = t.lab.vms.machine(name)
            address = "10.9.0.%s" % host[-1]
            machine.ip("addr", "replace", address + "/24", "dev", "eth0")
            t.ends["vm"] = (t.lab.vms.machine("vm1"), machine, "eth0",
                            address)
        for host in t.lab.hosts:
            name = "other" + host[-1]
            t.vm(name, host, "db")
            machine = t.lab.vms.machine(name)
            address = "10.6.0.%s" % host[-1]
            machine.ip("addr", "replace", address + "/24", "dev", "eth0")
            t.ends["other"] = (t.lab.vms.machine("other1"), machine, "eth0",
                               address)
        yield
    finally:
        for host, name, _ in nics:
            t.ctl("--if-exists", "disconnect", "%s/%s" % (host, name))


def classes(t, **shares):
    """Has the classes have these shares, or more, and no others."""
    t.ctl(*" -- ".join(
        "set-traffic-class prod %s shares=%s limit=%s reservation=%s"
        % (name.replace("_", "-"), share, limit, reservation)
        for name, (share, limit, reservation) in shares.items()).split())


def is_userspace(t):
    return t.lab.dvs().rows("Switch")[0]["datapath_type"] == "netdev"


def test_userspace(t):
    """a host whose datapath cannot do it says so"""
    if not is_userspace(t):
        raise Skip("this is the kernel's datapath")
    t.ctl("set-switch", "prod", "resource-management=yes")
    t.until(lambda: all(
        "NotSupported: resource_management: datapath \"netdev\" has no queues "
        "on uplinks" in row["faults"]
        for row in t.lab.dvs().rows("Proxy_State")), "the fault")
    assert not t.lab.ovs("host1").rows("QoS")
    t.ctl("set-switch", "prod", "resource-management=")
    t.until(lambda: not any(row["faults"] for row in
                            t.lab.dvs().rows("Proxy_State")), "no fault")


def near(value, expected, tolerance=0.1):
    return abs(value - expected) <= tolerance * expected


def weigh(t, **shares):
    """Gives NICs of virtual machines these shares; others have none."""
    for name in ("vm1", "other1"):
        nic = t.vms[name].row["nic"]
        if name in shares:
            t.ctl("set", "VNIC", nic, "shares=%d" % shares[name])
        else:
            t.ctl("clear", "VNIC", nic, "shares")


def reserve(t, mbits):
    """Has vm1 have so much reserved, or nothing."""
    nic = t.vms["vm1"].row["nic"]
    if mbits:
        t.ctl("set", "VNIC", nic, "reservation=%d" % mbits)
    else:
        t.ctl("clear", "VNIC", nic, "reservation")
    row, = [row for row in t.lab.dvs().rows("VNIC") if row["id"] == nic]
    assert (row["reserved"] or 0) == mbits and not row["faults"], row


def prove(t, speed, flood):
    """Checks what classes get of an uplink of 'speed' Mbit/s."""
    floods = ["vm", "other", "vmotion", "nfs"] if flood else []
    t.notes.append("at %d:" % speed)
    set_speed(t, speed)
    weigh(t)
    reserve(t, 0)
    classes(t, virtual_machine=(75, "", ""), vmotion=(25, "", ""),
            nfs=(100, "", ""))

    # A third class is idle, and what it leaves is lent to these two in
    # proportion to their shares...
    rates = measure(t, "vm", "vmotion", floods=floods)
    assert 0.85 * speed < sum(rates.values()) < 1.05 * speed, rates
    assert near(rates["vm"], 3 * rates["vmotion"]), rates

    # ...until it sends.
    rates = measure(t, "vm", "vmotion", "nfs", floods=floods)
    assert near(rates["vm"], 3 * rates["vmotion"]), rates
    assert near(rates["nfs"], 4 * rates["vmotion"]), rates

    # Of its class, a virtual machine gets what its own shares say.
    weigh(t, vm1=75, other1=25)
    rates = measure(t, "vm", "other", floods=floods)
    assert near(rates["vm"], 3 * rates["other"]), rates

    # A reservation of its own it gets against a flood of another one that has
    # far more shares, and what is left goes to that.
    reserved = max(1, speed * 4 // 10)
    classes(t, virtual_machine=(75, "", max(1, speed * 6 // 10)))
    weigh(t, vm1=1, other1=100)
    reserve(t, reserved)
    rates = measure(t, "vm", "other", floods=floods + ["other"])
    assert rates["vm"] > 0.9 * reserved, rates
    assert rates["other"] > 0.3 * speed, rates
    reserve(t, 0)
    classes(t, virtual_machine=(75, "", ""))
    weigh(t)

    # A limit holds even if all others are idle.
    limit = speed // 5
    classes(t, nfs=(100, limit, ""))
    rates = measure(t, "nfs", floods=floods)
    assert 0.8 * limit < rates["nfs"] < 1.05 * limit, rates

    # A reservation holds against a flood.
    reserved = max(1, speed * 3 // 10)
    classes(t, vmotion=(1, "", reserved))
    rates = measure(t, "vm", "vmotion", floods=floods + ["vm"])
    assert rates["vmotion"] > 0.9 * reserved, rates
    assert sum(rates.values()) > 0.85 * speed, rates


def test_shares(t):
    """classes share an uplink by shares, limit and reservation"""
    if is_userspace(t):
        raise Skip("the userspace datapath has no queues")
    with ends(t), short_cut(t):
        t.ctl("set-switch", "prod", "resource-management=yes")
        for way in WAYS:
            try:
                prove(t, *way)
                break
            except AssertionError as e:
                if way == WAYS[-1]:
                    raise AssertionError("%s %s" % (" ".join(t.notes), e))
        check_rows(t)


def check_rows(t):
    """The queues go when they are not wanted any more."""
    ovs = t.lab.ovs("host1")
    assert len(ovs.rows("QoS")) == 1
    assert len(ovs.rows("Queue")) == 13
    qdisc = t.lab.machine("host1").run("tc", "qdisc", "show", "dev", "nic1")
    assert "hfsc" in qdisc, qdisc
    t.ctl("set-switch", "prod", "resource-management=no")
    t.until(lambda: not ovs.rows("QoS") and not ovs.rows("Queue"),
            "no queues are left")
    t.settled()
    qdisc = t.lab.machine("host1").run("tc", "qdisc", "show", "dev", "nic1")
    assert "hfsc" not in qdisc, qdisc
    assert all(row["status"] == "up" for row in
               t.lab.dvs().rows("Proxy_State"))

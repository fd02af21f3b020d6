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

"""MAC learning: nested hypervisors, without promiscuous mode."""

from traffic import BROADCAST, Stream

POLICY = ("mac-learning=yes", "forged-transmits=accept")


def mac(number):
    """Returns the MAC address of a nested VM."""
    return "0a:00:00:00:00:%02x" % number


def nested_hypervisors(t, portgroup, *more):
    """Makes 'portgroup'.  Starts nested hypervisors in it on host1 and host2,
    and plain VMs in the same VLAN on host1 and host3."""
    t.ctl("add-portgroup", "prod", portgroup, "vlan=10", *POLICY, *more)
    return (t.vm("h1", "host1", "prod/" + portgroup),
            t.vm("h2", "host2", "prod/" + portgroup),
            t.vm("p1", "host1"), t.vm("p3", "host3"))


def says(t, vm, number):
    """Nested VM 'number', which runs in 'vm', lets all know that it does."""
    t.expect(vm, BROADCAST, [name for name in t.vms if name != vm],
             src=mac(number))


def sees(t, vm, number, want):
    """Checks who gets what 'vm' sends to nested VM 'number'."""
    t.expect(vm, mac(number), want)


def finds(t, vm, number, host_vm):
    """Waits until what 'vm' sends to nested VM 'number', which has moved and
    says so from time to time, reaches 'host_vm' alone.  (A switch that
    forwards by itself what it has seen before learns from it only a moment
    later, the physical one, too.)"""
    def found():
        t.deliver(host_vm, BROADCAST, src=mac(number))
        return (t.deliver(vm, mac(number), expected=[host_vm])
                == {host_vm: [None]})

    t.until(found, "%s finds %s" % (vm, host_vm))


def test_nested(t):
    """several MACs behind one port, on two hosts: each frame reaches its
    target and nobody else"""
    nested_hypervisors(t, "n-nested")
    for vm, numbers in (("h1", (1, 2, 3)), ("h2", (4, 5, 6))):
        for number in numbers:
            says(t, vm, number)
    for number in (1, 2, 3):
        for sender in ("h2", "p1", "p3"):
            sees(t, sender, number, ["h1"])
        t.expect("h2", mac(number), ["h1"], src=mac(4))
        t.expect("h1", mac(number + 3), ["h2"], src=mac(number))
        t.expect("h1", "p1", ["p1"], src=mac(number))
        t.expect("h1", "p3", ["p3"], src=mac(number))
    t.ctl("set", "DVS_Global", ".", "options:stats_interval=300")
    t.until(lambda: "learned MACs: 3\n" + "".join(
        "        %s\n" % mac(number) for number in (1, 2, 3))
        in t.ctl("show-port", "prod:" + t.vms["h1"].key),
        "the port shows what it has learned")
    assert "learned" not in t.ctl("show-port", "prod:" + t.vms["p1"].key)
    t.ctl("remove", "DVS_Global", ".", "options", "stats_interval")
    # Within one port: that is for the nested switch.
    t.expect("h1", mac(2), [], src=mac(1))
    for vm in ("h1", "h2", "p1", "p3"):
        t.expect(vm, "h1", ["h1"] if vm != "h1" else [])


def test_unknown(t):
    """unknown unicast reaches ports that learn, if they want it"""
    nested_hypervisors(t, "n-unknown")
    sees(t, "p1", 9, ["h1", "h2"])
    sees(t, "p3", 9, ["h1", "h2"])
    sees(t, "h1", 9, ["h2"])
    t.ctl("set-policy", "prod/n-unknown", "unicast-flooding=no")
    sees(t, "p3", 9, [])
    t.ctl("set-policy", "prod/n-unknown", "unicast-flooding=yes")
    sees(t, "p3", 9, ["h1", "h2"])


def test_limit(t):
    """frames beyond the limit are dropped, or forwarded and not learned"""
    nested_hypervisors(t, "n-limit", "mac-limit=2", "unicast-flooding=no")
    for number in (1, 2):
        says(t, "h1", number)
    t.expect("h1", BROADCAST, [], src=mac(3))
    t.expect("h1", BROADCAST, ["h2", "p1", "p3"])
    sees(t, "p1", 2, ["h1"])
    sees(t, "p1", 3, [])
    t.ctl("set-policy", "prod/n-limit", "mac-limit-policy=allow")
    says(t, "h1", 3)
    sees(t, "p1", 3, [])
    sees(t, "p1", 2, ["h1"])
    t.ctl("set-policy", "prod/n-limit", "mac-limit=3")
    says(t, "h1", 3)
    sees(t, "p1", 3, ["h1"])


def test_nested_move(t):
    """a nested VM moves from one nested hypervisor to another, and back"""
    nested_hypervisors(t, "n-nested-move", "unicast-flooding=no")
    says(t, "h1", 1)
    says(t, "h1", 2)
    for vm in ("h2", "h1", "h2"):
        for sender in ("p1", "p3"):
            finds(t, sender, 1, vm)
            sees(t, sender, 2, ["h1"])


def test_migration(t):
    """a nested hypervisor moves: its nested VMs are reached where it is"""
    h1 = nested_hypervisors(t, "n-migration",
                            "unicast-flooding=no")[0]
    says(t, "h1", 1)
    for host in ("host3", "host1"):
        t.lab.vms.move("h1", host)
        t.until(lambda: [row["host"] for row in t.lab.dvs().rows(
            "Port_State", ["nic", "==", h1.row["nic"]])] == [host],
                "only %s has h1" % host)
        t.settled()
        for sender in ("h2", "p1", "p3"):
            finds(t, sender, 1, "h1")


def stream(t, sender, receiver, number):
    """Starts a stream from VM 'sender' to nested VM 'number' behind
    'receiver'."""
    result = Stream(sender.nic, receiver.nic, sender.mac, mac(number))
    t.streams.append(result)
    result.wait_flowing()
    return result


def check(t, result):
    """Ends a stream of which nothing may be lost."""
    result.stop()
    t.notes.append("%d of %d lost" % (result.lost, result.sent))
    assert result.lost == 0, result.lost
    assert not result.duplicates, result.duplicates


def test_agent_restart(t):
    """what was learned stays when the agent is killed, and nothing is lost"""
    h1, _, p1, _ = nested_hypervisors(t, "n-restart", "unicast-flooding=no")
    says(t, "h1", 1)
    says(t, "h1", 2)
    frames = stream(t, p1, h1, 1)
    t.lab.daemon("agent", "host1").kill()
    frames.run(1)
    t.lab.daemon("agent", "host1").start()
    frames.run(1)
    t.settled()
    check(t, frames)
    sees(t, "p3", 2, ["h1"])


def test_changes(t):
    """policies change under traffic, and nothing is lost"""
    h1, _, p1, _ = nested_hypervisors(t, "n-changes")
    says(t, "h1", 1)
    frames = stream(t, p1, h1, 1)
    for change in ("mac-limit=7", "mac-limit-policy=allow",
                   "unicast-flooding=no", "promiscuous=accept",
                   "promiscuous=reject", "active=uplink2,uplink1",
                   "teaming=source-mac", "teaming=originating-port"):
        t.ctl("set-policy", "prod/n-changes", change)
        frames.run(0.2)
    check(t, frames)


def test_forget(t):
    """what a port has learned is forgotten when it is blocked, does not learn
    any more or changes its VLAN"""
    nested_hypervisors(t, "n-forget", "unicast-flooding=no",
                       "override=vlan,block")
    port = "prod:" + t.vms["h1"].key
    for there, back in (("blocked=yes", "blocked=no"), ("vlan=20", "vlan=10")):
        says(t, "h1", 1)
        t.ctl("set-policy", port, there)
        t.ctl("set-policy", port, back)
        sees(t, "p1", 1, [])
    says(t, "h1", 1)
    sees(t, "p1", 1, ["h1"])
    t.ctl("set-policy", "prod/n-forget", "mac-learning=no")
    sees(t, "p1", 1, [])

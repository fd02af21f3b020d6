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

"""Telling the physical switches where NICs are, by RARP."""

RARP = b"\x80\x35"


class Listener:
    """What VM 'vm' hears of the NIC of another."""

    def __init__(self, t, vm):
        self.t = t
        self.vm = vm

    def heard(self, mac):
        """Returns how many announcements of 'mac' have come since last
        asked."""
        mac = bytes.fromhex(mac.replace(":", ""))
        return sum(data[6:12] == mac and data[12:14] == RARP
                   for _, data in self.vm.nic.received())

    def expect(self, mac, what):
        self.t.until(lambda: self.heard(mac), what)


def test_connect(t):
    """a NIC that connects is announced in its VLAN"""
    web, db = t.vm("c", "host2"), t.vm("d", "host2", "prod/db")
    a = t.vm("a", "host1")
    Listener(t, web).expect(a.mac, "an announcement of a")
    assert not Listener(t, db).heard(a.mac)


def test_migration(t):
    """a NIC that arrives is announced, even if its machine is silent"""
    listener = Listener(t, t.vm("c", "host2"))
    a = t.vm("a", "host1")
    listener.expect(a.mac, "an announcement of a")
    t.lab.vms.move("a", "host3", announce=False)
    listener.expect(a.mac, "another one")


def test_failover(t):
    """NICs are announced on failover and on failback, unless told not to"""
    listener = Listener(t, t.vm("c", "host2"))
    a = t.vm("a", "host1")
    listener.expect(a.mac, "an announcement of a")
    first = a.uplink_nic()
    for up in (False, True):
        listener.heard(a.mac)
        t.lab.cable("host1", first, up)
        # A flap that is over before the agent sees it is not announced.
        t.until(lambda: (a.uplink_nic() == first) == up,
                "the %s uplink" % ("first" if up else "other"))
        listener.expect(a.mac, "one more")

    t.ctl("set-policy", "prod/web", "notify=no")
    listener.heard(a.mac)
    t.lab.cable("host1", first, False)
    t.until(lambda: a.uplink_nic() != first, "the other uplink")
    t.settled()
    assert not listener.heard(a.mac)
    t.lab.cable("host1", first, True)
    t.until(lambda: a.uplink_nic() == first, "the first uplink again")

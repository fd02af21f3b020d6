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

"""NICs for tests with many: tap devices, whose other end is in the test.

A VM of the lab has a namespace and two cables; a tap has a file descriptor,
so hundreds are cheap.  And who reaches whom among them.
"""

import fcntl
import os
import random
import select
import socket
import struct
import time

from traffic import BROADCAST, frame, vlan_of

TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
SIOCSIFFLAGS, SIOCSIFMTU = 0x8914, 0x8922
IFF_UP = 0x1

# Frames under way at a time: few enough that no queue overflows.
BURST = 100


class Tap:
    """A tap device 'name' of 'machine' that exists until close()."""

    def __init__(self, machine, name):
        with machine.inside():
            self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(self.fd, TUNSETIFF, struct.pack(
                "16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack(
                    "16sH22x", name.encode(), IFF_UP))

    def close(self):
        os.close(self.fd)

    def send(self, data):
        os.write(self.fd, data)

    def received(self):
        """Returns the frames that have arrived since last asked."""
        result = []
        while True:
            try:
                result.append(os.read(self.fd, 4096))
            except OSError:
                return result


class Reach:
    """Finds out who reaches whom among 'nics': objects with a 'name', a 'mac'
    and a 'tap'.  'may' is a function of two of them that tells whether the
    one's frames should come to the other."""

    def __init__(self, nics, may):
        self.nics = nics
        self.may = may
        self.by_fd = {nic.tap.fd: nic for nic in nics}
        self.poll = select.poll()
        for fd in self.by_fd:
            self.poll.register(fd, select.POLLIN)
        self.number = 0
        self.under_way = {}     # Mark -> names of those who have not got it.
        self.sent = {}          # Mark -> (sender, addressee or None).
        self.late = {}          # Likewise, of those that were sent again.
        self.wrong = []         # What came where it should not.
        self.count = 0          # Frames that had to arrive, and did.

    def send(self, sender, addressee, expected):
        """Sends a frame to 'addressee', None for all."""
        self.number += 1
        mark = b"<%08d>" % self.number
        self.sent[mark] = (sender, addressee)
        self.under_way[mark] = {nic.name for nic in expected}
        sender.tap.send(frame(addressee.mac if addressee else BROADCAST,
                              sender.mac, mark))

    def collect(self, timeout):
        """Takes in what arrives, until nothing does for 'timeout' seconds, or
        nothing more is expected."""
        end = time.monotonic() + timeout
        while any(self.under_way.values()) and time.monotonic() < end:
            for fd, _ in self.poll.poll(1000 * (end - time.monotonic())):
                for data in self.by_fd[fd].tap.received():
                    end = time.monotonic() + timeout
                    self.note(self.by_fd[fd], data)

    def note(self, nic, data):
        mark = data[14:24]
        if mark not in self.sent:
            return              # Somebody's own, such as a RARP.
        missing = self.under_way.get(mark, self.late.get(mark, set()))
        if nic.name in missing and vlan_of(data) is None:
            missing.remove(nic.name)
            self.count += 1
        else:
            sender, addressee = self.sent[mark]
            self.wrong.append("%s to %s came to %s, tag %s" % (
                sender.name, addressee.name if addressee else "all",
                nic.name, vlan_of(data)))

    def rounds(self, frames, n=4):
        """Sends 'frames' (sender, addressee, those who should get it), and
        again, up to 'n' times, those that did not come everywhere: a machine
        under load may lose one.  Returns what never came."""
        for _ in range(n):
            failed = []
            for start in range(0, len(frames), BURST):
                burst = {}
                for args in frames[start:start + BURST]:
                    self.send(*args)
                    burst[b"<%08d>" % self.number] = args
                self.collect(1)
                for mark, args in burst.items():
                    self.late[mark] = self.under_way.pop(mark)
                    if self.late[mark]:
                        failed.append(args)
            frames = failed
            if not frames:
                break
        return ["%s to %s" % (sender.name, addressee.name if addressee
                              else "all") for sender, addressee, _ in frames]

    def check(self, n_strangers=None):
        """Has everybody send to everybody, and checks what comes.  With
        'n_strangers', each sends to no more than so many of those that it
        should not reach."""
        broadcasts, unicasts = [], []
        for a in self.nics:
            friends = [b for b in self.nics if b is not a and self.may(a, b)]
            strangers = [b for b in self.nics
                         if b is not a and not self.may(a, b)]
            if n_strangers is not None and len(strangers) > n_strangers:
                strangers = random.sample(strangers, n_strangers)
            broadcasts.append((a, None, friends))
            unicasts += [(a, b, [b]) for b in friends]
            unicasts += [(a, b, []) for b in strangers]
        for nic in self.nics:
            nic.tap.received()
        # Everybody is heard once before anybody is addressed.
        missing = self.rounds(broadcasts) + self.rounds(unicasts)
        # What should not come might come late.
        self.under_way[b"<nothing>"] = {"nobody"}
        self.collect(0.3)
        assert not missing, "%d did not arrive: %s" % (len(missing),
                                                       missing[:20])
        assert not self.wrong, "%d too many: %s" % (len(self.wrong),
                                                    self.wrong[:20])

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

"""Frames on wires: sending, receiving, streams with loss accounting."""

import os
import select
import signal
import socket
import struct
import threading
import time

BROADCAST = "ff:ff:ff:ff:ff:ff"

# An EtherType for local experiments (IEEE 802), so that no stack answers.
EXPERIMENT = 0x88b5

SOL_PACKET = 263
PACKET_AUXDATA = 8
PACKET_OUTGOING = 4
TP_STATUS_VLAN_VALID = 0x10
SO_TIMESTAMPNS = 35

STREAM_MARK = b"STREAM"


def frame(dst, src, payload=b"", vlan=None, pcp=0, ethertype=EXPERIMENT):
    """Returns an Ethernet frame.  MAC addresses are text."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, pcp << 13 | vlan)
    head = bytes.fromhex((dst + src).replace(":", ""))
    return (head + tag + struct.pack("!H", ethertype) + payload).ljust(
        60, b"\0")


def vlan_of(data):
    """Returns the VLAN in the tag of frame 'data', or None if untagged."""
    if data[12:14] == b"\x81\0":
        return struct.unpack("!H", data[14:16])[0] & 0xfff
    return None


class Nic:
    """Device 'device' of 'machine' (a dvslab Machine), for whole frames."""

    def __init__(self, machine, device):
        self.name = "%s:%s" % (machine.name, device)
        with machine.inside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                        socket.htons(3))
            self.socket.bind((device, 0))
            index = socket.if_nametoindex(device)
            # A guest sees what its NIC gets, whomever it is for.
            promisc = struct.pack("iHH8s", index, 1, 0, b"")
            self.socket.setsockopt(SOL_PACKET, 1, promisc)
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.send(data)

    def received(self):
        """Returns what has arrived since last asked, as a list of (time,
        frame); tags are where they were on the wire."""
        result = []
        while True:
            try:
                data, ancillary, _, address = self.socket.recvmsg(70000, 256)
            except BlockingIOError:
                return result
            except OSError:
                # The device went down; said once.
                continue
            if address[2] == PACKET_OUTGOING:
                continue
            when = 0.0
            for level, kind, value in ancillary:
                if level == SOL_PACKET and kind == PACKET_AUXDATA:
                    status, _, _, _, _, tci, tpid = struct.unpack(
                        "IIIHHHH", value[:20])
                    if status & TP_STATUS_VLAN_VALID:
                        data = (data[:12] + struct.pack("!HH", tpid or 0x8100,
                                                        tci) + data[12:])
                elif level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                    seconds, nanoseconds = struct.unpack("qq", value[:16])
                    when = seconds + nanoseconds / 1e9
            result.append((when, data))


class Watch:
    """Counts who gets a frame, among 'nics' (a dictionary of Nic)."""

    number = 0

    def __init__(self, nics):
        self.nics = nics

    def deliver(self, sender, data, expected=(), settle=0.15, at_least=0):
        """Sends 'data' (a function of a unique mark that returns a frame)
        from NIC 'sender'.  Returns {name: [VLAN or None of each copy]} of
        all that got it.

        Waits for all in 'expected', and for 'at_least' so many, whoever they
        are, then a while for what is not expected."""
        Watch.number += 1
        mark = b"<%08d>" % Watch.number
        for nic in self.nics.values():
            nic.received()
        self.nics[sender].send(data(mark))
        got = {}
        end = time.monotonic() + 2
        while ((set(expected) - set(got) or len(got) < at_least)
               and time.monotonic() < end):
            self._collect(got, mark, end - time.monotonic())
        end = time.monotonic() + settle
        while time.monotonic() < end:
            self._collect(got, mark, end - time.monotonic())
        return got

    def _collect(self, got, mark, timeout):
        names = {nic.socket: name for name, nic in self.nics.items()}
        ready = select.select(list(names), [], [], max(timeout, 0))[0]
        for s in ready:
            for _, data in self.nics[names[s]].received():
                if mark in data:
                    got.setdefault(names[s], []).append(vlan_of(data))


class Stream:
    """1,000 frames a second ('rate') from NIC 'sender' to NIC 'receiver',
    between 'src' and 'dst' (MAC addresses), until stop().

    A process of its own sends.  When it gets no processor for a while it
    sends less, not in bursts, so every frame lost is about a millisecond
    without connection.  A thread receives."""

    def __init__(self, sender, receiver, src, dst, rate=1000):
        self.receiver = receiver
        self.rate = rate
        self.sent = 0
        receiver.received()
        self._pipe, report = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._pipe)
            self._send(sender, src, dst, 1 / rate, report)
        os.close(report)
        self.arrivals = []      # (time, sequence number)
        self._done = False
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    @staticmethod
    def _send(sender, src, dst, period, report):
        """In the child: never returns."""
        stop = []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        number = 0
        try:
            due = time.monotonic()
            while not stop:
                try:
                    sender.send(frame(dst, src, STREAM_MARK
                                      + struct.pack("!I", number)))
                    number += 1
                except OSError:
                    pass
                due += period
                left = due - time.monotonic()
                if left > 0:
                    time.sleep(left)
                elif left < -0.005:
                    due -= left
            os.write(report, b"%d" % number)
        finally:
            os._exit(0)

    def _receive(self):
        while not self._done:
            select.select([self.receiver.socket], [], [], 0.1)
            for when, data in self.receiver.received():
                if data[14:20] == STREAM_MARK:
                    number, = struct.unpack("!I", data[20:24])
                    self.arrivals.append((when, number))

    @staticmethod
    def run(seconds):
        """Lets it flow for a while."""
        time.sleep(seconds)

    def wait_flowing(self, timeout=5.0):
        """Waits until frames arrive."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            count = len(self.arrivals)
            self.run(0.1)
            if len(self.arrivals) - count > self.rate / 50:
                return
        raise AssertionError("no stream arrives")

    def stop(self):
        """Ends it, and waits for the last frame's arrival."""
        os.kill(self._pid, signal.SIGTERM)
        with os.fdopen(self._pipe, "rb") as f:
            self.sent = int(f.read())
        os.waitpid(self._pid, 0)
        self.run(0.2)
        self._done = True
        self._thread.join()

    @property
    def lost(self):
        """How many frames have not arrived, of those sent since the first
        arrival."""
        if not self.arrivals:
            return self.sent
        numbers = {number for _, number in self.arrivals}
        return self.sent - min(numbers) - len(numbers)

    def losses(self):
        """Says when frames were lost, and how many."""
        arrivals = sorted(self.arrivals, key=lambda arrival: arrival[1])
        return ", ".join(
            "%d at %s.%03d" % (b[1] - a[1] - 1,
                               time.strftime("%T", time.gmtime(a[0])),
                               a[0] % 1 * 1000)
            for a, b in zip(arrivals, arrivals[1:]) if b[1] - a[1] > 1)

    @property
    def duplicates(self):
        return len(self.arrivals) - len({n for _, n in self.arrivals})

    def gap(self):
        """Returns the longest time between two arrivals, in seconds."""
        times = [when for when, _ in self.arrivals]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

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

"""Sends frames into dummy ports of ovs-vswitchd and shows where they come out.

Reads lines of the form

    PORT [SRC]>DST [TAG]... [A~B] -> OUTPUT...

and writes them again with what really came out, so that the two can be
compared.  PORT is a dummy interface.  SRC and DST are MACs, "ff" for
broadcast, or a word that ends in a number, for the MAC 02:00:00:00:00:00 plus
that number; without SRC, PORT's own.  A TAG is VLAN or VLAN.PRIORITY, the
outer one first.  A~B makes it a UDP packet from IP address 10.0.0.A to
10.0.0.B, or with 6A~6B from fd00::A to fd00::B; with @PORT,PORT after it, from
and to these ports instead of 1000 and 2000; with ^DSCP at the end, it has that
code point.  An OUTPUT is PORT or PORT:TAG[+TAG]..., with ^DSCP if the
code point is not 0; there is one for each copy, in the order of the ports'
numbers.  Lines without "->" are copied, and "wait ->" waits until the datapath
knows what the frames before have taught.

Each dummy interface that is to be watched has tx_pcap=NAME-tx.pcap in the
current directory.
"""

import glob
import os
import re
import struct
import sys

import ovs.unixctl.client

ETH_TYPE = 0x88b5               # IEEE 802, local experiments.
VLAN = 0x8100
PCAP_HEADER = 24
PCAP_RECORD = 16


def number_of(word):
    return int(re.search(r"\d+$", word)[0])


def mac(word):
    if ":" in word:
        return bytes(int(byte, 16) for byte in word.split(":"))
    if word == "ff":
        return b"\xff" * 6
    return struct.pack("!HL", 0x0200, number_of(word))


def checksum(header):
    """Returns the Internet checksum of 'header' (RFC 1071)."""
    total = sum(struct.unpack("!%dH" % (len(header) // 2), header))
    return ~(total + (total >> 16)) & 0xffff


def make_payload(text, addresses, dscp):
    """Returns what follows the addresses and tags of a frame: its type, and
    'text' in a packet between 'addresses' (A~B), if they are not empty."""
    if not addresses:
        return struct.pack("!H", ETH_TYPE) + text
    addresses, _, ports = addresses.partition("@")
    src, dst = addresses.split("~")
    sport, dport = (ports or "1000,2000").split(",")
    udp = struct.pack("!HHHH", int(sport), int(dport), 8 + len(text),
                      0) + text
    if src.startswith("6"):
        ends = [b"\xfd" + bytes(14) + bytes([int(end[1:])])
                for end in (src, dst)]
        return (struct.pack("!HLHBB", 0x86dd, 6 << 28 | dscp << 22, len(udp),
                            17, 64)
                + ends[0] + ends[1] + udp)
    ends = [bytes([10, 0, 0, int(end)]) for end in (src, dst)]
    words = (0x45, dscp << 2, 20 + len(udp), 0, 0, 64, 17)
    header = struct.pack("!BBHHHBBH", *words, 0) + ends[0] + ends[1]
    return (struct.pack("!HBBHHHBBH", 0x0800, *words, checksum(header))
            + ends[0] + ends[1] + udp)


def make_frame(dst, src, tags, payload):
    frame = mac(dst) + mac(src)
    for tag in tags:
        vid, _, pcp = tag.partition(".")
        frame += struct.pack("!HH", VLAN, int(pcp or 0) << 13 | int(vid))
    return frame + payload


def dscp_of(payload):
    """Returns the code point of the packet that make_payload() made."""
    first = struct.unpack_from("!H", payload, 2)[0]
    return first >> 6 & 0x3f if first >> 12 == 6 else first >> 2 & 0x3f


def show_frame(port, frame, addresses, text, ip):
    """Returns the OUTPUT for 'frame', which came out of 'port'."""
    tags = []
    ofs = 12
    while struct.unpack_from("!H", frame, ofs)[0] == VLAN:
        tci = struct.unpack_from("!H", frame, ofs + 2)[0]
        tags.append("%d" % (tci & 0xfff)
                    + (".%d" % (tci >> 13) if tci >> 13 else ""))
        ofs += 4
    dscp = dscp_of(frame[ofs:]) if ip else 0
    if (frame[:12] != addresses
            or frame[ofs:] != make_payload(text, ip, dscp)):
        return "%s:mangled=%s" % (port, frame.hex())
    return (port + (":" + "+".join(tags) if tags else "")
            + ("^%d" % dscp if dscp else ""))


class Capture:
    """What comes out of one port."""
    def __init__(self, path):
        self.port = os.path.basename(path)[:-len("-tx.pcap")]
        self.file = open(path, "rb")
        self.file.seek(0, os.SEEK_END)
        if self.file.tell() < PCAP_HEADER:
            self.file.seek(PCAP_HEADER)

    def frames(self):
        while True:
            header = self.file.read(PCAP_RECORD)
            if len(header) < PCAP_RECORD:
                return
            yield self.file.read(struct.unpack_from("=L", header, 8)[0])


class Switch:
    def __init__(self):
        rundir = os.environ["OVS_RUNDIR"]
        with open(rundir + "/ovs-vswitchd.pid") as f:
            self.path = "%s/ovs-vswitchd.%s.ctl" % (rundir, f.read().strip())

    def command(self, name, *args):
        error, client = ovs.unixctl.client.UnixctlClient.create(self.path)
        if error:
            sys.exit("%s: cannot connect" % self.path)
        error, bad, result = client.transact(name, list(args))
        client.close()
        if error or bad:
            sys.exit("%s: %s" % (name, bad or os.strerror(error)))
        return result

    def send(self, port, frame):
        self.command("netdev-dummy/receive", port, frame.hex())
        # The switch handles a frame before the next connection to it.
        self.command("version")


def main():
    captures = [Capture(path) for path in glob.glob("*-tx.pcap")]
    captures.sort(key=lambda c: number_of(c.port))
    switch = Switch()
    for number, line in enumerate(sys.stdin):
        line = line.rstrip("\n")
        given, arrow, _ = line.partition("->")
        if not arrow or line.lstrip().startswith("#"):
            print(line)
            continue

        if given.strip() == "wait":
            switch.command("revalidator/wait")
            print(line)
            continue

        port, addresses, *tags = given.split()
        src, _, dst = addresses.partition(">")
        ip = tags.pop() if tags and "~" in tags[-1] else ""
        ip, _, dscp = ip.partition("^")
        text = (b"frame %d" % number).ljust(46, b".")
        payload = make_payload(text, ip, int(dscp or 0))
        frame = make_frame(dst, src or port, tags, payload)
        switch.send(port, frame)

        outputs = [show_frame(c.port, f, frame[:12], text, ip)
                   for c in captures for f in c.frames()]
        print(" ".join([given.rstrip("\n") + "->"] + outputs))


if __name__ == "__main__":
    main()

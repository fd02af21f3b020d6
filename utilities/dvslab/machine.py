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

"""One network stack in a lab: the central server, a host, a VM ...

A machine is a process that sleeps in a network, UTS and mount namespace of
its own (the last so that /sys shows the machine's own devices).  All of this
runs inside the sandbox.
"""

import array
import contextlib
import fcntl
import os
import signal
import socket
import struct
import time

from . import sandbox
from .util import LabError, run

SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
ETHTOOL_SGRO = 0x2c


class Machine:
    """A machine that runs.  'pid' is the process that holds its namespaces,
    'env' what its programs find in their environment."""

    def __init__(self, name, pid, env=None):
        self.name = name
        self.pid = pid
        self.env = env

    @classmethod
    def create(cls, name, env=None, ipv6=False):
        """Makes a machine.  It is gone when its process ends."""
        ready, report = os.pipe()
        pid = os.fork()
        if not pid:
            _become_machine(name, ipv6, report)
        os.close(report)
        with os.fdopen(ready, "rb") as f:
            error = f.read().decode()
        if error:
            os.waitpid(pid, 0)
            raise LabError("%s: %s" % (name, error))
        return cls(name, pid, env)

    def destroy(self):
        """Ends the machine with whatever runs in it."""
        inode = os.stat("/proc/%d/ns/net" % self.pid)
        for pid in [int(p) for p in os.listdir("/proc") if p.isdigit()]:
            try:
                mine = os.path.samestat(os.stat("/proc/%d/ns/net" % pid),
                                        inode)
                if mine and pid != os.getpid():
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass

    def alive(self):
        return os.path.exists("/proc/%d/ns/net" % self.pid)

    def command(self, argv):
        """Returns the command that runs 'argv' on this machine."""
        return ["nsenter", "--target=%d" % self.pid, "--net", "--uts",
                "--mount", "--"] + list(argv)

    def run(self, *argv, **kwargs):
        """Runs 'argv' here; see util.run()."""
        return run(argv, env=self.env, prefix=self.command([]), **kwargs)

    def ip(self, *args):
        """ip(8) on this machine."""
        return self.run("ip", *args)

    def enter(self):
        """Moves this process onto the machine, for good."""
        for name, flag in (("net", sandbox.CLONE_NEWNET),
                           ("uts", sandbox.CLONE_NEWUTS),
                           ("mnt", sandbox.CLONE_NEWNS)):
            with open("/proc/%d/ns/%s" % (self.pid, name)) as f:
                sandbox.setns(f.fileno(), flag)

    @contextlib.contextmanager
    def inside(self):
        """Sockets opened in a 'with' block of this belong to this machine."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            there = os.open("/proc/%d/ns/net" % self.pid, os.O_RDONLY)
            try:
                sandbox.setns(there, sandbox.CLONE_NEWNET)
            finally:
                os.close(there)
            try:
                yield
            finally:
                sandbox.setns(home, sandbox.CLONE_NEWNET)
        finally:
            os.close(home)

    def devices(self):
        """Returns the names of the network devices here."""
        with self.inside():
            return [name for _, name in socket.if_nameindex()]

    def is_up(self, device):
        """True if 'device' is up and has a carrier."""
        return "LOWER_UP" in self._flags(device)

    def is_enabled(self, device):
        """True if 'device' has been set up, with or without carrier."""
        return "UP" in self._flags(device)

    def _flags(self, device):
        line = self.ip("-o", "link", "show", "dev", device)
        return line.split("<", 1)[1].split(">", 1)[0].split(",")


def _become_machine(name, ipv6, report):
    """In the child: never returns."""
    try:
        os.setsid()
        sandbox.unshare(sandbox.CLONE_NEWNET | sandbox.CLONE_NEWUTS
                        | sandbox.CLONE_NEWNS)
        socket.sethostname(name)
        with contextlib.suppress(OSError):
            # Refused where /sys is masked; then /sys shows nothing useful.
            sandbox.mount("sysfs", "/sys", "sysfs")
        if not ipv6:
            # A switch is no host: it says nothing on its wires by itself.
            sandbox.silence_ipv6()
        run(["ip", "link", "set", "lo", "up"])
        null = os.open("/dev/null", os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        # 'report' closes here, which tells the parent that all went well.
        os.execvp("sleep", ["dvs-lab:" + name, "infinity"])
    except (OSError, LabError) as e:
        os.write(report, str(e).encode())
    finally:
        os._exit(1)


def link(a, a_name, b, b_name, mtu=1500):
    """Lays a cable (a veth pair) from 'a_name' on machine 'a' to 'b_name' on
    machine 'b', and switches both ends on.  A machine that is None stands
    for the keeper's namespace, where VMs are wired."""
    netns = []
    for machine in (a, b):
        netns.append(["netns", str(machine.pid if machine else 1)])
    run(["ip", "link", "add", a_name] + netns[0] + ["mtu", str(mtu), "type",
         "veth", "peer", "name", b_name] + netns[1] + ["mtu", str(mtu)])
    for machine, name in ((a, a_name), (b, b_name)):
        with machine.inside() if machine else contextlib.nullcontext():
            # Packets cross Open vSwitch's userspace datapath as they are:
            # checksums have to be right, segments have to be small.
            _ethtool(name, ETHTOOL_STXCSUM, 0)
            _ethtool(name, ETHTOOL_SGRO, 0)
            run(["ip", "link", "set", name, "up"])


def _ethtool(device, command, value):
    data = array.array("B", struct.pack("II", command, value))
    request = struct.pack("16sP", device.encode(), data.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCETHTOOL, request.ljust(40, b"\0"))


def kill(pid, timeout=10.0):
    """Ends process 'pid' at once, and waits until it is gone."""
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if not is_running(pid):
            return
        time.sleep(0.002)
    raise LabError("process %d does not die" % pid)


def is_running(pid):
    """True if process 'pid' exists and is no zombie.  One with threads becomes
    a zombie before the last of them has ended, and holds its locks until
    then."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            state = f.read().rsplit(")", 1)[1].split()[0]
        return (state not in "ZX"
                or len(os.listdir("/proc/%d/task" % pid)) > 1)
    except OSError:
        return False

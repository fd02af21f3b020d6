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

"""The namespaces that hold a lab, and how to get in and out.

A lab lives in a user, network, mount, PID, UTS and IPC namespace.  Their
first process is the *keeper*: it collects orphans, and when it dies the
kernel ends every process of the lab and frees every device.  Hence removing
a lab is killing one process, whatever state the rest is in.

The keeper's own network namespace is where the wiring lies between VMs and
hosts.  Nothing here ever opens a device of the machine's own network.
"""

import contextlib
import ctypes
import errno
import fcntl
import os
import select
import shutil
import signal
import sys

from .util import LabError

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_REC = 0x4000
MS_PRIVATE = 1 << 18

KEEPER_PID = "keeper.pid"

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *args):
    if getattr(_libc, name)(*args):
        code = ctypes.get_errno()
        raise OSError(code, "%s: %s" % (name, os.strerror(code)))


def unshare(flags):
    """unshare(2)"""
    _call("unshare", flags)


def setns(fd, flags):
    """setns(2)"""
    _call("setns", fd, flags)


def mount(source, target, kind, flags=0):
    """mount(2)"""
    _call("mount", source.encode(), target.encode(),
          kind.encode() if kind else None, ctypes.c_ulong(flags), None)


def silence_ipv6():
    """Keeps the kernel from using IPv6 in the current network namespace."""
    for name in ("all", "default"):
        with contextlib.suppress(OSError):
            with open("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name,
                      "w") as f:
                f.write("1")


class Sandbox:
    """The outer namespaces of the lab whose state lies in 'directory'."""

    def __init__(self, directory):
        self.directory = os.path.abspath(directory)
        self._lock = None

    def lock(self):
        """Takes the right to build or remove the lab, until this process
        ends, making the directory if need be."""
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            fd = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY)
            if os.fstat(fd).st_uid != os.geteuid():
                raise LabError("%s: belongs to somebody else"
                               % self.directory)
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("%s: another dvs-lab is building or removing this "
                           "lab" % self.directory)
        except OSError as e:
            raise LabError("%s: %s" % (self.directory, e.strerror))
        self._lock = fd
        known = (KEEPER_PID, "keeper.log", "lab.json")
        names = os.listdir(self.directory)
        if names and not any(name in names for name in known):
            raise LabError("%s: holds something other than a lab"
                           % self.directory)

    def unlock(self):
        """Gives up what lock() has taken."""
        os.close(self._lock)
        self._lock = None

    def keeper(self):
        """Returns the keeper's PID as seen from outside, or None."""
        try:
            with open(os.path.join(self.directory, KEEPER_PID)) as f:
                pid, start = f.read().split()
            # The start time tells it from a stranger with the same PID.
            if _start_time(int(pid)) == start:
                return int(pid)
        except (OSError, ValueError):
            pass
        return None

    def create(self, keeper_argv):
        """Makes the namespaces.  'keeper_argv' is a command that calls
        keep(); it gets the number of a pipe to report on as one more
        argument."""
        parent, child = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(parent)
            self._become_keeper(child, keeper_argv)
        os.close(child)
        os.waitpid(pid, 0)
        with os.fdopen(parent, "rb") as f:
            answer = f.read().decode()
        if answer != "ready":
            raise LabError("cannot make namespaces: %s%s"
                           % (answer or "the keeper died", _advice()))

    def _become_keeper(self, report, argv):
        """In the child: never returns."""
        try:
            os.setsid()
            flags = (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID
                     | CLONE_NEWNET)
            uid, gid = os.geteuid(), os.getegid()
            try:
                unshare(CLONE_NEWUSER)
                for name, text in (("setgroups", "deny"),
                                   ("uid_map", "0 %d 1" % uid),
                                   ("gid_map", "0 %d 1" % gid)):
                    with open("/proc/self/" + name, "w") as f:
                        f.write(text)
            except OSError:
                # Root can do without where user namespaces are switched off.
                if uid:
                    raise
            unshare(flags)
            pid = os.fork()
            if pid:
                path = os.path.join(self.directory, KEEPER_PID)
                with open(path, "w") as f:
                    f.write("%d %s\n" % (pid, _start_time(pid)))
                os._exit(0)
            null = os.open("/dev/null", os.O_RDWR)
            log = os.open(os.path.join(self.directory, "keeper.log"),
                          os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            for source, target in ((null, 0), (log, 1), (log, 2)):
                os.dup2(source, target)
            os.set_inheritable(report, True)
            os.execv(argv[0], argv + [str(report)])
        except OSError as e:
            os.write(report, str(e).encode())
        finally:
            os._exit(1)

    def keep(self, report):
        """The keeper's life, as process 1 of the lab."""
        signals = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT,
                   signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            mount("none", "/", None, MS_REC | MS_PRIVATE)
            mount("proc", "/proc", "proc")
        except OSError as e:
            os.write(report, str(e).encode())
            return
        silence_ipv6()
        os.write(report, b"ready")
        os.close(report)
        home = os.stat(self.directory)
        while True:
            got = signal.sigtimedwait(signals, 5)
            if got and got.si_signo != signal.SIGCHLD:
                return
            try:
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            except ChildProcessError:
                pass
            # Somebody who deletes the directory wants the lab to end.
            try:
                if not os.path.samestat(os.stat(self.directory), home):
                    return
            except OSError:
                return

    def enter_command(self, argv):
        """Returns the command that runs 'argv' inside, or raises LabError if
        there is no lab."""
        pid = self.keeper()
        if not pid:
            raise LabError("no lab in %s (make one with: dvs-lab up)"
                           % self.directory)
        command = ["nsenter", "--target=%d" % pid, "--mount", "--uts",
                   "--ipc", "--net", "--pid"]
        if not os.path.samestat(os.stat("/proc/%d/ns/user" % pid),
                                os.stat("/proc/self/ns/user")):
            command += ["--user", "--preserve-credentials"]
        return command + ["--"] + argv

    def destroy(self):
        """Ends all processes and removes the directory.  The caller has the
        lock."""
        pid = self.keeper()
        if pid:
            # A PID namespace's first process only ends when all others have.
            fd = os.pidfd_open(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            if not select.select([fd], [], [], 30)[0]:
                raise LabError("process %d does not die" % pid)
            os.close(fd)
        shutil.rmtree(self.directory, ignore_errors=True)
        if os.path.exists(self.directory):
            raise LabError("%s: cannot be removed" % self.directory)


def _start_time(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    if fields[0] == "Z":
        raise OSError(errno.ESRCH, "dead")
    return fields[19]


def _advice():
    """Returns what may be done where namespaces are refused."""
    for path, bad, cure in (
            ("/proc/sys/kernel/unprivileged_userns_clone", "0",
             "sysctl kernel.unprivileged_userns_clone=1"),
            ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
             "sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
            ("/proc/sys/user/max_user_namespaces", "0",
             "sysctl user.max_user_namespaces=10000")):
        try:
            with open(path) as f:
                if f.read().strip() == bad:
                    return " (try: %s)" % cure
        except OSError:
            pass
    return ""

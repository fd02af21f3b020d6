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

"""Which daemon runs on which machine: start, kill, see.

Each machine keeps its daemons' sockets, PID files, databases and logs in one
directory, as OVS_RUNDIR and its like tell them.
"""

import os

from . import machine
from .util import LabError

# What a user calls it -> program.
CENTRAL = {"database": "ovsdb-server", "controller": "dvs-controller"}
HOST = {"ovsdb": "ovsdb-server", "vswitchd": "ovs-vswitchd",
        "agent": "dvs-agent"}
TOR = {"ovsdb": "ovsdb-server", "vswitchd": "ovs-vswitchd"}

# Where hosts find the central database.
DATABASE_PORT = 6640


def environment(directory, paths):
    """Returns the environment of a machine whose daemons live in
    'directory'."""
    env = dict(os.environ)
    for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR"):
        env[name] = directory
    for name in ("DVS_DAEMON", "DVS_DB"):
        env.pop(name, None)
    env["OVS_SYSLOG_METHOD"] = "null"
    env["PATH"] = os.pathsep.join(paths + [env.get("PATH", "/usr/bin:/bin"),
                                           "/usr/sbin", "/sbin"])
    return env


class Daemon:
    """'program' on 'host' (a Machine), in 'directory'.  'after_start' is
    called when it has been started."""

    def __init__(self, what, program, host, directory, arguments):
        self.what = what
        self.program = program
        self.host = host
        self.directory = directory
        self.arguments = arguments
        self.after_start = lambda: None

    def __str__(self):
        return "%s on %s" % (self.what, self.host.name)

    def path(self, extension):
        return os.path.join(self.directory, self.program + extension)

    def pid(self):
        """Returns its PID, or None if it does not run."""
        try:
            with open(self.path(".pid")) as f:
                pid = int(f.read())
            with open("/proc/%d/comm" % pid) as f:
                if f.read().strip() == self.program[:15]:
                    return pid if machine.is_running(pid) else None
        except (OSError, ValueError):
            pass
        return None

    def start(self):
        """Starts it, and returns once it has answered for itself."""
        if self.pid():
            raise LabError("%s: runs already" % self)
        self.host.run(self.program, "--pidfile", "--detach", "--no-chdir",
                      "--log-file", "-vconsole:off", *self.arguments)
        self.after_start()

    def kill(self):
        """Ends it as a crash would: it learns nothing, cleans up nothing."""
        pid = self.pid()
        if not pid:
            raise LabError("%s: does not run" % self)
        machine.kill(pid)

    def appctl(self, *command):
        """ovs-appctl(8) to this daemon."""
        return self.host.run("ovs-appctl", "-t", self.path(".%s.ctl"
                             % (self.pid() or "not-running")), *command)


def database(directory):
    """Returns how the central ovsdb-server is started."""
    return [os.path.join(directory, "dvs.db"),
            "--remote=punix:" + os.path.join(directory, "dvs_db.sock"),
            "--remote=ptcp:%d" % DATABASE_PORT]


def ovsdb(directory):
    """Returns how the ovsdb-server of a host is started."""
    return [os.path.join(directory, "conf.db"),
            "--remote=punix:" + os.path.join(directory, "db.sock")]


def of_machine(host, directory, programs):
    """Returns the daemons in 'programs' of machine 'host', by name, in the
    order in which they are started."""
    arguments = {"database": database(directory), "ovsdb": ovsdb(directory)}
    return {what: Daemon(what, program, host, directory,
                         arguments.get(what, []))
            for what, program in programs.items()}

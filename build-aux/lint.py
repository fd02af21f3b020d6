#!/usr/bin/env python3
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

"""lint.py TOP

Checks the house rules that a program can check, in all files that git knows
in the source tree TOP.  Prints FILE:LINE: sentence for each violation and
exits with status 1 if there is any.

What it does not check: anything a compiler warns of, and whether a comment
tells the truth.
"""

import os
import re
import subprocess
import sys

MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 100
MAX_COLUMNS = 79

# Folder -> folders of ours whose headers it may include.  (tests/ may include
# all.)
MAY_INCLUDE = {
    "schema": {"schema"},
    "controller": {"schema", "controller"},
    "ovs-bridge": {"schema", "ovs-bridge"},
    "utilities": {"schema", "utilities"},
}

# A file whose first comment after the license says "PURE" turns plain data
# into plain data, and so includes nothing that reaches a database, a socket,
# a clock or a control command.
NOT_PURE = re.compile(
    r"(^|/)(ovsdb-idl|.*-idl|rconn|poll-loop|openvswitch/poll-loop|timeval|"
    r"unixctl|stream|jsonrpc|vconn|openvswitch/vconn|daemon)\.h$"
    r"|^(time|sys/time|sys/socket)\.h$")

# Calls that nothing here makes, and what to call instead.
FORBIDDEN_CALLS = {
    "strcpy": "ovs_strlcpy",
    "strncpy": "ovs_strlcpy",
    "strcat": "struct ds",
    "strncat": "struct ds",
    "sprintf": "snprintf, xasprintf or struct ds",
    "vsprintf": "vsnprintf or xvasprintf",
    "gets": "ds_get_line",
    "strtok": "strtok_r or strsep",
    "strerror": "ovs_strerror",
    "malloc": "xmalloc",
    "calloc": "xcalloc",
    "realloc": "xrealloc",
    "strdup": "xstrdup",
    "strndup": "xmemdup0",
    "assert": "ovs_assert",
    "atoi": "str_to_int",
    "atol": "str_to_long",
    "time": "time_wall, and a parameter in pure files",
    "gettimeofday": "time_wall_msec",
    "localtime": "localtime_msec",
    "gmtime": "gmtime_msec",
    "sleep": "poll_timer_wait",
    "usleep": "poll_timer_wait",
    "system": "process_start or an argument vector",
    "popen": "an argument vector",
    "rand": "random_uint32",
    "alloca": "xmalloc",
    "setenv": "an argument",
    "getpwnam": "getpwnam_r",
}
FORBIDDEN_CALL = re.compile(
    r"(?<![\w.>])(%s)\s*\(" % "|".join(FORBIDDEN_CALLS))

# Static variables that change: state belongs into a struct.  Rate limiters
# are the exception.  (A control utility's options are not: the hooks
# of db-ctl-base have no argument for them, so utilities/ is not checked.)
STATIC_VARIABLE = re.compile(
    r"^\s*static\s+(?!.*\bconst\b)(?!struct vlog_rate_limit\b)"
    r"[a-z]\w*(\s+\w+)*[\s*]+\w+(\[[^]]*\])*\s*(=[^=]|;)")

LICENSE = "Licensed under the Apache License, Version 2.0"


class Lint:
    def __init__(self, top):
        self.top = top
        self.errors = []
        output = subprocess.check_output(
            ["git", "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], cwd=top).decode()
        # A file may be deleted but not yet so in the index.
        self.files = sorted(f for f in set(output.split("\0")) if f
                            and os.path.isfile(os.path.join(top, f)))
        self.text = {}

    def read(self, name):
        """The text of file 'name', or None if it is binary."""
        if name not in self.text:
            with open(os.path.join(self.top, name), "rb") as f:
                data = f.read()
            try:
                self.text[name] = data.decode()
            except UnicodeDecodeError:
                self.text[name] = None
        return self.text[name]

    def error(self, name, line, sentence):
        self.errors.append("%s:%d: %s" % (name, line, sentence))

    def run(self):
        for name in self.files:
            text = self.read(name)
            if not text:
                continue
            if name.endswith((".c", ".h", ".at")):
                self.check_size(name, text)
            if name.endswith((".c", ".h", ".at", ".py", ".sh", ".mk", ".am",
                              ".ac", ".m4", ".xml", ".md")):
                self.check_whitespace(name, text)
            if name.endswith((".c", ".h")):
                self.check_c(name, text)
            if name.endswith(".at"):
                self.check_at(name, text)
            if (name.endswith(".py")
                    or re.match(r"#!(.*python3|@PYTHON3@)", text)):
                self.check_python(name, text)
            elif name.endswith(".sh") or re.match(r"#! ?/bin/sh", text):
                self.check_shell(name)
        self.check_functions()
        for error in self.errors:
            print(error)
        return 1 if self.errors else 0

    def check_size(self, name, text):
        n = text.count("\n")
        if n > MAX_FILE_LINES:
            self.error(name, n, "%d lines; the limit is %d"
                       % (n, MAX_FILE_LINES))

    def check_whitespace(self, name, text):
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                self.error(name, number, "white space at the end of the line")
        if not text.endswith("\n"):
            self.error(name, text.count("\n") + 1,
                       "no newline at the end of the file")

    def check_c(self, name, text):
        if LICENSE not in text[:200]:
            self.error(name, 1, "the license header is missing")

        folder = name.split("/")[0]
        pure = self.is_pure(name)
        first = True
        code = strip_comments(text)
        for number, line in enumerate(code.split("\n"), 1):
            if "\t" in line:
                self.error(name, number, "tab")
            m = re.match(r'#\s*include\s+["<]([^">]+)[">]', line)
            if m:
                if first and name.endswith(".c") and m[1] != "config.h":
                    self.error(name, number, "<config.h> comes first")
                first = False
                self.check_include(name, number, folder, pure, m[1])
            m = FORBIDDEN_CALL.search(line)
            if m and not line.startswith("#"):
                self.error(name, number, "%s() is not for us; use %s"
                           % (m[1], FORBIDDEN_CALLS[m[1]]))
            if (folder in ("schema", "controller", "ovs-bridge")
                    and STATIC_VARIABLE.match(line)):
                self.error(name, number, "static variable that is not const")
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > MAX_COLUMNS:
                self.error(name, number, "%d columns; the limit is %d"
                           % (len(line), MAX_COLUMNS))
        if name.endswith(".c") and first:
            self.error(name, 1, "<config.h> is not included")

    def check_include(self, name, number, folder, pure, header):
        parts = header.split("/")
        if (len(parts) > 1 and parts[0] in MAY_INCLUDE
                and folder in MAY_INCLUDE
                and parts[0] not in MAY_INCLUDE[folder]):
            self.error(name, number, "%s/ may not include %s/"
                       % (folder, parts[0]))
        if header == "lib/vswitch-idl.h":
            self.error(name, number, "the agent's is ovs-bridge/ovs-idl.h")
        if pure:
            trail = self.not_pure(header, set())
            if trail:
                self.error(name, number, "a PURE file may not include %s"
                           % " through ".join(reversed(trail)))

    def is_pure(self, name):
        """Whether the comment that opens file 'name' says that it is PURE."""
        text = self.read(name)
        m = re.match(r"\s*/\*.*?\*/\s*(#\s*(?:ifndef|define)[^\n]*\s+)*"
                     r"(/\*.*?\*/)", text, re.S)
        return bool(m and re.search(r"\bPURE\b", m[2]))

    def not_pure(self, header, seen):
        """The includes that lead from 'header' to one that is not for pure
        files, or []."""
        if header in seen:
            return []
        seen.add(header)
        if NOT_PURE.search(header):
            return [header]
        if header in self.files:
            for m in re.finditer(r'^#\s*include\s+["<]([^">]+)[">]',
                                 strip_comments(self.read(header)), re.M):
                trail = self.not_pure(m[1], seen)
                if trail:
                    return [header] + trail
        return []

    def check_at(self, name, text):
        for number, line in enumerate(text.split("\n"), 1):
            # (dvs-macros.at has what waits for conditions.)
            if (name != "tests/dvs-macros.at"
                    and re.search(r"(^|[;&|(\[]|\b(do|then|else))\s*u?sleep"
                                  r"\s+[0-9$]", line)):
                self.error(name, number,
                           "sleep: wait for a condition (OVS_WAIT_UNTIL)")
        base = os.path.basename(name)
        suite = self.read("tests/testsuite.at") \
            if "tests/testsuite.at" in self.files else ""
        if (base != "testsuite.at"
                and "m4_include([%s])" % base not in suite):
            self.error(name, 1, "tests/testsuite.at does not include it")

    def check_python(self, name, text):
        try:
            compile(text, name, "exec")
        except SyntaxError as e:
            self.error(name, e.lineno or 1, e.msg)

    def check_shell(self, name):
        p = subprocess.run(["sh", "-n", name], cwd=self.top,
                           stderr=subprocess.PIPE)
        if p.returncode:
            self.error(name, 1, p.stderr.decode().strip())

    def check_functions(self):
        ctags = os.environ.get("CTAGS", "ctags")
        files = [f for f in self.files if f.endswith(".c")]
        try:
            p = subprocess.run(
                [ctags, "-L", "-", "--languages=C", "--c-kinds=f",
                 "--fields=+ne", "-o", "-"], cwd=self.top,
                input="\n".join(files).encode(), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE)
        except OSError:
            p = None
        if p is None or p.returncode:
            print("lint: without Universal Ctags the length of functions is "
                  "not checked", file=sys.stderr)
            return
        for line in p.stdout.decode().split("\n"):
            start = re.search(r"\tline:(\d+)", line)
            end = re.search(r"\tend:(\d+)", line)
            if start and end:
                n = int(end[1]) - int(start[1]) + 1
                if n > MAX_FUNCTION_LINES:
                    fields = line.split("\t")
                    self.error(fields[1], int(start[1]),
                               "%s() has %d lines; the limit is %d"
                               % (fields[0], n, MAX_FUNCTION_LINES))


def strip_comments(text):
    """'text' of a C file with its comments blanked and its strings emptied;
    lines keep their numbers."""
    def blank(m):
        s = m[0]
        if s[0] == "/":
            return re.sub(r"[^\n]", " ", s)
        return s[0] + s[-1] if "\n" not in s else s
    # An #include's quotes are no string.
    return re.sub(r'^\s*#\s*include[^\n]*|/\*.*?\*/|//[^\n]*'
                  r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  lambda m: m[0] if m[0].lstrip().startswith("#")
                  else blank(m), text, flags=re.S | re.M)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(Lint(sys.argv[1]).run())

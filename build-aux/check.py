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

"""check.py BUILD

Runs every test suite and prints, as the last line,

    N passed, N failed, N skipped

summed over all of them.  Exits with status 1 if anything failed.

BUILD is a build that is up to date.  Beside it this makes BUILD-asan (gcc,
AddressSanitizer and UndefinedBehaviorSanitizer) and, if there is a clang,
BUILD-clang, both with all warnings as errors.  ($CLANG may name another
clang.)  All output goes to logs in BUILD/check/; of what fails, the end of
its log is shown.

The scenarios run with the sanitizers, which find more and cost little: most of
their time goes into Open vSwitch's programs.  The programs as they are
installed run in the system tests.

A scenario or system test that fails runs once more, by itself: a machine that
was too busy is no fault of ours; a fault of ours shows again.  If it passes
then, it has passed, and this says so.

A test that should have run but has no result counts as failed: the numbers
of tests come from what the build says it has, not from what reported.
"""

import concurrent.futures
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import time

# No suite takes half of this.  One that hangs is killed.
TIMEOUT_S = 1800

FUZZ_TIME_S = 10

# If more than so many fail, it is not for want of luck.
MAX_AGAIN = 5

# Of longer lines of logs only so much is shown.
MAX_LINE = 300

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))


class Result:
    def __init__(self):
        self.passed = 0
        self.skips = []         # names
        self.failures = []      # (name, log file or None)
        self.again = []         # names of those that passed the second time

    def add(self, other):
        self.passed += other.passed
        self.skips += other.skips
        self.failures += other.failures
        self.again += other.again

    def __str__(self):
        return ("%d passed, %d failed, %d skipped"
                % (self.passed, len(self.failures), len(self.skips)))


class Check:
    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.logs = os.path.join(self.build, "check")
        # Of what is built; one more scenario or system test runs at a time,
        # for they wait now and then.
        self.jobs = os.cpu_count() or 1
        self.total = Result()
        self.failed = []        # what the end says again

    def run(self, args, log, cwd=None, env=None):
        """Runs 'args' with its output in file 'log'; kills it, with all that
        it started, after TIMEOUT_S.  Returns its exit status, or a sentence
        if it has none."""
        with open(log, "ab") as f:
            p = subprocess.Popen(args, cwd=cwd or TOP, stdin=subprocess.DEVNULL,
                                 stdout=f, stderr=subprocess.STDOUT,
                                 env=dict(os.environ, **(env or {})),
                                 start_new_session=True)
            try:
                status = p.wait(TIMEOUT_S)
            except BaseException as e:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
                if isinstance(e, subprocess.TimeoutExpired):
                    return "killed after %d s" % TIMEOUT_S
                raise
        return status if status >= 0 else "killed by signal %d" % -status

    def make(self, build, log, *targets):
        return self.run(["make", "-k", "-j%d" % self.jobs] + list(targets),
                        log, build)

    def variable(self, build, name):
        """The words of variable 'name' in the Makefile of 'build'."""
        text = "include Makefile\ndvs-show:\n\t@echo '' $(%s)\n" % name
        p = subprocess.run(["make", "-s", "-f", "-", "dvs-show"], cwd=build,
                           input=text.encode(), stdout=subprocess.PIPE,
                           check=True)
        return p.stdout.decode().split()

    def suite(self, title, function, *args):
        """Runs 'function', which gets the name of a fresh log file and 'args'
        and returns a Result, and tells of it."""
        print("%-34s " % title, end="", flush=True)
        start = time.monotonic()
        log = os.path.join(self.logs,
                           re.sub(r"[^a-z0-9]+", "-", title.lower()) + ".log")
        if os.path.exists(log):
            os.remove(log)
        try:
            result = function(log, *args)
        except Exception as e:
            result = Result()
            result.failures.append((repr(e), log))
        seconds = time.monotonic() - start
        print("%s (%d s)" % (result, seconds))
        for name in result.skips:
            print("    skipped: %s" % name)
        for name in result.again:
            print("    passed the second time: %s" % name)
        shown = set()
        for name, where in result.failures:
            print("    FAILED: %s%s" % (name, " (%s)" % os.path.relpath(where)
                                        if where else ""))
        for name, where in result.failures[:8]:
            if where and where not in shown and os.path.exists(where):
                shown.add(where)
                print("---- end of %s:" % os.path.relpath(where))
                # Lines with ">" are logs that a scenario shows in passing.
                with open(where, errors="replace") as f:
                    lines = [s for s in f if not s.startswith("> ")]
                for line in lines[-60:]:
                    print(line.rstrip("\n")[:MAX_LINE])
                print("----")
        sys.stdout.flush()
        self.total.add(result)
        self.failed += ["%s: %s" % (title, name)
                        for name, _ in result.failures]
        return not result.failures

    def configure(self, log, build, *flags):
        """Configures and builds a further configuration: one test."""
        result = Result()
        os.makedirs(build, exist_ok=True)
        status = 0
        if not os.path.exists(os.path.join(build, "config.status")):
            status = self.run(
                [os.path.join(TOP, "configure"), "--enable-Werror",
                 "--with-ovs-build=%s"
                 % self.variable(self.build, "OVS_BUILD")[0]]
                + list(flags), log, build)
        if status == 0:
            status = self.make(build, log)
        if status == 0:
            result.passed += 1
        else:
            result.failures.append(("build: status %s" % status, log))
        return result

    def configure_clang(self, log, build):
        cc = os.environ.get("CLANG", "clang")
        if not shutil.which(cc):
            result = Result()
            result.skips.append("there is no %s" % cc)
            return result
        return self.configure(log, build, "--enable-sanitizers",
                              "--enable-fuzzing", "CC=" + cc,
                              "CFLAGS=-g -O1")

    def unit(self, log, build):
        """The programs that speak TAP: the unit tests and the replays of the
        fuzz targets' corpora."""
        result = Result()
        status = self.make(build, log, "check-TESTS")
        for test in self.variable(build, "TESTS"):
            base = os.path.join(build, test)
            outcomes = []
            try:
                with open(base + ".trs") as f:
                    outcomes = re.findall(r"^:test-result: (\w+)", f.read(),
                                          re.M)
            except OSError:
                pass
            result.passed += sum(o in ("PASS", "XFAIL") for o in outcomes)
            result.skips += [test] * outcomes.count("SKIP")
            bad = [o for o in outcomes if o not in ("PASS", "XFAIL", "SKIP")]
            if not outcomes:
                bad = ["no result"]
            result.failures += [("%s: %s" % (test, o),
                                 base + ".log" if os.path.exists(base + ".log")
                                 else log) for o in bad]
        if status != 0 and not result.failures:
            result.failures.append(("make check-TESTS: status %s" % status,
                                    log))
        return result

    def scenarios(self, log, build):
        """The Autotest suite."""
        result = Result()
        status = self.make(build, log, "tests/testsuite", "tests/atconfig")
        listing = ""
        if status == 0:
            listing = subprocess.run(
                ["sh", "tests/testsuite", "-C", "tests", "--list"], cwd=build,
                stdout=subprocess.PIPE).stdout.decode(errors="replace")
            status = self.make(build, log, "check-autotest",
                               "TESTSUITEFLAGS=-j%d" % (self.jobs + 1))
        groups = dict(re.findall(r"^ *(\d+): \S+:\d+ +(.*\S)", listing, re.M))
        lines = self.outcomes(log)
        again = self.scenarios_again(log, build, [
            number for number in groups
            if lines.get(number) in ("FAILED", "UNEXPECTED PASS")])
        for number in sorted(groups, key=int):
            outcome = lines.get(number, "no result")
            name = "%s: %s" % (number, groups[number])
            if outcome != "ok" and again.get(number) == "ok":
                outcome = "ok"
                result.again.append(name)
            if outcome in ("ok", "expected failure"):
                result.passed += 1
            elif outcome == "skipped":
                result.skips.append(name)
            else:
                where = glob.glob(os.path.join(
                    build, "tests/testsuite.dir",
                    number.zfill(len(str(len(groups)))), "testsuite.log"))
                result.failures.append(("%s: %s" % (name, outcome),
                                        where[0] if where else log))
        if not groups or (status != 0 and not result.failures
                          and not result.again):
            result.failures.append(("Autotest: status %s" % status, log))
        return result

    def scenarios_again(self, log, build, failed):
        """Runs the scenarios whose numbers are 'failed' once more, one after
        the other.  Keeps the logs of the first time.  Returns the outcome of
        each by number."""
        if not 0 < len(failed) <= MAX_AGAIN:
            return {}
        for number in failed:
            for name in glob.glob(os.path.join(
                    build, "tests/testsuite.dir/*%s/testsuite.log" % number)):
                if int(name.split("/")[-2]) == int(number):
                    shutil.copy(name, "%s.%s.first.log" % (log[:-4], number))
        second = log[:-4] + ".again.log"
        if os.path.exists(second):
            os.remove(second)
        self.make(build, second, "check-autotest",
                  "TESTSUITEFLAGS=" + " ".join(failed))
        return self.outcomes(second)

    @staticmethod
    def outcomes(log):
        """Returns the outcome of each scenario in 'log' by its number."""
        if not os.path.exists(log):
            return {}
        with open(log, errors="replace") as f:
            return dict(re.findall(
                r"^ *(\d+): .*\s(ok|skipped|FAILED|expected failure"
                r"|UNEXPECTED PASS)\b[^\n]*$", f.read(), re.M))

    def fuzz(self, log, build):
        """Each fuzz target for a while on new input, several at a time: a
        target uses one processor."""
        result = Result()
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            running = {pool.submit(self.fuzz_target, log, build, fuzzer):
                       os.path.basename(fuzzer)
                       for fuzzer in self.variable(build, "FUZZERS")}
            try:
                for target, name in running.items():
                    status, own = target.result()
                    if status == 0:
                        result.passed += 1
                    else:
                        result.failures.append(
                            ("%s: status %s" % (name, status), own))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return result

    def fuzz_target(self, log, build, fuzzer):
        """Runs one fuzz target; returns its status and its log."""
        name = os.path.basename(fuzzer)
        work = os.path.join(build, "tests/fuzz/work", name)
        os.makedirs(work, exist_ok=True)
        corpus = os.path.join(TOP, "tests/fuzz/corpus",
                              name.replace("fuzz-", "", 1))
        own = "%s.%s.log" % (log[:-4], name)
        if os.path.exists(own):
            os.remove(own)
        return self.run(
            [os.path.join(build, fuzzer),
             "-max_total_time=%d" % FUZZ_TIME_S, "-timeout=10",
             "-artifact_prefix=%s/" % self.logs, work, corpus],
            own, build), own

    def distribution(self, log):
        """That the distribution is complete: it builds, installs and leaves
        nothing behind.  The scenarios have run already; a few suffice."""
        result = Result()
        status = self.make(self.build, log, "distcheck",
                           "TESTSUITEFLAGS=-k programs")
        if status == 0:
            result.passed += 1
        else:
            result.failures.append(("make distcheck: status %s" % status, log))
        return result

    def system(self, log, program, *options):
        """A suite of its own, which ends with a line like our last."""
        result = Result()
        status = self.run([program, *options, self.build], log)
        with open(log, errors="replace") as f:
            text = f.read()
        numbers = re.findall(
            r"^(\d+) passed, (\d+) failed, (\d+) skipped$", text, re.M)
        why = re.findall(r"^ok \d+ - (.*# skip .*)$", text, re.M)
        bad = re.findall(r"^not ok \d+ - (.*)$", text, re.M)
        result.again += [
            name for name in re.findall(r"^# again: (.*)$", text, re.M)
            if not any(b.startswith(name + ":") for b in bad)]
        if bad:
            # What they say, without what the others say.
            log = log[:-4] + ".failed.log"
            with open(log, "w") as f:
                f.writelines(re.findall(r"^not ok .*\n(?:    .*\n)*", text,
                                        re.M))
        if numbers:
            passed, failed, skipped = map(int, numbers[-1])
            result.passed += passed
            result.skips += why[:skipped]
            result.skips += ["see its log"] * (skipped - len(why))
            bad += ["see its log"] * (failed - len(bad))
            result.failures += [(name, log) for name in bad[:failed]]
        if not numbers or (status != 0 and not result.failures):
            result.failures.append(("status %s" % status, log))
        return result

    def kernel(self, log, program):
        """Likewise, with a program of its own in the build."""
        result = Result()
        status = self.make(self.build, log, "tests/kernel/init")
        if status != 0:
            result.failures.append(("tests/kernel/init: status %s" % status,
                                    log))
            return result
        first = self.system(log, program)
        if not first.failures:
            return first
        # Rates, measured on a processor that is emulated.
        os.rename(log, log[:-4] + ".first.log")
        second = self.system(log, program)
        bad = [name for name, _ in second.failures]
        second.again += [name for name, _ in first.failures
                         if name not in bad]
        return second

    def all(self):
        os.makedirs(self.logs, exist_ok=True)
        self.suite("Unit tests", self.unit, self.build)
        asan = self.build + "-asan"
        if self.suite("Build with sanitizers", self.configure, asan,
                      "--enable-sanitizers", "CFLAGS=-g -O1"):
            self.suite("Unit tests with sanitizers", self.unit, asan)
            self.suite("Scenarios with sanitizers", self.scenarios, asan)

        clang = self.build + "-clang"
        if (self.suite("Build with clang", self.configure_clang, clang)
                and os.path.exists(clang)):
            self.suite("Fuzzing", self.fuzz, clang)

        self.suite("Distribution", self.distribution)

        program = os.path.join(TOP, "tests/system/run")
        if os.path.exists(program):
            self.suite("System tests", self.system, program,
                       "--jobs=%d" % (self.jobs + 1), "--recheck")
        program = os.path.join(TOP, "tests/kernel/run")
        if os.path.exists(program):
            self.suite("System tests in the kernel", self.kernel, program)

        for name in self.failed:
            print("failed: " + name)
        print(self.total)
        return 1 if self.total.failures else 0


if __name__ == "__main__":
    # A make that runs this, as a test, is none of those that this runs.
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    # So that what runs is killed on the way out.
    signal.signal(signal.SIGTERM, lambda signum, frame: sys.exit(1))
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(Check(sys.argv[1]).all())

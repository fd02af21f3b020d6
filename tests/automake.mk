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

# Scenarios (Autotest), one file a feature.  testsuite.at includes each.
TESTSUITE_AT = \
	tests/testsuite.at \
	tests/dvs-macros.at \
	tests/agent-macros.at \
	tests/agent-host-made.at \
	tests/agent-restart.at \
	tests/agent-rollback.at \
	tests/agent.at \
	tests/agent-cost.at \
	tests/check.at \
	tests/controller-daemon.at \
	tests/controller-binding.at \
	tests/controller-faults.at \
	tests/controller-macros.at \
	tests/checkpoints.at \
	tests/cluster.at \
	tests/controller.at \
	tests/daemon.at \
	tests/dvsctl-commands.at \
	tests/dvsctl-daemon.at \
	tests/dvsctl-class.at \
	tests/dvsctl-lag.at \
	tests/dvsctl-pvlan.at \
	tests/dvsctl-rule.at \
	tests/documents.at \
	tests/dvsctl.at \
	tests/host-nics.at \
	tests/learning.at \
	tests/lint.at \
	tests/marks.at \
	tests/members.at \
	tests/multicast.at \
	tests/shaping.at \
	tests/of-conn.at \
	tests/pipeline.at \
	tests/pipeline-macros.at \
	tests/plan.at \
	tests/rbac.at \
	tests/reservations.at \
	tests/room.at \
	tests/rules.at \
	tests/rollouts.at \
	tests/tasks.at \
	tests/teaming.at \
	tests/tx-uplink.at \
	tests/uplinks.at \
	tests/programs.at

# Macros of Open vSwitch's own tests, taken from its tree.  The sed points
# them to that tree for what they use of it.
OVS_MACROS_AT = \
	tests/ovs/ofproto-macros.at \
	tests/ovs/ovs-macros.at \
	tests/ovs/ovsdb-macros.at

TESTSUITE = tests/testsuite
AUTOTEST = $(AUTOM4TE) --language=autotest
AUTOTEST_PATH = utilities:controller:ovs-bridge:tests

EXTRA_DIST += \
	$(TESTSUITE_AT) \
	tests/bench/controller.py \
	tests/bench/failover.py \
	tests/bench/headless.py \
	tests/bench/migration.py \
	tests/bench/monitors.py \
	tests/bench/rules.py \
	tests/bench/shaping.py \
	tests/bench/throughput.py \
	tests/controller-random.py \
	tests/plan-random.py \
	tests/controller-rows.py \
	tests/dvsdb.py \
	tests/frames.py \
	tests/lookups.py \
	tests/meterless.py \
	tests/ovsdb-proxy.py \
	tests/rbac-attack.py
CLEANFILES += $(OVS_MACROS_AT) $(TESTSUITE) tests/package.m4 tests/testsuite.log
DISTCLEANFILES += tests/atconfig

$(OVS_MACROS_AT): Makefile
	$(AM_V_GEN)$(MKDIR_P) tests/ovs && \
	$(SED) -e 's,\$$abs_top_srcdir/vswitchd/,$$ovs_builddir/vswitchd/,g' \
	    -e 's,"\$$top_srcdir"/tests/,"$$ovs_builddir"/tests/,g' \
	    -e 's,\$$srcdir/test-ovsdb,$$ovs_builddir/tests/test-ovsdb,g' \
	    $(OVS_BUILD)/$(@:tests/ovs/%=tests/%) > $@.tmp && mv $@.tmp $@

tests/package.m4: $(top_srcdir)/configure.ac
	$(AM_V_GEN)$(MKDIR_P) tests && { \
	  echo '# Signature of the current package.' && \
	  echo 'm4_define([AT_PACKAGE_NAME],      [$(PACKAGE_NAME)])' && \
	  echo 'm4_define([AT_PACKAGE_TARNAME],   [$(PACKAGE_TARNAME)])' && \
	  echo 'm4_define([AT_PACKAGE_VERSION],   [$(PACKAGE_VERSION)])' && \
	  echo 'm4_define([AT_PACKAGE_STRING],    [$(PACKAGE_STRING)])' && \
	  echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	} > $@

$(TESTSUITE): tests/package.m4 $(TESTSUITE_AT) $(OVS_MACROS_AT)
	$(AM_V_GEN)$(AUTOTEST) -I tests -I $(srcdir) -I $(srcdir)/tests \
		-I $(OVS_BUILD) 		-o $@.tmp $(srcdir)/tests/testsuite.at
	$(AM_V_at)mv $@.tmp $@

# "make check TESTSUITEFLAGS='-k port'" runs a part.
CHECK_LOCAL += check-autotest
check-autotest: $(TESTSUITE) tests/atconfig tests/atlocal all-am \
		$(check_PROGRAMS)
	set $(SHELL) '$(TESTSUITE)' -C tests AUTOTEST_PATH=$(AUTOTEST_PATH); \
	"$$@" -j2 $(TESTSUITEFLAGS) || \
	(test X'$(RECHECK)' = Xyes && "$$@" --recheck)

CLEAN_LOCAL += clean-autotest
clean-autotest:
	rm -rf tests/testsuite.dir

# Programs that scenarios run.
check_PROGRAMS += tests/test-of-conn
tests_test_of_conn_SOURCES = tests/test-of-conn.c
tests_test_of_conn_LDADD = ovs-bridge/libovs-bridge.la $(OVS_LIBS)

check_PROGRAMS += tests/pipeline-dump
tests_pipeline_dump_SOURCES = tests/pipeline-dump.c $(MODEL_TEXT)
tests_pipeline_dump_LDADD = ovs-bridge/libovs-bridge.la $(OVS_LIBS)

# What the tests of the OpenFlow compiler share.
MODEL_TEXT = \
	tests/model-text.c \
	tests/model-text.h

# Unit tests and replays report each case in the Test Anything Protocol.
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	OVS_SYSLOG_METHOD=null; export OVS_SYSLOG_METHOD; \
	ASAN_OPTIONS=detect_leaks=1:$$ASAN_OPTIONS; export ASAN_OPTIONS; \
	UBSAN_OPTIONS=print_stacktrace=1:$$UBSAN_OPTIONS; export UBSAN_OPTIONS;
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh

include tests/fuzz/automake.mk
include tests/unit/automake.mk
include tests/kernel/automake.mk
include tests/system/automake.mk

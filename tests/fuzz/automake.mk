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

# Fuzz targets: fuzz-NAME.c has LLVMFuzzerTestOneInput().  As a test,
# replay-NAME runs it on each file of corpus/NAME.  With --enable-fuzzing,
# fuzz-NAME looks for more.
FUZZ_LIBS = schema/libdvs.la $(OVS_LIBS)
FUZZ_REPLAYS = \
	tests/fuzz/replay-beacon \
	tests/fuzz/replay-document \
	tests/fuzz/replay-host-cache \
	tests/fuzz/replay-lacp \
	tests/fuzz/replay-openflow \
	tests/fuzz/replay-setting \
	tests/fuzz/replay-snoop
FUZZERS = \
	tests/fuzz/fuzz-beacon \
	tests/fuzz/fuzz-document \
	tests/fuzz/fuzz-host-cache \
	tests/fuzz/fuzz-lacp \
	tests/fuzz/fuzz-openflow \
	tests/fuzz/fuzz-setting \
	tests/fuzz/fuzz-snoop
EXTRA_DIST += \
	tests/fuzz/corpus/beacon/cut \
	tests/fuzz/corpus/beacon/nul \
	tests/fuzz/corpus/beacon/plain \
	tests/fuzz/corpus/beacon/tagged \
	tests/fuzz/corpus/document/cut-off \
	tests/fuzz/corpus/document/duplicates \
	tests/fuzz/corpus/document/example \
	tests/fuzz/corpus/document/faults \
	tests/fuzz/corpus/document/minimal \
	tests/fuzz/corpus/document/no-checksum \
	tests/fuzz/corpus/document/portgroups-only \
	tests/fuzz/corpus/document/setting \
	tests/fuzz/corpus/document/state \
	tests/fuzz/corpus/document/two-switches \
	tests/fuzz/corpus/document/types \
	tests/fuzz/corpus/document/wrong-checksum \
	tests/fuzz/corpus/host-cache/absences \
	tests/fuzz/corpus/host-cache/cut \
	tests/fuzz/corpus/host-cache/file \
	tests/fuzz/corpus/host-cache/rows \
	tests/fuzz/corpus/host-cache/types \
	tests/fuzz/corpus/host-cache/zero-uuid \
	tests/fuzz/corpus/lacp/lags \
	tests/fuzz/corpus/lacp/nonsense \
	tests/fuzz/corpus/openflow/cut \
	tests/fuzz/corpus/openflow/error \
	tests/fuzz/corpus/openflow/flows \
	tests/fuzz/corpus/openflow/groups \
	tests/fuzz/corpus/openflow/meters \
	tests/fuzz/corpus/setting/all \
	tests/fuzz/corpus/setting/numbers \
	tests/fuzz/corpus/setting/rules \
	tests/fuzz/corpus/setting/uplinks \
	tests/fuzz/corpus/setting/vlan \
	tests/fuzz/corpus/setting/words \
	tests/fuzz/corpus/snoop/cut \
	tests/fuzz/corpus/snoop/igmp \
	tests/fuzz/corpus/snoop/many \
	tests/fuzz/corpus/snoop/mld
check_PROGRAMS += $(FUZZ_REPLAYS)
TESTS += $(FUZZ_REPLAYS)
if FUZZING
noinst_PROGRAMS += $(FUZZERS)
else
EXTRA_PROGRAMS = $(FUZZERS)
endif

tests_fuzz_replay_document_SOURCES = \
	tests/fuzz/fuzz-document.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_document_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_document_SOURCES = \
	tests/fuzz/fuzz-document.c \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_document_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_document_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_replay_setting_SOURCES = \
	tests/fuzz/fuzz-setting.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_setting_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_setting_SOURCES = tests/fuzz/fuzz-setting.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_setting_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_setting_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

AGENT_FUZZ_LIBS = ovs-bridge/libovs-bridge.la $(FUZZ_LIBS)
tests_fuzz_replay_host_cache_SOURCES = \
	tests/fuzz/fuzz-host-cache.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_host_cache_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_host_cache_SOURCES = \
	tests/fuzz/fuzz-host-cache.c \
	tests/fuzz/fuzz.h
tests_fuzz_fuzz_host_cache_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_host_cache_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_replay_snoop_SOURCES = \
	tests/fuzz/fuzz-snoop.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_snoop_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_snoop_SOURCES = tests/fuzz/fuzz-snoop.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_snoop_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_snoop_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_replay_beacon_SOURCES = \
	tests/fuzz/fuzz-beacon.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_beacon_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_beacon_SOURCES = tests/fuzz/fuzz-beacon.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_beacon_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_beacon_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_replay_lacp_SOURCES = \
	tests/fuzz/fuzz-lacp.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_replay_lacp_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_lacp_SOURCES = tests/fuzz/fuzz-lacp.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_lacp_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_lacp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

tests_fuzz_replay_openflow_SOURCES = \
	tests/fuzz/fuzz-openflow.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c \
	$(MODEL_TEXT)
tests_fuzz_replay_openflow_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_openflow_SOURCES = \
	tests/fuzz/fuzz-openflow.c \
	tests/fuzz/fuzz.h \
	$(MODEL_TEXT)
tests_fuzz_fuzz_openflow_LDADD = $(AGENT_FUZZ_LIBS)
tests_fuzz_fuzz_openflow_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer

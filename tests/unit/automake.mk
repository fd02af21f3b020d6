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

# Unit tests (cmocka), each its own program.  The source of a test is
# tests/unit/test-NAME.c, and it links the model library, unless said below.
UNIT_TESTS = \
	tests/unit/test-controller \
	tests/unit/test-controller-binding \
	tests/unit/test-balance \
	tests/unit/test-beacon \
	tests/unit/test-bridge-config \
	tests/unit/test-class \
	tests/unit/test-confirm \
	tests/unit/test-counters \
	tests/unit/test-desired \
	tests/unit/test-document \
	tests/unit/test-document-check \
	tests/unit/test-host-cache \
	tests/unit/test-host-view \
	tests/unit/test-impact \
	tests/unit/test-json-names \
	tests/unit/test-lag \
	tests/unit/test-limits \
	tests/unit/test-model \
	tests/unit/test-of-batch \
	tests/unit/test-of-count \
	tests/unit/test-pipeline \
	tests/unit/test-pool \
	tests/unit/test-port-vlans \
	tests/unit/test-pvlan \
	tests/unit/test-rates \
	tests/unit/test-rows \
	tests/unit/test-setting \
	tests/unit/test-setting-text \
	tests/unit/test-snoop \
	tests/unit/test-validate
if HAVE_CMOCKA
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif

UNIT_LDADD = schema/libdvs.la $(CMOCKA_LIBS) $(OVS_LIBS)
LDADD = $(UNIT_LDADD)

tests_unit_test_json_names_LDADD = tests/unit/libjansson-side.la $(UNIT_LDADD)
check_LTLIBRARIES = tests/unit/libjansson-side.la
tests_unit_libjansson_side_la_SOURCES = \
	tests/unit/jansson-side.c \
	tests/unit/jansson-side.h
tests_unit_libjansson_side_la_CPPFLAGS = $(BASE_CPPFLAGS) $(JANSSON_CFLAGS)
tests_unit_libjansson_side_la_LIBADD = $(JANSSON_LIBS)

tests_unit_test_rates_SOURCES = \
	tests/unit/test-rates.c \
	utilities/ctl-rates.c

CONTROLLER_LDADD = controller/libcontroller.la $(UNIT_LDADD)
tests_unit_test_controller_LDADD = $(CONTROLLER_LDADD)
tests_unit_test_controller_binding_LDADD = $(CONTROLLER_LDADD)

AGENT_LDADD = ovs-bridge/libovs-bridge.la $(UNIT_LDADD)
tests_unit_test_balance_LDADD = $(AGENT_LDADD)
tests_unit_test_beacon_LDADD = $(AGENT_LDADD)
tests_unit_test_bridge_config_LDADD = $(AGENT_LDADD)
tests_unit_test_confirm_LDADD = $(AGENT_LDADD)
tests_unit_test_host_cache_LDADD = $(AGENT_LDADD)
tests_unit_test_counters_LDADD = $(AGENT_LDADD)
tests_unit_test_of_batch_LDADD = $(AGENT_LDADD)
tests_unit_test_of_count_LDADD = $(AGENT_LDADD)
tests_unit_test_desired_LDADD = $(AGENT_LDADD)
tests_unit_test_host_view_SOURCES = tests/unit/test-host-view.c $(MODEL_TEXT)
tests_unit_test_host_view_LDADD = $(AGENT_LDADD)
tests_unit_test_pipeline_SOURCES = tests/unit/test-pipeline.c $(MODEL_TEXT)
tests_unit_test_pipeline_LDADD = $(AGENT_LDADD)
tests_unit_test_port_vlans_LDADD = $(AGENT_LDADD)
tests_unit_test_lag_LDADD = $(AGENT_LDADD)
tests_unit_test_snoop_LDADD = $(AGENT_LDADD)

# Each case is a folder with the files "in" and "flows".
EXTRA_DIST += \
	tests/unit/cases/pipeline/beacon/flows \
	tests/unit/cases/pipeline/beacon/in \
	tests/unit/cases/pipeline/blocked/flows \
	tests/unit/cases/pipeline/blocked/in \
	tests/unit/cases/pipeline/chunks/flows \
	tests/unit/cases/pipeline/chunks/in \
	tests/unit/cases/pipeline/forged/flows \
	tests/unit/cases/pipeline/forged/in \
	tests/unit/cases/pipeline/lag/flows \
	tests/unit/cases/pipeline/lag/in \
	tests/unit/cases/pipeline/lag-hash/flows \
	tests/unit/cases/pipeline/lag-hash/in \
	tests/unit/cases/pipeline/lag-ports/flows \
	tests/unit/cases/pipeline/lag-ports/in \
	tests/unit/cases/pipeline/learn-limits/flows \
	tests/unit/cases/pipeline/learn-limits/in \
	tests/unit/cases/pipeline/learn-private/flows \
	tests/unit/cases/pipeline/learn-private/in \
	tests/unit/cases/pipeline/learn-teams/flows \
	tests/unit/cases/pipeline/learn-teams/in \
	tests/unit/cases/pipeline/learn/flows \
	tests/unit/cases/pipeline/learn/in \
	tests/unit/cases/pipeline/mac-changed-reject/flows \
	tests/unit/cases/pipeline/mac-changed-reject/in \
	tests/unit/cases/pipeline/mac-changed/flows \
	tests/unit/cases/pipeline/mac-changed/in \
	tests/unit/cases/pipeline/marks/flows \
	tests/unit/cases/pipeline/marks/in \
	tests/unit/cases/pipeline/multicast-no-meters/flows \
	tests/unit/cases/pipeline/multicast-no-meters/in \
	tests/unit/cases/pipeline/multicast-switch/flows \
	tests/unit/cases/pipeline/multicast-switch/in \
	tests/unit/cases/pipeline/multicast/flows \
	tests/unit/cases/pipeline/multicast/in \
	tests/unit/cases/pipeline/no-mac/flows \
	tests/unit/cases/pipeline/no-mac/in \
	tests/unit/cases/pipeline/no-ofport/flows \
	tests/unit/cases/pipeline/no-ofport/in \
	tests/unit/cases/pipeline/no-uplink/flows \
	tests/unit/cases/pipeline/no-uplink/in \
	tests/unit/cases/pipeline/not-here/flows \
	tests/unit/cases/pipeline/not-here/in \
	tests/unit/cases/pipeline/promiscuous/flows \
	tests/unit/cases/pipeline/promiscuous/in \
	tests/unit/cases/pipeline/pvlan/flows \
	tests/unit/cases/pipeline/pvlan/in \
	tests/unit/cases/pipeline/rules/flows \
	tests/unit/cases/pipeline/rules/in \
	tests/unit/cases/pipeline/rules-actions/flows \
	tests/unit/cases/pipeline/rules-actions/in \
	tests/unit/cases/pipeline/rules-limits-no-meters/flows \
	tests/unit/cases/pipeline/rules-limits-no-meters/in \
	tests/unit/cases/pipeline/rules-limits/flows \
	tests/unit/cases/pipeline/rules-limits/in \
	tests/unit/cases/pipeline/rules-negated/flows \
	tests/unit/cases/pipeline/rules-negated/in \
	tests/unit/cases/pipeline/rules-qualifiers/flows \
	tests/unit/cases/pipeline/rules-qualifiers/in \
	tests/unit/cases/pipeline/rules-ranges/flows \
	tests/unit/cases/pipeline/rules-ranges/in \
	tests/unit/cases/pipeline/same-mac/flows \
	tests/unit/cases/pipeline/same-mac/in \
	tests/unit/cases/pipeline/switch/flows \
	tests/unit/cases/pipeline/switch/in \
	tests/unit/cases/pipeline/shaping-no-meters/flows \
	tests/unit/cases/pipeline/shaping-no-meters/in \
	tests/unit/cases/pipeline/shaping/flows \
	tests/unit/cases/pipeline/shaping/in \
	tests/unit/cases/pipeline/team-ip-hash-one/flows \
	tests/unit/cases/pipeline/team-ip-hash-one/in \
	tests/unit/cases/pipeline/team-ip-hash/flows \
	tests/unit/cases/pipeline/team-ip-hash/in \
	tests/unit/cases/pipeline/team-no-reverse-filter/flows \
	tests/unit/cases/pipeline/team-no-reverse-filter/in \
	tests/unit/cases/pipeline/team-source-mac-many/flows \
	tests/unit/cases/pipeline/team-source-mac-many/in \
	tests/unit/cases/pipeline/team-source-mac/flows \
	tests/unit/cases/pipeline/team-source-mac/in \
	tests/unit/cases/pipeline/teams/flows \
	tests/unit/cases/pipeline/teams/in \
	tests/unit/cases/pipeline/tx-uplink/flows \
	tests/unit/cases/pipeline/tx-uplink/in \
	tests/unit/cases/pipeline/uplink-policy/flows \
	tests/unit/cases/pipeline/uplink-policy/in \
	tests/unit/cases/pipeline/uplink-rules/flows \
	tests/unit/cases/pipeline/uplink-rules/in \
	tests/unit/cases/pipeline/uplink-rules-ports/flows \
	tests/unit/cases/pipeline/uplink-rules-ports/in \
	tests/unit/cases/pipeline/vlan-access/flows \
	tests/unit/cases/pipeline/vlan-access/in \
	tests/unit/cases/pipeline/vlan-none/flows \
	tests/unit/cases/pipeline/vlan-none/in \
	tests/unit/cases/pipeline/vlan-private/flows \
	tests/unit/cases/pipeline/vlan-private/in \
	tests/unit/cases/pipeline/vlan-trunk-all/flows \
	tests/unit/cases/pipeline/vlan-trunk-all/in \
	tests/unit/cases/pipeline/vlan-trunk-tagged/flows \
	tests/unit/cases/pipeline/vlan-trunk-tagged/in \
	tests/unit/cases/pipeline/vlan-trunk/flows \
	tests/unit/cases/pipeline/vlan-trunk/in

tests_unit_test_setting_SOURCES = \
	tests/unit/setting-values.h \
	tests/unit/test-setting.c
tests_unit_test_setting_text_SOURCES = \
	tests/unit/setting-values.h \
	tests/unit/test-setting-text.c

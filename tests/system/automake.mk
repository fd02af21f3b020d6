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

# System tests: real packets in labs of their own.  Benchmarks likewise.
EXTRA_DIST += \
	tests/bench/run \
	tests/system/closing.py \
	tests/system/harness.py \
	tests/system/idl_client.py \
	tests/system/run \
	tests/system/taps.py \
	tests/system/test_bandwidth.py \
	tests/system/test_beacon.py \
	tests/system/test_binding.py \
	tests/system/test_blocking.py \
	tests/system/test_core.py \
	tests/system/test_crashes.py \
	tests/system/test_demo.py \
	tests/system/test_failover.py \
	tests/system/test_faults.py \
	tests/system/test_forwarding.py \
	tests/system/test_headless.py \
	tests/system/test_headless_policies.py \
	tests/system/test_host_nics.py \
	tests/system/test_kills.py \
	tests/system/test_lab_commands.py \
	tests/system/test_lag.py \
	tests/system/test_libvirt.py \
	tests/system/test_load.py \
	tests/system/test_mac_learning.py \
	tests/system/test_management.py \
	tests/system/test_marks.py \
	tests/system/test_migration.py \
	tests/system/test_mtu.py \
	tests/system/test_multicast.py \
	tests/system/test_notify.py \
	tests/system/test_plain_client.py \
	tests/system/test_pnics.py \
	tests/system/test_private_vlans.py \
	tests/system/test_random.py \
	tests/system/test_reservations.py \
	tests/system/test_rollback.py \
	tests/system/test_rules.py \
	tests/system/test_shaping.py \
	tests/system/test_tasks.py \
	tests/system/test_statistics.py \
	tests/system/test_teaming.py \
	tests/system/test_uplinks.py \
	tests/system/test_vlans.py \
	tests/system/traffic.py

check-system: all-am
	$(srcdir)/tests/system/run . $(SYSTEMFLAGS)
bench: all-am
	$(srcdir)/tests/bench/run .
.PHONY: bench check-system

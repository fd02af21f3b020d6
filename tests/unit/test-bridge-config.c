/* Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* What the rows of a proxy switch should be in the local database. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-bridge/bridge-config.h"
#include "ovs-bridge/host-view.h"
#include "simap.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

/* Makes 'view' a switch "prod" with bridge "br-prod" and uplinks "uplink1" to
 * "uplink3", of which the NICs are 'nic1' to 'nic3', NULL for none. */
static void
make_view(struct hv_switch *view, const char *nic1, const char *nic2,
          const char *nic3)
{
    const char *nics[] = { nic1, nic2, nic3 };

    hv_switch_init(view);
    assert_true(uuid_from_string(&view->uuid,
                                 "11111111-2222-3333-4444-555555555555"));
    view->name = xstrdup("prod");
    view->bridge = xstrdup("br-prod");
    view->datapath_type = xstrdup("netdev");
    view->mtu = 9000;
    for (size_t i = 0; i < ARRAY_SIZE(nics); i++) {
        view->uplinks[i + 1].name = xasprintf("uplink%"PRIuSIZE, i + 1);
        view->uplinks[i + 1].pnic = nullable_xstrdup(nics[i]);
    }
}

/* Checks that a host with NICs 'nics', separated by spaces, has for 'view'
 * exactly the faults 'faults', separated by newlines.  Returns the result. */
static struct bridge_config *
configure(const struct hv_switch *view, const char *nics, const char *faults)
{
    struct sset nic_set, expected;
    struct sset found = SSET_INITIALIZER(&found);
    struct bridge_config *config;

    sset_from_delimited_string(&nic_set, nics, " ");
    sset_from_delimited_string(&expected, faults, "\n");
    config = bridge_config_from_view(view, &nic_set, &found);
    assert_true(sset_equals(&found, &expected));
    sset_destroy(&nic_set);
    sset_destroy(&expected);
    sset_destroy(&found);
    return config;
}

static void
test_plain(void **state OVS_UNUSED)
{
    struct bridge_config *config;
    struct hv_switch view;

    make_view(&view, "eth1", NULL, "eth2");
    assert_true(hv_team_restore(&view, 7, "3,1"));
    config = configure(&view, "eth0 eth1 eth2", "");
    assert_string_equal(config->bridge, "br-prod");
    assert_string_equal(config->datapath_type, "netdev");
    assert_int_equal(config->mtu, 9000);
    assert_int_equal(smap_count(&config->external_ids), 3);
    assert_string_equal(smap_get(&config->external_ids, "dvs-switch"),
                        "11111111-2222-3333-4444-555555555555");
    assert_string_equal(smap_get(&config->external_ids, "dvs-switch-name"),
                        "prod");
    assert_string_equal(smap_get(&config->external_ids, "dvs-team-7"), "3,1");
    assert_int_equal(smap_count(&config->uplinks), 2);
    assert_string_equal(smap_get(&config->uplinks, "eth1"), "uplink1");
    assert_string_equal(smap_get(&config->uplinks, "eth2"), "uplink3");
    bridge_config_destroy(config);
    hv_switch_destroy(&view);
}

static void
test_missing_nic(void **state OVS_UNUSED)
{
    struct bridge_config *config;
    struct hv_switch view;

    make_view(&view, "eth1", "eth2", NULL);
    config = configure(&view, "eth1",
                       "NotFound: uplinks: the host has no NIC \"eth2\" for "
                       "\"uplink2\"");
    assert_int_equal(smap_count(&config->uplinks), 1);
    bridge_config_destroy(config);
    hv_switch_destroy(&view);
}

static void
test_nic_twice(void **state OVS_UNUSED)
{
    struct bridge_config *config;
    struct hv_switch view;

    make_view(&view, "eth1", "eth2", "eth1");
    config = configure(&view, "eth1 eth2",
                       "DuplicateName: uplinks: NIC \"eth1\" is both "
                       "\"uplink1\" and \"uplink3\"");
    assert_string_equal(smap_get(&config->uplinks, "eth1"), "uplink1");
    bridge_config_destroy(config);
    hv_switch_destroy(&view);
}

/* Adds to 'view' a port with the host's own NIC 'id'. */
static void
add_host_nic(struct hv_switch *view, const char *key, const char *id, int mtu)
{
    struct hv_port *port = hv_port_create(view, key);

    port->nic = xstrdup(id);
    port->host_nic = true;
    port->mtu = mtu;
    port->mac.ea[5] = mtu & 0xff;
}

static void
test_host_nics(void **state OVS_UNUSED)
{
    const struct host_nic_config *nic;
    struct bridge_config *config;
    struct hv_switch view;

    make_view(&view, "eth1", NULL, NULL);
    add_host_nic(&view, "1", "host1/vmk0", 0);
    add_host_nic(&view, "2", "storage of host1", 1400);
    hv_port_create(&view, "3")->nic = xstrdup("vm1");
    config = configure(&view, "eth1", "");
    assert_int_equal(shash_count(&config->host_nics), 2);
    nic = shash_find_data(&config->host_nics, "vmk0");
    assert_string_equal(nic->nic, "host1/vmk0");
    assert_int_equal(nic->mtu, 9000);
    nic = shash_find_data(&config->host_nics, "dvs56c292263c48");
    assert_non_null(nic);
    assert_int_equal(nic->mtu, 1400);
    assert_int_equal(nic->mac.ea[5], 1400 & 0xff);
    bridge_config_destroy(config);

    add_host_nic(&view, "4", "a/vmk0", 1401);
    add_host_nic(&view, "5", "eth1", 0);
    add_host_nic(&view, "6", "x/br-prod", 0);
    config = configure(&view, "eth1",
                       "DuplicateName: nic: device \"vmk0\" is both NIC "
                       "\"a/vmk0\" and \"host1/vmk0\"\n"
                       "ResourceInUse: nic: device \"eth1\" for NIC \"eth1\" "
                       "is the physical NIC\n"
                       "ResourceInUse: nic: device \"br-prod\" for NIC "
                       "\"x/br-prod\" is the bridge");
    assert_int_equal(shash_count(&config->host_nics), 2);
    nic = shash_find_data(&config->host_nics, "vmk0");
    assert_string_equal(nic->nic, "a/vmk0");
    assert_int_equal(nic->mtu, 1401);
    bridge_config_destroy(config);
    hv_switch_destroy(&view);
}

/* Adds to 'view' a port with a NIC that has shares and a reservation. */
static void
add_nic(struct hv_switch *view, const char *key, int ofport, int shares,
        int64_t reservation, int place)
{
    struct hv_port *port = hv_port_create(view, key);

    port->ofport = u16_to_ofp(ofport);
    port->shares = shares;
    port->reservation = reservation;
    port->place = place;
}

/* Returns what is kept for queue 'id' of port 'name', in Mbit/s. */
static uint64_t
queue_min(const struct bridge_config *config, const char *name, int id)
{
    const struct bridge_qos *qos = shash_find_data(&config->qos, name);

    assert_non_null(qos);
    for (size_t i = 0; i < qos->n; i++) {
        if (qos->queues[i].id == id) {
            return (qos->queues[i].rate.min + 500000) / 1000000;
        }
    }
    return 0;
}

/* A reservation holds where it has its place, whatever the shares say. */
static void
test_qos(void **state OVS_UNUSED)
{
    struct simap speeds = SIMAP_INITIALIZER(&speeds);
    struct sset faults = SSET_INITIALIZER(&faults);
    struct bridge_config *config;
    struct hv_switch view;

    make_view(&view, "eth1", NULL, "eth2");
    view.queues = true;
    view.classes.classes[DVS_TC_MANAGEMENT].shares = 100;
    view.classes.classes[DVS_TC_VIRTUAL_MACHINE].shares = 1;
    view.classes.classes[DVS_TC_VIRTUAL_MACHINE].reservation = 500;
    add_nic(&view, "1", 1, 1, 400, 1);
    add_nic(&view, "2", 2, 99, 0, 0);
    add_nic(&view, "3", 3, 0, 50, HV_PLACE_ALL);
    add_nic(&view, "4", 4, 0, 0, 0);
    simap_put(&speeds, "eth1", 1000);
    simap_put(&speeds, "eth2", 1000);
    config = configure(&view, "eth1 eth2", "");
    bridge_config_add_qos(config, &view, &speeds, &faults);

    /* 500 are the class's: what is left of them goes by shares, 99 and 50 of
     * the NIC without any. */
    assert_int_equal(queue_min(config, "eth1", 16 + 1), 400);
    assert_int_equal(queue_min(config, "eth1", 16 + 3), 50);
    assert_int_equal(queue_min(config, "eth1", 16 + 2), 33);
    assert_int_equal(queue_min(config, "eth1", DVS_TC_VIRTUAL_MACHINE), 17);

    /* What is left of the uplink is management's, beside what keeps the uplink
     * going. */
    assert_int_equal(queue_min(config, "eth1", HV_MANAGEMENT_QUEUE), 500);
    assert_int_equal(queue_min(config, "eth1", HV_CONTROL_QUEUE), 10);

    /* By shares alone: 1, 99, 50, 50 of 200. */
    assert_int_equal(queue_min(config, "eth2", 16 + 1), 3);
    assert_int_equal(queue_min(config, "eth2", 16 + 2), 248);
    assert_int_equal(queue_min(config, "eth2", 16 + 3), 125);
    assert_int_equal(queue_min(config, "eth2", 16 + 4), 0);
    bridge_config_destroy(config);
    sset_destroy(&faults);
    simap_destroy(&speeds);
    hv_switch_destroy(&view);
}

static void
test_destroy_null(void **state OVS_UNUSED)
{
    bridge_config_destroy(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_missing_nic),
        cmocka_unit_test(test_nic_twice),
        cmocka_unit_test(test_host_nics),
        cmocka_unit_test(test_qos),
        cmocka_unit_test(test_destroy_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

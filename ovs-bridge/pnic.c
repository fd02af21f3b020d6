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

/* The host's physical NICs.  See pnic.h.
 *
 * A device is read only when the kernel says that it changed, so that the
 * host's other devices, of which there may be thousands, cost nothing. */

#include <config.h>
#include "ovs-bridge/pnic.h"
#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>
#include "openvswitch/netdev.h"
#include "netdev.h"
#include "netlink-notifier.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "rtnetlink.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(pnic);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* Called by the kernel's notifications. */
static void
link_changed(const struct rtnetlink_change *change, void *pnics_)
{
    struct pnics *pnics = pnics_;
    struct shash_node *node;

    pnics->devices_changed = true;
    if (!change) {
        pnics->rescan = true;   /* Some notifications were lost. */
    } else if (change->ifname && !change->irrelevant) {
        sset_add(&pnics->touched, change->ifname);

        /* It may have had another name before. */
        SHASH_FOR_EACH (node, &pnics->nics) {
            const struct pnic *nic = node->data;

            if (nic->ifindex == change->if_index) {
                sset_add(&pnics->touched, nic->name);
            }
        }
    }
}

/* Initializes 'pnics'.  With 'dummy', the kernel's devices are none of our
 * business; see struct pnics. */
void
pnics_init(struct pnics *pnics, bool dummy)
{
    memset(pnics, 0, sizeof *pnics);
    shash_init(&pnics->nics);
    sset_init(&pnics->touched);
    sset_init(&pnics->changed);
    pnics->dummy = dummy;
    pnics->rescan = true;
    if (!dummy) {
        pnics->notifier = rtnetlink_notifier_create(link_changed, pnics);
    }
}

static void
pnic_destroy(struct pnics *pnics, struct pnic *nic)
{
    shash_find_and_delete(&pnics->nics, nic->name);
    free(nic->name);
    free(nic->driver);
    free(nic);
}

/* Frees what 'pnics' holds. */
void
pnics_destroy(struct pnics *pnics)
{
    struct shash_node *node;

    if (pnics->notifier) {
        rtnetlink_notifier_destroy(pnics->notifier);
    }
    SHASH_FOR_EACH_SAFE (node, &pnics->nics) {
        pnic_destroy(pnics, node->data);
    }
    shash_destroy(&pnics->nics);
    sset_destroy(&pnics->touched);
    sset_destroy(&pnics->changed);
    free(pnics->patterns);
    free(pnics->speeds);
}

/* From now on, physical NICs are the devices whose names match one of the
 * globs in 'patterns', separated by spaces; if it is NULL, those with
 * hardware behind them. */
void
pnics_set_patterns(struct pnics *pnics, const char *patterns)
{
    if (!nullable_string_is_equal(pnics->patterns, patterns)) {
        free(pnics->patterns);
        pnics->patterns = nullable_xstrdup(patterns);
        pnics->rescan = true;
    }
}

/* From now on, the speeds of NICs are those in 'speeds', words "NAME=MBITS"
 * separated by spaces, in place of what their drivers say; it may be NULL. */
void
pnics_set_speeds(struct pnics *pnics, const char *speeds)
{
    if (!nullable_string_is_equal(pnics->speeds, speeds)) {
        free(pnics->speeds);
        pnics->speeds = nullable_xstrdup(speeds);
        pnics->rescan = true;
    }
}

/* Gives 'nic' the speed that it is configured to have, if it is.  Returns true
 * if that was a change. */
static bool
override_speed(const struct pnics *pnics, struct pnic *nic)
{
    struct sset words = SSET_INITIALIZER(&words);
    uint64_t old = nic->speed;
    size_t len = strlen(nic->name);
    const char *word;

    sset_from_delimited_string(&words, pnics->speeds ? pnics->speeds : "",
                               " \t,");
    SSET_FOR_EACH (word, &words) {
        int speed;

        if (!strncmp(word, nic->name, len) && word[len] == '='
            && str_to_int(word + len + 1, 10, &speed) && speed > 0) {
            nic->speed = speed;
            nic->full_duplex = true;
        }
    }
    sset_destroy(&words);
    return nic->speed != old;
}

/* Returns true if the device named 'name' is a physical NIC. */
static bool
is_pnic(const struct pnics *pnics, const char *name)
{
    if (pnics->patterns) {
        struct sset globs = SSET_INITIALIZER(&globs);
        const char *glob;
        bool match = false;

        sset_from_delimited_string(&globs, pnics->patterns, " \t,");
        SSET_FOR_EACH (glob, &globs) {
            match = match || !fnmatch(glob, name, 0);
        }
        sset_destroy(&globs);
        return match;
    }

    char *path = xasprintf("/sys/class/net/%s/device", name);
    bool has_hardware = !access(path, F_OK);
    free(path);
    return has_hardware;
}

/* Reads what the kernel knows of 'nic' through 'netdev'. */
static void
pnic_read(struct pnic *nic, struct netdev *netdev)
{
    enum netdev_features current = 0;
    struct smap status = SMAP_INITIALIZER(&status);

    nic->link_up = netdev_get_carrier(netdev);
    if (netdev_get_etheraddr(netdev, &nic->mac)) {
        nic->mac = eth_addr_zero;
    }
    if (netdev_get_mtu(netdev, &nic->mtu)) {
        nic->mtu = 0;
    }
    netdev_get_features(netdev, &current, NULL, NULL, NULL);
    nic->speed = netdev_features_to_bps(current, 0) / 1000000;
    nic->full_duplex = netdev_features_is_full_duplex(current);
    netdev_get_status(netdev, &status);
    free(nic->driver);
    nic->driver = xstrdup(smap_get_def(&status, "driver_name", ""));
    smap_destroy(&status);
}

/* Looks at the device named 'name' and takes note of what it is now. */
static void
refresh(struct pnics *pnics, const char *name)
{
    struct pnic *nic = shash_find_data(&pnics->nics, name);
    struct netdev *netdev = NULL;
    int ifindex = 0;

    if (is_pnic(pnics, name)) {
        int error = netdev_open(name, "system", &netdev);

        if (!error) {
            ifindex = netdev_get_ifindex(netdev);
        } else if (error != ENODEV) {
            VLOG_WARN_RL(&rl, "%s: cannot open device (%s)", name,
                         ovs_strerror(error));
        }
    }
    if (ifindex > 0) {
        if (!nic) {
            nic = xzalloc(sizeof *nic);
            nic->name = xstrdup(name);
            nic->ifindex = ifindex;
            shash_add(&pnics->nics, name, nic);
        } else if (nic->ifindex != ifindex) {
            nic->ifindex = ifindex;
            nic->replaced = true;
        }
        pnic_read(nic, netdev);
        override_speed(pnics, nic);
        nic->seen = true;
        sset_add(&pnics->changed, name);
    } else if (nic) {
        sset_add(&pnics->changed, name);
        pnic_destroy(pnics, nic);
    }
    netdev_close(netdev);
}

/* Looks at all devices of the kernel. */
static void
scan_kernel(struct pnics *pnics)
{
    struct if_nameindex *devices = if_nameindex();

    if (!devices) {
        /* Better to believe in what was there than to unplug everything. */
        VLOG_WARN_RL(&rl, "cannot list network devices (%s)",
                     ovs_strerror(errno));
        return;
    }

    struct shash_node *node;
    SHASH_FOR_EACH (node, &pnics->nics) {
        struct pnic *nic = node->data;
        nic->seen = false;
    }
    for (const struct if_nameindex *d = devices; d->if_name; d++) {
        refresh(pnics, d->if_name);
    }
    if_freenameindex(devices);
    SHASH_FOR_EACH_SAFE (node, &pnics->nics) {
        struct pnic *nic = node->data;

        if (!nic->seen) {
            sset_add(&pnics->changed, nic->name);
            pnic_destroy(pnics, nic);
        }
    }
}

/* Makes the NICs those named by the patterns. */
static void
scan_dummy(struct pnics *pnics)
{
    struct sset names = SSET_INITIALIZER(&names);
    struct shash_node *node;
    const char *name;

    sset_from_delimited_string(&names, pnics->patterns ? pnics->patterns : "",
                               " \t,");
    SHASH_FOR_EACH_SAFE (node, &pnics->nics) {
        if (!sset_contains(&names, node->name)) {
            sset_add(&pnics->changed, node->name);
            pnic_destroy(pnics, node->data);
        }
    }
    SSET_FOR_EACH (name, &names) {
        if (!strpbrk(name, "*?[") && !shash_find(&pnics->nics, name)) {
            struct pnic *nic = xzalloc(sizeof *nic);

            nic->name = xstrdup(name);
            nic->driver = xstrdup("dummy");
            nic->link_up = true;
            shash_add(&pnics->nics, name, nic);
            sset_add(&pnics->changed, name);
        }
    }
    SHASH_FOR_EACH (node, &pnics->nics) {
        struct pnic *nic = node->data;

        nic->speed = 0;
        if (override_speed(pnics, nic)) {
            sset_add(&pnics->changed, node->name);
        }
    }
    sset_destroy(&names);
}

/* Takes note of what became of the NICs. */
void
pnics_run(struct pnics *pnics)
{
    const char *name;

    if (!pnics->dummy) {
        rtnetlink_run();
    }
    if (pnics->rescan) {
        pnics->rescan = false;
        if (pnics->dummy) {
            scan_dummy(pnics);
        } else {
            scan_kernel(pnics);
        }
    } else {
        SSET_FOR_EACH (name, &pnics->touched) {
            refresh(pnics, name);
        }
    }
    sset_clear(&pnics->touched);
}

/* Arranges for poll_block() to wake up when pnics_run() has something to
 * do. */
void
pnics_wait(struct pnics *pnics)
{
    if (!pnics->dummy) {
        rtnetlink_wait();
    }
}

/* Returns the physical NIC named 'name', or NULL. */
struct pnic *
pnic_find(const struct pnics *pnics, const char *name)
{
    return shash_find_data(&pnics->nics, name);
}

/* Has 'change' change the device of the physical NIC named 'name'; it returns
 * 0 or an errno value.  'what' says, in the log, what could not be done. */
static void
change_device(const struct pnics *pnics, const char *name,
              int (*change)(struct netdev *), const char *what)
{
    struct netdev *netdev;
    int error;

    if (pnics->dummy) {
        return;
    }
    error = netdev_open(name, "system", &netdev);
    if (!error) {
        error = change(netdev);
        netdev_close(netdev);
    }
    if (error) {
        VLOG_WARN_RL(&rl, "%s: cannot %s (%s)", name, what,
                     ovs_strerror(error));
    }
}

static int
turn_up(struct netdev *netdev)
{
    return netdev_turn_flags_on(netdev, NETDEV_UP, NULL);
}

/* Sets the device of the physical NIC named 'name' up, as an uplink needs. */
void
pnic_bring_up(const struct pnics *pnics, const char *name)
{
    change_device(pnics, name, turn_up, "set device up");
}

static int
take_off_queues(struct netdev *netdev)
{
    return netdev_set_qos(netdev, "", NULL);
}

/* Takes off the NIC named 'name' whatever schedules what it sends:
 * ovs-vswitchd leaves that on a NIC that it lets go. */
void
pnic_unshape(const struct pnics *pnics, const char *name)
{
    change_device(pnics, name, take_off_queues, "take off its queues");
}

/* Returns true if the kernel schedules what the NIC named 'name' sends by
 * 'type', one of Open vSwitch's types of QoS. */
bool
pnic_is_shaped(const struct pnics *pnics, const char *name, const char *type)
{
    struct smap details = SMAP_INITIALIZER(&details);
    const char *actual = NULL;
    struct netdev *netdev;
    bool shaped = pnics->dummy;

    if (!pnics->dummy && !netdev_open(name, "system", &netdev)) {
        shaped = (!netdev_get_qos(netdev, &actual, &details)
                  && actual && !strcmp(actual, type));
        netdev_close(netdev);
    }
    smap_destroy(&details);
    return shaped;
}

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

#ifndef PNIC_H
#define PNIC_H 1

/* The host's physical NICs: which there are, and how they are.
 *
 * Follows the kernel's notifications.  Knows nothing of switches. */

#include <stdbool.h>
#include <stdint.h>
#include "openvswitch/shash.h"
#include "openvswitch/types.h"
#include "sset.h"

struct nln_notifier;

struct pnic {
    char *name;                 /* Device name. */
    int ifindex;                /* The kernel's number for it; 0 if it is
                                 * not the kernel's. */
    struct eth_addr mac;        /* All-zeros if it has none. */
    bool link_up;               /* It has carrier. */
    uint64_t speed;             /* Mbit/s, 0 if not known. */
    bool full_duplex;           /* Meaningful if 'speed' is known. */
    int mtu;                    /* Bytes, 0 if not known. */
    char *driver;               /* Driver's name, "" if not known. */
    bool replaced;              /* Another device of the same name has taken
                                 * its place.  A bridge that had it has a
                                 * dead device now.  ovs-sync.c clears it
                                 * once the bridge has let go. */
    bool seen;                  /* Internal. */
};

struct pnics {
    struct shash nics;          /* Name -> "struct pnic". */
    char *patterns;             /* Globs for names, or NULL: what has
                                 * hardware behind it. */
    char *speeds;               /* Words "NAME=MBITS", or NULL: what holds in
                                 * place of what the kernel says. */
    bool dummy;                 /* No kernel: each plain word of 'patterns'
                                 * is a NIC. */
    struct nln_notifier *notifier;  /* Of the kernel. */
    bool rescan;                /* Look at all devices again. */
    struct sset touched;        /* Devices to look at again. */
    bool devices_changed;       /* Some device, of whatever kind, came, went or
                                 * changed; the reader clears it. */
    struct sset changed;        /* NICs that came, went or changed; the
                                 * reader clears it. */
};

void pnics_init(struct pnics *, bool dummy);
void pnics_destroy(struct pnics *);
void pnics_set_patterns(struct pnics *, const char *patterns);
void pnics_set_speeds(struct pnics *, const char *speeds);
void pnics_run(struct pnics *);
void pnics_wait(struct pnics *);
struct pnic *pnic_find(const struct pnics *, const char *name);
void pnic_bring_up(const struct pnics *, const char *name);
void pnic_unshape(const struct pnics *, const char *name);
bool pnic_is_shaped(const struct pnics *, const char *name, const char *type);

#endif /* pnic.h */

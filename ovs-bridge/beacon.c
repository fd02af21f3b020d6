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

/* PURE: beacons.  See beacon.h. */

#include <config.h>
#include "ovs-bridge/beacon.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "dp-packet.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "smap.h"
#include "util.h"
#include "uuid.h"

/* Frames. */

#define BEACON_MAGIC "dvsb"
#define BEACON_VERSION 1

/* What follows the Ethernet header, up to the host's name. */
struct beacon_body {
    char magic[4];
    uint8_t version;
    uint8_t uplink;
    uint8_t switch_[16];
    uint8_t session[8];
    uint8_t host_len;
};
BUILD_ASSERT_DECL(sizeof(struct beacon_body) == 31);

/* Returns the address that the beacons of 'host' for switch 'switch_' come
 * from, with the uplink's id in place of the last byte.  It lets the datapath
 * tell a host's own beacons from those of others, of which there may be
 * thousands; should two hosts have the same, what is in the beacon tells them
 * apart. */
struct eth_addr
beacon_source(const char *host, const struct uuid *switch_)
{
    uint32_t digest = hash_string(host, hash_bytes(switch_, sizeof *switch_,
                                                   0));
    struct eth_addr mac = ETH_ADDR_C(06,00,00,00,00,00);

    mac.ea[1] = digest >> 24;
    mac.ea[2] = digest >> 16;
    mac.ea[3] = digest >> 8;
    mac.ea[4] = digest;
    return mac;
}

/* Puts the frame that 'b' describes into 'packet', but for its tag. */
void
beacon_compose(const struct beacon *b, struct dp_packet *packet)
{
    struct beacon_body body = {
        .version = BEACON_VERSION,
        .uplink = b->uplink,
        .host_len = strlen(b->host),
    };
    const struct eth_addr dst = BEACON_MAC;
    struct eth_addr src = b->src;
    size_t size = sizeof body + body.host_len;
    uint8_t *data;

    src.ea[5] = b->uplink;
    memcpy(body.magic, BEACON_MAGIC, sizeof body.magic);
    for (size_t i = 0; i < ARRAY_SIZE(body.switch_); i++) {
        body.switch_[i] = b->switch_.parts[i / 4] >> (24 - i % 4 * 8);
    }
    for (size_t i = 0; i < ARRAY_SIZE(body.session); i++) {
        body.session[i] = b->session >> (56 - i * 8);
    }

    dp_packet_clear(packet);
    data = eth_compose(packet, dst, src, BEACON_ETH_TYPE,
                       MAX(size, ETH_TOTAL_MIN - ETH_HEADER_LEN));
    memset(data, 0, ETH_TOTAL_MIN - ETH_HEADER_LEN);
    memcpy(data, &body, sizeof body);
    memcpy(data + sizeof body, b->host, body.host_len);
}

/* Reads the frame of 'size' bytes in 'frame' into 'b'.  Returns false if it is
 * no beacon. */
bool
beacon_parse(const void *frame, size_t size, struct beacon *b)
{
    const struct eth_addr dst = BEACON_MAC;
    const uint8_t *p = frame;
    struct beacon_body body;
    ovs_be16 type;

    if (size < ETH_HEADER_LEN || memcmp(p, &dst, sizeof dst)) {
        return false;
    }
    memset(b, 0, sizeof *b);
    memcpy(&b->src, p + ETH_ADDR_LEN, sizeof b->src);
    memcpy(&type, p + 2 * ETH_ADDR_LEN, sizeof type);
    if (type == htons(ETH_TYPE_VLAN_8021Q)) {
        if (size < VLAN_ETH_HEADER_LEN) {
            return false;
        }
        b->vid = (p[ETH_HEADER_LEN] << 8 | p[ETH_HEADER_LEN + 1]) & 0xfff;
        p += VLAN_HEADER_LEN;
        size -= VLAN_HEADER_LEN;
        memcpy(&type, p + 2 * ETH_ADDR_LEN, sizeof type);
    }
    p += ETH_HEADER_LEN;
    size -= ETH_HEADER_LEN;
    if (type != htons(BEACON_ETH_TYPE) || size < sizeof body) {
        return false;
    }

    memcpy(&body, p, sizeof body);
    if (memcmp(body.magic, BEACON_MAGIC, sizeof body.magic)
        || body.version != BEACON_VERSION
        || body.uplink < 1 || body.uplink > BEACON_MAX_UPLINKS
        || body.host_len > BEACON_HOST_LEN
        || body.host_len > size - sizeof body) {
        return false;
    }
    b->uplink = body.uplink;
    for (size_t i = 0; i < ARRAY_SIZE(body.switch_); i++) {
        b->switch_.parts[i / 4] = b->switch_.parts[i / 4] << 8
                                  | body.switch_[i];
    }
    for (size_t i = 0; i < ARRAY_SIZE(body.session); i++) {
        b->session = b->session << 8 | body.session[i];
    }
    memcpy(b->host, p + sizeof body, body.host_len);
    return true;
}

/* What is heard. */

void
beacons_init(struct beacons *b)
{
    hmap_init(&b->vlans);
}

/* Frees what 'b' holds. */
void
beacons_destroy(struct beacons *b)
{
    struct beacon_vlan *v;

    HMAP_FOR_EACH_POP (v, node, &b->vlans) {
        free(v);
    }
    hmap_destroy(&b->vlans);
}

static struct beacon_vlan *
find_vlan(const struct beacons *b, uint16_t vid)
{
    struct beacon_vlan *v;

    HMAP_FOR_EACH_WITH_HASH (v, node, hash_int(vid, 0), &b->vlans) {
        if (v->vid == vid) {
            return v;
        }
    }
    return NULL;
}

static struct beacon_vlan *
add_vlan(struct beacons *b, uint16_t vid)
{
    struct beacon_vlan *v = xzalloc(sizeof *v);

    v->vid = vid;
    hmap_insert(&b->vlans, &v->node, hash_int(vid, 0));
    return v;
}

/* From here to beacons_end(), the caller says with beacons_want() what is to
 * be probed; nothing else will be. */
void
beacons_begin(struct beacons *b)
{
    struct beacon_vlan *v;

    HMAP_FOR_EACH (v, node, &b->vlans) {
        v->wanted = 0;
    }
}

/* The uplinks in 'uplinks' are to be probed in VLAN 'vid' (0: untagged), among
 * others.  A VLAN that is new has its turn at another time within the interval
 * than those before it, so that beacons of many VLANs do not come all at
 * once. */
void
beacons_want(struct beacons *b, uint16_t vid, uint32_t uplinks,
             long long int now)
{
    struct beacon_vlan *v = find_vlan(b, vid);

    if (!uplinks) {
        return;
    }
    if (!v) {
        v = add_vlan(b, vid);
        v->next = now + hmap_count(&b->vlans) * 13 % BEACON_INTERVAL_MS;
    }
    v->wanted |= uplinks;
}

/* Forgets what is not wanted any more.  Returns true if an uplink that had
 * failed is among that. */
bool
beacons_end(struct beacons *b)
{
    struct beacon_vlan *v;
    bool changed = false;

    HMAP_FOR_EACH_SAFE (v, node, &b->vlans) {
        changed |= (v->failed & ~v->wanted) != 0;
        v->failed &= v->wanted;
        if (!v->wanted) {
            hmap_remove(&b->vlans, &v->node);
            free(v);
        }
    }
    return changed;
}

/* A beacon that left by uplink 'from' came in by uplink 'by', in VLAN
 * 'vid'. */
void
beacons_hear(struct beacons *b, uint16_t vid, int from, int by,
             long long int now)
{
    struct beacon_vlan *v = find_vlan(b, vid);

    if (v && from != by) {
        v->heard[by - 1][from - 1] = now;
    }
}

static bool
is_fresh(long long int then, long long int now)
{
    return then && now - then < BEACON_PATIENCE_MS;
}

/* Returns those of 'uplinks' that hear and are heard by another one. */
static uint32_t
find_passing(const struct beacon_vlan *v, uint32_t uplinks,
             long long int now)
{
    uint32_t passing = 0;

    for (int i = 1; i <= BEACON_MAX_UPLINKS; i++) {
        for (int j = i + 1; j <= BEACON_MAX_UPLINKS; j++) {
            uint32_t both = BEACON_BIT(i) | BEACON_BIT(j);

            if ((uplinks & both) == both
                && is_fresh(v->heard[i - 1][j - 1], now)
                && is_fresh(v->heard[j - 1][i - 1], now)) {
                passing |= both;
            }
        }
    }
    return passing;
}

/* Decides at 'now' which uplinks of 'v' fail; then the caller sends a beacon
 * by each in 'v->probed'.  'up' are those with a link.  Returns true if
 * 'v->failed' changed.
 *
 * Only an uplink that was probed for long enough, without a gap, is judged, so
 * that neither a start nor a pause of ours, nor of Open vSwitch, makes one
 * fail.  One without a link keeps the judgement it has. */
bool
beacon_vlan_run(struct beacon_vlan *v, uint32_t up, long long int now)
{
    bool gap = !v->last || now - v->last > 2 * BEACON_INTERVAL_MS;
    uint32_t before = v->probed, failed = v->failed;
    uint32_t judged = 0, passing;

    v->probed = v->wanted & up;
    v->last = now;
    v->next = now + BEACON_INTERVAL_MS;
    for (int i = 1; i <= BEACON_MAX_UPLINKS; i++) {
        if (gap || !(before & BEACON_BIT(i))) {
            v->since[i - 1] = now;
        } else if (now - v->since[i - 1] >= BEACON_PATIENCE_MS) {
            judged |= BEACON_BIT(i);
        }
    }

    passing = find_passing(v, v->probed, now);
    v->failed &= ~passing;
    if (passing & judged) {
        v->failed |= v->probed & judged & ~passing;
    }
    return v->failed != failed;
}

/* Returns the uplinks that fail in VLAN 'vid'. */
uint32_t
beacons_failed(const struct beacons *b, uint16_t vid)
{
    const struct beacon_vlan *v = find_vlan(b, vid);

    return v ? v->failed : 0;
}

/* Returns the uplinks that fail in some VLAN. */
uint32_t
beacons_failed_anywhere(const struct beacons *b)
{
    const struct beacon_vlan *v;
    uint32_t failed = 0;

    HMAP_FOR_EACH (v, node, &b->vlans) {
        failed |= v->failed;
    }
    return failed;
}

/* Memory. */

/* Adds to 'ids' what fails, for beacons_restore() of a later run: by 'prefix'
 * and the VLAN's id, the ids of uplinks, such as "1,3". */
void
beacons_save(const struct beacons *b, const char *prefix, struct smap *ids)
{
    const struct beacon_vlan *v;

    HMAP_FOR_EACH (v, node, &b->vlans) {
        struct ds s = DS_EMPTY_INITIALIZER;

        for (int id = 1; id <= BEACON_MAX_UPLINKS; id++) {
            if (v->failed & BEACON_BIT(id)) {
                ds_put_format(&s, "%s%d", s.length ? "," : "", id);
            }
        }
        if (s.length) {
            smap_add_nocopy(ids, xasprintf("%s%d", prefix, v->vid),
                            ds_steal_cstr(&s));
        }
        ds_destroy(&s);
    }
}

/* Has the uplinks 'ids' fail in VLAN 'vid_s', as beacons_save() of an earlier
 * run put it, until there is better knowledge or nobody wants it.  Returns
 * false, and does nothing, if it did not put it so. */
bool
beacons_restore(struct beacons *b, const char *vid_s, const char *ids)
{
    uint32_t failed = 0;
    int vid;

    if (!str_to_int(vid_s, 10, &vid) || vid < 0 || vid > 4094) {
        return false;
    }
    for (const char *s = ids;; s++) {
        char *tail;
        unsigned long id = isdigit((unsigned char) *s) ? strtoul(s, &tail, 10)
                                                       : 0;

        if (id < 1 || id > BEACON_MAX_UPLINKS
            || (*tail && *tail != ',')) {
            return false;
        }
        failed |= BEACON_BIT(id);
        s = tail;
        if (!*s) {
            break;
        }
    }

    struct beacon_vlan *v = find_vlan(b, vid);
    if (!v) {
        v = add_vlan(b, vid);
    }
    v->failed |= failed;
    return true;
}

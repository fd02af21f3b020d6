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

/* dvs-controller's rules of binding: single decisions, and random sequences
 * of what administrators do, carried out on a small portgroup in memory. */

#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "controller/binding.h"
#include "random.h"
#include "util.h"

static void
test_decide(void **state OVS_UNUSED)
{
    const struct {
        struct binding_ask ask;
        enum binding expected;
    } cases[] = {
        { { .has_port = true }, BINDING_NONE },
        { { .asks_portgroup = true, .asks_port = true, .free_port = true },
          BINDING_AMBIGUOUS },
        { { .asks_portgroup = true, .uplink = true, .free_port = true },
          BINDING_UPLINK },
        { { .asks_portgroup = true, .free_port = true }, BINDING_TAKE },
        { { .asks_portgroup = true, .can_grow = true }, BINDING_GROW },
        { { .asks_portgroup = true, .free_port = true, .can_grow = true },
          BINDING_TAKE },
        { { .asks_portgroup = true }, BINDING_FULL },
        { { .asks_portgroup = true, .has_port = true, .port_fits = true,
            .free_port = true }, BINDING_KEEP },
        { { .asks_portgroup = true, .has_port = true, .free_port = true },
          BINDING_TAKE },
        { { .asks_portgroup = true, .has_port = true }, BINDING_FULL },
        { { .asks_port = true }, BINDING_TAKE },
        { { .asks_port = true, .port_taken = true }, BINDING_TAKEN },
        { { .asks_port = true, .has_port = true, .port_fits = true },
          BINDING_KEEP },
        { { .asks_port = true, .has_port = true }, BINDING_TAKE },
        { { .asks_port = true, .has_port = true, .port_taken = true },
          BINDING_TAKEN },
        { { .asks_port = true, .uplink = true }, BINDING_UPLINK },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(binding_decide(&cases[i].ask), cases[i].expected);
    }
}

static void
test_pool(void **state OVS_UNUSED)
{
    const struct {
        struct binding_pool pool;
        int change;
        bool stuck;
    } cases[] = {
        { { .num_ports = 8 }, 8, false },
        { { .num_ports = 8, .n_ports = 8, .n_free = 3 }, 0, false },
        { { .num_ports = 4, .n_ports = 8, .n_free = 4 }, -4, false },
        { { .num_ports = 3, .n_ports = 8, .n_free = 4 }, 0, true },
        { { .num_ports = 0, .n_ports = 1, .n_free = 0 }, 0, true },

        /* Growth is kept until more than 16 ports are free. */
        { { .num_ports = 8, .n_ports = 32, .n_free = 16,
            .auto_expand = true }, 0, false },
        { { .num_ports = 8, .n_ports = 32, .n_free = 17,
            .auto_expand = true }, -9, false },
        { { .num_ports = 8, .n_ports = 32, .n_free = 32,
            .auto_expand = true }, -24, false },
        { { .num_ports = 30, .n_ports = 32, .n_free = 32,
            .auto_expand = true }, -2, false },
        { { .num_ports = 40, .n_ports = 32, .auto_expand = true }, 8, false },
        { { .num_ports = 8, .n_ports = 32, .n_free = 0,
            .auto_expand = true }, 0, false },

        /* A number that is set anew counts at once, as far as it can. */
        { { .num_ports = 8, .n_ports = 12, .n_free = 10,
            .auto_expand = true, .trim = true }, -4, false },
        { { .num_ports = 8, .n_ports = 12, .n_free = 1,
            .auto_expand = true, .trim = true }, -1, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        bool stuck;

        assert_int_equal(binding_pool_change(&cases[i].pool, &stuck),
                         cases[i].change);
        assert_int_equal(stuck, cases[i].stuck);
    }
}

static const char *
active(const struct binding_claim *claims, size_t n, const char *latest,
       const char *current)
{
    const struct binding_claim *claim
        = binding_active_claim(claims, n, latest, current);
    return claim ? claim->host : NULL;
}

static void
test_claims(void **state OVS_UNUSED)
{
    struct binding_claim claims[] = {
        { "b", true, false }, { "a", true, false },
    };

    assert_null(active(NULL, 0, "", NULL));
    assert_null(active(NULL, 0, "a", "a"));

    /* Nobody runs it. */
    assert_string_equal(active(claims, 2, "", NULL), "a");
    assert_string_equal(active(claims, 2, "", "b"), "b");
    assert_string_equal(active(claims, 2, "", "c"), "a");
    assert_string_equal(active(claims, 1, "", "a"), "b");

    /* One does. */
    claims[0].running = true;
    assert_string_equal(active(claims, 2, "", "a"), "b");
    assert_string_equal(active(claims, 2, "a", "a"), "b");

    /* Both do. */
    claims[1].running = true;
    assert_string_equal(active(claims, 2, "", NULL), "a");
    assert_string_equal(active(claims, 2, "", "b"), "b");
    assert_string_equal(active(claims, 2, "a", "b"), "a");
    assert_string_equal(active(claims, 2, "c", "b"), "b");

    /* One is no member of the switch. */
    claims[0].member = false;
    assert_string_equal(active(claims, 2, "b", "b"), "a");
    claims[1].running = false;
    assert_string_equal(active(claims, 2, "b", "b"), "a");
    assert_string_equal(active(claims, 1, "", NULL), "b");
}

/* A portgroup in memory. */

enum { MAX_PORTS = 400, N_NICS = 24 };

struct port {
    int key;                    /* 0: there is none. */
    int nic;                    /* Index of NIC, or -1. */
};

struct nic {
    bool asks_portgroup;
    int asks_key;               /* Key of the port asked for, or 0. */
    int key;                    /* Key of the port it has, or 0. */
};

struct portgroup {
    struct port ports[MAX_PORTS];
    struct nic nics[N_NICS];
    int next_key;
    int num_ports;
    bool auto_expand;
};

static struct port *
find_port(struct portgroup *pg, int key)
{
    for (struct port *p = pg->ports; key && p < &pg->ports[MAX_PORTS]; p++) {
        if (p->key == key) {
            return p;
        }
    }
    return NULL;
}

static bool
is_asked_for(const struct portgroup *pg, int key)
{
    for (int i = 0; i < N_NICS; i++) {
        if (pg->nics[i].asks_key == key) {
            return true;
        }
    }
    return false;
}

static struct port *
find_free_port(struct portgroup *pg, bool removable)
{
    struct port *best = NULL;

    for (struct port *p = pg->ports; p < &pg->ports[MAX_PORTS]; p++) {
        if (p->key && p->nic < 0 && !(removable && is_asked_for(pg, p->key))
            && (!best || p->key < best->key)) {
            best = p;
        }
    }
    return best;
}

static void
add_ports(struct portgroup *pg, int n)
{
    for (struct port *p = pg->ports; n && p < &pg->ports[MAX_PORTS]; p++) {
        if (!p->key) {
            p->key = ++pg->next_key;
            p->nic = -1;
            n--;
        }
    }
    assert_int_equal(n, 0);
}

static void
resize(struct portgroup *pg, bool trim)
{
    struct binding_pool pool = {
        .num_ports = pg->num_ports,
        .auto_expand = pg->auto_expand,
        .trim = trim,
    };
    bool stuck;

    for (struct port *p = pg->ports; p < &pg->ports[MAX_PORTS]; p++) {
        pool.n_ports += p->key != 0;
        pool.n_free += p->key && p->nic < 0 && !is_asked_for(pg, p->key);
    }

    int change = binding_pool_change(&pool, &stuck);
    assert_true(!stuck || (!pg->auto_expand && !change
                           && pool.n_ports - pool.n_free > pool.num_ports));
    assert_true(change >= 0 || -change <= pool.n_free);
    if (change > 0) {
        add_ports(pg, change);
    }
    for (; change < 0; change++) {
        find_free_port(pg, true)->key = 0;
    }

    /* Once it is done, there is nothing more to do. */
    if (!stuck) {
        struct binding_pool after = pool;

        after.n_ports = after.n_free = 0;
        after.trim = false;
        for (struct port *p = pg->ports; p < &pg->ports[MAX_PORTS]; p++) {
            after.n_ports += p->key != 0;
            after.n_free += (p->key && p->nic < 0
                             && !is_asked_for(pg, p->key));
        }
        assert_int_equal(binding_pool_change(&after, &stuck), 0);
        assert_false(stuck);
    }
}

static void
release(struct portgroup *pg, struct nic *nic)
{
    struct port *p = find_port(pg, nic->key);

    if (p) {
        p->nic = -1;
    }
    nic->key = 0;
}

/* Returns true if 'nic' has changed ports. */
static bool
bind_nic(struct portgroup *pg, struct nic *nic)
{
    struct port *asked = find_port(pg, nic->asks_key);
    struct port *free_port = find_free_port(pg, false);
    struct binding_ask ask = {
        .asks_portgroup = nic->asks_portgroup,
        .asks_port = asked != NULL,
        .has_port = nic->key,
        .port_fits = nic->key && (!asked || nic->key == asked->key),
        .port_taken = asked && asked->nic >= 0,
        .free_port = free_port != NULL,
        .can_grow = pg->auto_expand,
    };
    struct port *p = asked;

    switch (binding_decide(&ask)) {
    case BINDING_NONE:
        release(pg, nic);
        return false;
    case BINDING_GROW:
        add_ports(pg, BINDING_GROWTH);
        free_port = find_free_port(pg, false);
        /* Fall through. */
    case BINDING_TAKE:
        p = asked ? asked : free_port;
        release(pg, nic);
        assert_int_equal(p->nic, -1);
        p->nic = nic - pg->nics;
        nic->key = p->key;
        return true;
    case BINDING_KEEP:
        assert_true(ask.has_port);
        return false;
    case BINDING_FULL:
        assert_false(pg->auto_expand);
        return false;
    case BINDING_AMBIGUOUS:
    case BINDING_TAKEN:
        return false;
    case BINDING_UPLINK:
    default:
        fail();
        return false;
    }
}

static void
settle(struct portgroup *pg)
{
    bool changed;

    do {
        changed = false;
        for (int i = 0; i < N_NICS; i++) {
            changed |= bind_nic(pg, &pg->nics[i]);
        }
    } while (changed);
}

static void
check(struct portgroup *pg)
{
    int n_ports = 0, n_taken = 0, n_connected = 0;

    for (struct port *p = pg->ports; p < &pg->ports[MAX_PORTS]; p++) {
        if (p->key) {
            n_ports++;
            assert_true(p->key <= pg->next_key);
            assert_ptr_equal(find_port(pg, p->key), p);
            if (p->nic >= 0) {
                n_taken++;
                assert_int_equal(pg->nics[p->nic].key, p->key);
            }
        }
    }
    for (struct nic *nic = pg->nics; nic < &pg->nics[N_NICS]; nic++) {
        if (nic->key) {
            n_connected++;
            assert_int_equal(find_port(pg, nic->key)->nic, nic - pg->nics);
            assert_true(nic->asks_portgroup || nic->asks_key);
        } else if (nic->asks_portgroup && !nic->asks_key) {
            /* It waits only if it must. */
            assert_false(pg->auto_expand);
            assert_null(find_free_port(pg, false));
        }
    }
    assert_int_equal(n_taken, n_connected);
    assert_true(n_ports >= pg->num_ports);
}

static void
do_something(struct portgroup *pg)
{
    struct nic *nic = &pg->nics[random_range(N_NICS)];
    bool trim = false;

    switch (random_range(8)) {
    case 0:
    case 1:
    case 2:
        nic->asks_portgroup = true;
        nic->asks_key = 0;
        break;
    case 3:
        nic->asks_portgroup = false;
        nic->asks_key = pg->next_key ? random_range(pg->next_key) + 1 : 0;
        if (!find_port(pg, nic->asks_key)) {
            nic->asks_key = 0;
        }
        break;
    case 4:
    case 5:
        nic->asks_portgroup = false;
        nic->asks_key = 0;
        break;
    case 6:
        pg->num_ports = random_range(30);
        trim = true;
        break;
    case 7:
        pg->auto_expand = !pg->auto_expand;
        break;
    }

    resize(pg, trim);
    settle(pg);
    resize(pg, false);
    settle(pg);
}

static void
test_random(void **state OVS_UNUSED)
{
    for (uint32_t seed = 1; seed <= 50; seed++) {
        struct portgroup *pg = xzalloc(sizeof *pg);

        random_set_seed(seed);
        for (int i = 0; i < 400; i++) {
            do_something(pg);
            check(pg);
        }
        free(pg);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decide),
        cmocka_unit_test(test_pool),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests_name("controller-binding", tests, NULL,
                                       NULL);
}

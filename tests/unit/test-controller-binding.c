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
 * of what administrators and hosts do, carried out on a small switch in
 * memory. */

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
        { { .asks_port = true, .port_taken = true, .plugged = true },
          BINDING_CONFLICT },
        { { .asks_port = true, .port_taken = true, .plugged = true,
            .has_port = true }, BINDING_TAKEN },
        { { .asks_port = true, .port_taken = true, .plugged = true,
            .has_port = true, .port_in_conflict = true }, BINDING_CONFLICT },
        { { .asks_port = true, .port_taken = true,
            .has_port = true, .port_in_conflict = true }, BINDING_TAKEN },
        { { .asks_port = true, .plugged = true, .has_port = true,
            .port_in_conflict = true }, BINDING_TAKE },
        { { .asks_port = true, .has_port = true, .port_fits = true },
          BINDING_KEEP },
        { { .asks_port = true, .has_port = true }, BINDING_TAKE },
        { { .asks_port = true, .has_port = true, .port_taken = true },
          BINDING_TAKEN },
        { { .asks_port = true, .uplink = true }, BINDING_UPLINK },
        { { .asks_port = true, .no_choice = true }, BINDING_NO_CHOICE },

        /* Late binding. */
        { { .asks_portgroup = true, .when_plugged = true,
            .free_port = true }, BINDING_WAIT },
        { { .asks_portgroup = true, .when_plugged = true,
            .has_port = true, .port_fits = true }, BINDING_WAIT },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true,
            .free_port = true }, BINDING_TAKE },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true,
            .has_port = true, .port_fits = true }, BINDING_KEEP },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true },
          BINDING_FULL },

        /* Ephemeral. */
        { { .asks_portgroup = true, .when_plugged = true,
            .made_to_order = true, .can_grow = true }, BINDING_WAIT },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true,
            .made_to_order = true, .can_grow = true }, BINDING_MAKE },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true,
            .made_to_order = true }, BINDING_FULL },
        { { .asks_portgroup = true, .when_plugged = true, .plugged = true,
            .made_to_order = true, .can_grow = true, .has_port = true,
            .port_fits = true }, BINDING_KEEP },
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

        /* Of an ephemeral pool only what is taken stays. */
        { { .num_ports = 8, .ephemeral = true }, 0, false },
        { { .num_ports = 8, .n_ports = 5, .n_free = 0, .ephemeral = true },
          0, false },
        { { .num_ports = 0, .n_ports = 5, .n_free = 3, .ephemeral = true },
          -3, false },
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
        { "b", true, false, false }, { "a", true, false, false },
    };
    const struct binding_claim sorted[] = { claims[1], claims[0] };

    assert_null(active(NULL, 0, "", NULL));
    assert_null(active(NULL, 0, "a", "a"));

    /* Nobody runs it. */
    assert_string_equal(active(claims, 2, "", NULL), "a");
    assert_string_equal(active(claims, 2, "", "b"), "b");
    assert_string_equal(active(claims, 2, "", "c"), "a");
    assert_string_equal(active(claims, 1, "", "a"), "b");
    assert_string_equal(active(sorted, 2, "", NULL), "a");

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

    /* The NIC of one has gone; that of the other, which could claim anything,
     * has not. */
    claims[1].ended = true;
    assert_string_equal(active(claims, 2, "a", "a"), "b");
    claims[0].ended = true;
    assert_string_equal(active(claims, 2, "", "b"), "a");
}

/* A switch in memory: portgroups of all types, and NICs that come and go.
 * What binder.c, ports.c and claims.c do with rows, happens here to structs;
 * the decisions are the same. */

enum { MAX_PORTS = 400, N_NICS = 24, N_PGS = 4, N_LOOKS = 2 };

enum type { EARLY, LATE, EPHEMERAL, N_TYPES };

struct port {
    int key;                    /* 0: there is none. */
    int pg;                     /* Its portgroup. */
    int nic;                    /* Index of NIC, or -1. */
    int conflict_key;           /* Contested port's key, or 0. */
};

struct nic {
    int asks_pg;                /* Portgroup asked for, or -1. */
    int asks_key;               /* Key of the port asked for, or 0. */
    int key;                    /* Key of the port it has, or 0. */
    bool on_host;
    int n_missed;               /* Looks at which it was on no host. */
};

struct pg {
    enum type type;             /* The one in force. */
    int num_ports;
    bool auto_expand;
};

struct sw {
    struct port ports[MAX_PORTS];
    struct nic nics[N_NICS];
    struct pg pgs[N_PGS];
    int next_key;
};

#define FOR_EACH_PORT(P, SW)                                        \
    for (struct port *P = (SW)->ports; P < &(SW)->ports[MAX_PORTS]; P++) \
        if (P->key)

static struct port *
find_port(struct sw *sw, int key)
{
    FOR_EACH_PORT (p, sw) {
        if (p->key == key) {
            return p;
        }
    }
    return NULL;
}

static bool
is_asked_for(const struct sw *sw, int key)
{
    for (int i = 0; i < N_NICS; i++) {
        if (sw->nics[i].asks_key == key) {
            return true;
        }
    }
    return false;
}

static struct port *
find_free_port(struct sw *sw, int pg, bool removable)
{
    struct port *best = NULL;

    FOR_EACH_PORT (p, sw) {
        if (p->pg == pg && p->nic < 0 && !p->conflict_key
            && !(removable && is_asked_for(sw, p->key))
            && (!best || p->key < best->key)) {
            best = p;
        }
    }
    return best;
}

static struct port *
add_port(struct sw *sw, int pg, int conflict_key)
{
    for (struct port *p = sw->ports; p < &sw->ports[MAX_PORTS]; p++) {
        if (!p->key) {
            p->key = ++sw->next_key;
            p->pg = pg;
            p->nic = -1;
            p->conflict_key = conflict_key;
            return p;
        }
    }
    fail();
    return NULL;
}

static void
count_ports(const struct sw *sw, int pg, struct binding_pool *pool)
{
    pool->n_ports = pool->n_free = 0;
    for (const struct port *p = sw->ports; p < &sw->ports[MAX_PORTS]; p++) {
        if (p->key && p->pg == pg && !p->conflict_key) {
            pool->n_ports++;
            pool->n_free += p->nic < 0 && !is_asked_for(sw, p->key);
        }
    }
}

static void
resize(struct sw *sw, int i, bool trim)
{
    const struct pg *pg = &sw->pgs[i];
    struct binding_pool pool = {
        .num_ports = pg->num_ports,
        .ephemeral = pg->type == EPHEMERAL,
        .auto_expand = pg->auto_expand,
        .trim = trim,
    };
    bool stuck;

    count_ports(sw, i, &pool);
    int change = binding_pool_change(&pool, &stuck);
    assert_true(!stuck || (!pg->auto_expand && !change
                           && pool.n_ports - pool.n_free > pool.num_ports));
    assert_true(change >= 0 || -change <= pool.n_free);
    for (; change > 0; change--) {
        add_port(sw, i, 0);
    }
    for (; change < 0; change++) {
        find_free_port(sw, i, true)->key = 0;
    }

    /* Once it is done, there is nothing more to do. */
    if (!stuck) {
        struct binding_pool after = pool;

        after.trim = false;
        count_ports(sw, i, &after);
        assert_int_equal(binding_pool_change(&after, &stuck), 0);
        assert_false(stuck);
    }
}

static void
resize_all(struct sw *sw, int trimmed)
{
    for (int i = 0; i < N_PGS; i++) {
        resize(sw, i, i == trimmed);
    }
    /* Conflict ports that were asked for in vain. */
    FOR_EACH_PORT (p, sw) {
        if (p->conflict_key && p->nic < 0 && !is_asked_for(sw, p->key)) {
            p->key = 0;
        }
    }
}

static bool
is_for_plugged(const struct sw *sw, const struct port *p)
{
    return p->conflict_key || sw->pgs[p->pg].type != EARLY;
}

static bool
is_plugged(struct sw *sw, const struct nic *nic)
{
    const struct port *p = find_port(sw, nic->key);

    return nic->on_host || (p && is_for_plugged(sw, p)
                            && nic->n_missed < N_LOOKS);
}

static void
release(struct sw *sw, struct nic *nic)
{
    struct port *p = find_port(sw, nic->key);

    nic->key = 0;
    if (p) {
        p->nic = -1;
        if ((p->conflict_key || sw->pgs[p->pg].type == EPHEMERAL)
            && !is_asked_for(sw, p->key)) {
            p->key = 0;
        }
    }
}

static void
take(struct sw *sw, struct nic *nic, struct port *p)
{
    release(sw, nic);
    assert_true(p->key);
    assert_int_equal(p->nic, -1);
    p->nic = nic - sw->nics;
    nic->key = p->key;
}

/* Returns true if 'nic' has changed ports. */
static bool
keep(struct sw *sw, struct nic *nic)
{
    const struct port *p = find_port(sw, nic->key);

    if (p && is_for_plugged(sw, p) && !is_plugged(sw, nic)) {
        release(sw, nic);
        return true;
    }
    return false;
}

/* Likewise. */
static bool
bind_nic(struct sw *sw, struct nic *nic)
{
    struct port *asked = find_port(sw, nic->asks_key);
    struct port *current = find_port(sw, nic->key);
    const struct pg *pg = nic->asks_pg >= 0 ? &sw->pgs[nic->asks_pg] : NULL;
    struct port *free_port = pg ? find_free_port(sw, nic->asks_pg, false)
                                : NULL;
    struct binding_ask ask = {
        .asks_portgroup = pg != NULL,
        .asks_port = asked != NULL,
        .no_choice = asked && is_for_plugged(sw, asked),
        .when_plugged = pg && pg->type != EARLY,
        .made_to_order = pg && pg->type == EPHEMERAL,
        .plugged = is_plugged(sw, nic),
        .has_port = current != NULL,
        .port_fits = current && (asked ? current == asked
                                 : (current->pg == nic->asks_pg
                                    && !current->conflict_key)),
        .port_in_conflict = current && current->conflict_key,
        .port_taken = asked && asked->nic >= 0 && asked != current,
        .free_port = free_port != NULL,
        .can_grow = pg && (pg->type == EPHEMERAL || pg->auto_expand),
    };

    switch (binding_decide(&ask)) {
    case BINDING_NONE:
    case BINDING_WAIT:
        release(sw, nic);
        return current != NULL;
    case BINDING_GROW:
        for (int i = 0; i < BINDING_GROWTH; i++) {
            add_port(sw, nic->asks_pg, 0);
        }
        free_port = find_free_port(sw, nic->asks_pg, false);
        /* Fall through. */
    case BINDING_TAKE:
        take(sw, nic, asked ? asked : free_port);
        return true;
    case BINDING_MAKE:
        take(sw, nic, add_port(sw, nic->asks_pg, 0));
        return true;
    case BINDING_CONFLICT:
        if (current && current->conflict_key == asked->key) {
            return false;
        }
        take(sw, nic, add_port(sw, asked->pg, asked->key));
        return true;
    case BINDING_KEEP:
        assert_true(ask.has_port);
        return false;
    case BINDING_FULL:
        assert_false(pg->auto_expand);
        return keep(sw, nic);
    case BINDING_AMBIGUOUS:
    case BINDING_NO_CHOICE:
    case BINDING_TAKEN:
        return keep(sw, nic);
    case BINDING_UPLINK:
    default:
        fail();
        return false;
    }
}

static void
settle(struct sw *sw)
{
    bool changed;
    int n = 0;

    do {
        assert_true(n++ < 100);
        changed = false;
        for (int i = 0; i < N_NICS; i++) {
            changed |= bind_nic(sw, &sw->nics[i]);
        }
    } while (changed);
}

static void
check_nic(struct sw *sw, const struct nic *nic)
{
    const struct port *p = find_port(sw, nic->key);
    const struct pg *pg = nic->asks_pg >= 0 ? &sw->pgs[nic->asks_pg] : NULL;

    if (p) {
        assert_int_equal(p->nic, nic - sw->nics);
        assert_true(pg || nic->asks_key);
        assert_true(!is_for_plugged(sw, p) || is_plugged(sw, nic));
    } else {
        assert_false(nic->key);
        if (pg && !nic->asks_key) {
            /* It waits only if it must. */
            assert_true(pg->type == EARLY || pg->type == LATE
                        || !nic->on_host);
            assert_true((pg->type == LATE && !nic->on_host)
                        || pg->type == EPHEMERAL
                        || (!pg->auto_expand
                            && !find_free_port(sw, nic->asks_pg, false)));
        }
    }
}

static void
check(struct sw *sw)
{
    int n_taken = 0, n_connected = 0;

    FOR_EACH_PORT (p, sw) {
        assert_true(p->key <= sw->next_key);
        assert_ptr_equal(find_port(sw, p->key), p);
        if (p->nic >= 0) {
            n_taken++;
            assert_int_equal(sw->nics[p->nic].key, p->key);
        }
        if (p->conflict_key) {
            /* The rightful one has kept its port. */
            const struct port *contested = find_port(sw, p->conflict_key);

            assert_true(p->nic < 0
                        || sw->nics[p->nic].asks_key != p->conflict_key
                        || (contested && contested->nic >= 0
                            && contested->nic != p->nic));
        }
    }
    for (struct nic *nic = sw->nics; nic < &sw->nics[N_NICS]; nic++) {
        n_connected += nic->key != 0;
        check_nic(sw, nic);
    }
    assert_int_equal(n_taken, n_connected);

    for (int i = 0; i < N_PGS; i++) {
        struct binding_pool pool;

        count_ports(sw, i, &pool);
        if (sw->pgs[i].type == EPHEMERAL) {
            assert_int_equal(pool.n_free, 0);
        } else {
            assert_true(pool.n_ports >= sw->pgs[i].num_ports);
        }
    }
}

/* Carries out a change of type, which is refused while NICs are connected. */
static void
set_type(struct sw *sw, int i, enum type type)
{
    FOR_EACH_PORT (p, sw) {
        if (p->pg == i && p->nic >= 0) {
            return;
        }
    }
    sw->pgs[i].type = type;
    sw->pgs[i].auto_expand = sw->pgs[i].auto_expand && type == EARLY;
}

static void
look_at_missing(struct sw *sw)
{
    for (struct nic *nic = sw->nics; nic < &sw->nics[N_NICS]; nic++) {
        const struct port *p = find_port(sw, nic->key);

        nic->n_missed = (nic->on_host || !p || !is_for_plugged(sw, p)
                         ? 0 : nic->n_missed + 1);
    }
}

/* Returns the key of any port, or 0. */
static int
random_port(struct sw *sw)
{
    int n = 0, key = 0;

    FOR_EACH_PORT (p, sw) {
        if (!random_range(++n)) {
            key = p->key;
        }
    }
    return key;
}

static void
do_something(struct sw *sw)
{
    struct nic *nic = &sw->nics[random_range(N_NICS)];
    int i = random_range(N_PGS);
    int trimmed = -1;

    switch (random_range(12)) {
    case 0:
    case 1:
    case 2:
        nic->asks_pg = i;
        nic->asks_key = 0;
        break;
    case 3:
        nic->asks_pg = -1;
        nic->asks_key = random_port(sw);
        break;
    case 4:
        nic->asks_pg = -1;
        nic->asks_key = 0;
        break;
    case 5:
        sw->pgs[i].num_ports = random_range(30);
        trimmed = i;
        break;
    case 6:
        sw->pgs[i].auto_expand = (!sw->pgs[i].auto_expand
                                  && sw->pgs[i].type == EARLY);
        break;
    case 7:
        set_type(sw, i, random_range(N_TYPES));
        break;
    case 8:
    case 9:
    case 10:
        nic->on_host = !nic->on_host;
        nic->n_missed = 0;
        break;
    case 11:
        look_at_missing(sw);
        break;
    }

    resize_all(sw, trimmed);
    settle(sw);
    resize_all(sw, -1);
    settle(sw);
}

static void
test_random(void **state OVS_UNUSED)
{
    int n_conflicts = 0, n_ephemeral = 0, n_late = 0;

    for (uint32_t seed = 1; seed <= 50; seed++) {
        struct sw *sw = xzalloc(sizeof *sw);

        random_set_seed(seed);
        for (int i = 0; i < N_PGS; i++) {
            sw->pgs[i].type = i % N_TYPES;
        }
        for (int i = 0; i < N_NICS; i++) {
            sw->nics[i].asks_pg = -1;
        }
        for (int i = 0; i < 400; i++) {
            do_something(sw);
            check(sw);
            FOR_EACH_PORT (p, sw) {
                if (p->nic >= 0) {
                    n_conflicts += p->conflict_key != 0;
                    n_ephemeral += sw->pgs[p->pg].type == EPHEMERAL;
                    n_late += sw->pgs[p->pg].type == LATE;
                }
            }
        }
        free(sw);
    }

    /* It has seen all of them. */
    assert_true(n_conflicts > 1000);
    assert_true(n_ephemeral > 1000);
    assert_true(n_late > 1000);
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

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

/* Tables that dvsctl's commands print.  See ctl-table.h.
 *
 * This file knows nothing of what is in a table. */

#include <config.h>

#include "utilities/ctl-table.h"

#include <ctype.h>
#include <stdlib.h>

#include "db-ctl-base.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "ovsdb-types.h"
#include "sort.h"
#include "svec.h"
#include "table.h"
#include "util.h"

/* Initializes 'table' as empty, with the 'n_columns' columns of 'columns',
 * which must live as long as it does.  Its rows will be sorted by the first
 * 'n_sort' of them, or, if that is 0, stay in the order in which they are
 * added. */
void
ctl_table_init(struct ctl_table *table, const struct ctl_column *columns,
               size_t n_columns, size_t n_sort)
{
    *table = (struct ctl_table) {
        .columns = columns,
        .n_columns = n_columns,
        .n_sort = n_sort,
    };
}

/* Begins a row.  The caller puts a cell into each column, from the left. */
void
ctl_table_add_row(struct ctl_table *table)
{
    ovs_assert(!table->n_rows || table->n_cells == table->n_columns);
    if (table->n_rows >= table->allocated_rows) {
        table->rows = x2nrealloc(table->rows, &table->allocated_rows,
                                 sizeof *table->rows);
    }
    table->rows[table->n_rows++] = xcalloc(table->n_columns,
                                           sizeof **table->rows);
    table->n_cells = 0;
}

/* Puts 'cell', which may be null for empty, into the next column, and takes
 * ownership of it. */
void
ctl_table_put_nocopy(struct ctl_table *table, char *cell)
{
    ovs_assert(table->n_rows && table->n_cells < table->n_columns);
    table->rows[table->n_rows - 1][table->n_cells++]
        = cell ? cell : xstrdup("");
}

/* Puts a copy of 'cell', which may be null for empty, into the next
 * column. */
void
ctl_table_put(struct ctl_table *table, const char *cell)
{
    ctl_table_put_nocopy(table, nullable_xstrdup(cell));
}

/* Puts what 'format' yields into the next column. */
void
ctl_table_format(struct ctl_table *table, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ctl_table_put_nocopy(table, xvasprintf(format, args));
    va_end(args);
}

/* Puts the 'n' strings of 'strings', with 'separator' between them, into the
 * next column. */
void
ctl_table_join(struct ctl_table *table, char **strings, size_t n,
               const char *separator)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        ds_put_format(&s, "%s%s", i ? separator : "", strings[i]);
    }
    ctl_table_put(table, ds_cstr(&s));
    ds_destroy(&s);
}

/* Compares 'a' and 'b' as people do: "uplink2" comes before "uplink10". */
int
ctl_natural_compare(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char) *a) && isdigit((unsigned char) *b)) {
            a += strspn(a, "0");
            b += strspn(b, "0");

            size_t n = strspn(a, "0123456789");
            size_t m = strspn(b, "0123456789");
            if (n != m) {
                return n < m ? -1 : 1;
            }

            int cmp = strncmp(a, b, n);
            if (cmp) {
                return cmp;
            }
            a += n;
            b += n;
        } else if (*a != *b) {
            break;
        } else {
            a++;
            b++;
        }
    }
    return (unsigned char) *a - (unsigned char) *b;
}

static int
compare_rows(size_t a, size_t b, void *table_)
{
    const struct ctl_table *table = table_;

    for (size_t i = 0; i < table->n_sort; i++) {
        int cmp = ctl_natural_compare(table->rows[a][i], table->rows[b][i]);
        if (cmp) {
            return cmp;
        }
    }
    return 0;
}

static void
swap_rows(size_t a, size_t b, void *table_)
{
    struct ctl_table *table = table_;
    char **row = table->rows[a];

    table->rows[a] = table->rows[b];
    table->rows[b] = row;
}

/* The order of rows that compare equal is undefined. */
static void
sort_rows(struct ctl_table *table)
{
    if (table->n_sort) {
        sort(table->n_rows, compare_rows, swap_rows, table);
    }
}

/* Stores in '*selectedp' the indexes of the columns to print, in order: those
 * that the command's option --columns names, or else all.  Returns how many
 * there are, 0 (and reports a fault in 'ctx') if one does not exist. */
static size_t
select_columns(const struct ctl_table *table, struct ctl_context *ctx,
               size_t **selectedp)
{
    const char *option = shash_find_data(&ctx->options, "--columns");
    struct svec names = SVEC_EMPTY_INITIALIZER;
    size_t n = 0;

    if (option) {
        char *copy = xstrdup(option);
        char *save_ptr = NULL;
        for (char *name = strtok_r(copy, ", ", &save_ptr); name;
             name = strtok_r(NULL, ", ", &save_ptr)) {
            svec_add(&names, name);
        }
        free(copy);
    } else {
        for (size_t i = 0; i < table->n_columns; i++) {
            svec_add(&names, table->columns[i].name);
        }
    }

    if (!names.n) {
        ctl_error(ctx, "InvalidArgument: --columns names no column");
    }

    size_t *selected = xcalloc(names.n + 1, sizeof *selected);
    for (size_t i = 0; i < names.n; i++) {
        size_t j;

        for (j = 0; j < table->n_columns; j++) {
            if (!strcmp(table->columns[j].name, names.names[i])) {
                break;
            }
        }
        if (j >= table->n_columns) {
            ctl_error(ctx, "InvalidArgument: %s has no column \"%s\"",
                      ctx->argv[0], names.names[i]);
            n = 0;
            break;
        }
        selected[n++] = j;
    }
    svec_destroy(&names);

    *selectedp = selected;
    return n;
}

static void
ctl_table_destroy(struct ctl_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        for (size_t j = 0; j < table->n_columns; j++) {
            free(table->rows[i][j]);
        }
        free(table->rows[i]);
    }
    free(table->rows);
}

/* Sorts 'table', makes it the output of the command of 'ctx', and frees what
 * it owns. */
void
ctl_table_finish(struct ctl_table *table, struct ctl_context *ctx)
{
    ovs_assert(!table->n_rows || table->n_cells == table->n_columns);

    size_t *selected;
    size_t n = select_columns(table, ctx, &selected);

    sort_rows(table);
    if (n) {
        struct table *out = ctx->table = xmalloc(sizeof *out);

        table_init(out);
        for (size_t i = 0; i < n; i++) {
            table_add_column(out, "%s", table->columns[selected[i]].name);
        }
        for (size_t i = 0; i < table->n_rows; i++) {
            table_add_row(out);
            for (size_t j = 0; j < n; j++) {
                const char *text = table->rows[i][selected[j]];
                struct cell *cell = table_add_cell(out);
                long long int number;

                if (table->columns[selected[j]].number
                    && str_to_llong(text, 10, &number)) {
                    cell->json = json_integer_create(number);
                    cell->type = &ovsdb_type_integer;
                } else {
                    cell->text = xstrdup(text);
                }
            }
        }
    }

    ctl_table_destroy(table);
    free(selected);
}

/* Returns how many characters 's', in UTF-8, has. */
static size_t
count_characters(const char *s)
{
    size_t n = 0;

    for (; *s; s++) {
        n += (*s & 0xc0) != 0x80;
    }
    return n;
}

/* Sorts 'table', appends it to 'out' without its headings, each line indented
 * by 'indent' spaces and each column as wide as it needs to be, and frees
 * what it owns. */
void
ctl_table_print(struct ctl_table *table, int indent, struct ds *out)
{
    size_t *widths = xcalloc(table->n_columns, sizeof *widths);

    sort_rows(table);
    for (size_t i = 0; i < table->n_rows; i++) {
        for (size_t j = 0; j < table->n_columns; j++) {
            widths[j] = MAX(widths[j], count_characters(table->rows[i][j]));
        }
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        ds_put_char_multiple(out, ' ', indent);
        for (size_t j = 0; j < table->n_columns; j++) {
            if (widths[j]) {
                const char *text = table->rows[i][j];

                ds_put_cstr(out, text);
                ds_put_char_multiple(out, ' ',
                                     widths[j] + 2 - count_characters(text));
            }
        }
        while (ds_chomp(out, ' ')) {
            continue;
        }
        ds_put_char(out, '\n');
    }
    ctl_table_destroy(table);
    free(widths);
}

/* Sorted rows. */

/* Initializes 'sorted' as empty. */
void
ctl_sorted_init(struct ctl_sorted *sorted)
{
    *sorted = (struct ctl_sorted) { .n = 0 };
}

/* Frees what 'sorted' owns. */
void
ctl_sorted_destroy(struct ctl_sorted *sorted)
{
    free(sorted->rows);
}

/* Adds 'row', whose name is 'name', to 'sorted'. */
void
ctl_sorted_add(struct ctl_sorted *sorted, const char *name, const void *row)
{
    if (sorted->n >= sorted->allocated) {
        sorted->rows = x2nrealloc(sorted->rows, &sorted->allocated,
                                  sizeof *sorted->rows);
    }
    sorted->rows[sorted->n++] = (struct ctl_sorted_row) {
        .name = name, .row = row,
    };
}

static int
compare_sorted(const void *a_, const void *b_)
{
    const struct ctl_sorted_row *a = a_;
    const struct ctl_sorted_row *b = b_;

    return ctl_natural_compare(a->name, b->name);
}

/* Sorts 'sorted'. */
void
ctl_sorted_sort(struct ctl_sorted *sorted)
{
    if (sorted->n) {
        qsort(sorted->rows, sorted->n, sizeof *sorted->rows, compare_sorted);
    }
}

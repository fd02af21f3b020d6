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

#ifndef DVSCTL_TABLE_H
#define DVSCTL_TABLE_H 1

/* Tables that dvsctl's commands print: aligned for people, and in the formats
 * of --format for programs. */

#include <stdbool.h>
#include <stddef.h>
#include "openvswitch/compiler.h"

struct ctl_context;
struct ds;

struct ctl_column {
    const char *name;           /* Heading, and name in --columns. */
    bool number;                /* Whether cells are integers (or empty). */
};

/* A table in the making. */
struct ctl_table {
    const struct ctl_column *columns;   /* Not owned. */
    size_t n_columns;
    size_t n_sort;              /* Rows are sorted by this many columns. */
    char ***rows;               /* Each has 'n_columns' cells. */
    size_t n_rows, allocated_rows;
    size_t n_cells;             /* Cells in the last row so far. */
};

void ctl_table_init(struct ctl_table *, const struct ctl_column *,
                    size_t n_columns, size_t n_sort);
void ctl_table_add_row(struct ctl_table *);
void ctl_table_put(struct ctl_table *, const char *cell);
void ctl_table_put_nocopy(struct ctl_table *, char *cell);
void ctl_table_format(struct ctl_table *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void ctl_table_join(struct ctl_table *, char **strings, size_t n,
                    const char *separator);
void ctl_table_finish(struct ctl_table *, struct ctl_context *);
void ctl_table_print(struct ctl_table *, int indent, struct ds *);

int ctl_natural_compare(const char *, const char *);

/* Rows of the database in the order of their names. */
struct ctl_sorted {
    struct ctl_sorted_row {
        const char *name;       /* Not owned. */
        const void *row;        /* Not owned. */
    } *rows;
    size_t n, allocated;
};

void ctl_sorted_init(struct ctl_sorted *);
void ctl_sorted_destroy(struct ctl_sorted *);
void ctl_sorted_add(struct ctl_sorted *, const char *name, const void *row);
void ctl_sorted_sort(struct ctl_sorted *);

#endif /* ctl-table.h */

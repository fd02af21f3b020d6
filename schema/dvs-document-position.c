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

/* PURE: where in the text of a configuration document something stands.
 *
 * The text is known to be JSON, and is read but not understood. */

#include <config.h>

#include "schema/dvs-document.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What is left of a text. */
struct cursor {
    const char *p, *end;
};

static void
skip_blanks(struct cursor *c)
{
    while (c->p < c->end && strchr(" \t\r\n", *c->p)) {
        c->p++;
    }
}

static bool
is_at(const struct cursor *c, char ch)
{
    return c->p < c->end && *c->p == ch;
}

/* Skips a string, from one quotation mark to the other. */
static void
skip_string(struct cursor *c)
{
    for (c->p++; c->p < c->end && *c->p != '"'; c->p++) {
        if (*c->p == '\\' && c->p + 1 < c->end) {
            c->p++;
        }
    }
    if (c->p < c->end) {
        c->p++;
    }
}

/* Skips a value, however deep. */
static void
skip_value(struct cursor *c)
{
    int depth = 0;

    while (c->p < c->end) {
        if (*c->p == '"') {
            skip_string(c);
        } else if (strchr("{[", *c->p)) {
            depth++;
            c->p++;
        } else if (strchr("}]", *c->p)) {
            if (!depth--) {
                return;
            }
            c->p++;
        } else if (!depth && *c->p == ',') {
            return;
        } else {
            c->p++;
        }
        if (!depth && c->p < c->end && strchr(",}] \t\r\n", *c->p)) {
            return;
        }
    }
}

/* Goes from the beginning of an object to that of the value of its member
 * 'key', which has 'length' bytes, and stores in '*name' where that begins.
 * Returns false if there is none. */
static bool
find_member(struct cursor *c, const char *key, size_t length,
            const char **name)
{
    if (!is_at(c, '{')) {
        return false;
    }
    do {
        c->p++;
        skip_blanks(c);
        if (!is_at(c, '"')) {
            return false;
        }
        *name = c->p;
        skip_string(c);

        bool found = ((size_t) (c->p - *name) == length + 2
                      && !memcmp(*name + 1, key, length));
        skip_blanks(c);
        if (is_at(c, ':')) {
            c->p++;
        }
        skip_blanks(c);
        if (found) {
            return true;
        }
        skip_value(c);
        skip_blanks(c);
    } while (is_at(c, ','));
    return false;
}

/* Goes from the beginning of an array to that of its element 'index', counted
 * from 0.  Returns false if there is none. */
static bool
find_element(struct cursor *c, size_t index)
{
    if (!is_at(c, '[')) {
        return false;
    }
    c->p++;
    skip_blanks(c);
    while (index--) {
        skip_value(c);
        skip_blanks(c);
        if (!is_at(c, ',')) {
            return false;
        }
        c->p++;
        skip_blanks(c);
    }
    return true;
}

/* Stores in '*line' and '*column', both counted from 1 and the column in
 * characters, where in the 'size' bytes at 'text', which must be JSON, what
 * 'path' names begins: "$.switches[0].name", up to a colon.  If it is not
 * there, takes the innermost of what would have it. */
void
dvs_document_locate(const char *text, size_t size, const char *path,
                    int *line, int *column)
{
    struct cursor c = { text, text + size };
    const char *found;

    skip_blanks(&c);
    found = c.p;
    path += *path == '$';
    while (*path == '.' || *path == '[') {
        const char *name;

        if (*path == '.') {
            size_t length = strcspn(path + 1, ".[:");

            if (!find_member(&c, path + 1, length, &name)) {
                break;
            }
            path += 1 + length;
            found = name;
        } else {
            if (!find_element(&c, strtoul(path + 1, NULL, 10))) {
                break;
            }
            path += strcspn(path, "]");
            path += *path == ']';
            found = c.p;
        }
    }

    *line = *column = 1;
    for (const char *p = text; p < found; p++) {
        if (*p == '\n') {
            ++*line;
            *column = 1;
        } else if ((*p & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

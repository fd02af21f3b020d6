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

/* Prints the OpenFlow flows and groups of a switch as a bundle that
 * "ovs-ofctl -O OpenFlow15 bundle" takes, and its meters as "ovs-ofctl -O
 * OpenFlow15 add-meter" takes them, each after "# meter ".  The switch comes
 * from the file that is named, in the form of model-text.h. */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/host-view.h"
#include "tests/model-text.h"
#include "util.h"

static char *
read_file(const char *name)
{
    FILE *file = fopen(name, "r");
    struct ds text = DS_EMPTY_INITIALIZER;
    char chunk[4096];
    size_t n;

    if (!file) {
        ovs_fatal(errno, "%s: open failed", name);
    }
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        ds_put_buffer(&text, chunk, n);
    }
    if (ferror(file)) {
        ovs_fatal(errno, "%s: read failed", name);
    }
    fclose(file);
    return ds_steal_cstr(&text);
}

/* Puts each group ahead of the flows; a group's buckets, which come one after
 * the other, become one group. */
static void
print_bundle(char *items)
{
    struct ds flows = DS_EMPTY_INITIALIZER;
    struct ds groups = DS_EMPTY_INITIALIZER;
    char *save_ptr = NULL;
    size_t prefix = 0;
    char *last = NULL;

    for (char *item = strtok_r(items, "\n", &save_ptr); item;
         item = strtok_r(NULL, "\n", &save_ptr)) {
        char *bucket = strstr(item, ",bucket=");

        if (!strncmp(item, "meter=", 6)) {
            printf("# meter %s\n", item);
        } else if (strncmp(item, "group_id=", 9)) {
            ds_put_format(&flows, "flow add %s\n", item);
        } else if (last && bucket - item == prefix
                   && !strncmp(item, last, prefix)) {
            ds_put_cstr(&groups, bucket);
        } else {
            ds_put_format(&groups, "%sgroup add %s", last ? "\n" : "", item);
            last = item;
            prefix = bucket - item;
        }
    }
    printf("%s\n%s", ds_cstr(&groups), ds_cstr(&flows));
    ds_destroy(&flows);
    ds_destroy(&groups);
}

int
main(int argc, char *argv[])
{
    struct ds items = DS_EMPTY_INITIALIZER;
    struct desired desired;
    struct hv_switch sw;

    ovs_set_program_name(argv[0], VERSION);
    if (argc != 2) {
        ovs_fatal(0, "usage: %s MODEL", program_name);
    }

    char *text = read_file(argv[1]);
    hv_switch_init(&sw);
    char *error = model_text_read(text, &sw);
    if (error) {
        ovs_fatal(0, "%s: %s", argv[1], error);
    }

    desired_init(&desired);
    model_text_compile(&sw, &desired);
    desired_format(&desired, &items);
    print_bundle(ds_cstr(&items));

    ds_destroy(&items);
    desired_destroy(&desired);
    hv_switch_destroy(&sw);
    free(text);
    return 0;
}

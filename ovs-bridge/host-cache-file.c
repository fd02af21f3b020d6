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

/* The files of the host cache.  See host-cache.h.
 *
 * A disk may take its time, and forwarding must not wait for it: each file is
 * written by a thread that lives as long as that takes. */

#include <config.h>
#include "ovs-bridge/host-cache.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "ovs-atomic.h"
#include "ovs-bridge/proxy-rows.h"
#include "ovs-thread.h"
#include "socket-util.h"
#include "sset.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(host_cache);

COVERAGE_DEFINE(host_cache_write);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 3);

/* Larger files are not ours. */
#define MAX_SIZE (256 * 1024 * 1024)

/* Returns the name of the cache file of host 'host' in 'dir'. */
char *
host_cache_file_name(const char *dir, const char *host)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "%s/dvs-agent-", dir);
    for (; *host; host++) {
        if (isalnum((unsigned char) *host) || strchr("-_.", *host)) {
            ds_put_char(&s, *host);
        } else {
            ds_put_format(&s, "%%%02x", (unsigned char) *host);
        }
    }
    ds_put_cstr(&s, ".cache");
    return ds_steal_cstr(&s);
}

static char *
older_generation(const char *file)
{
    return xasprintf("%s.old", file);
}

/* Returns the contents of 'file', of '*lenp' bytes, or NULL. */
static char *
read_file(const char *file, size_t *lenp)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    struct stat st;
    int error = 0;

    if (fd < 0 || fstat(fd, &st)) {
        error = errno;
    } else if (!S_ISREG(st.st_mode) || st.st_size > MAX_SIZE) {
        error = EFBIG;
    } else {
        text = xmalloc(st.st_size + 1);
        error = read_fully(fd, text, st.st_size, lenp);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (error) {
        if (error != ENOENT) {
            VLOG_WARN("%s: %s", file, ovs_retval_to_string(error));
        }
        free(text);
        text = NULL;
    }
    return text;
}

static bool
read_generation(const char *file, const char *host,
                struct host_cache_info *info, struct proxy_rows *rows)
{
    size_t len;
    char *text = read_file(file, &len);

    if (!text) {
        return false;
    }
    char *error = host_cache_parse(text, len, host, info, rows);
    free(text);
    if (!error) {
        return true;
    }
    VLOG_WARN("%s: not used, because %s", file, error);
    free(error);
    proxy_rows_destroy(rows);
    proxy_rows_init(rows);
    return false;
}

/* Reads 'file', or the generation before it, into 'info' and 'rows', which is
 * empty.  Returns false if there is none that can be used; then 'rows' is
 * still empty. */
bool
host_cache_read(const char *file, const char *host,
                struct host_cache_info *info, struct proxy_rows *rows)
{
    bool ok = read_generation(file, host, info, rows);

    if (!ok) {
        char *older = older_generation(file);

        ok = read_generation(older, host, info, rows);
        free(older);
    }
    if (!ok) {
        info->heard = info->rolled_back = 0;
        sset_clear(info->turned_down);
    }
    return ok;
}

/* Removes both generations of 'file'. */
void
host_cache_remove(const char *file)
{
    char *older = older_generation(file);

    unlink(file);
    unlink(older);
    free(older);
}

/* Writing. */

struct host_cache_writer {
    char *file;
    char *text;                 /* To be written; the thread's. */
    pthread_t thread;
    bool started;               /* 'thread' must be joined. */
    atomic_bool busy;           /* 'thread' is at work. */
};

/* Returns a writer for 'file'. */
struct host_cache_writer *
host_cache_writer_create(const char *file)
{
    struct host_cache_writer *writer = xzalloc(sizeof *writer);

    writer->file = xstrdup(file);
    atomic_init(&writer->busy, false);
    return writer;
}

/* Waits for the thread of 'writer', if any. */
static void
join(struct host_cache_writer *writer)
{
    if (writer->started) {
        xpthread_join(writer->thread, NULL);
        writer->started = false;
    }
}

/* Frees 'writer' when it has written what it has. */
void
host_cache_writer_destroy(struct host_cache_writer *writer)
{
    if (writer) {
        join(writer);
        free(writer->file);
        free(writer);
    }
}

/* Returns true if 'writer' cannot take anything now. */
bool
host_cache_writer_is_busy(const struct host_cache_writer *writer)
{
    bool busy;

    atomic_read(&CONST_CAST(struct host_cache_writer *, writer)->busy, &busy);
    return busy;
}

/* Writes 'text' to 'file', on disk.  Returns 0 or an errno value. */
static int
write_to_disk(const char *file, const char *text)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    size_t n;
    int error;

    if (fd < 0) {
        return errno;
    }
    error = write_fully(fd, text, strlen(text), &n);
    if (!error && fsync(fd)) {
        error = errno;
    }
    close(fd);
    return error;
}

/* Replaces the generations of 'file'. */
static int
replace(const char *file, const char *text)
{
    char *new = xasprintf("%s.tmp", file);
    char *older = older_generation(file);
    int error = write_to_disk(new, text);

    if (!error && rename(file, older) && errno != ENOENT) {
        error = errno;
    }
    if (!error && rename(new, file)) {
        error = errno;
    }
    if (!error) {
        error = fsync_parent_dir(file);
    }
    free(new);
    free(older);
    return error;
}

static void *
writer_main(void *writer_)
{
    struct host_cache_writer *writer = writer_;
    int error = replace(writer->file, writer->text);

    if (error) {
        VLOG_WARN_RL(&rl, "%s: cannot be written (%s); the host will not know "
                     "its configuration if it starts without the DVS database",
                     writer->file, ovs_strerror(error));
    }
    free(writer->text);
    writer->text = NULL;
    atomic_store(&writer->busy, false);
    return NULL;
}

/* Has 'writer', which is not busy, write 'text', which it takes over. */
void
host_cache_write(struct host_cache_writer *writer, char *text)
{
    COVERAGE_INC(host_cache_write);
    join(writer);
    writer->text = text;
    atomic_store(&writer->busy, true);
    writer->thread = ovs_thread_create("dvs-cache", writer_main, writer);
    writer->started = true;
}

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

/* The first process of the virtual machine of "make check-kernel".
 *
 * It is all that the machine's initial file system has, but for kernel
 * modules.  It loads those, mounts the real machine's files, for reading only,
 * with a fresh /run and with changes to /tmp kept in memory, runs the script
 * /run/job/script there, with the second serial line as its output, and stops
 * the machine.  It is linked statically and needs nothing of the product. */

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Stops the machine.  The kernel flushes nothing here: there is nothing that
 * would have to be kept. */
static void
stop(void)
{
    reboot(RB_AUTOBOOT);        /* QEMU is told to end instead. */
    for (;;) {
        pause();
    }
}

static void
fail(const char *what, const char *name)
{
    printf("init: %s %s: %m\n", what, name);
    stop();
}

/* Loads the kernel modules that the file /modules names, one a line, those
 * first that others need. */
static void
load_modules(void)
{
    FILE *list = fopen("/modules", "r");
    char name[256];

    if (!list) {
        fail("cannot read", "/modules");
    }
    while (fgets(name, sizeof name, list)) {
        name[strcspn(name, "\n")] = '\0';
        int fd = open(name, O_RDONLY | O_CLOEXEC);

        if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0)
                       && errno != EEXIST)) {
            fail("cannot load module", name);
        }
        close(fd);
    }
    fclose(list);
}

static void
mount_or_fail(const char *source, const char *target, const char *type,
              unsigned long int flags, const char *options)
{
    if (mount(source, target, type, flags, options)) {
        fail("cannot mount", target);
    }
}

static void
mount_all(void)
{
    mkdir("/root", 0755);
    mount_or_fail("root", "/root", "9p", MS_RDONLY,
                  "trans=virtio,version=9p2000.L,msize=524288,cache=loose");
    mount_or_fail("proc", "/root/proc", "proc", 0, NULL);
    mount_or_fail("sysfs", "/root/sys", "sysfs", 0, NULL);
    mount_or_fail("devtmpfs", "/root/dev", "devtmpfs", 0, NULL);
    mount_or_fail("tmpfs", "/root/run", "tmpfs", 0, "mode=755");

    /* Not a fresh one: the build may be there. */
    mkdir("/root/run/tmp", 0755);
    mkdir("/root/run/tmp/upper", 01777);
    mkdir("/root/run/tmp/work", 0755);
    mount_or_fail("tmp", "/root/tmp", "overlay", 0, "lowerdir=/root/tmp,"
                  "upperdir=/root/run/tmp/upper,workdir=/root/run/tmp/work");

    mkdir("/root/dev/shm", 01777);
    mount_or_fail("tmpfs", "/root/dev/shm", "tmpfs", 0, "mode=1777");
    mkdir("/root/run/job", 0755);
    mount_or_fail("job", "/root/run/job", "9p", 0,
                  "trans=virtio,version=9p2000.L,msize=524288");

    /* As switch_root(8) does: in a mere chroot there are no namespaces. */
    if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".")
        || chdir("/")) {
        fail("cannot enter", "/root");
    }
}

/* Runs the script and prints its exit status. */
static void
run_script(void)
{
    pid_t script = fork();
    int status;

    if (!script) {
        int fd = open("/dev/ttyS1", O_RDWR | O_NOCTTY);

        if (fd < 0) {
            fail("cannot open", "/dev/ttyS1");
        }
        for (int i = 0; i <= 2; i++) {
            dup2(fd, i);
        }
        setsid();
        execl("/bin/sh", "sh", "/run/job/script", NULL);
        fail("cannot run", "/run/job/script");
    }
    for (;;) {
        pid_t pid = wait(&status);

        if (pid == script) {
            printf("init: exit status %d\n",
                   WIFEXITED(status) ? WEXITSTATUS(status) : 255);
            break;
        } else if (pid < 0) {
            fail("cannot wait for", "the script");
        }
    }
}

int
main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    load_modules();
    mount_all();
    run_script();
    sync();
    stop();
}

/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "testing.h"

#include "base/file.h"
#include "base/os.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static const char *in_folder(const char *name)
{
    static char path[160];
    if (!*folder) {
        strcpy(folder, "/tmp/inchip-test-XXXXXX");
        if (!mkdtemp(folder))
            abort();
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int n_entries(void)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d))
        n += e->d_name[0] != '.';
    if (d)
        closedir(d);
    return n;
}

static enum ic_status write_text(const char *path, const char *a, const char *b, struct ic_diag *d)
{
    const struct ic_span parts[] = {{a, strlen(a)}, {b, strlen(b)}};
    return ic_file_write_atomic(path, parts, 2, d);
}

static int holds(const char *path, const char *text)
{
    struct ic_file_map map;
    struct ic_diag d = {0};
    if (ic_file_map_open(path, &map, &d) != IC_OK) {
        printf("%s\n", d.text);
        return 0;
    }
    const int same = map.size_bytes == strlen(text) && memcmp(map.bytes, text, map.size_bytes) == 0;
    ic_file_map_close(&map);
    return same;
}

TEST(written_and_read)
{
    struct ic_diag d = {0};
    const char *path = in_folder("a");
    CHECK_EQ_INT(write_text(path, "one ", "two", &d), IC_OK);
    CHECK(holds(path, "one two"));
    CHECK_EQ_INT(write_text(path, "", "again", &d), IC_OK);
    CHECK(holds(path, "again"));
    CHECK_EQ_INT(ic_file_write_atomic(path, NULL, 0, &d), IC_OK);
    struct ic_file_map map;
    CHECK_EQ_INT(ic_file_map_open(path, &map, &d), IC_OK);
    CHECK(map.size_bytes == 0 && map.bytes != NULL);
    ic_file_map_close(&map);
    ic_file_map_close(&map);
    CHECK_EQ_INT(n_entries(), 1);
    unlink(path);
}

static void refused(const char *path, const char *why)
{
    struct ic_file_map map;
    struct ic_diag d = {0};
    CHECK_EQ_INT(ic_file_map_open(path, &map, &d), IC_ERR_IO);
    if (!CHECK(strncmp(d.text, path, strlen(path)) == 0 && strstr(d.text, why) != NULL))
        printf("  %s\n", d.text);
}

TEST(what_is_no_file_is_refused)
{
    refused(in_folder("absent"), "No such file");
    refused(folder, "folder");
    refused("/dev/zero", "device");
    const char *fifo = in_folder("fifo");
    REQUIRE(mkfifo(fifo, 0600) == 0);
    refused(fifo, "pipe"); /* and does not wait for a writer */
    unlink(fifo);
}

TEST(a_taken_temporary_name_is_left_alone)
{
    struct ic_diag d = {0};
    char taken[200], path[160];
    snprintf(path, sizeof path, "%s", in_folder("b"));
    snprintf(taken, sizeof taken, "%s.tmp-%ld", path, (long)getpid());
    REQUIRE(write_text(taken, "not", " mine", &d) == IC_OK);
    CHECK_EQ_INT(write_text(path, "mine", "", &d), IC_OK);
    CHECK(holds(path, "mine"));
    CHECK(holds(taken, "not mine"));
    CHECK_EQ_INT(n_entries(), 2);
    unlink(taken);
    unlink(path);
}

/* As long as the file system takes it: the temporary name is no longer. */
TEST(long_names)
{
    struct ic_diag d = {0};
    char name[256], path[160 + 256];
    memset(name, 'n', 255);
    name[255] = 0;
    snprintf(path, sizeof path, "%s", in_folder(""));
    strcat(path, name);
    CHECK_EQ_INT(write_text(path, "long", "", &d), IC_OK);
    CHECK(holds(path, "long"));
    CHECK_EQ_INT(n_entries(), 1);
    unlink(path);
}

TEST(who_may_read_a_file_stays_as_it_was)
{
    struct ic_diag d = {0};
    struct stat st;
    const char *path = in_folder("secret");
    CHECK_EQ_INT(write_text(path, "old", "", &d), IC_OK);
    REQUIRE(chmod(path, 0640) == 0);
    CHECK_EQ_INT(write_text(path, "new", "", &d), IC_OK);
    CHECK(stat(path, &st) == 0);
    CHECK_EQ_INT(st.st_mode & 0777, 0640);
    CHECK(holds(path, "new"));
    unlink(path);
}

TEST(devices_get_the_bytes)
{
    struct ic_diag d = {0};
    struct stat st;
    CHECK_EQ_INT(write_text("/dev/null", "gone", "", &d), IC_OK);
    CHECK(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
    if (stat("/dev/full", &st) != 0)
        SKIP("no /dev/full");
    CHECK_EQ_INT(write_text("/dev/full", "no room", "", &d), IC_ERR_IO);
    CHECK_EQ_STR(d.text, "/dev/full: cannot be written: No space left on device");
}

/* What `cp` and `>` do: the link stays, the file behind it gets the bytes; and whole, as every file. */
TEST(links_are_written_through)
{
    struct ic_diag d = {0};
    struct stat st;
    char target[160], link[160], second[160];
    snprintf(target, sizeof target, "%s", in_folder("below/target"));
    snprintf(second, sizeof second, "%s", in_folder("below/second"));
    snprintf(link, sizeof link, "%s", in_folder("link"));
    REQUIRE(mkdir(in_folder("below"), 0777) == 0 && symlink("target", second) == 0 && symlink("below/second", link) == 0);
    CHECK_EQ_INT(write_text(link, "new", " file", &d), IC_OK); /* what it leads to is made */
    CHECK(holds(target, "new file"));
    CHECK_EQ_INT(write_text(link, "changed", "", &d), IC_OK);
    CHECK(holds(target, "changed"));
    CHECK(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    CHECK(lstat(second, &st) == 0 && S_ISLNK(st.st_mode));
    CHECK_EQ_INT(n_entries(), 2); /* below, link */
    unlink(target);
    unlink(second);
    rmdir(in_folder("below"));
    CHECK_EQ_INT(write_text(link, "x", "", &d), IC_ERR_IO);
    char said[400];
    snprintf(said, sizeof said, "there is no folder %s: make it first (mkdir -p %s)", in_folder("below"), in_folder("below"));
    CHECK(strstr(d.text, said) != NULL);
    CHECK(strncmp(d.text, link, strlen(link)) == 0 && strstr(d.text, "a link to ") != NULL);
    unlink(link);
}

TEST(links_that_lead_to_no_file)
{
    struct ic_diag d = {0};
    char link[160], pipe_path[160], got[8] = "";
    struct stat st;
    snprintf(link, sizeof link, "%s", in_folder("link"));
    snprintf(pipe_path, sizeof pipe_path, "%s", in_folder("pipe"));
    REQUIRE(symlink("link", link) == 0);
    CHECK_EQ_INT(write_text(link, "x", "", &d), IC_ERR_IO);
    CHECK(strstr(d.text, "Too many levels of symbolic links") != NULL);
    unlink(link);
    ic_diag_clear(&d);
    REQUIRE(symlink(folder, link) == 0);
    CHECK_EQ_INT(write_text(link, "x", "", &d), IC_ERR_IO);
    CHECK(strstr(d.text, "is a folder") != NULL);
    unlink(link);
    ic_diag_clear(&d);
    REQUIRE(symlink("/dev/null", link) == 0);
    CHECK_EQ_INT(write_text(link, "x", "", &d), IC_OK);
    CHECK(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
    unlink(link);
    REQUIRE(symlink("pipe", link) == 0 && mkfifo(pipe_path, 0600) == 0);
    const int reader = open(pipe_path, O_RDONLY | O_NONBLOCK);
    REQUIRE(reader >= 0);
    CHECK_EQ_INT(write_text(link, "pip", "ed", &d), IC_OK);
    CHECK(read(reader, got, sizeof got) == 5 && memcmp(got, "piped", 5) == 0);
    CHECK(stat(link, &st) == 0 && S_ISFIFO(st.st_mode));
    close(reader);
    unlink(pipe_path);
    unlink(link);
    CHECK_EQ_INT(n_entries(), 0);
}

/* /dev/stdout looks like a link to the file that is open: the bytes go where that descriptor stands, behind what is there. */
TEST(names_of_descriptors)
{
    struct ic_diag d = {0};
    char path[160], name[40];
    struct stat before, after;
    snprintf(path, sizeof path, "%s", in_folder("open"));
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(fd >= 0 && write(fd, "first ", 6) == 6 && fstat(fd, &before) == 0);
    const char *const names[] = {"/dev/fd/%d", "/proc/self/fd/%d"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(name, sizeof name, names[i], fd); /* NOLINT: both are ours */
        CHECK_EQ_INT(write_text(name, "an", "d ", &d), IC_OK);
    }
    CHECK(holds(path, "first and and "));
    CHECK(stat(path, &after) == 0 && after.st_ino == before.st_ino);
    close(fd);
    CHECK_EQ_INT(write_text(name, "closed", "", &d), IC_ERR_IO);
    CHECK(strstr(d.text, "Bad file descriptor") != NULL);
    unlink(path);
    CHECK_EQ_INT(n_entries(), 0);
}

TEST(failure_leaves_what_was_there)
{
    struct ic_diag d = {0};
    CHECK_EQ_INT(write_text(in_folder("no/such"), "x", "", &d), IC_ERR_IO);
    ic_diag_clear(&d);
    CHECK_EQ_INT(write_text(folder, "x", "", &d), IC_ERR_IO);
    CHECK(strstr(d.text, "folder") != NULL);

    const char *path = in_folder("c");
    static char big[100000];
    memset(big, 'x', sizeof big - 1);
    ic_diag_clear(&d);
    REQUIRE(write_text(path, "old", "", &d) == IC_OK);
    struct rlimit before, small;
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &small) != 0)
        SKIP("cannot limit the size of files");
    const enum ic_status status = write_text(path, big, "", &d);
    setrlimit(RLIMIT_FSIZE, &before);
    if (status == IC_OK) {
        unlink(path);
        SKIP("the emulator ignores limits");
    }
    CHECK_EQ_INT(status, IC_ERR_IO);
    CHECK(strstr(d.text, "File too large") != NULL);
    CHECK(holds(path, "old"));
    CHECK_EQ_INT(n_entries(), 1);
    unlink(path);
}

/* Writes more than it may, and dies of that signal in the middle of the file. */
static void write_until_death(const char *path)
{
    static char text[65536];
    const struct rlimit none = {0, 0}, little = {4096, 4096};
    struct ic_diag d = {0};
    memset(text, 'x', sizeof text - 1);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_FSIZE, &little);
    (void)signal(SIGXFSZ, SIG_DFL);
    _exit(write_text(path, text, text, &d) == IC_OK ? 0 : 1);
}

TEST(whoever_is_killed_while_writing_leaves_nothing)
{
    struct ic_diag d = {0};
    const char *path = in_folder("kept");
    CHECK(write_text(path, "old", "", &d) == IC_OK);
    const int n_before = n_entries();
    const int unnamed = open(folder, O_TMPFILE | O_WRONLY, 0600);
    if (unnamed < 0) {
        remove(path);
        SKIP("this file system has no files without a name");
    }
    close(unnamed);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0)
        write_until_death(path);
    int how = 0;
    CHECK(child > 0 && waitpid(child, &how, 0) == child);
    CHECK_EQ_INT(n_entries(), n_before);
    if (WIFEXITED(how) && WEXITSTATUS(how) == 0) {
        remove(path);
        SKIP("the emulator ignores limits");
    }
    CHECK(WIFSIGNALED(how) && WTERMSIG(how) == SIGXFSZ);
    CHECK(holds(path, "old"));
    remove(path);
}

TEST(zz_folder_is_empty_again)
{
    CHECK_EQ_INT(rmdir(folder), 0);
}

TEST(time_cores_memory)
{
    const uint64_t t = ic_os_time_ns();
    CHECK(ic_os_time_ns() >= t);
    CHECK(ic_os_cores() >= 1 && ic_os_cores() <= sysconf(_SC_NPROCESSORS_CONF));
    CHECK(ic_os_peak_rss_bytes() > 100000);
    cpu_set_t before, one;
    REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &before)) {
            CPU_ZERO(&one);
            CPU_SET(i, &one);
            if (sched_setaffinity(0, sizeof one, &one) != 0)
                continue;
            CHECK_EQ_INT(ic_os_cores(), 1); /* whichever of a core's two threads it is */
        }
    sched_setaffinity(0, sizeof before, &before);
}

static int cpuinfo_has(const char *word)
{
    char line[8192], padded[40];
    int found = 0;
    snprintf(padded, sizeof padded, " %s ", word);
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && !found && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = ' ';
        found = strstr(line, padded) != NULL;
    }
    if (f)
        fclose(f);
    return found;
}

TEST(cpu_flags)
{
    const uint32_t all = ic_os_cpu_flags();
    printf("cpu flags %08x\n", (unsigned)all);
#if defined(__x86_64__)
    if (getenv("INCHIP_CPU_MASK") == NULL && cpuinfo_has("sse2")) { /* the kernel's own opinion, XSAVE included */
        CHECK_EQ_INT(!!(all & IC_CPU_AVX2_FMA_F16C), cpuinfo_has("avx2") && cpuinfo_has("fma") && cpuinfo_has("f16c"));
        CHECK_EQ_INT(!!(all & IC_CPU_AVX512),
                     cpuinfo_has("avx512f") && cpuinfo_has("avx512bw") && cpuinfo_has("avx512dq") && cpuinfo_has("avx512vl"));
        CHECK_EQ_INT(!!(all & IC_CPU_AVX512_VNNI), (all & IC_CPU_AVX512) && cpuinfo_has("avx512_vnni"));
        CHECK_EQ_INT(!!(all & IC_CPU_AVX_VNNI), cpuinfo_has("avx_vnni"));
        CHECK_EQ_INT(!!(all & IC_CPU_AVX512_VBMI), (all & IC_CPU_AVX512) && cpuinfo_has("avx512vbmi"));
    }
    CHECK_EQ_INT(all & 0xFFFFFF00u, 0);
#elif defined(__aarch64__)
    CHECK(getenv("INCHIP_CPU_MASK") != NULL || (all & IC_CPU_ASIMD));
    CHECK_EQ_INT(all & 0xFFFF01FFu, 0);
#elif defined(__arm__)
    CHECK_EQ_INT(all & ~(uint32_t)IC_CPU_NEON_VFPV4, 0);
#endif
    (void)cpuinfo_has;
    ic_os_cpu_mask(0);
    CHECK_EQ_INT(ic_os_cpu_flags(), 0);
    ic_os_cpu_mask(UINT32_MAX);
    CHECK_EQ_INT(ic_os_cpu_flags(), all);
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the way of writing a file, looked at before the work whose result it is to hold.
 */
#define _GNU_SOURCE
#include "base/file.h"
#include "base/file_target.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of path, in its place; of "new/": new. */
static const char *folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    slash[slash == path] = '\0';
    return path;
}

/* For a command line: most names need no quotes. */
static const char *quote_for(const char *name)
{
    return name[strcspn(name, " \t\"\\$`*?&;()<>|#~!")] ? "'" : "";
}

static enum ic_status check_folder(const char *shown, const char *folder, struct ic_diag *d)
{
    struct stat st;
    const char *quote = quote_for(folder);
    if (stat(folder, &st) != 0 && errno == ENOENT)
        return ic_fail(d, IC_E_FOLDER_MISSING, "%s: cannot be written: there is no folder %s: make it first (mkdir -p %s%s%s)",
                       shown, folder, quote, folder, quote);
    if (stat(folder, &st) != 0 && errno != ENOTDIR)
        return ic_fail(d, errno == EACCES ? IC_E_PERMISSION : IC_E_WRITE, "%s: cannot be written: folder %s: %s", shown, folder,
                       strerror(errno));
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        return ic_fail(d, IC_E_FOLDER, "%s: cannot be written: %s is no folder", shown, folder);
    if (access(folder, W_OK | X_OK) != 0)
        return ic_fail(d, errno == EACCES || errno == EROFS || errno == EPERM ? IC_E_PERMISSION : IC_E_WRITE,
                       "%s: cannot be written: folder %s: %s; name a file in a folder of your own", shown, folder, strerror(errno));
    return IC_OK;
}

enum ic_status ic_file_check_target(const char *path, struct ic_diag *d)
{
    struct ic_file_target target;
    struct ic_diag inner = {0};
    struct stat st;
    const int error = path ? ic_file_target_find(path, &target) : 0;
    if (!path || target.fd >= 0 || (error && error != ENOTDIR && error != EACCES))
        return IC_OK; /* writing says what is wrong with a link */
    if (!*path)
        return ic_fail(d, IC_E_FOLDER_MISSING, "the name of the file to write is empty");
    const bool exists = stat(target.path, &st) == 0;
    if (exists && S_ISDIR(st.st_mode))
        return ic_fail(d, IC_E_FOLDER, "%s: is a folder; name the file to write in it", path);
    if (exists && !S_ISREG(st.st_mode))
        return IC_OK; /* a device gets the bytes themselves */
    const bool is_link = strcmp(path, target.path) != 0;
    char shown[IC_FILE_TARGET_BYTES];
    memcpy(shown, target.path, sizeof shown);
    if (check_folder(shown, folder_of(target.path), &inner) == IC_OK && error)
        (void)!ic_fail(&inner, error == EACCES ? IC_E_PERMISSION : IC_E_WRITE, "%s: cannot be written: %s", shown, strerror(error));
    return inner.status == IC_OK ? IC_OK : ic_fail(d, inner.code, is_link ? "%s: a link to %s" : "%.0s%s", path, inner.text);
}

/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line that makes a model: what a model file remembers of how the C API or Python made it.
 */
#ifndef IC_TOOLCHAIN_COMMAND_H
#define IC_TOOLCHAIN_COMMAND_H

#include "toolchain.h"

/* What no command can name ("model", "samples"): a word in its place that stands for it. */
#define IC_COMMAND_FROM_MEMORY "<%s from memory>"

/* word as a shell takes it; NULL: no memory. */
const char *ic_command_word(const char *word, struct ic_arena *a);

/* path without its folders, so that it is no option: ./-x.pt. NULL: no memory. */
const char *ic_command_file(const char *path, struct ic_arena *a);

/* Whether a word of the command stands for something that it cannot name. */
bool ic_command_is_partial(const char *command);

/* What was asked for, kept from the import to the saving. */
struct ic_command {
    const char *source; /* a file name without folders */
    struct ic_import_options import;
    struct ic_build_request build;
    const char *dataset; /* NULL: the file name of build's */
    struct ic_arena arena;
};
/* They keep copies. bytes: the model came from memory. */
enum ic_status ic_command_keep_import(struct ic_command *c, const char *path, bool bytes, const struct ic_import_options *o,
                                      struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_command_keep_build(struct ic_command *c, const struct ic_build_request *r, const char *dataset,
                                     struct ic_diag *d) IC_MUST_USE;
/* "inchip convert net.pt --input x=1x784 --target rv1109", without -o and without folders: typed in the source's folder it makes the same bytes. */
enum ic_status ic_command_text(struct ic_command *c, const struct ic_pack_request *r, const char **out,
                               struct ic_diag *d) IC_MUST_USE;
void ic_command_destroy(struct ic_command *c);

#endif

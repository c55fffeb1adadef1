/* SPDX-License-Identifier: Apache-2.0
 *
 * TorchScript archives to graphs.
 */
#ifndef IC_IMPORT_TORCHSCRIPT_TORCHSCRIPT_H
#define IC_IMPORT_TORCHSCRIPT_TORCHSCRIPT_H

#include "import/import.h"
#include "import/zip.h"

enum ic_status ic_ts_import(const struct ic_zipfile *zip, const char *top, const char *name,
                            const struct ic_import_options *options, struct ic_arena *arena, struct ic_graph **out_g,
                            struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_ts_read_signature(const struct ic_zipfile *zip, const char *top, const struct ic_import_limits *limits,
                                    struct ic_arena *arena, const char *method, struct ic_import_signature *out,
                                    struct ic_diag *d) IC_MUST_USE;

#endif

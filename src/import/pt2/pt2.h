/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of torch.export.save (.pt2): a graph as JSON, tensors beside it. Its nodes call the operators of the TorchScript importer with
 * arguments built from the JSON, so that both front ends mean the same by an operator.
 */
#ifndef IC_IMPORT_PT2_PT2_H
#define IC_IMPORT_PT2_PT2_H

#include "import/import.h"
#include "import/zip.h"

enum ic_status ic_pt2_import(const struct ic_zipfile *zip, const char *top, const char *name,
                             const struct ic_import_options *options, struct ic_arena *arena, struct ic_graph **out_g,
                             struct ic_diag *d) IC_MUST_USE;
enum ic_status ic_pt2_read_signature(const struct ic_zipfile *zip, const char *top, const struct ic_import_limits *limits,
                                     struct ic_arena *arena, struct ic_import_signature *out, struct ic_diag *d) IC_MUST_USE;

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The members of a .pt2 by role, in the three layouts there are:
 *
 *     torch 2.1 - 2.7   serialized_exported_program.json, serialized_state_dict.pt, serialized_constants.pt
 *     torch 2.8         models/NAME.json, data/weights/NAME.pt, data/constants/NAME.pt
 *     torch 2.9 on      models/NAME.json, data/weights/NAME_weights_config.json + one member per storage, data/constants/ likewise
 */
#ifndef IC_IMPORT_PT2_PACKAGE_H
#define IC_IMPORT_PT2_PACKAGE_H

#include "import/json.h"
#include "import/state_dict.h"

/* Tensors by name: listed in a configuration with a member for each storage, or a state dict. */
struct ic_pt2_store {
    const char *folder;           /* "data/weights/" */
    const struct ic_json *config; /* name: {path_name, use_pickle, tensor_meta}; NULL when there is none */
    const char *config_name;      /* its member, for messages */
    bool has_dict;
    struct ic_state_dict dict;
};

struct ic_pt2_package {
    struct ic_ts_archive archive; /* members, names, memory; what only TorchScript has stays empty */
    const char *program_name;     /* member of the graph */
    const struct ic_json *program;
    struct ic_pt2_store weights, constants;
    const struct ic_import_limits *limits;
};

/* model: which one of a package that holds several; NULL: the only one. */
enum ic_status ic_pt2_open(struct ic_pt2_package *p, const struct ic_zipfile *zip, const char *top, const char *model,
                           const struct ic_import_limits *limits, struct ic_arena *arena, struct ic_diag *d) IC_MUST_USE;
/* *found false: no tensor of that name. */
enum ic_status ic_pt2_tensor(struct ic_pt2_package *p, struct ic_pt2_store *s, const char *name, struct ic_ts_weight *out,
                             bool *found, struct ic_diag *d) IC_MUST_USE;
/* torch.export numbers types in its own way (FLOAT is 7 where ATen says 6). -1: none that is supported. */
int32_t ic_pt2_dtype(int64_t number);

#endif

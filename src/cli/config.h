/* SPDX-License-Identifier: Apache-2.0
 *
 * convert --config: options from a YAML file, ours (keys named like the flags) or the vendor's rknn_convert (models: NAME: ...).
 */
#ifndef IC_CLI_CONFIG_H
#define IC_CLI_CONFIG_H

#include "cli/cli.h"

enum { IC_CONFIG_MAX_MODELS = 32, IC_CONFIG_MAX_ARGS = 128 };

/* What one model's entry says, as the flags that say the same. */
struct ic_config_model {
    const char *name; /* key in the vendor's file; "" in ours */
    const char *path; /* the network, from the folder of the YAML file; NULL: not given */
    int n_args;
    char *args[IC_CONFIG_MAX_ARGS];
};

struct ic_config {
    int n_models;
    struct ic_config_model models[IC_CONFIG_MAX_MODELS];
};

/* What is not understood is refused with its line. Without libyaml: IC_ERR_UNSUPPORTED. */
enum ic_status ic_config_load(const char *path, struct ic_config *out, struct ic_arena *a, struct ic_diag *d) IC_MUST_USE;

#endif

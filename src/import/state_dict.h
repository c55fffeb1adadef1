/* SPDX-License-Identifier: Apache-2.0
 *
 * Weights without a network: the state dict that torch.save writes (as a zip, or in the form before 1.6), the one inside a training
 * checkpoint, and safetensors. Names to tensors; nothing is copied until a tensor's elements are gathered.
 */
#ifndef IC_IMPORT_STATE_DICT_H
#define IC_IMPORT_STATE_DICT_H

#include "import/json.h"
#include "import/recognize.h"

struct ic_state_entry {
    const char *name;
    struct ic_pickle_value *tensor; /* of a pickle */
    const struct ic_json *header;   /* of safetensors */
    bool used;                      /* for its reader */
};

struct ic_state_dict {
    const char *what;             /* "new.pth", for messages */
    struct ic_ts_archive archive; /* where storages stand */
    const uint8_t *tensors;       /* of safetensors: what its offsets count from */
    size_t tensor_bytes;
    struct ic_state_entry *entries; /* in the file's order */
    size_t n;
    const char *within; /* "state_dict": the key of a checkpoint that holds it; NULL: it is the whole file */
    struct ic_name_index index;
    struct ic_arena *arena;
};

/* what is kept, for messages. A file of another kind is IC_ERR_FORMAT. */
enum ic_status ic_state_open(const void *bytes, size_t size_bytes, const char *what, const struct ic_import_limits *limits,
                             struct ic_arena *arena, struct ic_state_dict *out, struct ic_diag *d) IC_MUST_USE;
/* NULL: no tensor of that name. */
struct ic_state_entry *ic_state_find(const struct ic_state_dict *s, const char *name);
enum ic_status ic_state_tensor(struct ic_state_dict *s, const struct ic_state_entry *e, struct ic_ts_weight *out,
                               struct ic_diag *d) IC_MUST_USE;

#endif

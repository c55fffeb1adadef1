/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of struct ic_model, for runtime/ only.
 */
#ifndef IC_RUNTIME_MODEL_H
#define IC_RUNTIME_MODEL_H

#include "runtime/session.h"

struct ic_model {
    struct ic_file_map map; /* one of the two, or neither when the bytes are the caller's */
    void *copy;
    struct ic_program program;
    struct ic_writer consts; /* of a program prepared here */
    bool was_portable;
    size_t held_bytes;  /* of copy and repacked */
    uint8_t **repacked; /* per tensor: weights packed anew for this machine, or NULL */
};

#endif

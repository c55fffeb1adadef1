/* SPDX-License-Identifier: Apache-2.0
 *
 * Mutations that know the structure of what they change: an archive is taken apart, one member is changed, and it is written again with right
 * sizes and checksums, so that the search gets behind the outer reader. For libFuzzer only (IC_FUZZ): a replay needs none of it.
 * Each gives the new size, or 0 when the bytes are no such thing (then the caller falls back to LLVMFuzzerMutate).
 */
#ifndef IC_TESTS_FUZZ_MUTATE_H
#define IC_TESTS_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* A zip: changes, repeats, drops or renames a member. */
size_t mutate_zip(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
/* A model file: changes a section, or one field of one step of its program; all checksums right. */
size_t mutate_container(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
/* Protocol buffers: goes down into a message and changes, repeats, drops or moves a field; lengths right on the way up. */
size_t mutate_protobuf(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* The input of fuzz_program: fields of steps and tensors. */
size_t mutate_program(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* One mutation in eight is left to libFuzzer, so that the outer form is searched as well. */
#define IC_MUTATE_WITH(mutate)                                                                                                     \
    size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)                                 \
    {                                                                                                                              \
        const size_t n = seed % 8 ? mutate(data, size, max_size, seed / 8) : 0;                                                    \
        return n ? n : LLVMFuzzerMutate(data, size, max_size);                                                                     \
    }

#endif

/* SPDX-License-Identifier: Apache-2.0
 *
 * The drop-in's whole use with the n-th allocation (and all after it) failing, n = 1, 2, ... until nothing fails: each time -4 or success,
 * and nothing is leaked (the address sanitizer of this build sees it).
 */
#include "model_builder.h"

#include "rknn_api.h"

static int use_memory(rknn_context context)
{
    rknn_tensor_attr attr = {.index = 0};
    rknn_tensor_mem *mem = rknn_create_mem(context, 12);
    int code = mem ? rknn_query(context, RKNN_QUERY_OUTPUT_ATTR, &attr, sizeof attr) : RKNN_ERR_MALLOC_FAIL;
    if (code == RKNN_SUCC)
        code = rknn_set_io_mem(context, mem, &attr);
    if (code == RKNN_SUCC)
        code = rknn_run(context, NULL);
    if (mem)
        CHECK_EQ_INT(rknn_destroy_mem(context, mem), RKNN_SUCC);
    return code;
}

static int use_maps(rknn_context context)
{
    rknn_tensor_mem in = {0}, out = {0};
    int code = rknn_inputs_map(context, 1, &in);
    if (code == RKNN_SUCC)
        code = rknn_inputs_sync(context, 1, &in);
    if (code == RKNN_SUCC)
        code = rknn_outputs_map(context, 1, &out);
    if (code == RKNN_SUCC)
        code = rknn_run(context, NULL);
    if (code == RKNN_SUCC)
        code = rknn_outputs_sync(context, 1, &out);
    if (code == RKNN_SUCC)
        code = rknn_outputs_unmap(context, 1, &out);
    if (code == RKNN_SUCC)
        code = rknn_inputs_unmap(context, 1, &in);
    return code;
}

static int use(struct model_file *file)
{
    float values[] = {1, 2, 3, 4};
    rknn_context context = 0;
    rknn_input in = {.buf = values, .size = sizeof values};
    rknn_output out = {.want_float = 1};
    rknn_perf_detail detail;
    int code = rknn_init(&context, file->bytes, (uint32_t)file->size_bytes, RKNN_FLAG_COLLECT_PERF_MASK);
    if (code != RKNN_SUCC)
        return code;
    code = rknn_inputs_set(context, 1, &in);
    if (code == RKNN_SUCC)
        code = rknn_run(context, NULL);
    if (code == RKNN_SUCC)
        code = rknn_outputs_get(context, 1, &out, NULL);
    if (code == RKNN_SUCC)
        code = rknn_outputs_release(context, 1, &out);
    if (code == RKNN_SUCC)
        code = rknn_query(context, RKNN_QUERY_PERF_DETAIL, &detail, sizeof detail);
    if (code == RKNN_SUCC)
        code = use_maps(context);
    if (code == RKNN_SUCC)
        code = use_memory(context);
    CHECK_EQ_INT(rknn_destroy(context), RKNN_SUCC);
    return code;
}

static void sweep(const char *target)
{
    struct model_file file = model_pack(model_linear_graph(), target);
    uint64_t n = 1;
    int code = RKNN_ERR_MALLOC_FAIL;
    for (; n < 2000 && code != RKNN_SUCC; n++) {
        ic_fault_set(n);
        code = use(&file);
        ic_fault_set(0);
        if (!CHECK(code == RKNN_SUCC || code == RKNN_ERR_MALLOC_FAIL))
            printf("  allocation %llu: %d\n", (unsigned long long)n, code);
    }
    CHECK_EQ_INT(code, RKNN_SUCC);
    CHECK(n > 10);
    model_free(&file);
}

TEST(a_compiled_file)
{
    sweep(ic_target_host()->name);
}

TEST(a_file_compiled_for_another_chip)
{
    sweep("riscv64");
}

TEST(a_portable_file)
{
    sweep(NULL);
}

TEST_MAIN()

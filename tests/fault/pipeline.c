/* SPDX-License-Identifier: Apache-2.0
 *
 * Import, build, pack, open, run and simulate with the n-th allocation (and all after it) failing, n = 1, 2, ... until nothing fails. Each
 * time the outcome must be IC_ERR_MEMORY with a message, or success; the address sanitizer of this build sees what is leaked or used
 * after it was freed.
 */
#include "testing.h"

#include "base/alloc.h"
#include "toolchain.h"

#include <string.h>

struct pipeline {
    char path[600];
    const struct ic_import_input *input;
    struct ic_build_request build;
    struct ic_pack_request pack;
};

static enum ic_status run_session(const struct ic_writer *file, struct ic_diag *d)
{
    struct ic_model *model = NULL;
    struct ic_session *session = NULL;
    enum ic_status status = ic_model_open_memory(file->bytes, file->size_bytes, true, &model, d);
    if (status == IC_OK)
        status = ic_session_create(model, 1, &session, d);
    if (status == IC_OK)
        status = ic_session_run(session, d);
    ic_session_destroy(session);
    ic_model_close(model);
    return status;
}

static enum ic_status simulate_program(const struct ic_program *p, struct ic_diag *d)
{
    static _Alignas(64) uint8_t input[1 << 16], output[1 << 16];
    const void *const inputs[] = {input};
    void *const outputs[] = {output};
    struct ic_sim *sim = NULL;
    if (p->n_inputs != 1 || p->n_outputs != 1)
        return ic_fail(d, IC_ERR_INTERNAL, "this test runs networks of one input and one output");
    enum ic_status status = ic_sim_create(p, &sim, d);
    if (status == IC_OK)
        status = ic_sim_run(sim, inputs, outputs, NULL, NULL, d);
    ic_sim_destroy(sim);
    return status;
}

static enum ic_status simulate(const struct ic_writer *file, struct ic_diag *d)
{
    struct ic_container container;
    struct ic_program program = {0};
    struct ic_writer consts = {0};
    bool portable = false;
    enum ic_status status = ic_container_open(file->bytes, file->size_bytes, true, &container, d);
    if (status == IC_OK)
        status = ic_container_program(&container, &program, &consts, &portable, d);
    if (status == IC_OK)
        status = simulate_program(&program, d);
    ic_program_destroy(&program);
    ic_writer_destroy(&consts);
    return status;
}

static enum ic_status run_pipeline(const struct pipeline *p, struct ic_diag *d)
{
    const struct ic_import_options options = {.inputs = p->input, .n_inputs = 1, .limits = ic_import_limits_default()};
    struct ic_network *network = NULL;
    struct ic_writer file = {0};
    enum ic_status status = ic_network_import(p->path, &options, &network, d);
    if (status == IC_OK)
        status = ic_network_build(network, &p->build, d);
    if (status == IC_OK)
        status = ic_network_pack(network, &p->pack, &file, d);
    if (status == IC_OK) {
        struct ic_writer onnx = {0};
        status = ic_network_export_onnx(network, &onnx, d);
        ic_writer_destroy(&onnx);
    }
    ic_network_destroy(network);
    if (status == IC_OK)
        status = run_session(&file, d);
    if (status == IC_OK)
        status = simulate(&file, d);
    ic_writer_destroy(&file);
    return status;
}

/* True when n was too late to fail anything. */
static bool survives(const struct pipeline *p, uint64_t n)
{
    struct ic_diag d = {0};
    ic_fault_set(n);
    const enum ic_status status = run_pipeline(p, &d);
    const bool failed_some = ic_fault_count() >= n;
    ic_fault_set(0);
    if (!CHECK(status == IC_OK || status == IC_ERR_MEMORY) || !CHECK(status == IC_OK || d.text[0] != '\0'))
        printf("  allocation %llu: status %d, '%s'\n", (unsigned long long)n, (int)status, d.text);
    return !failed_some;
}

static void sweep(const struct pipeline *p)
{
    struct ic_diag d = {0};
    ic_fault_set(0);
    if (!CHECK_EQ_INT(run_pipeline(p, &d), IC_OK)) {
        printf("  without faults: %s\n", d.text);
        return;
    }
    uint64_t n = 1;
    const bool each = getenv("INCHIP_FAULT_ALL") != NULL;
    while (!survives(p, n)) /* from 1000 on every 1 % unless asked for all: later ones repeat earlier places with other data */
        n += each || n < 1000 ? 1 : n / 100;
    printf("%llu allocations\n", (unsigned long long)n - 1);
    CHECK(n > 40); /* else the counting did not reach the pipeline */
}

static const struct ic_import_input logistic_input = {.name = NULL, .rank = 2, .dims = {1, 784}};

static struct pipeline logistic(enum ic_build_type type, const char *target, char *dataset, size_t dataset_bytes)
{
    struct pipeline p = {.input = &logistic_input};
    test_source_path(p.path, sizeof p.path, "examples/pytorch/logistic/logistic.pt");
    p.build.optimization_level = 3;
    p.build.quantize.type = type;
    p.build.quantize.dataset = test_source_path(dataset, dataset_bytes, "examples/pytorch/logistic/dataset.txt");
    p.pack.target = target ? ic_target_find(target) : NULL;
    return p;
}

TEST(float32_portable)
{
    char dataset[600];
    const struct pipeline p = logistic(IC_BUILD_F32, NULL, dataset, sizeof dataset);
    sweep(&p);
}

TEST(float16_for_this_machine)
{
    char dataset[600];
    struct pipeline p = logistic(IC_BUILD_F16, NULL, dataset, sizeof dataset);
    p.pack.target = ic_target_host();
    sweep(&p);
}

TEST(uint8_for_this_machine)
{
    char dataset[600];
    struct pipeline p = logistic(IC_BUILD_U8, NULL, dataset, sizeof dataset);
    p.pack.target = ic_target_host();
    p.pack.keep_portable = true;
    sweep(&p);
}

TEST_MAIN()

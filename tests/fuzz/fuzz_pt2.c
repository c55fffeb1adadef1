/* SPDX-License-Identifier: Apache-2.0
 *
 * Exported programs. Bytes that are no zip are taken as the graph of a package with two tensors, so that the evaluator is reached without a
 * zip around every input; a first byte '#' makes them the list of its tensors instead. */
#include "fuzz/imports.h"
#include "import_archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void import(const void *bytes, size_t size)
{
    struct ic_import_input in = {.rank = 2, .dims = {2, 6}};
    for (int given = 0; given < 2; ++given) {
        struct ic_import_options o = {.inputs = &in, .n_inputs = given, .limits = ic_import_limits_default()};
        o.limits.max_evaluated = 20000;
        o.limits.max_depth = 60;
        fuzz_import(bytes, size, "fuzz.pt2", o);
    }
    fuzz_signature(bytes, size, "fuzz.pt2");
}

#define TENSOR(name, path, sizes, strides)                                                                                         \
    "\"" name "\": {\"path_name\": \"" path "\", \"use_pickle\": false, \"tensor_meta\": {\"dtype\": 7, \"sizes\": " sizes         \
    ", \"strides\": " strides ", \"storage_offset\": {\"as_int\": 0}}}"
#define INT(n) "{\"as_int\": " #n "}"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const float numbers[54] = {1, 2, 3, -4, 0.5f, 6};
    static const char config[] = "{\"config\": {" TENSOR("weight", "weight_0", "[" INT(3) ", " INT(6) "]",
                                                         "[" INT(6) ", " INT(1) "]") ", " TENSOR("bias", "weight_0", "[" INT(3) "]",
                                                                                                 "[" INT(1) "]") "}}";
    static const char program[] =
        "{\"graph_module\": {\"graph\": {\"nodes\": [], \"tensor_values\": {}}, \"signature\": {\"input_specs\": [{\"parameter\": "
        "{\"arg\": {\"name\": \"w\"}, \"parameter_name\": \"weight\"}}], \"output_specs\": [{\"user_output\": {\"arg\": "
        "{\"as_tensor\": {\"name\": \"w\"}}}}]}}}";
    if (size > 2 && data[0] == 'P' && data[1] == 'K') {
        import(data, size);
        return 0;
    }
    const int list = size && data[0] == '#';
    struct archive a = {.n = 0};
    archive_add(&a, "m/archive_format", "pt2", 3);
    archive_add(&a, "m/models/model.json", list ? (const void *)program : data, list ? sizeof program - 1 : size);
    archive_add(&a, "m/data/weights/model_weights_config.json", list ? (const void *)(data + 1) : config,
                list ? size - 1 : sizeof config - 1);
    archive_add(&a, "m/data/weights/weight_0", numbers, 72);
    archive_end(&a);
    import(a.file.bytes, a.file.size_bytes);
    archive_free(&a);
    return 0;
}

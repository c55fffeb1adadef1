/* SPDX-License-Identifier: Apache-2.0
 *
 * The RKNN API 1.x on a board: load a model, say what its tensors are, run it on a picture of a digit.
 *
 *     demo_rknn MODEL.rknn PICTURE.png
 *
 * Build on a PC:  arm-linux-gnueabihf-g++ -Iinclude demo_rknn.cpp -o demo_rknn -Llib -linchip_media -lrknn_api -ldl
 */
#include "inchip/media.h"
#include "rknn_api.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

static std::vector<char> read_file(const char *path)
{
    std::ifstream file(path, std::ios::binary);
    return std::vector<char>(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

static void print_attr(const rknn_tensor_attr &a)
{
    std::printf(
        "index=%u name=%s n_dims=%u dims=[%u %u %u %u] n_elems=%u size=%u fmt=%d type=%d qnt_type=%d fl=%d zp=%u scale=%f\n",
        a.index, a.name, a.n_dims, a.dims[3], a.dims[2], a.dims[1], a.dims[0], a.n_elems, a.size, (int)a.fmt, (int)a.type,
        (int)a.qnt_type, (int)a.fl, a.zp, (double)a.scale);
}

static bool print_tensors(rknn_context ctx, uint32_t n, rknn_query_cmd cmd)
{
    for (uint32_t i = 0; i < n; i++) {
        rknn_tensor_attr attr;
        std::memset(&attr, 0, sizeof attr);
        attr.index = i;
        const int ret = rknn_query(ctx, cmd, &attr, sizeof attr);
        if (ret != RKNN_SUCC) {
            std::printf("rknn_query error ret=%d\n", ret);
            return false;
        }
        print_attr(attr);
    }
    return true;
}

static bool describe(rknn_context ctx, rknn_input_output_num *num)
{
    rknn_sdk_version version;
    if (rknn_query(ctx, RKNN_QUERY_SDK_VERSION, &version, sizeof version) != RKNN_SUCC ||
        rknn_query(ctx, RKNN_QUERY_IN_OUT_NUM, num, sizeof *num) != RKNN_SUCC)
        return false;
    std::printf("sdk version: %s driver version: %s\n", version.api_version, version.drv_version);
    std::printf("model input num: %u, output num: %u\n", num->n_input, num->n_output);
    return print_tensors(ctx, num->n_input, RKNN_QUERY_INPUT_ATTR) && print_tensors(ctx, num->n_output, RKNN_QUERY_OUTPUT_ATTR);
}

static int run_once(rknn_context ctx, const inchip_image &image)
{
    rknn_input in;
    std::memset(&in, 0, sizeof in);
    in.buf = image.pixels;
    in.size = (uint32_t)(image.width * image.height * image.channels);
    in.type = RKNN_TENSOR_UINT8;
    in.fmt = RKNN_TENSOR_NHWC;
    int ret = rknn_inputs_set(ctx, 1, &in);
    if (ret != RKNN_SUCC) {
        std::printf("rknn_inputs_set error ret=%d\n", ret);
        return ret;
    }
    const auto start = std::chrono::steady_clock::now();
    ret = rknn_run(ctx, nullptr);
    const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
    if (ret != RKNN_SUCC)
        std::printf("rknn_run error ret=%d\n", ret);
    else
        std::printf("once run use %f ms\n", ms.count());
    return ret;
}

static int print_result(rknn_context ctx)
{
    rknn_output out;
    std::memset(&out, 0, sizeof out);
    out.want_float = 1;
    const int ret = rknn_outputs_get(ctx, 1, &out, nullptr);
    if (ret != RKNN_SUCC) {
        std::printf("rknn_outputs_get error ret=%d\n", ret);
        return ret;
    }
    const float *values = static_cast<const float *>(out.buf);
    const uint32_t n = out.size / (uint32_t)sizeof(float);
    std::printf("out want_float: %d, index: %u, size: %u\n", (int)out.want_float, out.index, out.size);
    std::printf("outvalue(%d):", (int)sizeof(float));
    uint32_t best = 0;
    for (uint32_t i = 0; i < n; i++) {
        std::printf(" %f", (double)values[i]);
        best = values[i] > values[best] ? i : best;
    }
    std::printf("\nresult number: %u\n", best);
    return rknn_outputs_release(ctx, 1, &out);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        std::printf("usage: %s MODEL.rknn PICTURE\n", argv[0]);
        return 2;
    }
    std::printf("Loading model...\n");
    std::vector<char> model = read_file(argv[1]);
    if (model.empty()) {
        std::printf("%s cannot be read\n", argv[1]);
        return 1;
    }
    rknn_context ctx = 0;
    int ret = rknn_init(&ctx, model.data(), (uint32_t)model.size(), 0);
    if (ret != RKNN_SUCC) {
        std::printf("rknn_init error ret=%d\n", ret);
        return 1;
    }
    inchip_image image;
    char error[512] = "";
    rknn_input_output_num num;
    if (!describe(ctx, &num) || inchip_image_load(argv[2], 1, &image, error, sizeof error) != 0) {
        std::printf("%s cannot be used: %s\n", argv[2], error);
        (void)rknn_destroy(ctx);
        return 1;
    }
    std::printf("cols: %d, rows: %d\n", image.width, image.height);
    ret = run_once(ctx, image);
    if (ret == RKNN_SUCC)
        ret = print_result(ctx);
    inchip_image_free(&image);
    (void)rknn_destroy(ctx);
    return ret == RKNN_SUCC ? 0 : 1;
}

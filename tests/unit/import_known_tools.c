/* SPDX-License-Identifier: Apache-2.0 */
#include "import/known_tools.h"

#include "testing.h"

static bool known(const char *bytes, size_t size, const char *file, struct ic_known_tool *out)
{
    const struct ic_pickle_options o = {.foreign_classes = true, .max_depth = 50, .what = "data.pkl"};
    struct ic_arena arena = {0};
    struct ic_diag d = {0};
    struct ic_pickle_value *v = NULL;
    memset(out, 0, sizeof *out);
    const bool read = ic_pickle_read(bytes, size, &o, &arena, &v, NULL, &d) == IC_OK;
    const bool found = read && ic_known_tool_of(v, file, out);
    CHECK(read);
    ic_arena_destroy(&arena);
    return found;
}
#define KNOWN(text, file, out) known(text, sizeof(text) - 1, file, out)

#define OBJECT(module, name) "c" module "\n" name "\n)\x81}b"

TEST(a_pickled_module_is_named_by_its_class)
{
    struct ic_known_tool t;
    REQUIRE(KNOWN(OBJECT("timm.models.resnet", "ResNet") ".", "net.pt", &t));
    CHECK_EQ_STR(t.what, "a pickled module of timm (class timm.models.resnet.ResNet)");
    CHECK_EQ_STR(t.export, "Where the package timm is installed: model = torch.load(\"net.pt\", weights_only=False, "
                           "map_location=\"cpu\").eval(); torch.jit.trace(model, "
                           "torch.rand(1, *model.default_cfg[\"input_size\"])).save(\"model.pt\")");
    CHECK(!KNOWN(OBJECT("timmy.models", "ResNet") ".", "net.pt", &t));
    CHECK(!KNOWN(OBJECT("mine", "Net") ".", "net.pt", &t));
}

TEST(a_module_within_a_checkpoint_is_found)
{
    struct ic_known_tool t;
    REQUIRE(KNOWN("}(X\5\0\0\0epochK\1X\5\0\0\0model" OBJECT("ultralytics.nn.tasks", "DetectionModel") "u.", "yolov8n.pt", &t));
    CHECK_EQ_STR(t.what, "a checkpoint of Ultralytics YOLO (class ultralytics.nn.tasks.DetectionModel)");
    CHECK(strstr(t.export, "yolo export model=\"yolov8n.pt\" format=torchscript"));
    REQUIRE(KNOWN("}(X\5\0\0\0modelNX\3\0\0\0ema" OBJECT("models.yolo", "DetectionModel") "u.", "best.pt", &t));
    CHECK(strstr(t.export, "export.py --weights \"best.pt\" --include torchscript"));
    CHECK(!KNOWN("}(X\5\0\0\0modelNu.", "best.pt", &t));
}

TEST(a_checkpoint_is_named_by_its_keys)
{
    struct ic_known_tool t;
    REQUIRE(KNOWN("}(X\x19\0\0\0pytorch-lightning_versionX\5\0\0\0"
                  "2.1.0X\x0a\0\0\0state_dict}u.",
                  "a.ckpt", &t));
    CHECK(strstr(t.export, "load_from_checkpoint(\"a.ckpt\", map_location=\"cpu\").to_torchscript("));
    REQUIRE(KNOWN("}(X\4\0\0\0archX\x08\0\0\0resnet50X\7\0\0\0versionK\2u.", "b.tar", &t));
    CHECK(strstr(t.export, "timm.create_model(\"resnet50\", checkpoint_path=\"b.tar\""));
}

TEST(texts_of_the_file_cannot_spoil_the_line)
{
    struct ic_known_tool t;
    REQUIRE(KNOWN("}(X\4\0\0\0archX\6\0\0\0a\"\x1b%s~X\7\0\0\0versionK\2u.", "b.tar", &t));
    CHECK(strstr(t.export, "create_model(\"a..%s~\","));
    char file[4000];
    memset(file, 'x', sizeof file - 1);
    file[sizeof file - 1] = 0;
    CHECK(KNOWN(OBJECT("timm", "ResNet") ".", file, &t));
}

TEST_MAIN()

/* SPDX-License-Identifier: Apache-2.0
 *
 * Expected numbers: PyTorch in float64, interpolate(mode="bilinear", align_corners=False); areas by repeating every pixel (new width) x (new
 * height) times and avg_pool2d over (old width) x (old height); then floor(v + 0.5).
 */
#include "testing.h"

#include "media/resize.h"

static uint8_t five_by_three[] = {130, 183, 14, 238, 127, 26, 80, 57, 190, 240, 126, 194, 52, 127, 6};
static uint8_t six_by_four[] = {110, 208, 143, 93, 199, 81,  36,  71,  227, 64, 67,  0,
                                2,   107, 110, 84, 85,  148, 160, 101, 104, 93, 100, 196};

static void gives(uint8_t *pixels, int32_t w, int32_t h, enum ic_resize how, int32_t new_w, int32_t new_h, const uint8_t *wanted)
{
    const struct ic_image from = {.pixels = pixels, .width = w, .height = h, .channels = 1};
    struct ic_image out;
    REQUIRE(ic_image_resize(&from, new_w, new_h, how, &out, NULL) == IC_OK);
    CHECK(out.width == new_w && out.height == new_h && out.channels == 1);
    CHECK_EQ_MEM(out.pixels, wanted, (size_t)new_w * (size_t)new_h);
    ic_image_destroy(&out);
}

TEST(bilinear)
{
    static const uint8_t larger[] = {130, 153, 172, 67,  84,  224, 176, 127, 115, 138, 159, 66,  86,  218, 182, 143, 71, 94, 119,
                                     65,  92,  200, 200, 192, 26,  50,  79,  64,  99,  182, 218, 240, 69,  95,  124, 78, 89, 156,
                                     150, 140, 112, 141, 170, 92,  79,  131, 82,  39,  126, 156, 185, 96,  75,  122, 59, 6};
    static const uint8_t smaller[] = {122, 25, 179, 123, 53, 91}, one[] = {57};
    static const uint8_t row[] = {26, 30, 51, 72, 75, 66, 57, 108, 159, 198, 217, 236, 240};
    gives(five_by_three, 5, 3, IC_RESIZE_BILINEAR, 8, 7, larger);
    gives(five_by_three, 5, 3, IC_RESIZE_BILINEAR, 3, 2, smaller);
    gives(five_by_three, 5, 3, IC_RESIZE_BILINEAR, 1, 1, one);
    gives(five_by_three, 5, 3, IC_RESIZE_BILINEAR, 13, 1, row);
    gives(five_by_three, 5, 3, IC_RESIZE_BILINEAR, 5, 3, five_by_three);
}

TEST(area)
{
    static const uint8_t half[] = {106, 132, 87, 93, 98, 132}, one[] = {108},
                         parts[] = {119, 167, 113, 96, 42, 142, 75, 75, 115, 105, 93, 155};
    static const uint8_t other[] = {84, 155, 132, 115, 56, 85, 105, 98, 91, 159};
    static const uint8_t larger[] = {110, 192, 165, 118, 128, 179, 81,  110, 192, 165, 118, 128, 179, 81,  55,  97,
                                     172, 139, 81,  87,  20,  36,  65,  175, 146, 65,  56,  0,   19,  77,  142, 121,
                                     75,  76,  74,  2,   90,  109, 97,  84,  96,  148, 42,  95,  108, 97,  87,  101,
                                     160, 160, 111, 103, 99,  95,  116, 196, 160, 111, 103, 99,  95,  116, 196};
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 3, 2, half);
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 1, 1, one);
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 4, 3, parts);
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 5, 2, other);
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 7, 9, larger);
    gives(six_by_four, 6, 4, IC_RESIZE_AREA, 6, 4, six_by_four);
}

/* Channels stay apart, and white stays white however large the sums become. */
TEST(color_and_extremes)
{
    struct ic_image white, out;
    REQUIRE(ic_image_create(1999, 3, 3, &white, NULL) == IC_OK);
    memset(white.pixels, 255, 1999 * 3 * 3);
    for (size_t i = 1; i < 1999 * 3 * 3; i += 3)
        white.pixels[i] = 0;
    for (int how = IC_RESIZE_BILINEAR; how <= IC_RESIZE_AREA; how++) {
        REQUIRE(ic_image_resize(&white, 7, 101, (enum ic_resize)how, &out, NULL) == IC_OK);
        CHECK_EQ_INT(out.channels, 3);
        for (size_t i = 0; i < 7 * 101 * 3; i++)
            CHECK_EQ_INT(out.pixels[i], i % 3 == 1 ? 0 : 255);
        ic_image_destroy(&out);
        CHECK_EQ_INT(ic_image_resize(&white, 0, 4, (enum ic_resize)how, &out, NULL), IC_ERR_ARG);
        CHECK_EQ_INT(ic_image_resize(&white, 1 << 20, 1 << 20, (enum ic_resize)how, &out, NULL), IC_ERR_LIMIT);
    }
    ic_image_destroy(&white);
}

TEST_MAIN()

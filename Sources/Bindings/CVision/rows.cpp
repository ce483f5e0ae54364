// Rows of pictures: halved, moved, and taken from between pixels.
#include "lanes.hpp"

namespace {
SAKK_BODY void halveRowBody(const uint8_t *above, const uint8_t *below, int count, uint8_t *to) {
    int x = 0;
    // Two pixels at a time; what is read and written beyond them is of the row.
    for (; x + 4 <= count; x += 2) {
        Bytes16 a, b;
        load(a, above + 6 * x);
        load(b, below + 6 * x);
        auto left = [](const Bytes16 &v) {
            return __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 6, 7, 8, 12, 13), Words8);
        };
        auto right = [](const Bytes16 &v) {
            return __builtin_convertvector(__builtin_shufflevector(v, v, 3, 4, 5, 9, 10, 11, 14, 15), Words8);
        };
        Words8 sum = (left(a) + right(a) + left(b) + right(b) + 2) >> 2;
        Bytes8 bytes = __builtin_convertvector(sum, Bytes8);
        std::memcpy(to + 3 * x, &bytes, sizeof bytes);
    }
    for (; x < count; x++)
        for (int c = 0; c < 3; c++) {
            const int i = 6 * x + c;
            to[3 * x + c] = uint8_t((above[i] + above[i + 3] + below[i] + below[i + 3] + 2) >> 2);
        }
}

SAKK_BODY void halveOddRowBody(
    const uint8_t *const rows[3], const float weights[3], int columns, float *room, uint8_t *to) {
    using Float4 = float __attribute__((vector_size(16)));
    using Int4 = int32_t __attribute__((vector_size(16)));
    using Bytes4 = uint8_t __attribute__((vector_size(4)));
    const int count = columns / 2;
    for (int i = 0; i < 3 * columns; i++)
        room[i] = weights[0] * float(rows[0][i]) + weights[1] * float(rows[1][i]) + weights[2] * float(rows[2][i]);
    // Of 2 + 1/n columns the first and the last in part.
    const float part = columns % 2 ? 1.0f / float(count) : 0, scale = 1 / (2 + part);
    for (int x = 0; x < count; x++) {
        Float4 first, second, third = {};
        load(first, room + 6 * x);
        load(second, room + 6 * x + 3);
        if (columns % 2) load(third, room + 6 * x + 6);
        const Float4 sum = (first * (1 - part * float(x)) + second + third * (part * float(x + 1))) * scale + 0.5f;
        const Bytes4 bytes = __builtin_convertvector(__builtin_convertvector(sum, Int4), Bytes4);
        if (x + 1 < count) std::memcpy(to + 3 * x, &bytes, 4);
        else std::memcpy(to + 3 * x, &bytes, 3);
    }
}

SAKK_BODY void moveRowBody(
    const int16_t *across, const int16_t *down, const float *const above[2], const float *const below[2], float share,
    int count, const uint8_t *from, uint8_t *to) {
    using Short8 = int16_t __attribute__((vector_size(16)));
    using Int8 = int32_t __attribute__((vector_size(32)));
    const float *ax = above[0], *ay = above[1], *bx = below[0], *by = below[1];
    int i = 0;
    for (; i + 8 <= count; i += 8) {
        Float8 x, y, lowX, lowY;
        Short8 gx, gy;
        Bytes8 level;
        load(x, ax + i), load(y, ay + i), load(lowX, bx + i), load(lowY, by + i);
        load(gx, across + i), load(gy, down + i), load(level, from + i);
        x += share * (lowX - x), y += share * (lowY - y);
        Float8 value = __builtin_convertvector(level, Float8)
            - (__builtin_convertvector(gx, Float8) * x + __builtin_convertvector(gy, Float8) * y) / 8 + 0.5f;
        value = __builtin_elementwise_min(__builtin_elementwise_max(value, Float8{}), Float8{} + 255.0f);
        Bytes8 result = __builtin_convertvector(__builtin_convertvector(value, Int8), Bytes8);
        std::memcpy(to + i, &result, sizeof result);
    }
    for (; i < count; i++) {
        const float x = ax[i] + share * (bx[i] - ax[i]), y = ay[i] + share * (by[i] - ay[i]);
        const float value = float(from[i]) - (float(across[i]) * x + float(down[i]) * y) / 8 + 0.5f;
        to[i] = uint8_t(std::min(std::max(value, 0.0f), 255.0f));
    }
}

SAKK_BODY void placesOfBody(
    const float *first, const float *second, const float *map, int count, float *toX, float *toY) {
    const Float8 steps = {0, 1, 2, 3, 4, 5, 6, 7};
    int i = 0;
    auto at = [&](Float8 &atX, Float8 &atY) __attribute__((always_inline)) {
        const Float8 c = steps + float(i);
        const Float8 x = first[0] + c * (first[1] + c * first[2]), y = second[0] + c * (second[1] + c * second[2]);
        const Float8 w = 1 / (map[6] * x + map[7] * y + map[8]);
        atX = (map[0] * x + map[1] * y + map[2]) * w, atY = (map[3] * x + map[4] * y + map[5]) * w;
    };
    Float8 atX, atY;
    for (; i + 8 <= count; i += 8) {
        at(atX, atY);
        std::memcpy(toX + i, &atX, sizeof atX);
        std::memcpy(toY + i, &atY, sizeof atY);
    }
    if (i == count) return;
    at(atX, atY);
    for (int k = 0; i + k < count; k++) toX[i + k] = atX[k], toY[i + k] = atY[k];
}

SAKK_BODY int in32nds(float value) { return cvRound(std::clamp(value, -16384.0f, 16384.0f) * 32); }

/// `x` and `y` in 32nds of a pixel.
SAKK_BODY void sampleSlowly(const uint8_t *pixels, size_t step, int columns, int rows, int x, int y, uint8_t *to) {
    const int left = std::clamp(x >> 5, 0, columns - 1), right = std::clamp((x >> 5) + 1, 0, columns - 1);
    const uint8_t *above = pixels + step * size_t(std::clamp(y >> 5, 0, rows - 1));
    const uint8_t *below = pixels + step * size_t(std::clamp((y >> 5) + 1, 0, rows - 1));
    const int u = x & 31, v = y & 31;
    for (int c = 0; c < 3; c++) {
        const int top = above[3 * left + c] * (32 - u) + above[3 * right + c] * u;
        const int bottom = below[3 * left + c] * (32 - u) + below[3 * right + c] * u;
        to[c] = uint8_t((top * (32 - v) + bottom * v + 512) >> 10);
    }
}

SAKK_BODY void sampleRowBody(
    const uint8_t *pixels, size_t step, int columns, int rows, const float *xs, const float *ys, int count, uint8_t *to) {
    for (int i = 0; i < count; i++)
        sampleSlowly(pixels, step, columns, rows, in32nds(xs[i]), in32nds(ys[i]), to + 3 * i);
}

#if defined(__x86_64__)
/// By how much two pixels beside each other, and two below each other, count: 32 steps of either.
struct Shares {
    alignas(16) int16_t across[32][8], down[32][8];

    Shares() {
        for (int u = 0; u < 32; u++)
            for (int k = 0; k < 8; k++) {
                across[u][k] = int16_t((u << 8) | (32 - u));
                down[u][k] = int16_t(k % 2 == 0 ? 32 - u : u);
            }
    }
};

__attribute__((target("avx2"))) void sampleRowWide(
    const uint8_t *pixels, size_t step, int columns, int rows, const float *xs, const float *ys, int count, uint8_t *to) {
    static const Shares shares;
    // Left and right of each channel, upper row and lower row; then upper and lower.
    const __m128i pairs = _mm_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1);
    const __m128i columnsOf = _mm_setr_epi8(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, -1, -1, -1, -1);
    const __m128i lowest = _mm_setr_epi8(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    const __m256 parts = _mm256_set1_ps(32), most = _mm256_set1_ps(32.0f * 16384), least = _mm256_set1_ps(-32.0f * 16384);
    alignas(32) int atX[8], atY[8];
    for (int i = 0; i < count; i += 8) {
        const int lanes = std::min(count - i, 8);
        bool inside = lanes == 8 && i + 9 < count;
        if (lanes == 8) {
            const __m256 x = _mm256_mul_ps(_mm256_loadu_ps(xs + i), parts), y = _mm256_mul_ps(_mm256_loadu_ps(ys + i), parts);
            const __m256i wholeX = _mm256_cvtps_epi32(_mm256_max_ps(_mm256_min_ps(x, most), least));
            const __m256i wholeY = _mm256_cvtps_epi32(_mm256_max_ps(_mm256_min_ps(y, most), least));
            _mm256_store_si256(reinterpret_cast<__m256i *>(atX), wholeX);
            _mm256_store_si256(reinterpret_cast<__m256i *>(atY), wholeY);
            // Eight bytes are read for six.
            const __m256i out = _mm256_or_si256(
                _mm256_or_si256(wholeX, wholeY),
                _mm256_or_si256(
                    _mm256_sub_epi32(_mm256_set1_epi32(32 * (columns - 2) - 1), wholeX),
                    _mm256_sub_epi32(_mm256_set1_epi32(32 * (rows - 1) - 1), wholeY)));
            inside = inside && _mm256_movemask_ps(_mm256_castsi256_ps(out)) == 0;
        } else {
            for (int k = 0; k < lanes; k++) atX[k] = in32nds(xs[i + k]), atY[k] = in32nds(ys[i + k]);
        }
        if (!inside) {
            for (int k = 0; k < lanes; k++)
                sampleSlowly(pixels, step, columns, rows, atX[k], atY[k], to + 3 * (i + k));
            continue;
        }
        for (int k = 0; k < 8; k++) {
            const uint8_t *from = pixels + step * size_t(atY[k] >> 5) + 3 * size_t(atX[k] >> 5);
            const __m128i both = _mm_unpacklo_epi64(
                _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from)),
                _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from + step)));
            const __m128i across = _mm_maddubs_epi16(
                _mm_shuffle_epi8(both, pairs), _mm_load_si128(reinterpret_cast<const __m128i *>(shares.across[atX[k] & 31])));
            const __m128i sums = _mm_madd_epi16(
                _mm_shuffle_epi8(across, columnsOf), _mm_load_si128(reinterpret_cast<const __m128i *>(shares.down[atY[k] & 31])));
            const __m128i levels = _mm_srli_epi32(_mm_add_epi32(sums, _mm_set1_epi32(512)), 10);
            // Four bytes are written for three.
            _mm_storeu_si32(to + 3 * (i + k), _mm_shuffle_epi8(levels, lowest));
        }
    }
}
#endif
}  // namespace

SAKK_WIDE(halveRow, (const uint8_t *above, const uint8_t *below, int count, uint8_t *to), (above, below, count, to))
SAKK_WIDE(
    moveRow,
    (const int16_t *across, const int16_t *down, const float *const above[2], const float *const below[2], float share,
     int count, const uint8_t *from, uint8_t *to),
    (across, down, above, below, share, count, from, to))
SAKK_WIDE(
    placesOf, (const float *first, const float *second, const float *map, int count, float *toX, float *toY),
    (first, second, map, count, toX, toY))
void sakk::sampleRow(
    const uint8_t *pixels, size_t step, int columns, int rows, const float *xs, const float *ys, int count, uint8_t *to) {
#if defined(__x86_64__)
    if (isWide()) return sampleRowWide(pixels, step, columns, rows, xs, ys, count, to);
#endif
    sampleRowBody(pixels, step, columns, rows, xs, ys, count, to);
}
SAKK_WIDE(
    halveOddRow, (const uint8_t *const rows[3], const float weights[3], int columns, float *room, uint8_t *to),
    (rows, weights, columns, room, to))

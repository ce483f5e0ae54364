// Sums over rows, of which least squares and correlations are made.
#include "lanes.hpp"

namespace {
SAKK_BODY void addFitBody(
    const float *across, const float *down, const float *known, const float *seen, const uint8_t *use, int count,
    float scale, double sums[13]) {
    Float8 all[13] = {};
    for (int i = 0; i < count; i += 8) {
        const int lanes = std::min(count - i, 8);
        Float8 x = {}, y = {}, k = {}, s = {}, used = {};
        if (lanes == 8) {
            load(x, across + i), load(y, down + i), load(k, known + i), load(s, seen + i);
            if (use) {
                Bytes8 is;
                load(is, use + i);
                uint64_t any;
                std::memcpy(&any, &is, sizeof any);
                if (any == 0) continue;
                used = __builtin_convertvector(__builtin_convertvector(is != 0, Bytes8) & 1, Float8);
            } else {
                used += 1.0f;
            }
        } else {
            for (int l = 0; l < lanes; l++) {
                x[l] = across[i + l], y[l] = down[i + l], k[l] = known[i + l], s[l] = seen[i + l];
                used[l] = !use || use[i + l] ? 1.0f : 0.0f;
            }
        }
        const Float8 r = s - k, off = r / scale, w = used / (1 + off * off);
        const Float8 wx = w * x, wy = w * y, wk = w * k;
        all[0] += wx * x, all[1] += wx * y, all[2] += wy * y, all[3] += wx * k, all[4] += wy * k, all[5] += wk * k;
        all[6] += wx * r, all[7] += wy * r, all[8] += wk * r, all[9] += w * r * r, all[10] += w * s * s, all[11] += wk * s;
        all[12] += w;
    }
    for (int i = 0; i < 13; i++) sums[i] += double(sumOf(all[i]));
}

SAKK_BODY float dotBody(const float *one, const float *other, int count) {
    Float8 sums[2] = {}, a, b;
    int i = 0;
    for (; i + 16 <= count; i += 16)
        for (int k = 0; k < 2; k++) {
            load(a, one + i + 8 * k), load(b, other + i + 8 * k);
            sums[k] += a * b;
        }
    float sum = sumOf(sums[0] + sums[1]);
    for (; i < count; i++) sum += one[i] * other[i];
    return sum;
}

SAKK_BODY void addMomentsBody(const float *row, int count, double *sum, double *squares) {
    Float8 all = {}, other = {}, part;
    int i = 0;
    for (; i + 8 <= count; i += 8) {
        load(part, row + i);
        all += part, other += part * part;
    }
    double first = double(sumOf(all)), second = double(sumOf(other));
    for (; i < count; i++) first += row[i], second += double(row[i]) * row[i];
    *sum += first, *squares += second;
}

SAKK_BODY void addSquaresBody(
    const double *rows, const double *weights, const double *values, int count, double *normal, double *right) {
    const int block = 64;
    for (int from = 0; from < count; from += block) {
        const int end = std::min(from + block, count);
        for (int r = 0; r < 12; r += 4) {
            Double4 sums[4][3];
            for (int k = 0; k < 4; k++)
                for (int c = 0; c < 3; c++) load(sums[k][c], normal + 12 * (r + k) + 4 * c);
            for (int i = from; i < end; i++) {
                const double *row = rows + 12 * i;
                Double4 all[3], own;
                for (int c = 0; c < 3; c++) load(all[c], row + 4 * c);
                load(own, row + r);
                own *= weights[i];
                for (int k = 0; k < 4; k++)
                    for (int c = 0; c < 3; c++) sums[k][c] += own[k] * all[c];
            }
            for (int k = 0; k < 4; k++)
                for (int c = 0; c < 3; c++) std::memcpy(normal + 12 * (r + k) + 4 * c, &sums[k][c], sizeof(Double4));
        }
        Double4 sums[3];
        for (int c = 0; c < 3; c++) load(sums[c], right + 4 * c);
        for (int i = from; i < end; i++) {
            const double value = weights[i] * values[i];
            for (int c = 0; c < 3; c++) {
                Double4 part;
                load(part, rows + 12 * i + 4 * c);
                sums[c] += value * part;
            }
        }
        for (int c = 0; c < 3; c++) std::memcpy(right + 4 * c, &sums[c], sizeof(Double4));
    }
}

template <int Row> SAKK_BODY void addRow(const float *const *rows, const float *ninth, int count, double *sums, double *last) {
    Float8 all[Row + 1] = {}, with = {};
    int x = 0;
    for (; x + 8 <= count; x += 8) {
        Float8 own, other;
        load(own, rows[Row] + x);
        for (int c = 0; c <= Row; c++) {
            load(other, rows[c] + x);
            all[c] += own * other;
        }
        load(other, ninth + x);
        with += own * other;
    }
    for (int c = 0; c <= Row; c++) sums[c] += double(sumOf(all[c]));
    *last += double(sumOf(with));
    for (; x < count; x++) {
        const double own = rows[Row][x];
        for (int c = 0; c <= Row; c++) sums[c] += own * rows[c][x];
        *last += own * ninth[x];
    }
}

SAKK_BODY void addProductsBody(const float *const *rows, const float *ninth, int count, double *sums) {
    addRow<0>(rows, ninth, count, sums, sums + 36);
    addRow<1>(rows, ninth, count, sums + 1, sums + 37);
    addRow<2>(rows, ninth, count, sums + 3, sums + 38);
    addRow<3>(rows, ninth, count, sums + 6, sums + 39);
    addRow<4>(rows, ninth, count, sums + 10, sums + 40);
    addRow<5>(rows, ninth, count, sums + 15, sums + 41);
    addRow<6>(rows, ninth, count, sums + 21, sums + 42);
    addRow<7>(rows, ninth, count, sums + 28, sums + 43);
}

/// Three rows as they lie above each other, with a column on either side.
SAKK_BODY void slopesAt(const float *a, const float *o, const float *b, int x, Float8 (&all)[9]) {
    const float *rows[3] = {a, o, b};
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++) load(all[3 * r + c], rows[r] + x + c - 1);
}

SAKK_BODY void slopesOf(const Float8 (&p)[9], Float8 &across, Float8 &down) {
    across = (p[5] - p[3]) * 0.25f + ((p[2] - p[0]) + (p[8] - p[6])) * 0.125f;
    down = (p[7] * 0.25f + (p[6] + p[8]) * 0.125f) - (p[1] * 0.25f + (p[0] + p[2]) * 0.125f);
}

/// `body(x, count)` for eights, and once for what is left, of rows that are long enough to be read further.
template <typename Body> SAKK_BODY void byEights(int count, Body body) {
    for (int x = 0; x < count; x += 8) body(x, std::min(count - x, 8));
}

SAKK_BODY void keep(const Float8 &values, float *to, int lanes) {
    if (lanes == 8) std::memcpy(to, &values, sizeof values);
    else std::memcpy(to, &values, sizeof(float) * size_t(lanes));
}

SAKK_BODY void betweenBody(
    const float *above, const float *below, const float weights[4], int count, float *to) {
    int x = 0;
    for (; x + 8 <= count; x += 8) {
        Float8 a, b, c, d;
        load(a, above + x), load(b, above + x + 1), load(c, below + x), load(d, below + x + 1);
        const Float8 sum = a * weights[0] + b * weights[1] + c * weights[2] + d * weights[3];
        std::memcpy(to + x, &sum, sizeof sum);
    }
    for (; x < count; x++)
        to[x] = above[x] * weights[0] + above[x + 1] * weights[1] + below[x] * weights[2] + below[x + 1] * weights[3];
}

SAKK_BODY void slopesBody(const float *const *rows, int count, float *across, float *down) {
    byEights(count, [&](int x, int lanes) __attribute__((always_inline)) {
        Float8 p[9], u, v;
        slopesAt(rows[0], rows[1], rows[2], x, p);
        slopesOf(p, u, v);
        keep(u, across + x, lanes);
        keep(v, down + x, lanes);
    });
}

SAKK_BODY void bendsBody(
    const float *const *rows, int count, float *across, float *down, float *curve, float *steep) {
    byEights(count, [&](int x, int lanes) __attribute__((always_inline)) {
        Float8 p[9], u, v;
        slopesAt(rows[0], rows[1], rows[2], x, p);
        slopesOf(p, u, v);
        keep(u, across + x, lanes);
        keep(v, down + x, lanes);
        keep((((p[0] * 0.5f + p[2] * 0.5f) - p[4] * 2.0f) + p[6] * 0.5f) + p[8] * 0.5f, curve + x, lanes);
        keep(__builtin_elementwise_sqrt(u * u + v * v), steep + x, lanes);
    });
}

template <int Places> SAKK_BODY void slideOver(const float *row, const float *longer, int count, float *sums) {
    Float8 own[Places] = {};
    for (int x = 0; x < count; x += 8) {
        Float8 part, other;
        load(part, row + x);
        for (int k = 0; k < Places; k++) {
            load(other, longer + x + k);
            own[k] += part * other;
        }
    }
    for (int k = 0; k < Places; k++) sums[k] += sumOf(own[k]);
}

SAKK_BODY void slideBody(const float *row, const float *longer, int count, int places, float *sums) {
    if (places <= 8) slideOver<8>(row, longer, count, sums);
    else slideOver<12>(row, longer, count, sums);
}

SAKK_BODY void slopesOfLevelsBody(const uint8_t *const *rows, int count, int step, int16_t *across, int16_t *down) {
    const uint8_t *a = rows[0], *o = rows[1], *b = rows[2];
    for (int x = step; x < count - step; x++) {
        const int l = x - step, r = x + step;
        across[x] = int16_t((a[r] - a[l]) + 2 * (o[r] - o[l]) + (b[r] - b[l]));
        down[x] = int16_t((b[l] - a[l]) + 2 * (b[x] - a[x]) + (b[r] - a[r]));
    }
    for (int k = 0; k < step; k++)
        for (int x : {k, count - step + k}) {
            const int next = x < step ? x + step : x - step;
            across[x] = 0;
            down[x] = int16_t(2 * (b[next] - a[next]) + 2 * (b[x] - a[x]));
        }
}

SAKK_BODY void addSlopesBody(
    const uint8_t *seen, const uint8_t *meant, const uint8_t *use, const int16_t *across, const int16_t *down, int first,
    int count, float scale, float *sums) {
    Float8 all[5] = {};
    for (int x = first; x < count; x += 16) {
        Float8 u = {}, v = {}, rest = {}, used = {};
        const int lanes = std::min((count - x + 1) / 2, 8);
        bool any = false;
        for (int i = 0; i < lanes; i++) {
            const int at = x + 2 * i, squares = across[at] * across[at] + down[at] * down[at];
            const bool is = squares >= 256 && use[at];
            any |= is;
            used[i] = is ? 1.0f : 0.0f;
            u[i] = float(across[at]), v[i] = float(down[at]);
            rest[i] = float(seen[at] - meant[at]);
        }
        if (!any) continue;
        u *= 0.125f, v *= 0.125f;
        const Float8 off = rest / (scale + 0.6f * __builtin_elementwise_sqrt(u * u + v * v));
        const Float8 weight = used / (1 + off * off), wu = weight * u, wv = weight * v;
        all[0] += wu * u, all[1] += wu * v, all[2] += wv * v, all[3] += wu * rest, all[4] += wv * rest;
    }
    for (int i = 0; i < 5; i++) sums[i] += sumOf(all[i]);
}

SAKK_BODY void nearestWordsBody(
    const uint8_t *word, const uint8_t *words, int count, int *nearest, int *distance, int *next) {
    uint64_t own[4], other[4];
    std::memcpy(own, word, sizeof own);
    int best = -1, least = 1 << 20, second = 1 << 20;
    for (int i = 0; i < count; i++) {
        std::memcpy(other, words + 32 * size_t(i), sizeof other);
        int bits = 0;
        for (int k = 0; k < 4; k++) bits += __builtin_popcountll(own[k] ^ other[k]);
        if (bits < least) second = least, least = bits, best = i;
        else second = std::min(second, bits);
    }
    *nearest = best, *distance = least, *next = second;
}
}  // namespace

SAKK_WIDE(
    addSquares,
    (const double *rows, const double *weights, const double *values, int count, double *normal, double *right),
    (rows, weights, values, count, normal, right))
SAKK_WIDE(
    addProducts, (const float *const *rows, const float *ninth, int count, double *sums), (rows, ninth, count, sums))
SAKK_WIDE(
    between, (const float *above, const float *below, const float weights[4], int count, float *to),
    (above, below, weights, count, to))
SAKK_WIDE(slopes, (const float *const *rows, int count, float *across, float *down), (rows, count, across, down))
SAKK_WIDE(
    bends, (const float *const *rows, int count, float *across, float *down, float *curve, float *steep),
    (rows, count, across, down, curve, steep))
SAKK_WIDE(
    slide, (const float *row, const float *longer, int count, int places, float *sums), (row, longer, count, places, sums))
SAKK_WIDE(
    slopesOfLevels, (const uint8_t *const *rows, int count, int step, int16_t *across, int16_t *down),
    (rows, count, step, across, down))
SAKK_WIDE(
    addSlopes,
    (const uint8_t *seen, const uint8_t *meant, const uint8_t *use, const int16_t *across, const int16_t *down, int first,
     int count, float scale, float *sums),
    (seen, meant, use, across, down, first, count, scale, sums))
SAKK_WIDE(
    nearestWords, (const uint8_t *word, const uint8_t *words, int count, int *nearest, int *distance, int *next),
    (word, words, count, nearest, distance, next))
SAKK_WIDE(
    addFit,
    (const float *across, const float *down, const float *known, const float *seen, const uint8_t *use, int count,
     float scale, double sums[13]),
    (across, down, known, seen, use, count, scale, sums))
SAKK_WIDE_OF(float, dot, (const float *one, const float *other, int count), (one, other, count))
SAKK_WIDE(
    addMoments, (const float *row, int count, double *sum, double *squares), (row, count, sum, squares))

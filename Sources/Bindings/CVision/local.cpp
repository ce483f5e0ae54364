// What is left of the registration, place by place: a lens and a card that is not flat move the artwork by parts of a pixel
// otherwise here than there.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
constexpr int cell = 32;

/// Of the artwork's slopes in a cell: their products with each other and with what is left unexplained.
struct Slopes {
    float xx = 0, xy = 0, yy = 0, xr = 0, yr = 0;

    void add(const Slopes &other) {
        xx += other.xx, xy += other.xy, yy += other.yy, xr += other.xr, yr += other.yr;
    }
};
}  // namespace

double sakk::localise(const cv::Mat &card, const cv::Mat &mask, double noise, cv::Mat &known) {
    cv::Mat seen, meant;
    cv::cvtColor(card, seen, cv::COLOR_RGB2GRAY);
    cv::cvtColor(known, meant, cv::COLOR_RGB2GRAY);
    std::vector<int16_t> across(size_t(3 * known.cols)), down(across.size());
    // A row's slopes are used while they are at hand.
    auto slopesAt = [&](const cv::Mat &picture, int y) {
        const int last = picture.rows - 1;
        const uint8_t *rows[3] = {picture.ptr(std::abs(y - 1)), picture.ptr(y), picture.ptr(y < last ? y + 1 : last - 1)};
        slopesOfLevels(rows, picture.cols * picture.channels(), picture.channels(), across.data(), down.data());
    };
    const int columns = (known.cols + cell - 1) / cell, rows = (known.rows + cell - 1) / cell;
    std::vector<Slopes> cells(size_t(columns) * size_t(rows)), wide(cells.size());
    // What differs by more is no matter of place.
    const float scale = float(std::max(6 * noise, 10.0));
    for (int y = 0; y < known.rows; y++) {
        const uint8_t *s = seen.ptr(y), *m = meant.ptr(y), *use = mask.ptr(y);
        slopesAt(meant, y);
        const int16_t *gx = across.data(), *gy = down.data();
        for (int x = 0; x < known.cols; x += cell) {
            float sums[5] = {};
            const int count = std::min(cell, known.cols - x);
            addSlopes(s + x, m + x, use + x, gx + x, gy + x, y % 2, count, scale, sums);
            cells[size_t(y / cell * columns + x / cell)].add({sums[0], sums[1], sums[2], sums[3], sums[4]});
        }
    }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++)
            for (int v = std::max(y - 1, 0); v <= std::min(y + 1, rows - 1); v++)
                for (int u = std::max(x - 1, 0); u <= std::min(x + 1, columns - 1); u++)
                    wide[size_t(y * columns + x)].add(cells[size_t(v * columns + u)]);
    cv::Mat moves(rows, columns, CV_32FC2);
    double most = 0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            const Slopes &at = wide[size_t(y * columns + x)];
            // Held in place by as much as faint and few strokes say.
            const double hold = 2500, xx = at.xx + hold, yy = at.yy + hold, det = xx * yy - double(at.xy) * at.xy;
            double dx = -(yy * at.xr - at.xy * at.yr) / det, dy = -(xx * at.yr - at.xy * at.xr) / det;
            const double far = std::hypot(dx, dy), reach = 0.7;
            if (far > reach) dx *= reach / far, dy *= reach / far;
            moves.at<cv::Vec2f>(y, x) = cv::Vec2f(float(dx), float(dy));
            most = std::max(most, far);
        }
    if (most < 0.06) return most;
    cv::Mat around, result(known.size(), CV_8UC3), spread[2];
    cv::resize(moves, around, cv::Size(columns * cell, rows), 0, 0, cv::INTER_LINEAR);
    // A number for each channel of each pixel.
    for (int axis = 0; axis < 2; axis++) {
        cv::Mat moved;
        cv::extractChannel(around, moved, axis);
        cv::merge(std::vector<cv::Mat>(3, moved), spread[axis]);
    }
    for (int y = 0; y < known.rows; y++) {
        const double at = std::clamp((y + 0.5) / cell - 0.5, 0.0, rows - 1.0);
        const int above = std::min(int(at), rows - 1), below = std::min(above + 1, rows - 1);
        const float *a[2] = {spread[0].ptr<float>(above), spread[1].ptr<float>(above)};
        const float *b[2] = {spread[0].ptr<float>(below), spread[1].ptr<float>(below)};
        slopesAt(known, y);
        moveRow(
            across.data(), down.data(), a, b, float(at - above), 3 * known.cols, known.ptr(y), result.ptr(y));
    }
    known = result;
    return most;
}

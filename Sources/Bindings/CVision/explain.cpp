// A picture as another shows it: what light, lens and ribbon do, taken out by least squares.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
constexpr int parts = 8;

void weighted(const float *const *from, const float *weights, int count, float *to) {
    for (int x = 0; x < count; x++) {
        float sum = weights[0] * from[0][x] + weights[1] * from[1][x];
        sum += weights[2] * from[2][x] + weights[3] * from[3][x];
        sum += weights[4] * from[4][x] + weights[5] * from[5][x];
        to[x] = sum + weights[6] * from[6][x] + weights[7] * from[7][x];
    }
}
}  // namespace

double sakk::quantile(const cv::Mat &values, double share) {
    const int steps = 8, count = 256 * steps;
    int histogram[count] = {};
    for (int y = 0; y < values.rows; y++) {
        const float *row = values.ptr<float>(y);
        for (int x = 0; x < values.cols; x++) histogram[std::clamp(int(row[x] * steps + 0.5f), 0, count - 1)]++;
    }
    double wanted = double(values.total() - 1) * share, seen = 0;
    for (int i = 0; i < count; i++)
        if ((seen += histogram[i]) > wanted) return double(i) / steps;
    return 255;
}

double sakk::explained(const cv::Mat &known, const cv::Mat &seen, cv::Mat &fit, cv::Point2d &shift) {
    const int total = int(known.total());
    cv::Mat rows(parts, total, CV_32F), value;
    const int columns = known.cols, last = known.rows - 1;
    auto row = [&](int part, int y) { return rows.ptr<float>(part) + size_t(y) * size_t(columns); };
    std::fill(row(0, 0), row(0, 0) + total, 1.0f);
    // Three rows with a rim around them, in which the picture is as in a mirror.
    const size_t room = size_t(columns) + 16;
    std::vector<float> rims(3 * room, 0);
    auto rimmed = [&](int y) { return &rims[size_t(y % 3) * room + 1]; };
    auto take = [&](int y) {
        const float *from = known.ptr<float>(y);
        float *to = rimmed(y);
        std::copy(from, from + columns, to);
        to[-1] = from[std::min(1, columns - 1)], to[columns] = from[std::max(columns - 2, 0)];
    };
    take(0);
    for (int y = 0; y <= last; y++) {
        if (y < last) take(y + 1);
        const float *own = rimmed(y), *below = rimmed(y < last ? y + 1 : std::max(last - 1, 0));
        const float *three[3] = {rimmed(y > 0 ? y - 1 : std::min(1, last)), own, below};
        bends(three, columns, row(4, y), row(5, y), row(6, y), row(7, y));
        std::copy(own, own + columns, row(3, y));
        float *u = row(1, y), *v = row(2, y);
        const float down = 2.0f * float(y) / float(known.rows) - 1;
        for (int x = 0; x < columns; x++) u[x] = 2.0f * float(x) / float(columns) - 1, v[x] = down;
    }
    value = seen;
    cv::Matx<double, parts, parts> normal;
    cv::Matx<double, parts, 1> wanted;
    // Blur and thickness only as far as cameras and ribbons go.
    double sums[parts * (parts + 1) / 2 + parts] = {};
    for (int y = 0; y < known.rows; y++) {
        const float *from[parts];
        for (int r = 0; r < parts; r++) from[r] = rows.ptr<float>(r) + size_t(y) * size_t(known.cols);
        addProducts(from, value.ptr<float>(y), known.cols, sums);
    }
    const double *next = sums;
    for (int r = 0; r < parts; r++) {
        wanted(r) = sums[parts * (parts + 1) / 2 + r];
        for (int c = 0; c <= r; c++) normal(r, c) = normal(c, r) = *next++;
        normal(r, r) += double(total) * (r == 0 ? 1e-6 : r < 3 ? 0.02 : r == 3 ? 1e-3 : 0.5);
    }
    cv::Matx<double, parts, 1> solution = normal.solve(wanted, cv::DECOMP_CHOLESKY);
    fit.create(known.size(), CV_32F);
    float weights[parts];
    for (int r = 0; r < parts; r++) weights[r] = float(solution(r));
    for (int y = 0; y < known.rows; y++) {
        const float *from[parts];
        for (int r = 0; r < parts; r++) from[r] = rows.ptr<float>(r) + size_t(y) * size_t(known.cols);
        weighted(from, weights, known.cols, fit.ptr<float>(y));
    }
    double contrast = solution(3);
    if (std::abs(contrast) > 0.05) shift = cv::Point2d(-solution(4) / contrast, -solution(5) / contrast);
    return contrast;
}

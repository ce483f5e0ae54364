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
    cv::Mat rows(parts, total, CV_32F);
    auto plane = [&](int index) { return rows.row(index).reshape(1, known.rows); };
    cv::Mat across = plane(4), down = plane(5), curve = plane(6), steep = plane(7), copy = plane(3), value;
    plane(0).setTo(1);
    for (int y = 0; y < known.rows; y++) {
        float *u = plane(1).ptr<float>(y), *v = plane(2).ptr<float>(y);
        for (int x = 0; x < known.cols; x++) u[x] = 2.0f * float(x) / float(known.cols) - 1, v[x] = 2.0f * float(y) / float(known.rows) - 1;
    }
    known.copyTo(copy);
    cv::Sobel(known, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(known, down, CV_32F, 0, 1, 3, 0.125);
    cv::Laplacian(known, curve, CV_32F, 3, 0.25);
    cv::magnitude(across, down, steep);
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

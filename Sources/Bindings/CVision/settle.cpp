// A move found by parts, made exact by all that is drawn.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
/// Between pixels; beyond the border the border's.
float levelAt(const cv::Mat &picture, double x, double y) {
    x = std::clamp(x, 0.0, picture.cols - 1.001), y = std::clamp(y, 0.0, picture.rows - 1.001);
    int left = int(x), top = int(y);
    float u = float(x - left), v = float(y - top);
    const float *a = picture.ptr<float>(top) + left, *b = picture.ptr<float>(top + 1) + left;
    return (1 - v) * ((1 - u) * a[0] + u * a[1]) + v * ((1 - u) * b[0] + u * b[1]);
}
}  // namespace

void sakk::settle(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, double alike, sakk_move &move) {
    cv::Mat across, down;
    cv::Sobel(known, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(known, down, CV_32F, 0, 1, 3, 0.125);
    std::vector<cv::Point> places;
    for (int y = 3; y + 3 < known.rows; y++)
        for (int x = 3 + y % 2; x + 3 < known.cols; x += 2) {
            if (!mask.at<uint8_t>(y, x)) continue;
            float gx = across.at<float>(y, x), gy = down.at<float>(y, x);
            if (gx * gx + gy * gy > 6) places.emplace_back(x, y);
        }
    if (places.size() < 400) return;
    // Some thousand places say as much as all.
    const size_t enough = 9000;
    if (places.size() > enough) {
        std::vector<cv::Point> some;
        for (size_t i = 0; i < enough; i++) some.push_back(places[i * places.size() / enough]);
        places = some;
    }
    std::vector<float> warped(places.size()), meant(places.size());
    const int count = 12;
    std::vector<double> slopes(places.size() * count), bases(places.size() * 6), weights(places.size()), left(places.size());
    for (size_t i = 0; i < places.size(); i++) {
        const cv::Point p = places[i];
        meant[i] = known.at<float>(p);
        const double u = view.across(2 * p.x + 0.5), v = view.down(2 * p.y + 0.5);
        const double row[6] = {1, u, v, u * u, u * v, v * v};
        const double gx = across.at<float>(p) / 2, gy = down.at<float>(p) / 2;
        for (size_t r = 0; r < 6; r++)
            bases[6 * i + r] = row[r], slopes[count * i + r] = gx * row[r], slopes[count * i + 6 + r] = gy * row[r];
    }
    const sakk_move start = move;
    sakk_move best = move;
    double least = 1e18, first = 0;
    for (int round = 0; round < 4; round++) {
        for (size_t i = 0; i < places.size(); i++) {
            cv::Point p = places[i];
            const double *row = &bases[6 * i];
            double x = 0, y = 0;
            for (int r = 0; r < 6; r++) x += move.x[r] * row[r], y += move.y[r] * row[r];
            warped[i] = levelAt(seen, p.x + x / 2, p.y + y / 2);
        }
        double both = 1e-9, own = 1e-9;
        for (size_t i = 0; i < places.size(); i++) both += warped[i] * meant[i], own += meant[i] * meant[i];
        double contrast = std::clamp(both / own, 0.2, 3.0);
        std::vector<double> rests(places.size());
        for (size_t i = 0; i < places.size(); i++)
            rests[i] = std::abs(warped[i] - contrast * meant[i]);
        double scale = std::max(2.5 * sakk::median(rests), 1.0), cost = 0;
        for (double rest : rests) cost += std::min(rest, 3 * scale) / double(rests.size());
        // What is drawn and lies right is seen with more contrast, not with less.
        if (round == 0) first = contrast;
        if (cost < least && contrast > 0.99 * first) least = cost, best = move;
        if (round == 3) break;
        cv::Matx<double, count, count> normal = cv::Matx<double, count, count>::zeros();
        cv::Matx<double, count, 1> right = cv::Matx<double, count, 1>::zeros();
        for (size_t i = 0; i < places.size(); i++) {
            const double x = rests[i] / scale;
            weights[i] = 1 / (1 + x * x);
            left[i] = contrast * meant[i] - warped[i];
        }
        addSquares(slopes.data(), weights.data(), left.data(), int(places.size()), normal.val, right.val);
        // The slopes as they are seen.
        normal = normal * (contrast * contrast);
        right = right * contrast;
        // What nothing is drawn for stays as it was found by parts: a lens and a printer move it by no more than this, in pixels.
        const double likely[6] = {2, 0.3, 0.3, 0.15, 0.15, 0.15};
        for (int r = 0; r < count; r++) {
            const double hold = alike * scale * scale / (likely[r % 6] * likely[r % 6]);
            normal(r, r) += hold;
            right(r) -= hold * (r < 6 ? move.x[r] - start.x[r] : move.y[r - 6] - start.y[r - 6]);
        }
        cv::Matx<double, count, 1> found = normal.solve(right, cv::DECOMP_CHOLESKY);
        for (int r = 0; r < 6; r++) {
            move.x[r] += std::clamp(found(r), -3.0, 3.0);
            move.y[r] += std::clamp(found(r + 6), -3.0, 3.0);
        }
    }
    move = best;
}

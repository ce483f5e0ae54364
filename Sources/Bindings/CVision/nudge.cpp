// A document that was placed by a few of its features, placed by all that is drawn on it.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
/// A place of the raster and where it is seen, in halves of the raster's width around its middle.
struct Pair {
    double u, v, dx, dy, weight;
};

cv::Mat withoutLight(const cv::Mat &rgb) {
    cv::Mat gray = sakk::grayOf(rgb), wide;
    cv::blur(gray, wide, cv::Size(17, 17));
    cv::blur(wide, wide, cv::Size(17, 17));
    return gray - wide;
}

/// Where parts of the artwork are seen, in a picture of both that is `factor` times smaller than the raster.
std::vector<Pair> pairsOf(const cv::Mat &known, const cv::Mat &seen, double factor, double half) {
    const int size = 22, step = 18, reach = 5;
    std::vector<Pair> pairs;
    for (int y = reach; y + size + reach <= known.rows; y += step)
        for (int x = reach; x + size + reach <= known.cols; x += step) {
            cv::Rect place(x, y, size, size), wide(x - reach, y - reach, size + 2 * reach, size + 2 * reach);
            cv::Scalar mean, deviation;
            cv::meanStdDev(known(place), mean, deviation);
            if (deviation[0] < 1.5) continue;
            cv::Mat scores = sakk::correlations(seen(wide), known(place));
            double score;
            cv::Point at;
            cv::minMaxLoc(scores, nullptr, &score, nullptr, &at);
            if (score < 0.4 || at.x == 0 || at.y == 0 || at.x == 2 * reach || at.y == 2 * reach) continue;
            auto value = [&](int dx, int dy) { return double(scores.at<float>(at.y + dy, at.x + dx)); };
            const double bendX = 2 * score - value(-1, 0) - value(1, 0), bendY = 2 * score - value(0, -1) - value(0, 1);
            // Lines in one direction place nothing along themselves.
            if (std::min(bendX, bendY) < 0.01) continue;
            const double dx = at.x - reach + 0.5 * (value(1, 0) - value(-1, 0)) / bendX;
            const double dy = at.y - reach + 0.5 * (value(0, 1) - value(0, -1)) / bendY;
            const double middle = (size - 1) / 2.0;
            pairs.push_back(
                {(x + middle - (known.cols - 1) / 2.0) * factor / half, (y + middle - (known.rows - 1) / 2.0) * factor / half,
                 dx * factor / half, dy * factor / half, (score - 0.35) * std::min(bendX, bendY)});
        }
    return pairs;
}

/// How the raster is to be moved, turned, stretched and leant for the pairs to agree: Tukey's weights. `spread` is what the
/// pairs are off by afterwards.
cv::Matx<double, 8, 1> leanOf(const std::vector<Pair> &pairs, double half, double &spread) {
    cv::Matx<double, 8, 1> found;
    std::vector<double> weights(pairs.size(), 1), rests(pairs.size());
    for (int round = 0; round < 8; round++) {
        cv::Matx<double, 8, 8> normal = cv::Matx<double, 8, 8>::zeros();
        cv::Matx<double, 8, 1> right = cv::Matx<double, 8, 1>::zeros();
        double all = 0;
        auto rows = [](const Pair &p, double (&first)[8], double (&second)[8]) {
            const double x[8] = {1, p.u, p.v, 0, 0, 0, p.u * p.u, p.u * p.v};
            const double y[8] = {0, 0, 0, 1, p.u, p.v, p.u * p.v, p.v * p.v};
            std::copy(x, x + 8, first);
            std::copy(y, y + 8, second);
        };
        double first[8], second[8];
        for (size_t i = 0; i < pairs.size(); i++) {
            rows(pairs[i], first, second);
            const double w = weights[i] * pairs[i].weight;
            all += w;
            for (int r = 0; r < 8; r++) {
                right(r) += w * (first[r] * pairs[i].dx + second[r] * pairs[i].dy);
                for (int c = 0; c < 8; c++) normal(r, c) += w * (first[r] * first[c] + second[r] * second[c]);
            }
        }
        // Most pairs decide where it lies before they decide how it leans.
        const double ridge[8] = {0, 0.01, 0.01, 0, 0.01, 0.01, 0.05, 0.05};
        for (int r = 0; r < 8; r++) normal(r, r) += (round < 2 ? 5 : 1) * ridge[r] * all + 1e-9;
        found = normal.solve(right, cv::DECOMP_CHOLESKY);
        for (size_t i = 0; i < pairs.size(); i++) {
            rows(pairs[i], first, second);
            double x = -pairs[i].dx, y = -pairs[i].dy;
            for (int r = 0; r < 8; r++) x += first[r] * found(r), y += second[r] * found(r);
            rests[i] = std::hypot(x, y);
        }
        spread = sakk::median(rests);
        const double scale = std::max(4 * spread, 1.5 / half);
        for (size_t i = 0; i < pairs.size(); i++) {
            const double t = rests[i] / scale;
            weights[i] = t >= 1 ? 1e-4 : (1 - t * t) * (1 - t * t);
        }
    }
    return found;
}
}  // namespace

void sakk::nudge(sakk_view &view, const cv::Mat &artwork, std::vector<cv::Point2d> &corners, sakk_view_info &info) {
    const double half = view.raster.width / 2.0;
    const cv::Mat known2 = sakk::reduced(artwork, 2), known4 = withoutLight(sakk::reduced(known2, 2));
    const cv::Mat fine = withoutLight(known2);
    for (int round = 0; round < 3; round++) {
        const bool coarse = round < 2;
        cv::Mat seen = withoutLight(coarse ? sakk::reduced(view.small, 2) : view.small);
        std::vector<Pair> pairs = pairsOf(coarse ? known4 : fine, seen, coarse ? 4 : 2, half);
        if (pairs.size() < 8) return;
        double spread;
        cv::Matx<double, 8, 1> lean = leanOf(pairs, half, spread);
        if (spread > 8 / half) return;
        // The document's corners, where the raster's are seen.
        const double across = view.raster.width_mm * sakk::perMM / 2 / half, down = view.raster.height_mm * sakk::perMM / 2 / half;
        std::vector<cv::Point2d> moved;
        for (int i = 0; i < 4; i++) {
            const double u = i == 1 || i == 2 ? across : -across, v = i >= 2 ? down : -down;
            const double dx = lean(0) + lean(1) * u + lean(2) * v + lean(6) * u * u + lean(7) * u * v;
            const double dy = lean(3) + lean(4) * u + lean(5) * v + lean(6) * u * v + lean(7) * v * v;
            const cv::Vec3d at = view.fromRaster
                * cv::Vec3d((u + dx) * half + (view.raster.width - 1) / 2.0, (v + dy) * half + (view.raster.height - 1) / 2.0, 1);
            moved.emplace_back(at[0] / at[2], at[1] / at[2]);
        }
        corners = moved;
        sakk::layCorners(view, corners, info);
    }
}

// A move found by parts, made exact by all that is drawn.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

void sakk::settle(const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, sakk_move &move) {
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
    const int count = 12;
    sakk_move best = move;
    double least = 1e18;
    for (int round = 0; round < 4; round++) {
        cv::Mat xs(known.size(), CV_32F), ys(known.size(), CV_32F), warped;
        for (int y = 0; y < known.rows; y++)
            for (int x = 0; x < known.cols; x++) {
                cv::Point2d m = move.at(view.across(2 * x + 0.5), view.down(2 * y + 0.5));
                xs.at<float>(y, x) = float(x + m.x / 2), ys.at<float>(y, x) = float(y + m.y / 2);
            }
        cv::remap(seen, warped, xs, ys, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
        double both = 1e-9, own = 1e-9;
        for (auto &p : places)
            both += warped.at<float>(p) * known.at<float>(p), own += known.at<float>(p) * known.at<float>(p);
        double contrast = std::clamp(both / own, 0.2, 3.0);
        std::vector<double> rests(places.size());
        for (size_t i = 0; i < places.size(); i++)
            rests[i] = std::abs(warped.at<float>(places[i]) - contrast * known.at<float>(places[i]));
        double scale = std::max(2.5 * sakk::median(rests), 1.0), cost = 0;
        for (double rest : rests) cost += std::min(rest, 3 * scale) / double(rests.size());
        if (cost < least) least = cost, best = move;
        if (round == 3) break;
        cv::Matx<double, count, count> normal = cv::Matx<double, count, count>::zeros();
        cv::Matx<double, count, 1> right = cv::Matx<double, count, 1>::zeros();
        for (size_t i = 0; i < places.size(); i++) {
            cv::Point p = places[i];
            double u = view.across(2 * p.x + 0.5), v = view.down(2 * p.y + 0.5);
            const double row[6] = {1, u, v, u * u, u * v, v * v};
            double gx = contrast * across.at<float>(p) / 2, gy = contrast * down.at<float>(p) / 2, all[count];
            for (int r = 0; r < 6; r++) all[r] = gx * row[r], all[r + 6] = gy * row[r];
            double x = rests[i] / scale, weight = 1 / (1 + x * x);
            double rest = warped.at<float>(p) - contrast * known.at<float>(p);
            for (int r = 0; r < count; r++) {
                double share = weight * all[r];
                right(r) -= share * rest;
                for (int c = 0; c <= r; c++) normal(r, c) += share * all[c];
            }
        }
        double mean = 0;
        for (int r = 0; r < count; r++) {
            for (int c = 0; c < r; c++) normal(c, r) = normal(r, c);
            mean += normal(r, r) / count;
        }
        // What nothing is drawn for stays as it was.
        const double ridge[6] = {0.002, 0.005, 0.005, 0.03, 0.03, 0.03};
        for (int r = 0; r < count; r++) normal(r, r) += ridge[r % 6] * mean + 1e-9;
        cv::Matx<double, count, 1> found = normal.solve(right, cv::DECOMP_CHOLESKY);
        for (int r = 0; r < 6; r++) {
            move.x[r] += std::clamp(found(r), -3.0, 3.0);
            move.y[r] += std::clamp(found(r + 6), -3.0, 3.0);
        }
    }
    move = best;
}

// Boxes that hold a picture against the artwork.
#include "view.hpp"

#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
using sakk::smoothed;

void moments(const cv::Mat &picture, double &mean, double &deviation) {
    cv::Scalar m, s;
    cv::meanStdDev(picture, m, s);
    mean = m[0];
    deviation = s[0];
}

/// What the artwork does not explain of a box: brightness, contrast, a part of a pixel's shift and a little blur (the
/// artwork, its slopes and its curvature) are taken out by least squares. So is, of a code (`gains`), that ink is thinner or
/// thicker than it is drawn, which changes what is half covered, and neither white nor what is all black.
cv::Mat residual(const cv::Mat &wide, const cv::Mat &cut, cv::Rect core, bool gains) {
    cv::Mat across, down, curve;
    cv::Sobel(wide, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(wide, down, CV_32F, 0, 1, 3, 0.125);
    cv::Laplacian(wide, curve, CV_32F, 3, 0.25);
    const cv::Mat parts[] = {
        cv::Mat::ones(core.size(), CV_32F), wide(core), across(core), down(core), curve(core),
        wide(core).mul(wide(core), 1.0 / 255)};
    const int count = gains ? 6 : 5;
    cv::Mat normal(count, count, CV_64F), right(count, 1, CV_64F), solution;
    for (int r = 0; r < count; r++) {
        right.at<double>(r) = parts[r].dot(cut);
        for (int c = 0; c <= r; c++) normal.at<double>(r, c) = normal.at<double>(c, r) = parts[r].dot(parts[c]);
    }
    cv::solve(normal, right, solution, cv::DECOMP_SVD);
    cv::Mat rest = cut.clone();
    for (int r = 0; r < count; r++) rest -= solution.at<double>(r) * parts[r];
    return rest;
}
/// How much a part of a picture differs from what the side's light and tones make of the artwork, over what a third of a
/// pixel's move and the noise explain: 1 is all of that.
double detailOf(const sakk_view &view, cv::Rect place, sakk_rect &where) {
    cv::Mat known = sakk::smoothed(sakk::grayOf(view.known(place)), 1.0), seen = sakk::smoothed(view.gray(place), 1.0);
    cv::Mat rest = seen - known, wide, across, down, sums, slopes;
    cv::blur(rest, wide, cv::Size(61, 61));
    rest -= wide;
    cv::Sobel(known, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(known, down, CV_32F, 0, 1, 3, 0.125);
    cv::integral(rest.mul(rest), sums, CV_64F);
    cv::integral(across.mul(across) + down.mul(down), slopes, CV_64F);
    const int size = 18, step = 6, rim = 4;
    double worst = 0;
    for (int y = rim; y + size + rim <= place.height; y += step)
        for (int x = rim; x + size + rim <= place.width; x += step) {
            auto within = [&](const cv::Mat &table) {
                return table.at<double>(y + size, x + size) - table.at<double>(y, x + size) - table.at<double>(y + size, x)
                    + table.at<double>(y, x);
            };
            const double explained = 0.1 * within(slopes) + size * size * (6 + view.noise * view.noise);
            const double value = std::sqrt(within(sums) / explained);
            if (value <= worst) continue;
            worst = value;
            where = {double(place.x + x), double(place.y + y), double(size), double(size)};
        }
    return worst;
}
}  // namespace

sakk_vision_status sakk_view_detail(const sakk_view *view, sakk_rect box, sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        cv::Rect place = view->cells(box) & view->inner(1);
        if (view->known.empty() || place.width < 40 || place.height < 40) return SAKK_VISION_BAD_FRAME;
        result->worst = detailOf(*view, place, result->place);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_compare(
    const sakk_view *view, const uint8_t *reference, sakk_rect box, double smoothing, int reach, double window,
    sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        cv::Rect inside(reach, reach, view->raster.width - 2 * reach, view->raster.height - 2 * reach);
        cv::Rect place = view->cells(box) & inside;
        if (place.width < 4 || place.height < 4) return SAKK_VISION_BAD_FRAME;
        cv::Rect wide(place.x - reach, place.y - reach, place.width + 2 * reach, place.height + 2 * reach);
        cv::Mat seen = smoothed(view->gray(wide), smoothing);
        if (!reference && view->known.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Mat sharp = sakk::grayOf(reference ? view->artwork(reference)(wide) : view->known(wide));
        cv::Mat known, scores;
        cv::Rect core(reach, reach, place.width, place.height);
        cv::Point at(reach, reach);
        double likeness = -2;
        for (double trial : {view->softness}) {
            cv::Mat soft = smoothed(sharp, reference ? std::hypot(trial, smoothing) : smoothing);
            double score;
            cv::Point position;
            scores = sakk::correlations(seen, soft(core));
            cv::minMaxLoc(scores, nullptr, &score, nullptr, &position);
            if (score > likeness) {
                likeness = score;
                at = position;
                known = soft;
            }
        }
        cv::Mat cut = seen(cv::Rect(at.x, at.y, place.width, place.height));
        double seenMean, seenDeviation, knownMean, knownDeviation;
        moments(cut, seenMean, seenDeviation);
        moments(known(core), knownMean, knownDeviation);
        result->likeness = likeness;
        result->contrast = knownDeviation > 0.5 ? seenDeviation / knownDeviation : 1;
        result->dx = at.x - reach;
        result->dy = at.y - reach;
        if (window <= 0) return SAKK_VISION_OK;
        cv::Mat rest = residual(known, cut, core, reference != nullptr);
        rest = rest.mul(rest);
        cv::Mat sums;
        cv::integral(rest, sums, CV_64F);
        int w = std::min(cvRound(window), place.width), h = std::min(cvRound(window), place.height);
        double unit = std::max(seenDeviation, knownDeviation);
        unit = std::max(unit * unit, 1.0) * w * h;
        for (int y = 0; y + h <= place.height; y += std::max(1, std::min(h / 3, place.height - h)))
            for (int x = 0; x + w <= place.width; x += std::max(1, w / 3)) {
                double sum = sums.at<double>(y + h, x + w) - sums.at<double>(y, x + w) - sums.at<double>(y + h, x)
                    + sums.at<double>(y, x);
                if (sum / unit > result->worst) {
                    result->worst = sum / unit;
                    result->place = {double(place.x + x), double(place.y + y), double(w), double(h)};
                }
            }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_portrait(
    const sakk_view *view, sakk_rect box, const uint8_t *portrait, int width, int height, sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        cv::Rect place = view->cells(box);
        if (!portrait || width < 16 || height < 16 || width > 16384 || height > 16384 || place.width < 24 || place.height < 24)
            return SAKK_VISION_BAD_FRAME;
        // A hundred pixels across show who it is.
        double scale = 100.0 / place.width;
        cv::Size size(100, std::max(cvRound(place.height * scale), 24));
        cv::Mat drawn, approved;
        cv::resize(view->gray(place), drawn, size, 0, 0, cv::INTER_AREA);
        drawn = smoothed(drawn, 1.0);
        approved = sakk::grayOf(cv::Mat(height, width, CV_8UC3, const_cast<uint8_t *>(portrait)));
        double reduce = 300.0 / std::max(width, height);
        if (reduce < 1) cv::resize(approved, approved, cv::Size(), reduce, reduce, cv::INTER_AREA);
        // The middle of the box, looked for in the portrait at the scales that it may have been laid with.
        const int rim = 8;
        cv::Mat middle = drawn(cv::Rect(rim, rim, size.width - 2 * rim, size.height - 2 * rim));
        double wide = double(size.width) / approved.cols, high = double(size.height) / approved.rows, best = -2;
        cv::Mat found;
        cv::Point at;
        for (double zoom : {1.0, 0.93, 1.08, 1.17, 1.28, 0.86}) {
            if (best > 0.985) break;
            for (int fit = 0; fit < 3; fit++) {
                double x = fit == 2 ? wide : fit == 0 ? std::max(wide, high) : std::min(wide, high);
                double y = fit == 2 ? high : x;
                cv::Mat laid;
                cv::resize(approved, laid, cv::Size(), x * zoom, y * zoom, cv::INTER_AREA);
                cv::copyMakeBorder(laid, laid, 24, 24, 24, 24, cv::BORDER_REPLICATE);
                laid = smoothed(laid, 1.0);
                if (laid.cols < middle.cols || laid.rows < middle.rows) continue;
                cv::Mat scores;
                cv::matchTemplate(laid, middle, scores, cv::TM_CCOEFF_NORMED);
                double score;
                cv::Point where;
                cv::minMaxLoc(scores, nullptr, &score, nullptr, &where);
                if (score > best) best = score, found = laid, at = where;
                if (best > 0.995) break;
            }
        }
        if (found.empty()) return SAKK_VISION_OK;
        // Then the rest of the shift and the scale.
        cv::Mat warp = (cv::Mat_<float>(2, 3) << 1, 0, at.x, 0, 1, at.y), moved;
        try {
            cv::TermCriteria stop(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 25, 1e-4);
            cv::findTransformECC(middle, found, warp, cv::MOTION_AFFINE, stop, cv::noArray(), 3);
        } catch (const cv::Exception &) {
        }
        bool likely = std::abs(warp.at<float>(0, 0) - 1) < 0.15 && std::abs(warp.at<float>(1, 1) - 1) < 0.15
            && std::abs(warp.at<float>(0, 1)) < 0.05 && std::abs(warp.at<float>(1, 0)) < 0.05;
        if (!likely) warp = (cv::Mat_<float>(2, 3) << 1, 0, at.x, 0, 1, at.y);
        cv::warpAffine(found, moved, warp, middle.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
        cv::Mat score;
        cv::matchTemplate(middle, moved, score, cv::TM_CCOEFF_NORMED);
        result->likeness = score.at<float>(0, 0);
        cv::Rect core(2, 2, middle.cols - 4, middle.rows - 4);
        cv::Mat rest = residual(moved, middle(core), core, false), sums;
        double mean, deviation;
        moments(middle, mean, deviation);
        cv::integral(rest.mul(rest), sums, CV_64F);
        const int window = 14;
        for (int y = 0; y + window < rest.rows; y += 5)
            for (int x = 0; x + window < rest.cols; x += 5) {
                double sum = sums.at<double>(y + window, x + window) - sums.at<double>(y, x + window)
                    - sums.at<double>(y + window, x) + sums.at<double>(y, x);
                result->worst = std::max(result->worst, sum / (window * window * std::max(deviation * deviation, 1.0)));
            }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_density(sakk_view *view, const uint8_t *artwork, sakk_rect box, double *ratios) {
    return sakk::guarded([&] {
        for (int c = 0; c < 3; c++) ratios[c] = -1;
        cv::Rect place = view->cells(box) & view->inner(1);
        if (place.width < 8 || place.height < 8) return SAKK_VISION_OK;
        cv::Mat seen = sakk::smoothed(view->card(place), 1.5), known = sakk::smoothed(view->artwork(artwork)(place), 1.5);
        if (view->paper[0] < 0) {
            // Over the stock, of which most of the side is.
            cv::Mat paper = sakk::reduced(sakk::reduced(view->artwork(artwork)(view->inner(2)), 2), 4);
            for (int c = 0; c < 3; c++) {
                std::vector<double> stock;
                for (int y = 0; y < paper.rows; y++)
                    for (int x = 0; x < paper.cols; x++) stock.push_back(paper.at<cv::Vec3b>(y, x)[c]);
                std::nth_element(stock.begin(), stock.begin() + long(stock.size() * 8 / 10), stock.end());
                view->paper[c] = stock[stock.size() * 8 / 10];
            }
        }
        double logs[256];
        for (int level = 0; level < 256; level++) logs[level] = std::log((level + 6) / 261.0);
        for (int c = 0; c < 3; c++) {
            const double base = std::log((view->paper[c] + 6) / 261);
            double measured = 0, meant = 0, n = 0;
            for (int y = 0; y < seen.rows; y += 2)
                for (int x = 0; x < seen.cols; x += 2) {
                    // Black says nothing about a dye.
                    auto p = known.at<cv::Vec3b>(y, x);
                    if (std::max({p[0], p[1], p[2]}) < 50) continue;
                    measured += logs[seen.at<cv::Vec3b>(y, x)[c]] - base, meant += logs[p[c]] - base, n++;
                }
            if (n > 50 && meant / n < -0.12) ratios[c] = std::max(measured / meant, 0.0);
        }
        return SAKK_VISION_OK;
    });
}

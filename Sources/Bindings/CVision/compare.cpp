// Boxes, inks and blemishes against the artwork.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
cv::Mat smoothed(const cv::Mat &picture, double sigma) {
    if (sigma <= 0) return picture;
    cv::Mat result;
    cv::GaussianBlur(picture, result, cv::Size(), sigma);
    return result;
}

void moments(const cv::Mat &picture, double &mean, double &deviation) {
    cv::Scalar m, s;
    cv::meanStdDev(picture, m, s);
    mean = m[0];
    deviation = s[0];
}

/// What the artwork does not explain of a box: brightness, contrast, a part of a pixel's shift and a little blur (the
/// artwork, its slopes and its curvature) are taken out by least squares.
cv::Mat residual(const cv::Mat &wide, const cv::Mat &cut, cv::Rect core) {
    cv::Mat across, down, curve;
    cv::Sobel(wide, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(wide, down, CV_32F, 0, 1, 3, 0.125);
    cv::Laplacian(wide, curve, CV_32F, 3, 0.25);
    const cv::Mat parts[] = {
        cv::Mat::ones(core.size(), CV_32F), wide(core), across(core), down(core), curve(core)};
    const int count = 5;
    cv::Mat normal(count, count, CV_64F), right(count, 1, CV_64F), solution;
    for (int r = 0; r < count; r++) {
        right.at<double>(r) = parts[r].dot(cut);
        for (int c = 0; c < count; c++) normal.at<double>(r, c) = parts[r].dot(parts[c]);
    }
    cv::solve(normal, right, solution, cv::DECOMP_SVD);
    cv::Mat rest = cut.clone();
    for (int r = 0; r < count; r++) rest -= solution.at<double>(r) * parts[r];
    return rest;
}
}  // namespace

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
        cv::Mat sharp = sakk::grayOf(view->artwork(reference)(wide));
        cv::Mat known, scores;
        cv::Rect core(reach, reach, place.width, place.height);
        cv::Point at(reach, reach);
        double likeness = -2;
        for (double trial : {0.5, 0.8, 1.1, 1.5}) {
            cv::Mat soft = smoothed(sharp, std::hypot(trial, smoothing));
            double score;
            cv::Point position;
            cv::matchTemplate(seen, soft(core), scores, cv::TM_CCOEFF_NORMED);
            cv::minMaxLoc(scores, nullptr, &score, nullptr, &position);
            if (score > likeness) {
                likeness = score;
                at = position;
                known = soft;
            }
            if (smoothing > 1) break;
        }
        cv::Mat cut = seen(cv::Rect(at.x, at.y, place.width, place.height));
        double seenMean, seenDeviation, knownMean, knownDeviation;
        moments(cut, seenMean, seenDeviation);
        moments(known(core), knownMean, knownDeviation);
        result->likeness = likeness;
        result->contrast = knownDeviation > 0.5 ? seenDeviation / knownDeviation : 1;
        result->dx = at.x - reach;
        result->dy = at.y - reach;
        cv::Mat rest = residual(known, cut, core);
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

sakk_vision_status sakk_view_ink(
    const sakk_view *view, const uint8_t *artwork, const uint8_t *ink, const uint8_t *black, sakk_rect box, int channel,
    double *ratio, size_t *pixels) {
    return sakk::guarded([&] {
        *ratio = 1;
        *pixels = 0;
        if (channel < 0 || channel > 2) return SAKK_VISION_BAD_FRAME;
        cv::Rect card = view->cells(box) & view->inner(1);
        if (card.width < 8 || card.height < 8) return SAKK_VISION_OK;
        // What the blur draws in from around the box counts.
        const int rim = 6;
        cv::Rect wide(card.x - rim, card.y - rim, card.width + 2 * rim, card.height + 2 * rim);
        wide &= cv::Rect(cv::Point(), view->size());
        cv::Mat seen, known, dye, resin = cv::Mat::zeros(wide.size(), CV_8U);
        cv::extractChannel(view->card(wide), seen, channel);
        cv::extractChannel(view->artwork(artwork)(wide), known, channel);
        cv::GaussianBlur(seen, seen, cv::Size(), 1.5);
        cv::GaussianBlur(known, known, cv::Size(), 1.5);
        cv::GaussianBlur(view->panel(ink)(wide).clone(), dye, cv::Size(), 1.5);
        if (black) cv::dilate(view->panel(black)(wide).clone(), resin, cv::Mat::ones(7, 7, CV_8U));
        double measured = 0, meant = 0;
        for (int y = card.y - wide.y; y < card.br().y - wide.y; y += 2)
            for (int x = card.x - wide.x; x < card.br().x - wide.x; x += 2) {
                double share = dye.at<uint8_t>(y, x) / 255.0;
                if (share < 0.2 || share > 0.85 || resin.at<uint8_t>(y, x)) continue;
                double stock = known.at<uint8_t>(y, x) / (1 - share);
                if (stock < 60) continue;
                measured += 1 - seen.at<uint8_t>(y, x) / stock;
                meant += share;
                (*pixels)++;
            }
        if (*pixels > 0) *ratio = measured / meant;
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_slope(
    const sakk_view *view, const uint8_t *artwork, const sakk_rect *ignored, size_t ignored_count, int channel,
    double *slope, double *spread) {
    return sakk::guarded([&] {
        *slope = 1;
        *spread = 0;
        if (channel < 0 || channel > 2) return SAKK_VISION_BAD_FRAME;
        cv::Mat seen, known, mask = cv::Mat::zeros(view->size(), CV_8U);
        cv::extractChannel(view->card, seen, channel);
        cv::extractChannel(view->artwork(artwork), known, channel);
        cv::GaussianBlur(seen, seen, cv::Size(), 3);
        cv::GaussianBlur(known, known, cv::Size(), 3);
        mask(view->inner(2)) = 255;
        for (size_t i = 0; i < ignored_count; i++) mask(view->cells(ignored[i], 6)) = 0;
        double count = 0, a = 0, b = 0, ab = 0, bb = 0;
        for (int y = 0; y < mask.rows; y += 2)
            for (int x = 0; x < mask.cols; x += 2) {
                if (!mask.at<uint8_t>(y, x)) continue;
                double s = seen.at<uint8_t>(y, x), k = known.at<uint8_t>(y, x);
                count++, a += s, b += k, ab += s * k, bb += k * k;
            }
        if (count < 2000) return SAKK_VISION_OK;
        double variance = bb / count - b / count * (b / count);
        *spread = std::sqrt(std::max(variance, 0.0));
        if (variance > 1) *slope = (ab / count - a / count * (b / count)) / variance;
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_blobs(
    const sakk_view *view, const uint8_t *artwork, const sakk_rect *ignored, size_t ignored_count, int radius,
    double tolerance, double area, sakk_blob *blobs, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        cv::Mat kernel = cv::Mat::ones(2 * radius + 1, 2 * radius + 1, CV_8U);
        cv::Mat known = view->artwork(artwork), low, high, above, below, over, depth;
        cv::Mat seen;
        cv::GaussianBlur(view->card, seen, cv::Size(3, 3), 0.7);
        cv::erode(known, low, kernel);
        cv::dilate(known, high, kernel);
        cv::subtract(seen, high, above);
        cv::subtract(low, seen, below);
        cv::max(above, below, over);
        std::vector<cv::Mat> channels;
        cv::split(over, channels);
        cv::max(channels[0], channels[1], depth);
        cv::max(depth, channels[2], depth);
        cv::Mat mask = cv::Mat::zeros(depth.size(), CV_8U), card = mask.clone();
        cv::threshold(depth, mask, tolerance, 255, cv::THRESH_BINARY);
        card(view->inner(1)) = 255;
        // The corners are round.
        int corner = cvRound(3.5 * sakk::perMM);
        cv::Rect r = view->inner(0);
        for (int i = 0; i < 4; i++)
            card(cv::Rect(i & 1 ? r.br().x - corner : r.x, i & 2 ? r.br().y - corner : r.y, corner, corner)) = 0;
        for (size_t i = 0; i < ignored_count; i++) card(view->cells(ignored[i], 3)) = 0;
        cv::bitwise_and(mask, card, mask);
        cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(3, 3, CV_8U));
        cv::Mat labels, stats, centres;
        int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
        std::vector<sakk_blob> all;
        for (int i = 1; i < found; i++) {
            const int *s = stats.ptr<int>(i);
            if (s[cv::CC_STAT_AREA] < area) continue;
            cv::Rect place(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
            double deepest;
            cv::minMaxLoc(depth(place), nullptr, &deepest);
            all.push_back({{double(place.x), double(place.y), double(place.width), double(place.height)},
                           double(s[cv::CC_STAT_AREA]), deepest});
        }
        std::sort(all.begin(), all.end(), [](auto &a, auto &b) { return a.area > b.area; });
        *count = std::min(all.size(), capacity);
        std::copy(all.begin(), all.begin() + long(*count), blobs);
        return SAKK_VISION_OK;
    });
}

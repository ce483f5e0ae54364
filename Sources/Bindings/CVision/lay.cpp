// The side laid on its raster: the stock and the print, each where it lies, and the artwork as both together show it.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

/// The side, each field where the personal print lies.
void sakk_view::lay(const sakk_rect *fields, size_t count) {
    cv::Mat whole = laid(cv::Rect(cv::Point(), size()), stock, 1);
    personal = cv::Mat::zeros(size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        cv::Rect place = cells(fields[i], 0.3 * sakk::perMM);
        if (place.area() == 0) continue;
        personal(place) = 255;
        laid(place, print, 1).copyTo(whole(place));
    }
    setCard(whole);
}

/// The frame, or what is left of it after halving, for so many of its pixels a pixel: as small as is fine enough.
const cv::Mat &sakk_view::level(double ratio) {
    if (ratio <= 1.5) return frame;
    return ratio <= 3 ? levels->half() : levels->quarter();
}

/// A part of the raster taken from the capture, `finer` times as fine.
cv::Mat sakk_view::laid(cv::Rect place, const sakk_move &move, double finer) {
    const cv::Mat &from = level(scale / finer);
    double across = double(from.cols) / frame.cols, down = double(from.rows) / frame.rows;
    cv::Matx33d toSource(across, 0, across / 2 - 0.5, 0, down, down / 2 - 0.5, 0, 0, 1);
    // Counted from the part's corner, so that single precision is enough.
    cv::Matx33d corner(1, 0, place.x, 0, 1, place.y, 0, 0, 1);
    cv::Matx33f map(toSource * fromRaster * corner);
    int width = cvRound(place.width * finer), height = cvRound(place.height * finer);
    cv::Mat result(height, width, CV_8UC3);
    std::vector<float> xs(static_cast<size_t>(width)), ys(static_cast<size_t>(width));
    const double *mx = move.x, *my = move.y;
    // u is a straight line of the column.
    const double step = 1 / finer, begin = 0.5 / finer - 0.5;
    const double u0 = this->across(place.x + begin), du = this->across(step) - this->across(0);
    auto along = [&](const double *m, double fixed, double slope, float *row) {
        row[0] = float(fixed + slope * u0 + m[3] * u0 * u0);
        row[1] = float(slope * du + 2 * m[3] * u0 * du);
        row[2] = float(m[3] * du * du);
    };
    for (int row = 0; row < height; row++) {
        double y = (row + 0.5) / finer - 0.5, v = this->down(place.y + y);
        float first[3], second[3];
        along(mx, mx[0] + mx[2] * v + mx[5] * v * v, mx[1] + mx[4] * v, first);
        along(my, my[0] + my[2] * v + my[5] * v * v, my[1] + my[4] * v, second);
        first[0] += float(begin), first[1] += float(step), second[0] += float(y);
        sakk::placesOf(first, second, map.val, width, xs.data(), ys.data());
        sakk::sampleRow(from.data, from.step, from.cols, from.rows, xs.data(), ys.data(), width, result.ptr(row));
    }
    return result;
}

namespace {
/// Ink takes its share of the light of whatever paper it lies on.
void inked(const uint8_t *meant, const uint8_t *paper, int count, uint8_t *levels) {
    for (int i = 0; i < count; i++) {
        float share = std::min(float(meant[i]) / std::max(float(paper[i]), 1.0f), 1.2f);
        levels[i] = uint8_t(std::min(float(levels[i]) * share + 0.5f, 255.0f));
    }
}

cv::Rect partOf(const cv::Mat &stats, int k) {
    const int *at = stats.ptr<int>(k);
    return cv::Rect(at[cv::CC_STAT_LEFT], at[cv::CC_STAT_TOP], at[cv::CC_STAT_WIDTH], at[cv::CC_STAT_HEIGHT]);
}

/// Which parts of a box' ink are no writing of its own: those whose middle lies outside, but for a dot as dark as the writing at
/// the box' border; those that reach out of it and are fainter than what is written in it; and what stands in one line with such
/// a part and is as faint.
std::vector<bool> besideOf(
    const cv::Mat &dark, const cv::Mat &labels, const cv::Mat &stats, const cv::Mat &centres, int found, cv::Rect own) {
    std::vector<bool> isBeside(static_cast<size_t>(found), false), isFaint(isBeside);
    std::vector<double> depths(static_cast<size_t>(found), 0);
    double deepest = 0;
    for (int k = 1; k < found; k++) {
        const cv::Rect part = partOf(stats, k);
        cv::minMaxLoc(dark(part), nullptr, &depths[size_t(k)], nullptr, nullptr, labels(part) == k);
        isBeside[size_t(k)] = !own.contains(cv::Point(cvRound(centres.at<double>(k, 0)), cvRound(centres.at<double>(k, 1))));
        if ((part & own) == part) deepest = std::max(deepest, depths[size_t(k)]);
    }
    const int near = 4;
    const double dot = 0.6 * sakk::perMM;
    const cv::Rect around(own.x - near, own.y - near, own.width + 2 * near, own.height + 2 * near);
    std::vector<cv::Rect> lines;
    for (int k = 1; k < found; k++) {
        const cv::Rect part = partOf(stats, k);
        isFaint[size_t(k)] = depths[size_t(k)] < 0.85 * deepest;
        if ((part & own) == part) continue;
        if (isFaint[size_t(k)]) {
            isBeside[size_t(k)] = true;
            lines.push_back(part);
        } else if (std::max(part.width, part.height) < dot && (part & around).area() > 0) {
            isBeside[size_t(k)] = false;
        }
    }
    for (int k = 1; k < found; k++) {
        const cv::Rect part = partOf(stats, k);
        for (const cv::Rect &line : lines) {
            const int shared = std::min(part.br().y, line.br().y) - std::max(part.y, line.y);
            if (isFaint[size_t(k)] && 5 * shared >= 3 * part.height) isBeside[size_t(k)] = true;
        }
    }
    return isBeside;
}
}  // namespace

/// Of an artwork. Writing is what is much darker than its surroundings, a picture covers its box.
sakk_layer sakk_view::layerOf(const sakk_field &field) const {
    sakk_layer layer;
    const sakk_rect &r = field.place;
    layer.wide = cells(r, 1.2 * sakk::perMM), layer.box = cells(r, 0.3 * sakk::perMM);
    const cv::Rect &wide = layer.wide;
    if (wide.width < 12 || wide.height < 12) return layer;
    cv::Mat around = card(wide), gray, &ink = layer.ink;
    if (field.coloured) {
        ink = cv::Mat::zeros(wide.size(), CV_8U);
        cv::Rect inside = cells(r) - wide.tl();
        ink(inside) = 255;
    } else {
        cv::cvtColor(around, gray, cv::COLOR_RGB2GRAY);
        cv::Mat dark, light;
        cv::dilate(gray, light, cv::Mat::ones(9, 9, CV_8U));
        cv::blur(light, light, cv::Size(15, 15));
        cv::subtract(light, gray, dark);
        double most;
        cv::minMaxLoc(dark, nullptr, &most);
        cv::threshold(dark, ink, 0.5 * most, 255, cv::THRESH_BINARY);
        // What lies beside the box is the stock's, a caption for example, of which letters may reach in with most of them.
        cv::Mat labels, stats, centres;
        int found = cv::connectedComponentsWithStats(ink, labels, stats, centres);
        const cv::Rect own = cells(r) - wide.tl();
        const std::vector<bool> isBeside = besideOf(dark, labels, stats, centres, found, own);
        for (int k = 1; k < found; k++) {
            if (!isBeside[size_t(k)]) continue;
            const cv::Rect part = partOf(stats, k);
            ink(part).setTo(0, labels(part) == k);
            layer.strange.push_back(part + wide.tl());
        }
        cv::dilate(ink, ink, cv::Mat::ones(5, 5, CV_8U));
    }
    // Paper under the ink from what is beside it, which is coarse enough for it.
    const int coarse = 4;
    cv::Mat open, bare, weight, sums, weights;
    around.copyTo(layer.bare);
    cv::bitwise_not(ink, open);
    around.copyTo(bare, open);
    sakk::reduced(bare, coarse).convertTo(sums, CV_32F);
    sakk::reduced(open, coarse).convertTo(weight, CV_32F, 1 / 255.0);
    // Among the modules of a code no paper is open: there it is taken from further off.
    cv::Mat near = cv::Mat::zeros(sums.size(), CV_32FC3), nearWeight = cv::Mat::zeros(sums.size(), CV_32F), some;
    double share = 1;
    for (int reach : {7, 21, 63}) {
        cv::blur(sums, some, cv::Size(reach, reach), cv::Point(-1, -1), cv::BORDER_CONSTANT);
        cv::scaleAdd(some, share, near, near);
        cv::blur(weight, some, cv::Size(reach, reach), cv::Point(-1, -1), cv::BORDER_CONSTANT);
        cv::scaleAdd(some, share, nearWeight, nearWeight);
        share *= 1e-3;
    }
    nearWeight += 1e-9;
    cv::merge(std::vector<cv::Mat>{nearWeight, nearWeight, nearWeight}, weights);
    cv::divide(near, weights, sums);
    sums.convertTo(sums, CV_8U);
    cv::resize(sums, bare, around.size(), 0, 0, cv::INTER_LINEAR);
    bare.copyTo(layer.bare, ink);
    return layer;
}

sakk_vision_status sakk_view_layers(sakk_view *artwork, const sakk_field *fields, size_t count) {
    return sakk::guarded([&] {
        artwork->layers.clear();
        for (size_t i = 0; i < count; i++) artwork->layers.push_back(artwork->layerOf(fields[i]));
        return SAKK_VISION_OK;
    });
}

/// The print and the stock under it move apart: in the boxes, which lie as the print does, the stock's artwork is laid where
/// the stock is seen.
void sakk_view::compose(const sakk_view &artwork, const sakk_field *fields, size_t count) {
    meant = artwork.card.clone();
    beside = cv::Mat::zeros(size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        const sakk_layer &layer = artwork.layers[i];
        const sakk_rect &r = fields[i].place;
        double u = across(r.x + r.width / 2), v = down(r.y + r.height / 2);
        cv::Point2d apart = print.at(u, v) - stock.at(u, v);
        cv::Point2d end = print.at(across(r.x), v) - stock.at(across(r.x), v);
        if (std::max(std::hypot(apart.x, apart.y), std::hypot(end.x, end.y)) < 0.2) continue;
        const cv::Rect &wide = layer.wide, &box = layer.box;
        if (layer.bare.empty()) continue;
        const cv::Mat around = artwork.card(wide), &bare = layer.bare;
        // Where it is, and where it is seen among the print.
        const cv::Point by(cvRound(-apart.x), cvRound(-apart.y));
        for (const cv::Rect &part : layer.strange)
            for (cv::Point move : {cv::Point(), by}) {
                cv::Rect at(part.x + move.x - 3, part.y + move.y - 3, part.width + 6, part.height + 6);
                beside(at & cv::Rect(cv::Point(), size())) = 255;
            }
        cv::Mat moved(bare.size(), CV_8UC3);
        std::vector<float> xs(static_cast<size_t>(bare.cols)), ys(xs.size());
        // What lies between them is affine.
        double left = across(wide.x), top = down(wide.y), right = across(wide.br().x), bottom = down(wide.br().y);
        cv::Point2d corner = print.at(left, top) - stock.at(left, top);
        cv::Point2d along = (print.at(right, top) - stock.at(right, top) - corner) / wide.width;
        cv::Point2d downward = (print.at(left, bottom) - stock.at(left, bottom) - corner) / wide.height;
        for (int y = 0; y < bare.rows; y++) {
            for (int x = 0; x < bare.cols; x++) {
                xs[size_t(x)] = float(x + corner.x + along.x * x + downward.x * y);
                ys[size_t(x)] = float(y + corner.y + along.y * x + downward.y * y);
            }
            sakk::sampleRow(bare.data, bare.step, bare.cols, bare.rows, xs.data(), ys.data(), bare.cols, moved.ptr(y));
        }
        if (fields[i].coloured) {
            around.copyTo(moved, layer.ink);
        } else {
            for (int y = 0; y < moved.rows; y++) inked(around.ptr(y), bare.ptr(y), 3 * moved.cols, moved.ptr(y));
        }
        moved(box - wide.tl()).copyTo(meant(box));
    }
}

// Where the card lies in the frame, and the card laid on its raster.
#include "view.hpp"

#include <opencv2/calib3d.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace {
struct Edge {
    cv::Point2d point, direction;
};

double median(std::vector<double> values) {
    auto middle = values.begin() + values.size() / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double sample(const cv::Mat &gray, double x, double y) {
    int left = cvFloor(x), top = cvFloor(y);
    if (left < 0 || top < 0 || left + 1 >= gray.cols || top + 1 >= gray.rows) return -1;
    double u = x - left, v = y - top;
    const uint8_t *a = gray.ptr(top) + left, *b = gray.ptr(top + 1) + left;
    return (1 - v) * ((1 - u) * a[0] + u * a[1]) + v * ((1 - u) * b[0] + u * b[1]);
}

/// The coarse outline: the largest bright thing on a darker ground, clear of the frame's border.
bool outline(const cv::Mat &gray, double aspect, std::vector<cv::Point2d> &corners) {
    cv::Mat small, smooth, mask;
    double factor = std::max(1.0, gray.cols / 612.0);
    cv::resize(gray, small, cv::Size(cvRound(gray.cols / factor), cvRound(gray.rows / factor)), 0, 0, cv::INTER_AREA);
    cv::GaussianBlur(small, smooth, cv::Size(5, 5), 1.2);
    std::vector<double> border;
    for (int x = 0; x < smooth.cols; x += 2) {
        border.push_back(smooth.at<uint8_t>(1, x));
        border.push_back(smooth.at<uint8_t>(smooth.rows - 2, x));
    }
    std::vector<double> all;
    for (int y = 0; y < smooth.rows; y += 4)
        for (int x = 0; x < smooth.cols; x += 4) all.push_back(smooth.at<uint8_t>(y, x));
    double ground = median(border);
    std::nth_element(all.begin(), all.begin() + all.size() * 8 / 10, all.end());
    double bright = all[all.size() * 8 / 10];
    if (bright - ground < 20) return false;
    cv::threshold(smooth, mask, ground + 0.4 * (bright - ground), 255, cv::THRESH_BINARY);
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(5, 5, CV_8U));
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    if (contours.empty()) return false;
    auto &largest = *std::max_element(contours.begin(), contours.end(), [](auto &a, auto &b) {
        return cv::contourArea(a) < cv::contourArea(b);
    });
    cv::Rect bounds = cv::boundingRect(largest);
    if (bounds.x <= 1 || bounds.y <= 1 || bounds.br().x >= small.cols - 1 || bounds.br().y >= small.rows - 1) return false;
    cv::RotatedRect box = cv::minAreaRect(largest);
    double longer = std::max(box.size.width, box.size.height), shorter = std::min(box.size.width, box.size.height);
    if (shorter < 40 || std::abs(longer / shorter / aspect - 1) > 0.08) return false;
    if (cv::contourArea(largest) < 0.9 * longer * shorter) return false;
    cv::Point2f points[4];
    box.points(points);
    std::vector<cv::Point2d> found(points, points + 4);
    std::sort(found.begin(), found.end(), [](auto &a, auto &b) { return a.y < b.y; });
    if (found[0].x > found[1].x) std::swap(found[0], found[1]);
    if (found[2].x < found[3].x) std::swap(found[2], found[3]);
    for (auto &p : found) p = cv::Point2d((p.x + 0.5) * factor - 0.5, (p.y + 0.5) * factor - 0.5);
    if (found[1].x - found[0].x < found[3].y - found[0].y) return false;
    corners = found;
    return true;
}

/// One side, sub-pixel: where the brightness crosses half way between transport and card.
bool edge(const cv::Mat &gray, cv::Point2d from, cv::Point2d to, Edge &result, std::vector<double> &widths) {
    cv::Point2d along = to - from;
    double length = cv::norm(along);
    along /= length;
    cv::Point2d inward(-along.y, along.x);
    const int reach = std::max(10, cvRound(length * 0.012));
    std::vector<cv::Point2f> points;
    std::vector<double> profile(2 * reach + 1), rises;
    for (int i = 0; i < 200; i++) {
        cv::Point2d base = from + along * (length * (0.1 + 0.8 * i / 199));
        bool whole = true;
        for (int k = -reach; k <= reach; k++) {
            cv::Point2d p = base + inward * k;
            profile[k + reach] = sample(gray, p.x, p.y);
            whole = whole && profile[k + reach] >= 0;
        }
        if (!whole) continue;
        double low = (profile[0] + profile[1] + profile[2]) / 3;
        double high = (profile[2 * reach] + profile[2 * reach - 1] + profile[2 * reach - 2]) / 3;
        if (high - low < 25) continue;
        double half = (low + high) / 2, steepest = 0, crossing = 1e9;
        for (int k = 0; k < 2 * reach; k++) {
            if (crossing > 1e8 && profile[k] < half && profile[k + 1] >= half)
                crossing = k - reach + (half - profile[k]) / (profile[k + 1] - profile[k]);
            if (k + 2 <= 2 * reach) steepest = std::max(steepest, (profile[k + 2] - profile[k]) / 2);
        }
        if (crossing > 1e8) continue;
        points.push_back(base + inward * crossing);
        if (steepest > 0) rises.push_back((high - low) / steepest);
    }
    if (points.size() < 80) return false;
    cv::Vec4f line;
    for (int round = 0; round < 2; round++) {
        cv::fitLine(points, line, cv::DIST_HUBER, 0, 0.01, 0.01);
        std::vector<cv::Point2f> kept;
        for (auto &p : points)
            if (std::abs((p.x - line[2]) * -line[1] + (p.y - line[3]) * line[0]) < 2) kept.push_back(p);
        if (kept.size() < 60) return false;
        points = kept;
    }
    result = {cv::Point2d(line[2], line[3]), cv::Point2d(line[0], line[1])};
    widths.insert(widths.end(), rises.begin(), rises.end());
    return true;
}

cv::Point2d crossing(const Edge &a, const Edge &b) {
    double cross = a.direction.x * b.direction.y - a.direction.y * b.direction.x;
    cv::Point2d gap = b.point - a.point;
    double along = (gap.x * b.direction.y - gap.y * b.direction.x) / cross;
    return a.point + a.direction * along;
}

void measureLight(const sakk_view &view, sakk_view_info &info) {
    cv::Rect card = view.inner(2);
    std::vector<size_t> histogram(256);
    size_t saturated = 0, total = 0;
    for (int y = card.y; y < card.br().y; y += 2)
        for (int x = card.x; x < card.br().x; x += 2) {
            auto p = view.card.at<cv::Vec3b>(y, x);
            saturated += std::max({p[0], p[1], p[2]}) >= 253;
            histogram[(p[0] * 3 + p[1] * 6 + p[2]) / 10]++;
            total++;
        }
    size_t seen = 0;
    int level = 0;
    while (level < 255 && (seen += histogram[level]) < total * 95 / 100) level++;
    info.bright = level;
    info.saturated = double(saturated) / double(total);
}

/// Null when the bytes do not fill the size, or the raster cannot hold its document.
std::unique_ptr<sakk_view> opened(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_raster raster) {
    // One thread a card: cells run beside each other, and threads that wait for work cost more than they save.
    static const bool alone = (cv::setNumThreads(1), true);
    (void)alone;
    if (!pixels || width < 400 || height < 240 || width > 16384 || height > 16384) return nullptr;
    if (raster.width < 400 || raster.height < 240 || raster.width > 4096 || raster.height > 4096) return nullptr;
    if (!(raster.width_mm > 20 && raster.height_mm > 20)) return nullptr;
    if (raster.width_mm * sakk::perMM > raster.width + 1 || raster.height_mm * sakk::perMM > raster.height + 1)
        return nullptr;
    size_t bytes = size_t(width) * size_t(height) * (format == SAKK_FRAME_RGB ? 3 : 1);
    if (count != bytes) return nullptr;
    auto view = std::make_unique<sakk_view>();
    view->raster = raster;
    auto *data = const_cast<uint8_t *>(pixels);
    switch (format) {
    // GenICam's RG is R G / G B; OpenCV's older name for the same mosaic is BG.
    case SAKK_FRAME_BAYER_RG:
        cv::cvtColor(cv::Mat(height, width, CV_8UC1, data), view->frame, cv::COLOR_BayerRGGB2RGB);
        break;
    case SAKK_FRAME_RGB: cv::Mat(height, width, CV_8UC3, data).copyTo(view->frame); break;
    case SAKK_FRAME_MONO:
        cv::cvtColor(cv::Mat(height, width, CV_8UC1, data), view->frame, cv::COLOR_GRAY2RGB);
        break;
    default: return nullptr;
    }
    return view;
}

/// Puts the document with these corners, clockwise from its top left, on the raster.
void lay(sakk_view &view, const std::vector<cv::Point2d> &corners, sakk_view_info &info) {
    for (size_t i = 0; i < 4; i++) {
        info.corners[2 * i] = corners[i].x;
        info.corners[2 * i + 1] = corners[i].y;
    }
    const sakk_raster &raster = view.raster;
    cv::Point2d top = corners[1] - corners[0];
    info.turn_degrees = std::atan2(top.y, top.x) * 180 / CV_PI;
    info.scale = cv::norm(top) / raster.width_mm;
    double w = 2 * raster.width, h = 2 * raster.height;
    double across = raster.width_mm * 600 / 25.4, down = raster.height_mm * 600 / 25.4;
    float left = float((w - across) / 2 - 0.5), upper = float((h - down) / 2 - 0.5);
    float right = float((w + across) / 2 - 0.5), lower = float((h + down) / 2 - 0.5);
    std::vector<cv::Point2f> target{{left, upper}, {right, upper}, {right, lower}, {left, lower}}, seen;
    for (auto &p : corners) seen.emplace_back(p);
    view.fromFine = cv::Matx33d(cv::getPerspectiveTransform(target, seen));
    view.alignment = cv::Matx33d::eye();
    view.sketch(info.scale);
    measureLight(view, info);
}
}  // namespace

void sakk_view::setCard(const cv::Mat &picture) {
    card = picture;
    gray = sakk::grayOf(picture);
}

/// Good enough to see which side it is: laid on 300 dpi, from half the frame where `scale`, its pixels a millimetre,
/// leaves enough.
void sakk_view::sketch(double scale) {
    cv::Mat half, coarse;
    if (scale > 1.5 * sakk::perMM)
        cv::resize(frame, half, cv::Size(frame.cols / 2, frame.rows / 2), 0, 0, cv::INTER_AREA);
    else
        half = frame;
    double across = double(half.cols) / frame.cols, down = double(half.rows) / frame.rows;
    cv::Matx33d toHalf(across, 0, across / 2 - 0.5, 0, down, down / 2 - 0.5, 0, 0, 1), twice(2, 0, 0.5, 0, 2, 0.5, 0, 0, 1);
    cv::warpPerspective(
        half, coarse, toHalf * fromFine * twice, size(),
        cv::INTER_LINEAR | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
    setCard(coarse);
}

void sakk_view::warp() {
    // A 600 dpi index is twice the 300 dpi one plus a half: both count from the middle of the first pixel.
    cv::Matx33d half(0.5, 0, -0.25, 0, 0.5, -0.25, 0, 0, 1), twice(2, 0, 0.5, 0, 2, 0.5, 0, 0, 1);
    cv::Matx33d map = fromFine * twice * alignment * half;
    cv::warpPerspective(
        frame, fine, map, size() * 2, cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
        cv::BORDER_REPLICATE);
    cv::Mat coarse;
    cv::resize(fine, coarse, size(), 0, 0, cv::INTER_AREA);
    setCard(coarse);
}

sakk_vision_status sakk_view_open(
    const uint8_t *pixels, size_t count, int width, int height, sakk_frame_format format, sakk_raster raster,
    sakk_view **result, sakk_view_info *info) {
    return sakk::guarded([&] {
        *info = {};
        auto view = opened(pixels, count, width, height, format, raster);
        if (!view) return SAKK_VISION_BAD_FRAME;
        const double aspect = raster.width_mm / raster.height_mm;
        cv::Mat gray;
        cv::cvtColor(view->frame, gray, cv::COLOR_RGB2GRAY);
        std::vector<cv::Point2d> corners;
        if (!outline(gray, aspect, corners)) {
            // A dark document on a bright ground: the edges rise the other way.
            cv::bitwise_not(gray, gray);
            if (!outline(gray, aspect, corners)) return SAKK_VISION_NO_CARD;
        }
        for (int round = 0; round < 2; round++) {
            Edge edges[4];
            std::vector<double> widths;
            for (int i = 0; i < 4; i++)
                if (!edge(gray, corners[i], corners[(i + 1) % 4], edges[i], widths)) return SAKK_VISION_NO_CARD;
            for (int i = 0; i < 4; i++) corners[i] = crossing(edges[(i + 3) % 4], edges[i]);
            if (widths.empty()) return SAKK_VISION_NO_CARD;
            info->edge_width = median(widths);
        }
        lay(*view, corners, *info);
        *result = view.release();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_open_flat(
    const uint8_t *pixels, size_t count, int width, int height, sakk_rect place, sakk_raster raster, sakk_view **result,
    sakk_view_info *info) {
    return sakk::guarded([&] {
        *info = {};
        auto view = opened(pixels, count, width, height, SAKK_FRAME_RGB, raster);
        if (!view || !(place.width >= 100 && place.height >= 60)) return SAKK_VISION_BAD_FRAME;
        double left = place.x - 0.5, upper = place.y - 0.5, right = left + place.width, lower = upper + place.height;
        lay(*view, {{left, upper}, {right, upper}, {right, lower}, {left, lower}}, *info);
        *result = view.release();
        return SAKK_VISION_OK;
    });
}

void sakk_view_close(sakk_view *view) { delete view; }

sakk_vision_status sakk_view_picture(const sakk_view *view, uint8_t *rgb) {
    return sakk::guarded([&] {
        cv::Mat target(view->size(), CV_8UC3, rgb);
        view->card.copyTo(target);
        return SAKK_VISION_OK;
    });
}

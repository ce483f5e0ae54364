// The document looked for by what is drawn on it: on a ground that it does not stand out from, or with no ground at all.
#include "view.hpp"
#include "wide.hpp"

#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace {
/// Grey, its longer side about `longest`; `factor` is pixels of the whole picture a pixel of it.
cv::Mat sketchOf(const cv::Mat &rgb, cv::Size whole, double longest, double &factor) {
    factor = std::max(1.0, std::max(whole.width, whole.height) / longest);
    cv::Mat small, gray;
    cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
    cv::resize(gray, small, cv::Size(cvRound(whole.width / factor), cvRound(whole.height / factor)), 0, 0, cv::INTER_AREA);
    return small;
}

bool isDocument(const std::vector<cv::Point2f> &corners, const cv::Size &picture, double aspect) {
    std::vector<cv::Point2f> hull;
    cv::convexHull(corners, hull);
    if (hull.size() != 4) return false;
    double area = cv::contourArea(corners, true);
    if (area < 0) area = -area;
    if (area < 0.04 * picture.area() || area > 1.7 * picture.area()) return false;
    double top = cv::norm(corners[1] - corners[0]), bottom = cv::norm(corners[2] - corners[3]);
    double left = cv::norm(corners[3] - corners[0]), right = cv::norm(corners[2] - corners[1]);
    double across = (top + bottom) / 2, down = (left + right) / 2;
    if (std::abs(across / down / aspect - 1) > 0.12) return false;
    return std::abs(top - bottom) < 0.15 * across && std::abs(left - right) < 0.15 * down;
}

/// The document's corners by pairs of points, of which `good` says which agree. How far the document leans is only
/// believed as far as the pairs say: on a side that is drawn on in one corner they say little.
std::vector<cv::Point2f> placedBy(
    const std::vector<cv::Point2f> &from, const std::vector<cv::Point2f> &to, const cv::Mat &good, cv::Size size,
    const std::vector<cv::Point2f> &document) {
    const double half = size.width / 2.0, middle = size.height / 2.0;
    // Of one pair's place, and of the lean of a document under a camera, in halves of its width.
    const double noise = 0.6 / half, lean = 0.02;
    cv::Point2d origin;
    double n = 0;
    for (size_t i = 0; i < to.size(); i++)
        if (good.at<uint8_t>(int(i))) origin += cv::Point2d(to[i]), n++;
    origin *= 1 / std::max(n, 1.0);
    cv::Matx<double, 8, 8> normal = cv::Matx<double, 8, 8>::zeros();
    cv::Matx<double, 8, 1> right = cv::Matx<double, 8, 1>::zeros(), h;
    auto add = [&](const double *row, double value) {
        for (int r = 0; r < 8; r++) {
            right(r) += row[r] * value;
            for (int c = 0; c < 8; c++) normal(r, c) += row[r] * row[c];
        }
    };
    for (size_t i = 0; i < from.size(); i++) {
        if (!good.at<uint8_t>(int(i))) continue;
        double x = (from[i].x - half) / half, y = (from[i].y - middle) / half;
        double u = (to[i].x - origin.x) / half, v = (to[i].y - origin.y) / half;
        const double first[8] = {x, y, 1, 0, 0, 0, -x * u, -y * u}, second[8] = {0, 0, 0, x, y, 1, -x * v, -y * v};
        add(first, u);
        add(second, v);
    }
    for (int r = 0; r < 8; r++) normal(r, r) += r < 6 ? 1e-9 : (noise / lean) * (noise / lean);
    h = normal.solve(right, cv::DECOMP_CHOLESKY);
    std::vector<cv::Point2f> placed;
    for (auto &p : document) {
        double x = (p.x - half) / half, y = (p.y - middle) / half, w = 1 + h(6) * x + h(7) * y;
        placed.emplace_back(
            float((h(0) * x + h(1) * y + h(2)) / w * half + origin.x),
            float((h(3) * x + h(4) * y + h(5)) / w * half + origin.y));
    }
    return placed;
}

double levelAt(const cv::Mat &rgb, double x, double y, int c) {
    int left = cvFloor(x), top = cvFloor(y);
    double u = x - left, v = y - top;
    const uint8_t *a = rgb.ptr(top) + 3 * left + c, *b = rgb.ptr(top + 1) + 3 * left + c;
    return (1 - v) * ((1 - u) * a[0] + u * a[3]) + v * ((1 - u) * b[0] + u * b[3]);
}

/// One edge near where it is looked for, by the first step from outside; the ground is what lies just outside of it.
/// Points on it in the frame and the lengths over which it rises.
bool edgeNear(
    const cv::Mat &frame, cv::Point2d from, cv::Point2d to, int reach, cv::Point2d &point, cv::Point2d &direction,
    std::vector<double> &widths) {
    cv::Point2d along = to - from;
    double length = cv::norm(along);
    along /= length;
    cv::Point2d inward(-along.y, along.x);
    const int tries = 120, span = 2 * reach + 1;
    std::vector<cv::Point2f> points;
    std::vector<double> rises;
    for (int i = 0; i < tries; i++) {
        cv::Point2d base = from + along * (length * (0.08 + 0.84 * i / (tries - 1)));
        cv::Point2d first = base - inward * reach, last = base + inward * reach;
        auto isIn = [&](cv::Point2d p) { return p.x >= 1 && p.y >= 1 && p.x < frame.cols - 2 && p.y < frame.rows - 2; };
        if (!isIn(first) || !isIn(last)) continue;
        std::vector<double> profile(static_cast<size_t>(span), 0.0);
        std::vector<cv::Vec3d> levels(static_cast<size_t>(span));
        for (int k = 0; k < span; k++) {
            cv::Point2d p = first + inward * k;
            // A ground of cloth or wood is evened out along the edge.
            int used = 0;
            for (int side = -6; side <= 6; side += 2) {
                cv::Point2d q = p + along * side;
                if (!isIn(q)) continue;
                for (int c = 0; c < 3; c++) levels[size_t(k)][c] += levelAt(frame, q.x, q.y, c);
                used++;
            }
            levels[size_t(k)] *= 1.0 / std::max(used, 1);
        }
        // Steps over three pixels, in the channel that shows the greatest.
        const int step = 3;
        double most = 0, noise = 0;
        std::vector<double> rests;
        for (int k = 0; k + step < span; k++) {
            for (int c = 0; c < 3; c++)
                profile[size_t(k)] = std::max(profile[size_t(k)], std::abs(levels[size_t(k + step)][c] - levels[size_t(k)][c]));
            most = std::max(most, profile[size_t(k)]);
            if (k < reach / 2) rests.push_back(profile[size_t(k)]);
        }
        noise = sakk::median(rests);
        double least = std::max({5.0, 5 * noise, 0.4 * most});
        int at = -1;
        for (int k = 1; k + step + 1 < span && at < 0; k++)
            if (profile[size_t(k)] >= least && profile[size_t(k)] >= profile[size_t(k - 1)] && profile[size_t(k)] >= profile[size_t(k + 1)])
                at = k;
        if (at < 0) continue;
        // The middle of the step.
        double sum = 0, weighted = 0, rise = 0;
        for (int k = std::max(at - 3, 0); k <= std::min(at + 3, span - step - 1); k++) {
            sum += profile[size_t(k)], weighted += profile[size_t(k)] * (k + step / 2.0);
            rise = std::max(rise, profile[size_t(k)] / step);
        }
        points.push_back(first + inward * (weighted / sum));
        int low = std::max(at - 4, 0), high = std::min(at + step + 4, span - 1);
        double height = 0;
        for (int c = 0; c < 3; c++)
            height = std::max(height, std::abs(levels[size_t(high)][c] - levels[size_t(low)][c]));
        if (rise > 0) rises.push_back(height / rise);
    }
    if (points.size() < tries / 3) return false;
    cv::Vec4f line;
    size_t all = points.size();
    // A lens bends them by some pixels.
    for (double tolerance : {8.0, 4.0, 2.5}) {
        cv::fitLine(points, line, cv::DIST_HUBER, 0, 0.01, 0.01);
        std::vector<cv::Point2f> kept;
        for (auto &p : points)
            if (std::abs((p.x - line[2]) * -line[1] + (p.y - line[3]) * line[0]) < tolerance) kept.push_back(p);
        if (kept.size() < all * 40 / 100 || kept.size() < tries / 4) return false;
        points = kept;
    }
    cv::fitLine(points, line, cv::DIST_HUBER, 0, 0.01, 0.01);
    point = cv::Point2d(line[2], line[3]);
    direction = cv::Point2d(line[0], line[1]);
    widths.insert(widths.end(), rises.begin(), rises.end());
    return true;
}

/// The card's own edges where they are seen; false where they are not, or are another shape than the document's.
bool refine(const cv::Mat &frame, std::vector<cv::Point2d> &corners, double scale, double aspect, double &width) {
    cv::Point2d points[4], directions[4];
    std::vector<double> widths;
    const int reach = std::max(8, cvRound(1.6 * scale));
    for (size_t i = 0; i < 4; i++)
        if (!edgeNear(frame, corners[i], corners[(i + 1) % 4], reach, points[i], directions[i], widths)) return false;
    std::vector<cv::Point2d> found(4);
    for (size_t i = 0; i < 4; i++) {
        size_t before = (i + 3) % 4;
        double cross = directions[before].x * directions[i].y - directions[before].y * directions[i].x;
        if (std::abs(cross) < 0.5) return false;
        cv::Point2d gap = points[i] - points[before];
        found[i] = points[before] + directions[before] * ((gap.x * directions[i].y - gap.y * directions[i].x) / cross);
    }
    auto length = [](const std::vector<cv::Point2d> &c, size_t i) { return cv::norm(c[(i + 1) % 4] - c[i]); };
    for (size_t i = 0; i < 4; i++)
        if (std::abs(length(found, i) / length(corners, i) - 1) > 0.006) return false;
    double shape = (length(found, 0) + length(found, 2)) / (length(found, 1) + length(found, 3));
    if (std::abs(shape / aspect - 1) > 0.02) return false;
    corners = found;
    width = sakk::median(widths);
    return true;
}
}  // namespace

sakk_vision_status sakk_view_seek(
    const sakk_frame *frame, sakk_raster raster, const uint8_t *artwork, sakk_view **result, sakk_view_info *info) {
    return sakk::guarded([&] {
        *info = {};
        auto view = sakk::opened(*frame, raster);
        if (!view) return SAKK_VISION_BAD_FRAME;
        double factor, own;
        const cv::Mat picture = view->artwork(artwork);
        const bool isLarge = std::max(view->frame.cols, view->frame.rows) > 2000;
        cv::Mat seen = sketchOf(isLarge ? view->levels->half() : view->frame, view->frame.size(), 1000, factor);
        cv::Mat known = sketchOf(picture, picture.size(), 760, own);
        auto features = cv::ORB::create(1700, 1.2f, 8, 20, 0, 2, cv::ORB::HARRIS_SCORE, 31, 8);
        auto fewer = cv::ORB::create(1200, 1.2f, 8, 20, 0, 2, cv::ORB::HARRIS_SCORE, 31, 8);
        std::vector<cv::KeyPoint> there, here;
        cv::Mat seenWords, knownWords;
        features->detectAndCompute(seen, cv::noArray(), there, seenWords);
        fewer->detectAndCompute(known, cv::noArray(), here, knownWords);
        if (there.size() < 20 || here.size() < 20) return SAKK_VISION_NO_CARD;
        CV_Assert(knownWords.cols == 32 && knownWords.isContinuous() && seenWords.cols == 32 && seenWords.isContinuous());
        std::vector<cv::Point2f> from, to;
        for (int i = 0; i < knownWords.rows; i++) {
            int nearest, distance, next;
            sakk::nearestWords(knownWords.ptr(i), seenWords.data, seenWords.rows, &nearest, &distance, &next);
            if (float(distance) > 0.82f * float(next) || distance > 64) continue;
            from.push_back(here[size_t(i)].pt);
            to.push_back(there[size_t(nearest)].pt);
        }
        if (from.size() < 12) return SAKK_VISION_NO_CARD;
        cv::Mat good;
        cv::Mat found = cv::findHomography(from, to, cv::RANSAC, 3.0, good, 1500, 0.999);
        if (found.empty() || cv::countNonZero(good) < std::max(12, int(from.size() / 8))) return SAKK_VISION_NO_CARD;
        double w = raster.width, h = raster.height;
        double across = raster.width_mm * sakk::perMM, down = raster.height_mm * sakk::perMM;
        auto index = [&](double x, double y) {
            return cv::Point2f(float((x + 0.5) / own - 0.5), float((y + 0.5) / own - 0.5));
        };
        double left = (w - across) / 2 - 0.5, upper = (h - down) / 2 - 0.5;
        std::vector<cv::Point2f> document{
            index(left, upper), index(left + across, upper), index(left + across, upper + down), index(left, upper + down)};
        std::vector<cv::Point2f> placed = placedBy(from, to, good, known.size(), document);
        double aspect = raster.width_mm / raster.height_mm;
        if (!isDocument(placed, seen.size(), aspect)) return SAKK_VISION_NO_CARD;
        std::vector<cv::Point2d> corners;
        for (auto &p : placed) corners.emplace_back((p.x + 0.5) * factor - 0.5, (p.y + 0.5) * factor - 0.5);
        sakk::layCorners(*view, corners, *info);
        sakk::nudge(*view, picture, corners, *info);
        double scale = cv::norm(corners[1] - corners[0]) / raster.width_mm, edge = 0;
        info->by_drawing = !refine(view->frame, corners, scale, aspect, edge);
        info->edge_width = edge;
        if (!info->by_drawing) sakk::layCorners(*view, corners, *info);
        *result = view.release();
        return SAKK_VISION_OK;
    });
}

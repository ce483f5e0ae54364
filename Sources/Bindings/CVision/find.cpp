// Where the card lies in the frame, and the card laid on its raster.
#include "view.hpp"

#include <opencv2/calib3d.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

namespace {
struct Edge {
    cv::Point2d point, direction;
};

/// What the picture shows around the document: a plane a channel, in levels over the frame's pixels.
struct Ground {
    double plane[3][3] = {};  // constant, a pixel across, a pixel down
    double spread = 0;

    double difference(double x, double y, const double *rgb) const {
        double most = 0;
        for (int c = 0; c < 3; c++)
            most = std::max(most, std::abs(rgb[c] - plane[c][0] - plane[c][1] * x - plane[c][2] * y));
        return most;
    }

    /// The same where the ground may lie in the document's shadow, which takes the same share of every channel.
    double inShadow(double x, double y, const double *rgb) const {
        double level[3], product = 0, square = 1e-9, most = 0;
        for (int c = 0; c < 3; c++) {
            level[c] = plane[c][0] + plane[c][1] * x + plane[c][2] * y;
            product += level[c] * rgb[c];
            square += level[c] * level[c];
        }
        const double share = std::clamp(product / square, 0.15, 1.0);
        for (int c = 0; c < 3; c++) most = std::max(most, std::abs(rgb[c] - share * level[c]));
        return most;
    }
};

/// Fitted to the picture's border, of which a part may show something else.
Ground groundOf(const cv::Mat &small, double factor) {
    std::vector<cv::Point> places;
    const int rim = 3;
    for (int x = rim; x < small.cols - rim; x += 4) {
        places.emplace_back(x, rim);
        places.emplace_back(x, small.rows - 1 - rim);
    }
    for (int y = rim; y < small.rows - rim; y += 4) {
        places.emplace_back(rim, y);
        places.emplace_back(small.cols - 1 - rim, y);
    }
    Ground ground;
    std::vector<double> rests(places.size()), weights(places.size(), 1);
    for (int round = 0; round < 5; round++) {
        std::vector<double> most(places.size(), 0);
        for (int c = 0; c < 3; c++) {
            cv::Matx33d normal = cv::Matx33d::zeros();
            cv::Vec3d right;
            for (size_t i = 0; i < places.size(); i++) {
                const double row[3] = {1, places[i].x * factor, places[i].y * factor};
                double level = small.at<cv::Vec3b>(places[i])[c];
                for (int r = 0; r < 3; r++) {
                    right[r] += weights[i] * row[r] * level;
                    for (int k = 0; k < 3; k++) normal(r, k) += weights[i] * row[r] * row[k];
                }
            }
            for (int r = 0; r < 3; r++) normal(r, r) *= 1 + 1e-9;
            cv::Vec3d solution = normal.solve(right, cv::DECOMP_SVD);
            for (int r = 0; r < 3; r++) ground.plane[c][r] = solution[r];
            for (size_t i = 0; i < places.size(); i++) {
                double fit = solution[0] + solution[1] * places[i].x * factor + solution[2] * places[i].y * factor;
                most[i] = std::max(most[i], std::abs(small.at<cv::Vec3b>(places[i])[c] - fit));
            }
        }
        ground.spread = std::max(sakk::median(most), 0.7);
        double scale = 5 * ground.spread;
        for (size_t i = 0; i < places.size(); i++) {
            double u = most[i] / scale;
            weights[i] = u >= 1 ? 1e-6 : (1 - u * u) * (1 - u * u);
        }
    }
    return ground;
}

/// The four corners of what stands out from the ground by `level`, clockwise, the first edge a long one and the first
/// corner the upper left one of the frame (or the lower left one, where the long edges stand upright).
bool outline(const cv::Mat &apart, double level, double aspect, double factor, std::vector<cv::Point2d> &corners) {
    cv::Mat mask;
    cv::threshold(apart, mask, level, 255, cv::THRESH_BINARY);
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::Mat::ones(3, 3, CV_8U));
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(7, 7, CV_8U));
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
    if (contours.empty()) return false;
    auto &largest = *std::max_element(contours.begin(), contours.end(), [](auto &a, auto &b) {
        return cv::contourArea(a) < cv::contourArea(b);
    });
    cv::Rect bounds = cv::boundingRect(largest);
    if (bounds.x <= 1 || bounds.y <= 1 || bounds.br().x >= mask.cols - 1 || bounds.br().y >= mask.rows - 1) return false;
    std::vector<cv::Point> hull;
    cv::convexHull(largest, hull);
    cv::RotatedRect box = cv::minAreaRect(hull);
    double longer = std::max(box.size.width, box.size.height), shorter = std::min(box.size.width, box.size.height);
    if (shorter < 40 || std::abs(longer / shorter / aspect - 1) > 0.10) return false;
    if (cv::contourArea(hull) < 0.88 * longer * shorter || cv::contourArea(largest) < 0.75 * longer * shorter) return false;
    cv::Point2f points[4];
    box.points(points);
    std::vector<cv::Point2d> found(points, points + 4);
    cv::Point2d centre = (found[0] + found[1] + found[2] + found[3]) * 0.25;
    std::sort(found.begin(), found.end(), [&](auto &a, auto &b) {
        return std::atan2(a.y - centre.y, a.x - centre.x) < std::atan2(b.y - centre.y, b.x - centre.x);
    });
    // Clockwise on the screen. The long edge that points most to the right is the upper one.
    int first = 0;
    double best = -2;
    for (int i = 0; i < 4; i++) {
        cv::Point2d edge = found[size_t(i + 1) % 4] - found[size_t(i)];
        double length = cv::norm(edge);
        if (length < 0.8 * longer) continue;
        double right = edge.x / length - 1e-3 * edge.y / length;
        if (right > best) best = right, first = i;
    }
    corners.clear();
    for (int i = 0; i < 4; i++) {
        cv::Point2d p = found[size_t(first + i) % 4];
        corners.emplace_back((p.x + 0.5) * factor - 0.5, (p.y + 0.5) * factor - 0.5);
    }
    return true;
}

/// How far a place of the frame differs from the ground, and from the ground in a shadow; negative outside the frame.
double sample(const cv::Mat &frame, const Ground &ground, double x, double y, double &inShadow) {
    int left = cvFloor(x), top = cvFloor(y);
    if (left < 0 || top < 0 || left + 1 >= frame.cols || top + 1 >= frame.rows) return -1;
    double u = x - left, v = y - top, rgb[3];
    const uint8_t *a = frame.ptr(top) + 3 * left, *b = frame.ptr(top + 1) + 3 * left;
    for (int c = 0; c < 3; c++)
        rgb[c] = (1 - v) * ((1 - u) * a[c] + u * a[c + 3]) + v * ((1 - u) * b[c] + u * b[c + 3]);
    inShadow = ground.inShadow(x, y, rgb);
    return ground.difference(x, y, rgb);
}

/// One side, sub-pixel: where the picture is half way between ground and card.
bool edge(
    const cv::Mat &frame, const Ground &ground, cv::Point2d from, cv::Point2d to, double share, int tries, Edge &result,
    std::vector<double> &widths) {
    cv::Point2d along = to - from;
    double length = cv::norm(along);
    along /= length;
    cv::Point2d inward(-along.y, along.x);
    const int reach = std::max(8, cvRound(length * share));
    std::vector<cv::Point2f> points;
    std::vector<double> profile(size_t(2 * reach + 1)), shaded(profile.size()), rises;
    for (int i = 0; i < tries; i++) {
        cv::Point2d base = from + along * (length * (0.08 + 0.84 * i / (tries - 1)));
        bool whole = true;
        for (int k = -reach; k <= reach; k++) {
            cv::Point2d p = base + inward * k;
            double level = sample(frame, ground, p.x, p.y, shaded[size_t(k + reach)]);
            profile[size_t(k + reach)] = level;
            whole = whole && level >= 0;
        }
        if (!whole) continue;
        auto highest = [&](const std::vector<double> &levels) {
            double high = 0;
            for (int k = 0; k + 2 <= 2 * reach; k++) high = std::max(high, std::min(levels[size_t(k)], levels[size_t(k + 2)]));
            return high;
        };
        // The first level behind the rise, not what the artwork does further in.
        double high = highest(profile), without = highest(shaded);
        // A document that no shadow explains ends where its shadow begins.
        if (without > 0.6 * high) std::swap(profile, shaded), high = without;
        double low = (profile[0] + profile[1] + profile[2]) / 3;
        double least = std::max(10.0, 5 * ground.spread);
        if (high - low < least) continue;
        // A shadow rises slowly, an edge within a few pixels.
        const int window = std::max(4, reach / 3);
        int at = -1, behind = 0;
        double first = 0;
        for (int k = 0; k < 2 * reach && at < 0; k++) {
            const double rise = profile[size_t(k)] + 0.4 * least;
            if (profile[size_t(k + 1)] < rise && profile[size_t(std::min(k + 2, 2 * reach))] < rise) continue;
            behind = std::min(k + window, 2 * reach);
            first = *std::max_element(profile.begin() + k, profile.begin() + behind + 1);
            if (first - profile[size_t(k)] >= least) at = k, low = profile[size_t(k)];
        }
        if (at < 0) continue;
        double half = (low + first) / 2, steepest = 0, crossing = 1e9;
        for (int k = std::max(at - 2, 0); k < behind; k++) {
            if (crossing > 1e8 && profile[size_t(k)] < half && profile[size_t(k + 1)] >= half)
                crossing = k - reach + (half - profile[size_t(k)]) / (profile[size_t(k + 1)] - profile[size_t(k)]);
            if (k + 2 <= 2 * reach) steepest = std::max(steepest, (profile[size_t(k + 2)] - profile[size_t(k)]) / 2);
        }
        if (crossing > 1e8) continue;
        points.push_back(base + inward * crossing);
        if (steepest > 0) rises.push_back((first - low) / steepest);
    }
    if (points.size() < size_t(tries) / 3) return false;
    cv::Vec4f line;
    for (double tolerance : {4.0, 2.0, 1.5}) {
        cv::fitLine(points, line, cv::DIST_HUBER, 0, 0.01, 0.01);
        std::vector<cv::Point2f> kept;
        for (auto &p : points)
            if (std::abs((p.x - line[2]) * -line[1] + (p.y - line[3]) * line[0]) < tolerance) kept.push_back(p);
        if (kept.size() < size_t(tries) / 4) return false;
        points = kept;
    }
    cv::fitLine(points, line, cv::DIST_HUBER, 0, 0.01, 0.01);
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
    card = cv::Rect(card.x / 2, card.y / 2, card.width / 2, card.height / 2);
    std::vector<size_t> histogram(256);
    size_t saturated = 0, total = 0;
    for (int y = card.y; y < card.br().y; y++)
        for (int x = card.x; x < card.br().x; x++) {
            auto p = view.small.at<cv::Vec3b>(y, x);
            saturated += std::max({p[0], p[1], p[2]}) >= 253;
            histogram[size_t(p[0] * 3 + p[1] * 6 + p[2]) / 10]++;
            total++;
        }
    size_t seen = 0;
    int level = 0;
    while (level < 255 && (seen += histogram[size_t(level)]) < total * 95 / 100) level++;
    info.bright = level;
    info.saturated = double(saturated) / double(std::max<size_t>(total, 1));
}

}  // namespace

void sakk::place(sakk_view &view, const std::vector<cv::Point2d> &corners) {
    const sakk_raster &raster = view.raster;
    double w = raster.width, h = raster.height;
    double across = raster.width_mm * sakk::perMM, down = raster.height_mm * sakk::perMM;
    float left = float((w - across) / 2 - 0.5), upper = float((h - down) / 2 - 0.5);
    float right = float((w + across) / 2 - 0.5), lower = float((h + down) / 2 - 0.5);
    std::vector<cv::Point2f> target{{left, upper}, {right, upper}, {right, lower}, {left, lower}}, seen;
    for (auto &p : corners) seen.emplace_back(p);
    view.fromRaster = cv::Matx33d(cv::getPerspectiveTransform(target, seen));
    view.stock = view.print = sakk_move();
    view.scale = cv::norm(corners[1] - corners[0]) / raster.width_mm / sakk::perMM;
}

void sakk::layCorners(sakk_view &view, const std::vector<cv::Point2d> &corners, sakk_view_info &info) {
    for (size_t i = 0; i < 4; i++) {
        info.corners[2 * i] = corners[i].x;
        info.corners[2 * i + 1] = corners[i].y;
    }
    cv::Point2d top = corners[1] - corners[0];
    info.turn_degrees = std::atan2(top.y, top.x) * 180 / CV_PI;
    info.scale = cv::norm(top) / view.raster.width_mm;
    place(view, corners);
    view.sketch();
    measureLight(view, info);
}
void sakk_view::setCard(const cv::Mat &picture) {
    card = picture;
    gray = sakk::grayOf(picture);
    halfCard = cv::Mat();
}

/// With what is left of the card.
void sakk_view::setKnown(const cv::Mat &picture) {
    known = picture;
    halfKnown = cv::Mat();
    cv::subtract(card, known, rest, cv::noArray(), CV_16S);
}

const cv::Mat &sakk_view::cardHalved() const {
    if (halfCard.empty()) halfCard = sakk::reduced(card, 2);
    return halfCard;
}

const cv::Mat &sakk_view::knownHalved() const {
    if (halfKnown.empty()) halfKnown = sakk::reduced(known, 2);
    return halfKnown;
}

/// Good enough to see which side it is: laid by the card's edges alone.
void sakk_view::sketch() {
    small = laid(cv::Rect(0, 0, size().width / 2 * 2, size().height / 2 * 2), sakk_move(), 0.5);
}

sakk_vision_status sakk_view_open(
    const sakk_frame *frame, sakk_raster raster, sakk_view **result, sakk_view_info *info) {
    return sakk::guarded([&] {
        *info = {};
        auto view = sakk::opened(*frame, raster);
        if (!view) return SAKK_VISION_BAD_FRAME;
        const double aspect = raster.width_mm / raster.height_mm;
        double factor = std::max(1.0, view->frame.cols / 612.0);
        cv::Mat small, apart;
        const cv::Size size(cvRound(view->frame.cols / factor), cvRound(view->frame.rows / factor));
        // The same as halving twice, which is needed anyway.
        if (size * 4 == view->frame.size()) small = view->levels->quarter();
        else cv::resize(view->levels->half(), small, size, 0, 0, cv::INTER_AREA);
        cv::Mat sharp = small;
        small = cv::Mat();
        cv::GaussianBlur(sharp, small, cv::Size(3, 3), 0.8);
        Ground ground = groundOf(small, factor);
        apart.create(small.size(), CV_8U);
        for (int y = 0; y < small.rows; y++) {
            const uint8_t *from = small.ptr(y);
            uint8_t *to = apart.ptr(y);
            float first[3], step[3];
            for (int c = 0; c < 3; c++) {
                first[c] = float(ground.plane[c][0] + ground.plane[c][2] * y * factor);
                step[c] = float(ground.plane[c][1] * factor);
            }
            for (int x = 0; x < small.cols; x++, from += 3) {
                float red = std::abs(from[0] - first[0] - step[0] * float(x));
                float green = std::abs(from[1] - first[1] - step[1] * float(x));
                float blue = std::abs(from[2] - first[2] - step[2] * float(x));
                to[x] = uint8_t(std::min(std::max({red, green, blue}) + 0.5f, 255.0f));
            }
        }
        cv::Mat unused;
        double middle = cv::threshold(apart, unused, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
        double least = std::max(9.0, 5 * ground.spread);
        if (middle < least) middle = least;
        for (double level : {std::max(least, 0.5 * middle), std::max(least, 0.25 * middle), least, middle}) {
            std::vector<cv::Point2d> corners;
            if (!outline(apart, level, aspect, factor, corners)) continue;
            bool whole = true;
            for (int round = 0; round < 2 && whole; round++) {
                Edge edges[4];
                std::vector<double> widths;
                // As many millimetres to either side of a short edge as of a long one: a shadow is as wide. At first so
                // many that an outline drawn around card and shadow still has the card's edge within reach; there a few
                // places are enough.
                for (size_t i = 0; i < 4 && whole; i++)
                    whole = edge(
                        view->frame, ground, corners[i], corners[(i + 1) % 4],
                        (round == 0 ? 0.022 : 0.009) * (i % 2 == 0 ? 1 : aspect), round == 0 ? 64 : 160, edges[i],
                        widths);
                if (!whole || widths.empty()) break;
                for (size_t i = 0; i < 4; i++) corners[i] = crossing(edges[(i + 3) % 4], edges[i]);
                info->edge_width = sakk::median(widths);
            }
            if (!whole) continue;
            sakk::layCorners(*view, corners, *info);
            *result = view.release();
            return SAKK_VISION_OK;
        }
        return SAKK_VISION_NO_CARD;
    });
}

sakk_vision_status sakk_view_open_flat(
    const sakk_frame *frame, sakk_rect place, sakk_raster raster, sakk_view **result, sakk_view_info *info) {
    return sakk::guarded([&] {
        *info = {};
        auto view = sakk::opened(*frame, raster);
        if (!view || !(place.width >= 100 && place.height >= 60)) return SAKK_VISION_BAD_FRAME;
        double left = place.x - 0.5, upper = place.y - 0.5, right = left + place.width, lower = upper + place.height;
        sakk::layCorners(*view, {{left, upper}, {right, upper}, {right, lower}, {left, lower}}, *info);
        *result = view.release();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_frame_lay(const sakk_frame *frame, sakk_rect place, sakk_raster raster, uint8_t *rgb) {
    return sakk::guarded([&] {
        auto view = sakk::opened(*frame, raster);
        if (!view || !(place.width >= 100 && place.height >= 60)) return SAKK_VISION_BAD_FRAME;
        double left = place.x - 0.5, upper = place.y - 0.5, right = left + place.width, lower = upper + place.height;
        sakk::place(*view, {{left, upper}, {right, upper}, {right, lower}, {left, lower}});
        view->laid(cv::Rect(cv::Point(), view->size()), sakk_move(), 1).copyTo(cv::Mat(view->size(), CV_8UC3, rgb));
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_open_artwork(const uint8_t *artwork, sakk_raster raster, sakk_view **result) {
    return sakk::guarded([&] {
        if (!artwork || raster.width < 400 || raster.height < 240) return SAKK_VISION_BAD_FRAME;
        sakk_frame frame;
        frame.levels = std::make_shared<sakk_levels>();
        cv::Mat(raster.height, raster.width, CV_8UC3, const_cast<uint8_t *>(artwork)).copyTo(frame.levels->whole);
        auto view = sakk::opened(frame, raster);
        if (!view) return SAKK_VISION_BAD_FRAME;
        view->fromRaster = cv::Matx33d::eye();
        view->personal = cv::Mat::zeros(view->size(), CV_8U);
        view->setCard(view->frame);
        view->softness = 0.3;
        *result = view.release();
        return SAKK_VISION_OK;
    });
}

void sakk_view_close(sakk_view *view) { delete view; }

sakk_vision_status sakk_view_picture(sakk_view *view, uint8_t *rgb) {
    return sakk::guarded([&] {
        cv::Mat target(view->size(), CV_8UC3, rgb);
        if (view->card.empty())
            view->laid(cv::Rect(cv::Point(), view->size()), sakk_move(), 1).copyTo(target);
        else
            view->card.copyTo(target);
        return SAKK_VISION_OK;
    });
}

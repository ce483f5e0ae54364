// What lies on a side that the artwork does not have.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace {
/// Greatest of the three channels.
cv::Mat greatest(const cv::Mat &rgb) {
    std::vector<cv::Mat> channels;
    cv::split(rgb, channels);
    cv::Mat result;
    cv::max(channels[0], channels[1], result);
    cv::max(result, channels[2], result);
    return result;
}

/// Thin marks that a move of the artwork by two pixels explains are its edges, no marks. `limits`: what a mark stands out by.
void dropEdges(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const cv::Mat &limits, bool lighter,
    std::vector<sakk_mark> &marks, size_t from) {
    for (size_t i = from; i < marks.size(); i++) {
        sakk_mark &mark = marks[i];
        cv::Rect place = view.cells(mark.place);
        cv::Rect wide = view.cells(mark.place, 3);
        cv::Mat bound, rest;
        if (lighter)
            cv::dilate(known(wide).clone(), bound, cv::Mat::ones(5, 5, CV_8U));
        else
            cv::erode(known(wide).clone(), bound, cv::Mat::ones(5, 5, CV_8U));
        bound = bound(place - wide.tl());
        if (lighter)
            cv::subtract(seen(place), bound, rest);
        else
            cv::subtract(bound, seen(place), rest);
        cv::Mat depth = greatest(rest);
        cv::threshold(depth, depth, std::min(12.0, 0.6 * cv::mean(limits(place))[0]), 0, cv::THRESH_TOZERO);
        double left = cv::sum(depth)[0];
        if (left < 0.35 * mark.weight) mark.weight = 0;
    }
    marks.erase(
        std::remove_if(marks.begin() + long(from), marks.end(), [](auto &m) { return m.weight == 0; }), marks.end());
}

/// The level that this share of the masked pixels stays under.
int mostOf(const cv::Mat &levels, const cv::Mat &mask, double share) {
    size_t histogram[256] = {}, all = 0, seen = 0;
    for (int y = 0; y < levels.rows; y += 2) {
        const uint8_t *level = levels.ptr(y), *use = mask.ptr(y);
        for (int x = 0; x < levels.cols; x++)
            if (use[x]) histogram[level[x]]++, all++;
    }
    for (int level = 0; level < 256; level++)
        if (double(seen += histogram[level]) >= share * double(all)) return level;
    return 255;
}

/// The parts of a mask that hang together, corners included, one after another; the mask is used up.
template <typename Body> void eachPart(cv::Mat &mask, Body body) {
    std::vector<cv::Point> part;
    for (int y = 0; y < mask.rows; y++) {
        const uint8_t *row = mask.ptr(y);
        for (int x = 0; x < mask.cols; x++) {
            // Nearly all of it is empty.
            const auto *next = static_cast<const uint8_t *>(std::memchr(row + x, 255, size_t(mask.cols - x)));
            if (!next) break;
            x = int(next - row);
            part.assign(1, cv::Point(x, y));
            mask.at<uint8_t>(y, x) = 0;
            for (size_t i = 0; i < part.size(); i++) {
                const cv::Point p = part[i];
                for (int v = std::max(p.y - 1, 0); v <= std::min(p.y + 1, mask.rows - 1); v++)
                    for (int u = std::max(p.x - 1, 0); u <= std::min(p.x + 1, mask.cols - 1); u++) {
                        uint8_t &at = mask.at<uint8_t>(v, u);
                        if (at != 255) continue;
                        at = 0;
                        part.emplace_back(u, v);
                    }
            }
            body(part);
        }
    }
}

/// Where the artwork is even and the side is explained well, a fainter mark stands out than at the artwork's edges and in
/// pictures, whose tones are the ribbon's: by how much one must, at each place. `most` is what counts anywhere.
cv::Mat limitsOf(
    const sakk_view &view, const cv::Mat &lighter, const cv::Mat &darker, const cv::Mat &steep, const cv::Mat &open,
    double least, double most) {
    // Greatest step of the artwork to a neighbour, in levels.
    const double bounds[] = {0, 6, 14, 30};
    cv::Mat limits(steep.size(), CV_8U, cv::Scalar(cvRound(most)));
    for (int i = 0; i < 3; i++) {
        cv::Mat own = (steep >= bounds[i]) & (steep < bounds[i + 1]) & (view.pictures == 0), judged = own & open;
        if (cv::countNonZero(judged) < 1000) continue;
        // A mark that covers a twentieth of it all is a matter of what is smooth.
        const int rest = std::max(mostOf(lighter, judged, 0.95), mostOf(darker, judged, 0.95));
        limits.setTo(cvRound(std::clamp(3.2 * rest + 2.4, least, most)), own);
    }
    return limits;
}

/// The artwork with writing as dark as this ink is: resin gives back some light, a lens' veil adds to it, and the stock, by
/// which the tones were fitted, has hardly anything as dark. It is the middle of what all strokes show.
cv::Mat inkedAs(const sakk_view &view, const cv::Mat &writing) {
    const int dark = 60, light = 130, least = 200;
    int histogram[3][256] = {}, all = 0;
    for (int y = 1; y + 1 < view.known.rows; y++) {
        const uint8_t *use = writing.ptr(y), *card = view.card.ptr(y);
        const uint8_t *rows[3] = {view.known.ptr(y - 1), view.known.ptr(y), view.known.ptr(y + 1)};
        for (int x = 1; x + 1 < view.known.cols; x++) {
            if (!use[x] || rows[1][3 * x + 1] > dark) continue;
            bool isCore = true;
            for (int k = 0; k < 9; k++) isCore = isCore && rows[k / 3][3 * (x + k % 3 - 1) + 1] <= dark;
            if (!isCore) continue;
            all++;
            for (int c = 0; c < 3; c++) histogram[c][std::max(card[3 * x + c] - rows[1][3 * x + c], 0)]++;
        }
    }
    if (all < least) return view.known;
    cv::Mat lifted = view.known.clone();
    uint8_t table[3][256];
    for (int c = 0; c < 3; c++) {
        int lift = 0;
        for (int below = histogram[c][0]; 2 * below < all; below += histogram[c][lift]) lift++;
        // The paper and what the mill drew on it stay as they are.
        for (int level = 0; level < 256; level++) {
            const double share = std::clamp(double(light - level) / (light - dark), 0.0, 1.0);
            table[c][level] = cv::saturate_cast<uint8_t>(level + lift * share);
        }
    }
    for (int y = 0; y < lifted.rows; y++) {
        const uint8_t *use = writing.ptr(y);
        uint8_t *to = lifted.ptr(y);
        for (int x = 0; x < lifted.cols; x++)
            for (int c = 0; use[x] && c < 3; c++) to[3 * x + c] = table[c][to[3 * x + c]];
    }
    return lifted;
}

/// The marks of a mask: places with their extent, sums of `depth`, mean of `levels`; all at `factor` of the raster. A mark's
/// weight is at least `leastWeight` times what it must stand out by there.
void gather(
    cv::Mat mask, const cv::Mat &depth, const cv::Mat &levels, const cv::Mat &limits, int factor, double leastArea,
    double leastWeight, bool smooth, std::vector<sakk_mark> &marks) {
    eachPart(mask, [&](const std::vector<cv::Point> &part) {
        double area = double(part.size()) * factor * factor;
        if (area < leastArea) return;
        sakk_mark mark{};
        double sum[3] = {}, weight = 0, limit = 0, n = double(part.size()), mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
        for (auto &p : part) {
            auto l = levels.at<cv::Vec3s>(p);
            for (int c = 0; c < 3; c++) sum[c] += l[c];
            weight += depth.at<uint8_t>(p);
            limit += limits.at<uint8_t>(p);
            mx += p.x, my += p.y, xx += double(p.x) * p.x, xy += double(p.x) * p.y, yy += double(p.y) * p.y;
        }
        if (weight * factor * factor < leastWeight * limit / n) return;
        cv::Rect place = cv::boundingRect(part);
        mx /= n, my /= n;
        xx = xx / n - mx * mx + 1.0 / 12, yy = yy / n - my * my + 1.0 / 12, xy = xy / n - mx * my;
        double mean = (xx + yy) / 2, apart = std::hypot((xx - yy) / 2, xy);
        mark.length = std::sqrt(12 * (mean + apart)) * factor;
        mark.width = std::sqrt(12 * std::max(mean - apart, 1.0 / 12)) * factor;
        mark.angle = std::atan2(2 * xy, xx - yy) / 2 * 180 / CV_PI;
        mark.place = {
            double(place.x * factor), double(place.y * factor), double(place.width * factor), double(place.height * factor)};
        mark.area = area;
        mark.weight = weight * factor * factor;
        for (int c = 0; c < 3; c++) mark.levels[c] = sum[c] / n;
        mark.smooth = smooth;
        marks.push_back(mark);
    });
}
}  // namespace

sakk_vision_status sakk_view_marks(
    const sakk_view *view, const sakk_mark_search *search, sakk_mark *result, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        const cv::Rect whole(cv::Point(), view->size());
        cv::Mat usable = view->inside(0.9);
        usable.setTo(0, sakk::maskOf(*view, search->ignored, search->ignored_count, 3));
        cv::Mat writing = sakk::maskOf(*view, search->writing, search->writing_count, 2);
        // Strokes may be as light as all of them are, and as dark as they are meant.
        const cv::Mat lifted = inkedAs(*view, writing);
        // A caption that reaches into a field's box is laid in two parts, by the stock's move and by the print's.
        if (!view->beside.empty()) writing.setTo(255, view->beside);
        // In the boxes of writing the paper between the strokes is as any other.
        cv::Mat strokes, near;
        cv::cvtColor(view->known, strokes, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(strokes, near, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        cv::threshold(near, near, 40, 255, cv::THRESH_BINARY);
        cv::dilate(near, near, cv::Mat::ones(7, 7, CV_8U));
        cv::bitwise_and(writing, near, writing);
        // Sharp: beyond what the artwork's neighbourhood explains.
        cv::Mat low, high, lightest, above, below, seen;
        cv::GaussianBlur(view->card, seen, cv::Size(3, 3), 0.6);
        cv::erode(view->known, low, cv::Mat::ones(3, 3, CV_8U));
        cv::dilate(view->known, high, cv::Mat::ones(3, 3, CV_8U));
        cv::dilate(lifted, lightest, cv::Mat::ones(3, 3, CV_8U));
        cv::subtract(seen, lightest, above);
        cv::subtract(low, seen, below);
        // An edge may be where the blur or the move is a little otherwise: a share of its height is allowed.
        const cv::Mat step = high - low, steep = step * 0.18;
        cv::subtract(above, steep, above);
        cv::subtract(below, steep, below);
        cv::Mat lighter = greatest(above), darker = greatest(below);
        // Where the artwork explains the side well, a fainter one stands out.
        cv::Mat open;
        cv::bitwise_not(writing, open);
        cv::bitwise_and(open, usable, open);
        const double usual = std::max(search->sharp_levels, 4.5 * view->noise);
        const double rest = std::max(mostOf(lighter, open, 0.998), mostOf(darker, open, 0.998));
        const double limit = std::clamp(3.5 * rest, std::max(0.6 * search->sharp_levels, 4.5 * view->noise), usual);
        const double leastWeight = search->sharp_weight / usual;
        const cv::Mat limits = limitsOf(
            *view, lighter, darker, greatest(step), open, std::max(0.4 * search->sharp_levels, 4.5 * view->noise), limit);
        const cv::Mat &levels = view->rest;
        std::vector<sakk_mark> marks;
        for (const cv::Mat &depth : {lighter, darker}) {
            cv::Mat mask, strong;
            mask = depth > limits;
            cv::threshold(depth, strong, 2.5 * usual, 255, cv::THRESH_BINARY);
            strong.copyTo(mask, writing);
            cv::bitwise_and(mask, usable, mask);
            cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(3, 3, CV_8U));
            size_t before = marks.size();
            gather(mask, depth, levels, limits, 1, 3, leastWeight, false, marks);
            const bool isLighter = depth.data == lighter.data;
            dropEdges(*view, isLighter ? lifted : view->known, seen, limits, isLighter, marks, before);
        }
        // Smooth: a level over half a millimetre and more.
        const int factor = 4;
        cv::Mat coarse, seen4 = sakk::reduced(view->cardHalved(), 2);
        cv::Mat known4 = sakk::reduced(view->knownHalved(), 2);
        cv::subtract(seen4, known4, coarse, cv::noArray(), CV_16S);
        cv::Mat usable4;
        cv::Mat quiet = usable.clone();
        quiet.setTo(0, writing);
        usable4 = sakk::reduced(quiet, factor);
        cv::threshold(usable4, usable4, 254, 255, cv::THRESH_BINARY);
        cv::Mat values, weights, sums;
        coarse.convertTo(values, CV_32F);
        usable4.convertTo(weights, CV_32F, 1 / 255.0);
        std::vector<cv::Mat> channels;
        cv::split(values, channels);
        for (auto &c : channels) c = c.mul(weights);
        cv::Mat around = sakk::smoothed(weights, 1.8) + 1e-3;
        for (auto &c : channels) c = sakk::smoothed(c, 1.8) / around;
        cv::merge(channels, values);
        cv::Mat rounded;
        values.convertTo(rounded, CV_16S);
        // Where the side is explained well, a fainter mark stands out: on the stock, and in pictures, each by itself.
        cv::Mat pictures = sakk::reduced(view->pictures, factor), limits4(values.size(), CV_8U);
        for (bool inPictures : {false, true}) {
            double limit = 0;
            for (auto &c : channels) {
                std::vector<double> sizes;
                for (int y = 0; y < c.rows; y++)
                    for (int x = y % 2; x < c.cols; x += 2)
                        if (usable4.at<uint8_t>(y, x) && (pictures.at<uint8_t>(y, x) > 0) == inPictures)
                            sizes.push_back(std::abs(c.at<float>(y, x)));
                if (sizes.size() < 100) continue;
                limit = std::max(limit, (inPictures ? 6.0 : 4.0) * sakk::nth(sizes, sizes.size() * 8 / 10));
            }
            const double most = search->smooth_levels;
            limit = std::clamp(limit, 0.5 * most, inPictures ? 1.3 * most : most);
            limits4.setTo(cvRound(limit), inPictures ? cv::Mat(pictures > 0) : cv::Mat(pictures == 0));
        }
        // Fine strokes mean another grey behind another lens: what stands between them says less.
        cv::Mat gray4, deep;
        cv::cvtColor(view->known, gray4, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(gray4, deep, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        deep = sakk::smoothed(sakk::reduced(deep, factor), 1.8);
        deep.convertTo(deep, CV_8U, 0.35);
        cv::add(limits4, deep, limits4);
        if (!view->full.empty() && cv::countNonZero(view->full) > 0) {
            // Beside what filled the sensor the light is known less well.
            cv::Mat full = sakk::reduced(view->full, factor);
            cv::dilate(full, full, cv::Mat::ones(9, 9, CV_8U));
            limits4.setTo(255, full > 0);
        }
        for (int sign : {1, -1}) {
            cv::Mat depth, mask;
            values.convertTo(depth, CV_8U, sign);
            depth = greatest(depth);
            mask = depth > limits4;
            cv::bitwise_and(mask, usable4, mask);
            std::vector<sakk_mark> found;
            gather(mask, depth, rounded, limits4, factor, search->smooth_area, 0, true, found);
            for (auto &mark : found) {
                // Fine structure in it: the difference less its own smooth part.
                cv::Rect place = view->cells(mark.place) & whole;
                cv::Mat fine, wide;
                levels(place).convertTo(fine, CV_32F);
                cv::blur(fine, wide, cv::Size(13, 13));
                fine = cv::abs(fine - wide);
                cv::Scalar mean = cv::mean(fine);
                mark.detail = (mean[0] + mean[1] + mean[2]) / 3;
                marks.push_back(mark);
            }
        }
        sakk::folds(*view, usable, marks);
        std::sort(marks.begin(), marks.end(), [](auto &a, auto &b) { return a.weight > b.weight; });
        *count = std::min(marks.size(), capacity);
        std::copy(marks.begin(), marks.begin() + long(*count), result);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_shade(
    const sakk_view *view, sakk_rect box, double levels, double *area, sakk_rect *result) {
    return sakk::guarded([&] {
        *area = 0;
        *result = box;
        const cv::Rect place = view->cells(box);
        if (view->known.empty() || place.width < 24 || place.height < 24) return SAKK_VISION_BAD_FRAME;
        std::vector<cv::Mat> channels;
        cv::split(view->known(place), channels);
        cv::Mat darkest, light, share, most = cv::Mat::zeros(place.size(), CV_32F), rest;
        cv::min(channels[0], channels[1], darkest);
        cv::min(darkest, channels[2], darkest);
        const int top = mostOf(darkest, cv::Mat(place.size(), CV_8U, cv::Scalar(255)), 0.95);
        cv::erode(darkest > top - 12, light, cv::Mat::ones(3, 3, CV_8U));
        if (!view->full.empty()) light.setTo(0, view->full(place));
        const cv::Size window(13, 13);
        light.convertTo(share, CV_32F, 1 / 255.0);
        const cv::Mat weight = share.clone();
        cv::blur(share, share, window);
        const cv::Mat isKnown = share > 8.0 / window.area();
        if (cv::countNonZero(isKnown) < 200) return SAKK_VISION_OK;
        cv::split(view->rest(place), channels);
        for (const cv::Mat &channel : channels) {
            // A line or a grain of dust is many levels and few pixels: no smudge.
            channel.convertTo(rest, CV_32F);
            rest = cv::min(cv::max(rest, -32), 32).mul(weight);
            cv::blur(rest, rest, window);
            rest = rest / cv::max(share, 1e-3);
            std::vector<double> values;
            for (int y = 0; y < rest.rows; y += 2)
                for (int x = 0; x < rest.cols; x += 2)
                    if (isKnown.at<uint8_t>(y, x)) values.push_back(rest.at<float>(y, x));
            cv::max(most, cv::abs(rest - sakk::median(values)), most);
        }
        cv::Mat mask = (most > levels) & isKnown, labels, stats, centres;
        const int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
        for (int i = 1; i < found; i++) {
            const int *s = stats.ptr<int>(i);
            if (s[cv::CC_STAT_AREA] <= *area) continue;
            *area = s[cv::CC_STAT_AREA];
            *result = {
                double(place.x + s[cv::CC_STAT_LEFT]), double(place.y + s[cv::CC_STAT_TOP]),
                double(s[cv::CC_STAT_WIDTH]), double(s[cv::CC_STAT_HEIGHT])};
        }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_faint(
    const sakk_view *view, const sakk_rect *ignored, size_t count, double levels, double *share) {
    return sakk::guarded([&] {
        *share = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Mat usable = view->inside(0.9), gray, steep;
        usable.setTo(0, sakk::maskOf(*view, ignored, count, 3));
        usable.setTo(0, view->pictures);
        if (!view->full.empty()) usable.setTo(0, view->full);
        cv::cvtColor(view->known, gray, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(gray, steep, cv::MORPH_GRADIENT, cv::Mat::ones(5, 5, CV_8U));
        cv::dilate(steep, steep, cv::Mat::ones(3, 3, CV_8U));
        usable.setTo(0, steep > 10);
        // At half the raster: strokes of a third of a millimetre stay whole, and noise does not.
        const cv::Mat isEven = sakk::reduced(usable, 2) > 254;
        const int least = 5000, even = cv::countNonZero(isEven);
        if (even < least) return SAKK_VISION_OK;
        cv::Mat rest, weight, around, most, fewest;
        cv::subtract(view->cardHalved(), view->knownHalved(), rest, cv::noArray(), CV_32F);
        isEven.convertTo(weight, CV_32F, 1 / 255.0);
        cv::blur(weight, around, cv::Size(31, 31));
        around += 1e-3;
        std::vector<cv::Mat> channels;
        cv::split(rest, channels);
        for (const cv::Mat &channel : channels) {
            cv::Mat wide;
            cv::blur(channel.mul(weight), wide, cv::Size(31, 31));
            const cv::Mat own = sakk::smoothed(channel, 0.75) - wide / around;
            if (most.empty()) {
                most = own.clone(), fewest = own.clone();
            } else {
                cv::max(most, own, most);
                cv::min(fewest, own, fewest);
            }
        }
        const int darker = cv::countNonZero((most < -levels) & isEven);
        const int lighter = cv::countNonZero((fewest > levels) & isEven);
        *share = double(darker - lighter) / even;
        return SAKK_VISION_OK;
    });
}

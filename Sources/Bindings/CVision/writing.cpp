// Writing against the artwork: is there a stroke or a dot too much or too little.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
/// The channel (or all of them together) in which a box shows most.
cv::Mat strongest(const cv::Mat &rgb, int channel) {
    cv::Mat result, values;
    if (channel < 3) cv::extractChannel(rgb, result, channel);
    else cv::cvtColor(rgb, result, cv::COLOR_RGB2GRAY);
    result.convertTo(values, CV_32F);
    return values;
}

double quantile(const cv::Mat &values, double share) {
    std::vector<float> all;
    all.reserve(values.total());
    for (int y = 0; y < values.rows; y++) {
        const float *row = values.ptr<float>(y);
        all.insert(all.end(), row, row + values.cols);
    }
    auto at = all.begin() + long(double(all.size() - 1) * share);
    std::nth_element(all.begin(), at, all.end());
    return *at;
}

cv::Mat moved(const cv::Mat &picture, double dx, double dy) {
    cv::Mat result, map = (cv::Mat_<double>(2, 3) << 1, 0, dx, 0, 1, dy);
    cv::warpAffine(picture, result, map, picture.size(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);
    return result;
}

constexpr int parts = 8;

/// The known picture as the seen one shows it: brightness, contrast, a slope of light, the rest of a shift, a little blur
/// and thicker or thinner strokes are taken out by least squares. Returns the coefficient of the picture itself.
double explained(const cv::Mat &known, const cv::Mat &seen, cv::Mat &fit, cv::Point2d &shift) {
    const int total = int(known.total());
    cv::Mat rows(parts, total, CV_32F);
    auto plane = [&](int index) { return rows.row(index).reshape(1, known.rows); };
    cv::Mat across = plane(4), down = plane(5), curve = plane(6), steep = plane(7), copy = plane(3), value;
    plane(0).setTo(1);
    for (int y = 0; y < known.rows; y++) {
        float *u = plane(1).ptr<float>(y), *v = plane(2).ptr<float>(y);
        for (int x = 0; x < known.cols; x++) u[x] = 2.0f * float(x) / float(known.cols) - 1, v[x] = 2.0f * float(y) / float(known.rows) - 1;
    }
    known.copyTo(copy);
    cv::Sobel(known, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(known, down, CV_32F, 0, 1, 3, 0.125);
    cv::Laplacian(known, curve, CV_32F, 3, 0.25);
    cv::magnitude(across, down, steep);
    seen.copyTo(value);
    cv::Mat products, right;
    cv::mulTransposed(rows, products, false, cv::noArray(), 1, CV_64F);
    cv::gemm(rows, value.reshape(1, total), 1, cv::noArray(), 0, right);
    cv::Matx<double, parts, parts> normal;
    cv::Matx<double, parts, 1> wanted;
    // Blur and thickness only as far as cameras and ribbons go.
    for (int r = 0; r < parts; r++) {
        wanted(r) = right.at<float>(r);
        for (int c = 0; c < parts; c++) normal(r, c) = products.at<double>(r, c);
        normal(r, r) += double(total) * (r == 0 ? 1e-6 : r < 3 ? 0.02 : r == 3 ? 1e-3 : 0.5);
    }
    cv::Matx<double, parts, 1> solution = normal.solve(wanted, cv::DECOMP_CHOLESKY);
    cv::Mat weights(1, parts, CV_32F), flat;
    for (int r = 0; r < parts; r++) weights.at<float>(r) = float(solution(r));
    cv::gemm(weights, rows, 1, cv::noArray(), 0, flat);
    fit = flat.reshape(1, known.rows);
    double contrast = solution(3);
    if (std::abs(contrast) > 0.05) shift = cv::Point2d(-solution(4) / contrast, -solution(5) / contrast);
    return contrast;
}
}  // namespace

sakk_vision_status sakk_view_writing(
    const sakk_view *view, const uint8_t *reference, sakk_rect box, sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        const int reach = 4, rim = 6;
        cv::Rect inside(reach + rim, reach + rim, view->raster.width - 2 * (reach + rim), view->raster.height - 2 * (reach + rim));
        cv::Rect place = view->cells(box) & inside;
        if (place.width < 4 || place.height < 4) return SAKK_VISION_BAD_FRAME;
        auto grown = [](cv::Rect r, int by) { return cv::Rect(r.x - by, r.y - by, r.width + 2 * by, r.height + 2 * by); };
        cv::Rect wide = grown(place, reach + rim);
        cv::Mat sharp = reference ? view->artwork(reference)(wide) : view->meant(wide);
        int channel = 3;
        double most = 0;
        cv::Scalar mean, deviation;
        cv::meanStdDev(sharp, mean, deviation);
        for (int c = 0; c < 3; c++)
            if (deviation[c] > most) most = deviation[c], channel = c;
        cv::Mat grey;
        cv::cvtColor(sharp, grey, cv::COLOR_RGB2GRAY);
        cv::meanStdDev(grey, mean, deviation);
        // The grey one is the quietest: another must show clearly more.
        if (deviation[0] * 1.3 > most) channel = 3;
        cv::Mat seen = strongest(view->card(wide), channel);
        cv::Mat known = sakk::smoothed(strongest(sharp, channel), view->softness);
        cv::Rect core(reach, reach, wide.width - 2 * reach, wide.height - 2 * reach);
        // Where it lies right already, as it does on most cards, it is not looked for.
        cv::Mat scores;
        cv::Point at(reach, reach);
        cv::matchTemplate(seen(core), known(core), scores, cv::TM_CCOEFF_NORMED);
        double score = scores.at<float>(0, 0);
        if (score < 0.95) {
            cv::matchTemplate(seen, known(core), scores, cv::TM_CCOEFF_NORMED);
            cv::minMaxLoc(scores, nullptr, &score, nullptr, &at);
        }
        result->likeness = score;
        cv::Point offset(at.x - reach, at.y - reach);
        result->dx = offset.x;
        result->dy = offset.y;
        double depth = quantile(known(core), 0.97) - quantile(known(core), 0.01);
        cv::Mat excess = cv::Mat::zeros(wide.size(), CV_32F);
        std::vector<double> lack(size_t(wide.height), 0), ink(size_t(wide.height), 0);
        const int length = 120;
        int segments = std::max(1, cvRound(place.width / double(length)));
        double contrasts = 0, weights = 0;
        std::vector<double> all;
        for (int i = 0; i < segments; i++) {
            int left = place.width * i / segments, right = place.width * (i + 1) / segments;
            cv::Rect segment(reach + left, reach, right - left + 2 * rim, place.height + 2 * rim);
            cv::Mat part = seen(segment + offset), fit;
            cv::Mat artwork = known(segment).clone();
            cv::Point2d shift, total;
            double contrast = 0;
            for (int round = 0; round < 3; round++) {
                contrast = explained(artwork, part, fit, shift);
                if (round == 2 || std::hypot(shift.x, shift.y) < 0.12) break;
                total += cv::Point2d(std::clamp(shift.x, -1.0, 1.0), std::clamp(shift.y, -1.0, 1.0));
                if (std::hypot(total.x, total.y) > 2) break;
                artwork = moved(known, total.x, total.y)(segment).clone();
            }
            cv::meanStdDev(artwork, mean, deviation);
            contrasts += contrast * deviation[0];
            weights += deviation[0];
            cv::Mat high, low, above, below;
            cv::dilate(fit, high, cv::Mat::ones(3, 3, CV_8U));
            cv::erode(fit, low, cv::Mat::ones(3, 3, CV_8U));
            high = fit + 0.5 * (high - fit);
            low = fit - 0.5 * (fit - low);
            above = cv::max(part - high, 0);
            below = cv::max(low - part, 0);
            double paper = quantile(fit, 0.95);
            for (int y = 0; y < fit.rows; y++)
                for (int x = rim; x < fit.cols - rim; x++) {
                    double dark = paper - fit.at<float>(y, x);
                    if (dark < 0.3 * depth) continue;
                    ink[size_t(y + reach)] += dark;
                    lack[size_t(y + reach)] += part.at<float>(y, x) - fit.at<float>(y, x);
                }
            cv::Mat target = excess(segment);
            cv::Mat(above - below).copyTo(target);
        }
        for (int y = reach; y < wide.height - reach; y++) {
            // Enough strokes that it is no matter of a letter.
            if (ink[size_t(y)] < 0.12 * depth * place.width || place.width < 120) continue;
            double share = lack[size_t(y)] / ink[size_t(y)];
            if (share > result->row_lack) result->row_lack = share, result->row = wide.y + y;
        }
        if (!reference && !view->beside.empty()) excess.setTo(0, view->beside(wide));
        result->contrast = weights > 0 ? contrasts / weights : 1;
        double unit = std::max(depth * std::clamp(result->contrast, 0.3, 2.0), 8.0);
        cv::Mat smooth = sakk::smoothed(excess, 1.2);
        double low, high;
        cv::Point lowAt, highAt;
        cv::Mat judged = smooth(grown(cv::Rect(reach + rim, reach + rim, place.width, place.height), 1));
        cv::minMaxLoc(judged, &low, &high, &lowAt, &highAt);
        // What the strokes differ by everywhere is no matter of a letter: the nine tenths nearest to them say how much.
        cv::Mat sizes = cv::abs(judged);
        cv::Mat slope;
        cv::morphologyEx(known(grown(cv::Rect(reach + rim, reach + rim, place.width, place.height), 1)), slope, cv::MORPH_GRADIENT, cv::Mat::ones(5, 5, CV_8U));
        std::vector<double> common;
        for (int y = 0; y < sizes.rows; y++)
            for (int x = 0; x < sizes.cols; x++)
                if (slope.at<float>(y, x) > 0.25 * depth) common.push_back(sizes.at<float>(y, x));
        if (common.size() > 40) {
            auto at = common.begin() + long(common.size() * 9 / 10);
            std::nth_element(common.begin(), at, common.end());
            result->common = *at / unit;
        }
        bool tooLight = high > -low;
        result->worst = std::max(high, -low) / unit;
        cv::Point where = tooLight ? highAt : lowAt;
        int half = cvRound(0.5 * sakk::perMM);
        result->place = {
            double(place.x - 1 + where.x - half), double(place.y - 1 + where.y - half), 2.0 * half + 1, 2.0 * half + 1};
        return SAKK_VISION_OK;
    });
}

namespace {
/// The share of ink at each place of a box of the reference: what is darker than its surroundings (or lighter, where the
/// writing is light), without the artwork behind it.
bool inkShare(const sakk_view &view, cv::Rect wide, cv::Rect box, cv::Mat &share) {
    // Ink is dark in every colour, a coloured line of the artwork is not.
    std::vector<cv::Mat> channels;
    cv::split(view.card(wide), channels);
    cv::Mat brightest, darkest, gray, ground, best;
    cv::max(channels[0], channels[1], brightest);
    cv::max(brightest, channels[2], brightest);
    cv::min(channels[0], channels[1], darkest);
    cv::min(darkest, channels[2], darkest);
    // Paper is what most of the box is.
    cv::Mat inside = view.gray(box);
    double paper = quantile(inside, 0.5);
    bool dark = paper - quantile(inside, 0.01) > quantile(inside, 0.99) - paper;
    cv::Mat kernel = cv::Mat::ones(15, 15, CV_8U);
    double most = 0;
    // Writing in a colour is dark in some channels only.
    for (const cv::Mat &channel : {dark ? brightest : darkest, dark ? darkest : brightest}) {
        cv::Mat apart;
        channel.convertTo(gray, CV_32F);
        cv::morphologyEx(gray, ground, dark ? cv::MORPH_CLOSE : cv::MORPH_OPEN, kernel);
        apart = dark ? cv::Mat(ground - gray) : cv::Mat(gray - ground);
        double depth = quantile(apart(box - wide.tl()), 0.99);
        if (depth > 2 * most) most = depth, best = apart;
    }
    if (most < 30) return false;
    // Lines of the artwork are fainter than ink.
    share = cv::min(cv::max((best - 0.3 * most) / (0.6 * most), 0), 1);
    // What lies beside the box, a caption for example, is another's.
    cv::Mat mask, labels, stats, centres;
    cv::Mat(share > 0.6).convertTo(mask, CV_8U);
    int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
    cv::Rect inner = box - wide.tl();
    cv::Mat own = cv::Mat::zeros(share.size(), CV_8U), others = own.clone();
    for (int i = 1; i < found; i++) {
        const int *s = stats.ptr<int>(i);
        cv::Point middle(cvRound(centres.at<double>(i, 0)), cvRound(centres.at<double>(i, 1)));
        cv::Rect part(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
        (inner.contains(middle) ? own : others)(part).setTo(255, labels(part) == i);
    }
    cv::Mat strokes = own.clone();
    cv::dilate(own, own, cv::Mat::ones(7, 7, CV_8U));
    own(cv::Rect(inner.x, inner.y + 2, inner.width, std::max(inner.height - 4, 1))) = 255;
    cv::dilate(others, others, cv::Mat::ones(9, 9, CV_8U));
    cv::dilate(strokes, strokes, cv::Mat::ones(3, 3, CV_8U));
    others.setTo(0, strokes);
    share.setTo(0, cv::Mat(255 - own));
    share.setTo(0, others);
    return true;
}
}  // namespace

sakk_vision_status sakk_view_ink(
    const sakk_view *view, sakk_rect box, sakk_ink *result, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8) return SAKK_VISION_BAD_FRAME;
        cv::Mat share;
        if (!inkShare(*view, wide, place, share)) return SAKK_VISION_OK;
        cv::Mat strong, mask;
        cv::threshold(share, strong, 0.5, 255, cv::THRESH_BINARY);
        strong.convertTo(mask, CV_8U);
        // A dot is small but whole ink somewhere; a line of the artwork nowhere is.
        // What lies beside the box is another's.
        cv::Mat labels, stats, centres;
        int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
        cv::Rect own = place - wide.tl();
        std::vector<cv::Rect> parts;
        std::vector<int> rows(size_t(wide.height), 0);
        for (int i = 1; i < found; i++) {
            const int *s = stats.ptr<int>(i);
            cv::Point middle(cvRound(centres.at<double>(i, 0)), cvRound(centres.at<double>(i, 1)));
            if (!own.contains(middle) || s[cv::CC_STAT_AREA] < 3) continue;
            cv::Rect part(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
            double most;
            cv::minMaxLoc(share(part), nullptr, &most);
            if (most < 0.8) continue;
            part &= cv::Rect(own.x - 3, own.y - 3, own.width + 6, own.height + 6);
            parts.push_back(part);
            for (int y = part.y; y < part.br().y; y++) rows[size_t(y)] += part.width;
        }
        // Lines of writing: rows with ink, apart by rows without.
        std::vector<cv::Rect> lines;
        for (int y = 0, from = -1; y <= wide.height; y++) {
            bool inked = y < wide.height && rows[size_t(y)] > 0;
            if (inked && from < 0) from = y;
            if (inked || from < 0) continue;
            cv::Rect line;
            for (auto &part : parts)
                if (part.y >= from && part.y < y) line = line.area() == 0 ? part : line | part;
            lines.push_back(line);
            from = -1;
        }
        auto add = [&](cv::Rect r, int line) {
            if (*count < capacity)
                result[(*count)++] = {
                    {double(r.x + wide.x), double(r.y + wide.y), double(r.width), double(r.height)}, line};
        };
        for (size_t i = 0; i < lines.size(); i++) {
            add(lines[i], int(i));
            // A caption may stand in the line: parts that a wide gap lies between.
            std::vector<cv::Rect> across;
            for (auto &part : parts)
                if (part.y >= lines[i].y && part.br().y <= lines[i].br().y) across.push_back(part);
            std::sort(across.begin(), across.end(), [](auto &a, auto &b) { return a.x < b.x; });
            std::vector<cv::Rect> groups;
            for (auto &part : across) {
                bool apart = groups.empty() || part.x - groups.back().br().x > lines[i].height;
                if (apart) groups.push_back(part);
                else groups.back() |= part;
            }
            if (groups.size() > 1 && groups.size() < 5)
                for (auto &group : groups) add(group, -1);
        }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_spelling(
    const sakk_view *view, sakk_rect box, const uint8_t *ink, int width, int height, sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        const int rim = 6, reach = 6;
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8 || width < 4 || height < 4) return SAKK_VISION_BAD_FRAME;
        cv::Mat share;
        if (!inkShare(*view, wide, place, share)) return SAKK_VISION_OK;
        cv::Mat drawn;
        cv::Mat(height, width, CV_8U, const_cast<uint8_t *>(ink)).convertTo(drawn, CV_32F, 1 / 255.0);
        // Room around both, so that what sticks out counts.
        cv::Mat field, glyphs, scores;
        int room = reach + rim + std::max({0, width - share.cols, height - share.rows});
        cv::copyMakeBorder(share, field, room, room, room, room, cv::BORDER_CONSTANT, 0);
        cv::copyMakeBorder(drawn, glyphs, 2, 2, 2, 2, cv::BORDER_CONSTANT, 0);
        // The share is steeper than the ink it was taken from: so is the drawing.
        glyphs = cv::min(cv::max((glyphs - 0.3) / 0.6, 0), 1);
        cv::matchTemplate(field, glyphs, scores, cv::TM_CCOEFF_NORMED);
        double score;
        cv::Point at;
        cv::minMaxLoc(scores, nullptr, &score, nullptr, &at);
        result->likeness = score;
        cv::Mat known = cv::Mat::zeros(field.size(), CV_32F);
        glyphs.copyTo(known(cv::Rect(at, glyphs.size())));
        result->dx = at.x;
        result->dy = at.y;
        known = sakk::smoothed(known, 0.6);
        field = sakk::smoothed(field, 0.6);
        cv::Rect core = cv::Rect(room, room, share.cols, share.rows) | cv::Rect(at, glyphs.size());
        core = cv::Rect(core.x - 2, core.y - 2, core.width + 4, core.height + 4) & cv::Rect(0, 0, field.cols, field.rows);
        cv::Mat excess = cv::Mat::zeros(field.size(), CV_32F);
        int segments = std::max(1, cvRound(core.width / 90.0)), bad = 0;
        double depth = 0;
        cv::minMaxLoc(known, nullptr, &depth);
        for (int i = 0; i < segments; i++) {
            int left = core.x + core.width * i / segments, right = core.x + core.width * (i + 1) / segments;
            cv::Rect segment(left, core.y, right - left, core.height);
            cv::Mat part = field(segment), fit, artwork = known(segment).clone();
            if (cv::countNonZero(artwork > 0.5) == 0) {
                cv::max(part - 0.3, 0, artwork);
                artwork.copyTo(excess(segment));
                continue;
            }
            cv::Point2d shift, total;
            for (int round = 0; round < 4; round++) {
                explained(artwork * 100, part * 100, fit, shift);
                if (round == 3 || std::hypot(shift.x, shift.y) < 0.1) break;
                total += cv::Point2d(std::clamp(shift.x, -0.8, 0.8), std::clamp(shift.y, -0.8, 0.8));
                if (std::hypot(total.x, total.y) > 2.5) break;
                artwork = moved(known, total.x, total.y)(segment).clone();
            }
            fit /= 100;
            cv::Mat high, low;
            cv::dilate(fit, high, cv::Mat::ones(3, 3, CV_8U));
            cv::erode(fit, low, cv::Mat::ones(3, 3, CV_8U));
            high = fit + 0.5 * (high - fit);
            low = fit - 0.5 * (fit - low);
            cv::Mat target = cv::max(part - high, 0) + cv::min(part - low, 0);
            target.copyTo(excess(segment));
        }
        cv::Mat smooth = sakk::smoothed(excess, 1.2);
        double low, high;
        cv::Point lowAt, highAt;
        cv::minMaxLoc(smooth, &low, &high, &lowAt, &highAt);
        result->worst = std::max(high, -low);
        // The share of the writing's length that differs somewhere: a letter, or a face that is another.
        cv::Mat sizes = cv::abs(smooth), columns;
        cv::reduce(sizes, columns, 0, cv::REDUCE_MAX, CV_32F);
        int writing = 0;
        cv::Mat covered;
        cv::reduce(cv::max(known, field), covered, 0, cv::REDUCE_MAX, CV_32F);
        for (int x = 0; x < columns.cols; x++) {
            if (covered.at<float>(x) < 0.4) continue;
            writing++;
            bad += columns.at<float>(x) > 0.15;
        }
        result->common = writing > 0 ? double(bad) / writing : 1;
        cv::Point where = (high > -low ? highAt : lowAt) - cv::Point(room, room) + wide.tl();
        int half = cvRound(0.5 * sakk::perMM);
        result->place = {double(where.x - half), double(where.y - half), 2.0 * half + 1, 2.0 * half + 1};
        result->contrast = 1;
        return SAKK_VISION_OK;
    });
}

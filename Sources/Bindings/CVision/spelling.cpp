// Writing of a reference against ink drawn anew: what it says, where no drawing of ours is its model.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
/// The share of ink at each place of a box of the reference: what is darker than its surroundings (or lighter, where the
/// writing is light), without the artwork behind it.
bool findInkShare(const sakk_view &view, cv::Rect wide, cv::Rect box, cv::Mat &share) {
    // Ink is dark in every colour, a coloured line of the artwork is not.
    std::vector<cv::Mat> channels;
    cv::split(view.card(wide), channels);
    cv::Mat brightest, darkest, ground, best;
    cv::max(channels[0], channels[1], brightest);
    cv::max(brightest, channels[2], brightest);
    cv::min(channels[0], channels[1], darkest);
    cv::min(darkest, channels[2], darkest);
    // Paper is what most of the place is; of a box that bold writing fills, ink is.
    const cv::Mat inside = view.gray(box);
    const double paper = sakk::quantile(view.gray(wide), 0.5);
    bool dark = paper - sakk::quantile(inside, 0.01) > sakk::quantile(inside, 0.99) - paper;
    cv::Mat kernel = cv::Mat::ones(15, 15, CV_8U);
    double most = 0;
    // Writing in a colour is dark in some channels only.
    for (const cv::Mat &channel : {dark ? brightest : darkest, dark ? darkest : brightest}) {
        cv::Mat apart;
        cv::morphologyEx(channel, ground, dark ? cv::MORPH_CLOSE : cv::MORPH_OPEN, kernel);
        cv::subtract(dark ? ground : channel, dark ? channel : ground, apart, cv::noArray(), CV_32F);
        // At the upper and lower rim stands a part of a caption, in an ink of its own.
        const int rim = box.height / 5;
        cv::Rect middle(box.x - wide.x, box.y - wide.y + rim, box.width, box.height - 2 * rim);
        double depth = sakk::quantile(apart(middle), 0.99);
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

/// The same; what was found in a box is kept, because many drawings are held against one.
bool inkShare(const sakk_view &view, cv::Rect wide, cv::Rect box, cv::Mat &share) {
    for (auto &known : view.inks)
        if (known.box == box && known.wide == wide) {
            share = known.share;
            return !share.empty();
        }
    bool found = findInkShare(view, wide, box, share);
    if (view.inks.size() >= 24) view.inks.erase(view.inks.begin());
    view.inks.push_back({wide, box, found ? share : cv::Mat()});
    return found;
}

/// Drawn ink as steep as the share of ink is, which was taken from a picture; with a rim of two pixels.
cv::Mat glyphsOf(const uint8_t *ink, int width, int height) {
    cv::Mat drawn, glyphs;
    cv::Mat(height, width, CV_8U, const_cast<uint8_t *>(ink)).convertTo(drawn, CV_32F, 1 / 255.0);
    cv::copyMakeBorder(drawn, glyphs, 2, 2, 2, 2, cv::BORDER_CONSTANT, 0);
    return cv::min(cv::max((glyphs - 0.3) / 0.6, 0), 1);
}

/// Room around both, so that what sticks out counts.
int roomAround(const cv::Mat &share, const cv::Mat &glyphs) {
    return 12 + std::max({0, glyphs.cols - 4 - share.cols, glyphs.rows - 4 - share.rows});
}

/// Where a line lies in a share of ink that has such room around it, `field`; how like they are.
double findLine(const cv::Mat &share, const cv::Mat &glyphs, cv::Size box, int room, cv::Mat &field, cv::Point &at) {
    cv::Mat scores;
    cv::copyMakeBorder(share, field, room, room, room, room, cv::BORDER_CONSTANT, 0);
    // The box is that of the ink: the line lies in it, at either end where it is shorter.
    const int slackX = 4 + std::abs(box.width - glyphs.cols + 4) / 2;
    const int slackY = 4 + std::abs(box.height - glyphs.rows + 4) / 2;
    cv::Rect about(
        (field.cols - glyphs.cols) / 2 - slackX, (field.rows - glyphs.rows) / 2 - slackY, glyphs.cols + 2 * slackX,
        glyphs.rows + 2 * slackY);
    about &= cv::Rect(0, 0, field.cols, field.rows);
    scores = sakk::correlations(field(about), glyphs, true);
    double score;
    cv::minMaxLoc(scores, nullptr, &score, nullptr, &at);
    at += about.tl();
    return score;
}

/// A drawing at a place of such a field, as soft as the field is.
cv::Mat laidIn(cv::Size field, const cv::Mat &drawn, cv::Point to) {
    cv::Mat canvas = cv::Mat::zeros(field, CV_32F);
    const cv::Rect there = cv::Rect(to, drawn.size()), shown = there & cv::Rect(cv::Point(), field);
    drawn(shown - there.tl()).copyTo(canvas(shown));
    return sakk::smoothed(canvas, 0.6);
}

/// A drawing found in a box; kept, because many others are held against one.
const sakk_line_found &lineIn(const sakk_view &view, cv::Rect wide, cv::Rect box, const sakk_drawn_ink &own) {
    const cv::Mat drawn(own.height, own.width, CV_8U, const_cast<uint8_t *>(own.ink));
    sakk_line_found &line = view.line;
    if (line.box == box && line.drawn.size() == drawn.size() && std::equal(drawn.datastart, drawn.dataend, line.drawn.datastart))
        return line;
    line = sakk_line_found();
    cv::Mat share, field;
    if (inkShare(view, wide, box, share)) {
        const cv::Mat glyphs = glyphsOf(own.ink, own.width, own.height);
        line.likeness = findLine(share, glyphs, box.size(), roomAround(share, glyphs), field, line.at);
        line.size = glyphs.size();
        if (line.likeness >= 0.5) {
            line.known = laidIn(field.size(), glyphs, line.at);
            line.field = sakk::smoothed(field, 0.6);
        }
    }
    line.box = box;
    line.drawn = drawn.clone();
    return line;
}

/// A part of a line as the ink shows it, moved to where it lies; the move.
cv::Point2d movedFit(const cv::Mat &known, cv::Rect segment, const cv::Mat &part, cv::Mat &fit) {
    cv::Mat artwork = known(segment).clone();
    cv::Point2d shift, total, used;
    for (int round = 0; round < 4; round++) {
        sakk::explained(artwork * 100, part * 100, fit, shift);
        used = total;
        if (round == 3 || std::hypot(shift.x, shift.y) < 0.1) break;
        total += cv::Point2d(std::clamp(shift.x, -0.8, 0.8), std::clamp(shift.y, -0.8, 0.8));
        if (std::hypot(total.x, total.y) > 2.5) break;
        artwork = sakk::shifted(known, segment, total.x, total.y);
    }
    fit /= 100;
    return used;
}
/// Squares of what two pictures differ by, summed over each `block` of columns, for each of `moves` by which the second lies
/// further right: a row for each move.
cv::Mat columnCosts(const cv::Mat &field, const cv::Mat &known, const std::vector<double> &moves, int block) {
    const int blocks = (field.cols + block - 1) / block;
    cv::Mat costs(int(moves.size()), blocks, CV_32F), columns;
    for (size_t i = 0; i < moves.size(); i++) {
        const cv::Mat apart = field - sakk::shifted(known, cv::Rect(cv::Point(), known.size()), moves[i], 0);
        cv::reduce(apart.mul(apart), columns, 0, cv::REDUCE_SUM, CV_32F);
        for (int b = 0; b < blocks; b++)
            costs.at<float>(int(i), b) = float(cv::sum(columns.colRange(b * block, std::min((b + 1) * block, field.cols)))[0]);
    }
    return costs;
}

/// The move of each column of costs, such that all together cost least; neighbours are one step apart at most, which costs
/// `stiffness`.
std::vector<int> cheapest(const cv::Mat &costs, float stiffness) {
    const int moves = costs.rows, columns = costs.cols;
    cv::Mat from(costs.size(), CV_8S), total = costs.clone();
    for (int x = 1; x < columns; x++)
        for (int m = 0; m < moves; m++) {
            float least = total.at<float>(m, x - 1);
            int step = 0;
            for (int d : {-1, 1}) {
                if (m + d < 0 || m + d >= moves) continue;
                const float cost = total.at<float>(m + d, x - 1) + stiffness;
                if (cost < least) least = cost, step = d;
            }
            total.at<float>(m, x) += least;
            from.at<schar>(m, x) = schar(step);
        }
    std::vector<int> path(static_cast<size_t>(columns));
    int at = 0;
    for (int m = 1; m < moves; m++)
        if (total.at<float>(m, columns - 1) < total.at<float>(at, columns - 1)) at = m;
    for (int x = columns - 1; x >= 0; x--) {
        path[size_t(x)] = at;
        at += from.at<schar>(at, x);
    }
    return path;
}

/// How a program draws a line that fits letters to its pixels: each a little further left or right, and all of them a little
/// higher at one height of the line than at another. A dot stays over its letter, and two dots stay apart: over their distance
/// this gives way by half a pixel.
struct PixelFit {
    /// By how much each column lies further right, each row further down.
    std::vector<float> right, down;

    PixelFit(const cv::Mat &known, const cv::Mat &field) {
        right = moves(field, known, 3, 0.5, 6, 2);
        const cv::Mat lying = moved(known, right, {}).t();
        down = moves(field.t(), lying, 1.2, 0.2, 2, 1);
    }

    cv::Mat applied(const cv::Mat &known) const { return moved(known, right, down); }

  private:
    static std::vector<float> moves(
        const cv::Mat &field, const cv::Mat &known, double reach, double step, int block, float stiffness) {
        std::vector<double> steps;
        for (double move = -reach; move < reach + step / 2; move += step) steps.push_back(move);
        const std::vector<int> path = cheapest(columnCosts(field, known, steps, block), stiffness);
        std::vector<float> line(static_cast<size_t>(known.cols));
        // Evenly from the middle of one block to that of the next.
        for (int x = 0; x < known.cols; x++) {
            const double at = std::clamp((x - 0.5 * (block - 1)) / block, 0.0, double(path.size() - 1));
            const size_t left = std::min(size_t(at), path.size() - 1), next = std::min(left + 1, path.size() - 1);
            line[size_t(x)] = float(steps[size_t(path[left])] * (1 - at + double(left)) + steps[size_t(path[next])] * (at - double(left)));
        }
        return line;
    }

    static cv::Mat moved(const cv::Mat &picture, const std::vector<float> &right, const std::vector<float> &down) {
        cv::Mat xs(picture.size(), CV_32F), ys(picture.size(), CV_32F), result;
        for (int y = 0; y < picture.rows; y++)
            for (int x = 0; x < picture.cols; x++) {
                xs.at<float>(y, x) = float(x) - right[size_t(x)];
                ys.at<float>(y, x) = float(y) - (down.empty() ? 0 : down[size_t(y)]);
            }
        cv::remap(picture, result, xs, ys, cv::INTER_LINEAR, cv::BORDER_CONSTANT, 0);
        return result;
    }
};

/// Ink too much (above zero) or too little in a field, over the size of a dot, where a line is known to lie.
cv::Mat differences(const cv::Mat &known, const cv::Mat &field, cv::Rect core) {
    cv::Mat excess = cv::Mat::zeros(field.size(), CV_32F);
    const int segments = std::max(1, cvRound(core.width / 90.0));
    for (int i = 0; i < segments; i++) {
        int left = core.x + core.width * i / segments, right = core.x + core.width * (i + 1) / segments;
        cv::Rect segment(left, core.y, right - left, core.height);
        cv::Mat part = field(segment), fit;
        if (cv::countNonZero(known(segment) > 0.5) == 0) {
            cv::max(part - 0.3, 0, fit);
            fit.copyTo(excess(segment));
            continue;
        }
        movedFit(known, segment, part, fit);
        cv::Mat high, low;
        cv::dilate(fit, high, cv::Mat::ones(3, 3, CV_8U));
        cv::erode(fit, low, cv::Mat::ones(3, 3, CV_8U));
        high = fit + 0.5 * (high - fit);
        low = fit - 0.5 * (fit - low);
        cv::Mat target = cv::max(part - high, 0) + cv::min(part - low, 0);
        target.copyTo(excess(segment));
    }
    return sakk::smoothed(excess, 1.2);
}

/// What differs by less, and is as like, is drawn as it is here.
const double asDrawn = 0.05, asLike = 0.95;
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
        // Each piece of ink, and what stands so near to the box that it may be a letter's that sticks out of it.
        const int near = 6;
        cv::Rect around = view->cells(box, 12 + near), grown = view->cells(box, near);
        if (!inkShare(*view, around, grown, share)) return SAKK_VISION_OK;
        cv::Mat(share > 0.5).convertTo(mask, CV_8U);
        found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
        for (int i = 1; i < found && *count < capacity; i++) {
            const int *s = stats.ptr<int>(i);
            cv::Rect part(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
            double most;
            cv::minMaxLoc(share(part), nullptr, &most);
            if (s[cv::CC_STAT_AREA] < 3 || most < 0.8) continue;
            cv::Point middle(cvRound(centres.at<double>(i, 0)), cvRound(centres.at<double>(i, 1)));
            bool inside = place.contains(middle + around.tl());
            part += around.tl();
            result[(*count)++] = {
                {double(part.x), double(part.y), double(part.width), double(part.height)}, inside ? -2 : -3};
        }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_share(
    const sakk_view *view, sakk_rect box, float *values, size_t capacity, int *width, int *height) {
    return sakk::guarded([&] {
        *width = *height = 0;
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8 || wide.area() > int(capacity)) return SAKK_VISION_BAD_FRAME;
        cv::Mat share;
        if (!inkShare(*view, wide, place, share)) return SAKK_VISION_BAD_FRAME;
        share.copyTo(cv::Mat(share.size(), CV_32F, values));
        *width = share.cols;
        *height = share.rows;
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_spelled(
    const sakk_view *view, sakk_rect box, const uint8_t *ink, int width, int height, double *likeness) {
    return sakk::guarded([&] {
        *likeness = 0;
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8 || width < 4 || height < 4) return SAKK_VISION_OK;
        cv::Mat share, field;
        if (!inkShare(*view, wide, place, share)) return SAKK_VISION_OK;
        const cv::Mat glyphs = glyphsOf(ink, width, height);
        cv::Point at;
        *likeness = findLine(share, glyphs, place.size(), roomAround(share, glyphs), field, at);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_spelling(
    const sakk_view *view, sakk_rect box, const uint8_t *ink, int width, int height, float *profile,
    sakk_comparison *result) {
    return sakk::guarded([&] {
        *result = {};
        if (profile) std::fill(profile, profile + width, 1.0f);
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8 || width < 4 || height < 4) return SAKK_VISION_BAD_FRAME;
        cv::Mat share;
        if (!inkShare(*view, wide, place, share)) return SAKK_VISION_OK;
        cv::Mat field;
        const cv::Mat glyphs = glyphsOf(ink, width, height);
        const int room = roomAround(share, glyphs);
        cv::Point at;
        const double score = findLine(share, glyphs, place.size(), room, field, at);
        result->likeness = result->as_drawn = score;
        // So little likeness is another text's, or another face's: what differs is everything.
        if (score < 0.5) {
            result->worst = result->common = result->contrast = 1;
            result->place = box;
            return SAKK_VISION_OK;
        }
        cv::Mat known = cv::Mat::zeros(field.size(), CV_32F);
        glyphs.copyTo(known(cv::Rect(at, glyphs.size())));
        result->dx = at.x;
        result->dy = at.y;
        known = sakk::smoothed(known, 0.6);
        field = sakk::smoothed(field, 0.6);
        cv::Rect core = cv::Rect(room, room, share.cols, share.rows) | cv::Rect(at, glyphs.size());
        core = cv::Rect(core.x - 2, core.y - 2, core.width + 4, core.height + 4) & cv::Rect(0, 0, field.cols, field.rows);
        cv::Mat smooth = differences(known, field, core);
        double low, high;
        cv::Point lowAt, highAt;
        cv::minMaxLoc(smooth, &low, &high, &lowAt, &highAt);
        if (std::max(high, -low) > asDrawn || score < asLike) {
            cv::Mat fitted = PixelFit(known, field).applied(known), rest = differences(fitted, field, core);
            double least, most;
            cv::Point leastAt, mostAt;
            cv::minMaxLoc(rest, &least, &most, &leastAt, &mostAt);
            result->likeness = std::max(score, sakk::correlation(field(core), fitted(core)));
            if (std::max(most, -least) < std::max(high, -low))
                known = fitted, smooth = rest, low = least, high = most, lowAt = leastAt, highAt = mostAt;
        }
        result->worst = std::max(high, -low);
        int bad = 0;
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
        for (int x = 0; profile && x < width; x++) profile[x] = columns.at<float>(at.x + 2 + x);
        result->common = writing > 0 ? double(bad) / writing : 1;
        cv::Point where = (high > -low ? highAt : lowAt) - cv::Point(room, room) + wide.tl();
        int half = cvRound(0.5 * sakk::perMM);
        result->place = {double(where.x - half), double(where.y - half), 2.0 * half + 1, 2.0 * half + 1};
        result->contrast = 1;
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_rival(
    const sakk_view *view, sakk_rect box, const sakk_drawn_ink *own, const sakk_drawn_ink *other, int from, int to,
    double *lead, double *apart) {
    return sakk::guarded([&] {
        *lead = -1, *apart = 0;
        cv::Rect place = view->cells(box), wide = view->cells(box, 12);
        if (place.width < 8 || place.height < 8 || own->width < 4 || own->height < 4) return SAKK_VISION_BAD_FRAME;
        const sakk_line_found &line = lineIn(*view, wide, place, *own);
        if (line.likeness < 0.5) return SAKK_VISION_OK;
        const cv::Mat &field = line.field;
        const cv::Mat &known = line.known;
        const cv::Point at = line.at;
        const cv::Rect all(cv::Point(), field.size());
        const cv::Mat rivals = glyphsOf(other->ink, other->width, other->height);
        const cv::Mat rival = laidIn(field.size(), rivals, at + cv::Point(other->x, other->y));
        const cv::Rect lines = cv::Rect(at, line.size) | cv::Rect(at + cv::Point(other->x, other->y), rivals.size());
        const cv::Rect letter = cv::Rect(at.x + 2 + from, lines.y - 3, to - from + 1, lines.height + 6) & all;
        if (letter.width < 4 || letter.height < 4) return SAKK_VISION_OK;
        const cv::Mat part = field(letter);
        // Both are drawn by one program in one way: that of the one that explains the ink best.
        double least = -1;
        for (const cv::Mat &drawn : {known, rival}) {
            const PixelFit pixels(drawn, field);
            const cv::Mat own = pixels.applied(known), another = pixels.applied(rival);
            cv::Mat fit, fitted, unlike;
            cv::Point2d shift, move = movedFit(own, letter, part, fit);
            const cv::Mat meant = sakk::shifted(own, letter, move.x, move.y);
            const cv::Mat others = sakk::shifted(another, letter, move.x, move.y);
            sakk::explained(others * 100, part * 100, fitted, shift);
            fitted /= 100;
            const double rest = std::min(cv::norm(part, fit, cv::NORM_L2SQR), cv::norm(part, fitted, cv::NORM_L2SQR));
            if (least >= 0 && rest >= least) continue;
            least = rest;
            // Only where the two differ in ink: their strokes are the same.
            cv::dilate(cv::abs(others - meant), unlike, cv::Mat::ones(3, 3, CV_8U));
            cv::Mat difference = fitted - fit, rests = 2 * part - fit - fitted;
            difference.setTo(0, cv::Mat(unlike <= 0.15));
            *lead = -1;
            *apart = difference.dot(difference);
            if (*apart > 1e-3) *lead = difference.dot(rests) / *apart;
        }
        return SAKK_VISION_OK;
    });
}

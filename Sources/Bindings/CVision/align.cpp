// Which side it is, how it lies, and where the stock's and the personal print's artwork lie on it.
#include "view.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace {
/// Without what light does: the picture less its wide surroundings.
cv::Mat highPass(const cv::Mat &gray, double sigma) {
    // Two boxes make a bell, at a cost that does not grow with it.
    cv::Mat wide;
    int side = 2 * cvRound(sigma * 1.2) + 1;
    cv::blur(gray, wide, cv::Size(side, side));
    cv::blur(wide, wide, cv::Size(side, side));
    return gray - wide;
}

/// The stock without what light does, of the stock alone: a wide blur of it all would lay a rim of the print's around the print,
/// whose edges are no lines of the stock.
cv::Mat stockAlone(const cv::Mat &levels, const cv::Mat &stock, double sigma) {
    cv::Mat weights, wide, around;
    stock.convertTo(weights, CV_32F, 1 / 255.0);
    int side = 2 * cvRound(sigma * 1.2) + 1;
    cv::blur(levels.mul(weights), wide, cv::Size(side, side));
    cv::blur(wide, wide, cv::Size(side, side));
    cv::blur(weights, around, cv::Size(side, side));
    cv::blur(around, around, cv::Size(side, side));
    return (levels - wide / (around + 1e-3)).mul(weights);
}

double best(const cv::Mat &view, const cv::Mat &reference, int reach) {
    cv::Rect middle(reach, reach, reference.cols - 2 * reach, reference.rows - 2 * reach);
    cv::Mat scores;
    cv::matchTemplate(view, reference(middle), scores, cv::TM_CCOEFF_NORMED);
    double score;
    cv::minMaxLoc(scores, nullptr, &score);
    return score;
}

double spread(const cv::Mat &picture, const cv::Mat &mask = cv::Mat()) {
    cv::Scalar mean, deviation;
    cv::meanStdDev(picture, mean, deviation, mask);
    return deviation[0];
}

/// A place of the artwork, and where it is seen, relative to where it belongs; pixels of 300 dpi. Lines in one direction are
/// placed across themselves alone, along `across`.
struct Patch {
    double u, v;
    cv::Point2d move;
    double weight;
    bool print;
    cv::Point2d across;  // of length 1; null where it is placed both ways
};

/// In the boxes of writing only what is much darker than its surroundings: the stock under it moves otherwise.
void inkOf(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, const sakk_field *fields, size_t count,
    cv::Mat &knownInk, cv::Mat &seenInk) {
    auto dark = [](const cv::Mat &gray) {
        cv::Mat light;
        cv::dilate(gray, light, cv::Mat::ones(9, 9, CV_8U));
        cv::blur(light, light, cv::Size(9, 9));
        return cv::Mat(light - gray);
    };
    for (size_t i = 0; i < count; i++) {
        if (fields[i].coloured) continue;
        cv::Rect wide = view.cells(fields[i].place, 40), box = view.cells(fields[i].place);
        wide = cv::Rect(wide.x / 2, wide.y / 2, wide.width / 2, wide.height / 2);
        box = cv::Rect(box.x / 2, box.y / 2, box.width / 2, box.height / 2) - wide.tl();
        box &= cv::Rect(cv::Point(), wide.size());
        if (box.width < 6 || box.height < 4) continue;
        cv::Mat k = dark(known(wide)), s = dark(seen(wide));
        double most, seenMost;
        cv::minMaxLoc(k(box), nullptr, &most);
        cv::minMaxLoc(s(box), nullptr, &seenMost);
        if (most < 25) continue;
        k = cv::max(k - 0.45 * most, 0);
        s = cv::max(s - 0.45 * seenMost, 0);
        // Of the other boxes' surroundings nothing is overwritten that is theirs.
        cv::Mat(-k)(box).copyTo(knownInk(box + wide.tl()));
        cv::Rect around(box.x - 10, box.y - 10, box.width + 20, box.height + 20);
        around &= cv::Rect(cv::Point(), wide.size());
        cv::Mat(-s)(around).copyTo(seenInk(around + wide.tl()));
    }
}

/// The channel in which the stock shows clearly more than in grey, as pale yellow does in blue; -1 where none does.
int clearestChannel(const cv::Mat &artwork, const cv::Mat &known, const cv::Mat &stock) {
    double most = 2 * cv::norm(known, cv::NORM_L1, stock);
    int found = -1;
    for (int i = 0; i < 3; i++) {
        cv::Mat channel;
        cv::extractChannel(artwork, channel, i);
        channel.convertTo(channel, CV_32F);
        const double shown = cv::norm(highPass(channel, 8), cv::NORM_L1, stock);
        if (shown > most) most = shown, found = i;
    }
    return found;
}

/// Where the masked part of the artwork is seen as a whole, in pixels of the half raster; score 0 when nowhere.
struct Whole {
    cv::Point move;
    double score = 0;
};

Whole wholeMove(const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, int reach) {
    Whole result;
    if (cv::countNonZero(mask) < 60 || spread(known, mask) < 1.5) return result;
    cv::Mat part = cv::Mat::zeros(known.size(), CV_32F), scores;
    known.copyTo(part, mask);
    cv::Rect bounds = cv::boundingRect(mask);
    bounds &= cv::Rect(reach, reach, known.cols - 2 * reach, known.rows - 2 * reach);
    if (bounds.width < 20 || bounds.height < 8) return result;
    cv::Rect wide(bounds.x - reach, bounds.y - reach, bounds.width + 2 * reach, bounds.height + 2 * reach);
    // What lies between, the print for the stock, takes no part.
    cv::Mat share;
    mask(bounds).convertTo(share, CV_32F, 1 / 255.0);
    cv::matchTemplate(seen(wide), part(bounds), scores, cv::TM_CCORR_NORMED, share);
    // Of equal peaks, as a pattern that repeats has, the nearest.
    for (int y = 0; y < scores.rows; y++)
        for (int x = 0; x < scores.cols; x++) {
            double far = std::hypot(x - reach, y - reach) / reach;
            double score = scores.at<float>(y, x) * (1 - 0.05 * far);
            if (score > result.score) result = {cv::Point(x - reach, y - reach), score};
        }
    return result;
}

/// The direction that the only lines of a part are placed in: across them. Null where it has edges across each other.
cv::Point2d onlyWay(const cv::Mat &part) {
    cv::Mat across, down;
    cv::Sobel(part, across, CV_32F, 1, 0);
    cv::Sobel(part, down, CV_32F, 0, 1);
    const double xx = across.dot(across), xy = across.dot(down), yy = down.dot(down);
    const double apart = std::hypot(xx - yy, 2 * xy);
    if (xx + yy - apart > 0.03 * (xx + yy + apart)) return {};
    const double angle = std::atan2(2 * xy, xx - yy) / 2;
    return {std::cos(angle), std::sin(angle)};
}

/// How a part correlates around the place it was thought to be seen at.
struct Scores {
    const cv::Mat &all;
    cv::Point at;

    double operator()(int dx, int dy) const { return all.at<float>(at.y + dy, at.x + dx); }
    double slope(cv::Point2d way) const {
        const Scores &s = *this;
        return (s(1, 0) - s(-1, 0)) / 2 * way.x + (s(0, 1) - s(0, -1)) / 2 * way.y;
    }
    double bendX() const { return 2 * (*this)(0, 0) - (*this)(-1, 0) - (*this)(1, 0); }
    double bendY() const { return 2 * (*this)(0, 0) - (*this)(0, -1) - (*this)(0, 1); }
    double bendXY() const { return ((*this)(1, -1) + (*this)(-1, 1) - (*this)(-1, -1) - (*this)(1, 1)) / 4; }
    double bend(cv::Point2d way) const {
        return bendX() * way.x * way.x + 2 * bendXY() * way.x * way.y + bendY() * way.y * way.y;
    }
};

/// One small part; weight 0 when it is not found with certainty. Where lines run one way, only if `stripes`.
Patch partMove(
    const sakk_view &view, const cv::Mat &known, const cv::Mat &seen, cv::Rect place, cv::Point from, bool print, bool stripes) {
    const int reach = 4;
    cv::Point2d middle(place.x + (place.width - 1) / 2.0, place.y + (place.height - 1) / 2.0);
    Patch result{view.across(2 * middle.x + 0.5), view.down(2 * middle.y + 0.5), {}, 0, print, {}};
    cv::Rect wide(
        place.x + from.x - reach, place.y + from.y - reach, place.width + 2 * reach, place.height + 2 * reach);
    if ((wide & cv::Rect(cv::Point(), seen.size())) != wide) return result;
    double texture = spread(known(place));
    if (texture < 1.2) return result;
    const cv::Point2d way = onlyWay(known(place));
    const bool oneWay = way != cv::Point2d();
    if (oneWay != stripes) return result;
    cv::Mat scores = sakk::correlations(seen(wide), known(place));
    double score;
    cv::Point at;
    cv::Mat beside;
    if (oneWay) {
        // As good anywhere along the lines: what is found far along them says nothing more.
        beside = cv::Mat::zeros(scores.size(), CV_8U);
        for (int y = 0; y < scores.rows; y++)
            for (int x = 0; x < scores.cols; x++)
                if (std::abs((y - reach) * way.x - (x - reach) * way.y) < 0.75) beside.at<uint8_t>(y, x) = 255;
    }
    cv::minMaxLoc(scores, nullptr, &score, nullptr, &at, beside);
    if (score < 0.5 || at.x == 0 || at.y == 0 || at.x == 2 * reach || at.y == 2 * reach) return result;
    const Scores around{scores, at};
    cv::Point2d rest;
    double bend;
    if (oneWay) {
        bend = around.bend(way);
        if (bend < 0.01) return result;
        rest = way * std::clamp(around.slope(way) / bend, -0.6, 0.6);
        result.across = way;
    } else {
        auto peak = [](double slope, double bend) { return bend > 1e-9 ? std::clamp(slope / bend, -0.6, 0.6) : 0.0; };
        rest.x = peak(around.slope({1, 0}), around.bendX());
        rest.y = peak(around.slope({0, 1}), around.bendY());
        // Lines in one direction place nothing along themselves.
        bend = (around.bendX() + around.bendY()) / 2
            - std::hypot((around.bendX() - around.bendY()) / 2, around.bendXY());
        if (bend < 0.01) return result;
    }
    result.move = 2 * (cv::Point2d(from + at) - cv::Point2d(reach, reach) + rest);
    result.weight = (score - 0.45) * std::min(texture, 20.0) * bend * 10;
    return result;
}

/// One smooth move for all, and an affine one more for the personal print; Tukey's weights. What nothing places along its
/// lines lies there as the rest does.
void fit(const std::vector<Patch> &patches, bool apart, sakk_move &stock, sakk_move &print) {
    const int count = 9, both = 2 * count;
    cv::Matx<double, both, 1> solution;
    std::vector<double> weights(patches.size(), 1);
    auto bases = [&](const Patch &p, double (&row)[count]) {
        const double own = apart && p.print ? 1 : 0;
        const double values[count] = {1, p.u, p.v, p.u * p.u, p.u * p.v, p.v * p.v, own, own * p.u, own * p.v};
        std::copy(values, values + count, row);
    };
    double row[count];
    for (int round = 0; round < 6; round++) {
        cv::Matx<double, both, both> normal = cv::Matx<double, both, both>::zeros();
        cv::Matx<double, both, 1> right = cv::Matx<double, both, 1>::zeros();
        double all = 0;
        for (size_t i = 0; i < patches.size(); i++) {
            const Patch &p = patches[i];
            bases(p, row);
            const double w = p.weight * weights[i];
            const bool oneWay = p.across != cv::Point2d();
            const double xx = oneWay ? p.across.x * p.across.x : 1, yy = oneWay ? p.across.y * p.across.y : 1;
            const double xy = p.across.x * p.across.y;
            all += w;
            for (int r = 0; r < count; r++) {
                right(r) += w * row[r] * (xx * p.move.x + xy * p.move.y);
                right(count + r) += w * row[r] * (xy * p.move.x + yy * p.move.y);
                for (int c = 0; c < count; c++) {
                    normal(r, c) += w * row[r] * row[c] * xx;
                    normal(count + r, count + c) += w * row[r] * row[c] * yy;
                    normal(r, count + c) += w * row[r] * row[c] * xy;
                    normal(count + r, c) += w * row[r] * row[c] * xy;
                }
            }
        }
        const double mean = all / double(std::max<size_t>(patches.size(), 1));
        const double ridge[count] = {0.001, 0.2, 0.2, 1, 1, 1, 0.01, 1, 1};
        for (int r = 0; r < both; r++) normal(r, r) += ridge[r % count] * mean + 1e-6;
        solution = normal.solve(right, cv::DECOMP_CHOLESKY);
        std::vector<double> rests;
        for (auto &p : patches) {
            bases(p, row);
            cv::Point2d rest = -p.move;
            for (int r = 0; r < count; r++) rest += cv::Point2d(row[r] * solution(r), row[r] * solution(count + r));
            rests.push_back(p.across != cv::Point2d() ? std::abs(rest.dot(p.across)) : std::hypot(rest.x, rest.y));
        }
        double scale = std::max(4 * sakk::median(rests), 0.6);
        for (size_t i = 0; i < patches.size(); i++) {
            double u = rests[i] / scale;
            weights[i] = u >= 1 ? 1e-4 : (1 - u * u) * (1 - u * u);
        }
    }
    for (int r = 0; r < 6; r++) {
        stock.x[r] = print.x[r] = solution(r);
        stock.y[r] = print.y[r] = solution(count + r);
    }
    if (!apart) return;
    for (int r = 0; r < 3; r++) {
        print.x[r] += solution(6 + r);
        print.y[r] += solution(count + 6 + r);
    }
}

/// The blur that makes the artwork look like the capture: the one after which they correlate best where the artwork has
/// fine detail. Looked for in some of the fields, or in the middle of the side.
double softnessOf(const sakk_view &view, const cv::Mat &artwork, const sakk_field *fields, size_t count) {
    std::vector<cv::Rect> places;
    size_t all = 0;
    for (size_t i = 0; i < count && all < 60000; i++) {
        cv::Rect place = view.cells(fields[i].place, 2) & view.inner(1.5);
        // A large box says no more in all of it.
        if (place.height > 120) place = cv::Rect(place.x, place.y + place.height / 2 - 60, place.width, 120);
        if (place.width < 30 || place.height < 12) continue;
        places.push_back(place);
        all += size_t(place.area());
    }
    if (places.empty()) places.push_back(view.inner(20));
    const double trials[] = {0.3, 0.55, 0.8, 1.1, 1.5, 2.0, 2.7, 3.5};
    std::vector<cv::Mat> known, seen;
    std::vector<cv::Point> offsets;
    for (auto &place : places) {
        cv::Mat k = sakk::grayOf(artwork(place));
        double strength = spread(k);
        if (strength < 4) continue;
        known.push_back(k);
        cv::Mat values = view.gray(place), slope;
        cv::Laplacian(values, slope, CV_32F, 3);
        seen.push_back(slope);
    }
    if (known.empty()) return 0.8;
    // Each place by itself: one whose writing is another must not decide.
    std::vector<double> found;
    for (size_t i = 0; i < known.size(); i++) {
        std::vector<double> scores;
        const int reach = 2;
        const cv::Rect core(reach, reach, known[i].cols - 2 * reach, known[i].rows - 2 * reach);
        auto slopeOf = [&](double sigma) {
            cv::Mat slope;
            cv::Laplacian(sakk::smoothed(known[i], sigma), slope, CV_32F, 3);
            return slope;
        };
        // Where it lies, a usual blur tells; no blur moves it.
        cv::Point lies;
        cv::minMaxLoc(sakk::correlations(seen[i], slopeOf(0.8)(core)), nullptr, nullptr, nullptr, &lies);
        const cv::Mat there = seen[i](cv::Rect(lies, core.size()));
        for (double trial : trials) {
            scores.push_back(sakk::correlation(there, slopeOf(trial)(core)));
            // Past the peak.
            size_t n = scores.size();
            if (n > 2 && scores[n - 1] < scores[n - 2] && scores[n - 2] < scores[n - 3]) break;
        }
        size_t at = size_t(std::max_element(scores.begin(), scores.end()) - scores.begin());
        if (scores[at] < 0.35) continue;
        double share = 0;
        if (at > 0 && at + 1 < scores.size()) {
            double left = scores[at] - scores[at - 1], right = scores[at] - scores[at + 1];
            share = (left - right) / (2 * std::max(left + right, 1e-9));
        }
        found.push_back(trials[at] + share * (share < 0 ? trials[at] - trials[at - 1] : share > 0 ? trials[at + 1] - trials[at] : 0));
    }
    return found.empty() ? 0.8 : sakk::median(found);
}
}  // namespace

sakk_vision_status sakk_view_likeness(const sakk_view *view, const uint8_t *artwork, double *upright, double *turned) {
    return sakk::guarded([&] {
        if (view->small.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Rect card = view->inner(1.5);
        card = cv::Rect(card.x / 4, card.y / 4, card.width / 4, card.height / 4);
        cv::Mat small = sakk::reduced(sakk::reduced(view->artwork(artwork), 2), 2);
        cv::Mat seen = highPass(sakk::grayOf(sakk::reduced(view->small, 2)(card)), 6);
        cv::Mat known = highPass(sakk::grayOf(small(card)), 6);
        *upright = best(seen, known, 9);
        cv::rotate(known, known, cv::ROTATE_180);
        *turned = best(seen, known, 9);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_align(
    sakk_view *view, const uint8_t *artwork, const sakk_field *fields, size_t count, sakk_alignment *result) {
    return sakk::guarded([&] {
        *result = {};
        std::vector<sakk_rect> places;
        for (size_t i = 0; i < count; i++) places.push_back(fields[i].place);
        cv::Mat picture = view->artwork(artwork);
        if (view->small.empty()) return SAKK_VISION_BAD_FRAME;
        const cv::Mat half = sakk::reduced(picture, 2);
        cv::Mat known2 = sakk::grayOf(half), seen2 = sakk::grayOf(view->small);
        cv::Mat known = highPass(known2, 8), seen = highPass(seen2, 8);
        cv::Mat print = cv::Mat::zeros(view->size(), CV_8U), stock = view->inside(1.2);
        for (size_t i = 0; i < count; i++) {
            stock(view->cells(fields[i].place, 0.8 * sakk::perMM)) = 0;
            print(view->cells(fields[i].place, 0.3 * sakk::perMM)) = 255;
        }
        cv::Mat knownInk = known.clone(), seenInk = seen.clone();
        inkOf(*view, known2, seen2, fields, count, knownInk, seenInk);
        cv::resize(print, print, known.size(), 0, 0, cv::INTER_NEAREST);
        cv::resize(stock, stock, known.size(), 0, 0, cv::INTER_NEAREST);
        // The stock by itself, where it is seen best.
        cv::Mat knownStock = known, seenStock = seen, knownLevels = known2, seenLevels = seen2;
        if (const int channel = clearestChannel(half, known, stock); channel >= 0) {
            cv::extractChannel(half, knownLevels, channel);
            cv::extractChannel(view->small, seenLevels, channel);
            knownLevels.convertTo(knownLevels, CV_32F);
            seenLevels.convertTo(seenLevels, CV_32F);
            knownStock = highPass(knownLevels, 8), seenStock = highPass(seenLevels, 8);
        }
        const int reach = 9;
        cv::Mat known4 = sakk::reduced(knownStock, 2), seen4 = sakk::reduced(seenStock, 2), stock4, print4;
        cv::resize(stock, stock4, known4.size(), 0, 0, cv::INTER_NEAREST);
        cv::resize(print, print4, known4.size(), 0, 0, cv::INTER_NEAREST);
        Whole ground = wholeMove(known4, seen4, stock4, reach), ink = wholeMove(sakk::reduced(knownInk, 2), sakk::reduced(seenInk, 2), print4, reach);
        ground.move *= 2;
        ink.move *= 2;
        bool groundKnown = ground.score > 0.3, inkKnown = ink.score > 0.3;
        double groundScore = ground.score;
        if (!groundKnown && !inkKnown) {
            view->lay(places.data(), places.size());
            return SAKK_VISION_OK;
        }
        if (!groundKnown) ground = ink;
        // Other words and another face still lie where words and faces belong.
        if (!inkKnown) ink = ground;
        std::vector<Patch> patches;
        const int size = 34, step = 30;
        // Where a dozen parts place the stock both ways, its stripes need not.
        for (bool stripes : {false, true}) {
            if (stripes && patches.size() >= 12) break;
            const cv::Mat drawn = stripes ? stockAlone(knownLevels, stock, 8) : knownStock;
            const cv::Mat shown = stripes ? stockAlone(seenLevels, stock, 8) : seenStock;
            for (int y = 4; y + size < known.rows - 4; y += step)
                for (int x = 4; x + size < known.cols - 4; x += step) {
                    cv::Rect place(x, y, size, size);
                    if (cv::countNonZero(stock(place)) < size * size * 7 / 10) continue;
                    Patch p = partMove(*view, drawn, shown, place, ground.move, false, stripes);
                    if (p.weight > 0) patches.push_back(p);
                }
        }
        for (size_t i = 0; i < count; i++) {
            cv::Rect box = view->cells(fields[i].place, 3);
            box = cv::Rect(box.x / 2, box.y / 2, box.width / 2, box.height / 2);
            int columns = std::max(1, cvRound(box.width / 48.0)), rows = std::max(1, cvRound(box.height / 48.0));
            for (int row = 0; row < rows; row++)
                for (int column = 0; column < columns; column++) {
                    cv::Rect place(
                        box.x + box.width * column / columns, box.y + box.height * row / rows, box.width / columns,
                        box.height / rows);
                    if (place.width < 12 || place.height < 8) continue;
                    Patch p = partMove(*view, knownInk, seenInk, place, ink.move, true, false);
                    if (p.weight > 0) patches.push_back(p);
                }
        }
        size_t own = size_t(std::count_if(patches.begin(), patches.end(), [](auto &p) { return p.print; }));
        size_t others = patches.size() - own;
        if (patches.size() < 3) {
            view->stock.x[0] = 2 * ground.move.x, view->stock.y[0] = 2 * ground.move.y;
            view->print.x[0] = 2 * ink.move.x, view->print.y[0] = 2 * ink.move.y;
        } else {
            fit(patches, own >= 2 && others >= 3, view->stock, view->print);
        }
        // A stock that was found wherever the print is gets its own place no further.
        sakk_move before = view->stock;
        if (groundKnown) sakk::settle(*view, knownStock, seenStock, stock, 20, view->stock);
        if (own < 2)
            for (int r = 0; r < 6; r++) {
                view->print.x[r] += view->stock.x[r] - before.x[r];
                view->print.y[r] += view->stock.y[r] - before.y[r];
            }
        if (inkKnown) sakk::settle(*view, known, seen, print, 1, view->print);
        cv::Moments m = cv::moments(print, true);
        double u = 0, v = 0;
        if (m.m00 > 0) u = view->across(2 * m.m10 / m.m00 + 0.5), v = view->down(2 * m.m01 / m.m00 + 0.5);
        cv::Point2d there = view->print.at(u, v), base = view->stock.at(0, 0);
        result->dx = there.x;
        result->dy = there.y;
        result->stock_dx = base.x;
        result->stock_dy = base.y;
        result->degrees =
            (view->print.y[1] / view->raster.width - view->print.x[2] / view->raster.height) * 180 / CV_PI;
        result->score = std::max(groundKnown ? ground.score : 0, inkKnown ? ink.score : 0);
        result->print_score = inkKnown ? ink.score : 0;
        result->stock_score = groundScore;
        result->patches = int(patches.size());
        view->lay(places.data(), places.size());
        view->softness = softnessOf(*view, picture, fields, count);
        result->softness = view->softness;
        return SAKK_VISION_OK;
    });
}

// Where each channel of a side lies against its artwork: inks that were laid apart.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
/// Sigma before the slopes are taken, in pixels of what is looked at.
constexpr double blur = 0.8;

/// Pixels of what is looked at.
struct Lie {
    cv::Point2d move;
    /// Of the move, by what the artwork there says of it and by what stays unexplained; pixels.
    double error = 1e3;
    double likeness = -1;
};

/// Light and tone change slowly: what is left when the wide surroundings are taken away.
cv::Mat detail(const cv::Mat &picture, double sigma, int wide) {
    cv::Mat soft = sakk::smoothed(picture, sigma), around;
    cv::blur(soft, around, cv::Size(wide, wide), cv::Point(-1, -1), cv::BORDER_REPLICATE);
    return soft - around;
}

/// A picture of floats moved, in steps of a 32nd of a pixel; beyond the border the border's. As warpAffine makes it, of which this
/// is the case with one weight for all pixels.
void moved(const cv::Mat &picture, cv::Point2d by, cv::Mat &result) {
    const int x32 = (cvRound(-by.x * 1024) + 16) >> 5, y32 = (cvRound(-by.y * 1024) + 16) >> 5;
    const int left = x32 >> 5, up = y32 >> 5, columns = picture.cols;
    const float u = float(x32 & 31) / 32, v = float(y32 & 31) / 32;
    const float weights[4] = {(1 - v) * (1 - u), (1 - v) * u, v * (1 - u), v * u};
    const int from = std::clamp(-left, 0, columns), to = std::clamp(columns - 1 - left, from, columns);
    result.create(picture.size(), CV_32F);
    for (int y = 0; y < picture.rows; y++) {
        const float *above = picture.ptr<float>(std::clamp(y + up, 0, picture.rows - 1));
        const float *below = picture.ptr<float>(std::clamp(y + up + 1, 0, picture.rows - 1));
        float *row = result.ptr<float>(y);
        sakk::between(above + left + from, below + left + from, weights, to - from, row + from);
        auto rim = [&](int x) {
            const int one = std::clamp(x + left, 0, columns - 1), next = std::clamp(x + left + 1, 0, columns - 1);
            row[x] = above[one] * weights[0] + above[next] * weights[1] + below[one] * weights[2] + below[next] * weights[3];
        };
        for (int x = 0; x < from; x++) rim(x);
        for (int x = to; x < columns; x++) rim(x);
    }
}

/// Least squares over the slopes of the artwork, moved to where it was found before.
void refine(const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, int rounds, Lie &lie) {
    cv::Mat shown;
    const int rim = 3, count = known.cols - 2 * rim;
    // The slopes of a row.
    std::vector<float> rests, across(size_t(std::max(count, 0))), down(across.size());
    for (int round = 0; round < rounds; round++) {
        if (lie.move.x == 0 && lie.move.y == 0) {
            shown = known;
        } else {
            cv::Mat next;
            moved(known, lie.move, next);
            shown = next;
        }
        rests.clear();
        for (int y = rim; y < shown.rows - rim; y += 3)
            for (int x = rim; x < shown.cols - rim; x += 3)
                if (mask.empty() || mask.at<uint8_t>(y, x)) rests.push_back(std::abs(seen.at<float>(y, x) - shown.at<float>(y, x)));
        if (rests.size() < 30) return;
        // What is drawn with the inks that lie right must not hold those that do not.
        const float scale = std::max(3 * sakk::nth(rests, rests.size() * 7 / 10), 4.0f);
        double sums[13] = {};
        for (int y = rim; y < shown.rows - rim; y++) {
            // What is read behind the last one is not written.
            const float *rows[3] = {shown.ptr<float>(y - 1) + rim, shown.ptr<float>(y) + rim, shown.ptr<float>(y + 1) + rim};
            sakk::slopes(rows, count, across.data(), down.data());
            sakk::addFit(
                across.data(), down.data(), rows[1], seen.ptr<float>(y) + rim, mask.empty() ? nullptr : mask.ptr(y) + rim,
                count, scale, sums);
        }
        const auto [xx, xy, yy, xk, yk, kk, xr, yr, kr, rr, ss, sk, all] = sums;
        cv::Matx33d normal(xx, xy, -xk, xy, yy, -yk, -xk, -yk, kk);
        for (int i = 0; i < 3; i++) normal(i, i) += 1e-3 + 1e-4 * all;
        const cv::Vec3d found = normal.solve(cv::Vec3d(-xr, -yr, kr), cv::DECOMP_CHOLESKY);
        cv::Point2d step(std::clamp(found[0], -2.5, 2.5), std::clamp(found[1], -2.5, 2.5));
        lie.move += step;
        lie.likeness = sk / std::sqrt(std::max(ss * kk, 1e-9));
        const double least = (xx + yy) / 2 - std::hypot((xx - yy) / 2, xy);
        const double alike = 4 * CV_PI * (blur * blur + 0.3);
        lie.error = std::sqrt(rr / std::max(all, 1.0) * alike / std::max(least, 1e-6));
        if (std::hypot(step.x, step.y) < 0.12) break;
    }
}

/// From where it is thought to lie; kept where it explains more.
void tryFrom(const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask, cv::Point2d move, Lie &lie) {
    Lie other;
    other.move = move;
    refine(known, seen, mask, 5, other);
    if (other.likeness > lie.likeness) lie = other;
}

/// One channel of a place in both pictures.
Lie lieOf(const cv::Mat &known, const cv::Mat &seen, const cv::Mat &mask) {
    Lie lie;
    refine(known, seen, mask, 7, lie);
    const int far = 5;
    // Where all is explained from nearby, nothing is looked for further off.
    if (lie.likeness > 0.95 && std::hypot(lie.move.x, lie.move.y) < 1) return lie;
    // What is wide and soft is followed further where it is seen smaller.
    if (std::min(known.cols, known.rows) > 40) {
        cv::Mat coarse;
        if (!mask.empty()) {
            coarse = sakk::reduced(mask, 2);
            cv::threshold(coarse, coarse, 254, 255, cv::THRESH_BINARY);
        }
        Lie small;
        refine(sakk::reduced(known, 2), sakk::reduced(seen, 2), coarse, 7, small);
        if (cv::norm(2 * small.move - lie.move) > 0.3) tryFrom(known, seen, mask, 2 * small.move, lie);
    }
    if (lie.likeness > 0.85 && std::hypot(lie.move.x, lie.move.y) < far) return lie;
    // Fine strokes that lie further off than they are wide: looked for.
    cv::Rect middle(far, far, known.cols - 2 * far, known.rows - 2 * far);
    if (middle.width < 12 || middle.height < 6) return lie;
    cv::Mat scores;
    cv::matchTemplate(seen, known(middle), scores, cv::TM_CCORR_NORMED);
    cv::Point at;
    cv::minMaxLoc(scores, nullptr, nullptr, nullptr, &at);
    tryFrom(known, seen, mask, cv::Point2d(at.x - far, at.y - far), lie);
    return lie;
}

/// The channels of a picture, which is so many times smaller than the raster, without their wide surroundings.
std::vector<cv::Mat> channelsOf(const cv::Mat &picture, int factor) {
    std::vector<cv::Mat> channels;
    cv::split(picture, channels);
    for (cv::Mat &channel : channels) {
        cv::Mat values;
        channel.convertTo(values, CV_32F);
        channel = detail(values, blur, 42 / factor | 1);
    }
    return channels;
}

/// A channel of a part, moved back by this much.
void moveBack(cv::Mat &part, const sakk_panels &panels) {
    std::vector<cv::Mat> channels;
    cv::split(part, channels);
    for (size_t c = 0; c < 3; c++) {
        cv::Mat map = (cv::Mat_<double>(2, 3) << 1, 0, -panels.dx[c], 0, 1, -panels.dy[c]), moved;
        cv::warpAffine(channels[c], moved, map, part.size(), cv::INTER_CUBIC, cv::BORDER_REPLICATE);
        channels[c] = moved;
    }
    cv::merge(channels, part);
}

/// The channels in one place.
struct Place {
    cv::Point2d moves[3];
    double error = 0, likeness = 1;
    /// Against the stock that is seen beside it, the middle channel's; how sure that is; and where in the document.
    cv::Point2d apart, at;
    double apartError = 1e3;

    bool isSure() const { return error < 0.06 * sakk::perMM && likeness > 0.75; }
    bool isBeside() const { return isSure() && likeness > 0.85 && apartError < 0.06 * sakk::perMM; }
};

/// Both pictures, a channel at a time, `factor` times smaller than the raster, and what is no field's.
struct Pictures {
    int factor;
    std::vector<cv::Mat> known, seen;
    cv::Mat stock;

    Pictures(const sakk_view &view, int factor)
        : factor(factor), known(channelsOf(factor == 1 ? view.plain : sakk::reduced(view.plain, factor), factor)),
          seen(channelsOf(factor == 1 ? view.card : view.cardHalved(), factor)) {
        cv::Mat usable = view.inside(1.5);
        usable.setTo(0, view.personal);
        stock = factor == 1 ? usable : sakk::reduced(usable, factor);
        cv::threshold(stock, stock, 254, 255, cv::THRESH_BINARY);
        const int rim = 10 / factor;
        cv::erode(stock, stock, cv::Mat::ones(rim, rim, CV_8U));
    }
};

cv::Point2d middleOf(const cv::Point2d *m) {
    auto third = [](double a, double b, double c) { return std::max(std::min(a, b), std::min(std::max(a, b), c)); };
    return cv::Point2d(third(m[0].x, m[1].x, m[2].x), third(m[0].y, m[1].y, m[2].y));
}

/// `near`: where it was found before, in pixels of the raster.
Place placeIn(const Pictures &pictures, cv::Rect place, bool ofStock, const Place *near) {
    Place result;
    const int factor = pictures.factor;
    cv::Rect part(place.x / factor, place.y / factor, place.width / factor, place.height / factor);
    part &= cv::Rect(cv::Point(), pictures.stock.size());
    cv::Mat mask;
    if (ofStock) mask = pictures.stock(part);
    if (part.width < 12 || part.height < 8 || (ofStock && cv::countNonZero(mask) < 300)) {
        result.error = 1e3;
        return result;
    }
    Lie lies[3];
    for (size_t c = 0; c < 3; c++) {
        const cv::Mat known = pictures.known[c](part), seen = pictures.seen[c](part);
        if (near)
            tryFrom(known, seen, mask, near->moves[c] / factor, lies[c]);
        else
            lies[c] = lieOf(known, seen, mask);
    }
    // Strokes that follow each other may be taken for one another: where one channel lies, the others are looked for as well.
    const cv::Point2d found[3] = {lies[0].move, lies[1].move, lies[2].move};
    for (size_t c = 0; c < 3; c++)
        for (const cv::Point2d &other : found)
            if (cv::norm(other - lies[c].move) > 0.5 / factor)
                tryFrom(pictures.known[c](part), pictures.seen[c](part), mask, other, lies[c]);
    for (size_t c = 0; c < 3; c++) {
        result.moves[c] = factor * lies[c].move;
        result.error = std::max(result.error, factor * lies[c].error);
        result.likeness = std::min(result.likeness, lies[c].likeness);
    }
    return result;
}

/// Where a box lies on the raster's document: writing may lie beyond its box.
cv::Rect boxOf(const sakk_view &view, const sakk_rect &box) {
    return view.inner(1.2) & view.cells(box, box.height < 120 ? 0.6 * sakk::perMM : -3);
}

/// How what is printed in a box lies against the stock beside it, which is looked for from where all of the stock lies.
void holdAgainstStock(const sakk_view &view, const Pictures &pictures, const sakk_rect &box, const Place &stock, Place &result) {
    if (!result.isSure() || result.likeness <= 0.85) return;
    const cv::Rect place = boxOf(view, box);
    const Place beside = placeIn(
        pictures, view.inner(1.2) & view.cells(box, 4 * sakk::perMM), true, stock.isSure() ? &stock : nullptr);
    if (!beside.isSure()) return;
    const cv::Point2d middle(place.x + place.width / 2.0, place.y + place.height / 2.0);
    result.at = cv::Point2d(middle.x - view.raster.width / 2.0, middle.y - view.raster.height / 2.0);
    const double u = view.across(middle.x), v = view.down(middle.y);
    result.apart = view.print.at(u, v) - view.stock.at(u, v) + middleOf(result.moves) - middleOf(beside.moves);
    result.apartError = std::hypot(result.error, beside.error);
}

/// Middle of the places that are sure, a channel at a time.
void gather(const std::vector<Place> &places, sakk_panels &panels) {
    std::vector<double> xs, ys;
    double least = 1e3;
    for (int c = 0; c < 3; c++) {
        xs.clear(), ys.clear();
        for (auto &place : places)
            if (place.isSure()) xs.push_back(place.moves[c].x), ys.push_back(place.moves[c].y), least = std::min(least, place.error);
        if (xs.empty()) return;
        panels.dx[c] = sakk::median(xs), panels.dy[c] = sakk::median(ys);
    }
    panels.error = least;
    panels.sure = 1;
    for (int one = 0; one < 3; one++)
        for (int other = 0; other < one; other++)
            panels.apart = std::max(panels.apart, std::hypot(panels.dx[one] - panels.dx[other], panels.dy[one] - panels.dy[other]));
}

/// So many fields of writing say where black lies.
constexpr size_t leastWriting = 3;

/// How far the writing lies from where the pictures are, both on one card that may be turned and stretched a little by the
/// printer: least squares with what printers do as its prior.
void blackOf(const std::vector<Place> &writing, const std::vector<Place> &pictures, sakk_registration &result) {
    const int count = 7;
    cv::Matx<double, count, count> normal = cv::Matx<double, count, count>::zeros();
    cv::Matx<double, count, 1> right = cv::Matx<double, count, 1>::zeros();
    const double turn = 0.0015, stretch = 0.0012, noise = 0.35;
    normal(4, 4) = 1 / (turn * turn), normal(5, 5) = normal(6, 6) = 1 / (stretch * stretch);
    int counts[2] = {};
    for (int kind = 0; kind < 2; kind++)
        for (auto &place : kind ? pictures : writing) {
            if (!place.isBeside()) continue;
            counts[kind]++;
            const double weight = 1 / (noise * noise + place.apartError * place.apartError);
            double across[count] = {}, down[count] = {};
            across[2 * kind] = 1, across[4] = -place.at.y, across[5] = place.at.x;
            down[2 * kind + 1] = 1, down[4] = place.at.x, down[6] = place.at.y;
            for (int r = 0; r < count; r++) {
                right(r) += weight * (across[r] * place.apart.x + down[r] * place.apart.y);
                for (int c = 0; c < count; c++) normal(r, c) += weight * (across[r] * across[c] + down[r] * down[c]);
            }
        }
    if (counts[0] < int(leastWriting) || counts[1] < 1) return;
    const auto inverse = normal.inv(cv::DECOMP_CHOLESKY);
    const auto found = inverse * right;
    result.black_dx = found(0) - found(2), result.black_dy = found(1) - found(3);
    const double across = inverse(0, 0) + inverse(2, 2) - 2 * inverse(0, 2), down = inverse(1, 1) + inverse(3, 3) - 2 * inverse(1, 3);
    result.black_error = std::sqrt(std::max(across, down));
}
}  // namespace

namespace {
/// Where the stock, the writing and the pictures of a side were found.
struct Places {
    std::vector<Place> stock, writing, pictures;

    Places(
        const sakk_view &view, const Pictures &at, const sakk_field *fields, size_t count, const Places *before) {
        stock = {placeIn(at, view.inner(1.2), true, before ? &before->stock[0] : nullptr)};
        std::vector<size_t> boxes[2];
        for (size_t i = 0; i < count; i++) {
            if (!fields[i].coloured && writing.size() >= 8) continue;
            auto &own = fields[i].coloured ? pictures : writing;
            const Place *near = before ? &(fields[i].coloured ? before->pictures : before->writing)[own.size()] : nullptr;
            own.push_back(placeIn(at, boxOf(view, fields[i].place), false, near));
            boxes[fields[i].coloured ? 1 : 0].push_back(i);
        }
        // Black is held against pictures: where there are none, or too little writing, how each lies on the stock says nothing.
        if (writing.size() < leastWriting) return;
        bool anyPicture = false;
        for (size_t k = 0; k < pictures.size(); k++) {
            holdAgainstStock(view, at, fields[boxes[1][k]].place, stock[0], pictures[k]);
            anyPicture = anyPicture || pictures[k].isBeside();
        }
        for (size_t k = 0; anyPicture && k < writing.size(); k++)
            holdAgainstStock(view, at, fields[boxes[0][k]].place, stock[0], writing[k]);
    }

    sakk_registration together() const {
        sakk_registration result{};
        result.black_error = 1e3;
        gather(stock, result.stock);
        gather(writing, result.writing);
        gather(pictures, result.pictures);
        blackOf(writing, pictures, result);
        return result;
    }
};
}  // namespace

sakk_vision_status sakk_view_registration(
    const sakk_view *view, const sakk_field *fields, size_t count, sakk_registration *result) {
    return sakk::guarded([&] {
        *result = {};
        result->black_error = 1e3;
        if (view->plain.empty()) return SAKK_VISION_BAD_FRAME;
        const Places halves(*view, Pictures(*view, 2), fields, count, nullptr);
        *result = halves.together();
        // What lies apart is measured where fine strokes are as they are.
        const double apart = std::max({result->stock.apart, result->writing.apart, result->pictures.apart});
        if (apart > 0.06 * sakk::perMM) *result = Places(*view, Pictures(*view, 1), fields, count, &halves).together();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_unite(
    sakk_view *view, const sakk_field *fields, size_t count, const sakk_registration *registration) {
    return sakk::guarded([&] {
        if (view->plain.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Mat card = view->card.clone();
        if (registration->stock.sure) {
            moveBack(card, registration->stock);
            view->card.copyTo(card, view->personal);
        }
        for (size_t i = 0; i < count; i++) {
            const sakk_panels &panels = fields[i].coloured ? registration->pictures : registration->writing;
            const cv::Rect place = view->cells(fields[i].place, 0.3 * sakk::perMM), wide = view->cells(fields[i].place, 14);
            if (!panels.sure || place.area() == 0) continue;
            cv::Mat part = view->card(wide).clone();
            moveBack(part, panels);
            part(place - wide.tl()).copyTo(card(place));
        }
        view->setCard(card);
        cv::Mat known = view->plain;
        sakk::localise(view->card, view->inside(0.9), view->noise, known);
        view->setKnown(known);
        return SAKK_VISION_OK;
    });
}

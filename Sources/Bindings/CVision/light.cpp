// The light over a side, the tones of its inks, and the noise of the capture.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace {
constexpr int lightTerms = 10, terms = lightTerms + 2;

void basis(double u, double v, double *row) {
    const double values[lightTerms] = {1,     u,         v,         u * u,     u * v,
                                       v * v, u * u * u, u * u * v, u * v * v, v * v * v};
    std::copy(values, values + lightTerms, row);
}

/// Of the 256 levels.
double logOf(int level) {
    static const std::array<double, 256> logs = [] {
        std::array<double, 256> values;
        for (size_t i = 0; i < 256; i++) values[i] = std::log((double(i) + 6) / 261);
        return values;
    }();
    return logs[size_t(level)];
}
double levelOf(double value) { return 261 * std::exp(value) - 6; }

struct Point {
    double row[lightTerms];
    double seen[3], known[3];
    /// The sensor was full: the light was as much or more.
    bool full[3];
};

struct Light {
    double terms[3][lightTerms] = {};
    double slope[3] = {1, 1, 1}, bend[3] = {};
};

/// log seen = light(place) + slope * log known + bend * (log known)^2, a channel at a time.
Light lightOf(const std::vector<Point> &points) {
    Light light;
    for (int c = 0; c < 3; c++) {
        std::vector<double> weights(points.size(), 1), rests(points.size());
        std::vector<double> rows(points.size() * terms), values(points.size());
        for (size_t i = 0; i < points.size(); i++) {
            const double a = points[i].known[c];
            std::copy(points[i].row, points[i].row + lightTerms, &rows[terms * i]);
            rows[terms * i + lightTerms] = a;
            rows[terms * i + lightTerms + 1] = a * a;
        }
        cv::Matx<double, terms, 1> solution;
        bool anyFull = std::any_of(points.begin(), points.end(), [&](auto &p) { return p.full[c]; });
        std::vector<double> over(points.size(), 0);
        for (int round = 0; round < (anyFull ? 9 : 4); round++) {
            cv::Matx<double, terms, terms> normal = cv::Matx<double, terms, terms>::zeros();
            cv::Matx<double, terms, 1> right = cv::Matx<double, terms, 1>::zeros();
            double all = 0;
            for (size_t i = 0; i < points.size(); i++) {
                // Against a slope of one: the ridge below then pulls to it.
                values[i] = points[i].seen[c] + over[i] - points[i].known[c];
                all += weights[i];
            }
            sakk::addSquares(rows.data(), weights.data(), values.data(), int(points.size()), normal.val, right.val);
            for (int r = 6; r < lightTerms; r++) normal(r, r) += 0.002 * all;
            normal(lightTerms, lightTerms) += 0.0005 * all;
            normal(lightTerms + 1, lightTerms + 1) += 0.003 * all;
            for (int r = 0; r < terms; r++) normal(r, r) += 1e-9;
            solution = normal.solve(right, cv::DECOMP_CHOLESKY);
            for (size_t i = 0; i < points.size(); i++) {
                double a = points[i].known[c], fit = 0;
                for (int r = 0; r < terms; r++) fit += solution(r) * rows[terms * i + size_t(r)];
                if (points[i].full[c]) over[i] = std::clamp(a + fit - points[i].seen[c], 0.0, 0.5);
                rests[i] = std::abs(points[i].seen[c] + over[i] - a - fit);
            }
            double scale = std::max(4.5 * sakk::median(rests), 0.02);
            for (size_t i = 0; i < points.size(); i++) {
                double x = rests[i] / scale;
                weights[i] = x >= 1 ? 0.0001 : (1 - x * x) * (1 - x * x);
            }
        }
        for (int r = 0; r < lightTerms; r++) light.terms[c][r] = solution(r);
        light.slope[c] = 1 + solution(lightTerms);
        light.bend[c] = solution(lightTerms + 1);
    }
    return light;
}

/// The artwork's level in the capture's tone, 256 levels a channel.
cv::Mat toneTable(const double *slope, const double *bend, const double *shift) {
    cv::Mat table(1, 256, CV_8UC3);
    for (int level = 0; level < 256; level++)
        for (int c = 0; c < 3; c++) {
            double a = logOf(level);
            // The curve is not followed where it would turn.
            double value = shift[c] + slope[c] * a + bend[c] * a * a;
            table.at<cv::Vec3b>(0, level)[c] = cv::saturate_cast<uint8_t>(levelOf(value));
        }
    return table;
}

/// Tones of printed pictures: each channel follows its own level along a curve, and takes a share of the two others', which
/// are the next ones in order: a dye takes a little of its neighbours' light, and a sensor mixes its channels.
struct Tones {
    double slope[3], bend[3], shares[3][2];
};

/// The artwork in these tones.
cv::Mat toned(const cv::Mat &artwork, const Tones &tones) {
    const int steps = 512, least = -5 * steps, count = 6 * steps;
    static const std::array<uint8_t, size_t(count)> levels = [] {
        std::array<uint8_t, size_t(count)> table;
        for (int i = 0; i < count; i++) table[size_t(i)] = cv::saturate_cast<uint8_t>(levelOf(double(i + least) / steps));
        return table;
    }();
    // What each channel's level adds to each channel, in steps.
    float adds[3][3][256];
    for (int level = 0; level < 256; level++) {
        const double a = logOf(level);
        for (int c = 0; c < 3; c++) {
            adds[c][c][level] = float(steps * (tones.slope[c] * a + tones.bend[c] * a * a));
            for (int k = 0; k < 2; k++) adds[c][(c + 1 + k) % 3][level] = float(steps * tones.shares[c][k] * a);
        }
    }
    cv::Mat result(artwork.size(), CV_8UC3);
    for (int y = 0; y < artwork.rows; y++) {
        const uint8_t *from = artwork.ptr(y);
        uint8_t *to = result.ptr(y);
        for (int x = 0; x < 3 * artwork.cols; x += 3)
            for (int c = 0; c < 3; c++) {
                const float sum = adds[c][0][from[x]] + adds[c][1][from[x + 1]] + adds[c][2][from[x + 2]];
                to[x + c] = levels[size_t(std::clamp(cvRound(sum) - least, 0, count - 1))];
            }
    }
    return result;
}

bool anyFull(const uint8_t *levels, int count) {
    uint8_t most = 0;
    for (int i = 0; i < count; i++) most = std::max(most, levels[i]);
    return most >= 252;
}

void scaled(const uint8_t *from, const float *above, const float *below, float share, int count, uint8_t *to) {
    for (int i = 0; i < count; i++) {
        float value = float(from[i]) * (above[i] + share * (below[i] - above[i])) + 0.5f;
        to[i] = uint8_t(value < 255 ? value : 255);
    }
}

/// A picture times a smooth factor a channel, which is given at fewer places.
cv::Mat times(const cv::Mat &picture, const cv::Mat &factors) {
    cv::Mat wide, result(picture.size(), CV_8UC3);
    cv::resize(factors, wide, cv::Size(picture.cols, factors.rows), 0, 0, cv::INTER_LINEAR);
    for (int y = 0; y < picture.rows; y++) {
        double at = std::clamp((y + 0.5) * factors.rows / picture.rows - 0.5, 0.0, factors.rows - 1.0);
        int above = std::min(int(at), factors.rows - 1), below = std::min(above + 1, factors.rows - 1);
        scaled(
            picture.ptr(y), wide.ptr<float>(above), wide.ptr<float>(below), float(at - above), 3 * picture.cols,
            result.ptr(y));
    }
    return result;
}

/// The light's factors at a place of the side, from -1 to 1 both ways.
cv::Vec3d gainsAt(const Light &light, double x, double y) {
    double row[lightTerms];
    basis(x, y, row);
    cv::Vec3d gains;
    for (int c = 0; c < 3; c++) {
        double fit = 0;
        for (int r = 0; r < lightTerms; r++) fit += light.terms[c][r] * row[r];
        gains[c] = std::exp(std::clamp(fit, -2.0, 1.2));
    }
    return gains;
}

/// By how much the light's colour changes between places: of each channel against the mean of all three, the greatest
/// difference from its middle, as a share. One lamp and one lens weaken all colours alike.
double tintOf(const std::vector<cv::Vec3d> &gains) {
    double most = 0;
    std::vector<double> shares[3];
    for (auto &gain : gains) {
        double logs[3], mean = 0;
        for (int c = 0; c < 3; c++) logs[c] = std::log(std::max(gain[c], 1e-3)), mean += logs[c] / 3;
        for (int c = 0; c < 3; c++) shares[c].push_back(logs[c] - mean);
    }
    for (auto &all : shares) {
        const double middle = sakk::median(all);
        for (double share : all) most = std::max(most, std::abs(share - middle));
    }
    return most;
}

/// The same as the bright places alone say it, where they are: in a dark colour a level of stray light is a tenth of it.
double tintOfBright(const std::vector<Point> &points, double otherwise) {
    std::vector<Point> bright;
    for (auto &point : points)
        if (*std::min_element(point.known, point.known + 3) > logOf(80)) bright.push_back(point);
    if (bright.size() < 300) return otherwise;
    const Light light = lightOf(bright);
    std::vector<cv::Vec3d> gains;
    for (auto &point : bright) gains.push_back(gainsAt(light, point.row[1], point.row[2]));
    return tintOf(gains);
}

/// Saturated without the artwork's doing: brighter than its light there by far.
void glare(
    const sakk_view &view, const cv::Mat &seen, const cv::Mat &known, const cv::Mat &field, int factor, sakk_tones *tones) {
    cv::Mat mask = cv::Mat::zeros(seen.size(), CV_8U), labels, stats, centres;
    cv::Mat inside = sakk::reduced(view.inside(0.5), factor);
    for (int y = 0; y < seen.rows; y++)
        for (int x = 0; x < seen.cols; x++) {
            auto s = seen.at<cv::Vec3b>(y, x), k = known.at<cv::Vec3b>(y, x);
            if (std::min({s[0], s[1], s[2]}) < 246 || inside.at<uint8_t>(y, x) < 255) continue;
            double meant = 0;
            for (int c = 0; c < 3; c++) meant += k[c] / field.at<cv::Vec3f>(y, x)[c] / 3;
            if (meant < 232) mask.at<uint8_t>(y, x) = 255;
        }
    cv::morphologyEx(mask, mask, cv::MORPH_OPEN, cv::Mat::ones(3, 3, CV_8U));
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(5, 5, CV_8U));
    int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
    for (int i = 1; i < found; i++) {
        const int *s = stats.ptr<int>(i);
        double area = double(s[cv::CC_STAT_AREA]) * factor * factor;
        if (area <= tones->glare) continue;
        tones->glare = area;
        tones->glare_place = {
            double(s[cv::CC_STAT_LEFT] * factor), double(s[cv::CC_STAT_TOP] * factor),
            double(s[cv::CC_STAT_WIDTH] * factor), double(s[cv::CC_STAT_HEIGHT] * factor)};
    }
}

/// The ground's density against paper, over the artwork's, a channel at a time. A lamp and a camera change paper and ground
/// alike, and dye changes only the ground; where all of a side has one ground, its tones alone cannot tell which it was.
/// `meant` and `seen` are the ground's mean logarithms, `field` the light's inverse, at fewer places.
void groundOf(
    const sakk_view &view, const cv::Mat &captured, const cv::Mat &soft, const cv::Mat &field, const double *meant,
    const double *seen, double *ground) {
    cv::Mat lowest, paper;
    std::vector<cv::Mat> channels;
    cv::split(soft, channels);
    cv::min(channels[0], channels[1], lowest);
    cv::min(lowest, channels[2], lowest);
    // As white as paper is in any artwork, and away from what is drawn on it by more than the print may lie off.
    cv::erode(lowest >= 244, paper, cv::Mat::ones(9, 9, CV_8U));
    paper.setTo(0, view.inside(1.5) == 0);
    paper.setTo(0, view.pictures);
    const size_t least = size_t(4 * sakk::perMM * sakk::perMM);
    double densities[3], dense = 0;
    for (int c = 0; c < 3; c++) {
        std::vector<double> levels;
        double white = 0;
        size_t full = 0;
        for (int y = 0; y < paper.rows; y += 2) {
            const uint8_t *use = paper.ptr(y), *from = captured.ptr(y), *own = soft.ptr(y);
            const cv::Vec3f *light = field.ptr<cv::Vec3f>(std::min(y * field.rows / paper.rows, field.rows - 1));
            for (int x = 0; x < paper.cols; x += 2) {
                if (!use[x]) continue;
                levels.push_back(logOf(from[3 * x + c]) + std::log(double(light[x * field.cols / paper.cols][c])));
                white += logOf(own[3 * x + c]), full += from[3 * x + c] > 252;
            }
        }
        ground[c] = -1, densities[c] = 0;
        // Light over what the sensor holds is not known.
        if (4 * levels.size() < least || full * 20 > levels.size()) continue;
        densities[c] = white / double(levels.size()) - meant[c];
        dense = std::max(dense, densities[c]);
        if (densities[c] > 0) ground[c] = std::max((sakk::median(levels) - seen[c]) / densities[c], 0.0);
    }
    // A sensor mixes its colours by some hundredths: beside a dye of two and a half times the density nothing is known of one.
    for (int c = 0; c < 3; c++)
        if (densities[c] < std::max(0.07, 0.4 * dense)) ground[c] = -1;
}

/// What a part of the artwork shows otherwise than its tone curve says, by its level: full dye's rest of light, a lens' veil
/// and a sensor's mix of colours bend the tones where the curve does not. It is the middle of what all places of a level show,
/// so that a mark, which is at few of them, stays what it is.
void bendTones(const cv::Mat &card, const cv::Mat &steep, const cv::Mat &part, cv::Mat &known) {
    const int bins = 32, wide = 256 / bins, reach = 48, counts = 2 * reach + 1;
    std::vector<int> histogram(size_t(3 * bins * counts));
    std::vector<double> levels(size_t(3 * bins)), all(levels.size());
    for (int y = 0; y < known.rows; y++) {
        const uint8_t *s = card.ptr(y), *k = known.ptr(y), *use = part.ptr(y), *edge = steep.ptr(y);
        for (int x = 0; x < known.cols; x++) {
            if (!use[x] || edge[x]) continue;
            for (int c = 0; c < 3; c++) {
                const int level = k[3 * x + c], bin = c * bins + level / wide;
                histogram[size_t(bin * counts + std::clamp(s[3 * x + c] - level, -reach, reach) + reach)]++;
                levels[size_t(bin)] += level, all[size_t(bin)]++;
            }
        }
    }
    cv::Mat table(1, 256, CV_8UC3);
    for (int c = 0; c < 3; c++) {
        std::vector<std::array<double, 2>> knots;
        for (int bin = c * bins; bin < (c + 1) * bins; bin++) {
            const double n = all[size_t(bin)], least = 40;
            if (n < least) continue;
            const int *at = &histogram[size_t(bin * counts)];
            double below = 0;
            int i = 0;
            while (below + at[i] < n / 2) below += at[i++];
            const double middle = i - reach - 0.5 + (n / 2 - below) / at[i];
            knots.push_back({levels[size_t(bin)] / n, middle});
        }
        for (int level = 0, next = 0; level < 256; level++) {
            while (next < int(knots.size()) && knots[size_t(next)][0] < level) next++;
            double by = 0;
            if (!knots.empty()) {
                const auto &low = knots[size_t(std::max(next - 1, 0))], &high = knots[size_t(std::min(next, int(knots.size()) - 1))];
                const double span = high[0] - low[0], share = span > 0 ? (level - low[0]) / span : 0;
                by = low[1] + share * (high[1] - low[1]);
            }
            table.at<cv::Vec3b>(0, level)[c] = cv::saturate_cast<uint8_t>(level + by);
        }
    }
    cv::Mat bent;
    cv::LUT(known, table, bent);
    bent.copyTo(known, part);
}

/// The tones of the printed pictures, of what is even enough to say them, and of the darkest: brows and pupils are hardly even.
void bendTones(const sakk_view &view, cv::Mat &known) {
    const cv::Rect all(cv::Point(), known.size()), box = cv::boundingRect(view.pictures);
    if (box.area() == 0) return;
    // With what lies beside it.
    const cv::Rect place = cv::Rect(box.x - 1, box.y - 1, box.width + 2, box.height + 2) & all;
    cv::Mat low, high, steep, gray, part = known(place);
    cv::cvtColor(part, gray, cv::COLOR_RGB2GRAY);
    cv::erode(gray, low, cv::Mat::ones(3, 3, CV_8U));
    cv::dilate(gray, high, cv::Mat::ones(3, 3, CV_8U));
    steep = ((high - low) > 14) & ((gray > 70) | (gray > low + 4));
    steep.setTo(255, view.inside(0.9)(place) == 0);
    bendTones(view.card(place), steep, view.pictures(place), part);
}

/// Noise of a picture, from its second differences where the artwork is even.
double noiseOf(const cv::Mat &gray, const cv::Mat &known) {
    std::vector<double> values;
    for (int y = 2; y + 2 < gray.rows; y += 5) {
        const float *a = gray.ptr<float>(y);
        const float *up = gray.ptr<float>(y - 2), *low = gray.ptr<float>(y + 2);
        const uint8_t *k = known.ptr(y), *ku = known.ptr(y - 2), *kl = known.ptr(y + 2);
        for (int x = 2; x + 2 < gray.cols; x += 3) {
            int g = 3 * x + 1;
            if (std::max({std::abs(k[g] - ku[g]), std::abs(k[g] - kl[g]), std::abs(k[g] - k[g - 6]), std::abs(k[g] - k[g + 6])}) > 3)
                continue;
            values.push_back(std::abs(4 * a[x] - a[x - 2] - a[x + 2] - up[x] - low[x]) / std::sqrt(20.0));
        }
    }
    return values.size() < 200 ? 3 : std::max(1.4826 * sakk::median(values), 0.5);
}
}  // namespace

sakk_vision_status sakk_view_light(
    sakk_view *view, const sakk_view *artwork, const sakk_field *fields, size_t count, sakk_tones *tones) {
    return sakk::guarded([&] {
        *tones = {};
        if (artwork->layers.size() != count || artwork->card.size() != view->size()) return SAKK_VISION_BAD_FRAME;
        view->compose(*artwork, fields, count);
        view->pictures = cv::Mat::zeros(view->size(), CV_8U);
        for (size_t i = 0; i < count; i++)
            if (fields[i].coloured) view->pictures(view->cells(fields[i].place)) = 255;
        cv::Mat soft = sakk::smoothed(view->meant, view->softness);
        cv::Mat usable = view->inside(1.5);
        for (size_t i = 0; i < count; i++) usable(view->cells(fields[i].place, 0.6 * sakk::perMM)) = 0;
        const int factor = 4;
        auto quarter = [](const cv::Mat &picture) { return sakk::reduced(sakk::reduced(picture, 2), 2); };
        cv::Mat seen = quarter(view->card), known = quarter(soft), mask = sakk::reduced(usable, factor);
        std::vector<Point> points;
        size_t anyOpen = 0;
        for (int y = 0; y < seen.rows; y += 2)
            for (int x = y / 2 % 2; x < seen.cols; x += 2) {
                if (mask.at<uint8_t>(y, x) < 255) continue;
                auto s = seen.at<cv::Vec3b>(y, x), k = known.at<cv::Vec3b>(y, x);
                if (std::max({k[0], k[1], k[2]}) < 12) continue;
                Point point;
                basis(2.0 * x / (seen.cols - 1) - 1, 2.0 * y / (seen.rows - 1) - 1, point.row);
                for (int c = 0; c < 3; c++) {
                    point.seen[c] = logOf(s[c]), point.known[c] = logOf(k[c]);
                    point.full[c] = s[c] > 252;
                    anyOpen += !point.full[c];
                }
                points.push_back(point);
            }
        if (points.size() < 150 || anyOpen < 450 || anyOpen < points.size() / 10) {
            view->setKnown(soft);
            int white = 0;
            for (int y = 0; y < seen.rows; y++)
                for (int x = 0; x < seen.cols; x++) {
                    auto s = seen.at<cv::Vec3b>(y, x);
                    white += std::min({s[0], s[1], s[2]}) > 250;
                }
            tones->glare = double(white) * factor * factor;
            for (double &g : tones->gain) g = 1;
            for (int c = 0; c < 3; c++) tones->stock[c] = tones->print[c] = tones->dyes[c] = tones->ground[c] = -1;
            return SAKK_VISION_OK;
        }
        // A few thousand places say as much as all.
        if (points.size() > 3000) {
            std::vector<Point> some;
            for (size_t i = 0; i < 3000; i++) some.push_back(points[i * points.size() / 3000]);
            points = some;
        }
        Light light = lightOf(points);
        // What the tone does to white belongs to the tone; the light is what is left.
        cv::Mat field(seen.rows / 4, seen.cols / 4, CV_32FC3);
        double least[3] = {1e9, 1e9, 1e9}, most[3] = {};
        std::vector<cv::Vec3d> gains;
        for (int y = 0; y < field.rows; y++)
            for (int x = 0; x < field.cols; x++) {
                gains.push_back(gainsAt(light, 2.0 * (x + 0.5) / field.cols - 1, 2.0 * (y + 0.5) / field.rows - 1));
                for (int c = 0; c < 3; c++) {
                    const double gain = gains.back()[c];
                    field.at<cv::Vec3f>(y, x)[c] = float(1 / gain);
                    tones->gain[c] += gain / double(field.total());
                    least[c] = std::min(least[c], gain), most[c] = std::max(most[c], gain);
                }
            }
        for (int c = 0; c < 3; c++) tones->unevenness = std::max(tones->unevenness, most[c] / std::max(least[c], 0.01));
        tones->tint = tintOf(gains);
        if (tones->tint > 0.03) tones->tint = std::min(tones->tint, tintOfBright(points, tones->tint));
        cv::Mat wideField;
        cv::resize(field, wideField, seen.size(), 0, 0, cv::INTER_LINEAR);
        glare(*view, seen, known, wideField, factor, tones);
        cv::Mat even = times(view->card, field);
        cv::Mat captured = view->card;
        // How strong the stock's colours are.
        double meantGround[3] = {}, seenGround[3] = {};
        for (int c = 0; c < 3; c++) {
            double n = 0, a = 0, b = 0, ab = 0, bb = 0;
            for (auto &p : points) {
                if (p.full[c]) continue;
                double fit = 0;
                for (int r = 0; r < lightTerms; r++) fit += light.terms[c][r] * p.row[r];
                double s = p.seen[c] - fit, k = p.known[c];
                n++, a += s, b += k, ab += s * k, bb += k * k;
            }
            // The sensor was full: of the ground nothing is said either, as no paper is lighter than this.
            if (n < 100) {
                tones->stock[c] = -1, meantGround[c] = 1;
                continue;
            }
            meantGround[c] = b / n, seenGround[c] = a / n;
            double variance = bb / n - b / n * b / n;
            tones->stock[c] = variance > 0.0025 ? (ab / n - a / n * b / n) / variance : -1;
        }
        groundOf(*view, captured, soft, field, meantGround, seenGround, tones->ground);
        const double none[3] = {};
        cv::Mat table = toneTable(light.slope, light.bend, none), known8;
        cv::LUT(soft, table, known8);
        // Pictures that are printed have inks of their own: a tone of their own, from the same white.
        cv::Mat even4 = quarter(even);
        std::vector<sakk::Spot> places[3], inked[3];
        for (size_t i = 0; i < count; i++) {
            if (!fields[i].coloured) continue;
            cv::Rect box = view->cells(fields[i].place, -2);
            for (int y = (box.y + factor - 1) / factor; y < box.br().y / factor && y < even4.rows; y++)
                for (int x = (box.x + factor - 1) / factor; x < box.br().x / factor && x < even4.cols; x++) {
                    auto s = even4.at<cv::Vec3b>(y, x), k = known.at<cv::Vec3b>(y, x);
                    for (int c = 0; c < 3; c++) {
                        if (s[c] > 252) continue;
                        places[c].push_back({logOf(s[c]), logOf(k[c]), logOf(k[(c + 1) % 3]), logOf(k[(c + 2) % 3])});
                    }
                }
        }
        for (auto &all : places) {
            const size_t enough = 4000;
            if (all.size() <= enough) continue;
            for (size_t i = 0; i < enough; i++) all[i] = all[i * all.size() / enough];
            all.resize(enough);
        }
        Tones own = {};
        bool isOwn = false;
        for (int c = 0; c < 3; c++) {
            tones->print[c] = tones->dyes[c] = -1;
            own.slope[c] = light.slope[c], own.bend[c] = light.bend[c];
            const auto &all = places[c];
            double spread = 0;
            for (auto &p : all) spread += p[1] * p[1];
            const double n = double(all.size());
            if (all.size() < 60 || spread / n < 0.01) continue;
            // How the capture follows the artwork, whatever the stock under the print is.
            double y = 0, m = 0, my = 0, mm = 0, yy = 0;
            for (auto &p : all) y += p[0], m += p[1], my += p[0] * p[1], mm += p[1] * p[1], yy += p[0] * p[0];
            const double variance = mm / n - m / n * m / n;
            const double follows = std::max((my / n - y / n * m / n) / variance, 0.0);
            const double extent = std::sqrt(std::max(yy / n - y / n * y / n, 0.0) / variance);
            // Another picture has as much ink, laid otherwise.
            if (variance > 0.004) tones->print[c] = follows < 0.8 * extent ? extent : follows;
            if (variance > 0.004 && follows >= 0.8 * extent) inked[c] = all;
            constexpr int unknowns = 4;
            cv::Matx<double, unknowns, 1> solution(1, 0, 0, 0);
            std::vector<double> weights(all.size(), 1), rests(all.size());
            auto row = [](const sakk::Spot &p) {
                return cv::Matx<double, unknowns, 1>(p[1], p[1] * p[1], p[2], p[3]);
            };
            for (int round = 0; round < 5; round++) {
                cv::Matx<double, unknowns, unknowns> normal = cv::Matx<double, unknowns, unknowns>::zeros();
                cv::Matx<double, unknowns, 1> right;
                double sum = 0;
                for (size_t i = 0; i < all.size(); i++) {
                    const auto values = row(all[i]);
                    for (int r = 0; r < unknowns; r++) {
                        const double weighted = weights[i] * values(r);
                        right(r) += weighted * all[i][0];
                        for (int k = 0; k <= r; k++) normal(r, k) += weighted * values(k);
                    }
                    sum += weights[i];
                }
                for (int r = 0; r < unknowns; r++)
                    for (int k = r + 1; k < unknowns; k++) normal(r, k) = normal(k, r);
                normal(0, 0) += 1e-9 * sum, normal(1, 1) += 0.01 * sum;
                normal(2, 2) += 0.003 * sum, normal(3, 3) += 0.003 * sum;
                solution = normal.solve(right, cv::DECOMP_CHOLESKY);
                for (size_t i = 0; i < all.size(); i++) rests[i] = std::abs(all[i][0] - solution.dot(row(all[i])));
                double scale = std::max(4.5 * sakk::median(rests), 0.03);
                for (size_t i = 0; i < all.size(); i++) {
                    double x = rests[i] / scale;
                    weights[i] = x >= 1 ? 0.0001 : (1 - x * x) * (1 - x * x);
                }
            }
            own.slope[c] = solution(0), own.bend[c] = solution(1);
            own.shares[c][0] = solution(2), own.shares[c][1] = solution(3);
            isOwn = true;
        }
        if (isOwn) sakk::strengthsOf(inked, tones->dyes);
        for (size_t i = 0; isOwn && i < count; i++) {
            if (!fields[i].coloured) continue;
            cv::Rect box = view->cells(fields[i].place);
            if (box.area() > 0) toned(soft(box), own).copyTo(known8(box));
        }
        // Where the sensor was full, it may have been as light as it is meant.
        view->full = cv::Mat::zeros(even.size(), CV_8U);
        for (int y = 0; y < even.rows; y++) {
            const uint8_t *from = captured.ptr(y), *meant = known8.ptr(y);
            uint8_t *to = even.ptr(y);
            if (!anyFull(from, 3 * even.cols)) continue;
            for (int x = 0; x < 3 * even.cols; x++)
                if (from[x] >= 252 && to[x] < meant[x]) {
                    to[x] = meant[x];
                    view->full.at<uint8_t>(y, x / 3) = 255;
                }
        }
        view->setCard(even);
        bendTones(*view, known8);
        view->noise = noiseOf(view->gray, known8);
        tones->noise = view->noise;
        view->plain = known8;
        tones->moved = sakk::localise(view->card, view->inside(0.9), view->noise, known8);
        view->setKnown(known8);
        return SAKK_VISION_OK;
    });
}

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
        double score = sakk::correlation(seen(core), known(core));
        if (score < 0.95) {
            scores = sakk::correlations(seen, known(core));
            cv::minMaxLoc(scores, nullptr, &score, nullptr, &at);
        }
        result->likeness = score;
        cv::Point offset(at.x - reach, at.y - reach);
        result->dx = offset.x;
        result->dy = offset.y;
        // A few letters in a large box are darker than a hundredth of it says: a square millimetre is.
        const double darkest = std::min(0.01, double(sakk::perMM * sakk::perMM) / double(core.area()));
        double depth = sakk::quantile(known(core), 0.97) - sakk::quantile(known(core), darkest);
        cv::Mat excess = cv::Mat::zeros(wide.size(), CV_32F);
        std::vector<double> lack(size_t(wide.height), 0), ink(size_t(wide.height), 0);
        const int length = 120;
        int segments = std::max(1, cvRound(place.width / double(length)));
        double contrasts = 0, weights = 0;
        cv::Point2d moves;
        for (int i = 0; i < segments; i++) {
            int left = place.width * i / segments, right = place.width * (i + 1) / segments;
            cv::Rect segment(reach + left, reach, right - left + 2 * rim, place.height + 2 * rim);
            cv::Mat part = seen(segment + offset), fit;
            cv::Mat artwork = known(segment).clone();
            cv::Point2d shift, total;
            double contrast = 0;
            for (int round = 0; round < 3; round++) {
                contrast = sakk::explained(artwork, part, fit, shift);
                if (round == 2 || std::hypot(shift.x, shift.y) < 0.12) break;
                total += cv::Point2d(std::clamp(shift.x, -1.0, 1.0), std::clamp(shift.y, -1.0, 1.0));
                if (std::hypot(total.x, total.y) > 2) break;
                artwork = sakk::shifted(known, segment, total.x, total.y);
            }
            cv::meanStdDev(artwork, mean, deviation);
            moves += total * deviation[0];
            contrasts += contrast * deviation[0];
            weights += deviation[0];
            cv::Mat high, low, above, below;
            cv::dilate(fit, high, cv::Mat::ones(3, 3, CV_8U));
            cv::erode(fit, low, cv::Mat::ones(3, 3, CV_8U));
            high = fit + 0.5 * (high - fit);
            low = fit - 0.5 * (fit - low);
            above = cv::max(part - high, 0);
            below = cv::max(low - part, 0);
            double paper = sakk::quantile(fit, 0.95);
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
        if (weights > 0) result->dx += moves.x / weights, result->dy += moves.y / weights;
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

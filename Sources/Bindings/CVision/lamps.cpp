// The same side by other lamps: laid as it lay by white light, because it has not moved since.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

sakk_vision_status sakk_view_again(
    const sakk_view *view, const sakk_frame *frame, const sakk_rect *fields, size_t count, sakk_view **result) {
    return sakk::guarded([&] {
        if (frame->levels->whole.size() != view->frame.size()) return SAKK_VISION_BAD_FRAME;
        auto again = sakk::opened(*frame, view->raster);
        if (!again) return SAKK_VISION_BAD_FRAME;
        again->fromRaster = view->fromRaster;
        again->scale = view->scale;
        again->stock = view->stock;
        again->print = view->print;
        again->softness = view->softness;
        again->noise = view->noise;
        again->lay(fields, count);
        *result = again.release();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_alike(
    const sakk_view *view, const sakk_view *other, double *likeness, double *contrast) {
    return sakk::guarded([&] {
        *likeness = *contrast = 0;
        if (view->gray.empty() || other->gray.size() != view->gray.size()) return SAKK_VISION_BAD_FRAME;
        // What is pre-printed, over a third of a millimetre; slopes of light are no likeness, nor is what the personal print
        // throws over its rim.
        cv::Mat mask = view->inside(1.5), weight, sum;
        mask.setTo(0, other->personal);
        mask.convertTo(weight, CV_32F, 1 / 255.0);
        sum = sakk::smoothed(weight, 30) + 1e-3;
        auto fine = [&](const cv::Mat &gray) {
            cv::Mat held = gray.mul(weight), slow = sakk::smoothed(held, 30);
            cv::divide(slow, sum, slow);
            cv::Mat values = sakk::smoothed(gray, 1.5) - slow;
            return values;
        };
        cv::Mat one = fine(view->gray), two = fine(other->gray);
        cv::erode(mask, mask, cv::Mat::ones(13, 13, CV_8U));
        double ab = 0, aa = 0, bb = 0, n = 0;
        for (int y = 0; y < mask.rows; y++) {
            const uint8_t *m = mask.ptr(y);
            const float *a = one.ptr<float>(y), *b = two.ptr<float>(y);
            for (int x = 0; x < mask.cols; x++)
                if (m[x]) ab += a[x] * b[x], aa += a[x] * a[x], bb += b[x] * b[x], n += 1;
        }
        if (n < 1000) return SAKK_VISION_OK;
        *contrast = std::sqrt(aa / n);
        *likeness = aa * bb > 1e-6 ? ab / std::sqrt(aa * bb) : 0;
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_glow(
    const sakk_view *view, const uint8_t *panel, int width, int height, sakk_glow *result) {
    return sakk::guarded([&] {
        *result = {};
        if (!panel || view->gray.empty() || width < 64 || height < 64) return SAKK_VISION_BAD_FRAME;
        cv::Mat meant;
        cv::Mat(height, width, CV_8U, const_cast<uint8_t *>(panel)).convertTo(meant, CV_32F, 1 / 255.0);
        if (meant.size() != view->size()) cv::resize(meant, meant, view->size(), 0, 0, cv::INTER_AREA);
        meant = sakk::smoothed(meant, std::max(view->softness, 0.8));
        cv::Mat seen = sakk::smoothed(view->gray, 0.6);
        // Where the ink lies on the card: a printer of this class places to some half a millimetre.
        const int reach = 7;
        cv::Rect inner = view->inner(1.5);
        inner = cv::Rect(inner.x + reach, inner.y + reach, inner.width - 2 * reach, inner.height - 2 * reach);
        cv::Rect wide(inner.x - reach, inner.y - reach, inner.width + 2 * reach, inner.height + 2 * reach);
        cv::Mat part = meant(inner), scores;
        cv::Scalar mean, deviation;
        cv::meanStdDev(part, mean, deviation);
        if (deviation[0] < 0.004) return SAKK_VISION_BAD_FRAME;
        cv::matchTemplate(seen(wide), part, scores, cv::TM_CCOEFF_NORMED);
        double best;
        cv::Point at;
        cv::minMaxLoc(scores, nullptr, &best, nullptr, &at);
        result->likeness = best;
        result->dx = at.x - reach, result->dy = at.y - reach;
        cv::Mat there = seen(cv::Rect(wide.tl() + at, inner.size()));
        cv::Mat sums[4], tables[4];
        tables[0] = part, tables[1] = there, tables[2] = part.mul(part), tables[3] = part.mul(there);
        for (int i = 0; i < 4; i++) cv::integral(tables[i], sums[i], CV_64F);
        auto over = [&](int i, cv::Rect r) {
            const cv::Mat &s = sums[i];
            return s.at<double>(r.br()) - s.at<double>(r.y, r.br().x) - s.at<double>(r.br().y, r.x) + s.at<double>(r.tl());
        };
        auto slope = [&](cv::Rect r, double &spread) {
            double n = r.area(), m = over(0, r), s = over(1, r);
            spread = (over(2, r) - m * m / n) / n;
            return spread > 1e-9 ? (over(3, r) - m * s / n) / n / spread : 0;
        };
        double spread;
        cv::Rect all(0, 0, inner.width, inner.height);
        result->glow = slope(all, spread);
        result->ground = over(1, all) / all.area() - result->glow * over(0, all) / all.area();
        // The place where least of it glows, among those where there is enough to see.
        result->worst = 1;
        const int window = cvRound(5 * sakk::perMM);
        for (int y = 0; y + window <= inner.height; y += window / 3)
            for (int x = 0; x + window <= inner.width; x += window / 3) {
                cv::Rect r(x, y, window, window);
                double own, here = slope(r, own);
                if (own < 0.25 * spread || result->glow <= 0) continue;
                if (here / result->glow < result->worst) {
                    result->worst = here / result->glow;
                    result->place = {double(inner.x + x), double(inner.y + y), double(window), double(window)};
                }
            }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_relief(
    const sakk_view *raking, const sakk_view *white, double share, sakk_mark *marks, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        if (raking->gray.empty() || white->gray.size() != raking->gray.size()) return SAKK_VISION_BAD_FRAME;
        // What is printed is darker by both lamps alike: their quotient shows the surface.
        cv::Mat dark, mask = raking->inside(1.2), ratio, weight;
        cv::threshold(white->gray, dark, 45, 255, cv::THRESH_BINARY_INV);
        dark.convertTo(dark, CV_8U);
        cv::dilate(dark, dark, cv::Mat::ones(5, 5, CV_8U));
        mask.setTo(0, dark);
        cv::Mat above = sakk::smoothed(raking->gray, 0.8) + 6, below = sakk::smoothed(white->gray, 0.8) + 6;
        cv::divide(above, below, ratio);
        cv::log(ratio, ratio);
        mask.convertTo(weight, CV_32F, 1 / 255.0);
        cv::Mat held = ratio.mul(weight);
        cv::Mat mean = sakk::smoothed(held, 28), sum = sakk::smoothed(weight, 28) + 1e-3;
        cv::divide(mean, sum, mean);
        cv::Mat apart = cv::abs(ratio - mean).mul(weight), strong, labels, stats, centres;
        cv::threshold(apart, strong, share, 255, cv::THRESH_BINARY);
        strong.convertTo(strong, CV_8U);
        // Both flanks of a groove are one thing; a single dot is noise.
        cv::morphologyEx(strong, strong, cv::MORPH_OPEN, cv::Mat::ones(2, 2, CV_8U));
        cv::morphologyEx(strong, strong, cv::MORPH_CLOSE, cv::Mat::ones(9, 9, CV_8U));
        int found = cv::connectedComponentsWithStats(strong, labels, stats, centres);
        std::vector<sakk_mark> all;
        for (int k = 1; k < found; k++) {
            const int *at = stats.ptr<int>(k);
            if (at[cv::CC_STAT_AREA] < 60) continue;
            cv::Rect box(at[cv::CC_STAT_LEFT], at[cv::CC_STAT_TOP], at[cv::CC_STAT_WIDTH], at[cv::CC_STAT_HEIGHT]);
            std::vector<cv::Point> points;
            cv::Mat own = labels(box) == k;
            cv::findNonZero(own, points);
            cv::RotatedRect lying = cv::minAreaRect(points);
            sakk_mark mark = {};
            mark.place = {double(box.x), double(box.y), double(box.width), double(box.height)};
            mark.area = at[cv::CC_STAT_AREA];
            mark.weight = cv::mean(apart(box), own)[0] * mark.area;
            mark.length = std::max(lying.size.width, lying.size.height);
            mark.width = mark.area / std::max(mark.length, 1.0);
            mark.angle = lying.angle;
            all.push_back(mark);
        }
        std::sort(all.begin(), all.end(), [](const sakk_mark &a, const sakk_mark &b) { return a.weight > b.weight; });
        *count = std::min(all.size(), capacity);
        std::copy_n(all.begin(), *count, marks);
        return SAKK_VISION_OK;
    });
}

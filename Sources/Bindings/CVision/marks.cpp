// What lies on a side that the artwork does not have, and what its inks lack.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
cv::Mat maskOf(const sakk_view &view, const sakk_rect *places, size_t count, double margin) {
    cv::Mat mask = cv::Mat::zeros(view.size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        cv::Rect place = view.cells(places[i], margin);
        if (place.area() > 0) mask(place) = 255;
    }
    return mask;
}

double middle(std::vector<double> &values) {
    auto at = values.begin() + long(values.size() / 2);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// Greatest of the three channels.
cv::Mat greatest(const cv::Mat &rgb) {
    std::vector<cv::Mat> channels;
    cv::split(rgb, channels);
    cv::Mat result;
    cv::max(channels[0], channels[1], result);
    cv::max(result, channels[2], result);
    return result;
}

/// Thin marks that a move of the artwork by two pixels explains are its edges, no marks.
void dropEdges(const sakk_view &view, const cv::Mat &seen, bool lighter, std::vector<sakk_mark> &marks, size_t from) {
    for (size_t i = from; i < marks.size(); i++) {
        sakk_mark &mark = marks[i];
        cv::Rect place = view.cells(mark.place);
        cv::Rect wide = view.cells(mark.place, 3);
        cv::Mat bound, rest;
        if (lighter)
            cv::dilate(view.known(wide).clone(), bound, cv::Mat::ones(5, 5, CV_8U));
        else
            cv::erode(view.known(wide).clone(), bound, cv::Mat::ones(5, 5, CV_8U));
        bound = bound(place - wide.tl());
        if (lighter)
            cv::subtract(seen(place), bound, rest);
        else
            cv::subtract(bound, seen(place), rest);
        cv::Mat depth = greatest(rest);
        cv::threshold(depth, depth, 12, 0, cv::THRESH_TOZERO);
        double left = cv::sum(depth)[0];
        if (left < 0.35 * mark.weight) mark.weight = 0;
    }
    marks.erase(
        std::remove_if(marks.begin() + long(from), marks.end(), [](auto &m) { return m.weight == 0; }), marks.end());
}

/// The marks of a mask: places with their extent, sums of `depth`, mean of `signedLevels`; both at `factor` of the raster.
void gather(
    const cv::Mat &mask, const cv::Mat &depth, const cv::Mat &levels, int factor, double leastArea, double leastWeight,
    bool smooth, std::vector<sakk_mark> &marks) {
    cv::Mat labels, stats, centres;
    int found = cv::connectedComponentsWithStats(mask, labels, stats, centres);
    for (int i = 1; i < found; i++) {
        const int *s = stats.ptr<int>(i);
        double area = double(s[cv::CC_STAT_AREA]) * factor * factor;
        if (area < leastArea) continue;
        cv::Rect place(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
        sakk_mark mark{};
        double sum[3] = {}, weight = 0, n = 0, mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
        for (int y = place.y; y < place.br().y; y++)
            for (int x = place.x; x < place.br().x; x++) {
                if (labels.at<int>(y, x) != i) continue;
                auto l = levels.at<cv::Vec3s>(y, x);
                for (int c = 0; c < 3; c++) sum[c] += l[c];
                weight += depth.at<uint8_t>(y, x);
                n++, mx += x, my += y, xx += double(x) * x, xy += double(x) * y, yy += double(y) * y;
            }
        if (weight * factor * factor < leastWeight) continue;
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
    }
}
}  // namespace

sakk_vision_status sakk_view_marks(
    const sakk_view *view, const sakk_mark_search *search, sakk_mark *result, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        const cv::Rect whole(cv::Point(), view->size());
        cv::Mat usable = view->inside(0.9);
        usable.setTo(0, maskOf(*view, search->ignored, search->ignored_count, 3));
        cv::Mat writing = maskOf(*view, search->writing, search->writing_count, 2);
        // In the boxes of writing the paper between the strokes is as any other.
        cv::Mat strokes, near;
        cv::cvtColor(view->known, strokes, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(strokes, near, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        cv::threshold(near, near, 40, 255, cv::THRESH_BINARY);
        cv::dilate(near, near, cv::Mat::ones(7, 7, CV_8U));
        cv::bitwise_and(writing, near, writing);
        // Sharp: beyond what the artwork's neighbourhood explains.
        cv::Mat low, high, above, below, seen;
        cv::GaussianBlur(view->card, seen, cv::Size(3, 3), 0.6);
        cv::erode(view->known, low, cv::Mat::ones(3, 3, CV_8U));
        cv::dilate(view->known, high, cv::Mat::ones(3, 3, CV_8U));
        cv::subtract(seen, high, above);
        cv::subtract(low, seen, below);
        // An edge may be where the blur or the move is a little otherwise: a share of its height is allowed.
        cv::Mat steep = (high - low) * 0.18;
        cv::subtract(above, steep, above);
        cv::subtract(below, steep, below);
        cv::Mat lighter = greatest(above), darker = greatest(below);
        double limit = std::max(search->sharp_levels, 4.5 * view->noise);
        const cv::Mat &levels = view->rest;
        std::vector<sakk_mark> marks;
        for (const cv::Mat &depth : {lighter, darker}) {
            cv::Mat mask, strong;
            cv::threshold(depth, mask, limit, 255, cv::THRESH_BINARY);
            cv::threshold(depth, strong, 2.5 * limit, 255, cv::THRESH_BINARY);
            strong.copyTo(mask, writing);
            cv::bitwise_and(mask, usable, mask);
            cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(3, 3, CV_8U));
            size_t before = marks.size();
            gather(mask, depth, levels, 1, 3, search->sharp_weight, false, marks);
            dropEdges(*view, seen, depth.data == lighter.data, marks, before);
        }
        // Smooth: a level over half a millimetre and more.
        const int factor = 4;
        cv::Mat coarse, seen4 = sakk::reduced(view->card, factor), known4 = sakk::reduced(view->known, factor);
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
        cv::Mat pictures = sakk::reduced(view->pictures, factor), limits(values.size(), CV_8U);
        for (bool inPictures : {false, true}) {
            double limit = 0;
            for (auto &c : channels) {
                std::vector<double> sizes;
                for (int y = 0; y < c.rows; y++)
                    for (int x = y % 2; x < c.cols; x += 2)
                        if (usable4.at<uint8_t>(y, x) && (pictures.at<uint8_t>(y, x) > 0) == inPictures)
                            sizes.push_back(std::abs(c.at<float>(y, x)));
                if (sizes.size() < 100) continue;
                auto at = sizes.begin() + long(sizes.size() * 8 / 10);
                std::nth_element(sizes.begin(), at, sizes.end());
                limit = std::max(limit, (inPictures ? 6.0 : 4.0) * *at);
            }
            const double usual = search->smooth_levels;
            limit = std::clamp(limit, 0.5 * usual, inPictures ? 1.3 * usual : usual);
            limits.setTo(cvRound(limit), inPictures ? cv::Mat(pictures > 0) : cv::Mat(pictures == 0));
        }
        // Fine strokes mean another grey behind another lens: what stands between them says less.
        cv::Mat gray4, deep;
        cv::cvtColor(view->known, gray4, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(gray4, deep, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        deep = sakk::smoothed(sakk::reduced(deep, factor), 1.8);
        deep.convertTo(deep, CV_8U, 0.35);
        cv::add(limits, deep, limits);
        if (!view->full.empty() && cv::countNonZero(view->full) > 0) {
            // Beside what filled the sensor the light is known less well.
            cv::Mat full = sakk::reduced(view->full, factor);
            cv::dilate(full, full, cv::Mat::ones(9, 9, CV_8U));
            limits.setTo(255, full > 0);
        }
        for (int sign : {1, -1}) {
            cv::Mat depth, mask;
            values.convertTo(depth, CV_8U, sign);
            depth = greatest(depth);
            mask = depth > limits;
            cv::bitwise_and(mask, usable4, mask);
            std::vector<sakk_mark> found;
            gather(mask, depth, rounded, factor, search->smooth_area, 0, true, found);
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
        std::sort(marks.begin(), marks.end(), [](auto &a, auto &b) { return a.weight > b.weight; });
        *count = std::min(marks.size(), capacity);
        std::copy(marks.begin(), marks.begin() + long(*count), result);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_lines(
    const sakk_view *view, sakk_rect box, const sakk_rect *ignored, size_t ignored_count, int columns, double least,
    sakk_line *lines, size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Rect place = view->cells(box, -3) & view->inner(1.2);
        if (place.width < 60 || place.height < 60) return SAKK_VISION_OK;
        cv::Mat rest, weight;
        view->rest(place).convertTo(rest, CV_32F);
        weight = maskOf(*view, ignored, ignored_count, 6)(place).clone();
        // At strokes of the artwork a part of a pixel shows as much as a line does.
        cv::Rect around = (place + cv::Size(8, 8)) - cv::Point(4, 4);
        around &= cv::Rect(cv::Point(), view->size());
        cv::Mat strokes, steepest;
        cv::cvtColor(view->known(around), strokes, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(strokes, steepest, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        cv::threshold(steepest, steepest, 45, 255, cv::THRESH_BINARY);
        cv::dilate(steepest, steepest, cv::Mat::ones(3, 3, CV_8U));
        weight.setTo(255, steepest(place - around.tl()));
        rest.setTo(0, weight);
        cv::threshold(weight, weight, 0, 1, cv::THRESH_BINARY_INV);
        const int segments = 9, rows = columns ? rest.cols : rest.rows, axis = columns ? 0 : 1;
        const double width = double(columns ? rest.rows : rest.cols) / segments;
        cv::Mat sums[segments], weights[segments];
        for (int s = 0; s < segments; s++) {
            cv::Rect strip(cvFloor(s * width), 0, cvFloor(width), rows);
            if (columns) strip = cv::Rect(0, strip.x, rows, strip.width);
            cv::reduce(rest(strip), sums[s], axis, cv::REDUCE_SUM, CV_32F);
            cv::reduce(weight(strip), weights[s], axis, cv::REDUCE_SUM, CV_32F);
            sums[s] = sums[s].reshape(3, rows);
            weights[s] = weights[s].reshape(1, rows);
        }
        const double hidden = 1e6;
        std::vector<double> profiles[3], spreads(3);
        for (int c = 0; c < 3; c++) {
            std::vector<std::vector<double>> parts(segments, std::vector<double>(size_t(rows)));
            for (int s = 0; s < segments; s++) {
                for (int y = 0; y < rows; y++) {
                    double covered = weights[s].at<float>(y);
                    parts[size_t(s)][size_t(y)] = covered > 0.4 * width ? sums[s].at<cv::Vec3f>(y)[c] / covered : hidden;
                }
                // Against the rows beside it.
                std::vector<double> &values = parts[size_t(s)], even(values.size()), near;
                near.reserve(20);
                for (int y = 0; y < rows; y++) {
                    near.clear();
                    for (int k = -8; k <= 8; k++)
                        if (std::abs(k) > 2 && y + k >= 0 && y + k < rows && values[size_t(y + k)] < hidden)
                            near.push_back(values[size_t(y + k)]);
                    even[size_t(y)] = near.size() < 4 || values[size_t(y)] >= hidden
                        ? hidden : values[size_t(y)] - middle(near);
                }
                values = even;
            }
            profiles[c].resize(size_t(rows));
            std::vector<double> sizes;
            for (int y = 0; y < rows; y++) {
                std::vector<double> across;
                for (auto &part : parts)
                    if (part[size_t(y)] < hidden) across.push_back(part[size_t(y)]);
                // Nearly all of the width shows it, or it is no line.
                std::sort(across.begin(), across.end());
                size_t few = across.size() / 4;
                bool lighter = across.size() >= 5 && across[few] > 0, darker = across.size() >= 5 && across[across.size() - 1 - few] < 0;
                profiles[c][size_t(y)] = lighter ? across[few] : darker ? across[across.size() - 1 - few] : 0;
                sizes.push_back(std::abs(profiles[c][size_t(y)]));
            }
            std::sort(sizes.begin(), sizes.end());
            spreads[size_t(c)] = std::max(sizes[sizes.size() * 9 / 10] / 1.5, 0.3);
        }
        // An edge of the artwork along the row may lie a little otherwise.
        cv::Mat ownMeans;
        cv::reduce(view->known(place), ownMeans, axis, cv::REDUCE_AVG, CV_32F);
        ownMeans = ownMeans.reshape(3, rows);
        for (int y = 2; y + 2 < rows && *count < capacity; y++) {
            double lead = 0, steep = 0;
            for (int k = -2; k < 2; k++)
                for (int c = 0; c < 3; c++)
                    steep = std::max(
                        steep, double(std::abs(ownMeans.at<cv::Vec3f>(y + k)[c] - ownMeans.at<cv::Vec3f>(y + k + 1)[c])));
            int at = -1;
            for (int c = 0; c < 3; c++) {
                double value = std::abs(profiles[c][size_t(y)]);
                if (value < least + 0.6 * steep || value < std::abs(profiles[c][size_t(y - 1)]) || value < std::abs(profiles[c][size_t(y + 1)]))
                    continue;
                if (value / spreads[size_t(c)] > lead) lead = value / spreads[size_t(c)], at = c;
            }
            if (at < 0 || lead < 6) continue;
            sakk_line line{};
            double row = y - 1, high = 3;
            line.place = columns ? sakk_rect{place.x + row, double(place.y), high, double(place.height)}
                                 : sakk_rect{double(place.x), place.y + row, double(place.width), high};
            for (int c = 0; c < 3; c++) line.levels[c] = profiles[c][size_t(y)];
            line.lead = lead;
            lines[(*count)++] = line;
        }
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_panels(const sakk_view *view, sakk_rect box, double *dx, double *dy, int *sure) {
    return sakk::guarded([&] {
        *sure = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Rect place = view->cells(box, -4) & view->inner(1.5);
        if (place.width < 60 || place.height < 60) return SAKK_VISION_OK;
        int good = 0;
        for (int c = 0; c < 3; c++) {
            cv::Mat seen, known, shown;
            cv::extractChannel(view->card(place), seen, c);
            cv::extractChannel(view->known(place), known, c);
            seen.convertTo(seen, CV_32F);
            known.convertTo(known, CV_32F);
            // Three pixels of blur: the linear step below reaches that far.
            seen = sakk::smoothed(seen, 2.5);
            known = sakk::smoothed(known, 2.5);
            shown = known;
            cv::Point2d total;
            double steep = 0;
            for (int round = 0; round < 3; round++) {
                cv::Mat across, down;
                cv::Sobel(shown, across, CV_32F, 1, 0, 3, 0.125);
                cv::Sobel(shown, down, CV_32F, 0, 1, 3, 0.125);
                cv::Matx44d normal = cv::Matx44d::zeros();
                cv::Vec4d right;
                const int rim = 10;
                for (int y = rim; y < shown.rows - rim; y += 2)
                    for (int x = rim; x < shown.cols - rim; x += 2) {
                        const double row[4] = {across.at<float>(y, x), down.at<float>(y, x), shown.at<float>(y, x), 1};
                        for (int r = 0; r < 4; r++) {
                            right[r] += row[r] * seen.at<float>(y, x);
                            for (int k = 0; k < 4; k++) normal(r, k) += row[r] * row[k];
                        }
                    }
                double n = std::max(normal(3, 3), 1.0);
                steep = std::sqrt(std::min(normal(0, 0), normal(1, 1)) / n);
                for (int r = 0; r < 2; r++) normal(r, r) += n * 0.05;
                normal(3, 3) += 1e-3;
                normal(2, 2) += 1e-3;
                cv::Vec4d solution = normal.solve(right, cv::DECOMP_SVD);
                double contrast = solution[2];
                if (std::abs(contrast) < 0.2) {
                    steep = 0;
                    break;
                }
                total -= cv::Point2d(
                    std::clamp(solution[0] / contrast, -3.0, 3.0), std::clamp(solution[1] / contrast, -3.0, 3.0));
                cv::Mat map = (cv::Mat_<double>(2, 3) << 1, 0, total.x, 0, 1, total.y);
                cv::warpAffine(known, shown, map, known.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
            }
            dx[c] = total.x;
            dy[c] = total.y;
            good += steep > 0.7;
        }
        *sure = good == 3;
        return SAKK_VISION_OK;
    });
}

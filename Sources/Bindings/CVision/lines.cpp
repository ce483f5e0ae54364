// Lines of elements that print nothing.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

cv::Mat sakk::maskOf(const sakk_view &view, const sakk_rect *places, size_t count, double margin) {
    cv::Mat mask = cv::Mat::zeros(view.size(), CV_8U);
    for (size_t i = 0; i < count; i++) {
        cv::Rect place = view.cells(places[i], margin);
        if (place.area() > 0) mask(place) = 255;
    }
    return mask;
}

namespace {
/// Of up to a dozen values, which are put in order.
float middle(float *values, int count) {
    for (int i = 1; i < count; i++) {
        float value = values[i];
        int at = i;
        for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
    return values[count / 2];
}

void order(float *low, float *high, int count) {
    for (int i = 0; i < count; i++) {
        float least = std::min(low[i], high[i]), most = std::max(low[i], high[i]);
        low[i] = least, high[i] = most;
    }
}

/// What each row has over the middle one of the six on either side, two off; `hidden` where either is.
std::vector<float> apartOf(const std::vector<float> &values, float hidden) {
    const int rows = int(values.size()), lanes = 12;
    std::vector<float> result(values.size(), hidden), near(size_t(lanes * rows));
    for (int lane = 0; lane < lanes; lane++) {
        int by = lane < 6 ? lane - 8 : lane - 3;
        for (int y = std::max(-by, 0); y < std::min(rows - by, rows); y++)
            near[size_t(lane * rows + y)] = values[size_t(y + by)];
    }
    // Odd and even, merged (Batcher), all rows side by side.
    for (int p = 1; p < lanes; p *= 2)
        for (int k = p; k >= 1; k /= 2)
            for (int j = k % p; j + k < lanes; j += 2 * k)
                for (int i = 0; i < std::min(k, lanes - j - k); i++)
                    if ((i + j) / (2 * p) == (i + j + k) / (2 * p))
                        order(&near[size_t((i + j) * rows)], &near[size_t((i + j + k) * rows)], rows);
    for (int y = 0; y < rows; y++) {
        if (values[size_t(y)] >= hidden) continue;
        bool whole = y >= 8 && y + 8 < rows && near[size_t((lanes - 1) * rows + y)] < hidden;
        if (whole) {
            result[size_t(y)] = values[size_t(y)] - near[size_t(lanes / 2 * rows + y)];
            continue;
        }
        float beside[lanes];
        int count = 0;
        for (int k = -8; k <= 8; k++)
            if (std::abs(k) > 2 && y + k >= 0 && y + k < rows && values[size_t(y + k)] < hidden)
                beside[count++] = values[size_t(y + k)];
        if (count >= 4) result[size_t(y)] = values[size_t(y)] - middle(beside, count);
    }
    return result;
}

/// What rows differ by anyway, all of them and those near each: where much ink lies, a printer's rows are less alike.
std::vector<double> spreadsOf(const std::vector<double> &sizes) {
    auto most = [](const std::vector<double> &ordered) { return ordered[ordered.size() * 9 / 10] / 1.5; };
    const int rows = int(sizes.size()), near = 30, wide = std::min(2 * near + 1, rows);
    std::vector<double> spreads(sizes), ordered(sizes.begin(), sizes.begin() + wide);
    std::sort(spreads.begin(), spreads.end());
    const double all = std::max(most(spreads), 0.3);
    std::sort(ordered.begin(), ordered.end());
    for (int y = 0, first = 0; y < rows; y++) {
        if (y - near > first && first + wide < rows) {
            // The next row comes, the first one goes.
            ordered.erase(std::lower_bound(ordered.begin(), ordered.end(), sizes[size_t(first)]));
            const double next = sizes[size_t(first + wide)];
            ordered.insert(std::upper_bound(ordered.begin(), ordered.end(), next), next);
            first++;
        }
        spreads[size_t(y)] = std::max(all, most(ordered));
    }
    return spreads;
}

template <typename Level> void addTo(int *sums, const Level *levels, int count) {
    for (int i = 0; i < count; i++) sums[i] += levels[i];
}

/// Of red, green and blue.
template <typename Level> void sumOf(const Level *levels, int count, int *sums) {
    int red = 0, green = 0, blue = 0;
    for (int i = 0; i < count; i++) red += levels[3 * i], green += levels[3 * i + 1], blue += levels[3 * i + 2];
    sums[0] = red, sums[1] = green, sums[2] = blue;
}

/// Means of the rows of a picture, or of its columns; RGB.
cv::Mat meansOf(const cv::Mat &picture, bool columns) {
    cv::Mat sums = cv::Mat::zeros(columns ? picture.cols : picture.rows, 1, CV_32SC3), means;
    for (int y = 0; y < picture.rows; y++) {
        if (columns)
            addTo(sums.ptr<int>(), picture.ptr(y), 3 * picture.cols);
        else
            sumOf(picture.ptr(y), picture.cols, sums.ptr<int>(y));
    }
    sums.convertTo(means, CV_32F, 1.0 / (columns ? picture.rows : picture.cols));
    return means;
}
}  // namespace

namespace {
/// What is left of a box where it is looked at, and 1 there.
struct Looked {
    cv::Rect place;
    cv::Mat rest, weight;
};

/// Lines along the rows of a box, or its columns.
void linesOf(const sakk_view &view, const Looked &at, bool columns, double least, sakk_line *lines, size_t capacity, size_t *count) {
    const auto &[place, rest, weight] = at;
    const int segments = 9, rows = columns ? rest.cols : rest.rows;
    const double width = double(columns ? rest.rows : rest.cols) / segments;
    cv::Mat sums[segments], weights[segments];
    for (int s = 0; s < segments; s++) {
        const int first = cvFloor(s * width), length = cvFloor(width);
        sums[s] = cv::Mat::zeros(rows, 1, CV_32SC3), weights[s] = cv::Mat::zeros(rows, 1, CV_32S);
        int *sum = sums[s].ptr<int>(), *covered = weights[s].ptr<int>();
        for (int line = 0; line < (columns ? length : rows); line++) {
            const int y = columns ? first + line : line;
            if (columns) {
                addTo(sum, rest.ptr<int16_t>(y), 3 * rows);
                addTo(covered, weight.ptr(y), rows);
            } else {
                sumOf(rest.ptr<int16_t>(y) + 3 * first, length, sum + 3 * y);
                const uint8_t *from = weight.ptr(y) + first;
                for (int x = 0; x < length; x++) covered[y] += from[x];
            }
        }
    }
    const float hidden = 1e6f;
    std::vector<double> profiles[3], spreads[3];
    for (int c = 0; c < 3; c++) {
        std::vector<std::vector<float>> parts;
        for (int s = 0; s < segments; s++) {
            std::vector<float> means(static_cast<size_t>(rows));
            for (int y = 0; y < rows; y++) {
                double covered = weights[s].at<int>(y);
                means[size_t(y)] = covered > 0.4 * width ? float(sums[s].at<cv::Vec3i>(y)[c] / covered) : hidden;
            }
            parts.push_back(apartOf(means, hidden));
        }
        profiles[c].resize(size_t(rows));
        std::vector<double> sizes, across;
        for (int y = 0; y < rows; y++) {
            across.clear();
            for (auto &part : parts)
                if (part[size_t(y)] < hidden) across.push_back(part[size_t(y)]);
            // Nearly all of the width shows it, or it is no line.
            std::sort(across.begin(), across.end());
            size_t few = across.size() / 4;
            bool lighter = across.size() >= 5 && across[few] > 0, darker = across.size() >= 5 && across[across.size() - 1 - few] < 0;
            profiles[c][size_t(y)] = lighter ? across[few] : darker ? across[across.size() - 1 - few] : 0;
            sizes.push_back(std::abs(profiles[c][size_t(y)]));
        }
        spreads[c] = spreadsOf(sizes);
    }
    // An edge of the artwork along the row may lie a little otherwise.
    const cv::Mat ownMeans = meansOf(view.known(place), columns);
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
            if (value / spreads[c][size_t(y)] > lead) lead = value / spreads[c][size_t(y)], at = c;
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
}
}  // namespace

sakk_vision_status sakk_view_lines(
    const sakk_view *view, sakk_rect box, const sakk_rect *ignored, size_t ignored_count, double least, sakk_line *lines,
    size_t capacity, size_t *count) {
    return sakk::guarded([&] {
        *count = 0;
        if (view->known.empty()) return SAKK_VISION_BAD_FRAME;
        const cv::Rect place = view->cells(box, -3) & view->inner(1.2);
        if (place.width < 60 || place.height < 60) return SAKK_VISION_OK;
        cv::Mat rest = view->rest(place).clone(), weight;
        weight = sakk::maskOf(*view, ignored, ignored_count, 6)(place).clone();
        // At strokes of the artwork a part of a pixel shows as much as a line does.
        cv::Rect around = (place + cv::Size(8, 8)) - cv::Point(4, 4);
        around &= cv::Rect(cv::Point(), view->size());
        cv::Mat strokes, steepest;
        cv::cvtColor(view->known(around), strokes, cv::COLOR_RGB2GRAY);
        cv::morphologyEx(strokes, steepest, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
        cv::threshold(steepest, steepest, 45, 255, cv::THRESH_BINARY);
        cv::dilate(steepest, steepest, cv::Mat::ones(3, 3, CV_8U));
        cv::bitwise_or(weight, steepest(place - around.tl()), weight);
        rest.setTo(0, weight);
        // 1 where it is looked at.
        cv::threshold(weight, weight, 0, 1, cv::THRESH_BINARY_INV);
        const Looked looked{place, rest, weight};
        linesOf(*view, looked, false, least, lines, capacity / 2, count);
        size_t others = 0;
        linesOf(*view, looked, true, least, lines + *count, capacity - capacity / 2, &others);
        *count += others;
        return SAKK_VISION_OK;
    });
}

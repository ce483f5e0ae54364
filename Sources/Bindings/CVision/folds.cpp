// Creases: a light flank beside a dark one, too faint for one place to show. What lies along a line is added up.
#include "view.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {
constexpr int directions = 16;
/// Pixels of a quarter of the raster that are added up along a line: 5.4 mm. A power of two.
constexpr int length = 16;
/// What a fold stands out by, over what most places do: good sides reach 14, and a rosette whose lines were not drawn quite as
/// they are meant 2.6 times what a hundredth of the side does; folds of a tenth of the light 58, and 9 times.
constexpr double leastFold = 24, usualFold = 4.2, mostOnesided = 0.5;

/// A picture, and what it is moved by whole pixels: the place (x, y) shows (x + dx, y + dy); nothing from beyond the border.
void addMoved(const cv::Mat &picture, int dx, int dy, cv::Mat &sum) {
    const int columns = picture.cols, from = std::min(std::max(-dx, 0), columns), to = std::max(std::min(columns, columns - dx), from);
    sum.create(picture.size(), CV_32F);
    for (int y = 0; y < picture.rows; y++) {
        const float *own = picture.ptr<float>(y);
        float *next = sum.ptr<float>(y);
        if (y + dy < 0 || y + dy >= picture.rows) {
            std::copy(own, own + columns, next);
            continue;
        }
        const float *other = picture.ptr<float>(y + dy) + dx;
        std::copy(own, own + from, next);
        for (int x = from; x < to; x++) next[x] = own[x] + other[x];
        std::copy(own + to, own + columns, next + to);
    }
}

/// Of slopes, what rises across a direction.
void riseOf(const cv::Mat &across, const cv::Mat &down, float dx, float dy, cv::Mat &rise) {
    rise.create(across.size(), CV_32F);
    for (int y = 0; y < across.rows; y++) {
        const float *u = across.ptr<float>(y), *v = down.ptr<float>(y);
        float *to = rise.ptr<float>(y);
        for (int x = 0; x < across.cols; x++) to[x] = v[x] * dx - u[x] * dy;
    }
}

/// The size of sums along a direction, around each place. `rooms` are used up.
void along(cv::Mat (&rooms)[2], double dx, double dy, cv::Mat &sizes) {
    for (int step = 1; step < length; step *= 2) {
        addMoved(rooms[0], cvRound(dx * step), cvRound(dy * step), rooms[1]);
        std::swap(rooms[0], rooms[1]);
    }
    const cv::Mat &sum = rooms[0];
    const int by = cvRound(dx * length / 2), down = cvRound(dy * length / 2), columns = sum.cols;
    const int from = std::min(std::max(by, 0), columns), to = std::max(std::min(columns, columns + by), from);
    sizes.create(sum.size(), CV_32F);
    for (int y = 0; y < sum.rows; y++) {
        float *size = sizes.ptr<float>(y);
        const bool isThere = y - down >= 0 && y - down < sum.rows;
        if (!isThere || from > 0 || to < columns) std::fill(size, size + columns, 0.0f);
        if (!isThere) continue;
        const float *own = sum.ptr<float>(y - down) - by;
        for (int x = from; x < to; x++) size[x] = std::abs(own[x]);
    }
}

double spreadOf(const cv::Mat &values, const cv::Mat &mask) {
    std::vector<double> some;
    for (int y = 0; y < values.rows; y += 4)
        for (int x = y / 4 % 4; x < values.cols; x += 4)
            if (mask.at<uint8_t>(y, x)) some.push_back(std::abs(values.at<float>(y, x)));
    return some.size() < 200 ? 0 : 1.4826 * sakk::median(some);
}

/// Half the raster: the mean of the colours of four pixels.
cv::Mat grayHalf(const cv::Mat &rest) {
    cv::Mat gray(rest.rows / 2, rest.cols / 2, CV_32F);
    for (int y = 0; y < gray.rows; y++) {
        const int16_t *a = rest.ptr<int16_t>(2 * y), *b = rest.ptr<int16_t>(2 * y + 1);
        float *to = gray.ptr<float>(y);
        for (int x = 0; x < gray.cols; x++, a += 6, b += 6) {
            int sum = 0;
            for (int i = 0; i < 6; i++) sum += a[i] + b[i];
            to[x] = float(sum) / 12;
        }
    }
    return gray;
}

/// What is left of a side where it can be told, over what it varies by near each place: most of it is within three.
cv::Mat evened(const sakk_view &view, const cv::Mat &usable, cv::Mat &mask) {
    cv::Mat rest = grayHalf(view.rest), half, meant, steps, around, weights;
    cv::cvtColor(view.known, half, cv::COLOR_RGB2GRAY);
    cv::resize(half, meant, rest.size(), 0, 0, cv::INTER_AREA);
    cv::resize(usable, mask, rest.size(), 0, 0, cv::INTER_AREA);
    // A stroke that is a little softer or darker than it is meant to be is a line as well.
    cv::morphologyEx(meant, steps, cv::MORPH_GRADIENT, cv::Mat::ones(3, 3, CV_8U));
    cv::dilate(steps, around, cv::Mat::ones(3, 3, CV_8U));
    mask = (mask > 254) & (around < 45);
    mask.convertTo(weights, CV_32F, 1 / 255.0);
    auto wide = [&](const cv::Mat &values, int size) {
        cv::Mat sum, n;
        cv::blur(values.mul(weights), sum, cv::Size(size, size));
        cv::blur(weights, n, cv::Size(size, size));
        return cv::Mat(sum / (n + 0.02));
    };
    rest -= wide(rest, 21);
    const double usual = std::max(spreadOf(rest, mask), 0.4);
    cv::Mat squares = cv::min(rest.mul(rest), 16 * usual * usual), slopes;
    squares = wide(squares, 61);
    steps.convertTo(slopes, CV_32F);
    cv::Mat spread = squares + slopes.mul(slopes) * 0.006 + 0.1;
    cv::sqrt(spread, spread);
    cv::Mat values = rest.mul(weights) / spread;
    return cv::min(cv::max(values, -4.0), 4.0);
}

/// A fold gives to one flank what it takes from the other; the rim of a smudge and a scratch only take, or only give. 0 is even,
/// 1 is all of one sign.
double onesided(const cv::Mat &values, const cv::Mat &part) {
    double sum = 0, sizes = 0;
    for (int y = 0; y < values.rows; y++)
        for (int x = 0; x < values.cols; x++) {
            const double value = values.at<float>(y, x);
            if (part.at<uint8_t>(y, x) && std::abs(value) > 1) sum += value, sizes += std::abs(value);
        }
    return sizes > 0 ? std::abs(sum) / sizes : 1;
}

/// The places of a mask that hang together with one of `sure`, as marks. `values`: what is left of the side there.
void gatherFolds(
    const cv::Mat &size, const cv::Mat &mask, const cv::Mat &values, double sure, int factor, std::vector<sakk_mark> &marks) {
    cv::Mat labels, stats, centres;
    const int found = cv::connectedComponentsWithStats(mask, labels, stats, centres, 8);
    for (int k = 1; k < found; k++) {
        const int *at = stats.ptr<int>(k);
        const cv::Rect place(at[cv::CC_STAT_LEFT], at[cv::CC_STAT_TOP], at[cv::CC_STAT_WIDTH], at[cv::CC_STAT_HEIGHT]);
        double most;
        const cv::Mat own = labels(place) == k;
        cv::minMaxLoc(size(place), nullptr, &most, nullptr, nullptr, own);
        if (most < sure) continue;
        const cv::Rect around = cv::Rect(place.x - 2, place.y - 2, place.width + 4, place.height + 4) & cv::Rect(cv::Point(), mask.size());
        cv::Mat part = labels(around) == k;
        cv::dilate(part, part, cv::Mat::ones(5, 5, CV_8U));
        if (onesided(values(around), part) > mostOnesided) continue;
        const cv::Moments m = cv::moments(own, true);
        const double xx = m.mu20 / m.m00, yy = m.mu02 / m.m00, xy = m.mu11 / m.m00;
        const double mean = (xx + yy) / 2, apart = std::hypot((xx - yy) / 2, xy);
        sakk_mark mark{};
        mark.length = std::sqrt(12 * (mean + apart)) * factor;
        mark.width = std::sqrt(12 * std::max(mean - apart, 1.0 / 12)) * factor;
        mark.angle = std::atan2(2 * xy, xx - yy) / 2 * 180 / CV_PI;
        mark.place = {
            double(place.x * factor), double(place.y * factor), double(place.width * factor), double(place.height * factor)};
        mark.area = m.m00 * factor * factor;
        mark.weight = most / sure * mark.area;
        mark.fold = most / sure;
        marks.push_back(mark);
    }
}
}  // namespace

void sakk::folds(const sakk_view &view, const cv::Mat &usable, std::vector<sakk_mark> &marks) {
    cv::Mat mask, values = evened(view, usable, mask), soft = sakk::smoothed(values, 1.5), across, down;
    cv::Sobel(soft, across, CV_32F, 1, 0, 3, 0.125);
    cv::Sobel(soft, down, CV_32F, 0, 1, 3, 0.125);
    // So soft, half of the places say as much.
    const cv::Size size(values.cols / 2, values.rows / 2);
    cv::resize(across, across, size, 0, 0, cv::INTER_AREA);
    cv::resize(down, down, size, 0, 0, cv::INTER_AREA);
    cv::resize(mask, mask, size, 0, 0, cv::INTER_NEAREST);
    cv::Mat most = cv::Mat::zeros(size, CV_32F), rooms[2], sum;
    double spread = 0;
    for (int i = 0; i < directions; i++) {
        const double angle = CV_PI * i / directions, dx = std::cos(angle), dy = std::sin(angle);
        riseOf(across, down, float(dx), float(dy), rooms[0]);
        along(rooms, dx, dy, sum);
        spread = std::max(spread, spreadOf(sum, mask));
        cv::max(most, sum, most);
    }
    if (spread <= 0) return;
    most.setTo(0, mask == 0);
    most /= spread;
    // Where the stock's own lines are not drawn as they are meant, they show all over.
    const double sure = std::max(leastFold, usualFold * sakk::quantile(most, 0.99));
    cv::resize(values, values, size, 0, 0, cv::INTER_AREA);
    gatherFolds(most, most > 0.5 * sure, values, sure, 4, marks);
}

// Correlations at a few places: what is found within some pixels needs no transform.
#include "view.hpp"
#include "wide.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

cv::Mat sakk::correlations(const cv::Mat &wide, const cv::Mat &part, bool peak) {
    const int across = wide.cols - part.cols + 1, down = wide.rows - part.rows + 1;
    const double n = double(part.total());
    cv::Mat scores(down, across, CV_32F);
    const int most = 12, few = 2 * most;
    if (across > few) {
        cv::matchTemplate(wide, part, scores, cv::TM_CCOEFF_NORMED);
        return scores;
    }
    double sum = 0, square = 0;
    for (int y = 0; y < part.rows; y++) addMoments(part.ptr<float>(y), part.cols, &sum, &square);
    const double mean = sum / n;
    // Sums of all rows under the part at each place, and of as many rows as the part has at each height.
    std::vector<double> sums(size_t(wide.rows * across)), squares(sums.size());
    for (int y = 0; y < wide.rows; y++) {
        const float *row = wide.ptr<float>(y);
        double first = 0, second = 0;
        addMoments(row, part.cols, &first, &second);
        for (int x = 0; x < across; x++) {
            sums[size_t(y * across + x)] = first, squares[size_t(y * across + x)] = second;
            if (x + 1 == across) break;
            const double out = row[x], in = row[x + part.cols];
            first += in - out, second += in * in - out * out;
        }
    }
    auto within = [&](const std::vector<double> &rows, int x, int y) {
        double total = 0;
        for (int v = 0; v < part.rows; v++) total += rows[size_t((y + v) * across + x)];
        return total;
    };
    // Room for whole steps and all places.
    const int columns = (part.cols + 7) & ~7, lanes = across > most ? (across + 1) / 2 : across;
    cv::Mat less(part.rows, columns, CV_32F, cv::Scalar(0)), room;
    cv::subtract(part, mean, less(cv::Rect(0, 0, part.cols, part.rows)));
    cv::copyMakeBorder(wide, room, 0, 0, 0, 2 * few, cv::BORDER_CONSTANT | cv::BORDER_ISOLATED, 0);
    const double own = std::max(square - sum * mean, 0.0);
    auto fill = [&](int y) {
        double products[few] = {}, best = 0;
        for (int row = 0; row < part.rows; row++)
            for (int from = 0; from < across; from += lanes) {
                float line[most] = {};
                slide(less.ptr<float>(row), room.ptr<float>(y + row) + from, columns, lanes, line);
                for (int x = from; x < std::min(from + lanes, across); x++) products[x] += line[x - from];
            }
        for (int x = 0; x < across; x++) {
            double sum = within(sums, x, y), other = within(squares, x, y) - sum * sum / n;
            const double score = own * other > 1e-9 * n * n ? products[x] / std::sqrt(own * other) : 0;
            scores.at<float>(y, x) = float(score);
            best = std::max(best, score);
        }
        return best;
    };
    const int step = peak && down > 4 ? 2 : 1;
    std::vector<double> highest(static_cast<size_t>(down), 0);
    if (step > 1) scores = cv::Scalar(-1);
    for (int y = 0; y < down; y += step) highest[size_t(y)] = fill(y);
    if (step == 1) return scores;
    // A stroke is wider than a pixel: what is most alike is beside what is nearly as much.
    const double near = 0.8 * *std::max_element(highest.begin(), highest.end());
    for (int y = 1; y < down; y += 2)
        if (highest[size_t(y - 1)] >= near || (y + 1 < down && highest[size_t(y + 1)] >= near)) fill(y);
    return scores;
}

/// Cubic, as a picture is between its pixels (Keys, a = -0.75).
cv::Mat sakk::shifted(const cv::Mat &picture, cv::Rect place, double dx, double dy) {
    auto weights = [](double share) {
        auto near = [](double t) { return ((1.25 * t) - 2.25) * t * t + 1; };
        auto far = [](double t) { return ((-0.75 * t + 3.75) * t - 6) * t + 3; };
        return cv::Mat((cv::Mat_<float>(1, 4) << far(1 + share), near(share), near(1 - share), far(2 - share)));
    };
    // A pixel shows what lies `dx` to its left.
    const int left = cvFloor(-dx), up = cvFloor(-dy);
    cv::Mat across = weights(-dx - left), down = weights(-dy - up), result;
    const int rim = 3;
    cv::Rect from(place.x + left - rim, place.y + up - rim, place.width + 2 * rim, place.height + 2 * rim);
    cv::Rect there = from & cv::Rect(cv::Point(), picture.size());
    cv::Mat part;
    cv::copyMakeBorder(
        picture(there), part, there.y - from.y, from.br().y - there.br().y, there.x - from.x, from.br().x - there.br().x,
        cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
    cv::sepFilter2D(part, result, CV_32F, across, down.t(), cv::Point(1, 1), 0, cv::BORDER_REPLICATE);
    return result(cv::Rect(rim, rim, place.width, place.height)).clone();
}

#include "CPlainVision.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <vector>

namespace {
/// Corners of the box around the largest bright contour, clockwise from the top left; the long side lies across.
bool corners(const cv::Mat &gray, std::vector<cv::Point2f> &found) {
    cv::Mat small, mask;
    cv::resize(gray, small, cv::Size(), 0.25, 0.25, cv::INTER_AREA);
    cv::threshold(small, mask, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU);
    cv::morphologyEx(mask, mask, cv::MORPH_CLOSE, cv::Mat::ones(15, 15, CV_8U));
    std::vector<std::vector<cv::Point>> contours;
    cv::findContours(mask, contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
    if (contours.empty()) return false;
    auto largest = std::max_element(contours.begin(), contours.end(), [](const auto &left, const auto &right) {
        return cv::contourArea(left) < cv::contourArea(right);
    });
    cv::RotatedRect box = cv::minAreaRect(*largest);
    if (box.size.area() < 10000) return false;
    cv::Point2f points[4];
    box.points(points);
    std::sort(points, points + 4, [](auto left, auto right) { return left.y < right.y; });
    if (points[0].x > points[1].x) std::swap(points[0], points[1]);
    if (points[2].x < points[3].x) std::swap(points[2], points[3]);
    for (auto &point : points) found.push_back(point * 4.0F);
    return true;
}
}  // namespace

extern "C" int sakk_plain_difference(
    const uint8_t *capture, int width, int height, const uint8_t *reference, int reference_width,
    int reference_height) {
    try {
        cv::setNumThreads(1);
        cv::Mat seen(height, width, CV_8UC3, const_cast<uint8_t *>(capture));
        cv::Mat wanted(reference_height, reference_width, CV_8UC3, const_cast<uint8_t *>(reference));
        cv::Mat gray, wantedGray, laid, laidGray, moved, away;
        cv::cvtColor(seen, gray, cv::COLOR_RGB2GRAY);
        std::vector<cv::Point2f> from;
        if (!corners(gray, from)) return -1;
        float right = static_cast<float>(reference_width), bottom = static_cast<float>(reference_height);
        std::vector<cv::Point2f> to = {{0, 0}, {right, 0}, {right, bottom}, {0, bottom}};
        cv::warpPerspective(seen, laid, cv::getPerspectiveTransform(from, to), wanted.size(), cv::INTER_LINEAR);
        cv::cvtColor(laid, laidGray, cv::COLOR_RGB2GRAY);
        cv::cvtColor(wanted, wantedGray, cv::COLOR_RGB2GRAY);
        cv::Mat half, wantedHalf;
        double scale = std::min(1.0, 506.0 / reference_width);
        cv::resize(laidGray, half, cv::Size(), scale, scale, cv::INTER_AREA);
        cv::resize(wantedGray, wantedHalf, half.size(), 0, 0, cv::INTER_AREA);
        cv::Mat motion = cv::Mat::eye(2, 3, CV_32F);
        try {
            cv::findTransformECC(
                wantedHalf, half, motion, cv::MOTION_EUCLIDEAN,
                cv::TermCriteria(cv::TermCriteria::COUNT | cv::TermCriteria::EPS, 30, 1e-4), cv::noArray(), 5);
        } catch (const cv::Exception &) {
            motion = cv::Mat::eye(2, 3, CV_32F);
        }
        motion.at<float>(0, 2) /= static_cast<float>(scale);
        motion.at<float>(1, 2) /= static_cast<float>(scale);
        cv::warpAffine(laid, moved, motion, wanted.size(), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP);
        cv::absdiff(moved, wanted, away);
        cv::GaussianBlur(away, away, cv::Size(5, 5), 0);
        cv::cvtColor(away, gray, cv::COLOR_RGB2GRAY);
        cv::threshold(gray, gray, 40, 255, cv::THRESH_BINARY);
        cv::Mat labels;
        return cv::connectedComponents(gray, labels) - 1;
    } catch (...) {
        return -1;
    }
}

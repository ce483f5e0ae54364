#pragma once
#include "CVision.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

struct sakk_view {
    cv::Mat frame;           // RGB as captured
    cv::Matx33d fromFine;    // 600 dpi raster to frame, pixel indices
    cv::Matx33d alignment;   // 300 dpi artwork to 300 dpi card raster, pixel indices
    cv::Mat fine;            // 600 dpi, RGB; empty before alignment
    cv::Mat card;            // 300 dpi, RGB, light evened out once asked for
    cv::Mat gray;            // of `card`, float

    void sketch();
    void warp();
    void setCard(const cv::Mat &picture);
};

namespace sakk {
constexpr int width = SAKK_RASTER_WIDTH, height = SAKK_RASTER_HEIGHT;
constexpr double perMM = 300 / 25.4;
constexpr double cardWidth = 85.60, cardHeight = 53.98;

inline cv::Mat artwork(const uint8_t *rgb) { return cv::Mat(height, width, CV_8UC3, const_cast<uint8_t *>(rgb)); }
inline cv::Mat panel(const uint8_t *ink) { return cv::Mat(height, width, CV_8UC1, const_cast<uint8_t *>(ink)); }

inline cv::Mat grayOf(const cv::Mat &rgb) {
    cv::Mat gray, values;
    cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
    gray.convertTo(values, CV_32F);
    return values;
}

/// Pixels touched by a rectangle, grown by `margin`, cut to the raster.
inline cv::Rect cells(const sakk_rect &r, double margin = 0) {
    int left = cvFloor(r.x - margin), top = cvFloor(r.y - margin);
    int right = cvCeil(r.x + r.width + margin), bottom = cvCeil(r.y + r.height + margin);
    return cv::Rect(left, top, std::max(right - left, 0), std::max(bottom - top, 0)) & cv::Rect(0, 0, width, height);
}

/// The card without `inset` millimetres of its border.
inline cv::Rect inner(double inset) {
    double w = (cardWidth - 2 * inset) * perMM, h = (cardHeight - 2 * inset) * perMM;
    return cells({(width - w) / 2, (height - h) / 2, w, h}) ;
}

template <typename Body> sakk_vision_status guarded(Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return SAKK_VISION_FAILED;
    }
}
}  // namespace sakk

#pragma once
#include "CVision.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

struct sakk_view {
    sakk_raster raster;      // the artwork's, 300 dpi
    cv::Mat frame;           // RGB as captured
    cv::Matx33d fromFine;    // 600 dpi raster to frame, pixel indices
    cv::Matx33d alignment;   // 300 dpi artwork to 300 dpi card raster, pixel indices
    cv::Mat fine;            // 600 dpi, RGB; empty before alignment
    cv::Mat card;            // 300 dpi, RGB, light evened out once asked for
    cv::Mat gray;            // of `card`, float

    void sketch(double scale);
    void warp();
    void setCard(const cv::Mat &picture);

    cv::Size size() const { return cv::Size(raster.width, raster.height); }
    cv::Mat artwork(const uint8_t *rgb) const {
        return cv::Mat(raster.height, raster.width, CV_8UC3, const_cast<uint8_t *>(rgb));
    }
    cv::Mat panel(const uint8_t *ink) const {
        return cv::Mat(raster.height, raster.width, CV_8UC1, const_cast<uint8_t *>(ink));
    }
    cv::Rect cells(const sakk_rect &r, double margin = 0) const;
    cv::Rect inner(double inset) const;
};

namespace sakk {
constexpr double perMM = 300 / 25.4;

inline cv::Mat grayOf(const cv::Mat &rgb) {
    cv::Mat gray, values;
    cv::cvtColor(rgb, gray, cv::COLOR_RGB2GRAY);
    gray.convertTo(values, CV_32F);
    return values;
}

template <typename Body> sakk_vision_status guarded(Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return SAKK_VISION_FAILED;
    }
}
}  // namespace sakk

/// Pixels touched by a rectangle, grown by `margin`, cut to the raster.
inline cv::Rect sakk_view::cells(const sakk_rect &r, double margin) const {
    int left = cvFloor(r.x - margin), top = cvFloor(r.y - margin);
    int right = cvCeil(r.x + r.width + margin), bottom = cvCeil(r.y + r.height + margin);
    return cv::Rect(left, top, std::max(right - left, 0), std::max(bottom - top, 0)) & cv::Rect(cv::Point(), size());
}

/// The document without `inset` millimetres of its border.
inline cv::Rect sakk_view::inner(double inset) const {
    double w = (raster.width_mm - 2 * inset) * sakk::perMM, h = (raster.height_mm - 2 * inset) * sakk::perMM;
    return cells({(raster.width - w) / 2, (raster.height - h) / 2, w, h});
}

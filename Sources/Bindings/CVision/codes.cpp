// Characters of the machine readable zone, and QR codes.
#define ZX_USE_UTF8 1
#include "view.hpp"

#include <ReadBarcode.h>

#include <cmath>
#include <cstring>
#include <vector>

sakk_vision_status sakk_view_glyph(
    const sakk_view *view, const uint8_t *atlas, int classes, int width, int height, double x, double y, int expected,
    sakk_glyph *result) {
    return sakk::guarded([&] {
        *result = {-1, -1, -1, -1};
        const int reach = 2;
        int left = cvRound(x - width / 2.0), top = cvRound(y - height / 2.0);
        cv::Rect wide(left - reach, top - reach, width + 2 * reach, height + 2 * reach);
        if (classes < 2 || (wide & cv::Rect(0, 0, sakk::width, sakk::height)) != wide) return SAKK_VISION_BAD_FRAME;
        const int size = width * height;
        cv::Mat glyphs(classes, size, CV_32F);
        for (int c = 0; c < classes; c++) {
            cv::Mat row = glyphs.row(c);
            cv::Mat(1, size, CV_8U, const_cast<uint8_t *>(atlas) + size_t(c) * size_t(size)).convertTo(row, CV_32F, -1);
            row -= cv::mean(row)[0];
            row /= std::max(cv::norm(row), 1e-6);
        }
        std::vector<double> scores(size_t(classes), -1);
        for (int dy = 0; dy <= 2 * reach; dy++)
            for (int dx = 0; dx <= 2 * reach; dx++) {
                cv::Mat patch = view->gray(cv::Rect(wide.x + dx, wide.y + dy, width, height)).clone().reshape(1, 1);
                patch -= cv::mean(patch)[0];
                double norm = cv::norm(patch);
                // Paper without ink: under five grey levels a pixel.
                if (norm < 5 * std::sqrt(double(size))) continue;
                for (int c = 0; c < classes; c++)
                    scores[size_t(c)] = std::max(scores[size_t(c)], glyphs.row(c).dot(patch) / norm);
            }
        for (int c = 0; c < classes; c++) {
            double score = scores[size_t(c)];
            if (score > result->score) {
                result->next = result->score;
                result->score = score;
                result->best = c;
            } else {
                result->next = std::max(result->next, score);
            }
        }
        if (expected >= 0 && expected < classes) result->expected = scores[size_t(expected)];
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_qr(const sakk_view *view, sakk_rect box, char *text, size_t capacity, size_t *length) {
    return sakk::guarded([&] {
        *length = 0;
        cv::Rect place = sakk::cells(box, 8);
        if (place.area() == 0 || view->fine.empty()) return SAKK_VISION_BAD_FRAME;
        cv::Mat gray;
        cv::cvtColor(view->fine(cv::Rect(place.x * 2, place.y * 2, place.width * 2, place.height * 2)), gray,
                     cv::COLOR_RGB2GRAY);
        for (int round = 0; round < 3; round++) {
            if (round == 1) cv::GaussianBlur(gray, gray, cv::Size(5, 5), 1.2);
            if (round == 2) cv::resize(gray, gray, cv::Size(), 0.5, 0.5, cv::INTER_AREA);
            gray = gray.clone();
            ZXing::DecodeHints hints;
            hints.setFormats(ZXing::BarcodeFormat::QRCode).setTryHarder(true).setTryRotate(true);
            auto read = ZXing::ReadBarcode(
                ZXing::ImageView(gray.data, gray.cols, gray.rows, ZXing::ImageFormat::Lum), hints);
            if (!read.isValid()) continue;
            std::string content = read.text();
            if (content.size() > capacity) return SAKK_VISION_OK;
            std::memcpy(text, content.data(), content.size());
            *length = content.size();
            return SAKK_VISION_OK;
        }
        return SAKK_VISION_OK;
    });
}

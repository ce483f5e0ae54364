// Which side it is, how it lies, where the print lies on it, and the light over it.
#include "view.hpp"

#include <opencv2/video/tracking.hpp>

#include <array>
#include <cmath>
#include <vector>

namespace {
cv::Mat scaled(const cv::Mat &picture, double factor) {
    cv::Mat result;
    cv::resize(picture, result, cv::Size(), factor, factor, cv::INTER_AREA);
    return result;
}

/// Without what light does: the picture less its wide surroundings.
cv::Mat highPass(const cv::Mat &gray, double sigma) {
    // Two boxes make a bell, at a cost that does not grow with it.
    cv::Mat wide;
    int side = 2 * cvRound(sigma * 1.2) + 1;
    cv::blur(gray, wide, cv::Size(side, side));
    cv::blur(wide, wide, cv::Size(side, side));
    return gray - wide;
}

double best(const cv::Mat &view, const cv::Mat &reference, int reach) {
    cv::Rect middle(reach, reach, reference.cols - 2 * reach, reference.rows - 2 * reach);
    cv::Mat scores;
    cv::matchTemplate(view, reference(middle), scores, cv::TM_CCOEFF_NORMED);
    double score;
    cv::minMaxLoc(scores, nullptr, &score);
    return score;
}

cv::Mat fieldMask(const sakk_view *view, const sakk_rect *fields, size_t count, double margin) {
    cv::Mat mask = cv::Mat::zeros(view->size(), CV_8U);
    for (size_t i = 0; i < count; i++) mask(view->cells(fields[i], margin)) = 255;
    return mask;
}

/// Finds the affine move of the fields; leaves the view's alignment alone when none is found.
void place(
    sakk_view *view, const uint8_t *artwork, const sakk_rect *fields, size_t count, sakk_alignment *result) {
    cv::Mat mask = fieldMask(view, fields, count, 0.4 * sakk::perMM);
    cv::Mat known = highPass(scaled(sakk::grayOf(view->artwork(artwork)), 0.5), 10);
    cv::Mat seen = highPass(scaled(view->gray, 0.5), 10);
    cv::Mat half, weight;
    cv::resize(mask, half, known.size(), 0, 0, cv::INTER_NEAREST);
    half.convertTo(weight, CV_32F, 1 / 255.0);
    // The whole shift first, then the affine rest.
    cv::Mat masked = known.mul(weight), scores;
    const int reach = 18;
    cv::Rect middle(reach, reach, known.cols - 2 * reach, known.rows - 2 * reach);
    cv::matchTemplate(seen, masked(middle), scores, cv::TM_CCORR_NORMED);
    cv::Point at;
    cv::minMaxLoc(scores, nullptr, nullptr, nullptr, &at);
    cv::Mat warp = cv::Mat::eye(2, 3, CV_32F);
    warp.at<float>(0, 2) = float(at.x - reach);
    warp.at<float>(1, 2) = float(at.y - reach);
    cv::Mat moved;
    cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, at.x - reach, 0, 1, at.y - reach);
    cv::warpAffine(half, moved, shift, half.size(), cv::INTER_NEAREST);
    double score = 0;
    try {
        cv::TermCriteria stop(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 20, 1e-4);
        score = cv::findTransformECC(known, seen, warp, cv::MOTION_AFFINE, stop, moved, 5);
    } catch (const cv::Exception &) {
        return;
    }
    cv::Matx33d found(
        warp.at<float>(0, 0), warp.at<float>(0, 1), warp.at<float>(0, 2), warp.at<float>(1, 0),
        warp.at<float>(1, 1), warp.at<float>(1, 2), 0, 0, 1);
    cv::Matx33d toHalf(0.5, 0, -0.25, 0, 0.5, -0.25, 0, 0, 1), back(2, 0, 0.5, 0, 2, 0.5, 0, 0, 1);
    cv::Matx33d map = back * found * toHalf;
    cv::Moments m = cv::moments(mask, true);
    cv::Vec3d centre(m.m10 / m.m00, m.m01 / m.m00, 1), there = map * centre;
    double size = map(0, 0) * map(1, 1) - map(0, 1) * map(1, 0);
    double turn = std::atan2(map(1, 0), map(0, 0)) * 180 / CV_PI;
    double distance = std::hypot(there[0] - centre[0], there[1] - centre[1]);
    if (score < 0.3 || std::abs(size - 1) > 0.03 || std::abs(turn) > 1.5 || distance > 4 * sakk::perMM)
        return;
    result->dx = there[0] - centre[0];
    result->dy = there[1] - centre[1];
    result->degrees = turn;
    result->score = score;
    view->alignment = map;
}
}  // namespace

sakk_vision_status sakk_view_likeness(const sakk_view *view, const uint8_t *artwork, double *upright, double *turned) {
    return sakk::guarded([&] {
        cv::Rect card = view->inner(1.5);
        cv::Mat seen = highPass(scaled(view->gray(card), 0.25), 6);
        cv::Mat known = highPass(scaled(sakk::grayOf(view->artwork(artwork))(card), 0.25), 6);
        *upright = best(seen, known, 7);
        cv::rotate(known, known, cv::ROTATE_180);
        *turned = best(seen, known, 7);
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_align(
    sakk_view *view, const uint8_t *artwork, const sakk_rect *fields, size_t count, sakk_alignment *result) {
    return sakk::guarded([&] {
        *result = {};
        if (count > 0) place(view, artwork, fields, count, result);
        view->warp();
        return SAKK_VISION_OK;
    });
}

sakk_vision_status sakk_view_light(
    sakk_view *view, const uint8_t *artwork, const sakk_rect *fields, size_t count, double *gain) {
    return sakk::guarded([&] {
        cv::Mat usable = cv::Mat::zeros(view->size(), CV_8U);
        usable(view->inner(1.5)) = 255;
        usable.setTo(0, fieldMask(view, fields, count, 0.8 * sakk::perMM));
        cv::Mat small = scaled(view->card, 0.25), known = scaled(view->artwork(artwork), 0.25), mask;
        cv::resize(usable, mask, small.size(), 0, 0, cv::INTER_AREA);
        cv::Mat field(small.size(), CV_32FC3);
        auto basis = [&](double x, double y, double *row) {
            double u = 2 * x / (small.cols - 1) - 1, v = 2 * y / (small.rows - 1) - 1;
            row[0] = 1, row[1] = u, row[2] = v, row[3] = u * u, row[4] = u * v, row[5] = v * v;
        };
        for (int channel = 0; channel < 3; channel++) {
            std::vector<std::array<double, 7>> points;
            for (int y = 0; y < small.rows; y += 2)
                for (int x = y / 2 % 2; x < small.cols; x += 2) {
                    double a = small.at<cv::Vec3b>(y, x)[channel], b = known.at<cv::Vec3b>(y, x)[channel];
                    if (mask.at<uint8_t>(y, x) < 255 || b < 80 || a < 8 || a > 252) continue;
                    std::array<double, 7> row;
                    basis(x, y, row.data());
                    row[6] = std::log(a / b);
                    points.push_back(row);
                }
            gain[channel] = 1;
            if (points.size() < 200) {
                for (int y = 0; y < small.rows; y++)
                    for (int x = 0; x < small.cols; x++) field.at<cv::Vec3f>(y, x)[channel] = 1;
                continue;
            }
            cv::Matx<double, 6, 1> solution = cv::Matx<double, 6, 1>::zeros();
            std::vector<double> weights(points.size(), 1), rest(points.size());
            for (int round = 0; round < 4; round++) {
                cv::Matx<double, 6, 6> normal = cv::Matx<double, 6, 6>::zeros();
                cv::Matx<double, 6, 1> right = cv::Matx<double, 6, 1>::zeros();
                for (size_t i = 0; i < points.size(); i++)
                    for (int r = 0; r < 6; r++) {
                        double share = weights[i] * points[i][r];
                        right(r) += share * points[i][6];
                        for (int c = 0; c < 6; c++) normal(r, c) += share * points[i][c];
                    }
                cv::solve(normal, right, solution, cv::DECOMP_SVD);
                for (size_t i = 0; i < points.size(); i++) {
                    double fit = 0;
                    for (int r = 0; r < 6; r++) fit += solution(r) * points[i][r];
                    rest[i] = std::abs(points[i][6] - fit);
                }
                std::vector<double> sorted = rest;
                std::nth_element(sorted.begin(), sorted.begin() + sorted.size() / 2, sorted.end());
                double scale = std::max(sorted[sorted.size() / 2] * 4, 0.01);
                for (size_t i = 0; i < points.size(); i++) {
                    double u = rest[i] / scale;
                    weights[i] = u >= 1 ? 0 : (1 - u * u) * (1 - u * u);
                }
            }
            double sum = 0;
            for (int y = 0; y < small.rows; y++)
                for (int x = 0; x < small.cols; x++) {
                    double row[6], fit = 0;
                    basis(x, y, row);
                    for (int r = 0; r < 6; r++) fit += solution(r) * row[r];
                    fit = std::min(std::max(fit, -1.5), 1.0);
                    field.at<cv::Vec3f>(y, x)[channel] = float(std::exp(-fit));
                    sum += std::exp(fit);
                }
            gain[channel] = sum / double(small.total());
        }
        cv::Mat wide, corrected;
        cv::resize(field, wide, view->card.size(), 0, 0, cv::INTER_LINEAR);
        cv::multiply(view->card, wide, corrected, 1, CV_8UC3);
        view->setCard(corrected);
        return SAKK_VISION_OK;
    });
}

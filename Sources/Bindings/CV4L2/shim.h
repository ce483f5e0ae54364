#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

// The ioctls of a capture device (Linux media API, Video for Linux 2), whose numbers are macros and whose structs hold unions. Each
// returns 0 or an errno.

static inline int sakk_v4l2_call(int device, unsigned long request, void *argument) {
    int done;
    do { done = ioctl(device, request, argument); } while (done < 0 && errno == EINTR);
    return done < 0 ? errno : 0;
}
static inline int sakk_v4l2_capabilities(int device, uint32_t *capabilities) {
    struct v4l2_capability about;
    memset(&about, 0, sizeof about);
    int failed = sakk_v4l2_call(device, VIDIOC_QUERYCAP, &about);
    *capabilities = about.capabilities & V4L2_CAP_DEVICE_CAPS ? about.device_caps : about.capabilities;
    return failed;
}
static inline int sakk_v4l2_is_capture(uint32_t capabilities) {
    return (capabilities & V4L2_CAP_VIDEO_CAPTURE) && (capabilities & V4L2_CAP_STREAMING);
}
static inline int sakk_v4l2_format(int device, uint32_t *width, uint32_t *height, uint32_t *fourcc, uint32_t *line, uint32_t *size) {
    struct v4l2_format format;
    memset(&format, 0, sizeof format);
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = *width;
    format.fmt.pix.height = *height;
    format.fmt.pix.pixelformat = *fourcc;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    int failed = sakk_v4l2_call(device, VIDIOC_S_FMT, &format);
    *width = format.fmt.pix.width;
    *height = format.fmt.pix.height;
    *fourcc = format.fmt.pix.pixelformat;
    *line = format.fmt.pix.bytesperline;
    *size = format.fmt.pix.sizeimage;
    return failed;
}
static inline int sakk_v4l2_buffers(int device, uint32_t *count) {
    struct v4l2_requestbuffers request;
    memset(&request, 0, sizeof request);
    request.count = *count;
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    request.memory = V4L2_MEMORY_MMAP;
    int failed = sakk_v4l2_call(device, VIDIOC_REQBUFS, &request);
    *count = request.count;
    return failed;
}
static inline int sakk_v4l2_map(int device, uint32_t index, void **memory, size_t *length) {
    struct v4l2_buffer buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.index = index;
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    int failed = sakk_v4l2_call(device, VIDIOC_QUERYBUF, &buffer);
    if (failed) return failed;
    *length = buffer.length;
    *memory = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, device, buffer.m.offset);
    return *memory == MAP_FAILED ? errno : 0;
}
static inline int sakk_v4l2_queue(int device, uint32_t index) {
    struct v4l2_buffer buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.index = index;
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    return sakk_v4l2_call(device, VIDIOC_QBUF, &buffer);
}
// `stamp` is microseconds of CLOCK_MONOTONIC, 0 when the driver stamps with another clock.
static inline int sakk_v4l2_dequeue(int device, uint32_t *index, uint32_t *used, uint32_t *sequence, int64_t *stamp, int *broken) {
    struct v4l2_buffer buffer;
    memset(&buffer, 0, sizeof buffer);
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    int failed = sakk_v4l2_call(device, VIDIOC_DQBUF, &buffer);
    if (failed) return failed;
    *index = buffer.index;
    *used = buffer.bytesused;
    *sequence = buffer.sequence;
    int monotonic = (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    *stamp = monotonic ? (int64_t)buffer.timestamp.tv_sec * 1000000 + buffer.timestamp.tv_usec : 0;
    *broken = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
    return 0;
}
static inline int sakk_v4l2_stream(int device, int on) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return sakk_v4l2_call(device, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}
static inline int sakk_v4l2_set(int device, uint32_t control, int32_t value) {
    struct v4l2_control word = {.id = control, .value = value};
    return sakk_v4l2_call(device, VIDIOC_S_CTRL, &word);
}
static inline int sakk_v4l2_get(int device, uint32_t control, int32_t *value) {
    struct v4l2_control word = {.id = control, .value = 0};
    int failed = sakk_v4l2_call(device, VIDIOC_G_CTRL, &word);
    *value = word.value;
    return failed;
}
static const uint32_t sakk_v4l2_auto_exposure = V4L2_CID_EXPOSURE_AUTO;
static const int32_t sakk_v4l2_manual = V4L2_EXPOSURE_MANUAL;
// in units of 100 microseconds
static const uint32_t sakk_v4l2_exposure = V4L2_CID_EXPOSURE_ABSOLUTE;
static const uint32_t sakk_v4l2_gain = V4L2_CID_GAIN;
static const uint32_t sakk_v4l2_grey = V4L2_PIX_FMT_GREY;
static const uint32_t sakk_v4l2_rgb = V4L2_PIX_FMT_RGB24;
static const uint32_t sakk_v4l2_yuyv = V4L2_PIX_FMT_YUYV;

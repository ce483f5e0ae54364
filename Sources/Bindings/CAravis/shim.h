#pragma once
#include <arv.h>

// Variadic calls that Swift does not see.

// A fixed receive buffer: the default loses packets of a large frame. A frame is given up after `retention` microseconds: the
// default of a fifth of a second is less than a busy machine may take to come to its packets.
static inline void sakk_stream_fix_socket_buffer(ArvStream *stream, int bytes, unsigned int retention) {
    g_object_set(stream, "socket-buffer", ARV_GV_STREAM_SOCKET_BUFFER_FIXED, "socket-buffer-size", bytes, "packet-resend",
                 ARV_GV_STREAM_PACKET_RESEND_ALWAYS, "frame-retention", retention, NULL);
}
static inline int sakk_is_gv_stream(ArvStream *stream) { return ARV_IS_GV_STREAM(stream); }
// Packets that were asked for again and came, and those that never came.
static inline void sakk_stream_packets(ArvStream *stream, guint64 *resent, guint64 *missing) {
    arv_gv_stream_get_statistics(ARV_GV_STREAM(stream), resent, missing);
}
static inline void sakk_error_free(GError *error) {
    if (error) g_error_free(error);
}
// No answer in time, as opposed to a refusal. Domain and code are a macro and an enum.
static inline int sakk_error_is_timeout(const GError *error) {
    return error && g_error_matches(error, ARV_DEVICE_ERROR, ARV_DEVICE_ERROR_TIMEOUT);
}
static inline int sakk_is_gv_device(ArvDevice *device) { return ARV_IS_GV_DEVICE(device); }
// The packet socket receives nothing on loopback.
static inline void sakk_gv_device_without_packet_socket(ArvDevice *device) {
    arv_gv_device_set_stream_options((ArvGvDevice *)device, ARV_GV_STREAM_OPTION_PACKET_SOCKET_DISABLED);
}

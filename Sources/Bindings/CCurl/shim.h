#pragma once
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <curl/curl.h>

// What one request needs. Every pointer is borrowed for the call.
typedef struct {
    const char *url;
    const char *authorities;  // PEM file with the only certificate authorities that are believed
    const char *certificate;  // PEM file of the client certificate, chain behind it
    const char *key;          // PEM file of its key, without pass phrase
    const unsigned char *body;  // NULL: GET
    size_t body_count;
    const char *const *headers;
    size_t header_count;
    long connect_timeout_ms;
    long timeout_ms;
    size_t answer_limit;
} sakk_curl_request;

typedef struct {
    CURLcode code;
    long status;
    long verification;  // X509_V_ERR_*, 0 when the chain was in order
    unsigned char *body;  // to be freed with sakk_curl_free
    size_t body_count;
    int too_large;
    char message[CURL_ERROR_SIZE];
} sakk_curl_answer;

typedef struct {
    sakk_curl_answer *answer;
    size_t limit;
    size_t room;
} sakk_curl_sink;

static inline size_t sakk_curl_take(char *bytes, size_t size, size_t count, void *context)
{
    sakk_curl_sink *sink = (sakk_curl_sink *)context;
    size_t more = size * count, have = sink->answer->body_count;
    if (more > sink->limit - have) {
        sink->answer->too_large = 1;
        return 0;
    }
    if (have + more > sink->room) {
        size_t room = (have + more) * 2;
        unsigned char *grown = (unsigned char *)realloc(sink->answer->body, room);
        if (!grown) return 0;
        sink->answer->body = grown;
        sink->room = room;
    }
    memcpy(sink->answer->body + have, bytes, more);
    sink->answer->body_count = have + more;
    return more;
}

static inline int sakk_curl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; }

// One request over an easy handle that is kept for its connections. TLS 1.2 or newer, server certificate and name
// checked against `authorities` only, no redirects, no proxy, no other protocol than https.
static inline void sakk_curl_perform(CURL *handle, const sakk_curl_request *request, sakk_curl_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    sakk_curl_sink sink = {answer, request->answer_limit, 0};
    struct curl_slist *headers = NULL;
    for (size_t index = 0; index < request->header_count; index++)
        headers = curl_slist_append(headers, request->headers[index]);
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, request->url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_CAINFO, request->authorities);
    // the folder of the system's authorities is believed as well unless it is taken away
    curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(handle, CURLOPT_SSLCERT, request->certificate);
    curl_easy_setopt(handle, CURLOPT_SSLKEY, request->key);
    // a key with a pass phrase fails instead of asking at the terminal
    curl_easy_setopt(handle, CURLOPT_KEYPASSWD, "");
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, request->connect_timeout_ms);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, sakk_curl_take);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sink);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, answer->message);
    if (request->body) {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_count);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, (const char *)request->body);
    }
    // with NOSIGNAL curl leaves SIGPIPE alone, and a peer that hangs up must not end the program
    sigset_t pipe_signal, before, pending;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    sigpending(&pending);
    int was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    answer->code = curl_easy_perform(handle);
    struct timespec now = {0, 0};
    if (!was_pending) while (sigtimedwait(&pipe_signal, NULL, &now) > 0) {}
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_easy_getinfo(handle, CURLINFO_SSL_VERIFYRESULT, &answer->verification);
    // nothing of this frame may be remembered by the handle
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, NULL);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(headers);
}

static inline void sakk_curl_free(sakk_curl_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}

#pragma once
#include <libpq-fe.h>
#include <sys/eventfd.h>

// Notices of the server (for example of CREATE TABLE IF NOT EXISTS) would go to stderr and may name data.
static inline void sakk_pq_ignore_notice(void *context, const PGresult *result) { (void)context; (void)result; }

static inline void sakk_pq_silence(PGconn *connection)
{
    PQsetNoticeReceiver(connection, sakk_pq_ignore_notice, NULL);
}

// Glibc's module does not export eventfd.
static inline int sakk_pq_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

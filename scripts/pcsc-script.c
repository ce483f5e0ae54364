/* A PC/SC service by script, preloaded in place of libpcsclite, for what pcscd and its virtual readers cannot do: readers that
 * are plugged in and out. PCSC_SCRIPT names a file with a reader's name on each line; when it changes, readers came or went;
 * when it is gone, so is the service. The contract is that of winscard(3): SCardGetStatusChange on \\?PnP?\Notification ends
 * when the number of readers is no longer the one in the upper half of dwCurrentState. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

static volatile int cancelled;

/* The names as a multi-string; its length, or 0 when the service is gone. */
static DWORD read_names(char *names, DWORD size, DWORD *count)
{
    FILE *file = fopen(getenv("PCSC_SCRIPT"), "r");
    if (!file) return 0;
    DWORD length = 0;
    *count = 0;
    while (length + 130 < size && fgets(names + length, 128, file)) {
        size_t line = strcspn(names + length, "\n");
        names[length + line] = 0;
        if (!line) continue;
        length += line + 1;
        (*count)++;
    }
    fclose(file);
    names[length++] = 0;
    return length;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two, LPSCARDCONTEXT context)
{
    char names[4096];
    DWORD count;
    (void)scope, (void)one, (void)two;
    *context = 7;
    return read_names(names, sizeof names, &count) ? SCARD_S_SUCCESS : SCARD_E_NO_SERVICE;
}

LONG SCardReleaseContext(SCARDCONTEXT context) { return context == 7 ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE; }

LONG SCardCancel(SCARDCONTEXT context)
{
    cancelled = 1;
    return SCardReleaseContext(context);
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR target, LPDWORD length)
{
    char names[4096];
    DWORD count, needed = read_names(names, sizeof names, &count);
    (void)context, (void)groups;
    if (!needed) return SCARD_E_NO_SERVICE;
    if (!count) return SCARD_E_NO_READERS_AVAILABLE;
    if (target && *length < needed) return SCARD_E_INSUFFICIENT_BUFFER;
    if (target) memcpy(target, names, needed);
    *length = needed;
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD number)
{
    char names[4096];
    struct timespec pause = {0, 2000000};
    (void)context;
    if (number != 1) return SCARD_E_INVALID_PARAMETER;
    int notification = !strcmp(states[0].szReader, "\\\\?PnP?\\Notification");
    for (DWORD waited = 0;; waited += 2) {
        DWORD count, length = read_names(names, sizeof names, &count);
        if (!length) return SCARD_E_NO_SERVICE;
        if (!notification) {
            states[0].dwEventState = SCARD_STATE_EMPTY | SCARD_STATE_CHANGED;
            return SCARD_S_SUCCESS;
        }
        if (count != states[0].dwCurrentState >> 16) {
            states[0].dwEventState = count << 16 | SCARD_STATE_CHANGED;
            return SCARD_S_SUCCESS;
        }
        if (cancelled) return SCARD_E_CANCELLED;
        if (waited >= timeout) return SCARD_E_TIMEOUT;
        nanosleep(&pause, NULL);
    }
}

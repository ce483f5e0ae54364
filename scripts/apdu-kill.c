/* Ends a program at its n-th command to a card: preloaded between sakk and libpcsclite. APDU_KILL is before:N (nothing of the
 * command has left the program), inside:N (the card has it, or is at work on it, and the program waits) or after:N (its answer is
 * there, and nobody has read it). With APDU_COUNT (a file) it writes down how many commands there were. Nothing of it is in sakk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

static atomic_long commands;

static void end(void)
{
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* An exchange with a virtual card takes 60 microseconds; which part of it is hit differs from command to command. */
static void *end_soon(void *number)
{
    usleep(3 + (useconds_t)((long)number * 37 % 60));
    end();
    return NULL;
}

static void count(long number)
{
    const char *path = getenv("APDU_COUNT");
    if (!path) return;
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file, "%ld\n", number);
    fclose(file);
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send, LPCBYTE command, DWORD length, SCARD_IO_REQUEST *receive,
                   LPBYTE answer, LPDWORD room)
{
    static LONG (*transmit)(SCARDHANDLE, const SCARD_IO_REQUEST *, LPCBYTE, DWORD, SCARD_IO_REQUEST *, LPBYTE, LPDWORD);
    if (!transmit) *(void **)&transmit = dlsym(RTLD_NEXT, "SCardTransmit");
    long number = ++commands;
    const char *order = getenv("APDU_KILL"), *place = order ? strchr(order, ':') : NULL;
    int hit = place && number == atol(place + 1);
    count(number);
    if (hit && !strncmp(order, "before", 6)) end();
    if (hit && !strncmp(order, "inside", 6)) {
        pthread_t thread;
        pthread_create(&thread, NULL, end_soon, (void *)number);
    }
    LONG result = transmit(card, send, command, length, receive, answer, room);
    if (hit) end();
    return result;
}

#define _GNU_SOURCE
#include "ctextlock.h"
#include <pthread.h>

static pthread_mutex_t text = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void sakk_text_begin(void) { pthread_mutex_lock(&text); }
void sakk_text_end(void) { pthread_mutex_unlock(&text); }

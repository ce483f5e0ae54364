#pragma once

// All drawing of text in a process, by one thread at a time. A thread that has the lock may take it again; each begin has its end.
void sakk_text_begin(void);
void sakk_text_end(void);

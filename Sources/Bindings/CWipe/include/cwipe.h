// What is freed is wiped: linking this target is all that is needed. See README.md.
#ifndef SAKK_CWIPE_H
#define SAKK_CWIPE_H

// From here on memory that was freed stays with the process: pictures of many megabytes come and go with each card, and fresh
// pages of the kernel for them cost 3 ms a card. At most 256 MiB at the end of the heap are kept.
void sakk_keep_memory(void);

#endif

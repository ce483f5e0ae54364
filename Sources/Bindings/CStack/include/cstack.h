#pragma once

// Wipes what earlier calls left on the calling thread's stack below the caller's frame: the next 64 KiB are overwritten, whole
// pages further down are given back to the kernel. For threads that were started with a stack of their own; costs a few
// microseconds.
void sakk_stack_forget(void);

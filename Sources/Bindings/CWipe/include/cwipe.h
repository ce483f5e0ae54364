// What is freed is wiped: linking this target is all that is needed. See README.md.
#ifndef SAKK_CWIPE_H
#define SAKK_CWIPE_H
#endif
